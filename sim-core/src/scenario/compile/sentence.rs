//! Which values are fine, as a bound and as the end of a sentence.

use super::Compiler;
use crate::scenario::expect::Bound;
use crate::scenario::file::expect::BoundFile;
use crate::scenario::read::At;
use crate::time::SimDuration;
use crate::units::{Factor, Probability, Rate, per_unit};

/// A value that bounds a measure.
pub(super) trait BoundValue: Copy {
    /// In the unit of the measure.
    fn number(self) -> f64;
    /// As people write it.
    fn words(self) -> String;
}

impl BoundValue for Probability {
    fn number(self) -> f64 {
        self.get()
    }

    fn words(self) -> String {
        self.to_string()
    }
}

impl BoundValue for SimDuration {
    fn number(self) -> f64 {
        self.as_ns_f64()
    }

    fn words(self) -> String {
        self.to_string()
    }
}

impl BoundValue for Rate {
    fn number(self) -> f64 {
        self.get()
    }

    fn words(self) -> String {
        // A bound is told in full.
        let (value, unit) = per_unit(self.get());
        format!("{}{unit}", (value * 1e9).round() / 1e9)
    }
}

impl BoundValue for Factor {
    fn number(self) -> f64 {
        self.get()
    }

    fn words(self) -> String {
        self.get().to_string()
    }
}

impl Compiler<'_> {
    /// The bound, and the end of the sentence: `is at least 99.9%`.
    pub(super) fn bound<T: BoundValue>(
        &mut self,
        file: &BoundFile<T>,
        place: &At<()>,
    ) -> Option<(Bound, String)> {
        match (file.at_least, file.at_most, file.between.as_deref()) {
            (Some(low), None, None) => {
                let words = format!("is at least {}", low.words());
                Some((Bound::AtLeast(low.number()), words))
            }
            (None, Some(high), None) => {
                let words = format!("is at most {}", high.words());
                Some((Bound::AtMost(high.number()), words))
            }
            (None, None, Some(&[low, high])) if low.number() <= high.number() => {
                let words = format!("is between {} and {}", low.words(), high.words());
                Some((Bound::Between(low.number(), high.number()), words))
            }
            (None, None, Some(_)) => {
                let message = format!("`{}.between` needs two values, the lower first", place.path);
                self.error("bad-bound", place.span, message);
                None
            }
            _ => {
                let message = format!(
                    "`{}` needs exactly one of `at_least`, `at_most` and `between`",
                    place.path
                );
                self.error("bad-bound", place.span, message);
                None
            }
        }
    }
}

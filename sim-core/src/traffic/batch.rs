//! How many calls one arrival brings.
//!
//! The rate counts arrivals, not calls: `rate: 100/s, batch: 5` is 500 calls per second. A
//! geometric size (1, 2, 3, ... with a constant chance of one more) is drawn by inversion:
//! ceil(ln u / ln(1 - 1/mean)).

use super::error::TrafficError;
use crate::random::Uniforms;
use crate::random::detmath::{ln, ln_1p};

/// The size of the batches of a process \[calls\].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Batch {
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Fixed(u32),
    Geometric {
        /// ln(1 - 1/mean), below 0.
        ln_again: f64,
        mean: f64,
    },
}

impl Batch {
    /// One call per arrival.
    pub const ONE: Self = Self {
        kind: Kind::Fixed(1),
    };

    /// Always `size` calls, at least 1: no draw.
    pub fn fixed(size: u32) -> Result<Self, TrafficError> {
        if size == 0 {
            return Err(TrafficError::Batch { size: 0.0 });
        }
        let kind = Kind::Fixed(size);
        Ok(Self { kind })
    }

    /// A geometric number of calls, at least 1, with this mean: one draw per arrival.
    pub fn geometric(mean: f64) -> Result<Self, TrafficError> {
        if !(1.0..=f64::from(u32::MAX)).contains(&mean) {
            return Err(TrafficError::Batch { size: mean });
        }
        let ln_again = ln_1p(-1.0 / mean);
        let kind = Kind::Geometric { ln_again, mean };
        Ok(Self { kind })
    }

    /// Mean size \[calls\].
    pub fn mean(self) -> f64 {
        match self.kind {
            Kind::Fixed(size) => f64::from(size),
            Kind::Geometric { mean, .. } => mean,
        }
    }

    /// The size of the next batch.
    #[inline]
    pub fn sample<U: Uniforms>(self, draws: &mut U) -> u32 {
        match self.kind {
            Kind::Fixed(size) => size,
            // A mean of 1 divides by minus infinity, which gives 0 more.
            Kind::Geometric { ln_again, .. } => {
                let more = (ln(draws.open01()) / ln_again).floor();
                (more as u32).saturating_add(1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Draws, SiteKey};

    #[test]
    fn geometric_sizes_have_their_mean_and_no_memory() {
        let batch = Batch::geometric(4.0).unwrap();
        let mut draws = Draws::new(SiteKey(1), 1);
        let n = 100_000;
        let sizes: Vec<u32> = (0..n).map(|_| batch.sample(&mut draws)).collect();
        let mean = sizes.iter().map(|&size| f64::from(size)).sum::<f64>() / f64::from(n);
        // The variance is mean (mean - 1) = 12.
        assert!((mean - 4.0).abs() < 5.0 * (12.0 / f64::from(n)).sqrt());
        let ones = sizes.iter().filter(|&&size| size == 1).count() as f64 / f64::from(n);
        assert!((ones - 0.25).abs() < 5.0 * (0.1875 / f64::from(n)).sqrt());
    }

    #[test]
    fn a_mean_of_one_is_always_one() {
        let batch = Batch::geometric(1.0).unwrap();
        let mut draws = Draws::new(SiteKey(1), 1);
        assert!((0..1_000).all(|_| batch.sample(&mut draws) == 1));
    }

    #[test]
    fn empty_batches_are_refused() {
        assert!(Batch::fixed(0).is_err());
        assert!(Batch::geometric(0.9).is_err());
        assert!(Batch::geometric(f64::NAN).is_err());
    }
}

//! The simplest fraction behind a float, so that shares of work can be counted in integers.
//!
//! Somebody who writes 0.1 means one tenth, which no float is. Among all fractions that round to
//! the same float the continued fraction finds the simplest one: 1/10, 1/3, 7/20. The steps use
//! only division, floor and comparison, which give the same bits on every machine.
//! (Khinchin, *Continued Fractions*, 1964, chapter I.)

/// The largest numerator and denominator: 2^32.
const LIMIT: u64 = 1 << 32;

/// A fraction of two whole numbers, each at most 2^32, the lower one not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ratio {
    /// Numerator.
    pub(super) over: u64,
    /// Denominator.
    pub(super) under: u64,
}

impl Ratio {
    /// Nothing.
    pub(super) const ZERO: Self = Self { over: 0, under: 1 };
    /// One.
    pub(super) const ONE: Self = Self { over: 1, under: 1 };

    /// The simplest fraction that rounds to `value`, which is finite and not negative. Values above
    /// 2^32 become 2^32; where no fraction within the limits rounds to `value`, the nearest simple
    /// one is taken: off by at most 2^-32 of itself, except that values below 2^-32 become zero.
    pub(super) fn from_f64(value: f64) -> Self {
        let mut rest = value.min(LIMIT as f64);
        let mut previous = Self { over: 1, under: 0 };
        let mut ratio = Self {
            over: rest as u64,
            under: 1,
        };
        while ratio.as_f64().total_cmp(&value).is_ne() {
            let fraction = rest - rest.floor();
            if fraction <= 0.0 {
                break;
            }
            rest = 1.0 / fraction;
            let Some(next) = ratio.refined(previous, rest) else {
                break;
            };
            (previous, ratio) = (ratio, next);
        }
        ratio
    }

    fn as_f64(self) -> f64 {
        self.over as f64 / self.under as f64
    }

    /// The next convergent, if it stays within the limits.
    fn refined(self, previous: Self, rest: f64) -> Option<Self> {
        let whole = rest as u64;
        let term = |now: u64, before: u64| {
            let sum = whole.checked_mul(now)?.checked_add(before)?;
            (sum <= LIMIT).then_some(sum)
        };
        Some(Self {
            over: term(self.over, previous.over)?,
            under: term(self.under, previous.under)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn people_get_the_fraction_they_meant() {
        for (value, over, under) in [
            (0.0, 0, 1),
            (1.0, 1, 1),
            (10.0, 10, 1),
            (0.1, 1, 10),
            (1.0 / 3.0, 1, 3),
            (0.35, 7, 20),
            (2.5, 5, 2),
            (0.999, 999, 1_000),
            (1e-9, 1, 1_000_000_000),
            (1e-12, 0, 1),
            (1e300, 1 << 32, 1),
        ] {
            assert_eq!(Ratio::from_f64(value), Ratio { over, under }, "{value}");
        }
    }

    proptest! {
        #[test]
        fn every_fraction_of_small_numbers_is_found(over in 0..100_000u64, under in 1..1_000u64) {
            let ratio = Ratio::from_f64(over as f64 / under as f64);
            prop_assert_eq!(ratio.over * under, over * ratio.under);
        }

        #[test]
        fn no_value_is_far_from_its_fraction(value in 1e-3..1e3f64) {
            let error = (Ratio::from_f64(value).as_f64() - value).abs();
            prop_assert!(error * LIMIT as f64 <= value, "{value} is off by {error}");
        }
    }
}

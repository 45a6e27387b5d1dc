//! On which side of a level a probability lies, from few runs, with an error that is known.
//!
//! The question is not how large a probability is but whether it is above or below a level, such as
//! one half; far from the level a dozen runs answer it. The exact binomial test does: if the
//! probability were just the level, how often would chance give so many hits, or so few? Looking
//! several times, and at several places, is paid for by a smaller [`Doubt`] each time (Bonferroni),
//! which needs no independence: all places share their random numbers.
//!
//! Rejected: Wilson's interval (too short for a few unanimous runs at levels far from one half), a
//! sequential probability ratio test (needs a zone of indifference that nobody can name).

use super::rounded;
use statrs::distribution::{Binomial, DiscreteCDF};

/// Which side of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Below it.
    Below,
    /// Above it.
    Above,
}

/// How often something happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// Runs in which it did \[count\].
    pub hits: u32,
    /// Runs in which it did not \[count\].
    pub misses: u32,
    /// Runs that cannot say \[count\]; each could be either.
    pub open: u32,
}

impl Hits {
    /// All runs \[count\].
    pub const fn runs(self) -> u32 {
        self.hits + self.misses + self.open
    }

    /// The share of hits among the runs that can say.
    pub fn share(self) -> Option<f64> {
        let told = self.hits + self.misses;
        (told > 0).then(|| f64::from(self.hits) / f64::from(told))
    }
}

/// A level in (0, 1) and how often a decision about it may be wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Doubt {
    /// The level.
    pub level: f64,
    /// Greatest probability that one decision is wrong.
    pub error: f64,
}

impl Doubt {
    /// The side on which the probability surely lies; none if that cannot be said yet.
    pub fn side(self, of: Hits) -> Option<Side> {
        let chance = Binomial::new(self.level, u64::from(of.runs())).ok()?;
        let at_most = |hits: u32| rounded(chance.cdf(u64::from(hits)));
        let at_least = |hits: u32| match hits.checked_sub(1) {
            None => 1.0,
            Some(fewer) => rounded(chance.sf(u64::from(fewer))),
        };
        if at_least(of.hits) <= self.error {
            Some(Side::Above)
        } else if at_most(of.hits + of.open) <= self.error {
            Some(Side::Below)
        } else {
            None
        }
    }

    /// The fewest runs after which this side can be known: if they all agree.
    pub fn fewest(self, side: Side) -> u32 {
        let agree = match side {
            Side::Below => 1.0 - self.level,
            Side::Above => self.level,
        };
        let (mut runs, mut chance) = (0_u32, 1.0_f64);
        while chance > self.error && runs < 1_000_000 {
            chance *= agree;
            runs += 1;
        }
        runs.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Doubt = Doubt {
        level: 0.5,
        error: 0.001,
    };

    fn hits(hits: u32, misses: u32, open: u32) -> Hits {
        Hits { hits, misses, open }
    }

    #[test]
    fn a_side_is_known_when_chance_would_hardly_give_it() {
        // Ten fair coins agree once in 1024 on each side.
        for (of, side) in [
            (hits(9, 0, 0), None),
            (hits(10, 0, 0), Some(Side::Above)),
            (hits(0, 10, 0), Some(Side::Below)),
            (hits(0, 9, 1), None),
            (hits(18, 2, 0), Some(Side::Above)),
            (hits(17, 3, 0), None),
            (hits(0, 0, 0), None),
        ] {
            assert_eq!(HALF.side(of), side, "{of:?}");
        }
        assert_eq!(
            (HALF.fewest(Side::Above), HALF.fewest(Side::Below)),
            (10, 10)
        );
    }

    #[test]
    fn a_rare_event_is_seen_sooner_than_its_absence() {
        let rare = Doubt {
            level: 0.05,
            error: 0.001,
        };
        assert_eq!(
            (rare.fewest(Side::Above), rare.fewest(Side::Below)),
            (3, 135)
        );
        assert_eq!(rare.side(hits(3, 0, 0)), Some(Side::Above));
        assert_eq!(rare.side(hits(0, 134, 0)), None);
        assert_eq!(rare.side(hits(0, 135, 0)), Some(Side::Below));
    }

    #[test]
    fn decisions_are_wrong_no_more_often_than_they_say() {
        // Summed exactly over all counts: at the level itself, either decision is an error.
        for (level, error) in [(0.5, 0.01), (0.1, 0.002), (0.8, 0.02)] {
            let doubt = Doubt { level, error };
            for runs in [5_u32, 12, 40] {
                let chance = Binomial::new(level, u64::from(runs)).unwrap();
                let mut wrong = [0.0, 0.0];
                for count in 0..=runs {
                    use statrs::distribution::Discrete;
                    let mass = chance.pmf(u64::from(count));
                    match doubt.side(hits(count, runs - count, 0)) {
                        Some(Side::Below) => wrong[0] += mass,
                        Some(Side::Above) => wrong[1] += mass,
                        None => {}
                    }
                }
                assert!(
                    wrong.iter().all(|&sum| sum <= error * 1.000_001),
                    "{wrong:?}"
                );
            }
        }
    }
}

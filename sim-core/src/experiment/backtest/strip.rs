//! Numbers over time, without knowing how long it will last.
//!
//! A log that is read line by line does not say when it ends. So a strip begins with narrow buckets
//! and, when time runs out of it, folds: neighbours are added up and each bucket becomes two or
//! five times as wide. Widths stay round (1 or 2 × 10ⁿ ns), memory stays fixed, sums stay exact.

use crate::time::{SimDuration, SimTime};

/// Buckets of a strip, at most \[count\].
const MOST: usize = 400;
/// Width of the first buckets \[ns\].
const NARROWEST_NS: u64 = 1_000_000;

/// `N` sums in each bucket of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strip<const N: usize> {
    origin: SimTime,
    /// Width of a bucket, 1 or 2 × 10ⁿ \[ns\].
    width_ns: u64,
    /// Whether the width begins with a two.
    is_two: bool,
    sums: Vec<[u128; N]>,
}

impl<const N: usize> Strip<N> {
    /// An empty strip that begins at this instant.
    pub const fn new(origin: SimTime) -> Self {
        Self {
            origin,
            width_ns: NARROWEST_NS,
            is_two: false,
            sums: Vec::new(),
        }
    }

    /// Width of a bucket.
    pub const fn width(&self) -> SimDuration {
        SimDuration::from_ns(self.width_ns)
    }

    /// The sums of each bucket until the last in which something is.
    pub fn sums(&self) -> &[[u128; N]] {
        &self.sums
    }

    /// Adds to the bucket of an instant.
    pub fn add(&mut self, at: SimTime, which: usize, amount: u128) {
        let bucket = self.bucket(at);
        self.sums[bucket][which] += amount;
    }

    /// Adds `level` × ns from one instant until another.
    pub fn add_span(&mut self, from: SimTime, until: SimTime, which: usize, level: u64) {
        if level == 0 || until <= from {
            return;
        }
        let last = self.bucket(until);
        let (mut at, end) = (from, until);
        for bucket in self.bucket(from)..=last {
            let ends = (self.origin + SimDuration::from_ns(self.width_ns).times(bucket as u64 + 1))
                .min(end);
            self.sums[bucket][which] += u128::from(level) * u128::from(at.until(ends).as_ns());
            at = ends;
        }
    }

    /// The bucket of an instant, which exists from now on.
    fn bucket(&mut self, at: SimTime) -> usize {
        let since_ns = self.origin.until(at).as_ns();
        while since_ns / self.width_ns >= MOST as u64 {
            self.fold();
        }
        let bucket = (since_ns / self.width_ns) as usize;
        if bucket >= self.sums.len() {
            self.sums.resize(bucket + 1, [0; N]);
        }
        bucket
    }

    /// Makes the buckets as wide as those of another strip, if they are narrower.
    pub(super) fn fold_to(&mut self, width: SimDuration) {
        while self.width() < width {
            self.fold();
        }
    }

    fn fold(&mut self) {
        let by = if self.is_two { 5 } else { 2 };
        self.is_two = !self.is_two;
        self.width_ns *= by;
        let folded = self.sums.chunks(by as usize).map(|group| {
            group.iter().fold([0; N], |mut sum, one| {
                sum.iter_mut().zip(one).for_each(|(sum, one)| *sum += one);
                sum
            })
        });
        self.sums = folded.collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn widths_are_round_and_sums_stay() {
        let mut strip = Strip::<1>::new(SimTime::from_ns(7));
        for second in 0..1_000 {
            strip.add(SimTime::from_ns(7 + second * 1_000_000_000), 0, 1);
        }
        assert_eq!(strip.width().to_string(), "10s");
        assert!(strip.sums().iter().all(|sum| *sum == [10]));
        assert_eq!(strip.sums().len(), 100);
    }

    #[test]
    fn a_level_is_spread_over_its_time() {
        let mut strip = Strip::<2>::new(SimTime::ZERO);
        let ms = |ms| SimTime::ZERO + SimDuration::from_millis(ms);
        strip.add_span(ms(0), ms(3), 1, 2);
        strip.add_span(SimTime::from_ns(500_000), ms(1), 0, 1);
        let ns = 1_000_000_u128;
        assert_eq!(
            strip.sums(),
            [[ns / 2, 2 * ns], [0, 2 * ns], [0, 2 * ns], [0, 0]]
        );
    }

    proptest! {
        #[test]
        fn nothing_is_lost(at_ns in prop::collection::vec(0..=crate::time::MAX_NS, 1..50)) {
            let mut strip = Strip::<1>::new(SimTime::ZERO);
            for &ns in &at_ns {
                strip.add(SimTime::from_ns(ns), 0, 1);
            }
            let sum: u128 = strip.sums().iter().map(|sums| sums[0]).sum();
            prop_assert_eq!(sum, at_ns.len() as u128);
            prop_assert!(strip.sums().len() <= MOST);
        }
    }
}

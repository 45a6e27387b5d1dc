//! The time axis of a report: a run cut into buckets of equal width.
//!
//! A short run must not be empty and a long one not huge, and people read axes in steps of 1, 2 or
//! 5. So the width is the smallest 1, 2 or 5 × 10ⁿ ns that cuts the run into at most 400 buckets;
//! since neighbouring widths differ by at most 2.5, there are at least 100 (a run of less than
//! 100 ns has one bucket for each). A bucket is `[start, end)`; the last one ends with the run.

use crate::time::{SimDuration, SimTime};

/// At most this many buckets, when the width is chosen here.
const AUTO_BUCKETS: u64 = 400;
/// At most this many buckets in any grid; a scenario that asks for more is refused before it runs.
pub const MAX_BUCKETS: u64 = 100_000;

/// Buckets of equal width from the start of a run to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Width of a bucket, greater than zero.
    width: SimDuration,
    /// Where the last bucket ends.
    end: SimTime,
}

impl Grid {
    /// The grid of a run of this duration. `resolution` is the width of a bucket, greater than zero
    /// and no smaller than [`MAX_BUCKETS`] allow; without it a round width is chosen.
    pub fn for_horizon(duration: SimDuration, resolution: Option<SimDuration>) -> Self {
        let width = resolution.unwrap_or_else(|| round_width(duration));
        assert!(!width.is_zero(), "a bucket of no width");
        let grid = Self {
            width,
            end: SimTime::ZERO + duration,
        };
        assert!(
            grid.buckets_exact() <= MAX_BUCKETS,
            "a bucket of {width} is too narrow for a run of {duration}"
        );
        grid
    }

    /// Width of a bucket.
    pub const fn width(self) -> SimDuration {
        self.width
    }

    /// How many buckets there are.
    pub fn len(self) -> usize {
        self.buckets_exact() as usize
    }

    /// Whether the run has no length.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// When the bucket begins.
    pub fn start_of(self, bucket: usize) -> SimTime {
        SimTime::ZERO + self.width.times(bucket as u64)
    }

    /// When the bucket ends: the first instant that no longer belongs to it.
    pub fn end_of(self, bucket: usize) -> SimTime {
        self.start_of(bucket + 1).min(self.end)
    }

    fn buckets_exact(self) -> u64 {
        self.end.as_ns().div_ceil(self.width.as_ns())
    }
}

/// The smallest of 1, 2, 5 × 10ⁿ ns that gives at most [`AUTO_BUCKETS`] buckets.
fn round_width(duration: SimDuration) -> SimDuration {
    let least_ns = duration.as_ns().div_ceil(AUTO_BUCKETS).max(1);
    let mut decade_ns: u64 = 1;
    while decade_ns.saturating_mul(5) < least_ns {
        decade_ns *= 10;
    }
    let step = [1, 2, 5]
        .into_iter()
        .find(|step| decade_ns * step >= least_ns);
    SimDuration::from_ns(decade_ns * step.unwrap_or(5))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn widths_are_round() {
        for (duration, width) in [
            (SimDuration::from_secs(600), "2s"),
            (SimDuration::from_secs(400), "1s"),
            (SimDuration::from_secs(401), "2s"),
            (SimDuration::from_secs(1), "5ms"),
            (SimDuration::from_secs(86_400), "500s"),
            (SimDuration::from_ns(10), "1ns"),
            (SimDuration::ZERO, "1ns"),
        ] {
            let grid = Grid::for_horizon(duration, None);
            assert_eq!(grid.width().to_string(), width, "{duration}");
        }
        assert!(Grid::for_horizon(SimDuration::ZERO, None).is_empty());
    }

    #[test]
    fn the_last_bucket_ends_with_the_run() {
        let grid = Grid::for_horizon(SimDuration::from_ns(25), Some(SimDuration::from_ns(10)));
        assert_eq!(grid.len(), 3);
        assert_eq!(grid.start_of(2), SimTime::from_ns(20));
        assert_eq!(grid.end_of(2), SimTime::from_ns(25));
        assert_eq!(grid.end_of(1), SimTime::from_ns(20));
    }

    #[test]
    #[should_panic(expected = "too narrow")]
    fn a_grid_does_not_exhaust_memory() {
        Grid::for_horizon(SimDuration::from_secs(60), Some(SimDuration::from_ns(1)));
    }

    proptest! {
        #[test]
        fn every_run_has_100_to_400_points(duration_ns in 100..=crate::time::MAX_NS) {
            let points = Grid::for_horizon(SimDuration::from_ns(duration_ns), None).len();
            prop_assert!((100..=400).contains(&points), "{points}");
        }
    }
}

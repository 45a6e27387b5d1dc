//! A level that changes in steps: queue length, busy threads, attempts in flight.
//!
//! Its mean is weighted by time: three waiting for one second and none for two is a mean of one.
//! The gauge keeps the area under the steps as a whole number, so nothing is lost however long a
//! run is; a mean is an area, divided once.

use crate::time::SimTime;

/// An integer level over time, with its exact area.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeWeighted {
    /// The level since `since`.
    value: i64,
    /// When the area was last brought up to date.
    since: SimTime,
    /// The area from the start until `since` (level × ns).
    area: i128,
    /// The greatest level since the start.
    max: i64,
}

impl TimeWeighted {
    /// A level of zero from the start of the run.
    pub fn new() -> Self {
        Self::default()
    }

    /// The level is `value` from `now` on.
    #[inline]
    pub fn set(&mut self, now: SimTime, value: i64) {
        self.area = self.integral_until(now);
        self.since = now;
        self.value = value;
        self.max = self.max.max(value);
    }

    /// The level changes by `delta` at `now`.
    #[inline]
    pub fn add(&mut self, now: SimTime, delta: i64) {
        self.set(now, self.value + delta);
    }

    /// The level now.
    pub const fn current(&self) -> i64 {
        self.value
    }

    /// The greatest level, however briefly held; at least the zero of the start.
    pub const fn max(&self) -> i64 {
        self.max
    }

    /// The area under the level from the start until `now`, which must not lie before the last
    /// change (level × ns).
    #[inline]
    pub fn integral_until(&self, now: SimTime) -> i128 {
        self.area + i128::from(self.value) * i128::from(now.since(self.since).as_ns())
    }

    /// The time-weighted mean from `begin`, until when the level was zero, until `now`; `None` for a
    /// window without length.
    pub fn mean_since(&self, begin: SimTime, now: SimTime) -> Option<f64> {
        let span_ns = now.since(begin).as_ns();
        (span_ns > 0).then(|| self.integral_until(now) as f64 / span_ns as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ns(ns: u64) -> SimTime {
        SimTime::from_ns(ns)
    }

    #[test]
    fn the_mean_weighs_levels_by_their_time() {
        let mut waiting = TimeWeighted::new();
        waiting.set(ns(10), 3);
        waiting.add(ns(20), -3);
        assert_eq!(waiting.integral_until(ns(40)), 30);
        assert_eq!(waiting.mean_since(SimTime::ZERO, ns(40)), Some(0.75));
        assert_eq!((waiting.current(), waiting.max()), (0, 3));
    }

    #[test]
    fn a_window_without_length_has_no_mean() {
        let mut busy = TimeWeighted::new();
        busy.set(ns(100), 8);
        busy.set(ns(150), 2);
        assert_eq!(busy.mean_since(ns(100), ns(200)), Some(5.0));
        assert_eq!(busy.mean_since(ns(200), ns(200)), None);
    }

    #[test]
    fn changes_at_one_instant_have_no_area_but_count_for_the_maximum() {
        let mut level = TimeWeighted::new();
        level.add(ns(5), 1);
        level.add(ns(5), -1);
        assert_eq!(level.integral_until(ns(9)), 0);
        assert_eq!(level.max(), 1);
    }

    #[test]
    fn the_area_is_exact_where_a_float_would_not_be() {
        let mut level = TimeWeighted::new();
        level.set(ns(1), (1 << 53) + 1);
        level.set(ns(4), -1);
        assert_eq!(level.integral_until(ns(5)), 3 * ((1 << 53) + 1) - 1);
    }

    #[test]
    #[should_panic(expected = "is later than")]
    fn time_does_not_run_backwards() {
        let mut level = TimeWeighted::new();
        level.set(ns(5), 1);
        level.set(ns(4), 1);
    }
}

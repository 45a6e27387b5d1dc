//! What is measured along the time axis: counts, levels and latencies per bucket.
//!
//! Virtual time only moves on, so only the current bucket is open. Adding to it is one comparison
//! and one addition; when time has left it, it is closed into a finished point. That is why a
//! latency series needs one histogram and not one per bucket: percentiles of a closed bucket are
//! read once and kept as numbers.
//!
//! What happens at or after the end of the grid belongs to no bucket and is not kept. `finish`
//! takes the instant at which the run stopped; a run that stopped early has fewer points, and its
//! last one covers the time until the stop.

use super::gauge::{Mark, TimeWeighted};
use super::grid::{Cursor, Grid};
use super::histogram::Histogram;
use crate::time::{SimDuration, SimTime};

/// How many things happened in each bucket.
#[derive(Clone, Debug)]
pub struct CounterSeries {
    cursor: Cursor,
    /// Count of the current bucket (count).
    current: u64,
    /// Counts of the buckets before it (count).
    finished: Vec<u64>,
}

impl CounterSeries {
    /// An empty series.
    pub fn new(grid: Grid) -> Self {
        Self {
            cursor: Cursor::new(grid),
            current: 0,
            finished: Vec::new(),
        }
    }

    /// Counts `n` things at `now`.
    #[inline]
    pub fn add(&mut self, now: SimTime, n: u64) {
        if self.cursor.is_over(now) {
            self.close_until(now);
        }
        self.current += n;
    }

    /// One count for each bucket that had begun by `at`.
    pub fn finish(mut self, at: SimTime) -> Vec<u64> {
        self.close_until(at);
        if self.cursor.has_begun(at) {
            self.finished.push(self.current);
        }
        self.finished
    }

    #[cold]
    fn close_until(&mut self, now: SimTime) {
        while self.cursor.leave(now).is_some() {
            self.finished.push(std::mem::take(&mut self.current));
        }
    }
}

/// A level in one bucket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaugePoint {
    /// Mean over the bucket's time, from its exact area.
    pub mean: f64,
    /// The level just before the bucket's end.
    pub last: i64,
}

/// A level over time, and its mean and last value in each bucket.
#[derive(Clone, Debug)]
pub struct GaugeSeries {
    cursor: Cursor,
    gauge: TimeWeighted,
    /// Where the current bucket begins.
    begin: Mark,
    finished: Vec<GaugePoint>,
}

impl GaugeSeries {
    /// A level of zero.
    pub fn new(grid: Grid) -> Self {
        Self {
            cursor: Cursor::new(grid),
            gauge: TimeWeighted::new(),
            begin: Mark::default(),
            finished: Vec::new(),
        }
    }

    /// The level is `value` from `now` on.
    #[inline]
    pub fn set(&mut self, now: SimTime, value: i64) {
        if self.cursor.is_over(now) {
            self.close_until(now);
        }
        self.gauge.set(now, value);
    }

    /// The level changes by `delta` at `now`.
    #[inline]
    pub fn add(&mut self, now: SimTime, delta: i64) {
        self.set(now, self.gauge.current() + delta);
    }

    /// The level now.
    pub const fn current(&self) -> i64 {
        self.gauge.current()
    }

    /// The level over the whole run: its maximum and its mean over any window.
    pub const fn gauge(&self) -> &TimeWeighted {
        &self.gauge
    }

    /// The same, to restart its maximum.
    pub const fn gauge_mut(&mut self) -> &mut TimeWeighted {
        &mut self.gauge
    }

    /// One point for each bucket that had begun by `at`.
    pub fn finish(mut self, at: SimTime) -> Vec<GaugePoint> {
        self.close_until(at);
        if self.cursor.has_begun(at) {
            self.close_bucket(at);
        }
        self.finished
    }

    #[cold]
    fn close_until(&mut self, now: SimTime) {
        while let Some(end) = self.cursor.leave(now) {
            self.close_bucket(end);
        }
    }

    fn close_bucket(&mut self, end: SimTime) {
        let last = self.gauge.current();
        self.finished.push(GaugePoint {
            mean: self
                .gauge
                .mean_since(self.begin, end)
                .unwrap_or(last as f64),
            last,
        });
        self.begin = self.gauge.mark(end);
    }
}

/// The latencies in one bucket; percentiles are at most 3 % too high, the rest is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LatencyPoint {
    /// How many latencies there were (count).
    pub count: u64,
    /// Half of them were no longer (ns).
    pub p50_ns: u64,
    /// Nine of ten were no longer (ns).
    pub p90_ns: u64,
    /// 99 of 100 were no longer (ns).
    pub p99_ns: u64,
    /// The longest (ns).
    pub max_ns: u64,
}

/// Percentiles of latency in each bucket.
#[derive(Clone, Debug)]
pub struct LatencySeries {
    cursor: Cursor,
    /// Latencies of the current bucket (ns).
    current: Histogram,
    finished: Vec<Option<LatencyPoint>>,
}

impl LatencySeries {
    /// An empty series.
    pub fn new(grid: Grid) -> Self {
        Self {
            cursor: Cursor::new(grid),
            current: Histogram::coarse(),
            finished: Vec::new(),
        }
    }

    /// Adds a latency that became known at `now`.
    #[inline]
    pub fn record(&mut self, now: SimTime, latency: SimDuration) {
        if self.cursor.is_over(now) {
            self.close_until(now);
        }
        self.current.record(latency.as_ns());
    }

    /// One point for each bucket that had begun by `at`; nothing for a bucket without latencies.
    pub fn finish(mut self, at: SimTime) -> Vec<Option<LatencyPoint>> {
        self.close_until(at);
        if self.cursor.has_begun(at) {
            self.close_bucket();
        }
        self.finished
    }

    #[cold]
    fn close_until(&mut self, now: SimTime) {
        while self.cursor.leave(now).is_some() {
            self.close_bucket();
        }
    }

    fn close_bucket(&mut self) {
        self.finished.push(point_of(&self.current));
        self.current.clear();
    }
}

fn point_of(latencies: &Histogram) -> Option<LatencyPoint> {
    let [p50_ns, p90_ns, p99_ns, max_ns] = latencies.percentiles([50.0, 90.0, 99.0, 100.0])?;
    Some(LatencyPoint {
        count: latencies.count(),
        p50_ns,
        p90_ns,
        p99_ns,
        max_ns,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ns(ns: u64) -> SimTime {
        SimTime::from_ns(ns)
    }

    /// A run of 25 ns in buckets of 10 ns.
    fn grid() -> Grid {
        Grid::for_horizon(SimDuration::from_ns(25), Some(SimDuration::from_ns(10)))
    }

    #[test]
    fn a_bucket_takes_its_start_and_leaves_its_end() {
        let mut calls = CounterSeries::new(grid());
        for (at, n) in [(0, 1), (9, 2), (10, 4), (24, 8), (25, 16), (900, 32)] {
            calls.add(ns(at), n);
        }
        assert_eq!(calls.finish(ns(25)), [3, 4, 8]);
    }

    #[test]
    fn a_run_that_stops_early_has_fewer_points() {
        let mut calls = CounterSeries::new(grid());
        calls.add(ns(3), 1);
        assert_eq!(calls.clone().finish(ns(20)), [1, 0]);
        assert_eq!(calls.clone().finish(ns(21)), [1, 0, 0]);
        assert_eq!(calls.finish(SimTime::ZERO), Vec::<u64>::new());
    }

    #[test]
    fn a_gauge_point_is_the_mean_and_the_value_before_the_end() {
        let mut waiting = GaugeSeries::new(grid());
        waiting.set(ns(5), 4);
        waiting.add(ns(10), -3);
        waiting.set(ns(23), 6);
        let points = waiting.finish(ns(25));
        let expected = [(2.0, 4), (1.0, 1), (3.0, 6)].map(|(mean, last)| GaugePoint { mean, last });
        assert_eq!(points, expected);
    }

    #[test]
    fn a_gauge_that_stops_early_weighs_only_the_time_it_had() {
        let mut busy = GaugeSeries::new(grid());
        busy.set(ns(10), 2);
        busy.set(ns(13), 5);
        assert_eq!(busy.gauge().max(), 5);
        let last = busy.finish(ns(14)).pop().unwrap();
        assert_eq!(
            last,
            GaugePoint {
                mean: 2.75,
                last: 5
            }
        );
    }

    #[test]
    fn latencies_are_summed_up_bucket_by_bucket() {
        let mut latency = LatencySeries::new(grid());
        for value in 1..=20 {
            latency.record(ns(4), SimDuration::from_ns(value));
        }
        latency.record(ns(21), SimDuration::from_ns(7));
        let points = latency.finish(ns(25));
        let first = LatencyPoint {
            count: 20,
            p50_ns: 10,
            p90_ns: 18,
            p99_ns: 20,
            max_ns: 20,
        };
        assert_eq!(points[0], Some(first));
        assert_eq!(points[1], None);
        assert_eq!(points[2].unwrap().p50_ns, 7);
    }

    proptest! {
        #[test]
        fn the_buckets_add_up_to_the_whole(
            steps in prop::collection::vec((0..9u64, 0..100i64), 1..40),
        ) {
            let end = ns(200);
            let grid = Grid::for_horizon(SimDuration::from_ns(200), Some(SimDuration::from_ns(7)));
            let (mut gauge, mut counter) = (GaugeSeries::new(grid), CounterSeries::new(grid));
            let mut at = 0;
            for &(gap, value) in &steps {
                at = (at + gap).min(199);
                gauge.set(ns(at), value);
                counter.add(ns(at), value as u64);
            }
            let whole = gauge.gauge().integral_until(end) as f64;
            let parts: f64 = gauge.finish(end).iter().enumerate()
                .map(|(i, point)| point.mean * grid.end_of(i).since(grid.start_of(i)).as_ns_f64())
                .sum();
            prop_assert!((whole - parts).abs() <= 1e-9 * whole.max(1.0));
            prop_assert_eq!(counter.finish(end).len(), grid.len());
        }
    }
}

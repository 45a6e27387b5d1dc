//! Retries that come together: callers that failed together return together.
//!
//! Retries are many wherever calls fail, and that alone is no wave: if all calls fail for a while and
//! each is tried twice again, retries come as evenly as calls do. So a wave stands out twice, above
//! the other retries and above the calls that are begun anew. What returns together again and again
//! within one point of the series does not show.

use super::run_view::RunView;
use crate::id::EdgeId;

/// Retries within one point are a wave if they are so many times their average,
const ABOVE: f64 = 4.0;
/// so many times the calls that begin in a point on average,
const ABOVE_CALLS: f64 = 4.0;
/// and no fewer than this \[count\].
const LEAST: u32 = 100;

/// The highest wave of retries on an edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wave {
    /// The point in which it comes.
    pub(super) peak: usize,
    /// Retries in it \[count\].
    pub(super) retries: u32,
    /// So many times the average of the points from the first retry to the last.
    pub(super) times: f64,
    /// The last point with a retry.
    pub(super) last: usize,
}

impl Wave {
    /// The highest one, if retries come in waves.
    pub(super) fn highest(view: &RunView<'_>, edge: EdgeId) -> Option<Self> {
        let points = &view.record.series.edges[edge];
        let retries: Vec<u32> = points.iter().map(|point| point.retries).collect();
        let calls = points
            .iter()
            .fold(0, |sum, point| sum + u64::from(point.started));
        Self::among(&retries, calls as f64 / points.len() as f64)
    }

    fn among(retries: &[u32], calls_per_point: f64) -> Option<Self> {
        let first = retries.iter().position(|&count| count > 0)?;
        let last = retries.iter().rposition(|&count| count > 0)?;
        let peak = (first..=last).rev().max_by_key(|&point| retries[point])?;
        let all = retries.iter().fold(0, |sum, &count| sum + u64::from(count));
        let mean = all as f64 / (last + 1 - first) as f64;
        let highest = f64::from(retries[peak]);
        let stands_out = highest >= mean * ABOVE && highest >= calls_per_point * ABOVE_CALLS;
        (stands_out && retries[peak] >= LEAST).then_some(Self {
            peak,
            retries: retries[peak],
            times: highest / mean,
            last,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_stands_above_other_retries_and_above_calls() {
        let herd = [0, 900, 0, 900, 0, 0, 0, 800, 0, 0, 0, 0, 0, 0, 0, 700];
        let wave = Wave::among(&herd, 20.0).unwrap();
        assert_eq!((wave.peak, wave.retries, wave.last), (1, 900, 15));
        assert!((wave.times - 900.0 / (3300.0 / 15.0)).abs() < 1e-9);

        let as_many_as_calls = Wave::among(&herd, 300.0);
        let even = Wave::among(&[0, 300, 310, 290, 300, 0], 20.0);
        let few = Wave::among(&herd.map(|count| count / 10), 2.0);
        let none = Wave::among(&[0, 0], 20.0);
        assert_eq!([as_many_as_calls, even, few, none], [None; 4]);
    }
}

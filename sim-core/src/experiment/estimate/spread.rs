//! Values over runs, in the few numbers that describe them.

use super::{MeanInterval, mean_interval, percentile_interval};

/// Values over runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// How many there are \[count\].
    pub count: u32,
    /// Their mean, with its interval.
    pub mean: MeanInterval,
    /// The least.
    pub min: f64,
    /// The 5th percentile (nearest rank).
    pub p5: f64,
    /// The median (nearest rank).
    pub median: f64,
    /// The value that the true median is not below; absent for fewer than six values.
    pub median_low: Option<f64>,
    /// The value that the true median is not above; absent for fewer than six values.
    pub median_high: Option<f64>,
    /// The 95th percentile (nearest rank).
    pub p95: f64,
    /// The greatest.
    pub max: f64,
}

/// The spread of values, in any order; none without values.
pub fn spread(values: &[f64]) -> Option<Spread> {
    let mean = mean_interval(values)?;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let count = sorted.len() as u32;
    let median = percentile_interval(count, 0.5);
    let ranked = |rank: Option<u32>| rank.map(|rank| sorted[rank as usize - 1]);
    Some(Spread {
        count,
        mean,
        min: sorted[0],
        p5: sorted[nearest_rank(sorted.len(), 5)],
        median: sorted[nearest_rank(sorted.len(), 50)],
        median_low: ranked(median.low),
        median_high: ranked(median.high),
        p95: sorted[nearest_rank(sorted.len(), 95)],
        max: sorted[sorted.len() - 1],
    })
}

/// The place, from 0, of a whole percentile among so many sorted values, at least one.
pub fn nearest_rank(count: usize, percent: usize) -> usize {
    (count * percent).div_ceil(100).max(1) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        let spread = spread(&values).unwrap();
        let values = [spread.min, spread.p5, spread.median, spread.p95, spread.max];
        assert_eq!(values.map(|value| value as u32), [1, 5, 50, 95, 100]);
        assert_eq!(
            (spread.median_low, spread.median_high),
            (Some(40.0), Some(61.0))
        );
        assert_eq!(spread.count, 100);
        for (count, percent, place) in [(1, 5, 0), (1, 95, 0), (20, 5, 0), (21, 5, 1), (3, 50, 1)] {
            assert_eq!(nearest_rank(count, percent), place, "{count} {percent}");
        }
    }

    #[test]
    fn one_value_has_no_intervals() {
        let one = spread(&[2.0]).unwrap();
        assert_eq!((one.median_low, one.mean.half_width), (None, None));
        assert_eq!(spread(&[]), None);
    }
}

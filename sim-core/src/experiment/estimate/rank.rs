//! An interval for a percentile, from ranks alone.
//!
//! Each of n values lies below the true median with chance one half, so how many of them do is
//! binomial, whatever the values are. Read backwards: with 95 % certainty the true median lies
//! between two of the sorted values, whose ranks the binomial distribution gives (Conover,
//! "Practical Nonparametric Statistics", 3.2). It holds for a mixture of healthy and collapsed runs
//! as well, of which a mean says nothing.
//!
//! A few values say nothing about a percentile far out: then the interval is open at that side.

use super::{CONFIDENCE, rounded};
use statrs::distribution::{Binomial, DiscreteCDF};

/// The ranks, from 1, of the sorted values between which a percentile lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PercentileInterval {
    /// Rank of the value that it is not below; absent if it may be below all.
    pub low: Option<u32>,
    /// Rank of the value that it is not above; absent if it may be above all.
    pub high: Option<u32>,
}

/// Between which of `count` sorted values the percentile `p`, in (0, 1), lies.
pub fn percentile_interval(count: u32, p: f64) -> PercentileInterval {
    let beyond = (1.0 - CONFIDENCE) / 2.0;
    let Ok(below) = Binomial::new(p, u64::from(count)) else {
        return PercentileInterval {
            low: None,
            high: None,
        };
    };
    // Chance that at most so many values lie below.
    let at_most = |values: u32| rounded(below.cdf(u64::from(values)));
    // The greatest rank that at least that many values lie below, but for a chance of 2.5 %.
    let low = partition(count, |rank| at_most(rank) <= beyond);
    let high = partition(count, |rank| at_most(rank) < 1.0 - beyond) + 1;
    PercentileInterval {
        low: (low > 0).then_some(low),
        high: (high <= count).then_some(high),
    }
}

/// How often chance would part two counts at least so far, if each thing counted were as likely on
/// either side (the exact sign test, which for pairs is that of `McNemar`).
pub fn sign_test(one: u32, other: u32) -> f64 {
    let Ok(fair) = Binomial::new(0.5, u64::from(one) + u64::from(other)) else {
        return 1.0;
    };
    rounded(2.0 * fair.cdf(u64::from(one.min(other)))).min(1.0)
}

/// How many of the first numbers satisfy what only a beginning of them does.
fn partition(count: u32, holds: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = u32::midpoint(low, high);
        if holds(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranks(count: u32, p: f64) -> (Option<u32>, Option<u32>) {
        let interval = percentile_interval(count, p);
        (interval.low, interval.high)
    }

    #[test]
    fn ranks_for_the_median_are_those_of_the_tables() {
        // Gardner and Altman, "Statistics with Confidence", table 18.2: 95 % for a median.
        for (count, low, high) in [
            (6, 1, 6),
            (10, 2, 9),
            (20, 6, 15),
            (30, 10, 21),
            (50, 18, 33),
            (100, 40, 61),
        ] {
            assert_eq!(ranks(count, 0.5), (Some(low), Some(high)), "{count}");
        }
    }

    #[test]
    fn the_sign_test_is_the_binomial() {
        // Twice the tail of ten fair coins: 2 * (1 + 10) / 1024.
        for (one, other, p) in [
            (1, 9, 22.0 / 1024.0),
            (0, 6, 2.0 / 64.0),
            (5, 5, 1.0),
            (0, 0, 1.0),
        ] {
            assert!((sign_test(one, other) - p).abs() < 1e-8, "{one} {other}");
        }
    }

    #[test]
    fn few_values_leave_far_percentiles_open() {
        assert_eq!(ranks(5, 0.5), (None, None));
        let (low, high) = ranks(20, 0.95);
        assert!(low.is_some() && high.is_none());
        assert_eq!(ranks(0, 0.5), (None, None));
        let (low, high) = ranks(1000, 0.95);
        assert!(low.unwrap() < 950 && high.unwrap() > 950 && high.unwrap() < 970);
    }
}

//! Wilson's interval: how often something happens, from how often it did.
//!
//! Fifty runs without a collapse do not mean that it never collapses. The usual interval, share plus
//! and minus two standard errors, would say so: at 0 of 50 its width is zero. Wilson's asks instead
//! which true shares would make the observed one unsurprising ("Probable inference, the law of
//! succession, and statistical inference", JASA 1927), and gives 0 to 7 %.
//!
//! Rejected: Clopper and Pearson's interval (covers more than it says, so verdicts come late),
//! Jeffreys' (needs quantiles of the beta distribution; no better for judging).

use super::CONFIDENCE;
use crate::random::special::normal_quantile;

/// A share and the interval that holds the true one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShareInterval {
    /// The observed share.
    pub share: f64,
    /// Least true share that is believable.
    pub low: f64,
    /// Greatest true share that is believable.
    pub high: f64,
}

/// The share of `hits` out of `all`, with its interval; none out of nothing.
pub fn share_interval(hits: u32, all: u32) -> Option<ShareInterval> {
    if all == 0 {
        return None;
    }
    let z = normal_quantile(0.5 + CONFIDENCE / 2.0);
    let (n, share) = (f64::from(all), f64::from(hits) / f64::from(all));
    let (square, scale) = (z * z / n, 1.0 + z * z / n);
    let middle = share + square / 2.0;
    let reach = z * ((share * (1.0 - share) + square / 4.0) / n).sqrt();
    Some(ShareInterval {
        share,
        // Rounding must not move an end that is exact.
        low: if hits == 0 {
            0.0
        } else {
            (middle - reach) / scale
        },
        high: if hits == all {
            1.0
        } else {
            (middle + reach) / scale
        },
    })
}

/// How many runs it takes, all of them hits, until the interval lies above a share below 1.
pub fn runs_to_exceed(share: f64) -> u32 {
    let enough = |runs: u32| share_interval(runs, runs).is_some_and(|it| it.low >= share);
    let z = normal_quantile(0.5 + CONFIDENCE / 2.0);
    let about = (z * z * share / (1.0 - share)).min(f64::from(u32::MAX / 2)) as u32;
    (about.saturating_sub(1).max(1)..=about + 2)
        .find(|&runs| enough(runs))
        .unwrap_or(about + 2)
}

/// The greatest share that a number of runs can lie above, all of them hits.
pub fn most_that_can_be_said(runs: u32) -> f64 {
    share_interval(runs, runs).map_or(0.0, |interval| interval.low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_the_published_ones() {
        // Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in
        // Medicine 17 (1998), table I, method 3.
        for (hits, all, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let interval = share_interval(hits, all).unwrap();
            assert!(
                (interval.low - low).abs() < 5e-5,
                "{hits}/{all}: {interval:?}"
            );
            assert!(
                (interval.high - high).abs() < 5e-5,
                "{hits}/{all}: {interval:?}"
            );
        }
    }

    #[test]
    fn all_and_nothing_leave_room_on_one_side_only() {
        let none = share_interval(0, 50).unwrap();
        let all = share_interval(50, 50).unwrap();
        assert_eq!((none.low, all.high), (0.0, 1.0));
        assert!((none.high - 0.0713).abs() < 5e-5 && (all.low - 0.9287).abs() < 5e-5);
        assert_eq!(share_interval(0, 0), None);
    }

    #[test]
    fn how_many_runs_a_share_takes() {
        for share in [0.5, 0.9, 0.95, 0.99, 0.999] {
            let runs = runs_to_exceed(share);
            assert!(most_that_can_be_said(runs) >= share, "{share}: {runs}");
            assert!(most_that_can_be_said(runs - 1) < share, "{share}: {runs}");
        }
        assert_eq!(runs_to_exceed(0.95), 73);
    }
}

//! When a closed breaker opens.
//!
//! One failure means nothing, a tenth of a second of bad luck means little; the question is
//! when to believe that the callee is ill. A rate answers it for busy callers, a run of failures
//! for quiet ones.
//!
//! The rule: the window is looked at after *every* recorded result, successes too. A failure rate
//! opens at its threshold (`>=`), never before `minimum_calls` results are in the window. A run
//! opens with its last failure.
//!
//! resilience4j does exactly this (50 %, 100 results). Others differ: Polly 8 looks only when a
//! call fails (10 %, 100 results in 30 s), opossum needs *more* than the threshold (50 %), Hystrix
//! looks every 500 ms (50 %, 20 requests in 10 s). Runs: gobreaker opens with the 6th failure,
//! pybreaker and Finagle with the 5th, Linkerd with the 7th. Rejected: a timer that looks at the
//! window, because then the instant of opening depends on the phase of a clock nobody sees.

use super::window::Tally;
use crate::units::Probability;

/// When a closed breaker opens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TripRule {
    /// At least this share of the results in the window failed, once there are `minimum_calls`.
    ///
    /// With a window that counts only a run of failures, every result in the window is a failure,
    /// so it opens after `minimum_calls` failures in a row.
    FailureRate {
        /// Share of failures that opens \[0 to 1\]; resilience4j: 50 %, Polly 8: 10 %.
        at_least: Probability,
        /// Results needed before the share is looked at \[results\]; resilience4j and Polly 8: 100.
        ///
        /// More than the window can hold means as many as it can hold.
        minimum_calls: u32,
    },
    /// So many failures in a row \[results\]; pybreaker and Finagle: 5, gobreaker: 6, Linkerd: 7.
    ConsecutiveFailures(u32),
}

impl TripRule {
    /// Whether a window that holds this opens the breaker; `capacity` is the most it can hold.
    pub(super) fn opens(self, tally: Tally, capacity: u32) -> bool {
        match self {
            Self::FailureRate {
                at_least,
                minimum_calls,
            } => {
                let enough = minimum_calls.min(capacity).max(1);
                tally.results >= enough && failure_rate(tally) >= at_least.get()
            }
            Self::ConsecutiveFailures(run) => {
                tally.failures_in_a_row > 0 && tally.failures_in_a_row >= run
            }
        }
    }
}

/// The share of failures. A division is rounded correctly, so 7 of 100 is the very number that 7 %
/// stands for, whereas 100 × 0.07 is more than 7.
fn failure_rate(tally: Tally) -> f64 {
    f64::from(tally.failures) / f64::from(tally.results)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(percent: f64, minimum_calls: u32) -> TripRule {
        TripRule::FailureRate {
            at_least: Probability::new(percent / 100.0).unwrap(),
            minimum_calls,
        }
    }

    fn opens(rule: TripRule, failures: u32, results: u32, failures_in_a_row: u32) -> bool {
        let tally = Tally {
            failures,
            results,
            failures_in_a_row,
        };
        rule.opens(tally, 100)
    }

    #[test]
    fn rates_open_at_their_threshold() {
        let check = |title: &str, rule, failures, results, expected| {
            assert_eq!(opens(rule, failures, results, 0), expected, "{title}");
        };
        check("exactly half opens at 50 %", rate(50.0, 2), 1, 2, true);
        check("less than half does not", rate(50.0, 2), 49, 99, false);
        check("one result too few", rate(50.0, 10), 9, 9, false);
        check("just enough results", rate(50.0, 10), 9, 10, true);
        check("100 % needs all", rate(100.0, 1), 99, 100, false);
        check(
            "more results asked than fit",
            rate(50.0, 500),
            60,
            100,
            true,
        );
        check(
            "no minimum still needs a result",
            rate(50.0, 0),
            0,
            0,
            false,
        );
    }

    #[test]
    fn no_percentage_is_lost_to_rounding() {
        for percent in 1..=100_u32 {
            let rule = rate(f64::from(percent), 1);
            assert!(opens(rule, percent, 100, 0), "{percent}%");
            assert!(!opens(rule, percent - 1, 100, 0), "{percent}%");
        }
    }

    #[test]
    fn runs_open_with_their_last_failure() {
        let rule = TripRule::ConsecutiveFailures(5);
        assert!(!opens(rule, 4, 4, 4));
        assert!(opens(rule, 5, 5, 5));
        assert!(!opens(TripRule::ConsecutiveFailures(0), 0, 1, 0));
    }
}

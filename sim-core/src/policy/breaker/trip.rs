//! When a closed breaker opens, and when it looks.
//!
//! One failure means nothing, a tenth of a second of bad luck means little; the question is
//! when to believe that the callee is ill. A rate answers it for busy callers, a run of failures
//! for quiet ones, a share of slow calls before anything fails.
//!
//! The rule: a breaker opens as soon as one of its [`Condition`]s holds. A rate opens at its
//! threshold (or above it, [`Comparator`]), never before `minimum_calls` are in the window; a run
//! opens with its last failure. [`Evaluate`] says when the conditions are looked at.
//!
//! resilience4j looks after *every* recorded result, successes too (50 %, 100 results). Others
//! differ: Polly 8 looks only when a call fails (10 %, 100 results in 30 s), opossum needs *more*
//! than the threshold (50 %), several round, Hystrix looks every 500 ms (50 %, 20 requests in 10 s). Runs:
//! gobreaker opens with the 6th failure, pybreaker and Finagle with the 5th, Linkerd with the 7th.
//! Rejected as the default: a timer that looks at the window, because then the instant of opening
//! depends on the phase of a clock nobody sees.

use super::Expression;
use super::answer::Why;
use super::probes::ProbeVerdict;
use super::tripped::{ConditionSet, Tripped};
use super::window::Tally;
use crate::time::SimDuration;
use crate::units::Probability;

/// When a closed breaker opens: as soon as one of these holds. With none it never does.
#[derive(Clone, Debug, PartialEq)]
pub struct TripRule(Box<[Condition]>);

/// Something that opens a breaker.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// This share of the calls in the window failed.
    ///
    /// With a window that counts only runs, every result in the window is a failure, so it opens
    /// after `minimum_calls` failures in a row.
    FailureRate(Share),
    /// This share of the calls in the window was slow.
    SlowRate(Share),
    /// So many failures in the window.
    Failures {
        /// Failures that open \[results\], at least 1; failsafe-go: 1.
        at_least: u32,
        /// Calls needed before they are looked at \[calls\].
        minimum_calls: u32,
    },
    /// So many failures in a row \[results\]; pybreaker and Finagle: 5, gobreaker: 6, Linkerd: 7.
    ConsecutiveFailures(u32),
    /// An expression over the counts in the window (Dapr's `trip`).
    Expression(Expression),
}

/// A share of the calls in the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// The threshold \[0 to 1\]; resilience4j, Hystrix and opossum: 50 %, Polly 8: 10 %.
    pub threshold: Probability,
    /// Whether the threshold itself opens.
    pub comparator: Comparator,
    /// Calls needed before the share is looked at \[calls\]; resilience4j and Polly 8: 100, Hystrix:
    /// 20, opossum: 0.
    ///
    /// More than the window can hold means as many as it can hold. 0 matters only where calls count
    /// when they begin: a failure whose call has left the window is then one of none, and opens.
    pub minimum_calls: u32,
}

/// How a share is compared with its threshold.
///
/// The first two are exact. The others are what libraries make of them: they compare percentages or
/// products in floating point, so that at odd thresholds one call more or less opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparator {
    /// The threshold or more (resilience4j, Polly 8); the default.
    AtLeast,
    /// More than the threshold.
    Above,
    /// The share as a whole percentage, rounded, is the threshold or more (failsafe-go,
    /// `math.Round`): 49.6 % open at 50 %.
    RoundedPercent,
    /// The share as a whole percentage, cut, is the threshold or more (Hystrix, `(int)`): 29 of 100
    /// do not open at 29 %, since 0.29 × 100 is a little less than 29.
    CutPercent,
    /// The share times 100 is more than the percentage (opossum): 7 of 100 open at 7 %, since
    /// 0.07 × 100 is a little more than 7.
    PercentAbove,
    /// The failures are more than the threshold times the calls (cockatiel): 29 of 100 open at 29 %.
    ProductAbove,
}

impl Comparator {
    /// Whether a share of 1 cannot open at a threshold of 1.
    pub const fn needs_more(self) -> bool {
        match self {
            Self::AtLeast | Self::RoundedPercent | Self::CutPercent => false,
            Self::Above | Self::PercentAbove | Self::ProductAbove => true,
        }
    }

    /// Whether so many of the calls reach or exceed a threshold; `share` stands for their quotient.
    fn holds(self, share: f64, count: u32, calls: u32, threshold: f64) -> bool {
        match self {
            Self::AtLeast => share >= threshold,
            Self::Above => share > threshold,
            Self::RoundedPercent => (share * 100.0).round() >= percent(threshold),
            Self::CutPercent => (share * 100.0).trunc() >= percent(threshold),
            Self::PercentAbove => share * 100.0 > percent(threshold),
            Self::ProductAbove => f64::from(count) > threshold * f64::from(calls),
        }
    }
}

impl Comparator {
    /// Whether this share of successes is more than a threshold of failures leaves of the whole.
    fn outweighs(self, successes: f64, threshold: f64) -> bool {
        let left = 100.0 - percent(threshold);
        match self {
            Self::RoundedPercent => (successes * 100.0).round() > left,
            Self::CutPercent => (successes * 100.0).trunc() > left,
            Self::AtLeast | Self::Above | Self::PercentAbove | Self::ProductAbove => {
                successes * 100.0 > left
            }
        }
    }
}

/// The percentage that was written for a share, to nine decimals: 7 for 7 % and not a little more.
fn percent(share: f64) -> f64 {
    (share * 1e11).round() / 1e9
}

/// When the conditions are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evaluate {
    /// After every result (resilience4j, failsafe-go); the default.
    EveryResult,
    /// After every failure (Polly 8, gobreaker, opossum, cockatiel, Finagle).
    Failures,
    /// At intervals from construction or the last closing, over the buckets that are complete
    /// (Hystrix: every 500 ms). A result at the very instant belongs to the next bucket.
    Ticks(SimDuration),
}

impl Evaluate {
    /// Whether a result makes the breaker look.
    pub(super) const fn looks_at(self, failed: bool) -> bool {
        match self {
            Self::EveryResult => true,
            Self::Failures => failed,
            Self::Ticks(_) => false,
        }
    }
}

impl TripRule {
    /// Opens as soon as one of these conditions holds.
    pub fn any_of(conditions: impl IntoIterator<Item = Condition>) -> Self {
        Self(conditions.into_iter().collect())
    }

    /// Opens when at least this share of the results in the window failed.
    pub fn failure_rate(threshold: Probability, minimum_calls: u32) -> Self {
        Self::any_of([Condition::FailureRate(Share {
            threshold,
            comparator: Comparator::AtLeast,
            minimum_calls,
        })])
    }

    /// Opens with the last of so many failures in a row.
    pub fn consecutive_failures(run: u32) -> Self {
        Self::any_of([Condition::ConsecutiveFailures(run)])
    }

    /// The conditions.
    pub fn conditions(&self) -> &[Condition] {
        &self.0
    }

    /// Which condition a window that holds this fulfils, if any; `capacity` is the most it can hold.
    pub(super) fn opens(&self, tally: &Tally, capacity: u32) -> Option<Tripped> {
        let holds = |condition: &Condition| condition.holds(tally, capacity);
        let first = self.0.iter().find_map(holds)?;
        let all = self.0.iter().enumerate();
        let conditions = ConditionSet::of(all.filter_map(|(place, it)| holds(it).map(|_| place)));
        Some(Tripped {
            conditions,
            ..first
        })
    }

    /// Whether it would open without its minimum of calls.
    pub(super) fn is_held_back(&self, tally: &Tally, capacity: u32) -> bool {
        self.0.iter().any(|it| it.is_held_back(tally, capacity))
    }

    /// What the shares say of the results of so many probes; too early before enough have answered,
    /// which is the minimum of calls or all probes, whichever is fewer.
    pub(super) fn judges(&self, tally: &Tally, probes: u32) -> ProbeVerdict {
        let mut verdict = ProbeVerdict::Close;
        for condition in &self.0 {
            let (Condition::FailureRate(share) | Condition::SlowRate(share)) = condition else {
                continue;
            };
            if tally.calls < share.minimum_calls.min(probes).max(1) {
                return ProbeVerdict::Wait;
            }
            if let (ProbeVerdict::Close, Some(tripped)) = (verdict, condition.holds(tally, probes))
            {
                verdict = ProbeVerdict::Open(tripped);
            }
        }
        verdict
    }

    /// The same, but successes are looked at first: at a tie, which rounding can make, they win.
    pub(super) fn judges_successes(&self, tally: &Tally, probes: u32) -> ProbeVerdict {
        let opens = self.judges(tally, probes);
        let well = self.0.iter().any(|condition| match condition {
            Condition::FailureRate(share) => share.is_outweighed(tally.successes, tally.calls),
            Condition::SlowRate(_)
            | Condition::Failures { .. }
            | Condition::ConsecutiveFailures(_)
            | Condition::Expression(_) => false,
        });
        match opens {
            ProbeVerdict::Open(_) if well => ProbeVerdict::Close,
            ProbeVerdict::Wait
            | ProbeVerdict::Close
            | ProbeVerdict::AskWindow
            | ProbeVerdict::Open(_) => opens,
        }
    }
}

impl Condition {
    fn is_held_back(&self, tally: &Tally, capacity: u32) -> bool {
        let minimum_calls = match self {
            Self::FailureRate(share) | Self::SlowRate(share) => share.minimum_calls,
            Self::Failures { minimum_calls, .. } => *minimum_calls,
            Self::ConsecutiveFailures(_) | Self::Expression(_) => return false,
        };
        let too_few = tally.calls > 0 && tally.calls < minimum_calls.min(capacity);
        too_few && self.without_minimum().holds(tally, capacity).is_some()
    }

    fn without_minimum(&self) -> Self {
        let of = |share: &Share| Share {
            minimum_calls: 0,
            ..*share
        };
        match self {
            Self::FailureRate(share) => Self::FailureRate(of(share)),
            Self::SlowRate(share) => Self::SlowRate(of(share)),
            Self::Failures { at_least, .. } => Self::Failures {
                at_least: *at_least,
                minimum_calls: 0,
            },
            Self::ConsecutiveFailures(_) | Self::Expression(_) => self.clone(),
        }
    }

    fn holds(&self, tally: &Tally, capacity: u32) -> Option<Tripped> {
        let (holds, why, count, of) = match self {
            Self::FailureRate(share) => {
                let count = tally.failures;
                let holds = share.is_reached(count, tally.weighed, tally.calls, capacity);
                (holds, Why::FailureRate, count, tally.calls)
            }
            Self::SlowRate(share) => {
                let holds = share.is_reached(tally.slow, None, tally.calls, capacity);
                (holds, Why::SlowRate, tally.slow, tally.calls)
            }
            Self::Failures {
                at_least,
                minimum_calls,
            } => {
                let enough = tally.calls >= (*minimum_calls).min(capacity);
                let holds = enough && tally.failures >= (*at_least).max(1);
                (holds, Why::Failures, tally.failures, tally.calls)
            }
            Self::ConsecutiveFailures(run) => {
                let count = tally.failures_in_a_row;
                (count > 0 && count >= *run, Why::Run, count, count)
            }
            Self::Expression(expression) => (
                expression.holds(tally),
                Why::Expression,
                tally.failures,
                tally.calls,
            ),
        };
        holds.then_some(Tripped {
            why,
            count,
            of,
            conditions: ConditionSet::NONE,
        })
    }
}

impl Share {
    /// A division is rounded correctly, so 7 of 100 is the very number that 7 % stands for, whereas
    /// 100 × 0.07 is more than 7. Nothing of no calls is no share; a failure of no calls is an
    /// infinite one, since its call began before the window did (opossum).
    fn is_reached(self, count: u32, weighed: Option<f64>, calls: u32, capacity: u32) -> bool {
        if calls < self.minimum_calls.min(capacity) {
            return false;
        }
        let share = weighed.unwrap_or(f64::from(count) / f64::from(calls));
        self.comparator
            .holds(share, count, calls, self.threshold.get())
    }

    /// Whether the share of successes is more than the threshold of failures leaves.
    fn is_outweighed(self, successes: u32, calls: u32) -> bool {
        let share = f64::from(successes) / f64::from(calls);
        self.comparator.outweighs(share, self.threshold.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(percent: f64, minimum_calls: u32, comparator: Comparator) -> TripRule {
        TripRule::any_of([Condition::FailureRate(Share {
            threshold: Probability::new(percent / 100.0).unwrap(),
            comparator,
            minimum_calls,
        })])
    }

    fn rate(percent: f64, minimum_calls: u32) -> TripRule {
        share(percent, minimum_calls, Comparator::AtLeast)
    }

    fn opens(rule: &TripRule, failures: u32, calls: u32, failures_in_a_row: u32) -> bool {
        let tally = Tally {
            calls,
            failures,
            failures_in_a_row,
            ..Tally::default()
        };
        rule.opens(&tally, 100).is_some()
    }

    #[test]
    fn rates_open_at_their_threshold() {
        let check = |title: &str, rule: TripRule, failures, results, expected| {
            assert_eq!(opens(&rule, failures, results, 0), expected, "{title}");
        };
        check("exactly half opens at 50 %", rate(50.0, 2), 1, 2, true);
        check("less than half does not", rate(50.0, 2), 49, 99, false);
        check("one result too few", rate(50.0, 10), 9, 9, false);
        check("just enough results", rate(50.0, 10), 9, 10, true);
        check("100 % needs all", rate(100.0, 1), 99, 100, false);
        check("more asked than fit", rate(50.0, 500), 60, 100, true);
        check(
            "no minimum still needs a result",
            rate(50.0, 0),
            0,
            0,
            false,
        );
        check("a failure of no calls opens", rate(50.0, 0), 1, 0, true);
        check("unless one call is needed", rate(50.0, 1), 1, 0, false);
        let above = || share(50.0, 1, Comparator::Above);
        check("half is not above 50 %", above(), 50, 100, false);
        check("more than half is", above(), 51, 100, true);
    }

    #[test]
    fn no_percentage_is_lost_to_rounding() {
        for percent in 1..=100_u32 {
            let rule = rate(f64::from(percent), 1);
            assert!(opens(&rule, percent, 100, 0), "{percent}%");
            assert!(!opens(&rule, percent - 1, 100, 0), "{percent}%");
        }
    }

    /// Of 100 calls, so many that open at a threshold, and one fewer that do not.
    #[test]
    fn libraries_round_in_their_own_ways() {
        use Comparator::{Above, AtLeast, CutPercent, PercentAbove, ProductAbove, RoundedPercent};
        for (comparator, percent, least) in [
            (AtLeast, 7.0, 7),
            (AtLeast, 29.0, 29),
            (Above, 7.0, 8),
            (Above, 29.0, 30),
            (RoundedPercent, 29.0, 29),
            // 0.29 × 100 = 28.999999999999996, and so is 0.57 × 100 below 57.
            (CutPercent, 29.0, 30),
            (CutPercent, 57.0, 58),
            (CutPercent, 50.0, 50),
            // 0.07 × 100 = 7.000000000000001, and 0.28 × 100 and 0.55 × 100 are above too.
            (PercentAbove, 7.0, 7),
            (PercentAbove, 28.0, 28),
            (PercentAbove, 55.0, 55),
            (PercentAbove, 50.0, 51),
            (PercentAbove, 7.5, 8),
            (ProductAbove, 7.0, 8),
            (ProductAbove, 29.0, 29),
            (ProductAbove, 50.0, 51),
        ] {
            let rule = share(percent, 1, comparator);
            assert!(opens(&rule, least, 100, 0), "{comparator:?} {percent}");
            assert!(!opens(&rule, least - 1, 100, 0), "{comparator:?} {percent}");
        }
        // 99 of 199 are 49.7 %, 98 are 49.2 %.
        let rounded = share(50.0, 1, RoundedPercent);
        assert!(opens(&rounded, 99, 199, 0));
        assert!(!opens(&rounded, 98, 199, 0));
    }

    #[test]
    fn runs_open_with_their_last_failure() {
        let rule = TripRule::consecutive_failures(5);
        assert!(!opens(&rule, 4, 4, 4));
        assert!(opens(&rule, 5, 5, 5));
        assert!(!opens(&TripRule::consecutive_failures(0), 0, 1, 0));
    }

    #[test]
    fn counts_open_at_their_number_once_there_are_enough_calls() {
        let rule = TripRule::any_of([Condition::Failures {
            at_least: 3,
            minimum_calls: 5,
        }]);
        assert!(!opens(&rule, 3, 4, 0));
        assert!(opens(&rule, 3, 5, 0));
        assert!(!opens(&rule, 2, 100, 0));
    }

    #[test]
    fn the_first_condition_that_holds_is_named() {
        let slow = Condition::SlowRate(Share {
            threshold: Probability::ONE,
            comparator: Comparator::AtLeast,
            minimum_calls: 2,
        });
        let rule = TripRule::any_of([slow, Condition::ConsecutiveFailures(9)]);
        let tally = Tally {
            calls: 4,
            slow: 4,
            failures: 1,
            ..Tally::default()
        };
        let tripped = rule.opens(&tally, 100).unwrap();
        assert_eq!(
            (tripped.why, tripped.count, tripped.of),
            (Why::SlowRate, 4, 4)
        );
    }
}

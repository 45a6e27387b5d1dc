//! Who is let through when the cool-down is over, and what closes the breaker.
//!
//! A callee that has just come back is like a patient who has just stood up: one asks for a few
//! steps before asking for a run. The few calls that try are *probes*.
//!
//! The rule: so many probes are admitted in all, everything else is rejected; each must succeed, the
//! last success closes, the first failure opens again for another cool-down. A probe that says
//! nothing about the callee gives its permit back, and another may go. Other libraries admit so many
//! at a time ([`Permits`]), let the others wait ([`Excess`]), or judge the share of failures
//! ([`Closing`]).
//!
//! Hystrix, Polly 8 and opossum admit one probe; gobreaker `max_requests`, 1 by default, and closes
//! after as many successes: this rule. resilience4j admits 10 and judges their failure rate.
//! Rejected as the default: admitting without limit (Python's `circuitbreaker`: a returning callee
//! meets the full load), queueing the excess (cockatiel: after the probe everybody comes at once).

use super::TripRule;
use super::probes::{ProbeVerdict, Probes};
use crate::time::SimDuration;

/// Who is let through when the cool-down is over, and what closes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HalfOpenRule {
    /// How many probes may go.
    pub permits: Permits,
    /// What becomes of the others.
    pub excess: Excess,
    /// What closes, and what opens again.
    pub closing: Closing,
    /// How long the probes may take together; [`SimDuration::MAX`]: for ever (resilience4j's
    /// default: a hung probe wedges the breaker).
    pub max_wait: SimDuration,
    /// Where the breaker goes then.
    pub then: AfterWait,
}

/// How many probes may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permits {
    /// So many in all \[calls\], at least 1; default 1 (Hystrix, Polly 8, gobreaker, opossum),
    /// resilience4j: 10.
    Total(u32),
    /// So many at a time \[calls\], at least 1 (failsafe-go).
    Concurrent(u32),
    /// Everybody (pybreaker, Python's `circuitbreaker`).
    Unlimited,
}

/// What becomes of calls that get no permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// They are rejected; the default.
    Reject,
    /// They wait for a probe to end, then ask again (cockatiel).
    Queue,
}

/// What closes a half-open breaker, and what opens it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// So many successes close \[results\], at least 1; the first failure opens.
    Successes(u32),
    /// The shares of the trip rule over the probes, once the minimum of calls or all probes have
    /// answered, whichever is fewer (resilience4j).
    TripRates,
    /// The share of failures over the probes, at the same moment, but successes are looked at first:
    /// what they leave of the whole has to be less than the threshold, each rounded as the
    /// comparator says (failsafe-go with a failure rate).
    SuccessRate,
    /// The first success closes. A failure counts in the window, which has to count in every state
    /// ([`OnClose`](super::OnClose)): if the trip rule holds then, it opens again, else another
    /// probe may go (Finagle).
    FirstSuccess,
    /// So many successes close, so many failures open \[results\], at least 1 each; successes are
    /// looked at first (failsafe-go).
    Counts {
        /// Successes that close.
        successes: u32,
        /// Failures that open.
        failures: u32,
    },
}

/// Where a breaker goes whose probes take too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterWait {
    /// It opens again (resilience4j's default).
    Open,
    /// It closes.
    Closed,
}

impl HalfOpenRule {
    /// So many probes in all, each of which must succeed; everything else is rejected.
    pub const fn all_must_succeed(permits: u32) -> Self {
        Self {
            permits: Permits::Total(permits),
            excess: Excess::Reject,
            closing: Closing::Successes(permits),
            max_wait: SimDuration::MAX,
            then: AfterWait::Open,
        }
    }

    /// Whether all probes there may be can succeed and it still does not close.
    pub const fn never_closes(&self) -> bool {
        let Permits::Total(permits) = self.permits else {
            return false;
        };
        let permits = if permits == 0 { 1 } else { permits };
        match self.closing {
            Closing::Successes(successes) | Closing::Counts { successes, .. } => {
                successes > permits
            }
            Closing::TripRates | Closing::SuccessRate | Closing::FirstSuccess => false,
        }
    }

    /// Whether one more probe may go.
    pub(super) fn admits(&self, probes: Probes) -> bool {
        match self.permits {
            Permits::Total(permits) | Permits::Concurrent(permits) => {
                i64::from(probes.taken) < i64::from(permits.max(1))
            }
            Permits::Unlimited => true,
        }
    }

    /// Whether the successes so far close the breaker; asked when a setting may have changed.
    pub(super) fn closes(&self, probes: Probes) -> bool {
        match self.closing {
            Closing::Successes(needed) => probes.succeeded >= needed.max(1),
            Closing::FirstSuccess => probes.succeeded > 0,
            Closing::TripRates | Closing::SuccessRate | Closing::Counts { .. } => false,
        }
    }

    /// What the result of a probe decides; `probes` is updated.
    pub(super) fn judge(
        &self,
        probes: &mut Probes,
        trip: &TripRule,
        failed: bool,
        slow: bool,
    ) -> ProbeVerdict {
        probes.succeeded += u32::from(!failed);
        probes.failed += u32::from(failed);
        probes.slow += u32::from(slow);
        if matches!(self.permits, Permits::Concurrent(_)) {
            probes.taken -= 1;
        }
        match self.closing {
            Closing::Successes(_) if failed => ProbeVerdict::Open(probes.tripped()),
            Closing::Successes(_) if self.closes(*probes) => ProbeVerdict::Close,
            Closing::FirstSuccess if failed => ProbeVerdict::AskWindow,
            Closing::FirstSuccess => ProbeVerdict::Close,
            Closing::TripRates => trip.judges(&probes.tally(), self.permitted()),
            Closing::SuccessRate => trip.judges_successes(&probes.tally(), self.permitted()),
            Closing::Counts { successes, .. } if probes.succeeded >= successes.max(1) => {
                ProbeVerdict::Close
            }
            Closing::Counts { failures, .. } if probes.failed >= failures.max(1) => {
                ProbeVerdict::Open(probes.tripped())
            }
            Closing::Successes(_) | Closing::Counts { .. } => ProbeVerdict::Wait,
        }
    }

    /// Probes that may go \[calls\].
    fn permitted(&self) -> u32 {
        match self.permits {
            Permits::Total(permits) | Permits::Concurrent(permits) => permits.max(1),
            Permits::Unlimited => u32::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::breaker::tripped::{ConditionSet, Tripped};
    use crate::policy::breaker::{Comparator, Condition, Share, Why};
    use crate::units::Probability;

    const THREE: HalfOpenRule = HalfOpenRule::all_must_succeed(3);

    fn probes(taken: i32, succeeded: u32) -> Probes {
        Probes {
            taken,
            succeeded,
            ..Probes::default()
        }
    }

    fn judged(rule: HalfOpenRule, results: &str) -> Vec<ProbeVerdict> {
        let trip = TripRule::failure_rate(Probability::new(0.5).unwrap(), 100);
        let mut probes = probes(9, 0);
        let verdict = |result| rule.judge(&mut probes, &trip, result == 'x', false);
        results.chars().map(verdict).collect()
    }

    fn opens(why: Why, count: u32, of: u32) -> ProbeVerdict {
        ProbeVerdict::Open(Tripped {
            why,
            count,
            of,
            conditions: ConditionSet::NONE,
        })
    }

    #[test]
    fn three_permits_are_three_in_all() {
        let check = |title: &str, probes, expected| {
            assert_eq!(THREE.admits(probes), expected, "{title}");
        };
        check("the first probe goes", probes(0, 0), true);
        check("the third goes beside two others", probes(2, 0), true);
        check("the fourth does not", probes(3, 0), false);
        check("a success uses its permit up", probes(3, 2), false);
        check("one that was given back goes again", probes(2, 2), true);
    }

    #[test]
    fn all_probes_must_succeed() {
        use ProbeVerdict::{Close, Wait};
        assert_eq!(judged(THREE, "..."), [Wait, Wait, Close]);
        assert_eq!(judged(THREE, ".x"), [Wait, opens(Why::ProbeFailed, 1, 2)]);
    }

    #[test]
    fn rates_decide_once_all_permitted_probes_have_answered() {
        use ProbeVerdict::{Close, Wait};
        let rule = HalfOpenRule {
            closing: Closing::TripRates,
            ..THREE
        };
        assert_eq!(judged(rule, "x.."), [Wait, Wait, Close]);
        assert_eq!(
            judged(rule, "x.x"),
            [Wait, Wait, opens(Why::FailureRate, 2, 3)]
        );
    }

    /// One of eight failed: 12.5 % and 87.5 % are both rounded up, so both shares are reached.
    #[test]
    fn a_success_rate_wins_where_rounding_makes_a_tie() {
        let decides = |closing, failures: u32| {
            let rule = HalfOpenRule {
                permits: Permits::Concurrent(8),
                closing,
                ..THREE
            };
            let trip = TripRule::any_of([Condition::FailureRate(Share {
                threshold: Probability::new(0.13).unwrap(),
                comparator: Comparator::RoundedPercent,
                minimum_calls: 8,
            })]);
            let mut probes = probes(0, 7 - failures);
            probes.failed = failures;
            rule.judge(&mut probes, &trip, false, false)
        };
        assert_eq!(decides(Closing::SuccessRate, 1), ProbeVerdict::Close);
        assert_eq!(
            decides(Closing::TripRates, 1),
            opens(Why::FailureRate, 1, 8)
        );
        assert_eq!(
            decides(Closing::SuccessRate, 2),
            opens(Why::FailureRate, 2, 8)
        );
    }

    #[test]
    fn the_first_success_closes_and_a_failure_is_left_to_the_window() {
        use ProbeVerdict::{AskWindow, Close};
        let rule = HalfOpenRule {
            closing: Closing::FirstSuccess,
            ..THREE
        };
        assert_eq!(judged(rule, "xx."), [AskWindow, AskWindow, Close]);
    }

    #[test]
    fn counts_look_at_successes_first() {
        use ProbeVerdict::{Close, Wait};
        let rule = HalfOpenRule {
            closing: Closing::Counts {
                successes: 2,
                failures: 2,
            },
            ..THREE
        };
        assert_eq!(judged(rule, "x.."), [Wait, Wait, Close]);
        assert_eq!(
            judged(rule, "x.x"),
            [Wait, Wait, opens(Why::ProbeFailed, 2, 3)]
        );
    }

    #[test]
    fn permits_at_a_time_come_back_with_any_result() {
        let rule = HalfOpenRule {
            permits: Permits::Concurrent(1),
            ..THREE
        };
        let trip = TripRule::consecutive_failures(1);
        let mut probes = probes(1, 0);
        assert!(!rule.admits(probes));
        assert_eq!(
            rule.judge(&mut probes, &trip, false, false),
            ProbeVerdict::Wait
        );
        assert!(rule.admits(probes));
    }

    #[test]
    fn fewer_probes_than_have_to_succeed_never_close() {
        let rule = |permits, closing| HalfOpenRule {
            permits,
            closing,
            ..HalfOpenRule::all_must_succeed(1)
        };
        let counts = Closing::Counts {
            successes: 4,
            failures: 1,
        };
        for (permits, closing, never) in [
            (Permits::Total(3), Closing::Successes(5), true),
            (Permits::Total(3), Closing::Successes(3), false),
            (Permits::Total(0), Closing::Successes(1), false),
            (Permits::Total(3), counts, true),
            (Permits::Concurrent(3), Closing::Successes(5), false),
            (Permits::Unlimited, Closing::Successes(5), false),
            (Permits::Total(1), Closing::TripRates, false),
        ] {
            assert_eq!(rule(permits, closing).never_closes(), never, "{permits:?}");
        }
    }
}

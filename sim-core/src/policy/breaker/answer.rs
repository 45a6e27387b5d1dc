//! What a breaker answers, and what it tells of itself.

use crate::policy::{Applied, AppliedSet};
use crate::time::{SimDuration, SimTime};
use std::num::NonZeroU32;

/// Epochs are numbered up to this and then from 1 again.
pub(super) const LAST_EPOCH: u32 = (1 << 31) - 1;

/// Leave to pass, to be given back with the outcome; carries when and in which epoch it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permit {
    pub(super) at: SimTime,
    pub(super) epoch: NonZeroU32,
    pub(super) probe: bool,
}

impl Permit {
    /// The epoch in which it was given; calls that wait for probes wait for those of one epoch.
    pub const fn epoch(self) -> NonZeroU32 {
        self.epoch
    }
}

/// What one who keeps the instant of a permit by himself has to keep besides: its epoch, and whether
/// it is that of a probe. Half the size of a [`Permit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BreakerTicket(NonZeroU32);

impl Permit {
    /// Takes it apart.
    pub(crate) fn split(self) -> (SimTime, BreakerTicket) {
        let bits = self.epoch.get() << 1 | u32::from(self.probe);
        // An epoch is never 0 nor above `LAST_EPOCH`: its bits are not lost.
        let ticket = NonZeroU32::new(bits).unwrap_or(NonZeroU32::MIN);
        (self.at, BreakerTicket(ticket))
    }

    /// The permit of which this is left.
    pub(crate) fn joined(at: SimTime, ticket: BreakerTicket) -> Self {
        let bits = ticket.0.get();
        Self {
            at,
            epoch: NonZeroU32::new(bits >> 1).unwrap_or(NonZeroU32::MIN),
            probe: bits & 1 != 0,
        }
    }
}

/// What a breaker says to a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Admission {
    /// It may go on; the permit comes back with its outcome.
    Admit(Permit),
    /// It is stopped: `stopped.breaker_open`.
    Reject,
    /// It asks again when a probe of this epoch has given its permit back.
    Wait(NonZeroU32),
}

/// The state of a breaker, without what it remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BreakerStateKind {
    /// Everything passes.
    Closed,
    /// Nothing passes.
    Open,
    /// A few probes pass.
    HalfOpen,
}

impl BreakerStateKind {
    /// The name in scenarios and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// What made a breaker change its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// The share of failures in the window, or among the probes.
    FailureRate,
    /// The share of slow calls in the window, or among the probes.
    SlowRate,
    /// The number of failures in the window.
    Failures,
    /// The failures in a row.
    Run,
    /// The expression over the counts.
    Expression,
    /// Failed probes.
    ProbeFailed,
    /// The probes did well enough.
    ProbesSucceeded,
    /// The cool-down was over.
    WaitOver,
    /// The probes took too long.
    ProbesTooLong,
    /// A result that says nothing about the callee, but decides half-open.
    Ignored,
    /// A success of a call from before closed an open breaker.
    LateSuccess,
    /// A health check holds it open.
    CheckFailed,
    /// A health check lets go of it.
    CheckPassed,
    /// Another instance came into the place of the one that it guarded.
    Replaced,
}

impl Why {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FailureRate => "failure_rate",
            Self::SlowRate => "slow_call_rate",
            Self::Failures => "failures",
            Self::Run => "consecutive_failures",
            Self::Expression => "expression",
            Self::ProbeFailed => "probe_failed",
            Self::ProbesSucceeded => "probes_succeeded",
            Self::WaitOver => "wait_over",
            Self::ProbesTooLong => "probes_too_long",
            Self::Ignored => "uncounted_probe",
            Self::LateSuccess => "late_success",
            Self::CheckFailed => "check_failed",
            Self::CheckPassed => "check_passed",
            Self::Replaced => "replaced",
        }
    }
}

/// A change of state, and the figures that decided it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Old state.
    pub from: BreakerStateKind,
    /// New state.
    pub to: BreakerStateKind,
    /// When it changed: now, or earlier if a timer or a tick did it.
    pub at: SimTime,
    /// What made it change.
    pub why: Why,
    /// Failures, or slow calls where these decided, among the results looked at \[results\]; 0 when
    /// no result decided.
    pub failures: u32,
    /// Results looked at: those in the window, or those of the probes \[results\]; 0 when no result
    /// decided.
    pub results: u32,
    /// How long it is to stay open; zero when it did not open.
    pub wait: SimDuration,
    /// Which settings made that so long.
    pub by: AppliedSet,
}

/// What results and looks did that changed no state, since it was last asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    /// Looks at which the trip rule would have opened without its minimum of calls \[count\].
    pub held_back: u32,
    /// Late results that were taken into account \[count\].
    pub late_used: u32,
    /// Late results that were not \[count\].
    pub late_ignored: u32,
    /// Results that said nothing about the callee \[count\].
    pub uncounted: u32,
}

impl Remarks {
    /// Nothing to tell.
    pub const NONE: Self = Self {
        held_back: 0,
        late_used: 0,
        late_ignored: 0,
        uncounted: 0,
    };

    /// Each with how often.
    pub fn iter(self) -> impl Iterator<Item = (Applied, u32)> {
        let all = [
            (Applied::HeldBackByMinimum, self.held_back),
            (Applied::LateResultUsed, self.late_used),
            (Applied::LateResultIgnored, self.late_ignored),
            (Applied::UncountedResult, self.uncounted),
        ];
        all.into_iter().filter(|&(_, times)| times > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permit_comes_back_whole() {
        for epoch in [1, 2, LAST_EPOCH] {
            for probe in [false, true] {
                let permit = Permit {
                    at: SimTime::from_ns(7),
                    epoch: NonZeroU32::new(epoch).unwrap(),
                    probe,
                };
                let (at, ticket) = permit.split();
                assert_eq!(Permit::joined(at, ticket), permit);
            }
        }
        assert_eq!(size_of::<Option<BreakerTicket>>(), 4);
    }
}

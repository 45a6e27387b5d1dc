//! What an outcome says about the callee: that it is ill, that it is well, that it is slow, or
//! nothing.
//!
//! A timeout is a failure of the callee; a call that its caller gave up is news about the caller.
//! Most libraries force every end of a call into success or failure all the same, and differ in
//! which, so that a cancelled probe closes one breaker, opens another and wedges a third.
//!
//! The rule: an outcome among `failures` failed; one that is `ignored`, and `cancelled` always, says
//! nothing and does what [`Neutral`] says, which may be another thing for what is ignored than for
//! what was cancelled: to gobreaker and pybreaker a cancelled call is an error like any other, and an
//! ignored one a success. Every other outcome is a success. A result is slow if it took longer than
//! `slow_after`, whether it failed or not.

use crate::policy::{Outcome, OutcomeSet};
use crate::time::SimDuration;

/// What outcomes mean to a breaker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counting {
    /// What counts as failure; the default is [`OutcomeSet::failures`] (rule 29).
    pub failures: OutcomeSet,
    /// What says nothing, besides `cancelled` (resilience4j's `ignoreExceptions`); default: nothing.
    pub ignored: OutcomeSet,
    /// What a cancelled call does.
    pub neutral: Neutral,
    /// What a call does whose outcome is `ignored`; never [`Neutral::Failure`].
    pub ignored_as: Neutral,
    /// Longer than this is slow (resilience4j: 60 s); [`SimDuration::MAX`]: nothing is.
    pub slow_after: SimDuration,
}

/// What a result does that says nothing about the callee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Neutral {
    /// It gives its permit back, so that another probe may go (resilience4j, Finagle); the default.
    Release,
    /// It counts as a success: a cancelled probe closes (Polly 8, Python's `circuitbreaker`).
    Success,
    /// It counts as a failure (what is cancelled, in gobreaker, pybreaker, failsafe-go).
    Failure,
    /// It is not counted, but a probe fails by it (Hystrix).
    FailedProbe,
    /// It is not counted, but a probe closes by it (cockatiel).
    ClosingProbe,
    /// It keeps its permit: no other probe goes, and the breaker stays half open until a result of an
    /// earlier call decides, if one still comes (Linkerd).
    Keep,
}

/// What a result says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The callee did its work, or did not; slowly or not.
    Result { failed: bool, slow: bool },
    /// Nothing about the callee.
    Nothing(Ignored),
}

/// What an uncounted result does to a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ignored {
    Releases,
    FailsProbe,
    Closes,
    Keeps,
}

impl Counting {
    /// Failures as usual; what was cancelled gives its permit back; nothing is slow.
    pub fn usual() -> Self {
        Self {
            failures: OutcomeSet::failures(),
            ignored: OutcomeSet::EMPTY,
            neutral: Neutral::Release,
            ignored_as: Neutral::Release,
            slow_after: SimDuration::MAX,
        }
    }

    pub(super) fn read(&self, outcome: Outcome, took: SimDuration) -> Reading {
        let slow = took > self.slow_after;
        let neutral = if self.ignored.contains(outcome) {
            self.ignored_as
        } else if outcome == Outcome::Cancelled {
            self.neutral
        } else {
            let failed = self.failures.contains(outcome);
            return Reading::Result { failed, slow };
        };
        match neutral {
            Neutral::Release => Reading::Nothing(Ignored::Releases),
            Neutral::Success => Reading::Result {
                failed: false,
                slow,
            },
            Neutral::Failure => Reading::Result { failed: true, slow },
            Neutral::FailedProbe => Reading::Nothing(Ignored::FailsProbe),
            Neutral::ClosingProbe => Reading::Nothing(Ignored::Closes),
            Neutral::Keep => Reading::Nothing(Ignored::Keeps),
        }
    }
}

//! Whether to try again.
//!
//! A retry is a question asked at the instant of a failure, with three ways to say no. The order
//! of the questions decides which reason is reported, so it is fixed: the outcome first, because
//! what is not to be retried would not be with passes left either; then the passes; then the time.
//!
//! The rule: an outcome in `on` is tried again while fewer than `max_attempts` passes were made and
//! less than `max_elapsed` has passed since the call entered the layer (rule 9). A pass that an own
//! layer stopped has used up one of them (rule 2). Three questions need more and come after these:
//! whether the operation may be done twice, whether the callee forbids it, and whether the delay
//! would end too late. A budget is
//! asked last, so that nothing is taken from it in vain.
//!
//! `max_elapsed` stops at the limit, as tenacity's `stop_after_delay` does, so that the last delay
//! may end after it; with [`Overshoot::Refuse`] a delay that would end at it or later is not begun
//! (tenacity's `stop_before_delay`; cenkalti/backoff in Dapr, where ending exactly at the limit is
//! allowed). The delay is then drawn for a pass that never comes, which moves no other draw, since
//! each has a key of its own.
//!
//! What must not be done twice is left alone by nginx (`proxy_next_upstream` without
//! `non_idempotent`) once the request was sent; most other libraries leave that to the user.

use super::{NonIdempotent, Overshoot, RetryConfig};
use crate::policy::Outcome;
use crate::time::SimDuration;

/// Whether to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum RetryDecision {
    /// After the delay.
    Again,
    /// No: the outcome goes out as it is.
    Stop(RetryStop),
}

/// Why a retry layer stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RetryStop {
    /// No pass is left.
    AttemptsUsedUp,
    /// The outcome is not one it tries again; every success is such an outcome.
    NotRetryable,
    /// Too much time has passed.
    ElapsedTooLong,
    /// Too much time would have passed after the delay.
    WaitTooLong,
    /// The operation must not be done twice.
    NotIdempotent,
    /// The budget refused another pass.
    Budget,
    /// The callee asked not to be tried again.
    Pushback,
}

impl RetryStop {
    /// All, in their order.
    pub const ALL: [Self; 7] = [
        Self::AttemptsUsedUp,
        Self::NotRetryable,
        Self::ElapsedTooLong,
        Self::WaitTooLong,
        Self::NotIdempotent,
        Self::Budget,
        Self::Pushback,
    ];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AttemptsUsedUp => "attempts_used_up",
            Self::NotRetryable => "not_retryable",
            Self::ElapsedTooLong => "elapsed_too_long",
            Self::WaitTooLong => "wait_too_long",
            Self::NotIdempotent => "not_idempotent",
            Self::Budget => "budget",
            Self::Pushback => "pushback",
        }
    }
}

impl RetryConfig {
    /// Whether to try again after this outcome, with so many passes made (the one that just ended
    /// included) and so much time passed since the call entered the layer.
    pub fn decide(
        &self,
        outcome: Outcome,
        passes_made: u32,
        elapsed: SimDuration,
    ) -> RetryDecision {
        let reason = if !self.on.contains(outcome) {
            RetryStop::NotRetryable
        } else if passes_made >= self.max_attempts {
            RetryStop::AttemptsUsedUp
        } else if elapsed >= self.max_elapsed {
            RetryStop::ElapsedTooLong
        } else {
            return RetryDecision::Again;
        };
        RetryDecision::Stop(reason)
    }

    /// Whether a failure is not tried again because the operation must not be done twice;
    /// `repeatable` says whether it may, and is asked only if that matters.
    pub fn skips(&self, outcome: Outcome, repeatable: impl FnOnce() -> bool) -> bool {
        match self.non_idempotent {
            NonIdempotent::Retry => false,
            NonIdempotent::Skip => outcome.was_sent() && !repeatable(),
        }
    }

    /// Whether a delay would end too late.
    pub fn overshoots(&self, elapsed: SimDuration, delay: SimDuration) -> bool {
        match self.overshoot {
            Overshoot::Allow => false,
            Overshoot::Refuse => elapsed + delay >= self.max_elapsed,
        }
    }
}

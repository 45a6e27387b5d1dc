//! Whether to try again.
//!
//! A retry is a question asked at the instant of a failure, with three ways to say no. The order
//! of the questions decides which reason is reported, so it is fixed: the outcome first, because
//! what is not to be retried would not be with passes left either; then the passes; then the time.
//!
//! The rule: an outcome in `on` is tried again while fewer than `max_attempts` passes were made and
//! less than `max_elapsed` has passed since the call entered the layer (rule 9). A pass that an own
//! layer stopped has used up one of them (rule 2).
//!
//! `max_elapsed` stops at the limit, as tenacity's `stop_after_delay` does. Rejected: stopping when
//! the *next* delay would end after it (cenkalti/backoff in Dapr, tenacity's `stop_before_delay`),
//! which needs the delay before the decision, and so a draw for a pass that never comes.

use super::RetryConfig;
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
}

impl RetryStop {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AttemptsUsedUp => "attempts_used_up",
            Self::NotRetryable => "not_retryable",
            Self::ElapsedTooLong => "elapsed_too_long",
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
}

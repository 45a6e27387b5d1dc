//! What the callee asked for: a hint not to come back before some time has passed, or not at all.
//!
//! A callee that turns work away knows better than its callers how long it needs. HTTP says it in
//! `Retry-After` (RFC 9110, with 503 and 429), gRPC in `grpc-retry-pushback-ms`, AWS in
//! `x-amz-retry-after`.
//!
//! The rule: without a hint the delay is that of the backoff. With one it stays (*ignore*), becomes
//! the larger of both, but only so much larger (*raise*), or becomes the hint (*replace*). A
//! *pushback* is what is waited too, and the backoff begins anew after it: the callee has said what
//! it needs, so that what was guessed before is worth nothing. Only pushback knows *never*, which
//! ends the retry and counts as a failure in its budget, whatever the outcome.
//!
//! Sources: `ShouldRetryAfterHeader` of Microsoft.Extensions.Http.Resilience replaces; botocore
//! raises by at most 5 s; gRFC A6 and `shouldRetry` of grpc-go push back; resilience4j, Spring Retry
//! and Dapr have no such thing. A replaced delay is neither spread nor capped, as there: all callers
//! that were turned away together return together, which the hint of a real service had better take
//! into account.

use super::{BackoffMemory, RetryAfter, RetryConfig, RetryHint};
use crate::policy::{Applied, AppliedSet};
use crate::time::SimDuration;

impl RetryConfig {
    /// Whether the callee asked never to be tried again, and this retry heeds that.
    pub fn is_turned_away(&self, hint: Option<RetryHint>) -> bool {
        matches!(
            (self.retry_after, hint),
            (RetryAfter::Pushback, Some(RetryHint::Never))
        )
    }

    /// What is waited before the `retry`-th retry, counted from 1, when the backoff says `planned`
    /// and the callee asked for `hint`; with what made it so long. Where a hint is what is waited,
    /// it is all that counts; where it begins the backoff anew, `memory` takes note of it.
    pub fn wait_by(
        &self,
        retry: u32,
        planned: (SimDuration, AppliedSet),
        hint: Option<SimDuration>,
        memory: &mut BackoffMemory,
    ) -> (SimDuration, AppliedSet) {
        let (delay, by) = planned;
        if hint.is_some() && self.retry_after == RetryAfter::Pushback {
            memory.begin_anew(self.jitter, retry);
        }
        let wait = self.wait(delay, hint);
        let by = match (self.retry_after, hint) {
            (RetryAfter::Replace | RetryAfter::Pushback, Some(_)) => {
                AppliedSet::of(Applied::ReplacedByRetryAfter)
            }
            (RetryAfter::Raise { .. }, Some(_)) if wait > delay => {
                AppliedSet::of(Applied::RaisedByRetryAfter)
            }
            (RetryAfter::Ignore | RetryAfter::Raise { .. }, _) | (_, None) => by,
        };
        (wait, by)
    }

    /// What is waited when the backoff says `delay` and the callee asked for `hint`.
    pub fn wait(&self, delay: SimDuration, hint: Option<SimDuration>) -> SimDuration {
        let Some(hint) = hint else { return delay };
        match self.retry_after {
            RetryAfter::Ignore => delay,
            RetryAfter::Raise { at_most } => delay.max(hint.min(delay + at_most)),
            RetryAfter::Replace | RetryAfter::Pushback => hint,
        }
    }

    /// Which delay of the backoff the `retry`-th retry waits: the same one, unless the backoff has
    /// begun anew since.
    pub(super) fn place(&self, retry: u32, memory: BackoffMemory) -> u32 {
        match self.retry_after {
            RetryAfter::Pushback => memory.since_begun_anew(self.jitter, retry),
            RetryAfter::Ignore | RetryAfter::Raise { .. } | RetryAfter::Replace => retry,
        }
    }
}

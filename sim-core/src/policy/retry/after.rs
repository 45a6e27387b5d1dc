//! What the callee asked for: a hint not to come back before some time has passed.
//!
//! A callee that turns work away knows better than its callers how long it needs. HTTP says it in
//! `Retry-After` (RFC 9110, with 503 and 429), gRPC in `grpc-retry-pushback-ms`, AWS in
//! `x-amz-retry-after`.
//!
//! The rule: without a hint the delay is that of the backoff. With one it stays (*ignore*), becomes
//! the larger of both, but only so much larger (*raise*), or becomes the hint (*replace*).
//!
//! Sources: `ShouldRetryAfterHeader` of Microsoft.Extensions.Http.Resilience replaces; botocore
//! raises by at most 5 s; resilience4j, Spring Retry and Dapr have no such thing. A replaced delay
//! is neither spread nor capped, as there: all callers that were turned away together return
//! together, which the hint of a real service had better take into account.

use super::RetryConfig;
use crate::time::SimDuration;

/// What a hint of the callee does to the delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// Nothing.
    Ignore,
    /// It is the least that is waited.
    Raise {
        /// The delay grows by at most this much; default unlimited (AWS SDK: 5 s).
        at_most: SimDuration,
    },
    /// It is what is waited.
    Replace,
}

impl RetryConfig {
    /// What is waited when the backoff says `delay` and the callee asked for `hint`.
    pub fn wait(&self, delay: SimDuration, hint: Option<SimDuration>) -> SimDuration {
        let Some(hint) = hint else { return delay };
        match self.retry_after {
            RetryAfter::Ignore => delay,
            RetryAfter::Raise { at_most } => delay.max(hint.min(delay + at_most)),
            RetryAfter::Replace => hint,
        }
    }
}

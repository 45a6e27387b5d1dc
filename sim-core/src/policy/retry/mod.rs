//! Retry: when to try again, and how long to wait before.
//!
//! A retry turns bad luck into a second chance, and an overload into a larger overload. Both
//! depend on four things: how often, for which outcomes, how long to wait, and how the waiting is
//! spread, since callers that failed together and wait alike return together.
//!
//! The rule: when a pass fails, it is decided at that very instant whether to try again: the
//! outcome is one to retry, a pass is left, and not too much time has passed (rule 9). Then the
//! delay is waited, counted from the failure. The retry does not look ahead to a timeout outside.
//! `max_attempts` counts passes in all, the first included, as in resilience4j, gRPC and the AWS
//! SDK; Polly, Envoy and Dapr count retries, which is one less.
//!
//! - [`Backoff`]: the delay before it is spread (`backoff.rs`).
//! - [`Jitter`]: how it is spread (`jitter.rs`).
//! - [`RetryConfig::decide`]: whether to try again (`decide.rs`).
//! - [`RetryConfig::longest_delays`]: what it can amount to (`bounds.rs`).
//!
//! Rejected: retrying what an own layer stopped (resilience4j does unless told otherwise: an open
//! breaker is then hammered in vain), a delay that is cut to fit a deadline (no library does it),
//! and a hidden default for the delay (0 in urllib3, 5 s in Dapr).

mod backoff;
mod bounds;
mod decide;
mod jitter;
#[cfg(test)]
mod tests;

pub use backoff::Backoff;
pub use decide::{RetryDecision, RetryStop};
pub use jitter::{BackoffMemory, Jitter};

use crate::policy::OutcomeSet;
use crate::random::Uniforms;
use crate::time::SimDuration;

/// A retry layer.
///
/// ```
/// use sim_core::policy::{Backoff, BackoffMemory, Jitter, Outcome, OutcomeSet};
/// use sim_core::policy::{RetryConfig, RetryDecision, RetryStop};
/// use sim_core::random::Uniforms;
/// use sim_core::time::{SimDuration, SimTime};
///
/// struct Half;
/// impl Uniforms for Half {
///     fn next_u64(&mut self) -> u64 {
///         1 << 63
///     }
/// }
///
/// let retry = RetryConfig {
///     max_attempts: 3,
///     backoff: Backoff::Exponential {
///         initial: SimDuration::from_millis(100),
///         factor: 2.0,
///         max: SimDuration::from_secs(1),
///     },
///     jitter: Jitter::Full,
///     on: OutcomeSet::retryable(),
///     max_elapsed: SimDuration::MAX,
///     other_instance: false,
/// };
/// let mut clock = SimTime::ZERO;
/// let mut memory = BackoffMemory::default();
/// let mut passes = 1;
/// loop {
///     clock = clock + SimDuration::from_millis(10); // the pass fails after 10 ms
///     match retry.decide(Outcome::ErrorInternal, passes, clock.since(SimTime::ZERO)) {
///         RetryDecision::Again => clock = clock + retry.delay(passes, &mut memory, &mut Half),
///         RetryDecision::Stop(why) => {
///             assert_eq!(why, RetryStop::AttemptsUsedUp);
///             break;
///         }
///     }
///     passes += 1;
/// }
/// // Three passes of 10 ms, and half of 100 ms and of 200 ms.
/// assert_eq!(clock.to_string(), "180ms");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RetryConfig {
    /// Passes in all, the first included \[passes\], at least 1; default 3 (resilience4j, AWS SDK,
    /// Spring Retry).
    pub max_attempts: u32,
    /// The delay before each further pass.
    pub backoff: Backoff,
    /// How the delay is spread; default [`Jitter::Full`] (Envoy, gRPC, AWS SDK).
    pub jitter: Jitter,
    /// Which outcomes are tried again; default [`OutcomeSet::retryable`] (rule 29).
    pub on: OutcomeSet,
    /// No further pass once this much time has passed since the call entered the layer; default
    /// unlimited. A delay that began before may end after it (as in tenacity). Dapr: 15 min.
    pub max_elapsed: SimDuration,
    /// Whether instances that this call has tried are left out while another is left; default no.
    pub other_instance: bool,
}

impl RetryConfig {
    /// How long to wait before the `retry`-th retry, counted from 1, from the failure on.
    ///
    /// Jitter takes exactly one uniform number, after those of a delay that is itself drawn.
    /// No backoff is no delay: nothing is drawn. `memory` belongs to one call and one layer, and
    /// starts as its default.
    pub fn delay<U: Uniforms>(
        &self,
        retry: u32,
        memory: &mut BackoffMemory,
        u: &mut U,
    ) -> SimDuration {
        match self.backoff.before_jitter(retry, u) {
            Some(base) => self.jitter.spread(base, retry, memory, u),
            None => SimDuration::ZERO,
        }
    }
}

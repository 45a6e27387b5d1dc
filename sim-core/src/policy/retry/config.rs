//! The settings of a retry layer.

use super::settings::{Cap, Grain, NonIdempotent, Overshoot, RetryAfter};
use super::{Backoff, BackoffAfter, Jitter};
use crate::id::BudgetId;
use crate::policy::OutcomeSet;
use crate::time::SimDuration;

/// A retry layer.
///
/// ```
/// use sim_core::policy::{Backoff, BackoffMemory, Jitter, Outcome};
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
/// let backoff = Backoff::Exponential {
///     initial: SimDuration::from_millis(100),
///     factor: 2.0,
///     max: SimDuration::from_secs(1),
/// };
/// let retry = RetryConfig::new(3, backoff, Jitter::Full);
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
    /// Another delay after some outcomes; default none.
    pub after: Option<BackoffAfter>,
    /// How the delay is spread; default [`Jitter::Full`] (Envoy, gRPC, AWS SDK).
    pub jitter: Jitter,
    /// Which outcomes are tried again; default [`OutcomeSet::retryable`] (rule 29).
    pub on: OutcomeSet,
    /// Whether `max` holds before the jitter, after it, or both; default both.
    pub cap: Cap,
    /// No delay is shorter, above `max` too, and full jitter spreads from here up; default zero
    /// (tenacity's `min`).
    pub min_wait: SimDuration,
    /// Whether delays are whole milliseconds; default no.
    pub grain: Grain,
    /// Whether the first retry follows at once, whatever the backoff says; default no (urllib3
    /// does).
    pub first_at_once: bool,
    /// What a callee's wish to be left alone for a while does to the delay; default nothing.
    pub retry_after: RetryAfter,
    /// No further pass once this much time has passed since the call entered the layer; default
    /// unlimited. Dapr: 15 min.
    pub max_elapsed: SimDuration,
    /// Whether a delay may end after `max_elapsed`; default it may (tenacity's
    /// `stop_after_delay`).
    pub overshoot: Overshoot,
    /// What becomes of an operation that must not be done twice; default it is retried like any
    /// other.
    pub non_idempotent: NonIdempotent,
    /// Whether instances that this call has tried are left out while another is left; default no.
    pub other_instance: bool,
    /// Who has to grant each further pass; default nobody.
    pub budget: Option<BudgetId>,
}

impl RetryConfig {
    /// So many passes with this backoff and jitter, and the defaults for all the rest.
    pub fn new(max_attempts: u32, backoff: Backoff, jitter: Jitter) -> Self {
        Self {
            max_attempts,
            backoff,
            after: None,
            jitter,
            on: OutcomeSet::retryable(),
            cap: Cap::Both,
            min_wait: SimDuration::ZERO,
            grain: Grain::Exact,
            first_at_once: false,
            retry_after: RetryAfter::Ignore,
            max_elapsed: SimDuration::MAX,
            overshoot: Overshoot::Allow,
            non_idempotent: NonIdempotent::Retry,
            other_instance: false,
            budget: None,
        }
    }
}

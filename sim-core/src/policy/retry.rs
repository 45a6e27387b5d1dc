//! Retry: when to try again, and how long to wait before.

use crate::policy::OutcomeSet;
use crate::random::Dist;
use crate::time::SimDuration;

/// How long to wait before the next pass, before jitter.
#[derive(Clone, Debug, PartialEq)]
pub enum Backoff {
    /// Not at all.
    None,
    /// The same each time; a distribution is drawn anew each time.
    Constant(Dist),
    /// `initial`, then `step` more each time, at most `max`.
    Linear {
        /// The first delay.
        initial: SimDuration,
        /// Added for each further one.
        step: SimDuration,
        /// Upper limit.
        max: SimDuration,
    },
    /// `initial`, then `factor` times as much each time, at most `max`.
    Exponential {
        /// The first delay.
        initial: SimDuration,
        /// Growth per retry, at least 1.
        factor: f64,
        /// Upper limit.
        max: SimDuration,
    },
    /// These delays in turn; the last one repeats.
    List(Vec<Dist>),
}

/// How a delay is spread, so that callers that failed together do not return together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Jitter {
    /// Not at all.
    None,
    /// Uniform in `[0, delay]` (AWS "full jitter", Envoy, gRPC).
    Full,
    /// Uniform in `[delay / 2, delay]` (AWS "equal jitter", Finagle).
    Equal,
    /// Uniform in `[delay × (1 - share), delay × (1 + share)]` (resilience4j, Dapr).
    PlusMinus(f64),
    /// Uniform in `[delay, delay × (1 + share)]` (Linkerd, Spring Retry).
    Additive(f64),
    /// Uniform in `[initial, 3 × previous delay]`, at most `max` (AWS "decorrelated jitter").
    Decorrelated,
    /// The decorrelated jitter V2 of Polly 8: the median follows the exponential, spread smoothly.
    PollyV2,
}

/// A retry layer.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryConfig {
    /// Passes in all, the first included.
    pub max_attempts: u32,
    /// The delay before each further pass.
    pub backoff: Backoff,
    /// How the delay is spread.
    pub jitter: Jitter,
    /// Which outcomes are tried again.
    pub on: OutcomeSet,
    /// No further pass once this much time has passed since the call entered the layer.
    pub max_elapsed: SimDuration,
    /// Whether instances that this call has tried are left out while another is left.
    pub other_instance: bool,
}

//! Resilience policies as pure state machines.

mod balance;
mod breaker;
mod bulkhead;
mod fallback;
mod outcome;
mod retry;
mod timeout;

pub use balance::BalanceConfig;
pub use breaker::{BreakerConfig, HalfOpenRule, LateRule, TripRule, Window};
pub use bulkhead::BulkheadConfig;
pub use fallback::{FallbackAnswer, FallbackConfig};
pub use outcome::{Outcome, OutcomeSet};
pub use retry::{Backoff, Jitter, RetryConfig};
pub use timeout::{OnExpiry, TimeoutConfig};

/// A layer of a policy: one arm per kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// Gives up waiting.
    Timeout(TimeoutConfig),
    /// Tries again.
    Retry(RetryConfig),
    /// Stops calling what keeps failing.
    Breaker(BreakerConfig),
    /// Limits what is under way at once.
    Bulkhead(BulkheadConfig),
    /// Answers in the place of a failure.
    Fallback(FallbackConfig),
}

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
//! - [`RetryConfig::delay`]: both together, with the odd habits of libraries (`delay.rs`).
//! - [`RetryAfter`], [`RetryHint`]: what the callee asked for (`after.rs`).
//! - [`RetryConfig::decide`]: whether to try again (`decide.rs`).
//! - [`RetryConfig::schedule`], [`RetryConfig::delay_ranges`]: all delays of a call (`schedule.rs`).
//! - [`RetryConfig::longest_delays`]: what it can amount to (`bounds.rs`).
//!
//! Rejected: retrying what an own layer stopped (resilience4j does unless told otherwise: an open
//! breaker is then hammered in vain), a delay that is cut to fit a deadline (no library does it),
//! and a hidden default for the delay (0 in urllib3, 5 s in Dapr).

mod after;
mod backoff;
mod bounds;
mod config;
mod decide;
mod delay;
mod jitter;
#[cfg(test)]
mod library_tests;
mod schedule;
mod settings;
#[cfg(test)]
mod tests;

pub use backoff::{Backoff, BackoffAfter};
pub use config::RetryConfig;
pub use decide::{RetryDecision, RetryStop};
pub use jitter::{BackoffMemory, Jitter};
pub use schedule::DelayRange;
pub use settings::{Cap, Grain, NonIdempotent, Overshoot, RetryAfter, RetryHint};

//! Circuit breaker.

mod config;

pub use config::{BreakerConfig, HalfOpenRule, LateRule, TripRule, Window};

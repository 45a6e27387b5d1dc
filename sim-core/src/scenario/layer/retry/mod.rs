//! `retry`: tries again.
//!
//! - `file`: how often, and for what;
//! - `backoff`: how long to wait, and how that is spread;
//! - `compile`: what it comes to.

mod backoff;
mod compile;
mod file;

pub(in crate::scenario) use backoff::BackoffFile;
pub(super) use file::RetryFile;

//! Timeout: gives up waiting, as an attempt's or a whole call's limit, by its place.

use crate::time::SimDuration;

/// A timeout layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeoutConfig {
    /// How long it waits.
    pub after: SimDuration,
    /// What becomes of the pass inside.
    pub on_expiry: OnExpiry,
    /// Whether the attempt carries the deadline to the callee.
    pub propagate: bool,
}

/// What becomes of a pass that was given up (rules 4 and 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnExpiry {
    /// It is abandoned, as an HTTP client does that closes the connection.
    Cancel,
    /// It runs on and keeps what it holds, as a Java future with a time limit does; its result
    /// comes too late.
    Detach,
}

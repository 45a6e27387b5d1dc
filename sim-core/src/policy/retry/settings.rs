//! The small choices of a retry: where its limit stands, how fine a delay is, what hints and dangers
//! it minds. What each does is told where it acts (`delay.rs`, `after.rs`, `decide.rs`).

use crate::time::SimDuration;

/// Which side of the jitter the `max` of the backoff stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cap {
    /// Both: neither the delay nor what was spread exceeds it.
    Both,
    /// Before: the jitter may exceed it (Dapr).
    BeforeJitter,
    /// After: the whole range is spread, then cut (resilience4j, Polly 8).
    AfterJitter,
}

/// How fine a delay is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// As it is, to the nanosecond.
    Exact,
    /// Whole milliseconds, rounded down at each step, at least one (resilience4j).
    Milliseconds,
}

/// One millisecond \[ns\].
const MS: u64 = 1_000_000;

impl Grain {
    /// Drops what is finer.
    #[inline]
    pub(super) fn truncated(self, span: SimDuration) -> SimDuration {
        match self {
            Self::Exact => span,
            Self::Milliseconds => SimDuration::from_ns(span.as_ns() / MS * MS),
        }
    }

    /// Drops what is finer; nothing becomes one millisecond.
    #[inline]
    pub(super) fn rounded(self, span: SimDuration) -> SimDuration {
        match self {
            Self::Exact => span,
            Self::Milliseconds => self.truncated(span).max(SimDuration::from_ns(MS)),
        }
    }

    /// How much further up a symmetric range reaches.
    pub(super) fn reach(self) -> SimDuration {
        match self {
            Self::Exact => SimDuration::ZERO,
            Self::Milliseconds => SimDuration::from_ns(MS),
        }
    }
}

/// Whether a delay may end after `max_elapsed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overshoot {
    /// It may, if it began before.
    Allow,
    /// It may not: the retry stops instead.
    Refuse,
}

/// What becomes of an operation that must not be done twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonIdempotent {
    /// It is retried like any other.
    Retry,
    /// It is not, unless the failure says that no request was sent.
    Skip,
}

/// What the callee asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryHint {
    /// Not to be called before so much time has passed.
    After(SimDuration),
    /// Not to be called again for this call (gRPC: a negative pushback).
    Never,
}

impl RetryHint {
    /// How long it asks not to be called, if it does not ask for ever.
    pub const fn after(self) -> Option<SimDuration> {
        match self {
            Self::After(pause) => Some(pause),
            Self::Never => None,
        }
    }
}

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
    /// It is what is waited, and the backoff begins anew; *never* ends the retry (gRPC).
    Pushback,
}

impl RetryAfter {
    /// Whether a hint of this kind does anything.
    pub const fn minds(self, hint: RetryHint) -> bool {
        match (self, hint) {
            (Self::Ignore, _) | (Self::Raise { .. } | Self::Replace, RetryHint::Never) => false,
            (Self::Raise { .. } | Self::Replace, RetryHint::After(_)) | (Self::Pushback, _) => true,
        }
    }
}

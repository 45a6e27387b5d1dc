//! How long to wait in the end: backoff, limit, jitter, rounding, in the order of a library.
//!
//! Two libraries with the same backoff and the same jitter still wait differently. Where the limit
//! stands decides whether delays pile up at it; whole milliseconds turn short delays into waves.
//!
//! The rule: the delay of the backoff is cut to `max` before it is spread (*before*), or what was
//! spread is cut (*after*), or both. With whole milliseconds every step of the backoff and every
//! delay loses its fraction, and none is shorter than 1 ms; plus-minus jitter then reaches one
//! millisecond further up, so that the top of its range can be drawn. A first retry that follows at
//! once takes no time and draws nothing; the second waits as the second.
//!
//! Sources: `IntervalFunction.java` of resilience4j (whole milliseconds, `max` after the jitter);
//! cenkalti/backoff in Dapr, and gRPC (`max` before the jitter, which may exceed it); Envoy and the
//! AWS SDK (full jitter, where before and both are the same); `Retry.get_backoff_time` of urllib3
//! (nothing, then `factor × 2^(n - 1)`).

use super::{Backoff, BackoffMemory, Jitter, RetryConfig};
use crate::policy::Outcome;
use crate::random::Uniforms;
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
    fn rounded(self, span: SimDuration) -> SimDuration {
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

impl RetryConfig {
    /// How long to wait before the `retry`-th retry, counted from 1, from the failure on.
    ///
    /// The outcome is none of those that have a backoff of their own ([`Self::delay_after`]).
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
        self.delay_by(&self.backoff, retry, memory, u)
    }

    /// The same after this outcome.
    #[inline]
    pub fn delay_after<U: Uniforms>(
        &self,
        outcome: Outcome,
        retry: u32,
        memory: &mut BackoffMemory,
        u: &mut U,
    ) -> SimDuration {
        match &self.after {
            Some(after) if after.on.contains(outcome) => {
                self.delay_by(&after.backoff, retry, memory, u)
            }
            Some(_) | None => self.delay_by(&self.backoff, retry, memory, u),
        }
    }

    #[inline]
    fn delay_by<U: Uniforms>(
        &self,
        backoff: &Backoff,
        retry: u32,
        memory: &mut BackoffMemory,
        u: &mut U,
    ) -> SimDuration {
        let retry = self.place(retry, *memory);
        if self.first_at_once && retry <= 1 {
            return SimDuration::ZERO;
        }
        let Some(base) = backoff.before_jitter(retry, self.grain, u) else {
            return SimDuration::ZERO;
        };
        let base = base.capped(self.cap).at_least(self.min_wait);
        let spread = self.jitter.spread(base, retry, self.grain, memory, u);
        self.grain.rounded(spread).min(base.max).max(base.min)
    }

    /// All backoffs it may wait by.
    pub(super) fn backoffs(&self) -> impl Iterator<Item = &Backoff> {
        let after = self.after.iter().map(|after| &after.backoff);
        std::iter::once(&self.backoff).chain(after)
    }

    /// Whether every retry follows at once.
    pub fn never_waits(&self) -> bool {
        self.backoffs().all(|backoff| self.is_nothing(backoff))
    }

    fn is_nothing(&self, backoff: &Backoff) -> bool {
        let adds = matches!(self.jitter, Jitter::Plus(span) if !span.is_zero());
        if !self.min_wait.is_zero() || adds {
            return matches!(backoff, Backoff::None);
        }
        match backoff {
            Backoff::None => true,
            Backoff::Constant(delay) => delay.mean().is_zero(),
            Backoff::List(delays) => delays.iter().all(|delay| delay.mean().is_zero()),
            Backoff::Linear { initial, step, max } => {
                max.is_zero() || (initial.is_zero() && step.is_zero())
            }
            Backoff::Exponential { initial, max, .. } | Backoff::Fibonacci { initial, max } => {
                max.is_zero() || initial.is_zero()
            }
        }
    }

    /// Whether callers that fail together wait alike.
    pub fn waits_alike(&self) -> bool {
        let constant = self.backoffs().all(|backoff| match backoff {
            Backoff::Constant(delay) => delay.is_constant(),
            Backoff::List(delays) => delays.iter().all(crate::random::Dist::is_constant),
            Backoff::None
            | Backoff::Linear { .. }
            | Backoff::Exponential { .. }
            | Backoff::Fibonacci { .. } => true,
        });
        constant && !self.jitter.spreads()
    }
}

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

use super::backoff::BaseDelay;
use super::{Backoff, BackoffMemory, Cap, Jitter, RetryConfig};
use crate::policy::{Applied, AppliedSet, Outcome};
use crate::random::Uniforms;
use crate::time::SimDuration;

impl RetryConfig {
    /// How long to wait before the `retry`-th retry, counted from 1, from the failure on.
    ///
    /// The outcome is none of those that have a backoff of their own ([`Self::delay_and_why`]).
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
        self.delay_by(&self.backoff, retry, memory, u).0
    }

    /// The same after this outcome, and which settings made it so long.
    #[inline]
    pub fn delay_and_why<U: Uniforms>(
        &self,
        outcome: Outcome,
        retry: u32,
        memory: &mut BackoffMemory,
        u: &mut U,
    ) -> (SimDuration, AppliedSet) {
        match &self.after {
            Some(after) if after.on.contains(outcome) => {
                let (delay, by) = self.delay_by(&after.backoff, retry, memory, u);
                let waits = !self.follows_at_once(retry);
                (delay, by.with_if(waits, Applied::BackoffAfter))
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
    ) -> (SimDuration, AppliedSet) {
        let retry = self.place(retry, *memory);
        if self.follows_at_once(retry) {
            return (SimDuration::ZERO, AppliedSet::NONE);
        }
        match backoff.before_jitter(retry, self.grain, u) {
            Some(raw) => self.delay_from(raw, retry, memory, u),
            None => (SimDuration::ZERO, AppliedSet::NONE),
        }
    }

    /// The delay that the jitter and the limits make of this one.
    #[inline]
    pub(super) fn delay_from<U: Uniforms>(
        &self,
        raw: BaseDelay,
        retry: u32,
        memory: &mut BackoffMemory,
        u: &mut U,
    ) -> (SimDuration, AppliedSet) {
        let base = raw.capped(self.cap).at_least(self.min_wait);
        let spread = self.jitter.spread(base, retry, self.grain, memory, u);
        let rounded = self.grain.rounded(spread);
        let before = self.cap != Cap::AfterJitter && raw.delay >= raw.max;
        let at_maximum = raw.max < SimDuration::MAX && (before || rounded >= base.max);
        let raised = base.delay.min(rounded) < base.min;
        let by = AppliedSet::NONE
            .with_if(at_maximum, Applied::BackoffAtMaximum)
            .with_if(raised, Applied::RaisedToMinWait);
        (rounded.min(base.max).max(base.min), by)
    }

    /// Whether this retry takes no time whatever the backoff.
    #[inline]
    pub(super) const fn follows_at_once(&self, retry: u32) -> bool {
        self.first_at_once && retry <= 1
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
        !self.backoffs().any(Backoff::is_drawn) && !self.jitter.spreads()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{BackoffAfter, OutcomeSet, RetryAfter};

    const fn ms(ms: u64) -> SimDuration {
        SimDuration::from_millis(ms)
    }

    struct Half;

    impl Uniforms for Half {
        fn next_u64(&mut self) -> u64 {
            1 << 63
        }
    }

    fn exponential(jitter: Jitter) -> RetryConfig {
        let backoff = Backoff::Exponential {
            initial: ms(100),
            factor: 2.0,
            max: ms(300),
        };
        RetryConfig::new(9, backoff, jitter)
    }

    #[track_caller]
    fn check(config: &RetryConfig, retry: u32, delay_ms: u64, by: AppliedSet) {
        let mut memory = BackoffMemory::default();
        let failure = Outcome::ErrorInternal;
        let wait = config.delay_and_why(failure, retry, &mut memory, &mut Half);
        assert_eq!(wait, (ms(delay_ms), by), "{config:?}, retry {retry}");
    }

    #[test]
    fn a_delay_says_which_settings_made_it_so_long() {
        let most = AppliedSet::of(Applied::BackoffAtMaximum);
        for cap in [Cap::Both, Cap::BeforeJitter, Cap::AfterJitter] {
            let plain = RetryConfig {
                cap,
                ..exponential(Jitter::None)
            };
            check(&plain, 2, 200, AppliedSet::NONE);
            check(&plain, 3, 300, most);
        }
        check(&exponential(Jitter::Full), 3, 150, most);
        let least = RetryConfig {
            min_wait: ms(150),
            ..exponential(Jitter::None)
        };
        check(&least, 1, 150, AppliedSet::of(Applied::RaisedToMinWait));
        check(&least, 2, 200, AppliedSet::NONE);
        let after = RetryConfig {
            after: Some(BackoffAfter {
                on: OutcomeSet::of(&[Outcome::ErrorInternal]),
                backoff: Backoff::Constant(ms(70).into()),
            }),
            ..exponential(Jitter::None)
        };
        check(&after, 1, 70, AppliedSet::of(Applied::BackoffAfter));
    }

    #[test]
    fn what_the_callee_asked_is_named_where_it_is_waited() {
        let backoff = (ms(100), AppliedSet::of(Applied::BackoffAtMaximum));
        let wait = |retry_after, hint| {
            let config = RetryConfig {
                retry_after,
                ..exponential(Jitter::None)
            };
            config.wait_by(1, backoff, hint, &mut BackoffMemory::default())
        };
        let raise = RetryAfter::Raise {
            at_most: SimDuration::MAX,
        };
        let raised = (ms(250), AppliedSet::of(Applied::RaisedByRetryAfter));
        assert_eq!(wait(raise, Some(ms(250))), raised);
        assert_eq!(wait(raise, Some(ms(50))), backoff);
        let replaced = (ms(50), AppliedSet::of(Applied::ReplacedByRetryAfter));
        assert_eq!(wait(RetryAfter::Replace, Some(ms(50))), replaced);
        assert_eq!(wait(RetryAfter::Pushback, Some(ms(50))), replaced);
        assert_eq!(wait(RetryAfter::Replace, None), backoff);
        assert_eq!(wait(RetryAfter::Ignore, Some(ms(50))), backoff);
    }
}

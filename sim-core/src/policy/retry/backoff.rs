//! How long to wait before the next pass, before jitter.
//!
//! A callee that is down for a moment wants a short wait, one that is overloaded a long one, and
//! a caller cannot tell which it is. Growing delays try the short ones first.
//!
//! The rule: the `n`-th delay, counted from 1, is `initial + (n - 1) × step` or
//! `initial × factor^(n - 1)`, never above `max`; a constant, or the `n`-th of a list whose last
//! entry repeats. A constant or an entry may be a distribution, drawn anew each time: exponential
//! delays are those that queueing theory has results for.
//!
//! Defaults of libraries: resilience4j 500 ms constant; Envoy 25 ms, factor 2, at most ten times as
//! much; Polly 8 2 s constant; Spring Retry 100 ms, factor 2, at most 30 s; Dapr 500 ms, factor
//! 1.5, at most 60 s; AWS SDK 50 ms, factor 2, at most 20 s. Here only `factor: 2` has a default.
//!
//! Rejected: truncating to milliseconds at each step (resilience4j), and delays that count from the
//! start of the failed pass, so that slow failures are retried at once.

use crate::random::{Dist, Uniforms, detmath};
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
        /// Upper limit, of the delay after jitter too.
        max: SimDuration,
    },
    /// `initial`, then `factor` times as much each time, at most `max`.
    Exponential {
        /// The first delay.
        initial: SimDuration,
        /// Growth per retry, at least 1; default 2 (gRPC has no default, Dapr 1.5).
        factor: f64,
        /// Upper limit, of the delay after jitter too.
        max: SimDuration,
    },
    /// These delays in turn; the last one repeats.
    List(Vec<Dist>),
}

/// A delay before jitter, and what a jitter with a memory starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BaseDelay {
    /// The delay of this retry, at most `max`.
    pub delay: SimDuration,
    /// The delay of the first retry; for a constant or a list, this one.
    pub initial: SimDuration,
    /// Upper limit of what is waited.
    pub max: SimDuration,
}

impl BaseDelay {
    const fn unlimited(delay: SimDuration) -> Self {
        Self {
            delay,
            initial: delay,
            max: SimDuration::MAX,
        }
    }
}

impl Backoff {
    /// The delay of the `retry`-th retry, counted from 1; `None` is no delay.
    pub(super) fn before_jitter<U: Uniforms>(&self, retry: u32, u: &mut U) -> Option<BaseDelay> {
        self.base(retry, |dist| dist.sample(u))
    }

    /// The same with `read` in the place of drawing.
    pub(super) fn base(
        &self,
        retry: u32,
        read: impl FnOnce(&Dist) -> SimDuration,
    ) -> Option<BaseDelay> {
        let before = retry.saturating_sub(1);
        let (delay, initial, max) = match self {
            Self::None => return None,
            Self::Constant(dist) => return Some(BaseDelay::unlimited(read(dist))),
            Self::List(delays) => {
                let entry = delays.get(before as usize).or(delays.last())?;
                return Some(BaseDelay::unlimited(read(entry)));
            }
            Self::Linear { initial, step, max } => {
                (*initial + step.times(u64::from(before)), *initial, *max)
            }
            Self::Exponential {
                initial,
                factor,
                max,
            } => (grown(*initial, *factor, before), *initial, *max),
        };
        Some(BaseDelay {
            delay: delay.min(max),
            initial,
            max,
        })
    }
}

/// `initial × factor^times`; saturates.
fn grown(initial: SimDuration, factor: f64, times: u32) -> SimDuration {
    if times == 0 {
        return initial;
    }
    initial.scaled(detmath::pow(factor, f64::from(times)))
}

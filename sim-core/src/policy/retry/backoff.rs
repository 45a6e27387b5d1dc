//! How long to wait before the next pass, before jitter.
//!
//! A callee that is down for a moment wants a short wait, one that is overloaded a long one, and
//! a caller cannot tell which it is. Growing delays try the short ones first.
//!
//! The rule: the `n`-th delay, counted from 1, is `initial + (n - 1) × step`,
//! `initial × factor^(n - 1)` or `initial × F(n)` with the Fibonacci numbers 1, 1, 2, 3, 5, …; a
//! constant, or the `n`-th of a list whose last entry repeats. `max` limits it as `cap` says. A constant or an entry may be a distribution, drawn anew each time: exponential
//! delays are those that queueing theory has results for.
//!
//! Defaults of libraries: resilience4j 500 ms constant; Envoy 25 ms, factor 2, at most ten times as
//! much; Polly 8 2 s constant; Spring Retry 100 ms, factor 2, at most 30 s; Dapr 500 ms, factor
//! 1.5, at most 60 s; AWS SDK 50 ms, factor 2, at most 20 s, and 1 s after throttling
//! ([`BackoffAfter`]). Here only `factor: 2` has a default.
//!
//! Fibonacci grows by about 1.6 each time, as in tokio-retry. Rejected: delays that count from the
//! start of the failed pass, so that slow failures are retried at once, and the older formula of
//! Envoy, `(2^n - 1) × base` with full jitter, which a list says as well.

use super::{Cap, Grain};
use crate::policy::OutcomeSet;
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
        /// Upper limit, as `cap` says.
        max: SimDuration,
    },
    /// `initial`, then `factor` times as much each time, at most `max`.
    Exponential {
        /// The first delay.
        initial: SimDuration,
        /// Growth per retry, at least 1; default 2 (gRPC has no default, Dapr 1.5).
        factor: f64,
        /// Upper limit, as `cap` says.
        max: SimDuration,
    },
    /// `initial` times the Fibonacci numbers 1, 1, 2, 3, 5, …
    Fibonacci {
        /// The first delay, and the second.
        initial: SimDuration,
        /// Upper limit, as `cap` says.
        max: SimDuration,
    },
    /// These delays in turn; the last one repeats.
    List(Vec<Dist>),
}

/// Another backoff after some outcomes (AWS SDK: 1 s instead of 50 ms after throttling).
///
/// It is the same retry, so its number and its jitter go on: the third retry waits the third delay,
/// of whichever backoff.
#[derive(Clone, Debug, PartialEq)]
pub struct BackoffAfter {
    /// After which.
    pub on: OutcomeSet,
    /// How long to wait then.
    pub backoff: Backoff,
}

/// A delay before jitter, and what a jitter with a memory starts from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BaseDelay {
    /// The delay of this retry.
    pub delay: SimDuration,
    /// The delay of the first retry; for a constant or a list, this one.
    pub initial: SimDuration,
    /// Upper limit of what is waited.
    pub max: SimDuration,
    /// Lower limit of what is waited, which wins over the upper one.
    pub min: SimDuration,
    /// Growth per retry of an exponential backoff; 1 for the others.
    pub factor: f64,
}

impl BaseDelay {
    const fn unlimited(delay: SimDuration) -> Self {
        Self {
            delay,
            initial: delay,
            max: SimDuration::MAX,
            min: SimDuration::ZERO,
            factor: 1.0,
        }
    }

    /// With a lower limit of what is waited in the end.
    #[inline]
    pub(super) fn at_least(self, min: SimDuration) -> Self {
        Self { min, ..self }
    }

    /// With the limit on one side of the jitter, or on both.
    #[inline]
    pub(super) fn capped(self, cap: Cap) -> Self {
        match cap {
            Cap::Both => Self {
                delay: self.delay.min(self.max),
                ..self
            },
            Cap::BeforeJitter => Self {
                delay: self.delay.min(self.max),
                max: SimDuration::MAX,
                ..self
            },
            Cap::AfterJitter => self,
        }
    }
}

impl Backoff {
    /// The distribution of the `retry`-th delay, counted from 1; none if a formula gives it.
    pub(super) fn dist(&self, retry: u32) -> Option<&Dist> {
        match self {
            Self::Constant(dist) => Some(dist),
            Self::List(delays) => {
                let before = retry.saturating_sub(1);
                delays.get(before as usize).or(delays.last())
            }
            Self::None
            | Self::Linear { .. }
            | Self::Exponential { .. }
            | Self::Fibonacci { .. } => None,
        }
    }

    /// Whether a delay is drawn before jitter.
    pub fn is_drawn(&self) -> bool {
        match self {
            Self::Constant(delay) => !delay.is_constant(),
            Self::List(delays) => delays.iter().any(|delay| !delay.is_constant()),
            Self::None
            | Self::Linear { .. }
            | Self::Exponential { .. }
            | Self::Fibonacci { .. } => false,
        }
    }

    /// The `nth` wait, counted from 1, as it is before any jitter, at most its limit: for whoever waits
    /// longer each time and is no retry.
    pub fn wait<U: Uniforms>(&self, nth: u32, u: &mut U) -> SimDuration {
        let base = self.before_jitter(nth, Grain::Exact, u);
        base.map_or(SimDuration::ZERO, |base| base.delay.min(base.max))
    }

    /// The delay of the `retry`-th retry, counted from 1; `None` is no delay.
    pub(super) fn before_jitter<U: Uniforms>(
        &self,
        retry: u32,
        grain: Grain,
        u: &mut U,
    ) -> Option<BaseDelay> {
        self.base(retry, grain, |dist| dist.sample(u))
    }

    /// The same with `read` in the place of drawing.
    #[expect(
        clippy::inline_always,
        reason = "most of it depends on the kind of backoff"
    )]
    #[inline(always)]
    pub(super) fn base(
        &self,
        retry: u32,
        grain: Grain,
        read: impl FnOnce(&Dist) -> SimDuration,
    ) -> Option<BaseDelay> {
        let before = retry.saturating_sub(1);
        let (delay, initial, max) = match self {
            Self::None => return None,
            Self::Constant(_) | Self::List(_) => {
                return Some(BaseDelay::unlimited(read(self.dist(retry)?)));
            }
            Self::Linear { initial, step, max } => {
                (*initial + step.times(u64::from(before)), *initial, *max)
            }
            Self::Exponential {
                initial,
                factor,
                max,
            } => (grown(*initial, *factor, before, grain), *initial, *max),
            Self::Fibonacci { initial, max } => {
                (initial.times(fibonacci(before + 1)), *initial, *max)
            }
        };
        let factor = match self {
            Self::Exponential { factor, .. } => *factor,
            Self::None
            | Self::Constant(_)
            | Self::List(_)
            | Self::Linear { .. }
            | Self::Fibonacci { .. } => 1.0,
        };
        Some(BaseDelay {
            delay: grain.truncated(delay),
            initial,
            max,
            min: SimDuration::ZERO,
            factor,
        })
    }
}

/// `initial × factor^times`; saturates. Whole milliseconds lose their fraction at each step.
#[inline]
fn grown(initial: SimDuration, factor: f64, times: u32, grain: Grain) -> SimDuration {
    match times {
        0 => initial,
        1 if grain == Grain::Exact => initial.scaled(factor),
        _ => grown_further(initial, factor, times, grain),
    }
}

#[inline(never)]
fn grown_further(initial: SimDuration, factor: f64, times: u32, grain: Grain) -> SimDuration {
    match grain {
        Grain::Exact => initial.scaled(detmath::pow(factor, f64::from(times))),
        Grain::Milliseconds => {
            let mut delay = grain.truncated(initial);
            for _ in 0..times {
                let next = grain.truncated(delay.scaled(factor));
                if next == delay {
                    return delay;
                }
                delay = next;
            }
            delay
        }
    }
}

/// The `n`-th Fibonacci number, from 1; saturates.
fn fibonacci(n: u32) -> u64 {
    let (mut this, mut next) = (1_u64, 1_u64);
    for _ in 1..n {
        if this == u64::MAX {
            break;
        }
        (this, next) = (next, this.saturating_add(next));
    }
    this
}

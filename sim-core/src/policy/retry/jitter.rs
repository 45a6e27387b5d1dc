//! How a delay is spread, so that callers that failed together do not return together.
//!
//! A thousand callers fail in the same instant and all wait 100 ms: the callee that could not bear
//! them once meets them all again. Spreading the delays is what breaks the wave, more than making
//! them longer does.
//!
//! The rule: one uniform number in (0, 1) chooses a place in a range around the delay; the `max` of
//! the backoff limits it as `cap` says. *Decorrelated* and *Polly V2* do not spread the
//! delay of the backoff but walk by themselves from its `initial` to its `max`; they remember one
//! number from retry to retry.
//!
//! Sources: full, equal and decorrelated from "Exponential Backoff And Jitter" (AWS Architecture
//! Blog, 2015); Polly V2 from `RetryHelper.cs` of Polly 8, where it is what `Exponential` with
//! jitter means; plus-minus from resilience4j (50 %) and Polly's constant and linear delays (25 %);
//! additive from Linkerd and Spring Retry (`next × (1 + U × (multiplier - 1))`). What cockatiel
//! calls *half* jitter, `[delay / 2, delay)`, is AWS's equal, but cut to whole milliseconds, as is
//! its full jitter. Default: full, which the AWS article
//! found to cause the least work.

use super::Grain;
use super::backoff::BaseDelay;
use crate::random::{Uniforms, detmath};
use crate::time::SimDuration;

/// How a delay is spread, so that callers that failed together do not return together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Jitter {
    /// Not at all.
    None,
    /// Uniform in `[0, delay]` (AWS "full jitter", Envoy, gRPC).
    Full,
    /// Uniform in `[delay / 2, delay]` (AWS "equal jitter", Finagle; cockatiel's half jitter).
    Equal,
    /// Uniform in `[delay × (1 - share), delay × (1 + share)]` (resilience4j, Dapr).
    PlusMinus(f64),
    /// Uniform in `[delay, delay × (1 + share)]` (Linkerd, Spring Retry).
    Additive(f64),
    /// Uniform in `[initial, 3 × previous delay]`, at most `max` (AWS "decorrelated jitter"). The
    /// delay before the first is `initial`; `step` and `factor` of the backoff play no part.
    Decorrelated,
    /// The decorrelated jitter V2 of Polly 8: the median follows the exponential, spread smoothly.
    /// It always doubles; `step` and `factor` of the backoff play no part.
    PollyV2,
    /// The same, but it grows by the `factor` of the backoff (cockatiel's `exponent`).
    Cockatiel,
    /// `Full`, cut to whole milliseconds, which may leave nothing (cockatiel's full jitter; Envoy,
    /// whose draw is a whole number below the interval).
    CockatielFull,
    /// `Equal`, cut to whole milliseconds (cockatiel's half jitter).
    CockatielHalf,
    /// Uniform in `[delay, delay + span]`, whatever the delay (tenacity's
    /// `wait_exponential_jitter`, urllib3's `backoff_jitter`).
    Plus(SimDuration),
}

/// What a jitter remembers of one call from retry to retry.
///
/// If the kind of jitter is changed during a call, its next delay starts from a number of the other
/// kind; the limits hold for it too, and the delay after it is regular again.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BackoffMemory(
    /// Decorrelated: the previous delay \[ns\]. Polly V2: the previous place on its curve. 0: none.
    /// Others: retries before the backoff began anew \[count\].
    f64,
);

impl BackoffMemory {
    /// No delay so far.
    pub(crate) const EMPTY: Self = Self(0.0);

    /// The backoff begins anew after this retry.
    pub(super) fn begin_anew(&mut self, jitter: Jitter, retry: u32) {
        self.0 = if jitter.walks() {
            0.0
        } else {
            f64::from(retry)
        };
    }

    /// How many retries there were since then, this one included, at least 1. Decorrelated asks for
    /// no number; with the others that walk the backoff cannot begin anew.
    pub(super) fn since_begun_anew(self, jitter: Jitter, retry: u32) -> u32 {
        if jitter.walks() {
            return retry;
        }
        // A cast saturates.
        retry.saturating_sub(self.0 as u32).max(1)
    }
}

/// Polly: how fast it grows, for which it has no setting.
const DOUBLING: f64 = 2.0;
/// Polly: steepness of the curve at its start.
const POLLY_P_FACTOR: f64 = 4.0;
/// Polly: brings the median of the first delay to the base.
const POLLY_SCALING: f64 = 1.0 / 1.4;

impl Jitter {
    /// Whether it goes its own way from retry to retry, for which it remembers where it is.
    pub const fn walks(self) -> bool {
        match self {
            Self::Decorrelated | Self::PollyV2 | Self::Cockatiel => true,
            Self::None
            | Self::Full
            | Self::Equal
            | Self::PlusMinus(_)
            | Self::Additive(_)
            | Self::CockatielFull
            | Self::CockatielHalf
            | Self::Plus(_) => false,
        }
    }

    /// Whether two draws can give two delays.
    pub(super) fn spreads(self) -> bool {
        match self {
            Self::None => false,
            Self::PlusMinus(share) | Self::Additive(share) => share > 0.0,
            Self::Plus(span) => !span.is_zero(),
            Self::Full
            | Self::Equal
            | Self::Decorrelated
            | Self::PollyV2
            | Self::Cockatiel
            | Self::CockatielFull
            | Self::CockatielHalf => true,
        }
    }

    /// The delay to wait, from one uniform number.
    pub(super) fn spread<U: Uniforms>(
        self,
        base: BaseDelay,
        retry: u32,
        grain: Grain,
        memory: &mut BackoffMemory,
        u: &mut U,
    ) -> SimDuration {
        let delay = if let Self::None = self {
            base.delay
        } else {
            self.spread_by(base, retry, grain, memory, u.open01())
        };
        delay.min(base.max)
    }

    /// The same from this number.
    #[expect(clippy::inline_always, reason = "in one place")]
    #[inline(always)]
    fn spread_by(
        self,
        base: BaseDelay,
        retry: u32,
        grain: Grain,
        memory: &mut BackoffMemory,
        u: f64,
    ) -> SimDuration {
        match self {
            Self::None => base.delay,
            Self::Full => base.min + base.delay.saturating_sub(base.min).scaled(u),
            Self::Equal => base.delay.scaled(between(0.5, 1.0, u)),
            Self::PlusMinus(share) => match grain {
                Grain::Exact => {
                    let factor = between(1.0 - share, 1.0 + share, u);
                    base.delay.scaled(factor)
                }
                Grain::Milliseconds => around(base.delay, share, grain, u),
            },
            Self::Additive(share) => base.delay.scaled(between(1.0, 1.0 + share, u)),
            Self::CockatielFull => cut(base.delay.as_ns_f64() * u),
            Self::CockatielHalf => {
                let delay = base.delay.as_ns_f64();
                #[expect(clippy::manual_midpoint, reason = "in the library's own steps")]
                let half = (delay + u * delay) / 2.0;
                cut(half)
            }
            Self::Plus(span) => base.delay + span.scaled(u),
            Self::Decorrelated => decorrelated(base, memory, u),
            Self::PollyV2 => polly_v2(base, DOUBLING, retry, memory, u),
            Self::Cockatiel => polly_v2(base, base.factor, retry, memory, u),
        }
    }
}

fn between(low: f64, high: f64, u: f64) -> f64 {
    low + (high - low) * u
}

/// Whole milliseconds of so many nanoseconds, the fraction lost before these are rounded.
fn cut(ns: f64) -> SimDuration {
    SimDuration::from_sampled_ns((ns / 1e6).floor() * 1e6)
}

/// `uniform(delay × (1 - share), delay × (1 + share) + 1 ms)` in whole milliseconds; the fraction
/// goes before nanoseconds are rounded, so that the top of the range is never reached.
fn around(delay: SimDuration, share: f64, grain: Grain, u: f64) -> SimDuration {
    let (delay, reach) = (delay.as_ns_f64(), grain.reach().as_ns_f64());
    let (low, high) = (delay * (1.0 - share), delay * (1.0 + share) + reach);
    let ms = (between(low, high, u) / 1e6).floor();
    SimDuration::from_sampled_ns(ms * 1e6)
}

/// `min(max, uniform(initial, 3 × previous))`.
fn decorrelated(base: BaseDelay, memory: &mut BackoffMemory, u: f64) -> SimDuration {
    let initial = base.initial.as_ns_f64();
    // The previous delay is none before the first retry, and may be less than a drawn `initial`.
    let previous = memory.0.max(initial);
    let delay = SimDuration::from_sampled_ns(between(initial, 3.0 * previous, u)).min(base.max);
    memory.0 = delay.as_ns_f64();
    delay
}

/// The step on Polly's curve from the place of the previous retry to the place of this one.
fn polly_v2(
    base: BaseDelay,
    factor: f64,
    retry: u32,
    memory: &mut BackoffMemory,
    u: f64,
) -> SimDuration {
    let place = polly_curve(f64::from(retry.saturating_sub(1)) + u, factor);
    let step = polly_step(memory.0, place);
    memory.0 = place;
    base.initial.scaled(step * POLLY_SCALING)
}

/// The way from one place on the curve to another; past the thousandth retry both are infinite,
/// and so is the way.
fn polly_step(from: f64, to: f64) -> f64 {
    let step = to - from;
    if step.is_nan() { f64::INFINITY } else { step }
}

/// `factor^t × tanh(√(4t))`.
fn polly_curve(t: f64, factor: f64) -> f64 {
    detmath::pow(factor, t) * detmath::tanh((POLLY_P_FACTOR * t).sqrt())
}

/// The largest delay that this jitter can make of the `retry`-th base delay.
pub(super) fn longest(jitter: Jitter, base: BaseDelay, retry: u32) -> SimDuration {
    let delay = match jitter {
        Jitter::None
        | Jitter::Full
        | Jitter::Equal
        | Jitter::CockatielFull
        | Jitter::CockatielHalf => base.delay,
        Jitter::Plus(span) => base.delay + span,
        Jitter::PlusMinus(share) | Jitter::Additive(share) => base.delay.scaled(1.0 + share),
        Jitter::Decorrelated => {
            let tripled = detmath::pow(3.0, f64::from(retry));
            base.initial.scaled(tripled)
        }
        Jitter::PollyV2 => base
            .initial
            .scaled(longest_polly_step(retry, DOUBLING) * POLLY_SCALING),
        Jitter::Cockatiel => base
            .initial
            .scaled(longest_polly_step(retry, base.factor) * POLLY_SCALING),
    };
    delay.min(base.max)
}

/// From the lowest place of the retry before to the highest of this one.
fn longest_polly_step(retry: u32, factor: f64) -> f64 {
    let n = f64::from(retry);
    let from = if retry < 2 {
        0.0
    } else {
        polly_curve(n - 2.0, factor)
    };
    polly_step(from, polly_curve(n, factor))
}

//! The settings of a rate limit.

use crate::time::SimDuration;

/// A rate limit layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimitConfig {
    /// How permits come; no default in any library.
    pub rule: RateRule,
    /// Permits that come in a period \[count\], at least 1. resilience4j: 50.
    pub permits: u32,
    /// The period, at least a nanosecond. resilience4j: 500 ns.
    pub period: SimDuration,
    /// How long a pass may wait for a permit; the default 0 has none wait (governor's `check`,
    /// Envoy). resilience4j: 5 s.
    pub max_wait: SimDuration,
    /// How many may stand in line \[count\]; default unlimited, which matters only with a wait.
    /// .NET: 0.
    pub max_waiting: u32,
    /// Whether a pass that waits has taken a permit that is yet to come, which it loses if it
    /// leaves; default no (.NET). resilience4j does.
    pub reservation: bool,
    /// When a pass learns that it is stopped; default [`RefusalTime::AtOnce`].
    pub refusal: RefusalTime,
}

/// How permits come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateRule {
    /// They drop into a bucket evenly, each at its instant, until it is full: exactly `permits` in
    /// every `period` (Guava's limiter, nginx, Envoy from 1.31 on).
    TokenBucket {
        /// What the bucket holds \[count\].
        burst: u32,
    },
    /// They fall into a bucket all at once at the end of each period, counted from its making
    /// (.NET's `TokenBucketRateLimiter`, Envoy's `fill_interval` with `tokens_per_fill`).
    SteppedBucket {
        /// What the bucket holds \[count\].
        burst: u32,
    },
    /// The generic cell rate algorithm: passes keep a distance of `period / permits`, whole
    /// nanoseconds, less what they have saved up (governor, Redis's CL.THROTTLE).
    Gcra {
        /// Passes at once after a pause \[count\].
        burst: u32,
    },
    /// Each cycle has `permits`, and what is left at its end is gone; cycles are counted from the
    /// making (resilience4j, .NET's `FixedWindowRateLimiter`).
    FixedCycle,
    /// No `permits` passes more in the last `period`, told in segments: a segment's permits come
    /// back when it is a period old (.NET's `SlidingWindowRateLimiter`).
    SlidingWindow {
        /// Segments of a period \[count\], at least 1.
        segments: u32,
    },
}

/// When a pass learns that it is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalTime {
    /// When it comes.
    AtOnce,
    /// When it has waited for `max_wait`, in vain from the beginning.
    AfterWait,
}

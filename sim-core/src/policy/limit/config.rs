//! The settings of a concurrency limit.

use crate::policy::OutcomeSet;
use crate::time::SimDuration;

/// A concurrency limit layer.
#[derive(Clone, Debug, PartialEq)]
pub struct ConcurrencyLimitConfig {
    /// How it learns; no default.
    pub rule: LimitRule,
    /// The limit that it begins with \[count\]; Netflix: 20. Envoy begins with the lowest.
    pub initial: u32,
    /// The lowest that it may have \[count\], at least 1; AIMD and Gradient2: 20, Vegas: 1, Envoy: 3.
    pub min: u32,
    /// The highest that it may have \[count\]; AIMD and Gradient2: 200, Vegas and Envoy: 1000.
    pub max: u32,
    /// Ends that say that there was too much; they are samples like useful ones, and so is nothing
    /// else. Default: timeouts and rejections.
    pub drops: OutcomeSet,
    /// What the rule is told: every sample, or one for each window of them (Netflix' `WindowedLimit`).
    pub window: Option<SampleWindow>,
}

impl ConcurrencyLimitConfig {
    /// Whether timers move the limit, besides samples.
    pub const fn has_timers(&self) -> bool {
        matches!(self.rule, LimitRule::Gradient { .. })
    }
}

/// Samples that are taken together: their mean, the most that were inside, whether any was a drop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleWindow {
    /// How long it is; Netflix: 1 s.
    pub length: SimDuration,
    /// With fewer samples it says nothing \[count\]; Netflix: 10.
    pub min_samples: u32,
    /// Shorter ones are no samples; Netflix: 100 µs.
    pub min_latency: SimDuration,
}

/// How a concurrency limit learns.
#[derive(Clone, Debug, PartialEq)]
pub enum LimitRule {
    /// One more for each good sample, a share of it for each bad one (Netflix' `AIMDLimit`).
    Aimd {
        /// What is left of it after a drop; Netflix: 0.9.
        backoff_ratio: f64,
        /// What takes longer is a drop; Netflix: 5 s.
        timeout: SimDuration,
    },
    /// By an estimate of how many wait, from the lowest latency seen (Netflix' `VegasLimit`).
    Vegas {
        /// How much of a new estimate counts; Netflix: 1.
        smoothing: f64,
        /// After so many samples per one of the limit the lowest latency is forgotten; Netflix: 30.
        probe_multiplier: f64,
    },
    /// By how the latency of now compares with that of long ago (Netflix' `Gradient2Limit`).
    Gradient2 {
        /// By how much it may grow while latency stays \[count\]; Netflix: 4.
        queue: f64,
        /// How many times the latency of long ago is still no reason to shrink; Netflix: 1.5.
        tolerance: f64,
        /// How much of a new estimate counts; Netflix: 0.2.
        smoothing: f64,
        /// Samples that the latency of long ago is a mean of \[count\]; Netflix: 600.
        long_window: u32,
    },
    /// By how latency compares with what it is when hardly anybody is inside, which is measured from
    /// time to time (Envoy's gradient controller).
    Gradient {
        /// How often the limit is worked out; Envoy: 100 ms in its documentation, no default.
        update_every: SimDuration,
        /// Which quantile of the samples counts; Envoy: 0.5.
        percentile: f64,
        /// How often the lowest latency is measured; Envoy: 60 s in its documentation, no default.
        measure_every: SimDuration,
        /// The largest part of that by which it is put off at random; Envoy: 0.15.
        jitter: f64,
        /// How many samples it takes \[count\]; Envoy: 50.
        measure_samples: u32,
        /// By which part the lowest latency may be exceeded; Envoy: 0.25.
        buffer: f64,
    },
}

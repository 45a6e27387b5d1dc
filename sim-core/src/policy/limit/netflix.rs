//! AIMD, Vegas and Gradient2, to the letter of Netflix' concurrency-limits (`AIMDLimit`,
//! `VegasLimit`, `Gradient2Limit`, `WindowedLimit`, `ExpAvgMeasurement`, `Log10RootFunction`).

use super::config::{ConcurrencyLimitConfig, SampleWindow};
use crate::random::{SiteKey, uniform};
use crate::time::{SimDuration, SimTime};

/// What a rule is told of one pass, or of a window of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    /// How long it was inside.
    pub(super) latency: SimDuration,
    /// How many were inside when it had gone in \[count\].
    pub(super) inside: u32,
    /// Whether it was a drop.
    pub(super) dropped: bool,
}

/// The samples of the window that is open.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct OpenWindow {
    /// Sum of latencies \[ns\].
    sum: u64,
    samples: u32,
    inside: u32,
    dropped: bool,
    /// A sample that ends after it closes the window.
    until: SimTime,
}

impl OpenWindow {
    /// A sample ends now; what the rule is told, if that closes a window with enough of them.
    pub(super) fn add(
        &mut self,
        config: &SampleWindow,
        now: SimTime,
        sample: Sample,
    ) -> Option<Sample> {
        if sample.latency < config.min_latency {
            return None;
        }
        self.sum = self.sum.saturating_add(sample.latency.as_ns());
        self.samples += 1;
        self.inside = self.inside.max(sample.inside);
        self.dropped |= sample.dropped;
        if now <= self.until {
            return None;
        }
        let closed = std::mem::take(self);
        self.until = now + config.length;
        (closed.samples >= config.min_samples).then(|| Sample {
            latency: SimDuration::from_ns(closed.sum / u64::from(closed.samples)),
            inside: closed.inside,
            dropped: closed.dropped,
        })
    }
}

/// One more for each good sample, while at least half of it is in use.
pub(super) fn aimd(
    config: &ConcurrencyLimitConfig,
    (backoff_ratio, timeout): (f64, SimDuration),
    limit: f64,
    sample: Sample,
) -> f64 {
    let limit = if sample.dropped || sample.latency > timeout {
        (limit * backoff_ratio).floor()
    } else if f64::from(sample.inside) * 2.0 >= limit {
        limit + 1.0
    } else {
        limit
    };
    limit.max(f64::from(config.min)).min(f64::from(config.max))
}

/// What Vegas remembers besides its limit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Vegas {
    /// The lowest latency since the last probe \[ns\]; 0 before the first sample.
    lowest: u64,
    /// Samples since then \[count\].
    since_probe: u32,
    /// Probes so far \[count\].
    probes: u64,
}

impl Vegas {
    /// Samples since the last probe \[count\].
    #[cfg(test)]
    pub(super) const fn since_probe(&self) -> u32 {
        self.since_probe
    }

    /// The limit after a sample.
    pub(super) fn update(
        &mut self,
        config: &ConcurrencyLimitConfig,
        (smoothing, probe_multiplier): (f64, f64),
        limit: f64,
        sample: Sample,
        own: SiteKey,
    ) -> f64 {
        let latency = sample.latency.as_ns();
        self.since_probe += 1;
        let jitter = 0.5 + 0.5 * uniform(own, self.probes);
        if jitter * probe_multiplier * limit <= f64::from(self.since_probe) {
            self.probes += 1;
            self.since_probe = 0;
            self.lowest = latency;
            return limit;
        }
        if self.lowest == 0 || latency < self.lowest {
            self.lowest = latency;
            return limit;
        }
        let Some(wanted) = self.wanted(limit, sample) else {
            return limit;
        };
        let new = wanted.min(f64::from(config.max)).max(f64::from(config.min));
        (1.0 - smoothing) * limit + smoothing * new
    }

    /// What the sample asks for; nothing if the limit is right, or hardly used.
    fn wanted(&self, limit: f64, sample: Sample) -> Option<f64> {
        let step = log10(limit);
        if sample.dropped {
            return Some(limit - step);
        }
        if f64::from(sample.inside) * 2.0 < limit {
            return None;
        }
        let share = self.lowest as f64 / sample.latency.as_ns() as f64;
        let queue = (limit * (1.0 - share)).ceil();
        let (alpha, beta) = (3.0 * step, 6.0 * step);
        if queue <= step {
            Some(limit + beta)
        } else if queue < alpha {
            Some(limit + step)
        } else if queue > beta {
            Some(limit - step)
        } else {
            None
        }
    }
}

/// The whole part of the decimal logarithm of the whole part, at least 1.
fn log10(limit: f64) -> f64 {
    let mut whole = limit as u32 / 10;
    let mut log = 0_u32;
    while whole > 0 {
        whole /= 10;
        log += 1;
    }
    f64::from(log.max(1))
}

/// The latency of long ago: a mean, then one that forgets.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LongMean {
    /// \[ns\]
    value: f64,
    sum: f64,
    samples: u32,
}

impl LongMean {
    /// Samples of which it is the plain mean at first \[count\].
    const WARM_UP: u32 = 10;

    fn add(&mut self, sample: f64, window: u32) -> f64 {
        if self.samples < Self::WARM_UP {
            self.samples += 1;
            self.sum += sample;
            self.value = self.sum / f64::from(self.samples);
        } else {
            let factor = 2.0 / (f64::from(window) + 1.0);
            self.value = self.value * (1.0 - factor) + sample * factor;
        }
        self.value
    }

    /// Gradient2's limit after a sample.
    pub(super) fn update(
        &mut self,
        config: &ConcurrencyLimitConfig,
        settings: Gradient2,
        limit: f64,
        sample: Sample,
    ) -> f64 {
        let short = sample.latency.as_ns() as f64;
        let long = self.add(short, settings.long_window);
        if long / short > 2.0 {
            self.value *= 0.95;
        }
        if f64::from(sample.inside) < limit / 2.0 {
            return limit;
        }
        let gradient = (settings.tolerance * long / short).clamp(0.5, 1.0);
        let new = limit * gradient + settings.queue;
        let new = limit * (1.0 - settings.smoothing) + new * settings.smoothing;
        new.min(f64::from(config.max)).max(f64::from(config.min))
    }
}

/// The settings of Gradient2 alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gradient2 {
    pub(super) queue: f64,
    pub(super) tolerance: f64,
    pub(super) smoothing: f64,
    pub(super) long_window: u32,
}

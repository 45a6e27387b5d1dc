//! Envoy's gradient controller (`gradient_controller.cc`), and the histogram it takes its quantiles
//! from (libcircllhist: two decimal digits, linear within a bin).
//!
//! Its timers are no events here: whoever asks tells the time first. A timer that is due at the
//! instant of a sample comes after it, one that is due at an arrival before it.

use super::config::ConcurrencyLimitConfig;
use crate::random::detmath::sqrt;
use crate::random::{SiteKey, uniform};
use crate::time::{SimDuration, SimTime};

/// The settings of the gradient alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gradient {
    pub(super) update_every: SimDuration,
    pub(super) percentile: f64,
    pub(super) measure_every: SimDuration,
    pub(super) jitter: f64,
    pub(super) measure_samples: u32,
    pub(super) buffer: f64,
}

/// A limit at the lowest so many times in a row has the lowest latency measured anew.
const LOWEST_IN_A_ROW: u32 = 5;

/// What it remembers besides its limit.
#[derive(Clone, Debug)]
pub(super) struct Controller {
    /// The limit to go back to while the lowest latency is being measured.
    deferred: Option<u32>,
    /// When the measurement began: those who came before are no samples.
    epoch: SimTime,
    /// The lowest latency \[µs\].
    lowest: u64,
    samples: LogLinear,
    /// When the limit is worked out next.
    update_at: SimTime,
    /// When the lowest latency is measured next.
    measure_at: SimTime,
    /// How often in a row the limit was the lowest, and stayed so.
    lowest_in_a_row: u32,
    /// Measurements that have ended \[count\].
    measured: u64,
}

impl Controller {
    /// One that begins to measure now.
    pub(super) fn new(now: SimTime, update_every: SimDuration) -> Self {
        Self {
            deferred: Some(0),
            epoch: now,
            lowest: 0,
            samples: LogLinear::default(),
            update_at: now + update_every,
            measure_at: SimTime::NEVER,
            lowest_in_a_row: 0,
            measured: 0,
        }
    }

    /// Does what its timers were to do before `now`, or by then; the limit after that.
    pub(super) fn advance(
        &mut self,
        config: &ConcurrencyLimitConfig,
        settings: Gradient,
        now: SimTime,
        inclusive: bool,
        limit: f64,
    ) -> f64 {
        let mut limit = limit;
        let is_due = |at: SimTime| at < now || (inclusive && at == now);
        loop {
            let update = self.update_at;
            if is_due(update) && update <= self.measure_at {
                self.update_at = if self.deferred.is_some() {
                    // Set again when the measurement ends.
                    SimTime::NEVER
                } else if self.samples.count == 0 {
                    next_tick(update, settings.update_every, now.min(self.measure_at))
                } else {
                    limit = self.work_out(config, settings, update, limit);
                    update + settings.update_every
                };
            } else if is_due(self.measure_at) {
                self.measure(config, &mut limit);
            } else {
                return limit;
            }
        }
    }

    /// Whether the lowest latency is being measured.
    #[cfg(test)]
    pub(super) const fn is_measuring(&self) -> bool {
        self.deferred.is_some()
    }

    /// The lowest latency is to be measured, from now on.
    fn measure(&mut self, config: &ConcurrencyLimitConfig, limit: &mut f64) {
        let at = std::mem::replace(&mut self.measure_at, SimTime::NEVER);
        if self.deferred.is_some() {
            return;
        }
        self.deferred = Some(*limit as u32);
        self.lowest_in_a_row = 0;
        *limit = f64::from(config.min);
        self.samples.clear();
        self.epoch = at;
    }

    /// A tick outside a measurement, with samples.
    fn work_out(
        &mut self,
        config: &ConcurrencyLimitConfig,
        settings: Gradient,
        at: SimTime,
        limit: f64,
    ) -> f64 {
        let sampled = self.samples.take_quantile(settings.percentile);
        let lowest = self.lowest as f64;
        let gradient = if sampled == 0 {
            2.0
        } else {
            (lowest + lowest * settings.buffer) / sampled as f64
        };
        let scaled = limit * gradient.clamp(0.5, 2.0);
        let new = (scaled + sqrt(scaled)).floor();
        let (min, max) = (f64::from(config.min), f64::from(config.max));
        let new = new.min(max).max(min);
        if limit <= min && new <= min {
            self.lowest_in_a_row += 1;
        } else {
            self.lowest_in_a_row = 0;
        }
        if self.lowest_in_a_row >= LOWEST_IN_A_ROW {
            self.measure_at = at;
        }
        new
    }

    /// A pass has ended that had come at `entered`; the limit after that.
    pub(super) fn sample(
        &mut self,
        settings: Gradient,
        (entered, now): (SimTime, SimTime),
        limit: f64,
        own: SiteKey,
        min: u32,
    ) -> f64 {
        if entered < self.epoch {
            return limit;
        }
        self.samples.add(now.since(entered).as_ns() / 1_000);
        let Some(deferred) = self.deferred else {
            return limit;
        };
        if self.samples.count < u64::from(settings.measure_samples) {
            return limit;
        }
        self.lowest = self.samples.take_quantile(settings.percentile);
        self.deferred = None;
        let put_off = put_off(settings, uniform(own, self.measured));
        self.measured += 1;
        self.measure_at = now + settings.measure_every + put_off;
        self.update_at = now + settings.update_every;
        f64::from(deferred.max(min))
    }
}

/// The first tick at or after `now`, of those that follow `from`.
fn next_tick(from: SimTime, every: SimDuration, now: SimTime) -> SimTime {
    let ticks = now.since(from).as_ns() / every.as_ns().max(1);
    from + SimDuration::from_ns(every.as_ns().saturating_mul(ticks.max(1)))
}

/// Whole milliseconds below the jitter.
fn put_off(settings: Gradient, chance: f64) -> SimDuration {
    let range = (settings.measure_every.as_ns() as f64 / 1e6 * settings.jitter).ceil();
    SimDuration::from_millis((chance * range) as u64)
}

/// A histogram of bins with two decimal digits: 1.0, 1.1, … 9.9, 10, 11, … 99, 100, 110, … µs, and one
/// for zero.
#[derive(Clone, Debug, Default)]
struct LogLinear {
    /// Digits (10 to 99; 0 for zero), decimal exponent and number of values of each bin that has some,
    /// in order.
    bins: Vec<(u32, u32, u64)>,
    count: u64,
}

impl LogLinear {
    fn add(&mut self, value: u64) {
        let (mut digits, mut exponent) = (value, 1);
        if value < 10 {
            (digits, exponent) = (value * 10, 0);
        }
        while digits >= 100 {
            (digits, exponent) = (digits / 10, exponent + 1);
        }
        let bin = (digits as u32, exponent);
        match self
            .bins
            .binary_search_by_key(&(bin.1, bin.0), |it| (it.1, it.0))
        {
            Ok(place) => self.bins[place].2 += 1,
            Err(place) => self.bins.insert(place, (bin.0, bin.1, 1)),
        }
        self.count += 1;
    }

    fn clear(&mut self) {
        self.bins.clear();
        self.count = 0;
    }

    /// The quantile, cut to whole numbers; 0 without values. None is left.
    ///
    /// Where a bin begins is worked out as libcircllhist does, whose rounding the cut shows: 410 is a
    /// little less there.
    fn take_quantile(&mut self, quantile: f64) -> u64 {
        let wanted = self.count as f64 * quantile;
        let mut before = 0.0;
        let mut found = 0.0;
        for &(digits, exponent, count) in &self.bins {
            let power = 10_u64.pow(exponent) as f64;
            let lower = f64::from(digits) / 10.0 * power;
            let width = if digits == 0 { 0.0 } else { power / 10.0 };
            let count = count as f64;
            found = lower + (wanted - before) / count * width;
            if before + count >= wanted {
                break;
            }
            before += count;
        }
        self.clear();
        found as u64
    }
}

#[cfg(test)]
mod tests {
    use super::LogLinear;

    #[test]
    fn rule_57_a_quantile_is_that_of_libcircllhist() {
        // Values, quantile, what `hist_approx_quantile` says, cut.
        let table: &[(&[u64], f64, u64)] = &[
            (&[20_000; 5], 0.5, 20_500),
            (&[40_000], 0.5, 40_500),
            // Two bins of one each: the middle is the upper end of the first.
            (&[110, 250], 0.5, 120),
            // Below ten bins are a tenth wide, and zero is a bin of its own without a width.
            (&[7, 7], 1.0, 7),
            (&[0, 0], 0.5, 0),
            (&[0, 9], 0.75, 9),
            // 4.1 · 100 is a little less than 410 in binary.
            (&[415, 418], 0.5, 414),
            (&[10, 20, 30, 40], 0.0, 10),
            (&[10, 20, 30, 40], 1.0, 41),
        ];
        for &(values, quantile, expected) in table {
            let mut bins = LogLinear::default();
            for &value in values {
                bins.add(value);
            }
            assert_eq!(
                bins.take_quantile(quantile),
                expected,
                "{values:?} {quantile}"
            );
            assert_eq!(bins.count, 0);
        }
    }
}

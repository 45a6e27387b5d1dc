//! A rate that swings between a low and a high once per period.
//!
//! rate(t) = middle + swing · cos(2π (t - peak) / period). Whole periods are counted apart, in
//! integers, so that a long run loses no digits. Within a period the integral has no closed
//! inverse: Newton's method is used while it stays inside the bracket, else the bracket is halved;
//! at most 64 steps, until the bracket or the step is below a tenth of a nanosecond.

use super::error::{TrafficError, positive};
use super::instant::instant;
use crate::random::detmath::{cos, sin};
use crate::time::{SimDuration, SimTime};
use crate::units::Rate;
use std::f64::consts::TAU;

/// A sinusoid.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Daily {
    /// Mean rate \[1/s\].
    middle: f64,
    /// Half of the way from low to high \[1/s\].
    swing: f64,
    period: SimDuration,
    /// Angle of the peak \[rad\].
    peak: f64,
}

impl Daily {
    pub(super) fn new(
        low: Rate,
        high: Rate,
        peak_at: SimTime,
        period: SimDuration,
    ) -> Result<Self, TrafficError> {
        let period = positive("period", period)?;
        let (low, high) = (low.get(), high.get());
        if low > high {
            return Err(TrafficError::LowAboveHigh { low, high });
        }
        let peak_ns = peak_at.as_ns() % period.as_ns();
        Ok(Self {
            middle: f64::midpoint(low, high),
            swing: (high - low) / 2.0,
            period,
            peak: TAU * peak_ns as f64 / period.as_ns_f64(),
        })
    }

    /// Angle since the peak at `seconds` into a period \[rad\].
    fn angle(&self, seconds: f64) -> f64 {
        TAU * seconds / self.period.as_secs_f64() - self.peak
    }

    /// Rate at `seconds` into a period \[1/s\].
    fn rate_within(&self, seconds: f64) -> f64 {
        (self.middle + self.swing * cos(self.angle(seconds))).max(0.0)
    }

    /// Arrivals expected in the first `seconds` of a period \[count\].
    fn count_within(&self, seconds: f64) -> f64 {
        let per_radian = self.swing * self.period.as_secs_f64() / TAU;
        self.middle * seconds + per_radian * (sin(self.angle(seconds)) + sin(self.peak))
    }

    fn per_period(&self) -> f64 {
        self.middle * self.period.as_secs_f64()
    }

    fn split(&self, at: SimTime) -> (u64, f64) {
        let (periods, rest) = (
            at.as_ns() / self.period.as_ns(),
            at.as_ns() % self.period.as_ns(),
        );
        (periods, rest as f64 / 1e9)
    }

    pub(super) fn rate_at(&self, at: SimTime) -> Rate {
        let (_, seconds) = self.split(at);
        Rate::per_second(self.rate_within(seconds)).unwrap_or(Rate::ZERO)
    }

    pub(super) fn cumulative(&self, by: SimTime) -> f64 {
        let (periods, seconds) = self.split(by);
        periods as f64 * self.per_period() + self.count_within(seconds)
    }

    pub(super) fn time_of(&self, cumulative: f64) -> Option<SimTime> {
        let per_period = self.per_period();
        let periods = (cumulative / per_period).floor();
        let rest = self.seconds_of(cumulative - periods * per_period);
        instant(periods * self.period.as_ns_f64() + rest * 1e9)
    }

    /// When so many are expected within one period \[s\].
    fn seconds_of(&self, count: f64) -> f64 {
        const CLOSE_ENOUGH: f64 = 1e-10;
        let (mut low, mut high) = (0.0, self.period.as_secs_f64());
        let mut seconds = count / self.middle;
        for _ in 0..64 {
            let excess = self.count_within(seconds) - count;
            if excess < 0.0 {
                low = seconds;
            } else {
                high = seconds;
            }
            let newton = seconds - excess / self.rate_within(seconds);
            let inside = low <= newton && newton <= high;
            let next = if inside {
                newton
            } else {
                f64::midpoint(low, high)
            };
            if (next - seconds).abs() < CLOSE_ENOUGH || high - low < CLOSE_ENOUGH {
                return next;
            }
            seconds = next;
        }
        seconds
    }
}

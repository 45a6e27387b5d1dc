//! Constant, uniform and exponential.
//!
//! The exponential is the hot path of most scenarios: one draw, one logarithm, one multiplication.
//! With `u` as the probability of a larger value its inverse is `-mean ln(u)`.

use super::error::{DistError, positive};
use super::family::Family;
use crate::random::Uniforms;
use crate::random::detmath::{exp_m1, ln};
use crate::time::SimDuration;

/// Always the same span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constant {
    value: SimDuration,
}

impl Constant {
    pub(super) const fn new(value: SimDuration) -> Self {
        Self { value }
    }

    /// The one value.
    pub const fn value(self) -> SimDuration {
        self.value
    }
}

impl Family for Constant {
    #[inline]
    fn sample<U: Uniforms>(&self, _: &mut U) -> SimDuration {
        self.value
    }

    fn mean_ns(&self) -> f64 {
        self.value.as_ns_f64()
    }

    fn variance_ns2(&self) -> f64 {
        0.0
    }

    fn cdf(&self, x: f64) -> f64 {
        f64::from(u8::from(x >= self.mean_ns()))
    }

    fn least(&self) -> SimDuration {
        self.value
    }

    fn greatest(&self) -> Option<SimDuration> {
        Some(self.value)
    }
}

/// Evenly between two limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uniform {
    /// Largest value \[ns\].
    high: f64,
    /// Largest less smallest value \[ns\].
    width: f64,
}

impl Uniform {
    pub(super) fn new(low: SimDuration, high: SimDuration) -> Result<Self, DistError> {
        if low > high {
            return Err(DistError::Order {
                smaller: "low",
                low,
                larger: "high",
                high,
                relation: "at most",
            });
        }
        Ok(Self {
            high: high.as_ns_f64(),
            width: high.saturating_sub(low).as_ns_f64(),
        })
    }
}

impl Family for Uniform {
    #[inline]
    fn sample<U: Uniforms>(&self, draws: &mut U) -> SimDuration {
        SimDuration::from_sampled_ns(self.high - self.width * draws.open01())
    }

    fn mean_ns(&self) -> f64 {
        self.high - self.width / 2.0
    }

    fn variance_ns2(&self) -> f64 {
        self.width * self.width / 12.0
    }

    fn cdf(&self, x: f64) -> f64 {
        if x >= self.high {
            return 1.0;
        }
        (1.0 - (self.high - x) / self.width).max(0.0)
    }

    fn least(&self) -> SimDuration {
        SimDuration::from_sampled_ns(self.high - self.width)
    }

    fn greatest(&self) -> Option<SimDuration> {
        Some(SimDuration::from_sampled_ns(self.high))
    }
}

/// Exponential: without memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponential {
    /// Less the mean \[ns\], so that sampling is one multiplication.
    negative_mean: f64,
}

impl Exponential {
    pub(super) fn new(mean: SimDuration) -> Result<Self, DistError> {
        Ok(Self::with_mean_ns(positive("mean", mean)?))
    }

    /// For a mean known to be finite and not negative \[ns\].
    pub(super) const fn with_mean_ns(mean_ns: f64) -> Self {
        Self {
            negative_mean: -mean_ns,
        }
    }
}

impl Family for Exponential {
    #[inline]
    fn sample<U: Uniforms>(&self, draws: &mut U) -> SimDuration {
        SimDuration::from_sampled_ns(self.negative_mean * ln(draws.open01()))
    }

    fn mean_ns(&self) -> f64 {
        -self.negative_mean
    }

    fn variance_ns2(&self) -> f64 {
        self.negative_mean * self.negative_mean
    }

    fn cdf(&self, x: f64) -> f64 {
        // A mean of zero makes 0 / 0 of the first instant, which then counts as reached.
        -exp_m1((x / self.negative_mean).min(0.0))
    }

    fn greatest(&self) -> Option<SimDuration> {
        // A branch of others may have a mean of zero.
        (self.negative_mean == 0.0).then_some(SimDuration::ZERO)
    }
}

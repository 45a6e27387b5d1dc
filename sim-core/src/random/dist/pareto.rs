//! Pareto: power laws, with an upper limit or without.
//!
//! The chance of exceeding x falls as (low / x)^shape: a shape near 1 means that few values make up
//! most of the total. With an upper limit the curve is cut there and scaled up; the limit then is
//! reached only in the limit. The inverse is low · t^(-1/shape), where `t`, the tail of the uncut
//! curve, is `u` scaled into (cut, 1), and `cut` is what the uncut curve leaves above the limit.
//!
//! Moments of the cut curve: E(X^k) = shape · low^k · (1 - q^(shape - k)) / ((shape - k)(1 - cut)),
//! with q = low / high. Given the mean instead of the smallest value, an uncut curve has
//! low = mean (shape - 1) / shape; for a cut one it is found by bisection on ln q, in which the mean
//! is monotone.

use super::error::{DistError, positive, within};
use super::family::Family;
use crate::random::Uniforms;
use crate::random::detmath::{exp, exp_m1, ln};
use crate::time::SimDuration;

/// A power law from `low` on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pareto {
    /// Smallest value \[ns\].
    low: f64,
    /// Tail exponent.
    shape: f64,
    /// ln(low / high); minus infinity without an upper limit.
    ln_q: f64,
    /// Share of the uncut curve above the limit: (low / high)^shape.
    cut: f64,
}

/// Tail exponents that still fit into doubles.
const SHAPES: [f64; 2] = [0.05, 100.0];
const SHAPE_HINT: &str = "1.1 is a very heavy tail, 3 a light one";
const UNCUT_HINT: &str = "at 1 or less the mean is infinite unless `high` limits it";

impl Pareto {
    pub(super) fn from_low(
        low: SimDuration,
        shape: f64,
        high: Option<SimDuration>,
    ) -> Result<Self, DistError> {
        let low_ns = positive("low", low)?;
        let shape = within("shape", shape, SHAPES, SHAPE_HINT)?;
        let ln_q = match high {
            Some(high) => ln(low_ns / below("low", low, high)?),
            None => f64::NEG_INFINITY,
        };
        Ok(Self::new(low_ns, shape, ln_q))
    }

    pub(super) fn from_mean(
        mean: SimDuration,
        shape: f64,
        high: Option<SimDuration>,
    ) -> Result<Self, DistError> {
        let mean_ns = positive("mean", mean)?;
        let Some(high) = high else {
            let shape = within("shape", shape, [1.001, SHAPES[1]], UNCUT_HINT)?;
            let low = mean_ns * (shape - 1.0) / shape;
            return Ok(Self::new(low, shape, f64::NEG_INFINITY));
        };
        let shape = within("shape", shape, SHAPES, SHAPE_HINT)?;
        let high_ns = below("mean", mean, high)?;
        let ln_q = solve_ln_q(mean_ns / high_ns, shape);
        Ok(Self::new(high_ns * exp(ln_q), shape, ln_q))
    }

    fn new(low: f64, shape: f64, ln_q: f64) -> Self {
        Self {
            low,
            shape,
            ln_q,
            cut: exp(shape * ln_q),
        }
    }

    /// E(X^k) in units of low^k; infinite if the uncut tail is too heavy.
    fn moment(&self, k: f64) -> f64 {
        if self.ln_q.is_infinite() && self.shape <= k {
            return f64::INFINITY;
        }
        self.shape * one_less_power(self.ln_q, self.shape - k) / (1.0 - self.cut)
    }
}

/// The larger span in nanoseconds, if it is larger.
fn below(smaller: &'static str, low: SimDuration, high: SimDuration) -> Result<f64, DistError> {
    if low < high {
        return Ok(high.as_ns_f64());
    }
    Err(DistError::Order {
        smaller,
        low,
        larger: "high",
        high,
        relation: "below",
    })
}

/// (1 - q^power) / power, also where the power is zero.
fn one_less_power(ln_q: f64, power: f64) -> f64 {
    if power.abs() < 1e-12 {
        return -ln_q;
    }
    -exp_m1(power * ln_q) / power
}

/// The ln(low / high) at which the mean is this share of `high`.
fn solve_ln_q(mean_of_high: f64, shape: f64) -> f64 {
    let (mut below, mut above) = (-700.0, 0.0);
    for _ in 0..100 {
        let ln_q = f64::midpoint(below, above);
        let curve = Pareto::new(1.0, shape, ln_q);
        if exp(ln_q) * curve.moment(1.0) < mean_of_high {
            below = ln_q;
        } else {
            above = ln_q;
        }
    }
    below
}

impl Family for Pareto {
    #[inline]
    fn sample<U: Uniforms>(&self, draws: &mut U) -> SimDuration {
        let tail = self.cut + draws.open01() * (1.0 - self.cut);
        SimDuration::from_sampled_ns(self.low * exp(-ln(tail) / self.shape))
    }

    fn mean_ns(&self) -> f64 {
        self.low * self.moment(1.0)
    }

    fn variance_ns2(&self) -> f64 {
        let mean = self.moment(1.0);
        if mean.is_infinite() {
            return f64::INFINITY;
        }
        self.low * self.low * (self.moment(2.0) - mean * mean)
    }

    fn cdf(&self, x: f64) -> f64 {
        if x <= self.low {
            return 0.0;
        }
        let beyond = exp(-self.shape * ln(x / self.low)) - self.cut;
        1.0 - beyond.max(0.0) / (1.0 - self.cut)
    }

    fn least(&self) -> SimDuration {
        SimDuration::from_sampled_ns(self.low)
    }

    fn greatest(&self) -> Option<SimDuration> {
        let high = || SimDuration::from_sampled_ns(self.low * exp(-self.ln_q));
        self.ln_q.is_finite().then(high)
    }
}

//! Weibull: lifetimes whose failure rate rises (shape above 1) or falls (below 1) with age.
//!
//! The inverse is scale · (-ln u)^(1/shape), and the mean is scale · Γ(1 + 1/shape), from which the
//! scale follows. The power is taken as an exponential of a logarithm: 22 ns where `pow` takes 75.

use super::error::{DistError, positive, within};
use super::family::Family;
use crate::random::Uniforms;
use crate::random::detmath::{exp, exp_m1, gamma, ln};
use crate::time::SimDuration;

/// A power of an exponential.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weibull {
    /// The value exceeded with probability 1/e \[ns\].
    scale: f64,
    /// One over the shape.
    power: f64,
}

impl Weibull {
    pub(super) fn new(mean: SimDuration, shape: f64) -> Result<Self, DistError> {
        let mean_ns = positive("mean", mean)?;
        let hint = "1 is an exponential, below 1 has a long tail, above 1 a peak";
        let power = 1.0 / within("shape", shape, [0.05, 100.0], hint)?;
        Ok(Self {
            scale: mean_ns / gamma(1.0 + power),
            power,
        })
    }
}

impl Family for Weibull {
    #[inline]
    fn sample<U: Uniforms>(&self, draws: &mut U) -> SimDuration {
        let exponential = -ln(draws.open01());
        SimDuration::from_sampled_ns(self.scale * exp(self.power * ln(exponential)))
    }

    fn mean_ns(&self) -> f64 {
        self.scale * gamma(1.0 + self.power)
    }

    fn variance_ns2(&self) -> f64 {
        let mean = gamma(1.0 + self.power);
        self.scale * self.scale * (gamma(1.0 + 2.0 * self.power) - mean * mean)
    }

    fn cdf(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        -exp_m1(-exp(ln(x / self.scale) / self.power))
    }
}

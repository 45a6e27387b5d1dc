//! Gamma, and Erlang as the gamma of a whole shape.
//!
//! A gamma of shape d + 1/3 is very nearly the cube of a normal value. Marsaglia and Tsang ("A
//! simple method for generating gamma variables", 2000) cube a normal, and accept it with a
//! probability that makes up for the difference: at least 95 % of the time, whatever the shape. A
//! shape below 1 is drawn as shape + 1, times u^(1/shape).
//!
//! The value moves with the mean by plain scaling; with the shape it moves only roughly, because a
//! draw may be refused. Each try takes two draws, so the number of draws varies: safe under keyed
//! draws, where nobody else counts on it.
//!
//! Rejected: inverting the incomplete gamma function (monotone, but many terms of a series per value), adding up the
//! stages of an Erlang (as many draws and logarithms as stages).

use super::error::{DistError, positive, within};
use super::family::Family;
use crate::random::Uniforms;
use crate::random::detmath::{exp, ln, sqrt};
use crate::random::special::{gamma_cdf, normal_quantile};
use crate::time::SimDuration;

/// Gamma: the sum of `shape` exponentials, where `shape` need not be whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gamma {
    /// Stages, whole or not.
    shape: f64,
    /// Mean of one stage \[ns\].
    scale: f64,
    cube: CubedNormal,
}

impl Gamma {
    pub(super) fn from_mean_and_cv(mean: SimDuration, cv: f64) -> Result<Self, DistError> {
        let mean_ns = positive("mean", mean)?;
        let cv = within(
            "cv",
            cv,
            [1e-3, 30.0],
            "for less variation write a constant",
        )?;
        Ok(Self::new(mean_ns, 1.0 / (cv * cv)))
    }

    pub(super) fn from_mean_and_stages(mean: SimDuration, stages: u32) -> Result<Self, DistError> {
        let mean_ns = positive("mean", mean)?;
        let hint = "one stage is an exponential, very many are a constant";
        let shape = within("stages", f64::from(stages), [1.0, 1e6], hint)?;
        Ok(Self::new(mean_ns, shape))
    }

    fn new(mean_ns: f64, shape: f64) -> Self {
        Self {
            shape,
            scale: mean_ns / shape,
            cube: CubedNormal::new(if shape < 1.0 { shape + 1.0 } else { shape }),
        }
    }

    /// What turns a gamma of shape + 1 into one of this shape, if this shape is below 1.
    fn boost<U: Uniforms>(&self, draws: &mut U) -> f64 {
        if self.shape < 1.0 {
            exp(ln(draws.open01()) / self.shape)
        } else {
            1.0
        }
    }
}

impl Family for Gamma {
    fn sample<U: Uniforms>(&self, draws: &mut U) -> SimDuration {
        let stages = self.cube.sample(draws) * self.boost(draws);
        SimDuration::from_sampled_ns(self.scale * stages)
    }

    fn mean_ns(&self) -> f64 {
        self.shape * self.scale
    }

    fn variance_ns2(&self) -> f64 {
        self.shape * self.scale * self.scale
    }

    fn cdf(&self, x: f64) -> f64 {
        gamma_cdf(self.shape, x / self.scale)
    }
}

/// The sampler for shapes of at least 1 and scale 1, in the names of the paper.
#[derive(Clone, Copy, Debug, PartialEq)]
struct CubedNormal {
    d: f64,
    c: f64,
}

impl CubedNormal {
    fn new(shape: f64) -> Self {
        let d = shape - 1.0 / 3.0;
        Self {
            d,
            c: 1.0 / sqrt(9.0 * d),
        }
    }

    fn sample<U: Uniforms>(self, draws: &mut U) -> f64 {
        loop {
            let x = -normal_quantile(draws.open01());
            let root = 1.0 + self.c * x;
            let v = root * root * root;
            if self.accepts(x, v, draws.open01()) {
                return self.d * v;
            }
        }
    }

    fn accepts(self, x: f64, v: f64, u: f64) -> bool {
        let x2 = x * x;
        v > 0.0 && (u < 1.0 - 0.0331 * x2 * x2 || ln(u) < 0.5 * x2 + self.d * (1.0 - v + ln(v)))
    }
}

//! Distributions of spans of time, as data.
//!
//! A distribution is checked once, when it is built, and keeps its parameters in the form that
//! sampling needs; a `Dist` that exists can be sampled without any error. Sampling is by inversion
//! where an inverse exists: the draw `u` is read as *the probability of a larger value*, in every
//! family, so that the same draw means an equally bad case before and after a parameter or a family
//! changes, and the long tail is where doubles are densest. The float becomes time once.
//!
//! | family | draws | method |
//! |---|---|---|
//! | constant | 0 | |
//! | uniform, exponential, normal, lognormal, Weibull, Pareto, empirical | 1 | inversion |
//! | hyperexponential | 2 | branch, then its exponential |
//! | mixture | 1 + those of the part | branch, then the part |
//! | gamma, Erlang | 2 or more | Marsaglia and Tsang 2000, see [`gamma`] |
//!
//! Rejected: ziggurats (twice as fast for the exponential, but they draw a varying number and do not
//! move with their parameter), a numeric inverse of the gamma (much slower).

pub mod blend;
mod error;
mod family;
pub mod gamma;
pub mod normal;
pub mod pareto;
pub mod simple;
pub mod weibull;

pub use error::DistError;
pub use family::Family;

use super::Uniforms;
use crate::time::SimDuration;
use crate::units::Probability;
use blend::{Empirical, Hyperexponential, Mixture, Shifted};
use gamma::Gamma;
use normal::{Lognormal, Normal};
use pareto::Pareto;
use simple::{Constant, Exponential, Uniform};
use weibull::Weibull;

/// A distribution of spans of time, valid by construction.
#[derive(Clone, Debug, PartialEq)]
pub enum Dist {
    /// Always the same span.
    Constant(Constant),
    /// Every span between two limits alike.
    Uniform(Uniform),
    /// Without memory: the time to the next of many unlikely events.
    Exponential(Exponential),
    /// The bell curve, cut off at 0.
    Normal(Normal),
    /// A product of many factors: typical of response times.
    Lognormal(Lognormal),
    /// Gamma, and Erlang as the sum of exponential stages.
    Gamma(Gamma),
    /// Lifetimes whose failure rate rises or falls with age.
    Weibull(Weibull),
    /// A power law: heavy tails, with an upper limit or without.
    Pareto(Pareto),
    /// One of several exponentials: more variable than a single one.
    Hyperexponential(Hyperexponential),
    /// One of the values listed, each equally likely.
    Empirical(Empirical),
    /// One of several distributions.
    Mixture(Mixture<Self>),
    /// Another distribution plus a fixed span.
    Shifted(Box<Shifted<Self>>),
}

/// Calls one method of whichever family it is.
macro_rules! family {
    ($dist:expr, $family:ident => $call:expr) => {
        match $dist {
            Dist::Constant($family) => $call,
            Dist::Uniform($family) => $call,
            Dist::Exponential($family) => $call,
            Dist::Normal($family) => $call,
            Dist::Lognormal($family) => $call,
            Dist::Gamma($family) => $call,
            Dist::Weibull($family) => $call,
            Dist::Pareto($family) => $call,
            Dist::Hyperexponential($family) => $call,
            Dist::Empirical($family) => $call,
            Dist::Mixture($family) => $call,
            Dist::Shifted($family) => $call,
        }
    };
}

impl Dist {
    /// One value. How many draws it takes depends on the family alone, except for the gamma.
    ///
    /// The two families that most scenarios are made of go where they are asked for.
    #[inline]
    pub fn sample<U: Uniforms>(&self, draws: &mut U) -> SimDuration {
        if let Self::Exponential(exponential) = self {
            exponential.sample(draws)
        } else if let Self::Constant(constant) = self {
            constant.sample(draws)
        } else {
            self.sample_any(draws)
        }
    }

    #[inline(never)]
    fn sample_any<U: Uniforms>(&self, draws: &mut U) -> SimDuration {
        family!(self, family => family.sample(draws))
    }

    /// The mean, by the family's formula; [`SimDuration::MAX`] where it is infinite.
    pub fn mean(&self) -> SimDuration {
        if let Self::Constant(constant) = self {
            return constant.value();
        }
        SimDuration::from_sampled_ns(self.mean_ns())
    }

    /// The mean before rounding \[ns\].
    pub fn mean_ns(&self) -> f64 {
        family!(self, family => family.mean_ns())
    }

    /// The variance \[ns²\], infinite for a Pareto of shape 2 or less without an upper limit.
    pub fn variance_ns2(&self) -> f64 {
        family!(self, family => family.variance_ns2())
    }

    /// The probability of a value of at most `span`.
    pub fn cdf(&self, span: SimDuration) -> f64 {
        self.cdf_ns(span.as_ns_f64())
    }

    fn cdf_ns(&self, x: f64) -> f64 {
        family!(self, family => family.cdf(x))
    }

    /// The greatest span that no value is below.
    ///
    /// ```
    /// use sim_core::random::Dist;
    /// use sim_core::time::SimDuration;
    ///
    /// let [low, high] = [50, 100].map(SimDuration::from_millis);
    /// let uniform = Dist::uniform(low, high).unwrap();
    /// assert_eq!((uniform.least(), uniform.greatest()), (low, Some(high)));
    /// let exponential = Dist::exponential(high).unwrap();
    /// assert_eq!((exponential.least(), exponential.greatest()), (SimDuration::ZERO, None));
    /// ```
    pub fn least(&self) -> SimDuration {
        family!(self, family => family.least())
    }

    /// The least span that no value is above; `None` where values have no limit.
    pub fn greatest(&self) -> Option<SimDuration> {
        family!(self, family => family.greatest())
    }

    /// Whether every value is the same.
    pub fn is_constant(&self) -> bool {
        matches!(self, Self::Constant(_))
    }
}

/// Lets a distribution be a branch of another.
impl Family for Dist {
    fn sample<U: Uniforms>(&self, draws: &mut U) -> SimDuration {
        self.sample(draws)
    }

    fn mean_ns(&self) -> f64 {
        self.mean_ns()
    }

    fn variance_ns2(&self) -> f64 {
        self.variance_ns2()
    }

    fn cdf(&self, x: f64) -> f64 {
        self.cdf_ns(x)
    }

    fn least(&self) -> SimDuration {
        self.least()
    }

    fn greatest(&self) -> Option<SimDuration> {
        self.greatest()
    }
}

/// The checked constructors.
impl Dist {
    /// Always `value`. Never fails, but reads like its siblings; see also `Dist::from`.
    pub fn constant(value: SimDuration) -> Result<Self, DistError> {
        Ok(value.into())
    }

    /// Evenly from `low` to `high`.
    pub fn uniform(low: SimDuration, high: SimDuration) -> Result<Self, DistError> {
        Uniform::new(low, high).map(Self::Uniform)
    }

    /// Exponential with this mean.
    pub fn exponential(mean: SimDuration) -> Result<Self, DistError> {
        Exponential::new(mean).map(Self::Exponential)
    }

    /// The bell curve with this mean and standard deviation, given that it is not negative.
    /// Cutting off raises the mean: [`Dist::mean`] tells by how much.
    pub fn normal(mean: SimDuration, sd: SimDuration) -> Result<Self, DistError> {
        Normal::new(mean, sd).map(Self::Normal)
    }

    /// Lognormal with this mean and 99th percentile, of the two that exist the narrower one.
    pub fn lognormal_mean_p99(mean: SimDuration, p99: SimDuration) -> Result<Self, DistError> {
        Lognormal::from_mean_and_p99(mean, p99).map(Self::Lognormal)
    }

    /// Lognormal with this mean and coefficient of variation (standard deviation / mean).
    pub fn lognormal_mean_cv(mean: SimDuration, cv: f64) -> Result<Self, DistError> {
        Lognormal::from_mean_and_cv(mean, cv).map(Self::Lognormal)
    }

    /// Lognormal with this median; `sigma` is the standard deviation of its logarithm.
    pub fn lognormal_median_sigma(median: SimDuration, sigma: f64) -> Result<Self, DistError> {
        Lognormal::from_median_and_sigma(median, sigma).map(Self::Lognormal)
    }

    /// Gamma with this mean and coefficient of variation (standard deviation / mean).
    pub fn gamma(mean: SimDuration, cv: f64) -> Result<Self, DistError> {
        Gamma::from_mean_and_cv(mean, cv).map(Self::Gamma)
    }

    /// The sum of `stages` equal exponentials that have `mean` together.
    pub fn erlang(mean: SimDuration, stages: u32) -> Result<Self, DistError> {
        if stages == 1 {
            return Self::exponential(mean);
        }
        Gamma::from_mean_and_stages(mean, stages).map(Self::Gamma)
    }

    /// Weibull with this mean; a shape below 1 has a long tail, above 1 a peak.
    pub fn weibull(mean: SimDuration, shape: f64) -> Result<Self, DistError> {
        Weibull::new(mean, shape).map(Self::Weibull)
    }

    /// Pareto with this mean and tail exponent, cut off at `high` if given.
    pub fn pareto_mean(
        mean: SimDuration,
        shape: f64,
        high: Option<SimDuration>,
    ) -> Result<Self, DistError> {
        Pareto::from_mean(mean, shape, high).map(Self::Pareto)
    }

    /// Pareto from this smallest value on with this tail exponent, cut off at `high` if given.
    pub fn pareto_low(
        low: SimDuration,
        shape: f64,
        high: Option<SimDuration>,
    ) -> Result<Self, DistError> {
        Pareto::from_low(low, shape, high).map(Self::Pareto)
    }

    /// Two exponentials with this mean and coefficient of variation together, each of which
    /// contributes half of the mean (balanced means).
    pub fn hyperexponential_cv(mean: SimDuration, cv: f64) -> Result<Self, DistError> {
        Hyperexponential::balanced(mean, cv).map(Self::Hyperexponential)
    }

    /// One of these exponentials: (share, mean) each. The shares add up to 1 within 1e-9.
    pub fn hyperexponential(branches: Vec<(Probability, SimDuration)>) -> Result<Self, DistError> {
        Hyperexponential::new(branches).map(Self::Hyperexponential)
    }

    /// One of these values, each equally likely, in whatever order they are listed.
    pub fn empirical(values: Vec<SimDuration>) -> Result<Self, DistError> {
        Empirical::new(values).map(Self::Empirical)
    }

    /// One of these distributions: (share, distribution) each. The shares add up to 1 within 1e-9.
    pub fn mixture(parts: Vec<(Probability, Self)>) -> Result<Self, DistError> {
        Mixture::new(parts).map(Self::Mixture)
    }

    /// The distribution `of`, with `by` added to every value.
    pub fn shifted(by: SimDuration, of: Self) -> Result<Self, DistError> {
        Shifted::new(by, of).map(|shifted| Self::Shifted(Box::new(shifted)))
    }
}

impl From<SimDuration> for Dist {
    /// Always this span.
    fn from(value: SimDuration) -> Self {
        Self::Constant(Constant::new(value))
    }
}

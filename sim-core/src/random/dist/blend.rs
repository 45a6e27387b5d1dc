//! Distributions made of others: hyperexponential, empirical, mixture, shifted.
//!
//! A branch is chosen with one draw and its value drawn with the next ones. Both of the first two
//! draws come from one Philox block, so the second is nearly free, and a change of one branch's mean
//! leaves the choice of branches alone.
//!
//! **Balanced means** (Tijms, "A First Course in Stochastic Models", 2003): with a coefficient
//! of variation c of at least 1, branch one has the share (1 + sqrt((c² - 1) / (c² + 1))) / 2 and
//! both contribute half of the mean. Two moments do not fix the third; this is the usual choice.

use super::error::{DistError, positive, representable, within};
use super::family::Family;
use super::simple::Exponential;
use crate::random::Uniforms;
use crate::random::detmath::sqrt;
use crate::time::SimDuration;
use crate::units::Probability;

/// Alternatives with their shares, which add up to 1.
#[derive(Clone, Debug, PartialEq)]
struct Choice<T> {
    branches: Vec<Branch<T>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Branch<T> {
    share: f64,
    /// Shares up to and with this one.
    upto: f64,
    of: T,
}

impl<T: Family> Choice<T> {
    fn new(parameter: &'static str, parts: Vec<(Probability, T)>) -> Result<Self, DistError> {
        if parts.is_empty() {
            return Err(DistError::Empty { parameter });
        }
        let mut upto = 0.0;
        let mut branches = Vec::with_capacity(parts.len());
        for (share, of) in parts {
            let share = share.get();
            upto += share;
            branches.push(Branch { share, upto, of });
        }
        if (upto - 1.0).abs() > 1e-9 {
            // Rounded to nine digits, so that 0.9 prints as 90 and not as 89.99999999999999.
            let percent = (upto * 1e11).round() / 1e9;
            return Err(DistError::Shares { parameter, percent });
        }
        Ok(Self { branches })
    }

    /// The branch of this uniform draw; rounding at the top falls to the last one with a share.
    #[inline]
    fn pick(&self, u: f64) -> &T {
        let chosen = self.branches.iter().find(|branch| u < branch.upto);
        let last = || self.branches.iter().rfind(|branch| branch.share > 0.0);
        &chosen.or_else(last).expect("the shares add up to 1").of
    }

    /// The branches that are ever drawn.
    fn shared(&self) -> impl Iterator<Item = &Branch<T>> {
        self.branches.iter().filter(|branch| branch.share > 0.0)
    }

    /// The mean over the branches of some figure of each.
    fn average(&self, figure: impl Fn(&T) -> f64) -> f64 {
        self.shared()
            .fold(0.0, |sum, branch| sum + branch.share * figure(&branch.of))
    }
}

impl<T: Family> Family for Choice<T> {
    #[inline]
    fn sample<U: Uniforms>(&self, draws: &mut U) -> SimDuration {
        self.pick(draws.open01()).sample(draws)
    }

    fn mean_ns(&self) -> f64 {
        self.average(Family::mean_ns)
    }

    fn variance_ns2(&self) -> f64 {
        let mean = self.mean_ns();
        if mean.is_infinite() {
            return f64::INFINITY;
        }
        self.average(|of| {
            let offset = of.mean_ns() - mean;
            of.variance_ns2() + offset * offset
        })
    }

    fn cdf(&self, x: f64) -> f64 {
        self.average(|of| of.cdf(x))
    }

    fn least(&self) -> SimDuration {
        let least = self.shared().map(|branch| branch.of.least()).min();
        least.unwrap_or_default()
    }

    fn greatest(&self) -> Option<SimDuration> {
        self.shared().try_fold(SimDuration::ZERO, |most, branch| {
            Some(most.max(branch.of.greatest()?))
        })
    }
}

/// One of several exponentials.
#[derive(Clone, Debug, PartialEq)]
pub struct Hyperexponential {
    choice: Choice<Exponential>,
}

impl Hyperexponential {
    pub(super) fn new(branches: Vec<(Probability, SimDuration)>) -> Result<Self, DistError> {
        let exponentials = branches
            .into_iter()
            .map(|(share, mean)| (share, Exponential::with_mean_ns(mean.as_ns_f64())))
            .collect();
        let choice = Choice::new("branches", exponentials)?;
        Ok(Self { choice })
    }

    pub(super) fn balanced(mean: SimDuration, cv: f64) -> Result<Self, DistError> {
        let mean_ns = positive("mean", mean)?;
        let hint = "below 1 use `erlang` or `gamma`";
        let cv = within("cv", cv, [1.0, 1e3], hint)?;
        let imbalance = sqrt((cv * cv - 1.0) / (cv * cv + 1.0));
        let branches = [imbalance, -imbalance].map(|offset| {
            let share = f64::midpoint(1.0, offset);
            let mean_of_branch = Exponential::with_mean_ns(mean_ns / (2.0 * share));
            (Probability::new(share).expect("a share"), mean_of_branch)
        });
        let choice = Choice::new("branches", branches.into())?;
        Ok(Self { choice })
    }
}

impl Family for Hyperexponential {
    #[inline]
    fn sample<U: Uniforms>(&self, draws: &mut U) -> SimDuration {
        self.choice.sample(draws)
    }

    fn mean_ns(&self) -> f64 {
        self.choice.mean_ns()
    }

    fn variance_ns2(&self) -> f64 {
        self.choice.variance_ns2()
    }

    fn cdf(&self, x: f64) -> f64 {
        self.choice.cdf(x)
    }

    fn least(&self) -> SimDuration {
        self.choice.least()
    }

    fn greatest(&self) -> Option<SimDuration> {
        self.choice.greatest()
    }
}

/// One of several distributions.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture<D> {
    choice: Choice<D>,
}

impl<D: Family> Mixture<D> {
    pub(super) fn new(parts: Vec<(Probability, D)>) -> Result<Self, DistError> {
        let choice = Choice::new("mixture", parts)?;
        Ok(Self { choice })
    }
}

impl<D: Family> Family for Mixture<D> {
    fn sample<U: Uniforms>(&self, draws: &mut U) -> SimDuration {
        self.choice.sample(draws)
    }

    fn mean_ns(&self) -> f64 {
        self.choice.mean_ns()
    }

    fn variance_ns2(&self) -> f64 {
        self.choice.variance_ns2()
    }

    fn cdf(&self, x: f64) -> f64 {
        self.choice.cdf(x)
    }

    fn least(&self) -> SimDuration {
        self.choice.least()
    }

    fn greatest(&self) -> Option<SimDuration> {
        self.choice.greatest()
    }
}

/// One of the values listed, each equally likely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Empirical {
    /// The values, largest first, as draws are read as the probability of a larger value.
    values: Vec<SimDuration>,
}

impl Empirical {
    pub(super) fn new(mut values: Vec<SimDuration>) -> Result<Self, DistError> {
        if values.is_empty() {
            return Err(DistError::Empty {
                parameter: "values",
            });
        }
        values.sort_unstable_by(|a, b| b.cmp(a));
        Ok(Self { values })
    }

    fn average(&self, figure: impl Fn(f64) -> f64) -> f64 {
        let sum = self
            .values
            .iter()
            .fold(0.0, |sum, value| sum + figure(value.as_ns_f64()));
        sum / self.values.len() as f64
    }
}

impl Family for Empirical {
    #[inline]
    fn sample<U: Uniforms>(&self, draws: &mut U) -> SimDuration {
        // The product may round up to the length itself only for lists beyond 2^52 values.
        self.values[(draws.open01() * self.values.len() as f64) as usize]
    }

    fn mean_ns(&self) -> f64 {
        self.average(|value| value)
    }

    fn variance_ns2(&self) -> f64 {
        let mean = self.mean_ns();
        self.average(|value| (value - mean) * (value - mean))
    }

    fn cdf(&self, x: f64) -> f64 {
        self.average(|value| f64::from(u8::from(value <= x)))
    }

    fn least(&self) -> SimDuration {
        self.values.last().copied().unwrap_or_default()
    }

    fn greatest(&self) -> Option<SimDuration> {
        self.values.first().copied()
    }
}

/// Another distribution plus a fixed span.
#[derive(Clone, Debug, PartialEq)]
pub struct Shifted<D> {
    by: SimDuration,
    of: D,
}

impl<D: Family> Shifted<D> {
    pub(super) fn new(by: SimDuration, of: D) -> Result<Self, DistError> {
        if of.mean_ns().is_finite() {
            representable(by.as_ns_f64() + of.mean_ns())?;
        }
        Ok(Self { by, of })
    }
}

impl<D: Family> Family for Shifted<D> {
    fn sample<U: Uniforms>(&self, draws: &mut U) -> SimDuration {
        self.by + self.of.sample(draws)
    }

    fn mean_ns(&self) -> f64 {
        self.by.as_ns_f64() + self.of.mean_ns()
    }

    fn variance_ns2(&self) -> f64 {
        self.of.variance_ns2()
    }

    fn cdf(&self, x: f64) -> f64 {
        self.of.cdf(x - self.by.as_ns_f64())
    }

    fn least(&self) -> SimDuration {
        self.by + self.of.least()
    }

    fn greatest(&self) -> Option<SimDuration> {
        Some(self.by + self.of.greatest()?)
    }
}

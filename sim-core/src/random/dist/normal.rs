//! Normal, cut off at 0, and lognormal.
//!
//! **Normal.** Spans are not negative, so the value is drawn from the part of the bell at or above
//! 0, by inversion on that part: with `u` as the probability of a larger value, the upper tail is
//! `u` times the share of the bell that is left. No value is thrown away and none piles up at 0.
//! Cutting off raises the mean and lowers the variance (Johnson, Kotz and Balakrishnan 1994, chapter 13).
//!
//! **Lognormal.** The logarithm is normal with mean mu and standard deviation sigma. Its mean is
//! exp(mu + sigma²/2) and its p99 exp(mu + 2.326 sigma), so with r = p99 / mean
//! sigma²/2 - 2.326 sigma + ln(r) = 0. This has a root only for r up to exp(2.326²/2), about 14.9;
//! of the two roots the smaller is taken, as the larger describes a curve nobody means (for r near
//! 1 a median that is a hundredth of the mean).
//!
//! Rejected: drawing again while negative (a varying number of draws), `max(0)` (a lump at 0 and a
//! mean that is not the one reported), the polar method (two values per pair of draws).

use super::error::{DistError, positive, representable, within};
use super::family::Family;
use crate::random::Uniforms;
use crate::random::detmath::{exp, exp_m1, ln, ln_1p, sqrt};
use crate::random::special::{normal_cdf, normal_density, normal_quantile};
use crate::time::SimDuration;

/// The bell curve at or above 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normal {
    /// Mean of the whole bell \[ns\].
    centre: f64,
    /// Standard deviation of the whole bell \[ns\].
    sd: f64,
    /// Share of the bell at or above 0, at least a half.
    kept: f64,
}

impl Normal {
    pub(super) fn new(mean: SimDuration, sd: SimDuration) -> Result<Self, DistError> {
        let sd = positive("sd", sd)?;
        let centre = mean.as_ns_f64();
        Ok(Self {
            centre,
            sd,
            kept: normal_cdf(centre / sd),
        })
    }

    /// Density at the cut, relative to what is kept.
    fn hazard_at_cut(&self) -> f64 {
        normal_density(self.centre / self.sd) / self.kept
    }
}

impl Family for Normal {
    #[inline]
    fn sample<U: Uniforms>(&self, draws: &mut U) -> SimDuration {
        let upper_tail = draws.open01() * self.kept;
        SimDuration::from_sampled_ns(self.centre - self.sd * normal_quantile(upper_tail))
    }

    fn mean_ns(&self) -> f64 {
        self.centre + self.sd * self.hazard_at_cut()
    }

    fn variance_ns2(&self) -> f64 {
        let (cut, hazard) = (-self.centre / self.sd, self.hazard_at_cut());
        self.sd * self.sd * (1.0 + cut * hazard - hazard * hazard)
    }

    fn cdf(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        1.0 - normal_cdf((self.centre - x) / self.sd) / self.kept
    }
}

/// A span whose logarithm is normal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lognormal {
    /// Mean of the logarithm of the span in nanoseconds.
    mu: f64,
    /// Standard deviation of the logarithm.
    sigma: f64,
}

/// The standard normal 99th percentile.
const Z99: f64 = 2.326_347_874_040_841;
/// The most a p99 can be of the mean; the exact limit exp(Z99²/2) is 14.968.
const P99_LIMIT: f64 = 14.9;

impl Lognormal {
    pub(super) fn from_mean_and_p99(
        mean: SimDuration,
        p99: SimDuration,
    ) -> Result<Self, DistError> {
        let mean_ns = positive("mean", mean)?;
        let ratio = p99.as_ns_f64() / mean_ns;
        if p99 <= mean || ratio >= P99_LIMIT {
            return Err(DistError::NoSuchLognormal { mean, p99 });
        }
        // Z99 - sqrt(Z99² - 2 ln r), written so that nothing cancels for a ratio near 1.
        let twice_ln = 2.0 * ln(ratio);
        let sigma = twice_ln / (Z99 + sqrt(Z99 * Z99 - twice_ln));
        Ok(Self::with_mean_ns(mean_ns, sigma))
    }

    pub(super) fn from_mean_and_cv(mean: SimDuration, cv: f64) -> Result<Self, DistError> {
        let mean_ns = positive("mean", mean)?;
        let cv = within("cv", cv, [1e-6, 1e3], "for less variation write a constant")?;
        Ok(Self::with_mean_ns(mean_ns, sqrt(ln_1p(cv * cv))))
    }

    pub(super) fn from_median_and_sigma(
        median: SimDuration,
        sigma: f64,
    ) -> Result<Self, DistError> {
        let median_ns = positive("median", median)?;
        let hint = "sigma is the standard deviation of the natural logarithm, seldom above 3";
        let sigma = within("sigma", sigma, [1e-6, 10.0], hint)?;
        let mu = ln(median_ns);
        representable(exp(mu + sigma * sigma / 2.0))?;
        Ok(Self { mu, sigma })
    }

    fn with_mean_ns(mean_ns: f64, sigma: f64) -> Self {
        Self {
            mu: ln(mean_ns) - sigma * sigma / 2.0,
            sigma,
        }
    }
}

impl Family for Lognormal {
    #[inline]
    fn sample<U: Uniforms>(&self, draws: &mut U) -> SimDuration {
        let logarithm = self.mu - self.sigma * normal_quantile(draws.open01());
        SimDuration::from_sampled_ns(exp(logarithm))
    }

    fn mean_ns(&self) -> f64 {
        exp(self.mu + self.sigma * self.sigma / 2.0)
    }

    fn variance_ns2(&self) -> f64 {
        let mean = self.mean_ns();
        mean * mean * exp_m1(self.sigma * self.sigma)
    }

    fn cdf(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        normal_cdf((ln(x) - self.mu) / self.sigma)
    }
}

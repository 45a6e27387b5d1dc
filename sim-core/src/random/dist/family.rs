//! What every family of distributions can do.

use crate::random::Uniforms;
use crate::time::SimDuration;

/// What every family of distributions can do; spans are in nanoseconds.
pub trait Family {
    /// One value.
    fn sample<U: Uniforms>(&self, draws: &mut U) -> SimDuration;
    /// The mean \[ns\].
    fn mean_ns(&self) -> f64;
    /// The variance \[ns²\].
    fn variance_ns2(&self) -> f64;
    /// The probability of a value of at most `x` \[ns\].
    fn cdf(&self, x: f64) -> f64;
    /// The greatest span that no value is below.
    fn least(&self) -> SimDuration {
        SimDuration::ZERO
    }
    /// The least span that no value is above; none where values have no limit.
    fn greatest(&self) -> Option<SimDuration> {
        None
    }
}

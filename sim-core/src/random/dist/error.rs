//! What can be wrong with a distribution: the fact, the limit and a hint, in one sentence each.

use crate::time::SimDuration;
use thiserror::Error;

/// Why no such distribution exists.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum DistError {
    /// A span that must be longer than nothing.
    #[error(
        "`{parameter}` is 0s, but it must be longer than that; for a fixed value write a constant such as `5ms`"
    )]
    Zero {
        /// The parameter as a person writes it.
        parameter: &'static str,
    },
    /// A bare number outside its limits.
    #[error("`{parameter}` is {value}, but it must lie between {low} and {high}; {hint}")]
    OutOfRange {
        /// The parameter as a person writes it.
        parameter: &'static str,
        /// Its value.
        value: f64,
        /// The smallest value allowed.
        low: f64,
        /// The largest value allowed.
        high: f64,
        /// What to do instead.
        hint: &'static str,
    },
    /// Two spans in the wrong order.
    #[error(
        "`{smaller}` is {low} and `{larger}` is {high}, but `{smaller}` must be {relation} `{larger}`"
    )]
    Order {
        /// The parameter that must be smaller.
        smaller: &'static str,
        /// Its value.
        low: SimDuration,
        /// The parameter that must be larger.
        larger: &'static str,
        /// Its value.
        high: SimDuration,
        /// `below` or `at most`.
        relation: &'static str,
    },
    /// No lognormal has this mean and this 99th percentile.
    #[error(
        "`p99` is {p99} and `mean` is {mean}, but no such lognormal exists: its p99 lies above the mean and below 14.9 times it; give `cv`, or `median` and `sigma`, or use `pareto`"
    )]
    NoSuchLognormal {
        /// The mean asked for.
        mean: SimDuration,
        /// The 99th percentile asked for.
        p99: SimDuration,
    },
    /// A mean longer than the longest run.
    #[error(
        "these parameters give a mean above 292 years, longer than any run; make the spread smaller"
    )]
    MeanTooLong,
    /// A list with nothing in it.
    #[error("`{parameter}` is empty, but it needs at least one entry")]
    Empty {
        /// The parameter as a person writes it.
        parameter: &'static str,
    },
    /// Shares that are not a whole.
    #[error("the shares of `{parameter}` add up to {percent}%, but they must add up to 100%")]
    Shares {
        /// The parameter as a person writes it.
        parameter: &'static str,
        /// Their sum \[%\].
        percent: f64,
    },
}

/// A span longer than nothing, in nanoseconds.
pub(super) fn positive(parameter: &'static str, span: SimDuration) -> Result<f64, DistError> {
    if span.is_zero() {
        return Err(DistError::Zero { parameter });
    }
    Ok(span.as_ns_f64())
}

/// A number between two limits; NaN lies nowhere.
pub(super) fn within(
    parameter: &'static str,
    value: f64,
    [low, high]: [f64; 2],
    hint: &'static str,
) -> Result<f64, DistError> {
    if (low..=high).contains(&value) {
        return Ok(value);
    }
    Err(DistError::OutOfRange {
        parameter,
        value,
        low,
        high,
        hint,
    })
}

/// A mean that fits on the clock, in nanoseconds.
pub(super) fn representable(mean_ns: f64) -> Result<f64, DistError> {
    if mean_ns < SimDuration::MAX.as_ns_f64() {
        return Ok(mean_ns);
    }
    Err(DistError::MeanTooLong)
}

//! What can be wrong with traffic: the fact, the limit and a hint, in one sentence each.

use crate::time::{SimDuration, SimTime};
use thiserror::Error;

/// Why no such traffic exists.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum TrafficError {
    /// A list with nothing in it.
    #[error("`{parameter}` is empty, but it needs at least one entry")]
    Empty {
        /// The parameter as a person writes it.
        parameter: &'static str,
    },
    /// A profile that does not say how it begins.
    #[error(
        "the first point of `rate` is at {at}, but it must be at 0s; add `{{ at: 0s, rate: 0/s }}`"
    )]
    LateStart {
        /// Where the first point is.
        at: SimTime,
    },
    /// A ramp from nowhere.
    #[error(
        "the first point of `rate` has a ramp, but there is no point before it to come from; leave `ramp` out"
    )]
    RampFromNowhere,
    /// Points or times that run backwards.
    #[error("`{parameter}` has {at} after {earlier}, but its entries must be in order; sort them")]
    Unsorted {
        /// The parameter as a person writes it.
        parameter: &'static str,
        /// The entry before.
        earlier: SimTime,
        /// The entry that does not come after it.
        at: SimTime,
    },
    /// A daily profile upside down.
    #[error("`low` is {low}/s and `high` is {high}/s, but `low` must be at most `high`; swap them")]
    LowAboveHigh {
        /// The rate at the trough \[1/s\].
        low: f64,
        /// The rate at the peak \[1/s\].
        high: f64,
    },
    /// A span that must be longer than nothing.
    #[error("`{parameter}` is 0s, but it must be longer than that")]
    Zero {
        /// The parameter as a person writes it.
        parameter: &'static str,
    },
    /// Modulation without anything to change to.
    #[error(
        "`states` has one entry, but modulated arrivals need at least two; for one rate use `poisson`"
    )]
    OneState,
    /// Modulation that changes state a million times for one arrival.
    #[error(
        "`states` bring {per_change} arrivals per change of state, but there must be at least 0.000001; raise a rate or a `mean_duration`"
    )]
    TooFewArrivals {
        /// Arrivals expected between two changes of state \[count\].
        per_change: f64,
    },
    /// A batch that no arrival can bring.
    #[error("`batch` is {size}, but an arrival brings at least 1 call and at most 4294967295")]
    Batch {
        /// The size, or the mean size \[calls\].
        size: f64,
    },
}

/// A span longer than nothing.
pub(super) fn positive(
    parameter: &'static str,
    span: SimDuration,
) -> Result<SimDuration, TrafficError> {
    if span.is_zero() {
        return Err(TrafficError::Zero { parameter });
    }
    Ok(span)
}

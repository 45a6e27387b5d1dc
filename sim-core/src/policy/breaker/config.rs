//! What a breaker is made of: four small closed choices and a few numbers.

use crate::policy::OutcomeSet;
use crate::time::SimDuration;
use crate::units::Probability;

/// What the breaker remembers while closed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Window {
    /// The last so many results.
    Calls(u32),
    /// Nothing but the run of failures since the last success.
    Consecutive,
}

/// When a closed breaker opens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TripRule {
    /// At least this share of the results in the window failed, once there are `minimum_calls`.
    FailureRate {
        /// Share of failures that opens.
        at_least: Probability,
        /// Results needed before the share is looked at.
        minimum_calls: u32,
    },
    /// So many failures in a row.
    ConsecutiveFailures(u32),
}

/// Who is let through when the cool-down is over, and what closes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HalfOpenRule {
    /// So many probes in all; each must succeed, one failure opens again, excess is rejected.
    AllMustSucceed {
        /// Probes admitted, and successes needed to close.
        permits: u32,
    },
}

/// What a result does whose call began in an older state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LateRule {
    /// Nothing.
    Ignore,
}

/// A circuit breaker.
#[derive(Clone, Debug, PartialEq)]
pub struct BreakerConfig {
    /// What is counted.
    pub window: Window,
    /// When it opens.
    pub trip: TripRule,
    /// How long everything is rejected after opening.
    pub open_for: SimDuration,
    /// Who is admitted after that.
    pub half_open: HalfOpenRule,
    /// What old results do.
    pub late: LateRule,
    /// Which outcomes count as failure; `cancelled` counts as neither.
    pub failures: OutcomeSet,
}

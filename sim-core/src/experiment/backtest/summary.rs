//! What a backtest found, in numbers of fixed size.

use super::bind::LayerUnit;
use super::call::{Decided, Decision};
use super::strip::Strip;
use crate::model::record::LayerCounts;
use crate::policy::{BreakerStateKind, Outcome, Transition};
use crate::time::{SimDuration, SimTime};

/// Changes of state that are kept with their figures \[count\]; later ones are only counted.
pub const MOST_CHANGES: usize = 10_000;

/// What the policy did to a call, by how it really ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Impact {
    /// It was useful, and still is.
    Kept,
    /// It was useful, and no longer is.
    Lost,
    /// It was not useful, and now is.
    Rescued,
    /// It was not useful, and never reached the callee.
    Avoided,
    /// It was not useful, and still is not.
    Unhelped,
}

impl Impact {
    /// How many there are.
    pub const COUNT: usize = 5;

    /// The effect on a call.
    pub fn of(call: &Decided<'_>) -> Self {
        let useful = call.outcome.is_useful();
        match (call.recorded.outcome.is_useful(), useful) {
            (true, true) => Self::Kept,
            (true, false) => Self::Lost,
            (false, true) => Self::Rescued,
            (false, false) if call.attempts == 0 => Self::Avoided,
            (false, false) => Self::Unhelped,
        }
    }
}

/// Calls of one class, caller or target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupTally {
    /// Calls by effect \[count\].
    pub effects: [u64; Impact::COUNT],
}

/// One breaker over the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakerSummary {
    /// Whose it is.
    pub unit: LayerUnit,
    /// Time in closed, open and half-open, from the log's first call to its last answer.
    pub held: [SimDuration; 3],
    /// How often it opened \[count\].
    pub openings: u64,
    /// Its state at the end.
    pub state: BreakerStateKind,
}

/// One bulkhead over the log.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkheadSummary {
    /// Whose it is.
    pub unit: LayerUnit,
    /// Passes inside, time-weighted; `None` for a log without length.
    pub in_use_mean: Option<f64>,
    /// Most passes inside \[count\].
    pub in_use_max: u32,
    /// Most passes that waited \[count\].
    pub waiting_max: u32,
}

/// A change of state that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptChange {
    /// When.
    pub at: SimTime,
    /// The call at which it happened.
    pub line: u64,
    /// Whose breaker it is.
    pub unit: LayerUnit,
    /// Old and new state, and the figures that decided it.
    pub transition: Transition,
}

/// Everything a backtest found.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Recorded calls \[count\].
    pub calls: u64,
    /// Calls whose answer never came \[count\].
    pub unanswered: u64,
    /// Start of the first call.
    pub from: SimTime,
    /// The last instant at which something happened.
    pub until: SimTime,
    /// Calls by recorded outcome and decision \[count\].
    pub by_outcome: [[u64; Decision::ALL.len()]; Outcome::COUNT],
    /// Calls by their outcome under the policy \[count\].
    pub outcomes: [u64; Outcome::COUNT],
    /// Calls by effect \[count\].
    pub effects: [u64; Impact::COUNT],
    /// Attempts sent \[count\].
    pub attempts: u64,
    /// Attempts whose answer was supposed, as there is no record of it \[count\].
    pub supposed: u64,
    /// Attempts given up before their answer came \[count\].
    pub abandoned: u64,
    /// Recorded latencies of the calls that never reached the callee, together.
    pub spared: SimDuration,
    /// What the layers of the policy did, outermost first, each in all its states together.
    pub layers: Vec<LayerCounts>,
    /// Breakers in the order of coming into being.
    pub breakers: Vec<BreakerSummary>,
    /// Bulkheads in the order of coming into being.
    pub bulkheads: Vec<BulkheadSummary>,
    /// The changes of state that were told first, at most [`MOST_CHANGES`], in the order of time.
    pub changes: Vec<KeptChange>,
    /// All changes of state \[count\].
    pub changes_total: u64,
    /// Callers, targets and classes by number.
    pub names: [Vec<String>; 3],
    /// The same callers, targets and classes: their calls.
    pub groups: [Vec<GroupTally>; 3],
    /// Calls by effect, at their start.
    pub calls_over_time: Strip<{ Impact::COUNT }>,
    /// For each layer, in the same buckets: breakers open and half-open, or passes inside and
    /// waiting [count × ns].
    pub levels_over_time: Vec<Strip<2>>,
}

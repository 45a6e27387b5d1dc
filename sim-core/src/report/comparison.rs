//! The report of two designs on the same random numbers: the only source of every view of them.

use super::{EnvelopeReport, FaultReport, Finite, ReproduceReport, RunsReport, ScenarioReport};
use super::{SpreadReport, ThresholdsReport, TimelineEntry, Unit, Verdict};
use serde::{Deserialize, Serialize};

/// Raised whenever a field of [`ComparisonReport`] changes its name, meaning or unit.
pub const COMPARISON_VERSION: u32 = 1;

/// Two designs, and what differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonReport {
    /// `comparison`: tells it from other reports.
    pub kind: String,
    /// [`COMPARISON_VERSION`] when it was written.
    pub schema_version: u32,
    /// Version of the engine's meaning: runs repeat only under the same one.
    pub engine_semantics: u32,
    /// The first design.
    pub a: SideReport,
    /// The second.
    pub b: SideReport,
    /// Pairs of finished runs of the same number \[count\].
    pub pairs: u32,
    /// Whether both meet the same calls in all pairs.
    pub same_traffic: bool,
    /// By client: in how many pairs arrivals are the same.
    pub arrivals: Vec<ArrivalsReport>,
    /// Figures that both have.
    pub figures: Vec<DifferenceReport>,
    /// What happens in a run or not.
    pub events: Vec<EventReport>,
    /// Figures that only one design has.
    pub unmatched: Vec<String>,
    /// Whether no figure is in both designs, so that they cannot be compared; absent if one is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nothing_in_common: bool,
    /// By what recovery and collapse are judged.
    pub thresholds: ThresholdsReport,
    /// How to play them again.
    pub reproduce: ReproduceReport,
}

/// One of the two designs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SideReport {
    /// What tells it from the other: its name, or the settings changed.
    pub label: String,
    /// What was simulated; its replication is the first.
    pub scenario: ScenarioReport,
    /// How many runs, and what became of them.
    pub runs: RunsReport,
    /// The worst verdict of its expectations in the first run.
    pub verdict: Verdict,
    /// What happened in its first run.
    pub timeline: Vec<TimelineEntry>,
    /// Calls over time, over all its runs.
    pub envelope: EnvelopeReport,
    /// Its faults.
    pub faults: Vec<FaultReport>,
    /// The command line that plays its first run.
    pub command: String,
}

/// The arrivals of a client in both designs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrivalsReport {
    /// Name of the client.
    pub client: String,
    /// Pairs in which they are the same \[count\].
    pub same: u32,
    /// Pairs \[count\]; zero if only one design has the client.
    pub pairs: u32,
}

/// A figure that both designs have, over pairs of runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DifferenceReport {
    /// Such as `success of shoppers`.
    pub name: String,
    /// Values of the first design, in the pairs.
    pub a: SpreadReport,
    /// Values of the second, in the pairs.
    pub b: SpreadReport,
    /// Mean of the second minus the first, in the unit of both.
    pub change: Finite,
    /// Half the width of its 95 % interval (Student, over pairs); absent for one pair.
    pub half_width: Option<Finite>,
    /// Whether the interval leaves out zero.
    pub significant: bool,
    /// How many pairs would decide it if they go on as they began; absent if it is decided, or
    /// nothing differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairs_to_decide: Option<u32>,
    /// How many times as many runs independent samples would take; absent where differences do not
    /// vary.
    pub gain: Option<Finite>,
}

/// Something that happens in a run or not, over pairs of runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventReport {
    /// Such as `collapsed`.
    pub name: String,
    /// Pairs in which it can be said of both \[count\].
    pub pairs: u32,
    /// With it in the first design \[count\].
    pub in_a: u32,
    /// With it in the second \[count\].
    pub in_b: u32,
    /// In the first only \[count\].
    pub only_a: u32,
    /// In the second only \[count\].
    pub only_b: u32,
    /// How often chance alone would part them so far (exact test of `McNemar`).
    pub p_value: Finite,
    /// Whether that is less often than one time in twenty.
    pub significant: bool,
    /// How many pairs would decide it if they go on as they began; absent if it is decided, or
    /// nothing differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairs_to_decide: Option<u32>,
}

impl DifferenceReport {
    /// The unit of all its values.
    pub fn unit(&self) -> Unit {
        self.a.unit
    }
}

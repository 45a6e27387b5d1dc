//! The report of a search for the best settings: the only source of every table and page about it.

mod build;

pub use build::{Study, tune_report};

use super::sweep::{Better, SweptScenario};
use super::{Finite, OverrideReport, ReproduceReport, ShareReport, Unit, Verdict};
use serde::{Deserialize, Serialize};

/// Raised whenever a field of [`TuneReport`] changes its name, meaning or unit.
pub const TUNE_VERSION: u32 = 1;

/// Everything there is to say about a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TuneReport {
    /// `tune`: tells it from the report of one run.
    pub kind: String,
    /// [`TUNE_VERSION`] when it was written.
    pub schema_version: u32,
    /// Version of the engine's meaning: runs repeat only under the same one.
    pub engine_semantics: u32,
    /// The scenarios that were served at once, before anything is changed.
    pub scenarios: Vec<SweptScenario>,
    /// What was to be small or large.
    pub goal: GoalReport,
    /// What could be changed.
    pub axes: Vec<TunedAxis>,
    /// Runs that were allowed \[count\].
    pub budget: u32,
    /// Runs that were played \[count\].
    pub runs: u32,
    /// Settings that were tried \[count\].
    pub tried: u32,
    /// The seed of the search, as decimal text in JSON.
    #[serde(with = "super::number::text_u64")]
    pub seed: u64,
    /// Whether somebody stopped it.
    pub stopped: bool,
    /// The answer, confirmed in runs that had no part in choosing it; absent if nothing was.
    pub best: Option<SettingReport>,
    /// The next best that was confirmed.
    pub second: Option<SettingReport>,
    /// The scenario as it is, in the same runs.
    pub present: Option<SettingReport>,
    /// Whether anything beyond the best would do; absent unless a setting itself was to be small or
    /// large.
    pub least: Option<LeastReport>,
    /// Runs that it takes to say how exact each setting must be \[count\].
    pub runs_for_exactness: u32,
    /// By how much the second costs more than the best, run by run.
    pub second_gap: Option<GapReport>,
    /// By how much the scenario as it is costs more than the best, run by run.
    pub present_gap: Option<GapReport>,
    /// The changed parts of the scenario, as YAML.
    pub paste: String,
    /// Settings that were tried, in the order in which they were begun.
    pub candidates: Vec<TriedReport>,
    /// How to search again.
    pub reproduce: ReproduceReport,
}

/// Whether anything beyond the best would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeastReport {
    /// How that came out.
    pub state: LeastState,
    /// The next value; empty if the best is the last one that was allowed.
    pub next: String,
    /// Runs of the next value \[count\].
    pub runs: u32,
    /// What the next value misses.
    pub misses: Vec<MissReport>,
}

/// How it came out whether anything beyond the best would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeastState {
    /// The best is the last value that was allowed.
    End,
    /// The next value was shown to fail.
    Shown,
    /// The runs ended before that was shown.
    Unsure,
}

/// An expectation that settings miss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MissReport {
    /// Name of the scenario.
    pub scenario: String,
    /// Name of the expectation.
    pub expectation: String,
    /// What it states.
    pub statement: String,
    /// Runs that miss it \[count\],
    pub missed: u32,
    /// of so many \[count\].
    pub of: u32,
    /// What it measures in the median of those that miss it; absent where there is nothing to measure.
    pub value: Option<Finite>,
    /// Unit of the value.
    pub unit: Unit,
}

/// What was to be small or large.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoalReport {
    /// Such as `p99 latency of shoppers`.
    pub name: String,
    /// Unit of its values.
    pub unit: Unit,
    /// Which values are good.
    pub better: Better,
    /// How many expectations had to be met \[count\].
    pub expectations: u32,
}

/// Something that could be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TunedAxis {
    /// Where, such as `policies.guarded.retry.max_attempts`.
    pub path: String,
    /// The end of the path that tells it from the other axes.
    pub name: String,
    /// The values as they were asked for.
    pub asked: String,
    /// What the scenario itself has there, if it has a single value.
    pub present: Option<String>,
    /// The values from here to there are as good as the best; absent if that was not looked at.
    pub as_good: Option<(String, String)>,
    /// Whether its values have an order.
    pub ordered: bool,
    /// At which end of what was allowed the best lies, if at one.
    pub at_end: Option<EndName>,
}

/// An end of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndName {
    /// The least value.
    Lower,
    /// The greatest.
    Upper,
}

/// Settings, and what they give.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingReport {
    /// The settings by path; none for the scenario as it is.
    pub values: Vec<OverrideReport>,
    /// Fresh runs \[count\].
    pub runs: u32,
    /// Mean of the measure over them; absent if it cannot be measured in one of them.
    pub mean: Option<Finite>,
    /// Half the width of Student's 95 % interval for the mean.
    pub half_width: Option<Finite>,
    /// Fresh runs that meet all expectations, with Wilson's interval.
    pub meets: ShareReport,
    /// The verdict on the expectations over all its runs.
    pub verdict: Verdict,
    /// The expectations that its fresh runs miss.
    pub misses: Vec<MissReport>,
}

/// A difference between two settings, run by run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GapReport {
    /// Mean by which the other one is worse.
    pub mean: Finite,
    /// Half the width of Student's 95 % interval for it; absent for fewer than two runs.
    pub half_width: Option<Finite>,
}

impl GapReport {
    /// Whether it is surely above zero.
    pub fn is_sure(&self) -> bool {
        self.half_width
            .is_some_and(|half| self.mean.get() > half.get())
    }
}

/// Settings that were tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TriedReport {
    /// Values in the order of the axes.
    pub values: Vec<String>,
    /// Runs of each scenario in the search \[count\].
    pub runs: u32,
    /// Mean of the measure over them.
    pub mean: Option<Finite>,
    /// The verdict on the expectations over all its runs.
    pub verdict: Verdict,
}

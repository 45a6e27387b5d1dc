//! The report of a search for the edge: the only source of every table, chart and page about it.

mod build;
#[cfg(test)]
mod tests;

pub use build::{Study, StudyLine, limits_report};

use super::sweep::SweptScenario;
use super::{Finite, ReproduceReport, ShareReport};
use serde::{Deserialize, Serialize};

/// Raised whenever a field of [`LimitsReport`] changes its name, meaning or unit.
pub const LIMITS_VERSION: u32 = 1;

/// Everything there is to say about an edge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LimitsReport {
    /// `limits`: tells it from the report of one run.
    pub kind: String,
    /// [`LIMITS_VERSION`] when it was written.
    pub schema_version: u32,
    /// Version of the engine's meaning: runs repeat only under the same one.
    pub engine_semantics: u32,
    /// The scenario before anything is tried.
    pub scenario: SweptScenario,
    /// What was searched for.
    pub question: LimitsQuestion,
    /// Runs in all \[count\].
    pub runs: u32,
    /// Whether somebody stopped it: then intervals are wider than they would be.
    pub stopped: bool,
    /// The lines that were searched: with the faults, then without them; on a map, one for each of
    /// its values.
    pub lines: Vec<LineReport>,
    /// Up and down again in one run; absent if it was not asked for.
    pub ramp: Option<RampReport>,
    /// How to play it again.
    pub reproduce: ReproduceReport,
}

/// What was searched for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LimitsQuestion {
    /// Which setting, such as `clients.shoppers.arrivals.poisson.rate`.
    pub path: String,
    /// The end of the path that says what it is.
    pub name: String,
    /// The values as they were asked for.
    pub asked: String,
    /// The values that were searched between, in order.
    pub values: Vec<String>,
    /// What the scenario itself has there, if it has a single value.
    pub present: Option<String>,
    /// Name of the expectation whose failure is looked at; empty for collapse.
    pub expectation: String,
    /// The statement of that expectation; empty for collapse.
    pub statement: String,
    /// Probability whose crossing is the edge, 0 to 1.
    pub level: Finite,
    /// Most runs of one value \[count\].
    pub runs_of_a_value: u32,
    /// Values that are looked at first \[count\].
    pub scan: u32,
    /// The seed, as decimal text in JSON.
    #[serde(with = "super::number::text_u64")]
    pub seed: u64,
    /// The second setting of a map; absent without one.
    pub map: Option<MapAxis>,
}

impl LimitsReport {
    /// The first and the last value, where a line without an edge does not surely hold or fail.
    pub fn open_ends<'a>(&'a self, line: &'a LineReport) -> Vec<&'a PointReport> {
        if !matches!(line.response, Response::Never | Response::Always) {
            return Vec::new();
        }
        let values = &self.question.values;
        let ends = [values.first(), values.last()];
        let is_open_end =
            |point: &&PointReport| point.side.is_none() && ends.contains(&Some(&point.value));
        line.points.iter().filter(is_open_end).collect()
    }

    /// Whether it cannot be told of a line where it tips, or of all lines whether they do.
    pub fn is_unclear(&self) -> bool {
        let mut lines = self.lines.iter();
        if lines.any(|line| line.response == Response::Unclear) {
            return true;
        }
        let has_edges = self.lines.iter().any(|line| !line.edges.is_empty());
        let is_open = |line: &LineReport| !self.open_ends(line).is_empty();
        !has_edges && self.lines.iter().any(is_open)
    }
}

/// The second setting of a map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapAxis {
    /// Which setting.
    pub path: String,
    /// The end of the path that says what it is.
    pub name: String,
    /// Its values, in order.
    pub values: Vec<String>,
}

/// A line that was searched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineReport {
    /// The value of the map's setting; empty without a map.
    pub with: String,
    /// Whether the faults of the scenario act.
    pub faults: bool,
    /// How the probability of failure goes along the line.
    pub response: Response,
    /// Where it surely crosses the level, from the least value to the greatest.
    pub edges: Vec<EdgeReport>,
    /// What was played, in the order of values.
    pub points: Vec<PointReport>,
}

/// How a probability goes along a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// It is below the level at all values of which the side is sure.
    Never,
    /// It is above the level at all of them.
    Always,
    /// It crosses the level once, upwards.
    Rises,
    /// It crosses the level once, downwards.
    Falls,
    /// It crosses the level more than once: it is not monotone.
    Turns,
    /// Nothing can be said for sure.
    Unclear,
}

/// Two values that are surely on different sides of the level, and nothing sure between them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeReport {
    /// The last value that is surely before it.
    pub from: String,
    /// The first value that is surely behind it.
    pub to: String,
    /// Half way between the two.
    pub middle: String,
    /// How far both are from there.
    pub reach: String,
    /// Where the observed shares cross the level.
    pub about: String,
    /// Whether `to` is above the level: then it fails behind the edge, else before it.
    pub fails_behind: bool,
    /// Whether `from` and `to` are neighbours: no value between them could be played.
    pub is_sharp: bool,
}

/// A value that was played.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PointReport {
    /// The value.
    pub value: String,
    /// Runs that failed, of those that can say; with Wilson's interval.
    pub failed: ShareReport,
    /// Runs that cannot say \[count\].
    pub unknown: u32,
    /// On which side of the level it surely is; absent if that is open.
    pub side: Option<SideName>,
}

/// A side of the level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SideName {
    /// Failures are rarer than the level.
    Below,
    /// Failures are more frequent than the level.
    Above,
}

/// Up and down again in one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RampReport {
    /// How long each value lasts \[ns\].
    pub hold_ns: u64,
    /// Runs that reached their end \[count\].
    pub runs: u32,
    /// Runs that fell on the way up \[count\].
    pub fell: u32,
    /// Runs that fell and did not come back \[count\].
    pub stayed_down: u32,
    /// The value at which half of the runs have fallen; absent if fewer fell.
    pub falls_at: Option<String>,
    /// The value at which half of the runs that fell are up again; absent if fewer came back.
    pub returns_at: Option<String>,
    /// What each value gave, in their order.
    pub levels: Vec<RampLevel>,
}

/// A value of a ramp.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RampLevel {
    /// The value.
    pub value: String,
    /// Share of useful calls on the way up.
    pub up: Option<RangeReport>,
    /// Share of useful calls on the way down.
    pub down: Option<RangeReport>,
}

/// How values spread over runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RangeReport {
    /// Median over runs.
    pub median: Finite,
    /// Least value.
    pub min: Finite,
    /// Greatest value.
    pub max: Finite,
}

//! The report of a sweep: the only source of every table, map and page about it.
//!
//! ```text
//! SweepPlan ─prepare→ cells ─play→ CellReport (a line of the journal) ─build→ SweepReport
//! ```
//!
//! A [`CellReport`] depends on the plan's scenario, seed and replications and on the cell's own
//! parameters, on nothing else: a larger grid, another order, a resumed or a divided sweep all give
//! the same cell the same bytes. What looks across cells (effects, trade-offs) is derived here, once,
//! when all are there.

mod build;
mod cell;
mod chance;
mod effects;
mod front;
mod journal;
mod plan;
#[cfg(test)]
mod tests;

pub(super) use build::short_name;
pub use build::sweep_report;
pub use cell::{CellExpectation, CellReport, CellState, MeasureValue, Phase};
pub use journal::{Damage, JOURNAL_VERSION, Journal, JournalHeader, Mismatch};
pub use plan::{BadPlan, Prepared, SweepPlan, SweepRequest};

use super::{Finite, OverrideReport, ReproduceReport, Unit};
use serde::{Deserialize, Serialize};

/// Raised whenever a field of [`SweepReport`] changes its name, meaning or unit.
pub const SWEEP_VERSION: u32 = 1;

/// Everything there is to say about a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SweepReport {
    /// `sweep`: tells it from the report of one run.
    pub kind: String,
    /// [`SWEEP_VERSION`] when it was written.
    pub schema_version: u32,
    /// Version of the engine's meaning: runs repeat only under the same one.
    pub engine_semantics: u32,
    /// What was varied.
    pub scenario: SweptScenario,
    /// Which values were tried.
    pub design: DesignReport,
    /// What every cell is described by, in the order of its `measures`.
    pub measures: Vec<MeasureReport>,
    /// Places of the measures to look at first.
    pub shown: Vec<u32>,
    /// Cells that were asked for and are not there, because somebody stopped the sweep \[count\].
    pub missing: u32,
    /// All cells, in the order of the design.
    pub cells: Vec<CellReport>,
    /// Whether each shown measure varies between cells at all, and beyond chance.
    pub variation: Vec<VariationReport>,
    /// What each axis does to each shown measure, the strongest first.
    pub effects: Vec<InfluenceReport>,
    /// Of the cells that somebody could want, those that no other one beats in every respect; absent
    /// if there is nothing to choose or nothing to weigh.
    pub front: Option<FrontReport>,
    /// How to play it again.
    pub reproduce: ReproduceReport,
}

/// The scenario before anything is varied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweptScenario {
    /// Name in the file.
    pub name: String,
    /// Free text; may be empty.
    pub title: String,
    /// What it asks; may be empty.
    pub question: String,
    /// BLAKE3 of the normalised scenario, in hexadecimal.
    pub hash: String,
    /// The normalised scenario itself.
    pub text: String,
    /// Length of each run \[ns\].
    pub duration_ns: u64,
    /// Settings changed on the command line, in the order given.
    pub overrides: Vec<OverrideReport>,
}

/// Which values were tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DesignReport {
    /// `grid`, `random N` or `lhs N`.
    pub kind: String,
    /// What was varied, the slowest first.
    pub axes: Vec<AxisReport>,
    /// Cells in all \[count\].
    pub cells_total: u32,
    /// Runs of each cell \[count\].
    pub replications: u32,
    /// The seed, as decimal text in JSON.
    #[serde(with = "super::number::text_u64")]
    pub seed: u64,
    /// Whether cells meet different random numbers; else all meet the same.
    pub independent: bool,
}

/// Something that was varied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AxisReport {
    /// Where, such as `policies.guarded.retry.max_attempts`.
    pub path: String,
    /// The end of the path that tells it from the other axes.
    pub name: String,
    /// The values as they were asked for.
    pub asked: String,
    /// The values that occur, in order.
    pub values: Vec<String>,
    /// Whether it is a condition that the system meets (a load, a fault), not a choice of its owner.
    pub condition: bool,
}

/// Something that cells are described by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureReport {
    /// Such as `success of shoppers`.
    pub name: String,
    /// Unit of its values.
    pub unit: Unit,
    /// Which values are good.
    pub better: Better,
}

/// Which values of a measure are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// Large ones.
    Higher,
    /// Small ones.
    Lower,
    /// It depends.
    Neither,
}

impl Better {
    /// Which values are good of a figure with this name.
    pub fn of(figure: &str) -> Self {
        let starts = |words: &[&str]| words.iter().any(|word| figure.starts_with(word));
        if starts(&["success of", "goodput of", "throughput of"]) {
            Self::Higher
        } else if starts(&["expectation ", "utilisation of", "in system of"]) {
            Self::Neither
        } else {
            Self::Lower
        }
    }
}

/// How a measure varies between cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariationReport {
    /// Name of the measure; `probability of collapse` is one too.
    pub measure: String,
    /// Its unit.
    pub unit: Unit,
    /// Whether all cells have the same value.
    pub constant: bool,
    /// Whether cells differ by more than chance; absent if too few runs were played to tell.
    pub beyond_chance: Option<bool>,
}

/// What an axis does to a measure, all other axes averaged over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InfluenceReport {
    /// Name of the measure; `probability of collapse` is one too.
    pub measure: String,
    /// Unit of the levels.
    pub unit: Unit,
    /// Path of the axis.
    pub axis: String,
    /// Share of the variation between cells that this axis explains by itself, 0 to 1.
    pub explains: Finite,
    /// Whether that is more than chance; absent if too few runs were played to tell.
    pub beyond_chance: Option<bool>,
    /// The values of the axis, or the ranges that they were put into.
    pub levels: Vec<LevelReport>,
}

/// All cells with one value of an axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LevelReport {
    /// The value, or `LOW to HIGH`.
    pub value: String,
    /// Cells that have it, and the measure \[count\].
    pub cells: u32,
    /// Mean of the measure over them.
    pub mean: Finite,
}

/// Cells that no other one beats in every respect, under the same conditions. Only those are in the
/// race that meet all expectations and of which no run collapses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrontReport {
    /// What is weighed: names of measures, `instances`.
    pub objectives: Vec<ObjectiveReport>,
    /// Cells in the race \[count\].
    pub feasible: u32,
    /// Places of the cells on the front, those with the same conditions together, and among them
    /// those that are equal.
    pub cells: Vec<u32>,
    /// For each of them, how many cells of the front are equal to it, itself included \[count\].
    pub equals: Vec<u32>,
}

/// Something that is weighed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectiveReport {
    /// What.
    pub name: String,
    /// Its unit.
    pub unit: Unit,
    /// Which values are good: higher or lower.
    pub better: Better,
}

/// The name of the share of runs that collapse (rule 39), where it stands beside measures.
pub const COLLAPSE: &str = "probability of collapse";
/// The name of the cost of a cell: instances of all services.
pub const INSTANCES: &str = "instances";

//! One cell, as a report and a journal hold it.

use crate::experiment::design::{Cell, Design};
use crate::experiment::estimate::Spread;
use crate::experiment::sweep::{CellOutcome, CellStatus, KeptExpectation};
use crate::report::{Finite, ShareReport, Verdict};
use serde::{Deserialize, Serialize};

/// One cell of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellReport {
    /// Its parameters in words; cells are known by this.
    pub cell: String,
    /// Its values, in the order of the axes.
    pub values: Vec<String>,
    /// How it went.
    pub state: CellState,
    /// Why it failed, or which limit stopped runs; empty otherwise.
    pub reason: String,
    /// Runs asked for \[count\].
    pub runs: u32,
    /// Runs that reached their end \[count\]; everything below is over these.
    pub finished: u32,
    /// What kind of system it is.
    pub phase: Phase,
    /// In how many runs under half of the calls at the end are useful (rule 39).
    pub collapsed: ShareReport,
    /// Runs that stayed down though the trigger had gone \[count\].
    pub metastable: u32,
    /// Runs that meet all expectations \[count\].
    pub passed: u32,
    /// Runs that miss one \[count\].
    pub missed: u32,
    /// Each expectation, over its runs.
    pub expectations: Vec<CellExpectation>,
    /// Instances of all services \[count\].
    pub instances: u32,
    /// The values of the measures, in their order; absent where the cell has none.
    pub measures: Vec<Option<MeasureValue>>,
    /// Fingerprint of all its runs: 32 hexadecimal digits.
    pub digest: String,
}

/// An expectation over the runs of a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellExpectation {
    /// Its name.
    pub name: String,
    /// Runs that meet it \[count\].
    pub met: u32,
    /// Runs that miss it \[count\].
    pub missed: u32,
    /// What follows from that, as for many runs of one scenario.
    pub verdict: Verdict,
}

/// How a cell went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellState {
    /// All its runs reached their end.
    Finished,
    /// Some were stopped at a limit.
    Limited,
    /// Some broke the simulator.
    Failed,
}

/// What kind of system a cell is, by the share of its runs that collapse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// No run collapsed.
    Stable,
    /// Some did, fewer than half.
    Vulnerable,
    /// Half of them did, or more.
    Metastable,
    /// No run reached its end.
    Unknown,
}

impl Phase {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Vulnerable => "vulnerable",
            Self::Metastable => "metastable",
            Self::Unknown => "unknown",
        }
    }

    const fn of(collapsed: u32, finished: u32) -> Self {
        match (collapsed, finished) {
            (_, 0) => Self::Unknown,
            (0, _) => Self::Stable,
            (some, all) if some * 2 < all => Self::Vulnerable,
            _ => Self::Metastable,
        }
    }
}

/// A measure over the runs of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasureValue {
    /// Runs that have a value \[count\].
    pub runs: u32,
    /// Mean over them.
    pub mean: Finite,
    /// Half the width of Student's 95 % interval for the mean; absent for fewer than two values.
    pub half_width: Option<Finite>,
    /// Median over runs: what a typical run has, where some collapse and some do not.
    pub median: Finite,
    /// Least value.
    pub min: Finite,
    /// Greatest value.
    pub max: Finite,
}

impl MeasureValue {
    fn of(spread: &Spread) -> Option<Self> {
        Some(Self {
            runs: spread.count,
            mean: Finite::new(spread.mean.mean)?,
            half_width: spread.mean.half_width.and_then(Finite::new),
            median: Finite::new(spread.median)?,
            min: Finite::new(spread.min)?,
            max: Finite::new(spread.max)?,
        })
    }
}

impl CellReport {
    /// What came of a cell.
    pub fn of(design: &Design, cell: &Cell, outcome: &CellOutcome) -> Self {
        let (state, reason) = match &outcome.status {
            CellStatus::Finished => (CellState::Finished, String::new()),
            CellStatus::Limit(name) => (CellState::Limited, (*name).to_owned()),
            CellStatus::Failed(why) => (CellState::Failed, why.clone()),
        };
        let figures = outcome.figures.iter();
        Self {
            cell: design.name(cell),
            values: cell.values.clone(),
            state,
            reason,
            runs: outcome.asked,
            finished: outcome.finished,
            phase: Phase::of(outcome.collapsed, outcome.finished),
            collapsed: ShareReport::of(outcome.collapsed, outcome.finished),
            metastable: outcome.metastable,
            passed: outcome.passed,
            missed: outcome.missed,
            expectations: outcome.expectations.iter().map(expectation).collect(),
            instances: outcome.instances,
            measures: figures
                .map(|figure| MeasureValue::of(figure.as_ref()?))
                .collect(),
            digest: crate::observe::digest::hex(outcome.digest),
        }
    }

    /// The expectations that it does not meet.
    pub fn misses(&self) -> impl Iterator<Item = &CellExpectation> {
        let met = |one: &&CellExpectation| match one.verdict {
            Verdict::Pass => true,
            Verdict::Fail => false,
            // Too few runs to be sure of a share, and none that speaks against it.
            Verdict::Inconclusive => one.missed == 0,
        };
        self.expectations.iter().filter(move |one| !met(one))
    }

    /// Whether somebody could want it: no run collapses, and all expectations are met.
    pub fn is_feasible(&self) -> bool {
        self.phase == Phase::Stable && self.misses().next().is_none()
    }

    /// The median of a measure.
    pub fn median(&self, measure: usize) -> Option<f64> {
        let value = self.measures.get(measure)?.as_ref()?;
        Some(value.median.get())
    }

    /// The share of runs that collapsed.
    pub fn collapse(&self) -> Option<f64> {
        self.collapsed.share.map(Finite::get)
    }
}

fn expectation(kept: &KeptExpectation) -> CellExpectation {
    CellExpectation {
        name: kept.name.clone(),
        met: kept.tally.met,
        missed: kept.tally.missed,
        verdict: kept.verdict,
    }
}

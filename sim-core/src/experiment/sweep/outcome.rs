//! What is kept of a cell: statistics over its runs, a kilobyte however long they were.

use crate::experiment::estimate::{Spread, spread};
use crate::experiment::replicate::Replications;
use crate::experiment::summary::RunSummary;
use crate::experiment::verdict::Tally;
use crate::judge::Verdict;
use crate::model::record::RunStatus;
use crate::scenario::Scenario;

/// How the runs of a cell went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellStatus {
    /// All reached their end.
    Finished,
    /// Some were stopped at this limit.
    Limit(&'static str),
    /// Some broke the simulator, or the cell could not be played at all.
    Failed(String),
}

/// A cell that was played.
#[derive(Clone, Debug, PartialEq)]
pub struct CellOutcome {
    /// How it went.
    pub status: CellStatus,
    /// Runs asked for \[count\].
    pub asked: u32,
    /// Runs that reached their end \[count\]; all statistics are over these.
    pub finished: u32,
    /// Runs that were stopped at a limit \[count\].
    pub limited: u32,
    /// Runs that broke \[count\].
    pub failed: u32,
    /// Of the finished ones, those in which under half of the calls at the end are useful \[count\].
    pub collapsed: u32,
    /// Of the finished ones, those that stayed down though the trigger had gone \[count\].
    pub metastable: u32,
    /// Of the finished ones: those that meet all expectations \[count\].
    pub passed: u32,
    /// Of the finished ones: those that miss one \[count\].
    pub missed: u32,
    /// Each expectation, over the finished runs.
    pub expectations: Vec<KeptExpectation>,
    /// Instances of all services \[count\].
    pub instances: u32,
    /// The figures that were asked for, over the finished runs that have them.
    pub figures: Vec<Option<Spread>>,
    /// Fingerprint of everything that happened in all its runs.
    pub digest: u128,
}

/// An expectation over the runs of a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptExpectation {
    /// Name of the expectation.
    pub name: String,
    /// In how many runs it holds.
    pub tally: Tally,
    /// What follows from that (rule 40).
    pub verdict: Verdict,
}

impl CellOutcome {
    /// A cell that broke.
    pub(super) fn failed(asked: u32, why: &str) -> Self {
        Self {
            status: CellStatus::Failed(why.to_owned()),
            asked,
            finished: 0,
            limited: 0,
            failed: asked,
            collapsed: 0,
            metastable: 0,
            passed: 0,
            missed: 0,
            expectations: Vec::new(),
            instances: 0,
            figures: Vec::new(),
            digest: 0,
        }
    }

    /// The statistics of all runs of a scenario; `places` are those of the figures wanted.
    pub(super) fn of(scenario: &Scenario, all: &Replications, places: &[Option<usize>]) -> Self {
        let runs = || {
            all.runs
                .iter()
                .filter(|run| run.status == RunStatus::Finished)
        };
        let count = |is: &dyn Fn(&RunSummary) -> bool| runs().filter(|run| is(run)).count() as u32;
        let finished = runs().count() as u32;
        Self {
            status: status(all),
            asked: all.asked(),
            finished,
            limited: all.runs.len() as u32 - finished,
            failed: all.failures.len() as u32,
            collapsed: count(&|run| run.collapsed),
            metastable: count(&|run| run.recoveries.iter().any(|one| one.metastable)),
            passed: count(&|run| run.verdict == Verdict::Pass),
            missed: count(&|run| run.verdict == Verdict::Fail),
            expectations: kept(scenario, &runs),
            instances: scenario.model.instances.len() as u32,
            figures: places
                .iter()
                .map(|place| spread(&all.values((*place)?)))
                .collect(),
            digest: digest(all),
        }
    }
}

/// Each expectation of a scenario, over its finished runs.
fn kept<'r, R: Iterator<Item = &'r RunSummary>>(
    scenario: &Scenario,
    runs: &dyn Fn() -> R,
) -> Vec<KeptExpectation> {
    let all = scenario.expectations.iter().enumerate();
    all.map(|(place, one)| {
        let tally = Tally::of(runs().map(|run| run.expectations[place]), 0);
        KeptExpectation {
            name: one.name.clone(),
            tally,
            verdict: tally.verdict(one.in_runs),
        }
    })
    .collect()
}

fn status(all: &Replications) -> CellStatus {
    if let Some(first) = all.failures.first() {
        let number = first.play.replication;
        return CellStatus::Failed(format!("replication {number}: {}", first.message));
    }
    let limit = all.runs.iter().find_map(|run| match run.status {
        RunStatus::Limit(limit) => Some(limit.name()),
        RunStatus::Finished | RunStatus::Interrupted => None,
    });
    limit.map_or(CellStatus::Finished, CellStatus::Limit)
}

/// The digests of all runs in the order of their numbers, mixed into one.
fn digest(all: &Replications) -> u128 {
    const ODD: u128 = 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835;
    let mix = |sum: u128, run: &RunSummary| (sum.rotate_left(29) ^ run.digest).wrapping_mul(ODD);
    all.runs.iter().fold(ODD, mix)
}

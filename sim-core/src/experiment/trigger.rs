//! Whether runs collapse without the faults that were meant to make them.
//!
//! A fault that is followed by a collapse is taken for its trigger. Over many runs that can be put to
//! the test: the same random numbers, and no fault. A run that collapses then was over its capacity
//! or near the edge anyway, and the fault at most chose the moment.
//!
//! This costs runs, so few are played, and only where something collapsed: the first of those that
//! did.

use super::replicate::{Experiment, Replications, Watcher};
use crate::id::IdMap;
use crate::scenario::Scenario;

/// Codes of findings about many runs, in the order of the page that explains them.
pub const MANY_RUNS_CODES: &[&str] = &["collapses-without-its-trigger"];

/// So many of the runs that collapse are played again at most \[count\].
const MOST: usize = 5;

/// What came of runs that collapse when they were played again without their faults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untriggered {
    /// Played again \[count\].
    pub played: u32,
    /// Those among them that collapse all the same, by number.
    pub collapsed: Vec<u32>,
}

impl Experiment<'_> {
    /// Plays the first of the runs that collapsed again, with the same random numbers and without
    /// faults. None if nothing collapsed, there is no fault, or somebody stopped it.
    pub fn without_trigger(
        &self,
        all: &Replications,
        watcher: &dyn Watcher,
    ) -> Option<Untriggered> {
        let runs = all.runs.iter().filter(|run| run.collapsed);
        let numbers: Vec<u32> = runs.map(|run| run.play.replication).take(MOST).collect();
        let is_complete = !all.is_interrupted() && watcher.goes_on();
        if numbers.is_empty() || self.scenario().model.faults.is_empty() || !is_complete {
            return None;
        }
        let calm = without_faults(self.scenario());
        let again = Experiment::new(&calm, self.seed(), self.threads());
        let mut alone = Replications::default();
        again.play_each(&numbers, watcher, &mut alone);
        let collapsed = alone.runs.iter().filter(|run| run.collapsed);
        (!alone.is_interrupted()).then(|| Untriggered {
            played: alone.runs.len() as u32,
            collapsed: collapsed.map(|run| run.play.replication).collect(),
        })
    }
}

/// The same scenario without faults, and without expectations, which may speak of them.
fn without_faults(scenario: &Scenario) -> Scenario {
    let mut calm = scenario.clone();
    calm.model.faults = IdMap::new();
    calm.expectations.clear();
    calm
}

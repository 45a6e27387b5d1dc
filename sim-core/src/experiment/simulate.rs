//! One run of a scenario.

use crate::model::fact::Observer;
use crate::model::record::{Recorder, RunRecord, RunStatus};
use crate::model::{self, Played};
use crate::scenario::expect::Scenario;
use crate::time::SimTime;

/// Which run of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Play {
    /// From which all random numbers come.
    pub seed: u64,
    /// Number of the replication, from 0: another one meets other random numbers.
    pub replication: u32,
}

/// Plays one run and keeps its record; `watcher` is told every fact as well. `progress` is told
/// the virtual time and the events so far now and then, and ends the run by returning false.
pub fn simulate<O: Observer>(
    scenario: &Scenario,
    play: Play,
    watcher: O,
    progress: &mut dyn FnMut(SimTime, u64) -> bool,
) -> (RunRecord, O) {
    let observer = (Recorder::new(&scenario.model), watcher);
    let replication = u64::from(play.replication);
    let Played {
        end,
        live,
        observer: (recorder, watcher),
    } = model::run(&scenario.model, play.seed, replication, observer, progress);
    (
        recorder.finish(end.at, RunStatus::from(end.stop), Some(live)),
        watcher,
    )
}

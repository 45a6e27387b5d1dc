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

/// Told the virtual time and the events so far now and then; ends the run by returning false.
type Progress<'p> = &'p mut dyn FnMut(SimTime, u64) -> bool;

/// Plays one run and keeps its record; `watcher` is told every fact as well. `progress` is told
/// the virtual time and the events so far now and then, and ends the run by returning false.
///
/// The engine is compiled twice, both times here: as fast as it goes for runs that nobody watches,
/// and once for all kinds of watchers.
pub fn simulate<O: Observer>(
    scenario: &Scenario,
    play: Play,
    mut watcher: O,
    progress: Progress<'_>,
) -> (RunRecord, O) {
    let record = if watcher.watches() {
        watched(scenario, play, &mut watcher, progress)
    } else {
        unwatched(scenario, play, progress)
    };
    (record, watcher)
}

fn unwatched(scenario: &Scenario, play: Play, progress: Progress<'_>) -> RunRecord {
    record(scenario, play, (), progress)
}

fn watched(
    scenario: &Scenario,
    play: Play,
    watcher: &mut dyn Observer,
    progress: Progress<'_>,
) -> RunRecord {
    record(scenario, play, watcher, progress)
}

fn record<O: Observer>(
    scenario: &Scenario,
    play: Play,
    watcher: O,
    progress: Progress<'_>,
) -> RunRecord {
    let observer = (Recorder::new(&scenario.model), watcher);
    let replication = u64::from(play.replication);
    let Played {
        end,
        live,
        observer: (recorder, _),
    } = model::run(&scenario.model, play.seed, replication, observer, progress);
    recorder.finish(end.at, RunStatus::from(end.stop), Some(live))
}

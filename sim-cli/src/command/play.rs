//! Playing one run, with everything that may end it early.

use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::progress::Meter;
use sim_core::experiment::{Play, simulate};
use sim_core::model::fact::Observer;
use sim_core::model::record::{RunRecord, RunStatus};
use sim_core::scenario::Scenario;
use std::cell::Cell;

/// Lets a watcher of facts end the run that it watches.
#[derive(Debug, Default)]
pub(crate) struct Brake(Cell<bool>);

impl Brake {
    /// Asks the run to end soon.
    pub(crate) fn pull(&self) {
        self.0.set(true);
    }
}

/// Plays one run. Fails if somebody interrupts it; a watcher that pulls the brake knows why.
pub(crate) fn play<O: Observer>(
    scenario: &Scenario,
    which: Play,
    watcher: O,
    brake: &Brake,
    console: &Console,
) -> Result<(RunRecord, O), Failure> {
    let meter = Meter::new(scenario.model.duration, console.quiet);
    let played = simulate(scenario, which, watcher, &mut |now, events| {
        meter.update(now, events);
        !interrupt::asked() && !brake.0.get()
    });
    drop(meter);
    if played.0.status == RunStatus::Interrupted && interrupt::asked() {
        return Err(interrupted(&played.0));
    }
    Ok(played)
}

fn interrupted(record: &RunRecord) -> Failure {
    Failure::Message {
        exit: Exit::Interrupted,
        text: format!("interrupted at t={}; nothing is written", record.end),
        hint: None,
    }
}

//! Playing cells, and keeping each as soon as it is finished.

use super::journal::JournalFile;
use crate::console::Console;
use crate::exit::Failure;
use crate::interrupt;
use crate::progress::SweepMeter;
use sim_core::experiment::Threads;
use sim_core::experiment::design::Cell;
use sim_core::experiment::sweep::{CellOutcome, SweepWatcher};
use sim_core::report::sweep::{CellReport, Prepared};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// What came of it.
pub(super) struct Played {
    /// The cells that are finished, in order, those that were before included.
    pub(super) cells: Vec<CellReport>,
    /// Cells that were asked for \[count\].
    pub(super) asked: usize,
    /// Whether somebody stopped it.
    pub(super) is_interrupted: bool,
    /// Whether what was finished is kept, if it was to be; if not, why.
    pub(super) kept: Result<(), Failure>,
}

/// Plays those of these cells that the journal does not have yet.
pub(super) fn play(
    prepared: &Prepared,
    places: &[usize],
    mut journal: Option<JournalFile>,
    threads: Threads,
    console: &Console,
) -> Result<Played, Failure> {
    let mut done = journal
        .as_mut()
        .map_or_else(BTreeMap::new, |journal| std::mem::take(&mut journal.cells));
    let is_done = |place: &&usize| done.contains_key(&prepared.plan.cells[**place]);
    let todo: Vec<usize> = places
        .iter()
        .filter(|place| !is_done(place))
        .copied()
        .collect();
    if todo.len() < places.len() {
        let kept = places.len() - todo.len();
        console.remark(&format!(
            "{kept} of {} cells are finished already\n",
            places.len()
        ));
    }
    let keeper = Keeper {
        prepared,
        todo: &todo,
        journal: journal.map(Mutex::new),
        meter: SweepMeter::new(todo.len(), prepared.plan.replications, console.quiet),
        stopped: AtomicBool::new(false),
        trouble: Mutex::new(None),
        finished: Mutex::new(Vec::new()),
    };
    let cells: Vec<Cell> = todo
        .iter()
        .map(|&place| prepared.cells[place].clone())
        .collect();
    let sweep = prepared.sweep();
    sweep.play(&cells, &prepared.figures, threads, &keeper);
    let (fresh, kept) = keeper.end()?;
    done.extend(fresh.into_iter().map(|cell| (cell.cell.clone(), cell)));
    let names = places.iter().map(|&place| &prepared.plan.cells[place]);
    let cells: Vec<CellReport> = names.filter_map(|name| done.remove(name)).collect();
    Ok(Played {
        is_interrupted: cells.len() < places.len(),
        asked: places.len(),
        cells,
        kept,
    })
}

/// Keeps finished cells, from whichever thread.
struct Keeper<'a> {
    prepared: &'a Prepared,
    todo: &'a [usize],
    journal: Option<Mutex<JournalFile>>,
    meter: SweepMeter,
    stopped: AtomicBool,
    trouble: Mutex<Option<Failure>>,
    finished: Mutex<Vec<CellReport>>,
}

impl Keeper<'_> {
    fn keep(&self, cell: CellReport) -> Result<(), Failure> {
        if let Some(journal) = &self.journal {
            journal
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .keep(&cell)?;
        }
        self.finished
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(cell);
        Ok(())
    }

    /// The cells that were played and whether they are kept, or why keeping them failed.
    fn end(self) -> Result<(Vec<CellReport>, Result<(), Failure>), Failure> {
        drop(self.meter);
        if let Some(trouble) = self
            .trouble
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
        {
            return Err(trouble.hint("finished cells are kept; make room and go on with --resume"));
        }
        let mut kept = Ok(());
        if let Some(journal) = &self.journal {
            let journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
            journal.settle()?;
            kept = journal.is_there();
        }
        let cells = self.finished.into_inner();
        Ok((cells.unwrap_or_else(PoisonError::into_inner), kept))
    }
}

impl SweepWatcher for Keeper<'_> {
    fn cell_done(&self, place: usize, outcome: &CellOutcome) -> bool {
        let cell = &self.prepared.cells[self.todo[place]];
        let kept = self.keep(CellReport::of(&self.prepared.design, cell, outcome));
        self.meter.cell_done();
        if let Err(trouble) = kept {
            let mut first = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert(trouble);
            self.stopped.store(true, Ordering::Relaxed);
            return false;
        }
        true
    }

    fn run_done(&self) {
        self.meter.run_done();
    }

    fn goes_on(&self) -> bool {
        !interrupt::asked() && !self.stopped.load(Ordering::Relaxed)
    }
}

/// How many threads play cells.
pub(super) fn threads(wanted: Option<u32>) -> Threads {
    wanted.map_or(Threads::All, Threads::Exactly)
}

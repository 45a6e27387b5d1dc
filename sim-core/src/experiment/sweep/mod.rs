//! Playing the cells of a design.
//!
//! Every cell is the same scenario with other settings, played in replications that all cells share
//! (common random numbers): what differs between two cells is what the settings do. Cells and
//! replications share nothing else, so they are played on as many threads as wished and collected
//! by index; nobody can see the number of threads.
//!
//! A cell's seed is the root seed. Only if asked does it hold the cell's name, never its place, so
//! that a finished cell stays as it is when the design grows.

mod outcome;

pub use outcome::{CellOutcome, CellStatus, Kept};

use super::design::{Cell, Design};
use super::figures::Figure;
use super::replicate::{Experiment, Replications, Threads, Watcher, collect};
use crate::random::KeySource;
use crate::scenario::{Diagnostics, Draft, Loaded};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The scenarios of a sweep: a draft, and what is put into it.
#[derive(Clone, Copy, Debug)]
pub struct Sweep<'a> {
    /// The scenario before anything is varied.
    pub draft: &'a Draft,
    /// What is varied.
    pub design: &'a Design,
    /// From which all random numbers come.
    pub seed: u64,
    /// Runs of each cell \[count\].
    pub replications: u32,
    /// Whether cells meet different random numbers.
    pub independent: bool,
}

/// Somebody who waits for a sweep; called from several threads.
pub trait SweepWatcher: Sync {
    /// A cell, by its place among those that are played, is done; false ends the sweep.
    fn cell_done(&self, place: usize, outcome: &CellOutcome) -> bool;
    /// A run is done.
    fn run_done(&self);
    /// Whether to go on; after the first `false` no run is begun and those under way are dropped.
    fn goes_on(&self) -> bool;
}

/// A watcher of the runs of one cell.
struct Runs<'w>(&'w dyn SweepWatcher);

impl Watcher for Runs<'_> {
    fn done(&self, _runs: u32) {
        self.0.run_done();
    }

    fn goes_on(&self) -> bool {
        self.0.goes_on()
    }
}

impl Sweep<'_> {
    /// The scenario of a cell.
    pub fn scenario(&self, cell: &Cell) -> Result<Loaded, Diagnostics> {
        self.draft.with(self.design.settings(cell))
    }

    /// The first cell, by place, whose settings do not fit together, and what is wrong with it.
    pub fn first_bad(&self, cells: &[Cell], threads: Threads) -> Option<(usize, Diagnostics)> {
        let checks = collect(threads, 0..cells.len() as u32, |place| {
            self.scenario(&cells[place as usize]).err()
        });
        let mut bad = checks.into_iter().enumerate();
        bad.find_map(|(place, found)| Some((place, found?)))
    }

    /// Plays cells. The outcomes are in their order; a cell that was not finished has none.
    /// `figures` are those that every cell is described by, where it has them.
    pub fn play(
        &self,
        cells: &[Cell],
        figures: &[Figure],
        threads: Threads,
        watcher: &dyn SweepWatcher,
    ) -> Vec<Option<CellOutcome>> {
        each(cells, threads, watcher, |cell| {
            self.cell(cell, figures, threads, watcher)
        })
    }

    /// All runs of one cell.
    fn cell(
        &self,
        cell: &Cell,
        figures: &[Figure],
        threads: Threads,
        watcher: &dyn SweepWatcher,
    ) -> Option<CellOutcome> {
        let loaded = match self.scenario(cell) {
            Ok(loaded) => loaded,
            Err(found) => return Some(CellOutcome::failed(self.replications, &found.to_string())),
        };
        let experiment = Experiment::new(&loaded.scenario, self.seed_of(cell), Threads::Exactly(1));
        let runs = replications(&experiment, self.replications, threads, &Runs(watcher));
        if runs.is_interrupted() {
            return None;
        }
        let places = places(figures, experiment.figures());
        Some(CellOutcome::of(&loaded.scenario, &runs, &places))
    }

    fn seed_of(&self, cell: &Cell) -> u64 {
        if !self.independent {
            return self.seed;
        }
        let name = self.design.name(cell);
        KeySource::new(self.seed, 0)
            .site(&["sweep", &name], "cell")
            .0
    }
}

/// Where the wanted figures are among those of a cell.
fn places(wanted: &[Figure], all: &[Figure]) -> Vec<Option<usize>> {
    let place = |figure: &Figure| all.iter().position(|one| one.name == figure.name);
    wanted.iter().map(place).collect()
}

/// Plays each cell; one that breaks the simulator is that cell's failure, and nobody else's.
fn each(
    cells: &[Cell],
    threads: Threads,
    watcher: &dyn SweepWatcher,
    play: impl Fn(&Cell) -> Option<CellOutcome> + Sync,
) -> Vec<Option<CellOutcome>> {
    collect(threads, 0..cells.len() as u32, |place| {
        let place = place as usize;
        if !watcher.goes_on() {
            return None;
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| play(&cells[place])))
            .unwrap_or_else(|panic| Some(CellOutcome::failed(0, &said(&*panic))))?;
        watcher.cell_done(place, &outcome).then_some(outcome)
    })
}

/// What was said when the simulator broke.
fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "it panicked".to_owned())
}

/// The replications of one cell, by idle threads of the pool too where there is one, folded by
/// number.
#[cfg(feature = "parallel")]
fn replications(
    experiment: &Experiment<'_>,
    count: u32,
    threads: Threads,
    watcher: &dyn Watcher,
) -> Replications {
    use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
    // Nobody made a pool, and that of the whole process has more than one thread.
    if threads == Threads::Exactly(1) {
        return in_a_row(experiment, count, watcher);
    }
    let one = |number: u32| {
        let mut one = Replications::default();
        experiment.play(number..number + 1, watcher, &mut one);
        one
    };
    let all: Vec<Replications> = (0..count)
        .into_par_iter()
        .with_max_len(1)
        .map(one)
        .collect();
    all.into_iter()
        .fold(Replications::default(), |mut sum, one| {
            sum.runs.extend(one.runs);
            sum.failures.extend(one.failures);
            sum.missing += one.missing;
            sum
        })
}

/// The replications of one cell.
#[cfg(not(feature = "parallel"))]
fn replications(
    experiment: &Experiment<'_>,
    count: u32,
    _threads: Threads,
    watcher: &dyn Watcher,
) -> Replications {
    in_a_row(experiment, count, watcher)
}

/// One replication after another.
fn in_a_row(experiment: &Experiment<'_>, count: u32, watcher: &dyn Watcher) -> Replications {
    let mut all = Replications::default();
    experiment.play(0..count, watcher, &mut all);
    all
}

#[cfg(test)]
mod tests;

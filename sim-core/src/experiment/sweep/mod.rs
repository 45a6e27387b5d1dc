//! Playing the cells of a design.
//!
//! Every cell is the same scenario with other settings, played in replications that all cells share
//! (common random numbers): what differs between two cells is what the settings do. Cells and
//! replications share nothing else, so they are played on as many threads as wished and collected
//! by index; nobody can see the number of threads.
//!
//! Cells that differ in faults only share their runs until those act; such cells are played together.
//!
//! A cell's seed is the root seed. Only if asked does it hold the cell's name, never its place, so
//! that a finished cell stays as it is when the design grows.

mod outcome;

pub use outcome::{CellOutcome, CellStatus, KeptExpectation};

use super::design::{Cell, Design};
use super::figures::Figure;
use super::replicate::{Experiment, NeverStops, Replications, Threads, Watcher, collect};
use super::together::{Family, play_together};
use crate::random::KeySource;
use crate::scenario::{Diagnostics, Draft, Loaded};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Cells whose runs are played together, at most: with more, little more is saved, and a sweep that
/// is stopped loses more of them \[count\].
const MOST_TOGETHER: usize = 8;

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

impl SweepWatcher for NeverStops {
    fn cell_done(&self, _place: usize, _outcome: &CellOutcome) -> bool {
        true
    }

    fn run_done(&self) {}

    fn goes_on(&self) -> bool {
        true
    }
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
        let bunches = self.bunches(cells, threads);
        let played = collect(threads, 0..bunches.len() as u32, |bunch| {
            guarded(&bunches[bunch as usize], watcher, &|places| {
                let bunch: Vec<&Cell> = places.iter().map(|&place| &cells[place]).collect();
                self.bunch(&bunch, figures, threads, watcher)
            })
        });
        let mut all = vec![None; cells.len()];
        for (place, outcome) in played.into_iter().flatten() {
            all[place] = Some(outcome);
        }
        all
    }

    /// Places of cells that are played together: those that differ in faults only, and few enough
    /// for every thread to have some.
    fn bunches(&self, cells: &[Cell], threads: Threads) -> Vec<Vec<usize>> {
        let runs = cells.len() * self.replications as usize;
        let most = runs.div_ceil(threads.count()).clamp(1, MOST_TOGETHER);
        if self.independent || most == 1 {
            return (0..cells.len()).map(|place| vec![place]).collect();
        }
        let mut alike: BTreeMap<Vec<(&str, &str)>, Vec<usize>> = BTreeMap::new();
        for (place, cell) in cells.iter().enumerate() {
            let settings = self.design.settings(cell);
            let others = settings.filter(|(path, _)| !path.starts_with("faults."));
            alike.entry(others.collect()).or_default().push(place);
        }
        let bunches = alike.values().flat_map(|places| places.chunks(most));
        let mut bunches: Vec<Vec<usize>> = bunches.map(<[usize]>::to_vec).collect();
        bunches.sort();
        bunches
    }

    /// All runs of some cells; none for a cell that was stopped.
    fn bunch(
        &self,
        cells: &[&Cell],
        figures: &[Figure],
        threads: Threads,
        watcher: &dyn SweepWatcher,
    ) -> Vec<Option<CellOutcome>> {
        let loaded: Vec<Result<Loaded, Diagnostics>> =
            cells.iter().map(|cell| self.scenario(cell)).collect();
        let fit = loaded.iter().zip(cells);
        let experiments: Vec<Experiment<'_>> = fit
            .filter_map(|(loaded, cell)| Some((&loaded.as_ref().ok()?.scenario, cell)))
            .map(|(scenario, cell)| {
                Experiment::new(scenario, self.seed_of(cell), Threads::Exactly(1))
            })
            .collect();
        let runs = replications(&experiments, self.replications, threads, &Runs(watcher));
        let mut played = experiments.iter().zip(&runs);
        let outcome = |loaded: &Result<Loaded, Diagnostics>| match loaded {
            Err(found) => Some(CellOutcome::failed(self.replications, &found.to_string())),
            Ok(loaded) => {
                let (experiment, runs) = played.next()?;
                let places = places(figures, experiment.figures());
                let whole = Some(runs).filter(|runs| !runs.is_interrupted());
                whole.map(|runs| CellOutcome::of(&loaded.scenario, runs, &places))
            }
        };
        loaded.iter().map(outcome).collect()
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

/// Plays a bunch of cells, by place. One that breaks the simulator is that cell's failure, and nobody
/// else's.
fn guarded(
    places: &[usize],
    watcher: &dyn SweepWatcher,
    play: &dyn Fn(&[usize]) -> Vec<Option<CellOutcome>>,
) -> Vec<(usize, CellOutcome)> {
    if !watcher.goes_on() {
        return Vec::new();
    }
    let outcomes = match (catch_unwind(AssertUnwindSafe(|| play(places))), places) {
        (Ok(outcomes), _) => outcomes,
        (Err(panic), [_]) => vec![Some(CellOutcome::failed(0, &said(&*panic)))],
        (Err(_), _) => {
            let alone = places.chunks(1);
            return alone.flat_map(|one| guarded(one, watcher, play)).collect();
        }
    };
    let outcomes = places.iter().copied().zip(outcomes);
    let outcomes = outcomes.filter_map(|(place, outcome)| Some((place, outcome?)));
    outcomes
        .filter(|(place, outcome)| watcher.cell_done(*place, outcome))
        .collect()
}

/// What was said when the simulator broke.
fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "it panicked".to_owned())
}

/// The replications of some cells, by idle threads of the pool too where there is one, folded by
/// number.
fn replications(
    experiments: &[Experiment<'_>],
    count: u32,
    threads: Threads,
    watcher: &dyn Watcher,
) -> Vec<Replications> {
    let groups = Family::of(experiments).groups(usize::MAX, |_| true);
    let one = |number: u32| {
        let mut all = vec![Replications::default(); experiments.len()];
        for group in &groups {
            play_together(experiments, group, number, watcher, &mut |place, one| {
                all[place] = one;
            });
        }
        all
    };
    let mut sums = vec![Replications::default(); experiments.len()];
    for all in each(count, threads, one) {
        for (sum, one) in sums.iter_mut().zip(all) {
            sum.runs.extend(one.runs);
            sum.failures.extend(one.failures);
            sum.missing += one.missing;
        }
    }
    sums
}

/// What comes of each number, in their order.
#[cfg(feature = "parallel")]
fn each<T: Send>(count: u32, threads: Threads, one: impl Fn(u32) -> T + Sync) -> Vec<T> {
    use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
    // Nobody made a pool, and that of the whole process has more than one thread.
    if threads == Threads::Exactly(1) {
        return (0..count).map(one).collect();
    }
    (0..count)
        .into_par_iter()
        .with_max_len(1)
        .map(&one)
        .collect()
}

/// What comes of each number, in their order.
#[cfg(not(feature = "parallel"))]
fn each<T: Send>(count: u32, _threads: Threads, one: impl Fn(u32) -> T + Sync) -> Vec<T> {
    (0..count).map(one).collect()
}

#[cfg(test)]
mod tests;

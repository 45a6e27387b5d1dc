//! How far a sweep is; several threads tell it.

use super::line::Line;
use std::sync::atomic::{AtomicU64, Ordering};

/// A line on standard error that says how far a sweep is, and how long the rest will take.
#[derive(Debug)]
pub(crate) struct SweepMeter {
    line: Option<Line>,
    cells: AtomicU64,
    all_cells: usize,
}

impl SweepMeter {
    /// For so many cells of so many runs.
    pub(crate) fn new(cells: usize, runs: u32, quiet: bool) -> Self {
        Self {
            line: Line::new("sweeping", cells as u64 * u64::from(runs), quiet),
            cells: AtomicU64::new(0),
            all_cells: cells,
        }
    }

    /// A run is done.
    pub(crate) fn run_done(&self) {
        let cells = self.cells.load(Ordering::Relaxed);
        if let Some(line) = &self.line {
            line.step(|done, all| {
                format!("{done} of {all} runs, {cells} of {} cells", self.all_cells)
            });
        }
    }

    /// A cell is done.
    pub(crate) fn cell_done(&self) {
        self.cells.fetch_add(1, Ordering::Relaxed);
    }
}

//! How far a sweep is; several threads tell it.

use super::styled;
use indicatif::{ProgressBar, ProgressDrawTarget};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};

/// A line on standard error that says how far a sweep is, and how long the rest will take.
#[derive(Debug)]
pub(crate) struct SweepMeter {
    bar: Option<ProgressBar>,
    cells: AtomicU64,
    all_cells: usize,
}

impl SweepMeter {
    /// For so many cells of so many runs.
    pub(crate) fn new(cells: usize, runs: u32, quiet: bool) -> Self {
        let wanted = !quiet && std::io::stderr().is_terminal();
        let bar = wanted.then(|| {
            let length = cells as u64 * u64::from(runs);
            let target = ProgressDrawTarget::stderr_with_hz(5);
            let style = styled("sweeping {percent:>3}% [{bar:30}] {msg}, {eta} left");
            ProgressBar::with_draw_target(Some(length), target).with_style(style)
        });
        Self {
            bar,
            cells: AtomicU64::new(0),
            all_cells: cells,
        }
    }

    /// A run is done.
    pub(crate) fn run_done(&self) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    /// A cell is done.
    pub(crate) fn cell_done(&self) {
        let done = self.cells.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{done} of {} cells", self.all_cells));
        }
    }
}

impl Drop for SweepMeter {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

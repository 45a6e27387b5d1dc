//! How far a search is. What it will ask next depends on what it finds, so only the runs that are
//! asked for by now are known.

use super::line::Line;
use crate::interrupt;
use sim_core::experiment::bench::{BenchWatcher, RunName, Sample};

/// A line on standard error that says how many runs are done.
#[derive(Debug)]
pub(crate) struct SearchMeter {
    line: Option<Line>,
}

impl SearchMeter {
    /// For a search that does this.
    pub(crate) fn new(doing: &'static str, quiet: bool) -> Self {
        Self {
            line: Line::new(doing, 0, quiet),
        }
    }
}

impl BenchWatcher for SearchMeter {
    fn round(&self, runs: usize) {
        if let Some(line) = &self.line {
            line.longer(runs as u64);
        }
    }

    fn run_done(&self, _run: &RunName, _sample: &Sample) -> bool {
        if let Some(line) = &self.line {
            line.step(|done, all| format!("{done} of {all} runs so far"));
        }
        true
    }

    fn goes_on(&self) -> bool {
        !interrupt::asked()
    }
}

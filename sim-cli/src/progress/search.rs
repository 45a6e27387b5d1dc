//! How far a search is. What it will ask next depends on what it finds, so only the runs that are
//! asked for by now are known.

use super::{PATIENCE, styled};
use crate::interrupt;
use indicatif::{ProgressBar, ProgressDrawTarget};
use sim_core::experiment::bench::{BenchWatcher, RunName, Sample};
use std::io::IsTerminal;

/// A line on standard error that says how many runs are done.
#[derive(Debug)]
pub(crate) struct SearchMeter {
    bar: Option<ProgressBar>,
}

impl SearchMeter {
    /// For a search that does this.
    pub(crate) fn new(doing: &str, quiet: bool) -> Self {
        let wanted = !quiet && std::io::stderr().is_terminal();
        let bar = wanted.then(|| {
            let style = styled(&format!(
                "{doing}: {{pos}} of {{len}} runs so far [{{bar:30}}]"
            ));
            ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden()).with_style(style)
        });
        Self { bar }
    }
}

impl BenchWatcher for SearchMeter {
    fn round(&self, runs: usize) {
        if let Some(bar) = &self.bar {
            bar.inc_length(runs as u64);
        }
    }

    fn run_done(&self, _run: &RunName, _sample: &Sample) -> bool {
        if let Some(bar) = &self.bar {
            if bar.is_hidden() && bar.elapsed() >= PATIENCE {
                bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(5));
            }
            bar.inc(1);
        }
        true
    }

    fn goes_on(&self) -> bool {
        !interrupt::asked()
    }
}

impl Drop for SearchMeter {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

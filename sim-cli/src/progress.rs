//! How far a run is, for a person who waits, or who reads the log of a machine that does.
//!
//! This is the only place that knows the time of day; nothing of it reaches a result.

mod line;
mod search;
mod sweep;

pub(crate) use search::SearchMeter;
pub(crate) use sweep::SweepMeter;

use crate::interrupt;
use line::Line;
use sim_core::experiment::Watcher;
use sim_core::time::SimTime;

/// A line on standard error that says how far the run is.
#[derive(Debug)]
pub(crate) struct Meter {
    line: Option<Line>,
}

impl Meter {
    /// For a run that ends at `end`.
    pub(crate) fn new(end: SimTime, quiet: bool) -> Self {
        Self {
            line: Line::new("simulating", end.as_ns(), quiet),
        }
    }

    /// The run has come to `now`.
    pub(crate) fn update(&self, now: SimTime, events: u64) {
        if let Some(line) = &self.line {
            line.at(now.as_ns(), |_, _| {
                format!("{now}, {:.1} million events", events as f64 / 1e6)
            });
        }
    }
}

/// A line on standard error that says how many runs are done, and how long the rest will take.
#[derive(Debug)]
pub(crate) struct RunsMeter {
    line: Option<Line>,
    /// Runs that are done by an earlier experiment \[count\].
    before: u32,
    /// Whether fewer may do: the length is the most.
    may_end: bool,
}

impl RunsMeter {
    /// For so many runs, or at most so many.
    pub(crate) fn new(most: u32, may_end: bool, quiet: bool) -> Self {
        Self {
            line: Line::new("playing", u64::from(most), quiet),
            before: 0,
            may_end,
        }
    }

    /// So many runs are done, and others follow.
    pub(crate) fn go_on_from(&mut self, before: u32) {
        self.before = before;
    }
}

impl Watcher for RunsMeter {
    fn done(&self, runs: u32) {
        let most = if self.may_end { "at most " } else { "" };
        if let Some(line) = &self.line {
            line.at(u64::from(self.before + runs), |done, all| {
                format!("{done} of {most}{all} runs")
            });
        }
    }

    fn goes_on(&self) -> bool {
        !interrupt::asked()
    }
}

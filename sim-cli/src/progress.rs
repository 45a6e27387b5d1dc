//! How far a run is, for a person who waits.
//!
//! Shown on a terminal only, and only once a run has taken half a second. This is the only place
//! that knows the time of day; nothing of it reaches a result.

mod search;
mod sweep;

pub(crate) use search::SearchMeter;
pub(crate) use sweep::SweepMeter;

use crate::interrupt;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sim_core::experiment::Watcher;
use sim_core::time::SimTime;
use std::io::IsTerminal;
use std::time::Duration;

/// Runs shorter than this show nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// A line on standard error that says how far the run is.
#[derive(Debug)]
pub(crate) struct Meter {
    bar: Option<ProgressBar>,
}

impl Meter {
    /// For a run that ends at `end`.
    pub(crate) fn new(end: SimTime, quiet: bool) -> Self {
        let wanted = !quiet && std::io::stderr().is_terminal();
        let bar = wanted.then(|| {
            let bar =
                ProgressBar::with_draw_target(Some(end.as_ns()), ProgressDrawTarget::hidden());
            bar.with_style(style())
        });
        Self { bar }
    }

    /// The run has come to `now`.
    pub(crate) fn update(&self, now: SimTime, events: u64) {
        let Some(bar) = &self.bar else { return };
        if bar.is_hidden() && bar.elapsed() >= PATIENCE {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(5));
        }
        bar.set_position(now.as_ns());
        bar.set_message(format!("{:.1} million events", events as f64 / 1e6));
    }
}

/// A line on standard error that says how many runs are done, and how long the rest will take.
#[derive(Debug)]
pub(crate) struct RunsMeter {
    bar: Option<ProgressBar>,
}

impl RunsMeter {
    /// For runs whose number is not known yet.
    pub(crate) fn new(quiet: bool) -> Self {
        let wanted = !quiet && std::io::stderr().is_terminal();
        let bar = wanted.then(|| {
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
            bar.with_style(styled("{pos} of {len} runs [{bar:30}] {eta} left"))
        });
        Self { bar }
    }
}

impl Watcher for RunsMeter {
    fn planned(&self, runs: u32) {
        if let Some(bar) = &self.bar {
            bar.set_length(u64::from(runs));
        }
    }

    fn done(&self, runs: u32) {
        let Some(bar) = &self.bar else { return };
        if bar.is_hidden() && bar.elapsed() >= PATIENCE {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(5));
        }
        // Threads may tell their numbers in another order.
        bar.set_position(bar.position().max(u64::from(runs)));
    }

    fn goes_on(&self) -> bool {
        !interrupt::asked()
    }
}

impl Drop for RunsMeter {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style() -> ProgressStyle {
    styled("simulating {percent:>3}% [{bar:30}] {msg}, {eta} left")
}

fn styled(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template);
    style
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

//! Experiments: from a scenario and a seed to records of runs, and from a call log to what a policy
//! would have made of it.
//!
//! [`simulate`] plays one run and keeps its record. [`Experiment`] plays many that differ in their
//! random numbers only, on several threads, and keeps a [`RunSummary`] of each. [`estimate`] says
//! what they tell about the system; [`verdict`] judges expectations over them (rule 40);
//! [`compare`](mod@compare) sets two designs side by side on the same random numbers. [`limits`] finds
//! where a system tips, [`tune`](mod@tune) the settings that do best; [`backtest`] plays recorded calls through a policy.

pub mod backtest;
pub mod bench;
pub mod compare;
pub mod design;
pub mod estimate;
mod figures;
pub mod limits;
mod replicate;
mod simulate;
mod summary;
pub mod sweep;
mod together;
mod trigger;
pub mod tune;
mod until;
pub mod verdict;
mod warnings;

pub use figures::{Figure, figures, measure_hint};
pub use replicate::{Experiment, Failure, NeverStops, Replications, Threads, Watcher, replicate};
pub use simulate::{Play, simulate};
pub use summary::{Curves, FindingSummary, RecoverySummary, RunSummary, summarise};
pub use trigger::{MANY_RUNS_CODES, Untriggered};
pub use until::{BadGoal, COLLAPSE, Goal, Plan};
pub use warnings::{DOUBT_CODES, Warning, run_warnings, warnings};

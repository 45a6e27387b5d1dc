//! Experiments: from a scenario and a seed to records of runs.

mod simulate;

pub use simulate::{Play, simulate};

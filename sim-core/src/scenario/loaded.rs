//! A scenario that was read: its text before, and what came of it.

use super::diagnostic::Diagnostic;
use super::expect::Expectation;
use super::places::Places;
use crate::model::spec::ModelSpec;

/// The text of a scenario.
#[derive(Clone, Debug)]
pub struct Source {
    /// What messages call it: the file's name.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// A scenario: what is simulated, and what is said about it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Name.
    pub name: String,
    /// Free text, may be empty.
    pub title: String,
    /// What it asks, may be empty.
    pub question: String,
    /// The seed unless another is asked for.
    pub seed: u64,
    /// What is simulated.
    pub model: ModelSpec,
    /// What is said about it, in the order of the file.
    pub expectations: Vec<Expectation>,
    /// Where its parts stand in the file.
    pub places: Places,
    /// BLAKE3 of the normalised scenario, in hexadecimal.
    pub hash: String,
}

/// A scenario that can be run.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The scenario.
    pub scenario: Scenario,
    /// What is legal but probably not meant, by position.
    pub warnings: Vec<Diagnostic>,
    /// The scenario on one line, complete in itself: loading it gives the same scenario with the
    /// same hash.
    pub normalised: String,
    /// What `squall sweep` varies unless told otherwise.
    pub sweep: Option<SweepSection>,
}

/// The `sweep` section of a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SweepSection {
    /// `PATH=VALUES` of each axis, as the command line would have it.
    pub vary: Vec<String>,
    /// Runs of each cell.
    pub replications: Option<u32>,
    /// `grid`, `random N` or `lhs N`.
    pub design: String,
}

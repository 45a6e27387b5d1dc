//! Fallback: answers in the place of a failure; the outcome is `degraded`.

use crate::policy::OutcomeSet;

/// A fallback layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FallbackConfig {
    /// Outcomes that it answers in the place of.
    pub on: OutcomeSet,
    /// What it answers.
    pub answer: FallbackAnswer,
}

/// What a fallback answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FallbackAnswer {
    /// A fixed default, at once.
    Static,
}

//! Fallback: answers in the place of a failure; the outcome is `degraded`.
//!
//! A shop whose recommendations are down can still sell: it shows a list that never changes. The
//! caller gets something to work with, and the report still tells it from the full answer.
//!
//! The rule: a result whose outcome is in `on` is replaced, everything else goes through. A fixed
//! answer takes no time and cannot fail. The result is `degraded`, which is useful (rule 28), and
//! travels up: an operation with a degraded part answers `degraded` itself (rule 12).
//!
//! There is no machine here: the decision is one look at a set. Where the layer stands decides what
//! it answers for: outside a retry for the last failure, inside for each, so that nothing is ever
//! retried.
//!
//! Sources: Hystrix `getFallback`, Polly `Fallback`, resilience4j `recover`. Rejected: a fallback
//! that counts as `ok` (it hides the outage from every figure), and one that answers for
//! `cancelled` (nobody waits for it).

use crate::policy::OutcomeSet;

/// A fallback layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FallbackConfig {
    /// Outcomes that it answers in the place of.
    pub on: OutcomeSet,
    /// What it answers; default [`FallbackAnswer::Static`].
    pub answer: FallbackAnswer,
}

/// What a fallback answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FallbackAnswer {
    /// A fixed default, at once.
    Static,
}

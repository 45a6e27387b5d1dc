//! Sagas: calls that are undone in reverse order if one of them fails (rule 88).

use crate::id::{OperationId, SiteId};
use crate::keeping::SagaShape;
use crate::time::SimDuration;

/// A saga of an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct SagaSpec {
    /// Its name among the sagas of its operation: `saga`, `saga[2]`.
    pub name: String,
    /// The operation whose step it is.
    pub operation: OperationId,
    /// Its calls, in order.
    pub steps: Vec<SagaStepSpec>,
    /// What it consists of.
    pub shape: SagaShape,
    /// How long it takes to write its place down.
    pub persist: SimDuration,
    /// For how long it goes on before it undoes what it has done.
    pub timeout: SimDuration,
    /// How long after its process has died another goes on with it, and how long it waits before it
    /// repeats what must succeed.
    pub resume_after: SimDuration,
    /// The operation that goes on with it in another process.
    pub resumed: OperationId,
    /// Where that is called: by the process itself.
    pub resumes: SiteId,
}

/// A call of a saga.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SagaStepSpec {
    /// Where it is made.
    pub doing: SiteId,
    /// Where its undo is called, if it has one.
    pub undo: Option<SiteId>,
}

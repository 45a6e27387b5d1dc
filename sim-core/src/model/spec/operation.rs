//! What services do: operations and their steps.

use super::deed::DeedKind;
use crate::id::{CheckId, EffectId, QueueId, SagaId, ServiceId, SiteId};
use crate::policy::Outcome;
use crate::random::Dist;
use crate::time::SimDuration;
use crate::units::Probability;

/// An operation of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationSpec {
    /// Name in the file, without the service.
    pub name: String,
    /// Its service.
    pub service: ServiceId,
    /// Whether doing it twice is the same as doing it once.
    pub idempotent: bool,
    /// Whether attempts carry the key of their call, and what the service does with it.
    pub keys: Option<KeySpec>,
    /// What it does.
    pub steps: Vec<StepSpec>,
    /// The health check that it answers, if it does: then nobody else can call it.
    pub check: Option<CheckId>,
    /// The queue in which it stores what it was called with, if it does: it is what a publish calls.
    pub stores: Option<QueueId>,
}

/// How far the executions of each call of an operation are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// Not at all: it may be done twice, or one call cannot ask twice.
    No,
    /// Whether they took effect more than once.
    Effects,
    /// By the keys that they carry.
    Keys,
}

/// What a service does with idempotency keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySpec {
    /// How long an answer is kept.
    pub retention: SimDuration,
    /// What becomes of an attempt whose key is being worked on.
    pub in_progress: InProgress,
    /// Whether all instances keep answers together (else each its own, until it dies).
    pub shared: bool,
}

/// What becomes of an attempt whose key is being worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InProgress {
    /// It is turned away.
    Reject,
    /// It waits for the answer of the other.
    Join,
    /// It is carried out as well.
    Execute,
}

/// A part of an operation. `path` is the name by which its draws are keyed: kind, target and
/// number among equals, so that inserting a step moves no other step's draws (rule 45).
#[derive(Clone, Debug, PartialEq)]
pub enum StepSpec {
    /// Holds a thread for some time.
    Work {
        /// Key of its draws.
        path: String,
        /// How long.
        time: WorkTime,
    },
    /// Calls another operation.
    Call {
        /// Where the call is made.
        site: SiteId,
        /// Whether its failure is forgiven.
        optional: bool,
    },
    /// Several branches at once.
    Parallel {
        /// Key of its draws and of its branches.
        path: String,
        /// What runs side by side.
        branches: Branches,
        /// Useful branches needed \[count\], from 1 to the number of branches.
        need: u32,
        /// Whether the rest is abandoned once it is decided.
        cancel_rest: bool,
        /// Whether calls to one service go to different instances.
        distinct_instances: bool,
    },
    /// One of several ways, by chance.
    Branch {
        /// Key of its draw.
        path: String,
        /// Shares and steps; shares sum to at most 1, the rest does nothing.
        arms: Vec<(Probability, Vec<StepSpec>)>,
    },
    /// The same steps again and again.
    Repeat {
        /// Key of its draws and of its rounds.
        path: String,
        /// How often.
        times: Times,
        /// What is repeated.
        steps: Vec<StepSpec>,
    },
    /// Steps under a policy of their own (rule 65).
    Block {
        /// Where they are called, inline.
        site: SiteId,
        /// Whether its failure is forgiven.
        optional: bool,
        /// What is done.
        steps: Vec<StepSpec>,
    },
    /// Does something that outlives the call, or undoes it (rule 86).
    Deed {
        /// The effect.
        effect: EffectId,
        /// What is done with it.
        what: DeedKind,
    },
    /// Stores a message in the queue of the operation.
    Store,
    /// Calls that are undone in reverse order if one of them fails: the only step of its block, or of the
    /// operation that goes on with it elsewhere (rule 88).
    Saga {
        /// Which saga.
        saga: SagaId,
        /// The calls that it makes, and by no chance its undos; none where it is gone on with.
        calls: Vec<StepSpec>,
    },
    /// Ends the operation with an error, or with a negative answer.
    Fail {
        /// Key of its draw.
        path: String,
        /// When it does.
        when: FailRule,
        /// What it answers.
        outcome: Outcome,
    },
}

/// How long a step works.
#[derive(Clone, Debug, PartialEq)]
pub enum WorkTime {
    /// Drawn for each.
    Drawn(Dist),
    /// These in the order in which work starts, then again from the first.
    Sequence(Vec<SimDuration>),
}

/// The branches of a `parallel`.
#[derive(Clone, Debug, PartialEq)]
pub enum Branches {
    /// Each its own steps; never empty.
    Each(Vec<Vec<StepSpec>>),
    /// The same steps so many times.
    Same {
        /// What each branch does.
        steps: Vec<StepSpec>,
        /// How many branches.
        count: u32,
    },
}

/// How often a `repeat` goes round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Times {
    /// So many rounds.
    Exactly(u32),
    /// Once, then one more round with this chance each time.
    Again(Probability),
}

/// When a `fail` step fails.
#[derive(Clone, Debug, PartialEq)]
pub enum FailRule {
    /// By chance.
    Share(Probability),
    /// In this order as operations reach it, then again from the first; `None` passes.
    Sequence(Vec<Option<Outcome>>),
}

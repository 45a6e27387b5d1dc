//! What facts are made of.

pub use crate::policy::{
    Applied, AppliedSet, BreakerStateKind as BreakerState, Cause, CauseKind, Ending, HealthVerdict,
    Place, RetryStop, Why,
};

pub use crate::model::directory::{InstanceState, Mark};

/// Serial number of a call, from 1 in the order of starting.
pub type CallNo = u32;
/// Serial number of an attempt, and of the operation that serves it, from 1 in the order of sending.
pub type AttemptNo = u32;

/// Why an operation ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DropReason {
    /// Nobody waited when it left the queue.
    Skipped,
    /// The cancel signal took it out of the queue.
    Removed,
    /// The cancel signal ended it while it ran.
    Stopped,
    /// Its deadline had passed.
    Expired,
}

impl DropReason {
    /// All, in their order.
    pub const ALL: [Self; 4] = [Self::Skipped, Self::Removed, Self::Stopped, Self::Expired];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Removed => "removed",
            Self::Stopped => "stopped",
            Self::Expired => "expired",
        }
    }
}

/// What a service answered to an attempt whose key it knew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyAnswer {
    /// The answer that it had kept.
    Stored,
    /// It let it wait for the execution under way.
    Joined,
    /// It turned it away, because of the execution under way.
    Rejected,
}

impl KeyAnswer {
    /// All, in their order.
    pub const ALL: [Self; 3] = [Self::Stored, Self::Joined, Self::Rejected];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Joined => "joined",
            Self::Rejected => "rejected",
        }
    }
}

/// What became of an effect that was to be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeedDone {
    /// It is done.
    Done,
    /// It is done once more, though it stands already.
    Duplicated,
    /// It stands already, and the operation is idempotent: nothing comes of it.
    Absorbed,
    /// It was undone by a step that forbids it from then on.
    Forbidden,
}

impl DeedDone {
    /// All, in their order.
    pub const ALL: [Self; 4] = [
        Self::Done,
        Self::Duplicated,
        Self::Absorbed,
        Self::Forbidden,
    ];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Duplicated => "duplicated",
            Self::Absorbed => "absorbed",
            Self::Forbidden => "forbidden",
        }
    }
}

/// What became of an effect that was to be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeedUndone {
    /// It is undone: one of it, if it stood more than once.
    Undone,
    /// Nothing stood that could be undone.
    Nothing,
    /// It has been undone already, and the operation is idempotent: nothing comes of it.
    Absorbed,
}

impl DeedUndone {
    /// All, in their order.
    pub const ALL: [Self; 3] = [Self::Undone, Self::Nothing, Self::Absorbed];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Undone => "undone",
            Self::Nothing => "nothing_to_undo",
            Self::Absorbed => "absorbed",
        }
    }
}

/// What is to follow when an instance has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Then {
    /// It starts again.
    Restart,
    /// Nothing: it has ended for good.
    End,
}

impl Then {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::End => "end",
        }
    }
}

/// Why an instance is told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StopWhy {
    /// A fault of the scenario says so.
    Fault,
    /// A health check failed that restarts what fails.
    Check,
    /// There are to be fewer of it.
    Scaled,
    /// Another version of it takes its place.
    Deployed,
}

impl StopWhy {
    /// All, in their order.
    pub const ALL: [Self; 4] = [Self::Fault, Self::Check, Self::Scaled, Self::Deployed];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Check => "failed check",
            Self::Scaled => "scaled down",
            Self::Deployed => "replaced",
        }
    }
}

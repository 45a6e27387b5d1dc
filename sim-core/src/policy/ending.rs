//! How something ended: the outcome, who ended it, and what it goes back to (rule 30).

use crate::id::{LayerId, OperationId};
use crate::policy::Outcome;

/// Where something stood or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In a layer of the caller.
    Layer(LayerId),
    /// In the called operation.
    Operation(OperationId),
    /// On the way to or from the called operation.
    Network(OperationId),
}

/// What was going on at the place of a first cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CauseKind {
    /// It ended like this of itself.
    Ended(Outcome),
    /// It waited for a thread.
    InQueue,
    /// It was at work.
    AtWork,
    /// A message was under way, or lost.
    OnTheWay,
    /// It waited for a permit of a bulkhead.
    InBulkhead,
    /// It waited before another pass.
    InBackoff,
    /// Its instance was frozen or dead, and the caller did not know.
    Unreachable,
}

/// The deepest place and kind in the chain of results that decided an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// Where.
    pub place: Place,
    /// What.
    pub kind: CauseKind,
}

/// How a call, a pass or an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The row of the outcome table.
    pub outcome: Outcome,
    /// The layer or service that ended it.
    pub by: Place,
    /// What it goes back to.
    pub cause: Cause,
}

impl Ending {
    /// Something that ended of itself at this place.
    pub fn here(outcome: Outcome, by: Place) -> Self {
        Self {
            outcome,
            by,
            cause: Cause {
                place: by,
                kind: CauseKind::Ended(outcome),
            },
        }
    }
}

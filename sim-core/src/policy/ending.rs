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
    /// It waited for a probe of a half-open breaker.
    InBreaker,
    /// It waited before another pass.
    InBackoff,
    /// Its instance had died, and the caller did not know.
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

/// A [`Place`] in 32 bits: its kind in the top two, its number below.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Code(u32);

impl Code {
    const KIND: u32 = 30;

    #[inline]
    const fn of(place: Place) -> Self {
        let (kind, id) = match place {
            Place::Layer(LayerId(id)) => (0, id),
            Place::Operation(OperationId(id)) => (1, id),
            Place::Network(OperationId(id)) => (2, id),
        };
        debug_assert!(id >> Self::KIND == 0);
        Self(kind << Self::KIND | id)
    }

    #[inline]
    const fn place(self) -> Place {
        let id = self.0 & ((1 << Self::KIND) - 1);
        match self.0 >> Self::KIND {
            0 => Place::Layer(LayerId(id)),
            1 => Place::Operation(OperationId(id)),
            _ => Place::Network(OperationId(id)),
        }
    }
}

/// How a call, a pass or an attempt ended: the outcome, who ended it, and what it goes back to.
///
/// It goes through every hop of an answer, so places are packed: 12 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// The row of the outcome table.
    pub outcome: Outcome,
    kind: CauseKind,
    by: Code,
    place: Code,
}

const _: () = assert!(size_of::<Ending>() == 12, "copied at every hop");

impl Ending {
    /// An outcome, the layer or service that ended it, and what it goes back to.
    #[inline]
    pub const fn new(outcome: Outcome, by: Place, cause: Cause) -> Self {
        Self {
            outcome,
            kind: cause.kind,
            by: Code::of(by),
            place: Code::of(cause.place),
        }
    }

    /// Something that ended of itself at this place.
    #[inline]
    pub const fn here(outcome: Outcome, by: Place) -> Self {
        let by = Code::of(by);
        Self {
            outcome,
            kind: CauseKind::Ended(outcome),
            by,
            place: by,
        }
    }

    /// The same first cause, with another outcome given by somebody else.
    #[inline]
    #[must_use]
    pub const fn turned_into(self, outcome: Outcome, by: Place) -> Self {
        Self {
            outcome,
            by: Code::of(by),
            ..self
        }
    }

    /// The layer or service that ended it.
    #[inline]
    pub const fn by(self) -> Place {
        self.by.place()
    }

    /// What it goes back to.
    #[inline]
    pub const fn cause(self) -> Cause {
        Cause {
            place: self.place.place(),
            kind: self.kind,
        }
    }

    /// The kind of its first cause.
    #[inline]
    pub const fn cause_kind(self) -> CauseKind {
        self.kind
    }

    /// Both places as one number, who ended it above: equal if and only if they are the same.
    #[inline]
    pub const fn places(self) -> u64 {
        (self.by.0 as u64) << 32 | self.place.0 as u64
    }
}

#[expect(
    clippy::missing_fields_in_debug,
    reason = "both packed places are shown unpacked"
)]
impl std::fmt::Debug for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ending")
            .field("outcome", &self.outcome)
            .field("by", &self.by())
            .field("cause", &self.cause())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_survive_packing() {
        for id in [0, 7, (1 << 30) - 1] {
            for place in [
                Place::Layer(LayerId(id)),
                Place::Operation(OperationId(id)),
                Place::Network(OperationId(id)),
            ] {
                assert_eq!(Code::of(place).place(), place);
            }
        }
    }
}

//! How something ended: the outcome, who ended it, and what it goes back to (rule 30).
//!
//! An [`Ending`] goes through every hop of an answer, so it is one number of 64 bits. None of them
//! is free; what a new kind of place, a new outcome or a new kind of cause can have is a number
//! that nothing has yet:
//!
//! | bits | hold | numbers in use |
//! |---|---|---|
//! | 0 | a one, so that an ending that may be missing needs no more room | |
//! | 1 to 5 | the outcome | 23 of 32 outcomes |
//! | 6 to 11 | the kind of the cause: below 32 an outcome, from 32 on what was going on | 10 of 32 going on |
//! | 12 to 37 | the place that ended it: 24 bits of number, two of kind | 4 of 4 kinds of place |
//! | 38 to 63 | the place of the cause, likewise | |
//!
//! The digest takes the bits in, so a number once given stays.

use crate::id::{KeptId, LayerId, OperationId};
use crate::policy::Outcome;
use std::num::NonZeroU64;

/// Where something stood or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In a layer of the caller.
    Layer(LayerId),
    /// In the called operation.
    Operation(OperationId),
    /// On the way to or from the called operation.
    Network(OperationId),
    /// At something that the caller keeps: a pool.
    Kept(KeptId),
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
    /// It waited to be let in by a layer of another kind.
    InLayer,
    /// It waited for a probe of a half-open breaker.
    InBreaker,
    /// It waited before another pass.
    InBackoff,
    /// Its instance had died, and the caller did not know.
    Unreachable,
    /// It waited for a paused instance to accept its connection.
    NotAccepted,
    /// It waited for a connection of a pool.
    InPool,
}

/// The deepest place and kind in the chain of results that decided an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// Where.
    pub place: Place,
    /// What.
    pub kind: CauseKind,
}

/// A [`Place`] in 26 bits: its kind in the top two, its number below.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Code(u64);

impl Code {
    const BITS: u32 = 26;
    const KIND: u32 = 24;

    #[inline]
    const fn of(place: Place) -> Self {
        let (kind, id) = match place {
            Place::Layer(LayerId(id)) => (0, id),
            Place::Operation(OperationId(id)) => (1, id),
            Place::Network(OperationId(id)) => (2, id),
            Place::Kept(KeptId(id)) => (3, id),
        };
        debug_assert!(id >> Self::KIND == 0);
        Self(kind << Self::KIND | id as u64)
    }

    /// The one that begins at this bit.
    #[inline]
    const fn at(bits: u64, shift: u32) -> Self {
        Self(bits >> shift & ((1 << Self::BITS) - 1))
    }

    const fn id(self) -> u32 {
        self.0 as u32 & ((1 << Self::KIND) - 1)
    }

    #[inline]
    const fn place(self) -> Place {
        match self.0 >> Self::KIND {
            0 => Place::Layer(LayerId(self.id())),
            1 => Place::Operation(OperationId(self.id())),
            2 => Place::Network(OperationId(self.id())),
            _ => Place::Kept(KeptId(self.id())),
        }
    }
}

impl CauseKind {
    /// Those that are no outcome, by their codes.
    const GOING_ON: [Self; 10] = [
        Self::InQueue,
        Self::AtWork,
        Self::OnTheWay,
        Self::InBulkhead,
        Self::InBackoff,
        Self::Unreachable,
        Self::InBreaker,
        Self::InLayer,
        Self::NotAccepted,
        Self::InPool,
    ];

    /// A number that never changes: that of an outcome, below 32, or one from 64 to 95.
    #[inline]
    pub const fn code(self) -> u32 {
        match self {
            Self::Ended(outcome) => outcome as u32,
            Self::InQueue => 64,
            Self::AtWork => 65,
            Self::OnTheWay => 66,
            Self::InBulkhead => 67,
            Self::InBackoff => 68,
            Self::Unreachable => 69,
            Self::InBreaker => 70,
            Self::InLayer => 71,
            Self::NotAccepted => 72,
            Self::InPool => 73,
        }
    }

    const fn of_code(code: u32) -> Self {
        match code.checked_sub(64) {
            Some(index) => Self::GOING_ON[index as usize],
            None => Self::Ended(Outcome::of_index(code as u64)),
        }
    }
}

/// How a call, a pass or an attempt ended: the outcome, who ended it, and what it goes back to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ending(NonZeroU64);

const _: () = assert!(size_of::<Option<Ending>>() == 8, "copied at every hop");

impl Ending {
    const OUTCOME: u32 = 1;
    const KIND: u32 = 6;
    const BY: u32 = 12;
    const CAUSE: u32 = Self::BY + Code::BITS;
    /// The bits of the outcome.
    const HOW: u64 = 31 << Self::OUTCOME;
    /// The bits of the place that ended it.
    const WHO: u64 = ((1 << Code::BITS) - 1) << Self::BY;

    /// An outcome, the layer or service that ended it, and what it goes back to.
    #[inline]
    pub fn new(outcome: Outcome, by: Place, cause: Cause) -> Self {
        // No code has the bit of 32; that of 64 takes its place.
        let code = u64::from(cause.kind.code());
        let kind = (code & 31 | code >> 1 & 32) << Self::KIND;
        let (by, place) = (Code::of(by), Code::of(cause.place));
        let places = place.0 << Self::CAUSE | by.0 << Self::BY;
        Self(NonZeroU64::MIN | places | kind | (outcome as u64) << Self::OUTCOME)
    }

    /// Something that ended of itself at this place.
    #[inline]
    pub fn here(outcome: Outcome, by: Place) -> Self {
        let kind = CauseKind::Ended(outcome);
        Self::new(outcome, by, Cause { place: by, kind })
    }

    /// The same first cause, with another outcome given by somebody else.
    #[inline]
    #[must_use]
    pub fn turned_into(self, outcome: Outcome, by: Place) -> Self {
        let kept = self.0.get() & !(Self::WHO | Self::HOW);
        let how = (outcome as u64) << Self::OUTCOME;
        Self(NonZeroU64::MIN | kept | Code::of(by).0 << Self::BY | how)
    }

    /// The row of the outcome table.
    #[inline]
    pub const fn outcome(self) -> Outcome {
        Outcome::of_index((self.0.get() & Self::HOW) >> Self::OUTCOME)
    }

    /// The layer or service that ended it.
    #[inline]
    pub const fn by(self) -> Place {
        Code::at(self.0.get(), Self::BY).place()
    }

    /// Whether the called operation ended it, and neither a layer of the caller nor the network.
    #[inline]
    pub const fn is_by_operation(self) -> bool {
        matches!(self.by(), Place::Operation(_))
    }

    /// What it goes back to.
    #[inline]
    pub const fn cause(self) -> Cause {
        Cause {
            place: Code::at(self.0.get(), Self::CAUSE).place(),
            kind: self.cause_kind(),
        }
    }

    /// The kind of its first cause.
    #[inline]
    pub const fn cause_kind(self) -> CauseKind {
        CauseKind::of_code(self.cause_code())
    }

    #[inline]
    const fn cause_code(self) -> u32 {
        let kind = (self.0.get() >> Self::KIND) as u32;
        kind & 31 | (kind & 32) << 1
    }

    /// Outcome and first cause as one number: equal if and only if both are the same.
    #[inline]
    pub const fn key_of_cause(self) -> u64 {
        self.0.get() & !Self::WHO
    }

    /// All of it as one number, which the digest takes in: the layout never changes.
    #[inline]
    pub const fn to_bits(self) -> u64 {
        self.0.get()
    }
}

const _: () = {
    let last = Ending::CAUSE + Code::BITS;
    assert!(last == u64::BITS, "every bit has its use");
    assert!(Outcome::COUNT <= 32, "an outcome in five bits");
    let going_on = CauseKind::GOING_ON;
    assert!(going_on.len() <= 32, "what was going on in five bits");
    let mut index = 0;
    while index < going_on.len() {
        assert!(going_on[index].code() as usize == 64 + index, "by code");
        index += 1;
    }
};

impl std::fmt::Debug for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ending")
            .field("outcome", &self.outcome())
            .field("by", &self.by())
            .field("cause", &self.cause())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_gives_back_what_it_was_made_of() {
        let ended = Outcome::ALL
            .iter()
            .map(|&outcome| CauseKind::Ended(outcome));
        for kind in CauseKind::GOING_ON.into_iter().chain(ended) {
            for id in [0, 7, (1 << 24) - 1] {
                let place = Place::Network(OperationId(id));
                let by = Place::Layer(LayerId(id / 2));
                let cause = Cause { place, kind };
                for &outcome in Outcome::ALL {
                    let ending = Ending::new(outcome, by, cause);
                    let told = (ending.outcome(), ending.by(), ending.cause());
                    assert_eq!(told, (outcome, by, cause));
                }
            }
        }
    }

    #[test]
    fn the_head_says_which_numbers_are_in_use() {
        let place = |kind: u64| Code(kind << Code::KIND);
        let all = 1 << (Code::BITS - Code::KIND);
        let places = (0..all).filter(|&kind| Code::of(place(kind).place()) == place(kind));
        let (head, _) = include_str!("ending.rs").split_once("\nuse ").unwrap();
        for told in [
            format!("{} of {all} kinds of place", places.count()),
            format!("{} of 32 outcomes", Outcome::COUNT),
            format!("{} of 32 going on", CauseKind::GOING_ON.len()),
        ] {
            assert!(head.contains(&told), "{told}");
        }
    }

    #[test]
    fn the_digest_relies_on_the_layout() {
        let layer = Place::Layer(LayerId(5));
        let cause = Cause {
            place: Place::Network(OperationId(9)),
            kind: CauseKind::OnTheWay,
        };
        let ending = Ending::new(Outcome::TimeoutResponse, layer, cause);
        let (outcome, kind) = (9, 0b10_0010);
        let (by, place) = (5, 2 << 24 | 9);
        let bits = 1 | outcome << 1 | kind << 6 | by << 12 | place << 38;
        assert_eq!(ending.to_bits(), bits);
    }

    #[test]
    fn another_outcome_keeps_the_first_cause() {
        let operation = Place::Operation(OperationId(5));
        let layer = Place::Layer(LayerId(9));
        let ending = Ending::here(Outcome::ErrorInternal, operation);
        let turned = ending.turned_into(Outcome::Degraded, layer);
        assert_eq!(
            turned,
            Ending::new(Outcome::Degraded, layer, ending.cause())
        );
    }
}

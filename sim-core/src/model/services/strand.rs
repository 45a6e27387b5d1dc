//! Strands: how far an operation has come.
//!
//! An operation has a main strand; each branch of a `parallel` is a strand too. A strand has a
//! program counter and waits for one thing at a time.

use super::program::Pc;
use crate::kernel::Timer;
use crate::model::arena::{Arena, NONE};
use crate::model::attempt::AttemptIx;
use crate::model::call::CallIx;
use crate::queueing::Place;

/// Number of a strand in its arena.
pub(super) type StrandIx = u32;

/// What a strand waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// Nothing: it runs, or is about to.
    Nothing,
    /// The end of its work at a fixed instant.
    Work(Timer),
    /// The end of its work on shared cores.
    Cores,
    /// Its turn to work on the thread that it shares with other strands.
    Turn,
    /// A thread.
    Thread(Place),
    /// The outcome of a call.
    Call(CallIx),
    /// The decision of a `parallel`, by the number of its record.
    Join(u32),
}

/// A strand of an operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strand {
    /// All its draws come from this: the attempt's key, with branches and rounds folded in.
    pub(super) key: u64,
    pub(super) attempt: AttemptIx,
    pub(super) pc: Pc,
    pub(super) wait: Wait,
    /// Its ties, if it has any.
    ties: u32,
    /// Whether it holds a thread of its own (asynchronous services only).
    pub(super) holds_thread: bool,
}

const _: () = assert!(
    size_of::<Strand>() <= 32,
    "one for each operation that runs"
);

/// What joins a strand to others. The main strand of an operation that only works and calls has
/// none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ties {
    /// The `parallel` it is a branch of, or [`NONE`] for the main strand and for branches that
    /// nobody waits for any more.
    pub(super) join: u32,
    /// The next branch of the same `parallel`, or the next forgotten one.
    pub(super) sibling: StrandIx,
    /// The innermost `repeat` it is in.
    pub(super) round: u32,
    /// Instances that its calls leave out.
    pub(super) avoid: u32,
    /// Main strand only: branches that nobody waits for any more.
    pub(super) forgotten: StrandIx,
    /// Main strand only: strands that wait for their turn to work.
    pub(super) first_turn: StrandIx,
    /// The next that waits for its turn.
    pub(super) next_turn: StrandIx,
}

impl Ties {
    /// Joined to nothing.
    const NO_TIES: Self = Self {
        join: NONE,
        sibling: NONE,
        round: NONE,
        avoid: NONE,
        forgotten: NONE,
        first_turn: NONE,
        next_turn: NONE,
    };
}

impl Strand {
    #[inline]
    pub(super) fn new(attempt: AttemptIx, key: u64, pc: Pc) -> Self {
        Self {
            key,
            attempt,
            pc,
            wait: Wait::Nothing,
            ties: NONE,
            holds_thread: false,
        }
    }

    /// Whether it waits for nothing, has no ties and no thread of its own: a main strand that is
    /// plain has nothing to give back.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        self.wait == Wait::Nothing && self.ties == NONE && !self.holds_thread
    }

    /// Whether it never had ties.
    #[inline]
    pub(super) fn has_no_ties(&self) -> bool {
        self.ties == NONE
    }
}

/// All strands, and the ties of those that have some.
#[derive(Debug, Default)]
pub(super) struct Strands {
    strands: Arena<Strand>,
    ties: Arena<Ties>,
}

impl Strands {
    #[inline]
    pub(super) fn insert(&mut self, strand: Strand) -> StrandIx {
        self.strands.insert(strand)
    }

    /// Adds a branch of a `parallel`.
    pub(super) fn insert_branch(&mut self, strand: Strand, join: u32, avoid: u32) -> StrandIx {
        let ties = self.ties.insert(Ties {
            join,
            avoid,
            ..Ties::NO_TIES
        });
        self.strands.insert(Strand { ties, ..strand })
    }

    #[inline]
    pub(super) fn remove(&mut self, ix: StrandIx) {
        let ties = self.strands[ix].ties;
        if ties != NONE {
            self.ties.remove(ties);
        }
        self.strands.remove(ix);
    }

    /// The ties of a strand.
    #[inline]
    pub(super) fn ties(&self, ix: StrandIx) -> &Ties {
        match self.strands[ix].ties {
            NONE => &Ties::NO_TIES,
            ties => &self.ties[ties],
        }
    }

    /// The ties of a strand, to be changed.
    pub(super) fn ties_mut(&mut self, ix: StrandIx) -> &mut Ties {
        let strand = &mut self.strands[ix];
        if strand.ties == NONE {
            strand.ties = self.ties.insert(Ties::NO_TIES);
        }
        &mut self.ties[strand.ties]
    }
}

impl std::ops::Index<StrandIx> for Strands {
    type Output = Strand;
    #[inline]
    fn index(&self, ix: StrandIx) -> &Strand {
        &self.strands[ix]
    }
}

impl std::ops::IndexMut<StrandIx> for Strands {
    #[inline]
    fn index_mut(&mut self, ix: StrandIx) -> &mut Strand {
        &mut self.strands[ix]
    }
}

/// A `parallel` under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Join {
    /// The strand that waits for the decision.
    pub(super) parent: StrandIx,
    /// Number of the fork in the program.
    pub(super) fork: u32,
    /// Branches that were useful, and that failed [count].
    pub(super) useful: u32,
    pub(super) failed: u32,
    /// Branches under way.
    pub(super) first: StrandIx,
    /// Instances that its calls leave out, if they go to distinct ones.
    pub(super) avoid: u32,
}

/// A `repeat` under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    /// Rounds begun [count].
    pub(super) number: u32,
    /// The key outside the `repeat`.
    pub(super) key: u64,
    /// The `repeat` around it.
    pub(super) around: u32,
}

//! Strands: how far an operation has come.
//!
//! An operation has a main strand; each branch of a `parallel` is a strand too. A strand has a
//! program counter and waits for one thing at a time.

use super::program::Pc;
use crate::kernel::Timer;
use crate::model::arena::NONE;
use crate::model::attempt::AttemptIx;
use crate::model::call::CallIx;
use crate::queueing::Place;
use crate::time::SimTime;

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
    /// When it took its own thread (asynchronous services only).
    pub(super) since: SimTime,
    pub(super) attempt: AttemptIx,
    pub(super) pc: Pc,
    pub(super) wait: Wait,
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
    /// Whether it holds a thread of its own (asynchronous services only).
    pub(super) holds_thread: bool,
}

const _: () = assert!(
    size_of::<Strand>() <= 64,
    "one for each operation that runs"
);

impl Strand {
    pub(super) fn new(attempt: AttemptIx, key: u64, pc: Pc) -> Self {
        Self {
            key,
            since: SimTime::ZERO,
            attempt,
            pc,
            wait: Wait::Nothing,
            join: NONE,
            sibling: NONE,
            round: NONE,
            avoid: NONE,
            forgotten: NONE,
            first_turn: NONE,
            next_turn: NONE,
            holds_thread: false,
        }
    }
}

impl Strand {
    /// Whether it waits for nothing and left no branches behind.
    #[inline]
    pub(super) fn is_alone(&self) -> bool {
        self.wait == Wait::Nothing && self.forgotten == NONE
    }

    /// Whether it is in no `repeat` and has no thread of its own: a main strand that is alone and
    /// plain has nothing to give back.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        self.round == NONE && !self.holds_thread
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

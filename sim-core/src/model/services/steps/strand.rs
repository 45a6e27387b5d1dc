//! Strands: how far an operation has come.
//!
//! An operation has a main strand; each branch of a `parallel` is a strand too. A strand has a
//! program counter and waits for one thing at a time.

use super::program::Pc;
use crate::kernel::Timer;
use crate::model::arena::{Arena, CallIx, NONE, StrandIx};
use crate::model::attempt::{Attempt, AttemptIx};
use crate::model::saga::SagaIx;
use crate::model::ticket::TicketIx;
use crate::queueing::QueuePlace;
use crate::side_table::SideTable;

/// What a strand waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Nothing: it runs, or is about to.
    Nothing,
    /// The end of its work at a fixed instant.
    Work(Timer),
    /// The end of its work on shared cores.
    Cores,
    /// Its turn to work on the thread that it shares with other strands.
    Turn,
    /// A thread.
    Thread(QueuePlace),
    /// The outcome of a call.
    Call(CallIx),
    /// The decision of a `parallel`, by the number of its record.
    Join(u32),
    /// The end of a pause: what it waited for has come.
    Frozen,
    /// Something kept.
    Kept(TicketIx),
    /// The write, or the wait, of a saga.
    Saga(SagaIx),
}

/// A strand of an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strand {
    pub(crate) attempt: AttemptIx,
    /// Where it stands in the program, and what it has and waits for: the number of the instruction
    /// above [`Self::PC_SHIFT`], the flags below it, the kind of its [`Wait`] below them.
    place: u32,
    /// The number that belongs to the kind of its [`Wait`].
    awaited: u32,
}

const _: () = assert!(
    size_of::<Strand>() == 12,
    "one for each operation that runs"
);

/// What joins a strand to others. The main strand of an operation that only works and calls has
/// none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ties {
    /// All draws of the strand come from this: the attempt's key, with branches and rounds folded
    /// in; none if it is the attempt's own.
    key: Option<u64>,
    /// The same branches and rounds without the attempt's key, where calls hand down how they are
    /// made; zero for none.
    pub(crate) fold: u64,
    /// The `parallel` it is a branch of, or [`NONE`] for the main strand and for branches that
    /// nobody waits for any more.
    pub(crate) join: u32,
    /// The next branch of the same `parallel`, or the next forgotten one.
    pub(crate) sibling: StrandIx,
    /// The innermost `repeat` it is in.
    pub(crate) round: u32,
    /// Instances that its calls leave out.
    pub(crate) avoid: u32,
    /// Main strand only: branches that nobody waits for any more.
    pub(crate) forgotten: StrandIx,
    /// Main strand only: strands that wait for their turn to work.
    pub(crate) first_turn: StrandIx,
    /// The next that waits for its turn.
    pub(crate) next_turn: StrandIx,
}

impl Ties {
    /// Joined to nothing.
    const NO_TIES: Self = Self {
        key: None,
        fold: 0,
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
    /// The bits of the kind of its [`Wait`]: ten of the sixteen are in use.
    const KINDS: u32 = 0b1111;
    /// It holds a thread of its own (asynchronous services only).
    const HOLDS_THREAD: u32 = 1 << 4;
    /// It has ties.
    const TIED: u32 = 1 << 5;
    const PC_SHIFT: u32 = 6;
    const BELOW_PC: u32 = (1 << Self::PC_SHIFT) - 1;

    #[inline]
    pub(crate) fn new(attempt: AttemptIx, pc: Pc, holds_thread: bool) -> Self {
        let flags = if holds_thread { Self::HOLDS_THREAD } else { 0 };
        Self {
            attempt,
            place: pc << Self::PC_SHIFT | flags,
            awaited: NONE,
        }
    }

    /// The instruction at which it stands.
    #[inline]
    pub(crate) const fn pc(&self) -> Pc {
        self.place >> Self::PC_SHIFT
    }

    #[inline]
    pub(crate) fn go_to(&mut self, pc: Pc) {
        debug_assert!(pc < 1 << (32 - Self::PC_SHIFT));
        self.place = (pc << Self::PC_SHIFT) | (self.place & Self::BELOW_PC);
    }

    /// Goes on to the instruction after this one, which is told.
    #[inline]
    pub(crate) fn advance(&mut self) -> Pc {
        self.place += 1 << Self::PC_SHIFT;
        self.pc()
    }

    /// What it waits for.
    #[inline]
    pub(crate) fn wait(&self) -> Wait {
        let awaited = self.awaited;
        match self.place & Self::KINDS {
            0 => Wait::Nothing,
            1 => Wait::Work(Timer::from_bits(awaited)),
            2 => Wait::Cores,
            3 => Wait::Turn,
            4 => Wait::Thread(QueuePlace::from_bits(awaited)),
            5 => Wait::Call(awaited),
            6 => Wait::Join(awaited),
            7 => Wait::Frozen,
            8 => Wait::Kept(awaited),
            _ => Wait::Saga(awaited),
        }
    }

    #[inline]
    pub(crate) fn wait_for(&mut self, wait: Wait) {
        let (kind, awaited) = match wait {
            Wait::Nothing => (0, NONE),
            Wait::Work(timer) => (1, timer.to_bits()),
            Wait::Cores => (2, NONE),
            Wait::Turn => (3, NONE),
            Wait::Thread(place) => (4, place.to_bits()),
            Wait::Call(call) => (5, call),
            Wait::Join(join) => (6, join),
            Wait::Frozen => (7, NONE),
            Wait::Kept(ticket) => (8, ticket),
            Wait::Saga(saga) => (9, saga),
        };
        self.place = self.place & !Self::KINDS | kind;
        self.awaited = awaited;
    }

    /// Whether it holds a thread of its own (asynchronous services only).
    #[inline]
    pub(crate) const fn holds_thread(&self) -> bool {
        self.place & Self::HOLDS_THREAD != 0
    }

    pub(crate) const fn take_thread(&mut self) {
        self.place |= Self::HOLDS_THREAD;
    }

    pub(crate) const fn give_back_thread(&mut self) {
        self.place &= !Self::HOLDS_THREAD;
    }

    /// Whether it waits for nothing, has no ties and no thread of its own: a main strand that is
    /// plain has nothing to give back.
    #[inline]
    pub(crate) const fn is_plain(&self) -> bool {
        self.place & Self::BELOW_PC == 0
    }

    /// Whether it never had ties.
    #[inline]
    pub(crate) const fn has_no_ties(&self) -> bool {
        self.place & Self::TIED == 0
    }
}

/// All strands, and the ties of those that have some.
#[derive(Clone, Debug, Default)]
pub(crate) struct Strands {
    all: Arena<Strand>,
    ties: Arena<Ties>,
    /// Which ties a strand has.
    tied: SideTable<u32>,
}

impl Strands {
    #[inline]
    pub(crate) fn insert(&mut self, strand: Strand) -> StrandIx {
        self.all.insert(strand)
    }

    /// Adds a branch of a `parallel`, with its own key.
    #[expect(clippy::inline_always, reason = "for every branch")]
    #[inline(always)]
    pub(crate) fn insert_branch(
        &mut self,
        strand: Strand,
        key: u64,
        join: u32,
        avoid: u32,
    ) -> StrandIx {
        let ties = self.ties.insert_with(|| Ties {
            key: Some(key),
            join,
            avoid,
            ..Ties::NO_TIES
        });
        let ix = self.all.insert(Strand {
            place: strand.place | Strand::TIED,
            ..strand
        });
        self.tied.set(ix, ties);
        ix
    }

    #[inline]
    pub(crate) fn remove(&mut self, ix: StrandIx) {
        if !self.all[ix].has_no_ties() {
            self.ties.remove(self.tied.of(ix));
        }
        self.all.remove(ix);
    }

    /// Removes a strand that never had ties.
    #[inline]
    pub(crate) fn remove_untied(&mut self, ix: StrandIx) {
        debug_assert!(self.all[ix].has_no_ties());
        self.all.remove(ix);
    }

    /// The ties of a strand.
    #[inline]
    pub(crate) fn ties(&self, ix: StrandIx) -> &Ties {
        if self.all[ix].has_no_ties() {
            &Ties::NO_TIES
        } else {
            &self.ties[self.tied.of(ix)]
        }
    }

    /// The ties of a strand, to be changed.
    #[inline]
    pub(crate) fn ties_mut(&mut self, ix: StrandIx) -> &mut Ties {
        if self.all[ix].has_no_ties() {
            self.tie(ix);
        }
        &mut self.ties[self.tied.of(ix)]
    }

    #[cold]
    #[inline(never)]
    fn tie(&mut self, ix: StrandIx) {
        self.all[ix].place |= Strand::TIED;
        self.tied.set(ix, self.ties.insert(Ties::NO_TIES));
    }

    /// The key from which the draws of a strand come; `of` is its attempt.
    #[inline]
    pub(crate) fn key(&self, ix: StrandIx, of: &Attempt) -> u64 {
        if self.all[ix].has_no_ties() {
            return of.key;
        }
        self.ties(ix).key.unwrap_or(of.key)
    }

    /// The same, and the list of instances that the calls of the strand leave out.
    #[inline]
    pub(crate) fn key_and_avoided(&self, ix: StrandIx, of: &Attempt) -> (u64, u32) {
        if self.all[ix].has_no_ties() {
            return (of.key, NONE);
        }
        let ties = self.ties(ix);
        (ties.key.unwrap_or(of.key), ties.avoid)
    }

    /// From now on the draws of a strand come from this.
    pub(crate) fn set_key(&mut self, ix: StrandIx, key: u64) {
        self.ties_mut(ix).key = Some(key);
    }
}

impl std::ops::Index<StrandIx> for Strands {
    type Output = Strand;
    #[inline]
    fn index(&self, ix: StrandIx) -> &Strand {
        &self.all[ix]
    }
}

impl std::ops::IndexMut<StrandIx> for Strands {
    #[inline]
    fn index_mut(&mut self, ix: StrandIx) -> &mut Strand {
        &mut self.all[ix]
    }
}

/// A `parallel` under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Join {
    /// The strand that waits for the decision.
    pub(crate) parent: StrandIx,
    /// Number of the fork in the program.
    pub(crate) fork: u32,
    /// Branches that were useful, and that failed \[count\].
    pub(crate) useful: u32,
    pub(crate) failed: u32,
    /// Branches under way.
    pub(crate) first: StrandIx,
    /// Instances that its calls leave out, if they go to distinct ones.
    pub(crate) avoid: u32,
}

/// A `repeat` under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    /// Rounds begun \[count\].
    pub(crate) number: u32,
    /// The key outside the `repeat`, and the fold.
    pub(crate) key: u64,
    pub(crate) fold: u64,
    /// The `repeat` around it.
    pub(crate) around: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_strand_waits_for_comes_back_whole() {
        let mut strand = Strand::new(3, (1 << 26) - 2, true);
        let waits = [
            Wait::Work(Timer::from_bits(u32::MAX - 1)),
            Wait::Cores,
            Wait::Turn,
            Wait::Thread(QueuePlace::from_bits(u32::MAX - 2)),
            Wait::Call(7),
            Wait::Join(9),
            Wait::Frozen,
            Wait::Kept(11),
            Wait::Saga(12),
            Wait::Nothing,
        ];
        for wait in waits {
            strand.wait_for(wait);
            assert_eq!(strand.wait(), wait);
            assert!(strand.holds_thread() && strand.has_no_ties());
        }
        assert_eq!(strand.advance(), (1 << 26) - 1);
        assert!(!strand.is_plain());
        strand.give_back_thread();
        assert!(strand.is_plain());
        strand.go_to(5);
        strand.wait_for(Wait::Turn);
        assert_eq!((strand.pc(), strand.is_plain()), (5, false));
    }

    #[test]
    fn ties_come_with_the_first_that_is_set_and_go_with_the_strand() {
        let mut strands = Strands::default();
        let plain = strands.insert(Strand::new(0, 0, false));
        let branch = strands.insert_branch(Strand::new(0, 0, false), 11, 4, NONE);
        assert_eq!(strands.ties(branch).join, 4);
        assert!(strands[plain].is_plain() && !strands[branch].is_plain());
        strands.ties_mut(plain).round = 6;
        assert_eq!(
            (strands.ties(plain).round, strands.ties(plain).join),
            (6, NONE)
        );
        strands.remove(branch);
        let next = strands.insert(Strand::new(1, 0, false));
        assert_eq!(next, branch, "the place is used again");
        assert_eq!(strands.ties(next).join, NONE);
    }
}

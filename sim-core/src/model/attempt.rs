//! An attempt as a record: all that joins caller and callee.
//!
//! Caller and callee never meet; they share this record. It lives until both have let go and no
//! message of theirs is under way, so neither ever speaks of something that is gone.

use super::arena::{Arena, NONE};
use super::call::{CallIx, Labels};
use crate::id::{InstanceId, OperationId, SiteId};
use crate::kernel::Timer;
use crate::model::fact::AttemptNo;
use crate::policy::pipeline::FrameIx;
use crate::queueing::Place;
use crate::time::SimTime;

/// Place of an attempt in its arena.
pub(crate) type AttemptIx = u32;

/// Where the callee is with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Not arrived.
    OnTheWay,
    /// In the waiting room.
    Waiting,
    /// Being served.
    Running,
    /// Answered, dropped or lost.
    Over,
}

/// An attempt and the operation that serves it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts about one record"
)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    /// All draws for it come from this.
    pub(crate) key: u64,
    /// The earliest deadline in force for it.
    pub(crate) deadline: SimTime,
    pub(crate) sent_at: SimTime,
    /// When it arrived (waiting), when its thread was taken (running).
    pub(crate) since: SimTime,
    /// Thread time that it has taken and given back [ns].
    pub(crate) held_ns: u64,
    /// The frame that waits for its result, while the caller waits.
    pub(crate) outer: FrameIx,
    /// Its call, while the caller waits.
    pub(crate) call: CallIx,
    pub(crate) site: SiteId,
    pub(crate) operation: OperationId,
    pub(crate) instance: InstanceId,
    pub(crate) number: AttemptNo,
    pub(crate) labels: Labels,
    /// Place in the waiting room.
    pub(crate) place: Place,
    /// The main strand of its operation.
    pub(crate) strand: u32,
    /// A call that its operation waits for, if any.
    pub(crate) waits_for: CallIx,
    /// Limit of its wait, or its deadline, where the callee minds them.
    pub(crate) alarm: Timer,
    pub(crate) stage: Stage,
    /// Messages under way.
    pub(crate) messages: u8,
    /// Whether the caller waits.
    pub(crate) wanted: bool,
    /// Whether the callee knows that the caller does not.
    pub(crate) abandoned: bool,
    /// Rule 36.
    pub(crate) original: bool,
    /// Whether its instance died and told nobody.
    pub(crate) unreachable: bool,
    /// Whether it holds a thread now.
    pub(crate) holds_thread: bool,
    /// Whether a part of the answer is missing or of lesser quality.
    pub(crate) degraded: bool,
    /// Whether one of its strands is at work (strands of a blocking operation take turns).
    pub(crate) working: bool,
}

const _: () = assert!(size_of::<Attempt>() <= 96, "one for each attempt in flight");

/// All attempts that somebody still has to do with.
#[derive(Debug, Default)]
pub(crate) struct AttemptBook {
    attempts: Arena<Attempt>,
    last: AttemptNo,
}

impl AttemptBook {
    /// Opens a record and gives it its number.
    #[inline]
    pub(crate) fn open(&mut self, mut attempt: Attempt) -> (AttemptIx, AttemptNo) {
        self.last += 1;
        attempt.number = self.last;
        (self.attempts.insert(attempt), self.last)
    }

    /// The answer has reached the caller, who no longer waits.
    #[inline]
    pub(crate) fn answered(&mut self, ix: AttemptIx) {
        let attempt = &mut self.attempts[ix];
        debug_assert!(attempt.wanted);
        attempt.wanted = false;
        attempt.outer = FrameIx::NONE;
        attempt.call = NONE;
        attempt.messages -= 1;
        if attempt.messages == 0 && attempt.stage == Stage::Over {
            self.attempts.remove(ix);
        }
    }

    /// The caller no longer waits.
    pub(crate) fn caller_leaves(&mut self, ix: AttemptIx) {
        let attempt = &mut self.attempts[ix];
        debug_assert!(attempt.wanted);
        attempt.wanted = false;
        attempt.outer = FrameIx::NONE;
        attempt.call = NONE;
        self.close_if_done(ix);
    }

    /// The callee has nothing more to do with it.
    pub(crate) fn callee_leaves(&mut self, ix: AttemptIx) {
        self.attempts[ix].stage = Stage::Over;
        self.close_if_done(ix);
    }

    pub(crate) fn message_sent(&mut self, ix: AttemptIx) {
        self.attempts[ix].messages += 1;
    }

    pub(crate) fn message_gone(&mut self, ix: AttemptIx) {
        self.attempts[ix].messages -= 1;
        self.close_if_done(ix);
    }

    fn close_if_done(&mut self, ix: AttemptIx) {
        let attempt = &self.attempts[ix];
        if !attempt.wanted && attempt.messages == 0 && attempt.stage == Stage::Over {
            self.attempts.remove(ix);
        }
    }

    /// All places that were ever used; those of closed attempts are `Over` and not wanted.
    pub(crate) fn places(&self) -> impl Iterator<Item = (AttemptIx, &Attempt)> {
        self.attempts.places()
    }
}

impl std::ops::Index<AttemptIx> for AttemptBook {
    type Output = Attempt;
    #[inline]
    fn index(&self, ix: AttemptIx) -> &Attempt {
        &self.attempts[ix]
    }
}

impl std::ops::IndexMut<AttemptIx> for AttemptBook {
    #[inline]
    fn index_mut(&mut self, ix: AttemptIx) -> &mut Attempt {
        &mut self.attempts[ix]
    }
}

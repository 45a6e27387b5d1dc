//! An attempt as a record: all that joins caller and callee.
//!
//! Caller and callee never meet; they share this record. It lives until both have let go and no
//! message of theirs is under way, so neither ever speaks of something that is gone.

use super::arena::{Arena, NONE};
use super::call::{CallIx, Labels};
use super::deadlines::Deadlines;
use super::deeds::Deeds;
use super::stopwatch::Stopwatch;
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

/// An attempt and the operation that serves it. Its deadline is in the book.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts about one record"
)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    /// All draws for it come from this.
    pub(crate) key: u64,
    pub(crate) sent_at: SimTime,
    /// Waiting: since it arrived. Running and over: thread time.
    pub(crate) clock: Stopwatch,
    /// The frame that waits for its result, while the caller waits.
    pub(crate) outer: FrameIx,
    /// Its call, while the caller waits.
    pub(crate) call: CallIx,
    pub(crate) site: SiteId,
    pub(crate) operation: OperationId,
    pub(crate) instance: InstanceId,
    pub(crate) number: AttemptNo,
    pub(crate) labels: Labels,
    /// Running: the main strand of its operation. Waiting: its place, see [`Self::place`].
    pub(crate) strand: u32,
    /// A call that its operation waits for, if any.
    pub(crate) waits_for: CallIx,
    /// Limit of its wait, or its deadline, where the callee minds them.
    pub(crate) alarm: Timer,
    pub(crate) stage: Stage,
    /// Messages under way.
    pub(crate) messages: u8,
    /// Whether the callee knows that the caller does not wait.
    pub(crate) abandoned: bool,
    /// Rule 36.
    pub(crate) original: bool,
    /// Whether its instance died and told nobody.
    pub(crate) unreachable: bool,
    /// Whether a part of the answer is missing or of lesser quality.
    pub(crate) degraded: bool,
    /// Whether one of its strands is at work (strands of a blocking operation take turns).
    pub(crate) working: bool,
    /// Whether another attempt of its hedge answered first.
    pub(crate) lost_race: bool,
}

const _: () = assert!(size_of::<Attempt>() <= 72, "one for each attempt in flight");

/// What is known of an attempt when it is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewAttempt {
    pub(crate) key: u64,
    pub(crate) outer: FrameIx,
    pub(crate) call: CallIx,
    pub(crate) site: SiteId,
    pub(crate) operation: OperationId,
    pub(crate) instance: InstanceId,
    pub(crate) labels: Labels,
    pub(crate) original: bool,
}

impl Attempt {
    #[expect(clippy::inline_always, reason = "the record is made in its place")]
    #[inline(always)]
    fn new(now: SimTime, number: AttemptNo, new: &NewAttempt) -> Self {
        Self {
            key: new.key,
            sent_at: now,
            clock: Stopwatch::ZERO,
            outer: new.outer,
            call: new.call,
            site: new.site,
            operation: new.operation,
            instance: new.instance,
            number,
            labels: new.labels,
            strand: NONE,
            waits_for: NONE,
            alarm: Timer::NONE,
            stage: Stage::OnTheWay,
            messages: 0,
            abandoned: false,
            original: new.original,
            unreachable: false,
            degraded: false,
            working: false,
            lost_race: false,
        }
    }

    /// Whether the caller waits.
    #[inline]
    pub(crate) fn is_wanted(&self) -> bool {
        self.call != NONE
    }

    /// It comes into the waiting room.
    #[inline]
    pub(crate) fn wait_at(&mut self, place: Place) {
        self.stage = Stage::Waiting;
        self.strand = place.to_bits();
    }

    /// Its place in the waiting room.
    pub(crate) fn place(&self) -> Place {
        debug_assert_eq!(self.stage, Stage::Waiting);
        Place::from_bits(self.strand)
    }

    /// The callee answers: the answer under way keeps the record. Gives back what the callee had
    /// set, to be cancelled.
    #[inline]
    pub(crate) fn let_go(&mut self) -> Timer {
        self.messages += 1;
        self.stage = Stage::Over;
        self.take_alarm()
    }

    /// What the callee had set, to be cancelled.
    #[inline]
    pub(crate) fn take_alarm(&mut self) -> Timer {
        std::mem::replace(&mut self.alarm, Timer::NONE)
    }

    /// Nobody has to do with it any more.
    #[inline]
    fn is_done(&self) -> bool {
        self.messages == 0 && self.stage == Stage::Over && !self.is_wanted()
    }

    /// The caller no longer waits: what waited for the result, and its call.
    #[inline]
    pub(crate) fn forget_caller(&mut self) -> (FrameIx, CallIx) {
        debug_assert!(self.is_wanted());
        let outer = std::mem::replace(&mut self.outer, FrameIx::NONE);
        (outer, std::mem::replace(&mut self.call, NONE))
    }
}

/// All attempts that somebody still has to do with.
#[derive(Debug, Default)]
pub(crate) struct AttemptBook {
    attempts: Arena<Attempt>,
    /// The earliest deadline in force for each.
    pub(crate) deadlines: Deadlines,
    /// What the executions of their calls have done.
    pub(crate) deeds: Deeds,
    last: AttemptNo,
}

impl AttemptBook {
    /// Opens a record and gives it its number.
    #[expect(clippy::inline_always, reason = "the record is made in its place")]
    #[inline(always)]
    pub(crate) fn open(
        &mut self,
        now: SimTime,
        new: &NewAttempt,
        deadline: SimTime,
    ) -> (AttemptIx, AttemptNo) {
        let number = self.last + 1;
        self.last = number;
        let ix = self.attempts.insert_with(|| Attempt::new(now, number, new));
        self.deadlines.set(ix, deadline);
        (ix, number)
    }

    /// The callee has nothing more to do with it.
    pub(crate) fn callee_leaves(&mut self, ix: AttemptIx) {
        self.attempts[ix].stage = Stage::Over;
        self.close_if_done(ix);
    }

    pub(crate) fn message_sent(&mut self, ix: AttemptIx) {
        self.attempts[ix].messages += 1;
    }

    #[inline]
    pub(crate) fn message_gone(&mut self, ix: AttemptIx) {
        let attempt = &mut self.attempts[ix];
        attempt.messages -= 1;
        if attempt.is_done() {
            self.attempts.remove(ix);
            self.deeds.closed(ix);
        }
    }

    /// Closes a record that nobody has to do with any more.
    #[inline]
    pub(crate) fn close_if_done(&mut self, ix: AttemptIx) {
        if self.attempts[ix].is_done() {
            self.attempts.remove(ix);
            self.deeds.closed(ix);
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

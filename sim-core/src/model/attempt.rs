//! An attempt as a record: all that joins caller and callee.
//!
//! Caller and callee never meet; they share this record. It lives until both have let go and no
//! message of theirs is under way, so neither ever speaks of something that is gone.

use super::arena::{Arena, NONE};
use super::call::{CallIx, Labels};
use super::effects::Effects;
use super::flags::{Flag, Flags};
use super::lineage::Lineage;
use super::stopwatch::Stopwatch;
use crate::id::{InstanceId, SiteId};
use crate::kernel::Timer;
use crate::model::fact::AttemptNo;
use crate::policy::Outcome;
use crate::policy::pipeline::FrameIx;
use crate::queueing::QueuePlace;
use crate::side_table::{Absent, SideTable};
use crate::time::SimTime;

pub(crate) use super::arena::AttemptIx;

impl Absent for Timer {
    const ABSENT: Self = Self::NONE;
}

/// Where the callee is with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Not arrived.
    OnTheWay,
    /// Its instance is paused, and the backlog is full: it tries to connect again and again.
    Knocking,
    /// In the backlog of a paused instance: connected, but not accepted.
    InBacklog,
    /// In the waiting room.
    Waiting,
    /// Being served.
    Running,
    /// Answered, dropped or lost.
    Over,
}

/// What may hold for an attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AttemptFlag {
    /// The callee knows that the caller does not wait.
    Abandoned,
    /// Rule 36.
    Original,
    /// Its instance died and told nobody.
    Unreachable,
    /// A part of the answer is missing or of lesser quality.
    Degraded,
    /// One of its strands is at work (strands of a blocking operation take turns).
    Working,
    /// Another attempt of its hedge answered first.
    LostRace,
    /// The callee has set an alarm for it: the book has it.
    HasAlarm,
    /// Its operation waits for a call: the book knows which.
    InCall,
    /// It has come through the gate of its instance, which gets back what it holds of it.
    Admitted,
    /// It is a pass of a block: it runs on the thread of the operation that called it.
    Inline,
    /// It waits for what its block holds.
    Asks,
    /// It means the instance that was in its slot before (rule 48).
    Former,
    /// It has a deadline: the book has it.
    HasDeadline,
}

impl Flag for AttemptFlag {
    #[inline]
    fn place(self) -> u8 {
        self as u8
    }
}

/// An attempt and the operation that serves it. The book holds its deadline, its alarm and
/// the call that it waits for.
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
    /// Where it was made, which also says what is called.
    pub(crate) site: SiteId,
    pub(crate) instance: InstanceId,
    pub(crate) number: AttemptNo,
    pub(crate) labels: Labels,
    /// Running: the main strand of its operation. Waiting: its place, see [`Self::place`].
    pub(crate) strand: u32,
    pub(crate) stage: Stage,
    /// Messages under way.
    pub(crate) messages: u8,
    pub(crate) flags: Flags<AttemptFlag>,
}

const _: () = assert!(size_of::<Attempt>() == 56, "one for each attempt in flight");

/// What is known of an attempt when it is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewAttempt {
    pub(crate) key: u64,
    pub(crate) outer: FrameIx,
    pub(crate) call: CallIx,
    pub(crate) site: SiteId,
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
            instance: new.instance,
            number,
            labels: new.labels,
            strand: NONE,
            stage: Stage::OnTheWay,
            messages: 0,
            flags: Flags::only(AttemptFlag::Original, new.original),
        }
    }

    /// Whether the caller waits.
    #[inline]
    pub(crate) fn is_wanted(&self) -> bool {
        self.call != NONE
    }

    /// It comes into the waiting room.
    #[inline]
    pub(crate) fn wait_at(&mut self, place: QueuePlace) {
        self.stage = Stage::Waiting;
        self.strand = place.to_bits();
    }

    /// Its place in the waiting room.
    pub(crate) fn place(&self) -> QueuePlace {
        debug_assert_eq!(self.stage, Stage::Waiting);
        QueuePlace::from_bits(self.strand)
    }

    /// Whether another attempt of its hedge answered first.
    #[inline]
    pub(crate) fn lost_race(&self) -> bool {
        self.flags.has(AttemptFlag::LostRace)
    }

    /// How its operation has ended if nothing makes it fail.
    #[inline]
    pub(crate) fn good_outcome(&self) -> Outcome {
        if self.flags.has(AttemptFlag::Degraded) {
            Outcome::Degraded
        } else {
            Outcome::Ok
        }
    }

    /// The callee answers: the answer under way keeps the record.
    #[inline]
    pub(crate) fn let_go(&mut self) {
        self.messages += 1;
        self.stage = Stage::Over;
    }

    /// A message of it is no longer under way: whether nobody has to do with it any more.
    #[inline]
    pub(crate) fn drop_message(&mut self) -> bool {
        self.messages -= 1;
        self.is_done()
    }

    /// Whether nobody has to do with it any more.
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
#[derive(Clone, Debug, Default)]
pub(crate) struct AttemptBook {
    attempts: Arena<Attempt>,
    /// The earliest deadline in force for each.
    deadlines: SideTable<SimTime>,
    /// Limits of waits, and deadlines, where the callee minds them.
    alarms: SideTable<Timer>,
    /// Calls that their operations wait for.
    calls: SideTable<CallIx>,
    /// For which root calls they are made, where that matters.
    pub(crate) lineage: SideTable<Lineage>,
    /// The zones of their callers, where there are zones.
    homes: SideTable<u32>,
    /// What the executions of their calls have done.
    pub(crate) effects: Effects,
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
        if deadline < SimTime::NEVER {
            self.limit(ix, deadline);
        }
        (ix, number)
    }

    #[cold]
    fn limit(&mut self, ix: AttemptIx, deadline: SimTime) {
        self.attempts[ix].flags.add(AttemptFlag::HasDeadline);
        self.deadlines.set(ix, deadline);
    }

    /// The earliest deadline in force for an attempt, or [`SimTime::NEVER`].
    #[inline]
    pub(crate) fn deadline(&self, ix: AttemptIx, attempt: &Attempt) -> SimTime {
        if attempt.flags.has(AttemptFlag::HasDeadline) {
            self.deadlines.of(ix)
        } else {
            SimTime::NEVER
        }
    }

    /// Says from which zone an attempt is sent, whose caller may forget it before it is answered.
    pub(crate) fn set_home(&mut self, ix: AttemptIx, home: Option<u16>) {
        self.homes.set(ix, home.map_or(u32::MAX, u32::from));
    }

    /// The zone of the caller of an attempt; none if it has none.
    #[inline]
    pub(crate) fn home(&self, ix: AttemptIx) -> Option<u16> {
        u16::try_from(self.homes.of(ix)).ok()
    }

    /// The callee has nothing more to do with it.
    pub(crate) fn callee_leaves(&mut self, ix: AttemptIx) {
        debug_assert!(!self.attempts[ix].flags.has(AttemptFlag::Admitted));
        self.attempts[ix].stage = Stage::Over;
        self.close_if_done(ix);
    }

    /// The callee has set an alarm, which its next step or the end takes back.
    pub(crate) fn set_alarm(&mut self, ix: AttemptIx, alarm: Timer) {
        self.attempts[ix].flags.add(AttemptFlag::HasAlarm);
        self.alarms.set(ix, alarm);
    }

    /// Takes the alarm that the callee has set, if any.
    #[inline]
    pub(crate) fn take_alarm(&mut self, ix: AttemptIx) -> Timer {
        let flags = &mut self.attempts[ix].flags;
        if !flags.has(AttemptFlag::HasAlarm) {
            return Timer::NONE;
        }
        flags.remove(AttemptFlag::HasAlarm);
        self.alarms.of(ix)
    }

    /// A call that the operation waits for, or [`NONE`].
    #[inline]
    pub(crate) fn waits_for(&self, ix: AttemptIx) -> CallIx {
        if self.attempts[ix].flags.has(AttemptFlag::InCall) {
            self.calls.of(ix)
        } else {
            NONE
        }
    }

    /// Sets the call that the operation waits for; [`NONE`]: it waits for none any more.
    #[inline]
    pub(crate) fn set_waits_for(&mut self, ix: AttemptIx, call: CallIx) {
        let flags = &mut self.attempts[ix].flags;
        if call == NONE {
            flags.remove(AttemptFlag::InCall);
        } else {
            flags.add(AttemptFlag::InCall);
            self.calls.set(ix, call);
        }
    }

    pub(crate) fn message_sent(&mut self, ix: AttemptIx) {
        self.attempts[ix].messages += 1;
    }

    #[expect(clippy::inline_always, reason = "for every answer")]
    #[inline(always)]
    pub(crate) fn message_gone(&mut self, ix: AttemptIx) {
        if self.attempts[ix].drop_message() {
            self.close(ix);
        }
    }

    /// Closes a record that nobody has to do with any more.
    #[inline]
    pub(crate) fn close_if_done(&mut self, ix: AttemptIx) {
        if self.attempts[ix].is_done() {
            self.close(ix);
        }
    }

    /// Whether an attempt names an instance that somebody still has to do with.
    pub(crate) fn names(&self, instance: InstanceId) -> bool {
        let mut all = self.places();
        all.any(|(_, attempt)| attempt.instance == instance && !attempt.is_done())
    }

    /// Closes the record of an attempt with which nobody has to do any more.
    #[expect(clippy::inline_always, reason = "for every attempt")]
    #[inline(always)]
    pub(crate) fn close(&mut self, ix: AttemptIx) {
        self.attempts.remove(ix);
        self.effects.closed(ix);
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

//! A call as a record: what a caller wants done, and who learns the outcome.

use super::arena::{Arena, NONE};
use super::avoid::AvoidLists;
use super::flags::{Flag, Flags};
use super::lineage::Lineage;
use super::ticket::Over;
use crate::id::{ProcessId, SiteId};
use crate::model::fact::{AttemptNo, CallNo, Fact};
use crate::policy::Ending;
use crate::policy::pipeline::{FrameIx, Inside};
use crate::side_table::{Absent, SideTable};
use crate::time::SimTime;

pub(crate) use super::arena::CallIx;

/// Who gets the result of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// Nobody: an open-loop client, or a branch that nobody waits for any more.
    Nobody,
    /// A user of a closed loop.
    User(u32),
    /// A strand of an operation.
    Strand(u32),
    /// The fallback of another call, which waits in this frame.
    Fallback(FrameIx),
    /// Who watches an instance by a health check, by its number.
    Check(u32),
    /// Who hands messages out, by the place of the delivery.
    Message(u32),
    /// A saga that another process is to go on with.
    Saga(u32),
}

/// A [`Then`] in 32 bits: its kind in the top byte, of which most are free, and its number below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reply(u32);

impl Reply {
    const NUMBER_BITS: u32 = 24;
    const NUMBERS: u32 = 1 << Self::NUMBER_BITS;
    /// To nobody.
    pub(crate) const NOBODY: Self = Self(0);

    /// None if the number needs more bits than there are.
    #[inline]
    const fn to(then: Then) -> Option<Self> {
        let (kind, number) = match then {
            Then::Nobody => (0, 0),
            Then::User(user) => (1, user),
            Then::Strand(strand) => (2, strand),
            Then::Fallback(frame) => (3, frame.0),
            Then::Check(watch) => (4, watch),
            Then::Message(delivery) => (5, delivery),
            Then::Saga(saga) => (6, saga),
        };
        if number < Self::NUMBERS {
            Some(Self(kind << Self::NUMBER_BITS | number))
        } else {
            None
        }
    }

    #[inline]
    pub(crate) const fn then(self) -> Then {
        let number = self.0 % Self::NUMBERS;
        match self.0 >> Self::NUMBER_BITS {
            0 => Then::Nobody,
            1 => Then::User(number),
            2 => Then::Strand(number),
            3 => Then::Fallback(FrameIx(number)),
            6 => Then::Saga(number),
            4 => Then::Check(number),
            _ => Then::Message(number),
        }
    }
}

/// Labels that go down with every call made for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Labels {
    pub(crate) class: u16,
    pub(crate) tenant: u16,
}

/// What may hold for a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CallFlag {
    /// The operation it is made for serves an original attempt (rule 36).
    Original,
    /// It has its outcome.
    Ended,
    /// Its caller has learned the outcome.
    Settled,
    /// There are instances that it must not use again: the book has their list.
    Avoids,
    /// That list belongs to a `parallel` and not to this call alone.
    SharesAvoided,
    /// It goes over a connection that is older than the process at its other end.
    Stale,
    /// What comes back for it may reach nobody: a pass of it was let run on, or a fallback made it.
    Loose,
    /// It has a deadline: the book has it.
    HasDeadline,
}

impl Flag for CallFlag {
    #[inline]
    fn place(self) -> u8 {
        self as u8
    }
}

/// A call under way. The book holds its deadline, and the list of instances that it, or its siblings
/// in a `parallel`, must not use again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    /// All draws for it come from this (rule 43).
    pub(crate) key: u64,
    pub(crate) started_at: SimTime,
    pub(crate) site: SiteId,
    pub(crate) process: ProcessId,
    /// Who gets the result.
    pub(crate) reply: Reply,
    /// The layer or attempt it is in.
    pub(crate) top: Inside,
    pub(crate) number: CallNo,
    pub(crate) labels: Labels,
    /// Attempts sent so far; where each first asks for a connection, those that got one (rule 66).
    pub(crate) attempts: u32,
    /// Passes that a timeout let run on.
    pub(crate) detached: u16,
    pub(crate) flags: Flags<CallFlag>,
}

impl Call {
    /// Whether it has its outcome.
    #[inline]
    pub(crate) fn has_ended(&self) -> bool {
        self.flags.has(CallFlag::Ended)
    }

    /// Whether the operation it is made for serves an original attempt (rule 36).
    #[inline]
    pub(crate) fn is_original(&self) -> bool {
        self.flags.has(CallFlag::Original)
    }

    /// It has its outcome.
    #[inline]
    pub(crate) fn end(&mut self) {
        self.flags.add(CallFlag::Ended);
        self.top = Inside::NOTHING;
    }

    /// The caller has learned the outcome, or will not ask for it: whether nothing keeps the record.
    #[inline]
    pub(crate) fn settle(&mut self) -> bool {
        self.flags.add(CallFlag::Settled);
        self.detached == 0
    }

    /// The fact that it ends.
    #[inline]
    pub(crate) const fn ended(&self, ending: Ending) -> Fact {
        Fact::CallEnded {
            call: self.number,
            site: self.site,
            started_at: self.started_at,
            attempts: self.attempts,
            class: self.labels.class,
            tenant: self.labels.tenant,
            ending,
        }
    }

    /// The fact that it begins; the operation that it is made for, 0 for none.
    pub(crate) const fn started(&self, parent: AttemptNo) -> Fact {
        Fact::CallStarted {
            call: self.number,
            site: self.site,
            process: self.process,
            parent,
            class: self.labels.class,
            tenant: self.labels.tenant,
        }
    }
}

const _: () = assert!(size_of::<Call>() == 48, "one for each call in flight");

/// What is known of a call when it is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewCall {
    pub(crate) key: u64,
    pub(crate) site: SiteId,
    pub(crate) process: ProcessId,
    pub(crate) then: Then,
    pub(crate) labels: Labels,
    pub(crate) avoid: u32,
    pub(crate) original: bool,
}

/// All calls under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallBook {
    calls: Arena<Call>,
    deadlines: SideTable<SimTime>,
    /// For which root calls they are made, where that matters.
    pub(crate) lineage: SideTable<Lineage>,
    last: CallNo,
    /// Whether somebody who waits for a call has a number for which [`Reply`] has no room.
    beyond: bool,
    /// Instances that calls must not use again, and which list belongs to a call.
    pub(crate) avoid: AvoidLists,
    avoided: SideTable<u32>,
    /// Where calls go that have no choice, by slot.
    fixed: SideTable<u32>,
    /// Over what calls go that go over something held.
    over: SideTable<Over>,
}

impl CallBook {
    /// Opens a record. The deadline is inherited from the operation it is made for.
    #[expect(clippy::inline_always, reason = "two places open calls")]
    #[inline(always)]
    pub(crate) fn open(&mut self, now: SimTime, new: NewCall, deadline: SimTime) -> CallIx {
        let number = self.last + 1;
        self.last = number;
        let reply = match Reply::to(new.then) {
            Some(reply) => reply,
            None => self.go_beyond(),
        };
        let ix = self.calls.insert_with(|| Call {
            key: new.key,
            started_at: now,
            site: new.site,
            process: new.process,
            reply,
            top: Inside::NOTHING,
            number,
            labels: new.labels,
            attempts: 0,
            detached: 0,
            flags: Flags::only(CallFlag::Original, new.original),
        });
        if new.avoid != NONE {
            self.avoid_with_others(ix, new.avoid);
        }
        if deadline < SimTime::NEVER {
            self.limit(ix, deadline);
        }
        ix
    }

    #[cold]
    fn limit(&mut self, ix: CallIx, deadline: SimTime) {
        self.calls[ix].flags.add(CallFlag::HasDeadline);
        self.deadlines.set(ix, deadline);
    }

    /// The deadline of a call, or [`SimTime::NEVER`].
    #[inline]
    pub(crate) fn deadline(&self, ix: CallIx, call: &Call) -> SimTime {
        if call.flags.has(CallFlag::HasDeadline) {
            self.deadlines.of(ix)
        } else {
            SimTime::NEVER
        }
    }

    /// More wait for calls than can be told apart: the run has to end.
    #[cold]
    fn go_beyond(&mut self) -> Reply {
        self.beyond = true;
        Reply::NOBODY
    }

    /// A call goes to this slot of its service, whatever is in rotation: its site says that its calls
    /// are fixed.
    pub(crate) fn fix(&mut self, ix: CallIx, slot: u32) {
        self.fixed.set(ix, slot);
    }

    /// The slot to which a call of a fixed route goes.
    pub(crate) fn fixed(&self, ix: CallIx) -> Option<u32> {
        let slot = self.fixed.of(ix);
        (slot != NONE).then_some(slot)
    }

    /// A call goes over what a ticket holds, which may be older than the process at its other end.
    pub(crate) fn go_over(&mut self, ix: CallIx, over: Over, is_stale: bool) {
        self.over.set(ix, over);
        if is_stale {
            self.calls[ix].flags.add(CallFlag::Stale);
        }
    }

    /// Over what a call goes, unless that is gone.
    pub(crate) fn over(&self, ix: CallIx) -> Option<Over> {
        let over = self.over.of(ix);
        (over != Over::ABSENT).then_some(over)
    }

    /// What a call went over is gone.
    pub(crate) fn lose(&mut self, ix: CallIx) {
        self.over.set(ix, Over::ABSENT);
    }

    /// A call must not use the instances that its siblings have used.
    #[inline(never)]
    fn avoid_with_others(&mut self, ix: CallIx, list: u32) {
        self.avoided.set(ix, list);
        let flags = &mut self.calls[ix].flags;
        flags.add(CallFlag::Avoids);
        flags.add(CallFlag::SharesAvoided);
    }

    /// The instances that the next attempt of a call leaves out, while another is left.
    #[inline]
    pub(crate) fn avoided(&self, ix: CallIx, call: &Call, other_instance: bool) -> &[u32] {
        let minds = other_instance || call.flags.has(CallFlag::SharesAvoided);
        if minds && call.flags.has(CallFlag::Avoids) {
            self.avoid.instances(self.avoided.of(ix))
        } else {
            &[]
        }
    }

    /// A call has sent an attempt to an instance.
    pub(crate) fn used(&mut self, ix: CallIx, instance: u32, other_instance: bool) {
        let flags = &mut self.calls[ix].flags;
        if !flags.has(CallFlag::Avoids) && other_instance {
            flags.add(CallFlag::Avoids);
            self.avoided.set(ix, self.avoid.open());
        }
        if flags.has(CallFlag::Avoids) {
            self.avoid.add(self.avoided.of(ix), instance);
        }
    }

    /// The caller has learned the outcome of a call, or will not ask for it. The record stays while
    /// passes that a timeout let run on still need it.
    #[inline]
    pub(crate) fn settle(&mut self, ix: CallIx) {
        let call = &mut self.calls[ix];
        if call.settle() {
            let avoids = call.flags.has(CallFlag::Avoids);
            self.close(ix, avoids);
        }
    }

    /// A pass that a timeout let run on has ended.
    pub(crate) fn detached_ended(&mut self, ix: CallIx) {
        let call = &mut self.calls[ix];
        call.detached -= 1;
        if call.flags.has(CallFlag::Settled) && call.detached == 0 {
            let avoids = call.flags.has(CallFlag::Avoids);
            self.close(ix, avoids);
        }
    }

    /// Closes the record of a call that nothing keeps; whether there are instances that it avoids.
    #[expect(clippy::inline_always, reason = "for every call")]
    #[inline(always)]
    pub(crate) fn close(&mut self, ix: CallIx, avoids: bool) {
        if avoids {
            self.leave_avoided(ix);
        }
        self.calls.remove(ix);
    }

    #[inline(never)]
    fn leave_avoided(&mut self, ix: CallIx) {
        self.avoid.leave(self.avoided.of(ix));
    }

    /// Whether more are under way than there may be, or than can be told apart.
    #[inline]
    pub(crate) fn overflows(&self, most: usize) -> bool {
        let crowded = self.calls.places_used() as usize > most && self.calls.len() > most;
        crowded || self.beyond
    }

    /// The first call at this place or after it, around to those before, whose caller waits.
    pub(crate) fn waiting_from(&self, place: CallIx) -> Option<CallIx> {
        let places = self.calls.places_used();
        let mut around = (place..places).chain(0..place.min(places));
        around.find(|&ix| !self.calls[ix].has_ended())
    }

    /// All places that were ever used; those of closed calls have ended.
    pub(crate) fn places(&self) -> impl Iterator<Item = (CallIx, &Call)> {
        self.calls.places()
    }
}

impl std::ops::Index<CallIx> for CallBook {
    type Output = Call;
    #[inline]
    fn index(&self, ix: CallIx) -> &Call {
        &self.calls[ix]
    }
}

impl std::ops::IndexMut<CallIx> for CallBook {
    #[inline]
    fn index_mut(&mut self, ix: CallIx) -> &mut Call {
        &mut self.calls[ix]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gets_the_result_comes_back_whole() {
        let last = Reply::NUMBERS - 1;
        let all = [
            Then::Nobody,
            Then::User(0),
            Then::User(last),
            Then::Strand(0),
            Then::Strand(last),
            Then::Fallback(FrameIx(0)),
            Then::Fallback(FrameIx(last)),
            Then::Check(0),
            Then::Check(last),
            Then::Message(0),
            Then::Message(last),
        ];
        for then in all {
            assert_eq!(Reply::to(then).map(Reply::then), Some(then));
        }
        assert_eq!(Reply::to(Then::Nobody), Some(Reply::NOBODY));
    }

    #[test]
    fn somebody_without_room_for_its_number_ends_the_run() {
        let mut calls = CallBook::default();
        let new = |then| NewCall {
            key: 1,
            site: SiteId(0),
            process: ProcessId(0),
            then,
            labels: Labels {
                class: 0,
                tenant: 0,
            },
            avoid: NONE,
            original: true,
        };
        calls.open(
            SimTime::ZERO,
            new(Then::Strand(Reply::NUMBERS - 1)),
            SimTime::NEVER,
        );
        assert!(!calls.overflows(1) && calls.overflows(0));
        calls.open(
            SimTime::ZERO,
            new(Then::Strand(Reply::NUMBERS)),
            SimTime::NEVER,
        );
        assert!(calls.overflows(2));
    }
}

//! The future-event list: what will happen, and in which order.
//!
//! Events wait in numbered slots; their keys are kept in order elsewhere. Scheduling makes both,
//! popping takes the earliest key and then its event, and cancelling frees the slot at once and
//! leaves the key behind: it is dropped when it surfaces. (Limits of equal length, which are cancelled
//! most, leave none: see `lanes`.) When the keys left behind outnumber the
//! pending events, all keys are filed anew without them, so a million cancelled timers leave
//! nothing behind, and cancelling costs a constant on average.
//!
//! Rejected: removing the key at once, which needs a link from each event to its key and a write
//! for every key that moves; and waiting until it surfaces, since a timer of a day cancelled after
//! a millisecond would stay for a simulated day.

use super::future::Future;
use super::key::{Class, Key, SEQUENCES, SLOTS};
use super::slots::{EVENTS, Packed, Slots, Timer};
use crate::time::SimTime;
use std::marker::PhantomData;

/// Keys without an event that are never worth a compaction \[count\].
const STALE_MIN: usize = 512;

/// Which numbers have run out; the run has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exhausted {
    /// 2^34 - 1 events have been scheduled.
    Sequence,
    /// 2^24 - 1 events are pending, or one is not [`Packed`] in 30 bits.
    Slots,
}

/// All pending events in their total order (time, [`Class`], sequence number), and the clock.
#[derive(Clone)]
pub struct EventList<E> {
    /// Time of the event popped last \[ns\].
    now: SimTime,
    /// Number of the next event scheduled \[count\].
    sequence: u64,
    exhausted: Option<Exhausted>,
    /// The bits of the lone event, if there is one.
    lone: u32,
    slots: Slots,
    future: Future,
    kind: PhantomData<E>,
}

impl<E: Packed> std::fmt::Debug for EventList<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventList")
            .field("now", &self.now)
            .field("pending", &self.len())
            .finish_non_exhaustive()
    }
}

impl<E: Packed> Default for EventList<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E: Packed> EventList<E> {
    /// An empty list at time zero.
    pub fn new() -> Self {
        Self {
            now: SimTime::ZERO,
            sequence: 0,
            exhausted: None,
            lone: 0,
            slots: Slots::new(),
            future: Future::new(),
            kind: PhantomData,
        }
    }

    /// Adds an event that happens at `at`, which must not lie in the past.
    ///
    /// Returns [`Timer::NONE`] and stores nothing when numbers have run out, see
    /// [`Self::exhausted`].
    #[inline]
    pub fn schedule(&mut self, at: SimTime, class: Class, event: E) -> Timer {
        match self.place(at, class, event) {
            Ok((key, timer)) => {
                self.future.insert(self.now.as_ns(), key);
                timer
            }
            Err(what) => self.exhaust(what),
        }
    }

    /// As [`Self::schedule`], for limits of which many have the same length and most are cancelled:
    /// cheaper for those.
    #[expect(clippy::inline_always, reason = "for every timeout")]
    #[inline(always)]
    pub fn schedule_limit(&mut self, at: SimTime, class: Class, event: E) -> Timer {
        match self.place(at, class, event) {
            Ok((key, timer)) => {
                self.future.insert_limit(self.now.as_ns(), key);
                timer
            }
            Err(what) => self.exhaust(what),
        }
    }

    /// As [`Self::schedule`], for an event that schedules the next of its kind when it happens: while
    /// no other such event is pending it is kept apart, which is cheaper.
    #[expect(clippy::inline_always, reason = "for every arrival")]
    #[inline(always)]
    pub fn schedule_lone(&mut self, at: SimTime, class: Class, event: E) -> Timer {
        let bits = event.to_bits();
        if self.future.has_lone() || self.sequence >= SEQUENCES || bits >= EVENTS {
            return self.schedule(at, class, event);
        }
        assert!(at >= self.now, "an event is scheduled in the past");
        self.lone = bits;
        self.future
            .set_lone(Key::new(at, class, self.sequence, SLOTS));
        self.sequence += 1;
        Timer::LONE
    }

    /// Gives an event its slot and its number.
    #[expect(clippy::inline_always, reason = "two places")]
    #[inline(always)]
    fn place(&mut self, at: SimTime, class: Class, event: E) -> Result<(Key, Timer), Exhausted> {
        assert!(at >= self.now, "an event is scheduled in the past");
        let sequence = self.sequence;
        if sequence >= SEQUENCES {
            return Err(Exhausted::Sequence);
        }
        let slot = self.slots.insert(sequence, event.to_bits());
        let slot = slot.ok_or(Exhausted::Slots)?;
        self.sequence += 1;
        let key = Key::new(at, class, sequence, slot);
        Ok((key, Timer::new(slot, sequence)))
    }

    #[cold]
    fn exhaust(&mut self, what: Exhausted) -> Timer {
        self.exhausted.get_or_insert(what);
        Timer::NONE
    }

    /// Removes a pending event; [`Timer::NONE`] is ignored.
    ///
    /// The owner of a timer forgets it when the event fires or is cancelled; a timer kept longer
    /// is an error of the caller, which ends in a panic whenever it is noticed.
    #[inline(never)]
    pub fn cancel(&mut self, timer: Timer) {
        self.cancel_limit(timer);
    }

    /// As [`Self::cancel`], compiled into the place where nearly all limits are cancelled.
    #[expect(clippy::inline_always, reason = "for every timeout")]
    #[inline(always)]
    pub fn cancel_limit(&mut self, timer: Timer) {
        if timer.is_none() {
            return;
        }
        if !self.slots.cancel(timer) {
            return self.cancel_lone(timer);
        }
        if self.future.leave_lane(timer.slot()) {
            return;
        }
        if self.future.len() > 2 * self.slots.live() + STALE_MIN {
            self.compact();
        }
    }

    #[cold]
    fn cancel_lone(&mut self, timer: Timer) {
        let pending = timer == Timer::LONE && self.future.has_lone();
        assert!(pending, "a timer was kept after it fired or was cancelled");
        self.future.drop_lone();
    }

    /// Drops every key without an event.
    #[cold]
    fn compact(&mut self) {
        let slots = &self.slots;
        let live = |key| slots.is_live(key);
        self.future.retain(self.now.as_ns(), slots.live(), live);
    }

    /// Removes the next event strictly before `horizon` and sets the clock to its time.
    ///
    /// When there is none, the clock stays where it is.
    #[expect(clippy::inline_always, reason = "the run loop is its only place")]
    #[inline(always)]
    pub fn pop(&mut self, horizon: SimTime) -> Option<(SimTime, E)> {
        loop {
            let key = self.future.pop(horizon.as_ns(), &self.slots)?;
            let bits = if key.slot() == SLOTS {
                Some(self.lone)
            } else {
                self.slots.take(key)
            };
            if let Some(bits) = bits {
                self.now = key.at();
                return Some((self.now, E::from_bits(bits)));
            }
        }
    }

    /// Time of the event popped last; zero before the first \[ns\].
    #[inline]
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// Pending events; cancelled ones are not among them \[count\].
    pub fn len(&self) -> usize {
        self.slots.live() + usize::from(self.future.has_lone())
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Which numbers ran out first, if any: an event was then refused.
    #[inline]
    pub fn exhausted(&self) -> Option<Exhausted> {
        self.exhausted
    }
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;

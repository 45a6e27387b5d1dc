//! Where events wait: an arena of numbered slots, 16 bytes each for an event of 8 bytes.
//!
//! Keys travel through the list while their events stay here. A slot remembers the sequence number
//! of its event, so whether a key still means something is one comparison: after a cancellation
//! the slot is free or holds an event with another number. Most timers are cancelled before they
//! fire; cancelling is therefore no search, only a slot that is given back.
//!
//! Free slots form a stack through the same field, and the last one freed is used first: it is the
//! one still in the processor's cache. Rejected: a generation counter beside the sequence number,
//! which would say the same thing twice.

use super::key::{Key, SLOTS};

/// Marks a slot that holds no event; the lower half is then the next free slot.
const FREE: u64 = 1 << 63;
const NO_SLOT: u32 = u32::MAX;

/// Handle of a pending event, for cancelling it.
///
/// Its owner forgets it when the event fires or is cancelled. It holds the slot and, in the eight
/// bits left over, the end of the sequence number: enough to notice nearly every handle that was
/// kept too long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timer(u32);

impl Timer {
    /// No event; cancelling it does nothing.
    pub const NONE: Self = Self(u32::MAX);

    /// Whether this stands for no event.
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// Whether this stands for an event.
    pub fn is_some(self) -> bool {
        self != Self::NONE
    }

    #[inline]
    pub(super) fn new(slot: u32, sequence: u64) -> Self {
        Self((sequence as u32) << 24 | slot)
    }

    fn slot(self) -> u32 {
        self.0 & SLOTS
    }
}

#[derive(Clone, Copy)]
struct Slot<E> {
    /// Sequence number of the event, or [`FREE`] and the next free slot.
    sequence: u64,
    event: E,
}

/// All pending events, and nothing else.
pub(super) struct Slots<E> {
    arena: Vec<Slot<E>>,
    /// The slot freed last, or [`NO_SLOT`].
    free: u32,
    /// Slots that hold an event [count].
    live: usize,
    /// At most so many slots are made [count] -- constant.
    limit: u32,
}

impl<E: Copy> Slots<E> {
    pub(super) fn new() -> Self {
        Self::with_limit(SLOTS)
    }

    pub(super) fn with_limit(limit: u32) -> Self {
        Self {
            arena: Vec::new(),
            free: NO_SLOT,
            live: 0,
            limit,
        }
    }

    /// Pending events [count].
    pub(super) fn live(&self) -> usize {
        self.live
    }

    /// Stores an event and says where, or nothing when all slots are taken.
    #[inline]
    pub(super) fn insert(&mut self, sequence: u64, event: E) -> Option<u32> {
        let slot = self.free;
        let Some(free) = self.arena.get_mut(slot as usize) else {
            return self.grow(sequence, event);
        };
        self.free = free.sequence as u32;
        *free = Slot { sequence, event };
        self.live += 1;
        Some(slot)
    }

    #[cold]
    fn grow(&mut self, sequence: u64, event: E) -> Option<u32> {
        let slot = self.arena.len() as u32;
        if slot >= self.limit {
            return None;
        }
        self.arena.push(Slot { sequence, event });
        self.live += 1;
        Some(slot)
    }

    /// Whether the key's event still waits.
    #[inline]
    pub(super) fn is_live(&self, key: Key) -> bool {
        self.arena[key.slot() as usize].sequence == key.sequence()
    }

    /// Takes the key's event out, or nothing when it was cancelled.
    #[inline]
    pub(super) fn take(&mut self, key: Key) -> Option<E> {
        let slot = &self.arena[key.slot() as usize];
        if slot.sequence != key.sequence() {
            return None;
        }
        let event = slot.event;
        self.free(key.slot());
        Some(event)
    }

    /// Frees the slot of a pending event.
    pub(super) fn cancel(&mut self, timer: Timer) {
        let sequence = self.arena[timer.slot() as usize].sequence;
        let pending = sequence & FREE == 0 && Timer::new(timer.slot(), sequence) == timer;
        assert!(pending, "a timer was kept after it fired or was cancelled");
        self.free(timer.slot());
    }

    #[inline]
    fn free(&mut self, slot: u32) {
        self.arena[slot as usize].sequence = FREE | u64::from(self.free);
        self.free = slot;
        self.live -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Class;
    use crate::time::SimTime;

    #[test]
    fn a_slot_costs_sixteen_bytes() {
        assert_eq!(size_of::<Slot<u64>>(), 16);
        assert_eq!(size_of::<Timer>(), 4);
    }

    #[test]
    fn the_key_of_a_reused_slot_is_stale() {
        let mut slots = Slots::new();
        let slot = slots.insert(7, 'a').unwrap();
        slots.cancel(Timer::new(slot, 7));
        assert_eq!(slots.insert(8, 'b'), Some(slot), "the slot is used again");
        let key = |sequence| Key::new(SimTime::ZERO, Class::Start, sequence, slot);
        assert_eq!(slots.take(key(7)), None);
        assert_eq!(slots.take(key(8)), Some('b'));
        assert_eq!(slots.live(), 0);
    }

    #[test]
    #[should_panic(expected = "a timer was kept")]
    fn cancelling_twice_is_noticed() {
        let mut slots = Slots::new();
        let timer = Timer::new(slots.insert(7, 'a').unwrap(), 7);
        slots.cancel(timer);
        slots.cancel(timer);
    }
}

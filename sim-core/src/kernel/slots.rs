//! Where events wait: an arena of numbered slots, 8 bytes each.
//!
//! Keys travel through the list while their events stay here. A slot remembers the sequence number
//! of its event, so whether a key still means something is one comparison: after a cancellation
//! the slot is free or holds an event with another number. Most timers are cancelled before they
//! fire; cancelling is therefore no search, only a slot that is given back.
//!
//! Slots are by far the most numerous thing of the list, so sequence number and event share one
//! word: an event is a number of 30 bits, whose meaning the kernel does not know ([`Packed`]).
//!
//! Free slots form a stack through the same word, and the last one freed is used first: it is the
//! one still in the processor's cache. Rejected: a generation counter beside the sequence number,
//! which would say the same thing twice; fewer bits of the sequence number, which would mistake one
//! event for another once in many thousand million.

use super::key::{Key, SEQUENCE_BITS, SEQUENCES, SLOTS};

/// Bits of an event.
const EVENT_BITS: u32 = 64 - SEQUENCE_BITS;
/// Events lie below this.
pub(super) const EVENTS: u32 = 1 << EVENT_BITS;
const NO_SLOT: u32 = EVENTS - 1;

/// An event as the list keeps it: a number below 2^30. One that is not below has no place in the
/// list, which then says that its slots have run out.
pub trait Packed: Copy {
    /// The number that stands for it.
    fn to_bits(self) -> u32;
    /// What [`Self::to_bits`] made a number of.
    fn from_bits(bits: u32) -> Self;
}

/// A number that means nothing else.
impl Packed for u32 {
    #[inline]
    fn to_bits(self) -> u32 {
        self
    }

    #[inline]
    fn from_bits(bits: u32) -> Self {
        bits
    }
}

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
    /// The lone event, which is in no slot.
    pub(super) const LONE: Self = Self(SLOTS);

    /// Whether this stands for no event.
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// Whether this stands for an event.
    pub fn is_some(self) -> bool {
        self != Self::NONE
    }

    /// The handle as a plain number, for those who keep it without knowing what it is.
    pub const fn to_bits(self) -> u32 {
        self.0
    }

    /// The handle of which [`Self::to_bits`] gave the number.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    #[inline]
    pub(super) fn new(slot: u32, sequence: u64) -> Self {
        Self((sequence as u32) << 24 | slot)
    }

    #[inline]
    pub(super) fn slot(self) -> u32 {
        self.0 & SLOTS
    }
}

/// What is in a slot: the sequence number of an event above its bits, or no sequence number and the
/// next free slot.
#[derive(Clone, Copy)]
struct Slot(u64);

impl Slot {
    #[inline]
    const fn holding(sequence: u64, bits: u32) -> Self {
        Self(sequence << EVENT_BITS | bits as u64)
    }

    /// In front of the free slot `next`.
    #[inline]
    const fn free(next: u32) -> Self {
        Self::holding(SEQUENCES, next)
    }

    #[inline]
    const fn sequence(self) -> u64 {
        self.0 >> EVENT_BITS
    }

    #[inline]
    const fn bits(self) -> u32 {
        self.0 as u32 & (EVENTS - 1)
    }
}

/// All pending events, and nothing else.
#[derive(Clone)]
pub(super) struct Slots {
    arena: Vec<Slot>,
    /// The slot freed last, or [`NO_SLOT`].
    free: u32,
    /// Slots that hold an event \[count\].
    live: usize,
    /// At most so many slots are made \[count\] -- constant.
    limit: u32,
}

impl Slots {
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

    /// Pending events \[count\].
    pub(super) fn live(&self) -> usize {
        self.live
    }

    /// Stores the bits of an event and says where, or nothing when all slots are taken or the bits
    /// are too many.
    #[inline]
    pub(super) fn insert(&mut self, sequence: u64, bits: u32) -> Option<u32> {
        let slot = self.free;
        match self.arena.get_mut(slot as usize) {
            Some(free) if bits < EVENTS => {
                self.free = free.bits();
                *free = Slot::holding(sequence, bits);
                self.live += 1;
                Some(slot)
            }
            _ => self.grow(sequence, bits),
        }
    }

    #[cold]
    fn grow(&mut self, sequence: u64, bits: u32) -> Option<u32> {
        let slot = self.arena.len() as u32;
        if slot >= self.limit || bits >= EVENTS {
            return None;
        }
        self.arena.push(Slot::holding(sequence, bits));
        self.live += 1;
        Some(slot)
    }

    /// Whether the key's event still waits.
    #[inline]
    pub(super) fn is_live(&self, key: Key) -> bool {
        self.arena[key.slot() as usize].sequence() == key.sequence()
    }

    /// Takes the bits of the key's event out, or nothing when it was cancelled.
    #[inline]
    pub(super) fn take(&mut self, key: Key) -> Option<u32> {
        let slot = self.arena[key.slot() as usize];
        if slot.sequence() != key.sequence() {
            return None;
        }
        self.free(key.slot());
        Some(slot.bits())
    }

    /// Frees the slot of a pending event; false if that has none.
    #[inline]
    pub(super) fn cancel(&mut self, timer: Timer) -> bool {
        let Some(slot) = self.arena.get(timer.slot() as usize) else {
            return false;
        };
        let sequence = slot.sequence();
        let pending = sequence != SEQUENCES && Timer::new(timer.slot(), sequence) == timer;
        assert!(pending, "a timer was kept after it fired or was cancelled");
        self.free(timer.slot());
        true
    }

    #[inline]
    fn free(&mut self, slot: u32) {
        self.arena[slot as usize] = Slot::free(self.free);
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
    fn a_slot_costs_eight_bytes() {
        assert_eq!(size_of::<Slot>(), 8);
        assert_eq!(size_of::<Timer>(), 4);
    }

    #[test]
    fn the_key_of_a_reused_slot_is_stale() {
        let mut slots = Slots::new();
        let slot = slots.insert(7, 1).unwrap();
        slots.cancel(Timer::new(slot, 7));
        assert_eq!(slots.insert(8, 2), Some(slot), "the slot is used again");
        let key = |sequence| Key::new(SimTime::ZERO, Class::Start, sequence, slot);
        assert_eq!(slots.take(key(7)), None);
        assert_eq!(slots.take(key(8)), Some(2));
        assert_eq!(slots.live(), 0);
    }

    #[test]
    #[should_panic(expected = "a timer was kept")]
    fn cancelling_twice_is_noticed() {
        let mut slots = Slots::new();
        let timer = Timer::new(slots.insert(7, 1).unwrap(), 7);
        slots.cancel(timer);
        slots.cancel(timer);
    }
    #[test]
    fn the_largest_numbers_come_back_whole() {
        let mut slots = Slots::new();
        let slot = slots.insert(SEQUENCES - 1, EVENTS - 1).unwrap();
        let key = Key::new(SimTime::ZERO, Class::Start, SEQUENCES - 1, slot);
        assert_eq!(slots.take(key), Some(EVENTS - 1));
        assert_eq!(slots.insert(0, EVENTS), None, "one bit too many");
        assert_eq!(slots.live(), 0);
    }
}

//! The order of events, as one integer.
//!
//! Two events at the same instant must come in an order that is written down, or results depend
//! on the inside of a heap. So every event has a key, and no two keys are equal: the time first,
//! then what kind of thing happens ([`Class`]), then which was scheduled first.
//!
//! The three are packed with the event's slot into a `u128`, so that a comparison is one machine
//! operation or two and a key is 16 bytes:
//!
//! ```text
//! 127          64 63    58 57           24 23     0
//! |   time, ns   | class  |   sequence    |  slot  |
//! ```
//!
//! The slot never decides, since sequence numbers are unique. Rejected: a struct with a derived
//! order (several branches per comparison), and order by time alone with a stable list (an event
//! that is moved between lists must carry its rank anyway).

use crate::time::SimTime;

const SLOT_BITS: u32 = 24;
pub(super) const SEQUENCE_BITS: u32 = 34;
const CLASS_SHIFT: u32 = SLOT_BITS + SEQUENCE_BITS;
const TIME_SHIFT: u32 = 64;

/// Sequence numbers lie below this \[count\]: 17 thousand million events in one run. The last number
/// that would fit is kept free for "none".
pub(super) const SEQUENCES: u64 = (1 << SEQUENCE_BITS) - 1;
/// Slots lie below this \[count\]; the last number is kept free for "none".
pub(super) const SLOTS: u32 = (1 << SLOT_BITS) - 1;

/// What kind of thing happens, which decides the order at one instant.
///
/// A completion at the deadline beats the timeout, and work that starts in the instant in which a
/// fault starts feels it. Within a class the event that was scheduled first comes first.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A fault begins or ends at a time that the scenario names.
    Planned = 0,
    /// The world is altered by what follows from that: somebody is noticed, or warm, or hit by chance.
    Change = 1,
    /// Work ends, results arrive.
    Completion = 2,
    /// What readers believe of who belongs to a service catches up.
    Membership = 3,
    /// Time is up: timeouts, queue limits, deadlines, ticks.
    Expiry = 4,
    /// Something is measured for those who decide by it.
    Sample = 5,
    /// What came in since the last one is judged, instance by instance.
    Sweep = 6,
    /// Who decides at ticks decides.
    Loop = 7,
    /// Work begins: requests arrive, a backoff is over, a hedge is due, a check is sent.
    Start = 8,
}

impl Class {
    /// How many classes there are.
    pub(super) const COUNT: usize = 9;
}

/// The place of one event in the total order, and the slot where the event waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(u128);

impl Key {
    /// Fills the places of a chunk that hold no key.
    pub(super) const ZERO: Self = Self(0);
    /// Later than every key.
    pub(super) const NEVER: Self = Self(u128::MAX);

    #[inline]
    pub(super) fn new(at: SimTime, class: Class, sequence: u64, slot: u32) -> Self {
        let order = u64::from(class as u8) << CLASS_SHIFT | sequence << SLOT_BITS | u64::from(slot);
        Self(u128::from(at.as_ns()) << TIME_SHIFT | u128::from(order))
    }

    /// When the event happens \[ns\].
    #[inline]
    pub(super) fn time(self) -> u64 {
        (self.0 >> TIME_SHIFT) as u64
    }

    /// The same as an instant.
    #[inline]
    pub(super) fn at(self) -> SimTime {
        SimTime::from_kept(self.time())
    }

    /// The number of the event's [`Class`].
    #[inline]
    pub(super) fn class(self) -> usize {
        (self.0 as u64 >> CLASS_SHIFT) as usize
    }

    /// How many events were scheduled before this one \[count\].
    #[inline]
    pub(super) fn sequence(self) -> u64 {
        (self.0 as u64 >> SLOT_BITS) & ((1 << SEQUENCE_BITS) - 1)
    }

    /// Where the event waits.
    #[inline]
    pub(super) fn slot(self) -> u32 {
        self.0 as u32 & SLOTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(ns: u64, class: Class, sequence: u64, slot: u32) -> Key {
        Key::new(SimTime::from_ns(ns), class, sequence, slot)
    }

    #[test]
    fn a_key_gives_back_what_it_was_made_of() {
        let key = key(u64::MAX, Class::Start, SEQUENCES - 1, SLOTS - 1);
        assert_eq!(key.time(), SimTime::NEVER.as_ns());
        assert_eq!(key.class(), Class::Start as usize);
        assert_eq!(key.sequence(), SEQUENCES - 1);
        assert_eq!(key.slot(), SLOTS - 1);
    }

    #[test]
    fn time_beats_class_beats_sequence_beats_slot() {
        let ascending = [
            key(1, Class::Start, 9, 9),
            key(2, Class::Planned, 9, 9),
            key(2, Class::Change, 8, 9),
            key(2, Class::Completion, 0, 9),
            key(2, Class::Completion, 1, 0),
            key(2, Class::Expiry, 0, 0),
        ];
        assert!(ascending.is_sorted());
    }
}

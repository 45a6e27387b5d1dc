//! The same list, written so plainly that it cannot be wrong: the oracle of the property tests.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::{Class, EventList, Timer};
use crate::time::SimTime;

/// What an event list must be able to do; `H` is its handle of a pending event.
pub(super) trait Pending {
    type Handle: Copy;
    fn schedule(&mut self, at: SimTime, class: Class, event: u32) -> Self::Handle;
    fn cancel(&mut self, handle: Self::Handle);
    fn pop(&mut self, horizon: SimTime) -> Option<(SimTime, u32)>;
    fn len(&self) -> usize;
}

impl Pending for EventList<u32> {
    type Handle = Timer;
    fn schedule(&mut self, at: SimTime, class: Class, event: u32) -> Timer {
        // Limits may be any events, and so may lone ones.
        if event.is_multiple_of(3) {
            return self.schedule_limit(at, class, event);
        }
        if event % 4 == 1 {
            return self.schedule_lone(at, class, event);
        }
        self.schedule(at, class, event)
    }
    fn cancel(&mut self, timer: Timer) {
        self.cancel(timer);
    }
    fn pop(&mut self, horizon: SimTime) -> Option<(SimTime, u32)> {
        self.pop(horizon)
    }
    fn len(&self) -> usize {
        self.len()
    }
}

/// A binary heap of keys (time, class, sequence number) beside a map of the pending events.
#[derive(Default)]
pub(super) struct HeapList {
    heap: BinaryHeap<Reverse<u128>>,
    events: BTreeMap<u64, u32>,
    sequence: u64,
}

impl Pending for HeapList {
    type Handle = u64;

    fn schedule(&mut self, at: SimTime, class: Class, event: u32) -> u64 {
        let sequence = self.sequence;
        self.sequence += 1;
        let order = u64::from(class as u8) << 36 | sequence;
        self.heap
            .push(Reverse(u128::from(at.as_ns()) << 64 | u128::from(order)));
        self.events.insert(sequence, event);
        sequence
    }

    fn cancel(&mut self, sequence: u64) {
        self.events.remove(&sequence);
    }

    fn pop(&mut self, horizon: SimTime) -> Option<(SimTime, u32)> {
        while let Some(&Reverse(key)) = self.heap.peek() {
            let (time, sequence) = ((key >> 64) as u64, key as u64 % (1 << 36));
            if time >= horizon.as_ns() {
                return None;
            }
            self.heap.pop();
            if let Some(event) = self.events.remove(&sequence) {
                return Some((SimTime::from_ns(time), event));
            }
        }
        None
    }

    fn len(&self) -> usize {
        self.events.len()
    }
}

//! Those who wait by deadline: a binary heap that knows where each of them stands, so that leaving
//! from the middle costs no more than coming.

use super::numbers::NONE;
use crate::time::SimTime;

/// Those who wait, the earliest deadline on top; of equal ones who joined first.
#[derive(Clone, Debug, Default)]
pub(super) struct Deadlines {
    heap: Vec<Due>,
    /// Where in the heap each taken place stands.
    slots: Vec<u32>,
}

/// One who waits; ordered by deadline, then by joining.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    deadline: SimTime,
    /// The number of the joining.
    number: u64,
    place: u32,
}

impl Deadlines {
    /// The place of who is most urgent. Somebody waits.
    pub(super) fn first(&self) -> u32 {
        self.heap[0].place
    }

    pub(super) fn add(&mut self, place: u32, deadline: SimTime, number: u64) {
        let at = place as usize;
        if at >= self.slots.len() {
            self.slots.resize(at + 1, NONE);
        }
        self.heap.push(Due {
            deadline,
            number,
            place,
        });
        self.rise(self.heap.len() - 1);
    }

    pub(super) fn remove(&mut self, place: u32) {
        let slot = self.slots[place as usize] as usize;
        self.heap.swap_remove(slot);
        if slot < self.heap.len() {
            // Who was last stands here now, and may belong on either side.
            let slot = self.rise(slot);
            self.sink(slot);
        }
    }

    pub(super) fn clear(&mut self) {
        self.heap.clear();
    }

    /// Moves somebody up to where it belongs, and says where that is.
    fn rise(&mut self, mut slot: usize) -> usize {
        let due = self.heap[slot];
        while slot > 0 {
            let parent = (slot - 1) / 2;
            if self.heap[parent] <= due {
                break;
            }
            self.put(slot, self.heap[parent]);
            slot = parent;
        }
        self.put(slot, due);
        slot
    }

    fn sink(&mut self, mut slot: usize) {
        let due = self.heap[slot];
        loop {
            let left = 2 * slot + 1;
            let children = left..(left + 2).min(self.heap.len());
            let Some(child) = children.min_by_key(|&child| self.heap[child]) else {
                break;
            };
            if due <= self.heap[child] {
                break;
            }
            self.put(slot, self.heap[child]);
            slot = child;
        }
        self.put(slot, due);
    }

    fn put(&mut self, slot: usize, due: Due) {
        self.heap[slot] = due;
        self.slots[due.place as usize] = slot as u32;
    }
}

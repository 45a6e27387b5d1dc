//! Limits of equal length, each in a queue of its own.
//!
//! Timeouts of one length expire in the order in which they were set, so their keys need no
//! sorting: a queue keeps them in order. Nearly all of them are cancelled before they come due; here
//! such a key costs one place in a queue, and not its way down the wheel.
//!
//! There are few lanes. A lane belongs to a length for as long as it holds keys; who finds none
//! goes to the wheel.
//!
//! Beside them is one place for a lone key: that of an event that schedules the next of its kind when
//! it happens, as arrivals do. It never enters a queue.

use super::chunks::{Chunks, Queue};
use super::key::Key;

/// Lengths at the same time.
const LANES: usize = 4;

#[derive(Clone, Copy)]
struct Lane {
    /// The length \[ns\] and the class of its keys.
    length: u64,
    class: usize,
    queue: Queue,
}

/// Queues of keys that are in order by themselves, and the lone key.
#[derive(Clone)]
pub(super) struct Lanes {
    each: [Lane; LANES],
    /// The earliest key of all lanes, and its lane; [`Key::NEVER`] when there is none.
    limit: Key,
    limit_lane: usize,
    /// The lone key; [`Key::NEVER`] when there is none.
    lone: Key,
    /// The earlier of the two.
    first: Key,
    /// Keys in all lanes \[count\].
    len: usize,
}

impl Lanes {
    pub(super) const fn new() -> Self {
        Self {
            each: [Lane {
                length: 0,
                class: 0,
                queue: Queue::EMPTY,
            }; LANES],
            limit: Key::NEVER,
            limit_lane: 0,
            lone: Key::NEVER,
            first: Key::NEVER,
            len: 0,
        }
    }

    /// Keys in all lanes \[count\].
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The earliest key, the lone one included; [`Key::NEVER`] when there is none.
    #[inline]
    pub(super) fn first(&self) -> Key {
        self.first
    }

    /// Whether there is a lone key.
    #[inline]
    pub(super) fn has_lone(&self) -> bool {
        self.lone != Key::NEVER
    }

    /// The lone key, if it is before all limits.
    #[inline]
    pub(super) fn lone_if_first(&self) -> Option<Key> {
        (self.lone < self.limit).then_some(self.lone)
    }

    /// Sets the lone key, of which there must be none.
    #[inline]
    pub(super) fn set_lone(&mut self, key: Key) {
        self.lone = key;
        self.first = self.limit.min(key);
    }

    /// Removes the lone key.
    #[inline]
    pub(super) fn drop_lone(&mut self) {
        self.lone = Key::NEVER;
        self.first = self.limit;
    }

    /// Takes a key that comes due so long after now, unless all lanes hold keys of other lengths.
    #[expect(clippy::inline_always, reason = "for every timeout")]
    #[inline(always)]
    pub(super) fn insert(&mut self, chunks: &mut Chunks, length: u64, key: Key) -> bool {
        let class = key.class();
        let fits = |lane: &Lane| lane.length == length && lane.class == class;
        let empty = |lane: &Lane| lane.queue.len() == 0;
        let found = self.each.iter().position(fits);
        let Some(at) = found.or_else(|| self.each.iter().position(empty)) else {
            return false;
        };
        let lane = &mut self.each[at];
        (lane.length, lane.class) = (length, class);
        chunks.push(&mut lane.queue, key);
        self.len += 1;
        if key < self.limit {
            (self.limit, self.limit_lane) = (key, at);
            self.first = key.min(self.lone);
        }
        true
    }

    /// Removes the earliest key, and those behind it in its lane that have no event any more.
    #[inline]
    pub(super) fn drop_first(&mut self, chunks: &mut Chunks, live: impl Fn(Key) -> bool) {
        if self.first == self.lone {
            self.drop_lone();
        } else {
            self.drop_limit(chunks, live);
        }
    }

    fn drop_limit(&mut self, chunks: &mut Chunks, live: impl Fn(Key) -> bool) {
        let queue = &mut self.each[self.limit_lane].queue;
        let before = queue.len();
        chunks.drop_front(queue);
        while let Some(key) = chunks.front(queue)
            && !live(key)
        {
            chunks.drop_front(queue);
        }
        self.len -= before - queue.len();
        self.find_first(chunks);
    }

    /// Keeps the keys that still have an event.
    pub(super) fn retain(&mut self, chunks: &mut Chunks, live: impl Fn(Key) -> bool) {
        self.len = 0;
        for lane in &mut self.each {
            chunks.retain(&mut lane.queue, &live);
            self.len += lane.queue.len();
        }
        self.find_first(chunks);
    }

    /// Takes over the keys of other lanes that still have an event.
    pub(super) fn keep(
        &mut self,
        chunks: &mut Chunks,
        old: &Self,
        old_chunks: &Chunks,
        live: impl Fn(Key) -> bool,
    ) {
        self.lone = old.lone;
        self.each = old.each;
        for lane in &mut self.each {
            let before = std::mem::replace(&mut lane.queue, Queue::EMPTY);
            old_chunks.for_each(&before, |key| {
                if live(key) {
                    chunks.push(&mut lane.queue, key);
                    self.len += 1;
                }
            });
        }
        self.find_first(chunks);
    }

    fn find_first(&mut self, chunks: &Chunks) {
        self.limit = Key::NEVER;
        for (at, lane) in self.each.iter().enumerate() {
            if let Some(key) = chunks.front(&lane.queue)
                && key < self.limit
            {
                (self.limit, self.limit_lane) = (key, at);
            }
        }
        self.first = self.limit.min(self.lone);
    }
}

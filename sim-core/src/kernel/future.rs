//! The keys of all pending events, in order.
//!
//! Four places, the first three from near to far:
//!
//! - **this instant**: what is scheduled for the current time, one first-in, first-out queue per
//!   class. Its keys are later than all others of their class at this instant, so nothing has to
//!   be sorted however many there are;
//! - **ready**: a short sorted vector of everything before `ready_until`;
//! - **the wheel**: everything from `ready_until` on, in buckets;
//! - **the lanes**: limits of equal length, in order by themselves, near or far; and a lone key.
//!
//! When ready runs empty, the wheel's first bucket takes its place. A small bucket is sorted at
//! once; only a large one is spread over the level below. That is the difference to a plain wheel,
//! where each key moves down level by level to its nanosecond. When so few keys are left that
//! a sorted vector beats everything, ready takes them all.
//!
//! Rejected: a binary heap, several times slower at a million keys; it remains as the oracle of the
//! tests.

use std::mem;

use super::chunks::{Chunks, Queue};
use super::key::{Class, Key};
use super::lanes::Lanes;
use super::slots::Slots;
use super::wheel::{Place, Wheel};

/// A bucket up to this size is sorted instead of spread [keys].
const SMALL_BUCKET: usize = 48;
/// Ready is spread over the wheel when it grows past this [keys].
const READY_MAX: usize = 64;
/// When no more than this are left, ready takes them all [keys].
const FEW: usize = 16;
/// From so many on, events are no longer in the processor's cache by themselves [keys].
const MANY: usize = 16_384;
/// Places for keys that are kept even when few are pending \[count\].
const ROOMY: usize = 4096;
/// `ready_until` when ready covers all times \[ns\].
const ALWAYS: u64 = u64::MAX;

/// Every stored key, including those of cancelled events that have not surfaced yet.
#[derive(Clone)]
pub(super) struct Future {
    /// Keys of the current instant that were scheduled in it, by class.
    instant: [Queue; Class::COUNT],
    /// Which of those queues hold anything: one bit per class.
    classes: u32,
    /// All other keys before `ready_until`, latest first.
    ready: Vec<Key>,
    /// Later than the current instant \[ns\].
    ready_until: u64,
    /// All keys from `ready_until` on.
    wheel: Wheel,
    lanes: Lanes,
    chunks: Chunks,
    /// Keys in the first three places \[count\].
    len: usize,
}

impl Future {
    pub(super) fn new() -> Self {
        Self {
            instant: [Queue::EMPTY; Class::COUNT],
            classes: 0,
            ready: Vec::with_capacity(READY_MAX + 1),
            ready_until: ALWAYS,
            wheel: Wheel::new(0),
            lanes: Lanes::new(),
            chunks: Chunks::new(),
            len: 0,
        }
    }

    /// Stored keys, live or not \[count\].
    pub(super) fn len(&self) -> usize {
        self.len + self.lanes.len()
    }

    /// As [`Self::insert`], for a limit whose length many others share.
    #[expect(clippy::inline_always, reason = "for every timeout")]
    #[inline(always)]
    pub(super) fn insert_limit(&mut self, now: u64, key: Key) {
        let length = key.time() - now;
        if length == 0 || !self.lanes.insert(length, key) {
            self.insert(now, key);
        }
    }

    /// A limit is cancelled: its key goes, if it is in a lane.
    #[expect(clippy::inline_always, reason = "for every timeout")]
    #[inline(always)]
    pub(super) fn leave_lane(&mut self, slot: u32) -> bool {
        self.lanes.leave(slot)
    }

    /// Whether there is a lone key.
    #[inline]
    pub(super) fn has_lone(&self) -> bool {
        self.lanes.has_lone()
    }

    /// Keeps a key apart from all others, while there is no other lone one.
    #[inline]
    pub(super) fn set_lone(&mut self, key: Key) {
        self.lanes.set_lone(key);
    }

    /// Removes the lone key.
    pub(super) fn drop_lone(&mut self) {
        self.lanes.drop_lone();
    }

    /// Adds a key that is later than every key of its time and class added before.
    #[inline]
    pub(super) fn insert(&mut self, now: u64, key: Key) {
        self.len += 1;
        if key.time() >= self.ready_until {
            self.wheel.insert(&mut self.chunks, key);
        } else if key.time() == now {
            self.insert_now(key);
        } else {
            self.insert_ready(now, key);
        }
    }

    /// Removes the earliest key if it is before the horizon. The slots tell which keys still have
    /// an event; keys without one may be dropped on the way, and may be returned.
    #[inline]
    pub(super) fn pop(&mut self, horizon: u64, slots: &Slots) -> Option<Key> {
        if self.classes == 0
            && let Some(&key) = self.ready.last()
        {
            if key < self.lanes.first() {
                return self.pop_ready(key, horizon);
            }
            if let Some(lone) = self.lanes.lone_if_first() {
                return self.pop_lone(lone, horizon);
            }
        }
        let key = self.pop_elsewhere(horizon, slots);
        (key != Key::NEVER).then_some(key)
    }

    /// As [`Self::pop`], where neither ready nor the lone key is plainly the earliest. None is
    /// [`Key::NEVER`], so that a key is handed over in registers.
    #[inline(never)]
    fn pop_elsewhere(&mut self, horizon: u64, slots: &Slots) -> Key {
        self.find_elsewhere(horizon, slots).unwrap_or(Key::NEVER)
    }

    #[inline]
    fn find_elsewhere(&mut self, horizon: u64, slots: &Slots) -> Option<Key> {
        loop {
            let limit = self.lanes.first();
            if self.classes != 0 {
                return self.pop_merged(horizon);
            }
            if let Some(&key) = self.ready.last() {
                if key < limit {
                    return self.pop_ready(key, horizon);
                }
                return self.pop_limit(horizon);
            }
            // The wheel does not go ahead of a limit.
            let until = horizon.min(limit.time().saturating_add(1));
            if !self.refill(until, slots) {
                return self.pop_limit(horizon);
            }
        }
    }

    #[inline]
    fn pop_ready(&mut self, key: Key, horizon: u64) -> Option<Key> {
        if key.time() >= horizon {
            return None;
        }
        self.ready.pop();
        self.len -= 1;
        Some(key)
    }

    #[inline]
    fn pop_lone(&mut self, key: Key, horizon: u64) -> Option<Key> {
        if key.time() >= horizon {
            return None;
        }
        self.lanes.drop_lone();
        Some(key)
    }

    /// The earliest of the lanes, or the lone key.
    fn pop_limit(&mut self, horizon: u64) -> Option<Key> {
        let key = self.lanes.first();
        if key.time() >= horizon {
            return None;
        }
        self.lanes.drop_first();
        Some(key)
    }

    /// The earliest of the current instant's first key, ready's and the lanes'.
    fn pop_merged(&mut self, horizon: u64) -> Option<Key> {
        let class = self.classes.trailing_zeros() as usize;
        let key = self.chunks.front(&self.instant[class])?;
        let limit = self.lanes.first();
        match self.ready.last() {
            Some(&ready) if ready < key && ready < limit => return self.pop_ready(ready, horizon),
            _ if limit < key => return self.pop_limit(horizon),
            _ => {}
        }
        if key.time() >= horizon {
            return None;
        }
        self.drop_now(class);
        self.len -= 1;
        Some(key)
    }

    #[inline(never)]
    fn insert_now(&mut self, key: Key) {
        self.classes |= 1 << key.class();
        self.chunks.push(&mut self.instant[key.class()], key);
    }

    fn drop_now(&mut self, class: usize) {
        self.chunks.drop_front(&mut self.instant[class]);
        if self.instant[class].len() == 0 {
            self.classes &= !(1 << class);
        }
    }

    /// Adds a key to its place, found from the early end: moving as it searches is faster for
    /// so few keys than a binary search and a move in one block.
    #[inline(never)]
    fn insert_ready(&mut self, now: u64, key: Key) {
        self.ready.push(key);
        let keys = &mut self.ready[..];
        let mut at = keys.len() - 1;
        while at > 0 && keys[at - 1] < key {
            keys[at] = keys[at - 1];
            at -= 1;
        }
        keys[at] = key;
        if keys.len() > READY_MAX {
            self.spread(now);
        }
    }

    /// Moves what is ready, except for the current instant, to the wheel's lower levels.
    #[cold]
    fn spread(&mut self, now: u64) {
        if now < self.wheel.origin() && !self.wheel.is_empty() {
            // The wheel went ahead to look for an event before a horizon and found none.
            return self.rebuild(now, |_| true);
        }
        self.wheel.set_origin(now);
        self.file_ready(now);
    }

    /// Files what is ready in a wheel whose origin is now.
    fn file_ready(&mut self, now: u64) {
        let later = self.ready.partition_point(|key| key.time() > now);
        for key in self.ready.drain(..later).rev() {
            self.wheel.insert(&mut self.chunks, key);
        }
        self.ready_until = now + 1;
    }

    /// Moves the wheel's first bucket into the empty ready, or one level down; false when there is
    /// none before the horizon.
    fn refill(&mut self, horizon: u64, slots: &Slots) -> bool {
        let Some(place) = self.wheel.first().filter(|place| place.start < horizon) else {
            return false;
        };
        if self.len <= FEW {
            self.take_all(slots);
        } else if self.wheel.len_of(place) <= SMALL_BUCKET {
            self.take_small(place, slots);
        } else if place.is_one_instant() {
            self.take_instant(place, slots);
        } else {
            self.wheel.cascade(&mut self.chunks, place);
            self.ready_until = place.start;
        }
        true
    }

    fn take_small(&mut self, place: Place, slots: &Slots) {
        self.take_bucket(place, slots);
        self.ready.sort_unstable_by(|a, b| b.cmp(a));
        self.wheel.set_origin(place.start);
        self.ready_until = place.end();
    }

    fn take_all(&mut self, slots: &Slots) {
        while let Some(place) = self.wheel.first() {
            self.take_bucket(place, slots);
        }
        self.ready.sort_unstable_by(|a, b| b.cmp(a));
        self.ready_until = ALWAYS;
    }

    /// Appends a bucket's live keys to ready. Mostly those are all, since limits that are cancelled
    /// leave no key. Asking for each of them, where the answers do not wait for one another, also brings
    /// their events into the cache: where there are many, it is worth that.
    fn take_bucket(&mut self, place: Place, slots: &Slots) {
        let mut queue = self.wheel.take(place);
        let all_live = self.len() == slots.live() && self.len < MANY;
        let ready = &mut self.ready;
        if all_live {
            let append = |keys: &[Key]| ready.extend_from_slice(keys);
            self.chunks.for_each_run(&queue, append);
        } else {
            let before = ready.len() + queue.len();
            self.chunks.for_each(&queue, |key| {
                if slots.is_live(key) {
                    ready.push(key);
                }
            });
            self.len -= before - ready.len();
        }
        self.chunks.release(&mut queue);
    }

    /// Many keys of one instant come in order of their sequence: no need to sort them.
    fn take_instant(&mut self, place: Place, slots: &Slots) {
        let mut queue = self.wheel.take(place);
        self.wheel.set_origin(place.start);
        self.ready_until = place.end();
        self.len -= queue.len();
        let (instant, classes, len) = (&mut self.instant, &mut self.classes, &mut self.len);
        self.chunks.drain(&mut queue, |chunks, key| {
            if slots.is_live(key) {
                chunks.push(&mut instant[key.class()], key);
                *classes |= 1 << key.class();
                *len += 1;
            }
        });
    }

    /// Keeps the live keys only, so many: each queue in its place. Memory far beyond what they need
    /// is given back.
    pub(super) fn retain(&mut self, now: u64, count: usize, live: impl Fn(Key) -> bool) {
        if self.chunks.keys() > 8 * count + ROOMY {
            return self.rebuild(now, live);
        }
        self.ready.retain(|&key| live(key));
        self.len = self.ready.len() + self.wheel.retain(&mut self.chunks, &live);
        for (class, queue) in self.instant.iter_mut().enumerate() {
            self.chunks.retain(queue, &live);
            self.len += queue.len();
            if queue.len() == 0 {
                self.classes &= !(1 << class);
            }
        }
    }

    /// Files the live keys anew, in the memory that they need.
    fn rebuild(&mut self, now: u64, live: impl Fn(Key) -> bool) {
        let mut old = mem::replace(self, Self::new());
        mem::swap(&mut self.lanes, &mut old.lanes);
        for class in 0..Class::COUNT {
            let queue = old.instant[class];
            old.chunks
                .for_each(&queue, |key| self.keep(now, key, &live));
        }
        self.ready = mem::take(&mut old.ready);
        self.ready.retain(|&key| live(key));
        self.len += self.ready.len();
        self.wheel.set_origin(now);
        self.file_ready(now);
        while let Some(place) = old.wheel.first() {
            let queue = old.wheel.take(place);
            old.chunks
                .for_each(&queue, |key| self.keep(now, key, &live));
        }
    }

    fn keep(&mut self, now: u64, key: Key, live: impl Fn(Key) -> bool) {
        if live(key) {
            self.insert(now, key);
        }
    }

    /// Bytes held by the keys, in use or not.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.chunks.bytes() + self.lanes.bytes() + self.ready.capacity() * size_of::<Key>()
    }
}

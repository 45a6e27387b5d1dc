//! Buckets that are wide far away and narrow close by.
//!
//! Write every time with eleven digits of six bits. A key is filed by the highest digit in which
//! its time differs from the wheel's origin: that digit's place is the level, its value the bucket.
//! So at level 0 a bucket is one nanosecond wide, at level 5 about one second, and filing a key
//! costs a few operations however many there are. One word per level says which buckets hold
//! anything, so the earliest bucket is found by counting zeros.
//!
//! The rule that makes this correct: every key agrees with the origin in all digits above its
//! level. Hence the lowest level with a bucket in use holds the earliest keys, and when the origin
//! moves into a bucket, that bucket must be emptied, and all levels below it are empty.
//!
//! Keys of equal time are always in the same bucket, in the order in which they came.
//! Rejected, after measuring: a calendar queue and a ladder queue (as good when small, four to five
//! times slower at a million keys), an 8-ary heap.

use super::chunks::{Chunks, Queue};
use super::key::Key;

const DIGIT_BITS: u32 = 6;
const BUCKETS: usize = 1 << DIGIT_BITS;
const LEVELS: usize = 11;

/// One bucket of the wheel.
#[derive(Clone, Copy)]
pub(super) struct Place {
    level: usize,
    bucket: usize,
    /// The first instant that belongs to the bucket \[ns\].
    pub(super) start: u64,
}

impl Place {
    /// The first instant after the bucket \[ns\].
    pub(super) fn end(self) -> u64 {
        self.start + (1 << self.shift())
    }

    /// Whether all keys of the bucket have the same time.
    pub(super) fn is_one_instant(self) -> bool {
        self.level == 0
    }

    fn shift(self) -> u32 {
        self.level as u32 * DIGIT_BITS
    }

    fn index(self) -> usize {
        self.level * BUCKETS + self.bucket
    }
}

/// Keys in buckets, relative to an origin that only moves forward.
#[derive(Clone)]
pub(super) struct Wheel {
    /// No later than any key \[ns\].
    origin: u64,
    /// Which levels have a bucket in use: one bit per level.
    levels: u32,
    /// Which buckets are in use: one bit per bucket, one word per level.
    used: [u64; LEVELS],
    buckets: Vec<Queue>,
}

impl Wheel {
    pub(super) fn new(origin: u64) -> Self {
        Self {
            origin,
            levels: 0,
            used: [0; LEVELS],
            buckets: vec![Queue::EMPTY; LEVELS * BUCKETS],
        }
    }

    pub(super) fn origin(&self) -> u64 {
        self.origin
    }

    pub(super) fn is_empty(&self) -> bool {
        self.levels == 0
    }

    /// Moves the origin into the bucket just taken, or anywhere when the wheel is empty.
    pub(super) fn set_origin(&mut self, origin: u64) {
        self.origin = origin;
    }

    /// Files a key that is not before the origin.
    #[inline]
    pub(super) fn insert(&mut self, chunks: &mut Chunks, key: Key) {
        let time = key.time();
        let level = ((time ^ self.origin) | 1).ilog2() / DIGIT_BITS;
        let bucket = (time >> (level * DIGIT_BITS)) as usize % BUCKETS;
        self.levels |= 1 << level;
        let level = level as usize;
        self.used[level] |= 1 << bucket;
        chunks.push(&mut self.buckets[level * BUCKETS + bucket], key);
    }

    /// The bucket with the earliest keys.
    pub(super) fn first(&self) -> Option<Place> {
        if self.is_empty() {
            return None;
        }
        let level = self.levels.trailing_zeros();
        let bucket = self.used[level as usize].trailing_zeros();
        let shift = level * DIGIT_BITS;
        // In two steps: the top level has fewer than 64 bits above it.
        let above = self.origin >> shift >> DIGIT_BITS << DIGIT_BITS;
        Some(Place {
            level: level as usize,
            bucket: bucket as usize,
            start: (above | u64::from(bucket)) << shift,
        })
    }

    /// Keys in a bucket \[count\].
    pub(super) fn len_of(&self, place: Place) -> usize {
        self.buckets[place.index()].len()
    }

    /// Takes all keys of a bucket out of the wheel.
    pub(super) fn take(&mut self, place: Place) -> Queue {
        let used = &mut self.used[place.level];
        *used &= !(1 << place.bucket);
        if *used == 0 {
            self.levels &= !(1 << place.level);
        }
        std::mem::replace(&mut self.buckets[place.index()], Queue::EMPTY)
    }

    /// Keeps the keys that are wanted; how many there are.
    pub(super) fn retain(&mut self, chunks: &mut Chunks, wanted: impl Fn(Key) -> bool) -> usize {
        let mut kept = 0;
        for level in 0..LEVELS {
            let mut left = self.used[level];
            while left != 0 {
                let bucket = left.trailing_zeros() as usize;
                left &= left - 1;
                let queue = &mut self.buckets[level * BUCKETS + bucket];
                chunks.retain(queue, &wanted);
                kept += queue.len();
                if queue.len() == 0 {
                    self.used[level] &= !(1 << bucket);
                }
            }
            if self.used[level] == 0 {
                self.levels &= !(1 << level);
            }
        }
        kept
    }

    /// Files the keys of the first bucket anew, each at a lower level.
    pub(super) fn cascade(&mut self, chunks: &mut Chunks, place: Place) {
        let mut queue = self.take(place);
        self.origin = place.start;
        chunks.drain(&mut queue, |chunks, key| self.insert(chunks, key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Class;
    use crate::time::{MAX_NS, SimTime};

    fn filed(origin: u64, time: u64) -> Place {
        let mut wheel = Wheel::new(origin);
        let key = Key::new(SimTime::from_ns(time), Class::Start, 0, 0);
        wheel.insert(&mut Chunks::new(), key);
        wheel.first().unwrap()
    }

    #[test]
    fn a_bucket_contains_the_times_filed_in_it() {
        for (origin, time, start, end) in [
            (0, 0, 0, 1),
            (0, 63, 63, 64),
            (0, 64, 64, 128),
            (0, 4095, 63 * 64, 4096),
            (100, 127, 127, 128),
            (100, 128, 128, 192),
            (5_000_000, 5_000_000, 5_000_000, 5_000_001),
            (0, MAX_NS, 7 << 60, 1 << 63),
            (MAX_NS - 1, MAX_NS, MAX_NS, 1 << 63),
        ] {
            let place = filed(origin, time);
            let found = (place.start, place.end());
            assert_eq!(found, (start, end), "{time} from {origin}");
        }
    }

    #[test]
    fn taking_the_only_bucket_leaves_an_empty_wheel() {
        let (mut wheel, mut chunks) = (Wheel::new(0), Chunks::new());
        let key = Key::new(SimTime::from_ns(70), Class::Start, 0, 0);
        wheel.insert(&mut chunks, key);
        let place = wheel.first().unwrap();
        assert_eq!(wheel.take(place).len(), 1);
        assert!(wheel.is_empty() && wheel.first().is_none());
    }
}

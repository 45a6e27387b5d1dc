//! The last so many results as bits, so that recording costs the same for every number of them.

use super::sum::Sum;

/// The last so many bits, and how many of them are set.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct BitRing {
    /// The bits, 64 to a word.
    words: Box<[u64]>,
    /// Bits it can hold \[bits\].
    size: u32,
    /// Bits it holds \[bits\].
    pub(super) len: u32,
    /// Where the next bit goes; the oldest bit once the ring is full.
    next: u32,
    /// Set bits among those it holds \[bits\].
    pub(super) ones: u32,
}

impl BitRing {
    /// Makes room for `size` bits; when it shrinks, the newest stay.
    pub(super) fn resize(&mut self, size: u32) {
        if self.size == size {
            return;
        }
        let words = (size as usize).div_ceil(64);
        let mut resized = Self {
            words: vec![0; words].into_boxed_slice(),
            size,
            ..Self::default()
        };
        for age in (0..self.len.min(size)).rev() {
            resized.push(self.bit(self.place_of(age)));
        }
        *self = resized;
    }

    /// Adds a bit, in the place of the oldest when full.
    pub(super) fn push(&mut self, bit: bool) {
        if self.len < self.size {
            self.len += 1;
        } else {
            self.ones -= u32::from(self.bit(self.next));
        }
        self.ones += u32::from(bit);
        self.set(self.next, bit);
        self.next = if self.next + 1 == self.size {
            0
        } else {
            self.next + 1
        };
    }

    /// Where the bit of this age lies; 0 is the newest.
    fn place_of(&self, age: u32) -> u32 {
        let back = age + 1;
        if self.next >= back {
            self.next - back
        } else {
            self.next + (self.size - back)
        }
    }

    fn bit(&self, place: u32) -> bool {
        self.words[place as usize / 64] >> (place % 64) & 1 == 1
    }

    fn set(&mut self, place: u32, bit: bool) {
        let word = &mut self.words[place as usize / 64];
        *word = *word & !(1 << (place % 64)) | u64::from(bit) << (place % 64);
    }
}

/// The last results: which failed, and which were slow.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rings {
    pub(super) failed: BitRing,
    /// Only from the first slow result on.
    slow: Option<Box<BitRing>>,
}

impl Rings {
    pub(super) fn push(&mut self, size: u32, failed: bool, slow: bool) {
        let before = self.failed.len;
        self.failed.resize(size);
        self.failed.push(failed);
        if slow && self.slow.is_none() {
            let mut ring = Box::<BitRing>::default();
            ring.resize(size);
            (0..before.min(size)).for_each(|_| ring.push(false));
            self.slow = Some(ring);
        }
        if let Some(ring) = &mut self.slow {
            ring.resize(size);
            ring.push(slow);
        }
    }

    pub(super) fn sum(&self) -> Sum {
        Sum {
            started: self.failed.len,
            failures: self.failed.ones,
            successes: self.failed.len - self.failed.ones,
            slow: self.slow.as_ref().map_or(0, |ring| ring.ones),
        }
    }
}

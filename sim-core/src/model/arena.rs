//! Records that come and go by the million: numbered places, used again when free.

use std::ops::{Index, IndexMut};

/// No record.
pub(crate) const NONE: u32 = u32::MAX;

/// Place of a call in its arena.
pub(crate) type CallIx = u32;

/// Place of an attempt in its arena.
pub(crate) type AttemptIx = u32;

/// Place of a strand in its arena.
pub(crate) type StrandIx = u32;

/// A vector of records with a list of free places. Order of use is deterministic: the place freed
/// last is taken first.
#[derive(Clone, Debug)]
pub(crate) struct Arena<T> {
    items: Vec<T>,
    free: Vec<u32>,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<T> Arena<T> {
    #[inline]
    pub(crate) fn insert(&mut self, item: T) -> u32 {
        self.insert_with(|| item)
    }

    /// As [`Self::insert`]; the record is made in its place.
    #[expect(clippy::inline_always, reason = "the record is made in its place")]
    #[inline(always)]
    pub(crate) fn insert_with(&mut self, build: impl FnOnce() -> T) -> u32 {
        if let Some(ix) = self.free.pop() {
            let place = &mut self.items[ix as usize];
            *place = build();
            return ix;
        }
        self.grow(build())
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, item: T) -> u32 {
        self.items.push(item);
        self.items.len() as u32 - 1
    }

    /// Frees a place. The record stays readable until the place is used again, which is not before
    /// the next [`Self::insert`].
    #[inline]
    pub(crate) fn remove(&mut self, ix: u32) {
        self.free.push(ix);
    }

    /// Records in use.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.items.len() - self.free.len()
    }

    /// How many places were ever used.
    pub(crate) fn places_used(&self) -> u32 {
        self.items.len() as u32
    }

    /// All places, free ones included.
    pub(crate) fn places(&self) -> impl Iterator<Item = (u32, &T)> {
        self.items
            .iter()
            .enumerate()
            .map(|(ix, item)| (ix as u32, item))
    }
}

impl<T> Index<u32> for Arena<T> {
    type Output = T;
    #[inline]
    fn index(&self, ix: u32) -> &T {
        &self.items[ix as usize]
    }
}

impl<T> IndexMut<u32> for Arena<T> {
    #[inline]
    fn index_mut(&mut self, ix: u32) -> &mut T {
        &mut self.items[ix as usize]
    }
}

//! Facts about a record that hold or do not, sixteen to the word.

use std::marker::PhantomData;

/// A set of marks of the kind `M`, which has at most sixteen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Marks<M> {
    bits: u16,
    kind: PhantomData<M>,
}

/// A kind of mark.
pub(crate) trait Mark: Copy {
    /// Its place among the others, below sixteen.
    fn place(self) -> u8;
}

impl<M: Mark> Marks<M> {
    /// This mark, if it holds, and no other.
    #[inline]
    pub(crate) fn only(mark: M, holds: bool) -> Self {
        Self {
            bits: u16::from(holds) << mark.place(),
            kind: PhantomData,
        }
    }

    #[inline]
    pub(crate) fn has(self, mark: M) -> bool {
        self.bits & 1 << mark.place() != 0
    }

    #[inline]
    pub(crate) fn add(&mut self, mark: M) {
        self.bits |= 1 << mark.place();
    }

    #[inline]
    pub(crate) fn remove(&mut self, mark: M) {
        self.bits &= !(1 << mark.place());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Mark for u8 {
        fn place(self) -> u8 {
            self
        }
    }

    #[test]
    fn each_mark_is_by_itself() {
        let mut marks = Marks::only(3, true);
        marks.add(15);
        assert_eq!([0, 3, 15].map(|mark| marks.has(mark)), [false, true, true]);
        marks.remove(3);
        marks.remove(0);
        assert_eq!([0, 3, 15].map(|mark| marks.has(mark)), [false, false, true]);
        assert!(!Marks::only(15, false).has(15));
    }
}

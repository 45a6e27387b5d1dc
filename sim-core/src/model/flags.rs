//! Facts about a record that hold or do not, sixteen to the word.

use std::marker::PhantomData;

/// A set of flags of the kind `F`, which has at most sixteen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flags<F> {
    bits: u16,
    kind: PhantomData<F>,
}

/// A kind of flag.
pub(crate) trait Flag: Copy {
    /// Its place among the others, below sixteen.
    fn place(self) -> u8;
}

impl<F: Flag> Flags<F> {
    /// None of them holds.
    pub(crate) const NONE: Self = Self {
        bits: 0,
        kind: PhantomData,
    };

    /// This flag, if it holds, and no other.
    #[inline]
    pub(crate) fn only(flag: F, holds: bool) -> Self {
        Self {
            bits: u16::from(holds) << flag.place(),
            kind: PhantomData,
        }
    }

    /// Whether none of them holds.
    pub(crate) fn is_empty(self) -> bool {
        self.bits == 0
    }

    #[inline]
    pub(crate) fn has(self, flag: F) -> bool {
        self.bits & 1 << flag.place() != 0
    }

    /// Whether one of these two holds.
    #[inline]
    pub(crate) fn has_either(self, one: F, other: F) -> bool {
        self.bits & (1 << one.place() | 1 << other.place()) != 0
    }

    #[inline]
    pub(crate) fn add(&mut self, flag: F) {
        self.bits |= 1 << flag.place();
    }

    /// Makes it hold, or not.
    pub(crate) fn set(&mut self, flag: F, holds: bool) {
        if holds {
            self.add(flag);
        } else {
            self.remove(flag);
        }
    }

    /// All that hold in either.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self {
            bits: self.bits | other.bits,
            kind: PhantomData,
        }
    }

    /// All that hold in both.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self {
            bits: self.bits & other.bits,
            kind: PhantomData,
        }
    }

    #[inline]
    pub(crate) fn remove(&mut self, flag: F) {
        self.bits &= !(1 << flag.place());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Flag for u8 {
        fn place(self) -> u8 {
            self
        }
    }

    #[test]
    fn each_mark_is_by_itself() {
        let mut flags = Flags::only(3, true);
        flags.add(15);
        assert_eq!([0, 3, 15].map(|flag| flags.has(flag)), [false, true, true]);
        flags.remove(3);
        flags.remove(0);
        assert_eq!([0, 3, 15].map(|flag| flags.has(flag)), [false, false, true]);
        assert!(!Flags::only(15, false).has(15));
    }
}

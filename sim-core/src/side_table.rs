//! What most records of an arena do not have, beside the records: a deadline, instances to be left
//! out, a limit. A scenario in which no record has one pays nothing for it.

use crate::time::SimTime;

/// A kind of thing that a record may have none of.
pub(crate) trait Absent: Copy + PartialEq {
    /// What stands for none.
    const ABSENT: Self;
}

/// An instant.
impl Absent for SimTime {
    const ABSENT: Self = Self::NEVER;
}

/// The number of something.
impl Absent for u32 {
    const ABSENT: Self = u32::MAX;
}

/// One value for each record of an arena; the list reaches as far as the last record that had one.
#[derive(Clone, Debug)]
pub(crate) struct SideTable<T>(Vec<T>);

impl<T> Default for SideTable<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Absent> SideTable<T> {
    /// What a record has.
    #[inline]
    pub(crate) fn of(&self, ix: u32) -> T {
        self.0.get(ix as usize).copied().unwrap_or(T::ABSENT)
    }

    /// Sets what a record has. One that has just come to its place must be given its own, or know by
    /// itself that it has none.
    #[inline]
    pub(crate) fn set(&mut self, ix: u32, value: T) {
        if let Some(place) = self.0.get_mut(ix as usize) {
            *place = value;
        } else if value != T::ABSENT {
            self.grow(ix, value);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, ix: u32, value: T) {
        self.0.resize(ix as usize, T::ABSENT);
        self.0.push(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_without_a_deadline_forgets_the_one_before_it() {
        let mut deadlines = SideTable::default();
        deadlines.set(2, SimTime::NEVER);
        assert!(deadlines.0.is_empty());
        deadlines.set(2, SimTime::from_ns(7));
        assert_eq!(deadlines.of(2), SimTime::from_ns(7));
        assert_eq!(
            (deadlines.of(0), deadlines.of(9)),
            (SimTime::NEVER, SimTime::NEVER)
        );
        deadlines.set(2, SimTime::NEVER);
        assert_eq!(deadlines.of(2), SimTime::NEVER);
    }
}

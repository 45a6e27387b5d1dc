//! Why a breaker opens: which figure, and which conditions of its trip rule hold.

use super::answer::Why;

/// Why a breaker opens: the figure and of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tripped {
    pub why: Why,
    /// Failures, or slow calls \[results\].
    pub count: u32,
    /// Of so many \[calls\].
    pub of: u32,
    /// The conditions that hold.
    pub conditions: ConditionSet,
}

/// Conditions of a trip rule, by their places in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ConditionSet(u64);

impl ConditionSet {
    /// Something else decided.
    pub(super) const NONE: Self = Self(0);
    /// Conditions that are told apart; later ones count as the last.
    const MOST: usize = u64::BITS as usize;

    pub(super) fn of(places: impl IntoIterator<Item = usize>) -> Self {
        let bit = |place: usize| 1_u64 << place.min(Self::MOST - 1);
        Self(places.into_iter().map(bit).fold(0, |all, it| all | it))
    }

    /// Where none of so many decided it is as if each had.
    pub(super) fn or_all_of(self, conditions: usize) -> Self {
        if self == Self::NONE {
            Self::of(0..conditions)
        } else {
            self
        }
    }

    pub(super) fn places(self) -> impl Iterator<Item = usize> {
        (0..Self::MOST).filter(move |place| self.0 >> place & 1 == 1)
    }
}

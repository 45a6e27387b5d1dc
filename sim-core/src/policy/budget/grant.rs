//! What is asked of a budget, what it grants, and what it learns of the end.

use crate::policy::Outcome;
use std::num::NonZeroU16;

/// What a layer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// Another pass after this failure.
    Retry(Outcome),
    /// Another pass beside those under way.
    Hedge,
}

/// Leave for one further pass, and what it cost. It is settled exactly once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    pub(super) cost: NonZeroU16,
}

impl Grant {
    /// A place, or one unit.
    pub(super) const ONE: Self = Self {
        cost: NonZeroU16::MIN,
    };

    pub(super) fn of(cost: u16) -> Self {
        Self {
            cost: NonZeroU16::new(cost).unwrap_or(NonZeroU16::MIN),
        }
    }
}

/// What the end of a pass says about the callee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassResult {
    /// It answered usefully.
    Success,
    /// It failed in a way that the layer would try again.
    Failure,
    /// Neither: another failure, or the pass was given up.
    Neither,
}

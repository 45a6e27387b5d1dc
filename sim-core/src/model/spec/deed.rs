//! Effects that have names, and what is to be true of them.

use crate::id::EffectId;
use crate::time::SimDuration;

/// Something that steps do and undo, and that outlives the call: money taken, a seat sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectSpec {
    /// Name in the file.
    pub name: String,
}

/// What a step does with an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeedKind {
    /// Carries it out.
    Do,
    /// Undoes it; with this, it cannot be carried out for the same root call from then on.
    Undo {
        /// Whether it forbids the effect from then on.
        forbids: bool,
    },
}

/// Effects that are to be equal for each root call (rule 87).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvariantSpec {
    /// Name in the file.
    pub name: String,
    /// The effects; two or more.
    pub equal: Vec<EffectId>,
    /// For how long they may differ.
    pub within: SimDuration,
}

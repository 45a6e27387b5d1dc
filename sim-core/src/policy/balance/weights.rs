//! What instances weigh, as the scenario says.

use std::sync::Arc;

/// What instances weigh, by slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weights(Arc<[u32]>);

impl Weights {
    /// The highest weight of one instance.
    pub const MOST: u32 = 65_535;

    /// From a list by slot; who is not in it weighs 1. If all are the same, there are none.
    pub fn new(by_slot: &[u32]) -> Self {
        let same = by_slot.iter().all(|&weight| weight == 1);
        Self(if same { Arc::default() } else { by_slot.into() })
    }

    /// The weight of a slot, at least 1.
    #[inline]
    pub fn of(&self, slot: u32) -> u32 {
        self.0.get(slot as usize).copied().unwrap_or(1)
    }

    /// Whether all weigh the same whatever slots there are.
    pub fn are_even(&self) -> bool {
        self.0.is_empty()
    }
}

//! The places of a rotation in a knock-out, and who there has changed since it was played.
//!
//! Between two choices what is outstanding changes at an instance or two: they are noted here when that
//! happens, and their matches are played again when somebody is chosen.

/// Who stands at which place.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    /// By place; nobody while there is no knock-out.
    slots: Vec<u32>,
    /// Places that have changed, each once.
    stale: Vec<u32>,
    /// By place: whether it has.
    is_stale: Vec<bool>,
}

impl Places {
    pub(super) fn begin(&mut self, slots: &[u32]) {
        self.clear();
        self.slots.extend_from_slice(slots);
        self.is_stale.clear();
        self.is_stale.resize(slots.len(), false);
        self.stale.reserve(slots.len());
    }

    pub(super) fn clear(&mut self) {
        self.slots.clear();
        self.stale.clear();
    }

    pub(super) fn slots(&self) -> &[u32] {
        &self.slots
    }

    /// Something has changed at this slot, which need not have a place.
    #[inline]
    pub(super) fn touch(&mut self, slot: u32) {
        if let Some(place) = place_of(&self.slots, slot) {
            self.touch_place(place);
        }
    }

    #[inline]
    pub(super) fn touch_place(&mut self, place: u32) {
        if !std::mem::replace(&mut self.is_stale[place as usize], true) {
            self.stale.push(place);
        }
    }

    /// How many have changed \[count\].
    pub(super) const fn stale(&self) -> usize {
        self.stale.len()
    }

    /// The next of those who have changed, until none is left.
    #[inline]
    pub(super) fn next_stale(&mut self) -> Option<u32> {
        let place = self.stale.pop()?;
        self.is_stale[place as usize] = false;
        Some(place)
    }
}

/// Where a slot stands in a rotation. Mostly all are there, and each is in its place.
#[inline]
pub(super) fn place_of(slots: &[u32], slot: u32) -> Option<u32> {
    if slots.get(slot as usize) == Some(&slot) {
        return Some(slot);
    }
    slots.binary_search(&slot).ok().map(|place| place as u32)
}

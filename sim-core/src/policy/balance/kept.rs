//! Which instance belongs to whom: what `sticky` remembers.

use super::ring::BalanceKey;
use crate::time::{SimDuration, SimTime};

/// Calls that belong together stay with the instance that was chosen first, while it is in rotation
/// and allowed; then it is chosen anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sticky {
    /// What says that they belong together; not the call itself.
    pub key: BalanceKey,
    /// For how long after the last call \[ns\].
    pub time: SimDuration,
}

/// By the number of who is sticky: the instance that was chosen, and when last.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    each: Vec<Option<(u32, SimTime)>>,
}

impl Kept {
    /// The instance of the last call, if that is not too long ago.
    pub(super) fn of(&self, sticky: &Sticky, who: u32, now: SimTime) -> Option<u32> {
        let (slot, last) = (*self.each.get(who as usize)?)?;
        (now.since(last) < sticky.time).then_some(slot)
    }

    /// Another instance comes into a slot: nobody belongs to it.
    pub(super) fn forget(&mut self, slot: u32) {
        let of_slot = |line: &&mut Option<(u32, SimTime)>| line.is_some_and(|it| it.0 == slot);
        for line in self.each.iter_mut().filter(of_slot) {
            *line = None;
        }
    }

    pub(super) fn keep(&mut self, who: u32, slot: u32, now: SimTime) {
        let line = who as usize;
        if self.each.len() <= line {
            self.each.resize(line + 1, None);
        }
        self.each[line] = Some((slot, now));
    }
}

//! Which instance belongs to whom: what `sticky` remembers.

use super::config::Sticky;
use crate::time::SimTime;

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

    pub(super) fn keep(&mut self, who: u32, slot: u32, now: SimTime) {
        let line = who as usize;
        if self.each.len() <= line {
            self.each.resize(line + 1, None);
        }
        self.each[line] = Some((slot, now));
    }
}

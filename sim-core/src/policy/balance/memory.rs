//! What a balancer remembers that looks at more than who is in rotation and what is outstanding.

use super::head::{Common, Head};
use super::zones::Cut;
use crate::time::SimTime;

/// What a balancer remembers that looks at more than the rotation.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// Of the rotation as a whole.
    pub(super) head: Head,
    /// The rotation by zone, and what is remembered of each part: its turn too.
    pub(super) cut: Cut,
    pub(super) parts: Vec<(Option<u32>, Head)>,
    pub(super) common: Common,
}

impl Memory {
    /// An attempt was sent to this instance.
    pub(super) fn on_sent(&mut self, slot: u32) {
        self.common.active += 1;
        self.on_changed(slot);
    }

    /// What is outstanding at this instance has changed.
    fn on_changed(&mut self, slot: u32) {
        self.common.on_changed(slot);
        self.head.touch(slot);
        for (_, head) in &mut self.parts {
            head.touch(slot);
        }
    }

    /// Another instance comes into a slot: its cost, its turns and who belongs to it are forgotten.
    pub(super) fn forget(&mut self, slot: u32) {
        self.common.costs.forget(slot);
        self.common.kept.forget(slot);
        self.common.lost.forget(slot);
        let parts = self.parts.iter_mut().map(|(_, head)| head);
        for head in parts.chain([&mut self.head]) {
            head.forget(slot);
        }
    }

    pub(super) fn on_ended(&mut self, slot: u32, now: SimTime, sent_at: SimTime) {
        self.on_changed(slot);
        let common = &mut self.common;
        common.active -= 1;
        if let Some(ewma) = &common.ewma {
            common.costs.observe(ewma, now, slot, now.since(sent_at));
        }
    }
}

//! What a balancer remembers that looks at more than who is in rotation and what is outstanding.

use super::deadlines::Deadlines;
use super::kept::Kept;
use super::peak_ewma::{Costs, PeakEwma};
use super::per_weight::PerWeight;
use super::rotation::Rotation;
use super::slow_start::Scales;
use super::smooth::{Lost, Smooth};
use super::spread::Spread;
use super::stride::Stride;
use super::with_next::WithNext;
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

/// What is remembered of instances, whatever part they are in.
#[derive(Clone, Debug, Default)]
pub(super) struct Common {
    /// By slot, the number of the last attempt sent or ended there \[count\].
    pub(super) changed: Vec<u64>,
    changes: u64,
    /// Attempts outstanding, wherever \[count\].
    pub(super) active: u32,
    /// How costs are kept, once they are.
    pub(super) ewma: Option<PeakEwma>,
    pub(super) costs: Costs,
    pub(super) kept: Kept,
    pub(super) lost: Lost,
}

/// What is remembered of a rotation, or of a part of one.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    /// The rotation that it has looked at.
    seen: Option<u32>,
    /// When the last ramp in it is over.
    ramps_until: SimTime,
    /// Whether weights in it differ, ramps apart.
    differ: bool,
    /// The rotation that the machine was made for.
    made_for: Option<u32>,
    /// What all weigh together, where somebody asks.
    pub(super) weight: u64,
    pub(super) deadlines: Deadlines,
    pub(super) smooth: Smooth,
    pub(super) stride: Stride,
    pub(super) spread: Spread,
    pub(super) per_weight: PerWeight,
    pub(super) with_next: WithNext,
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
            head.per_weight.take_back(head.smooth.accounts());
            head.smooth.forget(slot);
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

impl Common {
    /// What is outstanding at this instance has changed.
    fn on_changed(&mut self, slot: u32) {
        let line = slot as usize;
        if self.changed.len() <= line {
            self.changed.resize(line + 1, 0);
        }
        self.changes += 1;
        self.changed[line] = self.changes;
    }
}

impl Head {
    /// What is outstanding at this instance has changed.
    fn touch(&mut self, slot: u32) {
        self.per_weight.touch(slot);
        self.with_next.touch(slot);
    }

    /// Whether weights differ now.
    pub(super) fn differ(&mut self, rotation: &Rotation<'_>, scales: &Scales<'_>) -> bool {
        if self.seen != Some(rotation.version) {
            self.seen = Some(rotation.version);
            self.ramps_until = scales.ramps_until(rotation.slots);
            let level = Scales {
                slow_start: None,
                ..*scales
            };
            self.differ = level.differ(rotation.slots);
        }
        if self.is_ramping(rotation.now) {
            scales.differ(rotation.slots)
        } else {
            self.differ
        }
    }

    pub(super) fn is_ramping(&self, now: SimTime) -> bool {
        now < self.ramps_until
    }

    /// Whether the machine was made for another rotation; it is made for this one now.
    pub(super) fn is_new(&mut self, rotation: &Rotation<'_>) -> bool {
        let version = Some(rotation.version);
        std::mem::replace(&mut self.made_for, version) != version
    }
}

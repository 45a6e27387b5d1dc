//! What became of effects that have names, and of what is to be true of them (rules 86, 87).

use crate::id::{EffectId, IdMap, InvariantId};
use crate::model::fact::{CallNo, DeedDone, DeedUndone};
use crate::model::spec::ModelSpec;
use crate::time::SimTime;

/// What became of an effect, all root calls together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EffectCounts {
    /// By what became of it when it was to be carried out \[count\].
    pub done: [u64; DeedDone::ALL.len()],
    /// By what became of it when it was to be undone \[count\].
    pub undone: [u64; DeedUndone::ALL.len()],
}

impl EffectCounts {
    /// How often it was to be carried out, and this came of it \[count\].
    pub const fn done(&self, how: DeedDone) -> u64 {
        self.done[how as usize]
    }

    /// How often it was to be undone, and this came of it \[count\].
    pub const fn undone(&self, how: DeedUndone) -> u64 {
        self.undone[how as usize]
    }

    /// How often it was carried out \[count\].
    pub const fn carried_out(&self) -> u64 {
        self.done(DeedDone::Done) + self.done(DeedDone::Duplicated)
    }

    /// How often one of it was taken back \[count\].
    pub const fn taken_back(&self) -> u64 {
        self.undone(DeedUndone::Undone)
    }

    /// How much of it stands \[count\].
    pub const fn standing(&self) -> i64 {
        self.carried_out().cast_signed() - self.taken_back().cast_signed()
    }
}

/// A root call for which an invariant was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrokenCase {
    /// Its serial number.
    pub call: CallNo,
    /// Since when its effects differed.
    pub since: SimTime,
    /// When that was too long.
    pub at: SimTime,
}

/// What became of an invariant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InvariantRecord {
    /// How often effects of a root call began to differ \[count\].
    pub differed: u64,
    /// Of those, still different when the run ended, broken or not \[count\].
    pub differs_now: u64,
    /// How often they differed for too long \[count\].
    pub broken: u64,
    /// Of those, still different when the run ended \[count\].
    pub broken_now: u64,
    /// Most broken at one time \[count\].
    pub most_broken: u64,
    /// The first for which it was broken.
    pub first: Option<BrokenCase>,
}

/// What became of all effects and invariants in a run.
#[derive(Clone, Debug, PartialEq)]
pub struct DeedRecord {
    /// By effect.
    pub effects: IdMap<EffectId, EffectCounts>,
    /// By invariant.
    pub invariants: IdMap<InvariantId, InvariantRecord>,
}

impl DeedRecord {
    pub(super) fn new(spec: &ModelSpec) -> Self {
        let (effects, invariants) = (spec.effects.iter(), spec.invariants.iter());
        Self {
            effects: effects.map(|_| EffectCounts::default()).collect(),
            invariants: invariants.map(|_| InvariantRecord::default()).collect(),
        }
    }

    pub(super) fn done(&mut self, effect: EffectId, how: DeedDone) {
        self.effects[effect].done[how as usize] += 1;
    }

    pub(super) fn undone(&mut self, effect: EffectId, how: DeedUndone) {
        self.effects[effect].undone[how as usize] += 1;
    }

    pub(super) fn differs(&mut self, id: InvariantId) {
        let record = &mut self.invariants[id];
        record.differed += 1;
        record.differs_now += 1;
    }

    pub(super) fn equal(&mut self, id: InvariantId, broken: bool) {
        let record = &mut self.invariants[id];
        record.differs_now -= 1;
        record.broken_now -= u64::from(broken);
    }

    pub(super) fn broken(&mut self, at: SimTime, id: InvariantId, call: CallNo, since: SimTime) {
        let record = &mut self.invariants[id];
        record.broken += 1;
        record.broken_now += 1;
        record.most_broken = record.most_broken.max(record.broken_now);
        let case = BrokenCase { call, since, at };
        record.first.get_or_insert(case);
    }
}

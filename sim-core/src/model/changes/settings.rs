//! Changed settings: the newest change that still stands holds, and an end takes out its own.
//!
//! The changes that stand are kept in the order in which they began. What they make together of one
//! part was worked out when the scenario was read ([`CombinedChanges`]), since two changes may reach
//! it by different paths; here it is only looked up, and what differs from before is set.
//!
//! Rejected: setting the value of the file when a change ends, which undoes those that still stand.

use crate::id::FaultId;
use crate::model::spec::{CombinedChanges, ModelSpec, SettingChange};

/// The changes that stand now.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    /// In the order in which they began.
    faults: Vec<FaultId>,
    /// What they set, part by part.
    set: Vec<SettingChange>,
}

impl Standing {
    /// A change begins or ends: what is to be set now, part by part.
    pub(super) fn turn(
        &mut self,
        spec: &ModelSpec,
        fault: FaultId,
        begins: bool,
    ) -> Vec<SettingChange> {
        if begins {
            self.faults.push(fault);
        } else {
            self.faults.retain(|&standing| standing != fault);
        }
        let set = together(spec, &self.faults);
        let before = std::mem::replace(&mut self.set, set);
        let gone = |old: &&SettingChange| !self.set.iter().any(|new| new.same_part(old));
        let is_new = |new: &&SettingChange| !before.contains(new);
        let undone = before.iter().filter(gone).flat_map(|old| spec.undone(old));
        undone
            .chain(self.set.iter().filter(is_new).cloned())
            .collect()
    }
}

/// What changes that began in this order set together, part by part.
fn together(spec: &ModelSpec, faults: &[FaultId]) -> Vec<SettingChange> {
    let meets = |it: &&CombinedChanges| is_within(&it.faults, faults);
    let mut set: Vec<SettingChange> = Vec::new();
    let mut told: Vec<FaultId> = Vec::new();
    // Longer combinations come first: those within them are part of what they say.
    for combined in spec.combined.iter().filter(meets) {
        if combined.faults.iter().any(|fault| told.contains(fault)) {
            continue;
        }
        told.extend_from_slice(&combined.faults);
        set.extend(combined.to.iter().flat_map(SettingChange::singly));
    }
    for &fault in faults.iter().filter(|fault| !told.contains(fault)) {
        if let Some(to) = spec.faults[fault].kind.settings() {
            set.extend(to.iter().flat_map(SettingChange::singly));
        }
    }
    set
}

/// Whether the faults of one list are among those of another, in the same order.
fn is_within(some: &[FaultId], all: &[FaultId]) -> bool {
    let mut rest = all.iter();
    some.iter().all(|fault| rest.any(|other| other == fault))
}

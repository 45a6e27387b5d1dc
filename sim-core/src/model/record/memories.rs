//! What instances held in memory, and which of them died of it.

use crate::id::InstanceId;
use crate::time::SimTime;
use std::collections::BTreeMap;

/// Kills that are kept, and rises.
const MAX_KILLS: usize = 100_000;

/// The memory of all instances, where it counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memories {
    /// The most that each has held, in whole per cents of its limit, cut.
    pub most: BTreeMap<InstanceId, u32>,
    /// When each held more than ever since its start, in order: instance and whole per cents of its
    /// limit, cut.
    pub rises: Vec<(SimTime, InstanceId, u32)>,
    /// Those that were killed, in order.
    pub kills: Vec<MemoryKill>,
}

/// An instance was killed because it held more than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryKill {
    /// When.
    pub at: SimTime,
    /// Which.
    pub instance: InstanceId,
    /// Operations that waited or ran in it \[count\].
    pub calls: u32,
}

impl Memories {
    #[cold]
    pub(super) fn rose(&mut self, at: SimTime, instance: InstanceId, percent: u32) {
        if self.rises.len() < MAX_KILLS {
            self.rises.push((at, instance, percent));
        }
        let most = self.most.entry(instance).or_default();
        *most = percent.max(*most);
    }

    #[cold]
    pub(super) fn killed(&mut self, at: SimTime, instance: InstanceId, calls: u32) {
        if self.kills.len() < MAX_KILLS {
            self.kills.push(MemoryKill {
                at,
                instance,
                calls,
            });
        }
    }
}

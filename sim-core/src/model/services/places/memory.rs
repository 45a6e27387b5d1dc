//! Memory: what the calls at an instance make it hold (rule 96).

use crate::id::FaultId;
use crate::queueing::{Filling, MemoryConfig};
use crate::time::SimTime;
use crate::units::{Bytes, Factor};

/// What an instance holds.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    pub(super) config: MemoryConfig,
    /// What faults take of it, while they act.
    pub(super) fillings: Vec<(FaultId, Filling)>,
    /// Whether it is about to be killed.
    pub(super) dying: bool,
    /// Whether it will be looked at.
    pub(super) ticks: bool,
    /// The most it has held since its start, in whole per cents of its limit.
    pub(super) most: u32,
}

impl Memory {
    pub(crate) const fn new(config: MemoryConfig) -> Self {
        Self {
            config,
            fillings: Vec::new(),
            dying: false,
            ticks: false,
            most: 0,
        }
    }

    pub(super) fn held(&self, now: SimTime, calls: u32) -> Bytes {
        let fillings = self.fillings.iter().map(|(_, filling)| filling.by(now));
        fillings.fold(self.config.held(calls), Bytes::plus)
    }

    pub(crate) fn slowdown(&self, now: SimTime, calls: u32) -> Factor {
        self.config.slowdown(self.held(now, calls))
    }

    /// A new process holds nothing for anybody.
    pub(crate) const fn begin_anew(&mut self) {
        self.dying = false;
        self.most = 0;
    }

    /// Takes what fills it, to be told anew.
    pub(crate) fn take_fillings(&mut self) -> Vec<(FaultId, Filling)> {
        std::mem::take(&mut self.fillings)
    }

    /// A fault fills it, since now if it did not before.
    pub(crate) fn fill(&mut self, fault: FaultId, filling: Filling, before: &[(FaultId, Filling)]) {
        let known = before.iter().find(|(of, _)| *of == fault);
        self.fillings
            .push(known.copied().unwrap_or((fault, filling)));
    }
}

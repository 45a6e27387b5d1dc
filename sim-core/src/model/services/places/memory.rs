//! Memory: what the calls at an instance make it hold, and that it dies of too much (rule 96).

use super::Workplace;
use crate::id::{FaultId, InstanceId};
use crate::kernel::Class;
use crate::model::cx::Cx;
use crate::model::fact::{Fact, Observer};
use crate::model::handoff::Change;
use crate::model::services::event::ServiceEvent;
use crate::model::spec::CallersSee;
use crate::queueing::{Filling, MemoryConfig};
use crate::time::{SimDuration, SimTime};
use crate::units::{Bytes, Factor};

/// How often memory is looked at that something fills.
const EVERY: SimDuration = SimDuration::from_secs(1);

/// What an instance holds.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    config: MemoryConfig,
    /// What faults take of it, while they act.
    fillings: Vec<(FaultId, Filling)>,
    /// Whether it is about to be killed.
    dying: bool,
    /// Whether it will be looked at.
    ticks: bool,
    /// The most it has held since its start, in whole per cents of its limit.
    most: u32,
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

    fn held(&self, now: SimTime, calls: u32) -> Bytes {
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

impl Workplace {
    /// An operation comes to an instance, and will stay if there is a thread or a place for it.
    pub(crate) fn comes_into_memory<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        instance: InstanceId,
    ) {
        let host = &self.instances[instance];
        if host.memory.is_some() {
            let capacity = self.settings[host.service].capacity;
            let stays = host.takes_at_once() || host.room.len() < capacity;
            self.test_memory(cx, instance, u32::from(stays));
        }
    }

    /// The memory of an instance that something fills is looked at.
    pub(crate) fn on_memory_tick<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        instance: InstanceId,
        lives: bool,
    ) {
        if let Some(memory) = &mut self.instances[instance].memory {
            memory.ticks = false;
        }
        if lives {
            self.test_memory(cx, instance, 0);
        }
        self.look_again(cx, instance);
    }

    /// Looks at the memory of an instance at the next whole second, while something fills it.
    pub(crate) fn look_again<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        let Some(memory) = &mut self.instances[instance].memory else {
            return;
        };
        if memory.fillings.is_empty() || memory.ticks {
            return;
        }
        memory.ticks = true;
        let seconds = cx.now.as_ns() / EVERY.as_ns() + 1;
        let at = SimTime::from_ns(seconds * EVERY.as_ns());
        cx.schedule(at, Class::Sample, ServiceEvent::MemoryTick(instance));
    }

    fn test_memory<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId, more: u32) {
        let host = &mut self.instances[instance];
        let calls = host.calls() + more;
        let Some(memory) = &mut host.memory else {
            return;
        };
        let held = memory.held(cx.now, calls);
        let percent = memory.config.percent(held);
        if percent > memory.most {
            memory.most = percent;
            cx.tell(&Fact::MemoryRose { instance, percent });
        }
        if memory.config.is_too_much(held) && !memory.dying {
            memory.dying = true;
            cx.tell(&Fact::OutOfMemory { instance, calls });
            cx.work.push_change(Change::Kill {
                instance,
                callers_see: CallersSee::Reset,
            });
        }
    }
}

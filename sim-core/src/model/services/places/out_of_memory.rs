//! How memory is looked at, and that an instance dies of too much (rule 96).

use super::Workplace;
use crate::id::InstanceId;
use crate::kernel::Class;
use crate::model::cx::Cx;
use crate::model::fact::{Fact, Observer};
use crate::model::handoff::Change;
use crate::model::services::event::ServiceEvent;
use crate::model::spec::CallersSee;
use crate::time::{SimDuration, SimTime};

/// How often memory is looked at that something fills.
const EVERY: SimDuration = SimDuration::from_secs(1);

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

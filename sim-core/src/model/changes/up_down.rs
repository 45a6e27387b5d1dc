//! Random faults: each instance is well for a while, then is not, and so on.
//!
//! The alternating renewal process of reliability engineering: times to failure and times to repair
//! are drawn in turn, each instance from a stream of its own (rule 44), named by the fault, the
//! service and the number of the instance. So another fault, another service or one instance more
//! moves nobody's failures, and two designs meet the same ones.
//!
//! An instance is well when the fault's time begins, so the first failures come after a time to
//! failure; with exponential times this is also the state that it would be found in at a random
//! moment, but for the share of time in which it is down.
//!
//! Rejected: a chance of failing per tick (the tick would be a parameter of the result), and one
//! stream for all instances (adding one would deal all failures anew).

use super::event::ChangeEvent;
use crate::id::{FaultId, InstanceId};
use crate::kernel::Class;
use crate::model::cx::Cx;
use crate::model::fact::Observer;
use crate::model::handoff::Strike;
use crate::model::spec::ModelSpec;
use crate::random::{KeySource, Stream};
use crate::time::SimTime;

/// One instance under one random fault.
#[derive(Clone, Debug)]
struct UpDownCycle {
    fault: FaultId,
    instance: InstanceId,
    /// When it last changed sides; at first, when the fault's time begins.
    since: SimTime,
    /// When the fault's time is over.
    until: SimTime,
    hit: bool,
    stream: Stream,
}

/// Every instance under every random fault.
#[derive(Clone, Debug, Default)]
pub(super) struct UpDownCycles(Vec<UpDownCycle>);

impl UpDownCycles {
    pub(super) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        let mut cycles = Vec::new();
        for (fault, of) in spec.faults.iter_enumerated() {
            let (Some(target), Some(&(since, until))) = (of.kind.on_instances(), of.spans.first())
            else {
                continue;
            };
            let targets = target.instances.iter().filter(|_| of.random.is_some());
            for &instance in targets {
                let service = &spec.services[spec.instances[instance]];
                let number = (instance.0 - service.first_instance.0).to_string();
                let path = ["fault", &of.name, &service.name, &number];
                cycles.push(UpDownCycle {
                    fault,
                    instance,
                    since,
                    until,
                    hit: false,
                    stream: keys.stream(&path, "turns"),
                });
            }
        }
        Self(cycles)
    }

    /// The numbers of all.
    pub(super) fn all(&self) -> std::ops::Range<u32> {
        0..self.0.len() as u32
    }

    /// The instances that a fault holds at present.
    pub(super) fn held_by(&self, fault: FaultId) -> Vec<u32> {
        let held = |&index: &u32| {
            let cycle = &self.0[index as usize];
            cycle.fault == fault && cycle.hit
        };
        self.all().filter(held).collect()
    }

    /// Changes sides: which fault strikes or leaves whom.
    pub(super) fn flip(&mut self, index: u32) -> Strike {
        let cycle = &mut self.0[index as usize];
        cycle.hit = !cycle.hit;
        Strike {
            cycle: index,
            fault: cycle.fault,
            instance: cycle.instance,
            active: cycle.hit,
        }
    }

    /// Draws how long it stays as it is.
    pub(super) fn schedule_next<O: Observer>(&mut self, cx: &mut Cx<'_, O>, index: u32) {
        let cycle = &mut self.0[index as usize];
        let Some(times) = &cx.spec.faults[cycle.fault].random else {
            return;
        };
        let stays = if cycle.hit { &times.down } else { &times.up };
        let at = cycle.since + stays.sample(&mut cycle.stream);
        cycle.since = at;
        if at < cycle.until {
            cx.schedule(at, Class::Change, ChangeEvent::Switch(index));
        }
    }
}

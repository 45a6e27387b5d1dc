//! Lifecycle: how instances die, are missed, come back and warm up (rules 19, 25).
//!
//! An instance is down while any fault holds it down. Nobody knows at once: it stays in rotation until it
//! is noticed, and comes back into it when it is up. What that does to its work, its calls and its state
//! is for the parts that own those, which are told by changes. Starting, draining and stopping for good
//! will be here too.

mod event;

use super::cx::Cx;
use super::directory::Mark;
use super::fact::{Fact, Observer};
use super::handoff::Change;
use crate::id::{IdMap, InstanceId};
use crate::kernel::{Class, Timer};
use crate::model::spec::{CrashFault, FaultKind, LifeFault, ModelSpec};
use crate::units::Factor;

pub(super) use self::event::LifeEvent;

/// The lives of all instances.
#[derive(Clone, Debug)]
pub(crate) struct Lifecycle {
    instances: IdMap<InstanceId, Life>,
}

/// Whether an instance lives.
#[derive(Clone, Copy, Debug)]
struct Life {
    /// Crash faults that hold it down \[count\].
    crashes: u32,
    noticed: Timer,
    warm: Timer,
}

impl Lifecycle {
    pub(crate) fn new(spec: &ModelSpec) -> Self {
        let alive = Life {
            crashes: 0,
            noticed: Timer::NONE,
            warm: Timer::NONE,
        };
        Self {
            instances: spec.instances.iter().map(|_| alive).collect(),
        }
    }

    pub(crate) fn handle<O: Observer>(&mut self, cx: &mut Cx<'_, O>, event: LifeEvent) {
        match event {
            LifeEvent::Noticed(instance) => {
                self.instances[instance].noticed = Timer::NONE;
                mark_dead(cx, instance, true);
            }
            LifeEvent::Warm(instance) => {
                self.instances[instance].warm = Timer::NONE;
                let factor = Factor::ONE;
                cx.work.push_change(Change::ColdStart { instance, factor });
            }
        }
    }

    pub(crate) fn apply<O: Observer>(&mut self, cx: &mut Cx<'_, O>, change: &Change) {
        match *change {
            Change::Fault { fault, active } => {
                if let FaultKind::Life(target, kind) = &cx.spec.faults[fault].kind {
                    for &instance in &target.instances {
                        self.strike(cx, kind, instance, active);
                    }
                }
            }
            Change::Strikes(strike) => {
                if let FaultKind::Life(_, kind) = &cx.spec.faults[strike.fault].kind {
                    self.strike(cx, kind, strike.instance, strike.active);
                }
            }
            Change::Struck(_)
            | Change::Down { .. }
            | Change::Up { .. }
            | Change::ColdStart { .. }
            | Change::Mark { .. }
            | Change::Setting(_) => {}
        }
    }

    /// What a fault does to the life of one instance when it begins to act on it, or ceases.
    fn strike<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        fault: &LifeFault,
        instance: InstanceId,
        active: bool,
    ) {
        match fault {
            LifeFault::Crash(crash) if active => self.crash(cx, instance, crash),
            LifeFault::Crash(crash) => self.restart(cx, instance, crash),
        }
    }

    fn crash<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId, crash: &CrashFault) {
        let life = &mut self.instances[instance];
        life.crashes += 1;
        if life.crashes > 1 {
            return;
        }
        cx.events
            .cancel(std::mem::replace(&mut life.warm, Timer::NONE));
        if let Some(span) = crash.detected_after {
            life.noticed = cx.schedule(cx.now + span, Class::Change, LifeEvent::Noticed(instance));
        }
        cx.tell(&Fact::InstanceDown { instance });
        cx.work.push_change(Change::Down {
            instance,
            callers_see: crash.callers_see,
        });
    }

    fn restart<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        instance: InstanceId,
        crash: &CrashFault,
    ) {
        let life = &mut self.instances[instance];
        life.crashes -= 1;
        if life.crashes > 0 {
            return;
        }
        cx.events
            .cancel(std::mem::replace(&mut life.noticed, Timer::NONE));
        if let Some((span, factor)) = crash.cold_start {
            life.warm = cx.schedule(cx.now + span, Class::Change, LifeEvent::Warm(instance));
            cx.work.push_change(Change::ColdStart { instance, factor });
        }
        cx.tell(&Fact::InstanceUp { instance });
        cx.work.push_change(Change::Up { instance });
        mark_dead(cx, instance, false);
    }
}

/// An instance was found dead, or lives again: it leaves the rotation, or comes back, if it was not so
/// before.
fn mark_dead<O: Observer>(cx: &mut Cx<'_, O>, instance: InstanceId, dead: bool) {
    if cx.directory.has_mark(instance, Mark::Dead) == dead {
        return;
    }
    cx.tell(&Fact::RotationChanged {
        instance,
        in_rotation: !dead,
    });
    cx.work.push_change(Change::Mark {
        instance,
        mark: Mark::Dead,
        holds: dead,
    });
}

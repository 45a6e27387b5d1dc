//! Changes: everything that alters the world from outside, at known times.
//!
//! A fault begins and ends; each part of the world is told and works out for itself how things
//! stand with all faults that act (rule 23). What takes time of its own (a crash that is noticed
//! later, a cold start that wears off) is scheduled here.

mod event;
mod settings;
mod up_down;

use self::settings::Standing;
use self::up_down::UpDownCycles;
use super::cx::Cx;
use super::fact::{Fact, Observer};
use super::handoff::Change;
use crate::id::{FaultId, IdMap, InstanceId};
use crate::kernel::{Class, Timer};
use crate::model::spec::{CrashFault, FaultKind, LifeFault, ModelSpec};
use crate::random::KeySource;
use crate::time::{SimDuration, SimTime};
use crate::units::Factor;

pub(super) use self::event::ChangeEvent;

/// What happens to the world from outside.
#[derive(Debug)]
pub(crate) struct Changes {
    instances: IdMap<InstanceId, Life>,
    cycles: UpDownCycles,
    standing: Standing,
}

/// Whether an instance lives.
#[derive(Clone, Copy, Debug)]
struct Life {
    /// Crash faults that hold it down.
    crashes: u32,
    noticed: Timer,
    warm: Timer,
    in_rotation: bool,
}

impl Changes {
    pub(crate) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        let alive = Life {
            crashes: 0,
            noticed: Timer::NONE,
            warm: Timer::NONE,
            in_rotation: true,
        };
        Self {
            instances: spec.instances.iter().map(|_| alive).collect(),
            cycles: UpDownCycles::new(spec, keys),
            standing: Standing::default(),
        }
    }

    /// Schedules all faults of the scenario.
    pub(crate) fn begin<O: Observer>(&mut self, cx: &mut Cx<'_, O>) {
        for (id, fault) in cx.spec.faults.iter_enumerated() {
            for &(from, until) in &fault.spans {
                cx.schedule(from, Class::Change, ChangeEvent::FaultStarts(id));
                if until < SimTime::NEVER {
                    cx.schedule(until, Class::Change, ChangeEvent::FaultEnds(id));
                }
            }
        }
        for index in self.cycles.all() {
            self.cycles.schedule_next(cx, index);
        }
    }

    pub(crate) fn handle<O: Observer>(&mut self, cx: &mut Cx<'_, O>, event: ChangeEvent) {
        match event {
            ChangeEvent::FaultStarts(fault) => self.on_fault(cx, fault, true),
            ChangeEvent::FaultEnds(fault) => self.on_fault(cx, fault, false),
            ChangeEvent::Switch(index) => {
                self.switch(cx, index);
                self.cycles.schedule_next(cx, index);
            }
            ChangeEvent::Noticed(instance) => {
                self.instances[instance].noticed = Timer::NONE;
                self.rotate(cx, instance, false);
            }
            ChangeEvent::Warm(instance) => {
                self.instances[instance].warm = Timer::NONE;
                apply(
                    cx,
                    Change::ColdStart {
                        instance,
                        factor: Factor::ONE,
                    },
                );
            }
        }
    }

    fn on_fault<O: Observer>(&mut self, cx: &mut Cx<'_, O>, fault: FaultId, active: bool) {
        let fact = if active {
            Fact::FaultStarted { fault }
        } else {
            Fact::FaultEnded { fault }
        };
        cx.tell(&fact);
        if cx.spec.faults[fault].random.is_some() {
            // What it still holds is let go with the whole.
            let held = if active {
                Vec::new()
            } else {
                self.cycles.held_by(fault)
            };
            for index in held {
                self.switch(cx, index);
            }
            return;
        }
        apply(cx, Change::Fault { fault, active });
        match &cx.spec.faults[fault].kind {
            FaultKind::Life(target, kind) => {
                for &instance in &target.instances {
                    self.strike(cx, kind, instance, active);
                }
            }
            FaultKind::Setting(_) => {
                for setting in self.standing.turn(cx.spec, fault, active) {
                    apply(cx, Change::Setting(setting));
                }
            }
            FaultKind::Work(..) | FaultKind::Edge(..) | FaultKind::Client(..) => {}
        }
    }

    /// A random fault strikes an instance, or leaves it.
    fn switch<O: Observer>(&mut self, cx: &mut Cx<'_, O>, index: u32) {
        let (fault, instance, active) = self.cycles.flip(index);
        let fact = if active {
            Fact::FaultStruck { fault, instance }
        } else {
            Fact::FaultLifted { fault, instance }
        };
        cx.tell(&fact);
        if let FaultKind::Life(_, kind) = &cx.spec.faults[fault].kind {
            self.strike(cx, kind, instance, active);
        }
        apply(
            cx,
            Change::Struck {
                fault,
                instance,
                active,
            },
        );
    }

    /// What a fault does to the life of one instance.
    fn strike<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        fault: &LifeFault,
        instance: InstanceId,
        active: bool,
    ) {
        match fault {
            LifeFault::Crash(crash) if active => self.crash(cx, instance, crash),
            LifeFault::Crash(crash) => self.restart(cx, instance, crash.cold_start),
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
            life.noticed =
                cx.schedule(cx.now + span, Class::Change, ChangeEvent::Noticed(instance));
        }
        cx.tell(&Fact::InstanceDown { instance });
        apply(
            cx,
            Change::Down {
                instance,
                callers_see: crash.callers_see,
            },
        );
    }

    fn restart<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        instance: InstanceId,
        cold_start: Option<(SimDuration, Factor)>,
    ) {
        let life = &mut self.instances[instance];
        life.crashes -= 1;
        if life.crashes > 0 {
            return;
        }
        cx.events
            .cancel(std::mem::replace(&mut life.noticed, Timer::NONE));
        if let Some((span, factor)) = cold_start {
            life.warm = cx.schedule(cx.now + span, Class::Change, ChangeEvent::Warm(instance));
            apply(cx, Change::ColdStart { instance, factor });
        }
        cx.tell(&Fact::InstanceUp { instance });
        apply(cx, Change::Up { instance });
        self.rotate(cx, instance, true);
    }

    fn rotate<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId, in_rotation: bool) {
        let life = &mut self.instances[instance];
        if life.in_rotation == in_rotation {
            return;
        }
        life.in_rotation = in_rotation;
        cx.tell(&Fact::RotationChanged {
            instance,
            in_rotation,
        });
        apply(
            cx,
            Change::Rotation {
                instance,
                in_rotation,
            },
        );
    }
}

fn apply<O: Observer>(cx: &mut Cx<'_, O>, change: Change) {
    cx.work.push_change(change);
}

//! How instances die, freeze, slow down and shrink (rules 19, 20, 22, 23).

use super::{Services, is_active};
use crate::id::{Id, InstanceId, ServiceId};
use crate::model::attempt::{AttemptFlag, AttemptIx, Stage};
use crate::model::cx::Cx;
use crate::model::fact::{Fact, Observer};
use crate::model::handoff::{Change, Strike};
use crate::model::spec::{CallersSee, FaultKind, ServiceTarget, SettingChange, WorkFault};
use crate::model::stopwatch::Stopwatch;
use crate::policy::{Ending, Outcome, Place};
use crate::time::SimDuration;
use crate::units::{Cores, Factor};

impl Services {
    pub(crate) fn apply<O: Observer>(&mut self, cx: &mut Cx<'_, O>, change: &Change) {
        match change {
            Change::Fault { fault, active } => {
                self.active[fault.index()] = *active;
                if let Some((target, _)) = work_of(&cx.spec.faults[*fault].kind) {
                    self.settle(cx, target.service);
                }
            }
            Change::Struck(strike) => self.strike(cx, *strike),
            Change::Down {
                instance,
                callers_see,
            } => self.crash(cx, *instance, *callers_see),
            Change::Up { instance } => self.instances[*instance].down = false,
            Change::ColdStart { instance, factor } => self.instances[*instance].cold = *factor,
            Change::Setting(setting) => self.change_setting(cx, setting),
            Change::Strikes(_) | Change::Mark { .. } => {}
        }
        self.run_ready(cx);
    }

    /// A random fault begins to act on an instance, or ceases.
    fn strike<O: Observer>(&mut self, cx: &mut Cx<'_, O>, strike: Strike) {
        let Strike {
            fault, instance, ..
        } = strike;
        let struck = &mut self.instances[instance].struck;
        if strike.active {
            struck.push(fault);
        } else {
            struck.retain(|&held| held != fault);
        }
        if let Some((target, _)) = work_of(&cx.spec.faults[fault].kind) {
            self.settle_one(cx, instance, target.service);
        }
    }

    fn change_setting<O: Observer>(&mut self, cx: &mut Cx<'_, O>, setting: &SettingChange) {
        match setting {
            SettingChange::Threads(service, threads) => {
                self.settings[*service].threads = threads.unwrap_or(u32::MAX);
                self.settle(cx, *service);
            }
            SettingChange::Cores(service, cores) => {
                self.settings[*service].cores = cores.unwrap_or(Cores::UNLIMITED);
                self.settle(cx, *service);
            }
            SettingChange::Queue(service, queue) => {
                self.settings[*service].set_queue(queue.clone());
            }
            SettingChange::AbandonedWork(service, what) => {
                self.settings[*service].abandoned_work = *what;
            }
            SettingChange::Layers { .. } | SettingChange::Budget(..) => {}
        }
    }

    /// Works out how things stand in all instances of a service: factors multiply, limits take the
    /// lowest.
    fn settle<O: Observer>(&mut self, cx: &mut Cx<'_, O>, service: ServiceId) {
        let spec = &cx.spec.services[service];
        for local in 0..spec.instances {
            let id = InstanceId(spec.first_instance.0 + local);
            self.settle_one(cx, id, service);
        }
    }

    fn settle_one<O: Observer>(&mut self, cx: &mut Cx<'_, O>, id: InstanceId, service: ServiceId) {
        self.settle_instance(cx, id, service);
        self.settle_cores(cx, id);
        self.take_next(cx, id);
        if !self.instances[id].paused && !self.instances[id].frozen.is_empty() {
            self.thaw(cx, id);
        }
    }

    fn settle_instance<O: Observer>(&mut self, cx: &Cx<'_, O>, id: InstanceId, service: ServiceId) {
        let settings = &self.settings[service];
        let host = &mut self.instances[id];
        let mut cores_limit = settings.cores;
        host.threads = settings.threads;
        host.paused = false;
        (host.slow, host.slow_in_progress) = (Factor::ONE, Factor::ONE);
        host.slow_operations.clear();
        host.errors.clear();
        for (fault, spec) in cx.spec.faults.iter_enumerated() {
            let Some((target, work)) = work_of(&spec.kind) else {
                continue;
            };
            let acts = match spec.random {
                Some(_) => host.struck.contains(&fault),
                None => is_active(&self.active, fault) && target.has(id),
            };
            if !acts {
                continue;
            }
            match work {
                WorkFault::Slow {
                    factor,
                    in_progress,
                } => match (target.operation, in_progress) {
                    (Some(only), _) => host.slow_operations.push((only, *factor)),
                    (None, true) => host.slow_in_progress = host.slow_in_progress.times(*factor),
                    (None, false) => host.slow = host.slow.times(*factor),
                },
                WorkFault::Errors(_) => host.errors.push(fault),
                WorkFault::Pause => host.paused = true,
                WorkFault::Threads(to) => host.threads = host.threads.min(*to),
                WorkFault::Cores(to) => cores_limit = cores_limit.min(*to),
            }
        }
        if let Some(cores) = &mut host.cores {
            cores.set_cores(cx.now, cores_limit);
        }
    }

    /// An instance dies: what it had is lost, and it comes back empty.
    fn crash<O: Observer>(&mut self, cx: &mut Cx<'_, O>, id: InstanceId, callers_see: CallersSee) {
        self.instances[id].down = true;
        self.instances[id].gone = callers_see == CallersSee::Unreachable;
        self.instances[id].cold = Factor::ONE;
        self.instances[id].room.clear();
        self.forget_keys(cx, id);
        let there: Vec<AttemptIx> = cx
            .attempts
            .places()
            .filter(|(_, attempt)| {
                attempt.instance == id && matches!(attempt.stage, Stage::Waiting | Stage::Running)
            })
            .map(|(ix, _)| ix)
            .collect();
        for ix in there {
            self.lose(cx, ix, callers_see == CallersSee::Reset);
        }
        self.lose_frozen(cx, id, callers_see == CallersSee::Reset);
    }

    fn lose<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx, callers_see_reset: bool) {
        let running = cx.attempts[ix].stage == Stage::Running;
        if running {
            self.end_strands(cx, ix, false);
        }
        let held = if running {
            let attempt = &mut cx.attempts[ix];
            self.instances[attempt.instance].give_back_thread(cx.now, attempt)
        } else {
            cx.attempts[ix].clock = Stopwatch::ZERO;
            SimDuration::ZERO
        };
        let attempt = &cx.attempts[ix];
        let (number, operation, instance) =
            (attempt.number, cx.targets[attempt.site], attempt.instance);
        cx.tell(&Fact::OperationLost {
            attempt: number,
            operation,
            instance,
            held,
            running,
        });
        let reset = Ending::here(Outcome::ErrorReset, Place::Network(operation));
        if !callers_see_reset {
            cx.attempts[ix].flags.add(AttemptFlag::Unreachable);
        }
        super::let_go(cx, ix, callers_see_reset.then_some(reset));
    }
}

/// What a fault makes of the work of instances, and of which.
const fn work_of(kind: &FaultKind) -> Option<(&ServiceTarget, &WorkFault)> {
    match kind {
        FaultKind::Work(target, fault) => Some((target, fault)),
        FaultKind::Edge(..)
        | FaultKind::Client(..)
        | FaultKind::Life(..)
        | FaultKind::Setting(_) => None,
    }
}

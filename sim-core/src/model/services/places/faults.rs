//! How faults and settings leave an instance (rules 20, 22, 23).

use super::Workplace;
use crate::id::{FaultId, Id, InstanceId, ServiceId};
use crate::model::cx::Cx;
use crate::model::fact::Observer;
use crate::model::handoff::Strike;
use crate::model::spec::{FaultKind, ServiceTarget, SettingChange, WorkFault};
use crate::queueing::Filling;
use crate::units::{Cores, Factor};

impl Workplace {
    /// A fault begins to act, or ceases: the services whose instances it changes, if it changes any.
    pub(crate) fn set_fault<'s, O: Observer>(
        &mut self,
        cx: &Cx<'s, O>,
        fault: FaultId,
        active: bool,
    ) -> &'s [ServiceId] {
        self.active[fault.index()] = active;
        let target = work_of(&cx.spec.faults[fault].kind);
        target.map_or(&[], |(target, _)| target.services.as_slice())
    }

    /// A random fault begins to act on an instance, or ceases: whether it changes how things stand.
    pub(crate) fn strike<O: Observer>(&mut self, cx: &Cx<'_, O>, strike: Strike) -> bool {
        let Strike {
            fault, instance, ..
        } = strike;
        let struck = &mut self.instances[instance].struck;
        if strike.active {
            struck.push(fault);
        } else {
            struck.retain(|&held| held != fault);
        }
        work_of(&cx.spec.faults[fault].kind).is_some()
    }

    /// A setting is changed: the service whose instances must be settled, if it says what they have.
    pub(crate) fn change_setting<O: Observer>(
        &mut self,
        cx: &Cx<'_, O>,
        setting: &SettingChange,
    ) -> Option<ServiceId> {
        match setting {
            SettingChange::Threads(service, threads) => {
                self.settings[*service].threads = threads.unwrap_or(u32::MAX);
                Some(*service)
            }
            SettingChange::Cores(service, cores) => {
                self.settings[*service].cores = cores.unwrap_or(Cores::UNLIMITED);
                Some(*service)
            }
            SettingChange::Queue(service, queue) => {
                self.settings[*service].set_queue(queue.clone());
                self.arrange_service(cx, *service);
                None
            }
            SettingChange::AbandonedWork(service, what) => {
                self.settings[*service].abandoned_work = *what;
                None
            }
            SettingChange::Layers { .. }
            | SettingChange::Admission(..)
            | SettingChange::Budget(..) => None,
        }
    }

    /// Works out how things stand in one instance: factors multiply, limits take the lowest. Whether
    /// it is paused now.
    pub(crate) fn settle<O: Observer>(&mut self, cx: &mut Cx<'_, O>, id: InstanceId) -> bool {
        self.settle_faults(cx, id);
        self.settle_cores(cx, id);
        self.look_again(cx, id);
        self.instances[id].paused
    }

    fn settle_faults<O: Observer>(&mut self, cx: &Cx<'_, O>, id: InstanceId) {
        let host = &mut self.instances[id];
        let settings = &self.settings[host.service];
        let mut cores_limit = settings.cores;
        host.threads = settings.threads;
        host.paused = false;
        (host.slow, host.slow_in_progress) = (Factor::ONE, Factor::ONE);
        host.slow_operations.clear();
        host.errors.clear();
        let fillings = host
            .memory
            .as_mut()
            .map_or_else(Vec::new, |memory| memory.take_fillings());
        for (fault, spec) in cx.spec.faults.iter_enumerated() {
            let Some((target, work)) = work_of(&spec.kind) else {
                continue;
            };
            let acts = match spec.random {
                Some(_) => host.struck.contains(&fault),
                None => self.active[fault.index()] && target.has(id),
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
                WorkFault::Fill { bytes, over } => {
                    if let Some(memory) = &mut host.memory {
                        let filling = Filling {
                            bytes: *bytes,
                            over: *over,
                            since: cx.now,
                        };
                        memory.fill(fault, filling, &fillings);
                    }
                }
            }
        }
        if let Some(cores) = &mut host.cores {
            cores.set_cores(cx.now, cores_limit);
        }
    }
}

/// What a fault makes of the work of instances, and of which.
const fn work_of(kind: &FaultKind) -> Option<(&ServiceTarget, &WorkFault)> {
    match kind {
        FaultKind::Work(target, fault) => Some((target, fault)),
        FaultKind::Edge(..)
        | FaultKind::Client(..)
        | FaultKind::Life(..)
        | FaultKind::Setting(_)
        | FaultKind::Kept(_) => None,
    }
}

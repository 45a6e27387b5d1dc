//! Workplaces: what instances have to work with, and who works or waits there.
//!
//! An instance has threads, a waiting room and cores; settings and faults leave it fewer of them, or
//! slower ones. What works, and what comes next when it is done, is none of its business: it knows
//! strands and operations by their numbers.

mod errors;
mod faults;
mod instance;
mod memory;
mod out_of_memory;
mod room;
mod work;

pub(super) use instance::{Instance, ServiceSettings, Waiter};

use crate::id::{FaultId, IdMap, InstanceId, ServiceId};
use crate::model::arena::AttemptIx;
use crate::model::spec::{
    AbandonedWork, Asks, CheckSpec, FaultKind, FaultSpec, ModelSpec, SettingChange, WorkFault,
};
use crate::policy::Outcome;
use crate::random::{KeySource, SiteKey};
use std::collections::BTreeMap;

/// The workplaces of all instances.
#[derive(Clone, Debug)]
pub(super) struct Workplace {
    pub(super) settings: IdMap<ServiceId, ServiceSettings>,
    pub(super) instances: IdMap<InstanceId, Instance>,
    /// Faults that act now, one flag for each of the scenario.
    active: Vec<bool>,
    fault_draws: IdMap<FaultId, SiteKey>,
    /// Whether the scenario has errors faults at all.
    may_err: bool,
    /// Operations that will fail when their work is done.
    doomed: BTreeMap<AttemptIx, Outcome>,
}

impl Workplace {
    pub(crate) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        let settings: IdMap<ServiceId, ServiceSettings> = spec
            .services
            .iter()
            .map(|service| {
                ServiceSettings::new(service, keys.site(&["service", &service.name], "wait"))
            })
            .collect();
        let mut instances: IdMap<InstanceId, Instance> = spec
            .instances
            .iter_enumerated()
            .map(|(id, &service)| {
                let shares = shares_cores(spec, service);
                let asked =
                    |check: &CheckSpec| check.service == service && check.asks == Asks::Process;
                let answers_checks = spec.checks.iter().any(asked);
                let name = &spec.services[service].name;
                let local = (id.0 - spec.services[service].first_instance.0).to_string();
                let picks = keys.site(&["service", name, "instance", &local], "pick");
                Instance::new(
                    service,
                    &spec.services[service],
                    &settings[service],
                    shares,
                    answers_checks,
                    picks,
                )
            })
            .collect();
        for (id, &service) in spec.instances.iter_enumerated() {
            instances[id].minds_messages = spec.minds_messages(service);
        }
        let fault_draws = spec
            .faults
            .iter()
            .map(|fault| keys.site(&["fault", &fault.name], "errors"))
            .collect();
        Self {
            settings,
            instances,
            active: vec![false; spec.faults.len()],
            fault_draws,
            may_err: spec.faults.iter().any(|fault| is_errors(&fault.kind)),
            doomed: BTreeMap::new(),
        }
    }

    /// Whether an instance works as if there were no faults and no limits.
    pub(crate) fn is_plain(&self, instance: InstanceId) -> bool {
        let host = &self.instances[instance];
        let settings = &self.settings[host.service];
        let minds = settings.abandoned_work != AbandonedWork::Finish || settings.limits_waits();
        host.has_own_speed()
            && !minds
            && !self.may_err
            && !settings.gated
            && !host.answers_checks
            && !host.minds_messages
            && settings.queue.is_simple()
            && host.memory.is_none()
    }

    /// What an instance does with work that nobody waits for.
    #[inline]
    pub(crate) fn abandoned_work(&self, instance: InstanceId) -> AbandonedWork {
        self.settings[self.instances[instance].service].abandoned_work
    }
}

/// Whether a fault makes operations fail.
const fn is_errors(kind: &FaultKind) -> bool {
    matches!(kind, FaultKind::Work(_, WorkFault::Errors(_)))
}

/// Whether the speed of work in progress can change in a service.
fn shares_cores(spec: &ModelSpec, service: ServiceId) -> bool {
    let sharing = spec.services[service].cores.is_some();
    let crowding = spec.services[service]
        .contention
        .as_ref()
        .is_some_and(|law| law.in_progress);
    let other_cores =
        |change: &SettingChange| matches!(change, SettingChange::Cores(of, _) if *of == service);
    let other_speed = |fault: &FaultSpec| fault.kind.acts_on_work_in_progress(service);
    sharing
        || crowding
        || spec.faults.iter().any(other_speed)
        || spec.setting_changes().any(other_cores)
}

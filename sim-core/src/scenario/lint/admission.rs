//! Guards of callees and what callers make of them: limits that cannot learn, floors above what there
//! is, throttles that leave a trickle, retries of what was shed.

use super::Lint;
use crate::id::{AdmissionId, Id, LayerId, ServiceId};
use crate::model::spec::{FaultKind, Per, Scope, ServiceSpec};
use crate::policy::{
    ConcurrencyLimitConfig, LimitRule, OnExpiry, Outcome, OutcomeSet, ThrottleRule,
};

/// What a callee turns away.
const TURNED_AWAY: OutcomeSet =
    OutcomeSet::of(&[Outcome::RejectedRateLimited, Outcome::RejectedShed]);

impl Lint<'_> {
    pub(super) fn admission(&mut self) {
        for (id, layer) in self.model.admission.iter_enumerated() {
            if let Some(limit) = layer.kind.concurrency_limit() {
                self.floor_of_callee(id, limit);
            }
            self.limit_for_nobody(id);
            self.class_of_nobody(id);
        }
        for (id, layer) in self.model.layers.iter_enumerated() {
            if let Some(limit) = layer.kind.concurrency_limit() {
                self.floor_of_callers(id, limit);
                self.limit_blind_to_timeouts(id, limit);
            }
            if let Some(throttle) = layer.kind.throttle()
                && let ThrottleRule::Sre { k } = throttle.rule
            {
                self.trickle(id, k);
            }
        }
        for service in self.model.services.ids() {
            self.retries_on_top(service);
        }
    }

    fn admission_span(&self, id: AdmissionId) -> crate::scenario::diagnostic::Span {
        let span = self.places.admission.get(id.index());
        span.copied().unwrap_or_default()
    }

    /// The lowest limit is more than the instance can work on and let wait: it never acts.
    fn floor_of_callee(&mut self, id: AdmissionId, config: &ConcurrencyLimitConfig) {
        let layer = &self.model.admission[id];
        let service = &self.model.services[layer.service];
        let instances = if layer.shared { service.instances } else { 1 };
        let Some(threads) = threads(service).map(|it| it.saturating_mul(u64::from(instances)))
        else {
            return;
        };
        if u64::from(config.min) <= threads {
            return;
        }
        let message = format!(
            "this limit never falls below {}, but there are {threads} threads: in overload {} always wait",
            config.min,
            u64::from(config.min) - threads
        );
        let hint = "lower `min` to what works at once";
        self.warn("limit-floor", self.admission_span(id), message, hint);
    }

    /// The same of the limits of all callers together.
    fn floor_of_callers(&mut self, id: LayerId, config: &ConcurrencyLimitConfig) {
        let layer = &self.model.layers[id];
        let pipeline = &self.model.pipelines[layer.pipeline];
        let service = &self.model.services[pipeline.target];
        let processes = match layer.scope {
            Scope::Shared => 1,
            Scope::Caller | Scope::TargetInstance | Scope::Named(_) => {
                self.model.processes(pipeline.callers).1
            }
        };
        let per_instance = layer.scope == Scope::TargetInstance;
        let owners = u64::from(processes)
            * if per_instance {
                u64::from(service.instances)
            } else {
                1
            };
        let all = threads(service).map(|it| it * u64::from(service.instances));
        let least = owners.saturating_mul(u64::from(config.min));
        let Some(all) = all.filter(|&all| least > all) else {
            return;
        };
        let message = format!(
            "the limits of {} are never below {least} in all, but `{}` has {all} threads",
            self.model.group_name(pipeline.callers),
            service.name
        );
        let hint = "lower `min`, or put the limit into the `admission` of the service";
        self.warn("limit-floor", self.layer_span(id), message, hint);
    }

    /// What a timeout around the limit gives up is no sample.
    fn limit_blind_to_timeouts(&mut self, id: LayerId, config: &ConcurrencyLimitConfig) {
        if matches!(config.rule, LimitRule::Gradient { .. }) {
            return;
        }
        let layer = &self.model.layers[id];
        let mut around = true;
        let (mut outside, mut inside) = (false, false);
        for other in self.model.pipelines[layer.pipeline].layers() {
            if other == id {
                around = false;
            } else if let Some(timeout) = self.model.layers[other].kind.timeout() {
                let gives_up = timeout.limit().is_some() && timeout.on_expiry == OnExpiry::Cancel;
                outside |= around && gives_up;
                inside |= !around && gives_up;
            }
        }
        let drops = config.drops.contains(Outcome::TimeoutResponse);
        let (message, hint) = if inside && !drops {
            (
                "timeouts are no drops here: this limit learns nothing from them",
                "add `timeout` to `drops`",
            )
        } else if outside && !inside {
            (
                "the timeout is around this limit, which then sees calls that are cancelled and \
                 learns nothing from them",
                "put a timeout inside, after `concurrency_limit`",
            )
        } else {
            return;
        };
        self.warn(
            "limit-blind-to-timeouts",
            self.layer_span(id),
            message.to_owned(),
            hint,
        );
    }

    /// A throttle by accepted requests in front of what may accept hardly any.
    fn trickle(&mut self, id: LayerId, k: f64) {
        let layer = &self.model.layers[id];
        let target = self.model.pipelines[layer.pipeline].target;
        let all_fail = |kind: &FaultKind| match kind {
            FaultKind::Life(of, _) | FaultKind::Work(of, _) => of.acts_on(target),
            FaultKind::Edge(..)
            | FaultKind::Client(..)
            | FaultKind::Setting(_)
            | FaultKind::Kept(_) => false,
        };
        if !self.model.faults.iter().any(|fault| all_fail(&fault.kind)) {
            return;
        }
        let message = format!(
            "while fewer than one in {k} calls are accepted, this throttle lets through a trickle, \
             whatever the load: that all is well again is noticed late"
        );
        let hint = "shorten `window`, or look at `like: envoy`, which lets one in five through";
        self.warn("throttle-trickle", self.layer_span(id), message, hint);
    }

    /// A callee that turns calls away says nothing about when to come back, and callers come back.
    fn retries_on_top(&mut self, id: ServiceId) {
        let service = &self.model.services[id];
        if service.admission.is_empty() || service.retry_after.is_some() {
            return;
        }
        let layers = self.model.layers.iter_enumerated();
        let retrying: Vec<LayerId> = layers
            .filter(|(_, layer)| self.model.pipelines[layer.pipeline].target == id)
            .filter(|(_, layer)| {
                let retry = layer.kind.retry();
                retry.is_some_and(|it| {
                    let retried = it.on.iter().any(|outcome| TURNED_AWAY.contains(outcome));
                    it.max_attempts > 1 && retried && it.budget.is_none()
                })
            })
            .map(|(id, _)| id)
            .collect();
        for layer in retrying {
            let message = format!(
                "calls that `{}` turns away are tried again at once with its load: it says no \
                 `retry_after`, and no budget limits the tries",
                self.model.services[id].name
            );
            let hint = "leave `rejected` out of `on`, give the retry a `budget`, or the service a \
                        `retry_after`";
            self.warn("retries-on-top", self.layer_span(layer), message, hint);
        }
    }

    /// A limit for each tenant or class where there is but one.
    fn limit_for_nobody(&mut self, id: AdmissionId) {
        let (what, names) = match self.model.admission[id].per {
            Some(Per::Tenant) => ("tenant", &self.model.tenants),
            Some(Per::Class) => ("class", &self.model.classes),
            Some(Per::Client) | None => return,
        };
        if names.len() > 1 {
            return;
        }
        let message = format!("no call names a {what}, so that all share this limit");
        let hint = "give clients a `tenant` or a `class`, or leave out `per`";
        self.warn("limit-for-nobody", self.admission_span(id), message, hint);
    }

    /// A class that no call is of.
    fn class_of_nobody(&mut self, id: AdmissionId) {
        let Some(shed) = self.model.admission[id].kind.shed() else {
            return;
        };
        let unknown = shed
            .classes
            .iter()
            .find(|it| !self.model.classes.contains(it));
        let Some(unknown) = unknown.cloned() else {
            return;
        };
        let message = format!("no call is of the class `{unknown}`");
        let hint = "name classes of calls, as clients do by `class`";
        self.warn(
            "shed-class-of-nobody",
            self.admission_span(id),
            message,
            hint,
        );
    }
}

/// Threads of an instance, if they are limited \[count\].
fn threads(service: &ServiceSpec) -> Option<u64> {
    service.threads.map(u64::from)
}

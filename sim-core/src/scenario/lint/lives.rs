//! Instances that leave before callers have heard of it, or before they are done; and panics that send
//! calls to the dead.

use super::Lint;
use crate::id::{Id, OperationId, ServiceId};
use crate::model::spec::{
    CheckSpec, FaultSpec, LifecycleSpec, Often, OnFail, ServiceSpec, StepShape, StepSpec, Times,
    WorkTime,
};
use crate::random::Dist;
use crate::time::SimDuration;

impl Lint<'_> {
    pub(super) fn lives(&mut self) {
        for service in self.model.services.ids() {
            if self.stops(service) {
                self.leaves_before_callers_know(service);
                self.killed_before_it_is_done(service);
            }
            self.panics_into_the_dead(service);
        }
    }

    /// Whether anything tells its instances to stop: a fault, or a health check that fails.
    fn stops(&self, service: ServiceId) -> bool {
        let mut checks = self.model.checks.iter();
        let restarts = |check: &CheckSpec| {
            check.service == service && matches!(check.on_fail, OnFail::Restart)
        };
        if checks.any(restarts) {
            return true;
        }
        let mut faults = self.model.faults.iter();
        faults.any(|fault| {
            let target = fault.kind.stops();
            target.is_some_and(|target| target.acts_on(service))
        })
    }

    /// How long the work of an operation takes on average, without what it calls.
    fn usual_time(&self, operation: OperationId) -> SimDuration {
        let steps = &self.model.operations[operation].steps;
        let inside = |times: f64, often| match often {
            Often::Copies(_) | Often::Passes(_) | Often::Rounds(Times::Again(_)) => times,
            Often::Chance(share) => times * share.get(),
            Often::Rounds(Times::Exactly(rounds)) => times * f64::from(rounds),
        };
        let mut sum = SimDuration::ZERO;
        StepSpec::visit(steps, 1.0, &inside, &mut |step, times| {
            if let StepShape::Work(WorkTime::Drawn(time)) = step {
                sum = sum + time.mean().scaled(times);
            }
        });
        sum
    }

    fn leaves_before_callers_know(&mut self, service: ServiceId) {
        let spec = &self.model.services[service];
        let Some((heard, how)) = heard_after(spec) else {
            return;
        };
        let drain = spec
            .lifecycle
            .as_ref()
            .map_or(SimDuration::ZERO, |it| it.drain);
        if drain >= heard {
            return;
        }
        let message = format!(
            "an instance of `{}` that is told to stop answers for {drain}, but its callers may hear \
             of it only after {heard} ({how}): until then they are refused",
            spec.name
        );
        let hint = "raise `lifecycle.drain` above that (Kubernetes: a `preStop` sleep)";
        self.warn("drain-too-short", self.service_span(service), message, hint);
    }

    /// What it still does when it is told to stop is killed before it can be done.
    fn killed_before_it_is_done(&mut self, service: ServiceId) {
        let spec = &self.model.services[service];
        let (drain, grace) = spec
            .lifecycle
            .as_ref()
            .map_or((SimDuration::ZERO, LifecycleSpec::GRACE), |it| {
                (it.drain, it.grace)
            });
        let operations = self.model.topology.operations_of(service).iter();
        let longest = operations.map(|&id| (self.usual_time(id), id));
        let Some((needs, operation)) = longest.max_by_key(|(needs, _)| *needs) else {
            return;
        };
        if drain + needs <= grace {
            return;
        }
        let message = format!(
            "an instance of `{}` that is told to stop is killed after {grace}, but what comes until \
             its `drain` of {drain} is over takes {needs}, as `{}` usually does",
            spec.name,
            self.operation_name(operation)
        );
        let hint = "raise `lifecycle.grace` above drain and the longest request together";
        self.warn("grace-too-short", self.service_span(service), message, hint);
    }

    /// Whether a health check lets instances leave that answer nothing for so long.
    fn is_found(&self, service: ServiceId, lasts: SimDuration) -> bool {
        let mut checks = self.model.checks.iter();
        checks.any(|check| {
            let config = &check.config;
            let leaves = check.service == service && matches!(check.on_fail, OnFail::Leave);
            leaves && config.every.times(config.fails.into()) + config.timeout < lasts
        })
    }

    /// Crashes and pauses that are noticed can leave so few that callers choose the dead as well.
    fn panics_into_the_dead(&mut self, service: ServiceId) {
        let spec = &self.model.services[service];
        let below = u64::from(spec.membership.panic_below);
        let noticed = |fault: &&FaultSpec| {
            let spans = fault.spans.iter().map(|(from, until)| until.since(*from));
            let is_found = self.is_found(service, spans.max().unwrap_or(SimDuration::ZERO));
            let crash = fault.kind.crash();
            let crash = crash.filter(|(_, crash)| is_found || crash.detected_after.is_some());
            let pause = fault.kind.pauses().filter(|_| is_found);
            let target = crash.map(|(target, _)| target).or(pause);
            let target = target.filter(|target| target.acts_on(service));
            target.is_some_and(|target| {
                let hit = target.instances.iter();
                let hit = hit.filter(|&&it| self.model.instances[it] == service);
                let well = u64::from(spec.instances) - hit.count() as u64;
                let is_too_few = well * 1_000_000 < u64::from(spec.instances) * below;
                fault.random.is_none() && is_too_few
            })
        };
        let Some(fault) = self.model.faults.iter().find(noticed) else {
            return;
        };
        let message = format!(
            "while `{}` lasts, less than {}% of `{}` are in rotation, so callers panic and choose \
             those that are found dead as well",
            fault.name,
            below as f64 / 1e4,
            spec.name
        );
        let hint = "lower `membership.panic_below`: a panic helps against false alarms, not against \
                    crashes";
        self.warn(
            "panic-into-the-dead",
            self.service_span(service),
            message,
            hint,
        );
    }

    fn service_span(&self, service: ServiceId) -> crate::scenario::diagnostic::Span {
        let spans = &self.places.services;
        spans.get(service.index()).copied().unwrap_or_default()
    }
}

/// How long it takes until all callers have heard, and what says so.
fn heard_after(spec: &ServiceSpec) -> Option<(SimDuration, &'static str)> {
    let membership = &spec.membership;
    if let Some(refresh) = membership.refresh {
        return Some((refresh.every, "`membership.refresh`"));
    }
    let propagation: &Dist = membership.propagation.as_ref()?;
    let longest = propagation.greatest().unwrap_or(propagation.mean());
    Some((longest, "`membership.propagation`"))
}

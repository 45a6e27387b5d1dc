//! Health checks that kill what is merely busy, find too late, or empty the rotation.

use super::Lint;
use crate::id::{CheckId, Id, LayerId};
use crate::model::spec::{Asks, CheckSpec, OnFail, Scope};
use crate::policy::Schedule;
use crate::scenario::compile::graph::calls_of;
use crate::scenario::diagnostic::Span;
use crate::scenario::expect::{Bound, Measure};
use crate::time::{SimDuration, SimTime};

impl Lint<'_> {
    pub(super) fn health(&mut self) {
        for index in 0..self.model.checks.len() {
            let id = CheckId::from_index(index);
            let check = self.model.checks[id].clone();
            self.shares_the_pool(id, &check);
            self.empties_everything(id, &check);
            self.kills_what_it_should_spare(id, &check);
            self.slower_than_the_fault(id, &check);
            self.starts_too_slowly(id, &check);
            self.holds_for_all(id, &check);
            self.slower_than_expected(id, &check);
        }
    }

    /// A breaker for all instances is held open while the check fails for one of them.
    fn holds_for_all(&mut self, id: CheckId, check: &CheckSpec) {
        let service = &self.model.services[check.service];
        let OnFail::Breaker(layers) = &check.on_fail else {
            return;
        };
        let for_one = |layer: &LayerId| self.model.layers[*layer].scope == Scope::TargetInstance;
        if service.instances < 2 || layers.iter().all(for_one) {
            return;
        }
        let message = format!(
            "`{}` holds a breaker open for all {} instances of `{}` while it fails for one of them",
            self.check_name(check),
            service.instances,
            service.name
        );
        let hint = "give the breaker `scope: target_instance`, or write `on_fail: leave`";
        self.warn("breaker-held-for-all", self.check_span(id), message, hint);
    }

    fn check_span(&self, id: CheckId) -> Span {
        self.places
            .checks
            .get(id.index())
            .copied()
            .unwrap_or_default()
    }

    fn check_name(&self, check: &CheckSpec) -> String {
        format!("{}.{}", self.model.services[check.service].name, check.name)
    }

    /// A check that restarts waits behind the traffic: when that is slow, it kills.
    fn shares_the_pool(&mut self, id: CheckId, check: &CheckSpec) {
        let service = &self.model.services[check.service];
        let queues = service.threads.is_some() && service.queue.capacity != Some(0);
        if check.on_fail != OnFail::Restart || check.asks == Asks::Process || !queues {
            return;
        }
        let message = format!(
            "`{}` restarts an instance that has no free thread for {}: what is merely busy is killed, \
             and its load moves on",
            self.check_name(check),
            detection(check)
        );
        let hint = "use `check: process` for what restarts, and `check: thread` for what leaves the \
                    rotation";
        self.warn("liveness-shares-pool", self.check_span(id), message, hint);
    }

    /// All instances ask the same thing further down: when it is gone, all of them are.
    fn empties_everything(&mut self, id: CheckId, check: &CheckSpec) {
        if check.asks != Asks::Call || check.on_fail != OnFail::Leave {
            return;
        }
        let Some(&(site, _)) = calls_of(self.model, check.operation).first() else {
            return;
        };
        let target = self.operation_name(self.model.sites[site].target);
        let message = format!(
            "`{}` fails on all instances at once when {target} fails: then nobody is left in the \
             rotation",
            self.check_name(check)
        );
        let hint = "ask the instance alone (`check: thread`), or let too few count as none \
                    (`membership: { panic_below: … }`)";
        self.warn("deep-check-empties", self.check_span(id), message, hint);
    }

    /// What restarts should be more patient than what leaves the rotation.
    fn kills_what_it_should_spare(&mut self, id: CheckId, check: &CheckSpec) {
        if check.on_fail != OnFail::Restart || check.ceases_when_passed() {
            return;
        }
        let same = |other: &&CheckSpec| {
            other.service == check.service
                && other.on_fail == OnFail::Leave
                && other.asks == check.asks
                && detection(other) >= detection(check)
        };
        let Some(other) = self.model.checks.iter().find(same) else {
            return;
        };
        let message = format!(
            "`{}` restarts no later than `{}` takes out of the rotation: nothing leaves before it is \
             killed",
            self.check_name(check),
            self.check_name(other)
        );
        let hint = "give the check that restarts more `fails` or a longer `timeout`";
        self.warn(
            "liveness-like-readiness",
            self.check_span(id),
            message,
            hint,
        );
    }

    /// An instance that needs longer to start than a check that restarts it allows never comes up.
    fn starts_too_slowly(&mut self, id: CheckId, check: &CheckSpec) {
        let held_up = self.model.checks.iter().any(|it| it.gates.contains(&id));
        let Some(lifecycle) = &self.model.services[check.service].lifecycle else {
            return;
        };
        let startup = lifecycle.startup.mean();
        let allowed = check.config.delay + detection(check);
        if check.on_fail != OnFail::Restart || held_up || startup <= allowed {
            return;
        }
        let message = format!(
            "`{}` restarts an instance that does not answer for {allowed}, but one that starts needs \
             {startup} on average: it never comes up",
            self.check_name(check)
        );
        let hint = "give the check a `delay`, or let a startup check hold it up (`gates`) with enough \
                    `fails`";
        self.warn("startup-exceeds-check", self.check_span(id), message, hint);
    }

    /// It is expected to find sooner than it ever can.
    fn slower_than_expected(&mut self, id: CheckId, check: &CheckSpec) {
        let least = detection(check);
        let expected = self.expectations.iter().enumerate();
        let too_soon = expected.filter_map(|(number, it)| {
            let asks = matches!(it.measure, Measure::Detection { check, .. } if check == id);
            let within = match it.bound {
                Bound::AtMost(most) | Bound::Between(_, most) => most,
                Bound::AtLeast(_) => return None,
            };
            (asks && within < least.as_ns_f64()).then_some((number, it.name.clone(), within))
        });
        let too_soon: Vec<(usize, String, f64)> = too_soon.collect();
        for (number, name, within) in too_soon {
            let message = format!(
                "`{name}` asks that `{}` finds what fails within {}, but that takes it {least} at least",
                self.check_name(check),
                SimDuration::from_ns(within as u64)
            );
            let hint = "check more often, with a shorter `timeout` or fewer `fails`";
            let span = self.places.expectations.get(number).copied();
            let span = span.unwrap_or_default();
            self.warn("check-slower-than-expected", span, message, hint);
        }
    }

    /// A fault that is over before it can be found.
    fn slower_than_the_fault(&mut self, id: CheckId, check: &CheckSpec) {
        let least = detection(check);
        for fault in &self.model.faults {
            let hits = fault
                .kind
                .on_instances()
                .is_some_and(|it| it.acts_on(check.service));
            let Some(&(from, until)) = fault.spans.first().filter(|_| hits) else {
                continue;
            };
            if until == SimTime::NEVER || until.since(from) >= least {
                continue;
            }
            let message = format!(
                "`{}` needs at least {least} to find what fails, but `{}` lasts {}",
                self.check_name(check),
                fault.name,
                until.since(from)
            );
            let hint = "check more often, or with fewer `fails`";
            self.warn(
                "check-slower-than-fault",
                self.check_span(id),
                message,
                hint,
            );
        }
    }
}

/// The least time from a hang to the verdict: all failures but the first a period apart, each after its
/// timeout.
fn detection(check: &CheckSpec) -> SimDuration {
    let config = &check.config;
    let gap = match config.schedule {
        Schedule::Ticks => config.every.max(config.timeout),
        Schedule::AfterEnd => config.every_pending + config.timeout,
    };
    gap.times(u64::from(config.fails - 1)) + config.timeout
}

//! Instances that come: rollouts that leave too few, ramps that never act, newcomers that get too much.

use super::Lint;
use crate::id::{Id, ServiceId};
use crate::model::spec::{CheckSpec, FaultSpec, OnFail};
use crate::policy::{BalanceConfig, BalanceWay, LeastRule, SlowStart};
use crate::units::Factor;

impl Lint<'_> {
    pub(super) fn coming(&mut self) {
        let rates = self.known_rates().map(|rates| rates.operations);
        for number in 0..self.model.faults.len() {
            if let Some(rates) = &rates {
                self.rollout_leaves_too_few(number, rates);
            }
        }
        for service in self.model.services.ids() {
            self.ramp_never_acts(service);
            self.newcomers_get_all(service);
        }
    }

    /// How many of a service a fault restarts at once, and how many in all.
    fn restarts(&self, fault: &FaultSpec, service: ServiceId) -> Option<(u32, u32)> {
        let (target, at_once) = fault.kind.restarts()?;
        let hit = target.instances.iter();
        let hit = hit.filter(|&&it| self.model.instances[it] == service);
        let hit = hit.count() as u32;
        (hit > 0 && fault.random.is_none()).then_some((at_once.min(hit), hit))
    }

    /// Those that still serve while some restart cannot bear the load.
    fn rollout_leaves_too_few(&mut self, number: usize, rates: &[f64]) {
        let fault = &self.model.faults[crate::id::FaultId::from_index(number)];
        let (mut found, name) = (Vec::new(), fault.name.clone());
        for (id, service) in self.model.services.iter_enumerated() {
            let Some((at_once, _)) = self.restarts(fault, id) else {
                continue;
            };
            let demand = self.demand(id, rates);
            let each = self.capacity(id) / f64::from(service.instances);
            let left = service.instances - at_once;
            let (all, rest) = (self.capacity(id), each * f64::from(left));
            if demand > rest && demand <= all && service.admission.is_empty() {
                found.push(format!(
                    "while `{name}` restarts {at_once} of {} instances of `{}`, the other {left} have {rest} \
                     threads for work that needs {demand:.1}",
                    service.instances, service.name
                ));
            }
        }
        let span = self.places.faults.get(number).copied().unwrap_or_default();
        for message in found {
            let hint = "restart fewer at once, or have more instances";
            self.warn("rollout-dip", span, message, hint);
        }
    }

    /// How callers of a service choose, each way once: by their policies and its own.
    fn ways_to(&self, service: ServiceId) -> Vec<&BalanceConfig> {
        let pipelines = self.model.pipelines.iter();
        let of_callers = pipelines.filter(|it| it.target == service);
        of_callers.map(|it| &it.balance).collect()
    }

    /// A ramp that begins when a check passes where none is made, or that all climb together.
    fn ramp_never_acts(&mut self, id: ServiceId) {
        let service = &self.model.services[id];
        let mut ramps = self.ways_to(id).into_iter();
        let Some(ramp) = ramps.find_map(|it| it.slow_start.as_ref()) else {
            return;
        };
        let name = &service.name;
        let all_at_once = self.model.faults.iter().find_map(|fault| {
            let (at_once, _) = self.restarts(fault, id)?;
            (at_once == service.instances).then_some(&fault.name)
        });
        let why = if service.instances < 2 {
            format!("`{name}` has one instance, which gets all calls whatever it weighs")
        } else if let (true, false) = (only_by_check(ramp), self.has_check(id)) {
            format!(
                "the ramp of `{name}` begins when a health check passes, but none takes its instances out of \
                 the rotation"
            )
        } else if let Some(fault) = all_at_once {
            format!(
                "`{fault}` restarts all instances of `{name}` at once: those on a ramp weigh the same, and get \
                 as much as ever"
            )
        } else {
            return;
        };
        let hint = "leave out `slow_start`, or let some of several instances begin on it";
        self.warn(
            "slow-start-never-acts",
            self.places.services[id.index()],
            why,
            hint,
        );
    }

    fn has_check(&self, service: ServiceId) -> bool {
        let leaves =
            |check: &CheckSpec| check.service == service && matches!(check.on_fail, OnFail::Leave);
        self.model.checks.iter().any(leaves)
    }

    /// Who joins has nothing outstanding, and gets all that comes until it is as busy as the others, while
    /// it is cold.
    fn newcomers_get_all(&mut self, id: ServiceId) {
        let service = &self.model.services[id];
        let all_go_there = |balance: &BalanceConfig| match &balance.way {
            BalanceWay::LeastRequests => true,
            BalanceWay::WeightedLeast(LeastRule::PerWeight | LeastRule::WithNext) => {
                balance.slow_start.is_none()
            }
            BalanceWay::WeightedLeast(LeastRule::Deadlines { .. })
            | BalanceWay::RoundRobin
            | BalanceWay::Random
            | BalanceWay::PowerOfChoices { .. }
            | BalanceWay::Smooth
            | BalanceWay::Stride
            | BalanceWay::PeakEwma(_)
            | BalanceWay::Ring(_) => false,
        };
        if service.instances < 3 || !self.ways_to(id).into_iter().any(all_go_there) {
            return;
        }
        let Some(factor) = self.coldest_start(id).filter(|it| *it > Factor::ONE) else {
            return;
        };
        let message = format!(
            "an instance of `{}` that starts is {} times as slow at first, and its callers go by what is \
             outstanding: it has nothing, so all that comes goes there until it is as busy as the others",
            service.name,
            factor.get()
        );
        let hint = "compare few (`power_of_choices`), or let it climb a ramp: `weighted_least` with \
                    `slow_start`";
        self.warn(
            "surge-on-join",
            self.places.services[id.index()],
            message,
            hint,
        );
    }

    /// How many times as long work takes at first in what starts while the run lasts.
    fn coldest_start(&self, id: ServiceId) -> Option<Factor> {
        let own = self.model.services[id].lifecycle.as_ref();
        let own = own.and_then(|it| it.cold_start).map(|(_, factor)| factor);
        let faults = self.model.faults.iter();
        let starts = faults.filter_map(|fault| {
            let crash = fault.kind.crash();
            let crash = crash.map(|(target, crash)| (target, crash.cold_start));
            let stops = fault.kind.stops().map(|target| (target, None));
            let (target, cold) = crash.or(stops)?;
            let cold = cold.map(|(_, factor)| factor).or(own);
            cold.filter(|_| target.acts_on(id))
        });
        let restarts =
            |check: &&CheckSpec| check.service == id && matches!(check.on_fail, OnFail::Restart);
        let by_check = self.model.checks.iter().find(restarts).and(own);
        starts
            .chain(by_check)
            .reduce(|one, other| if one > other { one } else { other })
    }
}

/// Whether it begins at nothing but a check that passes again.
fn only_by_check(ramp: &SlowStart) -> bool {
    ramp.begins.check_passed && !ramp.begins.join
}

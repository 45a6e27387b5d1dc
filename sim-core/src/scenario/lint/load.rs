//! Load that a service cannot bear, and attempts that multiply.

use super::Lint;
use crate::id::{Id, OperationId, ServiceId, SiteId};
use crate::model::spec::{
    ClientSpec, ModelSpec, Often, StepShape, StepSpec, Times, TrafficSpec, WorkTime,
};
use crate::scenario::compile::graph::{add_fallbacks, calls_of, tries_in_time};
use crate::scenario::diagnostic::{Diagnostic, Span};
use crate::time::SimTime;
use crate::traffic::{Arrivals, Batch, RateProfile};
use crate::units::Cores;

impl Lint<'_> {
    pub(super) fn loads(&mut self) {
        self.overload();
        self.amplification();
    }

    fn overload(&mut self) {
        let rates = self.rates().operations;
        for (service, spec) in self.model.services.iter_enumerated() {
            let capacity = self.capacity(service);
            let demand = self.demand(service, &rates);
            // One that lets in what it can bear keeps up with that.
            if demand > capacity && spec.admission.is_empty() {
                let message = format!(
                    "`{}` is offered work for {demand:.1} threads, but has {capacity}: it cannot \
                     keep up even without faults",
                    spec.name
                );
                let hint = "add threads or instances, or lower the rate or the work";
                self.warn(
                    "overload",
                    self.places.services[service.index()],
                    message,
                    hint,
                );
            }
        }
    }

    /// Threads of a service that can work at once [count].
    pub(super) fn capacity(&self, service: ServiceId) -> f64 {
        let spec = &self.model.services[service];
        let threads = spec.threads.map_or(f64::INFINITY, f64::from);
        let cores = spec.cores.map_or(f64::INFINITY, Cores::get);
        f64::from(spec.instances) * threads.min(cores)
    }

    /// Threads that the work of a service keeps busy on average [count].
    pub(super) fn demand(&self, service: ServiceId, rates: &[f64]) -> f64 {
        let operations = self.model.operations.iter().zip(rates);
        operations
            .filter(|(operation, _)| operation.service == service)
            .fold(0.0, |sum, (operation, rate)| {
                sum + rate * work_s(&operation.steps)
            })
    }

    /// What happens how often per second, without faults, retries or rejections.
    pub(super) fn rates(&self) -> Rates {
        let mut rates = Rates {
            operations: vec![0.0; self.model.operations.len()],
            sites: vec![0.0; self.model.sites.len()],
        };
        for client in &self.model.clients {
            let rate = calls_per_second(client, self.model.duration);
            for call in &client.calls {
                rates.add(self.model, call.site, rate * call.share.get());
            }
        }
        for &caller in self.order.iter().rev() {
            let rate = rates.operations[caller.index()];
            let steps = &self.model.operations[caller].steps;
            add_calls(self.model, steps, rate, &mut rates);
        }
        rates
    }

    /// Says how many attempts a call can become at most, where retries multiply: once for all clients
    /// of which the same is true.
    fn amplification(&mut self) {
        let mut said: Vec<(String, Vec<&str>, Span)> = Vec::new();
        // More would only hide the rest, and take long where there are thousands.
        for client in self.model.clients.iter().take(20) {
            for call in client.calls.iter().take(20) {
                let Some(what) = self.worst_case(call.site) else {
                    continue;
                };
                let span = self.site_span(call.site);
                match said.iter_mut().find(|(known, ..)| *known == what) {
                    Some((_, clients, _)) if clients.contains(&client.name.as_str()) => {}
                    Some((_, clients, _)) => clients.push(&client.name),
                    None => said.push((what, vec![&client.name], span)),
                }
            }
        }
        for (what, clients, span) in said {
            let of = match clients.as_slice() {
                _ if self.model.clients.len() == 1 => String::new(),
                [first, second, third, _, ..] => {
                    let more = clients.len() - 3;
                    format!(" of `{first}`, `{second}`, `{third}` and {more} more")
                }
                few => {
                    let names: Vec<String> = few.iter().map(|name| format!("`{name}`")).collect();
                    format!(" of {}", names.join(", "))
                }
            };
            let message = format!("one call{of} {what}");
            self.found
                .push(Diagnostic::info("worst-case-amplification", span, message));
        }
    }

    /// What a call made here can become; nothing if it stays one.
    fn worst_case(&self, call: SiteId) -> Option<String> {
        let most = self.attempts_per_call(call);
        let worst = (0..).map(OperationId).zip(&most);
        let (operation, &attempts) = worst.max_by_key(|(_, most)| **most)?;
        if attempts <= 1 {
            return None;
        }
        let target = self.operation_name(self.model.sites[call].target);
        let at = self.operation_name(operation);
        if attempts == u128::MAX {
            return Some(format!(
                "to {target} can become attempts at {at} without bound: a retry without end may wait \
                 for no time"
            ));
        }
        let factors = self.factors(call, operation);
        Some(format!(
            "to {target} can become {attempts} attempts at {at} in the worst case{factors}"
        ))
    }

    /// How the attempts of a call multiply on the worst path to an operation: `: 3 of shop.buy,
    /// each with 4 of bank.pay`. Nothing where only one caller repeats.
    fn factors(&self, root: SiteId, to: OperationId) -> String {
        let mut best = vec![None; self.model.operations.len()];
        let mut made = vec![(root, 1)];
        add_fallbacks(self.model, &mut made);
        self.extend_paths(&mut best, 1, None, &made);
        for &caller in self.order.iter().rev() {
            if let Some((attempts, _)) = best[caller.index()] {
                let calls = calls_of(self.model, caller);
                self.extend_paths(&mut best, attempts, Some(caller), &calls);
            }
        }
        let mut steps = Vec::new();
        let mut at = to;
        while let Some((_, Step { caller, each })) = best[at.index()] {
            if each > 1 {
                steps.push(format!("{each} of {}", self.operation_name(at)));
            }
            let Some(caller) = caller else {
                break;
            };
            at = caller;
        }
        steps.reverse();
        match steps.len() {
            0 | 1 => String::new(),
            _ => format!(": {}", steps.join(", each with ")),
        }
    }

    /// Keeps the path with the most attempts to each callee.
    fn extend_paths(
        &self,
        best: &mut [Option<(u128, Step)>],
        attempts: u128,
        caller: Option<OperationId>,
        calls: &[(SiteId, u128)],
    ) {
        for &(site, times) in calls {
            let site = &self.model.sites[site];
            let each = times.saturating_mul(tries_in_time(self.model, site.pipeline));
            let along = attempts.saturating_mul(each);
            let known = &mut best[site.target.index()];
            if known.is_none_or(|(most, _)| most < along) {
                *known = Some((along, Step { caller, each }));
            }
        }
    }

    /// Attempts at each operation that one call can cause at most [count].
    fn attempts_per_call(&self, root: SiteId) -> Vec<u128> {
        let mut most = vec![0_u128; self.model.operations.len()];
        let mut made = vec![(root, 1)];
        add_fallbacks(self.model, &mut made);
        self.add_attempts(&mut most, 1, &made);
        for &caller in self.order.iter().rev() {
            let executions = most[caller.index()];
            if executions == 0 {
                continue;
            }
            self.add_attempts(&mut most, executions, &calls_of(self.model, caller));
        }
        most
    }

    fn add_attempts(&self, most: &mut [u128], executions: u128, calls: &[(SiteId, u128)]) {
        for &(site, times) in calls {
            let site = &self.model.sites[site];
            let added = executions
                .saturating_mul(times)
                .saturating_mul(tries_in_time(self.model, site.pipeline));
            let target = &mut most[site.target.index()];
            *target = target.saturating_add(added);
        }
    }
}

/// The last step of a path: who makes the call, none for a client, and how many attempts of each of
/// its executions.
#[derive(Clone, Copy)]
struct Step {
    caller: Option<OperationId>,
    each: u128,
}

/// What happens how often.
pub(super) struct Rates {
    /// Executions of each operation per second.
    pub(super) operations: Vec<f64>,
    /// Calls made at each site per second.
    pub(super) sites: Vec<f64>,
}

impl Rates {
    fn add(&mut self, model: &ModelSpec, site: SiteId, rate: f64) {
        self.sites[site.index()] += rate;
        self.operations[model.sites[site].target.index()] += rate;
    }
}

/// Calls of a client per second on average; 0 where that is not known beforehand.
fn calls_per_second(client: &ClientSpec, duration: SimTime) -> f64 {
    let TrafficSpec::Arrivals(arrivals) = &client.traffic else {
        return 0.0;
    };
    match arrivals {
        Arrivals::Poisson { profile, batch } | Arrivals::Constant { profile, batch } => {
            mean_rate(profile, *batch, duration)
        }
        Arrivals::MarkovModulated(_) | Arrivals::Recorded(_) => 0.0,
    }
}

fn mean_rate(profile: &RateProfile, batch: Batch, duration: SimTime) -> f64 {
    profile.cumulative(duration) / duration.as_secs_f64() * batch.mean()
}

/// Mean work of steps [s].
fn work_s(steps: &[StepSpec]) -> f64 {
    steps.iter().fold(0.0, |sum, step| sum + step_work_s(step))
}

fn step_work_s(step: &StepSpec) -> f64 {
    match step.shape() {
        StepShape::Work(time) => work_time_s(time),
        StepShape::Call { .. } | StepShape::Fail(_) => 0.0,
        StepShape::AtOnce { branches, .. } => branches.iter().fold(0.0, |sum, &(steps, copies)| {
            sum + f64::from(copies) * work_s(steps)
        }),
        StepShape::OneOf(arms) => arms
            .iter()
            .fold(0.0, |sum, (share, steps)| sum + share.get() * work_s(steps)),
        StepShape::Again(times, steps) => mean_rounds(times) * work_s(steps),
        StepShape::Under { steps, .. } => work_s(steps),
    }
}

fn work_time_s(time: &WorkTime) -> f64 {
    match time {
        WorkTime::Drawn(dist) => dist.mean_ns() / 1e9,
        WorkTime::Sequence(times) => {
            let sum = times.iter().fold(0.0, |sum, time| sum + time.as_secs_f64());
            sum / times.len() as f64
        }
    }
}

fn mean_rounds(times: Times) -> f64 {
    match times {
        Times::Exactly(rounds) => f64::from(rounds),
        Times::Again(chance) => 1.0 / (1.0 - chance.get()),
    }
}

/// How often steps inside a step are done on average when it is done so often.
fn on_average(rate: f64, often: Often) -> f64 {
    match often {
        Often::Copies(copies) => rate * f64::from(copies),
        Often::Chance(share) => rate * share.get(),
        Often::Rounds(times) => rate * mean_rounds(times),
        Often::Passes(_) => rate,
    }
}

/// Adds the calls that steps make when they are done so often per second.
fn add_calls(model: &ModelSpec, steps: &[StepSpec], rate: f64, rates: &mut Rates) {
    StepSpec::visit(steps, rate, &on_average, &mut |step, rate| {
        if let StepShape::Call { site, .. } = step {
            rates.add(model, *site, rate);
        } else if let StepShape::Under { site, .. } = step {
            rates.sites[site.index()] += rate;
        }
    });
}

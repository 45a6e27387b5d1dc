//! Work that takes longer than somebody waits for it, and retries that take no time.
//!
//! What an operation takes at least follows from the file: the least values of its work and of the
//! messages, one after another. A timeout below that always comes first, whatever the load; often a
//! unit is wrong. The other way round, a retry without end and without waits whose tries may fail in
//! no time goes round for ever at one instant.

use super::Lint;
use crate::id::{Id, LayerId, OperationId, PipelineId, ServiceId};
use crate::model::spec::{
    ContentionLaw, RouteSpec, SiteSpec, StepShape, StepSpec, Times, WorkTime,
};
use crate::policy::{Outcome, RetryConfig};
use crate::scenario::compile::graph::edge_name;
use crate::time::SimDuration;

impl Lint<'_> {
    pub(super) fn least_times(&mut self) {
        self.timeouts_below_work();
        for pipeline in self.model.pipelines.ids() {
            self.retries_without_time(pipeline);
        }
    }

    fn timeouts_below_work(&mut self) {
        let mut least = vec![SimDuration::ZERO; self.model.operations.len()];
        for index in 0..self.order.len() {
            let id = self.order[index];
            let operation = &self.model.operations[id];
            let speed = self.greatest_speed(operation.service);
            let takes = self.least_of(&operation.steps, &least);
            least[id.index()] = takes.scaled(speed);
        }
        let model = self.model;
        for (id, site) in model.sites.iter_enumerated() {
            // A key that is known is answered from what was kept.
            let is_block = site.route == RouteSpec::Inline;
            let is_kept = !is_block && model.operations[site.target].keys.is_some();
            let needed = if is_block {
                let speed = self.greatest_speed(model.operations[site.target].service);
                self.least_of(model.block(id), &least).scaled(speed)
            } else {
                self.there_and_back(site) + least[site.target.index()]
            };
            if let Some(layer) = self
                .timeout_below(site.pipeline, needed)
                .filter(|_| !is_kept)
            {
                self.never_in_time(layer, site.target, needed);
            }
        }
    }

    fn never_in_time(&mut self, layer: LayerId, target: OperationId, needed: SimDuration) {
        let Some(timeout) = self.model.layers[layer].kind.timeout() else {
            return;
        };
        let message = format!(
            "this timeout gives up after {}, but {} takes at least {needed}: no call through it ever \
             succeeds",
            timeout.after,
            self.operation_name(target)
        );
        let hint = "raise it, or shorten the work: is a unit wrong?";
        self.warn("timeout-below-work", self.layer_span(layer), message, hint);
    }

    /// The shortest of the timeouts that are below this time; those around a fallback are left out,
    /// which may answer sooner.
    fn timeout_below(&self, pipeline: PipelineId, needed: SimDuration) -> Option<LayerId> {
        let after = |id: LayerId| self.model.layers[id].kind.timeout().map(|it| it.after);
        let layers = self.model.pipelines[pipeline].layers().rev();
        let inner = layers.take_while(|&id| self.model.layers[id].kind.fallback().is_none());
        let below = inner.filter(|&id| after(id).is_some_and(|it| it < needed));
        below.min_by_key(|&id| after(id))
    }

    fn there_and_back(&self, site: &SiteSpec) -> SimDuration {
        self.model.edges[site.sends]
            .network
            .latency
            .least()
            .times(2)
    }

    /// The least factor on work time in a service: what fewer operations at work or a fault make of it.
    fn greatest_speed(&self, service: ServiceId) -> f64 {
        let crowd = self.model.services[service].contention.as_ref();
        let crowd = crowd.map_or(1.0, |contention| match &contention.law {
            ContentionLaw::Usl { .. } => 1.0,
            ContentionLaw::Table(points) => {
                points.iter().fold(1.0, |least, point| point.1.min(least))
            }
        });
        let faults = self.model.faults.iter();
        let faults = faults.map(|fault| fault.kind.slowdown(service).get());
        faults.fold(crowd, f64::min).clamp(0.0, 1.0)
    }

    /// The least time in which steps can be done with a useful answer.
    fn least_of(&self, steps: &[StepSpec], least: &[SimDuration]) -> SimDuration {
        let each = steps.iter().map(|step| self.least_of_step(step, least));
        each.fold(SimDuration::ZERO, |sum, one| sum + one)
    }

    fn least_of_step(&self, step: &StepSpec, least: &[SimDuration]) -> SimDuration {
        match step.shape() {
            StepShape::Work(time) => match time {
                WorkTime::Drawn(dist) => dist.least(),
                WorkTime::Sequence(times) => times.iter().copied().min().unwrap_or_default(),
            },
            // One that is forgiven may fail at once, and a fallback may answer at once.
            StepShape::Call { optional: true, .. } | StepShape::Fail(_) => SimDuration::ZERO,
            StepShape::Call { site, .. } => {
                let site = &self.model.sites[site];
                let mut layers = self.model.pipelines[site.pipeline].layers();
                let falls_back = layers.any(|id| self.model.layers[id].kind.fallback().is_some());
                let is_kept = self.model.operations[site.target].keys.is_some();
                if falls_back || is_kept {
                    return SimDuration::ZERO;
                }
                self.there_and_back(site) + least[site.target.index()]
            }
            StepShape::AtOnce { branches, need, .. } => {
                let time =
                    |&(steps, copies): &(&[StepSpec], u32)| (self.least_of(steps, least), copies);
                slowest_needed(branches.iter().map(time).collect(), need)
            }
            StepShape::OneOf(arms) => {
                let all = arms.iter().fold(0.0, |sum, (share, _)| sum + share.get());
                let times = arms.iter().map(|(_, steps)| self.least_of(steps, least));
                let shortest = times.min().unwrap_or_default();
                if all < 1.0 {
                    SimDuration::ZERO
                } else {
                    shortest
                }
            }
            StepShape::Again(times, steps) => {
                let rounds = match times {
                    Times::Exactly(rounds) => rounds,
                    Times::Again(_) => 1,
                };
                self.least_of(steps, least).times(u64::from(rounds))
            }
            StepShape::Under { site, steps } => {
                let mut layers = self.model.pipelines[self.model.sites[site].pipeline].layers();
                if layers.any(|id| self.model.layers[id].kind.fallback().is_some()) {
                    return SimDuration::ZERO;
                }
                self.least_of(steps, least)
            }
        }
    }

    /// A retry without end or wait of tries that may fail at the very instant they begin.
    fn retries_without_time(&mut self, pipeline: PipelineId) {
        let layers: Vec<LayerId> = self.model.pipelines[pipeline].layers().collect();
        for (index, &id) in layers.iter().enumerate() {
            let model = self.model;
            let Some(retry) = model.layers[id].kind.retry() else {
                continue;
            };
            let endless = retry.max_attempts == u32::MAX && retry.budget.is_none();
            if !endless || !retry.never_waits() {
                continue;
            }
            let Some(at_once) = self.fails_at_once(retry, pipeline, &layers[index + 1..]) else {
                continue;
            };
            let message = format!(
                "this retry has no end and never waits, and a try takes no time where {at_once}: it \
                 would go round for ever at one instant"
            );
            let hint = "add a `backoff`, or limit `max_attempts`";
            self.warn("retry-without-time", self.layer_span(id), message, hint);
        }
    }

    /// Why a try may fail at once with something that is tried again.
    fn fails_at_once(
        &self,
        retry: &RetryConfig,
        pipeline: PipelineId,
        inside: &[LayerId],
    ) -> Option<String> {
        let stops = inside.iter().find(|&&id| {
            let stops = self.model.layers[id].kind.stops_with();
            stops.is_some_and(|outcome| retry.on.contains(outcome))
        });
        if let Some(&layer) = stops {
            return Some(format!("`{}` stops it", self.model.layers[layer].name));
        }
        let mut sites = self.model.sites.iter_enumerated();
        let (id, site) = sites.find(|(_, site)| {
            site.pipeline == pipeline && self.there_and_back(site) == SimDuration::ZERO
        })?;
        if site.route == RouteSpec::Inline {
            let outcome = failure_before_work(self.model.block(id))?;
            let name = edge_name(self.model, &self.model.edges[site.edge]);
            return (retry.on.contains(outcome)).then(|| format!("{name} fails before it works"));
        }
        let operation = &self.model.operations[site.target];
        let name = self.operation_name(site.target);
        if let Some(outcome) = failure_before_work(&operation.steps)
            && retry.on.contains(outcome)
        {
            return Some(format!("{name} fails before it works"));
        }
        let service = &self.model.services[operation.service];
        let rejects = service.threads.is_some() && service.queue.capacity.is_some();
        (rejects && retry.on.contains(Outcome::RejectedQueueFull))
            .then(|| format!("`{}` turns it away", service.name))
    }
}

/// When so many of these are done, each of so many copies that take so long.
fn slowest_needed(mut each: Vec<(SimDuration, u32)>, need: u32) -> SimDuration {
    each.sort_unstable();
    let mut done = 0_u32;
    let enough = each.into_iter().find(|(_, copies)| {
        done = done.saturating_add(*copies);
        done >= need
    });
    enough.map_or(SimDuration::ZERO, |(time, _)| time)
}

/// The failure that steps can end with before any of them takes time.
fn failure_before_work(steps: &[StepSpec]) -> Option<Outcome> {
    match steps.first()?.shape() {
        StepShape::Fail(outcome) => Some(outcome),
        StepShape::OneOf(arms) => arms
            .iter()
            .find_map(|(_, steps)| failure_before_work(steps)),
        StepShape::Again(_, steps) | StepShape::Under { steps, .. } => failure_before_work(steps),
        StepShape::Work(_) | StepShape::Call { .. } | StepShape::AtOnce { .. } => None,
    }
}

//! Timeouts that do not fit each other.
//!
//! Retries inside a total timeout need time for every attempt and every wait between them; and a
//! caller should not give up before the callee's own policies can have had their say.

use super::Lint;
use crate::id::{Id, LayerId, OperationId, PipelineId};
use crate::model::spec::{AbandonedWork, RouteSpec, StepShape, StepSpec, Times};
use crate::policy::{Layer, RetryConfig};
use crate::queueing::Discipline;
use crate::scenario::compile::graph::calls_of;
use crate::time::SimDuration;

impl Lint<'_> {
    pub(super) fn times(&mut self) {
        for pipeline in self.model.pipelines.ids() {
            self.timeouts_that_cut_retries(pipeline);
            self.connects_too_late(pipeline);
            self.deadlines_that_nobody_heeds(pipeline);
        }
        self.callers_that_give_up_first();
    }

    fn timeouts_that_cut_retries(&mut self, pipeline: PipelineId) {
        let layers: Vec<LayerId> = self.model.pipelines[pipeline].layers().collect();
        for (index, &outer) in layers.iter().enumerate() {
            let inside = &layers[index + 1..];
            let Layer::Timeout(total) = &self.model.layers[outer].kind else {
                continue;
            };
            let begins_with_retry = self.has_retry(inside);
            match self.longest(inside) {
                Some(needed) if begins_with_retry && needed > total.after => {
                    let message = format!(
                        "this timeout of {} cuts the retries inside, which can take {needed}",
                        total.after
                    );
                    let hint =
                        "raise it, or lower `max_attempts`, the inner timeout or the backoff";
                    self.warn(
                        "timeout-cuts-retries",
                        self.layer_span(outer),
                        message,
                        hint,
                    );
                }
                _ => {}
            }
        }
    }

    /// A limit on connecting that is no shorter than the limit on everything.
    fn connects_too_late(&mut self, pipeline: PipelineId) {
        for id in self.model.pipelines[pipeline].layers() {
            let Layer::Timeout(config) = &self.model.layers[id].kind else {
                continue;
            };
            if let Some(connect) = config.connect.filter(|connect| *connect >= config.after) {
                let message = format!(
                    "this timeout gives up after {}, so its `connect` limit of {connect} never acts",
                    config.after
                );
                let hint = "lower `connect` to a few round trips";
                self.warn("connect-never-acts", self.layer_span(id), message, hint);
            }
        }
    }

    /// A deadline is carried to services that all finish what nobody waits for.
    fn deadlines_that_nobody_heeds(&mut self, pipeline: PipelineId) {
        let carries = |id: &LayerId| matches!(&self.model.layers[*id].kind, Layer::Timeout(config) if config.propagate);
        let Some(id) = self.model.pipelines[pipeline].layers().find(carries) else {
            return;
        };
        let mut sites = self.model.sites.iter();
        let Some(site) = sites.find(|site| site.pipeline == pipeline) else {
            return;
        };
        let heeds = |operation: OperationId| {
            let service = self.model.operations[operation].service;
            let service = &self.model.services[service];
            service.abandoned_work != AbandonedWork::Finish
                || service.queue.discipline == Discipline::EarliestDeadline
        };
        if !self.reached_from(site.target).into_iter().any(heeds) {
            let message = "this timeout carries its deadline, but every service that it reaches \
                           finishes what nobody waits for";
            let hint = "set `abandoned_work: skip`, `remove` or `stop` at those services";
            self.warn(
                "deadline-unheeded",
                self.layer_span(id),
                message.to_owned(),
                hint,
            );
        }
    }

    /// An operation and all that are called for it.
    pub(super) fn reached_from(&self, operation: OperationId) -> Vec<OperationId> {
        let mut reached = vec![operation];
        let mut next = 0;
        while let Some(&caller) = reached.get(next) {
            next += 1;
            for (site, _) in calls_of(self.model, caller) {
                let target = self.model.sites[site].target;
                if !reached.contains(&target) {
                    reached.push(target);
                }
            }
        }
        reached
    }

    pub(super) fn has_retry(&self, layers: &[LayerId]) -> bool {
        let kinds = layers.iter().map(|&layer| &self.model.layers[layer].kind);
        kinds
            .into_iter()
            .any(|kind| matches!(kind, Layer::Retry(it) if it.max_attempts > 1))
    }

    /// The longest that a call can take within these layers; `None` if nothing limits it.
    pub(super) fn longest(&self, layers: &[LayerId]) -> Option<SimDuration> {
        let (&first, inside) = layers.split_first()?;
        let within = || self.longest(inside);
        let layer = &self.model.layers[first].kind;
        if let Some(it) = layer.timeout() {
            let Some(after) = it.limit() else {
                return within();
            };
            return Some(within().map_or(after, |inner| inner.min(after)));
        }
        let inner = within()?;
        if let Some(it) = layer.retry() {
            if it.max_attempts == u32::MAX {
                return None;
            }
            return Some(inner.times(u64::from(it.max_attempts)) + waits(it)?);
        }
        if let Some(it) = layer.hedge() {
            return Some(inner + it.longest_delays(inner));
        }
        let wait = layer.longest_wait();
        let own = (wait < SimDuration::MAX).then_some(wait)?;
        Some(inner + own + self.longest_fallback_call(first)?)
    }

    /// The longest that the call takes which a fallback makes; nothing if it makes none.
    fn longest_fallback_call(&self, layer: LayerId) -> Option<SimDuration> {
        let Some(fallback) = self
            .model
            .fallback_calls
            .iter()
            .find(|it| it.layer == layer)
        else {
            return Some(SimDuration::ZERO);
        };
        let pipeline = self.model.sites[fallback.call].pipeline;
        let layers: Vec<LayerId> = self.model.pipelines[pipeline].layers().collect();
        self.longest(&layers)
    }

    fn callers_that_give_up_first(&mut self) {
        let mut needs = vec![Some(SimDuration::ZERO); self.model.operations.len()];
        for index in 0..self.order.len() {
            let operation = self.order[index];
            needs[operation.index()] = self.need_of(&self.model.operations[operation].steps);
        }
        for (id, site) in self.model.sites.iter_enumerated() {
            let attempt = self.attempt_timeout(site.pipeline);
            let need = match site.route {
                RouteSpec::Inline => self.need_of(self.model.block(id)),
                RouteSpec::Balanced | RouteSpec::Fixed { .. } | RouteSpec::Own => {
                    needs[site.target.index()]
                }
            };
            match (attempt, need) {
                (Some(patience), Some(need)) if patience < need => {
                    let message = format!(
                        "the caller gives up after {patience}, but {} may spend {need} on calls \
                         of its own",
                        self.callee_name(site)
                    );
                    let hint = "give outer callers more time than inner ones";
                    self.warn("caller-gives-up-first", self.site_span(id), message, hint);
                }
                _ => {}
            }
        }
    }

    /// How long an attempt may take: the shortest of the timeouts around it.
    fn attempt_timeout(&self, pipeline: PipelineId) -> Option<SimDuration> {
        let layers = self.model.pipelines[pipeline].layers();
        let timeouts = layers.filter_map(|layer| self.model.layers[layer].kind.timeout()?.limit());
        timeouts.min()
    }

    /// The longest that the calls among steps can take, one after another; without the work.
    fn need_of(&self, steps: &[StepSpec]) -> Option<SimDuration> {
        let needs = steps.iter().map(|step| self.need_of_step(step));
        needs
            .into_iter()
            .try_fold(SimDuration::ZERO, |sum, need| Some(sum + need?))
    }

    fn need_of_step(&self, step: &StepSpec) -> Option<SimDuration> {
        match step.shape() {
            StepShape::Work(_) | StepShape::Fail(_) => Some(SimDuration::ZERO),
            StepShape::Call { site, .. } => {
                let pipeline = self.model.sites[site].pipeline;
                let layers: Vec<LayerId> = self.model.pipelines[pipeline].layers().collect();
                self.longest(&layers)
            }
            StepShape::AtOnce { branches, .. } => self.longest_of(branches.iter().map(|it| it.0)),
            StepShape::OneOf(arms) => self.longest_of(arms.iter().map(|it| it.1)),
            StepShape::Under { site, steps } => {
                let pipeline = self.model.sites[site].pipeline;
                let layers: Vec<LayerId> = self.model.pipelines[pipeline].layers().collect();
                self.longest(&layers).or_else(|| self.need_of(steps))
            }
            StepShape::Again(times, steps) => match times {
                Times::Exactly(rounds) => Some(self.need_of(steps)?.times(u64::from(rounds))),
                Times::Again(_) => self.need_of(steps),
            },
        }
    }

    fn longest_of<'s>(&self, ways: impl Iterator<Item = &'s [StepSpec]>) -> Option<SimDuration> {
        let mut needs = ways.map(|steps| self.need_of(steps));
        needs.try_fold(SimDuration::ZERO, |most, need| Some(most.max(need?)))
    }
}

/// The longest that the waits between all attempts can take together; `None` where they are drawn.
fn waits(retry: &RetryConfig) -> Option<SimDuration> {
    (!retry.backoff.is_drawn()).then(|| retry.longest_delays(None))
}

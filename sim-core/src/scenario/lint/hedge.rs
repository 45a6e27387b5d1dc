//! Hedges that never act, that have nowhere else to go, or that a service cannot bear.

use super::Lint;
use crate::id::{LayerId, PipelineId};
use crate::policy::{HedgeConfig, HedgeDelay};
use crate::time::SimDuration;

/// Share of a service's capacity in use above which hedges are likely to feed an overload.
const BUSY: f64 = 0.7;
/// How far back a percentile looks \[s\].
const MEMORY_S: f64 = 30.0;

impl Lint<'_> {
    pub(super) fn hedges(&mut self) {
        for pipeline in self.model.pipelines.ids() {
            self.hedges_that_never_act(pipeline);
            self.hedges_of_one_instance(pipeline);
            self.percentiles_of_too_few(pipeline);
        }
        self.hedges_under_load();
    }

    fn hedges_of(&self, pipeline: PipelineId) -> Vec<(LayerId, &HedgeConfig)> {
        let layers = self.model.pipelines[pipeline].layers();
        layers
            .filter_map(|id| Some((id, self.model.layers[id].kind.hedge()?)))
            .collect()
    }

    /// A timeout around the hedge gives up before the second pass could begin.
    fn hedges_that_never_act(&mut self, pipeline: PipelineId) {
        let mut limit = SimDuration::MAX;
        for id in self.model.pipelines[pipeline].layers() {
            let kind = &self.model.layers[id].kind;
            if let Some(config) = kind.timeout() {
                limit = limit.min(config.after);
            }
            let Some(delay) = kind.hedge().and_then(least_delay) else {
                continue;
            };
            if delay >= limit {
                let message = format!(
                    "this hedge begins after {delay}, but the timeout around it gives up \
                     after {limit}: it never acts"
                );
                let hint = "lower the delay to about the p95 of the calls";
                self.warn("hedge-never-acts", self.layer_span(id), message, hint);
            }
        }
    }

    /// A percentile that never has the results it asks for, and nothing that holds meanwhile.
    fn percentiles_of_too_few(&mut self, pipeline: PipelineId) {
        let Some(rates) = self.known_rates() else {
            return;
        };
        let asked: Vec<(LayerId, u32)> = self
            .hedges_of(pipeline)
            .into_iter()
            .filter_map(|(id, config)| Some((id, samples_without_a_fallback(config)?)))
            .collect();
        for (id, needed) in asked {
            let calls = self.calls_per_owner(id, &rates) * MEMORY_S;
            if calls <= 0.0 || calls >= f64::from(needed) {
                continue;
            }
            let message = format!(
                "each owner of this hedge sees about {calls:.0} calls in the {MEMORY_S:.0} s that it \
                 remembers, but wants {needed} before it acts"
            );
            let hint = "lower `minimum_samples`, or give it a `fallback` that holds meanwhile";
            self.warn("hedge-never-acts", self.layer_span(id), message, hint);
        }
    }

    fn hedges_of_one_instance(&mut self, pipeline: PipelineId) {
        let service = &self.model.services[self.model.pipelines[pipeline].target];
        let ids: Vec<LayerId> = self.hedges_of(pipeline).iter().map(|it| it.0).collect();
        for id in ids.into_iter().filter(|_| service.instances == 1) {
            let message = format!(
                "`{}` has one instance: a hedge goes to the one that is already slow",
                service.name
            );
            let hint = "hedge between instances";
            self.warn("hedge-one-instance", self.layer_span(id), message, hint);
        }
    }

    fn hedges_under_load(&mut self) {
        let rates = self.rates();
        for pipeline in self.model.pipelines.ids() {
            let target = self.model.pipelines[pipeline].target;
            let share = self.demand(target, &rates.operations) / self.capacity(target);
            let hedges = self.hedges_of(pipeline).into_iter();
            let unlimited = hedges.filter(|(_, config)| config.budget.is_none());
            let ids: Vec<LayerId> = unlimited.map(|it| it.0).collect();
            for id in ids.into_iter().filter(|_| share >= BUSY) {
                let message = format!(
                    "`{}` is {:.0}% busy without hedges: when it slows, each slow call becomes \
                     another, and nothing limits them",
                    self.model.services[target].name,
                    share * 100.0
                );
                let hint = "give it a `budget`, hedge later, or add capacity";
                self.warn("hedge-under-load", self.layer_span(id), message, hint);
            }
        }
    }
}

/// The results it wants to see, if nothing stands in for them.
fn samples_without_a_fallback(config: &HedgeConfig) -> Option<u32> {
    match &config.delay {
        HedgeDelay::Percentile {
            fallback: None,
            minimum_samples,
            ..
        } => Some(*minimum_samples),
        HedgeDelay::Percentile { .. } | HedgeDelay::Fixed(_) => None,
    }
}

/// The delay where it is known.
fn least_delay(config: &HedgeConfig) -> Option<SimDuration> {
    match &config.delay {
        HedgeDelay::Fixed(delay) => delay.is_constant().then(|| delay.mean()),
        HedgeDelay::Percentile { .. } => None,
    }
}

//! Limits over time, of each guard that finds its own.

use crate::model::record::{LimitedBy, RunRecord};
use crate::model::spec::ModelSpec;
use crate::policy::{ConcurrencyLimitConfig, LimitRule};
use crate::time::SimTime;

/// The limit of one owner of a guard: from each instant on so many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitLine {
    /// Which guard.
    pub by: LimitedBy,
    /// The limit at first and after each change, with the instant from which it holds.
    pub steps: Vec<(SimTime, u32)>,
}

impl LimitLine {
    /// The limit at an instant.
    pub fn at(&self, at: SimTime) -> u32 {
        let after = self.steps.partition_point(|step| step.0 <= at);
        self.steps[after.saturating_sub(1)].1
    }

    /// Lowest and highest limit in a span.
    pub fn bounds(&self, from: SimTime, until: SimTime) -> (u32, u32) {
        let first = self.at(from);
        let within = self
            .steps
            .iter()
            .filter(|step| step.0 > from && step.0 < until);
        within.fold((first, first), |(low, high), step| {
            (low.min(step.1), high.max(step.1))
        })
    }

    /// Which share of a span the limit was this.
    pub fn share_at(&self, limit: u32, from: SimTime, until: SimTime) -> f64 {
        let mut sum = 0;
        for (place, &(begins, value)) in self.steps.iter().enumerate() {
            let ends = self.steps.get(place + 1).map_or(until, |next| next.0);
            let (begins, ends) = (begins.max(from), ends.min(until));
            if value == limit && ends > begins {
                sum += ends.since(begins).as_ns();
            }
        }
        sum as f64 / until.since(from).as_ns().max(1) as f64
    }
}

/// The settings of a guard that finds its own limit.
pub(super) fn limit_config(spec: &ModelSpec, by: LimitedBy) -> Option<&ConcurrencyLimitConfig> {
    match by {
        LimitedBy::Layer(id) => spec.layers[id].kind.concurrency_limit(),
        LimitedBy::Admission(id) => spec.admission[id].kind.concurrency_limit(),
    }
}

/// The limit with which a guard begins.
pub(super) const fn first_limit(config: &ConcurrencyLimitConfig) -> u32 {
    match config.rule {
        LimitRule::Gradient { .. } => config.min,
        LimitRule::Aimd { .. } | LimitRule::Vegas { .. } | LimitRule::Gradient2 { .. } => {
            config.initial
        }
    }
}

/// The lines of all owners of a guard that ever found another limit; if there are none, the one that
/// stayed where it began.
pub fn limit_lines(spec: &ModelSpec, record: &RunRecord, by: LimitedBy) -> Vec<LimitLine> {
    let Some(config) = limit_config(spec, by) else {
        return Vec::new();
    };
    let first = (SimTime::ZERO, first_limit(config));
    let mut lines: Vec<(u32, LimitLine)> = Vec::new();
    for change in record.limit_changes.iter().filter(|it| it.by == by) {
        let place = match lines.binary_search_by_key(&change.owner, |line| line.0) {
            Ok(place) => place,
            Err(place) => {
                let steps = vec![first];
                lines.insert(place, (change.owner, LimitLine { by, steps }));
                place
            }
        };
        lines[place].1.steps.push((change.at, change.to));
    }
    if lines.is_empty() {
        let steps = vec![first];
        return vec![LimitLine { by, steps }];
    }
    lines.into_iter().map(|(_, line)| line).collect()
}

/// All guards of a model that find their own limit.
pub fn limited(spec: &ModelSpec) -> Vec<LimitedBy> {
    let layers = spec.layers.ids().map(LimitedBy::Layer);
    let all = layers.chain(spec.admission.ids().map(LimitedBy::Admission));
    all.filter(|&by| limit_config(spec, by).is_some()).collect()
}

//! Layers, and breakers over time.

use super::limit::limit;
use super::service::above_zero;
use super::traffic::latency;
use crate::id::{InstanceId, LayerId, PipelineId, ProcessId};
use crate::model::fact::BreakerState;
use crate::model::record::LimitedBy;
use crate::model::record::{
    BreakerChange, LayerCounts, RunRecord, group_name, instance_name, layer_name, process_name,
};
use crate::model::spec::ModelSpec;
use crate::policy::{Applied, Layer};
use crate::report::{
    BreakerOwnerReport, BreakerReport, BreakerSpan, BudgetReport, CountReport, LayerReport,
};
use crate::time::SimTime;

/// At most so many owners of one layer are drawn.
const MAX_OWNERS: usize = 100;
/// At most so many changes of one layer are drawn: a report stays small.
const MAX_CHANGES: usize = 5_000;

pub(super) fn layers(spec: &ModelSpec, record: &RunRecord) -> Vec<LayerReport> {
    spec.layers
        .ids()
        .map(|id| layer(spec, record, id))
        .collect()
}

fn layer(spec: &ModelSpec, record: &RunRecord, id: LayerId) -> LayerReport {
    let layer = &spec.layers[id];
    let pipeline = &spec.pipelines[layer.pipeline];
    let measured = &record.measured.layers[id];
    let never_acted = record.whole.layers[id].never_acted();
    LayerReport {
        policy: pipeline.policy.clone(),
        layer: layer.name.clone(),
        kind: layer.kind.name().to_owned(),
        caller: group_name(spec, pipeline.callers).to_owned(),
        target: target_name(spec, layer.pipeline),
        acts: acts(&layer.kind, measured),
        answer_age: record.ages[id].as_deref().map(latency),
        waits: record.layer_waits[id].as_deref().map(latency),
        limit: limit(spec, record, LimitedBy::Layer(id)),
        backoff_total_ns: (measured.retries_planned > 0).then_some(measured.backoff_ns),
        hedge_delay_mean_ns: hedge_delay(measured),
        never_acted,
        acted_in_warmup_only: !never_acted && measured.never_acted(),
    }
}

/// What layers stand around: calls of a service; or a block of the caller's own, or the asking of a pool.
fn target_name(spec: &ModelSpec, pipeline: PipelineId) -> String {
    let mut own: Vec<String> = Vec::new();
    for site in spec.sites.iter().filter(|site| site.pipeline == pipeline) {
        let name = match (site.holds, &spec.edges[site.edge].block) {
            (Some(kept), _) => format!("pool {}", spec.kept[kept].name),
            (None, Some(block)) => block.clone(),
            (None, None) => continue,
        };
        if !own.contains(&name) {
            own.push(name);
        }
    }
    if own.is_empty() {
        return spec.services[spec.pipelines[pipeline].target].name.clone();
    }
    own.join(", ")
}

fn hedge_delay(counts: &LayerCounts) -> Option<u64> {
    let delays =
        counts.times(Applied::DelayFromPercentile) + counts.times(Applied::DelayFromFallback);
    counts.hedge_delay_ns.checked_div(delays)
}

/// What a layer of this kind did, whatever is not zero.
pub(in crate::report) fn acts(layer: &Layer, counts: &LayerCounts) -> Vec<CountReport> {
    // A retry that is refused gives up, which is counted.
    let refused = layer.hedge().map_or(0, |_| counts.refused);
    above_zero(LayerCounts { refused, ..*counts }.named())
}

pub(super) fn budgets(spec: &ModelSpec, record: &RunRecord) -> Vec<BudgetReport> {
    let budgets = spec.budgets.iter_enumerated();
    budgets
        .map(|(id, budget)| {
            let measured = record.measured.budgets[id];
            let asking = spec.layers.iter_enumerated();
            BudgetReport {
                name: budget.name.clone(),
                kind: budget.kind.name().to_owned(),
                scope: budget.scope.name().to_owned(),
                asked_by: asking
                    .filter(|(_, layer)| layer.kind.budget() == Some(id))
                    .map(|(layer, _)| layer_name(spec, layer))
                    .collect(),
                granted_total: measured.granted,
                granted_by_floor_total: measured.by_floor,
                refused_total: measured.refused,
                least_left: record.least_left[id],
                never_refused: record.whole.budgets[id].refused == 0,
            }
        })
        .collect()
}

pub(super) fn breakers(spec: &ModelSpec, record: &RunRecord) -> Vec<BreakerReport> {
    let layers = spec.layers.iter_enumerated();
    let breakers = layers.filter(|(_, layer)| matches!(layer.kind, Layer::Breaker(_)));
    breakers.map(|(id, _)| breaker(spec, record, id)).collect()
}

/// Who owns one breaker of a layer.
type Owner = (ProcessId, Option<InstanceId>);

fn breaker(spec: &ModelSpec, record: &RunRecord, id: LayerId) -> BreakerReport {
    let layer = &spec.layers[id];
    let pipeline = &spec.pipelines[layer.pipeline];
    let changes: Vec<&BreakerChange> = record
        .breaker_changes
        .iter()
        .filter(|change| change.layer == id)
        .collect();
    let owners = owners(&changes);
    let drawn = &changes[..changes.len().min(MAX_CHANGES)];
    BreakerReport {
        policy: pipeline.policy.clone(),
        layer: layer.name.clone(),
        caller: group_name(spec, pipeline.callers).to_owned(),
        target: target_name(spec, layer.pipeline),
        opened_total: record.whole.layers[id].opened,
        owners_changed: owners.len() as u32,
        owners: owners
            .iter()
            .take(MAX_OWNERS)
            .map(|&owner| owner_report(spec, record, drawn, owner))
            .collect(),
    }
}

/// The owners in the order of their first change.
fn owners(changes: &[&BreakerChange]) -> Vec<Owner> {
    let mut seen = std::collections::BTreeSet::new();
    let all = changes
        .iter()
        .map(|change| (change.process, change.instance));
    all.filter(|&owner| seen.insert(owner)).collect()
}

fn owner_report(
    spec: &ModelSpec,
    record: &RunRecord,
    changes: &[&BreakerChange],
    owner: Owner,
) -> BreakerOwnerReport {
    let mut spans = Vec::new();
    let mut entered: Option<&BreakerChange> = None;
    let own = changes
        .iter()
        .filter(|change| (change.process, change.instance) == owner);
    for change in own {
        spans.extend(span(entered, change.at));
        entered = Some(change);
    }
    spans.extend(span(entered, record.end));
    BreakerOwnerReport {
        owner: process_name(spec, owner.0),
        guards: owner.1.map(|instance| instance_name(spec, instance)),
        spans,
    }
}

/// The state that a breaker has entered, if by a change, until an instant. One that takes no time is
/// not drawn.
fn span(entered: Option<&BreakerChange>, until: SimTime) -> Option<BreakerSpan> {
    let from = entered.map_or(SimTime::ZERO, |change| change.at);
    let decided = entered.filter(|change| change.results > 0);
    let opened = entered.filter(|change| change.to == BreakerState::Open);
    (until > from).then(|| BreakerSpan {
        state: entered
            .map_or(BreakerState::Closed, |change| change.to)
            .into(),
        from_ns: from.as_ns(),
        until_ns: until.as_ns(),
        why: entered.map(|change| change.why.name().to_owned()),
        failures: decided.map(|change| change.failures),
        results: decided.map(|change| change.results),
        wait_ns: opened.map(|change| change.wait.as_ns()),
    })
}

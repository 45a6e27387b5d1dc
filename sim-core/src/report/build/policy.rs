//! Layers, and breakers over time.

use super::service::named;
use super::traffic::latency;
use crate::id::{InstanceId, LayerId, ProcessId};
use crate::model::fact::BreakerState;
use crate::model::record::{
    BreakerChange, LayerCounts, RunRecord, group_name, instance_name, layer_name, process_name,
};
use crate::model::spec::ModelSpec;
use crate::policy::Layer;
use crate::report::{
    BreakerOwnerReport, BreakerReport, BreakerSpan, BudgetReport, CountReport, LayerReport,
};

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
    LayerReport {
        policy: pipeline.policy.clone(),
        layer: layer.name.clone(),
        kind: layer.kind.name().to_owned(),
        caller: group_name(spec, pipeline.callers).to_owned(),
        target: spec.services[pipeline.target].name.clone(),
        acts: acts(&layer.kind, &record.measured.layers[id]),
        answer_age: record.ages[id].as_deref().map(latency),
        never_acted: record.whole.layers[id].never_acted(),
    }
}

/// What a layer of this kind did, whatever is not zero.
pub(in crate::report) fn acts(layer: &Layer, counts: &LayerCounts) -> Vec<CountReport> {
    // A retry that is refused gives up, which is counted.
    let hedges_refused = match layer.hedge() {
        Some(_) => counts.refused,
        None => 0,
    };
    let [
        used_up,
        not_retryable,
        too_long,
        not_idempotent,
        budget,
        pushback,
    ] = counts.gave_up;
    let rows = [
        ("stopped", counts.stopped),
        ("waited", counts.waited),
        ("timed_out", counts.timed_out),
        ("retries_planned", counts.retries_planned),
        ("gave_up.attempts_used_up", used_up),
        ("gave_up.not_retryable", not_retryable),
        ("gave_up.elapsed_too_long", too_long),
        ("gave_up.not_idempotent", not_idempotent),
        ("gave_up.budget", budget),
        ("gave_up.pushback", pushback),
        ("fallbacks", counts.fallbacks),
        ("fallbacks_missing", counts.fallbacks_missing),
        ("fallbacks_called", counts.fallbacks_called),
        ("fallbacks_failed", counts.fallbacks_failed),
        ("hedges_sent", counts.hedges_sent),
        ("hedges_refused", hedges_refused),
        ("hedges_won", counts.hedges_won),
        ("hedges_lost", counts.hedges_lost),
        ("opened", counts.opened),
        ("half_opened", counts.half_opened),
        ("closed", counts.closed),
    ];
    let (names, totals): (Vec<&str>, Vec<u64>) = rows.into_iter().unzip();
    named(&names, &totals)
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
        target: spec.services[pipeline.target].name.clone(),
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
    let mut state = BreakerState::Closed;
    let mut from_ns = 0;
    let own = changes
        .iter()
        .filter(|change| (change.process, change.instance) == owner);
    for change in own {
        push_span(&mut spans, state, from_ns, change.at.as_ns());
        state = change.to;
        from_ns = change.at.as_ns();
    }
    push_span(&mut spans, state, from_ns, record.end.as_ns());
    BreakerOwnerReport {
        owner: process_name(spec, owner.0),
        guards: owner.1.map(|instance| instance_name(spec, instance)),
        spans,
    }
}

/// States that take no time are not drawn.
fn push_span(spans: &mut Vec<BreakerSpan>, state: BreakerState, from_ns: u64, until_ns: u64) {
    if until_ns > from_ns {
        let state = state.into();
        spans.push(BreakerSpan {
            state,
            from_ns,
            until_ns,
        });
    }
}

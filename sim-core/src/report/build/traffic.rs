//! Clients and edges.

use super::rates::{per_second, share};
use crate::id::EdgeId;
use crate::model::record::{
    ByOutcome, Calls, CauseCount, RunRecord, caller_name, cause_text, edge_name, edges_of,
    label_name, operation_name, place_name,
};
use crate::model::spec::{LabelFilter, ModelSpec, Subject};
use crate::observe::Histogram;
use crate::policy::Outcome;
use crate::report::{
    AttemptOutcomeReport, AttemptsReport, CallsReport, ClientReport, EdgeReport, FirstCauseReport,
    LabelReport, LatencyReport, OutcomeReport,
};

/// At most so many first causes of a client or an edge.
const MAX_CAUSES: usize = 20;

pub(super) fn clients(spec: &ModelSpec, record: &RunRecord) -> Vec<ClientReport> {
    let clients = spec.clients.iter_enumerated();
    clients
        .map(|(id, client)| ClientReport {
            name: client.name.clone(),
            processes: client.processes,
            calls: calls(spec, record, &edges_of(spec, Subject::Client(id))),
        })
        .collect()
}

pub(super) fn tenants(spec: &ModelSpec, record: &RunRecord) -> Vec<LabelReport> {
    labels(spec, record, |label| {
        matches!(label, LabelFilter::Tenant(_))
    })
}

pub(super) fn classes(spec: &ModelSpec, record: &RunRecord) -> Vec<LabelReport> {
    labels(spec, record, |label| matches!(label, LabelFilter::Class(_)))
}

/// Those without a name only if they made calls.
fn labels(
    spec: &ModelSpec,
    record: &RunRecord,
    of_kind: fn(LabelFilter) -> bool,
) -> Vec<LabelReport> {
    let all = spec.labelled.iter().filter(|one| of_kind(one.label));
    all.map(|one| (label_name(spec, one.label), &record.windows[one.window]))
        .filter(|(name, window)| !name.is_empty() || window.started > 0)
        .map(|(name, window)| LabelReport {
            name: name.to_owned(),
            calls: calls_report(spec, record, window.started, &window.calls, Vec::new()),
        })
        .collect()
}

pub(super) fn edges(spec: &ModelSpec, record: &RunRecord) -> Vec<EdgeReport> {
    spec.told_edges().map(|id| edge(spec, record, id)).collect()
}

fn edge(spec: &ModelSpec, record: &RunRecord, id: EdgeId) -> EdgeReport {
    let edge = &spec.edges[id];
    let service = spec.operations[edge.target].service;
    EdgeReport {
        name: edge_name(spec, id),
        caller: caller_name(spec, edge.caller),
        target: operation_name(spec, edge.target),
        service: spec.services[service].name.clone(),
        from_client: edge.client().is_some(),
        calls: calls(spec, record, &[id]),
        attempts: attempts(record, id),
    }
}

/// The calls on some edges together.
fn calls(spec: &ModelSpec, record: &RunRecord, edges: &[EdgeId]) -> CallsReport {
    let mut sum = Calls::default();
    for &edge in edges {
        sum.merge(&record.calls[edge]);
    }
    let started: u64 = edges.iter().map(|&edge| record.calls_started[edge]).sum();
    let causes = first_causes(spec, record, edges);
    calls_report(spec, record, started, &sum, causes)
}

fn calls_report(
    spec: &ModelSpec,
    record: &RunRecord,
    started: u64,
    calls: &Calls,
    first_causes: Vec<FirstCauseReport>,
) -> CallsReport {
    let (ended, useful) = (calls.total(), calls.useful());
    CallsReport {
        started_total: started,
        ended_total: ended,
        unfinished_total: started - ended,
        useful_total: useful,
        useful_share: share(useful, ended),
        offered_per_second: per_second(spec, record, started),
        goodput_per_second: per_second(spec, record, useful),
        outcomes: outcomes(calls),
        first_causes,
    }
}

pub(super) fn outcomes(calls: &Calls) -> Vec<OutcomeReport> {
    let ended = calls.total();
    let all = Outcome::SHOWN.iter();
    let all = all.map(|&outcome| (outcome, &calls.latency[outcome as usize]));
    let occurred = all.filter(|(_, latency)| latency.count() > 0);
    occurred
        .map(|(outcome, histogram)| OutcomeReport {
            outcome: outcome.name().to_owned(),
            calls_total: histogram.count(),
            share: share(histogram.count(), ended).unwrap_or_default(),
            latency: latency(histogram),
        })
        .collect()
}

/// A histogram in figures; all zero when it is empty.
pub(super) fn latency(histogram: &Histogram) -> LatencyReport {
    let Some([p50_ns, p90_ns, p95_ns, p99_ns, highest_ns]) =
        histogram.percentiles([50.0, 90.0, 95.0, 99.0, 99.9])
    else {
        return LatencyReport::default();
    };
    let count = u128::from(histogram.count());
    LatencyReport {
        count: histogram.count(),
        mean_ns: ((histogram.sum() + count / 2) / count) as u64,
        deviation_ns: histogram.deviation_ns().unwrap_or(0.0).round() as u64,
        p50_ns,
        p90_ns,
        p95_ns,
        p99_ns,
        p999_ns: highest_ns,
        max_ns: histogram.max().unwrap_or(0),
    }
}

/// The most frequent ones of some edges together; equals in the order of outcome and place.
fn first_causes(spec: &ModelSpec, record: &RunRecord, edges: &[EdgeId]) -> Vec<FirstCauseReport> {
    let mut sums: Vec<CauseCount> = Vec::new();
    for cause in edges
        .iter()
        .flat_map(|&edge| record.causes[edge].as_slice())
    {
        let same = |sum: &&mut CauseCount| sum.outcome == cause.outcome && sum.cause == cause.cause;
        match sums.iter_mut().find(same) {
            Some(sum) => sum.calls += cause.calls,
            None => sums.push(*cause),
        }
    }
    sums.sort_by_key(|sum| (std::cmp::Reverse(sum.calls), sum.outcome, sum.cause));
    sums.truncate(MAX_CAUSES);
    sums.iter()
        .map(|sum| FirstCauseReport {
            outcome: sum.outcome.name().to_owned(),
            place: place_name(spec, sum.cause.place),
            doing: cause_text(sum.cause.kind),
            calls_total: sum.calls,
        })
        .collect()
}

fn attempts(record: &RunRecord, id: EdgeId) -> AttemptsReport {
    let (measured, whole) = (&record.measured.edges[id], &record.whole.edges[id]);
    let calls = &record.calls[id];
    AttemptsReport {
        sent_total: measured.sent,
        retries_total: measured.retries,
        answered_total: measured.answered,
        messages_lost_total: measured.messages_lost,
        in_flight: whole.sent.saturating_sub(whole.attempts_ended_total()),
        amplification: share(calls.attempts, calls.with_attempts),
        outcomes: attempt_outcomes(&measured.attempts_ended),
    }
}

pub(super) fn attempt_outcomes(ended: &ByOutcome) -> Vec<AttemptOutcomeReport> {
    let all = Outcome::SHOWN.iter();
    let all = all.map(|&outcome| (outcome, ended[outcome as usize]));
    let occurred = all.filter(|&(_, attempts)| attempts > 0);
    occurred
        .map(|(outcome, attempts_total)| AttemptOutcomeReport {
            outcome: outcome.name().to_owned(),
            attempts_total,
        })
        .collect()
}

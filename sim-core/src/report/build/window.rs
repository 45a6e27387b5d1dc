//! The spans that expectations look at.

use super::rates::share;
use super::traffic::{attempt_outcomes, outcomes};
use crate::id::{EdgeId, LayerId, ServiceId};
use crate::judge::RunView;
use crate::model::record::{
    LayerSnapshot, RunRecord, WindowRecord, edge_name, label_name, layer_name,
};
use crate::model::spec::{LabelFilter, ModelSpec, Subject, WindowSpec};
use crate::report::{
    Finite, WindowCallsReport, WindowEdgeReport, WindowLayerReport, WindowReport,
    WindowServiceReport,
};
use crate::time::SimTime;

/// Every span that is not the whole of what is measured, in the order of time.
pub(super) fn windows(view: &RunView<'_>) -> Vec<WindowReport> {
    let spec = view.spec();
    let mut spans: Vec<(SimTime, SimTime)> = spec
        .windows
        .iter()
        .map(|window| (window.from, window.until.min(spec.duration)))
        .filter(|&span| span != (spec.warmup, spec.duration) && span.0 < view.record.end)
        .collect();
    spans.sort_unstable();
    spans.dedup();
    spans
        .into_iter()
        .map(|(from, until)| window(view, from, until))
        .collect()
}

fn window(view: &RunView<'_>, from: SimTime, until: SimTime) -> WindowReport {
    let (spec, record) = (view.spec(), view.record);
    let edges = spec.traffic_edges();
    let services = spec.services.ids();
    let layers = spec.layers.ids();
    WindowReport {
        name: format!("{from} to {until}"),
        from_ns: from.as_ns(),
        until_ns: until.as_ns(),
        calls: all_calls(spec, record, from, until),
        edges: edges.filter_map(|id| edge(view, id, from, until)).collect(),
        services: services
            .filter_map(|id| service(view, id, from, until))
            .collect(),
        layers: layers
            .filter_map(|id| layer(view, id, from, until))
            .collect(),
    }
}

/// Whose calls are looked at in a span, each once.
fn all_calls(
    spec: &ModelSpec,
    record: &RunRecord,
    from: SimTime,
    until: SimTime,
) -> Vec<WindowCallsReport> {
    let mut all: Vec<WindowCallsReport> = Vec::new();
    for (id, window) in spec.windows.iter_enumerated() {
        let name = name_of(spec, window);
        let is_here = (window.from, window.until.min(spec.duration)) == (from, until);
        if is_here && all.iter().all(|known| known.name != name) {
            all.push(calls(
                name,
                &record.windows[id],
                from.until(until).as_secs_f64(),
            ));
        }
    }
    all
}

fn calls(name: String, window: &WindowRecord, span_s: f64) -> WindowCallsReport {
    let calls = &window.calls;
    WindowCallsReport {
        name,
        started_total: window.started,
        unfinished_total: window.unfinished(),
        useful_share: share(calls.useful(), calls.total()),
        goodput_per_second: Finite::ratio(calls.useful() as f64, span_s).unwrap_or_default(),
        amplification: share(calls.attempts, calls.with_attempts),
        outcomes: outcomes(calls),
    }
}

fn name_of(spec: &ModelSpec, window: &WindowSpec) -> String {
    let subject = match window.of {
        Subject::AllClients => "all clients".to_owned(),
        Subject::Client(client) => spec.clients[client].name.clone(),
        Subject::Edge(edge) => format!("calls {}", edge_name(spec, edge)),
        Subject::Service(service) => format!("calls to {}", spec.services[service].name),
    };
    let of = label_name(spec, window.label);
    match window.label {
        LabelFilter::Any => subject,
        LabelFilter::Tenant(_) => format!("{subject} for tenant {of}"),
        LabelFilter::Class(_) => format!("{subject} of class {of}"),
    }
}

fn edge(view: &RunView<'_>, id: EdgeId, from: SimTime, until: SimTime) -> Option<WindowEdgeReport> {
    let snapshot = view.record.snapshots.edge(id, from, until);
    (snapshot.sent + snapshot.attempts_ended > 0).then(|| WindowEdgeReport {
        name: edge_name(view.spec(), id),
        sent_total: snapshot.sent,
        retries_total: snapshot.retries,
        outcomes: attempt_outcomes(&snapshot.outcomes),
    })
}

fn service(
    view: &RunView<'_>,
    id: ServiceId,
    from: SimTime,
    until: SimTime,
) -> Option<WindowServiceReport> {
    let work = view.work_of(id, from, until);
    let level = view.record.snapshots.level(id, from, until);
    if work.arrived == 0 && level.present_area == 0 {
        return None;
    }
    let number = |value: Option<f64>| value.and_then(Finite::new);
    Some(WindowServiceReport {
        name: view.spec().services[id].name.clone(),
        arrived_total: work.arrived,
        rejected_total: work.rejected,
        throughput_per_second: number(view.throughput(id, from, until)).unwrap_or_default(),
        utilisation: number(view.utilisation(id, from, until)),
        mean_queue: number(view.mean_queue(id, from, until)).unwrap_or_default(),
        peak_in_one_instance: level.queue_peak,
        in_system: number(view.in_system(id, from, until)).unwrap_or_default(),
        waited_share: number(view.waited_share(id, from, until)),
        wasted_share: number(view.wasted_share(id, from, until)),
    })
}

fn layer(
    view: &RunView<'_>,
    id: LayerId,
    from: SimTime,
    until: SimTime,
) -> Option<WindowLayerReport> {
    let snapshot = view.record.snapshots.layer(id, from, until);
    (snapshot != LayerSnapshot::default()).then(|| WindowLayerReport {
        name: layer_name(view.spec(), id),
        stopped_total: snapshot.stopped,
        retries_planned_total: snapshot.retries,
        refused_total: snapshot.refused,
    })
}

//! The figures that every run is described by, so that runs can be compared.
//!
//! Which ones there are depends on the scenario alone, never on what happened: the same list for all
//! replications. Their names read as in the sentences of expectations, and are what
//! `--until 'half-width of success of shoppers < 1%'` refers to. All are over
//! `[warmup, duration)`; a figure that a run cannot give is absent there.

use crate::id::{EdgeId, ServiceId};
use crate::judge::{Case, Judged, Unit, unit};
use crate::model::record::{Calls, edge_name, edges_of};
use crate::model::spec::{ModelSpec, Subject};
use crate::policy::{Outcome, OutcomeSet};
use crate::scenario::diagnostic::nearest;
use crate::scenario::expect::Scenario;

/// A figure of a run: its name, and how to read it off.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Such as `success of shoppers`.
    pub name: String,
    /// Unit of its values.
    pub unit: Unit,
    /// What it is.
    of: Of,
}

#[derive(Clone, Debug, PartialEq)]
enum Of {
    /// Useful calls among those that ended.
    Success(Vec<EdgeId>),
    /// Useful calls per second.
    Goodput(Vec<EdgeId>),
    /// Mean latency of useful calls.
    MeanLatency(Vec<EdgeId>),
    /// A percentile of the latency of useful calls.
    Latency(Vec<EdgeId>, f64),
    /// Attempts per call that sent one.
    Amplification(EdgeId),
    /// Attempts per original attempt, along all paths.
    PathAmplification(ServiceId),
    Utilisation(ServiceId),
    /// Mean number waiting, all instances together.
    Queue(ServiceId),
    WastedWork(ServiceId),
    /// The value of an expectation, by its place.
    Expectation(usize),
}

/// What to say to a name that none of these measures has: the nearest one, or where all are listed.
pub fn measure_hint<'a>(wanted: &str, names: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(wanted, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "there are {} measures: `squall validate FILE --measures` lists them",
            names.count()
        ),
    }
}

/// All figures of a scenario, in the order of reports.
pub fn figures(scenario: &Scenario) -> Vec<Figure> {
    let spec = &scenario.model;
    let mut all = Vec::new();
    for (subject, name) in callers(spec) {
        of_calls(&edges_of(spec, subject), &name, &mut all);
    }
    for edge in spec.edges.ids() {
        let name = format!("amplification of {}", edge_name(spec, edge));
        all.push(figure(name, Unit::Factor, Of::Amplification(edge)));
    }
    for service in spec.services.ids() {
        of_service(spec, service, &mut all);
    }
    for (place, one) in scenario.expectations.iter().enumerate() {
        let name = format!("expectation {}", one.name);
        all.push(figure(name, unit(&one.measure), Of::Expectation(place)));
    }
    all
}

fn figure(name: String, unit: Unit, of: Of) -> Figure {
    Figure { name, unit, of }
}

/// All clients together, unless there is only one, then each.
fn callers(spec: &ModelSpec) -> Vec<(Subject, String)> {
    let each = spec.clients.iter_enumerated();
    let each = each.map(|(id, client)| (Subject::Client(id), client.name.clone()));
    let together = (Subject::AllClients, "all clients".to_owned());
    let several = spec.clients.len() > 1;
    several
        .then_some(together)
        .into_iter()
        .chain(each)
        .collect()
}

fn of_calls(edges: &[EdgeId], name: &str, all: &mut Vec<Figure>) {
    let edges = || edges.to_vec();
    let percentile = |p: f64| {
        let name = format!("p{p} latency of {name}");
        figure(name, Unit::Ns, Of::Latency(edges(), p))
    };
    all.extend([
        figure(
            format!("success of {name}"),
            Unit::Share,
            Of::Success(edges()),
        ),
        figure(
            format!("goodput of {name}"),
            Unit::PerSecond,
            Of::Goodput(edges()),
        ),
        figure(
            format!("mean latency of {name}"),
            Unit::Ns,
            Of::MeanLatency(edges()),
        ),
        percentile(50.0),
        percentile(99.0),
    ]);
}

fn of_service(spec: &ModelSpec, id: ServiceId, all: &mut Vec<Figure>) {
    let name = &spec.services[id].name;
    all.extend([
        figure(
            format!("utilisation of {name}"),
            Unit::Share,
            Of::Utilisation(id),
        ),
        figure(format!("mean queue of {name}"), Unit::Count, Of::Queue(id)),
        figure(
            format!("wasted work of {name}"),
            Unit::Share,
            Of::WastedWork(id),
        ),
        figure(
            format!("amplification along all paths to {name}"),
            Unit::Factor,
            Of::PathAmplification(id),
        ),
    ]);
}

impl Figure {
    /// The figure of one run; `judged` are its expectations.
    pub(super) fn value(&self, case: &Case<'_>, judged: &[Judged]) -> Option<f64> {
        let spec = case.spec();
        let (from, until) = (spec.warmup, spec.duration);
        match &self.of {
            Of::Success(edges) => {
                let calls = calls(case, edges);
                (calls.total() > 0).then(|| calls.useful() as f64 / calls.total() as f64)
            }
            Of::Goodput(edges) => {
                let span_s = from.until(until).as_secs_f64();
                (span_s > 0.0).then(|| calls(case, edges).useful() as f64 / span_s)
            }
            Of::MeanLatency(edges) => calls(case, edges).latency_of(USEFUL).mean_ns(),
            Of::Latency(edges, p) => {
                let latency = calls(case, edges).latency_of(USEFUL);
                latency.percentile(*p).map(|ns| ns as f64)
            }
            Of::Amplification(edge) => {
                let calls = &case.record.calls[*edge];
                (calls.with_attempts > 0)
                    .then(|| calls.attempts as f64 / calls.with_attempts as f64)
            }
            Of::PathAmplification(service) => case.amplification(*service, from, until),
            Of::Utilisation(service) => case.utilisation(*service, from, until),
            Of::Queue(service) => {
                let area = case.record.marks.level(*service, from, until).queue_area;
                let span_ns = from.until(until).as_ns() as f64;
                (span_ns > 0.0).then(|| area as f64 / span_ns)
            }
            Of::WastedWork(service) => case.wasted_share(*service, from, until),
            Of::Expectation(place) => judged.get(*place)?.value,
        }
    }
}

/// Outcomes that help the caller.
const USEFUL: OutcomeSet = OutcomeSet::of(&[Outcome::Ok, Outcome::Degraded]);

fn calls(case: &Case<'_>, edges: &[EdgeId]) -> Calls {
    let mut sum = Calls::default();
    for &edge in edges {
        sum.merge(&case.record.calls[edge]);
    }
    sum
}

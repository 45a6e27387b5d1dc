//! The figures that every run is described by, so that runs can be compared.
//!
//! Which ones there are depends on the scenario alone, never on what happened: the same list for all
//! replications. Their names read as in the sentences of expectations, and are what
//! `--until 'half-width of success of shoppers < 1%'` refers to. All are over
//! `[warmup, duration)`; a figure that a run cannot give is absent there.

use crate::id::{BudgetId, EdgeId, ServiceId};
use crate::judge::{Judged, RunView, Unit, unit};
use crate::model::record::{Calls, edge_name, edges_of};
use crate::model::spec::{ModelSpec, Subject};
use crate::policy::OutcomeSet;
use crate::scenario::Scenario;
use crate::scenario::diagnostic::nearest;

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
    /// Standard deviation of the latency of useful calls.
    LatencyDeviation(Vec<EdgeId>),
    /// Calls that had not ended when the run did: latencies leave them out.
    LeftOut(Vec<EdgeId>),
    /// A percentile of the latency of useful calls.
    Latency(Vec<EdgeId>, f64),
    /// Attempts per call that sent one.
    Amplification(EdgeId),
    /// Attempts per original attempt, along all paths.
    PathAmplification(ServiceId),
    Utilisation(ServiceId),
    /// Mean number waiting, all instances together.
    Queue(ServiceId),
    /// Mean number waiting or at work, all instances together.
    InSystem(ServiceId),
    /// Operations finished per second.
    Throughput(ServiceId),
    /// Those that waited at all among those that got a thread.
    WaitedShare(ServiceId),
    /// Mean waiting time of those that got a thread.
    MeanWait(ServiceId),
    /// Standard deviation of that time.
    WaitDeviation(ServiceId),
    /// Those turned away among those that arrived.
    RejectedShare(ServiceId),
    /// The busiest instance against the average one.
    Imbalance(ServiceId),
    WastedWork(ServiceId),
    /// Further passes that a budget refused.
    Refused(BudgetId),
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
    for edge in spec.told_edges() {
        let name = format!("amplification of {}", edge_name(spec, edge));
        all.push(figure(name, Unit::Factor, Of::Amplification(edge)));
    }
    for service in spec.services.ids() {
        of_service(spec, service, &mut all);
    }
    for (id, budget) in spec.budgets.iter_enumerated() {
        let name = format!("retries refused by {}", budget.name);
        all.push(figure(name, Unit::Count, Of::Refused(id)));
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
        figure(
            format!("deviation of latency of {name}"),
            Unit::Ns,
            Of::LatencyDeviation(edges()),
        ),
        percentile(50.0),
        percentile(99.0),
        figure(
            format!("calls left out of latency of {name}"),
            Unit::Count,
            Of::LeftOut(edges()),
        ),
    ]);
}

fn of_service(spec: &ModelSpec, id: ServiceId, all: &mut Vec<Figure>) {
    let service = &spec.services[id];
    let each = [
        ("utilisation of", Unit::Share, Of::Utilisation(id)),
        ("throughput of", Unit::PerSecond, Of::Throughput(id)),
        ("mean queue of", Unit::Count, Of::Queue(id)),
        ("in system of", Unit::Count, Of::InSystem(id)),
        ("waited share of", Unit::Share, Of::WaitedShare(id)),
        ("mean wait of", Unit::Ns, Of::MeanWait(id)),
        ("deviation of wait of", Unit::Ns, Of::WaitDeviation(id)),
        ("rejected share of", Unit::Share, Of::RejectedShare(id)),
        ("wasted work of", Unit::Share, Of::WastedWork(id)),
        (
            "amplification along all paths to",
            Unit::Factor,
            Of::PathAmplification(id),
        ),
        ("imbalance of", Unit::Factor, Of::Imbalance(id)),
    ];
    for (what, unit, of) in each {
        all.push(figure(format!("{what} {}", service.name), unit, of));
    }
}

impl Figure {
    /// The figure of one run; `judged` are its expectations.
    pub(super) fn value(&self, view: &RunView<'_>, judged: &[Judged]) -> Option<f64> {
        let spec = view.spec();
        let (from, until) = (spec.warmup, spec.duration);
        match &self.of {
            Of::Success(edges) => {
                let calls = calls(view, edges);
                (calls.total() > 0).then(|| calls.useful() as f64 / calls.total() as f64)
            }
            Of::Goodput(edges) => {
                let span_s = from.until(until).as_secs_f64();
                (span_s > 0.0).then(|| calls(view, edges).useful() as f64 / span_s)
            }
            Of::MeanLatency(edges) => calls(view, edges).latency_of(USEFUL).mean_ns(),
            Of::LatencyDeviation(edges) => calls(view, edges).latency_of(USEFUL).deviation_ns(),
            Of::LeftOut(edges) => {
                let started = edges.iter().map(|&edge| view.record.calls_started[edge]);
                Some((started.sum::<u64>() - calls(view, edges).total()) as f64)
            }
            Of::Latency(edges, p) => {
                let latency = calls(view, edges).latency_of(USEFUL);
                latency.percentile(*p).map(|ns| ns as f64)
            }
            Of::Amplification(edge) => {
                let calls = &view.record.calls[*edge];
                (calls.with_attempts > 0)
                    .then(|| calls.attempts as f64 / calls.with_attempts as f64)
            }
            Of::PathAmplification(service) => view.amplification(*service, from, until),
            Of::Utilisation(service) => view.utilisation(*service, from, until),
            Of::Queue(service) => view.mean_queue(*service, from, until),
            Of::InSystem(service) => view.in_system(*service, from, until),
            Of::Throughput(service) => view.throughput(*service, from, until),
            Of::WaitedShare(service) => view.waited_share(*service, from, until),
            Of::MeanWait(service) => view.waits_of(*service).mean_ns(),
            Of::WaitDeviation(service) => view.waits_of(*service).deviation_ns(),
            Of::RejectedShare(service) => view.rejected_share(*service, from, until),
            Of::Imbalance(service) => view.imbalance(*service),
            Of::Refused(budget) => Some(view.record.measured.budgets[*budget].refused as f64),
            Of::WastedWork(service) => view.wasted_share(*service, from, until),
            Of::Expectation(place) => judged.get(*place)?.value,
        }
    }
}

/// Outcomes that help the caller.
const USEFUL: OutcomeSet = OutcomeSet::useful();

fn calls(view: &RunView<'_>, edges: &[EdgeId]) -> Calls {
    let mut sum = Calls::default();
    for &edge in edges {
        sum.merge(&view.record.calls[edge]);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{NeverStops, Threads, replicate};
    use crate::scenario::{Source, load};

    /// The figures of the one run of a scenario, by name.
    fn all(text: &str) -> Vec<(String, Option<f64>)> {
        let source = Source {
            name: "figures.yaml".to_owned(),
            text: text.to_owned(),
        };
        let scenario = match load(&source, &[], &|name| Err(name.to_owned())) {
            Ok(loaded) => loaded.scenario,
            Err(found) => panic!("{found}"),
        };
        let runs = replicate(&scenario, 1, 1, Threads::Exactly(1), &NeverStops);
        let names = figures(&scenario).into_iter().map(|figure| figure.name);
        names.zip(runs.runs[0].figures.clone()).collect()
    }

    fn check(text: &str, expected: &[(&str, f64)]) {
        let known = all(text);
        for &(name, expected) in expected {
            let one = known.iter().find(|one| one.0 == name);
            let value = one.and_then(|one| one.1);
            assert!(
                value.is_some_and(|value| (value - expected).abs() <= 1e-6 * expected.abs()),
                "{name} is {value:?}, not {expected}, of {known:?}"
            );
        }
    }

    /// One thread works 1 s for each: from 1 s to 2 s, for who came at 1.5 s until 3 s, for who came
    /// at 2 s until 4 s, and from 9.5 s on beyond the end.
    #[test]
    fn figures_are_those_worked_out_by_hand() {
        let text = "\
scenario: by-hand
run: { duration: 10s }
clients:
  c: { arrivals: { recorded: { times: [1s, 1500ms, 2s, 9500ms] } }, calls: s.op }
services:
  s: { threads: 1, queue: { capacity: 5 }, operations: { op: { idempotent: true, steps: [work: 1s] } } }
expect:
  latency: { mean_latency: { from: 0s, to: 2s, at_most: 1s } }
  spread: { latency_deviation: { from: 0s, to: 2s, at_most: 1s } }
  queue: { mean_queue: { service: s, from: 0s, to: 2s, at_most: 1 } }
  there: { in_system: { service: s, from: 0s, to: 2s, at_most: 1 } }
  waited: { waited: { service: s, from: 2s, to: 4s, at_most: 100% } }
  passes: { throughput: { service: s, from: 2s, to: 4s, at_least: 1/s } }
  ok: { attempts: { kind: ok, from: 2s, to: 4s, at_least: 1% } }
";
        let s = 1e9;
        check(
            text,
            &[
                ("mean latency of c", 1.5 * s),
                ("deviation of latency of c", (0.5_f64 / 3.0).sqrt() * s),
                ("calls left out of latency of c", 1.0),
                ("utilisation of s", 0.35),
                ("throughput of s", 0.3),
                ("mean queue of s", 0.15),
                ("in system of s", 0.5),
                ("waited share of s", 0.5),
                ("mean wait of s", 0.375 * s),
                ("deviation of wait of s", 0.171_875_f64.sqrt() * s),
                ("rejected share of s", 0.0),
                ("imbalance of s", 1.0),
                ("expectation latency", 1.25 * s),
                ("expectation spread", 0.25 * s),
                ("expectation queue", 0.25),
                ("expectation there", 0.75),
                ("expectation waited", 1.0),
                ("expectation passes", 1.0),
                ("expectation ok", 1.0),
            ],
        );
    }

    #[test]
    fn what_is_turned_away_refused_and_unevenly_spread_is_known() {
        let text = "\
scenario: refused
run: { duration: 10s }
clients:
  c: { arrivals: { recorded: { times: [1s, 1100ms, 1200ms, 1300ms, 1400ms] } }, calls: s.op, policy: p }
policies:
  p: [ { retry: { max_attempts: 2, backoff: none, budget: empty } }, { balance: { round_robin: {} } } ]
budgets:
  empty: { success_funded: { per_success: 0.001, capacity: 50, initial: 0 } }
services:
  s: { instances: 2, threads: 1, queue: { capacity: 0 }, operations: { op: { idempotent: true, steps: [work: 5s] } } }
expect:
  away: { rejected: { service: s, at_most: 100% } }
  refused: { refused_retries: { policy: p, from: 1s, to: 1300ms, at_most: 100 } }
  full: { attempts: { kind: rejected, client: c, from: 0s, to: 5s, at_most: 100% } }
";
        check(
            text,
            &[
                ("rejected share of s", 0.6),
                ("imbalance of s", 1.2),
                ("retries refused by empty", 3.0),
                ("expectation away", 0.6),
                ("expectation refused", 1.0),
                ("expectation full", 1.0),
            ],
        );
    }
}

//! Series: points turned into columns.

use crate::id::{ClientId, EdgeId, Id, ServiceId};
use crate::model::fact::InstanceState;
use crate::model::record::{
    EdgePoint, InstanceCounts, LatencyPair, Percentiles, RunRecord, Series, ServicePoint,
    edge_name, edges_of, edges_to, operations_of,
};
use crate::model::spec::{Execution, ModelSpec, Subject};
use crate::policy::Outcome;
use crate::report::{
    ClientSeries, EdgeSeries, Finite, InstanceSeries, LeftOut, OutcomeSeries, PercentileSeries,
    SeriesReport, ServiceSeries,
};

/// Edges, and services, that have series, at most: those of an edge take 45 KB of JSON, and of
/// thousands nobody looks at more than those at which something happens.
const MOST_SERIES: usize = 50;

pub(super) fn series(spec: &ModelSpec, record: &RunRecord) -> SeriesReport {
    let series = &record.series;
    let edges = edges_shown(spec, record);
    let services = services_shown(spec, record);
    SeriesReport {
        bucket_ns: series.grid.width().as_ns(),
        end_ns: record.end.min(spec.duration).as_ns(),
        points: series.points as u32,
        left_out: LeftOut {
            edges: (spec.told_edges().count() - edges.len()) as u32,
            services: (spec.services.len() - services.len()) as u32,
        },
        clients: spec
            .clients
            .ids()
            .map(|id| client(spec, series, id))
            .collect(),
        edges: edges.into_iter().map(|id| edge(spec, series, id)).collect(),
        services: services
            .into_iter()
            .map(|id| service(spec, record, id))
            .collect(),
    }
}

fn edges_shown(spec: &ModelSpec, record: &RunRecord) -> Vec<EdgeId> {
    let of_client = |id: EdgeId| spec.edges[id].client().is_some();
    busiest(spec.told_edges().collect(), |id| {
        let counts = &record.whole.edges[id];
        (of_client(id), counts.started + counts.sent)
    })
}

fn services_shown(spec: &ModelSpec, record: &RunRecord) -> Vec<ServiceId> {
    busiest(spec.services.ids().collect(), |id| {
        let arrived = |operation| record.whole.operations[operation].arrived;
        operations_of(spec, id).map(arrived).sum::<u64>()
    })
}

/// Those that did most, in their own order; of equals the first.
fn busiest<I: Id, W: Ord>(mut all: Vec<I>, weight: impl Fn(I) -> W) -> Vec<I> {
    if all.len() > MOST_SERIES {
        all.sort_by_cached_key(|&id| std::cmp::Reverse(weight(id)));
        all.truncate(MOST_SERIES);
        all.sort_unstable();
    }
    all
}

/// One column: a figure of each point.
fn column<T, F>(points: &[T], figure: impl Fn(&T) -> F) -> Vec<F> {
    points.iter().map(figure).collect()
}

fn count(points: &[EdgePoint], figure: impl Fn(&EdgePoint) -> u32) -> Vec<u64> {
    column(points, |point| u64::from(figure(point)))
}

fn client(spec: &ModelSpec, series: &Series, id: ClientId) -> ClientSeries {
    let points = sum_of(series, &edges_of(spec, Subject::Client(id)));
    ClientSeries {
        name: spec.clients[id].name.clone(),
        offered: count(&points, |point| point.started),
        useful: count(&points, EdgePoint::useful),
        outcomes: outcomes(&points),
        useful_latency: percentiles(&series.clients[id], |pair| pair.useful),
        failed_latency: percentiles(&series.clients[id], |pair| pair.failed),
    }
}

/// The counts of several edges, point by point; latencies are left out.
fn sum_of(series: &Series, edges: &[EdgeId]) -> Vec<EdgePoint> {
    let mut sums = vec![EdgePoint::default(); series.points];
    for &edge in edges {
        for (sum, point) in sums.iter_mut().zip(&series.edges[edge]) {
            sum.started += point.started;
            sum.sent += point.sent;
            sum.retries += point.retries;
            sum.wanted += point.wanted;
            for (sum, ended) in sum.ended.iter_mut().zip(point.ended) {
                *sum += ended;
            }
        }
    }
    sums
}

fn outcomes(points: &[EdgePoint]) -> Vec<OutcomeSeries> {
    let all = Outcome::SHOWN.map(|outcome| OutcomeSeries {
        outcome: outcome.name().to_owned(),
        calls: count(points, |point| point.ended[outcome as usize]),
    });
    let some = |series: &OutcomeSeries| series.calls.iter().any(|&calls| calls > 0);
    all.into_iter().filter(some).collect()
}

fn percentiles(
    pairs: &[LatencyPair],
    of: impl Fn(&LatencyPair) -> Option<Percentiles>,
) -> PercentileSeries {
    PercentileSeries {
        p50_ns: column(pairs, |pair| of(pair).map(|latency| latency.p50_ns)),
        p99_ns: column(pairs, |pair| of(pair).map(|latency| latency.p99_ns)),
    }
}

fn edge(spec: &ModelSpec, series: &Series, id: EdgeId) -> EdgeSeries {
    let points = &series.edges[id];
    let latencies = column(points, |point| point.latency);
    EdgeSeries {
        name: edge_name(spec, id),
        calls: count(points, |point| point.started),
        attempts: count(points, |point| point.sent),
        retries: count(points, |point| point.retries),
        useful: count(points, EdgePoint::useful),
        failed: count(points, EdgePoint::failed),
        amplification: column(points, |point| {
            Finite::ratio(f64::from(point.sent), f64::from(point.sent - point.retries))
        }),
        useful_latency: percentiles(&latencies, |pair| pair.useful),
        failed_latency: percentiles(&latencies, |pair| pair.failed),
    }
}

fn service(spec: &ModelSpec, record: &RunRecord, id: ServiceId) -> ServiceSeries {
    let series = &record.series;
    let points = &series.services[id];
    let edges: Vec<EdgeId> = edges_to(spec, id).collect();
    ServiceSeries {
        name: spec.services[id].name.clone(),
        queue_mean: queue_mean(record, points),
        queue_at_end: column(points, |point| point.queue_at_end),
        utilisation: utilisation(spec, record, id),
        finished: column(points, |point| u64::from(point.finished)),
        wanted: count(&sum_of(series, &edges), |point| point.wanted),
        rejected: column(points, |point| u64::from(point.rejected)),
        wasted_share: column(points, |point| {
            let wasted_ns = point.wasted_ns.min(point.held_ns);
            Finite::ratio(wasted_ns as f64, point.held_ns as f64)
        }),
        instances: instances(spec, record, id),
    }
}

/// The instances of a service at the end of each bucket, if they come and go.
fn instances(spec: &ModelSpec, record: &RunRecord, id: ServiceId) -> Option<InstanceSeries> {
    let counts = &record.counts_over_time[id];
    if counts.changes.is_empty() {
        return None;
    }
    let grid = record.series.grid;
    let points = 0..record.series.points;
    let ends = points.map(|bucket| grid.end_of(bucket).min(record.end));
    let at_ends: Vec<InstanceCounts> = ends.map(|at| counts.before(at)).collect();
    let column = |value: &dyn Fn(&InstanceCounts) -> u32| {
        at_ends.iter().map(|it| u64::from(value(it))).collect()
    };
    let state = |state: InstanceState| column(&|it| it.in_state[state as usize]);
    let all = spec.services[id].instances;
    Some(InstanceSeries {
        up: state(InstanceState::Up),
        serving: column(&|it| it.serving),
        starting: state(InstanceState::Starting),
        draining: state(InstanceState::Draining),
        down: state(InstanceState::Down),
        marked: column(&|it| all - it.in_rotation - it.in_state[InstanceState::Empty as usize]),
    })
}

/// Length of each bucket; the last one ends with the run \[ns\].
fn widths_ns(record: &RunRecord) -> impl Iterator<Item = f64> {
    let (grid, end) = (record.series.grid, record.end);
    (0..record.series.points).map(move |bucket| {
        let until = grid.end_of(bucket).min(end);
        grid.start_of(bucket).until(until).as_ns_f64()
    })
}

fn queue_mean(record: &RunRecord, points: &[ServicePoint]) -> Vec<Finite> {
    let pairs = points.iter().zip(widths_ns(record));
    pairs
        .map(|(point, width_ns)| {
            Finite::ratio(point.queue_area as f64, width_ns).unwrap_or_default()
        })
        .collect()
}

fn utilisation(spec: &ModelSpec, record: &RunRecord, id: ServiceId) -> Vec<Finite> {
    let service = &spec.services[id];
    let Some(threads) = service.threads else {
        return Vec::new();
    };
    let threads = f64::from(threads) * f64::from(service.instances);
    let pairs = record.series.services[id].iter().zip(widths_ns(record));
    let share = |(point, width_ns): (&ServicePoint, f64)| {
        let busy_ns = match service.execution {
            Execution::Blocking => point.busy_area as f64,
            Execution::Async => point.held_ns as f64,
        };
        Finite::ratio(busy_ns, threads * width_ns).unwrap_or_default()
    };
    pairs.map(share).collect()
}

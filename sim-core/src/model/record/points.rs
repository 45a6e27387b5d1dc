//! The points of the series: at the end of each bucket, what the counters gained in it.

use super::calls::EdgeCalls;
use super::counts::{Counts, EdgeCounts, LayerCounts, OperationCounts};
use super::snapshots::LevelSnapshot;
use crate::id::{ClientId, EdgeId, Id, IdMap, LayerId, ServiceId, Sparse};
use crate::model::spec::ModelSpec;
use crate::observe::{Grid, Histogram};
use crate::policy::{Outcome, OutcomeSet};
use crate::time::SimTime;

/// Median and 99th percentile \[ns\], within 3 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percentiles {
    /// Median \[ns\].
    pub p50_ns: u64,
    /// 99th percentile \[ns\].
    pub p99_ns: u64,
}

fn percentiles(histogram: &Histogram) -> Option<Percentiles> {
    let [p50_ns, p99_ns] = histogram.percentiles([50.0, 99.0])?;
    Some(Percentiles { p50_ns, p99_ns })
}

/// Latency in one bucket; absent where nothing ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LatencyPair {
    /// Of useful calls.
    pub useful: Option<Percentiles>,
    /// Of all others.
    pub failed: Option<Percentiles>,
}

/// An edge in one bucket \[count\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EdgePoint {
    /// Calls started.
    pub started: u32,
    /// Attempts sent.
    pub sent: u32,
    /// Of those, after the first of their call.
    pub retries: u32,
    /// Of those sent, original ones.
    pub originals: u32,
    /// Attempts ended by an answer that got through.
    pub wanted: u32,
    /// Attempts ended, by outcome.
    pub attempts_ended: [u32; Outcome::COUNT],
    /// Calls ended, by outcome.
    pub ended: [u32; Outcome::COUNT],
    /// Latency of the calls that ended.
    pub latency: LatencyPair,
}

impl EdgePoint {
    /// Calls ended usefully \[count\].
    pub fn useful(&self) -> u32 {
        let useful = OutcomeSet::useful().iter();
        useful.map(|outcome| self.ended[outcome as usize]).sum()
    }

    /// Calls ended in any other way \[count\].
    pub fn failed(&self) -> u32 {
        self.ended.iter().sum::<u32>() - self.useful()
    }
}

/// A service in one bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServicePoint {
    /// Area under the number waiting [count × ns].
    pub queue_area: i128,
    /// Area under the number that have a thread [count × ns].
    pub busy_area: i128,
    /// Waiting just before the bucket ends, all instances together \[count\].
    pub queue_at_end: u64,
    /// Operations finished \[count\].
    pub finished: u32,
    /// Operations turned away \[count\].
    pub rejected: u32,
    /// Thread time of what ended \[ns\].
    pub held_ns: u64,
    /// Of that, wasted \[ns\].
    pub wasted_ns: u64,
}

/// A layer in one bucket \[count\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LayerPoint {
    /// Passes it answered in the place of what is inside.
    pub stopped: u32,
    /// Further passes that its retry planned or its hedge began.
    pub added: u32,
    /// Further passes that its budget refused.
    pub refused: u32,
    /// Answers it gave in the place of failures.
    pub fallbacks: u32,
    /// Calls it made in the place of failures.
    pub fallbacks_called: u32,
    /// Failures it let out because no kept answer was fresh enough.
    pub fallbacks_missing: u32,
    /// Of those, the ones for which an answer was kept.
    pub fallbacks_too_old: u32,
}

/// All series on one grid; lists are equally long and end with the run. Where nothing happened, all
/// share one list.
#[derive(Clone, Debug)]
pub struct Series {
    /// The buckets of the whole run.
    pub grid: Grid,
    /// By edge.
    pub edges: Sparse<EdgeId, Vec<EdgePoint>>,
    /// By service.
    pub services: Sparse<ServiceId, Vec<ServicePoint>>,
    /// By layer.
    pub layers: Sparse<LayerId, Vec<LayerPoint>>,
    /// Latency of each client's calls.
    pub clients: IdMap<ClientId, Vec<LatencyPair>>,
    /// Points taken \[count\].
    pub points: usize,
    /// The counters at the last point.
    before: Counts,
    /// The areas at the last point.
    levels_before: IdMap<ServiceId, LevelSnapshot>,
}

impl Series {
    pub(super) fn new(spec: &ModelSpec) -> Self {
        let duration = spec.duration.since(SimTime::ZERO);
        Self {
            grid: Grid::for_horizon(duration, spec.resolution),
            edges: Sparse::new(spec.edges.len(), Vec::new()),
            services: Sparse::new(spec.services.len(), Vec::new()),
            layers: Sparse::new(spec.layers.len(), Vec::new()),
            clients: spec.clients.iter().map(|_| Vec::new()).collect(),
            points: 0,
            before: Counts::new(spec),
            levels_before: spec
                .services
                .iter()
                .map(|_| LevelSnapshot::default())
                .collect(),
        }
    }

    /// When the next point is due.
    pub(super) fn next_due(&self) -> SimTime {
        if self.points < self.grid.len() {
            self.grid.end_of(self.points)
        } else {
            SimTime::NEVER
        }
    }

    /// Where the bucket begins that is being filled.
    pub(super) fn open_since(&self) -> SimTime {
        self.grid.start_of(self.points)
    }

    /// Takes a point: `levels` are areas from the start of the run, `waiting` is the level now. What
    /// did not change since the last point has a point of zeros, and costs a look at most.
    pub(super) fn take(
        &mut self,
        spec: &ModelSpec,
        counts: &Counts,
        calls: &mut Sparse<EdgeId, EdgeCalls>,
        levels: &IdMap<ServiceId, LevelSnapshot>,
        waiting: &IdMap<ServiceId, u64>,
    ) {
        self.take_clients(spec, calls);
        push_blank(&mut self.edges);
        push_blank(&mut self.services);
        push_blank(&mut self.layers);
        for (id, counts) in counts.edges.touched() {
            let before = &self.before.edges[id];
            if counts != before {
                set_last(
                    &mut self.edges[id],
                    edge_point(&counts.since(before), &mut calls[id]),
                );
            }
        }
        for (id, counts) in counts.layers.touched() {
            let before = &self.before.layers[id];
            if counts != before {
                set_last(&mut self.layers[id], layer_point(&counts.since(before)));
            }
        }
        self.take_levels(levels, waiting);
        for (id, counts) in counts.operations.touched() {
            let before = &self.before.operations[id];
            if counts != before {
                let service = spec.operations[id].service;
                if let Some(point) = self.services[service].last_mut() {
                    add_operation(point, &counts.since(before));
                }
            }
        }
        self.before.follow(counts);
        self.points += 1;
    }

    fn take_levels(
        &mut self,
        levels: &IdMap<ServiceId, LevelSnapshot>,
        waiting: &IdMap<ServiceId, u64>,
    ) {
        let pairs = levels.iter_enumerated().zip(self.levels_before.iter_mut());
        for (((id, level), before), &waiting) in pairs.zip(waiting) {
            if waiting > 0 || level != before {
                let point = ServicePoint {
                    queue_area: level.queue_area - before.queue_area,
                    busy_area: level.busy_area - before.busy_area,
                    queue_at_end: waiting,
                    ..ServicePoint::default()
                };
                set_last(&mut self.services[id], point);
                *before = *level;
            }
        }
    }

    fn take_clients(&mut self, spec: &ModelSpec, calls: &Sparse<EdgeId, EdgeCalls>) {
        let mut useful = Histogram::coarse();
        let mut failed = Histogram::coarse();
        for (client, points) in self.clients.ids().zip(self.clients.iter_mut()) {
            useful.clear();
            failed.clear();
            let own = |edge: EdgeId| spec.edges[edge].client() == Some(client);
            for (_, edge) in calls.touched().filter(|(id, _)| own(*id)) {
                useful.merge(&edge.recent_useful);
                failed.merge(&edge.recent_failed);
            }
            points.push(LatencyPair {
                useful: percentiles(&useful),
                failed: percentiles(&failed),
            });
        }
    }
}

/// A point at which nothing happened, for everybody.
fn push_blank<I: Id, T: Default>(series: &mut Sparse<I, Vec<T>>) {
    for points in series.rows_mut() {
        points.push(T::default());
    }
}

fn set_last<T>(points: &mut [T], point: T) {
    if let Some(last) = points.last_mut() {
        *last = point;
    }
}

fn edge_point(gained: &EdgeCounts, calls: &mut EdgeCalls) -> EdgePoint {
    let latency = LatencyPair {
        useful: percentiles(&calls.recent_useful),
        failed: percentiles(&calls.recent_failed),
    };
    calls.recent_useful.clear();
    calls.recent_failed.clear();
    EdgePoint {
        started: gained.started as u32,
        sent: gained.sent as u32,
        retries: gained.retries as u32,
        originals: gained.originals as u32,
        wanted: gained.wanted as u32,
        attempts_ended: gained.attempts_ended.map(|count| count as u32),
        ended: gained.ended.map(|count| count as u32),
        latency,
    }
}

const fn layer_point(gained: &LayerCounts) -> LayerPoint {
    LayerPoint {
        stopped: gained.stopped as u32,
        added: (gained.retries_planned + gained.hedges_sent) as u32,
        refused: gained.refused as u32,
        fallbacks: gained.fallbacks as u32,
        fallbacks_called: gained.fallbacks_called as u32,
        fallbacks_missing: gained.fallbacks_missing as u32,
        fallbacks_too_old: gained.fallbacks_too_old as u32,
    }
}

fn add_operation(point: &mut ServicePoint, gained: &OperationCounts) {
    point.finished += gained.finished_total() as u32;
    point.rejected += gained.rejected_total() as u32;
    point.held_ns = point.held_ns.saturating_add(gained.held_ns);
    point.wasted_ns = point.wasted_ns.saturating_add(gained.wasted_ns);
}

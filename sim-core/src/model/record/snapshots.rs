//! Snapshots of the counters at the instants that somebody will ask about.
//!
//! The boundaries are known before the run: windows, the warm-up, the first beginning and the last
//! end of each fault, and the beginning of its baseline. What happened between two of them is a
//! difference of snapshots.

use super::counts::{Counts, count_in};
use crate::id::{EdgeId, Id, IdMap, LayerId, OperationId, ServiceId};
use crate::model::spec::{FaultSpec, ModelSpec};
use crate::observe::counters;
use crate::policy::{Outcome, OutcomeSet};
use crate::time::{SimDuration, SimTime};

/// How long before a fault its baseline begins (rule 37).
pub const BASELINE: SimDuration = SimDuration::from_secs(30);

const TIMEOUTS: OutcomeSet = OutcomeSet::of(&[
    Outcome::TimeoutConnect,
    Outcome::TimeoutResponse,
    Outcome::TimeoutDeadline,
]);

counters! {
    /// An edge at one instant \[count\].
    pub struct EdgeSnapshot {
        /// Calls started.
        started;
        /// Calls ended.
        ended;
        /// Of those, usefully.
        useful;
        /// Attempts sent.
        sent;
        /// Of those, original ones (rule 36).
        originals;
        /// Of those, after the first of their call.
        retries;
        /// Attempts ended.
        attempts_ended;
        /// Of those, by a timeout.
        timed_out;
        /// Of those, answered by an operation that got through.
        wanted;
        /// Attempts ended, by outcome.
        outcomes[Outcome];
    }

    /// An operation at one instant [count, ns].
    pub struct OperationSnapshot {
        /// Arrived.
        arrived;
        /// Got a thread.
        started;
        /// Of those, not at once.
        waited;
        /// Answered.
        finished;
        /// Turned away.
        rejected;
        /// Thread time of what ended \[ns\].
        held_ns;
        /// Of that, wasted \[ns\].
        wasted_ns;
        /// Effects that came once more for the same call.
        duplicates;
    }

    /// A layer at one instant \[count\].
    pub struct LayerSnapshot {
        /// Passes it stopped.
        stopped;
        /// Further passes that its retry planned.
        retries;
        /// Further passes that its budget refused.
        refused;
    }
}

/// The levels of a service: areas until an instant, and the peak since the snapshot before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LevelSnapshot {
    /// Area under the number waiting, all instances together [count × ns].
    pub queue_area: i128,
    /// Area under the number that have a thread [count × ns].
    pub busy_area: i128,
    /// Area under the number that wait or are at work [count × ns].
    pub present_area: i128,
    /// Greatest number waiting in one instance since the snapshot before \[count\].
    pub queue_peak: u32,
}

/// Everything at one instant; what is nowhere here is zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    edges: Few<EdgeId, EdgeSnapshot>,
    operations: Few<OperationId, OperationSnapshot>,
    layers: Few<LayerId, LayerSnapshot>,
    levels: Few<ServiceId, LevelSnapshot>,
}

/// What differs from zero, sorted by id.
type Few<I, T> = Vec<(I, T)>;

fn few<I: Id, T: Default + PartialEq>(all: impl Iterator<Item = (I, T)>) -> Few<I, T> {
    let mut few: Few<I, T> = all.filter(|(_, item)| *item != T::default()).collect();
    few.sort_unstable_by_key(|&(id, _)| id);
    few
}

fn in_few<I: Id, T: Copy + Default>(few: &[(I, T)], id: I) -> T {
    let at = few.binary_search_by_key(&id, |&(id, _)| id);
    at.map_or_else(|_| T::default(), |at| few[at].1)
}

impl Snapshot {
    pub(super) fn of(counts: &Counts, levels: &IdMap<ServiceId, LevelSnapshot>) -> Self {
        let edges = counts.edges.touched();
        let operations = counts.operations.touched();
        let layers = counts.layers.touched();
        Self {
            edges: few(edges.map(|(id, edge)| (id, edge_snapshot(edge)))),
            operations: few(operations.map(|(id, operation)| (id, operation_snapshot(operation)))),
            layers: few(layers.map(|(id, layer)| (id, layer_snapshot(layer)))),
            levels: few(levels.iter_enumerated().map(|(id, level)| (id, *level))),
        }
    }
}

fn edge_snapshot(edge: &super::counts::EdgeCounts) -> EdgeSnapshot {
    let useful = count_in(&edge.ended, OutcomeSet::useful());
    EdgeSnapshot {
        started: edge.started,
        ended: edge.ended_total(),
        useful,
        sent: edge.sent,
        originals: edge.originals,
        retries: edge.retries,
        attempts_ended: edge.attempts_ended_total(),
        timed_out: count_in(&edge.attempts_ended, TIMEOUTS),
        wanted: edge.wanted,
        outcomes: edge.attempts_ended,
    }
}

fn operation_snapshot(operation: &super::counts::OperationCounts) -> OperationSnapshot {
    OperationSnapshot {
        arrived: operation.arrived,
        started: operation.started,
        waited: operation.waited,
        finished: operation.finished_total(),
        rejected: operation.rejected_total(),
        held_ns: operation.held_ns,
        wasted_ns: operation.wasted_ns,
        duplicates: operation.duplicates,
    }
}

const fn layer_snapshot(layer: &super::counts::LayerCounts) -> LayerSnapshot {
    LayerSnapshot {
        stopped: layer.stopped,
        retries: layer.retries_planned,
        refused: layer.refused,
    }
}

/// The snapshots of a run, at sorted boundaries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshots {
    /// When snapshots are due, sorted, each once; the first is the start of the run.
    boundaries: Vec<SimTime>,
    /// Those taken, in the same order.
    taken: Vec<Snapshot>,
}

impl Snapshots {
    pub(super) fn new(spec: &ModelSpec) -> Self {
        Self {
            boundaries: boundaries(spec),
            taken: Vec::new(),
        }
    }

    /// Those of another model, of which all boundaries until now are the same.
    pub(super) fn go_on_with(&mut self, spec: &ModelSpec) {
        self.boundaries = boundaries(spec);
    }

    /// When the next snapshot is due.
    pub(super) fn next_due(&self) -> SimTime {
        let next = self.boundaries.get(self.taken.len());
        next.copied().unwrap_or(SimTime::NEVER)
    }

    pub(super) fn take(&mut self, snapshot: Snapshot) {
        self.taken.push(snapshot);
    }

    /// The place of the last boundary that is not later than `at`.
    fn place(&self, at: SimTime) -> usize {
        let after = self.boundaries.partition_point(|&boundary| boundary <= at);
        after.min(self.taken.len()).saturating_sub(1)
    }

    /// What happened on an edge in `[from, until)`, both boundaries of the run.
    pub fn edge(&self, edge: EdgeId, from: SimTime, until: SimTime) -> EdgeSnapshot {
        let (begin, end) = (self.place(from), self.place(until));
        let (first, last) = (&self.taken[begin], &self.taken[end]);
        in_few(&last.edges, edge).since(&in_few(&first.edges, edge))
    }

    /// What happened to an operation in `[from, until)`, both boundaries of the run.
    pub fn operation(&self, id: OperationId, from: SimTime, until: SimTime) -> OperationSnapshot {
        let (begin, end) = (self.place(from), self.place(until));
        let (first, last) = (&self.taken[begin], &self.taken[end]);
        in_few(&last.operations, id).since(&in_few(&first.operations, id))
    }

    /// What a layer did in `[from, until)`, both boundaries of the run.
    pub fn layer(&self, id: LayerId, from: SimTime, until: SimTime) -> LayerSnapshot {
        let (begin, end) = (self.place(from), self.place(until));
        let (first, last) = (&self.taken[begin], &self.taken[end]);
        in_few(&last.layers, id).since(&in_few(&first.layers, id))
    }

    /// Areas and peak of a service in `[from, until)`, both boundaries of the run.
    pub fn level(&self, service: ServiceId, from: SimTime, until: SimTime) -> LevelSnapshot {
        let (begin, end) = (self.place(from), self.place(until));
        let (first, last) = (
            in_few(&self.taken[begin].levels, service),
            in_few(&self.taken[end].levels, service),
        );
        let spans = &self.taken[begin + 1..=end.max(begin)];
        LevelSnapshot {
            queue_area: last.queue_area - first.queue_area,
            busy_area: last.busy_area - first.busy_area,
            present_area: last.present_area - first.present_area,
            queue_peak: spans
                .iter()
                .map(|snapshot| in_few(&snapshot.levels, service).queue_peak)
                .max()
                .unwrap_or(0),
        }
    }
}

/// Every instant that a window or a fault begins or ends at.
pub(crate) fn boundaries(spec: &ModelSpec) -> Vec<SimTime> {
    let mut all = vec![SimTime::ZERO, spec.warmup, spec.duration];
    for window in &spec.windows {
        all.extend([window.from, window.until]);
    }
    for fault in &spec.faults {
        all.extend(fault_boundaries(fault, spec.warmup));
    }
    for at in &mut all {
        *at = (*at).min(spec.duration);
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn fault_boundaries(fault: &FaultSpec, warmup: SimTime) -> Vec<SimTime> {
    match (fault.spans.first(), fault.spans.last()) {
        (Some(&(from, _)), Some(&(_, until))) => vec![baseline_start(from, warmup), from, until],
        (None, _) | (_, None) => Vec::new(),
    }
}

/// Where the baseline of a fault that begins at `from` begins (rule 37).
pub fn baseline_start(from: SimTime, warmup: SimTime) -> SimTime {
    from.before(BASELINE).max(warmup).min(from)
}

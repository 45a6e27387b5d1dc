//! Photographs of the counters at the instants that somebody will ask about.
//!
//! The boundaries are known before the run: windows, the warm-up, the first beginning and the last
//! end of each fault, and the beginning of its baseline. What happened between two of them is a
//! difference of photographs.

use super::counts::{ByOutcome, Counts, count_in, differences, sums};
use crate::id::{EdgeId, Id, IdMap, LayerId, OperationId, ServiceId};
use crate::model::spec::{FaultSpec, ModelSpec};
use crate::policy::{Outcome, OutcomeSet};
use crate::time::{SimDuration, SimTime};

/// How long before a fault its baseline begins (rule 37).
pub const BASELINE: SimDuration = SimDuration::from_secs(30);

const TIMEOUTS: OutcomeSet = OutcomeSet::of(&[
    Outcome::TimeoutConnect,
    Outcome::TimeoutResponse,
    Outcome::TimeoutDeadline,
]);

/// An edge at one instant \[count\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EdgeMark {
    /// Calls started.
    pub started: u64,
    /// Calls ended.
    pub ended: u64,
    /// Of those, usefully.
    pub useful: u64,
    /// Attempts sent.
    pub sent: u64,
    /// Of those, original ones (rule 36).
    pub originals: u64,
    /// Of those, after the first of their call.
    pub retries: u64,
    /// Attempts ended.
    pub attempts_ended: u64,
    /// Of those, by a timeout.
    pub timed_out: u64,
    /// Of those, answered by an operation that got through.
    pub wanted: u64,
    /// Attempts ended, by outcome.
    pub outcomes: ByOutcome,
}

impl EdgeMark {
    fn minus(self, earlier: Self) -> Self {
        Self {
            started: self.started - earlier.started,
            ended: self.ended - earlier.ended,
            useful: self.useful - earlier.useful,
            sent: self.sent - earlier.sent,
            originals: self.originals - earlier.originals,
            retries: self.retries - earlier.retries,
            attempts_ended: self.attempts_ended - earlier.attempts_ended,
            timed_out: self.timed_out - earlier.timed_out,
            wanted: self.wanted - earlier.wanted,
            outcomes: differences(&self.outcomes, &earlier.outcomes),
        }
    }

    /// Adds what happened on another edge.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            started: self.started + other.started,
            ended: self.ended + other.ended,
            useful: self.useful + other.useful,
            sent: self.sent + other.sent,
            originals: self.originals + other.originals,
            retries: self.retries + other.retries,
            attempts_ended: self.attempts_ended + other.attempts_ended,
            timed_out: self.timed_out + other.timed_out,
            wanted: self.wanted + other.wanted,
            outcomes: sums(&self.outcomes, &other.outcomes),
        }
    }
}

/// An operation at one instant [count, ns].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OperationMark {
    /// Arrived.
    pub arrived: u64,
    /// Got a thread.
    pub started: u64,
    /// Of those, not at once.
    pub waited: u64,
    /// Answered.
    pub finished: u64,
    /// Turned away.
    pub rejected: u64,
    /// Thread time of what ended \[ns\].
    pub held_ns: u64,
    /// Of that, wasted \[ns\].
    pub wasted_ns: u64,
    /// Effects that came once more for the same call.
    pub duplicates: u64,
}

impl OperationMark {
    fn minus(self, earlier: Self) -> Self {
        Self {
            arrived: self.arrived - earlier.arrived,
            started: self.started - earlier.started,
            waited: self.waited - earlier.waited,
            finished: self.finished - earlier.finished,
            rejected: self.rejected - earlier.rejected,
            held_ns: self.held_ns - earlier.held_ns,
            wasted_ns: self.wasted_ns - earlier.wasted_ns,
            duplicates: self.duplicates - earlier.duplicates,
        }
    }

    /// Adds what happened to another operation.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            arrived: self.arrived + other.arrived,
            started: self.started + other.started,
            waited: self.waited + other.waited,
            finished: self.finished + other.finished,
            rejected: self.rejected + other.rejected,
            held_ns: self.held_ns + other.held_ns,
            wasted_ns: self.wasted_ns + other.wasted_ns,
            duplicates: self.duplicates + other.duplicates,
        }
    }
}

/// A layer at one instant \[count\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LayerMark {
    /// Passes it stopped.
    pub stopped: u64,
    /// Further passes that its retry planned.
    pub retries: u64,
    /// Further passes that its budget refused.
    pub refused: u64,
}

impl LayerMark {
    const fn minus(self, earlier: Self) -> Self {
        Self {
            stopped: self.stopped - earlier.stopped,
            retries: self.retries - earlier.retries,
            refused: self.refused - earlier.refused,
        }
    }
}

/// The levels of a service: areas until an instant, and the peak since the mark before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LevelMark {
    /// Area under the number waiting, all instances together [count × ns].
    pub queue_area: i128,
    /// Area under the number that have a thread [count × ns].
    pub busy_area: i128,
    /// Area under the number that wait or are at work [count × ns].
    pub present_area: i128,
    /// Greatest number waiting in one instance since the mark before \[count\].
    pub queue_peak: u32,
}

/// Everything at one instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    /// By edge.
    pub edges: IdMap<EdgeId, EdgeMark>,
    /// By operation.
    pub operations: IdMap<OperationId, OperationMark>,
    /// By layer.
    pub layers: IdMap<LayerId, LayerMark>,
    /// By service.
    pub levels: IdMap<ServiceId, LevelMark>,
}

impl Mark {
    pub(super) fn of(counts: &Counts, levels: IdMap<ServiceId, LevelMark>) -> Self {
        Self {
            edges: counts.edges.iter().map(edge_mark).collect(),
            operations: counts.operations.iter().map(operation_mark).collect(),
            layers: counts.layers.iter().map(layer_mark).collect(),
            levels,
        }
    }
}

fn edge_mark(edge: &super::counts::EdgeCounts) -> EdgeMark {
    let useful = edge.ended[Outcome::Ok as usize] + edge.ended[Outcome::Degraded as usize];
    EdgeMark {
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

fn operation_mark(operation: &super::counts::OperationCounts) -> OperationMark {
    OperationMark {
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

const fn layer_mark(layer: &super::counts::LayerCounts) -> LayerMark {
    LayerMark {
        stopped: layer.stopped,
        retries: layer.retries_planned,
        refused: layer.refused,
    }
}

/// The photographs of a run, at sorted boundaries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks {
    /// When photographs are due, sorted, each once; the first is the start of the run.
    boundaries: Vec<SimTime>,
    /// Those taken, in the same order.
    taken: Vec<Mark>,
}

impl Marks {
    pub(super) fn new(spec: &ModelSpec) -> Self {
        Self {
            boundaries: boundaries(spec),
            taken: Vec::new(),
        }
    }

    /// When the next photograph is due.
    pub(super) fn next_due(&self) -> SimTime {
        let next = self.boundaries.get(self.taken.len());
        next.copied().unwrap_or(SimTime::NEVER)
    }

    pub(super) fn take(&mut self, mark: Mark) {
        self.taken.push(mark);
    }

    /// The place of the last boundary that is not later than `at`.
    fn place(&self, at: SimTime) -> usize {
        let after = self.boundaries.partition_point(|&boundary| boundary <= at);
        after.min(self.taken.len()).saturating_sub(1)
    }

    /// What happened on an edge in `[from, until)`, both boundaries of the run.
    pub fn edge(&self, edge: EdgeId, from: SimTime, until: SimTime) -> EdgeMark {
        let (begin, end) = (self.place(from), self.place(until));
        self.taken[end].edges[edge].minus(self.taken[begin].edges[edge])
    }

    /// What happened to an operation in `[from, until)`, both boundaries of the run.
    pub fn operation(&self, id: OperationId, from: SimTime, until: SimTime) -> OperationMark {
        let (begin, end) = (self.place(from), self.place(until));
        self.taken[end].operations[id].minus(self.taken[begin].operations[id])
    }

    /// What a layer did in `[from, until)`, both boundaries of the run.
    pub fn layer(&self, id: LayerId, from: SimTime, until: SimTime) -> LayerMark {
        let (begin, end) = (self.place(from), self.place(until));
        self.taken[end].layers[id].minus(self.taken[begin].layers[id])
    }

    /// Areas and peak of a service in `[from, until)`, both boundaries of the run.
    pub fn level(&self, service: ServiceId, from: SimTime, until: SimTime) -> LevelMark {
        let (begin, end) = (self.place(from), self.place(until));
        let (first, last) = (
            &self.taken[begin].levels[service],
            &self.taken[end].levels[service],
        );
        let spans = &self.taken[begin + 1..=end.max(begin)];
        LevelMark {
            queue_area: last.queue_area - first.queue_area,
            busy_area: last.busy_area - first.busy_area,
            present_area: last.present_area - first.present_area,
            queue_peak: spans
                .iter()
                .map(|mark| mark.levels[service].queue_peak)
                .max()
                .unwrap_or(0),
        }
    }
}

/// Every instant that a window or a fault begins or ends at.
fn boundaries(spec: &ModelSpec) -> Vec<SimTime> {
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

/// The ids of the operations of a service.
pub fn operations_of(spec: &ModelSpec, service: ServiceId) -> impl Iterator<Item = OperationId> {
    let of_all = spec.operations.iter().enumerate();
    of_all
        .filter(move |(_, operation)| operation.service == service)
        .map(|(index, _)| OperationId::from_index(index))
}

/// The ids of the edges that lead to a service.
pub fn edges_to(spec: &ModelSpec, service: ServiceId) -> impl Iterator<Item = EdgeId> {
    let of_all = spec.edges.iter().enumerate();
    of_all
        .filter(move |(_, edge)| spec.operations[edge.target].service == service)
        .map(|(index, _)| EdgeId::from_index(index))
}

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

/// Everything at one instant; what is nowhere here is zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    edges: Few<EdgeId, EdgeMark>,
    operations: Few<OperationId, OperationMark>,
    layers: Few<LayerId, LayerMark>,
    levels: Few<ServiceId, LevelMark>,
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

impl Mark {
    pub(super) fn of(counts: &Counts, levels: &IdMap<ServiceId, LevelMark>) -> Self {
        let edges = counts.edges.touched();
        let operations = counts.operations.touched();
        let layers = counts.layers.touched();
        Self {
            edges: few(edges.map(|(id, edge)| (id, edge_mark(edge)))),
            operations: few(operations.map(|(id, operation)| (id, operation_mark(operation)))),
            layers: few(layers.map(|(id, layer)| (id, layer_mark(layer)))),
            levels: few(levels.iter_enumerated().map(|(id, level)| (id, *level))),
        }
    }
}

fn edge_mark(edge: &super::counts::EdgeCounts) -> EdgeMark {
    let useful = count_in(&edge.ended, OutcomeSet::useful());
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
        let (first, last) = (&self.taken[begin], &self.taken[end]);
        in_few(&last.edges, edge).minus(in_few(&first.edges, edge))
    }

    /// What happened to an operation in `[from, until)`, both boundaries of the run.
    pub fn operation(&self, id: OperationId, from: SimTime, until: SimTime) -> OperationMark {
        let (begin, end) = (self.place(from), self.place(until));
        let (first, last) = (&self.taken[begin], &self.taken[end]);
        in_few(&last.operations, id).minus(in_few(&first.operations, id))
    }

    /// What a layer did in `[from, until)`, both boundaries of the run.
    pub fn layer(&self, id: LayerId, from: SimTime, until: SimTime) -> LayerMark {
        let (begin, end) = (self.place(from), self.place(until));
        let (first, last) = (&self.taken[begin], &self.taken[end]);
        in_few(&last.layers, id).minus(in_few(&first.layers, id))
    }

    /// Areas and peak of a service in `[from, until)`, both boundaries of the run.
    pub fn level(&self, service: ServiceId, from: SimTime, until: SimTime) -> LevelMark {
        let (begin, end) = (self.place(from), self.place(until));
        let (first, last) = (
            in_few(&self.taken[begin].levels, service),
            in_few(&self.taken[end].levels, service),
        );
        let spans = &self.taken[begin + 1..=end.max(begin)];
        LevelMark {
            queue_area: last.queue_area - first.queue_area,
            busy_area: last.busy_area - first.busy_area,
            present_area: last.present_area - first.present_area,
            queue_peak: spans
                .iter()
                .map(|mark| in_few(&mark.levels, service).queue_peak)
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

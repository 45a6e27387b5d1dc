//! What is known about calls by the time they start: outcomes, latencies and first causes of those
//! that start in a span, and a ledger by second of start for the rules of recovery.

use crate::id::{ClientId, EdgeId, Id, IdMap, OperationId, ServiceId, SparseRow};
use crate::model::call::Labels;
use crate::model::fact::{Cause, Ending};
use crate::model::spec::{LabelFilter, ModelSpec, Subject};
use crate::observe::{Histogram, Placed};
use crate::policy::{Outcome, OutcomeSet};
use crate::time::SimTime;

/// Ended calls that have something in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Calls {
    /// Latency \[ns\] by outcome, indexed by the outcome; its counts are the counts of calls.
    pub latency: Vec<Histogram>,
    /// Attempts that they sent \[count\].
    pub attempts: u64,
    /// Those that sent at least one \[count\].
    pub with_attempts: u64,
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            latency: vec![Histogram::fine(); Outcome::COUNT],
            attempts: 0,
            with_attempts: 0,
        }
    }
}

impl Calls {
    #[expect(clippy::inline_always, reason = "told for every call")]
    #[inline(always)]
    pub(super) fn ended(&mut self, outcome: Outcome, latency: Placed, attempts: u32) {
        self.latency[outcome as usize].record_fine(latency);
        self.attempts += u64::from(attempts);
        self.with_attempts += u64::from(attempts > 0);
    }

    /// The same, for those who ask about few calls.
    #[inline(never)]
    pub(super) fn ended_in_window(&mut self, outcome: Outcome, latency: Placed, attempts: u32) {
        self.ended(outcome, latency, attempts);
    }

    /// How many ended in one of these outcomes \[count\].
    pub fn count(&self, outcomes: OutcomeSet) -> u64 {
        outcomes
            .iter()
            .map(|outcome| self.latency[outcome as usize].count())
            .sum()
    }

    /// How many ended \[count\].
    pub fn total(&self) -> u64 {
        self.latency.iter().map(Histogram::count).sum()
    }

    /// How many ended usefully \[count\].
    pub fn useful(&self) -> u64 {
        self.count(OutcomeSet::useful())
    }

    /// Latency of those that ended in one of these outcomes.
    pub fn latency_of(&self, outcomes: OutcomeSet) -> Histogram {
        let mut sum = Histogram::fine();
        for outcome in outcomes.iter() {
            sum.merge(&self.latency[outcome as usize]);
        }
        sum
    }

    /// Adds calls of another kind.
    pub fn merge(&mut self, other: &Self) {
        for (sum, more) in self.latency.iter_mut().zip(&other.latency) {
            sum.merge(more);
        }
        self.attempts += other.attempts;
        self.with_attempts += other.with_attempts;
    }
}

/// A first cause and how many calls of one outcome go back to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CauseCount {
    /// How the calls ended.
    pub outcome: Outcome,
    /// What they go back to.
    pub cause: Cause,
    /// How many \[count\].
    pub calls: u64,
}

/// First causes, sorted by outcome and cause: few differ, so a short list will do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Causes {
    sorted: Vec<CauseCount>,
    /// What tells each of them apart, in the same order.
    keys: Vec<u64>,
}

impl Causes {
    #[inline]
    pub(super) fn add(&mut self, ending: Ending) {
        let key = ending.key_of_cause();
        let known = self.keys.iter().position(|&known| known == key);
        let place = known.unwrap_or_else(|| self.insert(ending));
        self.sorted[place].calls += 1;
    }

    #[cold]
    fn insert(&mut self, ending: Ending) -> usize {
        let (outcome, cause) = (ending.outcome(), ending.cause());
        let place = self
            .sorted
            .partition_point(|known| (known.outcome, known.cause) < (outcome, cause));
        let calls = 0;
        self.sorted.insert(
            place,
            CauseCount {
                outcome,
                cause,
                calls,
            },
        );
        self.keys.insert(place, ending.key_of_cause());
        place
    }

    /// All of them, sorted by outcome and cause.
    pub fn as_slice(&self) -> &[CauseCount] {
        &self.sorted
    }
}

/// One second \[ns\].
const SECOND_NS: u64 = 1_000_000_000;

/// Calls that started in one second \[count\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StartSecond {
    /// Which: whole seconds since the start of the run.
    pub second: u64,
    /// Started.
    pub started: u32,
    /// Of those, ended in any way.
    pub ended: u32,
    /// Of those, ended usefully.
    pub useful: u32,
    /// Of those, the caller's own mistakes.
    pub mistaken: u32,
}

/// Calls of a client by the second of their start, in order; seconds in which none started are left
/// out, so that memory goes by the calls and not by the clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seconds {
    pub(super) all: Vec<StartSecond>,
    /// When the newest of them began \[ns\].
    newest_ns: u64,
}

impl Seconds {
    /// The second of an instant.
    #[expect(clippy::inline_always, reason = "told for every call")]
    #[inline(always)]
    pub(super) fn at(&mut self, at: SimTime) -> &mut StartSecond {
        let last = self.all.len().wrapping_sub(1);
        let is_newest = at.as_ns().wrapping_sub(self.newest_ns) < SECOND_NS;
        let place = if is_newest && last < self.all.len() {
            last
        } else {
            self.place_of(at.as_ns() / SECOND_NS)
        };
        &mut self.all[place]
    }

    /// Where a second is kept; calls that end started a few seconds ago, and mostly none between was
    /// left out.
    #[inline(never)]
    fn place_of(&mut self, second: u64) -> usize {
        if let Some(newest) = self.all.last() {
            let before = newest.second.wrapping_sub(second) as usize;
            let place = (self.all.len() - 1).wrapping_sub(before);
            if self.all.get(place).is_some_and(|it| it.second == second) {
                return place;
            }
        }
        let place = self.all.partition_point(|it| it.second < second);
        if self.all.get(place).is_none_or(|it| it.second != second) {
            let new = StartSecond {
                second,
                ..StartSecond::default()
            };
            self.all.insert(place, new);
            self.newest_ns = self.newest_ns.max(second * SECOND_NS);
        }
        place
    }
}

/// A window as an edge sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct EdgeWindow {
    pub(super) from: SimTime,
    pub(super) until: SimTime,
    pub(super) label: LabelFilter,
    /// Its number.
    pub(super) index: u32,
}

impl EdgeWindow {
    /// Whether a call that starts at an instant with these labels belongs to it.
    #[inline]
    pub(super) fn holds(&self, started_at: SimTime, labels: Labels) -> bool {
        started_at >= self.from
            && started_at < self.until
            && self.label.admits(labels.class, labels.tenant)
    }
}

/// Who asks about the calls of an edge; known before the run.
#[derive(Clone, Debug)]
pub(super) struct EdgeUse {
    /// The windows that its calls may belong to.
    pub(super) windows: Box<[EdgeWindow]>,
    /// Those among them that only some labels belong to.
    pub(super) labelled: Box<[EdgeWindow]>,
}

/// Where what is kept about the calls made at a site is found without a search.
#[derive(Clone, Copy, Debug)]
pub(super) struct SiteUse {
    /// Its edge.
    pub(super) edge: EdgeId,
    /// The client that calls, if one does.
    pub(super) client: Option<ClientId>,
    /// The row of the edge's counters, once they have one.
    pub(super) counts: SparseRow,
    /// That of what is known of the edge's calls.
    pub(super) calls: SparseRow,
}

impl SiteUse {
    pub(super) fn new(spec: &ModelSpec, edge: EdgeId) -> Self {
        Self {
            edge,
            client: client_of(spec, edge),
            counts: SparseRow::NONE,
            calls: SparseRow::NONE,
        }
    }
}

/// Who asks about the calls of each edge.
pub(super) fn uses(spec: &ModelSpec) -> IdMap<EdgeId, EdgeUse> {
    let mut windows: IdMap<EdgeId, Vec<EdgeWindow>> =
        spec.edges.iter().map(|_| Vec::new()).collect();
    for (id, window) in spec.windows.iter_enumerated() {
        for edge in edges_of(spec, window.of) {
            windows[edge].push(EdgeWindow {
                from: window.from,
                until: window.until.min(spec.duration),
                label: window.label,
                index: id.index() as u32,
            });
        }
    }
    let used = windows.iter().map(|windows| EdgeUse {
        windows: windows.as_slice().into(),
        labelled: windows
            .iter()
            .filter(|window| window.label != LabelFilter::Any)
            .copied()
            .collect(),
    });
    used.collect()
}

/// What an edge keeps about its calls.
#[derive(Clone, Debug)]
pub(super) struct EdgeCalls {
    /// Calls that start in `[warmup, duration)`.
    pub(super) total: Calls,
    /// First causes of those that did not end `ok`.
    pub(super) causes: Causes,
    /// Latency of useful and of failed calls since the last point of the series.
    pub(super) recent_useful: Histogram,
    pub(super) recent_failed: Histogram,
}

impl Default for EdgeCalls {
    fn default() -> Self {
        Self {
            total: Calls::default(),
            causes: Causes::default(),
            recent_useful: Histogram::coarse(),
            recent_failed: Histogram::coarse(),
        }
    }
}

/// The client at the calling end, if it is one.
pub(super) fn client_of(spec: &ModelSpec, edge: EdgeId) -> Option<ClientId> {
    spec.edges[edge].client()
}

/// The edges that a subject speaks of.
pub fn edges_of(spec: &ModelSpec, subject: Subject) -> Vec<EdgeId> {
    let of_client = |wanted: &dyn Fn(ClientId) -> bool| {
        let edges = spec.traffic_edges();
        edges
            .filter(|&edge| client_of(spec, edge).is_some_and(wanted))
            .collect()
    };
    match subject {
        Subject::AllClients => of_client(&|_| true),
        Subject::Client(client) => of_client(&|caller| caller == client),
        Subject::Edge(one) => vec![one],
        Subject::Service(service) => spec.topology.edges_to(service).to_vec(),
    }
}

/// The operations of a service.
pub fn operations_of(spec: &ModelSpec, service: ServiceId) -> impl Iterator<Item = OperationId> {
    spec.topology.operations_of(service).iter().copied()
}

/// The edges that lead to a service.
pub fn edges_to(spec: &ModelSpec, service: ServiceId) -> impl Iterator<Item = EdgeId> {
    spec.topology.edges_to(service).iter().copied()
}

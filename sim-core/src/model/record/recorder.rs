//! The consumer of facts that keeps what reports and change need.
//!
//! Per fact: one comparison with the next instant at which a snapshot is due, the digest, and a
//! few additions into vectors indexed by id. Nothing is allocated per fact, and memory does not
//! grow with the number of calls. What each kind of fact changes is in `on_fact`.

use super::calls::{EdgeCalls, EdgeUse, Seconds, SiteUse, uses};
use super::checks::HealthChange;
use super::counts::Counts;
use super::deeds::DeedRecord;
use super::ejections::Ejections;
use super::episodes::Episodes;
use super::failing::FailingSpells;
use super::kept::KeptRecorder;
use super::level::Level;
use super::lives::Lives;
use super::memories::Memories;
use super::outages::Outages;
use super::points::Series;
use super::queues::QueueRecorder;
use super::run::{BreakerChange, InstanceLoad, LimitChange, WorldEvent};
use super::sagas::SagaRecords;
use super::snapshots::{LevelSnapshot, Snapshot, Snapshots};
use crate::id::{
    BudgetId, EdgeId, FaultId, IdMap, InstanceId, LayerId, OperationId, ServiceId, SiteId, Sparse,
    SparseRow, WindowId,
};
use crate::model::fact::AttemptNo;
use crate::model::record::Calls;
use crate::model::spec::{Execution, ModelSpec};
use crate::observe::{Digest, Histogram};
use crate::time::SimTime;

/// Changes of breakers that are kept; later ones are counted only.
pub const MAX_BREAKER_CHANGES: usize = 100_000;

/// Turns facts into a [`super::RunRecord`].
#[derive(Clone, Debug)]
pub struct Recorder {
    pub(super) spec: ModelSpec,
    pub(super) digest: Digest,
    /// When the next snapshot or point is due.
    pub(super) due: SimTime,
    pub(super) warmup: SimTime,
    pub(super) duration: SimTime,
    /// What happens from then on is in the digest, and in what becomes of calls, but in no list of
    /// happenings: `duration`, if the run goes on after it.
    pub(super) kept_until: SimTime,
    pub(super) sites: IdMap<SiteId, SiteUse>,
    pub(super) counts: Counts,
    /// The counters at the end of the warm-up.
    pub(super) warm: Option<Counts>,
    /// The counters at the end of the run's duration.
    pub(super) full: Option<Counts>,
    /// What instances had to do by the end of the warm-up,
    pub(super) warm_load: Option<IdMap<InstanceId, InstanceLoad>>,
    /// and by the end of the run's duration.
    pub(super) full_load: Option<IdMap<InstanceId, InstanceLoad>>,
    /// Waiting at that instant, by service \[count\].
    pub(super) full_waiting: Option<IdMap<ServiceId, u64>>,
    pub(super) uses: IdMap<EdgeId, EdgeUse>,
    pub(super) calls: Sparse<EdgeId, EdgeCalls>,
    pub(super) windows: IdMap<WindowId, Calls>,
    /// Calls that started in each window that only some labels belong to \[count\].
    pub(super) labelled_started: IdMap<WindowId, u64>,
    pub(super) seconds: IdMap<crate::id::ClientId, Seconds>,
    pub(super) waits: Sparse<OperationId, Histogram>,
    pub(super) levels: IdMap<InstanceId, Level>,
    /// Areas by service, and the peak since the last snapshot.
    pub(super) areas: IdMap<ServiceId, LevelSnapshot>,
    pub(super) snapshots: Snapshots,
    pub(super) series: Series,
    /// The least that was ever left of each budget, of all its owners.
    pub(super) least_left: IdMap<BudgetId, Option<u32>>,
    /// The attempt whose unwanted answer was told last; 0 before the first.
    pub(super) unwanted: AttemptNo,
    pub(super) breaker_changes: Vec<BreakerChange>,
    pub(super) breaker_changes_left_out: u64,
    pub(super) limit_changes: Vec<LimitChange>,
    pub(super) events: Vec<(SimTime, WorldEvent)>,
    pub(super) health_changes: Vec<HealthChange>,
    pub(super) outages: IdMap<FaultId, Outages>,
    /// Ages of kept answers that were given, by layer.
    pub(super) ages: IdMap<LayerId, Option<Box<Histogram>>>,
    /// How long passes had waited that were let in, by layer.
    pub(super) layer_waits: IdMap<LayerId, Option<Box<Histogram>>>,
    pub(super) episodes: IdMap<ServiceId, Episodes>,
    pub(super) ejections: Ejections,
    pub(super) failing: FailingSpells,
    pub(super) lives: Lives,
    pub(super) kept: KeptRecorder,
    pub(super) deeds: DeedRecord,
    pub(super) queues: QueueRecorder,
    pub(super) sagas: SagaRecords,
    /// As what the attempts of each site count, and the row of its counters once they have one.
    pub(super) sends: Vec<(EdgeId, SparseRow)>,
    pub(super) memories: Memories,
}

impl Recorder {
    /// A recorder for runs of this model.
    pub fn new(spec: &ModelSpec) -> Self {
        let kept_until = if spec.drain.is_zero() {
            SimTime::NEVER
        } else {
            spec.duration
        };
        let mut recorder = Self {
            spec: spec.clone(),
            digest: Digest::new(),
            due: SimTime::ZERO,
            warmup: spec.warmup,
            duration: spec.duration,
            kept_until,
            sites: spec
                .sites
                .iter()
                .map(|site| SiteUse::new(spec, site.edge))
                .collect(),
            counts: Counts::new(spec),
            warm: None,
            full: None,
            warm_load: None,
            full_load: None,
            full_waiting: None,
            uses: uses(spec),
            calls: Sparse::new(spec.edges.len(), EdgeCalls::default()),
            windows: spec.windows.iter().map(|_| Calls::default()).collect(),
            labelled_started: spec.windows.iter().map(|_| 0).collect(),
            seconds: spec.clients.iter().map(|_| Seconds::default()).collect(),
            waits: Sparse::new(spec.operations.len(), Histogram::fine()),
            levels: spec
                .instances
                .iter()
                .map(|&service| level_of(spec, service))
                .collect(),
            areas: spec
                .services
                .iter()
                .map(|_| LevelSnapshot::default())
                .collect(),
            snapshots: Snapshots::new(spec),
            series: Series::new(spec),
            least_left: spec.budgets.iter().map(|_| None).collect(),
            unwanted: 0,
            breaker_changes: Vec::new(),
            breaker_changes_left_out: 0,
            limit_changes: Vec::new(),
            events: Vec::new(),
            health_changes: Vec::new(),
            ages: spec.layers.iter().map(|_| None).collect(),
            layer_waits: spec.layers.iter().map(|_| None).collect(),
            outages: spec.faults.iter().map(|_| Outages::default()).collect(),
            episodes: spec.services.iter().map(|_| Episodes::default()).collect(),
            ejections: Ejections::new(spec),
            failing: FailingSpells::new(spec),
            lives: Lives::new(spec, kept_until),
            kept: KeptRecorder::new(spec),
            deeds: DeedRecord::new(spec),
            queues: QueueRecorder::new(spec),
            sagas: SagaRecords::new(spec),
            sends: spec
                .sites
                .iter()
                .map(|site| (site.sends, SparseRow::NONE))
                .collect(),
            memories: Memories::default(),
        };
        recorder.catch_up(SimTime::ZERO);
        recorder
    }

    /// Calls whose caller does not yet know the outcome \[count\].
    pub fn in_flight_calls(&self) -> u64 {
        let edges = self.counts.edges.touched();
        edges
            .map(|(_, edge)| edge.started - edge.ended_total())
            .sum()
    }

    /// Takes everything that is due by `now`.
    #[cold]
    pub(super) fn catch_up(&mut self, now: SimTime) {
        loop {
            let (snapshot, point) = (self.snapshots.next_due(), self.series.next_due());
            self.due = snapshot.min(point);
            if self.due > now || self.due == SimTime::NEVER {
                return;
            }
            self.pass_levels(self.due);
            if point == self.due {
                self.take_point();
            }
            if snapshot == self.due {
                self.take_snapshot(snapshot);
            }
        }
    }

    /// Brings the areas of all services up to `now`.
    pub(super) fn pass_levels(&mut self, now: SimTime) {
        let levels = self.levels.iter_mut().zip(&self.spec.instances);
        for (level, &service) in levels.filter(|(level, _)| level.arrived > 0) {
            level.pass(now);
            let areas = level.take_areas(now);
            let area = &mut self.areas[service];
            area.queue_area += areas.queue;
            area.busy_area += areas.busy;
            area.present_area += areas.present;
        }
    }

    pub(super) fn take_point(&mut self) {
        self.kept.take_point();
        self.queues.take_point();
        self.sagas.take_point();
        let waiting = self.waiting();
        let (counts, calls) = (&self.counts, &mut self.calls);
        self.series
            .take(&self.spec, counts, calls, &self.areas, &waiting);
    }

    fn take_snapshot(&mut self, at: SimTime) {
        if at == self.warmup {
            self.warm = Some(self.counts.clone());
            self.warm_load = Some(self.load());
        }
        if at == self.duration {
            self.full = Some(self.counts.clone());
            self.full_load = Some(self.load());
            self.full_waiting = Some(self.waiting());
        }
        self.push_snapshot();
    }

    fn push_snapshot(&mut self) {
        for (id, level) in self.levels.ids().zip(self.levels.iter_mut()) {
            let area = &mut self.areas[self.spec.instances[id]];
            area.queue_peak = area.queue_peak.max(level.take_peak());
        }
        self.snapshots.take(Snapshot::of(&self.counts, &self.areas));
        for area in &mut self.areas {
            area.queue_peak = 0;
        }
    }

    /// Closes what is open at the end of a run that ends before its duration.
    pub(super) fn close(&mut self, end: SimTime) {
        self.catch_up(end);
        self.pass_levels(end);
        if end > self.series.open_since() && self.series.next_due() != SimTime::NEVER {
            self.take_point();
        }
        while self.snapshots.next_due() != SimTime::NEVER {
            self.push_snapshot();
        }
    }

    /// What instances had to do so far.
    pub(super) fn load(&self) -> IdMap<InstanceId, InstanceLoad> {
        self.levels.iter().map(Level::load).collect()
    }

    /// Waiting now, by service \[count\].
    pub(super) fn waiting(&self) -> IdMap<ServiceId, u64> {
        let mut sums: IdMap<ServiceId, u64> = self.spec.services.iter().map(|_| 0).collect();
        for (id, level) in self.levels.iter_enumerated() {
            sums[self.spec.instances[id]] += level.queued().max(0) as u64;
        }
        sums
    }
}

fn level_of(spec: &ModelSpec, service: ServiceId) -> Level {
    Level::new(spec.services[service].execution == Execution::Async)
}

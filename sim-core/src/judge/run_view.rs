//! What judgement looks at: a scenario, the record of a run, and ratios that several judges need.

use crate::id::{EdgeId, InstanceId, LayerId, ServiceId};
use crate::model::record::{
    EdgeSnapshot, OperationSnapshot, RunRecord, ServicePoint, edges_to, operations_of,
};
use crate::model::spec::{Execution, ModelSpec};
use crate::observe::Histogram;
use crate::scenario::Scenario;
use crate::time::{SimDuration, SimTime};

/// Threads busy to this share are all busy.
pub(super) const ALL_BUSY: f64 = 0.95;

/// A run and what was asked of it.
#[derive(Clone, Copy, Debug)]
pub struct RunView<'a> {
    /// What was simulated, and what is said about it.
    pub scenario: &'a Scenario,
    /// What happened.
    pub record: &'a RunRecord,
    /// How long the slowest call can take that the policies of clients allow.
    pub longest_call: SimDuration,
}

impl<'a> RunView<'a> {
    /// What was simulated.
    pub fn spec(&self) -> &'a ModelSpec {
        &self.scenario.model
    }

    pub(super) fn service(&self, id: ServiceId) -> &'a str {
        &self.spec().services[id].name
    }

    /// What happened on all edges to a service between two boundaries.
    pub(super) fn edges_to(&self, id: ServiceId, from: SimTime, until: SimTime) -> EdgeSnapshot {
        let edges = edges_to(self.spec(), id);
        edges.fold(EdgeSnapshot::default(), |sum, edge| {
            sum.plus(&self.record.snapshots.edge(edge, from, until))
        })
    }

    /// What happened to all operations of a service between two boundaries.
    pub fn work_of(&self, id: ServiceId, from: SimTime, until: SimTime) -> OperationSnapshot {
        let operations = operations_of(self.spec(), id);
        operations.fold(OperationSnapshot::default(), |sum, operation| {
            sum.plus(&self.record.snapshots.operation(operation, from, until))
        })
    }

    /// Attempts at a service per original attempt (rule 36); none if there was no original one.
    pub fn amplification(&self, id: ServiceId, from: SimTime, until: SimTime) -> Option<f64> {
        let edges = self.edges_to(id, from, until);
        ratio(edges.sent, edges.originals)
    }

    /// Share of a service's thread time that was wasted; none if there was no work.
    pub fn wasted_share(&self, id: ServiceId, from: SimTime, until: SimTime) -> Option<f64> {
        let work = self.work_of(id, from, until);
        // Waste is known one message later than the work, so a short window may see more of it.
        ratio(work.wasted_ns, work.held_ns).map(|share| share.min(1.0))
    }

    /// The edges on which calls pass a layer.
    pub(super) fn edges_around(&self, layer: LayerId) -> Vec<EdgeId> {
        let spec = self.spec();
        let pipeline = spec.layers[layer].pipeline;
        let sites = spec.sites.iter().filter(|site| site.pipeline == pipeline);
        let mut edges: Vec<EdgeId> = sites.map(|site| site.edge).collect();
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    /// Attempts sent to a service in some points, and original ones among them (rule 36).
    pub(super) fn sent_to(
        &self,
        id: ServiceId,
        points: &(impl Iterator<Item = usize> + Clone),
    ) -> (u64, u64) {
        let mut sum = (0, 0);
        for edge in edges_to(self.spec(), id) {
            let series = &self.record.series.edges[edge];
            for point in points.clone().map(|point| &series[point]) {
                sum.0 += u64::from(point.sent);
                sum.1 += u64::from(point.originals);
            }
        }
        sum
    }

    /// Attempts that arrived at a service in the whole run.
    pub(super) fn arrived(&self, id: ServiceId) -> u64 {
        let operations = operations_of(self.spec(), id);
        operations
            .map(|operation| self.record.whole.operations[operation].arrived)
            .sum()
    }

    /// The busy share of a point, where it is known.
    pub(super) fn busy_share(&self, id: ServiceId, point: &ServicePoint) -> Option<f64> {
        let spec = &self.spec().services[id];
        let threads = f64::from(spec.threads?) * f64::from(spec.instances);
        let width_ns = self.record.series.grid.width().as_ns() as f64;
        let busy_ns = match spec.execution {
            Execution::Blocking => point.busy_area as f64,
            Execution::Async => point.held_ns as f64,
        };
        Some(busy_ns / (threads * width_ns))
    }

    /// Mean share of busy threads; none if threads are unlimited or there was no time.
    pub fn utilisation(&self, id: ServiceId, from: SimTime, until: SimTime) -> Option<f64> {
        let service = &self.spec().services[id];
        let span_ns = from.until(until.min(self.record.end)).as_ns() as f64;
        let threads = f64::from(service.threads?) * f64::from(service.instances);
        let busy = match service.execution {
            Execution::Blocking => self.record.snapshots.level(id, from, until).busy_area as f64,
            Execution::Async => self.work_of(id, from, until).held_ns as f64,
        };
        (span_ns > 0.0).then(|| busy / (span_ns * threads))
    }

    /// Mean number of operations waiting, all instances together; none without time.
    pub fn mean_queue(&self, id: ServiceId, from: SimTime, until: SimTime) -> Option<f64> {
        self.mean_level(
            self.record.snapshots.level(id, from, until).queue_area,
            from,
            until,
        )
    }

    /// Mean number of operations in a service, waiting or at work; none without time.
    pub fn in_system(&self, id: ServiceId, from: SimTime, until: SimTime) -> Option<f64> {
        let level = self.record.snapshots.level(id, from, until);
        self.mean_level(level.present_area, from, until)
    }

    fn mean_level(&self, area: i128, from: SimTime, until: SimTime) -> Option<f64> {
        let span_ns = from.until(until.min(self.record.end)).as_ns() as f64;
        (span_ns > 0.0).then(|| area as f64 / span_ns)
    }

    /// Operations finished per second, wanted or not \[1/s\]; none without time.
    pub fn throughput(&self, id: ServiceId, from: SimTime, until: SimTime) -> Option<f64> {
        let span_s = from.until(until.min(self.record.end)).as_secs_f64();
        let finished = self.work_of(id, from, until).finished as f64;
        (span_s > 0.0).then(|| finished / span_s)
    }

    /// Share of the operations that got a thread which had to wait for it; none if none got one.
    pub fn waited_share(&self, id: ServiceId, from: SimTime, until: SimTime) -> Option<f64> {
        let work = self.work_of(id, from, until);
        ratio(work.waited, work.started)
    }

    /// Share of the attempts that arrived which were turned away; none if none arrived.
    pub fn rejected_share(&self, id: ServiceId, from: SimTime, until: SimTime) -> Option<f64> {
        let work = self.work_of(id, from, until);
        // One may arrive before the window and be turned away in it.
        ratio(work.rejected.min(work.arrived), work.arrived)
    }

    /// Waiting times of the operations of a service that got a thread in `[warmup, duration)`.
    pub fn waits_of(&self, id: ServiceId) -> Histogram {
        let mut waits = Histogram::fine();
        for operation in operations_of(self.spec(), id) {
            waits.merge(&self.record.waits[operation]);
        }
        waits
    }

    /// Attempts at the busiest instance of a service over those at an instance on average, in
    /// `[warmup, duration)`; none if there were none.
    pub fn imbalance(&self, id: ServiceId) -> Option<f64> {
        let service = &self.spec().services[id];
        let first = service.first_instance.0;
        let instances = (first..first + service.instances).map(InstanceId);
        let arrived = instances.map(|id| self.record.instances[id].arrived);
        let (most, all) = arrived.fold((0, 0), |(most, all), one| (one.max(most), all + one));
        let most = (u128::from(most) * u128::from(service.instances)) as f64;
        (all > 0).then(|| most / all as f64)
    }
}

/// `part / whole`, if there is a whole.
pub(super) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

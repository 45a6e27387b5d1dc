//! Services and their operations.

use super::ejection;
use super::limit::limit;
use super::memory::memory;
use super::rates::{measured_s, per_second, share};
use super::traffic::latency;
use crate::id::{InstanceId, OperationId, ServiceId};
use crate::model::fact::DropReason;
use crate::model::record::{
    ByOutcome, CheckCause, InstanceLife, LimitedBy, OperationCounts, RunRecord, edges_to,
    instance_name, operation_name, operations_of,
};
use crate::model::spec::{Execution, ModelSpec, WhenFull};
use crate::observe::Histogram;
use crate::policy::Outcome;
use crate::report::{
    AdmissionReport, CheckReport, CountReport, Finite, InstanceReport, LifeReport, OperationReport,
    QueueReport, ServiceReport, WorkReport,
};

/// So many of the busiest instances of a service are told, and of the idlest.
const MOST_INSTANCES: usize = 5;

pub(super) fn services(spec: &ModelSpec, record: &RunRecord) -> Vec<ServiceReport> {
    spec.services
        .ids()
        .map(|id| service(spec, record, id))
        .collect()
}

fn service(spec: &ModelSpec, record: &RunRecord, id: ServiceId) -> ServiceReport {
    let service = &spec.services[id];
    let mut all = OperationCounts::default();
    for operation in operations_of(spec, id) {
        all.add(&record.measured.operations[operation]);
    }
    let edges = || edges_to(spec, id).map(|edge| &record.measured.edges[edge]);
    let wanted: u64 = edges().map(|edge| edge.wanted).sum();
    let sent: u64 = edges().map(|edge| edge.sent).sum();
    let originals: u64 = edges().map(|edge| edge.originals).sum();
    let (instance_loads, left_out) = instances(spec, record, id);
    ServiceReport {
        name: service.name.clone(),
        instances: service.instances,
        threads: service.threads,
        queue_capacity: service.queue.capacity,
        throughput_per_second: per_second(spec, record, all.finished_total()),
        goodput_per_second: per_second(spec, record, wanted),
        utilisation: utilisation(spec, record, id, all.held_ns),
        path_amplification: share(sent, originals),
        in_system: in_system(spec, record, id),
        instance_loads,
        instances_left_out: left_out,
        ejection: ejection::ejection(spec, record, id),
        queue: queue(spec, record, id, &all),
        work: work(&all),
        admission: admission(spec, record, id),
        operations: operations_of(spec, id)
            .map(|operation| operation_report(spec, record, operation))
            .collect(),
        health: health(spec, record, id),
        memory: memory(spec, record, id),
        turned_away: turned_away(spec, record, id, &all),
    }
}

/// What turned attempts away; nothing where only a full queue can, which the operations tell.
fn turned_away(
    spec: &ModelSpec,
    record: &RunRecord,
    id: ServiceId,
    all: &OperationCounts,
) -> Vec<CountReport> {
    let service = &spec.services[id];
    let drops_oldest = service.queue.when_full == WhenFull::DropOldest;
    if service.queue.codel.is_none() && !drops_oldest && service.admission.is_empty() {
        return Vec::new();
    }
    let layers = service.admission.iter().map(|&layer| {
        let name = format!("admission: {}", spec.admission[layer].name);
        (name, record.measured.admission[layer].refused)
    });
    let layers: Vec<(String, u64)> = layers.collect();
    let by_limits: u64 = layers.iter().map(|(_, refused)| refused).sum();
    let rejected = |outcome| all.rejected[outcome as usize];
    // Whom no layer sheds, the queue does.
    let shed = rejected(Outcome::RejectedShed) + rejected(Outcome::RejectedRateLimited);
    let full = if drops_oldest {
        "full queue, the oldest"
    } else {
        "full queue"
    };
    above_zero(layers.into_iter().chain([
        ("codel".to_owned(), shed.saturating_sub(by_limits)),
        (full.to_owned(), rejected(Outcome::RejectedQueueFull)),
    ]))
}

fn admission(spec: &ModelSpec, record: &RunRecord, id: ServiceId) -> Vec<AdmissionReport> {
    let layers = spec.services[id].admission.iter();
    let told = layers.map(|&layer| {
        let measured = &record.measured.admission[layer];
        AdmissionReport {
            layer: spec.admission[layer].name.clone(),
            kind: spec.admission[layer].kind.name().to_owned(),
            refused_total: measured.refused,
            raised_total: measured.raised,
            lowered_total: measured.lowered,
            never_refused: record.whole.admission[layer].refused == 0,
            limit: limit(spec, record, LimitedBy::Admission(layer)),
        }
    });
    told.collect()
}

fn health(spec: &ModelSpec, record: &RunRecord, id: ServiceId) -> Vec<CheckReport> {
    let checks = spec.checks.iter_enumerated();
    let own = checks.filter(|(_, check)| check.service == id);
    own.map(|(check, it)| {
        let counts = &record.measured.checks[check];
        CheckReport {
            name: it.name.clone(),
            passed_total: counts.passed,
            failed: named(&CheckCause::ALL.map(CheckCause::name), &counts.failed),
            fails_total: counts.fell,
            passes_total: counts.rose,
        }
    })
    .collect()
}

fn utilisation(
    spec: &ModelSpec,
    record: &RunRecord,
    id: ServiceId,
    held_ns: u64,
) -> Option<Finite> {
    let service = &spec.services[id];
    let threads = f64::from(service.threads?) * f64::from(service.instances);
    let busy_ns = match service.execution {
        Execution::Blocking => {
            record
                .snapshots
                .level(id, spec.warmup, spec.duration)
                .busy_area as f64
        }
        Execution::Async => held_ns as f64,
    };
    Finite::ratio(busy_ns, threads * measured_s(spec, record) * 1e9)
}

fn in_system(spec: &ModelSpec, record: &RunRecord, id: ServiceId) -> Finite {
    let level = record.snapshots.level(id, spec.warmup, spec.duration);
    let span_ns = measured_s(spec, record) * 1e9;
    Finite::ratio(level.present_area as f64, span_ns).unwrap_or_default()
}

/// The instances of a service if there are several, or if they come and go, and how many are left out: of many those in the
/// middle, by the attempts that arrived.
fn instances(spec: &ModelSpec, record: &RunRecord, id: ServiceId) -> (Vec<InstanceReport>, u32) {
    let service = &spec.services[id];
    if service.instances < 2 && !spec.come_and_go(id) {
        return (Vec::new(), 0);
    }
    let first = service.first_instance.0;
    let mut told: Vec<InstanceId> = (first..first + service.instances).map(InstanceId).collect();
    let left_out = told.len().saturating_sub(2 * MOST_INSTANCES);
    if left_out > 0 {
        told.sort_by_key(|&id| std::cmp::Reverse(record.instances[id].arrived));
        told.drain(MOST_INSTANCES..told.len() - MOST_INSTANCES);
        told.sort_unstable();
    }
    let each = told.into_iter().map(|id| instance(spec, record, id));
    (each.collect(), left_out as u32)
}

fn instance(spec: &ModelSpec, record: &RunRecord, id: InstanceId) -> InstanceReport {
    let load = &record.instances[id];
    let threads = spec.services[spec.instances[id]].threads;
    let span_ns = measured_s(spec, record) * 1e9;
    let mean = |area: i128| Finite::ratio(area as f64, span_ns).unwrap_or_default();
    InstanceReport {
        name: instance_name(spec, id),
        arrived_total: load.arrived,
        utilisation: threads
            .and_then(|threads| Finite::ratio(load.busy_area as f64, f64::from(threads) * span_ns)),
        mean_queue: mean(load.queue_area),
        in_system: mean(load.present_area),
        life: spec
            .come_and_go(spec.instances[id])
            .then(|| life(&record.lives[id])),
    }
}

fn life(life: &InstanceLife) -> LifeReport {
    let [empty_ns, starting_ns, up_ns, draining_ns, down_ns] = life.in_state_ns;
    LifeReport {
        starting_ns,
        up_ns,
        draining_ns,
        down_ns,
        empty_ns,
        out_of_rotation_ns: life.out_ns,
        stops_total: life.stops,
        kills_total: life.kills,
        deaths_total: life.deaths,
        starts_total: life.starts,
        waited_ns: life.waited_ns,
        lost_total: life.lost,
        turned_away_total: life.turned_away,
    }
}

fn queue(
    spec: &ModelSpec,
    record: &RunRecord,
    id: ServiceId,
    all: &OperationCounts,
) -> QueueReport {
    let level = record.snapshots.level(id, spec.warmup, spec.duration);
    let mut waits = Histogram::fine();
    for operation in operations_of(spec, id) {
        waits.merge(&record.waits[operation]);
    }
    let span_ns = measured_s(spec, record) * 1e9;
    QueueReport {
        mean_length: Finite::ratio(level.queue_area as f64, span_ns).unwrap_or_default(),
        peak_in_one_instance: level.queue_peak,
        waiting_at_end: record.waiting_at_end[id],
        waiting_time: latency(&waits),
        waited_share: share(all.waited, all.started),
    }
}

fn work(all: &OperationCounts) -> WorkReport {
    WorkReport {
        held_ns: all.held_ns,
        wasted_ns: all.wasted_ns,
        lost_hedges_ns: all.hedged_ns,
        lost_ns: all.lost_ns,
        // Waste is known one message later than the work, so it can exceed it in a short run.
        wasted_share: share(all.wasted_ns.min(all.held_ns), all.held_ns),
    }
}

fn operation_report(spec: &ModelSpec, record: &RunRecord, id: OperationId) -> OperationReport {
    let counts = &record.measured.operations[id];
    OperationReport {
        name: operation_name(spec, id),
        arrived_total: counts.arrived,
        rejected: by_outcome(&counts.rejected),
        started_total: counts.started,
        finished: by_outcome(&counts.finished),
        dropped: named(&DropReason::ALL.map(DropReason::name), &counts.dropped),
        lost_total: counts.lost,
        unwanted_total: counts.unwanted,
        duplicates_total: counts.duplicates,
        keys: above_zero(counts.named()),
    }
}

fn by_outcome(counts: &ByOutcome) -> Vec<CountReport> {
    let names = Outcome::SHOWN.map(Outcome::name);
    named(
        &names,
        &Outcome::SHOWN.map(|outcome| counts[outcome as usize]),
    )
}

/// The counts that are not zero, with their names.
pub(super) fn named(names: &[&str], counts: &[u64]) -> Vec<CountReport> {
    let pairs = names.iter().zip(counts);
    above_zero(pairs.map(|(&name, &total)| (name.to_owned(), total)))
}

/// The counters that are not zero.
pub(super) fn above_zero(counters: impl IntoIterator<Item = (String, u64)>) -> Vec<CountReport> {
    let counters = counters.into_iter().filter(|&(_, total)| total > 0);
    counters
        .map(|(name, total)| CountReport { name, total })
        .collect()
}

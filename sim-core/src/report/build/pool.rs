//! Pools of connections.

use super::super::number::Finite;
use super::super::pool::{PoolProcessReport, PoolReport};
use super::traffic::latency;
use crate::id::{InstanceId, KeptId};
use crate::model::record::{KeptProcess, KeptRecord, RunRecord, instance_name};
use crate::model::spec::{KeptKind, ModelSpec};

/// Processes that are told one by one \[count\].
const MOST: usize = 20;

pub(super) fn pools(spec: &ModelSpec, record: &RunRecord) -> Vec<PoolReport> {
    let kept = record.kept.iter_enumerated();
    kept.map(|(id, of)| pool(spec, id, of)).collect()
}

fn pool(spec: &ModelSpec, id: KeptId, record: &KeptRecord) -> PoolReport {
    let kept = &spec.kept[id];
    let KeptKind::Pool(pool) = &kept.kind;
    let first = spec.services[kept.owner].first_instance.0;
    let processes = (first..).map(InstanceId).zip(&record.processes);
    let mean = |area: fn(&KeptProcess) -> u128| {
        let sum: u128 = record.processes.iter().map(area).sum();
        let time = record.measured.as_ns_f64() * record.processes.len() as f64;
        (time > 0.0)
            .then(|| Finite::new(sum as f64 / time))
            .flatten()
    };
    PoolReport {
        name: kept.name.clone(),
        owner: spec.services[kept.owner].name.clone(),
        to: spec.services[pool.to].name.clone(),
        size: (pool.config.size < u32::MAX).then_some(pool.config.size),
        granted_total: record.sum(|it| it.granted),
        waited_total: record.sum(|it| it.waited),
        timed_out_total: record.sum(|it| it.timed_out),
        failed_total: record.sum(|it| it.failed),
        given_up_total: record.sum(|it| it.given_up),
        broken_total: record.sum(|it| it.broken),
        opened_total: record.sum(|it| it.opened),
        not_opened_total: record.sum(|it| it.not_opened),
        closed_total: record.sum(|it| it.closed),
        wait: latency(&record.waits),
        in_use_mean: mean(|it| it.given_area),
        waiting_mean: mean(|it| it.waiting_area),
        processes: processes
            .take(MOST)
            .map(|(process, it)| PoolProcessReport {
                name: instance_name(spec, process),
                granted_total: it.granted,
                timed_out_total: it.timed_out,
                in_use_max: it.most_given,
                waiting_max: it.most_waiting,
            })
            .collect(),
        in_use: record.series.iter().map(|point| point.given).collect(),
        waiting: record.series.iter().map(|point| point.waiting).collect(),
        open: record.series.iter().map(|point| point.open).collect(),
    }
}

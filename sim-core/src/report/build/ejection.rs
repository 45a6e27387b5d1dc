//! What ejection did to the instances of a service.

use super::rates::share;
use crate::id::{InstanceId, ServiceId};
use crate::model::record::{RunRecord, instance_name};
use crate::model::spec::ModelSpec;
use crate::policy::eject::EjectWhy;
use crate::report::{CountReport, EjectedReport, EjectionReport, Finite};
use std::cmp::Reverse;

/// So many instances are told.
const MOST_INSTANCES: usize = 10;

pub(super) fn ejection(
    spec: &ModelSpec,
    record: &RunRecord,
    id: ServiceId,
) -> Option<EjectionReport> {
    let service = &spec.services[id];
    let ejection = service.ejection.as_ref()?;
    let first = service.first_instance.0;
    let all = (first..first + service.instances).map(InstanceId);
    let judged = |id: &InstanceId| {
        let counts = record.ejections.of(*id);
        counts.ejected + counts.stopped > 0
    };
    let mut told: Vec<InstanceId> = all.filter(judged).collect();
    told.sort_by_key(|&id| {
        let counts = record.ejections.of(id);
        (Reverse(counts.out_ns), Reverse(counts.stopped), id)
    });
    let left_out = told.len().saturating_sub(MOST_INSTANCES);
    told.truncate(MOST_INSTANCES);
    let each = told.into_iter().map(|it| ejected(spec, record, id, it));
    Some(EjectionReport {
        judges: spec.judges_of(id),
        most: ejection.config.most.of(service.instances),
        instances: each.collect(),
        instances_left_out: left_out as u32,
    })
}

fn ejected(
    spec: &ModelSpec,
    record: &RunRecord,
    service: ServiceId,
    id: InstanceId,
) -> EjectedReport {
    let counts = record.ejections.of(id);
    let of = &spec.services[service];
    let first = of.first_instance.0;
    let all = (first..first + of.instances).map(InstanceId);
    let arrived: u64 = all.map(|it| record.instances[it].arrived).sum();
    let own = record.instances[id].arrived;
    let others = u64::from(of.instances.saturating_sub(1));
    let reasons = EjectWhy::ALL
        .iter()
        .zip(counts.by)
        .filter(|(_, total)| *total > 0);
    let watched = record.end.as_ns() as f64 * spec.judges_of(service) as f64;
    EjectedReport {
        name: instance_name(spec, id),
        ejected_total: counts.ejected,
        reasons: reasons
            .map(|(why, total)| CountReport {
                name: why.name().to_owned(),
                total,
            })
            .collect(),
        stopped_total: counts.stopped,
        trials_total: counts.trials,
        first_ns: counts.first.map(crate::time::SimTime::as_ns),
        longest_ns: counts.longest.as_ns(),
        out_share: Finite::ratio(counts.out_ns as f64, watched).unwrap_or_default(),
        most_callers: counts.most_callers,
        attempts_share: share(own, arrived).unwrap_or_default(),
        others_share: share(arrived - own, arrived * others).unwrap_or_default(),
    }
}

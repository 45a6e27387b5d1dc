//! Nothing appears and nothing vanishes (rule 31).
//!
//! Calls: started = ended + in flight. Attempts: sent = ended + in flight. Operations: arrived =
//! rejected + queued + running + finished + dropped + lost. Instances: created = ended + those in any
//! other state (rule 94), where they come and go. By edge and by service, from the facts;
//! and for the whole model against what it counts itself.

use super::lives::there;
use super::recorder::Recorder;
use super::run::{Conservation, Live};
use crate::id::{EdgeId, ServiceId};
use crate::model::names::{edge_name, queue_name, saga_name};

/// All sums of a run.
pub(super) fn conservation(recorder: &Recorder, live: Option<Live>) -> Vec<Conservation> {
    let mut sums = Vec::new();
    for edge in recorder.spec.edges.ids() {
        sums.extend(of_edge(recorder, edge));
    }
    for service in recorder.spec.services.ids() {
        sums.push(of_service(recorder, service));
    }
    for (service, created, ended) in recorder.lives.created_and_ended() {
        sums.push(Conservation {
            what: "instances",
            place: recorder.spec.services[service].name.clone(),
            came_in: created,
            went_out: ended,
            inside: there(&recorder.lives.counts(service)),
        });
    }
    for (id, counts) in recorder.deeds.effects.iter_enumerated() {
        sums.push(Conservation {
            what: "effects",
            place: recorder.spec.effects[id].name.clone(),
            came_in: counts.carried_out(),
            went_out: counts.taken_back(),
            inside: counts.standing(),
        });
    }
    for (queue, record) in recorder.queues.records.iter_enumerated() {
        sums.push(Conservation {
            what: "messages",
            place: queue_name(&recorder.spec, queue),
            came_in: record.sums.stored,
            went_out: record.sums.gone(),
            inside: record.last.inside().cast_signed(),
        });
    }
    for (id, counts) in recorder.sagas.0.iter_enumerated() {
        sums.push(Conservation {
            what: "sagas",
            place: saga_name(&recorder.spec, id),
            came_in: counts.began,
            went_out: counts.over(),
            inside: counts.under_way(),
        });
    }
    if let Some(live) = live {
        let [calls, attempts, operations] = ["calls", "attempts", "operations"];
        sums.push(total(&sums, calls, live.calls));
        sums.push(total(&sums, attempts, live.attempts));
        sums.push(total(&sums, operations, live.queued + live.running));
        if !recorder.spec.sagas.is_empty() {
            sums.push(total(&sums, "sagas", live.sagas));
        }
        if !recorder.spec.effects.is_empty() {
            sums.push(total(&sums, "effects", live.effects));
        }
        if sums.iter().any(|sum| sum.what == "instances") {
            sums.push(total(&sums, "instances", live.instances));
        }
    }
    sums
}

fn of_edge(recorder: &Recorder, edge: EdgeId) -> [Conservation; 2] {
    let counts = &recorder.counts.edges[edge];
    let sum = |what, came_in: u64, went_out: u64| Conservation {
        what,
        place: edge_name(&recorder.spec, edge),
        came_in,
        went_out,
        inside: came_in.cast_signed() - went_out.cast_signed(),
    };
    [
        sum("calls", counts.started, counts.ended_total()),
        sum("attempts", counts.sent, counts.attempts_ended_total()),
    ]
}

fn of_service(recorder: &Recorder, service: ServiceId) -> Conservation {
    let mut came_in = 0;
    let mut went_out = 0;
    // Those that answer health checks are there as well.
    let all = recorder.spec.operations.iter_enumerated();
    for (id, _) in all.filter(|(_, it)| it.service == service) {
        let counts = &recorder.counts.operations[id];
        came_in += counts.arrived;
        went_out += counts.rejected_total() + counts.finished_total();
        went_out += counts.dropped_total() + counts.lost;
    }
    Conservation {
        what: "operations",
        place: recorder.spec.services[service].name.clone(),
        came_in,
        went_out,
        inside: inside(recorder, service),
    }
}

/// Waiting and running in all instances; a level below zero spoils the sum on purpose.
fn inside(recorder: &Recorder, service: ServiceId) -> i64 {
    let spec = &recorder.spec.services[service];
    let first = spec.first_instance.0;
    let instances = (first..first + spec.instances).map(crate::id::InstanceId);
    let levels = instances.map(|id| recorder.levels[id]);
    levels
        .map(|level| {
            if level.queued() < 0 || level.running() < 0 {
                i64::MIN / 1_000_000
            } else {
                level.queued() + level.running()
            }
        })
        .sum()
}

fn total(sums: &[Conservation], what: &'static str, inside: u64) -> Conservation {
    let of_kind = || sums.iter().filter(|sum| sum.what == what);
    Conservation {
        what,
        place: "all".to_owned(),
        came_in: of_kind().map(|sum| sum.came_in).sum(),
        went_out: of_kind().map(|sum| sum.went_out).sum(),
        inside: inside.cast_signed(),
    }
}

//! Names of things as people write and read them.

use crate::id::{
    AdmissionId, CheckId, EdgeId, InstanceId, KeptId, LayerId, OperationId, PipelineId, ProcessId,
    QueueId, SagaId,
};
use crate::model::spec::{Caller, CallerGroup, KeptKind, LabelFilter, ModelSpec};
use crate::policy::{CauseKind, Place};

/// `payments.charge`.
pub fn operation_name(spec: &ModelSpec, id: OperationId) -> String {
    spec.operation_name(id)
}

/// A client's name, or an operation's.
pub fn caller_name(spec: &ModelSpec, caller: Caller) -> String {
    spec.caller_name(caller)
}

/// `payments.ready`.
pub(super) fn check_name(spec: &ModelSpec, id: CheckId) -> String {
    let check = &spec.checks[id];
    format!("{}.{}", spec.services[check.service].name, check.name)
}

/// `bus.orders`.
pub fn queue_name(spec: &ModelSpec, id: QueueId) -> String {
    spec.operation_name(spec.queues[id].operation)
}

/// `storefront.checkout -> payments.charge`.
pub fn edge_name(spec: &ModelSpec, id: EdgeId) -> String {
    spec.edge_name(id)
}

/// The name of a tenant or a class; empty for the calls without one.
pub fn label_name(spec: &ModelSpec, label: LabelFilter) -> &str {
    match label {
        LabelFilter::Any => "",
        LabelFilter::Tenant(number) => &spec.tenants[usize::from(number)],
        LabelFilter::Class(number) => &spec.classes[usize::from(number)],
    }
}

/// The client or service whose processes own a layer.
pub fn group_name(spec: &ModelSpec, group: CallerGroup) -> &str {
    spec.group_name(group)
}

/// `storefront -> payments`.
pub fn pipeline_name(spec: &ModelSpec, id: PipelineId) -> String {
    let pipeline = &spec.pipelines[id];
    let caller = group_name(spec, pipeline.callers);
    format!("{caller} -> {}", spec.services[pipeline.target].name)
}

/// `storefront -> payments: timeout[2]`.
pub fn layer_name(spec: &ModelSpec, id: LayerId) -> String {
    let layer = &spec.layers[id];
    format!("{}: {}", pipeline_name(spec, layer.pipeline), layer.name)
}

/// `payments: admission bulkhead[2]`.
pub fn admission_name(spec: &ModelSpec, id: AdmissionId) -> String {
    let layer = &spec.admission[id];
    let service = &spec.services[layer.service].name;
    format!("{service}: admission {}", layer.name)
}

/// `pool orders-db of shop`: what is kept, and by whom.
pub fn kept_name(spec: &ModelSpec, id: KeptId) -> String {
    let kept = &spec.kept[id];
    let KeptKind::Pool(_) = &kept.kind;
    format!("pool {} of {}", kept.name, spec.services[kept.owner].name)
}

/// `shop.buy: saga`: a saga and the operation whose step it is.
pub fn saga_name(spec: &ModelSpec, id: SagaId) -> String {
    let saga = &spec.sagas[id];
    format!("{}: {}", operation_name(spec, saga.operation), saga.name)
}

/// `payments/3`: a service and the number of its instance, from 1.
pub fn instance_name(spec: &ModelSpec, id: InstanceId) -> String {
    let service = &spec.services[spec.instances[id]];
    format!("{}/{}", service.name, id.0 - service.first_instance.0 + 1)
}

/// `shoppers/17`: a client or service and the number of its process, from 1.
pub fn process_name(spec: &ModelSpec, id: ProcessId) -> String {
    let clients = spec
        .clients
        .iter()
        .map(|c| (c.first_process, c.processes, &c.name));
    let services = spec
        .services
        .iter()
        .map(|s| (s.first_process, s.instances, &s.name));
    let owner = clients
        .chain(services)
        .find(|(first, count, _)| id.0 >= first.0 && id.0 - first.0 < *count);
    match owner {
        Some((first, 1, name)) if first == id => name.clone(),
        Some((first, _, name)) => format!("{name}/{}", id.0 - first.0 + 1),
        None => "node".to_owned(),
    }
}

/// Where something stood or ended.
pub fn place_name(spec: &ModelSpec, place: Place) -> String {
    match place {
        Place::Layer(id) => layer_name(spec, id),
        Place::Operation(id) => operation_name(spec, id),
        Place::Network(id) => format!("the network to {}", operation_name(spec, id)),
        Place::Kept(id) => kept_name(spec, id),
    }
}

/// What went on at the place of a first cause, as a word for machines.
pub const fn cause_word(kind: CauseKind) -> &'static str {
    match kind {
        CauseKind::Ended(outcome) => outcome.name(),
        CauseKind::InQueue => "in_queue",
        CauseKind::AtWork => "at_work",
        CauseKind::OnTheWay => "on_the_way",
        CauseKind::InBulkhead => "in_bulkhead",
        CauseKind::InLayer => "in_layer",
        CauseKind::InBreaker => "in_breaker",
        CauseKind::InBackoff => "in_backoff",
        CauseKind::Unreachable => "unreachable",
        CauseKind::NotAccepted => "not_accepted",
        CauseKind::InPool => "in_pool",
    }
}

/// What went on at the place of a first cause, as people say it.
pub fn cause_text(kind: CauseKind) -> String {
    match kind {
        CauseKind::Ended(outcome) => format!("ended {outcome}"),
        CauseKind::InQueue => "waiting in the queue".to_owned(),
        CauseKind::AtWork => "at work".to_owned(),
        CauseKind::OnTheWay => "a message under way".to_owned(),
        CauseKind::InBulkhead => "waiting for the bulkhead".to_owned(),
        CauseKind::InLayer => "waiting to be let in".to_owned(),
        CauseKind::InBreaker => "waiting for a probe of the breaker".to_owned(),
        CauseKind::InBackoff => "waiting to try again".to_owned(),
        CauseKind::Unreachable => "an instance that did not answer".to_owned(),
        CauseKind::NotAccepted => "waiting to be accepted by a paused instance".to_owned(),
        CauseKind::InPool => "waiting for a connection of the pool".to_owned(),
    }
}

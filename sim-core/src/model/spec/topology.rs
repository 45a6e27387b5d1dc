//! Who belongs to a service, and who calls it: found once, looked up often.

use crate::id::{EdgeId, IdMap, OperationId, ServiceId};

/// By service: its operations, and the edges that lead to them, each in order; by operation: whether
/// it may be asked again for the same call.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    pub(super) operations: IdMap<ServiceId, Vec<OperationId>>,
    pub(super) edges: IdMap<ServiceId, Vec<EdgeId>>,
    pub(super) asked_again: IdMap<OperationId, bool>,
}

impl Topology {
    /// Whether a policy around some call of an operation may ask it more than once.
    pub(super) fn may_be_asked_again(&self, operation: OperationId) -> bool {
        self.asked_again.get(operation).is_some_and(|&again| again)
    }

    /// The operations of a service.
    pub fn operations_of(&self, service: ServiceId) -> &[OperationId] {
        self.operations.get(service).map_or(&[], Vec::as_slice)
    }

    /// The edges that lead to a service.
    pub fn edges_to(&self, service: ServiceId) -> &[EdgeId] {
        self.edges.get(service).map_or(&[], Vec::as_slice)
    }
}

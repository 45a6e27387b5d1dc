//! Who belongs to a service, and who calls it: found once, looked up often.

use super::ModelSpec;
use crate::id::{EdgeId, IdMap, OperationId, ServiceId};

/// By service: its operations, and the edges that lead to them, each in order; by operation: whether
/// it may be asked again for the same call.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    operations: IdMap<ServiceId, Vec<OperationId>>,
    edges: IdMap<ServiceId, Vec<EdgeId>>,
    asked_again: IdMap<OperationId, bool>,
}

impl Topology {
    /// That of a model, which has all its parts.
    pub(super) fn of(spec: &ModelSpec) -> Self {
        let mut all = Self {
            operations: spec.services.iter().map(|_| Vec::new()).collect(),
            edges: spec.services.iter().map(|_| Vec::new()).collect(),
            asked_again: spec.operations.iter().map(|_| false).collect(),
        };
        // A file with mistakes may name what is not there.
        let is_there = |operation| spec.operations.get(operation).is_some();
        for (id, operation) in spec.operations.iter_enumerated() {
            all.operations[operation.service].push(id);
        }
        let edges = spec.edges.iter_enumerated();
        for (id, edge) in edges.filter(|(_, edge)| is_there(edge.target)) {
            all.edges[spec.operations[edge.target].service].push(id);
        }
        for site in spec.sites.iter().filter(|site| is_there(site.target)) {
            let mut layers = spec.pipelines[site.pipeline].layers();
            if layers.any(|layer| spec.layers[layer].kind.adds_passes()) {
                all.asked_again[site.target] = true;
            }
        }
        all
    }

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

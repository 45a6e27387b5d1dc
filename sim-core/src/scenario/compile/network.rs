//! `network`: what messages meet on the way from a caller to what it calls.

use super::Compiler;
use crate::id::{ClientId, OperationId, ServiceId};
use crate::model::spec::{Caller, NetworkSpec};
use crate::random::Dist;
use crate::scenario::file::run::EdgeFile;
use crate::scenario::read::At;
use crate::scenario::value::Reference;
use crate::units::Probability;

/// An exception from the network's defaults.
pub(super) struct Exception {
    from: Option<Side>,
    to: Option<Side>,
    latency: Option<Dist>,
    loss: Option<Probability>,
}

/// One side of an exception.
#[derive(Clone, Copy)]
enum Side {
    Client(ClientId),
    Service(ServiceId),
    Operation(OperationId),
}

impl Compiler<'_> {
    pub(super) fn network(&mut self) {
        let file = self.file;
        let Some(network) = &file.network.0 else {
            return;
        };
        self.spec.network = NetworkSpec {
            latency: network.latency.0.clone(),
            loss: network.loss,
        };
        for edge in &network.edges {
            if let Some(exception) = self.exception(edge) {
                self.network_edges.push(exception);
            }
        }
    }

    fn exception(&mut self, edge: &EdgeFile) -> Option<Exception> {
        Some(Exception {
            from: self.side(edge.from.as_ref(), true)?,
            to: self.side(edge.to.as_ref(), false)?,
            latency: edge.latency.as_ref().map(|latency| latency.0.clone()),
            loss: edge.loss,
        })
    }

    /// The outer `None` is a mistake that was reported.
    #[expect(
        clippy::option_option,
        reason = "absence and mistake are two different answers"
    )]
    fn side(&mut self, at: Option<&At<Reference>>, may_be_client: bool) -> Option<Option<Side>> {
        let Some(at) = at else {
            return Some(None);
        };
        if at.value.0.contains('.') {
            return self.find_operation(at).map(|id| Some(Side::Operation(id)));
        }
        if !may_be_client {
            return self.find_service(at).map(|id| Some(Side::Service(id)));
        }
        let group = self.find_group(at)?;
        Some(Some(match group {
            crate::model::spec::CallerGroup::Client(id) => Side::Client(id),
            crate::model::spec::CallerGroup::Service(id) => Side::Service(id),
        }))
    }

    /// What messages between a caller and an operation meet.
    pub(super) fn network_between(&self, caller: Caller, target: OperationId) -> NetworkSpec {
        let mut network = self.spec.network.clone();
        for exception in &self.network_edges {
            let from = exception
                .from
                .is_none_or(|side| self.is_caller(side, caller));
            let to = exception.to.is_none_or(|side| self.is_target(side, target));
            if from && to {
                exception.apply(&mut network);
            }
        }
        network
    }

    fn is_caller(&self, side: Side, caller: Caller) -> bool {
        match (side, caller) {
            (Side::Client(a), Caller::Client(b)) => a == b,
            (Side::Service(_) | Side::Operation(_), Caller::Operation(b)) => {
                self.is_target(side, b)
            }
            (Side::Client(_), Caller::Operation(_))
            | (Side::Service(_) | Side::Operation(_), Caller::Client(_)) => false,
        }
    }

    fn is_target(&self, side: Side, target: OperationId) -> bool {
        match side {
            Side::Client(_) => false,
            Side::Service(service) => self.names.service_of(target) == Some(service),
            Side::Operation(operation) => operation == target,
        }
    }
}

impl Exception {
    fn apply(&self, network: &mut NetworkSpec) {
        if let Some(latency) = &self.latency {
            network.latency = latency.clone();
        }
        if let Some(loss) = self.loss {
            network.loss = loss;
        }
    }
}

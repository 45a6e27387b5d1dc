//! `network`: what messages meet on the way from a caller to what it calls.

use super::Compiler;
use super::exception::{Exception, Side};
use crate::id::OperationId;
use crate::model::spec::{Caller, CallerGroup, NetworkSpec};
use crate::scenario::file::run::EdgeFile;
use crate::scenario::read::At;
use crate::scenario::value::Reference;

impl Compiler<'_> {
    pub(super) fn network(&mut self) {
        let file = self.file;
        let Some(network) = &file.network.0 else {
            return;
        };
        self.spec.network = NetworkSpec {
            latency: network.latency.0.clone(),
            loss: network.loss,
            other_zone: network.other_zone.as_ref().map(|it| it.0.clone()),
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
            other_zone: edge.other_zone.as_ref().map(|it| it.0.clone()),
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
            CallerGroup::Client(id) => Side::Client(id),
            CallerGroup::Service(id) => Side::Service(id),
            CallerGroup::Nodes => return None,
        }))
    }

    /// What messages between a caller and an operation meet.
    pub(super) fn network_between(&self, caller: Caller, target: OperationId) -> NetworkSpec {
        let mut network = self.spec.network.clone();
        for exception in &self.network_edges {
            if exception.is_between(caller, target, &self.names) {
                exception.apply(&mut network);
            }
        }
        network
    }
}

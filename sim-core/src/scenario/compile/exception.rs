//! An exception from the network's defaults: between whom it stands, and what it says.

use super::names::Names;
use crate::id::{ClientId, OperationId, ServiceId};
use crate::model::spec::{Caller, CallerGroup, NetworkSpec};
use crate::random::Dist;
use crate::units::Probability;

/// An exception from the network's defaults.
pub(super) struct Exception {
    /// Whose messages; anybody's if it does not say.
    pub(super) from: Option<Side>,
    /// Messages to whom; to anybody if it does not say.
    pub(super) to: Option<Side>,
    pub(super) latency: Option<Dist>,
    pub(super) other_zone: Option<Dist>,
    pub(super) loss: Option<Probability>,
}

/// One side of an exception.
#[derive(Clone, Copy)]
pub(super) enum Side {
    Client(ClientId),
    Service(ServiceId),
    Operation(OperationId),
}

impl Exception {
    /// Whether it stands between a caller and an operation.
    pub(super) fn is_between(
        &self,
        caller: Caller,
        target: OperationId,
        names: &Names<'_>,
    ) -> bool {
        let from = self.from.is_none_or(|side| side.is_caller(caller, names));
        let to = self.to.is_none_or(|side| side.is_target(target, names));
        from && to
    }

    /// Puts what it says in the place of the defaults.
    pub(super) fn apply(&self, network: &mut NetworkSpec) {
        if let Some(latency) = &self.latency {
            network.latency = latency.clone();
            // What says how long every message takes holds between zones too.
            network.other_zone = None;
        }
        if let Some(latency) = &self.other_zone {
            network.other_zone = Some(latency.clone());
        }
        if let Some(loss) = self.loss {
            network.loss = loss;
        }
    }
}

impl Side {
    fn is_caller(self, caller: Caller, names: &Names<'_>) -> bool {
        match (self, caller) {
            (Self::Client(a), Caller::Client(b)) => a == b,
            (Self::Service(_) | Self::Operation(_), Caller::Operation(b)) => {
                self.is_target(b, names)
            }
            (_, Caller::Checker(group)) => match (self, group) {
                (Self::Client(a), CallerGroup::Client(b)) => a == b,
                (Self::Service(a), CallerGroup::Service(b)) => a == b,
                (
                    Self::Client(_) | Self::Service(_) | Self::Operation(_),
                    CallerGroup::Client(_) | CallerGroup::Service(_) | CallerGroup::Nodes,
                ) => false,
            },
            (Self::Client(_), Caller::Operation(_))
            | (Self::Service(_) | Self::Operation(_), Caller::Client(_)) => false,
        }
    }

    fn is_target(self, target: OperationId, names: &Names<'_>) -> bool {
        match self {
            Self::Client(_) => false,
            Self::Service(service) => names.service_of(target) == Some(service),
            Self::Operation(operation) => operation == target,
        }
    }
}

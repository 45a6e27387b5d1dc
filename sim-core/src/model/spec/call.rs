//! Calls: the places that make them, the policies around them, and the network between.

use crate::id::{ClientId, EdgeId, KeptId, LayerId, OperationId, PipelineId, ServiceId, SiteId};
use crate::policy::{BalanceConfig, BudgetConfig, Layer};
use crate::random::Dist;
use crate::units::Probability;

/// A budget that layers ask before they add a pass.
#[derive(Clone, Debug, PartialEq)]
pub struct BudgetSpec {
    /// Name in the file.
    pub name: String,
    /// Who owns its states.
    pub scope: BudgetScope,
    /// What it does.
    pub kind: BudgetConfig,
}

/// Who owns the states of a budget. There is none for each called instance: a budget is asked
/// before the next instance is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BudgetScope {
    /// Each process of the caller, for each called service.
    Caller,
    /// Each process of the caller, for all that it calls.
    Process,
    /// All processes of all callers together.
    Shared,
}

impl BudgetScope {
    /// The name in scenarios and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Process => "process",
            Self::Shared => "shared",
        }
    }
}

/// A place that makes calls.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteSpec {
    /// Key of the draws made here: `client/NAME/calls/TARGET/1`, `SERVICE.OPERATION/call/TARGET/1`.
    pub path: String,
    /// Who calls whom.
    pub edge: EdgeId,
    /// What is called.
    pub target: OperationId,
    /// The policy around it.
    pub pipeline: PipelineId,
    /// How its calls find their instance.
    pub route: RouteSpec,
    /// A block: what its passes hold.
    pub holds: Option<KeptId>,
    /// Over whose connections its calls go.
    pub over: Option<KeptId>,
    /// Whether it stands in a block or a saga, where whatever stands around it may make its calls again:
    /// their keys are then made like identities (rule 86).
    pub is_within: bool,
    /// As what its attempts count: its own edge, or that of a call which takes a connection for them.
    pub sends: EdgeId,
}

/// How a call finds its instance, and what it meets on the way (rule 65).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteSpec {
    /// Each attempt chooses anew among the instances in rotation (rule 24).
    Balanced,
    /// The instance that whoever makes the call says, in rotation or not.
    Fixed {
        /// Whether it meets the network; else it is asked from beside the instance.
        network: bool,
        /// Whether it meets the admission of the service.
        admission: bool,
    },
    /// The process that makes it, through its queue, on a thread of its own.
    Own,
    /// The process that makes it, on the thread of the operation that does: a block.
    Inline,
}

impl RouteSpec {
    /// Whether its messages go over the network, with its latency, loss and faults.
    pub const fn meets_network(self) -> bool {
        match self {
            Self::Balanced => true,
            Self::Fixed { network, .. } => network,
            Self::Own | Self::Inline => false,
        }
    }

    /// Whether the admission of the service has a say.
    pub const fn meets_admission(self) -> bool {
        match self {
            Self::Balanced => true,
            Self::Fixed { admission, .. } => admission,
            Self::Own | Self::Inline => false,
        }
    }
}

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caller {
    /// A client.
    Client(ClientId),
    /// An operation.
    Operation(OperationId),
    /// The health checks that processes of this group make.
    Checker(CallerGroup),
}

/// A caller and an operation it calls.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeSpec {
    /// Who calls.
    pub caller: Caller,
    /// What is called.
    pub target: OperationId,
    /// Whether these are calls that fallbacks make in the place of others.
    pub is_fallback: bool,
    /// The block of the caller whose calls these are, by its name in reports; none for calls of
    /// others.
    pub block: Option<String>,
    /// Messages between them.
    pub network: NetworkSpec,
}

impl EdgeSpec {
    /// The client whose calls these are; what its fallbacks call is not what it wants.
    pub const fn client(&self) -> Option<ClientId> {
        match self.caller {
            Caller::Client(client) if !self.is_fallback => Some(client),
            Caller::Client(_) | Caller::Operation(_) | Caller::Checker(_) => None,
        }
    }

    /// Whether its calls are traffic: health checks are in no count of it.
    pub const fn is_traffic(&self) -> bool {
        !matches!(self.caller, Caller::Checker(_))
    }
}

/// What a fallback calls when a call fails that was made at a certain place.
#[derive(Clone, Debug, PartialEq)]
pub struct FallbackCallSpec {
    /// Where the calls are made that may fail.
    pub site: SiteId,
    /// The fallback around them.
    pub layer: LayerId,
    /// Where it makes its own.
    pub call: SiteId,
    /// Which of the fallbacks around those calls it is, from 1: for the keys of its calls.
    pub number: u32,
}

/// Messages on the way, each way alike.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkSpec {
    /// Time on the way.
    pub latency: Dist,
    /// Share of messages that never arrive.
    pub loss: Probability,
    /// Time on the way between two zones; `None`: as within one.
    pub other_zone: Option<Dist>,
}

/// The processes that own policy state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallerGroup {
    /// A client's processes.
    Client(ClientId),
    /// A service's instances.
    Service(ServiceId),
    /// What stands beside the instances and asks them how they are: a node, a control plane.
    Nodes,
}

/// A policy as bound to one group of callers and one called service.
#[derive(Clone, Debug, PartialEq)]
pub struct PipelineSpec {
    /// Name of the policy in the file; empty where there is none.
    pub policy: String,
    /// Whose processes own the state of its layers.
    pub callers: CallerGroup,
    /// The called service.
    pub target: ServiceId,
    /// Its first layer; the others follow.
    pub first_layer: LayerId,
    /// How many layers.
    pub layer_count: u32,
    /// How an instance is chosen: the policy's `balance` layer, else the service's.
    pub balance: BalanceConfig,
    /// Whether one balancer serves all processes.
    pub balance_shared: bool,
}

impl PipelineSpec {
    /// Its layers, outermost first.
    pub fn layers(&self) -> impl DoubleEndedIterator<Item = LayerId> + use<> {
        (self.first_layer.0..self.first_layer.0 + self.layer_count).map(LayerId)
    }
}

/// A layer of a bound policy.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerSpec {
    /// The pipeline it belongs to.
    pub pipeline: PipelineId,
    /// Its name among its equals in the policy: `timeout`, `timeout[2]`, …
    pub name: String,
    /// Who owns its state.
    pub scope: Scope,
    /// What it does.
    pub kind: Layer,
}

/// Who owns the state of a layer (rule 26).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Each process of the caller.
    Caller,
    /// All processes together.
    Shared,
    /// Each process of the caller, for each instance of the target.
    TargetInstance,
    /// Each process of the caller, for all layers with this name in it.
    Named(String),
}

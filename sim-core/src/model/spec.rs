//! What a run is made of: checked, immutable, valid by construction.
//!
//! The scenario room compiles a file into a [`ModelSpec`]; nothing after that reports a
//! configuration error. Everything is numbered through: a service's instances, its operations, the
//! places that make calls ([`SiteSpec`]), the layers of a policy as bound to one group of callers
//! and one called service ([`PipelineSpec`]).

use crate::id::{
    BudgetId, ClientId, EdgeId, FaultId, IdMap, InstanceId, LayerId, OperationId, PipelineId,
    ProcessId, ServiceId, SiteId, WindowId,
};
use crate::kernel::Limits;
use crate::policy::{BalanceConfig, BudgetConfig, Layer, Outcome, OutcomeSet};
use crate::queueing::Discipline;
use crate::random::Dist;
use crate::time::{SimDuration, SimTime};
use crate::traffic::Arrivals;
use crate::units::{Factor, Probability};

/// Everything that a run needs besides seed and replication number.
#[derive(Clone, Debug)]
pub struct ModelSpec {
    /// Clients in the order of the file.
    pub clients: IdMap<ClientId, ClientSpec>,
    /// Services in the order of the file.
    pub services: IdMap<ServiceId, ServiceSpec>,
    /// Operations of all services, in order.
    pub operations: IdMap<OperationId, OperationSpec>,
    /// The service of each instance.
    pub instances: IdMap<InstanceId, ServiceId>,
    /// Places that make calls: entries of clients, then steps.
    pub sites: IdMap<SiteId, SiteSpec>,
    /// What fallbacks call, by site and layer.
    pub instead: Vec<InsteadSpec>,
    /// Callers and what they call.
    pub edges: IdMap<EdgeId, EdgeSpec>,
    /// Policies as bound to callers and called services.
    pub pipelines: IdMap<PipelineId, PipelineSpec>,
    /// The layers of all pipelines, outermost first within each.
    pub layers: IdMap<LayerId, LayerSpec>,
    /// Budgets in the order of the file.
    pub budgets: IdMap<BudgetId, BudgetSpec>,
    /// Faults in the order of the file.
    pub faults: IdMap<FaultId, FaultSpec>,
    /// Spans over which something is measured by the start of calls.
    pub windows: IdMap<WindowId, WindowSpec>,
    /// Tenants and classes whose calls are counted apart; none where there is only one.
    pub labelled: Vec<LabelSpec>,
    /// Names of the classes; number 0 is the unnamed one.
    pub classes: Vec<String>,
    /// Names of the tenants; number 0 is the unnamed one.
    pub tenants: Vec<String>,
    /// Message delays and losses where no edge says otherwise.
    pub network: NetworkSpec,
    /// Length of a run.
    pub duration: SimTime,
    /// Totals leave out what starts before.
    pub warmup: SimTime,
    /// Width of the points of series; chosen from the duration if absent.
    pub resolution: Option<SimDuration>,
    /// Where a run gives up.
    pub limits: Limits,
    /// Calls in flight at which a run gives up [count].
    pub max_calls_in_flight: u64,
}

/// A source of calls outside the system.
#[derive(Clone, Debug)]
pub struct ClientSpec {
    /// Name in the file.
    pub name: String,
    /// Independent processes, each with its own policy state [count].
    pub processes: u32,
    /// The first of its processes.
    pub first_process: ProcessId,
    /// When calls start.
    pub traffic: TrafficSpec,
    /// What is called, by weight; never empty.
    pub calls: Vec<ClientCall>,
    /// The class of its calls where an entry names none.
    pub class: u16,
    /// Tenants by share of calls; never empty; (0, 1.0) alone when unnamed.
    pub tenants: Vec<(u16, Probability)>,
}

/// When a client starts calls.
#[derive(Clone, Debug, PartialEq)]
pub enum TrafficSpec {
    /// Open loop: calls start whatever became of earlier ones.
    Arrivals(Arrivals),
    /// Closed loop: each user waits for the outcome, thinks, and calls again.
    Users(UsersSpec),
}

/// A closed population.
#[derive(Clone, Debug, PartialEq)]
pub struct UsersSpec {
    /// Users in all processes together [count].
    pub count: u32,
    /// Pause before each call.
    pub think_time: Dist,
    /// Calls per user [count]; `None` is unlimited.
    pub iterations: Option<u64>,
    /// Whether a user begins with a think time (else with a call).
    pub think_first: bool,
}

/// One entry of a client's `calls`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientCall {
    /// Where the call is made.
    pub site: SiteId,
    /// Share of the client's calls.
    pub share: Probability,
    /// The class of these calls, if not the client's.
    pub class: Option<u16>,
    /// The tenant of these calls, if not drawn from the client's.
    pub tenant: Option<u16>,
}

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

/// A service.
#[derive(Clone, Debug)]
pub struct ServiceSpec {
    /// Name in the file.
    pub name: String,
    /// Equal copies [count].
    pub instances: u32,
    /// The first of them.
    pub first_instance: InstanceId,
    /// The process of the first instance.
    pub first_process: ProcessId,
    /// Threads per instance; `None` is unlimited.
    pub threads: Option<u32>,
    /// Whether a thread is held through calls and waits, or during work only.
    pub execution: Execution,
    /// CPU cores per instance that working threads share; `None`: they do not slow each other.
    pub cores: Option<u32>,
    /// Where operations wait for a thread.
    pub queue: QueueSpec,
    /// How work slows as the instance's concurrency grows.
    pub contention: Option<ContentionSpec>,
    /// Layers for calls into the service; none exist yet.
    pub admission: Vec<AdmissionLayer>,
    /// What becomes of work nobody waits for.
    pub abandoned_work: AbandonedWork,
    /// How callers choose an instance, unless their policy says otherwise.
    pub balance: BalanceConfig,
    /// What it tells callers that it turns away, if anything.
    pub retry_after: Option<RetryAfterSpec>,
}

/// A wish that goes with some answers of a service: not to be called again for a while. A caller
/// minds it if its retry says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfterSpec {
    /// For how long.
    pub after: SimDuration,
    /// With which of its own answers.
    pub on: OutcomeSet,
}

/// The threading model of a service (rule 14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Execution {
    /// A thread is held from the start of an operation to its answer.
    Blocking,
    /// A thread is held during `work` only.
    Async,
}

/// The waiting room of an instance (rule 13).
#[derive(Clone, Debug, PartialEq)]
pub struct QueueSpec {
    /// Operations that may wait [count]; `None` is unlimited.
    pub capacity: Option<u32>,
    /// Who is taken next.
    pub discipline: Discipline,
    /// How long one may wait; `None` is unlimited.
    pub max_wait: Option<Dist>,
}

/// How work slows when `n` operations are at work in an instance.
#[derive(Clone, Debug, PartialEq)]
pub struct ContentionSpec {
    /// The slowdown as a function of n.
    pub law: ContentionLaw,
    /// Whether work in progress is rescaled whenever n changes (else fixed at its start).
    pub in_progress: bool,
}

/// A slowdown as a function of the operations at work.
#[derive(Clone, Debug, PartialEq)]
pub enum ContentionLaw {
    /// Universal scalability law: time × (1 + σ(n−1) + κn(n−1)).
    Usl {
        /// Contention σ.
        sigma: f64,
        /// Coherency κ.
        kappa: f64,
    },
    /// Points (n, factor), linear between them, constant beyond; sorted, never empty.
    Table(Vec<(u32, f64)>),
}

impl ContentionLaw {
    /// The factor on work time with `n` operations at work, the one in question included.
    pub fn factor(&self, n: u32) -> f64 {
        match self {
            Self::Usl { sigma, kappa } => {
                let others = f64::from(n.saturating_sub(1));
                1.0 + sigma * others + kappa * f64::from(n) * others
            }
            Self::Table(points) => interpolate(points, n),
        }
    }
}

fn interpolate(points: &[(u32, f64)], n: u32) -> f64 {
    let after = points.partition_point(|&(at, _)| at <= n);
    if after == 0 {
        return points[0].1;
    }
    let (x0, y0) = points[after - 1];
    match points.get(after) {
        None => y0,
        Some(&(x1, y1)) => y0 + (y1 - y0) * f64::from(n - x0) / f64::from(x1 - x0),
    }
}

/// Layers for calls into a service. The list has no kinds yet; the place is kept for limits and
/// shedding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdmissionLayer {}

/// What a service does with work nobody waits for (rule 17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbandonedWork {
    /// Does it all the same.
    Finish,
    /// Drops it when it would leave the queue.
    Skip,
    /// Takes it out of the queue when the news arrives.
    Remove,
    /// As `remove`, and also ends it while it runs.
    Stop,
}

/// An operation of a service.
#[derive(Clone, Debug)]
pub struct OperationSpec {
    /// Name in the file, without the service.
    pub name: String,
    /// Its service.
    pub service: ServiceId,
    /// Whether doing it twice is the same as doing it once.
    pub idempotent: bool,
    /// Whether attempts carry the key of their call, and what the service does with it.
    pub keys: Option<KeySpec>,
    /// What it does.
    pub steps: Vec<StepSpec>,
}

/// How far the executions of each call of an operation are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// Not at all: it may be done twice, or one call cannot ask twice.
    No,
    /// Whether they took effect more than once.
    Effects,
    /// By the keys that they carry.
    Keys,
}

/// What a service does with idempotency keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySpec {
    /// How long an answer is kept.
    pub retention: SimDuration,
    /// What becomes of an attempt whose key is being worked on.
    pub in_progress: InProgress,
    /// Whether all instances keep answers together (else each its own, until it dies).
    pub shared: bool,
}

/// What becomes of an attempt whose key is being worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InProgress {
    /// It is turned away.
    Reject,
    /// It waits for the answer of the other.
    Join,
    /// It is carried out as well.
    Execute,
}

/// A part of an operation. `path` is the name by which its draws are keyed: kind, target and
/// number among equals, so that inserting a step moves no other step's draws (rule 45).
#[derive(Clone, Debug, PartialEq)]
pub enum StepSpec {
    /// Holds a thread for some time.
    Work {
        /// Key of its draws.
        path: String,
        /// How long.
        time: WorkTime,
    },
    /// Calls another operation.
    Call {
        /// Where the call is made.
        site: SiteId,
        /// Whether its failure is forgiven.
        optional: bool,
    },
    /// Several branches at once.
    Parallel {
        /// Key of its draws and of its branches.
        path: String,
        /// What runs side by side.
        branches: Branches,
        /// Useful branches needed [count], from 1 to the number of branches.
        need: u32,
        /// Whether the rest is abandoned once it is decided.
        cancel_rest: bool,
        /// Whether calls to one service go to different instances.
        distinct_instances: bool,
    },
    /// One of several ways, by chance.
    Branch {
        /// Key of its draw.
        path: String,
        /// Shares and steps; shares sum to at most 1, the rest does nothing.
        arms: Vec<(Probability, Vec<StepSpec>)>,
    },
    /// The same steps again and again.
    Repeat {
        /// Key of its draws and of its rounds.
        path: String,
        /// How often.
        times: Times,
        /// What is repeated.
        steps: Vec<StepSpec>,
    },
    /// Ends the operation with an error.
    Fail {
        /// Key of its draw.
        path: String,
        /// When it does.
        when: FailRule,
        /// What it answers.
        outcome: Outcome,
    },
}

/// How long a step works.
#[derive(Clone, Debug, PartialEq)]
pub enum WorkTime {
    /// Drawn for each.
    Drawn(Dist),
    /// These in the order in which work starts, then again from the first.
    Sequence(Vec<SimDuration>),
}

/// The branches of a `parallel`.
#[derive(Clone, Debug, PartialEq)]
pub enum Branches {
    /// Each its own steps; never empty.
    Each(Vec<Vec<StepSpec>>),
    /// The same steps so many times.
    Same {
        /// What each branch does.
        steps: Vec<StepSpec>,
        /// How many branches.
        count: u32,
    },
}

/// How often a `repeat` goes round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Times {
    /// So many rounds.
    Exactly(u32),
    /// Once, then one more round with this chance each time.
    Again(Probability),
}

/// When a `fail` step fails.
#[derive(Clone, Debug, PartialEq)]
pub enum FailRule {
    /// By chance.
    Share(Probability),
    /// In this order as operations reach it, then again from the first; `None` passes.
    Sequence(Vec<Option<Outcome>>),
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
}

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caller {
    /// A client.
    Client(ClientId),
    /// An operation.
    Operation(OperationId),
}

/// A caller and an operation it calls.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeSpec {
    /// Who calls.
    pub caller: Caller,
    /// What is called.
    pub target: OperationId,
    /// Whether these are calls that fallbacks make in the place of others.
    pub instead: bool,
    /// Messages between them.
    pub network: NetworkSpec,
}

impl EdgeSpec {
    /// The client whose calls these are; what its fallbacks call is not what it wants.
    pub const fn client(&self) -> Option<ClientId> {
        match self.caller {
            Caller::Client(client) if !self.instead => Some(client),
            Caller::Client(_) | Caller::Operation(_) => None,
        }
    }
}

/// What a fallback calls when a call fails that was made at a certain place.
#[derive(Clone, Debug, PartialEq)]
pub struct InsteadSpec {
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
}

/// The processes that own policy state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallerGroup {
    /// A client's processes.
    Client(ClientId),
    /// A service's instances.
    Service(ServiceId),
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

/// A fault: something happens to the system at a known time.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultSpec {
    /// Name in the file.
    pub name: String,
    /// When it acts: spans `[from, until)`, sorted and apart. More than one for `every`.
    pub spans: Vec<(SimTime, SimTime)>,
    /// Within that time each instance is hit by itself, at random; `None`: all of them, throughout.
    pub random: Option<RandomTimes>,
    /// What it does.
    pub effect: Effect,
}

/// When a random fault hits an instance: for some time it does not, for some time it does, and so
/// on. Each instance draws from a stream of its own (rule 44).
#[derive(Clone, Debug, PartialEq)]
pub struct RandomTimes {
    /// Time until it fails: the mean is the mean time between repair and failure.
    pub up: Dist,
    /// Time until it is well again: the mean is the mean time to repair.
    pub down: Dist,
}

/// What a fault acts on among the instances of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceTarget {
    /// The service.
    pub service: ServiceId,
    /// One operation of it only.
    pub operation: Option<OperationId>,
    /// The instances it acts on, sorted.
    pub instances: Vec<InstanceId>,
}

/// Which messages a network fault acts on: those from a caller group to a service and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EdgeTarget {
    /// The calling side; `None` is every caller.
    pub from: Option<CallerGroup>,
    /// The called service; `None` is every service.
    pub to: Option<ServiceId>,
    /// Whether requests are hit.
    pub requests: bool,
    /// Whether answers are hit.
    pub answers: bool,
}

/// What a fault does.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Work takes so many times as long.
    Slow {
        /// Where.
        target: ServiceTarget,
        /// Stretches work time.
        factor: Factor,
        /// Whether work in progress is stretched too, at once.
        in_progress: bool,
    },
    /// Messages take longer.
    Latency {
        /// Which messages.
        target: EdgeTarget,
        /// Added to each.
        add: Dist,
    },
    /// Operations fail.
    Errors {
        /// Where.
        target: ServiceTarget,
        /// How many.
        share: Probability,
        /// How.
        outcome: Outcome,
        /// Whether they fail before their work is done (else after).
        before_work: bool,
    },
    /// Instances die and come back empty.
    Crash {
        /// Where.
        target: ServiceTarget,
        /// Whether callers with an attempt there learn of it.
        callers_see: CallersSee,
        /// How long until the instance leaves the rotation; `None`: never.
        detected_after: Option<SimDuration>,
        /// For how long after the return work is slower, and by how much.
        cold_start: Option<(SimDuration, Factor)>,
    },
    /// Instances freeze.
    Pause {
        /// Where.
        target: ServiceTarget,
    },
    /// Messages do not arrive.
    Partition {
        /// Which messages.
        target: EdgeTarget,
        /// Whether new attempts are refused (else they vanish).
        refused: bool,
    },
    /// Messages are lost by chance.
    Loss {
        /// Which messages.
        target: EdgeTarget,
        /// How many.
        share: Probability,
    },
    /// Fewer threads, or more.
    Threads {
        /// Where.
        target: ServiceTarget,
        /// Threads per instance [count].
        to: u32,
    },
    /// Fewer cores, or more.
    Cores {
        /// Where.
        target: ServiceTarget,
        /// Cores per instance [count].
        to: u32,
    },
    /// A client sends more, or less.
    Load {
        /// Which.
        client: ClientId,
        /// On its arrival rate.
        factor: Factor,
    },
    /// Settings change, and change back when the fault ends.
    Change {
        /// What the fault sets.
        to: Vec<SettingChange>,
        /// What was set before.
        back: Vec<SettingChange>,
    },
}

impl Effect {
    /// The instances it acts on, if it acts on instances.
    pub fn on_instances(&self) -> Option<&ServiceTarget> {
        match self {
            Self::Slow { target, .. }
            | Self::Errors { target, .. }
            | Self::Crash { target, .. }
            | Self::Pause { target }
            | Self::Threads { target, .. }
            | Self::Cores { target, .. } => Some(target),
            Self::Latency { .. }
            | Self::Partition { .. }
            | Self::Loss { .. }
            | Self::Load { .. }
            | Self::Change { .. } => None,
        }
    }
}

/// What callers of a crashed instance learn (rule 19).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallersSee {
    /// `error.reset`, one network latency later.
    Reset,
    /// Nothing: they wait for their own timeouts. New attempts are refused.
    Nothing,
    /// Nothing, and new attempts vanish: they wait for a `connect` limit, or for a timeout.
    Unreachable,
}

/// A setting that changes while the run lasts: the whole new value of one configurable part.
#[derive(Clone, Debug, PartialEq)]
pub enum SettingChange {
    /// A layer of a policy, in every pipeline bound to it. Its kind stays.
    Layers {
        /// Which layers.
        layers: Vec<LayerId>,
        /// What they become.
        kind: Box<Layer>,
    },
    /// A budget. Its kind stays.
    Budget(BudgetId, Box<BudgetConfig>),
    /// Threads per instance; `None` is unlimited.
    Threads(ServiceId, Option<u32>),
    /// Cores per instance; `None` is unlimited.
    Cores(ServiceId, Option<u32>),
    /// The waiting room.
    Queue(ServiceId, QueueSpec),
    /// What becomes of abandoned work.
    AbandonedWork(ServiceId, AbandonedWork),
}

/// A span over which calls are counted by their start, `[from, until)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowSpec {
    /// Calls that start at or after this instant,
    pub from: SimTime,
    /// and before this one.
    pub until: SimTime,
    /// Whose calls.
    pub of: Subject,
    /// Which of them.
    pub label: LabelFilter,
}

/// Which calls of a subject are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LabelFilter {
    /// All of them.
    #[default]
    Any,
    /// Those made for this tenant.
    Tenant(u16),
    /// Those of this class.
    Class(u16),
}

impl LabelFilter {
    /// Whether a call with these labels is meant.
    #[inline]
    pub const fn admits(self, class: u16, tenant: u16) -> bool {
        match self {
            Self::Any => true,
            Self::Tenant(one) => one == tenant,
            Self::Class(one) => one == class,
        }
    }
}

/// A tenant or a class, and the window that counts its calls of all clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelSpec {
    /// Which calls.
    pub label: LabelFilter,
    /// From the end of the warm-up until the end of the run.
    pub window: WindowId,
}

/// What a measure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// All clients together.
    AllClients,
    /// A client's calls.
    Client(ClientId),
    /// Calls on an edge.
    Edge(EdgeId),
    /// Calls to any operation of a service.
    Service(ServiceId),
}

impl ModelSpec {
    /// An operation as reports name it: `service.operation`.
    pub fn operation_name(&self, operation: OperationId) -> String {
        let spec = &self.operations[operation];
        format!("{}.{}", self.services[spec.service].name, spec.name)
    }

    /// How far the executions of each call of an operation are told apart.
    pub fn watch(&self, operation: OperationId) -> Watch {
        let spec = &self.operations[operation];
        let may_ask_again = |site: &SiteSpec| {
            let mut layers = self.pipelines[site.pipeline].layers();
            site.target == operation && layers.any(|layer| self.layers[layer].kind.adds_passes())
        };
        if spec.keys.is_some() {
            Watch::Keys
        } else if !spec.idempotent && self.sites.iter().any(may_ask_again) {
            Watch::Effects
        } else {
            Watch::No
        }
    }

    /// A caller as reports name it: a client, or `service.operation`.
    pub fn caller_name(&self, caller: Caller) -> String {
        match caller {
            Caller::Client(client) => self.clients[client].name.clone(),
            Caller::Operation(operation) => self.operation_name(operation),
        }
    }

    /// An edge as reports name it: `caller -> service.operation`.
    pub fn edge_name(&self, edge: EdgeId) -> String {
        let spec = &self.edges[edge];
        let caller = self.caller_name(spec.caller);
        let suffix = if spec.instead { " (fallback)" } else { "" };
        format!("{caller} -> {}{suffix}", self.operation_name(spec.target))
    }

    /// What a fallback calls when a call made at this place fails.
    pub fn instead_of(&self, site: SiteId, layer: LayerId) -> Option<&InsteadSpec> {
        let at = self
            .instead
            .binary_search_by_key(&(site, layer), |it| (it.site, it.layer));
        at.ok().map(|at| &self.instead[at])
    }

    /// The name of a group of callers.
    pub fn group_name(&self, group: CallerGroup) -> &str {
        match group {
            CallerGroup::Client(client) => &self.clients[client].name,
            CallerGroup::Service(service) => &self.services[service].name,
        }
    }

    /// How many processes a group of callers has, and the first of them.
    pub fn processes(&self, group: CallerGroup) -> (ProcessId, u32) {
        match group {
            CallerGroup::Client(client) => {
                let spec = &self.clients[client];
                (spec.first_process, spec.processes)
            }
            CallerGroup::Service(service) => {
                let spec = &self.services[service];
                (spec.first_process, spec.instances)
            }
        }
    }

    /// The process of an instance.
    pub fn process_of(&self, instance: InstanceId) -> ProcessId {
        let service = &self.services[self.instances[instance]];
        ProcessId(service.first_process.0 + instance.0 - service.first_instance.0)
    }
}

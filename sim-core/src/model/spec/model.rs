//! The whole that a run is made of.

use super::shape::most_held;
use super::{
    AdmissionSpec, BudgetSpec, Caller, CallerGroup, CheckSpec, ClientSpec, CombinedChanges,
    ConsumerSpec, EdgeSpec, EffectSpec, FallbackCallSpec, FaultKind, FaultSpec, InvariantSpec,
    KeptFault, KeptSpec, LabelSpec, LayerSpec, MessageQueueSpec, NetworkSpec, OperationSpec,
    PipelineSpec, RouteSpec, SagaSpec, ServiceSpec, SettingChange, SiteSpec, StepShape, StepSpec,
    Topology, Watch, WindowSpec,
};
use crate::id::{
    AdmissionId, BudgetId, CheckId, ClientId, ConsumerId, EdgeId, EffectId, FaultId, IdMap,
    InstanceId, InvariantId, KeptId, LayerId, OperationId, PipelineId, ProcessId, QueueId, SagaId,
    ServiceId, SiteId, WindowId,
};
use crate::kernel::Limits;
use crate::time::{SimDuration, SimTime};

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
    pub fallback_calls: Vec<FallbackCallSpec>,
    /// Callers and what they call.
    pub edges: IdMap<EdgeId, EdgeSpec>,
    /// What belongs to each service and who calls it: an index of the above.
    pub topology: Topology,
    /// Policies as bound to callers and called services.
    pub pipelines: IdMap<PipelineId, PipelineSpec>,
    /// The layers of all pipelines, outermost first within each.
    pub layers: IdMap<LayerId, LayerSpec>,
    /// Layers through which calls come into services, those of a service in order.
    pub admission: IdMap<AdmissionId, AdmissionSpec>,
    /// Health checks of all services, in order.
    pub checks: IdMap<CheckId, CheckSpec>,
    /// What the processes of services keep.
    pub kept: IdMap<KeptId, KeptSpec>,
    /// Effects that have names, in the order in which steps name them.
    pub effects: IdMap<EffectId, EffectSpec>,
    /// What is to be true of them, in the order of the file.
    pub invariants: IdMap<InvariantId, InvariantSpec>,
    /// Queues of messages of all services, in order.
    pub queues: IdMap<QueueId, MessageQueueSpec>,
    /// Who is handed messages, in the order of the services that are.
    pub consumers: IdMap<ConsumerId, ConsumerSpec>,
    /// Sagas of all operations, in order.
    pub sagas: IdMap<SagaId, SagaSpec>,
    /// Budgets in the order of the file.
    pub budgets: IdMap<BudgetId, BudgetSpec>,
    /// Faults in the order of the file.
    pub faults: IdMap<FaultId, FaultSpec>,
    /// What changes of the same part make together, for every way in which they come to stand at
    /// one time.
    pub combined: Vec<CombinedChanges>,
    /// Spans over which something is measured by the start of calls.
    pub windows: IdMap<WindowId, WindowSpec>,
    /// Tenants and classes whose calls are counted apart; none where there is only one.
    pub labelled: Vec<LabelSpec>,
    /// Names of the classes; number 0 is the unnamed one.
    pub classes: Vec<String>,
    /// Names of the tenants; number 0 is the unnamed one.
    pub tenants: Vec<String>,
    /// Names of zones.
    pub zones: Vec<String>,
    /// Message delays and losses where no edge says otherwise.
    pub network: NetworkSpec,
    /// Length of a run: nothing arrives from then on.
    pub duration: SimTime,
    /// How long calls under way may go on after that, at most; zero ends the run at once.
    pub drain: SimDuration,
    /// Totals leave out what starts before.
    pub warmup: SimTime,
    /// Width of the points of series; chosen from the duration if absent.
    pub resolution: Option<SimDuration>,
    /// Where a run gives up.
    pub limits: Limits,
    /// Calls in flight at which a run gives up \[count\].
    pub max_calls_in_flight: u64,
}

impl ModelSpec {
    /// Whether calls hand down for which root call they are made.
    pub fn hands_down(&self) -> bool {
        let by_identity = |site: &SiteSpec| {
            let target = self.operations.get(site.target);
            site.is_within && target.is_some_and(|it| it.keys.is_some())
        };
        let has_names = !self.effects.is_empty() || !self.sagas.is_empty();
        has_names || !self.queues.is_empty() || self.sites.iter().any(by_identity)
    }

    /// Whether something is done when a service begins to work on a message.
    pub fn minds_messages(&self, service: ServiceId) -> bool {
        let is_poison =
            |fault: &FaultSpec| matches!(fault.kind, FaultKind::Kept(KeptFault::Poison { .. }));
        let mut consumers = self.consumers.iter().filter(|it| it.service == service);
        let has_poison = self.faults.iter().any(is_poison);
        consumers.any(|it| {
            let lease = self.queues[it.queue].config.lease;
            has_poison || it.ack_before || lease.is_some_and(|lease| lease.from_start)
        })
    }

    /// The zones of a group's processes, in turn; none if it has none.
    pub fn zones_of(&self, group: CallerGroup) -> &[u16] {
        match group {
            CallerGroup::Client(client) => &self.clients[client].zones,
            CallerGroup::Service(service) => &self.services[service].zones,
            CallerGroup::Nodes => &[],
        }
    }

    /// The zone of an instance.
    pub fn zone_of(&self, instance: InstanceId) -> Option<u16> {
        let service = &self.services[self.instances[instance]];
        let slot = instance.0 - service.first_instance.0;
        let zones = &service.zones;
        zones.get(slot as usize % zones.len().max(1)).copied()
    }

    /// Finds what belongs to each service and who calls it; asked for once, when all are there.
    pub(crate) fn index(&mut self) {
        let mut all = Topology {
            operations: self.services.iter().map(|_| Vec::new()).collect(),
            edges: self.services.iter().map(|_| Vec::new()).collect(),
            asked_again: self.operations.iter().map(|_| false).collect(),
        };
        // A file with mistakes may name what is not there.
        let is_there = |operation| self.operations.get(operation).is_some();
        let resumed = |id: OperationId| self.sagas.iter().any(|saga| saga.resumed == id);
        let named = self.operations.iter_enumerated();
        for (id, operation) in named.filter(|(id, it)| it.check.is_none() && !resumed(*id)) {
            all.operations[operation.service].push(id);
        }
        let edges = self.edges.iter_enumerated();
        let told =
            |edge: &EdgeSpec| is_there(edge.target) && edge.block.is_none() && edge.is_traffic();
        for (id, edge) in edges.filter(|(_, edge)| told(edge)) {
            all.edges[self.operations[edge.target].service].push(id);
        }
        let calls = |site: &&SiteSpec| is_there(site.target) && site.route != RouteSpec::Inline;
        for site in self.sites.iter().filter(calls) {
            let mut layers = self.pipelines[site.pipeline].layers();
            if layers.any(|layer| self.layers[layer].kind.adds_passes()) {
                all.asked_again[site.target] = true;
            }
        }
        self.topology = all;
    }

    /// Whether instances of a service come and go, or are marked, in more ways than by crashing: then
    /// it is told how many are in which state.
    pub fn come_and_go(&self, service: ServiceId) -> bool {
        let spec = &self.services[service];
        let stops = |fault: &FaultSpec| {
            let target = fault.kind.stops();
            target.is_some_and(|target| target.acts_on(service))
        };
        let is_watched =
            spec.ejection.is_some() || self.checks.iter().any(|check| check.service == service);
        let lives = spec.lifecycle.is_some() || spec.membership.is_written();
        lives || is_watched || spec.memory.is_some() || self.faults.iter().any(stops)
    }

    /// Whether slots of a service may be filled anew while the run lasts (rule 48).
    pub fn fills_anew(&self, service: ServiceId) -> bool {
        let faults = self.faults.iter();
        let mut ended = faults.filter_map(|fault| fault.kind.ends_for_good());
        ended.any(|target| target.acts_on(service))
    }

    /// Whether those who choose among the instances of a service may still mean one that is gone by a slot
    /// that another fills.
    pub fn views_may_lag(&self, service: ServiceId) -> bool {
        let membership = &self.services[service].membership;
        let lags = membership.propagation.is_some() || membership.refresh.is_some();
        lags && self.fills_anew(service)
    }

    /// How many of these an operation holds at once at most: blocks whose place is one of them.
    pub fn most_held(&self, operation: OperationId, kept: KeptId) -> u32 {
        let is_it = |site: SiteId| self.sites[site].holds == Some(kept);
        most_held(&self.operations[operation].steps, &is_it)
    }

    /// An operation as reports name it: `service.operation`.
    pub fn operation_name(&self, operation: OperationId) -> String {
        let spec = &self.operations[operation];
        format!("{}.{}", self.services[spec.service].name, spec.name)
    }

    /// Everything that a setting may be changed to while the run lasts.
    pub fn setting_changes(&self) -> impl Iterator<Item = &SettingChange> {
        let faults = self.faults.iter();
        let alone = faults.filter_map(|fault| fault.kind.settings()).flatten();
        alone.chain(self.combined.iter().flat_map(|it| &it.to))
    }

    /// What the file sets the part to that a change sets, layer by layer.
    pub fn undone(&self, change: &SettingChange) -> Vec<SettingChange> {
        match change {
            SettingChange::Layers { layers, .. } => {
                let one = |&layer: &LayerId| SettingChange::Layers {
                    layers: vec![layer],
                    kind: Box::new(self.layers[layer].kind.clone()),
                };
                layers.iter().map(one).collect()
            }
            SettingChange::Admission(id, _) => {
                let kind = Box::new(self.admission[*id].kind.clone());
                vec![SettingChange::Admission(*id, kind)]
            }
            SettingChange::Budget(id, _) => {
                vec![SettingChange::Budget(
                    *id,
                    Box::new(self.budgets[*id].kind.clone()),
                )]
            }
            SettingChange::Threads(id, _) => {
                vec![SettingChange::Threads(*id, self.services[*id].threads)]
            }
            SettingChange::Cores(id, _) => {
                vec![SettingChange::Cores(*id, self.services[*id].cores)]
            }
            SettingChange::Queue(id, _) => {
                vec![SettingChange::Queue(*id, self.services[*id].queue.clone())]
            }
            SettingChange::AbandonedWork(id, _) => {
                let what = self.services[*id].abandoned_work;
                vec![SettingChange::AbandonedWork(*id, what)]
            }
        }
    }

    /// The steps of a block, by where they are called; none for other places.
    pub fn block(&self, site: SiteId) -> &[StepSpec] {
        let mut found: &[StepSpec] = &[];
        if let Some(operation) = self.operations.get(self.sites[site].target) {
            StepSpec::visit(&operation.steps, (), &|(), _| (), &mut |step, ()| {
                if let StepShape::Under { site: at, steps } = step
                    && *at == site
                {
                    found = steps;
                }
            });
        }
        found
    }

    /// How far the executions of each call of an operation are told apart.
    pub fn watch(&self, operation: OperationId) -> Watch {
        let spec = &self.operations[operation];
        if spec.keys.is_some() {
            Watch::Keys
        } else if !spec.idempotent && self.topology.may_be_asked_again(operation) {
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
            Caller::Checker(group) => format!("checks by {}", self.group_name(group)),
        }
    }

    /// An edge as reports name it: `caller -> service.operation`.
    pub fn edge_name(&self, edge: EdgeId) -> String {
        let spec = &self.edges[edge];
        let caller = self.caller_name(spec.caller);
        if let Some(block) = &spec.block {
            return format!("{} -> {block}", self.caller_name(spec.caller));
        }
        let suffix = if spec.is_fallback { " (fallback)" } else { "" };
        format!("{caller} -> {}{suffix}", self.operation_name(spec.target))
    }

    /// What a fallback calls when a call made at this place fails.
    pub fn fallback_call_of(&self, site: SiteId, layer: LayerId) -> Option<&FallbackCallSpec> {
        let at = self
            .fallback_calls
            .binary_search_by_key(&(site, layer), |it| (it.site, it.layer));
        at.ok().map(|at| &self.fallback_calls[at])
    }

    /// The name of a group of callers.
    pub fn group_name(&self, group: CallerGroup) -> &str {
        match group {
            CallerGroup::Client(client) => &self.clients[client].name,
            CallerGroup::Service(service) => &self.services[service].name,
            CallerGroup::Nodes => "nodes",
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
            CallerGroup::Nodes => (self.node(), 1),
        }
    }

    /// Who asks from beside the instances, as a process: it comes after all others, and never dies.
    pub fn node(&self) -> ProcessId {
        let last = self.services.iter().last();
        ProcessId(last.map_or(0, |it| it.first_process.0 + it.instances))
    }

    /// The edges of traffic: those of health checks come after them.
    pub fn traffic_edges(&self) -> impl Iterator<Item = EdgeId> {
        let edges = self.edges.iter_enumerated();
        edges.filter(|(_, it)| it.is_traffic()).map(|(id, _)| id)
    }

    /// The edges of which reports tell: not those of the asking for a connection, by the calls of an edge
    /// that has a pool, which are told with the pool.
    pub fn told_edges(&self) -> impl Iterator<Item = EdgeId> {
        self.traffic_edges().filter(|&id| {
            let asks =
                |site: &SiteSpec| site.sends == id && site.edge != id && site.holds.is_some();
            !self.sites.iter().any(asks)
        })
    }

    /// The places of traffic: those of health checks come after them.
    pub fn traffic_sites(&self) -> impl Iterator<Item = (SiteId, &SiteSpec)> {
        let sites = self.sites.iter_enumerated();
        sites.filter(|(_, it)| self.edges[it.edge].is_traffic())
    }

    /// Whether calls made here are part of a deep health check.
    pub fn is_made_by_check(&self, site: &SiteSpec) -> bool {
        match self.edges[site.edge].caller {
            Caller::Operation(operation) => self.operations[operation].check.is_some(),
            Caller::Client(_) => false,
            Caller::Checker(_) => true,
        }
    }

    /// The instances of a service, in order.
    pub fn instances_of(&self, service: ServiceId) -> impl Iterator<Item = InstanceId> + use<> {
        let service = &self.services[service];
        let first = service.first_instance.0;
        (first..first + service.instances).map(InstanceId)
    }

    /// Whose calls are traffic of a service, each group once, in the order of their places.
    pub fn callers_of(&self, service: ServiceId) -> Vec<CallerGroup> {
        let mut groups = Vec::new();
        let traffic = self
            .sites
            .iter()
            .filter(|site| site.route.meets_admission());
        let pipelines = traffic.map(|site| &self.pipelines[site.pipeline]);
        for pipeline in pipelines.filter(|it| it.target == service) {
            if !groups.contains(&pipeline.callers) {
                groups.push(pipeline.callers);
            }
        }
        groups
    }

    /// How many judge the instances of a service by what comes back \[count\].
    pub fn judges_of(&self, service: ServiceId) -> u64 {
        match &self.services[service].ejection {
            None => 0,
            Some(ejection) if ejection.shared => 1,
            Some(_) => {
                let groups = self.callers_of(service).into_iter();
                groups.map(|group| u64::from(self.processes(group).1)).sum()
            }
        }
    }

    /// The process of an instance.
    pub fn process_of(&self, instance: InstanceId) -> ProcessId {
        let service = &self.services[self.instances[instance]];
        ProcessId(service.first_process.0 + instance.0 - service.first_instance.0)
    }
}

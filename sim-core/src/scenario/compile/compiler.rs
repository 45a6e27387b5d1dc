//! What compiling works on: the file, the names it defines, and the model so far.
//!
//! The files beside this one add to it section by section; this one knows none of them.

use super::effects::Effects;
use super::exception::Exception;
use super::names::Names;
use super::policy_draft::{BoundKey, PolicyDraft, PolicyName};
use super::pool_draft::PoolDraft;
use crate::id::{EdgeId, IdMap, KeptId, OperationId, PipelineId, ServiceId};
use crate::kernel::Limits;
use crate::model::spec::{Caller, ModelSpec, NetworkSpec, Topology};
use crate::random::Dist;
use crate::scenario::budget::Budgets;
use crate::scenario::diagnostic::{Diagnostics, Span};
use crate::scenario::expect::Expectation;
use crate::scenario::file::ScenarioFile;
use crate::time::{SimDuration, SimTime};
use crate::units::Probability;
use std::collections::BTreeMap;

/// Where things stand in the file, by id; for what is said about them later.
#[derive(Default)]
pub(in crate::scenario) struct Places {
    pub(in crate::scenario) clients: Vec<Span>,
    pub(in crate::scenario) services: Vec<Span>,
    /// By service: its ejection.
    pub(in crate::scenario) ejections: Vec<Span>,
    pub(in crate::scenario) operations: Vec<Span>,
    pub(in crate::scenario) sites: Vec<Span>,
    /// By queue of messages.
    pub(in crate::scenario) queues: Vec<Span>,
    /// By check.
    pub(in crate::scenario) checks: Vec<Span>,
    /// By pipeline and number of the layer.
    pub(in crate::scenario) layers: Vec<Span>,
    /// By layer: whether it is a retry that minds `retry_after` only because its library does.
    pub(in crate::scenario) retry_after_of_like: Vec<bool>,
    /// By layer of admission.
    pub(in crate::scenario) admission: Vec<Span>,
    /// By budget.
    pub(in crate::scenario) budgets: Vec<Span>,
    /// By what is kept.
    pub(in crate::scenario) kept: Vec<Span>,
    /// By saga.
    pub(in crate::scenario) sagas: Vec<Span>,
    /// By invariant.
    pub(in crate::scenario) invariants: Vec<Span>,
    /// Pools that nobody uses.
    pub(in crate::scenario) unused_pools: Vec<(String, Span)>,
    /// By fault.
    pub(in crate::scenario) faults: Vec<Span>,
    /// By expectation.
    pub(in crate::scenario) expectations: Vec<Span>,
    /// Policies that nobody uses.
    pub(in crate::scenario) unused_policies: Vec<(String, Span)>,
}

/// The work in progress.
pub(super) struct Compiler<'f> {
    pub(super) file: &'f ScenarioFile,
    pub(super) names: Names<'f>,
    pub(super) spec: ModelSpec,
    pub(super) places: Places,
    pub(super) found: Diagnostics,
    pub(super) budgets: Budgets,
    pub(super) policies: BTreeMap<String, PolicyDraft>,
    /// Exceptions of the network, in the order of the file.
    pub(super) network_edges: Vec<Exception>,
    /// Pipelines by who calls which service under which policy.
    pub(super) bound: BTreeMap<BoundKey, PipelineId>,
    /// Edges by caller, operation, and whether a fallback calls.
    pub(super) edges: BTreeMap<(Caller, OperationId, bool), EdgeId>,
    /// Policies around the call that is being compiled, outermost first, each the fallback of the one
    /// before.
    pub(super) within: Vec<PolicyName>,
    pub(super) expectations: Vec<Expectation>,
    /// Effects by name, and where the first step stands that names each.
    pub(super) effects: Effects,
    /// Pools as they are written.
    pub(super) pool_drafts: Vec<PoolDraft>,
    /// What the steps that are being compiled hold, the innermost last.
    pub(super) holding: Vec<KeptId>,
    /// Blocks and sagas around the steps that are being compiled \[count\].
    pub(super) blocks: u32,
    /// Changes of settings so far [count].
    pub(super) changes: usize,
}

impl<'f> Compiler<'f> {
    pub(super) fn new(file: &'f ScenarioFile) -> Self {
        Self {
            file,
            names: Names::declare(file),
            spec: empty_spec(),
            places: Places::default(),
            found: Diagnostics::new(),
            budgets: Budgets::default(),
            policies: BTreeMap::new(),
            network_edges: Vec::new(),
            bound: BTreeMap::new(),
            edges: BTreeMap::new(),
            within: Vec::new(),
            expectations: Vec::new(),
            effects: Effects::default(),
            pool_drafts: Vec::new(),
            holding: Vec::new(),
            blocks: 0,
            changes: 0,
        }
    }

    pub(super) fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.found.error(code, span, message);
    }

    pub(super) fn service_name(&self, service: ServiceId) -> &str {
        &self.spec.services[service].name
    }
}

fn empty_spec() -> ModelSpec {
    ModelSpec {
        clients: IdMap::new(),
        services: IdMap::new(),
        operations: IdMap::new(),
        instances: IdMap::new(),
        sites: IdMap::new(),
        fallback_calls: Vec::new(),
        edges: IdMap::new(),
        topology: Topology::default(),
        checks: IdMap::new(),
        queues: IdMap::new(),
        consumers: IdMap::new(),
        pipelines: IdMap::new(),
        layers: IdMap::new(),
        admission: IdMap::new(),
        kept: IdMap::new(),
        effects: IdMap::new(),
        invariants: IdMap::new(),
        sagas: IdMap::new(),
        budgets: IdMap::new(),
        faults: IdMap::new(),
        combined: Vec::new(),
        windows: IdMap::new(),
        labelled: Vec::new(),
        classes: vec![String::new()],
        tenants: vec![String::new()],
        zones: Vec::new(),
        network: NetworkSpec {
            latency: Dist::from(SimDuration::ZERO),
            loss: Probability::ZERO,
            other_zone: None,
        },
        duration: SimTime::ZERO,
        drain: SimDuration::ZERO,
        warmup: SimTime::ZERO,
        resolution: None,
        limits: Limits {
            events: 0,
            at_one_instant: 0,
        },
        max_calls_in_flight: 0,
    }
}

//! From file sections to a model: names become ids, settings become checked configurations.
//!
//! First everything that has a name is declared, so that order in the file does not matter. Then
//! each section is compiled with the names at hand. Mistakes are collected; whoever finds one
//! leaves a harmless stand-in and goes on, and nothing of the result is used if there was an
//! error.

mod change;
mod client;
mod combine;
mod dotnet;
mod expect;
mod fallback_call;
mod fault;
pub(super) mod graph;
mod layer;
mod names;
mod network;
mod pipeline;
mod policy_draft;
mod run;
mod sentence;
mod service;
mod step;
mod window;

use super::budget::Budgets;
use super::diagnostic::{Diagnostics, Span};
use super::expect::Expectation;
use super::file::ScenarioFile;
use super::policy::Policy;
use super::tree::Node;
use crate::id::{IdMap, ServiceId};
use crate::kernel::Limits;
use crate::model::spec::{Caller, ModelSpec, NetworkSpec, Topology};
use crate::random::Dist;
use crate::time::{SimDuration, SimTime};
use crate::units::Probability;
use names::Names;
use policy_draft::PolicyDraft;
use std::collections::BTreeMap;

/// What came out.
pub(super) struct Compiled {
    /// What is simulated.
    pub(super) model: ModelSpec,
    /// What is said about it.
    pub(super) expectations: Vec<Expectation>,
    /// Where things stand in the file.
    pub(super) places: Places,
    /// What was wrong.
    pub(super) found: Diagnostics,
}

/// Where things stand in the file, by id; for what is said about them later.
#[derive(Default)]
pub(super) struct Places {
    pub(super) clients: Vec<Span>,
    pub(super) services: Vec<Span>,
    pub(super) operations: Vec<Span>,
    pub(super) sites: Vec<Span>,
    /// By pipeline and number of the layer.
    pub(super) layers: Vec<Span>,
    /// By layer: whether it is a retry that minds `retry_after` only because its library does.
    pub(super) retry_after_of_like: Vec<bool>,
    /// By budget.
    pub(super) budgets: Vec<Span>,
    /// By fault.
    pub(super) faults: Vec<Span>,
    /// By expectation.
    pub(super) expectations: Vec<Span>,
    /// Policies that nobody uses.
    pub(super) unused_policies: Vec<(String, Span)>,
}

/// The work in progress.
struct Compiler<'f> {
    file: &'f ScenarioFile,
    names: Names<'f>,
    spec: ModelSpec,
    places: Places,
    found: Diagnostics,
    budgets: Budgets,
    policies: BTreeMap<String, PolicyDraft>,
    /// Exceptions of the network, in the order of the file.
    network_edges: Vec<network::Exception>,
    /// Pipelines by who calls which service under which policy.
    bound: BTreeMap<policy_draft::BoundKey, crate::id::PipelineId>,
    /// Edges by caller, operation, and whether a fallback calls.
    edges: BTreeMap<(Caller, crate::id::OperationId, bool), crate::id::EdgeId>,
    /// Policies around the call that is being compiled, outermost first, each the fallback of the one
    /// before.
    within: Vec<policy_draft::PolicyName>,
    expectations: Vec<Expectation>,
    /// Changes of settings so far [count].
    changes: usize,
}

/// Compiles a file; `tree` is what it was read from.
pub(super) fn compile(file: &ScenarioFile, tree: &Node) -> Compiled {
    let mut compiler = Compiler::new(file);
    compiler.system();
    compiler.faults(tree);
    compiler.labels();
    compiler.expectations();
    compiler.finish()
}

/// Compiles what runs, without faults and expectations: to see what a changed setting changes.
fn compile_system(file: &ScenarioFile) -> Compiled {
    let mut compiler = Compiler::new(file);
    compiler.system();
    compiler.finish()
}

/// Compiles the policies of a file, by name; of a whole scenario (`tree` is what it was read from)
/// everything is checked, and policies written in the place of a call are among them.
pub(super) fn policies(file: &ScenarioFile, tree: Option<&Node>) -> (Vec<Policy>, Diagnostics) {
    let mut compiler = Compiler::new(file);
    if let Some(tree) = tree {
        compiler.system();
        compiler.faults(tree);
        compiler.expectations();
    } else {
        compiler.budgets.add_all(&file.budgets, &mut compiler.found);
        compiler.policies();
        compiler.put_budgets();
    }
    let budgets = compiler.spec.budgets;
    let policies = compiler.policies.into_iter();
    (
        policies
            .map(|(name, draft)| draft.named(name, &budgets))
            .collect(),
        compiler.found,
    )
}

impl<'f> Compiler<'f> {
    fn new(file: &'f ScenarioFile) -> Self {
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
            changes: 0,
        }
    }

    /// Everything that runs.
    fn system(&mut self) {
        self.run();
        self.network();
        self.budgets.add_all(&self.file.budgets, &mut self.found);
        self.policies();
        self.clients();
        self.services();
        self.put_budgets();
        self.spec
            .fallback_calls
            .sort_by_key(|it| (it.site, it.layer));
        self.spec.index();
        self.call_graph();
    }

    /// All layers are known, and with them all budgets.
    fn put_budgets(&mut self) {
        self.spec.budgets = std::mem::take(&mut self.budgets.specs);
        self.places.budgets = std::mem::take(&mut self.budgets.places);
    }

    fn finish(mut self) -> Compiled {
        self.places.unused_policies = self.unused_policies();
        Compiled {
            model: self.spec,
            expectations: self.expectations,
            places: self.places,
            found: self.found,
        }
    }

    fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.found.error(code, span, message);
    }

    fn service_name(&self, service: ServiceId) -> &str {
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
        pipelines: IdMap::new(),
        layers: IdMap::new(),
        budgets: IdMap::new(),
        faults: IdMap::new(),
        combined: Vec::new(),
        windows: IdMap::new(),
        labelled: Vec::new(),
        classes: vec![String::new()],
        tenants: vec![String::new()],
        network: NetworkSpec {
            latency: Dist::from(SimDuration::ZERO),
            loss: Probability::ZERO,
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

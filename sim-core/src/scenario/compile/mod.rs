//! From file sections to a model: names become ids, settings become checked configurations.
//!
//! First everything that has a name is declared, so that order in the file does not matter. Then
//! each section is compiled with the names at hand. Mistakes are collected; whoever finds one
//! leaves a harmless stand-in and goes on, and nothing of the result is used if there was an
//! error.

mod change;
mod client;
mod combine;
mod compiler;
mod deed;
mod dotnet;
mod effects;
mod ejection;
mod exception;
mod expect;
mod fallback_call;
mod fault;
mod find;
pub(super) mod graph;
mod health;
mod layer;
mod life;
mod memory;
mod messages;
mod names;
mod network;
mod pipeline;
mod policy_draft;
mod pool;
mod pool_draft;
mod queue;
mod run;
mod saga;
mod sentence;
mod service;
mod step;
mod window;
mod zones;

use super::diagnostic::Diagnostics;
use super::expect::Expectation;
use super::file::ScenarioFile;
use super::policy::Policy;
use super::tree::Node;
use crate::model::spec::ModelSpec;
use compiler::Compiler;

pub(super) use compiler::Places;

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

impl Compiler<'_> {
    /// Everything that runs.
    fn system(&mut self) {
        self.run();
        self.network();
        self.budgets.add_all(&self.file.budgets, &mut self.found);
        self.policies();
        self.clients();
        self.pools();
        self.services();
        self.invariants();
        self.queues();
        self.consumers();
        self.resumptions();
        self.balances();
        self.health();
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
        self.places.unused_pools = self.unused_pools();
        Compiled {
            model: self.spec,
            expectations: self.expectations,
            places: self.places,
            found: self.found,
        }
    }
}

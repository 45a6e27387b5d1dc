//! What a file holds, section by section: private types that only say what was written.
//!
//! Nothing here knows what a name refers to or whether two settings fit together; that is asked
//! when the file is compiled. Every key is defined once, with its meaning and its default, and the
//! schema is printed from the same tables.

pub(super) mod client;
pub(super) mod deed;
pub(super) mod distribution;
pub(super) mod ejection;
pub(super) mod expect;
pub(super) mod fault;
pub(super) mod health;
pub(super) mod life;
pub(super) mod memory;
pub(super) mod messages;
pub(super) mod phase;
pub(super) mod pool;
pub(super) mod queue;
pub(super) mod run;
pub(super) mod saga;
pub(super) mod service;
pub(super) mod step;
pub(super) mod sweep;
mod whole;

use super::budget::BudgetFile;
use super::layer::NamedPolicyFile;
use super::read::{At, Named, Soft, file_map};
use super::value::{Name, Text};

file_map! {
    /// A scenario: what is simulated, and what is said about it.
    ScenarioFile {
        /// Name of the scenario, used for files.
        scenario: Name, required;
        /// A title for people.
        title: Text, optional;
        /// The question that it asks.
        question: Text, optional;
        /// How long it runs, and when measuring begins.
        run: Soft<run::RunFile>, required;
        /// Messages between processes, where nothing else is said.
        network: Soft<run::NetworkFile>, default "{}";
        /// What nodes there are in zones, for balancers that mind it (`zone: hints`): of each zone, or of none.
        zones: At<Named<run::ZoneNodesFile>>, default "{}";
        /// Sources of calls.
        clients: At<Named<client::ClientFile>>, required;
        /// Services, their operations and what these do.
        services: At<Named<service::ServiceFile>>, required;
        /// Resilience policies by name.
        policies: Named<NamedPolicyFile>, default "{}";
        /// How many retries callers may add, by name.
        budgets: Named<BudgetFile>, default "{}";
        /// Connections that services keep to others, by name.
        pools: Named<pool::PoolFile>, default "{}";
        /// What is to be true of the effects of steps, by name.
        invariants: Named<deed::InvariantFile>, default "{}";
        /// What goes wrong, and when.
        faults: Named<fault::FaultFile>, default "{}";
        /// What should hold.
        expect: Named<expect::ExpectFile>, default "{}";
        /// What `squall sweep` tries; a single run leaves it aside.
        sweep: sweep::SweepFile, optional;
    }
}

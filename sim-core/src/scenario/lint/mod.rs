//! What is legal but probably not meant: the mistakes that outages are made of.
//!
//! Each lint is one small function over the finished model. They warn and never refuse, since a
//! scenario may be wrong on purpose: to show what then happens.

mod admission;
mod breaker;
mod breaker_settings;
mod coming;
mod connections;
mod ejection;
mod fallback;
mod guards;
mod health;
mod hedge;
mod least;
mod lives;
mod load;
mod policy;
mod pools;
mod queues;
mod rate_limit;
mod retry;
mod sagas;
mod time;
mod zones;

use super::compile::graph::{callees_first, operation_name};
use super::compile::{Compiled, Places};
use super::diagnostic::{Diagnostic, Diagnostics, Span};
use super::expect::Expectation;
use crate::id::{Id, LayerId, OperationId, SiteId};
use crate::model::spec::{ModelSpec, SiteSpec};

/// Everything that there is to say about a model.
pub(super) fn all(compiled: &Compiled, found: &mut Diagnostics) {
    let mut lint = Lint {
        model: &compiled.model,
        places: &compiled.places,
        order: callees_first(&compiled.model).unwrap_or_default(),
        expectations: &compiled.expectations,
        found,
    };
    lint.policies();
    lint.retries();
    lint.breakers();
    lint.guards();
    lint.ejections();
    lint.fallbacks();
    lint.rate_limits();
    lint.admission();
    lint.hedges();
    lint.times();
    lint.least_times();
    lint.loads();
    lint.pools();
    lint.health();
    lint.lives();
    lint.coming();
    lint.connections();
    lint.queues();
    lint.zones();
    lint.sagas();
}

/// The model being looked at, and what was noticed.
struct Lint<'a> {
    model: &'a ModelSpec,
    places: &'a Places,
    /// Operations, each after those that it calls.
    order: Vec<OperationId>,
    expectations: &'a [Expectation],
    found: &'a mut Diagnostics,
}

impl Lint<'_> {
    fn warn(&mut self, code: &'static str, span: Span, message: String, hint: &str) {
        self.found
            .push(Diagnostic::warning(code, span, message).hint(hint));
    }

    fn site_span(&self, site: SiteId) -> Span {
        self.places
            .sites
            .get(site.index())
            .copied()
            .unwrap_or_default()
    }

    fn layer_span(&self, layer: LayerId) -> Span {
        self.places
            .layers
            .get(layer.index())
            .copied()
            .unwrap_or_default()
    }

    fn operation_name(&self, operation: OperationId) -> String {
        operation_name(self.model, operation)
    }

    /// What is called at a place: an operation, or a block of one.
    fn callee_name(&self, site: &SiteSpec) -> String {
        let edge = &self.model.edges[site.edge];
        match &edge.block {
            Some(block) => format!("{block} of {}", self.operation_name(site.target)),
            None => self.operation_name(site.target),
        }
    }
}

//! What is legal but probably not meant: the mistakes that outages are made of.
//!
//! Each lint is one small function over the finished model. They warn and never refuse, since a
//! scenario may be wrong on purpose: to show what then happens.

mod breaker;
mod breaker_settings;
mod fallback;
mod guards;
mod hedge;
mod least;
mod load;
mod policy;
mod pools;
mod rate_limit;
mod retry;
mod time;

use super::compile::graph::{callees_first, operation_name};
use super::compile::{Compiled, Places};
use super::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::id::{Id, LayerId, OperationId, SiteId};
use crate::model::spec::ModelSpec;

/// Codes of all warnings about a scenario, in the order of the page that explains them.
pub const LINT_CODES: &[&str] = &[
    "worst-case-amplification",
    "overload",
    "no-policy",
    "no-timeout",
    "caller-gives-up-first",
    "timeout-cuts-retries",
    "connect-never-acts",
    "timeout-never-acts",
    "timeout-at-once",
    "timeout-below-work",
    "timeout-never-retried",
    "standard-pipeline",
    "deadline-unheeded",
    "retry-never-acts",
    "retry-one-instance",
    "backoff-never-acts",
    "retry-without-backoff",
    "retry-without-time",
    "retry-without-jitter",
    "retry-not-idempotent",
    "retry-of-open-breaker",
    "retry-after-unheard",
    "retry-after-unsaid",
    "key-forgotten-early",
    "success-as-failure",
    "breaker-never-opens",
    "breaker-hardly-opens",
    "breaker-never-forgets",
    "breaker-always-opens",
    "breaker-misses-timeouts",
    "breaker-counts-limiter",
    "breaker-growth-never-acts",
    "breaker-never-closes",
    "breaker-decides-early",
    "breaker-minimum-cut",
    "attempts-cut",
    "breaker-may-wedge",
    "bulkhead-never-queues",
    "rate-limit-hardly-acts",
    "rate-limit-below-load",
    "hedge-never-acts",
    "hedge-one-instance",
    "hedge-under-load",
    "hedge-not-idempotent",
    "fallback-same-service",
    "fallback-hides-failures",
    "fallback-never-acts",
    "pools-wait-for-each-other",
    "unused-policy",
    "unused-budget",
    "budget-never-grants",
    "budget-runs-over",
    "budget-asked-twice",
    "unlimited-queue",
    "fault-too-late",
    "rare-fault",
    "change-without-effect",
];

/// Everything that there is to say about a model.
pub(super) fn all(compiled: &Compiled, found: &mut Diagnostics) {
    let mut lint = Lint {
        model: &compiled.model,
        places: &compiled.places,
        order: callees_first(&compiled.model).unwrap_or_default(),
        found,
    };
    lint.policies();
    lint.retries();
    lint.breakers();
    lint.guards();
    lint.fallbacks();
    lint.rate_limits();
    lint.hedges();
    lint.times();
    lint.least_times();
    lint.loads();
    lint.pools();
}

/// The model being looked at, and what was noticed.
struct Lint<'a> {
    model: &'a ModelSpec,
    places: &'a Places,
    /// Operations, each after those that it calls.
    order: Vec<OperationId>,
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
}

//! Policies that were checked but are not yet bound to who calls.

use crate::id::{BudgetId, IdMap, OperationId, ServiceId};
use crate::model::spec::{BudgetSpec, CallerGroup, Scope};
use crate::policy::Layer;
use crate::scenario::diagnostic::Span;
use crate::scenario::layer::{Balance, FallbackCallFile, PolicyRef};
use crate::scenario::policy::{Policy, PolicyLayer};

/// Who calls which service under which policy.
pub(super) type BoundKey = (CallerGroup, ServiceId, String);

/// What a fallback calls.
pub(super) enum FallbackCallDraft {
    /// As it stands in the file.
    Written(Box<FallbackCallFile<PolicyRef>>),
    /// Looked up.
    Found {
        /// What is called.
        target: OperationId,
        /// The policy around the call.
        policy: PolicyName,
        /// Where it stands.
        span: Span,
    },
    /// A name was wrong, which was reported.
    Broken,
}

/// A policy that was checked but not yet bound.
#[derive(Default)]
pub(super) struct PolicyDraft {
    /// Its layers, outermost first.
    pub(super) layers: Vec<LayerDraft>,
    /// Those that are switched off.
    pub(super) off: Vec<Layer>,
    /// How an instance is chosen, if it says.
    pub(super) balance: Option<Balance>,
    /// Whether somebody uses it.
    pub(super) is_used: bool,
}

/// A layer that was checked but not yet bound.
pub(super) struct LayerDraft {
    /// Its name among its equals.
    pub(super) name: String,
    /// Who owns its state.
    pub(super) scope: Scope,
    /// What it does.
    pub(super) kind: Layer,
    /// Where it stands.
    pub(super) span: Span,
    /// Whether it is a retry that heeds `retry_after` only because its library does.
    pub(super) retry_after_of_like: bool,
    /// What it calls, if it is a fallback that does.
    pub(super) fallback_call: Option<FallbackCallDraft>,
}

impl LayerDraft {
    /// What it calls, under which policy, and where that stands.
    pub(super) fn found_fallback_call(&self) -> Option<(OperationId, PolicyName, Span)> {
        match self.fallback_call.as_ref()? {
            FallbackCallDraft::Found {
                target,
                policy,
                span,
            } => Some((*target, policy.clone(), *span)),
            FallbackCallDraft::Written(_) | FallbackCallDraft::Broken => None,
        }
    }
}

impl PolicyDraft {
    /// The policy that no call is bound to.
    pub(super) fn named(self, name: String, budgets: &IdMap<BudgetId, BudgetSpec>) -> Policy {
        let layers = self.layers.into_iter().map(|layer| PolicyLayer {
            name: layer.name,
            scope: layer.scope,
            kind: layer.kind,
        });
        Policy {
            name,
            layers: layers.collect(),
            budgets: budgets.clone(),
        }
    }
}

/// Which policy stands around a call; empty for none.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct PolicyName(String);

impl PolicyName {
    /// Its name; empty for none.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// No policy.
    pub(super) fn none() -> Self {
        Self(String::new())
    }

    /// The policy of this name.
    pub(super) fn of(name: &str) -> Self {
        Self(name.to_owned())
    }
}

//! Policies as bound to who calls: sites, edges, pipelines.
//!
//! One policy may stand around many calls. Each group of processes that uses it towards a service
//! gets its own copy of the layers, because there each has its own state (rule 26): breakers of
//! the storefront towards payments know nothing of those towards the inventory.

use super::Compiler;
use super::fallback_call::FallbackCallDraft;
use crate::id::{BudgetId, EdgeId, IdMap, LayerId, OperationId, PipelineId, ServiceId, SiteId};
use crate::model::spec::{
    BudgetSpec, Caller, CallerGroup, EdgeSpec, LayerSpec, PipelineSpec, Scope, SiteSpec,
};
use crate::policy::{BalanceConfig, Layer};
use crate::scenario::diagnostic::Span;
use crate::scenario::layer::PolicyRef;
use crate::scenario::policies::{Policy, PolicyLayer};
use crate::scenario::read::At;
use crate::scenario::value::Reference;

/// Who calls which service under which policy.
pub(super) type BoundKey = (CallerGroup, ServiceId, String);

/// A policy that was checked but not yet bound.
#[derive(Default)]
pub(super) struct PolicyDraft {
    /// Its layers, outermost first.
    pub(super) layers: Vec<LayerDraft>,
    /// Those that are switched off.
    pub(super) off: Vec<Layer>,
    /// How an instance is chosen, and whether one balancer serves all; if it says.
    pub(super) balance: Option<(BalanceConfig, bool)>,
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
}

impl Compiler<'_> {
    /// Compiles the policies that have names.
    pub(super) fn policies(&mut self) {
        let file = self.file;
        for item in &file.policies.0 {
            let draft = match &item.item {
                Some(layers) => self.policy_draft(&layers.0),
                None => PolicyDraft::default(),
            };
            self.policies.insert(item.name.clone(), draft);
        }
        if self.names.has_services() {
            for item in &file.policies.0 {
                self.find_fallback_call(&item.name);
            }
        }
    }

    /// The policy that a reference means; `None` after a mistake that was reported. A policy
    /// written in its place is named after that place.
    pub(super) fn policy_of(&mut self, reference: Option<&PolicyRef>) -> Option<PolicyName> {
        match reference {
            None => Some(PolicyName::none()),
            Some(PolicyRef::Named(at)) if at.value.0 == "none" => Some(PolicyName::none()),
            Some(PolicyRef::Named(at)) => {
                let known = self.find_policy(&At {
                    value: Reference(at.value.0.clone()),
                    span: at.span,
                    path: at.path.clone(),
                });
                if let Some(draft) = self.policies.get_mut(&at.value.0) {
                    draft.is_used = true;
                }
                known.then(|| PolicyName(at.value.0.clone()))
            }
            Some(PolicyRef::Inline(layers)) => {
                if !self.policies.contains_key(&layers.path) {
                    let draft = self.policy_draft(&layers.value);
                    self.policies.insert(layers.path.clone(), draft);
                    self.find_fallback_call(&layers.path);
                }
                Some(PolicyName(layers.path.clone()))
            }
        }
    }

    pub(super) fn unused_policies(&self) -> Vec<(String, Span)> {
        let named = self.file.policies.0.iter();
        named
            .filter(|item| {
                self.policies
                    .get(&item.name)
                    .is_some_and(|draft| !draft.is_used)
            })
            .map(|item| (item.name.clone(), item.span))
            .collect()
    }

    /// Adds a place that makes calls.
    pub(super) fn site(
        &mut self,
        path: &str,
        caller: Caller,
        target: OperationId,
        policy: &PolicyName,
        span: Span,
    ) -> SiteId {
        self.site_of(path, caller, target, policy, span, false)
    }

    /// Adds a place that makes calls, of its own accord or in the place of others.
    pub(super) fn site_of(
        &mut self,
        path: &str,
        caller: Caller,
        target: OperationId,
        policy: &PolicyName,
        span: Span,
        is_fallback: bool,
    ) -> SiteId {
        let edge = self.edge(caller, target, is_fallback);
        let pipeline = self.pipeline(caller, target, policy);
        self.places.sites.push(span);
        let site = self.spec.sites.push(SiteSpec {
            path: path.to_owned(),
            edge,
            target,
            pipeline,
        });
        self.fallback_call_sites(site, path, caller, policy, pipeline);
        site
    }

    fn edge(&mut self, caller: Caller, target: OperationId, is_fallback: bool) -> EdgeId {
        if let Some(edge) = self.edges.get(&(caller, target, is_fallback)) {
            return *edge;
        }
        let network = self.network_between(caller, target);
        let edge = self.spec.edges.push(EdgeSpec {
            caller,
            target,
            is_fallback,
            network,
        });
        self.edges.insert((caller, target, is_fallback), edge);
        edge
    }

    fn pipeline(&mut self, caller: Caller, target: OperationId, policy: &PolicyName) -> PipelineId {
        let service = |id| self.names.service_of(id).unwrap_or(ServiceId(0));
        let callers = match caller {
            Caller::Client(client) => CallerGroup::Client(client),
            Caller::Operation(operation) => CallerGroup::Service(service(operation)),
        };
        let key = (callers, service(target), policy.0.clone());
        if let Some(pipeline) = self.bound.get(&key) {
            return *pipeline;
        }
        let pipeline = self.bind(&key);
        self.bound.insert(key, pipeline);
        pipeline
    }

    /// Copies the layers of a policy for one group of callers and one service.
    fn bind(&mut self, (callers, target, policy): &BoundKey) -> PipelineId {
        let first_layer = LayerId(self.spec.layers.len() as u32);
        let pipeline = PipelineId(self.spec.pipelines.len() as u32);
        let mut balance = None;
        if let Some(draft) = self.policies.get(policy) {
            balance = draft.balance;
            for layer in &draft.layers {
                self.places.layers.push(layer.span);
                self.places
                    .retry_after_of_like
                    .push(layer.retry_after_of_like);
                self.spec.layers.push(LayerSpec {
                    pipeline,
                    name: layer.name.clone(),
                    scope: layer.scope.clone(),
                    kind: layer.kind.clone(),
                });
            }
        }
        let (balance, balance_shared) = balance.unwrap_or_else(|| self.balance_of(*target));
        self.spec.pipelines.push(PipelineSpec {
            policy: policy.clone(),
            callers: *callers,
            target: *target,
            first_layer,
            layer_count: self.spec.layers.len() as u32 - first_layer.0,
            balance,
            balance_shared,
        })
    }
}

//! Policies as bound to who calls: sites, edges, pipelines.
//!
//! One policy may stand around many calls. Each group of processes that uses it towards a service
//! gets its own copy of the layers, because there each has its own state (rule 26): breakers of
//! the storefront towards payments know nothing of those towards the inventory.

use super::Compiler;
use super::policy_draft::{BoundKey, PolicyDraft, PolicyName};
use crate::id::{EdgeId, LayerId, OperationId, PipelineId, ServiceId, SiteId};
use crate::model::spec::{
    Caller, CallerGroup, EdgeSpec, LayerSpec, NetworkSpec, PipelineSpec, RouteSpec, SiteSpec,
};
use crate::scenario::diagnostic::Span;
use crate::scenario::layer::PolicyRef;
use crate::scenario::read::At;
use crate::scenario::value::Reference;
use crate::time::SimDuration;
use crate::units::Probability;

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
                known.then(|| PolicyName::of(&at.value.0))
            }
            Some(PolicyRef::Inline(layers)) => {
                if !self.policies.contains_key(&layers.path) {
                    let draft = self.policy_draft(&layers.value);
                    self.policies.insert(layers.path.clone(), draft);
                    self.find_fallback_call(&layers.path);
                }
                Some(PolicyName::of(&layers.path))
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
            route: RouteSpec::Balanced,
            holds: None,
            over: None,
            is_within: self.blocks > 0,
            sends: edge,
        });
        self.fallback_call_sites(site, path, caller, policy, pipeline);
        site
    }

    /// Adds a place that calls a block of an operation, which is a part of it.
    pub(super) fn block_site(
        &mut self,
        path: &str,
        operation: OperationId,
        policy: &PolicyName,
        name: String,
        span: Span,
    ) -> SiteId {
        let caller = Caller::Operation(operation);
        let edge = self.spec.edges.push(EdgeSpec {
            caller,
            target: operation,
            is_fallback: false,
            block: Some(name),
            network: NetworkSpec {
                latency: SimDuration::ZERO.into(),
                loss: Probability::ZERO,
                other_zone: None,
            },
        });
        let pipeline = self.pipeline(caller, operation, policy);
        self.places.sites.push(span);
        let site = self.spec.sites.push(SiteSpec {
            path: path.to_owned(),
            edge,
            target: operation,
            pipeline,
            route: RouteSpec::Inline,
            holds: None,
            over: None,
            is_within: self.blocks > 0,
            sends: edge,
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
            block: None,
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
            Caller::Checker(group) => group,
        };
        let key = (callers, service(target), policy.as_str().to_owned());
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
            balance.clone_from(&draft.balance);
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
        let balance = balance.unwrap_or_else(|| self.balance_of(*target));
        self.spec.pipelines.push(PipelineSpec {
            policy: policy.clone(),
            callers: *callers,
            target: *target,
            first_layer,
            layer_count: self.spec.layers.len() as u32 - first_layer.0,
            balance: balance.config,
            balance_shared: balance.shared,
        })
    }
}

//! Policies that are missing, unused or dangerous.

use super::Lint;
use crate::id::{Id, LayerId, PipelineId, ServiceId};
use crate::model::spec::RouteSpec;
use crate::policy::{Layer, NonIdempotent, RetryAfter, RetryConfig, RetryHint};

impl Lint<'_> {
    pub(super) fn policies(&mut self) {
        self.calls_without_policy();
        self.calls_without_timeout();
        self.retries_that_hammer();
        self.retries_of_what_must_not_be_done_twice();
        self.hints_that_nobody_minds();
        self.unused_policies();
        self.unused_budgets();
        self.budgets_asked_twice();
        self.unlimited_queues();
    }

    fn calls_without_policy(&mut self) {
        for (id, site) in self.model.traffic_sites() {
            let edge = &self.model.edges[site.edge];
            let is_block = edge.block.is_some()
                || self.model.is_made_by_check(site)
                || site.route == RouteSpec::Own;
            // Who hands a message out does not wait: its lease does, if it has one.
            let hands_out = self.model.consumers.iter().any(|it| it.site == id);
            if !is_block && !hands_out && self.model.pipelines[site.pipeline].policy.is_empty() {
                let message = format!(
                    "the call to {} has no policy: its caller waits for ever",
                    self.operation_name(site.target)
                );
                let hint = "give it a `policy` with a `timeout`";
                self.warn("no-policy", self.site_span(id), message, hint);
            }
        }
    }

    fn calls_without_timeout(&mut self) {
        for (id, site) in self.model.sites.iter_enumerated() {
            let pipeline = &self.model.pipelines[site.pipeline];
            let mut layers = pipeline.layers();
            let is_timeout = |layer: LayerId| {
                let timeout = self.model.layers[layer].kind.timeout();
                timeout.is_some_and(|it| it.limit().is_some())
            };
            let is_block = self.model.edges[site.edge].block.is_some();
            if is_block || pipeline.policy.is_empty() || layers.any(is_timeout) {
                continue;
            }
            let message = format!(
                "the call to {} has no timeout: if the callee hangs, so does its caller",
                self.operation_name(site.target)
            );
            let hint = "add a `timeout` to its policy, innermost for each attempt";
            self.warn("no-timeout", self.site_span(id), message, hint);
        }
    }

    fn retries_that_hammer(&mut self) {
        for (id, layer) in self.model.layers.iter_enumerated() {
            let Layer::Retry(retry) = &layer.kind else {
                continue;
            };
            if retry.max_attempts < 2 {
                continue;
            }
            let span = self.layer_span(id);
            if retry.never_waits() && self.fails_over(layer.pipeline, retry) {
                continue;
            }
            if retry.never_waits() {
                let message = "this retry tries again at once, when the callee needs rest most";
                let hint = "add `backoff: { exponential: { initial: 100ms, max: 2s } }`";
                self.warn("retry-without-backoff", span, message.to_owned(), hint);
            } else if retry.waits_alike() {
                let message = "callers that fail together will try again together";
                self.warn(
                    "retry-without-jitter",
                    span,
                    message.to_owned(),
                    "add `jitter: full`",
                );
            }
        }
    }

    /// Whether each try goes to an instance that has not failed the call: none is asked again.
    fn fails_over(&self, pipeline: PipelineId, retry: &RetryConfig) -> bool {
        let service = &self.model.services[self.model.pipelines[pipeline].target];
        retry.other_instance && retry.max_attempts <= service.instances
    }

    fn retries_of_what_must_not_be_done_twice(&mut self) {
        for (id, site) in self.model.sites.iter_enumerated() {
            let edge = &self.model.edges[site.edge];
            let operation = &self.model.operations[edge.target];
            let is_block = edge.block.is_some();
            if is_block || operation.idempotent || operation.keys.is_some() {
                continue;
            }
            let mut layers = self.model.pipelines[site.pipeline].layers();
            let retries = layers.any(|layer| {
                matches!(
                    &self.model.layers[layer].kind,
                    Layer::Retry(it)
                        if it.max_attempts > 1 && it.non_idempotent == NonIdempotent::Retry
                )
            });
            let mut layers = self.model.pipelines[site.pipeline].layers();
            let hedges = layers.any(|id| matches!(self.model.layers[id].kind, Layer::Hedge(_)));
            if hedges {
                let message = format!(
                    "{} is hedged, and often done twice, but doing it twice is not the same as \
                     doing it once",
                    self.operation_name(site.target)
                );
                let hint = "mark it `idempotent: true` if it is, or do not hedge it";
                self.warn("hedge-not-idempotent", self.site_span(id), message, hint);
            }
            if retries {
                let message = format!(
                    "{} is retried, but doing it twice is not the same as doing it once",
                    self.operation_name(site.target)
                );
                let hint = "give it `idempotency_keys: {}`, mark it `idempotent: true` if it is, or \
                            say `non_idempotent: skip` at the retry";
                self.warn("retry-not-idempotent", self.site_span(id), message, hint);
            }
        }
    }

    /// A callee says when to come back, and no caller listens; or the other way round.
    fn hints_that_nobody_minds(&mut self) {
        for (service, spec) in self.model.services.iter_enumerated() {
            let name = &spec.name;
            if let Some(said) = spec.retry_after
                && !self.is_heard(service, said.after)
            {
                let (message, hint) = match said.after {
                    RetryHint::After(_) => (
                        format!("`{name}` says `retry_after`, but no retry minds it"),
                        "set `retry_after: raise`, `replace` or `pushback` at the retries that call \
                         it",
                    ),
                    RetryHint::Never => (
                        format!("`{name}` asks never to be tried again, but no retry heeds that"),
                        "set `retry_after: pushback` at the retries that call it",
                    ),
                };
                let span = self.places.services[service.index()];
                self.warn("retry-after-unheard", span, message, hint);
            }
            // A library minds it unasked; who names only the library does not count on it.
            let by_itself = |layer: &LayerId| self.places.retry_after_of_like[layer.index()];
            let deaf: Vec<LayerId> = if spec.retry_after.is_none() {
                self.minding(service).filter(|it| !by_itself(it)).collect()
            } else {
                Vec::new()
            };
            for layer in deaf {
                let message = format!("this retry minds `retry_after`, but `{name}` never says it");
                let hint = "give the service a `retry_after`";
                self.warn("retry-after-unsaid", self.layer_span(layer), message, hint);
            }
        }
    }

    fn is_heard(&self, service: ServiceId, hint: RetryHint) -> bool {
        let heeds = |layer: LayerId| {
            let retry = self.model.layers[layer].kind.retry();
            retry.is_some_and(|it| it.retry_after.minds(hint))
        };
        self.minding(service).any(heeds)
    }

    /// The retries of calls to a service that mind what it says.
    fn minding(&self, service: ServiceId) -> impl Iterator<Item = LayerId> {
        let layers = self.model.layers.iter_enumerated();
        layers
            .filter(move |(_, layer)| {
                let minds = |kind: &Layer| {
                    matches!(kind, Layer::Retry(it) if it.retry_after != RetryAfter::Ignore)
                };
                self.model.pipelines[layer.pipeline].target == service && minds(&layer.kind)
            })
            .map(|(id, _)| id)
    }

    fn unused_budgets(&mut self) {
        for (id, budget) in self.model.budgets.iter_enumerated() {
            let mut layers = self.model.layers.iter();
            // One that is written in a layer has its path for a name, and that layer is not there.
            let is_own = budget.name.contains('.');
            if is_own || layers.any(|layer| layer.kind.budget() == Some(id)) {
                continue;
            }
            let message = format!("budget `{}` is asked by no layer", budget.name);
            let hint = "name it in the `budget` of a retry or a hedge, or remove it";
            self.warn(
                "unused-budget",
                self.places.budgets[id.index()],
                message,
                hint,
            );
        }
    }

    /// One call enters such a budget twice, and its first pass counts twice: so it does in the
    /// libraries, whose budget is one object that each layer tells what it does.
    fn budgets_asked_twice(&mut self) {
        for pipeline in &self.model.pipelines {
            let budget = |id: LayerId| self.model.layers[id].kind.budget();
            let mut asking: Vec<LayerId> = pipeline.layers().collect();
            asking.retain(|id| budget(*id).is_some());
            let pairs = (0..asking.len()).flat_map(|i| (0..i).map(move |j| (j, i)));
            let mut pairs = pairs.map(|(outer, inner)| (asking[outer], asking[inner]));
            let Some((outer, inner)) = pairs.find(|pair| budget(pair.0) == budget(pair.1)) else {
                continue;
            };
            let message = format!(
                "`{}` and `{}` inside it ask the same budget, and as in the libraries each tells it \
                 of its own passes: a call pays in twice, and is twice under way",
                self.model.layers[outer].name, self.model.layers[inner].name
            );
            let hint = "give each a budget of its own";
            self.warn("budget-asked-twice", self.layer_span(inner), message, hint);
        }
    }

    fn unused_policies(&mut self) {
        for (name, span) in &self.places.unused_policies {
            let message = format!("policy `{name}` is not used");
            self.warn(
                "unused-policy",
                *span,
                message,
                "remove it, or name it in a `policy`",
            );
        }
    }

    fn unlimited_queues(&mut self) {
        for (service, span) in self.model.services.iter().zip(&self.places.services) {
            if service.queue.capacity.is_none() && service.threads.is_some() {
                let message = format!(
                    "the queue of `{}` is unlimited: under overload waiting grows without end",
                    service.name
                );
                let hint = "give it a `capacity` that is worked off within the callers' timeout";
                self.warn("unlimited-queue", *span, message, hint);
            }
        }
    }
}

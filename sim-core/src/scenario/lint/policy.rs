//! Policies that are missing, unused or dangerous.

use super::Lint;
use crate::policy::{Backoff, Jitter, Layer, RetryConfig};

impl Lint<'_> {
    pub(super) fn policies(&mut self) {
        self.calls_without_policy();
        self.retries_that_hammer();
        self.retries_of_what_must_not_be_done_twice();
        self.unused_policies();
        self.unlimited_queues();
    }

    fn calls_without_policy(&mut self) {
        for (id, site) in self.model.sites.iter_enumerated() {
            if self.model.pipelines[site.pipeline].policy.is_empty() {
                let message = format!(
                    "the call to {} has no policy: its caller waits for ever",
                    self.operation_name(site.target)
                );
                let hint = "give it a `policy` with a `timeout`";
                self.warn("no-policy", self.site_span(id), message, hint);
            }
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
            if has_no_wait(retry) {
                let message = "this retry tries again at once, when the callee needs rest most";
                let hint = "add `backoff: { exponential: { initial: 100ms, max: 2s } }`";
                self.warn("retry-without-backoff", span, message.to_owned(), hint);
            } else if retry.jitter == Jitter::None && !draws(&retry.backoff) {
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

    fn retries_of_what_must_not_be_done_twice(&mut self) {
        for (id, site) in self.model.sites.iter_enumerated() {
            if self.model.operations[site.target].idempotent {
                continue;
            }
            let mut layers = self.model.pipelines[site.pipeline].layers();
            let retries = layers.any(|layer| {
                matches!(&self.model.layers[layer].kind, Layer::Retry(it) if it.max_attempts > 1)
            });
            if retries {
                let message = format!(
                    "{} is retried, but doing it twice is not the same as doing it once",
                    self.operation_name(site.target)
                );
                let hint = "mark it `idempotent: true` if it is, or do not retry it";
                self.warn("retry-not-idempotent", self.site_span(id), message, hint);
            }
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

fn has_no_wait(retry: &RetryConfig) -> bool {
    match &retry.backoff {
        Backoff::None => true,
        Backoff::Constant(delay) => delay.mean().is_zero(),
        Backoff::List(delays) => delays.iter().all(|delay| delay.mean().is_zero()),
        Backoff::Linear { max, .. } | Backoff::Exponential { max, .. } => max.is_zero(),
    }
}

/// Whether the backoff itself spreads the callers.
fn draws(backoff: &Backoff) -> bool {
    match backoff {
        Backoff::Constant(delay) => !delay.is_constant(),
        Backoff::List(delays) => delays.iter().any(|delay| !delay.is_constant()),
        Backoff::None | Backoff::Linear { .. } | Backoff::Exponential { .. } => false,
    }
}

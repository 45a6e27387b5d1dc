//! Layers of policies: from what was written to checked configurations.

use super::Compiler;
use super::fallback_call::FallbackCallDraft;
use super::pipeline::{LayerDraft, PolicyDraft};
use crate::model::spec::Scope;
use crate::policy::{
    BalanceConfig, BulkheadConfig, FallbackAnswer, FallbackConfig, Layer, OnExpiry, Outcome,
    OutcomeSet, TimeoutConfig,
};
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::file::policy::{
    AnswerFile, BalanceFile, BalanceMap, BalanceScope, BalanceWord, BulkheadFile, FallbackFile,
    LayerFile, OnExpiryFile, PolicyFile, ScopeFile, TimeoutFile,
};
use crate::scenario::rate_limit::RateLimitFile;
use crate::scenario::read::{At, Limit};
use crate::scenario::value::{Count, Name};
use crate::time::SimDuration;

/// Whether the wish to come back later is minded because of `like`, at whose place what it stands for
/// is put.
fn minds_unasked(layer: &LayerFile) -> bool {
    let LayerFile::Retry(retry) = layer else {
        return false;
    };
    let retry = &retry.0.value;
    let like = retry.like.as_ref();
    like.is_some_and(|like| like.span == retry.retry_after.span)
}

/// Most layers of a policy.
const MOST_LAYERS: usize = 32;

impl Compiler<'_> {
    /// Checks the layers of a policy.
    pub(super) fn policy_draft(&mut self, layers: &PolicyFile) -> PolicyDraft {
        let mut draft = PolicyDraft::default();
        let mut names = Vec::new();
        self.check_standard_pipeline(layers);
        if let Some(excess) = layers.get(MOST_LAYERS) {
            let message = format!(
                "`{}` is one layer too many: {MOST_LAYERS} are allowed",
                excess.path
            );
            self.error("too-large", excess.span, message);
        }
        for layer in layers.iter().take(MOST_LAYERS) {
            if let LayerFile::Balance(balance) = &layer.value {
                if draft.balance.is_some() {
                    let message = format!("`{}` chooses an instance a second time", layer.path);
                    self.error("bad-value", layer.span, message);
                }
                draft.balance = Some(self.balance(balance));
                continue;
            }
            let enabled = is_enabled(&layer.value);
            if let LayerFile::Hedge(hedge) = &layer.value
                && enabled
            {
                self.check_around_hedge(hedge, &draft.layers);
            }
            if let Some((scope, kind)) = self.layer(&layer.value) {
                // What is switched off is checked, and keeps its number among equals.
                let name = among_equals(kind.name(), &names);
                names.push(name.clone());
                if !enabled {
                    draft.off.push(kind);
                    continue;
                }
                draft.layers.push(LayerDraft {
                    name,
                    scope,
                    kind,
                    span: layer.span,
                    minds_unasked: minds_unasked(&layer.value),
                    fallback_call: fallback_call_of(&layer.value),
                });
            }
        }
        draft
    }

    /// Who owns its state, and what it does; `None` after a mistake, and for what is no layer.
    fn layer(&mut self, layer: &LayerFile) -> Option<(Scope, Layer)> {
        Some(match layer {
            LayerFile::Timeout(it) => (Scope::Caller, Layer::Timeout(self.timeout(it)?)),
            LayerFile::Retry(it) => (Scope::Caller, Layer::Retry(self.retry(&it.0)?)),
            LayerFile::CircuitBreaker(it) => {
                let config = self.breaker(&it.0)?;
                (scope(it.0.value.scope), Layer::Breaker(config))
            }
            LayerFile::Bulkhead(it) => {
                let scope = self.scope_or_share(it, it.value.scope, it.value.share.as_ref());
                (scope, Layer::Bulkhead(bulkhead(&it.value)))
            }
            LayerFile::RateLimit(it) => {
                let file = &it.0.value;
                let scope = self.scope_or_share(&it.0, file.scope, file.share.as_ref());
                let config = RateLimitFile::config(&it.0, &mut self.found)?;
                (scope, Layer::RateLimit(config))
            }
            LayerFile::Fallback(it) => (Scope::Caller, Layer::Fallback(fallback(it))),
            LayerFile::Hedge(it) => (Scope::Caller, Layer::Hedge(self.hedge(it)?)),
            LayerFile::Balance(_) => return None,
        })
    }

    /// A table that `like` names has been laid under the file before it was read.
    fn timeout(&mut self, at: &At<TimeoutFile>) -> Option<TimeoutConfig> {
        let file = &at.value;
        debug_assert!(file.like.is_none_or(|it| !it.0.is_empty()));
        if file.after.is_none() && file.connect.is_none() {
            let message = format!("`{}` has no `after`, which says how long it waits", at.path);
            let hint =
                "write `timeout: 500ms`, or `timeout: { connect: 100ms }` for connecting alone";
            let found = Diagnostic::error("missing-key", at.span, message);
            self.found.push(found.hint(hint));
            return None;
        }
        Some(TimeoutConfig {
            after: file.after.unwrap_or(SimDuration::MAX),
            on_expiry: match file.on_expiry {
                OnExpiryFile::Cancel => OnExpiry::Cancel,
                OnExpiryFile::Detach => OnExpiry::Detach,
            },
            propagate: file.propagate,
            connect: file.connect,
        })
    }

    /// Who owns the state of a layer that may have a `share`.
    pub(in crate::scenario) fn scope_or_share<T>(
        &mut self,
        at: &At<T>,
        own: Option<ScopeFile>,
        share: Option<&Name>,
    ) -> Scope {
        match (own, share) {
            (None, None) => Scope::Caller,
            (Some(file), None) => scope(file),
            (None, Some(name)) => Scope::Named(name.0.clone()),
            (Some(_), Some(_)) => {
                let message = format!(
                    "`{}` has both `scope` and `share`, which is a scope of its own",
                    at.path
                );
                self.error("bad-value", at.span, message);
                Scope::Caller
            }
        }
    }

    /// How an instance is chosen, and whether one balancer serves all processes.
    pub(super) fn balance(&mut self, file: &BalanceFile) -> (BalanceConfig, bool) {
        match file {
            BalanceFile::Word(word) => (balance_word(*word), false),
            BalanceFile::Map(at) => {
                let shared = at.value.scope == BalanceScope::Shared;
                match balance_ways(&at.value).as_slice() {
                    [way] => (*way, shared),
                    ways => {
                        let message = format!(
                            "`{}` names {} ways to choose an instance, but one is needed",
                            at.path,
                            ways.len()
                        );
                        self.error("bad-value", at.span, message);
                        (BalanceConfig::RoundRobin, shared)
                    }
                }
            }
        }
    }
}

fn balance_word(word: BalanceWord) -> BalanceConfig {
    match word {
        BalanceWord::RoundRobin => BalanceConfig::RoundRobin,
        BalanceWord::Random => BalanceConfig::Random,
        BalanceWord::LeastRequests => BalanceConfig::LeastRequests,
        BalanceWord::PowerOfChoices => BalanceConfig::PowerOfChoices { choices: 2 },
    }
}

fn balance_ways(map: &BalanceMap) -> Vec<BalanceConfig> {
    let mut ways = Vec::new();
    ways.extend(map.round_robin.as_ref().map(|_| BalanceConfig::RoundRobin));
    ways.extend(map.random.as_ref().map(|_| BalanceConfig::Random));
    ways.extend(
        map.least_requests
            .as_ref()
            .map(|_| BalanceConfig::LeastRequests),
    );
    ways.extend(
        map.power_of_choices
            .as_ref()
            .map(|it| BalanceConfig::PowerOfChoices {
                choices: it.choices.get(),
            }),
    );
    ways
}

/// What a fallback calls, to be looked up when all policies are known.
fn fallback_call_of(layer: &LayerFile) -> Option<FallbackCallDraft> {
    let LayerFile::Fallback(fallback) = layer else {
        return None;
    };
    let AnswerFile::Call(call) = &fallback.answer else {
        return None;
    };
    Some(FallbackCallDraft::Written(Box::new(call.clone())))
}

/// `timeout`, `timeout[2]`, …
fn among_equals(kind: &str, earlier: &[String]) -> String {
    let base = |name: &str| name.split('[').next() == Some(kind);
    match earlier.iter().filter(|name| base(name)).count() {
        0 => kind.to_owned(),
        others => format!("{kind}[{}]", others + 1),
    }
}

pub(super) fn unlimited(limit: &Limit<SimDuration>) -> SimDuration {
    limit.0.unwrap_or(SimDuration::MAX)
}

fn scope(file: ScopeFile) -> Scope {
    match file {
        ScopeFile::Caller => Scope::Caller,
        ScopeFile::TargetInstance => Scope::TargetInstance,
        ScopeFile::Shared => Scope::Shared,
    }
}

/// Whether a layer is there at all. A fallback that is switched off still is, so that a change can turn
/// it on.
fn is_enabled(layer: &LayerFile) -> bool {
    match layer {
        LayerFile::Timeout(it) => it.value.enabled,
        LayerFile::Retry(it) => it.0.value.enabled,
        LayerFile::CircuitBreaker(it) => it.0.value.enabled,
        LayerFile::Bulkhead(it) => it.value.enabled,
        LayerFile::RateLimit(it) => it.0.value.enabled,
        LayerFile::Hedge(it) => it.value.enabled,
        LayerFile::Fallback(_) | LayerFile::Balance(_) => true,
    }
}

/// A table that `like` names has been laid under the file before it was read.
fn bulkhead(file: &BulkheadFile) -> BulkheadConfig {
    debug_assert!(file.like.is_none_or(|it| !it.0.is_empty()));
    BulkheadConfig {
        max_concurrent: file.max_concurrent.get(),
        max_waiting: file.max_waiting.0.map_or(u32::MAX, Count::get),
        max_wait: unlimited(&file.max_wait),
    }
}

fn fallback(file: &FallbackFile) -> FallbackConfig {
    let everything_else = || OutcomeSet::failed().minus(OutcomeSet::of(&[Outcome::Cancelled]));
    FallbackConfig {
        on: file.on.map_or_else(everything_else, |on| on.0),
        answer: match &file.answer {
            AnswerFile::Static => FallbackAnswer::Static,
            AnswerFile::Cached(it) => FallbackAnswer::Cached {
                max_age: unlimited(&it.max_age),
            },
            AnswerFile::Call(_) => FallbackAnswer::Call,
        },
        enabled: file.enabled,
    }
}

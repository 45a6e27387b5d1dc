//! Bulkheads that nobody waits for, budgets that grant nothing or run over, timeouts that leave no time
//! or that another one forestalls, and successes that are taken for failures.

use super::Lint;
use crate::id::{Id, LayerId, PipelineId};
use crate::model::spec::RouteSpec;
use crate::policy::{BudgetConfig, BulkheadConfig, FallbackAnswer, OnExpiry, Outcome, OutcomeSet};
use crate::time::SimDuration;

impl Lint<'_> {
    pub(super) fn guards(&mut self) {
        for (id, layer) in self.model.layers.iter_enumerated() {
            if layer.kind.timeout().is_some_and(|it| it.after.is_zero()) {
                let message = "this timeout leaves no time at all: nothing inside it ever answers";
                let hint = "give it some time, or leave it out";
                let span = self.layer_span(id);
                self.warn("timeout-at-once", span, message.to_owned(), hint);
            }
            if let Some(bulkhead) = layer.kind.bulkhead() {
                self.bulkhead_without_a_queue(id, bulkhead);
            }
            let fallback = layer.kind.fallback();
            if let Some(on) = layer.kind.watches().or(fallback.map(|it| it.on)) {
                self.success_as_failure(id, on);
            }
            if fallback.is_some_and(|it| never_fresh(&it.answer)) {
                let message = "a kept answer is older than 0s, so this fallback never acts";
                let hint = "raise `max_age`";
                let span = self.layer_span(id);
                self.warn("fallback-never-acts", span, message.to_owned(), hint);
            }
        }
        for pipeline in self.model.pipelines.ids() {
            self.timeouts_forestalled(pipeline);
        }
        self.budgets_that_never_grant();
        self.budgets_that_run_over();
        self.keys_forgotten_too_early();
    }

    /// Waiting takes a place to wait in, and some time.
    fn bulkhead_without_a_queue(&mut self, id: LayerId, config: &BulkheadConfig) {
        let limited = config.max_wait < SimDuration::MAX && !config.max_wait.is_zero();
        let (message, hint) = if config.max_waiting == 0 && limited {
            (
                format!(
                    "a call may wait {} here, but none may wait: `max_waiting` is 0",
                    config.max_wait
                ),
                "give it `max_waiting: unlimited`, or so many as may wait",
            )
        } else if config.max_waiting > 0 && config.max_wait.is_zero() {
            (
                "calls may wait here, but for no time: `max_wait` is 0s".to_owned(),
                "raise `max_wait`, or leave out `max_waiting`",
            )
        } else {
            return;
        };
        self.warn("bulkhead-never-queues", self.layer_span(id), message, hint);
    }

    /// A full answer counts as failure: it is tried again, opens a breaker or is replaced.
    fn success_as_failure(&mut self, id: LayerId, on: OutcomeSet) {
        if !on.contains(Outcome::Ok) {
            return;
        }
        let message = format!(
            "`{}` takes `ok`, a full answer, for a failure",
            self.model.layers[id].name
        );
        let hint = "leave `ok` and `useful` out of what it acts on";
        self.warn("success-as-failure", self.layer_span(id), message, hint);
    }

    /// A timeout inside one that is no longer.
    fn timeouts_forestalled(&mut self, pipeline: PipelineId) {
        let mut limit = SimDuration::MAX;
        let mut retried = false;
        for id in self.model.pipelines[pipeline].layers() {
            let kind = &self.model.layers[id].kind;
            // With a retry between, the outer one is said to cut it.
            retried |= kind.retry().is_some_and(|it| it.max_attempts > 1);
            let Some(timeout) = kind.timeout().filter(|it| it.limit().is_some()) else {
                continue;
            };
            if timeout.after >= limit && !retried {
                let message = format!(
                    "this timeout of {} never acts: the one around it gives up after {limit}",
                    timeout.after
                );
                let hint = "lower it, raise the outer one, or leave one out";
                self.warn("timeout-never-acts", self.layer_span(id), message, hint);
            }
            if timeout.on_expiry == OnExpiry::Cancel {
                limit = limit.min(timeout.after);
            }
        }
    }

    fn budgets_that_never_grant(&mut self) {
        for (id, budget) in self.model.budgets.iter_enumerated() {
            let Some((because, hint)) = grants_nothing(&budget.kind) else {
                continue;
            };
            let message = format!("budget `{}` never grants a try: {because}", budget.name);
            let span = self.places.budgets[id.index()];
            self.warn("budget-never-grants", span, message, hint);
        }
    }

    fn budgets_that_run_over(&mut self) {
        for (id, budget) in self.model.budgets.iter_enumerated() {
            let Some(more) = more_than_it_holds(&budget.kind) else {
                continue;
            };
            let message = format!("budget `{}` {more}: the rest is lost", budget.name);
            let hint = "raise what it can hold, or give it less";
            let span = self.places.budgets[id.index()];
            self.warn("budget-runs-over", span, message, hint);
        }
    }

    /// A key that is forgotten while its call may still be tried again does not keep it from being
    /// done twice.
    fn keys_forgotten_too_early(&mut self) {
        for (id, site) in self.model.sites.iter_enumerated() {
            let Some(keys) = &self.model.operations[site.target].keys else {
                continue;
            };
            if site.route == RouteSpec::Inline {
                continue;
            }
            let layers: Vec<LayerId> = self.model.pipelines[site.pipeline].layers().collect();
            if !self.has_retry(&layers) {
                continue;
            }
            let Some(needed) = self.longest(&layers).filter(|it| *it > keys.retention) else {
                continue;
            };
            let message = format!(
                "{} forgets a key after {}, but a call with its retries can take {needed}: what comes \
                 later is done again",
                self.operation_name(site.target),
                keys.retention
            );
            let hint = "raise `retention`, or limit the call by a timeout around its retries";
            self.warn("key-forgotten-early", self.site_span(id), message, hint);
        }
    }
}

fn never_fresh(answer: &FallbackAnswer) -> bool {
    matches!(answer, FallbackAnswer::Cached { max_age } if max_age.is_zero())
}

/// How a budget gets more at once than it can hold.
fn more_than_it_holds(config: &BudgetConfig) -> Option<String> {
    let per_success = |tokens: f64, most: u32| {
        let more = tokens > f64::from(most);
        more.then(|| format!("gets {tokens} tokens for a success and holds {most}"))
    };
    match config {
        BudgetConfig::SuccessFunded(it) if it.initial > it.capacity => Some(format!(
            "starts with {} tokens and holds {}",
            it.initial, it.capacity
        )),
        BudgetConfig::SuccessFunded(it) => per_success(it.per_success, it.capacity),
        BudgetConfig::GrpcTokens(it) => per_success(it.token_ratio, it.max_tokens),
        BudgetConfig::ConcurrentMax(_)
        | BudgetConfig::ConcurrentRatio(_)
        | BudgetConfig::RetryRate(_)
        | BudgetConfig::TokenRatio(_)
        | BudgetConfig::TokenBucket(_)
        | BudgetConfig::AwsQuota(_) => None,
    }
}

/// Why a budget grants nothing, and what to do about it.
fn grants_nothing(config: &BudgetConfig) -> Option<(&'static str, &'static str)> {
    match config {
        BudgetConfig::ConcurrentMax(it) if it.max == 0 => {
            Some(("its limit is 0", "raise it, or leave out the retries"))
        }
        BudgetConfig::ConcurrentRatio(it) if it.min == 0 && it.ratio.get() <= 0.0 => {
            Some(("its share and its minimum are 0", "raise `ratio` or `min`"))
        }
        BudgetConfig::RetryRate(it) if it.min_concurrent == 0 && it.max_rate.get() <= 0.0 => {
            Some((
                "its share and its minimum are 0",
                "raise `max_rate` or `min_concurrent`",
            ))
        }
        BudgetConfig::TokenRatio(it) if it.min_per_second == 0 && it.ratio <= 0.0 => Some((
            "calls pay nothing in, and there is no reserve",
            "raise `ratio` or `min_per_second`",
        )),
        // The failure that asks has just taken a token.
        BudgetConfig::GrpcTokens(it) if it.max_tokens <= 2 => Some((
            "after one failure no more than half of its tokens are left",
            "raise `max_tokens` to 3 or more",
        )),
        BudgetConfig::AwsQuota(it)
            if it.capacity < it.cost.min(it.throttled_cost).min(it.timeout_cost) =>
        {
            Some((
                "a try costs more than it can hold",
                "raise `capacity`, or lower the costs",
            ))
        }
        BudgetConfig::ConcurrentMax(_)
        | BudgetConfig::ConcurrentRatio(_)
        | BudgetConfig::RetryRate(_)
        | BudgetConfig::TokenRatio(_)
        | BudgetConfig::GrpcTokens(_)
        | BudgetConfig::AwsQuota(_)
        | BudgetConfig::SuccessFunded(_)
        | BudgetConfig::TokenBucket(_) => None,
    }
}

//! `budgets`: from what was written to checked configurations.

use super::Compiler;
use crate::id::BudgetId;
use crate::model::spec::{BudgetScope, BudgetSpec};
use crate::policy::{
    AwsQuota, BudgetConfig, ConcurrentMax, ConcurrentRatio, Deposits, GrpcTokens, RetryRate,
    SlotRule, SuccessFunded, TokenBucket, TokenRatio,
};
use crate::scenario::diagnostic::{Diagnostic, Span, did_you_mean, quoted};
use crate::scenario::file::budget::{
    AwsQuotaFile, BudgetFile, BudgetRef, BudgetScopeFile, DepositsFile, PricesFile, SlotsFile,
    TokenRatioFile,
};
use crate::scenario::read::At;
use crate::scenario::value::{Count, Name};
use crate::time::SimDuration;
use crate::units::Factor;

/// What was asked for is a mistake, which has been told.
pub(super) struct Mistaken;

impl Compiler<'_> {
    /// Compiles all budgets; one with a mistake leaves a harmless stand-in.
    pub(super) fn budgets(&mut self) {
        let file = self.file;
        for item in &file.budgets.0 {
            let path = format!("budgets.{}", item.name);
            self.add_budget(item.name.clone(), &path, item.span, item.item.as_ref());
        }
    }

    fn add_budget(
        &mut self,
        name: String,
        path: &str,
        span: Span,
        file: Option<&BudgetFile>,
    ) -> BudgetId {
        let kind = file.and_then(|file| self.budget(path, span, file));
        let scope = file.map_or(BudgetScope::Caller, scope);
        self.places.budgets.push(span);
        self.spec.budgets.push(BudgetSpec {
            name,
            scope,
            kind: kind.unwrap_or(BudgetConfig::ConcurrentMax(ConcurrentMax { max: 0 })),
        })
    }

    /// The budget that a layer asks, if it asks one. One that is written in its place is named after
    /// that place.
    pub(super) fn budget_of(
        &mut self,
        reference: Option<&BudgetRef>,
    ) -> Result<Option<BudgetId>, Mistaken> {
        match reference {
            None => Ok(None),
            Some(BudgetRef::Named(at)) if at.value.0 == "none" => Ok(None),
            Some(BudgetRef::Named(at)) => self.find_budget(at).map(Some).ok_or(Mistaken),
            Some(BudgetRef::Own(at)) => {
                let name = at.path.clone();
                let id = self.add_budget(name, &at.path, at.span, Some(&at.value));
                Ok(Some(id))
            }
        }
    }

    /// The budget with this name.
    fn find_budget(&mut self, at: &At<Name>) -> Option<BudgetId> {
        let all = self.spec.budgets.iter_enumerated();
        let found = all
            .into_iter()
            .find(|(_, budget)| budget.name == at.value.0);
        if let Some((id, _)) = found {
            return Some(id);
        }
        let message = format!("`{}`: no budget is called {}", at.path, quoted(&at.value.0));
        let names = self.spec.budgets.iter().map(|budget| budget.name.as_str());
        let hint = did_you_mean(&at.value.0, names);
        let diagnostic = Diagnostic::error("unknown-name", at.span, message);
        self.found.push(diagnostic.maybe_hint(hint));
        None
    }

    fn budget(&mut self, path: &str, span: Span, file: &BudgetFile) -> Option<BudgetConfig> {
        debug_assert!(file.like.is_none_or(|it| !it.0.is_empty()), "laid under");
        let mut kinds = self.kinds(file);
        if kinds.len() == 1 {
            return kinds.pop().flatten();
        }
        let message = format!(
            "`{path}` names {} kinds of budget, but one is needed",
            kinds.len()
        );
        let hint = "write one of concurrent_max, concurrent_ratio, retry_rate, token_ratio, \
                    grpc_tokens, aws_quota, success_funded, token_bucket";
        let diagnostic = Diagnostic::error("bad-value", span, message);
        self.found.push(diagnostic.hint(hint));
        None
    }

    /// Every kind that is written; `None` for one with a mistake.
    fn kinds(&mut self, file: &BudgetFile) -> Vec<Option<BudgetConfig>> {
        let mut kinds = Vec::new();
        kinds.extend(file.concurrent_max.as_ref().map(|it| {
            let max = it.max.get();
            Some(BudgetConfig::ConcurrentMax(ConcurrentMax { max }))
        }));
        kinds.extend(file.concurrent_ratio.as_ref().map(|it| {
            Some(BudgetConfig::ConcurrentRatio(ConcurrentRatio {
                ratio: it.ratio,
                min: it.min.get(),
            }))
        }));
        kinds.extend(file.retry_rate.as_ref().map(|it| {
            Some(BudgetConfig::RetryRate(RetryRate {
                max_rate: it.max_rate,
                min_concurrent: it.min_concurrent.get(),
            }))
        }));
        kinds.extend(file.token_ratio.as_ref().map(|it| self.token_ratio(it)));
        kinds.extend(file.grpc_tokens.as_ref().map(|it| {
            Some(BudgetConfig::GrpcTokens(GrpcTokens {
                max_tokens: it.max_tokens.get(),
                token_ratio: self.thousandths(&it.token_ratio)?,
            }))
        }));
        kinds.extend(
            file.aws_quota
                .as_ref()
                .map(|it| Some(BudgetConfig::AwsQuota(aws_quota(it)))),
        );
        kinds.extend(file.success_funded.as_ref().map(|it| {
            Some(BudgetConfig::SuccessFunded(SuccessFunded {
                per_success: self.thousandths(&it.per_success)?,
                capacity: it.capacity.get(),
                initial: it.initial.map_or(it.capacity.get(), Count::get),
            }))
        }));
        kinds.extend(file.token_bucket.as_ref().map(|it| {
            Some(BudgetConfig::TokenBucket(TokenBucket {
                per_call: it.ratio.get(),
                burst: it.burst.get(),
            }))
        }));
        kinds
    }

    fn token_ratio(&mut self, file: &TokenRatioFile) -> Option<BudgetConfig> {
        let ttl = file.ttl.value;
        if ttl < SimDuration::from_secs(1) || ttl > SimDuration::from_secs(60) {
            let message = format!(
                "`{}` is {ttl}, but it must be from 1s to 60s, as in Finagle and tower",
                file.ttl.path
            );
            self.error("bad-value", file.ttl.span, message);
            return None;
        }
        Some(BudgetConfig::TokenRatio(TokenRatio {
            ratio: file.ratio.get(),
            min_per_second: file.min_per_second.get(),
            ttl,
            slots: match file.slots {
                SlotsFile::Finagle => SlotRule::Finagle,
                SlotsFile::Tower => SlotRule::Tower,
            },
            deposits: match file.deposits {
                DepositsFile::Calls => Deposits::Calls,
                DepositsFile::Successes => Deposits::Successes,
            },
        }))
    }

    /// Tokens that are counted in thousandths, and at least one of them.
    fn thousandths(&mut self, at: &At<Factor>) -> Option<f64> {
        let tokens = at.value.get();
        if (0.001..=1000.0).contains(&tokens) {
            return Some(tokens);
        }
        let message = format!(
            "`{}` is {tokens}, but it must be from 0.001 to 1000",
            at.path
        );
        self.error("bad-value", at.span, message);
        None
    }
}

fn scope(file: &BudgetFile) -> BudgetScope {
    match file.scope {
        BudgetScopeFile::Caller => BudgetScope::Caller,
        BudgetScopeFile::Process => BudgetScope::Process,
        BudgetScopeFile::Shared => BudgetScope::Shared,
    }
}

fn aws_quota(file: &AwsQuotaFile) -> AwsQuota {
    let prices = match file.prices {
        PricesFile::Current => AwsQuota::of_2026(),
        PricesFile::Legacy => AwsQuota::legacy(),
    };
    let or = |written: Option<Count<1, 60_000>>, price| written.map_or(price, |it| it.get() as u16);
    AwsQuota {
        capacity: file.capacity.get() as u16,
        cost: or(file.cost, prices.cost),
        throttled_cost: or(file.throttled_cost, prices.throttled_cost),
        timeout_cost: or(file.timeout_cost, prices.timeout_cost),
        clean_success: file.clean_success.get() as u16,
    }
}

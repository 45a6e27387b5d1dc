//! `budgets`: how many tries beyond the first callers may add; what is written, and what it means.

use super::diagnostic::{Diagnostic, Diagnostics, Span, did_you_mean, quoted};
use super::like::library_names;
use super::read::{At, FileType, Named, Reader, choices, file_map};
use super::shape::Shape;
use super::tree::{Kind, Node};
use super::value::{Count, Name};
use crate::id::{BudgetId, IdMap};
use crate::model::spec::{BudgetScope, BudgetSpec};
use crate::policy::{
    AwsQuota, BudgetConfig, ConcurrentMax, ConcurrentRatio, Deposits, GrpcTokens, RetryRate,
    SlotRule, SuccessFunded, TokenBucket, TokenRatio,
};
use crate::time::SimDuration;
use crate::units::{Factor, Probability};

library_names! {
    /// A library whose budget has a table.
    BudgetLike = BUDGETS;
}

file_map! {
    /// How many tries beyond the first may be added: exactly one kind, and who owns its state. A
    /// retry or a hedge asks it with `budget: NAME`, and several may ask the same one; or it has one of
    /// its own, written there. Each kind counts
    /// hedges as retries; an AWS quota lets them cost `cost`.
    BudgetFile {
        /// The library whose budget it is like: its settings stand in for the keys that are missing
        /// here.
        like: BudgetLike, optional;
        /// So many retries at once (Envoy `max_retries`), waiting ones included.
        concurrent_max: ConcurrentMaxFile, optional;
        /// Retries at once as a share of what is under way (Envoy `retry_budget`).
        concurrent_ratio: ConcurrentRatioFile, optional;
        /// Retries at once as a share of all executions (failsafe-go `budget`).
        retry_rate: RetryRateFile, optional;
        /// Every call pays in, every retry draws out, all of it expires (Finagle, tower, Linkerd).
        token_ratio: TokenRatioFile, optional;
        /// Failures cost, successes earn, below half full there are no retries (gRPC
        /// `retryThrottling`).
        grpc_tokens: GrpcTokensFile, optional;
        /// Retries cost by their kind, success refunds (AWS SDK).
        aws_quota: AwsQuotaFile, optional;
        /// Only success earns (own choice: the plainest budget that no outage can fill).
        success_funded: SuccessFundedFile, optional;
        /// Every call pays in, every retry draws out, up to a burst; nothing expires (the plain token
        /// bucket).
        token_bucket: TokenBucketFile, optional;
        /// Who owns its state.
        scope: BudgetScopeFile, default "caller";
    }
}

/// A budget by its name, or written in its place.
#[derive(Clone, Debug)]
pub(in crate::scenario) enum BudgetRef {
    /// One of `budgets`; `none` is none.
    Named(At<Name>),
    /// One that no other layer asks.
    Own(Box<At<BudgetFile>>),
}

impl FileType for BudgetRef {
    fn shape() -> Shape {
        Shape::Either(vec![At::<Name>::shape, BudgetFile::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.kind {
            Kind::Map(_) => At::read(node, reader).map(|it| Self::Own(Box::new(it))),
            Kind::Scalar { .. } | Kind::List(_) => At::read(node, reader).map(Self::Named),
        }
    }
}

choices! {
    /// Who owns the state of a budget.
    BudgetScopeFile {
        /// Each process of the caller, for each service that it calls (all these libraries).
        caller = Caller;
        /// Each process of the caller, for all that it calls.
        process = Process;
        /// All processes of all callers together.
        shared = Shared;
    }
}

file_map! {
    /// So many retries at once.
    ConcurrentMaxFile short max {
        /// Retries waiting or under way [count]; Envoy 3.
        max: Count<0>, default "3";
    }
}

file_map! {
    /// Retries at once as a share of what is under way.
    ConcurrentRatioFile {
        /// Share of the passes under way; Envoy `budget_percent` 20%.
        ratio: Probability, default "20%";
        /// Retries that are always allowed [count]; Envoy `min_retry_concurrency` 3.
        min: Count<0>, default "3";
    }
}

file_map! {
    /// Retries at once as a share of all executions.
    RetryRateFile {
        /// Share of the executions; failsafe-go `WithMaxRate` 20%.
        max_rate: Probability, default "20%";
        /// Retries below which nothing is refused [count]; failsafe-go `WithMinConcurrency` 3.
        min_concurrent: Count<0>, default "3";
    }
}

file_map! {
    /// Every call pays in, every retry draws out, all of it expires.
    TokenRatioFile {
        /// Retries that one call pays for; Finagle and tower 20%.
        ratio: Probability, default "20%";
        /// Retries per second that are allowed besides [1/s]; Finagle and tower 10.
        min_per_second: Count<0, 1_000_000>, default "10";
        /// How long a deposit or withdrawal counts [duration], 1 s to 60 s; Finagle and tower 10 s.
        ttl: At<SimDuration>, default "10s";
        /// Whose arithmetic.
        slots: SlotsFile, default "finagle";
        /// What pays in.
        deposits: DepositsFile, default "calls";
    }
}

choices! {
    /// What pays into a budget of tokens.
    DepositsFile {
        /// Each call, when its first try begins (Finagle, Linkerd).
        calls = Calls;
        /// Each try that is answered usefully (the policy in tower's documentation).
        successes = Successes;
    }
}

file_map! {
    /// Every call pays in, every retry draws out, up to a burst.
    TokenBucketFile {
        /// Retries that one call pays for; own choice, as in "Site Reliability Engineering": 10%.
        ratio: Probability, default "10%";
        /// The most that can be saved, and what there is at the start [tokens]; own choice: a hundred
        /// retries.
        burst: Count<1, 1_000_000>, default "100";
    }
}

choices! {
    /// Whose arithmetic a budget of tokens uses.
    SlotsFile {
        /// A retry costs 1000 / ratio thousandths; what is older than `ttl` is forgotten.
        finagle = Finagle;
        /// A retry costs trunc(1 / ratio), 30% being a third; under load `ttl` is about half as
        /// long as it says. Linkerd's service profiles too.
        tower = Tower;
    }
}

file_map! {
    /// Failures cost, successes earn.
    GrpcTokensFile {
        /// Tokens at the start, and the most there can be [count]; gRPC has no default, the example
        /// of gRFC A6 is 10.
        max_tokens: Count<1, 1000>, required;
        /// Tokens that a success adds [tokens], to three decimals, above 0; gRPC has no default, the
        /// example of gRFC A6 is 0.1.
        token_ratio: At<Factor>, required;
    }
}

file_map! {
    /// Retries cost by their kind, success refunds.
    AwsQuotaFile {
        /// Which prices stand where none is written.
        prices: PricesFile, default "current";
        /// Tokens at the start, and the most there can be [count]; botocore 500.
        capacity: Count<1, 60_000>, default "500";
        /// What a retry costs [tokens]; botocore 14, before 2026 5.
        cost: Count<1, 60_000>, optional;
        /// What it costs after the callee turned the call away [tokens]; botocore 5.
        throttled_cost: Count<1, 60_000>, optional;
        /// What it costs after a timeout [tokens]; botocore 14, before 2026 10.
        timeout_cost: Count<1, 60_000>, optional;
        /// What a call adds that succeeds at once [tokens]; botocore 1.
        clean_success: Count<0, 60_000>, default "1";
    }
}

choices! {
    /// Prices of a retry.
    PricesFile {
        /// Those of botocore since 1.44: 14, and 5 after throttling.
        current = Current;
        /// Those before: 5, and 10 after a timeout.
        legacy = Legacy;
    }
}

file_map! {
    /// Only success earns.
    SuccessFundedFile {
        /// Tokens that a useful answer adds [tokens], to three decimals; own choice: one retry for
        /// ten answers.
        per_success: At<Factor>, default "0.1";
        /// The most there can be [tokens]; own choice: a burst of a hundred retries.
        capacity: Count<1, 1_000_000>, default "100";
        /// How many there are at the start [tokens]; as many as there can be, if absent.
        initial: Count<0, 1_000_000>, optional;
    }
}

/// What was asked for is a mistake, which has been told.
pub(in crate::scenario) struct Mistaken;

/// All budgets so far: those of the section, and those that layers have of their own.
#[derive(Default)]
pub(in crate::scenario) struct Budgets {
    /// What they are.
    pub(in crate::scenario) specs: IdMap<BudgetId, BudgetSpec>,
    /// Where each stands in the file.
    pub(in crate::scenario) places: Vec<Span>,
}

impl Budgets {
    /// Adds those of the section; one with a mistake leaves a harmless stand-in.
    pub(in crate::scenario) fn add_all(
        &mut self,
        section: &Named<BudgetFile>,
        found: &mut Diagnostics,
    ) {
        for item in &section.0 {
            let path = format!("budgets.{}", item.name);
            self.add(
                item.name.clone(),
                (&path, item.span),
                item.item.as_ref(),
                found,
            );
        }
    }

    fn add(
        &mut self,
        name: String,
        (path, span): (&str, Span),
        file: Option<&BudgetFile>,
        found: &mut Diagnostics,
    ) -> BudgetId {
        let kind = file.and_then(|file| file.config(path, span, found));
        self.places.push(span);
        self.specs.push(BudgetSpec {
            name,
            scope: file.map_or(BudgetScope::Caller, |file| file.scope.into()),
            kind: kind.unwrap_or(BudgetConfig::ConcurrentMax(ConcurrentMax { max: 0 })),
        })
    }

    /// The budget that a layer asks, if it asks one. One that is written in its place is named after
    /// that place.
    pub(in crate::scenario) fn asked(
        &mut self,
        reference: Option<&BudgetRef>,
        found: &mut Diagnostics,
    ) -> Result<Option<BudgetId>, Mistaken> {
        match reference {
            None => Ok(None),
            Some(BudgetRef::Named(at)) if at.value.0 == "none" => Ok(None),
            Some(BudgetRef::Named(at)) => self.find(at, found).map(Some).ok_or(Mistaken),
            Some(BudgetRef::Own(at)) => {
                let place = (at.path.as_str(), at.span);
                let id = self.add(at.path.clone(), place, Some(&at.value), found);
                Ok(Some(id))
            }
        }
    }

    /// The budget with this name.
    fn find(&self, at: &At<Name>, found: &mut Diagnostics) -> Option<BudgetId> {
        let mut all = self.specs.iter_enumerated();
        if let Some((id, _)) = all.find(|(_, budget)| budget.name == at.value.0) {
            return Some(id);
        }
        let message = format!("`{}`: no budget is called {}", at.path, quoted(&at.value.0));
        let names = self.specs.iter().map(|budget| budget.name.as_str());
        let hint = did_you_mean(&at.value.0, names);
        let diagnostic = Diagnostic::error("unknown-name", at.span, message);
        found.push(diagnostic.maybe_hint(hint));
        None
    }
}

impl From<BudgetScopeFile> for BudgetScope {
    fn from(file: BudgetScopeFile) -> Self {
        match file {
            BudgetScopeFile::Caller => Self::Caller,
            BudgetScopeFile::Process => Self::Process,
            BudgetScopeFile::Shared => Self::Shared,
        }
    }
}

impl BudgetFile {
    /// What it means; `None` after a mistake. The table that `like` names has been put into the file
    /// before it was read.
    fn config(&self, path: &str, span: Span, found: &mut Diagnostics) -> Option<BudgetConfig> {
        debug_assert!(self.like.is_none_or(|it| !it.0.is_empty()));
        let mut kinds = self.kinds(found);
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
        found.push(diagnostic.hint(hint));
        None
    }

    /// Every kind that is written; `None` for one with a mistake.
    fn kinds(&self, found: &mut Diagnostics) -> Vec<Option<BudgetConfig>> {
        let mut kinds = Vec::new();
        kinds.extend(self.concurrent_max.as_ref().map(|it| {
            let max = it.max.get();
            Some(BudgetConfig::ConcurrentMax(ConcurrentMax { max }))
        }));
        kinds.extend(self.concurrent_ratio.as_ref().map(|it| {
            Some(BudgetConfig::ConcurrentRatio(ConcurrentRatio {
                ratio: it.ratio,
                min: it.min.get(),
            }))
        }));
        kinds.extend(self.retry_rate.as_ref().map(|it| {
            Some(BudgetConfig::RetryRate(RetryRate {
                max_rate: it.max_rate,
                min_concurrent: it.min_concurrent.get(),
            }))
        }));
        kinds.extend(self.token_ratio.as_ref().map(|it| token_ratio(it, found)));
        kinds.extend(self.grpc_tokens.as_ref().map(|it| {
            Some(BudgetConfig::GrpcTokens(GrpcTokens {
                max_tokens: it.max_tokens.get(),
                token_ratio: thousandths(&it.token_ratio, found)?,
            }))
        }));
        kinds.extend(
            self.aws_quota
                .as_ref()
                .map(|it| Some(BudgetConfig::AwsQuota(aws_quota(it)))),
        );
        kinds.extend(self.success_funded.as_ref().map(|it| {
            Some(BudgetConfig::SuccessFunded(SuccessFunded {
                per_success: thousandths(&it.per_success, found)?,
                capacity: it.capacity.get(),
                initial: it.initial.map_or(it.capacity.get(), Count::get),
            }))
        }));
        kinds.extend(self.token_bucket.as_ref().map(|it| {
            Some(BudgetConfig::TokenBucket(TokenBucket {
                per_call: it.ratio.get(),
                burst: it.burst.get(),
            }))
        }));
        kinds
    }
}

/// The window must be one that these libraries take.
fn token_ratio(file: &TokenRatioFile, found: &mut Diagnostics) -> Option<BudgetConfig> {
    let ttl = file.ttl.value;
    if ttl < SimDuration::from_secs(1) || ttl > SimDuration::from_secs(60) {
        let message = format!(
            "`{}` is {ttl}, but it must be from 1s to 60s, as in Finagle and tower",
            file.ttl.path
        );
        found.error("bad-value", file.ttl.span, message);
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
fn thousandths(at: &At<Factor>, found: &mut Diagnostics) -> Option<f64> {
    let tokens = at.value.get();
    if (0.001..=1000.0).contains(&tokens) {
        return Some(tokens);
    }
    let message = format!(
        "`{}` is {tokens}, but it must be from 0.001 to 1000",
        at.path
    );
    found.error("bad-value", at.span, message);
    None
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

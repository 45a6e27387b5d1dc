//! Budgets: how many passes beyond the first a caller may add when much fails at once.
//!
//! A retry helps one call and costs all others. While few calls fail nobody notices; when all fail
//! the same rule triples the load on a callee that is down. A budget is the answer of the proxies
//! and RPC libraries: retries may be a share of the traffic, not a multiple of it.
//!
//! The rule: before each further pass (a retry, a hedge) the layer asks; what is granted is settled
//! when that pass has ended, and what is refused lets the failure out as it is. First passes are
//! never refused. One budget may serve several layers of a process.
//!
//! Where two of these are nested, each tells the budget of its own passes, so that a call pays in
//! twice and is under way twice. The budgets of Finagle and tower are such objects too: every filter
//! that holds one deposits for each request that enters it, and knows of no other filter.
//!
//! One file for each kind, each a pure state machine with an explicit `now`:
//! - [`ConcurrentMax`], [`ConcurrentRatio`]: so many retries at once (Envoy);
//! - [`RetryRate`]: a share of all that is under way (failsafe-go);
//! - [`TokenRatio`]: every call pays in, every retry draws out, all of it expires (Finagle, tower,
//!   Linkerd);
//! - [`TokenBucket`]: every call pays in, every retry draws out, and what is saved stays;
//! - [`GrpcTokens`]: failures cost, successes earn, below half full there are no retries (gRPC);
//! - [`AwsQuota`]: retries cost by their kind, success refunds (AWS SDK);
//! - [`SuccessFunded`]: only success earns.
//!
//! Rejected: one budget with an option for each library (they count different things at different
//! moments), and a budget for each called instance: it is asked before the next instance is chosen,
//! and no library has one.

mod aws_quota;
mod concurrent_max;
mod concurrent_ratio;
mod grant;
mod grpc_tokens;
mod milli;
mod retry_rate;
mod success_funded;
#[cfg(test)]
mod tests;
mod token_bucket;
mod token_ratio;

pub use aws_quota::AwsQuota;
pub use concurrent_max::ConcurrentMax;
pub use concurrent_ratio::ConcurrentRatio;
pub use grant::{Extra, Grant, PassResult};
pub use grpc_tokens::GrpcTokens;
pub use retry_rate::RetryRate;
pub use success_funded::SuccessFunded;
pub use token_bucket::TokenBucket;
pub use token_ratio::{Deposits, SlotRule, TokenRatio};

use crate::time::SimTime;
use milli::{MILLI, take_one};
use token_ratio::Slots;

/// A budget: one arm per kind.
#[derive(Clone, Debug, PartialEq)]
pub enum BudgetConfig {
    /// So many retries at once.
    ConcurrentMax(ConcurrentMax),
    /// Retries at once as a share of the passes under way.
    ConcurrentRatio(ConcurrentRatio),
    /// Retries at once as a share of all executions.
    RetryRate(RetryRate),
    /// Calls pay in, retries draw out, all of it expires.
    TokenRatio(TokenRatio),
    /// Failures cost, successes earn.
    GrpcTokens(GrpcTokens),
    /// Retries cost by their kind, success refunds.
    AwsQuota(AwsQuota),
    /// Only success earns.
    SuccessFunded(SuccessFunded),
    /// Calls pay in, retries draw out, up to a burst.
    TokenBucket(TokenBucket),
}

impl BudgetConfig {
    /// The name in scenarios and reports, such as `token_ratio`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ConcurrentMax(_) => "concurrent_max",
            Self::ConcurrentRatio(_) => "concurrent_ratio",
            Self::RetryRate(_) => "retry_rate",
            Self::TokenRatio(_) => "token_ratio",
            Self::GrpcTokens(_) => "grpc_tokens",
            Self::AwsQuota(_) => "aws_quota",
            Self::SuccessFunded(_) => "success_funded",
            Self::TokenBucket(_) => "token_bucket",
        }
    }
}

/// What a budget knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Calls in the layers that it serves, waiting ones included \[count\].
    calls: u32,
    /// Passes under way: sent, or waiting inside for a permit \[count\].
    active: u32,
    /// Grants not yet settled, those that wait in a backoff included \[count\].
    extra: u32,
    funds: Funds,
}

/// What the kinds that save something have.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Funds {
    /// Nothing.
    None,
    /// Deposits and withdrawals of the last while.
    Slots(Box<Slots>),
    /// Tokens; thousandths for the kinds that count in fractions.
    Tokens(i64),
}

impl Budget {
    /// A budget in which nothing has happened.
    pub fn new(now: SimTime, config: &BudgetConfig) -> Self {
        let funds = match config {
            BudgetConfig::ConcurrentMax(_)
            | BudgetConfig::ConcurrentRatio(_)
            | BudgetConfig::RetryRate(_) => Funds::None,
            BudgetConfig::TokenRatio(_) => Funds::Slots(Box::new(Slots::new(now))),
            BudgetConfig::GrpcTokens(it) => Funds::Tokens(it.full()),
            BudgetConfig::AwsQuota(it) => Funds::Tokens(it.capacity.into()),
            BudgetConfig::SuccessFunded(it) => Funds::Tokens(it.initial()),
            BudgetConfig::TokenBucket(it) => Funds::Tokens(it.full()),
        };
        Self {
            calls: 0,
            active: 0,
            extra: 0,
            funds,
        }
    }

    /// A call enters a layer with its first pass.
    pub fn call_started(&mut self, now: SimTime, config: &BudgetConfig) {
        self.calls += 1;
        self.active += 1;
        match (config, &mut self.funds) {
            (BudgetConfig::TokenRatio(it), Funds::Slots(slots))
                if it.deposits == Deposits::Calls =>
            {
                slots.put(now, it, it.deposit());
            }
            (BudgetConfig::TokenBucket(it), Funds::Tokens(tokens)) => it.deposit(tokens),
            (_, _) => {}
        }
    }

    /// A further pass begins, which was granted before.
    pub fn pass_started(&mut self) {
        self.active += 1;
    }

    /// May another pass be added? `None`: no.
    pub fn ask(&mut self, now: SimTime, config: &BudgetConfig, extra: Extra) -> Option<Grant> {
        let granted = match (config, &mut self.funds) {
            (BudgetConfig::ConcurrentMax(it), _) => it.allows(self.extra).then_some(Grant::ONE),
            (BudgetConfig::ConcurrentRatio(it), _) => {
                let active = self.active_beside(extra);
                it.allows(self.extra, active).then_some(Grant::ONE)
            }
            (BudgetConfig::RetryRate(it), _) => it
                .allows(self.extra, self.calls + self.extra)
                .then_some(Grant::ONE),
            (BudgetConfig::TokenRatio(it), Funds::Slots(slots)) => {
                slots.take(now, it).then_some(Grant::ONE)
            }
            (BudgetConfig::GrpcTokens(it), Funds::Tokens(tokens)) => {
                it.allows(*tokens).then_some(Grant::ONE)
            }
            (BudgetConfig::AwsQuota(it), Funds::Tokens(tokens)) => it.take(tokens, extra),
            (
                BudgetConfig::SuccessFunded(_) | BudgetConfig::TokenBucket(_),
                Funds::Tokens(tokens),
            ) => take_one(tokens).then_some(Grant::ONE),
            (
                BudgetConfig::TokenRatio(_)
                | BudgetConfig::GrpcTokens(_)
                | BudgetConfig::AwsQuota(_)
                | BudgetConfig::SuccessFunded(_)
                | BudgetConfig::TokenBucket(_),
                _,
            ) => unreachable!("a budget keeps its kind"),
        };
        self.extra += u32::from(granted.is_some());
        granted
    }

    /// Passes under way when this is asked for. A pass that has just failed is still among them: its
    /// callee has answered, but it has not left yet.
    fn active_beside(&self, extra: Extra) -> u32 {
        match extra {
            Extra::Retry(_) => self.active + 1,
            Extra::Hedge => self.active,
        }
    }

    /// Right after a grant: whether it was the floor that allowed it, and not the share (`min`,
    /// `min_concurrent`, `min_per_second`).
    pub fn floor_granted(&self, config: &BudgetConfig, extra: Extra) -> bool {
        let before = self.extra.saturating_sub(1);
        match (config, &self.funds) {
            (BudgetConfig::ConcurrentRatio(it), _) => {
                !it.share_allows(before, self.active_beside(extra))
            }
            (BudgetConfig::RetryRate(it), _) => !it.rate_allows(before, self.calls + before),
            (BudgetConfig::TokenRatio(_), Funds::Slots(slots)) => slots.draws_on_reserve(),
            (
                BudgetConfig::ConcurrentMax(_)
                | BudgetConfig::TokenRatio(_)
                | BudgetConfig::GrpcTokens(_)
                | BudgetConfig::AwsQuota(_)
                | BudgetConfig::SuccessFunded(_)
                | BudgetConfig::TokenBucket(_),
                _,
            ) => false,
        }
    }

    /// A pass has ended; `grant` is what it was granted, unless it was the first.
    pub fn settle(
        &mut self,
        now: SimTime,
        config: &BudgetConfig,
        verdict: PassResult,
        grant: Option<Grant>,
    ) {
        self.active -= 1;
        self.extra -= u32::from(grant.is_some());
        match (config, &mut self.funds) {
            (BudgetConfig::GrpcTokens(it), Funds::Tokens(tokens)) => it.settle(tokens, verdict),
            (BudgetConfig::SuccessFunded(it), Funds::Tokens(tokens)) => {
                it.settle(tokens, verdict);
            }
            (BudgetConfig::TokenRatio(it), Funds::Slots(slots))
                if it.deposits == Deposits::Successes && verdict == PassResult::Success =>
            {
                slots.put(now, it, it.deposit());
            }
            (
                BudgetConfig::ConcurrentMax(_)
                | BudgetConfig::ConcurrentRatio(_)
                | BudgetConfig::RetryRate(_)
                | BudgetConfig::TokenRatio(_)
                | BudgetConfig::GrpcTokens(_)
                | BudgetConfig::AwsQuota(_)
                | BudgetConfig::SuccessFunded(_)
                | BudgetConfig::TokenBucket(_),
                _,
            ) => {}
        }
    }

    /// A pass that was granted will not be made: its call was given up while it waited.
    pub fn give_back(&mut self, _unused: Grant) {
        self.extra -= 1;
    }

    /// A call leaves the layer; `last` is the last grant it had.
    pub fn call_ended(&mut self, config: &BudgetConfig, useful: bool, last: Option<Grant>) {
        self.calls -= 1;
        if let (BudgetConfig::AwsQuota(it), Funds::Tokens(tokens)) = (config, &mut self.funds)
            && useful
        {
            it.refund(tokens, last);
        }
    }

    /// What is left: free places (`concurrent_max`, `concurrent_ratio`, `retry_rate`), retries that
    /// the savings pay for (`token_ratio`, `success_funded`, `token_bucket`), whole tokens (`grpc_tokens`,
    /// `aws_quota`) \[count\].
    pub fn left(&self, config: &BudgetConfig) -> u32 {
        let left = match (config, &self.funds) {
            (BudgetConfig::ConcurrentMax(it), _) => i64::from(it.max) - i64::from(self.extra),
            (BudgetConfig::ConcurrentRatio(it), _) => it.free(self.extra, self.active),
            (BudgetConfig::RetryRate(it), _) => it.free(self.extra, self.calls + self.extra),
            (BudgetConfig::TokenRatio(it), Funds::Slots(slots)) => slots.left(it),
            (BudgetConfig::AwsQuota(_), Funds::Tokens(tokens)) => *tokens,
            (
                BudgetConfig::GrpcTokens(_)
                | BudgetConfig::SuccessFunded(_)
                | BudgetConfig::TokenBucket(_),
                Funds::Tokens(milli),
            ) => *milli / MILLI,
            (
                BudgetConfig::TokenRatio(_)
                | BudgetConfig::GrpcTokens(_)
                | BudgetConfig::AwsQuota(_)
                | BudgetConfig::SuccessFunded(_)
                | BudgetConfig::TokenBucket(_),
                _,
            ) => unreachable!("a budget keeps its kind"),
        };
        u32::try_from(left.max(0)).unwrap_or(u32::MAX)
    }

    /// Grants not yet settled \[count\].
    pub const fn unsettled(&self) -> u32 {
        self.extra
    }

    /// Passes under way \[count\].
    pub const fn active(&self) -> u32 {
        self.active
    }
}

//! `budgets`: how many tries beyond the first callers may add.

use super::like::BudgetLike;
use crate::scenario::read::{
    At, FileType, Reader, choices, field_presence, field_read, field_type, file_map,
};
use crate::scenario::shape::Shape;
use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::{Count, Name};
use crate::time::SimDuration;
use crate::units::{Factor, Probability};

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

//! The budgets of libraries and proxies: how many tries beyond the first they let callers add.

use super::fill::{named, put};
use super::table::{Preset, Row, row};
use crate::scenario::tree::Node;

/// All budgets, by name.
pub(in crate::scenario) const BUDGETS: &[Preset] = &[
    Preset {
        name: "envoy",
        version: "Envoy, max_retries of a cluster's circuit_breakers",
        rows: ENVOY,
    },
    Preset {
        name: "envoy-retry-budget",
        version: "Envoy, retry_budget of a cluster's circuit_breakers",
        rows: ENVOY_RETRY_BUDGET,
    },
    Preset {
        name: "finagle",
        version: "Finagle, RetryBudget",
        rows: FINAGLE,
    },
    Preset {
        name: "tower",
        version: "tower 0.5.3, TpsBudget",
        rows: TOWER,
    },
    Preset {
        name: "linkerd",
        version: "Linkerd, retryBudget of a ServiceProfile",
        rows: LINKERD,
    },
    Preset {
        name: "grpc",
        version: "gRPC, retryThrottling of a service config",
        rows: GRPC,
    },
    Preset {
        name: "aws",
        version: "AWS SDK, standard mode (botocore 1.44)",
        rows: AWS,
    },
    Preset {
        name: "aws-legacy",
        version: "AWS SDK, standard mode (botocore before 1.44)",
        rows: AWS_LEGACY,
    },
    Preset {
        name: "failsafe-go",
        version: "failsafe-go, budget",
        rows: FAILSAFE_GO,
    },
];

const ENVOY: &[Row] = &[row(
    "concurrent_max.max",
    "3",
    "max_retries 3, those in backoff too: config/cluster/v3/circuit_breaker.proto",
)];

const ENVOY_RETRY_BUDGET: &[Row] = &[
    row(
        "concurrent_ratio.ratio",
        "20%",
        "budget_percent 20: config/cluster/v3/circuit_breaker.proto",
    ),
    row(
        "concurrent_ratio.min",
        "3",
        "min_retry_concurrency 3: config/cluster/v3/circuit_breaker.proto",
    ),
];

const FINAGLE: &[Row] = &[
    row(
        "token_ratio.ratio",
        "20%",
        "DefaultPercentCanRetry 0.2: service/RetryBudget.scala",
    ),
    row(
        "token_ratio.min_per_second",
        "10",
        "DefaultMinRetriesPerSec 10: service/RetryBudget.scala",
    ),
    row(
        "token_ratio.ttl",
        "10s",
        "DefaultTtl 10 s: service/RetryBudget.scala",
    ),
    row(
        "token_ratio.slots",
        "finagle",
        "a leaky token bucket: service/RetryBudget.scala",
    ),
];

const TOWER: &[Row] = &[
    row(
        "token_ratio.ratio",
        "20%",
        "TpsBudget::default, 0.2: retry/budget/tps_budget.rs",
    ),
    row(
        "token_ratio.min_per_second",
        "10",
        "TpsBudget::default, 10: retry/budget/tps_budget.rs",
    ),
    row(
        "token_ratio.ttl",
        "10s",
        "TpsBudget::default, 10 s: retry/budget/tps_budget.rs",
    ),
    row(
        "token_ratio.slots",
        "tower",
        "ten slots, withdrawals expire too: retry/budget/tps_budget.rs",
    ),
    row(
        "token_ratio.deposits",
        "calls",
        "the policy calls `deposit`: with every call, or with `successes` as in the example of retry/policy.rs",
    ),
];

const LINKERD: &[Row] = &[
    row(
        "token_ratio.ratio",
        "20%",
        "retryRatio 0.2: reference/service-profiles",
    ),
    row(
        "token_ratio.min_per_second",
        "10",
        "minRetriesPerSecond 10: reference/service-profiles",
    ),
    row(
        "token_ratio.ttl",
        "10s",
        "ttl 10 s: reference/service-profiles",
    ),
    row(
        "token_ratio.slots",
        "tower",
        "the proxy's budget is tower's: linkerd/app/outbound/src/http/retry.rs",
    ),
];

const GRPC: &[Row] = &[
    row(
        "grpc_tokens.max_tokens",
        "10",
        "maxTokens, which has no default; 10 in the example of gRFC A6",
    ),
    row(
        "grpc_tokens.token_ratio",
        "0.1",
        "tokenRatio, which has no default; 0.1 in the example of gRFC A6",
    ),
];

const AWS: &[Row] = &[
    row(
        "aws_quota.prices",
        "current",
        "a retry costs 14, after throttling 5: retries/standard.py",
    ),
    row(
        "aws_quota.capacity",
        "500",
        "500 tokens for each client: retries/standard.py",
    ),
    row(
        "aws_quota.clean_success",
        "1",
        "a success at once gives 1 back: retries/quota.py",
    ),
];

const AWS_LEGACY: &[Row] = &[
    row(
        "aws_quota.prices",
        "legacy",
        "a retry costs 5, after a timeout 10: retries/standard.py",
    ),
    row(
        "aws_quota.capacity",
        "500",
        "500 tokens for each client: retries/standard.py",
    ),
    row(
        "aws_quota.clean_success",
        "1",
        "a success at once gives 1 back: retries/quota.py",
    ),
];

const FAILSAFE_GO: &[Row] = &[
    row(
        "retry_rate.max_rate",
        "20%",
        "WithMaxRate 0.2: budget/budget.go",
    ),
    row(
        "retry_rate.min_concurrent",
        "3",
        "WithMinConcurrency 3: budget/budget.go",
    ),
];

/// Kinds of budgets: to name one is to leave that of the preset.
const KINDS_OF_BUDGET: [&str; 8] = [
    "concurrent_max",
    "concurrent_ratio",
    "retry_rate",
    "token_ratio",
    "grpc_tokens",
    "aws_quota",
    "success_funded",
    "token_bucket",
];

/// A budget is of one kind: to name another is to leave the preset's.
pub(super) fn apply_budget(budget: &mut Node) {
    if budget.get("like").is_none() {
        return;
    }
    let preset = named(budget, BUDGETS).map_or(&BUDGETS[0], |(preset, _)| preset);
    let mut own = KINDS_OF_BUDGET.into_iter();
    let own = own.find(|kind| budget.get(kind).is_some());
    for row in preset.rows {
        let kind = row.key.split('.').next();
        if own.is_none() || own == kind {
            put(budget, row);
        }
    }
}

//! The hedges of libraries.

use super::table::{Preset, Row, row};

/// All hedges, by name.
pub(in crate::scenario) const HEDGES: &[Preset] = &[
    Preset {
        name: "polly",
        version: "Polly 8 (Polly.Core)",
        rows: POLLY,
    },
    Preset {
        name: "grpc",
        version: "gRPC, hedgingPolicy of a service config",
        rows: GRPC,
    },
    Preset {
        name: "envoy",
        version: "Envoy 1.40, hedge_policy of a route with hedge_on_per_try_timeout, without the backoff of its retries",
        rows: ENVOY,
    },
];

const POLLY: &[Row] = &[
    row(
        "delay",
        "2s",
        "Delay 2 s: Hedging/HedgingStrategyOptions.cs",
    ),
    row(
        "max_hedges",
        "1",
        "MaxHedgedAttempts 1, 10 at most: Hedging/HedgingStrategyOptions.cs",
    ),
    row(
        "on",
        "failed",
        "ShouldHandle: every exception but OperationCanceledException",
    ),
    row(
        "on_failure",
        "at_once",
        "a handled failure begins the next: Hedging/Controller/HedgingExecutionContext.cs",
    ),
    row(
        "losers",
        "await",
        "they are cancelled, then awaited: Hedging/Controller/HedgingExecutionContext.cs",
    ),
    row(
        "other_instance",
        "false",
        "the same callback again: ActionGenerator, Hedging/HedgingStrategyOptions.cs",
    ),
];

const ENVOY: &[Row] = &[
    row(
        "delay",
        "15s",
        "per_try_timeout, without one the timeout of the route, 15 s: the try that took too long goes on: source/common/router/router.cc",
    ),
    row(
        "max_hedges",
        "1",
        "num_retries 1: each hedge is a retry: source/common/router/retry_state_impl.cc",
    ),
    row(
        "on",
        "[error.unavailable, error.refused, error.reset, error.internal, error.dependency, timeout, rejected]",
        "retry_on 5xx, reset, connect-failure; another answer goes out: source/common/router/retry_state_impl.cc",
    ),
    row(
        "on_failure",
        "at_once",
        "a failure that may be retried is retried: source/common/router/router.cc",
    ),
    row(
        "losers",
        "cancel",
        "the first good answer resets the others: source/common/router/router.cc",
    ),
    row(
        "other_instance",
        "false",
        "the balancer picks for each try: source/common/router/router.cc",
    ),
    row(
        "budget",
        "{ like: envoy }",
        "a hedge counts towards max_retries, 3: config/cluster/v3/circuit_breaker.proto",
    ),
];

const GRPC: &[Row] = &[
    row(
        "max_hedges",
        "3",
        "maxAttempts, which has no default; 4 in the example of gRFC A6, 5 at most",
    ),
    row(
        "on",
        "[error.unavailable, error.internal]",
        "nonFatalStatusCodes in the example of gRFC A6; by default every failure is fatal",
    ),
    row(
        "on_failure",
        "at_once",
        "a non-fatal status sends the next immediately: gRFC A6",
    ),
    row(
        "losers",
        "cancel",
        "a good answer cancels the others: gRFC A6",
    ),
    row(
        "other_instance",
        "false",
        "the balancer picks for each attempt: gRFC A6",
    ),
];

//! The hedges of libraries.

use super::{Preset, Row, row};

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

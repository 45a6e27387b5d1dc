//! The timeouts of libraries.

use super::table::{Preset, Row, row};

/// All timeouts, by name.
pub(in crate::scenario) const TIMEOUTS: &[Preset] = &[
    Preset {
        name: "resilience4j",
        version: "resilience4j 2.4.0, TimeLimiter",
        rows: RESILIENCE4J,
    },
    Preset {
        name: "polly",
        version: "Polly 8 (Polly.Core)",
        rows: POLLY,
    },
    Preset {
        name: "polly-standard",
        version: "Microsoft.Extensions.Http.Resilience at 5862342, AttemptTimeout of the standard pipeline",
        rows: POLLY_STANDARD,
    },
    Preset {
        name: "hystrix",
        version: "Netflix Hystrix 1.5",
        rows: HYSTRIX,
    },
    Preset {
        name: "opossum",
        version: "opossum 9.0.0",
        rows: OPOSSUM,
    },
    Preset {
        name: "envoy",
        version: "Envoy 1.40, timeout of a route",
        rows: ENVOY,
    },
    Preset {
        name: "aws",
        version: "AWS SDK (botocore 1.44), of each attempt",
        rows: AWS,
    },
];

const RESILIENCE4J: &[Row] = &[
    row("after", "1s", "timeoutDuration 1 s: TimeLimiterConfig.java"),
    row(
        "on_expiry",
        "detach",
        "cancelRunningFuture cancels the future, the work goes on: TimeLimiterConfig.java",
    ),
];

const POLLY: &[Row] = &[
    row(
        "after",
        "30s",
        "Timeout 30 s: Timeout/TimeoutStrategyOptions.cs",
    ),
    row(
        "on_expiry",
        "cancel",
        "the cancellation token, which the work is to honour: Timeout/TimeoutResilienceStrategy.cs",
    ),
];

const POLLY_STANDARD: &[Row] = &[
    row(
        "after",
        "10s",
        "AttemptTimeout 10 s: HttpStandardResilienceOptions.cs",
    ),
    row(
        "on_expiry",
        "cancel",
        "the cancellation token ends the request: Timeout/TimeoutResilienceStrategy.cs",
    ),
];

const HYSTRIX: &[Row] = &[
    row(
        "after",
        "1s",
        "execution.isolation.thread.timeoutInMilliseconds 1000: HystrixCommandProperties.java",
    ),
    row(
        "on_expiry",
        "detach",
        "the thread is interrupted, and keeps its place in the pool until its work has ended: HystrixContextScheduler.java",
    ),
];

const AWS: &[Row] = &[row(
    "after",
    "60s",
    "read_timeout 60, and as much for connecting, which counts by itself there: botocore/config.py",
)];

const OPOSSUM: &[Row] = &[
    row("after", "10s", "timeout 10000: lib/circuit.js"),
    row(
        "on_expiry",
        "detach",
        "the promise of the call goes on: lib/circuit.js",
    ),
];

const ENVOY: &[Row] = &[row(
    "after",
    "15s",
    "timeout 15 s, all tries together: config/route/v3/route_components.proto",
)];

//! The pipelines of libraries: their layers in the default order, outermost first.

use super::table::{Preset, Row, row};

/// All pipelines, by name; the key of a row is the kind of its layer.
pub(in crate::scenario) const PIPELINES: &[Preset] = &[
    Preset {
        name: "resilience4j",
        version: "resilience4j 2.4.0, order of the Spring aspects",
        rows: RESILIENCE4J,
    },
    Preset {
        name: "polly-standard",
        version: "Microsoft.Extensions.Http.Resilience at 5862342, AddStandardResilienceHandler",
        rows: POLLY_STANDARD,
    },
    Preset {
        name: "dapr",
        version: "Dapr at d845074, service invocation with a retry and a breaker",
        rows: DAPR,
    },
    Preset {
        name: "pybreaker",
        version: "pybreaker 1.4.1",
        rows: PYBREAKER,
    },
    Preset {
        name: "envoy",
        version: "Envoy 1.40, a route with a retry_policy to a cluster over HTTP/1",
        rows: ENVOY,
    },
    Preset {
        name: "istio",
        version: "Istio 1.24, the mesh without rules: no timeout, no limits",
        rows: ISTIO,
    },
    Preset {
        name: "opossum",
        version: "opossum 9.0.0, without `capacity`",
        rows: OPOSSUM,
    },
    Preset {
        name: "grpc",
        version: "gRPC, a service config with a retryPolicy: no deadline, no retryThrottling",
        rows: GRPC,
    },
    Preset {
        name: "aws",
        version: "AWS SDK, standard mode (botocore 1.44)",
        rows: AWS,
    },
];

const RESILIENCE4J: &[Row] = &[
    row(
        "retry",
        "{ like: resilience4j }",
        "outermost: RetryConfigurationProperties, retryAspectOrder",
    ),
    row(
        "circuit_breaker",
        "{ like: resilience4j }",
        "every attempt is a sample: circuitBreakerAspectOrder",
    ),
    row(
        "timeout",
        "{ like: resilience4j }",
        "TimeLimiter: timeLimiterAspectOrder",
    ),
    row(
        "bulkhead",
        "{ like: resilience4j }",
        "innermost: bulkheadAspectOrder",
    ),
];

const POLLY_STANDARD: &[Row] = &[
    row(
        "bulkhead",
        "{ like: polly }",
        "RateLimiter, a concurrency limiter: HttpStandardResilienceOptions.cs",
    ),
    row(
        "timeout",
        "{ like: polly }",
        "TotalRequestTimeout 30 s: HttpTimeoutStrategyOptions.cs",
    ),
    row(
        "retry",
        "{ like: polly-standard }",
        "Retry: HttpRetryStrategyOptions.cs",
    ),
    row(
        "circuit_breaker",
        "{ like: polly-standard }",
        "CircuitBreaker: HttpCircuitBreakerStrategyOptions.cs",
    ),
    row(
        "timeout",
        "{ like: polly-standard }",
        "AttemptTimeout 10 s: HttpStandardResilienceOptions.cs",
    ),
];

const DAPR: &[Row] = &[
    row(
        "retry",
        "{ like: dapr }",
        "Retry(CircuitBreaker(Timeout)): pkg/resiliency/policy.go",
    ),
    row(
        "circuit_breaker",
        "{ like: dapr }",
        "Retry(CircuitBreaker(Timeout)): pkg/resiliency/policy.go",
    ),
];

const ENVOY: &[Row] = &[
    row(
        "timeout",
        "{ like: envoy }",
        "timeout of the route, all tries together: config/route/v3/route_components.proto",
    ),
    row(
        "retry",
        "{ like: envoy }",
        "the router, with max_retries of the cluster: source/common/router/router.cc",
    ),
    row(
        "bulkhead",
        "{ like: envoy }",
        "max_connections and max_pending_requests of the cluster: config/cluster/v3/circuit_breaker.proto",
    ),
];

const ISTIO: &[Row] = &[row(
    "retry",
    "{ like: istio }",
    "DefaultPolicy: pilot/pkg/networking/core/route/retry/retry.go",
)];

const OPOSSUM: &[Row] = &[
    row(
        "circuit_breaker",
        "{ like: opossum }",
        "fire() asks the state first: lib/circuit.js",
    ),
    row(
        "timeout",
        "{ like: opossum }",
        "a timeout is a failure of the circuit: lib/circuit.js",
    ),
];

const GRPC: &[Row] = &[row(
    "retry",
    "{ like: grpc }",
    "the channel's retries, inside the deadline if there is one: proposal A6",
)];

const AWS: &[Row] = &[
    row(
        "retry",
        "{ like: aws }",
        "standard mode, with its quota: retries/standard.py",
    ),
    row(
        "timeout",
        "{ like: aws }",
        "read_timeout of each attempt: botocore/config.py",
    ),
];

const PYBREAKER: &[Row] = &[
    row(
        "bulkhead",
        "{ max_concurrent: 1, max_waiting: unlimited }",
        "a lock is held for the whole call: pybreaker/__init__.py",
    ),
    row(
        "circuit_breaker",
        "{ like: pybreaker }",
        "CircuitBreaker.call: pybreaker/__init__.py",
    ),
];

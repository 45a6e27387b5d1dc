//! The pipelines of libraries: their layers in the default order, outermost first.

use super::{Preset, Row, row};

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

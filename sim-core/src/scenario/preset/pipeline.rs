//! The pipelines of libraries: their layers in the default order, outermost first.

use super::{Preset, Row, row};

/// All pipelines, by name; the key of a row is the kind of its layer.
pub(super) const PIPELINES: &[Preset] = &[
    Preset {
        name: "resilience4j",
        version: "resilience4j 2.4.0, order of the Spring aspects",
        rows: RESILIENCE4J,
    },
    Preset {
        name: "polly-standard",
        version: "Microsoft.Extensions.Http.Resilience, AddStandardResilienceHandler",
        rows: POLLY_STANDARD,
    },
    Preset {
        name: "dapr",
        version: "Dapr, service invocation with a retry and a breaker",
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
        "{ after: 1s, on_expiry: detach }",
        "TimeLimiter, timeoutDuration 1 s; the work goes on: TimeLimiterConfig.java",
    ),
    row(
        "bulkhead",
        "{ max_concurrent: 25 }",
        "SemaphoreBulkhead, maxConcurrentCalls 25, maxWaitDuration 0: BulkheadConfig.java",
    ),
];

const POLLY_STANDARD: &[Row] = &[
    row(
        "bulkhead",
        "{ max_concurrent: 1000 }",
        "RateLimiter, a concurrency limiter of 1000 without a queue: HttpStandardResilienceOptions.cs",
    ),
    row(
        "timeout",
        "30s",
        "TotalRequestTimeout 30 s: HttpTimeoutStrategyOptions.cs",
    ),
    row(
        "retry",
        "{ like: polly-standard }",
        "Retry: HttpRetryStrategyOptions.cs",
    ),
    row(
        "circuit_breaker",
        "{ like: polly }",
        "CircuitBreaker: HttpCircuitBreakerStrategyOptions.cs",
    ),
    row(
        "timeout",
        "10s",
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

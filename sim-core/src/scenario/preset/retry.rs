//! The retries of libraries: for each, a table of settings and where they are documented.

use super::{Preset, Row, row};

/// All retries, by name.
pub(in crate::scenario) const RETRIES: &[Preset] = &[
    Preset {
        name: "resilience4j",
        version: "resilience4j 2.4.0",
        rows: RESILIENCE4J,
    },
    Preset {
        name: "polly",
        version: "Polly 8 (Polly.Core)",
        rows: POLLY,
    },
    Preset {
        name: "polly-standard",
        version: "Microsoft.Extensions.Http.Resilience, standard pipeline",
        rows: POLLY_STANDARD,
    },
    Preset {
        name: "dapr",
        version: "Dapr, constant policy",
        rows: DAPR,
    },
    Preset {
        name: "cockatiel",
        version: "cockatiel 3.2.1, ExponentialBackoff",
        rows: COCKATIEL,
    },
    Preset {
        name: "spring-retry",
        version: "Spring Retry, SimpleRetryPolicy",
        rows: SPRING_RETRY,
    },
    Preset {
        name: "envoy",
        version: "Envoy, retry policy of a route",
        rows: ENVOY,
    },
];

const RESILIENCE4J: &[Row] = &[
    row(
        "max_attempts",
        "3",
        "maxAttempts 3, the first included: RetryConfig.java",
    ),
    row(
        "backoff",
        "{ constant: 500ms }",
        "waitDuration 500 ms: core/IntervalFunction.java",
    ),
    row(
        "jitter",
        "none",
        "IntervalFunction.of: core/IntervalFunction.java",
    ),
    row(
        "whole_milliseconds",
        "true",
        "intervals are milliseconds: core/IntervalFunction.java",
    ),
    row(
        "on",
        "failed",
        "every exception, CallNotPermitted and BulkheadFull too: retry/internal/RetryImpl.java",
    ),
];

const POLLY: &[Row] = &[
    row(
        "max_retries",
        "3",
        "MaxRetryAttempts 3, the first not included: Retry/RetryConstants.cs",
    ),
    row(
        "backoff",
        "{ constant: 2s }",
        "BackoffType Constant, Delay 2 s: Retry/RetryConstants.cs",
    ),
    row(
        "jitter",
        "none",
        "UseJitter false: Retry/RetryStrategyOptions.TResult.cs",
    ),
    row(
        "on",
        "failed",
        "every exception but OperationCanceledException: Retry/RetryStrategyOptions.TResult.cs",
    ),
];

const POLLY_STANDARD: &[Row] = &[
    row(
        "max_retries",
        "3",
        "MaxRetryAttempts 3: Polly/HttpRetryStrategyOptions.cs",
    ),
    row(
        "backoff",
        "{ exponential: { initial: 2s } }",
        "BackoffType Exponential, Delay 2 s: Polly/HttpRetryStrategyOptions.cs",
    ),
    row("jitter", "polly_v2", "UseJitter true: Retry/RetryHelper.cs"),
    row(
        "on",
        "[error, timeout, rejected]",
        "500 and above, 408, 429, HttpRequestException, TimeoutRejectedException, not BrokenCircuitException: HttpClientResiliencePredicates.cs",
    ),
    row(
        "not_on",
        "error.invalid",
        "other 4xx are not transient: HttpClientResiliencePredicates.cs",
    ),
    row(
        "retry_after",
        "replace",
        "ShouldRetryAfterHeader true: Polly/HttpRetryStrategyOptions.cs",
    ),
];

const DAPR: &[Row] = &[
    row(
        "max_retries",
        "unlimited",
        "maxRetries -1: dapr/kit retry/retry.go",
    ),
    row(
        "backoff",
        "{ constant: 5s }",
        "policy constant, duration 5 s: dapr/kit retry/retry.go",
    ),
    row(
        "jitter",
        "none",
        "backoff.ConstantBackOff: dapr/kit retry/retry.go",
    ),
    row(
        "on",
        "failed",
        "every error, unless `matching` names codes: pkg/resiliency/policy.go",
    ),
    row(
        "not_on",
        "stopped.breaker_open",
        "an open breaker is a permanent error: pkg/resiliency/policy.go",
    ),
];

const COCKATIEL: &[Row] = &[
    row(
        "max_retries",
        "unlimited",
        "maxAttempts has no default: RetryPolicy.js",
    ),
    row(
        "backoff",
        "{ exponential: { initial: 128ms, max: 30s } }",
        "initialDelay 128, maxDelay 30000: backoff/ExponentialBackoff.js",
    ),
    row(
        "jitter",
        "cockatiel",
        "decorrelatedJitterGenerator, which grows by exponent 2: backoff/ExponentialBackoffGenerators.js",
    ),
    row("on", "failed", "handleAll"),
];

const SPRING_RETRY: &[Row] = &[
    row(
        "max_attempts",
        "3",
        "maxAttempts 3, the first included: policy/SimpleRetryPolicy.java",
    ),
    row(
        "backoff",
        "{ constant: 1s }",
        "1000 ms: backoff/FixedBackOffPolicy.java",
    ),
    row("jitter", "none", "backoff/FixedBackOffPolicy.java"),
    row(
        "on",
        "failed",
        "every exception: policy/SimpleRetryPolicy.java",
    ),
];

const ENVOY: &[Row] = &[
    row(
        "max_retries",
        "1",
        "num_retries 1: source/common/router/retry_state_impl.cc",
    ),
    row(
        "backoff",
        "{ exponential: { initial: 25ms, max: 250ms } }",
        "25 ms, at most ten times as much: source/common/router/retry_state_impl.cc",
    ),
    row(
        "jitter",
        "full",
        "JitteredExponentialBackOffStrategy: common/backoff_strategy.cc",
    ),
    row(
        "not_on",
        "stopped",
        "an overflow is never retried: source/common/router/retry_state_impl.cc",
    ),
];

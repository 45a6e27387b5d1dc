//! Retries that a program calls around what it does.

use super::follow::{first_of_linear, is_exponential, is_linear};
use crate::scenario::preset::table::{Row, row, sometimes, when};

pub(super) const RESILIENCE4J: &[Row] = &[
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
    when(
        row(
            "backoff.exponential.initial",
            "500ms",
            "beside `backoff: exponential`, ofExponentialBackoff: core/IntervalFunction.java",
        ),
        is_exponential,
    ),
    when(
        row(
            "backoff.exponential.factor",
            "1.5",
            "beside `backoff: exponential`, DEFAULT_MULTIPLIER: core/IntervalFunction.java",
        ),
        is_exponential,
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

pub(super) const POLLY: &[Row] = &[
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
    when(
        row(
            "backoff.exponential.initial",
            "2s",
            "beside `backoff: exponential`, Delay 2 s: Retry/RetryConstants.cs",
        ),
        is_exponential,
    ),
    when(
        row(
            "backoff.linear.initial",
            "2s",
            "beside `backoff: linear`, Delay 2 s: Retry/RetryConstants.cs",
        ),
        is_linear,
    ),
    sometimes(
        row(
            "backoff.linear.step",
            "2s",
            "beside `backoff: linear`, (attempt + 1) times the Delay: Retry/RetryHelper.cs",
        ),
        first_of_linear,
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

pub(super) const POLLY_STANDARD: &[Row] = &[
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

pub(super) const COCKATIEL: &[Row] = &[
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

pub(super) const SPRING_RETRY: &[Row] = &[
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
    when(
        row(
            "backoff.exponential.initial",
            "100ms",
            "beside `backoff: exponential`, DEFAULT_INITIAL_INTERVAL: backoff/ExponentialBackOffPolicy.java",
        ),
        is_exponential,
    ),
    when(
        row(
            "backoff.exponential.max",
            "30s",
            "beside `backoff: exponential`, DEFAULT_MAX_INTERVAL: backoff/ExponentialBackOffPolicy.java",
        ),
        is_exponential,
    ),
    row("jitter", "none", "backoff/FixedBackOffPolicy.java"),
    row(
        "on",
        "failed",
        "every exception: policy/SimpleRetryPolicy.java",
    ),
];

pub(super) const TENACITY: &[Row] = &[
    row(
        "max_attempts",
        "unlimited",
        "stop_never; stop_after_attempt counts the first: tenacity/__init__.py",
    ),
    row(
        "backoff",
        "{ exponential: { initial: 1s, max: unlimited } }",
        "wait_none unless told; wait_random_exponential, multiplier 1: tenacity/wait.py",
    ),
    row(
        "jitter",
        "full",
        "random.uniform(min, high): tenacity/wait.py",
    ),
    row(
        "on",
        "failed",
        "retry_if_exception_type(), every exception: tenacity/__init__.py",
    ),
];

//! The retries of libraries: for each, a table of settings and where they are documented.

use super::{Preset, Row, row, sometimes, when};
use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::ScalarType;
use crate::time::SimDuration;

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
        version: "Microsoft.Extensions.Http.Resilience at 5862342, standard pipeline",
        rows: POLLY_STANDARD,
    },
    Preset {
        name: "dapr",
        version: "Dapr at d845074, constant policy; exponential policy beside `backoff: exponential`",
        rows: DAPR,
    },
    Preset {
        name: "cockatiel",
        version: "cockatiel 3.2.1, ExponentialBackoff",
        rows: COCKATIEL,
    },
    Preset {
        name: "spring-retry",
        version: "Spring Retry at c8977dd, SimpleRetryPolicy",
        rows: SPRING_RETRY,
    },
    Preset {
        name: "envoy",
        version: "Envoy 1.40, retry policy of a route",
        rows: ENVOY,
    },
    Preset {
        name: "istio",
        version: "Istio 1.24, default retry policy of the mesh",
        rows: ISTIO,
    },
    Preset {
        name: "grpc",
        version: "gRPC (proposal A6), retryPolicy of a service config",
        rows: GRPC,
    },
    Preset {
        name: "aws",
        version: "AWS SDK, standard mode (botocore 1.44)",
        rows: AWS,
    },
    Preset {
        name: "tenacity",
        version: "tenacity 9.2.1, wait_random_exponential",
        rows: TENACITY,
    },
    Preset {
        name: "urllib3",
        version: "urllib3 2.8.0",
        rows: URLLIB3,
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
    when(
        row(
            "backoff.exponential.initial",
            "500ms",
            "of policy exponential, DefaultInitialInterval; `duration` plays no part: cenkalti/backoff exponential.go",
        ),
        is_exponential,
    ),
    when(
        row(
            "backoff.exponential.factor",
            "1.5",
            "of policy exponential, DefaultMultiplier: cenkalti/backoff exponential.go",
        ),
        is_exponential,
    ),
    when(
        row(
            "backoff.exponential.max",
            "60s",
            "of policy exponential, DefaultMaxInterval: cenkalti/backoff exponential.go",
        ),
        is_exponential,
    ),
    when(
        row(
            "jitter",
            "{ plus_minus: 50% }",
            "of policy exponential, DefaultRandomizationFactor: cenkalti/backoff exponential.go",
        ),
        is_exponential,
    ),
    when(
        row(
            "cap",
            "before_jitter",
            "of policy exponential, MaxInterval caps the interval and not what was spread: cenkalti/backoff exponential.go",
        ),
        is_exponential,
    ),
    when(
        row(
            "max_elapsed",
            "15m",
            "of policy exponential, DefaultMaxElapsedTime: cenkalti/backoff exponential.go",
        ),
        is_exponential,
    ),
    when(
        row(
            "overshoot",
            "refuse",
            "of policy exponential, a wait that would end after it is not begun: cenkalti/backoff exponential.go",
        ),
        is_exponential,
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

const ENVOY: &[Row] = &[
    row(
        "max_retries",
        "1",
        "num_retries 1: source/common/router/retry_state_impl.cc",
    ),
    ENVOY_BACKOFF,
    ENVOY_LIMIT,
    ENVOY_JITTER,
    row(
        "not_on",
        "[stopped, rejected.rate_limited]",
        "an overflow is never retried, nor is x-envoy-ratelimited: source/common/router/retry_state_impl.cc",
    ),
    row(
        "budget",
        "{ like: envoy }",
        "max_retries 3 at once, unless the cluster's circuit_breakers say otherwise: config/cluster/v3/circuit_breaker.proto",
    ),
];

const ENVOY_BACKOFF: Row = row(
    "backoff",
    "{ exponential: { initial: 25ms } }",
    "base_interval 25 ms: source/common/router/retry_state_impl.cc",
);

const ENVOY_LIMIT: Row = sometimes(
    row(
        "backoff.exponential.max",
        "250ms",
        "max_interval, ten times the base_interval: source/common/router/retry_state_impl.cc",
    ),
    ten_times_the_first,
);

const ENVOY_JITTER: Row = row(
    "jitter",
    "full_milliseconds",
    "random() % interval, whole milliseconds from 0: common/backoff_strategy.cc",
);

const ISTIO: &[Row] = &[
    row(
        "max_retries",
        "2",
        "NumRetries 2: pilot/pkg/networking/core/route/retry/retry.go",
    ),
    ENVOY_BACKOFF,
    ENVOY_LIMIT,
    ENVOY_JITTER,
    row(
        "on",
        "[error.refused, error.unavailable, timeout.connect]",
        "connect-failure, refused-stream, unavailable, cancelled; before 1.24 every status 503, which is UNAVAILABLE of gRPC alone now: pilot/pkg/networking/core/route/retry/retry.go",
    ),
    row(
        "other_instance",
        "true",
        "previous_hosts: pilot/pkg/networking/core/route/retry/retry.go",
    ),
    row(
        "budget",
        "none",
        "maxRetries is 2^32-1 unless a DestinationRule says otherwise: networking/v1alpha3/destination_rule.proto",
    ),
];

const GRPC: &[Row] = &[
    row(
        "max_attempts",
        "5",
        "maxAttempts has no default, the first is included; more than 5 is 5: proposal A6",
    ),
    row(
        "backoff",
        "{ exponential: { initial: 100ms, max: 1s } }",
        "initialBackoff, backoffMultiplier and maxBackoff have no default; the example: proposal A6",
    ),
    row(
        "jitter",
        "{ plus_minus: 20% }",
        "min(initialBackoff * backoffMultiplier^(n-1), maxBackoff) * random(0.8, 1.2); earlier versions `full`: proposal A6",
    ),
    row(
        "cap",
        "before_jitter",
        "the jitter may exceed maxBackoff: proposal A6",
    ),
    row(
        "on",
        "[error.unavailable, error.refused, error.reset]",
        "retryableStatusCodes has no default; the example, UNAVAILABLE: proposal A6",
    ),
    row(
        "retry_after",
        "pushback",
        "grpc-retry-pushback-ms; after it the delays begin anew, a negative one ends the retry: proposal A6",
    ),
];

const AWS: &[Row] = &[
    row(
        "max_attempts",
        "3",
        "DEFAULT_MAX_ATTEMPTS 3, the first included: retries/standard.py",
    ),
    row(
        "backoff",
        "{ exponential: { initial: 50ms, max: 20s } }",
        "rand(0, 1) * min(0.05 * 2 ** i, 20), i from 0; DynamoDB 25 ms; 1 s before 2026: retries/standard.py",
    ),
    row(
        "backoff_after",
        "{ on: [rejected.rate_limited, rejected.shed], backoff: { exponential: { initial: 1s, max: 20s } } }",
        "throttling_base_scale 1, after throttling errors: retries/standard.py",
    ),
    row("jitter", "full", "rand(0, 1): retries/standard.py"),
    row(
        "on",
        "[error.internal, error.unavailable, error.dependency, error.refused, error.reset, timeout, rejected]",
        "transient and throttling errors, 500, 502, 503, 504: retries/standard.py",
    ),
    row(
        "retry_after",
        "{ raise: { at_most: 5s } }",
        "x-amz-retry-after, at most 5 s more: retries/standard.py",
    ),
    row(
        "budget",
        "{ like: aws }",
        "the retry quota of the client: retries/quota.py",
    ),
];

const TENACITY: &[Row] = &[
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

const URLLIB3: &[Row] = &[
    row(
        "max_retries",
        "10",
        "total 10, the first not included: util/retry.py",
    ),
    row(
        "backoff",
        "{ exponential: { initial: 0s, max: 120s } }",
        "backoff_factor 0, DEFAULT_BACKOFF_MAX 120; the second waits 2 factors: util/retry.py",
    ),
    row("first_at_once", "true", "get_backoff_time: util/retry.py"),
    row("jitter", "none", "backoff_jitter 0: util/retry.py"),
    row(
        "on",
        "[timeout, error.refused, error.reset]",
        "connect and read errors; status_forcelist is empty: util/retry.py",
    ),
    row(
        "non_idempotent",
        "skip",
        "DEFAULT_ALLOWED_METHODS has no POST; a connection that failed is tried again: util/retry.py",
    ),
];

/// Whether the scenario says that the waits grow exponentially.
fn is_exponential(layer: &Node) -> bool {
    let backoff = layer.get("backoff");
    backoff.is_some_and(|it| it.get("exponential").is_some())
}

/// Whether the scenario says that the waits grow by a step.
fn is_linear(layer: &Node) -> bool {
    let backoff = layer.get("backoff");
    backoff.is_some_and(|it| it.get("linear").is_some())
}

fn first_of(layer: &Node, kind: &str) -> Option<String> {
    let first = layer.get("backoff")?.get(kind)?.get("initial")?;
    match &first.kind {
        Kind::Scalar { text, .. } => Some(text.clone()),
        Kind::List(_) | Kind::Map(_) => None,
    }
}

fn first_of_linear(layer: &Node) -> Option<String> {
    first_of(layer, "linear")
}

fn ten_times_the_first(layer: &Node) -> Option<String> {
    let first = SimDuration::parse(&first_of(layer, "exponential")?).ok()?;
    Some(first.times(10).to_string())
}

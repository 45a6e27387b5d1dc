//! Retries of proxies, and of clients of a protocol or a service.

use super::follow::{is_exponential, ten_times_the_first};
use crate::scenario::preset::table::{Row, row, sometimes, when};

pub(super) const DAPR: &[Row] = &[
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

pub(super) const ENVOY: &[Row] = &[
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

pub(super) const ISTIO: &[Row] = &[
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

pub(super) const GRPC: &[Row] = &[
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

pub(super) const AWS: &[Row] = &[
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

pub(super) const URLLIB3: &[Row] = &[
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

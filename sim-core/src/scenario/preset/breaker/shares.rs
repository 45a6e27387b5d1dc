//! Breakers that open by a share of failures over a window.

use super::follow;
use crate::scenario::preset::table::{EVERY_ERROR, Row, cut, joined, row, sometimes, when};

pub(super) const RESILIENCE4J: &[Row] = &[
    row(
        "failure_rate",
        "50%",
        "failureRateThreshold 50, compared by >=: CircuitBreakerConfig.java",
    ),
    row(
        "slow_call_rate",
        "100%",
        "slowCallRateThreshold 100: CircuitBreakerConfig.java",
    ),
    row(
        "slow_call_duration",
        "60s",
        "slowCallDurationThreshold 60 s, slow is longer: CircuitBreakerConfig.java",
    ),
    row(
        "window.calls",
        "100",
        "slidingWindowType COUNT_BASED, slidingWindowSize 100: CircuitBreakerConfig.java",
    ),
    cut(row(
        "minimum_calls",
        "100",
        "minimumNumberOfCalls 100, at most the size of a window of calls: CircuitBreakerConfig.java",
    )),
    row(
        "evaluate",
        "every_result",
        "successes too: CircuitBreakerMetrics.java",
    ),
    row(
        "open_for",
        "60s",
        "waitDurationInOpenState 60 s: CircuitBreakerConfig.java",
    ),
    when(
        row(
            "open_growth.factor",
            "1.5",
            "beside `open_growth`, ofExponentialBackoff, DEFAULT_MULTIPLIER: core/IntervalFunction.java",
        ),
        follow::grows,
    ),
    when(
        row(
            "open_growth.cut_to",
            "1ms",
            "beside `open_growth`, intervals are milliseconds: core/IntervalFunction.java",
        ),
        follow::grows,
    ),
    row(
        "expiry",
        "exclusive",
        "clock.instant().isAfter(retryAfterWaitDuration): CircuitBreakerStateMachine.java",
    ),
    row(
        "transition",
        "next_call",
        "automaticTransitionFromOpenToHalfOpenEnabled false: CircuitBreakerConfig.java",
    ),
    row(
        "half_open_calls",
        "10",
        "permittedNumberOfCallsInHalfOpenState 10: CircuitBreakerConfig.java",
    ),
    row(
        "half_open.closes",
        "trip_rates",
        "once min(minimumNumberOfCalls, permitted) have answered: CircuitBreakerMetrics.java",
    ),
    row(
        "half_open.max_wait",
        "unlimited",
        "maxWaitDurationInHalfOpenState 0: CircuitBreakerConfig.java",
    ),
    row(
        "half_open.then",
        "open",
        "transitionToStateAfterWaitDuration OPEN: CircuitBreakerConfig.java",
    ),
    row(
        "late_results",
        "current_state",
        "results go to stateReference.get(): CircuitBreakerStateMachine.java",
    ),
    row(
        "failure_on",
        EVERY_ERROR,
        "recordExceptions empty: every exception, its own bulkhead's and limiter's too",
    ),
    row(
        "uncounted",
        "release",
        "ignored exceptions release the permission: CircuitBreakerStateMachine.java",
    ),
];

/// Polly's breaker but for what it takes for a failure.
const ANY_POLLY: &[Row] = &[
    row(
        "failure_rate",
        "10%",
        "FailureRatio 0.1, compared by >=: CircuitBreakerConstants.cs",
    ),
    row(
        "window.time",
        "30s",
        "SamplingDuration 30 s: CircuitBreakerConstants.cs",
    ),
    sometimes(
        row(
            "window.buckets",
            "10",
            "10 windows, a single one below 200 ms: Health/HealthMetrics.cs",
        ),
        follow::buckets_of_polly,
    ),
    row(
        "window.aligned",
        "first_call",
        "windows are made when needed: Health/RollingHealthMetrics.cs",
    ),
    row(
        "minimum_calls",
        "100",
        "MinimumThroughput 100: CircuitBreakerConstants.cs",
    ),
    row(
        "evaluate",
        "failures",
        "OnActionFailure alone looks: Controller/AdvancedCircuitBehavior.cs",
    ),
    row(
        "open_for",
        "5s",
        "BreakDuration 5 s: CircuitBreakerConstants.cs",
    ),
    row(
        "expiry",
        "inclusive",
        "now >= blockedUntil: Controller/CircuitStateController.cs",
    ),
    row(
        "transition",
        "next_call",
        "OnActionPreExecuteAsync: Controller/CircuitStateController.cs",
    ),
    row(
        "half_open_calls",
        "1",
        "one probe, the others are rejected: Controller/CircuitStateController.cs",
    ),
    row(
        "late_results",
        "current_state",
        "an old success closes half-open: Controller/CircuitStateController.cs",
    ),
    row(
        "uncounted",
        "success",
        "what is not handled, cancellation included, is a success",
    ),
];

pub(super) const POLLY: &[Row] = &joined::<{ ANY_POLLY.len() + 1 }>(
    ANY_POLLY,
    &[row(
        "failure_on",
        EVERY_ERROR,
        "ShouldHandle: every exception but OperationCanceledException: PredicateBuilder defaults, CircuitBreakerStrategyOptions.TResult.cs",
    )],
);

pub(super) const POLLY_STANDARD: &[Row] = &joined::<{ ANY_POLLY.len() + 1 }>(
    ANY_POLLY,
    &[row(
        "failure_on",
        "[timeout, rejected, error.internal, error.unavailable, error.dependency, error.refused, error.reset]",
        "500 and above, 408, 429, HttpRequestException, TimeoutRejectedException: HttpClientResiliencePredicates.cs",
    )],
);

pub(super) const HYSTRIX: &[Row] = &[
    row(
        "failure_rate",
        "50%",
        "circuitBreaker.errorThresholdPercentage 50, compared by >=: HystrixCommandProperties.java",
    ),
    row(
        "comparator",
        "cut_percent",
        "errorPercentage = (int) (errorCount / totalCount * 100): HystrixCommandMetrics.java",
    ),
    row(
        "window.time",
        "10s",
        "metrics.rollingStats.timeInMilliseconds 10000: HystrixCommandProperties.java",
    ),
    sometimes(
        row(
            "window.buckets",
            "20",
            "of one health snapshot each: metric/consumer/HealthCountsStream.java",
        ),
        follow::buckets_of_a_tick,
    ),
    row(
        "window.aligned",
        "construction",
        "the stream begins with the breaker and anew when it closes: HystrixCircuitBreaker.java",
    ),
    row(
        "minimum_calls",
        "20",
        "circuitBreaker.requestVolumeThreshold 20: HystrixCommandProperties.java",
    ),
    row(
        "evaluate",
        "{ ticks: 500ms }",
        "metrics.healthSnapshot.intervalInMilliseconds 500: HystrixCommandProperties.java",
    ),
    row(
        "open_for",
        "5s",
        "circuitBreaker.sleepWindowInMilliseconds 5000: HystrixCommandProperties.java",
    ),
    row(
        "expiry",
        "exclusive",
        "isAfterSleepWindow is >: HystrixCircuitBreaker.java",
    ),
    row(
        "half_open_calls",
        "1",
        "attemptExecution, one compareAndSet: HystrixCircuitBreaker.java",
    ),
    row(
        "late_results",
        "current_state",
        "markSuccess and markNonSuccess of any command: HystrixCircuitBreaker.java",
    ),
    row(
        "failure_on",
        "[error.internal, error.unavailable, error.dependency, error.refused, error.reset, timeout, rejected, stopped.bulkhead_full]",
        "failures, timeouts, thread pool and semaphore rejections: HystrixCommandMetrics.java",
    ),
    row(
        "uncounted",
        "fails_probe",
        "an unsubscribed probe opens again: HystrixCircuitBreaker.java",
    ),
];

pub(super) const OPOSSUM: &[Row] = &[
    row(
        "failure_rate",
        "50%",
        "errorThresholdPercentage 50: lib/circuit.js",
    ),
    row(
        "comparator",
        "percent_above",
        "(failures / fires) * 100 > errorThresholdPercentage: lib/circuit.js",
    ),
    row(
        "window.time",
        "10s",
        "rollingCountTimeout 10000: lib/status.js",
    ),
    row(
        "window.buckets",
        "10",
        "rollingCountBuckets 10: lib/status.js",
    ),
    row(
        "window.aligned",
        "construction",
        "setInterval in the constructor: lib/status.js",
    ),
    row(
        "window.bucket_width",
        "cut_milliseconds",
        "Math.floor(rollingCountTimeout / rollingCountBuckets): lib/status.js",
    ),
    row(
        "minimum_calls",
        "0",
        "volumeThreshold 0: a failure of no fires opens: lib/circuit.js",
    ),
    row("counts", "started_and_rejected", "fires: lib/circuit.js"),
    row("evaluate", "failures", "fail(): lib/circuit.js"),
    row(
        "on_close",
        "keep",
        "close() leaves the status alone: lib/circuit.js",
    ),
    row("open_for", "30s", "resetTimeout 30000: lib/circuit.js"),
    row(
        "expiry",
        "inclusive",
        "setTimeout of resetTimeout: lib/circuit.js",
    ),
    row(
        "transition",
        "timer",
        "setTimeout of resetTimeout: lib/circuit.js",
    ),
    row("half_open_calls", "1", "pendingClose: lib/circuit.js"),
    row(
        "late_results",
        "current_state",
        "any success while half-open closes: lib/circuit.js",
    ),
    row(
        "failure_on",
        EVERY_ERROR,
        "timeouts and a full semaphore too: lib/circuit.js",
    ),
    row("uncounted", "release", "opossum knows no cancelled call"),
    row(
        "ignored_as",
        "success",
        "errorFilter: what it names is a success: lib/circuit.js",
    ),
];

pub(super) const COCKATIEL: &[Row] = &[
    row(
        "failure_rate",
        "20%",
        "threshold has no default; the documentation's example: SamplingBreaker.js",
    ),
    row(
        "comparator",
        "product_above",
        "failures > threshold * total: SamplingBreaker.js",
    ),
    row(
        "window.time",
        "30s",
        "duration has no default; the documentation's example: SamplingBreaker.js",
    ),
    sometimes(
        row(
            "window.buckets",
            "30",
            "max(5, seconds): SamplingBreaker.js",
        ),
        follow::buckets_of_cockatiel,
    ),
    sometimes(
        row(
            "window.bucket_width",
            "rounded_milliseconds",
            "Math.round(duration / windows): SamplingBreaker.js",
        ),
        follow::rounded_width,
    ),
    row(
        "window.aligned",
        "one_per_result",
        "push() rotates one window: SamplingBreaker.js",
    ),
    sometimes(
        row(
            "minimum_calls",
            "750",
            "duration × minimumRps, which is 5 / threshold; of a window of calls, all: SamplingBreaker.js",
        ),
        follow::minimum_of_cockatiel,
    ),
    row("evaluate", "failures", "failure(): SamplingBreaker.js"),
    row(
        "on_close",
        "clear_and_count",
        "success(HalfOpen) resets, then counts: SamplingBreaker.js",
    ),
    row(
        "open_for",
        "10s",
        "halfOpenAfter has no default; the documentation's example: CircuitBreakerPolicy.js",
    ),
    row(
        "expiry",
        "inclusive",
        "now - openedAt < backoff.duration rejects: CircuitBreakerPolicy.js",
    ),
    row(
        "half_open_calls",
        "1",
        "the test promise: CircuitBreakerPolicy.js",
    ),
    row(
        "half_open.excess",
        "queue",
        "await state.test, then execute() again: CircuitBreakerPolicy.js",
    ),
    row(
        "late_results",
        "own_state",
        "the state is taken when the call begins: CircuitBreakerPolicy.js",
    ),
    row("failure_on", EVERY_ERROR, "handleAll"),
    row(
        "uncounted",
        "closes_probe",
        "an error that is not handled closes: CircuitBreakerPolicy.js",
    ),
];

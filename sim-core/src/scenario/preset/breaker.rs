//! The breakers of libraries: for each, a table of settings and where they are documented.
//!
//! Facts are of the versions named; a setting that is not in a table has the format's default.

use super::{Preset, Row, row};

/// Outcomes that a library counts which takes every error for a failure.
const EVERY_ERROR: &str = "failed";

/// All breakers, by name.
pub(super) const BREAKERS: &[Preset] = &[
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
        name: "hystrix",
        version: "Netflix Hystrix 1.5",
        rows: HYSTRIX,
    },
    Preset {
        name: "gobreaker",
        version: "sony/gobreaker 0.5.0 and 2",
        rows: GOBREAKER,
    },
    Preset {
        name: "dapr",
        version: "Dapr, which runs gobreaker 0.5.0",
        rows: DAPR,
    },
    Preset {
        name: "opossum",
        version: "opossum 9.0.0",
        rows: OPOSSUM,
    },
    Preset {
        name: "cockatiel",
        version: "cockatiel 3.2.1, SamplingBreaker",
        rows: COCKATIEL,
    },
    Preset {
        name: "pybreaker",
        version: "pybreaker 1.4.1",
        rows: PYBREAKER,
    },
    Preset {
        name: "circuitbreaker",
        version: "circuitbreaker 2.1.3 (Python)",
        rows: CIRCUITBREAKER,
    },
    Preset {
        name: "failsafe-go",
        version: "failsafe-go",
        rows: FAILSAFE_GO,
    },
    Preset {
        name: "linkerd",
        version: "linkerd2-proxy, consecutive failures",
        rows: LINKERD,
    },
    Preset {
        name: "finagle",
        version: "Finagle, failure accrual",
        rows: FINAGLE,
    },
];

const RESILIENCE4J: &[Row] = &[
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
    row(
        "minimum_calls",
        "100",
        "minimumNumberOfCalls 100: CircuitBreakerConfig.java",
    ),
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

const POLLY: &[Row] = &[
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
    row(
        "window.buckets",
        "10",
        "10 windows: Health/HealthMetrics.cs",
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

const HYSTRIX: &[Row] = &[
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
    row(
        "window.buckets",
        "20",
        "of one health snapshot each: metric/consumer/HealthCountsStream.java",
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

const GOBREAKER: &[Row] = &[
    row(
        "consecutive_failures",
        "6",
        "defaultReadyToTrip, ConsecutiveFailures > 5: gobreaker.go",
    ),
    row(
        "window.emptied_every",
        "unlimited",
        "Interval 0: gobreaker.go",
    ),
    row(
        "counts",
        "started",
        "onRequest counts before the call: gobreaker.go",
    ),
    row(
        "evaluate",
        "failures",
        "onFailure calls readyToTrip: gobreaker.go",
    ),
    row("open_for", "60s", "defaultTimeout 60 s: gobreaker.go"),
    row("expiry", "exclusive", "expiry.Before(now): gobreaker.go"),
    row(
        "transition",
        "next_call_or_result",
        "beforeRequest and afterRequest call currentState: gobreaker.go",
    ),
    row(
        "half_open_calls",
        "1",
        "MaxRequests 0, which is 1: gobreaker.go",
    ),
    row(
        "late_results",
        "same_generation",
        "generation != before: gobreaker.go",
    ),
    row(
        "failure_on",
        EVERY_ERROR,
        "defaultIsSuccessful, err == nil: gobreaker.go",
    ),
    row(
        "uncounted",
        "failure",
        "a cancelled context is an error: gobreaker.go",
    ),
];

const DAPR: &[Row] = &[
    row(
        "expression",
        "consecutiveFailures > 5",
        "trip: pkg/resiliency/breaker/circuitbreaker.go",
    ),
    row(
        "window.emptied_every",
        "unlimited",
        "interval 0: pkg/resiliency/breaker/circuitbreaker.go",
    ),
    row(
        "counts",
        "started",
        "onRequest counts before the call: gobreaker.go",
    ),
    row(
        "evaluate",
        "failures",
        "onFailure calls readyToTrip: gobreaker.go",
    ),
    row(
        "open_for",
        "60s",
        "timeout 60 s: pkg/resiliency/breaker/circuitbreaker.go",
    ),
    row("expiry", "exclusive", "expiry.Before(now): gobreaker.go"),
    row(
        "transition",
        "next_call_or_result",
        "beforeRequest and afterRequest call currentState: gobreaker.go",
    ),
    row(
        "half_open_calls",
        "1",
        "maxRequests 1: pkg/resiliency/breaker/circuitbreaker.go",
    ),
    row(
        "late_results",
        "same_generation",
        "generation != before: gobreaker.go",
    ),
    row(
        "failure_on",
        EVERY_ERROR,
        "defaultIsSuccessful, err == nil: gobreaker.go",
    ),
    row(
        "uncounted",
        "failure",
        "a cancelled context is an error: gobreaker.go",
    ),
];

const OPOSSUM: &[Row] = &[
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
    row("minimum_calls", "1", "volumeThreshold 0: lib/circuit.js"),
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
];

const COCKATIEL: &[Row] = &[
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
    row(
        "window.buckets",
        "30",
        "max(5, seconds): SamplingBreaker.js",
    ),
    row(
        "window.aligned",
        "one_per_result",
        "push() rotates one window: SamplingBreaker.js",
    ),
    row(
        "minimum_calls",
        "750",
        "duration × minimumRps, which is 5 / threshold: SamplingBreaker.js",
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

const PYBREAKER: &[Row] = &[
    row(
        "consecutive_failures",
        "5",
        "fail_max 5: pybreaker/__init__.py",
    ),
    row("evaluate", "failures", "on_failure: pybreaker/__init__.py"),
    row("open_for", "60s", "reset_timeout 60: pybreaker/__init__.py"),
    row(
        "expiry",
        "inclusive",
        "now < opened_at + timeout rejects: pybreaker/__init__.py",
    ),
    row(
        "half_open_calls",
        "unlimited",
        "CircuitHalfOpenState admits: pybreaker/__init__.py",
    ),
    row(
        "half_open.closes",
        "{ successes: 1 }",
        "success_threshold 1: pybreaker/__init__.py",
    ),
    row(
        "late_results",
        "current_state",
        "a lock is held for the whole call, so none is late",
    ),
    row(
        "failure_on",
        EVERY_ERROR,
        "is_system_error, exclude is empty: pybreaker/__init__.py",
    ),
    row(
        "uncounted",
        "failure",
        "catches BaseException: pybreaker/__init__.py",
    ),
];

const CIRCUITBREAKER: &[Row] = &[
    row(
        "consecutive_failures",
        "5",
        "FAILURE_THRESHOLD 5: circuitbreaker.py",
    ),
    row("evaluate", "failures", "__call_failed: circuitbreaker.py"),
    row("open_for", "30s", "RECOVERY_TIMEOUT 30: circuitbreaker.py"),
    row(
        "expiry",
        "inclusive",
        "open_remaining <= 0: circuitbreaker.py",
    ),
    row(
        "transition",
        "timer",
        "the state is computed whenever it is read: circuitbreaker.py",
    ),
    row(
        "half_open_calls",
        "unlimited",
        "only `opened` rejects: circuitbreaker.py",
    ),
    row(
        "half_open.closes",
        "{ successes: 1 }",
        "__exit__ resets: circuitbreaker.py",
    ),
    row(
        "late_results",
        "can_close_open",
        "__exit__ does not ask for the state: circuitbreaker.py",
    ),
    row(
        "failure_on",
        EVERY_ERROR,
        "EXPECTED_EXCEPTION Exception: circuitbreaker.py",
    ),
    row(
        "uncounted",
        "success",
        "what is not expected resets: circuitbreaker.py",
    ),
];

const FAILSAFE_GO: &[Row] = &[
    row(
        "failures",
        "1",
        "failureThreshold 1: circuitbreaker/builder.go",
    ),
    row(
        "comparator",
        "rounded_percent",
        "with a failure_rate: math.Round of the percentage: circuitbreaker/circuitstats.go",
    ),
    row(
        "window.calls",
        "1",
        "failureThresholdingCapacity 1: circuitbreaker/builder.go",
    ),
    row(
        "minimum_calls",
        "1",
        "failureExecutionThreshold 0: circuitbreaker/circuitstates.go",
    ),
    row(
        "evaluate",
        "every_result",
        "checkThresholdAndReleasePermit: circuitbreaker/circuitstates.go",
    ),
    row(
        "open_for",
        "60s",
        "delay 1 minute: circuitbreaker/builder.go",
    ),
    row(
        "expiry",
        "inclusive",
        "elapsed >= delay: circuitbreaker/circuitstates.go",
    ),
    row(
        "half_open_calls",
        "1",
        "the capacity: circuitbreaker/circuitstates.go",
    ),
    row(
        "half_open.calls_are",
        "at_a_time",
        "permittedExecutions++ with each result: circuitbreaker/circuitstates.go",
    ),
    row(
        "half_open.closes",
        "{ counts: { successes: 1, failures: 1 } }",
        "successes > capacity - threshold, failures >= threshold: circuitbreaker/circuitstates.go",
    ),
    row(
        "late_results",
        "current_state",
        "results go to the current state: circuitbreaker/circuitbreaker.go",
    ),
    row(
        "failure_on",
        EVERY_ERROR,
        "any error, unless HandleIf says otherwise",
    ),
    row("uncounted", "failure", "a cancelled context is an error"),
];

const LINKERD: &[Row] = &[
    row(
        "consecutive_failures",
        "7",
        "failure-accrual-consecutive-max-failures 7",
    ),
    row(
        "evaluate",
        "failures",
        "http/breaker/consecutive_failures.rs",
    ),
    row(
        "open_for",
        "1s",
        "failure-accrual-consecutive-min-penalty 1s",
    ),
    row("open_growth.factor", "2", "linkerd/exp-backoff"),
    row(
        "open_growth.max",
        "60s",
        "failure-accrual-consecutive-max-penalty 1m",
    ),
    row(
        "open_growth.jitter",
        "{ additive: 50% }",
        "failure-accrual-consecutive-jitter-ratio 0.5: linkerd/exp-backoff",
    ),
    row(
        "transition",
        "timer",
        "sleep: http/breaker/consecutive_failures.rs",
    ),
    row(
        "half_open_calls",
        "1",
        "gate.limit of one permit: http/breaker/consecutive_failures.rs",
    ),
    row(
        "late_results",
        "current_state",
        "the first response of any request decides: http/breaker/consecutive_failures.rs",
    ),
    row(
        "failure_on",
        "[error.internal, error.unavailable, error.dependency, error.refused, error.reset, timeout, rejected.queue_full, rejected.queue_timeout, rejected.shed]",
        "the class of 5xx; 429 is a success here",
    ),
    row("uncounted", "release", "a dropped request sends no class"),
    row(
        "scope",
        "target_instance",
        "one per endpoint, in the balancer",
    ),
];

const FINAGLE: &[Row] = &[
    row(
        "failure_rate",
        "20%",
        "requiredSuccessRate 0.8: liveness/FailureAccrualFactory.scala",
    ),
    row(
        "comparator",
        "above",
        "success rate < 0.8: liveness/FailureAccrualPolicy.scala",
    ),
    row(
        "consecutive_failures",
        "5",
        "hybrid policy: liveness/FailureAccrualFactory.scala",
    ),
    row(
        "window.average",
        "30s",
        "exponential moving average: util/Ema.scala",
    ),
    row(
        "minimum_calls",
        "5",
        "minRequestThreshold 5: liveness/FailureAccrualPolicy.scala",
    ),
    row(
        "evaluate",
        "failures",
        "markDeadOnFailure: liveness/FailureAccrualPolicy.scala",
    ),
    row(
        "open_for",
        "5s",
        "jittered backoff from 5 s: liveness/FailureAccrualFactory.scala",
    ),
    row(
        "open_growth.factor",
        "2",
        "Backoff.equalJittered: Backoff.scala",
    ),
    row(
        "open_growth.max",
        "300s",
        "to 300 s: liveness/FailureAccrualFactory.scala",
    ),
    row(
        "open_growth.jitter",
        "equal",
        "Backoff.equalJittered: Backoff.scala",
    ),
    row(
        "transition",
        "timer",
        "timer.schedule: liveness/FailureAccrualFactory.scala",
    ),
    row(
        "half_open_calls",
        "1",
        "ProbeOpen, ProbeClosed: liveness/FailureAccrualFactory.scala",
    ),
    row(
        "late_results",
        "while_probing",
        "didSucceed in ProbeClosed only: liveness/FailureAccrualFactory.scala",
    ),
    row(
        "uncounted",
        "release",
        "ignorable failures go back to ProbeOpen: liveness/FailureAccrualFactory.scala",
    ),
    row(
        "scope",
        "target_instance",
        "one per endpoint, in the balancer",
    ),
];

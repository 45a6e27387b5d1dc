//! Breakers that open by failures in a row or by their number, and those of an endpoint in a balancer.

use super::follow;
use crate::scenario::preset::table::{EVERY_ERROR, Row, following, row, sometimes};

pub(super) const PYBREAKER: &[Row] = &[
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
    row(
        "ignored_as",
        "success",
        "an exception in `exclude` is a success and resets the counter: pybreaker/__init__.py",
    ),
];

pub(super) const CIRCUITBREAKER: &[Row] = &[
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

pub(super) const FAILSAFE_GO: &[Row] = &[
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
    sometimes(
        row(
            "window.buckets",
            "10",
            "of a window of time, defaultBucketCount: circuitbreaker/circuitstats.go",
        ),
        follow::ten_buckets,
    ),
    sometimes(
        row(
            "window.aligned",
            "clock",
            "of a window of time, whole multiples of their width on the clock: circuitbreaker/circuitstats.go",
        ),
        follow::on_the_clock,
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
    following(
        row(
            "half_open_calls",
            "1",
            "failureExecutionThreshold, else the capacity: circuitbreaker/circuitstates.go",
        ),
        follow::probes_of_failsafe,
    ),
    row(
        "half_open.calls_are",
        "at_a_time",
        "permittedExecutions++ with each result: circuitbreaker/circuitstates.go",
    ),
    following(
        row(
            "half_open.closes",
            "{ counts: { successes: 1, failures: 1 } }",
            "successes > capacity - threshold, failures >= threshold; by a rate, `success_rate`: circuitbreaker/circuitstates.go",
        ),
        follow::closing_of_failsafe,
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
    row(
        "ignored_as",
        "success",
        "what HandleErrors and HandleIf do not name is a success: policy/failure.go",
    ),
];

pub(super) const LINKERD: &[Row] = &[
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
    row(
        "uncounted",
        "keeps_permit",
        "a dropped request sends no class, and its permit is forgotten: proxy/http/src/classify/channel.rs, stack/src/gate.rs",
    ),
    row(
        "scope",
        "target_instance",
        "one per endpoint, in the balancer",
    ),
];

pub(super) const FINAGLE: &[Row] = &[
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
        "open_growth.per",
        "condition",
        "orElse: a backoff for each policy, the longer one counts: liveness/FailureAccrualPolicy.scala",
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
        "half_open.closes",
        "first_success",
        "didFail asks the policy, and without an answer probes again: liveness/FailureAccrualFactory.scala",
    ),
    row(
        "on_close",
        "clear_and_count",
        "didSucceed: revived(), then recordSuccess(): liveness/FailureAccrualFactory.scala",
    ),
    row(
        "late_results",
        "while_probing",
        "only a success says something while dead, recordSuccess(): liveness/FailureAccrualFactory.scala",
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

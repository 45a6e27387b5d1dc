//! The retries of libraries: what they try again, how often, and how long they wait.

use super::{load_layer, scenario};
use crate::policy::{Backoff, Layer, Outcome, RetryAfter, RetryConfig, RetryDecision, RetryStop};
use crate::scenario::{Source, expand, load};
use crate::time::SimDuration;

/// A retry with these settings.
fn retry(settings: &str) -> RetryConfig {
    let loaded = load_layer(&format!("retry: {{ {settings} }}"));
    let loaded = loaded.unwrap_or_else(|problem| panic!("{settings}: {problem}"));
    let mut layers = loaded.scenario.model.layers.iter();
    match layers.next().map(|layer| layer.kind.clone()) {
        Some(Layer::Retry(config)) => config,
        other => panic!("{other:?}"),
    }
}

/// What it does after so many passes of which the last ended so, just after it began.
fn decides(config: &RetryConfig, passes: u32, outcome: Outcome) -> RetryDecision {
    config.decide(outcome, passes, SimDuration::ZERO)
}

/// Of all that can come back, what Envoy tries again: 5xx, resets and time-outs, but not what was
/// rate limited (`x-envoy-ratelimited`) and no overflow of its own limits.
#[test]
fn envoy_tries_again_once_and_never_what_was_rate_limited() {
    let envoy = retry("like: envoy");
    let once = [
        Outcome::ErrorInternal,
        Outcome::ErrorUnavailable,
        Outcome::ErrorDependency,
        Outcome::ErrorRefused,
        Outcome::ErrorReset,
        Outcome::TimeoutConnect,
        Outcome::TimeoutResponse,
        Outcome::TimeoutDeadline,
        Outcome::RejectedQueueFull,
        Outcome::RejectedQueueTimeout,
        Outcome::RejectedShed,
    ];
    for &outcome in Outcome::ALL {
        let expected = if once.contains(&outcome) {
            RetryDecision::Again
        } else {
            RetryDecision::Stop(RetryStop::NotRetryable)
        };
        assert_eq!(decides(&envoy, 1, outcome), expected, "{outcome}");
    }
    let used_up = RetryDecision::Stop(RetryStop::AttemptsUsedUp);
    assert_eq!(decides(&envoy, 2, Outcome::ErrorUnavailable), used_up);
}

/// `random() % interval`: 0 to 24 ms of 25, and so on to 0 to 249 ms of 250.
#[test]
fn envoy_draws_whole_milliseconds_below_an_interval_that_doubles_up_to_ten_times() {
    let envoy = retry("like: envoy, max_retries: 6");
    let most = [24, 49, 99, 199, 249, 249].map(SimDuration::from_millis);
    for (draws, expected) in [
        ([0.0; 6], [SimDuration::ZERO; 6]),
        ([0.039; 6], [0, 1, 3, 7, 9, 9].map(SimDuration::from_millis)),
        (
            [0.5; 6],
            [12, 25, 50, 100, 125, 125].map(SimDuration::from_millis),
        ),
        ([1.0; 6], most),
    ] {
        assert_eq!(envoy.schedule(&draws), expected, "{draws:?}");
    }
}

/// The answers that `on` names are tried again four times; a pushback is waited and begins anew.
#[test]
fn grpc_is_pushed_back() {
    let grpc = retry("like: grpc");
    assert_eq!(grpc.retry_after, RetryAfter::Pushback);
    for (passes, outcome, expected) in [
        (1, Outcome::ErrorUnavailable, RetryDecision::Again),
        (4, Outcome::ErrorUnavailable, RetryDecision::Again),
        (
            5,
            Outcome::ErrorUnavailable,
            RetryDecision::Stop(RetryStop::AttemptsUsedUp),
        ),
        (
            1,
            Outcome::ErrorInternal,
            RetryDecision::Stop(RetryStop::NotRetryable),
        ),
    ] {
        assert_eq!(decides(&grpc, passes, outcome), expected, "{outcome}");
    }
}

/// The constant policy: 5 s for ever. What an open breaker stopped is a permanent error.
#[test]
fn dapr_waits_five_seconds_for_ever() {
    let dapr = retry("like: dapr");
    let thrice = dapr.schedule_up_to(&[], 3);
    assert_eq!(thrice, [SimDuration::from_secs(5); 3]);
    assert_eq!(dapr.max_attempts, u32::MAX);
    assert_eq!(dapr.max_elapsed, SimDuration::MAX);
    let hours = SimDuration::from_secs(100_000);
    let decides = |outcome| dapr.decide(outcome, 20_000, hours);
    assert_eq!(decides(Outcome::ErrorInvalid), RetryDecision::Again);
    assert_eq!(
        decides(Outcome::StoppedBreakerOpen),
        RetryDecision::Stop(RetryStop::NotRetryable)
    );
}

/// The exponential policy: 500 ms, half as much more each time up to 60 s, each 50 % less or more,
/// for 15 min.
#[test]
fn dapr_grows_exponentially_for_a_quarter_of_an_hour() {
    let dapr = retry("like: dapr, backoff: exponential");
    // 500 × 1.5^(n - 1): 500, 750, 1125, 1687.5, 2531.25 ms.
    let bases = [500_000, 750_000, 1_125_000, 1_687_500, 2_531_250];
    for (draw, share) in [(0.0, 0.5), (0.5, 1.0), (1.0, 1.5)] {
        let waits = dapr.schedule(&[draw; 5]);
        for (wait, base) in waits.iter().zip(bases) {
            let expected = SimDuration::from_micros(base).scaled(share);
            let off = wait.as_ns().abs_diff(expected.as_ns());
            assert!(off <= 1, "{draw}: {wait} for {expected}");
        }
    }
    // 500 ms × 1.5^12 is 64.9 s; the jitter goes above the maximum.
    let late = dapr.schedule(&[0.5; 13]);
    assert_eq!(late[12], SimDuration::from_secs(60));
    let highest = dapr.schedule(&[1.0; 13]);
    assert!(
        highest[12] > SimDuration::from_millis(89_999),
        "{}",
        highest[12]
    );
    // A wait may end before 15 min, and none is begun from there on.
    let almost = SimDuration::from_secs(899);
    assert!(!dapr.overshoots(almost, SimDuration::from_millis(999)));
    assert!(dapr.overshoots(almost, SimDuration::from_millis(1_001)));
    let over = SimDuration::from_secs(900);
    assert_eq!(
        dapr.decide(Outcome::ErrorInternal, 9, over),
        RetryDecision::Stop(RetryStop::ElapsedTooLong)
    );
}

#[test]
fn what_is_written_beside_daprs_exponential_backoff_stays() {
    let same = |like: &str, meant: &str| assert_eq!(retry(like), retry(meant), "{like}");
    let rest = "max_retries: unlimited, on: failed, not_on: stopped.breaker_open";
    let exponential = "cap: before_jitter, max_elapsed: 15m, overshoot: refuse";
    same(
        "like: dapr, backoff: exponential",
        &format!(
            "backoff: {{ exponential: {{ initial: 500ms, factor: 1.5, max: 60s }} }}, \
             jitter: {{ plus_minus: 50% }}, {exponential}, {rest}"
        ),
    );
    same(
        "like: dapr, backoff: { exponential: { max: 10s } }, jitter: none",
        &format!(
            "backoff: {{ exponential: {{ initial: 500ms, factor: 1.5, max: 10s }} }}, \
             jitter: none, {exponential}, {rest}"
        ),
    );
    same(
        "like: dapr, backoff: { exponential: { initial: 1s } }, max_elapsed: unlimited, \
         overshoot: allow, max_retries: 3",
        "backoff: { exponential: { initial: 1s, factor: 1.5, max: 60s } }, \
         jitter: { plus_minus: 50% }, cap: before_jitter, max_retries: 3, on: failed, \
         not_on: stopped.breaker_open",
    );
    // Without the word the policy is the constant one.
    same(
        "like: dapr, backoff: { constant: 1s }",
        &format!("backoff: {{ constant: 1s }}, jitter: none, {rest}"),
    );
    same(
        "like: dapr, backoff: { linear: { initial: 1s, step: 1s } }",
        &format!("backoff: {{ linear: {{ initial: 1s, step: 1s }} }}, jitter: none, {rest}"),
    );
}

/// What is missing of a backoff is the library's, at every depth; one of another kind has nothing of it.
#[test]
fn a_half_written_backoff_is_filled_up() {
    for (like, half, whole) in [
        (
            "cockatiel",
            "backoff: { exponential: { initial: 100ms } }",
            "backoff: { exponential: { initial: 100ms, max: 30s } }",
        ),
        (
            "cockatiel",
            "backoff: exponential",
            "backoff: { exponential: { initial: 128ms, max: 30s } }",
        ),
        (
            "urllib3",
            "backoff: { exponential: { initial: 1s } }",
            "backoff: { exponential: { initial: 1s, max: 120s } }",
        ),
        (
            "aws",
            "backoff: { exponential: { initial: 25ms } }",
            "backoff: { exponential: { initial: 25ms, max: 20s } }",
        ),
        (
            "aws",
            "backoff_after: { on: timeout }",
            "backoff_after: { on: timeout, backoff: { exponential: { initial: 1s, max: 20s } } }",
        ),
        (
            "aws",
            "retry_after: raise",
            "retry_after: { raise: { at_most: 5s } }",
        ),
        (
            "envoy",
            "backoff: { exponential: { initial: 100ms } }",
            "backoff: { exponential: { initial: 100ms, max: 1s } }",
        ),
        (
            "istio",
            "backoff: { exponential: { max: 5s } }",
            "backoff: { exponential: { initial: 25ms, max: 5s } }",
        ),
        (
            "resilience4j",
            "backoff: exponential",
            "backoff: { exponential: { initial: 500ms, factor: 1.5 } }",
        ),
        (
            "resilience4j",
            "backoff: { exponential: { initial: 1s } }",
            "backoff: { exponential: { initial: 1s, factor: 1.5, max: unlimited } }",
        ),
        (
            "spring-retry",
            "backoff: exponential",
            "backoff: { exponential: { initial: 100ms, factor: 2, max: 30s } }",
        ),
        (
            "polly",
            "backoff: { linear: { initial: 1s } }",
            "backoff: { linear: { initial: 1s, step: 1s } }",
        ),
        ("dapr", "backoff: constant", "backoff: { constant: 5s }"),
    ] {
        let with = |settings: &str| retry(&format!("like: {like}, {settings}"));
        assert_eq!(with(half), with(whole), "{like}: {half}");
    }
    let constant = retry("like: cockatiel, jitter: none, backoff: { constant: 1s }");
    assert!(matches!(constant.backoff, Backoff::Constant(_)));
}

#[test]
fn grpc_makes_no_more_than_five_attempts() {
    let warned = |layer: &str| {
        let loaded = load_layer(layer).unwrap_or_else(|problem| panic!("{layer}: {problem}"));
        let mut layers = loaded.scenario.model.layers.iter();
        let passes = layers.next().unwrap().kind.passes();
        let codes = loaded.warnings.iter().map(|it| it.code);
        (passes, codes.filter(|code| *code == "attempts-cut").count())
    };
    for (layer, passes, warnings) in [
        ("retry: { like: grpc, max_attempts: 5 }", 5, 0),
        ("retry: { like: grpc, max_attempts: 7 }", 5, 1),
        ("retry: { like: grpc, max_retries: 5 }", 5, 1),
        ("retry: { like: grpc, max_attempts: unlimited }", 5, 1),
        ("retry: { like: envoy, max_retries: 6 }", 7, 0),
        ("hedge: { like: grpc, delay: 1s, max_hedges: 4 }", 5, 0),
        ("hedge: { like: grpc, delay: 1s, max_hedges: 5 }", 5, 1),
        ("hedge: { like: envoy, max_hedges: 5 }", 6, 0),
    ] {
        assert_eq!(warned(layer), (passes, warnings), "{layer}");
        let text = expand(&scenario(layer), &[]).unwrap();
        let expanded = Source {
            text,
            ..scenario(layer)
        };
        let again = load(&expanded, &[], &|_| Err(String::new())).unwrap();
        let mut layers = again.scenario.model.layers.iter();
        let written = layers.next().unwrap().kind.passes();
        assert_eq!(written, passes, "{}", expanded.text);
    }
}

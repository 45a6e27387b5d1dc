//! The retries of libraries: what they try again, how often, and how long they wait.

use super::load_layer;
use crate::policy::{Layer, Outcome, RetryConfig, RetryDecision, RetryStop};
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

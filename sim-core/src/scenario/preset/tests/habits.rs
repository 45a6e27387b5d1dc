//! How libraries round, and what they make of other settings.

use super::{check_config, scenario, with};
use crate::scenario::expand;

/// At odd thresholds libraries open one call sooner or later than the share itself.
#[test]
fn rounding_habits_to_the_call() {
    let rate = |name: &str, percent: u32| {
        with(
            name,
            &format!("failure_rate: {percent}%, minimum_calls: 100"),
        )
    };
    // (0.07 * 100) is 7.000000000000001: 7 of 100 are more than 7 %.
    let table = [
        (0, "93 calls ok", ""),
        (0, "6 calls fail", ""),
        (0, "1 calls fail", "closed>open"),
    ];
    check_config(rate("opossum", 7), &table);
    // 0.29 * 100 is 28.999999999999996: 29 failures are more.
    let table = [
        (0, "71 calls ok", ""),
        (0, "28 calls fail", ""),
        (0, "1 calls fail", "closed>open"),
    ];
    check_config(rate("cockatiel", 29), &table);
    // The same number cut is 28, which is not 29: the 30th failure, of 101, opens.
    let table = [
        (0, "71 calls ok", ""),
        (0, "29 calls fail", ""),
        (600, "a asks", "admit"),
        (601, "1 calls fail", ""),
        (1_100, "b asks", "closed>open@1s reject"),
    ];
    check_config(rate("hystrix", 29), &table);
    // 99 of 199 are 49.7 %, which is 50.
    let settings = "failure_rate: 50%, minimum_calls: 199, window: { calls: 199 }";
    let table = [
        (0, "100 calls ok", ""),
        (0, "98 calls fail", ""),
        (0, "1 calls fail", "closed>open"),
    ];
    check_config(with("failsafe-go", settings), &table);
}

/// resilience4j cuts its minimum to the size of its window, whoever wrote it.
#[test]
fn a_minimum_that_the_window_cannot_hold_is_cut() {
    let of = |minimum: u32| {
        with(
            "resilience4j",
            &format!("window: {{ calls: 10 }}, minimum_calls: {minimum}"),
        )
    };
    assert_eq!(of(50), of(10));
    assert_ne!(of(9), of(10));
    let layer = "circuit_breaker: { like: resilience4j, window: { calls: 10 }, minimum_calls: 50 }";
    let text = expand(&scenario(layer), &[]).unwrap();
    assert!(text.contains("minimum_calls: 10\n"), "{text}");
}

#[test]
fn what_follows_from_other_settings_is_as_in_the_library() {
    let check = |name: &str, settings: &str, also: &str| {
        let spelt_out = with(name, also);
        assert_eq!(with(name, settings), spelt_out, "{name}: {settings}");
    };
    check(
        "cockatiel",
        "failure_rate: 50%, window: { time: 10s }",
        "failure_rate: 50%, window: { time: 10s, buckets: 10 }, minimum_calls: 100",
    );
    check(
        "cockatiel",
        "window: { time: 1s }",
        "window: { time: 1s, buckets: 5 }, minimum_calls: 25",
    );
    check(
        "cockatiel",
        "window: { calls: 1000 }",
        "window: { calls: 1000 }, minimum_calls: 1000",
    );
    check(
        "polly",
        "window: { time: 199ms }",
        "window: { time: 199ms, buckets: 1 }",
    );
    check(
        "polly",
        "window: { time: 200ms }",
        "window: { time: 200ms, buckets: 10 }",
    );
    check(
        "hystrix",
        "window: { time: 20s }",
        "window: { time: 20s, buckets: 40 }",
    );
    check(
        "hystrix",
        "evaluate: { ticks: 1s }",
        "evaluate: { ticks: 1s }, window: { time: 10s, buckets: 10 }",
    );
    check(
        "failsafe-go",
        "failures: 2, window: { calls: 5 }",
        "failures: 2, window: { calls: 5 }, half_open_calls: 5, \
         half_open: { closes: { counts: { successes: 4, failures: 2 } } }",
    );
    check(
        "failsafe-go",
        "failures: 3, window: { time: 1m }",
        "failures: 3, window: { time: 1m, buckets: 10, aligned: clock }, \
         half_open_calls: 3, half_open: { closes: { counts: { successes: 1, failures: 3 } } }",
    );
    check(
        "failsafe-go",
        "failure_rate: 50%, minimum_calls: 8, window: { time: 1m }",
        "failure_rate: 50%, minimum_calls: 8, half_open_calls: 8, \
         window: { time: 1m, buckets: 10, aligned: clock }, \
         half_open: { closes: success_rate }",
    );
    // A success threshold of 3 of 5: the third failure makes it impossible.
    check(
        "failsafe-go",
        "half_open_calls: 5, half_open: { closes: { counts: { successes: 3 } } }",
        "half_open_calls: 5, half_open: { closes: { counts: { successes: 3, failures: 3 } } }",
    );
}

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

/// Two ignored failures and a real one, where two failures in a row open: it never opens. Where a
/// cancelled call is a failure, an ignored one is none all the same.
#[test]
fn what_is_ignored_is_a_failure_in_no_library() {
    for preset in super::BREAKERS {
        let settings =
            "consecutive_failures: 2, open_for: 5s, scope: caller, ignore: error.invalid";
        let table = [
            (0, "a asks", "admit"),
            (1, "a invalid", ""),
            (2, "b asks", "admit"),
            (3, "b invalid", ""),
            (4, "c asks", "admit"),
            (5, "c fails", ""),
        ];
        check_config(with(preset.name, settings), &table);
    }
}

/// What becomes of the only probe whose outcome is ignored.
#[test]
fn an_ignored_probe_is_what_the_library_makes_of_it() {
    for (name, said, then) in [
        ("resilience4j", "", "admit"),
        ("polly", "half_open>closed", "admit"),
        ("hystrix", "half_open>open", "reject"),
        ("gobreaker", "half_open>closed", "admit"),
        ("dapr", "half_open>closed", "admit"),
        ("opossum", "half_open>closed", "admit"),
        ("cockatiel", "half_open>closed", "admit"),
        ("pybreaker", "half_open>closed", "admit"),
        ("circuitbreaker", "half_open>closed", "admit"),
        ("failsafe-go", "half_open>closed", "admit"),
        ("linkerd", "", "reject"),
        ("finagle", "", "admit"),
    ] {
        let settings = "half_open: { closes: { successes: 1 } }, consecutive_failures: 1, \
                        half_open_calls: 1, open_for: 5s, ignore: error.invalid, transition: timer, \
                        evaluate: every_result, scope: caller, open_growth: { jitter: none }";
        check_config(
            with(name, settings),
            &[
                (0, "1 calls fail", "closed>open"),
                (5_001, "a asks", "open>half_open@5s admit"),
                (5_002, "a invalid", said),
                (5_003, "b asks", then),
            ],
        );
    }
}

/// `none` leaves the library's other ways to open as they are.
#[test]
fn a_way_to_open_can_be_switched_off() {
    let check = |name: &str, settings: &str, means: &str| {
        assert_eq!(
            with(name, settings),
            with(name, means),
            "{name}: {settings}"
        );
    };
    check(
        "finagle",
        "failure_rate: none",
        "consecutive_failures: 5, comparator: at_least",
    );
    check("finagle", "consecutive_failures: none", "failure_rate: 20%");
    check(
        "polly",
        "failure_rate: none, consecutive_failures: 3",
        "consecutive_failures: 3",
    );
    let slow = with("resilience4j", "failure_rate: none");
    let rates = with("resilience4j", "failure_rate: 50%");
    assert_eq!(slow.trip.conditions(), &rates.trip.conditions()[1..]);
    let failed = with("resilience4j", "slow_call_rate: none");
    assert_eq!(failed.trip.conditions(), &rates.trip.conditions()[..1]);
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

/// Settings under `like` mean what others spell out.
#[track_caller]
fn check(name: &str, settings: &str, also: &str) {
    let spelt_out = with(name, also);
    assert_eq!(with(name, settings), spelt_out, "{name}: {settings}");
}

#[test]
fn what_follows_from_other_settings_is_as_in_the_library() {
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
}

#[test]
fn what_is_half_written_is_filled_up_as_in_the_library() {
    check(
        "resilience4j",
        "open_growth: {}",
        "open_growth: { factor: 1.5, max: unlimited, cut_to: 1ms }",
    );
    check(
        "resilience4j",
        "open_growth: { factor: 2, max: 5m }",
        "open_growth: { factor: 2, max: 5m, cut_to: 1ms }",
    );
    check(
        "cockatiel",
        "window: { time: 10s }, minimum_rate: 7.5/s",
        "window: { time: 10s }, minimum_calls: 75",
    );
    // A success threshold of 3 of 5: the third failure makes it impossible.
    check(
        "failsafe-go",
        "half_open_calls: 5, half_open: { closes: { counts: { successes: 3 } } }",
        "half_open_calls: 5, half_open: { closes: { counts: { successes: 3, failures: 3 } } }",
    );
}

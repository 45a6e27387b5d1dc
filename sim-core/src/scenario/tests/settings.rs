//! Warnings about settings that leave no room for each other.

use super::lints::{check, check_about, codes};
use super::load_text;

/// A budget that a retry asks, and what is said about it.
fn check_budget(title: &str, budget: &str, expected: &[&str]) {
    check_budget_about("grants", title, budget, expected);
}

fn check_budget_about(about: &str, title: &str, budget: &str, expected: &[&str]) {
    let layers = format!(
        "    - retry: {{ backoff: {{ constant: 1s }}, budget: b }}\n    - timeout: 1s\nbudgets:\n  \
         b: {budget}\n"
    );
    check_about(about, title, &layers, expected);
}

#[test]
fn retries_that_can_never_act_are_found() {
    let retry = |settings: &str| format!("    - retry: {{ {settings} }}\n    - timeout: 1s\n");
    let never = &["retry-never-acts"][..];
    for (title, settings, expected) in [
        (
            "all of `on` is in `not_on`",
            "backoff: { constant: 1s }, on: timeout, not_on: [timeout, error]",
            never,
        ),
        (
            "some of it",
            "backoff: { constant: 1s }, on: timeout, not_on: timeout.connect",
            &[],
        ),
        (
            "no wait may be begun",
            "backoff: { constant: 2s }, jitter: none, max_elapsed: 2s, overshoot: refuse",
            never,
        ),
        (
            "one may",
            "backoff: { constant: 2s }, jitter: none, max_elapsed: 2001ms, overshoot: refuse",
            &[],
        ),
        (
            "one may end later",
            "backoff: { constant: 3s }, jitter: none, max_elapsed: 2s",
            &[],
        ),
        (
            "no time at all",
            "backoff: { constant: 3s }, max_elapsed: 0s",
            never,
        ),
    ] {
        check_about("retry-never", title, &retry(settings), expected);
    }
    let around = |limit: &str, jitter: &str| {
        format!(
            "    - timeout: {limit}\n    - retry: {{ backoff: {{ constant: 2s }}, jitter: {jitter} }}\n"
        )
    };
    for (title, limit, jitter, expected) in [
        ("the timeout comes first", "2s", "none", never),
        ("the wait comes first", "2001ms", "none", &[]),
        ("it may be short", "1s", "full", &[]),
        ("it may be half as long", "1s", "equal", never),
    ] {
        check_about("retry-never", title, &around(limit, jitter), expected);
    }
}

#[test]
fn backoffs_after_what_is_not_tried_again_are_found() {
    let never = &["backoff-never-acts"][..];
    let other = |on: &str, after: &str| {
        format!(
            "backoff: {{ constant: 1s }}, on: {on}, \
             backoff_after: {{ on: {after}, backoff: {{ constant: 5s }} }}"
        )
    };
    for (title, settings, expected) in [
        ("none is tried again", other("timeout", "rejected"), never),
        (
            "one of two is not",
            other("[timeout, rejected.shed]", "[rejected.shed, error.reset]"),
            never,
        ),
        (
            "all are",
            other("[timeout, rejected]", "rejected.shed"),
            &[],
        ),
        (
            "whoever names a group means those that are",
            other("[timeout, rejected.shed]", "rejected"),
            &[],
        ),
        (
            "what the AWS SDK has by default",
            "like: aws".to_owned(),
            &[],
        ),
        (
            "the AWS SDK where throttling ends it",
            "like: aws, not_on: rejected".to_owned(),
            never,
        ),
    ] {
        let layers = format!("    - retry: {{ {settings} }}\n    - timeout: 1s\n");
        check_about("backoff-never", title, &layers, expected);
    }
}

#[test]
fn backoffs_that_have_no_say_are_found() {
    let never = &["backoff-never-acts"][..];
    let growing = |max: &str, more: &str| {
        format!("backoff: {{ exponential: {{ initial: 100ms, max: {max} }} }}{more}")
    };
    for (title, settings, expected) in [
        ("a limit below the first", growing("99ms", ""), never),
        ("a limit at the first", growing("100ms", ""), &[]),
        (
            "no less than the limit",
            growing("1s", ", min_wait: 1s"),
            never,
        ),
        (
            "a little less than the limit",
            growing("1s", ", min_wait: 999ms"),
            &[],
        ),
        (
            "the only retry follows at once",
            growing("1s", ", first_at_once: true, max_retries: 1"),
            never,
        ),
        (
            "the second does not",
            growing("1s", ", first_at_once: true, max_retries: 2"),
            &[],
        ),
    ] {
        let layers = format!("    - retry: {{ {settings} }}\n    - timeout: 1s\n");
        check_about("backoff-never", title, &layers, expected);
    }
}

#[test]
fn backoffs_that_spread_or_wait_nothing_are_found() {
    let codes_of = |retry: &str| codes(&format!("    - retry: {{ {retry} }}\n    - timeout: 1s\n"));
    for (jitter, spreads) in [
        ("{ plus_minus: 0% }", false),
        ("{ additive: 0% }", false),
        ("{ plus: 0s }", false),
        ("{ plus_minus: 1% }", true),
        ("{ plus: 1ms }", true),
    ] {
        let codes = codes_of(&format!("backoff: {{ constant: 1s }}, jitter: {jitter}"));
        assert_eq!(
            !codes.contains(&"retry-without-jitter"),
            spreads,
            "{jitter}"
        );
    }
    for (retry, waits) in [
        ("like: urllib3", false),
        ("like: urllib3, jitter: { plus: 1s }", true),
        (
            "like: urllib3, backoff: { exponential: { initial: 1s } }",
            true,
        ),
        ("backoff: { linear: { initial: 0s, step: 1s } }", true),
    ] {
        let codes = codes_of(retry);
        assert_eq!(!codes.contains(&"retry-without-backoff"), waits, "{retry}");
    }
}

#[test]
fn retries_that_other_settings_forestall_are_found() {
    let late = &["timeout-never-retried"][..];
    for (title, retry, timeout, expected) in [
        ("a try uses all the time up", "max_elapsed: 1s", "1s", late),
        ("nearly all", "max_elapsed: 1s", "999ms", &[]),
        (
            "timeouts are not tried again",
            "max_elapsed: 1s, on: error",
            "1s",
            &[],
        ),
    ] {
        let layers = format!(
            "    - retry: {{ backoff: {{ constant: 1ms }}, {retry} }}\n    - timeout: {timeout}\n"
        );
        check_about("timeout-never", title, &layers, expected);
    }
    let other = "    - retry: { backoff: { constant: 1ms }, other_instance: true }\n";
    check_about(
        "one-instance",
        "the shop has one",
        other,
        &["retry-one-instance"],
    );
}

#[test]
fn timeouts_that_never_act_are_found() {
    let never = &["timeout-never-acts"][..];
    let two = |outer: &str, inner: &str| {
        format!(
            "    - timeout: {outer}\n    - bulkhead: {{ max_concurrent: 9 }}\n    - timeout: {inner}\n"
        )
    };
    for (title, layers, expected) in [
        ("the outer one is shorter", two("1s", "2s"), never),
        ("both at once", two("1s", "1s"), never),
        ("the inner one is shorter", two("1s", "999ms"), &[]),
        (
            "the outer one lets run on",
            two("{ after: 1s, on_expiry: detach }", "2s"),
            &[],
        ),
    ] {
        check_about("timeout-never", title, &layers, expected);
    }
}

#[test]
fn bulkheads_that_nobody_can_wait_for_are_found() {
    let never = &["bulkhead-never-queues"][..];
    for (title, settings, expected) in [
        ("time, but no place", "max_wait: 1s", never),
        (
            "a place, but no time",
            "max_waiting: 5, max_wait: 0s",
            never,
        ),
        ("both", "max_waiting: 5, max_wait: 1s", &[]),
        ("neither", "max_wait: 0s", &[]),
        ("a place for any time", "max_waiting: 5", &[]),
    ] {
        let layers =
            format!("    - bulkhead: {{ max_concurrent: 9, {settings} }}\n    - timeout: 1s\n");
        check_about("bulkhead", title, &layers, expected);
    }
}

#[test]
fn budgets_that_run_over_are_found() {
    let over = &["budget-runs-over"][..];
    for (title, budget, expected) in [
        (
            "full at the start",
            "{ success_funded: { initial: 10, capacity: 10 } }",
            &[][..],
        ),
        (
            "more than full",
            "{ success_funded: { initial: 11, capacity: 10 } }",
            over,
        ),
        (
            "full with one success",
            "{ success_funded: { per_success: 10, capacity: 10 } }",
            &[],
        ),
        (
            "more than full with one",
            "{ success_funded: { per_success: 10.1, capacity: 10 } }",
            over,
        ),
        (
            "gRPC's tokens",
            "{ grpc_tokens: { max_tokens: 10, token_ratio: 11 } }",
            over,
        ),
        (
            "as in A6",
            "{ grpc_tokens: { max_tokens: 10, token_ratio: 0.1 } }",
            &[],
        ),
    ] {
        check_budget_about("over", title, budget, expected);
    }
}

#[test]
fn timeouts_without_time_are_found() {
    let of = |after: &str| format!("    - timeout: {after}\n");
    check_about("at-once", "no time", &of("0s"), &["timeout-at-once"]);
    check_about("at-once", "hardly any", &of("1ns"), &[]);
}

#[test]
fn shares_of_a_lifetime_are_found() {
    let of = |settings: &str| {
        format!(
            "    - circuit_breaker: {{ {settings}, open_for: 1s, minimum_calls: 10 }}\n    \
             - timeout: 100ms\n"
        )
    };
    for (title, settings, expected) in [
        (
            "a share of all calls",
            "failure_rate: 50%, window: { emptied_every: unlimited }",
            &["breaker-never-forgets"][..],
        ),
        (
            "of those since it was emptied",
            "failure_rate: 50%, window: { emptied_every: 10s }",
            &[],
        ),
        (
            "a number of failures",
            "failures: 20, window: { emptied_every: unlimited }",
            &[],
        ),
    ] {
        check_about("forgets", title, &of(settings), expected);
    }
}

#[test]
fn a_moving_average_always_holds_the_call_that_asks() {
    let of = |settings: &str| {
        format!(
            "    - circuit_breaker: {{ failure_rate: 50%, window: {{ average: 1ns }}, open_for: 1s, \
             {settings} }}\n    - timeout: 100ms\n"
        )
    };
    check_about("hardly", "one call", &of("minimum_calls: 1"), &[]);
    let hardly = &["breaker-hardly-opens"][..];
    check_about("hardly", "two calls", &of("minimum_calls: 2"), hardly);
}

#[test]
fn budgets_that_grant_nothing_are_found() {
    let never = &["budget-never-grants"][..];
    for (title, budget, expected) in [
        ("no place", "{ concurrent_max: 0 }", never),
        ("one place", "{ concurrent_max: 1 }", &[][..]),
        (
            "no share",
            "{ concurrent_ratio: { ratio: 0%, min: 0 } }",
            never,
        ),
        (
            "the minimum",
            "{ concurrent_ratio: { ratio: 0%, min: 1 } }",
            &[],
        ),
        (
            "nothing in failsafe-go",
            "{ retry_rate: { max_rate: 0%, min_concurrent: 0 } }",
            never,
        ),
        (
            "nothing is paid in",
            "{ token_ratio: { ratio: 0%, min_per_second: 0 } }",
            never,
        ),
        (
            "half is gone with the first failure",
            "{ grpc_tokens: { max_tokens: 2, token_ratio: 0.1 } }",
            never,
        ),
        (
            "more than half is left",
            "{ grpc_tokens: { max_tokens: 3, token_ratio: 0.1 } }",
            &[],
        ),
        ("all too dear", "{ aws_quota: { capacity: 4 } }", never),
        ("one is cheap enough", "{ aws_quota: { capacity: 5 } }", &[]),
    ] {
        check_budget(title, budget, expected);
    }
}

#[test]
fn full_answers_taken_for_failures_are_found() {
    for layer in [
        "retry: { backoff: { constant: 1s }, on: [useful, timeout] }",
        "circuit_breaker: { consecutive_failures: 5, open_for: 1s, failure_on: [ok, error] }",
        "fallback: { on: ok }",
    ] {
        let all = codes(&format!("    - {layer}\n    - timeout: 1s\n"));
        assert!(all.contains(&"success-as-failure"), "{layer}: {all:?}");
    }
    let degraded = "    - fallback: { on: [failed, degraded] }\n    - timeout: 1s\n";
    assert!(!codes(degraded).contains(&"success-as-failure"));
    let stale = |age: &str| {
        format!(
            "    - fallback: {{ answer: {{ cached: {{ max_age: {age} }} }} }}\n    - timeout: 1s\n"
        )
    };
    assert!(codes(&stale("0s")).contains(&"fallback-never-acts"));
    assert!(!codes(&stale("1ms")).contains(&"fallback-never-acts"));
}

/// The warnings about a breaker with a timeout of 1 s inside.
fn check_breaker(title: &str, settings: &str, expected: &[&str]) {
    let layers = format!("    - circuit_breaker: {{ {settings} }}\n    - timeout: 1s\n");
    check(title, &layers, expected);
}

#[test]
fn breakers_whose_wait_cannot_grow_are_found() {
    let run = "consecutive_failures: 5, open_for: 10s";
    let window = "failure_rate: 50%, window: { calls: 20 }, open_for: 10s";
    let growth = &["breaker-growth-never-acts"][..];
    for (title, settings, expected) in [
        (
            "one way to open",
            format!("{run}, open_growth: {{ per: condition }}"),
            growth,
        ),
        (
            "two ways to open",
            format!("{window}, consecutive_failures: 5, open_growth: {{ per: condition }}"),
            &[],
        ),
        (
            "no room to grow",
            format!("{run}, open_growth: {{ max: 9s }}"),
            growth,
        ),
        (
            "some room to grow",
            format!("{run}, open_growth: {{ max: 11s }}"),
            &[],
        ),
    ] {
        check_breaker(title, &settings, expected);
    }
}

#[test]
fn breakers_that_never_open_in_some_way_are_found() {
    let run = "consecutive_failures: 5, open_for: 10s";
    let never = &["breaker-never-opens"][..];
    for (title, settings, expected) in [
        (
            "more failures than results",
            "failures: 21, window: { calls: 20 }, open_for: 1s".to_owned(),
            never,
        ),
        (
            "as many",
            "failures: 20, window: { calls: 20 }, open_for: 1s".to_owned(),
            &[],
        ),
        (
            "all failures are ignored",
            format!("{run}, failure_on: timeout, ignore: [timeout, rejected]"),
            never,
        ),
        (
            "some are",
            format!("{run}, failure_on: timeout, ignore: timeout.connect"),
            &[],
        ),
        (
            "nothing is slow",
            "slow_call_rate: 50%, slow_call_duration: 1s, window: { calls: 9 }, open_for: 1s"
                .to_owned(),
            never,
        ),
        (
            "something is",
            "slow_call_rate: 50%, slow_call_duration: 999ms, window: { calls: 9 }, open_for: 1s"
                .to_owned(),
            &[],
        ),
        (
            "resilience4j's slow calls",
            "like: resilience4j".to_owned(),
            &[],
        ),
    ] {
        check_breaker(title, &settings, expected);
    }
}

#[test]
fn breakers_that_open_or_close_otherwise_than_meant_are_found() {
    let run = "consecutive_failures: 5, open_for: 10s";
    let window = "failure_rate: 50%, window: { calls: 20 }, open_for: 10s";
    for (title, settings, expected) in [
        (
            "a share of nothing",
            "failure_rate: 0%, window: { calls: 20 }, open_for: 1s".to_owned(),
            &["breaker-always-opens"][..],
        ),
        (
            "more than nothing",
            "failure_rate: 0%, comparator: above, window: { calls: 20 }, open_for: 1s".to_owned(),
            &[],
        ),
        (
            "ticks far apart",
            "like: hystrix, evaluate: { ticks: 11s }".to_owned(),
            &["breaker-hardly-opens"],
        ),
        (
            "ticks as far as the window",
            "like: hystrix, evaluate: { ticks: 10s }".to_owned(),
            &[],
        ),
        (
            "too few probes",
            format!("{run}, half_open_calls: 2, half_open: {{ closes: {{ successes: 3 }} }}"),
            &["breaker-never-closes"],
        ),
        (
            "enough, one after another",
            format!(
                "{run}, half_open_calls: 2, half_open: {{ calls_are: at_a_time, closes: {{ successes: 3 }} }}"
            ),
            &[],
        ),
        (
            "the first two decide",
            format!(
                "{window}, minimum_calls: 2, half_open_calls: 5, half_open: {{ closes: trip_rates }}"
            ),
            &["breaker-decides-early"],
        ),
        (
            "all decide",
            format!(
                "{window}, minimum_calls: 5, half_open_calls: 5, half_open: {{ closes: trip_rates }}"
            ),
            &[],
        ),
        (
            "nothing to wait for",
            format!("{run}, half_open: {{ then: closed }}"),
            &["breaker-may-wedge"],
        ),
    ] {
        check_breaker(title, &settings, expected);
    }
}

#[test]
fn a_count_that_the_load_never_reaches_is_found() {
    // Each of ten processes sees ten calls per second: 100 in 10 s.
    let of = |failures: &str| {
        format!(
            "    - circuit_breaker: {{ failures: {failures}, window: {{ time: 10s }}, open_for: 1s }}\n    - timeout: 1s\n"
        )
    };
    check("just as many", &of("100"), &[]);
    check("one more", &of("101"), &["breaker-hardly-opens"]);
}

#[test]
fn a_breaker_that_sees_no_timeouts_is_found() {
    let of = |around: &str, breaker: &str, inside: &str| {
        format!("{around}    - circuit_breaker: {{ {breaker} }}\n{inside}")
    };
    let (run, timeout) = (
        "consecutive_failures: 5, open_for: 1s",
        "    - timeout: 1s\n",
    );
    let detached = "    - timeout: { after: 1s, on_expiry: detach }\n";
    for (title, layers, found) in [
        ("around it alone", of(timeout, run, ""), true),
        ("inside too", of(timeout, run, timeout), false),
        ("one that lets run on", of(detached, run, ""), false),
        (
            "cancelled is a failure",
            of(timeout, &format!("{run}, uncounted: failure"), ""),
            false,
        ),
        (
            "timeouts are none anyway",
            of(timeout, &format!("{run}, failure_on: error"), ""),
            false,
        ),
    ] {
        let has = codes(&layers).contains(&"breaker-misses-timeouts");
        assert_eq!(has, found, "{title}");
    }
}

#[test]
fn hedges_that_never_see_enough_are_found() {
    // Each of ten processes sees 300 calls in the 30 s that it remembers.
    let of = |settings: &str| {
        format!("    - hedge: {{ delay: {{ percentile: 95, {settings} }} }}\n    - timeout: 1s\n")
    };
    let never = &["hedge-never-acts"][..];
    for (title, settings, expected) in [
        ("just enough", "minimum_samples: 300", &[][..]),
        ("one too many", "minimum_samples: 301", never),
        (
            "something else meanwhile",
            "minimum_samples: 301, fallback: 10ms",
            &[],
        ),
    ] {
        check_about("hedge-never", title, &of(settings), expected);
    }
}

#[test]
fn keys_forgotten_while_a_call_may_be_tried_again_are_found() {
    let of = |retention: &str| {
        let text = format!(
            "scenario: test
run: {{ duration: 60s }}
clients: {{ web: {{ arrivals: {{ poisson: {{ rate: 1/s }} }}, calls: shop.buy, policy: p }} }}
services:
  shop:
    threads: unlimited
    operations: {{ buy: {{ idempotency_keys: {{ retention: {retention} }}, steps: [work: 1ms] }} }}
policies:
  p: [retry: {{ max_attempts: 2, backoff: {{ constant: 3s }}, jitter: none }}, timeout: 1s]
"
        );
        let loaded = load_text(&text).unwrap_or_else(|found| panic!("{found}"));
        let mut codes = loaded.warnings.iter().map(|warning| warning.code);
        codes.any(|code| code == "key-forgotten-early")
    };
    // Two tries of 1 s and a wait of 3 s.
    assert!(of("4s"));
    assert!(!of("5s"));
}

#[test]
fn warnings_stand_at_the_line_and_column_of_the_layer() {
    let text = "scenario: test
run: { duration: 60s }
clients: { web: { arrivals: { poisson: { rate: 1/s } }, calls: shop.buy, policy: p } }
services: { shop: { threads: unlimited, operations: { buy: { idempotent: true, steps: [] } } } }
policies:
  p:
    - bulkhead: { max_concurrent: 5, max_wait: 1s }
    - circuit_breaker: { consecutive_failures: 5, open_for: 9s, open_growth: { per: condition } }
    - timeout: 1s
budgets:
  b: { concurrent_max: 0 }
";
    let loaded = load_text(text).unwrap_or_else(|found| panic!("{found}"));
    let places: Vec<_> = loaded
        .warnings
        .iter()
        .filter(|it| it.code.contains("never"))
        .map(|it| (it.code, it.span.line, it.span.column))
        .collect();
    assert_eq!(
        places,
        [
            ("bulkhead-never-queues", 7, 7),
            ("breaker-growth-never-acts", 8, 7),
            ("budget-never-grants", 11, 3),
        ]
    );
    assert!(loaded.warnings.iter().all(|it| it.hint.is_some()));
}

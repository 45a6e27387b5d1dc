//! What is warned about, and what is not.

use super::load_text;

/// The codes of the warnings about a shop whose caller has these layers.
pub(super) fn codes(layers: &str) -> Vec<&'static str> {
    let text = format!(
        "scenario: test
run: {{ duration: 60s }}
clients:
  web: {{ processes: 10, arrivals: {{ poisson: {{ rate: 100/s }} }}, calls: shop.buy, policy: p }}
services:
  shop:
    threads: unlimited
    operations: {{ buy: {{ idempotent: true, steps: [work: 1ms] }} }}
policies:
  p:
{layers}"
    );
    match load_text(&text) {
        Ok(loaded) => loaded.warnings.iter().map(|warning| warning.code).collect(),
        Err(found) => panic!("{found}"),
    }
}

pub(super) fn check(title: &str, layers: &str, expected: &[&str]) {
    check_about("breaker", title, layers, expected);
}

/// The warnings whose codes contain this.
pub(super) fn check_about(about: &str, title: &str, layers: &str, expected: &[&str]) {
    let codes = codes(layers);
    let found: Vec<&str> = codes
        .into_iter()
        .filter(|code| code.contains(about))
        .collect();
    assert_eq!(found, expected, "{title}");
}

#[test]
fn resilience4j_takes_no_more_calls_than_its_window_holds() {
    let breaker = |settings: &str| {
        format!("    - circuit_breaker: {{ like: resilience4j, {settings} }}\n    - timeout: 1s\n")
    };
    for (settings, expected) in [
        (
            "window: { calls: 10 }, minimum_calls: 50",
            &["breaker-minimum-cut"][..],
        ),
        ("window: { calls: 10 }, minimum_calls: 10", &[]),
        ("window: { calls: 10 }", &[]),
        ("window: { time: 10s }, minimum_calls: 50", &[]),
    ] {
        check_about("minimum-cut", settings, &breaker(settings), expected);
    }
}

#[test]
fn rate_limits_far_from_the_load_are_found() {
    // Ten processes share 100/s: each sees 10/s.
    let of = |settings: &str| format!("    - rate_limit: {{ {settings} }}\n    - timeout: 1s\n");
    let hardly = &["rate-limit-hardly-acts"][..];
    let below = &["rate-limit-below-load"][..];
    for (title, settings, expected) in [
        (
            "what resilience4j has by default",
            "like: resilience4j",
            hardly,
        ),
        ("ten times the load", "permits: 100", hardly),
        ("nine times", "permits: 99", &[]),
        ("ten times, but few at once", "permits: 100, burst: 9", &[]),
        (
            "ten times in cycles too short to bunch",
            "algorithm: fixed_cycle, permits: 9, period: 90ms",
            &[],
        ),
        ("just the load", "permits: 10", &[]),
        ("less than the load", "permits: 9", below),
        (
            "the load of one, for all together",
            "permits: 10, scope: shared",
            below,
        ),
        ("for ever", "permits: 9, max_wait: unlimited", below),
    ] {
        check_about("rate-limit", title, &of(settings), expected);
    }
}

#[test]
fn breakers_that_can_never_open_are_found() {
    let never = &["breaker-never-opens"];
    check(
        "timeouts come after the interval",
        "    - circuit_breaker: { like: dapr, window: { emptied_every: 8s } }\n    - timeout: 10s\n",
        never,
    );
    check(
        "an interval as long as the timeout",
        "    - circuit_breaker: { like: dapr, window: { emptied_every: 10s } }\n    - timeout: 10s\n",
        &[],
    );
    check(
        "more than all",
        "    - circuit_breaker: { like: opossum, failure_rate: 100% }\n    - timeout: 1s\n",
        never,
    );
}

#[test]
fn a_minimum_out_of_reach_is_found() {
    // Ten processes share 100/s: each sees 100 calls in 10 s, and 300 in 30 s.
    let window = |settings: &str| {
        format!("    - circuit_breaker: {{ like: polly, {settings} }}\n    - timeout: 1s\n")
    };
    check("300 are enough", &window("minimum_calls: 300"), &[]);
    let hardly = &["breaker-hardly-opens"];
    check("301 are not", &window("minimum_calls: 301"), hardly);
    check(
        "all together see enough",
        &window("minimum_calls: 301, scope: shared"),
        &[],
    );
    check(
        "a window of calls fills some time",
        &window("window: { calls: 5000 }"),
        &[],
    );
}

#[test]
fn probes_without_end_are_found() {
    let breaker = "    - circuit_breaker: { like: gobreaker }\n";
    let wedge = &["breaker-may-wedge"];
    check("no timeout at all", breaker, wedge);
    check(
        "a timeout inside",
        &format!("{breaker}    - timeout: 1s\n"),
        &[],
    );
    check(
        "one outside cancels",
        &format!("    - timeout: 1s\n{breaker}"),
        &[],
    );
    let detached = format!("    - timeout: {{ after: 1s, on_expiry: detach }}\n{breaker}");
    check("one outside that lets run on", &detached, wedge);
    check(
        "a limit of its own",
        "    - circuit_breaker: { like: polly, minimum_calls: 9, half_open: { max_wait: 9s } }\n",
        &[],
    );
    // The probe is not given back with its call, so that only a result of its own helps.
    let linkerd = "    - circuit_breaker: { like: linkerd }\n";
    let gives_up = format!("    - timeout: 1s\n{linkerd}");
    let both = &["breaker-may-wedge", "breaker-misses-timeouts"];
    check("one outside, but permits are kept", &gives_up, both);
    check(
        "one inside, and permits are kept",
        &format!("{linkerd}    - timeout: 1s\n"),
        &[],
    );
    check(
        "everybody may probe",
        "    - circuit_breaker: { like: pybreaker }\n",
        &[],
    );
}

#[test]
fn retries_of_an_open_breaker_are_found() {
    let layers = |retry: &str| {
        format!(
            "    - retry: {retry}\n    - circuit_breaker: {{ like: gobreaker }}\n    - timeout: 1s\n"
        )
    };
    let on_all = layers("{ on: failed, backoff: { constant: 1s } }");
    check("everything is retried", &on_all, &["retry-of-open-breaker"]);
    check("as usual", &layers("{ backoff: { constant: 1s } }"), &[]);
}

#[test]
fn a_connect_limit_that_never_acts_is_found() {
    for (connect, found) in [("1s", true), ("2s", true), ("999ms", false)] {
        let codes = codes(&format!(
            "    - timeout: {{ after: 1s, connect: {connect} }}\n"
        ));
        assert_eq!(codes.contains(&"connect-never-acts"), found, "{connect}");
    }
}

/// The codes of the warnings about layers that ask `b` and `c`.
fn codes_with_budgets(layers: &str) -> Vec<&'static str> {
    codes(&format!(
        "{layers}\nbudgets:\n  b: {{ concurrent_max: 3 }}\n  c: {{ concurrent_max: 3 }}\n"
    ))
}

#[test]
fn a_budget_asked_by_two_layers_of_one_policy_is_found() {
    let layers = |outer: &str, inner: &str| {
        codes_with_budgets(&format!(
            "    - retry: {{ backoff: {{ constant: 1s }}, budget: {outer} }}\n    \
             - hedge: {{ delay: 10ms, budget: {inner} }}\n    - timeout: 1s\n"
        ))
    };
    assert!(layers("b", "b").contains(&"budget-asked-twice"));
    assert!(!layers("b", "c").contains(&"budget-asked-twice"));
}

#[test]
fn a_budget_makes_hedges_bearable() {
    let busy = "    - hedge: { delay: 10ms }\n    - timeout: 1s\n";
    let codes_at = |layers: &str| {
        let text = format!(
            "scenario: test
run: {{ duration: 60s }}
clients:
  web: {{ arrivals: {{ poisson: {{ rate: 160/s }} }}, calls: shop.buy, policy: p }}
services:
  shop:
    instances: 2
    threads: 1
    queue: {{ capacity: 9 }}
    operations: {{ buy: {{ idempotent: true, steps: [work: 10ms] }} }}
policies:
  p:
{layers}budgets: {{ b: {{ concurrent_max: 3 }} }}\n"
        );
        let loaded = load_text(&text).unwrap_or_else(|found| panic!("{found}"));
        let codes = loaded.warnings.iter().map(|warning| warning.code);
        codes
            .filter(|code| code.starts_with("hedge"))
            .collect::<Vec<_>>()
    };
    assert_eq!(codes_at(busy), ["hedge-under-load"]);
    let limited = busy.replace("10ms }", "10ms, budget: b }");
    assert_eq!(codes_at(&limited), [""; 0]);
}

#[test]
fn a_fallback_that_hides_failures_is_found() {
    let has = |layers: &str| codes(layers).contains(&"fallback-hides-failures");
    let (fallback, breaker, timeout) = (
        "    - fallback: { answer: static }\n",
        "    - circuit_breaker: { consecutive_failures: 5, open_for: 1s }\n",
        "    - timeout: 1s\n",
    );
    let retry = "    - retry: { backoff: { constant: 1s } }\n";
    assert!(has(&[retry, fallback, timeout].concat()), "inside a retry");
    assert!(
        has(&[breaker, fallback, timeout].concat()),
        "inside a breaker"
    );
    assert!(
        !has(&[fallback, retry, breaker, timeout].concat()),
        "outside"
    );
    let some = fallback.replace("answer", "on: timeout, answer");
    assert!(
        !has(&[retry, &some, timeout].concat()),
        "others are tried again"
    );
    let kept = fallback.replace("static", "{ cached: {} }");
    assert!(
        !has(&[retry, &kept, timeout].concat()),
        "there may be no answer"
    );
}

#[test]
fn a_deadline_that_nobody_heeds_is_found() {
    let carried = "    - timeout: { after: 1s, propagate: true }\n";
    assert!(codes(carried).contains(&"deadline-unheeded"));
    assert!(!codes("    - timeout: 1s\n").contains(&"deadline-unheeded"));
    let text = include_str!("../../../../scenarios/deadline-carried.yaml");
    let loaded = load_text(text).unwrap_or_else(|found| panic!("{found}"));
    let mut codes = loaded.warnings.iter().map(|warning| warning.code);
    assert!(codes.all(|code| code != "deadline-unheeded"));
}

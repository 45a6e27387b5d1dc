//! What is warned about in a whole system: work and timeouts, retries and their callees, pools, and how
//! far calls can multiply.

use super::lints::check_about;
use super::load_text;

/// The codes of the warnings about a whole text that contain this.
fn codes_of(about: &str, text: &str) -> Vec<&'static str> {
    let loaded = load_text(text).unwrap_or_else(|found| panic!("{found}"));
    let codes = loaded.warnings.iter().map(|warning| warning.code);
    codes.filter(|code| code.contains(about)).collect()
}

#[test]
fn a_timeout_below_the_shortest_work_is_found() {
    // The work takes 1 ms.
    let below = &["timeout-below-work"][..];
    for (title, layers, expected) in [
        ("just enough", "    - timeout: 1ms\n", &[][..]),
        ("too short", "    - timeout: 999us\n", below),
        (
            "around a retry",
            "    - timeout: 900us\n    - retry: { backoff: none }\n    - timeout: 1s\n",
            below,
        ),
        (
            "a fallback may answer sooner",
            "    - timeout: 900us\n    - fallback: { answer: static }\n    - timeout: 1s\n",
            &[],
        ),
    ] {
        check_about("below-work", title, layers, expected);
    }
}

#[test]
fn the_least_time_of_work_follows_its_steps() {
    let text = |steps: &str, more: &str| {
        format!(
            "scenario: test
run: {{ duration: 60s }}
network: {{ latency: 1ms }}
clients: {{ web: {{ arrivals: {{ poisson: {{ rate: 1/s }} }}, calls: a.x, policy: p }} }}
services:
  a: {{ threads: unlimited, operations: {{ x: {{ steps: [{steps}] }} }} }}
  b: {{ threads: unlimited, operations: {{ y: {{ steps: [work: {{ uniform: {{ low: 5ms, high: 9ms }} }}] }} }} }}
policies:
  p: [timeout: 10ms]
  q: [timeout: 1s]
{more}"
        )
    };
    // Messages take 2 ms, those to b 2 ms more and its work at least 5 ms.
    let call = "{ call: { to: b.y, policy: q } }";
    for (steps, is_below) in [
        ("work: 8ms", false),
        ("work: 8001us", true),
        (&format!("{call}, work: 1ms")[..], false),
        (&format!("{call}, work: 1001us"), true),
        ("{ repeat: { times: 3, steps: [work: 3ms] } }", true),
        ("{ branch: [{ share: 100%, steps: [work: 9ms] }] }", true),
        ("{ branch: [{ share: 99%, steps: [work: 9ms] }] }", false),
        (
            "{ parallel: { branches: [{ work: 9ms }, { work: 1ms }] } }",
            true,
        ),
        (
            "{ parallel: { branches: [{ work: 9ms }, { work: 1ms }], need: any } }",
            false,
        ),
        ("work: { exponential: { mean: 9s } }", false),
        ("work: { sequence: [9ms, 1ms] }", false),
    ] {
        let found = codes_of("below-work", &text(steps, ""));
        assert_eq!(!found.is_empty(), is_below, "{steps}");
    }
    let faster = "faults: { f: { at: 1s, service: a, slow: { factor: 0.5 } } }\n";
    assert_eq!(codes_of("below-work", &text("work: 9ms", faster)), [""; 0]);
}

#[test]
fn a_retry_that_ends_with_its_only_timeout_is_found() {
    let never = &["timeout-never-retried"][..];
    let retry = "    - retry: { backoff: { constant: 1s } }\n";
    let timeout = "    - timeout: 9s\n";
    let check = |title: &str, layers: &[&str], expected: &[&str]| {
        check_about("never-retried", title, &layers.concat(), expected);
    };
    check("only around it", &[timeout, retry], never);
    check("inside", &[retry, timeout], &[]);
    check("both", &[timeout, retry, "    - timeout: 1s\n"], &[]);
    let of_errors = retry.replace("{ back", "{ on: error, back");
    check(
        "timeouts are not to be retried",
        &[timeout, &of_errors],
        &[],
    );
}

#[test]
fn a_retry_that_takes_no_time_is_found() {
    let about = |layers: &str, service: &str| {
        codes_of(
            "without-time",
            &format!(
                "scenario: test
run: {{ duration: 60s }}
clients: {{ web: {{ arrivals: {{ poisson: {{ rate: 1/s }} }}, calls: a.x, policy: p }} }}
services: {{ a: {{ {service} }} }}
policies: {{ p: [{layers}] }}
budgets: {{ b: {{ concurrent_max: 3 }} }}
"
            ),
        )
    };
    let found = ["retry-without-time"];
    let endless = "{ retry: { max_attempts: unlimited, backoff: none } }";
    let queue = "threads: 1, queue: { capacity: 9 }, operations: { x: { steps: [work: 1ms] } }";
    let fails = "threads: unlimited, operations: { x: { steps: [fail: { share: 1% }] } }";
    let works = "threads: unlimited, operations: { x: { steps: [work: 1ms] } }";
    assert_eq!(about(endless, queue), found, "a full queue turns it away");
    assert_eq!(about(endless, fails), found, "it fails before it works");
    assert_eq!(about(endless, works), [""; 0], "each try takes a while");
    let guarded =
        "{ retry: { max_attempts: unlimited, on: failed } }, { bulkhead: { max_concurrent: 1 } }";
    assert_eq!(about(guarded, works), found, "a bulkhead stops it");
    for ended in [
        endless.replace("unlimited", "9"),
        endless.replace("none", "{ constant: 1ms }"),
        endless.replace("none", "none, budget: b"),
    ] {
        assert_eq!(about(&ended, queue), [""; 0], "{ended}");
    }
}

#[test]
fn a_rate_limit_that_opens_the_breaker_around_it_is_found() {
    let limiter = &["breaker-counts-limiter"][..];
    let breaker =
        |settings: &str| format!("    - circuit_breaker: {{ like: resilience4j{settings} }}\n");
    let (limit, timeout) = ("    - rate_limit: { permits: 40 }\n", "    - timeout: 1s\n");
    let check = |title: &str, layers: &[&str], expected: &[&str]| {
        check_about("counts-limiter", title, &layers.concat(), expected);
    };
    check("inside", &[&breaker(""), limit, timeout], limiter);
    check("around", &[limit, &breaker(""), timeout], &[]);
    let ignores = breaker(", ignore: stopped.rate_limited");
    check("ignored", &[&ignores, limit, timeout], &[]);
    let others = breaker(", failure_on: [error, timeout]");
    check("not counted", &[&others, limit, timeout], &[]);
    let wide = limit.replace("40", "400");
    check("it hardly ever acts", &[&breaker(""), &wide, timeout], &[]);
}

#[test]
fn a_kept_permit_wedges_what_ignores_results() {
    let wedge = &["breaker-may-wedge"][..];
    let breaker = |more: &str| {
        format!(
            "    - circuit_breaker: {{ consecutive_failures: 5, open_for: 1s, \
             uncounted: keeps_permit{more} }}\n    - timeout: 1s\n"
        )
    };
    check_about(
        "wedge",
        "ignores",
        &breaker(", ignore: error.invalid"),
        wedge,
    );
    check_about("wedge", "ignores nothing", &breaker(""), &[]);
    let limited = breaker(", ignore: error.invalid, half_open: { max_wait: 9s }");
    check_about("wedge", "a limit of its own", &limited, &[]);
    let released = breaker(", ignore: error.invalid").replace("keeps_permit", "release");
    check_about("wedge", "gives back", &released, &[]);
}

#[test]
fn a_run_of_failures_opens_below_the_minimum_too() {
    let layers = "    - circuit_breaker: { like: polly, minimum_calls: 999 }\n    - timeout: 1s\n";
    check_about("hardly", "a share alone", layers, &["breaker-hardly-opens"]);
    let or_a_run = layers.replace("999", "999, failure_rate: 10%, consecutive_failures: 5");
    check_about("hardly", "or a run", &or_a_run, &[]);
}

#[test]
fn a_failover_at_once_hammers_nobody() {
    let hammers = &["retry-without-backoff"][..];
    let text = |retry: &str| {
        format!(
            "scenario: test
run: {{ duration: 60s }}
clients: {{ web: {{ arrivals: {{ poisson: {{ rate: 1/s }} }}, calls: a.x, policy: p }} }}
services: {{ a: {{ instances: 3, threads: unlimited, operations: {{ x: {{ steps: [work: 1ms] }} }} }} }}
policies: {{ p: [{{ retry: {{ {retry} }} }}, {{ timeout: 1s }}] }}
"
        )
    };
    let failover = "max_attempts: 3, backoff: none, other_instance: true";
    assert_eq!(codes_of("without-backoff", &text(failover)), [""; 0]);
    for retry in [
        failover.replace('3', "4"),
        failover.replace("true", "false"),
    ] {
        assert_eq!(
            codes_of("without-backoff", &text(&retry)),
            hammers,
            "{retry}"
        );
    }
}

#[test]
fn only_a_wish_that_somebody_counts_on_is_missed() {
    let retry = |settings: &str| format!("    - retry: {{ {settings} }}\n    - timeout: 1s\n");
    for (settings, expected) in [
        ("like: aws", &[][..]),
        ("like: aws, retry_after: replace", &["retry-after-unsaid"]),
        ("retry_after: replace", &["retry-after-unsaid"]),
    ] {
        check_about("unsaid", settings, &retry(settings), expected);
    }
}

#[test]
fn pools_wait_for_each_other_only_where_all_can_be_held() {
    let text = |client: &str, a: &str, inner: &str| {
        format!(
            "scenario: test
run: {{ duration: 60s }}
clients: {{ web: {{ {client}, calls: a.x, policy: q }} }}
services:
  a: {{ {a}, operations: {{ x: {{ steps: [{inner}] }}, z: {{ steps: [work: 1ms] }} }} }}
  b: {{ threads: 90, queue: {{ capacity: 9 }}, operations: {{ y: {{ steps: [call: {{ to: a.z, policy: q }}] }} }} }}
policies: {{ q: [timeout: 30s] }}
"
        )
    };
    let open = "arrivals: { poisson: { rate: 1/s } }";
    let users = "users: { count: 5 }";
    let (pool, through_b) = (
        "threads: 5, queue: { capacity: 9 }",
        "call: { to: b.y, policy: q }",
    );
    let locks = |client: &str, a: &str, inner: &str| {
        !codes_of("pools-wait", &text(client, a, inner)).is_empty()
    };
    assert!(locks(open, pool, through_b), "calls without a limit");
    assert!(locks(users, pool, through_b), "as many users as threads");
    assert!(
        !locks(users, &pool.replace('5', "6"), through_b),
        "a thread more"
    );
    assert!(
        !locks(open, "threads: 5, queue: { capacity: 0 }", through_b),
        "nobody waits"
    );
    assert!(
        locks(users, pool, "call: { to: a.z, policy: q }"),
        "its own pool"
    );
    let side_by_side = "parallel: { branches: [{ call: { to: b.y, policy: q } }, { call: { to: b.y, policy: q } }] }";
    assert!(!locks(open, pool, "work: 1ms"), "nobody calls b");
    assert!(locks(users, pool, side_by_side));
}

#[test]
fn the_worst_case_is_bounded_by_time_and_said_once() {
    let text = |retry: &str, clients: &str| {
        format!(
            "scenario: test
run: {{ duration: 10m }}
clients: {{ {clients} }}
services: {{ a: {{ threads: unlimited, operations: {{ x: {{ idempotent: true, steps: [work: 1ms] }} }} }} }}
policies: {{ p: [{{ retry: {{ {retry} }} }}, {{ timeout: 1s }}] }}
"
        )
    };
    let said = |retry: &str, clients: &str| {
        let loaded = load_text(&text(retry, clients)).unwrap_or_else(|found| panic!("{found}"));
        let about = loaded.warnings.into_iter();
        let about = about.filter(|one| one.code == "worst-case-amplification");
        about.map(|one| one.message).collect::<Vec<_>>()
    };
    let client = |name: &str| {
        format!("{name}: {{ arrivals: {{ poisson: {{ rate: 1/s }} }}, calls: a.x, policy: p }}")
    };
    let one = client("web");
    let endless = |more: &str| format!("max_attempts: unlimited, jitter: none, {more}");
    for (retry, attempts) in [
        (endless("backoff: { constant: 100ms }"), "6001 attempts"),
        (
            endless("backoff: { exponential: { initial: 1s, max: 2s } }"),
            "301 attempts",
        ),
        (
            endless("backoff: { constant: 1s }, max_elapsed: 9s, overshoot: refuse"),
            "10 attempts",
        ),
        (
            endless("backoff: { constant: 1s }, max_elapsed: 9s"),
            "11 attempts",
        ),
        // Each try lasts until its timeout of 1 s.
        (
            endless("backoff: none, on: timeout").replace("jitter: none, ", ""),
            "601 attempts",
        ),
        (
            "max_attempts: unlimited, backoff: { constant: 1s }".to_owned(),
            "without bound",
        ),
        (
            endless("backoff: none").replace("jitter: none, ", ""),
            "without bound",
        ),
    ] {
        let said = said(&retry, &one);
        assert!(said[0].contains(attempts), "{retry}: {said:?}");
    }
    let clients = format!("{}, {}", client("web"), client("app"));
    assert_eq!(
        said("max_attempts: 2, backoff: { constant: 1s }", &clients),
        ["one call of `web`, `app` to a.x can become 2 attempts at a.x in the worst case"]
    );
}

//! What is warned about where instances come and go and callees protect themselves: for each a scenario
//! that has it, and a near one that has not.

use super::load_text;

/// What is written for the service, in the policy of its callers, and after all.
type Parts = (&'static str, &'static str, &'static str);

/// 100/s of 10 ms each, for four instances with ten threads each, which call `b` where they are asked to.
fn text((service, policy, rest): Parts) -> String {
    let has = |key: &str| service.contains(key);
    let or = |key: &str, usual: &'static str| if has(key) { "" } else { usual };
    format!(
        "scenario: test
run: {{ duration: 300s }}
clients:
  web: {{ processes: 4, zones: [x, y], arrivals: {{ poisson: {{ rate: 100/s }} }}, calls: a.x, policy: [ {policy} ] }}
services:
  a:
    {}
    {}
    {}
    {service}
    operations: {{ x: {{ idempotent: true, steps: [ work: 10ms ] }} }}
  b: {{ threads: 100, queue: {{ capacity: 9 }}, operations: {{ y: {{ steps: [ work: 1ms ] }} }} }}
{rest}",
        or("instances:", "instances: 4"),
        or("threads:", "threads: 10"),
        or("queue:", "queue: { capacity: 50 }"),
    )
}

/// How often something of this code is said.
fn times(code: &str, parts: Parts) -> usize {
    let text = text(parts);
    let loaded = load_text(&text).unwrap_or_else(|found| panic!("{text}\n{found}"));
    let warnings = loaded.warnings.iter();
    warnings
        .filter(|it| it.code == code && it.span.line > 0 && it.hint.is_some())
        .count()
}

const STOP: &str = "faults: { f: { at: 60s, for: 60s, service: a, instances: 1, stop: {} } }";
const CRASH: &str = "faults: { f: { at: 60s, for: 60s, service: a, instances: 3, crash: {} } }";

#[rustfmt::skip]
const ROWS: &[(&str, Parts, Parts)] = &[
    // Health checks.
    ("liveness-shares-pool",
        ("health: { live: { like: kubernetes-live, check: thread } }", "timeout: 1s", ""),
        ("health: { live: { like: kubernetes-live, check: process } }", "timeout: 1s", "")),
    ("startup-exceeds-check",
        ("lifecycle: { startup: 60s }\n    health: { live: { like: kubernetes-live } }", "timeout: 1s", ""),
        ("lifecycle: { startup: 10s }\n    health: { live: { like: kubernetes-live } }", "timeout: 1s", "")),
    ("startup-exceeds-check",
        ("lifecycle: { startup: 60s }\n    health: { live: { like: kubernetes-live } }", "timeout: 1s", ""),
        ("lifecycle: { startup: 60s }\n    health: { live: { like: kubernetes-live }, up: { like: kubernetes-started, fails: 30, gates: [live] } }", "timeout: 1s", "")),
    ("deep-check-empties",
        ("health: { ready: { like: kubernetes, check: { call: b.y } } }", "timeout: 1s", ""),
        ("health: { ready: { like: kubernetes, check: thread } }", "timeout: 1s", "")),
    ("liveness-like-readiness",
        ("health: { ready: { like: kubernetes }, live: { like: kubernetes-live } }", "timeout: 1s", ""),
        ("health: { ready: { like: kubernetes }, live: { like: kubernetes-live, fails: 9 } }", "timeout: 1s", "")),
    ("check-slower-than-fault",
        ("health: { ready: { like: kubernetes } }", "timeout: 1s", "faults: { f: { at: 60s, for: 20s, service: a, pause: {} } }"),
        ("health: { ready: { like: kubernetes } }", "timeout: 1s", "faults: { f: { at: 60s, for: 40s, service: a, pause: {} } }")),
    ("check-slower-than-expected",
        ("health: { ready: { like: kubernetes } }", "timeout: 1s", "faults: { f: { at: 60s, for: 40s, service: a, pause: {} } }\nexpect: { e: { detection: { check: a.ready, to: f, within: 20s } } }"),
        ("health: { ready: { like: kubernetes } }", "timeout: 1s", "faults: { f: { at: 60s, for: 40s, service: a, pause: {} } }\nexpect: { e: { detection: { check: a.ready, to: f, within: 21s } } }")),
    // Ejection.
    ("ejection-never-acts",
        ("ejection: { like: envoy, max_ejected: 24% }", "timeout: 1s", ""),
        ("ejection: { consecutive: 5, sweep: 10s, eject: { for: 30s }, max_ejected: 25% }", "timeout: 1s", "")),
    ("ejection-may-empty",
        ("ejection: { consecutive: 5, sweep: 10s, eject: { for: 30s }, max_ejected: 100% }", "timeout: 1s", ""),
        ("ejection: { consecutive: 5, sweep: 10s, eject: { for: 30s }, max_ejected: 99% }", "timeout: 1s", "")),
    ("panic-disarms-ejection",
        ("ejection: { consecutive: 5, sweep: 10s, eject: { for: 30s }, max_ejected: 75% }\n    membership: { panic_below: 50% }", "timeout: 1s", ""),
        ("ejection: { consecutive: 5, sweep: 10s, eject: { for: 30s }, max_ejected: 50% }\n    membership: { panic_below: 50% }", "timeout: 1s", "")),
    ("ejection-never-returns",
        ("ejection: { consecutive: 5, eject: { for: 0s, returns: by_check }, max_ejected: 50% }", "timeout: 1s", ""),
        ("ejection: { consecutive: 5, eject: { for: 0s, returns: by_check }, max_ejected: 50% }\n    health: { h: { like: haproxy } }", "timeout: 1s", "")),
    ("panic-into-the-dead",
        ("membership: { panic_below: 50% }\n    health: { ready: { like: kubernetes } }", "timeout: 1s", CRASH),
        ("membership: { panic_below: 25% }\n    health: { ready: { like: kubernetes } }", "timeout: 1s", CRASH)),
    // Lives.
    ("drain-too-short",
        ("membership: { propagation: 2s }\n    lifecycle: { drain: 1.9s }", "timeout: 1s", STOP),
        ("membership: { propagation: 2s }\n    lifecycle: { drain: 2s }", "timeout: 1s", STOP)),
    ("grace-too-short",
        ("lifecycle: { drain: 2s, grace: 2.009s }", "timeout: 1s", STOP),
        ("lifecycle: { drain: 2s, grace: 2.01s }", "timeout: 1s", STOP)),
    ("rollout-dip",
        ("instances: 4\n    threads: 1\n    queue: { capacity: 9 }\n    lifecycle: { startup: 9s }", "timeout: 1s", "faults: { f: { at: 60s, service: a, restart: { at_once: 4 } } }"),
        ("instances: 4\n    threads: 1\n    queue: { capacity: 9 }\n    lifecycle: { startup: 9s }", "timeout: 1s", "faults: { f: { at: 60s, service: a, restart: { at_once: 3 } } }")),
    ("slow-start-never-acts",
        ("balance: { smooth: {}, slow_start: 30s }", "timeout: 1s", "faults: { f: { at: 60s, service: a, restart: { at_once: all } } }"),
        ("balance: { smooth: {}, slow_start: 30s }", "timeout: 1s", "faults: { f: { at: 60s, service: a, restart: { at_once: 2 } } }")),
    ("slow-start-never-acts",
        ("balance: { smooth: {}, slow_start: { for: 30s, begins: [check_passed] } }", "timeout: 1s", STOP),
        ("balance: { smooth: {}, slow_start: { for: 30s, begins: [check_passed] } }\n    health: { ready: { like: kubernetes } }", "timeout: 1s", STOP)),
    ("slow-start-never-acts",
        ("instances: 1\n    balance: { smooth: {}, slow_start: 30s }", "timeout: 1s", ""),
        ("instances: 2\n    balance: { smooth: {}, slow_start: 30s }", "timeout: 1s", "")),
    ("surge-on-join",
        ("balance: least_requests\n    lifecycle: { cold_start: { for: 30s, factor: 3 } }", "timeout: 1s", STOP),
        ("balance: power_of_choices\n    lifecycle: { cold_start: { for: 30s, factor: 3 } }", "timeout: 1s", STOP)),
    ("surge-on-join",
        ("balance: { weighted_least: { rule: per_weight } }\n    lifecycle: { cold_start: { for: 30s, factor: 3 } }", "timeout: 1s", STOP),
        ("balance: { weighted_least: { rule: per_weight }, slow_start: 30s }\n    lifecycle: { cold_start: { for: 30s, factor: 3 } }", "timeout: 1s", STOP)),
    ("surge-on-join",
        ("balance: least_requests", "timeout: 1s", "faults: { f: { at: 60s, for: 9s, service: a, instances: 1, crash: { cold_start: { for: 9s, factor: 2 } } } }"),
        ("balance: least_requests", "timeout: 1s", "faults: { f: { at: 60s, for: 9s, service: a, instances: 1, crash: {} } }")),
    // Zones.
    ("zone-flip",
        ("instances: 3\n    zones: [x, y]\n    balance: { smooth: {}, zone: hints }", "timeout: 1s", ""),
        ("instances: 12\n    zones: [x, y]\n    balance: { smooth: {}, zone: hints }", "timeout: 1s", "")),
    ("zone-overload",
        ("instances: { x: 1, y: 3 }\n    balance: { smooth: {}, zone: prefer }", "timeout: 1s", ""),
        ("instances: { x: 2, y: 2 }\n    balance: { smooth: {}, zone: prefer }", "timeout: 1s", "")),
    // Callees that protect themselves.
    ("limit-floor",
        ("admission: [ { concurrency_limit: { like: aimd, min: 11 } } ]", "timeout: 1s", ""),
        ("admission: [ { concurrency_limit: { like: aimd, min: 10 } } ]", "timeout: 1s", "")),
    ("limit-blind-to-timeouts",
        ("", "timeout: 1s, concurrency_limit: { like: aimd, min: 1 }", ""),
        ("", "concurrency_limit: { like: aimd, min: 1 }, timeout: 1s", "")),
    ("throttle-trickle",
        ("", "throttle: { like: sre }, timeout: 1s", CRASH),
        ("", "throttle: { like: envoy }, timeout: 1s", CRASH)),
    ("retries-on-top",
        ("admission: [ { bulkhead: { max_concurrent: 5 } } ]", "retry: { max_attempts: 3, backoff: { constant: 1s } }, timeout: 1s", ""),
        ("admission: [ { bulkhead: { max_concurrent: 5 } } ]\n    retry_after: 1s", "retry: { max_attempts: 3, backoff: { constant: 1s }, retry_after: replace }, timeout: 1s", "")),
    ("newest-first-unbounded",
        ("queue: { capacity: unlimited, discipline: lifo }", "timeout: 1s", ""),
        ("queue: { capacity: unlimited, discipline: lifo, max_wait: 1s }", "timeout: 1s", "")),
    ("codel-never-acts",
        ("queue: { capacity: 50, codel: { target: 5ms }, max_wait: 4ms }", "timeout: 1s", ""),
        ("queue: { capacity: 50, codel: { target: 5ms } }", "timeout: 1s", "")),
    ("memory-never-acts",
        ("memory: { per_call: 1MB, limit: 61MB }", "timeout: 1s", ""),
        ("memory: { per_call: 1MB, limit: 59MB }", "timeout: 1s", "")),
];

#[test]
fn each_is_told_where_it_is_and_not_where_it_nearly_is() {
    let mut wrong = Vec::new();
    for &(code, bad, near) in ROWS {
        if times(code, bad) == 0 {
            wrong.push(format!("{code} is not told of {bad:?}"));
        }
        if times(code, near) != 0 {
            wrong.push(format!("{code} is told of {near:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

//! `health`: what is wrong with it, and what is said; what is probably not meant.

use super::load_text;

fn text(health: &str, more: &str) -> String {
    format!(
        "scenario: x
run: {{ duration: 100s }}
clients: {{ web: {{ arrivals: {{ constant: {{ rate: 1/s }} }}, calls: a.op, policy: p }} }}
policies: {{ p: [ {{ timeout: 1s }} ], g: [ {{ circuit_breaker: {{ like: polly }} }}, {{ timeout: 1s }} ] }}
services:
  a:
    instances: 2
    threads: 4
    queue: {{ capacity: 10 }}
    health: {{ {health} }}
    operations: {{ op: {{ steps: [ {{ work: 1ms }}, {{ call: {{ to: b.ping, policy: g }} }} ] }} }}
  b: {{ threads: unlimited, operations: {{ ping: {{ steps: [] }} }} }}
  c: {{ threads: unlimited, health: {{ {} }}, operations: {{ idle: {{ steps: [] }} }} }}
{more}",
        if health.contains("on_c") { "lonely: { like: haproxy }" } else { "" }
    )
}

/// The codes and messages of mistakes and warnings about the health of `a`.
fn said(health: &str, more: &str) -> Vec<(String, String)> {
    let found = match load_text(&text(health, more)) {
        Ok(loaded) => loaded.warnings,
        Err(found) => found.into_vec(),
    };
    let all = found.iter();
    let mine = all.filter(|it| it.code != "no-policy" && it.code != "unused-policy");
    mine.map(|it| (it.code.to_owned(), it.message.clone()))
        .collect()
}

const OK: &str = "every: 10s, timeout: 1s, fails: 3, passes: 1";

#[test]
fn what_cannot_be_is_refused_with_its_reason() {
    for (health, part) in [
        (
            "x: { every: 10s, timeout: 1s, fails: 3 }".to_owned(),
            "needs `passes`",
        ),
        ("x: { like: kubernets }".to_owned(), "like"),
        (
            format!("x: {{ {OK}, every_pending: 1s }}"),
            "ticks are never shifted",
        ),
        ("x: { like: kubernetes, every: 0s }".to_owned(), "is 0"),
        (
            "x: { like: kubernetes, every: 10us }".to_owned(),
            "more than all traffic",
        ),
        (
            format!("x: {{ {OK}, phase: 10s }}"),
            "is 10s, but the check comes again each 10s",
        ),
        (format!("x: {{ {OK}, at_once_on: [ok] }}"), "no failure"),
        ("x: { like: kubernetes, timeout: 0s }".to_owned(), "is 0"),
        (
            "x: { like: haproxy, on_fail: restart }".to_owned(),
            "none of them can restart",
        ),
        (
            format!("x: {{ {OK}, gates: [y] }}"),
            "`y`, which is not there",
        ),
        (format!("x: {{ {OK}, gates: [x] }}"), "it never begins"),
        (
            format!("x: {{ {OK}, gates: [y] }}, y: {{ {OK}, gates: [x] }}"),
            "neither ever begins",
        ),
        (
            format!("x: {{ {OK}, gates: [y] }}, y: {{ like: haproxy }}"),
            "not the same `scope`",
        ),
        (format!("x: {{ {OK}, check: {{ call: b.pong }} }}"), "pong"),
        (
            format!("x: {{ {OK}, on_fail: {{ breaker: nobody }} }}"),
            "nobody",
        ),
        (
            format!("x: {{ {OK}, on_fail: {{ breaker: p }} }}"),
            "no `circuit_breaker` around any call of `a`",
        ),
        (format!("on_c: {{ {OK} }}"), "nobody calls the service"),
    ] {
        let said = said(&health, "");
        let found = said.iter().any(|(_, message)| message.contains(part));
        assert!(found, "{health}: {said:?}");
    }
}

#[test]
fn what_is_probably_not_meant_is_said() {
    let slow = "faults: { f: { at: 10s, for: 20s, service: a, pause: {} } }";
    for (health, more, codes) in [
        ("x: { like: kubernetes }", "", &[][..]),
        ("x: { like: kubernetes-live }", "", &[]),
        (
            "x: { like: kubernetes-live, check: thread }",
            "",
            &["liveness-shares-pool"],
        ),
        (
            "x: { like: kubernetes, check: { call: b.ping } }",
            "",
            &["deep-check-empties"],
        ),
        (
            "x: { like: kubernetes-live }, y: { like: kubernetes }",
            "",
            &["liveness-like-readiness"],
        ),
        (
            "x: { like: kubernetes-live, fails: 6 }, y: { like: kubernetes }",
            "",
            &[],
        ),
        (
            "x: { like: kubernetes }",
            slow,
            &["check-slower-than-fault"],
        ),
        ("x: { like: kubernetes, fails: 2 }", slow, &[]),
        (
            "x: { like: kubernetes-live }",
            "  d: { threads: 1, queue: { capacity: 1 }, lifecycle: { startup: 30s }, health: { x: { like: kubernetes-live } }, operations: { idle: { steps: [] } } }",
            &["startup-exceeds-check"],
        ),
    ] {
        let said = said(health, more);
        // What is said of the breaker that checks hold open is not about health.
        let codes_said = said.iter().map(|it| it.0.as_str());
        let found: Vec<&str> = codes_said
            .filter(|code| *code != "breaker-hardly-opens")
            .collect();
        assert_eq!(found, codes, "{health}");
    }
}

#[test]
fn a_breaker_for_all_is_not_to_be_held_for_one() {
    for (instances, scope, expected) in [
        (2, "", true),
        (1, "", false),
        (2, "scope: target_instance, ", false),
    ] {
        let scenario = format!(
            "scenario: x
run: {{ duration: 100s }}
clients: {{ web: {{ arrivals: {{ constant: {{ rate: 1/s }} }}, calls: a.op, policy: p }} }}
policies: {{ p: [ {{ circuit_breaker: {{ {scope}like: polly }} }} ] }}
services:
  a:
    instances: {instances}
    threads: 4
    queue: {{ capacity: 10 }}
    health: {{ up: {{ {OK}, on_fail: {{ breaker: p }} }} }}
    operations: {{ op: {{ steps: [ {{ work: 1ms }} ] }} }}"
        );
        let loaded = load_text(&scenario).unwrap_or_else(|found| panic!("{found}"));
        let mut codes = loaded.warnings.iter().map(|it| it.code);
        let warned = codes.any(|code| code == "breaker-held-for-all");
        assert_eq!(warned, expected, "{instances} {scope}");
    }
}

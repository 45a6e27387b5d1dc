//! `lifecycle`, `membership`, and the faults that stop instances: what is refused, and what is like whom.

use super::load_text;
use crate::policy::Backoff;
use crate::time::SimDuration;

fn scenario(service: &str, faults: &str, expect: &str) -> String {
    format!(
        "scenario: test
run: {{ duration: 60s }}
clients: {{ web: {{ arrivals: {{ poisson: {{ rate: 1/s }} }}, calls: a.x, policy: [timeout: 1s] }} }}
services:
  a: {{ instances: 4, threads: unlimited, {service} operations: {{ x: {{ steps: [work: 1ms] }} }} }}
faults: {{ {faults} }}
expect: {{ {expect} }}
"
    )
}

fn refusal(service: &str, faults: &str, expect: &str) -> String {
    match load_text(&scenario(service, faults, expect)) {
        Ok(_) => "accepted".to_owned(),
        Err(found) => found.to_string(),
    }
}

#[test]
fn what_cannot_be_is_refused_with_its_place_and_a_hint() {
    let stop = "f: { at: 5s, for: 5s, service: a, restart: {} }";
    let cases = [
        (
            refusal("lifecycle: { drain: 31s },", stop, ""),
            "an instance would be killed while it still answers",
        ),
        (refusal("lifecycle: { restart: {} },", stop, ""), "backoff"),
        (
            refusal("membership: { propagation: 1s, refresh: 5s },", stop, ""),
            "says that changes are told, but",
        ),
        (
            refusal("membership: { refresh: 0s },", stop, ""),
            "nobody would ever use what it knows",
        ),
        (
            refusal("membership: { panic_below: 0.5 },", stop, ""),
            "a share carries a percent sign",
        ),
        (
            refusal(
                "",
                "f: { at: 5s, service: a, restart: { at_once: 0% } }",
                "",
            ),
            "nothing would restart",
        ),
        (
            refusal("", "f: { at: 5s, client: web, stop: {} }", ""),
            "does not go with `stop`",
        ),
        (
            refusal("", "", "e: { in_rotation: { service: a, at_least: 3 } }"),
            "neither stop nor are told of late",
        ),
    ];
    for (said, expected) in cases {
        assert!(said.contains(expected), "{expected}:\n{said}");
    }
}

#[test]
fn like_kubernetes_stands_in_for_what_is_missing() {
    let text = scenario(
        "lifecycle: { like: kubernetes, grace: 10s }, membership: { like: kubernetes },",
        "",
        "",
    );
    let loaded = load_text(&text).unwrap_or_else(|found| panic!("{found}"));
    let service = loaded.scenario.model.services.iter().next().unwrap();
    let lifecycle = service.lifecycle.as_ref().unwrap();
    let restart = lifecycle.restart.as_ref().unwrap();
    assert_eq!(lifecycle.grace, SimDuration::from_secs(10));
    assert_eq!(
        restart.backoff,
        Backoff::Exponential {
            initial: SimDuration::from_secs(10),
            factor: 2.0,
            max: SimDuration::from_secs(300),
        }
    );
    assert!(restart.first_at_once);
    assert_eq!(restart.forget_after, SimDuration::from_secs(600));
    let propagation = service.membership.propagation.as_ref().unwrap();
    assert_eq!(propagation.mean(), SimDuration::from_secs(2));
    assert_eq!(service.membership.panic_below, 0);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn what_cannot_go_well_is_warned_of() {
    let rollout = "f: { at: 5s, for: 9s, service: a, restart: {} }";
    let dead = "f: { at: 5s, for: 9s, service: a, instances: 3, crash: { detected_after: 1s } }";
    for (service, faults, code, expected) in [
        (
            "membership: { propagation: 2s },",
            rollout,
            "drain-too-short",
            true,
        ),
        (
            "lifecycle: { drain: 2s }, membership: { propagation: 2s },",
            rollout,
            "drain-too-short",
            false,
        ),
        (
            "membership: { propagation: 2s },",
            "",
            "drain-too-short",
            false,
        ),
        (
            "membership: { refresh: 30s },",
            rollout,
            "drain-too-short",
            true,
        ),
        (
            "lifecycle: { drain: 5s, grace: 5s },",
            rollout,
            "grace-too-short",
            true,
        ),
        (
            "lifecycle: { drain: 5s, grace: 6s },",
            rollout,
            "grace-too-short",
            false,
        ),
        (
            "membership: { panic_below: 50% },",
            dead,
            "panic-into-the-dead",
            true,
        ),
        (
            "membership: { propagation: 2s }, health: { live: { like: kubernetes-live } },",
            "",
            "drain-too-short",
            true,
        ),
        (
            "membership: { panic_below: 50% }, health: { ready: { every: 1s, timeout: 500ms, fails: 2, passes: 1 } },",
            "f: { at: 5s, for: 9s, service: a, instances: 3, crash: {} }",
            "panic-into-the-dead",
            true,
        ),
        (
            "membership: { panic_below: 50% }, health: { ready: { every: 1s, timeout: 500ms, fails: 2, passes: 1 } },",
            "f: { at: 5s, for: 2s, service: a, instances: 3, pause: {} }",
            "panic-into-the-dead",
            false,
        ),
        (
            "membership: { panic_below: 25% },",
            dead,
            "panic-into-the-dead",
            false,
        ),
    ] {
        let loaded = load_text(&scenario(service, faults, ""));
        let loaded = loaded.unwrap_or_else(|found| panic!("{found}"));
        let warned = loaded.warnings.iter().any(|warning| warning.code == code);
        assert_eq!(warned, expected, "{code}: {service} {faults}");
    }
}

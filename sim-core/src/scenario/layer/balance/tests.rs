//! What is written for `balance`, and what it comes to.

use crate::model::spec::ModelSpec;
use crate::policy::{
    BalanceConfig, BalanceKey, BalanceWay, Begins, LeastRule, PeakEwma, RingConfig, SlowStart,
    Sticky, Weights, ZoneRule,
};
use crate::scenario::{Source, load};
use crate::time::SimDuration;

fn scenario(balance: &str) -> String {
    format!(
        "scenario: s
question: q
run: {{ duration: 1s }}
clients:
  c: {{ arrivals: {{ poisson: {{ rate: 1/s }} }}, calls: s.op }}
services:
  s:
    instances: 3
    threads: unlimited
    balance: {balance}
    operations: {{ op: {{ steps: [] }} }}
"
    )
}

fn read(balance: &str) -> Result<ModelSpec, String> {
    let source = Source {
        name: "s.yaml".to_owned(),
        text: scenario(balance),
    };
    let loaded = load(&source, &[], &|_| Err(String::new()));
    loaded
        .map(|loaded| loaded.scenario.model)
        .map_err(|found| found.to_string())
}

fn config(balance: &str) -> BalanceConfig {
    let model = read(balance).unwrap_or_else(|found| panic!("{balance}: {found}"));
    assert_eq!(
        model.pipelines.iter().next().unwrap().balance,
        model.services.iter().next().unwrap().balance
    );
    model.services.iter().next().unwrap().balance.clone()
}

#[test]
fn a_way_is_a_word_or_a_key() {
    let deadlines = LeastRule::Deadlines {
        bias: 1.0,
        choices: 2,
    };
    for (balance, way) in [
        ("round_robin", BalanceWay::RoundRobin),
        ("{ round_robin: {} }", BalanceWay::RoundRobin),
        ("{ scope: shared }", BalanceWay::RoundRobin),
        ("smooth", BalanceWay::Smooth),
        ("{ smooth: {} }", BalanceWay::Smooth),
        ("stride", BalanceWay::Stride),
        ("weighted_least", BalanceWay::WeightedLeast(deadlines)),
        (
            "{ weighted_least: { rule: per_weight } }",
            BalanceWay::WeightedLeast(LeastRule::PerWeight),
        ),
        (
            "{ weighted_least: { rule: with_next } }",
            BalanceWay::WeightedLeast(LeastRule::WithNext),
        ),
        (
            "{ weighted_least: { bias: 0.5, choices: 3 } }",
            BalanceWay::WeightedLeast(LeastRule::Deadlines {
                bias: 0.5,
                choices: 3,
            }),
        ),
        (
            "peak_ewma",
            BalanceWay::PeakEwma(PeakEwma {
                decay: SimDuration::from_secs(10),
                initial: Some(SimDuration::from_millis(30)),
                choices: 2,
            }),
        ),
        (
            "{ peak_ewma: { decay: 5s, initial: none, choices: 3 } }",
            BalanceWay::PeakEwma(PeakEwma {
                decay: SimDuration::from_secs(5),
                initial: None,
                choices: 3,
            }),
        ),
        (
            "{ ring: { key: tenant } }",
            BalanceWay::Ring(RingConfig {
                points: 160,
                key: BalanceKey::Tenant,
                bounded: None,
            }),
        ),
        (
            "{ ring: { key: call, points: 342, bounded: 125% } }",
            BalanceWay::Ring(RingConfig {
                points: 342,
                key: BalanceKey::Call,
                bounded: Some(125),
            }),
        ),
        (
            "{ power_of_choices: { replace: true } }",
            BalanceWay::PowerOfChoices {
                choices: 2,
                replace: true,
            },
        ),
    ] {
        assert_eq!(config(balance), BalanceConfig::of(way), "{balance}");
    }
}

#[test]
fn weights_are_by_number_from_one_or_a_list() {
    for (weights, by_slot) in [
        ("{ 1: 5 }", &[5][..]),
        ("{ 3: 2, 1: 5 }", &[5, 1, 2]),
        ("[5, 1, 2]", &[5, 1, 2]),
        ("[1, 1, 1]", &[]),
    ] {
        let config = config(&format!("{{ smooth: {{}}, weights: {weights} }}"));
        assert_eq!(config.weights, Weights::new(by_slot), "{weights}");
    }
}

#[test]
fn a_slow_start_has_the_settings_of_envoy() {
    let ramp = |slow_start: &str| config(&format!("{{ slow_start: {slow_start} }}")).slow_start;
    let usual = SlowStart {
        time: SimDuration::from_secs(60),
        aggression: 1.0,
        from: 0.1,
        begins: Begins {
            join: true,
            check_passed: true,
        },
    };
    assert_eq!(ramp("60s"), Some(usual));
    assert_eq!(
        ramp("{ for: 60s, aggression: 2, from: 0%, begins: [check_passed] }"),
        Some(SlowStart {
            aggression: 2.0,
            from: 0.0,
            begins: Begins {
                join: false,
                check_passed: true,
            },
            ..usual
        })
    );
}

#[test]
fn what_does_not_go_together_is_refused_in_words() {
    for (balance, message) in [
        ("{ random: {}, smooth: {} }", "names 2 ways"),
        (
            "{ smooth: {}, weights: { 4: 2 } }",
            "weight of instance 4, but `s` has 3 instances",
        ),
        (
            "{ smooth: {}, weights: [1, 1, 1, 2] }",
            "weight of instance 4",
        ),
        ("{ smooth: {}, weights: { a: 2 } }", "from 1, as in reports"),
        ("{ smooth: {}, weights: { 0: 2 } }", "from 1, as in reports"),
        ("{ smooth: {}, weights: { 1: 0 } }", "at least 1"),
        ("{ smooth: {}, weights: { 1: 70000 } }", "65535"),
        ("{ smooth: {}, weights: 5 }", "a map from numbers"),
        (
            "{ least_requests: {}, weights: { 1: 2 } }",
            "has no meaning for `least_requests`",
        ),
        (
            "{ power_of_choices: {}, slow_start: 60s }",
            "has no meaning for `power_of_choices`",
        ),
        (
            "{ weighted_least: { rule: per_weight, bias: 2 } }",
            "only the rule `deadlines` minds",
        ),
        ("{ slow_start: 0s }", "takes no time"),
        (
            "{ slow_start: { for: 60s, aggression: 0 } }",
            "`aggression` of 0",
        ),
        (
            "{ slow_start: { for: 60s, begins: [] } }",
            "begins at no moment",
        ),
        ("{ slow_start: { aggression: 1 } }", "needs `for`"),
        ("{ slow_start: { for: 60s, begins: [start] } }", "join"),
        ("leas_requests", "least_requests"),
        (
            "{ peak_ewma: {}, weights: [2] }",
            "has no meaning for `peak_ewma`",
        ),
        ("{ peak_ewma: { decay: 0s } }", "nothing would be known"),
        ("{ ring: {} }", "needs `key`"),
        (
            "{ ring: { key: tenant, bounded: 90% } }",
            "from 100% to 10000%",
        ),
        ("{ ring: { key: tenant }, slow_start: 60s }", "has no ramp"),
        ("{ sticky: call }", "nobody that it belongs together with"),
        ("{ zone: envoy, scope: shared }", "one balancer serves all"),
    ] {
        let said = read(balance).expect_err(balance);
        assert!(
            said.contains(message) && said.starts_with("10:"),
            "{balance}: {said}"
        );
    }
}

#[test]
fn who_is_sticky_and_for_how_long() {
    let sticky = |sticky: &str| config(&format!("{{ sticky: {sticky} }}")).sticky;
    let usual = Sticky {
        key: BalanceKey::Tenant,
        time: SimDuration::MAX,
    };
    assert_eq!(sticky("tenant"), Some(usual));
    assert_eq!(
        sticky("{ key: process, for: 10m }"),
        Some(Sticky {
            key: BalanceKey::Process,
            time: SimDuration::from_secs(600),
        })
    );
}

/// The same with zones, and policies of its own.
fn zoned(client: &str, service: &str, more: &str) -> Result<ModelSpec, String> {
    let source = Source {
        name: "s.yaml".to_owned(),
        text: format!(
            "scenario: s
question: q
run: {{ duration: 1s }}
clients:
  c: {{ {client}, arrivals: {{ poisson: {{ rate: 1/s }} }}, calls: s.op, policy: [{{ balance: {{ zone: envoy }} }}] }}
services:
  s: {{ {service}, threads: unlimited, operations: {{ op: {{ steps: [] }} }} }}
{more}
"
        ),
    };
    let loaded = load(&source, &[], &|_| Err(String::new()));
    loaded
        .map(|loaded| loaded.scenario.model)
        .map_err(|found| found.to_string())
}

#[test]
fn zones_come_in_turn_or_by_number() {
    // Zones are numbered in the order in which they are named: b and c by the client.
    let client = "processes: 5, zones: [b, c]";
    for (service, names, callees) in [
        (
            "instances: 5, zones: [a, b, c]",
            &["b", "c", "a"][..],
            &[2, 0, 1, 2, 0][..],
        ),
        ("instances: { c: 1, b: 3 }", &["b", "c"], &[1, 0, 0, 0]),
    ] {
        let model = zoned(client, service, "").unwrap();
        let balance = &model.pipelines.iter().next().unwrap().balance;
        assert_eq!(balance.zone, ZoneRule::Envoy);
        assert_eq!(model.zones, names);
        assert_eq!(&balance.zones.callees[..], callees);
        assert_eq!(balance.zones.callers[..2], [3, 2]);
    }
}

#[test]
fn zones_that_are_not_there_are_refused() {
    let zones = "zones: [a, b]";
    for (client, service, more, message) in [
        (
            "processes: 1",
            "instances: 2, zones: [a]",
            "",
            "goes by zones, but `c` is in none",
        ),
        (
            zones,
            "instances: 2",
            "",
            "goes by zones, but `s` is in none",
        ),
        (
            zones,
            "instances: { a: 2 }, zones: [a]",
            "",
            "both say zones",
        ),
        (zones, "instances: 2, zones: []", "", "names no zone"),
        (
            zones,
            "instances: 2, zones: [a, b]",
            "faults: { f: { at: 0s, zone: d, crash: {} } }",
            "names zone `d`, in which nobody is",
        ),
        (
            "zones: [a, z]",
            "instances: 2, zones: [a, b]",
            "faults: { f: { at: 0s, zone: z, service: s, crash: {} } }",
            "`s` has 0 instances in zone `z`",
        ),
        (
            zones,
            "instances: 2, zones: [a, b]",
            "faults: { f: { at: 0s, zone: a, client: c, load: { factor: 2 } } }",
            "does not go with `load`",
        ),
    ] {
        let said = zoned(client, service, more).expect_err(message);
        assert!(said.contains(message), "{said}");
    }
}

#[test]
fn a_product_names_its_way_unless_another_is_written() {
    let way = |balance: &str| config(balance).way;
    assert_eq!(way("{ like: nginx }"), BalanceWay::Smooth);
    assert_eq!(way("{ like: grpc-weighted }"), BalanceWay::Stride);
    assert_eq!(way("{ like: linkerd }"), way("peak_ewma"));
    assert_eq!(way("{ like: istio }"), way("weighted_least"));
    assert_eq!(
        way("{ like: grpc-least-request }"),
        BalanceWay::PowerOfChoices {
            choices: 2,
            replace: true,
        }
    );
    assert_eq!(way("{ like: linkerd, random: {} }"), BalanceWay::Random);
    assert_eq!(
        way("{ like: finagle-peak-ewma, peak_ewma: { decay: 5s } }"),
        BalanceWay::PeakEwma(PeakEwma {
            decay: SimDuration::from_secs(5),
            initial: None,
            choices: 2,
        })
    );
    let said = read("{ like: f5 }").unwrap_err();
    assert!(said.contains("like"), "{said}");
}

fn warned(instances: &str, zone: &str) -> String {
    let source = Source {
        name: "s.yaml".to_owned(),
        text: format!(
            "scenario: s
question: q
run: {{ duration: 1s }}
clients:
  c: {{ processes: 3, zones: [a, b, c], arrivals: {{ poisson: {{ rate: 1/s }} }}, calls: s.op, policy: [timeout: 1s, {{ balance: {{ zone: {zone} }} }}] }}
services:
  s: {{ instances: {instances}, threads: unlimited, operations: {{ op: {{ steps: [] }} }} }}
"
        ),
    };
    let loaded = load(&source, &[], &|_| Err(String::new())).unwrap();
    let warnings = loaded.warnings.iter().map(|it| it.message.clone());
    warnings.collect::<Vec<String>>().join("\n")
}

#[test]
fn hints_that_flip_and_zones_that_are_overloaded_are_warned_about() {
    for (instances, zone, said) in [
        ("{ a: 2, b: 2, c: 1 }", "hints", "too few for hints"),
        ("{ a: 2, b: 2, c: 2 }", "hints", "none with 5"),
        ("{ a: 4, b: 4, c: 4 }", "hints", "none with 11"),
        (
            "{ a: 4, b: 1, c: 1 }",
            "prefer",
            "in zone `c` get 2.0 times their share",
        ),
    ] {
        let warnings = warned(instances, zone);
        assert!(warnings.contains(said), "{instances} {zone}: {warnings}");
    }
    for (instances, zone) in [
        ("{ a: 5, b: 5, c: 5 }", "hints"),
        ("{ a: 2, b: 2, c: 2 }", "prefer"),
        ("{ a: 4, b: 1, c: 1 }", "envoy"),
    ] {
        let warnings = warned(instances, zone);
        assert!(!warnings.contains("zone"), "{instances} {zone}: {warnings}");
    }
}

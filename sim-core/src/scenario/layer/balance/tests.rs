//! What is written for `balance`, and what it comes to.

use crate::model::spec::ModelSpec;
use crate::policy::{BalanceConfig, BalanceWay, Begins, LeastRule, SlowStart, Weights};
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
    ] {
        let said = read(balance).expect_err(balance);
        assert!(
            said.contains(message) && said.starts_with("10:"),
            "{balance}: {said}"
        );
    }
}

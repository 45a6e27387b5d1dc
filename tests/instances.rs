//! Slots that are filled anew: whoever comes into one has nothing of who was there before (rule 48); and
//! verdicts of ejection on instances, where they act (rules 50, 55).

use crate::support::model;
use sim_core::id::InstanceId;
use sim_core::model::fact::{Fact, Observer};
use sim_core::model::run;
use sim_core::model::spec::ModelSpec;
use sim_core::policy::Outcome;
use sim_core::time::SimTime;

struct All(Vec<(u64, Fact)>);

impl Observer for All {
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        self.0.push((ms(now), *fact));
    }
}

fn ms(at: SimTime) -> u64 {
    at.as_ns() / 1_000_000
}

fn facts(spec: &ModelSpec) -> Vec<(u64, Fact)> {
    run(spec, 1, 0, All(Vec::new()), &mut |_, _| true)
        .observer
        .0
}

/// A shop of so many instances, of which the first ends at 10 s; another fills its slot at 20 s.
fn shop(instances: u32, keys: &str, policy: &str, faults: &str) -> ModelSpec {
    model(&format!(
        "
scenario: filled
run: {{ duration: 60s }}
clients:
  users: {{ arrivals: {{ constant: {{ rate: 10/s }} }}, calls: shop.buy, policy: [ {policy} ] }}
services:
  shop:
    instances: {instances}
    threads: 4
    queue: {{ capacity: 10 }}
    {keys}
    operations: {{ buy: {{ steps: [ {{ work: 1ms }} ] }} }}
faults:
  fewer: {{ at: 10s, for: 10s, service: shop, instances: 1, stop: {{}} }}
{faults}"
    ))
}

/// When attempts went to the first slot, and how they ended.
fn at_first_slot(facts: &[(u64, Fact)]) -> Vec<(u64, Outcome)> {
    let of_slot = facts.iter().filter_map(|(_, fact)| match *fact {
        Fact::AttemptEnded {
            instance: InstanceId(0),
            sent_at,
            ending,
            ..
        } => Some((ms(sent_at), ending.outcome())),
        _ => None,
    });
    of_slot.collect()
}

/// When breakers of the first slot changed, and why.
fn breaker_turns(facts: &[(u64, Fact)]) -> Vec<(u64, &'static str, &'static str)> {
    let turns = facts.iter().filter_map(|(at, fact)| match *fact {
        Fact::BreakerChanged {
            instance: Some(InstanceId(0)),
            to,
            why,
            ..
        } => Some((*at, to.name(), why.name())),
        _ => None,
    });
    turns.collect()
}

const WORSE: &str =
    "  worse: { at: 5s, for: 4s, service: shop, instances: 1, errors: { share: 100% } }";

#[test]
fn rule_48_a_breaker_of_one_instance_is_closed_for_the_next_in_its_slot() {
    let breaker = "{ circuit_breaker: { scope: target_instance, consecutive_failures: 3, open_for: 1000s, half_open_calls: 1 } }";
    for keys in ["", "lifecycle: { startup: 2s }"] {
        let all = facts(&shop(2, keys, breaker, WORSE));
        let turns = breaker_turns(&all);
        let opened = turns[0].0;
        assert!((5_000..6_000).contains(&opened), "{turns:?}");
        assert_eq!(
            turns,
            [
                (opened, "open", "consecutive_failures"),
                (20_000, "closed", "replaced")
            ]
        );
        let sent = at_first_slot(&all);
        let after = sent.iter().filter(|it| it.0 >= 20_000);
        assert!(after.clone().count() > 150, "it gets its share again");
        assert!(after.clone().all(|it| it.1 == Outcome::Ok));
    }
}

#[test]
fn rule_48_a_permit_held_from_before_is_not_given_back_to_the_new_one() {
    // The call of 9.9 s fails, holds the one permit for its instance through its backoff, and tries again.
    let policy = "{ bulkhead: { scope: target_instance, max_concurrent: 1 } }, \
         { retry: { max_attempts: 2, backoff: { constant: 14950ms }, jitter: none } }";
    let worse =
        "  worse: { at: 9850ms, for: 100ms, service: shop, instances: 1, errors: { share: 100% } }";
    let all = facts(&shop(1, "", policy, worse));
    let sent = at_first_slot(&all);
    let between = |from, until| {
        sent.iter()
            .filter(|it| (from..until).contains(&it.0))
            .count()
    };
    assert_eq!(between(9_900, 9_901), 1);
    assert_eq!(
        between(20_000, 24_850),
        49,
        "the new one has a bulkhead of its own"
    );
    let tries: Vec<&(u64, Outcome)> = sent.iter().filter(|it| it.0 == 24_850).collect();
    assert_eq!(tries, [&(24_850, Outcome::Ok)], "it asks anew");
    // Its permit came back once: calls and retries go in one after another.
    let after = sent.iter().filter(|it| it.0 >= 24_900);
    assert!(after.clone().all(|it| it.1 == Outcome::Ok));
    assert!(after.count() > 440);
}

#[test]
fn rule_48_a_view_older_than_the_filling_means_the_one_before() {
    let keys = "membership: { refresh: { every: 30s } }\n    lifecycle: { drain: 0s }";
    let all = facts(&shop(2, keys, "{ timeout: 1s }", ""));
    let sent = at_first_slot(&all);
    // The client asked at 0 s, and asks again at 30 s.
    let outcomes = |from, until| -> Vec<Outcome> {
        let of = sent.iter().filter(|it| (from..until).contains(&it.0));
        let mut all: Vec<Outcome> = of.map(|it| it.1).collect();
        all.dedup();
        all
    };
    assert_eq!(outcomes(0, 10_000), [Outcome::Ok]);
    assert_eq!(
        outcomes(10_000, 20_000),
        [Outcome::ErrorRefused],
        "nobody is there"
    );
    assert_eq!(
        outcomes(20_000, 30_000),
        [Outcome::ErrorRefused],
        "another is there"
    );
    assert_eq!(outcomes(30_000, 60_000), [Outcome::Ok]);
}

#[test]
fn rule_48_word_of_the_new_one_that_is_on_its_way_is_no_word_yet() {
    // The word that the old one leaves comes at 25 s, after the new one is up.
    let keys = "membership: { propagation: 15s }\n    lifecycle: { drain: 0s }";
    let all = facts(&shop(2, keys, "{ timeout: 1s }", ""));
    let sent = at_first_slot(&all);
    let refused = sent.iter().filter(|it| it.1 == Outcome::ErrorRefused);
    let refused: Vec<u64> = refused.map(|it| it.0).collect();
    assert!(refused.iter().all(|at| (10_000..25_000).contains(at)));
    assert!(refused.iter().filter(|&&at| at >= 20_000).count() > 20);
    let well = sent.iter().filter(|it| it.1 == Outcome::Ok);
    assert!(well.clone().all(|it| it.0 < 10_000 || it.0 >= 35_000));
    assert!(well.filter(|it| it.0 >= 35_000).count() > 100);
}

#[test]
fn rule_48_ejection_and_checks_know_nothing_of_the_next_in_a_slot() {
    let keys = "ejection: { consecutive: { failures: 5 }, sweep: 1s, eject: { for: 1000s }, max_ejected: 50% }\n    \
         health: { up: { every: 1s, phase: 0s, timeout: 500ms, fails: 2, passes: 3 } }";
    let worse =
        "  worse: { at: 5s, for: 5s, service: shop, instances: 1, errors: { share: 100% } }";
    let all = facts(&shop(2, keys, "{ timeout: 1s }", worse));
    let back: Vec<(u64, &str)> = all
        .iter()
        .filter_map(|(at, fact)| match *fact {
            Fact::InstanceReturned { by, .. } => Some((*at, by.name())),
            _ => None,
        })
        .collect();
    assert_eq!(back, [(10_000, "forgotten")]);
    let sent = at_first_slot(&all);
    assert!(sent.iter().filter(|it| it.0 >= 20_000).count() > 150);
}

#[test]
fn rule_54_a_breaker_for_all_is_let_go_when_the_one_that_failed_has_ended() {
    let spec = model(
        "
scenario: held
run: { duration: 60s }
clients:
  users: { arrivals: { constant: { rate: 10/s } }, calls: shop.buy, policy: guarded }
policies:
  guarded: [ { circuit_breaker: { consecutive_failures: 1000, open_for: 1s, half_open_calls: 1 } } ]
services:
  shop:
    instances: 2
    threads: 1
    queue: { capacity: 10 }
    health: { up: { every: 1s, timeout: 500ms, fails: 1, passes: 1, phase: 0s, on_fail: { breaker: guarded } } }
    operations: { buy: { steps: [ { work: 1ms } ] } }
faults:
  hang: { at: 5s, for: 40s, service: shop, instances: 1, pause: {} }
  fewer: { at: 10s, service: shop, instances: 1, stop: {} }",
    );
    let turns: Vec<(u64, &str)> = facts(&spec)
        .iter()
        .filter_map(|(at, fact)| match fact {
            Fact::BreakerChanged { to, .. } => Some((*at, to.name())),
            _ => None,
        })
        .collect();
    // The paused one ends at its grace of 30 s.
    assert_eq!(turns, [(5_500, "open"), (40_000, "closed")]);
}

/// What a check of the caller's concluded of the first instance, when its errors last a second.
fn judged(on_errors: &str, fails: u32) -> Vec<(u64, &'static str)> {
    let spec = model(&format!(
        "
scenario: haproxy
run: {{ duration: 20s }}
clients:
  users: {{ arrivals: {{ constant: {{ rate: 20/s }} }}, calls: shop.buy, policy: [ {{ timeout: 1s }} ] }}
services:
  shop:
    instances: 2
    threads: 4
    queue: {{ capacity: 10 }}
    health: {{ up: {{ like: haproxy, check: process, phase: 0s, fails: {fails} }} }}
    ejection: {{ like: haproxy, on_errors: {on_errors} }}
    operations: {{ buy: {{ steps: [ {{ work: 1ms }} ] }} }}
faults:
  worse: {{ at: 5s, for: 1s, service: shop, instances: 1, errors: {{ share: 100% }} }}"
    ));
    let turns = facts(&spec)
        .into_iter()
        .filter_map(|(at, fact)| match fact {
            Fact::HealthJudged {
                instance: InstanceId(0),
                verdict: Some(verdict),
                ..
            } => Some((at, verdict.name())),
            _ => None,
        });
    turns.collect()
}

#[test]
fn rule_55_ten_errors_in_a_row_are_what_haproxy_makes_of_them() {
    // Every other call is its own: the tenth error comes at 5.90 or 5.95 s, checks at each even second.
    let down = judged("mark_down", 3);
    assert_eq!(down.len(), 2, "{down:?}");
    assert!((5_900..6_000).contains(&down[0].0) && down[0].1 == "fails");
    assert_eq!(down[1], (8_000, "passes"), "two checks bring it back");
    // One failed check of three is no verdict; of one it is.
    assert_eq!(judged("fail_check", 3), []);
    assert_eq!(judged("fail_check", 1), down);
    assert_eq!(judged("sudden_death", 3), []);
    assert_eq!(judged("sudden_death", 1), down);
    assert_eq!(judged("fast_check", 1), []);
}

#[test]
fn rule_50_an_ejection_by_all_acts_at_once_whatever_news_take() {
    let keys = "membership: { propagation: 5s }\n    ejection: { scope: shared, consecutive: { failures: 5 }, \
         sweep: 1s, phase: 0s, eject: { for: 2s }, max_ejected: 50% }";
    let all = facts(&shop(2, keys, "{ timeout: 1s }", WORSE));
    let out: Vec<u64> = all
        .iter()
        .filter_map(|(at, fact)| matches!(fact, Fact::InstanceEjected { .. }).then_some(*at))
        .collect();
    let first = out[0];
    let sent = at_first_slot(&all);
    let within = |from, until| {
        sent.iter()
            .filter(|it| (from..until).contains(&it.0))
            .count()
    };
    assert_eq!(within(first + 1, first + 2_000), 0, "{out:?}");
    assert!(within(first - 1_500, first + 1) > 5);
}

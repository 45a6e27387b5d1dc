//! Health checks in whole runs: instants, causes and what follows, told by the facts.

use crate::support::model;
use sim_core::model::fact::{Fact, Observer};
use sim_core::model::{run, spec::ModelSpec};
use sim_core::time::SimTime;

/// The facts of health checks in words, by the second in which they were told.
#[derive(Default)]
struct Told(Vec<(SimTime, Fact)>);

impl Observer for Told {
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        self.0.push((now, *fact));
    }
}

fn facts(spec: &ModelSpec) -> Vec<(SimTime, Fact)> {
    run(spec, 1, 0, Told::default(), &mut |_, _| true)
        .observer
        .0
}

fn ms(at: SimTime) -> u64 {
    at.as_ns() / 1_000_000
}

/// When each check ended, of which instance, and how.
fn checked(spec: &ModelSpec) -> Vec<(u64, u32, &'static str)> {
    let all = facts(spec).into_iter();
    all.filter_map(|(at, fact)| match fact {
        Fact::Checked {
            instance, ending, ..
        } => Some((ms(at), instance.0, ending.outcome().name())),
        _ => None,
    })
    .collect()
}

/// When somebody was taken for well or not, by which check, whom, and how.
fn judged(spec: &ModelSpec) -> Vec<(u64, u32, u32, &'static str)> {
    let all = facts(spec).into_iter();
    all.filter_map(|(at, fact)| match fact {
        Fact::HealthJudged {
            check,
            instance,
            verdict,
            ..
        } => Some((
            ms(at),
            check.0,
            instance.0,
            verdict.map_or("new", |it| it.name()),
        )),
        _ => None,
    })
    .collect()
}

/// A service of so many instances with these checks, that a client calls now and then, and faults.
fn shop(instances: u32, health: &str, more: &str) -> ModelSpec {
    shop_for("60s", instances, health, more)
}

fn shop_for(duration: &str, instances: u32, health: &str, more: &str) -> ModelSpec {
    model(&format!(
        "
scenario: checks
run: {{ duration: {duration} }}
clients:
  users: {{ arrivals: {{ constant: {{ rate: 1/s }} }}, calls: shop.buy, policy: [ {{ timeout: 5s }} ] }}
services:
  shop:
    instances: {instances}
    threads: 1
    queue: {{ capacity: 10 }}
    health: {health}
    operations: {{ buy: {{ steps: [ {{ work: 10ms }} ] }} }}
{more}"
    ))
}

const PROCESS: &str = "{ ready: { every: 10s, timeout: 1s, fails: 2, passes: 1, phase: 3s } }";

#[test]
fn rule_53_ticks_come_at_their_phase_and_a_paused_process_is_silent() {
    let pause = "faults: { hang: { at: 20s, for: 15s, service: shop, pause: {} } }";
    let spec = shop(1, PROCESS, pause);
    let expected = [
        (3_000, 0, "ok"),
        (13_000, 0, "ok"),
        (24_000, 0, "timeout.response"),
        (34_000, 0, "timeout.response"),
        (43_000, 0, "ok"),
        (53_000, 0, "ok"),
    ];
    assert_eq!(checked(&spec), expected);
    let expected = [(34_000, 0, 0, "fails"), (43_000, 0, 0, "passes")];
    assert_eq!(judged(&spec), expected);
}

#[test]
fn rule_53_an_answer_at_the_very_end_of_the_time_counts() {
    let pause = "faults: { hang: { at: 20s, for: 4s, service: shop, pause: {} } }";
    let spec = shop(1, PROCESS, pause);
    // Sent at 23 s, accepted at 24 s, when its time is up.
    assert_eq!(checked(&spec)[2], (24_000, 0, "ok"));
}

#[test]
fn rule_53_a_check_of_a_thread_waits_in_the_queue_and_takes_a_thread() {
    let check =
        "{ ready: { check: thread, every: 10s, timeout: 1s, fails: 1, passes: 1, phase: 3500ms } }";
    let slow = "faults: { slow: { at: 10s, for: 10s, service: shop, slow: { factor: 90 } } }";
    let spec = shop(1, check, slow);
    // A call that came at 13 s keeps the thread until 13.9 s.
    let found = checked(&spec);
    assert_eq!(found[..2], [(3_500, 0, "ok"), (13_900, 0, "ok")]);
}

#[test]
fn rule_53_after_the_end_the_next_check_waits_for_the_last() {
    let check = "{ ready: { schedule: after_end, every: 10s, every_pending: 2s, timeout: 1s, fails: 2, passes: 2, phase: 3s } }";
    let pause = "faults: { hang: { at: 20s, for: 10s, service: shop, pause: {} } }";
    let times: Vec<u64> = checked(&shop(1, check, pause))
        .iter()
        .map(|it| it.0)
        .collect();
    // 23 s and 26 s fail; 36 s passes, and again 2 s later.
    assert_eq!(
        times,
        [
            3_000, 13_000, 24_000, 27_000, 37_000, 39_000, 49_000, 59_000
        ]
    );
}

#[test]
fn rule_54_a_check_behind_a_gate_begins_when_it_has_passed() {
    let checks = "
      started: { every: 1s, timeout: 500ms, fails: 9, passes: 3, phase: 0s, gates: [ready] }
      ready: { every: 4s, timeout: 500ms, fails: 1, passes: 1, phase: 1s }";
    let crash = "faults: { crash: { at: 10s, for: 10s, service: shop, crash: {} } }";
    let spec = shop(1, checks, crash);
    let all = judged(&spec);
    // Down from 10 to 20 s: found at the next tick of the one that runs. From 20 s: three passes at
    // 20, 21 and 22 s, and the next tick of the other, which counts from 21 s, is at 25 s.
    let expected = [
        (13_000, 1, 0, "fails"),
        (20_000, 0, 0, "new"),
        (20_000, 1, 0, "new"),
        (22_000, 0, 0, "passes"),
        (25_000, 1, 0, "passes"),
    ];
    assert_eq!(all, expected);
    let of_gate = facts(&spec)
        .into_iter()
        .filter(|(_, fact)| matches!(fact, Fact::Checked { check, .. } if check.0 == 0));
    assert_eq!(of_gate.count(), 3, "it is over once it has passed");
}

#[test]
fn rule_53_each_caller_asks_for_itself_over_the_network() {
    let check =
        "{ ready: { scope: caller, every: 10s, timeout: 1s, fails: 1, passes: 1, phase: 3s } }";
    let cut = "faults: { cut: { at: 10s, for: 10s, from: users, to: shop, partition: {} } }
network: { latency: 5ms }";
    let spec = shop(2, check, cut);
    let expected = [
        (3_010, 0, "ok"),
        (3_010, 1, "ok"),
        (14_000, 0, "timeout.response"),
        (14_000, 1, "timeout.response"),
        (23_010, 0, "ok"),
        (23_010, 1, "ok"),
    ];
    assert_eq!(checked(&spec)[..6], expected);
}

#[test]
fn rule_60_phases_are_drawn_for_each_instance_and_stay_when_another_is_added() {
    let check = "{ ready: { every: 10s, timeout: 1s, fails: 2, passes: 1 } }";
    let first = |instances| {
        let mut first = vec![None; instances as usize];
        for (at, instance, _) in checked(&shop(instances, check, "")) {
            first[instance as usize].get_or_insert(at);
        }
        first
    };
    let (few, many) = (first(3), first(5));
    assert_eq!(few, many[..3]);
    assert!(few.iter().flatten().all(|&at| at < 10_000));
    assert!(few[0] != few[1] && few[1] != few[2]);
}

#[test]
fn rule_54_restarts_wait_longer_each_time() {
    let lives = "{ live: { like: kubernetes-live, every: 2s, timeout: 1s, fails: 1, phase: 0s } }
    lifecycle: { grace: 1s, restart: { backoff: { exponential: { initial: 10s, max: 5m } } } }";
    let hang = "faults: { hang: { at: 10s, service: shop, pause: {} } }";
    let spec = shop_for("1300s", 1, lives, hang);
    let waits: Vec<u64> = facts(&spec)
        .into_iter()
        .filter_map(|(_, fact)| match fact {
            Fact::InstanceStarts { waited, .. } => Some(waited.as_ns() / 1_000_000_000),
            _ => None,
        })
        .collect();
    assert_eq!(waits[..8], [0, 10, 20, 40, 80, 160, 300, 300]);
}

#[test]
fn rule_54_who_fails_leaves_the_rotation_and_comes_back_when_it_passes() {
    let pause = "faults: { hang: { at: 20s, for: 15s, service: shop, instances: 1, pause: {} } }";
    let turns: Vec<(u64, u32, bool)> = facts(&shop(2, PROCESS, pause))
        .into_iter()
        .filter_map(|(at, fact)| match fact {
            Fact::RotationChanged {
                instance,
                in_rotation,
                ..
            } => Some((ms(at), instance.0, in_rotation)),
            _ => None,
        })
        .collect();
    assert_eq!(turns, [(34_000, 0, false), (43_000, 0, true)]);
}

#[test]
fn rule_54_a_check_holds_breakers_open_until_it_passes() {
    let spec = model(
        "
scenario: held
run: { duration: 60s }
clients:
  users: { arrivals: { constant: { rate: 1/s } }, calls: shop.buy, policy: guarded }
policies:
  guarded: [ { circuit_breaker: { consecutive_failures: 100, open_for: 1s, half_open_calls: 1 } }, { timeout: 500ms } ]
services:
  shop:
    threads: 1
    queue: { capacity: 10 }
    health: { up: { every: 10s, timeout: 1s, fails: 1, passes: 1, phase: 3s, on_fail: { breaker: guarded } } }
    operations: { buy: { steps: [ { work: 10ms } ] } }
faults: { hang: { at: 20s, for: 15s, service: shop, pause: {} } }",
    );
    let all = facts(&spec);
    let turns: Vec<(u64, &str)> = all
        .iter()
        .filter_map(|(at, fact)| match fact {
            Fact::BreakerChanged { to, .. } => Some((ms(*at), to.name())),
            _ => None,
        })
        .collect();
    // The check of 23 s has had its time at 24 s; that of 43 s is answered.
    assert_eq!(turns, [(24_000, "open"), (43_000, "closed")]);
    let stopped = all
        .iter()
        .filter(|(_, fact)| matches!(fact, Fact::LayerStopped { .. }));
    assert_eq!(
        stopped.count(),
        19,
        "calls from 24 s to 42 s; that of 43 s comes after the check"
    );
}

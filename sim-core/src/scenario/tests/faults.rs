//! Faults and queues as the file writes them: what becomes of calls at exact instants.

use super::load_text;
use crate::model::fact::{Fact, Observer};
use crate::model::run;
use crate::policy::Outcome;
use crate::scenario::Diagnostics;
use crate::time::SimTime;

/// When each call ended \[ms\], how, and how many messages were lost.
#[derive(Default)]
struct Ends {
    calls: Vec<(u64, Outcome)>,
    /// How long each took \[ms\].
    latencies: Vec<u64>,
    lost: u32,
}

impl Observer for Ends {
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        let ms = now.as_ns() / 1_000_000;
        if let Fact::CallEnded {
            ending, started_at, ..
        } = fact
        {
            self.calls.push((ms, ending.outcome()));
            let latency = now.since(*started_at);
            self.latencies.push(latency.as_ns() / 1_000_000);
        }
        self.lost += u32::from(matches!(fact, Fact::MessageLost { .. }));
    }
}

fn text(arrivals: &str, service: &str, faults: &str) -> String {
    format!(
        "scenario: x
run: {{ duration: 20s }}
clients: {{ web: {{ arrivals: {arrivals}, calls: a.op, policy: p }} }}
policies: {{ p: [{{ timeout: 5s }}] }}
services: {{ a: {{ {service}, operations: {{ op: {{ steps: [{{ work: 100ms }}] }} }} }} }}
faults: {{ {faults} }}
"
    )
}

fn ends(arrivals: &str, service: &str, faults: &str) -> Ends {
    let loaded = load_text(&text(arrivals, service, faults));
    let loaded = loaded.unwrap_or_else(|found| panic!("{:?}", found.all()));
    run(
        &loaded.scenario.model,
        1,
        0,
        Ends::default(),
        &mut |_, _| true,
    )
    .observer
}

fn at(times: &str) -> String {
    format!("{{ recorded: {{ times: [{times}] }} }}")
}

fn mistakes(service: &str, faults: &str) -> Vec<String> {
    let found = load_text(&text(&at("0s"), service, faults)).err();
    let all = found.iter().flat_map(Diagnostics::all);
    all.map(|it| it.message.clone()).collect()
}

const ROOMY: &str = "threads: 9, queue: { capacity: 9 }";

/// Calls that start before, during and at the end of a fault from 1 s to 2 s; each works 100 ms.
#[test]
fn rule_16_errors_are_decided_when_an_operation_starts() {
    let calls = at("950ms, 1500ms, 1950ms, 2s");
    let errors = |more: &str| {
        format!("f: {{ at: 1s, for: 1s, service: a, errors: {{ share: 100%{more} }} }}")
    };
    let outcomes = |more: &str| -> Vec<(u64, bool)> {
        let ends = ends(&calls, ROOMY, &errors(more)).calls;
        ends.into_iter()
            .map(|(ms, how)| (ms, how == Outcome::ErrorInternal))
            .collect()
    };
    assert_eq!(
        outcomes(""),
        [(1_050, false), (1_500, true), (1_950, true), (2_100, false)]
    );
    assert_eq!(
        outcomes(", before_work: false"),
        [(1_050, false), (1_600, true), (2_050, true), (2_100, false)]
    );
    assert_eq!(
        outcomes(", before_work: false, in_progress: true"),
        [(1_050, true), (1_600, true), (2_050, true), (2_100, false)]
    );
    let [mistake] = &mistakes(ROOMY, &errors(", in_progress: true"))[..] else {
        panic!("one mistake")
    };
    assert!(mistake.contains("before_work: false"), "{mistake}");
}

#[test]
fn rule_15_a_part_of_a_core_is_shared() {
    let half = "threads: 9, queue: { capacity: 9 }, cores: 0.5";
    assert_eq!(ends(&at("0s"), half, "").calls, [(200, Outcome::Ok)]);
    assert_eq!(ends(&at("0s, 0s"), half, "").calls, [(400, Outcome::Ok); 2]);
    let fewer = "f: { at: 0s, service: a, cores: { to: 0.25 } }";
    assert_eq!(ends(&at("0s"), half, fewer).calls, [(400, Outcome::Ok)]);
    let changed = "f: { at: 0s, change: { path: services.a.cores, to: 1.5 } }";
    assert_eq!(
        ends(&at("0s, 0s, 0s"), half, changed).calls,
        [(200, Outcome::Ok); 3]
    );
    for wrong in ["0", "0.0001", "1.00001", "1e7", "-1", "half"] {
        assert_eq!(
            mistakes(&format!("{ROOMY}, cores: {wrong}"), "").len(),
            1,
            "{wrong}"
        );
    }
}

/// Each of 2,000 calls sends a request and gets an answer; a tenth of either is a second late.
#[test]
fn rule_21_a_share_of_the_messages_is_delayed() {
    let fault = "f: { at: 0s, to: a, latency: { add: 1s, share: 10% } }";
    let ends = ends("{ constant: { rate: 100/s } }", "threads: unlimited", fault);
    let share = |latency_ms| {
        let such = ends
            .latencies
            .iter()
            .filter(|&&ms| ms == latency_ms)
            .count();
        such as f64 / ends.latencies.len() as f64
    };
    for (latency_ms, expected) in [(100, 0.81), (1_100, 0.18), (2_100, 0.01)] {
        let found = share(latency_ms);
        // Within four standard deviations of 1,900 draws.
        let sd = (expected * (1.0 - expected) / 1_900.0_f64).sqrt();
        assert!((found - expected).abs() < 4.0 * sd, "{latency_ms}: {found}");
    }
}

#[test]
fn rule_21_a_partition_of_some_instances() {
    let two = "instances: 2, threads: 9, queue: { capacity: 9 }";
    let cut = "f: { at: 0s, to: a, instances: 1, partition: { callers_see: refused } }";
    let calls = ends(&at("0s, 1s, 2s, 3s"), two, cut).calls;
    let refused = calls
        .iter()
        .filter(|end| end.1 == Outcome::ErrorRefused)
        .count();
    assert_eq!(
        (refused, calls.len()),
        (2, 4),
        "round robin meets each twice"
    );
    let lossy = "f: { at: 0s, to: a, instances: 1, loss: { share: 100% } }";
    assert_eq!(ends(&at("0s, 1s, 2s, 3s"), two, lossy).lost, 2);
    let nowhere = "f: { at: 0s, from: web, instances: 1, partition: {} }";
    assert_eq!(mistakes(two, nowhere).len(), 1);
}

#[test]
fn rule_13_a_full_queue_may_drop_its_oldest() {
    let queue = "threads: 1, queue: { capacity: 2, when_full: drop_oldest }";
    // The first works until 100 ms; the second and third wait; the fourth takes the second's place.
    let calls = ends(&at("0s, 10ms, 20ms, 30ms"), queue, "").calls;
    let (full, ok) = (Outcome::RejectedQueueFull, Outcome::Ok);
    assert_eq!(calls, [(30, full), (100, ok), (200, ok), (300, ok)]);
    let none = "threads: 1, queue: { capacity: 0, when_full: drop_oldest }";
    assert_eq!(
        ends(&at("0s, 10ms"), none, "").calls,
        [(10, full), (100, ok)]
    );
}

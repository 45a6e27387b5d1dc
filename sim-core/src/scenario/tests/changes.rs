//! Settings that change for a while, several of them at one time: what holds when.

use super::{Loaded, load_text};
use crate::id::FaultId;
use crate::model::fact::{Fact, Observer};
use crate::model::run;
use crate::model::spec::SettingChange;
use crate::policy::Outcome;
use crate::time::SimTime;

/// How many operations finish usefully in each ten seconds.
#[derive(Default)]
struct Finished(Vec<u32>);

impl Observer for Finished {
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        let ok = matches!(fact, Fact::CallEnded { ending, .. } if ending.outcome() == Outcome::Ok);
        let ten = (now.as_ns() / 10_000_000_000) as usize;
        self.0.resize(self.0.len().max(ten + 1), 0);
        self.0[ten] += u32::from(ok);
    }
}

/// A hundred calls a second of a tenth of a second each: every thread does ten of them.
fn load(faults: &str) -> Loaded {
    let text = format!(
        "scenario: x
run: {{ duration: 60s }}
clients: {{ web: {{ arrivals: {{ constant: {{ rate: 100/s }} }}, calls: a.op, policy: p }} }}
policies: {{ p: [{{ timeout: {{ after: 1s }} }}] }}
services: {{ a: {{ threads: 4, queue: {{ capacity: 0 }}, operations: {{ op: {{ steps: [{{ work: 100ms }}] }} }} }} }}
faults:\n{faults}"
    );
    load_text(&text).unwrap_or_else(|found| panic!("{:?}", found.all()))
}

fn finished(faults: &str) -> Vec<u32> {
    let model = load(faults).scenario.model;
    let played = run(&model, 1, 0, Finished::default(), &mut |_, _| true);
    played.observer.0
}

/// Threads that each ten seconds show: a hundred calls for each.
fn check(title: &str, faults: &str, threads: [u32; 6]) {
    let found: Vec<u32> = finished(faults)
        .iter()
        .map(|&calls| (calls + 50) / 100)
        .collect();
    assert_eq!(found, threads, "{title}");
}

fn change(at: u32, lasts: u32, path: &str, to: &str) -> String {
    format!(
        "  at{at}for{lasts}: {{ at: {at}s, for: {lasts}s, change: {{ path: '{path}', to: {to} }} }}\n"
    )
}

#[test]
fn rule_23_the_newest_change_that_stands_holds() {
    let threads = |at, lasts, to: &str| change(at, lasts, "services.a.threads", to);
    check(
        "one within another",
        &(threads(10, 30, "1") + &threads(20, 10, "2")),
        [4, 1, 2, 1, 4, 4],
    );
    check(
        "the outer one is written later",
        &(threads(20, 10, "2") + &threads(10, 30, "1")),
        [4, 1, 2, 1, 4, 4],
    );
    check(
        "they cross",
        &(threads(10, 20, "1") + &threads(20, 20, "2")),
        [4, 1, 2, 2, 4, 4],
    );
    check(
        "one follows another at the instant of its end",
        &(threads(20, 10, "2") + &threads(10, 10, "1")),
        [4, 1, 2, 4, 4, 4],
    );
    check(
        "three, and the one in the middle ends first",
        &(threads(10, 40, "1") + &threads(20, 10, "2") + &threads(21, 19, "3")),
        [4, 1, 3, 3, 1, 4],
    );
}

#[test]
fn rule_23_a_path_and_the_one_above_it() {
    let threads = |at, lasts, to: &str| change(at, lasts, "services.a.threads", to);
    let all =
        "{ threads: 1, queue: { capacity: 0 }, operations: { op: { steps: [{ work: 100ms }] } } }";
    let service = |at, lasts| change(at, lasts, "services.a", all);
    check(
        "the part is newer",
        &(service(10, 30) + &threads(20, 10, "2")),
        [4, 1, 2, 1, 4, 4],
    );
    check(
        "the whole is newer, and sets the part too",
        &(threads(10, 30, "2") + &service(20, 10)),
        [4, 2, 1, 2, 4, 4],
    );
}

/// The capacity of one change, the limit of the other, for as long as both stand.
#[test]
fn rule_23_two_paths_to_one_part() {
    let faults = change(10, 30, "services.a.queue.capacity", "3")
        + &change(20, 30, "services.a.queue.max_wait", "1s");
    let combined = load(&faults).scenario.model.combined;
    let [both] = combined.as_slice() else {
        panic!("{combined:?}")
    };
    assert_eq!(both.faults, [FaultId(0), FaultId(1)]);
    let [SettingChange::Queue(_, queue)] = both.to.as_slice() else {
        panic!("{both:?}")
    };
    assert_eq!((queue.capacity, queue.max_wait.is_some()), (Some(3), true));
    let apart = change(10, 10, "services.a.queue.capacity", "3")
        + &change(20, 10, "services.a.queue.max_wait", "1s");
    assert_eq!(load(&apart).scenario.model.combined, []);
}

#[test]
fn rule_23_layers_of_a_policy_too() {
    let after = |at, lasts, to: &str| change(at, lasts, "policies.p.timeout.after", to);
    check(
        "the shorter one makes all calls fail",
        &(after(10, 30, "50ms") + &after(20, 10, "200ms")),
        [4, 0, 4, 0, 4, 4],
    );
}

#[test]
fn what_two_changes_make_impossible_together_is_said_of_the_newer() {
    let text = "scenario: x
run: { duration: 60s }
clients: { web: { arrivals: { constant: { rate: 1/s } }, calls: a.op, policy: p } }
policies: { p: [{ retry: { max_attempts: 2, backoff: { exponential: { initial: 1s, max: 5s } } } }] }
services: { a: { threads: unlimited, operations: { op: { steps: [{ work: 1ms }] } } } }
faults:
  f: { at: 10s, for: 30s, change: { path: policies.p.retry.backoff.exponential.initial, to: 4s } }
  g: { at: 20s, for: 10s, change: { path: policies.p.retry.backoff.exponential.max, to: 3s } }
";
    let found = load_text(text)
        .err()
        .map(|found| format!("{:?}", found.all()));
    println!("{found:?}");
}

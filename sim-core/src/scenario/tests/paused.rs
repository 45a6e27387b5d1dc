//! A paused instance accepts nothing and refuses nothing (rule 20).

use super::load_text;
use crate::model::fact::{Fact, Observer};
use crate::model::run;
use crate::policy::Outcome;
use crate::time::SimTime;

/// What became of calls and operations.
#[derive(Default)]
struct Seen {
    /// When each call ended \[ms\], and how.
    calls: Vec<(u64, Outcome)>,
    /// When each operation arrived, and when it was turned away, dropped or lost \[ms\].
    operations: Vec<(u64, &'static str)>,
    numbers: Vec<u64>,
}

impl Observer for Seen {
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        let ms = now.as_ns() / 1_000_000;
        if let Fact::OperationArrived { attempt, .. } = fact {
            self.numbers.push((*attempt).into());
        }
        if let Fact::CallEnded { ending, .. } = fact {
            self.calls.push((ms, ending.outcome()));
        }
        let kinds = [
            ("arrives", matches!(fact, Fact::OperationArrived { .. })),
            ("rejected", matches!(fact, Fact::OperationRejected { .. })),
            ("dropped", matches!(fact, Fact::OperationDropped { .. })),
            ("lost", matches!(fact, Fact::OperationLost { .. })),
        ];
        let what = kinds.into_iter().filter(|kind| kind.1);
        self.operations.extend(what.map(|(what, _)| (ms, what)));
    }
}

fn seen(times: &str, service: &str, policy: &str, faults: &str) -> Seen {
    let text = format!(
        "scenario: x
run: {{ duration: 60s }}
clients: {{ web: {{ arrivals: {{ recorded: {{ times: [{times}] }} }}, calls: a.op, policy: p }} }}
policies: {{ p: [{policy}] }}
services: {{ a: {{ {service}, operations: {{ op: {{ steps: [{{ work: 10ms }}] }} }} }} }}
faults: {{ {faults} }}
"
    );
    let loaded = load_text(&text).unwrap_or_else(|found| panic!("{:?}", found.all()));
    let played = run(
        &loaded.scenario.model,
        1,
        0,
        Seen::default(),
        &mut |_, _| true,
    );
    let in_flight = played.live.attempts;
    let seen = played.observer;
    assert_eq!(in_flight, 0, "nothing waits at the end");
    seen
}

const PAUSE: &str = "f: { at: 1s, for: 9s, service: a, pause: {} }";
const SMALL: &str = "threads: 1, queue: { capacity: 0 }";

fn ends(seen: &Seen) -> Vec<(u64, Outcome)> {
    seen.calls.clone()
}

#[test]
fn rule_20_callers_hang_until_their_own_timeout() {
    let many = seen("2s, 2s, 2s, 9s", SMALL, "{ timeout: 3s }", PAUSE);
    let late = Outcome::TimeoutResponse;
    // At 10 s all are accepted: the first takes the thread, nobody has a place to wait.
    let full = Outcome::RejectedQueueFull;
    assert_eq!(
        ends(&many),
        [(5_000, late), (5_000, late), (5_000, late), (10_000, full)]
    );
    let arrived = [
        (10_000, "arrives"),
        (10_000, "arrives"),
        (10_000, "rejected"),
    ];
    assert_eq!(many.operations[..3], arrived);
    let one = seen("9s", SMALL, "{ timeout: 3s }", PAUSE);
    assert_eq!(ends(&one), [(10_010, Outcome::Ok)]);
}

#[test]
fn rule_20_the_backlog_is_accepted_in_order() {
    let all = seen(
        "2s, 3s, 4s",
        "threads: 3, queue: { capacity: 0 }",
        "{ timeout: 20s }",
        PAUSE,
    );
    assert_eq!(all.numbers, [1, 2, 3]);
    assert_eq!(ends(&all), [(10_010, Outcome::Ok); 3]);
}

#[test]
fn rule_20_beyond_the_backlog_callers_try_again() {
    let service = "threads: 5, queue: { capacity: 0 }, backlog: 1";
    let hang = "{ timeout: 50s }";
    // Sent at 2.5 s, again at 3.5 s, 5.5 s, 9.5 s and 17.5 s.
    let all = seen("2s, 2500ms", service, hang, PAUSE);
    assert_eq!(ends(&all), [(10_010, Outcome::Ok), (17_510, Outcome::Ok)]);
    // One that is given up tries no more; one with a limit for connecting learns it.
    let short = "{ timeout: { after: 50s, connect: 2s } }";
    let all = seen("2s, 2500ms", service, short, PAUSE);
    assert_eq!(
        ends(&all),
        [(4_500, Outcome::TimeoutConnect), (10_010, Outcome::Ok)]
    );
    assert_eq!(all.operations, [(10_000, "arrives")]);
    let given_up = seen("2s, 2500ms", service, "{ timeout: 4s }", PAUSE);
    assert_eq!(given_up.operations, [(10_000, "arrives")]);
}

#[test]
fn rule_20_who_minds_abandoned_work_drops_it_when_the_pause_is_over() {
    for (what, after) in [
        ("finish", "rejected"),
        ("skip", "dropped"),
        ("remove", "dropped"),
    ] {
        let service = format!("threads: 1, queue: {{ capacity: 0 }}, abandoned_work: {what}");
        let all = seen("2s, 3s", &service, "{ timeout: 1s }", PAUSE);
        assert_eq!(all.operations.last(), Some(&(10_000, after)), "{what}");
    }
}

#[test]
fn rule_20_a_crash_during_a_pause_closes_what_was_connected() {
    let crash = "f: { at: 1s, for: 9s, service: a, pause: {} }, g: { at: 5s, for: 1s, service: a, crash: {} }";
    let all = seen("2s, 5500ms", SMALL, "{ timeout: 20s }", crash);
    let expected = [(5_000, Outcome::ErrorReset), (5_500, Outcome::ErrorRefused)];
    assert_eq!(ends(&all), expected);
    assert_eq!(all.operations, [], "it never arrived");
}

/// What reaches a stopped process waits until it goes on: here the limit of a wait.
#[test]
fn rule_20_a_stopped_process_turns_nobody_away() {
    let queue = "threads: 1, queue: { capacity: 9, max_wait: 5ms }";
    let early = "f: { at: 1001ms, for: 9s, service: a, pause: {} }";
    let all = seen("1s, 1s", queue, "{ timeout: 20s }", early);
    let expected = [
        (10_001, Outcome::RejectedQueueTimeout),
        (10_010, Outcome::Ok),
    ];
    assert_eq!(ends(&all), expected);
}

//! A call made by hand, in every view.

use super::*;

const MS: u64 = 1_000_000;

fn attempt(number: u32, sent: u64, ended: u64, outcome: &str) -> AttemptTrace {
    AttemptTrace {
        let_through: Vec::new(),
        attempt: number + 10,
        number,
        instance: format!("shop/{number}"),
        sent_at_ns: sent * MS,
        ended_at_ns: Some(ended * MS),
        outcome: Some(outcome.to_owned()),
        lost: None,
        operation: Some(OperationTrace {
            arrived_at_ns: (sent + 10) * MS,
            started_at_ns: Some((sent + 30) * MS),
            ended_at_ns: Some((sent + 110) * MS),
            end: Some("answered ok".to_owned()),
            held_ns: 80 * MS,
            calls: Vec::new(),
            effects: Vec::new(),
        }),
    }
}

fn decision(at: u64, layer: &str, text: &str) -> DecisionTrace {
    DecisionTrace {
        at_ns: at * MS,
        layer: layer.to_owned(),
        text: text.to_owned(),
        waits_ns: None,
        attempts_sent: 1,
    }
}

fn call() -> CallTrace {
    CallTrace {
        fallbacks: Vec::new(),
        call: 7,
        edge: "users -> shop.buy".to_owned(),
        process: "users/2".to_owned(),
        started_at_ns: 1_000 * MS,
        ended_at_ns: Some(1_400 * MS),
        outcome: Some("ok".to_owned()),
        ended_by: Some("shop.buy".to_owned()),
        first_cause: None,
        decisions: vec![
            decision(
                1_100,
                "timeout",
                "the time is up: the pass inside is given up",
            ),
            decision(1_100, "retry", "pass 1 failed: it tries again after 180ms"),
        ],
        attempts: vec![
            attempt(1, 1_000, 1_100, "timeout.response"),
            attempt(2, 1_280, 1_400, "ok"),
        ],
    }
}

#[test]
fn a_waterfall_is_read_from_top_to_bottom() {
    assert_eq!(
        waterfall(&call(), 80, true),
        "\
call 7 of users/2: users -> shop.buy
started at t=1.000s, ended ok after 400 ms

                                       0                         400 ms
shop.buy: ok                           --------------------------------   400 ms
 1 shop/1: timeout.response            qq######x                          100 ms
   queue 20 ms, thread 80 ms, answered ok, 10 ms after its caller had left
 +100 ms timeout: the time is up: the pass inside is given up
 +100 ms retry: pass 1 failed: it tries again after 180ms
 2 shop/2: ok                                                .q#######.   120 ms
   queue 20 ms, thread 80 ms, answered ok

- call  . on the way  q in the queue  # in a thread  x in a thread for nobody
"
    );
}

/// A timeout that lets its attempt run on has answered long before it.
#[test]
fn work_after_the_answer_of_the_call_is_for_nobody() {
    let mut call = call();
    call.ended_at_ns = Some(1_060 * MS);
    call.attempts = vec![attempt(1, 1_000, 1_110, "ok")];
    let shown = waterfall(&call, 80, true);
    let bar = shown
        .lines()
        .find(|line| line.contains("1 shop/1"))
        .unwrap();
    assert!(bar.contains('#') && bar.contains('x'), "{shown}");
    assert!(shown.contains("50 ms after its caller had left"), "{shown}");
}

#[test]
fn what_is_decided_at_the_instant_of_an_attempt_stands_above_it() {
    let mut call = call();
    call.attempts[1].sent_at_ns = 1_100 * MS;
    let shown = waterfall(&call, 80, true);
    let place = |text: &str| shown.find(text).unwrap();
    assert!(place("1 shop/1") < place("retry: pass 1 failed"));
    assert!(place("retry: pass 1 failed") < place("2 shop/2"), "{shown}");
}

#[test]
fn every_span_of_a_perfetto_trace_is_closed() {
    let text = perfetto(&call());
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let events = value["traceEvents"].as_array().unwrap();
    let phase = |which: &str| events.iter().filter(|event| event["ph"] == which).count();
    assert_eq!((phase("b"), phase("e"), phase("n")), (7, 7, 2));
}

//! What the simulator's callee answered, replayed, drives the same policy through the same states.

use super::*;
use crate::experiment::{Play, simulate};
use crate::model::fact::{Fact, Observer};
use crate::policy::BreakerStateKind;
use crate::scenario::load;
use std::collections::BTreeMap;

/// Requests to one service that breaks down in the middle of the run.
const SCENARIO: &str = "
scenario: broken
run: { duration: 60s }
clients:
  users:
    arrivals: { poisson: { rate: 100/s } }
    calls: shop.buy
    policy: guarded
services:
  shop:
    threads: 20
    queue: { capacity: 10 }
    operations:
      buy: { steps: [ { work: { exponential: { mean: 20ms } } } ] }
faults:
  slow: { at: 10s, for: 8s, service: shop, slow: { factor: 20 } }
  wrong: { at: 30s, for: 10s, service: shop, errors: { share: 60%, kind: internal } }
policies:
  guarded: ";

/// A change of a breaker's state: when, from, to, failures, results.
type Change = (SimTime, BreakerStateKind, BreakerStateKind, u32, u32);

/// Calls with the answers to their attempts, and the changes of breakers.
#[derive(Debug, Default)]
struct Facts {
    calls: BTreeMap<u32, (SimTime, Vec<Answer>)>,
    changes: Vec<Change>,
}

impl Observer for Facts {
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        if let Fact::CallStarted { call, .. } = *fact {
            self.calls.insert(call, (now, Vec::new()));
        }
        if let Fact::AttemptEnded {
            call,
            sent_at,
            answered,
            ending,
            ..
        } = *fact
        {
            // What was given up has no answer that anybody heard.
            let latency = if answered {
                now.since(sent_at)
            } else {
                SimDuration::MAX
            };
            let outcome = ending.outcome();
            let answers = &mut self.calls.get_mut(&call).unwrap().1;
            answers.push(Answer::new(latency, outcome));
        }
        if let Fact::BreakerChanged {
            from,
            to,
            failures,
            results,
            ..
        } = *fact
        {
            self.changes.push((now, from, to, failures, results));
        }
    }
}

fn simulated(layers: &str) -> Facts {
    let source = Source {
        name: "x.yaml".to_owned(),
        text: format!("{SCENARIO}{layers}\n"),
    };
    let loaded = load(&source, &[], &|_| Err("no files".to_owned()));
    let scenario = loaded.unwrap_or_else(|found| panic!("{found}")).scenario;
    let play = Play {
        seed: 3,
        replication: 0,
    };
    simulate(&scenario, play, Facts::default(), &mut |_, _| true).1
}

#[track_caller]
fn same_transitions(layers: &str) {
    let facts = simulated(layers);
    let opened = facts
        .changes
        .iter()
        .filter(|it| it.2 == BreakerStateKind::Open);
    assert!(opened.count() >= 2, "{layers}: the breaker hardly opens");
    let settings = Settings {
        seed: 9,
        unrecorded: Unrecorded::Repeat,
    };
    let mut backtest = Backtest::new(&policy(layers), settings, ());
    // The policy stopped it: it will again, and nobody asks for the answer.
    let never = [Answer::new(SimDuration::MAX, Outcome::Ok)];
    for (&line, (start, answers)) in &facts.calls {
        let call = RecordedCall {
            line: line.into(),
            start: *start,
            caller: "users",
            target: "shop",
            class: "",
            idempotent: true,
            answers: if answers.is_empty() { &never } else { answers },
        };
        backtest.play(&call).unwrap();
    }
    let (summary, ()) = backtest.finish().unwrap();
    let replayed = summary.changes.iter().map(|change| {
        let it = change.transition;
        (change.at, it.from, it.to, it.failures, it.results)
    });
    let end = SimTime::ZERO + SimDuration::from_secs(60);
    let replayed: Vec<Change> = replayed.filter(|change| change.0 < end).collect();
    assert_eq!(replayed, facts.changes, "{layers}");
}

const BREAKER: &str = "circuit_breaker: { failure_rate: 50%, window: { calls: 20 }, \
                       minimum_calls: 10, open_for: 1s, half_open_calls: 3 }";

#[test]
fn a_breaker_alone() {
    same_transitions(&format!("[ {{ {BREAKER} }}, {{ timeout: 200ms }} ]"));
}

#[test]
fn a_breaker_inside_a_retry_and_around_a_bulkhead() {
    same_transitions(&format!(
        "[ {{ retry: {{ max_attempts: 3, backoff: {{ constant: 50ms }}, jitter: none }} }}, \
         {{ {BREAKER} }}, {{ bulkhead: {{ max_concurrent: 10, max_waiting: 5, max_wait: 100ms }} \
         }}, {{ timeout: 150ms }} ]"
    ));
}

#[test]
fn a_breaker_around_a_retry() {
    same_transitions(&format!(
        "[ {{ timeout: 400ms }}, {{ {BREAKER} }}, {{ retry: {{ max_attempts: 2, backoff: \
         {{ constant: 30ms }}, jitter: none }} }}, {{ timeout: 150ms }} ]"
    ));
}

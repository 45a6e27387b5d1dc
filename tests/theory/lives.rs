//! The gap at the removal of instances: errors = rate / instances x (propagation - drain).

use crate::support::model;
use sim_core::id::InstanceId;
use sim_core::model::fact::{Fact, Observer};
use sim_core::model::run;
use sim_core::policy::Outcome;
use sim_core::time::SimTime;
use std::collections::BTreeMap;

/// Attempts that were refused, by instance.
#[derive(Default)]
struct Refused(BTreeMap<InstanceId, u32>);

impl Observer for Refused {
    fn on_fact(&mut self, _now: SimTime, fact: &Fact) {
        if let Fact::AttemptEnded {
            instance, ending, ..
        } = *fact
            && ending.outcome() == Outcome::ErrorRefused
        {
            *self.0.entry(instance).or_default() += 1;
        }
    }
}

/// How many are refused by each of six in a rollout, at 300/s.
fn refused(propagation: &str, drain: &str) -> Vec<u32> {
    let scenario = format!(
        "scenario: gap
run: {{ duration: 100s }}
clients:
  c: {{ arrivals: {{ constant: {{ rate: 300/s }} }}, calls: s.op }}
services:
  s:
    instances: 6
    threads: 10
    queue: {{ capacity: 100 }}
    lifecycle: {{ startup: 2s, drain: {drain} }}
    membership: {{ propagation: {propagation} }}
    operations: {{ op: {{ steps: [{{ work: 20ms }}] }} }}
faults:
  rollout: {{ at: 5001ms, service: s, restart: {{ pause: 4s }} }}
"
    );
    let spec = model(&scenario);
    let played = run(&spec, 1, 0, Refused::default(), &mut |_, _| true);
    let counts = spec.instances.ids();
    let counts = counts.map(|id| played.observer.0.get(&id).copied().unwrap_or(0));
    counts.collect()
}

#[test]
fn each_instance_that_is_removed_costs_its_share_for_as_long_as_callers_have_not_heard() {
    for (propagation, drain, expected) in [
        ("2s", "0s", 100),
        ("2s", "1s", 50),
        ("1s", "0s", 50),
        ("2s", "1999ms", 0),
        ("2s", "2s", 0),
        ("2s", "5s", 0),
    ] {
        let counts = refused(propagation, drain);
        for count in &counts {
            assert!(
                count.abs_diff(expected) <= 1,
                "{propagation} against {drain}: {counts:?}, not {expected} each"
            );
        }
        let all: u32 = counts.iter().sum();
        assert!(all.abs_diff(6 * expected) <= 6, "{all}");
    }
}

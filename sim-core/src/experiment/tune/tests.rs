use super::*;
use crate::experiment::bench::{BenchWatcher, RunName, Stand};
use crate::experiment::design::Axis;
use crate::experiment::{Threads, figures};
use crate::scenario::{Draft, InRuns, Source};

/// Waits to the end.
struct Patient;

impl BenchWatcher for Patient {
    fn run_done(&self, _run: &RunName, _sample: &Sample) -> bool {
        true
    }
    fn goes_on(&self) -> bool {
        true
    }
}

/// A shop with attempts that can be given up too early or too late, and retries that can help or
/// harm.
fn shop(replaced: &[(&str, &str)]) -> String {
    let mut text = "\
scenario: shop
run: { duration: 6s, seed: 7 }
clients:
  users:
    arrivals: { poisson: { rate: 30/s } }
    calls: shop.buy
    policy: careful
services:
  shop:
    threads: 4
    queue: { capacity: 20 }
    operations:
      buy: { idempotent: true, steps: [ { work: { lognormal: { mean: 60ms, p99: 700ms } } } ] }
policies:
  careful:
    - retry: { max_attempts: 2, backoff: { exponential: { initial: 20ms, max: 1s } }, jitter: full }
    - timeout: 400ms
expect:
  useful: { success: { client: users, at_least: 1% } }
"
    .to_owned();
    for (from, to) in replaced {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    text
}

fn stand(text: &str, figure: &str) -> (Stand, Vec<InRuns>) {
    let source = Source {
        name: "shop".to_owned(),
        text: text.to_owned(),
    };
    let draft = Draft::read(&source, &[], &|_| Err("no files".to_owned())).unwrap();
    let base = draft.with([]).unwrap().scenario;
    let figures = figures(&base)
        .into_iter()
        .filter(|one| one.name == figure)
        .collect();
    let rules = base.expectations.iter().map(|one| one.in_runs).collect();
    let stand = Stand {
        draft,
        name: "shop".to_owned(),
        seed: 7,
        figures,
    };
    (stand, rules)
}

fn space(axes: &[&str]) -> Space {
    Space::new(axes.iter().map(|text| Axis::parse(text).unwrap()).collect())
}

#[test]
fn several_scenarios_are_served_at_once_by_the_worst_of_them() {
    let calm = stand(&shop(&[("rate: 30/s", "rate: 10/s")]), "goodput of users");
    let busy = stand(&shop(&[("rate: 30/s", "rate: 75/s")]), "goodput of users");
    let named = |(stand, _): (Stand, Vec<InRuns>), name: &str| Stand {
        name: name.to_owned(),
        ..stand
    };
    let stands = [named(calm, "calm"), named(busy, "busy")];
    let bench = Bench {
        stands: &stands,
        threads: Threads::Exactly(2),
        watcher: &Patient,
    };
    let space = space(&["services.shop.threads=1..8"]);
    let mut oracle = OnBench {
        bench: &bench,
        space: &space,
        goal: Goal {
            target: Target::Figure(0),
            maximise: true,
        },
        present: vec![None],
        expectations: vec![1, 1],
    };
    let trials = oracle.play(&[(None, 0..2)]).unwrap().remove(0);
    assert_eq!((trials.len(), trials[0].verdicts.len()), (2, 2));
    // Ten calls a second can give no more goodput than ten: the calm one is the worst.
    let cost = trials[0].cost.unwrap();
    assert!((-16.0..-5.0).contains(&cost), "{cost}");
}

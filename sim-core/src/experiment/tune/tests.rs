use super::*;
use crate::experiment::bench::Stand;
use crate::experiment::design::Axis;
use crate::experiment::{NeverStops, Threads, figures};
use crate::scenario::fixture::draft;

/// A shop that does at most 50 calls a second.
const SHOP: &str = "\
scenario: shop
run: { duration: 6s, seed: 7 }
clients:
  users:
    arrivals: { poisson: { rate: 10/s } }
    calls: shop.buy
    policy: patient
services:
  shop:
    threads: 4
    queue: { capacity: 20 }
    operations:
      buy: { steps: [ { work: { exponential: { mean: 80ms } } } ] }
policies:
  patient: [ { timeout: 1s } ]
expect:
  useful: { success: { client: users, at_least: 1% } }
";

fn stand(name: &str, text: &str) -> Stand {
    let draft = draft(text);
    let all = figures(&draft.with([]).unwrap().scenario);
    Stand {
        draft,
        name: name.to_owned(),
        seed: 7,
        figures: all
            .into_iter()
            .filter(|one| ["goodput of users", "expectation useful"].contains(&one.name.as_str()))
            .collect(),
    }
}

#[test]
fn several_scenarios_are_served_at_once_by_the_worst_of_them() {
    let stands = [
        stand("calm", SHOP),
        stand("busy", &SHOP.replace("rate: 10/s", "rate: 75/s")),
    ];
    let bench = Bench {
        stands: &stands,
        threads: Threads::Exactly(2),
        watcher: &NeverStops,
    };
    let axis = Axis::parse("services.shop.threads=1..8").unwrap();
    let space = Space::new(vec![axis]);
    let mut oracle = OnBench {
        bench: &bench,
        space: &space,
        goal: Goal {
            target: Target::Figure(0),
            maximise: true,
        },
        present: vec![None],
        bounds: vec![vec![Bound::AtLeast(0.01)]; 2],
    };
    let trials = oracle.play(&[(None, 0..2)]).unwrap().remove(0);
    assert_eq!((trials.len(), trials[0].verdicts.len()), (2, 2));
    // Ten calls a second can give no more goodput than ten: the calm one is the worst.
    assert!(trials[0].values.iter().all(|value| value.unwrap() > 0.01));
    assert!(trials[0].short <= 0.0);
    let cost = trials[0].cost.unwrap();
    assert!((-16.0..-5.0).contains(&cost), "{cost}");
}

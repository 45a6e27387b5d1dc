//! The bar of `squall limits`: a dense sweep finds a boundary; the search has it within its interval,
//! with at most a fifth of the runs.

use sim_core::experiment::Threads;
use sim_core::experiment::bench::{Ask, Bench, BenchWatcher, RunName, Sample, Stand};
use sim_core::experiment::design::Axis;
use sim_core::experiment::limits::{Care, Failing, Line, find};
use sim_core::scenario::{Draft, Source};
use std::sync::atomic::{AtomicU32, Ordering};

const SHOP: &str = "\
scenario: shop
run: { duration: 20s, seed: 7 }
clients:
  users:
    arrivals: { poisson: { rate: 15/s } }
    calls: shop.buy
    policy: impatient
services:
  shop:
    threads: 2
    queue: { capacity: 50 }
    operations:
      buy: { idempotent: true, steps: [ { work: { exponential: { mean: 100ms } } } ] }
policies:
  impatient: [ { retry: { max_attempts: 2, backoff: none } }, { timeout: 500ms } ]
";

/// Waits to the end and counts.
#[derive(Default)]
struct Counter(AtomicU32);

impl BenchWatcher for Counter {
    fn run_done(&self, _run: &RunName, _sample: &Sample) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed);
        true
    }
    fn goes_on(&self) -> bool {
        true
    }
}

#[test]
fn a_boundary_found_by_a_dense_sweep_is_found_with_a_fifth_of_the_runs() {
    let source = Source {
        name: "shop".to_owned(),
        text: SHOP.to_owned(),
    };
    let stands = [Stand {
        draft: Draft::read(&source, &[], &|_| Err("no files".to_owned())).unwrap(),
        name: "shop".to_owned(),
        seed: 7,
        figures: Vec::new(),
    }];
    let axis = Axis::parse("clients.users.arrivals.poisson.rate=8/s..24/s").unwrap();
    let line = Line {
        stand: 0,
        fixed: Vec::new(),
        path: axis.path.clone(),
        places: axis.places(65),
    };
    let bench = |watcher| Bench {
        stands: &stands,
        threads: Threads::All,
        watcher,
    };
    let (searched, swept) = (Counter::default(), Counter::default());
    let care = Care {
        level: 0.5,
        scan: 5,
        runs: 40,
    };
    let lines = [line];
    let (found, halt) = find(&bench(&searched), &lines, Failing::Collapse, care);
    assert_eq!(halt, None);
    let edges = found[0].edges();
    assert_eq!(edges.len(), 1, "{edges:?}");

    // Other replications than the search has seen.
    let ask = |place: usize| Ask {
        stand: 0,
        values: lines[0].values(place),
        runs: 100..140,
    };
    let asks: Vec<Ask> = (0..lines[0].places.len()).map(ask).collect();
    let dense = bench(&swept).play(&asks).unwrap();
    let collapsed: Vec<usize> = dense
        .iter()
        .map(|samples| samples.iter().filter(|one| one.collapsed).count())
        .collect();
    let last_below = collapsed.iter().rposition(|&runs| runs < 20).unwrap();
    let first_above = collapsed.iter().position(|&runs| runs >= 20).unwrap();
    assert!(
        edges[0].from <= first_above && last_below <= edges[0].to,
        "{edges:?}: {first_above} to {last_below}, {collapsed:?}"
    );
    let (few, many) = (searched.0.into_inner(), swept.0.into_inner());
    assert!(few * 5 <= many, "{few} runs against {many}");
}

use super::*;
use crate::experiment::Threads;
use crate::experiment::bench::{BenchWatcher, RunName, Stand};
use crate::experiment::design::Axis;
use crate::scenario::fixture::draft;
use std::sync::atomic::{AtomicU32, Ordering};

/// A shop that collapses once more is asked of it than it can do.
const SHOP: &str = "\
scenario: shop
run: { duration: 16s, seed: 7 }
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
      buy: { steps: [ { work: { exponential: { mean: 100ms } } } ] }
policies:
  impatient: [ { retry: { max_attempts: 2, backoff: none } }, { timeout: 500ms } ]
expect:
  useful: { success: { client: users, at_least: 60% } }
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

fn stand() -> Stand {
    Stand {
        draft: draft(SHOP),
        name: "shop".to_owned(),
        seed: 7,
        figures: Vec::new(),
    }
}

fn line(axis: &str) -> Line {
    let axis = Axis::parse(axis).unwrap();
    Line {
        stand: 0,
        fixed: Values::new(),
        path: axis.path.clone(),
        places: axis.places(33),
    }
}

const RATE: &str = "clients.users.arrivals.poisson.rate=12/s..28/s";
const CARE: Care = Care {
    level: 0.5,
    scan: 5,
    runs: 40,
};

fn search(failing: Failing, threads: u32) -> (Vec<Search>, u32) {
    let (stands, counter) = ([stand()], Counter::default());
    let bench = Bench {
        stands: &stands,
        threads: Threads::Exactly(threads),
        watcher: &counter,
    };
    let (found, halt) = find(&bench, &[line(RATE)], failing, CARE);
    assert_eq!(halt, None);
    (found, counter.0.into_inner())
}

#[test]
fn nobody_sees_the_number_of_threads() {
    let seen = |threads| {
        let (found, runs) = search(Failing::Expectation(0), threads);
        (found[0].seen().collect::<Vec<_>>(), runs)
    };
    let one = seen(1);
    assert!(one.0.iter().any(|(_, hits)| hits.hits > 0));
    assert_eq!(seen(3), one);
}

/// Ends the search after so many runs.
struct Impatient(AtomicU32);

impl BenchWatcher for Impatient {
    fn run_done(&self, _run: &RunName, _sample: &Sample) -> bool {
        true
    }
    fn goes_on(&self) -> bool {
        self.0.fetch_sub(1, Ordering::Relaxed) > 1
    }
}

#[test]
fn a_search_that_is_stopped_keeps_what_it_found() {
    let (stands, impatient) = ([stand()], Impatient(AtomicU32::new(50)));
    let bench = Bench {
        stands: &stands,
        threads: Threads::Exactly(1),
        watcher: &impatient,
    };
    let (_, halt) = find(&bench, &[line(RATE)], Failing::Collapse, CARE);
    assert_eq!(halt, Some(Halt::Stopped));
}

#[test]
fn a_ramp_up_and_down_shows_where_it_falls_and_where_it_returns() {
    let axis = Axis::parse("clients.users.arrivals.poisson.rate=6/s..22/s").unwrap();
    let ramp = ramp::SettingRamp {
        path: axis.path.clone(),
        values: axis.places(9),
        hold_s: 20,
    };
    let values = ramp.values();
    let values = values.iter().map(|(p, v)| (p.as_str(), v.as_str()));
    let loaded = stand().draft.with(values).unwrap();
    let loops = ramp
        .play(&loaded, 7, 3, Threads::Exactly(2), &|| true)
        .unwrap();
    assert_eq!(loops.len(), 3);
    for one in &loops {
        let (falls, returns) = (one.falls().unwrap(), one.returns().unwrap());
        // Two threads do 20 calls a second; two attempts each let the storm go on below that.
        assert!(returns < falls, "{one:?}");
        assert!((2..8).contains(&falls), "{one:?}");
    }
}

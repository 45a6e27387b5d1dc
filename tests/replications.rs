//! Many runs: the same at any number of threads, and what they share with single ones.

use crate::support::{loaded, root};
use sim_core::experiment::{Patient, Threads, Watcher, replicate};
use std::sync::atomic::{AtomicU32, Ordering};

/// A short stretch of the shop that does not recover.
fn shop() -> sim_core::scenario::Loaded {
    let path = root().join("scenarios/payments-slowdown.yaml");
    let sets = [
        ("run.duration", "200s"),
        ("clients.shoppers.arrivals.poisson.rate", "300/s"),
    ];
    loaded(&path, &sets)
}

#[test]
fn any_number_of_threads_gives_the_same_runs() {
    let loaded = shop();
    let runs = |threads| replicate(&loaded.scenario, 3, 6, Threads::Exactly(threads), &Patient);
    let alone = runs(1);
    assert_eq!(alone.runs.len(), 6);
    for threads in [2, 3, 8] {
        assert!(runs(threads) == alone, "{threads} threads");
    }
}

/// Stops after so many runs.
struct Impatient {
    done: AtomicU32,
    enough: u32,
}

impl Watcher for Impatient {
    fn done(&self, runs: u32) {
        self.done.fetch_max(runs, Ordering::Relaxed);
    }

    fn goes_on(&self) -> bool {
        self.done.load(Ordering::Relaxed) < self.enough
    }
}

#[test]
fn who_stops_early_keeps_what_is_finished() {
    let loaded = shop();
    let watcher = Impatient {
        done: AtomicU32::new(0),
        enough: 2,
    };
    let some = replicate(&loaded.scenario, 3, 6, Threads::Exactly(1), &watcher);
    assert!(some.is_interrupted());
    assert_eq!((some.runs.len(), some.missing, some.asked()), (2, 4, 6));
    let all = replicate(&loaded.scenario, 3, 2, Threads::Exactly(1), &Patient);
    assert_eq!(some.runs, all.runs);
}

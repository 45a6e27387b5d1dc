//! Many runs: the same at any number of threads, and what they share with single ones.

use crate::support::{from_text, loaded, root};
use sim_core::experiment::{
    Experiment, NeverStops, Threads, Watcher, figures, replicate, warnings,
};
use sim_core::report::{Request, WarningReport, run};
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
    let runs = |threads| {
        replicate(
            &loaded.scenario,
            3,
            6,
            Threads::Exactly(threads),
            &NeverStops,
        )
    };
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
    let all = replicate(&loaded.scenario, 3, 2, Threads::Exactly(1), &NeverStops);
    assert_eq!(some.runs, all.runs);
}

/// A station that is what its settings make of it.
const STATION: &str = "
scenario: station
run: { duration: 60s, warmup: 0s }
clients:
  users:
    arrivals: { poisson: { rate: 200/s } }
    calls: desk.ask
services:
  desk:
    threads: unlimited
    queue: { capacity: unlimited }
    operations: { ask: { idempotent: true, steps: [ { work: 2s } ] } }
";

/// Codes of what should be known before the figures of so many runs are trusted.
fn warned(more: &str, sets: &[(&str, &str)], runs: u32) -> Vec<&'static str> {
    let loaded = from_text("station", &format!("{STATION}{more}"), sets);
    let all = replicate(&loaded.scenario, 5, runs, Threads::All, &NeverStops);
    let found = warnings(&loaded.scenario.model, &figures(&loaded.scenario), &all);
    found.iter().map(|warning| warning.code).collect()
}

/// Two seconds of work for each call: so long it takes until as many leave as come.
#[test]
fn a_start_that_is_not_cut_is_said_and_one_that_is_cut_is_not() {
    let cut = ("run.warmup", "10s");
    assert_eq!(warned("", &[], 12), ["warm-up"]);
    assert_eq!(warned("", &[cut], 12), [""; 0]);
    let fault = "faults: { slow: { at: 40s, for: 5s, service: desk, slow: { factor: 3 } } }\n";
    assert_eq!(warned(fault, &[], 12), ["warm-up"], "before the fault");
    assert_eq!(warned(fault, &[cut], 12), [""; 0]);
}

#[test]
fn what_makes_figures_doubtful_is_said() {
    let one = ("services.desk.threads", "1");
    let at = |rate| ("clients.users.arrivals.poisson.rate", rate);
    let work = ("services.desk.operations.ask.steps.work", "10ms");
    let well = [one, work, at("50/s")];
    assert_eq!(warned("", &well, 12), [""; 0]);
    assert_eq!(warned("", &well, 3), ["too-few-replications"]);
    let few_calls = warned("", &[one, work, at("10/s")], 12);
    assert_eq!(few_calls, ["few-samples"], "p99 of 600 calls, not p50");
    let full = warned("", &[one, work, at("110/s")], 12);
    for code in ["near-saturation", "queue-grows"] {
        assert!(full.contains(&code), "{code} is not in {full:?}");
    }
    let few = [one, work, ("run.limits.events", "1000")];
    assert!(warned("", &few, 12).contains(&"stopped-at-limit"));
}

/// What should be known before the means of one run are trusted.
fn warned_alone(more: &str, sets: &[(&str, &str)]) -> Vec<WarningReport> {
    let loaded = from_text("station", &format!("{STATION}{more}"), sets);
    let request = Request::of(&loaded.scenario);
    let (report, ()) = run(&loaded, &request, (), &mut |_, _| true);
    report.warnings
}

#[test]
fn a_single_run_says_what_makes_its_means_doubtful() {
    let codes = |more: &str, sets: &[(&str, &str)]| -> Vec<String> {
        let found = warned_alone(more, sets).into_iter();
        found.map(|warning| warning.code).collect()
    };
    let start = warned_alone("", &[]);
    assert_eq!(start[0].code, "warm-up");
    assert!(start[0].remedy.starts_with("set run.warmup="), "{start:?}");
    let fault = "faults: { slow: { at: 40s, for: 5s, service: desk, slow: { factor: 3 } } }\n";
    assert_eq!(codes(fault, &[]), ["warm-up"], "before the fault");
    assert_eq!(codes("", &[("run.warmup", "10s")]), [""; 0]);
    let one = ("services.desk.threads", "1");
    let work = ("services.desk.operations.ask.steps.work", "10ms");
    let at = |rate| ("clients.users.arrivals.poisson.rate", rate);
    assert_eq!(codes("", &[one, work, at("50/s")]), [""; 0]);
    let full = codes("", &[one, work, at("110/s")]);
    assert_eq!(full, ["near-saturation", "queue-grows"]);
}

/// A desk of ten threads at so many calls a second of 100 ms, with a fault from 20 s on.
fn desk(rate: &str, fault: &str) -> sim_core::scenario::Loaded {
    let text = format!(
        "
scenario: desk
run: {{ duration: 60s }}
clients:
  users: {{ arrivals: {{ poisson: {{ rate: {rate} }} }}, calls: desk.ask, policy: [{{ timeout: 500ms }}] }}
services:
  desk:
    threads: 10
    queue: {{ capacity: 500 }}
    operations: {{ ask: {{ idempotent: true, steps: [ {{ work: 100ms }} ] }} }}
faults: {{ f: {{ at: 20s, {fault} service: desk, slow: {{ factor: 10 }} }} }}
"
    );
    from_text("desk", &text, &[])
}

#[test]
fn a_collapse_is_tried_without_its_trigger() {
    let tried = |loaded: &sim_core::scenario::Loaded| {
        let experiment = Experiment::new(&loaded.scenario, 1, Threads::All);
        let mut all = sim_core::experiment::Replications::default();
        experiment.play(0..7, &NeverStops, &mut all);
        experiment.without_trigger(&all, &NeverStops)
    };
    let over_capacity = tried(&desk("150/s", "for: 5s,")).expect("it collapses");
    assert_eq!(
        (over_capacity.played, over_capacity.collapsed),
        (5, vec![0, 1, 2, 3, 4])
    );
    let by_the_fault = tried(&desk("50/s", "")).expect("it collapses");
    assert_eq!(
        (by_the_fault.played, by_the_fault.collapsed),
        (5, Vec::new())
    );
    assert_eq!(tried(&desk("50/s", "for: 5s,")), None, "nothing collapses");
}

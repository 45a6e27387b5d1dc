//! Same scenario, seed and engine: same bytes, however and wherever it is run.

use crate::support::{from_text, loaded, root, scenario_files, stem};
use sim_core::experiment::{NeverStops, Threads, Watcher, replicate};
use sim_core::model::fact::{Fact, Observer};
use sim_core::report::{Request, run};
use sim_core::scenario::Loaded;
use sim_core::time::SimTime;
use std::sync::{Condvar, Mutex};
use std::thread::ThreadId;

/// The guarded shop, shorter, with less traffic, and with settings changed.
fn guarded(sets: &[(&str, &str)]) -> Loaded {
    let text = std::fs::read_to_string(root().join("scenarios/payments-guarded.yaml")).unwrap();
    let (text, _) = text.split_once("\nexpect:").unwrap();
    let mut all = vec![
        ("run.duration", "100s"),
        ("clients.shoppers.arrivals.poisson.rate", "300/s"),
    ];
    all.extend(sets);
    from_text("guarded", text, &all)
}

fn small() -> Loaded {
    guarded(&[])
}

fn bytes(loaded: &Loaded) -> String {
    let (report, ()) = run(loaded, &Request::of(&loaded.scenario), (), &mut |_, _| true);
    serde_json::to_string(&report).unwrap()
}

/// The same, without the lines of the file that findings are about: its text may be written
/// otherwise.
fn without_lines(loaded: &Loaded) -> String {
    let (mut report, ()) = run(loaded, &Request::of(&loaded.scenario), (), &mut |_, _| true);
    for finding in &mut report.findings {
        (finding.line, finding.column) = (None, None);
    }
    serde_json::to_string(&report).unwrap()
}

#[test]
fn two_runs_give_the_same_bytes() {
    let loaded = small();
    assert_eq!(bytes(&loaded), bytes(&loaded));
}

/// Lets runs on threads of their own be done in the opposite order of their beginnings.
#[derive(Default)]
struct Backwards {
    threads: Mutex<Order>,
    changed: Condvar,
}

#[derive(Default)]
struct Order {
    begun: Vec<ThreadId>,
    done: Vec<ThreadId>,
}

/// Runs, each on its own thread.
const THREADS: usize = 8;

impl Watcher for Backwards {
    fn done(&self, _runs: u32) {
        let mut threads = self.threads.lock().unwrap();
        threads.done.push(std::thread::current().id());
        self.changed.notify_all();
    }

    fn goes_on(&self) -> bool {
        let me = std::thread::current().id();
        let mut threads = self.threads.lock().unwrap();
        if !threads.begun.contains(&me) {
            threads.begun.push(me);
        }
        let place = threads.begun.iter().position(|&id| id == me).unwrap();
        let waits = |threads: &mut Order| threads.done.len() + place + 1 < THREADS;
        drop(self.changed.wait_while(threads, waits).unwrap());
        true
    }
}

#[test]
fn runs_are_collected_by_number_and_not_by_the_order_of_their_ends() {
    let scenario = guarded(&[("run.duration", "5s"), ("run.warmup", "1s")]).scenario;
    let play = |threads: usize, watcher: &dyn Watcher| {
        let threads = Threads::Exactly(threads as u32);
        replicate(&scenario, 3, THREADS as u32, threads, watcher).runs
    };
    let watcher = Backwards::default();
    let runs = play(THREADS, &watcher);
    let mut threads = watcher.threads.into_inner().unwrap();
    threads.begun.reverse();
    assert_eq!(threads.done, threads.begun);
    assert!(runs == play(1, &NeverStops));
}

/// Keeps all facts.
#[derive(Default)]
struct AllFacts(Vec<(SimTime, Fact)>);

impl Observer for AllFacts {
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        self.0.push((now, *fact));
    }
}

#[test]
fn an_observed_run_is_the_same_run() {
    let loaded = small();
    let request = Request::of(&loaded.scenario);
    let (report, watcher) = run(&loaded, &request, AllFacts::default(), &mut |_, _| true);
    assert_eq!(serde_json::to_string(&report).unwrap(), bytes(&loaded));
    let covered = watcher.0.iter().filter(|(_, fact)| fact.is_in_digest());
    assert_eq!(covered.count() as u64, report.digest.facts_total);
    assert!(watcher.0.is_sorted_by_key(|&(now, _)| now));
}

#[test]
fn the_normalised_text_alone_gives_the_same_run() {
    for path in scenario_files() {
        let first = loaded(&path, &[]);
        let again = from_text("normalised", &first.normalised, &[]);
        assert_eq!(first.scenario.hash, again.scenario.hash, "{}", stem(&path));
        assert_eq!(first.normalised, again.normalised, "{}", stem(&path));
    }
    let first = small();
    let again = from_text("normalised", &first.normalised, &[]);
    assert_eq!(without_lines(&first), without_lines(&again));
}

#[test]
fn another_seed_is_another_run_and_another_replication_too() {
    let loaded = small();
    let digest = |seed, replication| {
        let mut request = Request::of(&loaded.scenario);
        request.play = sim_core::experiment::Play { seed, replication };
        run(&loaded, &request, (), &mut |_, _| true).0.digest.value
    };
    let digests = [digest(1, 0), digest(2, 0), digest(1, 1)];
    assert!(digests[0] != digests[1] && digests[0] != digests[2] && digests[1] != digests[2]);
}

/// The digest of each call's start and work, in the order of calls: what a design must not move.
fn traffic(loaded: &Loaded) -> Vec<u64> {
    let request = Request::of(&loaded.scenario);
    let (_, watcher) = run(loaded, &request, AllFacts::default(), &mut |_, _| true);
    let starts = watcher.0.iter().filter_map(|(now, fact)| match fact {
        Fact::CallStarted { parent: 0, .. } => Some(now.as_ns()),
        _ => None,
    });
    starts.collect()
}

#[test]
fn another_policy_meets_the_same_traffic() {
    let first = small();
    let other = guarded(&[("policies.guarded.retry.max_attempts", "1")]);
    assert_eq!(traffic(&first), traffic(&other));
}

#[test]
fn an_unconnected_service_changes_nothing() {
    let base = "scenario: a
run: { duration: 20s, seed: 5 }
clients: { c: { arrivals: { poisson: { rate: 50/s } }, calls: s.o, policy: p } }
services:
  s:
    threads: 4
    queue: { capacity: 10 }
    operations: { o: { steps: [{ work: { exponential: { mean: 50ms } } }] } }
policies: { p: [{ retry: { max_attempts: 2 } }, { timeout: 100ms }] }
";
    let more = base.replace(
        "policies:",
        "  t:
    threads: 4
    queue: { capacity: 10 }
    operations: { o: { steps: [{ work: { exponential: { mean: 50ms } } }] } }
policies:",
    );
    let facts = |text: &str| {
        let loaded = from_text("text", text, &[]);
        let request = Request::of(&loaded.scenario);
        run(&loaded, &request, AllFacts::default(), &mut |_, _| true)
            .1
            .0
    };
    assert_eq!(facts(base), facts(&more));
}

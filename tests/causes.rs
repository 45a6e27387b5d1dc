//! Why it went wrong: the chains of the project's scenarios, and of runs in which nothing did.

use crate::support::{from_text, loaded, root, scenario_files, stem};
use rayon::prelude::*;
use sim_core::report::{CauseReport, Report, Request, Severity, Verdict, run};
use sim_core::scenario::Loaded;

fn played(loaded: &Loaded) -> Report {
    run(loaded, &Request::of(&loaded.scenario), (), &mut |_, _| true).0
}

/// A shop that has threads and time to spare; for ten seconds the bank is a little slower.
const QUIET: &str = "
scenario: quiet
run: { duration: 60s, warmup: 5s }
clients:
  shoppers:
    arrivals: { poisson: { rate: 50/s } }
    calls: shop.buy
    policy: [{ timeout: 1s }]
services:
  shop:
    threads: 20
    queue: { capacity: 20 }
    operations:
      buy: { idempotent: true, steps: [ { work: 10ms } ] }
faults:
  slower: { at: 20s, for: 10s, service: shop, slow: { factor: 2 } }
";

#[test]
fn a_quiet_run_has_no_chain_and_a_loud_one_does() {
    let quiet = played(&from_text("quiet", QUIET, &[]));
    assert_eq!(quiet.causes, []);
    let slow = [("faults.slower.slow.factor", "200")];
    let loud = played(&from_text("loud", QUIET, &slow));
    assert!(
        loud.causes[0].text.contains("slows 200x"),
        "{:?}",
        loud.causes
    );
}

/// Three times the load for half a minute, at clients that try three times: no fault is needed.
const RUSH: &str = "
scenario: rush
run: { duration: 100s, warmup: 10s }
clients:
  users:
    arrivals: { poisson: { rate: [{ at: 0s, rate: 100/s }, { at: 40s, rate: 300/s }, { at: 70s, rate: 100/s }] } }
    calls: web.page
    policy: [{ retry: { max_attempts: 3, backoff: { constant: 100ms } } }, { timeout: 1s }]
services:
  web:
    threads: 20
    queue: { capacity: 5000 }
    operations: { page: { idempotent: true, steps: [ { work: { exponential: { mean: 100ms } } } ] } }
";

#[test]
fn a_chain_without_a_fault_begins_with_the_load() {
    let report = played(&from_text("rush", RUSH, &[]));
    let first = &report.causes[0];
    assert!(
        first.text.starts_with("load of users is ") && first.text.contains(" until "),
        "{first:?}"
    );
    let at_s = first.at_ns as f64 / 1e9;
    assert!((39.0..=42.0).contains(&at_s), "{first:?}");
    let recovery = &report.recovery[0];
    assert_eq!(recovery.fault, "rise in load of users");
    assert_eq!(recovery.fault_ended_at_ns, 70_000_000_000);
    let steady = [("clients.users.arrivals.poisson.rate", "100/s")];
    assert_eq!(played(&from_text("rush", RUSH, &steady)).recovery, []);
    assert_eq!(played(&from_text("rush", RUSH, &steady)).causes, []);
}

/// The words of the chain, each in a link of its own and in this order.
#[test]
fn payments_slowdown_goes_from_the_fault_to_what_keeps_it_down() {
    let path = root().join("scenarios/payments-slowdown.yaml");
    let report = played(&loaded(&path, &[]));
    let mut links = report.causes.iter();
    for words in [
        "payments slows 10x",
        "operations wait at payments",
        "timeout.response",
        "attempts per original attempt",
        "payments-slow ends, and the queue of payments still holds",
        "what keeps it down",
        "not recovered",
    ] {
        let found = links.any(|link| link.text.contains(words));
        assert!(
            found,
            "no link says `{words}` in its place: {:#?}",
            report.causes
        );
    }
}

/// A shop whose database has four threads, and would need six: nothing is well from the start.
const TOO_SMALL: &str = "
scenario: too-small
run: { duration: 120s, warmup: 10s }
clients:
  users:
    arrivals: { poisson: { rate: 100/s } }
    calls: web.get
    policy: [{ timeout: 150ms }]
services:
  web:
    threads: 8
    queue: { capacity: 1000 }
    operations:
      get: { idempotent: true, steps: [ { work: 10ms }, { call: { to: db.query, policy: [{ timeout: 1s }] } } ] }
  db:
    threads: 4
    queue: { capacity: 50 }
    operations:
      query: { idempotent: true, steps: [ { work: { exponential: { mean: 60ms } } } ] }
faults:
  slow: { at: 60s, for: 10s, service: db, slow: { factor: 1.1 } }
expect:
  recovers: { recovery: { after: slow, within: 10s } }
";

/// Threads of the caller are taken because those of the callee are, and a system that was down
/// before the fault has not recovered from it.
#[test]
fn what_is_down_from_the_start_is_told_from_the_depth_and_recovers_from_nothing() {
    let report = played(&from_text("too-small", TOO_SMALL, &[]));
    let told: Vec<&str> = report
        .causes
        .iter()
        .map(|link| link.text.as_str())
        .collect();
    let place = |words: &str| {
        let place = told.iter().position(|text| text.starts_with(words));
        place.unwrap_or_else(|| panic!("no link begins with `{words}`: {told:#?}"))
    };
    let (web, db) = (
        place("all threads of web are busy"),
        place("all threads of db are busy"),
    );
    assert!(db < web, "{told:#?}");
    assert!(
        told[web].contains(" arrive, and at ") && told[web].ends_with("threads; it has 8"),
        "{}",
        told[web]
    );
    assert_eq!(report.verdict, Verdict::Inconclusive);
    assert!(report.expectations[0].text.contains("recovery"));
    let found: Vec<&str> = report
        .findings
        .iter()
        .map(|one| one.code.as_str())
        .collect();
    assert!(found.contains(&"saturated-before-fault"), "{found:?}");
    assert!(!found.contains(&"fault-without-effect"), "{found:?}");
    let overloaded: Vec<&str> = (report.findings.iter())
        .filter(|one| one.code == "overload-without-shedding")
        .map(|one| one.place.as_str())
        .collect();
    assert_eq!(overloaded, ["web"], "nobody gives up at db");
}

#[test]
fn every_chain_is_in_the_order_of_time_and_told_where_something_went_wrong() {
    let wrong: Vec<String> = scenario_files()
        .par_iter()
        .filter_map(|path| {
            let report = played(&loaded(path, &[]));
            let at: Vec<u64> = report
                .causes
                .iter()
                .map(|link: &CauseReport| link.at_ns)
                .collect();
            // A queue that stands makes callers wait, which may be all that happens; an invariant is broken by
            // single calls, each with a reason of its own.
            let alone = ["standing-queue", "inconsistent"];
            let grave = report
                .findings
                .iter()
                .any(|one| one.severity != Severity::Note && !alone.contains(&one.code.as_str()));
            let is_wrong = !at.is_sorted() || (grave && at.len() < 2);
            is_wrong.then(|| format!("{}: {:#?}", stem(path), report.causes))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Four hundred operations wait when a tenfold slowdown ends: at the pace of what starts then they are
/// 4 s of work, not 40 s.
const SLOWED: &str = "
scenario: slowed
run: { duration: 60s, seed: 1 }
clients: { c: { arrivals: { constant: { rate: 50/s } }, calls: s.op, policy: p } }
services:
  s:
    threads: 10
    abandoned_work: finish
    queue: { capacity: 1000 }
    operations: { op: { steps: [ work: 100ms ] } }
policies: { p: [ timeout: 2s ] }
faults: { f: { at: 20s, for: 10s, service: s, slow: { factor: 10 } } }
";

#[test]
fn what_a_queue_holds_when_a_fault_ends_takes_the_new_pace() {
    let report = played(&from_text("slowed", SLOWED, &[]));
    let mut told = report.causes.iter().map(|link| link.text.as_str());
    let end = told
        .find(|text| text.starts_with("f ends"))
        .expect("it ends");
    assert!(
        end.contains("still holds 400 operations, 4s of work"),
        "{end}"
    );
    let skip = [("services.s.abandoned_work", "skip")];
    let report = played(&from_text("slowed", SLOWED, &skip));
    let mut told = report.causes.iter().map(|link| link.text.as_str());
    let end = told
        .find(|text| text.starts_with("f ends"))
        .expect("it ends");
    assert!(end.contains(", at most "), "{end}");
}

/// One of four instances comes back cold.
const COLD: &str = "
scenario: cold-newcomer
run: { duration: 4m, warmup: 10s, seed: 1 }
clients:
  lb: { arrivals: { poisson: { rate: 200/s } }, calls: jvm.get, policy: p }
services:
  jvm:
    instances: 4
    threads: 20
    queue: { capacity: 200 }
    balance: round_robin
    operations: { get: { idempotent: true, steps: [{ work: { exponential: { mean: 100ms } } }] } }
policies:
  p: [{ timeout: 1s }]
faults:
  new: { at: 60s, for: 30s, service: jvm, instances: 1, crash: { detected_after: 1s, cold_start: { for: 2m, factor: 5 } } }
";

#[test]
fn a_cold_start_is_told_and_is_a_cause() {
    let report = played(&from_text("cold", COLD, &[]));
    let words = " is cold until 210s: its work takes 5 times as long";
    let lines: Vec<&str> = report
        .timeline
        .iter()
        .map(|line| line.text.as_str())
        .collect();
    let chain: Vec<&str> = report
        .causes
        .iter()
        .map(|link| link.text.as_str())
        .collect();
    assert!(lines.iter().any(|text| text.ends_with(words)), "{lines:?}");
    assert!(chain.iter().any(|text| text.ends_with(words)), "{chain:?}");
    let warm = [("faults.new.crash.cold_start.factor", "1")];
    let report = played(&from_text("warm", COLD, &warm));
    let mut lines = report.timeline.iter().map(|line| line.text.as_str());
    assert!(!lines.any(|text| text.contains("cold")));
}

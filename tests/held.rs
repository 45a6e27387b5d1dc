//! A run that is held and goes on as a run of another model is that model's run, to the byte.

use crate::support::model;
use crate::swarm::scenario;
use proptest::prelude::*;
use sim_core::model::record::{Recorder, RunStatus};
use sim_core::model::spec::ModelSpec;
use sim_core::model::{Beginning, Held, Played, run, same_until};
use sim_core::scenario::{Source, load};
use sim_core::time::SimTime;

/// Other words for the faults of a random system, each of as many characters or more.
const OTHERWISE: [(&str, &str); 12] = [
    ("for: ", "for: 1"),
    ("for: ", "for: 2"),
    ("at: ", "at: 1"),
    ("factor: 5", "factor: 2"),
    ("factor: 3", "factor: 4"),
    ("share: 50%", "share: 20%"),
    ("share: 30%", "share: 60%"),
    ("before_work: true", "before_work: false"),
    ("detected_after: 3ms", "detected_after: 9ms"),
    ("threads: { to: 1 }", "threads: { to: 2 }"),
    ("mean: 3ms", "mean: 8ms"),
    ("callers_see: reset", "callers_see: nothing"),
];

/// The same system with other words in one of its faults.
fn otherwise(text: &str, which: usize) -> Option<String> {
    let (before, faults) = text.split_once("\nfaults:\n")?;
    let (from, to) = OTHERWISE[which % OTHERWISE.len()];
    let places: Vec<usize> = faults.match_indices(from).map(|(at, _)| at).collect();
    let place = *places.get(which % places.len().max(1))?;
    let (kept, rest) = faults.split_at(place);
    let rest = rest.replacen(from, to, 1);
    Some(format!("{before}\nfaults:\n{kept}{rest}"))
}

fn words(played: Played<Recorder>) -> String {
    let Played {
        end,
        live,
        observer,
    } = played;
    let record = observer.finish(end.at, RunStatus::from(end.stop), Some(live));
    format!("{end:?} {live:?} {record:?}")
}

fn whole(spec: &ModelSpec) -> String {
    words(run(spec, 7, 0, Recorder::new(spec), &mut |_, _| true))
}

/// The run of one model that is held at an instant and goes on as it began, and that goes on as the
/// other.
fn parted(one: &ModelSpec, other: &ModelSpec, at: SimTime) -> (String, String) {
    let mut held = Held::begin(one, 7, 0, Recorder::new(one));
    held.play_until(at, &mut |_, _| true);
    let mut copy = held.clone();
    copy.go_on_with(other, |recorder| recorder.go_on_with(other));
    let copy = words(copy.finish(&mut |_, _| true));
    (words(held.finish(&mut |_, _| true)), copy)
}

/// Whether they have anything in common; what they have is played once and nobody can tell.
fn check(one: &ModelSpec, other: &ModelSpec, text: &str) -> bool {
    let until = same_until(&Beginning::of(one), &Beginning::of(other));
    if until == SimTime::ZERO {
        return false;
    }
    for at in [until, SimTime::from_ns(until.as_ns() / 2)] {
        let (goes_on, copy) = parted(one, other, at);
        assert!(goes_on == whole(one), "held at {at}:\n{text}");
        assert!(copy == whole(other), "goes on otherwise at {at}:\n{text}");
    }
    true
}

/// None if its words do not fit together.
fn may_be_model(text: &str) -> Option<ModelSpec> {
    let source = Source {
        name: "otherwise".to_owned(),
        text: text.to_owned(),
    };
    let loaded = load(&source, &[], &|name| Err(name.to_owned()));
    Some(loaded.ok()?.scenario.model)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 150,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_systems_go_on_otherwise(
        numbers in prop::collection::vec(any::<u16>(), 0..320),
        which in any::<usize>(),
    ) {
        let text = scenario(numbers);
        if let Some(other) = otherwise(&text, which)
            && let Some(other_model) = may_be_model(&other)
        {
            check(&model(&text), &other_model, &other);
        }
    }
}

/// A shop under a fault of each kind, measured around each of them.
const SHOP: &str = "\
scenario: shop
run: { duration: 12s, warmup: 1s, seed: 7DRAIN }
clients:
  users: { arrivals: { poisson: { rate: 60/s } }, calls: shop.buy, policy: careful }
services:
  shop:
    instances: 2
    threads: 4
    cores: 4
    queue: { capacity: 50 }
    operations:
      buy: { steps: [ { work: { exponential: { mean: 20ms } } }, { call: { to: stock.take, policy: careful } } ] }
  stock:
    instances: 3
    threads: 4
    queue: { capacity: 50 }
    operations:
      take: { steps: [ { work: { exponential: { mean: 30ms } } } ] }
policies:
  careful: [ { retry: { max_attempts: 3, backoff: { constant: 20ms } } }, { circuit_breaker: { like: polly } }, { timeout: 300ms } ]
faults:
  hit: { at: 4s, for: 2s, WHAT }
  other: { at: 5s, for: 3s, service: stock, instances: 1, crash: { detected_after: 1s, cold_start: { for: 1s, factor: 2 } } }
  chance: { random: { up: { exponential: { mean: 1s } }, down: 200ms }, service: stock, pause: {} }
expect:
  before: { success: { client: users, before: hit, at_least: 1% } }
  during: { success: { client: users, during: hit, at_least: 1% } }
  after: { success: { client: users, after: hit, at_least: 1% } }
  well: { recovery: { after: hit, within: 4s } }
";

/// What the fault is, and what it is otherwise; until when the two are the same.
const KINDS: [(&str, &str, u64); 12] = [
    (
        "service: stock, slow: { factor: 3 }",
        "service: stock, slow: { factor: 30 }",
        4_000,
    ),
    (
        "service: stock, slow: { factor: 3, in_progress: true }",
        "service: stock, slow: { factor: 9, in_progress: true }",
        4_000,
    ),
    (
        "service: stock, errors: { share: 10% }",
        "service: stock, errors: { share: 90% }",
        4_000,
    ),
    (
        "service: stock, instances: 1, crash: {}",
        "service: stock, instances: 1, crash: { callers_see: nothing }",
        4_000,
    ),
    (
        "service: stock, instances: 1, pause: {}",
        "service: stock, instances: 2, pause: {}",
        0,
    ),
    (
        "service: stock, threads: { to: 1 }",
        "service: stock, threads: { to: 2 }",
        4_000,
    ),
    (
        "service: shop, cores: { to: 1 }",
        "service: shop, cores: { to: 2 }",
        4_000,
    ),
    (
        "to: stock, loss: { share: 10% }",
        "to: stock, loss: { share: 60% }",
        4_000,
    ),
    (
        "to: stock, latency: { add: 10ms }",
        "to: stock, latency: { add: 100ms }",
        4_000,
    ),
    (
        "client: users, load: { factor: 2 }",
        "client: users, load: { factor: 4 }",
        4_000,
    ),
    (
        "change: { path: services.stock.threads, to: 1 }",
        "change: { path: services.stock.threads, to: 9 }",
        4_000,
    ),
    (
        "change: { path: 'policies.careful.retry.max_attempts', to: 1 }",
        "change: { path: 'policies.careful.retry.max_attempts', to: 5 }",
        4_000,
    ),
];

fn shop(what: &str, drain: &str) -> String {
    SHOP.replace("WHAT", what).replace("DRAIN", drain)
}

#[test]
fn faults_of_every_kind_go_on_otherwise() {
    for (what, otherwise, until_ms) in KINDS {
        let (one, other) = (model(&shop(what, "")), model(&shop(otherwise, "")));
        let until = same_until(&Beginning::of(&one), &Beginning::of(&other));
        if until_ms > 0 {
            assert_eq!(until.as_ns(), until_ms * 1_000_000, "{what}");
            assert!(check(&one, &other, what));
        }
        assert!(whole(&one) != whole(&other), "{what} makes no difference");
    }
}

#[test]
fn times_of_a_fault_go_on_otherwise() {
    let what = KINDS[0].0;
    for (from, to, until_ms) in [
        ("for: 2s", "for: 5s", 6_000),
        ("for: 2s", "for: 500ms", 4_500),
        ("at: 4s, for: 2s", "at: 6s, for: 2s", 4_000),
        ("at: 4s, for: 2s", "at: 4s, for: 500ms, every: 2s", 4_500),
        ("at: 5s, for: 3s", "at: 5s, for: 4s", 8_000),
        ("at: 5s, for: 3s", "at: 5s, for: 30s", 8_000),
        ("factor: 2", "factor: 3", 5_000),
        (
            "up: { exponential: { mean: 1s } }",
            "up: { exponential: { mean: 2s } }",
            0,
        ),
        ("rate: 60/s", "rate: 61/s", 0),
        ("during: hit", "during: other", 4_000),
    ] {
        for drain in ["", ", drain: 3s"] {
            let text = shop(what, drain);
            let (one, other) = (model(&text), model(&text.replace(from, to)));
            let until = same_until(&Beginning::of(&one), &Beginning::of(&other));
            assert_eq!(until.as_ns(), until_ms * 1_000_000, "{from} -> {to}{drain}");
            check(&one, &other, to);
        }
    }
}

#[test]
fn a_run_that_met_its_limit_before_stays_where_it_stopped() {
    let text = shop(KINDS[0].0, ", limits: { events: 400 }");
    let (one, other) = (model(&text), model(&text.replace("factor: 3", "factor: 9")));
    assert!(check(&one, &other, &text));
    assert!(whole(&one).contains("EventLimit"));
}

//! What `validate --expand` prints is the scenario itself: it can be read, and the same is played.

use crate::support::{root, scenario_files};
use crate::swarm;
use proptest::prelude::*;
use sim_core::scenario::{Loaded, Source, expand, load};
use std::fs;

fn read(source: &Source) -> Loaded {
    let nothing = |file: &str| Err(format!("no file {file}"));
    load(source, &[], &nothing).unwrap_or_else(|found| panic!("{found}\n{}", source.text))
}

/// Everything that a run and its judgement are made of: then the digests are the same, too.
fn played(source: &Source) -> String {
    let mut scenario = read(source).scenario;
    // Where it stands is another place.
    for expectation in &mut scenario.expectations {
        expectation.line = 0;
    }
    format!(
        "{} {:?} {:?}",
        scenario.seed, scenario.model, scenario.expectations
    )
}

#[track_caller]
fn check(text: &str) {
    let source = Source {
        name: "test.yaml".to_owned(),
        text: text.to_owned(),
    };
    let text = expand(&source, &[]).unwrap_or_else(|found| panic!("{found}"));
    let expanded = Source {
        text,
        ..source.clone()
    };
    assert!(
        played(&source) == played(&expanded),
        "another scenario:\n{}\nis printed as\n{}",
        source.text,
        expanded.text
    );
    let again = expand(&expanded, &[]).unwrap_or_else(|found| panic!("{found}"));
    assert_eq!(
        again, expanded.text,
        "what is written out has nothing to write out"
    );
}

#[test]
fn every_scenario_is_printed_as_itself() {
    for path in scenario_files() {
        check(&fs::read_to_string(path).unwrap());
    }
    for guide in ["shop.yaml", "retry-budget.yaml"] {
        let path = root().join("docs/guides").join(guide);
        check(&fs::read_to_string(path).unwrap());
    }
}

#[test]
fn branches_of_several_steps_are_lists_in_a_list() {
    check(
        "scenario: x
run: { duration: 1s }
clients: { web: { arrivals: { poisson: { rate: 10/s } }, calls: a.op } }
services:
  a:
    threads: 1
    queue: { capacity: 1 }
    operations:
      op:
        steps:
          - parallel:
              branches: [[{ work: 1ms }, { repeat: { times: 2, steps: [{ work: 1ms }] } }], [{ work: 2ms }]]
",
    );
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_scenarios_are_printed_as_themselves(
        numbers in prop::collection::vec(any::<u16>(), 0..250),
    ) {
        check(&swarm::scenario(numbers));
    }
}

//! The example of the format, as it stands in the design.

use super::{load_text, load_with, normalised_is_the_same};
use crate::id::{Id, LayerId, ServiceId};
use crate::policy::Layer;

/// The example.
pub(super) const EXAMPLE: &str = include_str!("example.yaml");

#[test]
fn the_example_compiles() {
    let loaded = match load_text(EXAMPLE) {
        Ok(loaded) => loaded,
        Err(found) => panic!("{found}"),
    };
    let model = &loaded.scenario.model;
    assert_eq!(model.services.len(), 4);
    assert_eq!(model.instances.len(), 14);
    assert_eq!(model.edges.len(), 4);
    assert_eq!(model.pipelines.len(), 4);
    assert_eq!(model.services[ServiceId(0)].first_process.index(), 200);
    let texts: Vec<&str> = loaded
        .scenario
        .expectations
        .iter()
        .map(|e| e.text.as_str())
        .collect();
    insta::assert_snapshot!(texts.join("\n"), @r"
    success of shoppers from 20s to 60s is at least 99.9%
    recovery after payments-slow takes at most 30s
    amplification of storefront.checkout -> payments.charge is at most 1.5
    ");
}

#[test]
fn the_normalised_text_is_the_same_scenario() {
    let first = load_text(EXAMPLE).unwrap();
    let second = normalised_is_the_same(&first);
    assert_eq!(first.normalised, second.normalised);
}

#[test]
fn layers_are_bound_per_caller_and_service() {
    let loaded = load_text(EXAMPLE).unwrap();
    let names: Vec<&str> = loaded
        .scenario
        .model
        .layers
        .iter()
        .map(|l| l.name.as_str())
        .collect();
    assert_eq!(
        names[1..6],
        [
            "timeout",
            "retry",
            "circuit_breaker",
            "bulkhead",
            "timeout[2]"
        ]
    );
}

#[test]
fn the_short_form_can_be_set_by_its_long_path() {
    let sets = [("policies.guarded.timeout[2].after", "300ms")];
    let loaded = load_with(EXAMPLE, &sets).unwrap();
    let Layer::Timeout(timeout) = &loaded.scenario.model.layers[LayerId(5)].kind else {
        panic!("not a timeout");
    };
    assert_eq!(timeout.after.to_string(), "300ms");
}

//! Where the parts of a scenario stand in its file.

use super::example::EXAMPLE;
use super::{load_text, load_with};
use crate::id::{BudgetId, ClientId, EdgeId, FaultId, LayerId, OperationId, ServiceId};
use crate::scenario::{Places, Position};

/// The line of the example on which the first of these words stands, and its column there.
fn of(words: &str) -> Option<Position> {
    let mut lines = (1..).zip(EXAMPLE.lines());
    lines.find_map(|(line, text)| {
        let column = text.find(words)? as u32 + 1;
        Some(Position { line, column })
    })
}

#[test]
fn every_kind_of_part_has_its_line_and_column() {
    let scenario = load_text(EXAMPLE).unwrap().scenario;
    let places = &scenario.places;
    assert_eq!(places.client(ClientId(0)), of("shoppers:"));
    assert_eq!(places.service(ServiceId(1)), of("payments:"));
    assert_eq!(places.operation(OperationId(0)), of("checkout:"));
    assert_eq!(places.fault(FaultId(0)), of("payments-slow:"));
    let recovers = places.expectation(1).map(|at| at.line);
    assert_eq!(recovers, of("recovers:").map(|at| at.line));
    let name = |id: EdgeId| scenario.model.edge_name(id);
    let to_payments = scenario.model.edges.ids();
    let to_payments = to_payments
        .into_iter()
        .find(|&id| name(id) == "storefront.checkout -> payments.charge");
    let written = to_payments.and_then(|id| places.edge(id));
    let call = of("call: { to: payments.charge").map(|at| at.line);
    assert_eq!(written.map(|at| at.line), call);
    assert_eq!(places.budget(BudgetId(0)), None);
}

/// A policy stands in one place, whoever is bound to it.
#[test]
fn a_layer_stands_where_its_policy_has_it() {
    let scenario = load_text(EXAMPLE).unwrap().scenario;
    let layers = scenario.model.layers.iter_enumerated();
    let breakers: Vec<LayerId> = layers
        .filter(|(_, layer)| layer.name == "circuit_breaker")
        .map(|(id, _)| id)
        .collect();
    assert_eq!(breakers.len(), 2);
    for id in breakers {
        let line = scenario.places.layer(id).map(|at| at.line);
        assert_eq!(line, of("- circuit_breaker:").map(|at| at.line));
    }
}

#[test]
fn what_does_not_stand_in_the_file_has_no_place() {
    let set = load_with(EXAMPLE, &[("policies.impatient", "[ { timeout: 3s } ]")]).unwrap();
    let places = &set.scenario.places;
    let client = of("shoppers:").map(|at| at.line);
    assert_eq!(places.client(ClientId(0)).map(|at| at.line), client);
    let layers = set.scenario.model.layers.iter_enumerated();
    for (id, layer) in layers {
        let name = &set.scenario.model.pipelines[layer.pipeline].policy;
        let put_in = name == "impatient";
        assert_eq!(places.layer(id).is_none(), put_in, "{name}: {}", layer.name);
    }
    let one_line = load_text(&set.normalised).unwrap();
    assert_eq!(one_line.scenario.places, Places::default());
    assert_eq!(one_line.scenario.hash, set.scenario.hash);
}

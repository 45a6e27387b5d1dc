//! Every key of the format: read, compiled, described.

use super::{Source, load};
use crate::model::spec::SettingChange;
use crate::scenario::{Loaded, json_schema};
use std::collections::BTreeSet;

/// A scenario with every key.
const EVERYTHING: &str = include_str!("everything.yaml");

fn files(name: &str) -> Result<String, String> {
    match name {
        "times.txt" => Ok("# recorded\n1s\n2s\n\n2.5s\n".to_owned()),
        "work.csv" => Ok("1ms,GET\n3ms,PUT\n".to_owned()),
        other => Err(format!("there is no file {other}")),
    }
}

fn everything() -> Loaded {
    let source = Source {
        name: "everything.yaml".to_owned(),
        text: EVERYTHING.to_owned(),
    };
    match load(&source, &[], &files) {
        Ok(loaded) => loaded,
        Err(found) => panic!("{found}"),
    }
}

#[test]
fn every_key_compiles() {
    let loaded = everything();
    let texts: Vec<&str> = loaded
        .scenario
        .expectations
        .iter()
        .map(|e| e.text.as_str())
        .collect();
    insta::assert_snapshot!(texts.join("\n"));
    let sites: Vec<&str> = loaded
        .scenario
        .model
        .sites
        .iter()
        .map(|s| s.path.as_str())
        .collect();
    insta::assert_snapshot!(sites.join("\n"));
    let pipelines = loaded.scenario.model.pipelines.iter();
    let policies: Vec<String> = pipelines
        .map(|p| {
            format!(
                "{:?} -> {:?}: {} {:?} {}",
                p.callers, p.target, p.policy, p.balance.way, p.balance_shared
            )
        })
        .collect();
    insta::assert_snapshot!(policies.join("\n"));
}

#[test]
fn the_normalised_text_needs_no_files() {
    let first = everything();
    super::normalised_is_the_same(&first);
}

#[test]
fn changes_are_what_differs() {
    let loaded = everything();
    let mut changes = Vec::new();
    for fault in &loaded.scenario.model.faults {
        if let Some(to) = fault.kind.settings() {
            for change in to {
                assert!(!loaded.scenario.model.undone(change).contains(change));
            }
            let layers = if let SettingChange::Layers { layers, .. } = &to[0] {
                layers.len()
            } else {
                1
            };
            changes.push(layers);
        }
    }
    // The policy `plain` is bound for three clients, for service `a`, and for the fallbacks of two
    // clients.
    assert_eq!(changes, [1, 6, 1]);
}

#[test]
fn the_same_policy_is_bound_once_per_caller_and_service() {
    let loaded = everything();
    let keys: Vec<String> = loaded
        .scenario
        .model
        .pipelines
        .iter()
        .map(|p| format!("{:?} {:?} {}", p.callers, p.target, p.policy))
        .collect();
    let distinct: BTreeSet<&String> = keys.iter().collect();
    assert_eq!(distinct.len(), keys.len());
}

#[test]
fn the_schema_refers_only_to_what_it_defines() {
    let schema = json_schema();
    let text = schema.to_string();
    let definitions = schema["definitions"].as_object().unwrap();
    for (index, _) in text.match_indices("#/definitions/") {
        let rest = &text[index + "#/definitions/".len()..];
        let name = &rest[..rest.find('"').unwrap()];
        assert!(definitions.contains_key(name), "{name}");
    }
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    assert!(
        definitions
            .values()
            .all(|definition| definition.get("description").is_some()
                || definition.get("anyOf").is_some())
    );
}

//! The JSON Schema takes what the reader takes: editors must not underline what runs.
//!
//! The checker below knows the words that the schema uses, patterns of texts apart.

use crate::support::root;
use serde_json::Value;
use sim_core::scenario::{budget_presets, json_schema, layer_presets, pipeline_presets};
use std::fs;

struct Checker {
    schema: Value,
}

impl Checker {
    fn new() -> Self {
        Self {
            schema: json_schema(),
        }
    }

    /// What is wrong with a scenario; nothing if it is as the schema says.
    fn check(&self, scenario: &str) -> Vec<String> {
        let value: Value = serde_saphyr::from_str(scenario).unwrap();
        self.mistakes(&self.schema, &value, "")
    }

    fn mistakes(&self, schema: &Value, value: &Value, path: &str) -> Vec<String> {
        let Some(rules) = schema.as_object() else {
            return Vec::new();
        };
        let each = rules.iter();
        each.flat_map(|(word, rule)| self.broken(word, rule, schema, value, path))
            .collect()
    }

    fn broken(
        &self,
        word: &str,
        rule: &Value,
        schema: &Value,
        value: &Value,
        path: &str,
    ) -> Vec<String> {
        let unless = |holds: bool, what: String| -> Vec<String> {
            let said = format!("{path}: {what}");
            (!holds).then_some(said).into_iter().collect()
        };
        let fits = |schema: &Value| self.mistakes(schema, value, path).is_empty();
        match word {
            "$ref" => {
                let name = rule.as_str().unwrap().rsplit('/').next().unwrap();
                self.mistakes(&self.schema["definitions"][name], value, path)
            }
            "allOf" => {
                let all = rule.as_array().unwrap().iter();
                all.flat_map(|it| self.mistakes(it, value, path)).collect()
            }
            "anyOf" => {
                let any = rule.as_array().unwrap().iter().any(fits);
                unless(any, format!("{value} is none of {rule}"))
            }
            "oneOf" => {
                let number = rule
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|it| fits(it))
                    .count();
                unless(number == 1, format!("{value} is {number} of {rule}"))
            }
            "const" => unless(value == rule, format!("{value} is not {rule}")),
            "enum" => {
                let known = rule.as_array().unwrap().contains(value);
                unless(known, format!("{value} is none of {rule}"))
            }
            "type" => unless(is_of(value, rule), format!("{value} is no {rule}")),
            "minimum" => unless(
                value.as_f64() >= rule.as_f64(),
                format!("{value} is below {rule}"),
            ),
            "maximum" => unless(
                value.as_f64() <= rule.as_f64(),
                format!("{value} is above {rule}"),
            ),
            "required" => {
                let keys = rule.as_array().unwrap().iter();
                let there = |key: &Value| value.get(key.as_str().unwrap()).is_some();
                let missing: Vec<&Value> = keys.filter(|key| !there(key)).collect();
                unless(missing.is_empty(), format!("{missing:?} are missing"))
            }
            "items" | "properties" | "additionalProperties" => {
                self.broken_inside(word, rule, schema, value, path)
            }
            "$schema" | "title" | "definitions" | "description" | "default" | "pattern"
            | "propertyNames" => Vec::new(),
            other => panic!("the checker does not know `{other}`"),
        }
    }

    /// The same for the words about the parts of a value.
    fn broken_inside(
        &self,
        word: &str,
        rule: &Value,
        schema: &Value,
        value: &Value,
        path: &str,
    ) -> Vec<String> {
        match word {
            "items" => {
                let items = value.as_array().into_iter().flatten();
                items
                    .flat_map(|item| self.mistakes(rule, item, &format!("{path}[]")))
                    .collect()
            }
            "properties" => {
                let known = rule.as_object().unwrap().iter();
                known
                    .filter_map(|(key, of)| Some((key, of, value.get(key)?)))
                    .flat_map(|(key, of, it)| self.mistakes(of, it, &format!("{path}.{key}")))
                    .collect()
            }
            "additionalProperties" => {
                let others = value.as_object().into_iter().flatten();
                others
                    .filter(|(key, _)| schema["properties"].get(key).is_none())
                    .flat_map(|(key, it)| match rule {
                        Value::Bool(false) => vec![format!("{path}.{key}: no such key")],
                        rule => self.mistakes(rule, it, &format!("{path}.{key}")),
                    })
                    .collect()
            }
            other => panic!("`{other}` is not about parts"),
        }
    }
}

fn is_of(value: &Value, types: &Value) -> bool {
    let is_a = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64(),
        "number" => value.is_number(),
        other => panic!("no type `{other}`"),
    };
    match types {
        Value::Array(names) => names.iter().any(|name| is_a(name.as_str().unwrap())),
        name => is_a(name.as_str().unwrap()),
    }
}

/// A scenario with this policy.
fn with_policy(policy: &str) -> String {
    format!(
        "scenario: schema\nrun: {{ duration: 1s }}\n\
         clients: {{ c: {{ arrivals: {{ poisson: {{ rate: 1/s }} }}, calls: s.x, policy: p }} }}\n\
         services: {{ s: {{ threads: unlimited, operations: {{ x: {{ steps: [] }} }} }} }}\n\
         policies: {{ p: {policy} }}\n"
    )
}

#[test]
fn every_preset_is_in_the_schema() {
    let checker = Checker::new();
    for kind in layer_presets() {
        for preset in kind.presets {
            let layer = format!("[{}: {{ like: {} }}]", kind.layer, preset.name);
            assert_eq!(checker.check(&with_policy(&layer)), [""; 0], "{layer}");
        }
    }
    for preset in budget_presets() {
        let budget = format!("budgets: {{ b: {{ like: {} }} }}\n", preset.name);
        let mistakes = checker.check(&(with_policy("[]") + &budget));
        assert_eq!(mistakes, [""; 0], "{budget}");
    }
    for preset in pipeline_presets() {
        let pipeline = format!("{{ like: {} }}", preset.name);
        assert_eq!(
            checker.check(&with_policy(&pipeline)),
            [""; 0],
            "{pipeline}"
        );
    }
}

#[test]
fn a_layer_says_all_it_needs_or_what_it_is_like() {
    let checker = Checker::new();
    for (layer, fits) in [
        ("timeout: { like: envoy, connect: 5s }", true),
        ("timeout: { connect: 5s }", true),
        ("timeout: 5s", true),
        ("rate_limit: { like: governor, period: 1s }", true),
        ("rate_limit: { period: 1s }", false),
        ("bulkhead: { like: no-such-library }", false),
    ] {
        let mistakes = checker.check(&with_policy(&format!("[{layer}]")));
        assert_eq!(mistakes.is_empty(), fits, "{layer}: {mistakes:?}");
    }
}

#[test]
fn every_scenario_is_in_the_schema() {
    let checker = Checker::new();
    for entry in fs::read_dir(root().join("scenarios")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "yaml") {
            let text = fs::read_to_string(&path).unwrap();
            assert_eq!(checker.check(&text), [""; 0], "{}", path.display());
        }
    }
}

//! A tree of JSON as a list of paths with values: what can be compared line by line.
//!
//! Items of a list are known by name rather than by number, so that one more item at the front
//! does not make all the others look different.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Words by which a sentence is known \[count\].
const GIST: usize = 6;

/// Every leaf by its path, such as `clients[shoppers].calls.useful_share`.
pub(super) fn flat(value: &Value) -> BTreeMap<String, Value> {
    let mut leaves = BTreeMap::new();
    walk(value, String::new(), &mut leaves);
    leaves
}

fn walk(value: &Value, path: String, leaves: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                walk(inner, path, leaves);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let name = match item {
                    Value::Object(map) => name_of(map).unwrap_or_else(|| index.to_string()),
                    Value::String(text) => text.clone(),
                    Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                        index.to_string()
                    }
                };
                walk(item, unique(&format!("{path}[{name}]"), leaves), leaves);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            leaves.insert(path, value.clone());
        }
    }
}

/// The path, or with a number if another item has it already.
fn unique(path: &str, leaves: &BTreeMap<String, Value>) -> String {
    let taken = |path: &str| {
        let next = leaves.range(path.to_owned()..).next();
        next.is_some_and(|(known, _)| {
            let rest = known.strip_prefix(path);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
    };
    let mut candidate = path.to_owned();
    let mut number = 2;
    while taken(&candidate) {
        candidate = format!("{path}#{number}");
        number += 1;
    }
    candidate
}

/// What tells an item apart from its neighbours.
fn name_of(item: &Map<String, Value>) -> Option<String> {
    const KEYS: [&[&str]; 8] = [
        &["caller", "target", "policy", "layer"],
        &["what", "place"],
        &["code", "place"],
        &["fault", "of"],
        &["name"],
        &["outcome", "place", "doing"],
        &["outcome"],
        &["owner", "guards"],
    ];
    let text = |key: &&str| match item.get(*key)? {
        Value::String(text) => Some(text.clone()),
        Value::Null => Some("-".to_owned()),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let named = KEYS.iter().find_map(|keys| {
        let words: Option<Vec<String>> = keys.iter().map(text).collect();
        Some(words?.join(", "))
    });
    named.or_else(|| text(&"text").map(|text| gist(&text)))
}

/// The beginning of a sentence without what has a figure in it, so that the same sentence with other
/// figures is the same item.
fn gist(sentence: &str) -> String {
    let words = sentence.split(' ');
    let words = words.filter(|word| !word.contains(|c: char| c.is_ascii_digit()));
    words.take(GIST).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_sentence_with_other_figures_is_the_same_item() {
        for text in [
            "all threads of db are busy until 68.5s: an operation holds one for 9ms",
            "all threads of db are busy until the end: an operation holds one for 7ms",
        ] {
            assert_eq!(gist(text), "all threads of db are busy");
        }
        assert_eq!(gist("173 operations wait at db"), "operations wait at db");
    }

    #[test]
    fn items_are_known_by_name() {
        let tree = json!({
            "clients": [{ "name": "a", "share": 0.5 }, { "name": "b", "share": null }],
            "timeline": [{ "text": "x", "at_ns": 1 }, { "text": "x", "at_ns": 2 }],
            "spans": [{ "from_ns": 1 }],
        });
        let paths: Vec<String> = flat(&tree).into_keys().collect();
        assert_eq!(
            paths,
            [
                "clients[a].name",
                "clients[a].share",
                "clients[b].name",
                "clients[b].share",
                "spans[0].from_ns",
                "timeline[x]#2.at_ns",
                "timeline[x]#2.text",
                "timeline[x].at_ns",
                "timeline[x].text",
            ]
        );
    }
}

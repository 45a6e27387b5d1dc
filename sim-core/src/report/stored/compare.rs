//! What differs between two stored reports, field by field.
//!
//! Two levels. *Digest*: every field, bit for bit; the digest stands for what is not stored. It
//! fails on any change of the engine, which is what somebody who changes the engine wants.
//! *Summary*: only what a person decides by: verdicts, findings, rates, shares, percentiles. Words
//! with figures in them, counts and the digest are left out, and figures may differ by a little.
//! It survives an engine that draws or counts otherwise but leaves behaviour alone.

use super::flat::flat;
use serde_json::Value;
use std::collections::BTreeMap;

/// How closely two reports are held against each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Level {
    /// Every field and the digest.
    Digest,
    /// What a person decides by.
    Summary {
        /// Figures may differ by this share of the greater one. Reports show three significant
        /// digits, whose last one is worth 1 % at the most.
        tolerance: f64,
    },
}

impl Level {
    /// The tolerance of a summary unless another is asked for.
    pub const TOLERANCE: f64 = 0.01;
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// Where, such as `clients[shoppers].calls.useful_share`.
    pub path: String,
    /// What was stored; absent if the field is new.
    pub old: Option<Value>,
    /// What it is now; absent if the field is gone.
    pub new: Option<Value>,
}

impl FieldChange {
    /// The change of a number as a share of the old one.
    pub fn relative(&self) -> Option<f64> {
        let (old, new) = (self.old.as_ref()?.as_f64()?, self.new.as_ref()?.as_f64()?);
        let relative = (new - old) / old.abs();
        relative.is_finite().then_some(relative)
    }
}

/// Parts of a report in the order in which somebody wants to hear of them.
const ORDER: [&str; 18] = [
    "status",
    "verdict",
    "expectations",
    "recovery",
    "findings",
    "causes",
    "clients",
    "tenants",
    "classes",
    "services",
    "edges",
    "breakers",
    "layers",
    "timeline",
    "faults",
    "conservation",
    "scenario",
    "engine_semantics",
];

/// The summary: a field belongs to it if its path, without the names in brackets, is here.
const SUMMARY: [&str; 25] = [
    "status",
    "verdict",
    "expectations.verdict",
    "expectations.value",
    "recovery.verdict",
    "findings.code",
    "clients.calls.offered_per_second",
    "clients.calls.goodput_per_second",
    "clients.calls.useful_share",
    "clients.calls.outcomes.share",
    "clients.calls.outcomes.latency.p50_ns",
    "clients.calls.outcomes.latency.p99_ns",
    "tenants.calls.useful_share",
    "classes.calls.useful_share",
    "edges.calls.useful_share",
    "edges.attempts.amplification",
    "services.throughput_per_second",
    "services.goodput_per_second",
    "services.utilisation",
    "services.path_amplification",
    "services.queue.mean_length",
    "services.queue.waiting_time.p99_ns",
    "services.work.wasted_share",
    "breakers.layer",
    "layers.never_acted",
];

/// What differs in `new`, the most telling first.
pub(super) fn differences(old: &Value, new: &Value, level: Level) -> Vec<FieldChange> {
    let (old, new) = (leaves(old, level), leaves(new, level));
    let mut changes = Vec::new();
    for (path, was) in &old {
        match new.get(path) {
            None => changes.push((path, Some(was), None)),
            Some(is) if !agree(was, is, level) => changes.push((path, Some(was), Some(is))),
            Some(_) => {}
        }
    }
    let added = new.iter().filter(|(path, _)| !old.contains_key(*path));
    changes.extend(added.map(|(path, is)| (path, None, Some(is))));
    changes.sort_by_key(|(path, ..)| (rank(path), (*path).clone()));
    changes
        .into_iter()
        .map(|(path, old, new)| FieldChange {
            path: path.clone(),
            old: old.cloned(),
            new: new.cloned(),
        })
        .collect()
}

fn leaves(value: &Value, level: Level) -> BTreeMap<String, Value> {
    let mut leaves = flat(value);
    leaves.retain(|path, _| match level {
        Level::Digest => !path.starts_with("digest.checkpoints"),
        Level::Summary { .. } => SUMMARY.contains(&without_names(path).as_str()),
    });
    leaves
}

fn agree(old: &Value, new: &Value, level: Level) -> bool {
    match (level, old.as_f64(), new.as_f64()) {
        (Level::Summary { tolerance }, Some(a), Some(b)) => {
            (a - b).abs() <= tolerance * a.abs().max(b.abs())
        }
        (Level::Digest | Level::Summary { .. }, ..) => old == new,
    }
}

/// The path without what stands in brackets, and without numbers of equals.
fn without_names(path: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0_u32;
    for letter in path.chars() {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            letter if depth == 0 => plain.push(letter),
            _ => {}
        }
    }
    plain
}

fn rank(path: &str) -> usize {
    let head = path.split(['.', '[']).next().unwrap_or_default();
    let place = ORDER.iter().position(|part| *part == head);
    place.unwrap_or(ORDER.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn report(share: f64, calls: u64, finding: &str) -> Value {
        json!({
            "digest": { "value": calls.to_string(), "checkpoints": [calls.to_string()] },
            "clients": [{ "name": "a", "calls": { "useful_share": share, "started_total": calls } }],
            "findings": [{ "code": finding, "place": "x", "text": format!("{calls} calls") }],
            "verdict": "pass",
        })
    }

    fn paths(old: &Value, new: &Value, level: Level) -> Vec<String> {
        let changes = differences(old, new, level);
        changes.into_iter().map(|change| change.path).collect()
    }

    #[test]
    fn the_digest_level_sees_every_field_and_the_summary_what_one_decides_by() {
        let old = report(0.5, 1_000, "collapsed");
        let noise = report(0.503, 1_010, "collapsed");
        assert_eq!(
            paths(&old, &noise, Level::Digest),
            [
                "findings[collapsed, x].text",
                "clients[a].calls.started_total",
                "clients[a].calls.useful_share",
                "digest.value",
            ]
        );
        let summary = Level::Summary {
            tolerance: Level::TOLERANCE,
        };
        assert_eq!(paths(&old, &noise, summary), Vec::<String>::new());
        let change = report(0.51, 1_000, "relapse");
        assert_eq!(
            paths(&old, &change, summary),
            [
                "findings[collapsed, x].code",
                "findings[relapse, x].code",
                "clients[a].calls.useful_share",
            ]
        );
    }

    #[test]
    fn a_change_of_a_number_has_a_size() {
        let change = |old: Value, new: Value| FieldChange {
            path: String::new(),
            old: Some(old),
            new: Some(new),
        };
        let relative = change(json!(200), json!(150)).relative().unwrap();
        assert!((relative + 0.25).abs() < 1e-12);
        assert_eq!(change(json!(0), json!(1)).relative(), None);
        assert_eq!(change(json!("a"), json!("b")).relative(), None);
    }
}

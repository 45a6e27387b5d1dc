//! What a library takes of a setting at most, whoever asks for more.
//!
//! Some libraries do not refuse a number that makes no sense to them: they take what they can. A
//! preset does the same, with a warning where the number is the scenario's own.

use super::breaker::BREAKERS;
use super::fill::{entry_of, named};
use super::table::Follows;
use crate::scenario::tree::{Kind, Node};

/// Whether the library of this name cuts a minimum of calls that its window cannot hold, where
/// others would never open.
pub(in crate::scenario) fn cuts_minimum(breaker: &str) -> bool {
    let preset = BREAKERS.iter().find(|preset| preset.name == breaker);
    preset.is_some_and(|preset| {
        let mut rows = preset.rows.iter();
        rows.any(|row| row.key == "minimum_calls" && matches!(row.follows, Follows::Cut))
    })
}

/// The same of a layer that is like it.
pub(super) fn cuts_own_minimum(layer: &Node) -> bool {
    named(layer, BREAKERS).is_some_and(|(preset, _)| cuts_minimum(preset.name))
}

/// A window of calls holds its minimum.
pub(super) fn cut_minimum(layer: &mut Node) {
    let number = |node: Option<&Node>| match node.map(|node| &node.kind) {
        Some(Kind::Scalar { text, .. }) => text.parse::<u32>().ok(),
        Some(Kind::List(_) | Kind::Map(_)) | None => None,
    };
    let calls = number(layer.get("window").and_then(|window| window.get("calls")));
    let needed = number(layer.get("minimum_calls"));
    let (Some(calls), Some(needed)) = (calls, needed) else {
        return;
    };
    if let Some(minimum) = entry_of(layer, "minimum_calls") {
        *minimum = Node::scalar(&needed.min(calls).to_string(), minimum.span);
    }
}

/// The most that a library takes of a number of tries, whoever asks for more.
pub(in crate::scenario) fn most_tries(library: &str, key: &str) -> Option<u32> {
    match (library, key) {
        ("grpc", "max_attempts") => Some(5),
        ("grpc", "max_retries" | "max_hedges") => Some(4),
        _ => None,
    }
}

/// The same of a layer that is like it.
pub(super) fn cut_tries(layer: &mut Node, kind: &str) {
    let Some(Kind::Scalar { text: library, .. }) = layer.get("like").map(|it| it.kind.clone())
    else {
        return;
    };
    let keys: &[&str] = match kind {
        "retry" => &["max_attempts", "max_retries"],
        "hedge" => &["max_hedges"],
        _ => &[],
    };
    for key in keys {
        let (Some(most), Some(node)) = (most_tries(&library, key), entry_of(layer, key)) else {
            continue;
        };
        let Kind::Scalar { text, .. } = &node.kind else {
            continue;
        };
        if text == "unlimited" || text.parse::<u32>().is_ok_and(|tries| tries > most) {
            *node = Node::scalar(&most.to_string(), node.span);
        }
    }
}

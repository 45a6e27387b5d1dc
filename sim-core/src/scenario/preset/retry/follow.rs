//! What in the retry of a library follows from the scenario's own settings.

use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::ScalarType;
use crate::time::SimDuration;

/// Whether the scenario says that the waits grow exponentially.
pub(super) fn is_exponential(layer: &Node) -> bool {
    let backoff = layer.get("backoff");
    backoff.is_some_and(|it| it.get("exponential").is_some())
}

/// Whether the scenario says that the waits grow by a step.
pub(super) fn is_linear(layer: &Node) -> bool {
    let backoff = layer.get("backoff");
    backoff.is_some_and(|it| it.get("linear").is_some())
}

fn first_of(layer: &Node, kind: &str) -> Option<String> {
    let first = layer.get("backoff")?.get(kind)?.get("initial")?;
    match &first.kind {
        Kind::Scalar { text, .. } => Some(text.clone()),
        Kind::List(_) | Kind::Map(_) => None,
    }
}

pub(super) fn first_of_linear(layer: &Node) -> Option<String> {
    first_of(layer, "linear")
}

pub(super) fn ten_times_the_first(layer: &Node) -> Option<String> {
    let first = SimDuration::parse(&first_of(layer, "exponential")?).ok()?;
    Some(first.times(10).to_string())
}

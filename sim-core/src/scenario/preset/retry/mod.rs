//! The retries of libraries: for each, a table of settings and where they are documented.

mod clients;
mod follow;
mod libraries;

use super::fill::{entry_of, fill_up, named, put_value};
use super::table::Preset;
use crate::scenario::tree::{Entry, Kind, Node};
use clients::{AWS, DAPR, ENVOY, GRPC, ISTIO, URLLIB3};
use libraries::{COCKATIEL, POLLY, POLLY_STANDARD, RESILIENCE4J, SPRING_RETRY, TENACITY};

/// All retries, by name.
pub(in crate::scenario) const RETRIES: &[Preset] = &[
    Preset {
        name: "resilience4j",
        version: "resilience4j 2.4.0",
        rows: RESILIENCE4J,
    },
    Preset {
        name: "polly",
        version: "Polly 8 (Polly.Core)",
        rows: POLLY,
    },
    Preset {
        name: "polly-standard",
        version: "Microsoft.Extensions.Http.Resilience at 5862342, standard pipeline",
        rows: POLLY_STANDARD,
    },
    Preset {
        name: "dapr",
        version: "Dapr at d845074, constant policy; exponential policy beside `backoff: exponential`",
        rows: DAPR,
    },
    Preset {
        name: "cockatiel",
        version: "cockatiel 3.2.1, ExponentialBackoff",
        rows: COCKATIEL,
    },
    Preset {
        name: "spring-retry",
        version: "Spring Retry at c8977dd, SimpleRetryPolicy",
        rows: SPRING_RETRY,
    },
    Preset {
        name: "envoy",
        version: "Envoy 1.40, retry policy of a route",
        rows: ENVOY,
    },
    Preset {
        name: "istio",
        version: "Istio 1.24, default retry policy of the mesh",
        rows: ISTIO,
    },
    Preset {
        name: "grpc",
        version: "gRPC (proposal A6), retryPolicy of a service config",
        rows: GRPC,
    },
    Preset {
        name: "aws",
        version: "AWS SDK, standard mode (botocore 1.44)",
        rows: AWS,
    },
    Preset {
        name: "tenacity",
        version: "tenacity 9.2.1, wait_random_exponential",
        rows: TENACITY,
    },
    Preset {
        name: "urllib3",
        version: "urllib3 2.8.0",
        rows: URLLIB3,
    },
];

/// Tries are counted in one way: to name one is to leave the preset's. A backoff that is but named,
/// as in `backoff: exponential`, is filled up. Rows that hold in certain cases stand before those
/// that hold otherwise.
pub(super) fn apply_retry(layer: &mut Node, presets: &'static [Preset]) {
    const WAYS_TO_COUNT: [&str; 2] = ["max_attempts", "max_retries"];
    let Some((preset, _)) = named(layer, presets) else {
        return;
    };
    let own_count = WAYS_TO_COUNT.iter().any(|way| layer.get(way).is_some());
    if let Some(backoff) = entry_of(layer, "backoff") {
        let keys = || preset.rows.iter().map(|row| row.key);
        open_word(backoff, |word| {
            keys().any(|key| key.starts_with(&format!("backoff.{word}.")))
        });
    }
    for row in preset.rows {
        let left_out = own_count && WAYS_TO_COUNT.contains(&row.key);
        if let Some(value) = row.value_in(layer).filter(|_| !left_out) {
            put_value(layer, row.key, &value, fill_up);
        }
    }
}

/// A word becomes a map with that word as its key, so that its settings can be put, where there are
/// such.
fn open_word(node: &mut Node, has_settings: impl Fn(&str) -> bool) {
    let Kind::Scalar { text, .. } = &node.kind else {
        return;
    };
    if !has_settings(text) {
        return;
    }
    let span = node.span;
    let entry = Entry {
        key: text.clone(),
        key_span: span,
        value: Node::empty_map(span),
    };
    node.kind = Kind::Map(vec![entry]);
}

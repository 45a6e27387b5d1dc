//! The layers that can be like a library's, and budgets and pipelines.

use super::balance::{BALANCES, apply_balance};
use super::breaker::{BREAKERS, apply_breaker};
use super::budget::BUDGETS;
use super::bulkhead::BULKHEADS;
use super::fill::apply_plainly;
use super::hedge::HEDGES;
use super::limit::LIMITS;
use super::pipeline::PIPELINES;
use super::pool::POOLS;
use super::rate_limit::RATE_LIMITS;
use super::retry::{RETRIES, apply_retry};
use super::table::Preset;
use super::throttle::THROTTLES;
use super::timeout::TIMEOUTS;
use crate::scenario::tree::{Entry, Node};

/// The tables of a kind of layer.
#[derive(Clone, Copy, Debug)]
pub struct LayerPresets {
    /// The key of the layer in a policy.
    pub layer: &'static str,
    /// What the documentation calls them.
    pub title: &'static str,
    /// All of them, by name.
    pub presets: &'static [Preset],
    /// Puts the settings of one under those of the layer, if it names one.
    pub(super) apply: fn(&mut Node, &'static [Preset]),
}

/// The layers that can be like a library's.
const LAYERS: &[LayerPresets] = &[
    LayerPresets {
        layer: "circuit_breaker",
        title: "Circuit breakers",
        presets: BREAKERS,
        apply: apply_breaker,
    },
    LayerPresets {
        layer: "retry",
        title: "Retries",
        presets: RETRIES,
        apply: apply_retry,
    },
    LayerPresets {
        layer: "timeout",
        title: "Timeouts",
        presets: TIMEOUTS,
        apply: apply_plainly,
    },
    LayerPresets {
        layer: "bulkhead",
        title: "Bulkheads",
        presets: BULKHEADS,
        apply: apply_plainly,
    },
    LayerPresets {
        layer: "rate_limit",
        title: "Rate limits",
        presets: RATE_LIMITS,
        apply: apply_plainly,
    },
    LayerPresets {
        layer: "concurrency_limit",
        title: "Concurrency limits",
        presets: LIMITS,
        apply: apply_plainly,
    },
    LayerPresets {
        layer: "throttle",
        title: "Throttles",
        presets: THROTTLES,
        apply: apply_plainly,
    },
    LayerPresets {
        layer: "hedge",
        title: "Hedges",
        presets: HEDGES,
        apply: apply_plainly,
    },
    LayerPresets {
        layer: "balance",
        title: "Balancers",
        presets: BALANCES,
        apply: apply_balance,
    },
];

/// The tables of all kinds of layers.
pub fn layer_presets() -> &'static [LayerPresets] {
    LAYERS
}

/// The tables of pipelines: the key of a row is the kind of its layer, outermost first.
pub fn pipeline_presets() -> &'static [Preset] {
    PIPELINES
}

/// The tables of budgets.
pub fn budget_presets() -> &'static [Preset] {
    BUDGETS
}

/// The tables of pools.
pub fn pool_presets() -> &'static [Preset] {
    POOLS
}

/// What an entry can be like, if it is a layer that can.
pub(super) fn kind_of(entry: &Entry) -> Option<&'static LayerPresets> {
    LAYERS.iter().find(|kind| kind.layer == entry.key)
}

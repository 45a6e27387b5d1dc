//! What of a preset stands beside the scenario's own settings of a breaker.

use crate::scenario::preset::cuts::cut_minimum;
use crate::scenario::preset::fill::{is_word, leave, named, put, put_value};
use crate::scenario::preset::table::{Follows, Preset};
use crate::scenario::tree::Node;

/// Ways to open: to name one is to leave those of the preset.
const WAYS_TO_OPEN: [&str; 4] = [
    "failure_rate",
    "failures",
    "consecutive_failures",
    "expression",
];
/// Ways to open that look at a window.
const BY_A_WINDOW: [&str; 4] = ["failure_rate", "failures", "expression", "slow_call_rate"];
/// What a breaker that looks at no window has no use for.
const OF_A_WINDOW: [&str; 6] = [
    "window",
    "minimum_calls",
    "comparator",
    "counts",
    "slow_call_rate",
    "slow_call_duration",
];

/// Ways to remember: a window has one of them.
const KINDS_OF_WINDOW: [&str; 4] = ["calls", "time", "emptied_every", "average"];

/// To name one way to open is to leave those of the preset, and a window of another kind leaves the
/// preset's.
pub(in crate::scenario::preset) fn apply_breaker(layer: &mut Node, presets: &'static [Preset]) {
    let Some((preset, _)) = named(layer, presets) else {
        return;
    };
    let names = |key: &str| layer.get(key).is_some_and(|it| !is_word(it, "none"));
    let names_one_of = |keys: &[&str]| keys.iter().any(|key| names(key));
    let own_way = names_one_of(&WAYS_TO_OPEN);
    let by_run = (names("consecutive_failures") && !names_one_of(&BY_A_WINDOW))
        || (!own_way && leaves_a_run(layer, preset));
    let own_minimum = layer.get("minimum_rate").is_some();
    let own_window = layer.get("window").and_then(kind_of_window);
    let window = preset_window(preset);
    let no_window = by_run && window != Some("emptied_every");
    let other_window = own_window.is_some() && own_window != window;
    for row in preset.rows {
        let (first, _) = row.key.split_once('.').unwrap_or((row.key, ""));
        let left_out = (own_way && WAYS_TO_OPEN.contains(&first))
            || (no_window && OF_A_WINDOW.contains(&first))
            || (by_run && row.value == "trip_rates")
            || (own_minimum && row.key == "minimum_calls")
            || (other_window && first == "window");
        if !left_out && matches!(row.follows, Follows::Nothing | Follows::Cut) {
            put(layer, row);
        }
    }
    put_following(layer, preset);
    let minimum = layer.get("minimum_calls").map(|it| it.span);
    if minimum == layer.get("like").map(|it| it.span) {
        cut_minimum(layer);
    }
}

/// Whether a preset opens by failures in a row alone once what is `none` is gone.
fn leaves_a_run(layer: &Node, preset: &Preset) -> bool {
    let has = |way: &str| preset.rows.iter().any(|row| row.key == way);
    let is_off = |way: &str| layer.get(way).is_some_and(|it| is_word(it, "none"));
    let mut by_a_window = BY_A_WINDOW.into_iter().filter(|way| has(way)).peekable();
    by_a_window.peek().is_some()
        && by_a_window.all(is_off)
        && has("consecutive_failures")
        && !is_off("consecutive_failures")
}

/// What follows from other settings, once these are there.
fn put_following(layer: &mut Node, preset: &Preset) {
    for row in preset.rows {
        if matches!(row.follows, Follows::Nothing | Follows::Cut) {
            continue;
        }
        if let Some(value) = row.value_in(layer) {
            put_value(layer, row.key, &value, leave);
        }
    }
}

fn kind_of_window(window: &Node) -> Option<&'static str> {
    KINDS_OF_WINDOW
        .into_iter()
        .find(|kind| window.get(kind).is_some())
}

fn preset_window(preset: &Preset) -> Option<&'static str> {
    let mut keys = preset
        .rows
        .iter()
        .filter_map(|row| row.key.strip_prefix("window."));
    keys.find_map(|key| KINDS_OF_WINDOW.into_iter().find(|kind| *kind == key))
}

//! Settings of a library's breaker that follow from others.
//!
//! A library that is told "ten seconds" makes ten buckets of one second of it, or ten of whatever
//! length; another takes its minimum of calls from the threshold. Who changes one such setting
//! changes the others with it, so a preset has to know how.
//!
//! The rule: each function reads what is written, by the scenario or by the preset, and says the
//! value that follows as a scenario writes it; `None` where something else is written than it can
//! read.

use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::{Count, ScalarType};
use crate::time::SimDuration;
use crate::units::Probability;

/// One second \[ms\].
const SECOND: u64 = 1_000;

fn read<T: ScalarType>(layer: &Node, path: &str) -> Option<T> {
    let mut keys = path.split('.');
    let node = keys.try_fold(layer, |node, key| node.get(key))?;
    match &node.kind {
        Kind::Scalar { text, .. } => T::parse(text).ok(),
        Kind::List(_) | Kind::Map(_) => None,
    }
}

fn millis(span: SimDuration) -> u64 {
    span.as_ns() / 1_000_000
}

fn number(layer: &Node, key: &str) -> Option<u32> {
    read::<Count<0>>(layer, key).map(Count::get)
}

/// Whether there is a window of time.
fn window_of_time(layer: &Node) -> Option<SimDuration> {
    read(layer, "window.time")
}

/// Whether the time for which it is open grows.
pub(super) fn grows(layer: &Node) -> bool {
    layer.get("open_growth").is_some()
}

// ---- Polly ----

/// Ten, or a single one where these would be shorter than 20 ms.
pub(super) fn buckets_of_polly(layer: &Node) -> Option<String> {
    let count = if millis(window_of_time(layer)?) < 200 {
        1
    } else {
        10
    };
    Some(count.to_string())
}

// ---- Hystrix ----

/// One bucket for each health snapshot.
pub(super) fn buckets_of_a_tick(layer: &Node) -> Option<String> {
    let tick: SimDuration = read(layer, "evaluate.ticks")?;
    let count = window_of_time(layer)?.as_ns().checked_div(tick.as_ns())?;
    Some(count.max(1).to_string())
}

// ---- cockatiel ----

/// Windows of a second or less, at least five.
fn windows_of_cockatiel(span: SimDuration) -> u64 {
    millis(span).div_ceil(SECOND).max(5)
}

pub(super) fn buckets_of_cockatiel(layer: &Node) -> Option<String> {
    window_of_time(layer).map(|span| windows_of_cockatiel(span).to_string())
}

pub(super) fn rounded_width(layer: &Node) -> Option<String> {
    window_of_time(layer).map(|_| "rounded_milliseconds".to_owned())
}

/// Five failures in each second at the threshold, or all calls that a window of calls holds.
pub(super) fn minimum_of_cockatiel(layer: &Node) -> Option<String> {
    if layer.get("minimum_rate").is_some() {
        return None;
    }
    let Some(span) = window_of_time(layer) else {
        return number(layer, "window.calls").map(|calls| calls.to_string());
    };
    let threshold = read::<Probability>(layer, "failure_rate")?.get();
    if threshold <= 0.0 {
        return None;
    }
    let windows = windows_of_cockatiel(span);
    let width = (millis(span) * 2 + windows) / (2 * windows);
    let least = (width * windows) as f64 * (5.0 / (threshold * 1_000.0));
    Some(format!("{:.0}", least.ceil().min(f64::from(u32::MAX))))
}

// ---- gobreaker ----

pub(super) fn on_construction(layer: &Node) -> Option<String> {
    window_of_time(layer).map(|_| "construction".to_owned())
}

/// A bucket keeps the results of its calls, where it has a place of its own.
pub(super) fn of_their_calls(layer: &Node) -> Option<String> {
    window_of_time(layer)?;
    let aligned = layer.get("window")?.get("aligned");
    let on_a_grid = match aligned.map(|it| &it.kind) {
        Some(Kind::Scalar { text, .. }) => text == "clock" || text == "construction",
        Some(Kind::List(_) | Kind::Map(_)) | None => true,
    };
    on_a_grid.then(|| "calls".to_owned())
}

// ---- failsafe-go ----

pub(super) fn ten_buckets(layer: &Node) -> Option<String> {
    window_of_time(layer).map(|_| "10".to_owned())
}

pub(super) fn on_the_clock(layer: &Node) -> Option<String> {
    window_of_time(layer).map(|_| "clock".to_owned())
}

/// Failures that open, and of how many.
fn threshold_of_failsafe(layer: &Node) -> Option<(u32, u32)> {
    if let Some(run) = number(layer, "consecutive_failures") {
        return Some((run, run));
    }
    let failures = number(layer, "failures")?;
    let capacity = number(layer, "window.calls").unwrap_or(failures);
    Some((failures, capacity.max(failures)))
}

/// The executions that a rate needs, else the capacity that failures are counted in.
pub(super) fn probes_of_failsafe(layer: &Node) -> Option<String> {
    let needed = number(layer, "minimum_calls").filter(|_| window_of_time(layer).is_some());
    let count = match (needed, threshold_of_failsafe(layer)) {
        (Some(needed), Some((_, capacity))) if needed <= 1 => capacity,
        (Some(needed), _) => needed,
        (None, threshold) => threshold?.1,
    };
    Some(count.max(1).to_string())
}

/// The rate, or the failures that open and the successes that make them impossible.
pub(super) fn closing_of_failsafe(layer: &Node) -> Option<String> {
    if read::<Probability>(layer, "failure_rate").is_some() {
        return Some("success_rate".to_owned());
    }
    let (failures, capacity) = threshold_of_failsafe(layer)?;
    let successes = capacity - failures + 1;
    Some(format!(
        "{{ counts: {{ successes: {successes}, failures: {failures} }} }}"
    ))
}

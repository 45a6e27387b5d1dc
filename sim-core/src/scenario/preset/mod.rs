//! `like: NAME`: the settings of a library, as data.
//!
//! A preset is a table of keys and values of this very format, each with where it comes from. It is
//! laid under what the scenario says beside `like`, before anything is read: so a preset can mean
//! nothing that could not be written, every check and every change by path works as if it had been,
//! and `validate --expand` can print it.
//!
//! The rule: a key that is there stays, at every depth, and what is missing beside it is filled up. What
//! belongs together is replaced together: to name one way
//! to open (`failure_rate`, `failures`, `consecutive_failures`, `expression`) is to leave the
//! preset's, and a `window` or a backoff of another kind leaves the preset's. A way to open that is
//! `none` is not there. Some settings of a library follow from others, such as buckets of a second each; where
//! those are the scenario's own, so does the value here ([`Follows`]).
//!
//! Rejected: presets as values of the configuration types (they could not be printed as a scenario,
//! and each key would need its own way to be overridden), and presets in files of their own (a
//! scenario would no longer mean the same everywhere).

mod breaker;
mod budget;
mod bulkhead;
mod cuts;
mod fill;
mod hedge;
mod pipeline;
mod rate_limit;
mod retry;
#[cfg(test)]
mod tests;
mod timeout;

pub(super) use breaker::BREAKERS;
pub(super) use budget::BUDGETS;
pub(super) use bulkhead::BULKHEADS;
pub(super) use cuts::{cuts_minimum, most_tries};
pub(super) use hedge::HEDGES;
pub(super) use pipeline::PIPELINES;
pub(super) use rate_limit::RATE_LIMITS;
pub(super) use retry::RETRIES;
pub(super) use timeout::TIMEOUTS;

use super::diagnostic::Span;
use super::tree::{Entry, Kind, Node};
use super::{Loaded, Source, load};
use crate::policy::BreakerConfig;
use cuts::{cut_minimum, cut_tries, cuts_own_minimum};
use fill::{fill_up, leave, put, put_value, value_of};
use std::borrow::Cow;

/// The settings of a library for one kind of layer, or its layers in their order.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// What `like` calls it.
    pub name: &'static str,
    /// The library and the version that was read.
    pub version: &'static str,
    /// Its settings.
    pub rows: &'static [Row],
}

/// A setting of a preset.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The key, as a path within the layer.
    pub key: &'static str,
    /// The value, as a scenario writes it.
    pub value: &'static str,
    /// What it is called in the library, and where it stands there.
    pub source: &'static str,
    /// Whether other settings change it.
    follows: Follows,
}

/// Whether a setting of a preset follows from other settings of the layer.
#[derive(Clone, Copy, Debug)]
enum Follows {
    /// It does not.
    Nothing,
    /// It does, where this says so; the scenario's own value stays all the same.
    Settings(fn(&Node) -> Option<String>),
    /// The same, and else there is no such setting.
    Only(fn(&Node) -> Option<String>),
    /// It is there as it is where this holds, and else there is no such setting.
    When(fn(&Node) -> bool),
    /// It does not, but the library cuts it, whoever wrote it, to what another setting allows.
    Cut,
}

const fn row(key: &'static str, value: &'static str, source: &'static str) -> Row {
    Row {
        key,
        value,
        source,
        follows: Follows::Nothing,
    }
}

/// A row whose value follows from other settings, if `from` knows it.
const fn following(row: Row, from: fn(&Node) -> Option<String>) -> Row {
    Row {
        follows: Follows::Settings(from),
        ..row
    }
}

/// A row that is there only if `from` knows its value.
const fn sometimes(row: Row, from: fn(&Node) -> Option<String>) -> Row {
    Row {
        follows: Follows::Only(from),
        ..row
    }
}

/// A row that is there where `holds`.
const fn when(row: Row, holds: fn(&Node) -> bool) -> Row {
    Row {
        follows: Follows::When(holds),
        ..row
    }
}

/// A row whose value the library cuts to what another setting allows.
const fn cut(row: Row) -> Row {
    Row {
        follows: Follows::Cut,
        ..row
    }
}

/// The rows of one list and those of another, as one list.
const fn joined<const N: usize>(first: &[Row], then: &[Row]) -> [Row; N] {
    let mut all = [row("", "", ""); N];
    let mut index = 0;
    while index < N {
        all[index] = if index < first.len() {
            first[index]
        } else {
            then[index - first.len()]
        };
        index += 1;
    }
    all
}

/// The tables of a kind of layer.
#[derive(Clone, Copy, Debug)]
pub struct LayerPresets {
    /// The key of the layer in a policy.
    pub layer: &'static str,
    /// What the documentation calls them.
    pub title: &'static str,
    /// All of them, by name.
    pub presets: &'static [Preset],
    /// Lays one under the layer, if it names one.
    lay_under: fn(&mut Node, &'static [Preset]),
}

/// The layers that can be like a library's.
const LAYERS: &[LayerPresets] = &[
    LayerPresets {
        layer: "circuit_breaker",
        title: "Circuit breakers",
        presets: BREAKERS,
        lay_under: lay_under_breaker,
    },
    LayerPresets {
        layer: "retry",
        title: "Retries",
        presets: RETRIES,
        lay_under: lay_under_retry,
    },
    LayerPresets {
        layer: "timeout",
        title: "Timeouts",
        presets: TIMEOUTS,
        lay_under: lay_under_plainly,
    },
    LayerPresets {
        layer: "bulkhead",
        title: "Bulkheads",
        presets: BULKHEADS,
        lay_under: lay_under_plainly,
    },
    LayerPresets {
        layer: "rate_limit",
        title: "Rate limits",
        presets: RATE_LIMITS,
        lay_under: lay_under_plainly,
    },
    LayerPresets {
        layer: "hedge",
        title: "Hedges",
        presets: HEDGES,
        lay_under: lay_under_plainly,
    },
];

/// The names of presets, in their order.
pub(super) const fn names<const N: usize>(presets: &[Preset]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut index = 0;
    while index < N {
        names[index] = presets[index].name;
        index += 1;
    }
    names
}

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

/// The breaker of a library, with its default settings; `None` if there is no table of that name.
///
/// ```
/// use sim_core::policy::{Admission, Breaker, Outcome};
/// use sim_core::time::SimTime;
///
/// let config = sim_core::scenario::breaker_preset("pybreaker").unwrap();
/// let mut breaker = Breaker::new();
/// for _ in 0..5 {
///     let Admission::Admit(permit) = breaker.try_acquire(SimTime::ZERO, &config) else { panic!() };
///     breaker.on_result(SimTime::ZERO, &config, permit, Outcome::ErrorInternal, |_| 0.5);
/// }
/// assert_eq!(breaker.try_acquire(SimTime::ZERO, &config), Admission::Reject);
/// ```
pub fn breaker_preset(name: &str) -> Option<BreakerConfig> {
    let known = BREAKERS.iter().any(|preset| preset.name == name);
    known.then_some(())?;
    let text = format!(
        "scenario: preset\nrun: {{ duration: 1s }}\n\
         clients: {{ c: {{ arrivals: {{ poisson: {{ rate: 1/s }} }}, calls: s.x, policy: p }} }}\n\
         services: {{ s: {{ threads: unlimited, operations: {{ x: {{ steps: [] }} }} }} }}\n\
         policies: {{ p: [circuit_breaker: {{ like: {name} }}] }}\n"
    );
    let source = Source {
        name: name.to_owned(),
        text,
    };
    let loaded = load(&source, &[], &|_| Err(String::new())).ok()?;
    first_breaker(&loaded)
}

fn first_breaker(loaded: &Loaded) -> Option<BreakerConfig> {
    let mut layers = loaded.scenario.model.layers.iter();
    layers.find_map(|layer| layer.kind.breaker().cloned())
}

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
/// Kinds of budgets: to name one is to leave that of the preset.
const KINDS_OF_BUDGET: [&str; 8] = [
    "concurrent_max",
    "concurrent_ratio",
    "retry_rate",
    "token_ratio",
    "grpc_tokens",
    "aws_quota",
    "success_funded",
    "token_bucket",
];
/// Ways to remember: a window has one of them.
const KINDS_OF_WINDOW: [&str; 4] = ["calls", "time", "emptied_every", "average"];

/// Spells out the policies that are like a library's, and lays presets under all layers that name
/// one; there `like` stays where it is.
pub(super) fn lay_under(tree: &mut Node) {
    if let Some(policies) = entry_of(tree, "policies")
        && let Kind::Map(policies) = &mut policies.kind
    {
        for policy in policies {
            spell_out(&mut policy.value);
        }
    }
    each_budget(tree, &mut lay_under_budget);
    without_budgets(tree, lay_under_each);
}

/// Budgets have names of their own choice, and are no layers whatever these say.
fn without_budgets(tree: &mut Node, visit: impl FnOnce(&mut Node)) {
    let empty = Node::empty_map(tree.span);
    let budgets = entry_of(tree, "budgets").map(|it| std::mem::replace(it, empty));
    visit(tree);
    if let (Some(place), Some(budgets)) = (entry_of(tree, "budgets"), budgets) {
        *place = budgets;
    }
}

fn each_budget(tree: &mut Node, visit: &mut impl FnMut(&mut Node)) {
    if let Some(budgets) = entry_of(tree, "budgets")
        && let Kind::Map(budgets) = &mut budgets.kind
    {
        for budget in budgets {
            visit(&mut budget.value);
        }
    }
}

fn lay_under_each(tree: &mut Node) {
    each_entry(tree, &mut |entry| {
        if entry.key == "policy" {
            spell_out(&mut entry.value);
            lay_under_each(&mut entry.value);
        } else if entry.key == "budget" {
            lay_under_budget(&mut entry.value);
        } else if let Some(kind) = kind_of(entry) {
            (kind.lay_under)(&mut entry.value, kind.presets);
        }
    });
}

/// What an entry can be like, if it is a layer that can.
fn kind_of(entry: &Entry) -> Option<&'static LayerPresets> {
    LAYERS.iter().find(|kind| kind.layer == entry.key)
}

/// The same, and `like` goes: what is left says everything itself.
pub(super) fn write_out(tree: &mut Node) {
    lay_under(tree);
    each_budget(tree, &mut forget_like);
    without_budgets(tree, |tree| {
        each_entry(tree, &mut |entry| {
            if kind_of(entry).is_some() {
                if cuts_own_minimum(&entry.value) {
                    cut_minimum(&mut entry.value);
                }
                cut_tries(&mut entry.value, &entry.key);
                forget_like(&mut entry.value);
            } else if entry.key == "budget" {
                forget_like(&mut entry.value);
            }
        });
    });
}

fn forget_like(settings: &mut Node) {
    if let Kind::Map(settings) = &mut settings.kind {
        settings.retain(|setting| setting.key != "like");
    }
}

/// Every entry of every map, the inner ones of an entry after it.
fn each_entry(tree: &mut Node, visit: &mut impl FnMut(&mut Entry)) {
    match &mut tree.kind {
        Kind::Scalar { .. } => {}
        Kind::List(items) => items.iter_mut().for_each(|item| each_entry(item, visit)),
        Kind::Map(entries) => {
            for entry in entries {
                visit(entry);
                each_entry(&mut entry.value, visit);
            }
        }
    }
}

fn entry_of<'n>(tree: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    let Kind::Map(entries) = &mut tree.kind else {
        return None;
    };
    let entry = entries.iter_mut().find(|entry| entry.key == key)?;
    Some(&mut entry.value)
}

/// A preset that `like` names, and the place of that name.
fn named(node: &Node, presets: &'static [Preset]) -> Option<(&'static Preset, Span)> {
    let like = node.get("like")?;
    let Kind::Scalar { text, .. } = &like.kind else {
        return None;
    };
    let preset = presets.iter().find(|preset| preset.name == text)?;
    Some((preset, like.span))
}

/// A policy `{ like: NAME }` becomes the list of that library's layers.
fn spell_out(policy: &mut Node) {
    let alone = matches!(&policy.kind, Kind::Map(entries) if entries.len() == 1);
    let Some((preset, span)) = named(policy, PIPELINES).filter(|_| alone) else {
        return;
    };
    let layer = |row: &Row| Node {
        span,
        kind: Kind::Map(vec![Entry {
            key: row.key.to_owned(),
            key_span: span,
            value: value_of(row.value, span),
        }]),
    };
    policy.kind = Kind::List(preset.rows.iter().map(layer).collect());
}

/// Every key by itself. Under a name that there is no table of, a table is laid all the same: then
/// nothing but the name is wrong.
fn lay_under_plainly(layer: &mut Node, presets: &'static [Preset]) {
    if layer.get("like").is_none() {
        return;
    }
    let preset = named(layer, presets).map_or(&presets[0], |(preset, _)| preset);
    for row in preset.rows {
        put(layer, row);
    }
}

/// A budget is of one kind: to name another is to leave the preset's.
fn lay_under_budget(budget: &mut Node) {
    if budget.get("like").is_none() {
        return;
    }
    let preset = named(budget, BUDGETS).map_or(&BUDGETS[0], |(preset, _)| preset);
    let mut own = KINDS_OF_BUDGET.into_iter();
    let own = own.find(|kind| budget.get(kind).is_some());
    for row in preset.rows {
        let kind = row.key.split('.').next();
        if own.is_none() || own == kind {
            put(budget, row);
        }
    }
}

/// Tries are counted in one way: to name one is to leave the preset's. A backoff that is but named,
/// as in `backoff: exponential`, is filled up. Rows that hold in certain cases stand before those
/// that hold otherwise.
fn lay_under_retry(layer: &mut Node, presets: &'static [Preset]) {
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

fn lay_under_breaker(layer: &mut Node, presets: &'static [Preset]) {
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

impl Row {
    /// Its value beside these settings; `None`: it is not there.
    fn value_in(&self, layer: &Node) -> Option<Cow<'static, str>> {
        let own = || Cow::Borrowed(self.value);
        match self.follows {
            Follows::Nothing | Follows::Cut => Some(own()),
            Follows::Settings(from) => Some(from(layer).map_or_else(own, Cow::Owned)),
            Follows::Only(from) => from(layer).map(Cow::Owned),
            Follows::When(holds) => holds(layer).then(own),
        }
    }
}

fn is_word(node: &Node, word: &str) -> bool {
    matches!(&node.kind, Kind::Scalar { text, .. } if text == word)
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

//! What a preset is: a table of settings, each with where it comes from.

use crate::scenario::tree::Node;
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
    pub(super) follows: Follows,
}

/// Whether a setting of a preset follows from other settings of the layer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Follows {
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

pub(super) const fn row(key: &'static str, value: &'static str, source: &'static str) -> Row {
    Row {
        key,
        value,
        source,
        follows: Follows::Nothing,
    }
}

/// A row whose value follows from other settings, if `from` knows it.
pub(super) const fn following(row: Row, from: fn(&Node) -> Option<String>) -> Row {
    Row {
        follows: Follows::Settings(from),
        ..row
    }
}

/// A row that is there only if `from` knows its value.
pub(super) const fn sometimes(row: Row, from: fn(&Node) -> Option<String>) -> Row {
    Row {
        follows: Follows::Only(from),
        ..row
    }
}

/// A row that is there where `holds`.
pub(super) const fn when(row: Row, holds: fn(&Node) -> bool) -> Row {
    Row {
        follows: Follows::When(holds),
        ..row
    }
}

/// A row whose value the library cuts to what another setting allows.
pub(super) const fn cut(row: Row) -> Row {
    Row {
        follows: Follows::Cut,
        ..row
    }
}

/// The rows of one list and those of another, as one list.
pub(super) const fn joined<const N: usize>(first: &[Row], then: &[Row]) -> [Row; N] {
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

/// The names of presets, in their order.
pub(in crate::scenario) const fn names<const N: usize>(presets: &[Preset]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut index = 0;
    while index < N {
        names[index] = presets[index].name;
        index += 1;
    }
    names
}

impl Row {
    /// Its value beside these settings; `None`: it is not there.
    pub(super) fn value_in(&self, layer: &Node) -> Option<Cow<'static, str>> {
        let own = || Cow::Borrowed(self.value);
        match self.follows {
            Follows::Nothing | Follows::Cut => Some(own()),
            Follows::Settings(from) => Some(from(layer).map_or_else(own, Cow::Owned)),
            Follows::Only(from) => from(layer).map(Cow::Owned),
            Follows::When(holds) => holds(layer).then(own),
        }
    }
}

/// Outcomes that a library counts which takes every error for a failure.
pub(super) const EVERY_ERROR: &str = "failed";

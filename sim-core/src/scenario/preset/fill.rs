//! Putting the settings of a preset under those of a scenario, at every depth.
//!
//! What a scenario says stays. A map that it half fills is filled up, and so are the maps in it; but a
//! choice, such as the kind of a backoff, is the scenario's with all that belongs to it.

use super::table::{Preset, Row};
use crate::scenario::diagnostic::{Origin, Span};
use crate::scenario::tree::{self, Entry, Kind, Node};

/// Puts a setting where none is, and fills up one that is there; `like` is its place.
pub(super) fn put(layer: &mut Node, row: &Row) {
    put_value(layer, row.key, row.value, fill_up);
}

/// Puts the keys that are missing into what a scenario says. A map with one key is a choice, whose
/// settings stand under it: beside another choice it has nothing to say, and a choice that is but
/// named is the whole of it.
pub(super) fn fill_up(own: &mut Node, given: Node) {
    let choice = match &given.kind {
        Kind::Map(entries) if entries.len() == 1 => Some(entries[0].key.clone()),
        Kind::Map(_) | Kind::Scalar { .. } | Kind::List(_) => None,
    };
    let Some(choice) = choice else {
        return fill_settings(own, given, fill_up);
    };
    match &own.kind {
        Kind::Scalar { text, .. } if *text == choice => *own = given,
        Kind::Map(entries) if entries.iter().all(|entry| entry.key == choice) => {
            fill_settings(own, given, |own, given| fill_settings(own, given, fill_up));
        }
        Kind::Map(_) | Kind::Scalar { .. } | Kind::List(_) => {}
    }
}

/// The same of settings that stand side by side; `each` fills up one of them.
fn fill_settings(own: &mut Node, given: Node, each: fn(&mut Node, Node)) {
    let (Kind::Map(own), Kind::Map(given)) = (&mut own.kind, given.kind) else {
        return;
    };
    for entry in given {
        match own.iter_mut().find(|it| it.key == entry.key) {
            Some(own) => each(&mut own.value, entry.value),
            None => own.push(entry),
        }
    }
}

/// Leaves what is there as it is.
pub(super) fn leave(_: &mut Node, _: Node) {}

pub(super) fn put_value(layer: &mut Node, path: &str, value: &str, beside: fn(&mut Node, Node)) {
    let span = layer.get("like").map_or(layer.span, |like| like.span);
    let mut node = layer;
    let mut path = path.split('.').peekable();
    while let Some(key) = path.next() {
        let Kind::Map(entries) = &mut node.kind else {
            return;
        };
        let position = match entries.iter().position(|entry| entry.key == key) {
            Some(position) if path.peek().is_none() => {
                return beside(&mut entries[position].value, value_of(value, span));
            }
            Some(position) => position,
            None => {
                let value = match path.peek() {
                    Some(_) => Node::empty_map(span),
                    None => value_of(value, span),
                };
                entries.push(Entry {
                    key: key.to_owned(),
                    key_span: span,
                    value,
                });
                entries.len() - 1
            }
        };
        node = &mut entries[position].value;
    }
}

/// The value of a row, every part of it at the place of `like`.
pub(super) fn value_of(value: &str, span: Span) -> Node {
    let mut node = tree::parse(value, Origin::File).unwrap_or_else(|_| Node::scalar(value, span));
    place(&mut node, span);
    node
}

fn place(node: &mut Node, span: Span) {
    node.span = span;
    match &mut node.kind {
        Kind::Scalar { .. } => {}
        Kind::List(items) => items.iter_mut().for_each(|item| place(item, span)),
        Kind::Map(entries) => {
            for entry in entries {
                entry.key_span = span;
                place(&mut entry.value, span);
            }
        }
    }
}

/// The value of a key, if it is there.
pub(super) fn entry_of<'n>(tree: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    let Kind::Map(entries) = &mut tree.kind else {
        return None;
    };
    let entry = entries.iter_mut().find(|entry| entry.key == key)?;
    Some(&mut entry.value)
}

/// A preset that `like` names, and the place of that name.
pub(super) fn named(node: &Node, presets: &'static [Preset]) -> Option<(&'static Preset, Span)> {
    let like = node.get("like")?;
    let Kind::Scalar { text, .. } = &like.kind else {
        return None;
    };
    let preset = presets.iter().find(|preset| preset.name == text)?;
    Some((preset, like.span))
}

/// Every key by itself. Under a name that there is no table of, a table is taken all the same: then
/// nothing but the name is wrong.
pub(super) fn apply_plainly(layer: &mut Node, presets: &'static [Preset]) {
    if layer.get("like").is_none() {
        return;
    }
    let preset = named(layer, presets).map_or(&presets[0], |(preset, _)| preset);
    for row in preset.rows {
        put(layer, row);
    }
}

/// The same where settings may follow from others, in the order of the rows.
pub(super) fn apply_in_order(settings: &mut Node, presets: &'static [Preset]) {
    if settings.get("like").is_none() {
        return;
    }
    let preset = named(settings, presets).map_or(&presets[0], |(preset, _)| preset);
    for row in preset.rows {
        if let Some(value) = row.value_in(settings) {
            put_value(settings, row.key, &value, fill_up);
        }
    }
}

/// Whether a setting is just this word.
pub(super) fn is_word(node: &Node, word: &str) -> bool {
    matches!(&node.kind, Kind::Scalar { text, .. } if text == word)
}

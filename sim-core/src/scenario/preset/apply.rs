//! Putting presets under all that names one, and writing them out.

use super::budget::apply_budget;
use super::cuts::{cut_minimum, cut_tries, cuts_own_minimum};
use super::fill::{apply_in_order, apply_plainly, entry_of, named, value_of};
use super::layers::kind_of;
use super::pipeline::PIPELINES;
use super::pool::POOLS;
use super::sections::each_section;
use super::table::Row;
use crate::scenario::tree::{Entry, Kind, Node};

/// Spells out the policies that are like a library's, and puts presets under all layers that name
/// one; there `like` stays where it is.
pub(in crate::scenario) fn apply_presets(tree: &mut Node) {
    if let Some(policies) = entry_of(tree, "policies")
        && let Kind::Map(policies) = &mut policies.kind
    {
        for policy in policies {
            spell_out(&mut policy.value);
        }
    }
    each_section(tree, &mut |section, presets| {
        apply_plainly(section, presets);
    });
    each_of("budgets", tree, &mut apply_budget);
    each_of("pools", tree, &mut |pool| apply_in_order(pool, POOLS));
    without_named(tree, apply_to_layers);
}

/// Budgets and pools have names of their own choice, and are no layers whatever these say.
fn without_named(tree: &mut Node, visit: impl FnOnce(&mut Node)) {
    let mut taken = Vec::new();
    for section in ["budgets", "pools"] {
        let empty = Node::empty_map(tree.span);
        let node = entry_of(tree, section).map(|it| std::mem::replace(it, empty));
        taken.push((section, node));
    }
    visit(tree);
    for (section, node) in taken {
        if let (Some(place), Some(node)) = (entry_of(tree, section), node) {
            *place = node;
        }
    }
}

/// Each item of a section, by its name.
fn each_of(section: &str, tree: &mut Node, visit: &mut impl FnMut(&mut Node)) {
    if let Some(items) = entry_of(tree, section)
        && let Kind::Map(items) = &mut items.kind
    {
        for item in items {
            visit(&mut item.value);
        }
    }
}

fn apply_to_layers(tree: &mut Node) {
    each_entry(tree, &mut |entry| {
        if entry.key == "policy" {
            spell_out(&mut entry.value);
            apply_to_layers(&mut entry.value);
        } else if entry.key == "budget" {
            apply_budget(&mut entry.value);
        } else if let Some(kind) = kind_of(entry) {
            (kind.apply)(&mut entry.value, kind.presets);
        }
    });
}

/// The same, and `like` goes: what is left says everything itself.
pub(in crate::scenario) fn write_out(tree: &mut Node) {
    apply_presets(tree);
    each_section(tree, &mut |section, _| forget_like(section));
    each_of("budgets", tree, &mut forget_like);
    each_of("pools", tree, &mut forget_like);
    without_named(tree, |tree| {
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

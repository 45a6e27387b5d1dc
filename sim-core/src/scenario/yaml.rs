//! From a tree back to a text that a person reads and edits.
//!
//! Maps and lists that fit on a line are written on one, the others entry by entry, as the
//! scenarios of this project are written. Reading the text gives the same tree.

use super::tree::{Kind, Node, is_json_number, write_text};

/// Longest line \[characters\].
const WIDTH: usize = 96;

/// The text of a tree.
pub(super) fn write(node: &Node) -> String {
    let mut out = String::new();
    block(node, 0, &mut out);
    out
}

/// A map or list entry by entry, or a scalar.
fn block(node: &Node, indent: usize, out: &mut String) {
    match &node.kind {
        Kind::Map(entries) => {
            for entry in entries {
                begin_line(indent, out);
                out.push_str(&entry.key);
                out.push(':');
                value(&entry.value, indent, entry.key.len() + 1, out);
            }
        }
        Kind::List(items) => {
            for item in items {
                begin_line(indent, out);
                out.push_str("- ");
                let text = flow(item);
                if fits(item, indent + 2, &text) {
                    out.push_str(&text);
                    out.push('\n');
                } else {
                    block(item, indent + 2, out);
                }
            }
        }
        Kind::Scalar { .. } => {
            begin_line(indent, out);
            out.push_str(&flow(node));
            out.push('\n');
        }
    }
}

/// Indents, unless a dash has begun the line: what comes first in an item stands behind it.
fn begin_line(indent: usize, out: &mut String) {
    if out.is_empty() || out.ends_with('\n') {
        out.extend(std::iter::repeat_n(' ', indent));
    }
}

/// What follows a key: on its line if it fits, else below it.
fn value(node: &Node, indent: usize, taken: usize, out: &mut String) {
    let text = flow(node);
    if fits(node, indent + taken + 1, &text) {
        out.push(' ');
        out.push_str(&text);
        out.push('\n');
    } else {
        out.push('\n');
        block(node, indent + 2, out);
    }
}

fn fits(node: &Node, taken: usize, text: &str) -> bool {
    let is_empty = match &node.kind {
        Kind::Scalar { .. } => true,
        Kind::List(items) => items.is_empty(),
        Kind::Map(entries) => entries.is_empty(),
    };
    is_empty || (taken > 2 && taken + text.len() <= WIDTH && depth(node) <= 3)
}

fn depth(node: &Node) -> usize {
    let deepest = match &node.kind {
        Kind::Scalar { .. } => return 0,
        Kind::List(items) => items.iter().map(depth).max(),
        Kind::Map(entries) => entries.iter().map(|entry| depth(&entry.value)).max(),
    };
    1 + deepest.unwrap_or(0)
}

/// Everything on one line.
fn flow(node: &Node) -> String {
    match &node.kind {
        Kind::Scalar { text, quoted } => scalar(text, *quoted),
        Kind::List(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Kind::Map(entries) if entries.is_empty() => "{}".to_owned(),
        Kind::Map(entries) => {
            let entries = entries.iter();
            let pairs: Vec<String> = entries
                .map(|entry| format!("{}: {}", entry.key, flow(&entry.value)))
                .collect();
            format!("{{ {} }}", pairs.join(", "))
        }
    }
}

/// A scalar, in quotes where it would be read as something else without them.
fn scalar(text: &str, quoted: bool) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || " -_./%+~<>".contains(c);
    let begins_well = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.');
    let is_plain = begins_well && text.chars().all(plain) && !text.ends_with(' ');
    if !quoted && (is_plain || is_json_number(text)) {
        return text.to_owned();
    }
    let mut out = String::new();
    write_text(text, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::diagnostic::Origin;
    use crate::scenario::tree::{normalised, parse};

    #[track_caller]
    fn there_and_back(text: &str) {
        let tree = parse(text, Origin::File).unwrap();
        let written = write(&tree);
        let again = parse(&written, Origin::File);
        let again = again.unwrap_or_else(|wrong| panic!("{wrong}\n{written}"));
        assert_eq!(normalised(&again), normalised(&tree), "{written}");
    }

    #[test]
    fn lists_stand_in_lists_as_deep_as_they_like() {
        let long = "x".repeat(60);
        for text in [
            "a: [[b, c], [d]]",
            "a: [[[[[b]]], c]]",
            "a: [[{ b: [{ c: { d: [e, f] } }] }, g], [h]]",
            "- - - a\n- []\n- {}\n- [[]]",
        ] {
            there_and_back(text);
            there_and_back(&text.replace('b', &long));
        }
    }

    #[test]
    fn texts_stay_what_they_are() {
        for value in [
            "\"1\"",
            "\"null\"",
            "null",
            "~",
            "\"\"",
            "-1",
            "1e9",
            ".5",
            "\"a: b\"",
            "\"# a\"",
            "\"a\\nb\"",
            "'it''s'",
            "\"- a\"",
            "10%",
            "a -> b",
            "\" a \"",
            "true",
            "\"true\"",
        ] {
            there_and_back(&format!("a: {value}"));
            there_and_back(&format!("a: [{value}, b]"));
        }
    }
}

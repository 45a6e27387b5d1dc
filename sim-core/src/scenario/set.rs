//! Changing one value by its path, as `--set` and `change` do.
//!
//! A path is keys joined by dots. Where a list stands, a key means the item that has this key, and
//! `key[2]` the second of those that have it; `list[2]` is the second item of the list under
//! `list`. The tree is changed before it is read, so a value set by path is checked like a value
//! in the file. The description of the file says which keys exist although the file leaves them
//! out, and which key a short form stands for.

use super::diagnostic::{Diagnostic, Diagnostics, Origin, Span, counted, did_you_mean, quoted};
use super::file::ScenarioFile;
use super::loaded::Source;
use super::read::FileType;
use super::shape::Shape;
use super::tree::{self, Entry, Kind, Node};

/// The tree of a text, in which `sets` have replaced values.
pub(super) fn parsed(
    source: &Source,
    sets: &[(String, String)],
) -> Result<(Node, Diagnostics), Diagnostics> {
    let mut tree = tree::parse(&source.text, Origin::File)?;
    let mut found = Diagnostics::new();
    for (index, (path, value)) in (0..).zip(sets) {
        if let Err(problem) = set_one(&mut tree, path, value, Origin::Set(index)) {
            found.push(problem);
        }
    }
    Ok((tree, found))
}

/// Puts the text of a value at a path.
pub(super) fn set_one(
    tree: &mut Node,
    path: &str,
    value: &str,
    origin: Origin,
) -> Result<(), Diagnostic> {
    let value = tree::parse(value, origin)?;
    let span = Span {
        origin,
        line: 1,
        column: 1,
        ..Span::default()
    };
    apply(tree, path, &value, span)
}

/// One part of a path.
struct Part<'p> {
    key: &'p str,
    /// Which among equals, from 1.
    number: Option<usize>,
}

/// Puts a value at a path. `span` is the place of the path, for complaints.
pub(super) fn apply(
    tree: &mut Node,
    path: &str,
    value: &Node,
    span: Span,
) -> Result<(), Diagnostic> {
    target(tree, path, span).map(|target| *target = value.clone())
}

/// The single value at a path; none if it is not there, or is a list or a map.
pub(super) fn scalar(tree: &Node, path: &str) -> Option<String> {
    let mut tree = tree.clone();
    let span = tree.span;
    match &target(&mut tree, path, span).ok()?.kind {
        Kind::Scalar { text, .. } => Some(text.clone()),
        Kind::List(_) | Kind::Map(_) => None,
    }
}

/// What stands at a path, made if the description knows its key.
fn target<'n>(tree: &'n mut Node, path: &str, span: Span) -> Result<&'n mut Node, Diagnostic> {
    let mut node = tree;
    let mut shape = ScenarioFile::shape();
    let mut gone = String::new();
    let parts = parts(path, span)?;
    let (last, before) = parts.split_last().ok_or_else(|| bad_path(path, span))?;
    for part in before {
        (node, shape) = descend(node, &shape, part, &gone, span)?;
        if !gone.is_empty() {
            gone.push('.');
        }
        gone.push_str(part.key);
    }
    place(node, &shape, last, &gone, span)
}

fn parts(path: &str, span: Span) -> Result<Vec<Part<'_>>, Diagnostic> {
    path.split('.')
        .map(|part| parse_part(part).ok_or_else(|| bad_path(path, span)))
        .collect()
}

fn parse_part(part: &str) -> Option<Part<'_>> {
    let (key, number) = match part.strip_suffix(']') {
        None => (part, None),
        Some(inside) => {
            let (key, number) = inside.split_once('[')?;
            (key, Some(number.parse().ok().filter(|&n| n > 0)?))
        }
    };
    let ok = !key.is_empty() && !key.contains(['[', ']']);
    ok.then_some(Part { key, number })
}

fn bad_path(path: &str, span: Span) -> Diagnostic {
    let message = format!("{} is not a path", quoted(path));
    Diagnostic::error("bad-path", span, message)
        .hint("a path is keys joined by dots, such as `policies.guarded.timeout[2].after`")
}

/// Goes one part down.
fn descend<'n>(
    node: &'n mut Node,
    shape: &Shape,
    part: &Part<'_>,
    gone: &str,
    span: Span,
) -> Result<(&'n mut Node, Shape), Diagnostic> {
    let below = below(shape, part);
    let target = place(node, shape, part, gone, span)?;
    Ok((target, below))
}

/// The description of what a part leads to.
fn below(shape: &Shape, part: &Part<'_>) -> Shape {
    let of_map = shape.under(part.key);
    let of_item = || shape.item()?.under(part.key);
    let found = of_map.or_else(of_item).unwrap_or(Shape::Any);
    match (part.number, found.item()) {
        (Some(_), Some(item)) if shape.under(part.key).is_some() => item,
        _ => found,
    }
}

/// Where the value of a part stands, made if the description knows its key.
fn place<'n>(
    node: &'n mut Node,
    shape: &Shape,
    part: &Part<'_>,
    gone: &str,
    span: Span,
) -> Result<&'n mut Node, Diagnostic> {
    lengthen(node, shape, part.key);
    if matches!(node.kind, Kind::List(_)) {
        return in_list(node, part, gone, span);
    }
    let node_span = node.span;
    let Kind::Map(entries) = &mut node.kind else {
        let message = format!(
            "`{gone}` is a single value and has no key {}",
            quoted(part.key)
        );
        return Err(Diagnostic::error("bad-path", span, message));
    };
    let position = match entries.iter().position(|entry| entry.key == part.key) {
        Some(position) => position,
        None if shape.keys().contains(&part.key) && part.number.is_none() => {
            entries.push(Entry {
                key: part.key.to_owned(),
                key_span: span,
                value: Node::empty_map(node_span),
            });
            entries.len() - 1
        }
        None => return Err(no_such_key(entries, shape, part.key, gone, span)),
    };
    let value = &mut entries[position].value;
    match part.number {
        None => Ok(value),
        Some(number) => numbered(value, part.key, number, span),
    }
}

/// Turns a short form into the long form that has the key.
fn lengthen(node: &mut Node, shape: &Shape, key: &str) {
    let is_list_of_keyed = matches!(&node.kind, Kind::List(items)
        if items.iter().any(|item| item.get(key).is_some()));
    if matches!(node.kind, Kind::Map(_)) || is_list_of_keyed {
        return;
    }
    let Some(short) = shape.short() else {
        return;
    };
    let span = node.span;
    let value = std::mem::replace(node, Node::empty_map(span));
    node.kind = Kind::Map(vec![Entry {
        key: short.to_owned(),
        key_span: span,
        value,
    }]);
}

/// The item of a list under a map's key.
fn numbered<'n>(
    value: &'n mut Node,
    key: &str,
    number: usize,
    span: Span,
) -> Result<&'n mut Node, Diagnostic> {
    if !matches!(value.kind, Kind::List(_)) && number == 1 {
        return Ok(value);
    }
    let Kind::List(items) = &mut value.kind else {
        let message = format!("`{key}` is there once, so there is no number {number}");
        return Err(Diagnostic::error("bad-path", span, message));
    };
    let count = items.len();
    items.get_mut(number - 1).ok_or_else(|| {
        let message = format!(
            "`{key}` has {} and no number {number}",
            counted(count as u64, "item")
        );
        Diagnostic::error("bad-path", span, message)
    })
}

/// The value of the item that has a key.
fn in_list<'n>(
    list: &'n mut Node,
    part: &Part<'_>,
    gone: &str,
    span: Span,
) -> Result<&'n mut Node, Diagnostic> {
    let Kind::List(items) = &mut list.kind else {
        return Err(bad_path(part.key, span));
    };
    let keyed: Vec<usize> = (0..items.len())
        .filter(|&index| items[index].get(part.key).is_some())
        .collect();
    let chosen = match (part.number, keyed.as_slice()) {
        (None, [only]) => Some(*only),
        (Some(number), several) => several.get(number - 1).copied(),
        (None, _) => None,
    };
    let Some(index) = chosen else {
        return Err(no_such_item(items, keyed.len(), part, gone, span));
    };
    let Kind::Map(entries) = &mut items[index].kind else {
        return Err(bad_path(part.key, span));
    };
    let entry = entries.iter_mut().find(|entry| entry.key == part.key);
    entry
        .map(|entry| &mut entry.value)
        .ok_or_else(|| bad_path(part.key, span))
}

fn no_such_item(
    items: &[Node],
    equals: usize,
    part: &Part<'_>,
    gone: &str,
    span: Span,
) -> Diagnostic {
    let key = part.key;
    if equals > 0 {
        let message = match part.number {
            None => format!("`{gone}` has {equals} items with `{key}`"),
            Some(number) => {
                let items = counted(equals as u64, "item");
                format!("`{gone}` has {items} with `{key}` and no number {number}")
            }
        };
        return Diagnostic::error("bad-path", span, message)
            .hint(format!("number them: `{key}[1]` to `{key}[{equals}]`"));
    }
    let keys: Vec<&str> = items
        .iter()
        .filter_map(|item| match &item.kind {
            Kind::Map(entries) => Some(entries.iter().map(|entry| entry.key.as_str())),
            Kind::Scalar { .. } | Kind::List(_) => None,
        })
        .flatten()
        .collect();
    let message = format!("`{gone}` has no item with {}", quoted(key));
    let hint = did_you_mean(key, keys.iter().copied());
    Diagnostic::error("bad-path", span, message).maybe_hint(hint)
}

fn no_such_key(entries: &[Entry], shape: &Shape, key: &str, gone: &str, span: Span) -> Diagnostic {
    let mut known = shape.keys();
    let present: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
    known.retain(|key| !present.contains(key));
    let all = present.iter().copied().chain(known.iter().copied());
    let message = match gone {
        "" => format!("there is no {} in the scenario", quoted(key)),
        gone => format!("`{gone}` has no {}", quoted(key)),
    };
    Diagnostic::error("bad-path", span, message).maybe_hint(did_you_mean(key, all))
}

//! What was probably meant by a key that cannot stand where it does, or by a value that stands for a
//! map.
//!
//! Most wrong keys are right ones: of another tool, or of this format at another depth. So before a
//! key is compared letter by letter, it is looked up among the words of other tools, and looked for
//! one or two levels deeper and in the maps around.

use super::reader::{Around, Reader};
use super::words::{self, Unit};
use crate::scenario::diagnostic::{did_you_mean, nearest, quoted};
use crate::scenario::shape::{MapShape, Presence, ScalarJson, Shape};
use crate::scenario::tree::{Entry, Kind, Node};

/// Levels below a map in which a key is looked for.
const DEEPEST: usize = 3;
/// Of several ways deeper, the usual one.
const USUAL: [&str; 2] = ["exponential", "poisson"];
/// Layers of a policy that no service can have in its `admission`.
const CALLERS: [&str; 6] = [
    "retry",
    "timeout",
    "circuit_breaker",
    "hedge",
    "fallback",
    "throttle",
];

/// A hint about a key that a map of this description does not have.
pub(super) fn by_key(entry: &Entry, node: &Node, shape: &Shape, reader: &Reader) -> Option<String> {
    let known = shape.keys();
    if CALLERS.contains(&entry.key.as_str()) && reader.path().contains(".admission[") {
        return Some(format!(
            "`{}` stands with who calls, in its policy; a service guards itself with `{}`",
            entry.key,
            known.join("`, `")
        ));
    }
    let word = words::plain(&entry.key);
    // A map may be large: it is searched for the few keys that are meant, and last.
    let is_free = |key: &str| node.get(key).is_none();
    let mut alike = known.iter().filter(|key| words::plain(key) == word);
    let mut typos = known.iter().filter(|key| is_typo(&word, key));
    let near = alike.find(|key| is_free(key));
    if let Some(key) = near.or_else(|| typos.find(|key| is_free(key))) {
        return Some(format!("did you mean `{key}`?"));
    }
    let (bare, unit) = words::without_unit(&word);
    let by_others: Vec<&'static str> = words::ours(&word).chain(words::ours(bare)).collect();
    let mut here = by_others.iter().filter(|key| known.contains(key));
    let here = here.find(|key| is_free(key));
    if let Some(key) = here.or_else(|| known.iter().find(|key| words::plain(key) == bare)) {
        return Some(written_here(key, entry, unit));
    }
    let own_key = [entry.key.as_str()].into_iter();
    let wanted: Vec<&str> = own_key.chain(by_others.iter().copied()).collect();
    elsewhere(&wanted, entry, node, shape, reader).or_else(|| {
        match nearest(&entry.key, known.iter().copied()) {
            Some(near) => Some(format!("did you mean `{near}`?")),
            None => did_you_mean(&entry.key, known.iter().copied()),
        }
    })
}

/// Where one of these keys belongs: best of all into what is written there already.
fn elsewhere(
    wanted: &[&str],
    entry: &Entry,
    node: &Node,
    shape: &Shape,
    reader: &Reader,
) -> Option<String> {
    let ways: Vec<Option<Way>> = wanted.iter().map(|key| deeper(key, node, shape)).collect();
    let written = ways.iter().flatten().find(|way| way.is_written);
    if let Some(way) = written {
        return Some(one_level(&way.keys, entry));
    }
    wanted.iter().zip(&ways).find_map(|(key, way)| {
        let deeper = way.as_ref().map(|way| one_level(&way.keys, entry));
        deeper.or_else(|| higher(key, reader))
    })
}

/// One slip of the fingers.
fn is_typo(word: &str, key: &str) -> bool {
    word.len() >= 4 && strsim::osa_distance(word, &words::plain(key)) <= 1
}

/// The key that is meant, with its value where the unit stood in the key.
fn written_here(key: &str, entry: &Entry, unit: Option<Unit>) -> String {
    match (unit, number(&entry.value)) {
        (Some(unit), Some(number)) => format!("write `{key}: {number}{}`", unit.0),
        (Some(_), None) | (None, _) => format!("did you mean `{key}`?"),
    }
}

fn number(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Scalar { text, .. } if crate::scenario::tree::is_json_number(text) => Some(text),
        Kind::Scalar { .. } | Kind::List(_) | Kind::Map(_) => None,
    }
}

/// The keys that lead to one below a map.
struct Way {
    keys: Vec<&'static str>,
    /// Whether all but the last are written.
    is_written: bool,
}

/// The way to this key below a map: through what is written there, else the only way or the usual one.
fn deeper(key: &str, node: &Node, shape: &Shape) -> Option<Way> {
    let mut ways = Vec::new();
    ways_to(key, shape, &mut Vec::new(), &mut ways);
    ways.sort_by_key(Vec::len);
    let written = |way: &&Vec<&'static str>| leads_through(node, &way[..way.len() - 1]);
    if let Some(keys) = ways.iter().rev().find(written) {
        return Some(Way {
            keys: keys.clone(),
            is_written: true,
        });
    }
    let shortest = ways.first()?.len();
    ways.retain(|way| way.len() == shortest);
    let usual = |way: &&Vec<&'static str>| way.iter().any(|key| USUAL.contains(key));
    let keys = match ways.as_slice() {
        [only] => only.clone(),
        several => several.iter().find(usual)?.clone(),
    };
    Some(Way {
        keys,
        is_written: false,
    })
}

fn ways_to(
    key: &str,
    shape: &Shape,
    way: &mut Vec<&'static str>,
    ways: &mut Vec<Vec<&'static str>>,
) {
    if way.len() >= DEEPEST {
        return;
    }
    for next in shape.keys() {
        let Some(below) = shape.under(next) else {
            continue;
        };
        way.push(next);
        if let Some(own) = below.keys().into_iter().find(|own| *own == key) {
            ways.push(way.iter().copied().chain([own]).collect());
        } else {
            ways_to(key, &below, way, ways);
        }
        way.pop();
    }
}

/// Whether these keys, or words in their place, are written one in the other.
fn leads_through(node: &Node, way: &[&str]) -> bool {
    let Some((first, rest)) = way.split_first() else {
        return true;
    };
    match &node.kind {
        Kind::Scalar { text, .. } => rest.is_empty() && text == first,
        Kind::Map(_) => node
            .get(first)
            .is_some_and(|below| leads_through(below, rest)),
        Kind::List(_) => false,
    }
}

/// `write it inside: backoff: { exponential: { max: 2s } }`.
fn one_level(way: &[&str], entry: &Entry) -> String {
    let value = match &entry.value.kind {
        Kind::Scalar { text, .. } if !entry.value.is_null() && text.len() <= 20 => text.as_str(),
        Kind::Scalar { .. } | Kind::List(_) | Kind::Map(_) => "…",
    };
    let (last, outer) = way.split_last().unwrap_or((&"", &[]));
    let mut text = format!("{last}: {value}");
    for key in outer.iter().rev() {
        text = format!("{key}: {{ {text} }}");
    }
    format!("`{last}` belongs deeper: `{text}`")
}

/// Where the key is one of a map around this one.
fn higher(key: &str, reader: &Reader) -> Option<String> {
    let has_it = |around: &&Around| around.keys.contains(&key);
    let around = reader.around.iter().rev().find(has_it)?;
    let part = |depth: usize| reader.path.get(depth).map(String::as_str);
    let below = part(around.depth).unwrap_or_default();
    if !around.is_choice {
        return Some(format!("`{key}` belongs higher: write it beside `{below}`"));
    }
    let in_a_list = around.depth.checked_sub(1).and_then(part)?.starts_with('[');
    in_a_list.then(|| format!("`{key}` stands by itself: write `- {key}: …` beside `- {below}: …`"))
}

/// How to write a value for which a map, or one of several words and maps, is needed.
pub(super) fn by_value(node: &Node, shape: &Shape) -> Option<String> {
    let Kind::Scalar { text, .. } = &node.kind else {
        return None;
    };
    if node.is_null() {
        return None;
    }
    if matches!(text.as_str(), "true" | "yes" | "on") && needs_nothing(shape) {
        return Some("write `{}`".to_owned());
    }
    if matches!(text.as_str(), "false" | "no" | "off" | "none") {
        return needs_nothing(shape).then(|| "leave it out".to_owned());
    }
    let is_value = text.starts_with(|c: char| c.is_ascii_digit());
    let written = is_value.then(|| wrapped(text, shape, DEEPEST)).flatten()?;
    Some(format!("write {}", quoted(&written)))
}

fn needs_nothing(shape: &Shape) -> bool {
    let Shape::Map(map) = shape else { return false };
    map.fields
        .iter()
        .all(|field| field.presence != Presence::Required)
}

/// A text as this description has it.
fn wrapped(text: &str, shape: &Shape, depth: usize) -> Option<String> {
    if depth == 0 {
        return None;
    }
    match shape {
        Shape::Scalar {
            json: ScalarJson::Text(""),
            ..
        }
        | Shape::List(_)
        | Shape::Named(_)
        | Shape::Numbered(_)
        | Shape::Any => None,
        Shape::Scalar { check, .. } => match check(text) {
            Ok(()) => Some(text.to_owned()),
            Err(problem) => problem.meant,
        },
        Shape::Map(map) => in_map(text, map, depth),
        Shape::OneOf(one_of) => one_of.arms.iter().find_map(|arm| {
            let inner = wrapped(text, &arm.of?(), depth - 1)?;
            Some(format!("{{ {}: {inner} }}", arm.key))
        }),
        Shape::Either(alternatives) => alternatives
            .iter()
            .find_map(|of| wrapped(text, &of(), depth)),
    }
}

/// Under the one key that must be there; or the first of those that may, as it stands if one takes it.
fn in_map(text: &str, map: &MapShape, depth: usize) -> Option<String> {
    if let Some(short) = map.short {
        let field = map.fields.iter().find(|field| field.key == short)?;
        return wrapped(text, &(field.of)(), depth);
    }
    let mut required = map
        .fields
        .iter()
        .filter(|field| field.presence == Presence::Required);
    let candidates: Vec<_> = match (required.next(), required.next()) {
        (Some(only), None) => vec![only],
        (Some(_), Some(_)) => return None,
        (None, _) => map.fields.iter().collect(),
    };
    let written = candidates.iter().filter_map(|field| {
        let inner = wrapped(text, &(field.of)(), depth - 1)?;
        Some((inner == text, format!("{{ {}: {inner} }}", field.key)))
    });
    let written: Vec<(bool, String)> = written.collect();
    let fits = written.iter().find(|(as_it_stands, _)| *as_it_stands);
    fits.or(written.first()).map(|(_, text)| text.clone())
}

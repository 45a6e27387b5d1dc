//! From the tree to typed file sections.
//!
//! Reading goes on after a mistake: a faulty part becomes `None`, its place is remembered in the
//! diagnostics, and its neighbours are read all the same.
//!
//! - this file: what can be read, and how a map is;
//! - `reader`: where reading is, and what was found wrong so far;
//! - `holders`: types around others: places, limits, lists, names;
//! - `meant`: what was probably meant by a key or a value that cannot stand there;
//! - `words`: what other tools call things;
//! - `tables`: macros that define a section and its description in one table.

mod holders;
mod meant;
mod reader;
mod tables;
mod words;

pub(crate) use holders::{At, Boxed, Limit, Named, NamedItem, NothingFile, Numbered, OrNone, Soft};
pub(crate) use reader::Reader;
pub(crate) use tables::{
    ArmAt, choices, field_presence, field_read, file_arm, file_enum, file_map, key_name,
    not_one_of, presence,
};

use super::diagnostic::{Diagnostic, Diagnostics, Span, quoted};
use super::shape::{ScalarJson, Shape};
use super::tree::{Entry, Kind, Node};
use super::value::{Problem, ScalarType};
use std::rc::Rc;

/// Something that can be read from a tree.
pub(crate) trait FileType: Sized {
    /// Its description.
    fn shape() -> Shape;
    /// Reads it; `None` after a mistake that has been reported.
    fn read(node: &Node, reader: &mut Reader) -> Option<Self>;
}

impl Reader {
    fn unknown_key(&mut self, entry: &Entry, node: &Node, shape: &Shape) {
        let place = match self.path().as_str() {
            "" => "a scenario".to_owned(),
            path => format!("`{path}`"),
        };
        let message = format!("{place} has no key {}", quoted(&entry.key));
        // Nobody reads so many, and looking for what was meant takes a moment.
        let is_read = self.found.all().len() < 3 * Diagnostics::SHOWN;
        let hint = is_read.then(|| meant::by_key(entry, node, shape, self));
        let needless = || known_to_be_empty(shape).then(|| "it has no keys: write `{}`".to_owned());
        let hint = hint.flatten().or_else(needless);
        let diagnostic = Diagnostic::error("unknown-key", entry.key_span, message);
        self.found.push(diagnostic.maybe_hint(hint));
    }
}

/// Whether it is a map that says all it has to say by being there.
fn known_to_be_empty(shape: &Shape) -> bool {
    matches!(shape, Shape::Map(map) if map.fields.is_empty())
}

/// A map whose keys are being read.
pub(crate) struct MapReader<'n> {
    span: Span,
    known: Rc<[&'static str]>,
    entries: Vec<(&'n str, &'n Node)>,
    /// Whether it is a value that stands for a map: the path then ends at the value.
    is_short: bool,
}

impl<'n> MapReader<'n> {
    /// Opens a map; reports keys that it cannot have.
    pub(crate) fn open(node: &'n Node, shape: &Shape, reader: &mut Reader) -> Option<Self> {
        let known = shape.keys();
        let span = node.span;
        let Kind::Map(entries) = &node.kind else {
            return Self::open_short(node, shape, reader);
        };
        for entry in entries {
            if !known.contains(&entry.key.as_str()) {
                reader.unknown_key(entry, node, shape);
            }
        }
        let entries = entries.iter().map(|e| (e.key.as_str(), &e.value)).collect();
        Some(Self {
            span,
            known: known.into(),
            entries,
            is_short: false,
        })
    }

    /// The short form stands for a map with one key.
    fn open_short(node: &'n Node, shape: &Shape, reader: &mut Reader) -> Option<Self> {
        let Some(key) = shape.short() else {
            let problem = Problem::new("a map is needed here");
            let hint = like_hint(node, shape).or_else(|| meant::by_value(node, shape));
            return reader.refuse(node, Problem { hint, ..problem });
        };
        let is_list = matches!(node.kind, Kind::List(_));
        let wants_list = shape.under(key).is_some_and(|of| of.item().is_some());
        if is_list != wants_list {
            let what = if wants_list {
                "a list"
            } else {
                "a single value"
            };
            return reader.expected(node, &format!("a map or {what}"));
        }
        Some(Self {
            span: node.span,
            known: Rc::new([]),
            entries: vec![(key, node)],
            is_short: true,
        })
    }

    fn node(&self, key: &str) -> Option<&'n Node> {
        let found = self.entries.iter().find(|(name, _)| *name == key)?;
        Some(found.1)
    }

    fn read<T: FileType>(&self, key: &str, node: &Node, reader: &mut Reader) -> Option<T> {
        if self.is_short {
            return T::read(node, reader);
        }
        reader.inside((&self.known, false), key, |reader| T::read(node, reader))
    }

    /// The value of a key that must be there.
    pub(crate) fn required<T: FileType>(&self, key: &str, reader: &mut Reader) -> Option<T> {
        if let Some(node) = self.node(key) {
            return self.read(key, node, reader);
        }
        reader.missing(self.span, key, &T::shape().in_words());
        None
    }

    /// The value of a key that may be missing; the outer `None` is a mistake.
    #[expect(
        clippy::option_option,
        reason = "absence and mistake are two different answers"
    )]
    pub(crate) fn optional<T: FileType>(
        &self,
        key: &str,
        reader: &mut Reader,
    ) -> Option<Option<T>> {
        match self.node(key) {
            None => Some(None),
            Some(node) => self.read(key, node, reader).map(Some),
        }
    }

    /// The value of a key, or what stands in for it.
    pub(crate) fn or_default<T: FileType>(
        &self,
        key: &str,
        default: &str,
        reader: &mut Reader,
    ) -> Option<T> {
        if let Some(node) = self.node(key) {
            return self.read(key, node, reader);
        }
        let stand_in = default_node(default, self.span);
        reader.under(key, |reader| T::read(&stand_in, reader))
    }
}

/// Where a library's name stands in the place of the map that says `like`.
fn like_hint(node: &Node, shape: &Shape) -> Option<String> {
    let Kind::Scalar { text, .. } = &node.kind else {
        return None;
    };
    let Some(Shape::Scalar {
        json: ScalarJson::Words(names),
        ..
    }) = shape.under("like")
    else {
        return None;
    };
    let known = names.contains(&text.as_str());
    known.then(|| format!("write `{{ like: {text} }}`"))
}

fn default_node(default: &str, span: Span) -> Node {
    match default {
        "{}" => Node::empty_map(span),
        "[]" => Node {
            span,
            kind: Kind::List(Vec::new()),
        },
        scalar => Node::scalar(scalar, span),
    }
}

impl Shape {
    /// What it is, for messages.
    pub(crate) fn in_words(&self) -> String {
        match self {
            Self::Scalar { what, .. } => (*what).to_owned(),
            Self::Map(map) if map.short.is_some() => "a value or a map".to_owned(),
            Self::Map(_) | Self::Named(_) | Self::Numbered(_) => "a map".to_owned(),
            Self::OneOf(one_of) => {
                let keys: Vec<&str> = one_of.arms.iter().map(|arm| arm.key).collect();
                format!("one of {}", keys.join(", "))
            }
            Self::List(_) => "a list".to_owned(),
            Self::Either(alternatives) => {
                let words: Vec<String> = alternatives.iter().map(|of| of().in_words()).collect();
                words.join(" or ")
            }
            Self::Any => "a value".to_owned(),
        }
    }
}

impl<T: ScalarType> FileType for T {
    fn shape() -> Shape {
        Shape::Scalar {
            json: T::json(),
            what: T::WHAT,
            check: |text| T::parse(text).map(drop),
        }
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Kind::Scalar { text, quoted } = &node.kind else {
            return reader.expected(node, T::WHAT);
        };
        if *quoted && !T::MAY_BE_QUOTED {
            let problem = Problem::new(format!(
                "quotes make a text of it, and {} is needed",
                T::WHAT
            ));
            return reader.refuse(node, problem.hint("remove the quotes"));
        }
        if node.is_null() {
            return reader.expected(node, T::WHAT);
        }
        match T::parse(text) {
            Ok(value) => Some(value),
            Err(problem) => {
                let hint = problem.hint.clone();
                let has_example = T::WHAT.contains('`');
                let hint = hint.or_else(|| has_example.then(|| format!("write {}", T::WHAT)));
                reader.refuse(node, Problem { hint, ..problem })
            }
        }
    }
}

/// The one key of a map, for types that are one of several.
pub(crate) fn one_key<'n>(
    node: &'n Node,
    shape: &Shape,
    reader: &mut Reader,
) -> Option<(&'n str, Option<&'n Node>)> {
    let known = shape.keys();
    match &node.kind {
        Kind::Scalar { text, .. } => {
            if known.contains(&text.as_str()) {
                return Some((text, None));
            }
            let near = super::diagnostic::nearest(text, known.iter().copied());
            let near = near.map(|near| format!("did you mean `{near}`?"));
            let problem = Problem::new(format!("{} is needed here", shape.in_words()));
            let hint = near.or_else(|| meant::by_value(node, shape));
            reader.refuse(node, Problem { hint, ..problem })
        }
        Kind::Map(entries) => match entries.as_slice() {
            [entry] if known.contains(&entry.key.as_str()) => {
                Some((&entry.key, Some(&entry.value)))
            }
            several => {
                let is_unknown = |entry: &&Entry| !known.contains(&entry.key.as_str());
                let unknown: Vec<&Entry> = several.iter().filter(is_unknown).collect();
                for entry in &unknown {
                    reader.unknown_key(entry, node, shape);
                }
                if !unknown.is_empty() {
                    return None;
                }
                let limit = format!(
                    "exactly {} is needed here, and there are {}",
                    shape.in_words(),
                    several.len()
                );
                let hint = match several {
                    [] => known
                        .first()
                        .map(|first| format!("add one, such as `{first}`")),
                    [_, ..] => Some("keep one of them".to_owned()),
                };
                let problem = Problem::new(limit);
                reader.refuse(node, Problem { hint, ..problem })
            }
        },
        Kind::List(_) => reader.expected(node, &shape.in_words()),
    }
}

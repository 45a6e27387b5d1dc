//! Types that hold others: what they are read as, and what they remember of it.

use super::{FileType, MapReader, Reader};
use crate::scenario::diagnostic::{Diagnostic, Span, quoted};
use crate::scenario::shape::{MapShape, ScalarJson, Shape, ShapeOf};
use crate::scenario::tree::{Entry, Kind, Node};
use crate::scenario::value::{Count, Name, Problem, ScalarType};
use crate::time::SimDuration;

/// A value that remembers its place, for what is checked later.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    /// The value.
    pub(crate) value: T,
    /// Where it stands.
    pub(crate) span: Span,
    /// Its path.
    pub(crate) path: String,
}

impl<T: FileType> FileType for At<T> {
    fn shape() -> Shape {
        T::shape()
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        Some(Self {
            value: T::read(node, reader)?,
            span: node.span,
            path: reader.path(),
        })
    }
}

/// A value or `unlimited`.
#[derive(Clone, Debug)]
pub(crate) struct Limit<T>(pub(crate) Option<T>);

impl Limit<SimDuration> {
    /// The span; the longest there is, if it is unlimited.
    pub(crate) fn or_forever(&self) -> SimDuration {
        self.0.unwrap_or(SimDuration::MAX)
    }
}

impl<const MIN: u64, const MAX: u64> Limit<Count<MIN, MAX>> {
    /// The number; the highest there is, if it is unlimited.
    pub(crate) fn or_any(&self) -> u32 {
        self.0.map_or(u32::MAX, Count::get)
    }
}

/// A value or `none`.
#[derive(Clone, Debug)]
pub(crate) struct OrNone<T>(pub(crate) Option<T>);

/// A section with many keys, kept elsewhere so that a choice which holds it stays small.
#[derive(Clone, Debug)]
pub(crate) struct Boxed<T>(pub(crate) Box<T>);

impl<T: FileType> FileType for Boxed<T> {
    fn shape() -> Shape {
        T::shape()
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        T::read(node, reader).map(|value| Self(Box::new(value)))
    }
}

/// Whether it is one of the words that others have for no limit.
fn means_unlimited(node: &Node) -> bool {
    const WORDS: [&str; 12] = [
        "inf",
        "+inf",
        "infinity",
        "infinite",
        "unbounded",
        "endless",
        "forever",
        "never",
        "none",
        "no",
        "max",
        "-1",
    ];
    let Kind::Scalar { text, .. } = &node.kind else {
        return false;
    };
    let text = text.trim_start_matches('.').to_lowercase();
    WORDS.contains(&text.as_str()) || text == "\u{221e}"
}

struct Unlimited;

impl ScalarType for Unlimited {
    const WHAT: &'static str = "`unlimited`";

    fn json() -> ScalarJson {
        ScalarJson::Words(&["unlimited"])
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        match text {
            "unlimited" => Ok(Self),
            _ => Err(Problem::new("it must be `unlimited`")),
        }
    }
}

impl<T: FileType> FileType for Limit<T> {
    fn shape() -> Shape {
        Shape::Either(vec![T::shape, Unlimited::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if matches!(&node.kind, Kind::Scalar { text, .. } if text == "unlimited") {
            return Some(Self(None));
        }
        if means_unlimited(node) {
            let limit = format!("{} or `unlimited` is needed here", T::shape().in_words());
            return reader.refuse(node, Problem::new(limit).meant("unlimited"));
        }
        T::read(node, reader).map(|value| Self(Some(value)))
    }
}

struct NoneAtAll;

impl ScalarType for NoneAtAll {
    const WHAT: &'static str = "`none`";

    fn json() -> ScalarJson {
        ScalarJson::Words(&["none"])
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        match text {
            "none" => Ok(Self),
            _ => Err(Problem::new("it must be `none`")),
        }
    }
}

impl<T: FileType> FileType for OrNone<T> {
    fn shape() -> Shape {
        Shape::Either(vec![T::shape, NoneAtAll::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if matches!(&node.kind, Kind::Scalar { text, .. } if text == "none") {
            return Some(Self(None));
        }
        T::read(node, reader).map(|value| Self(Some(value)))
    }
}

impl<T: FileType> FileType for Vec<T> {
    fn shape() -> Shape {
        Shape::List(T::shape as ShapeOf)
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Kind::List(items) = &node.kind else {
            let problem = Problem::new("a list is needed here");
            return reader.refuse(node, problem.hint("a list of one is written `[ … ]`"));
        };
        let read = |(index, item): (usize, &Node)| {
            let place = format!("[{}]", index + 1);
            reader.under(&place, |reader| T::read(item, reader))
        };
        let all: Vec<Option<T>> = items.iter().enumerate().map(read).collect();
        all.into_iter().collect()
    }
}

/// A part whose mistakes do not keep its neighbours from being checked.
#[derive(Clone, Debug)]
pub(crate) struct Soft<T>(pub(crate) Option<T>);

impl<T: FileType> FileType for Soft<T> {
    fn shape() -> Shape {
        T::shape()
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        Some(Self(T::read(node, reader)))
    }
}

/// Named things in the order of the file.
#[derive(Clone, Debug)]
pub(crate) struct Named<T>(pub(crate) Vec<NamedItem<T>>);

/// A named thing.
#[derive(Clone, Debug)]
pub(crate) struct NamedItem<T> {
    /// Its name.
    pub(crate) name: String,
    /// Where its name stands.
    pub(crate) span: Span,
    /// What it is; `None` after a mistake that has been reported, so that others may still refer
    /// to it.
    pub(crate) item: Option<T>,
}

impl<T: FileType> FileType for Named<T> {
    fn shape() -> Shape {
        Shape::Named(T::shape)
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Kind::Map(entries) = &node.kind else {
            return reader.expected(node, "a map from names");
        };
        if let Some(problem) = nameless(entries, &T::shape(), reader) {
            return reader.refuse(node, problem);
        }
        let mut items = Vec::new();
        for entry in entries {
            let Some(name) = read_name(entry, reader) else {
                continue;
            };
            let item = reader.under(&name, |reader| T::read(&entry.value, reader));
            let span = entry.key_span;
            items.push(NamedItem { name, span, item });
        }
        Some(Self(items))
    }
}

/// Whether keys of one thing stand where several things have names: `health: { like: kubernetes }`.
fn nameless(entries: &[Entry], shape: &Shape, reader: &Reader) -> Option<Problem> {
    let own = shape.keys();
    let is_own = |entry: &Entry| own.contains(&entry.key.as_str());
    let is_map = |entry: &Entry| matches!(entry.value.kind, Kind::Map(_));
    let first = entries.first()?;
    if !entries.iter().all(is_own) || entries.iter().all(is_map) {
        return None;
    }
    let path = reader.path();
    let last = path.rsplit('.').next().unwrap_or_default();
    let value = match &first.value.kind {
        Kind::Scalar { text, .. } if text.len() <= 20 => text.as_str(),
        Kind::Scalar { .. } | Kind::List(_) | Kind::Map(_) => "…",
    };
    let named = format!("`{last}: {{ NAME: {{ {}: {value} }} }}`", first.key);
    let beside = reader.around.last();
    let one = last
        .strip_suffix('s')
        .filter(|one| beside.is_some_and(|it| it.keys.contains(one)));
    let hint = match one {
        Some(one) => format!("did you mean `{one}`? Else write {named}"),
        None => format!("write {named}"),
    };
    let what = format!(
        "names are needed here: `{}` is a key of what has one",
        first.key
    );
    Some(Problem::new(what).hint(hint))
}

fn read_name(entry: &Entry, reader: &mut Reader) -> Option<String> {
    match Name::parse(&entry.key) {
        Ok(name) => Some(name.0),
        Err(problem) => {
            let message = format!("{} is not a name: {}", quoted(&entry.key), problem.limit);
            let diagnostic = Diagnostic::error("bad-name", entry.key_span, message);
            reader.found.push(diagnostic);
            None
        }
    }
}

/// Things by number, from 1, in the order of the file.
#[derive(Clone, Debug)]
pub(crate) struct Numbered<T>(pub(crate) Vec<At<(u32, T)>>);

impl<T: FileType> FileType for Numbered<T> {
    fn shape() -> Shape {
        Shape::Numbered(T::shape)
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Kind::Map(entries) = &node.kind else {
            return reader.expected(node, "a map from numbers");
        };
        let items = entries.iter().map(|entry| {
            let number = read_number(entry, reader)?;
            reader.under(&entry.key, |reader| {
                let value = T::read(&entry.value, reader)?;
                Some(At {
                    value: (number, value),
                    span: entry.key_span,
                    path: reader.path(),
                })
            })
        });
        let all: Vec<Option<At<(u32, T)>>> = items.collect();
        all.into_iter().collect::<Option<_>>().map(Self)
    }
}

fn read_number(entry: &Entry, reader: &mut Reader) -> Option<u32> {
    if let Ok(number) = Count::<1, 1_000_000>::parse(&entry.key) {
        return Some(number.get());
    }
    let message = format!(
        "{} is not a number: they go from 1, as in reports",
        quoted(&entry.key)
    );
    let diagnostic = Diagnostic::error("bad-value", entry.key_span, message);
    reader.found.push(diagnostic.hint("count from 1"));
    None
}

/// An empty map.
#[derive(Clone, Debug)]
pub(crate) struct NothingFile;

impl FileType for NothingFile {
    fn shape() -> Shape {
        Shape::Map(MapShape {
            name: "NothingFile",
            doc: "An empty map.".to_owned(),
            fields: Vec::new(),
            short: None,
        })
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        MapReader::open(node, &Self::shape(), reader).map(|_| Self)
    }
}

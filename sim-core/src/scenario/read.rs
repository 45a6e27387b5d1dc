//! From the tree to typed file sections.
//!
//! Reading goes on after a mistake: a faulty part becomes `None`, its place is remembered in the
//! diagnostics, and its neighbours are read all the same. The macros at the end define a section
//! and its description in one table.

use super::diagnostic::{Diagnostic, Diagnostics, Span, did_you_mean, quoted};
use super::shape::{Shape, ShapeOf};
use super::tree::{Entry, Kind, Node};
use super::value::{Name, Problem, ScalarType};

/// Something that can be read from a tree.
pub(crate) trait FileType: Sized {
    /// Its description.
    fn shape() -> Shape;
    /// Reads it; `None` after a mistake that has been reported.
    fn read(node: &Node, reader: &mut Reader) -> Option<Self>;
}

/// Collects mistakes, and knows the path of what is being read.
#[derive(Default)]
pub(crate) struct Reader {
    /// What was wrong.
    pub(crate) found: Diagnostics,
    path: Vec<String>,
}

impl Reader {
    /// The path of what is being read: `services.payments.threads`.
    pub(crate) fn path(&self) -> String {
        let mut path = String::new();
        for part in &self.path {
            if !path.is_empty() && !part.starts_with('[') {
                path.push('.');
            }
            path.push_str(part);
        }
        path
    }

    /// Reads something that stands under a key.
    pub(crate) fn under<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(key.to_owned());
        let value = read(self);
        self.path.pop();
        value
    }

    /// Reports that a value is not what it should be; the answer can be returned at once.
    pub(crate) fn refuse<T>(&mut self, node: &Node, problem: Problem) -> Option<T> {
        let (path, is) = (self.path(), node.describe());
        let message = match path.as_str() {
            "" => format!("the scenario is {is}, but {}", problem.limit),
            path => format!("`{path}` is {is}, but {}", problem.limit),
        };
        let diagnostic = Diagnostic::error("bad-value", node.span, message);
        self.found.push(diagnostic.maybe_hint(problem.hint));
        None
    }

    /// Reports that a value is of the wrong kind.
    pub(crate) fn expected<T>(&mut self, node: &Node, what: &str) -> Option<T> {
        self.refuse(node, Problem::new(format!("{what} is needed here")))
    }

    fn unknown_key(&mut self, entry: &Entry, known: &[&str]) {
        let place = match self.path().as_str() {
            "" => "a scenario".to_owned(),
            path => format!("`{path}`"),
        };
        let message = format!("{place} has no key {}", quoted(&entry.key));
        let hint = did_you_mean(&entry.key, known.iter().copied());
        let diagnostic = Diagnostic::error("unknown-key", entry.key_span, message);
        self.found.push(diagnostic.maybe_hint(hint));
    }

    /// Reports a key that has to be there.
    pub(crate) fn missing(&mut self, span: Span, key: &str, what: &str) {
        let message = match self.path().as_str() {
            "" => format!("a scenario needs `{key}`, which is missing"),
            path => format!("`{path}` needs `{key}`, which is missing"),
        };
        let hint = format!("add `{key}:` with {what}");
        let diagnostic = Diagnostic::error("missing-key", span, message);
        self.found.push(diagnostic.hint(hint));
    }
}

/// A map whose keys are being read.
pub(crate) struct MapReader<'n> {
    span: Span,
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
                reader.unknown_key(entry, &known);
            }
        }
        let entries = entries.iter().map(|e| (e.key.as_str(), &e.value)).collect();
        Some(Self {
            span,
            entries,
            is_short: false,
        })
    }

    /// The short form stands for a map with one key.
    fn open_short(node: &'n Node, shape: &Shape, reader: &mut Reader) -> Option<Self> {
        let Some(key) = shape.short() else {
            return reader.expected(node, "a map");
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
        reader.under(key, |reader| T::read(node, reader))
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
            Self::Map(_) | Self::Named(_) => "a map".to_owned(),
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
            Err(problem) => reader.refuse(node, problem),
        }
    }
}

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

struct Unlimited;

impl ScalarType for Unlimited {
    const WHAT: &'static str = "`unlimited`";

    fn json() -> super::shape::ScalarJson {
        super::shape::ScalarJson::Words(&["unlimited"])
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
        T::read(node, reader).map(|value| Self(Some(value)))
    }
}

impl<T: FileType> FileType for Vec<T> {
    fn shape() -> Shape {
        Shape::List(T::shape as ShapeOf)
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Kind::List(items) = &node.kind else {
            return reader.expected(node, "a list");
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
            let limit = format!("{} is needed here", shape.in_words());
            let hint = super::diagnostic::nearest(text, known.iter().copied());
            let hint = hint.map(|near| format!("did you mean `{near}`?"));
            reader.refuse(node, Problem { limit, hint })
        }
        Kind::Map(entries) => match entries.as_slice() {
            [entry] if known.contains(&entry.key.as_str()) => {
                Some((&entry.key, Some(&entry.value)))
            }
            [entry] => {
                reader.unknown_key(entry, &known);
                None
            }
            several => {
                let limit = format!(
                    "exactly {} is needed here, and there are {}",
                    shape.in_words(),
                    several.len()
                );
                reader.refuse(node, Problem::new(limit))
            }
        },
        Kind::List(_) => reader.expected(node, &shape.in_words()),
    }
}

/// Strips what Rust adds to a field that is named like a keyword.
pub(crate) const fn key_name(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}

/// Type of a field by its presence.
macro_rules! field_type {
    (required, $ty:ty) => { $ty };
    (default, $ty:ty) => { $ty };
    (optional, $ty:ty) => { Option<$ty> };
}

/// Presence of a field.
macro_rules! field_presence {
    (required) => {
        $crate::scenario::shape::Presence::Required
    };
    (optional) => {
        $crate::scenario::shape::Presence::Optional
    };
    (default $text:literal) => {
        $crate::scenario::shape::Presence::Default($text)
    };
}

/// Reading of a field.
macro_rules! field_read {
    ($map:ident, $reader:ident, $key:expr, $ty:ty, required) => {
        $map.required::<$ty>($key, $reader)
    };
    ($map:ident, $reader:ident, $key:expr, $ty:ty, optional) => {
        $map.optional::<$ty>($key, $reader)
    };
    ($map:ident, $reader:ident, $key:expr, $ty:ty, default $text:literal) => {
        $map.or_default::<$ty>($key, $text, $reader)
    };
}

/// Defines a section of the file: its fields, how it is read, and its description. `short KEY`
/// names the key that a value which is no map stands for.
macro_rules! file_map {
    (
        $(#[doc = $doc:literal])+
        $name:ident $(short $short:ident)? {
            $($(#[doc = $field_doc:literal])+ $key:ident: $ty:ty, $mode:ident $($default:literal)?;)*
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug)]
        pub(in crate::scenario) struct $name {
            $($(#[doc = $field_doc])+ pub(in crate::scenario) $key: field_type!($mode, $ty),)*
        }

        impl $crate::scenario::read::FileType for $name {
            fn shape() -> $crate::scenario::shape::Shape {
                use $crate::scenario::shape::{MapShape, Shape, join_doc};
                let short: Option<&'static str> = None;
                $(let short = short.or(Some(stringify!($short)));)?
                Shape::Map(MapShape {
                    name: stringify!($name),
                    doc: join_doc(&[$($doc),+]),
                    fields: vec![$($crate::scenario::shape::FieldShape {
                        key: $crate::scenario::read::key_name(stringify!($key)),
                        doc: join_doc(&[$($field_doc),+]),
                        presence: field_presence!($mode $($default)?),
                        of: <$ty as $crate::scenario::read::FileType>::shape,
                    }),*],
                    short,
                })
            }

            fn read(
                node: &$crate::scenario::tree::Node,
                reader: &mut $crate::scenario::read::Reader,
            ) -> Option<Self> {
                let map = $crate::scenario::read::MapReader::open(node, &Self::shape(), reader)?;
                $(let $key = field_read!(
                    map, reader, $crate::scenario::read::key_name(stringify!($key)), $ty,
                    $mode $($default)?
                );)*
                Some(Self { $($key: $key?),* })
            }
        }
    };
}

/// Defines a choice: `word = Variant` is written as a word, `key = Variant(Type)` as a map with
/// that one key.
macro_rules! file_enum {
    (
        $(#[doc = $doc:literal])+
        $name:ident {
            $($(#[doc = $arm_doc:literal])+ $key:ident = $variant:ident $(($ty:ty))?;)*
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug)]
        pub(in crate::scenario) enum $name {
            $($(#[doc = $arm_doc])+ $variant $(($ty))?,)*
        }

        impl $crate::scenario::read::FileType for $name {
            fn shape() -> $crate::scenario::shape::Shape {
                use $crate::scenario::shape::{ArmShape, OneOfShape, Shape, ShapeOf, join_doc};
                Shape::OneOf(OneOfShape {
                    name: stringify!($name),
                    doc: join_doc(&[$($doc),+]),
                    arms: vec![$({
                        let of: Option<ShapeOf> = None;
                        $(let of: Option<ShapeOf> =
                            of.or(Some(<$ty as $crate::scenario::read::FileType>::shape));)?
                        ArmShape { key: $crate::scenario::read::key_name(stringify!($key)), doc: join_doc(&[$($arm_doc),+]), of }
                    }),*],
                })
            }

            fn read(
                node: &$crate::scenario::tree::Node,
                reader: &mut $crate::scenario::read::Reader,
            ) -> Option<Self> {
                let (key, value) =
                    $crate::scenario::read::one_key(node, &Self::shape(), reader)?;
                $(file_arm!(key, value, node, reader, $key, $variant $(, $ty)?);)*
                None
            }
        }
    };
}

/// One arm of a choice.
macro_rules! file_arm {
    ($key:ident, $value:ident, $node:ident, $reader:ident, $name:ident, $variant:ident) => {
        if $key == $crate::scenario::read::key_name(stringify!($name)) {
            return $crate::scenario::read::bare_word($value, $reader).map(|()| Self::$variant);
        }
    };
    ($key:ident, $value:ident, $node:ident, $reader:ident, $name:ident, $variant:ident, $ty:ty) => {
        if $key == $crate::scenario::read::key_name(stringify!($name)) {
            return $crate::scenario::read::payload::<$ty>($key, $value, $node, $reader)
                .map(Self::$variant);
        }
    };
}

/// A word has no value, or an empty map.
pub(crate) fn bare_word(value: Option<&Node>, reader: &mut Reader) -> Option<()> {
    match value {
        None => Some(()),
        Some(node) if matches!(&node.kind, Kind::Map(entries) if entries.is_empty()) => Some(()),
        Some(node) => reader.refuse(node, Problem::new("nothing goes with this word")),
    }
}

/// The value that goes with a key.
pub(crate) fn payload<T: FileType>(
    key: &str,
    value: Option<&Node>,
    node: &Node,
    reader: &mut Reader,
) -> Option<T> {
    if let Some(value) = value {
        return reader.under(key, |reader| T::read(value, reader));
    }
    let empty = Node::empty_map(node.span);
    reader.under(key, |reader| T::read(&empty, reader))
}

/// Defines a choice among words.
macro_rules! choices {
    (
        $(#[doc = $doc:literal])+
        $name:ident { $($(#[doc = $arm_doc:literal])+ $word:ident = $variant:ident;)+ }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(in crate::scenario) enum $name {
            $($(#[doc = $arm_doc])+ $variant,)+
        }

        impl $name {
            const WORDS: &'static [&'static str] =
                &[$($crate::scenario::read::key_name(stringify!($word))),+];
        }

        impl $crate::scenario::value::ScalarType for $name {
            const WHAT: &'static str = "one of a few words";

            fn json() -> $crate::scenario::shape::ScalarJson {
                $crate::scenario::shape::ScalarJson::Words(Self::WORDS)
            }

            fn parse(text: &str) -> Result<Self, $crate::scenario::value::Problem> {
                $(if text == $crate::scenario::read::key_name(stringify!($word)) {
                    return Ok(Self::$variant);
                })+
                Err($crate::scenario::read::not_one_of(text, Self::WORDS))
            }
        }
    };
}

/// The refusal of a word that is none of those known.
pub(crate) fn not_one_of(text: &str, words: &[&'static str]) -> Problem {
    let problem = Problem::new(format!("it must be one of {}", words.join(", ")));
    match super::diagnostic::nearest(text, words.iter().copied()) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem,
    }
}

pub(crate) use {choices, field_presence, field_read, field_type, file_arm, file_enum, file_map};

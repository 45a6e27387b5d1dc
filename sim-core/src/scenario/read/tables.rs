//! A section of the file and its description, in one table.

use super::{FileType, Reader};
use crate::scenario::diagnostic::nearest;
use crate::scenario::shape::Shape;
use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::Problem;

/// Strips what Rust adds to a field that is named like a keyword.
pub(crate) const fn key_name(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}

/// Types of a field by its presence.
#[expect(
    non_camel_case_types,
    reason = "they are called what the tables call a presence"
)]
pub(crate) mod presence {
    pub(in crate::scenario) type required<T> = T;
    pub(in crate::scenario) type default<T> = T;
    pub(in crate::scenario) type optional<T> = Option<T>;
    pub(in crate::scenario) type implied<T> = Option<T>;
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
    (implied $text:literal) => {
        $crate::scenario::shape::Presence::Implied($text)
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
    ($map:ident, $reader:ident, $key:expr, $ty:ty, implied $text:literal) => {
        $map.optional::<$ty>($key, $reader)
    };
    ($map:ident, $reader:ident, $key:expr, $ty:ty, default $text:literal) => {
        $map.or_default::<$ty>($key, $text, $reader)
    };
}

/// Defines a section of the file: its fields, how it is read, and its description. `short KEY`
/// names the key that a value which is no map stands for; `NAME<P>` leaves a type open.
macro_rules! file_map {
    (
        $(#[doc = $doc:literal])+
        $name:ident $(<$of:ident>)? $(short $short:ident)? {
            $($(#[doc = $field_doc:literal])+ $key:ident: $ty:ty, $mode:ident $($default:literal)?;)*
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug)]
        pub(in crate::scenario) struct $name $(<$of>)? {
            $($(#[doc = $field_doc])+ pub(in crate::scenario) $key: $crate::scenario::read::presence::$mode<$ty>,)*
        }

        impl $(<$of: $crate::scenario::read::FileType>)? $crate::scenario::read::FileType
            for $name $(<$of>)?
        {
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
                        presence: $crate::scenario::read::field_presence!($mode $($default)?),
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
                $(let $key = $crate::scenario::read::field_read!(
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
        $name:ident $(<$of:ident>)? {
            $($(#[doc = $arm_doc:literal])+ $key:ident = $variant:ident $(($ty:ty))?;)*
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug)]
        pub(in crate::scenario) enum $name $(<$of>)? {
            $($(#[doc = $arm_doc])+ $variant $(($ty))?,)*
        }

        impl $(<$of: $crate::scenario::read::FileType>)? $crate::scenario::read::FileType
            for $name $(<$of>)?
        {
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
                let shape = Self::shape();
                let (key, value) = $crate::scenario::read::one_key(node, &shape, reader)?;
                let at = $crate::scenario::read::ArmAt { key, value, node, shape: &shape };
                $($crate::scenario::read::file_arm!(at, reader, $key, $variant $(, $ty)?);)*
                None
            }
        }
    };
}

/// One arm of a choice.
macro_rules! file_arm {
    ($at:ident, $reader:ident, $name:ident, $variant:ident) => {
        if $at.key == $crate::scenario::read::key_name(stringify!($name)) {
            return $at.bare_word($reader).map(|()| Self::$variant);
        }
    };
    ($at:ident, $reader:ident, $name:ident, $variant:ident, $ty:ty) => {
        if $at.key == $crate::scenario::read::key_name(stringify!($name)) {
            return $at.payload::<$ty>($reader).map(Self::$variant);
        }
    };
}

/// The arm of a choice that was written, and where.
pub(crate) struct ArmAt<'n> {
    pub(crate) key: &'n str,
    pub(crate) value: Option<&'n Node>,
    pub(crate) node: &'n Node,
    pub(crate) shape: &'n Shape,
}

impl ArmAt<'_> {
    /// A word has no value, or an empty map.
    pub(crate) fn bare_word(&self, reader: &mut Reader) -> Option<()> {
        match self.value {
            None => Some(()),
            Some(node) if matches!(&node.kind, Kind::Map(entries) if entries.is_empty()) => {
                Some(())
            }
            Some(node) => {
                let of = reader
                    .last_key()
                    .map_or_else(String::new, |key| format!("{key}: "));
                let hint = format!("write `{of}{}`", self.key);
                let problem = Problem::new(format!("nothing goes with the word `{}`", self.key));
                reader.refuse(node, problem.hint(hint))
            }
        }
    }

    /// The value that goes with a key.
    pub(crate) fn payload<T: FileType>(&self, reader: &mut Reader) -> Option<T> {
        let empty = Node::empty_map(self.node.span);
        let value = self.value.unwrap_or(&empty);
        let keys = self.shape.keys().into();
        reader.inside((&keys, true), self.key, |reader| T::read(value, reader))
    }
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
            const CHOICES: &'static [(&'static str, &'static str)] = &[$((
                $crate::scenario::read::key_name(stringify!($word)),
                concat!($($arm_doc),+),
            )),+];
        }

        impl $crate::scenario::value::ScalarType for $name {
            const WHAT: &'static str = "one of a few words";

            fn json() -> $crate::scenario::shape::ScalarJson {
                $crate::scenario::shape::ScalarJson::Choices(Self::CHOICES)
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
    match nearest(text, words.iter().copied()) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => match words.first() {
            Some(first) => problem.hint(format!("write one of these, such as `{first}`")),
            None => problem,
        },
    }
}

pub(crate) use {choices, field_presence, field_read, file_arm, file_enum, file_map};

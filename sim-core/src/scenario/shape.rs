//! What may stand where: the one description from which reading, the schema and `--set` are made.
//!
//! Each file type describes itself once, in the table that also defines its fields. The reader
//! takes its list of keys from there, the JSON Schema is printed from it, and `--set` walks it to
//! know which keys exist though a file leaves them out. So no two of them can disagree.

use super::problem::Problem;

/// The description of a type, made when asked for: types of steps contain themselves.
pub(crate) type ShapeOf = fn() -> Shape;

/// What a value looks like.
#[derive(Clone)]
pub(crate) enum Shape {
    /// One scalar.
    Scalar {
        /// Its description.
        json: ScalarJson,
        /// What it is in words.
        what: &'static str,
        /// Whether a text is one.
        check: fn(&str) -> Result<(), Problem>,
    },
    /// A map with known keys.
    Map(MapShape),
    /// One of several words or one-key maps.
    OneOf(OneOfShape),
    /// A list of equals.
    List(ShapeOf),
    /// A map from names to equals.
    Named(ShapeOf),
    /// A map from numbers, from 1, to equals.
    Numbered(ShapeOf),
    /// Alternatives told apart by being a scalar, a list or a map.
    Either(Vec<ShapeOf>),
    /// Anything.
    Any,
}

/// What a scalar looks like to a JSON Schema.
#[derive(Clone, Copy)]
pub(crate) enum ScalarJson {
    /// A text with this pattern; empty for any.
    Text(&'static str),
    /// Any number that is not negative.
    Number,
    /// A whole number from the one to the other.
    Integer(u64, u64),
    /// A truth value.
    Bool,
    /// One of these words.
    Words(&'static [&'static str]),
    /// One of these words, each with what it means.
    Choices(&'static [(&'static str, &'static str)]),
}

/// A map with known keys.
#[derive(Clone)]
pub(crate) struct MapShape {
    /// Name of the type.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) doc: String,
    /// Its keys.
    pub(crate) fields: Vec<FieldShape>,
    /// The key that a value which is no map stands for.
    pub(crate) short: Option<&'static str>,
}

impl MapShape {
    /// Whether `like` can stand in for keys that are needed.
    pub(crate) fn can_be_like(&self) -> bool {
        self.fields
            .iter()
            .any(|field| field.key == "like" && field.presence == Presence::Optional)
    }
}

/// A key of a map.
#[derive(Clone)]
pub(crate) struct FieldShape {
    /// As written.
    pub(crate) key: &'static str,
    /// What it means.
    pub(crate) doc: String,
    /// What happens without it.
    pub(crate) presence: Presence,
    /// Its value.
    pub(crate) of: ShapeOf,
}

/// What happens without a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// An error.
    Required,
    /// Nothing.
    Optional,
    /// This value stands in.
    Default(&'static str),
    /// It means as much as this value, though the reader tells the two apart.
    Implied(&'static str),
}

/// One of several words or one-key maps.
#[derive(Clone)]
pub(crate) struct OneOfShape {
    /// Name of the type.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) doc: String,
    /// The choices.
    pub(crate) arms: Vec<ArmShape>,
}

/// One choice.
#[derive(Clone)]
pub(crate) struct ArmShape {
    /// As written.
    pub(crate) key: &'static str,
    /// What it means.
    pub(crate) doc: String,
    /// Its value; none for a bare word.
    pub(crate) of: Option<ShapeOf>,
}

impl Shape {
    /// The keys that a map of this shape can have, if they are known.
    pub(crate) fn keys(&self) -> Vec<&'static str> {
        match self {
            Self::Map(map) => map.fields.iter().map(|field| field.key).collect(),
            Self::OneOf(one_of) => one_of.arms.iter().map(|arm| arm.key).collect(),
            Self::Either(alternatives) => alternatives.iter().flat_map(|of| of().keys()).collect(),
            Self::Scalar { .. }
            | Self::List(_)
            | Self::Named(_)
            | Self::Numbered(_)
            | Self::Any => Vec::new(),
        }
    }

    /// What stands under a key of a map of this shape.
    pub(crate) fn under(&self, key: &str) -> Option<Self> {
        match self {
            Self::Map(map) => {
                let field = map.fields.iter().find(|field| field.key == key)?;
                Some((field.of)())
            }
            Self::OneOf(one_of) => {
                let arm = one_of.arms.iter().find(|arm| arm.key == key)?;
                arm.of.map(|of| of())
            }
            Self::Named(of) | Self::Numbered(of) => Some(of()),
            Self::Either(alternatives) => alternatives.iter().find_map(|of| of().under(key)),
            Self::Any => Some(Self::Any),
            Self::Scalar { .. } | Self::List(_) => None,
        }
    }

    /// What the items of a list of this shape are.
    pub(crate) fn item(&self) -> Option<Self> {
        match self {
            Self::List(of) => Some(of()),
            Self::Either(alternatives) => alternatives.iter().find_map(|of| of().item()),
            Self::Any => Some(Self::Any),
            Self::Map(map) => map.short.and_then(|key| self.under(key)?.item()),
            Self::Scalar { .. } | Self::OneOf(_) | Self::Named(_) | Self::Numbered(_) => None,
        }
    }

    /// The key that a value which is no map stands for.
    pub(crate) fn short(&self) -> Option<&'static str> {
        match self {
            Self::Map(map) => map.short,
            Self::Either(alternatives) => alternatives.iter().find_map(|of| of().short()),
            Self::Scalar { .. }
            | Self::OneOf(_)
            | Self::List(_)
            | Self::Named(_)
            | Self::Numbered(_)
            | Self::Any => None,
        }
    }
}

/// Joins the lines of a doc comment.
pub(crate) fn join_doc(lines: &[&str]) -> String {
    let trimmed: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    trimmed.join(" ")
}

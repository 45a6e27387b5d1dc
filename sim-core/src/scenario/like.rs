//! `like`: the names of libraries that there are tables of, and what these make of numbers that are
//! too high for them.

use super::diagnostic::{Diagnostic, Diagnostics};
use super::preset;
use super::read::At;

/// A type for the names of these presets, which are a list of [`preset`].
macro_rules! library_names {
    ($($(#[doc = $doc:literal])+ $name:ident = $presets:ident;)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub(in crate::scenario) struct $name(pub(in crate::scenario) &'static str);

            impl $name {
                const NAMES: &'static [&'static str] =
                    &$crate::scenario::preset::names::<{ $crate::scenario::preset::$presets.len() }>(
                        $crate::scenario::preset::$presets,
                    );
            }

            impl $crate::scenario::value::ScalarType for $name {
                const WHAT: &'static str = "the name of a library";

                fn json() -> $crate::scenario::shape::ScalarJson {
                    $crate::scenario::shape::ScalarJson::Words(Self::NAMES)
                }

                fn parse(text: &str) -> Result<Self, $crate::scenario::value::Problem> {
                    let known = Self::NAMES.iter().find(|name| **name == text);
                    known
                        .map(|name| Self(name))
                        .ok_or_else(|| $crate::scenario::read::not_one_of(text, Self::NAMES))
                }
            }
        )+
    };
}

pub(in crate::scenario) use library_names;

/// As many tries as were asked for by `key`, but no more than the library takes that a layer is like;
/// then there is a warning, which says what it does instead by `does`.
pub(in crate::scenario) fn tries_taken<T>(
    asked: u32,
    at: &At<T>,
    (like, key): (&str, &str),
    does: impl Fn(u32) -> String,
    found: &mut Diagnostics,
) -> u32 {
    let most = preset::most_tries(like, key).unwrap_or(u32::MAX);
    if asked > most {
        let message = format!(
            "`{}` (like {like}) asks for more, but {like} {}",
            at.path,
            does(most)
        );
        let hint = "ask for no more than that, or leave out `like`";
        found.push(Diagnostic::warning("attempts-cut", at.span, message).hint(hint));
    }
    asked.min(most)
}

//! `like`: the names of libraries that there are tables of, by what the tables are of.

use crate::scenario::preset;
use crate::scenario::read::not_one_of;
use crate::scenario::shape::ScalarJson;
use crate::scenario::value::{Problem, ScalarType};

/// A name out of a list.
macro_rules! names {
    ($($(#[doc = $doc:literal])+ $name:ident = $names:ident;)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub(in crate::scenario) struct $name(pub(in crate::scenario) &'static str);

            impl ScalarType for $name {
                const WHAT: &'static str = "the name of a library";

                fn json() -> ScalarJson {
                    ScalarJson::Words(preset::$names)
                }

                fn parse(text: &str) -> Result<Self, Problem> {
                    let known = preset::$names.iter().find(|name| **name == text);
                    known
                        .map(|name| Self(name))
                        .ok_or_else(|| not_one_of(text, preset::$names))
                }
            }
        )+
    };
}

names! {
    /// A library whose breaker has a table.
    BreakerLike = BREAKER_NAMES;
    /// A library whose retry has a table.
    RetryLike = RETRY_NAMES;
    /// A library whose timeout has a table.
    TimeoutLike = TIMEOUT_NAMES;
    /// A library whose bulkhead has a table.
    BulkheadLike = BULKHEAD_NAMES;
    /// A library whose pipeline has a table.
    PipelineLike = PIPELINE_NAMES;
}

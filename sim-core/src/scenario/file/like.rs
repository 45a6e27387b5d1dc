//! `like`: the names of libraries that there are tables of, by what the tables are of.

use crate::scenario::preset;
use crate::scenario::read::not_one_of;
use crate::scenario::shape::ScalarJson;
use crate::scenario::value::{Problem, ScalarType};

/// The name of one of these presets.
macro_rules! names {
    ($($(#[doc = $doc:literal])+ $name:ident = $presets:ident;)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub(in crate::scenario) struct $name(pub(in crate::scenario) &'static str);

            impl $name {
                const NAMES: &'static [&'static str] =
                    &preset::names::<{ preset::$presets.len() }>(preset::$presets);
            }

            impl ScalarType for $name {
                const WHAT: &'static str = "the name of a library";

                fn json() -> ScalarJson {
                    ScalarJson::Words(Self::NAMES)
                }

                fn parse(text: &str) -> Result<Self, Problem> {
                    let known = Self::NAMES.iter().find(|name| **name == text);
                    known
                        .map(|name| Self(name))
                        .ok_or_else(|| not_one_of(text, Self::NAMES))
                }
            }
        )+
    };
}

names! {
    /// A library whose breaker has a table.
    BreakerLike = BREAKERS;
    /// A library whose retry has a table.
    RetryLike = RETRIES;
    /// A library whose timeout has a table.
    TimeoutLike = TIMEOUTS;
    /// A library whose bulkhead has a table.
    BulkheadLike = BULKHEADS;
    /// A library whose rate limit has a table.
    RateLimitLike = RATE_LIMITS;
    /// A library whose hedge has a table.
    HedgeLike = HEDGES;
    /// A library whose budget has a table.
    BudgetLike = BUDGETS;
    /// A library whose pipeline has a table.
    PipelineLike = PIPELINES;
}

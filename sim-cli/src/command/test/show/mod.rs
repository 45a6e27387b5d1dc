//! The results of tests in several formats. Each names every case; differences alone are shown in
//! full.

mod fields;
mod github;
mod human;
mod json;
mod junit;
mod markdown;

pub(super) use human::one;

use super::results::Results;
use crate::args::TestFormat;

/// The results in a format.
pub(super) fn text(results: &Results, format: TestFormat) -> String {
    match format {
        TestFormat::Human => human::text(results),
        TestFormat::Json => json::text(results),
        TestFormat::Junit => junit::text(results),
        TestFormat::Markdown => markdown::text(results),
        TestFormat::Github => github::text(results),
    }
}

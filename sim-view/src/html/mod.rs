//! The page: one file that holds everything and asks for nothing.
//!
//! It is opened from disk, mailed and attached to builds, so it has no script, loads nothing, and
//! says so in its content policy: only the one style sheet inside it, known by its hash, may act.
//! Without that style it is still a document in the right order. askama escapes every text at the
//! sink; the charts come escaped from the chart backend.

mod sha256;

use super::chart::{self, Chart};
use super::content::{self, Block, Page, Section};
use super::table::{Cell, Table};
use crate::Document;
use askama::Template;

/// Rows of a table shown.
const ROWS_MAX: usize = 400;
/// What the page looks like.
const STYLE: &str = include_str!("../../templates/report.css");

#[derive(Template)]
#[template(path = "report.html")]
struct View<'a> {
    page: &'a Page,
    /// Up to the timeline.
    before: &'a [Section],
    /// After the charts.
    after: &'a [Section],
    charts: &'a [Chart],
    /// How to read all charts.
    about_charts: &'static str,
    style: &'static str,
    policy: String,
}

impl View<'_> {
    /// A text in parts, each with whether it stood in backticks; as it is if one of those is alone.
    fn parts(text: &str) -> Vec<(&str, bool)> {
        if !text.matches('`').count().is_multiple_of(2) {
            return vec![(text, false)];
        }
        let parts = text.split('`').enumerate();
        let parts = parts.map(|(place, part)| (part, place % 2 == 1));
        parts.filter(|(part, _)| !part.is_empty()).collect()
    }

    /// The rows of a table that are shown.
    fn shown(table: &Table) -> &[Vec<Cell>] {
        &table.rows[..table.rows.len().min(ROWS_MAX)]
    }
}

/// The whole report.
pub fn html<'a>(document: impl Into<Document<'a>>) -> String {
    let document = document.into();
    let page = content::page(document);
    let charts = chart::charts(document);
    let timeline = page
        .sections
        .iter()
        .position(|section| section.id == "timeline");
    let first = page
        .sections
        .iter()
        .position(|section| !matches!(section.id, "expectations" | "causes" | "findings"));
    let split = timeline.map_or(first.unwrap_or(0), |index| index + 1);
    let (before, after) = page.sections.split_at(split);
    let view = View {
        page: &page,
        before,
        after,
        charts: &charts,
        about_charts: chart::about(document),
        style: STYLE,
        policy: policy(),
    };
    view.render().expect("a template into a string")
}

/// Nothing may be loaded or run; only this style sheet may act.
fn policy() -> String {
    let hash = sha256::base64(&sha256::digest(STYLE.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

#[cfg(test)]
mod tests;

//! Expectations: each with its value, its bound, and for a failure the chain of causes.

use super::head::{bound, verdict_word};
use super::page::{Block, Item, Section, safe};
use crate::format;
use crate::table::{Cell, Table};
use sim_core::report::{CauseReport, ExpectationReport, Report, Verdict};

/// A table of all, then the reasons of those that are not met.
pub(super) fn section(report: &Report) -> Section {
    let mut table = Table::new(&["verdict", "expectation", "#value", "bound"]);
    for one in &report.expectations {
        table.push(row(one));
    }
    let mut blocks = super::page::only(table);
    let open: Vec<Item> = report
        .expectations
        .iter()
        .filter(|one| one.verdict != Verdict::Pass)
        .map(|one| item(one, &report.causes))
        .collect();
    if !open.is_empty() {
        blocks.push(Block::Items(open));
    }
    Section {
        id: "expectations",
        title: "Expectations",
        about: "",
        blocks,
    }
}

fn row(one: &ExpectationReport) -> Vec<Cell> {
    let (word, tone) = verdict_word(one.verdict);
    let value = format::optional(one.value, |value| format::value(value, one.unit));
    vec![
        Cell::toned(word, tone),
        Cell::from(&one.name),
        value.into(),
        bound(&one.bound, one.unit).into(),
    ]
}

/// A link that the chain of the whole run has as well is not said twice.
fn item(one: &ExpectationReport, chain: &[CauseReport]) -> Item {
    let (mark, tone) = verdict_word(one.verdict);
    let is_told = |cause: &&String| chain.iter().any(|link| cause.ends_with(&link.text));
    let (told, own): (Vec<&String>, Vec<&String>) = one.causes.iter().partition(is_told);
    let mut more: Vec<String> = own.into_iter().map(|cause| safe(cause)).collect();
    if let Some(last) = told.last().and_then(|cause| cause.split(' ').next()) {
        more.insert(0, format!("See Why, up to {}", safe(last)));
    }
    if !one.reason.is_empty() {
        more.insert(0, safe(&one.reason));
    }
    Item {
        mark,
        tone,
        head: safe(&one.name),
        text: safe(&one.text),
        more,
    }
}

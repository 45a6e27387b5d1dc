//! Expectations: each with its value, its bound, and for a failure the chain of causes.

use super::head::{bound, verdict_word};
use super::{Block, Item, Section, safe};
use crate::render::format;
use crate::render::table::{Cell, Table};
use sim_core::report::{ExpectationReport, Report, Verdict};

/// A table of all, then the reasons of those that are not met.
pub(super) fn section(report: &Report) -> Section {
    let mut table = Table::new(&["verdict", "expectation", "#value", "bound"]);
    for one in &report.expectations {
        table.push(row(one));
    }
    let mut blocks = super::only(table);
    let open: Vec<Item> = report
        .expectations
        .iter()
        .filter(|one| one.verdict != Verdict::Pass)
        .map(item)
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

fn item(one: &ExpectationReport) -> Item {
    let (mark, tone) = verdict_word(one.verdict);
    let mut more: Vec<String> = one.causes.iter().map(|cause| safe(cause)).collect();
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

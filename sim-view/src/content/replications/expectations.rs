//! Expectations over runs: in how many each is met, and a run to look at for each that is not.

use super::spread::interval;
use crate::content::head::{bound, verdict_word};
use crate::content::page::{Block, Item, Section, only, safe};
use crate::format;
use crate::table::{Cell, Table};
use sim_core::report::{ExpectationOverRuns, ReplicationReport, Verdict};

/// A table of all, then those that are not met or cannot be judged.
pub(super) fn section(report: &ReplicationReport) -> Section {
    let mut table = Table::new(&[
        "verdict",
        "expectation",
        "#met by",
        "#share",
        "#median",
        "bound",
    ]);
    for one in &report.expectations {
        let (word, tone) = verdict_word(one.verdict);
        let median = one.values.median;
        table.push(vec![
            Cell::toned(word, tone),
            Cell::from(&one.name),
            format!("{} of {}", one.met.runs, one.met.of).into(),
            interval(&one.met).unwrap_or_default().into(),
            format::optional(median, |value| format::value(value, one.values.unit)).into(),
            bound(&one.bound, one.values.unit).into(),
        ]);
    }
    let mut blocks = only(table);
    let open: Vec<Item> = report
        .expectations
        .iter()
        .filter(|one| one.verdict != Verdict::Pass)
        .map(expectation_item)
        .collect();
    if !open.is_empty() {
        blocks.push(Block::Items(open));
    }
    Section {
        id: "expectations",
        title: "Expectations",
        about: "Each run meets an expectation or not; the share has a 95% interval (Wilson). Medians \
                over runs are shown, never judged.",
        blocks,
    }
}

fn expectation_item(one: &ExpectationOverRuns) -> Item {
    let (mark, tone) = verdict_word(one.verdict);
    let mut more = vec![format!("it must hold in {}", safe(&one.in_runs))];
    if !one.reason.is_empty() {
        more.push(safe(&one.reason));
    }
    if !one.command.is_empty() {
        let named: Vec<String> = one.missed_in.iter().map(u32::to_string).collect();
        let rest = if u64::from(one.missed) > named.len() as u64 {
            ", …"
        } else {
            ""
        };
        more.push(format!(
            "not met in replication {}{rest}: {}",
            named.join(", "),
            safe(&one.command)
        ));
    }
    Item {
        mark,
        tone,
        head: safe(&one.name),
        text: safe(&one.text),
        more,
    }
}

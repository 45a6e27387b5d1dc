//! How to play the run again, and proof that its books are even.

use super::page::{Block, Item, Section, Statement, safe};
use crate::format;
use crate::table::{Cell, Table, Tone};
use sim_core::report::{ConservationReport, Report, ReproduceReport};

/// The command and the fingerprints.
pub(super) fn section(report: &Report) -> Section {
    let mut blocks = vec![
        Block::Command(safe(&report.reproduce.command)),
        Block::Table(facts(report)),
    ];
    blocks.push(books(report));
    Section {
        id: "reproduce",
        title: "How to reproduce",
        about: "The same scenario, seed and engine give the same digest on every machine.",
        blocks,
    }
}

/// How to play many runs again: what was asked, then the version and the scenarios by their hashes.
pub(super) fn of_many<'h>(
    asked: Vec<(&str, String)>,
    engine_semantics: u32,
    reproduce: &ReproduceReport,
    hashes: impl Iterator<Item = &'h String>,
) -> Section {
    let mut table = Table::new(&["what", "value"]);
    let version = ("version", version(reproduce, engine_semantics));
    let hashes = hashes.map(|hash| ("scenario hash", hash.clone()));
    for (name, value) in asked.into_iter().chain([version]).chain(hashes) {
        table.push(vec![Cell::from(name), value.into()]);
    }
    Section {
        id: "reproduce",
        title: "How to reproduce",
        about: "The same scenario, seed and engine give the same bytes on every machine.",
        blocks: vec![
            Block::Command(safe(&reproduce.command)),
            Block::Table(table),
        ],
    }
}

/// What played it.
pub(super) fn version(reproduce: &ReproduceReport, engine_semantics: u32) -> String {
    format!(
        "squall {}, engine semantics {engine_semantics}",
        reproduce.version
    )
}

fn facts(report: &Report) -> Table {
    let scenario = &report.scenario;
    let mut table = Table::new(&["what", "value"]);
    let mut push = |name: &str, value: String| table.push(vec![Cell::from(name), value.into()]);
    push("virtual time", format::duration(scenario.duration_ns));
    if let Some(drain) = &report.drain {
        let calls = format::plural(drain.under_way_total, "call", "calls");
        push(
            "drain",
            format!("{calls} in {}", format::duration(drain.took_ns)),
        );
    }
    if scenario.warmup_ns > 0 {
        push("warm-up", format::duration(scenario.warmup_ns));
    }
    push("seed", scenario.seed.to_string());
    push("replication", scenario.replication.to_string());
    for change in &scenario.overrides {
        push("changed", format!("{} = {}", change.path, change.value));
    }
    push("status", report.status.to_string());
    push(
        "version",
        version(&report.reproduce, report.engine_semantics),
    );
    push("scenario hash", scenario.hash.clone());
    push(
        "digest",
        format!(
            "{} after {}",
            report.digest.value,
            format::plural(report.digest.facts_total, "fact", "facts")
        ),
    );
    table
}

/// Whether everything that came in went out or is still inside.
fn books(report: &Report) -> Block {
    let uneven: Vec<Item> = report
        .conservation
        .iter()
        .filter(|sum| !sum.holds)
        .map(uneven_item)
        .collect();
    if !uneven.is_empty() {
        return Block::Items(uneven);
    }
    let sums = report.conservation.len() as u64;
    let text = match sums {
        0 => "No sums were checked.".to_owned(),
        _ => format!(
            "Nothing is lost: {} of calls, attempts and operations came out even.",
            format::plural(sums, "sum", "sums")
        ),
    };
    Block::Text(Statement::new(&text, Tone::Quiet))
}

fn uneven_item(sum: &ConservationReport) -> Item {
    Item {
        mark: "error",
        tone: Tone::Bad,
        head: format!("{} of {}", safe(&sum.what), safe(&sum.place)),
        text: format!(
            "{} came in, {} went out, {} are inside: this is a defect of the simulator",
            format::count(sum.in_total),
            format::count(sum.out_total),
            format::count(sum.inside)
        ),
        more: vec![],
    }
}

//! The sections: what happens in a run or not, all figures, the first runs side by side.

use super::difference::{Reading, change, event_reading, reading, side, telling};
use crate::content::page::{Block, Section, SideMoment, Statement, only, safe, unless_empty};
use crate::format::{self, NOTHING};
use crate::table::{Cell, Table, Tone};
use sim_core::experiment::compare::SIGNIFICANCE;
use sim_core::report::{ComparisonReport, EventReport, SideReport, TimelineEntry};

/// What happens in a run or not.
pub(super) fn events(report: &ComparisonReport) -> Section {
    let mut table = Table::new(&[
        "in how many runs",
        "#A",
        "#B",
        "#only A",
        "#only B",
        "#chance",
        "beyond chance",
        "#pairs it takes",
    ]);
    for one in &report.events {
        table.push(event_row(one));
    }
    Section {
        id: "events",
        title: "What happens in a run or not",
        about: "Chance is how often luck alone would part the pairs so far (McNemar, exact).",
        blocks: only(table.without_empty_columns()),
    }
}

fn event_row(one: &EventReport) -> Vec<Cell> {
    vec![
        Cell::from(&one.name),
        format!("{} of {}", one.in_a, one.pairs).into(),
        format!("{} of {}", one.in_b, one.pairs).into(),
        one.only_a.to_string().into(),
        one.only_b.to_string().into(),
        format::share(one.p_value.get()).into(),
        meant(event_reading(one)),
        pairs(one.pairs_to_decide),
    ]
}

fn meant(reading: Reading) -> Cell {
    Cell::toned(reading.word(), reading.tone())
}

/// How many pairs would decide it.
fn pairs(needed: Option<u32>) -> Cell {
    format::optional(needed, |pairs| pairs.to_string()).into()
}

/// All figures, and by how much they differ.
pub(super) fn figures(report: &ComparisonReport) -> Section {
    let mut table = Table::new(&[
        "figure",
        "#A",
        "#B",
        "#B − A",
        "#change",
        "beyond chance",
        "#pairs it takes",
    ]);
    for one in telling(report) {
        let relative = one.a.mean.filter(|mean| mean.get() > 0.0);
        let relative = relative.map(|mean| one.change.get() / mean.get() * 100.0);
        table.push(vec![
            Cell::from(&one.name),
            side(one, true).into(),
            side(one, false).into(),
            change(one).into(),
            relative.map_or_else(|| NOTHING.to_owned(), percent).into(),
            meant(reading(report, one)),
            pairs(one.pairs_to_decide),
        ]);
    }
    let mut blocks = only(table.without_empty_columns());
    blocks.extend(luck(telling(report).count()));
    if !report.unmatched.is_empty() {
        let text = format!("Only one design has: {}.", report.unmatched.join("; "));
        blocks.push(Block::Text(Statement::new(&text, Tone::Quiet)));
    }
    Section {
        id: "figures",
        title: "Figures",
        about: "Means over pairs of runs that meet the same random numbers; B − A has a 95% interval over \
                the pairs (Student), and is beyond chance where that leaves out zero. So many pairs \
                it takes to decide what could be chance, if they go on as they began.",
        blocks,
    }
}

/// How many of so many figures would seem to differ if nothing had changed.
fn luck(figures: usize) -> Option<Block> {
    let by_luck = figures as f64 * SIGNIFICANCE;
    let text = format!(
        "If nothing had changed, about {} of {figures} figures would still seem to differ, by luck.",
        format::number(by_luck.max(1.0).round())
    );
    (figures > 1).then(|| Block::Text(Statement::new(&text, Tone::Quiet)))
}

/// `+12%`, `−0.3%`.
fn percent(change: f64) -> String {
    match change {
        change if change > 0.0 => format!("+{}%", format::number(change)),
        change if change < 0.0 => format!("−{}%", format::number(-change)),
        _ => "0%".to_owned(),
    }
}

/// The first runs of both, side by side.
pub(super) fn timelines(report: &ComparisonReport) -> Section {
    let (a, b) = (&report.a, &report.b);
    let horizon_ns = a.scenario.duration_ns.max(b.scenario.duration_ns);
    let mut moments: Vec<(Option<&TimelineEntry>, Option<&TimelineEntry>)> =
        a.timeline.iter().map(|entry| (Some(entry), None)).collect();
    for entry in &b.timeline {
        // Of one kind and at one instant, they are one row, whatever their figures.
        let alike = |one: &TimelineEntry| (one.at_ns, one.kind) == (entry.at_ns, entry.kind);
        let mut free = moments.iter_mut().filter(|row| row.1.is_none());
        match free.find(|row| row.0.is_some_and(alike)) {
            Some(row) => row.1 = Some(entry),
            None => moments.push((None, Some(entry))),
        }
    }
    let at_ns = |row: &(Option<&TimelineEntry>, Option<&TimelineEntry>)| {
        row.0.or(row.1).map_or(0, |entry| entry.at_ns)
    };
    moments.sort_by_key(at_ns);
    let words = |entry: Option<&TimelineEntry>| entry.map_or_else(String::new, |it| safe(&it.text));
    let moments = moments.into_iter().map(|row| SideMoment {
        at: format::instant(at_ns(&row), horizon_ns),
        a: words(row.0),
        b: words(row.1),
    });
    let moments: Vec<SideMoment> = moments.collect();
    Section {
        id: "timeline",
        title: "What happened in replication 0",
        about: "",
        blocks: unless_empty(moments, Block::Sides),
    }
}

/// The commands, and what belongs to them.
pub(super) fn origin(report: &ComparisonReport) -> Section {
    let mut table = Table::new(&["what", "A", "B"]);
    let (a, b) = (&report.a, &report.b);
    let mut push = |name: &str, show: &dyn Fn(&SideReport) -> String| {
        table.push(vec![Cell::from(name), show(a).into(), show(b).into()]);
    };
    push("scenario", &|side| side.scenario.name.clone());
    push("changed", &|side| {
        let sets = side.scenario.overrides.iter();
        let sets: Vec<String> = sets
            .map(|one| format!("{}={}", one.path, one.value))
            .collect();
        if sets.is_empty() {
            NOTHING.to_owned()
        } else {
            sets.join(" ")
        }
    });
    push("seed", &|side| side.scenario.seed.to_string());
    push("runs", &|side| side.runs.finished.to_string());
    push("hash", &|side| {
        side.scenario.hash.chars().take(16).collect()
    });
    let commands = [&report.reproduce.command, &a.command, &b.command];
    let mut blocks: Vec<Block> = commands
        .into_iter()
        .map(|command| Block::Command(safe(command)))
        .collect();
    blocks.push(Block::Table(table));
    Section {
        id: "reproduce",
        title: "How to reproduce",
        about: "Replication k of both designs draws the same random numbers for the same calls.",
        blocks,
    }
}

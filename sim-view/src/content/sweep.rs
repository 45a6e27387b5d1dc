//! What the report of a sweep says.

use super::{Block, Headline, Item, Page, Section, Statement, only, safe};
use crate::format;
use crate::table::{Cell, Column, Table, Tone};
use sim_core::report::Unit;
use sim_core::report::sweep::{CellReport, CellState, EffectReport, Phase, SweepReport};
use std::collections::BTreeMap;

/// Columns of a map in text, at most.
const MAP_COLUMNS: usize = 12;
/// Failures that are told, at most.
const FAILURES: usize = 20;

/// The whole page.
pub(super) fn page(report: &SweepReport) -> Page {
    let parts = [
        failures(report),
        map(report),
        cells(report),
        effects(report),
        front(report),
        origin(report),
    ];
    let parts = parts.into_iter().filter(|part| !part.blocks.is_empty());
    Page {
        name: safe(&report.scenario.name),
        title: safe(&report.scenario.title),
        question: safe(&report.scenario.question),
        headline: headline(report),
        answer: answer(report),
        figures: vec![],
        sections: parts.collect(),
    }
}

fn headline(report: &SweepReport) -> Headline {
    let cells = report.cells.len() as u64;
    let runs: u64 = report.cells.iter().map(|cell| u64::from(cell.runs)).sum();
    let mut text = format!(
        "{}, {}",
        format::plural(cells, "cell", "cells"),
        format::plural(runs, "run", "runs")
    );
    let unsound = report
        .cells
        .iter()
        .any(|cell| cell.state != CellState::Finished);
    let (word, tone) = if unsound || report.missing > 0 {
        ("INCOMPLETE", Tone::Warn)
    } else {
        ("SWEPT", Tone::Plain)
    };
    if report.missing > 0 {
        text = format!("{text}; {} missing", report.missing);
    }
    Headline { word, tone, text }
}

/// How many cells are what, and what matters most.
fn answer(report: &SweepReport) -> Vec<Statement> {
    let mut said = Vec::new();
    let count = |phase| {
        report
            .cells
            .iter()
            .filter(|cell| cell.phase == phase)
            .count() as u64
    };
    for (phase, tone, what) in [
        (Phase::Stable, Tone::Good, "stable: no run collapses"),
        (
            Phase::Vulnerable,
            Tone::Warn,
            "vulnerable: some runs collapse",
        ),
        (
            Phase::Metastable,
            Tone::Bad,
            "metastable: half of the runs collapse or more",
        ),
    ] {
        let cells = count(phase);
        if cells > 0 {
            let verb = if cells == 1 { "is" } else { "are" };
            let text = format!("{} {verb} {what}", format::plural(cells, "cell", "cells"));
            said.push(Statement::new(&text, tone));
        }
    }
    let strongest = report
        .effects
        .iter()
        .filter(|effect| effect.explains.get() >= 0.05);
    let mut told = Vec::new();
    for effect in strongest {
        if !told.contains(&&effect.measure) {
            told.push(&effect.measure);
            let text = format!(
                "{} depends most on {}: it explains {} of the variation between cells",
                effect.measure,
                axis_name(report, &effect.axis),
                format::share(effect.explains.get())
            );
            said.push(Statement::new(&text, Tone::Plain));
        }
    }
    said
}

fn axis_name<'r>(report: &'r SweepReport, path: &'r str) -> &'r str {
    let axis = report.design.axes.iter().find(|axis| axis.path == path);
    axis.map_or(path, |axis| &axis.name)
}

fn failures(report: &SweepReport) -> Section {
    let unsound = report
        .cells
        .iter()
        .filter(|cell| cell.state != CellState::Finished);
    let items = unsound.take(FAILURES).map(|cell| Item {
        mark: if cell.state == CellState::Failed {
            "failed"
        } else {
            "limit"
        },
        tone: Tone::Bad,
        head: safe(&cell.cell),
        text: match cell.state {
            CellState::Limited => format!(
                "{} of {} runs were stopped at the limit of {}",
                cell.runs - cell.finished,
                cell.runs,
                safe(&cell.reason)
            ),
            CellState::Finished | CellState::Failed => safe(&cell.reason),
        },
        more: vec![],
    });
    let items: Vec<Item> = items.collect();
    Section {
        id: "failures",
        title: "Cells that did not finish",
        about: "",
        blocks: if items.is_empty() {
            vec![]
        } else {
            vec![Block::Items(items)]
        },
    }
}

/// The phases of the cells of two axes, as a table.
fn map(report: &SweepReport) -> Section {
    let mut blocks = vec![];
    if let [rows, columns] = report.design.axes.as_slice()
        && report.design.kind == "grid"
        && columns.values.len() <= MAP_COLUMNS
    {
        let mut table = Table::new(&[&format!("{} \\ {}", rows.name, columns.name)]);
        table
            .columns
            .extend(columns.values.iter().map(|value| Column::numbers(value)));
        let cells: BTreeMap<[&str; 2], &CellReport> = report
            .cells
            .iter()
            .filter_map(|cell| Some((two(cell)?, cell)))
            .collect();
        for row in &rows.values {
            let mut line = vec![Cell::from(row)];
            line.extend(columns.values.iter().map(|column| {
                let cell = cells.get(&[row.as_str(), column.as_str()]);
                cell.map_or_else(|| "-".into(), |cell| collapse(cell))
            }));
            table.push(line);
        }
        blocks = only(table);
    }
    Section {
        id: "map",
        title: "Probability of collapse",
        about: "The share of runs in which under half of the calls at the end are useful.",
        blocks,
    }
}

/// The values of a cell of two axes.
fn two(cell: &CellReport) -> Option<[&str; 2]> {
    match cell.values.as_slice() {
        [one, other] => Some([one, other]),
        _ => None,
    }
}

/// The share of collapsed runs, tinted by the phase.
fn collapse(cell: &CellReport) -> Cell {
    let tone = match cell.phase {
        Phase::Stable => Tone::Good,
        Phase::Vulnerable => Tone::Warn,
        Phase::Metastable => Tone::Bad,
        Phase::Unknown => Tone::Quiet,
    };
    Cell::toned(&format::optional(cell.collapse(), format::share), tone)
}

/// A row for each cell: its values, its phase, the measures to look at first.
fn cells(report: &SweepReport) -> Section {
    let mut table = Table::new(&[]);
    let axes = report.design.axes.iter();
    table
        .columns
        .extend(axes.map(|axis| Column::numbers(&axis.name)));
    table.columns.push(Column::numbers("collapse"));
    let shown = || report.shown.iter().map(|&place| place as usize);
    table
        .columns
        .extend(shown().map(|place| Column::numbers(&short(&report.measures[place].name))));
    for cell in &report.cells {
        let mut row: Vec<Cell> = cell.values.iter().map(Cell::from).collect();
        row.push(collapse(cell));
        row.extend(shown().map(|place| {
            let value = cell.measures.get(place).and_then(Option::as_ref);
            let unit = report.measures[place].unit;
            Cell::from(format::optional(value, |value| {
                format::value(value.median, unit)
            }))
        }));
        table.push(row);
    }
    Section {
        id: "cells",
        title: "Cells",
        about: "Medians over the runs of each cell.",
        blocks: only(table),
    }
}

/// The name of a measure as the head of a narrow column.
fn short(name: &str) -> String {
    if name.starts_with("amplification along all paths to ") {
        return "amplification".to_owned();
    }
    for latency in ["p50 latency", "p99 latency", "mean latency"] {
        if name.starts_with(latency) {
            return latency.to_owned();
        }
    }
    let words: Vec<&str> = name.split(" of ").collect();
    match words[..] {
        [what @ ("success" | "goodput"), _] => what.to_owned(),
        _ => name.to_owned(),
    }
}

fn effects(report: &SweepReport) -> Section {
    let mut table = Table::new(&["measure", "axis", "#explains", "#from", "#to"]);
    let moves = |effect: &&EffectReport| {
        let first = effect.levels.first();
        effect
            .levels
            .iter()
            .any(|level| Some(level.mean) != first.map(|first| first.mean))
    };
    let telling = report.effects.iter().filter(moves);
    for effect in telling {
        table.push(vec![
            Cell::from(&effect.measure),
            axis_name(report, &effect.axis).into(),
            format::share(effect.explains.get()).into(),
            end(effect, false).into(),
            end(effect, true).into(),
        ]);
    }
    Section {
        id: "effects",
        title: "What matters",
        about: "What each axis does by itself, all other axes averaged over: the share of the \
                variation between cells that it explains, and the means at its two ends.",
        blocks: only(table),
    }
}

/// The mean at one end of an axis, and the value there.
fn end(effect: &EffectReport, last: bool) -> String {
    let level = if last {
        effect.levels.last()
    } else {
        effect.levels.first()
    };
    format::optional(level, |level| {
        format!(
            "{} at {}",
            format::value(level.mean, effect.unit),
            level.value
        )
    })
}

fn front(report: &SweepReport) -> Section {
    let mut blocks = vec![];
    if let Some(front) = &report.front {
        let mut table = Table::new(&[]);
        table.columns.extend(
            report
                .design
                .axes
                .iter()
                .map(|axis| Column::numbers(&axis.name)),
        );
        table.columns.extend(
            front
                .objectives
                .iter()
                .map(|one| Column::numbers(&short(&one.name))),
        );
        for &place in &front.cells {
            let cell = &report.cells[place as usize];
            let mut row: Vec<Cell> = cell.values.iter().map(Cell::from).collect();
            row.extend(
                front
                    .objectives
                    .iter()
                    .map(|one| Cell::from(weighed(report, cell, &one.name, one.unit))),
            );
            table.push(row);
        }
        blocks = only(table);
    }
    Section {
        id: "front",
        title: "Trade-off",
        about: "Cells that no other cell beats in every respect (the Pareto front).",
        blocks,
    }
}

/// What a cell has of something that is weighed.
pub(crate) fn value_of(report: &SweepReport, cell: &CellReport, name: &str) -> Option<f64> {
    use sim_core::report::sweep::{COLLAPSE, INSTANCES};
    if name == COLLAPSE {
        return cell.collapse();
    }
    if name == INSTANCES {
        return Some(f64::from(cell.instances));
    }
    let place = report
        .measures
        .iter()
        .position(|measure| measure.name == name)?;
    cell.median(place)
}

fn weighed(report: &SweepReport, cell: &CellReport, name: &str, unit: Unit) -> String {
    let value = value_of(report, cell, name).and_then(sim_core::report::Finite::new);
    format::optional(value, |value| format::value(value, unit))
}

fn origin(report: &SweepReport) -> Section {
    let design = &report.design;
    let mut asked = Vec::new();
    let mut push = |name, value: String| asked.push((name, value));
    for axis in &design.axes {
        push("varied", format!("{} = {}", axis.path, axis.asked));
    }
    for change in &report.scenario.overrides {
        push("changed", format!("{} = {}", change.path, change.value));
    }
    push("design", design.kind.clone());
    push("runs of each cell", design.replications.to_string());
    push("seed", design.seed.to_string());
    let numbers = if design.independent {
        "each cell its own"
    } else {
        "the same for all cells"
    };
    push("random numbers", numbers.to_owned());
    push(
        "virtual time",
        format::duration(report.scenario.duration_ns),
    );
    super::origin::of_many(
        asked,
        report.engine_semantics,
        &report.reproduce,
        std::iter::once(&report.scenario.hash),
    )
}

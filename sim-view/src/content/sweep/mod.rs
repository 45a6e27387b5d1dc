//! What the report of a sweep says.

mod cell;

use super::page::{
    Block, Headline, Item, Page, Section, Statement, filled, only, safe, unless_empty,
};
use crate::format;
use crate::table::{Cell, Column, Table, Tone};
use cell::{collapse_with_interval, in_map, measured, met};
use sim_core::report::Unit;
use sim_core::report::sweep::{
    CellReport, CellState, FrontReport, InfluenceReport, Phase, SweepReport,
};
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
    Page {
        name: safe(&report.scenario.name),
        title: safe(&report.scenario.title),
        question: safe(&report.scenario.question),
        headline: headline(report),
        answer: answer(report),
        figures: vec![],
        sections: filled(parts),
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

/// How many cells are what, which expectations they meet, and what matters most.
fn answer(report: &SweepReport) -> Vec<Statement> {
    let phases = [
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
    ];
    let said = phases.into_iter().filter_map(|(phase, tone, what)| {
        let of_it = || report.cells.iter().filter(move |cell| cell.phase == phase);
        // Stable is good news only where it is wanted so.
        let tone = match phase {
            Phase::Stable if !of_it().any(CellReport::is_feasible) => Tone::Plain,
            Phase::Stable | Phase::Vulnerable | Phase::Metastable | Phase::Unknown => tone,
        };
        let cells = of_it().count() as u64;
        let verb = if cells == 1 { "is" } else { "are" };
        let text = format!("{} {verb} {what}", format::plural(cells, "cell", "cells"));
        (cells > 0).then(|| Statement::new(&text, tone))
    });
    let mut said: Vec<Statement> = said.collect();
    said.extend(expectations(report));
    said.extend(what_matters(report));
    said
}

/// In how many cells the expectations are met, and which are missed most.
fn expectations(report: &SweepReport) -> Option<Statement> {
    let asked = || {
        report
            .cells
            .iter()
            .filter(|cell| !cell.expectations.is_empty())
    };
    let all = asked().count();
    let meet = asked()
        .filter(|cell| cell.finished > 0 && cell.misses().next().is_none())
        .count();
    if all == 0 {
        return None;
    }
    let mut missed: BTreeMap<&str, usize> = BTreeMap::new();
    for one in asked().flat_map(CellReport::misses) {
        *missed.entry(&one.name).or_default() += 1;
    }
    let missed: Vec<String> = missed
        .into_iter()
        .map(|(name, cells)| format!("{name} in {cells}"))
        .collect();
    let (meeting, tone) = match meet {
        0 => ("no cell meets".to_owned(), Tone::Bad),
        1 => ("1 cell meets".to_owned(), Tone::Warn),
        some if some == all => (format!("all {all} cells meet"), Tone::Good),
        some => (format!("{some} cells meet"), Tone::Warn),
    };
    let text = if missed.is_empty() {
        format!("{meeting} all expectations")
    } else {
        format!("{meeting} all expectations; missed: {}", missed.join(", "))
    };
    Some(Statement::new(&text, tone))
}

/// The axes with more than one value.
fn varied(report: &SweepReport) -> usize {
    let axes = report.design.axes.iter();
    axes.filter(|axis| axis.values.len() > 1).count()
}

/// What each measure depends on, as far as that is more than chance.
fn what_matters(report: &SweepReport) -> Vec<Statement> {
    let mut said = Vec::new();
    for one in &report.variation {
        let strongest = (report.effects.iter())
            .find(|effect| effect.measure == one.measure && effect.beyond_chance == Some(true));
        let text = match strongest {
            Some(effect) if varied(report) > 1 => format!(
                "{} depends most on {}: it explains {} of the variation between cells",
                one.measure,
                axis_name(report, &effect.axis),
                format::share(effect.explains.get())
            ),
            Some(effect) => format!(
                "{} changes with {} by more than chance: {}, {}",
                one.measure,
                axis_name(report, &effect.axis),
                end(effect, false),
                end(effect, true)
            ),
            None if one.beyond_chance == Some(true) && varied(report) > 1 => format!(
                "{} varies by more than chance, but by no axis alone: by their interplay",
                one.measure
            ),
            None => continue,
        };
        said.push(Statement::new(&text, Tone::Plain));
    }
    let many = report.cells.len() > 1;
    if said.is_empty() && many {
        let too_few = report
            .variation
            .iter()
            .any(|one| !one.constant && one.beyond_chance.is_none());
        let text = if too_few {
            "one run of each cell cannot tell from chance what matters; say -n 2 or more"
        } else {
            "nothing varied here matters beyond chance"
        };
        said.push(Statement::new(text, Tone::Plain));
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
        blocks: unless_empty(items, Block::Items),
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
                cell.map_or_else(|| "-".into(), |cell| in_map(cell))
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

/// A row for each cell: its values, whether it collapses, which expectations it misses, and the
/// measures to look at first.
fn cells(report: &SweepReport) -> Section {
    let mut table = Table::new(&[]);
    let axes = report.design.axes.iter();
    table
        .columns
        .extend(axes.map(|axis| Column::numbers(&axis.name)));
    table.columns.push(Column::numbers("collapse"));
    table.columns.extend(Table::new(&["expectations"]).columns);
    let shown = || report.shown.iter().map(|&place| place as usize);
    table
        .columns
        .extend(shown().map(|place| Column::numbers(&short(&report.measures[place].name))));
    for cell in &report.cells {
        let mut row: Vec<Cell> = cell.values.iter().map(Cell::from).collect();
        row.push(collapse_with_interval(cell));
        row.push(met(cell));
        row.extend(
            shown().map(|place| Cell::from(measured(cell, place, report.measures[place].unit))),
        );
        table.push(row);
    }
    Section {
        id: "cells",
        title: "Cells",
        about: "Means over the runs of each cell with 95 % intervals (Student), and the share of runs that \
                collapse with its own (Wilson); where some runs collapse and some do not, the median, the \
                least and the greatest.",
        blocks: only(table.without_empty_columns()),
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
    // One axis alone explains all there is.
    let ranks = varied(report) > 1;
    let mut table = Table::new(&[
        "measure",
        "axis",
        "#explains",
        "beyond chance",
        "#from",
        "#to",
    ]);
    let moves = |effect: &&InfluenceReport| {
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
            if ranks {
                format::share(effect.explains.get()).into()
            } else {
                format::NOTHING.into()
            },
            beyond(effect.beyond_chance),
            end(effect, false).into(),
            end(effect, true).into(),
        ]);
    }
    Section {
        id: "effects",
        title: "What matters",
        about: "What each axis does by itself, all other axes averaged over: the share of the variation \
                between cells that it explains, whether that is more than luck makes of so many runs \
                (analysis of variance, 5 % for all rows together), and what the median run has at its two ends.",
        blocks: only(table.without_empty_columns()),
    }
}

fn beyond(chance: Option<bool>) -> Cell {
    match chance {
        Some(true) => "yes".into(),
        Some(false) => Cell::toned("no", Tone::Quiet),
        None => Cell::toned("too few runs", Tone::Quiet),
    }
}

/// The mean at one end of an axis, and the value there.
fn end(effect: &InfluenceReport, last: bool) -> String {
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
    let blocks = match &report.front {
        Some(front) if front.cells.is_empty() => vec![Block::Text(Statement::new(
            "No cell meets all expectations without a run that collapses, so there is nothing to choose \
             from.",
            Tone::Bad,
        ))],
        Some(front) => best(report, front),
        None => vec![],
    };
    Section {
        id: "front",
        title: "Trade-off",
        about: "Of the cells that meet all expectations and of which no run collapses, those that no other \
                one beats in every respect (the Pareto front), each under its own load and faults. Values \
                that are equal in three digits are a tie.",
        blocks,
    }
}

/// The cells of the front, ties together.
fn best(report: &SweepReport, front: &FrontReport) -> Vec<Block> {
    let mut table = Table::new(&[]);
    let axes = report.design.axes.iter();
    table
        .columns
        .extend(axes.map(|axis| Column::numbers(&axis.name)));
    let objectives = front.objectives.iter();
    table
        .columns
        .extend(objectives.map(|one| Column::numbers(&short(&one.name))));
    table.columns.extend(Table::new(&["tie"]).columns);
    for (&place, &equals) in front.cells.iter().zip(&front.equals) {
        let cell = &report.cells[place as usize];
        let mut row: Vec<Cell> = cell.values.iter().map(Cell::from).collect();
        let objectives = front.objectives.iter();
        row.extend(objectives.map(|one| Cell::from(weighed(report, cell, &one.name, one.unit))));
        row.push(match equals {
            0 | 1 => format::NOTHING.into(),
            all => format!("{all} are equal").into(),
        });
        table.push(row);
    }
    let mut blocks = only(table.without_empty_columns());
    let is_one_tie = front.equals.first() == Some(&front.feasible);
    if front.feasible > 1 && is_one_tie {
        let text = format!(
            "All {} cells that meet the expectations are equal in what is weighed.",
            front.feasible
        );
        blocks.insert(0, Block::Text(Statement::new(&text, Tone::Plain)));
    }
    blocks
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

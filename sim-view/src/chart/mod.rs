//! Charts: what happened over time, as SVG.
//!
//! ```text
//! load           offered load, attempts and goodput, for the clients and the busiest edges
//! outcomes       how calls ended, stacked
//! latency        percentiles, of useful and of failed calls apart
//! amplification  attempts per call, and retries
//! services       queues, busy threads, work in vain
//! breakers       states of breakers, a row for each owner
//! envelope       goodput and latency over time: median and band over many runs, or of two designs
//! differences    what differs between two designs, with intervals
//! useful         how the share of useful calls spreads over runs
//! recovery       how recovery times spread over runs
//! limits         where it tips: the S-curve, the map of edges, the hysteresis loop
//! tune           what was tried, and how far the best can be moved
//! sweep          maps, effects and trade-offs of many cells
//! ```
//!
//! Read [`canvas`] (the sheet), [`axis`] (where things lie), [`panel`] (one plot), [`frame`] (plots
//! above each other), then what each chart puts there. A chart is made of whole numbers and never
//! measures text, so the same report gives the same bytes on every machine.

mod amplification;
mod axis;
mod backtest;
mod breakers;
mod canvas;
mod differences;
mod distribution;
mod envelope;
mod frame;
mod latency;
mod limits;
mod load;
mod outcomes;
mod panel;
mod services;
mod sweep;
mod theme;
mod tune;
mod xy;

pub(super) use backtest::picture as backtest;

use super::Document;
use super::format;
use super::table::{Cell, Column, Table};
use super::{content, resample};
use frame::Sheet;
use panel::{Body, Line, Panel};
use sim_core::report::Report;
use std::borrow::Cow;

/// Points of a line, at most.
const POINTS_MAX: u32 = 400;
/// Rows of a chart's table, at most.
const ROWS_MAX: usize = 400;
/// Panels of a chart, at most.
const PANELS_MAX: usize = 6;

/// A chart, and its data as a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Name of its file: fixed, never from a scenario.
    pub file: &'static str,
    /// What it shows.
    pub title: Cow<'static, str>,
    /// How to read it.
    pub about: &'static str,
    /// The picture.
    pub svg: String,
    /// What the picture shows, as numbers.
    pub table: Table,
}

/// A chart before it is drawn.
struct Draft {
    file: &'static str,
    title: &'static str,
    about: &'static str,
    panels: Vec<Panel>,
}

/// All charts of a report that have something to show.
pub fn charts<'a>(document: impl Into<Document<'a>>) -> Vec<Chart> {
    match document.into() {
        Document::Run(report) => of_run(report),
        Document::Replications(report) => {
            let all = [
                envelope::of_replications(report),
                distribution::of_useful_shares(report),
                distribution::of_recovery_times(report),
            ];
            all.into_iter().flatten().collect()
        }
        Document::Comparison(report) => {
            let all = [differences::chart(report), envelope::of_comparison(report)];
            all.into_iter().flatten().collect()
        }
        Document::Sweep(report) => sweep::charts(report),
        Document::Limits(report) => limits::charts(report),
        Document::Tune(report) => tune::chart(report).into_iter().collect(),
    }
}

/// How to read the charts of a report.
pub(super) const fn about(document: Document<'_>) -> &'static str {
    match document {
        Document::Run(_) => {
            "All charts share one axis of virtual time. Yellow is when a fault acts; grey, at the \
             start, is the warm-up, which the tables leave out."
        }
        Document::Replications(_) => {
            "Over time, yellow is when a fault acts and grey, at the start, the warm-up, which the \
             tables leave out. Distributions count runs."
        }
        Document::Comparison(_) => {
            "Both designs on one axis of virtual time. Yellow is when a fault of either acts; grey, at \
             the start, is the warm-up."
        }
        Document::Sweep(_) => {
            "Each field or point is a cell: the median over its runs, unless it says otherwise."
        }
        Document::Limits(_) => {
            "Bars are 95 % intervals. Yellow is the edge: its ends are surely on different sides."
        }
        Document::Tune(_) => "Means of the search, which helped to choose; the best is confirmed.",
    }
}

fn of_run(report: &Report) -> Vec<Chart> {
    if report.series.points == 0 || report.series.end_ns == 0 {
        return Vec::new();
    }
    let mut report = report.clone();
    report.series = resample::at_most(&report.series, POINTS_MAX);
    let drafts = [
        load::draft(&report),
        outcomes::draft(&report),
        latency::draft(&report),
        amplification::draft(&report),
        services::draft(&report),
        breakers::draft(&report),
    ];
    let shown = drafts.into_iter().filter(|draft| !draft.panels.is_empty());
    shown.map(|draft| finish(&report, &draft)).collect()
}

fn finish(report: &Report, draft: &Draft) -> Chart {
    chart(&Sheet::of(report), draft)
}

fn chart(sheet: &Sheet, draft: &Draft) -> Chart {
    Chart {
        file: draft.file,
        title: draft.title.into(),
        about: draft.about,
        svg: frame::draw(sheet, draft.title, &draft.panels),
        table: table(&draft.panels, sheet),
    }
}

/// The values of all panels, a row for each bucket; for bars, a row for each of them.
fn table(panels: &[Panel], sheet: &Sheet) -> Table {
    let lines: Vec<(&Panel, &Line)> = panels
        .iter()
        .flat_map(|panel| {
            match &panel.body {
                Body::Lines(_, lines) | Body::Stack(_, lines) => lines.as_slice(),
                Body::Bars(_) => &[],
            }
            .iter()
            .map(move |line| (panel, line))
        })
        .collect();
    if lines.is_empty() {
        return bar_table(panels, sheet.end_ns);
    }
    let mut table = Table::new(&["#from"]);
    table.columns.extend(
        lines
            .iter()
            .map(|(panel, line)| Column::numbers(&format!("{}: {}", panel.title, full_name(line)))),
    );
    for (bucket, &from) in sheet
        .edges_ns
        .iter()
        .enumerate()
        .take(sheet.edges_ns.len() - 1)
        .take(ROWS_MAX)
    {
        let mut row = vec![Cell::from(sheet.along.place(from, sheet.end_ns))];
        row.extend(
            lines
                .iter()
                .map(|(panel, line)| value_cell(panel, line, bucket)),
        );
        table.push(row);
    }
    table
}

fn full_name(line: &Line) -> String {
    if line.note.is_empty() || !line.note.starts_with("->") {
        line.name.clone()
    } else {
        format!("{} {}", line.name, line.note)
    }
}

fn value_cell(panel: &Panel, line: &Line, bucket: usize) -> Cell {
    let value = line.values.get(bucket).copied().flatten();
    let show: fn(f64) -> String = match &panel.body {
        Body::Lines(axis::Scale::Decades { .. }, _) => |ns| format::duration(ns as u64),
        Body::Lines(axis::Scale::Linear { share: true, .. }, _)
        | Body::Stack(axis::Scale::Linear { share: true, .. }, _) => format::share,
        Body::Lines(..) | Body::Stack(..) | Body::Bars(_) => format::number,
    };
    format::optional(value, show).into()
}

fn bar_table(panels: &[Panel], end_ns: u64) -> Table {
    let mut table = Table::new(&["owner", "state", "#from", "#until"]);
    for panel in panels {
        let Body::Bars(rows) = &panel.body else {
            continue;
        };
        for (row, bar) in rows
            .iter()
            .flat_map(|row| row.bars.iter().map(move |bar| (row, bar)))
        {
            if table.rows.len() < ROWS_MAX {
                table.push(vec![
                    Cell::from(&row.name),
                    bar.state.into(),
                    format::instant(bar.from_ns, end_ns).into(),
                    format::instant(bar.until_ns, end_ns).into(),
                ]);
            }
        }
    }
    table
}

/// Rates as values of a line.
fn rates(report: &Report, counts: &[u64]) -> Vec<Option<f64>> {
    resample::per_second(&report.series, counts)
        .into_iter()
        .map(Some)
        .collect()
}

/// The values that lines have.
fn present(lines: &[Line]) -> impl Iterator<Item = f64> {
    lines
        .iter()
        .flat_map(|line| line.values.iter().flatten().copied())
}

/// The indices of the greatest, at most so many, in their own order.
fn greatest(sizes: impl Iterator<Item = f64>, at_most: usize) -> Vec<usize> {
    let mut ranked: Vec<(usize, f64)> = sizes.enumerate().collect();
    ranked.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    let mut chosen: Vec<usize> = ranked
        .into_iter()
        .take(at_most)
        .map(|(index, _)| index)
        .collect();
    chosen.sort_unstable();
    chosen
}

/// ` (the n busiest of m)`, when not all are shown.
fn of_how_many(shown: usize, all: usize) -> String {
    if shown == all {
        String::new()
    } else {
        format!(", {shown} of {all}")
    }
}

/// A line for an edge: caller and operation below each other.
fn edge_line(name: &str, colour: theme::Colour, values: Vec<Option<f64>>) -> Line {
    let (caller, target) = content::edge_ends(name);
    Line::new(caller, colour, values)
        .noted(target.map_or_else(String::new, |to| format!("-> {to}")))
}

/// The sum of lists of equal length.
fn total<'a>(lists: impl Iterator<Item = &'a Vec<u64>>, points: u32) -> Vec<u64> {
    let mut sum = vec![0; points as usize];
    for list in lists {
        sum.iter_mut()
            .zip(list)
            .for_each(|(sum, count)| *sum += count);
    }
    sum
}

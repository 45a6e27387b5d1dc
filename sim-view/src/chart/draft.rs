//! A chart before it is drawn, and after: its picture, and its data as a table.

use super::axis::Scale;
use super::frame::{self, Sheet};
use super::panel::{Body, Line, Panel};
use crate::format;
use crate::table::{Cell, Column, Table};
use std::borrow::Cow;

/// Rows of a chart's table, at most.
pub(super) const ROWS_MAX: usize = 400;
/// Panels of a chart, at most.
pub(super) const PANELS_MAX: usize = 6;

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
pub(super) struct Draft {
    /// Name of its file.
    pub(super) file: &'static str,
    /// What it shows.
    pub(super) title: &'static str,
    /// How to read it.
    pub(super) about: &'static str,
    /// The plots, from above.
    pub(super) panels: Vec<Panel>,
}

/// Draws it.
pub(super) fn chart(sheet: &Sheet, draft: &Draft) -> Chart {
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
        Body::Lines(Scale::Decades { .. }, _) => |ns| format::duration(ns as u64),
        Body::Lines(Scale::Linear { share: true, .. }, _)
        | Body::Stack(Scale::Linear { share: true, .. }, _) => format::share,
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

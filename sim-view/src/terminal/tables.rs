//! Tables in so many columns of text.
//!
//! A table that is too wide gives way step by step: a first column that repeats becomes a heading
//! above its rows; the last column of words wraps in its place; columns of words go below their row;
//! the first column wraps; and at last columns of numbers go below as well. Numbers themselves never
//! break.

use super::layout::{Paper, spread, wrap};
use crate::table::{Cell, Column, Table, Tone};

/// Between two columns.
const GAP: usize = 2;
/// A column of words is not squeezed below this.
const WORDS_MIN: usize = 24;
/// The first column is not squeezed below this.
const FIRST_MIN: usize = 14;
/// Rows shown.
const ROWS_MAX: usize = 60;

/// Where the columns of a table go.
struct Plan {
    /// Columns side by side, with their widths.
    beside: Vec<(usize, usize)>,
    /// Columns below the row.
    below: Vec<usize>,
}

/// Writes a table.
pub(super) fn write(paper: &mut Paper, table: &Table) {
    let shown = &table.rows[..table.rows.len().min(ROWS_MAX)];
    let natural = widths(&table.columns, shown);
    let fits = total(&natural) <= paper.width();
    if !fits && table.columns.len() > 2 && repeats(shown) {
        write_grouped(paper, &table.columns, shown);
    } else {
        let rows: Vec<&[Cell]> = shown.iter().map(Vec::as_slice).collect();
        write_rows(paper, &table.columns, &rows, 0, 0);
    }
    if table.rows.len() > shown.len() {
        paper.text(
            &format!(
                "and {} more rows in the other views",
                table.rows.len() - shown.len()
            ),
            0,
        );
    }
}

/// Writes the first column as headings above the rows that share it.
fn write_grouped(paper: &mut Paper, columns: &[Column], rows: &[Vec<Cell>]) {
    let tails: Vec<Vec<Cell>> = rows.iter().map(|row| row[1..].to_vec()).collect();
    let all: Vec<&[Cell]> = tails.iter().map(Vec::as_slice).collect();
    let plan = plan(
        &columns[1..],
        &widths(&columns[1..], &tails),
        paper.width() - 2,
    );
    write_head(paper, &columns[1..], &plan, 2);
    for (index, row) in rows.iter().enumerate() {
        if index == 0 || rows[index - 1][0] != row[0] {
            paper.text(&row[0].text, 0);
        }
        write_row(paper, &columns[1..], all[index], &plan, 2);
    }
}

fn write_rows(paper: &mut Paper, columns: &[Column], rows: &[&[Cell]], indent: usize, skip: usize) {
    let own: Vec<Vec<Cell>> = rows.iter().map(|row| row[skip..].to_vec()).collect();
    let plan = plan(columns, &widths(columns, &own), paper.width() - indent);
    write_head(paper, columns, &plan, indent);
    for row in rows {
        write_row(paper, columns, row, &plan, indent);
    }
}

/// Whether the first column says the same in neighbouring rows.
fn repeats(rows: &[Vec<Cell>]) -> bool {
    rows.windows(2).any(|pair| pair[0][0] == pair[1][0])
}

fn widths(columns: &[Column], rows: &[Vec<Cell>]) -> Vec<usize> {
    let width = |index: usize, column: &Column| {
        let cells = rows.iter().map(|row| spread(&row[index].text));
        cells.max().unwrap_or(0).max(spread(&column.name))
    };
    columns
        .iter()
        .enumerate()
        .map(|(index, column)| width(index, column))
        .collect()
}

fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

/// Finds the columns their places.
fn plan(columns: &[Column], natural: &[usize], width: usize) -> Plan {
    let mut beside: Vec<(usize, usize)> = natural.iter().copied().enumerate().collect();
    let mut below = Vec::new();
    while !fit(columns, &mut beside, width) {
        let words = beside
            .iter()
            .skip(1)
            .rposition(|&(column, _)| !columns[column].numeric);
        let place = words.map_or(beside.len() - 1, |place| place + 1);
        below.insert(0, beside.remove(place).0);
    }
    below.sort_unstable();
    Plan { beside, below }
}

/// Squeezes what may be squeezed; says whether it fits now.
fn fit(columns: &[Column], beside: &mut [(usize, usize)], width: usize) -> bool {
    let taken = total(&beside.iter().map(|column| column.1).collect::<Vec<_>>());
    let excess = taken.saturating_sub(width);
    let last = beside.len() - 1;
    let words = (1..=last)
        .rev()
        .find(|&place| !columns[beside[place].0].numeric);
    let (squeezed, at_least) = match words {
        Some(place) => (place, WORDS_MIN),
        None => (0, if last == 0 { 1 } else { FIRST_MIN }),
    };
    if excess > 0 && beside[squeezed].1 >= at_least + excess {
        beside[squeezed].1 -= excess;
        return true;
    }
    excess == 0
}

fn write_head(paper: &mut Paper, columns: &[Column], plan: &Plan, indent: usize) {
    let cells: Vec<Cell> = columns
        .iter()
        .map(|column| Cell::toned(&column.name, Tone::Quiet))
        .collect();
    write_beside(paper, columns, &cells, plan, indent);
}

fn write_row(paper: &mut Paper, columns: &[Column], row: &[Cell], plan: &Plan, indent: usize) {
    write_beside(paper, columns, row, plan, indent);
    for &column in plan.below.iter().filter(|&&column| row[column].text != "-") {
        paper.text(
            &format!("{}: {}", columns[column].name, row[column].text),
            indent + 4,
        );
    }
}

/// Writes the cells that stand beside each other, over as many lines as the longest needs.
fn write_beside(paper: &mut Paper, columns: &[Column], row: &[Cell], plan: &Plan, indent: usize) {
    let wrapped: Vec<Vec<String>> = plan
        .beside
        .iter()
        .map(|&(column, width)| wrap(&row[column].text, width))
        .collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    for line in 0..height {
        let mut text = " ".repeat(indent);
        for (place, &(column, width)) in plan.beside.iter().enumerate() {
            let part = wrapped[place].get(line).map_or("", String::as_str);
            let pad = " ".repeat(width.saturating_sub(spread(part)));
            let part = paper.tinted(part, row[column].tone);
            text.push_str(if place == 0 { "" } else { "  " });
            let parts = if columns[column].numeric {
                [&pad, &part]
            } else {
                [&part, &pad]
            };
            text.extend(parts.map(String::as_str));
        }
        paper.raw(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::Style;

    fn shown(table: &Table, width: usize) -> String {
        let mut paper = Paper::new(Style {
            width,
            ..Style::default()
        });
        write(&mut paper, table);
        paper.finish()
    }

    #[test]
    fn a_table_gives_way_step_by_step() {
        let mut table = Table::new(&["edge", "#calls", "#attempts", "failed by"]);
        let words = "timeout.response 12%, stopped.breaker_open 30%";
        table.push(vec![
            "shop -> payments".into(),
            "1,000".into(),
            "2,000".into(),
            words.into(),
        ]);
        assert_eq!(
            shown(&table, 90),
            "edge              calls  attempts  failed by\n\
             shop -> payments  1,000     2,000  timeout.response 12%, stopped.breaker_open 30%\n"
        );
        assert_eq!(
            shown(&table, 64),
            "edge              calls  attempts  failed by\n\
             shop -> payments  1,000     2,000  timeout.response 12%,\n\
             \x20                                  stopped.breaker_open 30%\n"
        );
        assert_eq!(
            shown(&table, 50),
            "edge              calls  attempts\n\
             shop -> payments  1,000     2,000\n    \
                 failed by: timeout.response 12%,\n    \
                 stopped.breaker_open 30%\n"
        );
    }

    #[test]
    fn what_repeats_becomes_a_heading() {
        let mut table = Table::new(&["calls of", "outcome", "#calls"]);
        let name = "storefront.checkout -> payments.charge";
        table.push(vec![name.into(), "ok".into(), "7".into()]);
        table.push(vec![name.into(), "timeout.response".into(), "12".into()]);
        assert_eq!(
            shown(&table, 50),
            "  outcome           calls\n\
             storefront.checkout -> payments.charge\n  \
               ok                    7\n  \
               timeout.response     12\n"
        );
    }
}

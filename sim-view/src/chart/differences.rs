//! What differs between two designs: a row for each figure, the change as a share of what it was, with
//! its interval.
//!
//! An interval that leaves out the line in the middle is more than chance. Figures that were zero
//! have no share to change by; the table has them all.

use super::canvas::{self, Anchor, Canvas, PX, WIDTH, times};
use super::draft::Chart;
use super::panel::lettering;
use super::theme;
use crate::content::{Reading, reading, telling};
use crate::format;
use crate::table::{Cell, Table};
use sim_core::report::{ComparisonReport, DifferenceReport, Unit};

const LEFT: i32 = 300 * PX;
const RIGHT: i32 = 150 * PX;
const ROW: i32 = 22 * PX;
const TOP: i32 = 34 * PX;
const BOTTOM: i32 = 26 * PX;
/// Rows, at most.
const ROWS_MAX: usize = 24;
/// A change of more than this share of what it was is drawn at the end of the axis.
const MOST: f64 = 1.0;

/// A row: mean change and the ends of its interval, as shares of the mean of the first design.
struct Row<'a> {
    figure: &'a DifferenceReport,
    reading: Reading,
    change: f64,
    low: f64,
    high: f64,
}

/// The chart; none if no figure can be put as a share.
pub(super) fn chart(report: &ComparisonReport) -> Option<Chart> {
    let mut rows: Vec<Row<'_>> = telling(report)
        .filter_map(|one| row(one, reading(report, one)))
        .collect();
    rows.truncate(ROWS_MAX);
    (!rows.is_empty()).then(|| Chart {
        file: "differences.svg",
        title: "What differs".into(),
        about: "Change from A to B as a share of A, with the 95 % interval over pairs. Coloured rows \
                differ by more than chance: green for the better, orange for the worse, blue where that \
                is open, such as the latency of fewer useful calls.",
        svg: draw(&rows),
        table: table(&rows),
    })
}

fn row(figure: &DifferenceReport, reading: Reading) -> Option<Row<'_>> {
    // Whether an expectation holds is no quantity.
    let quantity =
        !matches!(figure.unit(), Unit::YesNo) && !figure.name.starts_with("expectation ");
    let was = figure.a.mean.filter(|_| quantity)?.get().abs();
    let half = figure.half_width?.get();
    let share = |change: f64| change / was;
    let change = figure.change.get();
    (was > 0.0).then(|| Row {
        figure,
        reading,
        change: share(change),
        low: share(change - half),
        high: share(change + half),
    })
}

fn draw(rows: &[Row<'_>]) -> String {
    let height = TOP + times(rows.len(), ROW) + BOTTOM;
    let ends = rows.iter().flat_map(|row| [row.low.abs(), row.high.abs()]);
    let reach = ends.fold(0.01, f64::max).min(MOST);
    canvas::picture((WIDTH, height), "What differs", |canvas| {
        canvas.fill((0, 0), (WIDTH, height), theme::PAPER);
        let bold = lettering(Anchor::Left, true, theme::INK);
        canvas.text("Change from A to B", (LEFT, 16 * PX), bold, 60);
        let bottom = height - BOTTOM;
        for (share, anchor) in [
            (-reach, Anchor::Left),
            (0.0, Anchor::Center),
            (reach, Anchor::Right),
        ] {
            let at = x(share, reach);
            canvas.line(vec![(at, TOP), (at, bottom)], theme::GRID, PX);
            let mark = lettering(anchor, false, theme::FAINT_INK);
            canvas.text(&signed(share), (at, bottom + 12 * PX), mark, 12);
        }
        for (place, row) in rows.iter().enumerate() {
            draw_row(canvas, row, TOP + times(place, ROW) + ROW / 2, reach);
        }
    })
}

fn draw_row(canvas: &Canvas<'_>, row: &Row<'_>, middle: i32, reach: f64) {
    let (ink, colour) = match row.reading {
        Reading::Better => (theme::INK, theme::USEFUL),
        Reading::Worse => (theme::INK, theme::OPEN),
        Reading::FewerCalls | Reading::Other => (theme::INK, theme::series(0)),
        Reading::Chance => (theme::FAINT_INK, theme::AXIS),
    };
    let name = lettering(Anchor::Right, false, ink);
    canvas.text(&row.figure.name, (LEFT - 12 * PX, middle), name, 42);
    let (low, at, high) = (x(row.low, reach), x(row.change, reach), x(row.high, reach));
    canvas.line(vec![(low, middle), (high, middle)], colour, 2 * PX);
    canvas.fill(
        (at - 4 * PX, middle - 4 * PX),
        (at + 4 * PX, middle + 4 * PX),
        colour,
    );
    let said = lettering(Anchor::Left, false, ink);
    let text = signed(row.change);
    canvas.text(&text, (WIDTH - RIGHT + 14 * PX, middle), said, 20);
}

/// Zero is in the middle.
fn x(share: f64, reach: f64) -> i32 {
    let half = f64::from(WIDTH - LEFT - RIGHT) / 2.0;
    let along = (share / reach).clamp(-1.0, 1.0);
    LEFT + (half + half * along).round() as i32
}

fn signed(share: f64) -> String {
    let sign = match share {
        share if share > 0.0 => "+",
        share if share < 0.0 => "\u{2212}",
        _ => "",
    };
    format!("{sign}{}", format::share(share.abs()))
}

fn table(rows: &[Row<'_>]) -> Table {
    let mut table = Table::new(&["figure", "#change", "#from", "#to", "more than chance"]);
    for row in rows {
        table.push(vec![
            Cell::from(&row.figure.name),
            signed(row.change).into(),
            signed(row.low).into(),
            signed(row.high).into(),
            if row.figure.significant { "yes" } else { "no" }.into(),
        ]);
    }
    table
}

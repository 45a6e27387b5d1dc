//! What is traded for what: two of the things that are weighed, a mark for each cell.
//!
//! Cells on the front are larger and have their values beside them. A cell can be on the front
//! because of a third thing that is weighed, so the front need not look like an edge.

use super::curve::{colour, kinds};
use super::field::shown;
use crate::chart::axis::Scale;
use crate::chart::canvas::{self, Anchor, Canvas, PX, Point, WIDTH, times};
use crate::chart::draft::Chart;
use crate::chart::draft::ROWS_MAX;
use crate::chart::panel::lettering;
use crate::chart::theme;
use crate::content::value_of;
use crate::format;
use crate::table::{Cell, Column, Table};
use sim_core::report::Unit;
use sim_core::report::sweep::{CellReport, FrontReport, ObjectiveReport, SweepReport};
use std::collections::BTreeSet;

const SIZE: Point = (WIDTH, 420 * PX);
const LEFT: i32 = 96 * PX;
const RIGHT: i32 = 180 * PX;
const TOP: i32 = 34 * PX;
const BOTTOM: i32 = 50 * PX;
/// Cells of the front whose values are written beside them, at most.
const NAMED: usize = 10;

/// The chart; none if there is nothing to weigh.
pub(super) fn chart(report: &SweepReport) -> Option<Chart> {
    let front = report.front.as_ref()?;
    let [up, across, ..] = front.objectives.as_slice() else {
        return None;
    };
    let plot = Plot::new(report, [across, up])?;
    Some(Chart {
        file: "trade-off.svg",
        title: "What is traded for what".into(),
        about: "Each mark is a cell; large ones meet all expectations, never collapse, and no other \
                such cell under the same load and faults beats them in every respect (the Pareto front).",
        svg: canvas::picture(SIZE, "What is traded for what", |canvas| {
            plot.draw(canvas, front);
        }),
        table: table(report, front),
    })
}

struct Plot<'a> {
    report: &'a SweepReport,
    /// Across and upwards.
    objectives: [&'a ObjectiveReport; 2],
    scales: [Scale; 2],
}

impl<'a> Plot<'a> {
    fn new(report: &'a SweepReport, objectives: [&'a ObjectiveReport; 2]) -> Option<Self> {
        let scale = |objective: &ObjectiveReport| {
            let values = || {
                report
                    .cells
                    .iter()
                    .filter_map(|cell| value_of(report, cell, &objective.name))
            };
            values().next()?;
            Some(match objective.unit {
                Unit::Ns => Scale::decades(values()),
                Unit::Share => Scale::shares(),
                Unit::PerSecond | Unit::Factor | Unit::Count | Unit::YesNo => {
                    Scale::up_to(values())
                }
            })
        };
        let scales = [scale(objectives[0])?, scale(objectives[1])?];
        Some(Self {
            report,
            objectives,
            scales,
        })
    }

    fn x(&self, value: f64) -> i32 {
        LEFT + self.scales[0].height_of(value, SIZE.0 - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> i32 {
        SIZE.1 - BOTTOM - self.scales[1].height_of(value, SIZE.1 - TOP - BOTTOM)
    }

    fn at(&self, cell: &CellReport) -> Option<Point> {
        let [across, up] = self
            .objectives
            .map(|one| value_of(self.report, cell, &one.name));
        Some((self.x(across?), self.y(up?)))
    }

    fn draw(&self, canvas: &Canvas<'_>, front: &FrontReport) {
        canvas.fill((0, 0), SIZE, theme::PAPER);
        self.grid(canvas);
        for cell in &self.report.cells {
            self.mark(canvas, cell, 3);
        }
        for &place in &front.cells {
            self.mark(canvas, &self.report.cells[place as usize], 6);
        }
        self.name_front(canvas, front);
        legend(canvas);
    }

    fn grid(&self, canvas: &Canvas<'_>) {
        let (right, bottom) = (SIZE.0 - RIGHT, SIZE.1 - BOTTOM);
        let faint = |anchor| lettering(anchor, false, theme::FAINT_INK);
        for (value, mark) in self.scales[0].marks() {
            let x = self.x(value);
            canvas.line(vec![(x, TOP), (x, bottom)], theme::GRID, PX / 2);
            canvas.text(&mark, (x, bottom + 12 * PX), faint(Anchor::Center), 12);
        }
        for (value, mark) in self.scales[1].marks() {
            let y = self.y(value);
            canvas.line(vec![(LEFT, y), (right, y)], theme::GRID, PX / 2);
            canvas.text(&mark, (LEFT - 6 * PX, y), faint(Anchor::Right), 12);
        }
        let name = |anchor| lettering(anchor, true, theme::INK);
        let middle = i32::midpoint(LEFT, right);
        canvas.text(
            &self.objectives[0].name,
            (middle, bottom + 32 * PX),
            name(Anchor::Center),
            80,
        );
        canvas.text(
            &self.objectives[1].name,
            (LEFT, TOP - 16 * PX),
            name(Anchor::Left),
            80,
        );
    }

    fn mark(&self, canvas: &Canvas<'_>, cell: &CellReport, size: i32) {
        if let Some((x, y)) = self.at(cell) {
            let reach = size * PX;
            let diamond = vec![
                (x, y - reach),
                (x + reach, y),
                (x, y + reach),
                (x - reach, y),
            ];
            canvas.polygon(diamond, colour(cell));
        }
    }

    /// Writes the values of the cells of a small front beside them, where nothing is in the way.
    fn name_front(&self, canvas: &Canvas<'_>, front: &FrontReport) {
        let mut taken: Vec<i32> = Vec::new();
        for &place in &front.cells {
            let cell = &self.report.cells[place as usize];
            let Some((x, y)) = self.at(cell) else {
                continue;
            };
            let is_free = taken.iter().all(|other| (other - y).abs() > 13 * PX);
            if is_free && taken.len() < NAMED {
                taken.push(y);
                let text = cell.values.join(", ");
                let ink = lettering(Anchor::Left, false, theme::INK);
                canvas.text(&text, (x + 10 * PX, y), ink, 30);
            }
        }
    }
}

fn legend(canvas: &Canvas<'_>) {
    let left = SIZE.0 - RIGHT + 30 * PX;
    for (row, (colour, name)) in kinds().into_iter().enumerate() {
        let middle = TOP + times(row, 18 * PX);
        canvas.fill(
            (left, middle - 5 * PX),
            (left + 10 * PX, middle + 5 * PX),
            colour,
        );
        let ink = lettering(Anchor::Left, false, theme::INK);
        canvas.text(name, (left + 18 * PX, middle), ink, 20);
    }
}

fn table(report: &SweepReport, front: &FrontReport) -> Table {
    let mut table = Table::new(&["front"]);
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
            .map(|one| Column::numbers(&one.name)),
    );
    let on_front: BTreeSet<u32> = front.cells.iter().copied().collect();
    for (place, cell) in report.cells.iter().enumerate().take(ROWS_MAX) {
        let on_front = on_front.contains(&(place as u32));
        let mut row = vec![Cell::from(if on_front { "yes" } else { "" })];
        row.extend(cell.values.iter().map(Cell::from));
        row.extend(front.objectives.iter().map(|one| {
            let value = value_of(report, cell, &one.name);
            Cell::from(format::optional(value, |value| shown(value, one.unit)))
        }));
        table.push(row);
    }
    table
}

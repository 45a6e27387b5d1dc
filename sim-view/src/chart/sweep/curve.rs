//! A measure over one axis: a line with intervals, where a map would have one row.

use super::field::shown;
use crate::chart::canvas::{self, PX, WIDTH};
use crate::chart::draft::Chart;
use crate::chart::theme::{self, Colour};
use crate::chart::xy::{BOTTOM, LEFT, Reach, TOP, Xy, across, legend};
use crate::format;
use crate::table::{Cell, Table};
use sim_core::report::sweep::{CellReport, SweepReport};
use sim_core::report::{Finite, Unit};

const RIGHT: i32 = 190 * PX;
const HEIGHT: i32 = 240 * PX;

/// A measure in one cell: its mean, and the ends of its interval.
#[derive(Clone, Copy)]
pub(super) struct Value {
    mean: f64,
    ends: Option<(f64, f64)>,
}

impl Value {
    /// That of the measure at this place.
    pub(super) fn of_measure(cell: &CellReport, place: usize) -> Option<Self> {
        let value = cell.measures.get(place)?.as_ref()?;
        let mean = value.mean.get();
        let half = value.half_width.map(Finite::get);
        Some(Self {
            mean,
            ends: half.map(|half| (mean - half, mean + half)),
        })
    }

    /// How often runs collapse.
    pub(super) fn of_collapse(cell: &CellReport) -> Option<Self> {
        let ends = cell.collapsed.low.zip(cell.collapsed.high);
        Some(Self {
            mean: cell.collapse()?,
            ends: ends.map(|(low, high)| (low.get(), high.get())),
        })
    }
}

/// What a curve shows.
pub(super) struct Curve<'a> {
    /// Its file.
    pub(super) file: &'static str,
    /// Name of the measure.
    pub(super) name: &'a str,
    /// Its unit.
    pub(super) unit: Unit,
    /// What is to be known of the whole of it; may be empty.
    pub(super) note: &'static str,
    /// Its value in a cell.
    pub(super) value: &'a dyn Fn(&CellReport) -> Option<Value>,
}

impl Curve<'_> {
    /// The chart; none if there is more than one axis, or nothing to show.
    pub(super) fn chart(&self, report: &SweepReport) -> Option<Chart> {
        let [axis] = report.design.axes.as_slice() else {
            return None;
        };
        let (x, spot) = across(&axis.name, &axis.values);
        let mut values: Vec<(&CellReport, f64, Value)> = report
            .cells
            .iter()
            .filter_map(|cell| Some((cell, spot(&cell.values[0])?, (self.value)(cell)?)))
            .collect();
        values.sort_by(|a, b| a.1.total_cmp(&b.1));
        let title = match self.note {
            "" => self.name.to_owned(),
            note => format!("{} ({note})", self.name),
        };
        let plot = Xy {
            x,
            y: self.reach(&title, &values)?,
            corner: (LEFT, TOP),
            size: (WIDTH - LEFT - RIGHT, HEIGHT),
        };
        Some(Chart {
            file: self.file,
            title: title.clone().into(),
            about: "Means over the runs of each value, with 95 % intervals; marks say what kind of system it \
                    is there.",
            svg: draw(&plot, &title, &values),
            table: self.table(&axis.name, &values),
        })
    }

    /// The values upwards: all shares for a share, else what there is with its intervals.
    fn reach(&self, title: &str, values: &[(&CellReport, f64, Value)]) -> Option<Reach> {
        let all: Vec<f64> = values
            .iter()
            .flat_map(|(_, _, value)| {
                let (low, high) = value.ends.unwrap_or((value.mean, value.mean));
                [low, value.mean, high]
            })
            .collect();
        match self.unit {
            _ if all.is_empty() => None,
            Unit::Share | Unit::YesNo => Some(Reach::shares(title)),
            Unit::Ns | Unit::PerSecond | Unit::Factor | Unit::Count => {
                // From zero, so that little noise does not look like much.
                let all = all.iter().copied().map(|value| value.max(0.0));
                Reach::of(title, all.chain([0.0]), |value| shown(value, self.unit))
            }
        }
    }

    fn table(&self, axis: &str, values: &[(&CellReport, f64, Value)]) -> Table {
        let mut table = Table::new(&[&format!("#{axis}"), "#mean", "#low", "#high"]);
        for (cell, _, value) in values {
            let end = |end: Option<f64>| format::optional(end, |end| shown(end, self.unit));
            table.push(vec![
                Cell::from(&cell.values[0]),
                shown(value.mean, self.unit).into(),
                end(value.ends.map(|ends| ends.0)).into(),
                end(value.ends.map(|ends| ends.1)).into(),
            ]);
        }
        table
    }
}

fn draw(plot: &Xy, title: &str, values: &[(&CellReport, f64, Value)]) -> String {
    let sheet = (WIDTH, TOP + HEIGHT + BOTTOM);
    canvas::picture(sheet, title, |canvas| {
        canvas.fill((0, 0), sheet, theme::PAPER);
        plot.grid(canvas);
        let line = theme::series(0);
        let points: Vec<(f64, f64)> = values.iter().map(|(_, x, one)| (*x, one.mean)).collect();
        for (_, x, value) in values {
            if let Some(ends) = value.ends {
                plot.interval(canvas, *x, ends, line.covering(60));
            }
        }
        plot.line(canvas, &points, line.covering(60));
        for (cell, x, value) in values {
            plot.mark(canvas, *x, value.mean, (5, colour(cell)));
        }
        let keys = kinds().map(|(colour, text)| (colour, text.to_owned()));
        legend(canvas, (WIDTH - RIGHT + 16 * PX, TOP), &keys);
    })
}

/// The kinds of cells, and what they are called.
pub(super) const fn kinds() -> [(Colour, &'static str); 4] {
    [
        (theme::STABLE, "stable, all met"),
        (theme::UNWANTED, "stable, misses"),
        (theme::VULNERABLE, "vulnerable"),
        (theme::METASTABLE, "metastable"),
    ]
}

/// The colour of a cell: green only if it is also wanted.
pub(super) fn colour(cell: &CellReport) -> Colour {
    use sim_core::report::sweep::Phase;
    match cell.phase {
        Phase::Stable if cell.is_feasible() => theme::STABLE,
        Phase::Stable => theme::UNWANTED,
        Phase::Vulnerable => theme::VULNERABLE,
        Phase::Metastable => theme::METASTABLE,
        Phase::Unknown => theme::NO_CELL,
    }
}

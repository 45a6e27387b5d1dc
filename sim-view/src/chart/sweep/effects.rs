//! What each axis does by itself: a tornado for each measure.
//!
//! A bar reaches from the least to the greatest mean over the values of an axis. The axis that moves
//! the measure most is on top; a dot marks where the axis begins, so that its direction shows.

use super::field::shown;
use crate::chart::canvas::{self, Anchor, Canvas, PX, WIDTH, times};
use crate::chart::draft::Chart;
use crate::chart::panel::lettering;
use crate::chart::theme;
use crate::format;
use crate::table::{Cell, Table};
use sim_core::report::sweep::{InfluenceReport, SweepReport};

const LEFT: i32 = 190 * PX;
const RIGHT: i32 = 150 * PX;
const ROW: i32 = 24 * PX;
const TITLE: i32 = 30 * PX;
const GAP: i32 = 14 * PX;

/// The chart; none if nothing was varied that could be ranked.
pub(super) fn chart(report: &SweepReport) -> Option<Chart> {
    let mut measures: Vec<Vec<&InfluenceReport>> = Vec::new();
    for effect in report
        .effects
        .iter()
        .filter(|effect| effect.levels.len() > 1)
    {
        match measures.last_mut() {
            Some(last) if last[0].measure == effect.measure => last.push(effect),
            Some(_) | None => measures.push(vec![effect]),
        }
    }
    // A measure that is the same everywhere depends on nothing.
    measures.retain(|effects| effects.iter().any(|effect| moves(effect)));
    if measures.is_empty() {
        return None;
    }
    Some(Chart {
        file: "effects.svg",
        title: "What matters".into(),
        about: "Each bar spans the means over the values of one axis, all others averaged over; the \
                dot is the first value of the axis. The percentage is the share of the variation \
                between cells that the axis explains by itself.",
        svg: draw(report, &measures),
        table: table(report),
    })
}

fn moves(effect: &InfluenceReport) -> bool {
    effect
        .levels
        .iter()
        .any(|level| level.mean != effect.levels[0].mean)
}

fn draw(report: &SweepReport, measures: &[Vec<&InfluenceReport>]) -> String {
    let rows: usize = measures.iter().map(Vec::len).sum();
    let height = times(measures.len(), TITLE + GAP) + times(rows, ROW);
    canvas::picture((WIDTH, height), "What matters", |canvas| {
        canvas.fill((0, 0), (WIDTH, height), theme::PAPER);
        let mut top = 0;
        for effects in measures {
            draw_measure(canvas, report, effects, top);
            top += TITLE + GAP + times(effects.len(), ROW);
        }
    })
}

fn draw_measure(canvas: &Canvas<'_>, report: &SweepReport, effects: &[&InfluenceReport], top: i32) {
    let means = || {
        effects
            .iter()
            .flat_map(|effect| effect.levels.iter().map(|level| level.mean.get()))
    };
    let least = means().fold(f64::INFINITY, f64::min);
    let greatest = means().fold(f64::NEG_INFINITY, f64::max);
    let span = if greatest > least {
        greatest - least
    } else {
        1.0
    };
    let x = |value: f64| {
        let width = f64::from(WIDTH - LEFT - RIGHT);
        LEFT + ((value - least) / span * width).round() as i32
    };
    let bold = lettering(Anchor::Left, true, theme::INK);
    canvas.text(&effects[0].measure, (LEFT, top + 16 * PX), bold, 90);
    for (row, effect) in effects.iter().enumerate() {
        let middle = top + TITLE + times(row, ROW) + ROW / 2;
        let name = report
            .design
            .axes
            .iter()
            .find(|axis| axis.path == effect.axis);
        let name = name.map_or(effect.axis.as_str(), |axis| &axis.name);
        let right = lettering(Anchor::Right, false, theme::INK);
        canvas.text(name, (LEFT - 10 * PX, middle), right, 26);
        let levels = || effect.levels.iter().map(|level| level.mean.get());
        let (low, high) = (
            levels().fold(f64::INFINITY, f64::min),
            levels().fold(f64::NEG_INFINITY, f64::max),
        );
        let (from, to) = (x(low), x(high).max(x(low) + PX));
        canvas.fill(
            (from, middle - 7 * PX),
            (to, middle + 7 * PX),
            theme::series(0).covering(55),
        );
        let first = x(effect.levels[0].mean.get());
        canvas.fill(
            (first - 3 * PX, middle - 3 * PX),
            (first + 3 * PX, middle + 3 * PX),
            theme::INK,
        );
        let said = match effect.beyond_chance {
            Some(true) => format!("{} explained", format::share(effect.explains.get())),
            Some(false) => "no more than chance".to_owned(),
            None => "too few runs to tell".to_owned(),
        };
        let faint = lettering(Anchor::Left, false, theme::FAINT_INK);
        canvas.text(&said, (WIDTH - RIGHT + 14 * PX, middle), faint, 24);
    }
    let bottom = top + TITLE + times(effects.len(), ROW);
    canvas.line(
        vec![(LEFT, bottom), (WIDTH - RIGHT, bottom)],
        theme::AXIS,
        PX,
    );
    let unit = effects[0].unit;
    for (value, anchor) in [(least, Anchor::Left), (greatest, Anchor::Right)] {
        let mark = lettering(anchor, false, theme::FAINT_INK);
        canvas.text(&shown(value, unit), (x(value), bottom + 8 * PX), mark, 12);
    }
}

fn table(report: &SweepReport) -> Table {
    let mut table = Table::new(&["measure", "axis", "value", "#cells", "#mean"]);
    for effect in &report.effects {
        for level in &effect.levels {
            table.push(vec![
                Cell::from(&effect.measure),
                Cell::from(&effect.axis),
                Cell::from(&level.value),
                level.cells.to_string().into(),
                shown(level.mean.get(), effect.unit).into(),
            ]);
        }
    }
    table
}

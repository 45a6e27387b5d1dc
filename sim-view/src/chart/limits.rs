//! Charts of a search for the edge.
//!
//! ```text
//! edge       the probability of failure over the setting, with intervals: the S-curve
//! edge-map   where the edge lies for each value of a second setting
//! loop       useful calls on the way up and on the way down: the hysteresis loop
//! ```

use super::canvas::{self, PX, Point, WIDTH};
use super::draft::Chart;
use super::theme::{self, Colour};
use super::xy::{BOTTOM, LEFT, Reach, TOP, Xy, legend, quantity_text};
use crate::content::{fails, line_name, near};
use crate::format;
use crate::table::{Cell, Table};
use sim_core::experiment::design::{Quantity, QuantityUnit};
use sim_core::report::limits::{
    EdgeReport, LimitsReport, LineReport, MapAxis, PointReport, RampLevel, RampReport, RangeReport,
    Response,
};

const RIGHT: i32 = 190 * PX;
const HEIGHT: i32 = 300 * PX;

/// All charts that have something to show.
pub(super) fn charts(report: &LimitsReport) -> Vec<Chart> {
    let map = report.question.map.as_ref();
    let all = [
        if map.is_none() { curve(report) } else { None },
        map.and_then(|map| edge_map(report, map)),
        report
            .ramp
            .as_ref()
            .and_then(|ramp| hysteresis(report, ramp)),
    ];
    all.into_iter().flatten().collect()
}

/// A value as a number; none for a word.
fn number(text: &str) -> Option<f64> {
    Quantity::parse(text).map(Quantity::as_f64)
}

/// The reach of these values, with marks in their unit.
fn reach<'v>(name: &str, values: impl Iterator<Item = &'v String> + Clone) -> Option<Reach> {
    let unit = values
        .clone()
        .find_map(|value| Quantity::parse(value))
        .map_or(QuantityUnit::Bare, |one| one.unit);
    let numbers = values.filter_map(|value| number(value));
    let numbers: Vec<f64> = numbers.collect();
    Reach::of(name, numbers.iter().copied(), |value| {
        quantity_text(value, unit)
    })
}

fn plot(x: Reach, y: Reach) -> (Xy, Point) {
    let size = (WIDTH - LEFT - RIGHT, HEIGHT);
    let plot = Xy {
        x,
        y,
        corner: (LEFT, TOP),
        size,
    };
    (plot, (WIDTH, TOP + HEIGHT + BOTTOM))
}

fn curve(report: &LimitsReport) -> Option<Chart> {
    let x = reach(&report.question.path, report.question.values.iter())?;
    let title = format!("Probability that it {}", fails(&report.question));
    let (plot, sheet) = plot(x, Reach::shares(&title));
    let svg = canvas::picture(sheet, &title, |canvas| {
        canvas.fill((0, 0), sheet, theme::PAPER);
        for edge in report.lines.iter().flat_map(|line| &line.edges) {
            if let (Some(from), Some(to)) = (number(&edge.from), number(&edge.to)) {
                plot.upright(canvas, from, to, theme::FAULT.covering(45));
            }
        }
        plot.grid(canvas);
        let level = report.question.level.get();
        let (first, last) = (plot.corner.0, plot.corner.0 + plot.size.0);
        let height = plot.at(0.0, level).1;
        canvas.line(vec![(first, height), (last, height)], theme::OFFERED, PX);
        let mut names = Vec::new();
        for (index, line) in report.lines.iter().enumerate() {
            let colour = theme::series(index);
            draw_curve(canvas, &plot, line, colour);
            names.push((colour, line_name(report, line)));
        }
        names.retain(|(_, name)| !name.is_empty());
        names.push((theme::OFFERED, format!("level {}", format::share(level))));
        names.push((theme::FAULT.covering(45), "the edge".to_owned()));
        legend(canvas, (last + 16 * PX, TOP), &names);
    });
    Some(Chart {
        file: "edge.svg",
        title: "Where it tips".into(),
        about: "The share of runs that fail at each value that was played, with its interval. More \
                runs were played where it was hard to tell; a hollow mark was not decided.",
        svg,
        table: curve_table(report),
    })
}

fn draw_curve(canvas: &canvas::Canvas<'_>, plot: &Xy, line: &LineReport, colour: Colour) {
    let shares = line.points.iter().filter_map(|point| {
        let at = (number(&point.value)?, point.failed.share?.get());
        Some((at, point))
    });
    let shares: Vec<((f64, f64), &PointReport)> = shares.collect();
    for &((x, _), point) in &shares {
        if let (Some(low), Some(high)) = (point.failed.low, point.failed.high) {
            plot.interval(canvas, x, (low.get(), high.get()), colour.covering(60));
        }
    }
    let places: Vec<(f64, f64)> = shares.iter().map(|&(at, _)| at).collect();
    plot.line(canvas, &places, colour);
    for ((x, y), point) in shares {
        plot.mark(canvas, x, y, (4, colour));
        if point.side.is_none() {
            plot.mark(canvas, x, y, (2, theme::PAPER));
        }
    }
}

fn curve_table(report: &LimitsReport) -> Table {
    let value = format!("#{}", report.question.name);
    let mut table = Table::new(&["line", &value, "#share", "#low", "#high"]);
    for line in &report.lines {
        for point in &line.points {
            let share = |value| {
                format::optional(value, |value: sim_core::report::Finite| {
                    format::share(value.get())
                })
            };
            table.push(vec![
                Cell::from(line_name(report, line)),
                (&point.value).into(),
                share(point.failed.share).into(),
                share(point.failed.low).into(),
                share(point.failed.high).into(),
            ]);
        }
    }
    table.without_empty_columns()
}

/// What is known of a stretch of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// Runs surely fail there, or surely hold.
    Fails(bool),
    /// Somewhere in it they begin to, or cease to.
    Edge,
    /// Nothing: the end of the line was not decided.
    Open,
}

/// The part of a line, as two values, and what is known of it.
type Stretch = (f64, f64, Known);

/// The stretches of a line between its ends and its edges.
fn stretches(line: &LineReport, values: &[String]) -> Vec<Stretch> {
    let (Some(first), Some(last)) = (values.first(), values.last()) else {
        return Vec::new();
    };
    let (Some(first), Some(last)) = (number(first), number(last)) else {
        return Vec::new();
    };
    let begins = match (line.edges.first(), line.response) {
        (Some(edge), _) => Known::Fails(!edge.fails_behind),
        (None, Response::Never) => Known::Fails(false),
        (None, Response::Always) => Known::Fails(true),
        (None, Response::Rises | Response::Falls | Response::Turns | Response::Unclear) => {
            Known::Open
        }
    };
    let (sure_from, sure_to) = decided(line).unwrap_or((last, last));
    let mut all = vec![(first, sure_from, Known::Open)];
    let (mut from, mut known) = (sure_from, begins);
    for edge in &line.edges {
        let (Some(start), Some(end)) = (number(&edge.from), number(&edge.to)) else {
            continue;
        };
        all.extend([(from, start, known), (start, end, Known::Edge)]);
        (from, known) = (end, Known::Fails(edge.fails_behind));
    }
    all.extend([
        (from, sure_to, known),
        (sure_to.max(sure_from), last, Known::Open),
    ]);
    all.retain(|(from, to, _)| from < to);
    all
}

/// The first and the last value of which it was decided whether it fails there.
fn decided(line: &LineReport) -> Option<(f64, f64)> {
    let mut sure = line.points.iter().filter(|point| point.side.is_some());
    let first = sure.next()?;
    let last = sure.next_back().unwrap_or(first);
    number(&first.value).zip(number(&last.value))
}

fn edge_map(report: &LimitsReport, map: &MapAxis) -> Option<Chart> {
    let question = &report.question;
    let is_ordered = map.values.iter().all(|value| number(value).is_some());
    let x = Reach::words(&map.path, &map.values);
    let y = reach(&question.path, question.values.iter())?;
    let title = format!("Where it {}", fails(question));
    let (plot, sheet) = plot(x, y);
    let svg = canvas::picture(sheet, &title, |canvas| {
        canvas.fill((0, 0), sheet, theme::PAPER);
        let mut middles = Vec::new();
        for (place, line) in report.lines.iter().enumerate() {
            let x = place as f64;
            for (low, high, known) in stretches(line, &question.values) {
                let colour = match known {
                    Known::Fails(true) => theme::METASTABLE,
                    Known::Fails(false) => theme::STABLE,
                    Known::Edge => theme::VULNERABLE,
                    Known::Open => theme::NO_CELL,
                };
                let (a, b) = (plot.at(x - 0.47, high), plot.at(x + 0.47, low));
                canvas.fill(a, b, colour);
            }
            if let [edge] = line.edges.as_slice() {
                middles.extend(number(&edge.about).map(|about| (x, about)));
            }
        }
        plot.grid(canvas);
        if is_ordered {
            plot.line(canvas, &middles, theme::ISO);
        }
        for (x, y) in middles {
            plot.mark(canvas, x, y, (4, theme::ISO));
        }
        let keys = [
            (theme::STABLE, "holds"),
            (theme::VULNERABLE, "the edge"),
            (theme::METASTABLE, "fails"),
            (theme::NO_CELL, "not decided"),
        ];
        let keys = keys.map(|(colour, text)| (colour, text.to_owned()));
        legend(canvas, (LEFT + plot.size.0 + 16 * PX, TOP), &keys);
    });
    Some(Chart {
        file: "edge-map.svg",
        title: "Where the edge lies".into(),
        about: "For each value of the one setting, where the other one tips. Yellow is what is left \
                of the doubt about the edge; grey is an end of which too few runs tell nothing.",
        svg,
        table: map_table(report),
    })
}

fn map_table(report: &LimitsReport) -> Table {
    let mut table = Table::new(&["line", "#before", "#behind", "edge"]);
    for line in &report.lines {
        let said = |edge: &EdgeReport| {
            vec![
                Cell::from(line_name(report, line)),
                (&edge.from).into(),
                (&edge.to).into(),
                near(edge).into(),
            ]
        };
        line.edges.iter().for_each(|edge| table.push(said(edge)));
    }
    table.without_empty_columns()
}

/// What a level gave on one of the ways.
type Way = fn(&RampLevel) -> Option<RangeReport>;

fn hysteresis(report: &LimitsReport, ramp: &RampReport) -> Option<Chart> {
    let x = reach(
        &report.question.path,
        ramp.levels.iter().map(|level| &level.value),
    )?;
    let title = "Useful calls on the way up and on the way down";
    let (plot, sheet) = plot(x, Reach::shares(title));
    let ways: [(Colour, &str, Way); 2] = [
        (theme::series(0), "up", |level| level.up),
        (theme::series(1), "down", |level| level.down),
    ];
    let svg = canvas::picture(sheet, title, |canvas| {
        canvas.fill((0, 0), sheet, theme::PAPER);
        plot.grid(canvas);
        for (colour, _, way) in ways {
            let mut points = Vec::new();
            for level in &ramp.levels {
                let (Some(x), Some(range)) = (number(&level.value), way(level)) else {
                    continue;
                };
                points.push((x, range.median.get()));
                plot.interval(
                    canvas,
                    x,
                    (range.min.get(), range.max.get()),
                    colour.covering(60),
                );
            }
            plot.line(canvas, &points, colour);
            for (x, y) in points {
                plot.mark(canvas, x, y, (4, colour));
            }
        }
        let names = ways.map(|(colour, name, _)| (colour, format!("on the way {name}")));
        legend(canvas, (LEFT + plot.size.0 + 16 * PX, TOP), &names);
    });
    Some(Chart {
        file: "loop.svg",
        title: "The hysteresis loop".into(),
        about: "Medians over runs, and their whole range. Where the way down lies below the way up, a \
                system that fell stays down at a load that it bore before.",
        svg,
        table: loop_table(report, ramp),
    })
}

fn loop_table(report: &LimitsReport, ramp: &RampReport) -> Table {
    let mut table = Table::new(&[&report.question.name, "#up", "#down"]);
    for level in &ramp.levels {
        let median = |range| {
            format::optional(range, |range: RangeReport| {
                format::share(range.median.get())
            })
        };
        table.push(vec![
            Cell::from(&level.value),
            median(level.up).into(),
            median(level.down).into(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim_core::report::ShareReport;
    use sim_core::report::limits::SideName;

    fn line(points: &[(&str, Option<SideName>)], response: Response) -> LineReport {
        let point = |&(value, side): &(&str, Option<SideName>)| PointReport {
            value: value.to_owned(),
            failed: ShareReport::of(1, 3),
            unknown: 0,
            side,
        };
        LineReport {
            with: String::new(),
            faults: true,
            response,
            edges: Vec::new(),
            points: points.iter().map(point).collect(),
        }
    }

    #[test]
    fn an_end_that_was_not_decided_is_not_coloured_as_if_it_were() {
        let values = ["1", "5", "9"].map(str::to_owned);
        let (below, open) = (Some(SideName::Below), None);
        let holds = Known::Fails(false);
        for (sides, told) in [
            ([below, below, below], vec![(1.0, 9.0, holds)]),
            (
                [below, below, open],
                vec![(1.0, 5.0, holds), (5.0, 9.0, Known::Open)],
            ),
            (
                [open, below, below],
                vec![(1.0, 5.0, Known::Open), (5.0, 9.0, holds)],
            ),
            ([open, open, open], vec![(1.0, 9.0, Known::Open)]),
        ] {
            let points: Vec<_> = values.iter().map(String::as_str).zip(sides).collect();
            let line = line(&points, Response::Never);
            assert_eq!(stretches(&line, &values), told);
        }
    }

    /// How many marks of this line are hollow.
    fn hollow(points: &[(&str, Option<SideName>)]) -> usize {
        let (plot, sheet) = plot(Reach::shares("x"), Reach::shares("y"));
        let line = line(points, Response::Rises);
        let colour = theme::series(0);
        let svg = canvas::picture(sheet, "", |canvas| draw_curve(canvas, &plot, &line, colour));
        svg.matches("fill=\"#FFFFFF\"").count()
    }

    #[test]
    fn a_point_that_was_not_decided_is_hollow() {
        let (below, above) = (Some(SideName::Below), Some(SideName::Above));
        assert_eq!(hollow(&[("0.1", below), ("0.5", None), ("0.9", above)]), 1);
        assert_eq!(hollow(&[("0.1", below), ("0.9", above)]), 0);
    }
}

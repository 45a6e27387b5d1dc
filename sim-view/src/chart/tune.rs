//! What was tried: the measure over each setting, a mark for each candidate.

use super::canvas::{self, PX, WIDTH, times};
use super::draft::{Chart, PANELS_MAX};
use super::theme;
use super::xy::{BOTTOM, LEFT, Reach, TOP, Xy, across, legend};
use crate::table::Table;
use crate::{content, format};
use sim_core::report::tune::{TriedReport, TuneReport, TunedAxis};
use sim_core::report::{Finite, Verdict};

const RIGHT: i32 = 170 * PX;
const HEIGHT: i32 = 200 * PX;

/// The chart; none if nothing could be measured.
pub(super) fn chart(report: &TuneReport) -> Option<Chart> {
    let tried = || {
        report
            .candidates
            .iter()
            .filter_map(|one| one.mean.map(|mean| (one, mean.get())))
    };
    let unit = report.goal.unit;
    let text =
        |value: f64| format::optional(Finite::new(value), |value| format::value(value, unit));
    let means: Vec<f64> = tried().map(|(_, mean)| mean).collect();
    let y = Reach::of(&report.goal.name, means.iter().copied(), text)?;
    let axes: Vec<&TunedAxis> = report.axes.iter().take(PANELS_MAX).collect();
    let each = TOP + HEIGHT + BOTTOM;
    let sheet = (WIDTH, times(axes.len(), each));
    let svg = canvas::picture(sheet, "What was tried", |canvas| {
        canvas.fill((0, 0), sheet, theme::PAPER);
        for (place, axis) in axes.iter().enumerate() {
            let values = values_of(report, place);
            let (x, spot) = across(&axis.name, &values);
            let plot = Xy {
                x,
                y: y.clone(),
                corner: (LEFT, TOP + times(place, each)),
                size: (WIDTH - LEFT - RIGHT, HEIGHT),
            };
            if let Some((low, high)) = &axis.as_good
                && let (Some(low), Some(high)) = (spot(low), spot(high))
            {
                plot.upright(canvas, low, high, theme::FAULT.covering(30));
            }
            plot.grid(canvas);
            for (one, mean) in tried() {
                if let Some(x) = spot(&one.values[place]) {
                    plot.mark(canvas, x, mean, look(one));
                }
            }
            let best = report.best.as_ref().and_then(|best| {
                let value = best.values.iter().find(|one| one.path == axis.path)?;
                Some((spot(&value.value)?, best.mean?.get()))
            });
            if let Some((x, y)) = best {
                plot.mark(canvas, x, y, (8, theme::INK));
            }
        }
        let keys = [
            (theme::INK, "the best, confirmed"),
            (theme::USEFUL, "holds"),
            (theme::OPEN, "misses expectations"),
            (theme::FAULT.covering(30), "as good"),
        ];
        let keys = keys.map(|(colour, text)| (colour, text.to_owned()));
        legend(canvas, (WIDTH - RIGHT + 16 * PX, TOP), &keys);
    });
    Some(Chart {
        file: "tried.svg",
        title: "What was tried".into(),
        about: "Each mark is a setting that was tried; small ones were given up early. Yellow is \
                where a setting can be moved without a difference that shows.",
        svg,
        table: table(report),
    })
}

/// The values that were tried on an axis.
fn values_of(report: &TuneReport, place: usize) -> Vec<String> {
    let values = report.candidates.iter();
    let mut values: Vec<String> = values
        .filter_map(|one| one.values.get(place).cloned())
        .collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// Those with more runs are larger.
const fn look(one: &TriedReport) -> (i32, theme::Colour) {
    let reach = match one.runs {
        0..=1 => 2,
        2..=3 => 3,
        _ => 5,
    };
    let colour = match one.verdict {
        Verdict::Pass | Verdict::Inconclusive => theme::USEFUL,
        Verdict::Fail => theme::OPEN,
    };
    (reach, colour)
}

fn table(report: &TuneReport) -> Table {
    let mut table = content::table_of_tried(report);
    for one in &report.candidates {
        table.push(content::row_of_tried(report, one));
    }
    table
}

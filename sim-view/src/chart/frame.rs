//! A chart: panels above each other on one axis of time, with the faults shaded through all of them.
//!
//! Every chart of a report has the same width, margins and marks of time, so that things which
//! happen together stand below each other, whichever chart shows them. The strip on top names the
//! faults.

use super::axis::{Along, TimeAxis};
use super::canvas::{self, Anchor, Canvas, PX, Point, WIDTH, times};
use super::panel::{Body, Columns, Panel, TITLE, lettering};
use super::theme;
use crate::resample;
use sim_core::report::{FaultReport, Report};

const LEFT: i32 = 62 * PX;
/// Room for the names beside the plots.
const RIGHT: i32 = 236 * PX;
const TOP: i32 = 6 * PX;
/// Between two panels.
const GAP: i32 = 12 * PX;
/// Marks of time.
const BOTTOM: i32 = 30 * PX;
/// Height of a row of the strip.
const LANE: i32 = 17 * PX;
/// Rows of the strip, at most.
const LANES_MAX: usize = 4;
/// Characters of a fault's name, at most.
const FAULT_CHARS: usize = 48;
/// About what a letter takes; only keeps names in the strip apart.
const LETTER: i32 = 7 * PX;

/// What acts from one position to another.
struct Shade {
    from: i32,
    until: i32,
}

/// A name in the strip: what it names and where.
struct Label {
    lane: usize,
    text: String,
    at: i32,
    anchor: Anchor,
    shades: Vec<Shade>,
}

/// What the panels of a chart share.
pub(super) struct Sheet {
    /// End of the axis of time \[ns\].
    pub(super) end_ns: u64,
    /// Until when totals do not count \[ns\].
    pub(super) warmup_ns: u64,
    /// Faults by name, and when each acts \[ns\].
    pub(super) faults: Vec<(String, Vec<(u64, u64)>)>,
    /// Where the buckets begin, and where the last one ends \[ns\].
    pub(super) edges_ns: Vec<u64>,
    /// What the axis of time shows.
    pub(super) time: &'static str,
    /// What lies along the bottom, if not time.
    pub(super) along: Along,
}

impl Sheet {
    /// That of a report.
    pub(super) fn of(report: &Report) -> Self {
        Self {
            end_ns: report.series.end_ns,
            warmup_ns: report.scenario.warmup_ns,
            faults: faults(&report.faults),
            edges_ns: edges_ns(report),
            time: Along::Time.name(),
            along: Along::Time,
        }
    }
}

/// Faults by name, and when each acts \[ns\].
pub(super) fn faults(reported: &[FaultReport]) -> Vec<(String, Vec<(u64, u64)>)> {
    let faults = reported.iter().map(|fault| {
        let spans = fault.spans.iter().map(|span| (span.from_ns, span.until_ns));
        (fault.name.clone(), spans.collect())
    });
    faults.collect()
}

/// Draws the panels of a chart.
pub(super) fn draw(sheet: &Sheet, title: &str, panels: &[Panel]) -> String {
    let axis = TimeAxis {
        along: sheet.along,
        end_ns: sheet.end_ns,
        left: LEFT,
        right: WIDTH - RIGHT,
    };
    let columns = Columns {
        edges: sheet.edges_ns.iter().map(|&at| axis.x(at)).collect(),
        axis,
    };
    let labels = fault_labels(sheet, axis);
    let lanes = labels.iter().map(|label| label.lane + 1).max().unwrap_or(0);
    let strip = times(lanes, LANE);
    let panels_height: i32 = panels.iter().map(|panel| panel.full_height() + GAP).sum();
    let height = TOP + strip + panels_height + BOTTOM;
    canvas::picture((WIDTH, height), title, |canvas| {
        canvas.fill((0, 0), (WIDTH, height), theme::PAPER);
        draw_labels(canvas, &labels);
        let mut top = TOP + strip;
        for panel in panels {
            top += TITLE;
            draw_panel(canvas, sheet, &columns, panel, &labels, top);
            top += panel.plot_height() + GAP;
        }
        draw_time(canvas, axis, sheet.time, top - GAP);
    })
}

/// Where the buckets of a report begin, and where the last one ends \[ns\].
pub(super) fn edges_ns(report: &Report) -> Vec<u64> {
    let series = &report.series;
    (0..=series.points as usize)
        .map(|bucket| resample::start_of(series, bucket))
        .collect()
}

fn draw_panel(
    canvas: &Canvas<'_>,
    sheet: &Sheet,
    columns: &Columns,
    panel: &Panel,
    labels: &[Label],
    top: i32,
) {
    let (axis, bottom) = (columns.axis, top + panel.plot_height());
    if sheet.warmup_ns > 0 {
        let until = axis.x(sheet.warmup_ns);
        canvas.fill(
            (axis.left, top),
            (until, bottom),
            theme::WARM_UP.covering(16),
        );
    }
    for shade in labels.iter().flat_map(|label| &label.shades) {
        canvas.fill(
            (shade.from, top),
            (shade.until, bottom),
            theme::FAULT.covering(24),
        );
    }
    panel.draw_grid(canvas, axis, top);
    panel.draw_data(canvas, columns, top);
    if says_nothing(&panel.body) {
        let middle: Point = (
            i32::midpoint(axis.left, axis.right),
            i32::midpoint(top, bottom),
        );
        canvas.text(
            "nothing to show",
            middle,
            lettering(Anchor::Center, false, theme::FAINT_INK),
            20,
        );
    }
}

fn says_nothing(body: &Body) -> bool {
    match body {
        Body::Lines(_, lines) | Body::Stack(_, lines) => lines
            .iter()
            .all(|line| line.values.iter().all(Option::is_none)),
        Body::Bars(rows) => rows.is_empty(),
    }
}

fn draw_time(canvas: &Canvas<'_>, axis: TimeAxis, time: &str, top: i32) {
    for at in axis.marks() {
        let x = axis.x(at);
        canvas.line(vec![(x, top), (x, top + 5 * PX)], theme::AXIS, PX);
        let mark = axis.along.mark(at, axis.end_ns);
        canvas.text(
            &mark,
            (x, top + 15 * PX),
            lettering(Anchor::Center, false, theme::FAINT_INK),
            16,
        );
    }
    let at = (axis.right + 32 * PX, top + 15 * PX);
    canvas.text(
        time,
        at,
        lettering(Anchor::Left, false, theme::FAINT_INK),
        24,
    );
}

fn draw_labels(canvas: &Canvas<'_>, labels: &[Label]) {
    for label in labels {
        let middle = TOP + times(label.lane, LANE) + LANE / 2;
        for shade in &label.shades {
            let half = LANE * 2 / 5;
            canvas.fill(
                (shade.from, middle - half),
                (shade.until, middle + half),
                theme::FAULT,
            );
        }
        canvas.text(
            &label.text,
            (label.at, middle),
            lettering(label.anchor, false, theme::INK),
            FAULT_CHARS,
        );
    }
}

/// Names each fault beside its first span, in the first row where nothing is in its way. What finds
/// no room is shaded without a name, and counted in the last one.
fn fault_labels(sheet: &Sheet, axis: TimeAxis) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    let mut unnamed = 0;
    for (name, spans) in &sheet.faults {
        let shades = shades(spans.iter().copied(), axis);
        let Some(mut label) = label(name, shades, axis) else {
            continue;
        };
        let free = (0..LANES_MAX).find(|&lane| {
            labels
                .iter()
                .filter(|other| other.lane == lane)
                .all(|other| apart(other, &label))
        });
        unnamed += u32::from(free.is_none());
        label.lane = free.unwrap_or(LANES_MAX - 1);
        if free.is_none() {
            label.text = String::new();
        }
        labels.push(label);
    }
    if unnamed > 0
        && let Some(last) = labels.iter_mut().rfind(|label| !label.text.is_empty())
    {
        last.text = format!("{} (and {unnamed} more faults)", last.text);
    }
    labels
}

fn label(name: &str, shades: Vec<Shade>, axis: TimeAxis) -> Option<Label> {
    let (from, until) = (shades.first()?.from, shades.last()?.until);
    let length = length_of(name);
    let (at, anchor) = if until + length < WIDTH - 8 * PX {
        (until + 5 * PX, Anchor::Left)
    } else if from - length > axis.left {
        (from - 5 * PX, Anchor::Right)
    } else {
        (from.max(axis.left) + 5 * PX, Anchor::Left)
    };
    Some(Label {
        lane: 0,
        text: name.to_owned(),
        at,
        anchor,
        shades,
    })
}

/// About how long a name is.
fn length_of(name: &str) -> i32 {
    times(name.chars().count().min(FAULT_CHARS), LETTER)
}

/// Whether two labels and their shades leave each other room.
fn apart(one: &Label, other: &Label) -> bool {
    let ((one_from, one_until), (other_from, other_until)) = (extent(one), extent(other));
    one_until < other_from || other_until < one_from
}

fn extent(label: &Label) -> (i32, i32) {
    let length = length_of(&label.text);
    let (from, until) = match label.anchor {
        Anchor::Right => (label.at - length, label.at),
        Anchor::Left | Anchor::Center => (label.at, label.at + length),
    };
    let first = label.shades.first().map_or(from, |shade| shade.from);
    let last = label.shades.last().map_or(until, |shade| shade.until);
    (from.min(first), until.max(last))
}

/// Spans as positions, in order, those that touch joined: a fault that comes and goes ten thousand
/// times takes no more room than the sheet has.
fn shades(spans: impl Iterator<Item = (u64, u64)>, axis: TimeAxis) -> Vec<Shade> {
    let mut shades: Vec<Shade> = Vec::new();
    let mut sorted: Vec<_> = spans.collect();
    sorted.sort_unstable();
    for (from_ns, until_ns) in sorted {
        let from = axis.x(from_ns);
        let until = axis.x(until_ns).max(from + PX);
        match shades.last_mut() {
            Some(last) if from <= last.until + PX => last.until = last.until.max(until),
            Some(_) | None => shades.push(Shade { from, until }),
        }
    }
    shades
}

#[cfg(test)]
mod tests {
    use super::*;

    const AXIS: TimeAxis = TimeAxis {
        along: Along::Time,
        end_ns: 1000,
        left: 0,
        right: 1000,
    };

    #[test]
    fn spans_closer_than_a_pixel_are_one() {
        let spans = [(500, 600), (10, 20), (22, 30)];
        let shades: Vec<_> = shades(spans.into_iter(), AXIS)
            .iter()
            .map(|shade| (shade.from, shade.until))
            .collect();
        assert_eq!(shades, [(10, 30), (500, 600)]);
    }

    #[test]
    fn faults_that_overlap_get_rows_of_their_own() {
        let mut report = crate::fixture::retry_storm();
        for number in 0..9 {
            let mut fault = report.faults[0].clone();
            fault.name = format!("fault-{number}");
            report.faults.push(fault);
        }
        let axis = TimeAxis {
            along: Along::Time,
            end_ns: report.series.end_ns,
            left: LEFT,
            right: WIDTH - RIGHT,
        };
        let labels = fault_labels(&Sheet::of(&report), axis);
        assert_eq!(labels.len(), 10);
        assert_eq!(
            labels.iter().filter(|label| !label.text.is_empty()).count(),
            LANES_MAX
        );
        assert!(
            labels[3].text.ends_with("(and 6 more faults)"),
            "{}",
            labels[3].text
        );
    }
}

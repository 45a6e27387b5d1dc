//! Goodput over time, over many runs: the median and the band that holds nine runs of ten. A band that
//! widens after a fault shows runs that come back and runs that do not.

use super::axis::{Along, Scale};
use super::canvas::PX;
use super::draft::{Chart, Draft, chart};
use super::frame::{Sheet, faults};
use super::panel::{Body, Line, Panel};
use super::theme;
use super::theme::Colour;
use super::values::{POINTS_MAX, present};
use crate::content::faults_of_both;
use crate::resample;
use sim_core::report::{
    ComparisonReport, EnvelopeReport, FaultReport, ReplicationReport, SideReport,
};

/// The chart of many runs.
pub(super) fn of_replications(report: &ReplicationReport) -> Option<Chart> {
    let all = &report.envelope;
    let mut lines = band("goodput", "", theme::USEFUL, all, all.end_ns);
    lines.push(Line::new(
        "offered load, median",
        theme::OFFERED,
        rates(all, &all.offered_p50, all.end_ns),
    ));
    let sheet = sheet(all, report.scenario.warmup_ns, &report.faults);
    let draft = Draft {
        file: "envelope.svg",
        title: "Goodput and latency over runs",
        about: "At each moment half of the runs have more goodput than the median, and nine in ten lie \
                in the band. Where the band is wide, runs that differ in nothing but luck part ways. \
                Latency is the 99th percentile of the slowest client, median over runs.",
        panels: vec![
            panel("All clients: calls per second", lines),
            latency_panel(vec![slowest("p99, median", theme::USEFUL, all)]),
        ],
    };
    drawn(&sheet, all, &draft)
}

/// The chart of two designs.
pub(super) fn of_comparison(report: &ComparisonReport) -> Option<Chart> {
    let (a, b) = (&report.a, &report.b);
    let longer = if a.envelope.end_ns < b.envelope.end_ns {
        b
    } else {
        a
    };
    let end_ns = longer.envelope.end_ns;
    if a.envelope.bucket_ns != b.envelope.bucket_ns {
        return None;
    }
    let side = |name: &str, side: &SideReport, colour| {
        band(
            &format!("{name}: goodput"),
            &side.label,
            colour,
            &side.envelope,
            end_ns,
        )
    };
    let mut lines = side("A", a, theme::series(0));
    lines.extend(side("B", b, theme::series(1)));
    lines.push(offered(
        "A: offered load, median",
        theme::OFFERED,
        a,
        end_ns,
    ));
    if !report.same_traffic {
        let faint = theme::OFFERED.covering(45);
        lines.push(offered("B: offered load, median", faint, b, end_ns));
    }
    let sheet = sheet(
        &longer.envelope,
        longer.scenario.warmup_ns,
        &faults_of_both(report),
    );
    let draft = Draft {
        file: "envelope.svg",
        title: "Goodput and latency of both designs",
        about: "Median and the band that holds nine runs in ten, for each design on the same random \
                numbers. Latency is the 99th percentile of the slowest client, median over runs.",
        panels: vec![
            panel("All clients: calls per second", lines),
            latency_panel(vec![
                slowest("A: p99, median", theme::series(0), &a.envelope),
                slowest("B: p99, median", theme::series(1), &b.envelope),
            ]),
        ],
    };
    drawn(&sheet, &longer.envelope, &draft)
}

/// What the clients of a design call.
fn offered(name: &str, colour: Colour, side: &SideReport, end_ns: u64) -> Line {
    let all = &side.envelope;
    Line::new(name, colour, rates(all, &all.offered_p50, end_ns))
}

fn drawn(sheet: &Sheet, all: &EnvelopeReport, draft: &Draft) -> Option<Chart> {
    let is_silent = all.offered_p50.iter().all(|&calls| calls == 0);
    (!is_silent && all.end_ns > 0).then(|| chart(sheet, draft))
}

/// The sheet of an envelope.
fn sheet(all: &EnvelopeReport, warmup_ns: u64, reported: &[FaultReport]) -> Sheet {
    let points = all.useful_p50.len();
    let width_ns = width_ns(all);
    let buckets = points.div_ceil(resample::group(points, POINTS_MAX as usize));
    let edge = |bucket: usize| width_ns.saturating_mul(bucket as u64).min(all.end_ns);
    Sheet {
        end_ns: all.end_ns,
        warmup_ns,
        faults: faults(reported),
        edges_ns: (0..=buckets).map(edge).collect(),
        time: Along::Time.name(),
        along: Along::Time,
    }
}

/// Width of a bucket as drawn \[ns\].
fn width_ns(all: &EnvelopeReport) -> u64 {
    let group = resample::group(all.useful_p50.len(), POINTS_MAX as usize);
    all.bucket_ns.saturating_mul(group as u64)
}

/// Upper end of the band, tinted down to the lower one, then that and the median.
fn band(name: &str, note: &str, colour: Colour, all: &EnvelopeReport, end_ns: u64) -> Vec<Line> {
    let low = rates(all, &all.useful_p5, end_ns);
    let faint = colour.covering(45);
    let high = rates(all, &all.useful_p95, end_ns);
    vec![
        Line::new(&format!("{name}, 95th percentile"), faint, high).down_to(low.clone()),
        Line::new(&format!("{name}, 5th percentile"), faint, low),
        Line::new(
            &format!("{name}, median"),
            colour,
            rates(all, &all.useful_p50, end_ns),
        )
        .noted(note.to_owned()),
    ]
}

/// Rates as values of a line; what ends before `end_ns` has none after it.
fn rates(all: &EnvelopeReport, counts: &[u64], end_ns: u64) -> Vec<Option<f64>> {
    let rates = resample::envelope_rates(all, counts, POINTS_MAX as usize);
    let buckets = end_ns.div_ceil(width_ns(all).max(1)) as usize;
    let mut values: Vec<Option<f64>> = rates.into_iter().map(Some).collect();
    values.resize(values.len().max(buckets), None);
    values
}

/// Latency of useful calls of the slowest client.
fn slowest(name: &str, colour: Colour, all: &EnvelopeReport) -> Line {
    let group = resample::group(all.useful_p99_ns.len(), POINTS_MAX as usize);
    let highest = |part: &[Option<u64>]| part.iter().flatten().max().map(|&ns| ns as f64);
    Line::new(
        name,
        colour,
        all.useful_p99_ns.chunks(group).map(highest).collect(),
    )
}

fn latency_panel(lines: Vec<Line>) -> Panel {
    Panel {
        title: "Useful calls: latency".to_owned(),
        body: Body::Lines(Scale::decades(present(&lines)), lines),
        height: 130 * PX,
    }
}

fn panel(title: &str, lines: Vec<Line>) -> Panel {
    let scale = Scale::up_to(present(&lines));
    Panel {
        title: title.to_owned(),
        body: Body::Lines(scale, lines),
        height: 190 * PX,
    }
}

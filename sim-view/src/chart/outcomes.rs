//! How calls ended, stacked: the whole is what ended, the green part what was of use.

use super::axis::Scale;
use super::canvas::PX;
use super::draft::{Draft, PANELS_MAX};
use super::panel::{Body, Line, Panel};
use super::theme;
use super::values::{busiest_clients, rates};
use crate::resample;
use sim_core::report::{ClientSeries, Report};

/// The chart.
pub(super) fn draft(report: &Report) -> Draft {
    Draft {
        file: "outcomes.svg",
        title: "How calls ended",
        about: "Each band is one way for a call to end, counted when its caller learned it. Green is \
                of use. Errors are red, timeouts yellow, rejections by the called service purple, and \
                what the caller's own policy stopped is blue.",
        panels: busiest_clients(report, PANELS_MAX)
            .map(|client| panel(report, client))
            .collect(),
    }
}

fn panel(report: &Report, client: &ClientSeries) -> Panel {
    let lines: Vec<Line> = client
        .outcomes
        .iter()
        .map(|one| {
            Line::new(
                &one.outcome,
                theme::outcome(&one.outcome),
                rates(report, &one.calls),
            )
        })
        .collect();
    let mut ended = vec![0; report.series.points as usize];
    for (sum, count) in client
        .outcomes
        .iter()
        .flat_map(|one| one.calls.iter().enumerate())
    {
        ended[sum] += count;
    }
    let scale = Scale::up_to(resample::per_second(&report.series, &ended).into_iter());
    Panel {
        title: format!("{}: calls ended per second", client.name),
        body: Body::Stack(scale, lines),
        height: 150 * PX,
    }
}

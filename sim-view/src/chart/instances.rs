//! Instances over time: how many are up, start, drain and are down; and how many of them callers choose.

use super::axis::Scale;
use super::canvas::PX;
use super::draft::{Draft, PANELS_MAX};
use super::panel::{Body, Line, Panel};
use super::theme;
use sim_core::report::{InstanceSeries, Report};

/// The chart; only services whose instances come and go are in it.
pub(super) fn draft(report: &Report) -> Draft {
    let services = report.series.services.iter();
    let shown = services.filter_map(|one| Some((one.name.as_str(), one.instances.as_ref()?)));
    let panels = shown.take(PANELS_MAX).map(|(name, one)| panel(name, one));
    Draft {
        file: "instances.svg",
        title: "Instances",
        about: "How many instances of each service are in which state, on top of each other. Serving are \
                those that are up and in rotation, as far as one caller at least chooses them; the others that \
                are up are left out by all. Who drains has been told to stop; who is down has ended and will \
                start again.",
        panels: panels.collect(),
    }
}

fn panel(name: &str, one: &InstanceSeries) -> Panel {
    let left_out: Vec<u64> = one
        .up
        .iter()
        .zip(&one.serving)
        .map(|(up, serving)| up.saturating_sub(*serving))
        .collect();
    let states = [
        ("serving", theme::USEFUL, &one.serving),
        ("up, left out", theme::MARKED, &left_out),
        ("starting", theme::USEFUL_HALF, &one.starting),
        ("draining", theme::RETRIES, &one.draining),
        ("down", theme::OPEN, &one.down),
    ];
    let is_there = |values: &[u64]| values.iter().any(|&count| count > 0);
    let shown = states.into_iter().enumerate();
    let shown = shown.filter(|(place, (_, _, values))| *place == 0 || is_there(values));
    let lines: Vec<Line> = shown
        .map(|(_, (name, colour, values))| Line::new(name, colour, counts(values)))
        .collect();
    let sum = |bucket: usize| states.iter().filter_map(|it| it.2.get(bucket)).sum::<u64>() as f64;
    let sums = (0..one.serving.len()).map(sum);
    Panel {
        title: format!("{name}: instances"),
        body: Body::Stack(Scale::up_to(sums), lines),
        height: 110 * PX,
    }
}

fn counts(values: &[u64]) -> Vec<Option<f64>> {
    values.iter().map(|&count| Some(count as f64)).collect()
}

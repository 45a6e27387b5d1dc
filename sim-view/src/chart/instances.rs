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
        about: "How many instances of each service are in which state. Serving are those that are up \
                and in rotation. Who drains has been told to stop; who is down has ended and will \
                start again. Marked are those out of rotation for all callers, whatever their state: where they are \
                fewer than those that drain or are down, callers still choose some of these.",
        panels: panels.collect(),
    }
}

fn panel(name: &str, one: &InstanceSeries) -> Panel {
    let serving = Line::new("serving", theme::USEFUL, counts(&one.serving)).filled();
    let others = [
        ("up", theme::OFFERED, &one.up),
        ("starting", theme::USEFUL_HALF, &one.starting),
        ("draining", theme::RETRIES, &one.draining),
        ("down", theme::OPEN, &one.down),
        ("marked", theme::MARKED, &one.marked),
    ];
    let others = others.into_iter();
    let others = others.filter(|(_, _, values)| values.iter().any(|&count| count > 0));
    let others = others.map(|(name, colour, values)| Line::new(name, colour, counts(values)));
    let lines: Vec<Line> = std::iter::once(serving).chain(others).collect();
    let values = lines
        .iter()
        .flat_map(|line| line.values.iter().flatten().copied());
    Panel {
        title: format!("{name}: instances"),
        body: Body::Lines(
            Scale::up_to(values.collect::<Vec<f64>>().into_iter()),
            lines,
        ),
        height: 110 * PX,
    }
}

fn counts(values: &[u64]) -> Vec<Option<f64>> {
    values.iter().map(|&count| Some(count as f64)).collect()
}

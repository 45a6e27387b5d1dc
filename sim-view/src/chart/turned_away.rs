//! What services turn away over time, where more than a full queue can.

use super::axis::Scale;
use super::canvas::PX;
use super::draft::{Draft, PANELS_MAX};
use super::panel::{Body, Line, Panel};
use super::theme;
use super::values::{greatest, of_how_many, present, rates};
use sim_core::report::{Report, ServiceReport, ServiceSeries};

/// The chart; services that turned nobody away are not in it.
pub(super) fn draft(report: &Report) -> Draft {
    let services = report.services.iter();
    let guarded = services.filter(|one| !one.turned_away.is_empty());
    let guarded: Vec<(&ServiceReport, &ServiceSeries)> = guarded
        .filter_map(|one| {
            let mut series = report.series.services.iter();
            Some((one, series.find(|it| it.name == one.name)?))
        })
        .collect();
    let sizes = guarded
        .iter()
        .map(|(_, series)| series.rejected.iter().sum::<u64>() as f64);
    let chosen = greatest(sizes, PANELS_MAX);
    let rest = of_how_many(chosen.len(), guarded.len());
    let panels = chosen.into_iter().map(|index| {
        let (one, series) = guarded[index];
        panel(report, one, series, &rest)
    });
    Draft {
        file: "turned-away.svg",
        title: "Turned away",
        about: "Attempts per second that a service turns away and those it finishes. What is turned away \
                early costs nothing and keeps the rest in time; where nothing is turned away and little \
                finishes, the guards do not act.",
        panels: panels.collect(),
    }
}

fn panel(report: &Report, one: &ServiceReport, series: &ServiceSeries, rest: &str) -> Panel {
    let lines = vec![
        Line::new(
            "turned away",
            theme::ATTEMPTS,
            rates(report, &series.rejected),
        )
        .filled(),
        Line::new("finished", theme::USEFUL, rates(report, &series.finished)),
    ];
    let by: Vec<&str> = one.turned_away.iter().map(|it| it.name.as_str()).collect();
    Panel {
        title: format!("{}: by {}{rest}", one.name, by.join(", ")),
        body: Body::Lines(Scale::up_to(present(&lines)), lines),
        height: 110 * PX,
    }
}

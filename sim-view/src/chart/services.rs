//! Services: how many wait, how many threads are busy, and how much of their time is in vain.

use super::axis::Scale;
use super::canvas::PX;
use super::draft::Draft;
use super::panel::{Body, Line, Panel};
use super::theme;
use super::values::{greatest, of_how_many, present};
use sim_core::report::{Finite, Report, ServiceSeries};

/// The chart.
pub(super) fn draft(report: &Report) -> Draft {
    let chosen = busiest(report);
    let all = report.services.len();
    let rest = of_how_many(chosen.len(), all);
    let queued = chosen.iter().filter(|(_, one)| peak(&one.queue_mean) > 0.0);
    let mut panels: Vec<Panel> = queued.map(|&(index, one)| queue(index, one)).collect();
    panels.extend(shares(format!("Busy threads{rest}"), &chosen, &|one| {
        present_values(&one.utilisation)
    }));
    panels.extend(shares(
        format!("Thread time wasted{rest}"),
        &chosen,
        &|one| {
            one.wasted_share
                .iter()
                .map(|share| share.map(Finite::get))
                .collect()
        },
    ));
    Draft {
        file: "services.svg",
        title: "Queues, utilisation and wasted work",
        about: "Services in which nobody waits have no queue here. A queue that does not drain, or \
                threads that are always busy, mean that more arrives than can be done. Wasted is the \
                thread time spent on answers for which nobody waited any more.",
        panels,
    }
}

/// The services with the longest queues and busiest threads, and their numbers as shown.
fn busiest(report: &Report) -> Vec<(usize, &ServiceSeries)> {
    let services = &report.series.services;
    let sizes = services
        .iter()
        .map(|one| peak(&one.queue_mean) + peak(&one.utilisation));
    let chosen = greatest(sizes, theme::SERIES_MAX);
    chosen
        .into_iter()
        .map(|index| &services[index])
        .enumerate()
        .collect()
}

fn peak(values: &[Finite]) -> f64 {
    values.iter().map(|value| value.get()).fold(0.0, f64::max)
}

/// The queue of a service in which somebody waited.
fn queue(index: usize, one: &ServiceSeries) -> Panel {
    let line = Line::new(
        "waiting",
        theme::series(index),
        present_values(&one.queue_mean),
    )
    .filled();
    let lines = vec![line];
    Panel {
        title: format!("{}: operations waiting for a thread", one.name),
        body: Body::Lines(Scale::up_to(present(&lines)), lines),
        height: 64 * PX,
    }
}

/// A panel of shares, if any service has some.
fn shares(
    title: String,
    services: &[(usize, &ServiceSeries)],
    values: &dyn Fn(&ServiceSeries) -> Vec<Option<f64>>,
) -> Option<Panel> {
    let lines: Vec<Line> = services
        .iter()
        .map(|&(index, one)| Line::new(&one.name, theme::series(index), values(one)))
        .filter(|line| line.values.iter().any(Option::is_some))
        .collect();
    let body = (!lines.is_empty()).then(|| Body::Lines(Scale::shares(), lines));
    body.map(|body| Panel {
        title,
        body,
        height: 110 * PX,
    })
}

fn present_values(values: &[Finite]) -> Vec<Option<f64>> {
    values.iter().map(|value| Some(value.get())).collect()
}

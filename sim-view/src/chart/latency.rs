//! Latency over time, of useful and of failed calls apart: one mixture of both would look best when
//! everything fails fast.

use super::axis::Scale;
use super::canvas::PX;
use super::draft::{Draft, PANELS_MAX};
use super::panel::{Body, Line, Panel};
use super::theme;
use super::values::{busiest_clients, present};
use sim_core::report::{ClientSeries, Report};

/// The chart.
pub(super) fn draft(report: &Report) -> Draft {
    Draft {
        file: "latency.svg",
        title: "Latency over time",
        about: "From the start of a call until its caller knows the outcome; half of the calls are \
                faster than p50, one in a hundred is slower than p99. The scale is logarithmic, and the \
                same in all panels: as far up again is as many times as long. A line that ends means \
                that no such call ended then.",
        panels: panels(report),
    }
}

/// A panel for each client, all with one scale, so that they can be held against each other.
fn panels(report: &Report) -> Vec<Panel> {
    let clients: Vec<(&str, Vec<Line>)> = busiest_clients(report, PANELS_MAX)
        .map(|client| (client.name.as_str(), lines(client)))
        .collect();
    let scale = Scale::decades(clients.iter().flat_map(|(_, lines)| present(lines)));
    let panel = |(name, lines): (&str, Vec<Line>)| Panel {
        title: format!("{name}: latency"),
        body: Body::Lines(scale.clone(), lines),
        height: 150 * PX,
    };
    clients.into_iter().map(panel).collect()
}

/// What a client's calls took; how failed ones ended, only if any did.
fn lines(client: &ClientSeries) -> Vec<Line> {
    let (useful, failed) = (&client.useful_latency, &client.failed_latency);
    let useful = [
        line("useful, p99", theme::USEFUL, &useful.p99_ns),
        line("useful, p50", theme::USEFUL_HALF, &useful.p50_ns),
    ];
    let failed = [
        line("failed, p99", theme::ATTEMPTS, &failed.p99_ns),
        line("failed, p50", theme::RETRIES, &failed.p50_ns),
    ];
    let failed = failed.into_iter();
    let failed = failed.filter(|line| line.values.iter().any(Option::is_some));
    useful.into_iter().chain(failed).collect()
}

fn line(name: &str, colour: theme::Colour, spans: &[Option<u64>]) -> Line {
    let values = spans.iter().map(|span| span.map(|ns| ns as f64)).collect();
    Line::new(name, colour, values)
}

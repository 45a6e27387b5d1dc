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
                faster than p50, one in a hundred is slower than p99. Each step of the scale is ten \
                times the one below. A line that ends means that no such call ended then.",
        panels: busiest_clients(report, PANELS_MAX).map(panel).collect(),
    }
}

fn panel(client: &ClientSeries) -> Panel {
    let lines = vec![
        line("useful, p99", theme::USEFUL, &client.useful_latency.p99_ns),
        line(
            "useful, p50",
            theme::USEFUL_HALF,
            &client.useful_latency.p50_ns,
        ),
        line(
            "failed, p99",
            theme::ATTEMPTS,
            &client.failed_latency.p99_ns,
        ),
        line("failed, p50", theme::RETRIES, &client.failed_latency.p50_ns),
    ];
    Panel {
        title: format!("{}: latency", client.name),
        body: Body::Lines(Scale::decades(present(&lines)), lines),
        height: 150 * PX,
    }
}

fn line(name: &str, colour: theme::Colour, spans: &[Option<u64>]) -> Line {
    let values = spans.iter().map(|span| span.map(|ns| ns as f64)).collect();
    Line::new(name, colour, values)
}

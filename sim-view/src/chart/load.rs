//! Offered load, attempts and goodput: the picture of a storm. What people ask for stays level; what
//! they get falls; what is sent on their behalf rises.

use super::axis::Scale;
use super::canvas::PX;
use super::draft::{Draft, PANELS_MAX};
use super::panel::{Body, Line, Panel};
use super::theme;
use super::values::{greatest, present, rates, total};
use sim_core::report::{EdgeSeries, Report};
use std::collections::BTreeSet;

/// The chart.
pub(super) fn draft(report: &Report) -> Draft {
    let mut panels = Vec::new();
    if !report.series.clients.is_empty() {
        panels.push(clients(report));
    }
    panels.extend(
        retrying(report)
            .into_iter()
            .map(|edge| edge_panel(report, edge)),
    );
    Draft {
        file: "load.svg",
        title: "Offered load, attempts and goodput",
        about: "Goodput that stays below the offered load means that people go without. Attempts far \
                above the calls mean that retries multiply the load; a storm is when goodput stays low \
                after the fault is over, because attempts stay high.",
        panels,
    }
}

fn clients(report: &Report) -> Panel {
    let series = &report.series;
    let offered = total(
        series.clients.iter().map(|client| &client.offered),
        series.points,
    );
    let useful = total(
        series.clients.iter().map(|client| &client.useful),
        series.points,
    );
    let own = from_clients(report);
    let edges = series
        .edges
        .iter()
        .filter(|edge| own.contains(edge.name.as_str()));
    let sent = total(edges.map(|edge| &edge.attempts), series.points);
    let mut lines = vec![
        Line::new("goodput", theme::USEFUL, rates(report, &useful)).filled(),
        Line::new("offered load", theme::OFFERED, rates(report, &offered)),
    ];
    if sent.iter().sum::<u64>() > 0 && sent != offered {
        lines.push(Line::new(
            "attempts by clients",
            theme::ATTEMPTS,
            rates(report, &sent),
        ));
    }
    panel("All clients: calls per second".to_owned(), lines, 150)
}

fn edge_panel(report: &Report, edge: &EdgeSeries) -> Panel {
    let lines = vec![
        Line::new("attempts", theme::ATTEMPTS, rates(report, &edge.attempts)),
        Line::new("useful calls", theme::USEFUL, rates(report, &edge.useful)).filled(),
        Line::new("calls", theme::OFFERED, rates(report, &edge.calls)),
    ];
    panel(format!("{}: per second", edge.name), lines, 110)
}

fn panel(title: String, lines: Vec<Line>, height: i32) -> Panel {
    let scale = Scale::up_to(present(&lines));
    Panel {
        title,
        body: Body::Lines(scale, lines),
        height: height * PX,
    }
}

/// Names of the edges on which clients call; series are told apart by name, since not all are there.
fn from_clients(report: &Report) -> BTreeSet<&str> {
    let edges = report.edges.iter().filter(|edge| edge.from_client);
    edges.map(|edge| edge.name.as_str()).collect()
}

/// The edges that retried most; not the only edge of all clients, which the first panel shows.
fn retrying(report: &Report) -> Vec<&EdgeSeries> {
    let own = from_clients(report);
    let shown = |edge: &EdgeSeries| own.len() != 1 || !own.contains(edge.name.as_str());
    let count = |edge: &EdgeSeries| edge.retries.iter().sum::<u64>();
    let edges = &report.series.edges;
    let chosen = greatest(edges.iter().map(|edge| count(edge) as f64), PANELS_MAX - 1);
    let chosen = chosen
        .into_iter()
        .filter(|&index| shown(&edges[index]) && count(&edges[index]) > 0);
    chosen.map(|index| &edges[index]).collect()
}

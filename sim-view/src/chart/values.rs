//! Values of lines: rates, sums, and which of many are shown.

use super::panel::Line;
use super::theme::Colour;
use crate::{format, resample};
use sim_core::report::{ClientSeries, Report};

/// Points of a line, at most.
pub(super) const POINTS_MAX: u32 = 400;

/// Rates as values of a line.
pub(super) fn rates(report: &Report, counts: &[u64]) -> Vec<Option<f64>> {
    resample::per_second(&report.series, counts)
        .into_iter()
        .map(Some)
        .collect()
}

/// Counts as values of a line: the last of as many neighbours as were joined to have so many points.
pub(super) fn counts_at(values: &[u64], points: usize) -> Vec<Option<f64>> {
    last_at(values, points)
        .map(|count| Some(count as f64))
        .collect()
}

/// The last of as many neighbours as were joined to have so many points.
pub(super) fn last_at<T: Copy>(values: &[T], points: usize) -> impl Iterator<Item = T> {
    let group = resample::group(values.len(), points);
    values.chunks(group).filter_map(|part| part.last().copied())
}

/// The values that lines have.
pub(super) fn present(lines: &[Line]) -> impl Iterator<Item = f64> {
    lines
        .iter()
        .flat_map(|line| line.values.iter().flatten().copied())
}

/// The indices of the greatest, at most so many, in their own order.
pub(super) fn greatest(sizes: impl Iterator<Item = f64>, at_most: usize) -> Vec<usize> {
    let mut ranked: Vec<(usize, f64)> = sizes.enumerate().collect();
    ranked.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    let mut chosen: Vec<usize> = ranked
        .into_iter()
        .take(at_most)
        .map(|(index, _)| index)
        .collect();
    chosen.sort_unstable();
    chosen
}

/// The clients with most calls, at most so many, in their own order.
pub(super) fn busiest_clients(
    report: &Report,
    at_most: usize,
) -> impl Iterator<Item = &ClientSeries> {
    let clients = &report.series.clients;
    let sizes = clients
        .iter()
        .map(|client| client.offered.iter().sum::<u64>() as f64);
    let chosen = greatest(sizes, at_most);
    chosen.into_iter().map(|index| &clients[index])
}

/// ` (the n busiest of m)`, when not all are shown.
pub(super) fn of_how_many(shown: usize, all: usize) -> String {
    if shown == all {
        String::new()
    } else {
        format!(", {shown} of {all}")
    }
}

/// A line for an edge: caller and operation below each other.
pub(super) fn edge_line(name: &str, colour: Colour, values: Vec<Option<f64>>) -> Line {
    let (caller, target) = format::edge_ends(name);
    Line::new(caller, colour, values)
        .noted(target.map_or_else(String::new, |to| format!("-> {to}")))
}

/// The sum of lists of equal length.
pub(super) fn total<'a>(lists: impl Iterator<Item = &'a Vec<u64>>, points: u32) -> Vec<u64> {
    let mut sum = vec![0; points as usize];
    for list in lists {
        sum.iter_mut()
            .zip(list)
            .for_each(|(sum, count)| *sum += count);
    }
    sum
}

//! States of breakers over time. Each caller process has its own breaker, and they seldom agree: a
//! row for each shows it. Where there are too many for rows, the share of them in each state does.

use super::axis::Scale;
use super::canvas::PX;
use super::draft::{Draft, PANELS_MAX};
use super::panel::{Bar, BarRow, Body, Line, Panel};
use super::{frame, theme};
use sim_core::report::{BreakerOwnerReport, BreakerReport, BreakerSpan, BreakerStateName, Report};

/// Rows of one chart, at most.
const ROWS_MAX: usize = 20;

/// The chart; only breakers that ever changed their state are in it.
pub(super) fn draft(report: &Report) -> Draft {
    let changed: Vec<&BreakerReport> = report
        .breakers
        .iter()
        .filter(|breaker| !breaker.owners.is_empty())
        .collect();
    let mut rows_left = ROWS_MAX;
    let mut panels = Vec::new();
    for breaker in changed.into_iter().take(PANELS_MAX) {
        let rows = breaker.owners.len();
        if rows <= rows_left {
            rows_left -= rows;
            panels.push(rows_panel(breaker));
        } else {
            panels.push(shares_panel(report, breaker));
        }
    }
    Draft {
        file: "breakers.svg",
        title: "States of breakers",
        about: "Each row is the breaker of one caller process: thin grey while closed, full red while \
                open (calls are rejected at once), half-high yellow while half-open (probes decide). \
                Where there are too many, the height is the share of breakers in that state. Bars \
                that alternate quickly are a flapping breaker.",
        panels,
    }
}

fn title(breaker: &BreakerReport) -> String {
    format!(
        "{}.{}, {} -> {}",
        breaker.policy, breaker.layer, breaker.caller, breaker.target
    )
}

fn rows_panel(breaker: &BreakerReport) -> Panel {
    let row = |owner: &BreakerOwnerReport| BarRow {
        name: owner_name(owner),
        bars: owner.spans.iter().map(bar).collect(),
    };
    Panel {
        title: title(breaker),
        body: Body::Bars(breaker.owners.iter().map(row).collect()),
        height: 0,
    }
}

fn owner_name(owner: &BreakerOwnerReport) -> String {
    match &owner.guards {
        Some(instance) => format!("{} for {instance}", owner.owner),
        None => owner.owner.clone(),
    }
}

pub(super) fn bar(span: &BreakerSpan) -> Bar {
    let (state, colour, height) = match span.state {
        BreakerStateName::Closed => ("closed", theme::CLOSED, 16),
        BreakerStateName::Open => ("open", theme::OPEN, 84),
        BreakerStateName::HalfOpen => ("half-open", theme::HALF_OPEN, 50),
    };
    Bar {
        from_ns: span.from_ns,
        until_ns: span.until_ns,
        state,
        colour,
        height,
    }
}

fn shares_panel(report: &Report, breaker: &BreakerReport) -> Panel {
    let edges = frame::edges_ns(report);
    let share = |state| shares(breaker, state, &edges);
    let lines = shares_lines(
        share(BreakerStateName::Open),
        share(BreakerStateName::HalfOpen),
    );
    Panel {
        title: format!(
            "{}: share of {} breakers",
            title(breaker),
            breaker.owners.len()
        ),
        body: Body::Stack(Scale::shares(), lines),
        height: 90 * PX,
    }
}

/// Shares of breakers that are open and half-open.
pub(super) fn shares_lines(open: Vec<Option<f64>>, half_open: Vec<Option<f64>>) -> Vec<Line> {
    vec![
        Line::new("open", theme::OPEN, open),
        Line::new("half-open", theme::HALF_OPEN, half_open),
    ]
}

/// For each bucket, the share of breaker time spent in this state.
fn shares(breaker: &BreakerReport, state: BreakerStateName, edges_ns: &[u64]) -> Vec<Option<f64>> {
    let mut held_ns = vec![0_u64; edges_ns.len() - 1];
    let spans = breaker.owners.iter().flat_map(|owner| &owner.spans);
    for span in spans.filter(|span| span.state == state) {
        let first = edges_ns
            .partition_point(|&edge| edge <= span.from_ns)
            .saturating_sub(1);
        for bucket in first..held_ns.len() {
            let from = span.from_ns.max(edges_ns[bucket]);
            let until = span.until_ns.min(edges_ns[bucket + 1]);
            if edges_ns[bucket] >= span.until_ns {
                break;
            }
            held_ns[bucket] += until.saturating_sub(from);
        }
    }
    let owners = breaker.owners.len() as f64;
    let part = |(held, sides): (&u64, &[u64])| {
        Some(*held as f64 / (owners * (sides[1] - sides[0]).max(1) as f64))
    };
    held_ns.iter().zip(edges_ns.windows(2)).map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn states_fill_the_whole_time() {
        let report = fixture::day();
        let edges = frame::edges_ns(&report);
        let states = [
            BreakerStateName::Closed,
            BreakerStateName::Open,
            BreakerStateName::HalfOpen,
        ];
        let shares = states.map(|state| shares(&report.breakers[0], state, &edges));
        for bucket in 0..edges.len() - 1 {
            let sum: f64 = shares.iter().map(|list| list[bucket].unwrap()).sum();
            assert!((sum - 1.0).abs() < 1e-9, "bucket {bucket}: {sum}");
        }
    }
}

//! A backtest over time: what becomes of the calls, the states of breakers, how full bulkheads are.

use super::axis::{Along, Scale};
use super::breakers::{bar, shares_lines};
use super::canvas::PX;
use super::frame::{self, Sheet};
use super::panel::{BarRow, Body, Line, Panel};
use super::theme;
use crate::content;
use sim_core::report::{
    BacktestReport, BreakerSpan, BreakerStateName, ImpactsReport, LevelSeries, TransitionReport,
};

/// Rows of breakers, at most; of more, the shares are shown.
const ROWS_MAX: usize = 20;

/// The picture; none without calls.
pub(crate) fn picture(report: &BacktestReport) -> Option<String> {
    if report.series.calls.is_empty() {
        return None;
    }
    let end_ns = (report.until_ns - report.from_ns).max(1);
    let width_ns = report.series.width_ns;
    let levels = report
        .series
        .levels
        .iter()
        .map(|level| level.first_mean.len());
    let points = levels.chain([report.series.calls.len()]).max().unwrap_or(0) as u64;
    let edges = (0..=points).map(|bucket| (bucket * width_ns).min(end_ns));
    let sheet = Sheet {
        end_ns,
        warmup_ns: 0,
        faults: Vec::new(),
        edges_ns: edges.collect(),
        time: "since the first call",
        along: Along::Time,
    };
    let mut panels = vec![calls(report, &sheet)];
    for level in &report.series.levels {
        panels.push(if level.kind == "bulkhead" {
            bulkhead(level)
        } else {
            breaker(report, level)
        });
    }
    let title = format!("{}: a backtest", report.policy);
    Some(frame::draw(&sheet, &title, &panels))
}

fn calls(report: &BacktestReport, sheet: &Sheet) -> Panel {
    let rate = |count: fn(&ImpactsReport) -> u64| -> Vec<Option<f64>> {
        let buckets = report.series.calls.iter().zip(sheet.edges_ns.windows(2));
        buckets
            .map(|(it, sides)| {
                let seconds = (sides[1] - sides[0]).max(1) as f64 / 1e9;
                Some(count(it) as f64 / seconds)
            })
            .collect()
    };
    let lines = vec![
        Line::new("useful, as recorded", theme::USEFUL, rate(|it| it.kept)),
        Line::new("useful now", theme::USEFUL_HALF, rate(|it| it.rescued)),
        Line::new("good calls lost", theme::OPEN, rate(|it| it.lost)),
        Line::new("bad calls avoided", theme::HALF_OPEN, rate(|it| it.avoided)),
        Line::new("bad still", theme::CLOSED, rate(|it| it.unhelped)),
    ];
    let sums = (0..report.series.calls.len()).map(|bucket| {
        let values = lines.iter().filter_map(|line| line.values[bucket]);
        values.sum::<f64>()
    });
    let scale = Scale::up_to(sums);
    Panel {
        title: "calls per second, by how they end".to_owned(),
        body: Body::Stack(scale, lines),
        height: 150 * PX,
    }
}

fn bulkhead(level: &LevelSeries) -> Panel {
    let values = |means: &[sim_core::report::Finite]| -> Vec<Option<f64>> {
        means.iter().map(|mean| Some(mean.get())).collect()
    };
    let lines = vec![
        Line::new("inside", theme::series(0), values(&level.first_mean)).filled(),
        Line::new("waiting", theme::series(1), values(&level.second_mean)),
    ];
    Panel {
        title: format!("{}: passes inside and waiting", level.layer),
        body: Body::Lines(Scale::up_to(super::values::present(&lines)), lines),
        height: 90 * PX,
    }
}

fn breaker(report: &BacktestReport, level: &LevelSeries) -> Panel {
    let rows = rows(report, level);
    let listed = report.transitions.len() as u64 == report.transitions_total;
    if listed && rows.len() <= ROWS_MAX && report.breakers_total <= report.breakers.len() as u64 {
        return Panel {
            title: format!("{}: states", level.layer),
            body: Body::Bars(rows),
            height: 0,
        };
    }
    let all = report
        .breakers
        .iter()
        .filter(|it| it.layer == level.layer)
        .count()
        .max(1) as f64;
    let shares = |means: &[sim_core::report::Finite]| -> Vec<Option<f64>> {
        means
            .iter()
            .map(|mean| Some((mean.get() / all).min(1.0)))
            .collect()
    };
    Panel {
        title: format!("{}: share of {all} breakers", level.layer),
        body: Body::Stack(
            Scale::shares(),
            shares_lines(shares(&level.first_mean), shares(&level.second_mean)),
        ),
        height: 90 * PX,
    }
}

/// A row for each breaker of a layer.
fn rows(report: &BacktestReport, level: &LevelSeries) -> Vec<BarRow> {
    let mut breakers: Vec<_> = report
        .breakers
        .iter()
        .filter(|it| it.layer == level.layer)
        .map(|it| (it.caller.as_ref(), it.target.as_ref()))
        .collect();
    breakers.sort();
    let row = |(caller, target)| {
        let is_its = |it: &&TransitionReport| {
            it.layer == level.layer && (it.caller.as_ref(), it.target.as_ref()) == (caller, target)
        };
        let changes = report.transitions.iter().filter(is_its);
        BarRow {
            name: content::backtest_owner(caller, target),
            bars: spans(report, changes).iter().map(bar).collect(),
        }
    };
    breakers.into_iter().map(row).collect()
}

/// States without a gap, from the first call on.
fn spans<'a>(
    report: &BacktestReport,
    changes: impl Iterator<Item = &'a TransitionReport>,
) -> Vec<BreakerSpan> {
    let mut spans = Vec::new();
    let (mut state, mut from_ns) = (BreakerStateName::Closed, 0);
    let end = (report.until_ns - report.from_ns, BreakerStateName::Closed);
    let changes = changes.map(|it| (it.at_ns - report.from_ns, it.to));
    for (until_ns, next) in changes.chain([end]) {
        if until_ns > from_ns {
            spans.push(BreakerSpan {
                state,
                from_ns,
                until_ns,
                why: None,
                failures: None,
                results: None,
                wait_ns: None,
            });
        }
        (state, from_ns) = (next, until_ns);
    }
    spans
}

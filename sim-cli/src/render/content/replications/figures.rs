//! Figures and recovery times over runs.

use super::{mean, range};
use crate::render::content::{Section, only};
use crate::render::format::{self, NOTHING};
use crate::render::table::{Cell, Table, Tone};
use sim_core::report::{Finite, RecoveryOverRuns, ReplicationReport, SpreadReport};

/// What became of each fault.
pub(super) fn recovery(report: &ReplicationReport) -> Section {
    let mut table = Table::new(&[
        "fault",
        "of",
        "#recovered",
        "#relapsed",
        "#not",
        "#metastable",
        "#cannot say",
        "#time: median",
        "#5% to 95%",
    ]);
    for one in &report.recovery {
        table.push(recovery_row(one));
    }
    Section {
        id: "recovery",
        title: "Recovery",
        about: "",
        blocks: only(table.without_empty_columns()),
    }
}

fn recovery_row(one: &RecoveryOverRuns) -> Vec<Cell> {
    let count = |runs: u32, tone| match runs {
        0 => Cell::from(NOTHING),
        _ => Cell::toned(&runs.to_string(), tone),
    };
    let time = &one.time;
    vec![
        Cell::from(&one.fault),
        Cell::from(&one.of),
        count(one.recovered.runs, Tone::Good),
        count(one.relapsed, Tone::Bad),
        count(one.not_recovered, Tone::Bad),
        count(one.metastable, Tone::Bad),
        count(
            one.too_short + one.saturated_before + one.no_baseline + one.never_ended,
            Tone::Warn,
        ),
        format::optional(time.median, |value| format::value(value, time.unit)).into(),
        if time.runs > 0 {
            range(time).into()
        } else {
            Cell::from(NOTHING)
        },
    ]
}

/// All figures that say something.
pub(super) fn section(report: &ReplicationReport) -> Section {
    let mut table = Table::new(&["figure", "#mean over runs", "#median", "#5% to 95% of runs"]);
    for one in report
        .figures
        .iter()
        .filter(|one| says_something(&one.name, &one.values))
    {
        let spread = &one.values;
        let few = if spread.runs < report.runs.finished {
            format!(" ({} runs)", spread.runs)
        } else {
            String::new()
        };
        table.push(vec![
            format!("{}{few}", one.name).into(),
            mean(spread).into(),
            format::optional(spread.median, |value| format::value(value, spread.unit)).into(),
            range(spread).into(),
        ]);
    }
    Section {
        id: "figures",
        title: "Figures over runs",
        about: "Means have a 95% interval over independent runs (Student). Where some runs collapse and \
                others do not, a mean describes neither: look at the percentiles.",
        blocks: only(table),
    }
}

/// Whether a figure has anything to say: retries that never happened, work that was never wasted and
/// queues in which nobody waited have not.
pub(in crate::render) fn says_something(name: &str, spread: &SpreadReport) -> bool {
    let always = |value: f64| {
        let is = |end: Option<Finite>| end.is_some_and(|end| (end.get() - value).abs() < 1e-12);
        is(spread.min) && is(spread.max)
    };
    let idle = (name.starts_with("amplification") && always(1.0))
        || (name.starts_with("wasted work") && always(0.0))
        || (name.starts_with("mean queue") && always(0.0));
    spread.runs > 0 && !idle
}

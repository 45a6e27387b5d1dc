//! Figures and recovery times over runs.

use super::spread::{mean, range};
use crate::content::page::{Block, Section, Statement, only};
use crate::format::{self, FEW, NOTHING};
use crate::table::{Cell, Table, Tone};
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
        "#time: median (95% interval)",
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
        median(time).into(),
        if time.runs > 0 {
            range(time).into()
        } else {
            Cell::from(NOTHING)
        },
    ]
}

/// All figures that say something.
pub(super) fn section(report: &ReplicationReport) -> Section {
    let mut table = Table::new(&[
        "figure",
        "#mean over runs",
        "#s.e.",
        "#median (95% interval)",
        "#5% to 95% of runs",
    ]);
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
        let mark = if is_few(report, &one.name) { FEW } else { "" };
        table.push(vec![
            format!("{}{mark}{few}", one.name).into(),
            mean(spread).into(),
            format::optional(spread.standard_error, |it| format::value(it, spread.unit)).into(),
            median(spread).into(),
            range(spread).into(),
        ]);
    }
    let mut blocks = only(table);
    if report.figures.iter().any(|one| is_few(report, &one.name)) {
        let text = "* Too few calls in a run for this percentile: see below.";
        blocks.push(Block::Text(Statement::new(text, Tone::Quiet)));
    }
    Section {
        id: "figures",
        title: "Figures over runs",
        about: "Means have a 95% interval over independent runs (Student), a multiple of their \
                standard error (s.e.); medians one by order statistics, from six runs on. Where some \
                runs collapse and others do not, a mean describes neither: look at the percentiles.",
        blocks,
    }
}

/// Whether a figure is a percentile that too few calls make.
fn is_few(report: &ReplicationReport, name: &str) -> bool {
    let mut about = report.warnings.iter();
    about.any(|one| one.code == "few-samples" && one.place == name)
}

/// `12.1 ms (11.9 ms to 12.4 ms)`: the median over runs, and where the true one is.
fn median(spread: &SpreadReport) -> String {
    let show = |value| format::value(value, spread.unit);
    let Some(median) = spread.median.map(show) else {
        return NOTHING.to_owned();
    };
    match (spread.median_low.map(show), spread.median_high.map(show)) {
        (Some(low), Some(high)) if low != high => format!("{median} ({low} to {high})"),
        _ => median,
    }
}

/// How figures begin that say nothing when they are zero in every run.
const MOSTLY_NOTHING: [&str; 8] = [
    "wasted work",
    "mean queue",
    "mean wait",
    "deviation",
    "waited share",
    "rejected share",
    "calls left out",
    "retries refused",
];

/// Whether a figure has anything to say: retries that never happened, work that was never wasted and
/// queues in which nobody waited have not.
pub(crate) fn says_something(name: &str, spread: &SpreadReport) -> bool {
    let always = |value: f64| {
        let is = |end: Option<Finite>| end.is_some_and(|end| (end.get() - value).abs() < 1e-12);
        is(spread.min) && is(spread.max)
    };
    let starts = |words: &[&str]| words.iter().any(|word| name.starts_with(word));
    let idle = (starts(&["amplification", "imbalance"]) && always(1.0))
        || (starts(&MOSTLY_NOTHING) && always(0.0));
    spread.runs > 0 && !idle
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim_core::report::Unit;

    #[test]
    fn a_median_has_its_interval() {
        let spread = |low: Option<f64>, high: Option<f64>| SpreadReport {
            unit: Unit::Ns,
            runs: 20,
            mean: None,
            half_width: None,
            standard_error: None,
            min: None,
            p5: None,
            median: Finite::new(12e6),
            median_low: low.and_then(Finite::new),
            median_high: high.and_then(Finite::new),
            p95: None,
            max: None,
        };
        let told = |low, high| median(&spread(low, high));
        assert_eq!(told(Some(11e6), Some(14e6)), "12 ms (11 ms to 14 ms)");
        assert_eq!(told(None, None), "12 ms", "too few runs");
        assert_eq!(told(Some(12e6), Some(12e6)), "12 ms", "all alike");
    }
}

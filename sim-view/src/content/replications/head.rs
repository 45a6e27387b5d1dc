//! The top of the page: the verdict over all runs, the answer, and the figures to look at first.

use super::spread::{interval, plus_minus, range, share, share_of};
use crate::content::head::verdict_word;
use crate::content::page::{Figure, Headline, Statement};
use crate::format;
use crate::table::Tone;
use sim_core::report::{
    RecoveryOverRuns, ReplicationReport, RunsReport, ShareReport, UntilReport, Verdict,
};

/// The verdict.
pub(super) fn headline(report: &ReplicationReport) -> Headline {
    let (word, tone) = verdict_word(report.verdict);
    let runs = format::plural(u64::from(report.runs.finished), "run", "runs");
    let count = |verdict| {
        let all = report.expectations.iter();
        all.filter(|one| one.verdict == verdict).count()
    };
    let all = format::plural(
        report.expectations.len() as u64,
        "expectation",
        "expectations",
    );
    let text = match (count(Verdict::Fail), count(Verdict::Inconclusive)) {
        _ if report.expectations.is_empty() => {
            format!("{runs}; the scenario states no expectations")
        }
        (0, 0) => format!("{all} met over {runs}"),
        (0, open) => format!("{open} of {all} cannot be judged over {runs}"),
        (failed, 0) => format!("{failed} of {all} failed over {runs}"),
        (failed, open) => format!("{failed} of {all} failed over {runs}, {open} cannot be judged"),
    };
    Headline { word, tone, text }
}

/// What the runs say to the question.
pub(super) fn answer(report: &ReplicationReport) -> Vec<Statement> {
    let failed = report
        .expectations
        .iter()
        .filter(|one| one.verdict == Verdict::Fail);
    let failed = failed.map(|one| {
        let text = format!(
            "{} fails: {} meet it, not {}.",
            one.name,
            share(&one.met),
            one.in_runs
        );
        Statement::new(&text, Tone::Bad)
    });
    let together = report.recovery.iter().filter(|one| one.of == "all clients");
    let mut answer = shortcomings(&report.runs);
    answer.extend(failed);
    answer.extend(collapse(&report.collapsed));
    answer.extend(together.map(recovered));
    answer
}

/// What kept the runs from saying all they could.
fn shortcomings(runs: &RunsReport) -> Vec<Statement> {
    let mut found = Vec::new();
    if runs.missing > 0 {
        let text = format!(
            "Interrupted: {} of {} runs were not played.",
            runs.missing, runs.asked
        );
        found.push(Statement::new(&text, Tone::Warn));
    }
    if !runs.broken.is_empty() {
        let text = format!(
            "The simulator broke in {} of {} runs, see below: this is a defect of Squall.",
            runs.broken.len(),
            runs.asked
        );
        found.push(Statement::new(&text, Tone::Bad));
    }
    found.extend(runs.until.as_ref().map(|until| goal(until, runs.finished)));
    found
}

fn goal(until: &UntilReport, runs: u32) -> Statement {
    let now = format::optional(until.half_width, |it| format::value(it, until.unit));
    let (verb, tone) = if until.reached {
        ("Reached", Tone::Plain)
    } else {
        ("Not reached", Tone::Warn)
    };
    let text = format!("{verb} after {runs} runs: {} (it is {now}).", until.text);
    Statement::new(&text, tone)
}

fn collapse(collapsed: &ShareReport) -> Option<Statement> {
    let tone = if collapsed.runs > 0 {
        Tone::Bad
    } else {
        Tone::Good
    };
    let text = format!("Collapsed in {}.", share(collapsed));
    (collapsed.of > 0).then(|| Statement::new(&text, tone))
}

fn recovered(one: &RecoveryOverRuns) -> Statement {
    let tone = match one.recovered {
        ShareReport { of: 0, .. } => Tone::Warn,
        ShareReport { runs, of, .. } if runs == of => Tone::Good,
        ShareReport { .. } => Tone::Bad,
    };
    let text = format!("{}: recovered in {}.", one.fault, share(&one.recovered));
    Statement::new(&text, tone)
}

/// The figures to look at first: those of the first client, or of all together.
pub(super) fn cards(report: &ReplicationReport) -> Vec<Figure> {
    let names = ["success of ", "goodput of ", "p99 latency of "];
    let mut cards = vec![Figure {
        name: "collapsed",
        value: format::optional(report.collapsed.share, |share| share_of(share.get())),
        note: interval(&report.collapsed)
            .map_or_else(String::new, |it| format!("of runs; {it} is believable")),
        tone: if report.collapsed.runs > 0 {
            Tone::Bad
        } else {
            Tone::Plain
        },
    }];
    for (start, name) in names
        .iter()
        .zip(["useful calls", "goodput", "p99 of useful calls"])
    {
        let mut known = report.figures.iter();
        if let Some(one) = known.find(|one| one.name.starts_with(start)) {
            cards.push(Figure {
                name,
                value: format::optional(one.values.mean, |mean| {
                    format::value(mean, one.values.unit)
                }),
                note: format!(
                    "{}{} in 90% of runs",
                    plus_minus(&one.values),
                    range(&one.values)
                ),
                tone: Tone::Plain,
            });
        }
    }
    cards
}

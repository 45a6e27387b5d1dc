//! What to look at next: commands that go on from where a report ends.

use super::page::{Block, Section, Statement, safe};
use crate::table::Tone;
use sim_core::report::{NotableRun, ReplicationReport, Report, Severity};

/// Runs that say how likely something is, to begin with.
const RUNS: u32 = 20;

/// After one run: what the gravest finding means, one call that failed, and how likely it all is.
pub(super) fn after_a_run(report: &Report) -> Section {
    let run = safe(&report.reproduce.command);
    let trace = traced(&run).filter(|_| any_failed(report));
    // One replication is looked at because the others are known.
    let many = (report.scenario.replication == 0).then(|| format!("{run} --replications {RUNS}"));
    let told = report.findings.iter().map(|one| (one.severity, &one.code));
    section([
        (GRAVEST, explain(told)),
        ("Where the time of one failed call went:", trace),
        ("How likely all this is:", many),
    ])
}

/// After many runs: what the gravest finding means, and one call of the worst run.
pub(super) fn after_many(report: &ReplicationReport) -> Section {
    let told = report.findings.iter().map(|one| (one.severity, &one.code));
    let failed = |run: &&NotableRun| run.useful_share.get() < 1.0;
    let worst = report.worst.as_ref().filter(failed);
    section([
        (GRAVEST, explain(told)),
        (
            "Where the time of one failed call of the worst run went:",
            worst.and_then(|run| traced(&safe(&run.command))),
        ),
    ])
}

const GRAVEST: &str = "What the gravest finding means, and what helps:";

/// Why, and the command that shows it, if there is one.
fn section<const N: usize>(steps: [(&str, Option<String>); N]) -> Section {
    let shown = steps
        .into_iter()
        .filter_map(|(why, command)| Some((why, command?)));
    Section {
        id: "next",
        title: "What to look at next",
        about: "To be run where the scenario is.",
        blocks: shown
            .flat_map(|(why, command)| {
                [
                    Block::Text(Statement::new(why, Tone::Plain)),
                    Block::Command(command),
                ]
            })
            .collect(),
    }
}

/// The command that shows a failed call of the run that another one plays.
fn traced(run: &str) -> Option<String> {
    let rest = run.strip_prefix("squall run ")?;
    Some(format!("squall trace {rest} --first-failure"))
}

/// The command that explains the first finding that is more than a note: the gravest come first.
fn explain<'a>(mut findings: impl Iterator<Item = (Severity, &'a String)>) -> Option<String> {
    let (_, code) = findings.find(|(severity, _)| !matches!(severity, Severity::Note))?;
    Some(format!("squall explain {}", safe(code)))
}

fn any_failed(report: &Report) -> bool {
    let mut calls = report.clients.iter().map(|client| &client.calls);
    calls.any(|calls| calls.useful_total < calls.ended_total)
}

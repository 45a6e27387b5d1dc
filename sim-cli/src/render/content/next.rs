//! What to look at next: commands that go on from where a report ends.

use super::{Block, Section, Statement, safe};
use crate::render::table::Tone;
use sim_core::report::{FindingReport, Report, Severity};

/// Runs that say how likely something is, to begin with.
const RUNS: u32 = 20;

/// The section: what the gravest finding means, one call that failed, and how likely it all is.
pub(super) fn section(report: &Report) -> Section {
    let run = safe(&report.reproduce.command);
    let trace = run
        .strip_prefix("squall run ")
        .filter(|_| any_failed(report))
        .map(|rest| format!("squall trace {rest} --first-failure"));
    // One replication is looked at because the others are known.
    let many = (report.scenario.replication == 0).then(|| format!("{run} --replications {RUNS}"));
    let steps = [
        (
            "What the gravest finding means, and what helps:",
            gravest(report).map(explain),
        ),
        ("Where the time of one failed call went:", trace),
        ("How likely all this is:", many),
    ];
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

/// Findings come with the gravest first.
fn gravest(report: &Report) -> Option<&FindingReport> {
    let mut told = report.findings.iter();
    told.find(|one| !matches!(one.severity, Severity::Note))
}

fn explain(finding: &FindingReport) -> String {
    format!("squall explain {}", safe(&finding.code))
}

fn any_failed(report: &Report) -> bool {
    let mut calls = report.clients.iter().map(|client| &client.calls);
    calls.any(|calls| calls.useful_total < calls.ended_total)
}

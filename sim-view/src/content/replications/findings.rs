//! What was noticed in the runs, what to know before trusting them, and which of them to look at.

use crate::content::findings::{found, severity, what_helps};
use crate::content::page::{Block, Item, Section, Statement, safe, unless_empty};
use crate::format;
use crate::table::Tone;
use sim_core::report::{FindingOverRuns, NotableRun, ReplicationReport, WarningReport};

/// Findings, and in how many runs.
pub(super) fn findings(report: &ReplicationReport) -> Section {
    let of = report.runs.finished;
    let items: Vec<Item> = report.findings.iter().map(|one| finding(one, of)).collect();
    Section {
        id: "findings",
        title: "Findings",
        about: "",
        blocks: unless_empty(items, Block::Items),
    }
}

fn finding(one: &FindingOverRuns, of: u32) -> Item {
    let (mark, tone) = severity(one.severity);
    let mut more = vec![format!(
        "in replication {}: {}",
        one.first_replication,
        safe(&one.text)
    )];
    more.push(what_helps(&one.remedy, &one.code));
    Item {
        mark,
        tone,
        head: found(&one.code, &one.place, one.line),
        text: format!("in {} of {of} runs", one.runs),
        more,
    }
}

/// What to know before trusting the figures.
pub(in crate::content) fn warnings(warnings: &[WarningReport]) -> Section {
    let items: Vec<Item> = warnings.iter().map(warning).collect();
    Section {
        id: "warnings",
        title: "Before you trust the figures",
        about: "",
        blocks: unless_empty(items, Block::Items),
    }
}

fn warning(one: &WarningReport) -> Item {
    Item {
        mark: "warning",
        tone: Tone::Warn,
        head: format!("{} ({})", safe(&one.code), safe(&one.place)),
        text: safe(&one.text),
        more: vec![format!("Try: {}", safe(&one.remedy))],
    }
}

/// Runs to look at, each with the command that plays it.
pub(super) fn runs(report: &ReplicationReport) -> Section {
    let mut blocks = Vec::new();
    let mut add = |text: String, tone, command: &str| {
        blocks.push(Block::Text(Statement::new(&text, tone)));
        blocks.push(Block::Command(safe(command)));
    };
    let useful = |run: &NotableRun| format::share(run.useful_share.get());
    if let Some(run) = &report.worst {
        let text = format!(
            "Worst: replication {}, {} of calls useful.",
            run.replication,
            useful(run)
        );
        add(text, Tone::Plain, &run.command);
    }
    if let Some(run) = &report.median {
        let text = format!(
            "Median: replication {}, {} of calls useful.",
            run.replication,
            useful(run)
        );
        add(text, Tone::Plain, &run.command);
    }
    for one in &report.runs.broken {
        let text = format!("Broke: replication {}, {}.", one.replication, one.message);
        add(text, Tone::Bad, &one.command);
    }
    Section {
        id: "runs",
        title: "Runs to look at",
        about: "",
        blocks,
    }
}

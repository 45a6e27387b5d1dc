//! What was noticed: findings about the run, and warnings about the scenario itself.

use super::page::{Block, Item, Section, safe, unless_empty};
use crate::table::Tone;
use sim_core::report::{FindingReport, LintReport, Report, Severity};

/// Findings about the run.
pub(super) fn findings(report: &Report) -> Section {
    let items: Vec<Item> = report.findings.iter().map(finding_item).collect();
    Section {
        id: "findings",
        title: "Findings",
        about: "",
        blocks: unless_empty(items, Block::Items),
    }
}

fn finding_item(one: &FindingReport) -> Item {
    let (mark, tone) = severity(one.severity);
    let more = vec![what_helps(&one.remedy, &one.code)];
    Item {
        mark,
        tone,
        head: found(&one.code, &one.place, one.line),
        text: safe(&one.text),
        more,
    }
}

/// How grave a finding is, as its mark.
pub(super) const fn severity(severity: Severity) -> (&'static str, Tone) {
    match severity {
        Severity::Critical => ("critical", Tone::Bad),
        Severity::Warning => ("warning", Tone::Warn),
        Severity::Note => ("note", Tone::Quiet),
    }
}

/// `retry-storm (payments, line 14)`.
pub(super) fn found(code: &str, place: &str, line: Option<u32>) -> String {
    let (code, place) = (safe(code), safe(place));
    match line {
        Some(line) => format!("{code} ({place}, line {line})"),
        None => format!("{code} ({place})"),
    }
}

/// The remedy, and where its page is.
pub(super) fn what_helps(remedy: &str, code: &str) -> String {
    format!("Try: {}. More: squall explain {}", safe(remedy), safe(code))
}

/// Warnings about the scenario itself.
pub(super) fn lints(report: &Report) -> Section {
    let items: Vec<Item> = report.lints.iter().map(lint_item).collect();
    Section {
        id: "lints",
        title: "Warnings",
        about: "",
        blocks: unless_empty(items, Block::Items),
    }
}

fn lint_item(one: &LintReport) -> Item {
    let remedy = (!one.remedy.is_empty()).then(|| what_helps(&one.remedy, &one.code));
    Item {
        mark: "warning",
        tone: Tone::Warn,
        head: match one.line {
            Some(line) => format!("{} (line {line})", safe(&one.code)),
            None => safe(&one.code),
        },
        text: safe(&one.text),
        more: remedy.into_iter().collect(),
    }
}

//! What happened, what became of each fault, and what was noticed.

use super::head::{recovery_tone, recovery_words};
use super::page::{Block, Item, Moment, Section, safe, unless_empty};
use crate::format;
use crate::table::Tone;
use sim_core::report::{
    CauseReport, FindingReport, LintReport, RecoveryReport, Report, Severity, TimelineEntry,
    TimelineKind,
};

/// The timeline.
pub(super) fn timeline(report: &Report) -> Section {
    let horizon_ns = report.scenario.duration_ns;
    let moment = |entry: &TimelineEntry| Moment {
        at: format::instant(entry.at_ns, horizon_ns),
        kind: kind(entry.kind),
        text: safe(&entry.text),
    };
    let moments = report
        .timeline
        .iter()
        .filter(|entry| !is_told(entry, &report.causes));
    Section {
        id: "timeline",
        title: if report.causes.is_empty() {
            "What happened"
        } else {
            "What else happened"
        },
        about: "",
        blocks: unless_empty(moments.map(moment).collect(), Block::Moments),
    }
}

/// Whether a link of the chain of causes begins with these words at this time.
fn is_told(entry: &TimelineEntry, causes: &[CauseReport]) -> bool {
    let mut links = causes.iter();
    links.any(|link| link.at_ns == entry.at_ns && link.text.starts_with(&entry.text))
}

/// The chain of causes of a run of this length.
pub(super) fn causes(title: &'static str, causes: &[CauseReport], horizon_ns: u64) -> Section {
    let moment = |link: &CauseReport| Moment {
        at: format::instant(link.at_ns, horizon_ns),
        kind: "cause",
        text: safe(&link.text),
    };
    Section {
        id: "causes",
        title,
        about: "What led to what, as far as the run shows it.",
        blocks: unless_empty(causes.iter().map(moment).collect(), Block::Moments),
    }
}

const fn kind(kind: TimelineKind) -> &'static str {
    match kind {
        TimelineKind::Fault => "fault",
        TimelineKind::Instance => "instance",
        TimelineKind::Breaker => "breaker",
        TimelineKind::Queue => "queue",
        TimelineKind::Goodput => "goodput",
        TimelineKind::Recovery => "recovery",
    }
}

/// What became of each fault.
pub(super) fn recovery(report: &Report) -> Section {
    let items: Vec<Item> = report.recovery.iter().map(recovery_item).collect();
    Section {
        id: "recovery",
        title: "Recovery",
        about: "Recovered means that calls are useful again at 95% of the rate before the fault, and \
                stay so for a while.",
        blocks: unless_empty(items, Block::Items),
    }
}

fn recovery_item(one: &RecoveryReport) -> Item {
    Item {
        mark: recovery_words(one.verdict),
        tone: recovery_tone(one.verdict),
        head: format!("{}, {}", safe(&one.fault), safe(&one.of)),
        text: safe(&one.text),
        more: vec![],
    }
}

/// What was noticed.
pub(super) fn findings(report: &Report) -> Section {
    let items: Vec<Item> = report.findings.iter().map(finding_item).collect();
    Section {
        id: "findings",
        title: "Findings",
        about: "",
        blocks: unless_empty(items, Block::Items),
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

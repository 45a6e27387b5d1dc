//! What happened, what led to what, and what became of each fault.

use super::head::{recovery_tone, recovery_words};
use super::page::{Block, Item, Moment, Section, safe, unless_empty};
use crate::format;
use sim_core::report::{CauseReport, RecoveryReport, Report, TimelineEntry, TimelineKind};

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

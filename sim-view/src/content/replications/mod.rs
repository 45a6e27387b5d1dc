//! What many runs say: how often, how sure, and which run to look at.

mod expectations;
mod figures;
mod findings;
mod head;
mod origin;
mod spread;

pub(super) use figures::says_something;
pub(super) use findings::warnings;
pub(super) use origin::thresholds;

use super::page::{Page, Section, filled, safe};
use super::{next, timeline};
use sim_core::report::ReplicationReport;

/// The page.
pub(super) fn page(report: &ReplicationReport) -> Page {
    let parts = [
        expectations::section(report),
        why(report),
        figures::recovery(report),
        findings::findings(report),
        figures::section(report),
        warnings(&report.warnings),
        findings::runs(report),
        thresholds(&report.thresholds),
        origin::section(report),
        next::after_many(report),
    ];
    Page {
        name: safe(&report.scenario.name),
        title: safe(&report.scenario.title),
        question: safe(&report.scenario.question),
        headline: head::headline(report),
        answer: head::answer(report),
        figures: head::cards(report),
        sections: filled(parts),
    }
}

/// The chain of causes of the worst run.
fn why(report: &ReplicationReport) -> Section {
    let links = report.worst.as_ref().map_or(&[][..], |run| &run.causes);
    timeline::causes("Why, in the worst run", links, report.scenario.duration_ns)
}

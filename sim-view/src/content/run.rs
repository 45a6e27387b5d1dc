//! What the report of one run says.

use super::page::{Page, Section, filled, safe};
use super::{
    busiest, deeds, ejection, expectations, faults, findings, head, lives, messages, next, origin,
    policies, pools, replications, sagas, services, timeline, traffic, windows,
};
use sim_core::report::Report;

/// The page.
pub(super) fn page(report: &Report) -> Page {
    let (shown, left_out) = busiest::of(report);
    let report = shown.as_ref();
    let mut parts = [
        expectations::section(report),
        timeline::causes("Why", &report.causes, report.scenario.duration_ns),
        findings::findings(report),
        findings::lints(report),
        replications::warnings(&report.warnings),
        timeline::timeline(report),
        timeline::recovery(report),
        traffic::clients(report),
        traffic::tenants(report),
        traffic::classes(report),
        traffic::edges(report),
        traffic::outcomes(report),
        traffic::first_causes(report),
        faults::section(report),
        services::section(report),
        services::queueing(report),
        services::instances(report),
        lives::section(report),
        ejection::section(report),
        services::turned_away(report),
        services::memory(report),
        services::work(report),
        services::operations(report),
        services::health(report),
        pools::pools(report),
        sagas::sagas(report),
        deeds::effects(report),
        deeds::invariants(report),
        messages::queues(report),
        windows::section(report),
        policies::section(report),
        policies::budgets(report),
        policies::breakers(report),
        thresholds(report),
        origin::section(report),
        next::after_a_run(report),
    ];
    if let Some(note) = left_out {
        busiest::say(&note, &mut parts);
    }
    Page {
        name: safe(&report.scenario.name),
        title: safe(&report.scenario.title),
        question: safe(&report.scenario.question),
        headline: head::headline(report),
        answer: head::answer(report),
        figures: head::figures(report),
        sections: filled(parts),
    }
}

/// By what recovery was judged, where there was a fault.
fn thresholds(report: &Report) -> Section {
    let section = replications::thresholds(&report.thresholds);
    let blocks = if report.faults.is_empty() {
        vec![]
    } else {
        section.blocks
    };
    Section { blocks, ..section }
}

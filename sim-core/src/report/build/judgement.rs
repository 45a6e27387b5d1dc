//! Judgement in the shape of a report.

use crate::judge::{Judged, Judgement, Recovery, effect_text};
use crate::model::spec::ModelSpec;
use crate::report::{
    BoundReport, ExpectationReport, FaultReport, FindingReport, Finite, RecoveryReport, SpanReport,
    TimelineEntry,
};
use crate::scenario::expect::{Bound, Expectation, RecoveryOf, Scenario};
use crate::time::SimTime;

pub(super) fn expectations(scenario: &Scenario, judgement: &Judgement) -> Vec<ExpectationReport> {
    let pairs = scenario.expectations.iter().zip(&judgement.expectations);
    pairs
        .map(|(asked, judged)| expectation(asked, judged))
        .collect()
}

fn expectation(asked: &Expectation, judged: &Judged) -> ExpectationReport {
    ExpectationReport {
        name: asked.name.clone(),
        text: asked.text.clone(),
        value: judged.value.and_then(Finite::new),
        unit: judged.unit,
        bound: bound(asked.bound),
        verdict: judged.verdict,
        reason: judged.reason.clone(),
        causes: judged.causes.clone(),
    }
}

pub(super) fn bound(bound: Bound) -> BoundReport {
    let (low, high) = match bound {
        Bound::AtLeast(low) => (Some(low), None),
        Bound::AtMost(high) => (None, Some(high)),
        Bound::Between(low, high) => (Some(low), Some(high)),
    };
    BoundReport {
        at_least: low.and_then(Finite::new),
        at_most: high.and_then(Finite::new),
    }
}

pub(super) fn timeline(judgement: &Judgement) -> Vec<TimelineEntry> {
    let lines = judgement.timeline.iter();
    lines
        .map(|line| TimelineEntry {
            at_ns: line.at.as_ns(),
            kind: line.kind,
            text: line.text.clone(),
        })
        .collect()
}

pub(super) fn faults(spec: &ModelSpec, end: SimTime) -> Vec<FaultReport> {
    let end_ns = end.as_ns();
    let faults = spec.faults.iter();
    faults
        .map(|fault| FaultReport {
            name: fault.name.clone(),
            text: effect_text(spec, &fault.effect),
            spans: fault
                .spans
                .iter()
                .map(|(from, until)| SpanReport {
                    from_ns: from.as_ns(),
                    until_ns: until.as_ns().min(end_ns),
                })
                .filter(|span| span.from_ns < span.until_ns)
                .collect(),
        })
        .collect()
}

pub(super) fn recovery(spec: &ModelSpec, judgement: &Judgement) -> Vec<RecoveryReport> {
    judgement
        .recoveries
        .iter()
        .map(|one| recovery_report(spec, one))
        .collect()
}

pub(super) fn whose(spec: &ModelSpec, of: RecoveryOf) -> String {
    match of {
        RecoveryOf::AllClients => "all clients".to_owned(),
        RecoveryOf::Client(id) => spec.clients[id].name.clone(),
    }
}

fn recovery_report(spec: &ModelSpec, recovery: &Recovery) -> RecoveryReport {
    let of = whose(spec, recovery.of);
    let baseline = recovery.baseline;
    RecoveryReport {
        fault: spec.faults[recovery.fault].name.clone(),
        of,
        fault_ended_at_ns: recovery.ended.as_ns(),
        verdict: recovery.verdict,
        text: recovery.text(),
        baseline_share: baseline.and_then(|before| Finite::new(before.share)),
        baseline_goodput_per_second: baseline
            .and_then(|before| Finite::new(before.goodput_per_second)),
        hold_ns: recovery.hold.as_ns(),
        recovery_time_ns: recovery.time().map(crate::time::SimDuration::as_ns),
        relapsed_at_ns: recovery.relapsed_at.map(SimTime::as_ns),
    }
}

pub(super) fn findings(judgement: &Judgement) -> Vec<FindingReport> {
    let findings = judgement.findings.iter();
    findings
        .map(|finding| FindingReport {
            code: finding.code.to_owned(),
            severity: finding.severity,
            place: finding.place.clone(),
            text: finding.text.clone(),
            remedy: finding.remedy.to_owned(),
        })
        .collect()
}

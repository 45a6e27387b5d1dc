//! Judgement in the shape of a report.

use crate::experiment::Warning;
use crate::id::FaultId;
use crate::judge::{Judged, Judgement, Link, Recovery, fault_text};
use crate::model::record::{RunRecord, WorldEvent};
use crate::model::spec::{FaultSpec, ModelSpec};
use crate::report::{
    BoundReport, CauseReport, ExpectationReport, FaultReport, FindingReport, Finite,
    RandomFaultReport, RecoveryReport, SpanReport, TimelineEntry, WarningReport,
};
use crate::scenario::Scenario;
use crate::scenario::expect::{Bound, Expectation, RecoveryOf};
use crate::time::{SimDuration, SimTime};

/// At most so many spans of a random fault are told, and how many there were: a report stays small.
const MOST_SPANS: usize = 1_000;

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

pub(super) fn warnings(found: Vec<Warning>) -> Vec<WarningReport> {
    let all = found.into_iter();
    all.map(|one| WarningReport {
        code: one.code.to_owned(),
        place: one.place,
        text: one.text,
        remedy: one.remedy,
    })
    .collect()
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

pub(super) fn causes(chain: &[Link]) -> Vec<CauseReport> {
    chain
        .iter()
        .map(|link| CauseReport {
            at_ns: link.at.as_ns(),
            text: link.text.clone(),
        })
        .collect()
}

/// When faults act, up to `end`. What random ones did is known of one run alone.
pub(super) fn faults(
    spec: &ModelSpec,
    end: SimTime,
    record: Option<&RunRecord>,
) -> Vec<FaultReport> {
    let faults = spec.faults.iter_enumerated();
    faults
        .map(|(id, fault)| fault_report(spec, end, record, id, fault))
        .collect()
}

fn fault_report(
    spec: &ModelSpec,
    end: SimTime,
    record: Option<&RunRecord>,
    id: FaultId,
    fault: &FaultSpec,
) -> FaultReport {
    let record = record.filter(|_| fault.random.is_some());
    let random = record.map(|record| random_report(record, id, fault));
    let spans = match record {
        Some(record) => hit_spans(record, id),
        None => fault.spans.clone(),
    };
    let end_ns = end.as_ns();
    let spans = spans.iter().map(|(from, until)| SpanReport {
        from_ns: from.as_ns(),
        until_ns: until.as_ns().min(end_ns),
    });
    FaultReport {
        name: fault.name.clone(),
        text: fault_text(spec, fault),
        spans: spans.filter(|span| span.from_ns < span.until_ns).collect(),
        random,
    }
}

fn random_report(record: &RunRecord, id: FaultId, fault: &FaultSpec) -> RandomFaultReport {
    let outages = &record.outages[id];
    let instances = fault
        .kind
        .on_instances()
        .map_or(0, |target| target.instances.len() as u32);
    let acted = fault
        .spans
        .iter()
        .map(|span| span.0.until(span.1.min(record.end)));
    let time_ns = acted.map(SimDuration::as_ns_f64).sum::<f64>() * f64::from(instances);
    RandomFaultReport {
        instances,
        struck_total: outages.struck,
        most_at_once: outages.most_at_once,
        hit_ns: u64::try_from(outages.hit_ns).unwrap_or(u64::MAX),
        hit_share: Finite::ratio(outages.hit_ns as f64, time_ns),
        spans_total: outages.began,
    }
}

/// When at least one instance was hit by a random fault: the first so many times.
fn hit_spans(record: &RunRecord, id: FaultId) -> Vec<(SimTime, SimTime)> {
    let mut spans: Vec<(SimTime, SimTime)> = Vec::new();
    let mut hit = 0_u32;
    for &(at, event) in &record.events {
        match event {
            WorldEvent::Struck(fault, _) if fault == id => {
                if hit == 0 && spans.len() == MOST_SPANS {
                    return spans;
                }
                if hit == 0 {
                    spans.push((at, SimTime::NEVER));
                }
                hit += 1;
            }
            WorldEvent::Lifted(fault, _) if fault == id => {
                hit -= 1;
                if let (0, Some(last)) = (hit, spans.last_mut()) {
                    last.1 = at;
                }
            }
            WorldEvent::Struck(..)
            | WorldEvent::Lifted(..)
            | WorldEvent::FaultStarted(_)
            | WorldEvent::FaultEnded(_)
            | WorldEvent::InstanceDown(_)
            | WorldEvent::InstanceUp(_)
            | WorldEvent::RotationLeft(..)
            | WorldEvent::RotationJoined(..)
            | WorldEvent::Marked { .. }
            | WorldEvent::Panic { .. }
            | WorldEvent::Stops(..)
            | WorldEvent::Stopped(..) => {}
        }
    }
    spans
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
        fault: recovery.trigger.name(spec),
        of,
        fault_ended_at_ns: recovery.ended.as_ns(),
        verdict: recovery.verdict,
        text: recovery.text(),
        baseline_share: baseline.and_then(|before| Finite::new(before.share)),
        share_while_it_lasted: recovery.during.and_then(Finite::new),
        baseline_goodput_per_second: baseline
            .and_then(|before| Finite::new(before.goodput_per_second)),
        hold_ns: recovery.hold.as_ns(),
        recovery_time_ns: recovery.time().map(SimDuration::as_ns),
        relapsed_at_ns: recovery.relapsed_at.map(SimTime::as_ns),
    }
}

pub(super) fn findings(judgement: &Judgement) -> Vec<FindingReport> {
    let findings = judgement.findings.iter();
    findings
        .map(|finding| FindingReport {
            code: finding.code.to_owned(),
            severity: finding.severity,
            place: finding.place.name.clone(),
            line: finding.place.at.map(|at| at.line),
            column: finding.place.at.map(|at| at.column),
            text: finding.text.clone(),
            remedy: finding.remedy.to_owned(),
        })
        .collect()
}

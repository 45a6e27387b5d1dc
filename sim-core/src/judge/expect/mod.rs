//! Expectations: a value, and whether it is fine.
//!
//! A run ends while calls are under way. Whatever they become, a verdict must not change: so each
//! measure over calls gives the lowest and the highest value that the unfinished ones could still
//! make of it, and only if all of that is fine, or none of it, is there a verdict (rule 33).

mod breakers;
mod calls;
mod health;
mod limits;
mod lives;
mod measured;
mod messages;

use crate::id::{FaultId, InstanceId, KeptId, LayerId, OperationId, SagaId, ServiceId};
use crate::judge::findings::Finding;
use crate::judge::recovery::{Recovery, collapsed, recovery};
use crate::judge::run_view::{RunView, ratio};
use crate::judge::verdict::{RecoveryVerdict, Unit, Verdict};
use crate::judge::words::seconds;
use crate::keeping::SagaEnd;
use crate::model::record::{SagaCounts, operation_name};
use crate::observe::Histogram;
use crate::scenario::expect::{Bound, Expectation, Measure, RecoveryOf, SagaFigure, ServiceFigure};
use crate::time::{SimDuration, SimTime};
use measured::Measured;

/// An expectation's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The measured value, in `unit`; absent where nothing could be measured.
    pub value: Option<f64>,
    /// Unit of the value and of the bound.
    pub unit: Unit,
    /// The answer.
    pub verdict: Verdict,
    /// Why it is inconclusive, or has no value; empty otherwise.
    pub reason: String,
    /// For a failure: what led to it, in the order of time.
    pub causes: Vec<String>,
}

/// Judges one expectation; the causes of a failure are told when the whole run is judged.
pub fn judge_expectation(
    view: &RunView<'_>,
    findings: &[Finding],
    expectation: &Expectation,
) -> Judged {
    let measured = match cut_short(view, &expectation.measure) {
        Some(reason) => Measured::nothing(reason),
        None => measure(view, findings, &expectation.measure),
    };
    let verdict = verdict(expectation.bound, &measured);
    let is_certain = measured.value.is_some() && verdict != Verdict::Inconclusive;
    Judged {
        value: measured.value,
        unit: unit(&expectation.measure),
        verdict,
        reason: if is_certain {
            String::new()
        } else {
            measured.reason
        },
        causes: Vec::new(),
    }
}

/// A verdict only if every possible value gets the same.
fn verdict(bound: Bound, measured: &Measured) -> Verdict {
    let (low, high) = (measured.lowest, measured.highest);
    let misses_all = measured.never
        || match bound {
            Bound::AtLeast(least) => high < least,
            Bound::AtMost(most) => low > most,
            Bound::Between(least, most) => high < least || low > most,
        };
    if bound.holds(low) && bound.holds(high) {
        Verdict::Pass
    } else if misses_all {
        Verdict::Fail
    } else {
        Verdict::Inconclusive
    }
}

/// The unit of a measure.
pub fn unit(measure: &Measure) -> Unit {
    match measure {
        Measure::Share { .. }
        | Measure::WastedWork { .. }
        | Measure::Utilisation { .. }
        | Measure::Fairness { .. }
        | Measure::Attempts { .. }
        | Measure::CapacityDip { .. }
        | Measure::Memory { .. }
        | Measure::Answered { .. } => Unit::Share,
        Measure::Saga { what, .. } => match what {
            SagaFigure::Completed | SagaFigure::Compensated => Unit::Share,
            SagaFigure::Stuck => Unit::Count,
            SagaFigure::Longest => Unit::Ns,
        },
        Measure::OfService { what, .. } => match what {
            ServiceFigure::Throughput => Unit::PerSecond,
            ServiceFigure::MeanQueue | ServiceFigure::InSystem => Unit::Count,
            ServiceFigure::Waited | ServiceFigure::Rejected => Unit::Share,
        },
        Measure::Latency { .. }
        | Measure::MeanLatency { .. }
        | Measure::LatencyDeviation { .. }
        | Measure::Recovery { .. }
        | Measure::Staleness { .. }
        | Measure::PoolWait { .. }
        | Measure::MessageAge { .. }
        | Measure::Drained { .. }
        | Measure::BreakerReaction { .. }
        | Measure::Detection { .. } => Unit::Ns,
        Measure::Goodput { .. } => Unit::PerSecond,
        Measure::Amplification { .. } | Measure::PathAmplification { .. } => Unit::Factor,
        Measure::QueuePeak { .. }
        | Measure::InRotation { .. }
        | Measure::RefusedRetries { .. }
        | Measure::BreakerOpens { .. }
        | Measure::BreakerFlaps { .. }
        | Measure::Limit { .. }
        | Measure::Invariant { .. }
        | Measure::Messages { .. }
        | Measure::Duplicates { .. } => Unit::Count,
        Measure::NotRecovered { .. } | Measure::Finding { .. } | Measure::Collapse => Unit::YesNo,
    }
}

/// The span that a measure looks at; faults give theirs by recovery.
pub(super) fn span_of(view: &RunView<'_>, measure: &Measure) -> (SimTime, SimTime) {
    match measure {
        Measure::Share { window, .. }
        | Measure::Latency { window, .. }
        | Measure::MeanLatency { window, .. }
        | Measure::LatencyDeviation { window, .. }
        | Measure::Attempts { window, .. }
        | Measure::RefusedRetries { window, .. }
        | Measure::OfService { window, .. }
        | Measure::Goodput { window }
        | Measure::Amplification { window, .. }
        | Measure::PathAmplification { window, .. }
        | Measure::WastedWork { window, .. }
        | Measure::Utilisation { window, .. }
        | Measure::QueuePeak { window, .. }
        | Measure::Answered { window, .. }
        | Measure::Duplicates { window, .. } => {
            let window = view.spec().windows[*window];
            (window.from, window.until.min(view.spec().duration))
        }
        Measure::Fairness { windows } => {
            let window = windows.first().map(|&id| view.spec().windows[id]);
            window.map_or((SimTime::ZERO, view.spec().duration), |window| {
                (window.from, window.until.min(view.spec().duration))
            })
        }
        Measure::BreakerReaction { fault, .. } | Measure::Detection { fault, .. } => {
            let fault = view.spec().faults[*fault].spans.first();
            fault.copied().unwrap_or((SimTime::ZERO, SimTime::ZERO))
        }
        Measure::Recovery { fault, .. }
        | Measure::NotRecovered { fault, .. }
        | Measure::Drained { fault, .. } => {
            let began = view.spec().faults[*fault].spans.first();
            (
                began.map_or(SimTime::ZERO, |span| span.0),
                view.spec().duration,
            )
        }
        Measure::Finding { .. }
        | Measure::Collapse
        | Measure::Memory { .. }
        | Measure::Invariant { .. }
        | Measure::Messages { .. }
        | Measure::Saga { .. } => (SimTime::ZERO, view.spec().duration),
        Measure::Staleness { .. } | Measure::PoolWait { .. } | Measure::MessageAge { .. } => {
            (view.spec().warmup, view.spec().duration)
        }
        Measure::BreakerOpens { from, until, .. }
        | Measure::BreakerFlaps { from, until, .. }
        | Measure::InRotation { from, until, .. }
        | Measure::CapacityDip { from, until, .. }
        | Measure::Limit { from, until, .. } => (*from, (*until).min(view.spec().duration)),
    }
}

/// Why the run cannot say anything: it ended before the span did.
fn cut_short(view: &RunView<'_>, measure: &Measure) -> Option<String> {
    let (_, until) = span_of(view, measure);
    (view.record.end < until).then(|| format!("the run stopped at {}", seconds(view.record.end)))
}

#[expect(clippy::too_many_lines, reason = "an arm for each measure")]
fn measure(view: &RunView<'_>, findings: &[Finding], measure: &Measure) -> Measured {
    let (from, until) = span_of(view, measure);
    match *measure {
        Measure::Share { of, window } => calls::share(&view.record.windows[window], of),
        Measure::Latency {
            percentile,
            of,
            window,
        } => calls::latency(&view.record.windows[window], percentile, of),
        Measure::MeanLatency { of, window } => {
            calls::mean_latency(view, &view.record.windows[window], of)
        }
        Measure::LatencyDeviation { of, window } => {
            calls::latency_deviation(&view.record.windows[window], of)
        }
        Measure::Attempts { of, window } => calls::attempts(view, window, of, from, until),
        Measure::RefusedRetries { ref layers, .. } => {
            let refused = layers.iter();
            let refused = refused.map(|&id| view.record.snapshots.layer(id, from, until).refused);
            Measured::exactly(refused.sum::<u64>() as f64)
        }
        Measure::OfService { what, service, .. } => of_service(view, what, service, from, until),
        Measure::Goodput { window } => calls::goodput(view, window),
        Measure::Amplification { edge, window } => calls::amplification(view, edge, window),
        Measure::PathAmplification { service, .. } => {
            let value = view.amplification(service, from, until);
            Measured::maybe(
                value,
                format!("no original attempt reached {}", view.service(service)),
            )
        }
        Measure::WastedWork { service, .. } => {
            let value = view.wasted_share(service, from, until);
            Measured::maybe(value, format!("{} did no work", view.service(service)))
        }
        Measure::Utilisation { service, .. } => {
            let value = view.utilisation(service, from, until);
            Measured::maybe(
                value,
                format!("{} has no limit on threads", view.service(service)),
            )
        }
        Measure::QueuePeak { service, .. } => queue_peak(view, service, from, until),
        Measure::Recovery { fault, of } => recovery_time(view, fault, of),
        Measure::NotRecovered { fault, of } => not_recovered(view, fault, of),
        Measure::Finding { code } => {
            let present = findings.iter().any(|finding| finding.code == code);
            Measured::exactly(f64::from(u8::from(present)))
        }
        Measure::BreakerOpens { ref layers, .. } => breakers::opens(view, layers, from, until),
        Measure::BreakerFlaps { ref layers, .. } => breakers::flaps(view, layers, from, until),
        Measure::Limit { ref of, lowest, .. } => limits::limit(view, of, lowest, (from, until)),
        Measure::BreakerReaction { ref layers, .. } => breakers::reaction(view, layers, from),
        Measure::Detection { check, .. } => health::detection(view, check, from),
        Measure::InRotation { service, .. } => lives::in_rotation(view, service, from, until),
        Measure::CapacityDip { service, .. } => lives::capacity_dip(view, service, from, until),
        Measure::Fairness { ref windows } => calls::fairness(view, windows),
        Measure::Collapse => Measured::exactly(f64::from(u8::from(collapsed(view).is_some()))),
        Measure::Staleness {
            ref layers,
            percentile,
        } => staleness(view, layers, percentile),
        Measure::PoolWait {
            ref kept,
            percentile,
        } => pool_wait(view, kept, percentile),
        Measure::Messages { queue, what } => messages::count(view, queue, what),
        Measure::MessageAge { queue, percentile } => messages::age(view, queue, percentile),
        Measure::Drained { queue, fault } => messages::drained(view, queue, fault),
        Measure::Memory { service } => memory(view, service),
        Measure::Saga { ref sagas, what } => sagas_ended(view, sagas, what),
        Measure::Invariant { invariant, at_end } => {
            let record = &view.record.deeds.invariants[invariant];
            let broken = if at_end {
                record.broken_now
            } else {
                record.broken
            };
            Measured::exactly(broken as f64)
        }
        Measure::Answered { operation, .. } => answered(view, operation, from, until),
        Measure::Duplicates { operation, .. } => {
            let snapshots = view.record.snapshots.operation(operation, from, until);
            Measured::exactly(snapshots.duplicates as f64)
        }
    }
}

fn of_service(
    view: &RunView<'_>,
    what: ServiceFigure,
    id: ServiceId,
    from: SimTime,
    until: SimTime,
) -> Measured {
    let value = match what {
        ServiceFigure::Throughput => view.throughput(id, from, until),
        ServiceFigure::MeanQueue => view.mean_queue(id, from, until),
        ServiceFigure::InSystem => view.in_system(id, from, until),
        ServiceFigure::Waited => view.waited_share(id, from, until),
        ServiceFigure::Rejected => view.rejected_share(id, from, until),
    };
    Measured::maybe(
        value,
        format!("{} had nothing to do in this time", view.service(id)),
    )
}

/// The most that an instance held; one that was asked for nothing held what it holds idle, at most.
fn memory(view: &RunView<'_>, service: ServiceId) -> Measured {
    let spec = view.spec();
    let of_service = |instance: &InstanceId| spec.instances[*instance] == service;
    let most = view.record.memories.most.iter();
    let most = most.filter(|(instance, _)| of_service(instance));
    let most = most
        .map(|(_, percent)| f64::from(*percent) / 100.0)
        .reduce(f64::max);
    Measured::maybe(
        most,
        format!("{} was asked for nothing", view.service(service)),
    )
}

/// How sagas ended; shares of none say nothing.
fn sagas_ended(view: &RunView<'_>, sagas: &[SagaId], what: SagaFigure) -> Measured {
    let counts = || sagas.iter().map(|&id| &view.record.sagas.0[id]);
    let over: u64 = counts().map(SagaCounts::over).sum();
    let share = |how: SagaEnd| {
        let some: u64 = counts().map(|it| it.ended(how)).sum();
        let share = (over > 0).then(|| some as f64 / over as f64);
        Measured::maybe(share, "no saga was over")
    };
    match what {
        SagaFigure::Completed => share(SagaEnd::Completed),
        SagaFigure::Compensated => share(SagaEnd::Compensated),
        SagaFigure::Stuck => {
            let stuck: u64 = counts().map(|it| it.ended(SagaEnd::Stuck)).sum();
            Measured::exactly(stuck as f64)
        }
        SagaFigure::Longest => {
            let longest = counts().map(|it| it.longest).max();
            let longest = longest.filter(|_| over > 0).map(SimDuration::as_ns_f64);
            Measured::maybe(longest, "no saga was over")
        }
    }
}

fn staleness(view: &RunView<'_>, layers: &[LayerId], percentile: f64) -> Measured {
    let mut ages = Histogram::fine();
    for layer in layers {
        if let Some(more) = &view.record.ages[*layer] {
            ages.merge(more);
        }
    }
    let value = ages.percentile(percentile);
    Measured::maybe(
        value.map(|ns| ns as f64),
        "no kept answer was given after the warm-up",
    )
}

fn pool_wait(view: &RunView<'_>, kept: &[KeptId], percentile: f64) -> Measured {
    let mut waits = Histogram::fine();
    for &id in kept {
        waits.merge(&view.record.kept[id].waits);
    }
    let value = waits.percentile(percentile);
    Measured::maybe(
        value.map(|ns| ns as f64),
        "nobody asked for a connection after the warm-up",
    )
}

fn queue_peak(view: &RunView<'_>, service: ServiceId, from: SimTime, until: SimTime) -> Measured {
    let level = view.record.snapshots.level(service, from, until);
    Measured::exactly(f64::from(level.queue_peak))
}

fn recovery_time(view: &RunView<'_>, fault: FaultId, of: RecoveryOf) -> Measured {
    let recovery = recovery(view, fault, of);
    match recovery.time() {
        Some(time) => Measured::exactly(time.as_ns_f64()),
        None if recovery.verdict == RecoveryVerdict::NotRecovered => Measured {
            never: true,
            ..Measured::nothing(recovery.text())
        },
        None => Measured::nothing(recovery.text()),
    }
}

fn not_recovered(view: &RunView<'_>, fault: FaultId, of: RecoveryOf) -> Measured {
    let recovery: Recovery = recovery(view, fault, of);
    match recovery.verdict {
        RecoveryVerdict::NotRecovered => Measured::exactly(1.0),
        RecoveryVerdict::Recovered | RecoveryVerdict::Relapsed => Measured::exactly(0.0),
        RecoveryVerdict::SaturatedBefore
        | RecoveryVerdict::NoBaseline
        | RecoveryVerdict::TooShortToJudge
        | RecoveryVerdict::NeverEnded => Measured::nothing(recovery.text()),
    }
}

fn answered(view: &RunView<'_>, id: OperationId, from: SimTime, until: SimTime) -> Measured {
    let snapshot = view.record.snapshots.operation(id, from, until);
    let name = operation_name(view.spec(), id);
    Measured::maybe(
        ratio(snapshot.finished, snapshot.arrived),
        format!("{name} was not called in this time"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_needs_every_possible_value() {
        let measured = |lowest, highest| Measured {
            lowest,
            highest,
            ..Measured::exactly(lowest)
        };
        for (bound, low, high, expected) in [
            (Bound::AtLeast(0.9), 0.9, 0.95, Verdict::Pass),
            (Bound::AtLeast(0.9), 0.89, 0.9, Verdict::Inconclusive),
            (Bound::AtLeast(0.9), 0.8, 0.89, Verdict::Fail),
            (Bound::AtMost(2.0), 1.0, 2.0, Verdict::Pass),
            (Bound::AtMost(2.0), 1.0, 2.1, Verdict::Inconclusive),
            (Bound::AtMost(2.0), 2.1, f64::INFINITY, Verdict::Fail),
            (Bound::Between(1.0, 2.0), 1.0, 2.0, Verdict::Pass),
            (Bound::Between(1.0, 2.0), 0.5, 2.5, Verdict::Inconclusive),
            (Bound::Between(1.0, 2.0), 0.1, 0.9, Verdict::Fail),
        ] {
            assert_eq!(
                verdict(bound, &measured(low, high)),
                expected,
                "{bound:?} {low} {high}"
            );
        }
        let unknown = Measured::nothing("");
        assert_eq!(verdict(Bound::AtMost(2.0), &unknown), Verdict::Inconclusive);
    }
}

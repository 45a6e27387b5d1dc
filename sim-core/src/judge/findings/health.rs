//! Health checks that do harm, or come too late.

use super::{About, Finding};
use crate::id::{CheckId, InstanceId, ServiceId};
use crate::judge::run_view::RunView;
use crate::judge::verdict::Severity;
use crate::judge::words::{count, counted, percent, seconds};
use crate::model::fact::HealthVerdict;
use crate::model::record::{CheckCause, CheckCounts, HealthChange};
use crate::model::spec::{Asks, CheckSpec, FaultKind, OnFail};
use crate::time::SimTime;
use std::collections::{BTreeMap, BTreeSet};

/// So many restarts by one check are no accident of a single instance.
const RESTARTS: usize = 3;
/// Of the failed checks of a spiral such a share waited or was turned away: the instances were busy,
/// not broken.
const BUSY: f64 = 0.5;
/// A fault that is found only after such a share of its time has done most of its harm.
const LATE: f64 = 0.5;
/// Starts without a pass in between: the first restart may be bad luck.
const STARTS: usize = 3;

/// Checks and what they said, in order.
fn changes<'a>(view: &RunView<'a>, check: CheckId) -> impl Iterator<Item = &'a HealthChange> {
    view.record
        .health_changes
        .iter()
        .filter(move |change| change.check == check)
}

/// Instances that were only busy are killed by a check that queues behind what keeps them busy, and their
/// load moves on to the others.
pub(super) fn death_spiral(view: &RunView<'_>) -> Vec<Finding> {
    let checks = view.spec().checks.iter_enumerated();
    let kills = checks.filter(|(_, check)| check.on_fail == OnFail::Restart);
    kills
        .filter_map(|(id, check)| spiral(view, id, check))
        .collect()
}

fn spiral(view: &RunView<'_>, id: CheckId, check: &CheckSpec) -> Option<Finding> {
    let fails: Vec<&HealthChange> = changes(view, id)
        .filter(|change| change.verdict == Some(HealthVerdict::Fails))
        .collect();
    let hit: BTreeSet<InstanceId> = fails.iter().map(|change| change.instance).collect();
    let counts = &view.record.whole.checks[id];
    let busy = busy_share(counts)?;
    if fails.len() < RESTARTS || hit.len() < 2 || busy < BUSY {
        return None;
    }
    let (first, last) = (fails.first()?, fails.last()?);
    Some(Finding {
        code: "death-spiral",
        severity: Severity::Critical,
        place: About::check(view, id),
        text: format!(
            "{} of {} instances were restarted {} times between {} and {} although they were only \
             busy: {} of the failed checks waited for a thread or were turned away, and the load of \
             each one killed went to the others",
            hit.len(),
            view.spec().services[check.service].instances,
            count(fails.len() as u64),
            seconds(first.at),
            seconds(last.at),
            percent(busy)
        ),
        remedy: "a liveness check that asks the process and not a thread; more `fails`; refuse load \
                 that is too much, by a short queue or a limit",
    })
}

/// The share of failed checks that found their instance busy.
fn busy_share(counts: &CheckCounts) -> Option<f64> {
    let busy = [
        CheckCause::InQueue,
        CheckCause::AtWork,
        CheckCause::Rejected,
    ];
    let busy: u64 = busy
        .iter()
        .map(|&cause| counts.failed[cause as usize])
        .sum();
    crate::judge::run_view::ratio(busy, counts.failed_total())
}

/// A fault hit instances that a check was to find, and it found them when most of the fault was over, or
/// never.
pub(super) fn detection_too_late(view: &RunView<'_>) -> Vec<Finding> {
    let spec = view.spec();
    let mut found = Vec::new();
    for (id, check) in spec.checks.iter_enumerated() {
        if view.record.whole.checks[id].failed_total() == 0 {
            continue;
        }
        for (_, fault) in spec.faults.iter_enumerated() {
            let hits = can_find(check, &fault.kind);
            let Some(&(from, until)) = fault.spans.first().filter(|_| hits) else {
                continue;
            };
            let until = until.min(view.record.end);
            let mut verdicts =
                changes(view, id).filter(|it| it.verdict == Some(HealthVerdict::Fails));
            let first = verdicts.find(|it| it.at >= from);
            let lasted = until.since(from).as_secs_f64();
            let took = first.map(|it| it.at.since(from).as_secs_f64());
            if took.is_some_and(|took| took <= LATE * lasted) || lasted <= 0.0 {
                continue;
            }
            // Nothing to be found: no check failed on account of it.
            if took.is_none() && check.config.fails > 1 && !failed_meanwhile(view, check.service) {
                continue;
            }
            let when = match first {
                Some(first) => format!("found it only at {}", seconds(first.at)),
                None => "never found it".to_owned(),
            };
            found.push(Finding {
                code: "detection-too-late",
                severity: Severity::Warning,
                place: About::check(view, id),
                text: format!(
                    "{} lasted from {} to {}, and the check {when}: it needs {} of its kind, {} \
                     apart",
                    fault.name,
                    seconds(from),
                    seconds(until),
                    counted(u64::from(check.config.fails), "failure"),
                    check.config.every
                ),
                remedy: "check more often, with a shorter `timeout` or fewer `fails`; let callers \
                         judge by what they see (`ejection`, a breaker)",
            });
        }
    }
    found
}

/// Whether a fault does something to instances of the checked service that such a check can see.
fn can_find(check: &CheckSpec, fault: &FaultKind) -> bool {
    let seen = check.asks != Asks::Process || fault.stops_processes();
    seen && fault
        .on_instances()
        .is_some_and(|it| it.acts_on(check.service))
}

/// Whether the service turned callers away or let them wait in vain at all.
fn failed_meanwhile(view: &RunView<'_>, service: ServiceId) -> bool {
    let mut edges = crate::model::record::edges_to(view.spec(), service);
    edges.any(|edge| {
        let counts = &view.record.whole.edges[edge];
        counts.ended_total() > counts.ended[crate::policy::Outcome::Ok as usize]
    })
}

/// An instance starts again and again, and never passes.
pub(super) fn never_ready(view: &RunView<'_>) -> Vec<Finding> {
    let checks = view.spec().checks.iter_enumerated();
    checks
        .filter_map(|(id, check)| unready(view, id, check))
        .collect()
}

/// Whether a fault acts on an instance at an instant.
fn acts_on(view: &RunView<'_>, instance: InstanceId, at: SimTime) -> bool {
    let mut faults = view.spec().faults.iter();
    faults.any(|fault| {
        let target = fault.kind.on_instances();
        target.is_some_and(|it| it.instances.contains(&instance))
            && fault.spans.iter().any(|span| span.0 <= at && at < span.1)
    })
}

fn unready(view: &RunView<'_>, id: CheckId, check: &CheckSpec) -> Option<Finding> {
    // Killed for being busy, it has started well: that is another finding.
    if spiral(view, id, check).is_some() {
        return None;
    }
    let mut starts = BTreeMap::<InstanceId, usize>::new();
    for change in changes(view, id) {
        match change.verdict {
            // While a fault acts on it, it is no wonder.
            None if acts_on(view, change.instance, change.at) => {}
            None => *starts.entry(change.instance).or_insert(0) += 1,
            Some(HealthVerdict::Passes) => {
                starts.remove(&change.instance);
            }
            Some(HealthVerdict::Fails) => {}
        }
    }
    let stuck: Vec<usize> = starts.into_values().filter(|&it| it >= STARTS).collect();
    let most = *stuck.iter().max()?;
    Some(Finding {
        code: "never-ready",
        severity: Severity::Critical,
        place: About::check(view, id),
        text: format!(
            "{} of {} started up to {} times without ever passing, and had not at the end",
            counted(stuck.len() as u64, "instance"),
            view.service(check.service),
            count(most as u64)
        ),
        remedy: "a startup check that holds up the others (`gates`), or a `delay`, longer than the \
                 startup; a liveness check that does not count while it starts",
    })
}

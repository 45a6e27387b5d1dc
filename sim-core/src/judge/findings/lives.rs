//! Instances that come and go, and callers that hear of it late.

use super::{About, Finding};
use crate::id::{InstanceId, ServiceId};
use crate::judge::run_view::RunView;
use crate::judge::verdict::Severity;
use crate::judge::words::{count, counted, percent, span};
use crate::model::fact::InstanceState;
use crate::model::record::{InstanceLife, WorldEvent, instance_name};
use crate::time::{SimDuration, SimTime};

/// Fewer attempts than this that were turned away are those that were under way.
const TURNED_AWAY: u64 = 10;
/// So many restarts in a row are a loop: the first may be bad luck, the second follows from it.
const IN_A_ROW: u32 = 3;

/// The instances of a service and their lives.
fn lives<'v>(
    view: &RunView<'v>,
    service: ServiceId,
) -> impl Iterator<Item = (InstanceId, &'v InstanceLife)> {
    let all = view.record.lives.iter_enumerated();
    let instances = &view.spec().instances;
    all.filter(move |(id, _)| instances[*id] == service)
}

/// Instances that turn callers away before these have heard that they are leaving.
pub(super) fn removal_gap(view: &RunView<'_>) -> Vec<Finding> {
    let spec = view.spec();
    let of = |service: ServiceId| {
        let turned_away: u64 = lives(view, service).map(|(_, life)| life.turned_away).sum();
        if turned_away < TURNED_AWAY {
            return None;
        }
        let stops: u64 = lives(view, service).map(|(_, life)| life.stops).sum();
        let drain = spec.services[service].lifecycle.as_ref();
        let drain = drain.map_or(SimDuration::ZERO, |it| it.drain);
        let name = view.service(service);
        Some(Finding {
            code: "removal-gap",
            severity: Severity::Warning,
            place: About::service(view, service),
            text: format!(
                "instances of {name} turned away {} after {} to stop: they answer for {} more, but \
                 callers go on choosing them until they hear of it",
                counted(turned_away, "attempt"),
                counted(stops, "order"),
                span(drain)
            ),
            remedy: "let `lifecycle.drain` last longer than it takes until all callers have heard \
                     (Kubernetes: a `preStop` sleep), and let callers retry `error.refused` elsewhere",
        })
    };
    spec.services.ids().filter_map(of).collect()
}

/// Callers that choose among the marked, since too few are well.
pub(super) fn panic_routing(view: &RunView<'_>) -> Vec<Finding> {
    let spec = view.spec();
    let of = |service: ServiceId| {
        let panics = panics(view, service);
        let (begins, longest) = (panics.len() as u64, panics.iter().max()?);
        let below = f64::from(spec.services[service].membership.panic_below) / 1e6;
        let name = view.service(service);
        let at_worst = view.record.counts_over_time[service].changes.iter();
        let fewest = at_worst.map(|change| change.1.in_rotation).min();
        let fewest = fewest.unwrap_or(spec.services[service].instances);
        Some(Finding {
            code: "panic-routing",
            severity: Severity::Warning,
            place: About::service(view, service),
            text: format!(
                "callers of {name} chose among all its instances, marked or not, {} and for up to \
                 {}: less than {} were in rotation, {} of {} at the worst",
                times(begins),
                span(*longest),
                percent(below),
                count(u64::from(fewest)),
                spec.services[service].instances
            ),
            remedy: "right where marks are false alarms, as when all checks fail at once; where \
                     they are true, lower `membership.panic_below`, or have more instances",
        })
    };
    spec.services.ids().filter_map(of).collect()
}

fn times(n: u64) -> String {
    match n {
        1 => "once".to_owned(),
        n => format!("{} times", count(n)),
    }
}

/// How long each panic lasted, of all readers.
fn panics(view: &RunView<'_>, of: ServiceId) -> Vec<SimDuration> {
    let mut since: Vec<(Option<crate::id::ProcessId>, SimTime)> = Vec::new();
    let mut lasted = Vec::new();
    for &(at, event) in &view.record.events {
        let WorldEvent::Panic {
            service,
            process,
            begins,
        } = event
        else {
            continue;
        };
        if service != of {
            continue;
        }
        if begins {
            since.push((process, at));
        } else if let Some(place) = since.iter().position(|it| it.0 == process) {
            lasted.push(at.since(since.remove(place).1));
        }
    }
    let to_the_end = since.iter().map(|it| it.1.until(view.record.end));
    lasted.extend(to_the_end);
    lasted
}

/// Instances that restart again and again.
pub(super) fn restart_loop(view: &RunView<'_>) -> Vec<Finding> {
    let of = |service: ServiceId| {
        let looping = lives(view, service).filter(|(_, life)| life.in_a_row >= IN_A_ROW);
        let looping: Vec<(InstanceId, &InstanceLife)> = looping.collect();
        let &(worst, life) = looping.iter().max_by_key(|(_, life)| life.in_a_row)?;
        let waited = SimDuration::from_ns(life.waited_ns);
        Some(Finding {
            code: "restart-loop",
            severity: Severity::Warning,
            place: About::service(view, service),
            text: format!(
                "{} of {} restarted {} times or more in a row; {} did {} times, and waited {} for it",
                counted(looping.len() as u64, "instance"),
                view.service(service),
                IN_A_ROW,
                instance_name(view.spec(), worst),
                life.in_a_row,
                span(waited)
            ),
            remedy: "see what ends them: a check that fails because they are busy, memory, or a start \
                     that takes longer than the checks allow; each restart moves load to the others",
        })
    };
    view.spec().services.ids().filter_map(of).collect()
}

/// Instances that start again and again and are never up.
pub(super) fn never_up(view: &RunView<'_>) -> Vec<Finding> {
    let is = |life: &InstanceLife| life.starts_in_vain >= 2 && life.state != InstanceState::Up;
    let of = |service: ServiceId| {
        let never = lives(view, service).filter(|(_, life)| is(life));
        let never: Vec<(InstanceId, &InstanceLife)> = never.collect();
        let &(first, life) = never.first()?;
        Some(Finding {
            code: "never-up",
            severity: Severity::Warning,
            place: About::service(view, service),
            text: format!(
                "{} of {} did not come up any more: {} started {} times in vain",
                counted(never.len() as u64, "instance"),
                view.service(service),
                instance_name(view.spec(), first),
                count(life.starts_in_vain)
            ),
            remedy: "give it the time that `lifecycle.startup` takes: a check that restarts must not \
                     judge before (Kubernetes: a startup probe), and crashes must leave pauses",
        })
    };
    view.spec().services.ids().filter_map(of).collect()
}

//! Who left the rotation, why, for how long, and what that left for the others; who was killed; and
//! when callers had too few to choose from.

use super::moment::{Moment, TOGETHER};
use super::run_view::RunView;
use super::verdict::TimelineKind;
use super::words::{counted, factor, span};
use crate::id::{InstanceId, ProcessId, ServiceId};
use crate::model::fact::{Mark, StopWhy};
use crate::model::record::{WorldEvent, instance_name};
use crate::time::{SimDuration, SimTime};
use std::collections::BTreeMap;

/// Instances of a service that left the rotation close together, for the same reason.
struct Leave {
    service: ServiceId,
    why: &'static str,
    at: SimTime,
    instances: Vec<InstanceId>,
    /// How long those were away that came back.
    away: Vec<SimDuration>,
    /// In rotation before and after \[count\].
    before: u32,
    left: u32,
}

/// The lines about lives, but those of crashes, which are as old as crashes.
pub(super) fn life_lines(view: &RunView<'_>) -> Vec<Moment> {
    let mut lines: Vec<Moment> = leaves(view).iter().map(|it| it.line(view)).collect();
    lines.extend(kill_lines(view));
    lines.extend(verdict_lines(view));
    lines.extend(panic_lines(view));
    lines
}

fn leaves(view: &RunView<'_>) -> Vec<Leave> {
    let spec = view.spec();
    let mut found: Vec<Leave> = Vec::new();
    let mut told: BTreeMap<InstanceId, StopWhy> = BTreeMap::new();
    let mut out: BTreeMap<ServiceId, u32> = BTreeMap::new();
    for (place, &(at, event)) in view.record.events.iter().enumerate() {
        match event {
            WorldEvent::Stops(id, _, why) => {
                told.insert(id, why);
            }
            WorldEvent::RotationJoined(id, _) => {
                let out = out.entry(spec.instances[id]).or_default();
                *out = out.saturating_sub(1);
            }
            WorldEvent::RotationLeft(id, mark) => {
                let service = spec.instances[id];
                let out = out.entry(service).or_default();
                *out += 1;
                // They have lines of their own.
                if matches!(mark, Mark::Dead | Mark::Ejected) {
                    continue;
                }
                let left = spec.services[service].instances - *out;
                let why = why(mark, told.get(&id).copied());
                let back = view.record.events[place..].iter().find_map(|later| {
                    let is_it = matches!(later.1, WorldEvent::RotationJoined(it, _) if it == id);
                    is_it.then(|| later.0.since(at))
                });
                let recent = found.iter_mut().rev();
                let mut recent = recent.take_while(|it| at.since(it.at) <= TOGETHER);
                match recent.find(|it| it.service == service && it.why == why) {
                    Some(it) => {
                        it.instances.push(id);
                        it.away.extend(back);
                        it.left = left;
                    }
                    None => found.push(Leave {
                        service,
                        why,
                        at,
                        instances: vec![id],
                        away: back.into_iter().collect(),
                        before: left + 1,
                        left,
                    }),
                }
            }
            WorldEvent::FaultStarted(_)
            | WorldEvent::FaultEnded(_)
            | WorldEvent::Struck(..)
            | WorldEvent::Lifted(..)
            | WorldEvent::InstanceDown(_)
            | WorldEvent::InstanceUp(_)
            | WorldEvent::Marked { .. }
            | WorldEvent::Panic { .. }
            | WorldEvent::Stopped(..) => {}
        }
    }
    found
}

/// Why an instance is out of rotation.
const fn why(mark: Mark, told: Option<StopWhy>) -> &'static str {
    match (mark, told) {
        (Mark::Leaving, Some(StopWhy::Check)) => "told to stop by a failed check",
        (Mark::Leaving, Some(StopWhy::Scaled)) => "told to stop, as there are to be fewer",
        (Mark::Leaving, Some(StopWhy::Deployed)) => "told to stop for a new version",
        (Mark::Leaving, Some(StopWhy::Fault) | None) => "told to stop",
        (Mark::Ejected, _) => "ejected",
        (Mark::Failing(_), _) => "as a check fails",
        (Mark::Unlisted, _) => "ended for good",
        (Mark::Dead, _) => "found dead",
    }
}

impl Leave {
    fn line(&self, view: &RunView<'_>) -> Moment {
        let who = who(view, self.service, &self.instances);
        let verb = if self.instances.len() == 1 {
            "leaves"
        } else {
            "leave"
        };
        let text = format!(
            "{who} {verb} the rotation, {}{}{}",
            self.why,
            self.how_long(),
            self.of_the_rest()
        );
        Moment {
            at: self.at,
            kind: TimelineKind::Instance,
            text,
        }
    }

    fn how_long(&self) -> String {
        let (Some(&least), Some(&most)) = (self.away.iter().min(), self.away.iter().max()) else {
            return ", for good".to_owned();
        };
        if least == most {
            format!(", for {}", span(least))
        } else {
            format!(", for {} to {}", span(least), span(most))
        }
    }

    fn of_the_rest(&self) -> String {
        match self.left {
            0 => "; nobody is left".to_owned(),
            left => {
                let share = f64::from(self.before) / f64::from(left);
                let others = if left == 1 {
                    "the one that is left gets".to_owned()
                } else {
                    format!("the {left} that are left get")
                };
                format!("; {others} {} times as much", factor(share))
            }
        }
    }
}

/// `web/3`, or `2 of 6 instances of web`.
fn who(view: &RunView<'_>, service: ServiceId, instances: &[InstanceId]) -> String {
    match instances {
        [one] => instance_name(view.spec(), *one),
        several => {
            let of = view.spec().services[service].instances;
            format!(
                "{} of {of} instances of {}",
                several.len(),
                view.service(service)
            )
        }
    }
}

/// Those that were killed when their time was over.
fn kill_lines(view: &RunView<'_>) -> Vec<Moment> {
    let spec = view.spec();
    let mut groups: Vec<(SimTime, ServiceId, Vec<InstanceId>)> = Vec::new();
    for &(at, event) in &view.record.events {
        let WorldEvent::Stopped(id, true) = event else {
            continue;
        };
        let service = spec.instances[id];
        let recent = groups.iter_mut().rev();
        let mut recent = recent.take_while(|group| at.since(group.0) <= TOGETHER);
        match recent.find(|group| group.1 == service) {
            Some(group) => group.2.push(id),
            None => groups.push((at, service, vec![id])),
        }
    }
    let line = |(at, service, instances): (SimTime, ServiceId, Vec<InstanceId>)| {
        let is = if instances.len() == 1 { "is" } else { "are" };
        let who = who(view, service, &instances);
        Moment {
            at,
            kind: TimelineKind::Instance,
            text: format!("{who} {is} killed: the time to stop is over"),
        }
    };
    groups.into_iter().map(line).collect()
}

/// Verdicts of single callers: who no longer chooses whom.
fn verdict_lines(view: &RunView<'_>) -> Vec<Moment> {
    let mut groups: Vec<(SimTime, InstanceId, Mark, bool, Vec<ProcessId>)> = Vec::new();
    for &(at, event) in &view.record.events {
        let WorldEvent::Marked {
            instance,
            mark,
            holds,
            process: Some(process),
        } = event
        else {
            continue;
        };
        // Ejection tells its own, with the reasons.
        if mark == Mark::Ejected {
            continue;
        }
        let recent = groups.iter_mut().rev();
        let mut recent = recent.take_while(|group| at.since(group.0) <= TOGETHER);
        match recent.find(|group| (group.1, group.2, group.3) == (instance, mark, holds)) {
            Some(group) => group.4.push(process),
            None => groups.push((at, instance, mark, holds, vec![process])),
        }
    }
    let line = |(at, instance, mark, holds, callers): (_, _, Mark, bool, Vec<ProcessId>)| {
        let name = instance_name(view.spec(), instance);
        let callers = counted(callers.len() as u64, "caller");
        let text = if holds {
            format!("{name} is {} for {callers}", mark.name())
        } else {
            format!("{name} is no longer {} for {callers}", mark.name())
        };
        Moment {
            at,
            kind: TimelineKind::Instance,
            text,
        }
    };
    groups.into_iter().map(line).collect()
}

/// When callers had so few to choose from that they chose among all.
fn panic_lines(view: &RunView<'_>) -> Vec<Moment> {
    let mut groups: Vec<(SimTime, ServiceId, bool, u64)> = Vec::new();
    for &(at, event) in &view.record.events {
        let WorldEvent::Panic {
            service, begins, ..
        } = event
        else {
            continue;
        };
        let recent = groups.iter_mut().rev();
        let mut recent = recent.take_while(|group| at.since(group.0) <= TOGETHER);
        match recent.find(|group| (group.1, group.2) == (service, begins)) {
            Some(group) => group.3 += 1,
            None => groups.push((at, service, begins, 1)),
        }
    }
    let line = |(at, service, begins, callers): (SimTime, ServiceId, bool, u64)| {
        let name = view.service(service);
        let each = view.spec().services[service].membership.own_views();
        let who = if each {
            counted(callers, "caller")
        } else {
            "callers".to_owned()
        };
        let text = if begins {
            format!("panic: too few of {name} are in rotation, so {who} choose among all")
        } else {
            format!("{who} of {name} choose among those in rotation again")
        };
        Moment {
            at,
            kind: TimelineKind::Instance,
            text,
        }
    };
    groups.into_iter().map(line).collect()
}

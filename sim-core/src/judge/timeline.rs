//! What happened, in words: faults, waiting rooms, breakers, goodput and recovery, in the order of
//! time. What many did close together is told once; if there is still too much to read, the least
//! telling kinds make room, the latest lines first.

use super::breaker_lines::breaker_lines;
use super::cold::cold_starts;
use super::ejection_lines::ejection_lines;
use super::goodput_lines::goodput_lines;
use super::health_lines::health_lines;
use super::life_lines::life_lines;
use super::limit_moments::limit_moments;
use super::moment::{Moment, TOGETHER};
use super::recovery::Recovery;
use super::run_view::RunView;
use super::verdict::{RecoveryVerdict, TimelineKind};
use super::words::{count, fault_text, seconds};
use crate::id::{FaultId, ServiceId};
use crate::model::fact::Mark;
use crate::model::record::{RunStatus, WorldEvent};
use crate::model::spec::ModelSpec;
use crate::scenario::expect::RecoveryOf;
use crate::time::{SimDuration, SimTime};
use std::collections::{BTreeMap, BTreeSet};

/// At most so many lines.
const MAX_LINES: usize = 40;
/// What instances of a service do more often than this is not told each time.
const FEW: usize = 3;
/// Episodes of a full queue closer than this are one.
const ONE_EPISODE: SimDuration = SimDuration::from_secs(5);

/// The timeline of a run.
pub fn timeline(view: &RunView<'_>, recoveries: &[Recovery]) -> Vec<Moment> {
    let mut lines = fault_lines(view);
    lines.extend(instance_lines(view));
    lines.extend(life_lines(view));
    lines.extend(cold_lines(view));
    lines.extend(ejection_lines(view));
    lines.extend(health_lines(view));
    lines.extend(queue_lines(view));
    lines.extend(breaker_lines(view));
    lines.extend(limit_moments(view));
    lines.extend(goodput_lines(view));
    lines.extend(recovery_lines(view, recoveries));
    lines.extend(end_line(view));
    lines.sort_by_key(|line| (line.at, line.kind));
    make_room(&mut lines);
    lines
}

/// Leaves out the least telling lines, and says how many.
fn make_room(lines: &mut Vec<Moment>) {
    let Some(end) = lines.last().map(|line| line.at) else {
        return;
    };
    let mut left_out = 0;
    while lines.len() >= MAX_LINES {
        let least = (0..lines.len()).max_by_key(|&place| (lines[place].kind, place));
        lines.remove(least.unwrap_or_default());
        left_out += 1;
    }
    if left_out > 0 {
        let text = format!("{left_out} more lines are left out");
        lines.push(Moment {
            at: end,
            kind: TimelineKind::Instance,
            text,
        });
    }
}

fn fault_lines(view: &RunView<'_>) -> Vec<Moment> {
    let spec = view.spec();
    let line = |&(at, event): &(SimTime, WorldEvent)| {
        let text = match event {
            WorldEvent::FaultStarted(id) => fault_begins(spec, id),
            WorldEvent::FaultEnded(id) => fault_ends(spec, id),
            WorldEvent::Struck(..)
            | WorldEvent::Lifted(..)
            | WorldEvent::InstanceDown(_)
            | WorldEvent::InstanceUp(_)
            | WorldEvent::RotationLeft(..)
            | WorldEvent::RotationJoined(..)
            | WorldEvent::Marked { .. }
            | WorldEvent::Panic { .. }
            | WorldEvent::Stops(..)
            | WorldEvent::Stopped(..) => return None,
        };
        Some(Moment {
            at,
            kind: TimelineKind::Fault,
            text,
        })
    };
    view.record.events.iter().filter_map(line).collect()
}

pub(super) fn fault_begins(spec: &ModelSpec, id: FaultId) -> String {
    let fault = &spec.faults[id];
    format!("{} ({})", fault_text(spec, fault), fault.name)
}

pub(super) fn fault_ends(spec: &ModelSpec, id: FaultId) -> String {
    format!("{} ends", spec.faults[id].name)
}

/// Deaths and returns, told once per service and second.
fn instance_lines(view: &RunView<'_>) -> Vec<Moment> {
    let spec = view.spec();
    let mut groups: Vec<Doing> = Vec::new();
    let mut told = BTreeSet::new();
    for &(at, event) in &view.record.events {
        let (instance, verb) = match event {
            WorldEvent::InstanceDown(id) => (id, "go down".to_owned()),
            // The way of one that was told to stop is told in one line.
            WorldEvent::InstanceUp(id) if told.remove(&id) => continue,
            WorldEvent::InstanceUp(id) => (id, "come back".to_owned()),
            WorldEvent::RotationLeft(id, Mark::Dead) => (id, "leave the rotation".to_owned()),
            WorldEvent::RotationJoined(id, Mark::Dead) => {
                (id, "join the rotation again".to_owned())
            }
            WorldEvent::Stops(id, ..) => {
                told.insert(id);
                continue;
            }
            // They have lines of their own.
            WorldEvent::RotationLeft(..)
            | WorldEvent::RotationJoined(..)
            | WorldEvent::Marked { .. }
            | WorldEvent::Panic { .. }
            | WorldEvent::Stopped(..)
            | WorldEvent::FaultStarted(_)
            | WorldEvent::FaultEnded(_) => continue,

            // Deaths and returns have lines of their own.
            WorldEvent::Struck(id, _) | WorldEvent::Lifted(id, _) if kills(spec, id) => continue,
            WorldEvent::Struck(id, hit) => (hit, format!("are hit by {}", spec.faults[id].name)),
            WorldEvent::Lifted(id, hit) => (hit, format!("are free of {}", spec.faults[id].name)),
        };
        let service = spec.instances[instance];
        let mut recent = groups
            .iter_mut()
            .rev()
            .take_while(|group| at.since(group.at) <= TOGETHER);
        match recent.find(|group| group.service == service && group.verb == verb) {
            Some(group) => group.hit += 1,
            None => groups.push(Doing {
                service,
                verb,
                at,
                hit: 1,
            }),
        }
    }
    told_briefly(view, &groups)
}

/// Lines about instances: what those of a service do again and again is told a few times, and then
/// how often more.
fn told_briefly(view: &RunView<'_>, groups: &[Doing]) -> Vec<Moment> {
    let mut all: BTreeMap<(ServiceId, &str), (usize, SimTime)> = BTreeMap::new();
    for one in groups {
        let (times, last) = all.entry(one.key()).or_insert((0, one.at));
        (*times, *last) = (*times + 1, one.at);
    }
    let mut told: BTreeMap<(ServiceId, &str), usize> = BTreeMap::new();
    let mut lines = Vec::new();
    for one in groups {
        let (times, last) = all[&one.key()];
        let before = told.entry(one.key()).or_default();
        *before += 1;
        let text = match (*before - 1, times - FEW.min(times)) {
            (FEW, more @ 2..) => {
                format!(
                    "{} {more} more times until {}",
                    one.all(view),
                    seconds(last)
                )
            }
            (..=FEW, _) => one.text(view),
            (_, _) => continue,
        };
        lines.push(Moment {
            at: one.at,
            kind: TimelineKind::Instance,
            text,
        });
    }
    lines
}

/// What instances of a service do close together.
struct Doing {
    service: ServiceId,
    /// What several do.
    verb: String,
    /// Since when.
    at: SimTime,
    /// How many of them \[count\].
    hit: u32,
}

impl Doing {
    fn key(&self) -> (ServiceId, &str) {
        (self.service, &self.verb)
    }

    fn text(&self, view: &RunView<'_>) -> String {
        let (name, verb) = (view.service(self.service), &self.verb);
        match (view.spec().services[self.service].instances, self.hit) {
            (1, _) => format!("the instance of {name} {}", of_one(verb)),
            (of, 1) => format!("1 of {of} instances of {name} {}", of_one(verb)),
            (of, hit) => format!("{hit} of {of} instances of {name} {verb}"),
        }
    }

    /// The same of whichever instances.
    fn all(&self, view: &RunView<'_>) -> String {
        let name = view.service(self.service);
        match view.spec().services[self.service].instances {
            1 => format!("the instance of {name} {}", of_one(&self.verb)),
            _ => format!("instances of {name} {}", self.verb),
        }
    }
}

fn cold_lines(view: &RunView<'_>) -> Vec<Moment> {
    let cold = cold_starts(view).into_iter();
    cold.map(|one| Moment {
        at: one.at,
        kind: TimelineKind::Instance,
        text: one.text(view),
    })
    .collect()
}

fn kills(spec: &ModelSpec, fault: FaultId) -> bool {
    spec.faults[fault].kind.crash().is_some()
}

/// When waiting rooms were full, and when they had room again.
fn queue_lines(view: &RunView<'_>) -> Vec<Moment> {
    let mut merged: Vec<crate::model::record::FullEpisode> = Vec::new();
    for episode in &view.record.full_episodes {
        match merged.last_mut() {
            Some(last)
                if last.service == episode.service
                    && episode.from.since(last.last) <= ONE_EPISODE =>
            {
                last.last = episode.last;
                last.rejected += episode.rejected;
            }
            Some(_) | None => merged.push(*episode),
        }
    }
    merged
        .iter()
        .flat_map(|episode| episode_lines(view, episode))
        .collect()
}

pub(super) fn full_text(view: &RunView<'_>, service: ServiceId) -> String {
    format!("the queue of {} is full", view.service(service))
}

fn episode_lines(view: &RunView<'_>, episode: &crate::model::record::FullEpisode) -> Vec<Moment> {
    let name = view.service(episode.service);
    let kind = TimelineKind::Queue;
    let mut lines = vec![Moment {
        at: episode.from,
        kind,
        text: full_text(view, episode.service),
    }];
    let is_long = episode.last.since(episode.from) >= ONE_EPISODE;
    if is_long && episode.last + ONE_EPISODE < view.record.end {
        let rejected = count(episode.rejected);
        let text = format!("the queue of {name} has room again; {rejected} were turned away");
        lines.push(Moment {
            at: episode.last,
            kind,
            text,
        });
    }
    lines
}

pub(super) fn recovery_lines(view: &RunView<'_>, recoveries: &[Recovery]) -> Vec<Moment> {
    let of_all = recoveries
        .iter()
        .filter(|recovery| recovery.of == RecoveryOf::AllClients);
    of_all
        .flat_map(|recovery| recovery_line(view, recovery))
        .collect()
}

fn recovery_line(view: &RunView<'_>, recovery: &Recovery) -> Vec<Moment> {
    let kind = TimelineKind::Recovery;
    let fault = recovery.trigger.name(view.spec());
    let line = |at, text| Moment { at, kind, text };
    let mut lines = Vec::new();
    if let (Some(at), Some(time)) = (recovery.recovered_at, recovery.time()) {
        let text = match time {
            SimDuration::ZERO => format!("recovered as soon as {fault} ended"),
            time => format!("recovered, {time} after {fault} ended"),
        };
        lines.push(line(at, text));
    }
    if let Some(at) = recovery.relapsed_at {
        lines.push(line(
            at,
            "useful calls fall again, without a fault".to_owned(),
        ));
    }
    if recovery.verdict == RecoveryVerdict::NotRecovered {
        let text = format!(
            "not recovered from {fault}, which ended at {}",
            seconds(recovery.ended)
        );
        lines.push(line(view.record.end, text));
    }
    lines
}

fn end_line(view: &RunView<'_>) -> Option<Moment> {
    let text = match view.record.status {
        RunStatus::Finished => return None,
        RunStatus::Limit(limit) => format!("the run stops at its limit `{}`", limit.name()),
        RunStatus::Interrupted => "the run is interrupted".to_owned(),
    };
    Some(Moment {
        at: view.record.end,
        kind: TimelineKind::Recovery,
        text,
    })
}
/// What one does where several do this.
fn of_one(verb: &str) -> String {
    match verb.split_once(' ') {
        Some(("are", rest)) => format!("is {rest}"),
        Some(("go", rest)) => format!("goes {rest}"),
        Some((first, rest)) => format!("{first}s {rest}"),
        None => format!("{verb}s"),
    }
}

//! The lives of instances as they were seen: how long each was in which state, and how many were, when.
//!
//! Levels that last no time are none: of what happens at one instant only the end counts.

use crate::id::{IdMap, InstanceId, ProcessId, ServiceId};
use crate::model::fact::InstanceState;
use crate::model::spec::ModelSpec;
use crate::time::{SimDuration, SimTime};
use std::collections::BTreeMap;

/// Changes of the numbers of a service that are kept.
const MAX_CHANGES: usize = 100_000;

/// The life of the instances of one slot, from the beginning of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceLife {
    /// By state: how long it was in it \[ns\].
    pub in_state_ns: [u64; InstanceState::ALL.len()],
    /// How long it was out of rotation, for all callers \[ns\].
    pub out_ns: u64,
    /// How often it was told to stop \[count\].
    pub stops: u64,
    /// Of those stops, how many ended in a kill at `grace` \[count\].
    pub kills: u64,
    /// How often it died otherwise \[count\].
    pub deaths: u64,
    /// How often a process started in it \[count\].
    pub starts: u64,
    /// How long it waited for that, from the end of the process before \[ns\].
    pub waited_ns: u64,
    /// Most restarts in a row \[count\].
    pub in_a_row: u32,
    /// Starts since it was last up \[count\].
    pub starts_in_vain: u64,
    /// Operations that died with it \[count\].
    pub lost: u64,
    /// Attempts that it turned away because it was told to stop \[count\].
    pub turned_away: u64,
    /// The state that it is in,
    pub state: InstanceState,
    /// whether it is in rotation, of one caller at least,
    pub in_rotation: bool,
    /// and until when the times above are told.
    since: SimTime,
}

impl InstanceLife {
    /// Up and in rotation from the beginning.
    const UP: Self = Self {
        in_state_ns: [0; InstanceState::ALL.len()],
        out_ns: 0,
        stops: 0,
        kills: 0,
        deaths: 0,
        starts: 0,
        waited_ns: 0,
        in_a_row: 0,
        starts_in_vain: 0,
        lost: 0,
        turned_away: 0,
        state: InstanceState::Up,
        in_rotation: true,
        since: SimTime::ZERO,
    };

    /// Brings the times up to now.
    fn pass(&mut self, now: SimTime) {
        let span = now.since(self.since).as_ns();
        self.in_state_ns[self.state as usize] += span;
        if !self.in_rotation {
            self.out_ns += span;
        }
        self.since = now;
    }

    /// Whether callers that know it reach somebody who answers.
    fn serves(&self) -> bool {
        self.in_rotation && self.state == InstanceState::Up
    }
}

/// How many instances of a service are in which state \[count\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InstanceCounts {
    /// By state.
    pub in_state: [u32; InstanceState::ALL.len()],
    /// In rotation, whatever their state.
    pub in_rotation: u32,
    /// Up and in rotation.
    pub serving: u32,
}

impl InstanceCounts {
    fn add(&mut self, life: &InstanceLife) {
        self.in_state[life.state as usize] += 1;
        self.in_rotation += u32::from(life.in_rotation);
        self.serving += u32::from(life.serves());
    }

    fn remove(&mut self, life: &InstanceLife) {
        self.in_state[life.state as usize] -= 1;
        self.in_rotation -= u32::from(life.in_rotation);
        self.serving -= u32::from(life.serves());
    }
}

/// How many instances of a service were in which state, when: each entry holds until the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountsOverTime {
    /// In order; the first one is of the beginning. Empty for services whose instances do not come and go.
    pub changes: Vec<(SimTime, InstanceCounts)>,
    /// Changes that found no place there \[count\].
    pub left_out: u64,
}

impl CountsOverTime {
    fn set(&mut self, now: SimTime, counts: InstanceCounts) {
        let has_room = self.changes.len() < MAX_CHANGES;
        match self.changes.last_mut() {
            Some(last) if last.0 == now => last.1 = counts,
            Some(last) if last.1 == counts => {}
            Some(_) | None if has_room => self.changes.push((now, counts)),
            Some(_) | None => self.left_out += 1,
        }
    }

    /// What held at an instant, before what happened at it.
    pub fn before(&self, at: SimTime) -> InstanceCounts {
        let until = self.changes.partition_point(|change| change.0 < at);
        let last = self.changes[..until].last().or(self.changes.first());
        last.map_or_else(InstanceCounts::default, |change| change.1)
    }

    /// What held within a span, at any time in it.
    pub fn within(&self, from: SimTime, until: SimTime) -> impl Iterator<Item = InstanceCounts> {
        let first = self.changes.partition_point(|change| change.0 <= from);
        let of_before = self.changes[..first].last();
        let inside = self.changes[first..].iter();
        let inside = inside.take_while(move |change| change.0 < until);
        of_before.into_iter().chain(inside).map(|change| change.1)
    }
}

/// The lives of all instances.
#[derive(Clone, Debug)]
pub(super) struct Lives {
    each: IdMap<InstanceId, InstanceLife>,
    counts: IdMap<ServiceId, InstanceCounts>,
    over_time: IdMap<ServiceId, CountsOverTime>,
    come_and_go: IdMap<ServiceId, bool>,
    of: IdMap<InstanceId, ServiceId>,
    /// By service: instances that there have been, and that have ended for good \[count\].
    created: IdMap<ServiceId, u64>,
    ended: IdMap<ServiceId, u64>,
    /// By instance: whether it has no mark that is for all.
    has_none: IdMap<InstanceId, bool>,
    /// Marks that single callers hold \[count\].
    held: BTreeMap<(InstanceId, ProcessId), u32>,
    /// By instance: callers that hold some \[count\].
    left_by: IdMap<InstanceId, u32>,
    /// By service: callers that choose for themselves \[count\].
    callers: IdMap<ServiceId, u32>,
    /// From then on nothing is kept.
    until: SimTime,
}

impl Lives {
    pub(super) fn new(spec: &ModelSpec, until: SimTime) -> Self {
        let services = || spec.services.iter();
        let mut lives = Self {
            each: spec.instances.iter().map(|_| InstanceLife::UP).collect(),
            counts: services().map(|_| InstanceCounts::default()).collect(),
            over_time: services().map(|_| CountsOverTime::default()).collect(),
            come_and_go: spec.services.ids().map(|id| spec.come_and_go(id)).collect(),
            of: spec.instances.clone(),
            created: services().map(|it| u64::from(it.instances)).collect(),
            ended: services().map(|_| 0).collect(),
            has_none: spec.instances.iter().map(|_| true).collect(),
            held: BTreeMap::new(),
            left_by: spec.instances.iter().map(|_| 0).collect(),
            callers: spec.services.ids().map(|id| callers(spec, id)).collect(),
            until,
        };
        for (&service, life) in lives.of.iter().zip(&lives.each) {
            lives.counts[service].add(life);
        }
        for service in spec.services.ids() {
            lives.note(SimTime::ZERO, service);
        }
        lives
    }

    fn note(&mut self, now: SimTime, service: ServiceId) {
        if self.come_and_go[service] && now < self.until {
            self.over_time[service].set(now, self.counts[service]);
        }
    }

    /// An instance is changed in some way.
    fn alter(&mut self, now: SimTime, id: InstanceId, change: impl FnOnce(&mut InstanceLife)) {
        let service = self.of[id];
        let life = &mut self.each[id];
        self.counts[service].remove(life);
        life.pass(now.min(self.until).max(life.since));
        change(life);
        self.counts[service].add(life);
        self.note(now, service);
    }

    pub(super) fn died(&mut self, now: SimTime, id: InstanceId) {
        self.alter(now, id, |life| {
            life.deaths += 1;
            life.state = InstanceState::Down;
        });
    }

    pub(super) fn came_up(&mut self, now: SimTime, id: InstanceId) {
        self.alter(now, id, |life| {
            life.state = InstanceState::Up;
            life.starts_in_vain = 0;
        });
    }

    pub(super) fn told_to_stop(&mut self, now: SimTime, id: InstanceId) {
        self.alter(now, id, |life| {
            // Who drains already is only told what follows.
            life.stops += u64::from(life.state != InstanceState::Draining);
            if life.state == InstanceState::Up {
                life.state = InstanceState::Draining;
            }
        });
    }

    pub(super) fn stopped(&mut self, now: SimTime, id: InstanceId, killed: bool) {
        self.alter(now, id, |life| {
            life.kills += u64::from(killed);
            life.state = InstanceState::Down;
        });
    }

    pub(super) fn starts(
        &mut self,
        now: SimTime,
        id: InstanceId,
        restart: u32,
        waited: SimDuration,
    ) {
        self.alter(now, id, |life| {
            life.starts += 1;
            life.starts_in_vain += 1;
            life.in_a_row = life.in_a_row.max(restart);
            life.waited_ns = life.waited_ns.saturating_add(waited.as_ns());
            life.state = InstanceState::Starting;
        });
    }

    pub(super) fn created(&mut self, now: SimTime, id: InstanceId) {
        self.created[self.of[id]] += 1;
        self.alter(now, id, |life| life.state = InstanceState::Down);
    }

    pub(super) fn ended(&mut self, now: SimTime, id: InstanceId) {
        self.ended[self.of[id]] += 1;
        self.alter(now, id, |life| life.state = InstanceState::Empty);
    }

    /// An instance has a mark that is for all, or none any more.
    pub(super) fn rotation(&mut self, now: SimTime, id: InstanceId, in_rotation: bool) {
        self.has_none[id] = in_rotation;
        self.turn(now, id);
    }

    /// A caller marks an instance for itself, or takes that back.
    pub(super) fn marked_by(
        &mut self,
        now: SimTime,
        (id, process): (InstanceId, ProcessId),
        holds: bool,
    ) {
        let held = self.held.entry((id, process)).or_default();
        let left_before = *held > 0;
        *held = if holds {
            *held + 1
        } else {
            held.saturating_sub(1)
        };
        let leaves = *held > 0;
        self.left_by[id] = self.left_by[id] + u32::from(leaves) - u32::from(left_before);
        self.turn(now, id);
    }

    /// An instance is in rotation while one caller has no reason to leave it out.
    fn turn(&mut self, now: SimTime, id: InstanceId) {
        let left_by_all = self.left_by[id] >= self.callers[self.of[id]].max(1);
        let in_rotation = self.has_none[id] && !left_by_all;
        if self.each[id].in_rotation != in_rotation {
            self.alter(now, id, |life| life.in_rotation = in_rotation);
        }
    }

    pub(super) fn turned_away(&mut self, id: InstanceId) {
        self.each[id].turned_away += 1;
    }

    /// An operation died with it.
    pub(super) fn lost(&mut self, instance: InstanceId) {
        self.each[instance].lost += 1;
    }

    /// The run is over.
    pub(super) fn close(&mut self, end: SimTime) {
        for life in &mut self.each {
            life.pass(end.max(life.since));
        }
    }

    /// How many there are of a service in each state now.
    pub(super) fn counts(&self, service: ServiceId) -> InstanceCounts {
        self.counts[service]
    }

    /// Services whose instances come and go, with how many were created and have ended.
    pub(super) fn created_and_ended(&self) -> impl Iterator<Item = (ServiceId, u64, u64)> {
        let all = self.come_and_go.iter_enumerated();
        let come_and_go = all.filter(|(_, does)| **does);
        come_and_go.map(|(id, _)| (id, self.created[id], self.ended[id]))
    }

    pub(super) fn into_records(
        self,
    ) -> (
        IdMap<InstanceId, InstanceLife>,
        IdMap<ServiceId, CountsOverTime>,
    ) {
        (self.each, self.over_time)
    }
}

/// Callers that choose among the instances of a service, each for itself \[count\].
fn callers(spec: &ModelSpec, service: ServiceId) -> u32 {
    let groups = spec.callers_of(service).into_iter();
    groups.map(|group| spec.processes(group).1).sum()
}

/// Instances that have not ended for good \[count\].
pub(super) fn there(counts: &InstanceCounts) -> i64 {
    let all: u32 = counts.in_state.iter().sum();
    i64::from(all - counts.in_state[InstanceState::Empty as usize])
}

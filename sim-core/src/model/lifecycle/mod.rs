//! Lifecycle: how instances come, stop, die, are missed, come back and warm up (rules 19, 25, 48 to 50, 54).
//!
//! An instance that is told to stop is *leaving* from that instant on: it goes on answering for `drain`,
//! then turns away who comes, and ends when it has nothing left, or is killed at `grace`. Others hear of it
//! only after a while, so one that turns callers away too early fails those who have not heard: that gap
//! is what this part is about.
//!
//! An instance is down while any fault holds it down. Nobody knows at once: it stays in rotation until it
//! is noticed, and comes back into it when it is up. A process that has ended starts again when its
//! service says so ([`restarts`]), and is up when it has started.
//!
//! What all that does to its work, its calls and its state is for the parts that own those, which are told
//! by changes. What others hear, and when, is in [`news`].

mod event;
mod life;
mod news;
mod restarts;
mod rolling;
mod rollout;

use self::life::Life;
use self::news::Grapevine;
use self::rollout::Rollout;
use super::cx::Cx;
use super::directory::{InstanceState, Mark};
use super::fact::{Fact, Observer, StopWhy, Then};
use super::handoff::Change;
use crate::id::{FaultId, IdMap, InstanceId, ServiceId};
use crate::kernel::Class;
use crate::model::spec::{CallersSee, CrashFault, FaultKind, LifeFault, LifecycleSpec, ModelSpec};
use crate::random::{Draws, KeySource, SiteKey, child_key};
use crate::time::SimDuration;
use crate::units::Factor;

pub(super) use self::event::LifeEvent;

/// The lives of all instances.
#[derive(Clone, Debug)]
pub(crate) struct Lifecycle {
    instances: IdMap<InstanceId, Life>,
    services: IdMap<ServiceId, Lives>,
    grapevine: Grapevine,
    rollouts: Vec<Rollout>,
    /// By fault: instances that it has stopped for good, and not replaced \[count\].
    stopped: IdMap<FaultId, u32>,
}

/// What the instances of a service have in common.
#[derive(Clone, Debug)]
struct Lives {
    /// Of the times that processes need to start.
    startups: SiteKey,
    /// Of the waits before restarts.
    waits: SiteKey,
    /// Incarnations so far \[count\].
    incarnations: u32,
    /// Instances that wait for an empty slot \[count\].
    waiting: u32,
}

impl Lifecycle {
    pub(crate) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        let lives = spec.services.iter().map(|service| {
            let path = ["service", &service.name];
            Lives {
                startups: keys.site(&path, "startup"),
                waits: keys.site(&path, "restart"),
                incarnations: service.instances,
                waiting: 0,
            }
        });
        Self {
            instances: spec.instances.iter().map(|_| Life::UP).collect(),
            services: lives.collect(),
            grapevine: Grapevine::new(spec, keys),
            rollouts: Vec::new(),
            stopped: spec.faults.iter().map(|_| 0).collect(),
        }
    }

    /// Instances of services whose instances come and go that have not ended for good \[count\].
    pub(crate) fn there(&self, spec: &ModelSpec) -> u64 {
        let all = self.instances.iter().zip(&spec.instances);
        let there = all.filter(|(life, service)| {
            life.state != InstanceState::Empty && spec.come_and_go(**service)
        });
        there.count() as u64
    }

    pub(crate) fn handle<O: Observer>(&mut self, cx: &mut Cx<'_, O>, event: LifeEvent) {
        match event {
            LifeEvent::Noticed(instance) => {
                self.instances[instance].timers.noticed.forget();
                self.mark(cx, instance, Mark::Dead, true);
            }
            LifeEvent::Warm(instance) => {
                self.instances[instance].timers.warm.forget();
                let factor = Factor::ONE;
                cx.work.push_change(Change::ColdStart { instance, factor });
            }
            LifeEvent::Drained(instance) => {
                self.instances[instance].timers.next.forget();
                cx.work.push_change(Change::Refusing { instance });
            }
            LifeEvent::GraceOver(instance) => {
                self.instances[instance].timers.grace.forget();
                self.stopped(cx, instance, true);
            }
            LifeEvent::Due(instance) => {
                self.instances[instance].timers.next.forget();
                self.start(cx, instance);
            }
            LifeEvent::Started(instance) => {
                self.instances[instance].timers.next.forget();
                self.come_up(cx, instance);
            }
            LifeEvent::Heard(place) => self.grapevine.arrives(cx, place),
            LifeEvent::Fill(service) => self.fill(cx, ServiceId(service)),
            LifeEvent::NextWave(rollout) => self.next_wave(cx, rollout),
        }
    }

    pub(crate) fn apply<O: Observer>(&mut self, cx: &mut Cx<'_, O>, change: &Change) {
        match *change {
            Change::Fault { fault, active } => match &cx.spec.faults[fault].kind {
                FaultKind::Life(target, LifeFault::Restart(roll)) if active => {
                    self.roll_out(cx, fault, *roll, &target.instances);
                }
                FaultKind::Life(_, LifeFault::Restart(_)) => self.end_rollouts(fault),
                FaultKind::Life(target, kind) => {
                    for &instance in &target.instances {
                        self.strike(cx, fault, kind, instance, active);
                    }
                }
                FaultKind::Work(..)
                | FaultKind::Edge(..)
                | FaultKind::Client(..)
                | FaultKind::Setting(_)
                | FaultKind::Kept(_) => {}
            },
            Change::Strikes(strike) => {
                if let FaultKind::Life(_, kind) = &cx.spec.faults[strike.fault].kind {
                    self.strike(cx, strike.fault, kind, strike.instance, strike.active);
                }
            }
            Change::Stop {
                instance,
                then,
                why,
            } => self.stop(cx, instance, then, why),
            Change::Kill {
                instance,
                callers_see,
            } => self.kill(cx, instance, callers_see),
            Change::Create { service } => {
                self.services[service].waiting += 1;
                self.fill(cx, service);
            }
            Change::Idle { instance } => self.stopped(cx, instance, false),
            Change::Up { instance } => cx.tell(&Fact::InstanceUp { instance }),
            Change::Mark {
                view: None, mark, ..
            } if mark != Mark::Ejected => self.grapevine.spread(cx, change),
            Change::Ended { instance } => self.fill(cx, cx.spec.instances[instance]),
            Change::Struck(_)
            | Change::Down { .. }
            | Change::ColdStart { .. }
            | Change::Mark { .. }
            | Change::Heard { .. }
            | Change::Draining { .. }
            | Change::Refusing { .. }
            | Change::Starting { .. }
            | Change::Judged { .. }
            | Change::Passed { .. }
            | Change::Suspected { .. }
            | Change::Hold { .. }
            | Change::Setting(_) => {}
        }
    }

    /// What a fault does to the life of one instance when it begins to act on it, or ceases.
    fn strike<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        id: FaultId,
        fault: &LifeFault,
        instance: InstanceId,
        active: bool,
    ) {
        match fault {
            LifeFault::Crash(crash) if active => self.crash(cx, instance, crash),
            LifeFault::Crash(crash) => self.let_go(cx, instance, crash),
            LifeFault::Stop if active => {
                self.stopped[id] += u32::from(self.instances[instance].is_there());
                self.stop(cx, instance, Then::End, StopWhy::Fault);
            }
            LifeFault::Stop if self.stopped[id] > 0 => {
                self.stopped[id] -= 1;
                let service = cx.spec.instances[instance];
                cx.work.push_change(Change::Create { service });
            }
            LifeFault::Restart(_) if active => {
                self.stop(cx, instance, Then::Restart, StopWhy::Fault);
            }
            LifeFault::Stop | LifeFault::Restart(_) => {}
        }
    }

    /// A fault holds an instance down from now on.
    fn crash<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId, crash: &CrashFault) {
        let life = &mut self.instances[instance];
        life.crashes += 1;
        if life.crashes > 1 {
            return;
        }
        life.cold_start = crash.cold_start;
        if life.state == InstanceState::Empty {
            return;
        }
        if let Some(span) = crash.detected_after {
            let at = cx.now + span;
            let timer = cx.schedule(at, Class::Change, LifeEvent::Noticed(instance));
            life.timers.noticed.set(cx, timer);
        }
        self.die(cx, instance, crash.callers_see);
    }

    /// A fault no longer holds an instance down.
    fn let_go<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        instance: InstanceId,
        crash: &CrashFault,
    ) {
        let life = &mut self.instances[instance];
        life.crashes -= 1;
        if life.crashes > 0 {
            return;
        }
        life.cold_start = crash.cold_start;
        if life.state == InstanceState::Down && !life.timers.next.is_set() {
            self.start(cx, instance);
        }
    }

    /// An instance dies that no fault holds down.
    fn kill<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        instance: InstanceId,
        callers_see: CallersSee,
    ) {
        match self.instances[instance].state {
            InstanceState::Empty | InstanceState::Down => {}
            InstanceState::Starting | InstanceState::Up | InstanceState::Draining => {
                self.die(cx, instance, callers_see);
                self.plan_start(cx, instance);
            }
        }
    }

    /// A process ends, with all that it had; who was told to end for good has then ended.
    fn die<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        instance: InstanceId,
        callers_see: CallersSee,
    ) {
        let was = self.instances[instance].state;
        cx.work.push_change(Change::Down {
            instance,
            callers_see,
        });
        if was == InstanceState::Down {
            return;
        }
        cx.tell(&Fact::InstanceDown { instance });
        self.process_ends(cx, instance);
    }

    /// A process has ended, however.
    fn process_ends<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        let life = &mut self.instances[instance];
        let was = std::mem::replace(&mut life.state, InstanceState::Down);
        life.timers.next.cancel(cx);
        life.timers.grace.cancel(cx);
        life.timers.warm.cancel(cx);
        let service = cx.spec.instances[instance];
        let rule = cx.spec.services[service].lifecycle.as_ref();
        let draws = self.services[service].waits;
        let number = child_key(
            cx.directory.member(instance).incarnation.into(),
            life.number.into(),
            0,
        );
        let rule = rule.and_then(|rule| rule.restart.as_ref());
        let mut draws = Draws::new(draws, number);
        life.due = match life.why.take() {
            Some(StopWhy::Fault | StopWhy::Scaled | StopWhy::Deployed) => {
                life.restarts.on_wanted_end(cx.now)
            }
            Some(StopWhy::Check) | None => life.restarts.on_end(rule, cx.now, &mut draws),
        };
        if was == InstanceState::Draining && life.then == Then::End {
            self.end(cx, instance);
        }
    }

    /// Starts a process again when its time has come; under a crash that is for its end.
    fn plan_start<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        let life = &mut self.instances[instance];
        if life.state != InstanceState::Down {
            return;
        }
        if life.due <= cx.now {
            return self.start(cx, instance);
        }
        let timer = cx.schedule(life.due, Class::Membership, LifeEvent::Due(instance));
        life.timers.next.set(cx, timer);
    }

    /// A process starts, if nothing holds it down and its wait is over.
    fn start<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        let life = &mut self.instances[instance];
        if life.crashes > 0 {
            return;
        }
        if life.due > cx.now {
            return self.plan_start(cx, instance);
        }
        life.state = InstanceState::Starting;
        life.number += 1;
        let waited = cx.now.since(life.restarts.ended);
        life.restarts.on_start(cx.now);
        let service = cx.spec.instances[instance];
        let Some(lifecycle) = &cx.spec.services[service].lifecycle else {
            let fills = life.fills;
            if fills.is_some() {
                cx.work.push_change(Change::Starting { instance, fills });
            }
            return self.come_up(cx, instance);
        };
        let incarnation = life.incarnation(cx, instance);
        cx.tell(&Fact::InstanceStarts {
            instance,
            incarnation,
            restart: life.restarts.in_a_row,
            waited,
        });
        cx.work.push_change(Change::Starting {
            instance,
            fills: life.fills,
        });
        let key = child_key(incarnation.into(), life.number.into(), 0);
        let mut draws = Draws::new(self.services[service].startups, key);
        let startup = lifecycle.startup.sample(&mut draws);
        if startup.is_zero() {
            return self.come_up(cx, instance);
        }
        let at = cx.now + startup;
        let timer = cx.schedule(at, Class::Membership, LifeEvent::Started(instance));
        life.timers.next.set(cx, timer);
    }

    /// A process has started: it answers from now on, and is in rotation unless others have marked it.
    fn come_up<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        let life = &mut self.instances[instance];
        life.state = InstanceState::Up;
        life.fills = None;
        life.timers.noticed.cancel(cx);
        let of_service = cx.spec.services[cx.spec.instances[instance]]
            .lifecycle
            .as_ref();
        let of_service = of_service.and_then(|it| it.cold_start);
        if let Some((span, factor)) = life.cold_start.take().or(of_service) {
            let at = cx.now + span;
            let timer = cx.schedule(at, Class::Change, LifeEvent::Warm(instance));
            life.timers.warm.set(cx, timer);
            cx.work.push_change(Change::ColdStart { instance, factor });
        }
        cx.work.push_change(Change::Up { instance });
        for mark in [Mark::Unlisted, Mark::Leaving, Mark::Dead] {
            self.mark(cx, instance, mark, false);
        }
        self.note_back(cx, instance);
    }

    /// An instance is told to stop (rule 49).
    fn stop<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        instance: InstanceId,
        then: Then,
        why: StopWhy,
    ) {
        let life = &mut self.instances[instance];
        match life.state {
            InstanceState::Empty => return,
            InstanceState::Draining if life.then == Then::End => return,
            InstanceState::Draining | InstanceState::Down if then == Then::Restart => return,
            InstanceState::Starting
            | InstanceState::Up
            | InstanceState::Draining
            | InstanceState::Down => {}
        }
        let incarnation = life.incarnation(cx, instance);
        let was = life.state;
        life.then = then;
        life.why = Some(why);
        cx.tell(&Fact::InstanceStops {
            instance,
            incarnation,
            then,
            why,
        });
        self.mark(cx, instance, Mark::Leaving, true);
        match was {
            InstanceState::Up => self.drain(cx, instance),
            InstanceState::Starting => {
                self.instances[instance].state = InstanceState::Draining;
                self.stopped(cx, instance, false);
            }
            InstanceState::Down => self.end(cx, instance),
            InstanceState::Empty | InstanceState::Draining => {}
        }
    }

    fn drain<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        let life = &mut self.instances[instance];
        life.state = InstanceState::Draining;
        let (drain, grace) = stopping(cx.spec, instance);
        cx.work.push_change(Change::Draining { instance });
        let timer = cx.schedule(
            cx.now + grace,
            Class::Membership,
            LifeEvent::GraceOver(instance),
        );
        life.timers.grace.set(cx, timer);
        if drain.is_zero() {
            cx.work.push_change(Change::Refusing { instance });
        } else if drain < grace {
            let at = cx.now + drain;
            let timer = cx.schedule(at, Class::Membership, LifeEvent::Drained(instance));
            life.timers.next.set(cx, timer);
        }
    }

    /// An instance that was told to stop has nothing left, or is killed.
    fn stopped<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId, killed: bool) {
        if self.instances[instance].state != InstanceState::Draining {
            return;
        }
        cx.tell(&Fact::InstanceStopped { instance, killed });
        cx.work.push_change(Change::Down {
            instance,
            callers_see: CallersSee::Reset,
        });
        self.process_ends(cx, instance);
        self.plan_start(cx, instance);
    }

    /// An instance has ended for good: its slot is empty.
    fn end<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        let life = &mut self.instances[instance];
        life.state = InstanceState::Empty;
        life.timers.next.cancel(cx);
        life.timers.noticed.cancel(cx);
        cx.tell(&Fact::InstanceEnded { instance });
        for (mark, holds) in [
            (Mark::Unlisted, true),
            (Mark::Leaving, false),
            (Mark::Dead, false),
        ] {
            self.mark(cx, instance, mark, holds);
        }
        cx.work.push_change(Change::Ended { instance });
        self.note_back(cx, instance);
    }

    /// Instances that wait for empty slots fill them, the lowest first. A slot is taken as long as an
    /// attempt names it.
    fn fill<O: Observer>(&mut self, cx: &mut Cx<'_, O>, service: ServiceId) {
        /// How long until it looks again while attempts name the empty slots.
        const AGAIN: SimDuration = SimDuration::from_millis(1);
        while self.services[service].waiting > 0 {
            let mut named = false;
            let slot = slots(cx.spec, service).find(|&slot| {
                let empty = self.instances[slot].state == InstanceState::Empty;
                let in_use = empty && cx.attempts.names(slot);
                named |= in_use;
                empty && !in_use
            });
            let Some(slot) = slot else {
                if named {
                    let event = LifeEvent::Fill(service.0);
                    cx.schedule(cx.now + AGAIN, Class::Membership, event);
                }
                return;
            };
            let lives = &mut self.services[service];
            lives.waiting -= 1;
            lives.incarnations += 1;
            let incarnation = lives.incarnations;
            self.instances[slot].fill(incarnation, cx.now);
            cx.tell(&Fact::InstanceCreated {
                instance: slot,
                incarnation,
            });
            self.start(cx, slot);
        }
    }

    /// Whether nothing is to come for an instance by itself: it is up, or nobody.
    fn is_settled(&self, instance: InstanceId) -> bool {
        match self.instances[instance].state {
            InstanceState::Up | InstanceState::Empty => true,
            InstanceState::Starting | InstanceState::Draining | InstanceState::Down => false,
        }
    }

    /// Sets or lifts a mark of its own.
    fn mark<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        instance: InstanceId,
        mark: Mark,
        holds: bool,
    ) {
        let marks = &mut self.instances[instance].marks;
        if marks.has(mark) != holds {
            marks.set(mark, holds);
            cx.work.push_change(Change::Mark {
                instance,
                mark,
                holds,
                view: None,
            });
        }
    }
}

/// How long an instance answers that was told to stop, and how long it lives at most.
fn stopping(spec: &ModelSpec, instance: InstanceId) -> (SimDuration, SimDuration) {
    let lifecycle = spec.services[spec.instances[instance]].lifecycle.as_ref();
    lifecycle.map_or((SimDuration::ZERO, LifecycleSpec::GRACE), |it| {
        (it.drain, it.grace)
    })
}

fn slots(spec: &ModelSpec, service: ServiceId) -> impl Iterator<Item = InstanceId> + use<> {
    let service = &spec.services[service];
    let first = service.first_instance.0;
    (first..first + service.instances).map(InstanceId)
}

//! Services: what becomes of an attempt where it arrives.
//!
//! An operation waits for a thread, works, calls others, and answers. The answer goes out whether
//! somebody waits for it or not: a caller that gives up does not stop the server by itself.
//!
//! - this file: from arrival to answer (rules 13, 17, 18);
//! - `interpret`: the steps of an operation; `parallel`: several at once; `ends`: how they end;
//! - `keys`: idempotency keys, and effects that come twice;
//! - `work`: threads at work, alone or sharing cores (rules 14 to 16);
//! - `faults`: how instances die, freeze and slow down (rules 19, 20, 22);
//! - `errors`: which operations fail by an errors fault (rule 16);
//! - `frozen`: what waits for the end of a pause.

mod ends;
mod errors;
mod event;
mod faults;
mod frozen;
mod instance;
mod interpret;
mod keys;
mod parallel;
mod program;
mod strand;
mod work;

use super::arena::{Arena, NONE};
use super::attempt::{AttemptFlag, AttemptIx, Stage};
use super::cx::Cx;
use super::fact::{DropReason, Fact, Observer};
use super::fifo::Fifo;
use super::handoff::Handoff;
use super::stopwatch::Stopwatch;
use crate::id::{FaultId, Id, IdMap, InstanceId, ServiceId};
use crate::kernel::Class;
use crate::model::spec::{AbandonedWork, FaultSpec, ModelSpec, SettingChange};
use crate::policy::{Cause, CauseKind, Ending, Outcome, Place};
use crate::random::{Draws, KeySource, SiteKey, Uniforms};
use crate::time::{SimDuration, SimTime};
use instance::{Instance, Settings, Waiter};
use interpret::own_threads;
use program::{Entry, Program};
use std::collections::BTreeMap;
use strand::{Join, Round, Strand, StrandIx, Strands};

pub(super) use event::ServiceEvent;

/// An operation that has just got its thread.
#[derive(Clone, Copy, Debug)]
struct Begun {
    /// Its main strand.
    strand: StrandIx,
    /// The work that it begins with, if it begins with work.
    work: Option<u32>,
}

/// All services.
#[derive(Debug)]
pub(crate) struct Services {
    program: Program,
    settings: IdMap<ServiceId, Settings>,
    instances: IdMap<InstanceId, Instance>,
    strands: Strands,
    joins: Arena<Join>,
    rounds: Arena<Round>,
    /// Strands that go on within the present event.
    ready: Fifo<StrandIx>,
    /// Faults that act now, one flag for each of the scenario.
    active: Vec<bool>,
    fault_draws: IdMap<FaultId, SiteKey>,
    /// Operations that will fail when their work is done.
    doomed: BTreeMap<AttemptIx, Outcome>,
    /// Whether any operation has idempotency keys.
    keeps_keys: bool,
}

impl Services {
    pub(crate) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        let settings: IdMap<ServiceId, Settings> = spec
            .services
            .iter()
            .map(|service| Settings::new(service, keys.site(&["service", &service.name], "wait")))
            .collect();
        let instances = spec
            .instances
            .iter_enumerated()
            .map(|(id, &service)| {
                let shares = shares_cores(spec, service);
                let name = &spec.services[service].name;
                let local = (id.0 - spec.services[service].first_instance.0).to_string();
                let picks = keys.site(&["service", name, "instance", &local], "pick");
                Instance::new(
                    service,
                    spec.process_of(id),
                    &spec.services[service],
                    &settings[service],
                    shares,
                    picks,
                )
            })
            .collect();
        let fault_draws = spec
            .faults
            .iter()
            .map(|fault| keys.site(&["fault", &fault.name], "errors"))
            .collect();
        Self {
            program: Program::new(spec, keys),
            settings,
            instances,
            strands: Strands::default(),
            joins: Arena::default(),
            rounds: Arena::default(),
            ready: Fifo::default(),
            active: vec![false; spec.faults.len()],
            fault_draws,
            doomed: BTreeMap::new(),
            keeps_keys: spec.operations.iter().any(|it| it.keys.is_some()),
        }
    }

    pub(crate) fn handle<O: Observer>(&mut self, cx: &mut Cx<'_, O>, event: ServiceEvent) {
        match event {
            ServiceEvent::WorkDone(strand) => self.on_work_done(cx, strand),
            ServiceEvent::CoresDone(instance) => self.on_cores_done(cx, instance),
            ServiceEvent::Limit(ix) => self.on_limit(cx, ix),
        }
        self.run_ready(cx);
    }

    /// An attempt arrives (rule 13).
    pub(crate) fn on_arrival<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let attempt = &mut cx.attempts[ix];
        let host = &mut self.instances[attempt.instance];
        if host.down && host.gone {
            attempt.flags.add(AttemptFlag::Unreachable);
            cx.work.push(Handoff::NotThere(ix));
            return;
        }
        if host.down {
            let ending = Ending::here(
                Outcome::ErrorRefused,
                Place::Network(cx.targets[attempt.site]),
            );
            let_go(cx, ix, Some(ending));
            return;
        }
        if host.paused {
            return self.hold_back(cx, ix);
        }
        self.accept(cx, ix);
    }

    /// An attempt is accepted: it arrives (rule 13).
    #[expect(clippy::inline_always, reason = "it arrives here, but after a pause")]
    #[inline(always)]
    fn accept<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let now = cx.now;
        let attempt = &mut cx.attempts[ix];
        let host = &mut self.instances[attempt.instance];
        attempt.clock = Stopwatch::started(now);
        cx.observer.on_fact(
            now,
            &Fact::OperationArrived {
                attempt: attempt.number,
                operation: cx.targets[attempt.site],
                instance: attempt.instance,
            },
        );
        if host.takes_at_once() {
            if let Some(begun) = self.begin_or_drop(cx, ix) {
                self.set_out(cx, ix, begun);
            }
            self.run_ready(cx);
            return;
        }
        let settings = &self.settings[host.service];
        if host.room.len() >= settings.capacity {
            return self.accept_when_full(cx, ix);
        }
        self.accept_into_room(cx, ix);
    }

    /// An attempt comes to a full room: it is turned away, or another makes room.
    fn accept_when_full<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let host = &mut self.instances[cx.attempts[ix].instance];
        let Some(oldest) = host.dropped_for_a_newcomer(&self.settings[host.service]) else {
            return reject(cx, ix, Outcome::RejectedQueueFull);
        };
        reject(cx, oldest, Outcome::RejectedQueueFull);
        self.accept_into_room(cx, ix);
    }

    /// An attempt waits for a thread.
    #[expect(clippy::inline_always, reason = "for every operation that waits")]
    #[inline(always)]
    fn accept_into_room<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let attempt = &mut cx.attempts[ix];
        let host = &mut self.instances[attempt.instance];
        let settings = &self.settings[host.service];
        attempt.wait_at(host.room.push(Waiter::Operation(ix).to_bits()));
        if settings.limits_waits() {
            limit_wait(cx, settings, ix);
        }
    }

    /// The cancel signal arrives: nobody waits for an attempt any more (rule 17).
    pub(crate) fn on_abandoned<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let attempt = &mut cx.attempts[ix];
        attempt.flags.add(AttemptFlag::Abandoned);
        let instance = attempt.instance;
        if self.instances[instance].paused {
            return self.instances[instance].frozen.abandoned(ix);
        }
        match (
            attempt.stage,
            self.settings[self.instances[instance].service].abandoned_work,
        ) {
            (Stage::Waiting, AbandonedWork::Remove | AbandonedWork::Stop) => {
                self.leave_room(cx, ix);
                drop_waiting(cx, ix, DropReason::Removed);
            }
            (Stage::Running, AbandonedWork::Stop) => {
                self.stop(cx, ix, DropReason::Stopped, None);
                self.take_next(cx, instance);
                self.run_ready(cx);
            }
            _ => {}
        }
        cx.attempts.message_gone(ix);
    }

    /// A wait has lasted too long, or a deadline has come.
    fn on_limit<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        cx.attempts.take_alarm(ix);
        let attempt = &cx.attempts[ix];
        let instance = attempt.instance;
        if self.instances[instance].paused {
            let number = attempt.number;
            return self.instances[instance].frozen.limit(ix, number);
        }
        if attempt.stage == Stage::Running {
            let ending = expired(cx, ix);
            self.stop(cx, ix, DropReason::Expired, Some(ending));
            self.take_next(cx, instance);
            return;
        }
        self.leave_room(cx, ix);
        if self.useless(cx, ix) == Some(DropReason::Expired) {
            drop_waiting(cx, ix, DropReason::Expired);
        } else {
            reject(cx, ix, Outcome::RejectedQueueTimeout);
        }
    }

    /// Why an operation need not be done, if its service minds.
    #[inline]
    fn useless<O: Observer>(&self, cx: &Cx<'_, O>, ix: AttemptIx) -> Option<DropReason> {
        let attempt = &cx.attempts[ix];
        let reason = if attempt.flags.has(AttemptFlag::Abandoned) {
            DropReason::Skipped
        } else if cx.now >= cx.attempts.deadlines.of(ix) {
            DropReason::Expired
        } else {
            return None;
        };
        let service = self.instances[attempt.instance].service;
        let minds = self.settings[service].abandoned_work != AbandonedWork::Finish;
        minds.then_some(reason)
    }

    /// A thread takes an operation that is still of use: its strand, which is to run.
    #[expect(clippy::inline_always, reason = "for every operation")]
    #[inline(always)]
    fn begin_or_drop<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) -> Option<Begun> {
        match self.useless(cx, ix) {
            None => self.begin(cx, ix),
            Some(reason) => {
                drop_waiting(cx, ix, reason);
                None
            }
        }
    }

    /// A thread takes an operation: its strand, which is to run, unless an error hits it first.
    #[expect(clippy::inline_always, reason = "for every operation")]
    #[inline(always)]
    fn begin<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) -> Option<Begun> {
        let now = cx.now;
        let attempt = &mut cx.attempts[ix];
        let host = &mut self.instances[attempt.instance];
        host.busy += 1;
        attempt.stage = Stage::Running;
        attempt.clock.stop(now);
        let waited = attempt.clock.sum();
        attempt.clock = Stopwatch::started(now);
        let operation = cx.targets[attempt.site];
        let Entry { pc, work } = self.program.entry(operation);
        let strand = Strand::new(ix, pc, own_threads(host.execution));
        let strand = self.strands.insert(strand);
        attempt.strand = strand;
        cx.observer.on_fact(
            now,
            &Fact::OperationStarted {
                attempt: attempt.number,
                operation,
                instance: attempt.instance,
                waited,
            },
        );
        let deadline = cx.attempts.deadlines.of(ix);
        if deadline < SimTime::NEVER
            && self.settings[host.service].abandoned_work == AbandonedWork::Stop
        {
            let alarm = cx.schedule(deadline, Class::Expiry, ServiceEvent::Limit(ix));
            cx.attempts.set_alarm(ix, alarm);
        }
        if (!host.errors.is_empty() || !self.doomed.is_empty())
            && let Some(outcome) = self.fate_at_start(cx, ix)
        {
            let place = Place::Operation(cx.target(ix));
            self.answer(cx, ix, Ending::here(outcome, place));
            return None;
        }
        Some(Begun { strand, work })
    }

    /// An operation ends with an answer.
    fn answer<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx, ending: Ending) {
        self.end_strands(cx, ix, true);
        self.answer_now(cx, ix, ending);
    }

    /// An operation whose strands have ended answers.
    fn answer_now<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx, ending: Ending) {
        let now = cx.now;
        let attempt = &mut cx.attempts[ix];
        let instance = attempt.instance;
        let held = self.instances[instance].give_back_thread(now, attempt);
        cx.observer.on_fact(
            now,
            &Fact::OperationFinished {
                attempt: attempt.number,
                operation: cx.targets[attempt.site],
                instance,
                outcome: ending.outcome(),
                held,
            },
        );
        attempt.strand = NONE;
        attempt.let_go();
        if attempt.flags.has(AttemptFlag::HasAlarm) {
            cancel_alarm(cx, ix);
        }
        cx.work.push(Handoff::Answer(ix, ending));
        self.take_next(cx, instance);
    }

    /// An operation that runs ends at once, with or without an answer.
    fn stop<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: AttemptIx,
        reason: DropReason,
        ending: Option<Ending>,
    ) {
        self.end_strands(cx, ix, false);
        let attempt = &mut cx.attempts[ix];
        let held = self.instances[attempt.instance].give_back_thread(cx.now, attempt);
        let (number, operation, instance) =
            (attempt.number, cx.targets[attempt.site], attempt.instance);
        let lost_race = attempt.lost_race();
        cx.tell(&Fact::OperationDropped {
            attempt: number,
            operation,
            instance,
            reason,
            held,
            running: true,
            lost_race,
        });
        let_go(cx, ix, ending);
    }

    fn leave_room<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let attempt = &cx.attempts[ix];
        let room = &mut self.instances[attempt.instance].room;
        let left = room.remove(attempt.place(), Waiter::Operation(ix).to_bits());
        debug_assert!(left, "a waiting operation has its place");
    }

    /// Free threads take those who wait. One that is taken may give its thread back at once; the
    /// loop that took it sees that, so that this never nests.
    #[expect(clippy::inline_always, reason = "mostly one test")]
    #[inline(always)]
    fn take_next<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        let host = &mut self.instances[instance];
        if !host.room.is_empty() && !host.taking {
            host.taking = true;
            self.take_all(cx, instance);
        }
    }

    #[inline(never)]
    fn take_all<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        loop {
            let host = &mut self.instances[instance];
            if !host.has_free_thread() || host.room.is_empty() {
                host.taking = false;
                return;
            }
            let discipline = self.settings[host.service].queue.discipline;
            let (draws, picks) = (host.pick_draws, &mut host.picks);
            let next = host.room.pop(discipline, |n| {
                *picks += 1;
                Draws::new(draws, *picks).below(n)
            });
            let Some(waiter) = next else {
                unreachable!("somebody waits")
            };
            match Waiter::from_bits(waiter) {
                Waiter::Strand(strand) => self.take_thread(cx, strand),
                Waiter::Operation(ix) => {
                    cx.events.cancel(cx.attempts.take_alarm(ix));
                    if let Some(begun) = self.begin_or_drop(cx, ix)
                        && !self.works_at_once(cx, ix, begun)
                    {
                        self.ready.push_back(begun.strand);
                    }
                }
            }
        }
    }
}

/// Whether the speed of work in progress can change in a service.
fn shares_cores(spec: &ModelSpec, service: ServiceId) -> bool {
    let sharing = spec.services[service].cores.is_some();
    let crowding = spec.services[service]
        .contention
        .as_ref()
        .is_some_and(|law| law.in_progress);
    let other_cores =
        |change: &SettingChange| matches!(change, SettingChange::Cores(of, _) if *of == service);
    let other_speed = |fault: &FaultSpec| fault.kind.acts_on_work_in_progress(service);
    sharing
        || crowding
        || spec.faults.iter().any(other_speed)
        || spec.setting_changes().any(other_cores)
}

/// The alarm that the callee has set for an attempt is no longer needed.
#[cold]
fn cancel_alarm<O: Observer>(cx: &mut Cx<'_, O>, ix: AttemptIx) {
    cx.events.cancel(cx.attempts.take_alarm(ix));
}

/// Faults as indices into flags.
fn is_active(active: &[bool], fault: FaultId) -> bool {
    active[fault.index()]
}

/// The callee is done with an attempt; the answer, if there is one, goes out.
fn let_go<O: Observer>(cx: &mut Cx<'_, O>, ix: AttemptIx, ending: Option<Ending>) {
    cx.events.cancel(cx.attempts.take_alarm(ix));
    if let Some(ending) = ending {
        cx.attempts[ix].let_go();
        cx.work.push(Handoff::Answer(ix, ending));
    } else {
        cx.attempts.callee_leaves(ix);
    }
}

/// Sets the limit of a wait, if it has one.
#[cold]
fn limit_wait<O: Observer>(cx: &mut Cx<'_, O>, settings: &Settings, ix: AttemptIx) {
    let mut limit = match settings.abandoned_work {
        AbandonedWork::Remove | AbandonedWork::Stop => cx.attempts.deadlines.of(ix),
        AbandonedWork::Finish | AbandonedWork::Skip => SimTime::NEVER,
    };
    if let Some(max_wait) = &settings.queue.max_wait {
        let mut draws = Draws::new(settings.wait_draws, cx.attempts[ix].key);
        limit = limit.min(cx.now + max_wait.sample(&mut draws));
    }
    if limit < SimTime::NEVER {
        let at = limit.max(cx.now);
        let alarm = cx.schedule(at, Class::Expiry, ServiceEvent::Limit(ix));
        cx.attempts.set_alarm(ix, alarm);
    }
}

fn expired<O: Observer>(cx: &Cx<'_, O>, ix: AttemptIx) -> Ending {
    let attempt = &cx.attempts[ix];
    let place = Place::Operation(cx.targets[attempt.site]);
    let kind = if attempt.stage == Stage::Waiting {
        CauseKind::InQueue
    } else {
        CauseKind::AtWork
    };
    Ending::new(Outcome::TimeoutDeadline, place, Cause { place, kind })
}

/// An operation that never ran is given up. One whose deadline has passed says so.
fn drop_waiting<O: Observer>(cx: &mut Cx<'_, O>, ix: AttemptIx, reason: DropReason) {
    let attempt = &mut cx.attempts[ix];
    attempt.clock = Stopwatch::ZERO;
    let (number, operation, instance) =
        (attempt.number, cx.targets[attempt.site], attempt.instance);
    let (held, lost_race) = (SimDuration::ZERO, attempt.lost_race());
    cx.tell(&Fact::OperationDropped {
        attempt: number,
        operation,
        instance,
        reason,
        held,
        running: false,
        lost_race,
    });
    let ending = (reason == DropReason::Expired).then(|| expired(cx, ix));
    let_go(cx, ix, ending);
}

fn reject<O: Observer>(cx: &mut Cx<'_, O>, ix: AttemptIx, outcome: Outcome) {
    let attempt = &mut cx.attempts[ix];
    attempt.clock.stop(cx.now);
    let waited = attempt.clock.sum();
    attempt.clock = Stopwatch::ZERO;
    let place = Place::Operation(cx.targets[attempt.site]);
    cx.observer.on_fact(
        cx.now,
        &Fact::OperationRejected {
            attempt: attempt.number,
            operation: cx.targets[attempt.site],
            instance: attempt.instance,
            outcome,
            waited,
        },
    );
    let_go(cx, ix, Some(Ending::here(outcome, place)));
}

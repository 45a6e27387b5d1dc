//! Services: what becomes of an attempt where it arrives.
//!
//! An operation waits for a thread, works, calls others, and answers. The answer goes out whether
//! somebody waits for it or not: a caller that gives up does not stop the server by itself.
//!
//! Three machines do it, and none of them knows another:
//!
//! - [`doors`]: who gets in, who is turned away, who waits for the end of a pause, who was there before;
//! - [`places`]: threads, waiting room, cores, and how faults and settings leave them;
//! - [`steps`]: how far each operation has come, and what it does next.
//!
//! The files beside them join the three, each for one occasion:
//!
//! - this file: from arrival to answer (rules 13, 17, 18);
//! - `interpret`: steps that need something; `work`: a thread for a step, and back (rules 14 to 16);
//! - `block`: steps on the thread of the operation around them (rule 65);
//! - `deeds`: effects and what is to be true of them (rules 86, 87);
//! - `storing`: messages that are stored;
//! - `sagas`: calls that are undone if one fails (rule 88);
//! - `ends`: how strands end; `keys`: operations that are known already;
//! - `faults`: how instances die, freeze and go on (rules 19, 20, 22); `closing`: how they come to an
//!   end (rule 49).

mod block;
mod closing;
mod deeds;
mod doors;
mod ends;
mod event;
mod faults;
mod held;
mod interpret;
mod keys;
mod places;
mod sagas;
mod steps;
mod storing;
mod work;

use super::arena::{AttemptIx, NONE, StrandIx};
use super::attempt::{Attempt, AttemptFlag, Stage};
use super::cx::Cx;
use super::event::{Due, PartEvent};
use super::fact::{DropReason, Fact, Observer};
use super::handoff::Handoff;
use super::stopwatch::Stopwatch;
use crate::id::{InstanceId, OperationId};
use crate::kernel::{Class, EventList};
use crate::model::spec::{AbandonedWork, Asks, ModelSpec, WhenFull};
use crate::policy::{Ending, Outcome, Place, Reading};
use crate::random::KeySource;
use crate::time::SimTime;
use doors::{
    Doors, drop_waiting, expired, give_back, let_go, let_through, reject, reject_newcomer,
};
use places::{Instance, Waiter, Workplace};
use steps::{EntryPoint, Interpreter, Strand, Wait};

pub(super) use event::ServiceEvent;

/// An operation that has just got its thread.
#[derive(Clone, Copy, Debug)]
struct Begun {
    /// Its main strand.
    strand: StrandIx,
    /// The work that it begins with, if it begins with work.
    work: Option<u32>,
}

/// A thread takes an operation: its strand, which is to run, and what is to be told.
#[expect(clippy::inline_always, reason = "for every operation")]
#[inline(always)]
fn begin(
    steps: &mut Interpreter,
    host: &mut Instance,
    operation: OperationId,
    (ix, attempt): (AttemptIx, &mut Attempt),
    now: SimTime,
) -> (Begun, Fact) {
    host.busy += 1;
    host.running_async += u32::from(host.own_threads());
    attempt.stage = Stage::Running;
    attempt.clock.stop(now);
    let waited = attempt.clock.sum();
    attempt.clock = Stopwatch::started(now);
    let EntryPoint { pc, work } = steps.program.entry(operation);
    let strand = Strand::new(ix, pc, host.own_threads());
    let strand = steps.strands.insert(strand);
    attempt.strand = strand;
    let told = Fact::OperationStarted {
        attempt: attempt.number,
        operation,
        instance: attempt.instance,
        waited,
    };
    (Begun { strand, work }, told)
}

/// The main strand of an operation that has just begun where nothing special holds sets out. Mostly its
/// first step is work, which begins here without a walk through the program; else it is still to run.
#[expect(clippy::inline_always, reason = "for every operation")]
#[inline(always)]
fn set_out(
    steps: &mut Interpreter,
    host: &mut Instance,
    attempt: &mut Attempt,
    (now, events): (SimTime, &mut EventList<Due>),
    Begun { strand, work }: Begun,
) -> Option<StrandIx> {
    let Some(work) = work.filter(|_| steps.ready.is_empty()) else {
        return Some(strand);
    };
    attempt.flags.add(AttemptFlag::Working);
    host.at_work += 1;
    let time = steps.program.works[work as usize].time(attempt.key);
    let done = ServiceEvent::WorkDone(strand).due();
    let timer = events.schedule(now + time, Class::Completion, done);
    steps.strands[strand].wait_for(Wait::Work(timer));
    None
}

/// An operation has left its thread with an answer.
#[derive(Clone, Copy, Debug)]
struct Left {
    instance: InstanceId,
    /// Whether there is an alarm for it, or its gate gets something back.
    holds_more: bool,
    /// Whether somebody waits for the thread.
    has_next: bool,
}

/// An operation whose strands have ended leaves its thread with an answer.
#[expect(
    clippy::inline_always,
    reason = "most operations end in one place, all others in another"
)]
#[inline(always)]
fn leave_thread<O: Observer>(
    observer: &mut O,
    now: SimTime,
    host: &mut Instance,
    attempt: &mut Attempt,
    (operation, outcome): (OperationId, Outcome),
) -> Left {
    let held = host.give_back_thread(now, attempt);
    let left = Left {
        instance: attempt.instance,
        holds_more: attempt
            .flags
            .has_either(AttemptFlag::HasAlarm, AttemptFlag::Admitted),
        has_next: host.has_next(),
    };
    observer.on_fact(
        now,
        &Fact::OperationFinished {
            attempt: attempt.number,
            operation,
            instance: attempt.instance,
            outcome,
            held,
        },
    );
    attempt.strand = NONE;
    attempt.let_go();
    left
}

/// All services.
#[derive(Clone, Debug)]
pub(crate) struct Services {
    doors: Doors,
    places: Workplace,
    steps: Interpreter,
}

impl Services {
    pub(crate) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        let mut services = Self {
            doors: Doors::new(spec),
            places: Workplace::new(spec, keys),
            steps: Interpreter::new(spec, keys),
        };
        for (instance, _) in spec.instances.iter_enumerated() {
            services.note_plain(instance);
        }
        services
    }

    pub(crate) fn handle<O: Observer>(&mut self, cx: &mut Cx<'_, O>, event: ServiceEvent) {
        match event {
            ServiceEvent::WorkDone(strand) => self.on_work_done(cx, strand),
            ServiceEvent::CoresDone(instance) => self.on_cores_done(cx, instance),
            ServiceEvent::Limit(ix) => self.on_limit(cx, ix),
            ServiceEvent::Sample(sampler) => self.sample(cx, sampler),
            ServiceEvent::Saga(saga) => self.on_saga(cx, saga),
            ServiceEvent::SagaLimit(saga) => self.on_saga_limit(cx, saga),
            ServiceEvent::Invariant(id) => Self::on_invariant_due(cx, id),
            ServiceEvent::MemoryTick(instance) => {
                let lives = !self.doors.is_down(instance);
                self.places.on_memory_tick(cx, instance, lives);
            }
        }
        self.run_ready(cx);
    }

    /// Schedules the first samples for layers of admission that want some.
    pub(crate) fn begin_sampling<O: Observer>(cx: &mut Cx<'_, O>) {
        let first: Vec<_> = cx.gates.samplers().collect();
        for (sampler, every) in first {
            cx.schedule(cx.now + every, Class::Sample, ServiceEvent::Sample(sampler));
        }
    }

    /// A layer of admission gets a sample.
    #[cold]
    fn sample<O: Observer>(&mut self, cx: &mut Cx<'_, O>, sampler: u32) {
        let host = &self.places.instances[cx.gates.sampled(sampler)];
        let reading = Reading {
            waiting: host.room.len() as u32,
            busy: host.busy,
            threads: host.threads,
        };
        let every = cx.gates.sample(cx.spec, sampler, reading);
        cx.schedule(cx.now + every, Class::Sample, ServiceEvent::Sample(sampler));
    }

    /// An attempt arrives (rule 13).
    pub(crate) fn on_arrival<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let instance = cx.attempts[ix].instance;
        if self.noted_plain(instance) || self.comes_in(cx, ix) {
            self.accept(cx, ix);
        }
    }

    /// An attempt comes to an instance at which something special holds: whether it gets in.
    #[inline(never)]
    fn comes_in<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) -> bool {
        let instance = cx.attempts[ix].instance;
        let comes_in =
            self.doors.lets_in(cx, ix) && !answers_by_itself(cx, ix) && let_through(cx, ix);
        if comes_in {
            self.places.comes_into_memory(cx, instance);
        }
        comes_in
    }

    /// An attempt is accepted: it arrives (rule 13).
    #[expect(clippy::inline_always, reason = "it arrives here, but after a pause")]
    #[inline(always)]
    fn accept<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let now = cx.now;
        let attempt = &mut cx.attempts[ix];
        let host = &mut self.places.instances[attempt.instance];
        attempt.clock = Stopwatch::started(now);
        let operation = cx.targets[attempt.site];
        let arrived = Fact::OperationArrived {
            attempt: attempt.number,
            operation,
            instance: attempt.instance,
        };
        let takes_at_once = host.takes_at_once();
        if takes_at_once && host.plain {
            let (begun, told) = begin(&mut self.steps, host, operation, (ix, attempt), now);
            cx.observer.on_facts(now, &arrived, &told);
            let later = (now, &mut cx.events);
            if let Some(strand) = set_out(&mut self.steps, host, attempt, later, begun) {
                self.run_now(cx, strand);
            }
            return self.run_ready(cx);
        }
        cx.observer.on_fact(now, &arrived);
        if takes_at_once {
            if let Some(strand) = self.take_up_specially(cx, ix) {
                self.run_now(cx, strand);
            }
            return self.run_ready(cx);
        }
        let settings = &self.places.settings[host.service];
        if host.room.len() >= settings.capacity {
            return match settings.queue.when_full {
                WhenFull::Reject => reject_newcomer(cx, ix, Outcome::RejectedQueueFull),
                WhenFull::DropOldest => self.accept_in_place_of_another(cx, ix),
            };
        }
        if host.plain {
            host.seat(ix, attempt);
        } else {
            self.places.wait_specially(cx, ix);
        }
    }

    /// An attempt comes to a full room: another makes room, if one can.
    fn accept_in_place_of_another<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let Some(oldest) = self.places.make_room(cx.attempts[ix].instance) else {
            return reject(cx, ix, Outcome::RejectedQueueFull);
        };
        reject(cx, oldest, Outcome::RejectedQueueFull);
        self.places.wait(cx, ix);
    }

    /// The cancel signal arrives: nobody waits for an attempt any more (rule 17).
    pub(crate) fn on_abandoned<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let attempt = &mut cx.attempts[ix];
        if attempt.flags.has(AttemptFlag::Inline) {
            return self.stop_block(cx, ix);
        }
        attempt.flags.add(AttemptFlag::Abandoned);
        let instance = attempt.instance;
        if let Some(frozen) = self.doors.frozen(instance) {
            return frozen.abandoned(ix);
        }
        match (attempt.stage, self.places.abandoned_work(instance)) {
            (Stage::Waiting, AbandonedWork::Remove | AbandonedWork::Stop) => {
                self.places.leave_room(cx, ix);
                drop_waiting(cx, ix, DropReason::Removed);
                self.note_if_idle(cx, instance);
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
        if let Some(frozen) = self.doors.frozen(instance) {
            return frozen.limit(ix, attempt.number);
        }
        if attempt.stage == Stage::Running {
            let ending = expired(cx, ix);
            self.stop(cx, ix, DropReason::Expired, Some(ending));
            self.take_next(cx, instance);
            return;
        }
        self.places.leave_room(cx, ix);
        if self.places.useless(cx, ix) == Some(DropReason::Expired) {
            drop_waiting(cx, ix, DropReason::Expired);
        } else {
            reject(cx, ix, Outcome::RejectedQueueTimeout);
        }
        self.note_if_idle(cx, instance);
    }

    /// A thread takes an operation that is still of use: its strand, if that is still to run.
    #[expect(clippy::inline_always, reason = "for every operation")]
    #[inline(always)]
    fn take_up<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) -> Option<StrandIx> {
        let attempt = &mut cx.attempts[ix];
        let host = &mut self.places.instances[attempt.instance];
        if !host.plain {
            return self.take_up_specially(cx, ix);
        }
        let operation = cx.targets[attempt.site];
        let (begun, told) = begin(&mut self.steps, host, operation, (ix, attempt), cx.now);
        cx.observer.on_fact(cx.now, &told);
        let later = (cx.now, &mut cx.events);
        set_out(&mut self.steps, host, attempt, later, begun)
    }

    /// The same where something special holds: an error may hit the operation before its strand runs.
    #[inline(never)]
    fn take_up_specially<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: AttemptIx,
    ) -> Option<StrandIx> {
        if self.places.has_waited_too_long(cx, ix) {
            reject(cx, ix, Outcome::RejectedShed);
            return None;
        }
        if let Some(reason) = self.places.useless(cx, ix) {
            drop_waiting(cx, ix, reason);
            return None;
        }
        let attempt = &mut cx.attempts[ix];
        let instance = attempt.instance;
        let operation = cx.targets[attempt.site];
        let host = &mut self.places.instances[instance];
        let (begun, told) = begin(&mut self.steps, host, operation, (ix, attempt), cx.now);
        cx.observer.on_fact(cx.now, &told);
        let deadline = cx.attempts.deadline(ix, &cx.attempts[ix]);
        if deadline < SimTime::NEVER && self.places.abandoned_work(instance) == AbandonedWork::Stop
        {
            let alarm = cx.schedule(deadline, Class::Expiry, ServiceEvent::Limit(ix));
            cx.attempts.set_alarm(ix, alarm);
        }
        if self.places.errs(instance)
            && let Some(outcome) = self.places.fate_at_start(cx, ix)
        {
            let place = Place::Operation(operation);
            self.answer(cx, ix, Ending::here(outcome, place));
            return None;
        }
        if self.places.instances[instance].minds_messages && Self::begins_message(cx, ix) {
            let place = Place::Operation(operation);
            self.answer(cx, ix, Ending::here(Outcome::ErrorInternal, place));
            return None;
        }
        let works = self.works_at_once(cx, ix, begun);
        (!works).then_some(begun.strand)
    }

    /// An operation ends with an answer.
    fn answer<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx, ending: Ending) {
        self.end_strands(cx, ix, true);
        self.answer_now(cx, ix, ending);
    }

    /// An operation whose strands have ended answers.
    #[inline]
    fn answer_now<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx, ending: Ending) {
        let attempt = &mut cx.attempts[ix];
        let host = &mut self.places.instances[attempt.instance];
        let operation = cx.targets[attempt.site];
        let outcome = ending.outcome();
        let left = leave_thread(
            &mut cx.observer,
            cx.now,
            host,
            attempt,
            (operation, outcome),
        );
        self.answered(cx, ix, ending, left);
    }

    /// An operation has left its thread: what it answers is on its way, and the next may have its thread.
    #[expect(clippy::inline_always, reason = "for every operation")]
    #[inline(always)]
    fn answered<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: AttemptIx,
        ending: Ending,
        left: Left,
    ) {
        if left.holds_more {
            let_loose(cx, ix, ending.outcome());
        }
        cx.work.push(Handoff::Answer(ix, ending));
        if left.has_next {
            self.take_all(cx, left.instance);
        }
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
        let held = self.places.instances[attempt.instance].give_back_thread(cx.now, attempt);
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

    /// Free threads take those who wait. One that is taken may give its thread back at once; the
    /// loop that took it sees that, so that this never nests.
    #[expect(clippy::inline_always, reason = "mostly one test")]
    #[inline(always)]
    fn take_next<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        if self.places.instances[instance].has_next() {
            self.take_all(cx, instance);
        }
    }

    #[inline(never)]
    fn take_all<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        self.places.instances[instance].taking = true;
        while let Some(waiter) = self.places.next_in_line(cx.now, instance) {
            match waiter {
                Waiter::Strand(strand) => {
                    self.places.instances[instance].strands_waiting -= 1;
                    self.take_thread(cx, strand);
                }
                Waiter::Operation(ix) => {
                    if cx.attempts[ix].flags.has(AttemptFlag::HasAlarm) {
                        cx.events.cancel(cx.attempts.take_alarm(ix));
                    }
                    if let Some(strand) = self.take_up(cx, ix) {
                        self.steps.ready.push_back(strand);
                    }
                }
            }
        }
        self.note_if_idle(cx, instance);
    }
}

/// Answers a health check that asks whether the process runs: that takes no thread, and no place in
/// the queue.
fn answers_by_itself<O: Observer>(cx: &mut Cx<'_, O>, ix: AttemptIx) -> bool {
    let target = cx.target(ix);
    let check = cx.spec.operations[target].check;
    let asks_process = check.is_some_and(|check| cx.spec.checks[check].asks == Asks::Process);
    if asks_process {
        let_go(
            cx,
            ix,
            Some(Ending::here(Outcome::Ok, Place::Operation(target))),
        );
    }
    asks_process
}

/// The alarm that the callee has set for an attempt is no longer needed, and the gate gets back what
/// the attempt holds of it.
#[inline(never)]
fn let_loose<O: Observer>(cx: &mut Cx<'_, O>, ix: AttemptIx, outcome: Outcome) {
    cx.events.cancel(cx.attempts.take_alarm(ix));
    give_back(cx, ix, outcome);
}

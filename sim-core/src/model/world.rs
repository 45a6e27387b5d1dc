//! The world: the parts side by side, and one work list between them. It has no rule of its own.

use super::attempt::{AttemptFlag, Stage};
use super::call::Then;
use super::calls::{CallEvent, Calls};
use super::changes::{ChangeEvent, Changes};
use super::clients::{ClientEvent, Clients};
use super::control::{Control, ControlEvent};
use super::cx::Cx;
use super::directory::{InstanceState, Mark, News, Turn};
use super::event::{Due, PartEvent};
use super::fact::{Fact, Observer};
use super::handoff::{Change, Handoff};
use super::kept::{Kept, KeptEvent};
use super::lifecycle::{LifeEvent, Lifecycle};
use super::network::{Network, NetworkEvent};
use super::record::Live;
use super::services::{ServiceEvent, Services};
use super::sources::{SourceEvent, Sources};
use super::spec::ModelSpec;
use crate::id::ProcessId;
use crate::id::{InstanceId, KeptId};
use crate::keeping::PoolLevel;
use crate::keeping::queue::{QueueLevel, QueueSums};
use crate::kernel::{EventList, Handler};
use crate::policy::pipeline::AbandonReason;
use crate::random::KeySource;
use crate::time::SimTime;
use std::cell::Cell;

/// A simulated system and the observer that is told what happens.
#[derive(Clone, Debug)]
pub struct World<'s, O> {
    parts: Parts,
    cx: Cx<'s, O>,
    /// Whether the run ends with its last call.
    draining: bool,
    /// The place of a call whose caller waited when it was last looked at.
    waits: Cell<u32>,
}

impl<'s, O: Observer> World<'s, O> {
    /// An empty system at time zero.
    pub fn new(spec: &'s ModelSpec, keys: &KeySource, observer: O) -> Self {
        Self {
            parts: Parts {
                clients: Clients::new(spec, keys),
                calls: Calls::new(spec, keys),
                services: Services::new(spec, keys),
                network: Network::new(spec, keys),
                changes: Changes::new(spec, keys),
                lifecycle: Lifecycle::new(spec, keys),
                control: Control::new(spec, keys),
                sources: Sources::new(spec, keys),
                kept: Kept::new(spec, keys),
            },
            cx: Cx::new(spec, keys, observer),
            draining: false,
            waits: Cell::new(0),
        }
    }

    /// Who was told what happened so far.
    pub fn observer(&self) -> &O {
        &self.cx.observer
    }

    /// The observer, when all is over.
    pub fn into_observer(self) -> O {
        self.cx.observer
    }

    /// Schedules what comes from outside: faults and first arrivals.
    pub fn begin(&mut self) {
        self.parts.changes.begin(&mut self.cx);
        Services::begin_sampling(&mut self.cx);
        self.parts.clients.begin(&mut self.cx);
        self.parts.control.begin(&mut self.cx);
        self.parts.sources.begin(&mut self.cx);
        self.parts.kept.begin(&mut self.cx);
        while let Some(handoff) = self.cx.work.pop() {
            self.parts.dispatch_first(&mut self.cx, handoff);
        }
    }

    /// From now on it is a run of another model, which was the same so far: what comes from outside comes
    /// as that one says. `of_observer` tells the observer.
    pub(super) fn go_on_with(&mut self, spec: &'s ModelSpec, of_observer: impl FnOnce(&mut O)) {
        self.cx.spec = spec;
        self.parts.changes.go_on_with(&mut self.cx);
        of_observer(&mut self.cx.observer);
    }

    /// The parts at the start, in words: two models with the same words have built the same.
    pub(super) fn in_words(&self, words: &mut dyn std::fmt::Write) -> std::fmt::Result {
        write!(words, "{:?}{:?}", self.parts, self.cx.gates)
    }

    /// Time goes on to the end of the run: what timers have done by then is told.
    pub fn end(&mut self, at: SimTime) {
        self.cx.now = at;
        self.parts.calls.settle(&mut self.cx);
    }

    /// From now on nobody begins anything: what is under way goes on until every call has its
    /// outcome.
    pub(super) fn close(&mut self) {
        self.parts.clients.close(&mut self.cx);
        self.parts.sources.close(&mut self.cx);
        self.draining = true;
        self.cx.within.note();
    }

    /// Whether every call has its outcome. While the one that was found last has none nobody has to
    /// look at the others, and who looks goes on from it.
    #[cold]
    pub(super) fn is_drained(&self) -> bool {
        let waiting = self.cx.calls.waiting_from(self.waits.get());
        self.waits.set(waiting.unwrap_or(0));
        waiting.is_none()
    }

    /// How full each pool is, by what it is and whose.
    pub fn pools(&self) -> impl Iterator<Item = (KeptId, InstanceId, PoolLevel)> {
        self.parts.kept.levels()
    }

    /// How full each queue of messages is, and what has become of its messages.
    pub fn queues(&self) -> impl Iterator<Item = (QueueLevel, QueueSums)> {
        self.parts.kept.queue_levels()
    }

    /// What is under way now.
    pub fn live(&self) -> Live {
        let calls = self
            .cx
            .calls
            .places()
            .filter(|(_, call)| !call.has_ended())
            .count() as u64;
        let mut live = Live {
            calls,
            gates_gave: self.cx.gates.gave(),
            instances: self.parts.lifecycle.there(self.cx.spec),
            effects: self.cx.deeds.standing().iter().sum(),
            sagas: self.cx.sagas.under_way(),
            ..Live::default()
        };
        for (_, attempt) in self.cx.attempts.places() {
            live.attempts += u64::from(attempt.is_wanted());
            // What a block does is done by the operation around it.
            if attempt.flags.has(AttemptFlag::Inline) {
                continue;
            }
            live.queued += u64::from(attempt.stage == Stage::Waiting);
            live.running += u64::from(attempt.stage == Stage::Running);
            live.held_of_gates += self.cx.gates.held_by(self.cx.spec, attempt);
        }
        live
    }
}

impl<O: Observer> Handler<Due> for World<'_, O> {
    #[inline]
    fn events(&mut self) -> &mut EventList<Due> {
        &mut self.cx.events
    }

    #[expect(clippy::inline_always, reason = "the run loop is its only place")]
    #[inline(always)]
    fn handle(&mut self, now: SimTime, event: Due) {
        let Self { parts, cx, .. } = self;
        cx.now = now;
        cx.within.begin();
        parts.handle(cx, event);
        while let Some(handoff) = cx.work.pop() {
            parts.dispatch(cx, handoff);
        }
    }

    #[inline]
    fn is_noted(&self) -> bool {
        self.cx.within.is_noted()
    }

    fn followed(&mut self) -> u64 {
        let followed = self.cx.within.take();
        if self.draining || self.parts.calls.overflowed() {
            self.cx.within.note();
        }
        followed
    }

    fn halted(&self) -> bool {
        self.parts.calls.overflowed() || (self.draining && self.is_drained())
    }
}

/// The parts.
#[derive(Clone, Debug)]
struct Parts {
    clients: Clients,
    calls: Calls,
    services: Services,
    network: Network,
    changes: Changes,
    lifecycle: Lifecycle,
    sources: Sources,
    control: Control,
    kept: Kept,
}

/// Numbers of kinds of events are used once, and the list has room for all.
const _: () = {
    let mut used = [false; Due::KINDS as usize];
    take(&mut used, ClientEvent::KINDS);
    take(&mut used, CallEvent::KINDS);
    take(&mut used, ServiceEvent::KINDS);
    take(&mut used, NetworkEvent::KINDS);
    take(&mut used, ChangeEvent::KINDS);
    take(&mut used, LifeEvent::KINDS);
    take(&mut used, ControlEvent::KINDS);
    take(&mut used, SourceEvent::KINDS);
    take(&mut used, KeptEvent::KINDS);
};

const fn take(used: &mut [bool; Due::KINDS as usize], kinds: &[u8]) {
    let mut next = 0;
    while next < kinds.len() {
        let kind = kinds[next] as usize;
        assert!(!used[kind], "two kinds of events with one number");
        used[kind] = true;
        next += 1;
    }
}

impl Parts {
    /// Gives what has come due to its part.
    #[expect(clippy::inline_always, reason = "the event loop is its only place")]
    #[inline(always)]
    fn handle<O: Observer>(&mut self, cx: &mut Cx<'_, O>, due: Due) {
        if let Some(event) = ServiceEvent::of(due) {
            self.services.handle(cx, event);
        } else if let Some(event) = CallEvent::of(due) {
            self.calls.handle(cx, event);
        } else if let Some(event) = NetworkEvent::of(due) {
            self.network.handle(cx, event);
        } else if let Some(event) = ClientEvent::of(due) {
            self.clients.handle(cx, event);
        } else if let Some(event) = ChangeEvent::of(due) {
            self.changes.handle(cx, event);
        } else if let Some(event) = LifeEvent::of(due) {
            self.lifecycle.handle(cx, event);
        } else if let Some(event) = ControlEvent::of(due) {
            self.control.handle(cx, event);
        } else if let Some(event) = SourceEvent::of(due) {
            self.sources.handle(cx, event);
        } else if let Some(event) = KeptEvent::of(due) {
            self.kept.handle(cx, event);
        } else {
            unreachable!("what comes due was scheduled by a part");
        }
    }

    /// Passes a hand-off on. What follows at once and has nothing before it on the list goes
    /// straight to its part.
    #[expect(
        clippy::inline_always,
        reason = "the loop over the work list is its only place"
    )]
    #[inline(always)]
    fn dispatch<O: Observer>(&mut self, cx: &mut Cx<'_, O>, handoff: Handoff) {
        match handoff {
            Handoff::StartCall(call, parent) => self.calls.start(cx, call, parent),
            Handoff::Send(attempt) | Handoff::Arrive(attempt) => {
                if matches!(handoff, Handoff::Send(_)) {
                    if !self.network.send(cx, attempt) {
                        return;
                    }
                    if !cx.work.is_empty() {
                        return cx.work.push(Handoff::Arrive(attempt));
                    }
                }
                self.services.on_arrival(cx, attempt);
            }
            Handoff::Answer(attempt, ending) | Handoff::Answered(attempt, ending) => {
                if matches!(handoff, Handoff::Answer(..)) {
                    if !self.network.answer(cx, attempt, ending) {
                        return;
                    }
                    if !cx.work.is_empty() {
                        return cx.work.push(Handoff::Answered(attempt, ending));
                    }
                }
                self.calls.on_answer(cx, attempt, ending);
            }
            Handoff::Abandon(attempt) => self.network.abandon(cx, attempt),
            Handoff::Abandoned(attempt) => self.services.on_abandoned(cx, attempt),
            Handoff::CallEnded(call, ending) => {
                match cx.calls[call].reply.then() {
                    Then::Nobody => {}
                    Then::User(user) => self.clients.on_call_ended(cx, user),
                    Then::Fallback(frame) => self.calls.on_fallback_call(cx, frame, ending),
                    Then::Check(watch) => self.sources.on_checked(cx, watch, call, ending),
                    Then::Message(delivery) => {
                        cx.work.push(Handoff::Handled(delivery, ending));
                    }
                    Then::Saga(saga) => Sources::on_saga_asked(cx, saga, call),
                    Then::Strand(strand) => {
                        self.services.on_call_ended(cx, strand, call, ending);
                    }
                }
                cx.calls.settle(call);
            }
            Handoff::AbandonCall(call) => {
                self.calls.abandon(cx, call, AbandonReason::NotNeeded);
            }
            Handoff::Begin(attempt) => self.services.begin_block(cx, attempt),
            Handoff::Ask(ticket) => self.kept.ask(cx, ticket),
            Handoff::Told(ticket, refused) => self.services.on_told(cx, ticket, refused),
            Handoff::Leave(ticket) => self.kept.leave(cx, ticket),
            Handoff::Store(attempt, number) => self.kept.store(cx, attempt, number),
            Handoff::Stored(attempt, refused) => self.services.on_stored(cx, attempt, refused),
            Handoff::HandOut(delivery) => self.sources.hand_out(cx, delivery),
            Handoff::Handling(delivery) => self.kept.handling(cx, delivery),
            Handoff::Vanished(delivery) => self.kept.vanished(cx, delivery),
            Handoff::StandsStill(instance, still) => self.kept.stands_still(cx, instance, still),
            Handoff::Handled(delivery, ending) => self.kept.handled(cx, delivery, ending),
            Handoff::Dial(dial) => self.network.dial(cx, dial),
            Handoff::Carried(dial, latency) => self.kept.carried(cx, dial, Some(latency)),
            Handoff::Refused(dial) => self.kept.carried(cx, dial, None),
            Handoff::Reach(dial) => self.services.reach(cx, dial),
            Handoff::Reached(dial, let_in) => self.kept.reached(cx, dial, let_in),
            Handoff::Reset(attempt) => self.network.reset(cx, attempt),
            Handoff::NotThere(attempt) => self.network.not_there(cx, attempt),
            Handoff::Knock(attempt) => self.network.knock(cx, attempt),
            Handoff::SagaLeft(saga) => Sources::on_saga_left(cx, saga),
            Handoff::Sign(sign) => self.control.on_sign(cx, sign),
            Handoff::Apply => self.apply_next(cx),
        }
    }

    /// The same before the first event: nobody calls yet, but what is kept fills. It is apart, so that what
    /// every call goes through is passed on from one place alone, and compiled into it.
    #[cold]
    fn dispatch_first<O: Observer>(&mut self, cx: &mut Cx<'_, O>, handoff: Handoff) {
        match handoff {
            Handoff::Dial(dial) => self.network.dial(cx, dial),
            Handoff::Carried(dial, latency) => self.kept.carried(cx, dial, Some(latency)),
            Handoff::Refused(dial) => self.kept.carried(cx, dial, None),
            Handoff::Reach(dial) => self.services.reach(cx, dial),
            Handoff::Reached(dial, let_in) => self.kept.reached(cx, dial, let_in),
            Handoff::StartCall(..)
            | Handoff::Send(_)
            | Handoff::Arrive(_)
            | Handoff::Begin(_)
            | Handoff::Ask(_)
            | Handoff::Told(..)
            | Handoff::Leave(_)
            | Handoff::Store(..)
            | Handoff::Stored(..)
            | Handoff::HandOut(_)
            | Handoff::Handling(_)
            | Handoff::Vanished(_)
            | Handoff::StandsStill(..)
            | Handoff::Handled(..)
            | Handoff::Reset(_)
            | Handoff::NotThere(_)
            | Handoff::Knock(_)
            | Handoff::Answer(..)
            | Handoff::Answered(..)
            | Handoff::Abandon(_)
            | Handoff::Abandoned(_)
            | Handoff::CallEnded(..)
            | Handoff::AbandonCall(_)
            | Handoff::SagaLeft(_)
            | Handoff::Sign(_)
            | Handoff::Apply => unreachable!("nothing has happened yet"),
        }
    }

    /// The next change is due. A process ends when nothing more is on its way to it or from it at this
    /// instant.
    #[cold]
    fn apply_next<O: Observer>(&mut self, cx: &mut Cx<'_, O>) {
        if let Some(change) = cx.work.pop_change() {
            if change.may_end_process() && cx.work.is_amid() {
                return cx.work.push_change(change);
            }
            self.apply(cx, &change);
        }
    }

    /// Alters the world: first the directory, which nobody else writes, then what each part makes of it.
    #[cold]
    fn apply<O: Observer>(&mut self, cx: &mut Cx<'_, O>, change: &Change) {
        note_in_directory(cx, change);
        self.changes.apply(cx, change);
        self.lifecycle.apply(cx, change);
        self.control.apply(cx, change);
        self.clients.apply(cx, change);
        self.network.apply(cx, change);
        self.services.apply(cx, change);
        self.calls.apply(cx, change);
        self.sources.apply(cx, change);
        self.kept.apply(cx, change);
    }
}

/// What a change makes of the directory, and what is told of that.
#[cold]
fn note_in_directory<O: Observer>(cx: &mut Cx<'_, O>, change: &Change) {
    if let Some((instance, state)) = change.state() {
        cx.directory.live(cx.now, instance, state);
        if state == InstanceState::Up {
            let service = cx.spec.instances[instance];
            cx.directory.came_up(cx.now, service, instance);
        }
    }
    if let Change::Starting {
        instance,
        fills: Some(incarnation),
    } = *change
    {
        cx.directory.fill(cx.now, instance, incarnation);
    }
    if let Change::Mark {
        instance,
        mark,
        holds,
        view,
    } = *change
    {
        let news = News {
            instance,
            incarnation: cx.directory.member(instance).incarnation,
            mark,
            holds,
        };
        match view {
            None => mark_for_all(cx, news),
            Some(process) => mark_for_one(cx, news, process),
        }
    }
    if let Change::Heard { view, news } = *change {
        let panics = cx.directory.hear(cx.now, view, news);
        cx.tell_panic(panics);
    }
}

fn mark_for_all<O: Observer>(cx: &mut Cx<'_, O>, news: News) {
    let turn = cx.directory.mark(news);
    tell_mark(cx, news, turn, None);
    let service = cx.spec.instances[news.instance];
    let membership = &cx.spec.services[service].membership;
    // What all callers judge together acts in what each of them sees (rule 50).
    let is_own = news.mark == Mark::Ejected;
    if membership.propagation.is_some() && !is_own {
        return;
    }
    let asks = membership.refresh.is_some() && !is_own;
    let views = cx.directory.plan().heard_by(service);
    for view in views.take(if asks { 1 } else { usize::MAX }) {
        let panics = cx.directory.hear(cx.now, view, news);
        cx.tell_panic(panics);
    }
}

fn mark_for_one<O: Observer>(cx: &mut Cx<'_, O>, news: News, process: ProcessId) {
    let service = cx.spec.instances[news.instance];
    let Some(view) = cx.directory.plan().own_view(service, process) else {
        debug_assert!(false, "who judges for itself has a view of its own");
        return;
    };
    let (turn, panics) = cx.directory.mark_own(cx.now, view, news);
    tell_mark(cx, news, turn, Some(process));
    cx.tell_panic(panics);
}

fn tell_mark<O: Observer>(cx: &mut Cx<'_, O>, news: News, turn: Turn, process: Option<ProcessId>) {
    let News {
        instance,
        mark,
        holds,
        ..
    } = news;
    match (turn, process) {
        (Turn::Nothing, _) => {}
        (Turn::Rotation, None) => cx.tell(&Fact::RotationChanged {
            instance,
            in_rotation: !holds,
            mark,
        }),
        (Turn::Mark | Turn::Rotation, _) => cx.tell(&Fact::MarkChanged {
            instance,
            mark,
            holds,
            process,
        }),
    }
}

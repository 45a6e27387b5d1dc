//! The world: the parts side by side, and one work list between them. It has no rule of its own.

use super::attempt::{AttemptBook, Stage};
use super::call::{CallBook, Then};
use super::calls::Calls;
use super::changes::Changes;
use super::clients::Clients;
use super::cx::Cx;
use super::event::{Due, Event};
use super::fact::Observer;
use super::handoff::{Change, Handoff, Work};
use super::network::Network;
use super::record::Live;
use super::services::Services;
use super::spec::ModelSpec;
use crate::kernel::{self, EventList, Handler, RunEnd};
use crate::policy::pipeline::AbandonReason;
use crate::random::KeySource;
use crate::time::SimTime;

/// A simulated system and the observer that is told what happens.
#[derive(Debug)]
pub struct World<'s, O> {
    spec: &'s ModelSpec,
    clients: Clients,
    calls: Calls,
    services: Services,
    network: Network,
    changes: Changes,
    call_book: CallBook,
    attempt_book: AttemptBook,
    work: Work,
    /// Told every fact.
    pub observer: O,
}

/// A run that is over.
#[derive(Debug)]
pub struct Played<O> {
    /// Why and when it stopped.
    pub end: RunEnd,
    /// What the model counts as under way at that instant.
    pub live: Live,
    /// The observer, which was told everything.
    pub observer: O,
}

/// Plays a model from its empty start to its end. `progress` is told the virtual time and the
/// events so far now and then, and ends the run by returning false.
pub fn run<O: Observer>(
    spec: &ModelSpec,
    seed: u64,
    replication: u64,
    observer: O,
    progress: &mut dyn FnMut(SimTime, u64) -> bool,
) -> Played<O> {
    let mut world = World::new(spec, &KeySource::new(seed, replication), observer);
    let mut events = EventList::new();
    world.begin(&mut events);
    let end = kernel::run(
        &mut events,
        &mut world,
        spec.duration,
        spec.limits,
        progress,
    );
    Played {
        end,
        live: world.live(),
        observer: world.observer,
    }
}

impl<'s, O: Observer> World<'s, O> {
    /// An empty system at time zero.
    pub fn new(spec: &'s ModelSpec, keys: &KeySource, observer: O) -> Self {
        Self {
            spec,
            clients: Clients::new(spec, keys),
            calls: Calls::new(spec, keys),
            services: Services::new(spec, keys),
            network: Network::new(spec, keys),
            changes: Changes::new(spec),
            call_book: CallBook::default(),
            attempt_book: AttemptBook::default(),
            work: Work::default(),
            observer,
        }
    }

    /// Schedules what comes from outside: faults and first arrivals.
    pub fn begin(&mut self, events: &mut EventList<Due>) {
        let (parts, mut cx) = self.split(SimTime::ZERO, events);
        Changes::begin(&mut cx);
        parts.clients.begin(&mut cx);
    }

    /// What is under way now.
    pub fn live(&self) -> Live {
        let calls = self
            .call_book
            .places()
            .filter(|(_, call)| !call.ended)
            .count() as u64;
        let mut live = Live {
            calls,
            ..Live::default()
        };
        for (_, attempt) in self.attempt_book.places() {
            live.attempts += u64::from(attempt.wanted);
            live.queued += u64::from(attempt.stage == Stage::Waiting);
            live.running += u64::from(attempt.stage == Stage::Running);
        }
        live
    }

    fn split<'a>(
        &'a mut self,
        now: SimTime,
        events: &'a mut EventList<Due>,
    ) -> (Parts<'a>, Cx<'a, O>) {
        let parts = Parts {
            clients: &mut self.clients,
            calls: &mut self.calls,
            services: &mut self.services,
            network: &mut self.network,
            changes: &mut self.changes,
        };
        let cx = Cx {
            now,
            events,
            spec: self.spec,
            calls: &mut self.call_book,
            attempts: &mut self.attempt_book,
            work: &mut self.work,
            observer: &mut self.observer,
        };
        (parts, cx)
    }
}

impl<O: Observer> Handler<Due> for World<'_, O> {
    fn handle(&mut self, now: SimTime, event: Due, events: &mut EventList<Due>) {
        let (mut parts, mut cx) = self.split(now, events);
        match event.into() {
            Event::Client(event) => parts.clients.handle(&mut cx, event),
            Event::Call(event) => parts.calls.handle(&mut cx, event),
            Event::Service(event) => parts.services.handle(&mut cx, event),
            Event::Network(event) => parts.network.handle(&mut cx, event),
            Event::Change(event) => parts.changes.handle(&mut cx, event),
        }
        while let Some(handoff) = cx.work.pop() {
            parts.dispatch(&mut cx, handoff);
        }
    }

    fn halted(&self) -> bool {
        self.calls.overflowed()
    }
}

/// The parts, borrowed.
struct Parts<'a> {
    clients: &'a mut Clients,
    calls: &'a mut Calls,
    services: &'a mut Services,
    network: &'a mut Network,
    changes: &'a mut Changes,
}

impl Parts<'_> {
    /// Passes a hand-off on. What follows at once and has nothing before it on the list goes
    /// straight to its part.
    #[inline]
    fn dispatch<O: Observer>(&mut self, cx: &mut Cx<'_, O>, handoff: Handoff) {
        match handoff {
            Handoff::StartCall(call) => self.calls.start(cx, call),
            Handoff::Send(attempt) => {
                if self.network.send(cx, attempt) {
                    if cx.work.is_empty() {
                        self.services.on_arrival(cx, attempt);
                    } else {
                        cx.work.push(Handoff::Arrive(attempt));
                    }
                }
            }
            Handoff::Arrive(attempt) => self.services.on_arrival(cx, attempt),
            Handoff::Answer(attempt, ending) => {
                if self.network.answer(cx, attempt, ending) {
                    if cx.work.is_empty() {
                        self.calls.on_answer(cx, attempt, ending);
                    } else {
                        cx.work.push(Handoff::Answered(attempt, ending));
                    }
                }
            }
            Handoff::Answered(attempt, ending) => self.calls.on_answer(cx, attempt, ending),
            Handoff::Abandon(attempt) => self.network.abandon(cx, attempt),
            Handoff::Abandoned(attempt) => self.services.on_abandoned(cx, attempt),
            Handoff::CallEnded(call, ending) => {
                match cx.calls[call].then {
                    Then::Nobody => {}
                    Then::User(user) => self.clients.on_call_ended(cx, user),
                    Then::Strand(strand) => {
                        self.services.on_call_ended(cx, strand, call, ending);
                    }
                }
                cx.calls.settle(call);
            }
            Handoff::AbandonCall(call) => {
                self.calls.abandon(cx, call, AbandonReason::NotNeeded);
            }
            Handoff::Apply => {
                if let Some(change) = cx.work.pop_change() {
                    self.apply(cx, &change);
                }
            }
        }
    }

    #[cold]
    fn apply<O: Observer>(&mut self, cx: &mut Cx<'_, O>, change: &Change) {
        self.clients.apply(cx, change);
        self.network.apply(cx, change);
        self.services.apply(cx, change);
        self.calls.apply(cx, change);
    }
}

//! The world: the parts side by side, and one work list between them. It has no rule of its own.

use super::attempt::Stage;
use super::call::Then;
use super::calls::Calls;
use super::changes::Changes;
use super::clients::Clients;
use super::cx::Cx;
use super::drain::drain;
use super::event::{Due, Event};
use super::fact::Observer;
use super::handoff::{Change, Handoff};
use super::network::Network;
use super::record::Live;
use super::services::Services;
use super::spec::ModelSpec;
use crate::kernel::{self, EventList, Handler, RunEnd, Stop};
use crate::policy::pipeline::AbandonReason;
use crate::random::KeySource;
use crate::time::SimTime;
use std::cell::Cell;

/// A simulated system and the observer that is told what happens.
#[derive(Debug)]
pub struct World<'s, O> {
    parts: Parts,
    cx: Cx<'s, O>,
    /// Whether the run ends with its last call.
    draining: bool,
    /// The place of a call whose caller waited when it was last looked at.
    waits: Cell<u32>,
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
    world.begin();
    let mut end = kernel::run(&mut world, spec.duration, spec.limits, progress);
    if end.stop == Stop::Horizon && !spec.drain.is_zero() {
        end = drain(&mut world, end, progress);
    }
    world.end(end.at);
    Played {
        end,
        live: world.live(),
        observer: world.cx.observer,
    }
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
            },
            cx: Cx::new(spec, observer),
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
        self.parts.clients.begin(&mut self.cx);
    }

    /// Time goes on to the end of the run: what timers have done by then is told.
    pub fn end(&mut self, at: SimTime) {
        self.cx.now = at;
        self.parts.calls.settle(&mut self.cx);
    }

    /// What the run is made of.
    pub(super) fn spec(&self) -> &'s ModelSpec {
        self.cx.spec
    }

    /// From now on nobody begins anything: what is under way goes on until every call has its
    /// outcome.
    pub(super) fn close(&mut self) {
        self.parts.clients.close(&mut self.cx);
        self.draining = true;
    }

    /// Whether every call has its outcome. While the one that was found last has none nobody has to
    /// look at the others, and who looks goes on from it.
    #[cold]
    pub(super) fn is_drained(&self) -> bool {
        let waiting = self.cx.calls.waiting_from(self.waits.get());
        self.waits.set(waiting.unwrap_or(0));
        waiting.is_none()
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
            ..Live::default()
        };
        for (_, attempt) in self.cx.attempts.places() {
            live.attempts += u64::from(attempt.is_wanted());
            live.queued += u64::from(attempt.stage == Stage::Waiting);
            live.running += u64::from(attempt.stage == Stage::Running);
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
        match event.into() {
            Event::Client(event) => parts.clients.handle(cx, event),
            Event::Call(event) => parts.calls.handle(cx, event),
            Event::Service(event) => parts.services.handle(cx, event),
            Event::Network(event) => parts.network.handle(cx, event),
            Event::Change(event) => parts.changes.handle(cx, event),
        }
        while let Some(handoff) = cx.work.pop() {
            parts.dispatch(cx, handoff);
        }
    }

    #[inline]
    fn followed(&mut self) -> u64 {
        self.cx.within.take()
    }

    fn halted(&self) -> bool {
        self.parts.calls.overflowed() || (self.draining && self.is_drained())
    }
}

/// The parts.
#[derive(Debug)]
struct Parts {
    clients: Clients,
    calls: Calls,
    services: Services,
    network: Network,
    changes: Changes,
}

impl Parts {
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
            Handoff::NotThere(attempt) => self.network.not_there(cx, attempt),
            Handoff::Knock(attempt) => self.network.knock(cx, attempt),
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
                    Then::Fallback(frame) => self.calls.on_instead(cx, frame, ending),
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

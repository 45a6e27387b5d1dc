//! What every part sees while it handles something.

use super::attempt::{AttemptBook, AttemptIx};
use super::call::CallBook;
use super::event::{Due, Event};
use super::fact::{Fact, Observer};
use super::handoff::Work;
use super::spec::ModelSpec;
use crate::id::{IdMap, OperationId, SiteId};
use crate::kernel::{Class, EventList, Timer};
use crate::time::SimTime;

/// The present instant and everything the parts share.
#[derive(Debug)]
pub(crate) struct Cx<'s, O> {
    pub(crate) now: SimTime,
    pub(crate) events: EventList<Due>,
    pub(crate) spec: &'s ModelSpec,
    /// What is called at each site: asked several times for every attempt.
    pub(crate) targets: IdMap<SiteId, OperationId>,
    pub(crate) calls: CallBook,
    pub(crate) attempts: AttemptBook,
    pub(crate) work: Work,
    pub(crate) observer: O,
}

impl<'s, O: Observer> Cx<'s, O> {
    /// An empty system at time zero.
    pub(crate) fn new(spec: &'s ModelSpec, observer: O) -> Self {
        Self {
            now: SimTime::ZERO,
            events: EventList::new(),
            spec,
            targets: spec.sites.iter().map(|site| site.target).collect(),
            calls: CallBook::default(),
            attempts: AttemptBook::default(),
            work: Work::default(),
            observer,
        }
    }
}

impl<O: Observer> Cx<'_, O> {
    /// Says what happened.
    #[expect(
        clippy::inline_always,
        reason = "the kind of fact is known where it is told"
    )]
    #[inline(always)]
    pub(crate) fn tell(&mut self, fact: &Fact) {
        self.observer.on_fact(self.now, fact);
    }

    /// The operation that an attempt is for.
    #[inline]
    pub(crate) fn target(&self, ix: AttemptIx) -> OperationId {
        self.targets[self.attempts[ix].site]
    }

    #[inline]
    pub(crate) fn schedule(&mut self, at: SimTime, class: Class, event: impl Into<Event>) -> Timer {
        self.events.schedule(at, class, Due::from(event.into()))
    }

    /// As [`Self::schedule`], for a limit that is mostly not reached.
    #[inline]
    pub(crate) fn schedule_limit(&mut self, at: SimTime, event: impl Into<Event>) -> Timer {
        self.events
            .schedule_limit(at, Class::Expiry, Due::from(event.into()))
    }
}

//! What every part sees while it handles something.

use super::attempt::AttemptBook;
use super::call::CallBook;
use super::event::{Due, Event};
use super::fact::{Fact, Observer};
use super::handoff::Work;
use super::spec::ModelSpec;
use crate::kernel::{Class, EventList, Timer};
use crate::time::SimTime;

/// The present instant and everything the parts share.
pub(crate) struct Cx<'a, O> {
    pub(crate) now: SimTime,
    pub(crate) events: &'a mut EventList<Due>,
    pub(crate) spec: &'a ModelSpec,
    pub(crate) calls: &'a mut CallBook,
    pub(crate) attempts: &'a mut AttemptBook,
    pub(crate) work: &'a mut Work,
    pub(crate) observer: &'a mut O,
}

impl<O: Observer> Cx<'_, O> {
    /// Says what happened.
    #[inline]
    pub(crate) fn tell(&mut self, fact: &Fact) {
        self.observer.on_fact(self.now, fact);
    }

    #[inline]
    pub(crate) fn schedule(&mut self, at: SimTime, class: Class, event: impl Into<Event>) -> Timer {
        self.events.schedule(at, class, Due::from(event.into()))
    }
}

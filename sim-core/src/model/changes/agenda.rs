//! What is known beforehand: when each fault begins and ends.
//!
//! Only the next of it waits in the event list, in a class of its own that comes before all else at
//! its instant. So what lies further ahead is nowhere yet, and a run may go on with another agenda
//! from any instant until which the two say the same.
//!
//! Rejected: all of it in the event list from the start, where the numbers of its events lie below all
//! others: nothing could be put in their place.

use super::ChangeEvent;
use crate::kernel::{Class, Timer};
use crate::model::cx::Cx;
use crate::model::fact::Observer;
use crate::model::spec::ModelSpec;
use crate::time::SimTime;
use std::fmt;

/// Beginnings and ends of faults.
#[derive(Clone)]
pub(super) struct Agenda {
    /// By time; at one instant in the order of the faults.
    all: Vec<(SimTime, ChangeEvent)>,
    /// Place of the one that waits \[index\].
    next: usize,
    timer: Timer,
}

/// Without what lies ahead: that is no state of the world.
impl fmt::Debug for Agenda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agenda")
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl Agenda {
    pub(super) fn new(spec: &ModelSpec) -> Self {
        let mut all = Vec::new();
        for (id, fault) in spec.faults.iter_enumerated() {
            for &(from, until) in &fault.spans {
                all.push((from, ChangeEvent::FaultStarts(id)));
                if until < SimTime::NEVER {
                    all.push((until, ChangeEvent::FaultEnds(id)));
                }
            }
        }
        all.sort_by_key(|&(at, _)| at);
        Self {
            all,
            next: 0,
            timer: Timer::NONE,
        }
    }

    /// Puts the next one on the event list.
    pub(super) fn schedule_next<O: Observer>(&mut self, cx: &mut Cx<'_, O>) {
        let next = self.all.get(self.next);
        self.timer = next.map_or(Timer::NONE, |&(at, event)| {
            cx.schedule(at, Class::Planned, event)
        });
    }

    /// The one that waited happens: the next one takes its place.
    pub(super) fn advance<O: Observer>(&mut self, cx: &mut Cx<'_, O>) {
        self.next += 1;
        self.schedule_next(cx);
    }

    /// Goes on with what another model says, which said the same so far.
    pub(super) fn go_on_with<O: Observer>(&mut self, cx: &mut Cx<'_, O>) {
        cx.events.cancel(self.timer);
        self.all = Self::new(cx.spec).all;
        self.schedule_next(cx);
    }
}

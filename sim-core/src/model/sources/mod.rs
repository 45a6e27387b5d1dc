//! Sources: what calls of its own accord inside the system.
//!
//! Clients call because somebody wants something; a source calls because it is time to. It starts calls
//! as a client does, hears how they end, and is told when those that it watches or that make its calls
//! die and start.
//!
//! - [`checks`]: health checks (rules 53, 54, 60);
//! - [`handouts`]: messages that are handed out (rule 84).

mod checks;
mod event;
mod handouts;

use super::call::CallIx;
use super::cx::Cx;
use super::delivery::DeliveryIx;
use super::fact::Observer;
use super::handoff::Change;
use super::spec::ModelSpec;
use crate::policy::Ending;
use crate::random::KeySource;
use checks::Checks;
use handouts::Handouts;

pub(super) use event::SourceEvent;

/// All that calls of its own accord.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    checks: Checks,
    handouts: Handouts,
}

impl Sources {
    pub(crate) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        Self {
            checks: Checks::new(spec, keys),
            handouts: Handouts::new(spec, keys),
        }
    }

    /// Schedules the first calls.
    pub(crate) fn begin<O: Observer>(&mut self, cx: &mut Cx<'_, O>) {
        self.checks.begin(cx);
    }

    /// Nobody begins a call any more.
    pub(crate) fn close<O: Observer>(&mut self, cx: &mut Cx<'_, O>) {
        self.checks.close(cx);
    }

    pub(crate) fn handle<O: Observer>(&mut self, cx: &mut Cx<'_, O>, event: SourceEvent) {
        match event {
            SourceEvent::Check(watch) => self.checks.send(cx, watch),
            SourceEvent::Late(watch) => self.checks.on_late(cx, watch),
        }
    }

    /// A check has its outcome.
    pub(crate) fn on_checked<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        watch: u32,
        call: CallIx,
        ending: Ending,
    ) {
        self.checks.on_call_ended(cx, watch, call, ending);
    }

    /// A message is handed out.
    pub(crate) fn hand_out<O: Observer>(&self, cx: &mut Cx<'_, O>, delivery: DeliveryIx) {
        self.handouts.call(cx, delivery);
    }

    pub(crate) fn apply<O: Observer>(&mut self, cx: &mut Cx<'_, O>, change: &Change) {
        if self.checks.are_none() {
            return;
        }
        self.checks.apply(cx, change);
    }
}

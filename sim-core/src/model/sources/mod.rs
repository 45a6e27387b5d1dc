//! Sources: what calls of its own accord inside the system.
//!
//! Clients call because somebody wants something; a source calls because it is time to. It starts calls
//! as a client does, hears how they end, and is told when those that it watches or that make its calls
//! die and start.
//!
//! - [`checks`]: health checks (rules 53, 54, 60);
//! - [`handouts`]: messages that are handed out (rule 84);
//! - [`sagas`]: sagas whose process has died (rule 88).

mod checks;
mod event;
mod handouts;
mod sagas;

use super::call::CallIx;
use super::cx::Cx;
use super::delivery::DeliveryIx;
use super::fact::Observer;
use super::handoff::Change;
use super::saga::SagaIx;
use super::spec::ModelSpec;
use crate::policy::Ending;
use crate::random::KeySource;
use checks::Checks;
use handouts::Handouts;
use sagas::LeftSagas;

pub(super) use event::SourceEvent;

/// All that calls of its own accord.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    checks: Checks,
    handouts: Handouts,
    sagas: LeftSagas,
}

impl Sources {
    pub(crate) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        Self {
            checks: Checks::new(spec, keys),
            handouts: Handouts::new(spec, keys),
            sagas: LeftSagas::default(),
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
            SourceEvent::SagaResumes(saga) => self.sagas.on_due(cx, saga),
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

    /// Nobody carries a saga out any more.
    pub(crate) fn on_saga_left<O: Observer>(cx: &mut Cx<'_, O>, saga: SagaIx) {
        LeftSagas::on_left(cx, saga);
    }

    /// Who was asked to go on with a saga has answered.
    pub(crate) fn on_saga_asked<O: Observer>(cx: &mut Cx<'_, O>, saga: SagaIx, call: CallIx) {
        LeftSagas::on_answered(cx, saga, call);
    }

    pub(crate) fn apply<O: Observer>(&mut self, cx: &mut Cx<'_, O>, change: &Change) {
        if !cx.spec.sagas.is_empty() {
            self.sagas.apply(cx, change);
        }
        if self.checks.are_none() {
            return;
        }
        self.checks.apply(cx, change);
    }
}

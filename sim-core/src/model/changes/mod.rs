//! Changes: everything that alters the world from outside, at known times.
//!
//! A fault begins and ends; each part of the world is told and works out for itself how things
//! stand with all faults that act (rule 23). Those that act on the lives of instances are for
//! `lifecycle`; changed settings are worked out here, since no part knows what others stand.

mod agenda;
mod event;
mod settings;
mod up_down;

use self::agenda::Agenda;
use self::settings::Standing;
use self::up_down::UpDownCycles;
use super::cx::Cx;
use super::fact::{Fact, Observer};
use super::handoff::Change;
use crate::id::FaultId;
use crate::model::spec::{FaultKind, ModelSpec};
use crate::random::KeySource;

pub(super) use self::event::ChangeEvent;

/// What happens to the world from outside.
#[derive(Clone, Debug)]
pub(crate) struct Changes {
    agenda: Agenda,
    cycles: UpDownCycles,
    standing: Standing,
}

impl Changes {
    pub(crate) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        Self {
            agenda: Agenda::new(spec),
            cycles: UpDownCycles::new(spec, keys),
            standing: Standing::default(),
        }
    }

    /// Schedules all faults of the scenario.
    pub(crate) fn begin<O: Observer>(&mut self, cx: &mut Cx<'_, O>) {
        self.agenda.schedule_next(cx);
        for index in self.cycles.all() {
            self.cycles.schedule_next(cx, index);
        }
    }

    /// Goes on with the faults of another model, which were the same so far.
    pub(crate) fn go_on_with<O: Observer>(&mut self, cx: &mut Cx<'_, O>) {
        self.agenda.go_on_with(cx);
    }

    pub(crate) fn handle<O: Observer>(&mut self, cx: &mut Cx<'_, O>, event: ChangeEvent) {
        match event {
            ChangeEvent::FaultStarts(fault) => {
                self.agenda.advance(cx);
                self.on_fault(cx, fault, true);
            }
            ChangeEvent::FaultEnds(fault) => {
                self.agenda.advance(cx);
                self.on_fault(cx, fault, false);
            }
            ChangeEvent::Switch(cycle) => self.switch(cx, cycle),
        }
    }

    pub(crate) fn apply<O: Observer>(&mut self, cx: &mut Cx<'_, O>, change: &Change) {
        match *change {
            Change::Strikes(strike) => {
                cx.tell(&strike.fact());
                cx.work.push_change(Change::Struck(strike));
            }
            Change::Struck(strike) => self.cycles.schedule_next(cx, strike.cycle),
            Change::Fault { .. }
            | Change::Down { .. }
            | Change::Up { .. }
            | Change::ColdStart { .. }
            | Change::Mark { .. }
            | Change::Heard { .. }
            | Change::Stop { .. }
            | Change::Kill { .. }
            | Change::Create { .. }
            | Change::Draining { .. }
            | Change::Refusing { .. }
            | Change::Idle { .. }
            | Change::Starting { .. }
            | Change::Ended { .. }
            | Change::Judged { .. }
            | Change::Passed { .. }
            | Change::Suspected { .. }
            | Change::Hold { .. }
            | Change::Setting(_) => {}
        }
    }

    fn on_fault<O: Observer>(&mut self, cx: &mut Cx<'_, O>, fault: FaultId, active: bool) {
        let fact = if active {
            Fact::FaultStarted { fault }
        } else {
            Fact::FaultEnded { fault }
        };
        cx.tell(&fact);
        if cx.spec.faults[fault].random.is_some() {
            // What it still holds is let go with the whole.
            let held = if active {
                Vec::new()
            } else {
                self.cycles.held_by(fault)
            };
            for cycle in held {
                self.switch(cx, cycle);
            }
            return;
        }
        cx.work.push_change(Change::Fault { fault, active });
        if let FaultKind::Setting(_) = cx.spec.faults[fault].kind {
            for setting in self.standing.turn(cx.spec, fault, active) {
                cx.work.push_change(Change::Setting(setting));
            }
        }
    }

    /// A random fault strikes an instance, or leaves it.
    fn switch<O: Observer>(&mut self, cx: &mut Cx<'_, O>, cycle: u32) {
        let strike = self.cycles.flip(cycle);
        cx.work.push_change(Change::Strikes(strike));
    }
}

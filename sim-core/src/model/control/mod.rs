//! Control: verdicts from signs (rules 54, 55, 60).
//!
//! Somebody watches, and concludes: this instance does badly. What follows is a change of rotation, which
//! the directory takes down; whoever chooses an instance reads it there. Each watcher has its own memory,
//! its own instants at which it looks, and its own view in which its verdict acts.

mod ejection;
mod event;
mod health;

use self::ejection::Ejections;
use self::health::{HealthVerdicts, Judged};
use super::cx::Cx;
use super::fact::Observer;
use super::handoff::{Change, Sign};
use crate::id::InstanceId;
use crate::model::spec::ModelSpec;
use crate::random::KeySource;

pub(super) use self::event::ControlEvent;

/// All who give verdicts.
#[derive(Clone, Debug)]
pub(crate) struct Control {
    ejections: Ejections,
    health: HealthVerdicts,
}

impl Control {
    pub(crate) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        Self {
            ejections: Ejections::new(spec, keys),
            health: HealthVerdicts::default(),
        }
    }

    /// Schedules the first sweeps.
    pub(crate) fn begin<O: Observer>(&mut self, cx: &mut Cx<'_, O>) {
        self.ejections.begin(cx);
    }

    pub(crate) fn handle<O: Observer>(&mut self, cx: &mut Cx<'_, O>, event: ControlEvent) {
        match event {
            ControlEvent::Sweep(watcher) => self.ejections.sweep(cx, watcher),
            ControlEvent::TimeOver(watcher) => self.ejections.time_over(cx, watcher),
        }
    }

    /// A caller has a sign of how an instance does.
    pub(crate) fn on_sign<O: Observer>(&mut self, cx: &mut Cx<'_, O>, sign: Sign) {
        self.ejections.on_sign(cx, sign);
    }

    pub(crate) fn apply<O: Observer>(&mut self, cx: &mut Cx<'_, O>, change: &Change) {
        match *change {
            Change::Down { instance, .. } => self.ejections.caller_died(cx, instance),
            Change::Ended { instance } => self.forget(cx, instance),
            Change::Starting {
                instance,
                fills: Some(_),
            } => self.ejections.callee_replaced(cx, instance),
            Change::Passed { instance, process } => {
                self.ejections.on_check_passed(cx, instance, process);
            }
            Change::Judged {
                check,
                instance,
                process,
                is_in,
                verdict,
            } => {
                let judged = Judged {
                    check,
                    instance,
                    process,
                    is_in,
                    verdict,
                };
                self.health.on_judged(cx, judged);
            }
            Change::Fault { .. }
            | Change::Strikes(_)
            | Change::Struck(_)
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
            | Change::Starting { fills: None, .. }
            | Change::Suspected { .. }
            | Change::Hold { .. }
            | Change::Setting(_) => {}
        }
    }

    /// An instance has ended for good: what is known of it is worth nothing (rule 48).
    fn forget<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        self.ejections.caller_died(cx, instance);
        self.ejections.callee_replaced(cx, instance);
        self.health.forget(cx, instance);
    }
}

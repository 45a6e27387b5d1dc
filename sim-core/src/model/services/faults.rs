//! How instances die, freeze and go on, slow down and shrink (rules 19, 20, 22, 23).

use super::doors::{Frozen, Met, drop_waiting, let_go, let_through};
use super::{Services, answers_by_itself};
use crate::id::{InstanceId, ServiceId};
use crate::model::arena::AttemptIx;
use crate::model::attempt::{AttemptFlag, Stage};
use crate::model::cx::Cx;
use crate::model::fact::{Fact, Observer};
use crate::model::handoff::{Change, Handoff};
use crate::model::spec::{CallersSee, SettingChange};
use crate::model::stopwatch::Stopwatch;
use crate::policy::{Ending, Outcome, Place};
use crate::time::SimDuration;
use crate::units::Factor;

impl Services {
    pub(crate) fn apply<O: Observer>(&mut self, cx: &mut Cx<'_, O>, change: &Change) {
        match change {
            Change::Fault { fault, active } => {
                for &service in self.places.set_fault(cx, *fault, *active) {
                    self.settle(cx, service);
                }
            }
            Change::Struck(strike) => {
                if self.places.strike(cx, *strike) {
                    self.settle_one(cx, strike.instance);
                }
            }
            Change::Down {
                instance,
                callers_see,
            } => self.crash(cx, *instance, *callers_see),
            Change::Up { instance } => {
                self.doors.open(*instance, cx.now);
                self.note_plain(*instance);
            }
            Change::ColdStart { instance, factor } => {
                self.places.instances[*instance].cold = *factor;
                self.note_plain(*instance);
            }
            Change::Setting(SettingChange::Admission(layer, kind)) => {
                cx.gates.reconfigure(*layer, kind);
            }
            Change::Setting(setting) => {
                let settled = self.places.change_setting(cx, setting);
                if let Some(service) = setting.service() {
                    cx.spec
                        .instances_of(service)
                        .for_each(|id| self.note_plain(id));
                }
                if let Some(service) = settled {
                    self.settle(cx, service);
                }
            }
            Change::Refusing { instance } => self.refuse(cx, *instance),
            Change::Strikes(_)
            | Change::Mark { .. }
            | Change::Judged { .. }
            | Change::Passed { .. }
            | Change::Suspected { .. }
            | Change::Hold { .. }
            | Change::Heard { .. }
            | Change::Stop { .. }
            | Change::Kill { .. }
            | Change::Create { .. }
            | Change::Draining { .. }
            | Change::Idle { .. }
            | Change::Starting { .. }
            | Change::Ended { .. } => {}
        }
        self.run_ready(cx);
    }

    /// Whether nothing special holds at an instance, as its door and its workplace say.
    pub(super) fn is_plain(&self, id: InstanceId) -> bool {
        self.doors.is_open(id) && self.places.is_plain(id)
    }

    /// The same, as it was noted last.
    #[inline]
    pub(super) fn noted_plain(&self, id: InstanceId) -> bool {
        let plain = self.places.instances[id].plain;
        debug_assert_eq!(plain, self.is_plain(id), "it changes in one place");
        plain
    }

    /// Notes whether something special holds at an instance, after whatever may have changed that.
    pub(super) fn note_plain(&mut self, id: InstanceId) {
        self.places.instances[id].plain = self.is_plain(id);
    }

    /// Works out how things stand in all instances of a service.
    fn settle<O: Observer>(&mut self, cx: &mut Cx<'_, O>, service: ServiceId) {
        for id in cx.spec.instances_of(service) {
            self.settle_one(cx, id);
        }
    }

    fn settle_one<O: Observer>(&mut self, cx: &mut Cx<'_, O>, id: InstanceId) {
        let paused = self.places.settle(cx, id);
        if paused != self.doors.is_paused(id) && !cx.spec.queues.is_empty() {
            cx.work.push(Handoff::StandsStill(id, paused));
        }
        let frozen = self.doors.set_paused(id, paused);
        self.note_plain(id);
        self.take_next(cx, id);
        if let Some(frozen) = frozen {
            self.thaw(cx, frozen);
        }
    }

    /// An instance dies: what it had is lost, and it comes back empty.
    fn crash<O: Observer>(&mut self, cx: &mut Cx<'_, O>, id: InstanceId, callers_see: CallersSee) {
        self.doors.shut(id, callers_see);
        self.places.instances[id].cold = Factor::ONE;
        self.places.instances[id].closing = false;
        self.note_plain(id);
        if let Some(memory) = &mut self.places.instances[id].memory {
            memory.begin_anew();
        }
        self.places.instances[id].strands_waiting = 0;
        self.places.instances[id].room.clear();
        self.doors.forget_keys(cx, id);
        let there: Vec<AttemptIx> = cx
            .attempts
            .places()
            .filter(|(_, attempt)| {
                attempt.instance == id
                    && matches!(attempt.stage, Stage::Waiting | Stage::Running)
                    && !attempt.flags.has(AttemptFlag::Inline)
            })
            .map(|(ix, _)| ix)
            .collect();
        for ix in there {
            self.lose(cx, ix, callers_see == CallersSee::Reset);
        }
        self.doors
            .lose_frozen(cx, id, callers_see == CallersSee::Reset);
        cx.gates.forget(cx.spec, id, cx.now);
    }

    fn lose<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx, callers_see_reset: bool) {
        let running = cx.attempts[ix].stage == Stage::Running;
        if running {
            self.end_strands(cx, ix, false);
        }
        let held = if running {
            let attempt = &mut cx.attempts[ix];
            self.places.instances[attempt.instance].give_back_thread(cx.now, attempt)
        } else {
            cx.attempts[ix].clock = Stopwatch::ZERO;
            SimDuration::ZERO
        };
        let attempt = &cx.attempts[ix];
        let (number, operation, instance) =
            (attempt.number, cx.targets[attempt.site], attempt.instance);
        cx.tell(&Fact::OperationLost {
            attempt: number,
            operation,
            instance,
            held,
            running,
        });
        let reset = Ending::here(Outcome::ErrorReset, Place::Network(operation));
        if !callers_see_reset {
            cx.attempts[ix].flags.add(AttemptFlag::Unreachable);
        }
        let_go(cx, ix, callers_see_reset.then_some(reset));
    }

    /// A pause is over.
    #[cold]
    pub(super) fn thaw<O: Observer>(&mut self, cx: &mut Cx<'_, O>, frozen: Frozen) {
        for what in frozen.met {
            self.meet(cx, what);
        }
        self.run_ready(cx);
        for ix in frozen.backlog {
            self.accept_late(cx, ix);
        }
    }

    fn meet<O: Observer>(&mut self, cx: &mut Cx<'_, O>, what: Met) {
        match what {
            Met::CallEnded(strand, of, failed) => {
                if !self.steps.unfreeze(cx, strand, of) {
                    return;
                }
                if let Some(ending) = failed {
                    return self.fail_with(cx, strand, ending);
                }
                self.steps.strands[strand].advance();
                self.steps.ready.push_back(strand);
            }
            Met::Woken(strand, of) => {
                if self.steps.unfreeze(cx, strand, of) {
                    self.steps.ready.push_back(strand);
                }
            }
            Met::Limit(of) => {
                let stage = cx.attempts[of.0].stage;
                if cx.attempts[of.0].number == of.1
                    && matches!(stage, Stage::Waiting | Stage::Running)
                {
                    self.on_limit(cx, of.0);
                }
            }
            Met::Abandoned(ix) => self.on_abandoned(cx, ix),
        }
    }

    /// An attempt in the backlog is accepted.
    fn accept_late<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        if answers_by_itself(cx, ix) || !let_through(cx, ix) {
            return;
        }
        self.places.comes_into_memory(cx, cx.attempts[ix].instance);
        self.accept(cx, ix);
        // Where it would wait although its caller is known to have gone, it need not.
        if cx.attempts[ix].stage == Stage::Waiting
            && let Some(reason) = self.places.useless(cx, ix)
        {
            self.places.leave_room(cx, ix);
            drop_waiting(cx, ix, reason);
        }
    }
}

//! Calls: from the wish of a caller, through its policy, to the one outcome.
//!
//! This part hosts the pipeline of `policy`: it gives it time, instances and a way to send, and
//! turns its decisions into facts and hand-offs. It owns what callers own: layer states and balancers.

mod caller_state;
mod event;
mod host;
mod route;
mod setup;

use super::call::{CallFlag, CallIx, Then};
use super::cx::Cx;
use super::fact::{AttemptNo, Fact, Observer};
use super::handoff::Change;
use crate::id::{InstanceId, LayerId, ProcessId};
use crate::model::attempt::{AttemptFlag, AttemptIx};
use crate::model::spec::{CallerGroup, ModelSpec, SettingChange};
use crate::policy::pipeline::{AbandonReason, FrameIx, Inside, Owner, Pipelines};
use crate::policy::{self, Ending, Layer};
use crate::random::KeySource;
use caller_state::CallerState;
use host::CallHost;

pub(super) use event::CallEvent;

/// All calls and what their callers own.
#[derive(Clone, Debug)]
pub(crate) struct Calls {
    pipelines: Pipelines,
    callers: CallerState,
}

impl Calls {
    pub(crate) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        Self {
            pipelines: setup::pipelines(spec, keys),
            callers: setup::callers(spec, keys),
        }
    }

    /// Whether more calls are in flight than the scenario allows.
    pub(crate) fn overflowed(&self) -> bool {
        self.callers.overflowed
    }

    pub(crate) fn handle<O: Observer>(&mut self, cx: &mut Cx<'_, O>, event: CallEvent) {
        match event {
            CallEvent::Alarm(frame) => {
                self.pipelines.on_alarm(
                    &mut CallHost {
                        callers: &mut self.callers,
                        cx,
                    },
                    frame,
                );
            }
        }
    }

    pub(crate) fn start<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: CallIx, parent: AttemptNo) {
        let call = &cx.calls[ix];
        let first = self.callers.sites[call.site].first_layer;
        let fact = call.started(parent);
        if cx.calls.overflows(self.callers.max_in_flight) {
            self.callers.overflowed = true;
            cx.within.note();
        }
        cx.tell(&fact);
        self.pipelines.start(
            &mut CallHost {
                callers: &mut self.callers,
                cx,
            },
            ix,
            first,
        );
    }

    /// The answer of an attempt is there; the caller may have gone.
    pub(crate) fn on_answer<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: AttemptIx,
        ending: Ending,
    ) {
        let attempt = &cx.attempts[ix];
        if attempt.is_wanted() {
            let may_be = cx.calls[attempt.call].flags.has(CallFlag::Loose);
            let is_for_nobody = may_be && self.is_for_nobody(cx, attempt.call, attempt.outer);
            if is_for_nobody || attempt.lost_race() {
                tell_unwanted(cx, ix);
            }
            let mut host = CallHost {
                callers: &mut self.callers,
                cx,
            };
            let (outer, call) = host.attempt_ended(ix, true, ending);
            self.pipelines.on_result(&mut host, ix, outer, call, ending);
        } else {
            if !cx.attempts[ix].flags.has(AttemptFlag::Inline) {
                tell_unwanted(cx, ix);
            }
            cx.attempts.message_gone(ix);
        }
    }

    /// Whether a result that goes to this frame of a call reaches nobody: a timeout further out let
    /// the pass run on and has answered itself (rule 5). What a fallback calls is as wanted as the
    /// answer of that fallback. Only a call that is loose need be asked.
    #[cold]
    fn is_for_nobody<O: Observer>(&self, cx: &Cx<'_, O>, call: CallIx, outer: FrameIx) -> bool {
        let record = &cx.calls[call];
        if record.detached > 0 && self.pipelines.is_detached(outer) {
            return true;
        }
        match record.reply.then() {
            Then::Fallback(frame) => {
                let (call, outer) = self.pipelines.around_fallback_call(frame);
                self.is_for_nobody(cx, call, outer)
            }
            Then::Nobody
            | Then::User(_)
            | Then::Strand(_)
            | Then::Check(_)
            | Then::Message(_)
            | Then::Saga(_) => false,
        }
    }

    /// A call has ended that a fallback made.
    pub(crate) fn on_fallback_call<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        frame: FrameIx,
        ending: Ending,
    ) {
        let mut host = CallHost {
            callers: &mut self.callers,
            cx,
        };
        self.pipelines.on_fallback_call(&mut host, frame, ending);
    }

    /// The outcome of a call is no longer needed (rule 4).
    pub(crate) fn abandon<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: CallIx,
        reason: AbandonReason,
    ) {
        if cx.calls[ix].has_ended() {
            return;
        }
        let top = std::mem::replace(&mut cx.calls[ix].top, Inside::NOTHING);
        let mut host = CallHost {
            callers: &mut self.callers,
            cx,
        };
        self.pipelines.abandon(&mut host, top, reason);
        host.cancelled(ix, reason);
        self.pipelines.settle(&mut host);
    }

    pub(crate) fn apply<O: Observer>(&mut self, cx: &mut Cx<'_, O>, change: &Change) {
        match change {
            Change::Down { instance, .. } => self.process_died(cx, *instance),
            Change::Setting(SettingChange::Layers { layers, kind }) => {
                for &layer in layers {
                    let mut host = CallHost {
                        callers: &mut self.callers,
                        cx,
                    };
                    self.pipelines
                        .reconfigure(&mut host, layer, Layer::clone(kind));
                }
            }
            Change::Setting(SettingChange::Budget(budget, kind)) => {
                let budgets = &mut self.pipelines.layers.budgets;
                budgets.reconfigure(*budget, policy::BudgetConfig::clone(kind));
            }
            Change::Hold {
                layer,
                instance,
                process,
                holds,
            } => self.hold_breakers(cx, *layer, *instance, *process, *holds),
            Change::Starting {
                instance,
                fills: Some(_),
            } => self.slot_filled(cx, *instance),
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
            | Change::Ended { .. }
            | Change::Judged { .. }
            | Change::Passed { .. }
            | Change::Suspected { .. }
            | Change::Setting(_) => {}
        }
    }

    /// Tells what timers have done to breakers that nobody asked since; the run is over.
    pub(crate) fn settle<O: Observer>(&mut self, cx: &mut Cx<'_, O>) {
        let (spec, now) = (cx.spec, cx.now);
        let layers = &mut self.pipelines.layers;
        layers.settle_breakers(now, |layer, owner, guarded, transition| {
            let group = spec.pipelines[spec.layers[layer].pipeline].callers;
            let process = ProcessId(spec.processes(group).0.0 + owner.0);
            cx.tell(&host::breaker_changed(
                spec, layer, process, guarded, transition,
            ));
        });
    }

    /// Breakers of one caller process, or of all, are held open for an instance, or no longer.
    #[cold]
    fn hold_breakers<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        layer: LayerId,
        instance: InstanceId,
        process: Option<ProcessId>,
        holds: bool,
    ) {
        let pipeline = &cx.spec.pipelines[cx.spec.layers[layer].pipeline];
        let (first, count) = cx.spec.processes(pipeline.callers);
        let slot = instance.0 - cx.spec.services[pipeline.target].first_instance.0;
        for owner in 0..count {
            let its_own = ProcessId(first.0 + owner);
            if process.is_some_and(|process| process != its_own) {
                continue;
            }
            let layers = &mut self.pipelines.layers;
            let guarded = layers.guards_instances(layer).then_some(slot);
            if let Some(turn) = layers.hold_breaker(layer, Owner(owner), slot, holds, cx.now) {
                cx.tell(&host::breaker_changed(
                    cx.spec, layer, its_own, guarded, turn,
                ));
            }
        }
    }

    /// Another instance comes into a slot: callers keep nothing of the one before (rule 48).
    #[cold]
    fn slot_filled<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        let spec = cx.spec;
        let service = spec.instances[instance];
        let slot = instance.0 - spec.services[service].first_instance.0;
        let called = spec.pipelines.iter().filter(|it| it.target == service);
        for pipeline in called {
            let (first, _) = spec.processes(pipeline.callers);
            for layer in pipeline.layers() {
                for forgotten in self.pipelines.refill(layer, slot, cx.now) {
                    let process = ProcessId(first.0 + forgotten.owner.0);
                    if let Some(turn) = forgotten.breaker {
                        let slot = Some(slot);
                        cx.tell(&host::breaker_changed(spec, layer, process, slot, turn));
                    }
                    if let Some((from, to)) = forgotten.limit {
                        cx.tell(&Fact::LayerLimit {
                            layer,
                            process,
                            instance: Some(instance),
                            from,
                            to,
                        });
                    }
                }
            }
        }
        self.callers.forget_callee(spec, instance);
    }

    /// Calls of a dead process end with it, and so does all that it knew (rule 19).
    fn process_died<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        let process = cx.spec.process_of(instance);
        let lost: Vec<CallIx> = cx
            .calls
            .places()
            .filter(|(_, call)| call.process == process && !call.has_ended())
            .map(|(ix, _)| ix)
            .collect();
        let mut host = CallHost {
            callers: &mut self.callers,
            cx,
        };
        let dead = |host: &CallHost<'_, '_, O>, ix: CallIx| host.cx.calls[ix].process == process;
        self.pipelines.abandon_detached(&mut host, dead);
        for ix in lost {
            // What a fallback called has ended with the call that it was made for.
            if host.cx.calls[ix].has_ended() {
                continue;
            }
            let top = std::mem::replace(&mut host.cx.calls[ix].top, Inside::NOTHING);
            self.pipelines
                .abandon(&mut host, top, AbandonReason::CallerDied);
            host.cancelled(ix, AbandonReason::CallerDied);
        }
        let group = CallerGroup::Service(host.cx.spec.instances[instance]);
        for (id, pipeline) in host.cx.spec.pipelines.iter_enumerated() {
            if pipeline.callers == group {
                let (first_process, _) = host.cx.spec.processes(group);
                let owner = Owner(process.0 - first_process.0);
                for layer in pipeline.layers() {
                    self.pipelines.layers.forget(layer, owner, host.cx.now);
                }
                host.callers.forget_balancer(host.cx.spec, id, owner);
            }
        }
        let asked = host.callers.sites.iter();
        for route in asked.filter(|route| route.readers.ask_anew) {
            if route.readers.reads(process) {
                host.cx.directory.forget(&route.readers, process);
            }
        }
        self.pipelines.settle(&mut host);
    }
}

/// An answer is there that nobody waits for, or that comes after the one that was taken.
fn tell_unwanted<O: Observer>(cx: &mut Cx<'_, O>, ix: AttemptIx) {
    let attempt = &cx.attempts[ix];
    cx.tell(&Fact::AnswerUnwanted {
        attempt: attempt.number,
        operation: cx.targets[attempt.site],
        instance: attempt.instance,
        held: attempt.clock.sum(),
        lost_race: attempt.lost_race(),
    });
}

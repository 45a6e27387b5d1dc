//! The host of the pipeline: virtual time, facts and hand-offs.

use super::caller_state::CallerState;
use super::event::CallEvent;
use super::route::choose;
use crate::id::{InstanceId, LayerId, ProcessId};
use crate::kernel::{Class, Timer};
use crate::model::arena::NONE;
use crate::model::attempt::{AttemptFlag, AttemptIx, NewAttempt, Stage};
use crate::model::call::{CallFlag, CallIx, NewCall, Reply, Then};
use crate::model::cx::Cx;
use crate::model::fact::{Fact, Observer};
use crate::model::handoff::{Handoff, Sign, SignKind};
use crate::model::spec::{ModelSpec, RouteSpec, Watch};
use crate::policy::pipeline::{
    AbandonReason, Alarm, AlarmKind, Choice, FallbackCall, FrameIx, Host, Inside, Note, Owner,
    SendRequest, Standing,
};
use crate::policy::{self, Cause, CauseKind, Ending, Outcome, RetryHint, Transition};
use crate::random::child_key;
use crate::time::SimTime;

/// Where the keys of calls that fallbacks make begin: above all numbers of passes.
const FALLBACK_CALLS: u64 = 1 << 32;

/// The calls part while it walks a pipeline.
pub(super) struct CallHost<'a, 'c, O> {
    pub(super) callers: &'a mut CallerState,
    pub(super) cx: &'a mut Cx<'c, O>,
}

impl<O: Observer> Host for CallHost<'_, '_, O> {
    fn now(&self) -> SimTime {
        self.cx.now
    }

    #[expect(clippy::inline_always, reason = "the kind is known where it is set")]
    #[inline(always)]
    fn set_alarm(&mut self, at: SimTime, kind: AlarmKind, frame: FrameIx) -> Alarm {
        let event = CallEvent::Alarm(frame);
        let timer = match kind {
            AlarmKind::Expiry => self.cx.schedule_limit(at, event),
            AlarmKind::Start => self.cx.schedule(at, Class::Start, event),
        };
        Alarm(timer.to_bits())
    }

    fn clear_alarm(&mut self, alarm: Alarm) {
        self.cx.events.cancel(Timer::from_bits(alarm.0));
    }

    #[expect(clippy::inline_always, reason = "for every answer")]
    #[inline(always)]
    fn clear_limit(&mut self, alarm: Alarm) {
        self.cx.events.cancel_limit(Timer::from_bits(alarm.0));
    }

    fn owner(&self, ix: CallIx) -> Owner {
        let call = &self.cx.calls[ix];
        Owner(call.process.0 - self.callers.sites[call.site].first_process.0)
    }

    fn key(&self, ix: CallIx) -> u64 {
        self.cx.calls[ix].key
    }

    fn entered(&mut self, ix: CallIx, top: Inside) {
        self.cx.calls[ix].top = top;
    }

    fn subject(&self, ix: CallIx) -> u32 {
        self.cx.spec.sites[self.cx.calls[ix].site].target.0
    }

    fn choose(&mut self, choice: Choice<'_>) -> Option<u32> {
        let CallerState {
            balancers, sites, ..
        } = &mut *self.callers;
        let call = &self.cx.calls[choice.call];
        let route = &sites[call.site];
        let process = call.process;
        if route.readers.ask_anew {
            self.cx.renew(&route.readers, process);
        }
        let Cx {
            now,
            calls,
            directory,
            ..
        } = &*self.cx;
        choose(balancers, calls, directory, (route, process), *now, choice)
    }

    fn any_in_rotation(&self, ix: CallIx, allowed: &dyn Fn(u32) -> bool) -> bool {
        let call = &self.cx.calls[ix];
        let route = &self.callers.sites[call.site];
        let view = route.readers.view_of(call.process);
        let rotation = self.cx.directory.view(view).slots();
        let only = route.only(&self.cx.calls, ix);
        rotation.iter().copied().chain(only).any(allowed)
    }

    #[expect(clippy::inline_always, reason = "the record is made in its place")]
    #[expect(
        clippy::too_many_lines,
        reason = "what is looked up once is used throughout"
    )]
    #[inline(always)]
    fn send(&mut self, request: SendRequest) -> Option<AttemptIx> {
        let CallerState {
            balancers, sites, ..
        } = &mut *self.callers;
        let call = &self.cx.calls[request.call];
        let (process, route) = (call.process, &sites[call.site]);
        if route.is_special && route.readers.ask_anew && request.instance.is_none() {
            self.cx.renew(&route.readers, process);
        }
        let Cx {
            now,
            calls,
            attempts,
            directory,
            tickets,
            work,
            observer,
            ..
        } = &mut *self.cx;
        let slot = if let Some(chosen) = request.instance {
            chosen
        } else {
            let whose = (route, process);
            choose(balancers, calls, directory, whose, *now, request.choice())?
        };
        let deadline = calls
            .deadline(request.call, &calls[request.call])
            .min(request.deadline);
        let call = &mut calls[request.call];
        let mut number = call.attempts + 1;
        call.attempts += u32::from(!route.asks_pool);
        let instance = InstanceId(route.first_instance + slot);
        let is_first = number == 1;
        let original = call.is_original() && is_first;
        let new = NewAttempt {
            key: child_key(call.key, u64::from(request.lane), 1),
            outer: request.outer,
            call: request.call,
            site: call.site,
            instance,
            labels: call.labels,
            original,
        };
        let (call_no, flags, site) = (call.number, call.flags, call.site);
        let (ix, attempt) = attempts.open(*now, &new, deadline);
        if request.outer == FrameIx::NONE {
            call.top = Inside::attempt(ix);
        }
        let mut handoff = Handoff::Send(ix);
        if route.is_special {
            if route.counts_outstanding {
                balancers[route.balancer(process)].on_sent(slot);
            }
            if route.has_zones {
                attempts.set_home(ix, route.home(process));
            }
            if route.how == RouteSpec::Inline {
                attempts[ix].flags.add(AttemptFlag::Inline);
                handoff = Handoff::Begin(ix);
            }
            if route.hands_down {
                let lineage = calls.lineage.of(request.call);
                attempts.lineage.set(ix, lineage);
            }
            if route.may_lag {
                let view = directory.view(route.readers.view_of(process));
                if !view.means(slot, directory.member(instance).incarnation) {
                    attempts[ix].flags.add(AttemptFlag::Former);
                    handoff = Handoff::Reset(ix);
                }
            }
            if route.is_over {
                let over = calls.over(request.call);
                let held = over.and_then(|over| tickets.call_sent(over));
                match held.filter(|ticket| !ticket.left) {
                    Some(ticket) => {
                        let asker = attempts[ticket.attempt].call;
                        if asker != NONE && sites[calls[asker].site].asks_pool {
                            // The call around the asking sends its next attempt.
                            calls[asker].attempts += 1;
                            number = calls[asker].attempts;
                        }
                        if flags.has(CallFlag::Stale) {
                            if directory.member(instance).filled > ticket.leads.1 {
                                attempts[ix].flags.add(AttemptFlag::Former);
                            }
                            handoff = Handoff::Reset(ix);
                        }
                    }
                    None => handoff = Handoff::Reset(ix),
                }
                if held.is_none() {
                    calls.lose(request.call);
                }
            }
            if route.watch != Watch::No {
                let keyed = route.watch == Watch::Keys;
                let lineage = calls.lineage.of(request.call);
                let identity = route.by_identity.then_some(lineage.identity);
                attempts
                    .effects
                    .sent(request.call, ix, is_first, keyed, identity);
            }
            if route.judged.sent {
                // The least loaded has no turn where it is the only one.
                let is_smooth = route.balance.way == policy::BalanceWay::Smooth;
                if is_smooth && route.judged.cuts.is_some() {
                    let view = directory.view(route.readers.view_of(process));
                    if view.slots().len() == 1 {
                        balancers[route.balancer(process)].took_turn_alone(slot);
                    }
                }
                // Nobody else is to take it for one that may be tried.
                work.push_first(Handoff::Sign(Sign {
                    view: route.judged.readers.view_of(process),
                    slot,
                    kind: SignKind::Sent,
                }));
            }
        }
        let fact = Fact::AttemptSent {
            attempt,
            call: call_no,
            site,
            instance,
            number,
            original,
        };
        if route.other_instance || flags.has(CallFlag::Avoids) {
            calls.used(request.call, slot, route.other_instance);
        }
        observer.on_fact(*now, &fact);
        work.push(handoff);
        Some(ix)
    }

    fn call_fallback(&mut self, fallback: FallbackCall) -> Option<(CallIx, Option<LayerId>)> {
        let Cx {
            spec, now, calls, ..
        } = &mut *self.cx;
        let failed = calls[fallback.call];
        let made = spec.fallback_call_of(failed.site, fallback.layer)?;
        let new = NewCall {
            key: child_key(
                failed.key,
                fallback.lane.into(),
                FALLBACK_CALLS + u64::from(made.number),
            ),
            site: made.call,
            process: failed.process,
            then: Then::Fallback(fallback.frame),
            labels: failed.labels,
            avoid: NONE,
            original: failed.is_original(),
        };
        let deadline = calls
            .deadline(fallback.call, &failed)
            .min(fallback.deadline);
        let ix = calls.open(*now, new, deadline);
        let lineage = calls.lineage.of(fallback.call);
        let fold = FALLBACK_CALLS + u64::from(made.number);
        calls.lineage.set(ix, lineage.child(0, fold));
        calls[ix].flags.add(CallFlag::Loose);
        let call = calls[ix];
        if self.cx.calls.overflows(self.callers.max_in_flight) {
            self.callers.overflowed = true;
            self.cx.within.note();
        }
        self.cx.tell(&Fact::FallbackCalled {
            call: failed.number,
            layer: fallback.layer,
            instead_of: fallback.because,
            other: call.number,
        });
        self.cx.tell(&call.started(0));
        Some((ix, self.callers.sites[call.site].first_layer))
    }

    fn top(&self, ix: CallIx) -> Inside {
        self.cx.calls[ix].top
    }

    fn orphan(&mut self, ix: CallIx) -> bool {
        let call = &mut self.cx.calls[ix];
        call.reply = Reply::NOBODY;
        !call.has_ended()
    }

    fn end_orphan(&mut self, ix: CallIx, reason: AbandonReason) {
        self.cancelled(ix, reason);
    }

    fn abandon(&mut self, ix: AttemptIx, reason: AbandonReason) {
        let (outcome, by, cause) = match reason {
            AbandonReason::TimedOut(layer, cause) => {
                (Outcome::TimeoutResponse, policy::Place::Layer(layer), cause)
            }
            AbandonReason::NotNeeded | AbandonReason::CallerDied => {
                let by = policy::Place::Network(self.cx.target(ix));
                (Outcome::Cancelled, by, self.where_it_stands(ix))
            }
            AbandonReason::LostHedge(layer) => {
                self.lost(ix);
                let by = policy::Place::Layer(layer);
                (Outcome::Cancelled, by, self.where_it_stands(ix))
            }
        };
        let (_, call) = self.attempt_ended(ix, false, Ending::new(outcome, by, cause));
        if self.callers.sites[self.cx.attempts[ix].site].watch != Watch::No {
            self.cx.attempts.effects.given_up(call, ix);
        }
        let callee_has_it = self.cx.attempts[ix].stage != Stage::Over;
        if callee_has_it {
            self.cx.attempts.message_sent(ix);
            // A block is where its caller is: no network lies between.
            let is_inline = self.cx.attempts[ix].flags.has(AttemptFlag::Inline);
            self.cx.work.push(if is_inline {
                Handoff::Abandoned(ix)
            } else {
                Handoff::Abandon(ix)
            });
        }
        self.cx.attempts.close_if_done(ix);
    }

    fn lost(&mut self, ix: AttemptIx) {
        self.cx.attempts[ix].flags.add(AttemptFlag::LostRace);
    }

    fn standing(&self, ix: AttemptIx) -> Standing {
        let attempt = &self.cx.attempts[ix];
        let call = self.cx.attempts.waits_for(ix);
        if call != NONE {
            return Standing::InCall(self.cx.calls[call].top);
        }
        let operation = self.cx.targets[attempt.site];
        let (place, kind) = match attempt.stage {
            Stage::Over if attempt.flags.has(AttemptFlag::Unreachable) => {
                (policy::Place::Operation(operation), CauseKind::Unreachable)
            }
            Stage::Knocking | Stage::InBacklog => {
                (policy::Place::Operation(operation), CauseKind::NotAccepted)
            }
            Stage::OnTheWay | Stage::Over => {
                (policy::Place::Network(operation), CauseKind::OnTheWay)
            }
            Stage::Running if attempt.flags.has(AttemptFlag::Asks) => {
                let held = self.cx.spec.sites[attempt.site].holds;
                let place = held.map_or(policy::Place::Operation(operation), policy::Place::Kept);
                (place, CauseKind::InPool)
            }
            Stage::Waiting => (policy::Place::Operation(operation), CauseKind::InQueue),
            Stage::Running => (policy::Place::Operation(operation), CauseKind::AtWork),
        };
        Standing::Here(Cause { place, kind })
    }

    fn unavailable(&self, ix: CallIx) -> Ending {
        let target = self.cx.spec.sites[self.cx.calls[ix].site].target;
        Ending::here(Outcome::ErrorUnavailable, policy::Place::Network(target))
    }

    fn repeatable(&self, ix: CallIx) -> bool {
        let site = &self.cx.spec.sites[self.cx.calls[ix].site];
        // A block that takes a connection for a call is that call.
        let edge = &self.cx.spec.edges[site.edge];
        let operation = &self.cx.spec.operations[edge.target];
        let is_block = edge.block.is_some();
        is_block || operation.idempotent || operation.keys.is_some()
    }

    fn retry_after(&self, ix: CallIx, ending: Ending) -> Option<RetryHint> {
        let spec = self.cx.spec;
        let site = &spec.sites[self.cx.calls[ix].site];
        let policy::Place::Operation(by) = ending.by() else {
            return None;
        };
        // Out of a block comes what its failed step was told.
        if by != site.target && site.route != RouteSpec::Inline {
            return None;
        }
        let hint = spec.services[spec.operations[by].service].retry_after?;
        hint.on.contains(ending.outcome()).then_some(hint.after)
    }

    #[expect(clippy::inline_always, reason = "a few steps")]
    #[inline(always)]
    fn answer(&mut self, ix: CallIx, ending: Ending) {
        let Cx {
            now,
            calls,
            work,
            observer,
            ..
        } = &mut *self.cx;
        let call = &mut calls[ix];
        call.end();
        observer.on_fact(*now, &call.ended(ending));
        match call.reply.then() {
            Then::Nobody => {
                if call.settle() {
                    let avoids = call.flags.has(CallFlag::Avoids);
                    calls.close(ix, avoids);
                }
            }
            Then::User(_)
            | Then::Strand(_)
            | Then::Fallback(_)
            | Then::Check(_)
            | Then::Message(_)
            | Then::Saga(_) => {
                work.push(Handoff::CallEnded(ix, ending));
            }
        }
    }

    fn detached(&mut self, ix: CallIx, attempt: Option<AttemptIx>) {
        let call = &mut self.cx.calls[ix];
        call.detached += 1;
        call.flags.add(CallFlag::Loose);
        if let Some(attempt) = attempt {
            self.cx.attempts[attempt].outer = FrameIx::DETACHED;
        }
    }

    fn detached_ended(&mut self, ix: CallIx) {
        self.cx.calls.detached_ended(ix);
    }

    fn may_go_on(&mut self) -> bool {
        self.cx.within.count()
    }

    #[expect(clippy::too_many_lines, reason = "one arm per kind of note")]
    #[expect(
        clippy::inline_always,
        reason = "the kind of note is known where it is made"
    )]
    #[inline(always)]
    fn note(&mut self, ix: CallIx, layer: LayerId, note: Note) {
        let call = self.cx.calls[ix].number;
        let fact = match note {
            Note::Stopped(outcome, by) => Fact::LayerStopped {
                call,
                layer,
                outcome,
                by,
            },
            Note::Waits(by) => Fact::LayerWaits { call, layer, by },
            Note::LetIn(waited) => Fact::LayerLetIn {
                call,
                layer,
                waited,
            },
            Note::Applied(detail, times) => Fact::LayerDetail {
                call,
                layer,
                detail,
                times,
                after: None,
            },
            Note::HedgeDelay(detail, after) => Fact::LayerDetail {
                call,
                layer,
                detail,
                times: 1,
                after,
            },
            Note::TimedOut => Fact::TimedOut {
                call,
                layer,
                connect: false,
            },
            Note::RetryPlanned { passes, delay, by } => Fact::RetryPlanned {
                call,
                layer,
                passes,
                delay,
                by,
            },
            Note::RetryStopped { passes, reason } => Fact::RetryStopped {
                call,
                layer,
                passes,
                reason,
            },
            Note::BudgetAsked {
                budget,
                granted,
                left,
                by_floor,
            } => Fact::BudgetAsked {
                call,
                layer,
                budget,
                granted,
                left,
                by_floor,
            },
            Note::FallbackUsed(instead_of) => Fact::FallbackUsed {
                call,
                layer,
                instead_of,
            },
            Note::FallbackAged(age) => Fact::FallbackAged { call, layer, age },
            Note::FallbackMissing(age) => Fact::FallbackMissing { call, layer, age },
            Note::FallbackFailed(outcome) => Fact::FallbackFailed {
                call,
                layer,
                outcome,
            },
            Note::HedgeSent { pass } => Fact::HedgeSent { call, layer, pass },
            Note::HedgeDecided {
                winner,
                passes,
                lost,
            } => Fact::HedgeDecided {
                call,
                layer,
                winner,
                passes,
                lost,
            },
            Note::Limit(from, to, local) => {
                let process = self.cx.calls[ix].process;
                let spec = self.cx.spec;
                let target = spec.pipelines[spec.layers[layer].pipeline].target;
                let first = spec.services[target].first_instance.0;
                Fact::LayerLimit {
                    layer,
                    process,
                    instance: local.map(|i| InstanceId(first + i)),
                    from,
                    to,
                }
            }
            Note::Breaker(transition, local) => {
                let process = self.cx.calls[ix].process;
                breaker_changed(self.cx.spec, layer, process, local, transition)
            }
        };
        self.cx.tell(&fact);
    }
}

/// A breaker of a process changed; `local` is the instance it guards, if it guards one.
pub(super) fn breaker_changed(
    spec: &ModelSpec,
    layer: LayerId,
    process: ProcessId,
    local: Option<u32>,
    transition: Transition,
) -> Fact {
    let target = spec.pipelines[spec.layers[layer].pipeline].target;
    let first = spec.services[target].first_instance.0;
    Fact::BreakerChanged {
        layer,
        process,
        instance: local.map(|i| InstanceId(first + i)),
        from: transition.from,
        to: transition.to,
        at: transition.at,
        why: transition.why,
        failures: transition.failures,
        results: transition.results,
        wait: transition.wait,
        by: transition.by,
    }
}

impl<O: Observer> CallHost<'_, '_, O> {
    /// Where an attempt stands, its own calls apart.
    fn where_it_stands(&self, ix: AttemptIx) -> Cause {
        match self.standing(ix) {
            Standing::Here(cause) => cause,
            Standing::InCall(_) => Cause {
                place: policy::Place::Operation(self.cx.target(ix)),
                kind: CauseKind::AtWork,
            },
        }
    }

    /// The caller has the result of an attempt, or has given it up, and no longer waits: the frame
    /// that waited, and the call. The answer, if it is one, is no longer under way.
    #[expect(
        clippy::inline_always,
        reason = "answers come through one place, what is given up through another"
    )]
    #[inline(always)]
    pub(super) fn attempt_ended(
        &mut self,
        ix: AttemptIx,
        answered: bool,
        ending: Ending,
    ) -> (FrameIx, CallIx) {
        let Cx {
            now,
            calls,
            attempts,
            directory,
            work,
            tickets,
            observer,
            ..
        } = &mut *self.cx;
        let attempt = &mut attempts[ix];
        let (outer, call_ix) = attempt.forget_caller();
        let call = &calls[call_ix];
        let route = &self.callers.sites[attempt.site];
        let fact = Fact::AttemptEnded {
            attempt: attempt.number,
            call: call.number,
            site: attempt.site,
            instance: attempt.instance,
            sent_at: attempt.sent_at,
            answered,
            ending,
        };
        observer.on_fact(*now, &fact);
        if route.is_special {
            let slot = attempt.instance.0 - route.first_instance;
            if route.readers.ask_anew && casts_doubt(ending.outcome()) {
                directory.doubt(&route.readers, call.process);
            }
            if route.counts_outstanding {
                self.callers.balancers[route.balancer(call.process)].on_ended(
                    slot,
                    *now,
                    attempt.sent_at,
                );
            }
            if route.is_over {
                let breaks = matches!(
                    ending.outcome(),
                    Outcome::ErrorReset | Outcome::ErrorRefused
                );
                if let Some(over) = calls.over(call_ix) {
                    tickets.call_ended(over.ticket, !answered || breaks);
                }
            }
            if let Some((on, failures)) = route.judged.cuts
                && on.contains(ending.outcome())
                && ending.outcome() != Outcome::Cancelled
            {
                let weight = route.balance.weights.of(slot);
                let balancer = &mut self.callers.balancers[route.balancer(call.process)];
                balancer.on_failed(slot, weight, weight / failures.max(1));
            }
            if route.judged.ends {
                work.push_first(Handoff::Sign(Sign {
                    view: route.judged.readers.view_of(call.process),
                    slot,
                    kind: SignKind::Ended(ending.outcome()),
                }));
            }
        }
        if answered && attempt.drop_message() {
            attempts.close(ix);
        }
        (outer, call_ix)
    }

    /// A call ends without its caller waiting for it.
    #[inline(never)]
    pub(super) fn cancelled(&mut self, ix: CallIx, reason: AbandonReason) {
        let target = self.cx.spec.sites[self.cx.calls[ix].site].target;
        let by = match reason {
            AbandonReason::TimedOut(layer, _) | AbandonReason::LostHedge(layer) => {
                policy::Place::Layer(layer)
            }
            AbandonReason::NotNeeded | AbandonReason::CallerDied => policy::Place::Network(target),
        };
        let call = &mut self.cx.calls[ix];
        call.end();
        let fact = call.ended(Ending::here(Outcome::Cancelled, by));
        self.cx.tell(&fact);
        self.cx.calls.settle(ix);
    }
}

/// Whether a failure says that who was chosen may no longer be there (rule 50).
const fn casts_doubt(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::ErrorRefused
            | Outcome::ErrorReset
            | Outcome::ErrorUnavailable
            | Outcome::TimeoutConnect
    )
}

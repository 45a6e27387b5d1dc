//! Keeping what belongs to one call: its attempts, what the callees did for them, and the calls
//! that they made in turn.

use super::sagas::SagasTraced;
use super::{AttemptTrace, CallTrace, DecisionTrace, EffectTrace, OperationTrace};
use crate::id::{InstanceId, LayerId, ProcessId, SagaId, SiteId};
use crate::judge::span;
use crate::model::fact::{
    Applied, AppliedSet, AttemptNo, BreakerState, CallNo, DropReason, Ending, Fact, Observer,
};
use crate::model::record::{
    admission_name, cause_text, edge_name, instance_name, place_name, process_name, saga_name,
};
use crate::model::spec::{LayerSpec, ModelSpec, RouteSpec, Scope};
use crate::policy::{Layer, Outcome, RetryStop};
use crate::time::{SimDuration, SimTime};
use std::collections::BTreeMap;

/// Whose breaker it is: the layer, the process of the caller unless all share it, and the instance
/// that it guards, if it guards one.
type BreakerOf = (LayerId, Option<ProcessId>, Option<InstanceId>);

/// Watches a run and keeps one call.
#[derive(Debug)]
pub struct Tracer<'a> {
    spec: &'a ModelSpec,
    root: CallNo,
    /// Calls that belong to it, and the attempts they are made for.
    calls: BTreeMap<CallNo, (AttemptNo, CallTrace)>,
    /// The processes that make them.
    processes: BTreeMap<CallNo, ProcessId>,
    /// Their attempts, and the calls these belong to.
    attempts: BTreeMap<AttemptNo, (CallNo, AttemptTrace)>,
    /// Calls that fallbacks make, and the calls in whose place.
    fallbacks: BTreeMap<CallNo, CallNo>,
    /// States of the breakers that have changed theirs.
    breakers: BTreeMap<BreakerOf, BreakerState>,
    /// Its sagas.
    sagas: SagasTraced,
    /// Things of the call that are not over \[count\].
    open: u64,
}

impl<'a> Tracer<'a> {
    /// Keeps the call with this number.
    pub const fn new(spec: &'a ModelSpec, call: CallNo) -> Self {
        Self {
            spec,
            root: call,
            calls: BTreeMap::new(),
            processes: BTreeMap::new(),
            attempts: BTreeMap::new(),
            fallbacks: BTreeMap::new(),
            breakers: BTreeMap::new(),
            sagas: SagasTraced::new(),
            open: 0,
        }
    }

    /// Whether all is over that belongs to the call, so that nothing more can come.
    pub fn is_complete(&self) -> bool {
        let mut attempts = self.attempts.values().map(|(_, attempt)| attempt);
        let is_over = self.open == 0 && !self.sagas.are_left();
        is_over && !self.calls.is_empty() && attempts.all(has_arrived_or_never_will)
    }

    /// The call, if the run made one with this number.
    pub fn finish(mut self) -> Option<CallTrace> {
        // A child has a greater number than its parent: from the end, each is complete when it is
        // put into its place.
        while let Some((number, (call, attempt))) = self.attempts.pop_last() {
            debug_assert!(self.attempts.keys().all(|&other| other < number));
            let mut attempt = attempt;
            self.adopt_calls(number, &mut attempt);
            if let Some((_, call)) = self.calls.get_mut(&call) {
                call.attempts.insert(0, attempt);
            }
        }
        self.take(self.root)
    }

    /// A call of which all attempts are in their places, with the calls of its fallbacks.
    fn take(&mut self, number: CallNo) -> Option<CallTrace> {
        let (_, mut call) = self.calls.remove(&number)?;
        let made = self.fallbacks.iter();
        let made: Vec<CallNo> = made
            .filter_map(|(&other, &of)| (of == number).then_some(other))
            .collect();
        call.fallbacks = made.into_iter().filter_map(|it| self.take(it)).collect();
        Some(call)
    }

    /// Gives an attempt's operation the calls it made.
    fn adopt_calls(&mut self, attempt: AttemptNo, trace: &mut AttemptTrace) {
        let Some(operation) = &mut trace.operation else {
            return;
        };
        let is_its_own = |(&call, (parent, _)): (&CallNo, &(AttemptNo, CallTrace))| {
            (*parent == attempt).then_some(call)
        };
        let made: Vec<CallNo> = self.calls.iter().filter_map(is_its_own).collect();
        let made = made.into_iter().filter_map(|call| self.take(call));
        operation.calls.extend(made);
    }

    fn call_started(
        &mut self,
        now: SimTime,
        call: CallNo,
        site: SiteId,
        process: ProcessId,
        parent: AttemptNo,
    ) {
        let is_fallback = self.fallbacks.contains_key(&call);
        let resumes = self.sagas.are_left() && self.spec.sagas.iter().any(|it| it.resumes == site);
        if resumes {
            self.sagas.asks(call);
        }
        let is_apart = call == self.root || is_fallback || resumes;
        if !is_apart && !self.attempts.contains_key(&parent) {
            return;
        }
        let trace = CallTrace {
            call,
            edge: edge_name(self.spec, self.spec.sites[site].edge),
            process: process_name(self.spec, process),
            started_at_ns: now.as_ns(),
            ended_at_ns: None,
            outcome: None,
            ended_by: None,
            first_cause: None,
            decisions: Vec::new(),
            attempts: Vec::new(),
            fallbacks: Vec::new(),
        };
        // What the root is made for is not kept, and no attempt has the number 0.
        let parent = if call == self.root || resumes {
            0
        } else {
            parent
        };
        self.calls.insert(call, (parent, trace));
        self.processes.insert(call, process);
        self.open += 1;
    }

    fn call_ended(&mut self, now: SimTime, call: CallNo, ending: Ending) {
        let spec = self.spec;
        let Some((_, trace)) = self.calls.get_mut(&call) else {
            return;
        };
        trace.ended_at_ns = Some(now.as_ns());
        trace.outcome = Some(ending.outcome().name().to_owned());
        trace.ended_by = Some(place_name(spec, ending.by()));
        trace.first_cause = (ending.outcome() != Outcome::Ok).then(|| {
            let cause = ending.cause();
            format!(
                "{}: {}",
                place_name(spec, cause.place),
                cause_text(cause.kind)
            )
        });
        self.open -= 1;
    }

    fn decided(
        &mut self,
        now: SimTime,
        (call, layer): (CallNo, LayerId),
        waits: Option<SimDuration>,
        text: impl FnOnce() -> String,
    ) {
        if let Some((_, trace)) = self.calls.get_mut(&call) {
            let sent = self.attempts.values().filter(|(of, _)| *of == call);
            trace.decisions.push(DecisionTrace {
                attempts_sent: sent.count() as u32,
                at_ns: now.as_ns(),
                layer: self.spec.layers[layer].name.clone(),
                text: text(),
                waits_ns: waits.map(SimDuration::as_ns),
            });
        }
    }

    /// Something that became of a saga, if it is the call's.
    fn saga_went_on(
        &mut self,
        now: SimTime,
        (saga, number): (SagaId, u32),
        text: impl FnOnce() -> String,
    ) {
        if !self.sagas.are_ours(number) {
            return;
        }
        let root = self.root;
        let sent = self.attempts.values().filter(|(of, _)| *of == root);
        let attempts_sent = sent.count() as u32;
        if let Some((_, trace)) = self.calls.get_mut(&root) {
            trace.decisions.push(DecisionTrace {
                attempts_sent,
                at_ns: now.as_ns(),
                layer: saga_name(self.spec, saga),
                text: text(),
                waits_ns: None,
            });
        }
    }

    fn attempt_sent(
        &mut self,
        now: SimTime,
        ids: (AttemptNo, CallNo, SiteId),
        to: InstanceId,
        number: u32,
    ) {
        let (attempt, call, site) = ids;
        let Some(&process) = self.processes.get(&call) else {
            return;
        };
        let trace = AttemptTrace {
            attempt,
            number,
            instance: instance_name(self.spec, to),
            let_through: self.let_through(site, process, to, number == 1),
            sent_at_ns: now.as_ns(),
            ended_at_ns: None,
            outcome: None,
            lost: None,
            operation: self.of_block(site, now),
        };
        self.attempts.insert(attempt, (call, trace));
        self.open += 1;
    }

    /// The layers that have let an attempt through: for a first one all that stop passes, for a later
    /// one those that it entered anew, inside the innermost layer that begins passes.
    fn let_through(
        &self,
        site: SiteId,
        process: ProcessId,
        to: InstanceId,
        first: bool,
    ) -> Vec<String> {
        let pipeline = &self.spec.pipelines[self.spec.sites[site].pipeline];
        let kind = |layer: LayerId| &self.spec.layers[layer].kind;
        let begins = |&layer: &LayerId| matches!(kind(layer), Layer::Retry(_) | Layer::Hedge(_));
        let outside = pipeline.layers().rfind(begins).filter(|_| !first);
        pipeline
            .layers()
            .filter(|&layer| outside.is_none_or(|outside| layer > outside))
            .filter(|&layer| kind(layer).stops_with().is_some())
            .map(|layer| self.named_with_state(layer, process, to))
            .collect()
    }

    fn named_with_state(&self, layer: LayerId, process: ProcessId, to: InstanceId) -> String {
        let LayerSpec { name, kind, .. } = &self.spec.layers[layer];
        let breaker = if let Layer::Breaker(_) = kind {
            self.breaker_of(layer, process, Some(to))
        } else {
            None
        };
        match breaker {
            None => name.clone(),
            Some(breaker) => {
                let state = self.breakers.get(&breaker).copied();
                format!("{name} ({})", state.unwrap_or(BreakerState::Closed).name())
            }
        }
    }

    /// Whose breaker a layer asks; `None` for one that layers with other numbers share.
    fn breaker_of(
        &self,
        layer: LayerId,
        process: ProcessId,
        instance: Option<InstanceId>,
    ) -> Option<BreakerOf> {
        match self.spec.layers[layer].scope {
            Scope::Caller => Some((layer, Some(process), None)),
            Scope::Shared => Some((layer, None, None)),
            Scope::TargetInstance => Some((layer, Some(process), instance)),
            Scope::Named(_) => None,
        }
    }

    /// What a pass of a block does: it does not arrive, and begins once it has what it holds.
    fn of_block(&self, site: SiteId, now: SimTime) -> Option<OperationTrace> {
        let site = &self.spec.sites[site];
        (site.route == RouteSpec::Inline).then(|| OperationTrace {
            arrived_at_ns: now.as_ns(),
            started_at_ns: site.holds.is_none().then(|| now.as_ns()),
            ended_at_ns: None,
            end: None,
            held_ns: 0,
            calls: Vec::new(),
            effects: Vec::new(),
        })
    }

    fn attempt(&mut self, attempt: AttemptNo) -> Option<&mut AttemptTrace> {
        self.attempts.get_mut(&attempt).map(|(_, trace)| trace)
    }

    fn attempt_ended(&mut self, now: SimTime, attempt: AttemptNo, site: SiteId, outcome: Outcome) {
        let is_block = self.spec.sites[site].route == RouteSpec::Inline;
        if let Some(trace) = self.attempt(attempt) {
            trace.ended_at_ns = Some(now.as_ns());
            trace.outcome = Some(outcome.name().to_owned());
            if is_block && let Some(operation) = &mut trace.operation {
                operation.ended_at_ns = Some(now.as_ns());
                operation.end = Some(format!("ended {}", outcome.name()));
            }
            self.open -= 1;
        }
    }

    /// What is concluded about an instance from the attempt that has just ended there.
    fn judged(&mut self, now: SimTime, instance: InstanceId, text: impl FnOnce() -> String) {
        let name = instance_name(self.spec, instance);
        let mut attempts = self.attempts.values();
        let ended = attempts.find(|(_, attempt)| {
            attempt.ended_at_ns == Some(now.as_ns()) && attempt.instance == name
        });
        let Some(&(call, _)) = ended else {
            return;
        };
        let sent = self.attempts.values().filter(|(of, _)| *of == call);
        let attempts_sent = sent.count() as u32;
        if let Some((_, trace)) = self.calls.get_mut(&call) {
            trace.decisions.push(DecisionTrace {
                at_ns: now.as_ns(),
                layer: "ejection".to_owned(),
                text: format!("{name} {}", text()),
                waits_ns: None,
                attempts_sent,
            });
        }
    }

    fn message_lost(&mut self, attempt: AttemptNo, answer: bool) {
        if let Some(trace) = self.attempt(attempt) {
            trace.lost = Some(if answer { "answer" } else { "request" }.to_owned());
        }
    }

    fn arrived(&mut self, now: SimTime, attempt: AttemptNo) {
        if let Some(trace) = self.attempt(attempt) {
            trace.operation = Some(OperationTrace {
                arrived_at_ns: now.as_ns(),
                started_at_ns: None,
                ended_at_ns: None,
                end: None,
                held_ns: 0,
                calls: Vec::new(),
                effects: Vec::new(),
            });
            self.open += 1;
        }
    }

    fn operation(&mut self, attempt: AttemptNo) -> Option<&mut OperationTrace> {
        self.attempt(attempt)?.operation.as_mut()
    }

    /// An operation carries out an effect, or undoes it.
    fn effect(
        &mut self,
        now: SimTime,
        attempt: AttemptNo,
        text: impl FnOnce(&ModelSpec) -> String,
    ) {
        let spec = self.spec;
        if let Some(operation) = self.operation(attempt) {
            operation.effects.push(EffectTrace {
                at_ns: now.as_ns(),
                text: text(spec),
            });
        }
    }

    fn operation_started(&mut self, now: SimTime, attempt: AttemptNo) {
        if let Some(operation) = self.operation(attempt) {
            operation.started_at_ns = Some(now.as_ns());
        }
    }

    fn operation_ended(
        &mut self,
        now: SimTime,
        attempt: AttemptNo,
        held: SimDuration,
        end: impl FnOnce() -> String,
    ) {
        if let Some(operation) = self.operation(attempt) {
            operation.ended_at_ns = Some(now.as_ns());
            operation.held_ns = held.as_ns();
            operation.end = Some(end());
            self.open -= 1;
        }
    }

    /// An attempt that its call let run on, or that lost a race, has its answer all the same.
    fn answered_nobody(&mut self, attempt: AttemptNo) {
        let runs_on = self.attempt(attempt).filter(|it| it.ended_at_ns.is_none());
        let operation = runs_on.and_then(|it| it.operation.as_mut());
        if let Some(end) = operation.and_then(|it| it.end.as_mut()) {
            end.push_str(", for nobody");
        }
    }
}

impl Observer for Tracer<'_> {
    #[expect(clippy::too_many_lines, reason = "one arm per kind of fact")]
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        match *fact {
            Fact::CallStarted {
                call,
                site,
                process,
                parent,
                ..
            } => self.call_started(now, call, site, process, parent),
            Fact::CallEnded { call, ending, .. } => self.call_ended(now, call, ending),
            Fact::LayerStopped {
                call,
                layer,
                outcome,
                by,
            } => self.decided(now, (call, layer), None, || {
                format!("answers {outcome}{}", because(by))
            }),
            Fact::LayerWaits { call, layer, by } => self.decided(now, (call, layer), None, || {
                if by.is_empty() {
                    "has no room now: the pass waits to be let in".to_owned()
                } else {
                    format!("will not let the pass in{}", because(by))
                }
            }),
            Fact::LayerLetIn {
                call,
                layer,
                waited,
            } => self.decided(now, (call, layer), None, || {
                format!("lets the pass in after {}", span(waited))
            }),
            Fact::LayerDetail {
                call,
                layer,
                detail,
                after,
                ..
            } => self.decided(now, (call, layer), after, || {
                let text = detail_text(detail).to_owned();
                after.map_or(text.clone(), |after| {
                    format!("{text}, after {}", span(after))
                })
            }),
            Fact::TimedOut {
                call,
                layer,
                connect,
            } => self.decided(now, (call, layer), None, || {
                if connect {
                    "the time to connect is up: the attempt is given up".to_owned()
                } else {
                    "the time is up: the pass inside is given up".to_owned()
                }
            }),
            Fact::RetryPlanned {
                call,
                layer,
                passes,
                delay,
                by,
            } => self.decided(now, (call, layer), Some(delay), || {
                format!(
                    "pass {passes} failed: it tries again after {}{}",
                    span(delay),
                    because(by)
                )
            }),
            Fact::RetryStopped {
                call,
                layer,
                passes,
                reason,
            } => self.decided(now, (call, layer), None, || stop_text(passes, reason)),
            Fact::BudgetAsked {
                call,
                layer,
                budget,
                granted,
                left,
                by_floor,
            } => {
                let name = &self.spec.budgets[budget].name;
                let answer = if granted { "grants" } else { "refuses" };
                let floor = if by_floor { " (by its floor)" } else { "" };
                self.decided(now, (call, layer), None, || {
                    format!("the budget {name} {answer} another pass{floor}, {left} left")
                });
            }
            Fact::FallbackUsed {
                call,
                layer,
                instead_of,
            } => self.decided(now, (call, layer), None, || {
                format!("answers degraded instead of {instead_of}")
            }),
            Fact::FallbackAged { call, layer, age } => {
                self.decided(now, (call, layer), None, || {
                    format!("its answer is the last full one, {} old", span(age))
                });
            }
            Fact::FallbackMissing { call, layer, age } => {
                self.decided(now, (call, layer), None, || match age {
                    None => "has no answer yet".to_owned(),
                    Some(age) => format!("its last full answer is {} old: too old", span(age)),
                });
            }
            Fact::FallbackCalled {
                call,
                layer,
                instead_of,
                other,
            } => {
                if self.calls.contains_key(&call) {
                    self.fallbacks.insert(other, call);
                }
                self.decided(now, (call, layer), None, || {
                    format!("calls another operation instead of {instead_of}")
                });
            }
            Fact::FallbackFailed {
                call,
                layer,
                outcome,
            } => self.decided(now, (call, layer), None, || {
                format!("that failed as well: {outcome}")
            }),
            Fact::HedgeSent { call, layer, pass } => {
                self.decided(now, (call, layer), None, || {
                    format!("begins pass {pass} beside the others")
                });
            }
            Fact::HedgeDecided {
                call,
                layer,
                winner,
                passes,
                lost,
            } => self.decided(now, (call, layer), None, || {
                hedge_text(winner, passes, lost)
            }),
            Fact::AttemptSent {
                attempt,
                call,
                instance,
                site,
                number,
                ..
            } => self.attempt_sent(now, (attempt, call, site), instance, number),
            Fact::AttemptEnded {
                attempt,
                site,
                ending,
                ..
            } => self.attempt_ended(now, attempt, site, ending.outcome()),
            Fact::MessageLost {
                attempt, answer, ..
            } => self.message_lost(attempt, answer),
            Fact::OperationArrived { attempt, .. } => self.arrived(now, attempt),
            Fact::KeptGranted { attempt, .. } | Fact::OperationStarted { attempt, .. } => {
                self.operation_started(now, attempt);
            }
            Fact::OperationRejected {
                attempt, outcome, ..
            } => {
                let operation = self.operation(attempt);
                let by = operation.and_then(|it| it.end.take()).unwrap_or_default();
                let end = || format!("{outcome}{by}");
                self.operation_ended(now, attempt, SimDuration::ZERO, end);
            }
            Fact::AdmissionRefused { attempt, layer, .. } => {
                let by = format!(" by {}", admission_name(self.spec, layer));
                if let Some(operation) = self.operation(attempt) {
                    // Until it is told how that ended.
                    operation.end = Some(by);
                }
            }
            Fact::OperationFinished {
                attempt,
                outcome,
                held,
                ..
            } => self.operation_ended(now, attempt, held, || format!("answered {outcome}")),
            Fact::OperationDropped {
                attempt,
                reason,
                held,
                ..
            } => self.operation_ended(now, attempt, held, || drop_text(reason).to_owned()),
            Fact::OperationLost { attempt, held, .. } => {
                self.operation_ended(now, attempt, held, || "lost with its instance".to_owned());
            }
            Fact::AnswerUnwanted { attempt, .. } => self.answered_nobody(attempt),
            Fact::BreakerChanged {
                layer,
                process,
                instance,
                to,
                ..
            } => {
                if let Some(breaker) = self.breaker_of(layer, process, instance) {
                    self.breakers.insert(breaker, to);
                }
            }
            Fact::InstanceEjected { instance, why, .. } => self.judged(now, instance, || {
                format!("is left out from now on, by {}", why.name())
            }),
            Fact::EjectionStopped { instance, why, .. } => self.judged(now, instance, || {
                format!("would be left out by {}, but no more may be", why.name())
            }),
            Fact::EffectDone {
                attempt,
                effect,
                how,
                ..
            } => self.effect(now, attempt, |spec| {
                format!("{}: {}", spec.effects[effect].name, how.name())
            }),
            Fact::EffectUndone {
                attempt,
                effect,
                how,
                ..
            } => self.effect(now, attempt, |spec| {
                let how = how.name().replace('_', " ");
                format!("undo {}: {how}", spec.effects[effect].name)
            }),
            Fact::SagaBegan { saga, number, root } => {
                if root == self.root {
                    self.sagas.began(number);
                    self.saga_went_on(now, (saga, number), || "begins".to_owned());
                }
            }
            Fact::SagaCalled {
                saga,
                number,
                step,
                undo,
                how,
            } => self.saga_went_on(now, (saga, number), || {
                let what = if undo { "undo of call" } else { "call" };
                format!("{what} {}: {}", step + 1, how.name())
            }),
            Fact::SagaLeft { saga, number } => {
                self.sagas.left(number);
                self.saga_went_on(now, (saga, number), || "is left by its process".to_owned());
            }
            Fact::SagaResumed {
                saga,
                number,
                attempt,
            } => {
                let asked = self.attempts.get(&attempt).map(|(call, _)| *call);
                if let Some(call) = asked
                    && self.sagas.resumed(number, call)
                {
                    self.fallbacks.insert(call, self.root);
                }
                self.saga_went_on(now, (saga, number), || "another process goes on".to_owned());
            }
            Fact::SagaEnded {
                saga, number, how, ..
            } => {
                self.saga_went_on(now, (saga, number), || how.name().to_owned());
                self.sagas.ended(number);
            }
            Fact::InvariantDiffers { .. }
            | Fact::InvariantEqual { .. }
            | Fact::InvariantBroken { .. }
            | Fact::AdmissionLimit { .. }
            | Fact::LayerLimit { .. }
            | Fact::KeyMatched { .. }
            | Fact::KeyForgotten { .. }
            | Fact::EffectRepeated { .. }
            | Fact::ThreadTaken { .. }
            | Fact::ThreadReturned { .. }
            | Fact::MessageStored { .. }
            | Fact::MessageRefused { .. }
            | Fact::HandedOut { .. }
            | Fact::HandoutFailed { .. }
            | Fact::MessageSettled { .. }
            | Fact::AnswerTooLate { .. }
            | Fact::MessageKnown { .. }
            | Fact::MessageAbsorbed { .. }
            | Fact::MessageUnfinished { .. }
            | Fact::LanesReassigned { .. }
            | Fact::MessageEnded { .. }
            | Fact::QueueFilled { .. }
            | Fact::KeptWaits { .. }
            | Fact::KeptRefused { .. }
            | Fact::KeptGivenUp { .. }
            | Fact::KeptReturned { .. }
            | Fact::UnitOpened { .. }
            | Fact::UnitFailed { .. }
            | Fact::UnitClosed { .. }
            | Fact::FaultStarted { .. }
            | Fact::FaultEnded { .. }
            | Fact::FaultStruck { .. }
            | Fact::FaultLifted { .. }
            | Fact::InstanceDown { .. }
            | Fact::OutOfMemory { .. }
            | Fact::MemoryRose { .. }
            | Fact::InstanceUp { .. }
            | Fact::RotationChanged { .. }
            | Fact::MarkChanged { .. }
            | Fact::Panic { .. }
            | Fact::InstanceStops { .. }
            | Fact::InstanceStopped { .. }
            | Fact::InstanceStarts { .. }
            | Fact::InstanceCreated { .. }
            | Fact::TurnedAway { .. }
            | Fact::InstanceEnded { .. }
            | Fact::InstanceOnTrial { .. }
            | Fact::InstanceReturned { .. }
            | Fact::Checked { .. }
            | Fact::HealthJudged { .. } => {}
        }
    }
}

/// An attempt that was given up may still be on its way.
fn has_arrived_or_never_will(attempt: &AttemptTrace) -> bool {
    let given_up = attempt
        .outcome
        .as_deref()
        .is_some_and(|outcome| outcome.starts_with("timeout") || outcome.starts_with("cancelled"));
    attempt.operation.is_some() || attempt.lost.is_some() || !given_up
}

fn stop_text(passes: u32, reason: RetryStop) -> String {
    match reason {
        RetryStop::AttemptsUsedUp => format!("pass {passes} failed and was the last allowed"),
        RetryStop::NotRetryable => format!("pass {passes} ended in a way it does not try again"),
        RetryStop::ElapsedTooLong => format!("pass {passes} failed and the time for all is over"),
        RetryStop::WaitTooLong => {
            format!("pass {passes} failed and the time for all would be over after the wait")
        }
        RetryStop::NotIdempotent => {
            format!("pass {passes} failed and the operation must not be done twice")
        }
        RetryStop::Budget => format!("pass {passes} failed and the budget allows no other"),
        RetryStop::Pushback => {
            format!("pass {passes} failed and the callee asks not to be tried again")
        }
    }
}

fn hedge_text(winner: u32, passes: u32, lost: u32) -> String {
    match winner {
        0 if lost > 0 => format!("a failure ends the race of {passes} passes, and {lost} lost"),
        0 => format!("all {passes} passes failed"),
        winner => format!("pass {winner} of {passes} answers, and {lost} lost"),
    }
}

/// ` (at its maximum)`: which settings had their say, in words; empty if none had.
fn because(by: AppliedSet) -> String {
    let words: Vec<&str> = by.iter().map(detail_text).collect();
    if words.is_empty() {
        return String::new();
    }
    format!(" ({})", words.join(", "))
}

const fn detail_text(detail: Applied) -> &'static str {
    match detail {
        Applied::BackoffAtMaximum | Applied::OpenAtMaximum => "at its maximum",
        Applied::RaisedToMinWait => "its minimum",
        Applied::RaisedByRetryAfter => "longer, as the callee asked",
        Applied::ReplacedByRetryAfter => "as the callee asked",
        Applied::BackoffAfter => "the backoff after such a failure",
        Applied::LineFull => "all places to wait are taken",
        Applied::WaitTooLong => "the wait would be too long",
        Applied::StoppedAfterWait => "it is told so after the wait",
        Applied::HeldBackByMinimum => "would open, but has not seen enough calls",
        Applied::LateResultUsed => "takes the result of an older state into account",
        Applied::LateResultIgnored => "ignores the result of an older state",
        Applied::UncountedResult => "does not count this result",
        Applied::OpenGrown => "longer than the last time",
        Applied::DelayFromPercentile => {
            "the percentile of recent calls says when the next pass begins"
        }
        Applied::DelayFromFallback => {
            "too few samples for the percentile: its fallback says when the next pass begins"
        }
        Applied::NoDelayYet => "too few samples for the percentile: no other pass begins",
        Applied::FatalFailure => "this failure ends the race: it is none that others are begun for",
    }
}

const fn drop_text(reason: DropReason) -> &'static str {
    match reason {
        DropReason::Skipped => "dropped: nobody waited when it left the queue",
        DropReason::Removed => "dropped: taken out of the queue",
        DropReason::Stopped => "dropped: stopped while it ran",
        DropReason::Expired => "dropped: its deadline had passed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_had_their_say_stand_in_brackets() {
        assert_eq!(because(AppliedSet::NONE), "");
        let most = AppliedSet::of(Applied::BackoffAtMaximum);
        assert_eq!(because(most), " (at its maximum)");
        let both = most.with_if(true, Applied::BackoffAfter);
        assert_eq!(
            because(both),
            " (at its maximum, the backoff after such a failure)"
        );
    }
}

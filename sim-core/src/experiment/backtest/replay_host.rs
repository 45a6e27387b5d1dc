//! The host of the pipeline: recorded answers instead of a callee.

use super::bind::{Bound, Names};
use super::call::{Answer, Changed, Decided, Decision, Reason, Unrecorded, Watcher};
use super::recorder::Recorder;
use super::under_way::{Arena, AttemptUnderWay, CallUnderWay, Due};
use crate::id::{LayerId, OperationId};
use crate::kernel::{Class, EventList, Timer};
use crate::policy::pipeline::{
    AbandonReason, Alarm, AlarmKind, Choice, FallbackCall, FrameIx, Host, HostAttempt, HostCall,
    Inside, Note, Owner, SendRequest, Standing,
};
use crate::policy::{
    BreakerStateKind, Cause, CauseKind, Ending, Outcome, OutcomeSet, Place, RetryHint,
};
use crate::time::SimTime;

/// The callee, of which nothing is known but its answers.
const CALLEE: Place = Place::Operation(OperationId(0));

/// Everything around the pipeline.
#[derive(Debug)]
pub(super) struct ReplayHost<W> {
    pub(super) events: EventList<Due>,
    pub(super) calls: Arena<CallUnderWay>,
    pub(super) attempts: Arena<AttemptUnderWay>,
    pub(super) bound: Bound,
    /// Callers, targets and classes.
    pub(super) names: [Names; 3],
    /// The answer of the last call to each target.
    latest: Vec<Option<Answer>>,
    unrecorded: Unrecorded,
    pub(super) recorder: Recorder,
    pub(super) watcher: W,
    /// Pairs in whose layers something may have happened in this event.
    pub(super) touched: Vec<u32>,
    stopped: OutcomeSet,
    /// By number of the state, of those that are breakers and have changed.
    breakers: Vec<BreakerStateKind>,
}

impl<W: Watcher> ReplayHost<W> {
    /// Before the first call.
    pub(super) fn new(bound: Bound, unrecorded: Unrecorded, watcher: W) -> Self {
        let depth = bound.policy().layers.len();
        Self {
            events: EventList::new(),
            calls: Arena::new(),
            attempts: Arena::new(),
            bound,
            names: Default::default(),
            latest: Vec::new(),
            unrecorded,
            recorder: Recorder::new(SimTime::ZERO, depth),
            watcher,
            touched: Vec::new(),
            stopped: OutcomeSet::named("stopped").unwrap_or(OutcomeSet::EMPTY),
            breakers: Vec::new(),
        }
    }

    /// The log begins.
    pub(super) fn open(&mut self, from: SimTime) {
        self.recorder = Recorder::new(from, self.bound.policy().layers.len());
    }

    /// The numbers of a caller, a target and a class.
    pub(super) fn numbers(&mut self, texts: [&str; 3]) -> [u32; 3] {
        let mut numbers = [0; 3];
        for ((number, names), text) in numbers.iter_mut().zip(&mut self.names).zip(texts) {
            *number = names.number(text);
        }
        numbers
    }

    /// Measures the states that have come into being.
    pub(super) fn watch_new_states(&mut self) {
        while let Some(unit) = self.bound.units.get(self.recorder.levels.len()) {
            let kind = &self.bound.policy().layers[unit.place as usize].kind;
            self.recorder.levels.watch(kind);
        }
    }

    /// A recorded call begins: from now on its answer is the latest of its target.
    pub(super) fn begin(&mut self, ix: HostCall) -> Option<LayerId> {
        let call = self.calls.get(ix);
        let target = call.groups[1] as usize;
        if self.latest.len() <= target {
            self.latest.resize(target + 1, None);
        }
        self.latest[target] = Some(call.first);
        self.recorder.began();
        self.bound.first_layer(call.pair)
    }

    /// An attempt has its answer: where it goes.
    pub(super) fn take_answer(&mut self, ix: HostAttempt) -> AttemptUnderWay {
        let attempt = *self.attempts.get(ix);
        self.attempts.close(ix);
        attempt
    }

    /// An attempt was answered, and its call hears it.
    pub(super) fn heard(&mut self, attempt: &AttemptUnderWay) -> Ending {
        self.calls.get_mut(attempt.call).hint = attempt.answer.retry_after;
        Ending::here(attempt.answer.outcome, CALLEE)
    }

    /// What the callee answers to the next attempt of a call, and whether that is only supposed.
    fn next_answer(&self, call: &CallUnderWay) -> (Answer, bool) {
        if let Some(answer) = call.answer(call.attempts) {
            return (answer, false);
        }
        let neighbour = self.latest[call.groups[1] as usize];
        let answer = match self.unrecorded {
            Unrecorded::Repeat => call.last(),
            Unrecorded::Neighbour => neighbour.unwrap_or_else(|| call.last()),
        };
        (answer, true)
    }

    fn touch(&mut self, call: HostCall) {
        let pair = self.calls.get(call).pair;
        if self.touched.last() != Some(&pair) {
            self.touched.push(pair);
        }
    }

    fn settle(&mut self, ix: HostCall) {
        let call = self.calls.get(ix);
        if call.answered && call.detached == 0 {
            self.calls.close(ix);
        }
    }

    /// Remembers of what a layer did what may be the reason of an end.
    fn keep_reason(&mut self, ix: HostCall, unit: u32, note: Note) {
        let unit = unit as usize;
        match note {
            Note::Breaker(transition, _) => {
                if self.breakers.len() <= unit {
                    self.breakers.resize(unit + 1, BreakerStateKind::Closed);
                }
                self.breakers[unit] = transition.to;
            }
            Note::Stopped(Outcome::StoppedBreakerOpen, _) => {
                let state = self.breakers.get(unit).copied();
                self.calls.get_mut(ix).stopped = state.and_then(Reason::of_breaker);
            }
            Note::RetryStopped { reason, .. } => self.calls.get_mut(ix).gave_up = Some(reason),
            Note::Stopped(..)
            | Note::Waits(_)
            | Note::LetIn(_)
            | Note::TimedOut
            | Note::RetryPlanned { .. }
            | Note::BudgetAsked { .. }
            | Note::FallbackUsed(_)
            | Note::FallbackAged(_)
            | Note::FallbackMissing(_)
            | Note::FallbackFailed(_)
            | Note::HedgeSent { .. }
            | Note::HedgeDecided { .. }
            | Note::Applied(..)
            | Note::HedgeDelay(..)
            | Note::Limit(..) => {}
        }
    }

    /// Why a call ends so, where its layer and its outcome do not say it.
    fn reason(call: &CallUnderWay, outcome: Outcome, decision: Decision) -> Option<Reason> {
        match decision {
            Decision::Rejected if outcome == Outcome::StoppedBreakerOpen => call.stopped,
            Decision::Passed | Decision::FurtherAttempt if !outcome.is_useful() => {
                call.gave_up.map(Reason::NotRetried)
            }
            Decision::Passed
            | Decision::FurtherAttempt
            | Decision::Rejected
            | Decision::TimedOut
            | Decision::FellBack => None,
        }
    }

    /// Who answered, and which layer if it was one.
    fn decision(&self, ending: Ending, attempts: u32) -> (Decision, Option<LayerId>) {
        let Place::Layer(layer) = ending.by() else {
            let decision = if attempts > 1 {
                Decision::FurtherAttempt
            } else {
                Decision::Passed
            };
            return (decision, None);
        };
        let decision = if self.stopped.contains(ending.outcome()) {
            Decision::Rejected
        } else if ending.outcome().is_useful() {
            Decision::FellBack
        } else {
            Decision::TimedOut
        };
        (decision, Some(layer))
    }
}

impl<W: Watcher> Host for ReplayHost<W> {
    fn now(&self) -> SimTime {
        self.events.now()
    }

    fn set_alarm(&mut self, at: SimTime, kind: AlarmKind, frame: FrameIx) -> Alarm {
        let due = Due::Alarm(frame);
        let timer = match kind {
            AlarmKind::Expiry => self.events.schedule_limit(at, Class::Expiry, due),
            AlarmKind::Start => self.events.schedule(at, Class::Start, due),
        };
        Alarm(timer.to_bits())
    }

    fn clear_alarm(&mut self, alarm: Alarm) {
        self.events.cancel(Timer::from_bits(alarm.0));
    }

    /// Each pair of caller and target has layers of its own.
    fn owner(&self, _: HostCall) -> Owner {
        Owner(0)
    }

    fn key(&self, call: HostCall) -> u64 {
        self.calls.get(call).key
    }

    /// Nobody gives up a recorded call from outside.
    fn entered(&mut self, _: HostCall, _: Inside) {}

    /// The calls of a pair are all alike.
    fn subject(&self, _: HostCall) -> u32 {
        0
    }

    /// A target counts as one instance.
    fn choose(&mut self, choice: Choice<'_>) -> Option<u32> {
        choice.allowed.is_none_or(|allowed| allowed(0)).then_some(0)
    }

    fn any_in_rotation(&self, _: HostCall, allowed: &dyn Fn(u32) -> bool) -> bool {
        allowed(0)
    }

    /// There is one instance, and it is always there.
    fn send(&mut self, request: SendRequest) -> Option<HostAttempt> {
        let call = self.calls.get(request.call);
        let (answer, is_supposed) = self.next_answer(call);
        self.calls.get_mut(request.call).attempts += 1;
        self.recorder.sent(is_supposed);
        self.touch(request.call);
        let ix = self.attempts.open(AttemptUnderWay {
            call: request.call,
            outer: request.outer,
            answer,
            timer: Timer::NONE,
        });
        let at = self.events.now() + answer.latency;
        if at < SimTime::NEVER {
            let timer = self.events.schedule(at, Class::Completion, Due::Answer(ix));
            self.attempts.get_mut(ix).timer = timer;
        }
        Some(ix)
    }

    /// What another operation would have answered, no log knows.
    fn call_fallback(&mut self, _fallback: FallbackCall) -> Option<(HostCall, Option<LayerId>)> {
        None
    }

    fn top(&self, _ix: HostCall) -> Inside {
        Inside::NOTHING
    }

    fn orphan(&mut self, _ix: HostCall) -> bool {
        false
    }

    fn end_orphan(&mut self, _ix: HostCall, _reason: AbandonReason) {}

    fn abandon(&mut self, ix: HostAttempt, _: AbandonReason) {
        let AttemptUnderWay { call, timer, .. } = self.take_answer(ix);
        self.events.cancel(timer);
        self.recorder.abandoned();
        self.touch(call);
    }

    /// No work is accounted for in a log.
    fn lost(&mut self, _: HostAttempt) {}

    fn standing(&self, _: HostAttempt) -> Standing {
        Standing::Here(Cause {
            place: CALLEE,
            kind: CauseKind::AtWork,
        })
    }

    fn unavailable(&self, _: HostCall) -> Ending {
        Ending::here(Outcome::ErrorUnavailable, CALLEE)
    }

    fn repeatable(&self, call: HostCall) -> bool {
        self.calls.get(call).idempotent
    }

    fn retry_after(&self, call: HostCall, ending: Ending) -> Option<RetryHint> {
        let hint = self.calls.get(call).hint.map(RetryHint::After);
        hint.filter(|_| ending.by() == CALLEE)
    }

    fn answer(&mut self, ix: HostCall, ending: Ending) {
        self.touch(ix);
        let call = self.calls.get(ix);
        let (decision, layer) = self.decision(ending, call.attempts);
        let place = layer.map(|layer| self.bound.place(layer) as usize);
        let text = |which: usize| self.names[which].text(call.groups[which]);
        let latency = call
            .more
            .iter()
            .fold(call.first.latency, |sum, answer| sum + answer.latency);
        let decided = Decided {
            line: call.line,
            start: call.start,
            caller: text(0),
            target: text(1),
            class: text(2),
            recorded: Answer {
                latency,
                ..call.last()
            },
            outcome: ending.outcome(),
            latency: self.events.now().since(call.start),
            attempts: call.attempts,
            decision,
            layer: place.map(|place| self.bound.policy().layers[place].name.as_str()),
            why: Self::reason(call, ending.outcome(), decision),
        };
        self.recorder.decided(&decided, call.groups);
        self.watcher.decided(&decided);
        self.calls.get_mut(ix).answered = true;
        self.settle(ix);
    }

    fn detached(&mut self, call: HostCall, attempt: Option<HostAttempt>) {
        self.calls.get_mut(call).detached += 1;
        if let Some(attempt) = attempt {
            self.attempts.get_mut(attempt).outer = FrameIx::DETACHED;
        }
    }

    fn detached_ended(&mut self, ix: HostCall) {
        self.touch(ix);
        self.calls.get_mut(ix).detached -= 1;
        self.settle(ix);
    }

    fn note(&mut self, ix: HostCall, layer: LayerId, note: Note) {
        self.touch(ix);
        self.recorder.note(self.bound.place(layer), note);
        self.keep_reason(ix, self.bound.unit(layer), note);
        let Note::Breaker(transition, _) = note else {
            return;
        };
        let (at, line) = (transition.at, self.calls.get(ix).line);
        let number = self.bound.unit(layer);
        self.recorder
            .changed((at, line), &self.bound, number, transition);
        let unit = self.bound.units[number as usize];
        self.watcher.changed(&Changed {
            at,
            line,
            layer: &self.bound.policy().layers[unit.place as usize].name,
            caller: unit.caller.map(|number| self.names[0].text(number)),
            target: unit.target.map(|number| self.names[1].text(number)),
            transition,
        });
    }
}

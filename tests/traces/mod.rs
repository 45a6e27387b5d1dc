//! Exact traces: small systems of constant times, and what happens when, worked out by hand.
//!
//! Each test is a scenario and the lines that must come of it. Calls are `c1`, `c2`, … in the order
//! of starting, attempts and the operations that serve them `a1`, `a2`, … in the order of sending.

mod admission;
mod blocks;
mod callee;
mod deeds;
mod fallbacks;
mod faults;
mod hedging;
mod keys;
mod limits;
mod lives;
mod outcomes;
mod owners;
mod parallel;
mod pools;
mod sagas;

use crate::support::model;
use sim_core::id::{InstanceId, LayerId};
use sim_core::kernel::{RunEnd, Stop};
use sim_core::model::fact::{CauseKind, Ending, Fact, HealthVerdict, Observer, Place};
use sim_core::model::{Played, run, spec::ModelSpec};
use sim_core::time::{SimDuration, SimTime};

/// What a trace shows of the facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Show {
    /// The beginning and the end of calls.
    Calls,
    /// The sending and the end of attempts.
    Attempts,
    /// Arrivals of attempts.
    Arrivals,
    /// What becomes of operations.
    Operations,
    /// Effects that come again, and keys that are known.
    Effects,
    /// Threads taken and returned by asynchronous services.
    Threads,
    /// What layers decide.
    Policy,
    /// Settings that took effect, and how long passes had waited that were let in.
    Details,
    /// Messages that vanish, answers that nobody waits for.
    Messages,
    /// Faults and instances.
    World,
    /// Those who ask for something kept, and connections.
    Keeping,
    /// What becomes of messages in queues.
    Queues,
    /// How sagas go on.
    Sagas,
}

use Show::{
    Arrivals, Attempts, Calls, Details, Effects, Keeping, Messages, Operations, Policy, Queues,
    Sagas, Threads, World,
};

/// Keeps what happened, in words.
struct Lines<'s> {
    spec: &'s ModelSpec,
    lines: Vec<(Show, String)>,
}

impl Observer for Lines<'_> {
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        let (show, what) = words(self.spec, now, fact);
        self.lines.push((show, format!("{now} {what}")));
    }
}

/// Plays a scenario and compares what happens with what should.
fn check(title: &str, scenario: &str, shown: &[Show], expected: &[&str]) {
    assert_eq!(trace(scenario, shown).0, expected, "{title}");
}

fn trace(scenario: &str, shown: &[Show]) -> (Vec<String>, RunEnd) {
    let spec = model(scenario);
    let observer = Lines {
        spec: &spec,
        lines: Vec::new(),
    };
    let Played { end, observer, .. } = run(&spec, 1, 0, observer, &mut |_, _| true);
    assert_eq!(end.stop, Stop::Horizon);
    let lines = observer.lines.into_iter();
    let shown = lines
        .filter(|(show, _)| shown.contains(show))
        .map(|(_, line)| line);
    (shown.collect(), end)
}

/// A client that calls `s.op` at these instants, with these layers and services.
fn system(times: &str, policy: &str, services: &str) -> String {
    format!(
        "scenario: trace
run: {{ duration: 10s }}
clients:
  c: {{ arrivals: {{ recorded: {{ times: [{times}] }} }}, calls: s.op, policy: [{policy}] }}
services:
{services}
"
    )
}

/// A service with one operation, `op`.
fn service(name: &str, settings: &str, steps: &str) -> String {
    format!("  {name}: {{ {settings}, operations: {{ op: {{ steps: [{steps}] }} }} }}\n")
}

/// What kind of fact it is, and the fact in words.
#[expect(clippy::too_many_lines, reason = "one arm for each fact")]
fn words(spec: &ModelSpec, now: SimTime, fact: &Fact) -> (Show, String) {
    match fact {
        Fact::CallStarted { .. } | Fact::CallEnded { .. } => (Calls, call_words(spec, now, fact)),
        Fact::AttemptSent { .. } | Fact::AttemptEnded { .. } => {
            (Attempts, call_words(spec, now, fact))
        }
        Fact::EffectRepeated { .. } | Fact::KeyMatched { .. } | Fact::KeyForgotten { .. } => {
            (Effects, effect_words(fact))
        }
        Fact::EffectDone { .. }
        | Fact::EffectUndone { .. }
        | Fact::InvariantDiffers { .. }
        | Fact::InvariantEqual { .. }
        | Fact::InvariantBroken { .. } => (Effects, deed_words(spec, fact)),
        Fact::SagaBegan { .. }
        | Fact::SagaCalled { .. }
        | Fact::SagaLeft { .. }
        | Fact::SagaResumed { .. }
        | Fact::SagaEnded { .. } => (Sagas, saga_words(fact)),
        Fact::MessageLost { .. } | Fact::AnswerUnwanted { .. } => {
            (Messages, call_words(spec, now, fact))
        }
        Fact::OperationArrived { .. } => (Arrivals, operation_words(spec, fact)),
        Fact::AdmissionRefused { .. }
        | Fact::AdmissionLimit { .. }
        | Fact::OperationRejected { .. }
        | Fact::OperationStarted { .. }
        | Fact::OperationFinished { .. }
        | Fact::OperationDropped { .. }
        | Fact::OperationLost { .. } => (Operations, operation_words(spec, fact)),
        Fact::ThreadTaken { .. } | Fact::ThreadReturned { .. } => {
            (Threads, operation_words(spec, fact))
        }
        Fact::LayerStopped { .. }
        | Fact::LayerWaits { .. }
        | Fact::TimedOut { .. }
        | Fact::RetryPlanned { .. }
        | Fact::RetryStopped { .. }
        | Fact::BudgetAsked { .. }
        | Fact::FallbackUsed { .. }
        | Fact::FallbackAged { .. }
        | Fact::FallbackMissing { .. }
        | Fact::FallbackCalled { .. }
        | Fact::FallbackFailed { .. }
        | Fact::HedgeSent { .. }
        | Fact::HedgeDecided { .. }
        | Fact::LayerLimit { .. }
        | Fact::BreakerChanged { .. } => (Policy, policy_words(spec, fact)),
        Fact::KeptWaits { .. }
        | Fact::KeptGranted { .. }
        | Fact::KeptRefused { .. }
        | Fact::KeptGivenUp { .. }
        | Fact::KeptReturned { .. }
        | Fact::UnitOpened { .. }
        | Fact::UnitFailed { .. }
        | Fact::UnitClosed { .. } => (Keeping, kept_words(spec, fact)),
        Fact::MessageStored { .. }
        | Fact::MessageRefused { .. }
        | Fact::HandedOut { .. }
        | Fact::HandoutFailed { .. }
        | Fact::MessageSettled { .. }
        | Fact::AnswerTooLate { .. }
        | Fact::MessageKnown { .. }
        | Fact::MessageAbsorbed { .. }
        | Fact::MessageUnfinished { .. }
        | Fact::LanesReassigned { .. }
        | Fact::MessageEnded { .. } => (Queues, queue_words(spec, fact)),
        Fact::QueueFilled { .. } => (Details, String::new()),
        Fact::LayerLetIn { .. } | Fact::LayerDetail { .. } => (Details, detail_words(spec, fact)),
        Fact::FaultStarted { .. }
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
        | Fact::InstanceEjected { .. }
        | Fact::EjectionStopped { .. }
        | Fact::InstanceOnTrial { .. }
        | Fact::InstanceReturned { .. }
        | Fact::Checked { .. }
        | Fact::HealthJudged { .. } => (World, world_words(spec, fact)),
    }
}

/// An instance as `service/number`.
fn place(spec: &ModelSpec, instance: InstanceId) -> String {
    let service = &spec.services[spec.instances[instance]];
    format!("{}/{}", service.name, instance.0 - service.first_instance.0)
}

fn call_words(spec: &ModelSpec, now: SimTime, fact: &Fact) -> String {
    match *fact {
        Fact::CallStarted {
            call, site, parent, ..
        } => {
            let target = spec.operation_name(spec.sites[site].target);
            let of = if parent == 0 {
                String::new()
            } else {
                format!(" for a{parent}")
            };
            format!("c{call} wants {target}{of}")
        }
        Fact::CallEnded {
            call,
            started_at,
            ending,
            ..
        } => {
            format!(
                "c{call} {} after {}",
                ended(spec, ending),
                now.since(started_at)
            )
        }
        Fact::AttemptSent {
            attempt,
            call,
            instance,
            ..
        } => {
            format!("c{call} sends a{attempt} to {}", place(spec, instance))
        }
        Fact::AttemptEnded {
            attempt,
            answered,
            ending,
            ..
        } => {
            let how = if answered { "answered" } else { "given up" };
            format!("a{attempt} {how}: {}", ended(spec, ending))
        }
        Fact::MessageLost {
            attempt, answer, ..
        } => {
            let what = if answer { "answer" } else { "request" };
            format!("{what} of a{attempt} lost")
        }
        Fact::AnswerUnwanted {
            attempt, lost_race, ..
        } => {
            let why = if lost_race { ", it had lost" } else { "" };
            format!("answer of a{attempt} unwanted{why}")
        }
        ref other => panic!("not of a call: {other:?}"),
    }
}

fn kept_words(spec: &ModelSpec, fact: &Fact) -> String {
    match *fact {
        Fact::KeptWaits { attempt, .. } => format!("a{attempt} waits for a connection"),
        Fact::KeptGranted {
            attempt, waited, ..
        } => format!("a{attempt} has a connection{}", span(" after", waited)),
        Fact::KeptRefused {
            attempt,
            outcome,
            waited,
            ..
        } => format!("a{attempt} {outcome}{}", span(" after", waited)),
        Fact::KeptGivenUp { attempt, .. } => format!("a{attempt} waits no more"),
        Fact::KeptReturned {
            attempt, broken, ..
        } => {
            let how = if broken { " broken" } else { "" };
            format!("a{attempt} gives its connection back{how}")
        }
        Fact::UnitOpened { to, took, .. } => {
            format!(
                "connection to {} opened{}",
                place(spec, to),
                span(" after", took)
            )
        }
        Fact::UnitFailed { to, .. } => format!("connection to {} not opened", place(spec, to)),
        Fact::UnitClosed { to, .. } => format!("connection to {} closed", place(spec, to)),
        ref other => panic!("not of something kept: {other:?}"),
    }
}

fn queue_words(spec: &ModelSpec, fact: &Fact) -> String {
    let name = |queue| &spec.queues[queue].name;
    match *fact {
        Fact::MessageStored { queue, attempt } => {
            format!("{} stores the message of a{attempt}", name(queue))
        }
        Fact::MessageRefused { queue, attempt } => {
            format!("{} has no room for the message of a{attempt}", name(queue))
        }
        Fact::HandedOut {
            queue,
            instance,
            call,
            nth,
            ..
        } => {
            let to = place(spec, instance);
            format!("{} hands out to {to}, time {nth}, by c{call}", name(queue))
        }
        Fact::HandoutFailed { queue, why, delay } => {
            let after = span(" for", delay);
            format!("{} takes back: {}{after}", name(queue), why.name())
        }
        Fact::MessageSettled { queue, late, age } => {
            let how = if late { " late" } else { "" };
            format!("{} settles{how} at age {age}", name(queue))
        }
        Fact::MessageKnown { queue, attempt } => {
            format!("{} knows the message of a{attempt}", name(queue))
        }
        Fact::MessageAbsorbed { queue, age } => {
            format!("{} settles what is done, at age {age}", name(queue))
        }
        Fact::MessageUnfinished { queue, age } => {
            format!(
                "{} has settled, at age {age}, what is not done",
                name(queue)
            )
        }
        Fact::LanesReassigned { queue } => format!("{} has other owners", name(queue)),
        Fact::AnswerTooLate { queue } => format!("{} has an answer too late", name(queue)),
        Fact::MessageEnded { queue, how, age } => {
            format!("{} ends one at age {age}: {}", name(queue), how.name())
        }
        ref other => panic!("not of a queue: {other:?}"),
    }
}

fn deed_words(spec: &ModelSpec, fact: &Fact) -> String {
    let name = |effect| &spec.effects[effect].name;
    match *fact {
        Fact::EffectDone {
            attempt,
            effect,
            root,
            how,
        } => format!(
            "a{attempt} does {} for c{root}: {}",
            name(effect),
            how.name()
        ),
        Fact::EffectUndone {
            attempt,
            effect,
            root,
            how,
            ..
        } => format!(
            "a{attempt} undoes {} for c{root}: {}",
            name(effect),
            how.name()
        ),
        Fact::InvariantDiffers { invariant, root } => {
            format!("{} differs for c{root}", spec.invariants[invariant].name)
        }
        Fact::InvariantEqual {
            invariant,
            root,
            since,
            broken,
        } => {
            let was = if broken { ", was broken" } else { "" };
            let name = &spec.invariants[invariant].name;
            format!("{name} holds for c{root}, differed since {since}{was}")
        }
        Fact::InvariantBroken {
            invariant,
            root,
            since,
        } => {
            let name = &spec.invariants[invariant].name;
            format!("{name} is broken for c{root}, differs since {since}")
        }
        _ => unreachable!("no fact about effects with names: {fact:?}"),
    }
}

fn saga_words(fact: &Fact) -> String {
    match *fact {
        Fact::SagaBegan { number, root, .. } => format!("saga {number} begins for c{root}"),
        Fact::SagaCalled {
            number,
            step,
            undo,
            how,
            ..
        } => {
            let what = if undo { "undo of " } else { "" };
            format!("saga {number} {what}{step}: {}", how.name())
        }
        Fact::SagaLeft { number, .. } => format!("saga {number} is left"),
        Fact::SagaResumed {
            number, attempt, ..
        } => format!("saga {number} goes on in a{attempt}"),
        Fact::SagaEnded {
            number, how, took, ..
        } => format!("saga {number} {} after {took}", how.name()),
        _ => unreachable!("no fact about sagas: {fact:?}"),
    }
}

fn effect_words(fact: &Fact) -> String {
    match *fact {
        Fact::EffectRepeated {
            attempt, wanted, ..
        } => {
            let caller = if wanted { "" } else { ", its caller gone" };
            format!("a{attempt} takes effect again{caller}")
        }
        Fact::KeyForgotten { attempt, .. } => format!("a{attempt} key forgotten"),
        Fact::KeyMatched {
            attempt, answer, ..
        } => format!("a{attempt} known by its key: {}", answer.name()),
        _ => unreachable!("no fact about effects: {fact:?}"),
    }
}

fn operation_words(spec: &ModelSpec, fact: &Fact) -> String {
    match *fact {
        Fact::OperationArrived {
            attempt, instance, ..
        } => {
            format!("a{attempt} arrives at {}", place(spec, instance))
        }
        Fact::AdmissionRefused { attempt, layer, .. } => {
            format!("a{attempt} refused by {}", spec.admission[layer].name)
        }
        Fact::AdmissionLimit {
            layer,
            instance,
            from,
            to,
        } => {
            let name = &spec.admission[layer].name;
            format!("{name} of {} {from} -> {to}", place(spec, instance))
        }
        Fact::OperationRejected {
            attempt,
            outcome,
            waited,
            ..
        } => {
            format!("a{attempt} {outcome}{}", span(" after", waited))
        }
        Fact::OperationStarted {
            attempt, waited, ..
        } => {
            format!("a{attempt} starts{}", span(" after", waited))
        }
        Fact::OperationFinished {
            attempt,
            outcome,
            held,
            ..
        } => {
            format!("a{attempt} finishes {outcome}{}", span(", held", held))
        }
        Fact::OperationDropped {
            attempt,
            reason,
            held,
            ..
        } => {
            format!("a{attempt} {reason:?}{}", span(", held", held))
        }
        Fact::OperationLost {
            attempt,
            held,
            running,
            ..
        } => {
            let from = if running { "running" } else { "waiting" };
            format!("a{attempt} lost {from}{}", span(", held", held))
        }
        Fact::ThreadTaken { attempt, .. } => format!("a{attempt} takes a thread"),
        Fact::ThreadReturned { attempt, .. } => format!("a{attempt} returns its thread"),
        ref other => panic!("not of an operation: {other:?}"),
    }
}

fn world_words(spec: &ModelSpec, fact: &Fact) -> String {
    match *fact {
        Fact::FaultStarted { fault } => format!("{} begins", spec.faults[fault].name),
        Fact::FaultEnded { fault } => format!("{} ends", spec.faults[fault].name),
        Fact::FaultStruck { fault, instance } => {
            format!("{} hits {}", spec.faults[fault].name, place(spec, instance))
        }
        Fact::FaultLifted { fault, instance } => {
            format!(
                "{} leaves {}",
                spec.faults[fault].name,
                place(spec, instance)
            )
        }
        Fact::InstanceDown { instance } => format!("{} dies", place(spec, instance)),
        Fact::InstanceUp { instance } => format!("{} is back", place(spec, instance)),
        Fact::OutOfMemory { instance, calls } => {
            format!(
                "{} is out of memory with {calls} calls",
                place(spec, instance)
            )
        }
        Fact::MemoryRose { instance, percent } => {
            format!("{} holds {percent} % of its memory", place(spec, instance))
        }
        Fact::RotationChanged {
            instance,
            in_rotation,
            ..
        } => {
            let where_to = if in_rotation { "in" } else { "out of" };
            format!("{} {where_to} rotation", place(spec, instance))
        }
        Fact::Checked {
            check,
            instance,
            ending,
            ..
        } => {
            let (name, of) = (&spec.checks[check].name, place(spec, instance));
            format!("check {name} of {of} ends {}", ending.outcome())
        }
        Fact::HealthJudged {
            check,
            instance,
            verdict,
            ..
        } => {
            let (name, of) = (&spec.checks[check].name, place(spec, instance));
            format!(
                "by {name} {of} {}",
                verdict.map_or("is new", HealthVerdict::name)
            )
        }
        ref of_life => life_words(spec, of_life),
    }
}

fn life_words(spec: &ModelSpec, fact: &Fact) -> String {
    match *fact {
        Fact::MarkChanged {
            instance,
            mark,
            holds,
            process,
        } => {
            let is = if holds { "is" } else { "no longer" };
            let by = process.map_or(String::new(), |by| format!(" for process {}", by.0));
            format!("{} {is} {}{by}", place(spec, instance), mark.name())
        }
        Fact::Panic {
            service, begins, ..
        } => {
            let turns = if begins { "begins" } else { "ends" };
            format!("panic about {} {turns}", spec.services[service].name)
        }
        Fact::InstanceStops {
            instance,
            incarnation,
            then,
            why,
        } => {
            let name = place(spec, instance);
            let (then, why) = (then.name(), why.name());
            format!("{name} (no. {incarnation}) is to stop and {then}: {why}")
        }
        Fact::InstanceStopped { instance, killed } => {
            let how = if killed { "is killed" } else { "has stopped" };
            format!("{} {how}", place(spec, instance))
        }
        Fact::InstanceStarts {
            instance,
            incarnation,
            restart,
            waited,
        } => {
            let name = place(spec, instance);
            format!("{name} (no. {incarnation}) starts, restart {restart}, after {waited}")
        }
        Fact::InstanceCreated {
            instance,
            incarnation,
        } => format!("{} is created (no. {incarnation})", place(spec, instance)),
        Fact::TurnedAway {
            attempt, instance, ..
        } => format!("a{attempt} is turned away by {}", place(spec, instance)),
        Fact::InstanceEnded { instance } => format!("{} has ended", place(spec, instance)),
        ref verdict => verdict_words(spec, verdict),
    }
}

fn verdict_words(spec: &ModelSpec, fact: &Fact) -> String {
    match *fact {
        Fact::InstanceEjected {
            instance, why, k, ..
        } => format!("{} ejected by {} k={k}", place(spec, instance), why.name()),
        Fact::EjectionStopped { instance, why, .. } => {
            format!("{} not ejected by {}", place(spec, instance), why.name())
        }
        Fact::InstanceOnTrial { instance, sent, .. } => {
            let how = if sent { "is tried" } else { "may be tried" };
            format!("{} {how}", place(spec, instance))
        }
        Fact::InstanceReturned {
            instance,
            by,
            after,
            ..
        } => format!(
            "{} returned by {} after {after}",
            place(spec, instance),
            by.name()
        ),
        ref other => panic!("not of the world: {other:?}"),
    }
}

fn detail_words(spec: &ModelSpec, fact: &Fact) -> String {
    let name = |layer: LayerId| &spec.layers[layer].name;
    match *fact {
        Fact::LayerLetIn {
            call,
            layer,
            waited,
        } => format!("c{call} let in by {} after {waited}", name(layer)),
        Fact::LayerDetail {
            call,
            layer,
            detail,
            times,
            ..
        } => format!("c{call} {} {} {times}x", name(layer), detail.name()),
        ref other => panic!("no detail: {other:?}"),
    }
}

#[expect(clippy::too_many_lines, reason = "one arm per kind of fact")]
fn policy_words(spec: &ModelSpec, fact: &Fact) -> String {
    let name = |layer: LayerId| &spec.layers[layer].name;
    match *fact {
        Fact::LayerLimit {
            layer, from, to, ..
        } => {
            format!("{} {from} -> {to}", name(layer))
        }
        Fact::LayerStopped {
            call,
            layer,
            outcome,
            ..
        } => {
            format!("c{call} {} says {outcome}", name(layer))
        }
        Fact::LayerWaits { call, layer, .. } => format!("c{call} waits in {}", name(layer)),
        Fact::TimedOut { call, layer, .. } => format!("c{call} {} over", name(layer)),
        Fact::RetryPlanned {
            call,
            layer,
            passes,
            delay,
            ..
        } => {
            format!("c{call} {} after {passes}, in {delay}", name(layer))
        }
        Fact::RetryStopped {
            call,
            layer,
            passes,
            reason,
        } => {
            format!("c{call} {} {} after {passes}", name(layer), reason.name())
        }
        Fact::BudgetAsked {
            call,
            layer,
            budget,
            granted,
            left,
            ..
        } => {
            let answer = if granted { "grants" } else { "refuses" };
            let budget = &spec.budgets[budget].name;
            format!(
                "c{call} {} asks, {budget} {answer}, {left} left",
                name(layer)
            )
        }
        Fact::FallbackUsed {
            call,
            layer,
            instead_of,
        } => {
            format!("c{call} {} for {instead_of}", name(layer))
        }
        Fact::FallbackAged { call, layer, age } => {
            format!("c{call} {} has an answer {age} old", name(layer))
        }
        Fact::FallbackMissing { call, layer, age } => match age {
            None => format!("c{call} {} has no answer", name(layer)),
            Some(age) => format!("c{call} {} has only an answer {age} old", name(layer)),
        },
        Fact::FallbackCalled {
            call,
            layer,
            instead_of,
            other,
        } => format!("c{call} {} calls c{other} for {instead_of}", name(layer)),
        Fact::FallbackFailed {
            call,
            layer,
            outcome,
        } => format!("c{call} {} falls back on {outcome}", name(layer)),
        Fact::HedgeSent { call, layer, pass } => {
            format!("c{call} {} begins pass {pass}", name(layer))
        }
        Fact::HedgeDecided {
            call,
            layer,
            winner,
            passes,
            lost,
        } => {
            format!(
                "c{call} {} won by {winner} of {passes}, {lost} lost",
                name(layer)
            )
        }
        Fact::BreakerChanged {
            layer,
            process,
            from,
            to,
            ..
        } => {
            format!(
                "{} of p{} {} to {}",
                name(layer),
                process.0,
                from.name(),
                to.name()
            )
        }
        ref other => panic!("not of a layer: {other:?}"),
    }
}

/// The outcome; what a failure goes back to, where that is not plain.
fn ended(spec: &ModelSpec, ending: Ending) -> String {
    let place = |place: Place| match place {
        Place::Layer(layer) => spec.layers[layer].name.clone(),
        Place::Operation(operation) => spec.operation_name(operation),
        Place::Network(operation) => format!("the way to {}", spec.operation_name(operation)),
        Place::Kept(id) => spec.kept[id].name.clone(),
    };
    let (outcome, by, cause) = (ending.outcome(), ending.by(), ending.cause());
    match cause.kind {
        CauseKind::Ended(of) if of == outcome && cause.place == by => outcome.to_string(),
        CauseKind::Ended(of) => format!("{outcome} for {of} in {}", place(cause.place)),
        kind => format!("{outcome}, {kind:?} in {}", place(cause.place)),
    }
}

fn span(words: &str, span: SimDuration) -> String {
    if span.is_zero() {
        String::new()
    } else {
        format!("{words} {span}")
    }
}

//! A host of the pipeline with a virtual clock, timers, and attempts that end as a script says.
//!
//! It checks what every host relies on while it plays: no timer is cleared twice or left behind,
//! an attempt ends once, a call is answered at most once and never after it was given up.

use super::{FrameIx, SimTime, StateLayout};
use crate::id::{LayerId, OperationId};
use crate::policy::pipeline::{
    AbandonReason, Alarm, AlarmKind, BudgetPlace, Choice, FallbackCall, Host, HostAttempt,
    HostCall, Inside, Layers, Note, Owner, Pipelines, SendRequest, Standing,
};
use crate::policy::{
    Applied, BudgetConfig, BulkheadConfig, Cause, CauseKind, Ending, Excess, Layer, Outcome, Place,
    RetryHint,
};
use crate::random::{SiteKey, child_key};
use crate::time::SimDuration;
use std::collections::BTreeMap;

/// Processes that call.
pub(super) const OWNERS: u32 = 2;
/// Instances that are called.
pub(super) const INSTANCES: u32 = 3;
/// More events than any of these tests can need.
const EVENTS_MAX: u32 = 100_000;

/// Whose state a layer uses.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scope {
    Caller,
    Shared,
    TargetInstance,
}

/// What the world outside the pipeline does.
#[derive(Clone, Debug, Default)]
pub(super) struct Script {
    /// Start and owner of each call.
    pub(super) calls: Vec<(SimTime, u32)>,
    /// Latency and outcome of the attempts, in the order of sending, again and again.
    pub(super) attempts: Vec<(SimDuration, Outcome)>,
    /// Calls whose caller stops waiting, and when.
    pub(super) given_up: Vec<(SimTime, HostCall)>,
    /// Processes that die, and when.
    pub(super) deaths: Vec<(SimTime, u32)>,
    /// Settings that change.
    pub(super) changes: Vec<(SimTime, LayerId, Layer)>,
    /// Instances in rotation; it changes at these instants.
    pub(super) rotations: Vec<(SimTime, Vec<u32>)>,
    /// Whether the operation may be done twice.
    pub(super) repeatable: bool,
    /// What the callee asks its callers for, whenever it fails.
    pub(super) retry_after: Option<RetryHint>,
    /// What all layers that have a budget ask, each process its own.
    pub(super) budget: Option<BudgetConfig>,
    /// Whether fallbacks find somebody to call.
    pub(super) elsewhere: bool,
}

/// Something that comes due; at one instant in the order of classes: changes, completions,
/// expiries, starts (rule 41).
#[derive(Clone, Debug)]
enum Due {
    GiveUp(HostCall),
    Death(u32),
    Change(LayerId, Layer),
    Rotate(Vec<u32>),
    Result(HostAttempt, Outcome),
    Alarm(Alarm, FrameIx),
    FallbackCall(HostCall, FrameIx, Ending),
    Start(HostCall),
}

const CHANGE: u8 = 0;
const COMPLETION: u8 = 1;
const EXPIRY: u8 = 2;
const START: u8 = 3;

type Key = (SimTime, u8, u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallState {
    Waiting,
    Answered(Outcome),
    GivenUp,
}

#[derive(Clone, Debug)]
pub(super) struct LabCall {
    pub(super) owner: u32,
    pub(super) state: CallState,
    top: Inside,
    pub(super) detached: u32,
    /// The frame of the fallback that made it, while that waits.
    fallback: Option<FrameIx>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct LabAttempt {
    call: HostCall,
    outer: FrameIx,
    result: Key,
    pub(super) under_way: bool,
}

/// The host.
#[derive(Debug)]
pub(super) struct FakeHost {
    now: SimTime,
    due: BTreeMap<Key, Due>,
    scheduled: u32,
    /// When the alarms that are set go off.
    alarms: BTreeMap<u32, Key>,
    /// Alarms that were cleared, by the instant they were set for.
    pub(super) cleared: Vec<SimTime>,
    attempts_script: Vec<(SimDuration, Outcome)>,
    repeatable: bool,
    retry_after: Option<RetryHint>,
    elsewhere: bool,
    pub(super) calls: Vec<LabCall>,
    pub(super) attempts: Vec<LabAttempt>,
    rotation: Vec<u32>,
    choices: u32,
    /// What happened, one line each.
    pub(super) log: Vec<String>,
    /// Settings that took effect, in order.
    pub(super) details: Vec<(LayerId, Applied, u32)>,
    /// How long passes had waited that were let in, in order.
    pub(super) let_in: Vec<(LayerId, SimDuration)>,
    /// Who waits for a permit, by layer and owner of its state, in the order of coming.
    waiting: BTreeMap<(LayerId, u32), Vec<HostCall>>,
    shared: Vec<bool>,
    /// Whether the order of waiting can be followed: every pass that waits belongs to its call.
    follows_waiting: bool,
}

/// The pipeline and its host.
pub(super) struct Play {
    pub(super) fake: FakeHost,
    pub(super) pipelines: Pipelines,
    pub(super) layers: Vec<(Layer, Scope)>,
}

impl Play {
    pub(super) fn new(layers: &[(Layer, Scope)], script: &Script) -> Self {
        let mut pipelines = Pipelines::default();
        for (number, (layer, scope)) in layers.iter().enumerate() {
            push(
                &mut pipelines.layers,
                layer,
                *scope,
                number + 1 == layers.len(),
            );
        }
        if let Some(config) = &script.budget {
            bind(&mut pipelines.layers, config, layers);
        }
        let mut fake = FakeHost {
            now: SimTime::ZERO,
            due: BTreeMap::new(),
            scheduled: 0,
            alarms: BTreeMap::new(),
            cleared: Vec::new(),
            attempts_script: script.attempts.clone(),
            repeatable: script.repeatable,
            retry_after: script.retry_after,
            elsewhere: script.elsewhere,
            calls: Vec::new(),
            attempts: Vec::new(),
            rotation: (0..INSTANCES).collect(),
            choices: 0,
            log: Vec::new(),
            details: Vec::new(),
            let_in: Vec::new(),
            waiting: BTreeMap::new(),
            shared: layers
                .iter()
                .map(|(_, scope)| matches!(scope, Scope::Shared))
                .collect(),
            follows_waiting: !layers.iter().any(|(layer, _)| {
                let hedges = matches!(layer, Layer::Hedge(_));
                hedges || detaches(layer) || asks_again(layer)
            }),
        };
        for (number, &(at, owner)) in script.calls.iter().enumerate() {
            let call = LabCall {
                owner,
                state: CallState::Waiting,
                top: Inside::NOTHING,
                detached: 0,
                fallback: None,
            };
            fake.calls.push(call);
            fake.schedule(at, START, Due::Start(number as u32));
        }
        for &(at, call) in &script.given_up {
            fake.schedule(at, CHANGE, Due::GiveUp(call));
        }
        for &(at, owner) in &script.deaths {
            fake.schedule(at, CHANGE, Due::Death(owner));
        }
        for (at, layer, config) in &script.changes {
            fake.schedule(*at, CHANGE, Due::Change(*layer, config.clone()));
        }
        for (at, instances) in &script.rotations {
            fake.schedule(*at, CHANGE, Due::Rotate(instances.clone()));
        }
        Self {
            fake,
            pipelines,
            layers: layers.to_vec(),
        }
    }

    /// Plays until nothing is due, calling `after_each` after each event.
    pub(super) fn run(&mut self, mut after_each: impl FnMut(&mut Self)) {
        let mut events = 0;
        while let Some(((at, _, _), due)) = self.fake.due.pop_first() {
            events += 1;
            assert!(events < EVENTS_MAX, "it never ends");
            assert!(at >= self.fake.now);
            self.fake.now = at;
            self.handle(due);
            after_each(self);
        }
    }

    fn handle(&mut self, due: Due) {
        let Self {
            fake,
            pipelines,
            layers,
        } = self;
        match due {
            Due::Start(call) => {
                // A call whose caller stopped waiting before it began does not begin.
                if fake.calls[call as usize].state == CallState::Waiting {
                    let first = (!layers.is_empty()).then_some(LayerId(0));
                    pipelines.start(fake, call, first);
                }
            }
            Due::Result(ix, outcome) => {
                let LabAttempt { call, outer, .. } = fake.attempts[ix as usize];
                fake.attempts[ix as usize].under_way = false;
                fake.say(&format!("a{ix} {outcome}"));
                let ending = Ending::here(outcome, Place::Operation(OperationId(0)));
                pipelines.on_result(fake, ix, outer, call, ending);
            }
            Due::Alarm(alarm, frame) => {
                assert!(fake.alarms.remove(&alarm.0).is_some());
                pipelines.on_alarm(fake, frame);
            }
            Due::FallbackCall(call, frame, ending) => {
                // The fallback may have been given up in the meantime.
                if fake.calls[call as usize].fallback.take().is_some() {
                    pipelines.on_fallback_call(fake, frame, ending);
                }
            }
            Due::GiveUp(call) => {
                Self::give_up(fake, pipelines, call);
                pipelines.settle(fake);
            }
            Due::Death(owner) => self.die(owner),
            Due::Change(layer, config) => {
                layers[layer.0 as usize].0 = config.clone();
                pipelines.reconfigure(fake, layer, config);
            }
            Due::Rotate(instances) => fake.rotation = instances,
        }
    }

    fn give_up(fake: &mut FakeHost, pipelines: &mut Pipelines, call: HostCall) {
        if fake.calls[call as usize].state != CallState::Waiting {
            return;
        }
        fake.calls[call as usize].fallback = None;
        let top = fake.calls[call as usize].top;
        fake.say(&format!("c{call} given up"));
        fake.calls[call as usize].state = CallState::GivenUp;
        for line in fake.waiting.values_mut() {
            line.retain(|&waiter| waiter != call);
        }
        pipelines.abandon(fake, top, AbandonReason::NotNeeded);
    }

    fn die(&mut self, owner: u32) {
        let Self {
            fake,
            pipelines,
            layers,
        } = self;
        pipelines.abandon_detached(fake, |fake, call| fake.calls[call as usize].owner == owner);
        for call in 0..fake.calls.len() as u32 {
            if fake.calls[call as usize].owner == owner {
                Self::give_up(fake, pipelines, call);
            }
        }
        for layer in 0..layers.len() as u32 {
            pipelines
                .layers
                .forget(LayerId(layer), Owner(owner), fake.now);
        }
        pipelines.settle(fake);
    }

    /// Nothing is under way any more: whatever was taken was given back.
    pub(super) fn assert_over(&mut self) {
        let Self {
            fake,
            pipelines,
            layers,
        } = self;
        for (number, call) in fake.calls.iter().enumerate() {
            assert_ne!(
                call.state,
                CallState::Waiting,
                "call {number} has no outcome"
            );
            assert_eq!(call.detached, 0, "call {number} has a pass that never ends");
        }
        assert!(fake.attempts.iter().all(|attempt| !attempt.under_way));
        assert!(fake.alarms.is_empty(), "timers are left: {:?}", fake.alarms);
        assert_eq!(pipelines.frames_in_use(), 0, "frames are left");
        assert_eq!(pipelines.layers.held(), (0, 0), "permits are left");
        assert_eq!(pipelines.layers.granted(), (0, 0), "grants are left");
        for (number, (layer, scope)) in layers.iter().enumerate() {
            for (owner, instance) in states(*scope) {
                let admits = pipelines.layers.would_admit(
                    LayerId(number as u32),
                    owner,
                    instance,
                    SimTime::NEVER,
                );
                assert!(admits, "{layer:?} never admits again");
            }
        }
    }

    /// No bulkhead holds more than its limit.
    pub(super) fn assert_limits(&mut self) {
        for (number, (layer, scope)) in self.layers.iter().enumerate() {
            if let Layer::Bulkhead(BulkheadConfig {
                max_concurrent,
                max_waiting,
                ..
            }) = layer
            {
                for (owner, instance) in states(*scope) {
                    let layers = &self.pipelines.layers;
                    let (inside, waiting) =
                        layers.held_at(layers.state_of(LayerId(number as u32), owner, instance));
                    assert!(inside <= *max_concurrent, "too many inside");
                    assert!(waiting <= *max_waiting, "too many wait");
                }
            }
        }
    }
}

fn detaches(layer: &Layer) -> bool {
    matches!(layer, Layer::Timeout(config) if config.on_expiry == super::OnExpiry::Detach)
}

/// Calls that wait for a probe ask again when it ends, as newcomers do: nobody has a place in line.
fn asks_again(layer: &Layer) -> bool {
    matches!(layer, Layer::Breaker(config) if config.half_open.excess == Excess::Queue)
}

/// Every state of a layer, by owner and instance.
fn states(scope: Scope) -> impl Iterator<Item = (Owner, u32)> {
    let (owners, instances) = match scope {
        Scope::Caller => (OWNERS, 1),
        Scope::Shared => (1, 1),
        Scope::TargetInstance => (OWNERS, INSTANCES),
    };
    (0..owners).flat_map(move |owner| (0..instances).map(move |i| (Owner(owner), i)))
}

fn push(layers: &mut Layers, layer: &Layer, scope: Scope, innermost: bool) {
    let (per_process, per_instance, count) = match scope {
        Scope::Caller => (1, false, OWNERS),
        Scope::Shared => (0, false, 1),
        Scope::TargetInstance => (INSTANCES, true, OWNERS * INSTANCES),
    };
    let base = layers.states();
    let state = StateLayout {
        base,
        per_process,
        per_instance,
    };
    layers.push(layer.clone(), state, count, innermost, SiteKey(7));
}

/// Gives the layers that ask a budget one for each process.
fn bind(all: &mut Layers, config: &BudgetConfig, layers: &[(Layer, Scope)]) {
    let budget = all.budgets.push(config.clone());
    let place = BudgetPlace {
        budget,
        base: all.budgets.add_states(budget, OWNERS),
        per_process: 1,
    };
    for (number, (layer, _)) in layers.iter().enumerate() {
        if layer.budget().is_some() {
            all.bind_budget(LayerId(number as u32), place);
        }
    }
}

impl FakeHost {
    pub(super) fn say(&mut self, what: &str) {
        self.log.push(format!("{} {what}", self.now));
    }

    fn schedule(&mut self, at: SimTime, class: u8, due: Due) -> Key {
        self.scheduled += 1;
        let key = (at, class, self.scheduled);
        self.due.insert(key, due);
        key
    }

    /// A call goes on inside this layer (an attempt is inside all): if it waited there, it was the
    /// first in line.
    fn goes_on_within(&mut self, call: HostCall, inside: LayerId) {
        for (&(layer, _), line) in &mut self.waiting {
            let Some(place) = line.iter().position(|&waiter| waiter == call) else {
                continue;
            };
            if layer < inside {
                assert!(
                    !self.follows_waiting || place == 0,
                    "call {call} overtook in {layer:?}"
                );
                line.remove(place);
            }
        }
    }

    /// A call stops waiting in all lines of this layer and inside it.
    fn leaves_lines_within(&mut self, call: HostCall, layer: LayerId) {
        for (&(line_of, _), line) in &mut self.waiting {
            if line_of >= layer {
                line.retain(|&waiter| waiter != call);
            }
        }
    }
}

impl Host for FakeHost {
    fn now(&self) -> SimTime {
        self.now
    }

    fn set_alarm(&mut self, at: SimTime, kind: AlarmKind, frame: FrameIx) -> Alarm {
        assert!(at >= self.now);
        let class = match kind {
            AlarmKind::Expiry => EXPIRY,
            AlarmKind::Start => START,
        };
        let alarm = Alarm(self.scheduled);
        let key = self.schedule(at, class, Due::Alarm(alarm, frame));
        self.alarms.insert(alarm.0, key);
        alarm
    }

    fn clear_alarm(&mut self, alarm: Alarm) {
        let key = self.alarms.remove(&alarm.0).expect("an alarm that is set");
        self.due.remove(&key).expect("an alarm that is due");
        self.cleared.push(key.0);
    }

    fn owner(&self, call: HostCall) -> Owner {
        Owner(self.calls[call as usize].owner)
    }

    fn key(&self, call: HostCall) -> u64 {
        child_key(1, u64::from(call), 0)
    }

    fn entered(&mut self, call: HostCall, top: Inside) {
        assert_eq!(self.calls[call as usize].state, CallState::Waiting);
        self.calls[call as usize].top = top;
    }

    fn subject(&self, _call: HostCall) -> u32 {
        0
    }

    fn choose(&mut self, choice: Choice<'_>) -> Option<u32> {
        self.goes_on_within(choice.call, LayerId(u32::MAX));
        self.choices += 1;
        let first = self.choices as usize;
        let instances =
            (0..self.rotation.len()).map(|i| self.rotation[(first + i) % self.rotation.len()]);
        instances
            .into_iter()
            .find(|&i| choice.allowed.is_none_or(|allowed| allowed(i)))
    }

    fn any_in_rotation(&self, _call: HostCall, allowed: &dyn Fn(u32) -> bool) -> bool {
        self.rotation.iter().any(|&i| allowed(i))
    }

    fn send(&mut self, request: SendRequest) -> Option<HostAttempt> {
        let chosen = request.instance.or_else(|| self.choose(request.choice()));
        let instance = chosen?;
        let call = &self.calls[request.call as usize];
        assert!(
            call.state == CallState::Waiting || call.detached > 0,
            "an attempt of a call that is over"
        );
        assert!(self.rotation.contains(&instance));
        let ix = self.attempts.len() as u32;
        let (latency, outcome) = self.attempts_script[ix as usize % self.attempts_script.len()];
        let result = self.schedule(self.now + latency, COMPLETION, Due::Result(ix, outcome));
        self.attempts.push(LabAttempt {
            call: request.call,
            outer: request.outer,
            result,
            under_way: true,
        });
        let by = match request.deadline {
            SimTime::NEVER => String::new(),
            deadline => format!(" by {deadline}"),
        };
        self.say(&format!("c{} sends a{ix}{by}", request.call));
        if request.outer == FrameIx::NONE {
            self.entered(request.call, Inside::attempt(ix));
        }
        Some(ix)
    }

    fn call_fallback(&mut self, fallback: FallbackCall) -> Option<(HostCall, Option<LayerId>)> {
        if !self.elsewhere {
            return None;
        }
        let other = self.calls.len() as u32;
        self.calls.push(LabCall {
            owner: self.calls[fallback.call as usize].owner,
            state: CallState::Waiting,
            top: Inside::NOTHING,
            detached: 0,
            fallback: Some(fallback.frame),
        });
        let by = match fallback.deadline {
            SimTime::NEVER => String::new(),
            deadline => format!(" by {deadline}"),
        };
        self.say(&format!(
            "c{} L{} calls c{other}{by} for {}",
            fallback.call, fallback.layer.0, fallback.because
        ));
        Some((other, None))
    }

    fn top(&self, call: HostCall) -> Inside {
        self.calls[call as usize].top
    }

    fn orphan(&mut self, call: HostCall) -> bool {
        let record = &mut self.calls[call as usize];
        record.fallback = None;
        record.state == CallState::Waiting
    }

    fn end_orphan(&mut self, call: HostCall, _reason: AbandonReason) {
        let record = &mut self.calls[call as usize];
        assert_eq!(record.state, CallState::Waiting);
        record.state = CallState::GivenUp;
        record.top = Inside::NOTHING;
        self.say(&format!("c{call} cancelled"));
    }

    fn abandon(&mut self, attempt: HostAttempt, reason: AbandonReason) {
        let record = &mut self.attempts[attempt as usize];
        assert!(
            record.under_way,
            "attempt {attempt} is over and was abandoned"
        );
        record.under_way = false;
        let result = record.result;
        self.due.remove(&result).expect("a result that is due");
        let why = match reason {
            AbandonReason::TimedOut(layer, _) => format!("timed out in L{}", layer.0),
            AbandonReason::LostHedge(layer) => format!("lost in L{}", layer.0),
            AbandonReason::NotNeeded | AbandonReason::CallerDied => "cancelled".to_owned(),
        };
        self.say(&format!("a{attempt} {why}"));
    }

    fn lost(&mut self, attempt: HostAttempt) {
        assert!(self.attempts[attempt as usize].under_way);
        self.say(&format!("a{attempt} lost, runs on"));
    }

    fn standing(&self, attempt: HostAttempt) -> Standing {
        assert!(self.attempts[attempt as usize].under_way);
        let place = Place::Operation(OperationId(0));
        Standing::Here(Cause {
            place,
            kind: CauseKind::AtWork,
        })
    }

    fn unavailable(&self, _call: HostCall) -> Ending {
        Ending::here(Outcome::ErrorUnavailable, Place::Network(OperationId(0)))
    }

    fn repeatable(&self, _call: HostCall) -> bool {
        self.repeatable
    }

    fn retry_after(&self, _call: HostCall, _ending: Ending) -> Option<RetryHint> {
        self.retry_after
    }

    fn answer(&mut self, call: HostCall, ending: Ending) {
        let record = &mut self.calls[call as usize];
        assert_eq!(
            record.state,
            CallState::Waiting,
            "call {call} was answered twice or given up"
        );
        record.state = CallState::Answered(ending.outcome());
        record.top = Inside::NOTHING;
        if let Some(frame) = record.fallback {
            self.schedule(self.now, COMPLETION, Due::FallbackCall(call, frame, ending));
        }
        let (by, cause) = (place(ending.by()), ending.cause());
        let because = match cause.kind {
            CauseKind::Ended(outcome) if outcome == ending.outcome() => String::new(),
            CauseKind::Ended(outcome) => format!(", {outcome} of {}", place(cause.place)),
            CauseKind::InQueue
            | CauseKind::AtWork
            | CauseKind::OnTheWay
            | CauseKind::InBulkhead
            | CauseKind::InLayer
            | CauseKind::InBreaker
            | CauseKind::InBackoff
            | CauseKind::Unreachable
            | CauseKind::InPool
            | CauseKind::NotAccepted => {
                format!(", {:?} of {}", cause.kind, place(cause.place))
            }
        };
        self.say(&format!("c{call} {} by {by}{because}", ending.outcome()));
    }

    fn detached(&mut self, call: HostCall, attempt: Option<HostAttempt>) {
        self.calls[call as usize].detached += 1;
        if let Some(attempt) = attempt {
            self.attempts[attempt as usize].outer = FrameIx::DETACHED;
        }
        self.say(&format!("c{call} lets run on"));
    }

    fn detached_ended(&mut self, call: HostCall) {
        let left = &mut self.calls[call as usize].detached;
        *left = left.checked_sub(1).expect("a detached pass ended twice");
        self.say(&format!("c{call} ran on until now"));
    }

    #[expect(clippy::too_many_lines, reason = "one arm per kind of note")]
    fn note(&mut self, call: HostCall, layer: LayerId, note: Note) {
        let what = match note {
            Note::Stopped(outcome, _) => format!("{outcome}"),
            Note::Waits(by) => {
                self.details.extend(by.iter().map(|it| (layer, it, 1)));
                "waits".to_owned()
            }
            Note::LetIn(waited) => {
                self.let_in.push((layer, waited));
                return;
            }
            Note::Applied(detail, times) => {
                self.details.push((layer, detail, times));
                return;
            }
            Note::HedgeDelay(detail, _) => {
                self.details.push((layer, detail, 1));
                return;
            }
            Note::TimedOut => "times out".to_owned(),
            Note::RetryPlanned { passes, delay, by } => {
                self.details.extend(by.iter().map(|it| (layer, it, 1)));
                format!("retries after {passes}, in {delay}")
            }
            Note::RetryStopped { passes, reason } => format!("{} after {passes}", reason.name()),
            Note::BudgetAsked { granted, left, .. } => {
                let answer = if granted { "granted" } else { "refused" };
                format!("{answer}, {left} left")
            }
            Note::FallbackUsed(outcome) => format!("answers for {outcome}"),
            Note::FallbackAged(age) => format!("with an answer {age} old"),
            Note::FallbackFailed(outcome) => format!("fell back on {outcome}"),
            Note::FallbackMissing(None) => "has nothing to answer".to_owned(),
            Note::FallbackMissing(Some(age)) => format!("has an answer {age} old"),
            Note::HedgeSent { pass } => format!("begins pass {pass}"),
            Note::HedgeDecided {
                winner,
                passes,
                lost,
            } => format!("won by {winner} of {passes}, {lost} lost"),
            Note::Limit(from, to, _) => format!("limit {from} -> {to}"),
            Note::Breaker(change, instance) => {
                let of = instance.map_or(String::new(), |i| format!(" i{i}"));
                format!("{}{of}", change.to.name())
            }
        };
        self.say(&format!("c{call} L{} {what}", layer.0));
        match note {
            Note::Waits(_) => {
                self.goes_on_within(call, layer);
                let owner = if self.shared[layer.0 as usize] {
                    0
                } else {
                    self.owner(call).0
                };
                self.waiting.entry((layer, owner)).or_default().push(call);
            }
            Note::TimedOut => self.leaves_lines_within(call, layer),
            // It may have waited for that, and not been the first in line.
            Note::Stopped(Outcome::StoppedBulkheadTimeout | Outcome::StoppedRateLimited, _) => {
                self.goes_on_within(call, layer);
                self.leaves_lines_within(call, layer);
            }
            Note::Stopped(..) => self.goes_on_within(call, layer),
            Note::LetIn(_)
            | Note::Applied(..)
            | Note::HedgeDelay(..)
            | Note::RetryPlanned { .. }
            | Note::RetryStopped { .. }
            | Note::BudgetAsked { .. }
            | Note::FallbackUsed(_)
            | Note::FallbackAged(_)
            | Note::FallbackMissing(_)
            | Note::FallbackFailed(_)
            | Note::HedgeSent { .. }
            | Note::HedgeDecided { .. }
            | Note::Limit(..)
            | Note::Breaker(..) => {}
        }
    }
}

fn place(place: Place) -> String {
    match place {
        Place::Layer(layer) => format!("L{}", layer.0),
        Place::Operation(_) => "callee".to_owned(),
        Place::Network(_) => "network".to_owned(),
        Place::Kept(_) => "kept".to_owned(),
    }
}

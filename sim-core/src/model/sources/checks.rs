//! Health checks as calls: who asks whom, when, and what became of it (rules 53, 54, 60).
//!
//! There is a [`Watch`] for every check, everyone who makes it, and every instance of the service. It is
//! asleep, waits for its next check, or asks. Its knowledge is [`Health`], which also says how long it
//! waits; what it finds goes out as a [`Change`], and what follows is for `control`.
//!
//! A start of the instance begins a watch by the nodes anew, with nothing known: its first check comes
//! `delay` and phase later, and ticks count from that. A watch by a caller begins anew when another
//! incarnation fills the slot, or when the caller itself has started again. At time 0 all have passed.
//!
//! A check that holds up others (`gates`) is over once it has passed, until the next start; those others
//! begin then. One that restarts ceases when the instance stops, for whatever reason.
//!
//! Rejected: one event for all checks of a service (their phases are what detection times are made of),
//! and a policy with a timeout around the call (one more record for each check; nobody else sees it).

use super::event::SourceEvent;
use crate::id::{CheckId, IdMap, InstanceId, ProcessId, ServiceId};
use crate::kernel::{Class, Timer};
use crate::model::arena::NONE;
use crate::model::attempt::{AttemptFlag, Stage};
use crate::model::call::{CallIx, Labels, NewCall, Then};
use crate::model::cx::Cx;
use crate::model::directory::InstanceState;
use crate::model::fact::{Fact, Observer};
use crate::model::handoff::{Change, Handoff};
use crate::model::spec::{CheckSpec, ModelSpec, OnFail};
use crate::policy::eject::OnErrors;
use crate::policy::pipeline::InsideView;
use crate::policy::{Cause, CauseKind, Ending, Health, HealthVerdict, Outcome, Place, Schedule};
use crate::random::{Draws, KeySource, SiteKey, Uniforms, child_key};
use crate::time::{SimDuration, SimTime};

/// All health checks.
#[derive(Clone, Debug)]
pub(super) struct Checks {
    /// By check, then by who watches, then by slot.
    watches: Vec<Watch>,
    each: IdMap<CheckId, CheckState>,
    /// The checks of each service.
    of: IdMap<ServiceId, Vec<CheckId>>,
    /// Whether nobody begins a check any more.
    closed: bool,
}

/// What is the same for all watches of a check.
#[derive(Clone, Debug)]
struct CheckState {
    first_watch: u32,
    /// Who watches \[count\].
    watchers: u32,
    /// Checks that must have passed before this one begins.
    held_up_by: Vec<CheckId>,
    /// Keys of phases and calls, by watcher group.
    keys: Vec<GroupKeys>,
}

/// The processes of a group that watches.
#[derive(Clone, Copy, Debug)]
struct GroupKeys {
    first: ProcessId,
    count: u32,
    phase: SiteKey,
    calls: SiteKey,
}

/// One who watches one instance by one check.
#[derive(Clone, Debug)]
struct Watch {
    check: CheckId,
    instance: InstanceId,
    /// Who asks.
    process: ProcessId,
    health: Health,
    /// When the first check came since the start; ticks count from it.
    first: SimTime,
    /// When the last one was sent.
    sent: SimTime,
    /// When the next one is, if it waits for that.
    due: SimTime,
    /// The next check, or the end of the time of the one under way.
    timer: Timer,
    /// The check under way.
    call: CallIx,
    /// Checks so far \[count\].
    number: u32,
}

impl Watch {
    fn new(check: CheckId, process: ProcessId, instance: InstanceId) -> Self {
        Self {
            check,
            instance,
            process,
            health: Health::checked(),
            first: SimTime::ZERO,
            sent: SimTime::ZERO,
            due: SimTime::ZERO,
            timer: Timer::NONE,
            call: NONE,
            number: 0,
        }
    }
}

impl Checks {
    pub(super) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        let mut all = Self {
            watches: Vec::new(),
            each: IdMap::new(),
            of: spec.services.iter().map(|_| Vec::new()).collect(),
            closed: false,
        };
        for (id, check) in spec.checks.iter_enumerated() {
            all.of[check.service].push(id);
            all.add(spec, keys, id, check);
        }
        all
    }

    fn add(&mut self, spec: &ModelSpec, keys: &KeySource, id: CheckId, check: &CheckSpec) {
        let first_watch = self.watches.len() as u32;
        let service = &spec.services[check.service];
        let mut groups = Vec::new();
        for watcher in &check.watchers {
            let (first, count) = spec.processes(watcher.group);
            let by = spec.group_name(watcher.group);
            let path = ["service", &service.name, "health", &check.name, by];
            groups.push(GroupKeys {
                first,
                count,
                phase: keys.site(&path, "phase"),
                calls: keys.site(&path, "check"),
            });
            for process in 0..count {
                let process = ProcessId(first.0 + process);
                let first = service.first_instance.0;
                let instances = (first..first + service.instances).map(InstanceId);
                self.watches
                    .extend(instances.map(|instance| Watch::new(id, process, instance)));
            }
        }
        let checks = spec.checks.iter_enumerated();
        let held_up_by = checks.filter(|(_, other)| other.gates.contains(&id));
        self.each.push(CheckState {
            first_watch,
            watchers: groups.iter().map(|group| group.count).sum(),
            held_up_by: held_up_by.map(|(other, _)| other).collect(),
            keys: groups,
        });
    }

    /// Whether there are none at all.
    pub(super) fn are_none(&self) -> bool {
        self.watches.is_empty()
    }

    /// All instances have passed before the story begins.
    pub(super) fn begin<O: Observer>(&mut self, cx: &mut Cx<'_, O>) {
        for watch in 0..self.watches.len() as u32 {
            let of = &mut self.watches[watch as usize];
            let spec = &cx.spec.checks[of.check];
            of.first = spec
                .config
                .first_at(SimTime::ZERO, phase(cx, &self.each, of));
            let is_up = cx.directory.member(of.instance).state == InstanceState::Up;
            if is_up && !spec.ceases_when_passed() {
                schedule(cx, of, watch, of.first);
            }
        }
    }

    /// Nobody begins a check any more; what is under way ends.
    pub(super) fn close<O: Observer>(&mut self, cx: &mut Cx<'_, O>) {
        self.closed = true;
        for watch in &mut self.watches {
            if watch.call == NONE {
                cx.events
                    .cancel(std::mem::replace(&mut watch.timer, Timer::NONE));
            }
        }
    }

    /// It is time to ask.
    pub(super) fn send<O: Observer>(&mut self, cx: &mut Cx<'_, O>, watch: u32) {
        let of = &mut self.watches[watch as usize];
        of.number += 1;
        of.sent = cx.now;
        let spec = &cx.spec.checks[of.check];
        let state = &self.each[of.check];
        let group = group_of(state, of.process);
        let keys = &state.keys[group];
        let who = whom(cx, keys.calls, keys.first, of);
        let new = NewCall {
            key: child_key(who, 0, u64::from(of.number)),
            site: spec.watchers[group].site,
            process: of.process,
            then: Then::Check(watch),
            labels: Labels {
                class: 0,
                tenant: 0,
            },
            avoid: NONE,
            original: true,
        };
        let call = cx.calls.open(cx.now, new, SimTime::NEVER);
        if cx.hands_down {
            cx.begin_root(call);
        }
        let first = cx.spec.services[spec.service].first_instance;
        cx.calls.fix(call, of.instance.0 - first.0);
        of.call = call;
        of.timer = cx.schedule_limit(cx.now + spec.config.timeout, SourceEvent::Late(watch));
        cx.work.push(Handoff::StartCall(call, 0));
    }

    /// A check has had its time and no answer.
    pub(super) fn on_late<O: Observer>(&mut self, cx: &mut Cx<'_, O>, watch: u32) {
        let of = &mut self.watches[watch as usize];
        of.timer = Timer::NONE;
        let call = std::mem::replace(&mut of.call, NONE);
        let place = Place::Operation(cx.spec.checks[of.check].operation);
        let cause = where_it_stands(cx, call, place);
        cx.work.push(Handoff::AbandonCall(call));
        self.on_result(
            cx,
            watch,
            Ending::new(Outcome::TimeoutResponse, place, cause),
        );
    }

    /// A check is answered.
    pub(super) fn on_call_ended<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        watch: u32,
        call: CallIx,
        ending: Ending,
    ) {
        let of = &mut self.watches[watch as usize];
        if of.call != call {
            return;
        }
        of.call = NONE;
        cx.events
            .cancel(std::mem::replace(&mut of.timer, Timer::NONE));
        self.on_result(cx, watch, ending);
    }

    fn on_result<O: Observer>(&mut self, cx: &mut Cx<'_, O>, watch: u32, ending: Ending) {
        let of = &mut self.watches[watch as usize];
        let spec = &cx.spec.checks[of.check];
        cx.tell(&Fact::Checked {
            check: of.check,
            instance: of.instance,
            process: of.process,
            sent_at: of.sent,
            ending,
        });
        let verdict = of.health.on_result(&spec.config, ending.outcome());
        let well = ending.outcome().is_useful() && of.health.is_in(&spec.config);
        if well && cx.spec.services[spec.service].ejection.is_some() {
            cx.work.push_change(Change::Passed {
                instance: of.instance,
                process: of.process,
            });
        }
        let is_over = spec.ceases_when_passed() && of.health.has_passed();
        if !is_over && !self.closed {
            let next = spec.config.next_at(of.health, of.first, of.sent, cx.now);
            schedule(cx, of, watch, next);
        }
        if let Some(verdict) = verdict {
            self.on_verdict(cx, watch, verdict);
        }
    }

    /// An instance failed too often in a row: what the checks of the same owner make of that, which let it
    /// leave. All that follow bring the next one forward (`HAProxy`'s `__health_adjust`).
    #[cold]
    fn suspect<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        (instance, process): (InstanceId, ProcessId),
        how: OnErrors,
    ) {
        let by_callers = process != cx.spec.node();
        for watch in self.watches_of(cx.spec, instance, by_callers) {
            let of = &mut self.watches[watch as usize];
            let spec = &cx.spec.checks[of.check];
            let is_asleep = of.timer == Timer::NONE && of.call == NONE;
            if of.process != process || is_asleep || spec.on_fail != OnFail::Leave {
                continue;
            }
            let verdict = match how {
                OnErrors::Eject | OnErrors::FastCheck => None,
                OnErrors::FailCheck => of.health.fail(&spec.config),
                OnErrors::SuddenDeath => {
                    of.health.come_to_the_brink(&spec.config);
                    of.health.fail(&spec.config)
                }
                OnErrors::MarkDown => of.health.fall(),
            };
            let sooner = cx.now + spec.config.every_pending;
            let follows = spec.config.schedule == Schedule::AfterEnd;
            if follows && of.call == NONE && sooner < of.due {
                cx.events.cancel(of.timer);
                schedule(cx, of, watch, sooner);
            }
            if let Some(verdict) = verdict {
                self.on_verdict(cx, watch, verdict);
            }
        }
    }

    #[cold]
    fn on_verdict<O: Observer>(&mut self, cx: &mut Cx<'_, O>, watch: u32, verdict: HealthVerdict) {
        let of = &self.watches[watch as usize];
        let check = of.check;
        judged(cx, of, Some(verdict));
        if verdict == HealthVerdict::Passes {
            let spec = cx.spec;
            for &held in &spec.checks[check].gates {
                let held = self.beside(watch, held);
                self.begin_if_let(cx, held);
            }
        }
    }

    /// The watch by the same one over the same instance by another check.
    fn beside(&self, watch: u32, check: CheckId) -> u32 {
        let of = &self.watches[watch as usize];
        watch - self.each[of.check].first_watch + self.each[check].first_watch
    }

    /// A watch that waits to begin does, if nothing holds it up any more.
    fn begin_if_let<O: Observer>(&mut self, cx: &mut Cx<'_, O>, watch: u32) {
        let check = self.watches[watch as usize].check;
        let holds = |&by: &CheckId| {
            let by = self.beside(watch, by);
            !self.watches[by as usize].health.has_passed()
        };
        if self.closed || self.each[check].held_up_by.iter().any(holds) {
            return;
        }
        let of = &mut self.watches[watch as usize];
        if of.timer == Timer::NONE && of.call == NONE {
            let config = &cx.spec.checks[check].config;
            let at = config.begins_at(of.first, cx.now);
            schedule(cx, of, watch, at);
        }
    }

    pub(super) fn apply<O: Observer>(&mut self, cx: &mut Cx<'_, O>, change: &Change) {
        match *change {
            Change::Down { instance, .. } => {
                self.watcher_died(cx, instance);
                self.instance_stops(cx, instance);
            }
            Change::Stop { instance, .. } => self.instance_stops(cx, instance),
            Change::Starting { instance, fills } => {
                // Else it is told when it is up, which is at once.
                let service = cx.spec.instances[instance];
                if cx.spec.services[service].lifecycle.is_some() {
                    self.instance_started(cx, instance);
                }
                if fills.is_some() {
                    self.slot_filled(cx, instance);
                }
            }
            Change::Up { instance } => {
                let service = cx.spec.instances[instance];
                // Else its start was told before.
                if cx.spec.services[service].lifecycle.is_none() {
                    self.instance_started(cx, instance);
                }
                self.watcher_started(cx, instance);
            }
            Change::Ended { instance } => self.instance_ended(cx, instance),
            Change::Suspected {
                instance,
                process,
                how,
            } => self.suspect(cx, (instance, process), how),
            Change::Fault { .. }
            | Change::Strikes(_)
            | Change::Struck(_)
            | Change::ColdStart { .. }
            | Change::Mark { .. }
            | Change::Heard { .. }
            | Change::Kill { .. }
            | Change::Create { .. }
            | Change::Draining { .. }
            | Change::Refusing { .. }
            | Change::Idle { .. }
            | Change::Judged { .. }
            | Change::Passed { .. }
            | Change::Hold { .. }
            | Change::Setting(_) => {}
        }
    }

    /// An instance stops: checks that restart it cease.
    fn instance_stops<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        for watch in self.watches_of(cx.spec, instance, false) {
            let of = &mut self.watches[watch as usize];
            if cx.spec.checks[of.check].on_fail == OnFail::Restart {
                cease(cx, of);
            }
        }
    }

    /// An instance starts: nothing is known to the nodes.
    fn instance_started<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        for watch in self.watches_of(cx.spec, instance, false) {
            self.start_anew(cx, watch);
        }
    }

    /// Another incarnation fills a slot: nothing is known to the callers.
    fn slot_filled<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        for watch in self.watches_of(cx.spec, instance, true) {
            self.start_anew(cx, watch);
        }
    }

    /// An instance has ended for good: nobody asks it any more.
    fn instance_ended<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        for by_callers in [false, true] {
            for watch in self.watches_of(cx.spec, instance, by_callers) {
                cease(cx, &mut self.watches[watch as usize]);
            }
        }
    }

    /// A caller dies, and with it what it knew; its checks have ended with it.
    fn watcher_died<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        let process = cx.spec.process_of(instance);
        for watch in &mut self.watches {
            if watch.process == process {
                cx.events
                    .cancel(std::mem::replace(&mut watch.timer, Timer::NONE));
                watch.call = NONE;
            }
        }
    }

    /// A caller starts again: it knows nothing.
    fn watcher_started<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        let process = cx.spec.process_of(instance);
        for watch in 0..self.watches.len() as u32 {
            let of = &self.watches[watch as usize];
            let is_there = cx.directory.member(of.instance).state != InstanceState::Empty;
            if of.process == process && is_there {
                self.start_anew(cx, watch);
            }
        }
    }

    /// Nothing is known: the first check comes, if no other holds it up.
    fn start_anew<O: Observer>(&mut self, cx: &mut Cx<'_, O>, watch: u32) {
        let of = &mut self.watches[watch as usize];
        cease(cx, of);
        let spec = &cx.spec.checks[of.check];
        of.health = Health::started();
        of.first = spec.config.first_at(cx.now, phase(cx, &self.each, of));
        judged(cx, of, None);
        self.begin_if_let(cx, watch);
    }

    /// The numbers of watches over an instance: by callers, or by the nodes.
    fn watches_of(&self, spec: &ModelSpec, instance: InstanceId, by_callers: bool) -> Vec<u32> {
        let service = spec.instances[instance];
        let slot = instance.0 - spec.services[service].first_instance.0;
        let slots = spec.services[service].instances;
        let checks = self.of[service].iter();
        let such = checks.filter(|&&id| spec.checks[id].is_by_callers() == by_callers);
        such.flat_map(|&id| {
            let state = &self.each[id];
            (0..state.watchers).map(move |by| state.first_watch + by * slots + slot)
        })
        .collect()
    }
}

/// When its checks come, besides the delay.
fn phase<O>(cx: &Cx<'_, O>, each: &IdMap<CheckId, CheckState>, of: &Watch) -> SimDuration {
    let spec = &cx.spec.checks[of.check];
    if let Some(phase) = spec.phase {
        return phase;
    }
    let state = &each[of.check];
    let keys = &state.keys[group_of(state, of.process)];
    let key = whom(cx, keys.phase, keys.first, of);
    SimDuration::from_ns(Draws::new(keys.phase, key).below(spec.config.every.as_ns()))
}

/// The key of draws for one who watches one incarnation.
fn whom<O>(cx: &Cx<'_, O>, purpose: SiteKey, first: ProcessId, of: &Watch) -> u64 {
    let incarnation = cx.directory.member(of.instance).incarnation;
    child_key(
        purpose.0,
        u64::from(of.process.0 - first.0),
        incarnation.into(),
    )
}

/// Which of the groups that watch a process belongs to.
fn group_of(state: &CheckState, process: ProcessId) -> usize {
    let mut groups = state.keys.iter();
    let at = groups
        .position(|group| process.0 >= group.first.0 && process.0 - group.first.0 < group.count);
    at.unwrap_or(0)
}

fn schedule<O: Observer>(cx: &mut Cx<'_, O>, of: &mut Watch, watch: u32, at: SimTime) {
    of.due = at;
    of.timer = cx.schedule(at, Class::Start, SourceEvent::Check(watch));
}

/// It asks no more; a check under way is given up.
fn cease<O: Observer>(cx: &mut Cx<'_, O>, of: &mut Watch) {
    cx.events
        .cancel(std::mem::replace(&mut of.timer, Timer::NONE));
    let call = std::mem::replace(&mut of.call, NONE);
    if call != NONE {
        cx.work.push(Handoff::AbandonCall(call));
    }
}

/// Says what a watch takes its instance for from now on.
fn judged<O: Observer>(cx: &mut Cx<'_, O>, of: &Watch, verdict: Option<HealthVerdict>) {
    let spec = &cx.spec.checks[of.check];
    cx.tell(&Fact::HealthJudged {
        check: of.check,
        instance: of.instance,
        process: of.process,
        verdict,
    });
    cx.work.push_change(Change::Judged {
        check: of.check,
        instance: of.instance,
        process: of.process,
        is_in: of.health.is_in(&spec.config),
        verdict,
    });
}

/// What a check waits for that has had its time: its own answer, or that of a call that it makes.
fn where_it_stands<O: Observer>(cx: &Cx<'_, O>, call: CallIx, place: Place) -> Cause {
    let mut cause = Cause {
        place,
        kind: CauseKind::OnTheWay,
    };
    let mut call = call;
    while let InsideView::Attempt(ix) = cx.calls[call].top.view() {
        let attempt = &cx.attempts[ix];
        cause = Cause {
            place: Place::Operation(cx.target(ix)),
            kind: match attempt.stage {
                Stage::Over if attempt.flags.has(AttemptFlag::Unreachable) => {
                    CauseKind::Unreachable
                }
                Stage::Knocking | Stage::InBacklog => CauseKind::NotAccepted,
                Stage::OnTheWay | Stage::Over => CauseKind::OnTheWay,
                Stage::Waiting => CauseKind::InQueue,
                Stage::Running => CauseKind::AtWork,
            },
        };
        call = cx.attempts.waits_for(ix);
        if call == NONE {
            break;
        }
    }
    cause
}

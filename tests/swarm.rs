//! Random systems with everything mixed: after each event, what was started is ended or in flight.

mod faults;
mod systems;

use crate::support::model;
use proptest::prelude::*;
use sim_core::id::{InstanceId, KeptId, ProcessId, ServiceId};
use sim_core::kernel::{self, EventList, Handler, RunEnd};
use sim_core::model::fact::{
    AttemptNo, CallNo, DeedDone, DeedUndone, Fact, InstanceState, Observer,
};
use sim_core::model::spec::{Execution, KeptKind, ModelSpec, RouteSpec, SettingChange};
use sim_core::model::{Due, World, run};
use sim_core::policy::eject::EjectWhy;
use sim_core::random::KeySource;
use sim_core::time::SimTime;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) use systems::scenario;

/// Where an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Waiting,
    Running,
}

/// Keeps the books by the facts alone, and refuses facts that do not fit.
struct Books<'s> {
    spec: &'s ModelSpec,
    facts: Vec<(SimTime, Fact)>,
    calls: BTreeSet<CallNo>,
    attempts: BTreeSet<AttemptNo>,
    operations: BTreeMap<AttemptNo, Stage>,
    /// Threads taken, by instance.
    threads: Vec<u32>,
    /// Who left out whom; `None`: all together.
    out: BTreeSet<(Option<ProcessId>, InstanceId)>,
    /// Of those, who may be tried.
    on_trial: BTreeSet<(Option<ProcessId>, InstanceId)>,
    /// The processes of calls.
    processes: BTreeMap<CallNo, ProcessId>,
    /// How far each instance is.
    states: Vec<InstanceState>,
    /// Effects that stand \[count\].
    effects: u64,
    /// Sagas that are not over \[count\].
    sagas: u64,
    /// In use and waiting, by pool and process.
    pools: BTreeMap<(KeptId, InstanceId), (u32, u32)>,
}

impl<'s> Books<'s> {
    fn new(spec: &'s ModelSpec) -> Self {
        Self {
            spec,
            facts: Vec::new(),
            calls: BTreeSet::new(),
            attempts: BTreeSet::new(),
            operations: BTreeMap::new(),
            threads: vec![0; spec.instances.len()],
            out: BTreeSet::new(),
            on_trial: BTreeSet::new(),
            processes: BTreeMap::new(),
            states: vec![InstanceState::Up; spec.instances.len()],
            effects: 0,
            sagas: 0,
            pools: BTreeMap::new(),
        }
    }

    fn takes_thread(&mut self, instance: InstanceId) {
        let limit = most_threads(self.spec, self.spec.instances[instance]);
        let taken = &mut self.threads[instance.0 as usize];
        *taken += 1;
        assert!(
            limit.is_none_or(|limit| *taken <= limit),
            "more operations than threads"
        );
    }

    /// Somebody left an instance out: the ceiling holds.
    fn leaves_out(&mut self, who: Option<ProcessId>, instance: InstanceId, why: EjectWhy) {
        let service = self.spec.instances[instance];
        if why == EjectWhy::Trial {
            assert!(
                self.out.contains(&(who, instance)),
                "a trial of one that is in"
            );
            self.on_trial.remove(&(who, instance));
            return;
        }
        let is_same = |it: &&(Option<ProcessId>, InstanceId)| {
            it.0 == who && self.spec.instances[it.1] == service
        };
        let out = self.out.iter().filter(is_same).count() as u32;
        let of = &self.spec.services[service];
        let most = of.ejection.as_ref().unwrap().config.most;
        // Who is leaving counts neither as a member nor as one left out.
        let all = self.states.iter().zip(&self.spec.instances);
        let mut own = all.filter(|(_, of)| **of == service);
        if own.all(|(state, _)| *state == InstanceState::Up) {
            assert!(
                most.allows(out, of.instances),
                "{out} of {} are out",
                of.instances
            );
        }
        assert!(self.out.insert((who, instance)), "left out twice");
    }

    /// An attempt goes to nobody whom its process has left out.
    fn sends(&self, call: CallNo, instance: InstanceId) {
        let of = &self.spec.services[self.spec.instances[instance]];
        if of.membership.panic_below > 0 {
            return;
        }
        let hears_late = of.membership.propagation.is_some() || of.membership.refresh.is_some();
        for who in [None, self.processes.get(&call).copied()] {
            if who.is_none() && hears_late {
                continue;
            }
            let place = (who, instance);
            let is_out = self.out.contains(&place) && !self.on_trial.contains(&place);
            assert!(
                !is_out,
                "an attempt of call {call} at one that was left out"
            );
        }
    }

    /// An instance goes from one of some states to another.
    fn turns(&mut self, instance: InstanceId, from: &[InstanceState], to: InstanceState) {
        let state = &mut self.states[instance.0 as usize];
        assert!(
            from.contains(state),
            "{instance:?} from {state:?} to {to:?}"
        );
        *state = to;
    }

    /// Instances that have not ended for good, where instances come and go.
    fn there(&self) -> u64 {
        let all = self.states.iter().zip(&self.spec.instances);
        let there = all.filter(|(state, service)| {
            **state != InstanceState::Empty && self.spec.come_and_go(**service)
        });
        there.count() as u64
    }

    fn on_life(&mut self, fact: &Fact) {
        use InstanceState::{Down, Draining, Empty, Starting, Up};
        match *fact {
            Fact::InstanceDown { instance } => {
                self.turns(instance, &[Starting, Up, Draining], Down);
            }
            Fact::InstanceUp { instance } => self.turns(instance, &[Starting, Down], Up),
            Fact::InstanceStops { instance, .. } => {
                let state = self.states[instance.0 as usize];
                assert_ne!(state, Empty);
                if matches!(state, Up | Starting) {
                    self.turns(instance, &[Up, Starting], Draining);
                }
            }
            Fact::InstanceStopped { instance, .. } => self.turns(instance, &[Draining], Down),
            Fact::InstanceStarts { instance, .. } => self.turns(instance, &[Down], Starting),
            Fact::InstanceEnded { instance } => self.turns(instance, &[Down], Empty),
            Fact::InstanceCreated { instance, .. } => self.turns(instance, &[Empty], Down),
            Fact::OperationArrived { instance, .. } => {
                let state = self.states[instance.0 as usize];
                assert!(
                    matches!(state, Up | Draining),
                    "it arrives where it is {state:?}"
                );
            }
            _ => {}
        }
    }

    fn pool(&mut self, kept: KeptId, owner: InstanceId) -> (&mut u32, &mut u32) {
        let (given, waiting) = self.pools.entry((kept, owner)).or_default();
        (given, waiting)
    }

    fn is_blocking(&self, instance: InstanceId) -> bool {
        self.spec.services[self.spec.instances[instance]].execution == Execution::Blocking
    }

    fn ends(&mut self, attempt: AttemptNo, from: Stage, instance: InstanceId) {
        assert_eq!(
            self.operations.remove(&attempt),
            Some(from),
            "operation {attempt}"
        );
        if from == Stage::Running && self.is_blocking(instance) {
            self.threads[instance.0 as usize] -= 1;
        }
    }
}

/// The most threads that an instance may ever have, since a change may raise them; none without limit.
fn most_threads(spec: &ModelSpec, service: ServiceId) -> Option<u32> {
    let changes = spec.faults.iter().filter_map(|it| it.kind.settings());
    let threads = changes.flatten().filter_map(|change| match change {
        SettingChange::Threads(of, threads) if *of == service => Some(*threads),
        _ => None,
    });
    threads.fold(spec.services[service].threads, |most, set| {
        Some(most?.max(set?))
    })
}

impl Observer for Books<'_> {
    #[expect(clippy::too_many_lines, reason = "an arm for each fact")]
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        assert!(self.facts.last().is_none_or(|&(before, _)| before <= now));
        self.facts.push((now, *fact));
        self.on_life(fact);
        match *fact {
            Fact::CallStarted { call, process, .. } => {
                assert!(self.calls.insert(call));
                self.processes.insert(call, process);
            }
            Fact::CallEnded { call, .. } => {
                assert!(self.calls.remove(&call), "call {call} ended twice");
            }
            Fact::AttemptSent {
                attempt,
                call,
                site,
                instance,
                ..
            } => {
                assert!(self.attempts.insert(attempt));
                // Others have no choice.
                if self.spec.sites[site].route == RouteSpec::Balanced {
                    self.sends(call, instance);
                }
            }
            Fact::InstanceEjected {
                instance,
                process,
                why,
                ..
            } => self.leaves_out(process, instance, why),
            Fact::InstanceOnTrial {
                instance,
                process,
                sent,
            } => {
                let place = (process, instance);
                assert!(self.out.contains(&place));
                if sent {
                    assert!(self.on_trial.remove(&place), "tried twice");
                } else {
                    assert!(self.on_trial.insert(place));
                }
            }
            Fact::InstanceReturned {
                instance, process, ..
            } => {
                assert!(
                    self.out.remove(&(process, instance)),
                    "back, and was never out"
                );
                self.on_trial.remove(&(process, instance));
            }
            Fact::AttemptEnded { attempt, .. } => {
                assert!(
                    self.attempts.remove(&attempt),
                    "attempt {attempt} ended twice"
                );
            }
            Fact::OperationArrived { attempt, .. } => {
                assert!(self.operations.insert(attempt, Stage::Waiting).is_none());
            }
            Fact::OperationRejected {
                attempt, instance, ..
            } => {
                self.ends(attempt, Stage::Waiting, instance);
            }
            Fact::OperationStarted {
                attempt, instance, ..
            } => {
                let before = self.operations.insert(attempt, Stage::Running);
                assert_eq!(before, Some(Stage::Waiting));
                self.takes_thread(instance);
            }
            Fact::OperationFinished {
                attempt, instance, ..
            } => {
                self.ends(attempt, Stage::Running, instance);
            }
            Fact::OperationDropped {
                attempt, instance, ..
            } => {
                let stage = self.operations[&attempt];
                self.ends(attempt, stage, instance);
            }
            Fact::OperationLost {
                attempt,
                instance,
                running,
                ..
            } => {
                let stage = if running {
                    Stage::Running
                } else {
                    Stage::Waiting
                };
                self.ends(attempt, stage, instance);
            }
            Fact::SagaBegan { .. } => self.sagas += 1,
            Fact::SagaEnded { .. } => self.sagas -= 1,
            Fact::EffectDone { how, .. } => {
                self.effects += u64::from(matches!(how, DeedDone::Done | DeedDone::Duplicated));
            }
            Fact::EffectUndone { how, .. } => self.effects -= u64::from(how == DeedUndone::Undone),
            Fact::KeptWaits { kept, owner, .. } => *self.pool(kept, owner).1 += 1,
            Fact::KeptGranted {
                kept,
                owner,
                at_once,
                ..
            } => {
                let (given, waiting) = self.pool(kept, owner);
                *given += 1;
                *waiting -= u32::from(!at_once);
            }
            Fact::KeptRefused { kept, owner, .. } | Fact::KeptGivenUp { kept, owner, .. } => {
                *self.pool(kept, owner).1 -= 1;
            }
            Fact::KeptReturned { kept, owner, .. } => *self.pool(kept, owner).0 -= 1,
            Fact::ThreadTaken { instance, .. } => self.takes_thread(instance),
            Fact::ThreadReturned { instance, .. } => self.threads[instance.0 as usize] -= 1,
            // The books keep what begins, ends and takes threads.
            _ => {}
        }
    }
}

/// The world, whose own counts are compared with the books after each event.
struct Audited<'s>(World<'s, Books<'s>>);

impl Handler<Due> for Audited<'_> {
    fn events(&mut self) -> &mut EventList<Due> {
        self.0.events()
    }

    fn handle(&mut self, now: SimTime, event: Due) {
        self.0.handle(now, event);
        let live = self.0.live();
        let books = self.0.observer();
        let waiting = books
            .operations
            .values()
            .filter(|&&stage| stage == Stage::Waiting)
            .count();
        assert_eq!(live.calls, books.calls.len() as u64, "calls at {now}");
        assert_eq!(
            live.attempts,
            books.attempts.len() as u64,
            "attempts at {now}"
        );
        assert_eq!(live.queued, waiting as u64, "waiting operations at {now}");
        for (kept, owner, level) in self.0.pools() {
            let KeptKind::Pool(pool) = &books.spec.kept[kept].kind;
            let all = u64::from(level.free) + u64::from(level.given) + u64::from(level.opening);
            assert!(all <= u64::from(pool.config.size), "{level:?} at {now}");
            let told = books.pools.get(&(kept, owner)).copied().unwrap_or_default();
            assert_eq!((level.given, level.waiting), told, "pool at {now}");
        }
        assert_eq!(
            live.running,
            (books.operations.len() - waiting) as u64,
            "running at {now}"
        );
        assert_eq!(live.instances, books.there(), "instances at {now}");
        assert_eq!(live.effects, books.effects, "effects at {now}");
        assert_eq!(live.sagas, books.sagas, "sagas at {now}");
        assert_eq!(
            live.gates_gave, live.held_of_gates,
            "permits of gates at {now}"
        );
    }

    fn halted(&self) -> bool {
        self.0.halted()
    }
}

fn audited(spec: &ModelSpec) -> (RunEnd, Vec<(SimTime, Fact)>) {
    let mut world = Audited(World::new(spec, &KeySource::new(7, 0), Books::new(spec)));
    world.0.begin();
    let end = kernel::run(&mut world, spec.duration, spec.limits, &mut |_, _| true);
    world.0.end(end.at);
    (end, world.0.into_observer().facts)
}

/// Counts, and so does hardly anything.
struct Count(usize);

impl Observer for Count {
    fn on_fact(&mut self, _now: SimTime, _fact: &Fact) {
        self.0 += 1;
    }
}

/// A scenario, shown as it is written when it fails.
struct Text(String);

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\n{}", self.0)
    }
}

/// How many systems are played: so many as `SQUALL_SWARM` says, else a few hundred.
#[expect(
    clippy::disallowed_methods,
    reason = "how long a test is, not what it says"
)]
fn cases() -> u32 {
    let wanted = std::env::var("SQUALL_SWARM");
    wanted
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(300)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn rule_31_nothing_is_lost_or_counted_twice(Text(text) in prop::collection::vec(any::<u16>(), 0..320).prop_map(|numbers| Text(scenario(numbers)))) {
        let spec = model(&text);
        let (end, facts) = audited(&spec);
        let (again, same_facts) = audited(&spec);
        prop_assert_eq!(end, again);
        prop_assert!(facts == same_facts, "two runs differ:\n{}", text);
        let unobserved = run(&spec, 7, 0, Count(0), &mut |_, _| true);
        prop_assert_eq!((unobserved.end, unobserved.observer.0), (end, facts.len()), "observed:\n{}", text);
    }
}

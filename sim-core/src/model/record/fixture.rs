//! A small shop for tests: client `shoppers` (2 processes) calls `shop.buy` on 2 instances of one
//! thread with 3 places to wait, and `shop.buy` calls `bank.pay` on one instance.

use super::{Live, Recorder, RunRecord, RunStatus};
use crate::id::{
    ClientId, EdgeId, FaultId, IdMap, InstanceId, LayerId, OperationId, PipelineId, ProcessId,
    ServiceId, SiteId,
};
use crate::kernel::Limits;
use crate::model::fact::{Cause, CauseKind, Ending, Fact, Observer, Place};
use crate::model::spec::{
    AbandonedWork, Caller, CallerGroup, ClientCall, ClientSpec, EdgeSpec, EjectionSpec, Execution,
    FaultKind, FaultSpec, Groups, LabelFilter, LayerSpec, ModelSpec, NetworkSpec, OperationSpec,
    PipelineSpec, QueueSpec, RouteSpec, Scope, ServiceSpec, ServiceTarget, SiteSpec, Subject,
    SweepPhase, Topology, TrafficSpec, UsersSpec, WindowSpec, WorkFault,
};
use crate::policy::{BalanceConfig, BalanceWay, Layer, OnExpiry, Outcome, TimeoutConfig};
use crate::queueing::Discipline;
use crate::time::{SimDuration, SimTime};
use crate::units::{Factor, Probability};

pub(crate) const SHOPPERS: ClientId = ClientId(0);
pub(crate) const SHOP: ServiceId = ServiceId(0);
pub(crate) const BANK: ServiceId = ServiceId(1);
pub(crate) const BUY: OperationId = OperationId(0);
pub(crate) const PAY: OperationId = OperationId(1);
/// shoppers -> shop.buy
pub(crate) const TO_SHOP: EdgeId = EdgeId(0);
/// shop.buy -> bank.pay
pub(crate) const TO_BANK: EdgeId = EdgeId(1);

/// An instant in milliseconds.
pub(crate) fn ms(ms: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_millis(ms)
}

/// An instant in seconds.
pub(crate) fn s(s: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(s)
}

fn network() -> NetworkSpec {
    NetworkSpec {
        latency: SimDuration::ZERO.into(),
        loss: Probability::ZERO,
        other_zone: None,
    }
}

fn service(name: &str, instances: u32, first: u32) -> ServiceSpec {
    ServiceSpec {
        name: name.to_owned(),
        instances,
        zones: Vec::new(),
        first_instance: InstanceId(first),
        first_process: ProcessId(2 + first),
        threads: Some(1),
        execution: Execution::Blocking,
        cores: None,
        backlog: None,
        memory: None,
        queue: QueueSpec {
            capacity: Some(3),
            discipline: Discipline::Fifo,
            groups: Groups::One,
            codel: None,
            max_wait: None,
            when_full: crate::model::spec::WhenFull::Reject,
        },
        contention: None,
        connections: None,
        admission: Vec::new(),
        abandoned_work: AbandonedWork::Finish,
        balance: BalanceConfig::of(BalanceWay::RoundRobin),
        retry_after: None,
        lifecycle: None,
        membership: crate::model::spec::MembershipSpec::default(),
        ejection: None,
    }
}

/// Five failures in a row, for 30 s.
pub(crate) fn ejection() -> EjectionSpec {
    use crate::policy::eject::{
        Consecutive, EjectGrowth, EjectJitter, EjectTime, EjectionConfig, EjectionRule, Enforced,
        MaxEjected, OnErrors, Outliers, Returns,
    };
    EjectionSpec {
        config: EjectionConfig {
            rule: EjectionRule::Outliers(Outliers {
                consecutive: vec![Consecutive {
                    failures: 5,
                    on: crate::policy::OutcomeSet::failures(),
                    ignores: crate::policy::OutcomeSet::EMPTY,
                    enforce: Enforced::ALWAYS,
                }],
                on_errors: OnErrors::Eject,
                success_rate: None,
                failure_share: None,
                sweep: None,
                time: EjectTime {
                    base: SimDuration::from_secs(30),
                    growth: EjectGrowth::Linear,
                    max: SimDuration::MAX,
                    jitter: EjectJitter::Span(SimDuration::ZERO),
                },
                returns: Returns::Exact,
            }),
            most: MaxEjected::UNLIMITED,
        },
        shared: false,
        phase: SweepPhase::Random,
    }
}

fn operation(name: &str, service: ServiceId) -> OperationSpec {
    OperationSpec {
        name: name.to_owned(),
        service,
        keys: None,
        idempotent: false,
        steps: Vec::new(),
        check: None,
        stores: None,
    }
}

fn client() -> ClientSpec {
    ClientSpec {
        zones: Vec::new(),
        name: "shoppers".to_owned(),
        processes: 2,
        first_process: ProcessId(0),
        traffic: TrafficSpec::Users(UsersSpec {
            count: 1,
            think_time: SimDuration::ZERO.into(),
            iterations: None,
            think_first: false,
        }),
        calls: vec![ClientCall {
            site: SiteId(0),
            share: Probability::ONE,
            class: None,
            tenant: None,
        }],
        class: 0,
        tenants: vec![(0, Probability::ONE)],
    }
}

fn pipeline(callers: CallerGroup, target: ServiceId, layer: u32) -> PipelineSpec {
    PipelineSpec {
        policy: "patient".to_owned(),
        callers,
        target,
        first_layer: LayerId(layer),
        layer_count: 1,
        balance: BalanceConfig::of(BalanceWay::RoundRobin),
        balance_shared: false,
    }
}

fn layer(pipeline: u32) -> LayerSpec {
    LayerSpec {
        pipeline: PipelineId(pipeline),
        name: "timeout".to_owned(),
        scope: Scope::Caller,
        kind: Layer::Timeout(TimeoutConfig {
            after: SimDuration::from_secs(1),
            on_expiry: OnExpiry::Cancel,
            propagate: false,
            connect: None,
        }),
    }
}

fn site(edge: EdgeId, target: OperationId, pipeline: u32) -> SiteSpec {
    SiteSpec {
        path: String::new(),
        edge,
        target,
        pipeline: PipelineId(pipeline),
        route: RouteSpec::Balanced,
        holds: None,
        over: None,
        is_within: false,
        sends: edge,
    }
}

fn edge(caller: Caller, target: OperationId) -> EdgeSpec {
    EdgeSpec {
        is_fallback: false,
        block: None,
        caller,
        target,
        network: network(),
    }
}

/// The shop, for a run of so many seconds.
pub(crate) fn shop(duration_s: u64, warmup_s: u64) -> ModelSpec {
    let mut spec = ModelSpec {
        zones: Vec::new(),
        fallback_calls: Vec::new(),
        clients: IdMap::from_iter([client()]),
        services: IdMap::from_iter([service("shop", 2, 0), service("bank", 1, 2)]),
        operations: IdMap::from_iter([operation("buy", SHOP), operation("pay", BANK)]),
        instances: IdMap::from_iter([SHOP, SHOP, BANK]),
        sites: IdMap::from_iter([site(TO_SHOP, BUY, 0), site(TO_BANK, PAY, 1)]),
        edges: IdMap::from_iter([
            edge(Caller::Client(SHOPPERS), BUY),
            edge(Caller::Operation(BUY), PAY),
        ]),
        topology: Topology::default(),
        checks: IdMap::new(),
        queues: IdMap::new(),
        consumers: IdMap::new(),
        pipelines: IdMap::from_iter([
            pipeline(CallerGroup::Client(SHOPPERS), SHOP, 0),
            pipeline(CallerGroup::Service(SHOP), BANK, 1),
        ]),
        layers: IdMap::from_iter([layer(0), layer(1)]),
        admission: IdMap::new(),
        effects: IdMap::new(),
        invariants: IdMap::new(),
        sagas: IdMap::new(),
        kept: IdMap::new(),
        budgets: IdMap::new(),
        faults: IdMap::new(),
        combined: Vec::new(),
        windows: IdMap::new(),
        labelled: Vec::new(),
        classes: vec![String::new()],
        tenants: vec![String::new()],
        network: network(),
        duration: s(duration_s),
        warmup: s(warmup_s),
        resolution: None,
        limits: Limits {
            events: 1_000_000,
            at_one_instant: 1_000,
        },
        drain: SimDuration::ZERO,
        max_calls_in_flight: 1_000,
    };
    spec.index();
    spec
}

/// Adds a window.
pub(crate) fn window(spec: &mut ModelSpec, from: SimTime, until: SimTime, of: Subject) {
    spec.windows.push(WindowSpec {
        from,
        until,
        of,
        label: LabelFilter::Any,
    });
}

/// Adds a fault: the bank slows tenfold.
pub(crate) fn slow_bank(spec: &mut ModelSpec, from: SimTime, until: SimTime) -> FaultId {
    spec.faults.push(FaultSpec {
        name: "bank-slow".to_owned(),
        spans: vec![(from, until)],
        random: None,
        kind: FaultKind::Work(
            ServiceTarget {
                services: vec![BANK],
                operation: None,
                instances: vec![InstanceId(2)],
            },
            WorkFault::Slow {
                factor: Factor::new(10.0).unwrap(),
                in_progress: false,
            },
        ),
    })
}

/// An ending that goes back to work at the bank, or to nothing in particular.
pub(crate) fn ending(outcome: Outcome) -> Ending {
    let cause = Cause {
        place: Place::Operation(PAY),
        kind: CauseKind::AtWork,
    };
    Ending::new(outcome, Place::Layer(LayerId(0)), cause)
}

/// Facts by hand.
pub(crate) struct Hand {
    pub(crate) recorder: Recorder,
    next: u32,
}

impl Hand {
    pub(crate) fn new(spec: &ModelSpec) -> Self {
        Self {
            recorder: Recorder::new(spec),
            next: 1,
        }
    }

    pub(crate) fn tell(&mut self, now: SimTime, fact: Fact) {
        self.recorder.on_fact(now, &fact);
    }

    pub(crate) fn start_call(&mut self, now: SimTime, site: u32) -> u32 {
        let call = self.next;
        self.next += 1;
        self.tell(
            now,
            Fact::CallStarted {
                call,
                site: SiteId(site),
                process: ProcessId(0),
                parent: 0,
                class: 0,
                tenant: 0,
            },
        );
        call
    }

    pub(crate) fn end_call(
        &mut self,
        now: SimTime,
        call: u32,
        site: u32,
        started_at: SimTime,
        outcome: Outcome,
    ) {
        self.tell(
            now,
            Fact::CallEnded {
                call,
                site: SiteId(site),
                started_at,
                attempts: 1,
                class: 0,
                tenant: 0,
                ending: ending(outcome),
            },
        );
    }

    pub(crate) fn send(
        &mut self,
        now: SimTime,
        attempt: u32,
        site: u32,
        number: u32,
        original: bool,
    ) {
        self.tell(
            now,
            Fact::AttemptSent {
                attempt,
                call: attempt,
                site: SiteId(site),
                instance: InstanceId(2 * site),
                number,
                original,
            },
        );
    }

    pub(crate) fn end_attempt(
        &mut self,
        now: SimTime,
        attempt: u32,
        site: u32,
        outcome: Outcome,
        answered: bool,
    ) {
        let ending = if answered {
            Ending::here(outcome, Place::Operation(OperationId(site)))
        } else {
            ending(outcome)
        };
        self.end_attempt_so(now, attempt, site, ending, answered);
    }

    pub(crate) fn end_attempt_so(
        &mut self,
        now: SimTime,
        attempt: u32,
        site: u32,
        ending: Ending,
        answered: bool,
    ) {
        self.tell(
            now,
            Fact::AttemptEnded {
                attempt,
                call: attempt,
                site: SiteId(site),
                instance: InstanceId(2 * site),
                sent_at: now,
                answered,
                ending,
            },
        );
    }

    pub(crate) fn arrive(&mut self, now: SimTime, attempt: u32, instance: u32) {
        let operation = OperationId(instance / 2);
        let instance = InstanceId(instance);
        self.tell(
            now,
            Fact::OperationArrived {
                attempt,
                operation,
                instance,
            },
        );
    }

    pub(crate) fn begin(&mut self, now: SimTime, attempt: u32, instance: u32, waited_ms: u64) {
        self.tell(
            now,
            Fact::OperationStarted {
                attempt,
                operation: OperationId(instance / 2),
                instance: InstanceId(instance),
                waited: SimDuration::from_millis(waited_ms),
            },
        );
    }

    pub(crate) fn finish_operation(
        &mut self,
        now: SimTime,
        attempt: u32,
        instance: u32,
        held_ms: u64,
    ) {
        self.tell(
            now,
            Fact::OperationFinished {
                attempt,
                operation: OperationId(instance / 2),
                instance: InstanceId(instance),
                outcome: Outcome::Ok,
                held: SimDuration::from_millis(held_ms),
            },
        );
    }

    pub(crate) fn unwanted(&mut self, now: SimTime, attempt: u32, instance: u32, held_ms: u64) {
        self.tell(
            now,
            Fact::AnswerUnwanted {
                attempt,
                operation: OperationId(instance / 2),
                instance: InstanceId(instance),
                held: SimDuration::from_millis(held_ms),
                lost_race: false,
            },
        );
    }

    pub(crate) fn turn_away(
        &mut self,
        now: SimTime,
        attempt: u32,
        instance: u32,
        outcome: Outcome,
    ) {
        self.tell(
            now,
            Fact::OperationRejected {
                attempt,
                operation: OperationId(instance / 2),
                instance: InstanceId(instance),
                outcome,
                waited: SimDuration::ZERO,
            },
        );
    }

    pub(crate) fn over(self, end: SimTime) -> RunRecord {
        self.recorder.finish(end, RunStatus::Finished, None)
    }

    pub(crate) fn over_with(self, end: SimTime, live: Live) -> RunRecord {
        self.recorder.finish(end, RunStatus::Finished, Some(live))
    }
}

/// A run in which `started` calls start at each second `t` and `useful(t)` of them end usefully,
/// 10 ms after their start.
pub(crate) fn run_of_seconds(
    spec: &ModelSpec,
    started: impl Fn(u64) -> u64,
    useful: impl Fn(u64) -> u64,
) -> RunRecord {
    let mut hand = Hand::new(spec);
    let seconds = spec.duration.as_ns() / 1_000_000_000;
    for second in 0..seconds {
        for _ in 0..started(second) {
            hand.start_call(s(second), 0);
        }
        for number in 0..started(second) {
            let outcome = if number < useful(second) {
                Outcome::Ok
            } else {
                Outcome::TimeoutResponse
            };
            hand.end_call(
                s(second) + SimDuration::from_millis(10),
                0,
                0,
                s(second),
                outcome,
            );
        }
    }
    hand.over(spec.duration)
}

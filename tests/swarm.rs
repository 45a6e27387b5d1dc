//! Random systems with everything mixed: after each event, what was started is ended or in flight.

use crate::support::model;
use proptest::prelude::*;
use sim_core::kernel::{self, EventList, Handler, RunEnd};
use sim_core::model::fact::{AttemptNo, CallNo, Fact, Observer};
use sim_core::model::spec::{Execution, ModelSpec};
use sim_core::model::{Due, World, run};
use sim_core::random::KeySource;
use sim_core::time::SimTime;
use std::collections::{BTreeMap, BTreeSet};

/// Takes decisions from a list; when it is used up, always the first choice.
struct Chooser {
    numbers: std::vec::IntoIter<u16>,
}

impl Chooser {
    fn below(&mut self, n: usize) -> usize {
        usize::from(self.numbers.next().unwrap_or(0)) % n
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    /// A list of up to `max` of what `one` makes, joined by commas.
    fn list(&mut self, max: usize, mut one: impl FnMut(&mut Self) -> String) -> String {
        let count = self.below(max + 1);
        let items: Vec<String> = (0..count).map(|_| one(self)).collect();
        items.join(", ")
    }
}

const SERVICES: [&str; 4] = ["s", "t", "u", "v"];

/// A random scenario.
pub(crate) fn scenario(numbers: Vec<u16>) -> String {
    let mut c = Chooser {
        numbers: numbers.into_iter(),
    };
    let services = 1 + c.below(SERVICES.len());
    let mut lines = vec![format!(
        "scenario: swarm\nrun: {{ duration: 400ms, limits: {{ calls_in_flight: 100000 }} }}\nnetwork: {{ latency: {}, loss: {} }}\nclients:\n",
        c.of(&["0s", "1ms", "{ exponential: { mean: 2ms } }"]),
        c.of(&["0%", "5%"]),
    )];
    lines.push(format!(
        "  open: {{ processes: 2, arrivals: {{ poisson: {{ rate: {}/s }} }}, calls: s.op, policy: p{} }}\n",
        [20, 100, 400][c.below(3)],
        c.below(3)
    ));
    lines.push(format!(
        "  closed: {{ processes: 2, users: {{ count: {}, think_time: {} }}, calls: s.op, policy: p{} }}\nservices:\n",
        1 + c.below(5),
        c.of(&["10ms", "{ exponential: { mean: 5ms } }"]),
        c.below(3)
    ));
    for number in 0..services {
        lines.push(service(&mut c, number, services));
    }
    lines.push("policies:\n".to_owned());
    for policy in 0..3 {
        // A fallback calls a service without calls of its own, under a policy without fallbacks.
        let last = (policy < 2).then_some(SERVICES[services - 1]);
        // A layer that guards instances cannot stand around a hedge.
        let hedges = c.below(2) == 0;
        let layers = c.list(4, |c| layer(c, last, hedges));
        lines.push(format!(
            "  p{policy}: [{}{layers}]\n",
            if layers.is_empty() {
                "timeout: 50ms"
            } else {
                ""
            }
        ));
    }
    lines.push(budgets(&mut c));
    let faults = c.below(5);
    if faults > 0 {
        lines.push("faults:\n".to_owned());
    }
    for number in 0..faults {
        lines.push(format!(
            "  f{number}: {{ at: {}ms, for: {}ms, {} }}\n",
            c.below(300),
            1 + c.below(200),
            fault(&mut c, services)
        ));
    }
    lines.concat()
}

fn service(c: &mut Chooser, number: usize, services: usize) -> String {
    let name = SERVICES[number];
    let settings = [
        format!("instances: {}", 1 + c.below(3)),
        format!("threads: {}", c.of(&["1", "2", "3", "unlimited"])),
        format!("execution: {}", c.of(&["blocking", "async"])),
        format!("cores: {}", c.of(&["unlimited", "1", "2"])),
        format!(
            "queue: {{ capacity: {}, discipline: {}, max_wait: {} }}",
            c.of(&["unlimited", "0", "1", "5"]),
            c.of(&["fifo", "lifo", "random"]),
            c.of(&["unlimited", "5ms", "{ exponential: { mean: 5ms } }"])
        ),
        c.of(&[
            "contention: none",
            "contention: { table: [[1, 1], [5, 3]] }",
            "contention: { usl: { sigma: 10% }, in_progress: true }",
        ])
        .to_owned(),
        format!(
            "abandoned_work: {}",
            c.of(&["finish", "skip", "remove", "stop"])
        ),
        format!(
            "balance: {}",
            c.of(&[
                "round_robin",
                "random",
                "least_requests",
                "{ power_of_choices: { choices: 2 } }"
            ])
        ),
    ];
    let steps = steps(c, number, services, 2);
    format!(
        "  {name}: {{ {}, operations: {{ op: {{ {}, steps: [{steps}] }} }} }}\n",
        settings.join(", "),
        repetition(c)
    )
}

/// What becomes of a second execution.
fn repetition(c: &mut Chooser) -> String {
    match c.below(3) {
        0 => "idempotent: true".to_owned(),
        1 => "idempotent: false".to_owned(),
        _ => format!(
            "idempotency_keys: {{ retention: {}, in_progress: {}, scope: {} }}",
            c.of(&["24h", "10ms"]),
            c.of(&["reject", "join", "execute"]),
            c.of(&["service", "instance"])
        ),
    }
}

fn budgets(c: &mut Chooser) -> String {
    let scope = c.of(&["caller", "process", "shared"]);
    let kind = c.of(&[
        "concurrent_max: 1",
        "concurrent_ratio: { ratio: 20%, min: 1 }",
        "retry_rate: { max_rate: 20%, min_concurrent: 1 }",
        "token_ratio: { ratio: 50%, min_per_second: 1, ttl: 1s }",
        "grpc_tokens: { max_tokens: 4, token_ratio: 0.5 }",
        "aws_quota: { capacity: 40 }",
        "success_funded: { per_success: 0.5, capacity: 3 }",
        "token_bucket: { ratio: 50%, burst: 3 }",
    ]);
    format!("budgets:\n  b: {{ {kind}, scope: {scope} }}\n")
}

fn steps(c: &mut Chooser, number: usize, services: usize, depth: usize) -> String {
    let first = work(c);
    let more = c.list(3, |c| step(c, number, services, depth));
    if more.is_empty() {
        first
    } else {
        format!("{first}, {more}")
    }
}

fn work(c: &mut Chooser) -> String {
    let time = c.of(&[
        "1ms",
        "5ms",
        "{ exponential: { mean: 4ms } }",
        "{ sequence: [1ms, 2ms, 9ms] }",
    ]);
    format!("{{ work: {time} }}")
}

fn step(c: &mut Chooser, number: usize, services: usize, depth: usize) -> String {
    let kind = c.below(if depth == 0 { 3 } else { 7 });
    match kind {
        1 if number + 1 < services => call(c, number, services),
        2 => format!(
            "{{ fail: {} }}",
            c.of(&["{ share: 20% }", "{ sequence: [ok, ok, unavailable] }"])
        ),
        3 | 4 => {
            let mut branches = Vec::new();
            for _ in 0..2 + c.below(2) {
                branches.push(format!("[{}]", steps(c, number, services, depth - 1)));
            }
            format!(
                "{{ parallel: {{ branches: [{}], {} }} }}",
                branches.join(", "),
                gathering(c)
            )
        }
        5 if number + 1 < services => {
            let call = call(c, number, services);
            let (call, distinct) = (
                call.trim_start_matches('{')
                    .trim_end_matches('}')
                    .to_owned(),
                c.of(&["false", "true"]),
            );
            format!(
                "{{ parallel: {{ {call}, count: 2, distinct_instances: {distinct}, {} }} }}",
                gathering(c)
            )
        }
        6 => {
            let inner = steps(c, number, services, depth - 1);
            if c.below(2) == 0 {
                format!("{{ repeat: {{ times: 2, steps: [{inner}] }} }}")
            } else {
                format!("{{ branch: [{{ share: 50%, steps: [{inner}] }}] }}")
            }
        }
        _ => work(c),
    }
}

fn gathering(c: &mut Chooser) -> String {
    format!(
        "need: {}, cancel_rest: {}",
        c.of(&["all", "any", "2"]),
        c.of(&["true", "false"])
    )
}

fn call(c: &mut Chooser, number: usize, services: usize) -> String {
    let target = SERVICES[number + 1 + c.below(services - number - 1)];
    let optional = c.of(&["false", "true"]);
    format!(
        "{{ call: {{ to: {target}.op, policy: p{}, optional: {optional} }} }}",
        c.below(3)
    )
}

fn layer(c: &mut Chooser, spare: Option<&str>, hedges: bool) -> String {
    let scopes = ["caller", "shared", "target_instance"];
    let scope = c.of(if hedges { &scopes[..2] } else { &scopes });
    let budget = c.of(&["", ", budget: b"]);
    match c.below(8) {
        0 => format!(
            "{{ timeout: {{ after: {}, on_expiry: {}, propagate: {}{} }} }}",
            c.of(&["8ms", "20ms", "3ms"]),
            c.of(&["cancel", "detach"]),
            c.of(&["false", "true"]),
            c.of(&["", ", connect: 2ms"])
        ),
        1 => format!(
            "{{ retry: {{ max_attempts: {}, backoff: {}, on: {}, other_instance: {}{budget} }} }}",
            2 + c.below(2),
            c.of(&[
                "none",
                "{ constant: 2ms }",
                "{ exponential: { initial: 1ms } }"
            ]),
            c.of(&["[failed]", "[error, timeout]"]),
            c.of(&["false", "true"])
        ),
        2 => format!(
            "{{ circuit_breaker: {{ {}, open_for: 10ms, half_open_calls: {}, scope: {scope} }} }}",
            c.of(&[
                "consecutive_failures: 2",
                "failure_rate: 50%, window: { calls: 4 }, minimum_calls: 2"
            ]),
            1 + c.below(2)
        ),
        3 if scope != "target_instance" => format!(
            "{{ bulkhead: {{ max_concurrent: {}, max_waiting: {}, max_wait: {}, scope: {scope} }} }}",
            1 + c.below(3),
            c.below(3),
            c.of(&["unlimited", "5ms"])
        ),
        3 => format!(
            "{{ bulkhead: {{ max_concurrent: {}, scope: {scope} }} }}",
            1 + c.below(3)
        ),
        4 if hedges => format!(
            "{{ hedge: {{ delay: {}, max_hedges: 1, on_failure: {}, losers: {}{budget} }} }}",
            c.of(&[
                "0s",
                "2ms",
                "{ percentile: 50, minimum_samples: 3, fallback: 1ms }"
            ]),
            c.of(&["wait", "at_once"]),
            c.of(&["cancel", "await", "leave"])
        ),
        5 => fallback(c, spare),
        6 => rate_limit(c, scope),
        _ => "{ fallback: { on: [error], answer: static } }".to_owned(),
    }
}

fn rate_limit(c: &mut Chooser, scope: &str) -> String {
    let algorithm = c.of(&[
        "token_bucket, burst: 2",
        "token_bucket, burst: 9, refill: steps",
        "gcra, burst: 3",
        "fixed_cycle",
        "sliding_window, segments: 3",
    ]);
    let waits = c.of(&[
        "max_wait: 0s",
        "max_wait: 10ms, reservation: true, refusal: after_wait",
        "max_wait: 20ms, max_waiting: 3",
        "max_wait: unlimited",
    ]);
    // An instance has nobody wait, and what comes back cannot be lent.
    let lends = waits.contains("reservation") && algorithm.contains("sliding");
    let waits = if scope == "target_instance" || lends {
        "max_wait: 0s"
    } else {
        waits
    };
    format!(
        "{{ rate_limit: {{ algorithm: {algorithm}, permits: {}, period: {}, {waits}, \
         scope: {scope} }} }}",
        1 + c.below(3),
        c.of(&["5ms", "40ms"]),
    )
}

fn fallback(c: &mut Chooser, spare: Option<&str>) -> String {
    let answer = match (spare, c.below(2)) {
        (Some(service), 0) => format!("call: {{ to: {service}.op, policy: p2 }}"),
        _ => format!("cached: {{ max_age: {} }}", c.of(&["unlimited", "20ms"])),
    };
    format!("{{ fallback: {{ on: [error, timeout], answer: {{ {answer} }} }} }}")
}

fn fault(c: &mut Chooser, services: usize) -> String {
    let service = SERVICES[c.below(services)];
    let effect = c.of(&[
        "slow: { factor: 5 }",
        "slow: { factor: 5, in_progress: true }",
        "errors: { share: 50%, before_work: true }",
        "errors: { share: 50%, before_work: false }",
        "crash: { callers_see: reset }",
        "crash: { callers_see: unreachable }",
        "crash: { callers_see: nothing, detected_after: 3ms, cold_start: { for: 20ms, factor: 3 } }",
        "pause: {}",
        "threads: { to: 1 }",
        "partition",
        "partition-refused",
        "loss",
        "latency",
        "load",
    ]);
    match effect {
        "partition" => format!("to: {service}, partition: {{}}"),
        "partition-refused" => {
            "from: open, partition: { direction: requests, callers_see: refused }".to_owned()
        }
        "loss" => format!("to: {service}, loss: {{ share: 30% }}"),
        "latency" => {
            format!("to: {service}, latency: {{ add: {{ exponential: {{ mean: 3ms }} }} }}")
        }
        "load" => "client: open, load: { factor: 3 }".to_owned(),
        effect => format!(
            "service: {service}, instances: {}, {effect}",
            c.of(&["all", "1"])
        ),
    }
}

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
        }
    }

    fn takes_thread(&mut self, instance: sim_core::id::InstanceId) {
        let limit = self.spec.services[self.spec.instances[instance]].threads;
        let taken = &mut self.threads[instance.0 as usize];
        *taken += 1;
        assert!(
            limit.is_none_or(|limit| *taken <= limit),
            "more operations than threads"
        );
    }

    fn is_blocking(&self, instance: sim_core::id::InstanceId) -> bool {
        self.spec.services[self.spec.instances[instance]].execution == Execution::Blocking
    }

    fn ends(&mut self, attempt: AttemptNo, from: Stage, instance: sim_core::id::InstanceId) {
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

impl Observer for Books<'_> {
    #[expect(clippy::too_many_lines, reason = "one arm per kind of fact")]
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        assert!(self.facts.last().is_none_or(|&(before, _)| before <= now));
        self.facts.push((now, *fact));
        match *fact {
            Fact::CallStarted { call, .. } => assert!(self.calls.insert(call)),
            Fact::CallEnded { call, .. } => {
                assert!(self.calls.remove(&call), "call {call} ended twice");
            }
            Fact::AttemptSent { attempt, .. } => assert!(self.attempts.insert(attempt)),
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
            Fact::ThreadTaken { instance, .. } => self.takes_thread(instance),
            Fact::ThreadReturned { instance, .. } => self.threads[instance.0 as usize] -= 1,
            Fact::LayerStopped { .. }
            | Fact::LayerWaits { .. }
            | Fact::LayerLetIn { .. }
            | Fact::LayerDetail { .. }
            | Fact::TimedOut { .. }
            | Fact::RetryPlanned { .. }
            | Fact::RetryStopped { .. }
            | Fact::BudgetAsked { .. }
            | Fact::FallbackUsed { .. }
            | Fact::BreakerChanged { .. }
            | Fact::MessageLost { .. }
            | Fact::FallbackAged { .. }
            | Fact::FallbackMissing { .. }
            | Fact::FallbackCalled { .. }
            | Fact::FallbackFailed { .. }
            | Fact::HedgeSent { .. }
            | Fact::HedgeDecided { .. }
            | Fact::AnswerUnwanted { .. }
            | Fact::KeyMatched { .. }
            | Fact::KeyForgotten { .. }
            | Fact::EffectRepeated { .. }
            | Fact::FaultStarted { .. }
            | Fact::FaultEnded { .. }
            | Fact::FaultStruck { .. }
            | Fact::FaultLifted { .. }
            | Fact::InstanceDown { .. }
            | Fact::InstanceUp { .. }
            | Fact::RotationChanged { .. } => {}
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
        assert_eq!(
            live.running,
            (books.operations.len() - waiting) as u64,
            "running at {now}"
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
    (end, world.0.into_observer().facts)
}

/// Counts, and so does hardly anything.
struct Count(usize);

impl Observer for Count {
    fn on_fact(&mut self, _now: SimTime, _fact: &Fact) {
        self.0 += 1;
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn rule_31_nothing_is_lost_or_counted_twice(numbers in prop::collection::vec(any::<u16>(), 0..250)) {
        let text = scenario(numbers);
        let spec = model(&text);
        let (end, facts) = audited(&spec);
        let (again, same_facts) = audited(&spec);
        prop_assert_eq!(end, again);
        prop_assert!(facts == same_facts, "two runs differ:\n{}", text);
        let unobserved = run(&spec, 7, 0, Count(0), &mut |_, _| true);
        prop_assert_eq!((unobserved.end, unobserved.observer.0), (end, facts.len()), "observed:\n{}", text);
    }
}

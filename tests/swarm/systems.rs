//! Scenarios by decisions: clients, services, policies and faults of every kind, mixed.

use super::faults::fault;
use std::fmt::Write;

/// Takes decisions from a list; when it is used up, always the first choice.
pub(super) struct Chooser {
    numbers: std::vec::IntoIter<u16>,
}

impl Chooser {
    pub(super) fn below(&mut self, n: usize) -> usize {
        usize::from(self.numbers.next().unwrap_or(0)) % n
    }

    pub(super) fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    /// A list of up to `max` of what `one` makes, joined by commas.
    fn list(&mut self, max: usize, mut one: impl FnMut(&mut Self) -> String) -> String {
        let count = self.below(max + 1);
        let items: Vec<String> = (0..count).map(|_| one(self)).collect();
        items.join(", ")
    }
}

pub(super) const SERVICES: [&str; 4] = ["s", "t", "u", "v"];

/// A system that decisions stand for: every one is a valid scenario.
pub(crate) fn scenario(numbers: Vec<u16>) -> String {
    let mut c = Chooser {
        numbers: numbers.into_iter(),
    };
    let services = 1 + c.below(SERVICES.len());
    let mut text = head(&mut c, services);
    text.push_str(&clients(&mut c));
    text.push_str("services:\n");
    for number in 0..services {
        text.push_str(&service(&mut c, number, services));
    }
    if text.contains("effect: a") {
        text.push_str("invariants: { same: { equal: [a, b], within: 5ms } }\n");
    }
    text.push_str(&pools(&mut c, services));
    let policies = policies(&mut c, services);
    text.push_str(&policies);
    text.push_str(&budgets(&mut c));
    let faults = c.below(6);
    if faults > 0 {
        text.push_str("faults:\n");
    }
    for number in 0..faults {
        let fault = fault(&mut c, services, &policies);
        let _ = writeln!(text, "  f{number}: {{ {fault} }}");
    }
    text
}

fn head(c: &mut Chooser, services: usize) -> String {
    let limits = "{ calls_in_flight: 100000 }";
    let latency = c.of(&["0s", "1ms", "{ exponential: { mean: 2ms } }"]);
    let loss = c.of(&["0%", "5%"]);
    let other_zone = c.of(&["", "other_zone: 3ms, "]);
    let nodes = c.of(&["", "zones: { a: 2, b: { cpu: 0.5 } }\n"]);
    let edges = c.list(2, |c| {
        let to = SERVICES[c.below(services)];
        let from = c.of(&["", "from: open, ", "from: closed, ", "from: s, "]);
        let how = c.of(&["latency: 3ms", "loss: 30%", "latency: 1ms, loss: 10%"]);
        format!("{{ {from}to: {to}, {how} }}")
    });
    format!(
        "scenario: swarm\nrun: {{ duration: 400ms, limits: {limits} }}\n\
         network: {{ latency: {latency}, {other_zone}loss: {loss}, edges: [{edges}] }}\n{nodes}"
    )
}

fn clients(c: &mut Chooser) -> String {
    let open = format!(
        "  open: {{ processes: 2, zones: [a, b], arrivals: {{ {} }}, calls: s.op, policy: p{}{} }}\n",
        arrivals(c),
        c.below(3),
        c.of(&[
            ", class: bulk",
            ", class: bulk, tenant: { big: 3, small: 1 }",
            ", class: bulk, tenant: small",
        ])
    );
    let closed = format!(
        "  closed: {{ processes: 2, users: {{ count: {}, think_time: {}{} }}, calls: {}, policy: p{}{}{} }}\n",
        1 + c.below(5),
        c.of(&["10ms", "{ exponential: { mean: 5ms } }"]),
        c.of(&["", ", iterations: 3", ", start: at_once"]),
        c.of(&[
            "s.op",
            "[{ to: s.op, class: bulk }, { to: s.op, weight: 3, tenant: small }]"
        ]),
        c.below(3),
        c.of(&["", ", zones: [b]"]),
        labels(c)
    );
    format!("clients:\n{open}{closed}")
}

/// Whose calls they are.
fn labels(c: &mut Chooser) -> &'static str {
    c.of(&[
        "",
        ", class: interactive",
        ", tenant: { big: 3, small: 1 }",
        ", class: bulk, tenant: small",
    ])
}

fn arrivals(c: &mut Chooser) -> String {
    let rate = c.of(&[
        "20/s",
        "100/s",
        "400/s",
        "[{ rate: 50/s }, { at: 100ms, rate: 300/s, ramp: linear }, { at: 250ms, rate: 10/s }]",
        "{ daily: { low: 10/s, high: 200/s, peak_at: 50ms, period: 200ms } }",
    ]);
    let batch = c.of(&["", ", batch: 3", ", batch: { geometric: { mean: 2 } }"]);
    match c.below(6) {
        0 => format!("constant: {{ rate: {rate}{batch} }}"),
        1 => "markov_modulated: { states: [{ rate: 400/s, mean_duration: 30ms }, \
              { rate: 0/s, mean_duration: 40ms }] }"
            .to_owned(),
        2 => "recorded: { times: [0s, 0s, 1ms, 1ms, 7ms, 100ms, 100ms, 399ms] }".to_owned(),
        _ => format!("poisson: {{ rate: {rate}{batch} }}"),
    }
}

fn policies(c: &mut Chooser, services: usize) -> String {
    let mut text = "policies:\n".to_owned();
    for policy in 0..3 {
        // A fallback calls a service without calls of its own, under a policy without fallbacks.
        let last = (policy < 2).then_some(SERVICES[services - 1]);
        // A layer that guards instances cannot stand around a hedge.
        let hedges = c.below(2) == 0;
        let layers = c.list(4, |c| layer(c, last, hedges));
        let layers = if layers.is_empty() {
            "timeout: 50ms"
        } else {
            &layers
        };
        let _ = writeln!(text, "  p{policy}: [{layers}]");
    }
    // What stands around blocks: one pass at a time, given up with all that it does.
    let mut layers = Vec::new();
    while layers.len() < 3 {
        let layer = layer(c, None, false);
        if layer.contains("detach") || layer.contains("hystrix") {
            break;
        }
        layers.push(layer);
    }
    layers.push("timeout: 30ms".to_owned());
    let _ = writeln!(text, "  pb: [{}]", layers.join(", "));
    text
}

/// Who is next in a line.
const DISCIPLINES: [&str; 9] = [
    "fifo",
    "lifo",
    "random",
    "adaptive_lifo",
    "{ fair: { per: tenant } }",
    "{ fair: { per: client } }",
    "earliest_deadline",
    "{ adaptive_lifo: { interval: 2ms } }",
    "{ priority: { classes: [bulk], aging: 3ms } }",
];

#[expect(clippy::too_many_lines, reason = "one line for each key")]
fn service(c: &mut Chooser, number: usize, services: usize) -> String {
    let name = SERVICES[number];
    let settings = [
        format!("instances: {}", c.of(&["1", "2", "3", "6"])),
        // The first slot of the first service is always in zone a.
        format!("zones: {}", c.of(&["[a]", "[a, b]"])),
        format!("threads: {}", c.of(&["1", "2", "3", "unlimited"])),
        format!("execution: {}", c.of(&["blocking", "async"])),
        format!("cores: {}", c.of(&["unlimited", "1", "2"])),
        c.of(&[
            "memory: { per_call: 1MB }",
            "memory: { idle: 1MB, per_call: 1MB, limit: 4MB }",
            "memory: { per_call: 1MB, limit: 6MB, slow: { from: 50%, factor: 3 } }",
        ])
        .to_owned(),
        c.of(&[
            "retry_after: 4ms",
            "retry_after: { after: never, on: [error, rejected] }",
            "retry_after: { after: 2ms, on: [error] }",
        ])
        .to_owned(),
        format!(
            "queue: {{ capacity: {}, discipline: {}, max_wait: {}{} }}",
            c.of(&["unlimited", "0", "1", "5"]),
            c.of(&DISCIPLINES),
            c.of(&["unlimited", "5ms", "{ exponential: { mean: 5ms } }"]),
            c.of(&[
                "",
                "",
                ", codel: { target: 1ms, interval: 5ms }",
                ", codel: { like: folly, target: 500us, interval: 10ms }",
                ", codel: { like: facebook, target: 1ms, interval: 10ms }",
            ])
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
                "{ power_of_choices: { choices: 2 } }",
                "{ power_of_choices: { replace: true } }",
                "smooth",
                "{ weights: { 1: 3 }, slow_start: 20ms }",
                "{ random: {}, weights: { 1: 3 } }",
                "{ smooth: {}, weights: { 1: 3 }, slow_start: 20ms }",
                "{ stride: {}, weights: { 1: 3 } }",
                "{ weighted_least: {}, weights: { 1: 3 } }",
                "{ weighted_least: { rule: per_weight }, weights: { 1: 3 } }",
                "{ weighted_least: { rule: with_next }, weights: { 1: 3 }, slow_start: 20ms }",
                "{ peak_ewma: {} }",
                "{ peak_ewma: { initial: none, decay: 10ms } }",
                "{ ring: { key: call, points: 8 } }",
                "{ ring: { key: tenant, points: 4, bounded: 125% }, weights: { 1: 3 } }",
                "{ ring: { key: process, points: 20 }, sticky: class }",
                "{ sticky: { key: process, for: 10ms }, random: {} }",
                "{ zone: prefer, sticky: tenant }",
                "{ zone: prefer, smooth: {}, weights: { 1: 3 }, slow_start: 20ms }",
                "{ zone: envoy, least_requests: {} }",
                "{ zone: hints, weighted_least: { rule: per_weight } }",
            ])
        ),
    ];
    let mut settings = settings.to_vec();
    settings.extend(ejection(c));
    settings.push(health(c, number, services));
    let steps = steps(c, number, services, 2);
    let settings = [settings.join(", "), admission(c), lives(c)];
    format!(
        "  {name}: {{ {}, operations: {{ op: {{ {}, steps: [{steps}{}] }} }} }}\n",
        settings.join(", "),
        repetition(c),
        effects(c)
    )
}

/// A limit that is learned.
fn limit(c: &mut Chooser) -> String {
    let rule = c.of(&[
        "like: aimd, min: 1, initial: 2",
        "like: vegas, initial: 3",
        "like: gradient2, min: 1, initial: 4, window: none",
        "like: gradient2, min: 2, initial: 2, window: { length: 10ms, min_samples: 2 }",
        "like: envoy, algorithm: { gradient: { update_every: 5ms, measure_every: 50ms, measure_samples: 3 } }",
    ]);
    let drops = c.of(&["[timeout, rejected]", "[]", "failed"]);
    if rule.contains("envoy") {
        rule.to_owned()
    } else {
        format!("{rule}, drops: {drops}")
    }
}

/// The gate of a service; mostly none.
fn admission(c: &mut Chooser) -> String {
    let layers = match c.below(3) {
        0 | 1 => String::new(),
        _ => c.list(3, |c| {
            let owner = c.of(&[
                "",
                ", scope: service",
                ", per: tenant",
                ", per: client",
                ", per: class",
            ]);
            match c.below(4) {
                2 => format!(
                    "{{ shed: {{ measure: {}, every: 20ms, curve: {} }} }}",
                    c.of(&[
                        "queue, from: 0, to: 3",
                        "utilisation, from: 50%, to: 100%",
                        "latency, from: 1ms, to: 30ms, over: 60ms, classes: [interactive]",
                    ]),
                    c.of(&["linear", "cubic"])
                ),
                3 => format!("{{ concurrency_limit: {{ {} }} }}", limit(c)),
                0 => format!(
                    "{{ bulkhead: {{ max_concurrent: {}{owner} }} }}",
                    1 + c.below(4)
                ),
                _ => format!(
                    "{{ rate_limit: {{ permits: {}, period: 50ms{owner} }} }}",
                    1 + c.below(8)
                ),
            }
        }),
    };
    let connections = c.of(&["unlimited", "unlimited", "unlimited", "3"]);
    format!("connections: {connections}, admission: [{layers}]")
}

/// Who asks its instances how they are; mostly nobody.
fn health(c: &mut Chooser, number: usize, services: usize) -> String {
    let deep = SERVICES.get(number + 1).filter(|_| number + 1 < services);
    let deep = deep.map_or("thread".to_owned(), |to| format!("{{ call: {to}.op }}"));
    // Only the first is called for sure.
    let scope = if number == 0 {
        c.of(&["shared", "caller"])
    } else {
        "shared"
    };
    let checks = match c.below(6) {
        0 => format!(
            "a: {{ check: {deep}, scope: {scope}, every: 20ms, timeout: 5ms, fails: 2, passes: 1 }}"
        ),
        1 => format!(
            "a: {{ check: process, scope: {scope}, schedule: after_end, every: 10ms, \
             every_pending: 3ms, every_failed: 15ms, timeout: 4ms, fails: 1, passes: 2, \
             first: decides, at_once_on: error, delay: 1ms }}"
        ),
        2 => "a: { check: thread, every: 15ms, timeout: 3ms, fails: 2, passes: 1, first: in, \
              on_fail: restart, phase: 2ms }, \
              b: { every: 5ms, timeout: 2ms, fails: 9, passes: 2, gates: [a], on_fail: restart }"
            .to_owned(),
        _ => String::new(),
    };
    format!("health: {{ {checks} }}")
}

/// Who leaves out which instances.
fn ejection(c: &mut Chooser) -> Option<String> {
    let rules = c.of(&[
        "",
        "consecutive: 2, sweep: 20ms, eject: { for: 15ms, max: 60ms, jitter: 5ms }, max_ejected: 67%",
        "consecutive: none, success_rate: { below_sd: 0.5, min_instances: 2, min_calls: 2 }, \
         failure_share: { above: 30%, min_instances: 1, min_calls: 2 }, sweep: 10ms, phase: 0s, \
         eject: { for: 10ms }, max_ejected: 50%, rounding: may_exceed",
        "consecutive: 1, eject: { for: 5ms, growth: exponential, max: 40ms, jitter: 50%, \
         returns: one_trial }, max_ejected: 100%",
        "consecutive: [{ failures: 3 }, { failures: 1, on: timeout }], sweep: 30ms, \
         eject: { for: 8ms, growth: none, returns: exact }, max_ejected: 34%",
        "quiet_period: { failures: 1, for: 1s }",
    ]);
    let scope = c.of(&["", ", scope: shared"]);
    (!rules.is_empty()).then(|| format!("ejection: {{ {rules}{scope} }}"))
}

/// How instances come and go, and how callers hear of it; mostly nothing is said of it.
fn lives(c: &mut Chooser) -> String {
    let lifecycle = c.of(&[
        "",
        "",
        "lifecycle: {}, ",
        "lifecycle: { startup: 3ms, drain: 2ms, grace: 9ms }, ",
        "lifecycle: { startup: { exponential: { mean: 4ms } }, cold_start: { for: 9ms, factor: 2 }, \
         restart: { backoff: { exponential: { initial: 5ms } }, forget_after: 20ms } }, ",
    ]);
    let membership = c.of(&[
        "",
        "",
        "propagation: 4ms",
        "propagation: { exponential: { mean: 5ms } }, panic_below: 60%",
        "refresh: 20ms, panic_below: 50%",
        "refresh: { every: 50ms, at_error: true }",
    ]);
    format!("{lifecycle}membership: {{ {membership} }}")
}

/// What its operation does for good; mostly nothing that has a name.
fn effects(c: &mut Chooser) -> &'static str {
    c.of(&[
        "",
        "",
        ", { effect: a }, { work: 1ms }, { effect: b }",
        ", { effect: a }, { undo: a }, { effect: b }",
        ", { undo: { effect: a, forbids: true } }, { effect: a }, { effect: b }",
    ])
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

/// A pool to each service, each different.
fn pools(c: &mut Chooser, services: usize) -> String {
    let mut text = "pools:\n".to_owned();
    for to in &SERVICES[..services] {
        let settings = [
            format!("size: {}", c.of(&["2", "1", "4"])),
            format!("max_wait: {}", c.of(&["20ms", "0s", "unlimited"])),
            c.of(&[
                "max_idle: unlimited",
                "max_idle: 1",
                "max_idle: 0",
                "max_idle: 1, min_idle: 1",
                "min_idle: 1",
            ])
            .to_owned(),
            format!("order: {}", c.of(&["fifo", "lifo", "random"])),
            format!("overtaking: {}", c.of(&["true", "false"])),
            format!("reuse: {}", c.of(&["newest", "oldest"])),
            format!(
                "open: {{ time: {}, at_once: {}, pause: {}, retry: {}, timeout: {}, on_failure: {} }}",
                c.of(&["0s", "2ms", "{ exponential: { mean: 3ms } }"]),
                c.of(&["unlimited", "1"]),
                c.of(&["0s", "3ms"]),
                c.of(&["5ms", "{ initial: 1ms, max: 20ms }"]),
                c.of(&["10ms", "3ms", "unlimited"]),
                c.of(&["wait", "fail"])
            ),
            format!(
                "max_age: {}",
                c.of(&["unlimited", "15ms", "{ uniform: { low: 5ms, high: 30ms } }"])
            ),
            format!("idle: {}", c.of(&["unlimited", "10ms"])),
            c.of(&["reuse: newest", "check: 4ms"]).to_owned(),
        ];
        let settings: Vec<String> = settings
            .into_iter()
            .enumerate()
            .filter(|(at, setting)| *at != 9 || setting.starts_with("check"))
            .map(|(_, setting)| setting)
            .collect();
        let _ = writeln!(text, "  to-{to}: {{ to: {to}, {} }}", settings.join(", "));
    }
    text
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
    let kind = c.below(if depth == 0 { 3 } else { 12 });
    match kind {
        9 | 10 => format!(
            "{{ with: {{ pool: to-{}, steps: [{}] }} }}",
            SERVICES[c.below(services)],
            steps(c, number, services, depth - 1)
        ),
        11 if depth == 2 && number + 1 < services => saga(c, number, services),
        7 | 8 => format!(
            "{{ block: {{ policy: pb, steps: [{}] }} }}",
            steps(c, number, services, depth - 1)
        ),
        1 if number + 1 < services => call(c, number, services),
        2 => format!(
            "{{ {} }}",
            c.of(&[
                "fail: { share: 20% }",
                "fail: { sequence: [ok, ok, unavailable] }",
                "negative: 20%"
            ])
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

/// Calls that are undone; nothing holds a connection around them.
fn saga(c: &mut Chooser, number: usize, services: usize) -> String {
    let mut steps = Vec::new();
    let pivot = c.below(5);
    for step in 0..=c.below(3) {
        let target = SERVICES[number + 1 + c.below(services - number - 1)];
        let other = SERVICES[number + 1 + c.below(services - number - 1)];
        let pool = if c.below(4) == 0 {
            format!(", pool: to-{target}")
        } else {
            String::new()
        };
        let other = if pool.is_empty() { other } else { target };
        let undo = if c.below(4) == 0 {
            String::new()
        } else {
            format!(", undo: {other}.op, undo_policy: pb")
        };
        let pivot = if step == pivot { ", pivot: true" } else { "" };
        steps.push(format!(
            "{{ do: {target}.op, policy: pb{undo}{pivot}{pool} }}"
        ));
    }
    format!(
        "{{ saga: {{ persist: {}, timeout: {}, unknown: {}, resume_after: {}, steps: [{}] }} }}",
        c.of(&["0s", "1ms"]),
        c.of(&["unlimited", "30ms"]),
        c.of(&["undo", "ignore"]),
        c.of(&["5ms", "30ms"]),
        steps.join(", ")
    )
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
    if c.below(3) == 0 {
        return format!(
            "{{ call: {{ to: {target}.op, policy: pb, optional: {optional}, pool: to-{target} }} }}"
        );
    }
    format!(
        "{{ call: {{ to: {target}.op, policy: p{}, optional: {optional} }} }}",
        c.below(3)
    )
}

#[expect(clippy::too_many_lines, reason = "a table of layers")]
fn layer(c: &mut Chooser, spare: Option<&str>, hedges: bool) -> String {
    let scopes = ["caller", "shared", "target_instance"];
    let scope = c.of(if hedges { &scopes[..2] } else { &scopes });
    let budget = c.of(&["", ", budget: b"]);
    match c.below(12) {
        10 => format!(
            "{{ concurrency_limit: {{ {}, scope: {scope} }} }}",
            limit(c)
        ),
        11 => format!(
            "{{ throttle: {{ {}, scope: {}, window: 1s }} }}",
            c.of(&["like: sre", "like: envoy", "like: sre, failures: failed"]),
            c.of(&["caller", "shared"])
        ),
        0 => format!(
            "{{ timeout: {{ after: {}, on_expiry: {}, propagate: {}{} }} }}",
            c.of(&["8ms", "20ms", "3ms"]),
            c.of(&["cancel", "detach"]),
            c.of(&["false", "true"]),
            c.of(&["", ", connect: 2ms"])
        ),
        1 => format!(
            "{{ retry: {{ max_attempts: {}, backoff: {}, on: {}, other_instance: {}, retry_after: {}{budget} }} }}",
            2 + c.below(2),
            c.of(&[
                "none",
                "{ constant: 2ms }",
                "{ exponential: { initial: 1ms } }"
            ]),
            c.of(&["[failed]", "[error, timeout]"]),
            c.of(&["false", "true"]),
            c.of(&[
                "ignore",
                "{ raise: { at_most: 5ms } }",
                "replace",
                "pushback"
            ])
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
        7 => preset(c).to_owned(),
        8 => breaker_preset(c, scope),
        _ => "{ fallback: { on: [error], answer: static } }".to_owned(),
    }
}

/// A layer like a library's.
fn preset(c: &mut Chooser) -> &'static str {
    c.of(&[
        "{ timeout: { like: polly, after: 10ms } }",
        "{ timeout: { like: hystrix, after: 10ms } }",
        "{ retry: { like: resilience4j, backoff: { constant: 1ms } } }",
        "{ retry: { like: envoy, on: [error, timeout] } }",
        "{ retry: { like: aws, budget: b } }",
        "{ retry: { like: grpc, max_attempts: 3 } }",
        "{ bulkhead: { like: resilience4j, max_concurrent: 2 } }",
        "{ rate_limit: { like: governor, permits: 2, period: 5ms } }",
    ])
}

fn breaker_preset(c: &mut Chooser, scope: &str) -> String {
    let like = c.of(&[
        "resilience4j, minimum_calls: 3, window: { calls: 5 }",
        "polly, minimum_calls: 3",
        "hystrix, minimum_calls: 3",
        "gobreaker",
        "dapr",
        "opossum",
        "cockatiel",
        "pybreaker",
        "linkerd",
        "finagle",
    ]);
    // Calls that wait for a probe cannot go to another instance.
    let like = if like == "cockatiel" && scope == "target_instance" {
        "gobreaker"
    } else {
        like
    };
    format!("{{ circuit_breaker: {{ like: {like}, open_for: 10ms, scope: {scope} }} }}")
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

//! Every way to misuse the keys of instances that come and go, and of callees that protect themselves:
//! one line each, into one place of a sound scenario, and what is said of it.

use super::load_text;
use crate::scenario::diagnostic::DiagnosticSeverity;

/// A sound scenario, with a line for each place in which something may be put.
const SOUND: &[(&str, &str)] = &[
    ("", "scenario: misuse"),
    ("", "run: { duration: 10s }"),
    ("", "clients:"),
    (
        "policy",
        "  c: { arrivals: { constant: { rate: 1/s } }, calls: s.op, policy: [ timeout: 1s ] }",
    ),
    ("", "policies:"),
    ("", "  pp: [ timeout: 1s ]"),
    ("", "pools:"),
    ("pool", "  p: { to: db, size: 10, max_wait: 100ms }"),
    ("", "services:"),
    ("", "  s:"),
    ("instances", "    instances: 3"),
    ("", "    threads: 10"),
    ("queue", "    queue: { capacity: 10 }"),
    ("service", ""),
    ("", "    operations:"),
    ("", "      op:"),
    ("", "        steps:"),
    ("step", "          - work: 1ms"),
    (
        "",
        "          - with: { pool: p, steps: [ { call: { to: db.q, policy: pp } } ] }",
    ),
    ("", "  db:"),
    ("", "    threads: 5"),
    ("", "    queue: { capacity: 5 }"),
    ("", "    operations: { q: { steps: [ work: 1ms ] } }"),
    ("fault", ""),
];

/// How what is put into a place is written there.
fn written(place: &str, text: &str) -> String {
    match place {
        "policy" => format!(
            "  c: {{ arrivals: {{ constant: {{ rate: 1/s }} }}, calls: s.op, policy: [ {text} ] }}"
        ),
        "pool" => format!("  p: {{ {text} }}"),
        "queue" => format!("    queue: {{ {text} }}"),
        "step" => format!("          - {text}"),
        "fault" => format!("faults: {{ f: {{ {text} }} }}"),
        _ => format!("    {text}"),
    }
}

/// The scenario with something in a place, and the line in which that stands.
fn with(place: &str, text: &str) -> (String, u32) {
    let lines = SOUND.iter().map(|(name, line)| {
        if *name == place {
            written(place, text)
        } else {
            (*line).to_owned()
        }
    });
    let line = SOUND.iter().position(|(name, _)| *name == place);
    let lines: Vec<String> = lines.collect();
    (lines.join("\n") + "\n", line.map_or(0, |at| at as u32 + 1))
}

/// Place, what is written there, a part of the message, a part of the hint.
type Row = (&'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const REFUSED: &[Row] = &[
    // Limits that learn.
    ("service", "admission: [ { concurrency_limit: { like: aimd, min: 30, max: 20 } } ]", "a lowest limit of 30 and a highest of 20", "both"),
    ("service", "admission: [ { concurrency_limit: { like: aimd, initial: 300 } } ]", "begins with 300", "`initial`"),
    ("service", "admission: [ { concurrency_limit: { like: aimd, initial: 3 } } ]", "begins with 3,", "`initial`"),
    ("service", "admission: [ { concurrency_limit: { algorithm: { aimd: { backoff_ratio: 100% } } } } ]", "keeps 100%", "less than 100%"),
    ("service", "admission: [ { concurrency_limit: { algorithm: { aimd: { backoff_ratio: 49.9% } } } } ]", "keeps 49.9%", "at least 50%"),
    ("service", "admission: [ { concurrency_limit: { algorithm: { aimd: {}, vegas: {} } } } ]", "there are 2", "one of them"),
    ("service", "admission: [ { concurrency_limit: { algorithm: { vegas: { smoothing: 0% } } } } ]", "nothing is ever learned", "more than 0%"),
    ("service", "admission: [ { concurrency_limit: { algorithm: { gradient2: { smoothing: 0% } } } } ]", "nothing is ever learned", "more than 0%"),
    ("service", "admission: [ { concurrency_limit: { algorithm: { gradient2: { tolerance: 0.99 } } } } ]", "a `tolerance` of 0.99", "at least 1"),
    ("service", "admission: [ { concurrency_limit: { like: envoy, window: { length: 1s } } } ]", "does so by itself", "`window`"),
    ("service", "admission: [ { concurrency_limit: { like: envoy, algorithm: { gradient: { update_every: 0s } } } } ]", "after no time", "a duration"),
    ("service", "admission: [ { concurrency_limit: { like: aimd, drops: [ok] } } ]", "a useful end", "`timeout`"),
    // Shedding.
    ("service", "admission: [ { shed: { measure: queue, from: 9, to: 5 } } ]", "below the one", "a step"),
    ("service", "admission: [ { shed: { measure: queue, from: 10%, to: 50% } } ]", "no measure of its kind", "a count"),
    ("service", "admission: [ { shed: { measure: latency, from: 1, to: 5 } } ]", "no measure of its kind", "a duration"),
    ("service", "admission: [ { shed: { measure: utilisation, from: 50%, to: 150% } } ]", "150%", "a share"),
    ("service", "admission: [ { shed: { measure: queue, from: 1, to: 5, every: 1s, over: 100ms } } ]", "no time in which to measure", "`over`"),
    ("service", "admission: [ { shed: { measure: queue, from: 1, to: 5, every: 1ns } } ]", "measures every 1", "1ms"),
    // Rate limits and bulkheads of a callee.
    ("service", "admission: [ { rate_limit: { permits: 5, algorithm: gcra, refill: steps } } ]", "says how a bucket fills", "token_bucket"),
    ("service", "admission: [ { rate_limit: { permits: 5, algorithm: fixed_cycle, burst: 3 } } ]", "saves nothing up", "`burst`"),
    ("service", "admission: [ { rate_limit: { permits: 5, segments: 3 } } ]", "no window to divide", "sliding_window"),
    ("service", "admission: [ { rate_limit: { permits: 0 } } ]", "at least 1", "1 or more"),
    ("service", "admission: [ { rate_limit: { permits: 1, period: 0s } } ]", "a period of no time", "1s"),
    ("service", "admission: [ { rate_limit: { permits: 1, max_wait: 1s } } ]", "nobody waits at the gate", "`queue`"),
    ("service", "admission: [ { rate_limit: { permits: 1, per: user } } ]", "tenant, client, class", "tenant"),
    ("service", "admission: [ { bulkhead: { max_concurrent: 0 } } ]", "at least 1", "1 or more"),
    ("service", "admission: [ { timeout: 1s } ]", "no key `timeout`", "who calls"),
    ("service", "admission: [ { throttle: { like: sre } } ]", "no key `throttle`", "who calls"),
    ("service", "admission: [ { retry: { max_attempts: 2 } } ]", "no key `retry`", "who calls"),
    // Throttles.
    ("policy", "throttle: { algorithm: { sre: {}, envoy: {} } }", "there are 2", "one of them"),
    ("policy", "throttle: { like: sre, window: 999ms }", "less than a second", "1s"),
    ("policy", "throttle: { like: sre, failures: [ok] }", "takes `ok`", "`failures`"),
    ("policy", "throttle: { like: sre, scope: target_instance }", "no other instance would help", "`scope`"),
    ("policy", "throttle: { like: envoy, algorithm: { envoy: { success_rate: 0% } } }", "no success at all", "more than 0%"),
    // Queues.
    ("queue", "capacity: 10, codel: { target: 100ms, interval: 99ms }", "a habit after 99ms already", "more than `target`"),
    ("queue", "capacity: 10, codel: { target: 100ms, interval: 100ms, like: folly }", "a habit after 100ms already", "more than `target`"),
    ("queue", "capacity: 10, codel: { target: 0s }", "every wait is a long one", "above 0"),
    ("queue", "capacity: 10, codel: { target: 0s, interval: 0s }", "no wait would be a habit", "above 0"),
    ("queue", "capacity: 10, discipline: { priority: { classes: [] } }", "nothing has priority", "the highest first"),
    ("queue", "capacity: 10, discipline: { priority: { classes: [a] } }", "no call has this class", "class: NAME"),
    ("queue", "capacity: 10, discipline: { fair: user }", "tenant, client, class", "tenant"),
    ("queue", "capacity: 10, discipline: { adaptive_lifo: { interval: 0s } }", "that is `lifo`", "above 0"),
    // Memory.
    ("service", "memory: { per_call: 1MB, slow: { from: 50%, factor: 2 } }", "needs `limit`", "add `limit`"),
    ("service", "memory: { idle: 10MB, limit: 5MB }", "killed as it starts", "raise `limit`"),
    ("service", "memory: { idle: 10MB, per_call: 5MB, limit: 14MB }", "each call would kill it", "`per_call`"),
    ("service", "memory: { per_call: 1MB, limit: 10MB, slow: { from: 50%, factor: 0.5 } }", "does not make work faster", "at least 1"),
    ("service", "connections: 0", "at least 1", "1 or more"),
    // Pools.
    ("pool", "to: zz, size: 5, max_wait: 1s", "not defined", "`db`"),
    ("pool", "to: db, size: 0, max_wait: 1s", "at least 1", "1 or more"),
    ("pool", "to: db, size: 2, min_idle: 3, max_wait: 1s", "2 connections at most", "raise `size`"),
    ("pool", "to: db, size: 5, min_idle: 3, max_idle: 2, max_wait: 1s", "`min_idle` is 3", "raise `max_idle`"),
    ("pool", "to: db, size: 5, max_wait: 1s, max_age: 0s", "closed as it opens", "`unlimited`"),
    ("pool", "to: db, size: 5, max_wait: 1s, idle: 0s", "closed as it opens", "`unlimited`"),
    ("pool", "to: db, size: 5, max_wait: 1s, order: oldest", "fifo, lifo, random", "fifo"),
    ("pool", "to: db, size: 5, max_wait: 1s, reuse: last", "newest, oldest", "did you mean"),
    ("pool", "to: db, size: 5, max_wait: 1s, overtaking: maybe", "`true` or `false`", "`true` or `false`"),
    ("pool", "to: db, size: 5, max_wait: 1s, check: yes", "a duration", "250ms"),
    ("pool", "to: db, size: 5, max_wait: 1s, open: { at_once: 0 }", "at least 1", "1 or more"),
    ("pool", "to: db, size: 5, max_wait: 1s, open: { time: 5 }", "its unit", "5ms"),
    ("pool", "to: db, size: 5, max_wait: 1s, open: { pause: -1s }", "cannot be negative", "250ms"),
    ("pool", "to: db, size: 5, max_wait: 1s, open: { retry: 0s }", "tried at one instant", "some time"),
    ("pool", "to: db, size: 5, max_wait: 1s, open: { retry: { initial: 5s, max: 1s } }", "begins with 5s", "raise `max`"),
    ("pool", "to: db, size: 5, max_wait: 1s, open: { timeout: 0s }", "given up at once", "`unlimited`"),
    ("pool", "to: db, size: 5, max_wait: 1s, open: { on_failure: die }", "wait, fail", "wait"),
    ("pool", "to: db, size: 5, max_wait: 1s, open: { serves: asker }", "nobody who could wait on", "on_failure: fail"),
    ("pool", "to: db, size: 5, max_wait: 1s, like: hikari", "one of", "hikaricp"),
    ("pool", "to: db, size: 5", "needs `max_wait`", "add `max_wait:`"),
    ("pool", "to: db, max_wait: 1s", "needs `size`", "add `size:`"),
    // Steps that hold something or guard something.
    ("step", "{ with: { pool: zz, steps: [ { work: 1ms } ] } }", "names pool `zz`", "`p`"),
    ("step", "{ with: { pool: p, steps: [] } }", "nobody would use", "add a step"),
    ("step", "{ call: { to: s.op, pool: p } }", "leads to `db`", "leave `pool` out"),
    ("step", "{ block: { policy: [], steps: [ { work: 1ms } ] } }", "for its policy", "add a layer"),
    ("step", "{ block: { policy: pp, steps: [] } }", "guard nothing", "add a step"),
    ("step", "{ block: { policy: zz, steps: [ { work: 1ms } ] } }", "names policy `zz`", "`pp`"),
    ("step", "{ block: { policy: [ { hedge: { delay: 1ms } } ], steps: [ { work: 1ms } ] } }", "a `hedge`", "hedge the calls"),
    ("step", "{ block: { policy: [ { balance: random } ], steps: [ { work: 1ms } ] } }", "a `balance`", "the calls inside"),
    ("step", "{ block: { policy: [ { timeout: { after: 1s, on_expiry: detach } } ], steps: [ { work: 1ms } ] } }", "`on_expiry: detach`", "cancel"),
    // Health checks.
    ("service", "health: { like: kubernetes }", "names are needed here", "health: { NAME: { like: kubernetes } }"),
    ("service", "health: { like: kubernetes, every: 5s }", "names are needed here", "NAME"),
    ("service", "health: { a: { like: kubernetes, gates: [a] } }", "never begins", "when this one has passed"),
    ("service", "health: { a: { like: kubernetes, gates: [b] }, b: { like: kubernetes, gates: [a] } }", "neither ever begins", "only one"),
    ("service", "health: { a: { like: kubernetes, gates: [zz] } }", "which is not there", "other checks"),
    ("service", "health: { a: { like: kubernetes, gates: [b, b] }, b: { like: kubernetes } }", "once more", "name it once"),
    ("service", "health: { a: { like: kubernetes, gates: [b] }, b: { like: kubernetes-live, on_fail: leave, scope: caller } }", "not the same `scope`", "same `scope`"),
    ("service", "health: { a: { like: kubernetes-live, passes: 2 } }", "Kubernetes takes nothing but 1", "passes: 1"),
    ("service", "health: { a: { like: kubernetes-started, passes: 2 } }", "Kubernetes takes nothing but 1", "passes: 1"),
    ("service", "health: { a: { like: kubernetes-live, scope: caller } }", "none of them can restart", "scope: shared"),
    ("service", "health: { a: { like: kubernetes, every_pending: 1s } }", "ticks are never shifted", "after_end"),
    ("service", "health: { a: { like: kubernetes, check: { call: zz.q } } }", "not defined", "`db`"),
    ("service", "health: { a: { like: kubernetes, on_fail: { breaker: zz } } }", "not defined", "`pp`"),
    ("service", "health: { a: { like: kubernetes, on_fail: { breaker: pp } } }", "no `circuit_breaker`", "circuit_breaker"),
    ("service", "health: { a: { like: kubernetes, at_once_on: [ok] } }", "no failure", "error.internal"),
    ("service", "health: { a: { like: kubernetes, fails: 0 } }", "at least 1", "1 or more"),
    ("service", "health: { a: { like: kubernetes, timeout: 0s } }", "takes time", "above 0"),
    ("service", "health: { a: { like: kubernetes, every: 0s } }", "comes again", "above 0"),
    ("service", "health: { a: { like: kubernetes, every: 999us } }", "more than all traffic", "1ms"),
    ("service", "health: { a: { like: kubernetes, phase: 10s } }", "comes again each 10s", "below `every`"),
    // Ejection.
    ("service", "ejection: { sweep: 1s, eject: { for: 10s }, max_ejected: 50% }", "says nothing by which", "`consecutive"),
    ("service", "ejection: { quiet_period: {}, consecutive: { failures: 3 } }", "a rule by itself", "leave out one"),
    ("service", "ejection: { quiet_period: { for: 1500ms } }", "whole seconds", "10s"),
    ("service", "ejection: { consecutive: 3, sweep: 1s, eject: { for: 10s, max: 5s }, max_ejected: 50% }", "longer than its `max`", "raise `max`"),
    ("service", "ejection: { consecutive: 3, sweep: 1s, eject: { for: 0s }, max_ejected: 50% }", "for 0s", "by_check"),
    ("service", "ejection: { consecutive: 3, eject: { for: 0s, returns: exact }, max_ejected: 50% }", "for 0s", "by_check"),
    ("service", "ejection: { consecutive: 3, sweep: 1s, phase: 1s, eject: { for: 10s }, max_ejected: 50% }", "sweeps come each 1s", "below `sweep`"),
    ("service", "ejection: { consecutive: 3, sweep: 0s, eject: { for: 10s }, max_ejected: 50% }", "time must pass", "10s"),
    ("service", "ejection: { consecutive: 3, eject: { for: 10s }, max_ejected: 50% }", "needs `sweep`", "sweep: 10s"),
    ("service", "ejection: { success_rate: {}, eject: { for: 10s, returns: exact }, max_ejected: 50% }", "needs `sweep`", "sweep: 10s"),
    ("service", "ejection: { failure_share: { at_least: 5%, above: 5% }, sweep: 1s, eject: { for: 10s }, max_ejected: 50% }", "one of `at_least` and `above`", "85%"),
    ("service", "ejection: { consecutive: 3, sweep: 1s, max_ejected: 50% }", "for how long", "30s"),
    ("service", "ejection: { consecutive: 3, sweep: 1s, eject: { for: 10s } }", "how many instances", "max_ejected"),
    ("service", "ejection: { consecutive: 3, sweep: 1s, eject: { for: 10s, jitter: 200% }, max_ejected: 50% }", "200%", "a share"),
    // Membership and balancers.
    ("service", "membership: { propagation: 1s, refresh: 1s }", "each process asks", "`refresh`"),
    ("service", "membership: { refresh: 0s }", "nobody would ever use", "leave out"),
    ("service", "membership: { panic_below: 150% }", "between 0% and 100%", "a share"),
    ("service", "balance: { smooth: {}, random: {} }", "2 ways", "one of them"),
    ("service", "balance: { smooth: {}, weights: [1,2,3,4] }", "has 3 instances", "not there"),
    ("service", "balance: { smooth: {}, weights: { 0: 2 } }", "they go from 1", "count from 1"),
    ("service", "balance: { smooth: {}, weights: [0,1,1] }", "at least 1", "1 or more"),
    ("service", "balance: { smooth: {}, zone: envoy }", "in none", "zones:"),
    ("service", "balance: { smooth: {}, zone: prefer }", "in none", "zones:"),
    ("service", "balance: { smooth: {}, zone: hints }", "in none", "zones:"),
    ("service", "balance: { smooth: {}, sticky: call }", "nobody that it belongs", "`tenant`"),
    ("service", "balance: { ring: { key: tenant, points: 0 } }", "at least 1", "1 or more"),
    ("service", "balance: { ring: { key: tenant, bounded: 99% } }", "from 100%", "125%"),
    ("service", "balance: { ring: { key: tenant }, slow_start: 10s }", "no ramp", "slow_start"),
    ("service", "balance: { least_requests: {}, slow_start: 10s }", "no meaning", "weighted_least"),
    ("service", "balance: { smooth: {}, slow_start: { for: 0s } }", "takes no time", "`for`"),
    ("service", "balance: { smooth: {}, slow_start: { for: 10s, begins: [] } }", "begins at no moment", "[join]"),
    ("service", "balance: { smooth: {}, slow_start: { for: 10s, aggression: 0 } }", "nothing would ever grow", "more than 0"),
    ("service", "balance: { power_of_choices: { choices: 1 } }", "at least 2", "2 or more"),
    ("service", "balance: { weighted_least: { rule: per_weight, bias: 2 } }", "only the rule `deadlines`", "deadlines"),
    ("service", "balance: { peak_ewma: { decay: 0s } }", "nothing would be known", "10s"),
    // Lives of instances, and waits that grow.
    ("instances", "instances: 0", "at least 1", "1 or more"),
    ("instances", "zones: []", "names no zone", "[a, b, c]"),
    ("instances", "instances: { a: 2, b: 1 }\n    zones: [a]", "both say zones", "one of them"),
    ("service", "lifecycle: { drain: 40s }", "killed while it still answers", "raise `grace`"),
    ("service", "lifecycle: { restart: {} }", "needs `backoff`", "exponential"),
    ("service", "lifecycle: { restart: { backoff: { exponential: { initial: 10s, max: 1s } } } }", "waits are 1s at most", "raise `max`"),
    ("service", "lifecycle: { restart: { backoff: { linear: { initial: 10s, step: 1s, max: 1s } } } }", "waits are 1s at most", "raise `max`"),
    ("service", "lifecycle: { restart: { backoff: { fibonacci: { initial: 10s, max: 1s } } } }", "waits are 1s at most", "raise `max`"),
    // Faults.
    ("fault", "at: 1s, service: zz, stop: {}", "not defined", "`db`"),
    ("fault", "at: 1s, service: s, stop: { x: 1 }", "no key `x`", "`{}`"),
    ("fault", "at: 1s, service: s, stop: {}, pause: {}", "several effects", "a fault for each"),
    ("fault", "at: 1s, service: s, restart: { at_once: 0 }", "`all`, a number or a share", "`all`"),
    ("fault", "at: 1s, service: s, fill: { memory: 1MB }", "has none", "`memory`"),
    ("fault", "at: 1s, service: s, zone: a, crash: {}", "in which nobody is", "zones:"),
    ("fault", "at: 1s, client: c, zone: a, load: { factor: 2 }", "does not go with `load`", "`client`"),
    ("fault", "at: 1s, service: s, instances: 0, stop: {}", "`all`, a number", "`all`"),
    ("fault", "at: 1s, service: s, instances: 9, stop: {}", "9 instances", "1 to 3"),
    ("fault", "at: 1s, every: 5s, service: s, stop: {}", "needs `for`", "add `for:`"),
    ("fault", "random: { up: 1s, down: 1s }, service: s, restart: { at_once: 2 }", "restarts by itself", "leave it out"),
    ("fault", "random: { up: 1s, down: 1s }, service: s, restart: { pause: 2s }", "restarts by itself", "leave it out"),
];

/// The same, for what is accepted with a warning: the code stands first in its message.
#[rustfmt::skip]
const WARNED: &[Row] = &[
    ("policy", "throttle: { algorithm: { sre: { k: 0.5 } } }", "throttle-below-one", "at least 1"),
    ("policy", "throttle: { algorithm: { envoy: { aggression: 0.5 } } }", "throttle-below-one", "at least 1"),
    ("pool", "to: s, size: 5, max_wait: 100ms", "pool-to-itself", "`to`"),
    ("service", "balance: { ring: { key: tenant }, sticky: tenant }", "sticky-on-a-ring", "one of the two"),
];

/// Near to what is refused or warned of, and sound.
#[rustfmt::skip]
const ACCEPTED: &[(&str, &str)] = &[
    ("service", "admission: [ { concurrency_limit: { algorithm: { aimd: { backoff_ratio: 50% } } } } ]"),
    ("service", "admission: [ { concurrency_limit: { algorithm: { gradient2: { tolerance: 1 } } } } ]"),
    ("service", "admission: [ { concurrency_limit: { like: envoy, window: none } } ]"),
    ("service", "admission: [ { shed: { measure: queue, from: 5, to: 5, every: 1ms } } ]"),
    ("policy", "timeout: 1s, throttle: { algorithm: { sre: { k: 1 } } }"),
    ("queue", "capacity: 10, codel: { target: 100ms, interval: 100ms }"),
    ("service", "memory: { idle: 10MB, per_call: 5MB, limit: 15MB }"),
    ("pool", "to: db, size: 5, min_idle: 3, max_idle: 3, max_wait: 100ms, open: { retry: { initial: 1s, max: 1s } }"),
    ("step", "{ block: { policy: none, steps: [ { work: 1ms } ] } }"),
    ("service", "health: { check: { like: kubernetes } }"),
    ("service", "health: { a: { like: kubernetes, passes: 2, phase: 9.999s } }"),
    ("service", "ejection: { consecutive: 3, eject: { for: 0s, returns: by_check }, max_ejected: 50% }\n    health: { a: { like: haproxy } }"),
    ("service", "lifecycle: { restart: { backoff: { exponential: { initial: 1s, max: 1s } } } }"),
    ("fault", "random: { up: 1s, down: 1s }, service: s, stop: {}"),
    ("fault", "random: { up: 1s, down: 1s }, service: s, restart: {}"),
];

#[test]
fn each_misuse_is_refused_with_its_place_its_cause_and_a_hint() {
    let mut wrong = Vec::new();
    for &(place, text, cause, remedy) in REFUSED {
        let (scenario, line) = with(place, text);
        let found = match load_text(&scenario) {
            Ok(_) => {
                wrong.push(format!("accepted: {text}"));
                continue;
            }
            Err(found) => found.into_vec(),
        };
        let is_error = |severity| severity == DiagnosticSeverity::Error;
        let errors = found.iter().filter(|it| is_error(it.severity));
        let is_it = |hint: &Option<String>| hint.as_ref().is_some_and(|it| it.contains(remedy));
        let told = errors.clone().any(|it| {
            let stands = it.span.line == line || text.contains('\n');
            stands && it.span.column > 1 && it.message.contains(cause) && is_it(&it.hint)
        });
        if !told || errors.clone().any(|it| it.hint.is_none()) {
            let said: Vec<String> = errors.map(ToString::to_string).collect();
            wrong.push(format!("{text}\n    {}", said.join("\n    ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_accepted_but_useless_is_warned_of() {
    for &(place, text, code, remedy) in WARNED {
        let loaded = load_text(&with(place, text).0).unwrap_or_else(|found| panic!("{found}"));
        let is_it = |hint: &Option<String>| hint.as_ref().is_some_and(|it| it.contains(remedy));
        let mut warnings = loaded.warnings.iter();
        let told = warnings.any(|it| it.code == code && it.span.line > 0 && is_it(&it.hint));
        assert!(told, "{text}: {:?}", loaded.warnings);
    }
}

#[test]
fn what_is_near_to_a_misuse_is_accepted() {
    let codes: Vec<&str> = WARNED.iter().map(|row| row.2).collect();
    for &(place, text) in ACCEPTED {
        let loaded = load_text(&with(place, text).0);
        let loaded = loaded.unwrap_or_else(|found| panic!("{text}: {found}"));
        let told = loaded.warnings.iter().find(|it| codes.contains(&it.code));
        assert!(told.is_none(), "{text}: {told:?}");
    }
}

#[test]
fn all_mistakes_of_a_section_are_told_at_once() {
    for (place, text, count) in [
        (
            "service",
            "admission: [ { concurrency_limit: { algorithm: { gradient2: { smoothing: 0%, tolerance: 0 } }, drops: [ok], min: 30, max: 20 } } ]",
            4,
        ),
        (
            "pool",
            "to: db, size: 5, min_idle: 9, idle: 0s, max_age: 0s, max_wait: 1s, open: { timeout: 0s, retry: { initial: 5s, max: 1s }, serves: asker }",
            6,
        ),
        (
            "policy",
            "throttle: { like: envoy, window: 1ms, failures: [ok], algorithm: { envoy: { success_rate: 0% } } }",
            3,
        ),
        (
            "service",
            "health: { a: { like: kubernetes-live, passes: 2, every: 0s, timeout: 0s, at_once_on: [ok] } }",
            4,
        ),
    ] {
        let found = load_text(&with(place, text).0).expect_err(text);
        assert_eq!(found.all().len(), count, "{found}");
    }
}

//! Fallbacks that call another operation, with its own policy and outcome.

use super::*;

/// `s` fails at once from 1 s on; its caller asks `t` instead, which takes 20 ms.
fn instead(fallback: &str, rest: &str) -> String {
    let services = service("s", "threads: unlimited", "work: 10ms")
        + &service("t", "threads: unlimited", "work: 20ms");
    system("500ms, 1500ms", fallback, &services)
        + "faults: { f: { at: 1s, service: s, errors: { share: 100% } }"
        + rest
        + " }\n"
}

const PLAIN: &str =
    "{ fallback: { answer: { call: { to: t.op, policy: [timeout: 50ms] } } } }, timeout: 100ms";

#[test]
fn another_operation_answers_in_the_place_of_a_failure() {
    check(
        "it is a call of its own, and the answer is degraded",
        &instead(PLAIN, ""),
        &[Calls, Attempts, Policy],
        &[
            "500ms c1 wants s.op",
            "500ms c1 sends a1 to s/0",
            "510ms a1 answered: ok",
            "510ms c1 ok after 10ms",
            "1.5s c2 wants s.op",
            "1.5s c2 sends a2 to s/0",
            "1.5s a2 answered: error.internal",
            "1.5s c2 fallback calls c3 for error.internal",
            "1.5s c3 wants t.op",
            "1.5s c3 sends a3 to t/0",
            "1.52s a3 answered: ok",
            "1.52s c3 ok after 20ms",
            "1.52s c2 fallback for error.internal",
            "1.52s c2 degraded for error.internal in s.op after 20ms",
        ],
    );
    check(
        "its own policy decides how it ends, and that is the outcome",
        &instead(PLAIN, ", g: { at: 1s, service: t, slow: { factor: 10 } }"),
        &[Calls, Policy],
        &[
            "500ms c1 wants s.op",
            "510ms c1 ok after 10ms",
            "1.5s c2 wants s.op",
            "1.5s c2 fallback calls c3 for error.internal",
            "1.5s c3 wants t.op",
            "1.55s c3 timeout over",
            "1.55s c3 timeout.response, AtWork in t.op after 50ms",
            "1.55s c2 fallback falls back on timeout.response",
            "1.55s c2 timeout.response, AtWork in t.op after 50ms",
        ],
    );
}

#[test]
fn rule_4_a_timeout_around_a_fallback_gives_up_its_call() {
    check(
        "and blames what it waits for",
        &instead(&format!("timeout: 10ms, {PLAIN}"), ""),
        &[Calls, Attempts, Policy],
        &[
            "500ms c1 wants s.op",
            "500ms c1 sends a1 to s/0",
            "510ms a1 answered: ok",
            "510ms c1 ok after 10ms",
            "1.5s c2 wants s.op",
            "1.5s c2 sends a2 to s/0",
            "1.5s a2 answered: error.internal",
            "1.5s c2 fallback calls c3 for error.internal",
            "1.5s c3 wants t.op",
            "1.5s c3 sends a3 to t/0",
            "1.51s c2 timeout over",
            "1.51s a3 given up: timeout.response, AtWork in t.op",
            "1.51s c3 cancelled after 10ms",
            "1.51s c2 timeout.response, AtWork in t.op after 10ms",
        ],
    );
}

#[test]
fn rule_12_an_operation_with_a_fallback_answers_degraded() {
    let call = format!("{{ call: {{ to: s.op, policy: [{PLAIN}] }} }}");
    let services = service("s", "threads: unlimited", "fail: { share: 100% }")
        + &service("t", "threads: unlimited", "work: 20ms")
        + &service("shop", "threads: 1, queue: { capacity: 1 }", &call);
    let scenario = system("0ms", "timeout: 1s", &services).replace("calls: s.op", "calls: shop.op");
    check(
        "the strand waits for the fallback's call",
        &scenario,
        &[Calls, Operations],
        &[
            "0s c1 wants shop.op",
            "0s a1 starts",
            "0s c2 wants s.op for a1",
            "0s a2 starts",
            "0s a2 finishes error.internal",
            "0s c3 wants t.op",
            "0s a3 starts",
            "20ms a3 finishes ok, held 20ms",
            "20ms c3 ok after 20ms",
            "20ms c2 degraded for error.internal in s.op after 20ms",
            "20ms a1 finishes degraded, held 20ms",
            "20ms c1 degraded after 20ms",
        ],
    );
}

#[test]
fn rule_18_the_deadline_holds_for_the_fallback_too() {
    let slow = service("s", "threads: unlimited", "fail: { share: 100% }")
        + &service(
            "t",
            "threads: unlimited, abandoned_work: stop",
            "work: 200ms",
        );
    let scenario = system(
        "0ms",
        &format!("timeout: {{ after: 30ms, propagate: true }}, {PLAIN}"),
        &slow,
    );
    check(
        "its attempt carries the deadline of 30 ms, not only its own limit of 50 ms",
        &scenario,
        &[Operations],
        &[
            "0s a1 starts",
            "0s a1 finishes error.internal",
            "0s a2 starts",
            "30ms a2 Stopped, held 30ms",
        ],
    );
}

#[test]
fn rule_19_a_dead_process_takes_its_fallbacks_along() {
    let call = format!("{{ call: {{ to: s.op, policy: [{PLAIN}] }} }}");
    let services = service("s", "threads: unlimited", "fail: { share: 100% }")
        + &service("t", "threads: unlimited", "work: 20ms")
        + &service("shop", "threads: 1, queue: { capacity: 1 }", &call);
    let scenario = system("0ms", "timeout: 1s", &services).replace("calls: s.op", "calls: shop.op")
        + "faults: { boom: { at: 10ms, service: shop, crash: {} } }\n";
    check(
        "one end for each call",
        &scenario,
        &[Calls],
        &[
            "0s c1 wants shop.op",
            "0s c2 wants s.op for a1",
            "0s c3 wants t.op",
            "10ms c3 cancelled after 10ms",
            "10ms c2 cancelled after 10ms",
            "10ms c1 error.reset after 10ms",
        ],
    );
}

#[test]
fn a_call_of_a_fallback_is_no_wish_of_the_client() {
    let loaded = crate::support::from_text("test", &instead(PLAIN, ""), &[]);
    let request = sim_core::report::Request::of(&loaded.scenario);
    let (report, ()) = sim_core::report::run(&loaded, &request, (), &mut |_, _| true);
    let client = &report.clients[0].calls;
    assert_eq!((client.started_total, client.useful_total), (2, 2));
    let edges: Vec<(&str, bool, u64)> = report
        .edges
        .iter()
        .map(|edge| {
            (
                edge.name.as_str(),
                edge.from_client,
                edge.calls.started_total,
            )
        })
        .collect();
    assert_eq!(
        edges,
        [("c -> s.op", true, 2), ("c -> t.op (fallback)", false, 1)]
    );
    let fallback = report.layers.iter().find(|layer| layer.kind == "fallback");
    let acts = fallback.unwrap().acts.iter();
    let acts: Vec<(&str, u64)> = acts.map(|act| (act.name.as_str(), act.total)).collect();
    assert_eq!(acts, [("fallbacks", 1), ("fallbacks_called", 1)]);
}

#[test]
fn a_trace_shows_the_call_in_its_place() {
    let loaded = crate::support::from_text("test", &instead(PLAIN, ""), &[]);
    let spec = &loaded.scenario.model;
    let tracer = sim_core::report::Tracer::new(spec, 2);
    let Played { observer, .. } = run(spec, 1, 0, tracer, &mut |_, _| true);
    let call = observer.finish().unwrap();
    let other = &call.fallbacks[0];
    assert_eq!(other.edge, "c -> t.op (fallback)");
    assert_eq!((other.call, other.attempts.len()), (3, 1));
    let said: Vec<&str> = call.decisions.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(
        said,
        [
            "calls another operation instead of error.internal",
            "answers degraded instead of error.internal"
        ]
    );
}

#[test]
fn rule_28_a_negative_answer_is_a_success_to_every_layer() {
    let steps = "{ work: 10ms }, { negative: 100% }";
    let s = service("s", "threads: unlimited", steps);
    let policy = format!(
        "{PLAIN}, circuit_breaker: {{ consecutive_failures: 1, open_for: 1h }}, retry: {{}}"
    );
    let services = s + &service("t", "threads: unlimited", "work: 20ms");
    check(
        "nothing acts",
        &system("0s, 1s", &policy, &services),
        &[Calls, Operations, Policy],
        &[
            "0s c1 wants s.op",
            "0s a1 starts",
            "10ms a1 finishes negative, held 10ms",
            "10ms c1 negative after 10ms",
            "1s c2 wants s.op",
            "1s a2 starts",
            "1.01s a2 finishes negative, held 10ms",
            "1.01s c2 negative after 10ms",
        ],
    );
    let asked = "retry: { on: negative, max_attempts: 2, backoff: { constant: 5ms }, jitter: none }, \
                 circuit_breaker: { consecutive_failures: 2, open_for: 1h, failure_on: negative }";
    check(
        "unless it is asked to",
        &system("0s, 1s", asked, &services),
        &[Calls, Policy],
        &[
            "0s c1 wants s.op",
            "10ms c1 retry after 1, in 5ms",
            "25ms circuit_breaker of p0 closed to open",
            "25ms c1 negative after 25ms",
            "1s c2 wants s.op",
            "1s c2 circuit_breaker says stopped.breaker_open",
            "1s c2 retry not_retryable after 1",
            "1s c2 stopped.breaker_open after 0s",
        ],
    );
}

/// A cache is asked, and what it has not comes from the database: the answer is a full one.
#[test]
fn after_a_miss_the_fallbacks_answer_is_not_degraded() {
    let cache = service("s", "threads: unlimited", "negative: 100%");
    let get = "{ call: { to: s.op, policy: [fallback: { on: [negative, failed], answer: { call: t.op } }] } }";
    let shop = service("shop", "threads: 1, queue: { capacity: 1 }", get);
    let rest = cache + &shop;
    for (database, told, end) in [
        (
            "work: 20ms",
            "20ms c2 ok after 20ms",
            "20ms c1 ok after 20ms",
        ),
        (
            "negative: 100%",
            "0s c2 negative after 0s",
            "0s c1 ok after 0s",
        ),
    ] {
        let services = rest.clone() + &service("t", "threads: unlimited", database);
        let scenario =
            system("0s", "timeout: 1s", &services).replace("calls: s.op", "calls: shop.op");
        let (lines, _) = trace(&scenario, &[Calls]);
        assert_eq!(lines[lines.len() - 2..], [told, end], "{database}");
    }
    let broken = rest + &service("t", "threads: unlimited", "work: 20ms");
    let broken = system("0s", "timeout: 1s", &broken).replace("calls: s.op", "calls: shop.op")
        + "faults: { f: { at: 0s, service: s, errors: { share: 100% } } }\n";
    let (lines, _) = trace(&broken, &[Calls]);
    assert!(
        lines[lines.len() - 1].starts_with("20ms c1 degraded"),
        "{lines:?}"
    );
}

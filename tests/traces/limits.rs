//! Limits on waiting: for a connection, for an answer, and over several hops (rules 4, 18, 21).

use super::*;

fn refuses_nobody(fault: &str) -> String {
    let s = service("s", "threads: 9, queue: { capacity: 9 }", "work: 10ms");
    system("0ms, 1s", "timeout: { after: 500ms, connect: 50ms }", &s)
        + "network: { latency: 1ms }\n"
        + &format!("faults: {{ f: {{ at: 500ms, for: 1s, {fault} }} }}\n")
}

#[test]
fn a_connect_limit_ends_what_cannot_be_reached() {
    check(
        "a partition",
        &refuses_nobody("from: c, to: s, partition: {}"),
        &[Calls, Attempts, Policy, Messages],
        &[
            "0s c1 wants s.op",
            "0s c1 sends a1 to s/0",
            "12ms a1 answered: ok",
            "12ms c1 ok after 12ms",
            "1s c2 wants s.op",
            "1s c2 sends a2 to s/0",
            "1s request of a2 lost",
            "1.05s c2 timeout over",
            "1.05s a2 answered: timeout.connect, OnTheWay in the way to s.op",
            "1.05s c2 timeout.connect, OnTheWay in the way to s.op after 50ms",
        ],
    );
    check(
        "a machine that is gone; the limit counts from the sending",
        &refuses_nobody("service: s, crash: { callers_see: unreachable }"),
        &[Calls, Messages],
        &[
            "0s c1 wants s.op",
            "12ms c1 ok after 12ms",
            "1s c2 wants s.op",
            "1.001s request of a2 lost",
            "1.05s c2 timeout.connect, Unreachable in s.op after 50ms",
        ],
    );
    check(
        "a process that is down is not: its machine refuses",
        &refuses_nobody("service: s, crash: { callers_see: nothing }"),
        &[Calls],
        &[
            "0s c1 wants s.op",
            "12ms c1 ok after 12ms",
            "1s c2 wants s.op",
            "1.002s c2 error.refused after 2ms",
        ],
    );
}

#[test]
fn without_a_connect_limit_the_timeout_ends_it() {
    let scenario = refuses_nobody("from: c, to: s, partition: {}").replace(", connect: 50ms", "");
    check(
        "half a second",
        &scenario,
        &[Calls],
        &[
            "0s c1 wants s.op",
            "12ms c1 ok after 12ms",
            "1s c2 wants s.op",
            "1.5s c2 timeout.response, OnTheWay in the way to s.op after 500ms",
        ],
    );
}

#[test]
fn a_retry_goes_elsewhere_once_the_connection_is_given_up() {
    let s = service(
        "s",
        "instances: 2, threads: 9, queue: { capacity: 9 }",
        "work: 10ms",
    );
    let scenario = system(
        "0ms",
        "{ retry: { max_attempts: 2, other_instance: true } }, { timeout: { after: 500ms, connect: 50ms } }",
        &s,
    ) + "faults: { f: { at: 0ms, service: s, instances: 1, crash: { callers_see: unreachable } } }\n";
    let (lines, _) = trace(&scenario, &[Calls]);
    // Round robin starts anywhere: at once, or after the limit.
    let end = lines.last().unwrap();
    assert!(
        end == "10ms c1 ok after 10ms" || end == "60ms c1 ok after 60ms",
        "{lines:#?}"
    );
}

#[test]
fn an_attempt_given_up_before_its_connect_limit_is_not_heard_of_again() {
    let scenario = refuses_nobody("from: c, to: s, partition: {}").replace(
        "timeout: { after: 500ms, connect: 50ms }",
        "{ timeout: 20ms }, { timeout: { after: 500ms, connect: 50ms } }",
    );
    check(
        "the outer timeout is shorter",
        &scenario,
        &[Attempts, Calls, Messages],
        &[
            "0s c1 wants s.op",
            "0s c1 sends a1 to s/0",
            "12ms a1 answered: ok",
            "12ms c1 ok after 12ms",
            "1s c2 wants s.op",
            "1s c2 sends a2 to s/0",
            "1s request of a2 lost",
            "1.02s a2 given up: timeout.response, OnTheWay in the way to s.op",
            "1.02s c2 timeout.response, OnTheWay in the way to s.op after 20ms",
        ],
    );
}

/// Three hops: `s` works 10 ms and calls `t`, which works 10 ms and calls `u`, which has one thread
/// and works 100 ms. Two clients' calls, and a deadline of 60 ms that travels.
fn three_hops(abandoned_work: &str) -> String {
    let room = "queue: { capacity: 9 }";
    let hop = |name: &str, next: &str| {
        service(
            name,
            &format!("threads: 9, {room}, abandoned_work: {abandoned_work}"),
            &format!("{{ work: 10ms }}, {{ call: {next}.op }}"),
        )
    };
    let last = service(
        "u",
        &format!("threads: 1, {room}, abandoned_work: {abandoned_work}"),
        "work: 100ms",
    );
    system(
        "0ms, 1ms",
        "timeout: { after: 60ms, propagate: true }",
        &(hop("s", "t") + &hop("t", "u") + &last),
    )
}

#[test]
fn rule_18_a_deadline_over_three_hops() {
    // a1, a3, a5 serve the first call at s, t, u, and a2, a4, a6 the second. u works for the first
    // from 20 ms to 120 ms, and the second waits there from 21 ms. The deadlines are at 60 and 61 ms.
    let begins = [
        "0s a1 starts",
        "1ms a2 starts",
        "10ms a3 starts",
        "11ms a4 starts",
        "20ms a5 starts",
    ];
    for (abandoned_work, expected) in [
        (
            "finish",
            &[
                "120ms a5 finishes ok, held 100ms",
                "120ms a6 starts after 99ms",
                "120ms a3 finishes ok, held 110ms",
                "120ms a1 finishes ok, held 120ms",
                "220ms a6 finishes ok, held 100ms",
                "220ms a4 finishes ok, held 209ms",
                "220ms a2 finishes ok, held 219ms",
            ][..],
        ),
        // Dropped when it would leave the queue, at no cost.
        (
            "skip",
            &[
                "120ms a5 finishes ok, held 100ms",
                "120ms a6 Expired",
                "120ms a3 finishes ok, held 110ms",
                "120ms a4 finishes error.dependency, held 109ms",
                "120ms a1 finishes ok, held 120ms",
                "120ms a2 finishes error.dependency, held 119ms",
            ][..],
        ),
        // It leaves the queue at its deadline, and all who wait for it go on.
        (
            "remove",
            &[
                "61ms a6 Expired",
                "61ms a4 finishes error.dependency, held 50ms",
                "61ms a2 finishes error.dependency, held 60ms",
                "120ms a5 finishes ok, held 100ms",
                "120ms a3 finishes ok, held 110ms",
                "120ms a1 finishes ok, held 120ms",
            ][..],
        ),
        // All three hops stop at once; the thread is free for the second call, for a millisecond.
        (
            "stop",
            &[
                "60ms a1 Stopped, held 60ms",
                "60ms a3 Stopped, held 50ms",
                "60ms a5 Stopped, held 40ms",
                "60ms a6 starts after 39ms",
                "61ms a2 Stopped, held 60ms",
                "61ms a4 Stopped, held 50ms",
                "61ms a6 Stopped, held 1ms",
            ][..],
        ),
    ] {
        let (lines, _) = trace(&three_hops(abandoned_work), &[Operations]);
        assert_eq!(lines, [&begins[..], expected].concat(), "{abandoned_work}");
        let (calls, _) = trace(&three_hops(abandoned_work), &[Calls]);
        let gives_up = |line: &str| calls.iter().any(|told| told.starts_with(line));
        assert!(gives_up("60ms c1 timeout.response"), "{calls:#?}");
        assert!(gives_up("61ms c2 timeout.response"), "{calls:#?}");
    }
}

/// A service that fails from 1 s to 2 s, and a fallback that keeps the last answer for 300 ms.
fn kept_answers(fallback: &str) -> String {
    let s = service("s", "threads: 9, queue: { capacity: 9 }", "work: 10ms");
    system(
        "500ms, 1100ms, 1290ms, 1400ms, 2100ms",
        &format!("{{ fallback: {{ {fallback} }} }}, timeout: 100ms"),
        &s,
    )
    .replace("500ms, 1100ms", "500ms, 900ms, 1100ms")
        + "faults: { f: { at: 1s, for: 1s, service: s, errors: { share: 100% } } }\n"
}

#[test]
fn a_cached_fallback_gives_the_last_answer_until_it_is_too_old() {
    check(
        "the answer of 910 ms is 190 and 380 ms old, and then too old",
        &kept_answers("answer: { cached: { max_age: 380ms } }"),
        &[Calls, Policy],
        &[
            "500ms c1 wants s.op",
            "510ms c1 ok after 10ms",
            "900ms c2 wants s.op",
            "910ms c2 ok after 10ms",
            "1.1s c3 wants s.op",
            "1.1s c3 fallback for error.internal",
            "1.1s c3 fallback has an answer 190ms old",
            "1.1s c3 degraded for error.internal in s.op after 0s",
            "1.29s c4 wants s.op",
            "1.29s c4 fallback for error.internal",
            "1.29s c4 fallback has an answer 380ms old",
            "1.29s c4 degraded for error.internal in s.op after 0s",
            "1.4s c5 wants s.op",
            "1.4s c5 fallback has only an answer 490ms old",
            "1.4s c5 error.internal after 0s",
            "2.1s c6 wants s.op",
            "2.11s c6 ok after 10ms",
        ],
    );
}

#[test]
fn nothing_kept_lets_the_failure_out() {
    let scenario = kept_answers("answer: { cached: {} }").replace("500ms, 900ms, ", "");
    let (lines, _) = trace(&scenario, &[Policy]);
    assert_eq!(lines[0], "1.1s c1 fallback has no answer");
}

#[test]
fn rule_22_a_fallback_can_be_turned_off_and_on() {
    let scenario = kept_answers("enabled: false").replace(
        "faults: {",
        "faults: { later: { at: 1200ms, for: 150ms, change: { path: clients.c.policy.fallback.enabled, to: true } }, ",
    );
    check(
        "on from 1.2 s to 1.35 s",
        &scenario,
        &[Policy],
        &["1.29s c4 fallback for error.internal"],
    );
}

#[test]
fn rule_19_a_dead_process_forgets_the_answers_it_kept() {
    let services = service(
        "s",
        "threads: 9, queue: { capacity: 9 }",
        "{ call: { to: t.op, policy: [{ fallback: { answer: { cached: {} } } }, timeout: 100ms] } }",
    ) + &service("t", "threads: 9, queue: { capacity: 9 }", "work: 10ms");
    let scenario = system("0ms, 300ms, 1s", "timeout: 1s", &services)
        + "faults: { down: { at: 200ms, service: t, crash: {} }, boom: { at: 500ms, for: 1ms, service: s, crash: {} } }\n";
    check(
        "an answer before, none after",
        &scenario,
        &[Policy],
        &[
            "300ms c4 fallback for error.refused",
            "300ms c4 fallback has an answer 290ms old",
            "1s c6 fallback has no answer",
        ],
    );
}

#[test]
fn ages_are_reported_and_expected() {
    let scenario = kept_answers("answer: { cached: { max_age: 380ms } }");
    let loaded = crate::support::from_text("test", &scenario, &[]);
    let request = sim_core::report::Request::of(&loaded.scenario);
    let (report, ()) = sim_core::report::run(&loaded, &request, (), &mut |_, _| true);
    let fallback = report
        .layers
        .iter()
        .find(|layer| layer.kind == "fallback")
        .unwrap();
    let ages = fallback.answer_age.unwrap();
    assert_eq!((ages.count, ages.max_ns), (2, 380_000_000));
    assert_eq!(ages.mean_ns, 285_000_000);
    let acts: Vec<(&str, u64)> = fallback
        .acts
        .iter()
        .map(|act| (act.name.as_str(), act.total))
        .collect();
    let expected = [
        ("fallbacks", 2),
        ("fallbacks_missing", 1),
        ("fallbacks_missing.too_old", 1),
    ];
    assert_eq!(acts, expected);
}

//! Choosing an instance, owning state (rules 24 to 27).

use super::*;

/// The instances that attempts went to, in order.
fn sent_to(scenario: &str) -> Vec<u32> {
    let lines = trace(scenario, &[Attempts]).0;
    let places = lines.iter().filter_map(|line| line.split("to s/").nth(1));
    places.map(|place| place.parse().unwrap()).collect()
}

fn instances(count: u32, balance: &str, work: &str) -> String {
    service(
        "s",
        &format!("instances: {count}, balance: {balance}, threads: 9, queue: {{ capacity: 0 }}"),
        work,
    )
}

#[test]
fn rule_24_round_robin_starts_anywhere_and_goes_round() {
    let scenario = system(
        "0ms, 1ms, 2ms, 3ms, 4ms, 5ms",
        "timeout: 1s",
        &instances(3, "round_robin", "work: 50ms"),
    );
    let sent = sent_to(&scenario);
    let first = sent[0];
    let expected: Vec<_> = (0..6).map(|n| (first + n) % 3).collect();
    assert_eq!(sent, expected);
}

#[test]
fn rule_24_other_instance_leaves_out_what_was_tried() {
    for balance in ["random", "least_requests"] {
        let services = instances(3, balance, "fail: { share: 100% }");
        for (other, distinct) in [(true, true), (false, false)] {
            let retry = format!(
                "retry: {{ max_attempts: 3, backoff: {{ constant: 1ms }}, jitter: none, other_instance: {other} }}"
            );
            let scenario = system(
                "0ms, 10ms, 20ms, 30ms, 40ms, 50ms, 60ms, 70ms",
                &retry,
                &services,
            );
            let all_distinct = sent_to(&scenario)
                .chunks(3)
                .all(|tried| tried[0] != tried[1] && tried[1] != tried[2] && tried[2] != tried[0]);
            assert_eq!(all_distinct, distinct, "{balance} {other}");
        }
    }
}

/// Whether the two attempts of each call went to different instances.
fn all_go_elsewhere(scenario: &str) -> bool {
    let mut sent = std::collections::BTreeMap::<String, Vec<String>>::new();
    for line in trace(scenario, &[Attempts]).0 {
        if let Some((who, place)) = line.split_once(" to s/") {
            let call = who.split(' ').nth(1).unwrap().to_owned();
            sent.entry(call).or_default().push(place.to_owned());
        }
    }
    assert!(sent.values().all(|places| places.len() == 2));
    sent.values().all(|places| places[0] != places[1])
}

#[test]
fn rule_24_other_instance_holds_for_a_pass_that_runs_on() {
    // The call ends at 5 ms, its second attempt is sent at 11 ms.
    let services = instances(3, "random", "{ work: 1ms }, { fail: { share: 100% } }");
    let policy = "{ timeout: { after: 5ms, on_expiry: detach } }, { retry: { max_attempts: 2, backoff: { constant: 10ms }, jitter: none, other_instance: true } }";
    let times = "0ms, 20ms, 40ms, 60ms, 80ms, 100ms, 120ms, 140ms, 160ms, 180ms";
    assert!(all_go_elsewhere(&system(times, policy, &services)));
}

#[test]
fn rule_22_other_instance_may_be_set_during_a_run() {
    let services = instances(3, "random", "fail: { share: 100% }");
    let scenario = |from: &str| {
        format!(
            "scenario: trace
run: {{ duration: 1s }}
clients:
  c: {{ arrivals: {{ recorded: {{ times: [10ms, 20ms, 30ms, 40ms, 50ms, 60ms, 70ms, 80ms, 90ms] }} }}, calls: s.op, policy: p }}
policies:
  p: [{{ retry: {{ max_attempts: 2, backoff: {{ constant: 1ms }}, jitter: none }} }}]
services:
{services}faults: {{ set: {{ at: {from}, change: {{ path: policies.p.retry.other_instance, to: true }} }} }}
"
        )
    };
    assert!(all_go_elsewhere(&scenario("5ms")));
    assert!(!all_go_elsewhere(&scenario("500ms")));
}

#[test]
fn rule_24_nothing_in_rotation_is_unavailable() {
    let scenario = system(
        "0ms, 6ms, 20ms",
        "timeout: 1s",
        &instances(1, "random", "work: 1ms"),
    ) + "faults: { boom: { at: 2ms, for: 10ms, service: s, crash: { detected_after: 3ms } } }\n";
    check(
        "out of rotation from 5 to 12 ms",
        &scenario,
        &[Calls, World],
        &[
            "0s c1 wants s.op",
            "1ms c1 ok after 1ms",
            "2ms boom begins",
            "2ms s/0 dies",
            "5ms s/0 out of rotation",
            "6ms c2 wants s.op",
            "6ms c2 error.unavailable after 0s",
            "12ms boom ends",
            "12ms s/0 is back",
            "12ms s/0 in rotation",
            "20ms c3 wants s.op",
            "21ms c3 ok after 1ms",
        ],
    );
}

#[test]
fn rule_25_least_requests_counts_what_is_outstanding() {
    // a1 to some instance, a2 to the other; a1 is given up at 5 ms and no longer counts, so a3 goes
    // where a1 went although a1's work goes on.
    let services = instances(2, "least_requests", "work: 50ms");
    let sent = sent_to(&system("0ms, 1ms, 5ms", "timeout: 5ms", &services));
    assert_ne!(sent[0], sent[1]);
    assert_eq!(sent[0], sent[2]);
}

#[test]
fn power_of_two_compares_two_distinct_ones() {
    // With two instances it is least requests: the third choice falls to the one that is idle.
    let services = instances(2, "power_of_choices", "{ work: { sequence: [50ms, 1ms] } }");
    let sent = sent_to(&system("0ms, 1ms, 3ms, 5ms, 7ms", "timeout: 1s", &services));
    assert_ne!(sent[0], sent[1]);
    assert_eq!(sent[1], sent[2]);
}

/// Two users, each of its own process, who call at 0 and after each answer; with this policy.
fn two_users(policy: &str) -> String {
    let s = service(
        "s",
        "threads: 9, queue: { capacity: 0 }",
        "{ work: 10ms }, { fail: { sequence: [internal, ok] } }",
    );
    format!(
        "scenario: trace
run: {{ duration: 1s }}
clients:
  c:
    processes: 2
    users: {{ count: 2, think_time: 5ms, iterations: 2 }}
    calls: s.op
    policy: [{policy}]
services:
{s}"
    )
}

#[test]
fn rule_26_a_breaker_is_owned_by_a_process_unless_shared() {
    // Both call at 5 ms; the first fails at 15 ms, the second does not. Both call again at 20 ms.
    check(
        "each has its own: only the first is stopped",
        &two_users("{ circuit_breaker: { consecutive_failures: 1, open_for: 1s } }"),
        &[Calls],
        &[
            "5ms c1 wants s.op",
            "5ms c2 wants s.op",
            "15ms c1 error.internal after 10ms",
            "15ms c2 ok after 10ms",
            "20ms c3 wants s.op",
            "20ms c3 stopped.breaker_open after 0s",
            "20ms c4 wants s.op",
            "30ms c4 error.internal after 10ms",
        ],
    );
    check(
        "shared: both are",
        &two_users("{ circuit_breaker: { consecutive_failures: 1, open_for: 1s, scope: shared } }"),
        &[Calls],
        &[
            "5ms c1 wants s.op",
            "5ms c2 wants s.op",
            "15ms c1 error.internal after 10ms",
            "15ms c2 ok after 10ms",
            "20ms c3 wants s.op",
            "20ms c3 stopped.breaker_open after 0s",
            "20ms c4 wants s.op",
            "20ms c4 stopped.breaker_open after 0s",
        ],
    );
}

#[test]
fn rule_26_a_breaker_per_instance_lets_the_others_be_called() {
    // Round robin over two instances; the first attempt fails, so its instance is left out.
    let services = service(
        "s",
        "instances: 2, threads: 9, queue: { capacity: 0 }",
        "{ work: 1ms }, { fail: { sequence: [internal, ok, ok, internal, ok] } }",
    );
    let breaker =
        "circuit_breaker: { consecutive_failures: 1, open_for: 1s, scope: target_instance }";
    let scenario = system("0ms, 10ms, 20ms, 30ms, 40ms", breaker, &services);
    let sent = sent_to(&scenario);
    assert_eq!(sent.len(), 4, "the fifth call is stopped: both are open");
    assert_ne!(sent[0], sent[1]);
    assert_eq!(sent[1..], [sent[1]; 3]);
    let last = trace(&scenario, &[Calls]).0.pop().unwrap();
    assert_eq!(last, "40ms c5 stopped.breaker_open after 0s");
}

#[test]
fn rule_26_a_shared_name_is_one_pool_for_two_kinds_of_work() {
    let bulkhead =
        |share: &str| format!("policy: [{{ bulkhead: {{ max_concurrent: 1{share} }} }}]");
    let scenario = |share: &str| {
        let t = "  t:\n    threads: 9\n    queue: { capacity: 0 }\n    operations: { op: { steps: [work: 5ms] } }\n  u:\n    threads: 9\n    queue: { capacity: 0 }\n    operations: { op: { steps: [work: 5ms] } }\n";
        let policy = bulkhead(share);
        let calls = format!(
            "parallel: {{ branches: [{{ call: {{ to: t.op, {policy} }} }}, {{ call: {{ to: u.op, {policy} }} }}], need: any, cancel_rest: false }}"
        );
        system(
            "0ms",
            "timeout: 1s",
            &(service("s", "threads: 9, queue: { capacity: 0 }", &calls) + t),
        )
    };
    let stopped = |share: &str| {
        let lines = trace(&scenario(share), &[Policy]).0;
        lines
            .iter()
            .filter(|line| line.contains("stopped.bulkhead_full"))
            .count()
    };
    assert_eq!(stopped(", share: pool"), 1);
    assert_eq!(stopped(""), 0);
}

#[test]
fn rule_27_users_think_first_and_after_every_outcome() {
    let s = service("s", "threads: 1, queue: { capacity: 0 }", "work: 10ms");
    let scenario = format!(
        "scenario: trace
run: {{ duration: 60ms }}
clients:
  c: {{ users: {{ count: 2, think_time: 20ms }}, calls: s.op, policy: [timeout: 1s] }}
services:
{s}"
    );
    check(
        "the second is rejected and thinks again",
        &scenario,
        &[Calls],
        &[
            "20ms c1 wants s.op",
            "20ms c2 wants s.op",
            "20ms c2 rejected.queue_full after 0s",
            "30ms c1 ok after 10ms",
            "40ms c3 wants s.op",
            "50ms c3 ok after 10ms",
            "50ms c4 wants s.op",
        ],
    );
}

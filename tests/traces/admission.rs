//! The gate of a service: who comes in, who is turned away, and what goes back (rule 56).

use super::*;

/// A service with one thread, room for nine to wait, 10 ms of work and this gate.
fn gated(gate: &str) -> String {
    service(
        "s",
        &format!("threads: 1, queue: {{ capacity: 9 }}, {gate}"),
        "work: 10ms",
    )
}

#[test]
fn rule_56_who_is_in_holds_a_permit_to_the_end() {
    check(
        "a permit that comes back at an instant is there for who arrives then",
        &system(
            "0ms, 1ms, 2ms, 10ms",
            "timeout: 1s",
            &gated("admission: [{ bulkhead: { max_concurrent: 2 } }]"),
        ),
        &[Arrivals, Operations],
        &[
            "0s a1 arrives at s/0",
            "0s a1 starts",
            "1ms a2 arrives at s/0",
            "2ms a3 arrives at s/0",
            "2ms a3 refused by bulkhead",
            "2ms a3 rejected.shed",
            "10ms a1 finishes ok, held 10ms",
            "10ms a2 starts after 9ms",
            "10ms a4 arrives at s/0",
            "20ms a2 finishes ok, held 10ms",
            "20ms a4 starts after 10ms",
            "30ms a4 finishes ok, held 10ms",
        ],
    );
}

#[test]
fn rule_56_the_first_that_refuses_answers_and_what_was_given_goes_back() {
    check(
        "the bulkhead is never full: who is refused behind it does not stay in it",
        &system(
            "0ms, 20ms, 21ms, 22ms, 1s",
            "timeout: 1s",
            &gated(
                "admission: [{ bulkhead: { max_concurrent: 2 } }, { rate_limit: { permits: 1 } }, { bulkhead: { max_concurrent: 9 } }]",
            ),
        ),
        &[Operations],
        &[
            "0s a1 starts",
            "10ms a1 finishes ok, held 10ms",
            "20ms a2 refused by rate_limit",
            "20ms a2 rejected.rate_limited",
            "21ms a3 refused by rate_limit",
            "21ms a3 rejected.rate_limited",
            "22ms a4 refused by rate_limit",
            "22ms a4 rejected.rate_limited",
            "1s a5 starts",
            "1.01s a5 finishes ok, held 10ms",
        ],
    );
}

#[test]
fn rule_56_however_an_operation_ends_its_permit_comes_back() {
    let full = service(
        "s",
        "threads: 1, queue: { capacity: 1 }, admission: [{ bulkhead: { max_concurrent: 3 } }]",
        "work: 10ms",
    );
    check(
        "the queue is full: what is rejected there was in and is out",
        &system("0ms, 1ms, 2ms, 3ms, 4ms", "timeout: 1s", &full),
        &[Operations],
        &[
            "0s a1 starts",
            "2ms a3 rejected.queue_full",
            "3ms a4 rejected.queue_full",
            "4ms a5 rejected.queue_full",
            "10ms a1 finishes ok, held 10ms",
            "10ms a2 starts after 9ms",
            "20ms a2 finishes ok, held 10ms",
        ],
    );
    let stops = service(
        "s",
        "threads: 1, queue: { capacity: 9 }, abandoned_work: stop, \
         admission: [{ bulkhead: { max_concurrent: 1 } }]",
        "work: 10ms",
    );
    check(
        "stopped by its caller",
        &system("0ms, 4ms, 5ms", "timeout: 5ms", &stops),
        &[Operations],
        &[
            "0s a1 starts",
            "4ms a2 refused by bulkhead",
            "4ms a2 rejected.shed",
            "5ms a1 Stopped, held 5ms",
            "5ms a3 starts",
            "10ms a3 Stopped, held 5ms",
        ],
    );
}

#[test]
fn rule_56_each_tenant_client_or_class_has_its_own_limit() {
    let system = |per: &str| {
        format!(
            "scenario: trace
run: {{ duration: 1s }}
clients:
  a: {{ arrivals: {{ recorded: {{ times: [0ms, 2ms] }} }}, calls: [{{ to: s.op, tenant: big, class: x }}] }}
  b: {{ arrivals: {{ recorded: {{ times: [1ms, 3ms] }} }}, calls: [{{ to: s.op, tenant: small, class: x }}] }}
services:
{}",
            gated(&format!(
                "admission: [{{ rate_limit: {{ permits: 1{per} }} }}]"
            ))
        )
    };
    let refused = |numbers: &[u32]| -> Vec<String> {
        numbers
            .iter()
            .map(|n| format!("{}ms a{n} rejected.rate_limited", n - 1))
            .collect()
    };
    for (per, expected) in [
        ("", refused(&[2, 3, 4])),
        (", per: tenant", refused(&[3, 4])),
        (", per: client", refused(&[3, 4])),
        (", per: class", refused(&[2, 3, 4])),
    ] {
        let (lines, _) = trace(&system(per), &[Operations]);
        let lines = lines.into_iter();
        let rejected: Vec<String> = lines.filter(|it| it.contains("rejected")).collect();
        assert_eq!(rejected, expected, "{per}");
    }
}

#[test]
fn rule_56_beyond_its_connections_an_instance_refuses() {
    check(
        "a connection is held while its attempt waits",
        &system(
            "0ms, 1ms, 2ms, 10ms",
            "timeout: 1s",
            &gated("connections: 2"),
        ),
        &[Calls, Operations],
        &[
            "0s c1 wants s.op",
            "0s a1 starts",
            "1ms c2 wants s.op",
            "2ms c3 wants s.op",
            "2ms c3 error.refused after 0s",
            "10ms a1 finishes ok, held 10ms",
            "10ms a2 starts after 9ms",
            "10ms c1 ok after 10ms",
            "10ms c4 wants s.op",
            "20ms a2 finishes ok, held 10ms",
            "20ms a4 starts after 10ms",
            "20ms c2 ok after 19ms",
            "30ms a4 finishes ok, held 10ms",
            "30ms c4 ok after 20ms",
        ],
    );
}

#[test]
fn rule_93_an_instance_that_dies_forgets_who_was_in() {
    let faults = "faults:\n  f: { at: 5ms, for: 5ms, service: s, crash: {} }\n";
    let system = |scope: &str| {
        system(
            "0ms, 11ms",
            "timeout: 1s",
            &gated(&format!(
                "admission: [{{ rate_limit: {{ permits: 1{scope} }} }}]"
            )),
        ) + faults
    };
    let (lines, _) = trace(&system(""), &[Operations]);
    assert_eq!(
        lines,
        [
            "0s a1 starts",
            "5ms a1 lost running, held 5ms",
            "11ms a2 starts",
            "21ms a2 finishes ok, held 10ms"
        ]
    );
    let (lines, _) = trace(&system(", scope: service"), &[Operations]);
    assert_eq!(
        lines,
        [
            "0s a1 starts",
            "5ms a1 lost running, held 5ms",
            "11ms a2 refused by rate_limit",
            "11ms a2 rejected.rate_limited"
        ]
    );
}

#[test]
fn rule_56_who_waited_for_the_end_of_a_pause_meets_the_gate_then() {
    let faults = "faults:\n  f: { at: 1ms, for: 9ms, service: s, pause: {} }\n";
    let system = system(
        "2ms, 3ms",
        "timeout: 1s",
        &gated("admission: [{ bulkhead: { max_concurrent: 1 } }]"),
    );
    check(
        "in order, at the end of the pause",
        &(system + faults),
        &[Arrivals, Operations],
        &[
            "10ms a1 arrives at s/0",
            "10ms a1 starts",
            "10ms a2 arrives at s/0",
            "10ms a2 refused by bulkhead",
            "10ms a2 rejected.shed",
            "20ms a1 finishes ok, held 10ms",
        ],
    );
}

#[test]
fn rule_22_a_changed_limit_holds_for_who_comes_later() {
    let faults = "faults:\n  f: { at: 3ms, for: 10s, change: { path: services.s.admission.bulkhead.max_concurrent, to: 1 } }\n";
    let system = system(
        "0ms, 1ms, 4ms, 10ms, 20ms",
        "timeout: 1s",
        &gated("admission: [{ bulkhead: { max_concurrent: 2 } }]"),
    );
    check(
        "two are in and stay",
        &(system + faults),
        &[Operations],
        &[
            "0s a1 starts",
            "4ms a3 refused by bulkhead",
            "4ms a3 rejected.shed",
            "10ms a1 finishes ok, held 10ms",
            "10ms a2 starts after 9ms",
            "10ms a4 refused by bulkhead",
            "10ms a4 rejected.shed",
            "20ms a2 finishes ok, held 10ms",
            "20ms a5 starts",
            "30ms a5 finishes ok, held 10ms",
        ],
    );
}

#[test]
fn rule_57_a_limit_of_the_callee_learns_from_arrival_to_end() {
    check(
        "a useful end adds one while half of it is in use; what is rejected behind it is a drop",
        &system(
            "0ms, 0ms, 1ms, 10ms, 11ms",
            "timeout: 1s",
            &service(
                "s",
                "threads: 1, queue: { capacity: 0 }, admission: [{ concurrency_limit: \
                 { algorithm: aimd, initial: 1, min: 1, max: 3 } }]",
                "work: 10ms",
            ),
        ),
        &[Operations],
        &[
            "0s a1 starts",
            "0s a2 refused by concurrency_limit",
            "0s a2 rejected.shed",
            "1ms a3 refused by concurrency_limit",
            "1ms a3 rejected.shed",
            "10ms a1 finishes ok, held 10ms",
            "10ms concurrency_limit of s/0 1 -> 2",
            "10ms a4 starts",
            "11ms a5 rejected.queue_full",
            "11ms concurrency_limit of s/0 2 -> 1",
            "20ms a4 finishes ok, held 10ms",
            "20ms concurrency_limit of s/0 1 -> 2",
        ],
    );
}

#[test]
fn rule_57_a_limit_of_a_caller_learns_from_timeouts_inside_it() {
    check(
        "a timeout inside is a drop",
        &system(
            "0ms, 0ms, 100ms",
            "concurrency_limit: { algorithm: aimd, initial: 2, min: 1 }, timeout: 5ms",
            &service("s", "threads: 9, queue: { capacity: 0 }", "work: 50ms"),
        ),
        &[Policy],
        &[
            "5ms c1 timeout over",
            "5ms concurrency_limit 2 -> 1",
            "5ms c2 timeout over",
            "105ms c3 timeout over",
        ],
    );
}

#[test]
fn rule_57_shed_refuses_all_from_the_upper_mark_on_until_the_next_sample() {
    check(
        "measured at 10 ms, when three wait; and at 20 ms, when two do",
        &system(
            "0ms, 1ms, 2ms, 3ms, 9ms, 11ms, 19ms",
            "timeout: 1s",
            &gated("admission: [{ shed: { measure: queue, from: 1, to: 3, every: 10ms } }]"),
        ),
        &[Operations],
        &[
            "0s a1 starts",
            "10ms a1 finishes ok, held 10ms",
            "10ms a2 starts after 9ms",
            "11ms a6 refused by shed",
            "11ms a6 rejected.shed",
            "19ms a7 refused by shed",
            "19ms a7 rejected.shed",
            "20ms a2 finishes ok, held 10ms",
            "20ms a3 starts after 18ms",
            "30ms a3 finishes ok, held 10ms",
            "30ms a4 starts after 27ms",
            "40ms a4 finishes ok, held 10ms",
            "40ms a5 starts after 31ms",
            "50ms a5 finishes ok, held 10ms",
        ],
    );
}

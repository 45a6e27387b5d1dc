//! Several stations, branches and attempts.

use super::closed_form::{
    ClosedNetwork, MachineRepair, Mm1, Station, expected_attempts, kth_fastest_of, slowest_of,
    success_of_attempts, tandem_response,
};
use super::*;

#[test]
fn tandem_queues() {
    // An asynchronous service gives its thread back before it calls the next.
    let services = service(
        "s",
        "threads: 1, execution: async",
        "{ work: { exponential: { mean: 10ms } } }, { call: { to: t.op, policy: [timeout: 1h] } }",
    ) + &service("t", "threads: 1", "work: { exponential: { mean: 12ms } }");
    let queues = [
        Mm1 {
            arrival_rate: 60.0,
            service_rate: 100.0,
        },
        Mm1 {
            arrival_rate: 60.0,
            service_rate: 1.0 / 0.012,
        },
    ];
    agree(
        "two in a row",
        &open(60, PATIENT, &services),
        400,
        &[
            ("response", Sums::response, tandem_response(&queues)),
            ("wait in the first", Sums::wait, queues[0].mean_wait()),
        ],
    );
}

#[test]
fn closed_network() {
    // Users think for 100 ms; a cycle takes 8 ms of one thread and 20 ms of one of two.
    let network = ClosedNetwork {
        stations: vec![
            Station::Delay { demand: 0.1 },
            Station::Queue {
                demand: 0.008,
                servers: 1,
            },
            Station::Queue {
                demand: 0.02,
                servers: 2,
            },
        ],
    };
    let services = service(
        "s",
        "threads: 1, execution: async",
        "{ work: { exponential: { mean: 8ms } } }, { call: { to: t.op, policy: [timeout: 1h] } }",
    ) + &service("t", "threads: 2", "work: { exponential: { mean: 20ms } }");
    for users in [4, 20] {
        let expected = network.with_users(users);
        let system = format!(
            "clients:\n  c: {{ users: {{ count: {users}, think_time: {{ exponential: {{ mean: 100ms }} }} }}, calls: s.op, policy: [timeout: 1h] }}\nservices:\n{services}"
        );
        agree(
            &format!("{users} users"),
            &system,
            150,
            &[
                ("throughput", Sums::throughput, expected.throughput),
                (
                    "response",
                    Sums::response,
                    expected.responses[1] + expected.responses[2],
                ),
                (
                    "present",
                    Sums::mean_present,
                    expected.present[1] + expected.present[2],
                ),
            ],
        );
    }
}

#[test]
fn machine_repair() {
    let theory = MachineRepair {
        machines: 10,
        repairers: 2,
        failure_rate: 10.0,
        repair_rate: 50.0,
    };
    let s = service("s", "threads: 2", "work: { exponential: { mean: 20ms } }");
    let system = format!(
        "clients:\n  c: {{ users: {{ count: 10, think_time: {{ exponential: {{ mean: 100ms }} }} }}, calls: s.op, policy: [timeout: 1h] }}\nservices:\n{s}"
    );
    agree(
        "ten users of two threads",
        &system,
        200,
        &[
            ("throughput", Sums::throughput, theory.throughput()),
            ("response", Sums::response, theory.mean_response()),
            ("wait", Sums::wait, theory.mean_wait()),
            ("present", Sums::mean_present, theory.mean_broken()),
        ],
    );
}

#[test]
fn fork_and_join() {
    for (need, expected) in [
        ("all", slowest_of(5, 0.01)),
        ("any", kth_fastest_of(1, 5, 0.01)),
        ("3", kth_fastest_of(3, 5, 0.01)),
    ] {
        let services = service(
            "s",
            "threads: unlimited",
            &format!(
                "parallel: {{ call: {{ to: t.op, policy: [timeout: 1h] }}, count: 5, need: {need} }}"
            ),
        ) + &service(
            "t",
            "threads: unlimited",
            "work: { exponential: { mean: 10ms } }",
        );
        agree(
            &format!("{need} of five"),
            &open(50, PATIENT, &services),
            50,
            &[("response", Sums::response, expected)],
        );
    }
}

#[test]
fn attempts_until_success() {
    for (share, failure, attempts) in [("30%", 0.3, 3), ("60%", 0.6, 4)] {
        let s = service(
            "s",
            "threads: unlimited",
            &format!("fail: {{ share: {share} }}"),
        );
        let retry = format!("retry: {{ max_attempts: {attempts}, backoff: {{ constant: 1ms }} }}");
        agree(
            share,
            &open(200, &retry, &s),
            50,
            &[
                (
                    "attempts",
                    Sums::attempts_per_call,
                    expected_attempts(failure, attempts),
                ),
                (
                    "success",
                    Sums::success,
                    success_of_attempts(failure, attempts),
                ),
            ],
        );
    }
}

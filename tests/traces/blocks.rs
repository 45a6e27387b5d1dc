//! Blocks: steps under a policy of their own, on the thread of the operation (rule 65).

use super::*;

const ROOMY: &str = "threads: 2, queue: { capacity: 9 }";

/// `s.op` with these steps; `t` works 5 ms.
fn blocks(settings: &str, steps: &str) -> String {
    let t = service("t", ROOMY, "{ work: 5ms }");
    service("s", settings, steps) + &t
}

#[test]
fn rule_65_a_retry_around_steps_sees_how_they_failed() {
    let steps = "{ block: { policy: [retry: { max_attempts: 2, on: [error.internal], backoff: { constant: 3ms }, jitter: none }], \
                 steps: [{ work: 1ms }, { fail: { sequence: [internal, ok] } }, { work: 2ms }] } }, { work: 1ms }";
    check(
        "its own thread is held throughout, and nothing arrives but the operation",
        &system("0ms", "timeout: 1s", &blocks(ROOMY, steps)),
        &[Calls, Attempts, Arrivals, Operations],
        &[
            "0s c1 wants s.op",
            "0s c1 sends a1 to s/0",
            "0s a1 arrives at s/0",
            "0s a1 starts",
            "0s c2 wants s.op for a1",
            "0s c2 sends a2 to s/0",
            "1ms a2 answered: error.internal",
            "4ms c2 sends a3 to s/0",
            "7ms a3 answered: ok",
            "7ms c2 ok after 7ms",
            "8ms a1 finishes ok, held 8ms",
            "8ms a1 answered: ok",
            "8ms c1 ok after 8ms",
        ],
    );
}

#[test]
fn rule_65_the_operation_ends_like_its_own_failed_step_and_else_with_dependency() {
    let ends = |steps: &str| {
        let scenario = system("0ms", "timeout: 1s", &blocks(ROOMY, steps));
        let lines = trace(&scenario, &[Calls]).0;
        lines.last().cloned().unwrap_or_default()
    };
    let failing =
        |step: &str| format!("{{ block: {{ policy: none, steps: [{step}] }} }}, {{ work: 9ms }}");
    assert_eq!(
        ends(&failing("{ fail: { share: 100%, kind: unavailable } }")),
        "0s c1 error.unavailable after 0s"
    );
    assert_eq!(
        ends(&failing(&failing("{ fail: { share: 100% } }"))),
        "0s c1 error.internal after 0s"
    );
    assert_eq!(
        ends(&failing("{ negative: 100% }")),
        "0s c1 negative after 0s"
    );
    assert_eq!(
        ends("{ block: { policy: [timeout: 3ms], steps: [call: t.op] } }"),
        "3ms c1 error.dependency, AtWork in t.op after 3ms"
    );
    assert_eq!(
        ends(&failing("{ call: { to: t.op, policy: [timeout: 3ms] } }")),
        "3ms c1 error.dependency, AtWork in t.op after 3ms"
    );
    assert_eq!(
        ends(
            "{ block: { policy: [fallback: { on: [error], answer: static }], steps: [fail: { share: 100% }] } }"
        ),
        "0s c1 degraded after 0s"
    );
}

#[test]
fn rule_65_given_up_it_stops_at_once_with_its_work_and_all_it_called() {
    let steps = "{ block: { policy: [{ retry: { max_attempts: 2, backoff: none } }, { timeout: 4ms }], \
                 steps: [{ work: 1ms }, { block: { policy: none, steps: [{ work: 1ms }, { call: t.op }] } }] } }";
    check(
        "twice, and the service itself finishes what nobody waits for",
        &system("0ms", "timeout: 1s", &blocks(ROOMY, steps)),
        &[Calls, Operations],
        &[
            "0s c1 wants s.op",
            "0s a1 starts",
            "0s c2 wants s.op for a1",
            "1ms c3 wants s.op for a2",
            "2ms c4 wants t.op for a3",
            "2ms a4 starts",
            "4ms c3 cancelled after 3ms",
            "4ms c4 cancelled after 2ms",
            "5ms c5 wants s.op for a5",
            "6ms c6 wants t.op for a6",
            "6ms a7 starts",
            "7ms a4 finishes ok, held 5ms",
            "8ms c2 timeout.response, AtWork in t.op after 8ms",
            "8ms a1 finishes error.dependency, held 8ms",
            "8ms c5 cancelled after 3ms",
            "8ms c6 cancelled after 2ms",
            "8ms c1 error.dependency, AtWork in t.op after 8ms",
            "11ms a7 finishes ok, held 5ms",
        ],
    );
}

#[test]
fn rule_65_strands_of_a_blocking_operation_take_turns_through_its_blocks() {
    let block =
        |work: &str| format!("{{ block: {{ policy: none, steps: [{{ work: {work} }}] }} }}");
    let steps = format!(
        "{{ parallel: [{}, {}, {{ work: 1ms }}] }}",
        block("3ms"),
        block("2ms")
    );
    check(
        "one thread: one after another",
        &system("0ms", "timeout: 1s", &blocks(ROOMY, &steps)),
        &[Calls, Operations],
        &[
            "0s c1 wants s.op",
            "0s a1 starts",
            "0s c2 wants s.op for a1",
            "0s c3 wants s.op for a1",
            "4ms c2 ok after 4ms",
            "6ms c3 ok after 6ms",
            "6ms a1 finishes ok, held 6ms",
            "6ms c1 ok after 6ms",
        ],
    );
}

#[test]
fn rule_65_in_an_asynchronous_service_its_work_takes_a_thread_like_a_strand_that_goes_on() {
    let steps = "{ work: 1ms }, { block: { policy: none, steps: [{ work: 2ms }, { call: t.op }, { work: 1ms }] } }";
    let asynchronous = "threads: 1, execution: async, queue: { capacity: 9 }";
    check(
        "given back at once, and taken for work alone",
        &system("0ms, 0ms", "timeout: 1s", &blocks(asynchronous, steps)),
        &[Threads, Operations],
        &[
            "0s a1 starts",
            "1ms a1 returns its thread",
            "1ms a2 starts after 1ms",
            "2ms a2 returns its thread",
            "2ms a1 takes a thread",
            "4ms a1 returns its thread",
            "4ms a2 takes a thread",
            "4ms a5 starts",
            "6ms a2 returns its thread",
            "6ms a6 starts",
            "9ms a5 finishes ok, held 5ms",
            "9ms a1 takes a thread",
            "10ms a1 returns its thread",
            "10ms a1 finishes ok, held 4ms",
            "11ms a6 finishes ok, held 5ms",
            "11ms a2 takes a thread",
            "12ms a2 returns its thread",
            "12ms a2 finishes ok, held 4ms",
        ],
    );
}

#[test]
fn rule_65_faults_and_the_end_of_a_process_hit_the_operation_alone() {
    let steps = "{ block: { policy: [retry: { max_attempts: 3, backoff: none }], steps: [{ work: 4ms }] } }";
    let with = |fault: &str| {
        let scenario = system("1ms", "timeout: 1s", &blocks(ROOMY, steps));
        trace(
            &format!("{scenario}faults:\n  f: {{ {fault} }}\n"),
            &[Calls, Operations],
        )
        .0
    };
    let begins = [
        "1ms c1 wants s.op",
        "1ms a1 starts",
        "1ms c2 wants s.op for a1",
    ];
    let after = |fault: &str| {
        let lines = with(fault);
        assert_eq!(lines[..3], begins);
        lines[3..].to_vec()
    };
    assert_eq!(
        after("at: 0s, for: 1s, service: s, errors: { share: 100%, before_work: false }"),
        [
            "5ms c2 ok after 4ms",
            "5ms a1 finishes error.internal, held 4ms",
            "5ms c1 error.internal after 4ms"
        ]
    );
    assert_eq!(
        after("at: 0s, for: 1s, service: s, operation: op, slow: { factor: 2 }"),
        [
            "9ms c2 ok after 8ms",
            "9ms a1 finishes ok, held 8ms",
            "9ms c1 ok after 8ms"
        ]
    );
    assert_eq!(
        after("at: 3ms, for: 1s, service: s, crash: {}"),
        [
            "3ms a1 lost running, held 2ms",
            "3ms c2 cancelled after 2ms",
            "3ms c1 error.reset after 2ms"
        ]
    );
    assert_eq!(
        after("at: 3ms, for: 6ms, service: s, pause: {}"),
        [
            "11ms c2 ok after 10ms",
            "11ms a1 finishes ok, held 10ms",
            "11ms c1 ok after 10ms"
        ]
    );
}

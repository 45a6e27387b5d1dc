//! Effects that come twice, and the keys that prevent it.

use super::*;

/// A call whose first attempt is slow: it is given up at 5 ms and tried again at 7 ms and later.
fn payment(operation: &str) -> String {
    let policy = "{ retry: { max_attempts: 3, backoff: { constant: 2ms }, jitter: none } }, \
                  { timeout: 5ms }";
    let settings = "threads: 4, queue: { capacity: 9 }";
    let work = "work: { sequence: [9ms, 1ms] }";
    let service =
        format!("  s: {{ {settings}, operations: {{ op: {{ {operation} steps: [{work}] }} }} }}\n");
    system("0ms", policy, &service)
}

#[test]
fn what_was_given_up_and_done_all_the_same_is_done_twice() {
    let shown = [Calls, Attempts, Effects];
    let unguarded = [
        "0s c1 wants s.op",
        "0s c1 sends a1 to s/0",
        "5ms a1 given up: timeout.response, AtWork in s.op",
        "7ms c1 sends a2 to s/0",
        "8ms a2 answered: ok",
        "8ms c1 ok after 8ms",
    ];
    let mut twice = unguarded.to_vec();
    twice.push("9ms a1 takes effect again, its caller gone");
    check("no keys", &payment(""), &shown, &twice);
    check(
        "idempotent",
        &payment("idempotent: true,"),
        &shown,
        &unguarded,
    );
    let at_work = payment("idempotency_keys: { in_progress: execute },");
    check("keys that are written at the end", &at_work, &shown, &twice);
}

#[test]
fn a_known_key_is_not_carried_out_again() {
    let shown = [Calls, Operations, Effects];
    check(
        "rejected while at work, then told",
        &payment("idempotency_keys: {},"),
        &shown,
        &[
            "0s c1 wants s.op",
            "0s a1 starts",
            "7ms a2 starts",
            "7ms a2 known by its key: rejected",
            "7ms a2 finishes error.unavailable",
            "9ms a1 finishes ok, held 9ms",
            "9ms a3 starts",
            "9ms a3 known by its key: stored",
            "9ms a3 finishes ok",
            "9ms c1 ok after 9ms",
        ],
    );
    let joins = [
        "0s c1 wants s.op",
        "0s a1 starts",
        "7ms a2 starts",
        "7ms a2 known by its key: joined",
        "9ms a1 finishes ok, held 9ms",
        "9ms a2 known by its key: stored",
        "9ms a2 finishes ok, held 2ms",
        "9ms c1 ok after 9ms",
    ];
    let join = payment("idempotency_keys: { in_progress: join },");
    check("joined", &join, &shown, &joins);
}

/// a1 takes effect at 9 ms; a2 is refused at 7 ms, a3 comes at 9 ms.
#[test]
fn an_answer_is_kept_for_its_retention_only() {
    let over = payment("idempotency_keys: { retention: 0ms },");
    check(
        "over at once",
        &over,
        &[Effects],
        &[
            "7ms a2 known by its key: rejected",
            "9ms a3 key forgotten",
            "10ms a3 takes effect again",
        ],
    );
}

/// The instance that works on the key dies; its attempt had the claim.
#[test]
fn a_dead_execution_gives_its_key_up() {
    let scenario = payment("idempotency_keys: {},")
        + "faults: { f: { at: 6ms, for: 1us, service: s, crash: { callers_see: nothing } } }\n";
    check(
        "a2 is carried out",
        &scenario,
        &[Operations, Effects],
        &[
            "0s a1 starts",
            "6ms a1 lost running, held 6ms",
            "7ms a2 starts",
            "8ms a2 finishes ok, held 1ms",
        ],
    );
}

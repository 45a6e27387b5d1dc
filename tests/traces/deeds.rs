//! Effects with names, and what is to be true of them.

use super::*;

/// A call whose first attempt is slow: it is given up at 5 ms and tried again at 7 ms.
fn charge(operation: &str) -> String {
    let policy = "{ retry: { max_attempts: 3, backoff: { constant: 2ms }, jitter: none } }, \
                  { timeout: 5ms }";
    let steps = "{ work: { sequence: [9ms, 1ms] } }, { effect: charged }";
    let service = format!(
        "  s: {{ threads: 4, queue: {{ capacity: 9 }}, operations: {{ op: {{ {operation} steps: [{steps}] }} }} }}\n"
    );
    system("0ms", policy, &service)
}

#[test]
fn rule_86_an_effect_for_one_root_call_is_done_once_duplicated_or_absorbed() {
    let twice = [
        "8ms a2 does charged for c1: done",
        "9ms a1 does charged for c1: duplicated",
        "9ms a1 takes effect again, its caller gone",
    ];
    check("twice", &charge(""), &[Effects], &twice);
    let once = [
        "8ms a2 does charged for c1: done",
        "9ms a1 does charged for c1: absorbed",
    ];
    let idempotent = charge("idempotent: true,");
    check("idempotent", &idempotent, &[Effects], &once);
}

#[test]
fn rule_86_a_root_call_goes_down_through_blocks_branches_and_rounds() {
    let steps = "{ repeat: { times: 2, steps: [{ block: { policy: [{ timeout: 1s }], steps: [ \
                 { parallel: [{ call: t.op }] }] } }] } }";
    let services = service("s", "threads: 4, queue: { capacity: 9 }", steps)
        + &service(
            "t",
            "threads: 4, queue: { capacity: 9 }",
            "{ work: 1ms }, { effect: done }",
        );
    let scenario = system("0ms, 10ms", "", &services);
    let lines = [
        "1ms a3 does done for c1: done",
        "2ms a5 does done for c1: duplicated",
        "11ms a8 does done for c6: done",
        "12ms a10 does done for c6: duplicated",
    ];
    check("all the way down", &scenario, &[Effects], &lines);
}

#[test]
fn rule_86_what_is_undone_for_good_is_refused() {
    let steps = "{ effect: seat }, { undo: { effect: seat, forbids: true } }, { undo: seat }, \
                 { effect: seat }, { effect: never }";
    let scenario = system(
        "0ms",
        "",
        &service("s", "threads: 4, queue: { capacity: 9 }", steps),
    );
    let lines = [
        "0s a1 starts",
        "0s a1 does seat for c1: done",
        "0s a1 undoes seat for c1: undone",
        "0s a1 undoes seat for c1: nothing_to_undo",
        "0s a1 does seat for c1: forbidden",
        "0s a1 finishes error.invalid",
    ];
    check("refused", &scenario, &[Effects, Operations], &lines);
}

#[test]
fn rule_87_effects_may_differ_for_so_long_and_no_longer() {
    let steps = "{ effect: charged }, { work: 20ms }, { effect: sold }";
    let within = |within: &str| {
        let all = system(
            "0ms",
            "",
            &service("s", "threads: 4, queue: { capacity: 9 }", steps),
        );
        format!("{all}invariants: {{ same: {{ equal: [charged, sold], within: {within} }} }}\n")
    };
    let at_the_end = [
        "0s a1 does charged for c1: done",
        "0s same differs for c1",
        "20ms a1 does sold for c1: done",
        "20ms same holds for c1, differed since 0s",
    ];
    check("just in time", &within("20ms"), &[Effects], &at_the_end);
    let broken = [
        "0s a1 does charged for c1: done",
        "0s same differs for c1",
        "19ms same is broken for c1, differs since 0s",
        "20ms a1 does sold for c1: done",
        "20ms same holds for c1, differed since 0s, was broken",
    ];
    check("too late", &within("19ms"), &[Effects], &broken);
}

//! Sagas, as they are carried out (rule 88).

use super::*;

/// A service whose operation is a saga of two calls, to `t` and `u`, with these settings.
fn saga(times: &str, settings: &str, keys: &str, t: &str, u: &str) -> String {
    let steps = format!(
        "{{ saga: {{ {keys}, steps: [{{ do: t.do, undo: t.undo, policy: [{{ timeout: 10ms }}] }}, \
         {{ do: u.do, undo: u.undo, policy: [{{ timeout: 10ms }}] }}] }} }}"
    );
    let callee = |name: &str, steps: &str| {
        format!(
            "  {name}: {{ threads: 4, queue: {{ capacity: 9 }}, operations: {{ do: {{ steps: [{steps}] }}, undo: {{ idempotent: true, \
             steps: [{{ work: 1ms }}, {{ undo: {{ effect: {name}, forbids: true }} }}] }} }} }}\n"
        )
    };
    let services = service("s", settings, &steps) + &callee("t", t) + &callee("u", u);
    system(times, "", &services)
}

const SAGA: &str = "persist: 1ms, timeout: 1s, resume_after: 50ms";
const T: &str = "{ work: 2ms }, { effect: t }";
const U: &str = "{ work: 3ms }, { effect: u }";

#[test]
fn rule_88_calls_are_made_in_order_and_each_place_is_written() {
    let lines = [
        "1ms saga 1 begins for c1",
        "3ms a3 does t for c1: done",
        "3ms saga 1 0: done",
        "7ms a4 does u for c1: done",
        "7ms saga 1 1: done",
        "8ms saga 1 completed after 8ms",
    ];
    let scenario = saga("0ms", "threads: 4, queue: { capacity: 9 }", SAGA, T, U);
    check("completed", &scenario, &[Sagas, Effects], &lines);
}

#[test]
fn rule_88_a_failure_undoes_what_was_done() {
    let lines = [
        "1ms saga 1 begins for c1",
        "3ms a3 does t for c1: done",
        "3ms saga 1 0: done",
        "4ms saga 1 1: failed",
        "6ms a5 undoes t for c1: undone",
        "6ms saga 1 undo of 0: done",
        "7ms saga 1 compensated after 7ms",
    ];
    let fails = "{ fail: { share: 100% } }, { effect: u }";
    let scenario = saga("0ms", "threads: 4, queue: { capacity: 9 }", SAGA, T, fails);
    check("compensated", &scenario, &[Sagas, Effects], &lines);
}

#[test]
fn rule_88_what_may_have_happened_is_undone_or_ignored() {
    let slow = "{ work: 30ms }, { effect: u }";
    let undone = [
        "1ms saga 1 begins for c1",
        "3ms a3 does t for c1: done",
        "3ms saga 1 0: done",
        "14ms saga 1 1: unknown",
        "16ms a5 undoes u for c1: nothing_to_undo",
        "16ms saga 1 undo of 1: done",
        "18ms a6 undoes t for c1: undone",
        "18ms saga 1 undo of 0: done",
        "19ms saga 1 compensated after 19ms",
        "34ms a4 does u for c1: forbidden",
    ];
    let scenario = saga("0ms", "threads: 4, queue: { capacity: 9 }", SAGA, T, slow);
    check(
        "undone, and refused when late",
        &scenario,
        &[Sagas, Effects],
        &undone,
    );
    let ignored = [
        "1ms saga 1 begins for c1",
        "3ms a3 does t for c1: done",
        "3ms saga 1 0: done",
        "14ms saga 1 1: unknown",
        "16ms a5 undoes t for c1: undone",
        "16ms saga 1 undo of 0: done",
        "17ms saga 1 compensated after 17ms",
        "34ms a4 does u for c1: done",
    ];
    let keys = format!("{SAGA}, unknown: ignore");
    let scenario = saga("0ms", "threads: 4, queue: { capacity: 9 }", &keys, T, slow);
    check("ignored", &scenario, &[Sagas, Effects], &ignored);
}

#[test]
fn rule_88_a_time_limit_gives_up_the_call_and_undoes() {
    let keys = "persist: 1ms, timeout: 6ms, resume_after: 50ms";
    let lines = [
        "1ms saga 1 begins for c1",
        "3ms saga 1 0: done",
        "6ms saga 1 1: unknown",
        "8ms saga 1 undo of 1: done",
        "10ms saga 1 undo of 0: done",
        "11ms saga 1 compensated after 11ms",
    ];
    let scenario = saga("0ms", "threads: 4, queue: { capacity: 9 }", keys, T, U);
    check("too late", &scenario, &[Sagas], &lines);
}

#[test]
fn rule_88_another_process_goes_on_and_repeats_what_was_not_written() {
    let crash = "faults: { dies: { at: 5ms, for: 20ms, service: s, instances: 1, crash: {} } }\n";
    let in_a_call = [
        "1ms saga 1 begins for c1",
        "3ms a3 does t for c1: done",
        "3ms saga 1 0: done",
        "5ms saga 1 is left",
        "7ms a4 does u for c1: done",
        "55ms saga 1 goes on in a5",
        "58ms a6 does u for c1: duplicated",
        "58ms saga 1 1: done",
        "59ms saga 1 completed after 59ms",
    ];
    let scenario = saga(
        "0ms",
        "threads: 4, instances: 2, queue: { capacity: 9 }",
        SAGA,
        T,
        U,
    ) + crash;
    check("in a call", &scenario, &[Sagas, Effects], &in_a_call);
    let not_yet =
        "faults: { dies: { at: 500us, for: 20ms, service: s, instances: 1, crash: {} } }\n";
    let scenario = saga(
        "0ms",
        "threads: 4, instances: 2, queue: { capacity: 9 }",
        SAGA,
        T,
        U,
    ) + not_yet;
    check(
        "before it was written there was none",
        &scenario,
        &[Sagas],
        &[],
    );
    let all = "faults: { dies: { at: 5ms, for: 100ms, service: s, crash: {} } }\n";
    let first_to_come = [
        "1ms saga 1 begins for c1",
        "3ms saga 1 0: done",
        "5ms saga 1 is left",
        "105ms saga 1 goes on in a5",
        "108ms saga 1 1: done",
        "109ms saga 1 completed after 109ms",
    ];
    let scenario = saga(
        "0ms",
        "threads: 4, instances: 2, queue: { capacity: 9 }",
        SAGA,
        T,
        U,
    ) + all;
    check("the first to come", &scenario, &[Sagas], &first_to_come);
}

#[test]
fn rule_86_a_repeated_call_of_a_saga_has_its_key() {
    let crash = "faults: { dies: { at: 5ms, for: 20ms, service: s, instances: 1, crash: {} } }\n";
    let scenario = saga(
        "0ms",
        "threads: 4, instances: 2, queue: { capacity: 9 }",
        SAGA,
        T,
        U,
    ) + crash;
    let scenario = scenario.replace("do: { steps", "do: { idempotency_keys: {}, steps");
    let lines = [
        "3ms a3 does t for c1: done",
        "7ms a4 does u for c1: done",
        "55ms a6 known by its key: stored",
    ];
    check("known", &scenario, &[Effects], &lines);
}

#[test]
fn rule_88_an_undo_given_up_leaves_it_stuck() {
    let fails = "{ fail: { share: 100% } }, { effect: u }";
    let scenario = saga("0ms", "threads: 4, queue: { capacity: 9 }", SAGA, T, fails);
    let scenario = scenario.replace(
        "steps: [{ work: 1ms }, { undo",
        "steps: [{ fail: { share: 100% } }, { undo",
    );
    let lines = [
        "1ms saga 1 begins for c1",
        "3ms saga 1 0: done",
        "4ms saga 1 1: failed",
        "5ms saga 1 undo of 0: failed",
        "5ms saga 1 stuck after 5ms",
    ];
    check("stuck", &scenario, &[Sagas], &lines);
}

#[test]
fn a_trace_follows_a_saga_into_the_process_that_goes_on_with_it() {
    let crash = "faults: { dies: { at: 5ms, for: 20ms, service: s, instances: 1, crash: {} } }\n";
    let settings = "threads: 4, instances: 2, queue: { capacity: 9 }";
    let text = saga("0ms, 4ms", settings, SAGA, T, U) + crash;
    let loaded = crate::support::from_text("test", &text, &[]);
    let spec = &loaded.scenario.model;
    let tracer = sim_core::report::Tracer::new(spec, 1);
    let Played { observer, .. } = run(spec, 1, 0, tracer, &mut |_, _| true);
    let call = observer.finish().unwrap();
    let resumed = &call.fallbacks[0];
    assert_eq!(call.fallbacks.len(), 1);
    assert_eq!(resumed.attempts.len(), 1);
    let made = &resumed.attempts[0].operation.as_ref().unwrap().calls;
    let made: Vec<&str> = made.iter().map(|it| it.edge.as_str()).collect();
    assert_eq!(made, ["s.op -> u.do"]);
    let said: Vec<&str> = call.decisions.iter().map(|it| it.text.as_str()).collect();
    let expected = [
        "begins",
        "call 1: done",
        "is left by its process",
        "another process goes on",
        "call 2: done",
        "completed",
    ];
    assert_eq!(said, expected);
}

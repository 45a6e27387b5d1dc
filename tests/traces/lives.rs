//! How instances stop, start, and are heard of (rules 48 to 51, 54).

use super::*;

/// One thread, work of 10 ms, and what is said of lives.
fn scenario(times: &str, instances: u32, lives: &str, faults: &str) -> String {
    let settings = format!("instances: {instances}, threads: 1, queue: {{ capacity: 9 }}, {lives}");
    let s = service("s", &settings, "work: 10ms");
    system(times, "timeout: 500ms", &s) + "faults:\n" + faults
}

const STOP_AT_10: &str = "  roll: { at: 10ms, for: 1s, service: s, restart: {} }\n";

#[test]
fn rule_49_who_is_told_to_stop_answers_then_refuses_then_ends_and_is_up_again() {
    check(
        "what is done at the end of grace is done: 10 + 30 ms",
        &scenario(
            "0ms, 9ms, 12ms, 14ms, 16ms, 50ms, 64ms",
            1,
            "lifecycle: { drain: 5ms, grace: 30ms, startup: 4ms }, membership: { propagation: 20ms }",
            STOP_AT_10,
        ),
        &[Attempts, World],
        &[
            "0s c1 sends a1 to s/0",
            "9ms c2 sends a2 to s/0",
            "10ms roll begins",
            "10ms s/0 (no. 1) is to stop and restart: fault",
            "10ms s/0 out of rotation",
            "10ms a1 answered: ok",
            "12ms c3 sends a3 to s/0",
            "14ms c4 sends a4 to s/0",
            "16ms c5 sends a5 to s/0",
            "16ms a5 is turned away by s/0",
            "16ms a5 answered: error.refused",
            "20ms a2 answered: ok",
            "30ms a3 answered: ok",
            // Its answer leaves before it ends.
            "40ms a4 answered: ok",
            "40ms s/0 has stopped",
            "40ms s/0 (no. 1) starts, restart 0, after 0s",
            "44ms s/0 is back",
            "44ms s/0 in rotation",
            // Nobody has heard of that at 50 ms: c6 ends as error.unavailable.
            "64ms c7 sends a6 to s/0",
            "74ms a6 answered: ok",
            "1.01s roll ends",
        ],
    );
    check(
        "one millisecond less, and what is left is lost",
        &scenario(
            "0ms, 9ms, 12ms, 14ms",
            1,
            "lifecycle: { drain: 5ms, grace: 29ms }, membership: { propagation: 20ms }",
            STOP_AT_10,
        ),
        &[Operations, World],
        &[
            "0s a1 starts",
            "10ms roll begins",
            "10ms s/0 (no. 1) is to stop and restart: fault",
            "10ms s/0 out of rotation",
            "10ms a1 finishes ok, held 10ms",
            "10ms a2 starts after 1ms",
            "20ms a2 finishes ok, held 10ms",
            "20ms a3 starts after 8ms",
            "30ms a3 finishes ok, held 10ms",
            "30ms a4 starts after 16ms",
            "39ms s/0 is killed",
            "39ms s/0 (no. 1) starts, restart 0, after 0s",
            "39ms a4 lost running, held 9ms",
            "39ms s/0 is back",
            "39ms s/0 in rotation",
            "1.01s roll ends",
        ],
    );
}

#[test]
fn rule_49_the_next_one_stops_when_the_one_before_is_up_again() {
    check(
        "two of three at a time, then the last after a pause",
        &scenario(
            "900ms",
            3,
            "lifecycle: { startup: 7ms }",
            "  roll: { at: 10ms, for: 1s, service: s, restart: { at_once: 2, pause: 5ms } }\n",
        ),
        &[World],
        &[
            "10ms roll begins",
            "10ms s/0 (no. 1) is to stop and restart: fault",
            "10ms s/1 (no. 2) is to stop and restart: fault",
            "10ms s/0 out of rotation",
            "10ms s/1 out of rotation",
            "10ms s/0 has stopped",
            "10ms s/0 (no. 1) starts, restart 0, after 0s",
            "10ms s/1 has stopped",
            "10ms s/1 (no. 2) starts, restart 0, after 0s",
            "17ms s/0 is back",
            "17ms s/0 in rotation",
            "17ms s/1 is back",
            "17ms s/1 in rotation",
            "22ms s/2 (no. 3) is to stop and restart: fault",
            "22ms s/2 out of rotation",
            "22ms s/2 has stopped",
            "22ms s/2 (no. 3) starts, restart 0, after 0s",
            "29ms s/2 is back",
            "29ms s/2 in rotation",
            "1.01s roll ends",
        ],
    );
}

#[test]
fn rule_48_who_ends_for_good_makes_room_for_a_new_incarnation() {
    check(
        "the third incarnation fills the first slot",
        &scenario(
            "900ms",
            2,
            "lifecycle: { startup: 4ms }",
            "  fewer: { at: 10ms, for: 20ms, service: s, instances: 1, stop: {} }\n",
        ),
        &[World],
        &[
            "10ms fewer begins",
            "10ms s/0 (no. 1) is to stop and end: fault",
            "10ms s/0 out of rotation",
            "10ms s/0 has stopped",
            "10ms s/0 has ended",
            "10ms s/0 is unlisted",
            "10ms s/0 no longer leaving",
            "30ms fewer ends",
            "30ms s/0 is created (no. 3)",
            "30ms s/0 (no. 3) starts, restart 0, after 0s",
            "34ms s/0 is back",
            "34ms s/0 in rotation",
        ],
    );
}

#[test]
fn rule_54_restarts_wait_from_the_end_and_longer_each_time() {
    check(
        "at once, then 10 ms, then 20 ms after the end; the crash that lasts longer wins",
        &scenario(
            "900ms",
            1,
            "lifecycle: { startup: 2ms, restart: { backoff: { exponential: { initial: 10ms } } } }",
            "  a: { at: 10ms, for: 1ms, service: s, crash: {} }\n  \
             b: { at: 30ms, for: 1ms, service: s, crash: {} }\n  \
             c: { at: 50ms, for: 25ms, service: s, crash: {} }\n",
        ),
        &[World],
        &[
            "10ms a begins",
            "10ms s/0 dies",
            "11ms a ends",
            "11ms s/0 (no. 1) starts, restart 1, after 1ms",
            "13ms s/0 is back",
            "30ms b begins",
            "30ms s/0 dies",
            "31ms b ends",
            "40ms s/0 (no. 1) starts, restart 2, after 10ms",
            "42ms s/0 is back",
            "50ms c begins",
            "50ms s/0 dies",
            "75ms c ends",
            "75ms s/0 (no. 1) starts, restart 3, after 25ms",
            "77ms s/0 is back",
        ],
    );
}

#[test]
fn rule_51_too_few_are_left_and_callers_choose_the_dead_as_well() {
    check(
        "one of three is less than a half: round robin goes on over all three",
        &scenario(
            "12ms, 40ms, 80ms",
            3,
            "membership: { panic_below: 50% }",
            "  boom: { at: 10ms, for: 50ms, service: s, instances: 2, crash: { detected_after: 1ms } }\n",
        ),
        &[Attempts, World],
        &[
            "10ms boom begins",
            "10ms s/0 dies",
            "10ms s/1 dies",
            "11ms s/0 out of rotation",
            "11ms s/1 out of rotation",
            "11ms panic about s begins",
            "12ms c1 sends a1 to s/1",
            "12ms a1 answered: error.refused",
            "40ms c2 sends a2 to s/2",
            "50ms a2 answered: ok",
            "60ms boom ends",
            "60ms s/0 is back",
            "60ms s/0 in rotation",
            "60ms panic about s ends",
            "60ms s/1 is back",
            "60ms s/1 in rotation",
            "80ms c3 sends a3 to s/0",
            "90ms a3 answered: ok",
        ],
    );
}

#[test]
fn rule_50_a_process_asks_anew_when_what_it_knows_is_old_or_wrong() {
    let with = |refresh: &str| {
        scenario(
            "12ms, 13ms, 14ms, 45ms, 55ms",
            2,
            &format!("membership: {{ refresh: {refresh} }}"),
            "  fewer: { at: 11ms, service: s, instances: 1, stop: {} }\n",
        )
    };
    check(
        "the first slot is chosen until the view is 50 ms old",
        &with("50ms"),
        &[Attempts],
        &[
            "12ms c1 sends a1 to s/0",
            "12ms a1 answered: error.refused",
            "13ms c2 sends a2 to s/1",
            "14ms c3 sends a3 to s/0",
            "14ms a3 answered: error.refused",
            "23ms a2 answered: ok",
            "45ms c4 sends a4 to s/1",
            "55ms a4 answered: ok",
            "55ms c5 sends a5 to s/1",
            "65ms a5 answered: ok",
        ],
    );
    check(
        "the first refusal makes the caller ask",
        &with("{ every: 50ms, at_error: true }"),
        &[Attempts],
        &[
            "12ms c1 sends a1 to s/0",
            "12ms a1 answered: error.refused",
            "13ms c2 sends a2 to s/1",
            "14ms c3 sends a3 to s/1",
            "23ms a2 answered: ok",
            "33ms a3 answered: ok",
            "45ms c4 sends a4 to s/1",
            "55ms a4 answered: ok",
            "55ms c5 sends a5 to s/1",
            "65ms a5 answered: ok",
        ],
    );
}

/// Connections that live for 100 ms, so that new ones are dialled all the time, and one instance that ends.
#[test]
fn rule_50_who_opens_connections_asks_anew_too() {
    let shares = |refresh: &str| {
        let text = format!(
            "scenario: dials
run: {{ duration: 20s }}
clients:
  one: {{ arrivals: {{ constant: {{ rate: 20/s }} }}, calls: shop.buy }}
services:
  shop:
    threads: 10
    queue: {{ capacity: 10 }}
    operations: {{ buy: {{ steps: [{{ call: {{ to: db.get, pool: db }} }}] }} }}
  db:
    instances: 2
    threads: 10
    queue: {{ capacity: 10 }}
    membership: {{ refresh: {refresh} }}
    operations: {{ get: {{ idempotent: true, steps: [{{ work: 1ms }}] }} }}
pools:
  db: {{ to: db, size: 1, max_wait: 1s, max_age: 100ms, open: {{ on_failure: fail }} }}
faults:
  gone: {{ at: 1s, service: db, instances: 1, stop: {{}} }}
expect:
  early: {{ success: {{ from: 2s, to: 5s, at_least: 100% }} }}
  late:  {{ success: {{ from: 6s, to: 20s, at_least: 100% }} }}
"
        );
        let loaded = crate::support::from_text("dials", &text, &[]);
        let request = sim_core::report::Request::of(&loaded.scenario);
        let (report, ()) = sim_core::report::run(&loaded, &request, (), &mut |_, _| true);
        let verdicts = report.expectations.iter();
        verdicts
            .map(|it| it.verdict.name().to_owned())
            .collect::<Vec<String>>()
    };
    assert_eq!(shares("5s"), ["fail", "pass"]);
    assert_eq!(shares("{ every: 1h }"), ["fail", "fail"]);
    assert_eq!(shares("{ every: 1h, at_error: true }"), ["pass", "pass"]);
}

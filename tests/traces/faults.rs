//! What happens to the system from outside (rules 19 to 23).

use super::*;

fn with_faults(system: &str, faults: &str) -> String {
    format!("{system}faults:\n{faults}")
}

#[test]
fn rule_19_a_crash_loses_work_and_refuses_until_the_return() {
    let s = service("s", "threads: 1, queue: { capacity: 9 }", "work: 10ms");
    let scenario =
        system("0ms, 1ms, 5ms, 12ms", "timeout: 100ms", &s) + "network: { latency: 1ms }\n";
    let crash = |see: &str| {
        with_faults(
            &scenario,
            &format!(
                "  boom: {{ at: 4ms, for: 6ms, service: s, crash: {{ callers_see: {see} }} }}\n"
            ),
        )
    };
    check(
        "a reset comes one latency later, a refusal takes the way there and back",
        &crash("reset"),
        &[Attempts, Operations, World],
        &[
            "0s c1 sends a1 to s/0",
            "1ms c2 sends a2 to s/0",
            "1ms a1 starts",
            "4ms boom begins",
            "4ms s/0 dies",
            "4ms a1 lost running, held 3ms",
            "4ms a2 lost waiting",
            "5ms a1 answered: error.reset",
            "5ms a2 answered: error.reset",
            "5ms c3 sends a3 to s/0",
            "7ms a3 answered: error.refused",
            "10ms boom ends",
            "10ms s/0 is back",
            "12ms c4 sends a4 to s/0",
            "13ms a4 starts",
            "23ms a4 finishes ok, held 10ms",
            "24ms a4 answered: ok",
        ],
    );
    check(
        "callers see nothing: they wait for their own timeouts",
        &crash("nothing"),
        &[Calls],
        &[
            "0s c1 wants s.op",
            "1ms c2 wants s.op",
            "5ms c3 wants s.op",
            "7ms c3 error.refused after 2ms",
            "12ms c4 wants s.op",
            "24ms c4 ok after 12ms",
            "100ms c1 timeout.response, Unreachable in s.op after 100ms",
            "101ms c2 timeout.response, Unreachable in s.op after 100ms",
        ],
    );
}

#[test]
fn rule_19_a_dead_process_forgets_its_breakers_and_ends_its_calls() {
    let services = service(
        "s",
        "threads: 9, queue: { capacity: 0 }",
        "{ call: { to: t.op, policy: [{ circuit_breaker: { consecutive_failures: 1, open_for: 5s } }] } }",
    ) + &service(
        "t",
        "threads: 9, queue: { capacity: 9 }",
        "{ work: 2ms }, { fail: { sequence: [ok, internal, ok] } }",
    );
    let scenario = with_faults(
        &system("0ms, 10ms, 20ms, 40ms", "timeout: 100ms", &services),
        "  boom: { at: 30ms, for: 5ms, service: s, crash: {} }\n  late: { at: 1ms, for: 5ms, service: t, pause: {} }\n",
    );
    check(
        "open at 12 ms, forgotten at 30 ms",
        &scenario,
        &[Calls, Policy],
        &[
            "0s c1 wants s.op",
            "0s c2 wants t.op for a1",
            "7ms c2 ok after 7ms",
            "7ms c1 ok after 7ms",
            "10ms c3 wants s.op",
            "10ms c4 wants t.op for a3",
            "12ms circuit_breaker of p1 closed to open",
            "12ms c4 error.internal after 2ms",
            "12ms c3 error.dependency for error.internal in t.op after 2ms",
            "20ms c5 wants s.op",
            "20ms c6 wants t.op for a5",
            "20ms c6 circuit_breaker says stopped.breaker_open",
            "20ms c6 stopped.breaker_open after 0s",
            "20ms c5 error.dependency for stopped.breaker_open in circuit_breaker after 0s",
            "40ms c7 wants s.op",
            "40ms c8 wants t.op for a6",
            "42ms c8 ok after 2ms",
            "42ms c7 ok after 2ms",
        ],
    );
    let scenario = with_faults(
        &system("0ms", "timeout: 100ms", &services),
        "  boom: { at: 1ms, for: 5ms, service: s, crash: {} }\n",
    );
    check(
        "its call is cancelled, the work for it goes on",
        &scenario,
        &[Calls, Operations],
        &[
            "0s c1 wants s.op",
            "0s a1 starts",
            "0s c2 wants t.op for a1",
            "0s a2 starts",
            "1ms a1 lost running, held 1ms",
            "1ms c2 cancelled after 1ms",
            "1ms c1 error.reset after 1ms",
            "2ms a2 finishes ok, held 2ms",
        ],
    );
}

#[test]
fn rule_20_a_pause_freezes_work_and_its_taking_but_no_timers() {
    let s = service("s", "threads: 2, queue: { capacity: 9 }", "work: 10ms");
    // a1 has done 5 of 10 ms; a2 comes while frozen: it is not accepted before 15 ms, and then finds a
    // free thread. a1's caller gives up at 12 ms, the work goes on.
    check(
        "frozen from 5 to 15 ms",
        &with_faults(
            &system("0ms, 7ms", "timeout: 12ms", &s),
            "  freeze: { at: 5ms, for: 10ms, service: s, pause: {} }\n",
        ),
        &[Calls, Operations],
        &[
            "0s c1 wants s.op",
            "0s a1 starts",
            "7ms c2 wants s.op",
            "12ms c1 timeout.response, AtWork in s.op after 12ms",
            "15ms a2 starts",
            "19ms c2 timeout.response, AtWork in s.op after 12ms",
            "20ms a1 finishes ok, held 20ms",
            "25ms a2 finishes ok, held 10ms",
        ],
    );
}

#[test]
fn rule_21_messages_under_way_arrive_and_lost_ones_tell_nobody() {
    let s = service("s", "threads: 9, queue: { capacity: 9 }", "work: 2ms");
    let scenario = system("0ms, 6ms, 15ms", "timeout: 60ms", &s) + "network: { latency: 10ms }\n";
    for effect in ["partition: {}", "loss: { share: 100% }"] {
        // a1's request was sent before, its answer at 12 ms not; a2's request at 6 ms not.
        check(
            effect,
            &with_faults(
                &scenario,
                &format!("  cut: {{ at: 5ms, for: 10ms, from: c, to: s, {effect} }}\n"),
            ),
            &[Calls, Operations, Messages],
            &[
                "0s c1 wants s.op",
                "6ms c2 wants s.op",
                "6ms request of a2 lost",
                "10ms a1 starts",
                "12ms a1 finishes ok, held 2ms",
                "12ms answer of a1 lost",
                "15ms c3 wants s.op",
                "25ms a3 starts",
                "27ms a3 finishes ok, held 2ms",
                "37ms c3 ok after 22ms",
                "60ms c1 timeout.response, OnTheWay in the way to s.op after 60ms",
                "66ms c2 timeout.response, OnTheWay in the way to s.op after 60ms",
            ],
        );
    }
    check(
        "one direction, refused",
        &with_faults(
            &scenario,
            "  cut: { at: 5ms, for: 10ms, from: c, to: s, partition: { direction: requests, callers_see: refused } }\n",
        ),
        &[Calls],
        &[
            "0s c1 wants s.op",
            "6ms c2 wants s.op",
            "6ms c2 error.refused after 0s",
            "15ms c3 wants s.op",
            "22ms c1 ok after 22ms",
            "37ms c3 ok after 22ms",
        ],
    );
}

#[test]
fn rule_22_fewer_threads_let_running_operations_finish() {
    let s = service("s", "threads: 2, queue: { capacity: 9 }", "work: 10ms");
    // Two run, one may: the third starts when the first of them has ended and the other too.
    check(
        "one thread from 5 to 25 ms",
        &with_faults(
            &system("0ms, 3ms, 4ms, 6ms", "timeout: 1s", &s),
            "  fewer: { at: 5ms, for: 20ms, service: s, threads: { to: 1 } }\n",
        ),
        &[Operations],
        &[
            "0s a1 starts",
            "3ms a2 starts",
            "10ms a1 finishes ok, held 10ms",
            "13ms a2 finishes ok, held 10ms",
            "13ms a3 starts after 9ms",
            "23ms a3 finishes ok, held 10ms",
            "23ms a4 starts after 17ms",
            "33ms a4 finishes ok, held 10ms",
        ],
    );
}

#[test]
fn rule_22_a_changed_setting_holds_for_later_decisions() {
    let s = service("s", "threads: 1, queue: { capacity: 9 }", "work: 20ms");
    let named = |policy: &str, faults: &str| {
        let client = format!(
            "scenario: trace\nrun: {{ duration: 1s }}\nclients:\n  c: {{ arrivals: {{ recorded: {{ times: [0ms, 50ms, 100ms] }} }}, calls: s.op, policy: p }}\npolicies:\n  p: [{policy}]\nservices:\n{s}"
        );
        with_faults(&client, faults)
    };
    check(
        "a shorter timeout from 10 to 60 ms",
        &named(
            "timeout: 30ms",
            "  short: { at: 10ms, for: 50ms, change: { path: policies.p.timeout.after, to: 15ms } }\n",
        ),
        &[Calls],
        &[
            "0s c1 wants s.op",
            "20ms c1 ok after 20ms",
            "50ms c2 wants s.op",
            "65ms c2 timeout.response, AtWork in s.op after 15ms",
            "100ms c3 wants s.op",
            "120ms c3 ok after 20ms",
        ],
    );
    check(
        "abandoned work is stopped from 40 ms on",
        &named(
            "timeout: 15ms",
            "  stop: { at: 40ms, change: { path: services.s.abandoned_work, to: stop } }\n",
        ),
        &[Operations],
        &[
            "0s a1 starts",
            "20ms a1 finishes ok, held 20ms",
            "50ms a2 starts",
            "65ms a2 Stopped, held 15ms",
            "100ms a3 starts",
            "115ms a3 Stopped, held 15ms",
        ],
    );
}

/// Work of 10 ms that starts at these instants, with these faults.
fn slowed(times: &str, faults: &str) -> String {
    let s = service("s", "threads: 9, queue: { capacity: 0 }", "work: 10ms");
    with_faults(&system(times, "timeout: 1s", &s), faults)
}

#[test]
fn rule_16_slow_work_at_its_start_or_in_progress() {
    // The fault acts in [5 ms, 15 ms).
    check(
        "the speed is fixed at the start",
        &slowed(
            "0ms, 5ms, 15ms",
            "  slow: { at: 5ms, for: 10ms, service: s, slow: { factor: 2 } }\n",
        ),
        &[Operations],
        &[
            "0s a1 starts",
            "5ms a2 starts",
            "10ms a1 finishes ok, held 10ms",
            "15ms a3 starts",
            "25ms a2 finishes ok, held 20ms",
            "25ms a3 finishes ok, held 10ms",
        ],
    );
    // a1 has done 5 when the fault begins and lacks 5, at half speed: 15 ms. a2 has done 5 when it
    // ends at 15 ms.
    check(
        "in progress",
        &slowed(
            "0ms, 5ms",
            "  slow: { at: 5ms, for: 10ms, service: s, slow: { factor: 2, in_progress: true } }\n",
        ),
        &[Operations],
        &[
            "0s a1 starts",
            "5ms a2 starts",
            "15ms a1 finishes ok, held 15ms",
            "20ms a2 finishes ok, held 15ms",
        ],
    );
}

#[test]
fn rule_23_several_faults_combine() {
    check(
        "factors multiply",
        &slowed(
            "0ms, 100ms, 200ms",
            "  a: { at: 50ms, for: 500ms, service: s, slow: { factor: 2 } }\n  b: { at: 150ms, for: 100ms, service: s, slow: { factor: 3 } }\n",
        ),
        &[Calls],
        &[
            "0s c1 wants s.op",
            "10ms c1 ok after 10ms",
            "100ms c2 wants s.op",
            "120ms c2 ok after 20ms",
            "200ms c3 wants s.op",
            "260ms c3 ok after 60ms",
        ],
    );
    check(
        "latencies add, each way",
        &slowed(
            "0ms, 100ms",
            "  a: { at: 0s, for: 500ms, from: c, latency: { add: 2ms } }\n  b: { at: 50ms, for: 100ms, to: s, latency: { add: 3ms } }\n",
        ),
        &[Calls],
        &[
            "0s c1 wants s.op",
            "14ms c1 ok after 14ms",
            "100ms c2 wants s.op",
            "120ms c2 ok after 20ms",
        ],
    );
}

#[test]
fn errors_before_or_after_the_work() {
    for (before, expected) in [
        (true, ["0s a1 starts", "0s a1 finishes error.unavailable"]),
        (
            false,
            [
                "0s a1 starts",
                "10ms a1 finishes error.unavailable, held 10ms",
            ],
        ),
    ] {
        let faults = format!(
            "  bad: {{ at: 0s, for: 1s, service: s, errors: {{ share: 100%, kind: unavailable, before_work: {before} }} }}\n"
        );
        check(
            "before the work?",
            &slowed("0ms", &faults),
            &[Operations],
            &expected,
        );
    }
}

#[test]
fn a_long_queue_fails_without_end_of_the_stack() {
    // 100 000 wait for a thread that is held for 100 ms; from 50 ms on everything fails at once.
    for execution in ["blocking", "async"] {
        let s = service(
            "s",
            &format!("threads: 1, execution: {execution}, queue: {{ capacity: unlimited }}"),
            "work: 100ms",
        );
        let scenario = format!(
            "scenario: trace\nrun: {{ duration: 10s, limits: {{ calls_in_flight: 1000000 }} }}\nclients:\n  c: {{ arrivals: {{ constant: {{ rate: 1/s, batch: 100000 }} }}, calls: s.op, policy: [timeout: 500ms] }}\nservices:\n{s}faults:\n  bad: {{ at: 50ms, service: s, errors: {{ share: 100% }} }}\n"
        );
        let scenario = scenario.replace("duration: 10s", "duration: 1200ms");
        let lines = trace(&scenario, &[Operations]).0;
        let failed = lines
            .iter()
            .filter(|line| line.contains("finishes error.internal"))
            .count();
        assert_eq!(failed, 100_000, "{execution}");
    }
}

#[test]
fn a_load_factor_sends_more() {
    let s = service("s", "threads: 9, queue: { capacity: 9 }", "work: 1ms");
    let scenario = format!(
        "scenario: trace\nrun: {{ duration: 1s }}\nclients:\n  c: {{ arrivals: {{ constant: {{ rate: 10/s }} }}, calls: s.op, policy: [timeout: 1s] }}\nservices:\n{s}faults:\n  rush: {{ at: 500ms, for: 300ms, client: c, load: {{ factor: 2 }} }}\n"
    );
    let lines = trace(&scenario, &[Calls]).0;
    let starts: Vec<_> = lines.iter().filter(|line| line.contains("wants")).collect();
    let at = |line: &&String| line.split(' ').next().unwrap().to_owned();
    let starts: Vec<_> = starts.iter().map(at).collect();
    assert_eq!(
        starts,
        [
            "100ms", "200ms", "300ms", "400ms", "500ms", "550ms", "600ms", "650ms", "700ms",
            "750ms", "800ms", "900ms"
        ]
    );
}

/// A service of two instances, and a fault that strikes each after 2 s, for 1 s, from 1 s to 6 s.
fn struck_at_random(effect: &str) -> String {
    let s = service(
        "s",
        "instances: 2, threads: 9, queue: { capacity: 0 }",
        "work: 10ms",
    );
    with_faults(
        &system("3500ms, 3600ms, 5900ms, 6000ms", "timeout: 100ms", &s),
        &format!(
            "  f: {{ at: 1s, for: 5s, service: s, random: {{ up: 2s, down: 1500ms }}, {effect} }}\n"
        ),
    )
}

#[test]
fn rule_44_each_instance_fails_and_returns_by_itself() {
    // Constant times, so that both instances go in step: up 1 s to 3 s, down until 4.5 s, and the
    // next failure would come at 6.5 s, after the end at 6 s.
    check(
        "crashes",
        &struck_at_random("crash: {}"),
        &[Calls, World],
        &[
            "1s f begins",
            "3s f hits s/0",
            "3s s/0 dies",
            "3s f hits s/1",
            "3s s/1 dies",
            "3.5s c1 wants s.op",
            "3.5s c1 error.refused after 0s",
            "3.6s c2 wants s.op",
            "3.6s c2 error.refused after 0s",
            "4.5s f leaves s/0",
            "4.5s s/0 is back",
            "4.5s f leaves s/1",
            "4.5s s/1 is back",
            "5.9s c3 wants s.op",
            "5.91s c3 ok after 10ms",
            "6s f ends",
            "6s c4 wants s.op",
            "6.01s c4 ok after 10ms",
        ],
    );
}

#[test]
fn rule_23_a_random_fault_lets_go_when_its_time_is_over() {
    let scenario = struck_at_random("slow: { factor: 3 }").replace("down: 1500ms", "down: 1h");
    check(
        "slow from 3 s to 6 s, and not one instant longer",
        &scenario,
        &[Calls, World],
        &[
            "1s f begins",
            "3s f hits s/0",
            "3s f hits s/1",
            "3.5s c1 wants s.op",
            "3.53s c1 ok after 30ms",
            "3.6s c2 wants s.op",
            "3.63s c2 ok after 30ms",
            "5.9s c3 wants s.op",
            "5.93s c3 ok after 30ms",
            "6s f ends",
            "6s f leaves s/0",
            "6s f leaves s/1",
            "6s c4 wants s.op",
            "6.01s c4 ok after 10ms",
        ],
    );
}

#[test]
fn every_effect_on_instances_strikes_at_random_and_lets_go() {
    for (effect, during) in [
        ("errors: { share: 100% }", "3.5s c1 error.internal after 0s"),
        (
            "errors: { share: 100%, before_work: false }",
            "3.51s c1 error.internal after 10ms",
        ),
        (
            "pause: {}",
            "3.6s c1 timeout.response, NotAccepted in s.op after 100ms",
        ),
        (
            "slow: { factor: 2, in_progress: true }",
            "3.52s c1 ok after 20ms",
        ),
    ] {
        let (lines, _) = trace(&struck_at_random(effect), &[Calls]);
        assert!(
            lines.iter().any(|line| line == during),
            "{effect}: {lines:#?}"
        );
        assert!(
            lines.iter().any(|line| line == "6.01s c4 ok after 10ms"),
            "{effect}: {lines:#?}"
        );
    }
}

/// When the instances of `s` and `t` go down, each a line.
fn deaths(services: &str) -> Vec<String> {
    let scenario = with_faults(
        &system("0ms", "timeout: 100ms", services),
        "  f: { service: s, random: { up: { exponential: { mean: 1s } }, down: 100ms }, crash: {} }\n",
    );
    let (lines, _) = trace(&scenario, &[World]);
    lines
        .into_iter()
        .filter(|line| line.ends_with("dies"))
        .collect()
}

#[test]
fn rule_44_an_instance_more_moves_nobody_elses_failures() {
    let s = |instances: u32| {
        let settings = format!("instances: {instances}, threads: 9, queue: {{ capacity: 0 }}");
        service("s", &settings, "work: 10ms")
    };
    let two = deaths(&s(2));
    let t = service(
        "r",
        "instances: 3, threads: 9, queue: { capacity: 0 }",
        "work: 1ms",
    );
    let mut three = deaths(&(t + &s(3)));
    assert!(two.len() > 10, "{two:#?}");
    three.retain(|line| !line.contains("s/2"));
    assert_eq!(two, three);
    let times = |instance: &str| -> Vec<String> {
        let lines = two.iter().filter(|line| line.contains(instance));
        lines.map(|line| line.replace(instance, "")).collect()
    };
    assert_ne!(times("s/0"), times("s/1"), "each has its own");
}

#[test]
fn rule_44_the_share_of_time_under_a_random_fault_is_that_of_theory() {
    // An alternating renewal process with exponential times: of the time T an instance is down for
    // a share b / (a + b), with variance 2 a b (ab / (a + b))^2 / ((a + b) T ab) = 2 (ab)^2 /
    // ((a + b)^3 T), where a and b are the mean times up and down.
    let scenario = with_faults(
        &system(
            "0ms",
            "timeout: 100ms",
            &service("s", "instances: 50, threads: 9, queue: { capacity: 0 }", "work: 10ms"),
        ),
        "  f: { service: s, random: { up: { exponential: { mean: 4s } }, down: { exponential: { mean: 1s } } }, slow: { factor: 2 } }\n",
    )
    .replace("duration: 10s", "duration: 4000s");
    let loaded = crate::support::from_text("test", &scenario, &[]);
    let request = sim_core::report::Request::of(&loaded.scenario);
    let (report, ()) = sim_core::report::run(&loaded, &request, (), &mut |_, _| true);
    let random = report.faults[0].random.unwrap();
    let (up, down, time, instances) = (4.0_f64, 1.0_f64, 4000.0, 50.0_f64);
    let cycle = up + down;
    let variance = 2.0 * up * down * up * down / (cycle * cycle * cycle * time) / instances;
    let share = random.hit_share.unwrap().get();
    let error = (share - down / (up + down)).abs();
    assert!(error < 4.0 * variance.sqrt(), "{share}");
    // And about one failure per cycle of 5 s, of each.
    let expected = instances * time / (up + down);
    let cycles = random.struck_total as f64;
    // The variance of the number of renewals: T times that of a cycle over its mean cubed.
    let sd = (instances * time * (up * up + down * down) / (cycle * cycle * cycle)).sqrt();
    assert!((cycles - expected).abs() < 4.0 * sd, "{cycles}");
}

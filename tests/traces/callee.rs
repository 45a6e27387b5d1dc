//! From arrival to answer: queues, threads, cores, work and what becomes of it when nobody waits
//! (rules 12 to 18).

use super::*;

/// A service with one thread and 10 ms of work.
fn one_thread(queue: &str) -> String {
    service(
        "s",
        &format!("threads: 1, queue: {{ {queue} }}"),
        "work: 10ms",
    )
}

#[test]
fn rule_12_an_operation_ends_at_its_first_failed_required_step() {
    let t = "  t:\n    threads: 9\n    queue: { capacity: 0 }\n    operations:\n      bad: { steps: [work: 5ms, fail: { share: 100%, kind: unavailable }] }\n      good: { steps: [work: 3ms] }\n";
    let s = |optional: bool| {
        service(
            "s",
            "threads: 9, queue: { capacity: 0 }",
            &format!("{{ call: {{ to: t.bad, optional: {optional} }} }}, {{ call: t.good }}"),
        )
    };
    check(
        "required: t.good is never called",
        &system("0s", "timeout: 1s", &(s(false) + t)),
        &[Calls, Operations],
        &[
            "0s c1 wants s.op",
            "0s a1 starts",
            "0s c2 wants t.bad for a1",
            "0s a2 starts",
            "5ms a2 finishes error.unavailable, held 5ms",
            "5ms c2 error.unavailable after 5ms",
            "5ms a1 finishes error.dependency, held 5ms",
            "5ms c1 error.dependency for error.unavailable in t.bad after 5ms",
        ],
    );
    check(
        "optional: it goes on and answers less",
        &system("0s", "timeout: 1s", &(s(true) + t)),
        &[Calls],
        &[
            "0s c1 wants s.op",
            "0s c2 wants t.bad for a1",
            "5ms c2 error.unavailable after 5ms",
            "5ms c3 wants t.good for a1",
            "8ms c3 ok after 3ms",
            "8ms c1 degraded after 8ms",
        ],
    );
}

#[test]
fn rule_12_degraded_travels_up() {
    let services = service("s", "threads: 9, queue: { capacity: 0 }", "call: m.op")
        + &service(
            "m",
            "threads: 9, queue: { capacity: 0 }",
            "{ call: { to: t.op, optional: true } }",
        )
        + &service(
            "t",
            "threads: 9, queue: { capacity: 0 }",
            "fail: { share: 100% }",
        );
    check(
        "three tiers",
        &system("0s", "timeout: 1s", &services),
        &[Calls],
        &[
            "0s c1 wants s.op",
            "0s c2 wants m.op for a1",
            "0s c3 wants t.op for a2",
            "0s c3 error.internal after 0s",
            "0s c2 degraded after 0s",
            "0s c1 degraded after 0s",
        ],
    );
}

#[test]
fn rule_13_thread_queue_or_rejection() {
    check(
        "one place",
        &system("0ms, 1ms, 2ms", "timeout: 1s", &one_thread("capacity: 1")),
        &[Operations],
        &[
            "0s a1 starts",
            "2ms a3 rejected.queue_full",
            "10ms a1 finishes ok, held 10ms",
            "10ms a2 starts after 9ms",
            "20ms a2 finishes ok, held 10ms",
        ],
    );
    // The thread is free at 10 ms sharp, before the third arrives at that instant.
    check(
        "no place",
        &system("0ms, 5ms, 10ms", "timeout: 1s", &one_thread("capacity: 0")),
        &[Operations],
        &[
            "0s a1 starts",
            "5ms a2 rejected.queue_full",
            "10ms a1 finishes ok, held 10ms",
            "10ms a3 starts",
            "20ms a3 finishes ok, held 10ms",
        ],
    );
}

/// The order in which five that come together get the thread.
fn order(discipline: &str) -> Vec<String> {
    let queue = format!("capacity: 9, discipline: {discipline}");
    let scenario = system(
        "0ms, 1ms, 2ms, 3ms, 4ms",
        "timeout: 1s",
        &one_thread(&queue),
    );
    let lines = trace(&scenario, &[Operations]).0.into_iter();
    let starts = lines.filter(|line| line.contains("starts"));
    starts
        .map(|line| line.split(' ').nth(1).unwrap().to_owned())
        .collect()
}

#[test]
fn rule_13_disciplines() {
    assert_eq!(order("fifo"), ["a1", "a2", "a3", "a4", "a5"]);
    assert_eq!(order("lifo"), ["a1", "a5", "a4", "a3", "a2"]);
    let mut random = order("random");
    assert_ne!(random, order("fifo"));
    assert_ne!(random, order("lifo"));
    random.sort();
    assert_eq!(random, order("fifo"), "all, each once");
}

#[test]
fn rule_58_who_has_waited_too_long_is_shed_when_a_thread_is_free_for_it() {
    let queue = "capacity: 9, codel: { like: facebook, target: 5ms, interval: 20ms }";
    check(
        "20 ms for who joins a line that empties, 5 ms for who joins one that has stood for longer",
        &system(
            "0ms, 1ms, 2ms, 3ms, 22ms",
            "timeout: 1s",
            &one_thread(queue),
        ),
        &[Operations],
        &[
            "0s a1 starts",
            "10ms a1 finishes ok, held 10ms",
            "10ms a2 starts after 9ms",
            "20ms a2 finishes ok, held 10ms",
            "20ms a3 starts after 18ms",
            "30ms a3 finishes ok, held 10ms",
            "30ms a4 rejected.shed after 27ms",
            "30ms a5 rejected.shed after 8ms",
        ],
    );
}

#[test]
fn rule_58_adaptive_lifo_turns_to_the_newest() {
    let adaptive = |interval| order(&format!("{{ adaptive_lifo: {{ interval: {interval} }} }}"));
    assert_eq!(adaptive("1s"), order("fifo"));
    // The line is not empty from 1 ms on: at 10 ms that is 9 ms, at 20 ms it is 19 ms.
    assert_eq!(adaptive("9ms"), ["a1", "a2", "a5", "a4", "a3"]);
    assert_eq!(adaptive("8ms"), order("lifo"));
}

#[test]
fn rule_13_waiting_has_a_limit() {
    check(
        "5 ms",
        &system(
            "0ms, 1ms",
            "timeout: 1s",
            &one_thread("capacity: 9, max_wait: 5ms"),
        ),
        &[Operations],
        &[
            "0s a1 starts",
            "6ms a2 rejected.queue_timeout after 5ms",
            "10ms a1 finishes ok, held 10ms",
        ],
    );
    check(
        "rule 41: a thread at the very limit is in time",
        &system(
            "0ms, 5ms",
            "timeout: 1s",
            &one_thread("capacity: 9, max_wait: 5ms"),
        ),
        &[Operations],
        &[
            "0s a1 starts",
            "10ms a1 finishes ok, held 10ms",
            "10ms a2 starts after 5ms",
            "20ms a2 finishes ok, held 10ms",
        ],
    );
}

#[test]
fn rule_14_blocking_holds_the_thread_through_calls_and_backoff() {
    let services = service(
        "s",
        "threads: 1, queue: { capacity: 9 }",
        "{ work: 5ms }, { call: { to: t.op, policy: [{ retry: { max_attempts: 2, backoff: { constant: 7ms }, jitter: none } }] } }, { work: 1ms }",
    ) + &service(
        "t",
        "threads: 9, queue: { capacity: 9 }",
        "{ work: 10ms }, { fail: { sequence: [internal, ok] } }",
    );
    // 5 ms of work, 10 ms call, 7 ms backoff, 10 ms call, 1 ms of work: 33 ms.
    check(
        "33 ms",
        &system("0ms, 1ms", "timeout: 1s", &services),
        &[Operations, Threads],
        &[
            "0s a1 starts",
            "5ms a3 starts",
            "15ms a3 finishes error.internal, held 10ms",
            "22ms a4 starts",
            "32ms a4 finishes ok, held 10ms",
            "33ms a1 finishes ok, held 33ms",
            "33ms a2 starts after 32ms",
            "38ms a5 starts",
            "48ms a5 finishes error.internal, held 10ms",
            "55ms a6 starts",
            "65ms a6 finishes ok, held 10ms",
            "66ms a2 finishes ok, held 33ms",
        ],
    );
}

#[test]
fn rule_14_asynchronous_holds_a_thread_during_work_only() {
    let services = service(
        "s",
        "threads: 1, execution: async, queue: { capacity: 1 }",
        "{ work: 10ms }, { call: t.op }, { work: 10ms }",
    ) + &service("t", "threads: 9, queue: { capacity: 9 }", "work: 5ms");
    // a3 waits in the only place when a1 comes back at 15 ms: a1 is not rejected, and goes behind
    // it. So the thread works for a1, a2, a3 in turn, twice.
    check(
        "who goes on joins the queue at its end",
        &system("0ms, 1ms, 11ms", "timeout: 1s", &services),
        &[Operations, Threads],
        &[
            "0s a1 starts",
            "10ms a1 returns its thread",
            "10ms a2 starts after 9ms",
            "10ms a3 starts",
            "15ms a3 finishes ok, held 5ms",
            "20ms a2 returns its thread",
            "20ms a4 starts after 9ms",
            "20ms a5 starts",
            "25ms a5 finishes ok, held 5ms",
            "30ms a4 returns its thread",
            "30ms a1 takes a thread",
            "30ms a6 starts",
            "35ms a6 finishes ok, held 5ms",
            "40ms a1 returns its thread",
            "40ms a2 takes a thread",
            "40ms a1 finishes ok, held 20ms",
            "50ms a2 returns its thread",
            "50ms a4 takes a thread",
            "50ms a2 finishes ok, held 20ms",
            "60ms a4 returns its thread",
            "60ms a4 finishes ok, held 20ms",
        ],
    );
}

#[test]
fn rule_15_working_threads_share_cores() {
    let shared = service(
        "s",
        "threads: 9, cores: 1, queue: { capacity: 0 }",
        "work: 10ms",
    );
    // Alone until 5 ms; then half speed: a1 lacks 5 and takes 10; a2 then lacks 5 and is alone.
    check(
        "one core",
        &system("0ms, 5ms", "timeout: 1s", &shared),
        &[Operations],
        &[
            "0s a1 starts",
            "5ms a2 starts",
            "15ms a1 finishes ok, held 15ms",
            "20ms a2 finishes ok, held 15ms",
        ],
    );
    let enough = service("s", "threads: 9, queue: { capacity: 0 }", "work: 10ms");
    check(
        "without cores they do not slow each other",
        &system("0ms, 5ms", "timeout: 1s", &enough),
        &[Operations],
        &[
            "0s a1 starts",
            "5ms a2 starts",
            "10ms a1 finishes ok, held 10ms",
            "15ms a2 finishes ok, held 10ms",
        ],
    );
}

#[test]
fn rule_16_contention_at_the_start_or_in_progress() {
    let crowded = |in_progress: bool| {
        let law = format!("{{ table: [[1, 1], [2, 2]], in_progress: {in_progress} }}");
        let s = service(
            "s",
            &format!("threads: 9, contention: {law}, queue: {{ capacity: 0 }}"),
            "work: 10ms",
        );
        system("0ms, 1ms", "timeout: 1s", &s)
    };
    check(
        "fixed at the start: 10 ms alone, 20 ms as the second of two",
        &crowded(false),
        &[Operations],
        &[
            "0s a1 starts",
            "1ms a2 starts",
            "10ms a1 finishes ok, held 10ms",
            "21ms a2 finishes ok, held 20ms",
        ],
    );
    // From 1 ms on both run at half speed: a1 lacks 9, so 18 ms; a2 has done 9 by then.
    check(
        "rescaled",
        &crowded(true),
        &[Operations],
        &[
            "0s a1 starts",
            "1ms a2 starts",
            "19ms a1 finishes ok, held 19ms",
            "20ms a2 finishes ok, held 19ms",
        ],
    );
}

/// Two calls of 10 ms for one thread whose callers give up after 5 ms.
fn given_up(abandoned_work: &str) -> String {
    let s = service(
        "s",
        &format!("threads: 1, queue: {{ capacity: 9 }}, abandoned_work: {abandoned_work}"),
        "work: 10ms",
    );
    system("0ms, 1ms", "timeout: 5ms", &s)
}

#[test]
fn rule_17_what_becomes_of_abandoned_work() {
    let shown = [Operations, Messages];
    check(
        "finish: it is done all the same",
        &given_up("finish"),
        &shown,
        &[
            "0s a1 starts",
            "10ms a1 finishes ok, held 10ms",
            "10ms a2 starts after 9ms",
            "10ms answer of a1 unwanted",
            "20ms a2 finishes ok, held 10ms",
            "20ms answer of a2 unwanted",
        ],
    );
    check(
        "skip: dropped when it would leave the queue",
        &given_up("skip"),
        &shown,
        &[
            "0s a1 starts",
            "10ms a1 finishes ok, held 10ms",
            "10ms a2 Skipped",
            "10ms answer of a1 unwanted",
        ],
    );
    check(
        "remove: out of the queue at once",
        &given_up("remove"),
        &shown,
        &[
            "0s a1 starts",
            "6ms a2 Removed",
            "10ms a1 finishes ok, held 10ms",
            "10ms answer of a1 unwanted",
        ],
    );
    check(
        "stop: while running too",
        &given_up("stop"),
        &shown,
        &[
            "0s a1 starts",
            "5ms a1 Stopped, held 5ms",
            "5ms a2 starts after 4ms",
            "6ms a2 Stopped, held 1ms",
        ],
    );
}

#[test]
fn rule_17_who_is_skipped_keeps_its_place() {
    let s = service(
        "s",
        "threads: 1, queue: { capacity: 1 }, abandoned_work: skip",
        "work: 10ms",
    );
    // a2 is given up at 6 ms and still takes the only place when a3 comes.
    check(
        "skip",
        &system("0ms, 1ms, 7ms", "timeout: 5ms", &s),
        &[Operations],
        &[
            "0s a1 starts",
            "7ms a3 rejected.queue_full",
            "10ms a1 finishes ok, held 10ms",
            "10ms a2 Skipped",
        ],
    );
}

#[test]
fn rule_17_stop_gives_up_the_operations_own_calls() {
    let stop = "threads: 1, queue: { capacity: 9 }, abandoned_work: stop";
    let services = service("s", stop, "call: t.op") + &service("t", stop, "work: 10ms");
    check(
        "two tiers",
        &system("0ms", "timeout: 5ms", &services),
        &[Calls, Attempts, Operations],
        &[
            "0s c1 wants s.op",
            "0s c1 sends a1 to s/0",
            "0s a1 starts",
            "0s c2 wants t.op for a1",
            "0s c2 sends a2 to t/0",
            "0s a2 starts",
            "5ms a1 given up: timeout.response, AtWork in t.op",
            "5ms c1 timeout.response, AtWork in t.op after 5ms",
            "5ms a1 Stopped, held 5ms",
            "5ms a2 given up: cancelled, AtWork in t.op",
            "5ms c2 cancelled after 5ms",
            "5ms a2 Stopped, held 5ms",
        ],
    );
}

#[test]
fn rule_18_the_news_travels_and_may_be_lost() {
    let s = "  s: { threads: 1, queue: { capacity: 9 }, abandoned_work: stop, operations: { op: { steps: [work: 20ms] } } }\n";
    let network = "network: { latency: 2ms }\n";
    check(
        "given up at 5 ms, heard of at 7 ms",
        &(system("0ms", "timeout: 5ms", s) + network),
        &[Operations],
        &["2ms a1 starts", "7ms a1 Stopped, held 5ms"],
    );
    let cut = "faults: { cut: { at: 4ms, for: 3ms, from: c, to: s, partition: { direction: requests } } }\n";
    check(
        "lost, so the work goes on",
        &(system("0ms", "timeout: 5ms", s) + network + cut),
        &[Operations, Messages],
        &[
            "2ms a1 starts",
            "22ms a1 finishes ok, held 20ms",
            "24ms answer of a1 unwanted",
        ],
    );
}

#[test]
fn rule_18_a_deadline_is_carried_and_inherited() {
    let s = |what: &str| {
        service(
            "s",
            &format!("threads: 1, queue: {{ capacity: 9 }}, abandoned_work: {what}"),
            "work: 10ms",
        )
    };
    let cut = "faults: { cut: { at: 4ms, for: 30ms, from: c, to: s, partition: { direction: requests } } }\n";
    let deadline = "timeout: { after: 5ms, propagate: true }";
    // No news arrives; the deadlines are 5 ms and 6 ms.
    check(
        "stop: work ends when its deadline comes",
        &(system("0ms, 1ms", deadline, &s("stop")) + cut),
        &[Operations],
        &[
            "0s a1 starts",
            "5ms a1 Expired, held 5ms",
            "5ms a2 starts after 4ms",
            "6ms a2 Expired, held 1ms",
        ],
    );
    check(
        "remove: it leaves the queue",
        &(system("0ms, 1ms", deadline, &s("remove")) + cut),
        &[Operations],
        &[
            "0s a1 starts",
            "6ms a2 Expired",
            "10ms a1 finishes ok, held 10ms",
        ],
    );
    check(
        "skip: it is dropped when its turn comes",
        &(system("0ms, 1ms", deadline, &s("skip")) + cut),
        &[Operations],
        &[
            "0s a1 starts",
            "10ms a1 finishes ok, held 10ms",
            "10ms a2 Expired",
        ],
    );
    let chain = service(
        "s",
        "threads: 1, queue: { capacity: 9 }",
        "{ work: 2ms }, { call: t.op }",
    ) + &service(
        "t",
        "threads: 1, queue: { capacity: 9 }, abandoned_work: stop",
        "work: 10ms",
    );
    check(
        "inherited by the calls of the operation, though its service minds nothing",
        &(system("0ms", deadline, &chain) + cut),
        &[Calls, Operations],
        &[
            "0s c1 wants s.op",
            "0s a1 starts",
            "2ms c2 wants t.op for a1",
            "2ms a2 starts",
            "5ms c1 timeout.response, AtWork in t.op after 5ms",
            "5ms a2 Expired, held 3ms",
            "5ms c2 timeout.deadline, AtWork in t.op after 3ms",
            "5ms a1 finishes error.dependency, held 5ms",
        ],
    );
}

#[test]
fn rule_18_expired_on_arrival() {
    // 6 ms on the way; the deadline was at 5 ms.
    let s = service(
        "s",
        "threads: 1, queue: { capacity: 9 }, abandoned_work: skip",
        "work: 10ms",
    );
    check(
        "dropped at once",
        &(system("0ms", "timeout: { after: 5ms, propagate: true }", &s)
            + "network: { latency: 6ms }\n"),
        &[Arrivals, Operations],
        &["6ms a1 arrives at s/0", "6ms a1 Expired"],
    );
}

#[test]
fn steps_branch_repeat_and_fail() {
    let s = service(
        "s",
        "threads: 1, queue: { capacity: 9 }",
        "{ branch: [{ share: 100%, steps: [{ work: 1ms }] }, { share: 0%, steps: [{ work: 50ms }] }] }, \
         { repeat: { times: 3, steps: [{ work: { sequence: [2ms, 3ms] } }] } }, \
         { branch: [{ share: 0%, steps: [{ work: 50ms }] }] }, \
         { fail: { sequence: [ok, invalid] } }",
    );
    // 1 ms, then 2 + 3 + 2 ms; the next one goes on in the sequence: 3 + 2 + 3 ms.
    check(
        "8 ms, then 9 ms",
        &system("0ms, 100ms", "timeout: 1s", &s),
        &[Operations],
        &[
            "0s a1 starts",
            "8ms a1 finishes ok, held 8ms",
            "100ms a2 starts",
            "109ms a2 finishes error.invalid, held 9ms",
        ],
    );
}

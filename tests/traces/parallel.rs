//! Branches side by side (rule 11).

use super::*;

/// `s.op` with this `parallel`; `t` has operations of 5, 10 and 20 ms and one that fails at 5 ms.
fn forks(parallel: &str, then: &str) -> String {
    let t = "  t:
    threads: 9
    queue: { capacity: 0 }
    operations:
      five: { steps: [work: 5ms] }
      ten: { steps: [work: 10ms] }
      twenty: { steps: [work: 20ms] }
      bad: { steps: [work: 5ms, fail: { share: 100% }] }
";
    service(
        "s",
        "threads: 9, queue: { capacity: 0 }",
        &format!("{{ parallel: {parallel} }}{then}"),
    ) + t
}

fn check_once(title: &str, parallel: &str, expected: &[&str]) {
    let scenario = system("0ms", "timeout: 1s", &forks(parallel, ""));
    let lines = trace(&scenario, &[Calls]).0;
    let ends: Vec<_> = lines
        .iter()
        .filter(|line| !line.contains("wants"))
        .collect();
    assert_eq!(ends, expected, "{title}");
}

#[test]
fn rule_11_all_any_and_k_of_n() {
    check_once(
        "all",
        "[{ call: t.five }, { call: t.ten }]",
        &[
            "5ms c2 ok after 5ms",
            "10ms c3 ok after 10ms",
            "10ms c1 ok after 10ms",
        ],
    );
    check_once(
        "any: the rest is given up",
        "{ branches: [{ call: t.five }, { call: t.ten }], need: any }",
        &[
            "5ms c2 ok after 5ms",
            "5ms c3 cancelled after 5ms",
            "5ms c1 ok after 5ms",
        ],
    );
    check_once(
        "two of three",
        "{ branches: [{ call: t.five }, { call: t.ten }, { call: t.twenty }], need: 2 }",
        &[
            "5ms c2 ok after 5ms",
            "10ms c3 ok after 10ms",
            "10ms c4 cancelled after 10ms",
            "10ms c1 ok after 10ms",
        ],
    );
}

#[test]
fn rule_11_decided_when_too_many_have_failed() {
    check_once(
        "all: the first failure decides",
        "[{ call: t.bad }, { call: t.ten }]",
        &[
            "5ms c2 error.internal after 5ms",
            "5ms c3 cancelled after 5ms",
            "5ms c1 error.dependency for error.internal in t.bad after 5ms",
        ],
    );
    check_once(
        "any of two: only the second",
        "{ branches: [{ call: t.bad }, [{ work: 7ms }, { call: t.bad }]], need: any }",
        &[
            "5ms c2 error.internal after 5ms",
            "12ms c3 error.internal after 5ms",
            "12ms c1 error.dependency for error.internal in t.bad after 12ms",
        ],
    );
}

#[test]
fn rule_11_optional_counts_as_useful_but_is_waited_for() {
    check_once(
        "all",
        "[{ call: { to: t.bad, optional: true } }, { work: 1ms }]",
        &[
            "5ms c2 error.internal after 5ms",
            "5ms c1 degraded after 5ms",
        ],
    );
}

#[test]
fn rule_11_the_rest_runs_on_unobserved() {
    check_once(
        "the calls of the rest go on behind the answer",
        "{ branches: [{ call: t.five }, { call: t.ten }], need: any, cancel_rest: false }",
        &[
            "5ms c2 ok after 5ms",
            "5ms c1 ok after 5ms",
            "10ms c3 ok after 10ms",
        ],
    );
    // The optional call of the rest fails at 12 ms, when nobody looks any more.
    let parallel = "{ branches: [{ call: t.five }, [{ work: 7ms }, { call: { to: t.bad, optional: true } }]], need: any, cancel_rest: false }";
    check(
        "what becomes of it makes the answer no worse",
        &system("0ms", "timeout: 1s", &forks(parallel, ", { call: t.ten }")),
        &[Calls],
        &[
            "0s c1 wants s.op",
            "0s c2 wants t.five for a1",
            "5ms c2 ok after 5ms",
            "5ms c3 wants t.ten for a1",
            "7ms c4 wants t.bad for a1",
            "12ms c4 error.internal after 5ms",
            "15ms c3 ok after 10ms",
            "15ms c1 ok after 15ms",
        ],
    );
}

#[test]
fn rule_11_a_decided_parallel_leaves_the_next_ones_alone() {
    // The first fails at 5 ms with its other branch under way. The next two run side by side.
    let services = service(
        "s",
        "threads: 9, queue: { capacity: 0 }",
        "{ parallel: [{ call: t.op }, { work: 10ms }] }, { work: 1ms }",
    ) + &service(
        "t",
        "threads: 9, queue: { capacity: 0 }",
        "{ work: 5ms }, { fail: { sequence: [internal, ok, ok] } }",
    );
    check(
        "three calls",
        &system("0ms, 20ms, 22ms", "timeout: 1s", &services),
        &[Operations],
        &[
            "0s a1 starts",
            "0s a2 starts",
            "5ms a2 finishes error.internal, held 5ms",
            "5ms a1 finishes error.dependency, held 5ms",
            "20ms a3 starts",
            "20ms a4 starts",
            "22ms a5 starts",
            "22ms a6 starts",
            "25ms a4 finishes ok, held 5ms",
            "27ms a6 finishes ok, held 5ms",
            "31ms a3 finishes ok, held 11ms",
            "33ms a5 finishes ok, held 11ms",
        ],
    );
}

#[test]
fn rule_14_branches_share_one_thread_or_have_their_own() {
    let s = |execution: &str| {
        let settings = format!("threads: 2, execution: {execution}, queue: {{ capacity: 0 }}");
        system(
            "0ms",
            "timeout: 1s",
            &service("s", &settings, "parallel: [{ work: 5ms }, { work: 7ms }]"),
        )
    };
    check(
        "blocking: one after the other",
        &s("blocking"),
        &[Operations],
        &["0s a1 starts", "12ms a1 finishes ok, held 12ms"],
    );
    check(
        "async: side by side",
        &s("async"),
        &[Operations],
        &["0s a1 starts", "7ms a1 finishes ok, held 12ms"],
    );
}

#[test]
fn rule_4_a_given_up_branch_takes_nothing_more() {
    // Three branches for one thread; the first decides, the others never work: the sequence goes on
    // with its second entry in the next operation.
    for execution in ["blocking", "async"] {
        let settings = format!("threads: 1, execution: {execution}, queue: {{ capacity: 9 }}");
        let steps = "parallel: { branches: [{ work: { sequence: [5ms, 6ms, 7ms] } }, [{ work: { sequence: [1ms, 2ms] } }, { work: 50ms }], { work: 50ms }], need: any }";
        let scenario = system("0ms, 100ms", "timeout: 1s", &service("s", &settings, steps));
        let lines = trace(&scenario, &[Operations, Threads]).0;
        let ends: Vec<_> = lines
            .iter()
            .filter(|line| line.contains("finishes"))
            .collect();
        assert_eq!(
            ends,
            [
                "5ms a1 finishes ok, held 5ms",
                "106ms a2 finishes ok, held 6ms"
            ],
            "{execution}"
        );
        let taken = lines.iter().filter(|line| line.contains("takes")).count();
        let returned = lines.iter().filter(|line| line.contains("returns")).count();
        // Each operation starts with a thread, gives it back for the branches, and takes one again.
        let expected = if execution == "async" { (2, 4) } else { (0, 0) };
        assert_eq!((taken, returned), expected, "{execution}: {lines:#?}");
    }
}

#[test]
fn distinct_instances_are_distinct() {
    let services = service(
        "s",
        "threads: 9, queue: { capacity: 0 }",
        "{ parallel: { call: t.op, count: 3, distinct_instances: true } }",
    ) + &service(
        "t",
        "instances: 3, balance: random, threads: 9, queue: { capacity: 0 }",
        "work: 1ms",
    );
    let lines = trace(
        &system("0ms, 10ms, 20ms, 30ms", "timeout: 1s", &services),
        &[Attempts],
    )
    .0;
    let sent: Vec<_> = lines
        .iter()
        .filter_map(|line| line.split("to t/").nth(1))
        .collect();
    assert_eq!(sent.len(), 12);
    for fork in sent.chunks(3) {
        let mut fork = fork.to_vec();
        fork.sort_unstable();
        assert_eq!(fork, ["0", "1", "2"]);
    }
}

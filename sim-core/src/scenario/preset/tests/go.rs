//! Breakers of gobreaker, Dapr and failsafe-go.

use super::{check, check_config, with};

#[test]
fn gobreaker() {
    check(
        "gobreaker",
        &[
            (0, "5 calls fail", ""),
            (0, "1 calls ok", ""),
            (0, "late asks", "admit"),
            (0, "5 calls fail", ""),
            (0, "1 calls fail", "closed>open"),
            (60_000, "a asks", "reject"),
            // A result notices the end of the timeout too; it is of an older generation.
            (60_001, "late ok", "open>half_open"),
            (60_002, "a asks", "admit"),
            (60_002, "b asks", "reject"),
            (60_003, "a ok", "half_open>closed"),
            (60_004, "5 calls fail", ""),
            (60_004, "1 calls fail", "closed>open"),
            (120_005, "a asks", "open>half_open admit"),
            (120_006, "a fails", "half_open>open"),
            (180_006, "a asks", "reject"),
            (180_007, "a asks", "open>half_open admit"),
        ],
    );
}

#[test]
fn gobreaker_closes_after_as_many_successes_as_it_admits() {
    let config = with("gobreaker", "half_open_calls: 2");
    check_config(
        config,
        &[
            (0, "6 calls fail", "closed>open"),
            (60_001, "a asks", "open>half_open admit"),
            (60_001, "b asks", "admit"),
            (60_001, "c asks", "reject"),
            (60_002, "a ok", ""),
            (60_002, "c asks", "reject"),
            (60_003, "b ok", "half_open>closed"),
        ],
    );
}

#[test]
fn gobreaker_never_counts_failures_slower_than_its_interval() {
    let config = with("gobreaker", "window: { emptied_every: 8s }");
    let mut table = Vec::new();
    let names: Vec<(String, String)> = (0..40)
        .map(|n| (format!("c{n} asks"), format!("c{n} fails")))
        .collect();
    for (n, (asks, fails)) in (0..).zip(&names) {
        table.push((n * 10_000, asks.as_str(), "admit"));
        table.push((n * 10_000 + 9_999, fails.as_str(), ""));
    }
    check_config(config, &table);
}

#[test]
fn gobreaker_empties_its_counts_after_the_interval_not_at_it() {
    let config = || with("gobreaker", "window: { emptied_every: 8s }");
    check_config(
        config(),
        &[
            (0, "5 calls fail", ""),
            (8_000, "1 calls fail", "closed>open"),
        ],
    );
    check_config(
        config(),
        &[
            (0, "5 calls fail", ""),
            (8_001, "1 calls fail", ""),
            // The next interval counts from there.
            (16_001, "4 calls fail", ""),
            (16_001, "1 calls fail", "closed>open"),
        ],
    );
}

/// `BucketPeriod` 500 ms: buckets count from the start of the generation, which is when it closed.
#[test]
fn gobreaker_begins_its_buckets_with_a_generation() {
    let settings =
        "expression: totalFailures > 1, open_for: 100ms, window: { time: 1s, buckets: 2 }";
    check_config(
        with("gobreaker", settings),
        &[
            (1, "1 calls fail", ""),
            (11, "1 calls fail", "closed>open"),
            (200, "a asks", "open>half_open admit"),
            (300, "a ok", "half_open>closed"),
            (310, "1 calls fail", ""),
            // Counted from 300 ms the first bucket is there until 1.3 s.
            (1_201, "1 calls fail", "closed>open"),
        ],
    );
}

#[test]
fn gobreaker_gives_a_result_to_the_bucket_of_its_call() {
    let settings = "expression: totalFailures > 0, open_for: 5s, window: { time: 1s, buckets: 2 }";
    for (ends, said) in [(999, "closed>open"), (1_000, "")] {
        check_config(
            with("gobreaker", settings),
            &[(0, "a asks", "admit"), (ends, "a fails", said)],
        );
    }
}

#[test]
fn gobreakers_run_leaves_with_its_bucket() {
    let settings = "expression: consecutiveFailures > 2, open_for: 5s, \
                    window: { time: 1s, buckets: 2 }";
    let third = |at, said| {
        check_config(
            with("gobreaker", settings),
            &[
                (100, "1 calls fail", ""),
                (900, "1 calls fail", ""),
                (at, "1 calls fail", said),
            ],
        );
    };
    third(999, "closed>open");
    third(1_000, "");
    third(1_700, "");
    // The default trip by itself: six in a row.
    let plain = "open_for: 5s, window: { time: 1s, buckets: 2 }";
    check_config(
        with("gobreaker", plain),
        &[
            (0, "3 calls fail", ""),
            (1_000, "5 calls fail", ""),
            (1_499, "1 calls fail", "closed>open"),
        ],
    );
}

#[test]
fn dapr_counts_calls_in_flight_as_requests() {
    let trip = "expression: \"requests > 10 && totalFailures/requests > 0.5\"";
    check_config(
        with("dapr", trip),
        &[
            (0, "4 calls ok", ""),
            (0, "a asks", "admit"),
            (0, "b asks", "admit"),
            (0, "6 calls fail", ""),
            // 7 of 13: two are still in flight.
            (0, "1 calls fail", "closed>open"),
        ],
    );
    check(
        "dapr",
        &[(0, "5 calls fail", ""), (0, "1 calls fail", "closed>open")],
    );
}

#[test]
fn failsafe_go_closes_by_its_rate_once_enough_have_answered() {
    let settings = "failure_rate: 50%, minimum_calls: 3, window: { time: 10s }";
    check_config(
        with("failsafe-go", settings),
        &[
            (0, "2 calls fail", ""),
            (0, "1 calls ok", "closed>open"),
            (59_999, "a asks", "reject"),
            (60_000, "a asks", "open>half_open admit"),
            (60_000, "b asks", "admit"),
            (60_000, "c asks", "admit"),
            (60_000, "d asks", "reject"),
            (60_001, "a fails", ""),
            (60_001, "d asks", "admit"),
            (60_002, "b ok", ""),
            // One of three failed, which is 33 %.
            (60_003, "c ok", "half_open>closed"),
            (60_004, "2 calls fail", ""),
            (60_005, "d fails", "closed>open"),
        ],
    );
}

#[test]
fn failsafe_go() {
    check(
        "failsafe-go",
        &[
            (0, "5 calls ok", ""),
            (0, "1 calls fail", "closed>open"),
            (59_999, "a asks", "reject"),
            (60_000, "a asks", "open>half_open admit"),
            (60_000, "b asks", "reject"),
            (60_001, "a fails", "half_open>open"),
            (120_001, "a asks", "open>half_open admit"),
            (120_002, "a ok", "half_open>closed"),
        ],
    );
}

/// Ten buckets of a second at whole multiples of it; a gap longer than the window leaves nothing.
#[test]
fn failsafe_go_forgets_all_of_its_window_in_a_gap() {
    check_config(
        with("failsafe-go", "failures: 3, window: { time: 10s }"),
        &[
            (999, "2 calls fail", ""),
            // The bucket of [0 s, 1 s) is forgotten by what comes at 10 s.
            (10_000, "2 calls fail", ""),
            (19_999, "1 calls fail", "closed>open"),
        ],
    );
    check_config(
        with("failsafe-go", "failures: 3, window: { time: 10s }"),
        &[
            (999, "2 calls fail", ""),
            (9_999, "1 calls fail", "closed>open"),
        ],
    );
    check_config(
        with("failsafe-go", "failures: 3, window: { time: 10s }"),
        &[
            (999, "2 calls fail", ""),
            (100_500, "2 calls fail", ""),
            // Buckets after a gap are as wide as before it.
            (110_999, "2 calls fail", ""),
            (110_999, "1 calls fail", "closed>open"),
        ],
    );
}

#[test]
fn failsafe_go_gives_a_permit_back_with_each_result() {
    let settings = "failures: 2, window: { calls: 3 }, half_open_calls: 3, \
                    half_open: { closes: { counts: { successes: 2, failures: 2 } } }";
    check_config(
        with("failsafe-go", settings),
        &[
            (0, "1 calls fail", ""),
            (0, "1 calls fail", "closed>open"),
            (60_000, "a asks", "open>half_open admit"),
            (60_000, "b asks", "admit"),
            (60_000, "c asks", "admit"),
            (60_000, "d asks", "reject"),
            (60_001, "a fails", ""),
            (60_001, "d asks", "admit"),
            (60_002, "b ok", ""),
            (60_003, "c ok", "half_open>closed"),
        ],
    );
}

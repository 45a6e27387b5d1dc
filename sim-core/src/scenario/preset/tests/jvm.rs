//! Breakers of resilience4j and Hystrix.

use super::{check, check_config, with};

#[test]
fn resilience4j() {
    check(
        "resilience4j",
        &[
            (0, "50 calls ok", ""),
            (0, "49 calls fail", ""),
            // The 100th result opens, though it is a success: 50 of 100 is not needed to be a failure.
            (0, "late asks", "admit"),
            (0, "late2 asks", "admit"),
            (0, "late3 asks", "admit"),
            (10, "1 calls fail", "closed>open"),
            (60_009, "a asks", "reject"),
            // Exactly at the end it still rejects.
            (60_010, "a asks", "reject"),
            // A late result of the closed phase while open does nothing.
            (60_010, "late ok", ""),
            (60_011, "p1 asks", "open>half_open admit"),
            (60_011, "p2 asks", "admit"),
            // Late results go to half-open and count there, without having had a permit of it.
            (60_012, "late2 fails", ""),
            (60_012, "late3 fails", ""),
            (60_013, "p3 asks", "admit"),
            (60_013, "p4 asks", "admit"),
            (60_013, "p5 asks", "admit"),
            (60_013, "p6 asks", "admit"),
            (60_013, "p7 asks", "admit"),
            (60_013, "p8 asks", "admit"),
            (60_013, "p9 asks", "admit"),
            (60_013, "p10 asks", "admit"),
            (60_013, "p11 asks", "reject"),
            // An ignored or cancelled probe gives its permission back.
            (60_014, "p10 cancelled", ""),
            (60_014, "p11 asks", "admit"),
            (60_014, "p12 asks", "reject"),
            (60_015, "p1 fails", ""),
            (60_015, "p2 fails", ""),
            (60_015, "p3 ok", ""),
            (60_015, "p4 ok", ""),
            (60_015, "p5 ok", ""),
            (60_015, "p6 ok", ""),
            (60_015, "p7 ok", ""),
            // The tenth result decides before all probes have answered: 4 of 10 failed.
            (60_016, "p8 ok", "half_open>closed"),
            (60_017, "p9 fails", ""),
            // The window is new: the one late failure, and 98 more are too few.
            (60_018, "98 calls fail", ""),
            (60_019, "1 calls fail", "closed>open"),
        ],
    );
}

#[test]
fn resilience4j_opens_with_a_success_that_completes_the_minimum() {
    check(
        "resilience4j",
        &[(0, "99 calls fail", ""), (0, "1 calls ok", "closed>open")],
    );
}

#[test]
fn resilience4j_half_open_may_open_again() {
    let config = with("resilience4j", "window: { calls: 4 }, half_open_calls: 4");
    check_config(
        config,
        &[
            (0, "3 calls fail", ""),
            (0, "1 calls fail", "closed>open"),
            (60_001, "a asks", "open>half_open admit"),
            (60_001, "b asks", "admit"),
            (60_001, "c asks", "admit"),
            (60_001, "d asks", "admit"),
            (60_001, "e asks", "reject"),
            (60_002, "a fails", ""),
            (60_002, "b ok", ""),
            (60_002, "c ok", ""),
            (60_002, "d fails", "half_open>open"),
            (120_002, "a asks", "reject"),
            (120_003, "a asks", "open>half_open admit"),
        ],
    );
}

#[test]
fn resilience4j_decides_half_open_after_the_minimum_if_that_is_less() {
    let config = with("resilience4j", "window: { calls: 4 }, minimum_calls: 2");
    check_config(
        config,
        &[
            (0, "1 calls ok", ""),
            (0, "1 calls fail", "closed>open"),
            (60_001, "a asks", "open>half_open admit"),
            (60_001, "b asks", "admit"),
            (60_001, "c asks", "admit"),
            (60_002, "a ok", ""),
            (60_002, "b ok", "half_open>closed"),
        ],
    );
}

#[test]
fn resilience4j_slow_calls_open_and_are_slow_only_above_the_duration() {
    let config = with("resilience4j", "window: { calls: 2 }");
    check_config(
        config.clone(),
        &[
            (0, "a asks", "admit"),
            (0, "b asks", "admit"),
            (60_000, "a ok", ""),
            (60_001, "b ok", ""),
            (60_001, "c asks", "admit"),
            (120_002, "c ok", "closed>open"),
        ],
    );
}

#[test]
fn resilience4j_time_windows_are_aligned_to_whole_seconds() {
    let config = with("resilience4j", "window: { time: 2s }, minimum_calls: 2");
    check_config(
        config,
        &[
            (900, "1 calls fail", ""),
            // Second 0 has left when second 2 begins, after 1.1 s.
            (2_000, "1 calls fail", ""),
            // Second 2 is still there in all of second 3.
            (3_999, "1 calls fail", "closed>open"),
        ],
    );
}

#[test]
fn resilience4j_leaves_half_open_after_its_maximum_wait_by_timer() {
    let config = with(
        "resilience4j",
        "consecutive_failures: 1, half_open: { max_wait: 1s }",
    );
    check_config(
        config,
        &[
            (0, "1 calls fail", "closed>open"),
            (60_001, "a asks", "open>half_open admit"),
            (61_000, "c asks", "admit"),
            (61_500, "b asks", "half_open>open@61.001s reject"),
            (121_001, "b asks", "reject"),
            (121_002, "b asks", "open>half_open admit"),
        ],
    );
}

#[test]
fn resilience4j_waits_longer_with_each_opening_in_a_row() {
    let growth = "open_growth: { factor: 1.5, cut_to: 1ms }";
    let config = with(
        "resilience4j",
        &format!("window: {{ calls: 1 }}, half_open_calls: 1, open_for: 1s, {growth}"),
    );
    check_config(
        config,
        &[
            (0, "1 calls fail", "closed>open"),
            (1_001, "a asks", "open>half_open admit"),
            (1_001, "a fails", "half_open>open"),
            (2_501, "a asks", "reject"),
            (2_502, "a asks", "open>half_open admit"),
            (2_502, "a ok", "half_open>closed"),
            (3_000, "1 calls fail", "closed>open"),
            (4_000, "a asks", "reject"),
            (4_001, "a asks", "open>half_open admit"),
        ],
    );
}

#[test]
fn hystrix() {
    check(
        "hystrix",
        &[
            (100, "late asks", "admit"),
            (100, "19 calls fail", ""),
            (400, "1 calls fail", ""),
            // Not before the next health snapshot.
            (499, "a asks", "admit"),
            // Nobody asked at 500 ms, but that is when it opened.
            (700, "b asks", "closed>open@500ms reject"),
            (5_500, "b asks", "reject"),
            (5_501, "b asks", "open>half_open admit"),
            (5_501, "c asks", "reject"),
            (5_502, "late ok", "half_open>closed"),
            // Everything begins anew when it closes: the next snapshot is 500 ms from there.
            (5_600, "20 calls fail", ""),
            (6_001, "d asks", "admit"),
            (6_002, "e asks", "closed>open reject"),
        ],
    );
}

#[test]
fn hystrix_a_cancelled_probe_opens_again() {
    check(
        "hystrix",
        &[
            (100, "20 calls fail", ""),
            (500, "a asks", "closed>open reject"),
            (5_501, "a asks", "open>half_open admit"),
            (5_600, "a cancelled", "half_open>open"),
            (10_600, "a asks", "reject"),
            (10_601, "a asks", "open>half_open admit"),
        ],
    );
}

#[test]
fn hystrix_needs_its_volume_within_the_window() {
    check(
        "hystrix",
        &[
            (100, "10 calls fail", ""),
            (10_600, "10 calls fail", ""),
            (20_000, "a asks", "admit"),
        ],
    );
    // Ten failures of the oldest bucket that is still there, and ten of the newest complete one.
    check(
        "hystrix",
        &[
            (100, "10 calls fail", ""),
            (9_900, "10 calls fail", ""),
            (11_000, "a asks", "closed>open@10s reject"),
        ],
    );
}

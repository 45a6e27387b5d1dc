//! Breakers of the endpoints in a balancer: Linkerd and Finagle.

use super::{check, check_config, with};

#[test]
fn linkerd() {
    check(
        "linkerd",
        &[
            (0, "late asks", "admit"),
            (0, "late2 asks", "admit"),
            (0, "6 calls fail", ""),
            (0, "1 calls fail", "closed>open"),
            // 1 s and half of half of it, with the draw in the middle.
            (1_249, "a asks", "reject"),
            (1_250, "a asks", "open>half_open admit"),
            (1_250, "b asks", "reject"),
            // The first response of any request decides.
            (1_300, "late fails", "half_open>open"),
            // Responses while shut are ignored; the second wait is 2.5 s.
            (1_400, "late2 ok", ""),
            (3_799, "b asks", "reject"),
            (3_800, "b asks", "open>half_open admit"),
            (3_900, "b ok", "half_open>closed"),
            (3_900, "7 calls fail", "closed>open"),
            // The wait began anew.
            (5_150, "c asks", "open>half_open admit"),
        ],
    );
}

#[test]
fn linkerd_counts_seven_in_a_row_and_doubles_up_to_a_minute() {
    check(
        "linkerd",
        &[
            (0, "6 calls fail", ""),
            (0, "1 calls ok", ""),
            (0, "6 calls fail", ""),
            (0, "1 calls fail", "closed>open"),
            // With the draw in the middle a quarter is added: 1.25, 2.5, 5, 10, 20 and 40 s.
            (1_250, "a asks", "open>half_open admit"),
            (1_250, "a fails", "half_open>open"),
            (3_750, "a asks", "open>half_open admit"),
            (3_750, "a fails", "half_open>open"),
            (8_750, "a asks", "open>half_open admit"),
            (8_750, "a fails", "half_open>open"),
            (18_750, "a asks", "open>half_open admit"),
            (18_750, "a fails", "half_open>open"),
            (38_750, "a asks", "open>half_open admit"),
            (38_750, "a fails", "half_open>open"),
            (78_750, "a asks", "open>half_open admit"),
            (78_750, "a fails", "half_open>open"),
            // Never above the maximum, what is added included.
            (138_749, "b asks", "reject"),
            (138_750, "b asks", "open>half_open admit"),
        ],
    );
}

#[test]
fn linkerd_a_dropped_probe_keeps_its_permit_until_an_earlier_request_answers() {
    check(
        "linkerd",
        &[
            (0, "late asks", "admit"),
            (0, "7 calls fail", "closed>open"),
            (1_250, "a asks", "open>half_open admit"),
            (1_300, "a cancelled", ""),
            (1_300, "b asks", "reject"),
            (600_000, "b asks", "reject"),
            (600_001, "late ok", "half_open>closed"),
            (600_001, "b asks", "admit"),
        ],
    );
    check_config(
        with("linkerd", "half_open: { max_wait: 10s }"),
        &[
            (0, "7 calls fail", "closed>open"),
            (1_250, "a asks", "open>half_open admit"),
            (1_300, "a cancelled", ""),
            (11_249, "b asks", "reject"),
            // The second wait, 2.5 s.
            (11_250, "b asks", "half_open>open reject"),
            (13_750, "b asks", "open>half_open admit"),
        ],
    );
}

#[test]
fn finagle() {
    check(
        "finagle",
        &[
            (0, "late asks", "admit"),
            (0, "4 calls fail", ""),
            (0, "1 calls fail", "closed>open"),
            (4_999, "a asks", "reject"),
            // Late results say nothing before a probe is out.
            (5_001, "late fails", "open>half_open@5s"),
            (5_002, "a asks", "admit"),
            (5_002, "b asks", "reject"),
            (5_003, "a ok", "half_open>closed"),
        ],
    );
    // By the average: silent for its first 30 s; then 26 % of weight failed, of six calls.
    check(
        "finagle",
        &[
            (0, "1 calls fail", ""),
            (1, "1 calls ok", ""),
            (29_999, "1 calls fail", ""),
        ],
    );
    check(
        "finagle",
        &[
            (0, "1 calls ok", ""),
            (31_000, "4 calls ok", ""),
            (31_001, "1 calls fail", ""),
            (40_000, "1 calls fail", "closed>open"),
        ],
    );
}

#[test]
fn finagle_a_success_while_dead_ends_the_run_and_a_failed_probe_is_then_no_reason_to_open() {
    check(
        "finagle",
        &[
            (0, "late asks", "admit"),
            (0, "late2 asks", "admit"),
            (0, "5 calls fail", "closed>open"),
            // It does not revive the node, but ends the run of five.
            (4_000, "late ok", ""),
            (5_000, "a asks", "open>half_open admit"),
            (5_001, "b asks", "reject"),
            // The first failure of a new run: the node is probed again, at once.
            (5_002, "a fails", ""),
            (5_002, "b asks", "admit"),
            (5_003, "b fails", ""),
            // A failure while no probe is out says nothing.
            (5_004, "late2 fails", ""),
            (5_005, "c asks", "admit"),
            (5_006, "c fails", ""),
            (5_007, "d asks", "admit"),
            (5_008, "d fails", ""),
            (5_009, "e asks", "admit"),
            // The fifth.
            (5_010, "e fails", "half_open>open"),
        ],
    );
}

#[test]
fn finagle_an_answer_after_an_ignored_probe_decides_nothing() {
    check(
        "finagle",
        &[
            (0, "late asks", "admit"),
            (0, "5 calls fail", "closed>open"),
            (5_000, "a asks", "open>half_open admit"),
            // Any result while a probe is out is the probe's: the node is probed again.
            (5_001, "late cancelled", ""),
            (5_002, "a ok", ""),
            (5_003, "b asks", "admit"),
            (5_004, "b ok", "half_open>closed"),
            // The success was counted and the run is new.
            (5_005, "4 calls fail", ""),
            (5_005, "1 calls fail", "closed>open"),
        ],
    );
}

/// With the draw in the middle the waits of a policy are 5 s, 7.5 s, 15 s, 30 s, 60 s, 120 s, 240 s.
#[test]
fn finagle_has_a_backoff_for_each_policy_and_waits_the_longer() {
    check(
        "finagle",
        &[
            // The run alone opens, since the average is silent for 30 s.
            (0, "5 calls fail", "closed>open"),
            (5_000, "a asks", "open>half_open admit"),
            (5_000, "a fails", "half_open>open"),
            (12_500, "a asks", "open>half_open admit"),
            (12_500, "a fails", "half_open>open"),
            (27_499, "b asks", "reject"),
            (27_500, "a asks", "open>half_open admit"),
            (27_500, "a fails", "half_open>open"),
            // Of the last 30 s only three failures are left, too few for the average.
            (57_500, "a asks", "open>half_open admit"),
            (57_500, "late asks", "reject"),
            (57_500, "a ok", "half_open>closed"),
        ],
    );
    // Both at one instant: the first wait of the average and the second of the run.
    check(
        "finagle",
        &[
            (0, "1 calls ok", ""),
            (29_000, "4 calls fail", ""),
            (29_000, "1 calls fail", "closed>open"),
            (34_000, "a asks", "open>half_open admit"),
            (34_000, "a fails", "half_open>open"),
            (41_499, "b asks", "reject"),
            (41_500, "b asks", "open>half_open admit"),
            (41_500, "late asks", "reject"),
            // The average for its second time: 7.5 s, the run for its third: 15 s.
            (41_500, "b fails", "half_open>open"),
            (56_499, "c asks", "reject"),
            (56_500, "c asks", "open>half_open admit"),
        ],
    );
}

/// The average opens three times before the run does, which then waits its first time.
#[test]
fn finagle_the_policy_that_did_not_hold_has_not_waited() {
    check(
        "finagle",
        &[
            (0, "1 calls ok", ""),
            (31_000, "4 calls ok", ""),
            (31_001, "1 calls fail", ""),
            // By the average alone: the second failure in a row.
            (41_000, "1 calls fail", "closed>open"),
            (46_000, "a asks", "open>half_open admit"),
            (46_000, "a fails", "half_open>open"),
            // 7.5 s, the average's second wait.
            (53_499, "b asks", "reject"),
            (53_500, "b asks", "open>half_open admit"),
            (53_500, "b fails", "half_open>open"),
            // Its third, 15 s.
            (68_499, "c asks", "reject"),
            (68_500, "c asks", "open>half_open admit"),
            // Too few for the average; the run of five waits its first time.
            (68_500, "c fails", "half_open>open"),
            (73_499, "d asks", "reject"),
            (73_500, "d asks", "open>half_open admit"),
        ],
    );
}

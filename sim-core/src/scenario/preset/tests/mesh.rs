//! Breakers of the endpoints in a balancer: Linkerd and Finagle.

use super::check;

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

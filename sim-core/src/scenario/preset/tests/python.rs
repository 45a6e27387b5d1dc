//! Breakers of pybreaker and circuitbreaker.

use super::check;

#[test]
fn pybreaker() {
    check(
        "pybreaker",
        &[
            (0, "4 calls fail", ""),
            (0, "1 calls ok", ""),
            (0, "4 calls fail", ""),
            (0, "1 calls fail", "closed>open"),
            (59_999, "a asks", "reject"),
            (60_000, "a asks", "open>half_open admit"),
            (60_000, "b asks", "admit"),
            (60_001, "a fails", "half_open>open"),
            (120_001, "c asks", "open>half_open admit"),
            (120_002, "c ok", "half_open>closed"),
        ],
    );
}

#[test]
fn circuitbreaker() {
    check(
        "circuitbreaker",
        &[
            (0, "late1 asks", "admit"),
            (0, "late2 asks", "admit"),
            (0, "late3 asks", "admit"),
            (0, "4 calls fail", ""),
            (0, "1 calls fail", "closed>open"),
            // A late failure makes it wait anew: until 40 s.
            (10_000, "late1 fails", ""),
            (39_999, "a asks", "reject"),
            // A late success closes it while open.
            (39_999, "late2 ok", "open>closed"),
            (40_000, "4 calls fail", ""),
            (40_000, "1 calls fail", "closed>open"),
            (70_000, "a asks", "open>half_open admit"),
            (70_000, "b asks", "admit"),
            (70_001, "a fails", "half_open>open"),
            (70_002, "b ok", "open>closed"),
            (70_003, "late3 fails", ""),
        ],
    );
}

//! Breakers of opossum and cockatiel.

use super::{check, check_config, with};
use crate::policy::BreakerConfig;
use crate::scenario::breaker_preset;

#[test]
fn opossum() {
    check(
        "opossum",
        &[
            (0, "1 calls ok", ""),
            // 1 of 2 is not above 50 %.
            (0, "1 calls fail", ""),
            (0, "late asks", "admit"),
            // In flight: 2 of 4.
            (0, "1 calls fail", ""),
            (1, "1 calls fail", "closed>open"),
            (30_000, "a asks", "reject"),
            // By timer, exactly at its end: one probe.
            (30_001, "a asks", "open>half_open admit"),
            (30_001, "b asks", "reject"),
            (30_002, "late ok", "half_open>closed"),
            (30_003, "a ok", ""),
        ],
    );
}

#[test]
fn opossum_half_opens_by_timer_though_nobody_asks() {
    check(
        "opossum",
        &[
            (0, "late asks", "admit"),
            (0, "late2 asks", "admit"),
            (0, "3 calls fail", "closed>open"),
            (31_000, "late fails", "open>half_open@30s half_open>open"),
            (61_500, "late2 ok", "open>half_open@61s half_open>closed"),
        ],
    );
}

#[test]
fn opossum_keeps_its_window_when_it_closes() {
    let config = with("opossum", "open_for: 1s");
    check_config(
        config,
        &[
            (0, "8 calls ok", ""),
            (0, "9 calls fail", "closed>open"),
            // Rejected calls are fires too: 9 of 17, then 9 of 20.
            (500, "a asks", "reject"),
            (501, "b asks", "reject"),
            (1_000, "p asks", "open>half_open admit"),
            (1_001, "p ok", "half_open>closed"),
            (1_002, "1 calls fail", ""),
            (1_003, "1 calls fail", ""),
            // 12 of 23.
            (1_004, "1 calls fail", "closed>open"),
        ],
    );
}

/// Failures are divided by the fires that are still in the window: by none, if these have left it.
#[test]
fn opossum_opens_by_a_failure_that_outlives_its_fire() {
    let two_began = [(0, "1 calls ok", ""), (0, "a asks", "admit")];
    let then = |config: BreakerConfig, ms, change| {
        let table = [two_began[0], two_began[1], (ms, "a fails", change)];
        check_config(config, &table);
    };
    let plain = || breaker_preset("opossum").unwrap();
    then(plain(), 9_999, "");
    then(plain(), 10_000, "closed>open");
    then(with("opossum", "minimum_calls: 1"), 10_000, "");
    // Seven buckets of 142 ms.
    let sevenths = || with("opossum", "window: { time: 1s, buckets: 7 }");
    then(sevenths(), 993, "");
    then(sevenths(), 994, "closed>open");
}

#[test]
fn cockatiel_lets_calls_wait_for_the_probe() {
    let config = with("cockatiel", "minimum_calls: 2, failure_rate: 50%");
    check_config(
        config,
        &[
            (0, "1 calls ok", ""),
            // 1 of 2 is not more than the threshold.
            (0, "1 calls fail", ""),
            (0, "late asks", "admit"),
            (0, "1 calls fail", "closed>open"),
            (9_999, "a asks", "reject"),
            (10_000, "a asks", "open>half_open admit"),
            (10_001, "b asks", "wait"),
            // A failure of the closed phase that fills the measure opens, though a probe is out.
            (10_002, "late fails", "half_open>open"),
            (10_003, "b asks", "reject"),
            (20_002, "c asks", "open>half_open admit"),
            // The older probe closes it: the state is half-open.
            (20_003, "a ok", "half_open>closed"),
            // The window began anew with that success; this failure of a probe opens all the same.
            (20_004, "c fails", "closed>open"),
        ],
    );
}

#[test]
fn cockatiel_closes_by_what_it_does_not_handle_and_keeps_the_window() {
    let config = with("cockatiel", "minimum_calls: 2, failure_rate: 50%");
    check_config(
        config,
        &[
            (0, "2 calls fail", "closed>open"),
            (10_000, "a asks", "open>half_open admit"),
            (10_001, "a cancelled", "half_open>closed"),
            // Two failures are still there.
            (10_002, "1 calls fail", "closed>open"),
        ],
    );
}

#[test]
fn cockatiel_stale_failures_survive_an_idle_gap() {
    let config = with("cockatiel", "minimum_calls: 6, failure_rate: 50%");
    check_config(
        config,
        &[
            (0, "5 calls fail", ""),
            (3_600_000, "1 calls fail", "closed>open"),
        ],
    );
}

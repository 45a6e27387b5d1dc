//! Polly's breaker.

use super::{breaker_preset, check, check_config, with};
use crate::policy::Outcome;

#[test]
fn polly() {
    check(
        "polly",
        &[
            (0, "89 calls ok", ""),
            (0, "late asks", "admit"),
            (0, "late2 asks", "admit"),
            (0, "10 calls fail", ""),
            // 10 of 100 is the ratio, but a success does not look.
            (100, "1 calls ok", ""),
            (100, "1 calls fail", "closed>open"),
            (5_099, "a asks", "reject"),
            (5_100, "a asks", "open>half_open admit"),
            (5_100, "b asks", "reject"),
            // A stale success closes while the probe is out.
            (5_101, "late ok", "half_open>closed"),
            (5_102, "b asks", "admit"),
            (5_103, "a fails", ""),
            (5_104, "late2 fails", ""),
        ],
    );
}

#[test]
fn polly_a_late_failure_opens_half_open_and_a_cancelled_probe_closes() {
    let config = with("polly", "minimum_calls: 2");
    check_config(
        config,
        &[
            (0, "late asks", "admit"),
            (0, "1 calls fail", ""),
            (0, "1 calls fail", "closed>open"),
            (5_000, "a asks", "open>half_open admit"),
            (5_001, "late fails", "half_open>open"),
            (10_000, "b asks", "reject"),
            (10_001, "b asks", "open>half_open admit"),
            (10_002, "b cancelled", "half_open>closed"),
        ],
    );
}

/// Polly.Core handles every exception but a cancellation, the HTTP pipeline what may pass.
#[test]
fn what_polly_and_the_standard_pipeline_take_for_a_failure() {
    let counts = |name: &str, outcome: Outcome| {
        let config = breaker_preset(name).unwrap();
        config.outcomes.failures.contains(outcome)
    };
    for (outcome, polly, standard) in [
        (Outcome::ErrorInternal, true, true),
        (Outcome::TimeoutResponse, true, true),
        (Outcome::RejectedRateLimited, true, true),
        (Outcome::ErrorInvalid, true, false),
        (Outcome::StoppedRateLimited, true, false),
        (Outcome::Ok, false, false),
    ] {
        assert_eq!(counts("polly", outcome), polly, "{outcome}");
        assert_eq!(counts("polly-standard", outcome), standard, "{outcome}");
    }
}

#[test]
fn polly_a_hung_probe_keeps_it_half_open() {
    let config = with("polly", "minimum_calls: 1");
    check_config(
        config,
        &[
            (0, "1 calls fail", "closed>open"),
            (5_000, "a asks", "open>half_open admit"),
            (3_600_000, "b asks", "reject"),
        ],
    );
}

#[test]
fn polly_windows_begin_with_the_first_call_and_live_for_the_whole_duration() {
    let config = with("polly", "failure_rate: 50%, minimum_calls: 2");
    check_config(
        config.clone(),
        &[
            (1_700, "1 calls fail", ""),
            (31_699, "1 calls fail", "closed>open"),
        ],
    );
    check_config(
        config,
        &[(1_700, "1 calls fail", ""), (31_700, "1 calls fail", "")],
    );
}

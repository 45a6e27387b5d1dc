//! Several passes at once, worked out by hand.

use super::fake_host::{Scope, Script};
use super::timelines::{at, check, play, script};
use super::{
    HedgeConfig, HedgeDelay, Layer, Losers, OnFailure, OutcomeSet, breaker, bulkhead, cancel,
    detach, fallback, hedge, hedge_config, ms, retry,
};
use crate::policy::Outcome::{ErrorInternal as Fails, ErrorInvalid as Invalid, Ok as Good};
use crate::policy::pipeline::Pipelines;
use crate::time::SimDuration;

fn losing(losers: Losers, delay_ms: u64) -> Layer {
    Layer::Hedge(HedgeConfig {
        losers,
        ..hedge_config(1, delay_ms)
    })
}

fn at_once(max_hedges: u32, delay_ms: u64) -> Layer {
    Layer::Hedge(HedgeConfig {
        on_failure: OnFailure::AtOnce,
        ..hedge_config(max_hedges, delay_ms)
    })
}

#[test]
fn rule_10_the_first_useful_result_answers_and_the_other_is_abandoned() {
    check(
        "no hedge before the delay",
        &[hedge(1, 10)],
        &script(&[0], &[(9, Good)]),
        &["0s c0 sends a0", "9ms a0 ok", "9ms c0 ok by callee"],
    );
    check(
        "an answer at the very instant of the delay is in time (rule 41)",
        &[hedge(1, 10)],
        &script(&[0], &[(10, Good)]),
        &["0s c0 sends a0", "10ms a0 ok", "10ms c0 ok by callee"],
    );
    check(
        "the hedge wins",
        &[hedge(1, 10)],
        &script(&[0], &[(100, Good), (5, Good)]),
        &[
            "0s c0 sends a0",
            "10ms c0 L0 begins pass 2",
            "10ms c0 sends a1",
            "15ms a1 ok",
            "15ms c0 L0 won by 2 of 2, 1 lost",
            "15ms a0 lost in L0",
            "15ms c0 ok by callee",
        ],
    );
    check(
        "the first one wins after all, and the third never begins",
        &[hedge(2, 10)],
        &script(&[0], &[(15, Good), (50, Good)]),
        &[
            "0s c0 sends a0",
            "10ms c0 L0 begins pass 2",
            "10ms c0 sends a1",
            "15ms a0 ok",
            "15ms c0 L0 won by 1 of 2, 1 lost",
            "15ms a1 lost in L0",
            "15ms c0 ok by callee",
        ],
    );
}

#[test]
fn rule_10_a_failure_does_not_answer_while_another_is_running_or_due() {
    check(
        "running",
        &[hedge(1, 10)],
        &script(&[0], &[(12, Fails), (20, Good)]),
        &[
            "0s c0 sends a0",
            "10ms c0 L0 begins pass 2",
            "10ms c0 sends a1",
            "12ms a0 error.internal",
            "30ms a1 ok",
            "30ms c0 L0 won by 2 of 2, 0 lost",
            "30ms c0 ok by callee",
        ],
    );
    check(
        "due",
        &[hedge(1, 10)],
        &script(&[0], &[(2, Fails), (20, Good)]),
        &[
            "0s c0 sends a0",
            "2ms a0 error.internal",
            "10ms c0 L0 begins pass 2",
            "10ms c0 sends a1",
            "30ms a1 ok",
            "30ms c0 L0 won by 2 of 2, 0 lost",
            "30ms c0 ok by callee",
        ],
    );
    check(
        "all failed: the last failure",
        &[hedge(1, 10)],
        &script(&[0], &[(15, Fails), (2, Fails)]),
        &[
            "0s c0 sends a0",
            "10ms c0 L0 begins pass 2",
            "10ms c0 sends a1",
            "12ms a1 error.internal",
            "15ms a0 error.internal",
            "15ms c0 L0 won by 0 of 2, 0 lost",
            "15ms c0 error.internal by callee",
        ],
    );
}

#[test]
fn rule_10_at_once_brings_the_next_pass_forward() {
    check(
        "gRPC, Polly: a failure sends the next one now, and its delay starts anew",
        &[at_once(2, 10)],
        &script(&[0], &[(3, Fails), (50, Good), (5, Good)]),
        &[
            "0s c0 sends a0",
            "3ms a0 error.internal",
            "3ms c0 L0 begins pass 2",
            "3ms c0 sends a1",
            "13ms c0 L0 begins pass 3",
            "13ms c0 sends a2",
            "18ms a2 ok",
            "18ms c0 L0 won by 3 of 3, 1 lost",
            "18ms a1 lost in L0",
            "18ms c0 ok by callee",
        ],
    );
    check(
        "gRPC: a fatal status answers at once and cancels the others",
        &[at_once(2, 10)],
        &script(&[0], &[(50, Good), (5, Invalid)]),
        &[
            "0s c0 sends a0",
            "10ms c0 L0 begins pass 2",
            "10ms c0 sends a1",
            "15ms a1 error.invalid",
            "15ms c0 L0 won by 0 of 2, 1 lost",
            "15ms a0 lost in L0",
            "15ms c0 error.invalid by callee",
        ],
    );
}

#[test]
fn rule_42_without_delay_all_passes_begin_in_the_same_event() {
    check(
        "gRPC and Polly with a delay of 0",
        &[hedge(2, 0)],
        &script(&[0], &[(9, Good), (4, Good), (6, Good)]),
        &[
            "0s c0 sends a0",
            "0s c0 L0 begins pass 2",
            "0s c0 sends a1",
            "0s c0 L0 begins pass 3",
            "0s c0 sends a2",
            "4ms a1 ok",
            "4ms c0 L0 won by 2 of 3, 2 lost",
            "4ms a0 lost in L0",
            "4ms a2 lost in L0",
            "4ms c0 ok by callee",
        ],
    );
}

#[test]
fn a8_polly_returns_when_the_losers_have_ended() {
    check(
        "the answer of 15 ms goes out at 40 ms",
        &[losing(Losers::Await, 10)],
        &script(&[0], &[(40, Fails), (5, Good)]),
        &[
            "0s c0 sends a0",
            "10ms c0 L0 begins pass 2",
            "10ms c0 sends a1",
            "15ms a1 ok",
            "15ms c0 L0 won by 2 of 2, 1 lost",
            "15ms a0 lost, runs on",
            "40ms a0 error.internal",
            "40ms c0 ok by callee",
        ],
    );
    check(
        "a timeout outside does not wait for them",
        &[cancel(20), losing(Losers::Await, 10)],
        &script(&[0], &[(40, Fails), (5, Good)]),
        &[
            "0s c0 sends a0",
            "10ms c0 L1 begins pass 2",
            "10ms c0 sends a1",
            "15ms a1 ok",
            "15ms c0 L1 won by 2 of 2, 1 lost",
            "15ms a0 lost, runs on",
            "20ms c0 L0 times out",
            "20ms a0 timed out in L0",
            "20ms c0 timeout.response by L0, AtWork of callee",
        ],
    );
}

#[test]
fn a8_finagle_without_interrupts_leaves_the_losers_alone() {
    check(
        "the loser keeps its permit until it ends",
        &[losing(Losers::Leave, 10), bulkhead(2, 0, SimDuration::MAX)],
        &script(&[0, 20, 45], &[(40, Good), (5, Good), (3, Good), (3, Good)]),
        &[
            "0s c0 sends a0",
            "10ms c0 L0 begins pass 2",
            "10ms c0 sends a1",
            "15ms a1 ok",
            "15ms c0 L0 won by 2 of 2, 1 lost",
            "15ms a0 lost, runs on",
            "15ms c0 lets run on",
            "15ms c0 ok by callee",
            "20ms c1 sends a2",
            "23ms a2 ok",
            "23ms c1 ok by callee",
            "40ms a0 ok",
            "40ms c0 ran on until now",
            "45ms c2 sends a3",
            "48ms a3 ok",
            "48ms c2 ok by callee",
        ],
    );
}

#[test]
fn a8_envoy_hedges_on_a_per_try_timeout() {
    // 200 ms per try within 500 ms: three attempts, none of them reset before the end.
    check(
        "a hedge of 200 ms inside a total timeout of 500 ms",
        &[cancel(500), at_once(5, 200)],
        &script(&[0], &[(900, Good), (900, Good), (900, Good)]),
        &[
            "0s c0 sends a0",
            "200ms c0 L1 begins pass 2",
            "200ms c0 sends a1",
            "400ms c0 L1 begins pass 3",
            "400ms c0 sends a2",
            "500ms c0 L0 times out",
            "500ms a0 timed out in L0",
            "500ms a1 timed out in L0",
            "500ms a2 timed out in L0",
            "500ms c0 timeout.response by L0, AtWork of callee",
        ],
    );
    check(
        "the first good response wins, though its try is the oldest",
        &[cancel(500), at_once(5, 200)],
        &script(&[0], &[(450, Good), (900, Good), (900, Good)]),
        &[
            "0s c0 sends a0",
            "200ms c0 L1 begins pass 2",
            "200ms c0 sends a1",
            "400ms c0 L1 begins pass 3",
            "400ms c0 sends a2",
            "450ms a0 ok",
            "450ms c0 L1 won by 1 of 3, 2 lost",
            "450ms a1 lost in L1",
            "450ms a2 lost in L1",
            "450ms c0 ok by callee",
        ],
    );
}

#[test]
fn rule_1_each_pass_has_timers_and_permits_of_its_own() {
    check(
        "an attempt timeout inside: the second pass has its full time",
        &[hedge(1, 10), cancel(15)],
        &script(&[0], &[(100, Good), (14, Good)]),
        &[
            "0s c0 sends a0",
            "10ms c0 L0 begins pass 2",
            "10ms c0 sends a1",
            "15ms c0 L1 times out",
            "15ms a0 timed out in L1",
            "24ms a1 ok",
            "24ms c0 L0 won by 2 of 2, 0 lost",
            "24ms c0 ok by callee",
        ],
    );
    check(
        "a full bulkhead stops the hedge, and the first pass goes on",
        &[hedge(1, 10), bulkhead(1, 0, SimDuration::MAX)],
        &script(&[0], &[(30, Good)]),
        &[
            "0s c0 sends a0",
            "10ms c0 L0 begins pass 2",
            "10ms c0 L1 stopped.bulkhead_full",
            "30ms a0 ok",
            "30ms c0 L0 won by 1 of 2, 0 lost",
            "30ms c0 ok by callee",
        ],
    );
    check(
        "the waiting pass takes the permit of the one that failed",
        &[hedge(1, 10), bulkhead(1, 1, SimDuration::MAX)],
        &script(&[0], &[(30, Fails), (5, Good)]),
        &[
            "0s c0 sends a0",
            "10ms c0 L0 begins pass 2",
            "10ms c0 L1 waits",
            "30ms a0 error.internal",
            "30ms c0 sends a1",
            "35ms a1 ok",
            "35ms c0 L0 won by 2 of 2, 0 lost",
            "35ms c0 ok by callee",
        ],
    );
}

#[test]
fn rule_7_a_lost_pass_is_no_failure_for_its_breaker() {
    check(
        "the breaker opens at one failure, and a lost race is none",
        &[hedge(1, 10), breaker(1, 100)],
        &script(&[0, 50], &[(40, Good), (5, Good), (3, Good)]),
        &[
            "0s c0 sends a0",
            "10ms c0 L0 begins pass 2",
            "10ms c0 sends a1",
            "15ms a1 ok",
            "15ms c0 L0 won by 2 of 2, 1 lost",
            "15ms a0 lost in L0",
            "15ms c0 ok by callee",
            "50ms c1 sends a2",
            "53ms a2 ok",
            "53ms c1 ok by callee",
        ],
    );
}

#[test]
fn rule_4_nested_hedges_are_abandoned_from_the_outside_in_the_oldest_first() {
    check(
        "four attempts of two races within a race",
        &[cancel(15), hedge(1, 4), hedge(1, 5)],
        &script(&[0], &[(100, Good)]),
        &[
            "0s c0 sends a0",
            "4ms c0 L1 begins pass 2",
            "4ms c0 sends a1",
            "5ms c0 L2 begins pass 2",
            "5ms c0 sends a2",
            "9ms c0 L2 begins pass 2",
            "9ms c0 sends a3",
            "15ms c0 L0 times out",
            "15ms a0 timed out in L0",
            "15ms a2 timed out in L0",
            "15ms a1 timed out in L0",
            "15ms a3 timed out in L0",
            "15ms c0 timeout.response by L0, AtWork of callee",
        ],
    );
}

#[test]
fn rule_5_a_detached_race_runs_to_its_end() {
    check(
        "a timeout that lets run on, around a race",
        &[detach(12), hedge(1, 10)],
        &script(&[0], &[(100, Good), (20, Good)]),
        &[
            "0s c0 sends a0",
            "10ms c0 L1 begins pass 2",
            "10ms c0 sends a1",
            "12ms c0 L0 times out",
            "12ms c0 lets run on",
            "12ms c0 timeout.response by L0, AtWork of callee",
            "30ms a1 ok",
            "30ms c0 L1 won by 2 of 2, 1 lost",
            "30ms a0 lost in L1",
            "30ms c0 ran on until now",
        ],
    );
}

#[test]
fn a_hedge_inside_a_retry_and_a_fallback() {
    check(
        "each try races anew",
        &[fallback(), retry(2, 5), hedge(1, 3)],
        &script(&[0], &[(4, Fails)]),
        &[
            "0s c0 sends a0",
            "3ms c0 L2 begins pass 2",
            "3ms c0 sends a1",
            "4ms a0 error.internal",
            "7ms a1 error.internal",
            "7ms c0 L2 won by 0 of 2, 0 lost",
            "7ms c0 L1 retries after 1, in 5ms",
            "12ms c0 sends a2",
            "15ms c0 L2 begins pass 2",
            "15ms c0 sends a3",
            "16ms a2 error.internal",
            "19ms a3 error.internal",
            "19ms c0 L2 won by 0 of 2, 0 lost",
            "19ms c0 L1 attempts_used_up after 2",
            "19ms c0 L0 answers for error.internal",
            "19ms c0 degraded by L0, error.internal of callee",
        ],
    );
}

#[test]
fn a_percentile_waits_for_enough_samples() {
    let by_percentile = |fallback| {
        Layer::Hedge(HedgeConfig {
            delay: HedgeDelay::Percentile {
                percentile: 50.0,
                fallback,
                minimum_samples: 2,
            },
            on: OutcomeSet::named("failed").unwrap(),
            ..hedge_config(1, 0)
        })
    };
    // Two answers of 10 ms, and then one that hangs: the hedge begins after about 10 ms.
    let calls = script(
        &[0, 100, 200],
        &[(10, Good), (10, Good), (90, Good), (1, Good)],
    );
    let log = |fallback| {
        let layers = [(by_percentile(fallback), Scope::Caller)];
        let mut played = super::fake_host::Play::new(&layers, &calls);
        played.run(|_| {});
        played.assert_over();
        played.fake.log
    };
    let hedges = |log: &[String]| -> Vec<String> {
        let lines = log.iter().filter(|line| line.contains("begins"));
        lines.cloned().collect()
    };
    let begun = hedges(&log(None));
    assert_eq!(begun.len(), 1, "{begun:?}");
    assert!(
        begun[0].starts_with("209.") || begun[0].starts_with("210."),
        "{begun:?}"
    );
    // Before, the fallback holds: 3 ms. The first race gives two results, the answer of 10 ms and
    // the loser of 7 ms, whose nearest rank at half is 7 ms (6.95 ms is the middle of its bucket).
    let begun = hedges(&log(Some(ms(3).into())));
    assert!(begun[0].starts_with("3ms "), "{begun:?}");
    assert!(
        begun[1].starts_with("106.94") || begun[1].starts_with("107."),
        "{begun:?}"
    );
}

#[test]
fn who_gives_up_takes_all_passes_with_it() {
    let given_up = Script {
        given_up: vec![(at(12), 0)],
        ..script(&[0], &[(100, Good)])
    };
    play(
        "a caller that no longer waits, while the third is due",
        &[(hedge(2, 10), Scope::Caller)],
        &given_up,
        &[
            "0s c0 sends a0",
            "10ms c0 L0 begins pass 2",
            "10ms c0 sends a1",
            "12ms c0 given up",
            "12ms a0 cancelled",
            "12ms a1 cancelled",
        ],
    );
    assert_eq!(Pipelines::default().frames_in_use(), 0);
}

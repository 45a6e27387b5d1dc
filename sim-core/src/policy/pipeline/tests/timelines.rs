//! What happens when, worked out by hand: each table is a pipeline, calls, attempts, and the lines
//! that must come of it.

use super::fake_host::{Play, Scope, Script};
use super::{
    Layer, OutcomeSet, SimDuration, SimTime, breaker, bulkhead, cancel, deadline, detach, fallback,
    ms, retry,
};
use crate::id::{BudgetId, LayerId};
use crate::policy::Outcome::{
    ErrorInternal as Fails, ErrorInvalid as Invalid, Ok as Good, RejectedQueueFull as Full,
};
use crate::policy::pipeline::Owner;
use crate::policy::testing::Never;
use crate::policy::{
    AppliedSet, Backoff, BackoffMemory, BreakerConfig, BudgetConfig, ConcurrentMax, Excess,
    GrpcTokens, HalfOpenRule, Jitter, NonIdempotent, OpenRule, Outcome, Overshoot, RetryAfter,
    RetryConfig, RetryHint, Timing,
};

const NO_LIMIT: SimDuration = SimDuration::MAX;

pub(super) fn at(ms: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_millis(ms)
}

/// Calls of one process that start at these milliseconds; latencies and outcomes of the attempts.
pub(super) fn script(calls: &[u64], attempts: &[(u64, Outcome)]) -> Script {
    Script {
        calls: calls.iter().map(|&start| (at(start), 0)).collect(),
        attempts: attempts
            .iter()
            .map(|&(latency, outcome)| (ms(latency), outcome))
            .collect(),
        ..Script::default()
    }
}

pub(super) fn play(
    title: &str,
    layers: &[(Layer, Scope)],
    script: &Script,
    expected: &[&str],
) -> Play {
    let mut play = Play::new(layers, script);
    play.run(Play::assert_limits);
    assert_eq!(play.fake.log, expected, "{title}");
    play.assert_over();
    play
}

pub(super) fn check(title: &str, layers: &[Layer], script: &Script, expected: &[&str]) {
    let layers: Vec<_> = layers
        .iter()
        .map(|layer| (layer.clone(), Scope::Caller))
        .collect();
    play(title, &layers, script, expected);
}

#[test]
fn rule_1_each_pass_begins_afresh() {
    // The inner timeout of 10 ms starts again with the second pass.
    check(
        "a timeout for each attempt",
        &[retry(2, 5), cancel(10)],
        &script(&[0], &[(20, Good), (9, Good)]),
        &[
            "0s c0 sends a0",
            "10ms c0 L1 times out",
            "10ms a0 timed out in L1",
            "10ms c0 L0 retries after 1, in 5ms",
            "15ms c0 sends a1",
            "24ms a1 ok",
            "24ms c0 ok by callee",
        ],
    );
}

#[test]
fn a_timeout_uses_the_frame_of_the_layer_around_it() {
    let frames_at_once = |layers: &[Layer]| {
        let own = |layer: &Layer| (layer.clone(), Scope::Caller);
        let layers: Vec<_> = layers.iter().map(own).collect();
        let mut play = Play::new(&layers, &script(&[0], &[(5, Good)]));
        let mut most = 0;
        play.run(|play| most = most.max(play.pipelines.frames_in_use()));
        play.assert_over();
        most
    };
    for (layers, frames) in [
        (vec![cancel(10)], 1),
        (vec![retry(2, 5), cancel(10)], 1),
        (vec![retry(2, 5), detach(10)], 1),
        (vec![breaker(2, 5), cancel(10)], 1),
        (vec![bulkhead(1, 1, ms(3)), cancel(10)], 1),
        (vec![fallback(), cancel(10)], 1),
        // One alarm for each frame, and what attempts carry must be found.
        (vec![retry(2, 5), cancel(10), cancel(20)], 2),
        (vec![cancel(20), cancel(10)], 2),
        (vec![retry(2, 5), deadline(10)], 2),
    ] {
        assert_eq!(frames_at_once(&layers), frames, "{layers:?}");
    }
}

#[test]
fn a_layer_around_keeps_its_own_time_and_that_of_the_timeout_apart() {
    // The wait for a permit has a limit of 8 ms; the timeout of 10 ms begins when it is there.
    check(
        "a bulkhead with a waiting room around a timeout",
        &[bulkhead(1, 1, ms(8)), cancel(10)],
        &script(&[0, 1], &[(5, Good), (20, Good)]),
        &[
            "0s c0 sends a0",
            "1ms c1 L0 waits",
            "5ms a0 ok",
            "5ms c0 ok by callee",
            "5ms c1 sends a1",
            "15ms c1 L1 times out",
            "15ms a1 timed out in L1",
            "15ms c1 timeout.response by L1, AtWork of callee",
        ],
    );
}

#[test]
fn rule_2_a_stopped_pass_is_no_attempt_but_uses_one_up() {
    let any = RetryConfig {
        on: OutcomeSet::named("failed").unwrap(),
        ..retry_config(3, 10)
    };
    // The first call holds the permit until 25 ms: passes at 1, 11 and 21 ms are stopped.
    check(
        "three passes, no attempt",
        &[Layer::Retry(any), bulkhead(1, 0, NO_LIMIT)],
        &script(&[0, 1], &[(25, Good)]),
        &[
            "0s c0 sends a0",
            "1ms c1 L1 stopped.bulkhead_full",
            "1ms c1 L0 retries after 1, in 10ms",
            "11ms c1 L1 stopped.bulkhead_full",
            "11ms c1 L0 retries after 2, in 10ms",
            "21ms c1 L1 stopped.bulkhead_full",
            "21ms c1 L0 attempts_used_up after 3",
            "21ms c1 stopped.bulkhead_full by L1",
            "25ms a0 ok",
            "25ms c0 ok by callee",
        ],
    );
}

fn retry_config(max_attempts: u32, delay_ms: u64) -> RetryConfig {
    let Layer::Retry(config) = retry(max_attempts, delay_ms) else {
        panic!("a retry is a retry")
    };
    config
}

#[test]
fn rule_3_a_result_goes_through_the_layers_its_pass_had_entered() {
    // The breaker inside the bulkhead never sees the pass that the bulkhead stops: one failure
    // more would open it.
    check(
        "a layer inside the one that stops",
        &[bulkhead(1, 0, NO_LIMIT), breaker(2, 100)],
        &script(&[0, 1, 11], &[(10, Fails), (10, Good)]),
        &[
            "0s c0 sends a0",
            "1ms c1 L0 stopped.bulkhead_full",
            "1ms c1 stopped.bulkhead_full by L0",
            "10ms a0 error.internal",
            "10ms c0 error.internal by callee",
            "11ms c2 sends a1",
            "21ms a1 ok",
            "21ms c2 ok by callee",
        ],
    );
}

#[test]
fn rule_4_abandons_from_the_outside_in() {
    let layers = [cancel(10), cancel(50), retry(2, 5), cancel(60)];
    let layers: Vec<_> = layers
        .into_iter()
        .map(|layer| (layer, Scope::Caller))
        .collect();
    let play = play(
        "three timeouts around an attempt",
        &layers,
        &script(&[0], &[(100, Good)]),
        &[
            "0s c0 sends a0",
            "10ms c0 L0 times out",
            "10ms a0 timed out in L0",
            "10ms c0 timeout.response by L0, AtWork of callee",
        ],
    );
    assert_eq!(play.fake.cleared, [at(50), at(60)], "the outer one first");
}

#[test]
fn rule_4_gives_back_permits_and_places() {
    check(
        "the permit goes to a waiter at that instant",
        &[cancel(10), bulkhead(1, 1, NO_LIMIT)],
        &script(&[0, 5], &[(50, Good), (3, Good)]),
        &[
            "0s c0 sends a0",
            "5ms c1 L1 waits",
            "10ms c0 L0 times out",
            "10ms a0 timed out in L0",
            "10ms c0 timeout.response by L0, AtWork of callee",
            "10ms c1 sends a1",
            "13ms a1 ok",
            "13ms c1 ok by callee",
        ],
    );
    check(
        "a place is free again",
        &[cancel(10), bulkhead(1, 1, NO_LIMIT), breaker(9, 1)],
        // The first is answered at 10 ms sharp, as is the limit of the second at 11 ms.
        &script(&[0, 1, 10, 11], &[(10, Good), (20, Good), (1, Good)]),
        &[
            "0s c0 sends a0",
            "1ms c1 L1 waits",
            "10ms a0 ok",
            "10ms c0 ok by callee",
            "10ms c1 sends a1",
            "10ms c2 L1 waits",
            "11ms c1 L0 times out",
            "11ms a1 timed out in L0",
            "11ms c1 timeout.response by L0, AtWork of callee",
            "11ms c2 sends a2",
            "11ms c3 L1 waits",
            "12ms a2 ok",
            "12ms c2 ok by callee",
            "12ms c3 sends a3",
            "21ms c3 L0 times out",
            "21ms a3 timed out in L0",
            "21ms c3 timeout.response by L0, AtWork of callee",
        ],
    );
}

#[test]
fn rule_4_a_call_given_up_from_outside_hands_on_what_it_held() {
    let given_up = Script {
        given_up: vec![(at(5), 0), (at(5), 2)],
        ..script(&[0, 1, 2, 3], &[(50, Good), (4, Good)])
    };
    check(
        "c0 runs, c2 waits; both are given up",
        &[bulkhead(1, 3, NO_LIMIT)],
        &given_up,
        &[
            "0s c0 sends a0",
            "1ms c1 L0 waits",
            "2ms c2 L0 waits",
            "3ms c3 L0 waits",
            "5ms c0 given up",
            "5ms a0 cancelled",
            "5ms c1 sends a1",
            "5ms c2 given up",
            "9ms a1 ok",
            "9ms c1 ok by callee",
            "9ms c3 sends a2",
            "59ms a2 ok",
            "59ms c3 ok by callee",
        ],
    );
}

#[test]
fn rule_5_detach_keeps_the_permit_and_shows_the_breaker_the_real_result() {
    check(
        "detach",
        &[detach(10), bulkhead(1, 0, NO_LIMIT), breaker(1, 100)],
        &script(&[0, 15, 30], &[(25, Fails)]),
        &[
            "0s c0 sends a0",
            "10ms c0 L0 times out",
            "10ms c0 lets run on",
            "10ms c0 timeout.response by L0, AtWork of callee",
            "15ms c1 L1 stopped.bulkhead_full",
            "15ms c1 stopped.bulkhead_full by L1",
            "25ms a0 error.internal",
            "25ms c0 L2 open",
            "25ms c0 ran on until now",
            "30ms c2 L2 stopped.breaker_open",
            "30ms c2 stopped.breaker_open by L2",
        ],
    );
    check(
        "cancel, for comparison",
        &[cancel(10), bulkhead(1, 0, NO_LIMIT), breaker(1, 100)],
        &script(&[0, 15, 30], &[(25, Fails), (5, Good)]),
        &[
            "0s c0 sends a0",
            "10ms c0 L0 times out",
            "10ms a0 timed out in L0",
            "10ms c0 timeout.response by L0, AtWork of callee",
            "15ms c1 sends a1",
            "20ms a1 ok",
            "20ms c1 ok by callee",
            "30ms c2 sends a2",
            "40ms c2 L0 times out",
            "40ms a2 timed out in L0",
            "40ms c2 timeout.response by L0, AtWork of callee",
        ],
    );
}

#[test]
fn rule_5_a_detached_retry_goes_on_while_a_new_pass_begins() {
    // The outer retry's second pass begins at 10 ms; the first one's inner retry sends again at 13.
    check(
        "retry outside, retry inside",
        &[retry(2, 0), detach(10), retry(2, 5)],
        &script(&[0], &[(8, Fails), (2, Good), (9, Good)]),
        &[
            "0s c0 sends a0",
            "8ms a0 error.internal",
            "8ms c0 L2 retries after 1, in 5ms",
            "10ms c0 L1 times out",
            "10ms c0 lets run on",
            "10ms c0 L0 retries after 1, in 0s",
            "10ms c0 sends a1",
            "12ms a1 ok",
            "12ms c0 ok by callee",
            "13ms c0 sends a2",
            "22ms a2 ok",
            "22ms c0 ran on until now",
        ],
    );
}

#[test]
fn rule_6_a_permit_is_held_through_backoff() {
    check(
        "bulkhead outside retry",
        &[bulkhead(1, 0, NO_LIMIT), retry(2, 10)],
        &script(&[0, 8, 19], &[(5, Fails), (4, Good)]),
        &[
            "0s c0 sends a0",
            "5ms a0 error.internal",
            "5ms c0 L1 retries after 1, in 10ms",
            "8ms c1 L0 stopped.bulkhead_full",
            "8ms c1 stopped.bulkhead_full by L0",
            "15ms c0 sends a1",
            "19ms a1 ok",
            "19ms c0 ok by callee",
            "19ms c2 sends a2",
            "24ms a2 error.internal",
            "24ms c2 L1 retries after 1, in 10ms",
            "34ms c2 sends a3",
            "38ms a3 ok",
            "38ms c2 ok by callee",
        ],
    );
    check(
        "bulkhead inside retry",
        &[retry(2, 10), bulkhead(1, 0, NO_LIMIT)],
        &script(&[0, 8], &[(5, Fails), (2, Good), (4, Good)]),
        &[
            "0s c0 sends a0",
            "5ms a0 error.internal",
            "5ms c0 L0 retries after 1, in 10ms",
            "8ms c1 sends a1",
            "10ms a1 ok",
            "10ms c1 ok by callee",
            "15ms c0 sends a2",
            "19ms a2 ok",
            "19ms c0 ok by callee",
        ],
    );
}

#[test]
fn rule_7_late_news_and_cancelled_probes() {
    check(
        "a result of an older epoch does nothing",
        &[breaker(1, 10)],
        // c0 opens at 5 ms; c1 fails at 17 ms while the probe c2 is out from 15 to 20 ms.
        &script(
            &[0, 1, 14, 15, 19],
            &[(5, Fails), (16, Fails), (5, Good), (1, Good)],
        ),
        &[
            "0s c0 sends a0",
            "1ms c1 sends a1",
            "5ms a0 error.internal",
            "5ms c0 L0 open",
            "5ms c0 error.internal by callee",
            "14ms c2 L0 stopped.breaker_open",
            "14ms c2 stopped.breaker_open by L0",
            "15ms c3 L0 half_open",
            "15ms c3 sends a2",
            "17ms a1 error.internal",
            "17ms c1 error.internal by callee",
            "19ms c4 L0 stopped.breaker_open",
            "19ms c4 stopped.breaker_open by L0",
            "20ms a2 ok",
            "20ms c3 L0 closed",
            "20ms c3 ok by callee",
        ],
    );
    let given_up = Script {
        given_up: vec![(at(17), 1)],
        ..script(&[0, 15, 17, 18], &[(5, Fails), (50, Good), (2, Good)])
    };
    check(
        "a cancelled probe gives its permit back",
        &[breaker(1, 10)],
        &given_up,
        &[
            "0s c0 sends a0",
            "5ms a0 error.internal",
            "5ms c0 L0 open",
            "5ms c0 error.internal by callee",
            "15ms c1 L0 half_open",
            "15ms c1 sends a1",
            "17ms c1 given up",
            "17ms a1 cancelled",
            "17ms c2 sends a2",
            "18ms c3 L0 stopped.breaker_open",
            "18ms c3 stopped.breaker_open by L0",
            "19ms a2 ok",
            "19ms c2 L0 closed",
            "19ms c2 ok by callee",
        ],
    );
}

#[test]
fn rule_7_where_a_breaker_stands_decides_what_it_counts() {
    check(
        "around the retry: one failure per call",
        &[breaker(2, 100), retry(2, 0)],
        &script(&[0, 10, 20], &[(1, Fails)]),
        &[
            "0s c0 sends a0",
            "1ms a0 error.internal",
            "1ms c0 L1 retries after 1, in 0s",
            "1ms c0 sends a1",
            "2ms a1 error.internal",
            "2ms c0 L1 attempts_used_up after 2",
            "2ms c0 error.internal by callee",
            "10ms c1 sends a2",
            "11ms a2 error.internal",
            "11ms c1 L1 retries after 1, in 0s",
            "11ms c1 sends a3",
            "12ms a3 error.internal",
            "12ms c1 L1 attempts_used_up after 2",
            "12ms c1 L0 open",
            "12ms c1 error.internal by callee",
            "20ms c2 L0 stopped.breaker_open",
            "20ms c2 stopped.breaker_open by L0",
        ],
    );
    check(
        "inside the retry: one failure per attempt, and it stops the third pass",
        &[retry(3, 0), breaker(2, 100)],
        &script(&[0], &[(1, Fails)]),
        &[
            "0s c0 sends a0",
            "1ms a0 error.internal",
            "1ms c0 L0 retries after 1, in 0s",
            "1ms c0 sends a1",
            "2ms a1 error.internal",
            "2ms c0 L1 open",
            "2ms c0 L0 retries after 2, in 0s",
            "2ms c0 L1 stopped.breaker_open",
            "2ms c0 L0 not_retryable after 3",
            "2ms c0 stopped.breaker_open by L1",
        ],
    );
    check(
        "around the timeout it counts the timeout, inside it hears only that it was cancelled",
        &[breaker(1, 100), cancel(10), breaker(1, 100)],
        &script(&[0, 20], &[(50, Good)]),
        &[
            "0s c0 sends a0",
            "10ms c0 L1 times out",
            "10ms a0 timed out in L1",
            "10ms c0 L0 open",
            "10ms c0 timeout.response by L1, AtWork of callee",
            "20ms c1 L0 stopped.breaker_open",
            "20ms c1 stopped.breaker_open by L0",
        ],
    );
}

#[test]
fn rule_8_what_counts_for_a_timeout() {
    check(
        "waiting inside it does",
        &[cancel(10), bulkhead(1, 1, NO_LIMIT)],
        &script(&[0, 2], &[(9, Good), (4, Good)]),
        &[
            "0s c0 sends a0",
            "2ms c1 L1 waits",
            "9ms a0 ok",
            "9ms c0 ok by callee",
            "9ms c1 sends a1",
            "12ms c1 L0 times out",
            "12ms a1 timed out in L0",
            "12ms c1 timeout.response by L0, AtWork of callee",
        ],
    );
    check(
        "waiting outside it does not",
        &[bulkhead(1, 1, NO_LIMIT), cancel(10)],
        &script(&[0, 2], &[(9, Good), (4, Good)]),
        &[
            "0s c0 sends a0",
            "2ms c1 L0 waits",
            "9ms a0 ok",
            "9ms c0 ok by callee",
            "9ms c1 sends a1",
            "13ms a1 ok",
            "13ms c1 ok by callee",
        ],
    );
    check(
        "a waiter is blamed on its bulkhead",
        &[cancel(10), bulkhead(1, 1, NO_LIMIT)],
        &script(&[0, 0], &[(10, Good)]),
        &[
            "0s c0 sends a0",
            "0s c1 L1 waits",
            "10ms a0 ok",
            "10ms c0 ok by callee",
            "10ms c1 sends a1",
            "10ms c1 L0 times out",
            "10ms a1 timed out in L0",
            "10ms c1 timeout.response by L0, AtWork of callee",
        ],
    );
    check(
        "backoff inside it does, and is blamed",
        &[cancel(12), retry(2, 10)],
        &script(&[0], &[(5, Fails)]),
        &[
            "0s c0 sends a0",
            "5ms a0 error.internal",
            "5ms c0 L1 retries after 1, in 10ms",
            "12ms c0 L0 times out",
            "12ms c0 timeout.response by L0, InBackoff of L1",
        ],
    );
}

#[test]
fn rule_9_what_ends_a_retry() {
    check(
        "what is not to be retried",
        &[retry(3, 1)],
        &script(&[0], &[(1, Full), (1, Invalid)]),
        &[
            "0s c0 sends a0",
            "1ms a0 rejected.queue_full",
            "1ms c0 L0 retries after 1, in 1ms",
            "2ms c0 sends a1",
            "3ms a1 error.invalid",
            "3ms c0 L0 not_retryable after 2",
            "3ms c0 error.invalid by callee",
        ],
    );
    // Decided at 4 ms with 4 ms gone, at 10 ms with 10 ms gone.
    check(
        "the time that has passed at the failure, not what the delay would make of it",
        &[Layer::Retry(RetryConfig {
            max_elapsed: ms(10),
            ..retry_config(9, 2)
        })],
        &script(&[0], &[(4, Fails)]),
        &[
            "0s c0 sends a0",
            "4ms a0 error.internal",
            "4ms c0 L0 retries after 1, in 2ms",
            "6ms c0 sends a1",
            "10ms a1 error.internal",
            "10ms c0 L0 elapsed_too_long after 2",
            "10ms c0 error.internal by callee",
        ],
    );
}

#[test]
fn retries_without_delay_stay_in_their_event() {
    check(
        "three attempts at one instant",
        &[retry(3, 0)],
        &script(&[0], &[(0, Fails), (0, Fails), (0, Good)]),
        &[
            "0s c0 sends a0",
            "0s a0 error.internal",
            "0s c0 L0 retries after 1, in 0s",
            "0s c0 sends a1",
            "0s a1 error.internal",
            "0s c0 L0 retries after 2, in 0s",
            "0s c0 sends a2",
            "0s a2 ok",
            "0s c0 ok by callee",
        ],
    );
}

#[test]
fn waiting_for_a_permit_has_a_limit() {
    let layers = [bulkhead(1, 2, ms(5))];
    check(
        "one of two waiters gives up",
        &layers,
        &script(&[0, 1, 6], &[(10, Good)]),
        &[
            "0s c0 sends a0",
            "1ms c1 L0 waits",
            "6ms c1 L0 stopped.bulkhead_timeout",
            "6ms c1 stopped.bulkhead_timeout by L0",
            "6ms c2 L0 waits",
            "10ms a0 ok",
            "10ms c0 ok by callee",
            "10ms c2 sends a1",
            "20ms a1 ok",
            "20ms c2 ok by callee",
        ],
    );
    check(
        "rule 41: a permit at the very limit is in time",
        &layers,
        &script(&[0, 1], &[(6, Good)]),
        &[
            "0s c0 sends a0",
            "1ms c1 L0 waits",
            "6ms a0 ok",
            "6ms c0 ok by callee",
            "6ms c1 sends a1",
            "12ms a1 ok",
            "12ms c1 ok by callee",
        ],
    );
}

#[test]
fn waiters_come_first_come_first_served() {
    check(
        "three waiters and one too many",
        &[bulkhead(1, 3, NO_LIMIT)],
        &script(&[0, 1, 2, 3, 4], &[(10, Good)]),
        &[
            "0s c0 sends a0",
            "1ms c1 L0 waits",
            "2ms c2 L0 waits",
            "3ms c3 L0 waits",
            "4ms c4 L0 stopped.bulkhead_full",
            "4ms c4 stopped.bulkhead_full by L0",
            "10ms a0 ok",
            "10ms c0 ok by callee",
            "10ms c1 sends a1",
            "20ms a1 ok",
            "20ms c1 ok by callee",
            "20ms c2 sends a2",
            "30ms a2 ok",
            "30ms c2 ok by callee",
            "30ms c3 sends a3",
            "40ms a3 ok",
            "40ms c3 ok by callee",
        ],
    );
}

#[test]
fn a_fallback_answers_for_what_comes_out() {
    check(
        "outside the retry: for the last failure",
        &[fallback(), retry(2, 5)],
        &script(&[0], &[(1, Fails)]),
        &[
            "0s c0 sends a0",
            "1ms a0 error.internal",
            "1ms c0 L1 retries after 1, in 5ms",
            "6ms c0 sends a1",
            "7ms a1 error.internal",
            "7ms c0 L1 attempts_used_up after 2",
            "7ms c0 L0 answers for error.internal",
            "7ms c0 degraded by L0, error.internal of callee",
        ],
    );
    check(
        "inside the retry: for each, so that nothing is retried",
        &[retry(2, 5), fallback()],
        &script(&[0], &[(1, Fails)]),
        &[
            "0s c0 sends a0",
            "1ms a0 error.internal",
            "1ms c0 L1 answers for error.internal",
            "1ms c0 degraded by L1, error.internal of callee",
        ],
    );
}

#[test]
fn rule_18_attempts_carry_the_earliest_deadline() {
    check(
        "20 ms per attempt, 50 ms in all",
        &[deadline(50), retry(3, 5), deadline(20), cancel(1000)],
        &script(&[0], &[(100, Good), (100, Good), (4, Good)]),
        &[
            "0s c0 sends a0 by 20ms",
            "20ms c0 L2 times out",
            "20ms a0 timed out in L2",
            "20ms c0 L1 retries after 1, in 5ms",
            "25ms c0 sends a1 by 45ms",
            "45ms c0 L2 times out",
            "45ms a1 timed out in L2",
            "45ms c0 L1 retries after 2, in 5ms",
            "50ms c0 L0 times out",
            "50ms c0 timeout.response by L0, InBackoff of L1",
        ],
    );
    check(
        "the whole call's comes first",
        &[deadline(30), retry(3, 5), deadline(20)],
        &script(&[0], &[(10, Fails), (4, Good)]),
        &[
            "0s c0 sends a0 by 20ms",
            "10ms a0 error.internal",
            "10ms c0 L1 retries after 1, in 5ms",
            "15ms c0 sends a1 by 30ms",
            "19ms a1 ok",
            "19ms c0 ok by callee",
        ],
    );
}

#[test]
fn rule_19_a_dead_process_forgets_and_lets_go() {
    let death = Script {
        deaths: vec![(at(20), 0)],
        ..script(&[0, 1, 12, 21], &[(5, Fails), (50, Good), (2, Good)])
    };
    // c0 opens the breaker, c1 is out when its process dies; c3 meets a new breaker.
    check(
        "breaker and calls",
        &[breaker(1, 100)],
        &death,
        &[
            "0s c0 sends a0",
            "1ms c1 sends a1",
            "5ms a0 error.internal",
            "5ms c0 L0 open",
            "5ms c0 error.internal by callee",
            "12ms c2 L0 stopped.breaker_open",
            "12ms c2 stopped.breaker_open by L0",
            "20ms c1 given up",
            "20ms a1 cancelled",
            "20ms c3 given up",
        ],
    );
}

#[test]
fn rule_22_a_larger_bulkhead_takes_waiters_in_at_once() {
    let larger = Script {
        changes: vec![(at(5), LayerId(0), bulkhead(2, 3, NO_LIMIT))],
        ..script(&[0, 1, 2], &[(10, Good)])
    };
    check(
        "one more permit, one more inside",
        &[bulkhead(1, 3, NO_LIMIT)],
        &larger,
        &[
            "0s c0 sends a0",
            "1ms c1 L0 waits",
            "2ms c2 L0 waits",
            "5ms c1 sends a1",
            "10ms a0 ok",
            "10ms c0 ok by callee",
            "10ms c2 sends a2",
            "15ms a1 ok",
            "15ms c1 ok by callee",
            "20ms a2 ok",
            "20ms c2 ok by callee",
        ],
    );
}

#[test]
fn rule_24_no_instance_is_unavailable() {
    let empty = Script {
        rotations: vec![(at(1), Vec::new())],
        ..script(&[0, 2], &[(5, Good)])
    };
    check(
        "nothing in rotation",
        &[retry(2, 0), breaker(3, 100)],
        &empty,
        &[
            "0s c0 sends a0",
            "2ms c1 L0 retries after 1, in 0s",
            "2ms c1 L0 attempts_used_up after 2",
            "2ms c1 error.unavailable by network",
            "5ms a0 ok",
            "5ms c0 ok by callee",
        ],
    );
}

/// A script in which one instance is in rotation until each of these milliseconds, in turn.
fn one_at_a_time(calls: &[u64], attempts: &[(u64, Outcome)], turns: &[(u64, u32)]) -> Script {
    Script {
        rotations: turns
            .iter()
            .map(|&(from, instance)| (at(from), vec![instance]))
            .collect(),
        ..script(calls, attempts)
    }
}

#[test]
fn rule_26_a_guard_has_a_state_per_instance() {
    let guard = [(breaker(1, 100), Scope::TargetInstance)];
    play(
        "the balancer steers around, and only if all are open the layer stops",
        &guard,
        &one_at_a_time(
            &[0, 2, 4, 6],
            &[(1, Fails), (1, Good), (1, Fails)],
            &[(0, 0), (2, 1), (4, 2), (6, 0)],
        ),
        &[
            "0s c0 sends a0",
            "1ms a0 error.internal",
            "1ms c0 L0 open i0",
            "1ms c0 error.internal by callee",
            "2ms c1 sends a1",
            "3ms a1 ok",
            "3ms c1 ok by callee",
            "4ms c2 sends a2",
            "5ms a2 error.internal",
            "5ms c2 L0 open i2",
            "5ms c2 error.internal by callee",
            "6ms c3 L0 stopped.breaker_open",
            "6ms c3 stopped.breaker_open by L0",
        ],
    );
}

#[test]
fn rule_26_the_permit_of_a_guard_moves_with_the_attempt() {
    // The first attempt goes to instance 0, the second to instance 1: from then on the bulkhead of
    // instance 0 is free for c1, and that of instance 1 is not for c2.
    play(
        "a guard around a retry",
        &[
            (bulkhead(1, 0, NO_LIMIT), Scope::TargetInstance),
            (retry(2, 0), Scope::Caller),
        ],
        &one_at_a_time(
            &[0, 6, 8],
            &[(5, Fails), (10, Good), (1, Good)],
            &[(0, 0), (5, 1), (6, 0), (8, 1)],
        ),
        &[
            "0s c0 sends a0",
            "5ms a0 error.internal",
            "5ms c0 L1 retries after 1, in 0s",
            "5ms c0 sends a1",
            "6ms c1 sends a2",
            "7ms a2 ok",
            "7ms c1 ok by callee",
            "8ms c2 L0 stopped.bulkhead_full",
            "8ms c2 stopped.bulkhead_full by L0",
            "15ms a1 ok",
            "15ms c0 ok by callee",
        ],
    );
}

#[test]
fn rule_9_a_retry_minds_what_the_callee_asks_for() {
    let minds = |retry_after| {
        Layer::Retry(RetryConfig {
            retry_after,
            ..retry_config(2, 10)
        })
    };
    let asks = Script {
        retry_after: Some(RetryHint::After(ms(30))),
        ..script(&[0], &[(1, Fails)])
    };
    for (retry_after, again_at) in [
        (RetryAfter::Ignore, 11),
        (RetryAfter::Raise { at_most: ms(15) }, 26),
        (RetryAfter::Replace, 31),
        (RetryAfter::Pushback, 31),
    ] {
        let (waits, again) = (again_at - 1, format!("{again_at}ms c0 sends a1"));
        let planned = format!("1ms c0 L0 retries after 1, in {waits}ms");
        let ended = format!("{}ms a1 error.internal", again_at + 1);
        let stopped = format!("{}ms c0 L0 attempts_used_up after 2", again_at + 1);
        let answered = format!("{}ms c0 error.internal by callee", again_at + 1);
        check(
            "with a hint of 30 ms",
            &[minds(retry_after)],
            &asks,
            &[
                "0s c0 sends a0",
                "1ms a0 error.internal",
                &planned,
                &again,
                &ended,
                &stopped,
                &answered,
            ],
        );
    }
}

/// A retry of what fails, with gRPC's tokens.
fn tokens_minding(retry_after: RetryAfter) -> Layer {
    Layer::Retry(RetryConfig {
        retry_after,
        budget: Some(BudgetId(0)),
        on: OutcomeSet::of(&[Fails]),
        ..retry_config(2, 10)
    })
}

/// Ten tokens, and a callee that asks for something whenever it fails.
fn asking(hint: Option<RetryHint>, calls: &[u64], attempts: &[(u64, Outcome)]) -> Script {
    Script {
        retry_after: hint,
        budget: Some(BudgetConfig::GrpcTokens(GrpcTokens {
            max_tokens: 10,
            token_ratio: 0.1,
        })),
        ..script(calls, attempts)
    }
}

#[test]
fn rule_9_a_callee_may_ask_not_to_be_tried_again_and_only_a_pushback_heeds_it() {
    let asks = asking(Some(RetryHint::Never), &[0], &[(1, Fails)]);
    let at_most = SimDuration::MAX;
    for retry_after in [
        RetryAfter::Ignore,
        RetryAfter::Raise { at_most },
        RetryAfter::Replace,
    ] {
        check(
            "nobody can say never to it",
            &[tokens_minding(retry_after)],
            &asks,
            &[
                "0s c0 sends a0",
                "1ms a0 error.internal",
                "1ms c0 L0 granted, 9 left",
                "1ms c0 L0 retries after 1, in 10ms",
                "11ms c0 sends a1",
                "12ms a1 error.internal",
                "12ms c0 L0 attempts_used_up after 2",
                "12ms c0 error.internal by callee",
            ],
        );
    }
    check(
        "a negative pushback",
        &[tokens_minding(RetryAfter::Pushback)],
        &asks,
        &[
            "0s c0 sends a0",
            "1ms a0 error.internal",
            "1ms c0 L0 pushback after 1",
            "1ms c0 error.internal by callee",
        ],
    );
}

/// What is not tried again costs no token, unless the callee says never: five of them leave no more
/// than half.
#[test]
fn rule_9_a_negative_pushback_takes_a_token_whatever_the_outcome() {
    let calls: Vec<u64> = (0..6).map(|n| n * 10).collect();
    let mut attempts = vec![(1, Invalid); 5];
    attempts.push((1, Fails));
    for (hint, left) in [(None, 9), (Some(RetryHint::Never), 4)] {
        let layers = [(tokens_minding(RetryAfter::Pushback), Scope::Caller)];
        let mut play = Play::new(&layers, &asking(hint, &calls, &attempts));
        play.run(Play::assert_limits);
        let owner = Owner(0);
        let (_, budget, config) = play.pipelines.layers.budget(LayerId(0), owner).unwrap();
        assert_eq!(budget.left(config), left, "{hint:?}");
    }
}

/// gRFC A6: the second retry of a call that was pushed back waits as the first.
#[test]
fn rule_9_a_pushback_begins_the_backoff_anew() {
    let backoff = Backoff::Exponential {
        initial: ms(10),
        factor: 2.0,
        max: ms(1_000),
    };
    let config = RetryConfig {
        retry_after: RetryAfter::Pushback,
        ..RetryConfig::new(6, backoff, Jitter::None)
    };
    let mut memory = BackoffMemory::default();
    let mut waits = Vec::new();
    for (retry, hint) in [
        (1, None),
        (2, None),
        (3, Some(ms(70))),
        (4, None),
        (5, None),
        (6, Some(ms(5))),
        (7, Some(ms(6))),
        (8, None),
    ] {
        let delay = config.delay(retry, &mut memory, &mut Never);
        let planned = (delay, AppliedSet::NONE);
        waits.push(config.wait_by(retry, planned, hint, &mut memory).0);
    }
    assert_eq!(waits, [10, 20, 70, 10, 20, 5, 6, 10].map(ms));
    // Of a replaced delay the backoff takes no notice.
    let replaced = RetryConfig {
        retry_after: RetryAfter::Replace,
        ..config
    };
    let mut memory = BackoffMemory::default();
    let planned = (ms(10), AppliedSet::NONE);
    let wait = replaced.wait_by(1, planned, Some(ms(70)), &mut memory);
    assert_eq!(wait.0, ms(70));
    assert_eq!(replaced.delay(2, &mut memory, &mut Never), ms(20));
}

#[test]
fn rule_9_a_delay_that_would_end_too_late_is_not_begun() {
    let refuses = RetryConfig {
        max_elapsed: ms(12),
        overshoot: Overshoot::Refuse,
        ..retry_config(9, 8)
    };
    check(
        "at 4 ms a delay of 8 ms would end at the limit",
        &[Layer::Retry(refuses)],
        &script(&[0], &[(4, Fails)]),
        &[
            "0s c0 sends a0",
            "4ms a0 error.internal",
            "4ms c0 L0 wait_too_long after 1",
            "4ms c0 error.internal by callee",
        ],
    );
}

#[test]
fn rule_9_what_must_not_be_done_twice_can_be_left_alone() {
    let skips = || {
        Layer::Retry(RetryConfig {
            non_idempotent: NonIdempotent::Skip,
            ..retry_config(2, 10)
        })
    };
    check(
        "not repeatable",
        &[skips()],
        &script(&[0], &[(4, Fails)]),
        &[
            "0s c0 sends a0",
            "4ms a0 error.internal",
            "4ms c0 L0 not_idempotent after 1",
            "4ms c0 error.internal by callee",
        ],
    );
    let repeatable = Script {
        repeatable: true,
        ..script(&[0], &[(4, Fails), (1, Good)])
    };
    check(
        "repeatable",
        &[skips()],
        &repeatable,
        &[
            "0s c0 sends a0",
            "4ms a0 error.internal",
            "4ms c0 L0 retries after 1, in 10ms",
            "14ms c0 sends a1",
            "15ms a1 ok",
            "15ms c0 ok by callee",
        ],
    );
}

/// Envoy: a place is held from the decision through the backoff until the next decision.
/// As seen in Envoy: of five retries with 300 ms for each try, a route of one second leaves three.
#[test]
fn the_timeout_around_a_retry_counts_its_tries_and_its_waits() {
    check(
        "per_try_timeout 300 ms, timeout 1 s, num_retries 5",
        &[cancel(1_000), retry(6, 20), cancel(300)],
        &script(&[0], &[(5_000, Good)]),
        &[
            "0s c0 sends a0",
            "300ms c0 L2 times out",
            "300ms a0 timed out in L2",
            "300ms c0 L1 retries after 1, in 20ms",
            "320ms c0 sends a1",
            "620ms c0 L2 times out",
            "620ms a1 timed out in L2",
            "620ms c0 L1 retries after 2, in 20ms",
            "640ms c0 sends a2",
            "940ms c0 L2 times out",
            "940ms a2 timed out in L2",
            "940ms c0 L1 retries after 3, in 20ms",
            "960ms c0 sends a3",
            "1s c0 L0 times out",
            "1s a3 timed out in L0",
            "1s c0 timeout.response by L0, AtWork of callee",
        ],
    );
}

#[test]
fn a_budget_grants_holds_and_refuses() {
    let asks = Layer::Retry(RetryConfig {
        budget: Some(BudgetId(0)),
        ..retry_config(2, 10)
    });
    let one = Script {
        budget: Some(BudgetConfig::ConcurrentMax(ConcurrentMax { max: 1 })),
        ..script(
            &[0, 5, 13],
            &[(1, Fails), (1, Fails), (9, Good), (1, Fails)],
        )
    };
    check(
        "one place",
        std::slice::from_ref(&asks),
        &one,
        &[
            "0s c0 sends a0",
            "1ms a0 error.internal",
            "1ms c0 L0 granted, 0 left",
            "1ms c0 L0 retries after 1, in 10ms",
            "5ms c1 sends a1",
            "6ms a1 error.internal",
            "6ms c1 L0 refused, 0 left",
            "6ms c1 L0 budget after 1",
            "6ms c1 error.internal by callee",
            "11ms c0 sends a2",
            "13ms c2 sends a3",
            "14ms a3 error.internal",
            "14ms c2 L0 refused, 0 left",
            "14ms c2 L0 budget after 1",
            "14ms c2 error.internal by callee",
            "20ms a2 ok",
            "20ms c0 ok by callee",
        ],
    );
    let given_up = Script {
        given_up: vec![(at(3), 0)],
        ..one
    };
    check(
        "a place that waits comes back when its call is given up",
        &[asks],
        &given_up,
        &[
            "0s c0 sends a0",
            "1ms a0 error.internal",
            "1ms c0 L0 granted, 0 left",
            "1ms c0 L0 retries after 1, in 10ms",
            "3ms c0 given up",
            "5ms c1 sends a1",
            "6ms a1 error.internal",
            "6ms c1 L0 granted, 0 left",
            "6ms c1 L0 retries after 1, in 10ms",
            "13ms c2 sends a2",
            "16ms c1 sends a3",
            "17ms a3 error.internal",
            "17ms c1 L0 attempts_used_up after 2",
            "17ms c1 error.internal by callee",
            "22ms a2 ok",
            "22ms c2 ok by callee",
        ],
    );
}

#[test]
fn rule_26_a_guard_that_rejects_every_instance_stops_a_later_attempt_too() {
    // c0 retries at 20 ms, when only instance 1 is in rotation, whose breaker c1 has opened.
    let errors_only = RetryConfig {
        on: OutcomeSet::of(&[Fails]),
        ..retry_config(2, 10)
    };
    play(
        "a guard around a retry with backoff",
        &[
            (breaker(1, 100), Scope::TargetInstance),
            (Layer::Retry(errors_only), Scope::Caller),
        ],
        &one_at_a_time(&[0, 12], &[(10, Fails), (1, Full)], &[(0, 0), (11, 1)]),
        &[
            "0s c0 sends a0",
            "10ms a0 error.internal",
            "10ms c0 L1 retries after 1, in 10ms",
            "12ms c1 sends a1",
            "13ms a1 rejected.queue_full",
            "13ms c1 L1 not_retryable after 1",
            "13ms c1 L0 open i1",
            "13ms c1 rejected.queue_full by callee",
            "20ms c0 L0 stopped.breaker_open",
            "20ms c0 L1 not_retryable after 2",
            "20ms c0 stopped.breaker_open by L0",
        ],
    );
}

#[test]
fn rule_24_guards_have_nothing_to_say_without_instances() {
    let empty = Script {
        rotations: vec![(at(0), Vec::new())],
        ..script(&[1], &[(5, Good)])
    };
    for guard in [breaker(1, 100), bulkhead(1, 0, NO_LIMIT)] {
        play(
            "nothing in rotation",
            &[(guard, Scope::TargetInstance)],
            &empty,
            &["1ms c0 error.unavailable by network"],
        );
    }
}

/// Opens after one failure; calls wait for its one probe.
fn queueing_breaker(open_for_ms: u64) -> Layer {
    let Layer::Breaker(plain) = breaker(1, open_for_ms) else {
        panic!("a breaker is a breaker")
    };
    Layer::Breaker(BreakerConfig {
        half_open: HalfOpenRule {
            excess: Excess::Queue,
            ..plain.half_open
        },
        ..plain
    })
}

#[test]
fn calls_that_wait_for_a_probe_ask_again_in_their_order_when_it_ends() {
    let fails_then_works = [(1, Fails), (10, Good), (5, Good), (5, Good)];
    check(
        "the probe closes: everybody passes",
        &[queueing_breaker(9)],
        &script(&[0, 10, 12, 14], &fails_then_works),
        &[
            "0s c0 sends a0",
            "1ms a0 error.internal",
            "1ms c0 L0 open",
            "1ms c0 error.internal by callee",
            "10ms c1 L0 half_open",
            "10ms c1 sends a1",
            "12ms c2 L0 waits",
            "14ms c3 L0 waits",
            "20ms a1 ok",
            "20ms c1 L0 closed",
            "20ms c1 ok by callee",
            "20ms c2 sends a2",
            "20ms c3 sends a3",
            "25ms a2 ok",
            "25ms c2 ok by callee",
            "25ms a3 ok",
            "25ms c3 ok by callee",
        ],
    );
    check(
        "the probe fails: everybody is rejected",
        &[queueing_breaker(9)],
        &script(&[0, 10, 12], &[(1, Fails), (10, Fails)]),
        &[
            "0s c0 sends a0",
            "1ms a0 error.internal",
            "1ms c0 L0 open",
            "1ms c0 error.internal by callee",
            "10ms c1 L0 half_open",
            "10ms c1 sends a1",
            "12ms c2 L0 waits",
            "20ms a1 error.internal",
            "20ms c1 L0 open",
            "20ms c1 error.internal by callee",
            "20ms c2 L0 stopped.breaker_open",
            "20ms c2 stopped.breaker_open by L0",
        ],
    );
}

#[test]
fn a_probe_that_hangs_is_cancelled_and_the_next_in_line_becomes_the_probe() {
    let given_up = Script {
        given_up: vec![(at(12), 2)],
        ..script(&[0, 10, 11], &[(1, Fails), (5, Good)])
    };
    check(
        "who was given up while waiting does not come back",
        &[queueing_breaker(9)],
        &given_up,
        &[
            "0s c0 sends a0",
            "1ms a0 error.internal",
            "1ms c0 L0 open",
            "1ms c0 error.internal by callee",
            "10ms c1 L0 half_open",
            "10ms c1 sends a1",
            "11ms c2 L0 waits",
            "12ms c2 given up",
            "15ms a1 ok",
            "15ms c1 L0 closed",
            "15ms c1 ok by callee",
        ],
    );
    check(
        "a probe that hangs is cancelled, and the next call in line becomes the probe",
        &[cancel(4), queueing_breaker(9)],
        &script(&[0, 10, 11, 12], &[(1, Fails), (900, Good), (900, Good)]),
        &[
            "0s c0 sends a0",
            "1ms a0 error.internal",
            "1ms c0 L1 open",
            "1ms c0 error.internal by callee",
            "10ms c1 L1 half_open",
            "10ms c1 sends a1",
            "11ms c2 L1 waits",
            "12ms c3 L1 waits",
            "14ms c1 L0 times out",
            "14ms a1 timed out in L0",
            "14ms c1 timeout.response by L0, AtWork of callee",
            "14ms c2 sends a2",
            "15ms c2 L0 times out",
            "15ms a2 timed out in L0",
            "15ms c2 timeout.response by L0, AtWork of callee",
            "15ms c3 sends a3",
            "16ms a3 error.internal",
            "16ms c3 L1 open",
            "16ms c3 error.internal by callee",
        ],
    );
}

#[test]
fn what_a_timer_did_is_told_by_the_next_who_asks_or_at_the_end() {
    let Layer::Breaker(plain) = breaker(1, 9) else {
        panic!("a breaker is a breaker")
    };
    let timed = Layer::Breaker(BreakerConfig {
        open: OpenRule {
            transition: Timing::Timer,
            ..plain.open
        },
        ..plain
    });
    let mut play = Play::new(&[(timed, Scope::Caller)], &script(&[0], &[(1, Fails)]));
    play.run(Play::assert_limits);
    let mut told = Vec::new();
    play.pipelines
        .layers
        .settle_breakers(at(500), |_, owner, instance, change| {
            told.push((owner.0, instance, change.to.name(), change.at));
        });
    assert_eq!(told, [(0, None, "half_open", at(10))]);
}

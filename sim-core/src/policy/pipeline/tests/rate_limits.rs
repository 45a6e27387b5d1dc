//! Rate limits in a pipeline: who waits, who is stopped, and what becomes of those who leave.

use super::fake_host::{FakeHost, Play, Scope, Script};
use super::timelines::{at, check, play, script};
use super::{Layer, OutcomeSet, SimDuration, cancel, ms, retry};
use crate::id::LayerId;
use crate::policy::Outcome::Ok as Good;
use crate::policy::pipeline::{Layers, Owner};
use crate::policy::{Applied, RateLimitConfig, RateRule, RefusalTime, RetryConfig};

/// One permit in 10 ms, after these waits.
fn config(max_wait: SimDuration, reservation: bool) -> RateLimitConfig {
    RateLimitConfig {
        rule: RateRule::FixedCycle,
        permits: 1,
        period: ms(10),
        max_wait,
        max_waiting: u32::MAX,
        reservation,
        refusal: RefusalTime::AtOnce,
    }
}

const NOT: SimDuration = SimDuration::ZERO;
const LONG: SimDuration = SimDuration::MAX;

#[test]
fn a_pass_without_a_permit_is_stopped_or_waits() {
    let calls = script(&[0, 1, 10], &[(2, Good)]);
    check(
        "nobody waits",
        &[Layer::RateLimit(config(NOT, false))],
        &calls,
        &[
            "0s c0 sends a0",
            "1ms c1 L0 stopped.rate_limited",
            "1ms c1 stopped.rate_limited by L0",
            "2ms a0 ok",
            "2ms c0 ok by callee",
            "10ms c2 sends a1",
            "12ms a1 ok",
            "12ms c2 ok by callee",
        ],
    );
    // The second call has the permit of 10 ms, so the third waits for that of 20 ms.
    for reservation in [false, true] {
        check(
            "all wait",
            &[Layer::RateLimit(config(LONG, reservation))],
            &calls,
            &[
                "0s c0 sends a0",
                "1ms c1 L0 waits",
                "2ms a0 ok",
                "2ms c0 ok by callee",
                "10ms c1 sends a1",
                "10ms c2 L0 waits",
                "12ms a1 ok",
                "12ms c1 ok by callee",
                "20ms c2 sends a2",
                "22ms a2 ok",
                "22ms c2 ok by callee",
            ],
        );
    }
}

#[test]
fn a_refused_thread_sleeps_for_its_timeout() {
    let config = RateLimitConfig {
        refusal: RefusalTime::AfterWait,
        ..config(ms(5), true)
    };
    check(
        "the permit of 10 ms is 9 ms away",
        &[Layer::RateLimit(config)],
        &script(&[0, 1], &[(2, Good)]),
        &[
            "0s c0 sends a0",
            "1ms c1 L0 waits",
            "2ms a0 ok",
            "2ms c0 ok by callee",
            "6ms c1 L0 stopped.rate_limited",
            "6ms c1 stopped.rate_limited by L0",
        ],
    );
}

#[test]
fn who_gives_up_leaves_its_turn_in_a_line_and_wastes_a_reservation() {
    // The second call gives up at 6 ms, while it waits for the permit of 10 ms.
    let calls = script(&[0, 1, 2], &[(2, Good)]);
    let start = [
        "0s c0 sends a0",
        "1ms c1 L1 waits",
        "2ms a0 ok",
        "2ms c0 ok by callee",
        "2ms c2 L1 waits",
    ];
    let given_up = Script {
        given_up: vec![(at(6), 1)],
        ..calls
    };
    for (reservation, end) in [
        (
            false,
            ["10ms c2 sends a1", "12ms a1 ok", "12ms c2 ok by callee"],
        ),
        (
            true,
            ["20ms c2 sends a1", "22ms a1 ok", "22ms c2 ok by callee"],
        ),
    ] {
        let layers = [cancel(100), Layer::RateLimit(config(LONG, reservation))];
        let lines = [&start[..], &["6ms c1 given up"], &end].concat();
        check("given up", &layers, &given_up, &lines);
    }
}

#[test]
fn a_timeout_around_it_blames_the_wait() {
    check(
        "a timeout of 5 ms",
        &[cancel(5), Layer::RateLimit(config(LONG, false))],
        &script(&[0, 1], &[(2, Good)]),
        &[
            "0s c0 sends a0",
            "1ms c1 L1 waits",
            "2ms a0 ok",
            "2ms c0 ok by callee",
            "6ms c1 L0 times out",
            "6ms c1 timeout.response by L0, InLayer of L1",
        ],
    );
}

#[test]
fn rule_2_a_stopped_pass_uses_up_one_of_max_attempts() {
    let Layer::Retry(retry) = retry(3, 4) else {
        unreachable!()
    };
    let stubborn = Layer::Retry(RetryConfig {
        on: OutcomeSet::named("failed").unwrap(),
        ..retry
    });
    check(
        "two passes are stopped",
        &[stubborn, Layer::RateLimit(config(NOT, false))],
        &script(&[0, 1], &[(2, Good)]),
        &[
            "0s c0 sends a0",
            "1ms c1 L1 stopped.rate_limited",
            "1ms c1 L0 retries after 1, in 4ms",
            "2ms a0 ok",
            "2ms c0 ok by callee",
            "5ms c1 L1 stopped.rate_limited",
            "5ms c1 L0 retries after 2, in 4ms",
            "9ms c1 L1 stopped.rate_limited",
            "9ms c1 L0 attempts_used_up after 3",
            "9ms c1 stopped.rate_limited by L1",
        ],
    );
}

#[test]
fn rule_19_a_process_that_died_begins_with_all_its_permits() {
    for (scope, forgets) in [(Scope::Caller, true), (Scope::Shared, false)] {
        let limit = [(Layer::RateLimit(config(NOT, false)), scope)];
        let mut play = Play::new(&limit, &script(&[0], &[(1, Good)]));
        play.run(Play::assert_limits);
        let admits = |layers: &Layers| layers.would_admit(LayerId(0), Owner(0), 0, at(5));
        let layers = &mut play.pipelines.layers;
        assert!(!admits(layers), "{scope:?}: its permit is taken");
        layers.forget(LayerId(0), Owner(0), at(5));
        assert_eq!(admits(layers), forgets, "{scope:?}");
    }
}

#[test]
fn rule_22_a_changed_limit_wakes_the_line_when_it_says_now() {
    let faster = |period| RateLimitConfig {
        rule: RateRule::Gcra { burst: 1 },
        period: ms(period),
        ..config(LONG, false)
    };
    let calls = Script {
        changes: vec![(at(4), LayerId(0), Layer::RateLimit(faster(5)))],
        ..script(&[0, 1, 2], &[(1, Good)])
    };
    check(
        "from 10 ms to 5 ms between two: the next is due at 10 ms as before, the one after it 5 ms later",
        &[Layer::RateLimit(faster(10))],
        &calls,
        &[
            "0s c0 sends a0",
            "1ms a0 ok",
            "1ms c0 ok by callee",
            "1ms c1 L0 waits",
            "2ms c2 L0 waits",
            "10ms c1 sends a1",
            "11ms a1 ok",
            "11ms c1 ok by callee",
            "15ms c2 sends a2",
            "16ms a2 ok",
            "16ms c2 ok by callee",
        ],
    );
}

#[test]
fn an_instance_without_a_permit_is_passed_over() {
    // Three instances, one permit each in 10 ms; the fourth call finds none.
    let layers = [(Layer::RateLimit(config(NOT, false)), Scope::TargetInstance)];
    play(
        "one for each instance",
        &layers,
        &script(&[0, 1, 2, 3], &[(4, Good)]),
        &[
            "0s c0 sends a0",
            "1ms c1 sends a1",
            "2ms c2 sends a2",
            "3ms c3 L0 stopped.rate_limited",
            "3ms c3 stopped.rate_limited by L0",
            "4ms a0 ok",
            "4ms c0 ok by callee",
            "5ms a1 ok",
            "5ms c1 ok by callee",
            "6ms a2 ok",
            "6ms c2 ok by callee",
        ],
    );
}

/// What one limit does to such calls, of which nobody reads the log.
fn played(config: RateLimitConfig, calls: &Script) -> FakeHost {
    let mut play = Play::new(&[(Layer::RateLimit(config), Scope::Caller)], calls);
    play.run(Play::assert_limits);
    play.assert_over();
    play.fake
}

#[test]
fn a_pass_that_waited_is_let_in_and_says_how_long() {
    for reservation in [false, true] {
        let calls = script(&[0, 1, 10], &[(2, Good)]);
        let fake = played(config(LONG, reservation), &calls);
        let let_in = [9, 10].map(|waited| (LayerId(0), ms(waited)));
        assert_eq!(fake.let_in, let_in, "reservation: {reservation}");
    }
    // Who waits in vain is not let in, and it is told why.
    let in_vain = RateLimitConfig {
        refusal: RefusalTime::AfterWait,
        ..config(ms(5), false)
    };
    let fake = played(in_vain, &script(&[0, 1], &[(2, Good)]));
    assert_eq!(fake.let_in, []);
    let why = [Applied::WaitTooLong, Applied::StoppedAfterWait];
    assert_eq!(fake.details, why.map(|it| (LayerId(0), it, 1)));
}

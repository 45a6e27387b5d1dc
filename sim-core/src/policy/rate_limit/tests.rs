//! What each rule decides at which instant, worked out by hand from the sources of the libraries.

use super::*;
use crate::time::SimDuration;
use proptest::prelude::*;

const NO: GuardAnswer = GuardAnswer::Stopped(Outcome::StoppedRateLimited);
const IN: GuardAnswer = GuardAnswer::Admitted;
const LINE: GuardAnswer = GuardAnswer::Waits {
    until: SimTime::NEVER,
};

fn ns(ns: u64) -> SimTime {
    SimTime::from_ns(ns)
}

fn ms(ms: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_millis(ms)
}

/// It goes in at this instant.
fn then(at: SimTime) -> GuardAnswer {
    GuardAnswer::Until { at, stopped: None }
}

/// So many in a second, nobody waits.
fn limit(rule: RateRule, permits: u32) -> RateLimitConfig {
    RateLimitConfig {
        rule,
        permits,
        period: SimDuration::from_secs(1),
        max_wait: SimDuration::ZERO,
        max_waiting: u32::MAX,
        reservation: false,
        refusal: RefusalTime::AtOnce,
    }
}

/// Waits take a permit that is yet to come.
fn reserving(config: &RateLimitConfig, max_wait: SimDuration) -> RateLimitConfig {
    RateLimitConfig {
        reservation: true,
        max_wait,
        ..config.clone()
    }
}

/// Waits stand in line.
fn queueing(config: &RateLimitConfig, max_waiting: u32) -> RateLimitConfig {
    RateLimitConfig {
        max_wait: SimDuration::MAX,
        max_waiting,
        ..config.clone()
    }
}

/// What passes that come at these instants are told, by a limit made at 0.
fn check(title: &str, config: &RateLimitConfig, table: &[(SimTime, GuardAnswer)]) {
    let mut limit = RateLimit::new(config, SimTime::ZERO);
    for (who, &(now, expected)) in (0..).zip(table) {
        let goes_in = limit.admits(config, now);
        let entry = limit.enter(config, now, Visit::of(who));
        assert_eq!(entry, expected, "{title}: pass {who} at {now}");
        assert_eq!(goes_in, entry == IN, "{title}: pass {who} at {now}");
    }
}

#[test]
fn cycles_begin_with_the_limit_and_keep_nothing() {
    let table = [
        (ms(0), IN),
        (ms(900), IN),
        (ns(999_999_999), NO),
        // The very instant of the next cycle belongs to it.
        (ms(1_000), IN),
        (ms(1_000), IN),
        (ms(1_000), NO),
        // Two cycles went by unused.
        (ms(4_500), IN),
        (ms(4_500), IN),
        (ms(4_999), NO),
    ];
    check("fixed cycle", &limit(RateRule::FixedCycle, 2), &table);
}

#[test]
fn resilience4j_lends_the_permits_of_cycles_to_come() {
    let five = SimDuration::from_secs(5);
    let config = reserving(&limit(RateRule::FixedCycle, 2), five);
    let table = [
        (ms(0), IN),
        (ms(0), IN),
        (ms(500), then(ms(1_000))),
        (ms(600), then(ms(1_000))),
        (ms(600), then(ms(2_000))),
        // Both of the second cycle are lent; one of the third.
        (ms(1_000), then(ms(2_000))),
        (ms(1_000), then(ms(3_000))),
        (ms(1_000), then(ms(3_000))),
        (ms(1_000), then(ms(4_000))),
        (ms(1_000), then(ms(4_000))),
        (ms(1_000), then(ms(5_000))),
        (ms(1_000), then(ms(5_000))),
        // A wait of exactly the timeout is in time; one of a nanosecond more is not, and takes
        // nothing.
        (ms(1_000), then(ms(6_000))),
        (ns(999_999_999 + 1), then(ms(6_000))),
        (ms(1_999), NO),
        (ms(2_000), then(ms(7_000))),
    ];
    check("resilience4j", &config, &table);
    let whole = RateLimitConfig {
        refusal: RefusalTime::AfterWait,
        max_wait: SimDuration::from_millis(300),
        ..config
    };
    let stopped = Some(Outcome::StoppedRateLimited);
    let asleep = |at| GuardAnswer::Until { at, stopped };
    let table = [
        (ms(600), IN),
        (ms(600), IN),
        (ms(699), asleep(ms(999))),
        (ms(700), then(ms(1_000))),
    ];
    check("a blocking caller sleeps all its timeout", &whole, &table);
}

#[test]
fn governor_keeps_a_distance_less_what_was_saved_up() {
    let ten = limit(RateRule::Gcra { burst: 3 }, 10);
    let table = [
        (ms(0), IN),
        (ms(0), IN),
        (ms(0), IN),
        (ns(99_999_999), NO),
        (ms(100), IN),
        (ms(100), NO),
        (ms(250), IN),
        (ms(299), NO),
        (ms(300), IN),
        // No more than the burst is saved up.
        (ms(5_000), IN),
        (ms(5_000), IN),
        (ms(5_000), IN),
        (ms(5_000), NO),
    ];
    check("gcra", &ten, &table);
    // 1 s / 3 is cut to whole nanoseconds, as `Duration` does.
    let third = limit(RateRule::Gcra { burst: 1 }, 3);
    let table = [
        (ms(0), IN),
        (ns(333_333_332), NO),
        (ns(333_333_333), IN),
        (ns(666_666_666), IN),
        (ns(999_999_999), IN),
    ];
    check("whole nanoseconds", &third, &table);
    let waiting = reserving(&ten, SimDuration::from_millis(150));
    let table = [
        (ms(0), IN),
        (ms(0), IN),
        (ms(0), IN),
        (ms(40), then(ms(100))),
        (ms(50), then(ms(200))),
        (ms(50), NO),
    ];
    check("until_ready", &waiting, &table);
}

#[test]
fn drops_fall_into_a_bucket_one_by_one_and_exactly() {
    let thirds = limit(RateRule::TokenBucket { burst: 2 }, 3);
    let table = [
        (ms(0), IN),
        (ms(0), IN),
        (ms(0), NO),
        // A third of a second is no whole number of nanoseconds; three of them are.
        (ns(333_333_333), NO),
        (ns(333_333_334), IN),
        (ns(666_666_667), IN),
        (ms(1_000), IN),
        (ns(1_333_333_333), NO),
        // The bucket holds two.
        (ms(9_000), IN),
        (ms(9_000), IN),
        (ms(9_000), NO),
    ];
    check("token bucket", &thirds, &table);
    let waiting = reserving(&thirds, SimDuration::from_secs(1));
    let table = [
        (ms(0), IN),
        (ms(0), IN),
        (ms(0), then(ns(333_333_334))),
        (ms(0), then(ns(666_666_667))),
        (ms(0), then(ms(1_000))),
        (ms(0), NO),
        (ms(500), then(ns(1_333_333_334))),
    ];
    check("lent drops", &waiting, &table);
}

#[test]
fn steps_fill_a_bucket_at_the_end_of_each_period() {
    let two = limit(RateRule::SteppedBucket { burst: 3 }, 2);
    let table = [
        (ms(500), IN),
        (ms(500), IN),
        (ms(500), IN),
        (ns(999_999_999), NO),
        (ms(1_000), IN),
        (ms(1_999), IN),
        (ms(1_999), NO),
        // Four have come since, and three fit.
        (ms(4_000), IN),
        (ms(4_000), IN),
        (ms(4_000), IN),
        (ms(4_999), NO),
    ];
    check("stepped bucket", &two, &table);
}

#[test]
fn segments_come_back_when_they_are_a_window_old() {
    let four = limit(RateRule::SlidingWindow { segments: 4 }, 4);
    let table = [
        (ms(0), IN),
        (ms(249), IN),
        (ms(300), IN),
        (ms(600), IN),
        (ns(999_999_999), NO),
        // Both of the first segment are back, whenever in it they were taken.
        (ms(1_000), IN),
        (ms(1_000), IN),
        (ms(1_249), NO),
        (ms(1_250), IN),
        (ms(1_499), NO),
        (ms(1_500), IN),
        // The fourth segment took nothing, so nothing comes back.
        (ms(1_750), NO),
        (ms(2_000), IN),
        (ms(2_000), IN),
        (ms(2_000), NO),
    ];
    check("sliding window", &four, &table);
    // After a pause all are there.
    let table = [
        (ms(0), IN),
        (ms(0), IN),
        (ms(0), IN),
        (ms(0), IN),
        (ms(0), NO),
        (ms(60_000), IN),
        (ms(60_000), IN),
        (ms(60_000), IN),
        (ms(60_000), IN),
        (ms(60_000), NO),
    ];
    check("after a pause", &four, &table);
}

/// Those who stand in line, as they are called in: (pass, instant). The first in line is woken at
/// the instant that the limit says.
fn called(limit: &mut RateLimit, config: &RateLimitConfig, from: SimTime) -> Vec<(u32, SimTime)> {
    let (mut now, mut all) = (from, Vec::new());
    while let Some((first, at)) = limit.turn(config, now) {
        now = at.max(now);
        assert_eq!(
            limit.next(config, now),
            Some(first),
            "woken in vain at {now}"
        );
        all.push((first, now));
    }
    all
}

#[test]
fn a_line_is_called_in_as_permits_come() {
    let all_rules = [
        (RateRule::FixedCycle, [1_000, 1_000, 2_000, 2_000, 3_000]),
        (
            RateRule::SteppedBucket { burst: 2 },
            [1_000, 1_000, 2_000, 2_000, 3_000],
        ),
        (
            RateRule::TokenBucket { burst: 2 },
            [500, 1_000, 1_500, 2_000, 2_500],
        ),
        (
            RateRule::Gcra { burst: 2 },
            [500, 1_000, 1_500, 2_000, 2_500],
        ),
        // Both were taken in the first half of the second, and come back at its end.
        (
            RateRule::SlidingWindow { segments: 2 },
            [1_000, 1_000, 2_000, 2_000, 3_000],
        ),
    ];
    for (rule, expected) in all_rules {
        let config = queueing(&limit(rule, 2), 5);
        let mut limit = RateLimit::new(&config, SimTime::ZERO);
        let told: Vec<GuardAnswer> = (0..8)
            .map(|who| limit.enter(&config, ms(0), Visit::of(who)))
            .collect();
        assert_eq!(told, [IN, IN, LINE, LINE, LINE, LINE, LINE, NO], "{rule:?}");
        let expected: Vec<(u32, SimTime)> = (2..).zip(expected.map(ms)).collect();
        assert_eq!(called(&mut limit, &config, ms(0)), expected, "{rule:?}");
    }
}

#[test]
fn who_leaves_the_line_lets_those_behind_come_sooner() {
    let config = queueing(&limit(RateRule::Gcra { burst: 1 }, 10), u32::MAX);
    let mut limit = RateLimit::new(&config, SimTime::ZERO);
    for who in 0..4 {
        let _ = limit.enter(&config, ms(0), Visit::of(who));
    }
    assert!(limit.forget(1));
    assert!(!limit.forget(1));
    assert_eq!(limit.held(), (0, 2));
    assert_eq!(
        called(&mut limit, &config, ms(30)),
        [(2, ms(100)), (3, ms(200))]
    );
}

#[test]
fn nobody_overtakes_the_line() {
    let config = queueing(&limit(RateRule::FixedCycle, 1), u32::MAX);
    let mut limit = RateLimit::new(&config, SimTime::ZERO);
    assert_eq!(limit.enter(&config, ms(0), Visit::of(0)), IN);
    assert_eq!(limit.enter(&config, ms(1), Visit::of(1)), LINE);
    // The permit of the cycle is there, but for who stands in line.
    assert!(!limit.admits(&config, ms(1_000)));
    assert_eq!(limit.enter(&config, ms(1_000), Visit::of(2)), LINE);
    assert_eq!(limit.next(&config, ms(1_000)), Some(1));
    assert_eq!(limit.next(&config, ms(1_000)), None);
}

#[test]
fn a_wait_that_would_be_too_long_is_not_begun() {
    let config = RateLimitConfig {
        max_wait: SimDuration::from_millis(200),
        ..queueing(&limit(RateRule::Gcra { burst: 1 }, 10), u32::MAX)
    };
    let table = [(ms(0), IN), (ms(0), LINE), (ms(0), LINE), (ms(0), NO)];
    check("the third would wait for 300 ms", &config, &table);
    // In a window that took one and then three, they come back like this, period after period.
    let window = RateLimitConfig {
        max_wait: SimDuration::from_millis(1_900),
        ..queueing(&limit(RateRule::SlidingWindow { segments: 2 }, 4), u32::MAX)
    };
    let taken = [(ms(0), IN), (ms(600), IN), (ms(600), IN), (ms(600), IN)];
    let waits = [(ms(600), LINE); 5];
    let table = [
        &taken[..],
        &waits,
        &[
            (ms(600), LINE),
            (ms(600), LINE),
            (ms(600), LINE),
            (ms(600), NO),
        ],
    ];
    check("the ninth would wait until 3 s", &window, &table.concat());
}

#[test]
fn rule_22_a_changed_setting_holds_from_then_on() {
    let two = limit(RateRule::FixedCycle, 2);
    let mut limit = RateLimit::new(&two, SimTime::ZERO);
    assert_eq!(limit.enter(&two, ms(0), Visit::of(0)), IN);
    // Permits of the present cycle stay; the next one has the new number.
    let five = RateLimitConfig {
        permits: 5,
        ..two.clone()
    };
    assert_eq!(limit.enter(&five, ms(1), Visit::of(1)), IN);
    assert_eq!(limit.enter(&five, ms(2), Visit::of(2)), NO);
    for who in 3..8 {
        assert_eq!(limit.enter(&five, ms(1_000), Visit::of(who)), IN);
    }
    assert_eq!(limit.enter(&five, ms(1_000), Visit::of(8)), NO);
    // A window that took more than it may now gives back what is too much first.
    let window = RateLimitConfig {
        rule: RateRule::SlidingWindow { segments: 2 },
        ..five
    };
    assert_eq!(limit.enter(&window, ms(1_100), Visit::of(9)), IN);
    for who in 10..14 {
        assert_eq!(limit.enter(&window, ms(1_100), Visit::of(who)), IN);
    }
    let one = RateLimitConfig {
        permits: 1,
        ..queueing(&window, u32::MAX)
    };
    assert_eq!(limit.enter(&one, ms(1_200), Visit::of(14)), LINE);
    assert_eq!(called(&mut limit, &one, ms(1_200)), [(14, ms(2_100))]);
}

fn rules() -> impl Strategy<Value = RateRule> {
    prop_oneof![
        (1_u32..5).prop_map(|burst| RateRule::TokenBucket { burst }),
        (1_u32..5).prop_map(|burst| RateRule::SteppedBucket { burst }),
        (1_u32..5).prop_map(|burst| RateRule::Gcra { burst }),
        Just(RateRule::FixedCycle),
        (1_u32..5).prop_map(|segments| RateRule::SlidingWindow { segments }),
    ]
}

proptest! {
    /// In no stretch of time do more go in than what can be saved up and what comes in it; a window
    /// and a cycle let through no more than twice their permits in any period. Who is told that a
    /// permit is there at an instant finds one then, and not before.
    #[test]
    fn no_more_go_in_than_permits_come(
        rule in rules(),
        permits in 1_u32..5,
        pauses_ns in prop::collection::vec(0_u64..40, 1..200),
    ) {
        let config = RateLimitConfig { period: SimDuration::from_ns(20), ..limit(rule, permits) };
        let mut limit = RateLimit::new(&config, SimTime::ZERO);
        let (mut now, mut went_in) = (SimTime::ZERO, Vec::new());
        for (who, pause) in (0..).zip(pauses_ns) {
            now = now + SimDuration::from_ns(pause % 7);
            let mut peek = limit.clone();
            peek.meter.advance(&config, now);
            let at = peek.meter.ready_at(&config, now, 0);
            prop_assert!(peek.meter.has_permit(&config, at));
            prop_assert!(at == now || !peek.meter.has_permit(&config, at.before(SimDuration::from_ns(1))));
            let entry = limit.enter(&config, now, Visit::of(who));
            prop_assert_eq!(entry == IN, at == now);
            went_in.extend((entry == IN).then_some(now.as_ns()));
        }
        let permits = u64::from(permits);
        let distance = (20 / permits).max(1);
        for (first, &from) in went_in.iter().enumerate() {
            for (count, &until) in (1_u64..).zip(&went_in[first..]) {
                let span = until - from;
                let most = match rule {
                    RateRule::TokenBucket { burst } => u64::from(burst) + (span * permits).div_ceil(20),
                    RateRule::Gcra { burst } => u64::from(burst) + span / distance,
                    RateRule::SteppedBucket { burst } => u64::from(burst) + permits * (span / 20 + 1),
                    RateRule::FixedCycle => permits * (span / 20 + 2),
                    RateRule::SlidingWindow { segments } => {
                        let window = u64::from(segments) * (20 / u64::from(segments));
                        permits * (span / window + 2)
                    }
                };
                prop_assert!(count <= most, "{} in {} ns: {:?}", count, span, rule);
            }
        }
    }
}

#[test]
fn a_refusal_says_whether_the_line_was_full_or_the_wait_too_long() {
    let one = limit(RateRule::FixedCycle, 1);
    let short = RateLimitConfig {
        max_wait: SimDuration::from_millis(1_500),
        ..queueing(&one, 1)
    };
    let long = RateLimitConfig {
        max_wait: SimDuration::from_millis(500),
        refusal: RefusalTime::AfterWait,
        ..one.clone()
    };
    let after_wait = AppliedSet::of(Applied::WaitTooLong).with_if(true, Applied::StoppedAfterWait);
    for (title, config, expected) in [
        ("no wait at all", &one, AppliedSet::NONE),
        (
            "one place, taken",
            &short,
            AppliedSet::of(Applied::LineFull),
        ),
        ("900 ms are too long", &long, after_wait),
    ] {
        let mut limit = RateLimit::new(config, SimTime::ZERO);
        for who in 0..3 {
            let _ = limit.enter(config, ms(100), Visit::of(who));
        }
        assert_eq!(limit.refused_by(config), expected, "{title}");
    }
}

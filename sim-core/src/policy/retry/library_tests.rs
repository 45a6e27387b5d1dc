//! What each library waits, retry by retry, as its source says.

use super::*;
use crate::policy::testing::{Always, Never, SplitMix};
use crate::policy::{Outcome, OutcomeSet};
use crate::random::{Dist, Uniforms};
use crate::time::SimDuration;

fn ms(ms: u64) -> SimDuration {
    SimDuration::from_millis(ms)
}

fn us(us: u64) -> SimDuration {
    SimDuration::from_micros(us)
}

fn exponential(initial: SimDuration, factor: f64, max: SimDuration) -> Backoff {
    Backoff::Exponential {
        initial,
        factor,
        max,
    }
}

/// So near the top that only the fraction of a millisecond is missing.
struct NearlyHighest;

impl Uniforms for NearlyHighest {
    fn next_u64(&mut self) -> u64 {
        u64::MAX << 24
    }
}

/// The delays of one call, within a nanosecond of rounding.
fn check<U: Uniforms>(title: &str, config: &RetryConfig, u: &mut U, expected: &[SimDuration]) {
    let mut memory = BackoffMemory::default();
    for (retry, expected) in (1..).zip(expected) {
        let delay = config.delay(retry, &mut memory, u);
        let off = delay.as_ns().abs_diff(expected.as_ns());
        assert!(off <= 1, "{title}, retry {retry}: {delay} for {expected}");
    }
}

#[test]
fn resilience4j_counts_in_milliseconds_and_cuts_last() {
    let four_j = |backoff, jitter| RetryConfig {
        cap: Cap::AfterJitter,
        grain: Grain::Milliseconds,
        ..RetryConfig::new(3, backoff, jitter)
    };
    // 5 × 1.5 = 7.5 -> 7, × 1.5 = 10.5 -> 10, 15, 22.5 -> 22; exact powers would end at 25.3.
    check(
        "truncated at each step",
        &four_j(exponential(ms(5), 1.5, SimDuration::MAX), Jitter::None),
        &mut Never,
        &[ms(5), ms(7), ms(10), ms(15), ms(22)],
    );
    // 100, 200 spread by half: [50, 151) and [100, 301), then whole milliseconds, then at most 250.
    let spread = four_j(exponential(ms(100), 2.0, ms(250)), Jitter::PlusMinus(0.5));
    check(
        "bottom",
        &spread,
        &mut Always::lowest(),
        &[ms(50), ms(100), ms(200)],
    );
    check(
        "middle",
        &spread,
        &mut Always::middle(),
        &[ms(100), ms(200), ms(250)],
    );
    check(
        "top",
        &spread,
        &mut NearlyHighest,
        &[ms(150), ms(250), ms(250)],
    );
    // Without `max` before the jitter the third delay of 400 ms keeps its whole range.
    let both = RetryConfig {
        cap: Cap::Both,
        ..spread
    };
    check(
        "both sides",
        &both,
        &mut Always::lowest(),
        &[ms(50), ms(100), ms(125)],
    );
    let short = four_j(
        Backoff::Constant(Dist::constant(us(300)).unwrap()),
        Jitter::None,
    );
    check("at least one", &short, &mut Never, &[ms(1)]);
}

#[test]
fn dapr_spreads_past_its_maximum_and_refuses_to_overshoot() {
    let dapr = RetryConfig {
        cap: Cap::BeforeJitter,
        max_elapsed: SimDuration::from_secs(900),
        overshoot: Overshoot::Refuse,
        ..RetryConfig::new(
            u32::MAX,
            exponential(ms(500), 1.5, ms(1_000)),
            Jitter::PlusMinus(0.5),
        )
    };
    let top = [ms(750), ms(1_125), ms(1_500), ms(1_500)];
    check("top", &dapr, &mut Always::highest(), &top);
    let nearly = SimDuration::from_secs(899);
    assert!(dapr.overshoots(nearly, ms(1_001)));
    assert!(dapr.overshoots(nearly, ms(1_000)), "exactly at the limit");
    assert!(!dapr.overshoots(nearly, ms(999)));
    let tenacity = RetryConfig {
        overshoot: Overshoot::Allow,
        ..dapr
    };
    assert!(!tenacity.overshoots(nearly, ms(99_000)), "stop_after_delay");
}

#[test]
fn envoy_spreads_over_all_of_a_doubling_interval() {
    // 25 ms, at most ten times as much.
    let envoy = RetryConfig::new(6, exponential(ms(25), 2.0, ms(250)), Jitter::Full);
    let top = [ms(25), ms(50), ms(100), ms(200), ms(250), ms(250)];
    check("top", &envoy, &mut Always::highest(), &top);
    check(
        "bottom",
        &envoy,
        &mut Always::lowest(),
        &[SimDuration::ZERO; 6],
    );
}

/// Where a backoff may begin anew, any earlier delay may come again: with delays that fall, the
/// longest of them.
#[test]
fn the_longest_waits_of_a_pushback_know_that_delays_may_come_again() {
    let falling = |retry_after| {
        let delays = [500, 100, 10].map(|it| Dist::constant(ms(it)).unwrap());
        RetryConfig {
            retry_after,
            ..RetryConfig::new(4, Backoff::List(delays.to_vec()), Jitter::None)
        }
    };
    for (retry_after, hint, sum) in [
        (RetryAfter::Replace, None, 610),
        (RetryAfter::Replace, Some(200), 900),
        (RetryAfter::Pushback, None, 1_500),
        (RetryAfter::Pushback, Some(200), 1_500),
        (RetryAfter::Pushback, Some(700), 2_100),
    ] {
        let longest = falling(retry_after).longest_delays(hint.map(ms));
        assert_eq!(longest, ms(sum), "{retry_after:?} {hint:?}");
    }
}

/// gRFC A6: 80 % to 120 % of what doubles from 100 ms to 1 s.
#[test]
fn grpc_spreads_by_a_fifth_past_its_maximum() {
    let grpc = RetryConfig {
        cap: Cap::BeforeJitter,
        ..RetryConfig::new(
            6,
            exponential(ms(100), 2.0, ms(1_000)),
            Jitter::PlusMinus(0.2),
        )
    };
    let top = [ms(120), ms(240), ms(480), ms(960), ms(1_200)];
    check("top", &grpc, &mut Always::highest(), &top);
    let bottom = [ms(80), ms(160), ms(320), ms(640), ms(800)];
    check("bottom", &grpc, &mut Always::lowest(), &bottom);
}

#[test]
fn aws_waits_longer_when_asked_to_but_not_much() {
    let aws = RetryConfig {
        retry_after: RetryAfter::Raise {
            at_most: SimDuration::from_secs(5),
        },
        ..RetryConfig::new(
            3,
            exponential(ms(50), 2.0, SimDuration::from_secs(20)),
            Jitter::Full,
        )
    };
    check("middle", &aws, &mut Always::middle(), &[ms(25), ms(50)]);
    assert_eq!(aws.wait(ms(25), None), ms(25));
    assert_eq!(aws.wait(ms(25), Some(ms(10))), ms(25), "never shorter");
    assert_eq!(aws.wait(ms(25), Some(ms(3_000))), ms(3_000));
    assert_eq!(aws.wait(ms(25), Some(ms(60_000))), ms(5_025), "t + 5 s");
    let dotnet = RetryConfig {
        retry_after: RetryAfter::Replace,
        ..aws.clone()
    };
    assert_eq!(dotnet.wait(ms(25), Some(ms(10))), ms(10));
    assert_eq!(dotnet.wait(ms(25), Some(ms(60_000))), ms(60_000));
    let deaf = RetryConfig {
        retry_after: RetryAfter::Ignore,
        ..aws
    };
    assert_eq!(deaf.wait(ms(25), Some(ms(60_000))), ms(25));
}

#[test]
fn spring_spreads_upwards_only() {
    // next × (1 + U × (multiplier - 1)) with a multiplier of 2.
    let spring = RetryConfig::new(
        3,
        exponential(ms(100), 2.0, SimDuration::from_secs(30)),
        Jitter::Additive(1.0),
    );
    check(
        "bottom",
        &spring,
        &mut Always::lowest(),
        &[ms(100), ms(200), ms(400)],
    );
    check(
        "top",
        &spring,
        &mut Always::highest(),
        &[ms(200), ms(400), ms(800)],
    );
}

#[test]
fn urllib3_waits_for_nothing_first() {
    let urllib3 = RetryConfig {
        first_at_once: true,
        ..RetryConfig::new(
            10,
            exponential(ms(500), 2.0, SimDuration::from_secs(120)),
            Jitter::None,
        )
    };
    let expected = [
        0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 120_000,
    ];
    check(
        "factor × 2^(n - 1)",
        &urllib3,
        &mut Never,
        &expected.map(ms),
    );
}

/// The delays of a call from a list of draws, in microseconds.
fn waits_us(config: &RetryConfig, draws: &[f64]) -> Vec<u64> {
    let waits = config.schedule(draws);
    waits.iter().map(|wait| wait.as_ns() / 1_000).collect()
}

#[test]
fn cockatiel_walks_by_its_exponent() {
    let config = |factor| {
        let backoff = exponential(ms(100), factor, ms(5_000));
        RetryConfig::new(10, backoff, Jitter::Cockatiel)
    };
    let draws = [0.973_616, 0.545_377, 0.490_809, 0.855_698];
    let thrice = [200_274, 184_484, 713_526, 3_835_387];
    assert_eq!(waits_us(&config(3.0), &draws), thrice);
    let doubled = [134_952, 70_665, 194_424, 633_232];
    assert_eq!(waits_us(&config(2.0), &draws), doubled);
}

#[test]
fn tenacity_has_a_least_wait() {
    let config = |max, jitter| RetryConfig {
        min_wait: ms(2_000),
        ..RetryConfig::new(10, exponential(ms(500), 2.0, ms(max)), jitter)
    };
    // wait_exponential(multiplier=0.5, min=2, max=10)
    let waits = [2, 2, 2, 4, 8, 10, 10].map(|seconds| ms(seconds * 1_000));
    check("clamped", &config(10_000, Jitter::None), &mut Never, &waits);
    // wait_random_exponential: uniform from the least wait to the clamped one.
    let spread = config(10_000, Jitter::Full);
    let bottom = [ms(2_000); 6];
    check("bottom", &spread, &mut Always::lowest(), &bottom);
    check("top", &spread, &mut Always::highest(), &waits);
    // max(min, min(wait, max)): the lower limit wins.
    let crossed = config(1_000, Jitter::None);
    check("min above max", &crossed, &mut Never, &[ms(2_000); 4]);
}

#[test]
fn cockatiel_half_is_between_the_half_and_the_whole() {
    let half = RetryConfig::new(10, exponential(ms(128), 2.0, ms(30_000)), Jitter::Equal);
    check(
        "bottom",
        &half,
        &mut Always::lowest(),
        &[ms(64), ms(128), ms(256)],
    );
    check(
        "top",
        &half,
        &mut Always::highest(),
        &[ms(128), ms(256), ms(512)],
    );
}

/// Polly cuts only after the jitter: the walk of the jitter goes on beyond `MaxDelay`.
#[test]
fn polly_spreads_a_constant_delay_by_a_quarter() {
    let two = Backoff::Constant(Dist::constant(ms(2_000)).unwrap());
    let polly = RetryConfig::new(4, two, Jitter::PlusMinus(0.25));
    check("bottom", &polly, &mut Always::lowest(), &[ms(1_500); 3]);
    check("top", &polly, &mut Always::highest(), &[ms(2_500); 3]);
}

#[test]
fn nginx_leaves_alone_what_was_sent_and_must_not_be_done_twice() {
    let nginx = RetryConfig {
        non_idempotent: NonIdempotent::Skip,
        ..RetryConfig::new(3, Backoff::None, Jitter::None)
    };
    let skips = |outcome, repeatable| nginx.skips(outcome, || repeatable);
    assert!(skips(Outcome::TimeoutResponse, false));
    assert!(skips(Outcome::ErrorInternal, false));
    assert!(skips(Outcome::RejectedQueueFull, false));
    assert!(!skips(Outcome::TimeoutResponse, true));
    assert!(!skips(Outcome::ErrorRefused, false), "nothing was sent");
    assert!(!skips(Outcome::TimeoutConnect, false), "nothing was sent");
    assert!(
        !skips(Outcome::StoppedBreakerOpen, false),
        "nothing was sent"
    );
    let others = RetryConfig {
        non_idempotent: NonIdempotent::Retry,
        ..nginx.clone()
    };
    assert!(!others.skips(Outcome::TimeoutResponse, || unreachable!("it does not ask")));
}

#[test]
fn a_first_delay_of_nothing_draws_nothing() {
    let config = RetryConfig {
        first_at_once: true,
        ..RetryConfig::new(3, exponential(ms(100), 2.0, ms(1_000)), Jitter::Full)
    };
    assert_eq!(
        config.delay(1, &mut BackoffMemory::default(), &mut Never),
        SimDuration::ZERO
    );
    let mut u = SplitMix(1);
    assert!(config.delay(2, &mut BackoffMemory::default(), &mut u) > SimDuration::ZERO);
}

/// botocore 1.44: 50 ms, 1 s after throttling, at most 20 s; one number for both.
#[test]
fn aws_waits_longer_after_throttling() {
    let aws = RetryConfig {
        after: Some(BackoffAfter {
            on: OutcomeSet::of(&[Outcome::RejectedRateLimited]),
            backoff: exponential(ms(1_000), 2.0, ms(20_000)),
        }),
        ..RetryConfig::new(12, exponential(ms(50), 2.0, ms(20_000)), Jitter::Full)
    };
    let (throttled, failed) = (Outcome::RejectedRateLimited, Outcome::ErrorUnavailable);
    for (retry, outcome, most) in [
        (1, failed, 50),
        (1, throttled, 1_000),
        (2, failed, 100),
        (3, throttled, 4_000),
        (5, throttled, 16_000),
        (6, throttled, 20_000),
        (6, failed, 1_600),
        (10, failed, 20_000),
    ] {
        let mut memory = BackoffMemory::default();
        let (delay, _) = aws.delay_and_why(outcome, retry, &mut memory, &mut Always::lowest());
        assert!(delay < ms(1), "{retry} {outcome:?}: {delay}");
        let (delay, _) = aws.delay_and_why(outcome, retry, &mut memory, &mut Always::highest());
        assert!(delay <= ms(most), "{retry} {outcome:?}: {delay}");
        assert!(delay + ms(1) > ms(most), "{retry} {outcome:?}: {delay}");
    }
    // 1, 2, 4, 8, 16 s and six times 20 s.
    assert_eq!(aws.longest_delays(None), ms(151_000));
}

#[test]
fn cockatiel_cuts_full_and_half_jitter_to_whole_milliseconds() {
    let config = |jitter| RetryConfig::new(4, exponential(ms(5), 2.0, ms(1_000)), jitter);
    // Of 5 ms, 10 ms and 20 ms.
    let draws = [0.199, 0.25, 0.999];
    let full = [0, 2, 19].map(ms);
    assert_eq!(config(Jitter::CockatielFull).schedule(&draws), full);
    let half = [2, 6, 19].map(ms);
    assert_eq!(config(Jitter::CockatielHalf).schedule(&draws), half);
}

#[test]
fn tenacity_adds_up_to_a_second_and_limits_the_sum() {
    // wait_exponential_jitter(multiplier=1, max=5, jitter=1, min=1.25)
    let config = RetryConfig {
        min_wait: ms(1_250),
        ..RetryConfig::new(
            6,
            exponential(ms(1_000), 2.0, ms(5_000)),
            Jitter::Plus(ms(1_000)),
        )
    };
    let draws = [0.125, 0.5, 0.75, 0.0, 1.0];
    let waits = [1_250, 2_500, 4_750, 5_000, 5_000].map(ms);
    assert_eq!(config.schedule(&draws), waits);
    let once = RetryConfig {
        max_attempts: 2,
        ..config
    };
    assert_eq!(once.longest_delays(None), ms(2_000));
    assert_eq!(once.schedule(&[0.5]), [ms(1_500)]);
}

//! Delays of every backoff and jitter, their ranges and means, and the decision to stop.

use super::*;
use crate::policy::Outcome;
use crate::policy::testing::{Always, Never, SplitMix};
use crate::random::Dist;
use crate::random::Uniforms;
use crate::time::SimDuration;
use proptest::prelude::*;

fn ms(ms: u64) -> SimDuration {
    SimDuration::from_millis(ms)
}

fn retry(backoff: Backoff, jitter: Jitter) -> RetryConfig {
    RetryConfig::new(4, backoff, jitter)
}

fn constant(span: SimDuration) -> Dist {
    Dist::constant(span).unwrap()
}

fn exponential(factor: f64) -> Backoff {
    Backoff::Exponential {
        initial: ms(100),
        factor,
        max: ms(1_000),
    }
}

fn linear() -> Backoff {
    Backoff::Linear {
        initial: ms(100),
        step: ms(50),
        max: ms(220),
    }
}

/// The first delays of one call.
fn delays<U: Uniforms>(config: &RetryConfig, u: &mut U, count: u32) -> Vec<SimDuration> {
    let mut memory = BackoffMemory::default();
    (1..=count)
        .map(|n| config.delay(n, &mut memory, u))
        .collect()
}

#[test]
fn delays_without_jitter_are_what_they_say() {
    let check = |title: &str, backoff, expected: [u64; 5]| {
        let config = retry(backoff, Jitter::None);
        let expected: Vec<_> = expected.into_iter().map(ms).collect();
        assert_eq!(delays(&config, &mut Never, 5), expected, "{title}");
    };
    let list = [10, 20, 40].map(|span| constant(ms(span))).to_vec();
    check("none", Backoff::None, [0; 5]);
    check("constant", Backoff::Constant(constant(ms(7))), [7; 5]);
    check("linear", linear(), [100, 150, 200, 220, 220]);
    check("doubling", exponential(2.0), [100, 200, 400, 800, 1_000]);
    let fibonacci = |max| Backoff::Fibonacci {
        initial: ms(10),
        max: ms(max),
    };
    check("fibonacci", fibonacci(1_000), [10, 10, 20, 30, 50]);
    check(
        "fibonacci to its limit",
        fibonacci(25),
        [10, 10, 20, 25, 25],
    );
    check("not growing", exponential(1.0), [100; 5]);
    check("tripling", exponential(3.0), [100, 300, 900, 1_000, 1_000]);
    check(
        "a list whose last repeats",
        Backoff::List(list),
        [10, 20, 40, 40, 40],
    );
    check("an empty list", Backoff::List(Vec::new()), [0; 5]);
}

#[test]
fn no_retry_is_too_late_to_have_a_delay() {
    let first = |backoff| {
        retry(backoff, Jitter::None).delay(u32::MAX, &mut BackoffMemory::default(), &mut Never)
    };
    assert_eq!(first(exponential(2.0)), ms(1_000));
    assert_eq!(first(linear()), ms(220));
    let at_once = Backoff::Exponential {
        initial: SimDuration::ZERO,
        factor: 2.0,
        max: ms(1_000),
    };
    assert_eq!(first(at_once), SimDuration::ZERO);
}

/// The second delay of 200 ms, spread with the lowest, middle and highest number.
#[test]
fn jitters_spread_over_their_range() {
    let check = |title: &str, jitter, expected: [u64; 3]| {
        let config = retry(exponential(2.0), jitter);
        let sources = [Always::lowest(), Always::middle(), Always::highest()];
        for (mut u, expected) in sources.into_iter().zip(expected) {
            let mut memory = BackoffMemory::default();
            let delay = config.delay(2, &mut memory, &mut u);
            let off = delay.as_ns().abs_diff(ms(expected).as_ns());
            assert!(off <= 1, "{title}: {delay} in the place of {expected}ms");
            assert_eq!(u.draws, 1, "{title}");
        }
    };
    check("full", Jitter::Full, [0, 100, 200]);
    check("equal", Jitter::Equal, [100, 150, 200]);
    check(
        "plus or minus half",
        Jitter::PlusMinus(0.5),
        [100, 200, 300],
    );
    check("more than all", Jitter::PlusMinus(2.0), [0, 200, 600]);
    check("a quarter more", Jitter::Additive(0.25), [200, 225, 250]);
    check(
        "jitter ends at the maximum",
        Jitter::Additive(9.0),
        [200, 1_000, 1_000],
    );
    check(
        "decorrelated from the initial delay",
        Jitter::Decorrelated,
        [100, 200, 300],
    );
}

#[test]
fn decorrelated_delays_walk_from_the_previous_one() {
    let config = retry(exponential(2.0), Jitter::Decorrelated);
    let lowest: Vec<_> = delays(&config, &mut Always::lowest(), 3);
    assert_eq!(lowest, [ms(100); 3]);
    let highest = delays(&config, &mut Always::highest(), 4);
    assert_eq!(highest, [ms(300), ms(900), ms(1_000), ms(1_000)]);
}

/// Values of the formula in `RetryHelper.cs` for a base of 100 ms and the middle of each range,
/// worked out with another program.
#[test]
fn polly_v2_agrees_with_its_formula() {
    let unlimited = Backoff::Exponential {
        initial: ms(100),
        factor: 7.0,
        max: SimDuration::MAX,
    };
    let config = retry(unlimited, Jitter::PollyV2);
    let middle = delays(&config, &mut Always::middle(), 4);
    for (delay, expected_ns) in middle.into_iter().zip(POLLY_AT_HALF_NS) {
        assert!(delay.as_ns().abs_diff(expected_ns) <= 1, "{delay}");
    }
}

const POLLY_AT_HALF_NS: [u64; 4] = [89_740_494, 109_300_355, 203_574_796, 404_597_942];

#[test]
fn polly_v2_never_exceeds_its_maximum() {
    let config = retry(exponential(2.0), Jitter::PollyV2);
    let far = delays(&config, &mut SplitMix(1), 40);
    assert!(far.iter().all(|delay| *delay <= ms(1_000)));
    assert_eq!(far[30], ms(1_000));
    let mut memory = BackoffMemory::default();
    let farther = (1..2_000).map(|n| config.delay(n, &mut memory, &mut SplitMix(1)));
    assert_eq!(farther.last(), Some(ms(1_000)));
}

#[test]
fn a_drawn_delay_is_drawn_anew_each_time() {
    let config = retry(
        Backoff::Constant(Dist::uniform(SimDuration::ZERO, ms(10)).unwrap()),
        Jitter::None,
    );
    let drawn = delays(&config, &mut SplitMix(3), 3);
    assert!(drawn[0] != drawn[1] && drawn[1] != drawn[2]);
    let mut u = Always::middle();
    let spread = RetryConfig {
        jitter: Jitter::Full,
        ..config
    };
    spread.delay(1, &mut BackoffMemory::default(), &mut u);
    assert_eq!(u.draws, 2, "one for the distribution, one for the jitter");
}

#[test]
fn means_are_the_middle_of_their_ranges() {
    let check = |title: &str, jitter, mean_ms: f64, width_ms: f64| {
        let config = retry(exponential(2.0), jitter);
        let mut u = SplitMix(42);
        let count = 20_000_u32;
        let sum: f64 = (0..count)
            .map(|_| config.delay(2, &mut BackoffMemory::default(), &mut u))
            .map(|delay| delay.as_ns_f64() / 1e6)
            .sum();
        let mean = sum / f64::from(count);
        // Four standard errors of the mean of uniform numbers of this width.
        let tolerance = 4.0 * width_ms / (12.0 * f64::from(count)).sqrt();
        assert!((mean - mean_ms).abs() < tolerance, "{title}: {mean}");
    };
    check("full", Jitter::Full, 100.0, 200.0);
    check("equal", Jitter::Equal, 150.0, 100.0);
    check("plus or minus half", Jitter::PlusMinus(0.5), 200.0, 200.0);
    check("a quarter more", Jitter::Additive(0.25), 225.0, 50.0);
    check("decorrelated", Jitter::Decorrelated, 200.0, 200.0);
}

#[test]
fn rule_9_a_retry_says_why_it_stops() {
    let config = RetryConfig {
        max_elapsed: ms(500),
        ..retry(Backoff::None, Jitter::None)
    };
    let just_before = ms(500).saturating_sub(SimDuration::from_ns(1));
    let check = |title: &str, outcome, passes, elapsed, expected: Option<RetryStop>| {
        let expected = expected.map_or(RetryDecision::Again, RetryDecision::Stop);
        assert_eq!(config.decide(outcome, passes, elapsed), expected, "{title}");
    };
    let failed = Outcome::TimeoutResponse;
    let used_up = Some(RetryStop::AttemptsUsedUp);
    let not_retryable = Some(RetryStop::NotRetryable);
    let too_long = Some(RetryStop::ElapsedTooLong);
    check("a first failure", failed, 1, ms(0), None);
    check("the last pass but one", failed, 3, ms(0), None);
    check("the last pass", failed, 4, ms(0), used_up);
    check("one instant before too long", failed, 1, just_before, None);
    check("just too long", failed, 1, ms(500), too_long);
    check(
        "stopped by a breaker",
        Outcome::StoppedBreakerOpen,
        1,
        ms(0),
        not_retryable,
    );
    check("cancelled", Outcome::Cancelled, 1, ms(0), not_retryable);
    check("a success", Outcome::Ok, 1, ms(0), not_retryable);
    check(
        "the outcome is the first reason",
        Outcome::ErrorInvalid,
        4,
        ms(900),
        not_retryable,
    );
    check("the passes are the second", failed, 4, ms(900), used_up);
}

#[test]
fn rule_38_the_longest_delays_add_up() {
    let check = |title: &str, backoff, jitter, attempts, expected_ms: u64| {
        let config = RetryConfig {
            max_attempts: attempts,
            ..retry(backoff, jitter)
        };
        assert_eq!(config.longest_delays(None), ms(expected_ms), "{title}");
    };
    check("no retry", exponential(2.0), Jitter::Full, 1, 0);
    check("no passes at all", exponential(2.0), Jitter::Full, 0, 0);
    check("no backoff", Backoff::None, Jitter::Full, 9, 0);
    check("three retries", exponential(2.0), Jitter::Full, 4, 700);
    check(
        "half more",
        exponential(2.0),
        Jitter::PlusMinus(0.5),
        4,
        1_050,
    );
    check(
        "at most the maximum",
        exponential(2.0),
        Jitter::Additive(1.0),
        5,
        2_400,
    );
    check("tripling", exponential(2.0), Jitter::Decorrelated, 4, 2_200);
    check(
        "past the thousandth",
        exponential(2.0),
        Jitter::Full,
        1_001_001,
        1_000_997_500,
    );
    let uniform = Dist::uniform(SimDuration::ZERO, ms(10)).unwrap();
    check(
        "a drawn delay with a limit",
        Backoff::Constant(uniform),
        Jitter::None,
        3,
        20,
    );
    let unbounded = Dist::exponential(ms(10)).unwrap();
    check(
        "a drawn delay without",
        Backoff::Constant(unbounded),
        Jitter::None,
        3,
        200,
    );
}

#[test]
fn unlimited_delays_saturate() {
    let endless = Backoff::Exponential {
        initial: ms(1),
        factor: 2.0,
        max: SimDuration::MAX,
    };
    for jitter in [Jitter::None, Jitter::Decorrelated, Jitter::PollyV2] {
        let config = RetryConfig {
            max_attempts: u32::MAX,
            ..retry(endless.clone(), jitter)
        };
        assert_eq!(config.longest_delays(None), SimDuration::MAX, "{jitter:?}");
    }
}

#[test]
fn the_memory_is_small() {
    assert!(size_of::<BackoffMemory>() <= 8);
}

fn jitters() -> impl Strategy<Value = Jitter> {
    prop_oneof![
        Just(Jitter::None),
        Just(Jitter::Full),
        Just(Jitter::Equal),
        (0.0..3.0).prop_map(Jitter::PlusMinus),
        (0.0..3.0).prop_map(Jitter::Additive),
        Just(Jitter::Decorrelated),
        Just(Jitter::PollyV2),
    ]
}

fn backoffs() -> impl Strategy<Value = Backoff> {
    let spans = (0_u64..1_000, 0_u64..1_000, 0_u64..5_000);
    prop_oneof![
        Just(Backoff::None),
        (0_u64..100).prop_map(|span| Backoff::Constant(constant(ms(span)))),
        spans
            .clone()
            .prop_map(|(initial, step, max)| Backoff::Linear {
                initial: ms(initial),
                step: ms(step),
                max: ms(max.max(initial)),
            }),
        (0_u64..1_000, 0_u64..5_000).prop_map(|(initial, max)| Backoff::Fibonacci {
            initial: ms(initial),
            max: ms(max.max(initial)),
        }),
        (spans, 1.0..4.0).prop_map(|((initial, _, max), factor)| Backoff::Exponential {
            initial: ms(initial),
            factor,
            max: ms(max.max(initial)),
        }),
    ]
}

proptest! {
    #[test]
    fn delays_stay_within_their_bounds(
        backoff in backoffs(),
        jitter in jitters(),
        seed: u64,
        attempts in 1_u32..12,
        cap in prop_oneof![Just(Cap::Both), Just(Cap::BeforeJitter), Just(Cap::AfterJitter)],
        grain in prop_oneof![Just(Grain::Exact), Just(Grain::Milliseconds)],
        first_at_once: bool,
    ) {
        let config = RetryConfig {
            max_attempts: attempts,
            cap,
            grain,
            first_at_once,
            ..retry(backoff, jitter)
        };
        let delays = delays(&config, &mut SplitMix(seed), attempts - 1);
        let whole = |delay: &SimDuration| delay.as_ns().is_multiple_of(1_000_000);
        prop_assert!(grain == Grain::Exact || delays.iter().all(whole));
        prop_assert!(!first_at_once || delays.first().is_none_or(|delay| delay.is_zero()));
        if cap == Cap::BeforeJitter {
            // The jitter may exceed it.
        } else if let Backoff::Linear { max, .. }
        | Backoff::Exponential { max, .. }
        | Backoff::Fibonacci { max, .. } = config.backoff {
            prop_assert!(delays.iter().all(|delay| *delay <= max));
        }
        let sum = delays.iter().fold(SimDuration::ZERO, |sum, delay| sum + *delay);
        // One nanosecond of rounding for each delay.
        let bound = config.longest_delays(None) + SimDuration::from_ns(u64::from(attempts));
        prop_assert!(sum <= bound, "{} > {}", sum, bound);
    }
}

//! Sequences of limits: (what ends, with how many inside; the limit after it).

mod sequences;

use super::*;
use crate::policy::OutcomeSet;
use crate::random::SiteKey;

fn ms(ms: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_millis(ms)
}

fn config(rule: LimitRule, (initial, min, max): (u32, u32, u32)) -> ConcurrencyLimitConfig {
    let timeouts = OutcomeSet::named("timeout").unwrap();
    ConcurrencyLimitConfig {
        rule,
        initial,
        min,
        max,
        drops: timeouts.union(OutcomeSet::named("rejected").unwrap()),
        window: None,
    }
}

fn aimd(bounds: (u32, u32, u32)) -> ConcurrencyLimitConfig {
    let rule = LimitRule::Aimd {
        backoff_ratio: 0.9,
        timeout: SimDuration::from_secs(5),
    };
    config(rule, bounds)
}

fn vegas(bounds: (u32, u32, u32)) -> ConcurrencyLimitConfig {
    let rule = LimitRule::Vegas {
        smoothing: 1.0,
        probe_multiplier: 30.0,
    };
    config(rule, bounds)
}

fn gradient2() -> ConcurrencyLimitConfig {
    let rule = LimitRule::Gradient2 {
        queue: 4.0,
        tolerance: 1.5,
        smoothing: 0.2,
        long_window: 600,
    };
    config(rule, (20, 20, 200))
}

fn envoy() -> ConcurrencyLimitConfig {
    let rule = LimitRule::Gradient {
        update_every: SimDuration::from_millis(100),
        percentile: 0.5,
        measure_every: SimDuration::from_secs(60),
        jitter: 0.0,
        measure_samples: 5,
        buffer: 0.25,
    };
    config(rule, (3, 3, 1000))
}

/// One pass inside `latency` ms, ending at `now`, with so many inside at its entry.
fn ends(
    limit: &mut ConcurrencyLimit,
    config: &ConcurrencyLimitConfig,
    now: SimTime,
    (latency, inside, outcome): (u64, u32, Outcome),
) -> u32 {
    limit.in_use += 1;
    let left = Left {
        outcome,
        entered: SimTime::from_ns(now.as_ns() - latency * 1_000_000),
        inside,
        own: SiteKey(7),
    };
    limit.leave(config, now, left);
    limit.limit().unwrap()
}

#[test]
fn rule_57_aimd_grows_by_one_and_keeps_nine_tenths() {
    use Outcome::{Cancelled, ErrorInternal, Ok, RejectedShed, TimeoutResponse};
    let config = aimd((20, 10, 22));
    let mut limit = ConcurrencyLimit::new(&config, SimTime::ZERO);
    for (n, (end, expected)) in [
        ((10, 10, Ok), 21),
        // 10 · 2 < 21: hardly used.
        ((10, 10, Ok), 21),
        ((10, 11, Ok), 22),
        ((10, 22, Ok), 22),
        // ⌊22 · 0.9⌋ = 19, ⌊19 · 0.9⌋ = 17.
        ((10, 1, TimeoutResponse), 19),
        ((10, 1, RejectedShed), 17),
        // Neither useful nor a drop: no sample.
        ((10, 17, ErrorInternal), 17),
        ((10, 17, Cancelled), 17),
        // Exactly 5 s is none, a millisecond more is.
        ((5_000, 17, Ok), 18),
        ((5_001, 18, Ok), 16),
        ((10, 1, TimeoutResponse), 14),
        ((10, 1, TimeoutResponse), 12),
        ((10, 1, TimeoutResponse), 10),
        ((10, 1, TimeoutResponse), 10),
    ]
    .into_iter()
    .enumerate()
    {
        let now = ms(10_000 + n as u64);
        assert_eq!(ends(&mut limit, &config, now, end), expected, "{n}");
    }
}

#[test]
fn rule_57_vegas_estimates_how_many_wait() {
    use Outcome::{Ok, TimeoutResponse};
    let config = vegas((20, 1, 1000));
    let mut limit = ConcurrencyLimit::new(&config, SimTime::ZERO);
    for (n, (end, expected)) in [
        // The first sample is the lowest latency.
        ((100, 20, Ok), 20),
        // Queue ⌈20 · (1 - 1)⌉ = 0 ≤ 1: + 6.
        ((100, 20, Ok), 26),
        // Hardly used.
        ((100, 12, Ok), 26),
        // ⌈26 · (1 - 100/107)⌉ = 2 < 3: + 1.
        ((107, 26, Ok), 27),
        // ⌈27 · (1 - 100/115)⌉ = 4, from 3 to 6: it stays.
        ((115, 27, Ok), 27),
        // ⌈27 · (1 - 100/130)⌉ = 7 > 6: - 1.
        ((130, 27, Ok), 26),
        // A drop: - 1, however many are inside.
        ((100, 1, TimeoutResponse), 25),
        // A new lowest latency alone changes nothing.
        ((90, 25, Ok), 25),
    ]
    .into_iter()
    .enumerate()
    {
        let now = ms(1_000 + n as u64);
        assert_eq!(ends(&mut limit, &config, now, end), expected, "{n}");
    }
    // From 100 on steps are of 2, so growth is by 12.
    let config = vegas((100, 1, 1000));
    let mut limit = ConcurrencyLimit::new(&config, SimTime::ZERO);
    ends(&mut limit, &config, ms(500), (100, 100, Ok));
    assert_eq!(ends(&mut limit, &config, ms(501), (100, 100, Ok)), 112);
    assert_eq!(
        ends(&mut limit, &config, ms(502), (100, 1, TimeoutResponse)),
        110
    );
}

#[test]
fn vegas_forgets_the_lowest_latency_after_some_samples() {
    let config = vegas((10, 10, 10));
    let mut limit = ConcurrencyLimit::new(&config, SimTime::ZERO);
    let mut probed = Vec::new();
    for n in 1..1_000_u64 {
        ends(&mut limit, &config, ms(10_000 + n), (100, 10, Outcome::Ok));
        let Learned::Vegas(vegas) = &limit.learned else {
            panic!("it is Vegas")
        };
        if vegas.since_probe() == 0 {
            probed.push(n);
        }
    }
    let gaps = probed.windows(2).map(|pair| pair[1] - pair[0]);
    // 30 · 10 · U(0.5, 1).
    assert!(
        gaps.clone().all(|gap| (150..=300).contains(&gap)),
        "{probed:?}"
    );
    assert!(gaps.clone().max() > gaps.min(), "{probed:?}");
}

#[test]
fn rule_57_gradient2_grows_by_eight_tenths_a_window() {
    let config = ConcurrencyLimitConfig {
        window: Some(SampleWindow {
            length: SimDuration::from_secs(1),
            min_samples: 10,
            min_latency: SimDuration::from_micros(100),
        }),
        ..gradient2()
    };
    let mut limit = ConcurrencyLimit::new(&config, SimTime::ZERO);
    // The first sample closes an empty window, with too few in it; from then on each second.
    let mut seen = vec![];
    for tenth in 1..=62_u64 {
        let told = ends(&mut limit, &config, ms(tenth * 100), (50, 20, Outcome::Ok));
        if seen.last() != Some(&(tenth, told)) && seen.last().is_none_or(|&(_, it)| it != told) {
            seen.push((tenth, told));
        }
    }
    // 20.8, 21.6, 22.4, 23.2, 24: a window closes with the first sample after its second.
    assert_eq!(seen, [(1, 20), (23, 21), (34, 22), (45, 23), (56, 24)]);
}

#[test]
fn gradient2_shrinks_by_how_much_longer_it_takes_and_not_by_drops() {
    let config = gradient2();
    let mut limit = ConcurrencyLimit::new(&config, SimTime::ZERO);
    for n in 0..10 {
        ends(&mut limit, &config, ms(1_000 + n), (100, 200, Outcome::Ok));
    }
    // 20 + 10 · 0.8
    assert!((limit.estimate - 28.0).abs() < 1e-9);
    // A drop is a sample like others.
    ends(
        &mut limit,
        &config,
        ms(2_000),
        (100, 200, Outcome::TimeoutResponse),
    );
    assert!((limit.estimate - 28.8).abs() < 1e-9);
    // Long: 100 · (1 - 2/601) + 400 · 2/601; the gradient is at its lowest, ½.
    ends(&mut limit, &config, ms(3_000), (400, 200, Outcome::Ok));
    let expected = 28.8 * 0.8 + (28.8 * 0.5 + 4.0) * 0.2;
    assert!(
        (limit.estimate - expected).abs() < 1e-9,
        "{}",
        limit.estimate
    );
    // Hardly used: it stays.
    assert_eq!(
        ends(&mut limit, &config, ms(3_001), (100, 1, Outcome::Ok)),
        expected as u32
    );
}

#[test]
fn gradient2_takes_a_constant_timeout_for_normal() {
    let config = gradient2();
    let mut limit = ConcurrencyLimit::new(&config, SimTime::ZERO);
    for n in 0..300 {
        ends(
            &mut limit,
            &config,
            ms(5_000 + n),
            (1_000, 200, Outcome::TimeoutResponse),
        );
    }
    assert_eq!(limit.limit(), Some(200));
}

#[test]
fn rule_57_envoy_measures_with_few_inside_and_then_grows() {
    let config = envoy();
    let mut limit = ConcurrencyLimit::new(&config, SimTime::ZERO);
    assert_eq!(limit.limit(), Some(3));
    // Five samples end the measurement at 50 ms; the limit goes back to what it was, the lowest.
    for n in 0..5 {
        assert_eq!(
            ends(&mut limit, &config, ms(46 + n), (20, 3, Outcome::Ok)),
            3
        );
    }
    // The next tick is at 150 ms. A sample at that instant comes before it.
    assert_eq!(ends(&mut limit, &config, ms(150), (20, 3, Outcome::Ok)), 3);
    // 3 · 1.25 = 3.75, and √3.75 = 1.94 more: 5.
    assert_eq!(
        limit.enter(&config, ms(150), Visit::of(1)),
        GuardAnswer::Admitted
    );
    assert_eq!(limit.limit(), Some(5));
    // Twice as long: 5 · 1.25/2 = 3.125, + 1.77: 4. What is told later is worked out at 250 ms.
    ends(&mut limit, &config, ms(240), (40, 3, Outcome::Ok));
    assert_eq!(ends(&mut limit, &config, ms(251), (40, 3, Outcome::Ok)), 4);
}

#[test]
fn envoy_measures_anew_after_its_interval_and_after_five_times_the_lowest() {
    let config = envoy();
    let mut limit = ConcurrencyLimit::new(&config, SimTime::ZERO);
    for n in 0..5 {
        ends(&mut limit, &config, ms(46 + n), (20, 3, Outcome::Ok));
    }
    // Grows while latency stays; at 60.05 s it is to be measured again.
    for tick in 0..100 {
        ends(
            &mut limit,
            &config,
            ms(140 + tick * 100),
            (20, 3, Outcome::Ok),
        );
    }
    assert!(limit.limit() > Some(20));
    let _ = limit.enter(&config, ms(60_049), Visit::of(0));
    assert!(limit.limit() > Some(20));
    let _ = limit.enter(&config, ms(60_050), Visit::of(0));
    assert_eq!(limit.limit(), Some(3));
    // Who came before is no sample.
    for n in 0..9 {
        assert_eq!(
            ends(&mut limit, &config, ms(60_060 + n), (20, 3, Outcome::Ok)),
            3
        );
    }
    for n in 0..5 {
        ends(&mut limit, &config, ms(60_080 + n), (20, 3, Outcome::Ok));
    }
    assert!(limit.limit() > Some(20));
    // Ten times as long: it falls to the lowest, and after five ticks there it is measured anew.
    let mut lowest = 0;
    let began = (0..30).find(|tick| {
        let now = ms(60_190 + tick * 100);
        lowest += u32::from(ends(&mut limit, &config, now, (200, 3, Outcome::Ok)) == 3);
        let Learned::Gradient(controller) = &limit.learned else {
            panic!("it is Envoy's")
        };
        controller.is_measuring()
    });
    // It came there once, and stayed five times.
    assert!(began.is_some_and(|tick| tick > 5), "{began:?}");
    assert!((6..=7).contains(&lowest), "{lowest}");
}

#[test]
fn who_is_told_the_time_admits_whom_it_lets_in() {
    // At 60.05 s the limit falls to three, while four are inside.
    let config = envoy();
    let mut limit = ConcurrencyLimit::new(&config, SimTime::ZERO);
    for n in 0..5 {
        ends(&mut limit, &config, ms(46 + n), (20, 3, Outcome::Ok));
    }
    for tick in 0..100 {
        let now = ms(140 + tick * 100);
        ends(&mut limit, &config, now, (20, 3, Outcome::Ok));
    }
    for who in 0..4 {
        let entry = limit.enter(&config, ms(60_049), Visit::of(who));
        assert_eq!(entry, GuardAnswer::Admitted);
    }
    assert!(
        limit.admits(&config, ms(60_050)),
        "nobody has told it the time"
    );
    limit.advance(&config, ms(60_050));
    assert!(!limit.admits(&config, ms(60_050)));
    let full = GuardAnswer::Stopped(Outcome::StoppedBulkheadFull);
    assert_eq!(limit.enter(&config, ms(60_050), Visit::of(4)), full);
}

#[test]
fn a_limit_lets_in_so_many_and_no_more() {
    let config = aimd((2, 1, 10));
    let mut limit = ConcurrencyLimit::new(&config, SimTime::ZERO);
    let full = GuardAnswer::Stopped(Outcome::StoppedBulkheadFull);
    let told: Vec<_> = (0..3)
        .map(|who| limit.enter(&config, SimTime::ZERO, Visit::of(who)))
        .collect();
    assert_eq!(told, [GuardAnswer::Admitted, GuardAnswer::Admitted, full]);
    // A drop makes it 1: who is inside stays, and nobody comes in until there is room.
    let dropped = Left {
        entered: SimTime::ZERO,
        inside: 2,
        ..Left::with(Outcome::TimeoutResponse)
    };
    limit.leave(&config, ms(1), dropped);
    assert_eq!((limit.limit(), limit.held()), (Some(1), (1, 0)));
    assert_eq!(limit.enter(&config, ms(1), Visit::of(3)), full);
}

#[test]
#[should_panic(expected = "came back twice")]
fn rule_6_a_permit_of_a_limit_comes_back_once() {
    let config = aimd((2, 1, 10));
    ConcurrencyLimit::new(&config, SimTime::ZERO).leave(&config, ms(1), Left::UNKNOWN);
}

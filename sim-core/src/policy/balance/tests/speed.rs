//! How long a choice takes. A measurement, not a test:
//!
//! `cargo test --release -p sim-core --lib balance::tests::speed -- --ignored --nocapture`
//!
//! The least of many short rounds, so that other work on the machine does not count.

use super::*;
use crate::random::SiteKey;
use crate::time::SimTime;

const ROUNDS: u32 = 40;
const CHOICES: u32 = 5_000;
/// Attempts that are out at any moment \[count\]: half of the instances have one.
const OUT: usize = 500;

#[test]
#[ignore = "a measurement"]
fn a_choice_among_a_thousand() {
    let ring = |bounded| RingConfig {
        points: 160,
        key: BalanceKey::Call,
        bounded,
    };
    let ewma = PeakEwma {
        decay: crate::time::SimDuration::from_secs(10),
        initial: Some(crate::time::SimDuration::from_millis(30)),
        choices: 2,
    };
    for way in [
        BalanceWay::RoundRobin,
        BalanceWay::Random,
        BalanceWay::Smooth,
        BalanceWay::Stride,
        BalanceWay::WeightedLeast(LeastRule::Deadlines {
            bias: 1.0,
            choices: 2,
        }),
        BalanceWay::WeightedLeast(LeastRule::PerWeight),
        BalanceWay::WeightedLeast(LeastRule::WithNext),
        BalanceWay::PeakEwma(ewma),
        BalanceWay::Ring(ring(None)),
        BalanceWay::Ring(ring(Some(125))),
    ] {
        for (words, most) in [("ten weights", 10), ("a thousand weights", 1_000)] {
            for (others, left_out) in [
                ("", Out::Nobody),
                (", two known not to be allowed", Out::Known),
                (", each asked, two not allowed", Out::Two),
                (", each asked, half not allowed", Out::Half),
                (", ramps", Out::Ramps),
            ] {
                let least = least_ns(way, most, left_out);
                println!("{least:>6} ns {way:?}, {words}{others}");
            }
        }
    }
}

/// Who is not allowed, or has not all its weight.
#[derive(Clone, Copy, PartialEq)]
enum Out {
    Nobody,
    Known,
    Two,
    Half,
    Ramps,
}

/// The time of a choice with its attempt's start and end, weights being 1 to `most` \[ns\].
#[expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a measurement"
)]
fn least_ns(way: BalanceWay, most: u32, left_out: Out) -> u128 {
    let slots: Vec<u32> = (0..1_000).collect();
    let weights: Vec<u32> = slots.iter().map(|slot| 1 + slot * 7 % most).collect();
    let config = BalanceConfig {
        weights: Weights::new(&weights),
        slow_start: (left_out == Out::Ramps).then_some(SlowStart {
            time: crate::time::SimDuration::from_secs(1_000),
            aggression: 1.0,
            from: 0.1,
            begins: Begins {
                join: true,
                check_passed: true,
            },
        }),
        ..BalanceConfig::of(way)
    };
    let points = way
        .ring()
        .filter(|_| most <= 10)
        .map(|ring| Ring::new(ring, &config.weights, 1_000, SiteKey(1)));
    if way.ring().is_some() && points.is_none() {
        return 0;
    }
    let joined: &[SimTime] = match left_out {
        Out::Ramps => &[SimTime::from_ns(1); 9],
        Out::Nobody | Out::Known | Out::Two | Out::Half => &[],
    };
    let mut balancer = Balancer::new();
    let mut u = SplitMix(1);
    let mut out = std::collections::VecDeque::new();
    let round = |number: u32| {
        let began = std::time::Instant::now();
        for call in 0..CHOICES {
            let now = SimTime::from_ns(2 + u64::from(number * CHOICES + call) * 1_000);
            let rotation = Rotation {
                slots: &slots,
                version: 0,
                joined,
                passed: &[],
                now,
            };
            let but = [call % 1_000, call * 7 % 1_000];
            let allowed = |slot: u32| match left_out {
                Out::Nobody | Out::Ramps => true,
                Out::Known | Out::Two => !but.contains(&slot),
                Out::Half => slot % 2 == call % 2,
            };
            let asker = Asker {
                // Keys that come again would find their part of a ring in a cache.
                key: u64::from(number * CHOICES + call),
                takes_any: matches!(left_out, Out::Nobody | Out::Known | Out::Ramps),
                but: if left_out == Out::Known { &but } else { &[] },
                ring: points.as_ref(),
                ..Asker::default()
            };
            let chosen = balancer.choose_by_more(&config, rotation, asker, allowed, &mut u);
            let chosen = chosen.unwrap();
            balancer.on_sent(chosen);
            out.push_back((chosen, now));
            if out.len() > OUT {
                let (ended, sent_at) = out.pop_front().unwrap();
                balancer.on_ended(ended, now, sent_at);
            }
        }
        began.elapsed().as_nanos() / u128::from(CHOICES)
    };
    (0..ROUNDS).map(round).min().unwrap_or(0)
}

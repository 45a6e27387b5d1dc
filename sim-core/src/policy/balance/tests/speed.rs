//! How long a choice takes. A measurement, not a test:
//!
//! `cargo test --release -p sim-core --lib balance::tests::speed -- --ignored --nocapture`

use super::*;
use crate::random::SiteKey;
use crate::time::SimTime;

#[test]
#[ignore = "a measurement"]
#[expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a measurement"
)]
fn a_choice_among_a_thousand() {
    const CHOICES: u32 = 1_000_000;
    let slots: Vec<u32> = (0..1_000).collect();
    let weights: Vec<u32> = slots.iter().map(|slot| 1 + slot % 10).collect();
    let deadlines = LeastRule::Deadlines {
        bias: 1.0,
        choices: 2,
    };
    let ring = RingConfig {
        points: 160,
        key: BalanceKey::Call,
        bounded: None,
    };
    for way in [
        BalanceWay::RoundRobin,
        BalanceWay::Random,
        BalanceWay::Smooth,
        BalanceWay::Stride,
        BalanceWay::WeightedLeast(deadlines),
        BalanceWay::Ring(ring),
    ] {
        let config = BalanceConfig {
            weights: Weights::new(&weights),
            ..BalanceConfig::of(way)
        };
        let points = Ring::new(&ring, &config.weights, 1_000, SiteKey(1));
        let mut balancer = Balancer::new();
        let mut u = SplitMix(1);
        let began = std::time::Instant::now();
        let mut sum = 0_u64;
        for call in 0..CHOICES {
            let rotation = Rotation {
                slots: &slots,
                version: 0,
                joined: &[],
                passed: &[],
                now: SimTime::ZERO,
            };
            let asker = Asker {
                key: call.into(),
                takes_any: true,
                ring: Some(&points),
                ..Asker::default()
            };
            let chosen = balancer.choose_by_more(&config, rotation, asker, |_| true, &mut u);
            sum += u64::from(chosen.unwrap());
        }
        let ns = began.elapsed().as_nanos() / u128::from(CHOICES);
        println!("{ns:>5} ns {way:?} ({sum})");
    }
}

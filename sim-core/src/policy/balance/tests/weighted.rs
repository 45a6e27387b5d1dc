//! Turns by weight, to the pick; weights of the least loaded; ramps.

use super::*;
use crate::time::SimDuration;

const ENVOY: LeastRule = LeastRule::Deadlines {
    bias: 1.0,
    choices: 2,
};
const BY_WEIGHT: [BalanceWay; 7] = [
    BalanceWay::RoundRobin,
    BalanceWay::Random,
    BalanceWay::Smooth,
    BalanceWay::Stride,
    BalanceWay::WeightedLeast(ENVOY),
    BalanceWay::WeightedLeast(LeastRule::PerWeight),
    BalanceWay::WeightedLeast(LeastRule::WithNext),
];

/// Draws that are all low, but none so low that it is drawn again: whatever starts anywhere starts at the first.
struct Lowest;

impl Uniforms for Lowest {
    fn next_u64(&mut self) -> u64 {
        1 << 20
    }
}

fn weighing(way: BalanceWay, weights: &[u32]) -> BalanceConfig {
    BalanceConfig {
        weights: Weights::new(weights),
        ..BalanceConfig::of(way)
    }
}

/// So many choices, as letters.
fn turns(
    config: &BalanceConfig,
    instances: usize,
    count: usize,
    allowed: impl Fn(u32) -> bool,
) -> String {
    let slots: Vec<u32> = (0..instances as u32).collect();
    let mut balancer = Balancer::new();
    let choose = |_| {
        let chosen = balancer.choose_by_more(
            config,
            rotation(&slots, 0),
            Asker::default(),
            &allowed,
            &mut Lowest,
        );
        char::from(b'a' + chosen.unwrap() as u8)
    };
    (0..count).map(choose).collect()
}

fn check_turns(way: BalanceWay, weights: &[u32], expected: &str) {
    let config = weighing(way, weights);
    let expected = expected.replace(' ', "");
    assert_eq!(
        turns(&config, weights.len(), expected.len(), |_| true),
        expected,
        "{way:?} {weights:?}"
    );
}

#[test]
fn smooth_turns_are_those_of_nginx() {
    let check = |weights: &[u32], expected| check_turns(BalanceWay::Smooth, weights, expected);
    check(&[5, 1, 1], "aabacaa aabacaa");
    check(&[1, 1, 1], "abc abc");
    check(&[3, 3, 3], "abc abc");
    check(&[4, 2, 1], "abacaba abacaba");
    check(&[1, 2, 3], "cbacbc cbacbc");
    check(&[1, 5], "bbabbb bbabbb");
    check(&[3, 2], "ababa ababa");
    check(&[7, 1, 1, 1], "aabaacadaa aabaacadaa");
}

#[test]
fn smooth_turns_are_the_same_whether_some_are_left_out_or_not() {
    let weights: Vec<u32> = (0..70).map(|slot| 1 + slot * slot % 13).collect();
    let config = weighing(BalanceWay::Smooth, &weights);
    let slots: Vec<u32> = (0..70).collect();
    let (mut fast, mut slow) = (Balancer::new(), Balancer::new());
    for number in 0..3_000 {
        // Now and then one is left out, and now and then the rotation is smaller.
        let barred = if number % 7 == 3 { number % 70 } else { 99 };
        let count = if number / 500 % 2 == 1 { 50 } else { 70 };
        let of = rotation(&slots[..count], number / 500);
        let allowed = |slot| slot != barred;
        let asker = Asker {
            takes_any: barred == 99,
            ..Asker::default()
        };
        let chosen = fast.choose_by_more(&config, of, asker, allowed, &mut Never);
        let other = slow.choose_by_more(&config, of, Asker::default(), allowed, &mut Never);
        assert_eq!(chosen, other, "{number}");
    }
}

#[test]
fn a_thousand_take_smooth_turns_as_in_nginx() {
    let slots: Vec<u32> = (0..1_000).collect();
    for most in [1, 3, 10, 1_000, 65_535] {
        let weights: Vec<u32> = slots.iter().map(|slot| 1 + slot * 7_919 % most).collect();
        let config = weighing(BalanceWay::Smooth, &weights);
        let (mut balancer, mut nginx) = (Balancer::new(), Nginx::default());
        let asker = Asker {
            takes_any: true,
            ..Asker::default()
        };
        for turn in 0..6_000 {
            let of = rotation(&slots, 0);
            let chosen = balancer.choose_by_more(&config, of, asker, |_| true, &mut Never);
            let among = slots.iter().zip(&weights);
            let expected = nginx.next(among.map(|(&slot, &weight)| (slot, weight.into())));
            assert_eq!(chosen, expected, "{most} {turn}");
        }
    }
}

#[test]
fn a_smooth_turn_leaves_out_who_is_not_allowed() {
    let config = weighing(BalanceWay::Smooth, &[5, 1, 1]);
    // Who is left out gets nothing: b and c take turns.
    assert_eq!(turns(&config, 3, 4, |slot| slot != 0), "bcbc");
    let mut balancer = Balancer::new();
    let mut next = |barred| {
        let allowed = |slot| slot != barred;
        balancer.choose_by_more(
            &config,
            rotation(&[0, 1, 2], 0),
            Asker::default(),
            allowed,
            &mut Lowest,
        )
    };
    // Accounts after a: -2 1 1. Without a, b has 1 + 1, pays 2: -2 0 2.
    assert_eq!(next(9), Some(0));
    assert_eq!(next(0), Some(1));
    // 3 1 3: the first of equals.
    assert_eq!(next(9), Some(0));
    // 1 2 4.
    assert_eq!(next(9), Some(2));
}

#[test]
fn turns_by_deadline_are_those_of_envoy() {
    let check = |weights: &[u32], expected| check_turns(BalanceWay::RoundRobin, weights, expected);
    // Five, b and c are due at 1 and came first; at 2 five fifths are a little less, by rounding.
    check(&[5, 1, 1], "aaaabca aaaaabc aaaabca aaaabca");
    check(&[2, 1, 1], "abca abca");
    check(&[4, 2, 1], "abaacba abaacba");
    check(&[1, 2], "bab bab");
    check(&[3, 2, 1], "abacba abaacb");
    check(&[10, 1], "aaaaaaaaaab aaaaaaaaab aaaaaaaaaaba");
}

#[test]
fn turns_by_deadline_begin_anywhere() {
    let config = weighing(BalanceWay::RoundRobin, &[5, 1, 1]);
    let mut firsts = std::collections::BTreeSet::new();
    for seed in 0..100 {
        let mut balancer = Balancer::new();
        let mut u = SplitMix(seed);
        let seven: String = (0..7)
            .map(|_| {
                let slots = rotation(&[0, 1, 2], 0);
                let chosen =
                    balancer.choose_by_more(&config, slots, Asker::default(), |_| true, &mut u);
                char::from(b'a' + chosen.unwrap() as u8)
            })
            .collect();
        assert!("aaaabcaaaabca".contains(&seven), "{seven}");
        firsts.insert(seven);
    }
    assert_eq!(firsts.len(), 3, "zero, one or two turns in");
}

#[test]
fn turns_in_strides_are_those_of_grpc() {
    let check = |weights: &[u32], expected| check_turns(BalanceWay::Stride, weights, expected);
    check(&[1, 1, 1], "abc abc");
    // Of b a remainder of at least 52428 passes: 32767 + 13107·g does in rounds 2, 7, 12; of c
    // 65534 + 13107·g in rounds 0, 5, 10.
    check(&[5, 1, 1], "acaabaa acaabaa");
    check(&[1, 2], "bab bab bab");
    check(&[3, 2, 1], "abcaab abcaab");
    check(&[4, 2, 1], "abcaaba cabaaba cabaaba");
    check(&[1, 1, 3], "cbcac cbcac");
}

#[test]
fn every_way_by_weight_gives_each_its_share() {
    let weights = [5, 1, 3, 1];
    for way in [
        BalanceWay::RoundRobin,
        BalanceWay::Random,
        BalanceWay::Smooth,
        BalanceWay::Stride,
        BalanceWay::WeightedLeast(ENVOY),
    ] {
        let config = weighing(way, &weights);
        let mut balancer = Balancer::new();
        let mut u = SplitMix(3);
        let mut counts = [0.0; 4];
        for _ in 0..60_000 {
            let slots = rotation(&[0, 1, 2, 3], 0);
            let chosen =
                balancer.choose_by_more(&config, slots, Asker::default(), |_| true, &mut u);
            counts[chosen.unwrap() as usize] += 1.0;
        }
        let statistic = chi_square(&counts, &[0.5, 0.1, 0.3, 0.1]);
        assert!(statistic < critical(3), "{way:?}: {counts:?}");
    }
}

#[test]
fn the_least_for_its_weight_is_that_of_nginx() {
    let config = weighing(BalanceWay::WeightedLeast(LeastRule::PerWeight), &[2, 1, 1]);
    let check = |outstanding: &[u32], expected: &str| {
        let mut balancer = loaded(outstanding);
        let chosen: String = (0..expected.len())
            .map(|_| {
                let slots = rotation(&[0, 1, 2], 0);
                let chosen =
                    balancer.choose_by_more(&config, slots, Asker::default(), |_| true, &mut Never);
                char::from(b'a' + chosen.unwrap() as u8)
            })
            .collect();
        assert_eq!(chosen, expected, "{outstanding:?}");
    };
    check(&[1, 1, 1], "aaa");
    check(&[3, 1, 2], "bbb");
    // Ties go in turn by weight, among those that tie.
    check(&[2, 1, 1], "abcaabca");
    check(&[0, 0, 0], "abcaabca");
    check(&[2, 1, 2], "abaaba");
}

#[test]
fn the_least_with_the_next_is_that_of_haproxy() {
    let config = weighing(BalanceWay::WeightedLeast(LeastRule::WithNext), &[2, 1, 1]);
    let mut balancer = Balancer::new();
    let next = |balancer: &mut Balancer| {
        let slots = rotation(&[0, 1, 2], 0);
        let chosen =
            balancer.choose_by_more(&config, slots, Asker::default(), |_| true, &mut Never);
        balancer.on_sent(chosen.unwrap());
        chosen.unwrap()
    };
    // Idle ones have 0, whatever they weigh, and come in the order of the list.
    assert_eq!(
        [
            next(&mut balancer),
            next(&mut balancer),
            next(&mut balancer)
        ],
        [0, 1, 2]
    );
    // Keys 2·256/2 = 256, 512, 512; then 384; then 512, which a reached last.
    assert_eq!([next(&mut balancer), next(&mut balancer)], [0, 0]);
    assert_eq!([next(&mut balancer), next(&mut balancer)], [1, 2]);
    // 3 outstanding for a: 512; b and c have 768. An ended one brings a to 384.
    assert_eq!(next(&mut balancer), 0);
    balancer.on_ended(1, SimTime::ZERO, SimTime::ZERO);
    // a: 640, b: 512, c: 768.
    assert_eq!(next(&mut balancer), 1);
}

#[test]
fn deadlines_see_the_load_of_the_last_turn_only() {
    // Weights 2 and 1; one attempt is held by the heavier: 2 / (1 + 1) is 1, so both go in turn.
    let config = weighing(BalanceWay::WeightedLeast(ENVOY), &[2, 1]);
    let mut balancer = loaded(&[1, 0]);
    let mut counts = [0; 2];
    for _ in 0..1_000 {
        let slots = rotation(&[0, 1], 0);
        let chosen =
            balancer.choose_by_more(&config, slots, Asker::default(), |_| true, &mut Lowest);
        counts[chosen.unwrap() as usize] += 1;
    }
    assert_eq!(counts, [500, 500]);
    // Where all weigh the same it is two choices with replacement.
    let even = weighing(BalanceWay::WeightedLeast(ENVOY), &[3, 3]);
    let mut balancer = loaded(&[1, 0]);
    let mut u = SplitMix(9);
    let busier = (0..40_000)
        .filter(|_| {
            let slots = rotation(&[0, 1], 0);
            balancer.choose_by_more(&even, slots, Asker::default(), |_| true, &mut u) == Some(0)
        })
        .count();
    assert!((9_700..10_300).contains(&busier), "{busier}");
}

#[test]
fn rule_52_equal_weights_choose_and_draw_as_without() {
    for (way, plain) in [
        (BalanceWay::RoundRobin, BalanceWay::RoundRobin),
        (BalanceWay::Random, BalanceWay::Random),
        (BalanceWay::Stride, BalanceWay::RoundRobin),
        (BalanceWay::WeightedLeast(ENVOY), power(2, true)),
    ] {
        let config = weighing(way, &[4, 4, 4, 4, 4]);
        let slots = [0, 1, 2, 3, 4];
        let (mut with, mut without) = (Balancer::new(), Balancer::new());
        let (mut u, mut v) = (SplitMix(5), SplitMix(5));
        for number in 0..500 {
            let barred = number % 7;
            let allowed = |slot| slot != barred;
            let chosen = with.choose_by_more(
                &config,
                rotation(&slots, 0),
                Asker::default(),
                allowed,
                &mut u,
            );
            assert_eq!(
                chosen,
                without.choose(plain, &slots, allowed, &mut v),
                "{way:?}"
            );
            with.on_sent(chosen.unwrap());
            without.on_sent(chosen.unwrap());
        }
        assert_eq!(u.next_u64(), v.next_u64(), "{way:?}");
    }
}

#[test]
fn rule_52_the_factor_of_a_ramp_is_cut() {
    let ramp = |aggression, from| SlowStart {
        time: SimDuration::from_secs(60),
        aggression,
        from,
        begins: Begins {
            join: true,
            check_passed: true,
        },
    };
    let check = |aggression, from, ms, expected| {
        let factor = ramp(aggression, from).factor(SimDuration::from_millis(ms));
        assert_eq!(factor, expected, "{aggression} {from} {ms}");
    };
    // From 10 %: 6553.6 is cut.
    check(1.0, 0.1, 0, 6_553);
    check(1.0, 0.1, 6_000, 6_553);
    check(1.0, 0.1, 6_001, 6_554);
    check(1.0, 0.1, 30_000, 32_768);
    check(1.0, 0.1, 59_999, 65_534);
    check(1.0, 0.1, 60_000, 65_536);
    check(1.0, 0.1, 70_000, 65_536);
    // Square root at aggression 2; square at 0.5.
    check(2.0, 0.1, 15_000, 32_768);
    check(0.5, 0.1, 30_000, 16_384);
    // Not before 1 ms, and never nothing.
    check(1.0, 0.0, 0, 1);
    check(1.0, 0.0, 1, 1);
    check(1.0, 0.0, 2, 2);
}

#[test]
fn rule_52_a_ramp_brings_less_until_it_is_over() {
    let minute = SimDuration::from_secs(60);
    for way in BY_WEIGHT {
        let config = BalanceConfig {
            slow_start: Some(SlowStart {
                time: minute,
                aggression: 1.0,
                from: 0.1,
                begins: Begins {
                    join: true,
                    check_passed: true,
                },
            }),
            ..BalanceConfig::of(way)
        };
        let joined = SimTime::ZERO + minute;
        // The third joined a moment ago, or half a minute, or a minute.
        for (seconds, share) in [(0, 0.1 / 2.1), (30, 0.5 / 2.5), (60, 1.0 / 3.0)] {
            let mut balancer = Balancer::new();
            let mut u = SplitMix(2);
            let count = (0..30_000)
                .filter(|_| {
                    let rotation = Rotation {
                        slots: &[0, 1, 2],
                        version: 0,
                        joined: &[SimTime::ZERO, SimTime::ZERO, joined],
                        passed: &[],
                        now: joined + SimDuration::from_secs(seconds),
                    };
                    let chosen = balancer.choose_by_more(
                        &config,
                        rotation,
                        Asker::default(),
                        |_| true,
                        &mut u,
                    );
                    // Nothing is outstanding, so that only weights count.
                    chosen == Some(2)
                })
                .count();
            // An idle one has 0 whatever it weighs, and the first of equals has all.
            let idle_is_least = BalanceWay::WeightedLeast(LeastRule::WithNext);
            let expected = if way == idle_is_least { 0.0 } else { share };
            let seen = count as f64 / 30_000.0;
            assert!(
                (seen - expected).abs() < 0.01,
                "{way:?} {seconds}: {seen} {expected}"
            );
        }
    }
}

#[test]
fn a_ramp_has_no_effect_where_all_are_new() {
    let config = BalanceConfig {
        slow_start: Some(SlowStart {
            time: SimDuration::from_secs(60),
            aggression: 1.0,
            from: 0.1,
            begins: Begins {
                join: true,
                check_passed: true,
            },
        }),
        ..BalanceConfig::of(BalanceWay::RoundRobin)
    };
    let began = SimTime::from_ns(7);
    let mut balancer = Balancer::new();
    let chosen: Vec<u32> = (0..6)
        .map(|_| {
            let rotation = Rotation {
                slots: &[0, 1, 2],
                version: 0,
                joined: &[began; 3],
                passed: &[],
                now: SimTime::from_ns(1_000_000),
            };
            let chosen =
                balancer.choose_by_more(&config, rotation, Asker::default(), |_| true, &mut Lowest);
            chosen.unwrap()
        })
        .collect();
    assert_eq!(chosen, [0, 1, 2, 0, 1, 2]);
}

#[test]
fn a_new_rotation_begins_the_deadlines_anew() {
    let config = weighing(BalanceWay::RoundRobin, &[5, 1, 1]);
    let mut balancer = Balancer::new();
    let mut next = |slots: &[u32], version| {
        balancer.choose_by_more(
            &config,
            rotation(slots, version),
            Asker::default(),
            |_| true,
            &mut Lowest,
        )
    };
    assert_eq!(
        [next(&[0, 1, 2], 0), next(&[0, 1, 2], 0)],
        [Some(0), Some(0)]
    );
    // Those that are left weigh the same: in turn, without deadlines.
    assert_eq!(
        [next(&[1, 2], 1), next(&[1, 2], 1), next(&[1, 2], 1)],
        [Some(1), Some(2), Some(1)]
    );
    let seven: Vec<u32> = (0..7).map(|_| next(&[0, 1, 2], 2).unwrap()).collect();
    assert_eq!(seven, [0, 0, 0, 0, 1, 2, 0]);
}

/// nginx' rule as it is written there, over all accounts, in units of 1/65536.
#[derive(Default)]
pub(super) struct Nginx(pub(super) std::collections::BTreeMap<u32, i128>);

impl Nginx {
    pub(super) fn next(&mut self, among: impl Iterator<Item = (u32, u64)>) -> Option<u32> {
        let (mut best, mut total) = (None::<u32>, 0);
        for (slot, weight) in among {
            *self.0.entry(slot).or_default() += i128::from(weight);
            total += i128::from(weight);
            if best.is_none_or(|best| self.0[&slot] > self.0[&best]) {
                best = Some(slot);
            }
        }
        let best = best?;
        *self.0.entry(best).or_default() -= total;
        Some(best)
    }
}

proptest! {
    /// Through members that leave and return, some that are not allowed, and ramps.
    #[test]
    fn smooth_turns_are_those_of_nginx_whatever_happens(
        weights in prop::collection::vec(prop_oneof![1_u32..6, 1_u32..=65_535], 2..40),
        phases in prop::collection::vec((any::<u64>(), 0_u32..60, any::<bool>(), 0_u64..40), 1..8),
        ramp: bool,
    ) {
        let time = SimDuration::from_millis(20);
        let begins = Begins { join: true, check_passed: true };
        let slow_start = ramp.then_some(SlowStart { time, aggression: 1.0, from: 0.1, begins });
        let config = BalanceConfig { slow_start, ..weighing(BalanceWay::Smooth, &weights) };
        let (mut balancer, mut nginx) = (Balancer::new(), Nginx::default());
        let mut joined = vec![SimTime::ZERO; weights.len()];
        let mut now = SimTime::ZERO;
        for (version, (there, turns, all_allowed, joins)) in (0..).zip(phases) {
            let slots: Vec<u32> =
                (0..weights.len() as u32).filter(|&slot| (there >> (slot % 61)) & 1 == 0).collect();
            if let Some(&new) = slots.get(joins as usize) {
                joined[new as usize] = now;
            }
            for turn in 0..turns {
                now = now + SimDuration::from_micros(700);
                let barred = (turn + 3 * version) % (weights.len() as u32);
                let takes_any = all_allowed || turn % 5 > 1;
                let allowed = |slot: u32| takes_any || slot % 3 != barred % 3 || slot > barred;
                let rotation = Rotation { slots: &slots, version, joined: &joined, passed: &[], now };
                let asker = Asker { takes_any, ..Asker::default() };
                let chosen =
                    balancer.choose_by_more(&config, rotation, asker, allowed, &mut Never);
                let weight = |slot: u32| {
                    let whole = u64::from(weights[slot as usize]);
                    let since = joined[slot as usize];
                    match &slow_start {
                        Some(ramp) if since > SimTime::ZERO => whole * ramp.factor(now.since(since)),
                        Some(_) | None => whole * 65_536,
                    }
                };
                let among = slots.iter().copied().filter(|&slot| allowed(slot));
                // One alone in rotation has no turn.
                let expected = if slots.len() > 1 {
                    nginx.next(among.map(|slot| (slot, weight(slot))))
                } else {
                    slots.first().copied().filter(|&slot| allowed(slot))
                };
                prop_assert_eq!(chosen, expected);
            }
        }
    }

    #[test]
    fn what_is_chosen_by_weight_is_in_rotation_and_allowed(
        seed: u64,
        slots in prop::collection::btree_set(0_u32..12, 0..9),
        barred in prop::collection::btree_set(0_u32..12, 0..9),
        weights in prop::collection::vec(1_u32..2_000, 0..12),
    ) {
        let slots: Vec<u32> = slots.into_iter().collect();
        let allowed = |slot| !barred.contains(&slot);
        let some_allowed = slots.iter().any(|&slot| allowed(slot));
        let mut u = SplitMix(seed);
        for way in BY_WEIGHT {
            let config = weighing(way, &weights);
            let mut balancer = Balancer::new();
            for _ in 0..30 {
                let chosen = balancer.choose_by_more(&config, rotation(&slots, 0), Asker::default(), allowed, &mut u);
                prop_assert_eq!(chosen.is_some(), some_allowed);
                if let Some(chosen) = chosen {
                    prop_assert!(slots.contains(&chosen) && allowed(chosen));
                    balancer.on_sent(chosen);
                }
            }
        }
    }

    #[test]
    fn deadlines_are_those_of_a_plain_search(
        weights in prop::collection::vec(1_u32..50, 2..8),
    ) {
        prop_assume!(weights.iter().any(|weight| *weight != weights[0]));
        let config = weighing(BalanceWay::RoundRobin, &weights);
        let slots: Vec<u32> = (0..weights.len() as u32).collect();
        let mut balancer = Balancer::new();
        let of = |slot: usize| 1.0 / (f64::from(weights[slot]) * 65_536.0);
        let mut waiting: Vec<(f64, usize, usize)> =
            (0..weights.len()).map(|slot| (of(slot), slot, slot)).collect();
        for order in 0..200 {
            let first = (0..waiting.len())
                .min_by(|&a, &b| waiting[a].0.total_cmp(&waiting[b].0).then(waiting[a].1.cmp(&waiting[b].1)))
                .unwrap();
            let (deadline, _, slot) = waiting[first];
            let chosen =
                balancer.choose_by_more(&config, rotation(&slots, 0), Asker::default(), |_| true, &mut Lowest);
            prop_assert_eq!(chosen, Some(slot as u32));
            waiting[first] = (deadline + of(slot), weights.len() + order, slot);
        }
    }
}

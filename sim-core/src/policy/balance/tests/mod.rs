//! Fairness, turns and ties of the balancer.

mod knock_outs;
mod others;
mod speed;
mod weakened;
mod weighted;

use super::*;
use crate::policy::testing::{Never, SplitMix};
use crate::random::Uniforms;
use crate::time::SimTime;
use proptest::prelude::*;

const P2C: BalanceWay = power(2, false);
const fn power(choices: u32, replace: bool) -> BalanceWay {
    BalanceWay::PowerOfChoices { choices, replace }
}
const ALL: [BalanceWay; 6] = [
    BalanceWay::RoundRobin,
    BalanceWay::Random,
    BalanceWay::LeastRequests,
    P2C,
    power(4, false),
    power(2, true),
];

/// Who is in rotation, at the beginning of the run.
fn rotation(slots: &[u32], version: u32) -> Rotation<'_> {
    Rotation {
        slots,
        version,
        joined: &[],
        passed: &[],
        now: SimTime::ZERO,
    }
}

/// A balancer with these many attempts out, by instance.
fn loaded(outstanding: &[u32]) -> Balancer {
    let mut balancer = Balancer::new();
    for (instance, &count) in outstanding.iter().enumerate() {
        for _ in 0..count {
            balancer.on_sent(instance as u32);
        }
    }
    balancer
}

/// How often each instance is chosen by balancers that know these loads.
fn counts(
    config: BalanceWay,
    outstanding: &[u32],
    allowed: impl Fn(u32) -> bool,
    choices: usize,
) -> Vec<f64> {
    let rotation: Vec<u32> = (0..outstanding.len() as u32).collect();
    let mut balancer = loaded(outstanding);
    let mut u = SplitMix(7);
    let mut counts = vec![0.0; rotation.len()];
    for _ in 0..choices {
        let chosen = balancer.choose(config, &rotation, &allowed, &mut u);
        counts[chosen.unwrap() as usize] += 1.0;
    }
    counts
}

/// Pearson's statistic of counts against the shares they should have.
fn chi_square(counts: &[f64], shares: &[f64]) -> f64 {
    let total: f64 = counts.iter().sum();
    let terms = counts.iter().zip(shares).filter(|(_, share)| **share > 0.0);
    terms
        .map(|(count, share)| (count - total * share) * (count - total * share) / (total * share))
        .sum()
}

/// The value that chi-square with so many degrees of freedom exceeds once in 1000 times.
fn critical(degrees: usize) -> f64 {
    [10.83, 13.82, 16.27, 18.47, 20.52, 22.46][degrees - 1]
}

/// Checks how often each instance is chosen, given what is outstanding at each and one that is
/// not allowed.
fn check_shares(
    title: &str,
    config: BalanceWay,
    outstanding: &[u32],
    barred: Option<u32>,
    shares: &[f64],
) {
    let counts = counts(
        config,
        outstanding,
        |instance| Some(instance) != barred,
        60_000,
    );
    for (count, share) in counts.iter().zip(shares) {
        assert!(*share > 0.0 || *count == 0.0, "{title}: {counts:?}");
    }
    let statistic = chi_square(&counts, shares);
    let degrees = shares.iter().filter(|share| **share > 0.0).count() - 1;
    let fair = degrees == 0 || statistic < critical(degrees);
    assert!(fair, "{title}: chi-square {statistic} of {counts:?}");
}

const FOURTH: f64 = 1.0 / 4.0;
const THIRD: f64 = 1.0 / 3.0;
const SIXTH: f64 = 1.0 / 6.0;

#[test]
fn random_choices_are_fair() {
    let check = |title, outstanding: &[u32], barred, shares: &[f64]| {
        check_shares(title, BalanceWay::Random, outstanding, barred, shares);
    };
    check("whatever the load", &[0, 9, 1, 0], None, &[FOURTH; 4]);
    let all_but_1 = [THIRD, 0.0, THIRD, THIRD];
    check("among the allowed", &[0; 4], Some(1), &all_but_1);
}

#[test]
fn the_least_loaded_is_chosen() {
    let check = |title, outstanding: &[u32], barred, shares: &[f64]| {
        check_shares(
            title,
            BalanceWay::LeastRequests,
            outstanding,
            barred,
            shares,
        );
    };
    check("it gets all", &[2, 1, 2], None, &[0.0, 1.0, 0.0]);
    let all_but_0 = [0.0, THIRD, THIRD, THIRD];
    check("ties are fair", &[1, 0, 0, 0], None, &all_but_0);
    let last_two = [0.0, 0.0, 0.5, 0.5];
    check("not if barred", &[3, 0, 1, 1], Some(1), &last_two);
}

#[test]
fn the_less_loaded_of_several_is_chosen() {
    let check = |title, choices, outstanding: &[u32], barred, shares: &[f64]| {
        let config = power(choices, false);
        check_shares(title, config, outstanding, barred, shares);
    };
    let ranks = [0, 1, 2, 3];
    check("equal loads are fair", 2, &[0; 4], None, &[FOURTH; 4]);
    // Of six pairs the least loaded is in three, the next in two more, the third in one more.
    let of_pairs = [0.5, THIRD, SIXTH, 0.0];
    check("two follow the ranks", 2, &ranks, None, &of_pairs);
    let of_three = [0.0, 2.0 / 3.0, THIRD, 0.0];
    check("two of the allowed", 2, &ranks, Some(0), &of_three);
    check("two of two look at both", 2, &[1, 0], None, &[0.0, 1.0]);
    let of_triples = [0.75, FOURTH, 0.0, 0.0];
    check("three of four leave out one", 3, &ranks, None, &of_triples);
    check("one is random", 1, &ranks, None, &[FOURTH; 4]);
}

#[test]
fn with_replacement_the_busier_of_two_still_gets_a_quarter() {
    let check = |title, choices, outstanding: &[u32], barred, shares: &[f64]| {
        check_shares(title, power(choices, true), outstanding, barred, shares);
    };
    check("two of two", 2, &[1, 0], None, &[FOURTH, 0.75]);
    check("three of two", 3, &[1, 0], None, &[0.125, 0.875]);
    check("equal loads are fair", 2, &[0; 4], None, &[FOURTH; 4]);
    check(
        "two of the allowed",
        2,
        &[0, 5, 7],
        Some(0),
        &[0.0, 0.75, FOURTH],
    );
    check("one is allowed", 2, &[0, 5], Some(0), &[0.0, 1.0]);
}

#[test]
fn round_robin_starts_anywhere_and_then_takes_turns() {
    let rotation = [0, 1, 2];
    let mut starts = [0.0; 3];
    for seed in 0..3_000 {
        let mut balancer = Balancer::new();
        let mut u = SplitMix(seed);
        let mut next = |balancer: &mut Balancer| {
            balancer.choose(BalanceWay::RoundRobin, &rotation, |_| true, &mut u)
        };
        let first = next(&mut balancer).unwrap();
        starts[first as usize] += 1.0;
        for turn in 1..7 {
            assert_eq!(next(&mut balancer), Some((first + turn) % 3));
        }
    }
    assert!(
        chi_square(&starts, &[1.0 / 3.0; 3]) < critical(2),
        "{starts:?}"
    );
}

#[test]
fn round_robin_keeps_its_turns_when_the_rotation_changes() {
    let mut balancer = Balancer::new();
    balancer.choose(BalanceWay::RoundRobin, &[0, 1], |_| true, &mut SplitMix(1));
    let mut next = |rotation: &[u32], barred: u32| {
        let allowed = |instance| instance != barred;
        balancer.choose(BalanceWay::RoundRobin, rotation, allowed, &mut Never)
    };
    let none = u32::MAX;
    // Begin from a known place.
    while next(&[0, 1, 2, 3], none) != Some(3) {}
    assert_eq!(next(&[0, 1, 2, 3], none), Some(0));
    assert_eq!(next(&[0, 2, 3], none), Some(2), "1 left the rotation");
    assert_eq!(next(&[0, 1, 2, 3], none), Some(3), "1 came back");
    assert_eq!(next(&[0, 1, 2, 3], 0), Some(1), "0 is not allowed");
    assert_eq!(next(&[5, 6], none), Some(5), "all others left");
    assert_eq!(next(&[5, 6], 6), Some(5));
}

#[test]
fn one_instance_needs_no_draw_and_none_gives_none() {
    for config in ALL {
        let mut balancer = Balancer::new();
        assert_eq!(balancer.choose(config, &[4], |_| true, &mut Never), Some(4));
        assert_eq!(balancer.choose(config, &[4], |_| false, &mut Never), None);
        assert_eq!(balancer.choose(config, &[], |_| true, &mut Never), None);
    }
}

#[test]
fn nothing_allowed_gives_none() {
    for config in ALL {
        let mut balancer = Balancer::new();
        let chosen = balancer.choose(config, &[0, 1, 2], |_| false, &mut SplitMix(3));
        assert_eq!(chosen, None, "{config:?}");
    }
}

#[test]
fn rule_25_an_ended_attempt_no_longer_counts() {
    let mut balancer = loaded(&[0, 2]);
    balancer.on_ended(1, SimTime::ZERO, SimTime::ZERO);
    assert_eq!(balancer.outstanding(1), 1);
    assert_eq!(balancer.outstanding(0), 0);
    assert_eq!(balancer.outstanding(99), 0);
}

#[test]
#[should_panic(expected = "not outstanding")]
fn an_attempt_ends_once() {
    let mut balancer = loaded(&[1]);
    balancer.on_ended(0, SimTime::ZERO, SimTime::ZERO);
    balancer.on_ended(0, SimTime::ZERO, SimTime::ZERO);
}

#[test]
fn two_choices_keep_the_loads_closer_than_random() {
    let spread = |config| {
        let rotation: Vec<u32> = (0..50).collect();
        let mut balancer = Balancer::new();
        let mut u = SplitMix(11);
        for _ in 0..5_000 {
            let chosen = balancer.choose(config, &rotation, |_| true, &mut u);
            balancer.on_sent(chosen.unwrap());
        }
        let loads = rotation
            .iter()
            .map(|&instance| balancer.outstanding(instance));
        loads.clone().max().unwrap() - loads.min().unwrap()
    };
    assert!(spread(BalanceWay::LeastRequests) <= 1);
    assert!(spread(P2C) <= 8);
    assert!(spread(BalanceWay::Random) > 20);
}

/// Counts draws.
struct Counted(SplitMix, u32);

impl Uniforms for Counted {
    fn next_u64(&mut self) -> u64 {
        self.1 += 1;
        self.0.next_u64()
    }
}

#[test]
fn choices_draw_no_more_than_they_need() {
    let check = |config, expected| {
        let mut balancer = loaded(&[3, 2, 1, 0, 1]);
        let rotation = [0, 1, 2, 3, 4];
        // The first choice of round robin draws where it begins.
        balancer.choose(config, &rotation, |_| true, &mut SplitMix(1));
        let mut u = Counted(SplitMix(5), 0);
        balancer.choose(config, &rotation, |_| true, &mut u);
        assert_eq!(u.1, expected, "{config:?}");
    };
    check(BalanceWay::RoundRobin, 0);
    check(BalanceWay::Random, 1);
    check(BalanceWay::LeastRequests, 0);
    check(P2C, 2);
    check(power(4, false), 4);
    check(power(5, false), 0);
}

proptest! {
    #[test]
    fn the_chosen_is_in_rotation_and_allowed(
        seed: u64,
        rotation in prop::collection::btree_set(0_u32..40, 0..20),
        barred in prop::collection::btree_set(0_u32..40, 0..40),
        choices in 1_u32..8,
    ) {
        let rotation: Vec<u32> = rotation.into_iter().collect();
        let allowed = |instance| !barred.contains(&instance);
        let some_allowed = rotation.iter().any(|&instance| allowed(instance));
        let mut balancer = Balancer::new();
        let mut u = SplitMix(seed);
        for config in ALL.into_iter().chain([power(choices, false), power(choices, true)]) {
            let chosen = balancer.choose(config, &rotation, allowed, &mut u);
            prop_assert_eq!(chosen.is_some(), some_allowed);
            if let Some(chosen) = chosen {
                prop_assert!(rotation.contains(&chosen) && allowed(chosen));
                balancer.on_sent(chosen);
            }
        }
    }

    #[test]
    fn candidates_are_distinct(seed: u64, instances in 2_u32..12, choices in 1_u32..12) {
        // All loads differ; with d distinct candidates the d-1 most loaded can never win.
        let loads: Vec<u32> = (0..instances).collect();
        let rotation = loads.clone();
        let mut balancer = loaded(&loads);
        let config = power(choices, false);
        let chosen = balancer.choose(config, &rotation, |_| true, &mut SplitMix(seed));
        let compared = choices.min(instances);
        prop_assert!(chosen.unwrap() <= instances - compared);
    }
}

//! Peak EWMA, rings, stickiness and zones.

use super::super::peak_ewma::Costs;
use super::super::ring::Bound;
use super::super::zones::{Cut, Reach};
use super::*;
use crate::random::{SiteKey, detmath::exp};
use crate::time::{SimDuration, SimTime};

fn at(ms: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_millis(ms)
}

fn rotation(slots: &[u32], version: u32, now: SimTime) -> Rotation<'_> {
    Rotation {
        slots,
        version,
        joined: &[],
        passed: &[],
        now,
    }
}

const LINKERD: PeakEwma = PeakEwma {
    decay: SimDuration::from_secs(10),
    initial: Some(SimDuration::from_millis(30)),
    choices: 2,
};
const FINAGLE: PeakEwma = PeakEwma {
    initial: None,
    ..LINKERD
};

#[test]
fn a_peak_is_believed_at_once_and_forgotten_in_time() {
    let mut costs = Costs::default();
    let ms = |cost: f64| cost / 1e6;
    let mut see =
        |now, took| ms(costs.observe(&LINKERD, at(now), 0, SimDuration::from_millis(took)));
    let close =
        |seen: f64, expected: f64| assert!((seen - expected).abs() < 1e-9, "{seen} {expected}");
    close(see(0, 30), 30.0);
    close(see(0, 500), 500.0);
    // A third is left after 10 s; the rest is what was seen.
    let kept = exp(-1.0);
    close(see(10_000, 20), 500.0 * kept + 20.0 * (1.0 - kept));
    let before = 500.0 * kept + 20.0 * (1.0 - kept);
    // At the same instant a lower one changes nothing.
    close(see(10_000, 1), before);
    close(see(10_000, 600), 600.0);
    // Reading decays: what is seen next meets the lower cost.
    costs.load(&LINKERD, at(30_000), 0, 3);
    let mut see =
        |now, took| ms(costs.observe(&LINKERD, at(now), 0, SimDuration::from_millis(took)));
    close(see(30_000, 0), 600.0 * exp(-2.0));
}

#[test]
fn the_load_is_the_cost_of_all_outstanding_and_the_next() {
    let mut costs = Costs::default();
    let load = costs.load(&LINKERD, at(5), 2, 3);
    assert!((load - 4.0 * 30e6).abs() < 1.0, "{load}");
    // Finagle: nothing known and nothing out is free, nothing known and something out costs most.
    assert_eq!(
        costs.load(&FINAGLE, at(5), 7, 0).to_bits(),
        0.0_f64.to_bits()
    );
    assert!(costs.load(&FINAGLE, at(5), 7, 1) > 1e14);
}

#[test]
fn peak_ewma_turns_away_from_who_is_slow_and_to_who_fails_fast() {
    let config = BalanceConfig::of(BalanceWay::PeakEwma(LINKERD));
    let mut balancer = Balancer::new();
    let mut u = SplitMix(1);
    let mut counts = [0; 3];
    for call in 0..3_000 {
        let now = at(call * 500);
        let slots = rotation(&[0, 1, 2], 0, now);
        let chosen = balancer.choose_by_more(&config, slots, Asker::default(), |_| true, &mut u);
        let chosen = chosen.unwrap();
        counts[chosen as usize] += 1;
        balancer.on_sent(chosen);
        // Answers of 1 fail at once, those of 2 take 400 ms; the others 40 ms.
        let took = SimDuration::from_millis([40, 1, 400][chosen as usize]);
        balancer.on_ended(chosen, now + took, now);
    }
    assert!(counts[1] > counts[0] && counts[0] > counts[2], "{counts:?}");
}

fn ring(points: u32, weights: &[u32], instances: u32, key: u64) -> Ring {
    let config = RingConfig {
        points,
        key: BalanceKey::Tenant,
        bounded: None,
    };
    Ring::new(&config, &Weights::new(weights), instances, SiteKey(key))
}

#[test]
fn a_key_has_its_instance_and_moves_only_if_that_is_gone() {
    let ring = ring(160, &[], 10, 3);
    let mut moved = 0;
    for key in 0..10_000 {
        let place = ring.place(key);
        let all = ring.pick(place, 0, |_| true).unwrap();
        assert_eq!(ring.pick(place, 0, |_| true), Some(all));
        let without = ring.pick(place, 0, |slot| slot != 4).unwrap();
        if all == 4 {
            assert_ne!(without, 4);
            moved += 1;
        } else {
            assert_eq!(without, all);
        }
        assert_eq!(ring.pick(place, 0, |_| false), None);
    }
    assert!((700..1_300).contains(&moved), "{moved}");
}

#[test]
fn the_first_point_is_found_wherever_it_is() {
    let ring = ring(7, &[5, 1, 2], 3, 8);
    for key in 0..2_000 {
        let place = ring.place(key);
        let mut lines: Vec<(u64, u32)> = (0..60)
            .map(|k| (u64::from(k), ring.pick(place, k, |_| true).unwrap()))
            .collect();
        lines.truncate(56);
        assert_eq!(
            lines.iter().filter(|line| line.1 == 0).count(),
            35,
            "each point once"
        );
    }
}

#[test]
fn the_next_attempt_takes_the_next_point() {
    let ring = ring(4, &[], 3, 9);
    let place = ring.place(1);
    let around: Vec<u32> = (0..12)
        .map(|k| ring.pick(place, k, |_| true).unwrap())
        .collect();
    for slot in 0..3 {
        assert_eq!(around.iter().filter(|&&it| it == slot).count(), 4);
    }
    let without: Vec<u32> = around.iter().copied().filter(|&slot| slot != 1).collect();
    for (k, &slot) in (0..).zip(&without) {
        assert_eq!(ring.pick(place, k, |slot| slot != 1), Some(slot));
    }
}

#[test]
fn shares_of_a_ring_vary_as_they_must() {
    // sqrt((N - V) / (V (N + 1))) with V of N points; the variance over 20 rings of 50 instances.
    for points in [20_u32, 160] {
        let instances = 50_u32;
        let shares: Vec<f64> = (0..20)
            .flat_map(|key| ring(points, &[], instances, key).shares(instances))
            .collect();
        let mean = 1.0 / f64::from(instances);
        let squares = shares
            .iter()
            .map(|share| share / mean - 1.0)
            .map(|off| off * off);
        let seen = (squares.sum::<f64>() / shares.len() as f64).sqrt();
        let (v, n) = (f64::from(points), f64::from(points * instances));
        let expected = ((n - v) / (v * (n + 1.0))).sqrt();
        // The error of a deviation from 1000 values is 1 / sqrt(2000) of it; three of those.
        assert!((seen / expected - 1.0).abs() < 0.068, "{seen} {expected}");
    }
    // A double weight is a double share.
    let shares = ring(2_000, &[2, 1, 1], 3, 5).shares(3);
    assert!((shares[0] - 0.5).abs() < 0.05, "{shares:?}");
}

#[test]
fn a_bound_lets_one_have_a_slot_more_than_its_share() {
    let weights = Weights::default();
    let bound = Bound {
        most: 125,
        slots: &[0, 1, 2, 3],
        weights: &weights,
    };
    let check = |outstanding: [u32; 4], stays| {
        let load = |slot: u32| outstanding[slot as usize];
        let kept = bound.keep(0, 77, load, |_| true, &mut Vec::new());
        assert_eq!(kept == 0, stays, "{outstanding:?}: {kept}");
        // The same key goes to the same other one.
        assert_eq!(kept, bound.keep(0, 77, load, |_| true, &mut Vec::new()));
        kept
    };
    // One is active: (2·125 + 99) div 100 = 3; a quarter of it, 1 slot: 1 of 1 is not too much.
    check([1, 0, 0, 0], true);
    // Two: (3·125 + 99) div 100 = 4, 1 slot: 2 of 1 is.
    check([2, 0, 0, 0], false);
    // Eight: (9·125 + 99) div 100 = 12, 3 slots.
    check([3, 2, 2, 1], true);
    assert!(check([4, 2, 1, 1], false) != 0);
    // Where all have too much, the least overloaded is taken: nobody is, once their slots count.
    check([5, 4, 4, 4], true);
}

#[test]
fn who_is_sticky_stays_while_it_is_there() {
    let config = BalanceConfig {
        sticky: Some(Sticky {
            key: BalanceKey::Tenant,
            time: SimDuration::from_secs(1),
        }),
        ..BalanceConfig::of(BalanceWay::RoundRobin)
    };
    let mut balancer = Balancer::new();
    let mut u = SplitMix(4);
    let mut next = |who, slots: &[u32], now, barred: u32| {
        let asker = Asker {
            sticky: who,
            ..Asker::default()
        };
        let allowed = |slot| slot != barred;
        let chosen =
            balancer.choose_by_more(&config, rotation(slots, 0, at(now)), asker, allowed, &mut u);
        chosen.unwrap()
    };
    let all = [0, 1, 2];
    let first = next(5, &all, 0, 9);
    assert_eq!(next(5, &all, 999, 9), first);
    let other = next(6, &all, 999, 9);
    assert_ne!(other, first, "the next in turn");
    // Each call counts anew.
    assert_eq!(next(5, &all, 1_998, 9), first);
    // Out of rotation, or not allowed: another one, and from then on.
    let without: Vec<u32> = all.into_iter().filter(|&slot| slot != first).collect();
    let second = next(5, &without, 2_000, 9);
    assert_ne!(second, first);
    assert_eq!(next(5, &all, 2_001, 9), second);
    let third = next(5, &all, 2_002, second);
    assert_ne!(third, second);
    assert_eq!(next(5, &all, 2_003, 9), third);
}

fn map(called: &[u16], callers: &[u32]) -> ZoneMap {
    ZoneMap {
        callees: called.into(),
        callers: callers.into(),
    }
}

/// So many in each zone, in turn.
fn even(zones: u16, count: u16) -> ZoneMap {
    let callees: Vec<u16> = (0..count).map(|slot| slot % zones).collect();
    map(&callees, &vec![1; zones.into()])
}

fn cut(rule: ZoneRule, map: &ZoneMap, home: usize) -> Cut {
    let slots: Vec<u32> = (0..map.callees.len() as u32).collect();
    let mut cut = Cut::default();
    cut.make(rule, map, home, &slots, 0);
    cut
}

#[test]
fn the_own_zone_is_preferred_while_anybody_is_there() {
    let map = map(&[0, 0, 1], &[1, 1, 1]);
    let reach = |home| cut(ZoneRule::Prefer, &map, home).reach(home, &mut Never);
    assert_eq!(reach(0), Reach::Part(0));
    assert_eq!(reach(1), Reach::Part(1));
    assert_eq!(reach(2), Reach::All);
}

#[test]
fn hints_are_given_only_where_each_zone_can_have_its_share() {
    // Three equal zones: none for 4, 5, 8 and 11 (kubernetes#122437), nor for fewer than zones.
    for count in 1..40 {
        let map = even(3, count);
        let given = cut(ZoneRule::Hints, &map, 0).reach(0, &mut Never) == Reach::Part(0);
        let expected = ![1, 2, 4, 5, 8, 11].contains(&count);
        assert_eq!(given, expected, "{count}");
    }
}

#[test]
fn hints_lend_to_zones_that_have_too_few() {
    // 6, 2, 1: 3 each is what they should have; the first lends one to the second, two to the third.
    let map = map(&[0, 0, 0, 0, 0, 0, 1, 1, 2], &[1, 1, 1]);
    let cut = cut(ZoneRule::Hints, &map, 0);
    let sizes: Vec<usize> = cut.parts.iter().map(Vec::len).collect();
    assert_eq!(sizes, [3, 3, 3], "{:?}", cut.parts);
    assert_eq!(cut.parts[2].len(), 3);
}

#[test]
fn envoy_keeps_at_home_what_the_zone_can_take() {
    let share = |map: &ZoneMap, home: usize| {
        let cut = cut(ZoneRule::Envoy, map, home);
        let mut u = SplitMix(8);
        let mut counts = vec![0_u32; map.callers.len() + 1];
        for _ in 0..100_000 {
            match cut.reach(home, &mut u) {
                Reach::All => counts[map.callers.len()] += 1,
                Reach::Part(zone) => counts[zone] += 1,
            }
        }
        counts
            .iter()
            .map(|&count| f64::from(count) / 1e5)
            .collect::<Vec<f64>>()
    };
    let close = |seen: &[f64], expected: &[f64]| {
        for (seen, expected) in seen.iter().zip(expected) {
            assert!((seen - expected).abs() < 0.006, "{seen} {expected}");
        }
    };
    // Even callers and callees: all stay.
    close(&share(&even(3, 6), 1), &[0.0, 1.0, 0.0, 0.0]);
    // Too few, or one zone: all go anywhere.
    close(&share(&even(3, 5), 1), &[0.0, 0.0, 0.0, 1.0]);
    close(&share(&map(&[0; 8], &[1, 1]), 0), &[0.0, 0.0, 1.0]);
    // The example of Envoy's source: callers 40, 40, 20 %, callees 25, 50, 25 %: from the first zone
    // 62.5 % stay, the rest goes by 10 and 5.
    let skewed = map(&[0, 0, 1, 1, 1, 1, 2, 2], &[2, 2, 1]);
    close(&share(&skewed, 0), &[0.625, 0.25, 0.125, 0.0]);
    close(&share(&skewed, 1), &[0.0, 1.0, 0.0, 0.0]);
    // A zone that has lost all its instances sends to those with room.
    let lost = map(&[1, 1, 1, 2, 2, 2], &[1, 1, 1]);
    close(&share(&lost, 0), &[0.0, 0.5, 0.5, 0.0]);
}

#[test]
fn each_zone_has_turns_of_its_own() {
    let config = BalanceConfig {
        zone: ZoneRule::Prefer,
        zones: even(2, 6),
        ..BalanceConfig::of(BalanceWay::RoundRobin)
    };
    let mut balancer = Balancer::new();
    let mut u = SplitMix(3);
    let mut next = |home, slots: &[u32], version, allowed: &dyn Fn(u32) -> bool| {
        let asker = Asker {
            home,
            ..Asker::default()
        };
        let slots = rotation(slots, version, SimTime::ZERO);
        balancer
            .choose_by_more(&config, slots, asker, allowed, &mut u)
            .unwrap()
    };
    let all = [0, 1, 2, 3, 4, 5];
    let mut seen: Vec<u32> = (0..3).map(|_| next(1, &all, 0, &|_| true)).collect();
    seen.sort_unstable();
    assert_eq!(seen, [1, 3, 5]);
    // Nobody of the zone is allowed: one of the others is.
    assert_eq!(next(1, &all, 0, &|slot| slot % 2 == 0) % 2, 0);
    // Nobody of the zone is there.
    assert_eq!(next(1, &[0, 2], 1, &|_| true) % 2, 0);
}

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

fn rotation_at(slots: &[u32], version: u32, now: SimTime) -> Rotation<'_> {
    Rotation {
        now,
        ..rotation(slots, version)
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
        let slots = rotation_at(&[0, 1, 2], 0, now);
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
    let check = |outstanding: [u32; 4], stays| {
        let bound = Bound {
            most: 125,
            slots: &[0, 1, 2, 3],
            weights: &weights,
            weight: 4,
            active: outstanding.iter().sum(),
        };
        let load = |slot: u32| outstanding[slot as usize];
        let kept = bound.keep(0, 77, load, |_| true, true, &mut Vec::new());
        assert_eq!(kept == 0, stays, "{outstanding:?}: {kept}");
        // The same key goes to the same other one.
        assert_eq!(
            kept,
            bound.keep(0, 77, load, |_| true, true, &mut Vec::new())
        );
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

proptest! {
    /// Envoy's `hostOverloadFactor`, in doubles as there, over attempts that come and go.
    #[test]
    fn a_bounded_ring_is_that_of_envoy(
        weights in prop::collection::vec(1_u32..6, 2..9),
        most in 100_u32..300,
        steps in prop::collection::vec((any::<u64>(), any::<bool>()), 1..60),
    ) {
        let of_ring = RingConfig { points: 40, key: BalanceKey::Tenant, bounded: Some(most) };
        let config = BalanceConfig {
            weights: Weights::new(&weights),
            ..BalanceConfig::of(BalanceWay::Ring(of_ring))
        };
        let slots: Vec<u32> = (0..weights.len() as u32).collect();
        let ring = Ring::new(&of_ring, &config.weights, slots.len() as u32, SiteKey(4));
        let all: u32 = weights.iter().sum();
        let mut balancer = Balancer::new();
        let mut out: Vec<u32> = Vec::new();
        for (key, ends) in steps {
            let asker = Asker { key, ring: Some(&ring), takes_any: true, ..Asker::default() };
            let of = rotation_at(&slots, 0, at(1));
            let chosen = balancer.choose_by_more(&config, of, asker, |_| true, &mut Never).unwrap();
            let factor = |slot: u32| {
                let here = out.iter().filter(|&&it| it == slot).count();
                let total = ((out.len() as u32 + 1) * most).div_ceil(100);
                let share = f64::from(weights[slot as usize]) / f64::from(all);
                // A share of 3/3 may come out a little above a whole number.
                let slots = (f64::from(total) * share - 1e-9).ceil().max(1.0);
                here as f64 / slots
            };
            let said = ring.pick(ring.place(key), 0, |_| true).unwrap();
            if factor(said) <= 1.0 {
                prop_assert_eq!(chosen, said);
            } else if slots.iter().any(|&slot| factor(slot) <= 1.0) {
                prop_assert!(chosen != said && factor(chosen) <= 1.0);
            } else {
                prop_assert!(slots.iter().all(|&slot| factor(chosen) <= factor(slot)));
            }
            balancer.on_sent(chosen);
            out.push(chosen);
            if ends {
                let ended = out.remove(key as usize % out.len());
                balancer.on_ended(ended, at(1), at(1));
            }
        }
    }
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
        let chosen = balancer.choose_by_more(
            &config,
            rotation_at(slots, 0, at(now)),
            asker,
            allowed,
            &mut u,
        );
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
        ..ZoneMap::default()
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

/// Draws that are said beforehand.
struct Said(Vec<u64>);

impl Uniforms for Said {
    fn next_u64(&mut self) -> u64 {
        panic!("only places are drawn here")
    }

    fn below(&mut self, bound: u64) -> u64 {
        let place = self.0.remove(0);
        assert!(place < bound, "{place} of {bound}");
        place
    }
}

#[test]
fn envoy_goes_up_to_the_zone_that_a_place_is_in() {
    // Callers 20, 40, 40 %, callees 25, 25, 50 %: zone 1 keeps 2500 · 10000 / 4000 = 6250, and has 500
    // and 1000 of zones 0 and 2 for the rest.
    let skewed = map(&[0, 0, 1, 1, 2, 2, 2, 2], &[1, 2, 2]);
    for (draws, zone) in [
        (&[0][..], 1),
        (&[6_249], 1),
        // The own zone has nothing left, but Envoy's search begins there, and 0 is not above 0.
        (&[6_250, 0], 1),
        (&[6_250, 1], 0),
        (&[6_250, 500], 0),
        (&[6_250, 501], 2),
        (&[9_999, 1_499], 2),
    ] {
        let cut = cut(ZoneRule::Envoy, &skewed, 1);
        let reach = cut.reach(1, &mut Said(draws.to_vec()));
        assert_eq!(reach, Reach::Part(zone), "{draws:?}");
    }
    // 0 is drawn at a zone without instances too: then all in rotation are asked.
    let lost = map(&[1, 1, 1, 2, 2, 2], &[1, 1, 1]);
    let cut = cut(ZoneRule::Envoy, &lost, 0);
    assert_eq!(cut.reach(0, &mut Said(vec![0, 0])), Reach::Part(0));
    assert!(cut.parts[0].is_empty());
}

/// What `topologycache` does with endpoints in these zones, written down step by step: the zones that
/// they are given to, or none.
fn kubernetes(zones: &[u16], cpu: &[u32]) -> Option<Vec<usize>> {
    let all: f64 = cpu.iter().map(|&it| f64::from(it)).sum();
    let mut left = i64::try_from(zones.len()).unwrap();
    let mut desired = Vec::new();
    if cpu.len() < 2 || cpu.len() > zones.len() {
        return None;
    }
    for &own in cpu {
        let wish = f64::from(own) / all * zones.len() as f64;
        let minimum = (wish * (1.0 / (1.0 + 0.2))).ceil();
        desired.push(f64::max(wish, minimum));
        left -= minimum as i64;
        if left < 0 {
            return None;
        }
    }
    let has = |zone: usize| zones.iter().filter(|&&it| usize::from(it) == zone).count() as f64;
    let off: Vec<f64> = (0..cpu.len())
        .map(|zone| has(zone) - desired[zone])
        .collect();
    let mut giving: Vec<f64> = off.iter().map(|it| it.max(0.0)).collect();
    let mut receiving: Vec<f64> = off.iter().map(|it| (-it).max(0.0)).collect();
    let mut plan = vec![(0, 0); cpu.len()];
    let most = |of: &[f64]| {
        let mut best = (0, 0.0);
        for (zone, &count) in of.iter().enumerate() {
            if count > best.1 {
                best = (zone, count);
            }
        }
        best
    };
    loop {
        let ((giver, spare), (receiver, wanted)) = (most(&giving), most(&receiving));
        if (spare < 1.0 && wanted < 1.0) || spare < 0.5 || wanted < 0.5 {
            break;
        }
        giving[giver] -= 1.0;
        receiving[receiver] -= 1.0;
        plan[giver].0 += 1;
        plan[receiver].1 += 1;
    }
    let mut hints = Vec::new();
    for &zone in zones {
        let own = usize::from(zone);
        let to = plan.iter().position(|it| it.1 > 0);
        hints.push(match to.filter(|_| plan[own].0 > 0) {
            Some(to) => {
                plan[own].0 -= 1;
                plan[to].1 -= 1;
                to
            }
            None => own,
        });
    }
    Some(hints)
}

#[test]
fn hints_go_by_the_cpu_of_nodes() {
    let parts = |zones: &[u16], cpu: &[u32]| {
        let map = ZoneMap {
            cpu: cpu.into(),
            ..map(zones, &vec![1; cpu.len()])
        };
        let cut = cut(ZoneRule::Hints, &map, 0);
        let there = cut.reach(0, &mut Never) == Reach::Part(0);
        there.then(|| cut.parts.iter().map(Vec::len).collect::<Vec<_>>())
    };
    // Half of all CPU, a quarter, a quarter, and two of each: ceil(3 / 1.2) = 3 and twice ceil(1.5 / 1.2) = 2
    // are one too many.
    assert_eq!(parts(&[0, 1, 2, 0, 1, 2], &[2, 1, 1]), None);
    // Of twelve: 6, 3, 3. The others give one each, their first ones.
    let twelve = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2];
    assert_eq!(parts(&twelve, &[2, 1, 1]), Some(vec![6, 3, 3]));
    // The least of each, ceil(7.2 / 1.2) = 6 and twice ceil(0.9 / 1.2) = 1, are 8 of 9.
    let nine = &twelve[..9];
    assert_eq!(parts(nine, &[8, 1, 1]), Some(vec![7, 1, 1]));
    // Of eight: ceil(6.4 / 1.2) = 6, and one and one. Of four: ceil(3.2 / 1.2) = 3, and two more are 5.
    assert_eq!(parts(&twelve[..8], &[8, 1, 1]).map(|it| it.len()), Some(3));
    assert_eq!(parts(&twelve[..4], &[8, 1, 1]), None);
    // In one zone there is nothing to choose.
    assert_eq!(parts(&[0, 0, 0], &[1]), None);
}

proptest! {
    #[test]
    fn hints_are_those_of_kubernetes(
        zones in prop::collection::vec(0_u16..4, 1..40),
        cpu in prop::collection::vec(1_u32..64_000, 4),
        home in 0_usize..4,
    ) {
        let map = ZoneMap { cpu: cpu.clone().into(), ..map(&zones, &[1; 4]) };
        let cut = cut(ZoneRule::Hints, &map, home);
        let reach = cut.reach(home, &mut Never);
        match kubernetes(&zones, &cpu) {
            Some(hints) if hints.contains(&home) => {
                prop_assert_eq!(reach, Reach::Part(home));
                for (zone, part) in cut.parts.iter().enumerate() {
                    let given = hints.iter().enumerate().filter(|(_, to)| **to == zone);
                    let given: Vec<u32> = given.map(|(slot, _)| slot as u32).collect();
                    prop_assert_eq!(part, &given);
                }
            }
            // No hints at all, or none for this zone: kube-proxy takes all endpoints.
            Some(_) | None => prop_assert_eq!(reach, Reach::All),
        }
    }

    /// Envoy's shares, as it works them out.
    #[test]
    fn zones_are_sent_to_as_envoy_does(
        called in prop::collection::vec(0_u16..4, 1..24),
        callers in prop::collection::vec(0_u32..9, 4),
        home in 0_usize..4,
        sample in 0_u64..10_000,
        place in 0_u64..100_000,
    ) {
        prop_assume!(callers[home] > 0);
        let of = map(&called, &callers);
        let cut = cut(ZoneRule::Envoy, &of, home);
        let here = |zone: usize| called.iter().filter(|&&it| usize::from(it) == zone).count() as u64;
        let zones = (0..4).filter(|&zone| here(zone) > 0).count();
        let asking = callers.iter().filter(|&&it| it > 0).count();
        let all: u64 = callers.iter().map(|&it| u64::from(it)).sum();
        let upstream: Vec<u64> = (0..4).map(|it| 10_000 * here(it) / called.len() as u64).collect();
        let local: Vec<u64> = callers.iter().map(|&it| 10_000 * u64::from(it) / all).collect();
        let expected = if called.len() < 6 || zones < 2 || asking < 2 {
            (Reach::All, vec![])
        } else if upstream[home] > 0 && upstream[home] >= local[home] {
            (Reach::Part(home), vec![])
        } else if sample < upstream[home] * 10_000 / local[home] {
            (Reach::Part(home), vec![sample])
        } else {
            // The own zone is the first of Envoy's list.
            let order: Vec<usize> =
                std::iter::once(home).chain((0..4).filter(|&it| it != home)).collect();
            let mut residual = [0; 4];
            for at in 1..4 {
                residual[at] = residual[at - 1] + upstream[order[at]].saturating_sub(local[order[at]]);
            }
            if residual[3] == 0 {
                (Reach::Part((place % 4) as usize), vec![sample, place % 4])
            } else {
                let threshold = place % residual[3];
                let mut at = 0;
                while threshold > residual[at] {
                    at += 1;
                }
                (Reach::Part(order[at]), vec![sample, threshold])
            }
        };
        prop_assert_eq!(cut.reach(home, &mut Said(expected.1)), expected.0);
    }
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
        let slots = rotation(slots, version);
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

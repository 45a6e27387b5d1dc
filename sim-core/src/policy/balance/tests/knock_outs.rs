//! What is found by a knock-out or an index is what looking at all finds, pick by pick, over long random
//! sequences: attempts that come and go, members that leave and return, some that are not allowed, those who
//! are forgotten, weights of all kinds, ramps, zones.

use super::super::ring::Bound;
use super::weighted::Nginx;
use super::*;
use crate::random::{Draws, SiteKey};
use crate::time::SimDuration;
use std::collections::BTreeMap;

/// What a sequence goes through.
struct World {
    u: SplitMix,
    config: BalanceConfig,
    slots: Vec<u32>,
    version: u32,
    joined: Vec<SimTime>,
    now: SimTime,
    out: Vec<u32>,
    barred: Vec<u32>,
    /// By slot, and the number of its last change.
    loads: Vec<(u32, u64)>,
    changes: u64,
}

impl World {
    fn new(way: BalanceWay, seed: u64) -> Self {
        let mut u = SplitMix(seed.wrapping_mul(0x9E37_79B9));
        let count = 1 + u.below(40) as usize;
        let most = [1, 2, 5, 300, 65_535][u.below(5) as usize];
        let weights: Vec<u32> = (0..count).map(|_| 1 + u.below(most) as u32).collect();
        let begins = Begins {
            join: true,
            check_passed: true,
        };
        let time = SimDuration::from_millis(20);
        let slow_start = u.below(3) == 0;
        let mut config = BalanceConfig {
            slow_start: slow_start.then_some(SlowStart {
                time,
                aggression: 1.0,
                from: 0.1,
                begins,
            }),
            weights: Weights::new(&weights),
            ..BalanceConfig::of(way)
        };
        if u.below(4) == 0 {
            config.zone = ZoneRule::Prefer;
            config.zones = ZoneMap {
                callees: (0..count).map(|_| u.below(2) as u16).collect(),
                callers: [1, 1].into(),
                ..ZoneMap::default()
            };
        }
        Self {
            u,
            config,
            slots: (0..count as u32).collect(),
            version: 0,
            joined: vec![SimTime::ZERO; count],
            now: SimTime::ZERO,
            out: Vec::new(),
            barred: Vec::new(),
            loads: vec![(0, 0); count],
            changes: 0,
        }
    }

    fn change(&mut self, slot: u32, by: i32) {
        self.changes += 1;
        let line = &mut self.loads[slot as usize];
        *line = (line.0.saturating_add_signed(by), self.changes);
    }

    /// What happens before a choice.
    fn step(&mut self, balancer: &mut Balancer, forgotten: impl FnOnce(u32)) {
        self.now = self.now + SimDuration::from_micros(self.u.below(900));
        let count = self.loads.len() as u64;
        // Loads go up and down in waves.
        let ends = if self.u.below(2) == 0 {
            1
        } else {
            self.u.below(3)
        };
        for _ in 0..ends.min(self.out.len() as u64) {
            let at = self.u.below(self.out.len() as u64) as usize;
            let slot = self.out.swap_remove(at);
            balancer.on_ended(slot, self.now, self.now);
            self.change(slot, -1);
        }
        if self.u.below(60) == 0 {
            self.version += 1;
            let leave = self.u.below(4);
            let stays = |u: &mut SplitMix| u.below(4) >= leave;
            self.slots = (0..count as u32).filter(|_| stays(&mut self.u)).collect();
            if let Some(&new) = self.slots.get(self.u.below(12) as usize) {
                self.joined[new as usize] = self.now;
            }
        }
        if self.u.below(150) == 0 {
            let slot = self.u.below(count) as u32;
            balancer.forget(slot);
            forgotten(slot);
        }
        self.barred.clear();
        let barred = [0, 0, 0, 1, 2, count][self.u.below(6) as usize];
        for _ in 0..self.u.below(barred + 1) {
            self.barred.push(self.u.below(count) as u32);
        }
    }

    fn choose(&mut self, balancer: &mut Balancer, ring: Option<&Ring>, key: u64) -> Option<u32> {
        // Either it is known who is barred, or each has to be asked.
        let takes_any = self.u.below(3) > 0;
        let asker = Asker {
            takes_any,
            but: if takes_any { &self.barred } else { &[] },
            ring,
            key,
            ..Asker::default()
        };
        let rotation = Rotation {
            slots: &self.slots,
            version: self.version,
            joined: &self.joined,
            passed: &[],
            now: self.now,
        };
        let allowed = |slot| !self.barred.contains(&slot);
        let mut u = SplitMix(key);
        let chosen = balancer.choose_by_more(&self.config, rotation, asker, allowed, &mut u);
        assert_eq!(u.next_u64(), SplitMix(key).next_u64(), "nothing is drawn");
        chosen
    }

    fn send(&mut self, balancer: &mut Balancer, chosen: Option<u32>) {
        if let Some(slot) = chosen {
            balancer.on_sent(slot);
            self.out.push(slot);
            self.change(slot, 1);
        }
    }

    /// What a slot weighs now, in 1/65536.
    fn weight(&self, slot: u32) -> u64 {
        let whole = u64::from(self.config.weights.of(slot));
        let since = self.joined[slot as usize];
        match &self.config.slow_start {
            Some(ramp) if since > SimTime::ZERO => whole * ramp.factor(self.now.since(since)),
            Some(_) | None => whole * 65_536,
        }
    }

    /// Those in the zone, if zones count, and all: whom `of` gives for the first that gives anybody.
    fn by_zone(&self, mut of: impl FnMut(usize, &[u32]) -> Option<u32>) -> Option<u32> {
        let in_zone = |slot: &u32| self.config.zones.callees[*slot as usize] == 0;
        if self.config.zone == ZoneRule::Prefer && self.slots.len() > 1 {
            let own: Vec<u32> = self.slots.iter().copied().filter(in_zone).collect();
            let found = if own.is_empty() { None } else { of(1, &own) };
            return found.or_else(|| of(0, &self.slots));
        }
        of(0, &self.slots)
    }

    fn is_allowed(&self, slot: u32) -> bool {
        !self.barred.contains(&slot)
    }
}

const SEEDS: u64 = 60;
const STEPS: u64 = 400;

#[test]
fn the_least_for_its_weight_is_that_of_nginx_whatever_happens() {
    let mut ties = 0;
    for seed in 0..SEEDS {
        let mut world = World::new(BalanceWay::WeightedLeast(LeastRule::PerWeight), seed);
        let mut balancer = Balancer::new();
        let mut nginx: [Nginx; 2] = Default::default();
        for step in 0..STEPS {
            world.step(&mut balancer, |slot| {
                for nginx in &mut nginx {
                    nginx.0.remove(&slot);
                }
            });
            let expected = world.by_zone(|part, slots| {
                let mut among = slots.to_vec();
                among.retain(|&slot| world.is_allowed(slot));
                let load = |slot: u32| u128::from(world.loads[slot as usize].0);
                let weight = |slot: u32| u128::from(world.weight(slot));
                let least = *among.iter().reduce(|a, b| {
                    let less = load(*b) * weight(*a) < load(*a) * weight(*b);
                    if less { b } else { a }
                })?;
                among.retain(|&it| load(it) * weight(least) == load(least) * weight(it));
                if among.len() == 1 {
                    return Some(least);
                }
                ties += 1;
                nginx[part].next(among.iter().map(|&slot| (slot, world.weight(slot))))
            });
            let chosen = world.choose(&mut balancer, None, step);
            assert_eq!(chosen, expected, "seed {seed}, step {step}");
            world.send(&mut balancer, chosen);
        }
    }
    assert!(ties > 2_000, "{ties}");
}

#[test]
fn the_least_with_the_next_is_that_of_haproxy_whatever_happens() {
    for seed in 0..SEEDS {
        let mut world = World::new(BalanceWay::WeightedLeast(LeastRule::WithNext), seed);
        let mut balancer = Balancer::new();
        for step in 0..STEPS {
            world.step(&mut balancer, |_| {});
            let expected = world.by_zone(|_, slots| {
                let among = slots.iter().copied().filter(|&slot| world.is_allowed(slot));
                among.min_by_key(|&slot| {
                    let (load, changed) = world.loads[slot as usize];
                    let key = (u64::from(load) + 1) * 256 * 65_536 / world.weight(slot);
                    (if load == 0 { 0 } else { key }, changed)
                })
            });
            let chosen = world.choose(&mut balancer, None, step);
            assert_eq!(chosen, expected, "seed {seed}, step {step}");
            world.send(&mut balancer, chosen);
        }
    }
}

/// Who keeps a key of a bounded ring, all others being put in a list.
fn kept_by_list(
    bound: &Bound<'_>,
    said: u32,
    key: u64,
    load: impl Fn(u32) -> (u64, u64),
    allowed: impl Fn(u32) -> bool,
) -> u32 {
    let fits = |(has, room): (u64, u64)| has <= room;
    let (mut least, mut of_least) = (said, load(said));
    if fits(of_least) {
        return said;
    }
    let others = bound.slots.iter().copied();
    let mut others: Vec<u32> = others.filter(|&it| it != said && allowed(it)).collect();
    let mut draws = Draws::new(SiteKey(key), 2);
    while !others.is_empty() {
        let slot = others.swap_remove(draws.below(others.len() as u64) as usize);
        let of_slot = load(slot);
        if fits(of_slot) {
            return slot;
        }
        if of_slot.0 * of_least.1 < of_least.0 * of_slot.1 {
            (least, of_least) = (slot, of_slot);
        }
    }
    least
}

#[test]
fn a_ring_says_what_going_round_it_says_whatever_happens() {
    let mut passed_on = BTreeMap::new();
    for seed in 0..SEEDS {
        let bounded = [None, Some(100), Some(125)][seed as usize % 3];
        let points = [1, 7, 160][seed as usize / 3 % 3];
        let of_ring = RingConfig {
            points,
            key: BalanceKey::Call,
            bounded,
        };
        let mut world = World::new(BalanceWay::Ring(of_ring), seed);
        world.config.zone = ZoneRule::Any;
        let few: Vec<u32> = (0..world.loads.len() as u32).map(|it| 1 + it % 3).collect();
        world.config.weights = Weights::new(&few);
        let weights = world.config.weights.clone();
        let ring = Ring::new(&of_ring, &weights, few.len() as u32, SiteKey(seed));
        let mut balancer = Balancer::new();
        for step in 0..STEPS {
            world.step(&mut balancer, |_| {});
            let place = ring.place(step);
            let is_there = |slot: u32| world.slots.contains(&slot) && world.is_allowed(slot);
            let said = if world.slots.len() > 1 {
                ring.pick_around(place, 0, is_there)
            } else {
                world.slots.first().copied().filter(|&it| is_there(it))
            };
            let bound = Bound {
                most: bounded.unwrap_or(0),
                slots: &world.slots,
                weights: &weights,
                weight: world
                    .slots
                    .iter()
                    .map(|&it| u64::from(weights.of(it)))
                    .sum(),
                active: world.out.len() as u32,
            };
            let load = |it: u32| (u64::from(world.loads[it as usize].0), bound.room(it));
            let expected = match said {
                Some(said) if bounded.is_some() && world.slots.len() > 1 => {
                    Some(kept_by_list(&bound, said, place, load, is_there))
                }
                Some(_) | None => said,
            };
            *passed_on.entry(expected == said).or_insert(0) += 1;
            let chosen = world.choose(&mut balancer, Some(&ring), step);
            assert_eq!(chosen, expected, "seed {seed}, step {step}");
            world.send(&mut balancer, chosen);
        }
    }
    assert!(passed_on[&false] > 100, "{passed_on:?}");
}

#[test]
fn the_index_of_a_ring_is_the_ring() {
    for (points, instances) in [(1, 1), (1, 2), (3, 5), (160, 40), (2_000, 70)] {
        let config = RingConfig {
            points,
            key: BalanceKey::Call,
            bounded: None,
        };
        let ring = Ring::new(&config, &Weights::default(), instances, SiteKey(2));
        let mut u = SplitMix(3);
        let edges = (0..64).flat_map(|bit| [(1 << bit) - 1, 1 << bit, u64::MAX << bit]);
        let drawn: Vec<u64> = (0..20_000).map(|_| u.next_u64()).collect();
        for place in edges.chain(drawn) {
            let around = ring.pick_around(place, 0, |_| true);
            assert_eq!(ring.pick(place, 0, |_| true), around, "{place:x}");
        }
    }
}

#[test]
fn those_who_do_not_fit_are_tried_in_the_same_order_however_many_they_are() {
    let weights = Weights::default();
    for count in [2_u32, 3, 30, 33, 34, 35, 70, 500] {
        let slots: Vec<u32> = (0..count).collect();
        for key in 0..20 {
            // One of all has room, or nobody.
            let free = key as u32 * 7 % (count + 1);
            let bound = Bound {
                most: 100,
                slots: &slots,
                weights: &weights,
                weight: u64::from(count),
                active: count,
            };
            let has = |slot: u32| if slot == free { 0 } else { 9 + slot % 2 };
            let load = |slot: u32| (u64::from(has(slot)), bound.room(slot));
            let kept = bound.keep(1, key, has, |_| true, true, &mut Vec::new());
            let expected = kept_by_list(&bound, 1, key, load, |_| true);
            assert_eq!(kept, expected, "{count} {key}");
        }
    }
}

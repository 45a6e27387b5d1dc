//! Choosing by more than the rotation: by weight, ramp, zone, key and time.
//!
//! What is looked at in turn: who is sticky; then which zone the caller sends to; then the way. A way that
//! goes by weights has a machine of its own, which is told of the rotation, or of the part of it in one
//! zone. A machine that is made for a rotation begins anew when that changes, and where all weigh the
//! same those of the ways without weights decide, with the same draws (rule 52).

use super::balancer::{Balancer, in_turn, outstanding};
use super::candidates::{any, fewest, fewest_of, fewest_replaced};
use super::config::{BalanceConfig, BalanceWay, LeastRule};
use super::deadlines::Deadlines;
use super::memory::{Common, Head, Memory};
use super::places::place_of;
use super::ring::{Bound, Ring, RingConfig};
use super::rotation::Rotation;
use super::slow_start::Scales;
use super::smooth::Lost;
use super::with_next::Key;
use super::zones::{Reach, ZoneRule};
use crate::random::Uniforms;
use crate::random::detmath::pow;

/// For whom it is chosen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asker<'a> {
    /// What a ring is asked by: calls with the same belong together.
    pub key: u64,
    /// What says who is sticky: a small number.
    pub sticky: u32,
    /// Attempts that its call has sent so far \[count\].
    pub attempt: u32,
    /// The zone of the caller.
    pub home: u16,
    /// Whether every instance is allowed that is not in `but`.
    pub takes_any: bool,
    /// Those who are not allowed, if all others are.
    pub but: &'a [u32],
    /// The ring, if the way has one.
    pub ring: Option<&'a Ring>,
}

impl Asker<'_> {
    /// Whether every instance is allowed.
    const fn takes_all(&self) -> bool {
        self.takes_any && self.but.is_empty()
    }
}

impl Balancer {
    /// The instance for the next attempt, by all that a configuration looks at; `None` if no instance
    /// in rotation is allowed. As [`Self::choose`], which it is where nothing but the rotation counts.
    pub fn choose_by_more<U: Uniforms>(
        &mut self,
        config: &BalanceConfig,
        rotation: Rotation<'_>,
        asker: Asker<'_>,
        allowed: impl Fn(u32) -> bool,
        u: &mut U,
    ) -> Option<u32> {
        let slots = rotation.slots;
        if let [] | [_] = slots {
            return slots.first().copied().filter(|&only| allowed(only));
        }
        let Some(sticky) = &config.sticky else {
            return self.choose_in_zone(config, rotation, asker, allowed, u);
        };
        let memory = self.remember();
        let same = memory.common.kept.of(sticky, asker.sticky, rotation.now);
        let stays = |&same: &u32| slots.binary_search(&same).is_ok() && allowed(same);
        let chosen = match same.filter(stays) {
            Some(same) => same,
            None => self.choose_in_zone(config, rotation, asker, allowed, u)?,
        };
        let memory = self.remember();
        memory.common.kept.keep(asker.sticky, chosen, rotation.now);
        Some(chosen)
    }

    /// What it remembers; it begins with what it has outstanding already.
    pub(super) fn remember(&mut self) -> &mut Memory {
        let outstanding = &self.outstanding;
        self.memory.get_or_insert_with(|| {
            let mut memory = Box::<Memory>::default();
            memory.common.active = outstanding.iter().sum();
            memory
        })
    }

    fn choose_in_zone<U: Uniforms>(
        &mut self,
        config: &BalanceConfig,
        rotation: Rotation<'_>,
        asker: Asker<'_>,
        allowed: impl Fn(u32) -> bool,
        u: &mut U,
    ) -> Option<u32> {
        self.remember();
        let mut memory = self.memory.take().unwrap_or_default();
        let home = usize::from(asker.home);
        let mut reach = Reach::All;
        if config.zone != ZoneRule::Any && home < config.zones.callers.len() {
            let Rotation { slots, version, .. } = rotation;
            memory
                .cut
                .make(config.zone, &config.zones, home, slots, version);
            reach = memory.cut.reach(home, u);
        }
        let chosen = match reach {
            Reach::All => {
                let Memory { head, common, .. } = &mut *memory;
                self.by_way(config, common, head, rotation, asker, &allowed, u)
            }
            Reach::Part(zone) => {
                self.in_part(config, &mut memory, zone, rotation, asker, &allowed, u)
            }
        };
        self.memory = Some(memory);
        chosen
    }

    /// Among those of a part; among all, if none of them is allowed.
    #[expect(clippy::too_many_arguments, reason = "what is known of one choice")]
    fn in_part<U: Uniforms>(
        &mut self,
        config: &BalanceConfig,
        memory: &mut Memory,
        zone: usize,
        rotation: Rotation<'_>,
        asker: Asker<'_>,
        allowed: &impl Fn(u32) -> bool,
        u: &mut U,
    ) -> Option<u32> {
        if memory.parts.len() <= zone {
            memory.parts.resize_with(zone + 1, Default::default);
        }
        let Memory {
            head,
            cut,
            parts,
            common,
        } = memory;
        let (turn, of_part) = &mut parts[zone];
        let part = Rotation {
            slots: &cut.parts[zone],
            ..rotation
        };
        std::mem::swap(turn, &mut self.turn);
        let chosen = self.by_way(config, common, of_part, part, asker, allowed, u);
        std::mem::swap(turn, &mut self.turn);
        if chosen.is_some() {
            return chosen;
        }
        self.by_way(config, common, head, rotation, asker, allowed, u)
    }

    #[expect(clippy::too_many_arguments, reason = "what is known of one choice")]
    #[expect(clippy::too_many_lines, reason = "an arm for each way")]
    fn by_way<U: Uniforms>(
        &mut self,
        config: &BalanceConfig,
        memory: &mut Common,
        head: &mut Head,
        rotation: Rotation<'_>,
        asker: Asker<'_>,
        allowed: &impl Fn(u32) -> bool,
        u: &mut U,
    ) -> Option<u32> {
        let slots = rotation.slots;
        if let [] | [_] = slots {
            return slots.first().copied().filter(|&only| allowed(only));
        }
        let scales = Scales {
            weights: &config.weights,
            slow_start: config.slow_start.as_ref(),
            rotation,
        };
        let load = |slot| outstanding(&self.outstanding, slot);
        let differ = config.way.knows_weights() && head.differ(&rotation, &scales);
        match config.way {
            BalanceWay::Smooth if memory.lost.is_any() => {
                let among = slots.iter().copied().filter(|&slot| allowed(slot));
                let lost = &mut memory.lost;
                head.smooth.pick_weakened(among, &scales, lost)
            }
            BalanceWay::Smooth => {
                if head.is_ramping(rotation.now) {
                    let among = slots.iter().copied().filter(|&slot| allowed(slot));
                    return head.smooth.pick_anew(among, &scales);
                }
                let anew = head.is_new(&rotation);
                if asker.takes_all() {
                    return head.smooth.pick_of_all(slots, &scales, anew);
                }
                let left_out = &mut self.scratch;
                places_left_out(slots, &asker, left_out, allowed);
                head.smooth.pick_without(slots, &scales, anew, left_out)
            }
            BalanceWay::WeightedLeast(rule) => {
                let changed = |slot: u32| memory.changed.get(slot as usize).copied();
                let chooser = Chooser {
                    scales,
                    asker,
                    differ,
                    load: &load,
                    changed: &|slot| changed(slot).unwrap_or(0),
                };
                let lost = &mut memory.lost;
                chooser.least(rule, head, lost, &mut self.scratch, allowed, u)
            }
            BalanceWay::Random if differ => {
                if head.is_new(&rotation) || head.is_ramping(rotation.now) {
                    head.spread.begin(slots, &scales);
                }
                head.spread.pick(slots, &scales, allowed, u)
            }
            BalanceWay::Stride if differ => {
                let new = head.is_new(&rotation);
                if new || head.is_ramping(rotation.now) {
                    head.stride.begin(slots, &scales, new, u);
                }
                head.stride.pick(slots, allowed)
            }
            BalanceWay::RoundRobin if differ => {
                let weight = |slot| scales.of(slot) as f64;
                if head.is_new(&rotation) {
                    begin_some_turns_in(&mut head.deadlines, slots, weight, u);
                }
                head.deadlines.pick(allowed, weight)
            }
            BalanceWay::RoundRobin | BalanceWay::Stride => {
                in_turn(&mut self.turn, slots, allowed, u)
            }
            BalanceWay::Random => any(slots, allowed, &mut self.scratch, u),
            BalanceWay::LeastRequests => fewest(slots, allowed, load, &mut self.scratch, u),
            BalanceWay::PowerOfChoices {
                choices,
                replace: true,
            } => fewest_replaced(choices, slots, allowed, load, &mut self.scratch, u),
            BalanceWay::PowerOfChoices { choices, .. } => {
                fewest_of(choices as usize, slots, allowed, load, &mut self.scratch, u)
            }
            BalanceWay::PeakEwma(ewma) => {
                memory.ewma = Some(ewma);
                let cost = |slot| memory.costs.load(&ewma, rotation.now, slot, load(slot));
                let choices = ewma.choices as usize;
                fewest_of(choices, slots, allowed, cost, &mut self.scratch, u)
            }
            BalanceWay::Ring(ring) => {
                if ring.bounded.is_some() && head.is_new(&rotation) {
                    let weights = slots.iter().map(|&slot| u64::from(config.weights.of(slot)));
                    head.weight = weights.sum();
                }
                let of_all = (head.weight, memory.active);
                by_ring(
                    &ring,
                    &scales,
                    asker,
                    allowed,
                    load,
                    of_all,
                    &mut self.scratch,
                )
            }
        }
    }
}

/// The instance that a ring says, or another if that has too much.
fn by_ring(
    config: &RingConfig,
    scales: &Scales<'_>,
    asker: Asker<'_>,
    allowed: impl Fn(u32) -> bool,
    load: impl Fn(u32) -> u32,
    (weight, active): (u64, u32),
    scratch: &mut Vec<u32>,
) -> Option<u32> {
    let ring = asker.ring?;
    let slots = scales.rotation.slots;
    let is_there = |slot: u32| place_of(slots, slot).is_some() && allowed(slot);
    let place = ring.place(asker.key);
    let said = ring.pick(place, asker.attempt, is_there)?;
    let Some(most) = config.bounded else {
        return Some(said);
    };
    let bound = Bound {
        most,
        slots,
        weights: scales.weights,
        weight,
        active,
    };
    let takes_all = asker.takes_all();
    Some(bound.keep(said, place, load, &allowed, takes_all, scratch))
}

/// What the least loaded by weight is found by.
struct Chooser<'a> {
    scales: Scales<'a>,
    asker: Asker<'a>,
    differ: bool,
    load: &'a dyn Fn(u32) -> u32,
    /// The number of the last change of what is outstanding.
    changed: &'a dyn Fn(u32) -> u64,
}

impl Chooser<'_> {
    fn least<U: Uniforms>(
        &self,
        rule: LeastRule,
        head: &mut Head,
        lost: &mut Lost,
        scratch: &mut Vec<u32>,
        allowed: &impl Fn(u32) -> bool,
        u: &mut U,
    ) -> Option<u32> {
        let scales = &self.scales;
        let slots = scales.rotation.slots;
        match rule {
            LeastRule::Deadlines { bias, .. } if self.differ => {
                let weight = |slot| scales.of(slot) as f64 / divisor((self.load)(slot), bias);
                if head.is_new(&scales.rotation) {
                    begin_some_turns_in(&mut head.deadlines, slots, weight, u);
                }
                head.deadlines.pick(allowed, weight)
            }
            LeastRule::Deadlines { choices, .. } => {
                fewest_replaced(choices, slots, allowed, self.load, scratch, u)
            }
            LeastRule::PerWeight => self.per_weight(head, lost, scratch, allowed),
            LeastRule::WithNext => self.with_next(head, allowed),
        }
    }

    /// In a ramp all are looked at, since weights are others at each moment; and while somebody has lost
    /// some by failures, since each turn gives some back.
    fn per_weight(
        &self,
        head: &mut Head,
        lost: &mut Lost,
        scratch: &mut Vec<u32>,
        allowed: &impl Fn(u32) -> bool,
    ) -> Option<u32> {
        let scales = &self.scales;
        if !lost.is_any() && !head.is_ramping(scales.rotation.now) {
            let anew = head.is_new(&scales.rotation);
            self.leave_out(scratch, allowed);
            let accounts = head.smooth.accounts();
            return (head.per_weight).pick(scales, anew, accounts, self.load, scratch);
        }
        head.per_weight.take_back(head.smooth.accounts());
        self.least_for_weight(allowed, scratch);
        match scratch[..] {
            [] => None,
            [only] => Some(only),
            _ if lost.is_any() => {
                let among = scratch.iter().copied();
                head.smooth.pick_weakened(among, scales, lost)
            }
            _ => head.smooth.pick_anew(scratch.iter().copied(), scales),
        }
    }

    fn with_next(&self, head: &mut Head, allowed: &impl Fn(u32) -> bool) -> Option<u32> {
        let scales = &self.scales;
        let slots = scales.rotation.slots;
        let key = |slot| Key::new((self.load)(slot), scales.of(slot), (self.changed)(slot));
        if !head.is_ramping(scales.rotation.now) {
            let anew = head.is_new(&scales.rotation);
            let machine = &mut head.with_next;
            return machine.pick(slots, anew, key, self.asker.takes_all(), allowed);
        }
        head.with_next.drop_all();
        let among = slots.iter().copied().filter(|&slot| allowed(slot));
        among.min_by_key(|&slot| key(slot))
    }

    /// The places of those who are not allowed.
    fn leave_out(&self, places: &mut Vec<u32>, allowed: &impl Fn(u32) -> bool) {
        places_left_out(self.scales.rotation.slots, &self.asker, places, allowed);
    }

    /// Those with the least load for their weight, in order.
    fn least_for_weight(&self, allowed: impl Fn(u32) -> bool, least: &mut Vec<u32>) {
        least.clear();
        let mut best = (0_u128, 1_u128);
        let slots = self.scales.rotation.slots;
        for &slot in slots.iter().filter(|&&slot| allowed(slot)) {
            let load = u128::from((self.load)(slot));
            let weight = u128::from(self.scales.of(slot));
            let order = (load * best.1).cmp(&(best.0 * weight));
            if least.is_empty() || order.is_lt() {
                least.clear();
                best = (load, weight);
            }
            if least.is_empty() || order.is_eq() {
                least.push(slot);
            }
        }
    }
}

/// The places of those who are not allowed: nobody is asked where it is known who they are.
fn places_left_out(
    slots: &[u32],
    asker: &Asker<'_>,
    places: &mut Vec<u32>,
    allowed: &impl Fn(u32) -> bool,
) {
    places.clear();
    if asker.takes_any {
        places.extend(asker.but.iter().filter_map(|&slot| place_of(slots, slot)));
        places.sort_unstable();
        places.dedup();
    } else {
        let barred = (0..).zip(slots).filter(|&(_, &slot)| !allowed(slot));
        places.extend(barred.map(|(place, _)| place));
    }
}

/// What an outstanding load divides a weight by.
fn divisor(outstanding: u32, bias: f64) -> f64 {
    let with_next = f64::from(outstanding) + 1.0;
    #[expect(clippy::float_cmp, reason = "these are written")]
    if bias == 1.0 {
        with_next
    } else if bias == 0.0 {
        1.0
    } else {
        pow(with_next, bias)
    }
}

fn begin_some_turns_in<U: Uniforms>(
    deadlines: &mut Deadlines,
    slots: &[u32],
    weight: impl Fn(u32) -> f64,
    u: &mut U,
) {
    deadlines.begin(slots, &weight);
    for _ in 0..u.below(slots.len() as u64) {
        deadlines.next(&weight);
    }
}

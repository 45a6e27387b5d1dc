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
use super::ring::{Bound, Ring, RingConfig};
use super::rotation::Rotation;
use super::slow_start::{ONE, Scales};
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
    /// Whether every instance is allowed.
    pub takes_any: bool,
    /// The ring, if the way has one.
    pub ring: Option<&'a Ring>,
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
    fn remember(&mut self) -> &mut Memory {
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
                if asker.takes_any {
                    head.smooth.pick_of_all(slots, &scales, anew)
                } else {
                    head.smooth.pick_of_allowed(slots, &scales, anew, allowed)
                }
            }
            BalanceWay::WeightedLeast(rule) => {
                let changed = |slot: u32| memory.changed.get(slot as usize).copied();
                let chooser = Chooser {
                    scales,
                    differ,
                    load: &load,
                    changed: &|slot| changed(slot).unwrap_or(0),
                };
                chooser.least(rule, head, &mut self.scratch, allowed, u)
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
    // Mostly all are in rotation, and each is in its place.
    let in_rotation =
        |slot: u32| slots.get(slot as usize) == Some(&slot) || slots.binary_search(&slot).is_ok();
    let is_there = |slot: u32| in_rotation(slot) && allowed(slot);
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
    Some(bound.keep(said, place, load, &allowed, scratch))
}

/// What the least loaded by weight is found by.
struct Chooser<'a> {
    scales: Scales<'a>,
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
            LeastRule::PerWeight => {
                self.least_for_weight(allowed, scratch);
                match scratch[..] {
                    [] => None,
                    [only] => Some(only),
                    _ => head.smooth.pick_anew(scratch.iter().copied(), scales),
                }
            }
            LeastRule::WithNext => {
                let key = |slot| match (self.load)(slot) {
                    0 => 0,
                    some => (u64::from(some) + 1) * WITH_NEXT_SCALE * ONE / scales.of(slot),
                };
                let among = slots.iter().copied().filter(|&slot| allowed(slot));
                among.min_by_key(|&slot| (key(slot), (self.changed)(slot)))
            }
        }
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

/// `HAProxy`'s keys are whole numbers of so many parts of an attempt per weight: 4096 / 16.
const WITH_NEXT_SCALE: u64 = 256;

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

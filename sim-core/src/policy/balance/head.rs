//! What a balancer remembers of a rotation, and what each way makes of it.
//!
//! A way that goes by weights has a machine of its own, which is told of the rotation, or of the part of it in
//! one zone. A machine that is made for a rotation begins anew when that changes, and where all weigh the
//! same those of the ways without weights decide, with the same draws (rule 52).

use super::candidates::{any, fewest, fewest_of, fewest_replaced, in_turn, outstanding};
use super::config::{BalanceConfig, BalanceWay, LeastRule};
use super::deadlines::Deadlines;
use super::kept::Kept;
use super::peak_ewma::{Costs, PeakEwma};
use super::per_weight::PerWeight;
use super::places::place_of;
use super::ring::{Bound, RingConfig};
use super::rotation::{Asker, Rotation};
use super::slow_start::Scales;
use super::smooth::{Lost, Smooth};
use super::spread::Spread;
use super::stride::Stride;
use super::with_next::{Key, WithNext};
use crate::random::Uniforms;
use crate::random::detmath::pow;
use crate::time::SimTime;

/// What is remembered of instances, whatever part they are in.
#[derive(Clone, Debug, Default)]
pub(super) struct Common {
    /// By slot, the number of the last attempt sent or ended there \[count\].
    pub(super) changed: Vec<u64>,
    changes: u64,
    /// Attempts outstanding, wherever \[count\].
    pub(super) active: u32,
    /// How costs are kept, once they are.
    pub(super) ewma: Option<PeakEwma>,
    pub(super) costs: Costs,
    pub(super) kept: Kept,
    pub(super) lost: Lost,
}

/// What is remembered of a rotation, or of a part of one.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    /// The rotation that it has looked at.
    seen: Option<u32>,
    /// When the last ramp in it is over.
    ramps_until: SimTime,
    /// Whether weights in it differ, ramps apart.
    differ: bool,
    /// The rotation that the machine was made for.
    made_for: Option<u32>,
    /// What all weigh together, where somebody asks.
    pub(super) weight: u64,
    pub(super) deadlines: Deadlines,
    pub(super) smooth: Smooth,
    pub(super) stride: Stride,
    pub(super) spread: Spread,
    pub(super) per_weight: PerWeight,
    pub(super) with_next: WithNext,
}

/// What every balancer has.
pub(super) struct Own<'a> {
    pub(super) outstanding: &'a [u32],
    pub(super) turn: &'a mut Option<u32>,
    pub(super) scratch: &'a mut Vec<u32>,
}

impl Common {
    /// What is outstanding at this instance has changed.
    pub(super) fn on_changed(&mut self, slot: u32) {
        let line = slot as usize;
        if self.changed.len() <= line {
            self.changed.resize(line + 1, 0);
        }
        self.changes += 1;
        self.changed[line] = self.changes;
    }
}

impl Head {
    /// What is outstanding at this instance has changed.
    pub(super) fn touch(&mut self, slot: u32) {
        self.per_weight.touch(slot);
        self.with_next.touch(slot);
    }

    /// Whether weights differ now.
    fn differ(&mut self, rotation: &Rotation<'_>, scales: &Scales<'_>) -> bool {
        if self.seen != Some(rotation.version) {
            self.seen = Some(rotation.version);
            self.ramps_until = scales.ramps_until(rotation.slots);
            let level = Scales {
                slow_start: None,
                ..*scales
            };
            self.differ = level.differ(rotation.slots);
        }
        if self.is_ramping(rotation.now) {
            scales.differ(rotation.slots)
        } else {
            self.differ
        }
    }

    fn is_ramping(&self, now: SimTime) -> bool {
        now < self.ramps_until
    }

    /// Whether the machine was made for another rotation; it is made for this one now.
    fn is_new(&mut self, rotation: &Rotation<'_>) -> bool {
        let version = Some(rotation.version);
        std::mem::replace(&mut self.made_for, version) != version
    }

    /// Another instance comes into a slot: its account is empty.
    pub(super) fn forget(&mut self, slot: u32) {
        self.per_weight.take_back(self.smooth.accounts());
        self.smooth.forget(slot);
    }

    /// Whose turn it is by the way of a configuration.
    #[expect(clippy::too_many_arguments, reason = "what is known of one choice")]
    #[expect(clippy::too_many_lines, reason = "an arm for each way")]
    pub(super) fn choose<U: Uniforms>(
        &mut self,
        config: &BalanceConfig,
        common: &mut Common,
        own: Own<'_>,
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
        let Own {
            outstanding: lines,
            turn,
            scratch,
        } = own;
        let load = |slot| outstanding(lines, slot);
        let head = self;
        let differ = config.way.knows_weights() && head.differ(&rotation, &scales);
        match config.way {
            BalanceWay::Smooth if common.lost.is_any() => {
                let among = slots.iter().copied().filter(|&slot| allowed(slot));
                let lost = &mut common.lost;
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
                let left_out = scratch;
                places_left_out(slots, &asker, left_out, allowed);
                head.smooth.pick_without(slots, &scales, anew, left_out)
            }
            BalanceWay::WeightedLeast(rule) => {
                let changed = |slot: u32| common.changed.get(slot as usize).copied();
                let chooser = Chooser {
                    scales,
                    asker,
                    differ,
                    load: &load,
                    changed: &|slot| changed(slot).unwrap_or(0),
                };
                let lost = &mut common.lost;
                chooser.least(rule, head, lost, scratch, allowed, u)
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
            BalanceWay::RoundRobin | BalanceWay::Stride => in_turn(turn, slots, allowed, u),
            BalanceWay::Random => any(slots, allowed, scratch, u),
            BalanceWay::LeastRequests => fewest(slots, allowed, load, scratch, u),
            BalanceWay::PowerOfChoices {
                choices,
                replace: true,
            } => fewest_replaced(choices, slots, allowed, load, scratch, u),
            BalanceWay::PowerOfChoices { choices, .. } => {
                fewest_of(choices as usize, slots, allowed, load, scratch, u)
            }
            BalanceWay::PeakEwma(ewma) => {
                common.ewma = Some(ewma);
                let cost = |slot| common.costs.load(&ewma, rotation.now, slot, load(slot));
                let choices = ewma.choices as usize;
                fewest_of(choices, slots, allowed, cost, scratch, u)
            }
            BalanceWay::Ring(ring) => {
                if ring.bounded.is_some() && head.is_new(&rotation) {
                    let weights = slots.iter().map(|&slot| u64::from(config.weights.of(slot)));
                    head.weight = weights.sum();
                }
                let of_all = (head.weight, common.active);
                by_ring(&ring, &scales, asker, allowed, load, of_all, scratch)
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

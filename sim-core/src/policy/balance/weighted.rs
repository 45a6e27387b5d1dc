//! What a balancer remembers that tells its instances apart: by weight, by ramp.
//!
//! Each way that goes by weights has a machine of its own; here they are told of the rotation. A
//! machine that is made for a rotation begins anew when that changes, and where all weigh the same
//! those of the ways without weights decide, with the same draws (rule 52).

use super::balancer::Balancer;
use super::candidates::{any, fewest_replaced};
use super::config::{BalanceConfig, BalanceWay, LeastRule};
use super::deadlines::Deadlines;
use super::slow_start::{ONE, Scales};
use super::smooth::Smooth;
use super::spread::Spread;
use super::stride::Stride;
use crate::random::Uniforms;
use crate::random::detmath::pow;
use crate::time::SimTime;

/// Those among whom an instance is chosen.
#[derive(Clone, Copy, Debug)]
pub struct Rotation<'a> {
    /// Their numbers, sorted and without repetition.
    pub slots: &'a [u32],
    /// Another number whenever they or their ramps are others.
    pub version: u32,
    /// By slot: when it came up; the beginning of the run is no moment. Nothing where nobody asks.
    pub joined: &'a [SimTime],
    /// By slot: when a check had passed again.
    pub passed: &'a [SimTime],
    /// Now.
    pub now: SimTime,
}

/// What a balancer by weight remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// The rotation that it has looked at.
    seen: Option<u32>,
    /// When the last ramp in it is over.
    ramps_until: SimTime,
    /// Whether weights in it differ, ramps apart.
    differ: bool,
    /// The rotation that the machine was made for, and whether anybody was in a ramp.
    made_for: Option<u32>,
    deadlines: Deadlines,
    smooth: Smooth,
    stride: Stride,
    spread: Spread,
    /// By slot, the number of the last attempt sent or ended there \[count\].
    changed: Vec<u64>,
    changes: u64,
}

impl Memory {
    /// An attempt was sent to this instance, or ended there.
    pub(super) fn on_changed(&mut self, slot: u32) {
        let line = slot as usize;
        if self.changed.len() <= line {
            self.changed.resize(line + 1, 0);
        }
        self.changes += 1;
        self.changed[line] = self.changes;
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
        match self.is_ramping(rotation.now) {
            true => scales.differ(rotation.slots),
            false => self.differ,
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
}

impl Balancer {
    /// The instance for the next attempt, by what they weigh; `None` if no instance in rotation is
    /// allowed. As [`Self::choose`], which it is where all weigh the same.
    pub fn choose_weighted<U: Uniforms>(
        &mut self,
        config: &BalanceConfig,
        rotation: Rotation<'_>,
        allowed: impl Fn(u32) -> bool,
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
        let memory = self.memory.get_or_insert_default();
        let differ = memory.differ(&rotation, &scales);
        match config.way {
            BalanceWay::Smooth => {
                let among = slots.iter().copied().filter(|&slot| allowed(slot));
                memory.smooth.pick(among, &scales)
            }
            BalanceWay::WeightedLeast(rule) => {
                self.least_by_weight(rule, &rotation, &scales, differ, allowed, u)
            }
            BalanceWay::Random if differ => {
                if memory.is_new(&rotation) || memory.is_ramping(rotation.now) {
                    memory.spread.begin(slots, &scales);
                }
                memory.spread.pick(slots, &scales, allowed, u)
            }
            BalanceWay::Stride if differ => {
                let new = memory.is_new(&rotation);
                if new || memory.is_ramping(rotation.now) {
                    memory.stride.begin(slots, &scales, new, u);
                }
                memory.stride.pick(slots, allowed)
            }
            BalanceWay::RoundRobin if differ => {
                let weight = |slot| scales.of(slot) as f64;
                if memory.is_new(&rotation) {
                    begin_some_turns_in(&mut memory.deadlines, slots, weight, u);
                }
                memory.deadlines.pick(allowed, weight)
            }
            BalanceWay::RoundRobin | BalanceWay::Stride => self.in_turn(slots, allowed, u),
            BalanceWay::Random => any(slots, allowed, &mut self.scratch, u),
            BalanceWay::LeastRequests | BalanceWay::PowerOfChoices { .. } => {
                self.choose(config.way, slots, allowed, u)
            }
        }
    }

    fn least_by_weight<U: Uniforms>(
        &mut self,
        rule: LeastRule,
        rotation: &Rotation<'_>,
        scales: &Scales<'_>,
        differ: bool,
        allowed: impl Fn(u32) -> bool,
        u: &mut U,
    ) -> Option<u32> {
        let Self {
            outstanding: lines,
            scratch,
            memory,
            ..
        } = self;
        let memory = memory.get_or_insert_default();
        let outstanding = |slot: u32| super::balancer::outstanding(lines, slot);
        let slots = rotation.slots;
        match rule {
            LeastRule::Deadlines { bias, .. } if differ => {
                let weight = |slot| scales.of(slot) as f64 / load(outstanding(slot), bias);
                if memory.is_new(rotation) {
                    begin_some_turns_in(&mut memory.deadlines, slots, weight, u);
                }
                memory.deadlines.pick(allowed, weight)
            }
            LeastRule::Deadlines { choices, .. } => {
                fewest_replaced(choices, slots, allowed, outstanding, scratch, u)
            }
            LeastRule::PerWeight => {
                let load = |slot| u64::from(outstanding(slot)) * ONE;
                least_for_weight(slots, &allowed, load, scales, scratch);
                match scratch[..] {
                    [] => None,
                    [only] => Some(only),
                    _ => memory.smooth.pick(scratch.iter().copied(), scales),
                }
            }
            LeastRule::WithNext => {
                let changed = |slot: u32| memory.changed.get(slot as usize).copied().unwrap_or(0);
                let key = |slot| match outstanding(slot) {
                    0 => 0,
                    some => (u64::from(some) + 1) * WITH_NEXT_SCALE * ONE / scales.of(slot),
                };
                let among = slots.iter().copied().filter(|&slot| allowed(slot));
                among.min_by_key(|&slot| (key(slot), changed(slot)))
            }
        }
    }
}

/// `HAProxy`'s keys are whole numbers of so many parts of an attempt per weight: 4096 / 16.
const WITH_NEXT_SCALE: u64 = 256;

/// What an outstanding load divides a weight by.
fn load(outstanding: u32, bias: f64) -> f64 {
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

/// Those with the least load for their weight, in order.
fn least_for_weight(
    slots: &[u32],
    allowed: impl Fn(u32) -> bool,
    load: impl Fn(u32) -> u64,
    scales: &Scales<'_>,
    least: &mut Vec<u32>,
) {
    least.clear();
    let mut best = (0_u128, 1_u128);
    for &slot in slots.iter().filter(|&&slot| allowed(slot)) {
        let of = (u128::from(load(slot)), u128::from(scales.of(slot)));
        let order = (of.0 * best.1).cmp(&(best.0 * of.1));
        if least.is_empty() || order.is_lt() {
            least.clear();
            best = of;
        }
        if least.is_empty() || order.is_eq() {
            least.push(slot);
        }
    }
}

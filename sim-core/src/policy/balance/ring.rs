//! A hash ring: a key belongs to the instance whose point comes next.
//!
//! Each instance has many points on a circle, a call has one by its key, and the next point after it
//! says who serves it. If an instance goes, its keys move to its neighbours on the circle and all others
//! stay: what caches by key wants. The shares are uneven: with V of N points each, their
//! coefficient of variation is `sqrt((N - V) / (V·(N + 1)))`.
//!
//! The rule: `points` for each unit of weight (ketama and nginx 160, Envoy and gRPC at least 1024 in
//! all); attempt k of a call takes the k-th point after the first; points of those who are out or not allowed
//! are passed over. All callers of a service with the same settings have the same ring.
//!
//! With `bounded` an instance is passed over that has more than its share: of `slots = max(1,
//! ceil((((active + 1)·f + 99) div 100)·w))` it may have all in use, so slots + 1 are reached; else the
//! others are tried in an order that the key shuffles, else the least overloaded is taken (Envoy's
//! `BoundedLoadHashingLoadBalancer`; Mirrokni, Thorup and Zadimoghaddam, 2018).
//!
//! Rejected: a ring that is built anew for each rotation (skipping points of those who are out is the
//! same), maglev's table.

use super::places::place_of;
use super::ring_index::RingIndex;
use super::weights::Weights;
use crate::random::{Draws, SiteKey, Uniforms, child_key};

/// How a ring is made and used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingConfig {
    /// Points per instance and unit of weight \[count\].
    pub points: u32,
    /// What its users are told apart by.
    pub key: BalanceKey,
    /// The most of the average load that one may have \[per cent\]; none: no bound.
    pub bounded: Option<u32>,
}

/// What says that two calls belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BalanceKey {
    /// The tenant of the call.
    Tenant,
    /// The class of the call.
    Class,
    /// The process that calls, as by source address.
    Process,
    /// The call itself: its attempts belong together.
    Call,
}

/// The points of all instances of a service, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ring {
    /// The upper half of where each point is, and whose it is: half as much to look through.
    points: Vec<(u32, u32)>,
    /// The lower half.
    lower: Vec<u32>,
    /// By part of the circle: the first point in it, or after it.
    begins: Vec<u32>,
    /// What is left of a place when its part is known \[bits\].
    shift: u32,
    key: SiteKey,
    index: RingIndex,
}

impl Ring {
    /// The most points of a ring \[count\]: Envoy's `maximum_ring_size`.
    pub const MOST: u64 = 8_388_608;

    /// The ring of so many instances.
    pub fn new(config: &RingConfig, weights: &Weights, instances: u32, key: SiteKey) -> Self {
        let mut points = Vec::new();
        for slot in 0..instances {
            let own = u64::from(config.points) * u64::from(weights.of(slot));
            let of_slot = Draws::new(key, u64::from(slot));
            points.extend((0..own).scan(of_slot, |draws, _| Some((draws.next_u64(), slot))));
        }
        points.sort_unstable();
        // About as many parts as points, a power of two.
        let bits = points.len().max(2).ilog2();
        let shift = u64::BITS - bits;
        let mut begins = Vec::with_capacity(1 << bits);
        let mut at = 0;
        for part in 0..1_u64 << bits {
            while points.get(at).is_some_and(|point| point.0 < part << shift) {
                at += 1;
            }
            begins.push(at as u32);
        }
        Self {
            index: RingIndex::new(&points),
            lower: points.iter().map(|&(at, _)| at as u32).collect(),
            points: (points.into_iter())
                .map(|(at, slot)| ((at >> 32) as u32, slot))
                .collect(),
            begins,
            shift,
            key,
        }
    }

    /// Where a key stands on the ring.
    pub(super) fn place(&self, key: u64) -> u64 {
        child_key(self.key.0, key, 1)
    }

    /// The share of all keys that belongs to each of so many slots.
    #[cfg(test)]
    pub(super) fn shares(&self, slots: u32) -> Vec<f64> {
        let mut shares = vec![0.0; slots as usize];
        let places = self.points.iter().zip(&self.lower);
        let places = places.map(|(&(upper, _), &lower)| u64::from(upper) << 32 | u64::from(lower));
        let mut before = places.clone().next_back().unwrap_or(0);
        for (at, &(_, slot)) in places.zip(&self.points) {
            shares[slot as usize] += at.wrapping_sub(before) as f64 / 18_446_744_073_709_551_616.0;
            before = at;
        }
        shares
    }

    /// The first point from this place on: a step or two from where its part of the circle begins.
    fn first_from(&self, place: u64) -> usize {
        let mut at = self.begins[(place >> self.shift) as usize] as usize;
        let upper = (place >> 32) as u32;
        let is_before = |at: usize| match self.points.get(at) {
            Some(&(point, _)) if point == upper => self.lower[at] < place as u32,
            Some(&(point, _)) => point < upper,
            None => false,
        };
        while is_before(at) {
            at += 1;
        }
        at
    }

    /// Who serves a place on the ring at this attempt (from 0), among those allowed.
    pub(super) fn pick(
        &self,
        place: u64,
        attempt: u32,
        allowed: impl Fn(u32) -> bool,
    ) -> Option<u32> {
        if attempt == 0
            && let Some(slot) = self.index.first_from(place)
            && allowed(slot)
        {
            return Some(slot);
        }
        self.pick_around(place, attempt, allowed)
    }

    /// The same, point by point.
    #[inline(never)]
    pub(super) fn pick_around(
        &self,
        place: u64,
        attempt: u32,
        allowed: impl Fn(u32) -> bool,
    ) -> Option<u32> {
        let first = self.first_from(place);
        let (before, from) = self.points.split_at(first);
        let around = || from.iter().chain(before).map(|&(_, slot)| slot);
        let mut left = attempt as usize;
        let found = around().filter(|&slot| allowed(slot)).find(|_| {
            let here = left == 0;
            left = left.saturating_sub(1);
            here
        });
        // More attempts than points: around and around.
        found.or_else(|| around().find(|&slot| allowed(slot)))
    }
}

/// The loads that bound a choice.
pub(super) struct Bound<'a> {
    /// The most of the average load \[per cent\].
    pub(super) most: u32,
    pub(super) slots: &'a [u32],
    pub(super) weights: &'a Weights,
    /// What they weigh together.
    pub(super) weight: u64,
    /// Attempts that this balancer has outstanding, wherever \[count\].
    pub(super) active: u32,
}

impl Bound<'_> {
    /// How many attempts an instance may have outstanding and still be chosen \[count\].
    pub(super) fn room(&self, slot: u32) -> u64 {
        let total = ((u64::from(self.active) + 1) * u64::from(self.most)).div_ceil(100);
        let own = u64::from(self.weights.of(slot));
        (total * own).div_ceil(self.weight).max(1)
    }

    /// The one that a ring said, or another if it has too much; `order` is room for all.
    pub(super) fn keep(
        &self,
        said: u32,
        key: u64,
        outstanding: impl Fn(u32) -> u32,
        allowed: impl Fn(u32) -> bool,
        takes_any: bool,
        order: &mut Vec<u32>,
    ) -> u32 {
        let load = |slot| (u64::from(outstanding(slot)), self.room(slot));
        let fits = |(has, room)| has <= room;
        let (mut least, mut of_least) = (said, load(said));
        if fits(of_least) {
            return said;
        }
        // Mostly the first or the second has room: nobody is put in a list for that.
        let mut others = Others::new(self.slots, said, allowed, takes_any, order);
        let mut draws = Draws::new(SiteKey(key), 2);
        while others.left > 0 {
            let place = draws.below(others.left as u64) as usize;
            let slot = others.swap_remove(place);
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
}

/// All but one of a rotation, from which one after another is taken, the last moving into its place.
struct Others<'a> {
    slots: &'a [u32],
    /// Where the one is that is left out.
    gap: usize,
    left: usize,
    /// Those who moved, as pairs of place and slot; or all who are allowed, if that is not everybody.
    moved: &'a mut Vec<u32>,
    is_list: bool,
}

impl<'a> Others<'a> {
    /// Beyond so many pairs a list is less work.
    const MOST: usize = 32;

    fn new(
        slots: &'a [u32],
        said: u32,
        allowed: impl Fn(u32) -> bool,
        takes_any: bool,
        moved: &'a mut Vec<u32>,
    ) -> Self {
        moved.clear();
        let gap = place_of(slots, said);
        if let (Some(gap), true) = (gap, takes_any) {
            let (gap, left) = (gap as usize, slots.len() - 1);
            return Self {
                slots,
                gap,
                left,
                moved,
                is_list: false,
            };
        }
        let others = slots.iter().filter(|&&slot| slot != said && allowed(slot));
        moved.extend(others);
        Self {
            slots,
            gap: 0,
            left: moved.len(),
            moved,
            is_list: true,
        }
    }

    fn swap_remove(&mut self, place: usize) -> u32 {
        if !self.is_list && self.moved.len() >= 2 * Self::MOST {
            self.make_list();
        }
        self.left -= 1;
        if self.is_list {
            return self.moved.swap_remove(place);
        }
        let (taken, last) = (self.at(place), self.at(self.left));
        self.moved.extend([place as u32, last]);
        taken
    }

    /// Who is at a place now.
    fn at(&self, place: usize) -> u32 {
        let pairs = self.moved.chunks_exact(2).rev();
        let mut moved = pairs.filter(|pair| pair[0] as usize == place);
        match moved.next() {
            Some(pair) => pair[1],
            None => self.slots[place + usize::from(place >= self.gap)],
        }
    }

    fn make_list(&mut self) {
        let pairs = self.moved.len();
        for place in 0..self.left {
            let slot = self.slots[place + usize::from(place >= self.gap)];
            self.moved.push(slot);
        }
        for pair in (0..pairs).step_by(2) {
            let (place, slot) = (self.moved[pair] as usize, self.moved[pair + 1]);
            if place < self.left {
                self.moved[pairs + place] = slot;
            }
        }
        self.moved.drain(..pairs);
        self.is_list = true;
    }
}

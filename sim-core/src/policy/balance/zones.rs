//! Which zones a caller sends to.
//!
//! Messages within a zone are faster and cost nothing, so callers like their own zone; but where callers
//! and callees are spread unevenly, one zone would be overloaded. So each rule cuts the rotation into
//! what is for a caller of this zone.
//!
//! - `prefer`: the own zone if anybody is in rotation there, else all (Kubernetes' `PreferClose`). It
//!   knows no overload.
//! - `envoy`: with at least 6 in rotation in 2 zones or more, the own zone takes all if its share u of
//!   the callees is at least its share l of the callers; else u/l of it (ten-thousandths, cut), and the
//!   rest goes by `max(0, u_j - l_j)`.
//! - `hints`: each zone is given as many as its share (zones are equal) asks for, at least
//!   `ceil(n·share/1.2)`: instances of zones with too many are lent to those with too few. If there
//!   are not enough of them, or fewer than zones, there are no hints at all, and all are for all.
//!
//! Sources: Envoy's `ZoneAwareLoadBalancerBase`, Kubernetes' `topologycache`. Rejected: shares by CPU of
//! nodes, which a scenario does not have.

use crate::random::Uniforms;
use std::sync::Arc;

/// How zones count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ZoneRule {
    /// They do not.
    #[default]
    Any,
    /// The own zone, while anybody is there.
    Prefer,
    /// Envoy's zone aware routing.
    Envoy,
    /// Kubernetes' topology aware hints.
    Hints,
}

/// Who is in which zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ZoneMap {
    /// The zone of each slot.
    pub callees: Arc<[u16]>,
    /// Processes of the callers in each zone \[count\]; there are so many zones.
    pub callers: Arc<[u32]>,
}

/// Fewest in rotation for Envoy's rule: `min_cluster_size`.
const ENOUGH: usize = 6;
/// Shares are in ten-thousandths, cut.
const WHOLE: u64 = 10_000;

/// Whom a caller may send to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// All in rotation.
    All,
    /// Those of one part.
    Part(usize),
}

/// A rotation, cut for callers of one zone. Parts are the callee's zones, and for hints what is lent to
/// the own zone.
#[derive(Clone, Debug, Default)]
pub(super) struct Cut {
    made_for: Option<u32>,
    /// Slots in rotation, by zone.
    pub(super) parts: Vec<Vec<u32>>,
    /// Whether all are for all.
    whole: bool,
    /// How much stays at home \[ten-thousandths\].
    home_share: u64,
    /// Where the residual capacity of each zone ends, on a line of all.
    residual: Vec<u64>,
    /// Room for counting.
    given: Vec<u32>,
}

impl Cut {
    /// Cuts a rotation for callers of the zone `home`, if it is another one than last time.
    pub(super) fn make(
        &mut self,
        rule: ZoneRule,
        map: &ZoneMap,
        home: usize,
        slots: &[u32],
        version: u32,
    ) {
        if self.made_for == Some(version) {
            return;
        }
        self.made_for = Some(version);
        let zones = map.callers.len();
        self.parts.resize_with(zones, Vec::new);
        self.parts.iter_mut().for_each(Vec::clear);
        for &slot in slots {
            self.parts[zone_of(map, slot)].push(slot);
        }
        self.whole = match rule {
            ZoneRule::Any => true,
            ZoneRule::Prefer => self.parts[home].is_empty(),
            ZoneRule::Envoy => !self.envoy(map, home, slots.len()),
            ZoneRule::Hints => !self.hints(home, slots.len()),
        };
        if rule != ZoneRule::Envoy {
            self.home_share = WHOLE;
        }
    }

    /// The part for one attempt.
    pub(super) fn reach<U: Uniforms>(&self, home: usize, u: &mut U) -> Reach {
        if self.whole {
            return Reach::All;
        }
        if self.home_share == WHOLE || u.below(WHOLE) < self.home_share {
            return Reach::Part(home);
        }
        match self.residual.last() {
            // Only by what was cut: then any zone with somebody in it.
            None | Some(0) => Reach::All,
            Some(&all) => {
                let at = u.below(all);
                Reach::Part(self.residual.partition_point(|&end| end <= at))
            }
        }
    }

    /// Envoy's shares; whether zones count at all.
    fn envoy(&mut self, map: &ZoneMap, home: usize, rotation: usize) -> bool {
        let asking: u64 = map.callers.iter().map(|&count| u64::from(count)).sum();
        let zones_of = |there: &mut dyn Iterator<Item = bool>| there.filter(|&it| it).count();
        let called_zones = zones_of(&mut self.parts.iter().map(|part| !part.is_empty()));
        let asking_zones = zones_of(&mut map.callers.iter().map(|&count| count > 0));
        if rotation < ENOUGH || called_zones < 2 || asking_zones < 2 || asking == 0 {
            return false;
        }
        let upper = |zone: usize| WHOLE * self.parts[zone].len() as u64 / rotation as u64;
        let lower = |zone: usize| WHOLE * u64::from(map.callers[zone]) / asking;
        let (u, l) = (upper(home), lower(home));
        self.home_share = if u > 0 && u >= l {
            WHOLE
        } else {
            (u * WHOLE).checked_div(l).unwrap_or(0)
        };
        let mut end = 0;
        let ends = (0..self.parts.len()).map(|zone| {
            if zone != home {
                end += upper(zone).saturating_sub(lower(zone));
            }
            end
        });
        self.residual = ends.collect();
        true
    }

    /// Kubernetes' hints; whether there are any for the zone `home`.
    fn hints(&mut self, home: usize, count: usize) -> bool {
        let zones = self.parts.len();
        if zones < 2 || count < zones {
            return false;
        }
        // ceil(n / zones / 1.2)
        let least = (count * 5).div_ceil(zones * 6);
        if least * zones > count {
            return false;
        }
        self.lend(zones, count);
        // Who is lent moves in the order of the list, to the receiving zones in their order.
        for giver in 0..zones {
            while self.given[giver] > 0 {
                let Some(receiver) = (0..zones).find(|&zone| self.given[zones + zone] > 0) else {
                    break;
                };
                self.given[giver] -= 1;
                self.given[zones + receiver] -= 1;
                let slot = self.parts[giver].remove(0);
                let at = self.parts[receiver].partition_point(|&other| other < slot);
                self.parts[receiver].insert(at, slot);
            }
        }
        !self.parts[home].is_empty()
    }

    /// How many each zone gives, then how many each one gets: the one with most too many gives to the
    /// one with most too few, as long as both are off by a whole one.
    fn lend(&mut self, zones: usize, count: usize) {
        // In parts of an instance, of which there are as many as zones.
        let whole = zones as u32;
        let off = |has: usize| i64::from(has as u32) * i64::from(whole) - i64::from(count as u32);
        let mut left: Vec<i64> = self.parts.iter().map(|part| off(part.len())).collect();
        self.given.clear();
        self.given.resize(2 * zones, 0);
        let whole = i64::from(whole);
        loop {
            let most = (0..zones).max_by_key(|&zone| (left[zone], std::cmp::Reverse(zone)));
            let least = (0..zones).min_by_key(|&zone| (left[zone], zone));
            let (Some(giver), Some(receiver)) = (most, least) else {
                return;
            };
            if left[giver] < whole || left[receiver] > -whole {
                return;
            }
            left[giver] -= whole;
            left[receiver] += whole;
            self.given[giver] += 1;
            self.given[zones + receiver] += 1;
        }
    }
}

fn zone_of(map: &ZoneMap, slot: u32) -> usize {
    map.callees.get(slot as usize).copied().unwrap_or(0).into()
}

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
//!   rest goes by `max(0, u_j - l_j)`: a place t is drawn below the sum of these, and the first zone, the
//!   own one before all others, up to which they come to at least t is taken. So the own one, which has
//!   nothing left, is still taken at t = 0. If nobody has anything left, any zone is.
//! - `hints`: each zone has the share of the instances that it has of all nodes' CPU, at least
//!   `ceil(n·share/1.2)` of them, so that none is overloaded by more than 20 %: instances of zones with
//!   too many are given to those with too few, the most to the most, while one of the two is off by a
//!   whole one or more, and the other by half a one. If there are not enough of them, or fewer than
//!   zones, there are no hints at all, and all are for all.
//!
//! Sources: Envoy's `ZoneAwareLoadBalancerBase` (`load_balancer_impl.cc`), Kubernetes'
//! `topologycache.go` and its `utils.go`, in doubles as there; where those go through a map in any order,
//! zones come in theirs here. Kubernetes gives hints anew when endpoints change, for slices of 100 of
//! them each; here all are one slice. Rejected: zones that a caller may not reach at all.

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
    /// CPU of the nodes in each zone, in thousandths of a core; nothing if all have the same.
    pub cpu: Arc<[u32]>,
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
    /// Room for counting: what each zone is to give and to get.
    moves: Vec<Moves>,
}

/// What a zone gives to others, or gets from them.
#[derive(Clone, Copy, Debug, Default)]
struct Moves {
    /// How many more it has than it should, while it is worked out [instances].
    too_many: f64,
    /// How many fewer.
    too_few: f64,
    gives: u32,
    gets: u32,
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
            ZoneRule::Hints => !self.hints(map, home, slots),
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
            // Only by what was cut.
            None | Some(0) => Reach::Part(u.below(self.parts.len() as u64) as usize),
            Some(&all) => match u.below(all) {
                0 => Reach::Part(home),
                at => Reach::Part(self.residual.partition_point(|&end| end < at)),
            },
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
    fn hints(&mut self, map: &ZoneMap, home: usize, slots: &[u32]) -> bool {
        let zones = self.parts.len();
        if zones < 2 || slots.len() < zones || !self.compare(map, slots.len()) {
            return false;
        }
        self.give_and_get();
        // Who gives does so from its first one on, to the first zone that still gets.
        self.parts.iter_mut().for_each(Vec::clear);
        for &slot in slots {
            let own = zone_of(map, slot);
            let moves = &mut self.moves;
            let gets = |it: &Moves| it.gets > 0;
            let zone = match moves.iter().position(gets).filter(|_| moves[own].gives > 0) {
                Some(other) => {
                    moves[own].gives -= 1;
                    moves[other].gets -= 1;
                    other
                }
                None => own,
            };
            self.parts[zone].push(slot);
        }
        !self.parts[home].is_empty()
    }

    /// How far each zone is off its share; false if the least that each must have is more than there are.
    fn compare(&mut self, map: &ZoneMap, count: usize) -> bool {
        let zones = self.parts.len();
        let cpu = |zone: usize| map.cpu.get(zone).map_or(1.0, |&it| f64::from(it));
        let all: f64 = (0..zones).map(cpu).sum();
        let mut least_of_all = 0.0;
        self.moves.clear();
        for (zone, part) in self.parts.iter().enumerate() {
            let share = cpu(zone) / all * count as f64;
            let least = (share * (1.0 / (1.0 + OVERLOAD))).ceil();
            least_of_all += least;
            let off = part.len() as f64 - share.max(least);
            self.moves.push(Moves {
                too_many: off.max(0.0),
                too_few: (-off).max(0.0),
                ..Moves::default()
            });
        }
        least_of_all <= count as f64
    }

    /// How many each zone gives and gets.
    fn give_and_get(&mut self) {
        let most = |of: fn(&Moves) -> f64, moves: &[Moves]| {
            let zones = (0..moves.len()).rev();
            zones.max_by(|&a, &b| of(&moves[a]).total_cmp(&of(&moves[b])))
        };
        loop {
            let moves = &mut self.moves[..];
            let (Some(giver), Some(getter)) =
                (most(|it| it.too_many, moves), most(|it| it.too_few, moves))
            else {
                return;
            };
            let (many, few) = (moves[giver].too_many, moves[getter].too_few);
            if (many < 1.0 && few < 1.0) || many < 0.5 || few < 0.5 {
                return;
            }
            moves[giver].too_many -= 1.0;
            moves[giver].gives += 1;
            moves[getter].too_few -= 1.0;
            moves[getter].gets += 1;
        }
    }
}

/// How much more than its share an instance may get, for hints: Kubernetes' `overloadThreshold`.
const OVERLOAD: f64 = 0.2;

fn zone_of(map: &ZoneMap, slot: u32) -> usize {
    map.callees.get(slot as usize).copied().unwrap_or(0).into()
}

/// Whether so many instances, one after another in zones with this CPU, have hints at all.
pub fn has_hints(instances: u32, cpu: &[u32]) -> bool {
    let map = ZoneMap {
        cpu: cpu.into(),
        ..ZoneMap::default()
    };
    let mut cut = Cut::default();
    cut.parts.resize_with(cpu.len(), Vec::new);
    let (zones, count) = (cpu.len(), instances as usize);
    zones >= 2 && count >= zones && cut.compare(&map, count)
}

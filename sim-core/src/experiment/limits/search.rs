//! Where a probability crosses a level along a line of places: bisection that knows what it knows.
//!
//! A few places from the one end to the other are looked at first. Where two neighbours are surely
//! on different sides there is an edge, and the gap is halved again and again. A place is played
//! until the exact binomial test says on which side it is, or until its runs are used up: then it is
//! *open*, the edge may lie on either side of it, and both gaps beside it are halved. What is left
//! is an interval whose ends are surely on different sides.
//!
//! All decisions together are wrong with a chance of at most 5 %: each gets an equal part of it
//! (Bonferroni), for as many looks at as many places as one edge can take.
//!
//! More than one edge means that the response is not monotone. A hill between two places that were
//! looked at first is not seen; more of them see more.
//!
//! Rejected: bisection by the share of a fixed number of runs (wrong near the edge, and does not know
//! it), probabilistic bisection after Horstein (assumes one edge and answers with a belief, not with
//! an error), a logistic curve fitted through all places (assumes its shape; runs at several
//! places share their random numbers, so its interval would be too short).

use crate::experiment::estimate::{CONFIDENCE, Doubt, Hits, Side};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// How a search goes about it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Care {
    /// The level, in (0, 1).
    pub level: f64,
    /// Places that are looked at first, both ends included; at least 2.
    pub scan: usize,
    /// Most runs of one place \[count\].
    pub runs: u32,
}

/// A search along one line.
#[derive(Clone, Debug)]
pub struct Search {
    /// How many places there are, at least 2.
    places: usize,
    doubt: Doubt,
    /// After how many runs a place is looked at, increasing.
    looks: Vec<u32>,
    scan: Vec<usize>,
    seen: BTreeMap<usize, Hits>,
}

/// Runs of a place that are wanted next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Which place.
    pub place: usize,
    /// Numbers of its replications.
    pub runs: Range<u32>,
}

/// Two places that are surely on different sides, and nothing sure between them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// The last place before it.
    pub from: usize,
    /// The first one behind it.
    pub to: usize,
    /// On which side of the level `to` is.
    pub leads: Side,
    /// Where between the two the observed shares cross the level, from 0 at `from` to 1 at `to`.
    pub about: f64,
}

impl Care {
    /// How often one decision may be wrong, for a line of so many places.
    fn doubt(self, places: usize) -> Doubt {
        let gap = places / (self.scan.max(2) - 1) + 1;
        let halvings = 2 * gap.ilog2() as usize + 2;
        let decisions = (self.scan + halvings) * MOST_LOOKS;
        Doubt {
            level: self.level,
            error: (1.0 - CONFIDENCE) / decisions as f64,
        }
    }

    /// The fewest runs of a place with which both sides can be known.
    pub fn fewest_runs(self, places: usize) -> u32 {
        let doubt = self.doubt(places);
        doubt.fewest(Side::Below).max(doubt.fewest(Side::Above))
    }
}

/// How often a place is looked at, at most.
const MOST_LOOKS: usize = 4;

impl Search {
    /// A search along so many places, at least two.
    pub fn new(places: usize, care: Care) -> Self {
        let doubt = care.doubt(places);
        let (one, other) = (doubt.fewest(Side::Below), doubt.fewest(Side::Above));
        let both = one.max(other);
        let most = care.runs.max(both);
        let looks = vec![one.min(other), both, between(both, most), most];
        let last = places - 1;
        let scan = care.scan.clamp(2, places);
        let mut first: Vec<usize> = (0..scan).map(|n| n * last / (scan - 1)).collect();
        first.dedup();
        Self {
            places,
            doubt,
            looks,
            scan: first,
            seen: BTreeMap::new(),
        }
    }

    /// What is to be played next; nothing when the search has ended.
    pub fn wanted(&self) -> Vec<Wanted> {
        let begun = self.scan.iter().chain(self.seen.keys()).copied();
        let begun = self.unsettled(begun.collect());
        if !begun.is_empty() {
            return begun;
        }
        self.unsettled(self.halves())
    }

    /// Takes what came of runs of a place, in the order of their numbers.
    pub fn take(&mut self, place: usize, of: Hits) {
        let sum = self.seen.entry(place).or_default();
        sum.hits += of.hits;
        sum.misses += of.misses;
        sum.open += of.open;
    }

    /// The next runs of those places that are neither known nor used up.
    fn unsettled(&self, places: BTreeSet<usize>) -> Vec<Wanted> {
        let next = |place| {
            let played = self.seen.get(&place).map_or(0, |of| of.runs());
            let look = self.looks.iter().find(|&&look| look > played)?;
            let goes_on = self.side(place).is_none() && !self.is_hopeless(place);
            goes_on.then_some(Wanted {
                place,
                runs: played..*look,
            })
        };
        places.into_iter().filter_map(next).collect()
    }

    /// Whether a place that was looked at beyond the first looks would stay open if its runs went on
    /// as they did so far. Giving up early costs sharpness, never certainty.
    fn is_hopeless(&self, place: usize) -> bool {
        let (Some(of), Some(&most)) = (self.seen.get(&place), self.looks.last()) else {
            return false;
        };
        let is_early = self.looks.iter().take(2).any(|&look| look >= of.runs());
        let grown =
            |count: u32| (u64::from(count) * u64::from(most) / u64::from(of.runs().max(1))) as u32;
        let hits = grown(of.hits);
        let open = grown(of.open);
        let projected = Hits {
            hits,
            open,
            misses: most.saturating_sub(hits + open),
        };
        !is_early && self.doubt.side(projected).is_none()
    }

    /// The middles of the gaps beside the ends of each edge, as long as there is anything in a gap.
    fn halves(&self) -> BTreeSet<usize> {
        let mut middles = BTreeSet::new();
        let mut halve = |from: usize, to: usize| {
            if to - from > 1 {
                middles.insert(usize::midpoint(from, to));
            }
        };
        for edge in self.edges() {
            let inside = || self.seen.range(edge.from + 1..edge.to);
            let first = inside().next().map_or(edge.to, |(&place, _)| place);
            halve(edge.from, first);
            if let Some((&last, _)) = inside().next_back() {
                halve(last, edge.to);
            }
        }
        middles
    }

    /// On which side a place surely is.
    pub fn side(&self, place: usize) -> Option<Side> {
        self.doubt.side(*self.seen.get(&place)?)
    }

    /// What was seen, by place.
    pub fn seen(&self) -> impl Iterator<Item = (usize, Hits)> {
        self.seen.iter().map(|(&place, &of)| (place, of))
    }

    /// How many places there are \[count\].
    pub const fn places(&self) -> usize {
        self.places
    }

    /// All edges that are known by now, from the first place to the last.
    pub fn edges(&self) -> Vec<Edge> {
        let sides = self.seen.keys().copied();
        let known: Vec<(usize, Side)> = sides
            .filter_map(|place| Some((place, self.side(place)?)))
            .collect();
        let pairs = known.windows(2);
        let edges = pairs.filter(|pair| pair[0].1 != pair[1].1);
        edges
            .map(|pair| self.edge(pair[0].0, pair[1].0, pair[1].1))
            .collect()
    }

    fn edge(&self, from: usize, to: usize, leads: Side) -> Edge {
        let points: Vec<(f64, f64, f64)> = self
            .seen
            .range(from..=to)
            .filter_map(|(&place, of)| {
                let part = (place - from) as f64 / (to - from) as f64;
                Some((part, of.share()?, f64::from(of.hits + of.misses)))
            })
            .collect();
        Edge {
            from,
            to,
            leads,
            about: crossing(&points, self.doubt.level, leads),
        }
    }
}

/// The number of runs whose ratio to both is the same.
fn between(one: u32, other: u32) -> u32 {
    ((f64::from(one) * f64::from(other)).sqrt().round() as u32).clamp(one, other)
}

/// Where shares cross a level between the first point and the last: neighbours that go the wrong
/// way are pooled (isotonic regression), then straight lines join the rest.
fn crossing(points: &[(f64, f64, f64)], level: f64, leads: Side) -> f64 {
    let sign = match leads {
        Side::Above => 1.0,
        Side::Below => -1.0,
    };
    // Each pool: its places, their mean share, their weight.
    let mut pools: Vec<(Vec<f64>, f64, f64)> = Vec::new();
    for &(at, share, weight) in points {
        pools.push((vec![at], sign * (share - level), weight));
        while let [.., before, last] = pools.as_slice()
            && before.1 >= last.1
        {
            let weight = before.2 + last.2;
            let mean = (before.1 * before.2 + last.1 * last.2) / weight;
            let places = [before.0.as_slice(), last.0.as_slice()].concat();
            pools.truncate(pools.len() - 2);
            pools.push((places, mean, weight));
        }
    }
    let flat: Vec<(f64, f64)> = pools
        .iter()
        .flat_map(|(places, value, _)| places.iter().map(|&at| (at, *value)))
        .collect();
    let behind = flat.iter().position(|&(_, value)| value >= 0.0);
    match behind {
        None | Some(0) => 0.5,
        Some(behind) => {
            let ((x0, y0), (x1, y1)) = (flat[behind - 1], flat[behind]);
            x0 + (x1 - x0) * (-y0 / (y1 - y0))
        }
    }
}

#[cfg(test)]
mod tests;

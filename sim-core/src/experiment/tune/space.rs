//! The settings that may be changed, and how far one of them is from another.
//!
//! A setting lies so far along its axis, from 0 to 1; a point is one such place on each axis, and the
//! values that stand there. Words have no order: each is a step away from every other.

use crate::experiment::bench::Values;
use crate::experiment::design::{Axis, even_shares};

/// A step shorter than this part of an axis changes nothing that anybody could see.
pub(super) const SHORTEST: f64 = 1.0 / 256.0;

/// The axes of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    axes: Vec<Axis>,
}

/// A place on each axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// How far along each axis, from 0 to 1.
    shares: Vec<f64>,
    /// What stands there; points with the same values are one.
    pub values: Vec<String>,
}

impl Space {
    /// These axes, at least one.
    pub const fn new(axes: Vec<Axis>) -> Self {
        Self { axes }
    }

    /// The axes.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// The settings of a point, by path.
    pub fn settings(&self, point: &Point) -> Values {
        let paths = self.axes.iter().map(|axis| axis.path.clone());
        paths.zip(point.values.iter().cloned()).collect()
    }

    /// So many points that cover every axis evenly (a Latin hypercube); some may be the same.
    pub fn spread(&self, seed: u64, points: u32) -> Vec<Point> {
        let columns: Vec<Vec<f64>> = self
            .axes
            .iter()
            .map(|axis| even_shares(axis, seed, points))
            .collect();
        let point =
            |number: usize| self.point(columns.iter().map(|column| column[number]).collect());
        (0..points as usize).map(point).collect()
    }

    fn point(&self, shares: Vec<f64>) -> Point {
        let places = self.axes.iter().zip(&shares);
        Point {
            values: places.map(|(axis, &share)| axis.at(share)).collect(),
            shares,
        }
    }

    /// The points one step away along each axis; of words, all others.
    pub fn around(&self, point: &Point, step: f64) -> Vec<Point> {
        let mut all = Vec::new();
        for place in 0..self.axes.len() {
            let axis = &self.axes[place];
            match axis.listed() {
                Some(words) if !axis.is_ordered() => {
                    let count = words.len() as f64;
                    let middles = (0..words.len()).map(|word| (word as f64 + 0.5) / count);
                    all.extend(middles.map(|share| self.moved(point, place, share)));
                }
                Some(listed) => {
                    // At least one value on.
                    let step = step.max(1.0 / listed.len() as f64);
                    all.extend(
                        [-step, step].map(|by| self.moved(point, place, point.shares[place] + by)),
                    );
                }
                None => {
                    all.extend([-step, step].map(|by| self.stepped(point, place, by)));
                }
            }
        }
        all.retain(|one| one.values != point.values);
        all.dedup_by(|a, b| a.values == b.values);
        all
    }

    /// A step along an axis, lengthened until the value is another one.
    fn stepped(&self, point: &Point, place: usize, by: f64) -> Point {
        let mut by = by;
        loop {
            let moved = self.moved(point, place, point.shares[place] + by);
            if moved.values != point.values || by.abs() >= 1.0 {
                return moved;
            }
            by *= 2.0;
        }
    }

    /// The next value of an axis, upwards or downwards, the others as they are: of whole numbers and
    /// lists the very next, else a step of which nobody could see less. None at the end.
    pub fn next(&self, point: &Point, place: usize, up: bool) -> Option<Point> {
        let is_whole = |point: &Point| point.values[place].parse::<u64>().is_ok();
        let mut by = match self.axes[place].listed() {
            Some(listed) => 1.0 / listed.len() as f64,
            None if is_whole(point) => 1e-9,
            None => SHORTEST,
        };
        while by < 2.0 {
            let signed = if up { by } else { -by };
            let moved = self.moved(point, place, point.shares[place] + signed);
            let is_step = is_whole(&moved) == is_whole(point) || by >= SHORTEST;
            if moved.values != point.values && is_step {
                return Some(moved);
            }
            by *= 2.0;
        }
        None
    }

    /// The same point, elsewhere on one axis.
    pub fn moved(&self, point: &Point, place: usize, share: f64) -> Point {
        let mut shares = point.shares.clone();
        shares[place] = share.clamp(0.0, 1.0);
        self.point(shares)
    }

    /// Whether two points differ by less than a twentieth of each axis.
    pub fn are_close(one: &Point, other: &Point) -> bool {
        let pairs = one.shares.iter().zip(&other.shares);
        pairs.into_iter().all(|(a, b)| (a - b).abs() < 0.05)
    }

    /// How far along an axis a point is, from 0 to 1.
    pub fn share(point: &Point, place: usize) -> f64 {
        point.shares[place]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space(axes: &[&str]) -> Space {
        Space::new(axes.iter().map(|text| Axis::parse(text).unwrap()).collect())
    }

    #[test]
    fn neighbours_are_a_step_away_and_never_the_same() {
        let space = space(&["a=1..10", "b=none,full,equal", "c=10,20,30"]);
        let point = space.point(vec![0.5, 0.5, 0.5]);
        assert_eq!(point.values, ["6", "full", "20"]);
        let near: Vec<String> = space
            .around(&point, 0.01)
            .iter()
            .map(|one| one.values.join(" "))
            .collect();
        assert_eq!(
            near,
            [
                "5 full 20",
                "7 full 20",
                "6 none 20",
                "6 equal 20",
                "6 full 10",
                "6 full 30"
            ]
        );
        let corner = space.point(vec![0.0, 0.0, 0.0]);
        let near = space.around(&corner, 0.25);
        assert!(near.iter().all(|one| one.values != corner.values));
        assert_eq!(near.len(), 4, "nothing lies beyond the ends");
    }

    #[test]
    fn the_next_value_is_the_very_next() {
        let space = space(&["a=1..5000", "b=10ms..1s", "c=10,20,30"]);
        let point = space.point(vec![0.5, 0.5, 0.5]);
        let next = |point: &Point, place, up| {
            let next = space.next(point, place, up)?;
            Some(next.values[place].clone())
        };
        let middle: u64 = point.values[0].parse().unwrap();
        assert_eq!(next(&point, 0, false), Some((middle - 1).to_string()));
        assert_eq!(next(&point, 0, true), Some((middle + 1).to_string()));
        assert_eq!(next(&point, 2, false).as_deref(), Some("10"));
        assert!(next(&point, 1, false).is_some());
        let end = space.point(vec![0.0, 0.0, 0.0]);
        for place in 0..3 {
            assert_eq!(next(&end, place, false), None, "{place}");
        }
    }

    #[test]
    fn a_spread_covers_every_axis() {
        let space = space(&["a=0..100", "b=x,y"]);
        let points = space.spread(7, 10);
        let mut slices: Vec<u32> = points
            .iter()
            .map(|one| (one.shares[0] * 10.0) as u32)
            .collect();
        slices.sort_unstable();
        assert_eq!(slices, (0..10).collect::<Vec<u32>>());
        assert_eq!(points.iter().filter(|one| one.values[1] == "x").count(), 5);
    }
}

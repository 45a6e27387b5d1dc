//! Cells that are drawn.
//!
//! Every value is a keyed draw of its own: it depends on the seed, the path of the axis and the
//! number of the cell, so neither another axis nor more cells move it.

use super::axis::Axis;
use super::cell::Cell;
use crate::random::{KeySource, SiteKey, uniform};

/// Cells whose values are drawn each by itself.
pub(super) fn random(axes: &[Axis], seed: u64, points: u32) -> Vec<Cell> {
    let sites: Vec<SiteKey> = axes.iter().map(|axis| site(seed, axis, "random")).collect();
    let cell = |point: u32| {
        let values = axes.iter().zip(&sites);
        Cell {
            values: values
                .map(|(axis, &site)| axis.at(uniform(site, u64::from(point))))
                .collect(),
        }
    };
    (0..points).map(cell).collect()
}

/// Cells of which exactly one lies in each of as many equal slices of each axis.
pub(super) fn latin_hypercube(axes: &[Axis], seed: u64, points: u32) -> Vec<Cell> {
    let columns: Vec<Vec<String>> = axes.iter().map(|axis| column(axis, seed, points)).collect();
    let cell = |point: usize| Cell {
        values: columns.iter().map(|column| column[point].clone()).collect(),
    };
    (0..points as usize).map(cell).collect()
}

/// The values of one axis, by cell.
fn column(axis: &Axis, seed: u64, points: u32) -> Vec<String> {
    let shares = even_shares(axis, seed, points);
    shares.into_iter().map(|share| axis.at(share)).collect()
}

/// How far along an axis each of so many points lies, from 0 to 1, one in each of as many equal
/// slices: which slice a point gets is a shuffle by random keys, and where in the slice it lies is
/// drawn too.
pub fn even_shares(axis: &Axis, seed: u64, points: u32) -> Vec<f64> {
    let (order, place) = (site(seed, axis, "lhs order"), site(seed, axis, "lhs place"));
    let mut shuffled: Vec<u32> = (0..points).collect();
    let key = |&point: &u32| uniform(order, u64::from(point));
    shuffled.sort_by(|a, b| key(a).total_cmp(&key(b)).then(a.cmp(b)));
    let mut shares = vec![0.0; points as usize];
    for (slice, &point) in shuffled.iter().enumerate() {
        let within = uniform(place, u64::from(point));
        shares[point as usize] = (slice as f64 + within) / f64::from(points);
    }
    shares
}

fn site(seed: u64, axis: &Axis, purpose: &str) -> SiteKey {
    KeySource::new(seed, 0).site(&["sweep", &axis.path], purpose)
}

//! What each axis does by itself: main effects.
//!
//! All cells with one value of an axis are averaged, whatever their other values; how far these
//! averages lie apart is what the axis does. The share of the variation between all cells that they
//! explain ranks the axes (the correlation ratio η², the first-order sensitivity index of a grid;
//! Saltelli et al., "Global Sensitivity Analysis", 2008). What no axis explains by itself is their
//! interplay. Drawn values are put into five ranges with as many cells each.

use super::chance::{Chance, Runs};
use super::{AxisReport, CellReport, InfluenceReport, LevelReport, VariationReport};
use crate::experiment::design::Quantity;
use crate::report::{Finite, Unit};
use std::collections::BTreeMap;

/// An axis with more values than this is put into ranges.
const MOST_LEVELS: usize = 60;
/// Ranges of an axis whose values are drawn.
const RANGES: usize = 5;

/// A measure, read off cells.
pub(super) struct Measured<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// Its unit.
    pub(super) unit: Unit,
    /// What a typical run of each cell has.
    pub(super) values: Vec<Option<f64>>,
    /// All runs of each cell.
    pub(super) runs: Vec<Option<Runs>>,
}

impl Measured<'_> {
    /// How it varies between cells.
    pub(super) fn variation(&self, chance: Chance) -> VariationReport {
        let mut values = self.values.iter().flatten();
        let first = values.next();
        VariationReport {
            measure: self.name.to_owned(),
            unit: self.unit,
            constant: values.all(|value| Some(value) == first),
            beyond_chance: chance.of_cells(&self.runs),
        }
    }

    /// What each axis does to it.
    pub(super) fn effects(
        &self,
        axes: &[AxisReport],
        cells: &[CellReport],
        chance: Chance,
    ) -> Vec<InfluenceReport> {
        let axes = axes.iter().enumerate();
        axes.filter_map(|(place, axis)| {
            let (names, level_of) = levels(axis, place, cells, chance.is_grid);
            let (explains, levels) = effect(&names, &level_of, &self.values)?;
            Some(InfluenceReport {
                measure: self.name.to_owned(),
                unit: self.unit,
                axis: axis.path.clone(),
                explains,
                beyond_chance: chance.is_beaten(&self.runs, &level_of),
                levels,
            })
        })
        .collect()
    }
}

/// Mean of each level, and the share of all variation that lies between them.
fn effect(
    names: &[String],
    level_of: &[usize],
    values: &[Option<f64>],
) -> Option<(Finite, Vec<LevelReport>)> {
    let mut sums = vec![(0_u32, 0.0); names.len()];
    for (&level, value) in level_of.iter().zip(values) {
        if let Some(value) = value {
            sums[level].0 += 1;
            sums[level].1 += value;
        }
    }
    let present = || values.iter().flatten();
    let count = present().count() as f64;
    let mean = present().fold(0.0, |sum, value| sum + value) / count;
    let all = present().fold(0.0, |sum, value| sum + (value - mean) * (value - mean));
    let between = sums.iter().filter(|(cells, _)| *cells > 0);
    let between = between.fold(0.0, |sum, &(cells, total)| {
        let apart = total / f64::from(cells) - mean;
        sum + f64::from(cells) * apart * apart
    });
    let levels = names
        .iter()
        .zip(&sums)
        .filter_map(|(name, &(cells, total))| {
            Some(LevelReport {
                value: name.clone(),
                cells,
                mean: Finite::ratio(total, f64::from(cells))?,
            })
        });
    let explains = if all > 0.0 {
        (between / all).min(1.0)
    } else {
        0.0
    };
    Some((Finite::new(explains)?, levels.collect())).filter(|_| count > 0.0)
}

/// The names of the levels of an axis, and the level of each cell.
fn levels(
    axis: &AxisReport,
    place: usize,
    cells: &[CellReport],
    is_grid: bool,
) -> (Vec<String>, Vec<usize>) {
    // Where each cell drew a value of its own, one value says nothing of an axis.
    let is_drawn = !is_grid && axis.values.len() * 2 > cells.len();
    let many = axis.values.len() > MOST_LEVELS || is_drawn;
    let size = if many {
        axis.values.len().div_ceil(RANGES)
    } else {
        1
    };
    let names = axis.values.chunks(size).map(|range| match range {
        [first, .., last] => format!("{first} to {last}"),
        [only] => only.clone(),
        [] => String::new(),
    });
    let ranks: BTreeMap<&str, usize> = (0..)
        .zip(&axis.values)
        .map(|(rank, value)| (value.as_str(), rank))
        .collect();
    let level = |cell: &CellReport| {
        ranks
            .get(cell.values[place].as_str())
            .map_or(0, |rank| rank / size)
    };
    (names.collect(), cells.iter().map(level).collect())
}

/// Values in the order of an axis: numbers by size, then words as they come.
pub(super) fn in_order(values: &mut [String]) {
    let key = |text: &String| Quantity::parse(text).map_or(f64::INFINITY, Quantity::as_f64);
    values.sort_by(|a, b| key(a).total_cmp(&key(b)));
}

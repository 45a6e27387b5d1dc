//! What each axis does by itself: main effects.
//!
//! All cells with one value of an axis are averaged, whatever their other values; how far these
//! averages lie apart is what the axis does. The share of the variation between all cells that they
//! explain ranks the axes (the correlation ratio η², the first-order sensitivity index of a grid;
//! Saltelli et al., "Global Sensitivity Analysis", 2008). What no axis explains by itself is their
//! interplay. Drawn values are put into five ranges with as many cells each.

use super::{AxisReport, CellReport, EffectReport, LevelReport};
use crate::experiment::design::Quantity;
use crate::report::{Finite, Unit};
use std::collections::BTreeMap;

/// An axis with more values than this is put into ranges.
const MOST_LEVELS: usize = 60;
/// Ranges of an axis whose values are drawn.
const RANGES: usize = 5;

/// What each axis does to a measure; `value` reads it off a cell.
pub(super) fn effects(
    measure: &str,
    unit: Unit,
    axes: &[AxisReport],
    cells: &[CellReport],
    value: &dyn Fn(&CellReport) -> Option<f64>,
) -> Vec<EffectReport> {
    let values: Vec<Option<f64>> = cells.iter().map(value).collect();
    let axes = axes.iter().enumerate();
    axes.filter_map(|(place, axis)| {
        let (names, level_of) = levels(axis, place, cells);
        let (explains, levels) = effect(&names, &level_of, &values)?;
        Some(EffectReport {
            measure: measure.to_owned(),
            unit,
            axis: axis.path.clone(),
            explains,
            levels,
        })
    })
    .collect()
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
fn levels(axis: &AxisReport, place: usize, cells: &[CellReport]) -> (Vec<String>, Vec<usize>) {
    let many = axis.values.len() > MOST_LEVELS;
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

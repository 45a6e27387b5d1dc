//! Whether what differs between cells is more than chance.
//!
//! The runs of one cell differ by luck alone. If the means of groups of cells lie further apart than
//! that luck would put them, something that was varied puts them there (analysis of variance). Cells
//! that share their random numbers differ by less luck than this supposes, so it errs on the side of
//! saying nothing. In a design that is drawn, a group also differs in all other axes: there the cells
//! within groups say how much that makes. A sweep asks this of many measures and axes at once, so
//! each question is answered as strictly as their number demands (Bonferroni).

use super::CellReport;
use crate::experiment::compare::SIGNIFICANCE;
use crate::experiment::estimate::{t_quantile, variance_test};
use crate::report::Finite;

/// A measure in the runs of one cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Runs {
    count: f64,
    mean: f64,
    variance: f64,
}

impl Runs {
    /// Those of the measure at this place.
    pub(super) fn of_measure(cell: &CellReport, place: usize) -> Option<Self> {
        let value = cell.measures.get(place)?.as_ref()?;
        let half = value.half_width.map_or(0.0, Finite::get);
        let count = f64::from(value.runs);
        let deviation = match value.runs {
            0 | 1 => 0.0,
            runs => half / t_quantile(runs - 1) * count.sqrt(),
        };
        Some(Self {
            count,
            mean: value.mean.get(),
            variance: deviation * deviation,
        })
    }

    /// How often they collapse. A few runs of one mind do not prove that all are, so the variance is
    /// that of a share with one more run of each kind (Laplace).
    pub(super) fn of_collapse(cell: &CellReport) -> Option<Self> {
        let (hits, all) = (f64::from(cell.collapsed.runs), f64::from(cell.collapsed.of));
        let share = (hits + 1.0) / (all + 2.0);
        (all > 0.0).then(|| Self {
            count: all,
            mean: hits / all,
            variance: share * (1.0 - share),
        })
    }
}

/// How it is to be told from chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chance {
    /// Whether every value of each axis meets all values of the others.
    pub(super) is_grid: bool,
    /// How many such questions are asked at once \[count\].
    pub(super) questions: u32,
}

impl Chance {
    /// Whether the cells differ in a measure beyond chance, each a group of its own; none if there are
    /// too few runs to tell.
    pub(super) fn of_measure(self, cells: &[CellReport], place: usize) -> Option<bool> {
        let runs: Vec<Option<Runs>> = cells
            .iter()
            .map(|cell| Runs::of_measure(cell, place))
            .collect();
        self.of_cells(&runs)
    }

    /// Whether cells differ beyond chance, each a group of its own, whatever the design.
    pub(super) fn of_cells(self, runs: &[Option<Runs>]) -> Option<bool> {
        let every: Vec<usize> = (0..runs.len()).collect();
        let each = Self {
            is_grid: true,
            ..self
        };
        each.is_beaten(runs, &every)
    }

    /// Whether groups of cells differ beyond chance, `groups` numbers from 0; none if there are too
    /// few runs to tell.
    pub(super) fn is_beaten(self, runs: &[Option<Runs>], level_of: &[usize]) -> Option<bool> {
        let levels = level_of.iter().max().map_or(0, |most| most + 1);
        let mut sums = vec![(0.0, 0.0, 0_u32); levels];
        for (runs, &level) in runs.iter().zip(level_of) {
            if let Some(runs) = runs {
                sums[level].0 += runs.count;
                sums[level].1 += runs.count * runs.mean;
                sums[level].2 += 1;
            }
        }
        let weight: f64 = sums.iter().map(|sum| sum.0).sum();
        let grand = sums.iter().map(|sum| sum.1).sum::<f64>() / weight;
        let square = |mean: f64, of: f64| (mean - of) * (mean - of);
        let taken = || sums.iter().filter(|sum| sum.2 > 0);
        let between: f64 = taken()
            .map(|sum| sum.0 * square(sum.1 / sum.0, grand))
            .sum();
        let degrees = (taken().count() as u32)
            .checked_sub(1)
            .filter(|&some| some > 0)?;
        let present = || {
            runs.iter()
                .zip(level_of)
                .filter_map(|(one, &level)| Some(((*one)?, level)))
        };
        let (within, freedom) = if self.is_grid && present().any(|(runs, _)| runs.count > 1.0) {
            let of = |all: &dyn Fn(Runs) -> f64| present().map(|(one, _)| all(one)).sum::<f64>();
            (
                of(&|one| one.variance * (one.count - 1.0)),
                of(&|one| one.count - 1.0),
            )
        } else {
            let apart = present().map(|(one, level)| {
                let (count, total, _) = sums[level];
                one.count * square(one.mean, total / count)
            });
            let groups = taken().count() as f64;
            (apart.sum(), present().count() as f64 - groups)
        };
        if freedom < 1.0 {
            return None;
        }
        let ratio = (between / f64::from(degrees)) / (within / freedom);
        // Nothing varies at all: 0 by 0.
        let chance = variance_test(ratio, degrees, freedom as u32);
        Some(chance < SIGNIFICANCE / f64::from(self.questions.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "cells may lack runs")]
    fn runs(mean: f64, variance: f64, count: f64) -> Option<Runs> {
        Some(Runs {
            count,
            mean,
            variance,
        })
    }

    const GRID: Chance = Chance {
        is_grid: true,
        questions: 5,
    };

    #[test]
    fn what_runs_of_one_cell_differ_by_is_chance() {
        let noise = [runs(0.98, 1e-4, 2.0), runs(0.99, 1e-4, 2.0)];
        assert_eq!(GRID.is_beaten(&noise, &[0, 1]), Some(false));
        let apart = [runs(0.2, 1e-4, 5.0), runs(0.9, 1e-4, 5.0)];
        assert_eq!(GRID.is_beaten(&apart, &[0, 1]), Some(true));
        let constant = [runs(1.0, 0.0, 2.0), runs(1.0, 0.0, 2.0)];
        assert_eq!(GRID.is_beaten(&constant, &[0, 1]), Some(false));
        let exact = [runs(1.0, 0.0, 2.0), runs(2.0, 0.0, 2.0)];
        assert_eq!(GRID.is_beaten(&exact, &[0, 1]), Some(true));
    }

    #[test]
    fn one_run_of_each_cell_can_only_be_held_against_its_neighbours() {
        let single = [runs(1.0, 0.0, 1.0), runs(2.0, 0.0, 1.0)];
        assert_eq!(GRID.is_beaten(&single, &[0, 1]), None);
        let four = [1.0, 1.1, 9.0, 9.1].map(|mean| runs(mean, 0.0, 1.0));
        let one = Chance {
            questions: 1,
            ..GRID
        };
        assert_eq!(one.is_beaten(&four, &[0, 0, 1, 1]), Some(true));
        assert_eq!(one.is_beaten(&four, &[0, 1, 0, 1]), Some(false));
    }

    #[test]
    fn in_a_drawn_design_other_axes_make_no_effect_of_this_one() {
        // The other axis moves every cell far; this one has nothing to do with it.
        let drawn = Chance {
            is_grid: false,
            questions: 1,
        };
        let cells = [1.0, 7.0, 3.0, 9.0, 2.0, 6.0].map(|mean| runs(mean, 1e-6, 3.0));
        assert_eq!(drawn.is_beaten(&cells, &[0, 0, 0, 1, 1, 1]), Some(false));
    }
}

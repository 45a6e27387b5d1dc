//! Values over two axes, read off the cells of a grid.

use crate::format;
use sim_core::report::sweep::{AxisReport, CellReport, SweepReport};
use sim_core::report::{Finite, Unit};
use std::collections::BTreeMap;

/// Maps beside each other, at most.
const FIELDS_MAX: usize = 6;
/// Values along a side of a map, at most.
const SIDE_MAX: usize = 120;

/// Values over two axes.
pub(super) struct Field {
    /// Which value the third axis has; empty if there is none.
    pub(super) title: String,
    /// What lies across.
    pub(super) across: String,
    /// What lies upwards; empty if there is only one axis.
    pub(super) up: String,
    /// Values across, from left to right.
    pub(super) acrosses: Vec<String>,
    /// Values upwards, from the bottom.
    pub(super) ups: Vec<String>,
    values: Vec<Option<f64>>,
}

impl Field {
    /// The value at a column and a row, from the bottom left.
    pub(super) fn value(&self, column: usize, row: usize) -> Option<f64> {
        self.values[row * self.acrosses.len() + column]
    }

    /// All values that are there.
    pub(super) fn present(&self) -> impl Iterator<Item = f64> {
        self.values.iter().flatten().copied()
    }
}

/// A value as people read it.
pub(super) fn shown(value: f64, unit: Unit) -> String {
    format::optional(Finite::new(value), |value| format::value(value, unit))
}

/// The maps of a grid; none for a design that is drawn, or has nothing to show.
pub(super) fn fields(
    report: &SweepReport,
    value: &dyn Fn(&CellReport) -> Option<f64>,
) -> Option<Vec<Field>> {
    let axes = &report.design.axes;
    let (x, rest) = axes.split_last()?;
    let is_grid = report.design.kind == "grid" && x.values.len() > 1;
    let side = |axis: &AxisReport| axis.values.len() <= SIDE_MAX;
    if !is_grid || !side(x) || rest.last().is_some_and(|axis| !side(axis)) {
        return None;
    }
    let panels = match rest {
        [.., panels, _] => panels.values.as_slice(),
        [] | [_] => &[],
    };
    if panels.len() > FIELDS_MAX {
        return None;
    }
    let sums = sums(report, value);
    let all = match panels {
        [] => vec![field(axes, None, &sums)],
        values => values
            .iter()
            .map(|value| field(axes, Some(value), &sums))
            .collect(),
    };
    all.iter()
        .any(|field| field.present().next().is_some())
        .then_some(all)
}

/// Values of the last three axes.
type Place = Vec<String>;

/// Sums and numbers of values, by the values of the last three axes.
fn sums(
    report: &SweepReport,
    value: &dyn Fn(&CellReport) -> Option<f64>,
) -> BTreeMap<Place, (f64, u32)> {
    let mut sums: BTreeMap<Place, (f64, u32)> = BTreeMap::new();
    for cell in &report.cells {
        let Some(value) = value(cell) else { continue };
        let last = cell.values.len().saturating_sub(3);
        let sum = sums.entry(cell.values[last..].to_vec()).or_default();
        *sum = (sum.0 + value, sum.1 + 1);
    }
    sums
}

fn field(axes: &[AxisReport], panel: Option<&String>, sums: &BTreeMap<Place, (f64, u32)>) -> Field {
    let (x, rest) = axes.split_last().expect("a design has an axis");
    let y = rest.last();
    let ups = y.map_or_else(|| vec![String::new()], |axis| axis.values.clone());
    let mut values = Vec::with_capacity(ups.len() * x.values.len());
    for up in &ups {
        for across in &x.values {
            let mut place: Place = panel.into_iter().cloned().collect();
            place.extend(y.map(|_| up.clone()));
            place.push(across.clone());
            let sum = sums.get(&place);
            values.push(sum.map(|&(sum, count)| sum / f64::from(count)));
        }
    }
    let titled = rest.len().checked_sub(2).map(|place| &rest[place].name);
    Field {
        title: panel
            .zip(titled)
            .map_or_else(String::new, |(value, name)| format!("{name} = {value}")),
        across: x.name.clone(),
        up: y.map_or_else(String::new, |axis| axis.name.clone()),
        acrosses: x.values.clone(),
        ups,
        values,
    }
}

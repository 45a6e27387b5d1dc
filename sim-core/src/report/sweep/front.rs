//! Trade-offs: the cells that no other one beats in every respect (the Pareto front).
//!
//! What is weighed: goodput, latency, load on the service whose load is multiplied most, and cost in
//! instances. In the race are cells that somebody could want: all expectations met, no run collapsed.
//! A load or a fault is met, not chosen, so a cell is held only against those under the same ones.
//! Values count in three digits, as they are shown: what is equal there is a tie, and told as one. A
//! measure that is the same in all cells, or differs by no more than chance, weighs nothing and is left out, and so is a cell that lacks
//! one. Medians are compared, since a mean of healthy and collapsed runs describes neither.

use super::{
    AxisReport, Better, CellReport, FrontReport, INSTANCES, MeasureReport, ObjectiveReport,
};
use crate::report::Unit;
use std::collections::BTreeMap;

/// The front over these measures and the cost; none without a choice, or without two things to weigh.
/// A measure of which `varies` denies that it differs beyond chance weighs nothing.
pub(super) fn front(
    measures: &[MeasureReport],
    weighed: &[usize],
    varies: &dyn Fn(usize) -> bool,
    axes: &[AxisReport],
    cells: &[CellReport],
) -> Option<FrontReport> {
    let is_choice = |axis: &&AxisReport| !axis.condition && axis.values.len() > 1;
    axes.iter().find(is_choice)?;
    let mut objectives: Vec<(ObjectiveReport, Vec<Option<f64>>)> = weighed
        .iter()
        .filter(|&&place| varies(place))
        .map(|&place| {
            let values = cells.iter().map(|cell| cell.median(place).map(told));
            (objective(&measures[place]), values.collect())
        })
        .collect();
    let instances = |cell: &CellReport| (cell.finished > 0).then(|| f64::from(cell.instances));
    objectives.push((
        lower(INSTANCES, Unit::Count),
        cells.iter().map(instances).collect(),
    ));
    objectives.retain(|(_, values)| differ(values));
    if objectives.len() < 2 {
        return None;
    }
    let in_race = points(&objectives, cells);
    let (mut on_front, mut equals) = (Vec::new(), Vec::new());
    for race in by_conditions(&in_race, axes, cells) {
        let best = undominated(&race);
        let alike = |one: &Point| best.iter().filter(|other| other.1 == one.1).count() as u32;
        equals.extend(best.iter().map(alike));
        on_front.extend(best.iter().map(|point| point.0 as u32));
    }
    Some(FrontReport {
        objectives: objectives
            .into_iter()
            .map(|(objective, _)| objective)
            .collect(),
        feasible: in_race.len() as u32,
        cells: on_front,
        equals,
    })
}

/// A value with the digits in which it is shown.
fn told(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

/// The cells of each combination of conditions, in the order of the cells.
fn by_conditions(points: &[Point], axes: &[AxisReport], cells: &[CellReport]) -> Vec<Vec<Point>> {
    let mut numbers: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
    let mut races: Vec<Vec<Point>> = Vec::new();
    for point in points {
        let values = axes.iter().zip(&cells[point.0].values);
        let under: Vec<&str> = values
            .filter(|(axis, _)| axis.condition)
            .map(|(_, value)| value.as_str())
            .collect();
        let number = *numbers.entry(under).or_insert_with(|| {
            races.push(Vec::new());
            races.len() - 1
        });
        races[number].push(point.clone());
    }
    races
}

fn objective(measure: &MeasureReport) -> ObjectiveReport {
    ObjectiveReport {
        name: measure.name.clone(),
        unit: measure.unit,
        better: measure.better,
    }
}

fn lower(name: &str, unit: Unit) -> ObjectiveReport {
    ObjectiveReport {
        name: name.to_owned(),
        unit,
        better: Better::Lower,
    }
}

fn differ(values: &[Option<f64>]) -> bool {
    let mut present = values.iter().flatten();
    let first = present.next();
    present.any(|value| Some(value) != first)
}

/// A cell's place and its values, turned so that less is better.
type Point = (usize, Vec<f64>);

/// The cells that somebody could want.
fn points(objectives: &[(ObjectiveReport, Vec<Option<f64>>)], cells: &[CellReport]) -> Vec<Point> {
    let turned = |place: usize| -> Option<Vec<f64>> {
        let values = objectives.iter().map(|(objective, values)| {
            let value = values[place]?;
            Some(if objective.better == Better::Higher {
                -value
            } else {
                value
            })
        });
        values.collect()
    };
    (0..cells.len())
        .filter(|&place| cells[place].is_feasible())
        .filter_map(|place| Some((place, turned(place)?)))
        .collect()
}

/// In the order of their values, first to last, nobody is beaten by somebody later, so each point is
/// compared with the front so far only.
fn undominated(points: &[Point]) -> Vec<Point> {
    let mut sorted: Vec<&Point> = points.iter().collect();
    sorted.sort_by(|a, b| {
        let firsts = a.1.iter().zip(&b.1).map(|(a, b)| a.total_cmp(b));
        firsts
            .into_iter()
            .find(|order| order.is_ne())
            .unwrap_or(a.0.cmp(&b.0))
    });
    let mut front: Vec<Point> = Vec::new();
    for point in sorted {
        if !front.iter().any(|better| beats(&better.1, &point.1)) {
            front.push(point.clone());
        }
    }
    front
}

/// Whether the one is nowhere worse and somewhere better.
fn beats(one: &[f64], other: &[f64]) -> bool {
    let pairs = || one.iter().zip(other);
    pairs().all(|(a, b)| a <= b) && pairs().any(|(a, b)| a < b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_beats_is_on_the_front() {
        let values = [
            [1.0, 5.0],
            [2.0, 4.0],
            [2.0, 5.0],
            [3.0, 1.0],
            [3.0, 1.0],
            [9.0, 9.0],
        ];
        let points: Vec<Point> = values.iter().map(|v| v.to_vec()).enumerate().collect();
        let places: Vec<usize> = undominated(&points).iter().map(|point| point.0).collect();
        assert_eq!(places, [0, 1, 3, 4], "equals do not beat each other");
        assert!(told(0.999_51) >= 1.0 && told(1234.0) <= 1230.0);
    }
}

//! Trade-offs: the cells that no other one beats in every respect (the Pareto front).
//!
//! What is weighed: goodput, latency, load on the service whose load is multiplied most, and cost in
//! instances. A measure that is the same in all cells weighs nothing and is left out, and so is a
//! cell that lacks one. Medians are compared, since a mean of healthy and collapsed runs describes
//! neither.

use super::{Better, COLLAPSE, CellReport, FrontReport, INSTANCES, MeasureReport, ObjectiveReport};
use crate::report::Unit;

/// The front over these measures, the probability of collapse and the cost.
pub(super) fn front(
    measures: &[MeasureReport],
    weighed: &[usize],
    cells: &[CellReport],
) -> Option<FrontReport> {
    let mut objectives: Vec<(ObjectiveReport, Vec<Option<f64>>)> = weighed
        .iter()
        .map(|&place| {
            let values = cells.iter().map(|cell| cell.median(place)).collect();
            (objective(&measures[place]), values)
        })
        .collect();
    objectives.push((
        lower(COLLAPSE, Unit::Share),
        cells.iter().map(CellReport::collapse).collect(),
    ));
    let instances = |cell: &CellReport| (cell.finished > 0).then(|| f64::from(cell.instances));
    objectives.push((
        lower(INSTANCES, Unit::Count),
        cells.iter().map(instances).collect(),
    ));
    objectives.retain(|(_, values)| differ(values));
    if objectives.len() < 2 {
        return None;
    }
    let points = points(&objectives, cells.len());
    let mut on_front = undominated(&points);
    on_front.sort_by(|a, b| a.1[0].total_cmp(&b.1[0]).then(a.0.cmp(&b.0)));
    Some(FrontReport {
        objectives: objectives
            .into_iter()
            .map(|(objective, _)| objective)
            .collect(),
        cells: on_front.iter().map(|point| point.0 as u32).collect(),
    })
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

fn points(objectives: &[(ObjectiveReport, Vec<Option<f64>>)], cells: usize) -> Vec<Point> {
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
    (0..cells)
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
    }
}

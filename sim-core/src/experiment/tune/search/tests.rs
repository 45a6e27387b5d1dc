use super::*;
use crate::experiment::design::Axis;
use crate::random::{KeySource, uniform};

/// What values cost under some luck, and whether they hold.
type Cost = dyn Fn(&[f64], f64) -> (f64, bool);

/// Plays a function of the values, with luck that candidates share.
struct Made<'a> {
    cost: &'a Cost,
    present: Vec<f64>,
    goal: Option<(usize, bool)>,
    asked: u32,
}

impl Oracle for Made<'_> {
    fn goal_axis(&self) -> Option<(usize, bool)> {
        self.goal
    }

    fn play(&mut self, asked: &[Asked<'_>]) -> Result<Vec<Vec<Trial>>, Halt> {
        let luck = KeySource::new(5, 0).site(&["test"], "luck");
        let play = |(point, runs): &Asked<'_>| {
            let values = point.map_or_else(
                || self.present.clone(),
                |point| {
                    point
                        .values
                        .iter()
                        .map(|value| value.parse().unwrap())
                        .collect()
                },
            );
            let trial = |run: u32| {
                let (cost, holds) = (self.cost)(&values, uniform(luck, u64::from(run)) - 0.5);
                Trial {
                    cost: Some(cost),
                    verdicts: vec![if holds { Verdict::Pass } else { Verdict::Fail }],
                    values: vec![Some(values[0])],
                    short: if holds { 0.0 } else { 1.0 / values[0] },
                }
            };
            runs.clone().map(trial).collect::<Vec<_>>()
        };
        let all: Vec<Vec<Trial>> = asked.iter().map(play).collect();
        self.asked += all.iter().map(Vec::len).sum::<usize>() as u32;
        Ok(all)
    }
}

fn space(axes: &[&str]) -> Space {
    Space::new(axes.iter().map(|text| Axis::parse(text).unwrap()).collect())
}

fn found(axes: &[&str], budget: u32, cost: &Cost) -> (Tuned, Vec<f64>) {
    found_towards(axes, budget, cost, None)
}

fn found_towards(
    axes: &[&str],
    budget: u32,
    cost: &Cost,
    goal: Option<(usize, bool)>,
) -> (Tuned, Vec<f64>) {
    let space = space(axes);
    let mut made = Made {
        cost,
        present: vec![1.0; axes.len()],
        goal,
        asked: 0,
    };
    let tuned = tune(&space, &[InRuns::All], 3, budget, &mut made);
    assert!(made.asked <= budget, "{} of {budget}", made.asked);
    assert_eq!(made.asked, tuned.played);
    assert_eq!(tuned.halt, None);
    let best = &tuned.candidates[tuned.finalists[0]];
    let values = &best.point.as_ref().unwrap().values;
    let values = values.iter().map(|value| value.parse().unwrap()).collect();
    (tuned, values)
}

#[test]
fn the_bottom_of_a_bowl_is_found() {
    let bowl = |at: &[f64], luck: f64| {
        let (x, y) = (at[0] - 62.0, at[1] - 7.0);
        (100.0 + x * x / 50.0 + 3.0 * y * y + 20.0 * luck, true)
    };
    let (tuned, best) = found(&["a=1..100", "b=1..20"], 200, &bowl);
    assert!(
        (best[0] - 62.0).abs() <= 8.0 && (best[1] - 7.0).abs() <= 1.0,
        "{best:?}"
    );
    let flat = tuned.flat[0].as_ref().unwrap();
    let ends = [&flat.low, &flat.high].map(|end| end.parse::<f64>().unwrap());
    assert!(ends[0] < best[0] && best[0] < ends[1], "{flat:?}");
    assert!(ends[0] > 20.0 && ends[1] < 100.0, "{flat:?}");
}

#[test]
fn the_cheapest_that_holds_is_found() {
    // Cost is the setting itself; it holds from 37 on, give or take some luck.
    let wall = |at: &[f64], luck: f64| (at[0], at[0] >= 37.0 + 2.0 * luck);
    let (tuned, best) = found(&["a=1..200"], 120, &wall);
    assert!((37.0..=40.0).contains(&best[0]), "{best:?}");
    assert!(!tuned.candidates[tuned.finalists[0]].fails(&[InRuns::All]));
    assert!(tuned.present.fails(&[InRuns::All]));
}

#[test]
fn what_is_called_the_least_is_shown_to_be() {
    for (range, wall) in [("a=4..100", 51.0), ("a=1..2000", 1234.0), ("a=1..9", 2.0)] {
        let cost = move |at: &[f64], _: f64| (at[0], at[0] >= wall);
        let (tuned, best) = found_towards(&[range], 40, &cost, Some((0, false)));
        match tuned.least {
            Some(Least::Shown(next)) => {
                assert!((best[0] - wall).abs() < 0.5, "{range}: {best:?}");
                let next = tuned.candidates[next].point.as_ref().unwrap();
                assert_eq!(next.values[0], (wall - 1.0).to_string());
            }
            Some(Least::Unsure(_)) => assert!(wall > 1000.0, "{range}"),
            Some(Least::End) | None => panic!("{range}: {:?}", tuned.least),
        }
    }
    let (tuned, best) = found_towards(&["a=4..100"], 40, &|at, _| (at[0], true), Some((0, false)));
    assert_eq!((tuned.least, best[0] as u32), (Some(Least::End), 4));
}

#[test]
fn where_nothing_holds_the_nearest_is_told() {
    let (tuned, best) = found(&["a=1..50"], 60, &|at, luck| (at[0] + luck, false));
    assert!(best[0] >= 48.0, "what costs most comes nearest: {best:?}");
    assert!(tuned.candidates[tuned.finalists[0]].fails(&[InRuns::All]));
    assert_eq!(tuned.flat, [None]);
}

#[test]
fn figures_come_from_runs_that_had_no_part_in_the_choice() {
    let noise = |_: &[f64], luck: f64| (luck, true);
    let (tuned, _) = found(&["a=1..50"], 200, &noise);
    let best = &tuned.candidates[tuned.finalists[0]];
    assert!(best.fresh.len() >= 10 && !best.trials.is_empty());
    assert_eq!(tuned.present.fresh.len(), best.fresh.len());
    assert!(tuned.present.trials.is_empty());
}

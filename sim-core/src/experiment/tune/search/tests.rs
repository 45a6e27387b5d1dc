use super::*;
use crate::experiment::design::Axis;
use crate::random::{KeySource, uniform};

/// What values cost under some luck, and whether they hold.
type Cost = dyn Fn(&[f64], f64) -> (f64, bool);

/// Plays a function of the values, with luck that candidates share.
struct Made<'a> {
    cost: &'a Cost,
    present: Vec<f64>,
    asked: u32,
}

impl Oracle for Made<'_> {
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
    let space = space(axes);
    let mut made = Made {
        cost,
        present: vec![1.0; axes.len()],
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
fn where_nothing_holds_the_nearest_is_told() {
    let (tuned, _) = found(&["a=1..50"], 60, &|at, luck| (at[0] + luck, false));
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

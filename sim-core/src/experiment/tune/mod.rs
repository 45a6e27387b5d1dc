//! Which settings do best: the least cost that still meets the expectations.
//!
//! A [`Goal`] says what is to be small or large, a [`Space`] what may be changed. Several scenarios
//! can be served at once, the same storm under several faults or loads: then a candidate costs what
//! it costs in the worst of them, and must meet the expectations of all.

mod search;
mod space;
mod trial;

pub use search::{Asked, FRESH, Flat, Least, Oracle, Tuned, replications_for_exactness, tune};
pub use space::{Point, Space};
pub use trial::{Candidate, Trial, shortfall};

use super::bench::{Ask, Bench, Halt, Sample, Values};
use super::design::Quantity;
use crate::judge::Verdict;
use crate::scenario::Bound;

/// What a search looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The figure at this place of each stand.
    Figure(usize),
    /// Whether the run collapses: over runs, the probability of collapse.
    Collapse,
    /// Instances of all services.
    Instances,
    /// The setting on this axis itself.
    Setting(usize),
}

/// What is to be small or large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// What.
    pub target: Target,
    /// Whether it is to be large.
    pub maximise: bool,
}

impl Goal {
    /// What a run costs: less is better. None if it cannot be measured.
    fn cost(
        self,
        sample: &Sample,
        point: Option<&Point>,
        present: &[Option<String>],
    ) -> Option<f64> {
        if !sample.finished {
            return None;
        }
        let value = match self.target {
            Target::Figure(place) => *sample.values.get(place)?,
            Target::Collapse => Some(f64::from(sample.collapsed)),
            Target::Instances => Some(f64::from(sample.instances)),
            Target::Setting(axis) => {
                let text = match point {
                    Some(point) => point.values.get(axis),
                    None => present.get(axis)?.as_ref(),
                };
                Quantity::parse(text?).map(Quantity::as_f64)
            }
        };
        value.map(|value| if self.maximise { -value } else { value })
    }
}

/// Plays candidates on a bench, each in all its scenarios.
pub struct OnBench<'a> {
    /// Where they are played.
    pub bench: &'a Bench<'a>,
    /// What may be changed.
    pub space: &'a Space,
    /// What is to be small or large.
    pub goal: Goal,
    /// What the scenario has on each axis, where that is known.
    pub present: Vec<Option<String>>,
    /// What each expectation of each scenario allows. The last figures of a stand measure them.
    pub bounds: Vec<Vec<Bound>>,
}

impl OnBench<'_> {
    fn trial(&self, point: Option<&Point>, samples: &[&Sample]) -> Trial {
        let costs = samples
            .iter()
            .map(|sample| self.goal.cost(sample, point, &self.present));
        let worst = costs.reduce(|a, b| Some(a?.max(b?))).flatten();
        let mut trial = Trial {
            cost: worst,
            verdicts: Vec::new(),
            values: Vec::new(),
            short: 0.0,
        };
        for (sample, bounds) in samples.iter().zip(&self.bounds) {
            for (place, &bound) in bounds.iter().enumerate() {
                let first = sample.values.len().saturating_sub(bounds.len());
                let value = sample.values.get(first + place).copied().flatten();
                let verdict = sample.expectations.get(place);
                let verdict = verdict.copied().unwrap_or(Verdict::Inconclusive);
                if verdict == Verdict::Fail {
                    trial.short += shortfall(value, bound);
                }
                trial.verdicts.push(verdict);
                trial.values.push(value);
            }
        }
        trial
    }
}

impl Oracle for OnBench<'_> {
    fn goal_axis(&self) -> Option<(usize, bool)> {
        match self.goal.target {
            Target::Setting(axis) => Some((axis, self.goal.maximise)),
            Target::Figure(_) | Target::Collapse | Target::Instances => None,
        }
    }

    fn play(&mut self, asked: &[Asked<'_>]) -> Result<Vec<Vec<Trial>>, Halt> {
        let scenarios = self.bench.stands.len();
        let asks: Vec<Ask> = asked
            .iter()
            .flat_map(|(point, runs)| {
                let values = point.map_or_else(Values::new, |point| self.space.settings(point));
                (0..scenarios).map(move |stand| Ask {
                    stand,
                    values: values.clone(),
                    runs: runs.clone(),
                })
            })
            .collect();
        let samples = self.bench.play(&asks)?;
        let candidates = asked.iter().zip(samples.chunks(scenarios));
        Ok(candidates
            .map(|((point, runs), samples)| {
                let run = |number: usize| {
                    let together: Vec<&Sample> = samples.iter().map(|all| &all[number]).collect();
                    self.trial(*point, &together)
                };
                (0..runs.len()).map(run).collect()
            })
            .collect())
    }
}

#[cfg(test)]
mod tests;

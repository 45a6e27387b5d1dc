//! The search for the best settings within a budget of runs.
//!
//! ```text
//! start     candidates that cover the space evenly, one run each
//! halve     the better third gets three times the runs, again and again (successive halving)
//! refine    steps from the best along each axis, ever shorter; hopeless ones end early
//! confirm   the best few, and the scenario as it is, in fresh runs that had no part in the choice
//! least     if a setting itself is to be small: is the next lower one shown to fail?
//! flat      how far each axis can be moved until it costs more than the doubt that is left
//! ```
//!
//! Candidates share their random numbers, so two of them are compared run by run. The best of many
//! looks better than it is, since luck helped to choose it; that is why its figures come from fresh
//! runs alone (Jamieson and Talwalkar, "Non-stochastic Best Arm Identification", AISTATS 2016, for the
//! halving; Hooke and Jeeves, "Direct Search", JACM 1961, for the steps).
//!
//! Rejected: Bayesian optimisation (a model of the response that nobody can check, for a response
//! that jumps), evolution (needs thousands of runs), a grid (needs ten times as many).

mod least;

use super::space::{Point, SHORTEST, Space};
use super::trial::{Candidate, Trial};
use crate::experiment::bench::Halt;
use crate::experiment::estimate::mean_interval;
use crate::judge::Verdict;
use crate::scenario::InRuns;
use std::ops::Range;

/// Number of the first replication that has no part in the choice.
pub const FRESH: u32 = 1 << 20;
/// Of each round of halving, one in so many goes on, with so many times the runs.
const THIRD: usize = 3;
/// Candidates that are confirmed together.
const FINALISTS: usize = 3;
/// The part of the budget that is for this: so many of so many.
const FLATNESS: (u32, u32) = (3, 20);
/// Halvings of the way to the end of an axis, when it is asked how flat the optimum is.
const PROBES: u32 = 4;

/// Settings that are to be played; none are the scenario as it is.
pub type Asked<'a> = (Option<&'a Point>, Range<u32>);

/// Who plays.
pub trait Oracle {
    /// Plays all that is asked, in order.
    fn play(&mut self, asked: &[Asked<'_>]) -> Result<Vec<Vec<Trial>>, Halt>;
    /// The axis whose value itself is to be small, or large if so.
    fn goal_axis(&self) -> Option<(usize, bool)> {
        None
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuned {
    /// All that was tried, in the order in which it was begun.
    pub candidates: Vec<Candidate>,
    /// The scenario as it is, in the fresh runs.
    pub present: Candidate,
    /// Places of the candidates that were confirmed, the best first.
    pub finalists: Vec<usize>,
    /// By axis, how far the best can be moved; none for an axis that was not probed.
    pub flat: Vec<Option<Flat>>,
    /// Whether anything beyond the best would do, if a setting itself is to be small or large.
    pub least: Option<Least>,
    /// Replications that were played \[count\].
    pub played: u32,
    /// Why it ended before its end, if it did.
    pub halt: Option<Halt>,
}

/// Whether anything beyond the best would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Least {
    /// The best is the last value that was allowed.
    End,
    /// The next value, this candidate, was shown to fail.
    Shown(usize),
    /// The runs ended before it was shown that this one fails.
    Unsure(usize),
}

/// How far the best can be moved along an axis without costing more than the doubt that is left.
#[derive(Clone, Debug, PartialEq)]
pub struct Flat {
    /// The least value that is as good.
    pub low: String,
    /// The greatest value that is as good.
    pub high: String,
}

/// The budget of replications from which on it can be told how far each axis can be moved \[count\].
pub fn replications_for_exactness(space: &Space) -> u32 {
    let ordered = space.axes().iter().filter(|axis| axis.is_ordered());
    (ordered.count() as u32 * 2 * PROBES * FLATNESS.1).div_ceil(FLATNESS.0)
}

/// A search that is under way.
struct Tuner<'a> {
    space: &'a Space,
    rules: &'a [InRuns],
    oracle: &'a mut dyn Oracle,
    /// Replications that may still be played \[count\],
    left: u32,
    /// and how many of them are for later.
    reserve: u32,
    found: Tuned,
}

/// Searches within a budget of replications.
pub fn tune(
    space: &Space,
    rules: &[InRuns],
    seed: u64,
    budget: u32,
    oracle: &mut dyn Oracle,
) -> Tuned {
    let mut tuner = Tuner {
        space,
        rules,
        oracle,
        left: budget,
        reserve: 0,
        found: Tuned {
            candidates: Vec::new(),
            present: Candidate::new(None),
            finalists: Vec::new(),
            flat: vec![None; space.axes().len()],
            least: None,
            played: 0,
            halt: None,
        },
    };
    if let Err(halt) = tuner.whole(seed, budget) {
        tuner.found.halt = Some(halt);
    }
    tuner.found
}

impl Tuner<'_> {
    fn whole(&mut self, seed: u64, budget: u32) -> Result<(), Halt> {
        let fresh = (budget / 20).clamp(2, 100);
        // What confirming the finalists and the scenario as it is will take, and then the flatness.
        let confirming = fresh * (FINALISTS as u32 + 1);
        let flatness = budget * FLATNESS.0 / FLATNESS.1;
        let start = (budget - confirming - flatness) * 3 / 5;
        self.reserve = budget - start;
        self.start(seed, start)?;
        self.reserve = confirming + flatness;
        self.refine()?;
        self.reserve = flatness;
        // What the search did not need makes the answer surer.
        let spare = self.left.saturating_sub(flatness) / (FINALISTS as u32 + 1);
        self.confirm(fresh.max(spare.min(100)))?;
        self.reserve = 0;
        self.least()?;
        self.flat()
    }

    /// Plays candidates up to so many replications, as far as the budget goes; returns those that
    /// got there.
    fn extend(&mut self, places: &[usize], runs: u32) -> Result<Vec<usize>, Halt> {
        let mut asked = Vec::new();
        let mut reached = Vec::new();
        for &place in places {
            let candidate = &self.found.candidates[place];
            let more = runs.saturating_sub(candidate.trials.len() as u32);
            if more + self.reserve <= self.left {
                self.left -= more;
                asked.push((candidate.point.as_ref(), runs - more..runs));
                reached.push(place);
            }
        }
        let trials = self.oracle.play(&asked)?;
        for (&place, trials) in reached.iter().zip(trials) {
            self.found.played += trials.len() as u32;
            self.found.candidates[place].trials.extend(trials);
        }
        Ok(reached)
    }

    /// The place of a point among the candidates; new ones are added.
    fn place(&mut self, point: Point) -> usize {
        let all = &mut self.found.candidates;
        let is_it = |one: &Candidate| {
            one.point
                .as_ref()
                .is_some_and(|known| known.values == point.values)
        };
        all.iter().position(is_it).unwrap_or_else(|| {
            all.push(Candidate::new(Some(point)));
            all.len() - 1
        })
    }

    /// Candidates in order, the best first.
    fn ranked(&self, mut places: Vec<usize>) -> Vec<usize> {
        let all = &self.found.candidates;
        places.sort_unstable();
        places.dedup();
        let mut sorted: Vec<usize> = Vec::with_capacity(places.len());
        for place in places {
            let better = |&other: &usize| !all[place].beats(&all[other], self.rules);
            let at = sorted
                .iter()
                .position(|other| !better(other))
                .unwrap_or(sorted.len());
            sorted.insert(at, place);
        }
        sorted
    }

    /// Covers the space, then halves.
    fn start(&mut self, seed: u64, budget: u32) -> Result<(), Halt> {
        // Each round after the first costs two thirds of it; three rounds are usual.
        let count = (budget * 3 / 7).max(4);
        let mut places = Vec::new();
        for point in self.space.spread(seed, count) {
            let place = self.place(point);
            if !places.contains(&place) {
                places.push(place);
            }
        }
        let mut runs = 1;
        loop {
            places = self.extend(&places, runs)?;
            places = self.ranked(places);
            if places.len() <= FINALISTS {
                return Ok(());
            }
            places.truncate(places.len().div_ceil(THIRD));
            runs *= THIRD as u32;
        }
    }

    /// The best candidate of those with the most runs.
    fn best(&self) -> Option<usize> {
        let runs = |place: &usize| self.found.candidates[*place].trials.len();
        let most = (0..self.found.candidates.len())
            .map(|place| runs(&place))
            .max()?;
        let full = (0..self.found.candidates.len()).filter(|place| runs(place) == most);
        self.ranked(full.collect()).first().copied()
    }

    /// Steps from the best along each axis, ever shorter.
    fn refine(&mut self) -> Result<(), Halt> {
        let Some(mut best) = self.best() else {
            return Ok(());
        };
        let mut step = 0.25;
        while step >= SHORTEST && self.left > self.reserve {
            let Some(point) = self.found.candidates[best].point.clone() else {
                return Ok(());
            };
            let runs = (self.found.candidates[best].trials.len() as u32).max(THIRD as u32);
            if self.extend(&[best], runs)?.is_empty() {
                return Ok(());
            }
            let near = self.space.around(&point, step);
            let near: Vec<usize> = near.into_iter().map(|point| self.place(point)).collect();
            let hopeful = self.early(&near, best, runs)?;
            let full = self.extend(&hopeful, runs)?;
            let next = self.ranked([full, vec![best]].concat())[0];
            if next == best {
                step /= 2.0;
            }
            best = next;
        }
        Ok(())
    }

    /// Plays a third of the runs, and one, two and three of them first; returns those that are not
    /// hopeless beside the best.
    fn early(&mut self, near: &[usize], best: usize, runs: u32) -> Result<Vec<usize>, Halt> {
        let mut left = near.to_vec();
        for runs in [1, THIRD as u32, runs.div_ceil(THIRD as u32)] {
            left = self.extend(&left, runs)?;
            let all = &self.found.candidates;
            left.retain(|&place| !all[place].is_hopeless_beside(&all[best], self.rules));
        }
        Ok(left)
    }

    /// Plays the best few, and the scenario as it is, in fresh runs; if all of them miss an
    /// expectation there, the next few.
    fn confirm(&mut self, runs: u32) -> Result<(), Halt> {
        let order = self.far_apart(&self.by_runs(), 4 * FINALISTS);
        self.fresh(&[None], runs)?;
        for group in order.chunks(FINALISTS) {
            let wanted: Vec<Option<usize>> = group.iter().map(|&place| Some(place)).collect();
            self.fresh(&wanted, runs)?;
            self.found.finalists = self.confirmed();
            let all = &self.found.candidates;
            let holds = |&place: &usize| !all[place].fails(self.rules);
            if self.found.finalists.iter().any(holds) || self.left < self.reserve + runs {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The first so many of these that are not close to one before them.
    fn far_apart(&self, order: &[usize], most: usize) -> Vec<usize> {
        let point = |place: usize| self.found.candidates[place].point.as_ref();
        let mut chosen: Vec<usize> = Vec::new();
        for &place in order {
            let is_close = |&other: &usize| match (point(place), point(other)) {
                (Some(one), Some(other)) => Space::are_close(one, other),
                (None, _) | (_, None) => false,
            };
            if chosen.len() < most && !chosen.iter().any(is_close) {
                chosen.push(place);
            }
        }
        chosen
    }

    /// Candidates that are still in the race: those that hold, of them those with more runs first; then
    /// those that fail, the nearest first.
    fn by_runs(&self) -> Vec<usize> {
        let all = &self.found.candidates;
        let tried = (0..all.len()).filter(|&place| !all[place].trials.is_empty());
        let (failing, holding): (Vec<usize>, Vec<usize>) =
            tried.partition(|&place| all[place].fails(self.rules));
        let mut lengths: Vec<usize> = all.iter().map(|one| one.trials.len()).collect();
        lengths.sort_unstable_by(|a, b| b.cmp(a));
        lengths.dedup();
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for length in lengths {
            let these = holding.iter().copied();
            let these = these.filter(|&place| all[place].trials.len() == length);
            groups.push(self.ranked(these.collect()));
        }
        groups.push(self.ranked(failing));
        groups.concat()
    }

    fn fresh(&mut self, wanted: &[Option<usize>], runs: u32) -> Result<(), Halt> {
        let affordable = (self.left.saturating_sub(self.reserve) / runs.max(1)) as usize;
        let wanted = &wanted[..wanted.len().min(affordable)];
        let all = &self.found.candidates;
        let asked: Vec<Asked<'_>> = wanted
            .iter()
            .map(|place| {
                (
                    place.and_then(|place| all[place].point.as_ref()),
                    FRESH..FRESH + runs,
                )
            })
            .collect();
        let trials = self.oracle.play(&asked)?;
        for (place, trials) in wanted.iter().zip(trials) {
            self.left -= trials.len() as u32;
            self.found.played += trials.len() as u32;
            match place {
                Some(place) => self.found.candidates[*place].fresh = trials,
                None => self.found.present.fresh = trials,
            }
        }
        Ok(())
    }

    /// Those that were confirmed, the best first, by their fresh runs.
    fn confirmed(&self) -> Vec<usize> {
        let all = &self.found.candidates;
        let mut places: Vec<usize> = (0..all.len())
            .filter(|&place| !all[place].fresh.is_empty())
            .collect();
        let key = |place: usize| {
            let one = &all[place];
            let cost = one.estimate().map_or(f64::INFINITY, |mean| mean.mean);
            (
                one.fails(self.rules),
                if one.fails(self.rules) {
                    one.shortfall()
                } else {
                    0.0
                },
                cost,
            )
        };
        places.sort_by(|&a, &b| {
            let (a, b) = (key(a), key(b));
            a.0.cmp(&b.0)
                .then(a.1.total_cmp(&b.1))
                .then(a.2.total_cmp(&b.2))
        });
        places
    }

    /// Moves the best along each axis, half way to its end and so on, as long as the budget lasts.
    fn flat(&mut self) -> Result<(), Halt> {
        let Some(&best) = self.found.finalists.first() else {
            return Ok(());
        };
        if self.found.candidates[best].verdict(self.rules) == Verdict::Fail {
            return Ok(());
        }
        let axes = self.space.axes().iter().enumerate();
        let ordered: Vec<usize> = axes
            .filter(|(_, axis)| axis.is_ordered())
            .map(|(place, _)| place)
            .collect();
        let most = self.found.candidates[best].trials.len() as u32;
        let each = self.left / (ordered.len() as u32 * 2 * PROBES).max(1);
        let runs = most.min(each);
        if runs == 0 {
            return Ok(());
        }
        for place in ordered {
            let low = self.reach(best, place, 0.0, runs)?;
            let high = self.reach(best, place, 1.0, runs)?;
            self.found.flat[place] = Some(Flat { low, high });
        }
        Ok(())
    }

    /// The value furthest towards an end of an axis that is known to be as good as the best.
    fn reach(&mut self, best: usize, axis: usize, end: f64, runs: u32) -> Result<String, Halt> {
        let Some(point) = self.found.candidates[best].point.clone() else {
            return Ok(String::new());
        };
        let (mut good, mut next) = (Space::share(&point, axis), end);
        for _ in 0..PROBES {
            let moved = self.space.moved(&point, axis, next);
            if moved.values == point.values {
                break;
            }
            let place = self.place(moved);
            // What is far off shows it at once.
            self.extend(&[place], runs.min(THIRD as u32))?;
            if self.is_as_good(place, best) {
                self.extend(&[place], runs)?;
            }
            if self.is_as_good(place, best) {
                good = next;
                next = f64::midpoint(next, end);
                if (next - good).abs() < SHORTEST {
                    break;
                }
            } else {
                next = f64::midpoint(good, next);
            }
        }
        Ok(self.space.moved(&point, axis, good).values[axis].clone())
    }

    /// Whether a candidate costs no more than the doubt about the cost of the best, or 1 % of it.
    fn is_as_good(&self, place: usize, best: usize) -> bool {
        let all = &self.found.candidates;
        let (one, best) = (&all[place], &all[best]);
        if one.trials.is_empty() || one.fails(self.rules) {
            return false;
        }
        let pairs = one.trials.iter().zip(&best.trials);
        let gaps: Option<Vec<f64>> = pairs.map(|(a, b)| Some(a.cost? - b.cost?)).collect();
        let gap = gaps.and_then(|gaps| mean_interval(&gaps));
        let (Some(gap), Some(known)) = (gap, best.estimate()) else {
            return false;
        };
        gap.mean
            <= known
                .half_width
                .unwrap_or(0.0)
                .max(known.mean.abs() / 100.0)
    }
}

#[cfg(test)]
mod tests;

//! What came of a run of a candidate, and which of two candidates is better.

use super::space::Point;
use crate::experiment::estimate::{MeanInterval, mean_interval};
use crate::experiment::verdict::Tally;
use crate::judge::Verdict;
use crate::scenario::InRuns;

/// One replication of a candidate, all scenarios together.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// What is to be small, the worst over all scenarios; none where it cannot be measured.
    pub cost: Option<f64>,
    /// The verdict on each expectation of each scenario, in order.
    pub verdicts: Vec<Verdict>,
}

/// Settings that were tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Which settings; none are the scenario as it is.
    pub point: Option<Point>,
    /// What came of the replications of the search, by number from 0.
    pub trials: Vec<Trial>,
    /// What came of replications that had no part in choosing it.
    pub fresh: Vec<Trial>,
}

impl Candidate {
    /// Settings that are about to be tried.
    pub const fn new(point: Option<Point>) -> Self {
        Self {
            point,
            trials: Vec::new(),
            fresh: Vec::new(),
        }
    }

    /// All that is known of it.
    fn all(&self) -> impl Iterator<Item = &Trial> {
        self.trials.iter().chain(&self.fresh)
    }

    /// The verdict over all its runs: the worst of those on the expectations.
    pub fn verdict(&self, rules: &[InRuns]) -> Verdict {
        let on = |place: usize| {
            let verdicts = self.all().map(|trial| trial.verdicts[place]);
            Tally::of(verdicts, 0)
        };
        let tallies = rules.iter().enumerate();
        let verdicts = tallies.map(|(place, &rule)| on(place).verdict(rule));
        verdicts.max().unwrap_or(Verdict::Pass)
    }

    /// Whether it surely misses an expectation.
    pub fn fails(&self, rules: &[InRuns]) -> bool {
        // Inconclusive verdicts may still come out well.
        rules.iter().enumerate().any(|(place, &rule)| {
            let verdicts = self.all().map(|trial| trial.verdicts[place]);
            Tally::of(verdicts, 0).verdict(rule) == Verdict::Fail
        })
    }

    /// The share of expectations that are missed, over all runs.
    pub fn missed(&self) -> f64 {
        let verdicts = || self.all().flat_map(|trial| &trial.verdicts);
        let missed = verdicts()
            .filter(|&&verdict| verdict == Verdict::Fail)
            .count();
        missed as f64 / verdicts().count().max(1) as f64
    }

    /// The mean cost over the first so many runs of the search; infinite where it has none.
    pub fn mean(&self, runs: usize) -> f64 {
        let costs = self.trials.iter().take(runs).map(|trial| trial.cost);
        let costs: Option<Vec<f64>> = costs.collect();
        let costs = costs.filter(|costs| !costs.is_empty());
        let mean = costs.and_then(|costs| mean_interval(&costs));
        mean.map_or(f64::INFINITY, |mean| mean.mean)
    }

    /// The mean cost over fresh runs, with its interval; none if a run has no cost.
    pub fn estimate(&self) -> Option<MeanInterval> {
        let costs: Option<Vec<f64>> = self.fresh.iter().map(|trial| trial.cost).collect();
        mean_interval(&costs?)
    }

    /// By how much another one costs more, run by run on the same random numbers, fresh runs only.
    pub fn gap(&self, other: &Self) -> Option<MeanInterval> {
        let pairs = self.fresh.iter().zip(&other.fresh);
        let gaps: Option<Vec<f64>> = pairs.map(|(a, b)| Some(b.cost? - a.cost?)).collect();
        mean_interval(&gaps?)
    }

    /// Whether it is better than another one, by the runs that both have: one that meets the
    /// expectations before one that does not, then fewer misses, then a lower cost.
    pub fn beats(&self, other: &Self, rules: &[InRuns]) -> bool {
        let (fails, other_fails) = (self.fails(rules), other.fails(rules));
        if fails != other_fails {
            return other_fails;
        }
        if fails {
            let order = self.missed().total_cmp(&other.missed());
            if order.is_ne() {
                return order.is_lt();
            }
        }
        let runs = self.trials.len().min(other.trials.len());
        self.mean(runs) < other.mean(runs)
    }

    /// Whether nothing speaks for it any more: it misses what the other one meets, or it costs more
    /// in every run that both have, of which there are three or more.
    pub fn is_hopeless_beside(&self, other: &Self, rules: &[InRuns]) -> bool {
        let fails = self.fails(rules);
        if fails != other.fails(rules) {
            return fails;
        }
        let pairs = || self.trials.iter().zip(&other.trials);
        let costs_more = |(a, b): (&Trial, &Trial)| match (a.cost, b.cost) {
            (Some(a), Some(b)) => a > b,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        pairs().count() >= 3 && pairs().all(costs_more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[InRuns] = &[InRuns::All];

    fn candidate(trials: &[(f64, Verdict)]) -> Candidate {
        let trials = trials.iter().map(|&(cost, verdict)| Trial {
            cost: Some(cost),
            verdicts: vec![verdict],
        });
        Candidate {
            trials: trials.collect(),
            ..Candidate::new(None)
        }
    }

    #[test]
    fn meeting_expectations_comes_before_cost() {
        use Verdict::{Fail, Pass};
        let dear = candidate(&[(9.0, Pass), (9.0, Pass), (9.0, Pass)]);
        let cheap = candidate(&[(1.0, Pass), (1.0, Fail), (1.0, Fail)]);
        let worse = candidate(&[(0.5, Fail), (0.5, Fail), (0.5, Fail)]);
        assert!(dear.beats(&cheap, ALL) && !cheap.beats(&dear, ALL));
        assert!(cheap.beats(&worse, ALL), "fewer misses come first");
        assert!(cheap.is_hopeless_beside(&dear, ALL));
        assert!(!dear.is_hopeless_beside(&cheap, ALL));
    }

    #[test]
    fn runs_are_compared_with_their_twins() {
        use Verdict::Pass;
        // The first runs of both are the expensive ones; one has seen more cheap ones.
        let few = candidate(&[(9.0, Pass), (5.0, Pass), (2.0, Pass)]);
        let many = candidate(&[
            (10.0, Pass),
            (6.0, Pass),
            (3.0, Pass),
            (1.0, Pass),
            (1.0, Pass),
        ]);
        assert!(few.beats(&many, ALL));
        assert!(many.is_hopeless_beside(&few, ALL));
        let two = candidate(&[(10.0, Pass), (6.0, Pass)]);
        assert!(
            !two.is_hopeless_beside(&few, ALL),
            "two runs are too few to say"
        );
    }

    #[test]
    fn what_cannot_be_measured_is_worst() {
        let mut none = candidate(&[(1.0, Verdict::Pass)]);
        none.trials[0].cost = None;
        assert!(candidate(&[(1e9, Verdict::Pass)]).beats(&none, ALL));
        assert!(none.mean(1).is_infinite());
    }
}

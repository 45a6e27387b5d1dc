//! What came of a run of a candidate, and which of two candidates is better.

use super::space::Point;
use crate::experiment::estimate::{MeanInterval, mean_interval};
use crate::experiment::verdict::Tally;
use crate::judge::Verdict;
use crate::scenario::{Bound, InRuns};

/// One replication of a candidate, all scenarios together.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// What is to be small, the worst over all scenarios; none where it cannot be measured.
    pub cost: Option<f64>,
    /// The verdict on each expectation of each scenario, in order.
    pub verdicts: Vec<Verdict>,
    /// What each expectation measured, where it could.
    pub values: Vec<Option<f64>>,
    /// By how much it misses its expectations, as a share of what they ask, all together.
    pub short: f64,
}

/// What is missed by more than this is missed altogether.
const ALTOGETHER: f64 = 1e6;

/// By how much a value misses a bound, as a share of the bound: one that is twice what is allowed, or
/// half of what is asked, misses it by 1.
pub fn shortfall(value: Option<f64>, bound: Bound) -> f64 {
    let over = |value: f64, most: f64| match most {
        most if most > 0.0 => value / most - 1.0,
        _ => value - most,
    };
    let under = |value: f64, least: f64| match value {
        value if value > 0.0 => least / value - 1.0,
        _ => ALTOGETHER,
    };
    let short = match (value, bound) {
        (None, _) => ALTOGETHER,
        (Some(value), Bound::AtMost(most)) => over(value, most),
        (Some(value), Bound::AtLeast(least)) => under(value, least),
        (Some(value), Bound::Between(least, most)) => over(value, most).max(under(value, least)),
    };
    short.clamp(0.0, ALTOGETHER)
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

    /// By how much it misses its expectations in the mean over its fresh runs; over all runs where
    /// there are none.
    pub fn shortfall(&self) -> f64 {
        let trials = if self.fresh.is_empty() {
            &self.trials
        } else {
            &self.fresh
        };
        mean_shortfall(trials)
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
    /// expectations before one that does not, then the nearer one, then a lower cost.
    pub fn beats(&self, other: &Self, rules: &[InRuns]) -> bool {
        let (fails, other_fails) = (self.fails(rules), other.fails(rules));
        if fails != other_fails {
            return other_fails;
        }
        let runs = self.trials.len().min(other.trials.len());
        if fails {
            let short = |one: &Self| mean_shortfall(&one.trials[..runs]);
            let order = short(self).total_cmp(&short(other));
            if order.is_ne() {
                return order.is_lt();
            }
        }
        self.mean(runs) < other.mean(runs)
    }

    /// Whether nothing speaks for it any more: it misses what the other one meets, or in every run that
    /// both have, of which there are three or more, it costs more, or where both miss, misses by more.
    pub fn is_hopeless_beside(&self, other: &Self, rules: &[InRuns]) -> bool {
        let fails = self.fails(rules);
        if fails != other.fails(rules) {
            return fails;
        }
        let pairs = || self.trials.iter().zip(&other.trials);
        let costs_more = |(a, b): (&Trial, &Trial)| match (a.cost, b.cost) {
            _ if fails => a.short > b.short,
            (Some(a), Some(b)) => a > b,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        pairs().count() >= 3 && pairs().all(costs_more)
    }
}

fn mean_shortfall(trials: &[Trial]) -> f64 {
    let sum = trials.iter().fold(0.0, |sum, trial| sum + trial.short);
    sum / trials.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[InRuns] = &[InRuns::All];

    fn candidate(trials: &[(f64, Verdict)]) -> Candidate {
        let trials = trials.iter().map(|&(cost, verdict)| Trial {
            cost: Some(cost),
            verdicts: vec![verdict],
            values: vec![None],
            // The cheaper, the further off.
            short: if verdict == Verdict::Fail {
                10.0 - cost
            } else {
                0.0
            },
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
        assert!(cheap.beats(&worse, ALL), "the nearer one comes first");
        assert!(worse.is_hopeless_beside(&candidate(&[(1.0, Fail); 3]), ALL));
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
    fn a_bound_is_missed_by_a_share_of_it() {
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        for (value, bound, short) in [
            (Some(3.0), Bound::AtMost(1.0), 2.0),
            (Some(0.5), Bound::AtMost(1.0), 0.0),
            (Some(0.25), Bound::AtLeast(0.5), 1.0),
            (Some(2.0), Bound::AtMost(0.0), 2.0),
            (Some(5.0), Bound::Between(1.0, 4.0), 0.25),
            (Some(0.0), Bound::AtLeast(0.5), ALTOGETHER),
            (None, Bound::AtLeast(0.5), ALTOGETHER),
        ] {
            assert!(close(shortfall(value, bound), short), "{value:?} {bound:?}");
        }
    }

    #[test]
    fn what_cannot_be_measured_is_worst() {
        let mut none = candidate(&[(1.0, Verdict::Pass)]);
        none.trials[0].cost = None;
        assert!(candidate(&[(1e9, Verdict::Pass)]).beats(&none, ALL));
        assert!(none.mean(1).is_infinite());
    }
}

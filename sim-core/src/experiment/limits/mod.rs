//! Where the edge is: the load, the length of a trigger, the number of attempts, the size of a pool
//! at which the system tips.
//!
//! A [`Line`] is a setting with the values that it takes; a [`Search`] finds where along it the
//! probability of a failure crosses a level. Lines that belong together (a map of two settings, the
//! same line without its faults) are searched side by side, a round of all of them at a time.
//! [`ramp`](mod@ramp) asks another question: one run in which the setting goes up and comes down
//! again, since a system that fell need not come back where it fell.

pub mod ramp;
mod search;

pub use search::{Care, Edge, Search, Wanted};

use super::bench::{Ask, Bench, Halt, Sample, Values};
use super::estimate::Hits;
use crate::judge::Verdict;

/// What counts as a failure of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Failing {
    /// Under half of the calls at its end are useful (rule 39).
    #[default]
    Collapse,
    /// It misses the expectation at this place.
    Expectation(usize),
}

/// A setting and the values that it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Place of the scenario on the bench.
    pub stand: usize,
    /// What else is set.
    pub fixed: Values,
    /// Which setting.
    pub path: String,
    /// Its values, at least two, each above the one before.
    pub places: Vec<String>,
}

impl Line {
    /// The values of all settings at a place.
    pub fn values(&self, place: usize) -> Values {
        let mut values = self.fixed.clone();
        values.push((self.path.clone(), self.places[place].clone()));
        values
    }
}

impl Failing {
    fn hits(self, samples: &[Sample]) -> Hits {
        let mut hits = Hits::default();
        for sample in samples {
            match self.failed(sample) {
                Some(true) => hits.hits += 1,
                Some(false) => hits.misses += 1,
                None => hits.open += 1,
            }
        }
        hits
    }

    /// Whether a run failed; none if it cannot say.
    fn failed(self, sample: &Sample) -> Option<bool> {
        if !sample.finished {
            return None;
        }
        match self {
            Self::Collapse => Some(sample.collapsed),
            Self::Expectation(place) => match sample.expectations.get(place)? {
                Verdict::Fail => Some(true),
                Verdict::Pass => Some(false),
                Verdict::Inconclusive => None,
            },
        }
    }
}

/// Searches all lines side by side. If it was halted, what was found so far is there as well.
pub fn find(
    bench: &Bench<'_>,
    lines: &[Line],
    failing: Failing,
    care: Care,
) -> (Vec<Search>, Option<Halt>) {
    let mut searches: Vec<Search> = lines
        .iter()
        .map(|line| Search::new(line.places.len(), care))
        .collect();
    loop {
        let mut asks = Vec::new();
        let mut asked = Vec::new();
        for (number, search) in searches.iter().enumerate() {
            for wanted in search.wanted() {
                asks.push(Ask {
                    stand: lines[number].stand,
                    values: lines[number].values(wanted.place),
                    runs: wanted.runs,
                });
                asked.push((number, wanted.place));
            }
        }
        if asks.is_empty() {
            return (searches, None);
        }
        let samples = match bench.play(&asks) {
            Ok(samples) => samples,
            Err(halt) => return (searches, Some(halt)),
        };
        for ((number, place), samples) in asked.into_iter().zip(samples) {
            searches[number].take(place, failing.hits(&samples));
        }
    }
}

#[cfg(test)]
mod tests;

//! Two designs on the same random numbers: what differs, and whether it could be chance.
//!
//! Replication k of both meets the same calls with the same work (rule 43), so most of what makes
//! runs differ is the same on both sides and falls out of the difference. The interval for the mean
//! difference is Student's over the pairs; it is often many times narrower than that of two
//! independent samples, which is how small improvements show at all. How often something happens is
//! compared by the pairs in which only one side has it (the exact test of `McNemar`, 1947).
//!
//! All of this needs the same traffic. Where arrivals react to the design (closed loops), or were
//! changed themselves, a fingerprint of the arrivals says so.

use super::estimate::{MeanInterval, Spread, mean_interval, sign_test, spread, t_quantile};
use super::figures::Figure;
use super::replicate::{Experiment, Replications};
use super::summary::RunSummary;
use crate::id::{FaultId, Id};
use crate::judge::{RecoveryVerdict, Trigger, Unit, Verdict};
use crate::model::record::RunStatus;

/// Differences are called significant if chance makes them less often than this.
pub const SIGNIFICANCE: f64 = 0.05;
/// More pairs than this are not advised.
const MOST_PAIRS: u32 = 10_000;

/// A design and its runs.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// What was played.
    pub experiment: &'a Experiment<'a>,
    /// What came of it.
    pub all: &'a Replications,
}

/// A figure that both designs have, over pairs of runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Name of the figure.
    pub name: String,
    /// Unit of its values.
    pub unit: Unit,
    /// Values of the first design, in the pairs.
    pub a: Spread,
    /// Values of the second, in the pairs.
    pub b: Spread,
    /// The second minus the first, pair by pair.
    pub change: MeanInterval,
    /// How many times as many runs two independent samples would take for as narrow an interval;
    /// absent where differences do not vary.
    pub gain: Option<f64>,
}

impl Difference {
    /// Whether the interval of the mean difference leaves out zero.
    pub fn is_significant(&self) -> bool {
        let half_width = self.change.half_width;
        half_width.is_some_and(|half_width| self.change.mean.abs() > half_width)
    }

    /// How many pairs would make it significant if they go on as they began; none if it is, if
    /// nothing differs, or if that is out of reach.
    pub fn pairs_to_decide(&self) -> Option<u32> {
        let (mean, deviation) = (self.change.mean.abs(), self.change.deviation?);
        if mean <= 0.0 || self.is_significant() {
            return None;
        }
        // Student's quantile falls with the number, so this is a beginning from below.
        let root = t_quantile(MOST_PAIRS) * deviation / mean;
        let first = ((root * root) as u32).max(self.a.count + 1);
        (first..=MOST_PAIRS)
            .find(|&pairs| t_quantile(pairs - 1) * deviation < mean * f64::from(pairs).sqrt())
    }
}

/// Something that happens in a run or not, over pairs of runs.
#[derive(Clone, Debug, PartialEq)]
pub struct EventDifference {
    /// Such as `collapsed`.
    pub name: String,
    /// Pairs in which it can be said of both \[count\].
    pub pairs: u32,
    /// Of those, with it in the first design \[count\].
    pub in_a: u32,
    /// And in the second \[count\].
    pub in_b: u32,
    /// In the first only \[count\].
    pub only_a: u32,
    /// In the second only \[count\].
    pub only_b: u32,
    /// How often chance alone would part them so far.
    pub p_value: f64,
}

impl EventDifference {
    /// Whether chance alone would seldom part the pairs so far.
    pub fn is_significant(&self) -> bool {
        self.p_value < SIGNIFICANCE
    }

    /// How many pairs would make it significant if they go on as they began; none if it is, if
    /// neither side has it more often, or if that is out of reach.
    pub fn pairs_to_decide(&self) -> Option<u32> {
        if self.only_a == self.only_b || self.is_significant() {
            return None;
        }
        let among = |only: u32, pairs: u32| {
            (u64::from(only) * u64::from(pairs) / u64::from(self.pairs)) as u32
        };
        (self.pairs + 1..=MOST_PAIRS).find(|&pairs| {
            sign_test(among(self.only_a, pairs), among(self.only_b, pairs)) < SIGNIFICANCE
        })
    }
}

/// The arrivals of a client in both designs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SameArrivals {
    /// Name of the client.
    pub client: String,
    /// Pairs in which they are the same \[count\].
    pub same: u32,
    /// Pairs \[count\]; zero if only one design has the client.
    pub pairs: u32,
}

/// Everything that two designs differ in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Pairs of finished runs \[count\].
    pub pairs: u32,
    /// Figures that both have, in the order of the first.
    pub figures: Vec<Difference>,
    /// What happens in a run or not.
    pub events: Vec<EventDifference>,
    /// By client of either.
    pub arrivals: Vec<SameArrivals>,
    /// Figures that only one design has.
    pub unmatched: Vec<String>,
    /// Whether no figure is in both designs.
    pub nothing_in_common: bool,
}

/// Compares two designs.
pub fn compare(a: Side<'_>, b: Side<'_>) -> Comparison {
    let pairs = pairs(a.all, b.all);
    let (ours, theirs) = (a.experiment.figures(), b.experiment.figures());
    let place = |name: &str| theirs.iter().position(|figure| figure.name == name);
    let mut comparison = Comparison {
        pairs: pairs.len() as u32,
        events: events(a, b, &pairs),
        arrivals: arrivals(a, b, &pairs),
        ..Comparison::default()
    };
    // What is only yes or no is compared by the pairs, among the events.
    let quantities = ours.iter().enumerate();
    let quantities = quantities.filter(|(_, figure)| figure.unit != Unit::YesNo);
    for (ours_at, figure) in quantities {
        match place(&figure.name) {
            Some(theirs_at) => {
                let difference = difference(figure, &pairs, (ours_at, theirs_at));
                comparison.figures.extend(difference);
            }
            None => comparison.unmatched.push(figure.name.clone()),
        }
    }
    comparison.nothing_in_common = ours
        .iter()
        .filter(|figure| figure.unit != Unit::YesNo)
        .all(|figure| place(&figure.name).is_none());
    let unknown = theirs
        .iter()
        .filter(|figure| ours.iter().all(|own| own.name != figure.name));
    comparison
        .unmatched
        .extend(unknown.map(|figure| figure.name.clone()));
    comparison
}

type Pair<'a> = (&'a RunSummary, &'a RunSummary);

/// Finished runs of the same number.
fn pairs<'a>(a: &'a Replications, b: &'a Replications) -> Vec<Pair<'a>> {
    let is_finished = |run: &&RunSummary| run.status == RunStatus::Finished;
    let number = |run: &RunSummary| run.play.replication;
    let ours = a.runs.iter().filter(is_finished);
    ours.filter_map(|run| {
        let place = b.runs.binary_search_by_key(&number(run), number).ok()?;
        Some((run, b.runs.get(place).filter(is_finished)?))
    })
    .collect()
}

/// A figure over the pairs in which both have it; none if there is no such pair.
fn difference(figure: &Figure, pairs: &[Pair<'_>], places: (usize, usize)) -> Option<Difference> {
    let both = |&(a, b): &Pair<'_>| Some((a.figures[places.0]?, b.figures[places.1]?));
    let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().filter_map(both).unzip();
    let changes: Vec<f64> = a.iter().zip(&b).map(|(a, b)| b - a).collect();
    let (a, b, change) = (spread(&a)?, spread(&b)?, mean_interval(&changes)?);
    Some(Difference {
        name: figure.name.clone(),
        unit: figure.unit,
        gain: gain(&a, &b, &change),
        a,
        b,
        change,
    })
}

fn gain(a: &Spread, b: &Spread, change: &MeanInterval) -> Option<f64> {
    let square = |deviation: f64| deviation * deviation;
    let apart = square(a.mean.deviation?) + square(b.mean.deviation?);
    let paired = square(change.deviation?);
    (paired > 0.0).then(|| apart / paired)
}

/// What happens or not: collapse, recovery from each fault, each expectation.
fn events(a: Side<'_>, b: Side<'_>, pairs: &[Pair<'_>]) -> Vec<EventDifference> {
    let collapsed = pairs.iter().map(|(a, b)| (a.collapsed, b.collapsed));
    let mut all = vec![event("collapsed", collapsed)];
    let (ours, theirs) = (
        &a.experiment.scenario().model,
        &b.experiment.scenario().model,
    );
    for (at, fault) in ours.faults.iter().enumerate() {
        let Some(other) = theirs.faults.iter().position(|one| one.name == fault.name) else {
            continue;
        };
        let known = pairs
            .iter()
            .filter_map(|(a, b)| Some((recovered(a, at)?, recovered(b, other)?)));
        all.push(event(&format!("recovered from {}", fault.name), known));
    }
    let theirs = &b.experiment.scenario().expectations;
    for (at, one) in a.experiment.scenario().expectations.iter().enumerate() {
        let Some(other) = theirs.iter().position(|other| other.name == one.name) else {
            continue;
        };
        let known = pairs
            .iter()
            .filter_map(|(a, b)| Some((met(a.expectations[at])?, met(b.expectations[other])?)));
        all.push(event(&format!("expectation {} met", one.name), known));
    }
    all.retain(|event| event.pairs > 0);
    all
}

/// Whether a run recovered from a fault and stayed well, all clients together, if it can say.
fn recovered(run: &RunSummary, fault: usize) -> Option<bool> {
    let mut of_it = run
        .recoveries
        .iter()
        .filter(|one| one.trigger == Trigger::Fault(FaultId::from_index(fault)));
    // All clients together come first.
    match of_it.next()?.verdict {
        RecoveryVerdict::Recovered => Some(true),
        RecoveryVerdict::Relapsed | RecoveryVerdict::NotRecovered => Some(false),
        RecoveryVerdict::SaturatedBefore
        | RecoveryVerdict::NoBaseline
        | RecoveryVerdict::TooShortToJudge
        | RecoveryVerdict::NeverEnded => None,
    }
}

const fn met(verdict: Verdict) -> Option<bool> {
    match verdict {
        Verdict::Pass => Some(true),
        Verdict::Fail => Some(false),
        Verdict::Inconclusive => None,
    }
}

fn event(name: &str, pairs: impl Iterator<Item = (bool, bool)>) -> EventDifference {
    let mut event = EventDifference {
        name: name.to_owned(),
        pairs: 0,
        in_a: 0,
        in_b: 0,
        only_a: 0,
        only_b: 0,
        p_value: 1.0,
    };
    for (a, b) in pairs {
        event.pairs += 1;
        event.in_a += u32::from(a);
        event.in_b += u32::from(b);
        event.only_a += u32::from(a && !b);
        event.only_b += u32::from(b && !a);
    }
    event.p_value = sign_test(event.only_a, event.only_b);
    event
}

fn arrivals(a: Side<'_>, b: Side<'_>, pairs: &[Pair<'_>]) -> Vec<SameArrivals> {
    let names = |side: &Side<'_>| -> Vec<String> {
        let clients = side.experiment.scenario().model.clients.iter();
        clients.map(|client| client.name.clone()).collect()
    };
    let (ours, theirs) = (names(&a), names(&b));
    let of_ours = ours.iter().enumerate().map(|(at, client)| {
        let other = theirs.iter().position(|name| name == client);
        let same = |other: usize| {
            let same = pairs
                .iter()
                .filter(|(a, b)| a.arrivals[at] == b.arrivals[other]);
            same.count() as u32
        };
        SameArrivals {
            client: client.clone(),
            same: other.map_or(0, same),
            pairs: other.map_or(0, |_| pairs.len() as u32),
        }
    });
    let of_theirs = theirs.iter().filter(|name| !ours.contains(name));
    let of_theirs = of_theirs.map(|client| SameArrivals {
        client: client.clone(),
        same: 0,
        pairs: 0,
    });
    of_ours.chain(of_theirs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(pairs: u32, only_a: u32, only_b: u32) -> EventDifference {
        let mut one = event("collapsed", std::iter::empty());
        (one.pairs, one.only_a, one.only_b) = (pairs, only_a, only_b);
        one.p_value = sign_test(only_a, only_b);
        one
    }

    #[test]
    fn six_pairs_of_one_mind_decide() {
        assert_eq!(seen(5, 0, 5).pairs_to_decide(), Some(6));
        assert_eq!(seen(2, 2, 0).pairs_to_decide(), Some(6));
        assert_eq!(seen(10, 0, 3).pairs_to_decide(), Some(20));
        assert_eq!(seen(6, 6, 0).pairs_to_decide(), None, "it is decided");
        assert_eq!(seen(8, 2, 2).pairs_to_decide(), None, "nothing differs");
    }

    #[test]
    fn the_pairs_that_a_difference_takes_are_told() {
        let changes = [3.0, -1.0, 2.0, 0.0];
        let zeros = spread(&[0.0; 4]).unwrap();
        let one = Difference {
            name: String::new(),
            unit: Unit::Factor,
            a: zeros,
            b: zeros,
            change: mean_interval(&changes).unwrap(),
            gain: None,
        };
        assert!(!one.is_significant());
        // Mean 1, deviation 1.826: 15 pairs give 1.011, 16 give 0.973.
        assert_eq!(one.pairs_to_decide(), Some(16));
    }
}

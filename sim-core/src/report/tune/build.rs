//! From a finished search to its report.

use super::{
    EndName, GapReport, GoalReport, LeastReport, LeastState, MissReport, SettingReport,
    TUNE_VERSION, TriedReport, TuneReport, TunedAxis,
};
use crate::ENGINE_SEMANTICS;
use crate::experiment::design::{Axis, Quantity};
use crate::experiment::estimate::{MeanInterval, nearest_rank};
use crate::experiment::tune::{Candidate, Least, Space, Trial, Tuned, replications_for_exactness};
use crate::judge::{Verdict, unit};
use crate::report::sweep::{Better, SweptScenario, short_name};
use crate::report::{Finite, OverrideReport, ReproduceReport, ShareReport, Unit};
use crate::scenario::{Draft, Expectation, InRuns, Loaded};

/// A finished search, and what it was about.
#[derive(Clone, Copy, Debug)]
pub struct Study<'a> {
    /// The scenarios before anything is changed.
    pub bases: &'a [Loaded],
    /// The first of them, taken apart.
    pub draft: &'a Draft,
    /// Settings changed on the command line, in the order given.
    pub overrides: &'a [OverrideReport],
    /// What could be changed.
    pub space: &'a Space,
    /// What was to be small or large: its name and unit.
    pub goal: (&'a str, Unit),
    /// Whether it was to be large.
    pub maximise: bool,
    /// In how many runs each expectation must hold.
    pub rules: &'a [InRuns],
    /// Runs that were allowed \[count\].
    pub budget: u32,
    /// Seed of the search.
    pub seed: u64,
    /// What was found.
    pub tuned: &'a Tuned,
    /// The command that searches again.
    pub command: &'a str,
}

/// The report of a search.
pub fn tune_report(study: Study<'_>) -> TuneReport {
    let tuned = study.tuned;
    let finalist = |rank: usize| {
        tuned
            .finalists
            .get(rank)
            .map(|&place| &tuned.candidates[place])
    };
    let (best, second) = (finalist(0), finalist(1));
    let present = Some(&tuned.present).filter(|present| !present.fresh.is_empty());
    let setting = |one: Option<&Candidate>| one.map(|one| study.setting(one));
    let gap = |other: Option<&Candidate>| gap(best?.gap(other?)?);
    let scenarios = study.bases.len() as u32;
    TuneReport {
        kind: "tune".to_owned(),
        schema_version: TUNE_VERSION,
        engine_semantics: ENGINE_SEMANTICS,
        scenarios: study
            .bases
            .iter()
            .map(|base| SweptScenario::of(base, study.overrides.to_vec()))
            .collect(),
        goal: study.goal(),
        axes: study.axes(),
        budget: study.budget,
        runs: tuned.played * scenarios,
        tried: tuned.candidates.len() as u32,
        seed: study.seed,
        stopped: tuned.halt.is_some(),
        best: setting(best),
        second: setting(second),
        present: setting(present),
        least: tuned.least.map(|least| study.least(least)),
        runs_for_exactness: replications_for_exactness(study.space) * scenarios,
        second_gap: gap(second),
        present_gap: gap(present),
        paste: best.map_or_else(String::new, |best| study.paste(best)),
        candidates: tuned
            .candidates
            .iter()
            .map(|one| study.tried(one))
            .collect(),
        reproduce: ReproduceReport {
            command: study.command.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
    }
}

impl Study<'_> {
    fn goal(&self) -> GoalReport {
        GoalReport {
            name: self.goal.0.to_owned(),
            unit: self.goal.1,
            better: if self.maximise {
                Better::Higher
            } else {
                Better::Lower
            },
            expectations: self.rules.len() as u32,
        }
    }

    fn axes(&self) -> Vec<TunedAxis> {
        let axes = self.space.axes();
        let paths: Vec<&str> = axes.iter().map(|axis| axis.path.as_str()).collect();
        let axes = axes.iter().enumerate();
        let best = self.tuned.finalists.first();
        let best = best.and_then(|&place| self.tuned.candidates[place].point.as_ref());
        axes.map(|(place, axis)| TunedAxis {
            ordered: axis.is_ordered(),
            at_end: best.and_then(|point| end_of(axis, &point.values[place])),
            path: axis.path.clone(),
            name: short_name(&paths, place),
            asked: axis.text.clone(),
            present: self.draft.value_at(&axis.path),
            as_good: self.tuned.flat[place]
                .as_ref()
                .map(|flat| (flat.low.clone(), flat.high.clone())),
        })
        .collect()
    }

    /// A cost as a value of the measure.
    fn value(&self, cost: f64) -> Option<Finite> {
        Finite::new(if self.maximise { -cost } else { cost })
    }

    fn setting(&self, one: &Candidate) -> SettingReport {
        let settings = one.point.as_ref().map(|point| self.space.settings(point));
        let estimate = one.estimate();
        let all_met = |verdicts: &Vec<Verdict>| verdicts.iter().all(|&one| one == Verdict::Pass);
        let meets = one
            .fresh
            .iter()
            .filter(|trial| all_met(&trial.verdicts))
            .count();
        SettingReport {
            values: settings
                .unwrap_or_default()
                .into_iter()
                .map(|(path, value)| OverrideReport { path, value })
                .collect(),
            runs: one.fresh.len() as u32,
            mean: estimate.and_then(|mean| self.value(mean.mean)),
            half_width: estimate.and_then(|mean| Finite::new(mean.half_width?)),
            meets: ShareReport::of(meets as u32, one.fresh.len() as u32),
            verdict: one.verdict(self.rules),
            misses: self.misses(&one.fresh),
        }
    }

    fn least(&self, least: Least) -> LeastReport {
        let (state, place) = match least {
            Least::End => (LeastState::End, None),
            Least::Shown(place) => (LeastState::Shown, Some(place)),
            Least::Unsure(place) => (LeastState::Unsure, Some(place)),
        };
        let next = place.map(|place| &self.tuned.candidates[place]);
        let trials: Vec<Trial> = next
            .into_iter()
            .flat_map(|one| one.trials.iter().chain(&one.fresh).cloned())
            .collect();
        let own = |one: &Candidate| {
            let mut paths = self.space.axes().iter().map(|axis| &axis.path);
            let place = paths.position(|path| *path == self.goal.0)?;
            Some(one.point.as_ref()?.values[place].clone())
        };
        LeastReport {
            state,
            next: next.and_then(own).unwrap_or_default(),
            runs: trials.len() as u32,
            misses: self.misses(&trials),
        }
    }

    /// The expectations that are missed in some of these runs.
    fn misses(&self, trials: &[Trial]) -> Vec<MissReport> {
        let all = self.bases.iter().flat_map(|base| {
            let expectations = base.scenario.expectations.iter();
            expectations.map(move |one| (&base.scenario.name, one))
        });
        let miss = |(place, (scenario, one)): (usize, (&String, &Expectation))| {
            let missing = trials
                .iter()
                .filter(|trial| trial.verdicts[place] == Verdict::Fail);
            let mut values: Vec<f64> = missing
                .clone()
                .filter_map(|trial| trial.values[place])
                .collect();
            values.sort_by(f64::total_cmp);
            let median = values.get(nearest_rank(values.len(), 50));
            let missed = missing.count() as u32;
            (missed > 0).then(|| MissReport {
                scenario: scenario.clone(),
                expectation: one.name.clone(),
                statement: one.text.clone(),
                missed,
                of: trials.len() as u32,
                value: median.copied().and_then(Finite::new),
                unit: unit(&one.measure),
            })
        };
        all.enumerate().filter_map(miss).collect()
    }

    fn tried(&self, one: &Candidate) -> TriedReport {
        let runs = one.trials.len();
        TriedReport {
            values: one
                .point
                .as_ref()
                .map_or_else(Vec::new, |point| point.values.clone()),
            runs: runs as u32,
            mean: self.value(one.mean(runs)),
            verdict: one.verdict(self.rules),
        }
    }

    fn paste(&self, best: &Candidate) -> String {
        let settings = best.point.as_ref().map(|point| self.space.settings(point));
        self.draft.snippet(&settings.unwrap_or_default())
    }
}

/// At which end of an axis a value lies.
fn end_of(axis: &Axis, value: &str) -> Option<EndName> {
    let ends = axis.examples();
    let number = |text: &str| Quantity::parse(text).map(Quantity::as_f64);
    let (low, high) = (number(ends.first()?)?, number(ends.last()?)?);
    let value = number(value)?;
    match axis.is_ordered() && low < high {
        true if value <= low => Some(EndName::Lower),
        true if value >= high => Some(EndName::Upper),
        true | false => None,
    }
}

fn gap(gap: MeanInterval) -> Option<GapReport> {
    Some(GapReport {
        mean: Finite::new(gap.mean)?,
        half_width: gap.half_width.and_then(Finite::new),
    })
}

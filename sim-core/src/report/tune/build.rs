//! From a finished search to its report.

use super::{
    GapReport, GoalReport, SettingReport, TUNE_VERSION, TriedReport, TuneReport, TunedAxis,
};
use crate::ENGINE_SEMANTICS;
use crate::experiment::estimate::MeanInterval;
use crate::experiment::tune::{Candidate, Space, Tuned};
use crate::judge::Verdict;
use crate::report::sweep::{Better, SweptScenario, short_name};
use crate::report::{Finite, OverrideReport, ReproduceReport, ShareReport, Unit};
use crate::scenario::{Draft, InRuns, Loaded};

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
        axes.map(|(place, axis)| TunedAxis {
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
        }
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

fn gap(gap: MeanInterval) -> Option<GapReport> {
    Some(GapReport {
        mean: Finite::new(gap.mean)?,
        half_width: gap.half_width.and_then(Finite::new),
    })
}

//! From many runs to their report.

use super::judgement::{bound, causes, faults, whose};
use super::{RunOrigin, scenario_report, status};
use crate::experiment::estimate::{Spread, nearest_rank, spread};
use crate::experiment::verdict::Tally;
use crate::experiment::{
    Experiment, Goal, Plan, RecoverySummary, Replications, RunSummary, Untriggered, warnings,
};
use crate::judge::RecoveryVerdict;
use crate::model::record::RunStatus;
use crate::observe::Grid;
use crate::observe::digest::hex;
use crate::report::{
    BrokenRun, EnvelopeReport, ExpectationOverRuns, FigureReport, FindingOverRuns, Finite,
    NotableRun, REPLICATIONS_VERSION, RecoveryOverRuns, ReplicationReport, ReproduceReport,
    RunLine, RunsReport, Severity, ShareReport, SpreadReport, ThresholdsReport, Unit, UntilReport,
    Verdict,
};
use crate::scenario::expect::Expectation;
use crate::time::SimTime;

/// Runs that are named as not meeting an expectation, at most.
const NAMED: usize = 5;

/// Buckets of the envelope, at most.
const ENVELOPE_BUCKETS: usize = 100;

/// Many runs of one scenario, and how they came about.
#[derive(Clone, Copy, Debug)]
pub struct ManyRuns<'a> {
    /// What was played.
    pub experiment: &'a Experiment<'a>,
    /// How often.
    pub plan: &'a Plan,
    /// What came of it.
    pub all: &'a Replications,
    /// What came of runs that collapse without their faults, if that was tried.
    pub untriggered: Option<&'a Untriggered>,
    /// Where it comes from; its command plays all runs again.
    pub origin: &'a RunOrigin,
    /// The command line that plays one run, up to the number of the replication.
    pub one: &'a str,
}

/// The report of many runs.
pub fn replications(many: &ManyRuns<'_>) -> ReplicationReport {
    let (all, scenario) = (many.all, many.experiment.scenario());
    let expectations = expectations(many);
    let collapsed = all.runs.iter().filter(|run| run.collapsed).count() as u32;
    ReplicationReport {
        kind: "replications".to_owned(),
        schema_version: REPLICATIONS_VERSION,
        engine_semantics: many.origin.engine_semantics,
        scenario: scenario_report(scenario, many.origin),
        runs: many.runs(),
        verdict: expectations
            .iter()
            .map(|one| one.verdict)
            .max()
            .unwrap_or(Verdict::Pass),
        expectations,
        collapsed: ShareReport::of(collapsed, all.runs.len() as u32),
        recovery: recovery(many),
        figures: figures(many),
        findings: findings_of(many),
        warnings: super::judgement::warnings(warnings(
            &scenario.model,
            many.experiment.figures(),
            all,
        )),
        worst: many.notable(|ranked| ranked.first().copied()),
        median: many.notable(|ranked| {
            let middle = nearest_rank(ranked.len().max(1), 50);
            ranked.get(middle).copied()
        }),
        envelope: envelope(many),
        faults: faults(&scenario.model, scenario.model.duration, None),
        each: all.runs.iter().map(run_line).collect(),
        thresholds: ThresholdsReport::default(),
        reproduce: ReproduceReport {
            command: many.origin.command.clone(),
            version: many.origin.version.clone(),
        },
    }
}

impl ManyRuns<'_> {
    /// The command line that plays one of the runs.
    fn command(&self, replication: u32) -> String {
        format!("{} --replication {replication}", self.one)
    }

    pub(super) fn runs(&self) -> RunsReport {
        let all = self.all;
        let at_limit = all
            .runs
            .iter()
            .filter(|run| run.status != RunStatus::Finished);
        let broken = all.failures.iter().map(|failure| BrokenRun {
            replication: failure.play.replication,
            message: failure.message.clone(),
            command: self.command(failure.play.replication),
        });
        RunsReport {
            asked: all.asked(),
            finished: all.runs.len() as u32,
            stopped_at_limit: at_limit.count() as u32,
            missing: all.missing,
            broken: broken.collect(),
            until: self.plan.goal.as_ref().map(|goal| self.until(goal)),
        }
    }

    fn until(&self, goal: &Goal) -> UntilReport {
        UntilReport {
            text: goal.text.clone(),
            unit: goal.unit,
            half_width: goal.half_width(self.all).and_then(Finite::new),
            below: Finite::new(goal.below).unwrap_or_default(),
            reached: goal.is_reached(self.all),
            most: self.plan.most,
        }
    }

    /// One of the finished runs, sorted by their useful share and then by number.
    fn notable<'r>(
        &'r self,
        choose: impl Fn(&[(f64, &'r RunSummary)]) -> Option<(f64, &'r RunSummary)>,
    ) -> Option<NotableRun> {
        let mut ranked: Vec<(f64, &RunSummary)> = finished(&self.all.runs)
            .filter_map(|run| Some((run.useful_share?, run)))
            .collect();
        let number = |run: &RunSummary| run.play.replication;
        ranked.sort_by(|one, other| {
            let by_share = one.0.total_cmp(&other.0);
            by_share.then(number(one.1).cmp(&number(other.1)))
        });
        let (useful_share, run) = choose(&ranked)?;
        Some(NotableRun {
            replication: number(run),
            useful_share: Finite::new(useful_share)?,
            command: self.command(number(run)),
            causes: causes(&run.causes),
        })
    }
}

fn finished(runs: &[RunSummary]) -> impl Iterator<Item = &RunSummary> {
    runs.iter().filter(|run| run.status == RunStatus::Finished)
}

fn expectations(many: &ManyRuns<'_>) -> Vec<ExpectationOverRuns> {
    let all = many.experiment.scenario().expectations.iter();
    all.enumerate()
        .map(|(place, asked)| expectation(many, place, asked))
        .collect()
}

fn expectation(many: &ManyRuns<'_>, place: usize, asked: &Expectation) -> ExpectationOverRuns {
    let (runs, broken) = (&many.all.runs, many.all.failures.len() as u32);
    let tally = Tally::of(runs.iter().map(|run| run.expectations[place]), broken);
    let missed = runs
        .iter()
        .filter(|run| run.expectations[place] == Verdict::Fail);
    let missed_in: Vec<u32> = missed.map(|run| run.play.replication).take(NAMED).collect();
    let interval = tally.share();
    let figures = many.experiment.figures();
    let name = format!("expectation {}", asked.name);
    let figure = figures.iter().position(|figure| figure.name == name);
    let unit = crate::judge::unit(&asked.measure);
    ExpectationOverRuns {
        name: asked.name.clone(),
        text: asked.text.clone(),
        in_runs: asked.in_runs.to_string(),
        bound: bound(asked.bound),
        met: ShareReport {
            runs: tally.met,
            of: tally.runs(),
            share: interval.and_then(|it| Finite::new(it.share)),
            low: interval.and_then(|it| Finite::new(it.low)),
            high: interval.and_then(|it| Finite::new(it.high)),
        },
        missed: tally.missed,
        open: tally.open,
        values: figure.map_or_else(
            || spread_report(None, unit),
            |figure| spread_report(spread(&many.all.values(figure)), unit),
        ),
        each: figure.map_or_else(Vec::new, |figure| each(runs, figure)),
        verdict: tally.verdict(asked.in_runs),
        reason: tally.reason(asked.in_runs),
        command: missed_in
            .first()
            .map_or_else(String::new, |&first| many.command(first)),
        missed_in,
    }
}

pub(super) fn spread_report(spread: Option<Spread>, unit: Unit) -> SpreadReport {
    let of =
        |value: fn(&Spread) -> Option<f64>| spread.as_ref().and_then(value).and_then(Finite::new);
    SpreadReport {
        unit,
        runs: spread.map_or(0, |spread| spread.count),
        mean: of(|spread| Some(spread.mean.mean)),
        half_width: of(|spread| spread.mean.half_width),
        standard_error: of(|spread| spread.mean.standard_error),
        min: of(|spread| Some(spread.min)),
        p5: of(|spread| Some(spread.p5)),
        median: of(|spread| Some(spread.median)),
        median_low: of(|spread| spread.median_low),
        median_high: of(|spread| spread.median_high),
        p95: of(|spread| Some(spread.p95)),
        max: of(|spread| Some(spread.max)),
    }
}

fn figures(many: &ManyRuns<'_>) -> Vec<FigureReport> {
    let figures = many.experiment.figures().iter().enumerate();
    // Those of expectations stand with them.
    figures
        .filter(|(_, figure)| !figure.name.starts_with("expectation "))
        .map(|(place, figure)| FigureReport {
            name: figure.name.clone(),
            values: spread_report(spread(&many.all.values(place)), figure.unit),
            each: each(&many.all.runs, place),
        })
        .collect()
}

/// The value of a figure in every run, by the place of the figure.
fn each(runs: &[RunSummary], figure: usize) -> Vec<Option<Finite>> {
    let values = runs.iter().map(|run| run.figures[figure]);
    values.map(|value| value.and_then(Finite::new)).collect()
}

fn recovery(many: &ManyRuns<'_>) -> Vec<RecoveryOverRuns> {
    let spec = &many.experiment.scenario().model;
    let runs = &many.all.runs;
    let Some(first) = runs.first() else {
        return Vec::new();
    };
    let places = first.recoveries.iter().enumerate();
    places
        .map(|(place, one)| {
            let each: Vec<RecoverySummary> = runs.iter().map(|run| run.recoveries[place]).collect();
            recovery_of(&one.trigger.name(spec), whose(spec, one.of), &each)
        })
        .collect()
}

fn recovery_of(fault: &str, of: String, each: &[RecoverySummary]) -> RecoveryOverRuns {
    let count = |verdict| each.iter().filter(|one| one.verdict == verdict).count() as u32;
    let (recovered, relapsed, not_recovered) = (
        count(RecoveryVerdict::Recovered),
        count(RecoveryVerdict::Relapsed),
        count(RecoveryVerdict::NotRecovered),
    );
    let times: Vec<f64> = each
        .iter()
        .filter(|one| one.verdict == RecoveryVerdict::Recovered)
        .filter_map(|one| Some(one.time?.as_ns_f64()))
        .collect();
    RecoveryOverRuns {
        fault: fault.to_owned(),
        of,
        recovered: ShareReport::of(recovered, recovered + relapsed + not_recovered),
        relapsed,
        not_recovered,
        metastable: each.iter().filter(|one| one.metastable).count() as u32,
        too_short: count(RecoveryVerdict::TooShortToJudge),
        saturated_before: count(RecoveryVerdict::SaturatedBefore),
        no_baseline: count(RecoveryVerdict::NoBaseline),
        never_ended: count(RecoveryVerdict::NeverEnded),
        time: spread_report(spread(&times), Unit::Ns),
    }
}

/// What was noticed in any run, and what was found by playing some again.
fn findings_of(many: &ManyRuns<'_>) -> Vec<FindingOverRuns> {
    let mut found = findings(&many.all.runs);
    let collapses = many.untriggered.filter(|it| !it.collapsed.is_empty());
    if let Some(Untriggered { played, collapsed }) = collapses {
        let numbers: Vec<String> = collapsed.iter().map(u32::to_string).collect();
        found.insert(
            0,
            FindingOverRuns {
                code: "collapses-without-its-trigger".to_owned(),
                severity: Severity::Critical,
                place: "all clients".to_owned(),
                line: None,
                column: None,
                runs: collapsed.len() as u32,
                first_replication: collapsed[0],
                text: format!(
                    "it collapses with all faults left out, too; of the {played} collapsed runs \
                     that were played again like that, {} did (replication {})",
                    collapsed.len(),
                    numbers.join(", ")
                ),
                remedy: "look at load and capacity before the fault: it is not what brings these \
                         runs down"
                    .to_owned(),
            },
        );
    }
    found.sort_by_key(|one| (one.severity, std::cmp::Reverse(one.runs)));
    found
}

/// Findings by code and place, the gravest and then the most frequent first.
fn findings(runs: &[RunSummary]) -> Vec<FindingOverRuns> {
    let mut found: Vec<FindingOverRuns> = Vec::new();
    for run in runs {
        for one in &run.findings {
            let known = found
                .iter_mut()
                .find(|known| known.code == one.code && known.place == one.place.name);
            if let Some(known) = known {
                known.runs += 1;
                known.severity = known.severity.min(one.severity);
                continue;
            }
            found.push(FindingOverRuns {
                code: one.code.to_owned(),
                severity: one.severity,
                place: one.place.name.clone(),
                line: one.place.at.map(|at| at.line),
                column: one.place.at.map(|at| at.column),
                runs: 1,
                first_replication: run.play.replication,
                text: one.text.clone(),
                remedy: one.remedy.to_owned(),
            });
        }
    }
    found
}

/// Percentiles over runs, bucket by bucket; buckets are joined first, for in narrow ones the calls
/// of a single run vary more than runs do.
pub(super) fn envelope(many: &ManyRuns<'_>) -> EnvelopeReport {
    let spec = &many.experiment.scenario().model;
    let grid = Grid::for_horizon(spec.duration.since(SimTime::ZERO), spec.resolution);
    let group = grid.len().div_ceil(ENVELOPE_BUCKETS).max(1);
    let runs: Vec<&RunSummary> = finished(&many.all.runs).collect();
    let mut envelope = EnvelopeReport {
        bucket_ns: grid.width().as_ns() * group as u64,
        end_ns: spec.duration.as_ns(),
        runs: runs.len() as u32,
        ..EnvelopeReport::default()
    };
    let points = runs.iter().map(|run| run.curves.useful.len());
    let points = points.min().unwrap_or(0);
    for from in (0..points).step_by(group) {
        let bucket = from..(from + group).min(points);
        let sum = |counts: &[u32]| counts[bucket.clone()].iter().sum::<u32>();
        let [p50] = ranked(runs.iter().map(|run| sum(&run.curves.offered)), [50]);
        envelope.offered_p50.push(p50);
        let useful = runs.iter().map(|run| sum(&run.curves.useful));
        let [p5, p50, p95] = ranked(useful, [5, 50, 95]);
        envelope.useful_p5.push(p5);
        envelope.useful_p50.push(p50);
        envelope.useful_p95.push(p95);
        let highest = |run: &&RunSummary| {
            run.curves.useful_p99_ns[bucket.clone()]
                .iter()
                .copied()
                .max()
        };
        let mut latencies: Vec<u64> = runs.iter().filter_map(highest).collect();
        latencies.retain(|&ns| ns > 0);
        latencies.sort_unstable();
        let median = nearest_rank(latencies.len().max(1), 50);
        envelope.useful_p99_ns.push(latencies.get(median).copied());
    }
    envelope
}

/// Percentiles of counts, at least one.
fn ranked<const N: usize>(counts: impl Iterator<Item = u32>, percents: [usize; N]) -> [u64; N] {
    let mut sorted: Vec<u32> = counts.collect();
    sorted.sort_unstable();
    percents.map(|percent| u64::from(sorted[nearest_rank(sorted.len(), percent)]))
}

fn run_line(run: &RunSummary) -> RunLine {
    RunLine {
        replication: run.play.replication,
        verdict: run.verdict,
        status: status(run.status),
        useful_share: run.useful_share.and_then(Finite::new),
        collapsed: run.collapsed,
        recovery_times_ns: run
            .recoveries
            .iter()
            .map(|one| one.time.map(crate::time::SimDuration::as_ns))
            .collect(),
        digest: hex(run.digest),
    }
}

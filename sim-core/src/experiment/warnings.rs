//! What to know before trusting the figures: too few runs, too short ones, a start that was not cut.
//!
//! Near saturation a queue takes long to fill, so short runs that start empty show it too short: at
//! a utilisation of 95 %, intervals over 30 runs of 5,000 calls covered the truth in 72 % of
//! experiments instead of 95 %, in 87 % after a warm-up. This is about steady systems; where a fault
//! is meant to disturb one, only the number of runs and the start before the fault are looked at.

use super::estimate::{WarmUp, mean_interval, warm_up};
use super::figures::Figure;
use super::replicate::Replications;
use crate::judge::{percent, span};
use crate::model::record::RunStatus;
use crate::model::spec::ModelSpec;
use crate::observe::Grid;
use crate::time::SimTime;

/// Fewer runs than this make wide intervals and uncertain ones [count].
const ENOUGH_RUNS: usize = 10;
/// Above this utilisation a queue forgets slowly.
const BUSY: f64 = 0.9;
/// A warm-up is suggested if the start moves the mean number of operations by this share.
const MOVES: f64 = 0.01;
/// Operations waiting on average by which a queue must grow to be worth a word [count].
const GROWTH: f64 = 0.5;

/// Something to know before trusting the figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Stable name.
    pub code: &'static str,
    /// What it is about.
    pub place: String,
    /// What was noticed, with figures.
    pub text: String,
    /// What would help.
    pub remedy: String,
}

/// All warnings about many runs.
pub fn warnings(spec: &ModelSpec, figures: &[Figure], all: &Replications) -> Vec<Warning> {
    let mut found = Vec::new();
    found.extend(few_runs(all));
    found.extend(cut_short(all));
    if spec.faults.is_empty() {
        found.extend(busy(figures, all));
        found.extend(growing_queues(spec, all));
    }
    found.extend(cold_start(spec, all));
    found
}

fn few_runs(all: &Replications) -> Option<Warning> {
    let runs = all.runs.len();
    (runs < ENOUGH_RUNS).then(|| Warning {
        code: "too-few-replications",
        place: "all figures".to_owned(),
        text: format!(
            "{runs} finished runs say little: intervals are wide, and rare outcomes unseen"
        ),
        remedy: format!("play at least {ENOUGH_RUNS}, better 50"),
    })
}

fn cut_short(all: &Replications) -> Option<Warning> {
    let cut = all
        .runs
        .iter()
        .filter(|run| run.status != RunStatus::Finished)
        .count();
    (cut > 0).then(|| Warning {
        code: "stopped-at-limit",
        place: "all figures".to_owned(),
        text: format!(
            "{cut} of {} runs stopped at a limit; the figures leave them out, so what made them stop \
             is missing",
            all.runs.len()
        ),
        remedy: "raise `run.limits`, or read the verdicts instead of the figures".to_owned(),
    })
}

/// Services that were near saturation.
fn busy(figures: &[Figure], all: &Replications) -> Vec<Warning> {
    let services = figures.iter().enumerate().filter_map(|(place, figure)| {
        let service = figure.name.strip_prefix("utilisation of ")?;
        let mean = mean_interval(&all.values(place))?.mean;
        (mean > BUSY).then_some((service, mean))
    });
    let warning = |(service, mean): (&str, f64)| Warning {
        code: "near-saturation",
        place: service.to_owned(),
        text: format!(
            "at a utilisation of {} a queue forgets slowly: in runs that start empty, waiting comes \
             out too short, and intervals too narrow",
            percent(mean)
        ),
        remedy: "make the runs ten times longer and see whether the figures move".to_owned(),
    };
    services.map(warning).collect()
}

/// Queues that are longer at the end of runs than at their beginning, more than chance explains.
fn growing_queues(spec: &ModelSpec, all: &Replications) -> Vec<Warning> {
    let grown = spec
        .services
        .iter()
        .enumerate()
        .filter_map(|(place, service)| {
            let thirds = all.runs.iter().map(|run| run.queue_thirds[place]);
            let growth: Vec<f64> = thirds.clone().map(|(early, late)| late - early).collect();
            let growth = mean_interval(&growth)?;
            let surely = growth.mean - growth.half_width?;
            let late = mean_interval(&thirds.map(|(_, late)| late).collect::<Vec<_>>())?.mean;
            (surely > 0.0 && growth.mean > GROWTH).then_some((service, late - growth.mean, late))
        });
    let warning = |(service, early, late): (&crate::model::spec::ServiceSpec, f64, f64)| Warning {
        code: "queue-grows",
        place: service.name.clone(),
        text: format!(
            "its queue holds {early:.1} on average in the first third of the runs and {late:.1} in the \
             last: it has not settled, so means depend on how long the runs are"
        ),
        remedy: "make the runs longer; if it goes on growing, the load is above capacity"
            .to_owned(),
    };
    grown.map(warning).collect()
}

/// The start of the runs, by the mean number of operations present, averaged over all runs; what
/// faults disturb is left out.
fn cold_start(spec: &ModelSpec, all: &Replications) -> Option<Warning> {
    let finished = all
        .runs
        .iter()
        .filter(|run| run.status == RunStatus::Finished);
    let mut sums: Vec<f64> = Vec::new();
    for run in finished {
        sums.resize(run.curves.present_area.len(), 0.0);
        for (sum, &area) in sums.iter_mut().zip(&run.curves.present_area) {
            *sum += area as f64;
        }
    }
    let grid = Grid::for_horizon(spec.duration.since(SimTime::ZERO), spec.resolution);
    let faults = spec.faults.iter().flat_map(|fault| &fault.spans);
    let first_fault = faults.map(|span| span.0).min();
    if let Some(at) = first_fault {
        sums.truncate((at.as_ns() / grid.width().as_ns()) as usize);
    }
    match warm_up(&sums) {
        // A short time before a fault may well not settle; that says nothing about the rest.
        WarmUp::NotSettled if first_fault.is_some() => None,
        WarmUp::TooFew => None,
        WarmUp::CutFirst(buckets) => {
            let settled = grid.start_of(buckets);
            let counted = (0..sums.len()).find(|&bucket| grid.start_of(bucket) >= spec.warmup)?;
            let bias = mean(&sums[counted..]) / mean(sums.get(buckets..)?) - 1.0;
            let matters = settled > spec.warmup && bias.abs() >= MOVES;
            matters.then(|| suggestion(settled, spec.warmup, bias))
        }
        WarmUp::NotSettled => Some(Warning {
            code: "not-settled",
            place: "run.duration".to_owned(),
            text: "the number of operations present does not settle in the first half of the runs \
                   (MSER-5), so means depend on how long they are"
                .to_owned(),
            remedy: "make the runs longer".to_owned(),
        }),
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |sum, value| sum + value) / values.len() as f64
}

fn suggestion(settled: SimTime, warmup: SimTime, bias: f64) -> Warning {
    let at = |time: SimTime| span(time.since(SimTime::ZERO));
    Warning {
        code: "warm-up",
        place: "run.warmup".to_owned(),
        text: format!(
            "runs start empty and settle after about {} (MSER-5), but figures count from {}: the mean \
             number of operations present comes out {} too {}",
            at(settled),
            at(warmup),
            percent(bias.abs()),
            if bias < 0.0 { "low" } else { "high" }
        ),
        remedy: format!("set run.warmup={}", settled.since(SimTime::ZERO)),
    }
}

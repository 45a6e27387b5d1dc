//! What to know before trusting the figures: too few runs, too short ones, a start that was not cut.
//!
//! Near saturation a queue takes long to fill, so short runs that start empty show it too short: at
//! a utilisation of 95 %, intervals over 30 runs of 5,000 calls covered the truth in 72 % of
//! experiments instead of 95 %, in 87 % after a warm-up. This is about steady systems; where a fault
//! is meant to disturb one, only the number of runs and the start before the fault are looked at.

use super::estimate::{WarmUp, mean_interval, warm_up};
use super::figures::Figure;
use super::replicate::Replications;
use super::summary::{RunSummary, present_area};
use crate::judge::{few_beyond, percent, span};
use crate::model::record::{RunRecord, RunStatus, ServicePoint};
use crate::model::spec::ModelSpec;
use crate::observe::Grid;
use crate::time::SimTime;
use std::ops::Range;

/// Fewer runs than this make wide intervals and uncertain ones \[count\].
const ENOUGH_RUNS: usize = 10;
/// Above this utilisation a queue forgets slowly.
const BUSY: f64 = 0.9;
/// A warm-up is suggested if the start moves the mean number of operations by this share.
const MOVES: f64 = 0.01;
/// Operations waiting on average by which a queue must grow to be worth a word \[count\].
const GROWTH: f64 = 0.5;
/// Stretches into which the queue of a single run is cut \[count\],
const STRETCHES: usize = 10;
/// and by how many more of their pairs must rise than fall to be a trend: of ten in any order, one
/// in a hundred has so many (Mann and Kendall).
const RISING_PAIRS: i32 = 27;
/// Buckets of a single run that are averaged to see whether its start stands out \[count\],
const BATCH: usize = 5;
/// and by how many times as much as any later batch differs from their mean a start must.
const STANDS_OUT: f64 = 2.0;

/// Codes of all of these warnings, in the order of the page that explains them.
pub const DOUBT_CODES: &[&str] = &[
    "too-few-replications",
    "stopped-at-limit",
    "few-samples",
    "near-saturation",
    "queue-grows",
    "not-settled",
    "warm-up",
];

/// Something to know before trusting the figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Stable name, one of [`DOUBT_CODES`].
    pub code: &'static str,
    /// What it is about.
    pub place: String,
    /// What was noticed, with figures.
    pub text: String,
    /// What would help.
    pub remedy: String,
}

/// Whose figures a warning is about.
#[derive(Clone, Copy)]
enum Whose {
    /// Those of a single run.
    One,
    /// Those of many.
    Many,
}

impl Whose {
    /// The noun, and its verb.
    const fn run(self) -> (&'static str, &'static str) {
        match self {
            Self::One => ("the run", "is"),
            Self::Many => ("the runs", "are"),
        }
    }
}

/// All warnings about many runs.
pub fn warnings(spec: &ModelSpec, figures: &[Figure], all: &Replications) -> Vec<Warning> {
    let mut found = Vec::new();
    found.extend(few_runs(all));
    found.extend(cut_short(all));
    found.extend(few_samples(spec, figures, all));
    if spec.faults.is_empty() {
        found.extend(busy(figures, all));
        found.extend(growing_queues(spec, all));
    }
    found.extend(cold_start(spec, all));
    explained(found)
}

/// All warnings about the means of a single run, with the utilisation of each service where that is
/// known. Chance moves one run more than the mean of many, so only what stands out is told.
pub fn run_warnings(
    spec: &ModelSpec,
    record: &RunRecord,
    utilisation: &[Option<f64>],
) -> Vec<Warning> {
    let mut found = Vec::new();
    if record.status != RunStatus::Finished {
        return found;
    }
    if spec.faults.is_empty() {
        for ((_, service), &mean) in spec.services.iter_enumerated().zip(utilisation) {
            let busy = mean.filter(|&mean| mean > BUSY);
            found.extend(busy.map(|mean| near_saturation(&service.name, mean, Whose::One)));
        }
        found.extend(growing_queues_of_one(spec, record));
    }
    found.extend(cold_start_of_one(spec, record));
    explained(found)
}

fn explained(found: Vec<Warning>) -> Vec<Warning> {
    debug_assert!(found.iter().all(|one| DOUBT_CODES.contains(&one.code)));
    found
}

/// Queues that rise through the measured part of a single run.
fn growing_queues_of_one(spec: &ModelSpec, record: &RunRecord) -> Vec<Warning> {
    let grid = record.series.grid;
    let grown = spec.services.iter_enumerated().filter_map(|(id, service)| {
        let points = record.series.services[id].iter();
        let queue = |point: &ServicePoint| point.queue_area as f64 / grid.width().as_ns_f64();
        let queue: Vec<f64> = points.map(queue).collect();
        let counted = counted_from(spec, grid, &queue)?;
        let (early, late) = rising(&stretch_means(&queue[counted..]))?;
        Some(queue_grows(&service.name, early, late, Whose::One))
    });
    grown.collect()
}

/// Means of a series in stretches of one length; none if it is too short.
fn stretch_means(values: &[f64]) -> Vec<f64> {
    let length = values.len() / STRETCHES;
    if length == 0 {
        return Vec::new();
    }
    values
        .chunks_exact(length)
        .take(STRETCHES)
        .map(mean)
        .collect()
}

/// The means of the first and the last third of a series that rises, more than chance explains.
fn rising(means: &[f64]) -> Option<(f64, f64)> {
    let third = means.len() / 3;
    let (early, late) = (means.get(..third)?, means.get(means.len() - third..)?);
    let later = |(place, first): (usize, &f64)| {
        let signs = means[place + 1..].iter().map(|next| match next - first {
            rise if rise > 0.0 => 1,
            fall if fall < 0.0 => -1,
            _ => 0,
        });
        signs.sum::<i32>()
    };
    let pairs: i32 = means.iter().enumerate().map(later).sum();
    let (early, late) = (mean(early), mean(late));
    (pairs >= RISING_PAIRS && late - early > GROWTH).then_some((early, late))
}

/// The runs that no limit stopped.
fn finished(all: &Replications) -> impl Iterator<Item = &RunSummary> {
    let runs = all.runs.iter();
    runs.filter(|run| run.status == RunStatus::Finished)
}

fn few_runs(all: &Replications) -> Option<Warning> {
    let runs = finished(all).count();
    let text = match runs {
        0 => "no run finished, so there are none".to_owned(),
        1 => "one finished run says nothing about others".to_owned(),
        _ => {
            format!("{runs} finished runs say little: intervals are wide, and rare outcomes unseen")
        }
    };
    (runs < ENOUGH_RUNS).then(|| Warning {
        code: "too-few-replications",
        place: "all figures".to_owned(),
        text,
        remedy: format!("play at least {ENOUGH_RUNS}, better 50"),
    })
}

fn cut_short(all: &Replications) -> Option<Warning> {
    let cut = all.runs.len() - finished(all).count();
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

/// Percentiles of latency that too few calls make, in most of the runs: goodput tells how many calls
/// there are.
fn few_samples(spec: &ModelSpec, figures: &[Figure], all: &Replications) -> Vec<Warning> {
    let span_s = spec.warmup.until(spec.duration).as_secs_f64();
    let percentiles = figures.iter().filter_map(|figure| {
        let (percent, of) = figure.name.strip_prefix('p')?.split_once(" latency of ")?;
        Some((&figure.name, percent.parse::<f64>().ok()?, of))
    });
    let few = percentiles.filter_map(|(name, percent, of)| {
        let goodput = format!("goodput of {of}");
        let place = figures.iter().position(|figure| figure.name == goodput)?;
        let calls = |per_second: f64| (per_second * span_s).round() as u64;
        let mut calls: Vec<u64> = all.values(place).into_iter().map(calls).collect();
        calls.sort_unstable();
        let usual = *calls.get(calls.len() / 2)?;
        let beyond = few_beyond(usual, percent)?;
        Some(Warning {
            code: "few-samples",
            place: name.clone(),
            text: format!(
                "in the median run it rests on {beyond} of {usual} calls, so chance makes it"
            ),
            remedy: "longer runs, or a lower percentile".to_owned(),
        })
    });
    few.collect()
}

/// Services that were near saturation.
fn busy(figures: &[Figure], all: &Replications) -> Vec<Warning> {
    let services = figures.iter().enumerate().filter_map(|(place, figure)| {
        let service = figure.name.strip_prefix("utilisation of ")?;
        let mean = mean_interval(&all.values(place))?.mean;
        (mean > BUSY).then_some((service, mean))
    });
    services
        .map(|(service, mean)| near_saturation(service, mean, Whose::Many))
        .collect()
}

fn near_saturation(service: &str, mean: f64, whose: Whose) -> Warning {
    let effect = match whose {
        Whose::One => "in a run that starts empty, waiting comes out too short",
        Whose::Many => {
            "in runs that start empty, waiting comes out too short, and intervals too narrow"
        }
    };
    Warning {
        code: "near-saturation",
        place: service.to_owned(),
        text: format!(
            "at a utilisation of {} a queue forgets slowly: {effect}",
            percent(mean)
        ),
        remedy: format!(
            "make {} ten times longer and see whether the figures move",
            whose.run().0
        ),
    }
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
    grown
        .map(|(service, early, late)| queue_grows(&service.name, early, late, Whose::Many))
        .collect()
}

fn queue_grows(service: &str, early: f64, late: f64, whose: Whose) -> Warning {
    let (runs, are) = whose.run();
    let low = match whose {
        Whose::One => "its mean is low, and depends",
        Whose::Many => "means depend",
    };
    Warning {
        code: "queue-grows",
        place: service.to_owned(),
        text: format!(
            "its queue holds {early:.1} on average in the first third of {runs} and {late:.1} in the \
             last: it has not settled, so {low} on how long {runs} {are}"
        ),
        remedy: format!("make {runs} longer; if it goes on growing, the load is above capacity"),
    }
}

/// The start of the runs, by the mean number of operations present, averaged over all runs; what
/// faults disturb is left out.
fn cold_start(spec: &ModelSpec, all: &Replications) -> Option<Warning> {
    let mut sums: Vec<f64> = Vec::new();
    for run in finished(all) {
        sums.resize(run.curves.present_area.len(), 0.0);
        for (sum, &area) in sums.iter_mut().zip(&run.curves.present_area) {
            *sum += area as f64;
        }
    }
    let grid = Grid::for_horizon(spec.duration.since(SimTime::ZERO), spec.resolution);
    let disturbed = leave_out_faults(spec, grid, &mut sums);
    match warm_up(&sums) {
        // A short time before a fault may well not settle; that says nothing about the rest.
        WarmUp::NotSettled if disturbed => None,
        WarmUp::TooFew => None,
        WarmUp::CutFirst(buckets) => {
            let counted = counted_from(spec, grid, &sums)?;
            suggestion(spec, grid, &sums, counted..buckets, Whose::Many)
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

/// The start of a single run, as far as it stands out from what comes after the cut of the rule, or
/// from the second half: in one run, chance alone moves that cut far into the run.
fn cold_start_of_one(spec: &ModelSpec, record: &RunRecord) -> Option<Warning> {
    let grid = record.series.grid;
    let areas = present_area(record).into_iter();
    let mut present: Vec<f64> = areas
        .map(|area| area as f64 / grid.width().as_ns_f64())
        .collect();
    leave_out_faults(spec, grid, &mut present);
    let cut = match warm_up(&present) {
        WarmUp::CutFirst(cut) => cut,
        WarmUp::NotSettled => present.len() / 2,
        WarmUp::TooFew => return None,
    };
    let (before, rest) = present.split_at(cut);
    let counted = counted_from(spec, grid, &present)?;
    if rising(&stretch_means(rest)).is_some() {
        // It goes on: no warm-up would help.
        return None;
    }
    let start = counted..counted + start_length(before.get(counted..)?, rest);
    suggestion(spec, grid, &present, start, Whose::One)
}

/// How many of the first values differ from the mean of the rest by much more than any later ones
/// do, batch by batch.
fn start_length(start: &[f64], rest: &[f64]) -> usize {
    let usual = mean(rest);
    let off = |batch: &[f64]| (mean(batch) - usual).abs();
    let farthest = rest.chunks_exact(BATCH).map(off).fold(0.0, f64::max);
    let batches = start.chunks_exact(BATCH);
    let standing_out = batches.take_while(|batch| off(batch) > STANDS_OUT * farthest);
    standing_out.count() * BATCH
}

/// Cuts a series where the first fault disturbs it; whether there is one.
fn leave_out_faults(spec: &ModelSpec, grid: Grid, values: &mut Vec<f64>) -> bool {
    let faults = spec.faults.iter().flat_map(|fault| &fault.spans);
    let first_fault = faults.map(|span| span.0).min();
    if let Some(at) = first_fault {
        values.truncate((at.as_ns() / grid.width().as_ns()) as usize);
    }
    first_fault.is_some()
}

/// The first bucket that totals count.
fn counted_from(spec: &ModelSpec, grid: Grid, values: &[f64]) -> Option<usize> {
    (0..values.len()).find(|&bucket| grid.start_of(bucket) >= spec.warmup)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |sum, value| sum + value) / values.len() as f64
}

/// By which share the mean of all lies above that of the settled rest; none if nothing is left there
/// to compare with.
fn bias(all: &[f64], settled: &[f64]) -> Option<f64> {
    let usual = mean(settled);
    (usual > 0.0).then(|| mean(all) / usual - 1.0)
}

/// A longer warm-up, if what it leaves out moves the mean; `start` are the buckets that count and
/// should not.
fn suggestion(
    spec: &ModelSpec,
    grid: Grid,
    present: &[f64],
    start: Range<usize>,
    whose: Whose,
) -> Option<Warning> {
    let (warmup, settled) = (spec.warmup, grid.start_of(start.end));
    let bias = bias(&present[start.start..], present.get(start.end..)?)?;
    if settled <= warmup || bias.abs() < MOVES {
        return None;
    }
    let at = |time: SimTime| span(time.since(SimTime::ZERO));
    let settles = match whose {
        Whose::One => "the run starts empty and settles",
        Whose::Many => "runs start empty and settle",
    };
    Some(Warning {
        code: "warm-up",
        place: "run.warmup".to_owned(),
        text: format!(
            "{settles} after about {} (MSER-5), but figures count from {}: the mean number of \
             operations present comes out {} too {}",
            at(settled),
            at(warmup),
            percent(bias.abs()),
            if bias < 0.0 { "low" } else { "high" }
        ),
        remedy: format!("set run.warmup={}", settled.since(SimTime::ZERO)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trend_is_no_wave() {
        let rises: Vec<f64> = (0..STRETCHES).map(|place| place as f64).collect();
        assert_eq!(rising(&rises), Some((1.0, 8.0)));
        let small: Vec<f64> = rises.iter().map(|value| value / 100.0).collect();
        assert_eq!(rising(&small), None, "not worth a word");
        assert_eq!(
            rising(&[0.0, 9.0, 1.0, 8.0, 2.0, 7.0, 3.0, 6.0, 4.0, 5.0]),
            None
        );
        assert_eq!(rising(&[]), None);
    }

    #[test]
    fn nothing_is_no_times_too_high() {
        assert_eq!(bias(&[1.0, 0.0], &[0.0]), None);
        assert_eq!(bias(&[1.0, 0.0], &[]), None);
        assert_eq!(bias(&[3.0, 1.0], &[1.0]), Some(1.0));
    }

    #[test]
    fn a_start_is_as_long_as_it_stands_out() {
        let level = |value: f64| [value; BATCH];
        let rest = [10.0, 11.0, 9.0, 12.0, 8.0].map(level).concat();
        let start = |batches: &[f64]| {
            let values = batches.iter().flat_map(|&value| level(value));
            start_length(&values.collect::<Vec<_>>(), &rest)
        };
        assert_eq!(start(&[1.0, 5.0, 9.0, 1.0]), 2 * BATCH);
        assert_eq!(start(&[19.0, 10.0]), BATCH, "high ones too");
        assert_eq!(start(&[7.5, 9.5]), 0, "others are as far off");
        assert_eq!(start(&[]), 0);
    }
}

//! Charts: what happened over time, as SVG.
//!
//! ```text
//! load           offered load, attempts and goodput, for the clients and the busiest edges
//! outcomes       how calls ended, stacked
//! latency        percentiles, of useful and of failed calls apart
//! amplification  attempts per call, and retries
//! services       queues, busy threads, work in vain
//! learned        limits that guards find for themselves
//! turned_away    what services refuse, where more than a full queue can
//! memory         how full instances are, and when they die of it
//! pools          connections in use, and who waits for one
//! queues         messages in queues, and how old the oldest is
//! sagas          those under way, and how the others ended
//! breakers       states of breakers, a row for each owner
//! envelope       goodput and latency over time: median and band over many runs, or of two designs
//! differences    what differs between two designs, with intervals
//! useful         how the share of useful calls spreads over runs
//! recovery       how recovery times spread over runs
//! limits         where it tips: the S-curve, the map of edges, the hysteresis loop
//! tune           what was tried, and how far the best can be moved
//! sweep          maps, effects and trade-offs of many cells
//! ```
//!
//! Read [`canvas`] (the sheet), [`axis`] (where things lie), [`panel`] (one plot), [`frame`] (plots
//! above each other), [`draft`] (a chart before it is drawn, and after), then what each chart puts
//! there. A chart is made of whole numbers and never measures text, so the same report gives the same
//! bytes on every machine.

mod amplification;
mod axis;
mod backtest;
mod breakers;
mod canvas;
mod differences;
mod distribution;
mod draft;
mod envelope;
mod frame;
mod instances;
mod latency;
mod learned;
mod limits;
mod load;
mod memory;
mod messages;
mod outcomes;
mod panel;
mod pools;
mod sagas;
mod services;
mod sweep;
mod theme;
mod tune;
mod turned_away;
mod values;
mod xy;

pub(super) use backtest::picture as backtest;

pub use draft::Chart;

use super::{Document, resample};
use draft::chart;
use frame::Sheet;
use sim_core::report::Report;
use values::POINTS_MAX;

/// All charts of a report that have something to show.
pub fn charts<'a>(document: impl Into<Document<'a>>) -> Vec<Chart> {
    match document.into() {
        Document::Run(report) => of_run(report),
        Document::Replications(report) => {
            let all = [
                envelope::of_replications(report),
                distribution::of_useful_shares(report),
                distribution::of_recovery_times(report),
            ];
            all.into_iter().flatten().collect()
        }
        Document::Comparison(report) => {
            let all = [differences::chart(report), envelope::of_comparison(report)];
            all.into_iter().flatten().collect()
        }
        Document::Sweep(report) => sweep::charts(report),
        Document::Limits(report) => limits::charts(report),
        Document::Tune(report) => tune::chart(report).into_iter().collect(),
    }
}

/// How to read the charts of a report.
pub(super) const fn about(document: Document<'_>) -> &'static str {
    match document {
        Document::Run(_) => {
            "All charts share one axis of virtual time. Yellow is when a fault acts; grey, at the \
             start, is the warm-up, which the tables leave out."
        }
        Document::Replications(_) => {
            "Over time, yellow is when a fault acts and grey, at the start, the warm-up, which the \
             tables leave out. Distributions count runs."
        }
        Document::Comparison(_) => {
            "Both designs on one axis of virtual time. Yellow is when a fault of either acts; grey, at \
             the start, is the warm-up."
        }
        Document::Sweep(_) => {
            "Each field or point is a cell: the median over its runs, unless it says otherwise."
        }
        Document::Limits(_) => {
            "Bars are 95 % intervals. Yellow is the edge: its ends are surely on different sides."
        }
        Document::Tune(_) => "Means of the search, which helped to choose; the best is confirmed.",
    }
}

fn of_run(report: &Report) -> Vec<Chart> {
    if report.series.points == 0 || report.series.end_ns == 0 {
        return Vec::new();
    }
    let mut report = report.clone();
    let group = resample::group(report.series.points as usize, POINTS_MAX as usize);
    report.series = resample::at_most(&report.series, POINTS_MAX);
    for pool in &mut report.pools {
        for counts in [&mut pool.in_use, &mut pool.waiting, &mut pool.open] {
            *counts = resample::last_of_each(counts, group);
        }
    }
    let drafts = [
        load::draft(&report),
        outcomes::draft(&report),
        latency::draft(&report),
        amplification::draft(&report),
        services::draft(&report),
        instances::draft(&report),
        learned::draft(&report),
        turned_away::draft(&report),
        memory::draft(&report),
        pools::draft(&report),
        messages::draft(&report),
        sagas::draft(&report),
        breakers::draft(&report),
    ];
    let shown = drafts.into_iter().filter(|draft| !draft.panels.is_empty());
    let sheet = Sheet::of(&report);
    shown.map(|draft| chart(&sheet, &draft)).collect()
}

//! What many runs say: how often, how sure, and which run to look at.

mod expectations;
mod figures;
mod head;
mod noticed;
mod origin;

pub(super) use figures::says_something;
pub(super) use noticed::warnings;
pub(super) use origin::thresholds;

use super::{Page, Section, next, safe, story};
use crate::format::{self, NOTHING};
use sim_core::report::{ReplicationReport, ShareReport, SpreadReport};

/// The page.
pub(super) fn page(report: &ReplicationReport) -> Page {
    let parts = [
        expectations::section(report),
        why(report),
        figures::recovery(report),
        noticed::findings(report),
        figures::section(report),
        warnings(&report.warnings),
        noticed::runs(report),
        thresholds(&report.thresholds),
        origin::section(report),
        next::after_many(report),
    ];
    Page {
        name: safe(&report.scenario.name),
        title: safe(&report.scenario.title),
        question: safe(&report.scenario.question),
        headline: head::headline(report),
        answer: head::answer(report),
        figures: head::cards(report),
        sections: parts
            .into_iter()
            .filter(|part| !part.blocks.is_empty())
            .collect(),
    }
}

/// The chain of causes of the worst run.
fn why(report: &ReplicationReport) -> Section {
    let links = report.worst.as_ref().map_or(&[][..], |run| &run.causes);
    story::causes("Why, in the worst run", links, report.scenario.duration_ns)
}

/// `12 of 50 runs (14% to 37%)`.
fn share(one: &ShareReport) -> String {
    let of = format!(
        "{} of {}",
        one.runs,
        format::plural(u64::from(one.of), "run", "runs")
    );
    match interval(one) {
        Some(interval) => format!("{of} ({interval})"),
        None => of,
    }
}

/// `14% to 37%`: the believable true shares.
fn interval(one: &ShareReport) -> Option<String> {
    let (low, high) = (one.low?, one.high?);
    Some(format!(
        "{} to {}",
        share_of(low.get()),
        share_of(high.get())
    ))
}

/// A share in at most three digits, since an interval pretends no more.
fn share_of(value: f64) -> String {
    if value > 0.1 && value < 0.999 {
        format!("{}%", format::number(value * 100.0))
    } else {
        format::share(value)
    }
}

/// `54.2% ± 0.3%`.
fn mean(spread: &SpreadReport) -> String {
    let show = |value| format::value(value, spread.unit);
    match (spread.mean, spread.half_width) {
        (Some(mean), Some(half)) if half.get() > 0.0 => format!("{} ± {}", show(mean), show(half)),
        (Some(mean), _) => show(mean),
        (None, _) => NOTHING.to_owned(),
    }
}

/// `± 0.3%, `: how far the mean over runs may be off.
fn plus_minus(spread: &SpreadReport) -> String {
    match spread.half_width {
        Some(half) if half.get() > 0.0 => format!("± {}, ", format::value(half, spread.unit)),
        Some(_) | None => String::new(),
    }
}

fn range(spread: &SpreadReport) -> String {
    let show = |value| format::optional(value, |value| format::value(value, spread.unit));
    format!("{} to {}", show(spread.p5), show(spread.p95))
}

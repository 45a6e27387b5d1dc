//! What two designs say on the same random numbers: what differs, and whether it could be chance.

mod answer;
mod difference;
mod sections;

pub(crate) use difference::{Reading, reading, telling};

use super::page::{Figure, Headline, Page, filled, safe};
use super::replications::thresholds;
use crate::format;
use crate::table::Tone;
use difference::{change, side};
use sim_core::report::{ComparisonReport, FaultReport};

/// The page.
pub(super) fn page(report: &ComparisonReport) -> Page {
    let parts = [
        sections::events(report),
        sections::figures(report),
        sections::timelines(report),
        thresholds(&report.thresholds),
        sections::origin(report),
    ];
    let (a, b) = (&report.a, &report.b);
    let is_one_title = a.scenario.title == b.scenario.title;
    Page {
        name: format!("{} against {}", safe(&a.label), safe(&b.label)),
        title: if is_one_title {
            safe(&a.scenario.title)
        } else {
            String::new()
        },
        question: String::new(),
        headline: headline(report),
        answer: answer::answer(report),
        figures: cards(report),
        sections: filled(parts),
    }
}

fn headline(report: &ComparisonReport) -> Headline {
    if report.nothing_in_common {
        return Headline {
            word: "NOTHING IN COMMON",
            tone: Tone::Warn,
            text: "they cannot be compared: no figure is in both".to_owned(),
        };
    }
    let differing = differing(report);
    let pairs = format::plural(u64::from(report.pairs), "pair", "pairs");
    let of = format::plural(telling(report).count() as u64, "figure", "figures");
    let count = |wanted| {
        telling(report)
            .filter(|one| reading(report, one) == wanted)
            .count()
    };
    let (better, worse) = (count(Reading::Better), count(Reading::Worse));
    let ways = if better + worse > 0 {
        format!(" ({better} for the better, {worse} for the worse)")
    } else {
        String::new()
    };
    Headline {
        word: if differing == 0 { "SAME" } else { "DIFFERENT" },
        tone: Tone::Plain,
        text: format!("{differing} of {of} differ by more than chance{ways}, over {pairs} of runs"),
    }
}

fn differing(report: &ComparisonReport) -> usize {
    telling(report).filter(|one| one.significant).count()
}

fn cards(report: &ComparisonReport) -> Vec<Figure> {
    let wanted = [
        ("success of ", "useful calls"),
        ("goodput of ", "goodput"),
        ("p99 latency of ", "p99 of useful calls"),
    ];
    let card = |(start, name): (&str, &'static str)| {
        let one = report
            .figures
            .iter()
            .find(|one| one.name.starts_with(start))?;
        let known = reading(report, one);
        Some(Figure {
            name,
            value: format!("{} → {}", side(one, true), side(one, false)),
            note: if known == Reading::FewerCalls {
                format!("{}, of fewer calls", change(one))
            } else {
                change(one)
            },
            tone: if known == Reading::Chance {
                Tone::Plain
            } else {
                known.tone()
            },
        })
    };
    wanted.into_iter().filter_map(card).collect()
}

/// The faults of both designs: one that both have once, and the others marked with whose they are.
pub(crate) fn faults(report: &ComparisonReport) -> Vec<FaultReport> {
    let (a, b) = (&report.a.faults, &report.b.faults);
    let marked = |whose: &str, fault: &FaultReport| FaultReport {
        name: format!("{whose}: {}", fault.name),
        ..fault.clone()
    };
    let of_a = a.iter().map(|fault| {
        if b.contains(fault) {
            fault.clone()
        } else {
            marked("A", fault)
        }
    });
    let only_b = b.iter().filter(|fault| !a.contains(fault));
    of_a.chain(only_b.map(|fault| marked("B", fault))).collect()
}

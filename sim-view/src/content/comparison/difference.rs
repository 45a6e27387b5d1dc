//! What a difference between two designs means, and how it is written.

use crate::content::replications::says_something;
use crate::format;
use crate::table::Tone;
use sim_core::report::sweep::Better;
use sim_core::report::{ComparisonReport, DifferenceReport, EventReport, Unit};

/// The figures that say something.
pub(crate) fn telling(report: &ComparisonReport) -> impl Iterator<Item = &DifferenceReport> {
    report.figures.iter().filter(|one| !is_idle(one))
}

/// Retries that never happened and work that was never wasted say nothing.
fn is_idle(one: &DifferenceReport) -> bool {
    !says_something(&one.name, &one.a) && !says_something(&one.name, &one.b)
}

/// What a difference means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// B is better, by more than chance.
    Better,
    /// B is worse, by more than chance.
    Worse,
    /// It is another one, which may be good or bad.
    Other,
    /// The latency of useful calls fell because fewer calls are useful: slow ones failed.
    FewerCalls,
    /// It could be chance.
    Chance,
}

impl Reading {
    const fn of(better: Better, rises: bool) -> Self {
        match (better, rises) {
            (Better::Neither, _) => Self::Other,
            (Better::Higher, true) | (Better::Lower, false) => Self::Better,
            (Better::Higher, false) | (Better::Lower, true) => Self::Worse,
        }
    }

    /// How it is meant.
    pub(super) const fn tone(self) -> Tone {
        match self {
            Self::Better => Tone::Good,
            Self::Worse => Tone::Bad,
            Self::FewerCalls => Tone::Warn,
            Self::Other => Tone::Plain,
            Self::Chance => Tone::Quiet,
        }
    }

    /// In a word.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::FewerCalls => "fewer calls",
            Self::Other => "another",
            Self::Chance => "no",
        }
    }
}

/// What a difference means.
pub(crate) fn reading(report: &ComparisonReport, one: &DifferenceReport) -> Reading {
    if !one.significant {
        return Reading::Chance;
    }
    let rises = one.change.get() > 0.0;
    if !rises && lost_success(report, &one.name).is_some() {
        return Reading::FewerCalls;
    }
    Reading::of(Better::of(&one.name), rises)
}

/// The success of a client whose latency a figure tells, if that fell by more than chance: the calls
/// that are missing were not the quick ones.
pub(super) fn lost_success<'r>(
    report: &'r ComparisonReport,
    figure: &str,
) -> Option<&'r DifferenceReport> {
    let (_, client) = figure.split_once(" latency of ")?;
    let name = format!("success of {client}");
    let success = report.figures.iter().find(|one| one.name == name)?;
    (success.significant && success.change.get() < 0.0).then_some(success)
}

/// What B does about something that happens in a run or not.
pub(super) fn event_reading(one: &EventReport) -> Reading {
    if !one.significant {
        return Reading::Chance;
    }
    let better = if one.name == "collapsed" {
        Better::Lower
    } else {
        Better::Higher
    };
    Reading::of(better, one.in_b > one.in_a)
}

/// The mean of one side.
pub(super) fn side(one: &DifferenceReport, first: bool) -> String {
    let spread = if first { &one.a } else { &one.b };
    format::optional(spread.mean, |mean| format::value(mean, spread.unit))
}

/// `+44.9 pp ± 0.3 pp`.
pub(super) fn change(one: &DifferenceReport) -> String {
    let sign = match one.change.get() {
        change if change > 0.0 => "+",
        change if change < 0.0 => "−",
        _ => "",
    };
    let size = size_of(one.change.get(), one.unit());
    match one.half_width {
        Some(half) => format!("{sign}{size} ± {}", size_of(half.get(), one.unit())),
        None => format!("{sign}{size}"),
    }
}

/// The size of a difference; between shares, in points of a percent.
fn size_of(value: f64, unit: Unit) -> String {
    let size = value.abs();
    match unit {
        Unit::Share | Unit::YesNo => format!("{} pp", format::number(size * 100.0)),
        Unit::Ns => format::duration(size.round() as u64),
        Unit::PerSecond => format::rate(size),
        Unit::Factor => format::factor(size),
        Unit::Count => format::number(size),
    }
}

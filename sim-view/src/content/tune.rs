//! What the report of a search for the best settings says.

use super::page::{Block, Headline, Page, Section, Statement, filled, only, safe, unless_empty};
use crate::format;
use crate::table::{Cell, Column, Table, Tone};
use sim_core::report::sweep::Better;
use sim_core::report::tune::{
    EndName, GapReport, LeastReport, LeastState, MissReport, SettingReport, TriedReport,
    TuneReport, TunedAxis,
};
use sim_core::report::{Finite, Unit, Verdict};

/// Settings that were tried and are listed, at most.
const LISTED: usize = 40;

/// The whole page.
pub(super) fn page(report: &TuneReport) -> Page {
    let parts = [
        confirmed(report),
        flat(report),
        paste(report),
        tried(report),
        origin(report),
    ];
    let names: Vec<&str> = report
        .scenarios
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    let first = report.scenarios.first();
    Page {
        name: safe(&names.join(", ")),
        title: first.map_or_else(String::new, |one| safe(&one.title)),
        question: first.map_or_else(String::new, |one| safe(&one.question)),
        headline: headline(report),
        answer: answer(report),
        figures: vec![],
        sections: filled(parts),
    }
}

fn headline(report: &TuneReport) -> Headline {
    let (word, tone) = match report.best.as_ref().map(|best| best.verdict) {
        _ if report.stopped => ("STOPPED", Tone::Warn),
        Some(Verdict::Pass) => ("TUNED", Tone::Good),
        Some(Verdict::Fail) => ("NONE HOLDS", Tone::Bad),
        Some(Verdict::Inconclusive) | None => ("UNCLEAR", Tone::Warn),
    };
    let text = format!(
        "{} of {}, {} tried, {}",
        if report.goal.better == Better::Higher {
            "most"
        } else {
            "least"
        },
        report.goal.name,
        format::plural(u64::from(report.tried), "setting", "settings"),
        format::plural(u64::from(report.runs), "run", "runs")
    );
    Headline {
        word,
        tone,
        text: safe(&text),
    }
}

fn answer(report: &TuneReport) -> Vec<Statement> {
    let mut said = Vec::new();
    let Some(best) = &report.best else {
        let text = if report.stopped {
            "it was stopped before anything was confirmed; what was tried is below"
        } else {
            "nothing was confirmed; give it more runs"
        };
        return vec![Statement::new(text, Tone::Warn)];
    };
    let unit = report.goal.unit;
    let text = format!(
        "{}: {} {}",
        settings(best),
        report.goal.name,
        mean(best, unit)
    );
    said.push(Statement::new(&text, Tone::Plain));
    if report.goal.expectations > 0 {
        said.push(meets(report, best));
    }
    if best.verdict == Verdict::Fail {
        said.extend(best.misses.iter().map(|one| miss(report, one)));
    } else {
        said.extend(report.least.as_ref().and_then(|it| least(report, it)));
    }
    said.extend(ends(report));
    if let (Some(present), Some(gap)) = (&report.present, &report.present_gap) {
        let text = format!(
            "as it is: {}{}",
            mean(present, unit),
            than_best(report, present, gap)
        );
        said.push(Statement::new(&text, Tone::Plain));
    }
    if let (Some(second), Some(gap)) = (&report.second, &report.second_gap) {
        let rank = if best.verdict == Verdict::Fail {
            "next nearest"
        } else {
            "second best"
        };
        let text = format!(
            "{rank}, {}: {}{}",
            settings(second),
            mean(second, unit),
            than_best(report, second, gap)
        );
        said.push(Statement::new(&text, Tone::Plain));
    }
    for axis in &report.axes {
        if let Some((low, high)) = &axis.as_good {
            let text = if low == high {
                format!("{}: only {low} is that good", axis.name)
            } else {
                format!("{}: {low} to {high} is as good", axis.name)
            };
            said.push(Statement::new(&text, Tone::Plain));
        }
    }
    said
}

/// By how much an expectation is missed.
fn miss(report: &TuneReport, one: &MissReport) -> Statement {
    let value = format::optional(one.value, |value| format::value(value, one.unit));
    let of = if report.scenarios.len() > 1 {
        format!(" of {}", one.scenario)
    } else {
        String::new()
    };
    let text = format!(
        "it misses {}{of} in {} of {} fresh runs: {}, and in the median of these it is {value}",
        one.expectation, one.missed, one.of, one.statement
    );
    Statement::new(&text, Tone::Bad)
}

/// The names of what is missed.
fn names(misses: &[MissReport]) -> String {
    let mut names: Vec<&str> = misses.iter().map(|one| one.expectation.as_str()).collect();
    names.dedup();
    names.join(", ")
}

/// Whether anything beyond the best would do. The end of what was allowed is told with the ends.
fn least(report: &TuneReport, least: &LeastReport) -> Option<Statement> {
    let name = report.goal.name.rsplit('.').next().unwrap_or_default();
    let (next, runs) = (&least.next, least.runs);
    let most = report.goal.better == Better::Higher;
    let (further, less) = if most {
        ("higher", "more")
    } else {
        ("lower", "less")
    };
    match least.state {
        LeastState::End => None,
        LeastState::Shown => {
            let missed = least.misses.iter().map(|one| one.missed).max().unwrap_or(0);
            let text = format!(
                "confirmed: the next {further}, {name}={next}, misses {} in {missed} of {runs} {}",
                names(&least.misses),
                if runs == 1 { "run" } else { "runs" }
            );
            Some(Statement::new(&text, Tone::Plain))
        }
        LeastState::Unsure => {
            let text = format!(
                "unsure: {less} may do, since the runs ended before {name}={next} was shown to fail; try \
                 --runs {}",
                report.budget.saturating_mul(2)
            );
            Some(Statement::new(&text, Tone::Warn))
        }
    }
}

/// Where the best lies at the end of what was allowed: there may be better beyond.
fn ends(report: &TuneReport) -> Vec<Statement> {
    let at_end = report.axes.iter().filter_map(|axis| {
        let end = match axis.at_end? {
            EndName::Lower => "lower",
            EndName::Upper => "upper",
        };
        let text = format!(
            "{} lies at the {end} end of its range ({}): what is beyond was not tried",
            axis.name, axis.asked
        );
        Some(Statement::new(&text, Tone::Warn))
    });
    at_end.collect()
}

/// Settings in a line: `after=300ms, max_attempts=2`.
fn settings(setting: &SettingReport) -> String {
    let words = setting.values.iter().map(|one| {
        let name = one.path.rsplit('.').next().unwrap_or(&one.path);
        format!("{name}={}", one.value)
    });
    words.collect::<Vec<_>>().join(", ")
}

/// `412 ms ± 9 ms`.
fn mean(setting: &SettingReport, unit: Unit) -> String {
    let show = |value: Finite| format::value(value, unit);
    match (setting.mean, setting.half_width) {
        (Some(mean), Some(half)) if half.get() > 0.0 => format!("{} ± {}", show(mean), show(half)),
        (mean, _) => format::optional(mean, show),
    }
}

fn meets(report: &TuneReport, best: &SettingReport) -> Statement {
    let share = &best.meets;
    let sure = format::optional(share.low, |low| format::share(low.get()));
    let text = match best.verdict {
        Verdict::Pass => format!(
            "it meets all expectations in {} of {} fresh runs (at least {sure} of runs, 95 %)",
            share.runs, share.of
        ),
        Verdict::Fail => format!(
            "no setting was found that meets all expectations; this is the nearest, with {} of {} fresh runs",
            share.runs, share.of
        ),
        Verdict::Inconclusive => format!(
            "too little is known about {}: {} of {} fresh runs meet all",
            format::plural(
                u64::from(report.goal.expectations),
                "expectation",
                "expectations"
            ),
            share.runs,
            share.of
        ),
    };
    Statement::new(&text, tone(best.verdict))
}

/// How another setting compares with the best, run by run.
fn than_best(report: &TuneReport, other: &SettingReport, gap: &GapReport) -> String {
    if other.verdict == Verdict::Fail {
        return match names(&other.misses).as_str() {
            "" => ", and it misses expectations".to_owned(),
            names => format!(", and it misses {names}"),
        };
    }
    let size = |value: f64| {
        Finite::new(value.abs())
            .map_or_else(String::new, |value| format::value(value, report.goal.unit))
    };
    let half = gap.half_width.map_or(0.0, Finite::get);
    if gap.mean.get() == 0.0 && half == 0.0 {
        return ", the same".to_owned();
    }
    let by = match size(gap.mean.get()) {
        by if half > 0.0 => format!("{by} ± {}", size(half)),
        by => by,
    };
    if gap.is_sure() {
        return format!(", surely worse: by {by}");
    }
    format!(", not surely worse: the difference is {by}")
}

fn confirmed(report: &TuneReport) -> Section {
    let mut table = Table::new(&["which", "settings", "#runs", "#mean", "#meets all"]);
    let best = report.best.as_ref();
    let holds = best.is_none_or(|best| best.verdict != Verdict::Fail);
    let rows = [
        (if holds { "best" } else { "nearest" }, &report.best),
        (if holds { "second" } else { "next" }, &report.second),
        ("as it is", &report.present),
    ];
    for (which, setting) in rows {
        let Some(setting) = setting else { continue };
        table.push(vec![
            Cell::from(which),
            settings(setting).into(),
            setting.runs.to_string().into(),
            mean(setting, report.goal.unit).into(),
            Cell::toned(
                &format!("{} of {}", setting.meets.runs, setting.meets.of),
                tone(setting.verdict),
            ),
        ]);
    }
    Section {
        id: "confirmed",
        title: "Confirmed",
        about: "Means over fresh runs, which had no part in the choice, with 95 % intervals.",
        blocks: only(table),
    }
}

fn verdict(verdict: Verdict) -> Cell {
    let word = match verdict {
        Verdict::Pass => "holds",
        Verdict::Fail => "misses",
        Verdict::Inconclusive => "unclear",
    };
    Cell::toned(word, tone(verdict))
}

const fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Pass => Tone::Good,
        Verdict::Fail => Tone::Bad,
        Verdict::Inconclusive => Tone::Warn,
    }
}

fn flat(report: &TuneReport) -> Section {
    let mut table = Table::new(&["setting", "#as it is", "#best", "as good"]);
    for axis in &report.axes {
        let best = report.best.iter().flat_map(|best| &best.values);
        let best = best
            .filter(|one| one.path == axis.path)
            .map(|one| one.value.clone())
            .next();
        let range = axis.as_good.as_ref().map(|(low, high)| {
            if low == high {
                low.clone()
            } else {
                format!("{low} to {high}")
            }
        });
        table.push(vec![
            Cell::from(&axis.path),
            format::optional(axis.present.clone(), |text| text).into(),
            format::optional(best, |text| text).into(),
            range.unwrap_or_else(|| not_told(report, axis)).into(),
        ]);
    }
    Section {
        id: "flat",
        title: "How exact it must be",
        about: "How far each setting can be moved by itself until the measure changes by more than \
                its own doubt (or 1 %), or an expectation is missed.",
        blocks: only(table),
    }
}

/// Why it is not told how far a setting can be moved.
fn not_told(report: &TuneReport, axis: &TunedAxis) -> String {
    match &report.best {
        None => format::NOTHING.to_owned(),
        Some(best) if best.verdict == Verdict::Fail => "nothing holds".to_owned(),
        Some(_) if !axis.ordered => "a choice without order".to_owned(),
        Some(_) => {
            // The runs may have gone elsewhere.
            let enough = report.runs_for_exactness;
            let runs = if enough > report.budget {
                enough
            } else {
                report.budget.saturating_mul(2)
            };
            format!("too few runs, try {runs}")
        }
    }
}

/// What to put into the scenario; nothing where the best that was found does not hold.
fn paste(report: &TuneReport) -> Section {
    let best = report.best.as_ref();
    let fails = best.is_some_and(|best| best.verdict == Verdict::Fail);
    let lines = report.paste.lines().filter(|_| !fails).map(safe);
    let text: Vec<String> = lines.collect();
    Section {
        id: "paste",
        title: "To paste",
        about: "The parts of the scenario that change.",
        blocks: unless_empty(text, Block::Code),
    }
}

/// A table of settings that were tried, still empty.
pub(crate) fn table_of_tried(report: &TuneReport) -> Table {
    let mut table = Table::new(&[]);
    let axes = report.axes.iter().map(|axis| Column::numbers(&axis.name));
    table.columns.extend(axes);
    let figures = ["runs", "mean"].map(Column::numbers);
    table.columns.extend(figures);
    table
}

/// Its row for one of them.
pub(crate) fn row_of_tried(report: &TuneReport, one: &TriedReport) -> Vec<Cell> {
    let mut row: Vec<Cell> = one.values.iter().map(Cell::from).collect();
    row.push(one.runs.to_string().into());
    row.push(format::optional(one.mean, |mean| format::value(mean, report.goal.unit)).into());
    row
}

fn tried(report: &TuneReport) -> Section {
    let mut table = table_of_tried(report);
    table.columns.push(Column::numbers("expectations"));
    let mut order: Vec<&TriedReport> = report
        .candidates
        .iter()
        .filter(|one| one.runs > 0)
        .collect();
    order.sort_by_key(|one| std::cmp::Reverse(one.runs));
    for one in order.into_iter().take(LISTED) {
        let mut row = row_of_tried(report, one);
        row.push(verdict(one.verdict));
        table.push(row);
    }
    Section {
        id: "tried",
        title: "What was tried",
        about: "Those with the most runs first. These means helped to choose, so the best of them \
                look better than they are.",
        blocks: only(table),
    }
}

fn origin(report: &TuneReport) -> Section {
    let mut asked = Vec::new();
    let mut push = |name, value: String| asked.push((name, value));
    for axis in &report.axes {
        push("over", format!("{} = {}", axis.path, axis.asked));
    }
    for change in report
        .scenarios
        .iter()
        .take(1)
        .flat_map(|one| &one.overrides)
    {
        push("changed", format!("{} = {}", change.path, change.value));
    }
    push("runs allowed", report.budget.to_string());
    push("seed", report.seed.to_string());
    super::origin::of_many(
        asked,
        report.engine_semantics,
        &report.reproduce,
        report.scenarios.iter().map(|one| &one.hash),
    )
}

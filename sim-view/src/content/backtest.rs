//! A backtest in words: what a policy would have made of recorded calls.

use super::page::{Block, Figure, Headline, Page, Section, Statement, filled, only, safe};
use super::services::counts;
use crate::calendar::rfc3339;
use crate::format;
use crate::table::{Cell, Column, Table, Tone};
use sim_core::report::{
    BacktestReport, BreakerStateName, ClockName, GroupReport, ImpactsReport, TransitionReport,
};
use sim_core::time::SimTime;

/// Changes of state shown; all that are kept are in the JSON.
const MOST_TRANSITIONS: usize = 25;
/// Breakers, bulkheads, callers, targets and classes shown, of each.
const MOST_ROWS: usize = 10;

/// What a backtest says.
pub(crate) fn page(report: &BacktestReport) -> Page {
    let parts = [
        outcomes(report),
        layers(report),
        breakers(report),
        transitions(report),
        bulkheads(report),
        groups("targets", "By target", &report.targets),
        groups("callers", "By caller", &report.callers),
        groups("classes", "By class", &report.classes),
        assumptions(report),
    ];
    let span = format!(
        "{} from {} to {}",
        format::plural(report.calls_total, "call", "calls"),
        instant(report, report.from_ns),
        instant(report, report.until_ns)
    );
    Page {
        name: safe(&report.policy),
        title: String::new(),
        question: String::new(),
        headline: Headline {
            word: "BACKTEST",
            tone: Tone::Plain,
            text: span,
        },
        answer: answer(report),
        figures: figures(report),
        sections: filled(parts),
    }
}

/// An instant as the log writes it.
fn instant(report: &BacktestReport, at_ns: u64) -> String {
    match report.clock {
        ClockName::Seconds => SimTime::from_ns(at_ns).to_string(),
        ClockName::Utc => rfc3339(at_ns),
    }
}

/// An instant to the millisecond, cut rather than rounded; without the day if the whole log is of
/// one day.
fn short_instant(report: &BacktestReport, at_ns: u64) -> String {
    const MS: u64 = 1_000_000;
    const DAY: u64 = 86_400_000 * MS;
    let text = instant(report, at_ns / MS * MS);
    if report.clock == ClockName::Seconds || report.from_ns / DAY != report.until_ns / DAY {
        return text;
    }
    let time = text.split_once('T').map_or(&*text, |(_, time)| time);
    time.trim_end_matches('Z').to_owned()
}

fn answer(report: &BacktestReport) -> Vec<Statement> {
    let mut said = Vec::new();
    if report.breakers_total > 0 {
        said.push(openings(report));
    }
    let it = report.effects;
    let changed = it.lost + it.avoided + it.rescued;
    if changed == 0 {
        let text = "No call would have ended otherwise than it did, as far as useful or not.";
        said.push(Statement::new(text, Tone::Plain));
    }
    if report.unanswered_total > 0 {
        let unanswered = format::plural(report.unanswered_total, "call has", "calls have");
        let text = format!("{unanswered} no answer.");
        said.push(Statement::new(&text, Tone::Warn));
    }
    said
}

fn openings(report: &BacktestReport) -> Statement {
    let total: u64 = report.breakers.iter().map(|it| it.openings_total).sum();
    let mut opened = report.transitions.iter();
    let Some(first) = opened.find(|it| it.to == BreakerStateName::Open) else {
        return Statement::new("No breaker would have opened.", Tone::Plain);
    };
    let text = format!(
        "Breakers would have opened {}, first at {} (line {}): {}.",
        format::plural(total, "time", "times"),
        instant(report, first.at_ns),
        first.line,
        figures_of(first)
    );
    Statement::new(&text, Tone::Plain)
}

fn figures(report: &BacktestReport) -> Vec<Figure> {
    let it = report.effects;
    let figure = |name, value, note, tone| Figure {
        name,
        value: format::count(value),
        note,
        tone,
    };
    let of = |part: u64, all: u64, what: &str| {
        let share = match all {
            0 => String::new(),
            all => format!("{} of ", format::share(part as f64 / all as f64)),
        };
        format!("{share}{} that {what}", format::count(all))
    };
    let lost = if it.lost > 0 { Tone::Bad } else { Tone::Plain };
    let mut figures = vec![
        figure(
            "good calls lost",
            it.lost,
            of(it.lost, it.kept + it.lost, "were useful"),
            lost,
        ),
        figure(
            "bad calls avoided",
            it.avoided,
            of(
                it.avoided,
                it.rescued + it.avoided + it.unhelped,
                "were not",
            ),
            Tone::Plain,
        ),
    ];
    if it.rescued > 0 {
        let note = "useful now, and were not".to_owned();
        figures.push(figure("rescued", it.rescued, note, Tone::Good));
    }
    let note = match report.calls_total {
        0 => "of no call".to_owned(),
        calls => {
            let per_call = report.attempts_total as f64 / calls as f64;
            format!("{} per call", format::number(per_call))
        }
    };
    figures.push(figure("attempts", report.attempts_total, note, Tone::Plain));
    if report.spared_ns > 0 {
        figures.push(Figure {
            name: "waiting spared",
            value: format::duration(report.spared_ns),
            note: "recorded latencies of calls that were never sent".to_owned(),
            tone: Tone::Plain,
        });
    }
    figures
}

fn outcomes(report: &BacktestReport) -> Section {
    let mut table = Table::new(&[
        "really ended",
        "#calls",
        "#passed",
        "#further attempt",
        "#rejected",
        "#timed out",
        "#fallback",
    ]);
    let count = |count: u64| match count {
        0 => Cell::from("-"),
        count => format::count(count).into(),
    };
    for row in &report.outcomes {
        table.push(vec![
            Cell::from(&row.recorded),
            count(row.calls),
            count(row.passed),
            count(row.further_attempt),
            count(row.rejected),
            count(row.timed_out),
            count(row.fell_back),
        ]);
    }
    let mut blocks = only(table.without_empty_columns());
    if !blocks.is_empty() {
        let now = format!(
            "under the policy: {}",
            counts(&report.outcomes_under_policy)
        );
        blocks.push(Block::Text(Statement::new(&now, Tone::Plain)));
    }
    Section {
        id: "outcomes",
        title: "What becomes of the calls",
        about: "How calls really ended, and who answers them under the policy.",
        blocks,
    }
}

fn layers(report: &BacktestReport) -> Section {
    let mut table = Table::new(&["layer", "what it did"]);
    for layer in &report.layers {
        let did = if layer.never_acted {
            Cell::toned("never acted", Tone::Quiet)
        } else {
            counts(&layer.acts).into()
        };
        table.push(vec![Cell::from(&layer.layer), did]);
    }
    Section {
        id: "policy",
        title: "Layers, outermost first",
        about: "About a layer that never acted, this log says nothing.",
        blocks: only(table),
    }
}

/// `shop -> payments`, or as much of it as there is.
pub(crate) fn owner(caller: Option<&String>, target: Option<&String>) -> String {
    let known = |name: Option<&String>, all: &str| match name.map(String::as_str) {
        None => all.to_owned(),
        Some(name) => name.to_owned(),
    };
    match (known(caller, "all callers"), known(target, "all targets")) {
        (caller, target) if caller.is_empty() => target,
        (caller, target) if target.is_empty() => caller,
        (caller, target) => format!("{caller} -> {target}"),
    }
}

/// The first rows, and how many more there are.
fn shortened(mut table: Table, shown: usize, total: u64) -> Vec<Block> {
    table.rows.truncate(shown);
    let more = total.saturating_sub(table.rows.len() as u64);
    let mut blocks = only(table.without_empty_columns());
    if more > 0 && !blocks.is_empty() {
        let text = format!("and {} more (--format json)", format::count(more));
        blocks.push(Block::Text(Statement::new(&text, Tone::Quiet)));
    }
    blocks
}

const fn state(state: BreakerStateName) -> &'static str {
    match state {
        BreakerStateName::Closed => "closed",
        BreakerStateName::Open => "open",
        BreakerStateName::HalfOpen => "half-open",
    }
}

fn breakers(report: &BacktestReport) -> Section {
    let mut table = Table::new(&[
        "breaker",
        "of",
        "#opened",
        "#closed for",
        "#open for",
        "#half-open for",
        "at the end",
    ]);
    for it in &report.breakers {
        table.push(vec![
            Cell::from(&it.layer),
            dash(&owner(it.caller.as_ref(), it.target.as_ref())),
            format::count(it.openings_total).into(),
            format::duration(it.closed_ns).into(),
            format::duration(it.open_ns).into(),
            format::duration(it.half_open_ns).into(),
            state(it.state).into(),
        ]);
    }
    Section {
        id: "breakers",
        title: "Breakers",
        about: "Time in each state, from the first call of the log to its last answer.",
        blocks: shortened(table, MOST_ROWS, report.breakers_total),
    }
}

fn dash(text: &str) -> Cell {
    if text.is_empty() { "-" } else { text }.into()
}

fn transitions(report: &BacktestReport) -> Section {
    let mut table = Table::new(&["#at", "#line", "breaker", "of", "becomes", "because"]);
    let layers: std::collections::BTreeSet<&String> =
        report.transitions.iter().map(|it| &it.layer).collect();
    for it in report.transitions.iter().take(MOST_TRANSITIONS) {
        table.push(vec![
            Cell::from(short_instant(report, it.at_ns)),
            it.line.to_string().into(),
            if layers.len() > 1 { &it.layer } else { "-" }.into(),
            dash(&owner(it.caller.as_ref(), it.target.as_ref())),
            state(it.to).into(),
            figures_of(it).into(),
        ]);
    }
    Section {
        id: "transitions",
        title: "Transitions",
        about: "",
        blocks: shortened(table, MOST_TRANSITIONS, report.transitions_total),
    }
}

/// Why a breaker changed its state.
fn figures_of(it: &TransitionReport) -> String {
    let of = if it.from == BreakerStateName::HalfOpen {
        format::plural(it.results.into(), "probe", "probes")
    } else {
        format::plural(it.results.into(), "result", "results")
    };
    match it.why.as_str() {
        "failure_rate" => format!("{} of {of} failed, by the rate", it.failures),
        "failures" => format!("{} of {of} failed, by the count", it.failures),
        "probe_failed" => format!("{} of {of} failed", it.failures),
        "slow_call_rate" => format!("{} of {of} were slow", it.failures),
        "expression" => format!("{} of {of} failed, by the expression", it.failures),
        "consecutive_failures" => {
            let failures = format::plural(it.failures.into(), "failure", "failures");
            format!("{failures} in a row")
        }
        "probes_succeeded" => format!("{of} did well enough"),
        "wait_over" => "cool-down over".to_owned(),
        "probes_too_long" => "the probes took too long".to_owned(),
        "uncounted_probe" => "a probe that does not count".to_owned(),
        other => format!("a {}", other.replace('_', " ")),
    }
}

fn bulkheads(report: &BacktestReport) -> Section {
    let mut table = Table::new(&[
        "bulkhead",
        "of",
        "#inside, mean",
        "#inside, most",
        "#waiting, most",
    ]);
    for it in &report.bulkheads {
        table.push(vec![
            Cell::from(&it.layer),
            dash(&owner(it.caller.as_ref(), it.target.as_ref())),
            format::optional(it.in_use_mean, |mean| format::number(mean.get())).into(),
            it.in_use_max.to_string().into(),
            it.waiting_max.to_string().into(),
        ]);
    }
    Section {
        id: "bulkheads",
        title: "Bulkheads",
        about: "Passes inside, weighted by time, and at most.",
        blocks: shortened(table, MOST_ROWS, report.bulkheads_total),
    }
}

/// Calls by name, if there is more than one.
fn groups(id: &'static str, title: &'static str, groups: &[GroupReport]) -> Section {
    let mut table = Table::new(&["name"]);
    let heads = ["calls", "good lost", "bad avoided", "rescued"];
    table.columns.extend(heads.map(Column::numbers));
    for group in groups {
        let ImpactsReport {
            lost,
            rescued,
            avoided,
            ..
        } = group.effects;
        let mut row = vec![dash(&group.name)];
        let counts = [group.effects.total(), lost, avoided, rescued];
        row.extend(counts.map(|count| Cell::from(format::count(count))));
        table.push(row);
    }
    let blocks = if groups.len() > 1 {
        shortened(table, MOST_ROWS, groups.len() as u64)
    } else {
        Vec::new()
    };
    Section {
        id,
        title,
        about: "Those first of which most calls end otherwise.",
        blocks,
    }
}

/// Failures for which another operation would have been called.
fn unrecorded(report: &BacktestReport) -> u64 {
    let acts = report.layers.iter().flat_map(|layer| &layer.acts);
    acts.filter(|act| act.name == "fallbacks_unrecorded")
        .map(|act| act.total)
        .sum()
}

/// What the figures rest upon.
fn assumptions(report: &BacktestReport) -> Section {
    let mut texts = vec![
        "The callee is as the log saw it: fewer calls would have eased it, and more would have \
         loaded it, which no log can show. For that there is `squall run`."
            .to_owned(),
    ];
    if report.supposed_total > 0 {
        let answer = match report.unrecorded.as_str() {
            "neighbour" => "that of the last call to the same target",
            _ => "the call's own last answer again",
        };
        texts.push(format!(
            "{} of {} attempts are not in the log; their answer was supposed to be {answer} \
             (--unrecorded).",
            format::count(report.supposed_total),
            format::count(report.attempts_total)
        ));
    }
    let unrecorded = unrecorded(report);
    if unrecorded > 0 {
        let failures = format::plural(unrecorded, "failure", "failures");
        texts.push(format!(
            "For {failures} a fallback would have called another operation. The log has no answers \
             of it, so the failures went out as they were."
        ));
    }
    let statements = texts.iter();
    Section {
        id: "assumptions",
        title: "What this rests upon",
        about: "",
        blocks: statements
            .map(|text| Block::Text(Statement::new(text, Tone::Plain)))
            .collect(),
    }
}

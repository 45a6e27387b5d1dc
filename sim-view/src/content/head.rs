//! The top of the page: the verdict, the answer, and the figures to look at first.

use super::page::{Figure, Headline, Statement};
use crate::format;
use crate::table::Tone;
use sim_core::report::{
    BoundReport, ClientReport, DrainReport, EdgeReport, ExpectationReport, LatencyReport,
    RecoveryReport, RecoveryVerdict, Report, Status, Unit, Verdict,
};

/// The verdict.
pub(super) fn headline(report: &Report) -> Headline {
    let (word, tone) = verdict_word(report.verdict);
    Headline {
        word,
        tone,
        text: reason(report),
    }
}

/// A verdict in capitals, and how it is meant.
pub(super) const fn verdict_word(verdict: Verdict) -> (&'static str, Tone) {
    match verdict {
        Verdict::Pass => ("PASS", Tone::Good),
        Verdict::Inconclusive => ("INCONCLUSIVE", Tone::Warn),
        Verdict::Fail => ("FAIL", Tone::Bad),
    }
}

fn reason(report: &Report) -> String {
    let all = report.expectations.len() as u64;
    let of = |verdict: Verdict| {
        report
            .expectations
            .iter()
            .filter(|one| one.verdict == verdict)
            .count() as u64
    };
    let (failed, open) = (of(Verdict::Fail), of(Verdict::Inconclusive));
    match (all, failed, open) {
        (_, 0, 0) if report.verdict == Verdict::Inconclusive => {
            "the run was stopped before its end".to_owned()
        }
        (0, _, _) => "the scenario states no expectations".to_owned(),
        (1, 0, 0) => "the expectation is met".to_owned(),
        (_, 0, 0) => format!("all {all} expectations are met"),
        (_, 0, _) => format!("{open} of {} cannot be judged", expectations(all)),
        (_, _, 0) => format!("{failed} of {} failed", expectations(all)),
        _ => format!(
            "{failed} of {} failed, {open} cannot be judged",
            expectations(all)
        ),
    }
}

fn expectations(all: u64) -> String {
    format::plural(all, "expectation", "expectations")
}

/// What the run says to the question.
pub(super) fn answer(report: &Report) -> Vec<Statement> {
    let mut answer: Vec<Statement> = status(report).into_iter().collect();
    answer.extend(report.drain.as_ref().and_then(not_drained));
    let failed = report
        .expectations
        .iter()
        .filter(|one| one.verdict == Verdict::Fail);
    answer.extend(failed.map(failure));
    let together = report.recovery.iter().filter(|one| one.of == "all clients");
    answer.extend(together.map(recovered));
    answer
}

/// What a fault did while it lasted, and what became of it.
fn recovered(one: &RecoveryReport) -> Statement {
    let during = one.share_while_it_lasted.map_or_else(String::new, |share| {
        format!(
            "{} of calls were useful while it lasted; ",
            format::share(share.get())
        )
    });
    Statement::new(
        &format!("{}: {during}{}.", one.fault, one.text),
        recovery_tone(one.verdict),
    )
}

fn status(report: &Report) -> Option<Statement> {
    let text = match &report.status {
        Status::Finished => return None,
        Status::Limit(name) => {
            format!("The run was stopped at the limit `{name}`: what comes later is not simulated.")
        }
        Status::Interrupted => {
            "The run was interrupted: what comes later is not simulated.".to_owned()
        }
    };
    Some(Statement::new(&text, Tone::Warn))
}

/// Calls that the drain was too short for.
fn not_drained(drain: &DrainReport) -> Option<Statement> {
    let text = format!(
        "{} still under way {} after the last arrival: the latencies leave them out.",
        match drain.unfinished_total {
            0 => return None,
            1 => "1 call was".to_owned(),
            more => format!("{} calls were", format::count(more)),
        },
        format::duration(drain.took_ns)
    );
    Some(Statement::new(&text, Tone::Warn))
}

fn failure(one: &ExpectationReport) -> Statement {
    let value = one.value.map_or_else(String::new, |value| {
        format!(": it is {}", format::value(value, one.unit))
    });
    Statement::new(
        &format!(
            "{} fails{value}, not {}.",
            one.name,
            bound(&one.bound, one.unit)
        ),
        Tone::Bad,
    )
}

/// The fine values, in words.
pub(super) fn bound(bound: &BoundReport, unit: Unit) -> String {
    let show = |value| format::value(value, unit);
    match (bound.at_least, bound.at_most) {
        (Some(only), None) | (None, Some(only)) if unit == Unit::YesNo => show(only),
        (Some(low), Some(high)) if low == high => show(low),
        // A span from nothing on has one end that says something.
        (Some(low), Some(high)) if unit == Unit::Ns && low.get() <= 0.0 => {
            format!("at most {}", show(high))
        }
        (Some(low), Some(high)) => format!("{} to {}", show(low), show(high)),
        (Some(low), None) => format!("at least {}", show(low)),
        (None, Some(high)) => format!("at most {}", show(high)),
        (None, None) => "anything".to_owned(),
    }
}

/// How a verdict on a recovery is meant.
pub(super) const fn recovery_tone(verdict: RecoveryVerdict) -> Tone {
    match verdict {
        RecoveryVerdict::Recovered => Tone::Good,
        RecoveryVerdict::Relapsed | RecoveryVerdict::NotRecovered => Tone::Bad,
        RecoveryVerdict::SaturatedBefore
        | RecoveryVerdict::NoBaseline
        | RecoveryVerdict::TooShortToJudge
        | RecoveryVerdict::NeverEnded => Tone::Warn,
    }
}

/// The few figures to look at first.
pub(super) fn figures(report: &Report) -> Vec<Figure> {
    let mut figures = Vec::new();
    if !report.clients.is_empty() {
        figures.push(success(report));
        figures.push(goodput(report));
    }
    figures.extend(slowest(report).map(p99));
    figures.extend(most_amplified(report).map(amplification));
    figures.extend(worst_recovery(report).map(recovery));
    figures
}

fn total(report: &Report, count: impl Fn(&ClientReport) -> u64) -> u64 {
    report.clients.iter().map(count).sum()
}

fn success(report: &Report) -> Figure {
    let ended = total(report, |client| client.calls.ended_total);
    let useful = total(report, |client| client.calls.useful_total);
    let share = useful as f64 / ended.max(1) as f64;
    let tone = match share {
        _ if ended == 0 => Tone::Plain,
        0.99.. => Tone::Good,
        0.9.. => Tone::Warn,
        _ => Tone::Bad,
    };
    Figure {
        name: "useful calls",
        value: if ended == 0 {
            format::NOTHING.to_owned()
        } else {
            format::share(share)
        },
        note: format!("{} of {}", format::count(useful), format::count(ended)),
        tone,
    }
}

fn goodput(report: &Report) -> Figure {
    let sum = |rate: fn(&ClientReport) -> f64| report.clients.iter().map(rate).sum::<f64>();
    Figure {
        name: "goodput",
        value: format::rate(sum(|client| client.calls.goodput_per_second.get())),
        note: format!(
            "of {} offered",
            format::rate(sum(|client| client.calls.offered_per_second.get()))
        ),
        tone: Tone::Plain,
    }
}

/// The client whose good answers take longest, and its 99th percentile.
fn slowest(report: &Report) -> Option<(&ClientReport, LatencyReport)> {
    let good = |client: &ClientReport| {
        client
            .calls
            .outcomes
            .iter()
            .find(|one| one.outcome == "ok")
            .map(|one| one.latency)
    };
    let known = report
        .clients
        .iter()
        .filter_map(|client| Some((client, good(client)?)));
    known.max_by_key(|(_, latency)| latency.p99_ns)
}

fn p99((client, latency): (&ClientReport, LatencyReport)) -> Figure {
    let few = if latency.rests_on_few(99.0) {
        format!(
            ", of {} only",
            format::plural(latency.count, "call", "calls")
        )
    } else {
        String::new()
    };
    Figure {
        name: "p99 of good answers",
        value: format::duration(latency.p99_ns),
        note: format!("{}{few}", super::page::safe(&client.name)),
        tone: Tone::Plain,
    }
}

fn most_amplified(report: &Report) -> Option<(&EdgeReport, f64)> {
    let known = report
        .edges
        .iter()
        .filter_map(|edge| Some((edge, edge.attempts.amplification?.get())));
    known.max_by(|one, other| one.1.total_cmp(&other.1))
}

fn amplification((edge, value): (&EdgeReport, f64)) -> Figure {
    let tone = match value {
        2.0.. => Tone::Bad,
        1.2.. => Tone::Warn,
        _ => Tone::Plain,
    };
    Figure {
        name: "highest amplification",
        value: format::factor(value),
        note: if value > 1.0 {
            super::page::safe(&edge.name)
        } else {
            "no retries".to_owned()
        },
        tone,
    }
}

/// The recovery that took longest, or did not happen.
fn worst_recovery(report: &Report) -> Option<&RecoveryReport> {
    let together = report.recovery.iter().filter(|one| one.of == "all clients");
    together.max_by_key(|one| (badness(one.verdict), one.recovery_time_ns))
}

const fn badness(verdict: RecoveryVerdict) -> u32 {
    match verdict {
        RecoveryVerdict::NotRecovered => 3,
        RecoveryVerdict::Relapsed => 2,
        RecoveryVerdict::Recovered => 1,
        RecoveryVerdict::SaturatedBefore
        | RecoveryVerdict::NoBaseline
        | RecoveryVerdict::TooShortToJudge
        | RecoveryVerdict::NeverEnded => 0,
    }
}

fn recovery(one: &RecoveryReport) -> Figure {
    let value = match (one.verdict, one.recovery_time_ns) {
        (RecoveryVerdict::Recovered, Some(0)) => "at once".to_owned(),
        (RecoveryVerdict::Recovered, Some(ns)) => format::duration(ns),
        (verdict, _) => recovery_words(verdict).to_owned(),
    };
    Figure {
        name: "time to recover",
        value,
        note: format!("after {}", super::page::safe(&one.fault)),
        tone: recovery_tone(one.verdict),
    }
}

/// The verdict on a recovery, in words.
pub(super) const fn recovery_words(verdict: RecoveryVerdict) -> &'static str {
    match verdict {
        RecoveryVerdict::Recovered => "recovered",
        RecoveryVerdict::Relapsed => "relapsed",
        RecoveryVerdict::NotRecovered => "not recovered",
        RecoveryVerdict::SaturatedBefore => "saturated before",
        RecoveryVerdict::NoBaseline => "no baseline",
        RecoveryVerdict::TooShortToJudge => "too short",
        RecoveryVerdict::NeverEnded => "never ended",
    }
}

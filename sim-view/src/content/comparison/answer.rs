//! What the comparison says, as sentences: what the two are, whether they met the same calls, and what
//! to beware of.

use super::difference::{event_reading, lost_success, side};
use crate::content::page::Statement;
use crate::format;
use crate::table::Tone;
use sim_core::report::{ArrivalsReport, ComparisonReport, SideReport};

/// All of it.
pub(super) fn answer(report: &ComparisonReport) -> Vec<Statement> {
    let mut answer = vec![who(report)];
    answer.push(if report.nothing_in_common {
        nothing_in_common()
    } else {
        traffic(report)
    });
    answer.extend([&report.a, &report.b].into_iter().filter_map(shortcoming));
    let sure = report.events.iter().filter(|one| one.significant);
    answer.extend(sure.map(|one| {
        let text = format!(
            "{}: A in {} of {} runs, B in {}.",
            one.name, one.in_a, one.pairs, one.in_b
        );
        Statement::new(&text, event_reading(one).tone())
    }));
    answer.extend(survivors(report));
    answer.extend(undecided(report));
    answer
}

/// What the two are.
fn who(report: &ComparisonReport) -> Statement {
    let (a, b) = (&report.a, &report.b);
    let is_one_title = a.scenario.title == b.scenario.title;
    let told = |side: &SideReport| {
        let file = side.command.split(' ').nth(2).unwrap_or_default();
        let title = if is_one_title || side.scenario.title.is_empty() {
            String::new()
        } else {
            format!(", “{}”", side.scenario.title)
        };
        format!("{} ({file}{title})", side.scenario.name)
    };
    let changes: Vec<String> = (b.scenario.overrides.iter())
        .map(|one| format!("{}={}", one.path, one.value))
        .collect();
    let changes = changes.join(" ");
    let is_one_file = b.label == changes && !changes.is_empty();
    let text = match (is_one_file, changes.is_empty()) {
        (true, _) => format!("A is {} as it is; B is the same with {changes}.", told(a)),
        (false, true) => format!("A is {}; B is {}.", told(a), told(b)),
        (false, false) => format!("A is {}; B is {} with {changes}.", told(a), told(b)),
    };
    Statement::new(&text, Tone::Plain)
}

/// What to do about designs of which no figure can be compared.
fn nothing_in_common() -> Statement {
    let text = "Figures are those of clients and services, and are compared where the names agree: \
                give a client or a service the same name in both.";
    Statement::new(text, Tone::Warn)
}

/// Whether both meet the same calls.
fn traffic(report: &ComparisonReport) -> Statement {
    if report.same_traffic {
        let text = format!("Both meet the same calls in all {} pairs.", report.pairs);
        return Statement::new(&text, Tone::Good);
    }
    let differ = |one: &&ArrivalsReport| one.same < one.pairs || one.pairs == 0;
    let how = |one: &ArrivalsReport| match one.pairs {
        0 => format!("only one of them has {}", one.client),
        pairs => format!(
            "arrivals of {} differ in {} of {pairs} pairs",
            one.client,
            pairs - one.same
        ),
    };
    let clients: Vec<String> = report.arrivals.iter().filter(differ).map(how).collect();
    let text = format!(
        "They do not meet the same traffic: {}. Part of every difference is that.",
        clients.join("; ")
    );
    Statement::new(&text, Tone::Warn)
}

/// Runs that are missing on one side.
fn shortcoming(side: &SideReport) -> Option<Statement> {
    let runs = &side.runs;
    let lost = runs.missing + runs.stopped_at_limit + runs.broken.len() as u32;
    let text = format!(
        "{}: of {} runs, {} were not played, {} stopped at a limit and {} broke.",
        side.label,
        runs.asked,
        runs.missing,
        runs.stopped_at_limit,
        runs.broken.len()
    );
    (lost > 0).then(|| Statement::new(&text, Tone::Warn))
}

/// Where latency looks better because calls are missing from it.
fn survivors(report: &ComparisonReport) -> Vec<Statement> {
    let mut told: Vec<&str> = Vec::new();
    let mut all = Vec::new();
    for one in &report.figures {
        let Some(success) = lost_success(report, &one.name) else {
            continue;
        };
        if one.change.get() >= 0.0 || told.contains(&success.name.as_str()) {
            continue;
        }
        told.push(&success.name);
        let text = format!(
            "{} looks better in B because fewer calls are useful ({} → {}): it is that of useful calls, \
             and those that failed are not in it.",
            one.name,
            side(success, true),
            side(success, false)
        );
        all.push(Statement::new(&text, Tone::Warn));
    }
    all
}

/// What more pairs would decide.
fn undecided(report: &ComparisonReport) -> Option<Statement> {
    let open: Vec<String> = (report.events.iter())
        .filter_map(|one| {
            let pairs = one.pairs_to_decide?;
            let pairs = format::plural(u64::from(pairs), "pair", "pairs");
            Some(format!(
                "{} (A in {} of {}, B in {}): {pairs} decide it",
                one.name, one.in_a, one.pairs, one.in_b
            ))
        })
        .collect();
    let text = format!(
        "Not decided: {}, if they go on as they began; say so with --replications.",
        open.join("; ")
    );
    (!open.is_empty()).then(|| Statement::new(&text, Tone::Warn))
}

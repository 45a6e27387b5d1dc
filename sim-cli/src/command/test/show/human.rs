//! Results for a person at a terminal: a line for each scenario, and under it what is wrong.

use super::super::check::{Against, Checked, Difference, Outcome};
use super::super::results::{Results, store_name};
use super::fields;
use crate::command::divergence::Divergence;
use crate::console::{WIDTH, wrapped};
use crate::exit::{Exit, shown};
use crate::view::quoted;
use sim_core::scenario::diagnostic::display_safe;
use std::fmt::Write;

/// Most fields and facts that are shown of one scenario.
const MOST_FIELDS: usize = 20;
const MOST_FACTS: usize = 10;
/// Columns before what is said about a scenario.
const INDENT: usize = 8;

/// All scenarios, then how many passed.
pub(super) fn text(results: &Results) -> String {
    let mut text: String = results.checked.iter().map(one).collect();
    for orphan in &results.orphans {
        let _ = writeln!(text, "fail    {}", shown(orphan));
        text.push_str(&wrapped("it belongs to no scenario; delete it", INDENT));
    }
    for other in &results.others {
        let _ = writeln!(text, "no      {}", shown(&other.file));
        text.push_str(&wrapped(&format!("not a scenario: {}", other.why), INDENT));
    }
    text.push_str(&totals(results));
    text
}

fn totals(results: &Results) -> String {
    let ended = |exit: Exit| {
        results
            .checked
            .iter()
            .filter(|one| one.exit() == exit)
            .count()
    };
    let mut parts = vec![format!("{} passed", ended(Exit::Ok))];
    for (exit, word) in [
        (Exit::Failed, "failed"),
        (Exit::Inconclusive, "cannot say"),
        (Exit::BadInput, "cannot be run"),
    ] {
        if ended(exit) > 0 {
            parts.push(format!("{} {word}", ended(exit)));
        }
    }
    if !results.orphans.is_empty() {
        parts.push(format!(
            "{} stored without a scenario",
            results.orphans.len()
        ));
    }
    let others = results.others.len();
    if others > 0 {
        parts.push(format!("{others} of the files are no scenario"));
    }
    let scenarios = results.checked.len();
    let s = if scenarios == 1 { "" } else { "s" };
    format!("{scenarios} scenario{s}: {}\n", parts.join(", "))
}

/// One scenario.
pub(in crate::command::test) fn one(checked: &Checked) -> String {
    let mut text = format!("{:6}  {}\n", checked.word(), display_safe(&checked.name()));
    match &checked.result {
        Outcome::Refused(refused) => text.push_str(&refused.words),
        Outcome::Played(played) => {
            text.push_str(&wrapped(&summary(checked, &played.against), INDENT));
        }
    }
    for (_, expectation) in checked.unmet() {
        let line = format!(
            "{} {}: {}",
            expectation.verdict.name(),
            expectation.name,
            fields::expectation(expectation)
        );
        text.push_str(&wrapped(&line, INDENT));
        for cause in &expectation.causes {
            text.push_str(&wrapped(&display_safe(cause), INDENT + 4));
        }
    }
    if let Some(Against::Differs(difference)) = checked.against() {
        differences(&mut text, difference);
        let accept = format!(
            "If this is meant, accept it: squall test {} --update",
            display_safe(&quoted(&checked.name()))
        );
        text.push_str(&wrapped(&accept, INDENT));
    }
    text
}

fn summary(checked: &Checked, against: &Against) -> String {
    let Outcome::Played(played) = &checked.result else {
        return String::new();
    };
    let all = played.report.expectations.len();
    let met = all - checked.unmet().len();
    let expectations = match all {
        0 => "no expectations".to_owned(),
        _ => format!("{met} of {all} expectations met"),
    };
    let store = match against {
        Against::NotStored => "no reports are stored here".to_owned(),
        Against::Same => "report as stored".to_owned(),
        Against::SameSummary => "report as stored within the tolerance; digest differs".to_owned(),
        Against::SameRun => {
            "the run is as stored (same digest); words differ, such as a title".to_owned()
        }
        Against::Written => format!("report stored in {}", store_name(&checked.found)),
        Against::Missing | Against::Differs(_) | Against::Unreadable(_) => {
            against.complaint().unwrap_or_default()
        }
    };
    format!("{expectations}; {store}")
}

fn differences(text: &mut String, difference: &Difference) {
    if let Some(note) = &difference.note {
        text.push_str(&wrapped(note, INDENT));
    }
    for change in difference.changes.iter().take(MOST_FIELDS) {
        text.push_str(&wrapped(&fields::path(change), INDENT));
        text.push_str(&wrapped(&fields::change(change), INDENT + 4));
    }
    more(text, difference.changes.len(), MOST_FIELDS, "fields");
    if let Some(divergence) = &difference.divergence {
        facts(text, divergence);
    }
}

fn facts(text: &mut String, divergence: &Divergence) {
    for line in divergence.text().lines() {
        text.push_str(&wrapped(line, INDENT));
    }
    text.push_str(&wrapped("In the new run these are:", INDENT));
    for (number, line) in divergence.facts.iter().take(MOST_FACTS) {
        let line = format!("{:INDENT$}{number}: {}", "", display_safe(line));
        let cut: String = line.chars().take(WIDTH - 1).collect();
        let end = if cut.len() < line.len() { "…" } else { "" };
        let _ = writeln!(text, "{cut}{end}");
    }
    let all = divergence.facts.len() + divergence.more as usize;
    more(text, all, MOST_FACTS, "facts");
}

fn more(text: &mut String, all: usize, shown: usize, what: &str) {
    if all > shown {
        let line = format!("and {} more {what}; --format json shows more", all - shown);
        text.push_str(&wrapped(&line, INDENT));
    }
}

//! Results for the summary of a job: a table of scenarios, then what is wrong with each.

use super::super::check::{Against, Checked, Outcome};
use super::super::results::Results;
use super::fields;
use crate::exit::Exit;
use sim_view::escaped;
use sim_view::format::plural;
use std::fmt::Write;

/// Most fields that are shown of one scenario.
const MOST_FIELDS: usize = 50;

/// The page.
pub(super) fn text(results: &Results) -> String {
    let passed = results
        .checked
        .iter()
        .filter(|one| one.exit() == Exit::Ok)
        .count();
    let mut text = format!(
        "# squall: {passed} of {} scenarios pass\n\n| scenario | result | expectations met | \
         stored report |\n| --- | --- | --: | --- |\n",
        results.checked.len()
    );
    for one in &results.checked {
        row(&mut text, one);
    }
    for orphan in &results.orphans {
        let name = escaped(&orphan.to_string_lossy());
        let _ = writeln!(text, "| {name} | **fail** | - | belongs to no scenario |");
    }
    for other in &results.others {
        let name = escaped(&other.file.to_string_lossy());
        let _ = writeln!(
            text,
            "| {name} | no scenario | - | {} |",
            escaped(other.why)
        );
    }
    for one in results.checked.iter().filter(|one| one.exit() != Exit::Ok) {
        details(&mut text, one);
    }
    text
}

fn row(text: &mut String, one: &Checked) {
    let (met, store) = match &one.result {
        Outcome::Refused(_) => ("-".to_owned(), "-"),
        Outcome::Played(played) => {
            let all = played.report.expectations.len();
            (
                format!("{} of {all}", all - one.unmet().len()),
                played.against.word(),
            )
        }
    };
    let result = if one.exit() == Exit::Ok {
        one.word().to_owned()
    } else {
        format!("**{}**", one.word())
    };
    let name = escaped(&one.name());
    let _ = writeln!(
        text,
        "| {name} | {result} | {met} | {} |",
        store.replace('_', " ")
    );
}

fn details(text: &mut String, one: &Checked) {
    let _ = writeln!(text, "\n## {}\n", escaped(&one.name()));
    if let Outcome::Refused(refused) = &one.result {
        let _ = writeln!(text, "line {}: {}", refused.line, escaped(&refused.first));
    }
    for (_, expectation) in one.unmet() {
        let _ = writeln!(
            text,
            "- **{}** {}: {}",
            expectation.verdict.name(),
            escaped(&expectation.name),
            escaped(&fields::expectation(expectation))
        );
        for cause in &expectation.causes {
            let _ = writeln!(text, "  - {}", escaped(cause));
        }
    }
    if let Some(complaint) = one.against().and_then(Against::complaint) {
        let _ = writeln!(text, "- {}", escaped(&complaint));
    }
    if let Some(Against::Differs(difference)) = one.against() {
        text.push_str("\n| field | change |\n| --- | --- |\n");
        for change in difference.changes.iter().take(MOST_FIELDS) {
            let (path, sizes) = (fields::path(change), fields::change(change));
            let _ = writeln!(text, "| {} | {} |", escaped(&path), escaped(&sizes));
        }
        let more = difference.changes.len().saturating_sub(MOST_FIELDS);
        if more > 0 {
            let more = plural(more as u64, "more field", "more fields");
            let _ = writeln!(text, "\nand {more}");
        }
        if let Some(divergence) = &difference.divergence {
            let _ = writeln!(text, "\n{}", escaped(&divergence.text().replace('\n', " ")));
        }
    }
}

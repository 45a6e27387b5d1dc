//! Results as workflow commands of GitHub Actions, which become annotations at the lines of the
//! scenarios, and a last line for the log.

use super::super::check::{Against, Checked, Outcome};
use super::super::results::Results;
use super::fields;
use super::human;
use sim_core::report::Verdict;
use sim_core::scenario::diagnostic::display_safe;
use std::fmt::Write;

/// An annotation.
struct Note<'a> {
    level: &'static str,
    file: &'a str,
    line: u32,
    title: String,
    message: String,
}

/// A command for each thing that is wrong.
pub(super) fn text(results: &Results) -> String {
    let mut text: String = results.checked.iter().map(one).collect();
    for orphan in &results.orphans {
        text.push_str(&command(&Note {
            level: "error",
            file: &orphan.to_string_lossy(),
            line: 1,
            title: "stored report without a scenario".to_owned(),
            message: "it belongs to no scenario; delete it".to_owned(),
        }));
    }
    for other in &results.others {
        text.push_str(&command(&Note {
            level: "notice",
            file: &other.file.to_string_lossy(),
            line: 1,
            title: "not a scenario".to_owned(),
            message: format!("it is not tested: {}", other.why),
        }));
    }
    let human = human::text(results);
    text.push_str(human.lines().last().unwrap_or_default());
    text.push('\n');
    text
}

fn one(checked: &Checked) -> String {
    let file = checked.name();
    let mut text = String::new();
    if let Outcome::Refused(refused) = &checked.result {
        text.push_str(&command(&Note {
            level: "error",
            file: &file,
            line: refused.line,
            title: "not a scenario".to_owned(),
            message: refused.first.clone(),
        }));
    }
    for (line, expectation) in checked.unmet() {
        let mut message = fields::expectation(expectation);
        for cause in &expectation.causes {
            let _ = write!(message, "\n- {}", display_safe(cause));
        }
        text.push_str(&command(&Note {
            level: if expectation.verdict == Verdict::Fail {
                "error"
            } else {
                "warning"
            },
            file: &file,
            line,
            title: format!("{} {}", expectation.name, expectation.verdict.name()),
            message,
        }));
    }
    if let Some(complaint) = checked.against().and_then(Against::complaint) {
        text.push_str(&command(&Note {
            level: "error",
            file: &file,
            line: 1,
            title: "stored report".to_owned(),
            message: complaint + &changes(checked),
        }));
    }
    text
}

/// The first few fields that differ.
fn changes(checked: &Checked) -> String {
    let Some(Against::Differs(difference)) = checked.against() else {
        return String::new();
    };
    let mut text = String::new();
    for change in difference.changes.iter().take(5) {
        let (path, sides) = (fields::path(change), fields::change(change));
        let _ = write!(text, "\n{path}: {sides}");
    }
    text
}

fn command(note: &Note<'_>) -> String {
    format!(
        "::{} file={},line={},title={}::{}\n",
        note.level,
        property(note.file),
        note.line,
        property(&note.title),
        data(&note.message)
    )
}

/// Text after the second pair of colons.
fn data(text: &str) -> String {
    let text = text
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A");
    display_safe(&text)
}

/// Text of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_one_line() {
        let note = Note {
            level: "error",
            file: "a,b.yaml",
            line: 3,
            title: "x: 50%".to_owned(),
            message: "one\ntwo".to_owned(),
        };
        assert_eq!(
            command(&note),
            "::error file=a%2Cb.yaml,line=3,title=x%3A 50%25::one%0Atwo\n"
        );
    }
}

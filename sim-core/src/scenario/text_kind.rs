//! Whether a text is meant as a scenario, told without reading it as one.
//!
//! A folder of scenarios may hold other YAML. A scenario in which the key `scenario` is misspelt, or
//! which is no YAML at all, must not be taken for such a file: it would be skipped in silence. So
//! only the words in front of the outermost lines are looked at, which a broken text has too.

use super::diagnostic::{Origin, is_slip_of};
use super::policies::holds_only_policies;
use super::tree;

/// Sections of a scenario. Other files have one of them now and then (`services` in a file of
/// Docker Compose), hardly two.
const SECTIONS: [&str; 6] = ["clients", "services", "policies", "faults", "expect", "run"];

/// What a text is meant as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// A scenario, perhaps with mistakes.
    Scenario,
    /// Policies and nothing that runs.
    Policies,
    /// Something else.
    Other,
}

/// What a text is meant as.
pub fn text_kind(text: &str) -> TextKind {
    let words = outermost_words(text);
    let sections = SECTIONS.iter().filter(|section| words.contains(section));
    if words.iter().any(|word| is_slip_of(word, "scenario")) {
        TextKind::Scenario
    } else if holds_only_policies(text) {
        TextKind::Policies
    } else if sections.count() >= 2 || has_scenario_key(text) {
        TextKind::Scenario
    } else {
        TextKind::Other
    }
}

/// The words that begin the lines with the least indentation.
fn outermost_words(text: &str) -> Vec<&str> {
    let text = text.trim_start_matches('\u{feff}');
    let lines = text.lines().filter(|line| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with(['#', '%']) && !line.starts_with("---")
    });
    let indent = |line: &str| line.len() - line.trim_start().len();
    let least = lines.clone().map(indent).min().unwrap_or(0);
    lines
        .filter(|line| indent(line) == least)
        .filter_map(first_word)
        .collect()
}

/// `scenario` of `scenario: x`, `"scenario" : x`, `{ scenario: x`, and also of `scenario x`.
fn first_word(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(|c: char| c.is_whitespace() || "{?\"'".contains(c));
    let end = line.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
    Some(&line[..end.unwrap_or(line.len())]).filter(|word| !word.is_empty())
}

/// Whether it is YAML in another style that has the key.
fn has_scenario_key(text: &str) -> bool {
    tree::parse(text, Origin::File).is_ok_and(|tree| tree.get("scenario").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_with_a_slip_is_told_from_other_files() {
        for (text, kind) in [
            ("scenario: shop\n", TextKind::Scenario),
            ("# a shop\n\nscenario : shop\n", TextKind::Scenario),
            ("\u{feff}---\n\"scenario\": shop\n", TextKind::Scenario),
            ("  scenario: shop\n  run: {}\n", TextKind::Scenario),
            ("{ run: {},\n  scenario: shop }", TextKind::Scenario),
            ("scenrio: shop\n", TextKind::Scenario),
            ("Scenarios: shop\r\n", TextKind::Scenario),
            ("scenario shop\nclients: [", TextKind::Scenario),
            (
                "name: shop\nclients: {}\nservices: {}\n",
                TextKind::Scenario,
            ),
            ("name: shop\nclients: {\nservices: {}\n", TextKind::Scenario),
            ("policies: { p: [] }\n", TextKind::Policies),
            (
                "services: { web: { image: x } }\nvolumes: {}\n",
                TextKind::Other,
            ),
            ("name: CI\non: push\njobs: {}\n", TextKind::Other),
            ("scene: 1\n", TextKind::Other),
            ("kind: Job\nspec:\n  scenario: x\n", TextKind::Other),
            ("", TextKind::Other),
            ("- a\n- b\n", TextKind::Other),
        ] {
            assert_eq!(text_kind(text), kind, "{text}");
        }
    }
}

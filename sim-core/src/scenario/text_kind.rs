//! Whether a text is meant as a scenario, told without reading it as one.
//!
//! A folder of scenarios may hold other YAML. A scenario in which the key `scenario` is misspelt, or
//! which is no YAML at all, must not be taken for such a file: it would be skipped in silence. So
//! only the words in front of the outermost lines are looked at, which a broken text has too.

use super::diagnostic::is_slip_of;
use super::tree;
use super::{Origin, holds_only_policies};

/// Sections of a scenario. Other files have one of them now and then (`services` in a file of
/// Docker Compose), hardly two.
const SECTIONS: [&str; 6] = ["clients", "services", "policies", "faults", "expect", "run"];

/// What a text is meant as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// A scenario, perhaps with mistakes.
    Scenario,
    /// Policies and nothing that runs.
    Policies,
    /// Something else.
    Other,
}

/// What a text is meant as.
pub fn looks_of(text: &str) -> Looks {
    let words = outermost_words(text);
    let sections = SECTIONS.iter().filter(|section| words.contains(section));
    if words.iter().any(|word| is_slip_of(word, "scenario")) {
        Looks::Scenario
    } else if holds_only_policies(text) {
        Looks::Policies
    } else if sections.count() >= 2 || has_scenario_key(text) {
        Looks::Scenario
    } else {
        Looks::Other
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
        for (text, looks) in [
            ("scenario: shop\n", Looks::Scenario),
            ("# a shop\n\nscenario : shop\n", Looks::Scenario),
            ("\u{feff}---\n\"scenario\": shop\n", Looks::Scenario),
            ("  scenario: shop\n  run: {}\n", Looks::Scenario),
            ("{ run: {},\n  scenario: shop }", Looks::Scenario),
            ("scenrio: shop\n", Looks::Scenario),
            ("Scenarios: shop\r\n", Looks::Scenario),
            ("scenario shop\nclients: [", Looks::Scenario),
            ("name: shop\nclients: {}\nservices: {}\n", Looks::Scenario),
            ("name: shop\nclients: {\nservices: {}\n", Looks::Scenario),
            ("policies: { p: [] }\n", Looks::Policies),
            (
                "services: { web: { image: x } }\nvolumes: {}\n",
                Looks::Other,
            ),
            ("name: CI\non: push\njobs: {}\n", Looks::Other),
            ("scene: 1\n", Looks::Other),
            ("kind: Job\nspec:\n  scenario: x\n", Looks::Other),
            ("", Looks::Other),
            ("- a\n- b\n", Looks::Other),
        ] {
            assert_eq!(looks_of(text), looks, "{text}");
        }
    }
}

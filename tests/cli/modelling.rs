//! The page about modelling: its scenarios are legal without a warning and do what they expect, and
//! its tables are those with which logs are read.

use super::binary::Scratch;
use crate::support::root;
use sim_core::policy::OutcomeSet;
use sim_core::policy::said::{STATUSES, Vocabulary, WORDS};
use std::fmt::Write;
use std::fs;

/// Where the tables begin.
const STATUSES_HEAD: &str = "### Statuses of HTTP";

fn page() -> String {
    fs::read_to_string(root().join("docs/modelling.md")).unwrap()
}

fn heading(of: Vocabulary) -> &'static str {
    match of {
        Vocabulary::Grpc => "Codes of gRPC",
        Vocabulary::Plain => "Words of logs",
        Vocabulary::Library => "Errors of clients and libraries",
        Vocabulary::Envoy => "Envoy's and Istio's `retry_on`",
        Vocabulary::Haproxy => "HAProxy's `retry-on`",
    }
}

/// Names of outcomes, as a cell.
fn named(outcomes: OutcomeSet) -> String {
    let names = outcomes.brief().into_iter();
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        "–".to_owned()
    } else {
        names.join(", ")
    }
}

fn tables() -> String {
    let mut text = format!("{STATUSES_HEAD}\n\n| status | outcome | because |\n|---|---|---|\n");
    for row in STATUSES {
        let statuses = if row.first == row.last {
            row.first.to_string()
        } else {
            format!("{} to {}", row.first, row.last)
        };
        writeln!(text, "| {statuses} | `{}` | {} |", row.outcome, row.note).unwrap();
    }
    text.push_str("\nThe first row that has a status holds.\n");
    for of in Vocabulary::ALL {
        let head = heading(of);
        write!(
            text,
            "\n### {head}\n\n| word | outcomes | mind |\n|---|---|---|\n"
        )
        .unwrap();
        for row in WORDS.iter().filter(|row| row.of == of) {
            let words: Vec<String> = row.words.iter().map(|word| format!("`{word}`")).collect();
            let outcomes = named(row.outcomes);
            writeln!(text, "| {} | {outcomes} | {} |", words.join(", "), row.note).unwrap();
        }
    }
    text
}

#[test]
fn the_map_of_statuses_is_the_table() {
    let stored = page();
    let before = stored.split(STATUSES_HEAD).next().unwrap();
    let expected = format!("{before}{}", tables());
    if stored != expected {
        fs::write(root().join("target/modelling.md"), expected).unwrap();
        panic!("docs/modelling.md is out of date: copy target/modelling.md over it");
    }
}

#[test]
fn the_scenarios_of_the_page_do_what_they_expect() {
    let page = page();
    let blocks = page.split("```yaml\n").skip(1);
    let scenarios: Vec<&str> = blocks
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert_eq!(scenarios.len(), 6);
    let scratch = Scratch::new("modelling");
    for text in scenarios {
        fs::write(scratch.path("mine.yaml"), text).unwrap();
        let checked = scratch.run(&["validate", "mine.yaml"]).with(0);
        assert!(!checked.err.contains("warning"), "{}", checked.err);
        scratch.run(&["run", "mine.yaml"]).with(0);
    }
}

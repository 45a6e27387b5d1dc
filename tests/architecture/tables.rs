//! The tables of facts and counters say all of a fact or counter: nobody spells it out again.

use super::{code, core, is_test, sources};
use std::fs;
use std::path::PathBuf;

/// Where facts are told, and who reads them one by one. To add a fact is a row of a table in
/// `model/fact`, its teller, and an arm in each of the readers (`ARCHITECTURE.md`, "Adding a fact").
const TELLERS: &[&str] = &[
    "model/call.rs",
    "model/calls/",
    "model/changes/",
    "model/cx.rs",
    "model/handoff.rs",
    "model/lifecycle/",
    "model/network/",
    "model/services/",
    "model/sources/",
    "model/control/",
    "model/world.rs",
];
const READERS: &[&str] = &[
    "model/record/on_fact.rs",
    "report/trace/pick.rs",
    "report/trace/record.rs",
];

/// Sources without tests: their places, and their code.
fn all() -> Vec<(String, String)> {
    let mut files: Vec<PathBuf> = Vec::new();
    sources(&core(), &mut files);
    let files = files.iter().filter(|path| !is_test(path));
    files
        .map(|path| {
            let place = path.strip_prefix(core()).unwrap();
            (place.to_string_lossy().into_owned(), code(path))
        })
        .collect()
}

/// Names and kinds of the facts: `CallStarted "call_started" {`.
fn facts() -> Vec<(String, String)> {
    let mut facts = Vec::new();
    for table in ["calls", "layers", "members", "operations"] {
        let text = fs::read_to_string(core().join(format!("model/fact/{table}.rs"))).unwrap();
        for row in text.lines().filter_map(|line| line.strip_suffix("\" {")) {
            let (name, kind) = row.trim().split_once(" \"").unwrap();
            facts.push((name.to_owned(), kind.to_owned()));
        }
    }
    facts
}

#[test]
fn a_fact_is_named_in_its_table_by_its_tellers_and_by_its_readers() {
    let all = all();
    let facts = facts();
    assert!(facts.len() >= 40, "{}", facts.len());
    let among = |places: &[&str], file: &str| places.iter().any(|place| file.starts_with(place));
    for (name, kind) in &facts {
        let whole = format!("Fact::{name} ");
        let (short, kind) = (format!("Self::{name} "), format!("\"{kind}\""));
        let named: Vec<&str> = all
            .iter()
            .filter(|(_, code)| code.contains(&whole))
            .map(|(file, _)| file.as_str())
            .collect();
        assert!(
            named.iter().any(|file| among(TELLERS, file)),
            "nobody tells {name}"
        );
        let others = named
            .iter()
            .filter(|file| !among(TELLERS, file) && !among(READERS, file));
        assert_eq!(others.count(), 0, "{name} is named elsewhere: {named:?}");
        let again = all.iter().filter(|(file, code)| {
            let spelled = code.matches(&kind).count();
            let is_about_facts = file.starts_with("model/fact/") || code.contains("Fact::");
            is_about_facts
                && (spelled > usize::from(file.starts_with("model/fact/")) || code.contains(&short))
        });
        assert_eq!(again.count(), 0, "{name} is spelled out again");
    }
}

/// The rows of the counters: `timed_out "timed_out";`, with or without a name in reports.
fn counters() -> Vec<(String, Option<String>)> {
    let text = fs::read_to_string(core().join("model/record/counts.rs")).unwrap();
    let (_, tables) = text.split_once("counters! {\n").unwrap();
    let (tables, _) = tables.split_once("\n}\n").unwrap();
    let rows = tables
        .lines()
        .map(str::trim)
        .filter_map(|line| line.strip_suffix(';'));
    rows.map(|row| {
        let (counter, key) = row.split_once(" \"").map_or((row, None), |(counter, key)| {
            (counter, key.strip_suffix('"').map(str::to_owned))
        });
        let counter = counter.split('[').next().unwrap();
        (counter.to_owned(), key)
    })
    .collect()
}

#[test]
fn a_counter_is_a_row_and_is_counted_in_the_record() {
    let all = all();
    let counters = counters();
    assert!(counters.len() >= 45, "{}", counters.len());
    for (counter, key) in &counters {
        let counts = |code: &str| {
            let field = format!(".{counter}");
            let uses = code.match_indices(&field);
            uses.map(|(at, name)| &code[at + name.len()..]).any(|rest| {
                let rest = rest
                    .strip_prefix('[')
                    .map_or(rest, |rest| rest.split_once(']').unwrap().1);
                rest.starts_with(" +=") || rest.starts_with(" = ")
            })
        };
        let counted = |file: &str| {
            all.iter()
                .any(|(place, code)| place == file && counts(code))
        };
        let in_record = counted("model/record/counts.rs") || counted("model/record/on_fact.rs");
        assert!(in_record, "nobody counts {counter}");
        assert!(
            !counted("experiment/backtest/recorder.rs"),
            "{counter} is counted twice"
        );
        for key in key.iter().filter(|key| !key.is_empty()) {
            let told = |(place, code): &&(String, String)| {
                let tells =
                    place.starts_with("model/record/") || place.starts_with("report/build/");
                tells && code.contains(&format!("\"{key}\""))
            };
            let places: Vec<&str> = all.iter().filter(told).map(|(place, _)| &**place).collect();
            assert_eq!(
                places,
                ["model/record/counts.rs"],
                "`{key}` stands in its row alone"
            );
        }
    }
}

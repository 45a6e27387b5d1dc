//! What `ARCHITECTURE.md` names is there, and what it marks with a star is not there yet.

use super::core;
use crate::support::root;
use std::fs;
use std::path::Path;

/// Every file and folder below this one, as paths with slashes; sources without their ending too.
fn below(dir: &Path, name: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            below(&entry.path(), &name, found);
        } else if let Some(module) = name.strip_suffix(".rs") {
            found.push(module.to_owned());
        }
        found.push(name);
    }
}

/// What a text has in backticks, outside of blocks, and whether a star follows.
fn quoted(text: &str) -> Vec<(&str, bool)> {
    let mut all = Vec::new();
    for block in text.split("```").step_by(2) {
        let parts: Vec<&str> = block.split('`').collect();
        for pair in parts[1..].chunks_exact(2) {
            all.push((pair[0].trim_end_matches('/'), pair[1].starts_with("\\*")));
        }
    }
    all
}

/// Names in the text that stand for something else than it says.
fn wrong(text: &str, there: &[String], rooms: &[String]) -> Vec<String> {
    let is_in = |paths: &[String], word: &str| {
        let ending = format!("/{word}");
        paths.iter().any(|path| path.ends_with(&ending))
    };
    let mut wrong = Vec::new();
    for (word, is_planned) in quoted(text) {
        let is_path = !word.contains([' ', ':'])
            && (word.contains('/') || word.strip_suffix(".rs").is_some());
        if is_planned && is_in(rooms, word) {
            wrong.push(format!("`{word}` is there: it needs no star"));
        }
        if !is_planned && is_path && !word.contains("NEW") && !is_in(there, word) {
            wrong.push(format!("`{word}` is not there"));
        }
    }
    wrong
}

#[test]
fn the_map_names_what_is_there() {
    let (mut there, mut rooms) = (Vec::new(), Vec::new());
    for name in [
        ".cargo",
        "sim-core",
        "sim-view",
        "sim-cli",
        "tests",
        "scenarios",
        "reports",
        "docs",
    ] {
        there.push(format!("/{name}"));
        below(&root().join(name), &format!("/{name}"), &mut there);
    }
    below(&core(), "", &mut rooms);
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    assert!(quoted(&text).iter().any(|(_, is_planned)| *is_planned));
    let wrong = wrong(&text, &there, &rooms);
    assert!(wrong.is_empty(), "ARCHITECTURE.md:\n{}", wrong.join("\n"));
}

#[test]
fn names_of_the_map_are_read() {
    let there = [
        "/sim-core/src/model/faults",
        "/sim-core/src/model/faults.rs",
    ]
    .map(str::to_owned);
    let rooms = ["/model/faults".to_owned()];
    let told = |text| wrong(text, &there, &rooms).len();
    assert_eq!(
        told("`model/faults`, `faults.rs`, `squall run x/y`, `a::b/c`"),
        0
    );
    assert_eq!(told("`model/fault`, `model/NEW.rs`"), 1);
    assert_eq!(told("`faults`\\*, `keeping`\\*\n```\n`a/b`\n```"), 1);
}

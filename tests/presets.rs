//! The documentation of the presets holds the very tables that `like` stands for.

use sim_core::scenario::{Preset, breaker_presets};
use squall_tests::root;
use std::fmt::Write;
use std::fs;

/// The section of a preset.
fn section(preset: &Preset) -> String {
    let mut text = format!("### {}\n\n{}.\n\n", preset.name, preset.version);
    text.push_str("| setting | value | in the library |\n|---|---|---|\n");
    for row in preset.rows {
        let source = row.source.replace('|', "\\|");
        writeln!(text, "| `{}` | `{}` | {source} |", row.key, row.value).unwrap();
    }
    text
}

#[test]
fn the_tables_are_the_data() {
    let stored = fs::read_to_string(root().join("docs/presets.md")).unwrap();
    let (before, _) = stored.split_once("### ").unwrap();
    let sections: Vec<String> = breaker_presets().iter().map(section).collect();
    let expected = format!("{before}{}", sections.join("\n"));
    if stored != expected {
        let current = root().join("target/presets.md");
        fs::write(&current, expected).unwrap();
        panic!("docs/presets.md is out of date: copy target/presets.md over it");
    }
}

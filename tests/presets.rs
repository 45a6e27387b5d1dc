//! The documentation of the presets holds the very tables that `like` stands for.

use crate::support::root;
use sim_core::scenario::{
    Preset, budget_presets, layer_presets, pipeline_presets, pool_presets, section_presets,
};
use std::fmt::Write;
use std::fs;

/// The section of a preset.
fn section(preset: &Preset, first: &str) -> String {
    let mut text = format!("### {}\n\n{}.\n\n", preset.name, preset.version);
    writeln!(text, "| {first} | value | in the library |\n|---|---|---|").unwrap();
    for row in preset.rows {
        let source = row.source.replace('|', "\\|");
        writeln!(text, "| `{}` | `{}` | {source} |", row.key, row.value).unwrap();
    }
    text
}

fn part(title: &str, presets: &[Preset], first: &str) -> String {
    let sections: Vec<String> = presets.iter().map(|it| section(it, first)).collect();
    format!("## {title}\n\n{}", sections.join("\n"))
}

#[test]
fn the_tables_are_the_data() {
    let stored = fs::read_to_string(root().join("docs/presets.md")).unwrap();
    let (before, _) = stored.split_once("## Circuit breakers").unwrap();
    let layers = layer_presets()
        .iter()
        .map(|kind| part(kind.title, kind.presets, "setting"));
    let budgets = part("Budgets", budget_presets(), "setting");
    let pools = part("Pools", pool_presets(), "setting");
    let pipelines = part("Pipelines", pipeline_presets(), "layer");
    let sections = section_presets()
        .iter()
        .map(|kind| part(kind.title, kind.presets, "setting"));
    let policies = layers.chain([budgets, pools, pipelines]);
    let expected: Vec<String> = policies.chain(sections).collect();
    let expected = format!("{before}{}", expected.join("\n"));
    if stored != expected {
        let current = root().join("target/presets.md");
        fs::write(&current, expected).unwrap();
        panic!("docs/presets.md is out of date: copy target/presets.md over it");
    }
}

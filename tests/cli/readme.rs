//! Every command of the README does what the page says.

use super::binary::Scratch;
use crate::support::root;
use std::fs;
use std::path::Path;

/// How the commands of the page begin.
const RUN: &str = "cargo run --release -- ";

/// The lines of the shell blocks of a page.
fn commands(page: &str) -> Vec<&str> {
    let blocks = page.split("```sh\n").skip(1);
    blocks
        .flat_map(|block| block.split("```").next().unwrap_or_default().lines())
        .collect()
}

/// The words of a command line, as a shell takes them.
pub(super) fn words(line: &str) -> Vec<&str> {
    let quoted = line.split('\'').enumerate();
    quoted
        .flat_map(|(index, part)| match index % 2 {
            0 => part.split_whitespace().collect(),
            _ => vec![part],
        })
        .collect()
}

/// The block of text that follows a command.
fn shown(page: &str) -> &str {
    page.split("```text\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .unwrap()
}

fn copy_scenarios(to: &Path) {
    let (docs, copy) = (root().join("docs/backtest"), to.join("docs/backtest"));
    fs::create_dir_all(&copy).unwrap();
    for name in ["policy.yaml", "calls.csv"] {
        fs::copy(docs.join(name), copy.join(name)).unwrap();
    }
    let (guides, copy) = (root().join("docs/guides"), to.join("docs/guides"));
    fs::create_dir_all(&copy).unwrap();
    fs::copy(guides.join("shop.yaml"), copy.join("shop.yaml")).unwrap();
    fs::create_dir(to.join("scenarios")).unwrap();
    for path in crate::support::scenario_files() {
        fs::copy(&path, to.join("scenarios").join(path.file_name().unwrap())).unwrap();
    }
}

#[test]
fn the_commands_of_the_readme_work() {
    let page = fs::read_to_string(root().join("README.md")).unwrap();
    let folder = Scratch::new("readme");
    copy_scenarios(&folder.path(""));
    let mut ran = 0;
    for line in commands(&page) {
        let Some(args) = line.strip_prefix(RUN) else {
            assert_eq!(
                line, "cargo test --workspace",
                "a command that no test runs"
            );
            continue;
        };
        // Fewer attempts save the shop, so the expectation that it stays down fails.
        let expected = i32::from(args.starts_with("run") && args.contains("--set"));
        let args = words(args);
        let ended = folder.run(&args).with(expected);
        if ran == 0 {
            let head = shown(&page);
            assert!(
                ended.out.starts_with(head),
                "the page shows another head:\n{}",
                ended.out
            );
        }
        ran += 1;
    }
    assert!(ran >= 6, "only {ran} commands were found");
    for file in [
        "out/report.json",
        "out/report.html",
        "out/report.md",
        "storm.yaml",
    ] {
        assert!(folder.path(file).exists(), "{file} is missing");
    }
}

#[test]
fn every_scenario_is_named_in_the_readme() {
    let page = fs::read_to_string(root().join("README.md")).unwrap();
    for path in crate::support::scenario_files() {
        let name = crate::support::stem(&path);
        assert!(
            page.contains(&format!("scenarios/{name}.yaml")),
            "{name} is missing"
        );
    }
}

#[test]
fn the_schema_beside_the_scenarios_is_the_present_one() {
    let schema = Scratch::new("schema").run(&["schema"]).with(0).out;
    let stored = fs::read_to_string(root().join("scenario.schema.json")).unwrap();
    assert!(
        schema == stored,
        "write it anew: squall schema > scenario.schema.json"
    );
}

#[test]
fn the_reference_is_the_present_one() {
    let printed = Scratch::new("reference").run(&["schema", "--format", "markdown"]);
    let stored = fs::read_to_string(root().join("docs/reference.md")).unwrap();
    assert!(
        stored.ends_with(&printed.with(0).out),
        "write all from `## scenario` on anew: squall schema --format markdown"
    );
}

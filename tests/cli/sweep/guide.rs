//! Every command of the guide does what the page says.

use super::super::binary::Scratch;
use crate::support::root;

#[test]
fn the_commands_of_the_guide_work() {
    let page = std::fs::read_to_string(root().join("docs/sweeps.md")).unwrap();
    let scratch = Scratch::new("sweep-guide");
    let blocks = page.split("```sh\n").skip(1);
    let lines = blocks.flat_map(|block| block.split("```").next().unwrap_or_default().lines());
    let mut ran = 0;
    for line in lines {
        let args = line
            .strip_prefix("squall ")
            .expect("a command that no test runs");
        let args: Vec<&str> = args.split_whitespace().collect();
        let ended = scratch.run(&args).with(0);
        if args.contains(&"--resume") {
            assert!(
                ended.err.contains("6 of 9 cells are finished already"),
                "{}",
                ended.err
            );
        }
        ran += 1;
    }
    assert_eq!(ran, 11);
    for file in [
        "report.html",
        "report.json",
        "report.md",
        "cells.csv",
        "journal.jsonl",
    ] {
        assert!(
            scratch.path("attempts").join(file).exists(),
            "{file} is missing"
        );
    }
}

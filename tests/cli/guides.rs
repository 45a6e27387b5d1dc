//! The guides show what their commands really do: each command is run, what it prints is compared
//! with the page, and each picture with the one that was drawn.
//!
//! A block ` ```text N ` shows the first N lines that the command before it prints. With
//! `UPDATE_GUIDES=1` in the environment, pages and pictures are written anew.

use super::binary::Scratch;
use super::readme::words;
use crate::support::root;
use std::fs;
use std::path::PathBuf;

fn folder() -> PathBuf {
    root().join("docs/guides")
}

/// The scenarios of the guides, beside the pages about them and below those about commands.
fn copy_scenarios(scratch: &Scratch) {
    fs::create_dir(scratch.path("guides")).unwrap();
    for entry in fs::read_dir(folder()).unwrap() {
        let from = entry.unwrap().path();
        if from.extension().is_some_and(|ending| ending == "yaml") {
            let name = from.file_name().unwrap();
            fs::copy(&from, scratch.path("").join(name)).unwrap();
            fs::copy(&from, scratch.path("guides").join(name)).unwrap();
        }
    }
}

/// Whether pages are to be written anew.
fn updates() -> bool {
    std::env::var_os("UPDATE_GUIDES").is_some()
}

/// Runs the commands of a shell block; what the last one printed is left.
fn run(scratch: &Scratch, block: &str) -> String {
    let mut last = String::new();
    for line in block.lines() {
        let args = line
            .strip_prefix("squall ")
            .expect("a command that no test runs");
        let ended = scratch.run(&words(args));
        assert!(matches!(ended.code, Some(0 | 1)), "{line}\n{}", ended.err);
        last = ended.out;
    }
    last
}

/// The page as it should be: what is printed replaced by what was printed.
fn played(scratch: &Scratch, page: &str) -> String {
    let mut rest = page;
    let mut whole = String::new();
    let mut out = String::new();
    while let Some((before, block)) = rest.split_once("```") {
        let (body, after) = block.split_once("```").expect("a block that ends");
        let (kind, body) = body.split_once('\n').unwrap();
        whole.push_str(before);
        let shown: String = match kind.split_once(' ') {
            Some(("text", lines)) => {
                let lines: usize = lines.parse().unwrap();
                out.split_inclusive('\n').take(lines).collect()
            }
            _ if kind == "sh" => {
                out = run(scratch, body);
                body.to_owned()
            }
            _ => body.to_owned(),
        };
        whole.extend(["```", kind, "\n", &shown, "```"]);
        rest = after;
    }
    whole.push_str(rest);
    whole
}

/// The pictures of a page.
fn pictures(page: &str) -> impl Iterator<Item = &str> {
    let links = page.split("![").skip(1);
    links.filter_map(|link| link.split_once("](")?.1.split(')').next())
}

fn check(name: &str) {
    let path = folder().join(name);
    let page = fs::read_to_string(&path).unwrap();
    let scratch = Scratch::new(&format!("guide-{}", name.trim_start_matches("../")));
    copy_scenarios(&scratch);
    let played = played(&scratch, &page);
    for picture in pictures(&page) {
        let drawn = scratch.read(picture);
        let stored = folder().join(picture);
        if updates() {
            fs::create_dir_all(stored.parent().unwrap()).unwrap();
            fs::write(&stored, &drawn).unwrap();
        }
        assert!(
            fs::read_to_string(&stored).ok() == Some(drawn),
            "{name} shows another picture {picture}; look at it, and set UPDATE_GUIDES=1"
        );
    }
    if updates() {
        fs::write(&path, &played).unwrap();
    } else {
        similar(&page, &played, name);
    }
}

/// Fails at the first line that differs.
fn similar(page: &str, played: &str, name: &str) {
    for (number, (shown, printed)) in page.lines().zip(played.lines()).enumerate() {
        assert_eq!(shown, printed, "docs/guides/{name}, line {}", number + 1);
    }
    assert_eq!(page, played, "docs/guides/{name}");
}

#[test]
fn how_close_to_the_edge_are_we() {
    check("edge.md");
}

#[test]
fn choosing_a_retry_budget() {
    check("retry-budget.md");
}

#[test]
fn choosing_a_breaker_threshold() {
    check("breaker-threshold.md");
}

#[test]
fn taking_instances_away() {
    check("instances.md");
}

#[test]
fn protecting_the_callee() {
    check("protecting.md");
}

#[test]
fn how_many_connections() {
    check("pools.md");
}

#[test]
fn the_page_about_limits() {
    check("../limits.md");
}

#[test]
fn the_page_about_tuning() {
    check("../tune.md");
}

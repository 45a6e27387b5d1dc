//! `squall sweep` from outside: the same bytes whatever happens on the way.

mod divided;
mod guide;
mod interrupted;
mod judged;
mod kubernetes;
mod refused;

use super::binary::{Ended, Scratch};
use super::sample::SHOP;

/// Six cells of the shop, small enough to be played in no time.
pub(super) const AXES: [&str; 6] = [
    "--vary",
    "services.shop.threads=1,2,3",
    "--vary",
    "clients.users.arrivals.poisson.rate=80/s,120/s",
    "--replications",
    "2",
];

/// A folder with the shop in it.
pub(super) fn folder(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    scratch.write("shop.yaml", SHOP);
    scratch
}

/// Sweeps the six cells with these arguments besides.
pub(super) fn sweep(scratch: &Scratch, more: &[&str]) -> Ended {
    let args: Vec<&str> = ["sweep", "shop.yaml"]
        .iter()
        .chain(&AXES)
        .chain(more)
        .copied()
        .collect();
    scratch.run(&args)
}

/// The results of the six cells, played in one go.
pub(super) fn whole(scratch: &Scratch) -> Results {
    sweep(scratch, &["-o", "whole"]).with(0);
    Results::of(scratch, "whole")
}

/// The files of a sweep, journal and lock apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Results(Vec<(String, String)>);

impl Results {
    pub(super) fn of(scratch: &Scratch, folder: &str) -> Self {
        let mut names = scratch.names(folder);
        names.retain(|name| name.starts_with("report.") || name == "cells.csv");
        let charts = scratch.names(&format!("{folder}/charts"));
        names.extend(charts.iter().map(|name| format!("charts/{name}")));
        assert!(names.len() >= 4, "{names:?}");
        let read = |name: String| {
            let text = scratch.read(&format!("{folder}/{name}"));
            (name, text)
        };
        Self(names.into_iter().map(read).collect())
    }
}

#[test]
fn the_number_of_threads_is_seen_nowhere() {
    let scratch = folder("sweep-threads");
    let one = whole(&scratch);
    for threads in ["1", "2", "3", "8"] {
        sweep(&scratch, &["--threads", threads, "-o", threads]).with(0);
        assert_eq!(Results::of(&scratch, threads), one, "{threads}");
    }
}

#[test]
fn every_format_goes_to_standard_output_and_the_size_comes_first() {
    let scratch = folder("sweep-formats");
    let human = sweep(&scratch, &[]).with(0);
    assert!(
        human.out.starts_with("SWEPT  shop: 6 cells, 12 runs\n"),
        "{}",
        human.out
    );
    let head = human
        .out
        .lines()
        .take_while(|line| !line.contains("How to reproduce"));
    assert!(
        head.into_iter().all(|line| line.chars().count() <= 80),
        "{}",
        human.out
    );
    assert!(
        human.err.ends_with("6 cells x 2 runs = 12 runs\n"),
        "{}",
        human.err
    );
    let json = sweep(&scratch, &["--format", "json"]).with(0).out;
    assert!(json.starts_with("{\n  \"kind\": \"sweep\","), "{json}");
    let csv = sweep(&scratch, &["--format", "csv"]).with(0).out;
    assert_eq!(csv.lines().count(), 7);
    assert!(csv.starts_with("services.shop.threads,clients.users.arrivals.poisson.rate,state,"));
    let markdown = sweep(&scratch, &["--format", "markdown"]).with(0).out;
    assert!(markdown.starts_with("# SWEPT: shop\n"), "{markdown}");
    assert_eq!(
        scratch.names("."),
        ["shop.yaml"],
        "nothing is written unless asked"
    );
}

#[test]
fn the_command_of_a_report_gives_the_report() {
    let scratch = folder("sweep-command");
    let all = [
        "-o",
        "first",
        "--independent",
        "--seed",
        "9",
        "--set",
        "run.warmup=1s",
    ];
    sweep(&scratch, &all).with(0);
    let text = scratch.read("first/report.json");
    let command = text
        .split("\"command\": \"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let words: Vec<&str> = command
        .split_whitespace()
        .skip(1)
        .chain(["-o", "again"])
        .collect();
    scratch.run(&words).with(0);
    assert_eq!(
        Results::of(&scratch, "again"),
        Results::of(&scratch, "first")
    );
}

#[test]
fn a_section_of_the_scenario_says_what_to_sweep() {
    let scratch = folder("sweep-section");
    let section = "\
sweep:
  replications: 2
  vary:
    - { path: services.shop.threads, values: [1, 2, 3] }
    - { path: clients.users.arrivals.poisson.rate, values: \"80/s,120/s\" }
";
    scratch.write("swept.yaml", format!("{SHOP}{section}"));
    scratch
        .run(&["sweep", "swept.yaml", "-o", "section"])
        .with(0);
    whole(&scratch);
    let cells = |folder: &str| scratch.read(&format!("{folder}/cells.csv"));
    assert_eq!(cells("section"), cells("whole"));
    // One run knows nothing of it.
    let digest = |file: &str| {
        let text = scratch.run(&["run", file, "--format", "json"]).with(0).out;
        text.split("\"hash\"")
            .nth(1)
            .unwrap()
            .split(',')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(digest("swept.yaml"), digest("shop.yaml"));
}

//! `squall tune` from outside.

use super::binary::{Ended, Scratch, fits_a_terminal};
use super::limits::EDGE;

fn folder(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    scratch.write("edge.yaml", EDGE);
    scratch
}

fn tune(scratch: &Scratch, more: &[&str]) -> Ended {
    let args: Vec<&str> = ["-q", "tune", "edge.yaml"]
        .iter()
        .chain(more)
        .copied()
        .collect();
    scratch.run(&args)
}

const ATTEMPTS: [&str; 4] = [
    "--over",
    "policies.impatient.retry.max_attempts=1..6",
    "--maximise",
    "goodput of users",
];

#[test]
fn the_answer_is_confirmed_and_can_be_pasted_at_any_number_of_threads() {
    let scratch = folder("tune-answer");
    let all = |threads: &str| {
        let more = ["--runs", "100", "--threads", threads, "-o", threads];
        tune(&scratch, &[&ATTEMPTS[..], &more].concat()).with(0).out
    };
    let one = all("1");
    assert!(
        one.starts_with("TUNED  edge: most of goodput of users, "),
        "{one}"
    );
    assert!(
        one.contains("Answer    max_attempts=1: goodput of users "),
        "{one}"
    );
    assert!(one.contains("it meets all expectations in "), "{one}");
    assert!(
        one.contains("as it is: ") && one.contains("and it misses useful"),
        "{one}"
    );
    assert!(one.contains("second best, max_attempts="), "{one}");
    assert!(one.contains("{ retry: { max_attempts: 1, "), "{one}");
    let head = one.lines().take_while(|line| !line.contains("To paste"));
    assert!(fits_a_terminal(head), "{one}");
    assert_eq!(all("3"), one);
    scratch.same(
        "1",
        "3",
        &[
            "report.json",
            "report.md",
            "report.html",
            "charts/tried.svg",
        ],
    );
}

#[test]
fn the_pasted_settings_give_what_the_answer_says() {
    let scratch = folder("tune-paste");
    let more = ["--runs", "100", "--format", "json"];
    let json = tune(&scratch, &[&ATTEMPTS[..], &more].concat()).with(0).out;
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    let paste = report["paste"].as_str().unwrap();
    let rest = EDGE.split("policies:").next().unwrap();
    let after = EDGE.split("faults:").nth(1).unwrap();
    scratch.write("pasted.yaml", format!("{rest}{paste}faults:{after}"));
    scratch.run(&["-q", "run", "pasted.yaml"]).with(0);
    scratch.run(&["-q", "run", "edge.yaml"]).with(1);
}

#[test]
fn several_scenarios_are_served_at_once() {
    let scratch = folder("tune-robust");
    let worse = EDGE
        .replace("scenario: edge", "scenario: worse")
        .replace("rate: 30/s", "rate: 60/s");
    scratch.write("worse.yaml", worse);
    let over = "services.shop.threads=4..40";
    let threads = |files: &[&str], runs: &str| -> u64 {
        let more = [
            "--over",
            over,
            "--minimise",
            "services.shop.threads",
            "--runs",
            runs,
            "--format",
            "json",
        ];
        let args: Vec<&str> = ["-q", "tune"]
            .iter()
            .chain(files)
            .chain(&more)
            .copied()
            .collect();
        let json = scratch.run(&args).with(0).out;
        let report: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(report["scenarios"].as_array().unwrap().len(), files.len());
        report["best"]["values"][0]["value"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    };
    let alone = threads(&["edge.yaml"], "100");
    let both = threads(&["edge.yaml", "worse.yaml"], "200");
    assert!(alone < both, "{alone} threads serve one, {both} serve both");
}

#[test]
fn where_nothing_holds_the_nearest_is_told_and_the_exit_code_says_so() {
    let scratch = folder("tune-none");
    let more = [
        "--set",
        "expect.useful.success.at_least=100%",
        "--over",
        "services.shop.threads=3..4",
        "--minimise",
        "probability of collapse",
        "--runs",
        "60",
    ];
    let human = tune(&scratch, &more).with(1).out;
    assert!(human.starts_with("NONE HOLDS  edge: "), "{human}");
    assert!(
        human.contains("no setting was found that meets all expectations"),
        "{human}"
    );
    let words = human.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("it misses useful in "), "{human}");
    assert!(
        words.contains("is at least 100%, and in the median of these it is "),
        "{human}"
    );
    assert!(words.contains("nothing holds"), "{human}");
    assert!(!human.contains("To paste"), "{human}");
}

#[test]
fn the_least_is_confirmed_and_an_end_is_told() {
    let scratch = folder("tune-least");
    let more = |over| {
        [
            "--over",
            over,
            "--minimise",
            "services.shop.threads",
            "--runs",
            "60",
        ]
    };
    let told = |over| {
        let out = tune(&scratch, &more(over)).with(0).out;
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let inside = told("services.shop.threads=4..40");
    assert!(
        inside.contains("confirmed: the next lower, threads="),
        "{inside}"
    );
    assert!(inside.contains(", misses useful in "), "{inside}");
    let end = told("services.shop.threads=20..40");
    assert!(
        end.contains("threads lies at the lower end of its range (20..40)"),
        "{end}"
    );
}

#[test]
fn the_command_of_a_report_gives_the_report() {
    let scratch = folder("tune-command");
    let more = [
        "--over",
        "services.shop.threads=4..12",
        "--minimise",
        "services.shop.threads",
        "--runs",
        "80",
        "--seed",
        "5",
        "--format",
        "json",
    ];
    let json = tune(&scratch, &more).with(0).out;
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    let command = report["reproduce"]["command"].as_str().unwrap();
    let words: Vec<&str> = command
        .split(' ')
        .skip(1)
        .chain(["--format", "json"])
        .collect();
    assert_eq!(scratch.run(&words).with(0).out, json);
}

/// Arguments, and what is said about them.
const REFUSED: &[(&[&str], &str)] = &[
    (
        &["--over", "services.shop.thread=1..9"],
        "did you mean `threads`?",
    ),
    (
        &["--over", "services.shop.threads=0..9"],
        "it must be at least 1",
    ),
    (
        &["--over", "services.shop.threads=9..1"],
        "a range must go up",
    ),
    (&["--over", "services.shop.threads="], "it has no values"),
    (
        &["--over", "services.shop.threads=4,4"],
        "`4` is there twice",
    ),
    (
        &["--over", "services.shop.threads=4"],
        "there is nothing to choose",
    ),
    (
        &[
            "--over",
            "services.shop.threads=1..4",
            "--over",
            "services.shop.threads=5..9",
        ],
        "is there twice",
    ),
    (
        &[
            "--over",
            "policies.impatient.timeout=1s..4s",
            "--over",
            "policies.impatient.timeout.after=1s..4s",
        ],
        "undoes what",
    ),
    (
        &["--over", "policies.impatient.retry.jitter=none,fully"],
        "did you mean `full`?",
    ),
    (
        &["--over", "services.shop.threads=1..9", "--runs", "10"],
        "say `--runs 40` or more",
    ),
];

#[test]
fn what_makes_no_sense_has_one_clear_error() {
    let scratch = folder("tune-refused");
    let least = ["--minimise", "p99 latency of users"];
    for (args, said) in REFUSED {
        tune(&scratch, &[args, &least[..]].concat()).refused(said);
    }
    let over = ["--over", "services.shop.threads=1..9"];
    for (args, said) in [
        (
            &["--minimise", "p99 latency of user"][..],
            "did you mean `p99 latency of users`?",
        ),
        (&[], "--minimise <MEASURE>"),
        (
            &["--minimise", "instances", "--maximise", "instances"],
            "cannot be used with",
        ),
    ] {
        let ended = tune(&scratch, &[&over[..], args].concat()).with(2);
        assert!(
            ended.err.contains(said),
            "{args:?}: {said:?} is not in\n{}",
            ended.err
        );
    }
    let twice = [
        "-q",
        "tune",
        "edge.yaml",
        "edge.yaml",
        "--over",
        "services.shop.threads=1..9",
        "--minimise",
        "instances",
    ];
    let ended = scratch.run(&twice).with(2);
    assert!(
        ended.err.contains("two scenarios are named `edge`"),
        "{}",
        ended.err
    );
    assert_eq!(scratch.names("."), ["edge.yaml"]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_tells_what_was_tried_by_then() {
    let scratch = folder("tune-ctrl-c");
    let long = ["--set", "run.duration=4000s", "-o", "out"];
    let args = [&["-q", "tune", "edge.yaml"][..], &ATTEMPTS, &long].concat();
    let ended = super::interrupt::stopped_midway(&scratch, &args);
    assert!(ended.out.starts_with("STOPPED  edge: "), "{}", ended.out);
    assert!(
        ended
            .out
            .contains("it was stopped before anything was confirmed"),
        "{}",
        ended.out
    );
}

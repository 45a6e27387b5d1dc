//! A report is proved, or shown to be wrong.

use super::binary::Scratch;
use super::sample::SHOP;
use serde_json::{Value, json};

/// A report of the shop and the log of its facts.
fn reported(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    scratch.write("shop.yaml", SHOP);
    let args = [
        "run",
        "shop.yaml",
        "-o",
        ".",
        "--events",
        "facts.jsonl",
        "--set",
        "services.shop.threads=3",
    ];
    scratch.run(&args).with(0);
    scratch
}

/// Changes the report.
fn tamper(scratch: &Scratch, change: impl FnOnce(&mut Value)) {
    let mut report: Value = serde_json::from_str(&scratch.read("report.json")).unwrap();
    change(&mut report);
    scratch.write("tampered.json", report.to_string());
}

#[test]
fn an_honest_report_is_proved() {
    let scratch = reported("replay-same");
    std::fs::remove_file(scratch.path("shop.yaml")).unwrap();
    for args in [
        &["replay", "report.json"][..],
        &["replay", "report.json", "--events", "facts.jsonl"],
    ] {
        let ended = scratch.run(args).with(0);
        assert!(ended.out.starts_with("the same: "), "{}", ended.out);
        assert_eq!(ended.err, "");
    }
}

#[test]
fn another_version_is_refused_with_one_line() {
    let scratch = reported("replay-version");
    for key in ["schema_version", "engine_semantics"] {
        tamper(&scratch, |report| report[key] = json!(999));
        let ended = scratch.run(&["replay", "tampered.json"]).with(2);
        assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
        assert!(ended.err.contains(&format!("{key} 999")), "{}", ended.err);
    }
}

#[test]
fn what_is_no_report_is_refused() {
    let scratch = reported("replay-garbage");
    let half = scratch.read("report.json");
    scratch.write("half.json", &half[..half.len() / 2]);
    scratch.write("empty.json", "");
    scratch.write("other.json", "{}");
    tamper(&scratch, |report| {
        report["scenario"]["text"] = json!("{scenario: x}");
    });
    for file in [
        "half.json",
        "empty.json",
        "other.json",
        "tampered.json",
        "missing.json",
        ".",
    ] {
        let ended = scratch.run(&["replay", file]).with(2);
        assert_eq!(ended.out, "");
        assert!(ended.err.contains("error"), "{}", ended.err);
    }
}

#[test]
fn a_changed_seed_is_found_at_the_first_fact() {
    let scratch = reported("replay-seed");
    tamper(&scratch, |report| report["scenario"]["seed"] = json!("8"));
    let out = scratch.run(&["replay", "tampered.json"]).with(1).out;
    assert!(
        out.starts_with("different: the first 0 facts agree"),
        "{out}"
    );
    let args = ["replay", "tampered.json", "--events", "facts.jsonl"];
    let out = scratch.run(&args).with(1).out;
    assert!(
        out.contains("fact 1 is\nin the log:     {\"at_ns\":"),
        "{out}"
    );
    assert!(out.contains("\nin the new run: {\"at_ns\":"), "{out}");
}

#[test]
fn a_changed_scenario_is_noticed() {
    let scratch = reported("replay-scenario");
    tamper(&scratch, |report| {
        let text = report["scenario"]["text"]
            .as_str()
            .unwrap()
            .replace("1s", "50ms");
        report["scenario"]["text"] = json!(text);
    });
    let ended = scratch.run(&["replay", "tampered.json"]).with(1);
    assert!(
        ended.err.contains("the scenario was changed"),
        "{}",
        ended.err
    );
    assert!(ended.out.lines().count() <= 53, "{}", ended.out);
}

#[test]
fn a_changed_checkpoint_names_its_interval() {
    let scratch = reported("replay-checkpoint");
    let mut interval = (0, 0);
    tamper(&scratch, |report| {
        report["digest"]["value"] = json!("0");
        let marks = report["digest"]["checkpoints"].as_array_mut().unwrap();
        let facts = |mark: &Value| mark["facts_total"].as_u64().unwrap();
        interval = (facts(&marks[99]), facts(&marks[100]));
        for mark in &mut marks[100..] {
            mark["value"] = json!("0123456789abcdef0123456789abcdef");
        }
    });
    let out = scratch.run(&["replay", "tampered.json"]).with(1).out;
    let (agree, until) = interval;
    assert!(
        out.starts_with(&format!("different: the first {agree} facts agree")),
        "{out}"
    );
    let facts: Vec<&str> = out
        .lines()
        .filter(|line| line.contains("{\"at_ns\":"))
        .collect();
    assert_eq!(facts.len() as u64, until - agree, "{out}");
    assert!(facts[0].starts_with(&format!("{}: ", agree + 1)), "{out}");
}

#[test]
fn a_changed_digest_contradicts_its_own_checkpoints() {
    let scratch = reported("replay-digest");
    tamper(&scratch, |report| {
        report["digest"]["value"] = json!("\u{1b}[2J");
    });
    let out = scratch.run(&["replay", "tampered.json"]).with(1).out;
    assert!(out.contains("was changed after it was written"), "{out}");
    assert!(!out.contains('\u{1b}'), "{out}");
}

#[test]
fn the_first_differing_fact_is_named() {
    let scratch = reported("replay-facts");
    let log = scratch.read("facts.jsonl");
    let mut lines: Vec<&str> = log.lines().collect();
    lines[41] = "{\"at_ns\":1,\"fact\":\"nonsense\"}";
    scratch.write("wrong.jsonl", lines.join("\n"));
    let out = scratch
        .run(&["replay", "report.json", "--events", "wrong.jsonl"])
        .with(1)
        .out;
    assert!(
        out.starts_with("different: the first 41 facts agree; fact 42 is\n"),
        "{out}"
    );
    assert!(out.contains("nonsense"), "{out}");
    lines.truncate(41);
    scratch.write("short.jsonl", lines.join("\n") + "\n");
    let out = scratch
        .run(&["replay", "report.json", "--events", "short.jsonl"])
        .with(1)
        .out;
    assert!(out.contains("in the log:     (the run is over)"), "{out}");
}

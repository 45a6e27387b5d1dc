//! `compare`: two designs from outside.

use super::binary::Scratch;
use super::sample::{SHOP, shop_with};
use serde_json::Value;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn figure<'a>(report: &'a Value, name: &str) -> &'a Value {
    let figures = report["figures"].as_array().unwrap();
    figures.iter().find(|one| one["name"] == name).unwrap()
}

#[test]
fn a_changed_setting_shows_and_nothing_else_does() {
    let scratch = Scratch::new("compare-set");
    scratch.write("shop.yaml", SHOP);
    let args = [
        "compare",
        "shop.yaml",
        "--replications",
        "8",
        "--format",
        "json",
        "--set",
    ];
    let compare = |set: &str| json(&scratch.run(&[&args[..], &[set]].concat()).with(0).out);
    let fewer = compare("services.shop.threads=2");
    assert_eq!(fewer["same_traffic"], true);
    let goodput = figure(&fewer, "goodput of users");
    assert_eq!(goodput["significant"], true);
    let set = "services.shop.threads=2";
    let few = ["compare", "shop.yaml", "--replications", "8", "--set", set];
    let shown = scratch.run(&few).with(0).out;
    let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains(&format!(
            "A is shop (shop.yaml) as it is; B is the same with {set}."
        )),
        "{shown}"
    );
    assert!(
        words.contains("for the worse)") && words.contains(" worse "),
        "{shown}"
    );
    assert!(!words.contains(" sure"), "{shown}");
    assert!(goodput["change"].as_f64().unwrap() < 0.0);
    let same = compare("services.shop.threads=4");
    for one in same["figures"].as_array().unwrap() {
        assert_eq!(one["change"], 0.0, "{one}");
        assert_eq!(one["significant"], false, "{one}");
    }
}

#[test]
fn two_files_are_named_and_other_traffic_is_said() {
    let scratch = Scratch::new("compare-files");
    scratch.write("a.yaml", SHOP);
    let other = shop_with("rate: 100/s", "rate: 120/s");
    scratch.write(
        "b.yaml",
        other.replace("scenario: shop", "scenario: busy-shop"),
    );
    let ended = scratch
        .run(&["compare", "a.yaml", "b.yaml", "--replications", "4"])
        .with(0);
    let words = ended.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        ended.out.contains("shop against busy-shop"),
        "{}",
        ended.out
    );
    assert!(
        words.contains("arrivals of users differ in 4 of 4 pairs"),
        "{}",
        ended.out
    );
    assert!(ended.out.contains("B offered"), "{}", ended.out);
    assert!(
        ended.out.lines().all(|line| line.chars().count() <= 80),
        "{}",
        ended.out
    );
}

#[test]
fn what_is_yes_or_no_is_counted_and_has_no_mean() {
    let scratch = Scratch::new("compare-yes-no");
    let asked = "finding: { code: standing-queue, present: false }";
    let shop = shop_with("success: { client: users, at_least: 50% }", asked);
    scratch.write("shop.yaml", shop);
    let set = "services.shop.threads=3";
    let args = ["compare", "shop.yaml", "--set", set, "--replications", "3"];
    let shown = scratch.run(&args).with(0).out;
    assert!(shown.contains("expectation useful met"), "{shown}");
    assert!(!shown.contains("B offered"), "the same traffic: {shown}");
    let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("figures would still seem to differ, by luck"));
    let report = json(
        &scratch
            .run(&[&args[..], &["--format", "json"]].concat())
            .out,
    );
    let figures = report["figures"].as_array().unwrap();
    assert!(figures.iter().all(|one| one["a"]["unit"] != "yes_no"));
}

#[test]
fn threads_do_not_show_in_a_comparison() {
    let scratch = Scratch::new("compare-threads");
    scratch.write("shop.yaml", SHOP);
    let run = |threads: &str| {
        let set = "services.shop.threads=3";
        let args = [
            "compare",
            "shop.yaml",
            "--set",
            set,
            "--replications",
            "6",
            "--threads",
            threads,
        ];
        scratch
            .run(&[&args[..], &["-o", threads]].concat())
            .with(0)
            .out
    };
    assert_eq!(run("1"), run("3"));
    for name in [
        "report.html",
        "report.json",
        "report.md",
        "charts/envelope.svg",
    ] {
        assert_eq!(
            scratch.read(&format!("1/{name}")),
            scratch.read(&format!("3/{name}")),
            "{name}"
        );
    }
}

#[test]
fn nothing_to_compare_is_bad_usage() {
    let scratch = Scratch::new("compare-usage");
    scratch.write("shop.yaml", SHOP);
    scratch.run(&["compare", "shop.yaml"]).with(2);
    scratch.run(&["compare", "-", "-"]).with(2);
    scratch
        .run(&["compare", "shop.yaml", "missing.yaml"])
        .with(2);
    let one = ["compare", "shop.yaml", "shop.yaml", "--replications", "1"];
    scratch.run(&one).with(2);
    let bad = ["compare", "shop.yaml", "--set", "services.shop.thread=3"];
    let refused = scratch.run(&bad).with(2);
    assert!(refused.err.contains("threads"), "{}", refused.err);
}

#[test]
fn the_faults_of_both_designs_are_shown_where_they_differ() {
    let scratch = Scratch::new("compare-faults");
    let with = |more: &str| {
        let same = "slow: { at: 1s, for: 500ms, service: shop, slow: { factor: 2 } }";
        format!("{SHOP}\nfaults:\n  {same}\n{more}")
    };
    scratch.write("a.yaml", with(""));
    let worse = "  worse: { at: 2s, for: 500ms, service: shop, slow: { factor: 3 } }\n";
    scratch.write("b.yaml", with(worse));
    let args = [
        "compare",
        "a.yaml",
        "b.yaml",
        "--replications",
        "2",
        "-o",
        "out",
    ];
    let shown = scratch.run(&args).with(0).out;
    let svg = scratch.read("out/charts/envelope.svg");
    for text in [&shown, &svg] {
        assert!(text.contains("B: worse"), "{text}");
        assert!(!text.contains("A: slow"), "it is the same in both: {text}");
    }
}

#[test]
fn designs_without_a_name_in_common_cannot_be_compared() {
    let scratch = Scratch::new("compare-nothing");
    let (shop, _) = SHOP.split_once("expect:").unwrap();
    scratch.write("a.yaml", shop);
    let other = shop.replace("users", "robots").replace("shop", "depot");
    scratch.write("b.yaml", other.replace("patient", "hasty"));
    let args = ["compare", "a.yaml", "b.yaml", "--replications", "3"];
    let compare = |more: &[&str]| scratch.run(&[&args[..], more].concat()).with(3).out;
    let told = compare(&[]);
    let headline =
        "NOTHING IN COMMON  shop against depot: they cannot be compared: no figure is in";
    assert!(told.starts_with(headline), "{told}");
    let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("the same name in both"), "{told}");
    assert!(!told.contains("more than chance"), "{told}");
    let markdown = compare(&["--format", "markdown"]);
    assert!(markdown.starts_with("# NOTHING IN COMMON: "), "{markdown}");
    assert!(markdown.contains("the same name in both"), "{markdown}");
    let report = json(&compare(&["--format", "json"]));
    assert_eq!(report["nothing_in_common"], true);
    assert!(report["figures"].as_array().unwrap().is_empty());
    // A client of the same name is enough.
    let half = SHOP.replace("shop", "depot");
    scratch.write("b.yaml", half);
    let told = scratch
        .run(&[&args[..], &["--format", "json"]].concat())
        .with(0)
        .out;
    assert!(json(&told).get("nothing_in_common").is_none(), "{told}");
}

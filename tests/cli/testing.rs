//! `squall test`: expectations and stored reports, and what never happens to them.

use super::binary::{Ended, Scratch};
use super::sample::{SHOP, shop_with};
use serde_json::Value;
use std::io::Write as _;
use std::process::Stdio;

/// A folder with one good scenario whose report is stored.
fn stored(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    scratch.write("shop.yaml", SHOP);
    test(&scratch, &["test", "shop.yaml", "--update"], None).with(0);
    scratch
}

/// Runs the program with or without `CI`.
fn test(scratch: &Scratch, args: &[&str], ci: Option<&str>) -> Ended {
    let mut command = scratch.command(args);
    command.env_remove("CI");
    if let Some(value) = ci {
        command.env("CI", value);
    }
    command.output().unwrap().into()
}

fn json(scratch: &Scratch, args: &[&str], code: i32) -> Value {
    let all = [&["test"], args, &["--format", "json"]].concat();
    serde_json::from_str(&test(scratch, &all, None).with(code).out).unwrap()
}

/// The shop with one thread less: its expectations hold, its report is another.
fn changed() -> String {
    shop_with("threads: 4", "threads: 3")
}

#[test]
fn expectations_alone_need_no_stored_report() {
    let scratch = Scratch::new("test-plain");
    scratch.write("shop.yaml", SHOP);
    let ended = test(&scratch, &["test", "shop.yaml"], None).with(0);
    assert_eq!(
        ended.out,
        "pass    shop.yaml\n        1 of 1 expectations met; no reports are stored here\n\
         1 scenario: 1 passed\n"
    );
    assert_eq!(scratch.names("."), ["shop.yaml"]);
}

#[test]
fn a_failed_expectation_fails_with_its_causes() {
    let scratch = Scratch::new("test-failed");
    scratch.write("shop.yaml", shop_with("rate: 100/s", "rate: 2000/s"));
    let out = test(&scratch, &["test", "shop.yaml"], None).with(1).out;
    assert!(
        out.starts_with("fail    shop.yaml\n        0 of 1 expectations met"),
        "{out}"
    );
    assert!(
        out.contains("fail useful: success of users is at least 50%:"),
        "{out}"
    );
    assert!(out.contains("the queue of shop is full"), "{out}");
}

#[test]
fn what_is_stored_agrees_with_the_same_run() {
    let scratch = stored("test-same");
    assert_eq!(scratch.names("reports"), ["shop.snap"]);
    let before = scratch.read("reports/shop.snap");
    assert!(
        before.starts_with("---\nsource: squall test\n---\n{\n"),
        "{before}"
    );
    let ended = test(&scratch, &["test", "."], None).with(0);
    assert!(ended.out.contains("report as stored\n"), "{}", ended.out);
    test(&scratch, &["test", ".", "--update"], None).with(0);
    assert_eq!(before, scratch.read("reports/shop.snap"));
}

#[test]
fn a_difference_is_shown_field_by_field_with_the_place_where_runs_part() {
    let scratch = stored("test-differs");
    scratch.write("shop.yaml", changed());
    let out = test(&scratch, &["test", "."], None).with(1).out;
    for words in [
        "fail    ./shop.yaml",
        "the report differs from the stored one in ",
        "the scenario was changed after its report was stored",
        "services[shop].utilisation",
        "services[shop].threads\n            4 -> 3 (-25%)",
        "The runs part in the facts ",
        "In the new run these are:",
        "accept it: squall test ./shop.yaml --update",
    ] {
        assert!(out.contains(words), "{words}\n{out}");
    }
    for line in out.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let data = json(&scratch, &["."], 1);
    let stored = &data["scenarios"][0]["stored"];
    assert_eq!(stored["state"], "differs");
    let parting = &stored["parting"];
    let (agreed, until) = (&parting["agreed_facts_total"], &parting["until_fact"]);
    assert!(agreed.as_u64() < until.as_u64());
    let facts = parting["facts"].as_array().unwrap();
    assert_eq!(facts[0]["number"].as_u64(), agreed.as_u64().map(|n| n + 1));
    assert!(facts[0]["fact"]["at_ns"].is_u64(), "{}", facts[0]);
    let threads = stored["changes"].as_array().unwrap().iter();
    let threads = threads.filter(|one| one["path"] == "services[shop].threads");
    assert_eq!(threads.map(|one| &one["relative"]).next().unwrap(), -0.25);
}

#[test]
fn a_difference_is_accepted_on_demand() {
    let scratch = stored("test-update");
    scratch.write("shop.yaml", changed());
    let out = test(&scratch, &["test", ".", "--update"], None).with(0).out;
    assert!(
        out.contains("report stored in `./reports/shop.snap`"),
        "{out}"
    );
    test(&scratch, &["test", "."], None).with(0);
}

#[test]
fn a_summary_survives_another_digest() {
    let scratch = stored("test-summary");
    let old = scratch.read("reports/shop.snap");
    let digest = json(&scratch, &["."], 0)["scenarios"][0]["digest"].clone();
    let digest = digest.as_str().unwrap();
    assert_eq!(
        old.matches(digest).count(),
        2,
        "the value and the last checkpoint"
    );
    let other = old
        .replace(digest, &"0".repeat(32))
        .replace("\"engine_semantics\": ", "\"engine_semantics\": 9");
    scratch.write("reports/shop.snap", other);
    let out = test(&scratch, &["test", "."], None).with(1).out;
    assert!(out.contains("stored under engine semantics 9"), "{out}");
    let summary = ["test", ".", "--level", "summary"];
    let out = test(&scratch, &summary, None).with(0).out;
    assert!(out.contains("within the tolerance"), "{out}");
    let renamed = shop_with("run:", "title: Another title\nrun:");
    scratch.write("reports/shop.snap", &old);
    scratch.write("shop.yaml", renamed);
    let out = test(&scratch, &summary, None).with(0).out;
    assert!(out.contains("the run is as stored (same digest)"), "{out}");
    scratch.write("shop.yaml", changed());
    test(&scratch, &summary, None).with(1);
    let lax = [&summary[..], &["--tolerance", "100%"]].concat();
    test(&scratch, &lax, None).with(0);
    test(&scratch, &["test", ".", "--tolerance", "5%"], None).with(2);
}

#[test]
fn continuous_integration_never_stores() {
    let scratch = stored("test-ci");
    scratch.write("shop.yaml", changed());
    scratch.write("other.yaml", SHOP);
    let before = scratch.read("reports/shop.snap");
    for ask in ["--update", "--review"] {
        let ended = test(&scratch, &["test", ".", ask], Some("true")).with(1);
        assert!(
            ended.err.contains("CI is set: nothing is stored"),
            "{}",
            ended.err
        );
    }
    assert_eq!(before, scratch.read("reports/shop.snap"));
    assert_eq!(scratch.names("reports"), ["shop.snap"]);
    let out = test(&scratch, &["test", ".", "--update"], Some("false"))
        .with(0)
        .out;
    assert!(out.contains("2 passed"), "{out}");
}

#[test]
fn a_review_asks_one_by_one() {
    let scratch = stored("test-review");
    scratch.write("shop.yaml", changed());
    scratch.write("a.yaml", SHOP);
    scratch.write("z.yaml", SHOP);
    let mut child = scratch
        .command(&["test", ".", "--review"])
        .env_remove("CI")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"what?\ny\nn\nq\n")
        .unwrap();
    let ended = Ended::from(child.wait_with_output().unwrap()).with(1);
    assert_eq!(
        ended.err.matches("[y]es, [n]o, [q]uit").count(),
        4,
        "{}",
        ended.err
    );
    assert_eq!(scratch.names("reports"), ["a.snap", "shop.snap"]);
}

#[test]
fn what_belongs_to_nothing_is_reported() {
    let scratch = stored("test-orphans");
    scratch.write("other.yaml", SHOP);
    let out = test(&scratch, &["test", "."], None).with(1).out;
    assert!(out.contains("no report is stored for it"), "{out}");
    scratch.write("reports/gone.snap", "---\n---\n{}");
    std::fs::remove_file(scratch.path("other.yaml")).unwrap();
    let out = test(&scratch, &["test", "."], None).with(1).out;
    assert!(
        out.contains("gone.snap`\n        it belongs to no scenario"),
        "{out}"
    );
    test(&scratch, &["test", "shop.yaml"], None).with(0);
    let ended = test(&scratch, &["test", ".", "--filter", "shpo"], None).with(2);
    assert!(
        ended.err.contains("the filter `shpo` matches none of 1"),
        "{}",
        ended.err
    );
    test(&scratch, &["test", ".", "--filter", "sho"], None).with(0);
    std::fs::create_dir(scratch.path("empty")).unwrap();
    for missing in ["nowhere", "empty"] {
        test(&scratch, &["test", missing], None).with(2);
    }
}

#[test]
fn a_stored_report_that_cannot_be_read_is_a_failure() {
    let scratch = stored("test-unreadable");
    for broken in ["", "{}", "---\n---\n{", "---\nx\n---\n{\"a\": 1}"] {
        scratch.write("reports/shop.snap", broken);
        let out = test(&scratch, &["test", "."], None).with(1).out;
        assert!(out.contains("the stored report cannot be read"), "{out}");
    }
    test(&scratch, &["test", ".", "--update"], None).with(0);
    test(&scratch, &["test", "."], None).with(0);
}

#[test]
fn one_bad_scenario_does_not_hide_the_others() {
    let scratch = Scratch::new("test-bad");
    scratch.write("a.yaml", shop_with("shop.buy", "shops.buy"));
    scratch.write("b.yaml", SHOP);
    scratch.write("other.yaml", "no: scenario\n");
    let out = test(&scratch, &["test", "."], None).with(2).out;
    assert!(out.contains("error   ./a.yaml\n"), "{out}");
    assert!(out.contains("did you mean"), "{out}");
    assert!(out.contains("pass    ./b.yaml\n"), "{out}");
    assert!(
        out.contains("no      `./other.yaml`\n        not a scenario: it has no key `scenario`\n"),
        "{out}"
    );
    assert!(
        out.ends_with("2 scenarios: 1 passed, 1 cannot be run, 1 of the files are no scenario\n"),
        "{out}"
    );
    scratch.write("a.yaml", shop_with("scenario:", "scenrio:"));
    scratch.write("other.yml", shop_with("scenario: ", "scenario "));
    let out = test(&scratch, &["test", "."], None).with(2).out;
    assert!(out.contains("error   ./a.yaml\n"), "{out}");
    assert!(out.contains("did you mean `scenario`?"), "{out}");
    assert!(out.contains("error   ./other.yml\n"), "{out}");
}

#[test]
fn the_number_of_jobs_changes_nothing() {
    let scratch = Scratch::new("test-jobs");
    for name in ["a", "b", "c", "d"] {
        scratch.write(&format!("{name}.yaml"), SHOP);
    }
    let one = test(&scratch, &["test", ".", "--jobs", "1"], None)
        .with(0)
        .out;
    for jobs in ["2", "3", "8"] {
        assert_eq!(
            one,
            test(&scratch, &["test", ".", "--jobs", jobs], None)
                .with(0)
                .out
        );
    }
}

/// The elements of a document, opened and closed one inside the other.
fn elements(xml: &str) -> Vec<String> {
    let mut open: Vec<&str> = Vec::new();
    let mut all = Vec::new();
    let body = xml
        .strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        .unwrap();
    for tag in body.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap();
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap();
        all.push(tag.to_owned());
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} are not closed");
    all
}

#[test]
fn every_format_names_every_case() {
    let scratch = stored("test-formats");
    scratch.write("shop.yaml", shop_with("at_least: 50%", "at_most: 50%"));
    scratch.write("bad.yaml", shop_with("shop.buy", "shops.buy"));
    let args = [
        "test",
        ".",
        "--format",
        "github",
        "--write",
        "junit=j.xml",
        "--write",
        "markdown=m.md",
        "--write",
        "json=j.json",
    ];
    let github = test(&scratch, &args, None).with(2).out;
    assert!(
        github.starts_with("::error file=./bad.yaml,line=7,title=not a scenario::"),
        "{github}"
    );
    assert!(
        github.contains("::error file=./shop.yaml,line=21,title=useful fail::"),
        "{github}"
    );
    assert!(
        github.contains("title=stored report::the report differs"),
        "{github}"
    );

    let junit = elements(&scratch.read("j.xml"));
    assert_eq!(
        junit[0],
        "testsuites name=\"squall\" tests=\"3\" failures=\"2\" errors=\"1\" skipped=\"0\""
    );
    let count = |name: &str| junit.iter().filter(|tag| tag.starts_with(name)).count();
    assert_eq!(
        [
            count("testsuite "),
            count("testcase "),
            count("failure "),
            count("error ")
        ],
        [2, 3, 2, 1]
    );

    let markdown = scratch.read("m.md");
    assert!(
        markdown.starts_with("# squall: 0 of 2 scenarios pass\n"),
        "{markdown}"
    );
    assert!(
        markdown.contains("| ./shop.yaml | **fail** | 0 of 1 | differs |"),
        "{markdown}"
    );

    let data: Value = serde_json::from_str(&scratch.read("j.json")).unwrap();
    assert_eq!(data["schema_version"], 1);
    assert_eq!(data["exit_code"], 2);
    assert_eq!(data["scenarios"][1]["expectations"][0]["line"], 21);
    assert_eq!(data["scenarios"][0]["error"]["line"], 7);
}

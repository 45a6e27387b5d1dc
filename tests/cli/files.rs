//! What is written: everything or nothing, the same bytes each time.

use super::binary::Scratch;
use super::sample::{SHOP, shop_with};
use crate::support::root;

fn run_into(scratch: &Scratch, folder: &str) -> super::binary::Ended {
    scratch.run(&["run", "shop.yaml", "-o", folder])
}

#[test]
fn two_runs_give_the_same_bytes() {
    let scratch = Scratch::new("same-bytes");
    scratch.write("shop.yaml", SHOP);
    let first = run_into(&scratch, "a").with(0);
    let second = run_into(&scratch, "deep/er/b").with(0);
    assert_eq!(first.out, second.out);
    assert_eq!(
        scratch.names("a"),
        ["charts", "report.html", "report.json", "report.md"]
    );
    for name in ["report.html", "report.json", "report.md"] {
        let (a, b) = (format!("a/{name}"), format!("deep/er/b/{name}"));
        assert_eq!(scratch.read(&a), scratch.read(&b), "{name}");
    }
    let charts = scratch.names("a/charts");
    assert_eq!(charts, scratch.names("deep/er/b/charts"));
    for name in charts {
        let (a, b) = (
            format!("a/charts/{name}"),
            format!("deep/er/b/charts/{name}"),
        );
        assert_eq!(scratch.read(&a), scratch.read(&b), "{name}");
    }
}

/// Each mechanism with a chart of its own has it among the files.
#[test]
fn charts_of_instances_limits_and_pools_are_files_too() {
    let scratch = Scratch::new("own-charts");
    for (scenario, chart) in [
        ("check-detection", "instances.svg"),
        ("limit-learns", "learned-limits.svg"),
        ("pool-deadlock", "pools.svg"),
    ] {
        let file = root()
            .join("scenarios")
            .join(scenario)
            .with_extension("yaml");
        scratch
            .run(&["run", file.to_str().unwrap(), "-o", scenario])
            .with(0);
        let charts = scratch.names(&format!("{scenario}/charts"));
        assert!(charts.iter().any(|it| it == chart), "{charts:?}");
    }
}

#[test]
fn a_report_holds_no_path() {
    let scratch = Scratch::new("no-path");
    let path = scratch.write("shop.yaml", SHOP);
    let folder = scratch.path("out");
    let args = [
        "run",
        path.to_str().unwrap(),
        "-o",
        folder.to_str().unwrap(),
    ];
    scratch.run(&args).with(0);
    for name in ["report.html", "report.json", "report.md"] {
        let text = scratch.read(&format!("out/{name}"));
        assert!(!text.contains(env!("CARGO_TARGET_TMPDIR")), "{name}");
    }
}

#[test]
fn a_report_replaces_the_one_before() {
    let scratch = Scratch::new("replace");
    scratch.write("shop.yaml", SHOP);
    run_into(&scratch, "out").with(0);
    let before = scratch.read("out/report.json");
    scratch.write("out/mine.txt", "kept");
    scratch.write("shop.yaml", shop_with("seed: 7", "seed: 8"));
    run_into(&scratch, "out").with(0);
    assert_ne!(before, scratch.read("out/report.json"));
    assert_eq!(scratch.read("out/mine.txt"), "kept");
    assert_eq!(scratch.names("out").len(), 5, "{:?}", scratch.names("out"));
}

#[test]
fn what_is_in_the_way_is_found_before_the_run() {
    let scratch = Scratch::new("in-the-way");
    // A run of this length would take for ever.
    scratch.write("shop.yaml", shop_with("duration: 4s", "duration: 900000h"));
    scratch.write("file", "mine");
    std::fs::create_dir_all(scratch.path("taken/report.json")).unwrap();
    std::fs::create_dir_all(scratch.path("charts-taken")).unwrap();
    scratch.write("charts-taken/charts", "mine");
    for folder in ["file", "file/below", "taken", "charts-taken"] {
        let ended = run_into(&scratch, folder).with(4);
        assert_eq!(ended.out, "");
        assert!(ended.err.contains("error: cannot write `"), "{}", ended.err);
    }
    for log in ["file/facts", "nowhere/facts", "taken"] {
        let ended = scratch
            .run(&["run", "shop.yaml", "-o", "new", "--events", log])
            .with(4);
        assert!(ended.err.contains("error: cannot write `"), "{}", ended.err);
    }
    assert_eq!(
        scratch.names("."),
        ["charts-taken", "file", "shop.yaml", "taken"]
    );
    assert_eq!(scratch.read("file"), "mine");
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_is_never_replaced_by_a_file() {
    let scratch = Scratch::new("device");
    scratch.write("shop.yaml", SHOP);
    scratch.write("other", "mine");
    std::os::unix::fs::symlink("other", scratch.path("link")).unwrap();
    for log in ["/dev/full", "link"] {
        scratch.run(&["run", "shop.yaml", "--events", log]).with(4);
    }
    assert_eq!(scratch.names("."), ["link", "other", "shop.yaml"]);
}

#[test]
fn every_fact_is_a_line() {
    let scratch = Scratch::new("facts");
    scratch.write("shop.yaml", SHOP);
    let args = [
        "run",
        "shop.yaml",
        "--events",
        "facts.jsonl",
        "--format",
        "json",
    ];
    let report: serde_json::Value = serde_json::from_str(&scratch.run(&args).with(0).out).unwrap();
    let log = scratch.read("facts.jsonl");
    let count = report["digest"]["facts_total"].as_u64().unwrap();
    assert_eq!(log.lines().count() as u64, count);
    let mut last = 0;
    for line in log.lines() {
        let fact: serde_json::Value = serde_json::from_str(line).unwrap();
        let at = fact["at_ns"].as_u64().unwrap();
        assert!(at >= last);
        last = at;
    }
}

#[test]
fn watching_changes_nothing() {
    let scratch = Scratch::new("watching");
    scratch.write("shop.yaml", SHOP);
    let plain = scratch
        .run(&["run", "shop.yaml", "--format", "json"])
        .with(0);
    let args = [
        "run",
        "shop.yaml",
        "--format",
        "json",
        "--events",
        "facts",
        "-o",
        "out",
    ];
    assert_eq!(plain.out, scratch.run(&args).with(0).out);
    assert_eq!(plain.out, scratch.read("out/report.json"));
}

/// Whatever it is called, and by whichever option it would be written.
#[test]
fn what_is_read_is_never_written_over() {
    let scratch = Scratch::new("own-input");
    std::fs::create_dir_all(scratch.path("d")).unwrap();
    scratch.write("shop.yaml", SHOP);
    scratch.write("d/report.json", SHOP);
    scratch.write("calls.csv", "start,latency,outcome\n0,0.1,ok\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink(scratch.path("d"), scratch.path("link")).unwrap();
    for args in [
        &["run", "shop.yaml", "--events", "shop.yaml"][..],
        &["run", "shop.yaml", "--events", "./d/../shop.yaml"],
        &["run", "d/report.json", "-o", "d"],
        #[cfg(unix)]
        &["run", "d/report.json", "-o", "link"],
        &[
            "backtest",
            "shop.yaml",
            "calls.csv",
            "--decisions",
            "calls.csv",
        ],
        &[
            "backtest",
            "shop.yaml",
            "calls.csv",
            "--decisions",
            "./shop.yaml",
        ],
    ] {
        let ended = scratch.run(args).with(2);
        assert!(
            ended.err.contains("would be written over"),
            "{args:?}: {}",
            ended.err
        );
    }
    assert_eq!(scratch.read("shop.yaml"), SHOP);
    assert_eq!(scratch.read("d/report.json"), SHOP);
    assert_eq!(scratch.names("d"), ["report.json"]);
}

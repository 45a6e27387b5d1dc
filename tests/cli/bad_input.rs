//! Whatever is wrong with an input: exit code 2, a message that says what, nothing on standard
//! output, nothing written.

use super::binary::Scratch;
use super::sample::{SHOP, shop_with};

/// Checks and runs a file that must be refused with a message that holds `expected`.
#[track_caller]
fn refused(scratch: &Scratch, file: &str, expected: &str) {
    let validate = scratch.run(&["validate", file]).with(2);
    let run = scratch
        .run(&["run", file, "-o", "out", "--events", "facts"])
        .with(2);
    for ended in [validate, run] {
        assert_eq!(ended.out, "");
        assert!(ended.err.contains("error"), "{}", ended.err);
        assert!(
            ended.err.contains(expected),
            "{expected:?} is not in:\n{}",
            ended.err
        );
        let strange = |c: char| c.is_control() && c != '\n';
        assert!(!ended.err.contains(strange), "{:?}", ended.err);
    }
    assert!(!scratch.path("out").exists());
    assert!(!scratch.path("facts").exists());
}

#[test]
fn what_is_no_readable_file_is_refused() {
    let scratch = Scratch::new("bad-files");
    scratch.write("empty.yaml", "");
    scratch.write("latin.yaml", b"scenario: caf\xe9\n");
    scratch.write("large.yaml", vec![b'#'; (16 << 20) + 1]);
    for (file, expected) in [
        (
            "missing.yaml",
            "cannot read `missing.yaml`: there is no such file",
        ),
        (".", "it is a directory"),
        ("empty.yaml", "there is no scenario in here"),
        (
            "latin.yaml",
            "line 1, column 14: the byte 0xe9 is not UTF-8",
        ),
        ("large.yaml", "larger than the limit of 16 MiB"),
    ] {
        refused(&scratch, file, expected);
    }
}

#[cfg(unix)]
#[test]
fn devices_and_pipes_are_refused_without_waiting() {
    let scratch = Scratch::new("bad-devices");
    let made = std::process::Command::new("mkfifo")
        .arg(scratch.path("pipe"))
        .status();
    assert!(made.unwrap().success());
    refused(&scratch, "/dev/zero", "it is not a regular file");
    refused(&scratch, "pipe", "it is not a regular file");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let scratch = Scratch::new("bad-values");
    let half = &SHOP[..SHOP.len() / 2 - 6];
    let cycle = shop_with(
        "{ exponential: { mean: 20ms } }",
        "20ms\n          - call: { to: shop.buy }",
    );
    for (name, text, expected) in [
        ("half a file", half.to_owned(), "error"),
        ("not a map", "[1, 2]".to_owned(), "error"),
        (
            "unknown service",
            shop_with("shop.buy", "shops.buy"),
            "did you mean `shop",
        ),
        (
            "unknown key",
            shop_with("queue:", "queues:"),
            "did you mean `queue`?",
        ),
        ("negative duration", shop_with("4s", "-4s"), "`-4s`"),
        (
            "duration without unit",
            shop_with("4s", "4"),
            "`run.duration` is `4`",
        ),
        ("not a number", shop_with("20ms", ".nan"), "`.nan`"),
        ("infinite", shop_with("20ms", ".inf"), "`.inf`"),
        (
            "no threads",
            shop_with("threads: 4", "threads: 0"),
            "threads",
        ),
        ("a circle of calls", cycle, "shop.buy"),
        (
            "a key twice",
            shop_with("threads: 4", "threads: 4\n    threads: 5"),
            "threads",
        ),
        (
            "a control character",
            shop_with("enough", "enough\u{1b}[2J"),
            "U+001B",
        ),
    ] {
        let file = format!("{name}.yaml");
        scratch.write(&file, text);
        refused(&scratch, &file, expected);
    }
}

#[test]
fn mistakes_are_shown_all_at_once() {
    let scratch = Scratch::new("bad-grid");
    let text = shop_with("duration: 4s", "duration: 4")
        .replace("rate: 100/s", "rate: 100")
        .replace("threads: 4", "threads: none")
        .replace("capacity: 8", "capacity: -8")
        .replace("timeout: 1s", "time_out: 1s")
        .replace("at_least: 50%", "at_least: 50");
    scratch.write("grid.yaml", text);
    let err = scratch.run(&["validate", "grid.yaml"]).with(2).err;
    assert_eq!(err.matches("error[").count(), 6, "{err}");
    for place in [":3:", ":6:", ":11:", ":12:", ":19:", ":21:"] {
        assert!(
            err.contains(&format!(" --> grid.yaml{place}")),
            "{place} in {err}"
        );
    }
}

#[test]
fn at_most_twenty_mistakes_are_shown() {
    let scratch = Scratch::new("bad-many");
    let extra = ["extra"; 30].iter().zip(1..);
    let extra: Vec<String> = extra.map(|(key, n)| format!("{key}{n}: 1\n")).collect();
    let text = SHOP.to_owned() + &extra.concat();
    scratch.write("many.yaml", text);
    let err = scratch.run(&["validate", "many.yaml"]).with(2).err;
    assert_eq!(err.matches("error[").count(), 20, "{err}");
    assert!(err.ends_with("… and 10 more\n"), "{err}");
}

#[test]
fn heaps_of_mistakes_on_one_line_take_no_time() {
    let scratch = Scratch::new("bad-heap");
    let keys: Vec<String> = (0..45_000)
        .map(|n| format!("\"k{n}\": \"1234567\""))
        .collect();
    scratch.write("heap.json", format!("{{{}}}", keys.join(", ")));
    for format in ["human", "json"] {
        let ended = scratch
            .run(&["validate", "heap.json", "--format", format])
            .with(2);
        assert!(ended.err.lines().all(|line| line.chars().count() < 160));
    }
}

#[test]
fn settings_that_lead_nowhere_are_refused_with_their_place() {
    let scratch = Scratch::new("bad-settings");
    scratch.write("shop.yaml", SHOP);
    for (setting, expected) in [
        ("services.shop.thread=5", "did you mean `threads`?"),
        ("services.shop.threads=many", " --> --set 1:1:23"),
        ("services.shop", "a setting is PATH=VALUE"),
    ] {
        let ended = scratch.run(&["run", "shop.yaml", "--set", setting]).with(2);
        assert_eq!(ended.out, "");
        assert!(ended.err.contains(expected), "{}", ended.err);
    }
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    let scratch = Scratch::new("bad-arguments");
    for args in [
        &["fly"][..],
        &["run"],
        &["run", "a.yaml", "--seed", "-1"],
        &["run", "a.yaml", "--seed", "1.5"],
        &["run", "a.yaml", "--format", "\u{1b}[2Jxml"],
        &["new"],
    ] {
        let ended = scratch.run(args).with(2);
        assert_eq!(ended.out, "");
        assert!(ended.err.starts_with("error: "), "{}", ended.err);
        assert!(!ended.err.contains('\u{1b}'), "{}", ended.err);
    }
}

#[test]
fn files_of_a_scenario_stay_in_its_folder() {
    let scratch = Scratch::new("bad-companions");
    let with = |file: &str| {
        shop_with(
            "{ exponential: { mean: 20ms } }",
            &format!("{{ empirical: {{ file: {file} }} }}"),
        )
    };
    std::fs::create_dir(scratch.path("inner")).unwrap();
    scratch.write("times.csv", "10ms\n20ms\n");
    scratch.write("good.yaml", with("times.csv"));
    scratch.write("inner/up.yaml", with("../times.csv"));
    scratch.write("gone.yaml", with("gone.csv"));
    scratch.run(&["run", "good.yaml"]).with(0);
    refused(
        &scratch,
        "inner/up.yaml",
        "it lies outside the scenario's folder",
    );
    refused(&scratch, "gone.yaml", "there is no such file");
}

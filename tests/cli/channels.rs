//! What goes to standard output and standard error, how wide, and in which colours.

use super::binary::{Ended, Scratch, squall};
use super::sample::{SHOP, shop_with};
use std::process::{Command, Stdio};

/// All commands.
pub(super) const COMMANDS: [&str; 13] = [
    "run",
    "compare",
    "validate",
    "new",
    "replay",
    "backtest",
    "backoff",
    "test",
    "trace",
    "explain",
    "schema",
    "completions",
    "man",
];

/// A shop that is asked for far more than it can do, and expects otherwise.
fn overloaded() -> String {
    shop_with("rate: 100/s", "rate: 2000/s")
}

#[test]
fn the_verdict_is_the_exit_code() {
    let scratch = Scratch::new("verdicts");
    scratch.write("good.yaml", SHOP);
    scratch.write("bad.yaml", overloaded());
    scratch.write(
        "cut.yaml",
        shop_with("seed: 7", "seed: 7, limits: { events: 200 }"),
    );
    let good = scratch.run(&["run", "good.yaml"]).with(0);
    assert!(good.out.contains("shop"), "{}", good.out);
    scratch.run(&["run", "bad.yaml"]).with(1);
    scratch.run(&["run", "cut.yaml"]).with(3);
}

#[test]
fn a_seed_and_a_setting_make_another_run() {
    let scratch = Scratch::new("another-run");
    scratch.write("shop.yaml", SHOP);
    let digest = |more: &[&str]| {
        let args = [&["run", "shop.yaml", "--format", "json"][..], more].concat();
        let report: serde_json::Value =
            serde_json::from_str(&scratch.run(&args).with(0).out).unwrap();
        report["digest"]["value"].as_str().unwrap().to_owned()
    };
    let plain = digest(&[]);
    assert_eq!(plain, digest(&["--seed", "7"]));
    assert_ne!(plain, digest(&["--seed", "8"]));
    assert_ne!(plain, digest(&["--set", "services.shop.threads=3"]));
}

#[test]
fn a_scenario_may_come_from_standard_input() {
    let scratch = Scratch::new("stdin");
    let path = scratch.write("shop.yaml", SHOP);
    let mut command = scratch.command(&["run", "-"]);
    command.stdin(std::fs::File::open(path).unwrap());
    let ended = Ended::from(command.output().unwrap()).with(0);
    let from_file = scratch.run(&["run", "shop.yaml"]).out;
    // Commands name what was given.
    assert_eq!(ended.out, from_file.replace("run shop.yaml", "run -"));
}

#[test]
fn data_and_words_keep_apart() {
    let scratch = Scratch::new("apart");
    scratch.write("shop.yaml", shop_with("capacity: 8", "capacity: unlimited"));
    let loud = scratch.run(&["run", "shop.yaml"]);
    assert!(loud.err.contains("warning"), "{}", loud.err);
    let quiet = scratch.run(&["run", "shop.yaml", "--quiet"]);
    assert_eq!(quiet.err, "");
    assert_eq!(quiet.out, loud.out);
}

#[test]
fn nothing_is_wider_than_a_terminal() {
    let scratch = Scratch::new("width");
    scratch.write("shop.yaml", SHOP);
    scratch.write("bad.yaml", overloaded());
    let mut commands = vec![
        vec!["--help"],
        vec!["new", "--list"],
        vec!["run", "shop.yaml"],
        vec!["run", "bad.yaml"],
        vec!["validate", "shop.yaml"],
    ];
    commands.extend(COMMANDS.map(|command| vec![command, "--help"]));
    for args in commands {
        let ended = scratch.run(&args);
        for line in ended.out.lines() {
            assert!(line.chars().count() <= 80, "{args:?}: {line}");
        }
    }
}

#[test]
fn help_says_what_to_do() {
    let scratch = Scratch::new("help");
    let help = scratch.run(&["--help"]).with(0).out;
    assert!(
        help.starts_with("Simulate how calls, queues, retries and breakers behave"),
        "{help}"
    );
    for command in COMMANDS {
        assert!(
            help.contains(&format!("\n  {command} ")),
            "{command} in {help}"
        );
    }
    let version = scratch.run(&["--version"]).with(0).out;
    assert!(version.starts_with("squall "), "{version}");
}

#[test]
fn colour_is_asked_for() {
    let scratch = Scratch::new("colour");
    scratch.write("bad.yaml", shop_with("shop.buy", "shops.buy"));
    let escapes = |args: &[&str], no_color: bool| {
        let mut command = scratch.command(args);
        if no_color {
            command.env("NO_COLOR", "1");
        }
        Ended::from(command.output().unwrap())
            .err
            .contains('\u{1b}')
    };
    assert!(
        !escapes(&["validate", "bad.yaml"], false),
        "no terminal, no colour"
    );
    assert!(!escapes(&["validate", "bad.yaml"], true));
    assert!(!escapes(
        &["validate", "bad.yaml", "--color", "never"],
        false
    ));
    assert!(escapes(
        &["validate", "bad.yaml", "--color", "always"],
        false
    ));
}

#[test]
fn ascii_means_ascii() {
    let scratch = Scratch::new("ascii");
    scratch.write("shop.yaml", shop_with("enough", "genügend"));
    scratch.write("bad.yaml", shop_with("shop.buy", "größe.buy"));
    for file in ["shop.yaml", "bad.yaml"] {
        let ended = scratch.run(&["run", file, "--ascii"]);
        assert!(ended.out.is_ascii(), "{}", ended.out);
        assert!(ended.err.is_ascii(), "{}", ended.err);
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_leaves_is_no_error() {
    let scratch = Scratch::new("pipe");
    scratch.write("shop.yaml", SHOP);
    let script = format!(
        "'{}' run shop.yaml --format json | head -1",
        squall().display()
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script]).current_dir(scratch.path("."));
    let ended = Ended::from(command.output().unwrap()).with(0);
    assert_eq!(ended.out, "{\n");
    assert!(!ended.err.contains("panic"), "{}", ended.err);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_standard_output_is_an_error() {
    let scratch = Scratch::new("full");
    scratch.write("shop.yaml", SHOP);
    for args in [
        &["run", "shop.yaml"][..],
        &["schema"],
        &["man"],
        &["--help"],
    ] {
        let mut command = scratch.command(args);
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        command.stdout(Stdio::from(full));
        let ended = Ended::from(command.output().unwrap()).with(4);
        assert!(
            ended.err.contains("cannot write to standard output"),
            "{}",
            ended.err
        );
    }
}

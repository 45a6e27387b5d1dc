//! `run --replications`: many runs from outside.

use super::binary::Scratch;
use super::sample::{SHOP, shop_with};
use serde_json::Value;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn threads_do_not_show_in_any_byte() {
    let scratch = Scratch::new("threads");
    scratch.write("shop.yaml", SHOP);
    let run = |threads: &str, format: &str| {
        let args = [
            "run",
            "shop.yaml",
            "--replications",
            "12",
            "--threads",
            threads,
            "--format",
            format,
        ];
        scratch.run(&args).with(0).out
    };
    for format in ["human", "json", "markdown", "html"] {
        let alone = run("1", format);
        for threads in ["2", "3", "8"] {
            assert!(
                run(threads, format) == alone,
                "{format} on {threads} threads"
            );
        }
    }
    for threads in ["1", "3"] {
        let args = [
            "run",
            "shop.yaml",
            "--replications",
            "12",
            "--threads",
            threads,
            "-o",
            threads,
        ];
        scratch.run(&args).with(0);
    }
    for name in ["report.html", "report.json", "report.md"] {
        assert_eq!(
            scratch.read(&format!("1/{name}")),
            scratch.read(&format!("3/{name}"))
        );
    }
    for name in scratch.names("1/charts") {
        let read = |folder: &str| scratch.read(&format!("{folder}/charts/{name}"));
        assert_eq!(read("1"), read("3"), "{name}");
    }
}

#[test]
fn a_replication_is_the_same_run_alone() {
    let scratch = Scratch::new("alone");
    scratch.write("shop.yaml", SHOP);
    let many = scratch.run(&[
        "run",
        "shop.yaml",
        "--replications",
        "5",
        "--format",
        "json",
    ]);
    let many = json(&many.with(0).out);
    for number in [0, 3] {
        let one = number.to_string();
        let args = [
            "run",
            "shop.yaml",
            "--replication",
            &one,
            "--format",
            "json",
        ];
        let one = json(&scratch.run(&args).with(0).out);
        assert_eq!(many["each"][number]["digest"], one["digest"]["value"]);
        assert_eq!(one["scenario"]["replication"], number);
    }
    let fewer = [
        "run",
        "shop.yaml",
        "--replications",
        "2",
        "--format",
        "json",
    ];
    let fewer = json(&scratch.run(&fewer).with(0).out);
    assert_eq!(
        fewer["each"].as_array().unwrap(),
        &many["each"].as_array().unwrap()[..2]
    );
}

#[test]
fn the_worst_run_can_be_played_and_replayed() {
    let scratch = Scratch::new("worst");
    scratch.write("shop.yaml", SHOP);
    let args = [
        "run",
        "shop.yaml",
        "--set",
        "services.shop.threads=2",
        "--replications",
        "8",
    ];
    let many = json(
        &scratch
            .run(&[&args[..], &["--format", "json"]].concat())
            .out,
    );
    let command = many["worst"]["command"].as_str().unwrap();
    let words: Vec<&str> = command.split(' ').skip(1).chain(["-o", "out"]).collect();
    let code = scratch.run(&words).code;
    assert!(code == Some(0) || code == Some(1), "{command}");
    let one = json(&scratch.read("out/report.json"));
    let number = many["worst"]["replication"].as_u64().unwrap() as usize;
    assert_eq!(one["digest"]["value"], many["each"][number]["digest"]);
    scratch.run(&["replay", "out/report.json"]).with(0);
    let shares = many["each"].as_array().unwrap().iter();
    let least = shares
        .map(|run| run["useful_share"].as_f64().unwrap())
        .fold(1.0, f64::min);
    assert_eq!(many["worst"]["useful_share"], least);
}

/// Every command that stands in a report can be run as it is.
#[test]
fn every_command_that_a_report_names_can_be_run() {
    let scratch = Scratch::new("named");
    scratch.write("shop.yaml", shop_with("timeout: 1s", "timeout: 30ms"));
    let two = ["--set", "services.shop.threads=2"];
    for start in [
        &["run", "shop.yaml"][..],
        &["run", "shop.yaml", "--seed", "3", "--replication", "2"],
        &["run", "shop.yaml", "--replications", "3"],
    ] {
        let shown = scratch.run(&[start, &two].concat()).out;
        let commands: Vec<&str> = shown
            .lines()
            .filter_map(|line| line.strip_prefix("$ squall "))
            .collect();
        for word in ["explain ", "trace ", "run "] {
            let named = commands.iter().any(|command| command.starts_with(word));
            assert!(named, "{start:?} names no `{word}`: {shown}");
        }
        for command in commands {
            let words: Vec<&str> = command.split(' ').collect();
            let ended = scratch.run(&words);
            assert!(
                matches!(ended.code, Some(0 | 1 | 3)),
                "{command}: {}",
                ended.err
            );
        }
    }
}

#[test]
fn the_page_of_many_runs_says_why_the_worst_one_went_wrong() {
    let scratch = Scratch::new("why-worst");
    scratch.write("shop.yaml", SHOP);
    let args = ["run", "shop.yaml", "--replications", "3"];
    let two = ["--set", "services.shop.threads=1"];
    let sick = scratch.run(&[&args[..], &two].concat()).out;
    assert!(sick.contains("Why, in the worst run"), "{sick}");
    assert!(sick.contains("calls users -> shop.buy fail"), "{sick}");
    let well = scratch.run(&args).with(0).out;
    assert!(!well.contains("Why"), "{well}");
}

#[test]
fn expectations_over_runs_decide_the_exit_code() {
    let scratch = Scratch::new("in-runs");
    let asked = |in_runs: &str| {
        shop_with(
            "at_least: 50%",
            &format!("at_least: 50%, in_runs: {in_runs}"),
        )
    };
    let code = |text: String, runs: &str| {
        scratch.write("shop.yaml", text);
        scratch.run(&["run", "shop.yaml", "--replications", runs])
    };
    code(asked("all"), "5").with(0);
    let few = code(asked("95%"), "5").with(3);
    assert!(
        few.out.contains("it takes 73 that all meet it"),
        "{}",
        few.out
    );
    code(asked("40%"), "5").with(0);
    let hopeless = shop_with("at_least: 50%", "at_least: 100%, in_runs: 90%");
    let hopeless = hopeless.replace("threads: 4", "threads: 1");
    let failed = code(hopeless, "5").with(1);
    assert!(failed.out.contains("0 of 5"), "{}", failed.out);
    let refused = code(asked("100%"), "5").with(2);
    assert!(
        refused.err.contains("write `all`, or a share between"),
        "{}",
        refused.err
    );
}

#[test]
fn runs_are_added_until_the_answer_is_sharp() {
    let scratch = Scratch::new("until");
    scratch.write("shop.yaml", SHOP);
    let until = |goal: &str, most: &str| {
        let args = [
            "run",
            "shop.yaml",
            "--replications",
            "10",
            "--until",
            goal,
            "--max-replications",
            most,
            "--format",
            "json",
        ];
        scratch.run(&args)
    };
    let goal = "half-width of goodput of users < 1/s";
    let reached = json(&until(goal, "500").with(0).out);
    let runs = &reached["runs"];
    let played = runs["finished"].as_u64().unwrap();
    assert!(played > 10 && played.is_multiple_of(10), "{played}");
    assert!(runs["until"]["half_width"].as_f64().unwrap() < 1.0);
    assert_eq!(runs["until"]["reached"], true);
    let most = (played - 10).to_string();
    let stopped = json(&until(goal, &most).with(3).out);
    assert_eq!(stopped["runs"]["until"]["reached"], false);
    for (goal, words) in [
        ("sharp", "says not when to stop"),
        (
            "half-width of goodput of user < 1/s",
            "did you mean `goodput of users`?",
        ),
        ("half-width of goodput of users < 1", "a rate"),
        ("half-width of success of users < 0%", "nothing is narrower"),
    ] {
        let refused = until(goal, "20").with(2);
        assert!(refused.err.contains(words), "{goal}: {}", refused.err);
    }
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let scratch = Scratch::new("many-usage");
    scratch.write("shop.yaml", SHOP);
    for args in [
        &["--replications", "0"][..],
        &["--replications", "5", "--replication", "1"],
        &["--replications", "5", "--events", "facts"],
        &["--threads", "2"],
        &["--until", "half-width of success of users < 1%"],
    ] {
        scratch.run(&[&["run", "shop.yaml"], args].concat()).with(2);
    }
}

#[test]
fn a_report_of_many_runs_is_not_replayed_as_one() {
    let scratch = Scratch::new("many-replay");
    scratch.write("shop.yaml", SHOP);
    scratch
        .run(&["run", "shop.yaml", "--replications", "3", "-o", "out"])
        .with(0);
    let refused = scratch.run(&["replay", "out/report.json"]).with(2);
    assert!(
        refused.err.contains("one run is replayed at a time"),
        "{}",
        refused.err
    );
}

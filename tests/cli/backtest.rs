//! `squall backtest` and `squall backoff` from outside.

use super::binary::{Ended, Scratch, squall};
use crate::support::root;
use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};

const POLICY: &str = "\
policies:
  guarded:
    - circuit_breaker: { consecutive_failures: 3, open_for: 5s }
    - timeout: 1s
  again:
    - retry: { max_attempts: 3, backoff: { exponential: { initial: 100ms, max: 1s } }, jitter: full }
    - timeout: 500ms
";

const LOG: &str = "\
start,latency,outcome,caller
0,0.1,ok,shop
1,0.1,503,shop
2,0.1,503,shop
3,0.1,503,shop
4,0.1,503,shop
5,0.1,ok,shop
9,0.1,ok,shop
";

fn scratch(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    scratch.write("policy.yaml", POLICY);
    scratch.write("calls.csv", LOG);
    scratch
}

const GUARDED: [&str; 5] = [
    "backtest",
    "policy.yaml",
    "calls.csv",
    "--policy",
    "guarded",
];

#[test]
fn the_report_says_what_the_table_says() {
    let scratch = scratch("backtest-report");
    let told = scratch.run(&GUARDED).with(0);
    assert!(
        told.out.lines().all(|line| line.chars().count() <= 80),
        "{}",
        told.out
    );
    assert!(told.out.contains("(line 5): 3 failures"), "{}", told.out);
    let json = scratch
        .run(&[&GUARDED[..], &["--format", "json"]].concat())
        .with(0);
    let report: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(report["backtest_schema_version"], 2);
    assert_eq!(report["calls_total"], 7);
    let effects = serde_json::json!(
        { "kept": 2, "lost": 1, "rescued": 0, "avoided": 1, "unhelped": 3 }
    );
    assert_eq!(report["effects"], effects);
    let line = |n: usize| report["transitions"][n]["line"].as_u64().unwrap();
    assert_eq!([line(0), line(1), line(2)], [5, 8, 8]);
    assert_eq!(report["transitions"][0]["at_ns"], "3100000000");
    assert_eq!(report["breakers"][0]["open_ns"], 5_900_000_000_u64);
}

/// The report of a policy over a log, as JSON.
fn report_of(name: &str, layers: &str, log: &str) -> serde_json::Value {
    let scratch = Scratch::new(name);
    scratch.write("policy.yaml", format!("policies: {{ p: [{layers}] }}\n"));
    scratch.write("calls.csv", log);
    let told = scratch.run(&["backtest", "policy.yaml", "calls.csv", "--format", "json"]);
    serde_json::from_str(&told.with(0).out).unwrap()
}

#[test]
fn layers_are_told_in_the_words_of_a_run() {
    let retry = "retry: { max_attempts: 2, backoff: { constant: 10ms }, jitter: none }";
    for (layer, acts) in [
        (
            "hedge: { delay: 50ms }",
            &[("hedges_sent", 6), ("hedges_lost", 3)][..],
        ),
        (
            retry,
            &[("retries_planned", 3), ("gave_up.attempts_used_up", 3)],
        ),
        (
            "fallback: { answer: { call: { to: other.op } } }",
            &[("fallbacks_unrecorded", 3)],
        ),
        (
            "fallback: { answer: { cached: { max_age: 1500ms } } }",
            &[
                ("fallbacks", 1),
                ("fallbacks_missing", 2),
                ("fallbacks_missing.too_old", 2),
            ],
        ),
        (
            "circuit_breaker: { consecutive_failures: 3, open_for: 1s }",
            &[("opened", 1), ("half_opened", 1), ("closed", 1)],
        ),
    ] {
        let log = "start,latency,outcome\n0,0.1,ok\n1,0.1,503\n2,0.1,503\n3,0.1,503\n5,0.1,ok\n9,0.1,ok\n";
        let report = report_of("backtest-acts", layer, log);
        let told = report["layers"][0]["acts"].as_array().unwrap();
        let told: Vec<(&str, u64)> = told
            .iter()
            .map(|act| {
                (
                    act["name"].as_str().unwrap(),
                    act["total"].as_u64().unwrap(),
                )
            })
            .collect();
        assert_eq!(told, acts, "{layer}");
        assert_eq!(report["layers"][0]["never_acted"], false, "{layer}");
    }
}

#[test]
fn what_no_log_can_answer_is_said() {
    let scratch = scratch("backtest-elsewhere");
    let policy = "policies: { p: [fallback: { answer: { call: { to: other.op } } }] }\n";
    scratch.write("policy.yaml", policy);
    let told = scratch
        .run(&["backtest", "policy.yaml", "calls.csv"])
        .with(0);
    assert!(told.out.contains("fallbacks unrecorded 4"), "{}", told.out);
    let words: Vec<&str> = told.out.split_whitespace().collect();
    let told = words.join(" ");
    assert!(told.contains("The log has no answers of it"), "{told}");
}

#[test]
fn transitions_are_in_the_order_of_time_though_timers_are_told_late() {
    let breaker = "circuit_breaker: { consecutive_failures: 1, open_for: 1s, transition: timer }";
    let log = "start,latency,outcome,caller\n0,0.1,503,a\n5,0.1,503,b\n9,0.1,ok,a\n";
    let report = report_of("backtest-timers", breaker, log);
    let transitions = report["transitions"].as_array().unwrap();
    let at: Vec<&str> = transitions
        .iter()
        .map(|it| it["at_ns"].as_str().unwrap())
        .collect();
    assert_eq!(at, ["100000000", "1100000000", "5100000000", "9100000000"]);
}

#[test]
fn every_call_has_its_decision() {
    let scratch = scratch("backtest-decisions");
    scratch
        .run(&[&GUARDED[..], &["--decisions", "out.csv"]].concat())
        .with(0);
    let table = scratch.read("out.csv");
    assert_eq!(table.lines().count(), 8);
    let rejected = "7,5.000000000,shop,,,ok,0.100000000,stopped.breaker_open,0.000000000,0,rejected,circuit_breaker,open,lost";
    assert!(table.contains(rejected), "{table}");
    scratch
        .run(&[&GUARDED[..], &["--decisions", "out.jsonl"]].concat())
        .with(0);
    for line in scratch.read("out.jsonl").lines() {
        let decision: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(decision["line"].as_u64().unwrap() > 1);
    }
}

/// Cycles count from the first call of a log with dates, from zero in one of seconds, or as asked for.
#[test]
fn cycles_begin_where_the_log_begins() {
    let scratch = Scratch::new("backtest-began");
    let limit = "{ algorithm: fixed_cycle, permits: 1 }";
    scratch.write(
        "p.yaml",
        format!("policies: {{ p: [ {{ rate_limit: {limit} }} ] }}\n"),
    );
    let at = |second: &str| format!("2025-06-01T12:00:{second}Z");
    let log = |first: &str, then: &str| {
        format!("start,latency,outcome\n{first},0.001,ok\n{then},0.001,ok\n")
    };
    scratch.write("dates.csv", log(&at("10.7"), &at("11.6")));
    scratch.write("seconds.csv", log("10.7", "11.6"));
    let stopped = |log: &str, more: &[&str]| {
        let args = [&["backtest", "p.yaml", log, "--format", "json"], more].concat();
        let out = scratch.run(&args).with(0).out;
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        let all = report["outcomes_under_policy"].as_array().unwrap().iter();
        let mut stopped = all.filter(|it| it["name"] == "stopped.rate_limited");
        stopped.next().map_or(0, |it| it["total"].as_u64().unwrap())
    };
    assert_eq!(stopped("dates.csv", &[]), 1);
    assert_eq!(stopped("dates.csv", &["--began", &at("10.6")]), 0);
    assert_eq!(stopped("seconds.csv", &[]), 0);
    assert_eq!(stopped("seconds.csv", &["--began", "10.7"]), 1);
    for began in ["10.8", &at("10.6")] {
        let args = ["backtest", "p.yaml", "seconds.csv", "--began", began];
        let told = scratch.run(&args).with(2).err;
        assert!(told.contains("--began"), "{told}");
    }
}

#[test]
fn files_are_a_report_and_a_chart() {
    let scratch = scratch("backtest-files");
    scratch
        .run(&[&GUARDED[..], &["-o", "out"]].concat())
        .with(0);
    assert_eq!(scratch.names("out"), ["backtest.json", "backtest.svg"]);
    let chart = scratch.read("out/backtest.svg");
    assert!(chart.starts_with("<svg") && chart.contains("circuit_breaker: states"));
}

#[test]
fn json_lines_and_standard_input_are_the_same_log() {
    let scratch = scratch("backtest-stdin");
    let mut lines = String::new();
    for line in LOG.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        writeln!(
            lines,
            "{{\"caller\":\"{}\",\"start\":{},\"outcome\":\"{}\",\"latency\":\"100ms\"}}",
            cells[3], cells[0], cells[2]
        )
        .unwrap();
    }
    let path = scratch.write("calls.jsonl", format!("\n{lines}"));
    let mut command = scratch.command(&["backtest", "policy.yaml", "-", "--policy", "guarded"]);
    command.stdin(fs::File::open(path).unwrap());
    let told = Ended::from(command.output().unwrap()).with(0);
    assert_eq!(told.out, scratch.run(&GUARDED).out);
}

#[test]
fn bad_lines_are_all_told_with_place_cause_and_hint() {
    let scratch = scratch("backtest-bad");
    let check = |log: &[u8], said: &[&str]| {
        scratch.write("calls.csv", log);
        let ended = scratch.run(&GUARDED).with(2);
        assert_eq!(ended.out, "");
        for text in said {
            assert!(
                ended.err.contains(text),
                "`{text}` is missing:\n{}",
                ended.err
            );
        }
    };
    check(b"", &["error: calls.csv: there are no calls in it"]);
    check(
        b"start;latency;outcome\n0;1;ok\n",
        &["line 1: the header has no column `start`", "tr ';' ','"],
    );
    check(
        b"start,latency,outcome\n",
        &["there are no calls below the header"],
    );
    check(
        b"start,latency,outcome\n0,-1,ok\n0,NaN,ok\n1,1,nice\n",
        &[
            "calls.csv, line 2, column `latency`: `-1`: time cannot be negative\nhint: ",
            "line 3, column `latency`: `NaN`: it is not a time",
            "line 4, column `outcome`: `nice`: there is no such outcome",
        ],
    );
    check(
        b"start,latency,outcome\n5,1,ok\n4,1,ok\n",
        &["line 3, column `start`: it starts before the call in front of it (5s)\nhint: sort"],
    );
    check(
        b"\x00\x01\xff\xfe binary",
        &["calls.csv, line 1: the byte 0xff is not UTF-8 text"],
    );
    check(b"{\"start\": 0, \"lat", &["line 1: not a JSON object: EOF"]);
    check(
        &vec![b'x'; 1 << 20],
        &["line 1: a line of more than 64 KiB"],
    );
    let many = format!("start,latency,outcome\n{}", "x,1,ok\n".repeat(50));
    scratch.write("calls.csv", many);
    let ended = scratch.run(&GUARDED).with(2);
    assert_eq!(ended.err.matches("error:").count(), 20);
    assert!(ended.err.contains("the rest was not read"), "{}", ended.err);
}

#[test]
fn bad_arguments_are_refused() {
    let scratch = scratch("backtest-arguments");
    for (args, said) in [
        (
            &["backtest", "-", "-"][..],
            "cannot both come from standard input",
        ),
        (
            &["backtest", "policy.yaml", "calls.csv"],
            "there are several policies",
        ),
        (
            &["backtest", "policy.yaml", "calls.csv", "--policy", "x"],
            "there is no policy `x`",
        ),
        (
            &["backtest", "policy.yaml", "no.csv", "--policy", "again"],
            "there is no such file",
        ),
        (
            &["backtest", "calls.csv", "calls.csv"],
            "there are no policies here",
        ),
        (
            &["backoff", "policy.yaml", "--policy", "guarded"],
            "has no retry",
        ),
        (
            &[
                "backoff",
                "policy.yaml",
                "--policy",
                "again",
                "--draws",
                "2",
            ],
            "between 0 and 1",
        ),
    ] {
        let ended = scratch.run(args).with(2);
        assert!(ended.err.contains(said), "{args:?}: {}", ended.err);
    }
}

#[test]
fn settings_and_draws_change_what_is_played() {
    let scratch = scratch("backtest-settings");
    let open = "policies.guarded.circuit_breaker.consecutive_failures=4";
    let told = scratch
        .run(&[&GUARDED[..], &["--set", open]].concat())
        .with(0);
    assert!(told.out.contains("(line 6): 4 failures"), "{}", told.out);
    let again = [
        "backtest",
        "policy.yaml",
        "calls.csv",
        "--policy",
        "again",
        "--format",
        "json",
    ];
    let digest = |more: &[&str]| scratch.run(&[&again[..], more].concat()).with(0).out;
    assert_eq!(digest(&[]), digest(&["--seed", "1"]));
    assert_ne!(digest(&[]), digest(&["--seed", "2"]));
    assert_ne!(digest(&[]), digest(&["--unrecorded", "neighbour"]));
}

#[test]
fn waits_follow_from_draws() {
    let scratch = scratch("backoff");
    let args = ["backoff", "policy.yaml", "--policy", "again"];
    let drawn = scratch
        .run(&[&args[..], &["--draws", "0.1,0.5"]].concat())
        .with(0);
    let expected = "\
retry   wait  all so far
    1   10ms        10ms
    2  100ms       110ms
";
    assert!(drawn.out.contains(expected), "{}", drawn.out);
    let ranges = scratch.run(&args).with(0);
    assert!(
        ranges.out.contains("a call takes at most 1.8 s"),
        "{}",
        ranges.out
    );
    assert!(
        ranges.out.contains("    2   0 ns  100 ms    200 ms"),
        "{}",
        ranges.out
    );
    let json = scratch
        .run(&[&args[..], &["--format", "json"]].concat())
        .with(0);
    let report: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(report["longest_call_ns"], 1_800_000_000_u64);
}

#[cfg(unix)]
#[test]
fn a_reader_that_leaves_is_no_error() {
    let scratch = scratch("backtest-pipe");
    let script = format!(
        "'{}' {} --format json | head -1",
        squall().display(),
        GUARDED.join(" ")
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script]).current_dir(scratch.path("."));
    let ended = Ended::from(command.output().unwrap()).with(0);
    assert_eq!((&*ended.out, &*ended.err), ("{\n", ""));
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_even_while_it_waits_for_input() {
    let scratch = scratch("backtest-interrupt");
    let args = [
        "backtest",
        "policy.yaml",
        "-",
        "--policy",
        "guarded",
        "--decisions",
        "out.csv",
    ];
    let mut command = scratch.command(&args);
    let streams = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = streams.spawn().unwrap();
    let kept_open = child.stdin.take();
    super::interrupt::wait_until("the start", || scratch.names(".").len() > 2);
    std::thread::sleep(std::time::Duration::from_millis(300));
    super::interrupt::press_ctrl_c(&child);
    super::interrupt::wait_until("the end", || child.try_wait().unwrap().is_some());
    let ended = Ended::from(child.wait_with_output().unwrap()).with(130);
    drop(kept_open);
    assert!(ended.err.contains("interrupted at line"), "{}", ended.err);
    assert_eq!(scratch.names("."), ["calls.csv", "policy.yaml"]);
}

#[test]
fn the_example_shows_an_outage() {
    let docs = root().join("docs/backtest");
    let (policy, calls) = (docs.join("policy.yaml"), docs.join("calls.csv"));
    let scratch = Scratch::new("backtest-example");
    let json = scratch.run(&[
        "backtest".as_ref(),
        policy.as_os_str(),
        calls.as_os_str(),
        "--policy".as_ref(),
        "guarded".as_ref(),
        "--format".as_ref(),
        "json".as_ref(),
    ]);
    let report: serde_json::Value = serde_json::from_str(&json.with(0).out).unwrap();
    assert_eq!(report["clock"], "utc");
    assert!(report["effects"]["avoided"].as_u64() > report["effects"]["lost"].as_u64());
    assert_eq!(report["breakers"].as_array().unwrap().len(), 2);
}

//! Ctrl-C.
#![cfg(unix)]

use super::binary::{Ended, Scratch};
use super::sample::shop_with;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Waits until something is so, for a minute at most.
pub(super) fn wait_until(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..1200 {
        if so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{what} did not happen");
}

pub(super) fn signal(child: &Child, signal: &str) {
    let sent = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

pub(super) fn press_ctrl_c(child: &Child) {
    signal(child, "-INT");
}

/// What a search into the folder `out` leaves that is stopped in its midst: nothing half written.
pub(super) fn stopped_midway(scratch: &Scratch, args: &[&str]) -> Ended {
    let mut command = scratch.command(args);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    press_ctrl_c(&child);
    let ended = Ended::from(child.wait_with_output().unwrap()).with(130);
    let names = scratch.names("out");
    assert!(names.iter().all(|name| !name.contains(".tmp")), "{names:?}");
    ended
}

#[test]
fn the_first_one_ends_the_run_and_leaves_nothing() {
    let scratch = Scratch::new("interrupt");
    scratch.write("long.yaml", shop_with("duration: 4s", "duration: 900000h"));
    let mut command = scratch.command(&["run", "long.yaml", "-o", "out", "--events", "facts"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The log of facts is opened last before the run.
    let started = |names: Vec<String>| names.iter().any(|name| name.starts_with(".facts"));
    wait_until("the run", || started(scratch.names(".")));
    press_ctrl_c(&child);
    wait_until("the end", || child.try_wait().unwrap().is_some());
    let ended = Ended::from(child.wait_with_output().unwrap()).with(130);
    assert_eq!(ended.out, "");
    assert!(ended.err.contains("interrupted at t="), "{}", ended.err);
    assert_eq!(scratch.names("."), ["long.yaml"]);
}

#[test]
fn the_second_one_ends_the_program_at_once() {
    let scratch = Scratch::new("interrupt-twice");
    scratch.write("long.yaml", shop_with("duration: 4s", "duration: 900000h"));
    let mut command = scratch.command(&["run", "long.yaml", "--events", "facts"]);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("the run", || scratch.names(".").len() > 1);
    press_ctrl_c(&child);
    press_ctrl_c(&child);
    wait_until("the end", || child.try_wait().unwrap().is_some());
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn finished_replications_are_kept() {
    let scratch = Scratch::new("interrupt-many");
    scratch.write("shop.yaml", super::sample::SHOP);
    // The first report of a finished run is long after the start of the program.
    let args = [
        "run",
        "shop.yaml",
        "--replications",
        "100000",
        "--threads",
        "2",
        "--format",
        "json",
    ];
    let child = scratch
        .command(&args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(3));
    press_ctrl_c(&child);
    let ended = Ended::from(child.wait_with_output().unwrap()).with(130);
    let report: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let count = |name: &str| report["runs"][name].as_u64().unwrap();
    assert_eq!(count("asked"), 100_000);
    assert!(
        count("finished") > 0 && count("missing") > 0,
        "{}",
        report["runs"]
    );
    assert_eq!(count("finished") + count("missing"), 100_000);
    assert_eq!(
        report["each"].as_array().unwrap().len() as u64,
        count("finished")
    );
}

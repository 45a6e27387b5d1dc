//! Ctrl-C.
#![cfg(unix)]

use super::binary::Scratch;
use super::sample::shop_with;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Waits until something is so, for a minute at most.
fn wait_until(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..1200 {
        if so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{what} did not happen");
}

fn press_ctrl_c(child: &Child) {
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
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
    let ended = super::binary::Ended::from(child.wait_with_output().unwrap()).with(130);
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

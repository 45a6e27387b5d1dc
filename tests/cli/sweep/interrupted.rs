//! A sweep that is stopped goes on where it was, and ends with the same bytes.

use super::super::binary::{Ended, Scratch};
#[cfg(unix)]
use super::super::interrupt::{press_ctrl_c, signal, wait_until};
use super::{AXES, Results, folder, sweep, whole};
use std::fs;
use std::process::{Child, Stdio};
use std::time::Duration;

/// The sweep of three cells.
fn three(scratch: &Scratch, more: &[&str]) -> Ended {
    let args = [
        "-q",
        "sweep",
        "shop.yaml",
        "--vary",
        "services.shop.threads=1,2,3",
        "-n",
        "1",
    ];
    let args: Vec<&str> = args.iter().chain(more).copied().collect();
    scratch.run(&args)
}

/// Puts these bytes into the journal of a folder, and goes on.
fn resumed_from(scratch: &Scratch, folder: &str, journal: &[u8]) -> (Ended, Results) {
    let _ = fs::remove_dir_all(scratch.path(folder));
    fs::create_dir(scratch.path(folder)).unwrap();
    fs::write(scratch.path(folder).join("journal.jsonl"), journal).unwrap();
    let args = [
        "sweep",
        "shop.yaml",
        "--vary",
        "services.shop.threads=1,2,3",
        "-n",
        "1",
    ];
    let more = ["-o", folder, "--resume"];
    let args: Vec<&str> = args.iter().chain(&more).copied().collect();
    let ended = scratch.run(&args).with(0);
    (ended, Results::of(scratch, folder))
}

#[test]
fn a_finished_sweep_goes_on_with_nothing() {
    let scratch = folder("sweep-resume");
    let whole = whole(&scratch);
    let journal = scratch.read("whole/journal.jsonl");
    let ended = sweep(&scratch, &["-o", "whole", "--resume"]).with(0);
    assert!(
        ended.err.contains("6 of 6 cells are finished already\n"),
        "{}",
        ended.err
    );
    assert_eq!(Results::of(&scratch, "whole"), whole);
    assert_eq!(scratch.read("whole/journal.jsonl"), journal);
}

#[test]
fn a_larger_grid_uses_what_is_finished() {
    let scratch = folder("sweep-larger");
    three(&scratch, &["-o", "small"]).with(0);
    let args = [
        "sweep",
        "shop.yaml",
        "--vary",
        "services.shop.threads=1,2,3,4",
        "-n",
        "1",
    ];
    let run = |more: &[&str]| {
        let args: Vec<&str> = args.iter().chain(more).copied().collect();
        scratch.run(&args).with(0)
    };
    let ended = run(&["-o", "small", "--resume"]);
    assert!(
        ended.err.contains("3 of 4 cells are finished already\n"),
        "{}",
        ended.err
    );
    run(&["-o", "large"]);
    assert_eq!(
        Results::of(&scratch, "small"),
        Results::of(&scratch, "large")
    );
    run(&["-o", "small", "--resume"]);
}

/// The journal cut at every so-manieth byte; the library's tests cut at every single one.
#[test]
fn a_journal_that_was_cut_is_named_and_mended() {
    let scratch = folder("sweep-cut");
    three(&scratch, &["-o", "whole"]).with(0);
    let whole = Results::of(&scratch, "whole");
    let journal = fs::read(scratch.path("whole/journal.jsonl")).unwrap();
    let step = journal.len() / 23;
    for cut in (0..=journal.len()).step_by(step) {
        let (ended, results) = resumed_from(&scratch, "cut", &journal[..cut]);
        assert_eq!(results, whole, "{cut}");
        let torn = cut > 0 && journal[cut - 1] != b'\n';
        assert_eq!(
            ended.err.contains("is torn (it breaks off)"),
            torn,
            "{cut}: {}",
            ended.err
        );
        let mended = fs::read(scratch.path("cut/journal.jsonl")).unwrap();
        assert_eq!(mended.len(), journal.len(), "{cut}");
    }
}

#[test]
#[ignore = "slow: cuts at every byte"]
fn a_journal_cut_at_any_byte_is_mended() {
    let scratch = folder("sweep-cut-all");
    three(&scratch, &["-o", "whole"]).with(0);
    let whole = Results::of(&scratch, "whole");
    let journal = fs::read(scratch.path("whole/journal.jsonl")).unwrap();
    for cut in 0..=journal.len() {
        assert_eq!(
            resumed_from(&scratch, "cut", &journal[..cut]).1,
            whole,
            "{cut}"
        );
    }
}

/// Flips bits all over the journal; each is named, and the end is the same.
fn flip(name: &str, flips: usize) {
    let scratch = folder(name);
    three(&scratch, &["-o", "whole"]).with(0);
    let whole = Results::of(&scratch, "whole");
    let journal = fs::read(scratch.path("whole/journal.jsonl")).unwrap();
    for flip in 0..flips {
        // A stride without common divisors meets all lines and all bits.
        let bit = (flip * 7919 + 13) % (journal.len() * 8);
        let mut hurt = journal.clone();
        hurt[bit / 8] ^= 1 << (bit % 8);
        let (ended, results) = resumed_from(&scratch, "flip", &hurt);
        assert_eq!(results, whole, "bit {bit}");
        let named = ended.err.contains("is damaged (") || ended.err.contains("is torn (");
        assert!(named, "bit {bit}: {}", ended.err);
    }
}

#[test]
fn damage_is_named_even_to_the_quiet() {
    let scratch = folder("sweep-quiet-damage");
    three(&scratch, &["-o", "hurt"]).with(0);
    let journal = scratch.read("hurt/journal.jsonl");
    scratch.write(
        "hurt/journal.jsonl",
        journal.replacen("threads", "thraeds", 2),
    );
    let ended = three(&scratch, &["-o", "hurt", "--resume"]).with(0);
    assert!(ended.err.contains("is damaged ("), "{}", ended.err);
}

#[test]
fn flipped_bits_are_named_and_mended() {
    flip("sweep-flip", 12);
}

#[test]
#[ignore = "slow: 200 bits"]
fn two_hundred_flipped_bits_are_named_and_mended() {
    flip("sweep-flip-many", 200);
}

/// A sweep of cells that take a while.
#[cfg(unix)]
fn start(scratch: &Scratch, more: &[&str]) -> Child {
    let slow = ["--set", "run.duration=40s", "-o", "out", "--threads", "2"];
    let args = ["sweep", "shop.yaml"]
        .iter()
        .chain(&AXES)
        .chain(&slow)
        .chain(more);
    let args: Vec<&str> = args.copied().collect();
    let mut command = scratch.command(&args);
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Finished cells in the journal.
#[cfg(unix)]
fn kept(scratch: &Scratch) -> usize {
    let text = fs::read(scratch.path("out/journal.jsonl")).unwrap_or_default();
    String::from_utf8_lossy(&text)
        .matches("\n{\"cell\"")
        .count()
}

/// Kills the sweep again and again, then lets it end.
#[cfg(unix)]
fn kill(name: &str, kills: u64) {
    let scratch = folder(name);
    let slow = ["--set", "run.duration=40s", "-o", "whole"];
    sweep(&scratch, &slow).with(0);
    for number in 0..kills {
        if number % 5 == 0 {
            let _ = fs::remove_dir_all(scratch.path("out"));
        }
        let more: &[&str] = if scratch.path("out").exists() {
            &["--resume"]
        } else {
            &[]
        };
        let mut child = start(&scratch, more);
        // Moments that follow no pattern of the sweep's own.
        std::thread::sleep(Duration::from_millis(number * 37 % 400));
        signal(&child, "-KILL");
        child.wait().unwrap();
    }
    let ended: Ended = start(&scratch, &["--resume"])
        .wait_with_output()
        .unwrap()
        .into();
    ended.with(0);
    assert_eq!(Results::of(&scratch, "out"), Results::of(&scratch, "whole"));
    let names = scratch.names("out");
    assert!(names.iter().all(|name| !name.contains(".tmp")), "{names:?}");
}

#[cfg(unix)]
#[test]
fn a_sweep_that_is_killed_goes_on() {
    kill("sweep-kill", 4);
}

#[cfg(unix)]
#[test]
#[ignore = "slow: 50 kills"]
fn a_sweep_that_is_killed_fifty_times_goes_on() {
    kill("sweep-kill-many", 50);
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_is_finished_and_says_how_to_go_on() {
    let scratch = folder("sweep-ctrl-c");
    let long = ["--set", "run.duration=400s"];
    let child = start(&scratch, &long);
    wait_until("the first cell", || kept(&scratch) > 0);
    press_ctrl_c(&child);
    let ended: Ended = child.wait_with_output().unwrap().into();
    let ended = ended.with(130);
    assert_eq!(ended.out, "");
    let cells = kept(&scratch);
    assert!((1..6).contains(&cells), "{cells}");
    let said = format!(
        "interrupted: {cells} of 6 cells are finished and kept; go on with\n  squall sweep "
    );
    assert!(ended.err.contains(&said), "{}", ended.err);
    assert!(ended.err.trim_end().ends_with("--resume"), "{}", ended.err);
    assert_eq!(scratch.names("out"), ["journal.jsonl", "lock"]);
    let ended: Ended = start(&scratch, &["--set", "run.duration=400s", "--resume"])
        .wait_with_output()
        .unwrap()
        .into();
    assert!(
        ended
            .with(0)
            .err
            .contains(&format!("{cells} of 6 cells are finished already\n"))
    );
}

#[cfg(unix)]
#[test]
fn two_processes_do_not_share_a_folder() {
    let scratch = folder("sweep-two");
    let mut first = start(&scratch, &["--set", "run.duration=4000s"]);
    wait_until("the journal", || scratch.path("out/journal.jsonl").exists());
    let second = sweep(&scratch, &["-o", "out", "--resume"]).with(4);
    let said = format!("`out` is in use by process {}", first.id());
    assert!(second.err.contains(&said), "{}", second.err);
    signal(&first, "-KILL");
    first.wait().unwrap();
    let third = sweep(
        &scratch,
        &[
            "-o",
            "out",
            "--resume",
            "--set",
            "run.duration=4000s",
            "--vary",
            "run.seed=1",
        ],
    );
    let said = format!(
        "was left by process {}, which is gone; it is taken over",
        first.id()
    );
    assert!(third.err.contains(&said), "{}", third.err);
}

/// Taken away between its opening and the end of the sweep: the results are shown all the same.
#[cfg(unix)]
#[test]
fn whoever_takes_the_folder_away_still_sees_the_results() {
    let scratch = folder("sweep-gone");
    let threads = "services.shop.threads=1,2,3,4";
    let args = ["sweep", "shop.yaml", "--vary", threads, "-n", "4"];
    let mut command = scratch.command(&args);
    let mut child = command
        .args([
            "-q",
            "-o",
            "gone",
            "--format",
            "csv",
            "--set",
            "run.duration=40s",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while !scratch.path("gone/journal.jsonl").exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended too soon");
        std::thread::sleep(Duration::from_millis(5));
    }
    fs::remove_dir_all(scratch.path("gone")).unwrap();
    let ended = Ended::from(child.wait_with_output().unwrap()).with(4);
    assert_eq!(ended.out.lines().count(), 1 + 4, "{}", ended.out);
    assert!(ended.err.contains("was taken away"), "{}", ended.err);
}

//! What makes no sense is refused before anything is simulated or written.

use super::{AXES, folder, sweep};

/// Arguments, and what is said about them.
const REFUSED: &[(&[&str], &str)] = &[
    (
        &["--vary", "services.shop.thread=1,2"],
        "did you mean `threads`?",
    ),
    (
        &["--vary", "services.shops.threads=1,2"],
        "did you mean `shop`?",
    ),
    (
        &["--vary", "services.shop.threads=1,many"],
        "`services.shop.threads` is `many`",
    ),
    (
        &["--vary", "services.shop.threads=0,1"],
        "it must be at least 1",
    ),
    (&["--vary", "services.shop.threads="], "it has no values"),
    (
        &["--vary", "services.shop.threads=1,1"],
        "`1` is there twice",
    ),
    (
        &["--vary", "services.shop.threads=2,1"],
        "values must increase",
    ),
    (
        &["--vary", "run.seed=1", "--vary", "run.seed=2"],
        "`run.seed` is varied twice",
    ),
    (
        &["--vary", "services.shop.threads=1..9"],
        "no end of values for a grid",
    ),
    (&["--vary", "services.shop.threads"], "is no axis"),
    (&[], "there is nothing to vary"),
    (
        &["--vary", "run.seed=1,2", "--design", "sobol:5"],
        "`sobol:5` is not a design",
    ),
    (
        &["--vary", "run.seed=1,2", "--measure", "succes of users"],
        "did you mean `success of users`?",
    ),
    (
        &["--vary", "run.seed=1..20000 step 1"],
        "there are 20000 cells, and at most 10000 are played",
    ),
    (
        &["--vary", "run.seed=1..3 step 1", "--max-cells", "2"],
        "say `--max-cells 3` or `--yes`",
    ),
    (
        &["--vary", "run.seed=1,2", "-n", "0"],
        "0 is not in 1..=100000",
    ),
    (&["--vary", "run.seed=1,2", "--resume"], "--output"),
];

#[test]
fn bad_axes_and_designs_have_one_clear_error() {
    let scratch = folder("sweep-refused");
    for (args, said) in REFUSED {
        let all: Vec<&str> = ["sweep", "shop.yaml"]
            .iter()
            .chain(*args)
            .copied()
            .collect();
        scratch.run(&all).refused(said);
    }
    let axes: Vec<String> = (0..9)
        .map(|n| format!("services.shop.x{n}=1..100000 step 1"))
        .collect();
    let mut args = vec!["sweep", "shop.yaml", "--yes"];
    for axis in &axes {
        args.extend(["--vary", axis]);
    }
    let ended = scratch.run(&args).with(2);
    assert!(
        ended.err.contains("there are more than 10^38 cells"),
        "{}",
        ended.err
    );
    assert_eq!(scratch.names("."), ["shop.yaml"]);
}

#[test]
fn values_that_do_not_fit_together_name_the_cell() {
    let scratch = folder("sweep-misfit");
    let args = [
        "sweep",
        "shop.yaml",
        "--vary",
        "run.warmup=1s,3s,5s",
        "--vary",
        "services.shop.threads=1,2",
        "-o",
        "out",
    ];
    let err = scratch.run(&args).with(2).err;
    assert!(
        err.contains("the cell run.warmup=5s services.shop.threads=1 cannot be played"),
        "{err}"
    );
    assert!(err.contains("--> a value tried:1:12"), "{err}");
    assert_eq!(scratch.names("."), ["shop.yaml"]);
}

#[test]
fn the_journal_of_another_sweep_is_refused() {
    let scratch = folder("sweep-foreign");
    sweep(&scratch, &["-o", "out"]).with(0);
    for (more, said) in [
        (
            &["--seed", "8"][..],
            "it was begun with seed 7, 2 replications, and this is seed 8",
        ),
        (
            &["--set", "services.shop.queue.capacity=9"],
            "it belongs to another version of the scenario `shop`",
        ),
        (&["--independent"], "2 replications, independent"),
    ] {
        let args: Vec<&str> = ["-o", "out", "--resume"]
            .iter()
            .chain(more)
            .copied()
            .collect();
        let err = sweep(&scratch, &args).with(2).err;
        assert!(err.contains(said), "{said:?} is not in\n{err}");
    }
    let journal = scratch.read("out/journal.jsonl");
    let err = sweep(&scratch, &["-o", "out"]).with(2).err;
    assert!(
        err.contains("`out/journal.jsonl` holds an earlier sweep"),
        "{err}"
    );
    assert!(err.contains("--resume"), "{err}");
    assert_eq!(scratch.read("out/journal.jsonl"), journal);
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_ends_the_sweep_and_leaves_nothing_half_written() {
    let scratch = folder("sweep-full");
    std::fs::create_dir(scratch.path("out")).unwrap();
    std::os::unix::fs::symlink("/dev/full", scratch.path("out/journal.jsonl")).unwrap();
    let args: Vec<&str> = ["sweep", "shop.yaml", "-o", "out", "--resume"]
        .iter()
        .chain(&AXES)
        .copied()
        .collect();
    let ended = scratch.run(&args);
    assert!(matches!(ended.code, Some(2 | 4)), "{}", ended.err);
    assert!(ended.err.contains("`out/journal.jsonl`"), "{}", ended.err);
    assert_eq!(scratch.names("out"), ["journal.jsonl", "lock"]);
    std::fs::write(scratch.path("file"), "x").unwrap();
    let ended = sweep(&scratch, &["-o", "file"]).with(4);
    assert!(ended.err.contains("cannot write `file`"), "{}", ended.err);
}

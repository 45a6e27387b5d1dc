//! A sweep that is divided among machines gives the bytes of one that is not.

use super::super::binary::Scratch;
use super::{AXES, Results, folder, whole};
use std::process::Command;

fn plan(scratch: &Scratch) {
    let args = ["sweep", "plan", "shop.yaml", "-o", "plan.json"];
    let args: Vec<&str> = args.iter().chain(&AXES).copied().collect();
    scratch.run(&args).with(0);
}

fn share(scratch: &Scratch, shard: &str) {
    scratch
        .run(&["sweep", "run", "plan.json", "--shard", shard, "-o", "parts"])
        .with(0);
}

#[test]
fn shares_in_any_order_and_twice_make_the_whole() {
    let scratch = folder("sweep-shares");
    let whole = whole(&scratch);
    plan(&scratch);
    let merge = |more: &[&str]| {
        let args: Vec<&str> = ["sweep", "merge", "plan.json"]
            .iter()
            .chain(more)
            .copied()
            .collect();
        scratch.run(&args)
    };
    for shard in ["3/4", "1/4"] {
        share(&scratch, shard);
    }
    let err = merge(&["parts", "-o", "merged"]).with(3).err;
    assert!(err.contains("3 of 6 cells are missing: "), "{err}");
    assert!(
        err.contains("clients.users.arrivals.poisson.rate=120/s services.shop.threads=1;"),
        "{err}"
    );
    assert!(!scratch.path("merged").exists());
    for shard in ["4/4", "2/4", "2/4", "1/2"] {
        share(&scratch, shard);
    }
    merge(&[
        "parts",
        "parts",
        "parts/shard-00001-of-00002.jsonl",
        "-o",
        "merged",
    ])
    .with(0);
    assert_eq!(Results::of(&scratch, "merged"), whole);
}

#[test]
fn engines_tell_a_share_which_one_it_is() {
    let scratch = folder("sweep-auto");
    plan(&scratch);
    let run = |variable: (&str, &str), shard: &str| {
        let args = ["sweep", "run", "plan.json", "--shard", shard, "-o", "parts"];
        let output = scratch.command(&args).env(variable.0, variable.1).output();
        super::Ended::from(output.unwrap())
    };
    run(("JOB_COMPLETION_INDEX", "1"), "auto/3").with(0);
    assert!(scratch.path("parts/shard-00002-of-00003.jsonl").exists());
    let err = run(("JOB_COMPLETION_INDEX", "3"), "auto/3").with(2).err;
    assert!(err.contains("there is no share 4 of 3"), "{err}");
    let err = run(("NOTHING", ""), "auto").with(2).err;
    assert!(err.contains("no engine tells which share this is"), "{err}");
}

#[test]
fn a_plan_that_was_changed_and_a_file_that_is_none_are_refused() {
    let scratch = folder("sweep-bad-plan");
    plan(&scratch);
    scratch.write(
        "changed.json",
        scratch
            .read("plan.json")
            .replace("\"seed\": \"7\"", "\"seed\": \"7\", \"x\": 1"),
    );
    scratch.write(
        "other.json",
        scratch
            .read("plan.json")
            .replace("threads=1,2,3", "threads=1,2"),
    );
    for file in ["shop.yaml", "other.json", "missing.json"] {
        for args in [
            &["sweep", "run", file, "--shard", "1/2", "-o", "parts"][..],
            &["sweep", "merge", file, "parts"],
            &["sweep", "emit", "slurm", file, "--shards", "2"],
        ] {
            let ended = scratch.run(args).with(2);
            assert!(ended.err.contains(file), "{}", ended.err);
        }
    }
    assert!(!scratch.path("parts").exists());
}

/// A script finds the program as `squall` on its path.
#[cfg(unix)]
fn shell(scratch: &Scratch, script: &str) -> super::Ended {
    let program = super::super::binary::squall().parent().unwrap();
    let words = format!("PATH='{}':$PATH HOME=. exec sh {script}", program.display());
    let mut command = Command::new("sh");
    command.args(["-c", &words]).current_dir(scratch.path(""));
    super::Ended::from(command.output().unwrap())
}

fn emitted(scratch: &Scratch, engine: &str) -> String {
    let args = [
        "sweep",
        "emit",
        engine,
        "plan.json",
        "--shards",
        "3",
        "--cpus",
        "1",
        "-o",
        "out",
    ];
    scratch.run(&args).with(0).out
}

#[cfg(unix)]
#[test]
fn gnu_parallel_plays_the_shares() {
    let version = Command::new("parallel").arg("--version").output();
    if !version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("GNU parallel"))
    {
        eprintln!("GNU parallel is not installed: skipped");
        return;
    }
    let scratch = folder("sweep-parallel");
    let whole = whole(&scratch);
    plan(&scratch);
    scratch.write("job.sh", emitted(&scratch, "parallel"));
    shell(&scratch, "job.sh").with(0);
    assert_eq!(Results::of(&scratch, "out"), whole);
    let log = scratch.read("out/parallel.log");
    assert_eq!(log.lines().count(), 4, "a head and three shares: {log}");
}

/// `sbatch` played by a shell script: it runs each task of the array at once, as Slurm would.
#[cfg(unix)]
#[test]
fn the_slurm_script_plays_the_shares_where_sbatch_does_what_it_says() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = folder("sweep-slurm");
    let whole = whole(&scratch);
    plan(&scratch);
    let job = emitted(&scratch, "slurm");
    for line in [
        "--array=1-3",
        "--cpus-per-task=1",
        "--mem=512M",
        "--dependency=afterok:",
        "--requeue",
    ] {
        assert!(job.contains(line), "{line} is not in\n{job}");
    }
    let sbatch = "#!/bin/sh\ncat > task.$$\necho \"$@\" >> submitted\ncase \"$*\" in *--array=1-3*)\n\
                  for i in 3 1 2; do SLURM_ARRAY_TASK_ID=$i SLURM_ARRAY_TASK_MIN=1 sh task.$$ || exit 1; done;;\n\
                  *) sh task.$$ >&2 || exit 1;; esac\necho 77\n";
    let fake = scratch.write("sbatch", sbatch);
    std::fs::set_permissions(&fake, std::fs::Permissions::from_mode(0o755)).unwrap();
    scratch.write("job.sh", format!("PATH=.:$PATH\n{job}"));
    shell(&scratch, "job.sh").with(0);
    assert_eq!(Results::of(&scratch, "out"), whole);
    assert!(
        scratch
            .read("submitted")
            .contains("--dependency=afterok:77")
    );
}

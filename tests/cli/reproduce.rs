//! "How to reproduce": the commands that are printed run as they stand.

use super::binary::Scratch;
use super::readme::words;
use super::sample::SHOP;

/// The commands in a text.
fn commands(text: &str) -> Vec<&str> {
    let lines = text.lines().map(|line| line.trim_start_matches("$ "));
    lines.filter(|line| line.starts_with("squall ")).collect()
}

#[test]
fn printed_commands_run_where_they_are_printed() {
    let scratch = Scratch::new("reproduce-path");
    std::fs::create_dir_all(scratch.path("my shop/out")).unwrap();
    let file = "my shop/first.yaml";
    scratch.write(file, SHOP);
    scratch.write(
        "my shop/second.yaml",
        SHOP.replace("threads: 4", "threads: 2"),
    );
    let threads = "services.shop.threads=1..6";
    let asked: [&[&str]; 5] = [
        &["run", file],
        &["run", file, "--replications", "2"],
        &[
            "compare",
            file,
            "my shop/second.yaml",
            "--replications",
            "2",
        ],
        &[
            "sweep",
            file,
            "--vary",
            "services.shop.threads=2,3",
            "-n",
            "2",
        ],
        &["limits", file, "--over", threads, "--scan", "3", "-n", "11"],
    ];
    for args in asked {
        let out = scratch.run(&[args, &["-q"]].concat()).out;
        let told = commands(&out);
        assert!(!told.is_empty(), "{out}");
        for command in told {
            let args = words(command.strip_prefix("squall ").unwrap());
            let code = scratch.run(&args).code;
            assert!(matches!(code, Some(0 | 1 | 3)), "{command}: {code:?}");
        }
    }
}

#[test]
fn a_file_names_the_file_and_no_folder() {
    let scratch = Scratch::new("reproduce-file");
    std::fs::create_dir_all(scratch.path("below")).unwrap();
    scratch.write("below/first.yaml", SHOP);
    scratch.write("below/second.yaml", SHOP);
    let pair = [
        "below/first.yaml",
        "below/second.yaml",
        "--replications",
        "2",
    ];
    let args = [&["-q", "compare"][..], &pair, &["-o", "out"]].concat();
    let printed = scratch.run(&args).with(0).out;
    assert!(
        printed.contains("A is shop (below/first.yaml)"),
        "{printed}"
    );
    for name in ["report.md", "report.html"] {
        let text = scratch.read(&format!("out/{name}"));
        assert!(text.contains("squall compare first.yaml second.yaml --seed"));
        assert!(text.contains("squall run second.yaml"));
        assert!(!text.contains("below/"), "{name}");
    }
    let json = scratch.read("out/report.json");
    assert!(!json.contains("below/") && json.contains("squall compare shop.yaml shop.yaml"));
}

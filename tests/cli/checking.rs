//! `validate`, `new`, `schema`, `completions` and `man`.

use super::binary::Scratch;
use super::sample::{SHOP, shop_with};
use serde_json::Value;

#[test]
fn a_good_scenario_is_counted() {
    let scratch = Scratch::new("validate");
    scratch.write("shop.yaml", SHOP);
    let ended = scratch.run(&["validate", "shop.yaml"]).with(0);
    assert!(ended.out.starts_with("ok: shop\n"), "{}", ended.out);
    assert!(
        ended
            .out
            .contains("1 client, 1 service, 1 instance, 1 operation"),
        "{}",
        ended.out
    );
}

#[test]
fn the_worst_case_is_told_without_a_run() {
    let scratch = Scratch::new("worst-case");
    scratch.write(
        "shop.yaml",
        shop_with(
            "- timeout: 1s",
            "- retry: { max_attempts: 3, backoff: { constant: 100ms } }\n    - timeout: 1s",
        ),
    );
    let out = scratch.run(&["validate", "shop.yaml"]).with(0).out;
    assert!(out.contains("3 attempts at shop.buy"), "{out}");
}

#[test]
fn one_sentence_is_said_once_and_names_the_clients() {
    let scratch = Scratch::new("worst-case-of-many");
    let client = |name: &str| {
        format!("  {name}: {{ arrivals: {{ poisson: {{ rate: 1/s }} }}, calls: a.x, policy: p }}\n")
    };
    let text = format!(
        "scenario: many\nrun: {{ duration: 9s }}\nclients:\n{}{}\
         services: {{ a: {{ threads: unlimited, operations: {{ x: {{ idempotent: true, steps: [work: 1ms] }} }} }} }}\n\
         policies: {{ p: [{{ retry: {{ backoff: {{ constant: 1s }} }} }}, {{ timeout: 1s }}] }}\n",
        client("web"),
        client("app"),
    );
    scratch.write("many.yaml", text);
    let out = scratch.run(&["validate", "many.yaml"]).with(0).out;
    let out = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(out.matches("worst case").count(), 1, "{out}");
    assert!(out.contains("one call of `web`, `app` to a.x"), "{out}");
}

#[test]
fn a_check_fails_on_what_it_is_asked_to() {
    let scratch = Scratch::new("fail-on");
    scratch.write("good.yaml", SHOP);
    let retry = "- retry: { max_attempts: 3, backoff: { constant: 100ms } }\n    - timeout: 1s";
    let note = shop_with("- timeout: 1s", retry);
    let note = note.replace("buy:\n", "buy:\n        idempotent: true\n");
    scratch.write("note.yaml", &note);
    scratch.write("warning.yaml", note.replace("{ constant: 100ms }", "none"));
    for (file, warning, note) in [
        ("good.yaml", 0, 0),
        ("note.yaml", 0, 1),
        ("warning.yaml", 1, 1),
    ] {
        scratch.run(&["validate", file]).with(0);
        let on = |level: &str| scratch.run(&["validate", file, "--fail-on", level]);
        on("warning").with(warning);
        on("note").with(note);
        let json = ["validate", file, "--fail-on", "warning", "--format", "json"];
        scratch.run(&json).with(warning);
    }
    let ended = scratch.run(&["validate", "warning.yaml", "--fail-on", "note"]);
    let err = ended.with(1).err;
    assert!(err.contains("failed: 2 warnings or notes"), "{err}");
}

#[test]
fn measures_are_listed() {
    let scratch = Scratch::new("measures");
    scratch.write("shop.yaml", SHOP);
    let out = scratch
        .run(&["validate", "shop.yaml", "--measures"])
        .with(0)
        .out;
    assert!(
        out.lines().any(|line| line.starts_with("goodput of ")),
        "{out}"
    );
    let asked = [
        "run",
        "shop.yaml",
        "-n",
        "2",
        "--until",
        "half-width of nonsense < 1%",
    ];
    let err = scratch.run(&asked).with(2).err;
    assert!(
        err.contains("`squall validate FILE --measures` lists them"),
        "{err}"
    );
}

#[test]
fn the_result_of_a_check_is_data_too() {
    let scratch = Scratch::new("validate-json");
    scratch.write("good.yaml", SHOP);
    scratch.write("bad.yaml", shop_with("shop.buy", "shops.buy"));
    let data = |file: &str, code: i32| -> Value {
        let ended = scratch
            .run(&["validate", file, "--format", "json"])
            .with(code);
        serde_json::from_str(&ended.out).unwrap()
    };
    let good = data("good.yaml", 0);
    assert_eq!(good["valid"], true);
    assert_eq!(good["counts"]["services"], 1);
    let bad = data("bad.yaml", 2);
    assert_eq!(bad["valid"], false);
    let first = &bad["diagnostics"][0];
    assert_eq!(
        (&first["file"], &first["line"]),
        (&"bad.yaml".into(), &7.into())
    );
    assert_eq!(first["severity"], "error");
}

#[test]
fn presets_are_written_out_ready_to_be_pasted() {
    let scratch = Scratch::new("expand");
    let text = SHOP.replace(
        "policies:",
        "policies:\n  like-polly: [circuit_breaker: { like: polly, open_for: 9s }]",
    );
    assert_ne!(text, SHOP);
    scratch.write("shop.yaml", &text);
    let expanded = scratch
        .run(&["validate", "shop.yaml", "--expand"])
        .with(0)
        .out;
    for line in [
        "failure_rate: 10%",
        "open_for: 9s",
        "late_results: current_state",
    ] {
        assert!(expanded.contains(line), "{expanded}");
    }
    assert!(!expanded.contains("like: polly"), "{expanded}");
    scratch.write("expanded.yaml", &expanded);
    scratch.run(&["validate", "expanded.yaml"]).with(0);
    scratch
        .run(&["validate", "shop.yaml", "--expand", "--format", "json"])
        .with(2);
}

#[test]
fn a_file_of_policies_is_checked_and_written_out() {
    let scratch = Scratch::new("expand-policies");
    scratch.write(
        "p.yaml",
        "policies:\n  p:\n    - timeout: { like: envoy }\n",
    );
    let told = scratch.run(&["validate", "p.yaml"]).with(0).out;
    assert!(told.contains("ok: only policies\n    p"), "{told}");
    let json = scratch.run(&["validate", "p.yaml", "--format", "json"]);
    let data: Value = serde_json::from_str(&json.with(0).out).unwrap();
    assert_eq!(data["counts"]["policies"], 1);
    let expanded = scratch.run(&["validate", "p.yaml", "--expand"]).with(0).out;
    assert_eq!(expanded, "policies:\n  p: [{ timeout: { after: 15s } }]\n");
    let set = [
        "validate",
        "p.yaml",
        "--set",
        "policies.p[1].timeout.after=soon",
    ];
    scratch.run(&set).with(2);
}

#[test]
fn the_schema_is_draft_seven() {
    let scratch = Scratch::new("schema");
    let schema: Value = serde_json::from_str(&scratch.run(&["schema"]).with(0).out).unwrap();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
}

#[test]
fn shells_and_the_manual_know_every_command() {
    let scratch = Scratch::new("shells");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = scratch.run(&["completions", shell]).with(0).out;
        assert!(script.contains("validate"), "{shell}");
    }
    assert!(scratch.run(&["man"]).with(0).out.contains(".TH squall"));
    scratch.run(&["man", "-o", "pages"]).with(0);
    let pages = scratch.names("pages");
    let help = scratch.run(&["--help"]).with(0).out;
    let commands = help.split("Commands:\n").nth(1).unwrap();
    for line in commands.lines().take_while(|line| line.starts_with("  ")) {
        let name = line.split_whitespace().next().unwrap();
        let goes_on = line.starts_with("   ");
        if goes_on || name == "help" {
            continue;
        }
        let page = format!("squall-{name}.1");
        assert!(pages.contains(&page), "{page} is missing: {pages:?}");
    }
    assert!(scratch.read("pages/squall-run.1").contains("max_attempts"));
}

#[test]
fn every_scenario_to_start_from_is_good() {
    let scratch = Scratch::new("new");
    let list = scratch.run(&["new", "--list"]).with(0).out;
    for name in list.lines().filter(|line| !line.starts_with(' ')) {
        let file = format!("{name}.yaml");
        scratch.run(&["new", "--from", name]).with(0);
        scratch.run(&["validate", &file, "--quiet"]).with(0);
        let printed = scratch.run(&["new", "-", "--from", name]).with(0).out;
        assert_eq!(printed, scratch.read(&file));
        let again = scratch.run(&["new", &file, "--from", name]).with(4);
        assert!(again.err.contains("is there already"), "{}", again.err);
    }
}

#[test]
fn an_unknown_start_names_the_known_ones() {
    let scratch = Scratch::new("new-unknown");
    let ended = scratch.run(&["new", "x.yaml", "--from", "nowhere"]).with(2);
    assert!(
        ended.err.contains("there is no scenario `nowhere`"),
        "{}",
        ended.err
    );
    assert!(!scratch.path("x.yaml").exists());
}

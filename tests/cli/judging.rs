//! What a run says of itself: no more than it shows.

use super::binary::Scratch;
use super::sample::shop_with;
use serde_json::Value;

fn report(scratch: &Scratch, text: &str, code: i32) -> Value {
    scratch.write("it.yaml", text);
    let ended = scratch
        .run(&["run", "it.yaml", "-q", "--format", "json"])
        .with(code);
    serde_json::from_str(&ended.out).unwrap()
}

#[test]
fn a_run_that_was_stopped_is_inconclusive_at_best() {
    let scratch = Scratch::new("stopped");
    let stopped = |expect: &str| {
        let text = shop_with("seed: 7", "seed: 7, limits: { events: 200 }");
        text.replace("client: users, at_least", expect)
    };
    let judged = report(&scratch, &stopped("client: users, to: 100ms, at_least"), 3);
    assert_eq!(judged["expectations"][0]["verdict"], "pass");
    assert_eq!(judged["verdict"], "inconclusive");
    let shown = scratch.run(&["run", "it.yaml", "-q"]).with(3).out;
    assert!(
        shown.contains("INCONCLUSIVE  shop: the run was stopped before its end"),
        "{shown}"
    );
}

/// The shop of the sample with a fault and an expectation around it.
fn with_fault(at: &str, when: &str) -> String {
    let text = shop_with(
        "client: users, at_least",
        &format!("client: users, {when}: f, at_least"),
    );
    let fault = format!("faults: {{ f: {{ at: {at}, for: 1s, service: shop, crash: {{}} }} }}\n");
    format!("{text}{fault}")
}

#[test]
fn an_expectation_about_a_fault_after_the_end_is_not_dropped() {
    let scratch = Scratch::new("late-fault");
    let judged = report(&scratch, &with_fault("9s", "before"), 0);
    assert_eq!(judged["expectations"][0]["verdict"], "pass");
    let shown = scratch.run(&["run", "it.yaml", "-q"]).with(0).out;
    assert!(
        shown.contains("cannot say: the run ends before the fault begins"),
        "{shown}"
    );
    for when in ["during", "after", "around"] {
        scratch.write("late.yaml", with_fault("9s", when));
        let refused = scratch.run(&["run", "late.yaml"]).with(2).err;
        assert!(
            refused.contains("which begins only when the run has ended"),
            "{refused}"
        );
    }
}

#[test]
fn what_never_reached_a_service_is_not_its_goodput() {
    let scratch = Scratch::new("not-its-goodput");
    let text = with_fault("0s", "during").replace("for: 1s, ", "");
    let judged = report(&scratch, &text, 1);
    let shop = &judged["services"][0];
    assert_eq!(shop["operations"][0]["arrived_total"], 0);
    assert_eq!(shop["goodput_per_second"], 0.0);
}

#[test]
fn lesser_answers_are_an_effect_of_a_fault() {
    let scratch = Scratch::new("lesser-answers");
    let found = |fault: &str| {
        let text = shop_with("duration: 4s", "duration: 20s")
            .replace("{ exponential: { mean: 20ms } }", "20ms")
            .replace("poisson", "constant")
            .replace("- timeout", "- fallback: { answer: static }\n    - timeout");
        let text =
            format!("{text}faults: {{ f: {{ at: 10s, for: 5s, service: shop, {fault} }} }}\n");
        let judged = report(&scratch, &text, 0);
        let findings = judged["findings"].as_array().unwrap().clone();
        findings
            .iter()
            .any(|one| one["code"] == "fault-without-effect")
    };
    assert!(!found("errors: { share: 100%, before_work: false }"));
    assert!(found("errors: { share: 0.01%, before_work: false }"));
}

#[test]
fn the_timeline_says_how_many_instances_go_down() {
    let scratch = Scratch::new("go-down");
    let text = shop_with("    threads: 4\n", "    threads: 4\n    instances: 4\n");
    let text = format!(
        "{text}faults:\n  one: {{ at: 1s, for: 2s, service: shop, instances: 1, crash: {{}} }}\n  \
         three: {{ at: 2500ms, for: 1s, service: shop, instances: 3, crash: {{}} }}\n"
    );
    let shown = report(&scratch, &text, 0)["timeline"].to_string();
    assert!(
        shown.contains("1 of 4 instances of shop goes down"),
        "{shown}"
    );
    assert!(
        shown.contains("2 of 4 instances of shop go down"),
        "{shown}"
    );
}

#[test]
fn a_mistake_in_arrivals_is_one_mistake() {
    let scratch = Scratch::new("one-mistake");
    let text = shop_with("rate: 100/s", "rate: 100");
    let fault = "faults: { f: { at: 1s, client: users, load: { factor: 3 } } }\n";
    scratch.write("it.yaml", format!("{text}{fault}"));
    let refused = scratch.run(&["run", "it.yaml"]).with(2).err;
    assert_eq!(refused.matches("error[").count(), 1, "{refused}");
}

#[test]
fn a_new_scenario_has_the_name_of_its_file() {
    let scratch = Scratch::new("new-name");
    scratch
        .run(&["new", "storm.yaml", "--from", "payments-guarded"])
        .with(0);
    let shown = scratch.run(&["validate", "storm.yaml"]).with(0).out;
    assert!(shown.contains("storm"), "{shown}");
    assert!(scratch.read("storm.yaml").contains("\nscenario: storm\n"));
    let too_long = format!("{}.yaml", "x".repeat(65));
    for file in ["7.yaml", "my storm.yaml", "null.yaml", &too_long] {
        scratch
            .run(&["new", file, "--from", "payments-guarded"])
            .with(0);
        let text = scratch.read(file);
        assert!(text.contains("\nscenario: payments-guarded\n"), "{file}");
    }
}

//! Large systems: what a run of them costs is told by what happens in it, not by what is written.
//!
//! Counted, not timed: rows that were touched, bytes of a report. That a chain of a thousand calls
//! ends at all says that nothing asks for each call who else calls.

use crate::support::from_text;
use sim_core::experiment::simulate;
use sim_core::report::{self, Report, Request};
use std::fmt::Write;

/// So many services, of which one calls some of the others.
fn hub(services: usize, calls: usize) -> String {
    let mut text = "scenario: hub\nrun: { duration: 1s }\nclients:\n  users: { arrivals: \
                    { constant: { rate: 10/s } }, calls: s0.op }\nservices:\n"
        .to_owned();
    let steps: Vec<String> = (1..=calls)
        .map(|n| format!("{{ call: {{ to: s{n}.op }} }}"))
        .collect();
    let _ = writeln!(
        text,
        "  s0: {{ threads: unlimited, operations: {{ op: {{ steps: [{}] }} }} }}",
        steps.join(", ")
    );
    for n in 1..services {
        let _ = writeln!(
            text,
            "  s{n}: {{ threads: 4, queue: {{ capacity: 8 }}, operations: {{ op: {{ steps: [work: 1ms] }} }} }}"
        );
    }
    text
}

/// Services of which each calls the next.
fn chain(services: usize) -> String {
    let mut text = "scenario: chain\nrun: { duration: 1s }\nclients:\n  users: { arrivals: \
                    { constant: { rate: 4/s } }, calls: s0.op, policy: p }\npolicies:\n  \
                    p: [timeout: 60s]\nservices:\n"
        .to_owned();
    for n in 0..services {
        let onward = match n + 1 {
            next if next < services => format!(", {{ call: {{ to: s{next}.op, policy: p }} }}"),
            _ => String::new(),
        };
        let _ = writeln!(
            text,
            "  s{n}: {{ threads: unlimited, operations: {{ op: {{ steps: [{{ work: 10us }}{onward}] }} }} }}"
        );
    }
    text
}

fn played(text: &str) -> Report {
    let loaded = from_text("large", text, &[]);
    let request = Request::of(&loaded.scenario);
    report::run(&loaded, &request, (), &mut |_, _| true).0
}

#[test]
fn what_is_never_asked_takes_no_place() {
    let loaded = from_text("large", &hub(2_000, 50), &[]);
    let model = &loaded.scenario.model;
    let play = Request::of(&loaded.scenario).play;
    let (record, ()) = simulate(&loaded.scenario, play, (), &mut |_, _| true);
    assert_eq!(model.services.len(), 2_000);
    assert_eq!(record.series.services.touched().count(), 51);
    assert_eq!(record.series.edges.touched().count(), 51);
    assert_eq!(record.whole.operations.touched().count(), 51);
    assert_eq!(record.waits.touched().count(), 51);
}

#[test]
fn a_report_of_a_thousand_services_is_small_and_says_what_it_leaves_out() {
    let report = played(&hub(1_000, 200));
    assert_eq!(report.services.len(), 1_000);
    assert_eq!(
        (report.series.services.len(), report.series.edges.len()),
        (50, 50)
    );
    assert_eq!(report.series.left_out.services, 950);
    assert_eq!(report.series.left_out.edges, 151);
    let findings = report.findings.iter();
    let idle = findings.filter(|it| it.code == "operation-never-called");
    let idle: Vec<&str> = idle.map(|it| it.text.as_str()).collect();
    assert_eq!(idle.len(), 10);
    assert!(
        idle[9].ends_with(", nor 789 other operations"),
        "{}",
        idle[9]
    );
    let json = serde_json::to_string_pretty(&report).unwrap();
    assert!(json.len() < 10_000_000, "{} bytes", json.len());
}

#[test]
fn a_chain_of_a_thousand_calls_is_played() {
    let report = played(&chain(1_000));
    assert_eq!(report.clients[0].calls.started_total, 3);
    assert_eq!(report.edges.len(), 1_000);
    assert!(
        report
            .edges
            .iter()
            .all(|edge| edge.attempts.sent_total == 3)
    );
}

#[test]
fn files_that_are_large_are_read() {
    let times: Vec<String> = (0..100_000).map(|n| format!("{n}us")).collect();
    let text = format!(
        "scenario: recorded\nrun: {{ duration: 1s }}\nclients:\n  users: {{ arrivals: {{ recorded: \
         {{ times: [{}] }} }}, calls: s.op }}\nservices:\n  s: {{ threads: unlimited, \
         operations: {{ op: {{ steps: [work: 1us] }} }} }}\n",
        times.join(", ")
    );
    from_text("recorded", &text, &[]);
    let loaded = from_text("hub", &hub(10_000, 10), &[]);
    assert_eq!(loaded.scenario.model.services.len(), 10_000);
}

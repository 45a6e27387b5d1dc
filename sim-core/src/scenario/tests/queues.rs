//! Disciplines, `codel` and `memory`: what is refused, and what is warned about.

use super::{load_text, refused};

fn shop(service: &str, more: &str) -> String {
    format!(
        "scenario: s
run: {{ duration: 60s }}
clients:
  c: {{ arrivals: {{ poisson: {{ rate: 1/s }} }}, calls: shop.buy, class: rush, policy: [timeout: 1s] }}
services:
  shop:
    threads: 2
    {service}
    operations: {{ buy: {{ idempotent: true, steps: [ {{ work: 10ms }} ] }} }}
{more}"
    )
}

#[test]
fn misused_disciplines_are_refused() {
    let queue = |queue: &str| shop(&format!("queue: {{ capacity: 9, {queue} }}"), "");
    for (discipline, expected) in [
        (
            "discipline: { priority: { classes: [] } }",
            "has no `classes`",
        ),
        ("discipline: { priority: {} }", "classes"),
        (
            "discipline: { priority: { classes: [rash] } }",
            "did you mean `rush`?",
        ),
        (
            "discipline: { priority: { classes: [rush, rush] } }",
            "is named twice",
        ),
        (
            "discipline: { priority: { classes: [rush], aging: 0s } }",
            "`aging` is 0",
        ),
        (
            "discipline: { priority: { classes: [rush], aging: 5 } }",
            "a duration carries its unit",
        ),
        ("discipline: { fair: {} }", "per"),
        ("discipline: { fair: { per: user } }", "tenant"),
        ("discipline: priorty", "did you mean `priority`?"),
        ("codel: { interval: 0s }", "`interval` is 0"),
        ("codel: { like: linux }", "rfc8289"),
    ] {
        let found = refused(&queue(discipline));
        assert!(found.contains(expected), "{discipline}: {found}");
    }
}

#[test]
fn misused_memory_is_refused() {
    let memory = |memory: &str| {
        shop(
            &format!("queue: {{ capacity: 9 }}\n    memory: {memory}"),
            "",
        )
    };
    for (written, expected) in [
        ("{ limit: 512 }", "a size carries its unit"),
        ("{ limit: 512Mi }", "did you mean `512MiB`?"),
        ("{ limit: 512mb }", "did you mean `512MB`?"),
        ("{ limit: 0.5B }", "a size is a whole number of bytes"),
        ("{ limit: -1MB }", "a size cannot be negative"),
        ("{ limit: much }", "it is not a size"),
        ("{ idle: 2GB, limit: 1GiB }", "would be killed as it starts"),
        ("{ slow: { from: 80%, factor: 3 } }", "needs `limit`"),
        (
            "{ limit: 1GB, slow: { from: 80%, factor: 0.5 } }",
            "does not make work faster",
        ),
    ] {
        let found = refused(&memory(written));
        assert!(found.contains(expected), "{written}: {found}");
    }
    let fill = "faults: { leak: { at: 10s, for: 5s, service: shop, fill: { memory: 1GB } } }\n";
    let found = refused(&shop("queue: { capacity: 9 }", fill));
    assert!(found.contains("`services.shop` has none"), "{found}");
    let expect = "expect: { room: { memory: { service: shop, at_most: 80% } } }\n";
    let found = refused(&shop("queue: { capacity: 9 }", expect));
    assert!(found.contains("has no `memory` with a `limit`"), "{found}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_cannot_act_is_warned_about() {
    let codes = |service: &str, more: &str| {
        let text = shop(service, more);
        let loaded = load_text(&text).unwrap_or_else(|found| panic!("{found}"));
        let ours = [
            "newest-first-unbounded",
            "codel-never-acts",
            "deadlines-unsaid",
            "priority-never-acts",
            "memory-never-acts",
        ];
        let codes = loaded.warnings.iter().map(|warning| warning.code);
        codes.filter(|code| ours.contains(code)).collect::<Vec<_>>()
    };
    let leak = "faults: { leak: { at: 10s, for: 5s, service: shop, fill: { memory: 1GB } } }\n";
    for (service, more, expected) in [
        (
            "queue: { capacity: unlimited, discipline: lifo }",
            "",
            &["newest-first-unbounded"][..],
        ),
        (
            "queue: { capacity: unlimited, discipline: adaptive_lifo }",
            "",
            &["newest-first-unbounded"],
        ),
        (
            "queue: { capacity: unlimited, discipline: lifo, max_wait: 1s }",
            "",
            &[],
        ),
        (
            "queue: { capacity: unlimited, discipline: lifo, codel: {} }",
            "",
            &[],
        ),
        (
            "queue: { capacity: 2, codel: {} }",
            "",
            &["codel-never-acts"],
        ),
        ("queue: { capacity: 3, codel: {} }", "", &[]),
        ("queue: { capacity: 2, codel: { like: folly } }", "", &[]),
        (
            "queue: { capacity: 9, max_wait: 5ms, codel: {} }",
            "",
            &["codel-never-acts"],
        ),
        ("queue: { capacity: 9, max_wait: 6ms, codel: {} }", "", &[]),
        (
            "queue: { capacity: 9, discipline: earliest_deadline }",
            "",
            &["deadlines-unsaid"],
        ),
        (
            "queue: { capacity: 9, discipline: { priority: { classes: [rush] } } }",
            "",
            &["priority-never-acts"],
        ),
        // Two threads and nine places: eleven calls at once.
        (
            "queue: { capacity: 9 }\n    memory: { per_call: 1MB, limit: 11MB }",
            "",
            &["memory-never-acts"],
        ),
        (
            "queue: { capacity: 9 }\n    memory: { per_call: 1MB, limit: 10MB }",
            "",
            &[],
        ),
        (
            "queue: { capacity: 9 }\n    memory: { idle: 1MB, limit: 10MB }",
            "",
            &["memory-never-acts"],
        ),
        (
            "queue: { capacity: 9 }\n    memory: { idle: 1MB, limit: 10MB }",
            leak,
            &[],
        ),
        (
            "queue: { capacity: 9 }\n    memory: { per_call: 1MB, limit: 11MB, slow: { from: 50%, factor: 2 } }",
            "",
            &[],
        ),
    ] {
        assert_eq!(codes(service, more), expected, "{service}");
    }
}

//! What is refused, where, and in which words.

use super::example::EXAMPLE;
use super::{load_text, load_with};
use std::fmt::Write;

/// Replaces one piece of the example.
fn edited(from: &str, to: &str) -> String {
    assert!(EXAMPLE.contains(from), "{from}");
    EXAMPLE.replacen(from, to, 1)
}

/// What is said about a text.
fn refusal(text: &str) -> String {
    match load_text(text) {
        Ok(_) => "accepted\n".to_owned(),
        Err(found) => found.to_string(),
    }
}

/// What is replaced in the example, and by what.
const EDITS: &[(&str, &str)] = &[
    ("duration: 5m", "duration: 300"),
    ("duration: 5m", "duration: -5m"),
    ("duration: 5m", "duration: 0s"),
    ("duration: 5m", "duration: .inf"),
    ("duration: 5m", "duration: 1e308s"),
    ("duration: 5m", "duration: 300 s"),
    ("duration: 5m, ", ""),
    ("warmup: 20s", "warmup: 10m"),
    ("warmup: 20s", "warm_up: 20s"),
    ("seed: 42", "seed: -1"),
    ("seed: 42", "resolution: 1ns"),
    ("processes: 200", "processes: 0"),
    ("processes: 200", "processes: \"200\""),
    ("processes: 200", "processes: 1.5"),
    ("processes: 200", "processes: 99999999999"),
    ("rate: 900/s", "rate: 900"),
    ("rate: 900/s", "rate: NaN/s"),
    ("rate: 900/s", "rate: 900/d"),
    ("rate: 900/s", "rate: [{ at: 5s, rate: 1/s }]"),
    (
        "{ poisson: { rate: 900/s } }",
        "{ poison: { rate: 900/s } }",
    ),
    ("{ poisson: { rate: 900/s } }", "900/s"),
    (
        "{ poisson: { rate: 900/s } }",
        "{ recorded: { file: times.txt } }",
    ),
    ("calls: storefront.checkout", "calls: storefront.chekout"),
    ("calls: storefront.checkout", "calls: storefront"),
    ("calls: storefront.checkout", "calls: shop.checkout"),
    ("calls: storefront.checkout", "calls: []"),
    (
        "policy: impatient",
        "policy: [fallback: { answer: { call: { to: shop.checkout } } }]",
    ),
    (
        "policy: impatient",
        "policy: [fallback: { answer: { call: { to: storefront.checkout, policy: none, optional: true } } }]",
    ),
    ("policy: impatient", "policy: impatiant"),
    ("policy: impatient", "policy: { timeout: 1s }"),
    ("instances: 6", "instances: zero"),
    ("threads: 64", "threads: 0"),
    ("threads: 64", "threads: null"),
    ("threads: 64", "threads:"),
    ("    threads: 64\n", ""),
    ("    queue: { capacity: 128, discipline: fifo }\n", ""),
    ("discipline: fifo", "discipline: fifi"),
    ("p99: 20ms", "p99: 90ms"),
    ("p99: 20ms", "p95: 20ms"),
    ("{ mean: 4ms, p99: 20ms }", "{ mean: 4ms }"),
    (
        "payments.charge, policy: guarded",
        "payment.charge, policy: guarded",
    ),
    (
        "payments.charge, policy: guarded",
        "storefront.checkout, policy: guarded",
    ),
    ("optional: true", "optional: yes"),
    ("idempotent: false, steps", "idempotent: false, step"),
    ("- timeout: 2.5s", "- timeout: 2500"),
    ("- timeout: 2.5s", "- timout: 2.5s"),
    ("- timeout: 2.5s", "- timeout"),
    ("max_attempts: 3", "max_attempts: 0"),
    ("max_attempts: 3", "max_attempts: 9999"),
    ("max_attempts: 3", "max_attempts: 3, max_retries: 2"),
    ("max_attempts: 3", "overshoot: refuse"),
    ("max_attempts: 3", "budget: nobody"),
    ("faults:\n", "budgets: { b: { scope: shared } }\nfaults:\n"),
    (
        "faults:\n",
        "budgets: { b: { concurrent_max: 3, aws_quota: {} } }\nfaults:\n",
    ),
    (
        "faults:\n",
        "budgets: { b: { token_ratio: { ttl: 90s } } }\nfaults:\n",
    ),
    (
        "faults:\n",
        "budgets: { b: { grpc_tokens: { max_tokens: 10, token_ratio: 0 } } }\nfaults:\n",
    ),
    ("jitter: full", "jitter: polly_v2, cap: before_jitter"),
    ("jitter: full", "jitter: full, retry_after: { raise: 5s }"),
    ("factor: 2, max: 2s", "factor: 0.5, max: 2s"),
    ("jitter: full", "jitter: fully"),
    ("jitter: full", "budget: shared"),
    ("error.unavailable", "unavailable"),
    ("error.unavailable", "503"),
    ("error.unavailable", "gateway-error"),
    (
        "steps: [",
        "steps: [ { fail: { share: 1%, kind: negative } },",
    ),
    ("steps: [", "steps: [ { fail: { share: 1%, kind: 503 } },"),
    ("failure_rate: 50%", "failure_rate: 0.5"),
    ("failure_rate: 50%", "failure_rate: 150%"),
    ("failure_rate: 50%, ", ""),
    ("minimum_calls: 10", "minimum_calls: 30"),
    ("window: { calls: 20 }, ", ""),
    (
        "max_waiting: 20",
        "max_waiting: 20, scope: shared, share: pool",
    ),
    ("service: payments, slow", "service: payment, slow"),
    ("service: payments, slow", "slow"),
    ("slow: { factor: 10 }", "slow: { factor: -1 }"),
    ("slow: { factor: 10 }", "slow: { factor: 10 }, pause: {}"),
    (", slow: { factor: 10 }", ""),
    ("at: 60s, for: 30s", "for: 30s"),
    ("at: 60s, for: 30s", "every: 30s, for: 30s"),
    (
        "at: 60s, for: 30s",
        "every: 30s, for: 3s, random: { up: 9s, down: 1s }",
    ),
    ("at: 60s, for: 30s", "random: { up: 9s }"),
    ("at: 60s, for: 30s", "random: { up: 0s, down: 1s }"),
    ("at: 60s, for: 30s", "random: { up: 1us, down: 1us }"),
    ("at: 60s, for: 30s", "random: { up: 24h, down: 1s }"),
    (
        "at: 60s, for: 30s, service: payments, slow: { factor: 10 }",
        "to: payments, random: { up: 9s, down: 1s }, loss: { share: 5% }",
    ),
    (
        "service: payments, slow: { factor: 10 }",
        "client: shoppers, load: { factor: 2 }, service: payments",
    ),
    (
        "service: payments, slow: { factor: 10 }",
        "change: { path: policies.guarded.retry.max_atempts, to: 1 }",
    ),
    (
        "service: payments, slow: { factor: 10 }",
        "change: { path: services.payments.instances, to: 2 }",
    ),
    (
        "service: payments, slow: { factor: 10 }",
        "change: { path: services.payments.threads, to: none }",
    ),
    (
        "service: payments, slow: { factor: 10 }",
        "service: payments, instances: 9, pause: {}",
    ),
    ("client: shoppers, from", "client: shopers, from"),
    ("from: 20s, to: 60s", "from: 60s, to: 20s"),
    ("from: 20s, to: 60s", "from: 20s, to: 60m"),
    ("from: 20s, to: 60s", "from: 20s, before: payments-slow"),
    ("at_least: 99.9%", "at_least: 0.999"),
    (", at_least: 99.9%", ""),
    ("at_least: 99.9%", "at_least: 99.9%, at_most: 100%"),
    ("after: payments-slow", "after: payments-slo"),
    (
        "storefront.checkout -> payments.charge",
        "shoppers -> payments.charge",
    ),
    ("storefront.checkout -> payments.charge", "payments.charge"),
    ("  recommendations:\n", "  payments:\n"),
    ("scenario: payments-guarded", "scenario: \"../x\""),
    ("scenario: payments-guarded", "scenario: &a x"),
    ("scenario: payments-guarded", "scenario: !x y"),
    ("scenario: payments-guarded", "scenario: x\u{202e}y"),
    ("scenario: payments-guarded", "scenario:\tx"),
    ("expect:\n", "---\nexpect:\n"),
    ("expect:\n", "expect: [\n"),
    ("expect:\n", "expects:\n"),
];

#[test]
fn refusals_name_place_reason_and_remedy() {
    let mut all = String::new();
    for (from, to) in EDITS {
        let _ = writeln!(all, "{} => {}", from.escape_debug(), to.escape_debug());
        all.push_str(&refusal(&edited(from, to)));
        all.push('\n');
    }
    insta::assert_snapshot!(all);
}

#[test]
fn texts_that_are_no_scenario() {
    let mut all = String::new();
    for text in [
        "",
        "\n# nothing\n",
        "[]",
        "{}",
        "hello",
        "a: 1",
        "scenario: x",
        "{\"a\": }",
    ] {
        let _ = writeln!(all, "{}", text.escape_debug());
        all.push_str(&refusal(text));
        all.push('\n');
    }
    insta::assert_snapshot!(all);
}

#[test]
fn paths_that_lead_nowhere() {
    let mut all = String::new();
    for (path, value) in [
        ("policies.guarded.retry.max_attempts", "0"),
        ("policies.gaurded.retry.max_attempts", "1"),
        ("policies.guarded.retries.max_attempts", "1"),
        ("policies.guarded.timeout.after", "1s"),
        ("policies.guarded.timeout[3].after", "1s"),
        ("policies.guarded.timeout[2].aftr", "1s"),
        ("services.payments.threads.x", "1s"),
        ("run..duration", "1s"),
        ("", "1s"),
        ("run.duration", "[1"),
        ("run.duration", ""),
        ("nothing", "1"),
    ] {
        let _ = writeln!(all, "{path}={value}");
        match load_with(EXAMPLE, &[(path, value)]) {
            Ok(_) => all.push_str("accepted\n"),
            Err(found) => all.push_str(&found.to_string()),
        }
    }
    insta::assert_snapshot!(all);
}

#[test]
fn paths_that_lead_somewhere() {
    for (path, value) in [
        ("policies.guarded.retry.max_attempts", "5"),
        ("policies.guarded.timeout[2].after", "300ms"),
        ("policies.impatient.timeout.propagate", "true"),
        ("policies.guarded.bulkhead.max_concurrent", "unlimited_no"),
        ("run.limits.events", "1000"),
        ("clients.shoppers.arrivals.poisson.rate", "100/s"),
        ("services.payments.queue.capacity", "unlimited"),
        (
            "services.storefront.operations.checkout.steps.call.policy",
            "impatient",
        ),
        (
            "services.storefront.operations.checkout.steps.work",
            "{ exponential: { mean: 9ms } }",
        ),
        ("faults.payments-slow.slow.factor", "20"),
    ] {
        let result = load_with(EXAMPLE, &[(path, value)]);
        assert_eq!(
            result.is_ok(),
            value != "unlimited_no",
            "{path}: {:?}",
            result.err()
        );
    }
}

#[test]
fn warnings_name_what_was_probably_not_meant() {
    let mut all = String::new();
    let edits = [
        ("policy: impatient", "policy: none"),
        ("jitter: full", "jitter: none"),
        ("capacity: 128", "capacity: unlimited"),
        ("timeout: 2.5s", "timeout: 1s"),
        ("rate: 900/s", "rate: 90000/s"),
        ("at: 60s, for: 30s", "at: 60m, for: 30s"),
        ("- timeout: 5s", "- timeout: 1s"),
        ("jitter: full", "jitter: full, retry_after: replace"),
        ("threads: 50", "threads: 50\n    retry_after: 2s"),
        (
            "faults:\n",
            "budgets: { b: { concurrent_max: 3 } }\nfaults:\n",
        ),
    ];
    for (from, to) in edits {
        let _ = writeln!(all, "{from} => {to}");
        match load_text(&edited(from, to)) {
            Ok(loaded) => {
                for warning in &loaded.warnings {
                    let _ = writeln!(all, "{warning}");
                }
            }
            Err(found) => all.push_str(&found.to_string()),
        }
        all.push('\n');
    }
    insta::assert_snapshot!(all);
}

#[test]
fn what_a_mistake_leaves_out_is_not_missed_elsewhere() {
    let opens = "expect:\n  opens: { breaker_opens: { policy: guarded, at_least: 1 } }\n";
    let expected = edited("expect:\n", opens);
    assert_eq!(refusal(&expected), "accepted\n");
    let without = "    - circuit_breaker: { failure_rate: 50%, window: { calls: 20 }, \
                   minimum_calls: 10, open_for: 10s, half_open_calls: 3 }\n";
    assert!(expected.contains(without));
    let missed = refusal(&expected.replacen(without, "", 1));
    assert!(missed.contains("binds no circuit breaker"), "{missed}");
    for (from, to) in [
        ("failure_rate: 50%", "failure_rate: 50"),
        ("to: payments.charge", "to: payment.charge"),
    ] {
        let told = refusal(&expected.replacen(from, to, 1));
        assert!(told.contains("error"), "{told}");
        assert!(!told.contains("binds no"), "{told}");
    }
}

//! What is hinted at a key of another tool, at one at another depth, and at a value for a map.

use super::example::EXAMPLE;
use super::load_text;

/// What the example is told about one edit of it.
#[track_caller]
fn told(from: &str, to: &str) -> Vec<String> {
    assert!(EXAMPLE.contains(from), "{from}");
    let text = EXAMPLE.replacen(from, to, 1);
    let found = load_text(&text).map(|_| ()).unwrap_err();
    let hints = found.all().iter().filter_map(|one| one.hint.clone());
    hints.collect()
}

#[track_caller]
fn check(rows: &[(&str, &str, &str)]) {
    for (from, to, hint) in rows {
        let hints = told(from, to);
        assert!(hints.iter().any(|one| one == hint), "{to}: {hints:?}");
    }
}

#[test]
fn words_of_other_tools_name_the_key() {
    check(&[
        ("for: 30s", "duration: 30s", "did you mean `for`?"),
        ("at: 60s", "start: 60s", "did you mean `at`?"),
        ("at: 60s", "atMs: 500", "write `at: 500ms`"),
        ("instances: 6", "replicas: 6", "did you mean `instances`?"),
        ("threads: 64", "workers: 64", "did you mean `threads`?"),
        ("capacity: 128", "size: 128", "did you mean `capacity`?"),
        ("rate: 900/s", "rps: 900", "did you mean `rate`?"),
        (
            "max_attempts: 3",
            "maxAttempts: 3",
            "did you mean `max_attempts`?",
        ),
        (
            "max_attempts: 3",
            "attempts: 3",
            "did you mean `max_attempts`?",
        ),
        (
            "max_attempts: 3",
            "retries: 2",
            "did you mean `max_retries`?",
        ),
        ("initial: 100ms", "delay_ms: 100", "write `initial: 100ms`"),
        ("factor: 2", "multiplier: 2", "did you mean `factor`?"),
        (
            "- timeout: 2.5s",
            "- timeout: { timeout_ms: 2500 }",
            "write `after: 2500ms`",
        ),
        (
            "- timeout: 2.5s",
            "- deadline: 2.5s",
            "did you mean `timeout`?",
        ),
        (
            "max_concurrent: 40",
            "maxConcurrentCalls: 40",
            "did you mean `max_concurrent`?",
        ),
        (
            "open_for: 10s",
            "sleepWindow: 10s",
            "did you mean `open_for`?",
        ),
        (
            "minimum_calls: 10",
            "minimumNumberOfCalls: 10",
            "did you mean `minimum_calls`?",
        ),
        ("expect:\n", "slos:\n", "did you mean `expect`?"),
        ("warmup: 20s", "warm_up: 20s", "did you mean `warmup`?"),
    ]);
}

#[test]
fn a_key_of_another_depth_is_told_its_place() {
    check(&[
        (
            "jitter: full",
            "jitter: full\n        max: 2s",
            "`max` belongs deeper: `backoff: { exponential: { max: 2s } }`",
        ),
        (
            "factor: 2, max: 2s } }",
            "factor: 2 }, max: 2s }",
            "`max` belongs deeper: `exponential: { max: 2s }`",
        ),
        (
            "max: 2s } }",
            "max: 2s, jitter: full } }",
            "`jitter` belongs higher: write it beside `backoff`",
        ),
        (
            "jitter: full",
            "jitter: full\n        timeout: 1s",
            "`timeout` stands by itself: write `- timeout: …` beside `- retry: …`",
        ),
        (
            "threads: 64",
            "threads: 64\n    discipline: fifo",
            "`discipline` belongs deeper: `queue: { discipline: fifo }`",
        ),
        (
            "max_attempts: 3",
            "delay: 5s",
            "`initial` belongs deeper: `backoff: { exponential: { initial: 5s } }`",
        ),
        (
            "policy: impatient",
            "policy: { timeout: 1s }",
            "write its layers as a list, outermost first: `[{ timeout: … }]`",
        ),
        (
            "run: {",
            "seed: 42\nrun: {",
            "`seed` belongs deeper: `run: { seed: 42 }`",
        ),
        (
            "arrivals: { poisson: { rate: 900/s } }",
            "rate: 900/s",
            "did you mean `arrivals`?",
        ),
    ]);
}

#[test]
fn a_value_for_a_map_is_written_with_its_key() {
    check(&[
        ("slow: { factor: 10 }", "slow: 10", "write `{ factor: 10 }`"),
        (
            "slow: { factor: 10 }",
            "errors: 0.3",
            "write `{ share: 30% }`",
        ),
        (
            "slow: { factor: 10 }",
            "latency: 100ms",
            "write `{ add: 100ms }`",
        ),
        ("slow: { factor: 10 }", "pause: true", "write `{}`"),
        (
            "- work: { lognormal",
            "- fail: 0.5\n          - work: { lognormal",
            "write `{ share: 50% }`",
        ),
        (
            "{ poisson: { rate: 900/s } }",
            "900/s",
            "write `{ poisson: { rate: 900/s } }`",
        ),
        (
            "{ exponential: { initial: 100ms, factor: 2, max: 2s } }",
            "100ms",
            "write `{ constant: 100ms }`",
        ),
        (
            "queue: { capacity: 200 }",
            "queue: 200",
            "write `{ capacity: 200 }`",
        ),
        (
            "- bulkhead: { max_concurrent: 40, max_waiting: 20, max_wait: 100ms }",
            "- bulkhead: 40",
            "write `{ max_concurrent: 40 }`",
        ),
        (
            "run: { duration: 5m, warmup: 20s, seed: 42 }",
            "run: 5m",
            "write `{ duration: 5m }`",
        ),
        (
            "{ exponential: { initial: 100ms, factor: 2, max: 2s } }",
            "{ none }",
            "write `backoff: none`",
        ),
    ]);
}

#[test]
fn words_for_no_limit_name_ours() {
    for word in ["inf", ".inf", "infinity", "none", "-1", "Unbounded"] {
        check(&[(
            "capacity: 128",
            &format!("capacity: {word}"),
            "write `unlimited`",
        )]);
    }
    check(&[("threads: 64", "threads: infinite", "write `unlimited`")]);
}

//! What `squall backoff --draws` shows for the retries of libraries, against what their formulas give
//! for the same numbers, worked out by hand.
//!
//! The draws U of the four retries are 0.51, 0.27, 0.773 and 0.112; n counts retries from 1.

use super::binary::Scratch;

const DRAWS: &str = "0.51,0.27,0.773,0.112";

/// What the library waits [ms]: name of the policy, its settings, the waits by its formula.
const WAITS: &[(&str, &str, &[f64])] = &[
    // wait_random_exponential(multiplier=1): U × 2^(n - 1) s.
    ("tenacity", "like: tenacity", &[510.0, 540.0, 3092.0, 896.0]),
    // backoff_factor × 2^(n - 1), nothing before the first, at most 120 s; here a factor of 0.5.
    (
        "urllib3",
        "like: urllib3, backoff: { exponential: { initial: 500ms, max: 120s } }",
        &[
            0.0, 1000.0, 2000.0, 4000.0, 8000.0, 16_000.0, 32_000.0, 64_000.0, 120_000.0, 120_000.0,
        ],
    ),
    // U × min(50 ms × 2^(n - 1), 20 s), three tries in all.
    ("aws", "like: aws", &[25.5, 27.0]),
    // min(100 ms × 2^(n - 1), 1 s) × (0.8 + 0.4 × U).
    ("grpc", "like: grpc", &[100.4, 181.6, 443.68, 675.84]),
    // A whole number of milliseconds below min(25 ms × 2^(n - 1), 250 ms), that is its part U cut.
    (
        "envoy",
        "like: envoy, max_retries: 4",
        &[12.0, 13.0, 77.0, 22.0],
    ),
    // Constant: 2 s each time, for three retries.
    ("polly", "like: polly", &[2000.0, 2000.0, 2000.0]),
    // Exponential with jitter: t = n - 1 + U, s(t) = 2^t × tanh(√(4t)), (s(t) - s before) / 1.4 × 2 s.
    (
        "polly-jitter",
        "like: polly, max_retries: 4, backoff: { exponential: { initial: 2s } }, jitter: polly_v2",
        &[1813.253, 1556.788, 6369.677, 2590.156],
    ),
    // The same with 128 ms: decorrelatedJitterGenerator with exponent 2.
    (
        "cockatiel",
        "like: cockatiel",
        &[116.048, 99.634, 407.659, 165.77],
    ),
    // Constant: 500 ms each time, three tries in all.
    ("resilience4j", "like: resilience4j", &[500.0, 500.0]),
    // ofExponentialRandomBackoff(500, 1.5, 0.5): b of 500, 750, 1125, 1687 (each cut to whole
    // milliseconds), then b × 0.5 + U × (b + 1), cut as well.
    (
        "resilience4j-random",
        "like: resilience4j, max_attempts: 5, jitter: { plus_minus: 50% }, cap: after_jitter, \
         backoff: { exponential: { initial: 500ms, factor: 1.5 } }",
        &[505.0, 577.0, 1432.0, 1032.0],
    ),
    // Exponential: min(500 ms × 1.5^(n - 1), 60 s) × (0.5 + U).
    (
        "dapr",
        "like: dapr, backoff: exponential",
        &[505.0, 577.5, 1432.125, 1032.75],
    ),
];

fn scratch(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    let layer = |(name, settings, _): &(&str, &str, &[f64])| {
        format!("  {name}: [retry: {{ {settings} }}]\n")
    };
    let policies: String = WAITS.iter().map(layer).collect();
    scratch.write("policies.yaml", format!("policies:\n{policies}"));
    scratch
}

/// The report on a policy.
fn report(scratch: &Scratch, policy: &str, more: &[&str]) -> serde_json::Value {
    let args = [
        "backoff",
        "policies.yaml",
        "--policy",
        policy,
        "--format",
        "json",
    ];
    let told = scratch.run(&[&args[..], more].concat()).with(0);
    serde_json::from_str(&told.out).unwrap()
}

/// Waits in milliseconds, to the microsecond.
fn check(policy: &str, waits_ns: &serde_json::Value, expected: &[f64]) {
    let waits: Vec<f64> = serde_json::from_value(waits_ns.clone()).unwrap();
    assert_eq!(waits.len(), expected.len(), "{policy}: {waits:?}");
    for (wait, expected) in waits.iter().zip(expected) {
        let off = (wait / 1e6 - expected).abs();
        assert!(off < 0.001, "{policy}: {waits:?} for {expected} ms");
    }
}

#[test]
fn retries_of_libraries_wait_what_their_formulas_say() {
    let scratch = scratch("backoff-libraries");
    for (policy, _, expected) in WAITS {
        let report = report(&scratch, policy, &["--draws", DRAWS]);
        check(policy, &report["retries"][0]["waits_ns"], expected);
    }
}

#[test]
fn without_jitter_draws_change_nothing_and_a_retry_without_end_ends() {
    let scratch = scratch("backoff-constant");
    scratch.write(
        "policies.yaml",
        "policies:\n  dapr: [retry: { like: dapr }]\n",
    );
    let report = report(&scratch, "dapr", &["--draws", DRAWS, "--retries", "6"]);
    check("dapr", &report["retries"][0]["waits_ns"], &[5000.0; 6]);
    let told = scratch
        .run(&["backoff", "policies.yaml", "--retries", "2"])
        .with(0);
    assert!(
        told.out.contains("retry: tries without end"),
        "{}",
        told.out
    );
}

/// U × min(1 s × 2^(n - 1), 20 s) after throttling, with the same draws.
#[test]
fn the_waits_of_backoff_after_are_shown_too() {
    let scratch = scratch("backoff-after");
    let drawn = report(&scratch, "aws", &["--draws", DRAWS]);
    let after = &drawn["retries"][0]["after"];
    assert_eq!(after["on"][0], "rejected.rate_limited");
    assert_eq!(after["on"][1], "rejected.shed");
    check("aws", &after["waits_ns"], &[510.0, 540.0]);
    let table = |more: &[&str]| {
        let args = ["backoff", "policies.yaml", "--policy", "aws"];
        scratch.run(&[&args[..], more].concat()).with(0).out
    };
    let expected = "\
After rejected.rate_limited, rejected.shed:

retry   wait  all so far
    1  510ms       510ms
    2  540ms       1.05s
";
    let told = table(&["--draws", DRAWS]);
    assert!(told.contains(expected), "{told}");
    let told = table(&[]);
    assert!(told.contains("    2   0 ns     1 s       2 s"), "{told}");
    let plain = report(&scratch, "polly", &[]);
    assert!(plain["retries"][0].get("after").is_none(), "{plain}");
}

#[test]
fn waits_that_are_drawn_without_a_limit_are_said_to_have_none() {
    let scratch = Scratch::new("backoff-drawn");
    let retry =
        "retry: { max_attempts: 3, backoff: { constant: { exponential: { mean: 100ms } } } }";
    scratch.write("policies.yaml", format!("policies:\n  x: [ {retry} ]\n"));
    let told = scratch.run(&["backoff", "policies.yaml"]).with(0).out;
    assert!(told.contains("    1   0 ns    50 ms  no limit"), "{told}");
    let text =
        "retry: 3 tries, all waits together without a limit, since they are drawn without one.";
    let words: Vec<&str> = told.split_whitespace().collect();
    assert!(words.join(" ").contains(text), "{told}");
    let waits = &report(&scratch, "x", &[])["retries"][0];
    assert!(waits["ranges"][0]["greatest_ns"].is_null(), "{waits}");
    assert!(waits["longest_waits_ns"].is_null(), "{waits}");
}

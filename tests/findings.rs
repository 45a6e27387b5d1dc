//! Findings that no scenario of the project teaches: each is raised on purpose, and its repaired
//! twin is silent.

use crate::support::from_text;
use sim_core::report::{Request, run};

const SEEDS: u64 = 20;

/// Calls hang, as probes do: nothing ends them.
const WEDGED: &str = "
scenario: wedged
run: { duration: 60s }
clients:
  users:
    arrivals: { poisson: { rate: 50/s } }
    calls: shop.buy
    policy: guarded
services:
  shop:
    threads: 10
    queue: { capacity: 10 }
    operations:
      buy: { idempotent: true, steps: [ { work: 10ms } ] }
policies:
  guarded:
    - circuit_breaker: { failure_rate: 50%, window: { calls: 20 }, minimum_calls: 10, open_for: 5s, half_open_calls: 3 }
faults:
  broken: { at: 5s, for: 3s, service: shop, errors: { share: 100%, kind: internal } }
  hangs: { at: 8s, service: shop, pause: {} }
";

/// Patient users fill the queue; impatient ones never get through it.
const STARVED: &str = "
scenario: starved
run: { duration: 60s }
clients:
  patient:
    users: { count: 30, think_time: 0s, start: at_once }
    calls: shop.buy
    policy: [{ timeout: 5s }]
  hasty:
    arrivals: { poisson: { rate: 20/s } }
    calls: shop.buy
    policy: [{ timeout: 100ms }]
services:
  shop:
    threads: 1
    queue: { capacity: 100 }
    operations:
      buy: { idempotent: true, steps: [ { work: 10ms } ] }
";

/// In how many of the runs there is a finding with this code.
fn raised(scenario: &str, code: &str) -> u64 {
    let loaded = from_text(code, scenario, &[]);
    let with = |seed: u64| {
        let mut request = Request::of(&loaded.scenario);
        request.play.seed = seed;
        let (report, ()) = run(&loaded, &request, (), &mut |_, _| true);
        report.findings.iter().any(|finding| finding.code == code)
    };
    (1..=SEEDS).filter(|&seed| with(seed)).count() as u64
}

fn repaired(scenario: &str, from: &str, to: &str) -> String {
    assert!(scenario.contains(from), "`{from}` is not there");
    scenario.replace(from, to)
}

#[test]
fn a_breaker_whose_probes_hang_is_wedged() {
    assert_eq!(raised(WEDGED, "wedged-half-open"), SEEDS);
    let twin = repaired(
        WEDGED,
        "half_open_calls: 3 }",
        "half_open_calls: 3 }\n    - timeout: 500ms",
    );
    assert_eq!(raised(&twin, "wedged-half-open"), 0);
}

#[test]
fn who_has_no_patience_is_starved_by_who_has() {
    assert_eq!(raised(STARVED, "starved-client"), SEEDS);
    let twin = repaired(STARVED, "timeout: 100ms", "timeout: 5s");
    assert_eq!(raised(&twin, "starved-client"), 0);
}

/// The codes of what is said about a scenario without a run.
fn warned(scenario: &str) -> Vec<&'static str> {
    let loaded = from_text("lint", scenario, &[]);
    loaded.warnings.iter().map(|warning| warning.code).collect()
}

const CIRCLE: &str = "
scenario: circle
run: { duration: 1s }
clients:
  users:
    arrivals: { poisson: { rate: 1/s } }
    calls: a.outer
    policy: [{ timeout: 1s }]
services:
  a:
    threads: 2
    queue: { capacity: 2 }
    operations:
      outer: { steps: [ { call: { to: b.middle, policy: [{ timeout: 900ms }] } } ] }
      inner: { steps: [ { work: 1ms } ] }
  b:
    threads: 2
    queue: { capacity: 2 }
    operations:
      middle: { steps: [ { call: { to: a.inner, policy: [{ timeout: 800ms }] } } ] }
";

#[test]
fn pools_that_wait_for_each_other_are_named_once() {
    let circles = |scenario: &str| {
        let all = warned(scenario);
        all.iter()
            .filter(|code| **code == "pools-wait-for-each-other")
            .count()
    };
    assert_eq!(circles(CIRCLE), 1);
    let open = repaired(
        CIRCLE,
        "  b:\n    threads: 2",
        "  b:\n    execution: async\n    threads: 2",
    );
    assert_eq!(circles(&open), 0);
}

#[test]
fn a_call_without_any_timeout_is_warned_about() {
    assert!(warned(WEDGED).contains(&"no-timeout"));
    assert!(!warned(STARVED).contains(&"no-timeout"));
}

#[test]
fn a_finding_can_be_expected() {
    let verdicts = |expect: &str| {
        let text = format!("{STARVED}expect:\n  it: {{ finding: {expect} }}\n");
        let loaded = from_text("expected", &text, &[]);
        let (report, ()) = run(&loaded, &Request::of(&loaded.scenario), (), &mut |_, _| {
            true
        });
        let one = report.expectations.into_iter().next().unwrap();
        (one.text, one.verdict.name())
    };
    assert_eq!(
        verdicts("{ code: starved-client }"),
        ("there is a finding starved-client".to_owned(), "pass")
    );
    assert_eq!(
        verdicts("{ code: starved-client, present: false }"),
        ("there is no finding starved-client".to_owned(), "fail")
    );
    assert_eq!(verdicts("{ code: relapse, present: false }").1, "pass");
    let unknown = std::panic::catch_unwind(|| verdicts("{ code: starved-clients }"));
    let message = unknown.unwrap_err().downcast::<String>().unwrap();
    assert!(
        message.contains("did you mean `starved-client`?"),
        "{message}"
    );
}

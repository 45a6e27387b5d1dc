//! Each setting of a policy is told when it took effect, and named when it held its layer back: one
//! small system, under one policy at a time, in which that must happen.

use crate::support::from_text;
use sim_core::model::fact::{Fact, Observer};
use sim_core::report::{BreakerSpan, BreakerStateName, LayerReport, Report, Request, run};
use sim_core::time::SimTime;
use std::collections::BTreeMap;

const FAILS: &str =
    "bad: { at: 10s, for: 10s, service: s, errors: { share: 100%, kind: unavailable } }";
const SLOW: &str = "bad: { at: 10s, for: 10s, service: s, slow: { factor: 100 } }";

/// Waits that retries planned, and those of passes that were let in [ns].
#[derive(Debug, Default)]
struct Seen {
    backoff_ns: u64,
    /// Retries after the first of their call [count].
    later_retries: u64,
    waited: Vec<u64>,
}

impl Observer for Seen {
    fn on_fact(&mut self, _now: SimTime, fact: &Fact) {
        match *fact {
            Fact::RetryPlanned { delay, passes, .. } => {
                self.backoff_ns += delay.as_ns();
                self.later_retries += u64::from(passes > 1);
            }
            Fact::LayerLetIn { waited, .. } => self.waited.push(waited.as_ns()),
            _ => {}
        }
    }
}

fn text(policy: &str, fault: &str, rest: &str) -> String {
    format!(
        "
scenario: small
run: {{ duration: 40s }}
clients:
  c:
    arrivals: {{ poisson: {{ rate: 50/s }} }}
    calls: s.op
    policy: p
services:
  s:
    threads: 20
    queue: {{ capacity: 50 }}
    operations:
      op: {{ idempotent: true, steps: [{{ work: {{ exponential: {{ mean: 20ms }} }} }}] }}
policies:
  p:
{policy}
faults:
  {fault}
{rest}"
    )
}

fn play(text: &str) -> (Report, Seen) {
    let loaded = from_text("took-effect", text, &[]);
    let request = Request::of(&loaded.scenario);
    run(&loaded, &request, Seen::default(), &mut |_, _| true)
}

fn played(policy: &str, fault: &str) -> (Report, Seen) {
    play(&text(policy, fault, ""))
}

/// What the first layer did.
fn acts(report: &Report) -> BTreeMap<&str, u64> {
    let acts = report.layers[0].acts.iter();
    acts.map(|act| (act.name.as_str(), act.total)).collect()
}

#[track_caller]
fn assert_acts(policy: &str, fault: &str, names: &[&str]) -> Report {
    let (report, _) = played(policy, fault);
    let did = acts(&report);
    for name in names {
        assert!(did.contains_key(name), "{name} is not among {did:?}");
    }
    report
}

/// The text and the remedy of the finding with this code.
fn finding(report: &Report, code: &str) -> (String, String) {
    let found = report.findings.iter().find(|one| one.code == code);
    let found = found.unwrap_or_else(|| panic!("no {code} in {:?}", report.findings));
    (found.text.clone(), found.remedy.clone())
}

fn open_spans(report: &Report) -> Vec<&BreakerSpan> {
    let spans = report.breakers.iter().flat_map(|one| &one.owners);
    let spans = spans.flat_map(|owner| &owner.spans);
    spans
        .filter(|span| span.state == BreakerStateName::Open)
        .collect()
}

fn timeline(report: &Report) -> String {
    let lines = report.timeline.iter().map(|line| line.text.as_str());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn an_opening_says_which_condition_it_was_and_with_which_figures() {
    let policy = "    - circuit_breaker: { failure_rate: 90%, consecutive_failures: 6, window: { calls: 1000 }, minimum_calls: 900, open_for: 2s }
    - timeout: 500ms";
    let (report, _) = played(policy, FAILS);
    let first = open_spans(&report)[0];
    assert_eq!(first.why.as_deref(), Some("consecutive_failures"));
    assert_eq!((first.failures, first.results), (Some(6), Some(6)));
    assert_eq!(first.wait_ns, Some(2_000_000_000));
    let again = open_spans(&report)[1];
    assert_eq!(again.why.as_deref(), Some("probe_failed"));
    let told = timeline(&report);
    assert!(told.contains("opens: 6 calls in a row failed"), "{told}");
    assert!(told.contains("opens: its probe failed"), "{told}");
    let closed = &report.breakers[0].owners[0].spans[0];
    assert_eq!(
        (&closed.why, closed.results, closed.wait_ns),
        (&None, None, None)
    );
}

#[test]
fn waits_of_a_breaker_that_grow_are_told() {
    let policy = "    - circuit_breaker: { failure_rate: 50%, window: { calls: 20 }, minimum_calls: 10, open_for: 1200ms, open_growth: { factor: 3, max: 5s } }
    - timeout: 5s";
    let report = assert_acts(policy, FAILS, &["open_grown", "open_at_maximum"]);
    let waits: Vec<u64> = open_spans(&report)
        .iter()
        .take(3)
        .map(|span| span.wait_ns.unwrap() / 1_000_000)
        .collect();
    assert_eq!(waits, [1_200, 3_600, 5_000]);
    let told = timeline(&report);
    assert!(told.contains("it stays open for 3.6s"), "{told}");
    assert!(told.contains("it stays open for 5s, the longest"), "{told}");
}

#[test]
fn what_holds_a_breaker_back_is_counted_and_named() {
    let few = "    - circuit_breaker: { failure_rate: 50%, window: { time: 10s }, minimum_calls: 2000, open_for: 2s }
    - timeout: 500ms";
    let report = assert_acts(few, FAILS, &["held_back_by_minimum_calls"]);
    assert!(report.layers[0].never_acted);
    let (text, remedy) = finding(&report, "policy-never-exercised");
    let looks = acts(&report)["held_back_by_minimum_calls"];
    assert!(looks > 100 && text.contains("`minimum_calls`"), "{text}");
    assert!(remedy.contains("lower `minimum_calls`"), "{remedy}");

    let ignores = "    - circuit_breaker: { failures: 5, window: { calls: 20 }, minimum_calls: 5, open_for: 500ms, ignore: error.unavailable }
    - timeout: 4s";
    let report = assert_acts(ignores, FAILS, &["uncounted_results"]);
    let (text, remedy) = finding(&report, "policy-never-exercised");
    assert!(text.contains("were not counted"), "{text}");
    assert!(remedy.contains("count them"), "{remedy}");

    let late = "    - circuit_breaker: { failures: 5, window: { calls: 20 }, minimum_calls: 5, open_for: 500ms }
    - timeout: 1s";
    assert_acts(late, SLOW, &["late_results_ignored"]);
}

#[test]
fn a_retry_says_what_made_its_waits_and_how_much_it_waited() {
    let capped = "    - retry: { max_attempts: 8, backoff: { exponential: { initial: 100ms, max: 200ms } }, jitter: none }
    - timeout: 500ms";
    let (report, seen) = played(capped, FAILS);
    // Waits of 100, 200, 200, … ms: all but the first are at the maximum.
    assert_eq!(acts(&report)["backoff_at_maximum"], seen.later_retries);
    assert_eq!(report.layers[0].backoff_total_ns, Some(seen.backoff_ns));

    let short = "    - retry: { max_attempts: 9, backoff: { constant: 300ms }, jitter: none, max_elapsed: 500ms, overshoot: refuse }
    - timeout: 500ms";
    let did = acts(&assert_acts(short, FAILS, &["gave_up.wait_too_long"]))
        .contains_key("gave_up.elapsed_too_long");
    assert!(!did, "no wait ends after the time is over");
    let none = "    - retry: { max_attempts: 1, backoff: { constant: 300ms } }
    - timeout: 500ms";
    let (report, _) = played(none, FAILS);
    assert!(report.layers[0].never_acted, "{:?}", report.layers[0]);
    let (text, _) = finding(&report, "policy-never-exercised");
    assert!(text.contains("never retries"), "{text}");
}

#[test]
fn a_guard_says_how_long_passes_waited_and_why_it_stopped_others() {
    let limit = "    - rate_limit: { permits: 40, burst: 5, max_wait: 50ms, max_waiting: 2 }
    - timeout: 500ms";
    let (report, seen) = played(limit, FAILS);
    let waits = report.layers[0].waits.expect("some waited");
    assert_eq!(waits.count, seen.waited.len() as u64);
    let mean = seen.waited.iter().sum::<u64>() / waits.count;
    assert!(
        waits.mean_ns.abs_diff(mean) <= mean / 100,
        "{waits:?} {mean}"
    );
    let did = acts(&report);
    let refused = |why| did.get(why).copied().unwrap_or(0);
    assert_eq!(
        refused("refused.line_full") + refused("refused.wait_too_long"),
        did["stopped"],
        "{did:?}"
    );
    let bulkhead = "    - bulkhead: { max_concurrent: 1, max_waiting: 3, max_wait: 30ms }
    - timeout: 500ms";
    let (report, seen) = played(bulkhead, FAILS);
    let waits = report.layers[0].waits.expect("some waited");
    assert_eq!(Some(&waits.max_ns), seen.waited.iter().max());
}

#[test]
fn who_waits_in_vain_has_not_waited() {
    let vain = "    - rate_limit: { permits: 40, burst: 5, max_wait: 1ms, refusal: after_wait }
    - timeout: 500ms";
    let (report, seen) = played(vain, FAILS);
    let did = acts(&report);
    assert_eq!(did["refused.after_wait"], did["stopped"], "{did:?}");
    assert_eq!(
        did.get("waited").copied().unwrap_or(0),
        seen.waited.len() as u64
    );
}

#[test]
fn a_hedge_says_where_its_delay_comes_from_and_what_ended_it() {
    let both = "    - hedge: { delay: { percentile: 95, fallback: 10ms, minimum_samples: 500 }, max_hedges: 1 }
    - timeout: 500ms";
    let report = assert_acts(
        both,
        SLOW,
        &["delay_from_percentile", "delay_from_fallback"],
    );
    assert!(report.layers[0].hedge_delay_mean_ns > Some(10_000_000));
    let never = "    - hedge: { delay: { percentile: 95, minimum_samples: 100000 } }
    - timeout: 500ms";
    let report = assert_acts(never, SLOW, &["no_delay_yet"]);
    let (text, remedy) = finding(&report, "policy-never-exercised");
    assert!(text.contains("too few samples"), "{text}");
    assert!(remedy.contains("`minimum_samples`"), "{remedy}");
}

#[test]
fn hedges_alone_are_called_hedges() {
    let policy = "    - hedge: { delay: 30ms, on_failure: at_once }
    - timeout: 500ms";
    let (report, _) = played(policy, FAILS);
    let (text, remedy) = finding(&report, "retry-storm");
    assert!(text.contains("the others all hedges"), "{text}");
    assert!(
        remedy.contains("hedge") && !remedy.contains("retries"),
        "{remedy}"
    );
}

#[test]
fn a_fallback_that_never_kept_anything_says_so() {
    let policy = "    - fallback: { answer: { cached: { max_age: 2s } } }
    - timeout: 500ms";
    let early = "bad: { at: 0s, for: 20s, service: s, errors: { share: 100%, kind: unavailable } }";
    let (report, _) = played(policy, early);
    let did = acts(&report);
    assert!(did["fallbacks_missing"] > 0, "{did:?}");
    assert!(!did.contains_key("fallbacks_missing.too_old"), "{did:?}");
    let told: Vec<&str> = report.causes.iter().map(|one| one.text.as_str()).collect();
    assert!(
        !told.iter().any(|text| text.contains("fresh enough")),
        "{told:?}"
    );
    assert_acts(policy, FAILS, &["fallbacks_missing.too_old"]);
    let off = "    - fallback: { enabled: false }
    - timeout: 500ms";
    let (text, _) = finding(&played(off, FAILS).0, "policy-never-exercised");
    assert!(text.contains("turned off"), "{text}");
}

#[test]
fn a_limit_on_connecting_is_told_apart() {
    let policy = "    - timeout: { after: 500ms, connect: 100ms }";
    let crash = "bad: { at: 10s, for: 10s, service: s, crash: { callers_see: unreachable } }";
    assert_acts(policy, crash, &["timed_out.connect"]);
    let alone = "    - timeout: { connect: 100ms }";
    assert_acts(alone, crash, &["timed_out.connect"]);
}

#[test]
fn a_budget_says_what_its_floor_alone_granted() {
    let policy = "    - retry: { max_attempts: 3, backoff: { constant: 20ms }, budget: b }
    - timeout: 500ms";
    let of = |min: u32| {
        let budget =
            format!("budgets: {{ b: {{ concurrent_ratio: {{ ratio: 20%, min: {min} }} }} }}\n");
        play(&text(policy, FAILS, &budget)).0.budgets.remove(0)
    };
    let some = of(3);
    assert!(some.granted_by_floor_total > 0 && some.granted_by_floor_total <= some.granted_total);
    assert_eq!(of(0).granted_by_floor_total, 0);
}

fn with_keys(keys: &str, policy: &str) -> Report {
    let text = text(policy, SLOW, "");
    let op = format!("op: {{ idempotent: false, idempotency_keys: {keys}, steps");
    play(&text.replace("op: { idempotent: true, steps", &op)).0
}

#[test]
fn keys_say_when_they_were_forgotten_or_never_known() {
    let retry = "    - retry: { max_attempts: 3 }
    - timeout: 50ms";
    let report = with_keys("{ retention: 1ms, in_progress: join }", retry);
    let keys = &report.services[0].operations[0].keys;
    assert!(keys.iter().any(|one| one.name == "forgotten"), "{keys:?}");
    let report = with_keys("{}", "    - timeout: 500ms");
    let unknown = report.findings.iter().find(|one| one.place == "s.op");
    assert_eq!(unknown.unwrap().code, "policy-never-exercised");
}

#[test]
fn a_breaker_whose_probes_all_end_is_wedged_for_another_reason() {
    let policy = "    - circuit_breaker: { failure_rate: 50%, window: { calls: 10 }, minimum_calls: 5, open_for: 1s, half_open_calls: 3, half_open: { closes: { successes: 5 } } }
    - timeout: 500ms";
    let (report, _) = played(policy, FAILS);
    let (text, remedy) = finding(&report, "wedged-half-open");
    assert!(text.contains("fewer probes"), "{text}");
    assert!(remedy.contains("`half_open_calls`"), "{remedy}");
}

#[test]
fn a_layer_that_acted_in_the_warm_up_alone_says_so() {
    let policy = "    - retry: { max_attempts: 3, backoff: { constant: 50ms } }
    - timeout: 2s";
    let text = text(policy, FAILS, "").replace("duration: 40s", "duration: 60s, warmup: 30s");
    let (report, _) = play(&text);
    let LayerReport {
        never_acted,
        acted_in_warmup_only,
        ..
    } = report.layers[0];
    assert!(!never_acted && acted_in_warmup_only);
}

#[test]
fn warnings_about_the_scenario_are_in_its_report() {
    let policy = "    - retry: { max_attempts: 3, backoff: { constant: 50ms }, jitter: none }";
    let (report, _) = played(policy, FAILS);
    let codes: Vec<&str> = report.lints.iter().map(|one| one.code.as_str()).collect();
    assert!(codes.contains(&"no-timeout"), "{codes:?}");
    assert!(report.lints.iter().all(|one| one.line > Some(1)));
}

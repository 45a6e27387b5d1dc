//! Numbers at the edge of what can be written: every run ends, soon and without a panic.

use super::{load_text, load_with};
use crate::kernel::Stop;
use crate::model::fact::{Fact, Observer};
use crate::model::record::{Recorder, RunStatus};
use crate::model::{Played, run};
use crate::policy::Outcome;
use crate::time::SimTime;

/// When calls ended \[ms\], and how.
#[derive(Default)]
struct Ends(Vec<(u64, Outcome)>);

impl Observer for Ends {
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        if let Fact::CallEnded { ending, .. } = fact {
            self.0.push((now.as_ns() / 1_000_000, ending.outcome()));
        }
    }
}

fn played(text: &str) -> Played<Ends> {
    let loaded = load_text(text).unwrap_or_else(|found| panic!("{:?}", found.all()));
    run(
        &loaded.scenario.model,
        1,
        0,
        Ends::default(),
        &mut |_, _| true,
    )
}

/// Calls at these times of a service with these settings, whose operation has these steps.
fn system(times: &str, service: &str, steps: &str, more: &str) -> String {
    format!(
        "scenario: x
run: {{ duration: 10s, limits: {{ events: 20000 }} }}
clients: {{ web: {{ arrivals: {{ recorded: {{ times: [{times}] }} }}, calls: a.op }} }}
services: {{ a: {{ threads: 2, queue: {{ capacity: 9 }}, {service} operations: {{ op: {{ idempotent: true, steps: [{steps}] }} }} }} }}
{more}"
    )
}

fn ends(service: &str, steps: &str, faults: &str) -> Vec<u64> {
    let text = system(
        "0s, 1500ms",
        service,
        steps,
        &format!("faults: {{ {faults} }}"),
    );
    played(&text)
        .observer
        .0
        .into_iter()
        .map(|(ms, _)| ms)
        .collect()
}

#[test]
fn rule_16_work_of_factor_zero_takes_no_time() {
    let work = "{ work: 100ms }";
    let at_start = "f: { at: 1s, for: 1s, service: a, slow: { factor: 0 } }";
    assert_eq!(ends("", work, at_start), [100, 1_500]);
    // What is under way is done at once.
    let long = "{ work: 1200ms }";
    let at_once = "f: { at: 1s, for: 1s, service: a, slow: { factor: 0, in_progress: true } }";
    assert_eq!(ends("", long, at_once), [1_000, 1_500]);
    let table = "contention: { table: [[1, 0]], in_progress: true },";
    assert_eq!(ends(table, work, ""), [0, 1_500]);
    let crowd = "contention: { table: [[1, 0]] },";
    assert_eq!(ends(crowd, work, ""), [0, 1_500]);
    // Zero times the most is zero, whatever comes first.
    let slow = |n: u32| {
        format!("s{n}: {{ at: 0s, service: a, slow: {{ factor: 1e9, in_progress: true }} }}, ")
    };
    let all = (0..40).fold(String::new(), |all, n| all + &slow(n));
    assert_eq!(ends("", work, &format!("{all} z{at_once}")), [1_000, 1_500]);
    assert_eq!(ends(table, work, &all), [0, 1_500]);
    assert!(ends("", work, &all).is_empty(), "it stands still");
}

#[test]
fn a_factor_of_zero_that_a_change_or_a_setting_brings() {
    let faults = "f: { at: 1s, service: a, slow: { factor: 2, in_progress: true } }";
    let text = system(
        "1500ms",
        "",
        "{ work: 100ms }",
        &format!("faults: {{ {faults} }}"),
    );
    let loaded = load_with(&text, &[("faults.f.slow.factor", "0")]);
    let model = loaded
        .unwrap_or_else(|found| panic!("{:?}", found.all()))
        .scenario
        .model;
    let ends = run(&model, 1, 0, Ends::default(), &mut |_, _| true)
        .observer
        .0;
    assert_eq!(ends, [(1_500, Outcome::Ok)]);
}

#[test]
fn every_extreme_number_is_played_to_an_end() {
    for (service, steps, faults) in [
        ("cores: 0.001,", "{ work: 100us }", ""),
        (
            "cores: 1000000,",
            "{ work: 100us }",
            "f: { at: 1s, service: a, cores: { to: 0.001 } }",
        ),
        ("", "{ work: 1000000h }", ""),
        ("", "{ work: { exponential: { mean: 2000000h } } }", ""),
        ("", "{ work: { pareto: { low: 1ns, shape: 0.01 } } }", ""),
        (
            "",
            "{ work: { lognormal: { median: 1ns, sigma: 100 } } }",
            "",
        ),
        ("", "{ work: { weibull: { mean: 1ms, shape: 0.01 } } }", ""),
        ("", "{ work: { gamma: { mean: 1ms, cv: 1000 } } }", ""),
        (
            "",
            "{ work: 1ms }",
            "f: { at: 1s, client: web, load: { factor: 0 } }",
        ),
        (
            "",
            "{ work: 1ms }",
            "f: { at: 1s, client: web, load: { factor: 1e9 } }, g: { at: 1s, client: web, load: { factor: 1e9 } }",
        ),
        (
            "contention: { usl: { sigma: 100%, kappa: 100% }, in_progress: true },",
            "{ work: 1ms }",
            "",
        ),
        (
            "contention: { table: [[1, 1e9], [1000000, 0]], in_progress: true },",
            "{ work: 1ms }",
            "",
        ),
        (
            "",
            "{ work: 1ms }",
            "f: { at: 1s, for: 1s, service: a, crash: { cold_start: { for: 1s, factor: 0 } } }",
        ),
        (
            "",
            "{ work: 1ms }",
            "f: { at: 0s, from: web, latency: { add: 2000000h } }",
        ),
        (
            "",
            "{ repeat: { times: 1000000, steps: [ { repeat: { times: 1000000, steps: [ { fail: { share: 0% } } ] } } ] } }",
            "",
        ),
    ] {
        let text = system(
            "0s, 1500ms",
            service,
            steps,
            &format!("faults: {{ {faults} }}"),
        );
        // What no distribution has is refused; all else is played.
        if let Ok(loaded) = load_text(&text) {
            let model = &loaded.scenario.model;
            let recorder = Recorder::new(model);
            let played = run(model, 1, 0, recorder, &mut |_, _| true);
            assert!(played.end.events <= 20_000, "{text}");
        }
    }
}

/// A retry that waits for nothing, of a call that takes no time: every attempt counts.
#[test]
fn retries_without_time_meet_the_limits() {
    let retry = "policy: [{ retry: { max_attempts: unlimited, backoff: none } }]";
    for (limits, stop) in [
        ("events: 1000", Stop::EventLimit),
        ("at_one_instant: 1000", Stop::InstantLimit),
    ] {
        let text = system("1s", "", "{ fail: { share: 100% } }", "")
            .replace("events: 20000", limits)
            .replace("calls: a.op", &format!("calls: a.op, {retry}"));
        let loaded = load_text(&text).unwrap_or_else(|found| panic!("{:?}", found.all()));
        let mut sent = Sent(0);
        let played = run(&loaded.scenario.model, 1, 0, &mut sent, &mut |_, _| true);
        assert_eq!(played.end.stop, stop, "{limits}");
        assert!(
            (900..=1_100).contains(&sent.0),
            "{limits}: {} attempts",
            sent.0
        );
    }
}

struct Sent(u64);

impl Observer for &mut Sent {
    fn on_fact(&mut self, _: SimTime, fact: &Fact) {
        self.0 += u64::from(matches!(fact, Fact::AttemptSent { .. }));
    }
}

/// Ticks and timers of a breaker that nobody asks cost nothing.
#[test]
fn idle_cycles_of_a_breaker_are_jumped_over() {
    for breaker in [
        "failure_rate: 50%, window: { time: 1s }, evaluate: { ticks: 1ns }, open_for: 1s",
        "failure_rate: 50%, window: { calls: 5 }, evaluate: { ticks: 1ns }, open_for: 1s",
        "consecutive_failures: 1, open_for: 1ns, transition: timer, half_open: { max_wait: 1ns }",
        "consecutive_failures: 1, open_for: 1us, open_growth: { factor: 1.5, max: 5us, jitter: { plus_minus: 50% } }, transition: timer, half_open: { max_wait: 1ns }",
    ] {
        let text = system("0s, 1s, 9s", "", "{ fail: { share: 100% } }", "").replace(
            "calls: a.op",
            &format!("calls: a.op, policy: [{{ circuit_breaker: {{ {breaker} }} }}]"),
        );
        let played = played(&text);
        assert_eq!(played.end.stop, Stop::Horizon, "{breaker}");
        assert_eq!(played.observer.0.len(), 3, "{breaker}");
    }
}

/// Two hundred years with two calls take the memory of two calls.
#[test]
fn memory_goes_by_what_happens_and_not_by_the_clock() {
    let text = system("0s, 1000000h", "", "{ work: 1ms }", "")
        .replace("duration: 10s", "duration: 1752000h");
    let loaded = load_text(&text).unwrap_or_else(|found| panic!("{:?}", found.all()));
    let model = &loaded.scenario.model;
    let played = run(model, 1, 0, Recorder::new(model), &mut |_, _| true);
    let status = RunStatus::from(played.end.stop);
    let record = played
        .observer
        .finish(played.end.at, status, Some(played.live));
    let seconds: Vec<u64> = record
        .seconds
        .iter()
        .flatten()
        .map(|it| it.second)
        .collect();
    assert_eq!(seconds, [0, 3_600_000_000]);
}

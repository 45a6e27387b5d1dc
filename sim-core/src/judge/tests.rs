//! Judgement of runs made by hand, one instant before and at each boundary.

use super::recovery::Collapse;
use super::*;
use crate::id::{FaultId, WindowId};
use crate::model::record::fixture::*;
use crate::model::spec::{ModelSpec, Subject};
use crate::policy::{BulkheadConfig, Layer, Outcome, OutcomeSet};
use crate::scenario::Places;
use crate::scenario::expect::{Bound, Expectation, FINDING_CODES, InRuns, Measure};

const USEFUL: OutcomeSet = OutcomeSet::useful();
const NO_CALL: SimDuration = SimDuration::ZERO;

fn scenario(model: ModelSpec, expectations: Vec<Expectation>) -> Scenario {
    Scenario {
        name: "by-hand".to_owned(),
        title: String::new(),
        question: String::new(),
        seed: 1,
        model,
        expectations,
        places: Places::default(),
        hash: String::new(),
    }
}

fn expectation(measure: Measure, bound: Bound) -> Expectation {
    Expectation {
        name: "it".to_owned(),
        line: 1,
        text: String::new(),
        measure,
        bound,
        in_runs: InRuns::All,
    }
}

/// A run of 200 s with a fault from 60 s to 90 s and 100 calls a second, so many of them useful.
fn recovery_of(useful: impl Fn(u64) -> u64, longest_call: SimDuration) -> Recovery {
    recovery_in(200, |_| 100, useful, longest_call)
}

fn recovery_in(
    duration_s: u64,
    started: impl Fn(u64) -> u64,
    useful: impl Fn(u64) -> u64,
    longest_call: SimDuration,
) -> Recovery {
    let mut spec = shop(duration_s, 20);
    let fault = slow_bank(&mut spec, s(60), s(90));
    let record = run_of_seconds(&spec, started, useful);
    let scenario = scenario(spec, Vec::new());
    let view = RunView {
        scenario: &scenario,
        record: &record,
        longest_call,
    };
    recovery(&view, fault, RecoveryOf::AllClients)
}

/// Rule 37: 95 % of the baseline for ten seconds.
#[test]
fn rule_37_recovery_is_the_earliest_second_that_holds() {
    for (name, at_95, expected_s) in [
        ("at once", 90, Some(0)),
        ("after five seconds", 95, Some(5)),
        ("the last ten seconds of the run", 190, Some(100)),
        ("one second too late", 191, None),
    ] {
        let recovery = recovery_of(
            |t| {
                if (60..at_95).contains(&t) {
                    0
                } else {
                    95 + 5 * u64::from(t < 60)
                }
            },
            NO_CALL,
        );
        assert_eq!(
            recovery.time(),
            expected_s.map(SimDuration::from_secs),
            "{name}"
        );
        assert!((recovery.baseline.unwrap().share - 1.0).abs() < 1e-12);
    }
}

#[test]
fn rule_37_just_below_95_percent_is_not_recovered() {
    for (total_useful, verdict) in [
        (95, RecoveryVerdict::Recovered),
        (94, RecoveryVerdict::NotRecovered),
    ] {
        let recovery = recovery_of(|t| if t < 60 { 100 } else { total_useful }, NO_CALL);
        assert_eq!(recovery.verdict, verdict, "{total_useful}");
    }
}

#[test]
fn rule_39_to_be_as_bad_as_before_is_no_recovery() {
    for (useful, verdict) in [
        (90, RecoveryVerdict::Recovered),
        (89, RecoveryVerdict::SaturatedBefore),
        (0, RecoveryVerdict::SaturatedBefore),
    ] {
        let recovery = recovery_of(|_| useful, NO_CALL);
        assert_eq!(recovery.verdict, verdict, "{useful}");
        assert_eq!(recovery.time().is_some(), useful == 90, "{useful}");
    }
    let worse = recovery_of(|t| if t < 60 { 80 } else { 70 }, NO_CALL);
    assert_eq!(worse.verdict, RecoveryVerdict::NotRecovered);
    assert!(!worse.metastable);
}

#[test]
fn rule_37_the_baseline_needs_400_calls_since_the_warm_up() {
    for (per_second, verdict) in [
        (14, RecoveryVerdict::Recovered),
        (13, RecoveryVerdict::NoBaseline),
    ] {
        let recovery = recovery_in(200, |_| per_second, |_| per_second, NO_CALL);
        assert_eq!(recovery.verdict, verdict, "{per_second}");
    }
    let recovery = recovery_in(200, |_| 20, |_| 20, NO_CALL);
    assert_eq!(
        recovery.hold,
        SimDuration::from_secs(20),
        "stretched to hold 400 calls"
    );
    assert!((recovery.baseline.unwrap().offered_per_second - 20.0).abs() < 1e-12);
}

#[test]
fn rule_37_a_later_fall_without_a_fault_is_a_relapse() {
    for (useful, verdict) in [
        (80, RecoveryVerdict::Recovered),
        (79, RecoveryVerdict::Relapsed),
    ] {
        let recovery = recovery_of(
            |t| if (150..170).contains(&t) { useful } else { 100 },
            NO_CALL,
        );
        assert_eq!(recovery.verdict, verdict, "{useful}");
        assert_eq!(recovery.recovered_at, Some(s(90)));
    }
}

/// Rule 38: a minute, five holds, three times the longest call.
#[test]
fn rule_38_not_recovered_takes_patience() {
    let down = |t| if t < 60 { 100 } else { 0 };
    for (duration_s, longest_s, verdict) in [
        (149, 0, RecoveryVerdict::TooShortToJudge),
        (150, 0, RecoveryVerdict::NotRecovered),
        (150, 20, RecoveryVerdict::NotRecovered),
        (150, 21, RecoveryVerdict::TooShortToJudge),
        (95, 0, RecoveryVerdict::TooShortToJudge),
        (90, 0, RecoveryVerdict::NeverEnded),
    ] {
        let recovery = recovery_in(duration_s, |_| 100, down, SimDuration::from_secs(longest_s));
        assert_eq!(recovery.verdict, verdict, "{duration_s} {longest_s}");
    }
    // 20 calls a second: the hold is 20 s, five of them 100 s.
    for (duration_s, verdict) in [
        (189, RecoveryVerdict::TooShortToJudge),
        (190, RecoveryVerdict::NotRecovered),
    ] {
        let recovery = recovery_in(duration_s, |_| 20, |t| down(t) / 5, NO_CALL);
        assert_eq!(recovery.verdict, verdict, "{duration_s}");
    }
}

/// Rule 39: well before, same load after, and still down.
#[test]
fn rule_39_metastable_needs_a_healthy_start_and_the_same_load() {
    for (name, before, load_after, metastable) in [
        ("healthy, same load", 90, 100, true),
        ("healthy, 5 % more load", 100, 105, true),
        ("healthy, 6 % more load", 100, 106, false),
        ("saturated before", 89, 100, false),
    ] {
        let started = move |t| if t < 60 { 100 } else { load_after };
        let recovery = recovery_in(200, started, |t| if t < 60 { before } else { 0 }, NO_CALL);
        assert_eq!(recovery.metastable, metastable, "{name}");
        assert_eq!(recovery.saturated_before(), before < 90, "{name}");
    }
}

#[test]
fn rule_39_collapsed_is_under_half_of_the_last_tenth() {
    for (useful, expected) in [(50, None), (49, Some(0.49))] {
        let spec = shop(100, 0);
        let record = run_of_seconds(&spec, |_| 100, |t| if t < 90 { 100 } else { useful });
        let scenario = scenario(spec, Vec::new());
        let view = RunView {
            scenario: &scenario,
            record: &record,
            longest_call: NO_CALL,
        };
        assert_eq!(collapsed(&view).map(|it| it.share), expected);
    }
}

/// Rule 39: a caller's own mistakes say nothing about how well its callee is.
#[test]
fn rule_39_mistakes_of_callers_are_left_out() {
    let spec = shop(200, 20);
    let judged = |useful: u64, mistaken: u64, spec: &ModelSpec| {
        let mut record = run_of_seconds(spec, |_| 100, |_| useful);
        for second in &mut record.seconds[SHOPPERS] {
            second.mistaken = mistaken as u32;
        }
        record
    };
    for (useful, mistaken, expected) in [
        (40, 60, None),
        (20, 60, None),
        (
            19,
            60,
            Some(Collapse {
                share: 0.475,
                mistaken: 1_200,
            }),
        ),
        (0, 100, None),
        (
            49,
            0,
            Some(Collapse {
                share: 0.49,
                mistaken: 0,
            }),
        ),
    ] {
        let record = judged(useful, mistaken, &spec);
        let scenario = scenario(spec.clone(), Vec::new());
        let view = RunView {
            scenario: &scenario,
            record: &record,
            longest_call: NO_CALL,
        };
        assert_eq!(collapsed(&view), expected, "{useful} {mistaken}");
    }
    let mut spec = spec;
    let fault = slow_bank(&mut spec, s(60), s(90));
    for (useful, mistaken, verdict) in [
        (36, 60, RecoveryVerdict::Recovered),
        (35, 60, RecoveryVerdict::SaturatedBefore),
    ] {
        let record = judged(useful, mistaken, &spec);
        let scenario = scenario(spec.clone(), Vec::new());
        let view = RunView {
            scenario: &scenario,
            record: &record,
            longest_call: NO_CALL,
        };
        let recovery = recovery(&view, fault, RecoveryOf::AllClients);
        assert_eq!(recovery.verdict, verdict, "{useful}");
    }
}

fn success(bound: Bound) -> Expectation {
    let window = WindowId(0);
    expectation(Measure::Share { of: USEFUL, window }, bound)
}

/// A window in which so many calls end well, fail, and stay unfinished.
fn judged(well: u32, failed: u32, unfinished: u32, expectation: Expectation) -> Judged {
    let mut spec = shop(10, 0);
    window(&mut spec, s(0), s(10), Subject::AllClients);
    let mut hand = Hand::new(&spec);
    for (calls, outcome) in [
        (well, Some(Outcome::Ok)),
        (failed, Some(Outcome::ErrorReset)),
        (unfinished, None),
    ] {
        for _ in 0..calls {
            let call = hand.start_call(s(1), 0);
            if let Some(outcome) = outcome {
                hand.end_call(s(2), call, 0, s(1), outcome);
            }
        }
    }
    let record = hand.over(s(10));
    let scenario = scenario(spec, vec![expectation]);
    judge(&scenario, &record, NO_CALL).expectations.remove(0)
}

/// Rule 33: what unfinished calls could turn is inconclusive.
#[test]
fn rule_33_unfinished_calls_make_a_close_share_inconclusive() {
    for (well, failed, unfinished, verdict) in [
        (90, 10, 0, Verdict::Pass),
        (89, 11, 0, Verdict::Fail),
        (90, 9, 1, Verdict::Pass),
        (89, 10, 1, Verdict::Inconclusive),
        (88, 11, 1, Verdict::Fail),
        (0, 0, 5, Verdict::Inconclusive),
        (0, 0, 0, Verdict::Inconclusive),
    ] {
        let judged = judged(well, failed, unfinished, success(Bound::AtLeast(0.9)));
        assert_eq!(judged.verdict, verdict, "{well} {failed} {unfinished}");
        assert_eq!(judged.reason.is_empty(), verdict != Verdict::Inconclusive);
    }
}

#[test]
fn latency_is_the_nearest_rank_of_the_outcomes_asked_for() {
    let p50 = |bound| {
        let measure = Measure::Latency {
            percentile: 50.0,
            of: USEFUL,
            window: WindowId(0),
        };
        expectation(measure, bound)
    };
    let second = Bound::AtMost(1.001e9);
    assert_eq!(judged(10, 0, 0, p50(second)).verdict, Verdict::Pass);
    assert_eq!(judged(10, 0, 10, p50(second)).verdict, Verdict::Pass);
    assert_eq!(
        judged(10, 0, 11, p50(second)).verdict,
        Verdict::Inconclusive
    );
    assert_eq!(judged(0, 10, 0, p50(second)).verdict, Verdict::Inconclusive);
    assert_eq!(
        judged(10, 0, 0, p50(Bound::AtMost(0.5e9))).verdict,
        Verdict::Fail
    );
}

#[test]
fn a_failure_names_the_fault_and_the_first_cause() {
    let mut spec = shop(10, 0);
    window(&mut spec, s(0), s(10), Subject::AllClients);
    slow_bank(&mut spec, s(1), s(5));
    let record = run_of_seconds(&spec, |_| 10, |t| if t < 1 { 10 } else { 5 });
    let scenario = scenario(spec, vec![success(Bound::AtLeast(0.9))]);
    let causes = judge(&scenario, &record, NO_CALL)
        .expectations
        .remove(0)
        .causes;
    assert_eq!(
        causes,
        [
            "t=1s bank slows 10x (bank-slow)",
            "t=1s calls shoppers -> shop.buy fail until the end: timeout.response 50%; 100% of all \
             that fail began at bank.pay: at work",
            "t=5s bank-slow ends",
        ]
    );
}

#[test]
fn the_timeline_tells_what_happened() {
    let mut spec = shop(200, 0);
    let fault = slow_bank(&mut spec, s(60), s(90));
    let mut record = run_of_seconds(
        &spec,
        |_| 100,
        |t| if (60..95).contains(&t) { 10 } else { 100 },
    );
    record.events = vec![
        (s(60), crate::model::record::WorldEvent::FaultStarted(fault)),
        (
            s(90),
            crate::model::record::WorldEvent::FaultEnded(FaultId(0)),
        ),
    ];
    let scenario = scenario(spec, Vec::new());
    let judgement = judge(&scenario, &record, NO_CALL);
    let lines: Vec<String> = judgement
        .timeline
        .iter()
        .map(|line| format!("{} {}", line.at, line.text))
        .collect();
    assert_eq!(
        lines,
        [
            "60s bank slows 10x (bank-slow)",
            "60s goodput of shoppers falls below 80% of 100/s",
            "90s bank-slow ends",
            "95s recovered, 5s after bank-slow ended",
            "95s goodput of shoppers is back at 100/s",
        ]
    );
}

#[test]
fn a_healthy_run_says_nothing_grave() {
    let mut spec = shop(200, 0);
    slow_bank(&mut spec, s(60), s(90));
    let record = run_of_seconds(&spec, |_| 100, |_| 100);
    let scenario = scenario(spec, Vec::new());
    let judgement = judge(&scenario, &record, NO_CALL);
    let codes: Vec<_> = judgement
        .findings
        .iter()
        .map(|finding| finding.code)
        .collect();
    assert!(
        judgement
            .findings
            .iter()
            .all(|finding| finding.severity == Severity::Note)
    );
    assert!(codes.contains(&"fault-without-effect"), "{codes:?}");
    assert!(codes.iter().all(|code| FINDING_CODES.contains(code)));
    // All layers here are timeouts; one that never acts is as it should be.
    assert!(!codes.contains(&"policy-never-exercised"), "{codes:?}");
}

#[test]
fn a_layer_that_did_nothing_is_told_unless_it_is_a_timeout() {
    let mut spec = shop(200, 0);
    spec.layers[crate::id::LayerId(1)].kind = Layer::Bulkhead(BulkheadConfig {
        max_concurrent: 10,
        max_waiting: 0,
        max_wait: SimDuration::MAX,
    });
    let record = run_of_seconds(&spec, |_| 100, |_| 100);
    let judgement = judge(&scenario(spec, Vec::new()), &record, NO_CALL);
    let codes = judgement.findings.iter().map(|finding| finding.code);
    let told = codes.filter(|code| *code == "policy-never-exercised");
    assert_eq!(told.count(), 1);
}

#[test]
fn a_system_that_stays_down_is_found_out() {
    let mut spec = shop(200, 0);
    slow_bank(&mut spec, s(60), s(90));
    let record = run_of_seconds(&spec, |_| 100, |t| if t < 60 { 100 } else { 0 });
    let scenario = scenario(spec, Vec::new());
    let codes: Vec<_> = judge(&scenario, &record, NO_CALL)
        .findings
        .iter()
        .map(|f| f.code)
        .collect();
    assert!(
        codes.starts_with(&["metastable-failure", "collapsed"]),
        "{codes:?}"
    );
}

#[test]
fn recovery_that_does_not_come_meets_no_bound() {
    let mut spec = shop(200, 0);
    let fault = slow_bank(&mut spec, s(60), s(90));
    let record = run_of_seconds(&spec, |_| 100, |t| if t < 60 { 100 } else { 0 });
    let of = RecoveryOf::AllClients;
    let expectations = vec![
        expectation(Measure::Recovery { fault, of }, Bound::AtMost(30e9)),
        expectation(Measure::NotRecovered { fault, of }, Bound::AtLeast(1.0)),
    ];
    let judgement = judge(&scenario(spec, expectations), &record, NO_CALL);
    let verdicts: Vec<_> = judgement
        .expectations
        .iter()
        .map(|one| one.verdict)
        .collect();
    assert_eq!(verdicts, [Verdict::Fail, Verdict::Pass]);
    assert_eq!(judgement.verdict, Verdict::Fail);
    assert!(!judgement.expectations[0].reason.is_empty());
}

//! What each layer makes of recorded calls, to the nanosecond.

use super::*;
use crate::experiment::backtest::{Decision, Impact, Reason, Refusal};
use crate::policy::BreakerStateKind;

const FAIL: Outcome = Outcome::ErrorUnavailable;
const GOOD: Outcome = Outcome::Ok;
const BREAKER: &str = "[ { circuit_breaker: { failure_rate: 50%, window: { calls: 10 }, \
                       minimum_calls: 10, open_for: 5s } } ]";

#[track_caller]
fn check(layers: &str, rows: &[Row<'_>], expected: &[&str]) -> Summary {
    let (summary, log) = play(layers, Unrecorded::Repeat, rows);
    assert_eq!(log, expected, "{layers}");
    let effects: u64 = summary.effects.iter().sum();
    assert_eq!(effects + summary.unanswered, summary.calls);
    let decided: u64 = summary.by_outcome.iter().flatten().sum();
    assert_eq!(decided, effects);
    summary
}

/// Calls every second, each answered after 10 ms.
fn every_second(outcomes: &[Outcome]) -> Vec<(u64, [Answer; 1])> {
    let starts = (0..).map(|second| second * 1000);
    starts
        .zip(outcomes.iter().map(|&it| [answer(10, it)]))
        .collect()
}

fn rows(calls: &[(u64, [Answer; 1])]) -> Vec<Row<'_>> {
    calls
        .iter()
        .map(|(at, answers)| (*at, "shop", "pay", &answers[..]))
        .collect()
}

#[test]
fn a_breaker_opens_at_the_tenth_result_and_not_before() {
    for (outcomes, opens_at) in [
        ([FAIL; 10], Some(10)),
        (
            [GOOD, GOOD, GOOD, GOOD, GOOD, FAIL, FAIL, FAIL, FAIL, FAIL],
            Some(10),
        ),
        (
            [GOOD, GOOD, GOOD, GOOD, GOOD, GOOD, FAIL, FAIL, FAIL, FAIL],
            None,
        ),
    ] {
        let calls = every_second(&outcomes);
        let (summary, _) = play(BREAKER, Unrecorded::Repeat, &rows(&calls));
        let opened = summary.changes.first().map(|change| change.line);
        assert_eq!(opened, opens_at, "{outcomes:?}");
        assert_eq!(summary.changes_total, u64::from(opens_at.is_some()));
    }
}

#[test]
fn the_cool_down_ends_exactly_at_its_end() {
    let open = "[ { circuit_breaker: { consecutive_failures: 1, open_for: 5s } } ]";
    let fail = &[answer(1000, FAIL)][..];
    let good = &[answer(10, GOOD)][..];
    let summary = check(
        open,
        &[
            (0, "shop", "pay", fail),
            (5_999, "shop", "pay", good),
            (6_000, "shop", "pay", good),
        ],
        &[
            "1s call 1 circuit_breaker of shop for pay closed -> open (1 of 1)",
            "1s call 1 passed error.unavailable, 1 sent",
            "5.999s call 2 rejected stopped.breaker_open by circuit_breaker, 0 sent",
            "6s call 3 circuit_breaker of shop for pay open -> half_open (0 of 0)",
            "6.01s call 3 circuit_breaker of shop for pay half_open -> closed (0 of 1)",
            "6.01s call 3 passed ok, 1 sent",
        ],
    );
    let breaker = &summary.breakers[0];
    let held = breaker.held.map(|span| span.to_string());
    assert_eq!(held, ["1s", "5s", "10ms"]);
    assert_eq!(
        (breaker.openings, breaker.state),
        (1, BreakerStateKind::Closed)
    );
    assert_eq!(summary.effects[Impact::Lost as usize], 1);
    assert_eq!(summary.spared, SimDuration::from_millis(10));
}

#[test]
fn results_of_calls_in_flight_come_late_and_count_for_nothing() {
    let open = "[ { circuit_breaker: { consecutive_failures: 2, open_for: 1s } } ]";
    check(
        open,
        &[
            (0, "shop", "pay", &[answer(2_000, FAIL)]),
            (100, "shop", "pay", &[answer(10, FAIL)]),
            (200, "shop", "pay", &[answer(10, FAIL)]),
            // A probe is under way when the late failure of the first call comes: still half-open.
            (1_500, "shop", "pay", &[answer(1_000, GOOD)]),
            (2_100, "shop", "pay", &[answer(10, GOOD)]),
            (2_600, "shop", "pay", &[answer(10, GOOD)]),
        ],
        &[
            "110ms call 2 passed error.unavailable, 1 sent",
            "210ms call 3 circuit_breaker of shop for pay closed -> open (2 of 2)",
            "210ms call 3 passed error.unavailable, 1 sent",
            "1.5s call 4 circuit_breaker of shop for pay open -> half_open (0 of 0)",
            "2s call 1 passed error.unavailable, 1 sent",
            "2.1s call 5 rejected stopped.breaker_open by circuit_breaker, 0 sent",
            "2.5s call 4 circuit_breaker of shop for pay half_open -> closed (0 of 1)",
            "2.5s call 4 passed ok, 1 sent",
            "2.61s call 6 passed ok, 1 sent",
        ],
    );
}

#[test]
fn an_answer_at_the_deadline_beats_the_timeout_and_a_start_comes_last() {
    let late = SimDuration::from_ns(1_000_000_001);
    let summary = check(
        "[ { timeout: 1s } ]",
        &[
            (0, "a", "b", &[answer(1_000, GOOD)]),
            (0, "a", "b", &[Answer::new(late, GOOD)]),
            (1_000, "a", "b", &[answer(0, GOOD)]),
        ],
        &[
            "1s call 1 passed ok, 1 sent",
            "1s call 2 timed_out timeout.response by timeout, 1 sent",
            "1s call 3 passed ok, 1 sent",
        ],
    );
    assert_eq!((summary.abandoned, summary.layers[0].timed_out), (1, 1));
}

#[test]
fn a_detached_pass_keeps_its_permit_until_its_recorded_end() {
    let summary = check(
        "[ { timeout: { after: 1s, on_expiry: detach } }, { bulkhead: { max_concurrent: 1 } } ]",
        &[
            (0, "a", "b", &[answer(3_000, GOOD)]),
            (2_000, "a", "b", &[answer(10, GOOD)]),
            (3_000, "a", "b", &[answer(10, GOOD)]),
        ],
        &[
            "1s call 1 timed_out timeout.response by timeout, 1 sent",
            "2s call 2 rejected stopped.bulkhead_full by bulkhead, 0 sent",
            "3.01s call 3 passed ok, 1 sent",
        ],
    );
    let bulkhead = &summary.bulkheads[0];
    assert_eq!((bulkhead.in_use_max, bulkhead.waiting_max), (1, 0));
    assert_eq!(bulkhead.in_use_mean, Some(1.0));
}

#[test]
fn a_bulkhead_is_measured() {
    let summary = check(
        "[ { bulkhead: { max_concurrent: 1, max_waiting: 1 } } ]",
        &[
            (0, "a", "b", &[answer(1_000, GOOD)]),
            (500, "a", "b", &[answer(500, GOOD)]),
            (600, "a", "b", &[answer(500, FAIL)]),
            (4_000, "a", "b", &[answer(0, GOOD)]),
        ],
        &[
            "600ms call 3 rejected stopped.bulkhead_full by bulkhead, 0 sent",
            "1s call 1 passed ok, 1 sent",
            "1.5s call 2 passed ok, 1 sent",
            "4s call 4 passed ok, 1 sent",
        ],
    );
    let bulkhead = &summary.bulkheads[0];
    assert_eq!((bulkhead.in_use_max, bulkhead.waiting_max), (1, 1));
    assert_eq!(bulkhead.in_use_mean, Some(1.5 / 4.0));
    assert_eq!(summary.effects[Impact::Avoided as usize], 1);
    assert_eq!(summary.layers[0].waited, 1);
    let sums = summary.levels_over_time[0].sums().iter();
    let sums = sums.fold([0, 0], |sum, one| [sum[0] + one[0], sum[1] + one[1]]);
    assert_eq!(sums, [1_500_000_000, 500_000_000]);
}

#[test]
fn a_rate_limit_is_asked_at_the_recorded_instants() {
    let limit = "rate_limit: { algorithm: fixed_cycle, permits: 1, max_wait: 500ms }";
    let summary = check(
        &format!("[ {{ {limit} }} ]"),
        &[
            (0, "a", "b", &[answer(10, GOOD)]),
            (499, "a", "b", &[answer(10, GOOD)]),
            (500, "a", "b", &[answer(10, GOOD)]),
            (500, "other", "b", &[answer(10, GOOD)]),
        ],
        &[
            "10ms call 1 passed ok, 1 sent",
            "499ms call 2 rejected stopped.rate_limited by rate_limit, 0 sent",
            "510ms call 4 passed ok, 1 sent",
            "1.01s call 3 passed ok, 1 sent",
        ],
    );
    assert_eq!(
        (summary.layers[0].stopped, summary.layers[0].waited),
        (1, 1)
    );
    assert_eq!(summary.effects[Impact::Lost as usize], 1);
}

const RETRY: &str =
    "[ { retry: { max_attempts: 3, backoff: { constant: 100ms }, jitter: none } } ]";

#[test]
fn a_retry_hears_the_recorded_answers_in_turn() {
    let answers = [answer(10, FAIL), answer(20, FAIL), answer(30, GOOD)];
    let summary = check(
        RETRY,
        &[(0, "a", "b", &answers), (0, "a", "b", &answers[..2])],
        &[
            "250ms call 2 further_attempt error.unavailable, 3 sent",
            "260ms call 1 further_attempt ok, 3 sent",
        ],
    );
    assert_eq!((summary.attempts, summary.supposed), (6, 1));
    assert_eq!(summary.layers[0].retries_planned, 4);
}

#[test]
fn without_a_record_a_retry_hears_what_was_chosen() {
    let rows: [Row<'_>; 2] = [
        (0, "a", "b", &[answer(10, FAIL)]),
        (50, "c", "b", &[answer(5, GOOD)]),
    ];
    let outcome_of_first = |unrecorded| {
        let (summary, log) = play(RETRY, unrecorded, &rows);
        (log[log.len() - 1].clone(), summary.supposed)
    };
    assert_eq!(
        outcome_of_first(Unrecorded::Repeat),
        (
            "230ms call 1 further_attempt error.unavailable, 3 sent".to_owned(),
            2
        )
    );
    assert_eq!(
        outcome_of_first(Unrecorded::Neighbour),
        ("115ms call 1 further_attempt ok, 2 sent".to_owned(), 1)
    );
}

#[test]
fn what_the_callee_asked_for_and_what_may_not_be_done_twice() {
    let retry = |more: &str| {
        format!(
            "[ {{ retry: {{ max_attempts: 2, backoff: {{ constant: 100ms }}, jitter: none, {more} \
             }} }} ]"
        )
    };
    let end = |more: &str, idempotent| {
        let settings = Settings {
            seed: 1,
            unrecorded: Unrecorded::Repeat,
        };
        let mut backtest = Backtest::new(&policy(&retry(more)), settings, ());
        let busy = Answer {
            retry_after: Some(SimDuration::from_secs(7)),
            ..answer(10, FAIL)
        };
        let call = RecordedCall {
            line: 1,
            start: ms(0),
            caller: "",
            target: "",
            class: "",
            idempotent,
            answers: &[busy, answer(10, GOOD)],
        };
        backtest.play(&call).unwrap();
        backtest.finish().unwrap().0.until.to_string()
    };
    assert_eq!(end("retry_after: ignore", false), "120ms");
    assert_eq!(end("retry_after: replace", false), "7.02s");
    assert_eq!(end("non_idempotent: skip", true), "120ms");
    assert_eq!(end("non_idempotent: skip", false), "10ms");
}

#[test]
fn a_fallback_rescues_and_is_told_apart() {
    let summary = check(
        "[ { fallback: {} } ]",
        &[(0, "a", "b", &[answer(10, FAIL)])],
        &["10ms call 1 fell_back degraded by fallback, 1 sent"],
    );
    assert_eq!(summary.effects[Impact::Rescued as usize], 1);
    assert_eq!(
        summary.by_outcome[FAIL as usize][Decision::FellBack as usize],
        1
    );
}

#[test]
fn state_belongs_to_each_caller_and_target_unless_it_is_shared() {
    let fail = &[answer(10, FAIL)][..];
    let rows: [Row<'_>; 3] = [
        (0, "a", "x", fail),
        (100, "b", "x", fail),
        (200, "a", "y", fail),
    ];
    let rejected = |scope: &str| {
        let layers = format!(
            "[ {{ circuit_breaker: {{ consecutive_failures: 1, open_for: 5s, scope: {scope} }} }} ]"
        );
        let (summary, _) = play(&layers, Unrecorded::Repeat, &rows);
        (summary.layers[0].stopped, summary.breakers.len())
    };
    assert_eq!(rejected("caller"), (0, 3));
    assert_eq!(rejected("target_instance"), (0, 3));
    assert_eq!(rejected("shared"), (1, 2));
    let shared = "[ { bulkhead: { max_concurrent: 1, share: pool } } ]";
    let slow = &[answer(1_000, GOOD)][..];
    let rows: [Row<'_>; 3] = [
        (0, "a", "x", slow),
        (1, "b", "x", slow),
        (2, "a", "y", slow),
    ];
    let (summary, _) = play(shared, Unrecorded::Repeat, &rows);
    assert_eq!((summary.layers[0].stopped, summary.bulkheads.len()), (1, 2));
}

#[test]
fn an_answer_that_never_comes_leaves_its_call_open() {
    let never = Answer::new(SimDuration::MAX, FAIL);
    let summary = check("[]", &[(5, "a", "b", &[never])], &[]);
    assert_eq!((summary.calls, summary.unanswered), (1, 1));
    let summary = check(
        "[ { timeout: 1s } ]",
        &[(5, "a", "b", &[never])],
        &["1.005s call 1 timed_out timeout.response by timeout, 1 sent"],
    );
    assert_eq!(summary.unanswered, 0);
}

#[test]
fn what_cannot_be_played_is_refused() {
    let settings = Settings {
        seed: 1,
        unrecorded: Unrecorded::Repeat,
    };
    let mut backtest = Backtest::new(&policy("[]"), settings, ());
    let call = RecordedCall {
        line: 1,
        start: ms(10),
        caller: "",
        target: "",
        class: "",
        idempotent: true,
        answers: &[answer(1, GOOD)],
    };
    assert_eq!(backtest.play(&call), Ok(()));
    let earlier = RecordedCall {
        start: ms(9),
        ..call
    };
    assert_eq!(backtest.play(&earlier), Err(Refusal::OutOfOrder(ms(10))));
    let nothing = RecordedCall {
        answers: &[],
        ..call
    };
    assert_eq!(backtest.play(&nothing), Err(Refusal::NoAnswer));
    assert_eq!(backtest.play(&call), Ok(()));
    assert_eq!(backtest.finish().unwrap().0.calls, 2);
}

#[test]
fn draws_belong_to_the_line_and_the_seed() {
    let jittered = "[ { retry: { max_attempts: 2, backoff: { constant: 1s } } } ]";
    let fail = &[answer(10, FAIL)][..];
    let end = |seed, line| {
        let settings = Settings {
            seed,
            unrecorded: Unrecorded::Repeat,
        };
        let mut backtest = Backtest::new(&policy(jittered), settings, Log::default());
        let call = RecordedCall {
            line,
            start: ms(0),
            caller: "",
            target: "",
            class: "",
            idempotent: true,
            answers: fail,
        };
        backtest.play(&call).unwrap();
        backtest.finish().unwrap().0.until
    };
    assert_eq!(end(1, 1), end(1, 1));
    assert_ne!(end(1, 1), end(1, 2));
    assert_ne!(end(1, 1), end(2, 1));
}

#[test]
fn an_empty_log_has_an_empty_summary() {
    let summary = check(BREAKER, &[], &[]);
    assert_eq!((summary.calls, summary.from), (0, summary.until));
}

/// Ten calls fail together, and Envoy's `max_retries: 2` lets two of them try again.
#[test]
fn a_budget_serves_all_targets_of_a_caller_if_it_says_so() {
    let layers = |scope: &str| {
        format!(
            "[{{ retry: {{ max_attempts: 2, backoff: {{ constant: 5ms }}, jitter: none, budget: b \
             }} }}]\nbudgets: {{ b: {{ concurrent_max: 2, scope: {scope} }} }}"
        )
    };
    let answers = [answer(10, Outcome::ErrorInternal), answer(3, Outcome::Ok)];
    let rows: Vec<Row<'_>> = (0..10)
        .map(|call| (0, "web", if call < 5 { "a" } else { "b" }, &answers[..]))
        .collect();
    for (scope, retries) in [("process", 2), ("caller", 4), ("shared", 2)] {
        let (summary, _) = play(&layers(scope), Unrecorded::Repeat, &rows);
        let layer = summary.layers[0];
        assert_eq!(
            (layer.retries_planned, layer.refused),
            (retries, 10 - retries),
            "{scope}"
        );
    }
}

/// Every decision with its reason.
#[derive(Debug, Default)]
struct Reasons(Vec<String>);

impl Watcher for Reasons {
    fn decided(&mut self, call: &Decided<'_>) {
        let why = call.why.map_or("-", Reason::name);
        self.0.push(format!("{} {}", call.line, why));
    }

    fn changed(&mut self, _: &Changed<'_>) {}
}

fn reasons(layers: &str, began: Option<SimTime>, rows: &[Row<'_>]) -> Vec<String> {
    let settings = Settings {
        seed: 1,
        unrecorded: Unrecorded::Repeat,
    };
    let mut backtest = Backtest::new(&policy(layers), settings, Reasons::default());
    if let Some(began) = began {
        backtest.began_at(began);
    }
    for (line, &(start, caller, target, answers)) in (1..).zip(rows) {
        let call = RecordedCall {
            line,
            start: ms(start),
            caller,
            target,
            class: "",
            idempotent: true,
            answers,
        };
        backtest.play(&call).unwrap();
    }
    backtest.finish().unwrap().1.0
}

#[test]
fn decisions_say_why() {
    let breaker = "[ { circuit_breaker: { consecutive_failures: 1, open_for: 1s } } ]";
    let fails = &[answer(10, FAIL)][..];
    let slow = &[answer(500, GOOD)][..];
    assert_eq!(
        reasons(
            breaker,
            None,
            &[
                (0, "a", "b", fails),
                (100, "a", "b", fails),
                (1_100, "a", "b", slow),
                (1_200, "a", "b", fails),
                (2_000, "a", "b", slow),
            ],
        ),
        ["1 -", "2 open", "4 too_many_requests", "3 -", "5 -"]
    );
    let retry = "[ { retry: { max_attempts: 2, backoff: none, budget: { concurrent_max: 0 } } } ]";
    assert_eq!(reasons(retry, None, &[(0, "a", "b", fails)]), ["1 budget"]);
    let retry = "[ { retry: { max_attempts: 2, backoff: none } } ]";
    assert_eq!(
        reasons(retry, None, &[(0, "a", "b", fails), (100, "a", "b", slow)]),
        ["1 attempts_used_up", "2 -"]
    );
}

/// Two calls in one cycle of a second from the beginning, and in two on the clock.
#[test]
fn cycles_begin_with_the_process() {
    let limit = "[ { rate_limit: { algorithm: fixed_cycle, permits: 1 } } ]";
    let good = &[answer(1, GOOD)][..];
    let rows = [(10_700, "a", "b", good), (11_600, "a", "b", good)];
    let stopped = |began| {
        let settings = Settings {
            seed: 1,
            unrecorded: Unrecorded::Repeat,
        };
        let mut backtest = Backtest::new(&policy(limit), settings, Log::default());
        backtest.began_at(began);
        for (line, &(start, caller, target, answers)) in (1..).zip(&rows) {
            let call = RecordedCall {
                line,
                start: ms(start),
                caller,
                target,
                class: "",
                idempotent: true,
                answers,
            };
            backtest.play(&call).unwrap();
        }
        let (summary, _) = backtest.finish().unwrap();
        summary.outcomes[Outcome::StoppedRateLimited as usize]
    };
    assert_eq!(stopped(SimTime::ZERO), 0);
    assert_eq!(stopped(ms(10_700)), 1);
    assert_eq!(stopped(ms(10_600)), 0);
}

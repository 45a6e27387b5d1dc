//! The breakers of libraries, moment by moment: what each decides at which instant, as read in its
//! source or seen in its traces.

mod pipelines;

use super::{BREAKERS, Preset, breaker_preset};
use crate::policy::{Admission, Asked, Breaker, BreakerConfig, Outcome, Permit, Transition};
use crate::scenario::{Loaded, Source, expand, load};
use crate::time::{SimDuration, SimTime};
use std::collections::BTreeMap;

/// A breaker, its clock, and the calls that are out.
struct Stage {
    config: BreakerConfig,
    breaker: Breaker,
    out: BTreeMap<String, Permit>,
    said: Vec<String>,
}

impl Stage {
    fn told(&mut self, now: SimTime, change: Transition) {
        let at = if change.at == now {
            String::new()
        } else {
            format!("@{}", change.at)
        };
        let (from, to) = (change.from.name(), change.to.name());
        self.said.push(format!("{from}>{to}{at}"));
    }

    fn advance(&mut self, now: SimTime, asked: Asked) {
        while let Some(change) = self.breaker.advance(now, &self.config, asked, |_| 0.5) {
            self.told(now, change);
        }
    }

    fn ask(&mut self, now: SimTime, name: &str) {
        self.advance(now, Asked::ByCall);
        let word = match self.breaker.try_acquire(now, &self.config) {
            Admission::Admit(permit) => {
                self.out.insert(name.to_owned(), permit);
                "admit"
            }
            Admission::Reject => "reject",
            Admission::Wait(_) => "wait",
        };
        self.said.push(word.to_owned());
    }

    fn answer(&mut self, now: SimTime, name: &str, outcome: Outcome) {
        self.advance(now, Asked::ByResult);
        let permit = self.out.remove(name).expect("the call is out");
        let config = &self.config;
        let change = self
            .breaker
            .on_result(now, config, permit, outcome, |_| 0.5);
        if let Some(change) = change {
            self.told(now, change);
        }
    }

    /// `NAME asks`, `NAME ok`, `NAME fails`, `NAME cancelled`, `NAME invalid`, or `COUNT calls ok` and
    /// `COUNT calls fail`: calls that begin and end at once, of which only changes are told.
    fn play(&mut self, now: SimTime, event: &str) {
        let words: Vec<&str> = event.split(' ').collect();
        match words.as_slice() {
            [name, "asks"] => self.ask(now, name),
            [name, "ok"] => self.answer(now, name, Outcome::Ok),
            [name, "fails"] => self.answer(now, name, Outcome::ErrorInternal),
            [name, "cancelled"] => self.answer(now, name, Outcome::Cancelled),
            [count, "calls", how] => {
                for _ in 0..count.parse().expect("a count") {
                    self.ask(now, "one");
                    assert_eq!(self.said.pop().as_deref(), Some("admit"), "{event}");
                    let failed = *how == "fail";
                    let outcome = if failed {
                        Outcome::ErrorInternal
                    } else {
                        Outcome::Ok
                    };
                    self.answer(now, "one", outcome);
                }
            }
            _ => panic!("no such event: {event}"),
        }
    }
}

/// Plays a table of (milliseconds, event, what is said).
fn check_config(config: BreakerConfig, table: &[(u64, &str, &str)]) {
    let mut stage = Stage {
        config,
        breaker: Breaker::new(),
        out: BTreeMap::new(),
        said: Vec::new(),
    };
    for &(ms, event, expected) in table {
        stage.play(SimTime::ZERO + SimDuration::from_millis(ms), event);
        let said = std::mem::take(&mut stage.said).join(" ");
        assert_eq!(said, expected, "at {ms} ms: {event}");
    }
}

fn check(name: &str, table: &[(u64, &str, &str)]) {
    check_config(breaker_preset(name).expect("a preset"), table);
}

/// A preset with other settings beside it.
fn with(name: &str, settings: &str) -> BreakerConfig {
    let layer = format!("circuit_breaker: {{ like: {name}, {settings} }}");
    let loaded = load_layer(&layer).unwrap_or_else(|problem| panic!("{problem}"));
    super::first_breaker(&loaded).expect("a breaker")
}

fn scenario(layer: &str) -> Source {
    Source {
        name: "test.yaml".to_owned(),
        text: format!(
            "scenario: test\nrun: {{ duration: 1s }}\n\
             clients: {{ c: {{ arrivals: {{ poisson: {{ rate: 1/s }} }}, calls: s.x, policy: p }} }}\n\
             services: {{ s: {{ threads: unlimited, operations: {{ x: {{ steps: [] }} }} }} }}\n\
             policies:\n  p:\n    - {layer}\n"
        ),
    }
}

fn load_layer(layer: &str) -> Result<Loaded, String> {
    let loaded = load(&scenario(layer), &[], &|_| Err(String::new()));
    loaded.map_err(|found| found.to_string())
}

#[test]
fn every_preset_compiles() {
    for Preset { name, .. } in BREAKERS {
        assert!(breaker_preset(name).is_some(), "{name}");
    }
    assert_eq!(breaker_preset("resilience5j"), None);
}

#[test]
fn resilience4j() {
    check(
        "resilience4j",
        &[
            (0, "50 calls ok", ""),
            (0, "49 calls fail", ""),
            // The 100th result opens, though it is a success: 50 of 100 is not needed to be a failure.
            (0, "late asks", "admit"),
            (0, "late2 asks", "admit"),
            (0, "late3 asks", "admit"),
            (10, "1 calls fail", "closed>open"),
            (60_009, "a asks", "reject"),
            // Exactly at the end it still rejects.
            (60_010, "a asks", "reject"),
            // A late result of the closed phase while open does nothing.
            (60_010, "late ok", ""),
            (60_011, "p1 asks", "open>half_open admit"),
            (60_011, "p2 asks", "admit"),
            // Late results go to half-open and count there, without having had a permit of it.
            (60_012, "late2 fails", ""),
            (60_012, "late3 fails", ""),
            (60_013, "p3 asks", "admit"),
            (60_013, "p4 asks", "admit"),
            (60_013, "p5 asks", "admit"),
            (60_013, "p6 asks", "admit"),
            (60_013, "p7 asks", "admit"),
            (60_013, "p8 asks", "admit"),
            (60_013, "p9 asks", "admit"),
            (60_013, "p10 asks", "admit"),
            (60_013, "p11 asks", "reject"),
            // An ignored or cancelled probe gives its permission back.
            (60_014, "p10 cancelled", ""),
            (60_014, "p11 asks", "admit"),
            (60_014, "p12 asks", "reject"),
            (60_015, "p1 fails", ""),
            (60_015, "p2 fails", ""),
            (60_015, "p3 ok", ""),
            (60_015, "p4 ok", ""),
            (60_015, "p5 ok", ""),
            (60_015, "p6 ok", ""),
            (60_015, "p7 ok", ""),
            // The tenth result decides before all probes have answered: 4 of 10 failed.
            (60_016, "p8 ok", "half_open>closed"),
            (60_017, "p9 fails", ""),
            // The window is new: the one late failure, and 98 more are too few.
            (60_018, "98 calls fail", ""),
            (60_019, "1 calls fail", "closed>open"),
        ],
    );
}

#[test]
fn resilience4j_opens_with_a_success_that_completes_the_minimum() {
    check(
        "resilience4j",
        &[(0, "99 calls fail", ""), (0, "1 calls ok", "closed>open")],
    );
}

#[test]
fn resilience4j_half_open_may_open_again() {
    let config = with("resilience4j", "window: { calls: 4 }, half_open_calls: 4");
    check_config(
        config,
        &[
            (0, "3 calls fail", ""),
            (0, "1 calls fail", "closed>open"),
            (60_001, "a asks", "open>half_open admit"),
            (60_001, "b asks", "admit"),
            (60_001, "c asks", "admit"),
            (60_001, "d asks", "admit"),
            (60_001, "e asks", "reject"),
            (60_002, "a fails", ""),
            (60_002, "b ok", ""),
            (60_002, "c ok", ""),
            (60_002, "d fails", "half_open>open"),
            (120_002, "a asks", "reject"),
            (120_003, "a asks", "open>half_open admit"),
        ],
    );
}

#[test]
fn resilience4j_decides_half_open_after_the_minimum_if_that_is_less() {
    let config = with("resilience4j", "window: { calls: 4 }, minimum_calls: 2");
    check_config(
        config,
        &[
            (0, "1 calls ok", ""),
            (0, "1 calls fail", "closed>open"),
            (60_001, "a asks", "open>half_open admit"),
            (60_001, "b asks", "admit"),
            (60_001, "c asks", "admit"),
            (60_002, "a ok", ""),
            (60_002, "b ok", "half_open>closed"),
        ],
    );
}

#[test]
fn resilience4j_slow_calls_open_and_are_slow_only_above_the_duration() {
    let config = with("resilience4j", "window: { calls: 2 }");
    check_config(
        config.clone(),
        &[
            (0, "a asks", "admit"),
            (0, "b asks", "admit"),
            (60_000, "a ok", ""),
            (60_001, "b ok", ""),
            (60_001, "c asks", "admit"),
            (120_002, "c ok", "closed>open"),
        ],
    );
}

#[test]
fn resilience4j_time_windows_are_aligned_to_whole_seconds() {
    let config = with("resilience4j", "window: { time: 2s }, minimum_calls: 2");
    check_config(
        config,
        &[
            (900, "1 calls fail", ""),
            // Second 0 has left when second 2 begins, after 1.1 s.
            (2_000, "1 calls fail", ""),
            // Second 2 is still there in all of second 3.
            (3_999, "1 calls fail", "closed>open"),
        ],
    );
}

#[test]
fn resilience4j_leaves_half_open_after_its_maximum_wait_by_timer() {
    let config = with(
        "resilience4j",
        "consecutive_failures: 1, half_open: { max_wait: 1s }",
    );
    check_config(
        config,
        &[
            (0, "1 calls fail", "closed>open"),
            (60_001, "a asks", "open>half_open admit"),
            (61_000, "c asks", "admit"),
            (61_500, "b asks", "half_open>open@61.001s reject"),
            (121_001, "b asks", "reject"),
            (121_002, "b asks", "open>half_open admit"),
        ],
    );
}

#[test]
fn resilience4j_waits_longer_with_each_opening_in_a_row() {
    let growth = "open_growth: { factor: 1.5, cut_to: 1ms }";
    let config = with(
        "resilience4j",
        &format!("window: {{ calls: 1 }}, half_open_calls: 1, open_for: 1s, {growth}"),
    );
    check_config(
        config,
        &[
            (0, "1 calls fail", "closed>open"),
            (1_001, "a asks", "open>half_open admit"),
            (1_001, "a fails", "half_open>open"),
            (2_501, "a asks", "reject"),
            (2_502, "a asks", "open>half_open admit"),
            (2_502, "a ok", "half_open>closed"),
            (3_000, "1 calls fail", "closed>open"),
            (4_000, "a asks", "reject"),
            (4_001, "a asks", "open>half_open admit"),
        ],
    );
}

#[test]
fn polly() {
    check(
        "polly",
        &[
            (0, "89 calls ok", ""),
            (0, "late asks", "admit"),
            (0, "late2 asks", "admit"),
            (0, "10 calls fail", ""),
            // 10 of 100 is the ratio, but a success does not look.
            (100, "1 calls ok", ""),
            (100, "1 calls fail", "closed>open"),
            (5_099, "a asks", "reject"),
            (5_100, "a asks", "open>half_open admit"),
            (5_100, "b asks", "reject"),
            // A stale success closes while the probe is out.
            (5_101, "late ok", "half_open>closed"),
            (5_102, "b asks", "admit"),
            (5_103, "a fails", ""),
            (5_104, "late2 fails", ""),
        ],
    );
}

#[test]
fn polly_a_late_failure_opens_half_open_and_a_cancelled_probe_closes() {
    let config = with("polly", "minimum_calls: 2");
    check_config(
        config,
        &[
            (0, "late asks", "admit"),
            (0, "1 calls fail", ""),
            (0, "1 calls fail", "closed>open"),
            (5_000, "a asks", "open>half_open admit"),
            (5_001, "late fails", "half_open>open"),
            (10_000, "b asks", "reject"),
            (10_001, "b asks", "open>half_open admit"),
            (10_002, "b cancelled", "half_open>closed"),
        ],
    );
}

#[test]
fn polly_a_hung_probe_keeps_it_half_open() {
    let config = with("polly", "minimum_calls: 1");
    check_config(
        config,
        &[
            (0, "1 calls fail", "closed>open"),
            (5_000, "a asks", "open>half_open admit"),
            (3_600_000, "b asks", "reject"),
        ],
    );
}

#[test]
fn polly_windows_begin_with_the_first_call_and_live_for_the_whole_duration() {
    let config = with("polly", "failure_rate: 50%, minimum_calls: 2");
    check_config(
        config.clone(),
        &[
            (1_700, "1 calls fail", ""),
            (31_699, "1 calls fail", "closed>open"),
        ],
    );
    check_config(
        config,
        &[(1_700, "1 calls fail", ""), (31_700, "1 calls fail", "")],
    );
}

#[test]
fn hystrix() {
    check(
        "hystrix",
        &[
            (100, "late asks", "admit"),
            (100, "19 calls fail", ""),
            (400, "1 calls fail", ""),
            // Not before the next health snapshot.
            (499, "a asks", "admit"),
            // Nobody asked at 500 ms, but that is when it opened.
            (700, "b asks", "closed>open@500ms reject"),
            (5_500, "b asks", "reject"),
            (5_501, "b asks", "open>half_open admit"),
            (5_501, "c asks", "reject"),
            (5_502, "late ok", "half_open>closed"),
            // Everything begins anew when it closes: the next snapshot is 500 ms from there.
            (5_600, "20 calls fail", ""),
            (6_001, "d asks", "admit"),
            (6_002, "e asks", "closed>open reject"),
        ],
    );
}

#[test]
fn hystrix_a_cancelled_probe_opens_again() {
    check(
        "hystrix",
        &[
            (100, "20 calls fail", ""),
            (500, "a asks", "closed>open reject"),
            (5_501, "a asks", "open>half_open admit"),
            (5_600, "a cancelled", "half_open>open"),
            (10_600, "a asks", "reject"),
            (10_601, "a asks", "open>half_open admit"),
        ],
    );
}

#[test]
fn hystrix_needs_its_volume_within_the_window() {
    check(
        "hystrix",
        &[
            (100, "10 calls fail", ""),
            (10_600, "10 calls fail", ""),
            (20_000, "a asks", "admit"),
        ],
    );
    // Ten failures of the oldest bucket that is still there, and ten of the newest complete one.
    check(
        "hystrix",
        &[
            (100, "10 calls fail", ""),
            (9_900, "10 calls fail", ""),
            (11_000, "a asks", "closed>open@10s reject"),
        ],
    );
}

#[test]
fn gobreaker() {
    check(
        "gobreaker",
        &[
            (0, "5 calls fail", ""),
            (0, "1 calls ok", ""),
            (0, "late asks", "admit"),
            (0, "5 calls fail", ""),
            (0, "1 calls fail", "closed>open"),
            (60_000, "a asks", "reject"),
            // A result notices the end of the timeout too; it is of an older generation.
            (60_001, "late ok", "open>half_open"),
            (60_002, "a asks", "admit"),
            (60_002, "b asks", "reject"),
            (60_003, "a ok", "half_open>closed"),
            (60_004, "5 calls fail", ""),
            (60_004, "1 calls fail", "closed>open"),
            (120_005, "a asks", "open>half_open admit"),
            (120_006, "a fails", "half_open>open"),
            (180_006, "a asks", "reject"),
            (180_007, "a asks", "open>half_open admit"),
        ],
    );
}

#[test]
fn gobreaker_closes_after_as_many_successes_as_it_admits() {
    let config = with("gobreaker", "half_open_calls: 2");
    check_config(
        config,
        &[
            (0, "6 calls fail", "closed>open"),
            (60_001, "a asks", "open>half_open admit"),
            (60_001, "b asks", "admit"),
            (60_001, "c asks", "reject"),
            (60_002, "a ok", ""),
            (60_002, "c asks", "reject"),
            (60_003, "b ok", "half_open>closed"),
        ],
    );
}

#[test]
fn gobreaker_never_counts_failures_slower_than_its_interval() {
    let config = with("gobreaker", "window: { emptied_every: 8s }");
    let mut table = Vec::new();
    let names: Vec<(String, String)> = (0..40)
        .map(|n| (format!("c{n} asks"), format!("c{n} fails")))
        .collect();
    for (n, (asks, fails)) in (0..).zip(&names) {
        table.push((n * 10_000, asks.as_str(), "admit"));
        table.push((n * 10_000 + 9_999, fails.as_str(), ""));
    }
    check_config(config, &table);
}

#[test]
fn gobreaker_empties_its_counts_after_the_interval_not_at_it() {
    let config = || with("gobreaker", "window: { emptied_every: 8s }");
    check_config(
        config(),
        &[
            (0, "5 calls fail", ""),
            (8_000, "1 calls fail", "closed>open"),
        ],
    );
    check_config(
        config(),
        &[
            (0, "5 calls fail", ""),
            (8_001, "1 calls fail", ""),
            // The next interval counts from there.
            (16_001, "4 calls fail", ""),
            (16_001, "1 calls fail", "closed>open"),
        ],
    );
}

#[test]
fn dapr_counts_calls_in_flight_as_requests() {
    let trip = "expression: \"requests > 10 && totalFailures/requests > 0.5\"";
    check_config(
        with("dapr", trip),
        &[
            (0, "4 calls ok", ""),
            (0, "a asks", "admit"),
            (0, "b asks", "admit"),
            (0, "6 calls fail", ""),
            // 7 of 13: two are still in flight.
            (0, "1 calls fail", "closed>open"),
        ],
    );
    check(
        "dapr",
        &[(0, "5 calls fail", ""), (0, "1 calls fail", "closed>open")],
    );
}

#[test]
fn opossum() {
    check(
        "opossum",
        &[
            (0, "1 calls ok", ""),
            // 1 of 2 is not above 50 %.
            (0, "1 calls fail", ""),
            (0, "late asks", "admit"),
            // In flight: 2 of 4.
            (0, "1 calls fail", ""),
            (1, "1 calls fail", "closed>open"),
            (30_000, "a asks", "reject"),
            // By timer, exactly at its end: one probe.
            (30_001, "a asks", "open>half_open admit"),
            (30_001, "b asks", "reject"),
            (30_002, "late ok", "half_open>closed"),
            (30_003, "a ok", ""),
        ],
    );
}

/// At odd thresholds libraries open one call sooner or later than the share itself.
#[test]
fn rounding_habits_to_the_call() {
    let rate = |name: &str, percent: u32| {
        with(
            name,
            &format!("failure_rate: {percent}%, minimum_calls: 100"),
        )
    };
    // (0.07 * 100) is 7.000000000000001: 7 of 100 are more than 7 %.
    let table = [
        (0, "93 calls ok", ""),
        (0, "6 calls fail", ""),
        (0, "1 calls fail", "closed>open"),
    ];
    check_config(rate("opossum", 7), &table);
    // 0.29 * 100 is 28.999999999999996: 29 failures are more.
    let table = [
        (0, "71 calls ok", ""),
        (0, "28 calls fail", ""),
        (0, "1 calls fail", "closed>open"),
    ];
    check_config(rate("cockatiel", 29), &table);
    // The same number cut is 28, which is not 29: the 30th failure, of 101, opens.
    let table = [
        (0, "71 calls ok", ""),
        (0, "29 calls fail", ""),
        (600, "a asks", "admit"),
        (601, "1 calls fail", ""),
        (1_100, "b asks", "closed>open@1s reject"),
    ];
    check_config(rate("hystrix", 29), &table);
    // 99 of 199 are 49.7 %, which is 50.
    let settings = "failure_rate: 50%, minimum_calls: 199, window: { calls: 199 }";
    let table = [
        (0, "100 calls ok", ""),
        (0, "98 calls fail", ""),
        (0, "1 calls fail", "closed>open"),
    ];
    check_config(with("failsafe-go", settings), &table);
}

#[test]
fn opossum_half_opens_by_timer_though_nobody_asks() {
    check(
        "opossum",
        &[
            (0, "late asks", "admit"),
            (0, "late2 asks", "admit"),
            (0, "3 calls fail", "closed>open"),
            (31_000, "late fails", "open>half_open@30s half_open>open"),
            (61_500, "late2 ok", "open>half_open@61s half_open>closed"),
        ],
    );
}

#[test]
fn opossum_keeps_its_window_when_it_closes() {
    let config = with("opossum", "open_for: 1s");
    check_config(
        config,
        &[
            (0, "8 calls ok", ""),
            (0, "9 calls fail", "closed>open"),
            // Rejected calls are fires too: 9 of 17, then 9 of 20.
            (500, "a asks", "reject"),
            (501, "b asks", "reject"),
            (1_000, "p asks", "open>half_open admit"),
            (1_001, "p ok", "half_open>closed"),
            (1_002, "1 calls fail", ""),
            (1_003, "1 calls fail", ""),
            // 12 of 23.
            (1_004, "1 calls fail", "closed>open"),
        ],
    );
}

/// Failures are divided by the fires that are still in the window: by none, if these have left it.
#[test]
fn opossum_opens_by_a_failure_that_outlives_its_fire() {
    let two_began = [(0, "1 calls ok", ""), (0, "a asks", "admit")];
    let then = |config: BreakerConfig, ms, change| {
        let table = [two_began[0], two_began[1], (ms, "a fails", change)];
        check_config(config, &table);
    };
    let plain = || breaker_preset("opossum").unwrap();
    then(plain(), 9_999, "");
    then(plain(), 10_000, "closed>open");
    then(with("opossum", "minimum_calls: 1"), 10_000, "");
    // Seven buckets of 142 ms.
    let sevenths = || with("opossum", "window: { time: 1s, buckets: 7 }");
    then(sevenths(), 993, "");
    then(sevenths(), 994, "closed>open");
}

#[test]
fn what_follows_from_other_settings_is_as_in_the_library() {
    let check = |name: &str, settings: &str, also: &str| {
        let spelt_out = with(name, also);
        assert_eq!(with(name, settings), spelt_out, "{name}: {settings}");
    };
    check(
        "cockatiel",
        "failure_rate: 50%, window: { time: 10s }",
        "failure_rate: 50%, window: { time: 10s, buckets: 10 }, minimum_calls: 100",
    );
    check(
        "cockatiel",
        "window: { time: 1s }",
        "window: { time: 1s, buckets: 5 }, minimum_calls: 25",
    );
    check(
        "cockatiel",
        "window: { calls: 1000 }",
        "window: { calls: 1000 }, minimum_calls: 1000",
    );
    check(
        "polly",
        "window: { time: 199ms }",
        "window: { time: 199ms, buckets: 1 }",
    );
    check(
        "polly",
        "window: { time: 200ms }",
        "window: { time: 200ms, buckets: 10 }",
    );
    check(
        "hystrix",
        "window: { time: 20s }",
        "window: { time: 20s, buckets: 40 }",
    );
    check(
        "hystrix",
        "evaluate: { ticks: 1s }",
        "evaluate: { ticks: 1s }, window: { time: 10s, buckets: 10 }",
    );
    check(
        "failsafe-go",
        "failures: 2, window: { calls: 5 }",
        "failures: 2, window: { calls: 5 }, half_open_calls: 5, \
         half_open: { closes: { counts: { successes: 4, failures: 2 } } }",
    );
    check(
        "failsafe-go",
        "failures: 3, window: { time: 1m }",
        "failures: 3, window: { time: 1m, buckets: 10, aligned: construction }, \
         half_open_calls: 3, half_open: { closes: { counts: { successes: 1, failures: 3 } } }",
    );
    check(
        "failsafe-go",
        "failure_rate: 50%, minimum_calls: 8, window: { time: 1m }",
        "failure_rate: 50%, minimum_calls: 8, half_open_calls: 8, \
         window: { time: 1m, buckets: 10, aligned: construction }, \
         half_open: { closes: success_rate }",
    );
    // A success threshold of 3 of 5: the third failure makes it impossible.
    check(
        "failsafe-go",
        "half_open_calls: 5, half_open: { closes: { counts: { successes: 3 } } }",
        "half_open_calls: 5, half_open: { closes: { counts: { successes: 3, failures: 3 } } }",
    );
}

#[test]
fn failsafe_go_closes_by_its_rate_once_enough_have_answered() {
    let settings = "failure_rate: 50%, minimum_calls: 3, window: { time: 10s }";
    check_config(
        with("failsafe-go", settings),
        &[
            (0, "2 calls fail", ""),
            (0, "1 calls ok", "closed>open"),
            (59_999, "a asks", "reject"),
            (60_000, "a asks", "open>half_open admit"),
            (60_000, "b asks", "admit"),
            (60_000, "c asks", "admit"),
            (60_000, "d asks", "reject"),
            (60_001, "a fails", ""),
            (60_001, "d asks", "admit"),
            (60_002, "b ok", ""),
            // One of three failed, which is 33 %.
            (60_003, "c ok", "half_open>closed"),
            (60_004, "2 calls fail", ""),
            (60_005, "d fails", "closed>open"),
        ],
    );
}

#[test]
fn cockatiel_lets_calls_wait_for_the_probe() {
    let config = with("cockatiel", "minimum_calls: 2, failure_rate: 50%");
    check_config(
        config,
        &[
            (0, "1 calls ok", ""),
            // 1 of 2 is not more than the threshold.
            (0, "1 calls fail", ""),
            (0, "late asks", "admit"),
            (0, "1 calls fail", "closed>open"),
            (9_999, "a asks", "reject"),
            (10_000, "a asks", "open>half_open admit"),
            (10_001, "b asks", "wait"),
            // A failure of the closed phase that fills the measure opens, though a probe is out.
            (10_002, "late fails", "half_open>open"),
            (10_003, "b asks", "reject"),
            (20_002, "c asks", "open>half_open admit"),
            // The older probe closes it: the state is half-open.
            (20_003, "a ok", "half_open>closed"),
            // The window began anew with that success; this failure of a probe opens all the same.
            (20_004, "c fails", "closed>open"),
        ],
    );
}

#[test]
fn cockatiel_closes_by_what_it_does_not_handle_and_keeps_the_window() {
    let config = with("cockatiel", "minimum_calls: 2, failure_rate: 50%");
    check_config(
        config,
        &[
            (0, "2 calls fail", "closed>open"),
            (10_000, "a asks", "open>half_open admit"),
            (10_001, "a cancelled", "half_open>closed"),
            // Two failures are still there.
            (10_002, "1 calls fail", "closed>open"),
        ],
    );
}

#[test]
fn cockatiel_stale_failures_survive_an_idle_gap() {
    let config = with("cockatiel", "minimum_calls: 6, failure_rate: 50%");
    check_config(
        config,
        &[
            (0, "5 calls fail", ""),
            (3_600_000, "1 calls fail", "closed>open"),
        ],
    );
}

#[test]
fn pybreaker() {
    check(
        "pybreaker",
        &[
            (0, "4 calls fail", ""),
            (0, "1 calls ok", ""),
            (0, "4 calls fail", ""),
            (0, "1 calls fail", "closed>open"),
            (59_999, "a asks", "reject"),
            (60_000, "a asks", "open>half_open admit"),
            (60_000, "b asks", "admit"),
            (60_001, "a fails", "half_open>open"),
            (120_001, "c asks", "open>half_open admit"),
            (120_002, "c ok", "half_open>closed"),
        ],
    );
}

#[test]
fn circuitbreaker() {
    check(
        "circuitbreaker",
        &[
            (0, "late1 asks", "admit"),
            (0, "late2 asks", "admit"),
            (0, "late3 asks", "admit"),
            (0, "4 calls fail", ""),
            (0, "1 calls fail", "closed>open"),
            // A late failure makes it wait anew: until 40 s.
            (10_000, "late1 fails", ""),
            (39_999, "a asks", "reject"),
            // A late success closes it while open.
            (39_999, "late2 ok", "open>closed"),
            (40_000, "4 calls fail", ""),
            (40_000, "1 calls fail", "closed>open"),
            (70_000, "a asks", "open>half_open admit"),
            (70_000, "b asks", "admit"),
            (70_001, "a fails", "half_open>open"),
            (70_002, "b ok", "open>closed"),
            (70_003, "late3 fails", ""),
        ],
    );
}

#[test]
fn failsafe_go() {
    check(
        "failsafe-go",
        &[
            (0, "5 calls ok", ""),
            (0, "1 calls fail", "closed>open"),
            (59_999, "a asks", "reject"),
            (60_000, "a asks", "open>half_open admit"),
            (60_000, "b asks", "reject"),
            (60_001, "a fails", "half_open>open"),
            (120_001, "a asks", "open>half_open admit"),
            (120_002, "a ok", "half_open>closed"),
        ],
    );
}

#[test]
fn failsafe_go_gives_a_permit_back_with_each_result() {
    let settings = "failures: 2, window: { calls: 3 }, half_open_calls: 3, \
                    half_open: { closes: { counts: { successes: 2, failures: 2 } } }";
    check_config(
        with("failsafe-go", settings),
        &[
            (0, "1 calls fail", ""),
            (0, "1 calls fail", "closed>open"),
            (60_000, "a asks", "open>half_open admit"),
            (60_000, "b asks", "admit"),
            (60_000, "c asks", "admit"),
            (60_000, "d asks", "reject"),
            (60_001, "a fails", ""),
            (60_001, "d asks", "admit"),
            (60_002, "b ok", ""),
            (60_003, "c ok", "half_open>closed"),
        ],
    );
}

#[test]
fn linkerd() {
    check(
        "linkerd",
        &[
            (0, "late asks", "admit"),
            (0, "late2 asks", "admit"),
            (0, "6 calls fail", ""),
            (0, "1 calls fail", "closed>open"),
            // 1 s and half of half of it, with the draw in the middle.
            (1_249, "a asks", "reject"),
            (1_250, "a asks", "open>half_open admit"),
            (1_250, "b asks", "reject"),
            // The first response of any request decides.
            (1_300, "late fails", "half_open>open"),
            // Responses while shut are ignored; the second wait is 2.5 s.
            (1_400, "late2 ok", ""),
            (3_799, "b asks", "reject"),
            (3_800, "b asks", "open>half_open admit"),
            (3_900, "b ok", "half_open>closed"),
            (3_900, "7 calls fail", "closed>open"),
            // The wait began anew.
            (5_150, "c asks", "open>half_open admit"),
        ],
    );
}

#[test]
fn finagle() {
    check(
        "finagle",
        &[
            (0, "late asks", "admit"),
            (0, "4 calls fail", ""),
            (0, "1 calls fail", "closed>open"),
            (4_999, "a asks", "reject"),
            // Late results say nothing before a probe is out.
            (5_001, "late fails", "open>half_open@5s"),
            (5_002, "a asks", "admit"),
            (5_002, "b asks", "reject"),
            (5_003, "a ok", "half_open>closed"),
        ],
    );
    // By the average: silent for its first 30 s; then 26 % of weight failed, of six calls.
    check(
        "finagle",
        &[
            (0, "1 calls fail", ""),
            (1, "1 calls ok", ""),
            (29_999, "1 calls fail", ""),
        ],
    );
    check(
        "finagle",
        &[
            (0, "1 calls ok", ""),
            (31_000, "4 calls ok", ""),
            (31_001, "1 calls fail", ""),
            (40_000, "1 calls fail", "closed>open"),
        ],
    );
}

#[test]
fn keys_beside_like_override() {
    let plain = breaker_preset("resilience4j").unwrap();
    assert_eq!(with("resilience4j", "failure_rate: 50%"), plain);
    assert_ne!(with("resilience4j", "failure_rate: 51%"), plain);
    assert_eq!(with("resilience4j", "half_open: { then: open }"), plain);
    let run = with("hystrix", "consecutive_failures: 3");
    assert_eq!(run.trip.conditions().len(), 1);
    assert_eq!(run.window, crate::policy::Window::Consecutive);
}

#[test]
fn what_is_written_out_is_the_same() {
    for preset in BREAKERS {
        let source = scenario(&format!("circuit_breaker: {{ like: {} }}", preset.name));
        let text = expand(&source, &[]).unwrap();
        assert!(!text.contains("like"), "{text}");
        let expanded = Source {
            text,
            ..source.clone()
        };
        let model = |source: &Source| match load(source, &[], &|_| Err(String::new())) {
            Ok(loaded) => format!("{:?}", loaded.scenario.model),
            Err(found) => panic!("{found}\n{}", source.text),
        };
        assert_eq!(model(&expanded), model(&source), "{}", expanded.text);
    }
}

#[test]
fn mistakes_are_named() {
    let refused = |layer: &str| match load_layer(layer) {
        Ok(_) => panic!("accepted: {layer}"),
        Err(problem) => problem,
    };
    let check = |settings: &str, part: &str| {
        let problem = refused(&format!("circuit_breaker: {{ {settings} }}"));
        assert!(problem.contains(part), "{settings}: {problem}");
    };
    check("like: resiliance4j", "did you mean `resilience4j`?");
    check("consecutive_failures: 1", "has no `open_for`");
    check("open_for: 1s", "needs something to open by");
    check(
        "like: pybreaker, half_open: { closes: success_rate }",
        "has no `failure_rate`",
    );
    check(
        "like: polly, window: { buckets: 3, calls: 9 }",
        "only a window of `time` has",
    );
    check(
        "like: polly, window: { calls: 9, time: 1s }",
        "can be only one of",
    );
    check("like: polly, window: { time: 0s }", "holds no time");
    check(
        "like: polly, evaluate: { ticks: 0s }",
        "ticks need an interval",
    );
    check(
        "like: polly, open_growth: { factor: 0.5 }",
        "must be at least 1",
    );
    check("like: dapr, expression: failures > 5", "at its character 1");
    check(
        "like: resilience4j, counts: started",
        "needs a window of `time`",
    );
    check(
        "like: cockatiel, scope: target_instance",
        "go to another instance",
    );
    check(
        "slow_call_rate: 5%, window: { calls: 9 }, open_for: 1s",
        "what slow is",
    );
}

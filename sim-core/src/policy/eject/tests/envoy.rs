//! Envoy, Istio and `HAProxy`'s `observe`.

use super::*;

#[test]
fn rule_55_the_fifth_failure_in_a_row_ejects_at_the_result() {
    let mut watch = Watch::new(envoy(100.0), 3);
    watch.plays(&[
        (100, bad(0, 4), ""),
        (101, good(0, 1), ""),
        (102, bad(0, 4), ""),
        // Nothing is counted of what was cancelled.
        (103, On::Results(0, 9, Outcome::Cancelled), ""),
        // The caller's own mistake is an answer like any other.
        (104, On::Results(1, 9, Outcome::ErrorInvalid), ""),
        (105, bad(0, 1), "0 out by consecutive k=1 until 30.105s"),
        // Late results of one that is out decide nothing.
        (106, bad(0, 20), ""),
    ]);
}

#[test]
fn rule_55_a_counter_of_some_failures_is_reset_by_the_others() {
    let mut config = envoy(100.0);
    let gateway = OutcomeSet::of(&[Outcome::ErrorUnavailable, Outcome::TimeoutResponse]);
    change(&mut config, |rules| {
        rules.consecutive.push(Consecutive {
            failures: 3,
            on: gateway,
            ignores: OutcomeSet::EMPTY,
            enforce: Enforced::ALWAYS,
        });
    });
    let mut watch = Watch::new(config, 3);
    let unavailable = |times| On::Results(0, times, Outcome::ErrorUnavailable);
    watch.plays(&[
        (1, unavailable(2), ""),
        // A 500 is another failure in a row, and no gateway's.
        (2, bad(0, 1), ""),
        (3, unavailable(1), ""),
        (4, unavailable(1), "0 out by consecutive k=1 until 30.004s"),
    ]);
    let mut config = watch.config.clone();
    change(&mut config, |rules| rules.consecutive[0].failures = 50);
    let mut watch = Watch::new(config, 3);
    watch.plays(&[
        (1, unavailable(2), ""),
        (
            2,
            On::Results(0, 1, Outcome::TimeoutResponse),
            "0 out by consecutive[2] k=1 until 30.002s",
        ),
    ]);
}

#[test]
fn rule_55_the_ceiling_is_compared_in_whole_numbers() {
    // (ceiling %, instances, how many may be out)
    let not_beyond = [
        (10.0, 3, 0),
        (10.0, 9, 0),
        (10.0, 10, 1),
        (10.0, 19, 1),
        (10.0, 20, 2),
        (33.0, 3, 0),
        (34.0, 3, 1),
        (33.3, 3, 0),
        (50.0, 2, 1),
        (50.0, 3, 1),
        (66.0, 3, 1),
        (67.0, 3, 2),
        (100.0, 3, 3),
        (0.0, 5, 0),
        (29.0, 100, 29),
        (7.0, 100, 7),
        (1.0, 100_000, 1_000),
    ];
    for (max, members, out) in not_beyond {
        let most = MaxEjected::new(share(max), Rounding::NotBeyond);
        assert_eq!(most.of(members), out, "{max} % of {members}");
    }
    let may_exceed = [
        (10.0, 3, 1),
        (67.0, 3, 3),
        (66.0, 3, 2),
        (50.0, 2, 1),
        (50.0, 3, 2),
        (0.0, 5, 0),
        (10.0, 10, 1),
        (10.0, 11, 2),
        (100.0, 4, 4),
    ];
    for (max, members, out) in may_exceed {
        let most = MaxEjected::new(share(max), Rounding::MayExceed);
        assert_eq!(most.of(members), out, "{max} % of {members}");
    }
}

#[test]
fn rule_55_after_an_overflow_so_many_more_are_needed() {
    let mut watch = Watch::new(envoy(33.0), 3);
    let mut overflows = 0;
    for ms in 0..20 {
        overflows += usize::from(!watch.at(ms, bad(0, 1)).is_empty());
    }
    assert_eq!(overflows, 4, "20 failures, 5 for each");
    let mut watch = Watch::new(envoy(34.0), 3);
    watch.plays(&[
        (0, bad(0, 5), "0 out by consecutive k=1 until 30s"),
        (1, bad(1, 5), "1 stopped by consecutive"),
        (2, bad(1, 4), ""),
        (3, bad(1, 1), "1 stopped by consecutive"),
        (30_000, On::Sweep, "0 back by sweep after 30s"),
        (30_001, bad(1, 4), ""),
        (30_002, bad(1, 1), "1 out by consecutive k=1 until 60.002s"),
    ]);
}

#[test]
fn rule_55_the_time_grows_and_ends_at_a_sweep() {
    let mut watch = Watch::new(envoy(34.0), 3);
    watch.plays(&[
        (12_300, bad(0, 5), "0 out by consecutive k=1 until 42.3s"),
        (20_000, On::Sweep, ""),
        (30_000, On::Sweep, ""),
        (40_000, On::Sweep, ""),
        (50_000, On::Sweep, "0 back by sweep after 37.7s"),
        (50_500, bad(0, 5), "0 out by consecutive k=2 until 110.5s"),
        (110_000, On::Sweep, ""),
        (120_000, On::Sweep, "0 back by sweep after 69.5s"),
        (
            120_001,
            bad(0, 5),
            "0 out by consecutive k=3 until 210.001s",
        ),
        (210_000, On::Sweep, ""),
        (220_000, On::Sweep, "0 back by sweep after 99.999s"),
        // In since the last sweep: one ejection less counts, and so on.
        (230_000, On::Sweep, ""),
        (231_000, bad(0, 5), "0 out by consecutive k=3 until 321s"),
        (320_000, On::Sweep, ""),
        (330_000, On::Sweep, "0 back by sweep after 99s"),
        (340_000, On::Sweep, ""),
        (350_000, On::Sweep, ""),
        (360_000, On::Sweep, ""),
        (370_000, On::Sweep, ""),
        (371_000, bad(0, 5), "0 out by consecutive k=1 until 401s"),
    ]);
}

#[test]
fn rule_55_a_time_that_is_over_at_the_very_sweep_is_over() {
    let mut watch = Watch::new(envoy(34.0), 3);
    watch.plays(&[
        (10_000, bad(0, 5), "0 out by consecutive k=1 until 40s"),
        (39_999, On::Sweep, ""),
        (40_000, On::Sweep, "0 back by sweep after 30s"),
    ]);
}

#[test]
fn rule_55_the_time_has_a_maximum_and_the_number_stops_a_step_beyond() {
    let mut watch = Watch::new(envoy(34.0), 3);
    let mut times = Vec::new();
    let mut now = 0;
    for _ in 0..14 {
        let said = watch.at(now, bad(0, 5));
        let k = said
            .split_whitespace()
            .find(|word| word.starts_with("k="))
            .unwrap()
            .to_owned();
        let back = (1..1_000).find(|sweeps| !watch.at(now + sweeps * 10_000, On::Sweep).is_empty());
        times.push((k, back.unwrap() * 10));
        now += back.unwrap() * 10_000;
    }
    let expected: Vec<(String, u64)> = (1..=14_u64)
        .map(|n| (format!("k={}", n.min(11)), (n * 30).min(300)))
        .collect();
    assert_eq!(times, expected);
}

#[test]
fn rule_55_jitter_comes_on_top_of_the_maximum() {
    let mut config = envoy(100.0);
    change(&mut config, |rules| {
        rules.time.jitter = EjectJitter::Span(secs(4));
        rules.time.max = secs(30);
    });
    let mut watch = Watch::new(config, 1);
    watch.plays(&[(0, bad(0, 5), "0 out by consecutive k=1 until 32s")]);
}

#[test]
fn rule_55_a_passed_check_brings_back_at_once() {
    let mut watch = Watch::new(envoy(34.0), 3);
    watch.plays(&[
        (0, On::Check(0), ""),
        (0, bad(0, 5), "0 out by consecutive k=1 until 30s"),
        (1_000, On::Check(1), ""),
        (1_500, On::Check(0), "0 back by check after 1.5s"),
        // A return resets all counters.
        (1_501, bad(0, 4), ""),
        (1_502, bad(0, 1), "0 out by consecutive k=2 until 61.502s"),
    ]);
}

#[test]
fn rule_55_a_sweep_judges_what_came_since_the_last_one() {
    let mut watch = Watch::new(envoy(20.0), 5);
    for slot in 0..4 {
        watch.at(0, good(slot, 100));
    }
    watch.plays(&[
        (1, good(4, 98), ""),
        // Too few calls: nobody is compared.
        (10_000, On::Sweep, ""),
    ]);
    for slot in 0..4 {
        watch.at(10_001, good(slot, 100));
    }
    watch.plays(&[
        (10_001, good(4, 98), ""),
        (10_002, bad(4, 2), ""),
        (20_000, On::Sweep, "4 out by success_rate k=1 until 50s"),
    ]);
    // The second at the ceiling: 20 % of five is one.
    for slot in 0..4 {
        let failed = u32::from(slot == 3);
        watch.at(21_000, good(slot, 100 - failed));
        watch.at(21_000, bad(slot, failed));
    }
    watch.plays(&[(30_000, On::Sweep, "")]);
}

#[test]
fn rule_55_a_share_of_failures_is_enough_where_it_is_reached() {
    let mut config = envoy(100.0);
    change(&mut config, |rules| {
        rules.consecutive.clear();
        rules.success_rate = None;
        rules.failure_share = Some(FailureShare {
            at: ShareAt::at_least(share(85.0)),
            min_instances: 5,
            min_calls: 20,
            on: failures(),
            ignores: OutcomeSet::EMPTY,
            enforce: Enforced::ALWAYS,
        });
    });
    let mut watch = Watch::new(config, 5);
    for (slot, failed) in [(0, 17), (1, 16), (2, 20), (3, 0), (4, 0)] {
        watch.at(0, bad(slot, failed));
        watch.at(0, good(slot, 20 - failed));
    }
    watch.plays(&[(
        10_000,
        On::Sweep,
        "0 out by failure_share k=1 until 40s, 2 out by failure_share k=1 until 40s",
    )]);
}

#[test]
fn rule_55_haproxy_leaves_out_after_ten_errors_until_a_check_is_passed() {
    let mut config = envoy(100.0);
    change(&mut config, |rules| {
        rules.consecutive[0].failures = 10;
        rules.success_rate = None;
        rules.sweep = None;
        rules.returns = Returns::ByCheck;
    });
    let mut watch = Watch::new(config, 2);
    watch.plays(&[
        (0, bad(0, 9), ""),
        (1, good(0, 1), ""),
        (2, bad(0, 9), ""),
        (3, bad(0, 1), "0 out by consecutive k=1 until never"),
        (600_000, On::Due, ""),
        (600_001, On::Check(0), "0 back by check after 599.998s"),
    ]);
    assert_eq!(watch.due(), None);
}

#[test]
fn rule_19_a_caller_that_dies_forgets() {
    let mut watch = Watch::new(envoy(100.0), 2);
    watch.plays(&[
        (0, bad(0, 5), "0 out by consecutive k=1 until 30s"),
        (1, bad(1, 4), ""),
        (2_000, On::Dies, "0 back by forgotten after 2s"),
        (2_001, bad(1, 4), ""),
        (2_002, bad(0, 5), "0 out by consecutive k=1 until 32.002s"),
    ]);
}

/// Members of which some are leaving.
struct Leaving(u32);

impl Others for Leaving {
    fn counts(&self, slot: u32) -> bool {
        slot != self.0
    }

    fn draw(&self, _: u32, _: u32) -> f64 {
        0.5
    }

    fn lot(&self, _: u32, _: u32) -> f64 {
        0.5
    }
}

#[test]
fn rule_55_who_is_leaving_counts_neither_as_a_member_nor_as_ejected() {
    let config = envoy(50.0);
    let mut ejection = Ejection::new(&config, 3);
    let mut fails = |others: &Leaving, slot| {
        let mut out = Vec::new();
        let mut ask = EjectAsk {
            config: &config,
            now: SimTime::ZERO,
            others,
            out: &mut out,
        };
        for _ in 0..5 {
            ejection.on_result(&mut ask, slot, Outcome::ErrorInternal);
        }
        words(&out)
    };
    // One of two, then one of three: a third is out, half of three is one.
    assert_eq!(fails(&Leaving(2), 0), "0 out by consecutive k=1 until 30s");
    assert_eq!(fails(&Leaving(9), 1), "1 stopped by consecutive");
    // The one that is out leaves: half of the other two is one.
    assert_eq!(fails(&Leaving(0), 1), "1 out by consecutive k=1 until 30s");
}

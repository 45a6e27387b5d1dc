//! Tables: results and verdicts as the products have them, and the instants of checks.

use super::*;
use HealthVerdict::{Fails, Passes};

const OK: Outcome = Outcome::Ok;
const LATE: Outcome = Outcome::TimeoutResponse;
const STATUS: Outcome = Outcome::ErrorUnavailable;

const fn secs(s: u64) -> SimDuration {
    SimDuration::from_secs(s)
}

fn at(ms: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_millis(ms)
}

fn kubernetes(first: FirstRule) -> HealthConfig {
    HealthConfig {
        schedule: Schedule::Ticks,
        every: secs(10),
        every_pending: secs(10),
        every_failed: secs(10),
        timeout: secs(1),
        fails: 3,
        passes: 1,
        at_once_on: OutcomeSet::EMPTY,
        first,
        delay: SimDuration::ZERO,
    }
}

fn haproxy() -> HealthConfig {
    HealthConfig {
        schedule: Schedule::AfterEnd,
        every: secs(2),
        every_pending: secs(1),
        every_failed: secs(5),
        timeout: secs(2),
        fails: 3,
        passes: 2,
        first: FirstRule::InDecides,
        ..kubernetes(FirstRule::In)
    }
}

fn envoy() -> HealthConfig {
    HealthConfig {
        first: FirstRule::Decides,
        passes: 2,
        at_once_on: OutcomeSet::of(&[STATUS]),
        ..haproxy()
    }
}

fn alb() -> HealthConfig {
    HealthConfig {
        every: secs(30),
        timeout: secs(5),
        fails: 2,
        passes: 5,
        first: FirstRule::OnePasses,
        ..kubernetes(FirstRule::Out)
    }
}

/// Plays results and compares, one by one, the verdict and whether it is in after it.
fn check(config: &HealthConfig, from: Health, rows: &[(Outcome, Option<HealthVerdict>, bool)]) {
    let mut health = from;
    for (row, &(outcome, verdict, is_in)) in rows.iter().enumerate() {
        assert_eq!(health.on_result(config, outcome), verdict, "row {row}");
        assert_eq!(health.is_in(config), is_in, "row {row}");
    }
}

#[test]
fn rule_54_readiness_of_kubernetes_begins_out_and_counts_equal_results() {
    let config = kubernetes(FirstRule::Out);
    assert!(!Health::started().is_in(&config));
    let rows = [
        (LATE, None, false),
        (LATE, None, false),
        // A verdict although it is out already: a startup check restarts by it.
        (LATE, Some(Fails), false),
        (LATE, None, false),
        (OK, Some(Passes), true),
        (LATE, None, true),
        (LATE, None, true),
        (OK, None, true),
        (LATE, None, true),
        (LATE, None, true),
        (LATE, Some(Fails), false),
        (OK, Some(Passes), true),
    ];
    check(&config, Health::started(), &rows);
}

#[test]
fn rule_54_liveness_of_kubernetes_begins_in() {
    let config = kubernetes(FirstRule::In);
    assert!(Health::started().is_in(&config));
    let rows = [
        (LATE, None, true),
        (LATE, None, true),
        (LATE, Some(Fails), false),
    ];
    check(&config, Health::started(), &rows);
}

#[test]
fn rule_54_haproxy_restores_fully_while_up_and_falls_to_zero_while_down() {
    let rows = [
        // Up and unchecked: the first failure puts it down.
        (LATE, Some(Fails), false),
        (OK, None, false),
        (LATE, None, false),
        (OK, None, false),
        (OK, Some(Passes), true),
        (LATE, None, true),
        (LATE, None, true),
        (OK, None, true),
        (LATE, None, true),
        (LATE, None, true),
        (LATE, Some(Fails), false),
    ];
    check(&haproxy(), Health::started(), &rows);
}

#[test]
fn rule_54_haproxys_counter_from_zero_to_rise_plus_fall_is_this_machine() {
    let config = haproxy();
    let (rise, fall) = (config.passes, config.fails);
    for sequence in 0..1_u32 << 12 {
        let mut health = Health::started();
        let mut counter = rise;
        for bit in 0..12 {
            let passed = sequence >> bit & 1 == 1;
            health.on_result(&config, if passed { OK } else { LATE });
            if passed && counter < rise + fall - 1 {
                counter += 1;
                if counter >= rise {
                    counter = rise + fall - 1;
                }
            } else if !passed && counter > 0 {
                counter -= 1;
                if counter < rise {
                    counter = 0;
                }
            }
            let says = (counter >= rise, counter == rise + fall - 1, counter == 0);
            assert_eq!(health.is_in(&config), says.0, "{sequence:b} at {bit}");
            let pause = match says {
                (_, true, _) => config.every,
                (_, _, true) => config.every_failed,
                _ => config.every_pending,
            };
            assert_eq!(health.pause(&config), pause, "{sequence:b} at {bit}");
        }
    }
}

#[test]
fn rule_54_envoy_takes_a_status_for_proof_and_a_timeout_for_a_hint() {
    let config = envoy();
    assert!(!Health::started().is_in(&config));
    let rows = [
        (OK, Some(Passes), true),
        (LATE, None, true),
        (LATE, None, true),
        (OK, None, true),
        (STATUS, Some(Fails), false),
        (OK, None, false),
        (STATUS, None, false),
        (OK, None, false),
        (OK, Some(Passes), true),
        (LATE, None, true),
        (LATE, None, true),
        (LATE, Some(Fails), false),
    ];
    check(&config, Health::started(), &rows);
    // A first failure decides too: then it takes the threshold.
    let rows = [
        (LATE, Some(Fails), false),
        (OK, None, false),
        (OK, Some(Passes), true),
    ];
    check(&config, Health::started(), &rows);
}

#[test]
fn rule_54_a_new_target_of_alb_needs_one_success() {
    let rows = [
        (LATE, None, false),
        (OK, Some(Passes), true),
        (LATE, None, true),
        (LATE, Some(Fails), false),
        (OK, None, false),
        (OK, None, false),
        (OK, None, false),
        (OK, None, false),
        (OK, Some(Passes), true),
    ];
    check(&alb(), Health::started(), &rows);
    let rows = [
        (LATE, None, false),
        (LATE, Some(Fails), false),
        (OK, None, false),
    ];
    check(&alb(), Health::started(), &rows);
}

#[test]
fn rule_54_nginx_plus_believes_each_result() {
    let config = HealthConfig {
        fails: 1,
        passes: 1,
        ..kubernetes(FirstRule::In)
    };
    let rows = [
        (LATE, Some(Fails), false),
        (OK, Some(Passes), true),
        (LATE, Some(Fails), false),
    ];
    check(&config, Health::started(), &rows);
}

#[test]
fn a_degraded_answer_and_one_that_says_no_pass() {
    let config = kubernetes(FirstRule::In);
    for outcome in OutcomeSet::useful().iter() {
        let mut health = Health::started();
        health.on_result(&config, outcome);
        assert!(health.has_passed(), "{outcome:?}");
    }
}

#[test]
fn rule_53_ticks_stand_still_and_one_within_a_check_comes_at_its_end() {
    let config = HealthConfig {
        delay: secs(5),
        ..kubernetes(FirstRule::In)
    };
    let first = config.first_at(at(2_000), secs(3));
    assert_eq!(first, at(10_000));
    let next = |sent, now| config.next_at(Health::checked(), first, at(sent), at(now));
    let rows = [
        // Sent, ended, the next one.
        (10_000, 10_000, 20_000),
        (10_000, 11_000, 20_000),
        (10_000, 19_999, 20_000),
        (10_000, 20_000, 20_000),
        // One tick within: at once. Several: one check for all of them.
        (10_000, 20_001, 20_001),
        (10_000, 47_000, 47_000),
        // Sent off the grid: the next tick is the next tick.
        (20_001, 21_001, 30_000),
        (47_000, 48_000, 50_000),
        (50_000, 51_000, 60_000),
    ];
    for (sent, ended, expected) in rows {
        assert_eq!(next(sent, ended), at(expected), "{sent} to {ended}");
    }
}

#[test]
fn rule_53_after_the_end_the_gap_depends_on_what_is_known() {
    let config = haproxy();
    let rows = [
        // Result, when it came, when the next one is sent.
        (OK, 100, 2_100),
        (LATE, 4_100, 5_100),
        (LATE, 7_100, 8_100),
        (LATE, 10_100, 15_100),
        (OK, 15_100, 16_100),
        (OK, 16_100, 18_100),
    ];
    let mut health = Health::started();
    assert_eq!(health.pause(&config), secs(1));
    for (outcome, now, expected) in rows {
        health.on_result(&config, outcome);
        let next = config.next_at(health, at(0), at(now), at(now));
        assert_eq!(next, at(expected), "at {now}");
    }
}

#[test]
fn a_check_behind_a_gate_begins_at_the_first_tick_from_then_on() {
    let config = kubernetes(FirstRule::Out);
    let rows = [
        // The gate opens, the first check.
        (0, 3_000),
        (3_000, 3_000),
        (3_001, 13_000),
        (13_000, 13_000),
        (27_500, 33_000),
    ];
    for (now, expected) in rows {
        assert_eq!(config.begins_at(at(3_000), at(now)), at(expected), "{now}");
    }
    let after_end = haproxy();
    assert_eq!(after_end.begins_at(at(3_000), at(2_000)), at(3_000));
    assert_eq!(after_end.begins_at(at(3_000), at(3_500)), at(3_500));
}

/// When a hang at `at_ms` is found, by checks whose first is at `phase_ms`.
fn found_after(config: &HealthConfig, phase_ms: u64, at_ms: u64) -> u64 {
    let (mut health, mut sent) = (Health::checked(), at(phase_ms));
    loop {
        // A check that is sent before the hang is answered at once.
        let hangs = sent >= at(at_ms);
        let outcome = if hangs { LATE } else { OK };
        let ended = if hangs { sent + config.timeout } else { sent };
        if health.on_result(config, outcome) == Some(Fails) {
            return ended.since(at(at_ms)).as_ns() / 1_000_000;
        }
        sent = config.next_at(health, at(phase_ms), sent, ended);
    }
}

#[test]
fn a_hang_is_found_between_the_sums_that_the_schedule_allows() {
    // Ticks: U(0, P) + (k - 1) max(P, T) + T. After the end: U(0, P) + (k - 1)(P + T) + T.
    let ticks = kubernetes(FirstRule::In);
    let slow = HealthConfig {
        timeout: secs(15),
        ..ticks.clone()
    };
    let after_end = HealthConfig {
        schedule: Schedule::AfterEnd,
        ..ticks.clone()
    };
    let quick = HealthConfig {
        every_pending: secs(2),
        ..after_end.clone()
    };
    let rows = [
        (&ticks, 21_000),
        (&slow, 45_000),
        (&after_end, 23_000),
        (&quick, 7_000),
    ];
    for (config, least) in rows {
        let mut sum = 0;
        for phase in 0..1_000 {
            let found = found_after(config, phase * 10, 40_000);
            assert!((least..least + 10_000).contains(&found), "{found}");
            sum += found;
        }
        assert_eq!(sum / 1_000, least + 4_995, "phases are 10 ms apart");
    }
}

/// `HAProxy`'s one counter: up from `rise` on, `rise + fall - 1` at most.
struct Counter {
    health: u32,
    rise: u32,
    fall: u32,
}

impl Counter {
    fn fails(&mut self) {
        if self.health > self.rise {
            self.health -= 1;
        } else {
            self.health = 0;
        }
    }

    /// `src/check.c`: a check, and `__health_adjust` at the error limit.
    fn play(&mut self, event: usize) {
        match event {
            0 if self.health + 1 >= self.rise => self.health = self.rise + self.fall - 1,
            0 => self.health += 1,
            1 | 2 => self.fails(),
            3 => {
                if self.health > self.rise {
                    self.health = self.rise + 1;
                }
                self.fails();
            }
            _ => {
                self.health = self.rise;
                self.fails();
            }
        }
    }
}

#[test]
fn rule_54_errors_of_traffic_move_the_counter_of_haproxy_as_its_own_checks_do() {
    for (rise, fall) in [(2, 3), (1, 1), (3, 2), (2, 5)] {
        let config = HealthConfig {
            passes: rise,
            fails: fall,
            ..haproxy()
        };
        for number in 0..5_usize.pow(7) {
            let (mut health, mut left) = (Health::checked(), number);
            let mut counter = Counter {
                health: rise + fall - 1,
                rise,
                fall,
            };
            for _ in 0..7 {
                let event = left % 5;
                left /= 5;
                counter.play(event);
                let before = health.is_in(&config);
                let verdict = match event {
                    0 => health.on_result(&config, OK),
                    1 => health.on_result(&config, LATE),
                    2 => health.fail(&config),
                    3 => {
                        health.come_to_the_brink(&config);
                        health.fail(&config)
                    }
                    _ => health.fall(),
                };
                let is_up = counter.health >= rise;
                assert_eq!(health.is_in(&config), is_up, "{rise} {fall} {number}");
                let turned = before != is_up;
                assert_eq!(verdict.is_some(), turned, "{rise} {fall} {number}");
            }
        }
    }
}

#[test]
fn rule_54_envoys_two_counters_and_its_first_check_are_this_machine() {
    // As `ActiveHealthCheckSession` of health_checker_base_impl.cc has them.
    let config = envoy();
    for sequence in 0..3_u32.pow(8) {
        let mut health = Health::started();
        let (mut first, mut failed) = (true, true);
        let (mut healthy, mut unhealthy) = (0, 0);
        for place in 0..8 {
            let outcome = [OK, LATE, STATUS][(sequence / 3_u32.pow(place) % 3) as usize];
            health.on_result(&config, outcome);
            let mut pending = false;
            if outcome == OK {
                unhealthy = 0;
                if failed {
                    healthy += u32::from(!first);
                    failed = !(first || healthy == config.passes);
                    pending = failed;
                }
            } else {
                healthy = 0;
                if !failed {
                    unhealthy += u32::from(outcome == LATE);
                    failed = outcome == STATUS || unhealthy == config.fails;
                    pending = !failed;
                }
            }
            first = false;
            assert_eq!(health.is_in(&config), !failed, "{sequence} at {place}");
            let pause = match (pending, outcome == OK) {
                (true, _) => config.every_pending,
                (false, true) => config.every,
                (false, false) => config.every_failed,
            };
            assert_eq!(health.pause(&config), pause, "{sequence} at {place}");
        }
    }
}

#[test]
fn rule_54_kubernetes_runs_of_equal_results_are_this_machine() {
    // As `doProbe` of prober/worker.go has it, from a start.
    let config = HealthConfig {
        fails: 2,
        passes: 3,
        ..kubernetes(FirstRule::Out)
    };
    for sequence in 0..1_u32 << 12 {
        let mut health = Health::started();
        let (mut last, mut run, mut is_in) = (None, 0, false);
        for bit in 0..12 {
            let passed = sequence >> bit & 1 == 1;
            health.on_result(&config, if passed { OK } else { LATE });
            run = if last == Some(passed) { run + 1 } else { 1 };
            last = Some(passed);
            if run >= if passed { config.passes } else { config.fails } {
                is_in = passed;
            }
            assert_eq!(health.is_in(&config), is_in, "{sequence:b} at {bit}");
        }
    }
}

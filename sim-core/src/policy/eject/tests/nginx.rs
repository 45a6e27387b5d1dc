//! nginx' `max_fails` and `fail_timeout`.

use super::*;

fn nginx(failures_allowed: u32, seconds: u32) -> EjectionConfig {
    EjectionConfig {
        rule: EjectionRule::Quiet(QuietPeriod {
            failures: failures_allowed,
            seconds,
            on: failures(),
            cuts_weight: true,
        }),
        most: MaxEjected::UNLIMITED,
    }
}

#[test]
fn rule_55_a_failure_leaves_out_until_the_second_after_the_quiet_period() {
    let mut watch = Watch::new(nginx(1, 10), 2);
    watch.plays(&[
        (900, On::Sent(0), ""),
        (999, bad(0, 1), "0 out by quiet_period k=1 until 11s"),
        (10_999, On::Due, ""),
        (11_000, On::Due, "0 on trial"),
        (11_400, On::Sent(0), "0 tried"),
        (11_500, good(0, 1), "0 back by trial after 10.501s"),
        (12_000, On::Sent(0), ""),
        (12_100, bad(0, 1), "0 out by quiet_period k=1 until 23s"),
    ]);
    assert_eq!(watch.due(), Some(23_000));
}

#[test]
fn rule_55_a_trial_that_fails_begins_the_time_anew_and_one_without_answer_lets_another_go() {
    let mut watch = Watch::new(nginx(1, 10), 2);
    watch.plays(&[
        (0, bad(0, 1), "0 out by quiet_period k=1 until 11s"),
        (11_000, On::Due, "0 on trial"),
        (15_000, On::Sent(0), "0 tried"),
        (16_000, bad(0, 1), "0 out by trial k=2 until 27s"),
        (27_000, On::Due, "0 on trial"),
        (27_500, On::Sent(0), "0 tried"),
        (37_999, On::Due, ""),
        (38_000, On::Due, "0 on trial"),
        (38_000, On::Sent(0), "0 tried"),
        // The answer of either is good enough.
        (39_000, good(0, 1), "0 back by trial after 39s"),
    ]);
}

#[test]
fn rule_55_failures_add_up_without_a_quiet_period_although_successes_come_between() {
    let mut watch = Watch::new(nginx(3, 4), 2);
    watch.plays(&[
        (0, On::Sent(0), ""),
        (0, bad(0, 1), ""),
        (3_000, On::Sent(0), ""),
        (3_000, good(0, 1), ""),
        (3_100, bad(0, 1), ""),
        (6_000, On::Sent(0), ""),
        (6_000, good(0, 1), ""),
        (6_100, bad(0, 1), "0 out by quiet_period k=3 until 11s"),
    ]);
    let mut watch = Watch::new(nginx(3, 4), 2);
    watch.plays(&[
        (0, bad(0, 2), ""),
        // Four seconds are not more than four.
        (4_900, On::Sent(0), ""),
        (4_950, good(0, 1), ""),
        (5_000, On::Sent(0), ""),
        (5_100, good(0, 1), ""),
        (5_200, bad(0, 2), ""),
        (5_300, bad(0, 1), "0 out by quiet_period k=3 until 10s"),
    ]);
}

#[test]
fn rule_55_a_late_success_forgives_nothing_and_a_late_failure_makes_it_longer() {
    let mut watch = Watch::new(nginx(1, 10), 2);
    watch.plays(&[
        (0, bad(0, 1), "0 out by quiet_period k=1 until 11s"),
        (5_000, good(0, 1), ""),
        (6_000, bad(0, 1), ""),
        (11_000, On::Due, ""),
    ]);
    assert_eq!(watch.due(), Some(17_000));
    watch.plays(&[(17_000, On::Due, "0 on trial"), (17_001, good(0, 1), "")]);
}

#[test]
fn rule_55_one_that_is_alone_is_never_left_out() {
    let mut watch = Watch::new(nginx(1, 10), 1);
    watch.plays(&[(0, bad(0, 9), "")]);
    let mut watch = Watch::new(nginx(1, 10), 2);
    let both = "0 out by quiet_period k=1 until 11s";
    watch.plays(&[
        (0, bad(0, 1), both),
        (1, bad(1, 1), "1 out by quiet_period k=1 until 11s"),
    ]);
}

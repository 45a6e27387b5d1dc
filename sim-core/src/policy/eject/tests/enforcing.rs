//! What Envoy may leave undone, and what it tells apart: enforcing percentages, one host at least,
//! local-origin failures.

use super::*;

/// Failures that Envoy makes itself: there is no answer.
fn local() -> OutcomeSet {
    OutcomeSet::of(&[
        Outcome::ErrorRefused,
        Outcome::ErrorReset,
        Outcome::TimeoutConnect,
        Outcome::TimeoutResponse,
    ])
}

fn refused(slot: u32, times: u32) -> On {
    On::Results(slot, times, Outcome::ErrorRefused)
}

#[test]
fn rule_55_a_verdict_that_is_not_carried_out_resets_its_counter() {
    // The lots of the tests are 0.1, 0.2, 0.3, and so on.
    let mut config = envoy(50.0);
    change(&mut config, |rules| {
        rules.consecutive[0].enforce = Enforced::of(share(25.0));
        rules.sweep = None;
    });
    let mut watch = Watch::new(config, 4);
    watch.plays(&[
        (0, bad(0, 5), "0 out by consecutive k=1 until 30s"),
        (1, bad(1, 5), "1 out by consecutive k=1 until 30.001s"),
        // Beyond the ceiling nobody draws.
        (2, bad(2, 5), "2 stopped by consecutive"),
    ]);
    let mut config = envoy(100.0);
    change(&mut config, |rules| {
        rules.consecutive[0].enforce = Enforced::of(share(15.0));
        rules.sweep = None;
    });
    let mut watch = Watch::new(config, 4);
    watch.plays(&[
        (0, bad(0, 5), "0 out by consecutive k=1 until 30s"),
        (1, On::Dies, "0 back by forgotten after 1ms"),
    ]);
    let mut config = envoy(100.0);
    change(&mut config, |rules| {
        rules.consecutive[0].enforce = Enforced::of(share(10.0));
    });
    let mut watch = Watch::new(config, 4);
    watch.plays(&[
        // 0.1 is not below 10 %; five more are the next verdict.
        (0, bad(0, 9), ""),
        (1, bad(0, 1), ""),
    ]);
}

#[test]
fn rule_55_gateway_errors_are_counted_and_not_enforced_by_default() {
    let mut config = envoy(100.0);
    change(&mut config, |rules| {
        rules.consecutive.push(Consecutive {
            failures: 3,
            on: OutcomeSet::of(&[Outcome::ErrorUnavailable]),
            ignores: OutcomeSet::EMPTY,
            enforce: Enforced::of(share(0.0)),
        });
    });
    let mut watch = Watch::new(config, 4);
    let gone = |times| On::Results(0, times, Outcome::ErrorUnavailable);
    watch.plays(&[
        (0, gone(3), ""),
        (1, gone(1), ""),
        (2, gone(1), "0 out by consecutive k=1 until 30.002s"),
    ]);
}

#[test]
fn rule_55_one_may_be_out_whatever_the_share() {
    let with = |at_least_one: bool| {
        let mut config = envoy(10.0);
        if at_least_one {
            config.most = config.most.or_one();
        }
        Watch::new(config, 3)
    };
    with(false).plays(&[(0, bad(0, 5), "0 stopped by consecutive")]);
    with(true).plays(&[
        (0, bad(0, 5), "0 out by consecutive k=1 until 30s"),
        (1, bad(1, 5), "1 stopped by consecutive"),
        (2, On::Check(0), "0 back by check after 2ms"),
        (3, bad(1, 5), "1 out by consecutive k=1 until 30.003s"),
    ]);
}

#[test]
fn rule_55_failures_of_local_origin_are_a_row_of_their_own() {
    let mut config = envoy(100.0);
    change(&mut config, |rules| {
        rules.consecutive[0].ignores = local();
        rules.consecutive.push(Consecutive {
            failures: 3,
            on: local(),
            ignores: OutcomeSet::EMPTY,
            enforce: Enforced::ALWAYS,
        });
    });
    let mut watch = Watch::new(config, 4);
    watch.plays(&[
        // What gets no answer neither counts among the answers nor ends their row,
        (0, bad(0, 4), ""),
        (1, refused(0, 2), ""),
        (2, bad(0, 1), "0 out by consecutive k=1 until 30.002s"),
        // but an answer, however bad, ends the row of those without one.
        (3, refused(1, 2), ""),
        (4, bad(1, 1), ""),
        (5, refused(1, 2), ""),
        (
            6,
            refused(1, 1),
            "1 out by consecutive[2] k=1 until 30.006s",
        ),
    ]);
}

#[test]
fn rule_55_a_rate_does_not_look_at_what_is_ignored() {
    let mut config = envoy(100.0);
    change(&mut config, |rules| {
        rules.consecutive.clear();
        if let Some(rate) = &mut rules.success_rate {
            rate.ignores = local();
        }
    });
    let mut watch = Watch::new(config, 5);
    for slot in 0..4 {
        watch.plays(&[(0, good(slot, 100), "")]);
    }
    watch.plays(&[
        // 99 answers are too few, whatever had none.
        (1, good(4, 98), ""),
        (2, bad(4, 1), ""),
        (3, refused(4, 100), ""),
        (10_000, On::Sweep, ""),
    ]);
    for slot in 0..4 {
        watch.plays(&[(10_001, good(slot, 100), "")]);
    }
    watch.plays(&[
        (10_002, good(4, 99), ""),
        (10_003, bad(4, 1), ""),
        (20_000, On::Sweep, "4 out by success_rate k=1 until 50s"),
    ]);
}

#[test]
fn rule_55_who_is_out_by_its_rate_still_counts_among_the_hosts_of_the_share() {
    let mut config = envoy(100.0);
    change(&mut config, |rules| {
        rules.consecutive.clear();
        rules.failure_share = Some(FailureShare {
            at: ShareAt::at_least(share(20.0)),
            min_instances: 5,
            min_calls: 50,
            on: failures(),
            ignores: OutcomeSet::EMPTY,
            enforce: Enforced::ALWAYS,
        });
    });
    let mut watch = Watch::new(config, 5);
    for slot in 0..3 {
        watch.plays(&[(0, good(slot, 100), "")]);
    }
    // 20 % and 100 % of failures: only the worse one is an outlier by its rate.
    watch.plays(&[
        (1, good(3, 80), ""),
        (2, bad(3, 20), ""),
        (3, bad(4, 100), ""),
        (
            10_000,
            On::Sweep,
            "4 out by success_rate k=1 until 40s, 3 out by failure_share k=1 until 40s",
        ),
    ]);
}

#[test]
fn rule_55_so_many_errors_in_a_row_are_told_to_the_check_and_eject_nobody() {
    let mut config = envoy(100.0);
    change(&mut config, |rules| {
        rules.on_errors = OnErrors::FailCheck;
        rules.consecutive[0].failures = 10;
    });
    let mut watch = Watch::new(config, 2);
    watch.plays(&[
        (0, bad(0, 9), ""),
        (1, good(0, 1), ""),
        (2, bad(0, 9), ""),
        (3, bad(0, 1), "0 suspected: FailCheck"),
        (4, bad(0, 9), ""),
        (5, bad(0, 1), "0 suspected: FailCheck"),
    ]);
}

//! Linkerd's trials, and returns at the end of the time.

use super::*;

fn linkerd() -> EjectionConfig {
    let mut config = envoy(100.0);
    change(&mut config, |rules| {
        rules.consecutive[0].failures = 7;
        rules.success_rate = None;
        rules.sweep = None;
        rules.returns = Returns::OneTrial;
        rules.time = EjectTime {
            base: secs(1),
            growth: EjectGrowth::Exponential,
            max: secs(60),
            jitter: EjectJitter::Span(SimDuration::ZERO),
        };
    });
    config
}

#[test]
fn rule_55_linkerd_doubles_the_time_of_who_fails_its_trial() {
    let mut watch = Watch::new(linkerd(), 2);
    watch.plays(&[
        (0, bad(0, 6), ""),
        (1, good(0, 1), ""),
        (2, bad(0, 6), ""),
        (1_000, bad(0, 1), "0 out by consecutive k=1 until 2s"),
        // Who is shut hears nothing.
        (1_500, good(0, 3), ""),
        (1_999, On::Due, ""),
        (2_000, On::Due, "0 on trial"),
        (2_300, On::Sent(0), "0 tried"),
        (2_301, On::Sent(0), ""),
        (2_400, bad(0, 1), "0 out by trial k=2 until 4.4s"),
        (4_400, On::Due, "0 on trial"),
        (4_500, On::Sent(0), "0 tried"),
        (4_600, bad(0, 1), "0 out by trial k=3 until 8.6s"),
        (8_600, On::Due, "0 on trial"),
        (8_700, On::Sent(0), "0 tried"),
        // Nothing is said by what was cancelled.
        (8_800, On::Results(0, 1, Outcome::Cancelled), ""),
        (9_000, good(0, 1), "0 back by trial after 8s"),
        (9_001, bad(0, 6), ""),
        (9_002, bad(0, 1), "0 out by consecutive k=1 until 10.002s"),
    ]);
}

#[test]
fn rule_55_the_first_result_decides_a_trial_of_whichever_attempt() {
    let mut watch = Watch::new(linkerd(), 2);
    watch.plays(&[
        (0, bad(0, 7), "0 out by consecutive k=1 until 1s"),
        (1_000, On::Due, "0 on trial"),
        (1_001, good(0, 1), "0 back by trial after 1.001s"),
    ]);
}

#[test]
#[expect(clippy::float_cmp, reason = "whole seconds are exact")]
fn rule_55_exponential_growth_has_a_maximum() {
    let rule = match linkerd().rule {
        EjectionRule::Outliers(rules) => rules.time,
        EjectionRule::Quiet(_) => unreachable!(),
    };
    let spans = [1, 2, 3, 6, 7, 8, 63, 64, 65, 200].map(|k| rule.span(k, || 0.5).as_secs_f64());
    assert_eq!(
        spans,
        [1.0, 2.0, 4.0, 32.0, 60.0, 60.0, 60.0, 60.0, 60.0, 60.0]
    );
}

#[test]
#[expect(clippy::float_cmp, reason = "whole seconds are exact")]
fn rule_55_a_jitter_that_is_a_share_stays_within_the_maximum() {
    let time = EjectTime {
        base: secs(4),
        growth: EjectGrowth::Exponential,
        max: secs(10),
        jitter: EjectJitter::Share(share(50.0)),
    };
    let spans = [1, 2, 3].map(|k| time.span(k, || 0.5).as_secs_f64());
    assert_eq!(spans, [5.0, 10.0, 10.0]);
}

#[test]
fn rule_55_exact_returns_come_at_the_end_of_the_time() {
    let mut config = envoy(100.0);
    change(&mut config, |rules| {
        rules.returns = Returns::Exact;
        rules.time.growth = EjectGrowth::None;
    });
    let mut watch = Watch::new(config, 2);
    watch.plays(&[
        (123, bad(0, 5), "0 out by consecutive k=1 until 30.123s"),
        (30_000, On::Sweep, ""),
        (30_122, On::Due, ""),
        (30_123, On::Due, "0 back by time after 30s"),
        (30_124, bad(0, 5), "0 out by consecutive k=2 until 60.124s"),
    ]);
    assert_eq!(watch.due(), Some(60_124));
}

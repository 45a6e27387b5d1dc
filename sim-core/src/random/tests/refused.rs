//! What is no distribution, and what the person who asked for it is told.

use super::samples::{ms, share};
use crate::random::{Dist, DistError};

fn refused(dist: Result<Dist, DistError>) -> String {
    dist.unwrap_err().to_string()
}

#[test]
fn messages_say_the_fact_the_limit_and_a_hint() {
    let messages = [
        refused(Dist::exponential(ms(0))),
        refused(Dist::uniform(ms(9), ms(3))),
        refused(Dist::normal(ms(9), ms(0))),
        refused(Dist::lognormal_mean_p99(ms(20), ms(298))),
        refused(Dist::lognormal_mean_p99(ms(20), ms(20))),
        refused(Dist::lognormal_median_sigma(ms(20), 11.0)),
        refused(Dist::lognormal_median_sigma(ms(1_000_000), 9.0)),
        refused(Dist::gamma(ms(20), f64::NAN)),
        refused(Dist::erlang(ms(20), 0)),
        refused(Dist::weibull(ms(20), -1.0)),
        refused(Dist::pareto_mean(ms(20), 1.0, None)),
        refused(Dist::pareto_mean(ms(20), 1.0, Some(ms(20)))),
        refused(Dist::hyperexponential_cv(ms(20), 0.5)),
        refused(Dist::hyperexponential(vec![(share(0.9), ms(1))])),
        refused(Dist::empirical(vec![])),
        refused(Dist::mixture(vec![])),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn the_limits_of_a_lognormal_p99_are_just_inside() {
    assert!(Dist::lognormal_mean_p99(ms(10), ms(148)).is_ok());
    assert!(Dist::lognormal_mean_p99(ms(10), ms(149)).is_err());
    assert!(Dist::lognormal_mean_p99(ms(1_000), ms(1_001)).is_ok());
    assert!(Dist::lognormal_mean_p99(ms(1_000), ms(1_000)).is_err());
}

#[test]
fn an_infinite_mean_is_said_to_be_the_longest_span() {
    let heavy = Dist::pareto_low(ms(1), 1.0, None).unwrap();
    assert_eq!(heavy.mean(), crate::time::SimDuration::MAX);
    assert!(heavy.variance_ns2().is_infinite());
    let mean_only = Dist::pareto_low(ms(1), 1.5, None).unwrap();
    assert_eq!(mean_only.mean(), ms(3));
    assert!(mean_only.variance_ns2().is_infinite());
}

#[test]
fn only_a_constant_is_constant() {
    assert!(Dist::constant(ms(5)).unwrap().is_constant());
    assert!(!Dist::exponential(ms(5)).unwrap().is_constant());
}

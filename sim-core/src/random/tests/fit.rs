//! Whether samples follow their distributions, at fixed seeds: neither too badly nor too well.

use super::samples::{continuous, lumpy, ms, share, site, values};
use crate::random::detmath::{exp, sqrt};
use crate::random::{Dist, Draws, Uniforms};
use statrs::distribution::{ChiSquared, ContinuousCDF};

const SAMPLES: usize = 100_000;

/// A probability so small or so near to 1 that it would be a wonder.
fn assert_credible(name: &str, p: f64) {
    assert!((1e-4..=1.0 - 1e-4).contains(&p), "{name}: p = {p}");
}

/// The chance of a larger Kolmogorov-Smirnov distance: the limiting series, with Stephens's
/// correction (1970) for finite samples.
fn kolmogorov_p(distance: f64) -> f64 {
    let root = sqrt(SAMPLES as f64);
    let scaled = distance * (root + 0.12 + 0.11 / root);
    let term = |k: u32| exp(-2.0 * f64::from(k * k) * scaled * scaled);
    let signed = |k: u32| if k % 2 == 1 { term(k) } else { -term(k) };
    2.0 * (1..100).map(signed).sum::<f64>()
}

fn chi_squared_p(observed: &[u32], expected: f64) -> f64 {
    let statistic = observed.iter().fold(0.0, |sum, &count| {
        let offset = f64::from(count) - expected;
        sum + offset * offset / expected
    });
    let freedom = observed.len() as f64 - 1.0;
    ChiSquared::new(freedom).unwrap().sf(statistic)
}

#[test]
fn values_follow_their_cdf() {
    for (name, dist) in continuous() {
        let mut sorted: Vec<_> = values(name, &dist).take(SAMPLES).collect();
        sorted.sort_unstable();
        let distance = sorted
            .iter()
            .enumerate()
            .fold(0.0, |worst: f64, (i, &value)| {
                let cdf = dist.cdf(value);
                let (below, upto) = (i as f64 / SAMPLES as f64, (i + 1) as f64 / SAMPLES as f64);
                worst.max(cdf - below).max(upto - cdf)
            });
        assert_credible(name, kolmogorov_p(distance));
    }
}

#[test]
fn values_stay_between_the_least_and_the_greatest() {
    for (name, dist) in continuous().into_iter().chain(lumpy()) {
        let values: Vec<_> = values(name, &dist).take(SAMPLES).collect();
        let (least, greatest) = (dist.least(), dist.greatest());
        assert!(values.iter().all(|&value| value >= least), "{name}");
        let is_below = |value| greatest.is_none_or(|greatest| value <= greatest);
        assert!(values.iter().all(|&value| is_below(value)), "{name}");
    }
}

#[test]
fn the_least_and_the_greatest_are_the_limits_given() {
    let check = |dist: &Dist, least, greatest| {
        assert_eq!(
            (dist.least(), dist.greatest()),
            (least, greatest),
            "{dist:?}"
        );
    };
    let all = continuous().into_iter().chain(lumpy());
    let all: std::collections::BTreeMap<_, _> = all.collect();
    check(&all["constant"], ms(20), Some(ms(20)));
    check(&all["uniform"], ms(5), Some(ms(20)));
    check(
        &all["pareto cut at one"],
        all["pareto cut at one"].least(),
        Some(ms(900)),
    );
    check(&all["empirical"], ms(1), Some(ms(9)));
    check(&all["shifted"], ms(7), None);
    check(&all["mixture"], ms(5), None);
    for name in [
        "exponential",
        "normal",
        "lognormal cv",
        "gamma",
        "weibull rising",
    ] {
        check(&all[name], ms(0), None);
    }
    let never = vec![
        (share(1.0), ms(5).into()),
        (share(0.0), all["mixture"].clone()),
    ];
    check(&Dist::mixture(never).unwrap(), ms(5), Some(ms(5)));
}

#[test]
fn means_and_variances_follow_their_formulas() {
    for (name, dist) in continuous().into_iter().chain(lumpy()) {
        let values: Vec<f64> = values(name, &dist)
            .take(SAMPLES)
            .map(|value| value.as_ns_f64() - dist.mean_ns())
            .collect();
        let moment = |k: u32| {
            let power = |v: &f64| (0..k).fold(1.0, |product, _| product * v);
            values.iter().map(power).sum::<f64>() / SAMPLES as f64
        };
        let variance = dist.variance_ns2();
        let error_of_mean = sqrt(variance / SAMPLES as f64);
        assert!(moment(1).abs() <= 5.0 * error_of_mean, "mean of {name}");
        let spread_of_squares = moment(4) - moment(2) * moment(2);
        let error_of_variance = sqrt(spread_of_squares / SAMPLES as f64);
        let offset = moment(2) - variance;
        assert!(
            offset.abs() <= 5.0 * error_of_variance,
            "variance of {name}"
        );
    }
}

#[test]
fn uniform_draws_fill_all_cells() {
    let mut low = [0; 256];
    let mut open = [0; 256];
    let mut draws = Draws::new(site("cells"), 1);
    for _ in 0..SAMPLES {
        low[(draws.next_u64() & 0xFF) as usize] += 1;
        open[(draws.open01() * 256.0) as usize] += 1;
    }
    let expected = SAMPLES as f64 / 256.0;
    assert_credible("low bits", chi_squared_p(&low, expected));
    assert_credible("open interval", chi_squared_p(&open, expected));
}

#[test]
fn whole_numbers_are_equally_likely() {
    for n in [2_u64, 7, 100] {
        let mut counts = vec![0; n as usize];
        for key in 0..SAMPLES as u64 {
            counts[Draws::new(site("below"), key).below(n) as usize] += 1;
        }
        let p = chi_squared_p(&counts, SAMPLES as f64 / n as f64);
        assert_credible("below", p);
    }
}

#[test]
fn listed_values_are_equally_likely() {
    let listed: Vec<_> = (1..=10).map(ms).collect();
    let dist = Dist::empirical(listed.clone()).unwrap();
    let mut counts = [0; 10];
    for value in values("listed", &dist).take(SAMPLES) {
        counts[listed.binary_search(&value).unwrap()] += 1;
    }
    assert_credible("empirical", chi_squared_p(&counts, SAMPLES as f64 / 10.0));
}

#[test]
fn the_parameters_asked_for_are_the_ones_met() {
    let close = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-6, "{a} is not {b}");
    let p99 = Dist::lognormal_mean_p99(ms(20), ms(90)).unwrap();
    close(p99.cdf(ms(90)), 0.99);
    close(p99.mean_ns(), 20e6);
    for cv in [0.1, 1.0, 5.0] {
        for dist in [Dist::lognormal_mean_cv(ms(20), cv), Dist::gamma(ms(20), cv)] {
            let dist = dist.unwrap();
            close(dist.mean_ns(), 20e6);
            close(dist.variance_ns2(), 400e12 * cv * cv);
        }
    }
    let balanced = Dist::hyperexponential_cv(ms(20), 3.0).unwrap();
    close(balanced.variance_ns2(), 9.0 * 400e12);
    for shape in [0.3, 1.0, 1.5, 2.0, 30.0] {
        let cut = Dist::pareto_mean(ms(20), shape, Some(ms(500))).unwrap();
        close(cut.mean_ns(), 20e6);
        let weibull = Dist::weibull(ms(20), shape).unwrap();
        close(weibull.mean_ns(), 20e6);
    }
}

#[test]
fn a_larger_parameter_never_gives_a_smaller_value() {
    let pairs = [
        (Dist::exponential(ms(20)), Dist::exponential(ms(21))),
        (Dist::normal(ms(20), ms(9)), Dist::normal(ms(21), ms(9))),
        (Dist::gamma(ms(20), 0.5), Dist::gamma(ms(21), 0.5)),
        (Dist::weibull(ms(20), 0.7), Dist::weibull(ms(21), 0.7)),
        (
            Dist::lognormal_mean_cv(ms(20), 1.0),
            Dist::lognormal_mean_cv(ms(21), 1.0),
        ),
        (
            Dist::pareto_low(ms(20), 1.5, Some(ms(90))),
            Dist::pareto_low(ms(20), 1.4, Some(ms(90))),
        ),
    ];
    for (small, large) in pairs {
        let (small, large) = (small.unwrap(), large.unwrap());
        for (a, b) in values("pairs", &small)
            .zip(values("pairs", &large))
            .take(2_000)
        {
            assert!(a <= b, "{small:?} gave {a}, {large:?} gave {b}");
        }
    }
}

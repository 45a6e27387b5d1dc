//! The exact bits of the first 64 values of everything. A change here changes every result: it is
//! named in the changelog and raises the engine semantics.

use super::samples::{continuous, lumpy, values};
use crate::random::{Draws, KeySource, SiteKey, Uniforms, child_key, detmath, special};
use std::fmt::Write;

/// A named line of 64 numbers, eight to a row.
fn rows(title: &str, numbers: impl Iterator<Item = String>) -> String {
    let mut text = format!("{title}\n");
    for row in numbers.take(64).collect::<Vec<_>>().chunks(8) {
        writeln!(text, "  {}", row.join(" ")).unwrap();
    }
    text
}

fn words(source: &mut impl Uniforms) -> impl Iterator<Item = String> {
    (0..64).map(|_| format!("{:016x}", source.next_u64()))
}

#[test]
fn generators() {
    let keys = KeySource::new(1, 0);
    let mut text = rows(
        "keyed draws of key 5",
        words(&mut Draws::new(SiteKey(7), 5)),
    );
    text += &rows(
        "stream",
        words(&mut keys.stream(&["clients", "shoppers"], "arrivals")),
    );
    let chain = (0..64).scan(1, |key, number| {
        *key = child_key(*key, number, 2);
        Some(format!("{key:016x}"))
    });
    text += &rows("child keys", chain);
    insta::assert_snapshot!(text);
}

#[test]
fn site_keys_of_corner_seeds() {
    let mut text = String::new();
    for seed in [0, 1, 1 << 32, 1 << 63, u64::MAX] {
        for replication in [0, 1, u64::MAX] {
            let keys = KeySource::new(seed, replication);
            let SiteKey(site) = keys.site(&["services", "payments"], "work");
            let word = keys.stream(&["services", "payments"], "work").next_u64();
            writeln!(text, "{seed:>20} {replication:>20} {site:016x} {word:016x}").unwrap();
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn distributions() {
    let mut text = String::new();
    for (name, dist) in continuous().into_iter().chain(lumpy()) {
        text += &rows(name, values(name, &dist).map(|v| v.as_ns().to_string()));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn mathematics() {
    // Multiples of odd fractions, so that no argument is special: small, then large.
    let positive = |i: u32| 0.000_37 + f64::from(i * i * i) * 0.001_3;
    let any = |i: u32| (f64::from(i) - 31.7) * 0.617;
    let unit = |i: u32| (f64::from(i) + 0.37) / 64.0;
    let mut text = String::new();
    let mut pin = |name: &str, value: &dyn Fn(u32) -> f64| {
        text += &rows(
            name,
            (0..64).map(|i| format!("{:016x}", value(i).to_bits())),
        );
    };
    pin("ln", &|i| detmath::ln(positive(i)));
    pin("ln_1p", &|i| detmath::ln_1p(positive(i)));
    pin("exp", &|i| detmath::exp(any(i)));
    pin("exp_m1", &|i| detmath::exp_m1(any(i)));
    pin("pow", &|i| detmath::pow(positive(i), any(63 - i)));
    pin("sqrt", &|i| detmath::sqrt(positive(i)));
    pin("sin", &|i| detmath::sin(any(i)));
    pin("cos", &|i| detmath::cos(any(i)));
    pin("tanh", &|i| detmath::tanh(any(i)));
    pin("erfc", &|i| detmath::erfc(any(i)));
    pin("gamma", &|i| detmath::gamma(unit(i) * 20.0));
    pin("ln_gamma", &|i| detmath::ln_gamma(positive(i)));
    pin("normal quantile", &|i| special::normal_quantile(unit(i)));
    pin("normal cdf", &|i| special::normal_cdf(any(i)));
    pin("gamma cdf", &|i| {
        special::gamma_cdf(unit(i) * 9.0, unit(63 - i) * 20.0)
    });
    insta::assert_snapshot!(text);
}

//! Neighbouring streams, sites, calls and draws have nothing to do with each other.

use crate::random::{Draws, KeySource, SiteKey, Uniforms, child_key, uniform};

const DRAWS: u64 = 20_000;

/// Standard score of the correlation of pairs of uniform numbers.
fn score(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let product = |(a, b): (f64, f64)| 12.0 * (a - 0.5) * (b - 0.5);
    pairs.map(product).sum::<f64>() / (DRAWS as f64).sqrt()
}

fn assert_unrelated(what: &str, pairs: impl Iterator<Item = (f64, f64)>) {
    let score = score(pairs);
    assert!(score.abs() < 5.0, "{what}: {score} standard errors");
}

#[test]
fn neighbouring_streams() {
    for number in 0..20 {
        let stream = |seed, replication, number: u32| {
            let path = ["services", &format!("instance{number}")];
            KeySource::new(seed, replication).stream(&path, "faults")
        };
        for mut other in [
            stream(1, 0, number + 1),
            stream(1, 1, number),
            stream(2, 0, number),
        ] {
            let mut this = stream(1, 0, number);
            let pairs = (0..DRAWS).map(|_| (this.open01(), other.open01()));
            assert_unrelated("streams", pairs);
        }
    }
}

#[test]
fn neighbouring_calls_sites_and_draws() {
    for number in 0..20 {
        let (this, other) = (SiteKey(number), SiteKey(number + 1));
        assert_unrelated(
            "sites",
            (0..DRAWS).map(|key| (uniform(this, key), uniform(other, key))),
        );
        assert_unrelated(
            "calls",
            (0..DRAWS).map(|key| (uniform(this, 2 * key), uniform(this, 2 * key + 1))),
        );
        let draws = (0..DRAWS).map(|key| Draws::new(this, child_key(number, key, 0)));
        assert_unrelated(
            "draws",
            draws.map(|mut draws| (draws.open01(), draws.open01())),
        );
    }
}

#[test]
fn corner_seeds_are_as_good_as_any() {
    for seed in [0, 1, 1 << 32, 1 << 63, u64::MAX] {
        let keys = KeySource::new(seed, 0);
        let site = keys.site(&["a"], "work");
        let mut stream = keys.stream(&["a"], "work");
        let pairs = (0..DRAWS).map(|key| (uniform(site, key), stream.open01()));
        assert_unrelated("site and stream of one name", pairs);
    }
}

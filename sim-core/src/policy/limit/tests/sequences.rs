//! Long sequences of limits, worked out by other programs that were written from the sources of
//! Netflix' concurrency-limits alone.

use super::*;
use crate::random::congruential::next;

/// The limit after each of 120 samples: for forty of them calls take long, before and after they do not.
fn limits(config: &ConcurrencyLimitConfig) -> Vec<u32> {
    let mut limit = ConcurrencyLimit::new(config, SimTime::ZERO);
    let (mut state, mut told) = (7, 20);
    let mut all = vec![];
    for n in 0..120_u64 {
        let slow = if n / 40 % 2 == 1 { 3 } else { 1 };
        let latency = u64::from(20 + next(&mut state) % 100) * slow;
        let inside = (told * (40 + next(&mut state) % 61) / 100).max(1);
        let outcome = match next(&mut state) % 9 {
            0 => Outcome::TimeoutResponse,
            _ => Outcome::Ok,
        };
        let end = (latency, inside, outcome);
        told = ends(&mut limit, config, ms(10_000 + n), end);
        all.push(told);
    }
    all
}

#[test]
fn rule_57_aimd_as_netflix_has_it() {
    let expected = [
        18, 19, 20, 21, 22, 22, 23, 20, 21, 22, 22, 23, 23, 24, 25, 26, 27, 28, 29, 29, 30, 31, 31,
        32, 32, 33, 34, 30, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 37, 38, 39, 40, 41,
        42, 43, 43, 43, 44, 45, 45, 45, 46, 47, 48, 48, 49, 50, 51, 51, 51, 52, 52, 53, 54, 55, 56,
        56, 57, 58, 59, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 54, 55, 56, 56, 57, 58, 59,
        60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 54, 55, 56, 57, 58, 59, 53, 54, 48, 49, 50, 45,
        40, 41, 42, 43, 44,
    ];
    assert_eq!(limits(&aimd((20, 10, 60))), expected);
}

#[test]
fn rule_57_vegas_as_netflix_has_it() {
    let rule = LimitRule::Vegas {
        smoothing: 1.0,
        probe_multiplier: 1e9,
    };
    let expected = [
        20, 20, 20, 20, 20, 20, 19, 18, 18, 18, 18, 17, 17, 16, 15, 14, 13, 12, 11, 11, 10, 9, 9,
        9, 9, 8, 8, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 13, 13, 12, 11, 10, 9, 8, 7, 6, 6, 6, 6, 6, 6, 6,
        6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6,
        6, 6, 6, 5, 5, 5, 5, 5, 11, 10, 10, 9, 9, 8, 8, 7, 7, 7, 7, 7, 7, 6, 6, 6, 12, 11, 10, 9,
        9, 8, 7, 7, 6, 5, 5, 5, 5, 5,
    ];
    assert_eq!(limits(&config(rule, (20, 1, 1000))), expected);
}

#[test]
fn rule_57_gradient2_as_netflix_has_it() {
    let expected = [
        20, 21, 22, 23, 24, 24, 24, 25, 25, 26, 26, 27, 28, 28, 29, 30, 31, 32, 32, 32, 33, 34, 34,
        35, 35, 36, 36, 37, 37, 38, 39, 40, 40, 40, 41, 42, 42, 43, 44, 45, 43, 39, 40, 37, 34, 31,
        32, 32, 32, 32, 29, 30, 30, 30, 31, 29, 28, 28, 26, 24, 24, 24, 24, 22, 22, 21, 20, 20, 20,
        20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 21, 22, 23, 24, 24, 24, 25, 26, 27,
        28, 28, 28, 29, 30, 31, 31, 32, 32, 33, 34, 34, 35, 36, 37, 38, 38, 39, 40, 40, 41, 41, 41,
        41, 42, 43, 44, 45,
    ];
    assert_eq!(limits(&gradient2()), expected);
}

//! Who fails at once draws the load: the share as a birth-death chain has it.

use super::*;

/// Instances that work, each with one thread; and one more that fails everything at once.
const OTHERS: u32 = 9;

/// The share of calls that meet the one that fails, when each goes to any of those with none
/// outstanding.
///
/// The others have none or one outstanding, since the one that fails always has none. So the number m
/// of those at work goes up by λ (n - m) / (n - m + 1), down by m μ; and a call that comes then goes to
/// the one that fails with 1 / (n - m + 1).
fn drawn(arrivals: f64, service_rate: f64) -> f64 {
    let mut weights = vec![1.0];
    for busy in 0..OTHERS {
        let idle = f64::from(OTHERS - busy);
        let up = arrivals * idle / (idle + 1.0);
        let down = f64::from(busy + 1) * service_rate;
        weights.push(weights[busy as usize] * up / down);
    }
    let total: f64 = weights.iter().sum();
    let idle = (0..=OTHERS).map(|busy| f64::from(OTHERS - busy));
    let drawn: f64 = weights
        .iter()
        .zip(idle)
        .map(|(w, idle)| w / (idle + 1.0))
        .sum();
    drawn / total
}

#[test]
fn an_instance_that_fails_at_once_draws_more_the_busier_the_others_are() {
    for (rate, at_least) in [(80, 1.4), (160, 2.3), (200, 2.9)] {
        let expected = drawn(rate.into(), 20.0);
        assert!(
            expected * f64::from(OTHERS + 1) > at_least,
            "{rate}: {expected}"
        );
        let settings = "instances: 10, threads: 1, balance: least_requests";
        let s = service("s", settings, "work: { exponential: { mean: 50ms } }");
        let faults =
            "faults:\n  bad: { at: 0s, service: s, instances: 1, errors: { share: 100% } }\n";
        agree(
            "black hole",
            &(open(rate, PATIENT, &s) + faults),
            400,
            &[("success", Sums::success, 1.0 - expected)],
        );
    }
}

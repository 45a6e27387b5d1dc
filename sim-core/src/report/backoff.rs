//! The waits of a policy's retries, as a table.

use crate::policy::{Overshoot, RetryConfig};
use crate::scenario::Policy;
use crate::time::SimDuration;
use serde::{Deserialize, Serialize};

/// Raised whenever a field of [`BackoffReport`] changes its name, meaning or unit.
pub const BACKOFF_SCHEMA_VERSION: u32 = 2;

/// How long the retries of a policy wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackoffReport {
    /// [`BACKOFF_SCHEMA_VERSION`] when it was written.
    pub backoff_schema_version: u32,
    /// Name of the policy.
    pub policy: String,
    /// Its retries, outermost first.
    pub retries: Vec<RetryWaitsReport>,
    /// The longest that a call can take \[ns\]; none if no timeout bounds an attempt, or waits have no
    /// limit.
    pub longest_call_ns: Option<u64>,
}

/// The waits of one retry layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryWaitsReport {
    /// Its name in the policy.
    pub layer: String,
    /// Tries in all, the first included \[count\].
    pub max_attempts: u32,
    /// The waits from the given draws; none without draws.
    pub waits_ns: Option<Vec<u64>>,
    /// What the waits can be; empty with draws.
    pub ranges: Vec<WaitRangeReport>,
    /// The waits after outcomes that have a backoff of their own; absent if none have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<WaitsAfterReport>,
    /// All waits together, at most \[ns\]; none if one is drawn without a limit.
    pub longest_waits_ns: Option<u64>,
    /// The longest that all tries and waits of this layer take \[ns\]; none if no timeout bounds an
    /// attempt, or waits have no limit.
    pub longest_ns: Option<u64>,
}

/// The waits after some outcomes, as if every try ended so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitsAfterReport {
    /// After which, in the order of the reference.
    pub on: Vec<String>,
    /// The waits from the given draws; none without draws.
    pub waits_ns: Option<Vec<u64>>,
    /// What the waits can be; empty with draws.
    pub ranges: Vec<WaitRangeReport>,
}

/// What the wait before one retry can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitRangeReport {
    /// Which retry, from 1.
    pub retry: u32,
    /// The least \[ns\].
    pub least_ns: u64,
    /// The mean \[ns\].
    pub mean_ns: u64,
    /// The greatest \[ns\]; none if it is drawn without a limit.
    pub greatest_ns: Option<u64>,
}

/// The waits of a policy: from these draws, or what they can be; at most so many of each layer.
pub fn backoff(policy: &Policy, draws: Option<&[f64]>, at_most: u32) -> BackoffReport {
    let longest = longest_inside_out(policy);
    let retries = policy.layers.iter().zip(&longest);
    let retries = retries.filter_map(|(layer, &longest)| {
        let config = layer.kind.retry()?;
        let (waits_ns, ranges) = waits(config, draws, at_most);
        Some(RetryWaitsReport {
            layer: layer.name.clone(),
            max_attempts: config.max_attempts,
            waits_ns,
            ranges,
            after: waits_after(config, draws, at_most),
            longest_waits_ns: config.greatest_delays().map(SimDuration::as_ns),
            longest_ns: bounded(longest),
        })
    });
    BackoffReport {
        backoff_schema_version: BACKOFF_SCHEMA_VERSION,
        policy: policy.name.clone(),
        retries: retries.collect(),
        longest_call_ns: longest.first().copied().and_then(bounded),
    }
}

/// The waits from these draws, or what they can be.
fn waits(
    config: &RetryConfig,
    draws: Option<&[f64]>,
    at_most: u32,
) -> (Option<Vec<u64>>, Vec<WaitRangeReport>) {
    let Some(draws) = draws else {
        return (None, ranges(config, at_most));
    };
    let waits = config.schedule_up_to(draws, at_most).into_iter();
    (Some(waits.map(SimDuration::as_ns).collect()), Vec::new())
}

/// The same after the outcomes that have a backoff of their own, of those that are tried again.
fn waits_after(
    config: &RetryConfig,
    draws: Option<&[f64]>,
    at_most: u32,
) -> Option<WaitsAfterReport> {
    let on = config.after.as_ref()?.on;
    let (waits_ns, ranges) = waits(&config.after_others()?, draws, at_most);
    let retried = on.iter().filter(|&outcome| config.on.contains(outcome));
    Some(WaitsAfterReport {
        on: retried.map(|outcome| outcome.name().to_owned()).collect(),
        waits_ns,
        ranges,
    })
}

fn ranges(config: &RetryConfig, at_most: u32) -> Vec<WaitRangeReport> {
    let ranges = config.delay_ranges(at_most).into_iter();
    ranges
        .map(|it| WaitRangeReport {
            retry: it.retry,
            least_ns: it.least.as_ns(),
            mean_ns: it.mean.as_ns(),
            greatest_ns: it.greatest.map(SimDuration::as_ns),
        })
        .collect()
}

/// For each layer, the longest that a pass takes through it and everything inside; the callee
/// itself may take for ever.
fn longest_inside_out(policy: &Policy) -> Vec<SimDuration> {
    let mut longest = Vec::with_capacity(policy.layers.len());
    let mut inside = SimDuration::MAX;
    for layer in policy.layers.iter().rev() {
        inside = match layer.kind.retry() {
            Some(config) => longest_with_retries(config, inside),
            None => layer.kind.longest(inside, None),
        };
        longest.push(inside);
    }
    longest.reverse();
    longest
}

/// The longest that all tries and waits take when a try takes at most `inside`.
fn longest_with_retries(config: &RetryConfig, inside: SimDuration) -> SimDuration {
    match (config.greatest_delays(), config.overshoot) {
        (Some(delays), _) => config.longest(inside, delays),
        (None, Overshoot::Refuse) => config.longest(inside, SimDuration::MAX),
        // The last wait may end whenever it likes.
        (None, Overshoot::Allow) => SimDuration::MAX,
    }
}

fn bounded(longest: SimDuration) -> Option<u64> {
    (longest < SimDuration::MAX).then_some(longest.as_ns())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Source, load_policies};

    fn of(layers: &str, draws: Option<&[f64]>) -> BackoffReport {
        let source = Source {
            name: "policy.yaml".to_owned(),
            text: format!("policies: {{ p: {layers} }}"),
        };
        let policies = load_policies(&source, &[], &|_| Err("no files".to_owned())).unwrap();
        backoff(&policies[0], draws, 20)
    }

    #[test]
    fn the_worst_call_adds_tries_and_waits_and_ends_at_the_outer_timeout() {
        let retry = "{ retry: { max_attempts: 3, backoff: { exponential: { initial: 100ms } } } }";
        let seconds = |layers: &str| of(layers, None).longest_call_ns.map(|ns| ns as f64 / 1e9);
        assert_eq!(seconds(&format!("[ {retry} ]")), None);
        assert_eq!(
            seconds(&format!("[ {retry}, {{ timeout: 1s }} ]")),
            Some(3.3)
        );
        let cut = format!("[ {{ timeout: 2s }}, {retry}, {{ timeout: 1s }} ]");
        assert_eq!(seconds(&cut), Some(2.0));
        let report = of(&cut, None);
        assert_eq!(report.retries[0].longest_ns, Some(3_300_000_000));
        assert_eq!(report.retries[0].longest_waits_ns, Some(300_000_000));
    }

    #[test]
    fn waits_after_other_outcomes_stand_beside_the_usual_ones() {
        let aws = "[ { retry: { like: aws } } ]";
        let drawn = of(aws, Some(&[0.5, 0.25]));
        // Halves and quarters of 50 and 100 ms, and of 1 and 2 s.
        assert_eq!(
            drawn.retries[0].waits_ns,
            Some(vec![25_000_000, 25_000_000])
        );
        let after = drawn.retries[0].after.clone().unwrap();
        assert_eq!(after.on, ["rejected.rate_limited", "rejected.shed"]);
        assert_eq!(after.waits_ns, Some(vec![500_000_000, 500_000_000]));
        let ranges = of(aws, None).retries[0].after.clone().unwrap().ranges;
        let greatest: Vec<u64> = ranges.iter().filter_map(|it| it.greatest_ns).collect();
        assert_eq!(greatest, [1_000_000_000, 2_000_000_000]);
        let plain = of("[ { retry: { like: polly } } ]", None);
        assert_eq!(plain.retries[0].after, None);
        assert!(!serde_json::to_string(&plain).unwrap().contains("\"after\""));
    }

    /// Least and greatest of each wait, all waits together and the whole call \[ms\].
    type Bounds = (Vec<(u64, Option<u64>)>, Option<u64>, Option<u64>);

    #[track_caller]
    fn check_drawn(backoff: &str, jitter: &str, expected: Bounds) {
        let retry = format!("{{ max_attempts: 3, backoff: {backoff}, jitter: {jitter} }}");
        let report = of(
            &format!("[ {{ retry: {retry} }}, {{ timeout: 1s }} ]"),
            None,
        );
        let ms = |ns: u64| ns.div_euclid(1_000_000);
        let waits = &report.retries[0];
        let ranges = waits.ranges.iter();
        let ranges = ranges.map(|it| {
            let greatest_ns = it.greatest_ns.unwrap_or(u64::MAX);
            assert!(
                it.least_ns <= it.mean_ns && it.mean_ns <= greatest_ns,
                "{it:?}"
            );
            (ms(it.least_ns), it.greatest_ns.map(ms))
        });
        let bounds = (
            ranges.collect(),
            waits.longest_waits_ns.map(ms),
            report.longest_call_ns.map(ms),
        );
        assert_eq!([bounds], [expected], "{backoff}, {jitter}");
        assert_eq!(waits.longest_ns, report.longest_call_ns);
    }

    #[test]
    fn drawn_waits_are_bounded_by_what_their_distributions_can_give() {
        let uniform = "{ constant: { uniform: { low: 50ms, high: 150ms } } }";
        let two = |least, greatest| vec![(least, Some(greatest)); 2];
        check_drawn(uniform, "none", (two(50, 150), Some(300), Some(3_300)));
        check_drawn(uniform, "full", (two(0, 150), Some(300), Some(3_300)));
        check_drawn(uniform, "equal", (two(25, 150), Some(300), Some(3_300)));
        let list = "[ 10ms, { uniform: { low: 1ms, high: 30ms } } ]";
        let each = vec![(10, Some(10)), (1, Some(30))];
        check_drawn(
            &format!("{{ list: {list} }}"),
            "none",
            (each, Some(40), Some(3_040)),
        );
    }

    #[test]
    fn waits_that_are_drawn_without_a_limit_have_no_greatest() {
        let exponential = "{ constant: { exponential: { mean: 100ms } } }";
        for jitter in ["none", "full", "equal"] {
            check_drawn(exponential, jitter, (vec![(0, None); 2], None, None));
        }
        let list = "{ list: [ 10ms, { exponential: { mean: 50ms } } ] }";
        check_drawn(list, "equal", (vec![(5, Some(10)), (0, None)], None, None));
        // Two draws are refused now and then, and drawn again.
        let gamma = "{ constant: { gamma: { mean: 100ms, cv: 0.5 } } }";
        check_drawn(gamma, "full", (vec![(0, None); 2], None, None));
    }

    #[test]
    fn waits_without_a_limit_end_with_the_time_for_all_tries_if_none_may_go_beyond() {
        let of = |more: &str| {
            let backoff = "backoff: { constant: { exponential: { mean: 100ms } } }";
            let retry = format!("{{ {backoff}, max_elapsed: 2s{more} }}");
            let report = of(
                &format!("[ {{ retry: {retry} }}, {{ timeout: 1s }} ]"),
                None,
            );
            report.longest_call_ns.map(|ns| ns as f64 / 1e9)
        };
        assert_eq!(of(""), None);
        assert_eq!(of(", overshoot: refuse"), Some(3.0));
    }

    #[test]
    fn retries_without_end_are_shown_as_far_as_asked_for() {
        let dapr = of("[ { retry: { like: dapr } } ]", Some(&[0.5]));
        assert_eq!(dapr.retries[0].waits_ns, Some(vec![5_000_000_000; 20]));
    }

    #[test]
    fn draws_take_the_place_of_ranges() {
        let retry = "[ { retry: { max_attempts: 4, backoff: { constant: 1s } } } ]";
        let drawn = of(retry, Some(&[0.25, 0.5]));
        assert_eq!(
            drawn.retries[0].waits_ns,
            Some(vec![250_000_000, 500_000_000])
        );
        assert!(drawn.retries[0].ranges.is_empty());
        let ranges = of(retry, None).retries[0].ranges.clone();
        let means: Vec<u64> = ranges.iter().map(|range| range.mean_ns).collect();
        assert_eq!(means, [500_000_000; 3]);
    }
}

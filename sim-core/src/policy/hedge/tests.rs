//! The race as a table, and the estimate against the exact percentile.

use super::*;
use crate::policy::Outcome::{ErrorInternal, ErrorInvalid, Ok as Good, StoppedBreakerOpen};
use crate::time::SimTime;
use proptest::prelude::*;

fn config(max_hedges: u32, on_failure: OnFailure, losers: Losers) -> HedgeConfig {
    HedgeConfig {
        delay: HedgeDelay::Fixed(SimDuration::from_millis(50).into()),
        max_hedges,
        on: HedgeConfig::default_on(),
        on_failure,
        losers,
        other_instance: true,
        budget: None,
    }
}

/// What happens to a race.
#[derive(Clone, Copy, Debug)]
enum Happens {
    /// The time of the next pass has come.
    Due,
    /// The pass that was to begin may not.
    Denied,
    /// A pass has this result.
    Ends(Outcome),
}

use Happens::{Denied, Due, Ends};

/// Plays a race that begins its passes as it says; every next pass gets a time.
fn check(title: &str, config: &HedgeConfig, events: &[(Happens, RaceStep)]) {
    let mut race = Race::default();
    let follows = race.on_begun(config);
    race.next_is_due(follows);
    for (number, &(event, expected)) in events.iter().enumerate() {
        let step = match event {
            Due => race.on_due(config),
            Denied => race.on_denied(),
            Ends(outcome) => race.on_result(config, outcome),
        };
        assert_eq!(step, expected, "{title}: event {number}, {event:?}");
        if step == RaceStep::Begin {
            let follows = race.on_begun(config);
            race.next_is_due(follows);
        }
    }
}

#[test]
fn rule_10_the_first_useful_result_answers() {
    use RaceStep::{Answer, Begin, Keep, Wait};
    let wait = |hedges| config(hedges, OnFailure::Wait, Losers::Cancel);
    check("before the delay", &wait(1), &[(Ends(Good), Answer)]);
    check(
        "the hedge wins",
        &wait(1),
        &[(Due, Begin), (Ends(Good), Answer)],
    );
    check(
        "a failure waits for the pass that is running",
        &wait(1),
        &[
            (Due, Begin),
            (Ends(ErrorInternal), Wait),
            (Ends(Good), Answer),
        ],
    );
    check(
        "a failure waits for the pass that is due",
        &wait(1),
        &[
            (Ends(ErrorInternal), Keep),
            (Due, Begin),
            (Ends(Good), Answer),
        ],
    );
    check(
        "all failed: the last failure",
        &wait(1),
        &[
            (Due, Begin),
            (Ends(ErrorInternal), Wait),
            (Ends(ErrorInternal), Answer),
        ],
    );
    check(
        "without hedges a failure is the answer",
        &wait(0),
        &[(Ends(ErrorInternal), Answer)],
    );
}

#[test]
fn a8_what_libraries_do_in_a_race() {
    use RaceStep::{Answer, AnswerKept, Begin, Keep, KeepAndAwait, Wait};
    let wait = |hedges| config(hedges, OnFailure::Wait, Losers::Cancel);
    let at_once = |hedges| config(hedges, OnFailure::AtOnce, Losers::Cancel);
    let awaits = |hedges| config(hedges, OnFailure::AtOnce, Losers::Await);
    check(
        "gRPC, Polly: a failure brings the next one forward",
        &at_once(2),
        &[
            (Ends(ErrorInternal), Begin),
            (Ends(ErrorInternal), Begin),
            (Ends(ErrorInternal), Answer),
        ],
    );
    check(
        "and while another runs",
        &at_once(2),
        &[
            (Due, Begin),
            (Ends(ErrorInternal), Begin),
            (Ends(ErrorInternal), Wait),
            (Ends(Good), Answer),
        ],
    );
    check(
        "gRPC: a fatal status cancels all",
        &at_once(2),
        &[(Due, Begin), (Ends(ErrorInvalid), Answer)],
    );
    check(
        "an own breaker stops a pass, not the call",
        &wait(1),
        &[
            (Due, Begin),
            (Ends(StoppedBreakerOpen), Wait),
            (Ends(Good), Answer),
        ],
    );
    check(
        "Polly: the call returns when the losers have ended",
        &awaits(2),
        &[
            (Due, Begin),
            (Due, Begin),
            (Ends(Good), KeepAndAwait),
            (Ends(ErrorInternal), Wait),
            (Ends(Good), AnswerKept),
        ],
    );
    check("nothing to await", &awaits(1), &[(Ends(Good), Answer)]);
    check(
        "a used up budget leaves the first pass alone",
        &wait(2),
        &[
            (Due, Begin),
            (Denied, Wait),
            (Ends(ErrorInternal), Wait),
            (Ends(ErrorInternal), Answer),
        ],
    );
    check(
        "and lets a kept failure out",
        &wait(1),
        &[(Ends(ErrorInternal), Keep), (Denied, AnswerKept)],
    );
}

#[test]
fn a_setting_that_shrinks_ends_the_race_with_what_was_kept() {
    let mut race = Race::default();
    let before = config(1, OnFailure::Wait, Losers::Cancel);
    race.on_begun(&before);
    race.next_is_due(true);
    assert_eq!(race.on_result(&before, ErrorInternal), RaceStep::Keep);
    let after = config(0, OnFailure::Wait, Losers::Cancel);
    assert_eq!(race.on_due(&after), RaceStep::AnswerKept);
}

#[test]
fn a_percentile_needs_enough_results_and_forgets_them() {
    let s = |seconds| SimTime::ZERO + SimDuration::from_secs(seconds);
    let ms = SimDuration::from_millis;
    let mut recent = RecentLatency::default();
    assert_eq!(recent.percentile(50.0, 0), None);
    for _ in 0..99 {
        recent.on_latency(s(1), ms(10));
    }
    assert_eq!(recent.percentile(50.0, 100), None);
    recent.on_latency(s(1), ms(10));
    let near = |value: Option<SimDuration>, ms: f64| {
        let got = value.unwrap().as_ns_f64() / 1e6;
        assert!((got / ms - 1.0).abs() < 0.032, "{got} is not near {ms}");
    };
    near(recent.percentile(50.0, 100), 10.0);
    for _ in 0..1000 {
        recent.on_latency(s(29), ms(100));
    }
    near(recent.percentile(1.0, 100), 10.0);
    // The slice of the first second goes when the slice from 30 s to 40 s begins.
    recent.on_latency(s(30), ms(100));
    near(recent.percentile(1.0, 100), 100.0);
    recent.on_latency(s(1000), ms(7));
    near(recent.percentile(99.0, 1), 7.0);
    assert_eq!(recent.percentile(99.0, 2), None);
}

proptest! {
    #[test]
    fn the_estimate_is_near_the_nearest_rank(
        values in prop::collection::vec(1_100_u64..1_000_000_000_000, 1..400),
        percentile in 0.1_f64..99.9,
    ) {
        let mut recent = RecentLatency::default();
        for &ns in &values {
            recent.on_latency(SimTime::ZERO, SimDuration::from_ns(ns));
        }
        let mut sorted = values;
        sorted.sort_unstable();
        let rank = (percentile / 100.0 * sorted.len() as f64).ceil().max(1.0) as usize;
        let exact = sorted[rank - 1] as f64;
        let got = recent.percentile(percentile, 1).unwrap().as_ns_f64();
        prop_assert!((got / exact - 1.0).abs() < 0.032, "{got} for {exact}");
    }
}

#[test]
fn a_fatal_failure_cuts_a_race_short_while_others_run_or_are_due() {
    let config = config(1, OnFailure::Wait, Losers::Cancel);
    let mut race = Race::default();
    race.on_begun(&config);
    assert!(!race.is_cut_short(&config, ErrorInvalid), "it is alone");
    race.next_is_due(true);
    assert!(race.is_cut_short(&config, ErrorInvalid), "another is due");
    assert!(
        !race.is_cut_short(&config, ErrorInternal),
        "another may help"
    );
    assert!(!race.is_cut_short(&config, Good));
    race.on_begun(&config);
    assert!(race.is_cut_short(&config, ErrorInvalid), "another runs");
}

#[test]
fn a_delay_says_whether_a_percentile_gave_it_or_its_fallback() {
    let of = |fallback: Option<u64>| HedgeConfig {
        delay: HedgeDelay::Percentile {
            percentile: 50.0,
            fallback: fallback.map(|ms| SimDuration::from_millis(ms).into()),
            minimum_samples: 2,
        },
        ..config(1, OnFailure::Wait, Losers::Cancel)
    };
    let mut draws = Draws::new(crate::random::SiteKey(7), 1);
    let mut recent = RecentLatency::default();
    let (delay, why) = of(Some(40)).delay_and_why(&mut recent, &mut draws);
    assert_eq!(delay, Some(SimDuration::from_millis(40)));
    assert_eq!(why, Some(Applied::DelayFromFallback));
    let none = of(None).delay_and_why(&mut recent, &mut draws);
    assert_eq!(none, (None, Some(Applied::NoDelayYet)));
    for _ in 0..2 {
        recent.on_latency(SimTime::ZERO, SimDuration::from_millis(10));
    }
    let (delay, why) = of(Some(40)).delay_and_why(&mut recent, &mut draws);
    assert!(delay < Some(SimDuration::from_millis(11)));
    assert_eq!(why, Some(Applied::DelayFromPercentile));
}

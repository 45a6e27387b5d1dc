//! Facts by hand, figures worked out by hand.

use super::fixture::*;
use super::*;
use crate::id::{LayerId, ProcessId, WindowId};
use crate::model::fact::{Applied, AppliedSet, BreakerState, Fact, Observer, RetryStop, Why};
use crate::model::spec::Subject;
use crate::policy::{Ending, Outcome, OutcomeSet, Place};
use crate::time::{SimDuration, SimTime};

const USEFUL: OutcomeSet = OutcomeSet::of(&[Outcome::Ok, Outcome::Degraded]);

#[test]
fn totals_take_the_calls_that_start_after_the_warm_up() {
    let mut hand = Hand::new(&shop(10, 2));
    for (start_ms, end_ms) in [(1_999, 2_500), (2_000, 2_100), (3_000, 3_300)] {
        let call = hand.start_call(ms(start_ms), 0);
        hand.end_call(ms(end_ms), call, 0, ms(start_ms), Outcome::Ok);
    }
    hand.start_call(ms(9_999), 0);
    assert_eq!(hand.recorder.in_flight_calls(), 1);
    let record = hand.over(s(10));
    let calls = &record.calls[TO_SHOP];
    assert_eq!((calls.total(), record.calls_started[TO_SHOP]), (2, 3));
    assert_eq!(calls.latency_of(USEFUL).max(), Some(300_000_000));
    assert_eq!(record.whole.edges[TO_SHOP].started, 4);
    assert_eq!(record.whole.edges[TO_SHOP].ended_total(), 3);
}

/// Rule 33: a window takes the calls that start in it, by their final outcome.
#[test]
fn rule_33_a_window_counts_by_start_and_knows_what_is_unfinished() {
    let mut spec = shop(10, 0);
    window(&mut spec, s(2), s(4), Subject::AllClients);
    window(&mut spec, s(2), s(4), Subject::Service(BANK));
    let mut hand = Hand::new(&spec);
    let early = hand.start_call(ms(1_999), 0);
    let first = hand.start_call(s(2), 0);
    let last = hand.start_call(ms(3_999), 0);
    hand.start_call(ms(3_999), 0);
    let late = hand.start_call(s(4), 0);
    hand.end_call(s(5), early, 0, ms(1_999), Outcome::Ok);
    hand.end_call(s(5), first, 0, s(2), Outcome::Ok);
    hand.end_call(s(6), last, 0, ms(3_999), Outcome::TimeoutResponse);
    hand.end_call(s(6), late, 0, s(4), Outcome::Ok);
    let record = hand.over(s(10));
    let window = &record.windows[WindowId(0)];
    assert_eq!((window.started, window.unfinished()), (3, 1));
    assert_eq!((window.calls.useful(), window.calls.total()), (1, 2));
    assert_eq!(window.calls.attempts, 2);
    assert_eq!(record.windows[WindowId(1)].started, 0);
}

#[test]
fn seconds_count_by_start_whatever_the_end() {
    let mut hand = Hand::new(&shop(10, 0));
    let call = hand.start_call(ms(1_500), 0);
    hand.start_call(ms(1_999), 0);
    hand.end_call(s(8), call, 0, ms(1_500), Outcome::Degraded);
    let inner = hand.start_call(s(8), 1);
    hand.end_call(s(9), inner, 1, s(8), Outcome::Ok);
    let record = hand.over(s(10));
    let expected = StartSecond {
        second: 1,
        started: 2,
        ended: 1,
        useful: 1,
        mistaken: 0,
    };
    assert_eq!(record.seconds[SHOPPERS], [expected]);
}

#[test]
fn first_causes_leave_out_what_went_well() {
    let mut hand = Hand::new(&shop(10, 0));
    for outcome in [
        Outcome::Ok,
        Outcome::TimeoutResponse,
        Outcome::ErrorReset,
        Outcome::TimeoutResponse,
    ] {
        let call = hand.start_call(s(1), 0);
        hand.end_call(s(2), call, 0, s(1), outcome);
    }
    let record = hand.over(s(10));
    let causes: Vec<_> = record.causes[TO_SHOP]
        .as_slice()
        .iter()
        .map(|c| (c.outcome, c.calls))
        .collect();
    assert_eq!(
        causes,
        [(Outcome::ErrorReset, 1), (Outcome::TimeoutResponse, 2)]
    );
}

/// One operation runs from 1 s to 4 s, another waits from 2 s to 4 s and runs to 5 s, a third finds
/// the place it needs taken.
fn busy_instance(spec: &crate::model::spec::ModelSpec) -> Hand {
    let mut hand = Hand::new(spec);
    hand.arrive(s(1), 1, 0);
    hand.begin(s(1), 1, 0, 0);
    hand.arrive(s(2), 2, 0);
    hand.arrive(s(3), 3, 0);
    hand.turn_away(s(3), 3, 0, Outcome::RejectedQueueFull);
    hand.finish_operation(s(4), 1, 0, 3_000);
    hand.begin(s(4), 2, 0, 2_000);
    hand.unwanted(s(4), 1, 0, 3_000);
    hand.finish_operation(s(5), 2, 0, 1_000);
    hand
}

#[test]
fn work_and_waiting_are_weighed_by_time() {
    let mut spec = shop(10, 0);
    window(&mut spec, s(3), s(6), Subject::Service(SHOP));
    let record = busy_instance(&spec).over(s(10));
    let whole = record.snapshots.level(SHOP, SimTime::ZERO, s(10));
    assert_eq!(
        (whole.queue_area, whole.busy_area),
        (2_000_000_000, 4_000_000_000)
    );
    assert_eq!(whole.queue_peak, 1);
    let window = record.snapshots.level(SHOP, s(3), s(6));
    assert_eq!(
        (window.queue_area, window.busy_area),
        (1_000_000_000, 2_000_000_000)
    );
    let counts = &record.whole.operations[BUY];
    assert_eq!(
        (
            counts.arrived,
            counts.rejected_total(),
            counts.finished_total()
        ),
        (3, 1, 2)
    );
    assert_eq!(
        (counts.held_ns, counts.wasted_ns),
        (4_000_000_000, 3_000_000_000)
    );
    assert_eq!(record.waits[BUY].max(), Some(2_000_000_000));
    assert_eq!(
        (record.full_episodes.len(), record.full_episodes[0].rejected),
        (1, 1)
    );
}

/// Rule 35: goodput is what reached a caller that still waited.
#[test]
fn rule_35_an_answer_for_nobody_is_not_wanted() {
    let spec = shop(10, 0);
    let mut hand = Hand::new(&spec);
    for attempt in 1..=4 {
        hand.send(s(0), attempt, 0, 1, true);
    }
    hand.end_attempt(s(1), 1, 0, Outcome::Ok, true);
    hand.unwanted(s(2), 2, 0, 500);
    hand.end_attempt(s(2), 2, 0, Outcome::Ok, true);
    hand.end_attempt(s(3), 3, 0, Outcome::TimeoutResponse, false);
    let refused = Ending::here(Outcome::ErrorRefused, Place::Network(BUY));
    hand.end_attempt_so(s(4), 4, 0, refused, true);
    let edge = &hand.over(s(10)).whole.edges[TO_SHOP];
    assert_eq!((edge.answered, edge.wanted), (3, 1));
}

/// Rule 32: each thing at its own instant, buckets are `[start, end)`.
#[test]
fn rule_32_series_count_each_thing_at_its_own_instant() {
    let mut spec = shop(10, 0);
    spec.resolution = Some(SimDuration::from_secs(1));
    let mut hand = busy_instance(&spec);
    let call = hand.start_call(ms(5_999), 0);
    hand.end_call(s(6), call, 0, ms(5_999), Outcome::Ok);
    let record = hand.over(s(10));
    let points = &record.series.services[SHOP];
    assert_eq!(points.len(), 10);
    let queue: Vec<_> = points
        .iter()
        .map(|p| (p.queue_area / 1_000_000_000, p.queue_at_end))
        .collect();
    assert_eq!(queue[1..5], [(0, 0), (1, 1), (1, 1), (0, 0)]);
    assert_eq!(
        (points[3].rejected, points[4].finished, points[5].finished),
        (1, 1, 1)
    );
    let edge = &record.series.edges[TO_SHOP];
    assert_eq!((edge[5].started, edge[5].useful()), (1, 0));
    assert_eq!((edge[6].started, edge[6].useful()), (0, 1));
    assert_eq!(
        record.series.clients[SHOPPERS][6].useful.unwrap().p50_ns,
        1_000_000
    );
    assert_eq!(record.series.clients[SHOPPERS][5], LatencyPair::default());
}

#[test]
fn a_run_that_stops_early_ends_its_last_bucket() {
    let mut spec = shop(10, 0);
    spec.resolution = Some(SimDuration::from_secs(1));
    window(&mut spec, s(1), s(9), Subject::AllClients);
    let mut hand = Hand::new(&spec);
    hand.start_call(s(2), 0);
    let record = hand.over(ms(2_500));
    assert_eq!(record.series.points, 3);
    assert_eq!(record.series.edges[TO_SHOP].len(), 3);
    assert_eq!(record.windows[WindowId(0)].started, 1);
}

/// Rule 31, against what the model counts itself.
#[test]
fn rule_31_sums_come_out_even() {
    let mut hand = busy_instance(&shop(10, 0));
    let call = hand.start_call(s(6), 0);
    hand.send(s(6), call, 0, 1, true);
    hand.send(s(7), 9, 0, 2, false);
    hand.end_attempt(s(8), call, 0, Outcome::TimeoutResponse, false);
    hand.arrive(s(9), 9, 0);
    let live = Live {
        calls: 1,
        attempts: 1,
        queued: 1,
        ..Live::default()
    };
    let record = hand.over_with(s(10), live);
    assert!(record.is_conserved(), "{:?}", record.conservation);
    assert_eq!(record.conservation.len(), 2 * 2 + 2 + 3);
    let edge = &record.whole.edges[TO_SHOP];
    assert_eq!((edge.sent, edge.retries, edge.originals), (2, 1, 1));
}

#[test]
#[should_panic(expected = "Conservation")]
fn a_call_that_ends_twice_is_noticed() {
    let mut hand = Hand::new(&shop(10, 0));
    let call = hand.start_call(s(1), 0);
    hand.end_call(s(2), call, 0, s(1), Outcome::Ok);
    hand.end_call(s(2), call, 0, s(1), Outcome::Ok);
    hand.over(s(10));
}

#[test]
fn layers_count_what_they_do() {
    let mut hand = Hand::new(&shop(10, 2));
    let layer = LayerId(1);
    let change = |from, to| Fact::BreakerChanged {
        layer,
        process: ProcessId(2),
        instance: None,
        from,
        to,
        at: SimTime::ZERO,
        why: Why::FailureRate,
        failures: 10,
        results: 20,
        wait: SimDuration::ZERO,
        by: AppliedSet::NONE,
    };
    hand.tell(s(1), change(BreakerState::Closed, BreakerState::Open));
    hand.tell(s(3), change(BreakerState::Open, BreakerState::HalfOpen));
    let reason = RetryStop::NotRetryable;
    hand.tell(
        s(3),
        Fact::RetryStopped {
            call: 1,
            layer: LayerId(0),
            passes: 1,
            reason,
        },
    );
    let record = hand.over(s(10));
    assert_eq!(record.whole.layers[layer].opened, 1);
    assert_eq!(record.measured.layers[layer].opened, 0);
    assert_eq!(record.measured.layers[layer].half_opened, 1);
    assert!(!record.whole.layers[layer].never_acted());
    assert!(record.whole.layers[LayerId(0)].never_acted());
    assert_eq!(record.breaker_changes.len(), 2);
}

#[test]
fn every_number_that_does_not_follow_from_others_reaches_the_digest() {
    let digest = |fact: Fact| {
        let mut recorder = Recorder::new(&shop(10, 0));
        recorder.on_fact(s(1), &fact);
        recorder.digest.value()
    };
    let sent = |attempt, call, instance, number| Fact::AttemptSent {
        attempt,
        call,
        site: crate::id::SiteId(0),
        instance: crate::id::InstanceId(instance),
        number,
        original: number == 1,
    };
    let all = [
        sent(1, 1, 0, 1),
        sent(2, 1, 0, 1),
        sent(1, 2, 0, 1),
        sent(1, 1, 1, 1),
    ];
    let values: std::collections::BTreeSet<u128> = all.into_iter().map(digest).collect();
    assert_eq!(values.len(), 4);
    // Which attempt of its call it is follows from those before.
    assert_eq!(digest(sent(1, 1, 0, 2)), digest(sent(1, 1, 0, 1)));
}

/// Nothing that only watches may change what a run is known by.
#[test]
fn a_tee_tells_both_the_same() {
    let spec = shop(10, 0);
    let mut pair = (Recorder::new(&spec), Recorder::new(&spec));
    let mut alone = Recorder::new(&spec);
    let fact = Fact::FaultStarted {
        fault: crate::id::FaultId(0),
    };
    let mut borrowed: &mut (Recorder, Recorder) = &mut pair;
    Observer::on_fact(&mut borrowed, s(1), &fact);
    alone.on_fact(s(1), &fact);
    assert_eq!(pair.0.digest.value(), alone.digest.value());
    assert_eq!(pair.1.digest.value(), alone.digest.value());
}

#[test]
fn lines_name_things() {
    let spec = shop(10, 0);
    let fact = Fact::AttemptSent {
        attempt: 7,
        call: 3,
        site: crate::id::SiteId(1),
        instance: crate::id::InstanceId(2),
        number: 2,
        original: false,
    };
    assert_eq!(
        fact.line(ms(1), &spec),
        r#"{"at_ns":1000000,"fact":"attempt_sent","attempt":7,"call":3,"edge":"shop.buy -> bank.pay","instance":"bank/1","number":2,"original":false}"#
    );
    let ended = Fact::CallEnded {
        call: 3,
        site: crate::id::SiteId(0),
        started_at: SimTime::ZERO,
        attempts: 2,
        class: 0,
        tenant: 0,
        ending: ending(Outcome::TimeoutResponse),
    };
    let line = ended.line(s(1), &spec);
    assert!(line.ends_with(r#""outcome":"timeout.response","by":"shoppers -> shop: timeout","cause_place":"bank.pay","cause_kind":"at_work"}"#), "{line}");
    assert!(serde_json::from_str::<serde_json::Value>(&line).is_ok());
}

/// What follows from the settings and from other facts may be told in ever more detail.
#[test]
fn details_are_counted_and_no_part_of_the_digest() {
    let layer = LayerId(0);
    let planned = |by| Fact::RetryPlanned {
        call: 1,
        layer,
        passes: 1,
        delay: SimDuration::from_millis(20),
        by,
    };
    let waits = |by| Fact::LayerWaits { call: 1, layer, by };
    let told = |facts: &[Fact]| {
        let mut recorder = Recorder::new(&shop(10, 0));
        for fact in facts {
            recorder.on_fact(s(1), fact);
        }
        recorder
    };
    let plain = told(&[planned(AppliedSet::NONE), waits(AppliedSet::NONE)]);
    let most = AppliedSet::of(Applied::BackoffAtMaximum);
    let in_vain = AppliedSet::of(Applied::StoppedAfterWait);
    let detailed = told(&[
        planned(most),
        waits(in_vain),
        Fact::LayerLetIn {
            call: 1,
            layer,
            waited: SimDuration::from_millis(5),
        },
        Fact::LayerDetail {
            call: 1,
            layer,
            detail: Applied::LateResultUsed,
            times: 3,
            after: None,
        },
    ]);
    assert_eq!(plain.digest.value(), detailed.digest.value());
    let (plain, detailed) = (&plain.counts.layers[layer], &detailed.counts.layers[layer]);
    assert_eq!((plain.waited, detailed.waited), (1, 0), "one waits in vain");
    assert_eq!(
        (plain.backoff_ns, detailed.backoff_ns),
        (20_000_000, 20_000_000)
    );
    assert_eq!(detailed.times(Applied::BackoffAtMaximum), 1);
    assert_eq!(detailed.times(Applied::LateResultUsed), 3);
    assert_eq!(detailed.times(Applied::StoppedAfterWait), 1);
}

#[test]
fn a_line_names_the_settings_that_took_effect() {
    let fact = Fact::RetryPlanned {
        call: 3,
        layer: LayerId(0),
        passes: 2,
        delay: SimDuration::from_millis(5),
        by: AppliedSet::of(Applied::BackoffAtMaximum).with_if(true, Applied::BackoffAfter),
    };
    let line = fact.line(ms(1), &shop(10, 0));
    let end = r#""passes":2,"delay_ns":5000000,"by":["backoff_at_maximum","backoff_after"]}"#;
    assert!(line.ends_with(end), "{line}");
}

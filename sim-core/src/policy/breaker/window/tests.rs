//! What the windows hold, against plain lists and against the libraries.

use super::kept::Kept;
use super::*;
use crate::time::{SimDuration, SimTime};
use proptest::prelude::*;

fn heard(at: SimTime, failed: bool, slow: bool) -> Heard {
    Heard {
        at,
        began: at,
        failed,
        slow,
    }
}

fn recorded(window: Window, results: &str) -> Results {
    let mut kept = Results::default();
    for result in results.chars() {
        kept.record(window, heard(SimTime::ZERO, result == 'x', false));
    }
    kept
}

fn counted(kept: &Results, window: Window) -> (u32, u32) {
    let tally = kept.tally(window, CountedCalls::Completed);
    (tally.failures, tally.calls)
}

#[test]
fn windows_count_what_they_say() {
    let check = |title: &str, window, results: &str, failures, of| {
        let kept = recorded(window, results);
        assert_eq!(counted(&kept, window), (failures, of), "{title}");
    };
    check("nothing yet", Window::Calls(3), "", 0, 0);
    check("a window that fills", Window::Calls(3), "x.", 1, 2);
    check("the oldest result leaves", Window::Calls(3), "xx..", 1, 3);
    check("all old results left", Window::Calls(2), "xxx..", 0, 2);
    check("a window of one", Window::Calls(1), ".x", 1, 1);
    let none = Window::Calls(0);
    check("a window of none is one of one", none, "x", 1, 1);
    check("a run of failures", Window::Consecutive, ".xxx", 3, 3);
    check("a success ends the run", Window::Consecutive, "xxx.", 0, 0);
    let forever = Window::Tumbling(SimDuration::MAX);
    check("never emptied", forever, "x.x.x", 3, 5);
}

#[test]
fn a_run_may_be_longer_than_the_window() {
    let window = Window::Calls(2);
    let tally = recorded(window, "xxxx").tally(window, CountedCalls::Completed);
    assert_eq!((tally.calls, tally.failures_in_a_row), (2, 4));
}

#[test]
fn a_smaller_window_keeps_the_newest_results() {
    let mut kept = recorded(Window::Calls(4), "xxx...x");
    kept.record(Window::Calls(3), heard(SimTime::ZERO, false, false));
    assert_eq!(counted(&kept, Window::Calls(3)), (1, 3));
}

#[test]
fn a_larger_window_keeps_all_results() {
    let mut kept = recorded(Window::Calls(3), "..xx");
    kept.record(Window::Calls(100), heard(SimTime::ZERO, true, false));
    assert_eq!(counted(&kept, Window::Calls(100)), (3, 4));
}

#[test]
fn counting_a_run_needs_no_memory_of_its_own() {
    assert_eq!(recorded(Window::Consecutive, "xxx").kept, Kept::Runs);
}

#[test]
fn slow_results_leave_with_their_places() {
    let window = Window::Calls(3);
    let mut kept = Results::default();
    let mut slow = Vec::new();
    for is_slow in [false, true, false, true, false, false] {
        kept.record(window, heard(SimTime::ZERO, false, is_slow));
        slow.push(kept.tally(window, CountedCalls::Completed).slow);
    }
    assert_eq!(slow, [0, 1, 1, 2, 1, 1]);
}

fn ms(ms: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_millis(ms)
}

/// Failures left in a window of ten buckets of a second when a result comes at each instant.
fn failures_left(buckets: Buckets, origin: u64, at_ms: &[u64]) -> Vec<u32> {
    let window = Window::Rolling(Rolling {
        span: SimDuration::from_secs(10),
        count: 10,
        buckets,
        width: BucketWidth::Exact,
        keeps: Keeps::Results,
    });
    let mut kept = Results::from(ms(origin));
    let mut left = Vec::new();
    for &at in at_ms {
        kept.record(window, heard(ms(at), true, false));
        left.push(kept.tally(window, CountedCalls::Completed).failures);
    }
    left
}

#[test]
fn buckets_of_the_clock_leave_at_whole_seconds() {
    // 900 ms lies in second 0, which leaves when second 10 begins: after 9.1 s.
    let left = failures_left(Buckets::Clock, 300, &[900, 9_999, 10_000]);
    assert_eq!(left, [1, 2, 2]);
    // 1000 ms lies in second 1 and stays for all of ten seconds.
    let left = failures_left(Buckets::Clock, 300, &[1_000, 10_999, 11_000]);
    assert_eq!(left, [1, 2, 2]);
}

#[test]
fn buckets_from_construction_leave_at_multiples_from_there() {
    let left = failures_left(Buckets::Construction, 300, &[900, 10_299, 10_300]);
    assert_eq!(left, [1, 2, 2]);
}

#[test]
fn buckets_from_the_first_call_live_for_the_whole_span() {
    let left = failures_left(Buckets::FirstCall, 0, &[900, 1_899, 10_899, 10_900]);
    assert_eq!(left, [1, 2, 3, 2]);
}

#[test]
fn one_bucket_per_result_lets_old_failures_outlive_an_idle_time() {
    let left = failures_left(Buckets::OnePerResult, 0, &[0, 100, 3_600_000, 3_601_000]);
    assert_eq!(left, [1, 2, 3, 4]);
    // They leave only when ten more buckets have begun.
    let seconds: Vec<u64> = (0..12).map(|n| n * 1_000).collect();
    let left = failures_left(Buckets::OnePerResult, 0, &seconds);
    assert_eq!(left, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10]);
}

#[test]
fn buckets_are_as_wide_as_a_clock_of_milliseconds_makes_them() {
    use BucketWidth::{CutMilliseconds, Exact, RoundedMilliseconds};
    let width = |width, span_ms, count| {
        let shape = Rolling {
            span: SimDuration::from_millis(span_ms),
            count,
            buckets: Buckets::Construction,
            width,
            keeps: Keeps::Results,
        };
        (shape.width().as_ns(), shape.reach().as_ns())
    };
    assert_eq!(width(Exact, 1_000, 7), (142_857_142, 999_999_994));
    assert_eq!(width(CutMilliseconds, 1_000, 7), (142_000_000, 994_000_000));
    assert_eq!(width(CutMilliseconds, 5, 10), (1_000_000, 10_000_000));
    let rounded = (143_000_000, 1_001_000_000);
    assert_eq!(width(RoundedMilliseconds, 1_000, 7), rounded);
}

/// Two buckets of half a second: (failures, failures in a row) after failures that began and ended
/// at these instants, and a call that began at the last one.
fn of_their_calls(results_ms: &[(u64, u64, bool)], looked_at_ms: u64) -> (u32, u32) {
    let window = Window::Rolling(Rolling {
        span: SimDuration::from_secs(1),
        count: 2,
        buckets: Buckets::Construction,
        width: BucketWidth::Exact,
        keeps: Keeps::Calls,
    });
    let mut kept = Results::from(ms(0));
    for &(began, at, failed) in results_ms {
        let began = ms(began);
        kept.record(
            window,
            Heard {
                began,
                ..heard(ms(at), failed, false)
            },
        );
    }
    kept.start(ms(looked_at_ms), window);
    let tally = kept.tally(window, CountedCalls::Completed);
    (tally.failures, tally.failures_in_a_row)
}

/// `counter.go` of gobreaker 2.
#[test]
fn a_result_belongs_to_the_bucket_of_its_call() {
    let fails = |began, at| (began, at, true);
    let good = |at| (at, at, false);
    assert_eq!(of_their_calls(&[fails(0, 999)], 999), (1, 1));
    assert_eq!(of_their_calls(&[fails(0, 999)], 1_000), (0, 0));
    assert_eq!(
        of_their_calls(&[fails(0, 1_000)], 1_000),
        (0, 0),
        "it has left"
    );
    assert_eq!(of_their_calls(&[fails(500, 1_499)], 1_499), (1, 1));
    // A run loses what leaves only while it is all that the window holds of its kind.
    let three = [fails(100, 100), fails(400, 400), fails(600, 600)];
    assert_eq!(of_their_calls(&three, 999), (3, 3));
    assert_eq!(of_their_calls(&three, 1_000), (1, 1));
    let broken = [fails(100, 100), good(200), fails(600, 600)];
    assert_eq!(of_their_calls(&broken, 1_000), (1, 1));
    // The failure that comes late stands behind the success; of two in its bucket one is in the run.
    let late = [fails(100, 100), good(600), fails(200, 700)];
    assert_eq!(of_their_calls(&late, 999), (2, 1));
    assert_eq!(of_their_calls(&late, 1_000), (0, 1), "as in gobreaker");
    assert_eq!(
        of_their_calls(&late, 1_499),
        (0, 1),
        "to the end of its bucket"
    );
    assert_eq!(
        of_their_calls(&late, 5_000),
        (0, 0),
        "all of the window at once"
    );
}

#[test]
fn calls_that_began_count_before_they_have_a_result() {
    let window = Window::Tumbling(SimDuration::MAX);
    let mut kept = Results::default();
    kept.start(SimTime::ZERO, window);
    kept.start(SimTime::ZERO, window);
    kept.record(window, heard(SimTime::ZERO, true, false));
    assert_eq!(kept.tally(window, CountedCalls::Started).calls, 2);
    assert_eq!(kept.tally(window, CountedCalls::Completed).calls, 1);
}

#[test]
fn a_tumbling_window_is_emptied_after_its_interval_not_at_it() {
    let mut kept = Results::from(ms(0));
    let every = SimDuration::from_millis(500);
    kept.record(Window::Tumbling(every), heard(ms(100), true, false));
    assert!(!kept.emptied(ms(500), every));
    assert!(kept.emptied(ms(501), every));
    assert!(!kept.emptied(ms(1_001), every));
    assert!(kept.emptied(ms(1_002), every));
}

#[test]
fn looks_see_complete_buckets_only() {
    let interval = SimDuration::from_millis(500);
    let window = Window::Rolling(Rolling {
        span: SimDuration::from_secs(1),
        count: 2,
        buckets: Buckets::Construction,
        width: BucketWidth::Exact,
        keeps: Keeps::Results,
    });
    let mut kept = Results::from(ms(0));
    kept.record(window, heard(ms(100), true, false));
    let look = |kept: &mut Results, now| {
        let look = kept.look(ms(now), interval, window, CountedCalls::Completed);
        look.map(|(at, tally, _)| (at, tally.failures))
    };
    assert_eq!(look(&mut kept, 499), None);
    kept.record(window, heard(ms(500), true, false));
    assert_eq!(look(&mut kept, 500), Some((ms(500), 1)));
    assert_eq!(look(&mut kept, 1_700), Some((ms(1_000), 2)));
    assert_eq!(look(&mut kept, 1_700), Some((ms(1_500), 1)));
    assert_eq!(look(&mut kept, 1_700), None);
}

/// Asked late, the looks that find the same come as one; asked at every tick, each by itself.
#[test]
fn looks_that_find_the_same_are_told_at_once() {
    let interval = SimDuration::from_millis(7);
    let seen = |buckets, ask: &[u64]| {
        let window = Window::Rolling(Rolling {
            span: SimDuration::from_millis(1_000),
            count: 10,
            buckets,
            width: BucketWidth::Exact,
            keeps: Keeps::Results,
        });
        let (mut kept, mut seen) = (Results::from(ms(3)), Vec::new());
        for at in [20, 90, 130, 950] {
            kept.record(window, heard(ms(at), true, false));
        }
        for &now in ask {
            while let Some((at, tally, looks)) =
                kept.look(ms(now), interval, window, CountedCalls::Completed)
            {
                let each = |look: u32| (at + interval.times(look.into()), tally.failures);
                seen.extend((0..looks).map(each));
            }
        }
        seen
    };
    let every: Vec<u64> = (951..6_000).collect();
    for buckets in [Buckets::Clock, Buckets::Construction, Buckets::FirstCall] {
        let late = seen(buckets, &[3_999, 5_999]);
        assert_eq!(late, seen(buckets, &every), "{buckets:?}");
        assert!(late.len() > 200, "{buckets:?}: {}", late.len());
    }
}

#[test]
fn an_average_fades_and_is_silent_for_its_first_span() {
    let window = Window::Average(SimDuration::from_secs(30));
    let mut kept = Results::from(ms(0));
    kept.record(window, heard(ms(0), true, false));
    assert_eq!(kept.tally(window, CountedCalls::Completed).weighed, None);
    kept.record(window, heard(ms(30_000), false, false));
    let share = kept.tally(window, CountedCalls::Completed).weighed.unwrap();
    assert!((share - 0.367_879_441_171).abs() < 1e-9, "{share}");
}

proptest! {
    #[test]
    fn the_ring_agrees_with_a_list(
        size in 1_u32..150,
        then in 1_u32..150,
        results in prop::collection::vec(any::<bool>(), 0..400),
    ) {
        let mut kept = Results::default();
        let half = results.len() / 2;
        for (index, &failed) in results.iter().enumerate() {
            let size = if index < half { size } else { then };
            kept.record(Window::Calls(size), heard(SimTime::ZERO, failed, false));
        }
        let in_force = if results.len() == half { size } else { then };
        // What the first window had lost before the change stays lost.
        let survivors = half.min(size as usize) + results.len() - half;
        let len = survivors.min(in_force as usize);
        let last = &results[results.len() - len..];
        let (failures, calls) = counted(&kept, Window::Calls(in_force));
        prop_assert_eq!(calls as usize, len);
        prop_assert_eq!(failures as usize, last.iter().filter(|&&failed| failed).count());
    }

    #[test]
    fn buckets_agree_with_a_list(
        gaps in prop::collection::vec((0_u64..3_000, any::<bool>()), 0..200),
    ) {
        let shape = Rolling {
            span: SimDuration::from_secs(10),
            count: 10,
            buckets: Buckets::Clock,
            width: BucketWidth::Exact,
            keeps: Keeps::Results,
        };
        let mut kept = Results::from(ms(0));
        let (mut now, mut all) = (0, Vec::new());
        for (gap, failed) in gaps {
            now += gap;
            all.push((now / 1_000, failed));
            kept.record(Window::Rolling(shape), heard(ms(now), failed, false));
            let alive = all.iter().filter(|(second, _)| second + 10 > now / 1_000);
            let failures = alive.clone().filter(|(_, failed)| *failed).count() as u32;
            let expected = (failures, alive.count() as u32);
            prop_assert_eq!(counted(&kept, Window::Rolling(shape)), expected);
        }
    }
}

//! What a breaker counts.
//!
//! Think of a short strip of lamps, one per result: green for a success, red for a failure. A new
//! result lights a lamp at one end, the oldest goes out at the other. The breaker looks at how
//! many lamps are on and how many are red. Windows differ in when a lamp goes out.
//!
//! The rule: [`Window::Calls`] keeps the last `n` *results* in a ring of bits with a running count,
//! so recording costs the same for every `n`. [`Window::Rolling`] keeps the last so much time in
//! buckets, [`Window::Tumbling`] everything since it was last emptied, [`Window::Average`] a moving
//! average, [`Window::Consecutive`] nothing but the runs of failures and of successes, which every
//! window keeps. Cancelled passes are no results.
//!
//! Libraries differ here more than anywhere: resilience4j counts results in a ring (`COUNT_BASED`,
//! 100 by default) or in buckets of a second aligned to the clock; Polly 8 opens a bucket with the
//! first call after the last one ended; gobreaker and opossum count calls that *began* ([`CountedCalls`]),
//! opossum even those it rejected, so an open breaker looks healthier than it is. Rejected as the
//! default: calls that began, because those in flight count as if they had succeeded; and buckets
//! of time, because what they hold depends on how the clock stands to the first bucket.

mod average;
mod buckets;
mod ring;

use crate::time::{SimDuration, SimTime};
use average::Average;
use buckets::Strip;
use ring::BitRing;

/// What the breaker remembers.
///
/// Default of resilience4j: the last 100 results; of pybreaker and Linkerd: the run of failures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Window {
    /// The last so many results \[results\], at least 1.
    Calls(u32),
    /// Nothing but the runs of failures and of successes.
    Consecutive,
    /// The last so much time.
    Rolling(Rolling),
    /// Everything since it was emptied; it is emptied by the first call or result that comes later
    /// than this after the last time (gobreaker's `Interval`). [`SimDuration::MAX`]: never.
    Tumbling(SimDuration),
    /// A moving average whose observations live this long on average (Finagle: 30 s).
    Average(SimDuration),
}

/// The last so much time, in buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rolling {
    /// How much time; Polly 8: 30 s, Hystrix and opossum: 10 s.
    pub span: SimDuration,
    /// In how many buckets, at least 1; Polly 8 and opossum: 10, Hystrix: 20, resilience4j: one for
    /// each second.
    pub count: u32,
    /// Where they begin.
    pub buckets: Buckets,
    /// How wide each is.
    pub width: BucketWidth,
    /// To which of them a result belongs.
    pub keeps: Keeps,
}

/// To which bucket a result belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// To the one in which it comes; the default.
    Results,
    /// To the one in which its call began, and to none when that has left; and the runs of failures
    /// and of successes lose what a bucket takes with it (gobreaker 2). Only on a grid.
    Calls,
}

/// How wide a bucket is: its part of the span, or what a clock of milliseconds makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketWidth {
    /// Its part of the span; the default.
    Exact,
    /// Cut to whole milliseconds, at least one (opossum, `Math.floor`).
    CutMilliseconds,
    /// Rounded to whole milliseconds (cockatiel, `Math.round`).
    RoundedMilliseconds,
}

/// One millisecond \[ns\].
const MS: u64 = 1_000_000;

impl BucketWidth {
    fn of(self, exact_ns: u64) -> u64 {
        match self {
            Self::Exact => exact_ns.max(1),
            Self::CutMilliseconds => (exact_ns / MS * MS).max(MS),
            Self::RoundedMilliseconds => ((exact_ns + MS / 2) / MS * MS).max(MS),
        }
    }
}

impl Window {
    /// Its buckets, if results belong to those of their calls.
    const fn keeping_calls(self) -> Option<Rolling> {
        match self {
            Self::Rolling(shape) => match shape.keeps {
                Keeps::Calls => Some(shape),
                Keeps::Results => None,
            },
            Self::Calls(_) | Self::Consecutive | Self::Tumbling(_) | Self::Average(_) => None,
        }
    }
}

impl Rolling {
    /// How far all buckets together reach: the span, less what its division leaves over.
    pub fn reach(self) -> SimDuration {
        self.width().times(u64::from(self.count.max(1)))
    }

    /// The width of one bucket, at least a nanosecond.
    fn width(self) -> SimDuration {
        let exact_ns = self.span.as_ns() / u64::from(self.count.max(1));
        SimDuration::from_ns(self.width.of(exact_ns))
    }
}

/// Where the buckets of a window begin and when the oldest is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buckets {
    /// At whole multiples of their width on the clock (resilience4j: seconds of the epoch;
    /// failsafe-go).
    Clock,
    /// One after another from the moment when the window was made or cleared (opossum, Hystrix).
    Construction,
    /// With the first result after the bucket before it ended (Polly 8).
    FirstCall,
    /// As `FirstCall`, but only as many are forgotten as begin: each result that finds its bucket
    /// over opens one and drops one, so that failures from before an idle time stay (cockatiel).
    OnePerResult,
}

/// What counts as a call where a share or a minimum of calls is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountedCalls {
    /// Calls that have a result; the default.
    Completed,
    /// Calls that were let through, those in flight included (gobreaker).
    Started,
    /// Those that were rejected too (opossum's `fires`).
    StartedAndRejected,
}

/// What a window holds, for the rule that decides to open.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Tally {
    /// Calls, as [`CountedCalls`] says \[calls\].
    pub calls: u32,
    /// Failures among them \[results\].
    pub failures: u32,
    /// Successes among them \[results\].
    pub successes: u32,
    /// Slow ones among them \[results\].
    pub slow: u32,
    /// Failures since the last success \[results\].
    pub failures_in_a_row: u32,
    /// Successes since the last failure \[results\].
    pub successes_in_a_row: u32,
    /// Share of failures of a window that weighs results by age, if it has seen enough.
    pub weighed: Option<f64>,
}

/// What happened in some stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    /// Calls that began, or asked to.
    started: u32,
    failures: u32,
    successes: u32,
    slow: u32,
}

impl Sum {
    const START: Self = Self {
        started: 1,
        failures: 0,
        successes: 0,
        slow: 0,
    };

    fn result(failed: bool, slow: bool) -> Self {
        Self {
            started: 0,
            failures: u32::from(failed),
            successes: u32::from(!failed),
            slow: u32::from(slow),
        }
    }

    fn results(self) -> u32 {
        self.failures.saturating_add(self.successes)
    }

    fn add(&mut self, other: Self) {
        self.started = self.started.saturating_add(other.started);
        self.failures = self.failures.saturating_add(other.failures);
        self.successes = self.successes.saturating_add(other.successes);
        self.slow = self.slow.saturating_add(other.slow);
    }

    fn less(self, other: Self) -> Self {
        Self {
            started: self.started.saturating_sub(other.started),
            failures: self.failures.saturating_sub(other.failures),
            successes: self.successes.saturating_sub(other.successes),
            slow: self.slow.saturating_sub(other.slow),
        }
    }
}

/// A result as the window hears of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    /// Now.
    pub at: SimTime,
    /// When its call began.
    pub began: SimTime,
    pub failed: bool,
    pub slow: bool,
}

/// Results of one kind in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Runs {
    failures: u32,
    successes: u32,
}

impl Runs {
    fn note(&mut self, failed: bool) {
        let (goes_on, ends) = if failed {
            (&mut self.failures, &mut self.successes)
        } else {
            (&mut self.successes, &mut self.failures)
        };
        *goes_on = goes_on.saturating_add(1);
        *ends = 0;
    }
}

/// What a breaker remembers of its calls.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Results {
    /// Since when it counts.
    origin: SimTime,
    /// The last instant at which it was looked at, where it is looked at now and then.
    looked_at: SimTime,
    runs: Runs,
    kept: Kept,
}

/// What is kept besides the runs; no memory of its own until the window needs it.
#[derive(Clone, Debug, Default, PartialEq)]
enum Kept {
    #[default]
    Runs,
    Ring(Rings),
    Strip(Strip),
    Sum(Sum),
    Average(Box<Average>),
}

/// The last results: which failed, and which were slow.
#[derive(Clone, Debug, Default, PartialEq)]
struct Rings {
    failed: BitRing,
    /// Only from the first slow result on.
    slow: Option<Box<BitRing>>,
}

impl Rings {
    fn push(&mut self, size: u32, failed: bool, slow: bool) {
        let before = self.failed.len;
        self.failed.resize(size);
        self.failed.push(failed);
        if slow && self.slow.is_none() {
            let mut ring = Box::<BitRing>::default();
            ring.resize(size);
            (0..before.min(size)).for_each(|_| ring.push(false));
            self.slow = Some(ring);
        }
        if let Some(ring) = &mut self.slow {
            ring.resize(size);
            ring.push(slow);
        }
    }

    fn sum(&self) -> Sum {
        Sum {
            started: self.failed.len,
            failures: self.failed.ones,
            successes: self.failed.len - self.failed.ones,
            slow: self.slow.as_ref().map_or(0, |ring| ring.ones),
        }
    }
}

impl Results {
    /// Nothing yet, from this instant on.
    pub(super) fn from(origin: SimTime) -> Self {
        Self {
            origin,
            looked_at: origin,
            ..Self::default()
        }
    }

    /// Takes note of one result.
    pub(super) fn record(&mut self, window: Window, heard: Heard) {
        let Heard { failed, slow, .. } = heard;
        if let Some(shape) = window.keeping_calls() {
            self.roll(heard.at, shape);
            let origin = self.origin;
            if !self.strip().record(heard, origin, shape) {
                return;
            }
        } else if let Window::Calls(size) = window {
            self.rings().push(size.max(1), failed, slow);
        } else {
            self.add(heard.at, window, Sum::result(failed, slow));
        }
        self.runs.note(failed);
    }

    /// Takes note of a call that began, or was rejected. A window of results knows nothing of it.
    pub(super) fn start(&mut self, now: SimTime, window: Window) {
        if let Some(shape) = window.keeping_calls() {
            self.roll(now, shape);
        }
        self.add(now, window, Sum::START);
    }

    /// Lets go of the buckets that are too old now, and of what they hold of the runs.
    fn roll(&mut self, now: SimTime, shape: Rolling) {
        let (origin, mut runs) = (self.origin, self.runs);
        self.strip().roll(now, origin, shape, &mut runs);
        self.runs = runs;
    }

    fn strip(&mut self) -> &mut Strip {
        if !matches!(self.kept, Kept::Strip(_)) {
            self.kept = Kept::Strip(Strip::default());
        }
        let Kept::Strip(strip) = &mut self.kept else {
            unreachable!("it was just made")
        };
        strip
    }

    fn rings(&mut self) -> &mut Rings {
        // What another window that was in force before has kept is forgotten.
        if !matches!(self.kept, Kept::Ring(_)) {
            self.kept = Kept::Ring(Rings::default());
        }
        let Kept::Ring(rings) = &mut self.kept else {
            unreachable!("it was just made")
        };
        rings
    }

    fn add(&mut self, now: SimTime, window: Window, sum: Sum) {
        let origin = self.origin;
        match (window, &mut self.kept) {
            (Window::Rolling(shape), Kept::Strip(strip)) => strip.add(now, origin, shape, sum),
            (Window::Tumbling(_), Kept::Sum(all)) => all.add(sum),
            (Window::Average(span), Kept::Average(average)) => average.add(now, origin, span, sum),
            (Window::Calls(_), _) => {}
            (Window::Consecutive, kept) => *kept = Kept::Runs,
            (Window::Rolling(_), kept) => {
                *kept = Kept::Strip(Strip::default());
                self.add(now, window, sum);
            }
            (Window::Tumbling(_), kept) => *kept = Kept::Sum(sum),
            (Window::Average(_), kept) => {
                *kept = Kept::Average(Box::default());
                self.add(now, window, sum);
            }
        }
    }

    /// What the window holds now.
    pub(super) fn tally(&self, window: Window, counts: CountedCalls) -> Tally {
        let sum = match &self.kept {
            Kept::Runs => Sum {
                started: self.runs.failures,
                failures: self.runs.failures,
                ..Sum::default()
            },
            Kept::Ring(rings) => rings.sum(),
            Kept::Strip(strip) => strip.total(),
            Kept::Sum(sum) => *sum,
            Kept::Average(average) => average.total(),
        };
        let mut tally = self.tally_of(sum, counts);
        if let (Window::Average(span), Kept::Average(average)) = (window, &self.kept) {
            tally.weighed = average.share(span);
            if tally.weighed.is_none() {
                (tally.calls, tally.failures, tally.slow) = (0, 0, 0);
            }
        }
        tally
    }

    fn tally_of(&self, sum: Sum, counts: CountedCalls) -> Tally {
        Tally {
            calls: match counts {
                CountedCalls::Completed => sum.results(),
                CountedCalls::Started | CountedCalls::StartedAndRejected => sum.started,
            },
            failures: sum.failures,
            successes: sum.successes,
            slow: sum.slow,
            failures_in_a_row: self.runs.failures,
            successes_in_a_row: self.runs.successes,
            weighed: None,
        }
    }

    /// The next look at the window that is due by `now`, where it is looked at every `interval`, and
    /// those after it that find the same: when the first of them is, what is complete then, and how
    /// many they are. A look at an empty window is not worth one.
    pub(super) fn look(
        &mut self,
        now: SimTime,
        interval: SimDuration,
        window: Window,
        counts: CountedCalls,
    ) -> Option<(SimTime, Tally, u32)> {
        let at = self.looked_at + interval;
        if at > now {
            return None;
        }
        if self.is_empty() {
            self.skip_looks(now, interval);
            return None;
        }
        let (tally, same_until) = self.complete(at, window, counts);
        // The last instant at which a look finds the same.
        let last = SimTime::from_ns(same_until.as_ns().saturating_sub(1)).min(now);
        let more = at.until(last).as_ns() / interval.as_ns().max(1);
        self.looked_at = at + interval.times(more);
        let looks = u32::try_from(more).unwrap_or(u32::MAX).saturating_add(1);
        Some((at, tally, looks))
    }

    /// What a look at this instant finds, and until when others would find the same if no result came.
    fn complete(&mut self, at: SimTime, window: Window, counts: CountedCalls) -> (Tally, SimTime) {
        let origin = self.origin;
        match (window, &mut self.kept) {
            (Window::Rolling(shape), Kept::Strip(strip)) => {
                let origin = match shape.buckets {
                    Buckets::Clock => SimTime::ZERO,
                    Buckets::Construction | Buckets::FirstCall | Buckets::OnePerResult => origin,
                };
                let sum = strip.complete(at, origin, shape);
                let same_until = strip.same_until(at, origin, shape);
                (self.tally_of(sum, counts), same_until)
            }
            (_, _) => (self.tally(window, counts), SimTime::NEVER),
        }
    }

    /// Leaves out the looks that were due by `now`.
    pub(super) fn skip_looks(&mut self, now: SimTime, interval: SimDuration) {
        let missed = self.looked_at.until(now).as_ns() / interval.as_ns().max(1);
        self.looked_at = self.looked_at + interval.times(missed);
    }

    fn is_empty(&self) -> bool {
        match &self.kept {
            Kept::Runs => self.runs.failures == 0,
            Kept::Strip(strip) => strip.is_empty(),
            Kept::Ring(rings) => rings.failed.len == 0,
            Kept::Sum(sum) => *sum == Sum::default(),
            Kept::Average(average) => average.total() == Sum::default(),
        }
    }

    /// Whether a window that is emptied at intervals was due for it; it is empty then.
    pub(super) fn emptied(&mut self, now: SimTime, every: SimDuration) -> bool {
        let due = self.origin + every;
        if every == SimDuration::MAX || due >= now {
            return false;
        }
        *self = Self::from(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
}

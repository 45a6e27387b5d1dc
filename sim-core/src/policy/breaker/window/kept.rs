//! What a breaker keeps of its calls, as its window says.

use super::average::Average;
use super::buckets::Strip;
use super::ring::Rings;
use super::shape::{Buckets, CountedCalls, Rolling, Window};
use super::sum::{Heard, Runs, Sum, Tally};
use crate::time::{SimDuration, SimTime};

/// What a breaker remembers of its calls.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::policy::breaker) struct Results {
    /// Since when it counts.
    origin: SimTime,
    /// The last instant at which it was looked at, where it is looked at now and then.
    looked_at: SimTime,
    runs: Runs,
    pub(super) kept: Kept,
}

/// What is kept besides the runs; no memory of its own until the window needs it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Kept {
    #[default]
    Runs,
    Ring(Rings),
    Strip(Strip),
    Sum(Sum),
    Average(Box<Average>),
}

impl Results {
    /// Nothing yet, from this instant on.
    pub(in crate::policy::breaker) fn from(origin: SimTime) -> Self {
        Self {
            origin,
            looked_at: origin,
            ..Self::default()
        }
    }

    /// Takes note of one result.
    pub(in crate::policy::breaker) fn record(&mut self, window: Window, heard: Heard) {
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
    pub(in crate::policy::breaker) fn start(&mut self, now: SimTime, window: Window) {
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
    pub(in crate::policy::breaker) fn tally(&self, window: Window, counts: CountedCalls) -> Tally {
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
    pub(in crate::policy::breaker) fn look(
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
    pub(in crate::policy::breaker) fn skip_looks(&mut self, now: SimTime, interval: SimDuration) {
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
    pub(in crate::policy::breaker) fn emptied(&mut self, now: SimTime, every: SimDuration) -> bool {
        let due = self.origin + every;
        if every == SimDuration::MAX || due >= now {
            return false;
        }
        *self = Self::from(now);
        true
    }
}

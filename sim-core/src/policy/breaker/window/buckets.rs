//! Counts of the last so much time, in buckets.
//!
//! A strip of short intervals, each with its sums; the oldest fall off at the end. Empty intervals
//! are not kept, so the strip is never longer than the window has buckets.
//!
//! What the strip holds depends on where its buckets begin ([`Buckets`]): a failure 9.5 s old is
//! in a window of ten seconds for one library and gone for another. A bucket is `[start, end)`.

use super::shape::{Buckets, Rolling};
use super::sum::{Heard, Runs, Sum};
use crate::time::{SimDuration, SimTime};
use std::collections::VecDeque;

/// Sums of one interval.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bucket {
    start: SimTime,
    sum: Sum,
    /// Runs of its own results.
    runs: Runs,
}

impl Bucket {
    fn at(start: SimTime) -> Self {
        Self {
            start,
            sum: Sum::default(),
            runs: Runs::default(),
        }
    }
}

/// The buckets of a window that hold anything, and their total.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Strip {
    kept: VecDeque<Bucket>,
    total: Sum,
    /// The bucket at which it was last rolled on.
    rolled_to: SimTime,
}

impl Strip {
    /// The total of all buckets.
    pub(super) fn total(&self) -> Sum {
        self.total
    }

    /// Whether there is nothing to forget.
    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Adds to the bucket of this instant, after what is too old for it has gone.
    pub(super) fn add(&mut self, now: SimTime, origin: SimTime, shape: Rolling, sum: Sum) {
        let start = self.current(now, origin, shape);
        match self.kept.back_mut() {
            Some(last) if last.start == start => last.sum.add(sum),
            Some(_) | None => {
                self.reserve(shape);
                self.kept.push_back(Bucket {
                    sum,
                    ..Bucket::at(start)
                });
            }
        }
        self.total.add(sum);
        self.forget(now, start, shape);
    }

    /// Lets go of what is too old now. Buckets leave one by one, and each takes its failures out of the
    /// run of failures if that is all the failures there are, but for those of its own that a success
    /// of its own has ended; and so with successes. Where all leave at once, no run is left.
    pub(super) fn roll(&mut self, now: SimTime, origin: SimTime, shape: Rolling, runs: &mut Runs) {
        let current = grid_start(now, grid_origin(origin, shape), shape);
        if self.rolled_to + shape.reach() <= current {
            *runs = Runs::default();
        }
        self.rolled_to = current;
        while let Some(oldest) = self.kept.front().copied()
            && oldest.start + shape.reach() <= current
        {
            let others = self.total.less(oldest.sum);
            let leave = |run: &mut u32, own: u32, others: u32| {
                if *run == own.saturating_add(others) {
                    *run = others;
                }
            };
            leave(&mut runs.failures, oldest.runs.failures, others.failures);
            leave(&mut runs.successes, oldest.runs.successes, others.successes);
            self.drop_oldest();
        }
    }

    /// Puts a result in the bucket in which its call began, unless that has left; whether it did.
    /// Before this the strip is rolled on.
    pub(super) fn record(&mut self, heard: Heard, origin: SimTime, shape: Rolling) -> bool {
        let start = grid_start(heard.began, grid_origin(origin, shape), shape);
        if start + shape.reach() <= self.rolled_to {
            return false;
        }
        self.reserve(shape);
        let older = self.kept.iter().rposition(|it| it.start <= start);
        let place = match older {
            Some(place) if self.kept[place].start == start => place,
            Some(place) => self.insert(place + 1, start),
            None => self.insert(0, start),
        };
        let sum = Sum::result(heard.failed, heard.slow);
        self.kept[place].sum.add(sum);
        self.kept[place].runs.note(heard.failed);
        self.total.add(sum);
        true
    }

    fn insert(&mut self, place: usize, start: SimTime) -> usize {
        self.kept.insert(place, Bucket::at(start));
        place
    }

    /// The total of the buckets that are complete at this instant; the one that has just begun is
    /// left out, and the oldest is still there.
    pub(super) fn complete(&mut self, at: SimTime, origin: SimTime, shape: Rolling) -> Sum {
        let start = grid_start(at, origin, shape);
        while self
            .kept
            .front()
            .is_some_and(|it| it.start + shape.reach() < start)
        {
            self.drop_oldest();
        }
        match self.kept.back() {
            Some(last) if last.start >= start => self.total.less(last.sum),
            Some(_) | None => self.total,
        }
    }

    /// Until when [`Self::complete`] gives the same as at this instant; of an empty strip nobody asks.
    pub(super) fn same_until(&self, at: SimTime, origin: SimTime, shape: Rolling) -> SimTime {
        let next_after = |instant| grid_start(instant, origin, shape) + shape.width();
        let start = grid_start(at, origin, shape);
        let forgotten = self.kept.front().map(|it| it.start + shape.reach());
        let completed = self.kept.back().map(|it| it.start);
        let later = [forgotten, completed.filter(|&begun| begun >= start)];
        let later = later.into_iter().flatten().map(next_after);
        later.min().unwrap_or(at)
    }

    /// Where the bucket of this instant begins.
    fn current(&self, now: SimTime, origin: SimTime, shape: Rolling) -> SimTime {
        match shape.buckets {
            Buckets::Clock => grid_start(now, SimTime::ZERO, shape),
            Buckets::Construction => grid_start(now, origin, shape),
            Buckets::FirstCall | Buckets::OnePerResult => match self.kept.back() {
                Some(last) if now.since(last.start) < shape.width() => last.start,
                Some(_) | None => now,
            },
        }
    }

    fn forget(&mut self, now: SimTime, current: SimTime, shape: Rolling) {
        match shape.buckets {
            Buckets::Clock | Buckets::Construction => {
                self.forget_while(|oldest| oldest + shape.reach() <= current);
            }
            Buckets::FirstCall => self.forget_while(|oldest| oldest + shape.span <= now),
            Buckets::OnePerResult => {
                if self.kept.len() > shape.count as usize {
                    self.drop_oldest();
                }
            }
        }
    }

    fn forget_while(&mut self, too_old: impl Fn(SimTime) -> bool) {
        while self
            .kept
            .front()
            .is_some_and(|oldest| too_old(oldest.start))
        {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.kept.pop_front() {
            self.total = self.total.less(oldest.sum);
        }
    }

    /// Room for all buckets at once, when the first result comes.
    fn reserve(&mut self, shape: Rolling) {
        if self.kept.capacity() == 0 {
            self.kept.reserve_exact(shape.count as usize + 1);
        }
    }
}

/// Where a grid begins.
fn grid_origin(origin: SimTime, shape: Rolling) -> SimTime {
    match shape.buckets {
        Buckets::Clock => SimTime::ZERO,
        Buckets::Construction | Buckets::FirstCall | Buckets::OnePerResult => origin,
    }
}

/// The start of the bucket of a grid that an instant lies in.
fn grid_start(at: SimTime, origin: SimTime, shape: Rolling) -> SimTime {
    let width = shape.width().as_ns();
    let whole = origin.until(at).as_ns() / width * width;
    origin + SimDuration::from_ns(whole)
}

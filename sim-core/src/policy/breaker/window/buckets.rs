//! Counts of the last so much time, in buckets.
//!
//! A strip of short intervals, each with its sums; the oldest fall off at the end. Empty intervals
//! are not kept, so the strip is never longer than the window has buckets.
//!
//! What the strip holds depends on where its buckets begin ([`Buckets`]): a failure 9.5 s old is
//! in a window of ten seconds for one library and gone for another. A bucket is `[start, end)`.

use super::{Buckets, Rolling, Sum};
use crate::time::{SimDuration, SimTime};
use std::collections::VecDeque;

/// Sums of one interval.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bucket {
    start: SimTime,
    sum: Sum,
}

/// The buckets of a window that hold anything, and their total.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Strip {
    kept: VecDeque<Bucket>,
    total: Sum,
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
                self.kept.push_back(Bucket { start, sum });
            }
        }
        self.total.add(sum);
        self.forget(now, start, shape);
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

/// The start of the bucket of a grid that an instant lies in.
fn grid_start(at: SimTime, origin: SimTime, shape: Rolling) -> SimTime {
    let width = shape.width().as_ns();
    let whole = origin.until(at).as_ns() / width * width;
    origin + SimDuration::from_ns(whole)
}

//! A moving average of failures, in which old results fade instead of falling off an edge.
//!
//! The rule (Finagle's `Ema`): each result is weighed against the average so far by the time since
//! the result before it, `average = x (1 - w) + average · w` with `w = exp(-elapsed / span)`; `x` is
//! 1 for a failure. The clock counts whole milliseconds from construction or from the last closing;
//! until a whole `span` has passed the average says nothing. Finagle: 30 s.

use super::buckets::Strip;
use super::shape::{BucketWidth, Buckets, Keeps, Rolling};
use super::sum::Sum;
use crate::random::detmath;
use crate::time::{SimDuration, SimTime};

/// Slices in which requests of the last `span` are counted (Finagle's `WindowedAdder`).
const SLICES: u32 = 5;

/// The moving average, and how many results it rests on.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Average {
    /// The stamp of the last result \[ms\].
    last: Option<u64>,
    share: f64,
    recent: Strip,
}

impl Average {
    pub(super) fn add(&mut self, now: SimTime, origin: SimTime, span: SimDuration, sum: Sum) {
        self.recent.add(now, origin, slices(span), sum);
        if sum.results() == 0 {
            return;
        }
        let stamp = stamp(now, origin);
        let x = f64::from(sum.failures);
        self.share = match self.last {
            None => x,
            Some(last) => {
                let elapsed = stamp.saturating_sub(last) as f64;
                let weight = detmath::exp(-elapsed / millis(span) as f64);
                x * (1.0 - weight) + self.share * weight
            }
        };
        self.last = Some(stamp);
    }

    /// The share of failures, once a whole span has passed since the beginning.
    pub(super) fn share(&self, span: SimDuration) -> Option<f64> {
        let last = self.last?;
        (last >= millis(span)).then_some(self.share)
    }

    /// What happened in the last span.
    pub(super) fn total(&self) -> Sum {
        self.recent.total()
    }
}

fn slices(span: SimDuration) -> Rolling {
    Rolling {
        span,
        count: SLICES,
        buckets: Buckets::Construction,
        width: BucketWidth::Exact,
        keeps: Keeps::Results,
    }
}

fn millis(span: SimDuration) -> u64 {
    (span.as_ns() / 1_000_000).max(1)
}

fn stamp(now: SimTime, origin: SimTime) -> u64 {
    origin.until(now).as_ns() / 1_000_000
}

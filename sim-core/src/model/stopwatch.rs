//! A sum of spans in eight bytes.
//!
//! Starting takes the instant off, stopping adds it: when as many have stopped as have started, what
//! is left is the sum of the spans between. Several may run at once, and none needs a place for its
//! own beginning. In between the sum means nothing; it may wrap, and comes back.

use crate::time::{SimDuration, SimTime};

/// Adds up spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stopwatch(u64);

impl Stopwatch {
    /// No span so far.
    pub(crate) const ZERO: Self = Self(0);

    /// A watch that a first span has just started.
    #[inline]
    pub(crate) const fn started(now: SimTime) -> Self {
        Self(0_u64.wrapping_sub(now.as_ns()))
    }

    /// A span begins.
    #[inline]
    pub(crate) const fn start(&mut self, now: SimTime) {
        self.0 = self.0.wrapping_sub(now.as_ns());
    }

    /// A span that began ends.
    #[inline]
    pub(crate) const fn stop(&mut self, now: SimTime) {
        self.0 = self.0.wrapping_add(now.as_ns());
    }

    /// The sum, while no span is running.
    #[inline]
    pub(crate) const fn sum(self) -> SimDuration {
        SimDuration::from_ns(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_may_overlap() {
        let at = SimTime::from_ns;
        let mut watch = Stopwatch::started(at(10));
        watch.start(at(12));
        watch.stop(at(15));
        watch.stop(at(20));
        watch.start(at(100));
        watch.stop(at(101));
        assert_eq!(watch.sum(), SimDuration::from_ns(3 + 10 + 1));
        assert_eq!(Stopwatch::ZERO.sum(), SimDuration::ZERO);
    }
}

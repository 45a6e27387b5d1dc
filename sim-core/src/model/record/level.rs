//! How many operations wait and run in one instance.
//!
//! Several things happen at one instant: an operation arrives and takes a free thread at once. Such
//! levels have no length, so they count neither for the mean nor for the peak: only a level that
//! lasts is one. The two levels share one clock, so a fact costs one multiplication for each.

use super::run::InstanceLoad;
use crate::time::SimTime;

/// Areas under levels [count × ns].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Areas {
    /// Waiting.
    pub(super) queue: i128,
    /// Threads taken.
    pub(super) busy: i128,
    /// Waiting or running.
    pub(super) present: i128,
}

/// The levels of one instance.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Level {
    /// Operations waiting for a thread \[count\].
    pub(super) queued: i64,
    /// Operations that got a thread and have not ended \[count\].
    pub(super) running: i64,
    /// Threads taken \[count\]: in a blocking service one for each operation that runs.
    pub(super) busy: i64,
    /// Whether threads come and go during an operation: the service is asynchronous.
    pub(super) own_threads: bool,
    /// Attempts that arrived \[count\].
    pub(super) arrived: u64,
    /// Departures minus arrivals, each at its instant \[ns\]: with the number there now times the
    /// time now it is the area under the number that wait or run, at two additions for each. Like
    /// that area it is known modulo 2^64.
    moment: u64,
    /// Areas since the start of the run.
    total: Areas,
    /// Since when both hold \[ns\].
    since_ns: u64,
    /// Area under `queued` since it was last taken [count × ns].
    queue_area: i128,
    /// Area under `busy` since it was last taken [count × ns].
    busy_area: i128,
    /// Greatest `queued` that lasted, since the peak was last taken \[count\].
    peak: i64,
}

impl Level {
    /// Time passes; call it before a level changes.
    #[inline]
    pub(super) fn pass(&mut self, now: SimTime) {
        let span = (now.as_ns() - self.since_ns).cast_signed();
        if span > 0 {
            self.queue_area += i128::from(self.queued) * i128::from(span);
            self.busy_area += i128::from(self.busy) * i128::from(span);
            self.peak = self.peak.max(self.queued);
            self.since_ns = now.as_ns();
        }
    }

    /// An attempt arrives, and waits at first.
    #[inline]
    pub(super) fn arrives(&mut self, now: SimTime) {
        self.pass(now);
        self.queued += 1;
        self.arrived += 1;
        self.moment = self.moment.wrapping_sub(now.as_ns());
    }

    /// One that waits or runs leaves.
    #[inline]
    pub(super) fn leaves(&mut self, now: SimTime, running: bool) {
        self.pass(now);
        self.running -= i64::from(running);
        self.busy -= i64::from(running && !self.own_threads);
        self.queued -= i64::from(!running);
        self.moment = self.moment.wrapping_add(now.as_ns());
    }

    /// The areas from the last time this was asked until `now`, to which time has passed.
    pub(super) fn take_areas(&mut self, now: SimTime) -> Areas {
        let there = (self.queued + self.running).cast_unsigned();
        let there_ns = there.wrapping_mul(now.as_ns());
        let present = self.moment.wrapping_add(there_ns);
        self.moment = there_ns.wrapping_neg();
        let areas = Areas {
            queue: std::mem::take(&mut self.queue_area),
            busy: std::mem::take(&mut self.busy_area),
            present: i128::from(present.cast_signed()),
        };
        self.total.queue += areas.queue;
        self.total.busy += areas.busy;
        self.total.present += areas.present;
        areas
    }

    /// What there was since the start of the run, by the time of the last areas.
    pub(super) const fn load(&self) -> InstanceLoad {
        InstanceLoad {
            arrived: self.arrived,
            queue_area: self.total.queue,
            busy_area: self.total.busy,
            present_area: self.total.present,
        }
    }

    /// The peak since the last time this was asked; the present level is part of both spans.
    pub(super) fn take_peak(&mut self) -> u32 {
        std::mem::replace(&mut self.peak, 0).max(0) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_level_that_lasts_counts() {
        let at = SimTime::from_ns;
        let mut level = Level::default();
        level.pass(at(10));
        level.queued += 3;
        level.pass(at(10));
        level.queued -= 1;
        level.pass(at(15));
        assert_eq!(level.take_areas(at(15)).queue, 10);
        assert_eq!(level.take_peak(), 2);
        level.queued = 0;
        level.pass(at(20));
        assert_eq!((level.take_areas(at(20)).queue, level.take_peak()), (0, 0));
    }

    #[test]
    fn who_is_there_is_known_without_a_clock_of_its_own() {
        let at = SimTime::from_ns;
        let mut level = Level {
            own_threads: true,
            ..Level::default()
        };
        level.arrives(at(10));
        level.arrives(at(10));
        // One starts, and its threads come and go.
        level.pass(at(12));
        (level.queued, level.running, level.busy) = (1, 1, 0);
        level.pass(at(20));
        let areas = level.take_areas(at(20));
        assert_eq!((areas.queue, areas.busy, areas.present), (12, 0, 20));
        level.leaves(at(23), true);
        level.leaves(at(24), false);
        level.arrives(at(27));
        level.pass(at(30));
        assert_eq!(level.take_areas(at(30)).present, 3 + 4 + 3);
        let load = level.load();
        assert_eq!((load.arrived, load.present_area), (3, 30));
    }
}

//! How many operations wait and run in one instance.
//!
//! Several things happen at one instant: an operation arrives and takes a free thread at once. Such
//! levels have no length, so they count neither for the mean nor for the peak: only a level that
//! lasts is one. The area under a level needs no multiplication as long as nobody asks for it: it is
//! the level times the time now, less the instant of each step up, plus that of each step down.

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

/// A number that goes up and down, with its exact area.
#[derive(Clone, Copy, Debug, Default)]
struct Steps {
    /// The number now \[count\].
    count: i64,
    /// The instants of all steps down minus those of all steps up [count × ns].
    moment: i128,
}

impl Steps {
    #[inline]
    fn up(&mut self, now: SimTime) {
        self.count += 1;
        self.moment -= i128::from(now.as_ns());
    }

    #[inline]
    fn down(&mut self, now: SimTime) {
        self.count -= 1;
        self.moment += i128::from(now.as_ns());
    }

    /// The area under the number since the start of the run [count × ns].
    fn area(&self, now: SimTime) -> i128 {
        self.moment + i128::from(self.count) * i128::from(now.as_ns())
    }
}

/// The levels of one instance.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Level {
    /// Operations waiting for a thread.
    waiting: Steps,
    /// Operations that got a thread and have not ended.
    running: Steps,
    /// Threads taken beyond one for each operation that runs; below zero if fewer.
    beyond: Steps,
    /// Whether threads come and go during an operation: the service is asynchronous.
    own_threads: bool,
    /// Attempts that arrived \[count\].
    pub(super) arrived: u64,
    /// Areas since the start of the run, when they were last taken.
    total: Areas,
    /// Since when as many wait as do now \[ns\].
    since_ns: u64,
    /// Most that waited for a time, since the peak was last taken \[count\].
    peak: i64,
}

impl Level {
    /// Nobody there.
    pub(super) fn new(own_threads: bool) -> Self {
        Self {
            own_threads,
            ..Self::default()
        }
    }

    /// Operations waiting for a thread \[count\].
    pub(super) const fn queued(&self) -> i64 {
        self.waiting.count
    }

    /// Operations that got a thread and have not ended \[count\].
    pub(super) const fn running(&self) -> i64 {
        self.running.count
    }

    /// Time passes; call it before the number of those who wait changes.
    #[inline]
    pub(super) fn pass(&mut self, now: SimTime) {
        if now.as_ns() > self.since_ns {
            if self.waiting.count > self.peak {
                self.peak = self.waiting.count;
            }
            self.since_ns = now.as_ns();
        }
    }

    /// An attempt arrives, and waits at first.
    #[inline]
    pub(super) fn arrives(&mut self, now: SimTime) {
        self.pass(now);
        self.waiting.up(now);
        self.arrived += 1;
    }

    /// One that waits gets a thread.
    #[inline]
    pub(super) fn starts(&mut self, now: SimTime) {
        self.pass(now);
        self.waiting.down(now);
        self.running.up(now);
    }

    /// An attempt arrives and gets a thread at once.
    #[inline]
    pub(super) fn starts_at_once(&mut self, now: SimTime) {
        self.pass(now);
        self.running.up(now);
        self.arrived += 1;
    }

    /// One that waits or runs leaves.
    #[inline]
    pub(super) fn leaves(&mut self, now: SimTime, running: bool) {
        if !running {
            self.pass(now);
            self.waiting.down(now);
            return;
        }
        self.running.down(now);
        if self.own_threads {
            self.beyond.up(now);
        }
    }

    /// A strand of an asynchronous service takes a thread.
    pub(super) fn takes_thread(&mut self, now: SimTime) {
        self.beyond.up(now);
    }

    /// It gives it back.
    pub(super) fn gives_thread_back(&mut self, now: SimTime) {
        self.beyond.down(now);
    }

    /// The areas from the last time this was asked until `now`.
    pub(super) fn take_areas(&mut self, now: SimTime) -> Areas {
        let (queue, running) = (self.waiting.area(now), self.running.area(now));
        let before = self.total;
        self.total = Areas {
            queue,
            busy: running + self.beyond.area(now),
            present: queue + running,
        };
        Areas {
            queue: self.total.queue - before.queue,
            busy: self.total.busy - before.busy,
            present: self.total.present - before.present,
        }
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
        (0..3).for_each(|_| level.arrives(at(10)));
        level.starts(at(10));
        level.pass(at(15));
        assert_eq!(level.take_areas(at(15)).queue, 10);
        assert_eq!(level.take_peak(), 2);
        level.leaves(at(15), false);
        level.starts(at(15));
        level.pass(at(20));
        assert_eq!((level.take_areas(at(20)).queue, level.take_peak()), (0, 0));
    }

    #[test]
    fn a_level_lasts_through_an_instant_in_which_one_comes_and_goes() {
        let at = SimTime::from_ns;
        let mut level = Level::default();
        level.arrives(at(10));
        level.arrives(at(20));
        level.starts(at(20));
        level.starts(at(20));
        assert_eq!(level.take_peak(), 1);
    }

    #[test]
    fn who_is_there_is_known_whoever_has_the_threads() {
        let at = SimTime::from_ns;
        let mut level = Level::new(true);
        level.arrives(at(10));
        level.arrives(at(10));
        // One starts, and its threads come and go.
        level.starts(at(12));
        level.gives_thread_back(at(12));
        let areas = level.take_areas(at(20));
        assert_eq!((areas.queue, areas.busy, areas.present), (12, 0, 20));
        level.takes_thread(at(20));
        level.gives_thread_back(at(22));
        level.leaves(at(23), true);
        level.leaves(at(24), false);
        level.arrives(at(27));
        let areas = level.take_areas(at(30));
        assert_eq!((areas.busy, areas.present), (2, 3 + 4 + 3));
        let load = level.load();
        assert_eq!((load.arrived, load.present_area), (3, 30));
    }

    #[test]
    fn a_blocking_operation_has_one_thread_while_it_runs() {
        let at = SimTime::from_ns;
        let mut level = Level::new(false);
        level.arrives(at(10));
        level.starts(at(12));
        level.leaves(at(20), true);
        let areas = level.take_areas(at(30));
        assert_eq!((areas.queue, areas.busy, areas.present), (2, 8, 10));
    }
}

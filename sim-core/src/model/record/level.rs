//! How many operations wait and run in one instance.
//!
//! Several things happen at one instant: an operation arrives and takes a free thread at once. Such
//! levels have no length, so they count neither for the mean nor for the peak: only a level that
//! lasts is one. The two levels share one clock, so a fact costs one multiplication for each.

use crate::time::SimTime;

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
    /// Since when both hold \[ns\].
    since_ns: u64,
    /// Area under `queued` since it was last taken [count × ns].
    queue_area: i64,
    /// Area under `busy` since it was last taken [count × ns].
    busy_area: i64,
    /// Greatest `queued` that lasted, since the peak was last taken \[count\].
    peak: i64,
}

impl Level {
    /// Time passes; call it before a level changes.
    #[inline]
    pub(super) fn pass(&mut self, now: SimTime) {
        let span = (now.as_ns() - self.since_ns).cast_signed();
        if span > 0 {
            self.queue_area += self.queued * span;
            self.busy_area += self.busy * span;
            self.peak = self.peak.max(self.queued);
            self.since_ns = now.as_ns();
        }
    }

    /// The areas since the last time this was asked: waiting and busy [count × ns].
    pub(super) fn take_areas(&mut self) -> (i64, i64) {
        (
            std::mem::take(&mut self.queue_area),
            std::mem::take(&mut self.busy_area),
        )
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
        assert_eq!(level.take_areas(), (10, 0));
        assert_eq!(level.take_peak(), 2);
        level.queued = 0;
        level.pass(at(20));
        assert_eq!((level.take_areas(), level.take_peak()), ((0, 0), 0));
    }
}

//! Bulkhead: a semaphore with a waiting room.
//!
//! A ship's bulkheads keep a leak in one compartment. A caller whose threads all wait for one slow
//! dependency has a leak; a bulkhead around the calls to it lets only so many be under way, so the
//! others' threads stay free.
//!
//! The rule: while fewer than `max_concurrent` passes are inside, one more enters at once; else it
//! waits if fewer than `max_waiting` wait, first come, first served, for at most `max_wait`; else
//! it is stopped. A permit that comes back goes to the first waiter within the same instant, so
//! nobody overtakes. A pass is inside until what it holds has ended, its backoff included (rule 6).
//!
//! Defaults of libraries: resilience4j's semaphore 25 and a wait of 0; Polly 8 1000 permits, queue
//! 0; cockatiel queue 0, first in, first out; Envoy 1024 connections and 1024 pending requests.
//!
//! Rejected: waiters that race for a permit (unfair semaphores: who wins would depend on nothing
//! the scenario says), a timer in here (the model wakes a waiter whose time is over and calls
//! [`Guard::forget`]), and one thread pool per dependency (Hystrix: a bulkhead as well, but its
//! threads are the service's business).

use crate::policy::{Guard, GuardAnswer, Left, Outcome, Visit};
use crate::time::{SimDuration, SimTime};
use std::collections::VecDeque;

/// A bulkhead layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkheadConfig {
    /// Passes inside at once \[count\]; no default. resilience4j: 25, Polly 8: 1000.
    pub max_concurrent: u32,
    /// Passes that may wait for a permit, first come, first served \[count\]; default 0 (Polly 8,
    /// cockatiel).
    pub max_waiting: u32,
    /// How long one may wait; default unlimited, which matters only with a waiting room.
    /// resilience4j: 0.
    pub max_wait: SimDuration,
}

/// Who is inside, and who waits.
///
/// ```
/// use sim_core::policy::{Bulkhead, BulkheadConfig, Guard, GuardAnswer, Left, Outcome, Visit};
/// use sim_core::time::{SimDuration, SimTime};
///
/// let config = BulkheadConfig { max_concurrent: 1, max_waiting: 1, max_wait: SimDuration::MAX };
/// let mut bulkhead = Bulkhead::new();
/// let now = SimTime::ZERO;
/// assert_eq!(bulkhead.enter(&config, now, Visit::of(7)), GuardAnswer::Admitted);
/// assert!(matches!(bulkhead.enter(&config, now, Visit::of(8)), GuardAnswer::Waits { .. }));
/// let full = Outcome::StoppedBulkheadFull;
/// assert_eq!(bulkhead.enter(&config, now, Visit::of(9)), GuardAnswer::Stopped(full));
/// // Pass 7 ends: its permit goes to pass 8.
/// bulkhead.leave(&config, now, Left::with(Outcome::Ok));
/// assert_eq!(bulkhead.next(&config, now), Some(8));
/// assert_eq!(bulkhead.next(&config, now), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bulkhead {
    /// Passes inside \[count\]; above `max_concurrent` only after that was lowered.
    in_use: u32,
    /// Who waits, the first to enter in front.
    waiting: VecDeque<u32>,
}

impl Bulkhead {
    /// An empty bulkhead.
    pub const fn new() -> Self {
        Self {
            in_use: 0,
            waiting: VecDeque::new(),
        }
    }

    /// Passes inside \[count\].
    pub const fn in_use(&self) -> u32 {
        self.in_use
    }

    /// Passes that wait \[count\].
    pub fn waiting(&self) -> u32 {
        self.waiting.len() as u32
    }
}

impl Guard for Bulkhead {
    type Config = BulkheadConfig;

    fn admits(&self, config: &BulkheadConfig, _now: SimTime) -> bool {
        self.in_use < config.max_concurrent
    }

    fn enter(&mut self, config: &BulkheadConfig, now: SimTime, visit: Visit) -> GuardAnswer {
        if self.in_use < config.max_concurrent && self.waiting.is_empty() {
            self.in_use += 1;
            return GuardAnswer::Admitted;
        }
        if self.waiting() >= config.max_waiting {
            return GuardAnswer::Stopped(Outcome::StoppedBulkheadFull);
        }
        self.waiting.push_back(visit.who);
        let until = if config.max_wait < SimDuration::MAX {
            now + config.max_wait
        } else {
            SimTime::NEVER
        };
        GuardAnswer::Waits { until }
    }

    /// # Panics
    /// When nobody is inside: a permit came back twice.
    fn leave(&mut self, _config: &BulkheadConfig, _now: SimTime, _left: Left) {
        assert!(self.in_use > 0, "a bulkhead permit came back twice");
        self.in_use -= 1;
    }

    /// Takes time in proportion to those who wait in front of it, none for one whose wait is over
    /// while all have the same `max_wait`: it is the first.
    fn forget(&mut self, who: u32) -> bool {
        let place = self.waiting.iter().position(|&waiter| waiter == who);
        place.is_some_and(|place| self.waiting.remove(place).is_some())
    }

    fn next(&mut self, config: &BulkheadConfig, _now: SimTime) -> Option<u32> {
        if self.in_use >= config.max_concurrent {
            return None;
        }
        let who = self.waiting.pop_front()?;
        self.in_use += 1;
        Some(who)
    }

    fn due(&mut self, who: u32) -> Option<Outcome> {
        self.forget(who).then_some(Outcome::StoppedBulkheadTimeout)
    }

    fn held(&self) -> (u32, u32) {
        (self.in_use, self.waiting())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const NOW: SimTime = SimTime::ZERO;
    const WAITS: GuardAnswer = GuardAnswer::Waits {
        until: SimTime::NEVER,
    };
    const FULL: GuardAnswer = GuardAnswer::Stopped(Outcome::StoppedBulkheadFull);

    fn limits(max_concurrent: u32, max_waiting: u32) -> BulkheadConfig {
        BulkheadConfig {
            max_concurrent,
            max_waiting,
            max_wait: SimDuration::MAX,
        }
    }

    /// A pass inside ends; who is inside in its place.
    fn leave(bulkhead: &mut Bulkhead, config: &BulkheadConfig) -> Option<u32> {
        bulkhead.leave(config, NOW, Left::UNKNOWN);
        bulkhead.next(config, NOW)
    }

    /// A bulkhead that passes 0, 1, 2, … have entered.
    fn entered(config: &BulkheadConfig, passes: u32) -> Bulkhead {
        let mut bulkhead = Bulkhead::new();
        for who in 0..passes {
            assert_ne!(bulkhead.enter(config, NOW, Visit::of(who)), FULL);
        }
        bulkhead
    }

    #[test]
    fn passes_meet_their_limits() {
        let check = |title: &str, config: &BulkheadConfig, passes, expected| {
            let mut bulkhead = entered(config, passes);
            assert_eq!(
                bulkhead.enter(config, NOW, Visit::of(99)),
                expected,
                "{title}"
            );
        };
        check(
            "an empty one admits",
            &limits(2, 0),
            0,
            GuardAnswer::Admitted,
        );
        check("the last permit", &limits(2, 0), 1, GuardAnswer::Admitted);
        check("no waiting room", &limits(2, 0), 2, FULL);
        check("a free place to wait", &limits(2, 1), 2, WAITS);
        check("a full waiting room", &limits(2, 1), 3, FULL);
        check("no permits at all", &limits(0, 1), 0, WAITS);
    }

    #[test]
    fn a_waiter_that_gives_up_keeps_nobody_back() {
        let config = limits(1, 3);
        let mut bulkhead = entered(&config, 4);
        assert!(bulkhead.forget(2));
        assert!(!bulkhead.forget(2));
        assert_eq!(leave(&mut bulkhead, &config), Some(1));
        assert_eq!(leave(&mut bulkhead, &config), Some(3));
        assert_eq!(leave(&mut bulkhead, &config), None);
        assert_eq!((bulkhead.in_use(), bulkhead.waiting()), (0, 0));
    }

    #[test]
    fn rule_22_fewer_permits_admit_nobody_until_enough_have_left() {
        let mut bulkhead = entered(&limits(3, 1), 4);
        let fewer = limits(2, 1);
        assert_eq!(leave(&mut bulkhead, &fewer), None);
        assert_eq!(leave(&mut bulkhead, &fewer), Some(3));
        assert_eq!(bulkhead.in_use(), 2);
    }

    #[test]
    fn rule_22_more_permits_admit_waiters_in_order() {
        let mut bulkhead = entered(&limits(1, 3), 4);
        let more = limits(3, 3);
        // A newcomer does not overtake those who wait.
        assert_eq!(bulkhead.enter(&more, NOW, Visit::of(9)), FULL);
        assert_eq!(bulkhead.next(&more, NOW), Some(1));
        assert_eq!(bulkhead.next(&more, NOW), Some(2));
        assert_eq!(bulkhead.next(&more, NOW), None);
        assert_eq!((bulkhead.in_use(), bulkhead.waiting()), (3, 1));
    }

    #[test]
    #[should_panic(expected = "came back twice")]
    fn rule_6_a_permit_comes_back_once() {
        Bulkhead::new().leave(&limits(1, 0), NOW, Left::UNKNOWN);
    }

    proptest! {
        #[test]
        fn nobody_overtakes_and_nobody_is_lost(
            max_concurrent in 1_u32..5,
            max_waiting in 0_u32..5,
            deeds in prop::collection::vec(0_u32..5, 0..200),
        ) {
            let config = limits(max_concurrent, max_waiting);
            let mut bulkhead = Bulkhead::new();
            // Who is inside, who waits, and who was the last to be taken from the waiting room.
            let (mut inside, mut waiting) = (BTreeSet::new(), BTreeSet::new());
            let mut last_admitted = None;
            for (who, deed) in deeds.into_iter().enumerate() {
                let who = who as u32;
                if deed < 3 {
                    match bulkhead.enter(&config, NOW, Visit::of(who)) {
                        GuardAnswer::Admitted => prop_assert!(inside.insert(who)),
                        GuardAnswer::Waits { .. } => prop_assert!(waiting.insert(who)),
                        GuardAnswer::Stopped(_) => prop_assert_eq!(bulkhead.waiting(), max_waiting),
                        GuardAnswer::Until { .. } => prop_assert!(false, "nobody knows when"),
                    }
                } else if deed == 3 && inside.pop_first().is_some() {
                    if let Some(next) = leave(&mut bulkhead, &config) {
                        prop_assert!(last_admitted < Some(next), "overtaken");
                        prop_assert!(waiting.remove(&next) && inside.insert(next));
                        last_admitted = Some(next);
                    }
                } else if let Some(gone) = waiting.pop_last() {
                    prop_assert!(bulkhead.forget(gone));
                }
                prop_assert_eq!(bulkhead.in_use() as usize, inside.len());
                prop_assert_eq!(bulkhead.waiting() as usize, waiting.len());
                prop_assert!(bulkhead.in_use() <= max_concurrent);
                // No permit lies idle while somebody waits.
                prop_assert!(waiting.is_empty() || bulkhead.in_use() == max_concurrent);
            }
        }
    }
}

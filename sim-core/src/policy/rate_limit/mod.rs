//! Rate limit: so many passes in so much time, as the caller allows itself.
//!
//! A ticket machine at a door. It has a store of permits and a way in which new ones come; a pass
//! takes one and goes in, and what it does inside is no business of the machine: nothing is ever
//! given back. What differs between libraries is how permits come ([`RateRule`]): drop by drop, by
//! the bucket, or anew with each cycle, and so how bunched the passes are that a limit of "100 in a
//! second" lets through.
//!
//! The rule: a pass that finds a permit, and nobody in line, takes it. Else the instant is worked
//! out at which a permit will be there for it. If that is later than `max_wait` from now, or
//! `max_waiting` stand in line, it is stopped (`stopped.rate_limited`); else it waits.
//!
//! How it waits is what `reservation` says. With it, the pass takes a permit that is yet to come, as
//! resilience4j does, whose count of permits goes below zero: its instant stands, and who leaves
//! before has wasted a permit. Without it, the pass stands in line, as in .NET: who leaves makes
//! those behind it come sooner, and a changed setting holds for all in line.
//!
//! Who is stopped learns it at once, or with [`RefusalTime::AfterWait`] only after `max_wait`: a thread
//! that resilience4j refuses has slept for the whole of its timeout.
//!
//! Defaults of libraries: resilience4j 50 permits in 500 ns with a wait of 5 s, which limits nothing
//! that a computer can do; governor, .NET and Envoy have none.
//!
//! Rejected: waiters with a timer each (of those in line only the first can be next), permits that
//! come by timer (they come of themselves, worked out when somebody asks), floats (a limit has to
//! hold to the nanosecond, and on every machine), newest first (.NET's other order: a line that
//! serves those who came last starves the first for ever under load, and only .NET has it).

mod config;
mod meter;
#[cfg(test)]
mod tests;

pub use config::{RateLimitConfig, RateRule, RefusalTime};

use crate::policy::{Applied, AppliedSet, Guard, GuardAnswer, Outcome, Visit};
use crate::time::SimTime;
use meter::Meter;
use std::collections::VecDeque;

/// The permits of one owner, and who waits for one.
///
/// ```
/// use sim_core::policy::{
///     Guard, GuardAnswer, Outcome, RateLimit, RateLimitConfig, RateRule, RefusalTime, Visit,
/// };
/// use sim_core::time::{SimDuration, SimTime};
///
/// let config = RateLimitConfig {
///     rule: RateRule::FixedCycle,
///     permits: 1,
///     period: SimDuration::from_secs(1),
///     max_wait: SimDuration::from_millis(500),
///     max_waiting: u32::MAX,
///     reservation: true,
///     refusal: RefusalTime::AtOnce,
/// };
/// let at_ms = |ms| SimTime::ZERO + SimDuration::from_millis(ms);
/// let mut limit = RateLimit::new(&config, SimTime::ZERO);
/// assert_eq!(limit.enter(&config, at_ms(200), Visit::of(7)), GuardAnswer::Admitted);
/// // The next permit comes at 1 s: too late for who comes now, in time for who comes later.
/// let refused = GuardAnswer::Stopped(Outcome::StoppedRateLimited);
/// assert_eq!(limit.enter(&config, at_ms(300), Visit::of(8)), refused);
/// let waits = GuardAnswer::Until { at: at_ms(1_000), stopped: None };
/// assert_eq!(limit.enter(&config, at_ms(600), Visit::of(9)), waits);
/// ```
#[derive(Clone, Debug)]
pub struct RateLimit {
    meter: Meter,
    /// Who stands in line, the first to come in front.
    line: VecDeque<u32>,
}

impl RateLimit {
    /// A limit with all its permits, whose cycles begin now.
    pub fn new(config: &RateLimitConfig, now: SimTime) -> Self {
        Self {
            meter: Meter::full(config, now),
            line: VecDeque::new(),
        }
    }

    /// A pass that will not get its permit in time.
    fn refuse(config: &RateLimitConfig, now: SimTime) -> GuardAnswer {
        let outcome = Outcome::StoppedRateLimited;
        match config.refusal {
            RefusalTime::AfterWait if !config.max_wait.is_zero() => GuardAnswer::Until {
                at: now + config.max_wait,
                stopped: Some(outcome),
            },
            RefusalTime::AfterWait | RefusalTime::AtOnce => GuardAnswer::Stopped(outcome),
        }
    }
}

impl Guard for RateLimit {
    type Config = RateLimitConfig;

    fn admits(&self, config: &RateLimitConfig, now: SimTime) -> bool {
        self.line.is_empty() && self.meter.has_permit(config, now)
    }

    fn enter(&mut self, config: &RateLimitConfig, now: SimTime, visit: Visit) -> GuardAnswer {
        self.meter.advance(config, now);
        if self.admits(config, now) {
            self.meter.take(config, now);
            return GuardAnswer::Admitted;
        }
        let ahead = self.line.len() as u32;
        if config.max_wait.is_zero() || ahead >= config.max_waiting {
            return Self::refuse(config, now);
        }
        let at = self.meter.ready_at(config, now, ahead);
        if at.since(now) > config.max_wait {
            return Self::refuse(config, now);
        }
        if config.reservation && ahead == 0 {
            self.meter.take(config, now);
            return GuardAnswer::Until { at, stopped: None };
        }
        self.line.push_back(visit.who);
        GuardAnswer::Waits {
            until: SimTime::NEVER,
        }
    }

    fn forget(&mut self, who: u32) -> bool {
        let place = self.line.iter().position(|&waiter| waiter == who);
        place.is_some_and(|place| self.line.remove(place).is_some())
    }

    fn next(&mut self, config: &RateLimitConfig, now: SimTime) -> Option<u32> {
        let &first = self.line.front()?;
        self.meter.advance(config, now);
        if !self.meter.has_permit(config, now) {
            return None;
        }
        self.meter.take(config, now);
        self.line.pop_front();
        Some(first)
    }

    fn turn(&mut self, config: &RateLimitConfig, now: SimTime) -> Option<(u32, SimTime)> {
        let &first = self.line.front()?;
        self.meter.advance(config, now);
        Some((first, self.meter.ready_at(config, now, 0)))
    }

    fn refused_by(&self, config: &RateLimitConfig) -> AppliedSet {
        if config.max_wait.is_zero() {
            return AppliedSet::NONE;
        }
        let full = self.line.len() as u32 >= config.max_waiting;
        AppliedSet::NONE
            .with_if(full, Applied::LineFull)
            .with_if(!full, Applied::WaitTooLong)
            .with_if(
                config.refusal == RefusalTime::AfterWait,
                Applied::StoppedAfterWait,
            )
    }

    fn held(&self) -> (u32, u32) {
        (0, self.line.len() as u32)
    }
}

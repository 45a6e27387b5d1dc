//! Meters: how permits come, one arm for each rule.
//!
//! All are read in the same way: brought up to the present ([`Meter::advance`]), they say whether a
//! permit is there and at which instant the next ones will be, and one is taken. Taking a permit
//! that is not there is taking one that is yet to come: the count goes below zero. Everything is
//! counted in whole permits and nanoseconds.

use super::config::{RateLimitConfig, RateRule};
use crate::time::{SimDuration, SimTime};

/// The permits of one owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meter {
    /// A bucket that fills evenly.
    Drops {
        /// Permits in it \[count\].
        tokens: i64,
        /// What has come of the next permit \[1 / period\].
        part: u64,
        /// When that was so.
        at: SimTime,
    },
    /// A bucket that fills in steps, or the permits of a cycle.
    Steps {
        /// Permits in it \[count\].
        tokens: i64,
        /// When the last ones came.
        filled_at: SimTime,
    },
    /// When a pass would be due that keeps its distance to all before it.
    Arrival(SimTime),
    /// What was taken in each segment of the last period.
    Window(Segments),
}

/// What was taken in each segment of the last period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segments {
    /// Permits taken, by segment, in a ring \[count\].
    taken: Vec<u32>,
    /// Which of them is the present one.
    present: usize,
    /// When that began.
    began_at: SimTime,
    /// Permits taken in all of them \[count\].
    sum: u32,
}

impl Meter {
    /// All permits are there.
    pub(super) fn full(config: &RateLimitConfig, now: SimTime) -> Self {
        match config.rule {
            RateRule::TokenBucket { burst } => Self::Drops {
                tokens: burst.into(),
                part: 0,
                at: now,
            },
            RateRule::SteppedBucket { .. } | RateRule::FixedCycle => Self::Steps {
                tokens: config.holds().into(),
                filled_at: now,
            },
            RateRule::Gcra { .. } => Self::Arrival(now),
            RateRule::SlidingWindow { segments } => Self::Window(Segments {
                taken: vec![0; segments as usize],
                present: 0,
                began_at: now,
                sum: 0,
            }),
        }
    }

    /// Whether it is one of this rule; a rule that was changed begins with a new one.
    fn fits(&self, rule: RateRule) -> bool {
        match rule {
            RateRule::TokenBucket { .. } => matches!(self, Self::Drops { .. }),
            RateRule::SteppedBucket { .. } | RateRule::FixedCycle => {
                matches!(self, Self::Steps { .. })
            }
            RateRule::Gcra { .. } => matches!(self, Self::Arrival(_)),
            RateRule::SlidingWindow { segments } => {
                matches!(self, Self::Window(window) if window.taken.len() == segments as usize)
            }
        }
    }

    /// Brings it up to the present.
    pub(super) fn advance(&mut self, config: &RateLimitConfig, now: SimTime) {
        if !self.fits(config.rule) {
            *self = Self::full(config, now);
            return;
        }
        match self {
            Self::Drops { tokens, part, at } => {
                (*tokens, *part) = filled_evenly(config, (*tokens, *part), now.since(*at));
                *at = now;
            }
            Self::Steps { tokens, filled_at } => {
                let steps = now.since(*filled_at).as_ns() / config.period.as_ns();
                *tokens = filled(config, *tokens, steps);
                *filled_at = *filled_at + config.period.times(steps);
            }
            Self::Arrival(_) => {}
            Self::Window(window) => window.advance(config, now),
        }
    }

    /// Whether a permit is there for a pass that comes now.
    pub(super) fn has_permit(&self, config: &RateLimitConfig, now: SimTime) -> bool {
        if !self.fits(config.rule) {
            return true;
        }
        match self {
            Self::Drops { tokens, part, at } => {
                filled_evenly(config, (*tokens, *part), now.since(*at)).0 > 0
            }
            Self::Steps { tokens, filled_at } => {
                let steps = now.since(*filled_at).as_ns() / config.period.as_ns();
                filled(config, *tokens, steps) > 0
            }
            Self::Arrival(due_at) => now >= due_at.before(config.saved()),
            Self::Window(window) => window.sum_at(config, now) < config.permits,
        }
    }

    /// Takes a permit, which is there or yet to come. The meter is up to the present.
    pub(super) fn take(&mut self, config: &RateLimitConfig, now: SimTime) {
        match self {
            Self::Drops { tokens, .. } | Self::Steps { tokens, .. } => *tokens -= 1,
            Self::Arrival(due_at) => *due_at = now.max(*due_at) + config.distance(),
            Self::Window(window) => {
                window.taken[window.present] += 1;
                window.sum += 1;
            }
        }
    }

    /// When a permit is there for a pass with so many in front of it, if each takes one as soon as
    /// it can. The meter is up to the present.
    pub(super) fn ready_at(&self, config: &RateLimitConfig, now: SimTime, ahead: u32) -> SimTime {
        match self {
            Self::Drops { tokens, part, .. } => {
                let missing = (i128::from(ahead) + 1 - i128::from(*tokens)).max(0);
                let parts = missing * i128::from(config.period.as_ns()) - i128::from(*part);
                now + span(div_ceil(parts.max(0), config.permits))
            }
            Self::Steps { tokens, filled_at } => {
                let missing = (i128::from(ahead) + 1 - i128::from(*tokens)).max(0);
                let steps = div_ceil(missing, config.permits);
                now.max(*filled_at + span(steps * i128::from(config.period.as_ns())))
            }
            Self::Arrival(due_at) => {
                let due_at = now.max(*due_at) + config.distance().times(ahead.into());
                now.max(due_at.before(config.saved()))
            }
            Self::Window(window) => window.ready_at(config, now, ahead),
        }
    }
}

impl RateLimitConfig {
    /// The most permits that can be saved up, where the rule counts them \[count\].
    const fn holds(&self) -> u32 {
        match self.rule {
            RateRule::TokenBucket { burst }
            | RateRule::SteppedBucket { burst }
            | RateRule::Gcra { burst } => burst,
            RateRule::FixedCycle | RateRule::SlidingWindow { .. } => self.permits,
        }
    }

    /// The distance that passes keep, at least a nanosecond.
    fn distance(&self) -> SimDuration {
        SimDuration::from_ns((self.period.as_ns() / u64::from(self.permits)).max(1))
    }

    /// How much earlier than due a pass may come.
    fn saved(&self) -> SimDuration {
        self.distance().times(u64::from(self.holds() - 1))
    }

    /// How long a segment lasts, at least a nanosecond.
    fn segment(&self, segments: usize) -> SimDuration {
        SimDuration::from_ns((self.period.as_ns() / segments as u64).max(1))
    }
}

/// The tokens of a bucket after so many more steps.
fn filled(config: &RateLimitConfig, tokens: i64, steps: u64) -> i64 {
    let come = i128::from(steps) * i128::from(config.permits);
    (i128::from(tokens) + come).min(config.holds().into()) as i64
}

/// The tokens of a bucket, and the part of the next, after so much more time.
fn filled_evenly(
    config: &RateLimitConfig,
    (tokens, part): (i64, u64),
    elapsed: SimDuration,
) -> (i64, u64) {
    let period = i128::from(config.period.as_ns());
    let parts = i128::from(part) + i128::from(elapsed.as_ns()) * i128::from(config.permits);
    let tokens = i128::from(tokens) + parts / period;
    let full = i128::from(config.holds());
    if tokens >= full {
        (full as i64, 0)
    } else {
        (tokens as i64, (parts % period) as u64)
    }
}

fn div_ceil(number: i128, by: u32) -> i128 {
    (number + i128::from(by) - 1) / i128::from(by)
}

fn span(ns: i128) -> SimDuration {
    SimDuration::from_ns(u64::try_from(ns).unwrap_or(u64::MAX))
}

impl Segments {
    /// Segments that have begun since the present one.
    fn begun(&self, config: &RateLimitConfig, now: SimTime) -> u64 {
        now.since(self.began_at).as_ns() / config.segment(self.taken.len()).as_ns()
    }

    fn advance(&mut self, config: &RateLimitConfig, now: SimTime) {
        let begun = self.begun(config, now);
        for _ in 0..begun.min(self.taken.len() as u64) {
            self.present = (self.present + 1) % self.taken.len();
            self.sum -= self.taken[self.present];
            self.taken[self.present] = 0;
        }
        self.began_at = self.began_at + config.segment(self.taken.len()).times(begun);
    }

    /// What was taken in the last period, as of an instant to which it was not yet brought.
    fn sum_at(&self, config: &RateLimitConfig, now: SimTime) -> u32 {
        let over = self.begun(config, now).min(self.taken.len() as u64) as usize;
        self.sum - self.oldest_first().take(over).sum::<u32>()
    }

    /// What comes back at the end of the present segment, of the next, and so on.
    fn oldest_first(&self) -> impl Iterator<Item = u32> {
        let (before, after) = self.taken.split_at(self.present + 1);
        after.iter().chain(before).copied()
    }

    /// What is taken comes back a period later: so the passes that wait take it in the rhythm in
    /// which it was taken, period after period.
    fn ready_at(&self, config: &RateLimitConfig, now: SimTime, ahead: u32) -> SimTime {
        let free = config.permits.saturating_sub(self.sum);
        let Some(behind) = ahead.checked_sub(free) else {
            return now;
        };
        let too_many = self.sum.saturating_sub(config.permits);
        let needed = behind % config.permits + 1 + too_many;
        let mut back = 0;
        let ends = self.oldest_first().take_while(|taken| {
            back += taken;
            back < needed
        });
        let rounds = u64::from(behind / config.permits) * self.taken.len() as u64;
        let segments = (ends.count() as u64 + 1).min(self.taken.len() as u64) + rounds;
        self.began_at + config.segment(self.taken.len()).times(segments)
    }
}

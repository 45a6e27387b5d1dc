//! `CoDel`: a line that drops those who have waited too long, once waiting has become a habit.
//!
//! A long queue is harmless while it comes and goes; a queue that is never short only adds delay. So
//! these rules look at how long those waited who are taken. While somebody now and then waits less
//! than `target`, all is well; if for a whole `interval` nobody does, the line is too long.
//!
//! Three rules, judged at the taking:
//!
//! - RFC 8289 (section 5): the first to be taken after an interval without a short wait is dropped,
//!   then one each `interval / sqrt(n)` later, n growing with each drop, until a wait is short, or no
//!   more than one is left waiting. If that was less than 16 intervals ago, n goes on near where it
//!   stood. Made for senders that slow down when something is lost: callers of a service do not, and
//!   so at twice the load it takes it seconds to catch up.
//! - folly's (`folly/executors/Codel.cpp`): once per interval it is decided from the least wait in it
//!   whether there is overload. While there is, all who waited longer than twice the target are
//!   dropped. Who opens an interval is never dropped.
//! - Facebook's (Maurer, *Fail at Scale*, ACM Queue 2015): who joins a line that has not been empty
//!   for longer than `interval` may wait for `target`, any other for `interval`.
//!
//! Rejected: the limit of Facebook's rule as a timer of each who waits, as the article has it: those
//! who are dropped free nothing before they are taken, and so nobody else would see a difference but
//! their own callers; RFC 8289's square root in floats.

use crate::time::{SimDuration, SimTime};

/// How waits are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodelConfig {
    /// Waits below this are short.
    pub target: SimDuration,
    /// For how long waits may be longer.
    pub interval: SimDuration,
    /// By whose rule.
    pub rule: CodelRule,
}

/// Whose rule it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodelRule {
    /// That of routers: RFC 8289.
    Rfc8289,
    /// That of folly's executors.
    Folly,
    /// That of Facebook's servers.
    Facebook,
}

/// One who is taken from the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// How long it has waited.
    pub waited: SimDuration,
    /// How many wait still \[count\].
    pub left: u32,
    /// How long the line had not been empty when it joined.
    pub busy_before: SimDuration,
}

/// What a rule remembers of those it has judged.
#[derive(Clone, Copy, Debug)]
pub enum Codel {
    /// RFC 8289.
    Rfc8289(DropRamp),
    /// folly.
    Folly(LeastWait),
    /// Facebook: nothing.
    Facebook,
}

impl Codel {
    /// Nobody was judged yet.
    pub const fn new(rule: CodelRule) -> Self {
        match rule {
            CodelRule::Rfc8289 => Self::Rfc8289(DropRamp::NEW),
            CodelRule::Folly => Self::Folly(LeastWait::NEW),
            CodelRule::Facebook => Self::Facebook,
        }
    }

    /// Whose rule it is.
    pub const fn rule(&self) -> CodelRule {
        match self {
            Self::Rfc8289(_) => CodelRule::Rfc8289,
            Self::Folly(_) => CodelRule::Folly,
            Self::Facebook => CodelRule::Facebook,
        }
    }

    /// Somebody is taken: whether it is dropped. If so, the next one is taken in its place at once.
    pub fn drops(&mut self, config: &CodelConfig, now: SimTime, taken: Taken) -> bool {
        match self {
            Self::Rfc8289(ramp) => ramp.drops(config, now, taken),
            Self::Folly(least) => least.drops(config, now, taken.waited),
            Self::Facebook => {
                let standing = taken.busy_before > config.interval;
                let limit = if standing {
                    config.target
                } else {
                    config.interval
                };
                taken.waited > limit
            }
        }
    }

    /// Somebody joins a line that had become empty, perhaps without a taking: there is no wait above
    /// the target.
    pub const fn found_empty(&mut self) {
        match self {
            Self::Rfc8289(ramp) => ramp.first_above = None,
            Self::Folly(_) | Self::Facebook => {}
        }
    }
}

/// RFC 8289: drops that come ever faster.
#[derive(Clone, Copy, Debug)]
pub struct DropRamp {
    /// From when on one may be dropped, if no wait is short until then.
    first_above: Option<SimTime>,
    dropping: bool,
    /// Drops of this spell, and what it began with \[count\].
    count: u32,
    /// What the last spell began with \[count\].
    last_count: u32,
    drop_next: SimTime,
    turn: Turn,
}

/// What the one who is taken next stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// A thread came for it.
    Fresh,
    /// It comes in the place of one whose drop began a spell.
    AfterFirst,
    /// It comes in the place of one dropped within a spell.
    AfterAnother,
}

impl DropRamp {
    const NEW: Self = Self {
        first_above: None,
        dropping: false,
        count: 0,
        last_count: 0,
        drop_next: SimTime::ZERO,
        turn: Turn::Fresh,
    };

    fn drops(&mut self, config: &CodelConfig, now: SimTime, taken: Taken) -> bool {
        let may_drop = self.is_above_for_long(config, now, taken);
        match std::mem::replace(&mut self.turn, Turn::Fresh) {
            Turn::AfterFirst => false,
            Turn::Fresh if !self.dropping => may_drop && self.begin(config, now),
            Turn::Fresh => self.goes_on(may_drop, now),
            Turn::AfterAnother => {
                if may_drop {
                    self.drop_next = self.drop_next + interval_at(config.interval, self.count);
                }
                self.goes_on(may_drop, now)
            }
        }
    }

    /// Whether no wait has been short for an interval.
    fn is_above_for_long(&mut self, config: &CodelConfig, now: SimTime, taken: Taken) -> bool {
        if taken.waited < config.target || taken.left <= 1 {
            self.first_above = None;
            return false;
        }
        let Some(since) = self.first_above else {
            self.first_above = Some(now + config.interval);
            return false;
        };
        now >= since
    }

    /// A spell of dropping begins with this one.
    fn begin(&mut self, config: &CodelConfig, now: SimTime) -> bool {
        let before = self.count - self.last_count;
        let is_recent = now < self.drop_next + config.interval.times(16);
        self.dropping = true;
        self.count = if before > 1 && is_recent { before } else { 1 };
        self.last_count = self.count;
        self.drop_next = now + interval_at(config.interval, self.count);
        self.turn = Turn::AfterFirst;
        true
    }

    /// In a spell: whether this one is dropped too, or whether the spell is over.
    const fn goes_on(&mut self, may_drop: bool, now: SimTime) -> bool {
        self.dropping = may_drop;
        let drops = may_drop && now.as_ns() >= self.drop_next.as_ns();
        if drops {
            self.count += 1;
            self.turn = Turn::AfterAnother;
        }
        drops
    }
}

/// `interval / sqrt(count)`, cut to whole nanoseconds.
fn interval_at(interval: SimDuration, count: u32) -> SimDuration {
    let square = u128::from(interval.as_ns()) * u128::from(interval.as_ns());
    SimDuration::from_ns((square / u128::from(count.max(1))).isqrt() as u64)
}

/// folly: the least wait of an interval.
#[derive(Clone, Copy, Debug)]
pub struct LeastWait {
    least: SimDuration,
    /// After this the interval is over.
    until: SimTime,
    /// Whether the next wait is the first of its interval.
    opens: bool,
    overloaded: bool,
}

impl LeastWait {
    const NEW: Self = Self {
        least: SimDuration::ZERO,
        until: SimTime::ZERO,
        opens: true,
        overloaded: false,
    };

    fn drops(&mut self, config: &CodelConfig, now: SimTime, waited: SimDuration) -> bool {
        if now > self.until && !self.opens {
            self.opens = true;
            self.until = now + config.interval;
            self.overloaded = self.least > config.target;
        }
        if std::mem::replace(&mut self.opens, false) {
            self.least = waited;
            return false;
        }
        self.least = self.least.min(waited);
        self.overloaded && waited > config.target.times(2)
    }
}

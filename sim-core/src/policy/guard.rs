//! Guards: layers that decide by themselves when a pass goes in.
//!
//! A doorkeeper lets one in, has one wait, or sends one away; what goes on behind the door is no
//! business of its own. Bulkheads are guards and whatever else looks at nothing but the passes that
//! come: not breakers, which look at results.
//!
//! The rule: a guard is asked when a pass comes ([`Guard::enter`]) and told when it has gone, and how
//! ([`Guard::leave`]), or stands in line no longer ([`Guard::forget`]). `who` is the number by which
//! the asker knows a pass, unique among those in line. After anything that may have made room the
//! guard is asked [`Guard::next`] until that is nobody, and then whom to wake, and when
//! ([`Guard::turn`]). A guard without a line needs no more than `admits` and `enter`.
//!
//! Rejected: a trait for all layers (a retry and a bulkhead have nothing in common), and guards
//! behind pointers (the pipeline names the kinds once, and each call goes to its own).
//!
//! A guard stands at the caller (a layer of a policy) or at the callee (`admission`, where it never
//! lets anybody wait); it cannot tell which.

use crate::policy::{AppliedSet, Outcome};
use crate::random::{SiteKey, uniform};
use crate::time::SimTime;

/// A pass that comes to a guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The number by which the asker knows it, unique among those in line.
    pub who: u32,
    /// How much it matters: the number of its class, 0 where classes play no part.
    pub class: u16,
    /// Where the draws of the guard are made.
    pub site: SiteKey,
    /// From which its draws come (rule 43).
    pub key: u64,
}

impl Visit {
    /// One of which nothing is known but its number.
    pub const fn of(who: u32) -> Self {
        Self {
            who,
            class: 0,
            site: SiteKey(0),
            key: 0,
        }
    }

    /// Its draw at this guard, uniform in (0, 1).
    pub fn chance(&self) -> f64 {
        uniform(self.site, self.key)
    }
}

/// A pass inside that has ended, or one that was called and goes in no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// How it ended; `cancelled` if nobody knows.
    pub outcome: Outcome,
    /// When it went in; told to guards that learn ([`Layer::learns`](crate::policy::Layer::learns)).
    pub entered: SimTime,
    /// How many were inside when it had gone in, itself included \[count\]; told to guards that learn.
    pub inside: u32,
    /// Where the draws of the guard itself are made, which belong to no pass; told to guards that
    /// learn.
    pub own: SiteKey,
}

impl Left {
    /// One of which nobody knows how it ended.
    pub const UNKNOWN: Self = Self {
        outcome: Outcome::Cancelled,
        entered: SimTime::ZERO,
        inside: 0,
        own: SiteKey(0),
    };

    /// One that ended like this, told to a guard that does not learn.
    pub const fn with(outcome: Outcome) -> Self {
        Self {
            outcome,
            ..Self::UNKNOWN
        }
    }
}

/// What a guard says to a pass that comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum GuardAnswer {
    /// It is inside.
    Admitted,
    /// It waits until [`Guard::next`] calls it; from this instant on it has waited too long
    /// ([`SimTime::NEVER`]: it never has).
    Waits {
        /// When [`Guard::due`] is to be asked what becomes of it.
        until: SimTime,
    },
    /// It waits for this instant, in no line, and then goes in or is stopped.
    Until {
        /// When.
        at: SimTime,
        /// How it is stopped, if it is.
        stopped: Option<Outcome>,
    },
    /// It is stopped.
    Stopped(Outcome),
}

/// A layer that decides by itself when a pass goes in.
pub trait Guard {
    /// Its settings, which may change between questions (rule 22).
    type Config;

    /// Does what its timers were to do by now. Who asks whether it admits, and enters later in the same
    /// instant, tells it the time first.
    fn advance(&mut self, _config: &Self::Config, _now: SimTime) {}

    /// Whether a pass that comes now goes in at once.
    fn admits(&self, config: &Self::Config, now: SimTime) -> bool;

    /// A pass comes.
    fn enter(&mut self, config: &Self::Config, now: SimTime, visit: Visit) -> GuardAnswer;

    /// A pass inside has ended, or one that was called goes in no more.
    fn leave(&mut self, _config: &Self::Config, _now: SimTime, _left: Left) {}

    /// A pass in line gives up; the others keep their order. Returns whether it waited.
    fn forget(&mut self, _who: u32) -> bool {
        false
    }

    /// The first in line, if there is room for it: it is inside from now on.
    fn next(&mut self, _config: &Self::Config, _now: SimTime) -> Option<u32> {
        None
    }

    /// Where time makes room: who is to be woken next, the first in line, and when.
    fn turn(&mut self, _config: &Self::Config, _now: SimTime) -> Option<(u32, SimTime)> {
        None
    }

    /// The instant has come for which a pass in line was to be woken: how it is stopped, if it has
    /// waited too long and is forgotten; else there may be room.
    fn due(&mut self, _who: u32) -> Option<Outcome> {
        None
    }

    /// Why a pass that came just now was stopped, or waits to be stopped, where there are several
    /// reasons.
    fn refused_by(&self, _config: &Self::Config) -> AppliedSet {
        AppliedSet::NONE
    }

    /// How many it lets be inside at once, if it finds that out by itself \[count\].
    fn limit(&self) -> Option<u32> {
        None
    }

    /// Passes inside and in line \[count\].
    fn held(&self) -> (u32, u32) {
        (0, 0)
    }
}

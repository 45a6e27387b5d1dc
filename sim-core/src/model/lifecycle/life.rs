//! The life of one slot: who fills it, how far that one is, and what is to come for it.

use super::restarts::Restarts;
use crate::id::InstanceId;
use crate::kernel::Timer;
use crate::model::cx::Cx;
use crate::model::directory::{InstanceState, Mark};
use crate::model::fact::{StopWhy, Then};
use crate::model::flags::Flags;
use crate::time::{SimDuration, SimTime};
use crate::units::Factor;

/// The life of the instance in a slot.
#[derive(Clone, Debug)]
pub(super) struct Life {
    pub(super) state: InstanceState,
    /// What follows when it has stopped.
    pub(super) then: Then,
    /// Who told it to stop, while it drains.
    pub(super) why: Option<StopWhy>,
    /// The marks that it has set.
    pub(super) marks: Flags<Mark>,
    /// Crash faults that hold it down \[count\].
    pub(super) crashes: u32,
    /// Processes that were started in it \[count\].
    pub(super) number: u32,
    /// The incarnation that is about to start in it for the first time.
    pub(super) fills: Option<u32>,
    pub(super) restarts: Restarts,
    /// Down: when it may start again.
    pub(super) due: SimTime,
    /// How its next start is slowed, if a crash says so.
    pub(super) cold_start: Option<(SimDuration, Factor)>,
    pub(super) timers: Timers,
}

const _: () = assert!(
    size_of::<Life>() <= 136,
    "a slot has 320 bytes: member, life, door and gate"
);

/// What is to come.
#[derive(Clone, Debug)]
pub(super) struct Timers {
    /// Draining: the end of that. Down: the next start. Starting: the end of that.
    pub(super) next: Alarm,
    /// Draining: the last moment.
    pub(super) grace: Alarm,
    /// Dead: when that is noticed.
    pub(super) noticed: Alarm,
    /// Up, and cold: the end of that.
    pub(super) warm: Alarm,
}

/// A timer that may be set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alarm(Timer);

impl Alarm {
    const NONE: Self = Self(Timer::NONE);

    pub(super) fn is_set(self) -> bool {
        self.0 != Timer::NONE
    }

    /// It goes off.
    pub(super) const fn forget(&mut self) {
        self.0 = Timer::NONE;
    }

    pub(super) fn cancel<O>(&mut self, cx: &mut Cx<'_, O>) {
        cx.events
            .cancel(std::mem::replace(&mut self.0, Timer::NONE));
    }

    /// Sets it, in the place of what was set before.
    pub(super) fn set<O>(&mut self, cx: &mut Cx<'_, O>, timer: Timer) {
        self.cancel(cx);
        self.0 = timer;
    }
}

impl Life {
    /// Up from the beginning.
    pub(super) const UP: Self = Self {
        state: InstanceState::Up,
        then: Then::Restart,
        why: None,
        marks: Flags::NONE,
        crashes: 0,
        number: 0,
        fills: None,
        restarts: Restarts::FIRST,
        due: SimTime::ZERO,
        cold_start: None,
        timers: Timers {
            next: Alarm::NONE,
            grace: Alarm::NONE,
            noticed: Alarm::NONE,
            warm: Alarm::NONE,
        },
    };

    /// A new incarnation fills the slot, and is about to start.
    pub(super) fn fill(&mut self, incarnation: u32, now: SimTime) {
        self.state = InstanceState::Down;
        self.then = Then::Restart;
        self.number = 0;
        self.fills = Some(incarnation);
        self.restarts = Restarts::since(now);
        self.due = now;
        self.cold_start = None;
    }

    /// Whether somebody is there who is not about to end for good.
    pub(super) fn is_there(&self) -> bool {
        match self.state {
            InstanceState::Empty => false,
            InstanceState::Draining => self.then == Then::Restart,
            InstanceState::Starting | InstanceState::Up | InstanceState::Down => true,
        }
    }

    /// Who fills the slot.
    pub(super) fn incarnation<O>(&self, cx: &Cx<'_, O>, instance: InstanceId) -> u32 {
        let known = || cx.directory.member(instance).incarnation;
        self.fills.unwrap_or_else(known)
    }
}

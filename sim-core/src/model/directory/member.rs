//! A member: an instance as those see it who count on it.

use crate::model::flags::{Flag, Flags};
use crate::time::SimTime;

/// An instance as a member of its service: what is true of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    /// Its place in the service, from 0.
    pub(crate) slot: u32,
    /// Who fills the slot: a number from 1 per service, in order of creation.
    pub(crate) incarnation: u32,
    /// How much it is to get, before any ramp.
    #[expect(dead_code, reason = "balancers will read it")]
    pub(crate) weight: u32,
    /// The number of its zone, from 0.
    #[expect(dead_code, reason = "balancers will read it")]
    pub(crate) zone: u16,
    /// Why it is not in rotation: shared marks only.
    pub(crate) marks: Flags<Mark>,
    /// When it last came up.
    pub(crate) since: SimTime,
    /// When it came into its slot.
    pub(crate) filled: SimTime,
    pub(crate) state: InstanceState,
}

const _: () = assert!(
    size_of::<Member>() <= 48,
    "a slot has 320 bytes: member, life, door and gate"
);

impl Member {
    /// The first one in a slot: up from the beginning.
    pub(super) const fn new(slot: u32) -> Self {
        Self {
            slot,
            incarnation: slot + 1,
            weight: 1,
            zone: 0,
            marks: Flags::NONE,
            since: SimTime::ZERO,
            filled: SimTime::ZERO,
            state: InstanceState::Up,
        }
    }
}

/// How far a slot is (rule 48).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstanceState {
    /// Nobody fills it.
    Empty,
    /// A process starts, and answers nobody yet.
    Starting,
    /// It answers.
    Up,
    /// It was told to stop, and finishes what it has.
    Draining,
    /// Its process has ended, and will start again.
    Down,
}

impl InstanceState {
    /// All, in their order.
    pub const ALL: [Self; 5] = [
        Self::Empty,
        Self::Starting,
        Self::Up,
        Self::Draining,
        Self::Down,
    ];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Starting => "starting",
            Self::Up => "up",
            Self::Draining => "draining",
            Self::Down => "down",
        }
    }
}

/// Why a member is not in rotation. Each has one owner, who alone sets and lifts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// It was found dead. The owner is its life: `detected_after` of a crash.
    Dead,
    /// It was told to stop, and is not up again. The owner is its life.
    Leaving,
    /// It does worse than the others. The owner is the ejection of the service.
    Ejected,
    /// A health check fails, by the number of the check in its service. The owner is that check.
    Failing(u8),
    /// It is not listed: it was never up, or has ended for good. The owner is its life.
    Unlisted,
}

impl Mark {
    /// Health checks that a service may have \[count\].
    pub const CHECKS: u8 = 12;
    const FIRST_CHECK: u8 = 3;
    const LAST: u8 = 15;

    /// Its number among the marks.
    pub const fn code(self) -> u8 {
        match self {
            Self::Dead => 0,
            Self::Leaving => 1,
            Self::Ejected => 2,
            Self::Failing(check) => Self::FIRST_CHECK + check,
            Self::Unlisted => Self::LAST,
        }
    }

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::Leaving => "leaving",
            Self::Ejected => "ejected",
            Self::Failing(_) => "failing",
            Self::Unlisted => "unlisted",
        }
    }
}

impl Flag for Mark {
    fn place(self) -> u8 {
        debug_assert!(self.code() <= Self::LAST);
        self.code()
    }
}

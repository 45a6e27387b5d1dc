//! Dials: connections on their way, to be opened or to be tried.

use super::arena::Arena;
use crate::id::{InstanceId, KeptId, SiteId};
use crate::keeping::UnitIx;
use crate::kernel::Timer;
use crate::time::{SimDuration, SimTime};

/// Place of a dial in its arena.
pub(crate) type DialIx = u32;

/// What a dial is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DialFor {
    /// A new unit, by the number of its opening in its pool.
    Opening(u32),
    /// To try this unit, which is as old as that.
    Check(UnitIx, SimTime),
}

/// A connection on its way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dial {
    pub(crate) kept: KeptId,
    /// The machine that dials, and the life in which it does.
    pub(crate) machine: u32,
    pub(crate) life: u32,
    /// Where it leads.
    pub(crate) instance: InstanceId,
    /// Calls over it are made here, which says what it meets on the way; none: nothing.
    pub(crate) site: Option<SiteId>,
    /// It means the instance that was there before (rule 48).
    pub(crate) is_former: bool,
    /// All draws for it come from this.
    pub(crate) key: u64,
    pub(crate) what: DialFor,
    pub(crate) since: SimTime,
    /// When it was let in: whose process dies after that has lost it.
    pub(crate) let_in_at: SimTime,
    /// On the way, one way.
    pub(crate) latency: SimDuration,
    /// When it is given up.
    pub(crate) given_up: Timer,
    /// Something of it is under way, of which there will be news.
    pub(crate) is_under_way: bool,
    /// It was given up, and what is under way of it comes to nothing.
    pub(crate) over: bool,
}

/// All dials under way.
pub(crate) type Dials = Arena<Dial>;

//! Tickets: that a strand asks for something kept, waits for it, or has it.
//!
//! Who asks and who keeps never meet; they share this record, as callers and callees share attempts. The
//! one who asks leaves exactly once, whatever became of it; the record lives until then, and until the
//! calls are over that were made over what it had.

use super::arena::{Arena, AttemptIx, StrandIx};
use super::fact::AttemptNo;
use crate::id::{InstanceId, KeptId};
use crate::keeping::UnitIx;
use crate::queueing::QueuePlace;
use crate::side_table::Absent;
use crate::time::SimTime;

/// Place of a ticket in its arena.
pub(crate) type TicketIx = u32;

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Nobody has answered yet, or it was refused.
    Nothing,
    /// It waits here.
    Place(QueuePlace),
    /// It has this unit.
    Unit(UnitIx),
}

/// A ticket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket {
    pub(crate) kept: KeptId,
    /// The process that asks.
    pub(crate) owner: InstanceId,
    /// What waits for the answer, while it waits.
    pub(crate) strand: StrandIx,
    /// The attempt that it asks for, and its number.
    pub(crate) attempt: AttemptIx,
    pub(crate) number: AttemptNo,
    /// When it asked; once granted, when that was.
    pub(crate) since: SimTime,
    pub(crate) hold: Hold,
    /// The life of the process in which it asked.
    pub(crate) life: u32,
    /// Where its unit leads, and since when.
    pub(crate) leads: (u32, SimTime),
    /// Calls under way over its unit \[count\].
    pub(crate) calls: u16,
    /// A call over its unit was reset, refused or given up.
    pub(crate) broken: bool,
    /// Who asked has left, and need not be told anything.
    pub(crate) left: bool,
    /// Who keeps it knows that, too.
    pub(crate) is_over: bool,
}

/// Over what a call goes: the ticket, and for which attempt it was, since places are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Over {
    pub(crate) ticket: TicketIx,
    pub(crate) number: AttemptNo,
}

impl Absent for Over {
    const ABSENT: Self = Self {
        ticket: TicketIx::ABSENT,
        number: AttemptNo::MAX,
    };
}

/// All tickets that somebody still has to do with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tickets(Arena<Ticket>);

impl Tickets {
    pub(crate) fn open(&mut self, ticket: Ticket) -> TicketIx {
        self.0.insert(ticket)
    }

    /// Closes a ticket that nobody has to do with any more.
    pub(crate) fn close_if_done(&mut self, ix: TicketIx) {
        if self.0[ix].is_over && self.0[ix].calls == 0 {
            self.0.remove(ix);
        }
    }

    /// A call is sent over a unit, and counted with its ticket; `None` when that is closed: a pass that was
    /// let run on, or a loser that was left, outlives the block that held the unit.
    #[inline(never)]
    pub(crate) fn call_sent(&mut self, over: Over) -> Option<&Ticket> {
        let ticket = &mut self.0[over.ticket];
        if ticket.number != over.number || ticket.is_over && ticket.calls == 0 {
            return None;
        }
        ticket.calls += 1;
        Some(ticket)
    }

    /// A call over its unit has ended.
    #[inline(never)]
    pub(crate) fn call_ended(&mut self, ix: TicketIx, broken: bool) {
        let ticket = &mut self.0[ix];
        ticket.calls -= 1;
        ticket.broken |= broken;
        self.close_if_done(ix);
    }
}

impl std::ops::Index<TicketIx> for Tickets {
    type Output = Ticket;
    fn index(&self, ix: TicketIx) -> &Ticket {
        &self.0[ix]
    }
}

impl std::ops::IndexMut<TicketIx> for Tickets {
    fn index_mut(&mut self, ix: TicketIx) -> &mut Ticket {
        &mut self.0[ix]
    }
}

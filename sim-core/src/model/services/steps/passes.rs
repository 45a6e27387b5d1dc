//! Which pass of which block runs on whose thread.

use crate::model::arena::{AttemptIx, CallIx, NONE};
use crate::model::ticket::TicketIx;
use crate::side_table::SideTable;

/// Passes of blocks that run.
#[derive(Clone, Debug, Default)]
pub(super) struct Passes {
    /// By call: the pass that runs.
    of_calls: SideTable<AttemptIx>,
    /// By pass: its call, which it may outlive for a moment.
    calls: SideTable<CallIx>,
    /// By pass: on whose thread it runs.
    carriers: SideTable<AttemptIx>,
    /// By pass: what it holds, or asks for.
    tickets: SideTable<TicketIx>,
}

impl Passes {
    /// A pass of a call begins on the thread of this attempt.
    pub(super) fn begin(&mut self, pass: AttemptIx, call: CallIx, carrier: AttemptIx) {
        self.of_calls.set(call, pass);
        self.calls.set(pass, call);
        self.carriers.set(pass, carrier);
        self.tickets.set(pass, NONE);
    }

    /// A pass is over: what it held, or asked for.
    pub(super) fn end(&mut self, pass: AttemptIx) -> Option<TicketIx> {
        let call = self.calls.of(pass);
        if self.of_calls.of(call) == pass {
            self.of_calls.set(call, NONE);
        }
        let ticket = self.tickets.of(pass);
        self.tickets.set(pass, NONE);
        (ticket != NONE).then_some(ticket)
    }

    /// A pass asks for something.
    pub(super) fn asks(&mut self, pass: AttemptIx, ticket: TicketIx) {
        self.tickets.set(pass, ticket);
    }

    /// What a pass holds, or asks for.
    pub(super) fn ticket(&self, pass: AttemptIx) -> TicketIx {
        self.tickets.of(pass)
    }

    /// The call of a pass.
    pub(super) fn call(&self, pass: AttemptIx) -> CallIx {
        self.calls.of(pass)
    }

    /// The pass that runs for a call, if it is one of a block and one runs.
    pub(super) fn of(&self, call: CallIx) -> Option<AttemptIx> {
        let pass = self.of_calls.of(call);
        (pass != NONE).then_some(pass)
    }

    /// The attempt on whose thread a pass runs.
    pub(super) fn carrier(&self, pass: AttemptIx) -> AttemptIx {
        self.carriers.of(pass)
    }
}

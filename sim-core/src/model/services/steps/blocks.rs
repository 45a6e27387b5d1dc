//! Blocks under way: which pass of which call runs on whose thread.
//!
//! A block is called like an operation, and each of its passes is an attempt with a main strand of its
//! own. But it has no thread: it runs on that of its *carrier*, the nearest attempt around it that is no
//! block. A call of a block has one pass at a time, since what begins several at once cannot stand
//! around it; so who ends the strand that waits for the call finds the strands of the pass by it.

use super::Interpreter;
use super::strand::{Strand, Wait};
use crate::id::SiteId;
use crate::model::arena::{AttemptIx, CallIx, NONE, StrandIx};
use crate::model::attempt::AttemptFlag;
use crate::model::call::Then;
use crate::model::cx::Cx;
use crate::model::fact::Observer;
use crate::model::ticket::{Hold, Over, Ticket, TicketIx};

impl Interpreter {
    /// A pass of a block begins for a strand that waits for it: its own strand.
    pub(crate) fn begin_block<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: AttemptIx,
        parent: StrandIx,
    ) -> StrandIx {
        let carrier = self.carrier(cx, self.strands[parent].attempt);
        let avoid = self.strands.ties(parent).avoid;
        cx.calls.avoid.join(avoid);
        let attempt = &cx.attempts[ix];
        let pc = self.program.block(attempt.site);
        self.passes.begin(ix, attempt.call, carrier);
        let strand = Strand::new(ix, pc, false);
        self.strands.insert_branch(strand, attempt.key, NONE, avoid)
    }

    /// The strands of a pass have ended, or are about to: what it held, or asked for.
    pub(crate) fn block_is_over<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: AttemptIx,
    ) -> Option<TicketIx> {
        let main = cx.attempts[ix].strand;
        cx.calls.avoid.leave(self.strands.ties(main).avoid);
        let ticket = self.passes.end(ix)?;
        cx.tickets[ticket].left = true;
        Some(ticket)
    }

    /// The main strand of a pass asks for what its block holds, and waits.
    pub(crate) fn ask<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
    ) -> Option<TicketIx> {
        let of = self.strands[ix].attempt;
        let attempt = &mut cx.attempts[of];
        attempt.flags.add(AttemptFlag::Asks);
        let ticket = cx.tickets.open(Ticket {
            kept: cx.spec.sites[attempt.site].holds?,
            owner: attempt.instance,
            strand: ix,
            attempt: of,
            number: attempt.number,
            since: cx.now,
            hold: Hold::Nothing,
            life: 0,
            leads: (0, cx.now),
            calls: 0,
            broken: false,
            left: false,
            is_over: false,
        });
        self.passes.asks(of, ticket);
        self.strands[ix].advance();
        self.strands[ix].wait_for(Wait::Kept(ticket));
        Some(ticket)
    }

    /// What the block holds that is so many blocks out from the one in which a strand is.
    pub(crate) fn ticket_above<O: Observer>(
        &self,
        cx: &Cx<'_, O>,
        ix: StrandIx,
        up: u8,
    ) -> TicketIx {
        let mut pass = self.strands[ix].attempt;
        for _ in 0..up {
            if let Then::Strand(parent) = cx.calls[self.passes.call(pass)].reply.then() {
                pass = self.strands[parent].attempt;
            }
        }
        self.passes.ticket(pass)
    }

    /// A strand makes a call over a unit that leads to this slot, and waits for it.
    pub(crate) fn call_over<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        site: SiteId,
        (ticket, slot, is_stale): (TicketIx, u32, bool),
    ) {
        self.call_block(cx, ix, site);
        if let Wait::Call(call) = self.strands[ix].wait() {
            cx.calls.fix(call, slot);
            let number = cx.tickets[ticket].number;
            cx.calls.go_over(call, Over { ticket, number }, is_stale);
        }
    }

    /// The pass that runs for a call, if it is one of a block and one runs.
    pub(crate) fn pass_of(&self, call: CallIx) -> Option<AttemptIx> {
        self.passes.of(call)
    }

    /// The attempt on whose thread another runs: itself, if it is no block.
    pub(crate) fn carrier<O: Observer>(&self, cx: &Cx<'_, O>, ix: AttemptIx) -> AttemptIx {
        if cx.attempts[ix].flags.has(AttemptFlag::Inline) {
            self.passes.carrier(ix)
        } else {
            ix
        }
    }
}

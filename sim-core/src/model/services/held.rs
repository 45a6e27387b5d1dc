//! Blocks that hold something: they ask for it first, and leave it whatever becomes of them (rule 66).

use super::Services;
use super::steps::{Next, Wait};
use crate::id::SiteId;
use crate::model::arena::StrandIx;
use crate::model::attempt::AttemptFlag;
use crate::model::cx::Cx;
use crate::model::dial::{DialFor, DialIx};
use crate::model::fact::Observer;
use crate::model::handoff::Handoff;
use crate::model::spec::CallersSee;
use crate::model::ticket::TicketIx;
use crate::policy::Ending;
use crate::time::SimTime;

impl Services {
    /// The main strand of a block asks for what the block holds.
    pub(super) fn ask<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) -> Next {
        let Some(ticket) = self.steps.ask(cx, ix) else {
            unreachable!("a block that asks says for what")
        };
        cx.work.push(Handoff::Ask(ticket));
        Next::Rest
    }

    /// Who asked has what it asked for, or is turned away.
    pub(crate) fn on_told<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: TicketIx,
        refused: Option<Ending>,
    ) {
        let ticket = cx.tickets[ix];
        if ticket.left {
            return;
        }
        let strand = ticket.strand;
        cx.attempts[ticket.attempt].flags.remove(AttemptFlag::Asks);
        self.steps.strands[strand].wait_for(Wait::Nothing);
        if let Some(frozen) = self.doors.frozen(ticket.owner) {
            self.steps.strands[strand].wait_for(Wait::Frozen);
            let of = (ticket.attempt, ticket.number);
            return match refused {
                None => frozen.woken(strand, of),
                Some(ending) => frozen.call_ended(strand, of, Some(ending)),
            };
        }
        match refused {
            None => self.run_now(cx, strand),
            Some(ending) => self.fail(cx, strand, ending),
        }
        self.run_ready(cx);
    }

    /// A strand within a block makes a call over what the block, or one around it, holds.
    pub(super) fn call_over<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        site: SiteId,
        up: u8,
    ) {
        let ticket = self.steps.ticket_above(cx, ix, up);
        let (slot, opened_at) = cx.tickets[ticket].leads;
        let to = cx.spec.operations[cx.targets[site]].service;
        let instance = crate::id::InstanceId(cx.spec.services[to].first_instance.0 + slot);
        let is_stale = self.doors.since(instance) > opened_at;
        self.steps.call_over(cx, ix, site, (ticket, slot, is_stale));
    }

    /// A connection reaches an instance: whether it is let in, if anybody is there to say so.
    pub(crate) fn reach<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: DialIx) {
        let dial = cx.dials[ix];
        let newest = match dial.what {
            DialFor::Opening(_) => SimTime::NEVER,
            DialFor::Check(_, opened_at) => opened_at,
        };
        let is_older = self.doors.since(dial.instance) > newest;
        match self.doors.answers(dial.instance) {
            Ok(()) if dial.is_former => cx.work.push(Handoff::Reached(ix, false)),
            Ok(()) => {
                let is_new = matches!(dial.what, DialFor::Opening(_));
                let let_in = !is_older && (!is_new || cx.gates.open(cx.spec, dial.instance));
                cx.dials[ix].let_in_at = cx.now;
                cx.work.push(Handoff::Reached(ix, let_in));
            }
            Err(Some(CallersSee::Reset | CallersSee::Nothing)) => {
                cx.work.push(Handoff::Reached(ix, false));
            }
            // Nobody is there, or it stands still: whoever dials gives up in time.
            Err(Some(CallersSee::Unreachable) | None) if dial.over => cx.dials.remove(ix),
            Err(Some(CallersSee::Unreachable) | None) => cx.dials[ix].is_under_way = false,
        }
    }
}

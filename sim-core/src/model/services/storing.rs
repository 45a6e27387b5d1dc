//! Operations that store a message: they hand it over, and wait until it is stored. And operations that
//! work on one: whoever keeps it may want to know when that begins.

use super::Services;
use super::steps::{Next, Wait};
use crate::model::arena::{AttemptIx, NONE, StrandIx};
use crate::model::call::Then;
use crate::model::cx::Cx;
use crate::model::fact::Observer;
use crate::model::handoff::Handoff;
use crate::policy::{Ending, Outcome, Place};

impl Services {
    /// A strand hands its message over.
    pub(super) fn store<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) -> Next {
        let strand = &mut self.steps.strands[ix];
        strand.advance();
        strand.wait_for(Wait::Kept(NONE));
        let of = strand.attempt;
        cx.work.push(Handoff::Store(of, cx.attempts[of].number));
        Next::Rest
    }

    /// The message of an operation is stored, or there is no room for it.
    pub(crate) fn on_stored<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        of: AttemptIx,
        refused: Option<Outcome>,
    ) {
        let strand = cx.attempts[of].strand;
        if strand == NONE || self.steps.strands[strand].wait() != Wait::Kept(NONE) {
            return;
        }
        self.steps.strands[strand].wait_for(Wait::Nothing);
        match refused {
            None => self.run_now(cx, strand),
            Some(outcome) => {
                let place = Place::Operation(cx.target(of));
                self.fail(cx, strand, Ending::here(outcome, place));
            }
        }
        self.run_ready(cx);
    }

    /// An operation begins. If it works on a message, whoever keeps that is told; whether it can never be worked
    /// on.
    pub(super) fn begins_message<O: Observer>(cx: &mut Cx<'_, O>, ix: AttemptIx) -> bool {
        let attempt = &cx.attempts[ix];
        let then = attempt
            .is_wanted()
            .then(|| cx.calls[attempt.call].reply.then());
        let Some(Then::Message(delivery)) = then else {
            return false;
        };
        cx.work.push(Handoff::Handling(delivery));
        cx.deliveries[delivery].poison
    }
}

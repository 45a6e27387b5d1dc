//! Blocks: steps of an operation under a policy of their own, or under something held (rule 65).
//!
//! A block is code of its operation with something around it: `try` in a retry, a statement under a
//! deadline. It is called like an operation, so that its policy has something to call, to give up and to
//! call again; but nobody else is asked. It meets no network, no door and no queue, has no thread but that
//! of its *carrier*, and all that its work is (running, thread time, the name by which faults find it)
//! is the carrier's. Given up, it stops at once: nobody else could go on with it. With the carrier it
//! dies.
//!
//! It ends like its failed step, so that a retry around it sees what happened; only where it leaves the
//! operation does that become `error.dependency`, unless the operation failed of itself.
//!
//! Rejected: a thread of its own for a block, which would make a retry around two steps a risk of a
//! deadlock; and errors faults for it, which would then strike an operation once for every block.

use super::Services;
use crate::model::arena::{AttemptIx, StrandIx};
use crate::model::attempt::{AttemptFlag, Stage};
use crate::model::call::Then;
use crate::model::cx::Cx;
use crate::model::fact::Observer;
use crate::model::handoff::Handoff;
use crate::model::ticket::TicketIx;
use crate::policy::{Ending, Outcome, Place};

impl Services {
    /// A pass of a block begins, unless nobody waits for it any more.
    pub(crate) fn begin_block<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let attempt = &cx.attempts[ix];
        let waits = attempt
            .is_wanted()
            .then(|| cx.calls[attempt.call].reply.then());
        let Some(Then::Strand(parent)) = waits else {
            return cx.attempts.callee_leaves(ix);
        };
        let strand = self.steps.begin_block(cx, ix, parent);
        let attempt = &mut cx.attempts[ix];
        (attempt.stage, attempt.strand) = (Stage::Running, strand);
        if let Some(frozen) = self.doors.frozen(attempt.instance) {
            self.steps.strands[strand].wait_for(super::steps::Wait::Frozen);
            return frozen.woken(strand, (ix, attempt.number));
        }
        self.run_now(cx, strand);
        self.run_ready(cx);
    }

    /// The steps of a block are done, or one of them has failed.
    #[inline(never)]
    pub(super) fn end_block<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        main: StrandIx,
        result: Result<(), Ending>,
    ) {
        let ix = self.steps.strands[main].attempt;
        let attempt = &cx.attempts[ix];
        let good = if attempt.flags.has(AttemptFlag::Degraded) {
            Outcome::Degraded
        } else {
            Outcome::Ok
        };
        let good = Ending::here(good, Place::Operation(cx.targets[attempt.site]));
        self.abort_all(cx, main, true);
        cx.attempts[ix].let_go();
        cx.work
            .push(Handoff::Answered(ix, result.err().unwrap_or(good)));
    }

    /// A pass of a block is given up: it stops at once, with its work.
    #[cold]
    pub(super) fn stop_block<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        if cx.attempts[ix].stage == Stage::Running {
            self.abort_all(cx, cx.attempts[ix].strand, false);
        }
        cx.attempts.message_gone(ix);
        self.run_ready(cx);
    }

    /// A strand ends: if it is the main strand of a pass of a block, the pass is over, and leaves what it
    /// held.
    #[inline]
    pub(super) fn end_pass<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
    ) -> Option<TicketIx> {
        let of = self.steps.strands[ix].attempt;
        let attempt = &cx.attempts[of];
        if !attempt.flags.has(AttemptFlag::Inline) || attempt.strand != ix {
            return None;
        }
        let ticket = self.steps.block_is_over(cx, of);
        let attempt = &mut cx.attempts[of];
        attempt.stage = Stage::Over;
        attempt.flags.remove(AttemptFlag::InCall);
        attempt.flags.remove(AttemptFlag::Asks);
        ticket
    }
}

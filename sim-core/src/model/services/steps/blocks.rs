//! Blocks under way: which pass of which call runs on whose thread.
//!
//! A block is called like an operation, and each of its passes is an attempt with a main strand of its
//! own. But it has no thread: it runs on that of its *carrier*, the nearest attempt around it that is no
//! block. A call of a block has one pass at a time, since what begins several at once cannot stand
//! around it; so who ends the strand that waits for the call finds the strands of the pass by it.

use super::Interpreter;
use super::strand::Strand;
use crate::model::arena::{AttemptIx, CallIx, NONE, StrandIx};
use crate::model::attempt::AttemptFlag;
use crate::model::cx::Cx;
use crate::model::fact::Observer;

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

    /// The strands of a pass have ended, or are about to.
    pub(crate) fn block_is_over<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let main = cx.attempts[ix].strand;
        cx.calls.avoid.leave(self.strands.ties(main).avoid);
        self.passes.end(ix);
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

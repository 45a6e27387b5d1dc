//! Turns: strands of a blocking operation share its one thread, and work one after another.

use super::Interpreter;
use super::strand::Wait;
use crate::model::arena::{NONE, StrandIx};
use crate::model::attempt::{AttemptFlag, AttemptIx};
use crate::model::cx::Cx;
use crate::model::fact::Observer;

impl Interpreter {
    /// A strand waits behind others of its operation.
    pub(crate) fn wait_for_turn(&mut self, main: StrandIx, ix: StrandIx) {
        self.strands[ix].wait_for(Wait::Turn);
        self.strands.ties_mut(ix).next_turn = NONE;
        let first = self.strands.ties(main).first_turn;
        if first == NONE {
            self.strands.ties_mut(main).first_turn = ix;
            return;
        }
        let (mut last, mut next) = (first, first);
        while next != NONE {
            last = next;
            next = self.strands.ties(next).next_turn;
        }
        self.strands.ties_mut(last).next_turn = ix;
    }

    /// The strand of an operation that is to work now, if one waits for its turn.
    pub(crate) fn next_turn<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        attempt: AttemptIx,
    ) -> Option<StrandIx> {
        cx.attempts[attempt].flags.remove(AttemptFlag::Working);
        let main = cx.attempts[attempt].strand;
        if main == NONE {
            return None;
        }
        let next = self.strands.ties(main).first_turn;
        if next == NONE {
            return None;
        }
        self.strands.ties_mut(main).first_turn = self.strands.ties(next).next_turn;
        cx.attempts[attempt].flags.add(AttemptFlag::Working);
        Some(next)
    }

    /// A strand no longer waits for its turn.
    pub(crate) fn leave_turn<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        let main = cx.attempts[self.carrier(cx, self.strands[ix].attempt)].strand;
        let next = self.strands.ties(ix).next_turn;
        let mut at = self.strands.ties(main).first_turn;
        if at == ix {
            self.strands.ties_mut(main).first_turn = next;
            return;
        }
        while at != NONE {
            if self.strands.ties(at).next_turn == ix {
                self.strands.ties_mut(at).next_turn = next;
                return;
            }
            at = self.strands.ties(at).next_turn;
        }
    }
}

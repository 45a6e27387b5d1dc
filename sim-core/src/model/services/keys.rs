//! Operations with idempotency keys, between their steps and the doors.

use super::Services;
use super::doors::{Claimed, Doors};
use super::steps::{Next, Pc, Wait};
use crate::model::arena::{AttemptIx, StrandIx};
use crate::model::cx::Cx;
use crate::model::fact::Observer;

impl Services {
    /// An operation is about to begin its steps.
    pub(super) fn claim_key<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        pc: Pc,
    ) -> Next {
        let of = self.steps.strands[ix].attempt;
        match Doors::claim(cx, of) {
            Claimed::Execute => return Next::Go(pc + 1),
            Claimed::Answered(ending) => self.done(cx, ix, Err(ending)),
            Claimed::Joined => self.release_own_thread(cx, ix),
        }
        Next::Rest
    }

    /// An operation that must not be done twice is done.
    pub(super) fn take_effect<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        let of = self.steps.strands[ix].attempt;
        let joined = Doors::took_effect(cx, of);
        self.wake(cx, &joined);
    }

    /// Those who waited for the answer of another execution meet their keys again.
    pub(super) fn wake<O: Observer>(&mut self, cx: &Cx<'_, O>, joined: &[AttemptIx]) {
        for &ix in joined {
            let attempt = &cx.attempts[ix];
            if let Some(frozen) = self.doors.frozen(attempt.instance) {
                self.steps.strands[attempt.strand].wait_for(Wait::Frozen);
                frozen.woken(attempt.strand, (ix, attempt.number));
            } else {
                self.steps.ready.push_back(attempt.strand);
            }
        }
    }
}

//! How strands end: with their last step, with their first failure (rule 12), or with the operation
//! that they belong to.

use super::Services;
use super::strand::{StrandIx, Ties, Wait};
use crate::model::arena::NONE;
use crate::model::attempt::{AttemptFlag, AttemptIx};
use crate::model::call::{CallIx, Reply};
use crate::model::cx::Cx;
use crate::model::fact::Observer;
use crate::model::handoff::Handoff;
use crate::policy::{Ending, Outcome, Place};

impl Services {
    /// A strand ends with a failure.
    #[inline(never)]
    pub(super) fn fail<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx, ending: Ending) {
        self.done(cx, ix, Err(ending));
    }

    /// A strand has reached its end, or its first failure (rule 12).
    #[expect(
        clippy::inline_always,
        reason = "the end of a main strand goes on here, all else is out of line"
    )]
    #[inline(always)]
    pub(super) fn done<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        result: Result<(), Ending>,
    ) {
        let attempt = self.strands[ix].attempt;
        if cx.attempts[attempt].strand == ix {
            let ending = match result {
                Ok(()) => self.good_answer(cx, attempt),
                Err(ending) => ending,
            };
            self.answer(cx, attempt, ending);
        } else {
            self.branch_done(cx, ix, result);
        }
    }

    #[expect(clippy::inline_always, reason = "for every operation")]
    #[inline(always)]
    pub(super) fn good_answer<O: Observer>(&mut self, cx: &Cx<'_, O>, ix: AttemptIx) -> Ending {
        let attempt = &cx.attempts[ix];
        let is_failing =
            !self.doomed.is_empty() || !self.instances[attempt.instance].errors.is_empty();
        let injected = if is_failing {
            self.fate_at_end(cx, ix)
        } else {
            None
        };
        let outcome = match injected {
            Some(outcome) => outcome,
            None if attempt.flags.has(AttemptFlag::Degraded) => Outcome::Degraded,
            None => Outcome::Ok,
        };
        Ending::here(outcome, Place::Operation(cx.targets[attempt.site]))
    }

    /// A branch that nobody waited for has ended.
    pub(super) fn forget_strand<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        let main = cx.attempts[self.strands[ix].attempt].strand;
        let next = self.strands.ties(ix).sibling;
        let first = self.strands.ties(main).forgotten;
        if first == ix {
            self.strands.ties_mut(main).forgotten = next;
        } else {
            let mut at = first;
            while self.strands.ties(at).sibling != ix {
                at = self.strands.ties(at).sibling;
            }
            self.strands.ties_mut(at).sibling = next;
        }
        self.free(cx, ix);
    }

    /// All strands of an operation end. Calls that branches nobody waits for have made run on when
    /// the operation answers, and are given up when it is stopped.
    #[expect(
        clippy::inline_always,
        reason = "a plain strand ends here, all else is out of line"
    )]
    #[inline(always)]
    pub(super) fn end_strands<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: AttemptIx,
        answers: bool,
    ) {
        let main = cx.attempts[ix].strand;
        if self.strands[main].is_plain() {
            self.ready.remove(main);
            self.strands.remove(main);
        } else {
            self.abort_all(cx, main, answers);
        }
        if self.keeps_keys {
            self.key_is_over(cx, ix);
        }
        let attempt = &mut cx.attempts[ix];
        attempt.strand = NONE;
        attempt.flags.remove(AttemptFlag::InCall);
        attempt.flags.remove(AttemptFlag::Working);
    }

    /// Ends a main strand and all that it left behind.
    #[inline(never)]
    fn abort_all<O: Observer>(&mut self, cx: &mut Cx<'_, O>, main: StrandIx, answers: bool) {
        let mut all = Vec::new();
        let mut forgotten = self.strands.ties(main).forgotten;
        while forgotten != NONE {
            all.push(forgotten);
            forgotten = self.strands.ties(forgotten).sibling;
        }
        all.push(main);
        self.abort(cx, all, answers);
    }

    /// Ends these strands and all that they wait for; their calls run on unobserved if `forget`.
    pub(super) fn abort<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        top: Vec<StrandIx>,
        forget: bool,
    ) {
        let mut all = top;
        // All leave their lines before one gives back what another might wait for.
        let mut next = 0;
        while let Some(&ix) = all.get(next) {
            next += 1;
            match self.strands[ix].wait() {
                Wait::Turn => self.leave_turn(cx, ix),
                Wait::Thread(place) => self.leave_thread_queue(cx, ix, place),
                Wait::Join(join) => all.extend(self.branches(join)),
                Wait::Nothing | Wait::Work(_) | Wait::Cores | Wait::Call(_) | Wait::Frozen => {}
            }
        }
        for ix in all {
            match self.strands[ix].wait() {
                Wait::Nothing => self.ready.remove(ix),
                Wait::Work(_) | Wait::Cores => self.stop_work(cx, ix),
                Wait::Turn | Wait::Thread(_) => {}
                // Its place is told from that of one that still waits.
                Wait::Frozen => self.strands[ix].wait_for(Wait::Nothing),
                Wait::Call(call) => leave_call(cx, call, forget),
                Wait::Join(join) => {
                    cx.calls.avoid.leave(self.joins[join].avoid);
                    self.joins.remove(join);
                }
            }
            self.release_own_thread(cx, ix);
            self.free(cx, ix);
        }
    }

    pub(super) fn free<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        let attempt = self.strands[ix].attempt;
        let &Ties {
            join,
            avoid,
            mut round,
            ..
        } = self.strands.ties(ix);
        while round != NONE {
            let around = self.rounds[round].around;
            self.rounds.remove(round);
            round = around;
        }
        // A forgotten branch is a user of its own: its `parallel` is over.
        if join == NONE && cx.attempts[attempt].strand != ix {
            cx.calls.avoid.leave(avoid);
        }
        self.strands.remove(ix);
    }
}

/// A strand no longer waits for its call.
fn leave_call<O: Observer>(cx: &mut Cx<'_, O>, call: CallIx, forget: bool) {
    cx.calls[call].reply = Reply::NOBODY;
    if !forget && !cx.calls[call].has_ended() {
        cx.work.push(Handoff::AbandonCall(call));
    }
}

//! How strands end: with their last step, with their first failure (rule 12), or with the operation
//! that they belong to.

use super::Services;
use super::doors::Doors;
use super::steps::{Join, Ties, Wait};
use crate::model::arena::{AttemptIx, CallIx, NONE, StrandIx};
use crate::model::attempt::AttemptFlag;
use crate::model::call::Reply;
use crate::model::cx::Cx;
use crate::model::fact::Observer;
use crate::model::handoff::Handoff;
use crate::model::spec::RouteSpec;
use crate::policy::Ending;

impl Services {
    /// A strand ends with a failure.
    #[inline(never)]
    pub(super) fn fail<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx, ending: Ending) {
        let attempt = &cx.attempts[self.steps.strands[ix].attempt];
        if attempt.strand == ix && attempt.flags.has(AttemptFlag::Inline) {
            return self.end_block(cx, ix, Err(ending));
        }
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
        let attempt = self.steps.strands[ix].attempt;
        if cx.attempts[attempt].strand == ix {
            let ending = match result {
                Ok(()) => {
                    let plain = self.noted_plain(cx.attempts[attempt].instance);
                    self.places.good_answer(cx, attempt, plain)
                }
                Err(ending) => ending,
            };
            self.answer(cx, attempt, ending);
        } else {
            self.branch_done(cx, ix, result);
        }
    }

    /// A branch has ended; its `parallel`, if anybody waits for it, may be decided now (rule 11).
    #[inline(never)]
    pub(super) fn branch_done<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        result: Result<(), Ending>,
    ) {
        let &Ties {
            join: join_ix,
            sibling,
            ..
        } = self.steps.strands.ties(ix);
        if join_ix == NONE {
            self.release_own_thread(cx, ix);
            return self.steps.forget_strand(cx, ix);
        }
        self.steps.unlink(join_ix, ix, sibling);
        let join = &mut self.steps.joins[join_ix];
        let fork = &self.steps.program.forks[join.fork as usize];
        match result {
            Ok(()) => join.useful += 1,
            Err(_) => join.failed += 1,
        }
        let decided = match result {
            Ok(()) => join.useful == fork.need,
            Err(_) => join.failed + fork.need > fork.count,
        };
        let (parent, cancel_rest) = (join.parent, fork.cancel_rest);
        if decided {
            self.leave_rest(cx, join_ix, cancel_rest);
        }
        // Only now, so that its thread goes to none of the branches that were given up.
        self.release_own_thread(cx, ix);
        self.steps.free(cx, ix);
        match result {
            _ if !decided => {}
            Ok(()) => self.steps.ready.push_back(parent),
            Err(ending) => self.fail(cx, parent, ending),
        }
    }

    /// What becomes of the branches that are still under way.
    fn leave_rest<O: Observer>(&mut self, cx: &mut Cx<'_, O>, join_ix: u32, cancel: bool) {
        let Join { avoid, parent, .. } = self.steps.joins[join_ix];
        let rest: Vec<StrandIx> = self.steps.branches(join_ix).collect();
        self.steps.joins.remove(join_ix);
        self.steps.strands[parent].wait_for(Wait::Nothing);
        let attempt = self.steps.strands[parent].attempt;
        let main = cx.attempts[attempt].strand;
        if !rest.is_empty() {
            self.give_up(cx, rest, cancel, main);
        }
        cx.calls.avoid.leave(avoid);
        let next = if main == parent {
            NONE
        } else {
            self.steps.call_within(main)
        };
        cx.attempts.set_waits_for(attempt, next);
    }

    /// What becomes of branches that nobody waits for any more.
    fn give_up<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        rest: Vec<StrandIx>,
        cancel: bool,
        main: StrandIx,
    ) {
        if cancel {
            self.abort(cx, rest, false);
        } else {
            for branch in rest {
                self.steps.forget(cx, main, branch);
            }
        }
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
        if self.steps.strands[main].is_plain() {
            self.steps.ready.remove(main);
            self.steps.strands.remove(main);
        } else {
            self.abort_all(cx, main, answers);
        }
        if self.doors.keeps_keys {
            let joined = Doors::key_is_over(cx, ix);
            self.wake(cx, &joined);
        }
        let attempt = &mut cx.attempts[ix];
        attempt.strand = NONE;
        attempt.flags.remove(AttemptFlag::InCall);
        attempt.flags.remove(AttemptFlag::Working);
    }

    /// Ends a main strand and all that it left behind.
    #[inline(never)]
    pub(super) fn abort_all<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        main: StrandIx,
        answers: bool,
    ) {
        let mut all = Vec::new();
        self.add_all(main, &mut all);
        self.abort(cx, all, answers);
    }

    /// A main strand and all that it left behind.
    fn add_all(&self, main: StrandIx, all: &mut Vec<StrandIx>) {
        let mut forgotten = self.steps.strands.ties(main).forgotten;
        while forgotten != NONE {
            all.push(forgotten);
            forgotten = self.steps.strands.ties(forgotten).sibling;
        }
        all.push(main);
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
            match self.steps.strands[ix].wait() {
                Wait::Turn => self.steps.leave_turn(cx, ix),
                Wait::Thread(place) => {
                    let instance = cx.attempts[self.steps.strands[ix].attempt].instance;
                    self.places.leave_line(instance, ix, place);
                }
                Wait::Join(join) => all.extend(self.steps.branches(join)),
                // The steps of a block end with the strand that waits for them.
                Wait::Call(call) => {
                    if let Some(pass) = self.steps.pass_of(call) {
                        self.add_all(cx.attempts[pass].strand, &mut all);
                    }
                }
                Wait::Nothing
                | Wait::Work(_)
                | Wait::Cores
                | Wait::Frozen
                | Wait::Kept(_)
                | Wait::Saga(_) => {}
            }
        }
        let mut leave = Vec::new();
        for ix in all {
            match self.steps.strands[ix].wait() {
                Wait::Nothing => self.steps.ready.remove(ix),
                Wait::Work(_) | Wait::Cores => self.stop_work(cx, ix),
                Wait::Turn | Wait::Thread(_) | Wait::Kept(_) | Wait::Saga(_) => {}
                // Its place is told from that of one that still waits.
                Wait::Frozen => self.steps.strands[ix].wait_for(Wait::Nothing),
                Wait::Call(call) => {
                    let is_block = cx.spec.sites[cx.calls[call].site].route == RouteSpec::Inline;
                    leave_call(cx, call, forget && !is_block);
                }
                Wait::Join(join) => {
                    cx.calls.avoid.leave(self.steps.joins[join].avoid);
                    self.steps.joins.remove(join);
                }
            }
            self.leave_saga(cx, ix);
            self.release_own_thread(cx, ix);
            leave.extend(self.end_pass(cx, ix));
            self.steps.free(cx, ix);
        }
        // Only now, so that calls that were given up are known to have been when it comes back.
        for ticket in leave {
            cx.work.push(Handoff::Leave(ticket));
        }
    }
}

/// A strand no longer waits for its call.
pub(super) fn leave_call<O: Observer>(cx: &mut Cx<'_, O>, call: CallIx, forget: bool) {
    cx.calls[call].reply = Reply::NOBODY;
    if !forget && !cx.calls[call].has_ended() {
        cx.work.push(Handoff::AbandonCall(call));
    }
}

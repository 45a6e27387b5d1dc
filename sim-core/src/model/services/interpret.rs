//! The steps of an operation, one strand at a time.
//!
//! A strand runs until it waits for something or is done. What it sets going (branches, the strand
//! that waited for it) is put on the list of ready strands, so that nothing here recurses.

use super::steps::{Code, Next, Pc, Wait};
use super::work::Worker;
use super::{Begun, Services};
use crate::model::arena::{AttemptIx, CallIx, StrandIx};
use crate::model::attempt::AttemptFlag;
use crate::model::cx::Cx;
use crate::model::fact::Observer;
use crate::policy::{Ending, Outcome, Place};

impl Services {
    /// Runs strands until all of them wait.
    pub(super) fn run_ready<O: Observer>(&mut self, cx: &mut Cx<'_, O>) {
        while let Some(strand) = self.steps.ready.pop_front() {
            self.run(cx, strand);
        }
    }

    /// Runs a strand that has just become ready: at once, unless others are before it.
    #[inline]
    pub(super) fn run_now<O: Observer>(&mut self, cx: &mut Cx<'_, O>, strand: StrandIx) {
        if self.steps.ready.is_empty() {
            self.run(cx, strand);
        } else {
            self.steps.ready.push_back(strand);
        }
    }

    /// The first step of an operation that has just begun is nearly always work, to which it gets
    /// without a walk through the program: whether it was.
    pub(super) fn works_at_once<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        of: AttemptIx,
        begun: Begun,
    ) -> bool {
        match begun.work {
            Some(work) if self.steps.ready.is_empty() => {
                let attempt = &mut cx.attempts[of];
                attempt.flags.add(AttemptFlag::Working);
                let worker = Worker::untied(attempt, begun.strand);
                self.start_work_of(cx, worker, work);
                true
            }
            _ => false,
        }
    }

    #[inline]
    pub(super) fn run<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        let strand = &mut self.steps.strands[ix];
        strand.wait_for(Wait::Nothing);
        let mut pc = strand.pc();
        while let Next::Go(there) = self.execute(cx, ix, pc) {
            pc = there;
            self.steps.strands[ix].go_to(pc);
        }
    }

    #[inline]
    fn execute<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx, pc: Pc) -> Next {
        match self.steps.program.at(pc) {
            Code::Work(work) => {
                self.want_work(cx, ix, work);
                Next::Rest
            }
            Code::Call { site, .. } => {
                if cx.within.go_on() {
                    self.release_own_thread(cx, ix);
                    self.steps.call(cx, ix, site);
                }
                Next::Rest
            }
            Code::BlockWork(work) => {
                self.want_block_work(cx, ix, work);
                Next::Rest
            }
            Code::Block { site, .. } => {
                if cx.within.go_on() {
                    self.release_own_thread(cx, ix);
                    self.steps.call_block(cx, ix, site);
                }
                Next::Rest
            }
            Code::Ask => self.ask(cx, ix),
            Code::Over { site, up, .. } => {
                if cx.within.go_on() {
                    self.release_own_thread(cx, ix);
                    self.call_over(cx, ix, site, up);
                }
                Next::Rest
            }
            Code::BlockEnd => {
                self.end_block(cx, ix, Ok(()));
                Next::Rest
            }
            Code::Fork(fork) => {
                self.release_own_thread(cx, ix);
                self.steps.fork(cx, ix, fork);
                Next::Rest
            }
            Code::Choose(choice) => Next::Go(self.steps.choose(cx, ix, choice)),
            Code::Goto(there) => Next::Go(there),
            Code::Enter(repeat) => self.steps.enter(cx, ix, repeat),
            Code::Round(repeat) => self.steps.round(cx, ix, repeat),
            Code::Store => self.store(cx, ix),
            Code::Fail(rule) => match self.steps.fails(cx, ix, rule) {
                None => Next::Go(pc + 1),
                Some(outcome) => {
                    let attempt = self.steps.strands[ix].attempt;
                    let place = Place::Operation(cx.target(attempt));
                    self.fail(cx, ix, Ending::here(outcome, place));
                    Next::Rest
                }
            },
            Code::Saga(saga) => self.saga(cx, ix, pc, saga),
            Code::Deed { effect, what } => self.carry_out(cx, ix, pc, (effect, what)),
            Code::Key => self.claim_key(cx, ix, pc),
            Code::Effect => {
                self.take_effect(cx, ix);
                Next::Go(pc + 1)
            }
            Code::End => {
                self.done(cx, ix, Ok(()));
                Next::Rest
            }
        }
    }

    /// A call made by a strand has its outcome.
    pub(crate) fn on_call_ended<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        call: CallIx,
        ending: Ending,
    ) {
        let strand = &mut self.steps.strands[ix];
        debug_assert_eq!(strand.wait(), Wait::Call(call));
        strand.wait_for(Wait::Nothing);
        let stands = self.steps.program.at(strand.pc());
        let of = strand.attempt;
        let main = cx.attempts[of].strand;
        self.waits_no_more(cx, ix, call);
        let (Code::Call { optional, .. }
        | Code::Block { optional, .. }
        | Code::Over { optional, .. }) = stands
        else {
            debug_assert!(matches!(stands, Code::Saga(_)), "it waited for a call");
            return self.saga_call_ended(cx, ix, ending);
        };
        let is_block = matches!(stands, Code::Block { .. });
        let attempt = &mut cx.attempts[of];
        let lesser =
            ending.outcome() == Outcome::Degraded || (optional && !ending.outcome().is_useful());
        if lesser && self.steps.is_observed(main, ix) {
            attempt.flags.add(AttemptFlag::Degraded);
        }
        // What says no within a block says it for the operation around it.
        let says_no = is_block && ending.outcome() == Outcome::Negative;
        let good = (ending.outcome().is_useful() && !says_no) || optional;
        if let Some(frozen) = self.doors.frozen(attempt.instance) {
            self.steps.strands[ix].wait_for(Wait::Frozen);
            let failed = (!good).then_some(ending);
            return frozen.call_ended(ix, (of, attempt.number), failed);
        }
        if good {
            let next = self.steps.strands[ix].advance();
            let was_last = matches!(self.steps.program.at(next), Code::End);
            if was_last && self.steps.ready.is_empty() {
                self.done(cx, ix, Ok(()));
            } else {
                self.run_now(cx, ix);
            }
        } else {
            self.fail_with(cx, ix, ending);
        }
        self.run_ready(cx);
    }

    /// A strand waits for a call no longer: what its operation waits for now.
    #[inline]
    pub(super) fn waits_no_more<O: Observer>(
        &self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        call: CallIx,
    ) {
        let of = self.steps.strands[ix].attempt;
        let main = cx.attempts[of].strand;
        if main == ix {
            // While its main strand waits for a call, an operation waits for no other.
            cx.attempts[of].flags.remove(AttemptFlag::InCall);
        } else if cx.attempts.waits_for(of) == call {
            let next = self.steps.call_within(main);
            cx.attempts.set_waits_for(of, next);
        }
    }

    /// A strand fails since its call did.
    pub(super) fn fail_with<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        ending: Ending,
    ) {
        let attempt = &cx.attempts[self.steps.strands[ix].attempt];
        let by = Place::Operation(cx.targets[attempt.site]);
        // A block ends like its failed step, and so does the operation around it that failed of itself.
        if attempt.flags.has(AttemptFlag::Inline) || ending.by() == by {
            return self.fail(cx, ix, ending);
        }
        let ending = ending.turned_into(Outcome::ErrorDependency, by);
        self.fail(cx, ix, ending);
    }
}

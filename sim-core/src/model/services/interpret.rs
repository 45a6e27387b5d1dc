//! The steps of an operation, one strand at a time.
//!
//! A strand runs until it waits for something or is done. What it sets going (branches, the strand
//! that waited for it) is put on the list of ready strands, so that nothing here recurses.

use super::program::{Code, Pc};
use super::strand::{Round, StrandIx, Wait};
use super::work::Worker;
use super::{Begun, Services};
use crate::id::SiteId;
use crate::model::arena::NONE;
use crate::model::attempt::{AttemptFlag, AttemptIx};
use crate::model::call::{CallIx, NewCall, Then};
use crate::model::cx::Cx;
use crate::model::fact::Observer;
use crate::model::handoff::Handoff;
use crate::model::spec::{Execution, FailRule, Times};
use crate::policy::{Ending, Outcome, Place};
use crate::random::{child_key, uniform};

/// What a strand does after an instruction.
pub(super) enum Next {
    /// The instruction there.
    Go(Pc),
    /// It waits, or is gone.
    Rest,
}

impl Services {
    /// Runs strands until all of them wait.
    pub(super) fn run_ready<O: Observer>(&mut self, cx: &mut Cx<'_, O>) {
        while let Some(strand) = self.ready.pop_front() {
            self.run(cx, strand);
        }
    }

    /// Runs a strand that has just become ready: at once, unless others are before it.
    #[inline]
    pub(super) fn run_now<O: Observer>(&mut self, cx: &mut Cx<'_, O>, strand: StrandIx) {
        if self.ready.is_empty() {
            self.run(cx, strand);
        } else {
            self.ready.push_back(strand);
        }
    }

    /// The main strand of an operation that has just begun goes its first steps.
    #[inline]
    pub(super) fn set_out<O: Observer>(&mut self, cx: &mut Cx<'_, O>, of: AttemptIx, begun: Begun) {
        if !self.works_at_once(cx, of, begun) {
            self.run_now(cx, begun.strand);
        }
    }

    /// The first step of an operation that has just begun is nearly always work, to which it gets
    /// without a walk through the program: whether it was.
    #[expect(clippy::inline_always, reason = "for every operation")]
    #[inline(always)]
    pub(super) fn works_at_once<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        of: AttemptIx,
        begun: Begun,
    ) -> bool {
        match begun.work {
            Some(work) if self.ready.is_empty() => {
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
        let strand = &mut self.strands[ix];
        strand.wait_for(Wait::Nothing);
        let mut pc = strand.pc();
        while let Next::Go(there) = self.execute(cx, ix, pc) {
            pc = there;
            self.strands[ix].go_to(pc);
        }
    }

    #[inline]
    fn execute<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx, pc: Pc) -> Next {
        match self.program.at(pc) {
            Code::Work(work) => {
                self.want_work(cx, ix, work);
                Next::Rest
            }
            Code::Call { site, .. } => {
                self.call(cx, ix, site);
                Next::Rest
            }
            Code::Fork(fork) => {
                self.fork(cx, ix, fork);
                Next::Rest
            }
            Code::Choose(choice) => {
                let choice = &self.program.choices[choice as usize];
                let u = uniform(choice.draws, self.key(cx, ix));
                let way = choice.ways.iter().find(|&&(below, _)| u < below);
                Next::Go(way.map_or(choice.otherwise, |&(_, start)| start))
            }
            Code::Goto(there) => Next::Go(there),
            Code::Enter(repeat) => self.enter(cx, ix, repeat),
            Code::Round(repeat) => self.round(cx, ix, repeat),
            Code::Fail(rule) => match self.fails(cx, ix, rule) {
                None => Next::Go(pc + 1),
                Some(outcome) => {
                    let attempt = self.strands[ix].attempt;
                    let place = Place::Operation(cx.target(attempt));
                    self.fail(cx, ix, Ending::here(outcome, place));
                    Next::Rest
                }
            },
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

    // ---- calls ----

    #[inline(never)]
    fn call<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx, site: SiteId) {
        if !cx.within.go_on() {
            return;
        }
        self.release_own_thread(cx, ix);
        let avoid = self.strands.ties(ix).avoid;
        let of = self.strands[ix].attempt;
        let attempt = &cx.attempts[of];
        let key = self.strands.key(ix, attempt);
        cx.calls.avoid.join(avoid);
        let call = cx.calls.open(
            cx.now,
            NewCall {
                key: child_key(key, self.program.sites[site].0, 0),
                site,
                process: self.instances[attempt.instance].process,
                then: Then::Strand(ix),
                labels: attempt.labels,
                avoid,
                original: attempt.flags.has(AttemptFlag::Original),
            },
            cx.attempts.deadlines.of(of),
        );
        self.strands[ix].wait_for(Wait::Call(call));
        let attempt = &cx.attempts[of];
        let number = attempt.number;
        if self.is_observed(attempt.strand, ix) {
            cx.attempts.set_waits_for(of, call);
        }
        cx.work.push(Handoff::StartCall(call, number));
    }

    /// A call made by a strand has its outcome.
    pub(crate) fn on_call_ended<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        call: CallIx,
        ending: Ending,
    ) {
        let strand = &mut self.strands[ix];
        debug_assert_eq!(strand.wait(), Wait::Call(call));
        strand.wait_for(Wait::Nothing);
        let Code::Call { optional, .. } = self.program.at(strand.pc()) else {
            unreachable!("the strand stands at the call that it waited for")
        };
        let of = strand.attempt;
        let main = cx.attempts[of].strand;
        if cx.attempts.waits_for(of) == call {
            let next = if main == ix {
                NONE
            } else {
                self.call_within(main)
            };
            cx.attempts.set_waits_for(of, next);
        }
        let attempt = &mut cx.attempts[of];
        let lesser =
            ending.outcome() == Outcome::Degraded || (optional && !ending.outcome().is_useful());
        if lesser && self.is_observed(main, ix) {
            attempt.flags.add(AttemptFlag::Degraded);
        }
        let good = ending.outcome().is_useful() || optional;
        let instance = attempt.instance;
        if self.instances[instance].paused {
            self.strands[ix].wait_for(Wait::Frozen);
            let failed = (!good).then_some(ending);
            let number = attempt.number;
            let frozen = &mut self.instances[instance].frozen;
            return frozen.call_ended(ix, (of, number), failed);
        }
        if good {
            let next = self.strands[ix].advance();
            let was_last = matches!(self.program.at(next), Code::End);
            if was_last && self.ready.is_empty() {
                self.done(cx, ix, Ok(()));
            } else {
                self.run_now(cx, ix);
            }
        } else {
            self.fail_with(cx, ix, ending);
        }
        self.run_ready(cx);
    }

    /// A strand fails since its call did.
    pub(super) fn fail_with<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        ending: Ending,
    ) {
        let attempt = &cx.attempts[self.strands[ix].attempt];
        let by = Place::Operation(cx.targets[attempt.site]);
        let ending = ending.turned_into(Outcome::ErrorDependency, by);
        self.fail(cx, ix, ending);
    }

    /// A call that a strand, or a branch that it waits for, waits for.
    pub(super) fn call_within(&self, ix: StrandIx) -> CallIx {
        match self.strands[ix].wait() {
            Wait::Call(call) => call,
            Wait::Join(join) => {
                let calls = self.branches(join).map(|branch| self.call_within(branch));
                calls.into_iter().find(|&call| call != NONE).unwrap_or(NONE)
            }
            Wait::Nothing
            | Wait::Work(_)
            | Wait::Cores
            | Wait::Turn
            | Wait::Thread(_)
            | Wait::Frozen => NONE,
        }
    }

    /// Whether the answer of the operation still depends on a strand: it is the main one, or all
    /// around it wait for it.
    #[inline]
    fn is_observed(&self, main: StrandIx, ix: StrandIx) -> bool {
        let mut ix = ix;
        while ix != main {
            let join = self.strands.ties(ix).join;
            if join == NONE {
                return false;
            }
            ix = self.joins[join].parent;
        }
        true
    }

    /// The branches of a `parallel` that are under way.
    pub(super) fn branches(&self, join: u32) -> impl Iterator<Item = StrandIx> {
        let some = |ix: StrandIx| (ix != NONE).then_some(ix);
        std::iter::successors(some(self.joins[join].first), move |&branch| {
            some(self.strands.ties(branch).sibling)
        })
    }

    // ---- repeat and fail ----

    /// The key from which the draws of a strand come.
    #[inline]
    fn key<O: Observer>(&self, cx: &Cx<'_, O>, ix: StrandIx) -> u64 {
        let attempt = &cx.attempts[self.strands[ix].attempt];
        self.strands.key(ix, attempt)
    }

    #[inline(never)]
    fn enter<O: Observer>(&mut self, cx: &Cx<'_, O>, ix: StrandIx, number: u32) -> Next {
        let key = self.key(cx, ix);
        let repeat = &self.program.repeats[number as usize];
        if matches!(repeat.times, Times::Exactly(0)) {
            return Next::Go(repeat.after);
        }
        self.strands.set_key(ix, child_key(key, repeat.key.0, 1));
        let ties = self.strands.ties_mut(ix);
        ties.round = self.rounds.insert(Round {
            number: 1,
            key,
            around: ties.round,
        });
        Next::Go(repeat.body)
    }

    #[inline(never)]
    fn round<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx, number: u32) -> Next {
        if !cx.within.go_on() {
            return Next::Rest;
        }
        let key = self.key(cx, ix);
        let repeat = &self.program.repeats[number as usize];
        let round_ix = self.strands.ties(ix).round;
        let round = &mut self.rounds[round_ix];
        let again = match repeat.times {
            Times::Exactly(times) => round.number < times,
            Times::Again(share) => share.hit(uniform(repeat.key, key)),
        };
        if again {
            round.number += 1;
            let key = child_key(round.key, repeat.key.0, u64::from(round.number));
            self.strands.set_key(ix, key);
            return Next::Go(repeat.body);
        }
        let Round { key, around, .. } = *round;
        self.rounds.remove(round_ix);
        self.strands.set_key(ix, key);
        self.strands.ties_mut(ix).round = around;
        Next::Go(repeat.after)
    }

    #[inline(never)]
    fn fails<O: Observer>(&mut self, cx: &Cx<'_, O>, ix: StrandIx, number: u32) -> Option<Outcome> {
        let key = self.key(cx, ix);
        let rule = &mut self.program.fails[number as usize];
        match &rule.when {
            FailRule::Share(share) => share.hit(uniform(rule.draws, key)).then_some(rule.outcome),
            FailRule::Sequence(outcomes) => {
                let turn = (rule.asked % outcomes.len() as u64) as usize;
                rule.asked += 1;
                outcomes[turn]
            }
        }
    }
}

/// Whether strands of a service hold threads of their own.
#[inline]
pub(super) fn own_threads(execution: Execution) -> bool {
    execution == Execution::Async
}

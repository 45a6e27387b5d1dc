//! The steps of an operation, one strand at a time.
//!
//! A strand runs until it waits for something or is done. What it sets going (branches, the strand
//! that waited for it) is put on the list of ready strands, so that nothing here recurses.

use super::Services;
use super::program::{Code, Fork, Pc};
use super::strand::{Join, Round, Strand, StrandIx, Ties, Wait};
use crate::id::SiteId;
use crate::model::arena::NONE;
use crate::model::attempt::{AttemptIx, AttemptMark};
use crate::model::call::{CallIx, NewCall, Reply, Then};
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

    /// The main strand of an operation that has just begun goes its first steps: nearly always work,
    /// to which it gets without a walk through the program.
    #[inline]
    pub(super) fn set_out<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        of: AttemptIx,
        strand: StrandIx,
    ) {
        let attempt = &mut cx.attempts[of];
        match self.program.entry(attempt.operation).work {
            Some(work) if self.ready.is_empty() => {
                attempt.marks.add(AttemptMark::Working);
                self.start_work(cx, strand, work);
            }
            _ => self.run_now(cx, strand),
        }
    }

    #[inline]
    pub(super) fn run<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        let strand = &mut self.strands[ix];
        strand.wait = Wait::Nothing;
        let mut pc = strand.pc;
        while let Next::Go(there) = self.execute(cx, ix, pc) {
            pc = there;
            self.strands[ix].pc = pc;
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
                let u = uniform(choice.draws, self.strands[ix].key);
                let way = choice.ways.iter().find(|&&(below, _)| u < below);
                Next::Go(way.map_or(choice.otherwise, |&(_, start)| start))
            }
            Code::Goto(there) => Next::Go(there),
            Code::Enter(repeat) => self.enter(ix, repeat),
            Code::Round(repeat) => self.round(ix, repeat),
            Code::Fail(rule) => match self.fails(ix, rule) {
                None => Next::Go(pc + 1),
                Some(outcome) => {
                    let attempt = self.strands[ix].attempt;
                    let place = Place::Operation(cx.attempts[attempt].operation);
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
        self.release_own_thread(cx, ix);
        let avoid = self.strands.ties(ix).avoid;
        let strand = &mut self.strands[ix];
        let (of, key) = (strand.attempt, strand.key);
        let attempt = &mut cx.attempts[of];
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
                original: attempt.marks.has(AttemptMark::Original),
            },
            cx.attempts.deadlines.of(of),
        );
        strand.wait = Wait::Call(call);
        let attempt = &mut cx.attempts[of];
        if self.is_observed(attempt.strand, ix) {
            attempt.waits_for = call;
        }
        cx.work.push(Handoff::StartCall(call, attempt.number));
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
        debug_assert_eq!(strand.wait, Wait::Call(call));
        strand.wait = Wait::Nothing;
        let Code::Call { optional, .. } = self.program.at(strand.pc) else {
            unreachable!("the strand stands at the call that it waited for")
        };
        let of = strand.attempt;
        let attempt = &mut cx.attempts[of];
        let main = attempt.strand;
        if attempt.waits_for == call {
            attempt.waits_for = if main == ix {
                NONE
            } else {
                self.call_within(main)
            };
        }
        let lesser =
            ending.outcome() == Outcome::Degraded || (optional && !ending.outcome().is_useful());
        if lesser && self.is_observed(main, ix) {
            attempt.marks.add(AttemptMark::Degraded);
        }
        if ending.outcome().is_useful() || optional {
            let strand = &mut self.strands[ix];
            strand.pc += 1;
            let was_last = matches!(self.program.at(strand.pc), Code::End);
            if was_last && self.ready.is_empty() {
                self.done(cx, ix, Ok(()));
            } else {
                self.run_now(cx, ix);
            }
        } else {
            let by = Place::Operation(attempt.operation);
            let ending = ending.turned_into(Outcome::ErrorDependency, by);
            self.fail(cx, ix, ending);
        }
        self.run_ready(cx);
    }

    /// A call that a strand, or a branch that it waits for, waits for.
    fn call_within(&self, ix: StrandIx) -> CallIx {
        match self.strands[ix].wait {
            Wait::Call(call) => call,
            Wait::Join(join) => {
                let calls = self.branches(join).map(|branch| self.call_within(branch));
                calls.into_iter().find(|&call| call != NONE).unwrap_or(NONE)
            }
            Wait::Nothing | Wait::Work(_) | Wait::Cores | Wait::Turn | Wait::Thread(_) => NONE,
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
    fn branches(&self, join: u32) -> impl Iterator<Item = StrandIx> {
        let some = |ix: StrandIx| (ix != NONE).then_some(ix);
        std::iter::successors(some(self.joins[join].first), move |&branch| {
            some(self.strands.ties(branch).sibling)
        })
    }

    // ---- parallel ----

    #[inline(never)]
    fn fork<O: Observer>(&mut self, cx: &mut Cx<'_, O>, parent: StrandIx, number: u32) {
        self.release_own_thread(cx, parent);
        let Strand {
            attempt, key, pc, ..
        } = self.strands[parent];
        let avoid = self.strands.ties(parent).avoid;
        let fork = &self.program.forks[number as usize];
        let (count, distinct, site) = (fork.count, fork.distinct_instances, fork.key);
        let own = if distinct {
            cx.calls.avoid.open()
        } else {
            NONE
        };
        let join = self.joins.insert(Join {
            parent,
            fork: number,
            useful: 0,
            failed: 0,
            first: NONE,
            avoid: own,
        });
        self.strands[parent].wait = Wait::Join(join);
        // The parent goes on behind the fork: the instruction after it jumps there.
        self.strands[parent].pc = pc + 1;
        let avoid = if distinct { own } else { avoid };
        let mut last = NONE;
        for branch in 0..count {
            let start = branch_start(fork, branch);
            let key = child_key(key, site.0, u64::from(branch));
            let strand = Strand::new(attempt, key, start);
            let ix = self.strands.insert_branch(strand, join, avoid);
            if last == NONE {
                self.joins[join].first = ix;
            } else {
                self.strands.ties_mut(last).sibling = ix;
            }
            last = ix;
            self.ready.push_back(ix);
        }
    }

    /// A branch has ended; its `parallel`, if anybody waits for it, may be decided now (rule 11).
    #[inline(never)]
    fn branch_done<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        result: Result<(), Ending>,
    ) {
        let join_ix = self.strands.ties(ix).join;
        if join_ix == NONE {
            self.release_own_thread(cx, ix);
            return self.forget_strand(cx, ix);
        }
        self.unlink(join_ix, ix);
        let join = &mut self.joins[join_ix];
        let fork = &self.program.forks[join.fork as usize];
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
        self.free(cx, ix);
        match result {
            _ if !decided => {}
            Ok(()) => self.ready.push_back(parent),
            Err(ending) => self.fail(cx, parent, ending),
        }
    }

    fn unlink(&mut self, join: u32, branch: StrandIx) {
        let next = self.strands.ties(branch).sibling;
        let mut at = self.joins[join].first;
        if at == branch {
            self.joins[join].first = next;
            return;
        }
        while self.strands.ties(at).sibling != branch {
            at = self.strands.ties(at).sibling;
        }
        self.strands.ties_mut(at).sibling = next;
    }

    /// What becomes of the branches that are still under way.
    fn leave_rest<O: Observer>(&mut self, cx: &mut Cx<'_, O>, join_ix: u32, cancel: bool) {
        let Join { avoid, parent, .. } = self.joins[join_ix];
        let rest: Vec<StrandIx> = self.branches(join_ix).collect();
        self.joins.remove(join_ix);
        self.strands[parent].wait = Wait::Nothing;
        let attempt = self.strands[parent].attempt;
        let main = cx.attempts[attempt].strand;
        if !rest.is_empty() {
            self.give_up(cx, rest, cancel, main);
        }
        cx.calls.avoid.leave(avoid);
        cx.attempts[attempt].waits_for = if main == parent {
            NONE
        } else {
            self.call_within(main)
        };
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
                self.forget(cx, main, branch);
            }
        }
    }

    /// A branch goes on though nobody waits for it any more.
    fn forget<O: Observer>(&mut self, cx: &mut Cx<'_, O>, main: StrandIx, branch: StrandIx) {
        let next = self.strands.ties(main).forgotten;
        let ties = self.strands.ties_mut(branch);
        (ties.join, ties.sibling) = (NONE, next);
        cx.calls.avoid.join(ties.avoid);
        self.strands.ties_mut(main).forgotten = branch;
    }

    // ---- repeat and fail ----

    #[inline(never)]
    fn enter(&mut self, ix: StrandIx, number: u32) -> Next {
        let repeat = &self.program.repeats[number as usize];
        if matches!(repeat.times, Times::Exactly(0)) {
            return Next::Go(repeat.after);
        }
        let strand = &mut self.strands[ix];
        let key = strand.key;
        strand.key = child_key(key, repeat.key.0, 1);
        let ties = self.strands.ties_mut(ix);
        ties.round = self.rounds.insert(Round {
            number: 1,
            key,
            around: ties.round,
        });
        Next::Go(repeat.body)
    }

    #[inline(never)]
    fn round(&mut self, ix: StrandIx, number: u32) -> Next {
        let repeat = &self.program.repeats[number as usize];
        let round_ix = self.strands.ties(ix).round;
        let strand = &mut self.strands[ix];
        let round = &mut self.rounds[round_ix];
        let again = match repeat.times {
            Times::Exactly(times) => round.number < times,
            Times::Again(share) => share.hit(uniform(repeat.key, strand.key)),
        };
        if again {
            round.number += 1;
            strand.key = child_key(round.key, repeat.key.0, u64::from(round.number));
            return Next::Go(repeat.body);
        }
        strand.key = round.key;
        let around = round.around;
        self.rounds.remove(round_ix);
        self.strands.ties_mut(ix).round = around;
        Next::Go(repeat.after)
    }

    #[inline(never)]
    fn fails(&mut self, ix: StrandIx, number: u32) -> Option<Outcome> {
        let rule = &mut self.program.fails[number as usize];
        match &rule.when {
            FailRule::Share(share) => share
                .hit(uniform(rule.draws, self.strands[ix].key))
                .then_some(rule.outcome),
            FailRule::Sequence(outcomes) => {
                let turn = (rule.asked % outcomes.len() as u64) as usize;
                rule.asked += 1;
                outcomes[turn]
            }
        }
    }

    // ---- the end of strands ----

    /// A strand ends with a failure.
    #[inline(never)]
    fn fail<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx, ending: Ending) {
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

    #[inline]
    pub(super) fn good_answer<O: Observer>(&self, cx: &Cx<'_, O>, ix: AttemptIx) -> Ending {
        let attempt = &cx.attempts[ix];
        let is_failing = !self.instances[attempt.instance].errors.is_empty();
        let injected = if is_failing {
            self.injected(cx, ix, false)
        } else {
            None
        };
        let outcome = match injected {
            Some(outcome) => outcome,
            None if attempt.marks.has(AttemptMark::Degraded) => Outcome::Degraded,
            None => Outcome::Ok,
        };
        Ending::here(outcome, Place::Operation(attempt.operation))
    }

    /// A branch that nobody waited for has ended.
    fn forget_strand<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
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
        attempt.waits_for = NONE;
        attempt.marks.remove(AttemptMark::Working);
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
    fn abort<O: Observer>(&mut self, cx: &mut Cx<'_, O>, top: Vec<StrandIx>, forget: bool) {
        let mut all = top;
        // All leave their lines before one gives back what another might wait for.
        let mut next = 0;
        while let Some(&ix) = all.get(next) {
            next += 1;
            match self.strands[ix].wait {
                Wait::Turn => self.leave_turn(cx, ix),
                Wait::Thread(place) => self.leave_thread_queue(cx, ix, place),
                Wait::Join(join) => all.extend(self.branches(join)),
                Wait::Nothing | Wait::Work(_) | Wait::Cores | Wait::Call(_) => {}
            }
        }
        for ix in all {
            match self.strands[ix].wait {
                Wait::Nothing => self.ready.remove(ix),
                Wait::Work(_) | Wait::Cores => self.stop_work(cx, ix),
                Wait::Turn | Wait::Thread(_) => {}
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

    fn free<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
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
    cx.calls[call].reply = Reply::to(Then::Nobody);
    if !forget && !cx.calls[call].has_ended() {
        cx.work.push(Handoff::AbandonCall(call));
    }
}

fn branch_start(fork: &Fork, branch: u32) -> Pc {
    fork.starts[(branch as usize).min(fork.starts.len() - 1)]
}

/// Whether strands of a service hold threads of their own.
#[inline]
pub(super) fn own_threads(execution: Execution) -> bool {
    execution == Execution::Async
}

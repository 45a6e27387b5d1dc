//! Work, between the steps that ask for it and the places where it is done (rules 14 to 16).
//!
//! Work is drawn when it starts.

use super::places::Waiter;
use super::steps::{Code, Wait};
use super::{Services, leave_thread};
use crate::id::{InstanceId, SiteId};
use crate::model::arena::{AttemptIx, StrandIx};
use crate::model::attempt::{Attempt, AttemptFlag};
use crate::model::cx::Cx;
use crate::model::fact::{Fact, Observer};
use crate::model::spec::Execution;
use crate::policy::{Ending, Place};

/// A strand that is to work, and what is needed of its attempt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Worker {
    strand: StrandIx,
    /// From which its draws come.
    key: u64,
    instance: InstanceId,
    site: SiteId,
}

impl Worker {
    /// A strand without ties: its draws are those of the attempt.
    #[inline]
    pub(super) fn untied(attempt: &Attempt, strand: StrandIx) -> Self {
        Self {
            strand,
            key: attempt.key,
            instance: attempt.instance,
            site: attempt.site,
        }
    }
}

impl Services {
    /// A strand has come to a `work` step: it needs a thread, or its turn on the one it shares.
    #[inline]
    pub(super) fn want_work<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx, work: u32) {
        let of = self.steps.strands[ix].attempt;
        self.want_work_of(cx, ix, work, of);
    }

    /// A strand within a block has come to a `work` step: the thread is that of the operation around it.
    #[inline(never)]
    pub(super) fn want_block_work<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        work: u32,
    ) {
        let of = self.steps.carrier(cx, self.steps.strands[ix].attempt);
        self.want_work_of(cx, ix, work, of);
    }

    #[expect(
        clippy::inline_always,
        reason = "one way for operations, one for blocks"
    )]
    #[inline(always)]
    fn want_work_of<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        work: u32,
        of: AttemptIx,
    ) {
        let strand = &mut self.steps.strands[ix];
        let attempt = &mut cx.attempts[of];
        let host = &mut self.places.instances[attempt.instance];
        match host.execution {
            Execution::Blocking if attempt.flags.has(AttemptFlag::Working) => {
                let main = attempt.strand;
                return self.steps.wait_for_turn(main, ix);
            }
            Execution::Blocking => attempt.flags.add(AttemptFlag::Working),
            Execution::Async if strand.holds_thread() => {}
            Execution::Async if host.takes_at_once() => return self.take_thread(cx, ix),
            Execution::Async => {
                let place = host.room.push(Waiter::Strand(ix).to_bits());
                host.strands_waiting += 1;
                strand.wait_for(Wait::Thread(place));
                return;
            }
        }
        self.start_work(cx, ix, work);
    }

    /// A strand of an asynchronous service gets a thread and works.
    #[inline(never)]
    pub(super) fn take_thread<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        let of = self.steps.carrier(cx, self.steps.strands[ix].attempt);
        self.steps.strands[ix].take_thread();
        let attempt = &mut cx.attempts[of];
        attempt.clock.start(cx.now);
        let (number, instance) = (attempt.number, attempt.instance);
        self.places.instances[instance].busy += 1;
        cx.tell(&Fact::ThreadTaken {
            attempt: number,
            instance,
        });
        let work = self.steps.work_at(ix);
        self.start_work(cx, ix, work);
    }

    /// A strand of an asynchronous service that holds a thread gives it back.
    #[expect(clippy::inline_always, reason = "mostly one test")]
    #[inline(always)]
    pub(super) fn release_own_thread<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        if self.steps.strands[ix].holds_thread() {
            self.give_back_own_thread(cx, ix);
        }
    }

    #[inline(never)]
    fn give_back_own_thread<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        let of = self.steps.carrier(cx, self.steps.strands[ix].attempt);
        self.steps.strands[ix].give_back_thread();
        let attempt = &mut cx.attempts[of];
        attempt.clock.stop(cx.now);
        let (number, instance) = (attempt.number, attempt.instance);
        let host = &mut self.places.instances[instance];
        debug_assert!(host.own_threads());
        host.busy -= 1;
        cx.tell(&Fact::ThreadReturned {
            attempt: number,
            instance,
        });
        self.take_next(cx, instance);
    }

    #[expect(
        clippy::inline_always,
        reason = "work starts at its step, all else is out of line"
    )]
    #[inline(always)]
    pub(super) fn start_work<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx, work: u32) {
        let attempt = &cx.attempts[self.steps.strands[ix].attempt];
        let worker = Worker {
            key: self.steps.strands.key(ix, attempt),
            ..Worker::untied(attempt, ix)
        };
        self.start_work_of(cx, worker, work);
    }

    /// The same, where all that is needed of the strand and its attempt is at hand.
    #[expect(
        clippy::inline_always,
        reason = "work starts at its step, all else is out of line"
    )]
    #[inline(always)]
    pub(super) fn start_work_of<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        worker: Worker,
        work: u32,
    ) {
        let Worker {
            strand: ix,
            key,
            instance,
            site,
        } = worker;
        let time = self.steps.program.works[work as usize].time(key);
        let timer = self.places.start(cx, (instance, site), ix, time);
        self.steps.strands[ix].wait_for(timer.map_or(Wait::Cores, Wait::Work));
    }

    pub(super) fn on_work_done<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        let strand = &mut self.steps.strands[ix];
        let next = strand.advance();
        let of = strand.attempt;
        let attempt = &mut cx.attempts[of];
        let host = &mut self.places.instances[attempt.instance];
        host.at_work -= 1;
        if attempt.strand == ix && strand.has_no_ties() {
            attempt.flags.remove(AttemptFlag::Working);
            let was_last = matches!(self.steps.program.at(next), Code::End);
            let keeps_nothing = !strand.holds_thread() && !self.doors.keeps_keys;
            if was_last && keeps_nothing && host.plain {
                // Most operations end here: their only strand has nothing to give back.
                let operation = cx.targets[attempt.site];
                let outcome = attempt.good_outcome();
                let ending = Ending::here(outcome, Place::Operation(operation));
                self.steps.strands.remove_untied(ix);
                let how = (operation, outcome);
                let left = leave_thread(&mut cx.observer, cx.now, host, attempt, how);
                return self.answered(cx, of, ending, left);
            }
        } else {
            self.pass_turn(cx, of);
        }
        self.run(cx, ix);
    }

    pub(super) fn on_cores_done<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        let ix = self.places.finish_first(cx, instance);
        self.after_work(cx, ix);
    }

    /// The strand goes on behind its work; another strand of the operation may have its turn.
    fn after_work<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        let strand = &mut self.steps.strands[ix];
        strand.wait_for(Wait::Nothing);
        strand.advance();
        let attempt = strand.attempt;
        self.steps.ready.push_back(ix);
        self.pass_turn(cx, attempt);
    }

    /// Work ends before it is done.
    pub(super) fn stop_work<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        let strand = &mut self.steps.strands[ix];
        let attempt = strand.attempt;
        let timer = if let Wait::Work(timer) = strand.wait() {
            Some(timer)
        } else {
            None
        };
        strand.wait_for(Wait::Nothing);
        let instance = cx.attempts[attempt].instance;
        self.places.stop(cx, instance, ix, timer);
        self.pass_turn(cx, attempt);
    }

    /// Another strand of the operation may work now.
    #[inline(never)]
    fn pass_turn<O: Observer>(&mut self, cx: &mut Cx<'_, O>, attempt: AttemptIx) {
        let attempt = self.steps.carrier(cx, attempt);
        if let Some(next) = self.steps.next_turn(cx, attempt) {
            let work = self.steps.work_at(next);
            self.start_work(cx, next, work);
        }
    }
}

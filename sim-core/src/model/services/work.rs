//! Threads at work.
//!
//! Work is drawn when it starts. Where nothing can change its speed, its end is one event at a
//! fixed instant. Where cores are shared, or a fault may slow or freeze work in progress, the
//! instance keeps its working strands in a [`SharedCores`](crate::queueing::SharedCores) and one
//! timer for whoever is done first.

use super::event::ServiceEvent;
use super::interpret::own_threads;
use super::program::Code;
use super::strand::{StrandIx, Wait};
use super::{Services, Waiter};
use crate::id::{InstanceId, SiteId};
use crate::kernel::{Class, Timer};
use crate::model::arena::NONE;
use crate::model::attempt::{Attempt, AttemptFlag, AttemptIx};
use crate::model::cx::Cx;
use crate::model::fact::{Fact, Observer};
use crate::model::spec::{ContentionSpec, Execution};
use crate::queueing::QueuePlace;
use crate::units::Factor;

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
        let strand = &mut self.strands[ix];
        let attempt = &mut cx.attempts[strand.attempt];
        let host = &mut self.instances[attempt.instance];
        match host.execution {
            Execution::Blocking if attempt.flags.has(AttemptFlag::Working) => {
                let main = attempt.strand;
                return self.wait_for_turn(main, ix);
            }
            Execution::Blocking => attempt.flags.add(AttemptFlag::Working),
            Execution::Async if strand.holds_thread() => {}
            Execution::Async if host.takes_at_once() => return self.take_thread(cx, ix),
            Execution::Async => {
                let place = host.room.push(Waiter::Strand(ix).to_bits());
                strand.wait_for(Wait::Thread(place));
                return;
            }
        }
        self.start_work(cx, ix, work);
    }

    /// A strand of an asynchronous service gets a thread and works.
    #[inline(never)]
    pub(super) fn take_thread<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        let strand = &mut self.strands[ix];
        strand.take_thread();
        let attempt = &mut cx.attempts[strand.attempt];
        attempt.clock.start(cx.now);
        let (number, instance) = (attempt.number, attempt.instance);
        self.instances[instance].busy += 1;
        cx.tell(&Fact::ThreadTaken {
            attempt: number,
            instance,
        });
        let Code::Work(work) = self.program.at(self.strands[ix].pc()) else {
            unreachable!("a strand waits for a thread at a work step")
        };
        self.start_work(cx, ix, work);
    }

    /// A strand of an asynchronous service that holds a thread gives it back.
    #[expect(clippy::inline_always, reason = "mostly one test")]
    #[inline(always)]
    pub(super) fn release_own_thread<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        if self.strands[ix].holds_thread() {
            self.give_back_own_thread(cx, ix);
        }
    }

    #[inline(never)]
    fn give_back_own_thread<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        let strand = &mut self.strands[ix];
        strand.give_back_thread();
        let attempt = &mut cx.attempts[strand.attempt];
        attempt.clock.stop(cx.now);
        let (number, instance) = (attempt.number, attempt.instance);
        debug_assert!(own_threads(
            cx.spec.services[self.instances[instance].service].execution
        ));
        self.instances[instance].busy -= 1;
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
        let attempt = &cx.attempts[self.strands[ix].attempt];
        let worker = Worker {
            key: self.strands.key(ix, attempt),
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
        let host = &mut self.instances[instance];
        let time = self.program.works[work as usize].time(key);
        host.at_work += 1;
        let factor = host.stretch(cx.spec, cx.targets[site]);
        let time = if factor == Factor::ONE {
            time
        } else {
            time.scaled(factor.get())
        };
        if let Some(cores) = &mut host.cores {
            cores.start(cx.now, ix, time);
            self.strands[ix].wait_for(Wait::Cores);
            return self.settle_cores(cx, instance);
        }
        let done = ServiceEvent::WorkDone(ix);
        let timer = cx.schedule(cx.now + time, Class::Completion, done);
        self.strands[ix].wait_for(Wait::Work(timer));
    }

    pub(super) fn on_work_done<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        let strand = &mut self.strands[ix];
        let next = strand.advance();
        let of = strand.attempt;
        let attempt = &mut cx.attempts[of];
        self.instances[attempt.instance].at_work -= 1;
        if attempt.strand == ix && strand.has_no_ties() {
            attempt.flags.remove(AttemptFlag::Working);
            let was_last = matches!(self.program.at(next), Code::End);
            if was_last && !strand.holds_thread() && !self.keeps_keys {
                return self.finish(cx, ix, of);
            }
        } else {
            self.pass_turn(cx, of);
        }
        self.run(cx, ix);
    }

    /// An operation whose only strand has nothing to give back ends with the answer it has earned.
    fn finish<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx, of: AttemptIx) {
        let ending = self.good_answer(cx, of);
        self.strands.remove_untied(ix);
        self.answer_now(cx, of, ending);
    }

    pub(super) fn on_cores_done<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        let host = &mut self.instances[instance];
        host.cores_timer = Timer::NONE;
        let Some(cores) = &mut host.cores else {
            unreachable!("only shared cores have a timer")
        };
        let ix = cores.finish(cx.now);
        host.at_work -= 1;
        self.settle_cores(cx, instance);
        self.after_work(cx, ix);
    }

    /// The strand goes on behind its work; another strand of the operation may have its turn.
    fn after_work<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        let strand = &mut self.strands[ix];
        strand.wait_for(Wait::Nothing);
        strand.advance();
        let attempt = strand.attempt;
        self.ready.push_back(ix);
        self.pass_turn(cx, attempt);
    }

    /// Work ends before it is done.
    pub(super) fn stop_work<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        let strand = &mut self.strands[ix];
        let attempt = strand.attempt;
        let instance = cx.attempts[attempt].instance;
        let host = &mut self.instances[instance];
        host.at_work -= 1;
        let wait = strand.wait();
        strand.wait_for(Wait::Nothing);
        if let Wait::Work(timer) = wait {
            cx.events.cancel(timer);
        } else if let Some(cores) = &mut host.cores {
            cores.stop(cx.now, ix);
            self.settle_cores(cx, instance);
        }
        self.pass_turn(cx, attempt);
    }

    // ---- the turn to work on a shared thread ----

    fn wait_for_turn(&mut self, main: StrandIx, ix: StrandIx) {
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

    #[inline(never)]
    fn pass_turn<O: Observer>(&mut self, cx: &mut Cx<'_, O>, attempt: AttemptIx) {
        cx.attempts[attempt].flags.remove(AttemptFlag::Working);
        let main = cx.attempts[attempt].strand;
        if main == NONE {
            return;
        }
        let next = self.strands.ties(main).first_turn;
        if next != NONE {
            self.strands.ties_mut(main).first_turn = self.strands.ties(next).next_turn;
            cx.attempts[attempt].flags.add(AttemptFlag::Working);
            let Code::Work(work) = self.program.at(self.strands[next].pc()) else {
                unreachable!("a strand waits for its turn at a work step")
            };
            self.start_work(cx, next, work);
        }
    }

    pub(super) fn leave_turn<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        let main = cx.attempts[self.strands[ix].attempt].strand;
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

    pub(super) fn leave_thread_queue<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        place: QueuePlace,
    ) {
        let instance = cx.attempts[self.strands[ix].attempt].instance;
        self.instances[instance]
            .room
            .remove(place, Waiter::Strand(ix).to_bits());
    }

    // ---- shared cores ----

    /// The speed and the next completion of shared cores, after anything that may change them.
    pub(super) fn settle_cores<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        let host = &mut self.instances[instance];
        let Some(cores) = &mut host.cores else { return };
        let contention = match &cx.spec.services[host.service].contention {
            Some(ContentionSpec {
                law,
                in_progress: true,
            }) => law.factor(host.at_work),
            _ => Factor::ONE,
        };
        if host.paused {
            cores.pause(cx.now);
        } else {
            cores.stretch(cx.now, host.slow_in_progress.times(contention).get());
        }
        let next = cores.next_completion();
        cx.events
            .cancel(std::mem::replace(&mut host.cores_timer, Timer::NONE));
        if let Some((at, _)) = next {
            host.cores_timer =
                cx.schedule(at, Class::Completion, ServiceEvent::CoresDone(instance));
        }
    }
}

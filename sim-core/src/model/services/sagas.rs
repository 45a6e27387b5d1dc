//! Sagas, as the strand carries them out that stands at one (rule 88).
//!
//! The strand stays at its instruction until the saga is over: each time that what it waited for has come
//! (a write, a wait, the end of a call) it meets the instruction again, and is told there what is next. If
//! it ends before, the saga is left, and another process goes on with it.

use super::Services;
use super::ends::leave_call;
use super::event::ServiceEvent;
use super::steps::{Next, Pc, Wait};
use crate::id::{SagaId, SiteId};
use crate::keeping::{Saga, SagaCallEnd, SagaDoes, SagaEnd};
use crate::kernel::{Class, Timer};
use crate::model::arena::{AttemptIx, NONE, StrandIx};
use crate::model::attempt::AttemptFlag;
use crate::model::call::Then;
use crate::model::cx::Cx;
use crate::model::fact::{Fact, Observer};
use crate::model::handoff::Handoff;
use crate::model::saga::{SagaIx, SagaRecord};
use crate::policy::{Ending, Outcome, Place};
use crate::time::SimTime;

impl Services {
    /// A strand meets its saga: one begins, or another process goes on with it, or what it waited for
    /// has come.
    #[cold]
    pub(super) fn saga<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        strand: StrandIx,
        pc: Pc,
        id: SagaId,
    ) -> Next {
        self.release_own_thread(cx, strand);
        let (ix, does) = match self.steps.saga_of(strand) {
            Some(ix) => (ix, go_on(cx, ix)),
            None => self.take_up_saga(cx, strand, id),
        };
        self.carry_on(cx, (strand, pc), ix, does)
    }

    /// A saga begins, or goes on where another process has left it.
    fn take_up_saga<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        strand: StrandIx,
        id: SagaId,
    ) -> (SagaIx, SagaDoes) {
        let of = self.steps.strands[strand].attempt;
        let attempt = cx.attempts[of];
        let is_block = attempt.flags.has(AttemptFlag::Inline);
        let left = match attempt
            .is_wanted()
            .then(|| cx.calls[attempt.call].reply.then())
        {
            Some(Then::Saga(ix)) if !is_block => Some(ix),
            Some(_) | None => None,
        };
        let spec = &cx.spec.sagas[id];
        let (ix, does) = if let Some(ix) = left {
            let record = &mut cx.sagas[ix];
            (record.strand, record.asked) = (strand, NONE);
            record.owner = attempt.instance;
            let (saga, number) = (record.saga, record.number);
            let does = record.state.resume(&spec.shape, record.until <= cx.now);
            cx.tell(&Fact::SagaResumed {
                saga,
                number,
                attempt: attempt.number,
            });
            (ix, does)
        } else {
            let until = cx.now + spec.timeout;
            let ix = cx.sagas.open(SagaRecord {
                saga: id,
                number: 0,
                state: Saga::new(),
                lineage: cx.attempts.lineage.of(of),
                key: attempt.key,
                labels: attempt.labels,
                began: cx.now,
                until,
                owner: attempt.instance,
                strand,
                asked: NONE,
                timer: Timer::NONE,
                limit: Timer::NONE,
                result: None,
                failure: None,
                rounds: 0,
            });
            (ix, SagaDoes::Writes)
        };
        self.steps.has_saga(strand, ix);
        let until = cx.sagas[ix].until;
        if until > cx.now && until < SimTime::NEVER {
            cx.sagas[ix].limit = cx.schedule(until, Class::Expiry, ServiceEvent::SagaLimit(ix));
        }
        (ix, does)
    }

    /// Does what is next until it has to wait, or is over.
    fn carry_on<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        (strand, pc): (StrandIx, Pc),
        ix: SagaIx,
        does: SagaDoes,
    ) -> Next {
        let mut does = does;
        loop {
            let spec = &cx.spec.sagas[cx.sagas[ix].saga];
            let (at, class) = match does {
                SagaDoes::Writes if spec.persist.is_zero() => {
                    does = go_on(cx, ix);
                    continue;
                }
                SagaDoes::Writes => (cx.now + spec.persist, Class::Completion),
                SagaDoes::Waits => {
                    cx.sagas[ix].rounds += 1;
                    (cx.now + spec.resume_after, Class::Start)
                }
                SagaDoes::Calls(step) => {
                    let site = spec.steps[usize::from(step)].doing;
                    return self.call_of_saga(cx, strand, ix, site);
                }
                SagaDoes::Undoes(step) => {
                    let step = &spec.steps[usize::from(step)];
                    return self.call_of_saga(cx, strand, ix, step.undo.unwrap_or(step.doing));
                }
                SagaDoes::Ends(how) => return self.end_saga(cx, (strand, pc), ix, how),
            };
            cx.sagas[ix].timer = cx.schedule(at, class, ServiceEvent::Saga(ix));
            self.steps.strands[strand].wait_for(Wait::Saga(ix));
            return Next::Rest;
        }
    }

    fn call_of_saga<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        strand: StrandIx,
        ix: SagaIx,
        site: SiteId,
    ) -> Next {
        if cx.within.go_on() {
            let round = cx.sagas[ix].rounds;
            self.steps.call_for_saga(cx, strand, site, round);
        }
        Next::Rest
    }

    /// A call that a strand made for its saga has its outcome.
    pub(super) fn saga_call_ended<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        strand: StrandIx,
        ending: Ending,
    ) {
        let Some(ix) = self.steps.saga_of(strand) else {
            return;
        };
        let of = self.steps.strands[strand].attempt;
        if ending.outcome() == Outcome::Degraded {
            cx.attempts[of].flags.add(AttemptFlag::Degraded);
        }
        let record = &mut cx.sagas[ix];
        let how = what_came_of(ending.outcome());
        record.result = Some(how);
        if how != SagaCallEnd::Done && !record.state.goes_back() {
            record.failure.get_or_insert(ending);
        }
        self.meet_saga(cx, strand, of);
    }

    /// A write, or a wait, of a saga is over.
    #[cold]
    pub(super) fn on_saga<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: SagaIx) {
        let record = &mut cx.sagas[ix];
        record.timer = Timer::NONE;
        let strand = record.strand;
        let of = self.steps.strands[strand].attempt;
        self.meet_saga(cx, strand, of);
    }

    /// The time of a saga is up: the call that it waits for is given up, unless it is the pivot, or one
    /// behind it.
    #[cold]
    pub(super) fn on_saga_limit<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: SagaIx) {
        let record = &mut cx.sagas[ix];
        record.limit = Timer::NONE;
        let strand = record.strand;
        if !record.state.time_is_up() {
            return;
        }
        let Wait::Call(call) = self.steps.strands[strand].wait() else {
            return;
        };
        let of = self.steps.strands[strand].attempt;
        let late = Ending::here(Outcome::TimeoutResponse, Place::Operation(cx.target(of)));
        let record = &mut cx.sagas[ix];
        record.result = Some(SagaCallEnd::Unknown);
        record.failure.get_or_insert(late);
        leave_call(cx, call, false);
        self.steps.strands[strand].wait_for(Wait::Nothing);
        self.waits_no_more(cx, strand, call);
        self.meet_saga(cx, strand, of);
    }

    /// What a strand waited for has come: it meets its saga, after a pause if there is one.
    fn meet_saga<O: Observer>(&mut self, cx: &mut Cx<'_, O>, strand: StrandIx, of: AttemptIx) {
        let attempt = &cx.attempts[of];
        if let Some(frozen) = self.doors.frozen(attempt.instance) {
            self.steps.strands[strand].wait_for(Wait::Frozen);
            return frozen.woken(strand, (of, attempt.number));
        }
        self.steps.strands[strand].wait_for(Wait::Nothing);
        self.run_now(cx, strand);
        self.run_ready(cx);
    }

    /// A strand ends that carries a saga out: another process goes on with it, if it was ever written.
    #[inline]
    pub(super) fn leave_saga<O: Observer>(&mut self, cx: &mut Cx<'_, O>, strand: StrandIx) {
        if let Some(ix) = self.steps.saga_of(strand) {
            self.steps.has_saga(strand, NONE);
            let record = &mut cx.sagas[ix];
            record.strand = NONE;
            record.result = None;
            let timers = [record.timer, record.limit];
            (record.timer, record.limit) = (Timer::NONE, Timer::NONE);
            let (saga, number) = (record.saga, record.number);
            for timer in timers {
                cx.events.cancel(timer);
            }
            if number == 0 {
                return cx.sagas.close(ix);
            }
            cx.tell(&Fact::SagaLeft { saga, number });
            cx.work.push(Handoff::SagaLeft(ix));
        }
    }

    fn end_saga<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        (strand, pc): (StrandIx, Pc),
        ix: SagaIx,
        how: SagaEnd,
    ) -> Next {
        let record = cx.sagas[ix];
        cx.events.cancel(record.limit);
        self.steps.has_saga(strand, NONE);
        cx.sagas.close(ix);
        let root = cx.deeds.call_of(record.lineage.root);
        cx.tell(&Fact::SagaEnded {
            saga: record.saga,
            number: record.number,
            root,
            how,
            took: cx.now.since(record.began),
        });
        if how == SagaEnd::Completed {
            return Next::Go(pc + 1);
        }
        let of = self.steps.strands[strand].attempt;
        let late = Ending::here(Outcome::TimeoutResponse, Place::Operation(cx.target(of)));
        self.fail(cx, strand, record.failure.unwrap_or(late));
        Next::Rest
    }
}

/// What a saga waited for has come: what is next.
fn go_on<O: Observer>(cx: &mut Cx<'_, O>, ix: SagaIx) -> SagaDoes {
    let record = &mut cx.sagas[ix];
    let shape = &cx.spec.sagas[record.saga].shape;
    if let Some(how) = record.result.take() {
        let (step, undo) = record.state.call();
        let fact = Fact::SagaCalled {
            saga: record.saga,
            number: record.number,
            step: u32::from(step),
            undo,
            how,
        };
        let does = record.state.ended(shape, how);
        cx.tell(&fact);
        return does;
    }
    let does = record.state.woken(shape);
    if record.number == 0 {
        let (saga, strand, root) = (record.saga, record.strand, record.lineage.root);
        debug_assert!(strand != NONE, "somebody wrote it");
        let number = cx.sagas.begins(ix);
        let root = cx.deeds.call_of(root);
        cx.tell(&Fact::SagaBegan { saga, number, root });
    }
    does
}

/// What came of a call of a saga: one that says no has done nothing.
fn what_came_of(outcome: Outcome) -> SagaCallEnd {
    if outcome.is_useful() && outcome != Outcome::Negative {
        return SagaCallEnd::Done;
    }
    let unknown = [
        Outcome::TimeoutResponse,
        Outcome::ErrorReset,
        Outcome::Cancelled,
    ];
    if unknown.contains(&outcome) {
        SagaCallEnd::Unknown
    } else {
        SagaCallEnd::Failed
    }
}

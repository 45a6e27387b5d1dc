//! Permits of breakers: how a pass gets one, waits for one, and gives it back; and what any frame
//! gives back that is left.

use super::frame::{Frame, FrameState};
use super::inward::FramePlace;
use super::pipelines::{Move, Parked, Pipelines};
use super::{FrameIx, Host, HostCall, Inside, Note};
use crate::id::LayerId;
use crate::policy::{Admission, AppliedSet, AskedBy, Outcome, PassResult, Permit, Remarks};
use std::num::NonZeroU32;

/// A breaker that has given no permit yet.
const WAITING: FrameState = FrameState::Breaker {
    ticket: None,
    instance: 0,
};

impl Pipelines {
    #[inline(never)]
    pub(super) fn enter_breaker<H: Host>(&mut self, host: &mut H, place: FramePlace) -> Move {
        let (call, layer) = (place.call, place.layer);
        if self.layers.guards_instances(layer) {
            if self.rejects_every_instance(host, place) {
                return Self::stop(host, place, Outcome::StoppedBreakerOpen);
            }
            let ix = self.push(host, place, WAITING);
            return self.further_in(ix);
        }
        match self.ask_breaker(host, layer, call) {
            (_, Admission::Reject) => Self::stop(host, place, Outcome::StoppedBreakerOpen),
            (_, Admission::Admit(permit)) => {
                let ix = self.push(host, place, WAITING);
                self.frames[ix].state = self.permitted(ix, permit, 0);
                self.further_in(ix)
            }
            (breaker, Admission::Wait(epoch)) => {
                let frame = self.push(host, place, WAITING);
                self.frames.set_instant(frame, host.now());
                host.note(call, layer, Note::Waits(AppliedSet::NONE));
                self.parked.push(Parked {
                    breaker,
                    epoch,
                    frame,
                });
                Move::Rest
            }
        }
    }

    /// The state of a frame of a breaker that has this permit, whose instant is kept beside it.
    pub(super) fn permitted(&mut self, ix: FrameIx, permit: Permit, instance: u32) -> FrameState {
        let (at, ticket) = permit.split();
        self.frames.set_instant(ix, at);
        FrameState::Breaker {
            ticket: Some(ticket),
            instance,
        }
    }

    /// Asks the breaker of a call's owner, which is told the time first.
    pub(super) fn ask_breaker<H: Host>(
        &mut self,
        host: &mut H,
        layer: LayerId,
        call: HostCall,
    ) -> (u32, Admission) {
        let now = host.now();
        let mut guard = self.layers.breaker(layer, host.owner(call), 0);
        guard.advance(now, AskedBy::Call, |transition| {
            host.note(call, layer, Note::Breaker(transition, None));
        });
        let admission = guard.breaker.try_acquire(now, guard.config);
        let (index, remarks) = (guard.index, guard.breaker.take_remarks());
        tell_remarks(host, (call, layer), remarks);
        (index, admission)
    }

    /// Passes that waited for a probe of this epoch ask again.
    #[cold]
    pub(super) fn wake_parked(&mut self, breaker: u32, epoch: NonZeroU32) {
        let woken = |it: &Parked| it.breaker == breaker && it.epoch == epoch;
        let frames = self.parked.iter().filter(|it| woken(it)).map(|it| it.frame);
        self.admitted.extend(frames);
        self.parked.retain(|it| !woken(it));
    }

    /// Who waited for the end of a walk goes on: a hedge whose next pass is due, a waiter that a
    /// guard called in, or one that may ask its breaker again.
    pub(super) fn go_on<H: Host>(&mut self, host: &mut H, ix: FrameIx) -> Move {
        if let FrameState::Hedge { .. } = self.frames[ix].state {
            return self.hedge_due(host, ix);
        }
        if !matches!(self.frames[ix].state, FrameState::Breaker { .. }) {
            return self.called_in(host, ix);
        }
        let Frame { call, layer, .. } = self.frames[ix];
        match self.ask_breaker(host, layer, call) {
            (_, Admission::Admit(permit)) => {
                self.note_let_in(host, ix);
                self.frames[ix].state = self.permitted(ix, permit, 0);
                self.further_in(ix)
            }
            (breaker, Admission::Wait(epoch)) => {
                self.parked.push(Parked {
                    breaker,
                    epoch,
                    frame: ix,
                });
                Move::Rest
            }
            (_, Admission::Reject) => self.waited_in_vain(host, ix, Outcome::StoppedBreakerOpen),
        }
    }

    /// Gives back what the frame holds.
    pub(super) fn release<H: Host>(
        &mut self,
        host: &mut H,
        ix: FrameIx,
        frame: &Frame,
        outcome: Outcome,
    ) {
        let Frame {
            layer, call, state, ..
        } = *frame;
        match state {
            FrameState::Breaker {
                ticket: Some(ticket),
                instance,
            } => {
                let permit = Permit::joined(self.frames.instant(ix), ticket);
                let now = host.now();
                let guarded = self.layers.guards_instances(layer).then_some(instance);
                let mut guard = self.layers.breaker(layer, host.owner(call), instance);
                let mut tell = |transition| {
                    host.note(call, layer, Note::Breaker(transition, guarded));
                };
                guard.advance(now, AskedBy::Result, &mut tell);
                let draw = |opening| guard.draws.draw(opening);
                let changed = guard
                    .breaker
                    .on_result(now, guard.config, permit, outcome, draw);
                changed.into_iter().for_each(tell);
                let (breaker, remarks) = (guard.index, guard.breaker.take_remarks());
                tell_remarks(host, (call, layer), remarks);
                if !self.parked.is_empty() {
                    self.wake_parked(breaker, permit.epoch());
                }
            }
            FrameState::Breaker { ticket: None, .. } => self.leave_waiting(ix),
            FrameState::Guard { hold, instance } => {
                self.leave_guard(host, ix, frame, (hold, instance), outcome);
            }
            FrameState::Retry { .. } => self.leave_budget(host, frame),
            FrameState::Hedge { race, .. } => self.give_up_race(host, ix, frame, race),
            FrameState::Pass { next, grant, .. } => {
                self.branches
                    .extend(next.is_some().then(|| Inside::frame(next)));
                self.settle_pass(host, frame, grant, PassResult::Neither);
            }
            FrameState::FallbackCall { other } => self.orphan(host, other),
            FrameState::Timeout | FrameState::Fallback => {}
        }
    }

    /// A pass that waited since the instant of its frame is let in.
    pub(super) fn note_let_in<H: Host>(&self, host: &mut H, ix: FrameIx) {
        let Frame { call, layer, .. } = self.frames[ix];
        let waited = host.now().since(self.frames.instant(ix));
        host.note(call, layer, Note::LetIn(waited));
    }

    /// A pass that may be waiting for a probe is given up.
    pub(super) fn leave_waiting(&mut self, ix: FrameIx) {
        self.parked.retain(|it| it.frame != ix);
        self.admitted.retain(|&waiter| waiter != ix);
    }
}

/// Tells what a breaker did that changed no state.
#[inline]
pub(super) fn tell_remarks<H: Host>(
    host: &mut H,
    (call, layer): (HostCall, LayerId),
    remarks: Remarks,
) {
    if remarks != Remarks::NONE {
        for (detail, times) in remarks.iter() {
            host.note(call, layer, Note::Applied(detail, times));
        }
    }
}

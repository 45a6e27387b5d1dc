//! The walk inward, the walk outward, and abandonment.

use super::frame::{Frame, FrameState, Frames, Hold};
use super::{
    AbandonReason, Alarm, AlarmKind, AttemptIx, CallIx, Choice, FrameIx, Host, Inside, InsideView,
    Layers, Note, Owner, SendRequest, Standing,
};
use crate::id::LayerId;
use crate::policy::{
    Admission, Asked, BackoffMemory, Cause, CauseKind, Ending, Entry, Extra, Layer, OnExpiry,
    Outcome, Place, RetryAfter, RetryConfig, RetryDecision, RetryStop, Verdict,
};
use crate::random::{Draws, child_key};
use crate::time::{SimDuration, SimTime};
use std::collections::VecDeque;
use std::num::NonZeroU32;

/// Passes of one retry that may follow one another without delay inside one event; after so many
/// the next goes through a timer, so that the run loop's limits can end a retry without end.
const PASSES_AT_ONCE: u32 = 1_000;

/// All passes under way.
#[derive(Debug, Default)]
pub struct Pipelines {
    /// The layers and their states.
    pub layers: Layers,
    pub(super) frames: Frames,
    /// What goes on when the present walk is over: waiters that were given a permit, or may ask for
    /// one again, and hedges whose next pass begins without delay.
    pub(super) admitted: VecDeque<FrameIx>,
    /// Passes that wait for a probe of a half-open breaker to end.
    parked: Vec<Parked>,
    /// Passes that run on after the layer outside gave them up.
    detached: Vec<(CallIx, Inside)>,
    /// Passes of hedges, and calls of fallbacks, still to be visited on the way down a call.
    pub(super) branches: Vec<Inside>,
    /// Calls of fallbacks that are given up, and end when nothing is under way in them.
    pub(super) orphans: Vec<CallIx>,
}

/// A pass that waits for a probe to end.
#[derive(Clone, Copy, Debug)]
struct Parked {
    /// Which of all breakers.
    breaker: u32,
    /// The epoch of the probes it waits for.
    epoch: NonZeroU32,
    frame: FrameIx,
}

/// What happens next in a walk. The kind has a byte of its own, so that a move just made need not
/// be decoded.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Move {
    /// A pass goes on to this layer; `None`: it leaves the innermost one.
    In {
        outer: FrameIx,
        layer: Option<LayerId>,
        call: CallIx,
        lane: u32,
    },
    /// A result goes to this frame.
    Out {
        to: FrameIx,
        call: CallIx,
        ending: Ending,
    },
    /// Nothing until something happens.
    Rest,
}

impl Pipelines {
    /// Passes under way count this many frames.
    pub fn frames_in_use(&self) -> usize {
        self.frames.len()
    }

    /// A call begins at the outermost layer of its pipeline; `None`: it has no layers.
    #[inline]
    pub fn start<H: Host>(&mut self, host: &mut H, call: CallIx, first: Option<LayerId>) {
        if first.is_none() && self.admitted.is_empty() {
            return send_bare(host, call);
        }
        let next = self.inward(host, FrameIx::NONE, first, call, 0);
        self.walk(host, next);
    }

    /// An attempt sent with this outer frame has its result.
    #[inline]
    pub fn on_result<H: Host>(
        &mut self,
        host: &mut H,
        attempt: AttemptIx,
        outer: FrameIx,
        call: CallIx,
        ending: Ending,
    ) {
        if outer == FrameIx::NONE && self.admitted.is_empty() {
            return host.answer(call, ending);
        }
        if outer == FrameIx::DETACHED {
            self.detached
                .retain(|&(_, inside)| inside != Inside::attempt(attempt));
        }
        let next = self.outward(host, outer, call, ending);
        self.walk(host, next);
    }

    /// The alarm of a frame went off.
    pub fn on_alarm<H: Host>(&mut self, host: &mut H, ix: FrameIx) {
        self.frames[ix].alarm = Alarm::NONE;
        let next = match self.frames[ix].state {
            FrameState::Timeout { .. } => self.expire(host, ix),
            FrameState::Retry { .. } if self.frames[ix].inner == Inside::NOTHING => {
                self.next_pass(host, ix)
            }
            FrameState::Bulkhead {
                hold: Hold::Place, ..
            } => self.waited_too_long(host, ix),
            FrameState::Hedge { .. } => self.hedge_due(host, ix),
            FrameState::Retry { .. }
            | FrameState::Bulkhead { .. }
            | FrameState::Breaker { .. }
            | FrameState::Fallback => self.expire_within(host, ix),
            FrameState::Instead { .. } | FrameState::Pass { .. } => {
                unreachable!("this frame sets no alarm")
            }
        };
        let next = self.step(host, next);
        self.walk(host, next);
    }

    /// Gives up a pass and everything inside it, from the outside in (rule 4). Waiters that get its
    /// permits go on at the next [`Self::settle`].
    pub fn abandon<H: Host>(&mut self, host: &mut H, top: Inside, reason: AbandonReason) {
        let mut inside = top;
        loop {
            while let InsideView::Frame(ix) = inside.view() {
                let frame = self.frames.remove(ix);
                if frame.alarm != Alarm::NONE {
                    host.clear_alarm(frame.alarm);
                }
                self.release(host, ix, &frame, Outcome::Cancelled);
                inside = frame.inner;
            }
            if let InsideView::Attempt(attempt) = inside.view() {
                host.abandon(attempt, reason);
            }
            match self.branches.pop() {
                Some(next) => inside = next,
                None => break,
            }
        }
        while let Some(call) = self.orphans.pop() {
            host.end_orphan(call, reason);
        }
    }

    /// Gives up the detached passes of the calls that `dead` names: their process has died.
    pub fn abandon_detached<H: Host>(&mut self, host: &mut H, dead: impl Fn(&H, CallIx) -> bool) {
        for (call, top) in std::mem::take(&mut self.detached) {
            if dead(host, call) {
                self.abandon(host, top, AbandonReason::CallerDied);
                host.detached_ended(call);
            } else {
                self.detached.push((call, top));
            }
        }
    }

    /// Lets those go on who were given a permit.
    pub fn settle<H: Host>(&mut self, host: &mut H) {
        self.walk(host, Move::Rest);
    }

    /// Replaces the configuration of a layer. A larger bulkhead takes in waiters at once.
    pub fn reconfigure<H: Host>(&mut self, host: &mut H, layer: LayerId, config: Layer) {
        self.layers.reconfigure(layer, config);
        self.admitted.extend(self.layers.admit_more(layer));
        self.settle(host);
    }

    /// Where a pass stands: the place and kind that a timeout blames (rule 30).
    pub fn standing<H: Host>(&self, host: &H, top: Inside) -> Option<Cause> {
        let mut inside = top;
        loop {
            let ix = match inside.view() {
                InsideView::Nothing => return None,
                InsideView::Frame(ix) => ix,
                InsideView::Attempt(attempt) => match host.standing(attempt) {
                    Standing::Here(cause) => return Some(cause),
                    Standing::InCall(top) => {
                        inside = top;
                        continue;
                    }
                },
            };
            let frame = &self.frames[ix];
            let waits = match frame.state {
                FrameState::Breaker { permit: None, .. } if frame.inner == Inside::NOTHING => {
                    Some(CauseKind::InBreaker)
                }
                FrameState::Bulkhead {
                    hold: Hold::Place, ..
                } => Some(CauseKind::InBulkhead),
                FrameState::Retry { .. } | FrameState::Hedge { .. }
                    if frame.inner == Inside::NOTHING =>
                {
                    Some(CauseKind::InBackoff)
                }
                FrameState::Timeout { .. }
                | FrameState::Retry { .. }
                | FrameState::Breaker { .. }
                | FrameState::Bulkhead { .. }
                | FrameState::Fallback
                | FrameState::Hedge { .. }
                | FrameState::Pass { .. } => None,
                FrameState::Instead { other, .. } => {
                    inside = host.top(other);
                    continue;
                }
            };
            if let Some(kind) = waits {
                return Some(Cause {
                    place: Place::Layer(frame.layer),
                    kind,
                });
            }
            inside = frame.inner;
        }
    }

    /// Goes on with a move; most walks are over with their first one.
    #[inline]
    pub(super) fn walk<H: Host>(&mut self, host: &mut H, next: Move) {
        if !matches!(next, Move::Rest) || !self.admitted.is_empty() {
            self.walk_on(host, next);
        }
    }

    fn walk_on<H: Host>(&mut self, host: &mut H, first: Move) {
        let mut next = first;
        loop {
            next = match next {
                Move::In { .. } | Move::Out { .. } => self.step(host, next),
                Move::Rest => match self.admitted.pop_front() {
                    Some(ix) => self.go_on(host, ix),
                    None => return,
                },
            };
        }
    }

    /// Makes a move.
    #[expect(
        clippy::inline_always,
        reason = "the kind of move is known where it is made"
    )]
    #[inline(always)]
    fn step<H: Host>(&mut self, host: &mut H, next: Move) -> Move {
        match next {
            Move::In {
                outer,
                layer,
                call,
                lane,
            } => self.inward(host, outer, layer, call, lane),
            Move::Out { to, call, ending } => self.outward(host, to, call, ending),
            Move::Rest => Move::Rest,
        }
    }

    // ---- inward ----

    /// A pass goes on from layer to layer until it is sent, waits, or has a result.
    fn inward<H: Host>(
        &mut self,
        host: &mut H,
        outer: FrameIx,
        layer: Option<LayerId>,
        call: CallIx,
        lane: u32,
    ) -> Move {
        let now = host.now();
        let (mut outer, mut layer, mut lane) = (outer, layer, lane);
        while let Some(id) = layer {
            let place = FramePlace {
                outer,
                layer: id,
                call,
                lane,
            };
            let (config, inner) = self.layers.at(id);
            outer = match *config {
                Layer::Timeout(config) => {
                    let until = now + config.after;
                    let ix = if !config.propagate && self.may_guest(outer, id) {
                        outer
                    } else {
                        self.push(host, place, FrameState::Timeout { until })
                    };
                    if until < SimTime::NEVER {
                        self.frames[ix].alarm = host.set_alarm(until, AlarmKind::Expiry, ix);
                    }
                    ix
                }
                Layer::Retry(RetryConfig { budget, .. }) => {
                    let state = FrameState::Retry {
                        passes: 1,
                        memory: BackoffMemory::default(),
                        entered_at: now,
                        grant: None,
                    };
                    if budget.is_some() {
                        self.enter_budget(host, id, call);
                    }
                    lane = lane_of(lane, 1);
                    self.push(host, place, state)
                }
                Layer::Fallback(_) => self.push(host, place, FrameState::Fallback),
                Layer::Hedge(_) => {
                    let hedge = self.enter_hedge(host, place);
                    lane = lane_of(lane, 1);
                    hedge
                }
                Layer::Breaker(_) => match self.enter_breaker(host, place) {
                    Move::In { outer, .. } => outer,
                    other @ (Move::Out { .. } | Move::Rest) => return other,
                },
                Layer::Bulkhead(_) => match self.enter_bulkhead(host, place) {
                    Move::In { outer, .. } => outer,
                    other @ (Move::Out { .. } | Move::Rest) => return other,
                },
            };
            layer = inner;
        }
        self.send(host, outer, call, lane)
    }

    /// Whether a timeout needs no frame of its own: the frame outside is that of the layer just
    /// around it, and has no use for its alarm while a pass is inside.
    #[inline]
    fn may_guest(&self, outer: FrameIx, timeout: LayerId) -> bool {
        if !outer.is_some() {
            return false;
        }
        let frame = &self.frames[outer];
        Layers::is_next(frame.layer, timeout) && frame.state.lends_alarm()
    }

    #[inline(never)]
    fn enter_breaker<H: Host>(&mut self, host: &mut H, place: FramePlace) -> Move {
        let (call, layer) = (place.call, place.layer);
        if self.layers.guards_instances(layer) {
            if self.rejects_every_instance(host, place) {
                return Self::stop(host, place, Outcome::StoppedBreakerOpen);
            }
            let ix = self.push(
                host,
                place,
                FrameState::Breaker {
                    permit: None,
                    instance: 0,
                },
            );
            return self.further_in(ix);
        }
        match self.ask_breaker(host, layer, call) {
            (_, Admission::Reject) => Self::stop(host, place, Outcome::StoppedBreakerOpen),
            (_, Admission::Admit(permit)) => {
                let state = FrameState::Breaker {
                    permit: Some(permit),
                    instance: 0,
                };
                let ix = self.push(host, place, state);
                self.further_in(ix)
            }
            (breaker, Admission::Wait(epoch)) => {
                let state = FrameState::Breaker {
                    permit: None,
                    instance: 0,
                };
                let frame = self.push(host, place, state);
                host.note(call, layer, Note::Waits);
                self.parked.push(Parked {
                    breaker,
                    epoch,
                    frame,
                });
                Move::Rest
            }
        }
    }

    /// Asks the breaker of a call's owner, which is told the time first.
    fn ask_breaker<H: Host>(
        &mut self,
        host: &mut H,
        layer: LayerId,
        call: CallIx,
    ) -> (u32, Admission) {
        let now = host.now();
        let mut guard = self.layers.breaker(layer, host.owner(call), 0);
        guard.advance(now, Asked::ByCall, |transition| {
            host.note(call, layer, Note::Breaker(transition, None));
        });
        (guard.index, guard.breaker.try_acquire(now, guard.config))
    }

    /// Who waited for the end of a walk goes on: a hedge whose next pass is due, a waiter that has
    /// the permit of a bulkhead, or one that may ask its breaker again.
    fn go_on<H: Host>(&mut self, host: &mut H, ix: FrameIx) -> Move {
        if let FrameState::Hedge { .. } = self.frames[ix].state {
            return self.hedge_due(host, ix);
        }
        if !matches!(self.frames[ix].state, FrameState::Breaker { .. }) {
            return self.take_permit(host, ix);
        }
        let Frame { call, layer, .. } = self.frames[ix];
        match self.ask_breaker(host, layer, call) {
            (_, Admission::Admit(permit)) => {
                self.frames[ix].state = FrameState::Breaker {
                    permit: Some(permit),
                    instance: 0,
                };
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
            (_, Admission::Reject) => {
                let frame = self.frames.remove(ix);
                self.stop_frame(host, ix, &frame, Outcome::StoppedBreakerOpen)
            }
        }
    }

    /// Passes that waited for a probe of this epoch ask again.
    #[cold]
    fn wake_parked(&mut self, breaker: u32, epoch: NonZeroU32) {
        let woken = |it: &Parked| it.breaker == breaker && it.epoch == epoch;
        let frames = self.parked.iter().filter(|it| woken(it)).map(|it| it.frame);
        self.admitted.extend(frames);
        self.parked.retain(|it| !woken(it));
    }

    #[inline(never)]
    fn enter_bulkhead<H: Host>(&mut self, host: &mut H, place: FramePlace) -> Move {
        let (call, layer, owner) = (place.call, place.layer, host.owner(place.call));
        if self.layers.guards_instances(layer) {
            if self.rejects_every_instance(host, place) {
                return Self::stop(host, place, Outcome::StoppedBulkheadFull);
            }
            let state = FrameState::Bulkhead {
                hold: Hold::Nothing,
                instance: 0,
            };
            let ix = self.push(host, place, state);
            return self.further_in(ix);
        }
        let ix = self.push(
            host,
            place,
            FrameState::Bulkhead {
                hold: Hold::Permit,
                instance: 0,
            },
        );
        let (bulkhead, config) = self.layers.bulkhead(layer, owner, 0);
        match bulkhead.enter(config, ix.0) {
            Entry::Admitted => self.further_in(ix),
            Entry::Full => {
                self.frames.remove(ix);
                Self::stop(host, place, Outcome::StoppedBulkheadFull)
            }
            Entry::Waits => {
                let max_wait = config.max_wait;
                self.frames[ix].state = FrameState::Bulkhead {
                    hold: Hold::Place,
                    instance: 0,
                };
                if max_wait < SimDuration::MAX {
                    let until = host.now() + max_wait;
                    self.frames[ix].alarm = host.set_alarm(until, AlarmKind::Expiry, ix);
                }
                host.note(call, layer, Note::Waits);
                Move::Rest
            }
        }
    }

    /// Whether a layer that guards instances rejects all that are in rotation. When there are none
    /// it has nothing to say.
    fn rejects_every_instance<H: Host>(&mut self, host: &mut H, place: FramePlace) -> bool {
        let FramePlace { call, layer, .. } = place;
        self.advance_layer(host, layer, call);
        let (owner, now) = (host.owner(call), host.now());
        let admits = |i| self.layers.would_admit(layer, owner, i, now);
        host.any_in_rotation(call, &|_| true) && !host.any_in_rotation(call, &admits)
    }

    /// The layer answers without a frame of its own.
    fn stop<H: Host>(host: &mut H, place: FramePlace, outcome: Outcome) -> Move {
        host.note(place.call, place.layer, Note::Stopped(outcome));
        let ending = Ending::here(outcome, Place::Layer(place.layer));
        Move::Out {
            to: place.outer,
            call: place.call,
            ending,
        }
    }

    /// Adds a frame, in which the pass is from now on.
    #[inline]
    pub(super) fn push<H: Host>(
        &mut self,
        host: &mut H,
        place: FramePlace,
        state: FrameState,
    ) -> FrameIx {
        let FramePlace {
            outer,
            layer,
            call,
            lane,
        } = place;
        let ix = self.frames.insert(Frame {
            outer,
            inner: Inside::NOTHING,
            call,
            alarm: Alarm::NONE,
            layer,
            lane,
            state,
        });
        self.put_inside(host, outer, call, Inside::frame(ix));
        ix
    }

    #[inline]
    fn put_inside<H: Host>(&mut self, host: &mut H, outer: FrameIx, call: CallIx, inside: Inside) {
        if outer.is_some() {
            self.frames[outer].inner = inside;
        } else {
            host.entered(call, inside);
        }
    }

    fn further_in(&self, ix: FrameIx) -> Move {
        let frame = &self.frames[ix];
        Move::In {
            outer: ix,
            layer: self.layers.inner(frame.layer),
            call: frame.call,
            lane: frame.lane,
        }
    }

    #[expect(
        clippy::inline_always,
        reason = "after a backoff the walk goes on at once, other retries are rare"
    )]
    #[inline(always)]
    fn next_pass<H: Host>(&mut self, host: &H, ix: FrameIx) -> Move {
        let frame = &mut self.frames[ix];
        let (layer, call) = (frame.layer, frame.call);
        let FrameState::Retry { passes, grant, .. } = &mut frame.state else {
            unreachable!("only a retry starts passes")
        };
        *passes += 1;
        let lane = lane_of(frame.lane, *passes);
        if grant.is_some()
            && let Some((_, budget, _)) = self.layers.budget(layer, host.owner(call))
        {
            budget.pass_started();
        }
        Move::In {
            outer: ix,
            layer: self.layers.inner(layer),
            call,
            lane,
        }
    }

    /// A pass leaves the innermost layer: layers that guard instances have their say in the choice,
    /// and only now give their permits.
    #[inline]
    fn send<H: Host>(&mut self, host: &mut H, outer: FrameIx, call: CallIx, lane: u32) -> Move {
        let Around {
            deadline,
            guarded,
            other_instance,
        } = self.around(outer);
        let instance = if guarded {
            self.choose_guarded(host, outer, call, lane, other_instance)
        } else {
            host.choose(Choice {
                call,
                lane,
                other_instance,
                allowed: None,
            })
        };
        let Some(instance) = instance else {
            return self.nowhere_to_send(host, outer, call, lane);
        };
        if guarded {
            self.acquire_guards(host, outer, instance);
        }
        let attempt = host.send(SendRequest {
            call,
            outer,
            lane,
            instance,
            deadline,
        });
        self.put_inside(host, outer, call, Inside::attempt(attempt));
        Move::Rest
    }

    /// Chooses among the instances that the layers around an attempt let through.
    #[inline(never)]
    fn choose_guarded<H: Host>(
        &mut self,
        host: &mut H,
        outer: FrameIx,
        call: CallIx,
        lane: u32,
        other_instance: bool,
    ) -> Option<u32> {
        let (owner, now) = (host.owner(call), host.now());
        self.advance_guards(host, outer, call);
        let allowed = |i| self.all_admit(outer, owner, i, now);
        host.choose(Choice {
            call,
            lane,
            other_instance,
            allowed: Some(&allowed),
        })
    }

    /// There is no instance for an attempt: none is in rotation, or layers that guard instances let
    /// through none of those that are; then the innermost of these layers stops it.
    #[cold]
    fn nowhere_to_send<H: Host>(
        &mut self,
        host: &mut H,
        outer: FrameIx,
        call: CallIx,
        lane: u32,
    ) -> Move {
        let mut ix = outer;
        while ix.is_some() && host.any_in_rotation(call, &|_| true) {
            let frame = &self.frames[ix];
            let (layer, kind) = (frame.layer, self.layers.config(frame.layer));
            if self.layers.guards_instances(layer) {
                let place = FramePlace {
                    outer,
                    layer,
                    call,
                    lane,
                };
                let outcome = if matches!(kind, Layer::Bulkhead(_)) {
                    Outcome::StoppedBulkheadFull
                } else {
                    Outcome::StoppedBreakerOpen
                };
                return Self::stop(host, place, outcome);
            }
            ix = frame.outer;
        }
        Move::Out {
            to: outer,
            call,
            ending: host.unavailable(call),
        }
    }

    #[inline]
    pub(super) fn around(&self, outer: FrameIx) -> Around {
        if self.layers.any_looks_around() {
            self.look_around(outer)
        } else {
            Around::NOTHING
        }
    }

    #[inline(never)]
    fn look_around(&self, outer: FrameIx) -> Around {
        let mut around = Around::NOTHING;
        let mut ix = outer;
        while ix.is_some() {
            let frame = &self.frames[ix];
            match (&frame.state, self.layers.config(frame.layer)) {
                (FrameState::Timeout { until }, Layer::Timeout(config)) if config.propagate => {
                    around.deadline = around.deadline.min(*until);
                }
                (FrameState::Breaker { .. } | FrameState::Bulkhead { .. }, _) => {
                    around.guarded |= self.layers.guards_instances(frame.layer);
                }
                (FrameState::Retry { .. }, Layer::Retry(config)) => {
                    around.other_instance |= config.other_instance;
                }
                (FrameState::Hedge { .. }, Layer::Hedge(config)) => {
                    around.other_instance |= config.other_instance;
                }
                _ => {}
            }
            ix = frame.outer;
        }
        around
    }

    /// Breakers that guard instances and have timers are told the time before they are asked.
    fn advance_guards<H: Host>(&mut self, host: &mut H, outer: FrameIx, call: CallIx) {
        let mut ix = outer;
        while ix.is_some() {
            let Frame { layer, outer, .. } = self.frames[ix];
            if self.layers.guards_instances(layer) {
                self.advance_layer(host, layer, call);
            }
            ix = outer;
        }
    }

    fn advance_layer<H: Host>(&mut self, host: &mut H, layer: LayerId, call: CallIx) {
        if !self.layers.has_timers(layer) {
            return;
        }
        let (owner, now) = (host.owner(call), host.now());
        for instance in 0..self.layers.instances(layer) {
            let mut guard = self.layers.breaker(layer, owner, instance);
            guard.advance(now, Asked::ByCall, |transition| {
                host.note(call, layer, Note::Breaker(transition, Some(instance)));
            });
        }
    }

    fn all_admit(&self, outer: FrameIx, owner: Owner, instance: u32, now: SimTime) -> bool {
        let mut ix = outer;
        while ix.is_some() {
            let frame = &self.frames[ix];
            let asked = self.layers.guards_instances(frame.layer)
                && frame.state.permit_for() != Some(instance);
            if asked && !self.layers.would_admit(frame.layer, owner, instance, now) {
                return false;
            }
            ix = frame.outer;
        }
        true
    }

    /// The layers around an attempt that guard instances give their permits for the chosen one. A
    /// permit moves with the attempts of its pass: what it had for another instance goes back.
    #[inline(never)]
    fn acquire_guards<H: Host>(&mut self, host: &mut H, outer: FrameIx, chosen: u32) {
        let mut ix = outer;
        while ix.is_some() {
            let frame = self.frames[ix];
            if self.layers.guards_instances(frame.layer) && frame.state.permit_for() != Some(chosen)
            {
                self.release(host, ix, &frame, Outcome::Cancelled);
                self.frames[ix].state = self.acquire_guard(host, ix, &frame, chosen);
            }
            ix = frame.outer;
        }
    }

    fn acquire_guard<H: Host>(
        &mut self,
        host: &mut H,
        ix: FrameIx,
        frame: &Frame,
        instance: u32,
    ) -> FrameState {
        let (call, layer, owner) = (frame.call, frame.layer, host.owner(frame.call));
        if let FrameState::Bulkhead { .. } = frame.state {
            let (bulkhead, config) = self.layers.bulkhead(layer, owner, instance);
            let entry = bulkhead.enter(config, ix.0);
            debug_assert!(matches!(entry, Entry::Admitted));
            return FrameState::Bulkhead {
                hold: Hold::Permit,
                instance,
            };
        }
        let now = host.now();
        let mut guard = self.layers.breaker(layer, owner, instance);
        guard.advance(now, Asked::ByCall, |transition| {
            host.note(call, layer, Note::Breaker(transition, Some(instance)));
        });
        let Admission::Admit(permit) = guard.breaker.try_acquire(now, guard.config) else {
            unreachable!("the choice was among those that admit")
        };
        FrameState::Breaker {
            permit: Some(permit),
            instance,
        }
    }

    /// A waiter was given its permit.
    fn take_permit<H: Host>(&mut self, host: &mut H, ix: FrameIx) -> Move {
        let frame = &mut self.frames[ix];
        frame.state = FrameState::Bulkhead {
            hold: Hold::Permit,
            instance: 0,
        };
        let alarm = std::mem::replace(&mut frame.alarm, Alarm::NONE);
        if alarm != Alarm::NONE {
            host.clear_alarm(alarm);
        }
        self.further_in(ix)
    }

    // ---- outward ----

    /// A result goes from frame to frame until the caller has it, or a retry waits or goes in again.
    fn outward<H: Host>(
        &mut self,
        host: &mut H,
        to: FrameIx,
        call: CallIx,
        ending: Ending,
    ) -> Move {
        let (mut to, mut ending) = (to, ending);
        while to.is_some() {
            let frame = &self.frames[to];
            let outer = frame.outer;
            match frame.state {
                FrameState::Timeout { .. } => {
                    let alarm = frame.alarm;
                    self.frames.free(to);
                    if alarm != Alarm::NONE {
                        host.clear_alarm(alarm);
                    }
                }
                FrameState::Retry { .. } => {
                    if frame.alarm != Alarm::NONE {
                        let alarm = frame.alarm;
                        self.frames[to].alarm = Alarm::NONE;
                        host.clear_alarm(alarm);
                    }
                    if let Some(next) = self.leave_retry(host, to, ending) {
                        return next;
                    }
                }
                FrameState::Breaker { .. } | FrameState::Bulkhead { .. } => {
                    self.leave(host, to, ending.outcome());
                }
                FrameState::Fallback => match self.leave_fallback(host, to, ending) {
                    Ok(answer) => ending = answer,
                    Err(next) => return next,
                },
                FrameState::Pass { .. } => return self.leave_pass(host, to, ending),
                FrameState::Hedge { .. } => unreachable!("a result comes to one of its passes"),
                FrameState::Instead { .. } => unreachable!("no pass is inside any more"),
            }
            if outer == FrameIx::DETACHED {
                self.forget_detached(to);
            }
            to = outer;
        }
        if to == FrameIx::DETACHED {
            host.detached_ended(call);
        } else {
            host.answer(call, ending);
        }
        Move::Rest
    }

    /// The pass inside a frame that may hold a permit has its result.
    #[inline(never)]
    fn leave<H: Host>(&mut self, host: &mut H, ix: FrameIx, outcome: Outcome) {
        let frame = self.frames.remove(ix);
        if frame.alarm != Alarm::NONE {
            host.clear_alarm(frame.alarm);
        }
        self.release(host, ix, &frame, outcome);
    }

    /// What a retry makes of a result: `None` lets it out, and the frame is gone.
    #[inline]
    fn leave_retry<H: Host>(&mut self, host: &mut H, ix: FrameIx, ending: Ending) -> Option<Move> {
        let frame = &self.frames[ix];
        let (call, layer) = (frame.call, frame.layer);
        let (FrameState::Retry { passes, .. }, Layer::Retry(config)) =
            (frame.state, self.layers.config(layer))
        else {
            unreachable!("a retry frame belongs to a retry layer")
        };
        let is_budgeted = config.budget.is_some();
        let is_retried = config.on.contains(ending.outcome());
        if is_budgeted {
            self.settle_budget(host, ix, ending.outcome());
        }
        let mut planned = if is_retried {
            self.plan_retry(host, ix, ending)
        } else {
            Err(RetryStop::NotRetryable)
        };
        if is_budgeted {
            planned = self.ask_budget(host, ix, ending.outcome(), planned);
        }
        let delay = match planned {
            Ok(delay) => delay,
            Err(reason) => {
                if !ending.outcome().is_useful() {
                    host.note(call, layer, Note::RetryStopped { passes, reason });
                }
                self.frames.free(ix);
                return None;
            }
        };
        host.note(call, layer, Note::RetryPlanned { passes, delay });
        self.frames[ix].inner = Inside::NOTHING;
        if delay.is_zero() && passes % PASSES_AT_ONCE != 0 {
            return Some(self.next_pass(host, ix));
        }
        self.frames[ix].alarm = host.set_alarm(host.now() + delay, AlarmKind::Start, ix);
        Some(Move::Rest)
    }

    /// How long a retry would wait before its next pass, or why it makes none; its budget aside.
    #[expect(clippy::inline_always, reason = "asked in one place")]
    #[inline(always)]
    fn plan_retry<H: Host>(
        &mut self,
        host: &H,
        ix: FrameIx,
        ending: Ending,
    ) -> Result<SimDuration, RetryStop> {
        let frame = &mut self.frames[ix];
        let (call, layer, lane) = (frame.call, frame.layer, frame.lane);
        let (
            FrameState::Retry {
                passes,
                memory,
                entered_at,
                ..
            },
            Layer::Retry(config),
        ) = (&mut frame.state, self.layers.config(layer))
        else {
            unreachable!("a retry frame belongs to a retry layer")
        };
        let elapsed = host.now().since(*entered_at);
        if let RetryDecision::Stop(reason) = config.decide(ending.outcome(), *passes, elapsed) {
            return Err(reason);
        }
        if config.skips(ending.outcome(), || host.repeatable(call)) {
            return Err(RetryStop::NotIdempotent);
        }
        let key = child_key(host.key(call), u64::from(lane), u64::from(*passes));
        let mut draws = Draws::new(self.layers.draws(layer), key);
        let mut delay = config.delay(*passes, memory, &mut draws);
        if config.retry_after != RetryAfter::Ignore {
            delay = config.wait(delay, host.retry_after(call, ending));
        }
        if config.overshoots(elapsed, delay) {
            return Err(RetryStop::ElapsedTooLong);
        }
        Ok(delay)
    }

    // ---- budgets ----

    /// A call enters a retry that has a budget.
    #[cold]
    pub(super) fn enter_budget<H: Host>(&mut self, host: &H, layer: LayerId, call: CallIx) {
        if let Some((_, budget, config)) = self.layers.budget(layer, host.owner(call)) {
            budget.call_started(host.now(), config);
        }
    }

    /// The pass inside a retry has its result.
    #[cold]
    fn settle_budget<H: Host>(&mut self, host: &H, ix: FrameIx, outcome: Outcome) {
        let frame = &self.frames[ix];
        let (FrameState::Retry { grant, .. }, Layer::Retry(config)) =
            (frame.state, self.layers.config(frame.layer))
        else {
            unreachable!("a retry frame belongs to a retry layer")
        };
        let verdict = if outcome.is_useful() {
            Verdict::Success
        } else if config.on.contains(outcome) {
            Verdict::Failure
        } else {
            Verdict::Neither
        };
        let owner = host.owner(frame.call);
        if let Some((_, budget, config)) = self.layers.budget(frame.layer, owner) {
            budget.settle(config, verdict, grant);
        }
    }

    /// Asks for the pass that is planned; without one the call leaves the budget.
    #[cold]
    fn ask_budget<H: Host>(
        &mut self,
        host: &mut H,
        ix: FrameIx,
        outcome: Outcome,
        planned: Result<SimDuration, RetryStop>,
    ) -> Result<SimDuration, RetryStop> {
        let frame = &mut self.frames[ix];
        let (call, layer) = (frame.call, frame.layer);
        let FrameState::Retry { grant, .. } = &mut frame.state else {
            unreachable!("only a retry asks for another pass")
        };
        let Some((id, budget, config)) = self.layers.budget(layer, host.owner(call)) else {
            return planned;
        };
        let Ok(delay) = planned else {
            budget.call_ended(config, outcome.is_useful(), *grant);
            return planned;
        };
        let answer = budget.ask(host.now(), config, Extra::Retry(outcome));
        let left = budget.left(config);
        if answer.is_none() {
            budget.call_ended(config, false, *grant);
        }
        *grant = answer;
        let granted = answer.is_some();
        host.note(
            call,
            layer,
            Note::BudgetAsked {
                budget: id,
                granted,
                left,
            },
        );
        if granted {
            Ok(delay)
        } else {
            Err(RetryStop::Budget)
        }
    }

    /// A retry is given up, with a pass inside or before one that was granted.
    #[cold]
    fn leave_budget<H: Host>(&mut self, host: &H, frame: &Frame) {
        let FrameState::Retry { grant, .. } = frame.state else {
            return;
        };
        let owner = host.owner(frame.call);
        let Some((_, budget, config)) = self.layers.budget(frame.layer, owner) else {
            return;
        };
        match grant {
            Some(grant) if frame.inner == Inside::NOTHING => budget.give_back(grant),
            Some(_) | None => budget.settle(config, Verdict::Neither, grant),
        }
        budget.call_ended(config, false, grant);
    }

    #[inline]
    pub(super) fn exit(&mut self, frame: &Frame, ix: FrameIx, ending: Ending) -> Move {
        if frame.outer == FrameIx::DETACHED {
            self.forget_detached(ix);
        }
        Move::Out {
            to: frame.outer,
            call: frame.call,
            ending,
        }
    }

    #[cold]
    fn forget_detached(&mut self, ix: FrameIx) {
        self.detached.retain(|&(_, top)| top != Inside::frame(ix));
    }

    /// Gives back what the frame holds.
    fn release<H: Host>(&mut self, host: &mut H, ix: FrameIx, frame: &Frame, outcome: Outcome) {
        let Frame {
            layer, call, state, ..
        } = *frame;
        match state {
            FrameState::Breaker {
                permit: Some(permit),
                instance,
            } => {
                let now = host.now();
                let guarded = self.layers.guards_instances(layer).then_some(instance);
                let mut guard = self.layers.breaker(layer, host.owner(call), instance);
                let mut tell = |transition| {
                    host.note(call, layer, Note::Breaker(transition, guarded));
                };
                guard.advance(now, Asked::ByResult, &mut tell);
                let draw = |opening| guard.draws.draw(opening);
                let changed = guard
                    .breaker
                    .on_result(now, guard.config, permit, outcome, draw);
                changed.into_iter().for_each(tell);
                let breaker = guard.index;
                if !self.parked.is_empty() {
                    self.wake_parked(breaker, permit.epoch());
                }
            }
            FrameState::Breaker { permit: None, .. } => self.leave_waiting(ix),
            FrameState::Bulkhead { hold, instance } => {
                let (bulkhead, config) = self.layers.bulkhead(layer, host.owner(call), instance);
                match hold {
                    Hold::Nothing => {}
                    Hold::Place if self.admitted.contains(&ix) => {
                        self.admitted.retain(|&waiter| waiter != ix);
                        self.admitted.extend(bulkhead.leave(config).map(FrameIx));
                    }
                    Hold::Place => {
                        bulkhead.forget(ix.0);
                    }
                    Hold::Permit => self.admitted.extend(bulkhead.leave(config).map(FrameIx)),
                }
            }
            FrameState::Retry { .. } => self.leave_budget(host, frame),
            FrameState::Hedge { race, .. } => self.give_up_race(host, ix, frame, race),
            FrameState::Pass { next, grant, .. } => {
                self.branches
                    .extend(next.is_some().then(|| Inside::frame(next)));
                self.settle_pass(host, frame, grant, Verdict::Neither);
            }
            FrameState::Instead { other, .. } => self.orphan(host, other),
            FrameState::Timeout { .. } | FrameState::Fallback => {}
        }
    }

    /// A pass that may be waiting for a probe is given up.
    fn leave_waiting(&mut self, ix: FrameIx) {
        self.parked.retain(|it| it.frame != ix);
        self.admitted.retain(|&waiter| waiter != ix);
    }

    // ---- alarms ----

    /// The time of a timeout with a frame of its own is over.
    fn expire<H: Host>(&mut self, host: &mut H, ix: FrameIx) -> Move {
        let Frame { layer, .. } = self.frames[ix];
        let ending = self.time_out(host, ix, layer);
        let frame = self.frames.remove(ix);
        self.exit(&frame, ix, ending)
    }

    /// The time of the timeout just inside a layer is over, whose frame it used.
    fn expire_within<H: Host>(&mut self, host: &mut H, ix: FrameIx) -> Move {
        let Frame { layer, call, .. } = self.frames[ix];
        let Some(timeout) = self.layers.inner(layer) else {
            unreachable!("the alarm of a layer without one of its own is that of a timeout inside")
        };
        let ending = self.time_out(host, ix, timeout);
        Move::Out {
            to: ix,
            call,
            ending,
        }
    }

    /// A timeout gives up what is inside a frame, its own or that of the layer around it.
    fn time_out<H: Host>(&mut self, host: &mut H, ix: FrameIx, timeout: LayerId) -> Ending {
        let Frame { inner, call, .. } = self.frames[ix];
        let Layer::Timeout(config) = *self.layers.config(timeout) else {
            unreachable!("an alarm for an expiry belongs to a timeout")
        };
        let by = Place::Layer(timeout);
        let outcome = Outcome::TimeoutResponse;
        let cause = self.standing(host, inner);
        let cause = cause.unwrap_or(Cause {
            place: by,
            kind: CauseKind::Ended(outcome),
        });
        host.note(call, timeout, Note::TimedOut);
        match config.on_expiry {
            OnExpiry::Cancel => self.abandon(host, inner, AbandonReason::TimedOut(timeout, cause)),
            OnExpiry::Detach => self.detach(host, call, inner),
        }
        Ending::new(outcome, by, cause)
    }

    pub(super) fn detach<H: Host>(&mut self, host: &mut H, call: CallIx, inner: Inside) {
        self.detached.push((call, inner));
        match inner.view() {
            InsideView::Frame(ix) => {
                self.frames[ix].outer = FrameIx::DETACHED;
                host.detached(call, None);
            }
            InsideView::Attempt(attempt) => host.detached(call, Some(attempt)),
            InsideView::Nothing => unreachable!("a timeout runs only while a pass is inside"),
        }
    }

    fn waited_too_long<H: Host>(&mut self, host: &mut H, ix: FrameIx) -> Move {
        let frame = self.frames.remove(ix);
        self.release(host, ix, &frame, Outcome::StoppedBulkheadTimeout);
        self.stop_frame(host, ix, &frame, Outcome::StoppedBulkheadTimeout)
    }

    /// The layer answers, and the frame that the pass had here is gone.
    fn stop_frame<H: Host>(
        &mut self,
        host: &mut H,
        ix: FrameIx,
        frame: &Frame,
        outcome: Outcome,
    ) -> Move {
        let Frame {
            outer,
            layer,
            call,
            lane,
            ..
        } = *frame;
        if outer == FrameIx::DETACHED {
            self.forget_detached(ix);
        }
        let place = FramePlace {
            outer,
            layer,
            call,
            lane,
        };
        Self::stop(host, place, outcome)
    }
}

/// The lane of a pass inside a retry or a hedge: folds how many passes went before it into the lane
/// outside. First passes stay in lane 0, as a call without layers does, so that a retry or a hedge
/// around a call moves none of the draws of its first attempt (rule 43).
pub(super) const fn lane_of(outside: u32, pass: u32) -> u32 {
    outside.wrapping_mul(0x9E37_79B1).wrapping_add(pass - 1)
}

/// A call without layers leaves as its one attempt.
fn send_bare<H: Host>(host: &mut H, call: CallIx) {
    let choice = Choice {
        call,
        lane: 0,
        other_instance: false,
        allowed: None,
    };
    let Some(instance) = host.choose(choice) else {
        let ending = host.unavailable(call);
        return host.answer(call, ending);
    };
    let attempt = host.send(SendRequest {
        call,
        outer: FrameIx::NONE,
        lane: 0,
        instance,
        deadline: SimTime::NEVER,
    });
    host.entered(call, Inside::attempt(attempt));
}

/// Where a new frame belongs.
#[derive(Clone, Copy)]
pub(super) struct FramePlace {
    pub(super) outer: FrameIx,
    pub(super) layer: LayerId,
    pub(super) call: CallIx,
    pub(super) lane: u32,
}

/// What the frames around an attempt say about it.
pub(super) struct Around {
    pub(super) deadline: SimTime,
    guarded: bool,
    other_instance: bool,
}

impl Around {
    const NOTHING: Self = Self {
        deadline: SimTime::NEVER,
        guarded: false,
        other_instance: false,
    };
}

//! A pass leaves the innermost layer as an attempt. Layers that guard instances have their say in
//! the choice, and only then give their permits.

use super::frame::{Frame, FrameState};
use super::inward::FramePlace;
use super::pipelines::{Move, Pipelines};
use super::{Choice, FrameIx, Host, HostCall, Inside, Note, Owner, SendRequest};
use crate::id::LayerId;
use crate::policy::{Admission, AskedBy, Layer, Outcome};
use crate::time::SimTime;

impl Pipelines {
    /// A pass leaves the innermost layer: layers that guard instances have their say in the choice,
    /// and only now give their permits.
    #[expect(clippy::inline_always, reason = "the end of the way inward")]
    #[inline(always)]
    pub(super) fn send<H: Host>(
        &mut self,
        host: &mut H,
        outer: FrameIx,
        call: HostCall,
        lane: u32,
    ) -> Move {
        let Around {
            deadline,
            guarded,
            other_instance,
        } = self.around(outer);
        let mut instance = None;
        if guarded {
            instance = self.choose_guarded(host, outer, call, lane, other_instance);
            if instance.is_none() {
                return self.nowhere_to_send(host, outer, call, lane);
            }
        }
        let Some(attempt) = host.send(SendRequest {
            call,
            outer,
            lane,
            instance,
            other_instance,
            deadline,
        }) else {
            return self.nowhere_to_send(host, outer, call, lane);
        };
        if outer.is_some() {
            self.frames[outer].inner = Inside::attempt(attempt);
        }
        Move::Rest
    }

    /// Chooses among the instances that the layers around an attempt let through, and has their permits.
    #[inline(never)]
    fn choose_guarded<H: Host>(
        &mut self,
        host: &mut H,
        outer: FrameIx,
        call: HostCall,
        lane: u32,
        other_instance: bool,
    ) -> Option<u32> {
        let (owner, now) = (host.owner(call), host.now());
        self.advance_guards(host, outer, call);
        let allowed = |i| self.all_admit(outer, owner, i, now);
        let instance = host.choose(Choice {
            call,
            lane,
            other_instance,
            allowed: Some(&allowed),
        })?;
        self.acquire_guards(host, outer, instance);
        Some(instance)
    }

    /// There is no instance for an attempt: none is in rotation, or layers that guard instances let
    /// through none of those that are; then the innermost of these layers stops it.
    #[cold]
    pub(super) fn nowhere_to_send<H: Host>(
        &mut self,
        host: &mut H,
        outer: FrameIx,
        call: HostCall,
        lane: u32,
    ) -> Move {
        let mut ix = outer;
        while ix.is_some() && host.any_in_rotation(call, &|_| true) {
            let frame = &self.frames[ix];
            let (layer, kind) = (frame.layer, self.layers.config(frame.layer));
            let stops_with = kind.stops_with();
            if let Some(outcome) = stops_with.filter(|_| self.layers.guards_instances(layer)) {
                let place = FramePlace {
                    outer,
                    layer,
                    call,
                    lane,
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
        if self.layers.any_needs_around() {
            self.look_around(outer)
        } else {
            Around::NOTHING
        }
    }

    #[inline(never)]
    pub(super) fn look_around(&self, outer: FrameIx) -> Around {
        let mut around = Around::NOTHING;
        let mut ix = outer;
        while ix.is_some() {
            let frame = &self.frames[ix];
            match (&frame.state, self.layers.config(frame.layer)) {
                (FrameState::Timeout, Layer::Timeout(config)) if config.propagate => {
                    around.deadline = around.deadline.min(self.frames.instant(ix));
                }
                (FrameState::Breaker { .. } | FrameState::Guard { .. }, _) => {
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

    /// Whether a layer that guards instances rejects all that are in rotation. When there are none
    /// it has nothing to say.
    pub(super) fn rejects_every_instance<H: Host>(
        &mut self,
        host: &mut H,
        place: FramePlace,
    ) -> bool {
        let FramePlace { call, layer, .. } = place;
        self.advance_layer(host, layer, call);
        let (owner, now) = (host.owner(call), host.now());
        let admits = |i| self.layers.would_admit(layer, owner, i, now);
        host.any_in_rotation(call, &|_| true) && !host.any_in_rotation(call, &admits)
    }

    /// Layers that guard instances and have timers are told the time before they are asked.
    pub(super) fn advance_guards<H: Host>(&mut self, host: &mut H, outer: FrameIx, call: HostCall) {
        let mut ix = outer;
        while ix.is_some() {
            let Frame { layer, outer, .. } = self.frames[ix];
            if self.layers.guards_instances(layer) {
                self.advance_layer(host, layer, call);
            }
            ix = outer;
        }
    }

    pub(super) fn advance_layer<H: Host>(&mut self, host: &mut H, layer: LayerId, call: HostCall) {
        if !self.layers.has_timers(layer) {
            return;
        }
        let (owner, now) = (host.owner(call), host.now());
        let is_breaker = matches!(self.layers.config(layer), Layer::Breaker(_));
        for instance in 0..self.layers.instances(layer) {
            if !is_breaker {
                self.layers.advance_guard(layer, owner, instance, now);
                continue;
            }
            let mut guard = self.layers.breaker(layer, owner, instance);
            guard.advance(now, AskedBy::Call, |transition| {
                host.note(call, layer, Note::Breaker(transition, Some(instance)));
            });
        }
    }

    pub(super) fn all_admit(
        &self,
        outer: FrameIx,
        owner: Owner,
        instance: u32,
        now: SimTime,
    ) -> bool {
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
    pub(super) fn acquire_guards<H: Host>(&mut self, host: &mut H, outer: FrameIx, chosen: u32) {
        let mut ix = outer;
        while ix.is_some() {
            let frame = self.frames[ix];
            if self.layers.guards_instances(frame.layer) && frame.state.permit_for() != Some(chosen)
            {
                self.release(host, ix, &frame, Outcome::Cancelled);
                let state = self.acquire_guard(host, ix, &frame, chosen);
                self.frames[ix].state = state;
            }
            ix = frame.outer;
        }
    }

    pub(super) fn acquire_guard<H: Host>(
        &mut self,
        host: &mut H,
        ix: FrameIx,
        frame: &Frame,
        instance: u32,
    ) -> FrameState {
        let (call, layer, owner) = (frame.call, frame.layer, host.owner(frame.call));
        if let FrameState::Guard { .. } = frame.state {
            return self.pass_instance_guard(host, ix, instance);
        }
        let now = host.now();
        let mut guard = self.layers.breaker(layer, owner, instance);
        guard.advance(now, AskedBy::Call, |transition| {
            host.note(call, layer, Note::Breaker(transition, Some(instance)));
        });
        let Admission::Admit(permit) = guard.breaker.try_acquire(now, guard.config) else {
            unreachable!("the choice was among those that admit")
        };
        self.permitted(ix, permit, instance)
    }
}

/// A call without layers leaves as its one attempt.
pub(super) fn send_bare<H: Host>(host: &mut H, call: HostCall) {
    let sent = host.send(SendRequest {
        call,
        outer: FrameIx::NONE,
        lane: 0,
        instance: None,
        other_instance: false,
        deadline: SimTime::NEVER,
    });
    if sent.is_none() {
        let ending = host.unavailable(call);
        host.answer(call, ending);
    }
}

/// What the frames around an attempt say about it.
pub(super) struct Around {
    pub(super) deadline: SimTime,
    pub(super) guarded: bool,
    pub(super) other_instance: bool,
}

impl Around {
    pub(super) const NOTHING: Self = Self {
        deadline: SimTime::NEVER,
        guarded: false,
        other_instance: false,
    };
}

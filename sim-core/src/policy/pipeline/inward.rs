//! The walk inward: a pass goes from layer to layer until it is sent, waits, or has a result.

use super::frame::{Frame, FrameState};
use super::pipelines::{Move, Pipelines};
use super::{Alarm, AlarmKind, FrameIx, Host, HostCall, Inside, Layers, Note};
use crate::id::LayerId;
use crate::policy::{
    AppliedSet, BackoffMemory, Ending, Layer, Outcome, Place, RetryConfig, TimeoutConfig, Way,
};
use crate::time::SimTime;

impl Pipelines {
    /// As [`Self::inward`], for a pass that was in before: out of line, so that the way in of calls is
    /// compiled into the place where they start.
    #[inline(never)]
    pub(super) fn inward_again<H: Host>(
        &mut self,
        host: &mut H,
        outer: FrameIx,
        layer: Option<LayerId>,
        call: HostCall,
        lane: u32,
    ) -> Move {
        self.inward(host, outer, layer, call, lane)
    }

    /// A pass goes on from layer to layer until it is sent, waits, or has a result.
    #[expect(clippy::inline_always, reason = "calls start in one place")]
    #[inline(always)]
    pub(super) fn inward<H: Host>(
        &mut self,
        host: &mut H,
        outer: FrameIx,
        layer: Option<LayerId>,
        call: HostCall,
        lane: u32,
    ) -> Move {
        let (mut outer, mut layer, mut lane) = (outer, layer, lane);
        while let Some(id) = layer {
            let place = FramePlace {
                outer,
                layer: id,
                call,
                lane,
            };
            let (config, mut inner) = self.layers.at(id);
            // Nearly every layer is one of these two: the rest is out of the way.
            outer = if let Layer::Timeout(config) = *config {
                self.enter_timeout(host, place, config)
            } else if let Layer::Retry(RetryConfig { budget, .. }) = *config {
                if budget.is_some() {
                    self.enter_budget(host, id, call);
                }
                lane = lane_of(lane, 1);
                let ix = self.enter_retry(host, place);
                // As often as not a timeout comes next: as a guest, since its frame is this one.
                if let Some((timeout, further)) = self.layers.guest_at(inner) {
                    self.limit(host, ix, timeout.until(host.now()));
                    inner = further;
                }
                ix
            } else {
                match self.enter_other(host, place) {
                    Move::In {
                        outer, lane: own, ..
                    } => {
                        lane = own;
                        outer
                    }
                    other @ (Move::Out { .. } | Move::Rest) => return other,
                }
            };
            layer = inner;
        }
        self.send(host, outer, call, lane)
    }

    #[expect(clippy::inline_always, reason = "entered in one place")]
    #[inline(always)]
    fn enter_timeout<H: Host>(
        &mut self,
        host: &mut H,
        place: FramePlace,
        config: TimeoutConfig,
    ) -> FrameIx {
        let until = config.until(host.now());
        let ix = if !config.propagate && self.may_guest(place.outer, place.layer) {
            place.outer
        } else {
            let ix = self.push(host, place, FrameState::Timeout);
            if self.layers.any_needs_around() {
                self.frames.set_instant(ix, until);
            }
            ix
        };
        self.limit(host, ix, until);
        ix
    }

    /// The pass in a frame is given up at an instant.
    #[expect(clippy::inline_always, reason = "for every timeout")]
    #[inline(always)]
    fn limit<H: Host>(&mut self, host: &mut H, ix: FrameIx, until: SimTime) {
        if until < SimTime::NEVER {
            self.frames[ix].alarm = host.set_alarm(until, AlarmKind::Expiry, ix);
        }
    }

    #[expect(clippy::inline_always, reason = "entered in one place")]
    #[inline(always)]
    fn enter_retry<H: Host>(&mut self, host: &mut H, place: FramePlace) -> FrameIx {
        let ix = self.push(host, place, FrameState::FIRST_PASS);
        self.frames.set_memory(ix, BackoffMemory::EMPTY);
        if self.layers.any_needs_elapsed() {
            self.frames.set_instant(ix, host.now());
        }
        ix
    }

    /// A pass enters a layer other than a timeout or a retry: how it goes on from there.
    #[inline(never)]
    fn enter_other<H: Host>(&mut self, host: &mut H, place: FramePlace) -> Move {
        match self.layers.config(place.layer).way() {
            Way::Fallback => {
                let ix = self.push(host, place, FrameState::Fallback);
                self.further_in(ix)
            }
            Way::Hedge => self.enter_hedge(host, place),
            Way::Breaker => self.enter_breaker(host, place),
            Way::Guard => self.enter_guard(host, place),
            Way::Timeout | Way::Retry => unreachable!("entered elsewhere"),
        }
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
        let ix = self.frames.insert_with(lane, || Frame {
            outer,
            inner: Inside::NOTHING,
            call,
            alarm: Alarm::NONE,
            layer,
            state,
        });
        self.put_inside(host, outer, call, Inside::frame(ix));
        ix
    }

    #[inline]
    pub(super) fn put_inside<H: Host>(
        &mut self,
        host: &mut H,
        outer: FrameIx,
        call: HostCall,
        inside: Inside,
    ) {
        if outer.is_some() {
            self.frames[outer].inner = inside;
        } else {
            host.entered(call, inside);
        }
    }

    pub(super) fn further_in(&self, ix: FrameIx) -> Move {
        let frame = &self.frames[ix];
        Move::In {
            outer: ix,
            layer: self.layers.inner(frame.layer),
            call: frame.call,
            lane: self.frames.lane(ix),
        }
    }

    /// The layer answers without a frame of its own.
    pub(super) fn stop<H: Host>(host: &mut H, place: FramePlace, outcome: Outcome) -> Move {
        Self::stop_by(host, place, outcome, AppliedSet::NONE)
    }

    /// The same for these reasons.
    pub(super) fn stop_by<H: Host>(
        host: &mut H,
        place: FramePlace,
        outcome: Outcome,
        by: AppliedSet,
    ) -> Move {
        host.note(place.call, place.layer, Note::Stopped(outcome, by));
        let ending = Ending::here(outcome, Place::Layer(place.layer));
        Move::Out {
            to: place.outer,
            call: place.call,
            ending,
        }
    }
}

/// Where a new frame belongs.
#[derive(Clone, Copy)]
pub(super) struct FramePlace {
    pub(super) outer: FrameIx,
    pub(super) layer: LayerId,
    pub(super) call: HostCall,
    pub(super) lane: u32,
}

/// The lane of a pass inside a retry or a hedge: folds how many passes went before it into the lane
/// outside. First passes stay in lane 0, as a call without layers does, so that a retry or a hedge
/// around a call moves none of the draws of its first attempt (rule 43).
pub(super) const fn lane_of(outside: u32, pass: u32) -> u32 {
    outside.wrapping_mul(0x9E37_79B1).wrapping_add(pass - 1)
}

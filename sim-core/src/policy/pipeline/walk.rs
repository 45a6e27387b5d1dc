//! The passes under way, how they are entered from outside, and the loop from move to move.

use super::frame::Frames;
use super::sending::send_bare;
use super::{FrameIx, Host, HostAttempt, HostCall, Inside, Layers};
use crate::id::LayerId;
use crate::policy::{Ending, Layer};
use std::collections::VecDeque;
use std::num::NonZeroU32;

/// Passes of one retry that may follow one another without delay inside one event; after so many
/// the next goes through a timer, so that the run loop's limits can end a retry without end.
pub(super) const PASSES_AT_ONCE: u32 = 1_000;

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
    pub(super) parked: Vec<Parked>,
    /// Passes that run on after the layer outside gave them up.
    pub(super) detached: Vec<(HostCall, Inside)>,
    /// Passes of hedges, and calls of fallbacks, still to be visited on the way down a call.
    pub(super) branches: Vec<Inside>,
    /// Calls of fallbacks that are given up, and end when nothing is under way in them.
    pub(super) orphans: Vec<HostCall>,
}

/// A pass that waits for a probe to end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parked {
    /// Which of all breakers.
    pub(super) breaker: u32,
    /// The epoch of the probes it waits for.
    pub(super) epoch: NonZeroU32,
    pub(super) frame: FrameIx,
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
        call: HostCall,
        lane: u32,
    },
    /// A result goes to this frame.
    Out {
        to: FrameIx,
        call: HostCall,
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
    pub fn start<H: Host>(&mut self, host: &mut H, call: HostCall, first: Option<LayerId>) {
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
        attempt: HostAttempt,
        outer: FrameIx,
        call: HostCall,
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

    /// Lets those go on who were given a permit.
    pub fn settle<H: Host>(&mut self, host: &mut H) {
        self.walk(host, Move::Rest);
    }

    /// Replaces the configuration of a layer. A guard with more room calls waiters in at once.
    pub fn reconfigure<H: Host>(&mut self, host: &mut H, layer: LayerId, config: Layer) {
        self.layers.reconfigure(layer, config);
        self.guards_changed(host, layer);
        self.settle(host);
    }

    /// Goes on with a move; most walks are over with their first one.
    #[expect(clippy::inline_always, reason = "mostly one test")]
    #[inline(always)]
    pub(super) fn walk<H: Host>(&mut self, host: &mut H, next: Move) {
        if !matches!(next, Move::Rest) || !self.admitted.is_empty() {
            self.walk_on(host, next);
        }
    }

    #[inline(never)]
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
    pub(super) fn step<H: Host>(&mut self, host: &mut H, next: Move) -> Move {
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
}

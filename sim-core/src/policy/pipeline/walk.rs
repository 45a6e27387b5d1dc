//! How passes are entered from outside, and the loop from move to move.

use super::pipelines::{Move, Pipelines};
use super::sending::send_bare;
use super::{FrameIx, Host, HostAttempt, HostCall, Inside};
use crate::id::LayerId;
use crate::policy::{Ending, Layer};

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
            } => self.inward_again(host, outer, layer, call, lane),
            Move::Out { to, call, ending } => self.outward_from(host, to, call, ending),
            Move::Rest => Move::Rest,
        }
    }
}

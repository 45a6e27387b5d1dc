//! Giving up: a pass and all that is inside it, from the outside in (rule 4); a pass that runs on for
//! nobody (rule 5); and where a pass stood, which is what a timeout blames (rule 30).

use super::frame::{FrameState, Hold};
use super::pipelines::Pipelines;
use super::{AbandonReason, Alarm, FrameIx, Host, HostCall, Inside, InsideView, Standing};
use crate::policy::{Cause, CauseKind, Outcome, Place};

impl Pipelines {
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
    pub fn abandon_detached<H: Host>(&mut self, host: &mut H, dead: impl Fn(&H, HostCall) -> bool) {
        for (call, top) in std::mem::take(&mut self.detached) {
            if dead(host, call) {
                self.abandon(host, top, AbandonReason::CallerDied);
                host.detached_ended(call);
            } else {
                self.detached.push((call, top));
            }
        }
    }

    pub(super) fn detach<H: Host>(&mut self, host: &mut H, call: HostCall, inner: Inside) {
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

    /// Whether the layers around this frame, or the frame itself, run on for nobody.
    pub fn is_detached(&self, ix: FrameIx) -> bool {
        let mut outer = ix;
        while outer.is_some() {
            outer = self.frames[outer].outer;
        }
        outer == FrameIx::DETACHED
    }

    /// The call for which the fallback of this frame calls another, and the frame around it.
    pub fn around_fallback_call(&self, ix: FrameIx) -> (HostCall, FrameIx) {
        let frame = &self.frames[ix];
        (frame.call, frame.outer)
    }

    #[cold]
    pub(super) fn forget_detached(&mut self, ix: FrameIx) {
        self.detached.retain(|&(_, top)| top != Inside::frame(ix));
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
                FrameState::Breaker { ticket: None, .. } if frame.inner == Inside::NOTHING => {
                    Some(CauseKind::InBreaker)
                }
                FrameState::Guard {
                    hold: Hold::Place | Hold::Until(_),
                    ..
                } => Some(self.layers.config(frame.layer).waits_as()),
                FrameState::Retry { .. } | FrameState::Hedge { .. }
                    if frame.inner == Inside::NOTHING =>
                {
                    Some(CauseKind::InBackoff)
                }
                FrameState::Timeout
                | FrameState::Retry { .. }
                | FrameState::Breaker { .. }
                | FrameState::Guard { .. }
                | FrameState::Fallback
                | FrameState::Hedge { .. }
                | FrameState::Pass { .. } => None,
                FrameState::FallbackCall { other } => {
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
}

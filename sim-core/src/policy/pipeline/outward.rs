//! The walk outward: a result goes from frame to frame until the caller has it, or a retry waits or
//! goes in again.

use super::frame::{Frame, FrameState};
use super::inward::FramePlace;
use super::pipelines::{Move, Pipelines};
use super::{Alarm, FrameIx, Host, HostCall};
use crate::policy::{Ending, Outcome};

impl Pipelines {
    /// As [`Self::outward`], for a result that does not come from an attempt: out of line, so that the
    /// way out of answers is compiled into the place where they come.
    #[inline(never)]
    pub(super) fn outward_from<H: Host>(
        &mut self,
        host: &mut H,
        to: FrameIx,
        call: HostCall,
        ending: Ending,
    ) -> Move {
        self.outward(host, to, call, ending)
    }

    /// A result goes from frame to frame until the caller has it, or a retry waits or goes in again.
    #[expect(clippy::inline_always, reason = "answers come in one place")]
    #[inline(always)]
    pub(super) fn outward<H: Host>(
        &mut self,
        host: &mut H,
        to: FrameIx,
        call: HostCall,
        ending: Ending,
    ) -> Move {
        let (mut to, mut ending) = (to, ending);
        while to.is_some() {
            let frame = &self.frames[to];
            let outer = frame.outer;
            let (state, layer) = (frame.state, frame.layer);
            // As on the way in: nearly every frame is one of these two, and waits for a limit.
            if let FrameState::Retry { .. } | FrameState::Timeout = state
                && frame.alarm != Alarm::NONE
            {
                let alarm = frame.alarm;
                self.frames[to].alarm = Alarm::NONE;
                host.clear_limit(alarm);
            }
            if let FrameState::Retry { passes, .. } = state {
                if let Some(next) = self.leave_retry(host, to, (call, layer, passes), ending) {
                    return next;
                }
            } else if let FrameState::Timeout = state {
                self.frames.free(to);
            } else {
                match self.leave_other(host, to, ending) {
                    Ok(answer) => ending = answer,
                    Err(next) => return next,
                }
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

    /// A result comes to a frame that is not that of a timeout or a retry: what goes out, if it does.
    #[inline(never)]
    fn leave_other<H: Host>(
        &mut self,
        host: &mut H,
        ix: FrameIx,
        ending: Ending,
    ) -> Result<Ending, Move> {
        match self.frames[ix].state {
            FrameState::Breaker { .. } | FrameState::Guard { .. } => {
                self.leave(host, ix, ending.outcome());
                Ok(ending)
            }
            FrameState::Fallback => self.leave_fallback(host, ix, ending),
            FrameState::Pass { .. } => Err(self.leave_pass(host, ix, ending)),
            FrameState::Hedge { .. } => unreachable!("a result comes to one of its passes"),
            FrameState::FallbackCall { .. } => unreachable!("no pass is inside any more"),
            FrameState::Timeout | FrameState::Retry { .. } => unreachable!("left elsewhere"),
        }
    }

    /// The pass inside a frame that may hold a permit has its result.
    pub(super) fn leave<H: Host>(&mut self, host: &mut H, ix: FrameIx, outcome: Outcome) {
        let frame = self.frames.remove(ix);
        if frame.alarm != Alarm::NONE {
            host.clear_alarm(frame.alarm);
        }
        self.release(host, ix, &frame, outcome);
    }

    /// The layer answers, and the frame that the pass had here is gone.
    pub(super) fn stop_frame<H: Host>(
        &mut self,
        host: &mut H,
        ix: FrameIx,
        frame: &Frame,
        outcome: Outcome,
    ) -> Move {
        let Frame {
            outer, layer, call, ..
        } = *frame;
        if outer == FrameIx::DETACHED {
            self.forget_detached(ix);
        }
        let place = FramePlace {
            outer,
            layer,
            call,
            lane: self.frames.lane(ix),
        };
        Self::stop(host, place, outcome)
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
}

//! Alarms: a timeout that is over, a backoff that ends, a wait that was too long.

use super::frame::{Frame, FrameState, Hold};
use super::pipelines::{Move, Pipelines};
use super::{AbandonReason, Alarm, FrameIx, Host, Inside, Note};
use crate::id::LayerId;
use crate::policy::{Cause, CauseKind, Ending, Layer, OnExpiry, Outcome, Place};

impl Pipelines {
    /// The alarm of a frame went off.
    pub fn on_alarm<H: Host>(&mut self, host: &mut H, ix: FrameIx) {
        self.frames[ix].alarm = Alarm::NONE;
        let next = match self.frames[ix].state {
            FrameState::Timeout => self.expire(host, ix),
            FrameState::Retry { .. } if self.frames[ix].inner == Inside::NOTHING => {
                self.next_pass(host, ix)
            }
            FrameState::Guard {
                hold: Hold::Place, ..
            } => self.guard_due(host, ix),
            FrameState::Guard {
                hold: Hold::Until(None),
                ..
            } => self.called_in(host, ix),
            FrameState::Guard {
                hold: Hold::Until(Some(outcome)),
                ..
            } => self.waited_in_vain(host, ix, outcome),
            FrameState::Hedge { .. } => self.hedge_due(host, ix),
            FrameState::Retry { .. }
            | FrameState::Guard { .. }
            | FrameState::Breaker { .. }
            | FrameState::Fallback => self.expire_within(host, ix),
            FrameState::FallbackCall { .. } | FrameState::Pass { .. } => {
                unreachable!("this frame sets no alarm")
            }
        };
        let next = self.step(host, next);
        self.walk(host, next);
    }

    /// The time of a timeout with a frame of its own is over.
    pub(super) fn expire<H: Host>(&mut self, host: &mut H, ix: FrameIx) -> Move {
        let Frame { layer, .. } = self.frames[ix];
        let ending = self.time_out(host, ix, layer);
        let frame = self.frames.remove(ix);
        self.exit(&frame, ix, ending)
    }

    /// The time of the timeout just inside a layer is over, whose frame it used.
    pub(super) fn expire_within<H: Host>(&mut self, host: &mut H, ix: FrameIx) -> Move {
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
    pub(super) fn time_out<H: Host>(
        &mut self,
        host: &mut H,
        ix: FrameIx,
        timeout: LayerId,
    ) -> Ending {
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
}

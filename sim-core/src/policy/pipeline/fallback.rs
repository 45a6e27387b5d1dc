//! The walk through a fallback: what goes out in the place of a failure.
//!
//! A call in the place of another is no pass: it has a pipeline and a record of its own, and ends
//! like every call. The frame of the fallback waits for it as a caller would. So the walk goes on
//! with the new call where the failure left off, and comes back through [`Pipelines::on_fallback_call`].

use super::frame::{Frame, FrameState};
use super::pipelines::{Move, Pipelines};
use super::{Alarm, FallbackCall, FrameIx, Host, HostCall, Inside, Note};
use crate::policy::{Ending, FallbackDecision, Outcome, Place};

impl Pipelines {
    /// A result leaves a fallback, whose frame is gone; or the fallback calls somebody else.
    pub(super) fn leave_fallback<H: Host>(
        &mut self,
        host: &mut H,
        ix: FrameIx,
        ending: Ending,
    ) -> Result<Ending, Move> {
        let Frame {
            call, layer, alarm, ..
        } = self.frames[ix];
        if alarm != Alarm::NONE {
            self.frames[ix].alarm = Alarm::NONE;
            host.clear_alarm(alarm);
        }
        let now = host.now();
        let (last, config) = self.layers.last_good(layer, host.owner(call));
        if config.keeps() && ending.outcome() == Outcome::Ok {
            last.keep(host.subject(call), now);
            self.frames.free(ix);
            return Ok(ending);
        }
        match config.decide(ending.outcome(), || last.age(host.subject(call), now)) {
            FallbackDecision::LetOut => {
                self.frames.free(ix);
                return Ok(ending);
            }
            FallbackDecision::Missing(age) => {
                host.note(call, layer, Note::FallbackMissing(age));
                self.frames.free(ix);
                return Ok(ending);
            }
            FallbackDecision::Call => return self.call_fallback(host, ix, ending),
            FallbackDecision::Answer => {
                host.note(call, layer, Note::FallbackUsed(ending.outcome()));
            }
            FallbackDecision::AnswerKept(age) => {
                host.note(call, layer, Note::FallbackUsed(ending.outcome()));
                host.note(call, layer, Note::FallbackAged(age));
            }
        }
        self.frames.free(ix);
        Ok(ending.turned_into(Outcome::Degraded, Place::Layer(layer)))
    }

    #[cold]
    fn call_fallback<H: Host>(
        &mut self,
        host: &mut H,
        ix: FrameIx,
        failed: Ending,
    ) -> Result<Ending, Move> {
        let Frame {
            call, layer, outer, ..
        } = self.frames[ix];
        let fallback = FallbackCall {
            call,
            because: failed.outcome(),
            layer,
            frame: ix,
            lane: self.frames.lane(ix),
            deadline: self.around(outer).deadline,
        };
        let Some((other, first)) = host.call_fallback(fallback) else {
            host.note(call, layer, Note::FallbackMissing(None));
            self.frames.free(ix);
            return Ok(failed);
        };
        self.frames[ix].inner = Inside::NOTHING;
        self.frames[ix].state = FrameState::FallbackCall { other };
        self.frames.keep_ending(ix, failed);
        Err(Move::In {
            outer: FrameIx::NONE,
            layer: first,
            call: other,
            lane: 0,
        })
    }

    /// The call that the fallback of this frame made has ended like this.
    pub fn on_fallback_call<H: Host>(&mut self, host: &mut H, ix: FrameIx, ending: Ending) {
        let frame = self.frames.remove(ix);
        let Frame { call, layer, .. } = frame;
        debug_assert!(matches!(frame.state, FrameState::FallbackCall { .. }));
        let failed = self.frames.kept_ending(ix);
        let result = if ending.outcome().is_useful() {
            host.note(call, layer, Note::FallbackUsed(failed.outcome()));
            if failed.outcome().is_useful() {
                // Asked for after a negative answer, as after a cache miss: nothing is lesser.
                ending
            } else {
                failed.turned_into(Outcome::Degraded, Place::Layer(layer))
            }
        } else {
            host.note(call, layer, Note::FallbackFailed(ending.outcome()));
            ending
        };
        let next = self.exit(&frame, ix, result);
        self.walk(host, next);
    }

    /// The fallback that made a call is given up: what the call is in is given up next.
    pub(super) fn orphan<H: Host>(&mut self, host: &mut H, other: HostCall) {
        if host.orphan(other) {
            self.branches.push(host.top(other));
            self.orphans.push(other);
        }
    }
}

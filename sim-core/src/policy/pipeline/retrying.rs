//! A retry: what it makes of a result, and its next pass.

use super::frame::FrameState;
use super::inward::lane_of;
use super::pipelines::{Move, Pipelines};
use super::{AlarmKind, FrameIx, Host, HostCall, Inside, Note};
use crate::id::LayerId;
use crate::policy::{AppliedSet, Ending, Layer, RetryAfter, RetryDecision, RetryHint, RetryStop};
use crate::random::{Draws, child_key};
use crate::time::SimDuration;

/// Passes of one retry that may follow one another without delay inside one event; after so many
/// the next goes through a timer, so that the run loop's limits can end a retry without end.
const PASSES_AT_ONCE: u32 = 1_000;

impl Pipelines {
    /// What a retry makes of a result of a call, after so many passes: `None` lets it out, and the frame
    /// is gone.
    #[expect(clippy::inline_always, reason = "a step of the way outward")]
    #[inline(always)]
    pub(super) fn leave_retry<H: Host>(
        &mut self,
        host: &mut H,
        ix: FrameIx,
        (call, layer, passes): (HostCall, LayerId, u32),
        ending: Ending,
    ) -> Option<Move> {
        let Layer::Retry(config) = self.layers.config(layer) else {
            unreachable!("a retry frame belongs to a retry layer")
        };
        let is_budgeted = config.budget.is_some();
        let is_retried = config.on.contains(ending.outcome());
        if is_budgeted {
            self.settle_budget(host, ix, ending);
        }
        let mut planned = if is_retried {
            self.plan_retry(host, ix, (call, layer, passes), ending)
        } else {
            Err(RetryStop::NotRetryable)
        };
        if is_budgeted {
            planned = self.ask_budget(host, ix, ending.outcome(), planned);
        }
        let (delay, by) = match planned {
            Ok(wait) => wait,
            Err(reason) => {
                if !ending.outcome().is_useful() {
                    host.note(call, layer, Note::RetryStopped { passes, reason });
                }
                self.frames.free(ix);
                return None;
            }
        };
        host.note(call, layer, Note::RetryPlanned { passes, delay, by });
        self.frames[ix].inner = Inside::NOTHING;
        if delay.is_zero() && host.may_go_on() && passes % PASSES_AT_ONCE != 0 {
            return Some(self.next_pass(host, ix));
        }
        self.frames[ix].alarm = host.set_alarm(host.now() + delay, AlarmKind::Start, ix);
        Some(Move::Rest)
    }

    /// How long a retry would wait before its next pass and by which settings, or why it makes none;
    /// its budget aside.
    #[expect(clippy::inline_always, reason = "asked in one place")]
    #[inline(always)]
    pub(super) fn plan_retry<H: Host>(
        &mut self,
        host: &H,
        ix: FrameIx,
        (call, layer, passes): (HostCall, LayerId, u32),
        ending: Ending,
    ) -> Result<(SimDuration, AppliedSet), RetryStop> {
        let Layer::Retry(config) = self.layers.config(layer) else {
            unreachable!("a retry frame belongs to a retry layer")
        };
        let elapsed = if self.layers.any_needs_elapsed() {
            host.now().since(self.frames.instant(ix))
        } else {
            SimDuration::ZERO
        };
        if let RetryDecision::Stop(reason) = config.decide(ending.outcome(), passes, elapsed) {
            return Err(reason);
        }
        if config.skips(ending.outcome(), || host.repeatable(call)) {
            return Err(RetryStop::NotIdempotent);
        }
        let mut hint = None;
        if config.retry_after != RetryAfter::Ignore {
            hint = host.retry_after(call, ending);
        }
        if config.is_turned_away(hint) {
            return Err(RetryStop::Pushback);
        }
        let lane = self.frames.lane(ix);
        let key = child_key(host.key(call), u64::from(lane), u64::from(passes));
        let mut draws = Draws::new(self.layers.draws(layer), key);
        let mut memory = self.frames.memory(ix);
        let planned = config.delay_and_why(ending.outcome(), passes, &mut memory, &mut draws);
        let pause = hint.and_then(RetryHint::after);
        let wait = config.wait_by(passes, planned, pause, &mut memory);
        self.frames.set_memory(ix, memory);
        if config.overshoots(elapsed, wait.0) {
            return Err(RetryStop::WaitTooLong);
        }
        Ok(wait)
    }

    #[expect(
        clippy::inline_always,
        reason = "after a backoff the walk goes on at once, other retries are rare"
    )]
    #[inline(always)]
    pub(super) fn next_pass<H: Host>(&mut self, host: &H, ix: FrameIx) -> Move {
        let frame = &mut self.frames[ix];
        let (layer, call) = (frame.layer, frame.call);
        let FrameState::Retry { passes, grant, .. } = &mut frame.state else {
            unreachable!("only a retry starts passes")
        };
        *passes += 1;
        let passes = *passes;
        if grant.is_some()
            && let Some((_, budget, _)) = self.layers.budget(layer, host.owner(call))
        {
            budget.pass_started();
        }
        Move::In {
            outer: ix,
            layer: self.layers.inner(layer),
            call,
            lane: lane_of(self.frames.lane(ix), passes),
        }
    }
}

//! The budget that a retry asks for its passes.

use super::frame::{Frame, FrameState};
use super::pipelines::Pipelines;
use super::{FrameIx, Host, HostCall, Inside, Note};
use crate::id::LayerId;
use crate::policy::{AppliedSet, Ending, Extra, Layer, Outcome, PassResult, RetryAfter, RetryStop};
use crate::time::SimDuration;

impl Pipelines {
    /// A call enters a retry that has a budget.
    #[cold]
    pub(super) fn enter_budget<H: Host>(&mut self, host: &H, layer: LayerId, call: HostCall) {
        if let Some((_, budget, config)) = self.layers.budget(layer, host.owner(call)) {
            budget.call_started(host.now(), config);
        }
    }

    /// The pass inside a retry has its result. One that the callee forbids to try again is a failure,
    /// whether the retry would have tried it again or not.
    #[cold]
    pub(super) fn settle_budget<H: Host>(&mut self, host: &H, ix: FrameIx, ending: Ending) {
        let frame = &self.frames[ix];
        let (FrameState::Retry { grant, .. }, Layer::Retry(config)) =
            (frame.state, self.layers.config(frame.layer))
        else {
            unreachable!("a retry frame belongs to a retry layer")
        };
        let outcome = ending.outcome();
        let is_turned_away = || {
            config.retry_after == RetryAfter::Pushback
                && config.is_turned_away(host.retry_after(frame.call, ending))
        };
        let verdict = if outcome.is_useful() {
            PassResult::Success
        } else if config.on.contains(outcome) || is_turned_away() {
            PassResult::Failure
        } else {
            PassResult::Neither
        };
        let owner = host.owner(frame.call);
        if let Some((_, budget, config)) = self.layers.budget(frame.layer, owner) {
            budget.settle(host.now(), config, verdict, grant);
        }
    }

    /// Asks for the pass that is planned; without one the call leaves the budget.
    #[cold]
    pub(super) fn ask_budget<H: Host>(
        &mut self,
        host: &mut H,
        ix: FrameIx,
        outcome: Outcome,
        planned: Result<(SimDuration, AppliedSet), RetryStop>,
    ) -> Result<(SimDuration, AppliedSet), RetryStop> {
        let frame = &mut self.frames[ix];
        let (call, layer) = (frame.call, frame.layer);
        let FrameState::Retry { grant, .. } = &mut frame.state else {
            unreachable!("only a retry asks for another pass")
        };
        let Some((id, budget, config)) = self.layers.budget(layer, host.owner(call)) else {
            return planned;
        };
        let Ok(wait) = planned else {
            budget.call_ended(config, outcome.is_useful(), *grant);
            return planned;
        };
        let extra = Extra::Retry(outcome);
        let answer = budget.ask(host.now(), config, extra);
        let left = budget.left(config);
        let by_floor = answer.is_some() && budget.floor_granted(config, extra);
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
                by_floor,
            },
        );
        if granted {
            Ok(wait)
        } else {
            Err(RetryStop::Budget)
        }
    }

    /// A retry is given up, with a pass inside or before one that was granted.
    #[cold]
    pub(super) fn leave_budget<H: Host>(&mut self, host: &H, frame: &Frame) {
        let FrameState::Retry { grant, .. } = frame.state else {
            return;
        };
        let owner = host.owner(frame.call);
        let Some((_, budget, config)) = self.layers.budget(frame.layer, owner) else {
            return;
        };
        match grant {
            Some(grant) if frame.inner == Inside::NOTHING => budget.give_back(grant),
            Some(_) | None => budget.settle(host.now(), config, PassResult::Neither, grant),
        }
        budget.call_ended(config, false, grant);
    }
}

//! Errors faults: which operations fail, and when they answer.
//!
//! Real servers draw the fate of a request when they take it up. So whether an operation fails is
//! decided when it starts, like its speed (rule 16), though it may answer only when its work is done.
//! A fault that says `in_progress` hits all whose work is done while it lasts, whenever they started.

use super::Workplace;
use crate::id::InstanceId;
use crate::model::arena::AttemptIx;
use crate::model::cx::Cx;
use crate::model::fact::Observer;
use crate::model::spec::{ErrorsFail, FaultKind, WorkFault};
use crate::policy::{Ending, Outcome, Place};
use crate::random::uniform;

impl Workplace {
    /// Whether errors faults have a say at an instance.
    #[inline]
    pub(crate) fn errs(&self, instance: InstanceId) -> bool {
        !self.instances[instance].errors.is_empty() || !self.doomed.is_empty()
    }

    /// The answer that an operation has earned whose steps are done, at an instance that is `plain`,
    /// or is not.
    #[expect(clippy::inline_always, reason = "for every operation")]
    #[inline(always)]
    pub(crate) fn good_answer<O: Observer>(
        &mut self,
        cx: &Cx<'_, O>,
        ix: AttemptIx,
        plain: bool,
    ) -> Ending {
        let attempt = &cx.attempts[ix];
        let injected = if !plain && self.errs(attempt.instance) {
            self.fate_at_end(cx, ix)
        } else {
            None
        };
        let outcome = match injected {
            Some(outcome) => outcome,
            None => attempt.good_outcome(),
        };
        Ending::here(outcome, Place::Operation(cx.targets[attempt.site]))
    }

    /// An operation starts: the outcome that an errors fault gives it at once, if one hits it. One that
    /// is to fail when its work is done is noted.
    #[cold]
    pub(crate) fn fate_at_start<O: Observer>(
        &mut self,
        cx: &Cx<'_, O>,
        ix: AttemptIx,
    ) -> Option<Outcome> {
        // What was noted of an operation that ended otherwise, in the same place, is over.
        self.doomed.remove(&ix);
        let at_once = self.injected(cx, ix, |fails| fails == ErrorsFail::BeforeWork);
        if at_once.is_none() {
            let later = self.injected(cx, ix, |fails| fails != ErrorsFail::BeforeWork);
            self.doomed.extend(later.map(|outcome| (ix, outcome)));
        }
        at_once
    }

    /// The work of an operation is done: the outcome that an errors fault gives it.
    #[cold]
    pub(crate) fn fate_at_end<O: Observer>(
        &mut self,
        cx: &Cx<'_, O>,
        ix: AttemptIx,
    ) -> Option<Outcome> {
        let noted = self.doomed.remove(&ix);
        noted.or_else(|| self.injected(cx, ix, |fails| fails == ErrorsFail::InProgress))
    }

    /// The outcome that one of these errors faults gives an operation now, if one hits it.
    fn injected<O: Observer>(
        &self,
        cx: &Cx<'_, O>,
        ix: AttemptIx,
        asked: impl Fn(ErrorsFail) -> bool,
    ) -> Option<Outcome> {
        let attempt = &cx.attempts[ix];
        let faults = &self.instances[attempt.instance].errors;
        faults.iter().find_map(|&fault| {
            let FaultKind::Work(target, WorkFault::Errors(errors)) = &cx.spec.faults[fault].kind
            else {
                return None;
            };
            let operation = cx.targets[attempt.site];
            let hit = asked(errors.fails)
                && target.operation.is_none_or(|only| only == operation)
                && errors
                    .share
                    .hit(uniform(self.fault_draws[fault], attempt.key));
            hit.then_some(errors.outcome)
        })
    }
}

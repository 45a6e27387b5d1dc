//! Idempotency keys, and effects that come twice.
//!
//! An operation that is watched has two instructions more: it claims its key before its first step,
//! and tells that it took effect after its last. What waits for the answer of another execution
//! stands still at the first one and meets it again when that one is over.

use super::Doors;
use crate::id::InstanceId;
use crate::model::arena::AttemptIx;
use crate::model::attempt::AttemptFlag;
use crate::model::cx::Cx;
use crate::model::effects::Claim;
use crate::model::fact::{Fact, KeyAnswer, Observer};
use crate::policy::{Ending, Outcome, Place};

/// What becomes of an operation that has claimed its key.
pub(crate) enum Claimed {
    /// It is carried out.
    Execute,
    /// It ends like this.
    Answered(Ending),
    /// It waits for the answer of another execution.
    Joined,
}

impl Doors {
    /// An operation is about to begin its steps.
    pub(crate) fn claim<O: Observer>(cx: &mut Cx<'_, O>, of: AttemptIx) -> Claimed {
        let attempt = &cx.attempts[of];
        let (call, operation, instance) =
            (attempt.call, cx.targets[attempt.site], attempt.instance);
        let Some(keys) = &cx.spec.operations[operation].keys else {
            return Claimed::Execute;
        };
        match cx.attempts.effects.claim(call, of, instance, keys, cx.now) {
            Claim::Execute => Claimed::Execute,
            Claim::Forgotten => {
                let attempt = cx.attempts[of].number;
                cx.tell(&Fact::KeyForgotten {
                    attempt,
                    operation,
                    instance,
                });
                Claimed::Execute
            }
            Claim::Stored(ending) => {
                tell(cx, of, KeyAnswer::Stored);
                Claimed::Answered(ending)
            }
            Claim::Reject => {
                tell(cx, of, KeyAnswer::Rejected);
                let place = Place::Operation(operation);
                Claimed::Answered(Ending::here(Outcome::ErrorUnavailable, place))
            }
            Claim::Join => {
                tell(cx, of, KeyAnswer::Joined);
                Claimed::Joined
            }
        }
    }

    /// An operation that must not be done twice is done: who waited for its answer.
    pub(crate) fn took_effect<O: Observer>(cx: &mut Cx<'_, O>, of: AttemptIx) -> Vec<AttemptIx> {
        let attempt = &cx.attempts[of];
        let (call, operation, instance) =
            (attempt.call, cx.targets[attempt.site], attempt.instance);
        let (number, wanted) = (attempt.number, attempt.is_wanted());
        let outcome = if attempt.flags.has(AttemptFlag::Degraded) {
            Outcome::Degraded
        } else {
            Outcome::Ok
        };
        let spec = &cx.spec.operations[operation];
        let again = cx.attempts.effects.took_effect(call, of);
        if again && !spec.idempotent {
            cx.tell(&Fact::EffectRepeated {
                attempt: number,
                operation,
                instance,
                wanted,
            });
        }
        let Some(keys) = &spec.keys else {
            return Vec::new();
        };
        let ending = Ending::here(outcome, Place::Operation(operation));
        let effects = &mut cx.attempts.effects;
        effects.keep(call, of, instance, keys, ending, cx.now)
    }

    /// An operation ends, in whatever way: who waited for its answer.
    #[cold]
    pub(crate) fn key_is_over<O: Observer>(cx: &mut Cx<'_, O>, ix: AttemptIx) -> Vec<AttemptIx> {
        let attempt = &cx.attempts[ix];
        if cx.spec.operations[cx.targets[attempt.site]].keys.is_none() {
            return Vec::new();
        }
        cx.attempts.effects.over(attempt.call, ix)
    }

    /// What an instance alone has kept is lost with it.
    pub(crate) fn forget_keys<O: Observer>(&self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        if self.keeps_keys {
            cx.attempts.effects.forget(instance);
        }
    }
}

fn tell<O: Observer>(cx: &mut Cx<'_, O>, ix: AttemptIx, answer: KeyAnswer) {
    let attempt = &cx.attempts[ix];
    let fact = Fact::KeyMatched {
        attempt: attempt.number,
        operation: cx.targets[attempt.site],
        instance: attempt.instance,
        answer,
    };
    cx.tell(&fact);
}

//! Idempotency keys, and effects that come twice.
//!
//! An operation that is watched has two instructions more: it claims its key before its first step,
//! and tells that it took effect after its last. What waits for the answer of another execution
//! stands still at the first one and meets it again when that one is over.

use super::Services;
use super::interpret::Next;
use super::program::Pc;
use super::strand::{StrandIx, Wait};
use crate::id::InstanceId;
use crate::model::attempt::{AttemptFlag, AttemptIx};
use crate::model::cx::Cx;
use crate::model::effects::Claim;
use crate::model::fact::{Fact, KeyAnswer, Observer};
use crate::policy::{Ending, Outcome, Place};

impl Services {
    /// An operation is about to begin its steps.
    pub(super) fn claim_key<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        pc: Pc,
    ) -> Next {
        let of = self.strands[ix].attempt;
        let attempt = &cx.attempts[of];
        let (call, operation, instance) =
            (attempt.call, cx.targets[attempt.site], attempt.instance);
        let Some(keys) = &cx.spec.operations[operation].keys else {
            return Next::Go(pc + 1);
        };
        let claim = cx.attempts.effects.claim(call, of, instance, keys, cx.now);
        let place = Place::Operation(operation);
        match claim {
            Claim::Execute => return Next::Go(pc + 1),
            Claim::Forgotten => {
                let attempt = cx.attempts[of].number;
                cx.tell(&Fact::KeyForgotten {
                    attempt,
                    operation,
                    instance,
                });
                return Next::Go(pc + 1);
            }
            Claim::Stored(ending) => {
                tell(cx, of, KeyAnswer::Stored);
                self.done(cx, ix, Err(ending));
            }
            Claim::Reject => {
                tell(cx, of, KeyAnswer::Rejected);
                let ending = Ending::here(Outcome::ErrorUnavailable, place);
                self.done(cx, ix, Err(ending));
            }
            Claim::Join => {
                tell(cx, of, KeyAnswer::Joined);
                self.release_own_thread(cx, ix);
            }
        }
        Next::Rest
    }

    /// An operation that must not be done twice is done.
    pub(super) fn take_effect<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        let of = self.strands[ix].attempt;
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
        if let Some(keys) = &spec.keys {
            let ending = Ending::here(outcome, Place::Operation(operation));
            let effects = &mut cx.attempts.effects;
            let joined = effects.keep(call, of, instance, keys, ending, cx.now);
            self.wake(cx, &joined);
        }
    }

    /// An operation ends, in whatever way.
    #[cold]
    pub(super) fn key_is_over<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let attempt = &cx.attempts[ix];
        if cx.spec.operations[cx.targets[attempt.site]].keys.is_some() {
            let call = attempt.call;
            let joined = cx.attempts.effects.over(call, ix);
            self.wake(cx, &joined);
        }
    }

    /// What an instance alone has kept is lost with it.
    pub(super) fn forget_keys<O: Observer>(&self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        if self.keeps_keys {
            cx.attempts.effects.forget(instance);
        }
    }

    fn wake<O: Observer>(&mut self, cx: &Cx<'_, O>, joined: &[AttemptIx]) {
        for &ix in joined {
            let attempt = &cx.attempts[ix];
            let host = &mut self.instances[attempt.instance];
            if host.paused {
                self.strands[attempt.strand].wait_for(Wait::Frozen);
                host.frozen.woken(attempt.strand, (ix, attempt.number));
            } else {
                self.ready.push_back(attempt.strand);
            }
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

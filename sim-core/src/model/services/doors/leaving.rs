//! Out through the gate: what an attempt holds of it goes back, however the callee is done with it.

use crate::model::arena::AttemptIx;
use crate::model::attempt::AttemptFlag;
use crate::model::cx::Cx;
use crate::model::fact::{Fact, Observer};
use crate::model::gates::NewLimit;
use crate::policy::Outcome;

/// The callee has nothing more to do with an attempt: the gate gets back what it holds.
#[inline]
pub(crate) fn give_back<O: Observer>(cx: &mut Cx<'_, O>, ix: AttemptIx, outcome: Outcome) {
    if cx.attempts[ix].flags.has(AttemptFlag::Admitted) {
        give_all_back(cx, ix, outcome);
    }
}

#[inline(never)]
fn give_all_back<O: Observer>(cx: &mut Cx<'_, O>, ix: AttemptIx, outcome: Outcome) {
    let Cx {
        now,
        spec,
        gates,
        attempts,
        observer,
        ..
    } = cx;
    gates.leave(spec, *now, attempts, (ix, outcome), |new: NewLimit| {
        let NewLimit {
            layer,
            instance,
            from,
            to,
        } = new;
        observer.on_fact(
            *now,
            &Fact::AdmissionLimit {
                layer,
                instance,
                from,
                to,
            },
        );
    });
}

//! The gate behind the door: admission, and what becomes of those it turns away.

use super::refusals::{let_go, reject};
use crate::model::arena::AttemptIx;
use crate::model::cx::Cx;
use crate::model::fact::{Fact, Observer};
use crate::model::gates::AtGate;
use crate::model::stopwatch::Stopwatch;
use crate::policy::{Ending, Outcome, Place};

/// An attempt comes through an open door: whether it gets in (rule 56).
pub(crate) fn let_through<O: Observer>(cx: &mut Cx<'_, O>, ix: AttemptIx) -> bool {
    match cx.gates.enter(cx.spec, cx.now, &mut cx.attempts, ix) {
        AtGate::In => true,
        AtGate::Refused => {
            let place = Place::Network(cx.target(ix));
            let_go(cx, ix, Some(Ending::here(Outcome::ErrorRefused, place)));
            false
        }
        AtGate::TurnedAway(layer, outcome) => {
            let attempt = &mut cx.attempts[ix];
            attempt.clock = Stopwatch::started(cx.now);
            let (attempt, instance) = (attempt.number, attempt.instance);
            let operation = cx.target(ix);
            cx.tell(&Fact::OperationArrived {
                attempt,
                operation,
                instance,
            });
            cx.tell(&Fact::AdmissionRefused {
                attempt,
                operation,
                instance,
                layer,
            });
            reject(cx, ix, outcome);
            false
        }
    }
}

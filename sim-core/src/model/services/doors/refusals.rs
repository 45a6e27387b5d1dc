//! What the callers of operations learn that are not carried out, or not to their end.

use super::leaving::give_back;
use crate::model::arena::AttemptIx;
use crate::model::attempt::{AttemptFlag, Stage};
use crate::model::cx::Cx;
use crate::model::fact::{DropReason, Fact, Observer};
use crate::model::handoff::Handoff;
use crate::model::stopwatch::Stopwatch;
use crate::policy::{Cause, CauseKind, Ending, Outcome, Place};
use crate::time::SimDuration;

/// The callee is done with an attempt; the answer, if there is one, goes out.
pub(crate) fn let_go<O: Observer>(cx: &mut Cx<'_, O>, ix: AttemptIx, ending: Option<Ending>) {
    cx.events.cancel(cx.attempts.take_alarm(ix));
    give_back(cx, ix, ending.map_or(Outcome::Cancelled, Ending::outcome));
    if let Some(ending) = ending {
        cx.attempts[ix].let_go();
        cx.work.push(Handoff::Answer(ix, ending));
    } else {
        cx.attempts.callee_leaves(ix);
    }
}

/// The ending of an operation whose deadline has passed.
pub(crate) fn expired<O: Observer>(cx: &Cx<'_, O>, ix: AttemptIx) -> Ending {
    let attempt = &cx.attempts[ix];
    let place = Place::Operation(cx.targets[attempt.site]);
    let kind = if attempt.stage == Stage::Waiting {
        CauseKind::InQueue
    } else {
        CauseKind::AtWork
    };
    Ending::new(Outcome::TimeoutDeadline, place, Cause { place, kind })
}

/// An operation that never ran is given up. One whose deadline has passed says so.
pub(crate) fn drop_waiting<O: Observer>(cx: &mut Cx<'_, O>, ix: AttemptIx, reason: DropReason) {
    let attempt = &mut cx.attempts[ix];
    attempt.clock = Stopwatch::ZERO;
    let (number, operation, instance) =
        (attempt.number, cx.targets[attempt.site], attempt.instance);
    let (held, lost_race) = (SimDuration::ZERO, attempt.lost_race());
    cx.tell(&Fact::OperationDropped {
        attempt: number,
        operation,
        instance,
        reason,
        held,
        running: false,
        lost_race,
    });
    let ending = (reason == DropReason::Expired).then(|| expired(cx, ix));
    let_go(cx, ix, ending);
}

/// An operation is turned away that has not begun.
#[inline(never)]
pub(crate) fn reject<O: Observer>(cx: &mut Cx<'_, O>, ix: AttemptIx, outcome: Outcome) {
    reject_newcomer(cx, ix, outcome);
}

/// As [`reject`], compiled into the place where newcomers find the room full.
#[expect(clippy::inline_always, reason = "most are turned away in one place")]
#[inline(always)]
pub(crate) fn reject_newcomer<O: Observer>(cx: &mut Cx<'_, O>, ix: AttemptIx, outcome: Outcome) {
    let attempt = &mut cx.attempts[ix];
    attempt.clock.stop(cx.now);
    let waited = attempt.clock.sum();
    attempt.clock = Stopwatch::ZERO;
    let operation = cx.targets[attempt.site];
    cx.observer.on_fact(
        cx.now,
        &Fact::OperationRejected {
            attempt: attempt.number,
            operation,
            instance: attempt.instance,
            outcome,
            waited,
        },
    );
    let ending = Ending::here(outcome, Place::Operation(operation));
    if attempt
        .flags
        .has_either(AttemptFlag::HasAlarm, AttemptFlag::Admitted)
    {
        return let_go(cx, ix, Some(ending));
    }
    attempt.let_go();
    cx.work.push(Handoff::Answer(ix, ending));
}

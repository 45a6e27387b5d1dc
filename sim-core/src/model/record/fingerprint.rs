//! A fact as words for the digest.
//!
//! What follows from the settings and from the facts that are mixed in is not mixed in as well: which
//! settings made a wait so long or stopped a pass, how long a pass had waited, how long a breaker is
//! to stay open, and the facts that say no more than such things. They may grow without changing a
//! digest.
//!
//! Every fact begins with a word that holds its tag in the top byte, then come its numbers, packed
//! two to a word, in the order of the fields in [`Fact`]; the instant is the last word. Words are
//! mixed in two at a time, an odd last one with a zero: the tag says how many there are. Tags are
//! never given twice and never change. Any change here changes every digest.

use crate::model::fact::{BreakerState, DropReason, Fact, RetryStop, Why};
use crate::observe::Digest;
use crate::time::SimTime;

/// Mixes a fact into the digest.
#[expect(
    clippy::inline_always,
    reason = "the kind of fact is known where it is told"
)]
#[inline(always)]
pub(super) fn mix_fact(digest: &mut Digest, now: SimTime, fact: &Fact) {
    if follows_from_others(fact) {
        return;
    }
    mix_words(digest, now, fact);
    digest.fact_mixed(now);
}

const fn follows_from_others(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::EffectRepeated { .. }
            | Fact::KeyForgotten { .. }
            | Fact::LayerLetIn { .. }
            | Fact::LayerDetail { .. }
    )
}

/// A tag in the top byte, and 56 bits of numbers below.
const fn head(tag: u64, rest: u64) -> u64 {
    tag << 56 | rest
}

/// Two 32-bit numbers.
const fn pair(high: u32, low: u32) -> u64 {
    (high as u64) << 32 | low as u64
}

#[expect(clippy::inline_always, reason = "the words of a fact are in registers")]
#[inline(always)]
fn mix<const N: usize>(digest: &mut Digest, words: [u64; N]) {
    for pair in words.chunks(2) {
        digest.mix_pair(pair[0], pair.get(1).copied().unwrap_or(0));
    }
}

#[expect(clippy::too_many_lines, reason = "one arm per kind of fact")]
#[expect(
    clippy::inline_always,
    reason = "the kind of fact is known where it is told"
)]
#[inline(always)]
fn mix_words(digest: &mut Digest, now: SimTime, fact: &Fact) {
    let at = now.as_ns();
    match *fact {
        Fact::CallStarted {
            call,
            site,
            process,
            parent,
            class,
            tenant,
        } => {
            mix(
                digest,
                [
                    head(1, labels(class, tenant)),
                    pair(call, site.0),
                    pair(process.0, parent),
                    at,
                ],
            );
        }
        Fact::CallEnded {
            call,
            site,
            started_at,
            attempts,
            class,
            tenant,
            ending,
        } => {
            mix(
                digest,
                [
                    head(2, labels(class, tenant)),
                    pair(call, site.0),
                    started_at.as_ns(),
                    u64::from(attempts),
                    ending.to_bits(),
                    at,
                ],
            );
        }
        Fact::LayerStopped {
            call,
            layer,
            outcome,
            by: _,
        } => {
            mix(digest, [head(3, outcome as u64), pair(call, layer.0), at]);
        }
        Fact::LayerWaits { call, layer, by: _ } => {
            mix(digest, [head(4, 0), pair(call, layer.0), at]);
        }
        Fact::TimedOut {
            call,
            layer,
            connect: _,
        } => mix(digest, [head(5, 0), pair(call, layer.0), at]),
        Fact::RetryPlanned {
            call,
            layer,
            passes,
            delay,
            by: _,
        } => {
            mix(
                digest,
                [
                    head(6, u64::from(passes)),
                    pair(call, layer.0),
                    delay.as_ns(),
                    at,
                ],
            );
        }
        Fact::RetryStopped {
            call,
            layer,
            passes,
            reason,
        } => {
            let why = stop_code(reason) << 32;
            mix(
                digest,
                [head(7, why | u64::from(passes)), pair(call, layer.0), at],
            );
        }
        Fact::BudgetAsked {
            call,
            layer,
            budget,
            granted,
            left,
            by_floor: _,
        } => {
            let answer = u64::from(granted) << 32 | u64::from(budget.0);
            mix(
                digest,
                [head(31, answer), pair(call, layer.0), u64::from(left), at],
            );
        }
        Fact::FallbackUsed {
            call,
            layer,
            instead_of,
        } => {
            mix(
                digest,
                [head(8, instead_of as u64), pair(call, layer.0), at],
            );
        }
        Fact::BreakerChanged {
            layer,
            process,
            instance,
            from,
            to,
            at,
            why,
            failures,
            results,
            wait: _,
            by: _,
        } => {
            let states = why_code(why) << 16 | state_code(from) << 8 | state_code(to);
            mix(
                digest,
                [
                    head(9, states),
                    pair(layer.0, process.0),
                    instance.map_or(0, |id| u64::from(id.0) + 1),
                    pair(failures, results),
                    at.as_ns(),
                ],
            );
        }
        Fact::AttemptSent {
            attempt,
            call,
            site,
            instance,
            number,
            original,
        } => {
            let how = u64::from(original) << 32 | u64::from(number);
            mix(
                digest,
                [
                    head(10, how),
                    pair(attempt, call),
                    pair(site.0, instance.0),
                    at,
                ],
            );
        }
        Fact::AttemptEnded {
            attempt,
            call,
            site,
            instance,
            sent_at,
            answered,
            ending,
        } => {
            mix(
                digest,
                [
                    head(11, u64::from(answered)),
                    pair(attempt, call),
                    pair(site.0, instance.0),
                    sent_at.as_ns(),
                    ending.to_bits(),
                    at,
                ],
            );
        }
        Fact::MessageLost {
            attempt,
            site,
            answer,
        } => {
            mix(
                digest,
                [head(12, u64::from(answer)), pair(attempt, site.0), at],
            );
        }
        Fact::OperationArrived {
            attempt,
            operation,
            instance,
        } => {
            mix(
                digest,
                [
                    head(13, u64::from(operation.0)),
                    pair(attempt, instance.0),
                    at,
                ],
            );
        }
        Fact::OperationRejected {
            attempt,
            operation,
            instance,
            outcome,
            waited,
        } => {
            let what = (outcome as u64) << 32 | u64::from(operation.0);
            mix(
                digest,
                [
                    head(14, what),
                    pair(attempt, instance.0),
                    waited.as_ns(),
                    at,
                ],
            );
        }
        Fact::OperationStarted {
            attempt,
            operation,
            instance,
            waited,
        } => {
            mix(
                digest,
                [
                    head(15, u64::from(operation.0)),
                    pair(attempt, instance.0),
                    waited.as_ns(),
                    at,
                ],
            );
        }
        Fact::OperationFinished {
            attempt,
            operation,
            instance,
            outcome,
            held,
        } => {
            let what = (outcome as u64) << 32 | u64::from(operation.0);
            mix(
                digest,
                [head(16, what), pair(attempt, instance.0), held.as_ns(), at],
            );
        }
        Fact::OperationDropped {
            attempt,
            operation,
            instance,
            reason,
            held,
            running,
            lost_race,
        } => {
            let flags = u64::from(lost_race) << 41 | u64::from(running) << 40;
            let what = flags | drop_code(reason) << 32 | u64::from(operation.0);
            mix(
                digest,
                [head(17, what), pair(attempt, instance.0), held.as_ns(), at],
            );
        }
        Fact::OperationLost {
            attempt,
            operation,
            instance,
            held,
            running,
        } => {
            let what = u64::from(running) << 32 | u64::from(operation.0);
            mix(
                digest,
                [head(18, what), pair(attempt, instance.0), held.as_ns(), at],
            );
        }
        Fact::AnswerUnwanted {
            attempt,
            operation,
            instance,
            held,
            lost_race,
        } => {
            mix(
                digest,
                [
                    head(19, u64::from(lost_race) << 32 | u64::from(operation.0)),
                    pair(attempt, instance.0),
                    held.as_ns(),
                    at,
                ],
            );
        }
        Fact::KeyMatched {
            attempt,
            operation,
            instance,
            answer,
        } => {
            let what = (answer as u64) << 32 | u64::from(operation.0);
            mix(digest, [head(32, what), pair(attempt, instance.0), at]);
        }
        Fact::EffectRepeated { .. }
        | Fact::KeyForgotten { .. }
        | Fact::LayerLetIn { .. }
        | Fact::LayerDetail { .. } => {}
        Fact::ThreadTaken { attempt, instance } => {
            mix(digest, [head(25, 0), pair(attempt, instance.0), at]);
        }
        Fact::ThreadReturned { attempt, instance } => {
            mix(digest, [head(26, 0), pair(attempt, instance.0), at]);
        }
        Fact::FaultStarted { fault } => mix(digest, [head(20, u64::from(fault.0)), at]),
        Fact::FaultEnded { fault } => mix(digest, [head(21, u64::from(fault.0)), at]),
        Fact::FallbackAged { call, layer, age } => {
            mix(digest, [head(36, 0), pair(call, layer.0), age.as_ns(), at]);
        }
        Fact::FallbackMissing { call, layer, age } => {
            let was_there = u64::from(age.is_some());
            let age = age.unwrap_or_default();
            mix(
                digest,
                [head(33, was_there), pair(call, layer.0), age.as_ns(), at],
            );
        }
        Fact::FallbackCalled {
            call,
            layer,
            instead_of,
            other,
        } => {
            let what = [
                head(34, instead_of as u64),
                pair(call, layer.0),
                u64::from(other),
                at,
            ];
            mix(digest, what);
        }
        Fact::FallbackFailed {
            call,
            layer,
            outcome,
        } => mix(digest, [head(35, outcome as u64), pair(call, layer.0), at]),
        Fact::HedgeSent { call, layer, pass } => {
            mix(
                digest,
                [head(29, 0), pair(call, layer.0), u64::from(pass), at],
            );
        }
        Fact::HedgeDecided {
            call,
            layer,
            winner,
            passes,
            lost,
        } => {
            mix(
                digest,
                [
                    head(30, u64::from(lost)),
                    pair(call, layer.0),
                    pair(winner, passes),
                    at,
                ],
            );
        }
        Fact::FaultStruck { fault, instance } => {
            let whom = u64::from(fault.0) << 32 | u64::from(instance.0);
            mix(digest, [head(27, whom), at]);
        }
        Fact::FaultLifted { fault, instance } => {
            let whom = u64::from(fault.0) << 32 | u64::from(instance.0);
            mix(digest, [head(28, whom), at]);
        }
        Fact::InstanceDown { instance } => mix(digest, [head(22, u64::from(instance.0)), at]),
        Fact::InstanceUp { instance } => mix(digest, [head(23, u64::from(instance.0)), at]),
        Fact::RotationChanged {
            instance,
            in_rotation,
        } => {
            mix(
                digest,
                [
                    head(24, u64::from(in_rotation) << 32 | u64::from(instance.0)),
                    at,
                ],
            );
        }
    }
}

const fn labels(class: u16, tenant: u16) -> u64 {
    (class as u64) << 16 | tenant as u64
}

/// The two ways to be out of time share a code: the time that has passed tells them apart.
const fn stop_code(reason: RetryStop) -> u64 {
    match reason {
        RetryStop::AttemptsUsedUp => 0,
        RetryStop::NotRetryable => 1,
        RetryStop::ElapsedTooLong | RetryStop::WaitTooLong => 2,
        RetryStop::NotIdempotent => 3,
        RetryStop::Budget => 4,
        RetryStop::Pushback => 5,
    }
}

const fn drop_code(reason: DropReason) -> u64 {
    match reason {
        DropReason::Skipped => 0,
        DropReason::Removed => 1,
        DropReason::Stopped => 2,
        DropReason::Expired => 3,
    }
}

/// The ways to change that have always been there share a code.
const fn why_code(why: Why) -> u64 {
    match why {
        Why::FailureRate | Why::Run | Why::ProbeFailed | Why::ProbesSucceeded | Why::WaitOver => 0,
        Why::SlowRate => 1,
        Why::Failures => 2,
        Why::Expression => 3,
        Why::ProbesTooLong => 4,
        Why::Unsaid => 5,
        Why::LateSuccess => 6,
    }
}

const fn state_code(state: BreakerState) -> u64 {
    match state {
        BreakerState::Closed => 0,
        BreakerState::Open => 1,
        BreakerState::HalfOpen => 2,
    }
}

//! A fact as words for the digest.
//!
//! What follows from the settings and from the facts that are mixed in is not mixed in as well: where
//! an attempt went that was sent before, how long an operation was held that started before, which
//! settings made a wait so long or stopped a pass, and the facts that say no more than such things.
//! They may grow without changing a digest.
//!
//! Every fact begins with a word that holds its tag in the top byte and whose fact it is, a call's or
//! an attempt's; a second word, if there is one, says what only this fact knows. The two and the
//! instant go in with one step, since the second is spread over the instant; few facts have two more
//! words. The tag says how many there are. Tags are never given twice and never change. Any change
//! of a row's words changes every digest.

use super::values::{
    BreakerState, DeedDone, DeedUndone, DropReason, Ending, HealthVerdict, KeyAnswer, Mark,
    RetryStop, StopWhy, Then, Why,
};
use crate::id::{
    AdmissionId, BudgetId, CheckId, EffectId, FaultId, Id, InstanceId, InvariantId, KeptId,
    LayerId, OperationId, ProcessId, QueueId, SagaId, SiteId,
};
use crate::keeping::queue::{HandoutFailure, MessageEnd};
use crate::keeping::{SagaCallEnd, SagaEnd};
use crate::observe::Digest;
use crate::policy::Outcome;
use crate::policy::eject::{EjectBack, EjectWhy};
use crate::time::{SimDuration, SimTime};

/// A field as a number.
pub(super) trait Word: Copy {
    fn word(self) -> u64;
}

/// A field as a word.
#[inline]
pub(super) fn word(field: impl Word) -> u64 {
    field.word()
}

/// Two fields of at most 32 bits as one word.
#[inline]
pub(super) fn pair(high: impl Word, low: impl Word) -> u64 {
    let (high, low) = (high.word(), low.word());
    debug_assert!(high >> 32 == 0 && low >> 32 == 0);
    high << 32 | low
}

/// The first word: a tag in the top byte, and 56 bits of numbers below.
#[inline]
pub(super) const fn head(tag: u8, rest: u64) -> u64 {
    debug_assert!(rest >> 56 == 0);
    (tag as u64) << 56 | rest
}

/// A class and a tenant.
#[inline]
pub(super) fn labels(class: u16, tenant: u16) -> u64 {
    u64::from(class) << 16 | u64::from(tenant)
}

/// A change of a breaker's state.
#[inline]
pub(super) const fn change(why: Why, from: BreakerState, to: BreakerState) -> u64 {
    why_code(why) << 16 | state_code(from) << 8 | state_code(to)
}

/// How an operation was given up.
#[inline]
pub(super) fn drop_code(reason: DropReason, running: bool, lost_race: bool) -> u64 {
    let reason = match reason {
        DropReason::Skipped => 0,
        DropReason::Removed => 1,
        DropReason::Stopped => 2,
        DropReason::Expired => 3,
    };
    u64::from(lost_race) << 9 | u64::from(running) << 8 | reason
}

/// A mark of an instance, and whether something holds. `dead` is 0: it has always been there.
#[inline]
pub(super) fn rotation(holds: bool, mark: Mark, instance: InstanceId) -> u64 {
    (u64::from(mark.code()) << 1 | u64::from(holds)) << 32 | u64::from(instance.0)
}

/// Why an instance is told to stop, and what is to follow.
#[inline]
pub(super) const fn stopping(then: Then, why: StopWhy) -> u64 {
    (then as u64) << 8 | why as u64
}

/// Spreads a second word over the bits of an instant: odd, so that no two words become one.
const SPREAD: u64 = 0xd6e8_feb8_6659_fd93;

/// Mixes a fact in: its words, of which the second goes in together with the instant.
#[expect(clippy::inline_always, reason = "the words of a fact are in registers")]
#[inline(always)]
pub(super) fn mix<const N: usize>(digest: &mut Digest, now: SimTime, words: [u64; N]) {
    let mut pairs = words.chunks(2);
    if let Some(pair) = pairs.next() {
        let second = second_of(pair).wrapping_mul(SPREAD);
        digest.mix_pair(pair[0], now.as_ns() ^ second);
    }
    for pair in pairs {
        digest.mix_pair(pair[0], second_of(pair));
    }
    digest.fact_mixed(now);
}

/// The second word of two, or zero.
#[inline]
fn second_of(pair: &[u64]) -> u64 {
    pair.get(1).copied().unwrap_or(0)
}

/// Whether no two facts have the same tag; 0 is none.
pub(super) const fn are_distinct(tags: &[u8]) -> bool {
    let mut seen = [false; 256];
    let mut place = 0;
    while place < tags.len() {
        let tag = tags[place] as usize;
        if tag > 0 && seen[tag] {
            return false;
        }
        seen[tag] = true;
        place += 1;
    }
    true
}

/// Fields that are numbers.
macro_rules! numbers {
    ($($type:ty: $field:ident => $number:expr,)*) => {$(
        impl Word for $type {
            #[inline]
            fn word(self) -> u64 {
                let $field = self;
                $number
            }
        }
    )*};
}

numbers! {
    u64: number => number,
    u32: number => u64::from(number),
    bool: flag => u64::from(flag),
    SimTime: at => at.as_ns(),
    SimDuration: span => span.as_ns(),
    Outcome: outcome => outcome as u64,
    KeyAnswer: answer => answer as u64,
    DeedDone: how => how as u64,
    DeedUndone: how => how as u64,
    SagaCallEnd: how => how as u64,
    SagaEnd: how => how as u64,
    SagaId: id => u64::from(id.0),
    EffectId: id => u64::from(id.0),
    InvariantId: id => u64::from(id.0),
    EjectWhy: why => why as u64,
    EjectBack: by => by as u64,
    RetryStop: reason => stop_code(reason),
    Ending: ending => ending.to_bits(),
    AdmissionId: id => u64::from(id.0),
    Option<HealthVerdict>: verdict => verdict.map_or(0, |it| 1 + it as u64),
    BudgetId: id => u64::from(id.0),
    CheckId: id => u64::from(id.0),
    FaultId: id => u64::from(id.0),
    InstanceId: id => u64::from(id.0),
    KeptId: id => u64::from(id.0),
    QueueId: id => u64::from(id.0),
    HandoutFailure: why => why as u64,
    MessageEnd: how => how as u64,
    LayerId: id => u64::from(id.0),
    OperationId: id => u64::from(id.0),
    ProcessId: id => u64::from(id.0),
    SiteId: id => u64::from(id.0),
}

/// Nobody is 0, the others come after.
impl<T: Id + Word> Word for Option<T> {
    #[inline]
    fn word(self) -> u64 {
        self.map_or(0, |id| id.word() + 1)
    }
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

/// The ways to change that have always been there share a code.
const fn why_code(why: Why) -> u64 {
    match why {
        Why::FailureRate | Why::Run | Why::ProbeFailed | Why::ProbesSucceeded | Why::WaitOver => 0,
        Why::SlowRate => 1,
        Why::Failures => 2,
        Why::Expression => 3,
        Why::ProbesTooLong => 4,
        Why::Ignored => 5,
        Why::LateSuccess => 6,
        Why::CheckFailed => 7,
        Why::CheckPassed => 8,
        Why::Replaced => 9,
    }
}

const fn state_code(state: BreakerState) -> u64 {
    match state {
        BreakerState::Closed => 0,
        BreakerState::Open => 1,
        BreakerState::HalfOpen => 2,
    }
}

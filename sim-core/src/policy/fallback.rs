//! Fallback: answers in the place of a failure; the outcome is `degraded`.
//!
//! A shop whose recommendations are down can still sell: it shows a list that never changes, or the
//! last one it got. The caller gets something to work with, and the report still tells it from the
//! full answer.
//!
//! The rule: a result whose outcome is in `on` is replaced, everything else goes through. The result
//! is `degraded`, which is useful (rule 28), and travels up: an operation with a degraded part
//! answers `degraded` itself (rule 12). The answers:
//!
//! - [`FallbackAnswer::Static`] is fixed, takes no time, and cannot fail.
//! - [`FallbackAnswer::Cached`] is the last full answer that went through this layer, for the same
//!   operation ([`LastGood`], one for each owner). One that is older than `max_age` is not given, and
//!   before the first there is none: then the failure goes out. There is one value for an operation,
//!   as if all its calls asked for the same thing, so ages are at their best. It takes no time.
//! - [`FallbackAnswer::Call`] is what another operation answers, called by the same process under a
//!   policy of its own; timeouts around the fallback go on meanwhile, and whoever gives it up gives
//!   that call up too. If it is not useful, its outcome goes out (Polly and resilience4j; Hystrix
//!   reports both), and the failure that it stood in for is forgotten. A recorded log has nobody to
//!   call: there the failure goes out.
//!
//! Where the layer stands decides what it answers for: outside a retry for the last failure, inside
//! for each, so that nothing is ever retried. `enabled: false` lets everything through: a toggle that
//! a `change` can turn.
//!
//! Sources: Hystrix `getFallback`, Polly `Fallback`, resilience4j `recover`; `stale-if-error` of RFC
//! 5861 for cached answers. Rejected: a fallback that counts as `ok` (it hides the outage from every
//! figure), one that answers for `cancelled` (nobody waits for it), and one that keeps degraded
//! answers (they would grow older each time they are given).

use crate::policy::{Outcome, OutcomeSet};
use crate::time::{SimDuration, SimTime};

/// A fallback layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FallbackConfig {
    /// Outcomes that it answers in the place of.
    pub on: OutcomeSet,
    /// What it answers; default [`FallbackAnswer::Static`].
    pub answer: FallbackAnswer,
    /// Whether it answers at all; default yes.
    pub enabled: bool,
}

/// What a fallback answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FallbackAnswer {
    /// A fixed default, at once.
    Static,
    /// The last full answer.
    Cached {
        /// How old it may be; default: as old as it is.
        max_age: SimDuration,
    },
    /// What another operation answers.
    Call,
}

/// What a fallback makes of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FallbackDecision {
    /// It goes through.
    LetOut,
    /// A fixed answer goes out in its place.
    Answer,
    /// The last full answer, this old, goes out in its place.
    AnswerKept(SimDuration),
    /// Another operation is called, and what it answers goes out in its place.
    Call,
    /// There is no answer, or it is too old, this much: the failure goes out.
    Missing(Option<SimDuration>),
}

impl FallbackConfig {
    /// What becomes of a result; `age` says how old the last full answer is.
    ///
    /// ```
    /// use sim_core::policy::{
    ///     FallbackAnswer, FallbackConfig, FallbackDecision, LastGood, Outcome, OutcomeSet,
    /// };
    /// use sim_core::time::{SimDuration, SimTime};
    ///
    /// let max_age = SimDuration::from_secs(30);
    /// let config = FallbackConfig {
    ///     on: OutcomeSet::failures(),
    ///     answer: FallbackAnswer::Cached { max_age },
    ///     enabled: true,
    /// };
    /// let mut last = LastGood::default();
    /// let price = 0;
    /// last.keep(price, SimTime::ZERO);
    /// let now = SimTime::ZERO + SimDuration::from_secs(12);
    /// let decision = config.decide(Outcome::TimeoutResponse, || last.age(price, now));
    /// assert_eq!(decision, FallbackDecision::AnswerKept(SimDuration::from_secs(12)));
    /// ```
    pub fn decide(
        &self,
        outcome: Outcome,
        age: impl FnOnce() -> Option<SimDuration>,
    ) -> FallbackDecision {
        if !self.enabled || !self.on.contains(outcome) {
            return FallbackDecision::LetOut;
        }
        match self.answer {
            FallbackAnswer::Static => FallbackDecision::Answer,
            FallbackAnswer::Call => FallbackDecision::Call,
            FallbackAnswer::Cached { max_age } => match age() {
                Some(age) if age <= max_age => FallbackDecision::AnswerKept(age),
                too_old_or_none => FallbackDecision::Missing(too_old_or_none),
            },
        }
    }

    /// Whether full answers are to be kept.
    pub fn keeps(&self) -> bool {
        matches!(self.answer, FallbackAnswer::Cached { .. })
    }
}

/// When the last full answer of each operation came in, for one owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastGood(Vec<(u32, SimTime)>);

impl LastGood {
    /// A full answer of this operation came in.
    pub fn keep(&mut self, operation: u32, now: SimTime) {
        match self.0.iter_mut().find(|kept| kept.0 == operation) {
            Some(kept) => kept.1 = now,
            None => self.0.push((operation, now)),
        }
    }

    /// How old the last full answer of this operation is; `None` before the first.
    pub fn age(&self, operation: u32, now: SimTime) -> Option<SimDuration> {
        let kept = self.0.iter().find(|kept| kept.0 == operation)?;
        Some(now.since(kept.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILS: Outcome = Outcome::TimeoutResponse;

    fn seconds(s: u64) -> SimDuration {
        SimDuration::from_secs(s)
    }

    fn becomes(
        answer: FallbackAnswer,
        enabled: bool,
        outcome: Outcome,
        age: Option<u64>,
    ) -> FallbackDecision {
        let config = FallbackConfig {
            on: OutcomeSet::failures(),
            answer,
            enabled,
        };
        config.decide(outcome, || age.map(seconds))
    }

    #[test]
    fn what_becomes_of_a_result() {
        use FallbackDecision::{Answer, Call, LetOut};
        let (fixed, call) = (FallbackAnswer::Static, FallbackAnswer::Call);
        for (title, answer, enabled, outcome, expected) in [
            (
                "a good result goes through",
                fixed,
                true,
                Outcome::Ok,
                LetOut,
            ),
            ("a failure is answered", fixed, true, FAILS, Answer),
            ("or somebody else is asked", call, true, FAILS, Call),
            ("turned off, it is not", fixed, false, FAILS, LetOut),
            (
                "the caller's mistake",
                fixed,
                true,
                Outcome::ErrorInvalid,
                LetOut,
            ),
        ] {
            assert_eq!(becomes(answer, enabled, outcome, None), expected, "{title}");
        }
    }

    #[test]
    fn a_kept_answer_has_an_age() {
        use FallbackDecision::{AnswerKept, LetOut, Missing};
        let max_age = seconds(30);
        for (title, enabled, age, expected) in [
            ("nothing was kept yet", true, None, Missing(None)),
            ("it was", true, Some(12), AnswerKept(seconds(12))),
            ("just young enough", true, Some(30), AnswerKept(max_age)),
            ("too old", true, Some(31), Missing(Some(seconds(31)))),
            ("turned off", false, Some(12), LetOut),
        ] {
            let cached = FallbackAnswer::Cached { max_age };
            assert_eq!(becomes(cached, enabled, FAILS, age), expected, "{title}");
        }
    }

    #[test]
    fn each_operation_has_an_answer_of_its_own() {
        let at = |s| SimTime::ZERO + SimDuration::from_secs(s);
        let mut last = LastGood::default();
        last.keep(1, at(5));
        last.keep(2, at(6));
        last.keep(1, at(8));
        assert_eq!(last.age(1, at(10)), Some(SimDuration::from_secs(2)));
        assert_eq!(last.age(2, at(10)), Some(SimDuration::from_secs(4)));
        assert_eq!(last.age(3, at(10)), None);
    }
}

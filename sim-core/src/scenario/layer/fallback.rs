//! `fallback`: answers in the place of a failure.
//!
//! One that calls another operation may do so under a policy, which holds layers as well: what a
//! policy is (`P`) is for the list of layers to say.

use super::outcomes::OutcomesFile;
use crate::policy::{FallbackAnswer, FallbackConfig, Outcome, OutcomeSet};
use crate::scenario::read::{At, Limit, file_enum, file_map};
use crate::scenario::value::Reference;
use crate::time::SimDuration;

file_map! {
    /// Answers in the place of a failure; the outcome is `degraded`. After a negative answer, if `on`
    /// names it, the outcome is that of the call made instead: a miss that the database answers is no
    /// failure.
    FallbackFile<P> {
        /// What it answers in the place of: by default everything that is not useful but
        /// `cancelled`, for which nobody waits (Polly too; the rest is own choice, as Hystrix falls
        /// back on every failure).
        on: OutcomesFile, optional;
        /// What it answers.
        answer: AnswerFile<P>, default "static";
        /// Whether it answers at all; a `change` can turn it on or off during a run.
        enabled: bool, default "true";
    }
}

file_enum! {
    /// What a fallback answers.
    AnswerFile<P> {
        /// A fixed default, at once.
        r#static = Static;
        /// The last full answer to the same operation that this process got through this layer; the
        /// failure goes out before the first, and when it is too old.
        cached = Cached(CachedFile);
        /// What another operation answers, called by the same process; if that fails too, its
        /// outcome goes out.
        call = Call(FallbackCallFile<P>);
    }
}

file_map! {
    /// Another operation, asked in the place of the one that failed.
    FallbackCallFile<P> short to {
        /// What is called: `service.operation`.
        to: At<Reference>, required;
        /// The policy around that call; without one, it waits for ever.
        policy: P, optional;
    }
}

file_map! {
    /// The last full answer.
    CachedFile {
        /// How old it may be when it is given (`stale-if-error` of RFC 5861).
        max_age: Limit<SimDuration>, default "unlimited";
    }
}

impl<P> FallbackFile<P> {
    /// What it means; what it calls is looked up when all policies are known.
    pub(super) fn config(&self) -> FallbackConfig {
        let everything_else = || OutcomeSet::failed().minus(OutcomeSet::of(&[Outcome::Cancelled]));
        FallbackConfig {
            on: self.on.map_or_else(everything_else, |on| on.0),
            answer: match &self.answer {
                AnswerFile::Static => FallbackAnswer::Static,
                AnswerFile::Cached(it) => FallbackAnswer::Cached {
                    max_age: it.max_age.or_forever(),
                },
                AnswerFile::Call(_) => FallbackAnswer::Call,
            },
            enabled: self.enabled,
        }
    }

    /// What it calls, if it does.
    pub(in crate::scenario) fn call(&self) -> Option<&FallbackCallFile<P>> {
        match &self.answer {
            AnswerFile::Call(call) => Some(call),
            AnswerFile::Static | AnswerFile::Cached(_) => None,
        }
    }
}

//! From what was written to a checked configuration.

use super::backoff::{default_jitter, misfit};
use super::file::{
    BackoffAfterFile, CapFile, NonIdempotentFile, OvershootFile, RetryAfterFile, RetryFile,
};
use crate::policy::{
    Backoff, BackoffAfter, Cap, Grain, Jitter, NonIdempotent, OutcomeSet, Overshoot, RetryAfter,
    RetryConfig,
};
use crate::scenario::budget::Budgets;
use crate::scenario::diagnostic::{Diagnostic, Diagnostics};
use crate::scenario::like::tries_taken;
use crate::scenario::read::At;

/// Passes in all where nothing is said.
const ATTEMPTS: u32 = 3;

impl RetryFile {
    /// What it means; `None` after a mistake.
    pub(in crate::scenario::layer) fn config(
        at: &At<Self>,
        budgets: &mut Budgets,
        found: &mut Diagnostics,
    ) -> Option<RetryConfig> {
        let file = &at.value;
        debug_assert!(file.like.is_none() || file.backoff.is_some());
        let backoff = match &file.backoff {
            None => Backoff::None,
            Some(backoff) => backoff.config(found)?,
        };
        let jitter = file.jitter(&backoff, found);
        let after = match &file.backoff_after {
            None => None,
            Some(after) => Some(after.config(at, jitter, found)?),
        };
        let cap = cap(&file.cap, jitter, found);
        let on = file.on.map_or_else(OutcomeSet::retryable, |on| on.0);
        let not_on = file.not_on.map_or(OutcomeSet::EMPTY, |not_on| not_on.0);
        file.check_overshoot(found);
        let budget = budgets.asked(file.budget.as_ref(), found).ok()?;
        Some(RetryConfig {
            max_attempts: Self::attempts(at, found)?,
            backoff,
            after,
            jitter,
            on: on.minus(not_on),
            cap,
            min_wait: file.min_wait,
            grain: if file.whole_milliseconds {
                Grain::Milliseconds
            } else {
                Grain::Exact
            },
            first_at_once: file.first_at_once,
            retry_after: retry_after(&file.retry_after, jitter, found),
            max_elapsed: file.max_elapsed.value.or_forever(),
            overshoot: match file.overshoot {
                OvershootFile::Allow => Overshoot::Allow,
                OvershootFile::Refuse => Overshoot::Refuse,
            },
            non_idempotent: match file.non_idempotent {
                NonIdempotentFile::Retry => NonIdempotent::Retry,
                NonIdempotentFile::Skip => NonIdempotent::Skip,
            },
            other_instance: file.other_instance,
            budget,
        })
    }

    /// Passes in all, in whichever way they were counted.
    fn attempts(at: &At<Self>, found: &mut Diagnostics) -> Option<u32> {
        let asked = Self::asked_attempts(at, found)?;
        let like = at.value.like.as_ref().map_or("", |it| it.value.0);
        let does = |most| format!("makes up to {most} attempts");
        Some(tries_taken(asked, at, (like, "max_attempts"), does, found))
    }

    fn asked_attempts(at: &At<Self>, found: &mut Diagnostics) -> Option<u32> {
        match (&at.value.max_attempts, &at.value.max_retries) {
            (None, None) => Some(ATTEMPTS),
            (Some(attempts), None) => Some(attempts.or_any()),
            (None, Some(retries)) => Some(retries.0.map_or(u32::MAX, |count| count.get() + 1)),
            (Some(_), Some(_)) => {
                let message = format!(
                    "`{}` has both `max_attempts` (the first try included) and `max_retries` \
                     (without it), but one of them says it",
                    at.path
                );
                found.error("bad-value", at.span, message);
                None
            }
        }
    }

    fn check_overshoot(&self, found: &mut Diagnostics) {
        if self.overshoot == OvershootFile::Refuse && self.max_elapsed.value.0.is_none() {
            let message = format!(
                "`{}` is unlimited, so no wait can end after it and `overshoot: refuse` does \
                 nothing",
                self.max_elapsed.path
            );
            found.error("bad-value", self.max_elapsed.span, message);
        }
    }

    fn jitter(&self, backoff: &Backoff, found: &mut Diagnostics) -> Jitter {
        let Some(at) = &self.jitter else {
            return default_jitter(backoff);
        };
        let jitter = at.value.config();
        if let Some(reason) = misfit(jitter, backoff) {
            let message = format!("`{}`: {reason}", at.path);
            let hint = "another backoff than that of `like` needs a jitter of its own: \
                        `jitter: none`, or `jitter: full`";
            let problem = Diagnostic::error("jitter", at.span, message);
            let hint = self.like.as_ref().map(|_| hint.to_owned());
            found.push(problem.maybe_hint(hint));
        }
        jitter
    }
}

impl BackoffAfterFile {
    /// A backoff of its own after some outcomes, which must be retried, and which the jitter must fit.
    fn config(
        &self,
        at: &At<RetryFile>,
        jitter: Jitter,
        found: &mut Diagnostics,
    ) -> Option<BackoffAfter> {
        let backoff = self.backoff.config(found)?;
        if jitter != Jitter::None
            && let Some(reason) = misfit(jitter, &backoff)
        {
            let message = format!("`{}.backoff_after`: {reason}", at.path);
            found.error("jitter", at.span, message);
        }
        Some(BackoffAfter {
            on: self.on.0,
            backoff,
        })
    }
}

/// A backoff can begin anew only where the jitter has not gone its own way by its number.
fn retry_after(at: &At<RetryAfterFile>, jitter: Jitter, found: &mut Diagnostics) -> RetryAfter {
    match &at.value {
        RetryAfterFile::Ignore => RetryAfter::Ignore,
        RetryAfterFile::Raise(it) => RetryAfter::Raise {
            at_most: it.at_most.or_forever(),
        },
        RetryAfterFile::Replace => RetryAfter::Replace,
        RetryAfterFile::Pushback => {
            if matches!(jitter, Jitter::PollyV2 | Jitter::Cockatiel) {
                let message = format!(
                    "`{}` is pushback, which begins the backoff anew, but this jitter walks \
                     on from retry to retry",
                    at.path
                );
                found.error("jitter", at.span, message);
            }
            RetryAfter::Pushback
        }
    }
}

fn cap(at: &At<CapFile>, jitter: Jitter, found: &mut Diagnostics) -> Cap {
    if jitter.walks() && at.value == CapFile::BeforeJitter {
        let message = format!(
            "`{}` is before_jitter, but this jitter does not spread the wait of the backoff: \
             it walks by itself, and without an upper limit after it for ever",
            at.path
        );
        found.error("jitter", at.span, message);
    }
    match at.value {
        CapFile::Both => Cap::Both,
        CapFile::BeforeJitter => Cap::BeforeJitter,
        CapFile::AfterJitter => Cap::AfterJitter,
    }
}

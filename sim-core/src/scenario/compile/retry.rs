//! The `retry` layer: from what was written to a checked configuration.

use super::Compiler;
use super::layer::unlimited;
use crate::policy::{
    Backoff, BackoffAfter, Cap, Grain, Jitter, NonIdempotent, OutcomeSet, Overshoot, RetryAfter,
    RetryConfig,
};
use crate::scenario::diagnostic::{Diagnostic, Span};
use crate::scenario::file::retry::{
    BackoffAfterFile, BackoffFile, CapFile, ExponentialFile, JitterFile, NonIdempotentFile,
    OvershootFile, RetryAfterFile, RetryFile,
};
use crate::scenario::preset;
use crate::scenario::read::At;
use crate::scenario::value::Count;

/// Passes in all where nothing is said.
const ATTEMPTS: u32 = 3;

impl Compiler<'_> {
    pub(super) fn retry(&mut self, at: &At<RetryFile>) -> Option<RetryConfig> {
        let file = &at.value;
        debug_assert!(file.like.is_none() || file.backoff.is_some());
        let backoff = match &file.backoff {
            None => Backoff::None,
            Some(backoff) => self.backoff(backoff)?,
        };
        let jitter = self.jitter(file, &backoff);
        let after = match &file.backoff_after {
            None => None,
            Some(after) => Some(self.backoff_after(at, after, jitter)?),
        };
        let cap = self.cap(&file.cap, jitter);
        let on = file.on.map_or_else(OutcomeSet::retryable, |on| on.0);
        let not_on = file.not_on.map_or(OutcomeSet::EMPTY, |not_on| not_on.0);
        self.check_overshoot(file);
        let budget = self.budget_of(file.budget.as_ref()).ok()?;
        Some(RetryConfig {
            max_attempts: self.max_attempts(at)?,
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
            retry_after: self.retry_after(&file.retry_after, jitter),
            max_elapsed: unlimited(&file.max_elapsed.value),
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

    /// A backoff of its own after some outcomes, which must be retried, and which the jitter must fit.
    fn backoff_after(
        &mut self,
        at: &At<RetryFile>,
        file: &BackoffAfterFile,
        jitter: Jitter,
    ) -> Option<BackoffAfter> {
        let backoff = self.backoff(&file.backoff)?;
        if jitter != Jitter::None
            && let Some(reason) = misfit(jitter, &backoff)
        {
            let message = format!("`{}.backoff_after`: {reason}", at.path);
            self.error("jitter", at.span, message);
        }
        Some(BackoffAfter {
            on: file.on.0,
            backoff,
        })
    }

    /// Passes in all, in whichever way they were counted.
    fn max_attempts(&mut self, at: &At<RetryFile>) -> Option<u32> {
        let asked = self.asked_attempts(at)?;
        let like = at.value.like.as_ref().map_or("", |it| it.value.0);
        let most = preset::most_tries(like, "max_attempts").unwrap_or(u32::MAX);
        if asked > most {
            self.cut_tries(
                at.span,
                &at.path,
                &format!("makes up to {most} attempts"),
                like,
            );
        }
        Some(asked.min(most))
    }

    /// A library takes no more tries than these, whatever is asked for.
    pub(super) fn cut_tries(&mut self, span: Span, path: &str, most: &str, like: &str) {
        let message = format!("`{path}` (like {like}) asks for more, but {like} {most}");
        let hint = "ask for no more than that, or leave out `like`";
        let found = Diagnostic::warning("attempts-cut", span, message);
        self.found.push(found.hint(hint));
    }

    fn asked_attempts(&mut self, at: &At<RetryFile>) -> Option<u32> {
        match (&at.value.max_attempts, &at.value.max_retries) {
            (None, None) => Some(ATTEMPTS),
            (Some(attempts), None) => Some(attempts.0.map_or(u32::MAX, Count::get)),
            (None, Some(retries)) => Some(retries.0.map_or(u32::MAX, |count| count.get() + 1)),
            (Some(_), Some(_)) => {
                let message = format!(
                    "`{}` has both `max_attempts` (the first try included) and `max_retries` \
                     (without it), but one of them says it",
                    at.path
                );
                self.error("bad-value", at.span, message);
                None
            }
        }
    }

    fn check_overshoot(&mut self, file: &RetryFile) {
        if file.overshoot == OvershootFile::Refuse && file.max_elapsed.value.0.is_none() {
            let message = format!(
                "`{}` is unlimited, so no wait can end after it and `overshoot: refuse` does \
                 nothing",
                file.max_elapsed.path
            );
            self.error("bad-value", file.max_elapsed.span, message);
        }
    }

    /// A backoff can begin anew only where the jitter has not gone its own way by its number.
    fn retry_after(&mut self, at: &At<RetryAfterFile>, jitter: Jitter) -> RetryAfter {
        match &at.value {
            RetryAfterFile::Ignore => RetryAfter::Ignore,
            RetryAfterFile::Raise(it) => RetryAfter::Raise {
                at_most: unlimited(&it.at_most),
            },
            RetryAfterFile::Replace => RetryAfter::Replace,
            RetryAfterFile::Pushback => {
                if matches!(jitter, Jitter::PollyV2 | Jitter::Cockatiel) {
                    let message = format!(
                        "`{}` is pushback, which begins the backoff anew, but this jitter walks \
                         on from retry to retry",
                        at.path
                    );
                    self.error("jitter", at.span, message);
                }
                RetryAfter::Pushback
            }
        }
    }

    fn cap(&mut self, at: &At<CapFile>, jitter: Jitter) -> Cap {
        if jitter.walks() && at.value == CapFile::BeforeJitter {
            let message = format!(
                "`{}` is before_jitter, but this jitter does not spread the wait of the backoff: \
                 it walks by itself, and without an upper limit after it for ever",
                at.path
            );
            self.error("jitter", at.span, message);
        }
        match at.value {
            CapFile::Both => Cap::Both,
            CapFile::BeforeJitter => Cap::BeforeJitter,
            CapFile::AfterJitter => Cap::AfterJitter,
        }
    }

    fn backoff(&mut self, file: &BackoffFile) -> Option<Backoff> {
        Some(match file {
            BackoffFile::None => Backoff::None,
            BackoffFile::Constant(delay) => Backoff::Constant(delay.0.clone()),
            BackoffFile::Linear(it) => Backoff::Linear {
                initial: it.initial,
                step: it.step,
                max: unlimited(&it.max),
            },
            BackoffFile::Exponential(it) => self.exponential(it)?,
            BackoffFile::Fibonacci(it) => Backoff::Fibonacci {
                initial: it.initial,
                max: unlimited(&it.max),
            },
            BackoffFile::List(delays) if delays.value.is_empty() => {
                let message = format!(
                    "`{}` is empty, but it needs at least one delay",
                    delays.path
                );
                self.error("bad-value", delays.span, message);
                return None;
            }
            BackoffFile::List(delays) => {
                Backoff::List(delays.value.iter().map(|delay| delay.0.clone()).collect())
            }
        })
    }

    fn exponential(&mut self, file: &ExponentialFile) -> Option<Backoff> {
        let factor = file.factor.value.get();
        if factor < 1.0 {
            let message = format!(
                "`{}` is {factor}, but it must be at least 1",
                file.factor.path
            );
            self.error("bad-value", file.factor.span, message);
            return None;
        }
        Some(Backoff::Exponential {
            initial: file.initial,
            factor,
            max: unlimited(&file.max),
        })
    }

    fn jitter(&mut self, file: &RetryFile, backoff: &Backoff) -> Jitter {
        let Some(at) = &file.jitter else {
            return default_jitter(backoff);
        };
        let jitter = match &at.value {
            JitterFile::None => Jitter::None,
            JitterFile::Full => Jitter::Full,
            JitterFile::Equal | JitterFile::Half => Jitter::Equal,
            JitterFile::PlusMinus(share) => Jitter::PlusMinus(share.get()),
            JitterFile::Additive(share) => Jitter::Additive(share.get()),
            JitterFile::Decorrelated => Jitter::Decorrelated,
            JitterFile::PollyV2 => Jitter::PollyV2,
            JitterFile::Cockatiel => Jitter::Cockatiel,
            JitterFile::FullMilliseconds | JitterFile::CockatielFull => Jitter::CockatielFull,
            JitterFile::CockatielHalf => Jitter::CockatielHalf,
            JitterFile::Plus(span) => Jitter::Plus(*span),
        };
        if let Some(reason) = misfit(jitter, backoff) {
            let message = format!("`{}`: {reason}", at.path);
            let hint = "another backoff than that of `like` needs a jitter of its own: \
                        `jitter: none`, or `jitter: full`";
            let found = Diagnostic::error("jitter", at.span, message);
            let hint = file.like.as_ref().map(|_| hint.to_owned());
            self.found.push(found.maybe_hint(hint));
        }
        jitter
    }
}

fn default_jitter(backoff: &Backoff) -> Jitter {
    match backoff {
        Backoff::None => Jitter::None,
        Backoff::Constant(_)
        | Backoff::Linear { .. }
        | Backoff::Exponential { .. }
        | Backoff::Fibonacci { .. }
        | Backoff::List(_) => Jitter::Full,
    }
}

/// Why a jitter cannot spread a backoff.
fn misfit(jitter: Jitter, backoff: &Backoff) -> Option<&'static str> {
    let has_initial = matches!(
        backoff,
        Backoff::Exponential { .. } | Backoff::Linear { .. } | Backoff::Fibonacci { .. }
    );
    let doubles = matches!(backoff, Backoff::Exponential { .. });
    match (jitter, backoff) {
        (Jitter::None, _) => None,
        (_, Backoff::None) => Some("jitter spreads a backoff, and there is none"),
        (Jitter::Decorrelated, _) if !has_initial => {
            Some("decorrelated jitter needs `exponential`, `linear` or `fibonacci` backoff")
        }
        (Jitter::PollyV2, _) if !doubles => {
            Some("the jitter `polly_v2` needs `exponential` backoff")
        }
        (Jitter::Cockatiel, _) if !doubles => {
            Some("the jitter `cockatiel` needs `exponential` backoff")
        }
        _ => None,
    }
}

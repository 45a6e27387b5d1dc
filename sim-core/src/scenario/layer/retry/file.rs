//! What is written: how often, for what, and how long to wait.

use super::backoff::{BackoffFile, JitterFile};
use crate::scenario::budget::BudgetRef;
use crate::scenario::layer::outcomes::OutcomesFile;
use crate::scenario::like::library_names;
use crate::scenario::read::{At, Limit, choices, file_enum, file_map};
use crate::scenario::value::Count;
use crate::time::SimDuration;

library_names! {
    /// A library whose retry has a table.
    RetryLike = RETRIES;
}

file_map! {
    /// Tries again.
    RetryFile {
        /// The library whose retry it is like: its settings stand in for the keys that are missing
        /// here.
        like: At<RetryLike>, optional;
        /// Tries in all [count], the first included; 3 unless this or `max_retries` says otherwise
        /// (resilience4j, AWS SDK, Spring Retry). Counted like this by resilience4j, gRPC, AWS SDK
        /// and tenacity.
        max_attempts: Limit<Count<1, 10_000>>, optional;
        /// Tries after the first [count], instead of `max_attempts`. Counted like this by Polly,
        /// Envoy, Istio and Dapr.
        max_retries: Limit<Count<0, 9_999>>, optional;
        /// How long to wait before the next try; without it, not at all (own choice: no library
        /// agrees with another, and a wait should be chosen).
        backoff: BackoffFile, optional;
        /// Another backoff after some outcomes; without it, `backoff` after all. AWS SDK from 2026 on: 1s at first after throttling.
        backoff_after: BackoffAfterFile, optional;
        /// How the wait is spread; `full` unless there is no backoff.
        jitter: At<JitterFile>, optional;
        /// Which side of the jitter the `max` of the backoff stands on.
        cap: At<CapFile>, default "both";
        /// No wait is shorter, not even where the backoff has a lower `max`, and `full` jitter
        /// spreads from here up (tenacity's `min`).
        min_wait: SimDuration, default "0s";
        /// Whether waits are whole milliseconds, rounded down at each step, at least one
        /// (resilience4j).
        whole_milliseconds: bool, default "false";
        /// Whether the second try follows the first at once, whatever the backoff says (urllib3).
        first_at_once: bool, default "false";
        /// What is tried again: by default timeouts, rejections, and errors except `invalid` (as
        /// Microsoft.Extensions.Http.Resilience); resilience4j, Polly.Core and Dapr: `failed`.
        on: OutcomesFile, optional;
        /// What is not, though `on` names it (resilience4j's `ignoreExceptions`).
        not_on: OutcomesFile, implied "[]";
        /// What a service's `retry_after` does to the wait: nothing (resilience4j, Spring Retry,
        /// Dapr), raise it (AWS SDK: by at most 5 s), replace it (Microsoft.Extensions.Http), or
        /// begin the backoff anew as well (gRPC).
        retry_after: At<RetryAfterFile>, default "ignore";
        /// No further try once this much time has passed [duration]; Dapr 15 min.
        max_elapsed: At<Limit<SimDuration>>, default "unlimited";
        /// Whether a wait may end after `max_elapsed` (tenacity `stop_after_delay`), or is not
        /// begun (`stop_before_delay`; Dapr).
        overshoot: OvershootFile, default "allow";
        /// What becomes of an operation that must not be done twice, once its request was sent:
        /// nginx skips it, most libraries do not ask.
        non_idempotent: NonIdempotentFile, default "retry";
        /// Whether instances that were tried are left out while another is left: nginx does, most
        /// others let the balancer choose.
        other_instance: bool, default "false";
        /// Which of `budgets` has to grant each further try, or one of its own (`{ like: envoy }`);
        /// nobody, if absent or `none`. Envoy: 3 at once, AWS SDK: its quota.
        budget: BudgetRef, optional;
        /// Whether it is there at all.
        enabled: bool, default "true";
    }
}

file_map! {
    /// Another backoff after some outcomes; the number of the retry and the jitter are the same.
    BackoffAfterFile {
        /// After which.
        on: OutcomesFile, required;
        /// How long to wait then.
        backoff: BackoffFile, required;
    }
}

choices! {
    /// Which side of the jitter an upper limit stands on.
    CapFile {
        /// Both: neither the wait nor what was spread exceeds it.
        both = Both;
        /// Before: the jitter may exceed it (Dapr).
        before_jitter = BeforeJitter;
        /// After: the whole range is spread, then cut (resilience4j, Polly 8).
        after_jitter = AfterJitter;
    }
}

file_enum! {
    /// What a wish of the callee does to a wait.
    RetryAfterFile {
        /// Nothing.
        ignore = Ignore;
        /// It is the least that is waited.
        raise = Raise(RaiseFile);
        /// It is what is waited, without jitter or limit.
        replace = Replace;
        /// The same, and the backoff begins anew after it; `never` ends the retry (gRPC).
        pushback = Pushback;
    }
}

file_map! {
    /// How far a wish of the callee raises a wait.
    RaiseFile {
        /// By at most so much [duration]; AWS SDK 5 s.
        at_most: Limit<SimDuration>, default "unlimited";
    }
}

choices! {
    /// Whether a wait may end after `max_elapsed`.
    OvershootFile {
        /// It may, if it began before.
        allow = Allow;
        /// It is not begun.
        refuse = Refuse;
    }
}

choices! {
    /// What becomes of an operation that must not be done twice.
    NonIdempotentFile {
        /// It is tried again like any other.
        retry = Retry;
        /// It is not, unless the failure says that no request was sent.
        skip = Skip;
    }
}

impl RetryFile {
    /// Whether the wish to come back later is heeded because of `like`, at whose place what it stands
    /// for is put.
    pub(in crate::scenario) fn retry_after_is_of_like(&self) -> bool {
        let like = self.like.as_ref();
        like.is_some_and(|like| like.span == self.retry_after.span)
    }
}

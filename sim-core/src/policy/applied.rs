//! Which settings took effect: the small print of what a layer did.
//!
//! "It tried again after two seconds" says what happened; "its backoff was at its maximum" says which
//! line of the policy made it so. A setting that never shows up here was not put to the test.
//!
//! What is applied follows from the settings and from what is told anyway, so it is counted, written and
//! traced, but no part of the digest.

/// A setting that took effect, or that held a layer back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applied {
    /// A backoff had reached its `max`.
    BackoffAtMaximum,
    /// `min_wait` made a backoff longer.
    RaisedToMinWait,
    /// The callee's wish made a backoff longer.
    RaisedByRetryAfter,
    /// The callee's wish was waited in the place of a backoff.
    ReplacedByRetryAfter,
    /// `backoff_after` gave the wait.
    BackoffAfter,
    /// A pass found all places of `max_waiting` taken.
    LineFull,
    /// A pass would have had to wait longer than `max_wait`.
    WaitTooLong,
    /// A pass is stopped only when it has waited (`refusal: after_wait`).
    StoppedAfterWait,
    /// What opens a breaker held, but there were not yet `minimum_calls`.
    HeldBackByMinimum,
    /// A result from an older state was taken into account.
    LateResultUsed,
    /// A result from an older state was not.
    LateResultIgnored,
    /// A result said nothing about the callee.
    UncountedResult,
    /// A wait of an open breaker had grown.
    OpenGrown,
    /// A wait of an open breaker had reached its maximum.
    OpenAtMaximum,
    /// A percentile of recent latency gave the delay of a hedge.
    DelayFromPercentile,
    /// There were too few samples for that, and its fallback gave it.
    DelayFromFallback,
    /// There were too few samples for that, and no fallback, so no hedge.
    NoDelayYet,
    /// A failure that a hedge does not race against ended the race.
    FatalFailure,
}

impl Applied {
    /// How many there are.
    pub const COUNT: usize = 18;

    /// All, in their order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::BackoffAtMaximum,
        Self::RaisedToMinWait,
        Self::RaisedByRetryAfter,
        Self::ReplacedByRetryAfter,
        Self::BackoffAfter,
        Self::LineFull,
        Self::WaitTooLong,
        Self::StoppedAfterWait,
        Self::HeldBackByMinimum,
        Self::LateResultUsed,
        Self::LateResultIgnored,
        Self::UncountedResult,
        Self::OpenGrown,
        Self::OpenAtMaximum,
        Self::DelayFromPercentile,
        Self::DelayFromFallback,
        Self::NoDelayYet,
        Self::FatalFailure,
    ];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BackoffAtMaximum => "backoff_at_maximum",
            Self::RaisedToMinWait => "raised_to_min_wait",
            Self::RaisedByRetryAfter => "raised_by_retry_after",
            Self::ReplacedByRetryAfter => "replaced_by_retry_after",
            Self::BackoffAfter => "backoff_after",
            Self::LineFull => "refused.line_full",
            Self::WaitTooLong => "refused.wait_too_long",
            Self::StoppedAfterWait => "refused.after_wait",
            Self::HeldBackByMinimum => "held_back_by_minimum_calls",
            Self::LateResultUsed => "late_results_used",
            Self::LateResultIgnored => "late_results_ignored",
            Self::UncountedResult => "uncounted_results",
            Self::OpenGrown => "open_grown",
            Self::OpenAtMaximum => "open_at_maximum",
            Self::DelayFromPercentile => "delay_from_percentile",
            Self::DelayFromFallback => "delay_from_fallback",
            Self::NoDelayYet => "no_delay_yet",
            Self::FatalFailure => "ended_by_fatal_failure",
        }
    }
}

/// A set of details.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AppliedSet(u32);

impl AppliedSet {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// This one alone.
    pub const fn of(applied: Applied) -> Self {
        Self(1 << applied as u32)
    }

    /// With this one, if that holds.
    #[must_use]
    pub const fn with_if(self, holds: bool, applied: Applied) -> Self {
        Self(self.0 | (holds as u32) << applied as u32)
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether this one is among them.
    pub const fn has(self, applied: Applied) -> bool {
        self.0 >> applied as u32 & 1 == 1
    }

    /// Each, in their order.
    pub fn iter(self) -> impl Iterator<Item = Applied> {
        Applied::ALL.into_iter().filter(move |&it| self.has(it))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_stand_in_their_order_and_have_names_of_their_own() {
        for (place, applied) in Applied::ALL.into_iter().enumerate() {
            assert_eq!(applied as usize, place);
        }
        let names: std::collections::BTreeSet<_> = Applied::ALL.map(Applied::name).into();
        assert_eq!(names.len(), Applied::COUNT);
    }

    #[test]
    fn a_set_holds_what_was_put_into_it() {
        let set = AppliedSet::of(Applied::FatalFailure)
            .with_if(true, Applied::LineFull)
            .with_if(false, Applied::OpenGrown);
        let all: Vec<_> = set.iter().collect();
        assert_eq!(all, [Applied::LineFull, Applied::FatalFailure]);
        assert!(!set.is_empty() && AppliedSet::NONE.is_empty());
    }
}
